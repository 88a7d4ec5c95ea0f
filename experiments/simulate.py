"""Many classrooms are run under one policy: outcomes for every student, every room, and every week of the class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import LIMIT, uniform
from setback.model.engines.block import columns
from setback.model.engines.registry import engine as engine_named
from setback.model.errors import InputError, shown, unknown, whole
from setback.model.keep import Keep
from setback.model.outcomes import OUTCOMES, class_mean
from setback.model.parameters import Parameters
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster
from setback.model.state import OPENED
from setback.model.week import LONGEST, MODEL, Model

if TYPE_CHECKING:
    import pandas as pd

    from setback.experiments.contrast import Contrast

#: Rooms in a block.
BLOCK = 512
#: The most rooms that can be asked for: every student is kept in memory.
MOST_ROOMS = 1_000_000
#: What is known of a student when the year begins, and stays.
TRAITS = tuple(slot.name for slot in OPENED if slot.of == "student")
#: For whom: outcomes and traits (standard scores) that are compared unless others are named.
FOR_WHOM = ("learning", "below_criterion_rate", "helpless", "dropout")
SCORES = ("resilience_score", "attribution_style_score", "knowledge_score")


@dataclass(frozen=True, repr=False)
class Result:
    """What a simulation measured; ``second - first`` compares two of the same students.

    Attributes:
        policy: the policy, which may change in mid-year.
        parameters: the world.
        roster: who sat in the rooms.
        rooms: (room,) room numbers.
        seed: the seed; `replicates` years of luck were averaged.
        weeks: length of the year.
        outcomes: outcome -> (room, seat), NaN on empty seats and where it is not known.
        weekly_means: slot -> (week, room), class means over occupied seats.
        present: (room, seat), whether somebody sits there.
        traits: trait -> (room, seat), what each student began the year with.
        sampled: (sample,) positions in `rooms` of the rooms whose students were kept week by week.
        student_weeks: slot -> (week, sample, seat).
        one_year: outcome in SD -> (room, seat), in the first of the years of luck alone.
    """

    policy: Policy | PolicyChange
    parameters: Parameters
    roster: Roster
    rooms: NDArray[np.int64]
    seed: int
    weeks: int
    replicates: int
    outcomes: Mapping[str, NDArray[np.float64]]
    weekly_means: Mapping[str, NDArray[np.float64]]
    present: NDArray[np.bool_]
    traits: Mapping[str, NDArray[np.float64]]
    sampled: NDArray[np.int64]
    student_weeks: Mapping[str, NDArray[np.float64]]
    one_year: Mapping[str, NDArray[np.float64]]

    def per_student(self) -> pd.DataFrame:
        """Give one row a student: room, number of the class, student, the roster's own columns, traits and outcomes.

        The roster's own columns are those that it carries along; traits are what the student began the year with.
        Where the rooms lie in several schools, the number of the school stands behind that of the class.
        """
        import pandas as pd

        room, seat = np.nonzero(self.present)
        values = {name: value[room, seat] for name, value in (*self.traits.items(), *self.outcomes.items())}
        return pd.DataFrame({**self._students(room, seat), **self._carried(room, seat), **values})

    def for_whom(self, outcomes: Sequence[str] = FOR_WHOM, traits: Sequence[str] = SCORES) -> pd.DataFrame:
        """Say what one SD of what a student began with goes with, classmates compared, the other traits held.

        Args:
            outcomes: outcomes that were kept.
            traits: what a student began with, names of the columns of `per_student`.

        Returns:
            One row an outcome and trait: the change of the outcome per SD of the trait within classes, its 95 %
            interval, standard error, students and classes; see `setback.analysis.slopes.within`.

        Raises:
            InputError: if an outcome was not kept, or there is no such trait.
        """
        import pandas as pd

        from setback.analysis.slopes import within

        for name in outcomes:
            if name not in self.outcomes:
                raise unknown("outcome that was kept", name, self.outcomes)
        for name in traits:
            if name not in self.traits:
                raise unknown("trait", name, self.traits)
        frame = self.per_student()
        found = {outcome: within(frame, outcome, traits) for outcome in outcomes}
        rows = [{"outcome": o, "trait": t, **of[t]._asdict()} for o, of in found.items() for t in traits]
        return pd.DataFrame(rows).set_index(["outcome", "trait"])

    def per_room(self) -> pd.DataFrame:
        """Give one row a room: its number, its class, its students, and the mean of every outcome."""
        import pandas as pd

        names = [self.roster.in_room(int(number)).name for number in self.rooms]
        means = {name: class_mean(value, 1) for name, value in self.outcomes.items()}
        return pd.DataFrame({"room": self.rooms, "class": names, "students": self.present.sum(1), **means})

    def per_week(self) -> pd.DataFrame:
        """Give one row a room and week (from 1): class means of the slots of `setback.Keep.classes`."""
        import pandas as pd

        week, room = np.meshgrid(np.arange(1, self.weeks + 1), self.rooms, indexing="ij")
        values = {name: value.ravel() for name, value in self.weekly_means.items()}
        return pd.DataFrame({"room": room.ravel(), "week": week.ravel(), **values})

    def per_student_week(self) -> pd.DataFrame:
        """Give one row a student and week (from 1): the slots that were to be kept of students, means over replicates.

        Raises:
            InputError: if none were.
        """
        import pandas as pd

        if not self.student_weeks:
            raise InputError("no weeks of students were kept; ask for them, as in keep=sb.Keep(students=['control'])")
        sample, seat = np.nonzero(self.present[self.sampled])
        n, room = len(seat), self.sampled[sample]
        who = {name: np.repeat(np.asarray(column), self.weeks) for name, column in self._students(room, seat).items()}
        week = np.tile(np.arange(1, self.weeks + 1), n)
        values = {name: value[:, sample, seat].T.ravel() for name, value in self.student_weeks.items()}
        return pd.DataFrame({**who, "week": week, **values})

    def _students(self, room: NDArray[np.int64], seat: NDArray[np.int64]) -> dict[str, object]:
        """Columns that name the students on some seats, each the position of its room and the seat."""
        numbers = np.array([self.roster.class_of(int(number)) for number in self.rooms])
        classes = [self.roster.in_room(int(number)) for number in self.rooms]
        names = [classes[r].students[s] for r, s in zip(room, seat)]
        schools = self.roster.schools_in(self.rooms.tolist())
        of_school = {} if schools is None else {"school": schools[room]}
        return {"room": self.rooms[room], "class": numbers[room], **of_school, "student": names}

    def _carried(self, room: NDArray[np.int64], seat: NDArray[np.int64]) -> dict[str, object]:
        """The roster's own columns for some seats; a roster that carries none has none."""
        classes = [self.roster.in_room(int(number)) for number in self.rooms]
        return {name: [classes[r].carried[name][s] for r, s in zip(room, seat)] for name in self.roster.carried}

    def __sub__(self, other: Result) -> Contrast:
        """Compare the same students under this policy with the other: paired effects."""
        from setback.experiments.contrast import Contrast

        if not isinstance(other, Result):
            return NotImplemented
        return Contrast(other, self)

    def _size(self) -> str:
        luck = f", mean of {self.replicates} years of luck" if self.replicates > 1 else ""
        many = f"{len(self.rooms):,} classroom{'s' * (len(self.rooms) != 1)}, {int(self.present.sum()):,} students"
        return f"{many}, {self.weeks} weeks, seed {self.seed}{luck}"

    def __repr__(self) -> str:
        return f"Result({self.policy.name!r}: {self._size()})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        changed = ", ".join(f"{name}={value:g}" for name, value in self.parameters.changed().items())
        rows = [
            {"outcome": name, "mean": float(np.nanmean(value)) if np.isfinite(value).any() else np.nan,
             "unit": OUTCOMES[name].unit, "": OUTCOMES[name].description}
            for name, value in self.outcomes.items()
        ]  # fmt: skip
        return html(f"Result: {self.policy.name}", [self._size(), changed], rows)


