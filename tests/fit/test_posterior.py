"""A posterior: written and read again, refused where it does not fit, and what a study takes from it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import setback

import setback as sb
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.fit import posterior as posteriors
from setback.experiments.fit.posterior import FIRST_LINE, Posterior, read, write
from setback.experiments.fit.space import Space
from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import SHARING, Range, worlds
from setback.model.errors import InputError
from setback.model.grammar import fingerprint
from setback.model.week import MODEL

CYCLE, NO_CYCLE = (Space.of(NULLS[name]) for name in ("cycle", "no-cycle"))
#: Of six draws, none of the same weight, and one without.
WEIGHTS = np.array([0.30, 0.05, 0.0, 0.20, 0.35, 0.10])
HEAD = '[study]\nname = "mine"\nseed = 3\n[policies]\ngrading = ["criterion", "curve"]\n[twins]\nshare = 0\n'
ROOMS = "[rooms]\ncount = 2\nsize = 4\nweeks = 4\n"
ALONE = ("--engine", "vectorised", "--processes", "1")
WORLDS = '[worlds]\ndesign = "posterior"\nfile = "mine.csv"\n'


def made(space: Space = CYCLE, weights: np.ndarray = WEIGHTS, seed: int = 0) -> Posterior:
    """Draws anywhere in the prior."""
    shares = np.random.default_rng(seed).random((len(weights), len(space.names)))
    return Posterior.of(space, space.values(shares), weights)


#: By how many they are; all draws differ in each number.
DRAWS = {draws: made(weights=np.ones(draws)) for draws in (3, 6, 7)}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a posterior."""
    write(tmp_path / "mine.csv", made())
    return tmp_path


def study(desk: Path, text: str = "", head: str = HEAD) -> Study:
    """A study that takes its worlds from there."""
    (desk / "mine.toml").write_text(head + WORLDS + text + ROOMS)
    return Study.read(desk / "mine.toml")


def refused(desk: Path, text: str = "", head: str = HEAD) -> str:
    """The sentence with which a study is refused."""
    with pytest.raises(InputError) as error:
        study(desk, text, head)
    return str(error.value).removeprefix("study mine.toml: ")


def changed(desk: Path, line: int, change: dict[str, str | None]) -> None:
    """Put other words into some columns of a line of the file; None takes a column away, of all lines."""
    rows = [row.split(",") for row in (desk / "mine.csv").read_text().splitlines()[1:]]
    names = rows[0][:]
    for name, value in change.items():
        if value is not None:
            rows[line][names.index(name)] = value
    left = [k for k, name in enumerate(names) if change.get(name, "") is not None]
    first = (desk / "mine.csv").read_text().splitlines()[0]
    (desk / "mine.csv").write_text("\n".join([first, *(",".join(row[k] for k in left) for row in rows)]) + "\n")


