"""Estimates of the figures of predictions, from their rows room by room."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from setback.analysis.estimate import Estimate


def figure(rows: pd.DataFrame) -> Estimate:
    """Estimate one figure: over arms, the sum of coefficient × weighted mean over rooms.

    Rooms are the clusters, shared by all arms, so that a difference is a paired one; the error is linearised (Cochran
    1977, Sampling Techniques, chapter 6), the interval uses Student's t with one degree of freedom less than rooms.

    Args:
        rows: of one figure, as `setback.experiments.predictions.measures.Row`.
    """
    rooms, room = np.unique(rows["room"].to_numpy(), return_inverse=True)
    value, residuals = 0.0, np.zeros(len(rooms))
    for _, of in rows.groupby(["arm", "coefficient"], sort=False):
        coefficient = float(of["coefficient"].iloc[0])
        weight, known = of["weight"].to_numpy(float), of["value"].to_numpy(float)
        mean = float((weight * known).sum() / weight.sum())
        value += coefficient * mean
        there = room[rows.index.get_indexer(of.index)]
        residuals += coefficient * np.bincount(there, weight * (known - mean), len(rooms)) / weight.sum()
    k, n = len(rooms), int(rows["weight"].sum())
    if k < 2:
        return Estimate(value, np.nan, np.nan, np.nan, n)
    se = float(np.sqrt(k / (k - 1) * np.square(residuals).sum()))
    reach = float(stats.t.ppf(0.975, k - 1)) * se
    return Estimate(value, value - reach, value + reach, se, n)


def figures(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Estimate every figure of a table of rows: one line for each of `by` and figure.

    Args:
        rows: rows with the columns of `by`, and those of `setback.experiments.predictions.measures.Row`.
        by: what else tells figures apart, as world and cell.
    """
    found = [
        {**dict(zip([*by, "figure"], key)), **figure(of.reset_index(drop=True))._asdict()}
        for key, of in rows.groupby([*by, "figure"], sort=False, observed=True)
    ]
    return pd.DataFrame(found, columns=[*by, "figure", *Estimate._fields])
