"""What a run says of the two claims: one row a policy, with learning, failures of each kind, and what a failure causes.

``R_F(9)`` is the failure reproduction number: further failures in the nine weeks after a failure that the failure
caused. ``Λ_F(9)`` is the same for the margin, ``V_F`` the learning value of a failure on the next unit test and at
the end of the year, ``S_F`` its effect on stopping. Definitions: docs/claims.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pandas as pd

from setback.analysis.estimate import Estimate, mean
from setback.model.outcomes import OUTCOMES
from setback.model.policies import GROUPS

#: Estimand, unit, and the columns of the twins that add up to it.
ESTIMANDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "verdict": ("share", "twins in which the policy's own verdict differs", ("verdict",)),
    "R_F": ("failures", "further failures in 9 weeks that a failure caused", tuple(f"d{h}" for h in range(1, 10))),
    "R_F_classmates": ("failures", "classmates' failures in 9 weeks that it caused", ("classmates",)),
    "Lambda_F": ("logit", "mean change of the margin over 9 weeks", ("margin_later",)),
    "S_F": ("share", "change in having stopped 9 weeks later", ("stopped",)),
    "V_F_unit": ("SD", "conceptual knowledge at the next unit test", ("conceptual",)),
    "V_F_year": ("SD", "conceptual knowledge at the end of the year", ("year_conceptual",)),
    "V_F_unit_procedural": ("SD", "procedural knowledge at the next unit test", ("procedural",)),
    "V_F_year_procedural": ("SD", "procedural knowledge at the end of the year", ("year_procedural",)),
}


def cells(outcomes: pd.DataFrame, twins: pd.DataFrame, policies: pd.DataFrame) -> list[dict[str, Any]]:
    """One entry a policy: its parts, every outcome, and every estimand spared and inflicted, with intervals.

    Outcomes are means over students, and their `n` counts rooms; estimands are means over twins, with classes
    as clusters. `value` is a number, or None where there is nothing to average.

    Args:
        outcomes: one row a policy and room, as `setback.analysis.load.Loaded.rows`.
        twins: one row a twin, as `Loaded.twins`; none where there are none.
        policies: the parts of every policy, as `Loaded.policies`.
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
        for flip, kind in itertools.product(flips, ("spared", "inflicted")):
            mine = of_kind.get((flip, str(name), kind), twins.iloc[:0])
            # luck flips are primary and stand at the top; the other kinds beside them, never pooled
            place = entry if flip == "luck" else entry.setdefault(flip, {})
            place[kind] = {
                estimand: _entry(_of_twins(mine, list(columns)), unit)
                for estimand, (unit, _, columns) in ESTIMANDS.items()
            }
        entries.append(entry)
    return entries


def table(entries: list[dict[str, Any]]) -> pd.DataFrame:
    """The entries as a frame: one row a policy, columns such as ("spared", "R_F", "value")."""
    rows = {}
    for entry in entries:
        row: dict[tuple[str, str, str], Any] = {("policy", group, ""): entry[group] for group in GROUPS}
        for part in ("outcomes", "spared", "inflicted"):
            for name, estimate in entry.get(part, {}).items():
                row |= {(part, name, field): estimate[field] for field in ("value", "low", "high", "n")}
        rows[entry["policy"]] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("policy")


def _of_rooms(rows: pd.DataFrame, outcome: str) -> Estimate:
    """The mean over students of the rooms in which the outcome is known."""
    return mean(rows[outcome], rows["class"], rows["students"])


def _of_twins(twins: pd.DataFrame, columns: list[str]) -> Estimate:
    """The mean over the twins of which it is known.

    No interval where all came out alike: rare effects not seen yet say nothing of how rare they are.
    """
    values = twins[columns].sum(axis=1, skipna=False)
    known = values.notna()
    estimate = mean(values[known], twins["class"][known])
    return estimate._replace(low=float("nan"), high=float("nan"), se=float("nan")) if estimate.se == 0.0 else estimate


def _entry(estimate: Estimate, unit: str) -> dict[str, Any]:
    values = {name: None if pd.isna(value) else value for name, value in estimate._asdict().items()}
    return {**values, "unit": unit}
