"""How far the prior alone decides a prediction: in which share of worlds it holds, and in which its opposite does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from setback.analysis.deconvolution import spread
from setback.experiments.predictions.cross import REFERENCE
from setback.experiments.predictions.predictions import PREDICTIONS, named

#: A prediction that holds in fewer worlds than this, or in more, is built in and gets no verdict.
RARELY, NEARLY_ALWAYS = 0.05, 0.95
#: A figure counts where at least so many twins, or students, stand behind it; and where all of n came out alike, its
#: error is taken as this over n: what was not seen once in n may have a probability of 3/n (95 %).
FEWEST, UNSEEN = 10, 1.5


def shares(estimates: pd.DataFrame, predictions: Sequence[str]) -> pd.DataFrame:
    """Give for each prediction and policy the share of worlds in which it holds, and in which its opposite does.

    A prediction of several figures holds where all of them lie beyond their marks: the probabilities of a world are
    multiplied, as the figures' errors are those of different sums.

    Args:
        estimates: one row a world, policy and figure: value and se (`setback.analysis.predictions.figures`).
        predictions: names of `setback.experiments.predictions.predictions.PREDICTIONS`.

    Returns:
        prediction, policy, worlds (in which all its figures are known), holds and opposite (shares), crude (the share
        of worlds whose estimates lie beyond, errors and all), middle (median of the first figure), error (median se).
    """
    found = []
    for row in named(predictions):
        for policy, here in estimates.groupby("policy", sort=False, observed=True):
            wanted = here[here["figure"].isin([mark.figure for mark in row.marks])]
            tables = {what: wanted.pivot(index="world", columns="figure", values=what) for what in ("value", "se", "n")}
            if len(tables["value"].columns) < len(row.marks):
                continue
            known = (tables["se"].notna() & (tables["n"] >= FEWEST)).all(axis=1)
            value, se, n = (table[known] for table in tables.values())
            se = se.where(se > 0.0, UNSEEN / n)
            if not len(value):
                continue
            holds = opposite = crude = np.ones(len(value))
            for mark in row.marks:
                x = value[mark.figure].to_numpy()
                at = spread(x, se[mark.figure].to_numpy())
                holds = holds * (at.above(mark.delta) if mark.above else at.below(mark.at))
                opposite = opposite * (at.below(-mark.delta) if mark.above else at.above(mark.delta))
                crude = crude * ((x > mark.delta) if mark.above else (x < mark.at))
            first = row.marks[0].figure
            found.append(
                {
                    "prediction": row.name, "policy": policy, "worlds": len(value), "holds": holds.mean(),
                    "opposite": opposite.mean(), "crude": crude.mean(), "middle": value[first].median(),
                    "error": se[first].median(), "unit": row.marks[0].unit,
                }
            )  # fmt: skip
    return pd.DataFrame(found)


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
                "policies": len(cross), "worlds": int(cross["worlds"].sum()), "said": said(share),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def said(share: float) -> str:
    """Say what a share means before any fit."""
    if share < RARELY:
        return "built in as false"
    return "built in as true" if share > NEARLY_ALWAYS else "open"
