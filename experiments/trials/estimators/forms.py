"""The form of a relation: a jump at a cut, an inverted U, and slopes that differ by sign."""

import numpy as np
from numpy.typing import NDArray

from setback.experiments.trials.estimators.samples import Values, enough, measured, varied
from setback.model.errors import InputError, number, shown


def discontinuity(running: Values, outcome: Values, at: float, bandwidth: float) -> float:
    """Give the jump of an outcome at a cut: its limit from below minus its limit from above.

    Who is below the cut fails, so that this is the effect of failing on those at the cut. Each limit is that of a
    local linear regression with a triangular kernel (Hahn, Todd & Van der Klaauw 2001).

    Args:
        running: the score that decides, as observed, (student,); who is exactly at the cut is above it.
        outcome: what may jump, (student,).
        at: the cut, in the unit of the running score.
        bandwidth: how far from the cut students count, in that unit.

    Returns:
        The jump in the unit of the outcome; NaN if within the bandwidth a side has fewer than 3 students, or scores
        on it do not vary.

    Raises:
        InputError: if the shapes differ, the cut is no finite number, or the bandwidth is not finite and above 0.
    """
    running, outcome = measured(running, outcome)
    if number("the bandwidth", bandwidth, 0.0) == 0.0:
        raise InputError(f"the bandwidth is {shown(bandwidth)}; it needs a number above 0")
    distance = running - number("the cut", at)
    near = np.abs(distance) < bandwidth
    below, above = near & (distance < 0.0), near & (distance >= 0.0)
    return _limit(distance[below], outcome[below], bandwidth) - _limit(distance[above], outcome[above], bandwidth)


def _limit(distance: Values, outcome: Values, bandwidth: float) -> float:
    """Give the value at distance 0 of a line that is fitted with weights falling to 0 at the bandwidth."""
    if not varied(distance):
        return np.nan
    weight = 1.0 - np.abs(distance) / bandwidth
    middle = np.average(distance, weights=weight)
    apart = weight * (distance - middle)
    slope = np.dot(apart, outcome) / np.dot(apart, distance - middle)
    return float(np.average(outcome, weights=weight) - slope * middle)


def quadratic(x: Values, y: Values) -> float:
    """Give the curvature of a relation: the coefficient of x² in a quadratic regression.

    Args:
        x: what was varied, (arm,) or (student,).
        y: what came of it, of the same shape.

    Returns:
        Units of y per squared unit of x: below 0 for an inverted U; NaN if fewer than 3 pairs are measured, x has
        fewer than 3 different values, or y does not vary.

    Raises:
        InputError: if the shapes differ.
    """
    return _parabola(x, y)[0]


def inverted_u(x: Values, y: Values) -> float:
    """Give where an inverted U has its vertex, by a quadratic regression.

    Args:
        x: what was varied, (arm,) or (student,).
        y: what came of it, of the same shape.

    Returns:
        The vertex in the unit of x; NaN if the curvature is not below 0, the vertex is not inside the range of x that
        was tried (Lind & Mehlum 2010), or there is no fit as in `quadratic`.

    Raises:
        InputError: if the shapes differ.
    """
    curvature, vertex = _parabola(x, y)
    tried, _ = measured(x, y)
    return vertex if curvature < 0.0 and tried.min() < vertex < tried.max() else np.nan


def _parabola(x: Values, y: Values) -> tuple[float, float]:
    """Fit a quadratic regression: its curvature and the x of its vertex, NaN where there is none."""
    x, y = measured(x, y)
    if not varied(x, y):
        return np.nan, np.nan
    middle, spread = x.mean(), x.std()
    z = (x - middle) / spread
    (_, slope, curvature), _, rank, _ = np.linalg.lstsq(np.stack([np.ones(len(z)), z, z * z], 1), y)
    if rank < 3 or curvature == 0.0:
        return np.nan, np.nan
    return float(curvature / spread**2), float(middle - spread * slope / (2.0 * curvature))


def asymmetry(error: Values, change: Values, among: NDArray[np.bool_] | None = None) -> float:
    """Divide the learning rate from negative prediction errors by that from positive ones.

    A learning rate is the slope of the change on the error, through the origin, over the errors of one sign (Rescorla
    & Wagner 1972, with a rate for each sign).

    Args:
        error: what came minus what was expected, (student,) or flattened over trials.
        change: of the expectation, in the same unit and of the same shape.
        among: True for those who count; everybody if it is not given.

    Returns:
        The ratio of the rates: above 1 if negative errors are learnt faster; NaN if a sign has fewer than 3 errors, or
        nothing is learnt from positive ones (a rate of 0 or below), as the ratio says nothing then.

    Raises:
        InputError: if the shapes differ.
    """
    if among is not None:
        if np.shape(among) != np.shape(error):
            raise InputError(
                f"who counts has the shape {np.shape(among)}; it needs that of the errors, {np.shape(error)}"
            )
        error = np.where(among, error, np.nan)
    error, change = measured(error, change)
    if not enough(error[error < 0.0], error[error > 0.0]):
        return np.nan
    negative, positive = _rate(error, change, error < 0.0), _rate(error, change, error > 0.0)
    return negative / positive if positive > 0.0 else np.nan


def _rate(error: Values, change: Values, those: NDArray[np.bool_]) -> float:
    return float(np.dot(error[those], change[those]) / np.dot(error[those], error[those]))
