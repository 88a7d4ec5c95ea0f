"""The share of worlds whose true figure lies beyond a mark, where each world's figure has an error of its own.

The spread of true figures over worlds is estimated by nonparametric maximum likelihood on a grid (Kiefer & Wolfowitz
1956; Koenker & Mizera 2014, doi:10.1080/01621459.2013.869224), by expectation-maximisation: no shape is assumed, and
worlds are not all shrunk alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Points of the grid, and steps of expectation-maximisation.
POINTS, STEPS = 400, 500


class Spread(NamedTuple):
    """The estimated spread of true figures: grid points, and the share of worlds at each; shares add up to 1."""

    at: NDArray[np.float64]
    share: NDArray[np.float64]

    def above(self, mark: float) -> float:
        """Give the share of worlds above a mark."""
        return float(self.share[self.at > mark].sum())

    def below(self, mark: float) -> float:
        """Give the share of worlds below a mark."""
        return float(self.share[self.at < mark].sum())


def spread(values: ArrayLike, errors: ArrayLike) -> Spread:
    """Estimate how true figures are spread.

    Args:
        values: (world,) figures; those that are not known are left out.
        errors: (world,) their standard errors, not negative; a figure without error is known exactly.

    Raises:
        ValueError: if no figure is known.
    """
    x, se = np.asarray(values, float), np.asarray(errors, float)
    known = np.isfinite(x) & np.isfinite(se)
    x, se = x[known], se[known]
    if not len(x):
        raise ValueError("no figure is known")
    wide = max(float(x.max() - x.min()), 1e-9)
    at = np.linspace(x.min() - 0.02 * wide, x.max() + 0.02 * wide, POINTS)
    se = np.maximum(se, (at[1] - at[0]) / 2.0)  # finer than the grid no error can be told apart
    likelihood = np.exp(-0.5 * np.square((x[:, None] - at) / se[:, None])) / se[:, None]
    share = np.full(POINTS, 1.0 / POINTS)
    for _ in range(STEPS):
        weight = likelihood * share
        share = (weight / weight.sum(1, keepdims=True)).mean(0)
    return Spread(at, share)
