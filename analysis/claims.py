"""What a run says of the two claims: one entry a policy, with its outcomes and what a failure causes.

Estimands are the rows of `setback.experiments.twins.estimands`; definitions: docs/claims.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from setback.analysis.estimate import (
    Estimate,
    Figure,
    bootstrap,
    bounded,
    by_room,
    clusters,
    mean,
    one_less_ratio,
    sum_of_means,
)
from setback.experiments.twins.estimands import AVERAGED, ESTIMANDS, TURNED, Estimand
from setback.model.outcomes import OUTCOMES
from setback.model.policies import GROUPS

#: Both sides of the line have twins of every kind up to this distance (SDs of the noise): the common band.
BAND = 0.5
#: What is said of the common band and of students alike, beside all twins.
BESIDE = ("R_F", "Lambda_F", "S_F", "V_F_unit", "V_F_year")


def cells(
    outcomes: pd.DataFrame, twins: pd.DataFrame, policies: pd.DataFrame, units: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Give one entry a policy: its parts, every outcome, and every estimand by flip and side, with intervals.

    *Spared* is the effect on the treated (failures that occurred), *inflicted* that on the untreated (passes). Under
    the name of each flip stand the two sides, the same of the common ``band`` of distances from the line, the same
    with all ``students`` alike instead of all twins, and R_F cut into ``lags`` (d1 to d9) and into ``distances`` from
    the line (thirds of one SD of the noise). Flips are never pooled.

    Outcomes are means over students, and their `n` counts rooms; estimands are means over twins. Clusters are
    schools where the tables know them, else classes. `value` is a number, or None where there is nothing to average.

    Args:
        outcomes: one row a policy and room, as `setback.analysis.load.Results.rows`.
        twins: one row a twin, as `Results.twins`; none where there are none.
        policies: the parts of every policy, as `Results.policies`.
        units: the outcomes that are told, with the unit of each; by default all of the model's own that are there.
    """
    entries = []
    told = units or {name: row.unit for name, row in OUTCOMES.items() if name in outcomes}
    flips = [name for name in TURNED if len(twins) and (twins["flip"] == name).any()]
    for name, rows in outcomes.groupby("policy", sort=False, observed=True):
        entry: dict[str, Any] = {"policy": str(name)} | {g: str(policies.loc[str(name), g]) for g in GROUPS}
        entry["outcomes"] = {o: _entry(_of_rooms(rows[rows[o].notna()], o), unit) for o, unit in told.items()}
        for flip in flips:
            mine = twins[(twins["policy"] == name) & (twins["flip"] == flip)]
            near = mine[mine["distance"].abs() <= BAND]
            entry[flip] = _sides(mine) | {"band": _sides(near, BESIDE), "students": _sides(mine, BESIDE, alike=True)}
            entry[flip] |= {"lags": _parts(mine, by_lag), "distances": _parts(mine, by_distance)}
        entries.append(entry)
    return entries


def _parts(twins: pd.DataFrame, by: Callable[[pd.DataFrame, Estimand], list[Estimate]]) -> dict[str, Any]:
    """Give R_F of both sides, cut into parts."""
    row = ESTIMANDS["R_F"]
    sides = {side: twins[twins["spared"] == (side == "spared")] for side in AVERAGED}
    return {side: [_entry(found, row.unit) for found in by(mine, row)] for side, mine in sides.items()}


def _sides(twins: pd.DataFrame, names: Iterable[str] = ESTIMANDS, alike: bool = False) -> dict[str, Any]:
    """Give the estimands of both sides, those of them that the table has columns for."""
    found: dict[str, Any] = {}
    for side in AVERAGED:
        mine = twins[twins["spared"] == (side == "spared")]
        rows = (ESTIMANDS[name] for name in names if {*ESTIMANDS[name].columns} <= {*twins})
        found[side] = {row.name: _entry(estimate(mine, row, alike), row.unit) for row in rows}
    return found


def estimate(twins: pd.DataFrame, row: Estimand, alike: bool = False) -> Estimate:
    """Estimate an estimand over the twins of which it is known, with schools, or else classes, as clusters.

    Args:
        twins: one row a twin, of one kind of flip and one side.
        row: the estimand.
        alike: all students count alike, however many twins each of them has.
    """
    twins = twins[twins[row.among] == 1.0] if row.among else twins
    names = twins[clusters(twins)].unique()
    names.sort()
    weights = 1.0 / twins.groupby(["room", "seat"])["seat"].transform("size") if alike else None
    rooms = by_room(twins[list(row.columns)], twins[clusters(twins)], names, weights)
    if not row.over:
        return bounded(bootstrap(sum_of_means(rooms), len(names), rooms.n), rooms, row.low, row.high)
    whole = by_room(twins[list(row.over)], twins[clusters(twins)], names, weights)
    effect = bounded(bootstrap(sum_of_means(whole), len(names), whole.n), whole, row.low, row.high)
    if not effect.low > 0.0 and not effect.high < 0.0:  # a share of nothing
        return Estimate(float("nan"), float("nan"), float("nan"), float("nan"), rooms.n, len(names))
    return bootstrap(figure_of(twins, row, names, weights), len(names), rooms.n)


def figure_of(twins: pd.DataFrame, row: Estimand, names: Any, weights: pd.Series | None = None) -> Figure:
    """Give an estimand as a figure of rooms, whose names are given in order."""
    part = sum_of_means(by_room(twins[list(row.columns)], twins[clusters(twins)], names, weights))
    if not row.over:
        return part
    return one_less_ratio(part, sum_of_means(by_room(twins[list(row.over)], twins[clusters(twins)], names, weights)))


def by_lag(twins: pd.DataFrame, row: Estimand) -> list[Estimate]:
    """Estimate each column of an estimand by itself: d1, d2, … of R_F, to be drawn against the weeks."""
    low, high = row.low / len(row.columns), row.high / len(row.columns)
    return [estimate(twins, row._replace(columns=(name,), low=low, high=high)) for name in row.columns]


def by_distance(twins: pd.DataFrame, row: Estimand, parts: int = 3) -> list[Estimate]:
    """Estimate an estimand by how far the outcome lay from the line that was turned: a dose and its response.

    Args:
        twins: one row a twin, of one kind of flip and one side.
        row: the estimand.
        parts: into how many equal parts the greatest distance, one SD of the noise, is cut.
    """
    part = (twins["distance"].abs() * parts).clip(upper=parts - 0.5).astype(int)
    return [estimate(twins[part == k], row) for k in range(parts)]


def table(entries: list[dict[str, Any]]) -> pd.DataFrame:
    """Give the entries as a frame: one row a policy, columns such as ("line, spared", "R_F", "value")."""
    rows = {}
    for entry in entries:
        row: dict[tuple[str, str, str], Any] = {("policy", group, ""): entry[group] for group in GROUPS}
        shown = {"outcomes": entry["outcomes"]}
        shown |= {f"{flip}, {side}": entry[flip][side] for flip in TURNED if flip in entry for side in AVERAGED}
        for part, of_part in shown.items():
            for name, found in of_part.items():
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
    return mean(rows[outcome], rows[clusters(rows)], rows["students"])


def _entry(found: Estimate, unit: str) -> dict[str, Any]:
    values = {name: None if pd.isna(value) else value for name, value in found._asdict().items()}
    return {**values, "few": found.is_few, "unit": unit}
