"""Toy models of which a fit is known: few numbers, figures that are straight lines of their shares."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.evidence.rows import target_of
from setback.experiments.fit.emulator import Emulator
from setback.experiments.fit.likelihood import Scale, is_number
from setback.experiments.fit.rounds import Worlds
from setback.experiments.fit.space import Space

Array = NDArray[np.float64]


def space(*names: str, null: str = "cycle") -> Space:
    """The space of a model, these numbers alone."""
    whole = Space.of(NULLS[null])
    return Space(whole.null, tuple(whole.rows[whole.names.index(name)] for name in names))


def scale(rows: tuple[str, ...]) -> Scale:
    """A scale of rows whose signs have a spread of 1."""
    return Scale(rows, np.ones(len(rows)))


def line(rows: tuple[str, ...], weights: Array, at_half: Array, open_: float = 0.0) -> Emulator:
    """An emulator whose figures are ``at_half + (share - 0.5) * weights`` (number, row)."""
    count = len(rows)
    return Emulator(
        rows, at_half.astype(np.float32), weights.T.astype(np.float32), np.zeros((count, 1), np.int64),
        np.zeros((count, 1, 1), np.float32), np.full(count, open_),
    )  # fmt: skip


def unscaled(on_scale: Array, rows: tuple[str, ...]) -> pd.DataFrame:
    """Figures as they are simulated, of those on the scales of their rows, whose spreads of signs are 1."""
    found = {}
    for row, column in zip(rows, on_scale.T, strict=True):
        far, target = 3.0 * np.sinh(column / 3.0), target_of(row)
        if is_number(row):
            centre = target.value if np.isfinite(target.value) else (target.low + target.high) / 2.0
            found[row] = centre + far * np.where(far > 0, target.high - centre, centre - target.low)
        else:
            found[row] = target.low + far if np.isinf(target.high) else target.high - far
    return pd.DataFrame(found)


def worlds(where: Space, shares: Array, figures: pd.DataFrame, effects: pd.DataFrame | None = None) -> Worlds:
    """Worlds of a prior."""
    if effects is None:
        effects = pd.DataFrame(np.nan, figures.index, [*EFFECTS_OF_FAILING])
    return Worlds(where, shares, figures, effects, np.zeros(len(shares), np.int64), figures.iloc[:0])
