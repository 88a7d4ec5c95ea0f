"""Groups tell students apart for whom results are given: bands of what they began the year with, or a roster's labels.

A study names them in ``[groups]``::

    [groups]
    resilience = 3            # thirds of the population
    knowledge = [0.25, 0.75]  # cuts at quantiles of the population
    position = 2              # halves of the class, by prior knowledge
    school = true             # a column of the roster

Who belongs where hangs on the student and on who sits in the same class, never on the other rooms of a study: so a
study may grow, and nobody changes groups. A band of a trait is one of the population that the student's standard score
is of (a third is below the normal quantile 1/3), a band of the position is one of the students of a class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from numbers import Integral
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.errors import InputError, number, shown, unknown
from setback.model.outcomes import OUTCOMES, class_mean
from setback.model.rosters.roster import Roster
from setback.model.state import OPENED

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

#: Traits of which there are bands, and the standard score of each; and the place among classmates, by prior knowledge.
TRAITS: Mapping[str, str] = {
    slot.name.removesuffix("_score"): slot.name for slot in OPENED if slot.name.endswith("_score")
}
POSITION, SCORE_OF_POSITION = "position", TRAITS["knowledge"]
#: Bands of one trait, and labels of one column, at most; and what those without a label are called.
MOST_BANDS, MOST_LABELS, NO_LABEL = 10, 20, "not stated"
#: What equal bands are called, from the lowest; others are called by their ends in percent.
NAMES: Mapping[int, tuple[str, ...]] = {
    2: ("lower half", "upper half"),
    3: ("lowest third", "middle third", "highest third"),
    4: ("lowest quarter", "second quarter", "third quarter", "highest quarter"),
}
#: The column of a twin table that says the group, for each grouping.
COLUMN_OF_TWINS = "group_{}"


class Grouping(NamedTuple):
    """One way to tell students apart, into groups that nobody is missing from.

    Attributes:
        name: a name of `TRAITS`, `POSITION`, or a column of the roster.
        cuts: the shares of the population, or of the class, that lie below each cut; none for a column.
    """

    name: str
    cuts: tuple[float, ...] = ()

    def labels(self, roster: Roster) -> tuple[str, ...]:
        """Name the groups, from the lowest band up, or in the order of a roster's classes.

        Raises:
            InputError: if the roster has no such column.
        """
        if self.cuts:
            k = len(self.cuts) + 1
            if k in NAMES and self.cuts == _equal(k):
                return NAMES[k]
            ends = [f"{100 * cut:.4g}" for cut in (0.0, *self.cuts, 1.0)]
            return tuple(f"{low} to {high} %" for low, high in pairwise(ends))
        return tuple(dict.fromkeys(label for of_class in _column(self.name, roster) for label in of_class))

    def of(self, roster: Roster, rooms: Rows, end: Mapping[str, Array], present: NDArray[np.bool_]) -> Rows:
        """Give the group of each student, (seat, column), by its position in `labels`; -1 on empty seats.

        Args:
            roster: who sits in the rooms.
            rooms: (column,) the number of each column's room.
            end: the slots of students, (seat, column), as a run leaves them.
            present: (seat, column) where somebody sits.
        """
        if not self.cuts:
            found = _of_column(self, roster, rooms, len(present))
        elif self.name == POSITION:
            found = np.searchsorted(self.cuts, position(end[SCORE_OF_POSITION], present), "right")
        else:
            normal = [NormalDist().inv_cdf(cut) for cut in self.cuts]
            found = np.searchsorted(normal, end[TRAITS[self.name]], "right")
        told: Rows = np.where(present, found, -1)
        return told


def read_groups(asked: object) -> tuple[Grouping, ...]:
    """Give the groupings that are asked for: what a study file says under ``[groups]``, or groupings as they are.

    Raises:
        InputError: a trait that there is not, bands that there cannot be, or cuts out of order.
    """
    if not isinstance(asked, Mapping):
        return tuple(asked)  # type: ignore[arg-type]
    return tuple(_read(name, said) for name, said in asked.items())


def _read(name: str, said: object) -> Grouping:
    known = (*TRAITS, POSITION)
    if said is True:
        if name in known:
            raise InputError(f"{name} in [groups] is a trait; say into how many bands, as in {name} = 3")
        return Grouping(name)
    if said is False or not isinstance(said, (Integral, Sequence)) or isinstance(said, str):
        needs = "a number of bands, cuts as in [0.25, 0.75], or true for a column of the roster"
        raise InputError(f"{name} in [groups] is {shown(said)}; it needs {needs}")
    if name not in known:
        raise unknown("trait in [groups] (a column of the roster takes true):", name, known)
    if isinstance(said, Integral):
        bands = int(said)
        if not 2 <= bands <= MOST_BANDS:
            raise InputError(f"{name} in [groups] is {shown(said)}; it needs 2 to {MOST_BANDS} bands")
        return Grouping(name, _equal(bands))
    cuts = tuple(number(f"a cut of {name} in [groups]", cut, 0.0, 1.0) for cut in said)
    if not 1 <= len(cuts) < MOST_BANDS:
        raise InputError(f"{name} in [groups] has {len(cuts)} cuts; it needs 1 to {MOST_BANDS - 1}, as in [0.25, 0.75]")
    if not all(low < high for low, high in pairwise((0.0, *cuts, 1.0))):
        raise InputError(
            f"the cuts of {name} in [groups] are {shown(list(cuts))}; they need to rise, each above 0 and below 1"
        )
    return Grouping(name, cuts)


def check_groups(groupings: Sequence[Grouping], roster: Roster, rooms: int, outcomes: Iterable[str]) -> None:
    """Refuse groups that nothing could be said of.

    Args:
        groupings: the groupings.
        roster: who sits in the rooms.
        rooms: how many rooms every world has.
        outcomes: outcomes that are kept.

    Raises:
        InputError: a column that the roster has not, with one label alone or too many; a group that nobody in these
            rooms belongs to; no outcome that is a student's; or a grouping twice.
    """
    if groupings and not of_students(outcomes):
        raise InputError(f"groups are told apart by outcomes of students; keep one beside {', '.join(outcomes)}")
    for k, grouping in enumerate(groupings):
        name = grouping.name
        if name in {other.name for other in groupings[:k]}:
            raise InputError(f"{name} stands twice among the groups; take one of them away")
        if grouping.cuts:
            if name == POSITION:
                _check_places(grouping, roster, rooms)
            continue
        labels = grouping.labels(roster)
        if len(labels) < 2:
            raise InputError(
                f"column {name} of roster {roster.name} says {shown(labels[0])} of everybody; name another"
            )
        if len(labels) > MOST_LABELS:
            raise InputError(
                f"column {name} of roster {roster.name} has {len(labels):,} labels; a column of groups may have "
                f"{MOST_LABELS}, so put them together in the file"
            )
        column = _column(name, roster)
        there = {label for room in range(min(rooms, len(column))) for label in column[room]}
        for label in labels:
            if label not in there:
                raise InputError(
                    f"nobody in the {rooms:,} rooms of the study is in group {shown(label)} of column {name}; take "
                    f"{len(column):,} rooms, one for each class of the roster"
                )


def of_students(outcomes: Iterable[str]) -> tuple[str, ...]:
    """Name those outcomes that are a student's own: the gap within a class is none of a group."""
    return tuple(name for name in outcomes if not OUTCOMES[name].of_class)


