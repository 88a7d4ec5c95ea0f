"""Arms are compared by means, shares, odds, order and spread."""

from collections.abc import Sequence

import numpy as np

from setback.experiments.trials.estimators.samples import Values, enough, measured, reliable, varied
from setback.model.errors import InputError, number


def mean_contrast(groups: Sequence[tuple[float, Values]]) -> float:
    """Add up the means of groups, each times its weight.

    One group of weight 1 gives a mean or share, weights 1 and -1 a difference, 1, -1, -1 and 1 an interaction.

    Args:
        groups: weight and values, (student,), of each group; each over the students measured in it.

    Returns:
        The contrast in the unit of the values; NaN if a group has fewer than 3 students.

    Raises:
        InputError: if there is no group, or a weight is no finite number.
    """
    if not groups:
        raise InputError("the contrast has no groups; it needs a weight and values for each")
    weights = [number("the weight of a group", weight) for weight, _ in groups]
    samples = [measured(values)[0] for _, values in groups]
    return float(np.dot(weights, [s.mean() for s in samples])) if enough(*samples) else np.nan


def hedges_g(treated: Values, control: Values, reliability: float = 1.0, sd: float | None = None) -> float:
    """Give the standardised difference of two groups, treated minus control.

    Args:
        treated: values of one group, (student,).
        control: values of the other, (student,).
        reliability: of the outcome, in (0, 1]: the pooled SD is that of the true values over its root.
        sd: a fixed SD of observed scores to divide by instead; then neither the reliability nor the correction for
            small samples is used.

    Returns:
        Hedges' g in SDs, with the correction 1 - 3 / (4 df - 1) (Hedges 1981); NaN if a group has fewer than 3
        students, or neither varies.

    Raises:
        InputError: if the reliability is not in (0, 1], or the SD is not above 0.
    """
    (a,), (b,) = measured(treated), measured(control)
    share = reliable(reliability, "the outcome")
    if sd is not None and number("the SD to divide by", sd, 0.0) == 0.0:
        raise InputError("the SD to divide by is 0; it needs a number above 0")
    if not enough(a, b):
        return np.nan
    difference = float(a.mean() - b.mean())
    if sd is not None:
        return difference / sd
    if not (varied(a) or varied(b)):
        return np.nan
    freedom = len(a) + len(b) - 2
    pooled = np.sqrt((len(a) * a.var() + len(b) * b.var()) / freedom / share)
    return float(difference / pooled * (1.0 - 3.0 / (4.0 * freedom - 1.0)))


def odds_ratio(treated: Values, control: Values) -> float:
    """Divide the odds of an event in one group by those in another.

    Args:
        treated: 1 where the event happened to a student, else 0, (student,).
        control: the same of the other group.

    Returns:
        The odds ratio, treated over control; where a cell of the table is empty, a half is added to all four (Haldane
        1956, Anscombe 1956). NaN if a group has fewer than 3 students.

    Raises:
        InputError: if a value is neither 0 nor 1.
    """
    (a,), (b,) = measured(treated), measured(control)
    if not np.isin(np.concatenate([a, b]), (0.0, 1.0)).all():
        raise InputError("an odds ratio is of events; every value needs to be 0 or 1")
    if not enough(a, b):
        return np.nan
    cells = np.array([a.sum(), len(a) - a.sum(), b.sum(), len(b) - b.sum()])
    happened, spared, happened_control, spared_control = cells + 0.5 * (cells == 0.0).any()
    return float(happened * spared_control / (spared * happened_control))


def ordering(means: Sequence[float]) -> float:
    """Give the smallest step from an arm to the next, for arms that should rise in the order given.

    Args:
        means: one number per arm, in one unit.

    Returns:
        The smallest step in that unit: above 0 if every arm is above the one before; NaN if a mean is NaN.

    Raises:
        InputError: if there are fewer than two arms.
    """
    if len(means) < 2:
        raise InputError(f"the order is of {len(means)} arms; it needs two or more")
    return float(np.diff(np.asarray(means, np.float64)).min())


def spread_ratio(a: Values, b: Values, reliability_a: float = 1.0, reliability_b: float = 1.0) -> float:
    """Divide the observed SD of one measure by that of another.

    Args:
        a: values of one measure, (student,).
        b: values of the other, of the same students, (student,).
        reliability_a: of the first, in (0, 1].
        reliability_b: of the second, in (0, 1].

    Returns:
        The ratio of the SDs; NaN if fewer than 3 students are measured in both, or the second does not vary.

    Raises:
        InputError: if the shapes differ, or a reliability is not in (0, 1].
    """
    a, b = measured(a, b)
    shares = reliable(reliability_a, "the first measure"), reliable(reliability_b, "the second measure")
    return float(a.std() / b.std() * np.sqrt(shares[1] / shares[0])) if varied(b) else np.nan
