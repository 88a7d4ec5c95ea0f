"""How far the prior alone decides a prediction: in which share of worlds it holds, and in which its opposite does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from setback.analysis.deconvolution import probabilities, there
from setback.analysis.predictions import covariances, figures, holds
from setback.experiments.predictions.cross import REFERENCE
from setback.experiments.predictions.predictions import PREDICTIONS, named

#: A prediction that holds in fewer worlds than this, or in more, is built in and gets no verdict.
RARELY, NEARLY_ALWAYS = 0.05, 0.95
#: A figure counts where so many twins, or students, stand behind it.
FEWEST = 10
#: An error from a few rooms is mixed with that of all worlds for as many twins, as if that came of so many rooms.
SMOOTHED = 5
#: What marks are multiplied by to see how much hangs on them.
SIZES = {"halved": 0.5, "doubled": 2.0}


def shares(rows: pd.DataFrame, predictions: Sequence[str]) -> pd.DataFrame:
    """Give for each prediction and policy the share of worlds in which it holds, and in which its opposite does.

    A prediction of several figures holds where all of them lie beyond their marks at once: their spread over worlds,
    and their errors, are taken together.

    Args:
        rows: one row a world, policy, figure, arm and room, as `setback.analysis.load.Results.table` has them.
        predictions: names of `setback.experiments.predictions.predictions.PREDICTIONS`.

    Returns:
        prediction, policy, worlds, left_out (worlds in which too little stands behind a figure), holds and opposite
        (shares), halved and doubled (the share in which it holds with marks of half and of twice the size), crude (the
        share of worlds whose estimates lie beyond, errors and all), middle (median of the first figure), error (its
        median standard error), unit, mean (of the first figure) and error_of_mean (by the luck of rooms), example and
        example_value (the world that most surely is one in which it fails, and its first figure; -1 if there is none).
    """
    by = ["world", "policy"]
    estimates = figures(rows, by) if len(rows) else pd.DataFrame(columns=[*by, "figure", "n", "rooms"])
    found = []
    for row in named(predictions):
        names, marks, above = holds(row)
        mine = estimates[estimates["figure"].isin(names)]
        if set(mine["figure"]) != set(names):
            continue
        together = covariances(rows, by, names)
        for policy, here in mine.groupby("policy", sort=False, observed=True):
            n, value, rooms = (here.pivot(index="world", columns="figure", values=x) for x in ("n", "value", "rooms"))
            if set(value.columns) != set(names):
                continue
            known = (n[names] >= FEWEST).all(axis=1) & (rooms[names] > 1).all(axis=1)
            if not known.any():
                continue
            worlds = value.index[known]
            x, size = value.loc[worlds, names].to_numpy(float), n.loc[worlds, names].min(axis=1).to_numpy(float)
            of = together.loc[[(world, policy) for world in worlds]].to_numpy(float).reshape(-1, len(names), len(names))
            errors = smoothed(of, size, rooms.loc[worlds, names].min(axis=1).to_numpy(float))
            opposite = [-mark.delta if mark.above else mark.delta for mark in row.marks]
            sign = np.where(above, 1.0, -1.0)
            spread = probabilities(x, errors)
            each = there(spread, x, marks, above)
            example = int(np.lexsort((errors[:, 0, 0], each))[0])
            fails = bool(each[example] < 0.5)
            found.append(
                {
                    "prediction": row.name, "policy": policy, "worlds": len(worlds), "left_out": int((~known).sum()),
                    "holds": each.mean(),
                    "opposite": there(spread, x, opposite, [not a for a in above]).mean(),
                    **{name: there(spread, x, holds(row, size)[1], above).mean() for name, size in SIZES.items()},
                    "crude": float(((x - marks) * sign > 0.0).all(1).mean()), "middle": float(np.median(x[:, 0])),
                    "error": float(np.median(np.sqrt(errors[:, 0, 0]))), "unit": row.marks[0].unit,
                    "mean": float(x[:, 0].mean()), "error_of_mean": float(np.sqrt(errors[:, 0, 0].sum()) / len(x)),
                    "example": int(worlds[example]) if fails else -1,
                    "example_value": float(x[example, 0]) if fails else np.nan,
                }
            )  # fmt: skip
    return pd.DataFrame(found, columns=COLUMNS)


COLUMNS = (
    "prediction", "policy", "worlds", "left_out", "holds", "opposite", *SIZES, "crude", "middle", "error", "unit",
    "mean", "error_of_mean", "example", "example_value",
)  # fmt: skip


def smoothed(errors: np.ndarray, n: np.ndarray, rooms: np.ndarray) -> np.ndarray:
    """Mix each world's errors from a few rooms with those of all worlds: a small one by chance says nothing certain.

    Args:
        errors: (world, figure, figure) covariances.
        n: (world,) twins, or students, behind them.
        rooms: (world,) rooms behind them.
    """
    of_each = errors * n[:, None, None]
    sd = np.sqrt(np.einsum("wii->wi", of_each))
    typical = np.median(sd, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = of_each / (sd[:, :, None] * sd[:, None, :])
    is_known = np.isfinite(correlations).any(0)  # of figures that spread in no world nothing goes together
    together = np.zeros((len(typical), len(typical)))
    together[is_known] = np.nanmedian(correlations[:, is_known], 0)
    np.fill_diagonal(together, 1.0)
    of_one = together * typical[:, None] * typical
    weight = ((rooms - 1.0) / (rooms - 1.0 + SMOOTHED))[:, None, None]
    mixed: np.ndarray = weight * errors + (1.0 - weight) * of_one / n[:, None, None]
    return mixed


def overall(found: pd.DataFrame) -> pd.DataFrame:
    """Give one row a prediction: its shares over the declared cross, the least and largest of a policy, what is said.

    The reference policy stands beside the cross, and alone where a prediction is tried under no other.
    """
    rows = []
    for name, mine in found.groupby("prediction", sort=False):
        cross = mine[mine["policy"] != REFERENCE.name]
        cross = cross if len(cross) else mine
        share = float(np.average(cross["holds"], weights=cross["worlds"]))
        rows.append(
            {
                "prediction": name, "says": PREDICTIONS[str(name)].says, "holds": share,
                "least": cross["holds"].min(), "most": cross["holds"].max(),
                "opposite": float(np.average(cross["opposite"], weights=cross["worlds"])),
                "policies": len(cross), "worlds": int(cross["worlds"].sum()), "left_out": int(cross["left_out"].sum()),
                "said": said(share),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def said(share: float) -> str:
    """Say what a share means before any fit."""
    if share < RARELY:
        return "built in as false"
    return "built in as true" if share > NEARLY_ALWAYS else "open"
