"""Students sit in classes: what they share, and how far an estimate would vary over other classes."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from setback.experiments.trials.estimators.samples import Values, reliable, varied
from setback.model.errors import InputError, whole


class Estimate(NamedTuple):
    """An estimate and how far it would vary over other classes, in one unit."""

    value: float
    standard_error: float


def class_means(values: Values, room: ArrayLike) -> Values:
    """Give every student the mean of their class, themselves included.

    Args:
        values: of students, (student,); NaN where one is not measured.
        room: the class of each student, (student,).

    Returns:
        (student,): the mean over those measured; NaN in a class where nobody is.

    Raises:
        InputError: if the shapes differ.
    """
    seated, index = _seated(values, room)
    there = np.isfinite(seated)
    count = np.bincount(index, there)
    total = np.bincount(index, np.where(there, seated, 0.0))
    found: Values = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0.0)[index]
    return found


def intraclass(values: Values, room: ArrayLike, reliability: float = 1.0) -> float:
    """Give the share of observed variance between classes: ICC(1) by analysis of variance, for unequal class sizes.

    Args:
        values: true values, (student,).
        room: the class of each student, (student,).
        reliability: of the measure, in (0, 1]: errors add variance within classes.

    Returns:
        A share (Donner 1986), which can fall below 0 by chance; NaN if there are fewer than 3 students or 2 classes,
        no class has two, or values do not vary.

    Raises:
        InputError: if the shapes differ, or the reliability is not in (0, 1].
    """
    seated, _ = _seated(values, room)
    error_share = 1.0 / reliable(reliability, "the measure") - 1.0
    sample = seated[np.isfinite(seated)]
    _, index, sizes = np.unique(np.asarray(room)[np.isfinite(seated)], return_inverse=True, return_counts=True)
    if not varied(sample) or not 1 < len(sizes) < len(sample):
        return np.nan
    mean = np.bincount(index, sample) / sizes
    error = error_share * sample.var(ddof=1)
    between = np.dot(sizes, (mean - sample.mean()) ** 2) / (len(sizes) - 1) + error
    within = np.sum((sample - mean[index]) ** 2) / (len(sample) - len(sizes)) + error
    size = (len(sample) - np.dot(sizes, sizes) / len(sample)) / (len(sizes) - 1)
    return float((between - within) / (between + (size - 1.0) * within))


def jackknife(function: Callable[[NDArray[np.bool_]], float], room: ArrayLike, groups: int = 20) -> Estimate:
    """Give an estimate with its standard error over classes, by leaving out one group of classes after the other.

    Args:
        function: gives the estimate for a selection of students, (student,) booleans; called groups + 1 times.
        room: the class of each student, (student,).
        groups: how many groups of neighbouring classes; as many as there are classes where these are fewer.

    Returns:
        The estimate from all, and the delete-a-group jackknife standard error (Kott 2001) in its unit; the error is
        NaN if there is one class alone, or an estimate without a group is NaN.

    Raises:
        InputError: if the number of groups is not a whole number from 2.
    """
    rooms, index = np.unique(np.asarray(room), return_inverse=True)
    count = min(whole("the number of groups", groups, 2, 1_000_000), len(rooms))
    value = function(np.ones(len(index), np.bool_))
    if count < 2:
        return Estimate(value, np.nan)
    group = index * count // len(rooms)
    without = np.array([function(group != out) for out in range(count)])
    return Estimate(value, float(np.sqrt((count - 1) * without.var())))


def _seated(values: Values, room: ArrayLike) -> tuple[Values, NDArray[np.intp]]:
    """Give the values, and the class of each from 0 up."""
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or np.shape(room) != array.shape:
        raise InputError(f"the rooms have the shape {np.shape(room)}; they need that of the values, {array.shape}")
    return array, np.unique(np.asarray(room), return_inverse=True)[1]
