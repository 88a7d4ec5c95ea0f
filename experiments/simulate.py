"""Many classrooms are run under one policy: outcomes for every student, every room, and every week of the class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import LIMIT
from setback.model.custom import whole_model
from setback.model.engines.block import columns
from setback.model.engines.registry import engine as engine_named
from setback.model.errors import InputError, shown, whole
from setback.model.outcomes import OUTCOMES, class_mean
from setback.model.parameters import Parameters
from setback.model.policies import Policy, as_policy, check_switch
from setback.model.rosters.roster import Roster
from setback.model.week import LONGEST, Model

if TYPE_CHECKING:
    import pandas as pd

#: Slots whose class means are kept week by week.
WEEKLY = (
    "below_criterion",
    "failing_grade_told",
    "practice_error",
    "submitted",
    "effort",
    "expectancy",
    "control",
    "affect",
    "enrolled",
)
#: Rooms in a block.
BLOCK = 512
#: The most rooms that can be asked for: every student is kept in memory.
MOST_ROOMS = 1_000_000


@dataclass(frozen=True)
class Result:
    """Holds what a simulation measured.

    Attributes:
        policy: the policy, `then` the one after the switch in week `switch` (from 1).
        parameters: the world.
        roster: who sat in the rooms.
        rooms: (room,) room numbers.
        seed: the seed; `replicates` years of luck were averaged.
        weeks: length of the year.
        outcomes: outcome -> (room, seat), NaN on empty seats.
        weekly_means: slot -> (week, room), class means over occupied seats.
    """

    policy: Policy
    parameters: Parameters
    roster: Roster
    rooms: NDArray[np.int64]
    seed: int
    weeks: int
    replicates: int
    then: Policy | None
    switch: int | None
    outcomes: Mapping[str, NDArray[np.float64]] = field(repr=False)
    weekly_means: Mapping[str, NDArray[np.float64]] = field(repr=False)

    def per_student(self) -> pd.DataFrame:
        """Give one row per student: room, number of the class, student, and every outcome."""
        import pandas as pd

        here = np.isfinite(self.outcomes["learning"])
        room, seat = np.nonzero(here)
        classes = [self.roster.in_room(int(number)) for number in self.rooms]
        names = [classes[r].students[s] for r, s in zip(room, seat)]
        values = {name: value[here] for name, value in self.outcomes.items()}
        numbers = np.array([self.roster.class_of(int(number)) for number in self.rooms])
        return pd.DataFrame({"room": self.rooms[room], "class": numbers[room], "student": names, **values})

    def per_room(self) -> pd.DataFrame:
        """Give one row per room: its number, its class, its students, and the mean of every outcome."""
        import pandas as pd

        students = np.isfinite(self.outcomes["learning"]).sum(1)
        names = [self.roster.in_room(int(number)).name for number in self.rooms]
        means = {name: class_mean(value, 1) for name, value in self.outcomes.items()}
        return pd.DataFrame({"room": self.rooms, "class": names, "students": students, **means})

    def per_week(self) -> pd.DataFrame:
        """Give one row per room and week (from 1): class means of the slots of WEEKLY."""
        import pandas as pd

        week, room = np.meshgrid(np.arange(1, self.weeks + 1), self.rooms, indexing="ij")
        values = {name: value.ravel() for name, value in self.weekly_means.items()}
        return pd.DataFrame({"room": room.ravel(), "week": week.ravel(), **values})


def simulate(
    policy: Policy | str = "reference",
    parameters: Mapping[str, float] | None = None,
    roster: Roster | None = None,
    rooms: int | None = None,
    seed: int = 0,
    weeks: int = 36,
    replicates: int = 1,
    then: Policy | str | None = None,
    switch: int | None = None,
    engine: str = "vectorised",
    model: Model | None = None,
    progress: Callable[[int], None] = lambda student_weeks: None,
) -> Result:
    """Run classrooms under one policy; with the same seed, the same students with the same luck under every policy.

    >>> simulate("mastery", rooms=3, weeks=4).per_room().shape[0]
    3

    Args:
        policy: a `Policy` or its name.
        parameters: the world; names that are left out take their defaults.
        roster: who sits in the rooms; synthetic classes of 30 where it is left out.
        rooms: how many rooms, up to a million; by default every class of the roster once, or 1,000 synthetic ones.
        seed: 0 <= seed < 2**53.
        weeks: length of the year, 1 to 520.
        replicates: years of luck for the same students, outcomes averaged.
        then: the policy after the switch, and
        switch: the week, from 1, in which it begins.
        engine: a name of `setback.model.engines.registry.ENGINES`.
        model: the phases; by default the model's, and custom mechanisms.
        progress: called with the student-weeks done since it was called last.

    Raises:
        InputError: an unknown name, or a number out of range.
    """
    first, later = as_policy(policy), None if then is None else as_policy(then)
    world = parameters if isinstance(parameters, Parameters) else Parameters(parameters)
    roster = Roster.synthetic() if roster is None else roster
    if not isinstance(roster, Roster):
        raise InputError(f"{shown(roster)} is no roster; read one with Roster.read")
    rooms = whole("rooms", roster.default_rooms() if rooms is None else rooms, 1, MOST_ROOMS)
    seed, weeks = whole("seed", seed, 0, LIMIT - 1), whole("weeks", weeks, 1, LONGEST)
    replicates = whole("replicates", replicates, 1, 10_000)
    switch = check_switch(later, switch, weeks)
    run, phases = engine_named(engine), whole_model() if model is None else model
    numbers = np.arange(rooms)
    size = max(len(c.students) for c in roster.classes)
    total = {name: np.zeros((rooms, size)) for name in OUTCOMES}
    years = {name: np.zeros((rooms, size)) for name in OUTCOMES}  # in which the outcome is known
    weekly = {name: np.zeros((weeks, rooms)) for name in WEEKLY}
    for start in range(0, rooms, BLOCK):
        here = slice(start, start + BLOCK)
        for luck in range(replicates):
            seats = roster.seats(numbers[here].tolist(), seed, luck)
            block = columns(seats, [first], [world], then=[later] if later else None, switch=(switch or 2**31) - 1)
            year = run(block, weeks, WEEKLY, model=phases)
            present = seats.roster[0] > 0.5
            for name, outcome in OUTCOMES.items():
                value = np.where(present, outcome.of(year.end, weeks), np.nan).T
                total[name][here, : value.shape[1]] += np.where(np.isfinite(value), value, 0.0)
                years[name][here, : value.shape[1]] += np.isfinite(value)
            for name, trace in year.trace.items():
                weekly[name][:, here] += np.where(present, trace, 0.0).sum(1) / present.sum(0) / replicates
            progress(block.columns * block.size * weeks)
    outcomes = {name: np.where(years[name] > 0, total[name] / np.maximum(years[name], 1), np.nan) for name in OUTCOMES}
    return Result(first, world, roster, numbers, seed, weeks, replicates, later, switch, outcomes, weekly)
