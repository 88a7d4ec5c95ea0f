"""Estimates of the figures of predictions, from their rows room by room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from setback.analysis.estimate import Estimate, bootstrap, by_room, clusters, sum_of_means
from setback.experiments.predictions.predictions import Prediction, named

Array = NDArray[np.float64]


def figures(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Estimate every figure of a table of rows: over arms, the sum of coefficient × weighted mean over rooms.

    Rooms, or schools where the rows know them, are the clusters, shared by all arms, so that a difference is a paired
    one; the error is linearised (Cochran 1977, Sampling Techniques, chapter 6), the interval uses Student's t with one
    degree of freedom less than clusters: quick, for many worlds. What is shown of one world has intervals of its own
    (`of_predictions`). What cannot be known, with a single room, is NaN.

    Args:
        rows: columns figure, arm, coefficient, room, weight, value
            (`setback.experiments.predictions.measures.Row`), and those of `by`.
        by: what else tells figures apart, as world and policy.

    Returns:
        One line for each of `by` and figure, in the order of the rows: an `Estimate`; `n` is what stands behind the
        largest arm.
    """
    names = [*by, "figure"]
    moved = residuals(rows, by)
    lines = moved.groupby(names, sort=False, observed=True)
    k = lines.size().to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = moved["moved"].pow(2).groupby([moved[name] for name in names], sort=False, observed=True).sum()
        se = np.where(k > 1, np.sqrt(k / (k - 1.0) * squares.to_numpy()), np.nan)
    figure = lines["part"].sum().to_numpy()
    reach = stats.t.ppf(0.975, np.maximum(k - 1, 1)) * se
    of_arms = rows.groupby([*names, "arm"], sort=False, observed=True)["weight"].sum()
    n = of_arms.groupby(names, sort=False, observed=True).max().to_numpy()
    found = Estimate(figure, figure - reach, figure + reach, se, n.astype(int), k)  # type: ignore[arg-type]
    return lines.size().index.to_frame(index=False).assign(**found._asdict())


