"""The estimands: what one failure causes, a row each, as the difference of a year that failed and one that passed.

Whatever speaks of an estimand reads its row here: the twin table, the estimates, the ablation, figures, the command
line and docs/claims.md. A row says which slot it compares, how, and on which norm; adding an estimand is adding a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.twins.pairs import OF_ROOM, Hold, Pairs
from setback.model.errors import unknown
from setback.model.outcomes import NORMS, class_mean

Array = NDArray[np.float64]

#: New units after the failure over which its descendants are counted: H. Under a fixed calendar, weeks.
HORIZON = 9
AHEAD = range(1, HORIZON + 1)
#: What is turned by each kind of flip (`setback.experiments.twins.flips.KINDS`), for labels.
TURNED: Mapping[str, str] = {
    "line": "being failed",
    "criterion": "falling short of the criterion",
    "label": "the verdict alone",
    "practice": "an error at practice",
}
#: Over whom effects are averaged, never pooled; both are fail minus pass.
AVERAGED: Mapping[str, str] = {
    "spared": "effect on the treated: over observed failures, each against the pass that it might have been",
    "inflicted": "effect on the untreated: over observed passes, each against the failure that it might have been",
}
#: What was heard of a result, all copies, and of a failing one that a retake repairs; and what attribution makes of
#: it, weekly causes and style.
HEARD = (
    "heard_learning", "heard_attribution", "heard_expectancy", "heard_control", "heard_affect", "heard_peers",
    "failing_grade_told", "grade_learning", "grade_expectancy", "grade_affect", "grade_peers",
)  # fmt: skip
READ = ("to_ability", "to_effort", "to_task", "to_luck", "attribution_style", "history")


# ---- how two years are compared: each gives the columns of a row, (N,) each -------------------------------------
def week_by_week(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare the student at the first test of each new unit; those who stopped with what they have left."""
    found = []
    for h in AHEAD:
        failed, passed = pairs.tests(h)
        found.append(failed.read(pairs.failed.own[row.slot]) - passed.read(pairs.passed.own[row.slot]))
    return found


