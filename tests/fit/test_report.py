"""What is read from the tables of a fit: scores, comparisons, what is identified and recovered, words, the picture."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from setback.analysis import fit
from setback.analysis.figures import forest_figure
from setback.model.errors import InputError
from tests.command_line import setback

#: Rows: one number of its own block, two of one block, a sign.
ROWS = pd.DataFrame(
    {
        "row": ["PF1", "FB1", "FB3a", "GR2a"], "block": ["PF", "FB", "FB", "GR"], "number": [True, True, True, False],
        "published": ["0.36 [0.2, 0.51]", "0.48 [0.3, 0.6]", "0.49 [0.3, 0.7]", "< 0"], "mean": [0.3, 0.4, 0.2, -0.1],
        "in_distance": [-0.4, -0.5, -1.5, 0.0], "in_low": [-1.0, -1.0, -2.0, -0.1], "in_high": [0.5, 0.2, -1.1, 0.4],
        "in_share": [0.9, 0.8, 0.0, 0.95], "in_hit": [True, True, False, True],
        "out_distance": [-1.0, 2.0, -5.0, 0.0], "out_low": [-2.0, 0.0, -6.0, -0.2], "out_high": [0.5, 3.0, -4.0, 0.3],
        "out_share": [0.6, 0.2, 0.0, 0.80], "out_hit": [True, False, False, False],
    }
)  # fmt: skip
EFFECTS = pd.DataFrame(
    {
        "variant": "joint", "context": [*fit.CALLED], "mean": [0.4, 0.5, 0.6, 0.7], "low": 0.1, "high": 0.9,
        "error": 0.01, "found": 0.96,
    }
)  # fmt: skip
NUMBERS = pd.DataFrame(
    {
        "number": ["carry", "retention", "gain_peers"], "low": 0.0, "high": 1.0, "left_levels": 1.0,
        "left_persistence": 0.8, "left_joint": [0.2, 0.4, 0.9], "fitted_low": 0.1, "fitted_middle": 0.2,
        "fitted_high": 0.3,
    }
)  # fmt: skip
RANKS = pd.DataFrame(
    {
        "number": ["carry", "retention", "gain_peers"], "coverage": [0.92, 0.60, 0.9], "covered": [True, False, True],
        "shrunk": 0.5, "mean_rank": 0.5,
    }
)  # fmt: skip


def recovery() -> pd.DataFrame:
    """Ten sets without a cycle, one found; ten with one, eight of them above .10, six found; and what is published."""
    # the fits with a cycle to the first three sets are sure of one, but to the second and third no nearer by it
    nearer = [5.0, 2.0, 1.0, 3.0, *[0.0] * 6, 9.0, 9.0, *[6.0] * 7, 2.0, 4.5]
    made: dict[str, object] = {"made_with": ["no-cycle"] * 10 + ["cycle"] * 10 + ["published"], "nearer": nearer}
    truth = [0.0] * 10 + [0.05, 0.02] + [0.5] * 8 + [np.nan]
    found = [True] * 3 + [False] * 7 + [True, False] + [True] * 6 + [False, True] + [True]
    mean = [0.1] * 10 + [0.4] * 11
    for context in fit.CALLED:
        made |= {f"{context}.truth": truth, f"{context}.mean": mean, f"{context}.found": found}
    return pd.DataFrame(made)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fit with a cycle and one without, which is further off at PF1 and cannot say GR2a."""
    other = ROWS.iloc[:3].assign(out_distance=[2.0, 2.0, -5.0])
    tables = {
        "rows-cycle": ROWS, "rows-no-cycle": other, "effects-cycle": EFFECTS,
        "effects-no-cycle": EFFECTS.assign(mean=0.0, low=-0.1, high=0.1), "numbers-cycle": NUMBERS,
        "numbers-no-cycle": NUMBERS, "ranks": RANKS, "recovery": recovery(),
        "prior": ROWS.drop(columns=["in_hit"]).assign(signs_distance=[3.0, 3.0, 3.0, 0.5]),
    }  # fmt: skip
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


