"""The worlds of a study: each design fills its ranges as it says, the seed decides, what cannot be is refused."""

import itertools
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setback.experiments.studies.worlds import DESIGNS, ONE, Range, Worlds, worlds
from setback.model.errors import InputError
from setback.model.parameters import LEVER_NAMES, ROWS, WORLD_NAMES

LEVEL = Range.of("level", -1.0, 2.0)
RETENTION = Range.of("retention")
STYLE = Range.of("style_mean")
THREE = (LEVEL, RETENTION, STYLE)
SAMPLED = ("lhs", "sobol", "saltelli", "morris")


def refused(call: Any, *args: Any, **named: Any) -> str:
    """The sentence with which a call is refused."""
    with pytest.raises(InputError) as error:
        call(*args, **named)
    message = str(error.value)
    assert message.isprintable() and not message.endswith(".")
    return message


def shares(made: Worlds) -> np.ndarray:
    """Where in its range each number lies, from 0 to 1, by the distribution."""
    columns = []
    for varied, column in zip(made.ranges, made.table.T, strict=True):
        low, high = varied.low, varied.high
        if varied.distribution == "loguniform":
            low, high, column = np.log(low), np.log(high), np.log(column)
        columns.append((column - low) / (high - low))
    return np.stack(columns, 1)


# ---- ranges ------------------------------------------------------------------------------------------------
def test_a_range_is_the_tables_unless_it_is_said() -> None:
    """Either end, the distribution, or both may be given."""
    assert tuple(Range.of("level")) == ("level", ROWS["level"].low, ROWS["level"].high, "uniform", ())
    assert tuple(RETENTION) == ("retention", ROWS["retention"].low, ROWS["retention"].high, "loguniform", ())
    assert Range.of("retention", high=0.03, distribution="uniform")[1:4] == (ROWS["retention"].low, 0.03, "uniform")
    assert Range.of("level", low=0)[1:3] == (0.0, ROWS["level"].high)
    assert Range.of("strength_affect").distribution == "uniform", "what the table holds fixed varies where it is named"
    assert Range.of("level", values=[1, -1, 0]) == ("level", -1.0, 1.0, "uniform", (1.0, -1.0, 0.0))


@pytest.mark.parametrize("name", [*WORLD_NAMES, *LEVER_NAMES])
def test_everything_in_the_table_can_vary(name: str) -> None:
    """From the one end of its range to the other, by its distribution."""
    varied = Range.of(name)
    ends = varied.at(np.array([0.0, 1.0]))
    assert ends.tolist() == [varied.low, varied.high] == [ROWS[name].low, ROWS[name].high]
    inside = varied.at(np.linspace(0, 1, 33))
    assert (np.diff(inside) > 0).all() and inside.min() >= varied.low and inside.max() <= varied.high


def test_a_law_decides_where_the_middle_lies() -> None:
    """Half of a loguniform range lies below the geometric mean of its ends."""
    assert RETENTION.at(np.array([0.5]))[0] == pytest.approx(np.sqrt(RETENTION.low * RETENTION.high), rel=1e-12)
    assert LEVEL.at(np.array([0.5]))[0] == 0.5


