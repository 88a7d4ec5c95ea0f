"""The estimands: what one failure causes, a row each, as the difference of a year that failed and one that passed.

Whatever speaks of an estimand reads its row here: the twin table, the estimates, the ablation, figures, the command
line and docs/claims.md. A row says which slot it compares, how, and on which norm; adding an estimand is adding a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.outcomes import NORMS, class_mean

if TYPE_CHECKING:
    from setback.model.engines.block import Run

Array = NDArray[np.float64]

#: Weeks after the failure over which its descendants are counted: H.
HORIZON = 9
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


class Pairs(NamedTuple):
    """N pairs of years that differ in one outcome, and in what it caused: fail minus pass, slot by slot.

    Attributes:
        observed: the observed years; the n-th pair is in `column` n of it.
        turned: the years with the outcome turned round, one column a pair.
        week: (N,) week of the outcome, from 0.
        seat: (N,) seat of the student.
        column: (N,) column of the observed year.
        spared: (N,) true where the observed year failed, false where the turned one did.
        test: weeks from the outcome to the next unit test.
    """

    observed: Run
    turned: Run
    week: NDArray[np.int64]
    seat: NDArray[np.int64]
    column: NDArray[np.int64]
    spared: NDArray[np.bool_]
    test: int

    @property
    def sign(self) -> Array:
        """1 where observed minus turned is fail minus pass, else -1."""
        return np.where(self.spared, 1.0, -1.0)

    def at(self, slot: str, h: int) -> tuple[Array, Array]:
        """Give a slot of the student h weeks later, observed and turned, each (N,)."""
        week, each = self.week + h, np.arange(len(self.week))
        return (
            self.observed.trace[slot][week, self.seat, self.column],
            self.turned.trace[slot][week, self.seat, each],
        )

    def later(self, slot: str, h: int) -> Array:
        """Give the effect on a slot of the student h weeks later, (N,)."""
        observed, turned = self.at(slot, h)
        return self.sign * (observed - turned)

    def later_in_class(self, slot: str, h: int) -> Array:
        """Give the effect on the sum of a slot over the classmates h weeks later, (N,)."""
        week, each, everyone = self.week + h, np.arange(len(self.week)), slice(None)
        there = self.observed.trace[slot][week, :, self.column] - self.turned.trace[slot][week, everyone, each]
        return self.sign * there.sum(1) - self.later(slot, h)

    def lasting(self, slot: str) -> Array:
        """Give the effect on a slot of the student at the end of the year, (N,)."""
        each = np.arange(len(self.week))
        return self.sign * (self.observed.end[slot][self.seat, self.column] - self.turned.end[slot][self.seat, each])

    def alike(self, slot: str) -> NDArray[np.bool_]:
        """Say where both have the same in the week of the outcome, (N,)."""
        observed, turned = self.at(slot, 0)
        return np.asarray(observed == turned)

    def enrolled(self, h: int) -> NDArray[np.bool_]:
        """Say where both are enrolled at the end of the h-th week after, (N,)."""
        observed, turned = self.at("enrolled", h)
        return np.asarray((observed > 0.5) & (turned > 0.5))


# ---- how two years are compared: each gives the columns of a row, (N,) each -------------------------------------
def week_by_week(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare the student 1, 2, … weeks later, a column each."""
    return [pairs.later(row.slot, h) for h, _ in enumerate(row.columns, 1)]