def test_scores(folder: Path) -> None:
    """Numbers and signs apart; distances cut off at 3, blocks alike; the model with a cycle less the other."""
    scores = fit.scores(fit.read(folder))
    cycle = scores.loc["cycle"]
    assert (cycle["numbers"], cycle["signs"]) == (3, 1)
    assert cycle["numbers_in"] == pytest.approx(2 / 3) and cycle["numbers_out"] == pytest.approx(1 / 3)
    assert (cycle["signs_in"], cycle["signs_out"]) == (1.0, 0.0)
    assert cycle["distance"] == pytest.approx((1.0 + (2.0 + 3.0) / 2 + 0.0) / 3)
    other = scores.loc["no-cycle"]
    assert other["rows"] == 3 and other["nearer"] == pytest.approx((-1.0 + 0.0) / 2)
    assert np.isnan(cycle["nearer"]) and np.isnan(scores.loc["prior", "numbers_in"])
    assert scores.loc["random signs", "nearer"] == pytest.approx(((1 - 3) + (2.5 - 3) + (0 - 0.5)) / 3)


def test_a_comparison_is_paired_by_block() -> None:
    """Its interval is that of block means, and below 0 where the first is nearer."""
    block = pd.Series(["a", "b", "c", "d"] * 5, [*range(20)])
    second = pd.Series(np.linspace(0.0, 2.0, 20))
    same = fit.compared(second - 0.3, second, block)
    assert same.difference == pytest.approx(-0.3) and same.low == pytest.approx(-0.3) == pytest.approx(same.high)
    one = second.copy()
    one[block == "a"] += 4.0
    apart = fit.compared(one, second, block)
    assert apart.difference == pytest.approx(1.0) and apart.low == 0.0 and 2.0 <= apart.high <= 4.0
    assert fit.compared(second, one, block).difference == pytest.approx(-1.0)
    assert fit.compared(one[:10], second, block).rows == 10


def test_identified(folder: Path) -> None:
    """A number that shrank by half, and whose intervals hold the truth."""
    found = fit.read(folder)
    table = fit.identified(found)
    assert [*table.index] == ["carry", "retention"] and [*table["identified"]] == [True, False]
    assert fit.coverage(found) == (pytest.approx(0.76), 2)


def test_recovered(folder: Path) -> None:
    """One of ten is found that is not there; six of eight that are."""
    told = fit.recovered(fit.read(folder))
    assert (told.false, told.sets, told.planted) == (pytest.approx(0.1), 10, 8)
    assert told.power == pytest.approx(0.75) and told.truth == pytest.approx(0.5)
    assert (told.mean, told.without) == (pytest.approx(0.4), pytest.approx(0.1))
    assert told.unlikely == pytest.approx(1.0 - 0.9**10) and told.false_high == pytest.approx(0.445, abs=1e-3)
    assert told.sure == pytest.approx(0.3) and told.power_low == pytest.approx(0.349, abs=1e-3)
    # 95 % of ten sets lie below 4.1
    assert told.published and told.nearer == pytest.approx(0.1)


def test_a_cycle_is_not_found_where_the_fit_without_one_goes_as_well(folder: Path) -> None:
    """However sure the fit with one is; and where it is not sure, however much better it goes."""
    table = recovery()
    for column, value in (("nearer", 4.0), ("R_F.found", False)):
        other = table.copy()
        other.loc[20, column] = value
        other.to_csv(folder / "recovery.csv", index=False)
        told = fit.recovered(fit.read(folder))
        assert not told.published and told.nearer == pytest.approx(0.1)
    table[:20].to_csv(folder / "recovery.csv", index=False)
    assert np.isnan(fit.recovered(fit.read(folder)).nearer)