def residuals(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Give one line for each of `by`, figure and room: its `part` of the figure, and how far it has `moved` the figure.

    The parts of all rooms add up to the figure; the squares of `moved`, times k / (k - 1), to its variance; and the
    products of two figures' to their covariance.
    """
    names = [*by, "figure"]
    arm = [rows[name] for name in (*names, "arm")]
    product = rows["weight"] * rows["value"]
    total, mean = (x.groupby(arm, observed=True).transform("sum") for x in (rows["weight"], product))
    share = rows["coefficient"] * rows["weight"] / total
    room = clusters(rows)
    frame = rows[[*names, room]].assign(part=share * rows["value"], moved=share * (rows["value"] - mean / total))
    return frame.groupby([*names, room], sort=False, observed=True).sum().reset_index()


def covariances(rows: pd.DataFrame, by: Sequence[str], marks: Sequence[str]) -> pd.DataFrame:
    """Give the covariances of some figures, one line for each of `by`: columns (figure, figure)."""
    moved = residuals(rows[rows["figure"].isin(marks)], by)
    wide = moved.pivot_table(index=[*by, clusters(rows)], columns="figure", values="moved", observed=True).fillna(0.0)
    k = wide.groupby(list(by), observed=True).size()
    grown = (k / (k - 1.0)).where(k > 1)
    pairs = {(a, b): (wide[a] * wide[b]).groupby(list(by), observed=True).sum() * grown for a in marks for b in marks}
    return pd.DataFrame(pairs)


def drawn_again(rows: pd.DataFrame, level: float = 0.95) -> Estimate:
    """Estimate one figure with a bootstrap-t interval over rooms; see `setback.analysis.estimate.bootstrap`."""
    room = clusters(rows)
    rooms = np.unique(rows[room].to_numpy())
    arms = []
    for _, of in rows.groupby("arm"):
        at = np.searchsorted(rooms, of[room].to_numpy())
        weight, product = (np.bincount(at, part, len(rooms)) for part in (of["weight"], of["weight"] * of["value"]))
        arms.append((float(of["coefficient"].iloc[0]), weight, product))

    def figure(w: Array) -> tuple[Array, Array]:
        value, moved = np.zeros(len(w)), np.zeros(w.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            for coefficient, weight, product in arms:
                total = w @ weight
                mean = (w @ product) / total
                value += coefficient * mean
                moved += coefficient * (product - mean[:, None] * weight) / total[:, None]
        return value, moved

    n = max(int(weight.sum()) for _, weight, _ in arms)
    return bootstrap(figure, len(rooms), n, level)


def over_worlds(rows: pd.DataFrame, fewest: int = 1) -> Estimate:
    """Estimate the mean of one figure over worlds, each counted alike, with a bootstrap-t interval over worlds.

    Each has rooms of its own, so a world with its rooms is one draw; the interval holds the luck of its rooms as well.

    Args:
        rows: as for `figures`, of one figure, with the column ``world``.
        fewest: worlds with fewer twins, or students, behind the figure are left out.

    Returns:
        The estimate; its ``rooms`` are worlds.
    """
    of = by_world(rows, fewest)
    found = by_room(of["value"].to_numpy()[:, None], of["world"], of["world"])
    return bootstrap(sum_of_means(found), len(of), int(of["n"].sum()))


def by_world(rows: pd.DataFrame, fewest: int = 1) -> pd.DataFrame:
    """Give one figure world by world, where it is known: `figures` of one figure, by world, in their order."""
    found = figures(rows, ["world"])
    return found[np.isfinite(found["value"]) & (found["n"] >= fewest)].sort_values("world").reset_index(drop=True)


def estimated(rows: pd.DataFrame, fewest: int = 1) -> dict[tuple[str, str], Estimate]:
    """Estimate every figure under every policy: over the rooms of one world, or over many worlds."""
    many = "world" in rows and rows["world"].nunique() > 1
    return {
        (str(policy), str(figure)): over_worlds(of, fewest) if many else drawn_again(of)
        for (policy, figure), of in rows.groupby(["policy", "figure"], sort=False, observed=True)
    }


def of_predictions(rows: pd.DataFrame, predictions: Sequence[str]) -> pd.DataFrame:
    """Estimate the figures of predictions beside their marks, then all that was measured beside them.

    Args:
        rows: as for `figures`, with the column ``policy``; of many worlds, each counts alike (`over_worlds`).
        predictions: names of `setback.experiments.predictions.predictions.PREDICTIONS`.

    Returns:
        One row a prediction, policy and figure: prediction (missing for what is measured beside), says, policy,
        figure, an `Estimate`, unit, mark (beyond which the prediction holds), and beyond: whether ``all``, a ``part``
        or ``none`` of the interval lies there, ``unknown`` where there is none, or ``not defined`` under the policy.
    """
    found = estimated(rows)
    policies = dict.fromkeys(str(policy) for policy in rows["policy"])
    none = Estimate(np.nan, np.nan, np.nan, np.nan, 0, 0)
    lines = [
        {
            "prediction": row.name, "says": row.says, "policy": policy, "figure": mark.figure,
            **found.get((policy, mark.figure), none)._asdict(), "unit": mark.unit,
            "mark": f"{'>' if mark.above else '<'} {mark.at:g}",
            "beyond": _beyond(found.get((policy, mark.figure)), mark.at, mark.above),
        }
        for row in named(predictions) for policy in policies for mark in row.marks
    ]  # fmt: skip
    used = {mark.figure for row in named(predictions) for mark in row.marks}
    lines += [
        {"policy": policy, "figure": figure, **estimate._asdict()}
        for (policy, figure), estimate in found.items() if figure not in used
    ]  # fmt: skip
    return pd.DataFrame(lines)


def _beyond(found: Estimate | None, at: float, above: bool) -> str:
    """Say how much of an interval lies beyond a mark."""
    if found is None:
        return "not defined"
    low, high = sorted((end - at) * (1.0 if above else -1.0) for end in (found.low, found.high))
    if not np.isfinite([low, high]).all():
        return "unknown"
    return "all" if low > 0.0 else "part" if high > 0.0 else "none"


def holds(row: Prediction, size: float = 1.0) -> tuple[list[str], list[float], list[bool]]:
    """Give the figures of a prediction, the marks beyond which they must lie, and whether above them.

    Args:
        row: the prediction.
        size: what its marks δ are multiplied by.
    """
    marks = [mark._replace(delta=size * mark.delta) for mark in row.marks]
    return [m.figure for m in marks], [m.at for m in marks], [m.above for m in marks]
