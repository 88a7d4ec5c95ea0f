"""A grade book as arrays: one row for each student of a course, one column for each task in order, all of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from setback.model.errors import InputError, shown, unknown

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Scores so little below the mark are at it: a quotient of points may be off by its last bit.
ROUNDING = 1e-9


class Book:
    """A grade book; nothing changes it.

    >>> Book([[0.3, 0.8], [0.9, np.nan]]).missing.sum()
    np.int64(1)

    Args:
        score: (student, task) share of the maximum, mostly 0 to 1; NaN where there is none.
        submitted: (student, task) it was handed in; by default where there is a score.
        withdrawn: (student, task) the student had left for good when it was due; by default nowhere.
        due: (student, task) the student's course has such a task; by default everywhere.
        pass_mark: share of the maximum at which a score is a pass.
        course: (student,) number of the course; scores are standardised within courses. By default one.
        class_id: (student,) number of the class, -1 where it is not known; by default everywhere.
        courses: the names of the courses.
        prior: (student,) an earlier score on any scale; NaN where it is not known, by default everywhere.
        title: what the book is called.
        notes: what was done to make it, one sentence each.

    Raises:
        InputError: if there is no student or no task, shapes differ, the mark is not between 0 and 1, or something was
            handed in after its student had left.
    """

    def __init__(
        self,
        score: ArrayLike,
        submitted: ArrayLike | None = None,
        withdrawn: ArrayLike | None = None,
        due: ArrayLike | None = None,
        pass_mark: float = 0.5,
        course: ArrayLike | None = None,
        class_id: ArrayLike | None = None,
        courses: Sequence[str] = ("",),
        prior: ArrayLike | None = None,
        title: str = "grade book",
        notes: Sequence[str] = (),
    ) -> None:
        given: Array = np.asarray(score, float)
        if given.ndim != 2 or not given.size:
            raise InputError(
                f"{title} has scores of shape {given.shape}; it needs (student, task), one of each at least"
            )
        if not 0.0 < pass_mark < 1.0:
            raise InputError(f"the pass mark is {pass_mark:g}; it needs a share between 0 and 1")

        def filled(name: str, values: ArrayLike | None, default: ArrayLike, shape: tuple[int, ...], kind: type) -> Any:
            made: NDArray[Any] = np.asarray(default if values is None else values, kind)
            if made.shape not in (shape, ()):
                raise InputError(f"{title} has {name} of shape {made.shape}; it needs {shape}")
            return np.broadcast_to(made, shape)

        n = len(given)
        self.due: Mask = filled("due", due, True, given.shape, bool)
        self.withdrawn: Mask = filled("withdrawn", withdrawn, False, given.shape, bool) & self.due
        self.submitted: Mask = filled("submitted", submitted, np.isfinite(given), given.shape, bool) & self.due
        self.score: Array = np.where(self.submitted, given, np.nan)
        self.course: NDArray[np.int64] = filled("course", course, 0, (n,), int)
        self.class_id: NDArray[np.int64] = filled("class_id", class_id, -1, (n,), int)
        self.prior: Array = filled("prior", prior, np.nan, (n,), float)
        self.pass_mark, self.courses, self.title, self.notes = pass_mark, tuple(courses), title, tuple(notes)
        if (self.submitted & np.logical_or.accumulate(self.withdrawn, 1)).any():
            raise InputError(f"{title} has work handed in by students who had left; it is either the one or the other")

    @property
    def students(self) -> int:
        """Count the rows: students, each once for every course."""
        return len(self.score)

    @property
    def tasks(self) -> int:
        """Count the tasks of the longest course."""
        return self.score.shape[1]

    @cached_property
    def classes(self) -> NDArray[np.int64]:
        """Give the numbers of the classes that are known."""
        return np.unique(self.class_id[self.class_id >= 0])

    # ---- what came of each task: masks (student, task) ----------------------------------------------------------
    @cached_property
    def here(self) -> Mask:
        """The task was due, and the student still enrolled."""
        return self.due & ~self.withdrawn

    @cached_property
    def marked(self) -> Mask:
        """It was handed in and has a score."""
        return self.here & np.isfinite(self.score)

    @cached_property
    def failed(self) -> Mask:
        """It was handed in, and its score is below the mark."""
        with np.errstate(invalid="ignore"):
            return self.marked & (self.score < self.pass_mark - ROUNDING)

    @cached_property
    def passed(self) -> Mask:
        """It was handed in, and its score reaches the mark."""
        return self.marked & ~self.failed

    @cached_property
    def missing(self) -> Mask:
        """It was not handed in by a student who was still enrolled."""
        return self.here & ~self.submitted

    @cached_property
    def bad(self) -> Mask:
        """It was failed, or not handed in by a student who was still enrolled."""
        return self.failed | self.missing

    @cached_property
    def decided(self) -> Mask:
        """It was passed, failed, or not handed in by a student who was still enrolled."""
        return self.marked | self.missing

    @cached_property
    def stops(self) -> Mask:
        """It was not handed in, be it that the student had left."""
        return self.missing | self.withdrawn

    @cached_property
    def mean_score(self) -> Array:
        """(student,) the mean of the student's scores; NaN where there is none."""
        count = self.marked.sum(1)
        total = np.where(self.marked, self.score, 0.0).sum(1)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @cached_property
    def stayed(self) -> NDArray[np.bool_]:
        """(student,) the student never left."""
        return np.logical_not(self.withdrawn.any(1))

    @cached_property
    def standard(self) -> Array:
        """(student, task) scores less the mean of course and task, divided by their SD; NaN where there is no score."""
        return standardised(np.where(self.marked, self.score, np.nan), self.course)

    @cached_property
    def handing_in(self) -> Array:
        """(student, task) 1 where it was handed in, else 0, standardised as `standard` is; NaN once a student left."""
        return standardised(np.where(self.here, self.submitted, np.nan), self.course)

    def take(self, rows: Mask | NDArray[np.int64], **changes: Any) -> Book:
        """Give the same book with some of its rows, and with something changed."""
        per_row = ("score", "submitted", "withdrawn", "due", "course", "class_id", "prior")
        parts = {name: getattr(self, name)[rows] for name in per_row}
        rest = {name: getattr(self, name) for name in ("pass_mark", "courses", "title", "notes")}
        return Book(**{**parts, **rest, **changes})

    def of_course(self, name: str) -> Book:
        """Give the rows of one course.

        Raises:
            InputError: if there is no course of that name.
        """
        named = [known for known in self.courses if known]
        if not named:
            raise InputError(f"{self.title} names no courses, and {shown(name)} cannot be picked; leave out the course")
        if name not in named:
            raise unknown(f"course in {self.title}:", name, named)
        rows = self.course == self.courses.index(name)
        longest = int(self.due[rows].any(0).nonzero()[0].max(initial=0)) + 1
        book = self.take(rows, title=f"{self.title}, {name}")
        return book._first(longest)

    def _first(self, tasks: int) -> Book:
        """Give the same book with its first tasks alone."""
        cut = {name: getattr(self, name)[:, :tasks] for name in ("score", "submitted", "withdrawn", "due")}
        return self.take(np.ones(self.students, bool), **cut)

    def __repr__(self) -> str:
        classes = f", {len(self.classes)} classes" if len(self.classes) else ""
        return f"Book({self.title!r}: {self.students} students, {self.tasks} tasks{classes})"


