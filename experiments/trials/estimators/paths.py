"""Measures are related by correlations and standardised regressions, as they are observed with error."""

from collections.abc import Mapping, Sequence

import numpy as np

from setback.experiments.trials.estimators.samples import (
    Values,
    measured,
    observed_correlations,
    reliable,
    singular,
    varied,
)
from setback.model.errors import InputError, unknown


def correlation(x: Values, y: Values, reliability_x: float = 1.0, reliability_y: float = 1.0) -> float:
    """Correlate two measures as they are observed.

    Args:
        x: true values of one measure, (student,).
        y: true values of the other, (student,).
        reliability_x: of the first, in (0, 1].
        reliability_y: of the second, in (0, 1].

    Returns:
        Pearson's r times the root of both reliabilities; NaN if fewer than 3 students are measured in both, or one
        measure does not vary.

    Raises:
        InputError: if the shapes differ, or a reliability is not in (0, 1].
    """
    return float(_betas([x, y], [reliable(reliability_x, "x"), reliable(reliability_y, "y")])[0])


def regression(
    y: Values,
    predictors: Mapping[str, Values],
    of: str,
    reliabilities: Mapping[str, float] | None = None,
    reliability_y: float = 1.0,
) -> float:
    """Give the standardised coefficient of one predictor in a linear regression on several.

    Of the big-fish-little-pond effect the predictors are own achievement and `class_means` of it. Every predictor is
    standardised by its SD over students, the class average too, so that the coefficient is a path between z-scores:
    that is what a standardised beta says of any single-level regression, and how Fang et al. (2018) name their effect.
    Much of that field instead leaves the class average in SDs of own achievement, which gives a coefficient larger by
    the SD of own achievement over that of the class average: about 2 at an intraclass correlation of .2. The class
    average takes a reliability of 1: what is left of the errors in it, a class size-th, moves the beta by less than .01
    in classes of 25.

    Args:
        y: true values of the outcome, (student,).
        predictors: name -> true values, (student,).
        of: the predictor whose coefficient is given.
        reliabilities: name -> reliability of a predictor, in (0, 1]; those not named have 1.
        reliability_y: of the outcome, in (0, 1].

    Returns:
        SDs of y per SD of the predictor, both as observed, the others held; NaN if students are fewer than 3 or no
        more than variables, one does not vary, or predictors determine one another.

    Raises:
        InputError: if a name is unknown, shapes differ, or a reliability is not in (0, 1].
    """
    shares = reliabilities or {}
    for name in (of, *shares):
        if name not in predictors:
            raise unknown("predictor", name, predictors)
    known = [reliable(shares.get(name, 1.0), name) for name in predictors]
    return float(_betas([y, *predictors.values()], [reliable(reliability_y, "y"), *known])[list(predictors).index(of)])


def cross_lag(
    x1: Values,
    y1: Values,
    y2: Values,
    reliability_x: float = 1.0,
    reliability_y: float = 1.0,
    covariates: Sequence[Values] = (),
) -> float:
    """Give the path from x to later y, earlier y held: the cross-lagged panel model of two waves.

    The model of two waves is saturated, so that its path is the coefficient of this regression: x of the second wave
    is not needed.

    Args:
        x1: true values of x at the first wave, (student,).
        y1: true values of y at the first wave, (student,).
        y2: true values of y at the second wave, (student,).
        reliability_x: of x, in (0, 1].
        reliability_y: of y at both waves, in (0, 1].
        covariates: what else is held, measured without error, (student,) each.

    Returns:
        SDs of y at the second wave per SD of x at the first, both as observed; NaN as in `regression`.

    Raises:
        InputError: if shapes differ, or a reliability is not in (0, 1].
    """
    shares = [reliable(reliability_y, "y"), reliable(reliability_x, "x"), reliability_y]
    return float(_betas([y2, x1, y1, *covariates], [*shares, *[1.0] * len(covariates)])[0])


def smallest_path(paths: Sequence[tuple[Values, Values, Sequence[Values]]]) -> float:
    """Give the smallest of several standardised paths: above 0 if all are.

    Args:
        paths: of each path what it leads to, what it comes from, and the covariates held, (student,) each, measured
            without error, as the sign alone is asked.

    Returns:
        SDs per SD; NaN if one of them is NaN as in `regression`.

    Raises:
        InputError: if there is no path, or the shapes in one differ.
    """
    if not paths:
        raise InputError("there are no paths; each needs an outcome, a predictor and covariates")
    return float(np.min([_betas([y, x, *held], [1.0] * (2 + len(held)))[0] for y, x, held in paths]))


def _betas(columns: Sequence[Values], reliabilities: Sequence[float]) -> Values:
    """Regress the first column on the others, all standardised as observed: (column - 1,)."""
    samples = measured(*columns)
    if varied(*samples) and len(samples[0]) > len(samples):
        matrix = observed_correlations(samples, reliabilities)
        if not singular(matrix[1:, 1:]):
            return np.asarray(np.linalg.solve(matrix[1:, 1:], matrix[1:, 0]), np.float64)
    return np.full(len(columns) - 1, np.nan)
