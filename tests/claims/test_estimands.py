"""Every column of the twin table against values found by hand, from two years that are written down here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks

from setback.analysis.claims import cells, table
from setback.experiments.studies.study import Study
from setback.experiments.twins import estimands
from setback.experiments.twins.estimands import AVERAGED, ESTIMANDS, TURNED, Estimand
from setback.experiments.twins.flips import KINDS
from setback.experiments.twins.twins import Twins, failure_twins
from setback.model.engines.block import Block, Run
from setback.model.outcomes import NORMS
from setback.model.parameters import LEVER_NAMES, Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.state import SLOTS, Flip

Year = dict[str, np.ndarray]
#: Weeks of the years, and the outcome that is turned: the third student's of three, in the fourth week.
WEEKS, SEAT, WEEK = 14, 2, 3
#: Norms that are easy to divide by, each another.
SCALES = {"unit_conceptual": 2.0, "unit_procedural": 4.0, "year_conceptual": 5.0, "year_procedural": 8.0}
LEVEL = LEVER_NAMES.index("level")


def weekly(**at: tuple[int, Sequence[float]]) -> np.ndarray:
    """(week, seat): the values of students a, b and c, each from some week on and 0 elsewhere; weeks are from 0."""
    table = np.zeros((WEEKS, 3))
    for student, (first, values) in at.items():
        table[first : first + len(values), "abc".index(student)] = values
    return table


def years() -> tuple[Year, Year]:
    """Write down the year in which c failed the fourth week, and the one in which c passed; slots are (week, seat).

    Outside the nine weeks the two differ as well, so that a column that is read a week late or early shows.
    """
    submitted = weekly(c=(WEEK, [1.0]))
    failed = {
        "submitted": submitted,
        "test_margin": weekly(a=(WEEK, [9.0] * 11), c=(WEEK, [-0.2, -1, -2, -3, -4, -5, -6, -7, -80, -90, -100])),
        "heard_learning": weekly(c=(WEEK, [-1.0])),
        "attempt_shortfall": weekly(c=(WEEK, [0.1])),
        "failing_grade": weekly(c=(WEEK, [1, 0])),
        "below_criterion": weekly(
            a=(WEEK, [1, 0, 1, 1, 1]), b=(WEEK, [1]), c=(WEEK, [1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1])
        ),
        "enrolled": weekly(a=(0, [1] * 14), b=(0, [1] * 14), c=(0, [1] * 10)),
        "unit": np.full((WEEKS, 3), 5.0),
        "tested_conceptual": weekly(a=(0, [50] * 14), c=(WEEK, [9, 1, 70])),
        "tested_procedural": weekly(a=(0, [50] * 14), c=(WEEK, [0, 3, 70])),
        "cumulative_conceptual": np.array([90.0, 80.0, 2.0]),
        "cumulative_procedural": np.array([90.0, 80.0, 6.0]),
    }
    passed = {
        "submitted": submitted,
        "test_margin": weekly(a=(WEEK, [0.0] * 11), c=(WEEK, [0.1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])),
        "heard_learning": weekly(c=(WEEK, [1.0])),
        "attempt_shortfall": weekly(c=(WEEK, [-0.1])),
        "failing_grade": weekly(c=(WEEK, [0, 0])),
        "below_criterion": weekly(b=(10, [1, 0, 0, 1]), c=(WEEK, [0, 0, 1, 0, 1])),
        "enrolled": np.ones((WEEKS, 3)),
        "unit": np.full((WEEKS, 3), 5.0),
        "tested_conceptual": weekly(c=(WEEK, [8, 2, 2])),
        "tested_procedural": weekly(c=(WEEK, [1, 1, 2])),
        "cumulative_conceptual": np.array([0.0, 0.0, 3.0]),
        "cumulative_procedural": np.array([0.0, 0.0, 0.0]),
    }
    return failed, passed


#: Column -> its value by hand after a luck or label flip, and after a practice flip, whose test is that of the week.
BY_HAND = {
    "verdict": (1.0, 1.0),
    # c failed weeks 1, 2, 7, 9 after, against 2 and 4
    "d1": (1.0, 1.0), "d2": (0.0, 0.0), "d3": (0.0, 0.0), "d4": (-1.0, -1.0), "d5": (0.0, 0.0),
    "d6": (0.0, 0.0), "d7": (1.0, 1.0), "d8": (0.0, 0.0), "d9": (1.0, 1.0),
    # a three times more, b once less
    "classmates_failing": (2.0, 2.0),
    # both begin weeks 1 to 7 after enrolled: -2, -3, ..., -8
    "margin_later": (-5.0, -5.0),
    "dropout": (1.0, 1.0),
    "unit_conceptual": ((1 - 2) / 2, (9 - 8) / 2),
    "unit_procedural": ((3 - 1) / 4, (0 - 1) / 4),
    "year_conceptual": ((2 - 3) / 5, (2 - 3) / 5),
    "year_procedural": (6 / 8, 6 / 8),
}  # fmt: skip


def twins_of(kind: str, failed: Year, passed: Year) -> Twins:
    """Two twins by a stand-in for an engine: of a policy under which c was seen to fail, of one where c passed."""

    def run(block: Block, weeks: int, keep: Sequence[str] = (), **_: Any) -> Run:
        observed_failure = block.policy[0, LEVEL] != 1.0
        turned = block.flip[Flip._fields.index("seat")] >= 0.0
        if turned.any():
            for field, value in {"seat": SEAT, "week": WEEK, KINDS[kind].field: 1.0}.items():
                assert (block.flip[Flip._fields.index(field)] == value).all(), field
        chosen = [failed if seen != other else passed for seen, other in zip(observed_failure, turned)]
        slots = {name: np.stack([year[name] for year in chosen], -1) for name in failed}
        assert {*keep} <= {*slots}
        return Run({name: slots[name] for name in slots if slots[name].ndim == 2}, {name: slots[name] for name in keep})

    policies = [Policy("criterion"), Policy("criterion+level=1")]
    seats = Roster.synthetic(3).seats([7], seed=1)
    return failure_twins(seats, policies, Parameters(), WEEKS, 1.0, run, [kind])[1]  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def norms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide by the norms of this file."""
    for name, value in SCALES.items():
        monkeypatch.setitem(NORMS, name, value)  # type: ignore[arg-type]


