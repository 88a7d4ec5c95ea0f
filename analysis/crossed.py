"""Means whose 95 % intervals hold two kinds of luck at once: which worlds were drawn, and which rooms these have.

Both are draws that cross one another, as the same rooms come in many worlds: the variance of a mean is the sum of both
clusterings less that of single rows (Cameron, Gelbach & Miller 2011, doi:10.1198/jbes.2010.07136), and at least the
larger of the two; the degrees of freedom are those of the smaller number of draws. Of one world in one room nothing is
known but its value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]
Places = NDArray[np.int64]


class Means(NamedTuple):
    """Means of cells, (cell,) each.

    Attributes:
        mean: NaN where there is no row.
        low, high: the ends of its 95 % interval; NaN where it is not known.
        worlds: how many worlds stand behind it.
    """

    mean: Array
    low: Array
    high: Array
    worlds: Places

    def shaped(self, shape: tuple[int, ...]) -> Means:
        """Give the same with cells along several sides."""
        mean, low, high = (ends.reshape(shape) for ends in (self.mean, self.low, self.high))
        return Means(mean, low, high, self.worlds.reshape(shape))


class Difference(NamedTuple):
    """A mean, or how far two means are apart.

    Attributes:
        value: the mean, or that of the first rows less that of the others.
        low, high: the ends of its 95 % interval; NaN where it is not known.
        p: how often it would be as large, or larger, were it 0 (one-sided); 1 where that cannot be known.
    """

    value: float
    low: float
    high: float
    p: float


def mean(values: ArrayLike, worlds: ArrayLike, draws: ArrayLike) -> Difference:
    """Give the mean of some rows, with the interval that `CrossedSums` gives.

    Args:
        values: (row,) what is known of each; there is one.
        worlds: (row,) its world, and
        draws: (row,) what is one draw of the rooms, school or class.
    """
    x = np.asarray(values, float)
    return _judged(float(x.mean()), (x - x.mean()) / len(x), worlds, draws)


def difference(values: ArrayLike, is_first: ArrayLike, worlds: ArrayLike, draws: ArrayLike) -> Difference:
    """Compare the mean of the first rows with that of the others: a world, or a draw of rooms, moves both.

    Args:
        values: (row,) what is known of each.
        is_first: (row,) which of the two sets it is of; neither is empty.
        worlds: (row,) its world, and
        draws: (row,) what is one draw of the rooms, school or class.
    """
    x, first = np.asarray(values, float), np.asarray(is_first, bool)
    mine, other = float(x[first].mean()), float(x[~first].mean())
    moved = np.where(first, (x - mine) / first.sum(), (other - x) / (~first).sum())
    return _judged(mine - other, moved, worlds, draws)


def _judged(value: float, moved: Array, worlds: ArrayLike, draws: ArrayLike) -> Difference:
    """Give a figure that each row has moved so far with its interval."""
    world, draw = (np.unique(np.asarray(key), return_inverse=True)[1].reshape(-1) for key in (worlds, draws))
    row = np.unique(world * (draw.max() + 1) + draw, return_inverse=True)[1].reshape(-1)
    sums = [np.bincount(key, moved) for key in (world, draw, row)]
    by_world, by_draw, by_row = (len(s) / max(len(s) - 1.0, 1.0) * float(s @ s) * (len(s) > 1) for s in sums)
    error = float(np.sqrt(max(by_world, by_draw, by_world + by_draw - by_row)))
    several = [len(s) for s in sums[:2] if len(s) > 1]
    if not several:
        return Difference(value, np.nan, np.nan, 1.0)
    reach = float(stats.t.ppf(0.975, min(several) - 1.0)) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = float(stats.t.sf(np.float64(value) / error, min(several) - 1.0)) if value else 1.0
    return Difference(value, value - reach, value + reach, p)


class CrossedSums:
    """What has to be added up over rows for the means of cells, some worlds at a time.

    Values are taken from the first one, so that squares do not swallow what is small beside the level of all.
    """

    def __init__(self, cells: int) -> None:
        self.start = np.nan
        self.worlds, self.rows = (np.zeros((4, cells)) for _ in range(2))
        self.total, self.weight = np.zeros(cells), np.zeros(cells)
        self.draws: list[pd.DataFrame] = []

    def add(self, rows: pd.DataFrame, cell: Places) -> None:
        """Add rows; a world has all of its rows in one part.

        Args:
            rows: ``world``; ``draw``, what is one draw of the rooms (school or class); ``share``, the weight of the
                row; and ``value``, which is known.
            cell: (row,) the cell of each.
        """
        if not len(rows):
            return
        self.start = float(rows["value"].iloc[0]) if np.isnan(self.start) else self.start
        frame = rows.assign(cell=cell, S=rows["share"] * (rows["value"] - self.start), W=rows["share"])
        of_row, of_world = (
            frame.groupby(["cell", *keys], sort=False)[["S", "W"]].sum() for keys in (["world", "draw"], ["world"])
        )
        self.total += np.bincount(cell, frame["S"], len(self.total))
        self.weight += np.bincount(cell, frame["W"], len(self.total))
        self.rows += _moments(of_row, len(self.total))
        self.worlds += _moments(of_world, len(self.total))
        self.draws.append(frame.groupby(["cell", "draw"], sort=False)[["S", "W"]].sum())

    def means(self) -> Means:
        """Give the weighted mean of each cell, with its interval."""
        n = self.weight
        draws = np.zeros_like(self.rows)
        if self.draws:
            draws = _moments(pd.concat(self.draws).groupby(level=[0, 1]).sum(), len(n))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = self.total / n
            by_world, by_draw, by_row = (_variance(m, mean, n) for m in (self.worlds, draws, self.rows))
            variance = np.maximum(np.maximum(by_world, by_draw), by_world + by_draw - by_row)
            several = np.where(self.worlds[0] > 1, self.worlds[0], np.inf), np.where(draws[0] > 1, draws[0], np.inf)
            freedom = np.minimum(*several) - 1.0
            reach = np.where(np.isfinite(freedom), stats.t.ppf(0.975, freedom) * np.sqrt(variance), np.nan)
        centre = mean + self.start
        return Means(centre, centre - reach, centre + reach, self.worlds[0].astype(np.int64))


def _moments(sums: pd.DataFrame, cells: int) -> Array:
    """Add up by cell how many draws there are, and S², S·W and W² of each."""
    cell, s, w = sums.index.get_level_values(0), sums["S"].to_numpy(), sums["W"].to_numpy()
    return np.stack([np.bincount(cell, column, cells) for column in (np.ones(len(s)), s * s, s * w, w * w)])


def _variance(moments: Array, mean: Array, n: Array) -> Array:
    """Give the variance of a mean by one clustering: k / (k - 1) · Σ (S - mean · W)² / n², 0 where k is 1."""
    k, ss, sw, ww = moments
    squares = np.maximum(ss - 2.0 * mean * sw + np.square(mean) * ww, 0.0)
    return np.where(k > 1, k / (k - 1.0) * squares / np.square(n), 0.0)