def standardised(score: Array, course: NDArray[np.int64]) -> Array:
    """Give scores less the mean of their course and task, divided by their SD; NaN where there is none or no spread.

    Args:
        score: (student, task), NaN where there is none.
        course: (student,) number of the course.
    """
    made = np.full(score.shape, np.nan)
    for number in np.unique(course):
        rows = course == number
        here = score[rows]
        known = np.isfinite(here)
        n = np.maximum(known.sum(0), 1)
        away = here - np.where(known, here, 0.0).sum(0) / n
        spread = np.sqrt(np.where(known, away**2, 0.0).sum(0) / n)
        made[rows] = np.divide(away, spread, out=np.full(away.shape, np.nan), where=spread > 1e-12)
    return made


def of_weeks(
    score: Array,
    submitted: Mask,
    enrolled: Mask,
    present: Mask,
    weeks: ArrayLike | None = None,
    pass_mark: float = 0.5,
    title: str = "simulated classes",
) -> Book:
    """Give the book of simulated classes from what is traced week by week.

    A student who stops does so when a week ends, so that the tasks of that week still were due to an enrolled student.

    Args:
        score: (week, seat, room) score of the test, 0 to 1.
        submitted: (week, seat, room) something was handed in.
        enrolled: (week, seat, room) still in the class when the week had ended.
        present: (seat, room) somebody sits there.
        weeks: weeks, from 0, whose tests are the tasks; all by default.
        pass_mark: share of the maximum at which a score is a pass.
        title: what the book is called.

    Returns:
        The book; a row for each student, room by room, and each room a class.
    """
    chosen = np.arange(len(score)) if weeks is None else np.asarray(weeks, int)
    room, seat = np.nonzero(present.T)

    def rows(values: NDArray[Any]) -> NDArray[Any]:
        return values[chosen][:, seat, room].T

    began = np.concatenate([np.ones_like(enrolled[:1]), enrolled[:-1]])
    return Book(
        rows(score), rows(submitted), ~rows(began), pass_mark=pass_mark, class_id=room, title=title
    )  # fmt: skip