def failing(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare failing at the first test of each new unit; who stopped before it fails."""
    return [_failed(pairs, row.slot, h) for h in AHEAD]


def _failed(pairs: Pairs, slot: str, ahead: int) -> Array:
    failed, passed = pairs.tests(ahead)
    return failed.read(pairs.failed.own[slot], gone=1.0) - passed.read(pairs.passed.own[slot], gone=1.0)


def failing_when_told(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare what the policy itself calls failing; not known where it calls nothing so."""
    return [np.where(pairs.told, values, np.nan) for values in failing(pairs, row)]


def failing_when_submitted(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare failing where work was handed in in both."""
    found = []
    for h in AHEAD:
        failed, passed = pairs.tests(h)
        handed_in = (failed.read(pairs.failed.own["submitted"], gone=0.0) > 0.5) & (
            passed.read(pairs.passed.own["submitted"], gone=0.0) > 0.5
        )
        found.append(np.where(handed_in, _failed(pairs, row.slot, h), np.nan))
    return found


def failing_of_classmates(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Add up over nine new units what happens to everybody else in the room, as far as it is known."""
    total = np.zeros(len(pairs.week))
    for h in AHEAD:
        failed, passed = pairs.room_tests(h)
        there = failed.read(pairs.failed.room[row.slot], gone=1.0) - passed.read(pairs.passed.room[row.slot], gone=1.0)
        there[pairs.seat, np.arange(len(pairs.week))] = 0.0
        total += np.nansum(there, 0)
    return [total]


def first_generation(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare failing with all that was heard in between held at the passed year: what the failure does by itself.

    Not known where the pace depends on results: weeks of the two are not of one unit there.
    """
    years = pairs.again([Hold(HEARD, 1, h - 1) for h in AHEAD[1:]])
    once = [pairs, *(pairs._replace(failed=failed) for failed in years)]
    return [np.where(pairs.calendar, _failed(of, row.slot, h), np.nan) for h, of in zip(AHEAD, once)]


def failing_without_attribution(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare failing with attribution held at the passed year from the week of the outcome on."""
    (failed,) = pairs.again([Hold(READ, 0, None)])
    return failing(pairs._replace(failed=failed), row)


def mean_while_enrolled(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Average over those of the nine new units whose first test both meet; NaN where there is none."""
    found = []
    for h in AHEAD:
        failed, passed = pairs.tests(h)
        effect = failed.read(pairs.failed.own[row.slot]) - passed.read(pairs.passed.own[row.slot])
        found.append(np.where(failed.met & passed.met, effect, np.nan))
    return [class_mean(np.stack(found, 1), 1)]


def lost(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare what the student no longer has nine weeks later: 1 where the failure alone took it away."""
    return [-pairs.later(row.slot, HORIZON)]


def lost_while_enrolled(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare how far behind the student is nine weeks later, of those who are enrolled in both."""
    return [np.where(pairs.both_enrolled(HORIZON), -pairs.later(row.slot, HORIZON), np.nan)]


def next_test(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare at the next unit test, the same unit in both; those who stopped with what they have left."""
    failed, passed = pairs.tests(pairs.test)
    return [failed.read(pairs.failed.own[row.slot]) - passed.read(pairs.passed.own[row.slot])]


def end_of_year(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare when the year is over."""
    return [pairs.failed.end[row.slot] - pairs.passed.end[row.slot]]


def changed(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Give 1 where the two differ in the week itself, else 0; not known where no verdict is uttered."""
    failed, passed = pairs.at(row.slot, 0)
    return [np.where(pairs.told, np.where(failed == passed, 0.0, 1.0), np.nan)]


def external_causes(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Average, over the weeks of nine in which both succeed, what is put down to task, luck and others."""
    found = []
    for h in AHEAD:
        success = np.maximum(*pairs.at(row.slot, h)) < 0.5
        effect = pairs.later("to_task", h) + pairs.later("to_luck", h)
        found.append(np.where(success & pairs.both_enrolled(h - 1), effect, np.nan))
    return [class_mean(np.stack(found, 1), 1)]


# ---- the rows ------------------------------------------------------------------------------------------------
class Estimand(NamedTuple):
    """One effect of a failure.

    Attributes:
        name: as files and tables have it.
        symbol: as text has it.
        unit: unit of the estimate.
        columns: columns of the twin table whose means add up to it; each is fail minus pass.
        slot: the slot that is compared, and
        effect: how, giving the columns.
        scale: the norm (`setback.model.outcomes.NORMS`) that columns are divided by; empty for none.
        label: what an axis says, without the unit.
        definition: one sentence.
        low, high: what it can be of a single twin; NaN where there is no bound.
        among: the column that has to be 1 for a twin to count; empty for none.
        over: the columns of another effect: the estimand is 1 less the ratio of the two.
        asked: whether years have to be run again for it, so that it is made only where it is asked for.
    """

    name: str
    symbol: str
    unit: str
    columns: tuple[str, ...]
    slot: str
    effect: Callable[[Pairs, Estimand], Sequence[Array]]
    scale: str
    label: str
    definition: str
    low: float = float("nan")
    high: float = float("nan")
    among: str = ""
    over: tuple[str, ...] = ()
    asked: bool = False


def _ahead(letter: str) -> tuple[str, ...]:
    return tuple(f"{letter}{h}" for h in AHEAD)


D, CLASSMATES = _ahead("d"), "classmates_failing"

_ROWS = (
    Estimand(
        name="verdict", symbol="verdict", unit="share", columns=("verdict",),
        slot="failing_grade", effect=changed, scale="",
        label="twins in which the policy's own verdict changed",
        definition="share of twins in which the policy's own last word on the week differs; the rest a retake undid",
        low=0.0, high=1.0,
    ),
    Estimand(
        name="R_F", symbol="R_F(9)", unit="failures", columns=D,
        slot="below_criterion", effect=failing, scale="",
        label="further failures in nine weeks that one failure caused",
        definition="d1 + … + d9: change in failing (ii) at the first tests of the 1st to 9th new unit; negative where "
        "failing prevents failing",
        low=-HORIZON, high=HORIZON,
    ),
    Estimand(
        name="R_F_stood", symbol="R_F(9) where it stood", unit="failures", columns=D,
        slot="below_criterion", effect=failing, scale="",
        label="further failures that one failure caused which no retake undid",
        definition="the same, of the twins whose last verdict of the week differs",
        low=-HORIZON, high=HORIZON, among="verdict",
    ),
    Estimand(
        name="R_F_submitted", symbol="R_F(9) of work handed in", unit="failures", columns=_ahead("s"),
        slot="below_criterion", effect=failing_when_submitted, scale="",
        label="further failures in work that was handed in",
        definition="the same of the tests that both hand in: without not handing in and stopping",
        low=-HORIZON, high=HORIZON,
    ),
    Estimand(
        name="R_F_verdict", symbol="R_F(9) by the policy", unit="failures", columns=_ahead("v"),
        slot="failing_grade", effect=failing_when_told, scale="",
        label="further results that the policy calls failing",
        definition="the same of what the policy itself calls failing in the end, where it utters a verdict",
        low=-HORIZON, high=HORIZON,
    ),
    Estimand(
        name="R_F_classmates", symbol="R_F(9) of classmates", unit="failures", columns=(CLASSMATES,),
        slot="below_criterion", effect=failing_of_classmates, scale="",
        label="classmates' failures in nine weeks that one failure caused",
        definition="change in the failures (ii) of everybody else in the room over nine new units",
    ),
    Estimand(
        name="R_F_total", symbol="R_F(9) of all", unit="failures", columns=(*D, CLASSMATES),
        slot="below_criterion", effect=lambda pairs, row: [*failing(pairs, row), *failing_of_classmates(pairs, row)],
        scale="",
        label="own and classmates' failures in nine weeks that one failure caused",
        definition="own and classmates' failures together",
    ),
    Estimand(
        name="R_1", symbol="R_1(9)", unit="failures", columns=_ahead("g"),
        slot="below_criterion", effect=first_generation, scale="",
        label="failures that one failure caused by itself",
        definition="g1 + … + g9: the same with all that was heard in between held at the passed year: the first "
        "generation; 1 and more feeds itself",
        low=-HORIZON, high=HORIZON, asked=True,
    ),
    Estimand(
        name="R_F_unattributed", symbol="R_F(9), attribution held", unit="failures", columns=_ahead("a"),
        slot="below_criterion", effect=failing_without_attribution, scale="",
        label="further failures with attribution at the passed year's path",
        definition="R_F with weekly causes, style and history held at the passed year from the week of the outcome on",
        low=-HORIZON, high=HORIZON, asked=True,
    ),
    Estimand(
        name="M_A", symbol="M_A", unit="share", columns=_ahead("a"),
        slot="below_criterion", effect=failing_without_attribution, scale="",
        label="share of R_F that runs by attribution",
        definition="1 less R_F with attribution held over R_F; given only where the interval of R_F excludes 0",
        over=D, asked=True,
    ),
    Estimand(
        name="Lambda_F", symbol="Λ_F(9)", unit="logit", columns=("margin_later",),
        slot="test_margin", effect=mean_while_enrolled, scale="",
        label="change of the test margin, mean of nine weeks",
        definition="mean change of the margin over those first tests of nine units that both meet; below 0 is worse",
    ),
    Estimand(
        name="S_F", symbol="S_F", unit="share", columns=("dropout",),
        slot="enrolled", effect=lost, scale="",
        label="change in having stopped nine weeks later",
        definition="change in the share who have stopped for good nine weeks later",
        low=-1.0, high=1.0,
    ),
    Estimand(
        name="weeks_lost", symbol="weeks lost", unit="weeks", columns=("weeks_lost",),
        slot="unit", effect=lost_while_enrolled, scale="",
        label="weeks behind, nine weeks later",
        definition="units not reached nine weeks later that would have been, of those enrolled in both; 0 under a "
        "fixed calendar",
    ),
    Estimand(
        name="V_F_unit", symbol="V_F", unit="SD", columns=("unit_conceptual",),
        slot="tested_conceptual", effect=next_test, scale="unit_conceptual",
        label="change of conceptual knowledge at the next unit test",
        definition="change of conceptual knowledge at the first test of the next unit (practice: of this week)",
    ),
    Estimand(
        name="V_F_year", symbol="V_F of the year", unit="SD", columns=("year_conceptual",),
        slot="cumulative_conceptual", effect=end_of_year, scale="year_conceptual",
        label="change of conceptual knowledge at the end of the year",
        definition="change of conceptual knowledge on the cumulative scale at the end of the year",
    ),
    Estimand(
        name="V_F_unit_procedural", symbol="V_F, procedural", unit="SD", columns=("unit_procedural",),
        slot="tested_procedural", effect=next_test, scale="unit_procedural",
        label="change of procedural knowledge at the next unit test",
        definition="change of procedural knowledge at the same test",
    ),
    Estimand(
        name="V_F_year_procedural", symbol="V_F of the year, procedural", unit="SD", columns=("year_procedural",),
        slot="cumulative_procedural", effect=end_of_year, scale="year_procedural",
        label="change of procedural knowledge at the end of the year",
        definition="change of procedural knowledge on the cumulative scale at the end of the year",
    ),
    Estimand(
        name="external", symbol="external causes", unit="share", columns=("external_later",),
        slot="heard_attribution", effect=external_causes, scale="",
        label="change of the external share of the causes of later successes",
        definition="change of what is put down to task, luck and others, over the weeks of nine in which both succeed",
        low=-1.0, high=1.0,
    ),
)  # fmt: skip
#: Every estimand by its name.
ESTIMANDS: Mapping[str, Estimand] = {row.name: row for row in _ROWS}


def made(asked: Iterable[str] = ()) -> tuple[Estimand, ...]:
    """Give the rows that are made: those that cost nothing, and those of the rest that are asked for."""
    return tuple(row for row in ESTIMANDS.values() if not row.asked or row.name in {*asked})


def columns(asked: Iterable[str] = ()) -> tuple[str, ...]:
    """Name the columns of the twin table that hold effects, each once."""
    return tuple(dict.fromkeys(column for row in made(asked) for column in row.columns))


def traced(asked: Iterable[str] = ()) -> tuple[str, ...]:
    """Name the slots that have to be kept week by week for the effects."""
    slots = [row.slot for row in made(asked) if row.effect is not end_of_year]
    also = ("submitted", "to_task", "to_luck", *OF_ROOM)
    held = [*HEARD, *READ] if any(row.asked for row in made(asked)) else []
    return tuple(dict.fromkeys((*slots, *also, *held)))


def lasting(asked: Iterable[str] = ()) -> tuple[str, ...]:
    """Name the slots that are read at the end of the year."""
    return tuple(dict.fromkeys(row.slot for row in made(asked) if row.effect is end_of_year))


def effects(pairs: Pairs, asked: Iterable[str] = ()) -> dict[str, Array]:
    """Give every column of the twin table that holds an effect, fail minus pass, each (N,)."""
    found: dict[str, Array] = {}
    for row in made(asked):
        if found.keys() >= {*row.columns}:
            continue
        norm = NORMS[row.scale] if row.scale else 1.0
        found |= {name: values / norm for name, values in zip(row.columns, row.effect(pairs, row), strict=True)}
    return found


def check_asked(asked: Iterable[str]) -> None:
    """Refuse an estimand that there is not, and one that is made in any case.

    Raises:
        InputError: if years are run again for no such estimand.
    """
    known = [row.name for row in ESTIMANDS.values() if row.asked]
    for name in asked:
        if name not in known:
            raise unknown("estimand to ask for", name, known)


def reruns(asked: Iterable[str]) -> int:
    """Count how often a failed year is run again for what is asked for."""
    effects = {row.effect for row in made(asked) if row.asked}
    return (HORIZON - 1) * (first_generation in effects) + (failing_without_attribution in effects)