def stated(groupings: Iterable[Grouping], roster: Roster) -> list[dict[str, Any]]:
    """Say all that decides the groups as plain data: cuts, labels, and of a column who has which."""
    return [
        {
            "by": grouping.name,
            "cuts": list(grouping.cuts),
            "labels": list(grouping.labels(roster)),
            "digest": "" if grouping.cuts else _digest(_column(grouping.name, roster)),
        }
        for grouping in groupings
    ]


class Part(NamedTuple):
    """Groups of students with somebody in them, a row each.

    Attributes:
        column: (row,) the column of the run, and
        grouping, group: (row,) the positions of the grouping and of its label.
        students: (row,) how many are in it.
        means: (outcome, row) mean over those of whom the outcome is known, and
        known: (outcome, row) how many they are.
    """

    column: Rows
    grouping: Rows
    group: Rows
    students: Rows
    means: Array
    known: Rows


def measure(of: Sequence[Rows], values: Sequence[Array]) -> Part:
    """Measure outcomes group by group.

    Args:
        of: for each grouping the group of each student, (seat, column), as `Grouping.of` gives it.
        values: for each outcome the number of each student, (seat, column), NaN where it is not known.
    """
    parts = []
    for g, group in enumerate(of):
        for k in range(int(group.max(initial=-1)) + 1):
            inside = group == k
            column = np.flatnonzero(inside.any(0))
            inside = inside[:, column]
            mine = [np.where(inside, value[:, column], np.nan) for value in values]
            means = np.stack([class_mean(value) for value in mine])
            known = np.stack([np.isfinite(value).sum(0) for value in mine])
            grouping, label = np.full(len(column), g), np.full(len(column), k)
            parts.append(Part(column, grouping, label, inside.sum(0), means, known))
    return Part._make(np.concatenate(columns, -1) for columns in zip(*parts))


