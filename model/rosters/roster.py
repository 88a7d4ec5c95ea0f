"""Who sits in the class: a synthetic population, or the students of real classes.

A roster holds standard scores of traits, class by class; what it does not hold is drawn by chance. Room r seats
class r, and when there are more rooms than classes it starts again with other luck.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import check_address
from setback.model.errors import InputError, shown, unknown, whole
from setback.model.outcomes import OUTCOMES
from setback.model.rosters.seats import FRIENDS, NETWORKS, Seats, connect
from setback.model.state import OPENED, ROSTER, TRAITS

#: Students in a class that nobody has described, and classes in the reference roster.
CLASS_SIZE, REFERENCE_CLASSES = 30, 1000
#: A class has at least and at most so many students.
SMALLEST, LARGEST = 2, 60
#: What tables of students call their own columns: nothing that is carried has such a name.
TAKEN = frozenset({"room", "class", "school", "student", "week", *TRAITS, *(slot.name for slot in OPENED), *OUTCOMES})


class SchoolClass(NamedTuple):
    """One class: its name, its students' ids, and the standard scores that are known of them (NaN where missing).

    Its school is empty where it is not known.

    What is carried decides nothing: columns of the file, a text per student, that stand in results beside them.
    """

    name: str
    students: tuple[str, ...]
    scores: Mapping[str, NDArray[np.float64]]
    carried: Mapping[str, tuple[str, ...]] = {}
    school: str = ""


class Roster:
    """The classes of a simulation.

    Args:
        classes: the classes; for synthetic ones see `Roster.synthetic`.
        name: what tables and files call this roster.
        network: how students are connected, one of `setback.model.rosters.seats.NETWORKS`.
        notes: what was done to make this roster, one sentence each, printed wherever it is used.
        is_synthetic: every room is another class, drawn from the population.

    Raises:
        InputError: no class, a class of fewer than 2 or more than 60 students, a trait or network that there is
            not, not one score a student, carried columns that classes do not share or results call their own, or a
            school of some classes alone.
    """

    def __init__(
        self,
        classes: Sequence[SchoolClass],
        name: str,
        network: str = "friendship",
        notes: Sequence[str] = (),
        is_synthetic: bool = False,
    ) -> None:
        if network not in NETWORKS:
            raise unknown("network", network, NETWORKS)
        if not classes:
            raise InputError(f"roster {name} is empty; it needs at least one class of {SMALLEST} students")
        for c in classes:
            n = len(c.students)
            if n < SMALLEST:
                students = "1 student" if n == 1 else f"{n} students"
                advice = ' (small = "join" or "leave out" in [class] of a mapping)' if len(classes) > 1 else ""
                raise InputError(
                    f"class {c.name} of roster {name} has {students}; a class needs at least {SMALLEST}{advice}"
                )
            if n > LARGEST:
                raise InputError(
                    f"class {c.name} of roster {name} has {n} students, more than {LARGEST}; "
                    "deal them into classes with [class] deal = 25 in a mapping"
                )
            for trait, scores in c.scores.items():
                if trait not in TRAITS:
                    raise unknown(f"trait in class {c.name} of roster {name}:", trait, TRAITS)
                if np.shape(scores) != (n,):
                    raise InputError(
                        f"class {c.name} of roster {name} has {n} students and scores of shape {np.shape(scores)} "
                        f"for {trait}; it needs one score a student, NaN where missing"
                    )
            _check_carried(c, classes[0], name)
            if bool(c.school) != bool(classes[0].school):
                without, having = sorted((c, classes[0]), key=lambda one: bool(one.school))
                raise InputError(
                    f"class {without.name} of roster {name} has no school and class {having.name} has one; name the "
                    "school of every class, or of none"
                )
        self.classes, self.name, self.network, self.notes = tuple(classes), name, network, tuple(notes)
        self.is_synthetic = is_synthetic

    @classmethod
    def synthetic(cls, size: int = CLASS_SIZE, network: str = "friendship", name: str = "reference") -> Roster:
        """Make classes of which nothing is known: every trait is drawn from the population of the parameters.

        Raises:
            InputError: a size that is no whole number from 2 to 60, or an unknown network.
        """
        size = whole("class size", size, SMALLEST, LARGEST)
        unknown_class = SchoolClass("synthetic", tuple(f"student-{i + 1}" for i in range(size)), {})
        return cls((unknown_class,), name, network, is_synthetic=True)

    @classmethod
    def read(cls, file: str | Path, mapping: str | Path | None = None, network: str = "friendship") -> Roster:
        """Read real classes from a CSV file, through a mapping of its columns; see `setback.model.rosters.mapping`."""
        from setback.model.rosters.mapping import read_roster

        return read_roster(Path(file), Path(mapping) if mapping else None, network)

    @property
    def carried(self) -> dict[str, tuple[str, ...]]:
        """Give what is carried of every student, class by class: the name of a column, and its values."""
        return {column: tuple(v for c in self.classes for v in c.carried[column]) for column in self.classes[0].carried}

    def digest(self) -> str:
        """Give a hash of who sits where and what is known of them: 12 hexadecimal digits."""
        text = hashlib.sha256(self.network.encode())
        for c in self.classes:
            text.update(repr((c.name, c.students)).encode())
            for trait, scores in sorted(c.scores.items()):
                text.update(trait.encode() + np.ascontiguousarray(scores, float).tobytes())
        return text.hexdigest()[:12]

    def default_rooms(self) -> int:
        """Say how many rooms this roster fills: its classes, or the reference number of synthetic ones."""
        return REFERENCE_CLASSES if self.is_synthetic else len(self.classes)

    def in_room(self, room: int) -> SchoolClass:
        """Give the class that sits in a room."""
        return self.classes[room % len(self.classes)]

    def class_of(self, room: int) -> int:
        """Give the number of the class in a room: rooms with the same real class are no independent draws."""
        return room if self.is_synthetic else room % len(self.classes)

    @property
    def schools(self) -> tuple[int, ...]:
        """Give the number of each class's school, from 0 in the order of the classes; nothing where none is known."""
        if not self.classes[0].school:
            return ()
        number = {school: k for k, school in enumerate(dict.fromkeys(c.school for c in self.classes))}
        return tuple(number[c.school] for c in self.classes)

    def schools_in(self, rooms: Sequence[int]) -> NDArray[np.int64] | None:
        """Give the school of each room; None where it is not known, or all lie in one, which says nothing of others."""
        numbers = np.array(self.schools, np.int64)
        found = numbers[np.asarray(rooms) % len(self.classes)] if len(numbers) else numbers
        return found if len(np.unique(found)) > 1 else None

    def seats(self, rooms: Sequence[int], seed: int, luck: int = 0) -> Seats:
        """Make the arrays of a block for some rooms; the largest class decides how many seats there are.

        Args:
            rooms: room numbers, 0 <= room < 2**53.
            seed: the seed in every address of chance, 0 <= seed < 2**53; it also decides who befriends whom.
            luck: which year's luck the same students have.
        """
        check_address("room", rooms)
        check_address("seed", seed)
        size = max(len(self.in_room(room).students) for room in rooms)
        at = {slot.name: k for k, slot in enumerate(ROSTER)}
        roster = np.zeros((len(ROSTER), size, len(rooms)))
        friends = np.zeros((FRIENDS, size, len(rooms)), np.int64)
        weight = np.zeros((FRIENDS, size, len(rooms)))
        roster[at["seat"]] = np.arange(size)[:, None]
        for r, room in enumerate(rooms):
            here = self.in_room(room)
            n = len(here.students)
            roster[at["present"], :n, r] = 1.0
            for trait, scores in here.scores.items():
                known = np.isfinite(scores)
                roster[at[f"known_{trait}"], :n, r] = known
                roster[at[f"given_{trait}"], :n, r] = np.where(known, scores, 0.0)
            friends[:, :n, r], weight[:, :n, r] = connect(self.network, n, room, seed)
        return Seats(np.asarray(rooms, np.int64), roster, friends, weight, seed, luck)

    def __repr__(self) -> str:
        if self.is_synthetic:
            return f"Roster({self.name!r}, synthetic classes of {len(self.classes[0].students)})"
        students = sum(len(c.students) for c in self.classes)
        schools = f" of {max(self.schools) + 1} schools" if self.schools else ""
        return f"Roster({self.name!r}, {students} students in {len(self.classes)} classes{schools})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        rows = [
            {"class": c.name, "students": len(c.students), "known of them": ", ".join(c.scores) or "nothing"}
            for c in self.classes
        ]
        return html(repr(self), self.notes, rows)


def _check_carried(c: SchoolClass, first: SchoolClass, name: str) -> None:
    if c.carried.keys() != first.carried.keys():
        here, there = (", ".join(one.carried) or "nothing" for one in (c, first))
        raise InputError(f"class {c.name} of roster {name} carries {here}, class {first.name} {there}; carry the same")
    for column, values in c.carried.items():
        if column in TAKEN:
            raise InputError(
                f"roster {name} carries {shown(column)}, which results have a column of already; "
                "give it another name in [carry] of the mapping"
            )
        if len(values) != len(c.students):
            raise InputError(
                f"class {c.name} of roster {name} has {len(c.students)} students and {len(values)} values for "
                f"{shown(column)}; it needs one a student"
            )
