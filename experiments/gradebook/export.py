"""The grade book of simulated classes has one row for every task that was due, as a school keeps it.

What the columns mean is in docs/gradebook.md; nothing that only a simulation knows (effort, causes, control) is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from setback.experiments.simulate import MOST_ROOMS
from setback.model.arithmetic import logistic
from setback.model.chance import LIMIT
from setback.model.engines.block import Run, columns
from setback.model.engines.registry import engine as engine_named
from setback.model.errors import InputError, shown, whole
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster
from setback.model.week import LONGEST, MODEL, Model
from setback.model.writing import plain, written

if TYPE_CHECKING:
    import pandas as pd

#: The columns of a grade book, in order.
COLUMNS = (
    "class_id", "student_id", "week", "kind", "attempt", "score", "max_score", "enrolled", "submitted", "passed",
    "withdrawn", "final_passed",
)  # fmt: skip
#: What can be due in a week, in order: its kind and the number of the attempt.
TASKS = (("practice", 1), ("assessment", 1), ("retake", 2), ("retake", 3))
#: What the assessment of a week is called in which a graded assignment is due.
ASSIGNMENT = "assignment"
#: Full marks, and the mean from which a year is passed.
MAX_SCORE, PASS_MARK = 100, 50
#: Synthetic classes in a grade book, unless asked for more or fewer.
ROOMS = 100
#: Student-weeks that are run at once: what is held in memory does not grow with the number of rooms.
BLOCK = 2**16
#: Slots that the rows are made of.
TRACED = (
    "present", "enrolled", "submitted", "attempt_shortfall", "practice_error", "score", "heard_learning",
    "below_criterion", "grade", "verdict", "percentile_rank", "retaken",
    "assignment_due", "result_told",
)  # fmt: skip


def gradebook(
    policy: Policy | PolicyChange | str = "reference",
    parameters: Mapping[str, float] | None = None,
    roster: Roster | None = None,
    rooms: int | None = None,
    seed: int = 0,
    weeks: int = 36,
    engine: str = "vectorised",
    model: Model = MODEL,
) -> pd.DataFrame:
    """Give the grade book of classes under one policy, as one table.

    >>> gradebook("mastery", rooms=1, weeks=2).shape[1]
    12

    Args:
        policy: a policy, or its text; it may change in mid-year.
        parameters: the world; names that are left out take their defaults.
        roster: who sits in the rooms; synthetic classes of 30 where it is left out.
        rooms: how many rooms; by default every class of the roster once, or `ROOMS` synthetic ones.
        seed: 0 <= seed < 2**53.
        weeks: length of the year, 1 to 520.
        engine: a name of `setback.model.engines.registry.ENGINES`.
        model: the model, as with custom mechanisms.

    Returns:
        One row per task that was due, with the columns of `COLUMNS`, by class, week and student.

    Raises:
        InputError: an unknown name, or a number out of range.
    """
    import pandas as pd

    return pd.concat(pages(policy, parameters, roster, rooms, seed, weeks, engine, model), ignore_index=True)


def pages(
    policy: Policy | PolicyChange | str = "reference",
    parameters: Mapping[str, float] | None = None,
    roster: Roster | None = None,
    rooms: int | None = None,
    seed: int = 0,
    weeks: int = 36,
    engine: str = "vectorised",
    model: Model = MODEL,
    progress: Callable[[int], None] = lambda rooms: None,
) -> Iterator[pd.DataFrame]:
    """Give the same grade book some rooms at a time, in memory that does not grow with their number.

    Args:
        policy: as of `gradebook`, and so are all up to ``model``.
        parameters: the world.
        roster: who sits in the rooms.
        rooms: how many rooms.
        seed: the seed.
        weeks: length of the year.
        engine: the engine.
        model: the model.
        progress: called with the rooms done since it was called last.

    Raises:
        InputError: an unknown name, or a number out of range; before anything is run.
    """
    world = model.parameters(parameters)
    who = Roster.synthetic() if roster is None else roster
    if not isinstance(who, Roster):
        raise InputError(f"{shown(who)} is no roster; read one with Roster.read")
    count = (ROOMS if who.is_synthetic else who.default_rooms()) if rooms is None else rooms
    count, weeks = whole("rooms", count, 1, MOST_ROOMS), whole("weeks", weeks, 1, LONGEST)
    seed, plan = whole("seed", seed, 0, LIMIT - 1), model.as_policy(policy, weeks)
    run = engine_named(engine)
    size = max(len(c.students) for c in who.classes)
    at_once = max(1, BLOCK // (size * weeks))
    policies = [plan.in_week(week) for week in range(1, weeks + 1)]

    def parts() -> Iterator[pd.DataFrame]:
        for start in range(0, count, at_once):
            numbers = list(range(start, min(start + at_once, count)))
            seats = who.seats(numbers, seed)
            block = columns(seats, [plan], [world])
            yield page(run(block, weeks, TRACED, model=model), policies, who, numbers)
            progress(len(numbers))

    return parts()


def page(year: Run, policies: list[Policy], roster: Roster, rooms: list[int]) -> pd.DataFrame:
    """Give the rows of some rooms.

    Args:
        year: what the engine gives, with the slots of `TRACED`.
        policies: the policy of every week.
        roster: who sits in the rooms.
        rooms: the rooms' numbers.
    """
    import pandas as pd

    def by_week(lever: str) -> NDArray[np.float64]:
        return np.array([policy[lever] for policy in policies])[None, :, None]

    # every array is (room, week, seat) from here on, and the four tasks of a week come last
    slot = {name: np.moveaxis(trace, 2, 0) for name, trace in year.trace.items()}
    # who stops does so when a week ends: its tasks were due
    enrolled = np.concatenate([np.ones_like(slot["submitted"][:, :1]), slot["enrolled"][:, :-1]], 1) > 0.5
    tried, retaken = slot["submitted"] > 0.5, slot["retaken"]
    told, assigned = slot["result_told"] > 0.0, slot["assignment_due"] > 0.5
    final = np.where(assigned.any(1, keepdims=True), assigned, True)  # what counts, in a year without assignments all
    mean = (final * slot["score"]).sum(1) / final.sum(1)  # what is not handed in has the score 0
    own = 1.0 - by_week("comparison")  # the weight of the student's score in the grade, beside the rank
    stands = (slot["grade"] - (1.0 - own) * slot["percentile_rank"]) / np.where(own > 0.0, own, 1.0)
    nothing, always = np.full(tried.shape, np.nan), np.ones(tried.shape, bool)
    tasks = {
        "due": (always, always, retaken > 0.5, retaken > 1.5),
        "score": (
            logistic(-slot["attempt_shortfall"]),
            slot["score"],
            # of two retakes the first is known to have failed, and by how much is not kept
            np.where(retaken > 1.5, nothing, stands),
            stands,
        ),
        "passed": (
            slot["practice_error"] < 0.5,
            np.where(told, slot["heard_learning"] < 0.5, slot["below_criterion"] < 0.5),
            (retaken < 1.5) & (slot["verdict"] > 0.5),
            slot["verdict"] > 0.5,
        ),
    }
    stacked = {name: np.stack(values, -1) for name, values in tasks.items()}
    due = stacked["due"] & (slot["present"] > 0.5)[..., None]
    room, week, seat, task = np.nonzero(due)
    handed_in = tried[room, week, seat]
    here = enrolled[room, week, seat].astype(np.int64)
    class_ids, student_ids = ids(roster, rooms, tried.shape[2])
    kinds, attempts = (np.array(part, object) for part in zip(*TASKS))
    is_assignment = (kinds[task] == "assessment") & assigned[room, week, 0]
    return pd.DataFrame(
        {
            "class_id": class_ids[room],
            "student_id": student_ids[room, seat],
            "week": week + 1,
            "kind": np.where(is_assignment, ASSIGNMENT, kinds[task]),
            "attempt": attempts[task].astype(np.int64),
            "score": np.where(handed_in, np.round(MAX_SCORE * stacked["score"][due], 1), np.nan),
            "max_score": MAX_SCORE,
            "enrolled": here,
            "submitted": handed_in.astype(np.int64),
            "passed": (handed_in & stacked["passed"][due]).astype(np.int64),
            "withdrawn": 1 - here,
            "final_passed": (MAX_SCORE * mean >= PASS_MARK)[room, seat].astype(np.int64),
        },
        columns=COLUMNS,
    )


def ids(roster: Roster, rooms: list[int], seats: int) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Name the classes (room,) and the students (room, seat), so that no name stands for two of them.

    A synthetic class is called by its room, and its students by room and seat. Real ones keep their names; where there
    are more rooms than classes, those who sit there for the second time, with other luck, get a "#2", and so on; a
    "##2" where a real name ends like that already.
    """
    mark = _mark(roster) if rooms and max(rooms) >= len(roster.classes) else "#"
    classes, students = np.full(len(rooms), "", object), np.full((len(rooms), seats), "", object)
    for k, room in enumerate(rooms):
        here, before = roster.in_room(room), room // len(roster.classes)
        prefix = f"room-{room}-" if roster.is_synthetic else ""
        suffix = f"{mark}{before + 1}" if before and not roster.is_synthetic else ""
        classes[k] = f"room-{room}" if roster.is_synthetic else f"{here.name}{suffix}"
        students[k, : len(here.students)] = [f"{prefix}{name}{suffix}" for name in here.students]
    return classes, students


def _mark(roster: Roster) -> str:
    """Give as many "#" as no name of the roster has before a number at its end."""
    names = [name for c in roster.classes for name in (c.name, *c.students)]
    ends = [re.search(r"(#+)[0-9]+\Z", name) for name in names if "#" in name]
    return "#" * (1 + max((len(end[1]) for end in ends if end), default=0))


# ---- on disk -----------------------------------------------------------------------------------------------
def write(path: Path, book: Iterable[pd.DataFrame]) -> int:
    """Write a grade book to a CSV file that is not there yet, whole or not at all; return the number of rows.

    Raises:
        InputError: something is there already, or nothing can be written there.
        StopError: the disk is full.
    """
    rows = 0
    with written(path, new=True) as file:
        for frame in book:
            names = {name: frame[name].map(plain) for name in ("class_id", "student_id")}
            frame.assign(**names).to_csv(file, index=False, header=rows == 0, lineterminator="\n", encoding="utf-8")
            rows += len(frame)
    return rows
