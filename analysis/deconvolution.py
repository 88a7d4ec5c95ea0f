"""Where true figures lie, world by world, when each world's figure has an error of its own.

How they are spread over worlds is estimated by nonparametric maximum likelihood on a grid (Kiefer & Wolfowitz 1956;
Koenker & Mizera 2014, doi:10.1080/01621459.2013.869224), by expectation-maximisation: no shape is assumed, and worlds
are not all shrunk alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Points of the grid, and steps of expectation-maximisation.
POINTS, STEPS = 300, 400


class Spread(NamedTuple):
    """Where true figures may lie: grid points, and for each world the probability of each, (world, point)."""

    at: NDArray[np.float64]
    probability: NDArray[np.float64]

    def above(self, mark: float) -> NDArray[np.float64]:
        """Give for each world the probability that its figure lies above a mark; the mean is the share of worlds."""
        found: NDArray[np.float64] = self.probability[:, self.at > mark].sum(1)
        return found

    def below(self, mark: float) -> NDArray[np.float64]:
        """Give for each world the probability that its figure lies below a mark."""
        found: NDArray[np.float64] = self.probability[:, self.at < mark].sum(1)
        return found


def spread(values: ArrayLike, errors: ArrayLike) -> Spread:
    """Estimate where the true figures of worlds lie.

    Args:
        values: (world,) figures, all known.
        errors: (world,) their standard errors, not negative; a figure without error is known exactly.

    Raises:
        ValueError: if there is no figure, or one is not known.
    """
    x, se = np.asarray(values, float), np.asarray(errors, float)
    if not len(x) or not (np.isfinite(x) & np.isfinite(se)).all():
        raise ValueError("every figure and every error must be known, and there must be one")
    wide = max(float(x.max() - x.min()), 1e-9)
    at = np.linspace(x.min() - 0.02 * wide, x.max() + 0.02 * wide, POINTS)
    se = np.maximum(se, (at[1] - at[0]) / 2.0)  # nothing finer than the grid can be told apart
    away = np.square((x[:, None] - at) / se[:, None])
    likelihood = np.exp(-0.5 * (away - away.min(1, keepdims=True)))
    share = np.full(POINTS, 1.0 / POINTS)
    for _ in range(STEPS):
        probability = likelihood * share
        probability /= probability.sum(1, keepdims=True)
        share = probability.mean(0)
    return Spread(at, probability)