BAD_RANGES: dict[str, tuple[dict[str, Any], str]] = {
    "misspelt": ({"name": "levle"}, "unknown number to vary 'levle'; did you mean level?"),
    "distribution": ({"name": "level", "distribution": "normal"}, "unknown distribution of level 'normal'; "),
    "no text for a distribution": (
        {"name": "level", "distribution": ["uniform"]},
        "unknown distribution of level ['uniform']; ",
    ),
    "below the table": ({"name": "level", "low": -9}, "policy lever level is -9; it needs a number from -1.5 to 2 "),
    "above the table": (
        {"name": "near_miss_slope", "high": 7},
        "parameter near_miss_slope is 7; it needs a number from -0.5 to ",
    ),
    "listed outside": ({"name": "level", "values": [0, 9]}, "policy lever level is 9; it needs"),
    "wrong way round": ({"name": "level", "low": 1, "high": -1}, "level varies from 1 to -1; the lower end must come "),
    "a point": ({"name": "level", "low": 1, "high": 1}, "level varies from 1 to 1; the lower end must come first"),
    "no number": ({"name": "level", "low": float("nan")}, "policy lever level is nan; "),
    "infinite": ({"name": "level", "high": float("inf")}, "policy lever level is inf; "),
    "loguniform from 0": (
        {"name": "peer_norm", "distribution": "loguniform"},
        "peer_norm varies from 0 by the distribution loguniform; it needs a lower end above 0",
    ),
    **{f"too long, {end}": ({"name": "level", end: 10**400}, "policy lever level is 1000") for end in ("low", "high")},
    "too long, listed": ({"name": "level", "values": [10**400]}, "policy lever level is 1000"),
}


@pytest.mark.parametrize(("said", "message"), BAD_RANGES.values(), ids=BAD_RANGES)
def test_bad_ranges(said: dict[str, Any], message: str) -> None:
    """One sentence that names the number."""
    assert refused(Range.of, **said).startswith(message)


# ---- designs -----------------------------------------------------------------------------------------------
def test_one_world_where_nothing_varies() -> None:
    """It has no number."""
    assert len(ONE) == 1 and ONE.names == () and ONE.column(WORLD_NAMES) == []


def test_grid() -> None:
    """Every combination once, the last number fastest; listed values stand as they are listed."""
    made = worlds("grid", [LEVEL, Range.of("style_mean", values=[1, -1])], steps=4)
    assert made.table.tolist() == [list(pair) for pair in itertools.product([-1, 0, 1, 2], [1, -1])]
    assert made.names == ("level", "style_mean")


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_points_lie_evenly_along_every_number(design: str) -> None:
    """Of n points one lies in each nth of every range."""
    made = worlds(design, THREE, n=32, seed=3)
    assert made.table.shape == (32, 3)
    for column in shares(made).T:
        assert sorted(np.floor(column * 32).astype(int)) == [*range(32)]


def test_a_sample_grows_without_moving_a_world() -> None:
    """A Sobol sequence by points, Latin hypercubes one after the other, each with one world in each nth of a range."""
    assert (worlds("sobol", THREE, n=32, seed=3).table[:8] == worlds("sobol", THREE, n=8, seed=3).table).all()
    one, three = (worlds("lhs", THREE, n=8, seed=3, hypercubes=count) for count in (None, 3))
    assert three.table.shape == (24, 3) and (three.table[:8] == one.table).all()
    assert (three.table[:16] == worlds("lhs", THREE, n=8, seed=3, hypercubes=2).table).all()
    for cube in shares(three).reshape(3, 8, 3):
        assert (np.sort(np.floor(cube * 8).astype(int), 0) == np.arange(8)[:, None]).all()
    assert len(np.unique(three.table, axis=0)) == 24
    assert (worlds("lhs", THREE, n=8, seed=4, hypercubes=2).table[8:] != three.table[8:16]).all()
    said = "a design sobol has no hypercubes; they are those of lhs"
    assert refused(worlds, "sobol", [LEVEL], n=4, hypercubes=2) == said
    assert refused(worlds, "lhs", [LEVEL], n=4, hypercubes=0).startswith("hypercubes in [worlds] is 0; it needs")
    assert refused(worlds, "lhs", [LEVEL], n=1001, hypercubes=1000).startswith("the design has 1,001,000 worlds;")


def test_saltelli() -> None:
    """Blocks of k + 2 worlds: one, then the same with one number of the last world after the other, then the last."""
    made = worlds("saltelli", THREE, n=8)
    assert len(made) == 8 * 5
    for first, *mixed, last in made.table.reshape(8, 5, 3):
        assert (first != last).all()
        for k, row in enumerate(mixed):
            assert row[k] == last[k] and (np.delete(row, k) == np.delete(first, k)).all()


