"""What a run says of the two claims: one entry a policy, with its outcomes and what a failure causes.

Estimands are the rows of `setback.experiments.twins.estimands`; definitions: docs/claims.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from setback.analysis.estimate import Estimate, mean
from setback.experiments.twins.estimands import AVERAGED, ESTIMANDS, Estimand
from setback.model.outcomes import OUTCOMES
from setback.model.policies import GROUPS


def cells(outcomes: pd.DataFrame, twins: pd.DataFrame, policies: pd.DataFrame) -> list[dict[str, Any]]:
    """Give one entry a policy: its parts, every outcome, and every estimand spared and inflicted, with intervals.

    *Spared* is the effect on the treated (failures that occurred), *inflicted* that on the untreated (passes).

    Outcomes are means over students, and their `n` counts rooms; estimands are means over twins, with classes
    as clusters. `value` is a number, or None where there is nothing to average.

    Args:
        outcomes: one row a policy and room, as `setback.analysis.load.Results.rows`.
        twins: one row a twin, as `Results.twins`; none where there are none.
        policies: the parts of every policy, as `Results.policies`.
    """
    entries = []
    of_kind: dict[tuple[str, str, str], pd.DataFrame] = {}
    by = ["flip", "policy", "spared"]
    for (flip, policy, spared), rows in twins.groupby(by, observed=True) if len(twins) else ():
        of_kind[str(flip), str(policy), "spared" if spared else "inflicted"] = rows
    flips = list(dict.fromkeys(flip for flip, _, _ in of_kind))
    for name, rows in outcomes.groupby("policy", sort=False, observed=True):
        entry: dict[str, Any] = {"policy": str(name)} | {g: str(policies.loc[str(name), g]) for g in GROUPS}
        kept = {o: row for o, row in OUTCOMES.items() if o in rows}
        entry["outcomes"] = {o: _entry(_of_rooms(rows[rows[o].notna()], o), row.unit) for o, row in kept.items()}
        for flip, kind in itertools.product(flips, AVERAGED):
            mine = of_kind.get((flip, str(name), kind), twins.iloc[:0])
            # luck flips are primary and stand at the top; the other kinds beside them, never pooled
            place = entry if flip == "luck" else entry.setdefault(flip, {})
            place[kind] = {name: _entry(estimate(mine, row), row.unit) for name, row in ESTIMANDS.items()}
        entries.append(entry)
    return entries


def estimate(twins: pd.DataFrame, row: Estimand) -> Estimate:
    """Give the mean of an estimand over the twins of which it is known, with classes as clusters.

    No interval where all came out alike: rare effects not seen yet say nothing of how rare they are.

    Args:
        twins: one row a twin, of one kind of flip and one side.
        row: the estimand.
    """
    values = twins[list(row.columns)].sum(axis=1, skipna=False).dropna()
    found = mean(values, twins.loc[values.index, "class"])
    return found._replace(low=float("nan"), high=float("nan"), se=float("nan")) if found.se == 0.0 else found


def table(entries: list[dict[str, Any]]) -> pd.DataFrame:
    """Give the entries as a frame: one row a policy, columns such as ("spared", "R_F", "value")."""
    rows = {}
    for entry in entries:
        row: dict[tuple[str, str, str], Any] = {("policy", group, ""): entry[group] for group in GROUPS}
        for part in ("outcomes", *AVERAGED):
            for name, found in entry.get(part, {}).items():
                row |= {(part, name, field): found[field] for field in ("value", "low", "high", "n")}
        rows[entry["policy"]] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("policy")


def beside(entry: Mapping[str, Any], under: Iterable[str], first: Iterable[str] = ()) -> list[str]:
    """Give what a policy is beside what it stands under; of one that changes in mid-year, its name as it is.

    >>> beside({"policy": "curve+accelerated+stakes=1", "grading": "curve"}, ["grading"])
    ['accelerated', 'stakes=1']

    Args:
        entry: what `cells` gives for the policy.
        under: groups whose parts are said elsewhere.
        first: groups whose parts are named first, the reference too.
    """
    policy = str(entry["policy"])
    if ">" in policy:
        return [policy]
    said = {entry[group] for group in under}
    return [*(str(entry[group]) for group in first), *(word for word in policy.split("+") if word not in said)]


def _of_rooms(rows: pd.DataFrame, outcome: str) -> Estimate:
    """Give the mean over students of the rooms in which the outcome is known."""
    return mean(rows[outcome], rows["class"], rows["students"])


def _entry(found: Estimate, unit: str) -> dict[str, Any]:
    values = {name: None if pd.isna(value) else value for name, value in found._asdict().items()}
    return {**values, "unit": unit}
