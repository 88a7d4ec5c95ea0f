"""Failures, students or groups of students, each with the class of what failing did, and what can be measured of it.

The classes are those of `setback.analysis.classes`: learning, costly learning, harmless, failing. A *failure* is one
twin whose failure was spared, and has the class of its own further failures and knowledge; a *student* that of the
means over the failures of one student in one world under one policy; a *group* that over those of the students of one
class who are alike in all groupings of the study. What is measured is what a person can look up or decide: the
student's groups, how hard the week's task was, how far below the line the result lay, the week, and the numbers in
which the policies differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.analysis.breakdown import check_challenge
from setback.analysis.classes import CLASSES, Failing, classify
from setback.analysis.discovery import Condition, Discovery, discover
from setback.analysis.estimate import clusters
from setback.analysis.load import Results
from setback.analysis.student_map import HALVES
from setback.experiments.studies.groups import COLUMN_OF_TWINS
from setback.experiments.twins.effects import FLIP, Effect, check_made
from setback.experiments.twins.estimands import ESTIMANDS, TURNED
from setback.model.errors import InputError, unknown
from setback.model.parameters import LEVER_NAMES, ROWS

#: What a unit can be, and what several are called.
UNITS: Mapping[str, str] = {
    "failure": "failures", "student": "years of students", "group": "years of groups of students",
}  # fmt: skip
#: What is seen of each failure.
SEEN = ("challenge", "distance_below_the_line", "week")


class Units(NamedTuple):
    """Failures, students or groups of students.

    Attributes:
        numbers: one row a unit, one column what is measured; groups are 0, 1, 2, … from the lowest.
        labels: the names of the groups.
        draws: one row a unit: its ``world``, worlds of the same numbers being one, and ``draw``, its class or school.
        policy: (unit,) its policy.
        classes: (unit,) a place in `CLASSES`.
        things: what the units are, in the plural.
    """

    numbers: pd.DataFrame
    labels: Mapping[str, tuple[str, ...]]
    draws: pd.DataFrame
    policy: pd.Series
    classes: NDArray[np.int64]
    things: str

    def discover(self, name: str, density: float | None = None, only: Sequence[str] | None = None) -> Discovery:
        """Find the conditions under which a unit is of a class; see `setback.analysis.discovery.discover`.

        Args:
            name: a name of `CLASSES`.
            density: the least density of the box in the half where it is found.
            only: columns of `numbers` that are looked at; by default all.

        Raises:
            InputError: if there is no such class or number, or too few units are of it, or of another one.
        """
        if name not in CLASSES:
            raise unknown("class", name, CLASSES)
        known = [str(column) for column in self.numbers]
        for one in only or ():
            if one not in known:
                raise unknown("thing that is measured of a failure", one, known)
        x = self.numbers[list(only) if only else known]
        cases = self.classes == CLASSES.index(name)
        return discover(x, cases, density, draws=self.draws, labels=self.labels, things=self.things)

    def under(self, policy: str) -> Units:
        """Give the units of one policy; numbers in which it does not vary are left out."""
        mine = (self.policy == policy).to_numpy()
        numbers = self.numbers[mine].reset_index(drop=True)
        numbers = numbers[[name for name in numbers if numbers[name].nunique() > 1]]
        draws, policies = (of[mine].reset_index(drop=True) for of in (self.draws, self.policy))
        return self._replace(numbers=numbers, draws=draws, policy=policies, classes=self.classes[mine])  # type: ignore[arg-type]

    def by_policy(self, condition: Condition) -> str:
        """Say under which policies a condition on their numbers holds; nothing of one on what students bring."""
        if condition.name not in LEVER_NAMES or condition.name not in self.numbers:
            return ""
        values = self.numbers[condition.name].to_numpy()
        inside = (
            pd.Series((values >= condition.low) & (values <= condition.high)).groupby(self.policy.to_numpy()).mean()
        )
        if not inside.isin([0.0, 1.0]).all():
            return ""
        order = list(dict.fromkeys(self.policy))
        those, others = ([name for name in order if inside[name] == is_so] for is_so in (1.0, 0.0))
        meaning = ROWS[condition.name].description.rstrip(".")
        said = f"{condition} ({meaning[:1].lower()}{meaning[1:]}) holds under"
        return f"{said} {_listed(those)} alone" if len(those) <= len(others) else f"{said} all but {_listed(others)}"

    def sentences(self, found: Discovery, name: str, flip: str = FLIP) -> list[str]:
        """Say under which conditions a unit is of a class, and which policies they mean."""
        said = [text for condition in found.conditions if (text := self.by_policy(condition))]
        case = f"{TURNED[flip]} is {name}"
        return [found.sentence(case), *(f"{text[:1].upper()}{text[1:]}." for text in said)]

    def shares(self) -> pd.DataFrame:
        """Give the share of each class, one row a policy, with how many ``units`` it has."""
        table = pd.crosstab(self.policy, pd.Categorical.from_codes(self.classes, CLASSES), dropna=False)  # type: ignore[call-overload]
        table = table.reindex(index=list(dict.fromkeys(self.policy)), columns=[*CLASSES], fill_value=0)
        found = table.div(table.sum(axis=1), axis=0).assign(units=table.sum(axis=1))
        return found.rename_axis("policy").rename_axis(columns=None).reset_index()


def units(
    results: Results,
    kind: str = "failure",
    when: str = "unit",
    flip: str = FLIP,
    policies: Sequence[str] | None = None,
) -> Units:
    """Give the units of a study.

    Args:
        results: a finished study with twins.
        kind: a name of `UNITS`.
        when: when the learning value is looked at, at the next ``unit`` test or at the end of the ``year``.
        flip: what was turned.
        policies: by default all.

    Raises:
        InputError: if the study cannot answer.
    """
    study, failing = results.study, Failing.at(when)
    if kind not in UNITS:
        raise unknown("unit", kind, UNITS)
    if flip not in TURNED:
        raise unknown("flip", flip, TURNED)
    if results.unfinished:
        raise InputError(f"{results.folder} is {results.unfinished}; finish it first: setback run goes on with it")
    rows = [ESTIMANDS[name] for name in (failing.further, failing.value)]
    for row in rows:
        check_made(Effect(row, flip), study)
    names = [results.policy_named(name) for name in policies] if policies else [*map(str, results.policies.index)]
    bands = {str(one["by"]): tuple(map(str, one["labels"])) for one in study.get("groups") or () if one["cuts"]}
    twins = _read(results, rows, bands, flip, names)
    groups = [COLUMN_OF_TWINS.format(name) for name in bands]
    if kind == "group" and not groups:
        raise InputError(f"{study['name']} tells no groups of students apart; name some in [groups] of the study")
    levers = _levers(results, twins)
    twins = twins.join(levers)
    if kind != "failure":
        key = ["policy", "world", "room", *(["seat"] if kind == "student" else groups)]
        same = [name for name in ("draw", *groups) if name not in key]
        means = twins.groupby(key, sort=False)[["further", "value", *SEEN, *levers]].mean()
        twins = means.join(twins.groupby(key, sort=False)[same].first()).reset_index()
    labels = {name: tuple(_said(name, of)) for name, of in bands.items()}
    numbers = twins[[*groups, *SEEN]].astype(float).rename(columns=dict(zip(groups, bands)))
    numbers = numbers.join(twins[[*levers]])
    same_worlds = np.unique(results.worlds.to_numpy(float), axis=0, return_inverse=True)[1].reshape(-1)
    world = pd.Series(same_worlds, results.worlds.index).reindex(twins["world"]).to_numpy()
    return Units(
        numbers,
        labels,
        pd.DataFrame({"world": world, "draw": twins["draw"]}),
        twins["policy"],
        classify(twins["further"], twins["value"], failing),
        UNITS[kind],
    )


def _read(
    results: Results, rows: Sequence[Any], bands: Mapping[str, Sequence[str]], flip: str, policies: Sequence[str]
) -> pd.DataFrame:
    """Read the failures that were spared, of which both effects are known; groups as numbers."""
    which = ["world", "policy", "room", "class", "seat", "week", "challenge", "distance", "flip", "spared"]
    effects = [column for row in rows for column in row.columns]
    groups = {COLUMN_OF_TWINS.format(name): labels for name, labels in bands.items()}
    parts = []
    for part in results.in_parts("twins", [*which, *effects, *groups]):
        check_challenge(results, part)
        mine = part[(part["flip"] == flip) & part["spared"] & part["policy"].isin(policies)]
        mine = mine.astype({"policy": str})
        for column, labels in groups.items():
            mine[column] = pd.Index(labels).get_indexer(pd.Index(mine[column].astype(str)))
        values = {name: mine[list(row.columns)].sum(axis=1, skipna=False) for name, row in zip(VALUES, rows)}
        mine = mine.assign(**values, draw=mine[clusters(mine)], distance_below_the_line=-mine["distance"])
        columns = ["world", "policy", "room", "draw", "seat", *SEEN, *VALUES, *groups]
        parts.append(mine.loc[mine[[*VALUES]].notna().all(axis=1), columns])
    found = pd.concat(parts, ignore_index=True)
    if not len(found):
        raise InputError(f"nobody in {results.study['name']} is a case of {TURNED[flip]} under these policies")
    return found


VALUES = ("further", "value")


def _levers(results: Results, twins: pd.DataFrame) -> pd.DataFrame:
    """Give the numbers in which policies, or worlds, set other levers, in the week of each failure.

    A lever that takes an assumed number that varies is left out: it is another one in each world.
    """
    assumed = {lever for of in results.study["assumed"] for taken in of.values() for lever in taken}
    known = list(map(str, results.policies.index))
    stages = [{int(first): levers for first, levers in of.items()} for of in results.study["levers"]]
    week, place = twins["week"].to_numpy(), pd.Index(known).get_indexer(pd.Index(twins["policy"]))
    found = {}
    for name in (name for name in LEVER_NAMES if name not in assumed):
        values = np.full(len(twins), np.nan)
        for k, of in enumerate(stages):
            for first in sorted(of):
                values[(place == k) & (week >= first)] = of[first].get(name, np.nan)
        if name in results.worlds:
            values = results.worlds[name].reindex(twins["world"]).to_numpy(float)
        if np.isfinite(values).all() and np.ptp(values) > 0.0:
            found[name] = values
    return pd.DataFrame(found, twins.index)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " * (len(names) > 1) + names[-1] if names else "none"


def _said(name: str, labels: Sequence[str]) -> Sequence[str]:
    return HALVES[name] if name in HALVES and len(labels) == 2 else labels