def test_morris() -> None:
    """Each trajectory moves every number once, by two thirds of its range."""
    made = worlds("morris", THREE, n=6)
    assert len(made) == 6 * 4
    for path in shares(made).reshape(6, 4, 3):
        moves = np.abs(np.diff(path, axis=0))
        assert sorted(np.argmax(moves, 1)) == [0, 1, 2]
        assert np.sort(moves, 1) == pytest.approx(np.array([[0, 0, 2 / 3]] * 3), abs=1e-12)


@pytest.mark.parametrize("design", SAMPLED)
def test_the_seed_decides(design: str) -> None:
    """The same seed is the same table, to the last bit, and the random state of others is left alone."""
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    one, same, *others = (worlds(design, THREE, n=8, seed=seed) for seed in (2**40, 2**40, 7, 8))
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    assert (one.table == same.table).all() and one.digest() == same.digest()
    for a, b in itertools.combinations([one, *others], 2):
        assert (a.table != b.table).any() and a.digest() != b.digest()


def test_the_hash_tells_worlds_apart() -> None:
    """Names, shape and every number decide it; the table itself cannot be changed."""
    made = worlds("grid", [LEVEL, STYLE], steps=2)
    assert made.digest() != Worlds("grid", (STYLE, LEVEL), made.table.copy()).digest()
    moved = made.table.copy()
    moved[3, 1] = np.nextafter(moved[3, 1], 0)
    assert made.digest() != Worlds("grid", made.ranges, moved).digest()
    with pytest.raises(ValueError, match="read-only"):
        made.table[0, 0] = 9


def test_columns_by_name() -> None:
    """Where among the names those that vary stand, and their numbers."""
    made = worlds("lhs", [STYLE, LEVEL], n=3)
    ((at, column),) = made.column(LEVER_NAMES)
    assert LEVER_NAMES[at] == "level" and (column == made.table[:, 1]).all()
    ((at, column),) = made.column(WORLD_NAMES)
    assert WORLD_NAMES[at] == "style_mean" and (column == made.table[:, 0]).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    design=st.sampled_from(("grid", *SAMPLED)),
    names=st.lists(st.sampled_from((*WORLD_NAMES, *LEVER_NAMES)), min_size=1, max_size=4, unique=True),
    power=st.integers(0, 3),
    seed=st.integers(0, 2**53 - 1),
)
def test_every_design_stays_within_its_ranges(design: str, names: list[str], power: int, seed: int) -> None:
    """And has as many worlds as it says."""
    ranges, n, k = [Range.of(name) for name in names], 2**power, len(names)
    made = worlds(design, ranges, steps=3) if design == "grid" else worlds(design, ranges, n=n, seed=seed)
    count = {"grid": 3**k, "saltelli": n * (k + 2), "morris": n * (k + 1)}.get(design, n)
    assert made.table.shape == (count, k) and made.names == tuple(names) and made.design == design
    assert (made.table >= [varied.low for varied in ranges]).all()
    assert (made.table <= [varied.high for varied in ranges]).all()


# ---- files -------------------------------------------------------------------------------------------------
DRAWS = pd.DataFrame({"level": np.linspace(-1, 1, 20), "note": "a", "style_mean": np.linspace(0.5, -0.5, 20)})


