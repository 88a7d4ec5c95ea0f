"""What is kept of a run: outcomes of the year, the weeks of the class, and the weeks of its students."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass

from setback.model.errors import InputError, number, shown, unknown
from setback.model.measures import measure
from setback.model.outcomes import OUTCOMES, Outcome
from setback.model.state import SLOTS

#: Slots whose class means are kept week by week, unless others are asked for.
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


@dataclass(frozen=True)
class Keep:
    """What is kept of a run, in the same words for a classroom, a simulation and a study.

    >>> Keep(students=["control"]).students
    ('control',)

    Args:
        outcomes: names of `OUTCOMES`; all of them unless some are named. Of a study also quantiles of the students of a
            class and shares of them, ``learning.q10`` and ``learning<0.2`` (`setback.model.measures`).
        students: slots that are kept of every student in every week,
        share: in this share of the rooms, drawn by address, the same under every policy.
        classes: slots whose class means are kept in every week, of `simulate` alone.
        known: the outcomes that there are; by default `OUTCOMES`, and those of a model by `Model.keep`.

    Raises:
        InputError: if a name is not there, no outcome is named, a slot is the class's, or the share is not from 0 to 1.
    """

    outcomes: Sequence[str] = tuple(OUTCOMES)
    students: Sequence[str] = ()
    share: float = 1.0
    classes: Sequence[str] = WEEKLY
    known: InitVar[Mapping[str, Outcome] | None] = None

    def __post_init__(self, known: Mapping[str, Outcome] | None) -> None:
        for field in ("outcomes", "students", "classes"):
            names = getattr(self, field)
            if isinstance(names, str) or not isinstance(names, Sequence):
                raise InputError(f"{field} to keep is {shown(names)}; it needs a list of names, as in ['control']")
            object.__setattr__(self, field, tuple(dict.fromkeys(names)))
        object.__setattr__(self, "share", number("share of rooms to keep students of", self.share, 0, 1))
        if not self.outcomes:
            raise InputError("no outcome is kept; name at least one")
        for outcome in self.outcomes:
            measure(outcome, OUTCOMES if known is None else known)
        for slot in (*self.students, *self.classes):
            if slot not in SLOTS:
                raise unknown("slot to keep", slot, SLOTS)
            if SLOTS[slot].of != "student":
                raise InputError(f"{slot} is a number of the class; weeks are kept of numbers of a student")

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that an engine has to keep for this, each once."""
        return tuple(dict.fromkeys((*self.classes, *self.students)))
