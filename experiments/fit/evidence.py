"""What a fit says of each row of the evidence, in sample and with its block left out.

Distances are in tolerances, up to 1 is a hit; those of signs are 0 where the sign is right, else how far beyond the
bound, in spreads of the prior. A row's figure is the mean over draws: that of a fit, not of one world.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.experiments.evidence.rows import target_of, targets
from setback.experiments.fit.likelihood import BEND, Scale, block_of, is_number
from setback.experiments.fit.variants import HALVED, JOINT, WITHOUT, Fitted

Array = NDArray[np.float64]

#: Distances count up to so many tolerances in a mean; 90 % of draws make a sign sure.
FURTHEST, SURE = 3.0, 0.9


def table(fit: Fitted, simulated: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give one row of the evidence a row.

    Args:
        fit: a model, fitted.
        simulated: (draw, row) figures of draws of the fit in fresh classes; what the emulator says where left out.

    Returns:
        Indexed by row: block, number (whether it is one), published (for people), and for ``in`` (the fit), ``out``
        (fitted without the row's block) and ``halved``: ``_distance`` (signed, of the mean figure), ``_low`` and
        ``_high`` (of the middle 90 % of draws, as distances), ``_share`` (of draws that hit) and ``_hit``. Of ``in``
        also the figures themselves: mean, low and high, where they were simulated.
    """
    found = []
    scaled = {JOINT: fit.figures(JOINT), HALVED: fit.figures(HALVED)}
    if simulated is not None:
        scaled[JOINT] = pd.DataFrame(fit.scale.of_figures(simulated), columns=list(fit.scale.rows))
    for row in fit.scale.rows:
        without = fit.figures(WITHOUT + block_of(row))[row].to_numpy()
        said: dict[str, object] = {
            "row": row, "block": block_of(row), "number": is_number(row), "published": target_of(row).said,
        }  # fmt: skip
        if simulated is not None:
            known = simulated[row].dropna()
            low, high = np.quantile(known, (0.05, 0.95)) if len(known) else (np.nan, np.nan)
            said |= {"mean": known.mean(), "low": low, "high": high}
        for name, figures in (("in", scaled[JOINT][row]), ("out", without), ("halved", scaled[HALVED][row])):
            said |= {f"{name}_{key}": value for key, value in _said(row, np.asarray(figures, float)).items()}
        found.append(said)
    return pd.DataFrame(found).set_index("row")


def of_prior(worlds: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Give what worlds of a prior say of each row, as `table` does of ``out``; and with a random sign.

    A figure with a random sign is as large, and as often on the wrong side as on the right one; statistics of books,
    which are shares, keep theirs.
    """
    figures, turned = (scale.of_figures(sign * worlds[list(scale.rows)]) for sign in (1, -1))
    found = []
    for k, row in enumerate(scale.rows):
        said: dict[str, object] = {"row": row, "block": block_of(row), "number": is_number(row)}
        said |= {f"out_{key}": value for key, value in _said(row, figures[:, k]).items()}
        both = (figures, turned if row in targets() else figures)
        said["signs_distance"] = np.mean([_far(row, float(np.nanmean(one[:, k]))) for one in both])
        found.append(said)
    return pd.DataFrame(found).set_index("row")


def _said(row: str, scaled: Array) -> dict[str, float | bool]:
    known = scaled[np.isfinite(scaled)]
    if not len(known):
        return {"distance": np.nan, "low": np.nan, "high": np.nan, "share": 0.0, "hit": False}
    mean, low, high = known.mean(), *np.quantile(known, (0.05, 0.95))
    inside = np.abs(_distance(known)) <= 1.0 if is_number(row) else known > 0.0
    share = float(inside.sum() / len(scaled))
    middle, low, high = map(float, _distance(np.array([mean, low, high])))
    of_mean, hit = (middle, abs(middle) <= 1.0) if is_number(row) else (_far(row, float(mean)), share >= SURE)
    return {"distance": of_mean, "low": low, "high": high, "share": share, "hit": hit}


def _distance(scaled: Array) -> Array:
    """Give distances in tolerances of figures on the scale."""
    found: Array = BEND * np.sinh(scaled / BEND)
    return found


def _far(row: str, scaled: float) -> float:
    """Give how far a figure on its scale lies from the evidence, cut off: a sign that is right lies on it."""
    far = float(_distance(np.array([scaled]))[0])
    return min(abs(far) if is_number(row) else max(0.0, -far), FURTHEST)