@pytest.fixture(params=["csv", "parquet"])
def draws(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same twenty rows as either kind of file."""
    path = tmp_path / f"draws.{request.param}"
    if request.param == "csv":
        DRAWS.to_csv(path, index=False)
    else:
        DRAWS.to_parquet(path, index=False)
    return path


def test_every_row_of_a_file_is_a_world(draws: Path) -> None:
    """In their order; of the columns those that are named, within the range that is said."""
    made = worlds("file", [STYLE, LEVEL], file=draws)
    assert (made.table == DRAWS[["style_mean", "level"]].to_numpy()).all() and made.ranges == (STYLE, LEVEL)
    message = refused(worlds, "file", [Range.of("level", 0, 1)], file=draws)
    assert message == f"{draws.name}, row 1: level is -1.0; it needs a number from 0 to 1"


def test_every_column_of_a_file_where_none_is_named(draws: Path, tmp_path: Path) -> None:
    """Each must be known; the ranges are the table's."""
    assert refused(worlds, "file", [], file=draws).startswith(f"{draws.name}: note is no parameter or lever; take")
    DRAWS.drop(columns="note").to_csv(tmp_path / "known.csv", index=False)
    made = worlds("file", [], file=tmp_path / "known.csv")
    assert made.ranges == (Range.of("level"), STYLE)


JUNK: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "draws.csv has no names in its first line; it needs a line of names, and rows of numbers"),
    "no row": (b"level\n", "draws.csv has no row; it needs a line of names, and a row of numbers or more"),
    "missing column": (b"style_mean\n0\n", "draws.csv has no column level; it has style_mean"),
    "other separator": (
        b"level;style_mean\n0;0\n",
        "draws.csv has semicolons between its columns; save it with commas, and ",
    ),
    "decimal commas": (b"level;style_mean\n0,5;0\n", "draws.csv has semicolons between its columns; "),
    "tabs": (b"level\tstyle_mean\n0\t0\n", "draws.csv has tabs between its columns; save it with commas, and "),
    "text": (b"level\n0.5\nhard\n", "draws.csv, row 2: level is 'hard'; it needs a number from -1 to 2"),
    "nothing": (b"level,style_mean\n0,0\n,0\n", "draws.csv, row 2: level is missing; it needs a number from -1 to 2"),
    "not a number": (b"level\nnan\n", "draws.csv, row 1: level is 'nan'; it needs a number from -1 to 2"),
    "infinite": (b"level\n0\n1\ninf\n", "draws.csv, row 3: level is inf; it needs a number from -1 to 2"),
    "out of range": (b"level\n2.5\n", "draws.csv, row 1: level is 2.5; it needs a number from -1 to 2"),
    "longer rows": (
        b"level\n0.5,0.25\n0.5,0.25\n",
        "draws.csv, line 2: it has 2 cells; the line of column names, the first, has 1",
    ),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\xff\xfe", "draws.csv is not text in UTF-8; save it as CSV in UTF-8, "),
}


@pytest.mark.parametrize(("text", "message"), JUNK.values(), ids=JUNK)
def test_bad_files(text: bytes, message: str, tmp_path: Path) -> None:
    """One sentence that names the file and, where there is one, the row."""
    path = tmp_path / "draws.csv"
    path.write_bytes(text)
    assert refused(worlds, "file", [LEVEL], file=path).startswith(message)


def test_a_column_that_numbers_the_worlds_is_none_that_varies(tmp_path: Path) -> None:
    """An export has it, too."""
    (tmp_path / "w.csv").write_text("world,level\n0,0.5\n1,-0.5\n")
    made = worlds("file", [], file=tmp_path / "w.csv")
    assert [varied.name for varied in made.ranges] == ["level"] and made.table.tolist() == [[0.5], [-0.5]]
    (tmp_path / "w.csv").write_text("world,level\n0,0.5")  # a last line need not end
    assert worlds("file", [], file=tmp_path / "w.csv").table.tolist() == [[0.5]]


def test_files_that_are_no_parquet_or_hold_no_numbers(tmp_path: Path) -> None:
    """Whatever a column holds."""
    path = tmp_path / "draws.parquet"
    path.write_text("level\n0\n")
    assert refused(worlds, "file", [LEVEL], file=path).startswith(f"file of worlds {path} is no Parquet file; ")
    path.write_bytes(b"PAR1 and nothing else PAR1")
    assert re.search(r"cannot be read as Parquet \([\w ]{9,200}", refused(worlds, "file", [LEVEL], file=path))
    for held in ([[1.0], [2.0]], [{"a": 1}, {"a": 2}], ["1", "many"], [True, False]):
        pd.DataFrame({"level": held}).to_parquet(path)
        assert refused(worlds, "file", [LEVEL], file=path).startswith("draws.parquet: column level holds ")