def test_every_column_has_a_value_by_hand() -> None:
    """A new one needs a line above, and one that has gone leaves none."""
    assert {*BY_HAND} == {*estimands.columns()}


@pytest.mark.parametrize("kind", KINDS)
def test_which_twin_a_row_is(kind: str) -> None:
    """Kind, policy, room, seat, week from 1, the margin as it was observed, and whether that was a failure."""
    twins = twins_of(kind, *years())
    assert [KINDS[name].field for name in KINDS][twins["flip"][0]] == kind
    assert twins["policy"].tolist() == [0, 1] and twins["room"].tolist() == [7, 7]
    assert twins["seat"].tolist() == [SEAT] * 2 and twins["week"].tolist() == [WEEK + 1] * 2
    assert twins["margin"].tolist() == [-0.2, 0.1] and twins["spared"].tolist() == [True, False]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", BY_HAND)
def test_a_column_by_hand(column: str, kind: str) -> None:
    """Fail minus pass, whichever of the two was observed: the spared and the inflicted twin have the same value."""
    expected = BY_HAND[column][kind == "practice"]
    assert twins_of(kind, *years())[column] == pytest.approx([expected] * 2, abs=1e-12)


def test_an_estimand_adds_up_its_columns() -> None:
    """R_F is d1 + … + d9, here 2; every other estimand is one column on the norm and in the unit of its row."""
    twins = twins_of("luck", *years())
    totals = {name: sum(twins[column][0] for column in row.columns) for name, row in ESTIMANDS.items()}
    assert totals["R_F"] == 2.0 and ESTIMANDS["R_F"].columns == tuple(f"d{h}" for h in range(1, 10))
    assert all(len(row.columns) == 1 for name, row in ESTIMANDS.items() if name != "R_F")
    assert all((row.unit == "SD") == (row.scale in SCALES) for row in ESTIMANDS.values())


@pytest.mark.parametrize(("weeks", "stopped"), [(12, 1.0), (13, 0.0)])
def test_stopping_counts_up_to_the_ninth_week(weeks: int, stopped: float) -> None:
    """Who stops in the ninth week after has stopped, who stops in the tenth has not; it is worse, so above 0."""
    failed, passed = years()
    failed["enrolled"] = weekly(c=(0, [1] * weeks))
    assert twins_of("luck", failed, passed)["dropout"].tolist() == [stopped] * 2
    assert twins_of("luck", passed | {"test_margin": failed["test_margin"]}, failed | {"test_margin":
        passed["test_margin"]})["dropout"].tolist() == [-stopped] * 2  # fmt: skip


