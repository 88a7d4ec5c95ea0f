"""Where the worlds of a study lie beside the published evidence, and which numbers move each figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from setback.analysis.load import Results
from setback.experiments.evidence.rows import Target, is_published, target_of

#: The middle of the worlds that is shown.
MIDDLE = (2.5, 97.5)
#: How many numbers are named that move a figure, and how unlikely their correlation must be by chance alone, over all.
MOVERS, BY_CHANCE = 3, 0.05


def reach(results: Results) -> pd.DataFrame:
    """Say for each row of the evidence where the worlds lie, whether the tolerance is within them, and what moves it.

    Args:
        results: of a study that measures evidence.

    Returns:
        One row a row of the evidence: kind, published, low and high (of the tolerance); lowest, middle and highest (of
        the middle 95 % of worlds), and the same as ``from_``, from the published figure in tolerances; inside, as
        `inside` says it; hits (the share of worlds within the tolerance), unknown (the share without a figure), and
        moved_by: the numbers whose rank correlation with the figure is largest, and larger than chance makes any.
    """
    figures, worlds = results.evidence, results.worlds
    found = []
    for row in figures.columns:
        if not is_published(str(row)):
            continue
        target = target_of(str(row))
        values = figures[row].to_numpy()
        known = values[np.isfinite(values)]
        low, middle, high = np.percentile(known, [MIDDLE[0], 50.0, MIDDLE[1]]) if len(known) else [np.nan] * 3
        ends = {"lowest": low, "middle": middle, "highest": high}
        said = {"row": row, "kind": target.kind, "published": target.said, "low": target.low, "high": target.high}
        found.append(
            {
                **said,
                **ends,
                **{f"from_{name}": target.distance(end) for name, end in ends.items()},
                "inside": inside(target, low, high),
                "hits": float(np.mean([target.hits(value) for value in values])),
                "unknown": 1.0 - len(known) / max(len(values), 1),
                "moved_by": moved_by(figures[row], worlds),
            }
        )
    return pd.DataFrame(found, columns=COLUMNS).set_index("row")


COLUMNS = (
    "row", "kind", "published", "low", "high", "lowest", "middle", "highest", "from_lowest", "from_middle",
    "from_highest", "inside", "hits", "unknown", "moved_by",
)  # fmt: skip


def inside(target: Target, lowest: float, highest: float) -> str:
    """Say whether a tolerance lies within a range of worlds: ``all`` of it, a ``part``, or ``none``.

    Of the side of a bound: ``both`` if worlds lie on both sides of it, ``right`` or ``wrong`` if all lie on one.
    """
    is_side = np.isinf(target.low) or np.isinf(target.high)
    if np.isnan(lowest) or highest < target.low or lowest > target.high:
        return "wrong" if is_side else "none"
    ends = [end for end in (target.low, target.high) if np.isfinite(end)]
    crossed = all(lowest <= end <= highest for end in ends)
    return ("both" if crossed else "right") if is_side else ("all" if crossed else "part")


def moved_by(figure: pd.Series, worlds: pd.DataFrame) -> dict[str, float]:
    """Give the numbers of the worlds that a figure goes with, the strongest first: name -> rank correlation."""
    known = figure.dropna()
    if len(known) < 10 or known.nunique() < 3 or not len(worlds.columns):
        return {}
    table = worlds.loc[known.index]
    ranks, own = stats.rankdata(table.to_numpy(), axis=0), stats.rankdata(known.to_numpy())
    of = np.array([np.corrcoef(column, own)[0, 1] if column.std() else 0.0 for column in ranks.T])
    # the largest of so many correlations by chance (Bonferroni, normal approximation)
    limit = stats.norm.isf(BY_CHANCE / 2.0 / len(of)) / np.sqrt(len(own) - 1)
    strongest = np.argsort(-np.abs(of))[:MOVERS]
    return {str(table.columns[k]): float(of[k]) for k in strongest if abs(of[k]) > limit}


def counts(found: pd.DataFrame) -> dict[str, Any]:
    """Count the rows by how far their tolerance lies within the worlds."""
    return {str(name): int(number) for name, number in found["inside"].value_counts().items()}