def simulate(
    policy: Policy | PolicyChange | str = "reference",
    parameters: Mapping[str, float] | None = None,
    roster: Roster | None = None,
    rooms: int | None = None,
    seed: int = 0,
    weeks: int = 36,
    replicates: int = 1,
    engine: str = "vectorised",
    model: Model = MODEL,
    keep: Keep = Keep(),  # noqa: B008, it is frozen
    progress: Callable[[int], None] = lambda student_weeks: None,
) -> Result:
    """Run classrooms under one policy; with the same seed, the same students with the same luck under every policy.

    >>> simulate("high-pressure > low-pressure-mastery @ 3", rooms=3, weeks=4).per_room().shape[0]
    3

    Args:
        policy: a policy, or its text; it may change in mid-year.
        parameters: the world; names that are left out take their defaults.
        roster: who sits in the rooms; synthetic classes of 30 where it is left out.
        rooms: how many rooms, up to a million; by default every class of the roster once, or 1,000 synthetic ones.
        seed: 0 <= seed < 2**53.
        weeks: length of the year, 1 to 520.
        replicates: years of luck for the same students, outcomes averaged.
        engine: a name of `setback.model.engines.registry.ENGINES`.
        model: the model, as with custom mechanisms.
        keep: what is kept, as in ``Keep(students=["control"])``; by default every outcome and some class means.
        progress: called with the student-weeks done since it was called last.

    Raises:
        InputError: an unknown name, or a number out of range.
    """
    world = model.parameters(parameters)
    roster = Roster.synthetic() if roster is None else roster
    if not isinstance(roster, Roster):
        raise InputError(f"{shown(roster)} is no roster; read one with Roster.read")
    rooms = whole("rooms", roster.default_rooms() if rooms is None else rooms, 1, MOST_ROOMS)
    seed, weeks = whole("seed", seed, 0, LIMIT - 1), whole("weeks", weeks, 1, LONGEST)
    replicates = whole("replicates", replicates, 1, 10_000)
    policy, run = model.as_policy(policy, weeks), engine_named(engine)
    numbers = np.arange(rooms)
    size = max(len(c.students) for c in roster.classes)
    if not isinstance(keep, Keep):
        raise InputError(f"keep is {shown(keep)}; it needs a Keep, as in Keep(students=['control'])")
    if other := next((name for name in keep.outcomes if name not in OUTCOMES), None):
        raise InputError(f"{other} is measured by studies alone; keep it in [keep] outcomes of a study")
    total = {name: np.zeros((rooms, size)) for name in keep.outcomes}
    years = {name: np.zeros((rooms, size)) for name in keep.outcomes}  # in which the outcome is known
    one_year = {name: np.full((rooms, size), np.nan) for name in keep.outcomes if OUTCOMES[name].unit == "SD"}
    weekly = {name: np.zeros((weeks, rooms)) for name in keep.classes}
    is_here, traits = np.zeros((rooms, size), bool), {name: np.full((rooms, size), np.nan) for name in TRAITS}
    drawn = uniform(seed, "traces", numbers, 0, 0) < keep.share if keep.students else np.zeros(rooms, bool)
    sampled, sample = np.flatnonzero(drawn), np.cumsum(drawn) - 1
    of_students = {name: np.zeros((weeks, len(sampled), size)) for name in keep.students}
    for start in range(0, rooms, BLOCK):
        here = slice(start, start + BLOCK)
        for luck in range(replicates):
            seats = roster.seats(numbers[here].tolist(), seed, luck)
            block = columns(seats, [policy], [world])
            year = run(block, weeks, keep.slots, model=model)
            present = seats.roster[0] > 0.5
            is_here[here, : len(present)] = present.T
            for name, value in traits.items():
                value[here, : len(present)] = np.where(present, year.end[name], np.nan).T
            for name in keep.outcomes:
                value = np.where(present, OUTCOMES[name].of(year.end, weeks), np.nan).T
                total[name][here, : value.shape[1]] += np.where(np.isfinite(value), value, 0.0)
                years[name][here, : value.shape[1]] += np.isfinite(value)
                if luck == 0 and name in one_year:
                    one_year[name][here, : value.shape[1]] = value
            for name in keep.classes:
                weekly[name][:, here] += np.where(present, year.trace[name], 0.0).sum(1) / present.sum(0) / replicates
            kept = np.flatnonzero(drawn[here])
            for name, weeks_of in of_students.items():
                weeks_of[:, sample[here][kept], : len(present)] += (
                    year.trace[name][..., kept].swapaxes(1, 2) / replicates
                )
            progress(block.columns * block.size * weeks)
    outcomes = {
        name: np.where(years[name] > 0, total[name] / np.maximum(years[name], 1), np.nan) for name in keep.outcomes
    }
    return Result(
        policy, world, roster, numbers, seed, weeks, replicates, outcomes, weekly, is_here, traits,
        sampled, of_students, one_year,
    )  # fmt: skip