@pytest.mark.parametrize("place", ["none.csv", "none.parquet", "x" * 300 + ".csv"])
def test_files_that_are_not_there(place: str, tmp_path: Path) -> None:
    """A path that leads nowhere, or cannot be one."""
    file = tmp_path / place
    assert refused(worlds, "file", [LEVEL], file=file) == f"file of worlds {file} cannot be read; is the path right?"


# ---- what cannot be ----------------------------------------------------------------------------------------
def test_bad_designs(draws: Path) -> None:
    """One sentence that says what would be right."""
    assert refused(worlds, "lsh", [LEVEL], n=4).startswith("unknown design 'lsh'; did you mean lhs?")
    for design in ("file", "posterior"):
        assert refused(worlds, design, [LEVEL]) == f"design {design} needs a {design} in [worlds]"
    assert refused(worlds, "posterior", [LEVEL], file=draws) == "design posterior reads no file in [worlds]"
    for design in ("grid", *SAMPLED):
        assert refused(worlds, design, [LEVEL], n=4, file=draws) == f"design {design} reads no file in [worlds]"
        assert refused(worlds, design, [], n=4) == "[worlds] says nothing of what varies; name it in [worlds.vary]"
        assert refused(worlds, design, [LEVEL, LEVEL], n=4) == "[worlds.vary] names a number twice"
    assert refused(worlds, "grid", [LEVEL], n=4) == "a design grid has no n; its steps decide"
    assert refused(worlds, "file", [LEVEL], n=4, file=draws) == "a design file has no n; all rows"
    assert {*DESIGNS} == {"grid", *SAMPLED, "file", "posterior"}


@pytest.mark.parametrize("design", SAMPLED)
def test_bad_numbers_of_points(design: str) -> None:
    """None, too few, too many, and what is no whole number."""
    assert refused(worlds, design, [LEVEL]) == f"design {design} needs n, the number of its points"
    for n in (0, -1, 10**12, 2.0, True, "4"):
        assert refused(worlds, design, [LEVEL], n=n).startswith(f"n in [worlds] is {n!r}; it needs a whole number from")
    listed = Range.of("level", values=[0, 1])
    assert refused(worlds, design, [listed], n=4).startswith("level lists its values; only a grid takes them, or ")
    if design in ("sobol", "saltelli"):
        message = refused(worlds, design, [LEVEL], n=100)
        assert message == f"n of a {design} design is 100; it needs a power of two, such as 64 or 128"


def test_too_many_worlds() -> None:
    """What would not fit into memory is refused before it is made."""
    everything = [Range.of(name) for name in WORLD_NAMES]
    assert refused(worlds, "lhs", [LEVEL], n=4, steps=3) == "a design lhs has no steps; they are a grid's"
    assert refused(worlds, "grid", [LEVEL, STYLE], steps=1001).startswith("steps in [worlds] is 1001; ")
    assert refused(worlds, "grid", THREE, steps=101).startswith("the design has 1,030,301 worlds; a study has at most ")
    assert refused(worlds, "grid", everything, steps=1000).startswith("the design has 1,000,000,000,000,")
    assert refused(worlds, "saltelli", THREE, n=2**19).startswith("the design has 2,621,440 worlds; ")
    many = f"the design has {100_000 * (len(everything) + 1):,} worlds; "
    assert refused(worlds, "morris", everything, n=100_000).startswith(many)
    most = f"has at most {50_000_000 // len(everything):,}, or cut it into several"
    assert refused(worlds, "lhs", everything, n=1_000_000).endswith(most)


def test_without_salib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two designs that need it say so."""
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    for design in ("saltelli", "morris"):
        assert refused(worlds, design, [LEVEL], n=4).startswith("designs saltelli and morris need SALib; install it")
