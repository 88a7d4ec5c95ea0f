"""Pairs of years that differ in one outcome and in what it caused, compared test by test.

Under a fixed calendar the two meet the same test in the same week. Where the pace depends on results they do not: the
one that failed may be given the old unit once more. So weeks ahead are counted in new units, and the first test of each
is compared, the same unit in both; under a fixed calendar this is the same as weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weeks = NDArray[np.int64]

#: A unit that somebody who is still enrolled has not reached by the end of the year.
UNKNOWN = -1
#: Slots that are read of everybody in the room.
OF_ROOM = ("below_criterion", "unit", "enrolled")


class Years(NamedTuple):
    """N years, one a pair.

    Attributes:
        own: slots of the student, (week, N).
        room: the slots `OF_ROOM` of everybody, (week, seat, N).
        end: slots of the student at the end of the year, (N,).
    """

    own: Mapping[str, Array]
    room: Mapping[str, Array]
    end: Mapping[str, Array]


class Hold(NamedTuple):
    """Some slots of the student that are held at what they are in the passed years.

    Attributes:
        slots: which.
        first, last: the weeks, counted from that of the outcome; None is the end of the year.
    """

    slots: Sequence[str]
    first: int
    last: int | None


class Tests(NamedTuple):
    """When a unit was first tested.

    Attributes:
        when: (…, N) the week, from 0; `UNKNOWN`; and for who stopped before, a week in which they were gone (beyond the
            last where there is none).
        met: (…, N) whether it was tested at all.
    """

    when: Weeks
    met: NDArray[np.bool_]

    def read(self, values: Array, gone: float | None = None) -> Array:
        """Read a slot (week, …, N) at these tests, (…, N): NaN where not known.

        Args:
            values: the slot.
            gone: what it is for those who stopped before; as the slot has it where it is left out.
        """
        at = np.clip(self.when, 0, len(values) - 1)
        found = np.take_along_axis(values, at[None], 0)[0]
        past = self.when >= len(values)
        found = np.where(past, np.nan, found) if gone is None else np.where(self.met, found, gone)
        return np.where(self.when == UNKNOWN, np.nan, found)


def first_tests(unit: Array, enrolled: Array, week: Weeks, ahead: int) -> Tests:
    """Find the first test of the unit that comes some units after the one of a week.

    Args:
        unit: (week, …, N) units reached at the end of each week.
        enrolled: (week, …, N) whether still enrolled at the end of each week.
        week: (N,) the week that is counted from.
        ahead: how many new units.
    """
    tested = np.concatenate([np.zeros_like(unit[:1]), unit[:-1]])  # all begin with unit 0
    here = np.moveaxis(tested[week, ..., np.arange(unit.shape[-1])], 0, -1)
    reached = tested >= here + ahead - 1e-9
    stopped = enrolled[-1] < 0.5
    left = (enrolled > 0.5).sum(0) + 1
    never = np.where(stopped, np.maximum(left, week + ahead), UNKNOWN)
    return Tests(np.where(reached[-1], reached.argmax(0), never), reached[-1])


class Pairs(NamedTuple):
    """N pairs of years that differ in one outcome, and in what it caused.

    Attributes:
        failed: the years in which the outcome was a failure, whether observed or turned.
        passed: the years in which it was none.
        week: (N,) week of the outcome, from 0.
        seat: (N,) seat of the student.
        told: (N,) whether the policy utters verdicts.
        calendar: (N,) whether the pace depends on no result.
        test: new units from that of the outcome to that of the next unit test.
        again: runs the failed years once more for each hold.
    """

    failed: Years
    passed: Years
    week: Weeks
    seat: Weeks
    told: NDArray[np.bool_]
    calendar: NDArray[np.bool_]
    test: int
    again: Callable[[Sequence[Hold]], Iterator[Years]]

    def tests(self, ahead: int) -> tuple[Tests, Tests]:
        """Find the first tests of a new unit of the student, failed and passed; 0 is the test of the week itself."""
        if not ahead:
            here = Tests(self.week, np.ones(len(self.week), bool))
            return here, here
        failed, passed = (
            first_tests(year.own["unit"], year.own["enrolled"], self.week, ahead) for year in (self.failed, self.passed)
        )
        return failed, passed

    def room_tests(self, ahead: int) -> tuple[Tests, Tests]:
        """Find the first tests of a new unit of everybody in the room, failed and passed."""
        failed, passed = (
            first_tests(year.room["unit"], year.room["enrolled"], self.week, ahead)
            for year in (self.failed, self.passed)
        )
        return failed, passed

    def at(self, slot: str, later: int) -> tuple[Array, Array]:
        """Give a slot of the student some weeks later, failed and passed, (N,) each."""
        each = np.arange(len(self.week))
        failed, passed = (year.own[slot][self.week + later, each] for year in (self.failed, self.passed))
        return failed, passed

    def later(self, slot: str, later: int) -> Array:
        """Give the effect on a slot of the student some weeks later, (N,)."""
        failed, passed = self.at(slot, later)
        return failed - passed

    def both_enrolled(self, later: int) -> NDArray[np.bool_]:
        """Say where both are enrolled at the end of the week that comes so many weeks later, (N,)."""
        failed, passed = self.at("enrolled", later)
        return (failed > 0.5) & (passed > 0.5)


class Beside(NamedTuple):
    """What is made of pairs beside the estimands.

    Attributes:
        slots: the slots of the student that have to be kept week by week for it.
        columns: the columns of the twin table that it gives, and
        of: how, (N,) each.
    """

    slots: tuple[str, ...]
    columns: tuple[str, ...]
    of: Callable[[Pairs], Mapping[str, Array]]
