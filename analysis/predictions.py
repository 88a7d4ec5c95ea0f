"""Estimates of the figures of predictions, from their rows room by room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from setback.analysis.estimate import Estimate
from setback.experiments.predictions.predictions import named


def figures(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Estimate every figure of a table of rows: over arms, the sum of coefficient × weighted mean over rooms.

    Rooms are the clusters, shared by all arms, so that a difference is a paired one; the error is linearised (Cochran
    1977, Sampling Techniques, chapter 6), the interval uses Student's t with one degree of freedom less than rooms.
    What cannot be known, with a single room, is NaN.

    Args:
        rows: columns figure, arm, coefficient, room, weight, value
            (`setback.experiments.predictions.measures.Row`), and those of `by`.
        by: what else tells figures apart, as world and policy.

    Returns:
        One line for each of `by` and figure, in the order of the rows: an `Estimate`; `n` is what stands behind the
        largest arm.
    """
    names = [*by, "figure"]
    groups = rows.groupby(names, sort=False, observed=True)
    group = groups.ngroup().to_numpy()
    count = int(group.max()) + 1 if len(group) else 0
    lines = rows.loc[~pd.Series(group, rows.index).duplicated(), names].reset_index(drop=True)
    weight, value = rows["weight"].to_numpy(float), rows["value"].to_numpy(float)
    coefficient, arms = rows["coefficient"].to_numpy(float), rows["arm"].to_numpy()
    (of_group, _), arm = _distinct(group, arms)
    total = np.bincount(arm, weight)
    mean = np.bincount(arm, weight * value) / total
    share = coefficient * weight / total[arm]
    figure = np.bincount(group, share * value, count)
    (room_group, _), room = _distinct(group, rows["room"].to_numpy())
    residual = np.bincount(room, share * (value - mean[arm]))
    k = np.bincount(room_group, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.where(k > 1, np.sqrt(k / (k - 1.0) * np.bincount(room_group, np.square(residual), count)), np.nan)
    reach = stats.t.ppf(0.975, np.maximum(k - 1, 1)) * se
    n = np.zeros(count)
    np.maximum.at(n, of_group, total)
    found = Estimate(figure, figure - reach, figure + reach, se, n.astype(int), k)  # type: ignore[arg-type]
    return lines.assign(**found._asdict())


def _distinct(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the distinct rows of some columns, (column, distinct), and which of them each row is."""
    found, which = np.unique(np.stack(columns), axis=1, return_inverse=True)
    return found, which.ravel()


def of_predictions(figures: pd.DataFrame, predictions: Sequence[str]) -> pd.DataFrame:
    """Give the figures of predictions beside their marks: one row a prediction, policy and figure; then the others.

    Args:
        figures: what `figures` gives, by policy, of one world.
        predictions: names of `setback.experiments.predictions.predictions.PREDICTIONS`.

    Returns:
        prediction (empty for what is measured beside), says, policy, figure, value, low, high, n, unit, mark (the value
        beyond which the prediction holds), and beyond (whether the whole interval, a part of it or nothing lies there).
    """
    rows, used = [], set()
    for row in named(predictions):
        for policy, here in figures.groupby("policy", sort=False):
            of = here.set_index("figure")
            for mark in row.marks:
                if mark.figure in of.index:
                    used.add(mark.figure)
                    found = of.loc[mark.figure, ["value", "low", "high", "n"]].to_dict()
                    at = mark.at
                    low, high = ((found[end] - at) * (1.0 if mark.above else -1.0) for end in ("low", "high"))
                    known, ends = np.isfinite([low, high]).all(), sorted([low, high])
                    beyond = "unknown" if not known else "all" if ends[0] > 0 else "part" if ends[1] > 0 else "none"
                    sign = ">" if mark.above else "<"
                    rows.append(
                        {
                            "prediction": row.name, "says": row.says, "policy": policy, "figure": mark.figure, **found,
                            "unit": mark.unit, "mark": f"{sign} {at:g}", "beyond": beyond,
                        }
                    )  # fmt: skip
    beside = figures[~figures["figure"].isin(used)]
    return pd.concat([pd.DataFrame(rows), beside[["policy", "figure", "value", "low", "high", "n"]]], ignore_index=True)