def test_words(folder: Path) -> None:
    """Each sentence has the figures of its table."""
    said = " ".join(fit.sentences(fit.read(folder)))
    assert "has 67 % of 3 published numbers within their tolerance (33 % where their block was left out)" in said
    assert "100 % of 1 signs in 90 % of draws (0 %)" in said
    assert "On the 3 rows that no-cycle can speak to, left out, it differs by -0.50 tolerances" in said
    assert "In adults at a distance (OULAD) a failure causes 0.50 (0.10 to 0.90) further failures" in said
    assert "fitted without a cycle, 0.00 (-0.10 to 0.10)" in said
    assert (
        "found in 10 % (not significantly more than 10 %; at most 45 %); of 8 made with one, in 75 % (at least 35 %)."
        in said
    )
    assert (
        "a cycle is found: the model with one goes better with them than the one without by as much as in 10 %" in said
    )
    assert "1 of 3 numbers are identified; 90 % intervals of the 2 that shrank by half hold the truth 76 %" in said


def test_the_picture(folder: Path) -> None:
    """Effects and signs, each with its marks at its distances; what lies further off at the edge."""
    effects, books, signs = forest_figure(fit.read(folder)).axes
    assert [label.get_text()[:4] for label in effects.get_yticklabels()] == ["FB3a", "FB1 ", "PF1 "]
    assert not books.get_yticklabels() and [label.get_text()[:4] for label in signs.get_yticklabels()] == ["GR2a"]
    marks = [tuple(map(float, np.ravel(line.get_xydata()))) for line in effects.lines if len(line.get_xdata()) == 1]
    assert (-0.4, 2.22) in [tuple(np.round(mark, 2)) for mark in marks] and (-5.0, 0.0) in marks
    assert [float(line.get_xdata()[0]) for line in signs.lines if len(line.get_xdata()) == 1] == [0.95, 0.8]


def test_the_verb(folder: Path) -> None:
    """The report of a fit of one's own; some rows alone; JSON."""
    done = setback("evidence", "--fit", str(folder))
    assert done.code == 0 and "FB3a" in done.out and "-1.5 x" in done.out and "identified" in done.out
    assert (folder / "forest.png").is_file()
    results = folder / "results"
    (results / "fits").mkdir(parents=True)
    shutil.copytree(folder, results / "fits" / "key", ignore=shutil.ignore_patterns("results"))
    assert "FB3a" in setback("evidence", "--results", str(results)).out  # the latest of all
    few = setback("evidence", "FB1", "--fit", str(folder))
    assert few.code == 0 and "FB1" in few.out and "PF1" not in few.out
    assert '"made_with"' not in setback("evidence", "--fit", str(folder), "--json").out


def test_the_fit_that_ships(tmp_path: Path) -> None:
    """It is read where there is no other; its picture goes to the results."""
    done = setback("evidence", "--results", str(tmp_path / "results"))
    assert done.code == 0 and "TR10" in done.out and "In what is published a cycle is" in done.out
    assert (tmp_path / "results" / "fits" / "forest.png").is_file()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("rows-cycle", "holds no fit of the model with a cycle; setback fit makes one"),
        ("recovery", "recovery.csv cannot be read"),
    ],
)
def test_bad_folders(folder: Path, spoil: str, says: str) -> None:
    """A table that is not there; one without a column."""
    (folder / f"{spoil}.csv").unlink()
    with pytest.raises(InputError, match=says):
        fit.read(folder)


def test_a_table_without_a_column(folder: Path) -> None:
    """It is named, with what would be right."""
    RANKS.drop(columns=["coverage"]).to_csv(folder / "ranks.csv", index=False)
    with pytest.raises(InputError, match=r"ranks\.csv has no column coverage; setback fit makes it anew"):
        fit.read(folder)
    assert setback("evidence", "PF9", "--fit", str(folder)).code == 2
    assert setback("fit", "--kind", "quiz").err.startswith("setback: --kind is of a fit to a grade book")
