"""The random-intercept cross-lagged panel model: lagged paths within persons, apart from stable differences between."""

from typing import NamedTuple

import numpy as np

from setback.experiments.trials.estimators.samples import Values, reliable, singular
from setback.model.errors import InputError

#: Where the search starts: the share of variance that is stable between persons, and the stability within them.
STARTS = ((0.5, 0.3), (0.2, 0.6), (0.8, 0.1))
#: The largest slope of the discrepancy at what counts as an optimum.
FLAT = 1e-4
#: Where a lower triangle of two by two has its three numbers.
TRIANGLE = ([0, 1, 1], [0, 0, 1])


class WithinFit(NamedTuple):
    """What the model says of two measures; NaN throughout, with the reason, where it has no optimum.

    The paths are SDs within persons per SD within persons, averaged over the lags. The discrepancy, times students
    minus 1, is the chi-square of the fit.
    """

    x_to_y: float
    y_to_x: float
    discrepancy: float
    reason: str = ""


def random_intercept_cross_lag(x: Values, y: Values, reliability_x: float = 1.0, reliability_y: float = 1.0) -> float:
    """Give the path from x to later y within persons.

    Args:
        x: true values of x, (student, wave), three waves or more.
        y: true values of y, of the same shape.
        reliability_x: of x at every wave, in (0, 1].
        reliability_y: of y at every wave, in (0, 1].

    Returns:
        The path `x_to_y` of `fit_within`, in SDs within persons; NaN where that gives a reason.

    Raises:
        InputError: as in `fit_within`.
    """
    return fit_within(x, y, reliability_x, reliability_y).x_to_y


