"""What a published study estimates, as pure functions of the values of students, a row each.

Values are flattened over students, NaN where one is not measured; who is missing in one of the measures is left out of
all. Measurement error is never drawn: a measure of reliability r has the variance of its true values over r, and its
covariances with other measures stay, as errors are independent.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from setback.experiments.trials.estimators.forms import asymmetry, discontinuity, inverted_u, quadratic
from setback.experiments.trials.estimators.groups import hedges_g, mean_contrast, odds_ratio, ordering, spread_ratio
from setback.experiments.trials.estimators.paths import correlation, cross_lag, regression, smallest_path
from setback.experiments.trials.estimators.rooms import Estimate, class_means, intraclass, jackknife
from setback.experiments.trials.estimators.samples import Values
from setback.experiments.trials.estimators.within import WithinFit, fit_within, random_intercept_cross_lag

__all__ = [
    "ESTIMATORS", "Estimate", "Estimator", "Values", "WithinFit", "asymmetry", "class_means", "correlation",
    "cross_lag", "discontinuity", "fit_within", "hedges_g", "intraclass", "inverted_u", "jackknife", "mean_contrast",
    "odds_ratio", "ordering", "quadratic", "random_intercept_cross_lag", "regression", "smallest_path", "spread_ratio",
]  # fmt: skip


class Estimator(NamedTuple):
    """One thing that a study estimates."""

    function: Callable[..., float]
    unit: str
    description: str


_BETA = "SD per SD"
ESTIMATORS: Mapping[str, Estimator] = {
    "contrast": Estimator(mean_contrast, "unit of the outcome", "The weighted sum of the means or shares of groups."),
    "hedges_g": Estimator(hedges_g, "SD", "The standardised difference of two groups, treated minus control."),
    "odds_ratio": Estimator(odds_ratio, "ratio", "The odds of an event in one group over those in another."),
    "correlation": Estimator(correlation, "r", "The correlation of two measures as they are observed."),
    "regression": Estimator(regression, _BETA, "The standardised coefficient of one predictor, the others held."),
    "cross_lag": Estimator(cross_lag, _BETA, "The standardised path from one measure to another later, itself held."),
    "random_intercept_cross_lag": Estimator(
        random_intercept_cross_lag, _BETA, "The same path within persons, apart from stable differences between them."
    ),
    "discontinuity": Estimator(discontinuity, "unit of the outcome", "The jump at a cut, just below minus just above."),
    "ordering": Estimator(ordering, "unit of the outcome", "The smallest step between arms that should rise."),
    "inverted_u": Estimator(inverted_u, "unit of what was varied", "Where an inverted U has its vertex."),
    "asymmetry": Estimator(asymmetry, "ratio", "The learning rate from negative over that from positive errors."),
    "spread_ratio": Estimator(spread_ratio, "ratio", "The SD of one measure over that of another."),
    "intraclass": Estimator(intraclass, "share of variance", "The share of variance that lies between classes."),
    "path": Estimator(smallest_path, _BETA, "The smallest of several standardised paths that should be above 0."),
}
