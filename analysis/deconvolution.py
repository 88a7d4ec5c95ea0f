"""Where true figures lie, world by world, when each world's figures have errors of their own.

How they are spread over worlds is estimated by nonparametric maximum likelihood (Kiefer & Wolfowitz 1956; Koenker &
Mizera 2014, doi:10.1080/01621459.2013.869224), by expectation-maximisation: no shape is assumed, worlds are not all
shrunk alike, and figures that go together do so in the spread and in their errors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Where mass may lie: at the worlds' own figures, and at these shares of the way from their medians to them.
DRAWN = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
#: Steps of expectation-maximisation.
STEPS = 300


def probabilities(values: ArrayLike, errors: ArrayLike) -> NDArray[np.float64]:
    """Give for each world the probability of every point at which its true figures may lie, (world, point).

    Args:
        values: (world, figure) figures, all known.
        errors: (world, figure, figure) their covariances; of no error at all, a world's figures are known exactly.

    Raises:
        ValueError: if there is no world, or something is not known.
    """
    x, cov = np.asarray(values, float), np.asarray(errors, float)
    if not len(x) or not (np.isfinite(x).all() and np.isfinite(cov).all()):
        raise ValueError("every figure and every error must be known, and there must be one")
    at = points(x)
    tiny = 1e-12 * np.eye(x.shape[1]) * max(float(np.square(x).max()), 1e-9)
    apart = x[:, None, :] - at[None, :, :]
    away = np.einsum("wpi,wij,wpj->wp", apart, np.linalg.inv(cov + tiny), apart)
    likelihood = np.exp(-0.5 * (away - away.min(1, keepdims=True)))
    mass = np.full(len(at), 1.0 / len(at))
    for _ in range(STEPS - 1):
        mass *= likelihood.T @ (1.0 / (likelihood @ mass)) / len(x)
    found = likelihood * mass
    found /= found.sum(1, keepdims=True)
    return found


def points(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the points at which true figures may lie, (point, figure): one world far out moves none of the others."""
    middle = np.median(values, 0)
    return np.concatenate([middle + share * (values - middle) for share in DRAWN])


def beyond(values: ArrayLike, errors: ArrayLike, marks: ArrayLike, above: ArrayLike) -> NDArray[np.float64]:
    """Give for each world the probability that all its true figures lie beyond their marks; the mean is the share.

    Args:
        values: (world, figure) figures.
        errors: (world, figure, figure) their covariances.
        marks: (figure,) the marks.
        above: (figure,) whether a figure is to lie above its mark, else below it.
    """
    return there(probabilities(values, errors), values, marks, above)


def there(found: NDArray[np.float64], values: ArrayLike, marks: ArrayLike, above: ArrayLike) -> NDArray[np.float64]:
    """Give the same of `probabilities` that are known already: one spread is asked of several marks.

    Args:
        found: (world, point) what `probabilities` gave for these values.
        values: (world, figure) figures.
        marks: (figure,) the marks.
        above: (figure,) whether a figure is to lie above its mark, else below it.
    """
    sign = np.where(np.asarray(above, bool), 1.0, -1.0)
    is_there = ((points(np.asarray(values, float)) - np.asarray(marks, float)) * sign > 0.0).all(1)
    return found[:, is_there].sum(1)
