"""What every estimator shares: which students are counted, and what measurement error does to a sample.

Who writes a trial can mistake its shapes, names, reliabilities and bandwidths: that raises an `InputError`. A world of
a sweep can leave too few students, no variance or no optimum: that gives NaN, so that the other worlds go on.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from setback.model.errors import InputError, number, shown

Values = NDArray[np.float64]
#: Students that a sample needs: below, every estimator gives NaN.
LEAST = 3
#: What counts as rounding: a range relative to the values, an eigenvalue of a correlation matrix.
ROUNDING = 1e-10


def measured(*columns: Values) -> tuple[Values, ...]:
    """Keep the students who are measured in every column (listwise deletion).

    Args:
        columns: the measures of the same students, (student,) each; NaN where a student is not measured.

    Raises:
        InputError: if the columns are not flat or not of one length.
    """
    arrays = [np.asarray(column, np.float64) for column in columns]
    if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise InputError(f"the measures have the shapes {shapes}; each needs one value per student, of the same ones")
    there = np.logical_and.reduce([np.isfinite(array) for array in arrays])
    return tuple(array[there] for array in arrays)


def enough(*columns: Values) -> bool:
    """Say whether there are students enough in every column."""
    return all(len(column) >= LEAST for column in columns)


def varied(*columns: Values) -> bool:
    """Say whether there are students enough, and every column varies by more than rounding."""
    return enough(*columns) and all(np.ptp(column) > ROUNDING * np.abs(column).max() for column in columns)


def reliable(value: float, of: str = "a measure") -> float:
    """Give a reliability: the true variance as a share of the observed one.

    Raises:
        InputError: if it is not above 0 and at most 1.
    """
    found = number(f"the reliability of {of}", value, 0.0, 1.0)
    if found == 0.0:
        raise InputError(f"the reliability of {of} is {shown(value)}; it needs a number above 0 and at most 1")
    return found


def observed_correlations(columns: Sequence[Values], reliabilities: Sequence[float]) -> Values:
    """Correlate measures as they are observed: independent errors inflate variances and leave covariances.

    Args:
        columns: true values of students who are all measured, (student,) each, each with variance.
        reliabilities: of each column, in (0, 1].

    Returns:
        (column, column): r_xy × sqrt(reliability_x × reliability_y), and 1 on the diagonal (Spearman 1904).
    """
    root = np.sqrt([reliable(value) for value in reliabilities])
    found: Values = np.corrcoef(np.stack(columns)) * np.outer(root, root)
    np.fill_diagonal(found, 1.0)
    return found


def singular(correlations: Values) -> bool:
    """Say whether a correlation matrix has no inverse, but for rounding."""
    return bool(np.linalg.eigvalsh(correlations)[0] < ROUNDING)
