"""Means with intervals, where students of one room are not independent of one another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


class Estimate(NamedTuple):
    """A mean, the ends of its 95 % interval, its standard error, and how many rows stand behind it."""

    value: float
    low: float
    high: float
    se: float
    n: int


def mean(values: ArrayLike, rooms: ArrayLike, weights: ArrayLike | None = None) -> Estimate:
    """The weighted mean over rows, with a standard error that treats each room as one draw.

    The linearised ratio estimator for clusters of unequal size (Cochran 1977, Sampling Techniques, chapter 6);
    the interval uses Student's t with one degree of freedom less than there are rooms. What cannot be known, with
    no row or a single room, is NaN.

    Args:
        values: (row,) numbers.
        rooms: (row,) the room of each row.
        weights: (row,) how much each row counts; all alike where it is left out.
    """
    x = np.asarray(values, float)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, float)
    if not len(x):
        return Estimate(np.nan, np.nan, np.nan, np.nan, 0)
    centre = float((w * x).sum() / w.sum())
    _, cluster = np.unique(np.asarray(rooms), return_inverse=True)
    residuals = np.bincount(cluster, w * (x - centre))
    k = len(residuals)
    if k < 2:
        return Estimate(centre, np.nan, np.nan, np.nan, len(x))
    se = float(np.sqrt(k / (k - 1) * np.square(residuals).sum()) / w.sum())
    reach = float(stats.t.ppf(0.975, k - 1)) * se
    return Estimate(centre, centre - reach, centre + reach, se, len(x))
