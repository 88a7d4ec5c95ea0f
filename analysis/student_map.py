"""The map over students: for whom, under which policy, a failure is learning, and for whom it is failing.

A cell is a group of students by two or three groupings of a study, over all of its worlds. It shows what a failure
caused on average, of all twins of these students whose failure was spared: further failures (R_F) and knowledge (V_F),
and the class of these two means (`setback.analysis.classes`). Intervals hold the luck of worlds and of rooms at once
(`setback.analysis.crossed`). A class is *sure* where it is the same at all four corners of the two intervals.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.analysis.classes import CLASSES, Failing, classify
from setback.analysis.crossed import CrossedSums, Means, Places
from setback.analysis.effects import columns as columns_of
from setback.analysis.effects import of
from setback.analysis.estimate import FEW_TWINS, clusters
from setback.analysis.load import Results
from setback.experiments.studies.groups import COLUMN_OF_TWINS
from setback.experiments.twins.effects import FLIP, check_made, has_twins
from setback.experiments.twins.effects import Effect as OfFailing
from setback.experiments.twins.estimands import ESTIMANDS, TURNED
from setback.model.errors import InputError, unknown

Yes = NDArray[np.bool_]
#: Groupings of a map at least and at most.
LEAST, MOST = 2, 3
#: What the halves of a trait are called where lower and upper say nothing.
HALVES: Mapping[str, tuple[str, str]] = {"attribution_style": ("leaning to effort", "leaning to helplessness")}
#: What names of classes are in a sentence that begins with a failure.
SAID: Mapping[str, str] = dict(zip(CLASSES, ("learning", "learning at a cost", "harmless", "failing")))
#: Ranges of groups that a sentence names at most, and the classes of which it names any; others are counted.
NAMED, TOLD = 2, ("failing", "learning")


class StudentMap(NamedTuple):
    r"""What a failure causes, over groups of students.

    Attributes:
        groupings: the two or three groupings.
        labels: the groups of each, from the lowest up.
        policies: a panel each.
        flip: what was turned, one of `TURNED`.
        failing: by which effects classes are told, and their marks.
        further, value: R_F (failures) and V_F (SD) with their intervals, (policy, \*cells) each.
        twins: how many twins of known effects are in a cell.
    """

    groupings: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    policies: tuple[str, ...]
    flip: str
    failing: Failing
    further: Means
    value: Means
    twins: Places

    @property
    def classes(self) -> Places:
        """The class of the two means, a place in `CLASSES`; -1 in cells of too few twins."""
        return np.where(self.twins >= FEW_TWINS, classify(self.further.mean, self.value.mean, self.failing), -1)

    @property
    def is_sure(self) -> Yes:
        """Say in which cells the class is the same at all corners of the two intervals."""
        corners = itertools.product((self.further.low, self.further.high), (self.value.low, self.value.high))
        found = self.classes
        same = [classify(further, value, self.failing) == found for further, value in corners]
        return np.asarray((found >= 0) & np.logical_and.reduce(same))

    def table(self) -> pd.DataFrame:
        """Give one row a policy and cell: the group of each grouping, R_F and V_F with intervals, twins, class, sure.

        Effects are NaN of no twin; ``class`` is empty in cells of too few twins, where nothing is sure.
        """
        at = np.indices(self.twins.shape).reshape(self.twins.ndim, -1)
        of_group = {name: np.array(labels, object)[k] for name, labels, k in zip(self.groupings, self.labels, at[1:])}
        found: dict[str, Any] = {"policy": np.array(self.policies, object)[at[0]], **of_group, "flip": self.flip}
        for name, means in ((self.failing.further, self.further), (self.failing.value, self.value)):
            ends = zip((name, f"{name} low", f"{name} high"), means)
            found |= {column: values.reshape(-1) for column, values in ends}
        names = np.array([*CLASSES, ""], object)
        found |= {"twins": self.twins.reshape(-1), "worlds": self.further.worlds.reshape(-1)}
        return pd.DataFrame(found | {"class": names[self.classes].reshape(-1), "sure": self.is_sure.reshape(-1)})

    def sentences(self) -> list[str]:
        """Say of each policy for which students a failure is what, and how sure it is."""
        return [f"In the model, {said}" for said in map(self._sentence, range(len(self.policies)))]

    def _sentence(self, panel: int) -> str:
        found, sure, policy = self.classes[panel], self.is_sure[panel], self.policies[panel]
        turned, groups = TURNED[self.flip], found.size
        if not self.twins[panel].sum():
            return f"under {policy} nobody is a case of {turned}."
        if not (found >= 0).any():
            return f"what {turned} does under {policy} is not known: fewer than {FEW_TWINS} twins in every group."
        parts = list[str]()
        for name in (*TOLD, *(other for other in CLASSES if other not in TOLD)):
            here = found == CLASSES.index(name)
            if count := int(here.sum()):
                who = f"{count} of {groups} groups of students" if not parts else f"{count}"
                whom = f" ({self.whom(here)})" if name in TOLD and count < groups else ""
                parts.append(f"{SAID[name]} for {who}, surely for {int(sure[here].sum())}{whom}")
        few = int((found < 0).sum())
        rest = f"; of {few} there are fewer than {FEW_TWINS} twins" if few else ""
        return f"{turned} under {policy} is {'; '.join(parts)}{rest}."

    def whom(self, cells: Yes) -> str:
        r"""Name the students of some cells by as few ranges of groups as cover them, one after another the largest.

        Args:
            cells: (\*cells) which.
        """
        boxes = [box for box in _boxes(cells.shape) if cells[box].all()]
        left, said = cells.copy(), list[str]()
        while left.any() and len(said) < NAMED:
            box = max(boxes, key=lambda box: int(left[box].sum()))
            left[box] = False
            said.append(self._box(box))
        if more := int(left.sum()):
            said.append(f"and {more} more")
        return "; ".join(said)

    def _box(self, box: tuple[slice, ...]) -> str:
        """Name the students of a range of groups by what does not hold of all."""
        parts = []
        for name, labels, range_ in zip(self.groupings, self.labels, box):
            if len(chosen := labels[range_]) < len(labels):
                said = " or ".join(plainly(name, label, labels) for label in chosen)
                parts.append(said if name in HALVES and len(labels) == 2 else f"{name.replace('_', ' ')} {said}")
        return ", ".join(parts) or "all"


def plainly(name: str, label: str, labels: Sequence[str]) -> str:
    """Give the name of a group as people say it.

    >>> plainly("attribution_style", "upper half", ("lower half", "upper half"))
    'leaning to helplessness'
    >>> plainly("resilience", "lowest third", ("lowest third", "middle third", "highest third"))
    'lowest third'
    """
    return HALVES[name][labels.index(label)] if name in HALVES and len(labels) == 2 and label in labels else label


def student_map(
    results: Results,
    groupings: Sequence[str] | None = None,
    flip: str = FLIP,
    when: str = "unit",
    policies: list[str] | None = None,
) -> StudentMap:
    """Map what a failure causes over groups of students, policy by policy.

    Args:
        results: a finished study with twins and groups.
        groupings: two or three groupings of the study; by default its first ones.
        flip: what was turned, one of the study's flips.
        when: when the learning value is looked at, at the next ``unit`` test or at the end of the ``year``.
        policies: a panel each; by default all.

    Raises:
        InputError: if the study cannot answer.
    """
    failing = Failing.at(when)
    asked = _groupings(results, groupings, flip, failing)
    effects = [OfFailing(ESTIMANDS[name], flip) for name in (failing.further, failing.value)]
    names = [results.policy_named(name) for name in policies] if policies else [*results.policies.index]
    names = list(dict.fromkeys(map(str, names)))
    shape = (len(names), *(len(labels) for labels in asked.values()))
    sums = [CrossedSums(int(np.prod(shape))) for _ in effects]
    twins = np.zeros(int(np.prod(shape)), np.int64)
    # schools are no draws of what is told apart by school
    draw = (lambda _: "class") if "school" in asked else clusters
    of_group = [COLUMN_OF_TWINS.format(name) for name in asked]
    for part in results.in_parts("twins", [*columns_of(effects), "class", *of_group]):
        mine = of(part, effects[0])
        at = [pd.Index(names).get_indexer(pd.Index(mine["policy"]))]
        at += [
            pd.Index(labels).get_indexer(pd.Index(mine[name].astype(str)))
            for name, labels in zip(of_group, asked.values())
        ]
        both = pd.DataFrame({one.row.name: mine[list(one.row.columns)].sum(axis=1, skipna=False) for one in effects})
        known = both.notna().all(axis=1).to_numpy() & (np.stack(at) >= 0).all(0)
        mine, both = mine[known], both[known]
        cell = np.ravel_multi_index([place[known] for place in at], shape)
        twins += np.bincount(cell, minlength=len(twins))
        for one, added in zip(effects, sums):
            rows = {"world": mine["world"], "draw": mine[draw(mine)], "share": 1.0, "value": both[one.row.name]}
            added.add(pd.DataFrame(rows), cell)
    further, value = (added.means().shaped(shape) for added in sums)
    return StudentMap(
        tuple(asked), tuple(asked.values()), tuple(names), flip, failing, further, value, twins.reshape(shape)
    )


def has_students(results: Results) -> bool:
    """Say whether a study has what a map over students needs: twins, and two groupings."""
    return has_twins(results.study) and len(results.study.get("groups") or ()) >= LEAST


def groupings_of(results: Results) -> tuple[str, ...]:
    """Name the groupings of a study."""
    return tuple(str(one["by"]) for one in results.study.get("groups") or ())


def _groupings(
    results: Results, groupings: Sequence[str] | None, flip: str, failing: Failing
) -> dict[str, tuple[str, ...]]:
    """Give the groupings that are asked for, with their groups.

    Raises:
        InputError: if the study cannot answer.
    """
    study = results.study
    name, known = study["name"], {str(one["by"]): tuple(one["labels"]) for one in study.get("groups") or ()}
    if results.unfinished:
        raise InputError(f"{results.folder} is {results.unfinished}; finish it first: setback run goes on with it")
    if flip not in TURNED:
        raise unknown("flip", flip, TURNED)
    for estimand in (failing.further, failing.value):
        check_made(OfFailing(ESTIMANDS[estimand], flip), study)
    if not known:
        raise InputError(f"{name} tells no groups of students apart; name two in [groups] of the study, and run it")
    asked = list(groupings if groupings is not None else known)[: MOST if groupings is None else None]
    for one in asked:
        if one not in known:
            raise unknown(f"grouping of {name}", one, known)
    if len({*asked}) < len(asked):
        raise InputError(f"{asked[-1]} is named twice; name different groupings of the study")
    if not LEAST <= len(asked) <= MOST:
        there = f"{name} has {', '.join(known)}" if len(known) > 1 else f"{name} has {asked[0]} alone in [groups]"
        raise InputError(f"a map over students needs two or three groupings, not {len(asked)}; {there}")
    return {one: known[one] for one in asked}


def _boxes(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Give every range of neighbouring groups along every grouping."""
    sides = [[slice(a, b) for a in range(n) for b in range(a + 1, n + 1)] for n in shape]
    yield from itertools.product(*sides)