# ---- files -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("space", [CYCLE, NO_CYCLE], ids=["cycle", "no-cycle"])
def test_what_is_written_is_read_again(space: Space, tmp_path: Path) -> None:
    """To five significant digits, the ends of every range included; the weights as shares of all."""
    shares = np.random.default_rng(1).random((6, len(space.names)))
    shares[:4] = [[0.0], [1.0], [1e-9], [1.0 - 1e-9]]
    one = Posterior.of(space, space.values(shares), 7 * WEIGHTS)
    write(tmp_path / "one.csv", one)
    assert FIRST_LINE.fullmatch((tmp_path / "one.csv").read_text().splitlines()[0])
    two = read(tmp_path / "one.csv")
    assert (two.model, two.equations, two.names) == (space.null.name, fingerprint(MODEL), space.names)
    assert np.allclose(two.table, one.table, rtol=5e-5, atol=0) and two.held == space.null.held
    assert np.allclose(two.weights, WEIGHTS, rtol=5e-5, atol=0)
    write(tmp_path / "two.csv", two)
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_columns_are_found_by_their_names(desk: Path) -> None:
    """In any order, with the marks and the ends of lines of other programs."""
    first, *rows = (desk / "mine.csv").read_text().splitlines()
    turned = [first, *(",".join(reversed(row.split(","))) for row in rows)]
    before = read(desk / "mine.csv")
    (desk / "mine.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(turned).encode())
    after = read(desk / "mine.csv")
    assert after.names == before.names and (after.table == before.table).all()
    assert (after.weights == before.weights).all()


def test_what_cannot_be_made() -> None:
    """Each in a sentence."""
    values = CYCLE.values(np.full((6, len(CYCLE.names)), 0.5))
    for table, weights, says in (
        (values[:, 1:], WEIGHTS, "it needs (draws, 247) and (draws,)"),
        (values, WEIGHTS[:5], "it needs (draws, 247) and (draws,)"),
        (values + np.eye(6, 247) * 9, WEIGHTS, "in draw 1 of a posterior; it needs a number from 0.5 to 1.5"),
        (values * np.nan, WEIGHTS, "knowledge_sd is nan in draw 1"),
        (values, -WEIGHTS, "a weight of a posterior is below 0 or not finite"),
        (values, np.full(6, np.inf), "a weight of a posterior is below 0 or not finite"),
        (values, 0 * WEIGHTS, "a posterior has no draw with a weight above 0"),
    ):
        with np.errstate(invalid="ignore"), pytest.raises(InputError) as error:
            Posterior.of(CYCLE, table, weights)
        assert says in str(error.value)


BAD: dict[str, tuple[int, dict[str, str | None], str]] = {
    "a missing number": (
        1, {"gain_threat": None}, "mine.csv lacks gain_threat; a posterior has every uncertain number of its model"
    ),
    "many missing": (
        1, dict.fromkeys(CYCLE.names[:7]), f"mine.csv lacks {', '.join(CYCLE.names[:5])} and 2 more; a posterior has "
    ),
    "no weights": (1, {"weight": None}, "mine.csv lacks weight; a posterior has"),
    "a fixed number": (
        0, {"gain_threat": "knowledge_mean"},
        "mine.csv: knowledge_mean is no uncertain number of the model; take its column away",
    ),
    "an unknown number": (0, {"gain_threat": "gain_thret"}, "mine.csv: unknown column 'gain_thret'; did you mean gain"),
    "a number twice": (0, {"style_sd": "style_mean"}, "mine.csv lacks style_sd; "),
    "a weight below 0": (2, {"weight": "-0.1"}, "mine.csv, row 2: weight is -0.1; it needs a number of 0 or more"),
    "a weight without end": (2, {"weight": "inf"}, "mine.csv, row 2: weight is inf; it needs a number of 0 or more"),
    "a weight that is none": (2, {"weight": "nan"}, "mine.csv, row 2: weight is 'nan'; it needs a number of 0 or more"),
    "out of range": (3, {"gain_threat": "2.01"}, "mine.csv, row 3: gain_threat is 2.01; it needs a number from 0 to 2"),
    "an assumed number out of range": (
        3, {"curve.threat": "0.95"}, "mine.csv, row 3: curve.threat is 0.95; it needs a number from 0.3 to 0.9"
    ),
    "a short row": (3, {"gain_threat": "1,1"}, "mine.csv, line 5: it has 249 cells; the line of column names has 248"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "change", "message"), BAD.values(), ids=BAD)
def test_columns_that_do_not_fit(line: int, change: dict[str, str | None], message: str, desk: Path) -> None:
    """The file, the row and the number are named."""
    changed(desk, line, change)
    assert refused(desk).startswith(message)


def test_files_that_do_not_fit(desk: Path) -> None:
    """Another first line, other equations, another model, no draw, weights of nothing."""
    text = (desk / "mine.csv").read_text()
    first, names, *rows = text.splitlines()
    equations = fingerprint(MODEL)
    form = "a posterior begins with '# setback posterior; model NAME; equations HASH'"
    for content, says in (
        ("", f"mine.csv begins with ''; {form}"),
        ("\n".join([names, *rows]), "mine.csv begins with 'knowledge_sd,class_share,"),
        (text.replace("; model", ", model"), "mine.csv begins with '# setback posterior, model cycle; equations"),
        (text.replace(equations, equations[:-1]), "mine.csv begins with '# setback posterior; model cycle; equation"),
        (
            text.replace(equations, "0" * 16),
            f"mine.csv was made for equations {'0' * 16}, and these are {equations}; run setback fit again",
        ),
        (text.replace("model cycle", "model cycles"), "unknown model in the first line of mine.csv: 'cycles'; did you"),
        (text.replace("model cycle", "model no-cycle"), "mine.csv: effort_resolve is held in the model no-cycle; take"),
        (first, "mine.csv has no names in its first line"),
        ("\n".join([first, names]), "mine.csv has no row; it needs"),
        (
            "\n".join([first, names, *(f"{row.rpartition(',')[0]},0" for row in rows)]),
            "mine.csv: the weight of every draw is 0; one or more need a weight above 0",
        ),
    ):
        (desk / "mine.csv").write_text(content)
        assert refused(desk).startswith(says), content[:80]


def test_a_custom_mechanism_is_in_no_fit(desk: Path) -> None:
    """Worlds are taken all the same, with its own number as it is, and it is said that they know nothing of it."""
    study(desk)
    example = Path(__file__).parents[2] / "docs" / "custom.md"
    blocks = example.read_text().split("```python\n")[1:]
    code = next(block.split("```")[0] for block in blocks if "@sb.mechanism" in block)
    (desk / "own.py").write_text(code)
    done = setback("run", desk / "mine.toml", "--with", desk / "own.py", "--dry-run")
    assert done.code == 0 and "draws of mine.csv (fitted without laugh_it_off), fitted to the model cycle" in done.out
    plain, other = (
        sb.Study.read(desk / "mine.toml", model) for model in (sb.MODEL, sb.MODEL.with_file(desk / "own.py"))
    )
    assert (plain.worlds.table == other.worlds.table).all() and "humour_relief" not in other.worlds.names


def test_shipped_posteriors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name; that of the model with a cycle where none is named; each that ships fits the model as it is."""
    for name in posteriors.names():
        read(name)
    monkeypatch.setattr(posteriors, "FOLDER", tmp_path)
    with pytest.raises(InputError, match="no posterior cycle ships; name a file"):
        read("cycle")
    for name, space in (("cycle", CYCLE), ("no-cycle", NO_CYCLE)):
        write(tmp_path / f"posterior-{name}.csv", made(space))
    assert posteriors.names() == ["cycle", "no-cycle"]
    with pytest.raises(InputError, match="unknown posterior 'no-cycel'; did you mean no-cycle"):
        read("no-cycel")
    for says, name in (("", "cycle"), ('posterior = "no-cycle"\n', "no-cycle")):
        (tmp_path / "mine.toml").write_text(f'{HEAD}[worlds]\ndesign = "posterior"\n{says}{ROOMS}')
        found = Study.read(tmp_path / "mine.toml")
        assert found.worlds.held == NULLS[name].held and f"fitted to the model {name} " in found.worlds.source


# ---- draws -------------------------------------------------------------------------------------------------
def drawn(weights: np.ndarray, n: int | None, seed: int = 0) -> list[int]:
    """Which draws the worlds are."""
    one = DRAWS[len(weights)]._replace(weights=weights)
    found = worlds("posterior", [], n, seed=seed, posterior=one)
    own = one.table[:, one.names.index("gain_threat")].tolist()
    return [own.index(value) for value in found.table[:, found.names.index("gain_threat")]]


def test_draws_come_by_their_weights() -> None:
    """In so many worlds as their share says, to within two; one of no weight never."""
    for n in (40, 200, 1000):
        counts = np.bincount(drawn(WEIGHTS, n, seed=5), minlength=6)
        assert counts[2] == 0 and np.abs(counts - n * WEIGHTS).max() < 2, n


def test_few_worlds_have_draws_by_their_weights_too() -> None:
    """Over many seeds, within four standard deviations of what independent draws would give."""
    for n in (1, 4):
        counts = np.zeros(6)
        weights = np.array([0.18, 0.16, 0.0, 0.17, 0.25, 0.24])
        for seed in range(200):
            counts += np.bincount(drawn(weights, n, seed), minlength=6)
        assert counts[2] == 0
        assert (np.abs(counts - 200 * n * weights) <= 4 * np.sqrt(200 * n * weights * (1 - weights))).all()


def test_equal_draws_come_once_before_any_comes_again() -> None:
    """In an order that the seed decides; as many as there are where n is left out."""
    equal = np.full(7, 0.3)
    twice = drawn(equal, 14, seed=1)
    assert sorted(twice[:7]) == sorted(twice[7:]) == [*range(7)] and twice[:7] != [*range(7)]
    assert drawn(equal, None, seed=1) == twice[:7] != drawn(equal, None, seed=2)


def test_a_study_grows_without_moving_a_world() -> None:
    """By n, whatever the weights; what varies besides grows with it."""
    level = Range.of("level", -1, 2)
    all_of_them = worlds("posterior", [level], 300, seed=4, posterior=made()).table
    for n in (1, 7, 299):
        assert (worlds("posterior", [level], n, seed=4, posterior=made()).table == all_of_them[:n]).all()
    many = drawn(np.array([1e-320, 1.0, 1e308]), 40)
    assert many == [2] * 40


def test_what_varies_besides() -> None:
    """Over its own range and by itself: not with the draws, and not with another that varies."""
    besides = [Range.of("level", -1, 2), Range.of("pace", 0, 2)]
    found = worlds("posterior", besides, 2000, seed=1, posterior=made())
    assert found.names[:2] == ("level", "pace") and found.ranges[:2] == (*besides,)
    level, pace = found.table[:, 0], found.table[:, 1]
    assert level.min() < -0.99 and level.max() > 1.99 and 1.9 < pace.max() <= 2
    close = np.corrcoef(found.table[:, [0, 1, found.names.index("gain_threat")]].T)[np.triu_indices(3, 1)]
    assert np.abs(close).max() < 4 / np.sqrt(2000)


# ---- studies -----------------------------------------------------------------------------------------------
def test_what_a_study_takes(desk: Path) -> None:
    """Every number of the world, what its policies assume, and what grade books have where it measures them."""
    own = [name for name in CYCLE.names if "." not in name]
    found = study(desk, "n = 9\n")
    of_policies = ["criterion.threat", "criterion.stakes", "criterion.information", "curve.threat", "curve.quota"]
    assert found.worlds.names == (*own, *of_policies) and len(found.worlds) == 9
    assert found.parameters.changed() == {}
    asked = HEAD + '[evidence]\nrows = ["facts"]\n'
    assert {*CYCLE.names} > {*study(desk, head=asked).worlds.names} > {*own, "oulad.level", "oulad.dropout_level"}
    assert "curve.quota" not in study(desk, head=HEAD.replace(', "curve"', "")).worlds.names


def test_values_stand_under_their_names(desk: Path) -> None:
    """Each world is a draw, column by column."""
    one, found = read(desk / "mine.csv"), study(desk).worlds
    for name, column in zip(found.names, found.table.T, strict=True):
        assert {*column} <= {*one.table[one.weights > 0, one.names.index(name)]}, name


def test_a_lever_may_vary_besides(desk: Path) -> None:
    """What policies assume of it is then left out, and what a grade book has is not."""
    asked = HEAD + '[evidence]\nrows = ["facts"]\n'
    names = study(desk, "vary = { level = [0, 1] }\n", asked).worlds.names
    assert names[0] == "level" and "oulad.level" in names
    names = study(desk, "vary = { threat = [0.1, 0.2] }\n", HEAD.replace('"criterion", ', "")).worlds.names
    assert names[0] == "threat" and "curve.threat" not in names and "curve.quota" in names


def test_conflicts_are_refused(desk: Path) -> None:
    """What the posterior has cannot be set, nor vary by itself; a set leaves it out."""
    assert refused(desk, "vary = ['gain_threat']\n") == (
        "gain_threat is a number of the posterior (mine.csv); take it out of worlds.vary"
    )
    assert refused(desk, "vary = 'students'\n").startswith("nothing varies in students: ")
    assert refused(desk, head=HEAD + "[parameters]\ngain_threat = 1\n") == (
        "gain_threat stands in [parameters] and varies as well; take one of them away"
    )
    assert refused(desk, "steps = 3\n") == "a design posterior has no steps; they are a grid's"
    assert refused(desk, "n = 0\n").startswith("n in [worlds] is 0; it needs a whole number from 1")


def test_the_model_without_a_cycle_holds_its_numbers(desk: Path) -> None:
    """In the study's parameters; another value is refused wherever it is said."""
    write(desk / "mine.csv", made(NO_CYCLE))
    found, held = study(desk), NULLS["no-cycle"].held
    assert {name: found.parameters[name] for name in held} == held
    assert found.parameters["strength_forgetting"] == 1 and not {*held} & {*found.worlds.names}
    says = "strength_affect is 1, and the model of the posterior holds it at 0; leave it so, or name another posterior"
    assert refused(desk, head=HEAD + "[parameters]\nstrength_affect = 1\n") == says
    assert study(desk, head=HEAD + "[parameters]\nstrength_affect = 0\n").key() == found.key()
    with pytest.raises(InputError, match="effort_resolve is 1, and the model of the posterior holds it at 0"):
        found.replace(parameters=MODEL.parameters())
    assert refused(desk, "vary = ['strength_affect']\n").startswith("strength_affect is a number of the posterior")
    study(desk)
    done = setback("run", desk / "mine.toml", "--set", "strength_affect=1", "--dry-run")
    assert done.code == 2 and says in done.err


def test_other_policies(desk: Path) -> None:
    """They bring what they assume, and take away what others did; a claim on others is left out."""
    claim = '[claim]\noutcome = "learning"\npolicy = "curve"\nagainst = "criterion"\ndirection = "below"\nbeyond = 0\n'
    before = study(desk, claim + "\n", HEAD)
    assert before.claim
    after = Study.read(desk / "mine.toml", policies=["mastery", "curve"])
    assert {"mastery.cut", "curve.quota"} < {*after.worlds.names} and after.claim is None
    fewer = before.with_policies(["curve"])
    assert [p.name for p in fewer.policies] == ["curve"] and fewer.claim is None
    assert {*before.worlds.names} - {*fewer.worlds.names} == {"criterion.threat"}
    kept = [before.worlds.names.index(name) for name in fewer.worlds.names]
    assert (fewer.worlds.table == before.worlds.table[:, kept]).all()


def test_what_the_key_hangs_on(desk: Path) -> None:
    """The numbers of the worlds: not other words, the order of columns, or weights that draw the same."""
    text, before = (desk / "mine.csv").read_text(), study(desk, "n = 8\n").key()
    shutil.copy(desk / "mine.csv", desk / "other.csv")
    other = Study.read(desk / "mine.toml").text()
    (desk / "mine.toml").write_text((desk / "mine.toml").read_text().replace("mine.csv", "other.csv"))
    assert Study.read(desk / "mine.toml").text() == other
    one = read(desk / "mine.csv")
    write(desk / "mine.csv", one._replace(weights=one.weights * 17))
    assert study(desk, "n = 8\n").key() == before and (desk / "mine.csv").read_text() == text
    write(desk / "mine.csv", one._replace(weights=one.weights + 1e-7))
    assert study(desk, "n = 8\n").key() == before
    table = one.table.copy()
    table[4, one.names.index("gain_threat")] *= 0.999
    write(desk / "mine.csv", one._replace(table=table))
    assert study(desk, "n = 8\n").key() != before, "a draw that comes has moved"
    write(desk / "mine.csv", one._replace(weights=one.weights[::-1].copy()))
    assert study(desk, "n = 8\n").key() != before


def test_a_study_is_run_in_parts_and_goes_on(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As any other: the same results at once, by parts that are joined, and after it has grown."""
    monkeypatch.chdir(desk)
    text = f"n = {SHARING + 4}\n"
    study(desk, text)
    done = setback("run", "mine.toml", *ALONE, "--results", "whole")
    assert done.code == 0, done.err
    for part in ("2/2", "1/2"):
        done = setback("run", "mine.toml", *ALONE, "--results", "parts", "--part", part)
    done = setback("merge", "mine.toml", "--results", "parts")
    whole, parts = (sb.load(next((desk / name / "mine").iterdir())) for name in ("whole", "parts"))
    assert parts.outcomes.equals(whole.outcomes) and parts.design.equals(whole.design)
    study(desk, f"n = {SHARING + 9}\n")
    done = setback("run", "mine.toml", *ALONE, "--results", "whole")
    assert done.code == 0 and "are taken over from" in done.err + done.out
    again = setback("run", "mine.toml", *ALONE, "--results", "whole")
    assert again.code == 0 and "has been run before" in again.err + again.out


def test_where_the_worlds_come_from_is_said(desk: Path) -> None:
    """Before a run, in a sentence."""
    study(desk, "n = 8\nvary = { level = [0, 1] }\n")
    done = setback("run", desk / "mine.toml", "--dry-run")
    says = "8 worlds drawn by weight from the 6 draws of mine.csv, fitted to the model cycle with equations"
    assert done.code == 0 and says in done.out
    study(desk, "n = 512\n")
    done = setback("run", desk / "mine.toml", "--rooms", "8", "--dry-run")
    assert done.code == 0, "a task so long that some of its policies are timed: these assume fewer numbers"