def classmates(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Add up over nine weeks what happens to everybody else in the room."""
    return [np.stack([pairs.later_in_class(row.slot, h) for h in range(1, HORIZON + 1)], 1).sum(1)]


def mean_while_enrolled(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Average over those of the nine weeks that both begin enrolled; NaN where there is none."""
    ahead = range(1, HORIZON + 1)
    weeks = [np.where(pairs.enrolled(h - 1), pairs.later(row.slot, h), np.nan) for h in ahead]
    return [class_mean(np.stack(weeks, 1), 1)]


def lost(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare what the student no longer has nine weeks later: 1 where the failure alone took it away."""
    return [-pairs.later(row.slot, HORIZON)]


def next_test(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare at the next unit test, those who stopped with what they have left; NaN where the tests differ in unit.

    A policy that waits gives the failing twin the old unit again, and knowledge of one unit says nothing of another.
    """
    comparable = pairs.alike("unit") | ~pairs.enrolled(0) if pairs.test else True
    return [np.where(comparable, pairs.later(row.slot, pairs.test), np.nan)]


def end_of_year(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Compare when the year is over."""
    return [pairs.lasting(row.slot)]


def changed(pairs: Pairs, row: Estimand) -> Sequence[Array]:
    """Give 1 where the two differ in the week itself, else 0."""
    return [np.where(pairs.alike(row.slot), 0.0, 1.0)]


# ---- the rows ------------------------------------------------------------------------------------------------
class Estimand(NamedTuple):
    """One effect of a failure.

    Attributes:
        name: as files and tables have it.
        symbol: as text has it.
        unit: unit of the estimate.
        columns: columns of the twin table that add up to it; each is fail minus pass.
        slot: the slot that is compared, and
        effect: how, giving the columns.
        scale: the norm (`setback.model.outcomes.NORMS`) that columns are divided by; empty for none.
        label: what an axis says, without the unit.
        definition: one sentence.
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


_ROWS = (
    Estimand(
        name="verdict", symbol="verdict", unit="share", columns=("verdict",),
        slot="failing_grade", effect=changed, scale="",
        label="twins in which the policy's own verdict changed",
        definition="share of twins in which the policy's own last word on the week differs",
    ),
    Estimand(
        name="R_F", symbol="R_F(9)", unit="failures", columns=tuple(f"d{h}" for h in range(1, HORIZON + 1)),
        slot="below_criterion", effect=week_by_week, scale="",
        label="further failures in nine weeks that one failure caused",
        definition="d1 + … + d9: change in failing (ii) 1 to 9 weeks later; negative where failing prevents failing",
    ),
    Estimand(
        name="R_F_classmates", symbol="R_F(9) of classmates", unit="failures", columns=("classmates_failing",),
        slot="below_criterion", effect=classmates, scale="",
        label="classmates' failures in nine weeks that one failure caused",
        definition="change in the failures (ii) of everybody else in the room over nine weeks",
    ),
    Estimand(
        name="Lambda_F", symbol="Λ_F(9)", unit="logit", columns=("margin_later",),
        slot="test_margin", effect=mean_while_enrolled, scale="",
        label="change of the test margin, mean of nine weeks",
        definition="mean change of the test margin over those of nine weeks that both begin enrolled; below 0 is worse",
    ),
    Estimand(
        name="S_F", symbol="S_F", unit="share", columns=("dropout",),
        slot="enrolled", effect=lost, scale="",
        label="change in having stopped nine weeks later",
        definition="change in the share who have stopped for good nine weeks later",
    ),
    Estimand(
        name="V_F_unit", symbol="V_F", unit="SD", columns=("unit_conceptual",),
        slot="tested_conceptual", effect=next_test, scale="unit_conceptual",
        label="change of conceptual knowledge at the next unit test",
        definition="change of conceptual knowledge at the next unit test, of twins tested on one unit or stopped",
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
        definition="change of procedural knowledge at the next unit test, of the same twins",
    ),
    Estimand(
        name="V_F_year_procedural", symbol="V_F of the year, procedural", unit="SD", columns=("year_procedural",),
        slot="cumulative_procedural", effect=end_of_year, scale="year_procedural",
        label="change of procedural knowledge at the end of the year",
        definition="change of procedural knowledge on the cumulative scale at the end of the year",
    ),
)  # fmt: skip
#: Every estimand by its name.
ESTIMANDS: Mapping[str, Estimand] = {row.name: row for row in _ROWS}


def columns() -> tuple[str, ...]:
    """Name the columns of the twin table that hold effects, each once."""
    return tuple(dict.fromkeys(column for row in ESTIMANDS.values() for column in row.columns))


def traced() -> tuple[str, ...]:
    """Name the slots that have to be kept week by week for the effects."""
    slots = (row.slot for row in ESTIMANDS.values() if row.effect is not end_of_year)
    return tuple(dict.fromkeys((*slots, "enrolled", "unit")))


def effects(pairs: Pairs) -> dict[str, Array]:
    """Give every column of the twin table that holds an effect, fail minus pass, each (N,)."""
    found: dict[str, Array] = {}
    for row in ESTIMANDS.values():
        norm = NORMS[row.scale] if row.scale else 1.0
        found |= {name: values / norm for name, values in zip(row.columns, row.effect(pairs, row), strict=True)}
    return found
