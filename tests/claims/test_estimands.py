"""Every column of the twin table against values found by hand, from two years that are written down here."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks

from setback.analysis.claims import cells, table
from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import ONE
from setback.experiments.twins import estimands
from setback.experiments.twins.estimands import AVERAGED, ESTIMANDS, TURNED, Estimand
from setback.experiments.twins.flips import KINDS
from setback.experiments.twins.twins import Twins, failure_twins
from setback.model.engines.block import Block, Run
from setback.model.engines.vectorised import run as vectorised
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


#: Units reached at the end of each week, one a week.
CALENDAR = np.arange(1.0, WEEKS + 1)


def years() -> tuple[Year, Year]:
    """Write down the year in which c failed the fourth week, and the one in which c passed; slots are (week, seat).

    Outside the nine weeks the two differ as well, so that a column that is read a week late or early shows.
    """
    everybody = {"a": (0, CALENDAR), "b": (0, CALENDAR)}
    both = {
        "challenge": weekly(c=(WEEK, [0.7, 9.0])),
        "attempt_shortfall": weekly(c=(WEEK, [0.1, 3.0])),
        "ranking_margin_seen": np.zeros((WEEKS, 3)),
        "class_enrolled": np.ones((WEEKS, 1)),
        "line": np.full((WEEKS, 1), 0.5),
        "result_told": np.ones((WEEKS, 1)),
        "assignment_due": np.zeros((WEEKS, 1)),
    }
    failed = both | {
        "submitted": weekly(c=(WEEK, [1, 1, 1, 1, 1, 1, 0, 1])),
        "test_margin": weekly(a=(WEEK, [9.0] * 11), c=(WEEK, [-0.2, -1, -2, -3, -4, -5, -6, -7, -80, -90, -100])),
        "failing_grade": weekly(c=(WEEK, [1, 0, 1])),
        "below_criterion": weekly(
            a=(WEEK, [1, 0, 1, 1, 1]), b=(WEEK, [1]), c=(WEEK, [1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1])
        ),
        "enrolled": weekly(a=(0, [1] * 14), b=(0, [1] * 14), c=(0, [1] * 10)),
        "unit": weekly(**everybody, c=(0, [*CALENDAR[:10], *[10.0] * 4])),
        "heard_attribution": weekly(c=(WEEK, [1, 1])),
        "to_task": weekly(c=(WEEK, [0.9, 0.9, 0.3, 0.9, 0.2, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9])),
        "to_luck": weekly(c=(WEEK, [0.1] * 11)),
        "tested_conceptual": weekly(a=(0, [50] * 14), c=(WEEK, [9, 1, 70])),
        "tested_procedural": weekly(a=(0, [50] * 14), c=(WEEK, [0, 3, 70])),
        "cumulative_conceptual": np.array([90.0, 80.0, 2.0]),
        "cumulative_procedural": np.array([90.0, 80.0, 6.0]),
    }
    passed = both | {
        "challenge": weekly(c=(WEEK, [0.4, 9.0])),
        "attempt_shortfall": weekly(c=(WEEK, [-0.1, 3.0])),
        "submitted": weekly(c=(WEEK, [1] * 11)),
        "test_margin": weekly(a=(WEEK, [0.0] * 11), c=(WEEK, [0.1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])),
        "failing_grade": weekly(c=(WEEK, [0, 0, 0, 0, 1])),
        "below_criterion": weekly(b=(10, [1, 0, 0, 1]), c=(WEEK, [0, 0, 1, 0, 1])),
        "enrolled": np.ones((WEEKS, 3)),
        "unit": weekly(**everybody, c=(0, CALENDAR)),
        "heard_attribution": weekly(c=(WEEK + 3, [1])),
        "to_task": weekly(c=(WEEK, [0.1] * 11)),
        "to_luck": weekly(c=(WEEK, [0.05] * 11)),
        "tested_conceptual": weekly(c=(WEEK, [8, 2, 2])),
        "tested_procedural": weekly(c=(WEEK, [1, 1, 2])),
        "cumulative_conceptual": np.array([0.0, 0.0, 3.0]),
        "cumulative_procedural": np.array([0.0, 0.0, 0.0]),
    }
    return failed, passed


NOT = math.nan
#: Column -> its value by hand after the flip of a test, and after that of an attempt, whose test is that of the week.
BY_HAND = {
    "verdict": (1.0, 1.0),
    # c failed weeks 1, 2, 7 after and stopped then, which is failing 8 and 9 as well; against 2 and 4
    "d1": (1.0, 1.0), "d2": (0.0, 0.0), "d3": (0.0, 0.0), "d4": (-1.0, -1.0), "d5": (0.0, 0.0),
    "d6": (0.0, 0.0), "d7": (1.0, 1.0), "d8": (1.0, 1.0), "d9": (1.0, 1.0),
    # the same where both handed in: not in week 6 after, and not after stopping
    "s1": (1.0, 1.0), "s2": (0.0, 0.0), "s3": (0.0, 0.0), "s4": (-1.0, -1.0), "s5": (0.0, 0.0),
    "s6": (NOT, NOT), "s7": (1.0, 1.0), "s8": (NOT, NOT), "s9": (NOT, NOT),
    # failing grades in week 2 after, and none to be had in 8 and 9; against week 4
    "v1": (0.0, 0.0), "v2": (1.0, 1.0), "v3": (0.0, 0.0), "v4": (-1.0, -1.0), "v5": (0.0, 0.0),
    "v6": (0.0, 0.0), "v7": (0.0, 0.0), "v8": (1.0, 1.0), "v9": (1.0, 1.0),
    # a three times more, b once less
    "classmates_failing": (2.0, 2.0),
    # both meet the tests of weeks 1 to 7 after: -2, -3, ..., -8
    "margin_later": (-5.0, -5.0),
    "dropout": (1.0, 1.0),
    # of those enrolled alone
    "weeks_lost": (NOT, NOT),
    "unit_conceptual": ((1 - 2) / 2, (9 - 8) / 2),
    "unit_procedural": ((3 - 1) / 4, (0 - 1) / 4),
    "year_conceptual": ((2 - 3) / 5, (2 - 3) / 5),
    "year_procedural": (6 / 8, 6 / 8),
    # both succeed in weeks 2 and 4 to 7 after: .25, .15, and .05 three times
    "external_later": (0.11, 0.11),
}  # fmt: skip


def twins_of(kind: str, failed: Year, passed: Year) -> Twins:
    """Two twins by a stand-in for an engine: of a policy under which c was seen to fail, of one where c passed."""
    fields = {"seat": SEAT, "week": WEEK, KINDS[kind].field: 1.0}

    def run(block: Block, weeks: int, keep: Sequence[str] = (), **_: Any) -> Run:
        observed_failure = block.policy[0, LEVEL] != 1.0
        turned = block.flip[Flip._fields.index("seat")] >= 0.0
        if turned.any():
            for field, value in fields.items():
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
    assert {*twins["flip"].tolist()} == {[*KINDS].index(kind)}
    assert twins["policy"].tolist() == [0, 1] and twins["room"].tolist() == [7, 7]
    assert twins["seat"].tolist() == [SEAT] * 2 and twins["week"].tolist() == [WEEK + 1] * 2
    assert twins["margin"].tolist() == [-0.2, 0.1] and twins["spared"].tolist() == [True, False]
    assert twins["challenge"].tolist() == [0.7, 0.4]
    distances = [-0.1, 0.1] if kind == "practice" else [-0.2, 0.1]
    growth = 1.0 + Parameters()["noise_growth"] * WEEK / 36.0
    noise = Parameters()["attempt_noise"] if kind == "practice" else Parameters()["assess_noise"] * growth
    assert twins["distance"] == pytest.approx(np.array(distances) / noise, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", BY_HAND)
def test_a_column_by_hand(column: str, kind: str) -> None:
    """Fail minus pass, whichever of the two was observed: the spared and the inflicted twin have the same value."""
    expected = BY_HAND[column][kind == "practice"]
    assert twins_of(kind, *years())[column] == pytest.approx([expected] * 2, abs=1e-12, nan_ok=True)


def test_an_estimand_adds_up_its_columns() -> None:
    """R_F is d1 + … + d9, here 3, and with classmates 5; a row in SD has a norm, and no other has."""
    twins = twins_of("line", *years())
    totals = {row.name: sum(twins[column][0] for column in row.columns) for row in estimands.made()}
    assert totals["R_F"] == 3.0 and ESTIMANDS["R_F"].columns == tuple(f"d{h}" for h in range(1, 10))
    assert totals["R_F_total"] == 5.0 and totals["R_F_verdict"] == 2.0
    assert all((row.unit == "SD") == (row.scale in SCALES) for row in ESTIMANDS.values())


def leaving(year: Year, weeks: int) -> Year:
    """Let c stop after some weeks."""
    unit = weekly(a=(0, CALENDAR), b=(0, CALENDAR), c=(0, np.minimum(CALENDAR, weeks)))
    return year | {"enrolled": weekly(a=(0, [1] * 14), b=(0, [1] * 14), c=(0, [1] * weeks)), "unit": unit}


@pytest.mark.parametrize(("weeks", "stopped"), [(12, 1.0), (13, 0.0)])
def test_stopping_counts_up_to_the_ninth_week(weeks: int, stopped: float) -> None:
    """Who stops in the ninth week after has stopped, who stops in the tenth has not; it is worse, so above 0."""
    failed, passed = years()
    failed = leaving(failed, weeks)
    assert twins_of("line", failed, passed)["dropout"].tolist() == [stopped] * 2
    margins = failed["test_margin"], passed["test_margin"]
    exchanged = passed | {"test_margin": margins[0]}, failed | {"test_margin": margins[1]}
    assert twins_of("line", *exchanged)["dropout"].tolist() == [-stopped] * 2


def test_no_margin_without_a_test_that_both_meet() -> None:
    """Who stops in the week itself has no margin later; who stops in the next has one."""
    failed, passed = years()
    for weeks, expected in ((WEEK, np.nan), (WEEK + 1, -2.0)):
        found = twins_of("line", leaving(failed, weeks), passed)["margin_later"]
        assert found == pytest.approx([expected] * 2, nan_ok=True)


def test_who_stopped_keeps_what_is_left() -> None:
    """And fails every unit to come; nothing handed in is compared."""
    failed, passed = years()
    twins = twins_of("line", leaving(failed, WEEK), passed)
    assert twins["unit_conceptual"].tolist() == [BY_HAND["unit_conceptual"][0]] * 2
    assert [twins[f"d{h}"][0] for h in range(1, 10)] == [1, 0, 1, 0, 1, 1, 1, 1, 1]
    assert np.isnan([twins[f"s{h}"] for h in range(1, 10)]).all()


def test_the_same_unit_is_compared_though_it_comes_a_week_later() -> None:
    """Of the year that gets the old unit again, each test is read a week later; the last is not reached in time."""
    failed, passed = years()
    again = np.concatenate([CALENDAR[:WEEK], [WEEK], CALENDAR[WEEK:-1]])
    failed = leaving(failed, WEEKS) | {"unit": weekly(a=(0, CALENDAR), b=(0, CALENDAR), c=(0, again))}
    # weeks 2 to 10 after in one year, 1 to 9 in the other: failed 1 0 0 0 0 1 1 1 1 against 0 1 0 1 0 0 0 0 0
    twins = twins_of("line", failed, passed)
    assert [twins[f"d{h}"][0] for h in range(1, 10)] == [1, -1, 0, -1, 0, 1, 1, 1, 1]
    assert twins["unit_conceptual"].tolist() == [(70 - 2) / 2] * 2 and twins["weeks_lost"].tolist() == [1.0] * 2
    assert twins_of("practice", failed, passed)["unit_conceptual"].tolist() == [BY_HAND["unit_conceptual"][1]] * 2
    slower = np.concatenate([CALENDAR[:WEEK], [WEEK] * 3, CALENDAR[WEEK:-3]])
    twins = twins_of("line", failed | {"unit": weekly(a=(0, CALENDAR), b=(0, CALENDAR), c=(0, slower))}, passed)
    assert np.isnan([twins[f"d{h}"][0] for h in range(1, 10)]).tolist() == [False] * 7 + [True] * 2
    assert twins["weeks_lost"].tolist() == [3.0] * 2


def test_a_verdict_that_stays_the_same() -> None:
    """Only the week of the outcome counts, not the week after."""
    failed, passed = years()
    failed["failing_grade"] = weekly(c=(WEEK, [0, 1]))
    assert twins_of("line", failed, passed)["verdict"].tolist() == [0.0, 0.0]


def test_a_later_failure_that_was_repaired_is_held_as_well() -> None:
    """With retakes too, what hurts in the weeks that are held is what hurts in the passed year, where no blame adds."""
    world = Parameters(strength_perfectionism=0.0, affect_blame=0.0, goals_hurt=0.0)
    runs: list[tuple[Run, Any]] = []
    told, heard = "failing_grade_told", "heard_affect"

    def engine(block: Block, weeks: int, keep: Sequence[str] = (), hold: Any = None, **more: Any) -> Run:
        found = vectorised(block, weeks, [*dict.fromkeys((*keep, "hurt", told))], hold, **more)
        runs.append((found, hold))
        return found

    seats = Roster.synthetic(20).seats([3], seed=1)
    policies = [Policy("mastery+level=0.7")]
    twins = failure_twins(seats, policies, world, WEEKS, 1.0, engine, ["label"], asked=["R_1"])[1]
    seat, each, spared = twins["seat"].astype(int), np.arange(len(twins["seat"])), twins["spared"].astype(bool)
    (observed, _), (turned, _), *more_runs = runs
    again = [
        (run.trace["hurt"][:, seat, columns], hold[heard].where[:, seat, columns])
        for run, hold in more_runs
        for columns in each + len(each) * np.arange(run.trace["hurt"].shape[2] // len(each))[:, None]
    ]
    assert len(again) == estimands.HORIZON - 1 and turned.trace["hurt"].shape[2] == len(each)

    def of(slot: str, in_observed: np.ndarray) -> np.ndarray:
        return np.where(in_observed, observed.trace[slot][:, seat, 0], turned.trace[slot][:, seat, each])

    last = again[-1][1]
    both = (of("enrolled", spared) > 0.5) & (of("enrolled", ~spared) > 0.5)
    assert (last & both & (of(told, spared) != of(told, ~spared)) & (of(heard, ~spared) == 0.0)).any()
    for hurt, held in again:
        assert held.any() and np.array_equal(hurt[held], of("hurt", ~spared)[held])


# ---- rows ----------------------------------------------------------------------------------------------------
def test_rows_say_what_they_are() -> None:
    """Each has its own name, symbol and definition, and a slot that there is; what can be turned has a label."""
    for field in ("name", "symbol", "definition"):
        texts = [getattr(row, field) for row in ESTIMANDS.values()]
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
    study = Study.read("one-world").replace(
        worlds=ONE, policies=(Policy("criterion+level=0.7"),), rooms=2, weeks=16, flips=("line",)
    )

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
        assert entry["line"][side].pop("effort_after")["value"] == pytest.approx(of_side["effort_later"].mean())
    assert [entry] == entries and ("line, spared", "effort_after", "value") not in table(entries)
    again, _ = found()
    assert [*again] == [*without]
