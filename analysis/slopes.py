"""Slopes within classes: what one SD of a student's own trait goes with, other traits held."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from setback.analysis.estimate import Estimate, clusters


def within(frame: pd.DataFrame, outcome: str, traits: Sequence[str]) -> dict[str, Estimate]:
    """Regress an outcome on traits within classes: students are compared with classmates alone.

    Outcome and traits are taken less their class means, so that nothing between classes counts; traits are in SDs of
    their spread within classes. Standard errors treat each class, or school where it is known, as one draw (Liang &
    Zeger 1986, doi:10.1093/biomet/73.1.13, with the factor G / (G - 1)); intervals use Student's t with G - 1 degrees
    of freedom.

    Args:
        frame: one row a student: ``class``, where it is known ``school``, the outcome and the traits; rows without the
            outcome are left out.
        outcome: a column.
        traits: columns.

    Returns:
        For each trait the change of the outcome per SD; NaN where fewer than two classes have anything to compare.
    """
    known = frame[frame[outcome].notna()]
    apart = known[[outcome, *traits]] - known.groupby("class")[[outcome, *traits]].transform("mean")
    x, y = apart[list(traits)].to_numpy(float), apart[outcome].to_numpy(float)
    _, cluster = np.unique(known[clusters(known)].to_numpy(), return_inverse=True)
    draws = int(cluster.max()) + 1 if len(cluster) else 0
    sd = x.std(0) if len(x) else np.zeros(len(traits))
    if draws < 2 or not (sd > 0.0).all():
        return {trait: Estimate(np.nan, np.nan, np.nan, np.nan, len(y), draws) for trait in traits}
    x = x / sd
    bread = np.linalg.inv(x.T @ x)
    slopes = bread @ x.T @ y
    scores = np.stack([np.bincount(cluster, column * (y - x @ slopes), draws) for column in x.T])
    se = np.sqrt(np.diag(bread @ scores @ scores.T @ bread) * draws / (draws - 1))
    reach = float(stats.t.ppf(0.975, draws - 1)) * se
    return {
        trait: Estimate(float(slope), float(slope - r), float(slope + r), float(e), len(y), draws)
        for trait, slope, r, e in zip(traits, slopes, reach, se)
    }