def test_no_margin_without_a_week_that_both_begin() -> None:
    """Who stops in the week itself has no margin later; who stops in the next has one."""
    failed, passed = years()
    for weeks, expected in ((WEEK, np.nan), (WEEK + 1, -2.0)):
        failed["enrolled"] = weekly(c=(0, [1] * weeks))
        assert twins_of("luck", failed, passed)["margin_later"] == pytest.approx([expected] * 2, nan_ok=True)


def test_tests_of_two_units_are_not_compared() -> None:
    """Unless one has stopped, or the test is that of the week itself."""
    failed, passed = years()
    failed["unit"] = failed["unit"] - 1.0
    for column in ("unit_conceptual", "unit_procedural"):
        assert np.isnan(twins_of("luck", failed, passed)[column]).all()
        assert twins_of("practice", failed, passed)[column].tolist() == [BY_HAND[column][1]] * 2
        stopped = failed | {"enrolled": weekly(c=(0, [1] * WEEK))}
        assert twins_of("luck", stopped, passed)[column].tolist() == [BY_HAND[column][0]] * 2


def test_a_verdict_that_stays_the_same() -> None:
    """Only the week of the outcome counts, not the week after."""
    failed, passed = years()
    failed["failing_grade"] = weekly(c=(WEEK, [0, 1]))
    assert twins_of("luck", failed, passed)["verdict"].tolist() == [0.0, 0.0]


# ---- rows ----------------------------------------------------------------------------------------------------
def test_rows_say_what_they_are() -> None:
    """Each has its own name, symbol and definition, and a slot that there is; what can be turned has a label."""
    for texts in ([row.name for row in ESTIMANDS.values()], [row.symbol for row in ESTIMANDS.values()],
                  [row.definition for row in ESTIMANDS.values()]):  # fmt: skip
        assert len({*texts}) == len(texts) == len(ESTIMANDS)
    assert all(name == row.name and row.slot in SLOTS and row.label for name, row in ESTIMANDS.items())
    assert TURNED.keys() == KINDS.keys() and list(AVERAGED) == ["spared", "inflicted"]


def test_the_documents_have_every_row() -> None:
    """docs/claims.md has one line an estimand, with its columns, made from the row."""
    text = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
    for row in ESTIMANDS.values():
        named = f"`{row.columns[0]}`" + (f" to `{row.columns[-1]}`" if len(row.columns) > 1 else "")
        line = f"| {row.symbol} | `{row.name}` | {row.definition} | {row.unit} | {named} |"
        assert line in text.splitlines(), f"docs/claims.md lacks this line of its table: {line}"


TOY = Estimand(
    "effort_after", "E_F", "share", ("effort_later",), "effort", estimands.mean_while_enrolled, "",
    "change of effort, mean of nine weeks", "mean change of effort over nine weeks",
)  # fmt: skip


def test_adding_an_estimand_is_adding_a_row() -> None:
    """Twins, the table on disk and the estimates have it with its row, and nothing of it without."""
    study = Study.read("claims").replace(policies=(Policy("criterion"),), rooms=2, weeks=16)

    def found() -> tuple[pd.DataFrame, list[dict[str, Any]]]:
        tables = all_tasks(study)
        parts = pd.DataFrame([{"policy": policy.name, **policy.parts} for policy in study.policies])
        return tables["twins"], cells(tables["outcomes"], tables["twins"], parts.set_index("policy"))

    without, entries = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ESTIMANDS, TOY.name, TOY)  # type: ignore[arg-type]
        twins, [entry] = found()
    assert [*twins] == [*without, "effort_later"] and twins["effort_later"].abs().max() > 0.0
    pd.testing.assert_frame_equal(twins[[*without]], without)
    for side in AVERAGED:
        of_side = twins[(twins["spared"] == (side == "spared"))]
        assert entry[side].pop("effort_after")["value"] == pytest.approx(of_side["effort_later"].mean())
    assert [entry] == entries and ("spared", "effort_after", "value") not in table(entries)
    again, _ = found()
    assert [*again] == [*without]
