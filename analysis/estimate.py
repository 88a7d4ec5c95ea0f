"""Means with intervals, where students of one room, and rooms of one school, are not independent of one another.

What is drawn anew is the largest thing that is known to be shared: the school where a roster knows schools, else the
class. Below a *room* is one such draw.

Outcomes are means over whole rooms, for which Student's t does. What twins say is skewed and often rare, and there
Student's t misses on one side. Where 95 % was said, it covered, with 8, 16, 40 and 80 rooms, .85, .89, .92 and .94 of
figures like R_F, and .89 to .93 of rare events with 24 rooms and more; bootstrap-t over rooms covered .90, .92, .93
and .93 of the first, .97 and more of the second, and of normal figures .92, .95, .94 and .95 (1,200 draws and more
each). So it is used for all that twins say, whatever the number of rooms; with eight neither covers what it says.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from setback.model.outcomes import FEW_SCHOOLS

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

#: How often rooms are drawn anew, and the seed of these draws.
RESAMPLES, SEED = 999, 20
#: A drawing of rooms that shows no spread by accident is taken to have at least this share of one room's.
FLOOR = 0.3
#: With fewer twins, or fewer rooms, an estimate says hardly anything.
FEW_TWINS, FEW_ROOMS = 30, 8


def clusters(*frames: pd.DataFrame) -> str:
    """Name the column of what tables have as one draw: schools where they are known, else classes, else rooms."""
    return next(name for name in ("school", "class", "room") if all(name in frame for frame in frames))


def over_schools(count: int) -> str:
    """Say that intervals are over so many schools, and that they are few where they are."""
    text = f"95 % over {count:,} schools, each with all its classes one draw."
    if count < FEW_SCHOOLS:
        text += f" Fewer than {FEW_SCHOOLS} say little of others: intervals are wide, and of twins cover less often."
    return text


class Estimate(NamedTuple):
    """A mean, the ends of its 95 % interval, its standard error, how many rows and how many rooms stand behind it.

    Rooms are draws: schools, where these are the clusters.
    """

    value: float
    low: float
    high: float
    se: float
    n: int
    rooms: int

    @property
    def is_few(self) -> bool:
        """Whether too little stands behind it to say anything."""
        return self.n < FEW_TWINS or self.rooms < FEW_ROOMS


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
        return Estimate(np.nan, np.nan, np.nan, np.nan, 0, 0)
    centre = float((w * x).sum() / w.sum())
    _, cluster = np.unique(np.asarray(rooms), return_inverse=True)
    residuals = np.bincount(cluster, w * (x - centre))
    k = len(residuals)
    if k < 2:
        return Estimate(centre, np.nan, np.nan, np.nan, len(x), k)
    se = float(np.sqrt(k / (k - 1) * np.square(residuals).sum()) / w.sum())
    reach = float(stats.t.ppf(0.975, k - 1)) * se
    return Estimate(centre, centre - reach, centre + reach, se, len(x), k)


# ---- figures of twins: sums of means, ratios and differences of them -------------------------------------------
#: Gives, for weights of rooms (B, K), a figure (B,) and how much each room moves it, (B, K).
Figure = Callable[[Array], tuple[Array, Array]]


class Rooms(NamedTuple):
    """Columns added up by room: totals and weights of what is known, (K, H) each, and what is seen in each room.

    Attributes:
        totals: weighted sums of the values that are known.
        weights: sums of their weights.
        low, high: (K,) the least and the greatest sum of a row.
        n: rows of which anything is known.
    """

    totals: Array
    weights: Array
    low: Array
    high: Array
    n: int


def by_room(values: ArrayLike, rooms: ArrayLike, names: ArrayLike, weights: ArrayLike | None = None) -> Rooms:
    """Add up rows by room.

    Args:
        values: (row, column) numbers, NaN where not known.
        rooms: (row,) the room of each row.
        names: (K,) the rooms, in order.
        weights: (row,) how much each row counts; all alike where it is left out.
    """
    x = np.asarray(values, float)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, float)
    k, cluster = len(np.asarray(names)), np.searchsorted(np.asarray(names), np.asarray(rooms))
    known = np.isfinite(x)
    totals, weighed = np.zeros((k, x.shape[1])), np.zeros((k, x.shape[1]))
    filled = np.where(known, x, 0.0)
    np.add.at(totals, cluster, w[:, None] * filled)
    np.add.at(weighed, cluster, w[:, None] * known)
    some, of_row = known.any(1), filled.sum(1)
    low, high = np.full(k, np.inf), np.full(k, -np.inf)
    np.minimum.at(low, cluster[some], of_row[some])
    np.maximum.at(high, cluster[some], of_row[some])
    return Rooms(totals, weighed, low, high, int(some.sum()))


def sum_of_means(rooms: Rooms) -> Figure:
    """Give the sum of the columns' means: what is unknown of one column leaves the others as they are."""

    def figure(w: Array) -> tuple[Array, Array]:
        with np.errstate(divide="ignore", invalid="ignore"):
            size = w @ rooms.weights
            means = (w @ rooms.totals) / size
            moved = (1.0 / size) @ rooms.totals.T - (means / size) @ rooms.weights.T
        return means.sum(1), moved

    return figure