def position(score: Array, present: NDArray[np.bool_]) -> Array:
    """Give the share of the class that a student is ahead of, half of those who are level counted; (seat, column).

    >>> position(np.array([[0.1], [2.0], [0.1], [-1.0]]), np.array([[True]] * 4))[:, 0].tolist()
    [0.5, 0.875, 0.5, 0.125]
    """
    mine, others = score[:, None], np.where(present, score, np.nan)[None]
    ahead = (others < mine).sum(1) + 0.5 * (others == mine).sum(1)
    found: Array = ahead / present.sum(0)
    return found


def _digest(column: list[tuple[str, ...]]) -> str:
    return hashlib.sha256(repr(column).encode()).hexdigest()[:12]


def _equal(bands: int) -> tuple[float, ...]:
    return tuple(k / bands for k in range(1, bands))


def _check_places(grouping: Grouping, roster: Roster, rooms: int) -> None:
    sizes = {len(roster.in_room(room).students) for room in range(min(rooms, len(roster.classes)))}
    held = {band for n in sizes for band in np.searchsorted(grouping.cuts, (np.arange(n) + 0.5) / n, "right").tolist()}
    for k, label in enumerate(grouping.labels(roster)):
        if k not in held:
            raise InputError(
                f"nobody is in group {shown(label)} of {grouping.name} in classes of at most {max(sizes)} students; "
                "take wider bands"
            )


def _column(name: str, roster: Roster) -> list[tuple[str, ...]]:
    """Give the label of every student in a column of a roster, class by class."""
    if name == "school" and roster.classes[0].school:
        return [(c.school,) * len(c.students) for c in roster.classes]
    if name not in roster.carried:
        known = [*(["school"] if roster.classes[0].school else []), *roster.carried]
        if not known:
            raise InputError(
                f"roster {roster.name} has no column {shown(name)} for groups, nor any other; name it in [carry] of "
                "the mapping of real classes"
            )
        raise unknown(f"column of roster {roster.name} for groups", name, known)
    return [tuple(label.strip() or NO_LABEL for label in c.carried[name]) for c in roster.classes]


def _of_column(grouping: Grouping, roster: Roster, rooms: Rows, size: int) -> Rows:
    """Give the position of each student's label, (seat, column); -1 where nobody sits."""
    number = {label: k for k, label in enumerate(grouping.labels(roster))}
    column = _column(grouping.name, roster)
    classes, at = np.unique(rooms % len(roster.classes), return_inverse=True)
    found = np.full((size, len(classes)), -1)
    for k, one in enumerate(classes.tolist()):
        found[: len(column[one]), k] = [number[label] for label in column[one]]
    return found[:, at]