def fit_within(x: Values, y: Values, reliability_x: float = 1.0, reliability_y: float = 1.0) -> WithinFit:
    """Fit the random-intercept cross-lagged panel model by maximum likelihood (Hamaker, Kuiper & Grasman 2015).

    Each measure is a random intercept plus a deviation within the person; deviations follow from those of the wave
    before by four paths that are equal over time. Intercepts, deviations at the first wave and residuals at each later
    wave covary freely; means are free. As in most studies that are repeated, the model knows nothing of measurement
    error: it is fitted to the covariance matrix as observed, with the variances inflated.

    Args:
        x: true values of x, (student, wave), three waves or more; who misses a wave is left out.
        y: true values of y, of the same shape.
        reliability_x: of x at every wave, in (0, 1].
        reliability_y: of y at every wave, in (0, 1].

    Returns:
        Paths within persons. There is no fit, and a reason, if students are no more than variables, a variable does
        not vary or follows from others, or the search ends at no optimum.

    Raises:
        InputError: if the shapes are not (student, wave) with three waves or more, or a reliability is not in (0, 1].
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 2 or x.shape != y.shape or x.shape[1] < 3:
        raise InputError(f"the waves have the shapes {x.shape} and {y.shape}; both need (student, wave), three or more")
    waves = x.shape[1]
    shares = np.tile([reliable(reliability_x, "x"), reliable(reliability_y, "y")], waves)
    both = np.stack([x, y], 2).reshape(len(x), 2 * waves)
    both = both[np.isfinite(both).all(1)]
    if len(both) <= 2 * waves:
        return _no_fit(f"{len(both)} students are measured at every wave; it needs more than {2 * waves}")
    covariance = np.cov(both.T)
    covariance[np.diag_indices(2 * waves)] /= shares
    scale = np.sqrt(np.diag(covariance))
    if not scale.all() or singular(covariance / np.outer(scale, scale)):
        return _no_fit("a measure does not vary, or follows from the others")
    # one unit for all waves of a measure, as the paths are equal over time in it
    unit = np.tile(np.sqrt(np.square(scale).reshape(waves, 2).mean(0)), waves)
    return _fit(covariance / np.outer(unit, unit), waves)


def _fit(covariance: Values, waves: int) -> WithinFit:
    """Find the lowest discrepancy from several starts."""
    from scipy.optimize import minimize  # half a second, which no other estimator needs

    known = (covariance, np.linalg.slogdet(covariance)[1] + 2 * waves)
    with np.errstate(over="ignore", invalid="ignore"):  # a step too far
        found = [
            minimize(_discrepancy, _start(covariance, waves, *start), known, "BFGS", True, options={"gtol": 1e-6})
            for start in STARTS
        ]
    best = min(found, key=lambda search: search.fun)
    if not np.abs(best.jac).max() < FLAT:
        return _no_fit("the search ends at no optimum")
    paths, _, _, within = _implied(best.x, waves)
    sd = np.sqrt(np.diag(within)).reshape(waves, 2)
    if not sd.all():
        return _no_fit("nothing varies within persons")
    x_to_y = paths[1, 0] * np.mean(sd[:-1, 0] / sd[1:, 1])
    y_to_x = paths[0, 1] * np.mean(sd[:-1, 1] / sd[1:, 0])
    return WithinFit(float(x_to_y), float(y_to_x), float(best.fun))


def _start(covariance: Values, waves: int, between: float, stability: float) -> Values:
    """Give the numbers to start from: paths, then the triangles of intercepts, first wave and residuals."""
    mean = covariance.reshape(waves, 2, waves, 2).diagonal(0, 0, 2).mean(2)
    triangle = np.linalg.cholesky(mean)[TRIANGLE]
    share = [between, 1.0 - between, *[(1.0 - between) * (1.0 - stability**2)] * (waves - 1)]
    return np.concatenate([[stability, 0.0, 0.0, stability], np.outer(np.sqrt(share), triangle).ravel()])


def _implied(numbers: Values, waves: int) -> tuple[Values, Values, Values, Values]:
    """Give what the numbers say.

    Returns:
        The paths (to, from); triangles (intercepts, first wave and residuals, 2, 2); what a residual comes to at every
        later wave (2 waves, 2 waves); and the covariance within persons (2 waves, 2 waves).
    """
    paths = numbers[:4].reshape(2, 2)
    triangles = np.zeros((waves + 1, 2, 2))
    triangles[:, *TRIANGLE] = numbers[4:].reshape(-1, 3)
    carried, residuals = np.eye(2 * waves), np.zeros((2 * waves, 2 * waves))
    each = np.arange(waves)
    _blocks(carried)[each[1:], :, each[:-1]] = -paths
    _blocks(residuals)[each, :, each] = triangles[1:] @ triangles[1:].transpose(0, 2, 1)
    passed_on = np.asarray(np.linalg.inv(carried), np.float64)
    within = passed_on @ residuals @ passed_on.T
    return paths, triangles, passed_on, within


def _discrepancy(numbers: Values, covariance: Values, least: float) -> tuple[float, Values]:
    """Give the discrepancy of maximum likelihood, log|Σ| + tr(S Σ⁻¹) - (log|S| + p), and its gradient."""
    waves = len(covariance) // 2
    _, triangles, passed_on, within = _implied(numbers, waves)
    implied = (_blocks(within) + (triangles[0] @ triangles[0].T)[:, None]).reshape(covariance.shape)
    sign, size = np.linalg.slogdet(implied)
    if sign <= 0 or not np.isfinite(size):  # the search takes a shorter one
        return 1e10, np.zeros(len(numbers))
    inverse = np.linalg.inv(implied)
    value = size + np.sum(covariance * inverse) - least
    slope = inverse - inverse @ covariance @ inverse
    each = np.arange(waves)
    by_paths = _blocks(passed_on.T @ slope @ within)[each[1:], :, each[:-1]].sum(0)
    by_triangles = np.concatenate(
        [_blocks(slope).sum((0, 2))[None], _blocks(passed_on.T @ slope @ passed_on)[each, :, each]]
    )
    gradient = np.concatenate([by_paths.ravel(), (by_triangles @ triangles)[:, *TRIANGLE].ravel()])
    return float(value), 2.0 * gradient


def _blocks(matrix: Values) -> Values:
    """Show a matrix by wave: (wave, measure, wave, measure)."""
    return matrix.reshape(len(matrix) // 2, 2, len(matrix) // 2, 2)


def _no_fit(reason: str) -> WithinFit:
    return WithinFit(np.nan, np.nan, np.nan, reason)