def one_less_ratio(part: Figure, whole: Figure) -> Figure:
    """Give 1 less the ratio of two figures."""

    def figure(w: Array) -> tuple[Array, Array]:
        (a, of_a), (b, of_b) = part(w), whole(w)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = a / b
            return 1.0 - ratio, (ratio[:, None] * of_b - of_a) / b[:, None]

    return figure


def difference(first: Figure, second: Figure) -> Figure:
    """Give the second figure less the first, of the same rooms."""

    def figure(w: Array) -> tuple[Array, Array]:
        (a, of_a), (b, of_b) = first(w), second(w)
        return b - a, of_b - of_a

    return figure


def bootstrap(figure: Figure, rooms: int, n: int, level: float = 0.95) -> Estimate:
    """Estimate a figure with a bootstrap-t interval over rooms (Efron & Tibshirani 1993, chapter 12).

    Rare events leave some drawings of rooms with hardly any spread; `FLOOR` keeps these from deciding (it makes no
    difference to what covers how often, and intervals of rare events half as wide). What cannot be known, with no row
    or a single room, is NaN, and so are the ends where all rooms say the same.
    """
    if not n:
        return Estimate(np.nan, np.nan, np.nan, np.nan, 0, rooms)
    [value], [moved] = figure(np.ones((1, rooms)))
    if rooms < 2 or not np.isfinite(value):
        return Estimate(float(value), np.nan, np.nan, np.nan, n, rooms)
    grown = rooms / (rooms - 1)
    se = float(np.sqrt(grown * np.square(moved).sum()))
    if se == 0.0:
        return Estimate(float(value), np.nan, np.nan, np.nan, n, rooms)
    w = drawn(rooms)
    values, by = figure(w)
    floor = FLOOR / rooms
    spread = np.sqrt((grown * (w * np.square(by)).sum(1) + floor * se**2) / (1.0 + floor))
    t = ((values - value) / spread)[np.isfinite(values) & np.isfinite(spread)]
    least, most = np.quantile(t, (0.5 - level / 2.0, 0.5 + level / 2.0), method="inverted_cdf")
    return Estimate(float(value), float(value - most * se), float(value - least * se), se, n, rooms)


@lru_cache(maxsize=8)
def drawn(rooms: int) -> Array:
    """Draw rooms with replacement: how often each comes, (RESAMPLES, rooms)."""
    counts = np.random.default_rng(SEED).multinomial(rooms, np.full(rooms, 1.0 / rooms), RESAMPLES)
    return counts.astype(np.float64)


def bounded(found: Estimate, rooms: Rooms, low: float, high: float) -> Estimate:
    """Keep an interval within what is possible; where all twins came out alike, give exact bounds.

    Of K rooms without an exception, the share of rooms that have one is at most 1 - .05^(1/K) with 95 % confidence (the
    rule of three; Clopper & Pearson 1934), and no twin is further off than `low` or `high`. Where these are not known,
    as of what is measured in SD, there is no interval.
    """
    if found.rooms < 2 or not found.n:
        return found
    seen = rooms.low <= rooms.high
    usual = rooms.low[seen][0]
    if (rooms.low[seen] == usual).all() and (rooms.high[seen] == usual).all():
        most = 1.0 - 0.05 ** (1.0 / int(seen.sum()))
        return found._replace(low=float(usual - most * (usual - low)), high=float(usual + most * (high - usual)))
    return found._replace(
        low=float(np.maximum(found.low, low if np.isfinite(low) else -np.inf)),
        high=float(np.minimum(found.high, high if np.isfinite(high) else np.inf)),
    )
