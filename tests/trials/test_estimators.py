"""Every estimator finds what was planted, to its standard error, and says what it cannot find."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from setback.experiments.trials.estimators import (
    ESTIMATORS,
    Estimate,
    asymmetry,
    class_means,
    correlation,
    cross_lag,
    discontinuity,
    fit_within,
    hedges_g,
    intraclass,
    inverted_u,
    jackknife,
    mean_contrast,
    odds_ratio,
    ordering,
    quadratic,
    random_intercept_cross_lag,
    regression,
    smallest_path,
    spread_ratio,
    within,
)
from setback.model.errors import InputError

Values = NDArray[np.float64]
N = 20_000
EACH = np.arange(N)
THREE = np.array([1.0, 2.0, 4.0])
FLAT = np.ones(3)
NONE = np.full(3, np.nan)


@pytest.fixture
def rng() -> np.random.Generator:
    """One stream of luck for each test."""
    return np.random.default_rng(20)


def exact(rng: np.random.Generator, covariance: Any, students: int = 100) -> Values:
    """Draw a sample whose covariance matrix is exactly the one given: (variable, student)."""
    size = len(covariance)
    drawn = rng.normal(size=(size, students))
    drawn -= drawn.mean(1, keepdims=True)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(drawn)), drawn)
    found: Values = np.linalg.cholesky(np.asarray(covariance)) @ white
    return found


def noisy(rng: np.random.Generator, values: Values, reliability: float) -> Values:
    """Add the drawn errors of a measure of some reliability, to each wave its own."""
    return values + rng.normal(size=values.shape) * values.std(0) * math.sqrt(1.0 / reliability - 1.0)


def finds(function: Callable[[Any], float], planted: float, room: Any = EACH, null: float = 0.0) -> Estimate:
    """Check that an estimate is within three standard errors of what was planted, and far from its null."""
    found = jackknife(function, room)
    assert abs(found.value - planted) < 3.0 * found.standard_error
    assert abs(planted - null) > 6.0 * found.standard_error, "the test could not fail"
    return found


def attenuates(true: Callable[[Any], float], analytic: Callable[[Any], float], drawn: Callable[[Any], float]) -> None:
    """Check that the analytic errors do what drawn errors do, and that they do something."""
    apart = jackknife(lambda s: analytic(s) - drawn(s), EACH)
    assert abs(apart.value) < 3.0 * apart.standard_error
    matters = jackknife(lambda s: true(s) - drawn(s), EACH)
    assert abs(matters.value) > 6.0 * matters.standard_error, "the test could not fail"


# ---- groups ------------------------------------------------------------------------------------------------------
def test_a_contrast_is_a_weighted_sum_of_means() -> None:
    """By hand, over those measured."""
    assert mean_contrast([(1.0, THREE * 3), (-1.0, np.array([1.0, 2.0, 3.0, np.nan]))]) == pytest.approx(5.0)
    assert mean_contrast([(1.0, np.array([1.0, 0.0, 0.0, 1.0]))]) == 0.5


def test_hedges_g_finds_a_difference(rng: np.random.Generator) -> None:
    """In true SDs, in observed SDs, and in those of a ruler."""
    a, b = 2.0 * rng.normal(size=N) + 0.8, 2.0 * rng.normal(size=N)
    finds(lambda s: hedges_g(a[s], b[s]), 0.4)
    finds(lambda s: hedges_g(a[s], b[s], 0.64), 0.32)
    finds(lambda s: hedges_g(a[s], b[s], sd=4.0), 0.2)
    assert hedges_g(a, b, 0.5, sd=4.0) == hedges_g(a, b, sd=4.0)
    x, y = noisy(rng, a, 0.64), noisy(rng, b, 0.64)
    attenuates(
        lambda s: hedges_g(a[s], b[s]), lambda s: hedges_g(a[s], b[s], 0.64), lambda s: hedges_g(x[s], y[s])
    )  # fmt: skip


def test_hedges_g_is_corrected_in_small_samples() -> None:
    """By hand: a difference of 1, a pooled variance of (2 + 2 + 4) / 5 and five degrees of freedom."""
    a, b = np.array([2.0, 3.0, 4.0]), np.array([1.0, 1.0, 3.0, 3.0])
    assert hedges_g(a, b) == pytest.approx(1.0 / math.sqrt(6.0 / 5.0) * (1.0 - 3.0 / 19.0))


def test_odds_ratio(rng: np.random.Generator) -> None:
    """Of planted shares; by hand; and where a cell is empty."""
    a, b = (rng.random(N) < 0.6).astype(float), (rng.random(N) < 0.5).astype(float)
    finds(lambda s: odds_ratio(a[s], b[s]), 1.5, null=1.0)
    assert odds_ratio(np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0, 0.0])) == pytest.approx(6.0)
    assert odds_ratio(np.ones(3), np.array([1.0, 0.0, 0.0])) == pytest.approx((3.5 * 2.5) / (0.5 * 1.5))


def test_ordering_is_the_smallest_step() -> None:
    """The least of the rises; a fall is below 0."""
    assert ordering([1.0, 2.0, 2.25, 4.0]) == 0.25
    assert ordering([1.0, 3.0, 2.5]) == -0.5


def test_spread_ratio(rng: np.random.Generator) -> None:
    """Of true values and of observed ones, over those measured in both."""
    a, b = 3.0 * rng.normal(size=N), 2.0 * rng.normal(size=N)
    x, y = noisy(rng, a, 0.5), noisy(rng, b, 0.8)
    finds(lambda s: spread_ratio(a[s], b[s]), 1.5, null=1.0)
    attenuates(
        lambda s: spread_ratio(a[s], b[s]),
        lambda s: spread_ratio(a[s], b[s], 0.5, 0.8),
        lambda s: spread_ratio(x[s], y[s]),
    )
    assert spread_ratio(np.append(THREE, 99.0), np.append(2 * THREE, np.nan)) == pytest.approx(0.5)


# ---- paths -------------------------------------------------------------------------------------------------------
def test_correlation(rng: np.random.Generator) -> None:
    """Exactly that of the sample, and attenuated by errors."""
    x, y = exact(rng, [[4.0, -1.2], [-1.2, 1.0]])
    assert correlation(x, y) == pytest.approx(-0.6)
    assert correlation(np.append(x, np.inf), np.append(y, 1.0)) == pytest.approx(-0.6)
    assert correlation(x, y, 0.8, 0.5) == pytest.approx(-0.6 * math.sqrt(0.4))
    x = rng.normal(size=N)
    y = 0.5 * x + rng.normal(size=N)
    u, v = noisy(rng, x, 0.7), noisy(rng, y, 0.9)
    attenuates(
        lambda s: correlation(x[s], y[s]),
        lambda s: correlation(x[s], y[s], 0.7, 0.9),
        lambda s: correlation(u[s], v[s]),
    )


def test_regression(rng: np.random.Generator) -> None:
    """Exactly that of the normal equations, whatever the units; with errors in one predictor, in y, and in both."""
    a, b, e = exact(rng, [[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.61]])
    y = 0.5 * a - 0.4 * b + e
    predictors = {"a": 7.0 * a + 3.0, "b": 0.1 * b}
    sd = math.sqrt(0.25 + 0.16 - 0.2 + 0.61)
    assert regression(y, predictors, "a") == pytest.approx(0.5 / sd)
    assert regression(y, predictors, "b") == pytest.approx(-0.4 / sd)
    assert regression(y, predictors, "b", reliability_y=0.64) == pytest.approx(-0.4 / sd * 0.8)
    covariance, shared = np.array([[1.25, 0.5], [0.5, 1.0]]), np.array([0.5 - 0.2, 0.25 - 0.4])
    betas = np.linalg.solve(covariance, shared) * np.sqrt(np.diag(covariance)) / sd
    assert regression(y, predictors, "a", {"a": 0.8}) == pytest.approx(betas[0])
    assert regression(y, predictors, "b", {"a": 0.8}) == pytest.approx(betas[1])


def test_regression_with_drawn_errors(rng: np.random.Generator) -> None:
    """Errors in one predictor give some of its effect to the other."""
    a = rng.normal(size=N)
    b = 0.6 * a + 0.8 * rng.normal(size=N)
    y = 0.6 * a + rng.normal(size=N)
    u, v, w = noisy(rng, a, 0.6), noisy(rng, b, 0.9), noisy(rng, y, 0.8)
    attenuates(
        lambda s: regression(y[s], {"a": a[s], "b": b[s]}, "b"),
        lambda s: regression(y[s], {"a": a[s], "b": b[s]}, "b", {"a": 0.6, "b": 0.9}, 0.8),
        lambda s: regression(w[s], {"a": u[s], "b": v[s]}, "b"),
    )


def big_fish(rng: np.random.Generator) -> tuple[Values, Values, NDArray[np.int64]]:
    """Draw self-concept, .6 of own achievement and -.6 of the class average, in 1,600 classes of 25."""
    room = np.repeat(np.arange(1600), 25)
    own = math.sqrt(0.2) * rng.normal(size=1600)[room] + math.sqrt(0.8) * rng.normal(size=len(room))
    return 0.6 * own - 0.6 * class_means(own, room) + 0.8 * rng.normal(size=len(room)), own, room


def test_the_big_fish_little_pond_effect(rng: np.random.Generator) -> None:
    """The class average is standardised by its own SD over students."""
    concept, own, room = big_fish(rng)
    average = class_means(own, room)
    finds(
        lambda s: regression(concept[s], {"own": own[s], "class": average[s]}, "class"),
        -0.6 * math.sqrt(0.2 + 0.8 / 25) / math.sqrt(0.36 * 0.8 * 24 / 25 + 0.64),
        room,
    )


def test_errors_in_a_class_average_hardly_matter(rng: np.random.Generator) -> None:
    """As the docstring says: less than .01, though those in own achievement matter."""
    concept, own, room = big_fish(rng)
    seen = noisy(rng, own, 0.8)
    drawn = regression(concept, {"own": seen, "class": class_means(seen, room)}, "class")
    known = {"own": own, "class": class_means(own, room)}
    assert abs(regression(concept, known, "class", {"own": 0.8}) - drawn) < 0.01
    assert abs(regression(concept, known, "class") - drawn) > 0.03


def two_waves(rng: np.random.Generator) -> tuple[Values, Values, Values]:
    """Draw x and y of a first wave, correlated by .5, and y of a second: .2 of x, .6 of y, variance 1."""
    x = rng.normal(size=N)
    y = 0.5 * x + math.sqrt(0.75) * rng.normal(size=N)
    return x, y, 0.2 * x + 0.6 * y + math.sqrt(1 - 0.04 - 0.36 - 0.12) * rng.normal(size=N)


def test_cross_lag(rng: np.random.Generator) -> None:
    """From x to later y, not from y to later y."""
    x, y, later = two_waves(rng)
    finds(lambda s: cross_lag(x[s], y[s], later[s]), 0.2)
    finds(lambda s: cross_lag(y[s], x[s], later[s]), 0.6)
    finds(lambda s: cross_lag(x[s], y[s], -later[s]), -0.2)


def test_cross_lag_with_errors(rng: np.random.Generator) -> None:
    """Errors in y raise the path from x, errors in x lower it; a covariate takes its part."""
    x, y, later = two_waves(rng)
    u, v, w = noisy(rng, x, 0.9), noisy(rng, y, 0.6), noisy(rng, later, 0.6)
    attenuates(
        lambda s: cross_lag(x[s], y[s], later[s]),
        lambda s: cross_lag(x[s], y[s], later[s], 0.9, 0.6),
        lambda s: cross_lag(u[s], v[s], w[s]),
    )
    assert cross_lag(x, y, later, 0.9, 0.6) > cross_lag(x, y, later) > cross_lag(x, y, later, 0.6)
    third = 0.5 * x + rng.normal(size=N)
    finds(lambda s: cross_lag(x[s], y[s], later[s] + 0.5 * third[s], covariates=[third[s]]),
          0.2 / math.sqrt(1.0 + 0.25 * 1.25 + 0.5 * (0.2 + 0.3)))  # fmt: skip


def test_the_smallest_path(rng: np.random.Generator) -> None:
    """The least of three, one with a covariate without which it would be another."""
    x, y, later = two_waves(rng)
    paths = [(later, x, [y]), (later, y, [x]), (y, x, [])]
    finds(lambda s: smallest_path([(a[s], b[s], [c[s] for c in held]) for a, b, held in paths]), 0.2)
    assert smallest_path([*paths, (-later, y, [])]) < -0.6
    assert math.isnan(smallest_path([*paths, (later, np.ones(N), [])]))


# ---- within persons ----------------------------------------------------------------------------------------------
#: Paths (to, from), x before y: x falls with earlier y, y does not follow from x.
PATHS = np.array([[0.3, -0.15], [0.0, 0.4]])
BETWEEN = np.array([[1.0, 0.7], [0.7, 1.5]])


def panel(
    rng: np.random.Generator, paths: Values, waves: int, students: int, between: float = 1.0
) -> tuple[Values, Values]:
    """Draw x and y, (student, wave) each, whose deviations have variance 1 and correlation .3 at every wave."""
    level = np.array([[1.0, 0.3], [0.3, 1.0]])
    residual = np.linalg.cholesky(level - paths @ level @ paths.T)
    now = rng.normal(size=(students, 2)) @ np.linalg.cholesky(level).T
    seen = [now]
    for _ in range(waves - 1):
        now = now @ paths.T + rng.normal(size=(students, 2)) @ residual.T
        seen.append(now)
    stable = rng.normal(size=(students, 2)) @ np.linalg.cholesky(between * BETWEEN).T
    both = np.stack(seen, 1) + stable[:, None]
    return both[..., 0], both[..., 1]


@pytest.mark.parametrize("waves", [3, 5])
def test_the_model_within_persons_is_recovered_exactly(rng: np.random.Generator, waves: int) -> None:
    """Where the covariance matrix is that of the model, with spreads that change over waves."""
    paths = np.array([[0.5, 0.1], [-0.2, 0.4]])
    first, residual = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[0.8, 0.2], [0.2, 0.6]])
    covariance = np.tile(BETWEEN, (waves, waves))
    level, sds = first, []
    for t in range(waves):
        sds.append(np.sqrt(np.diag(level)))
        carried = level
        for later in range(t, waves):
            covariance[2 * later : 2 * later + 2, 2 * t : 2 * t + 2] += carried
            if later > t:
                covariance[2 * t : 2 * t + 2, 2 * later : 2 * later + 2] += carried.T
            carried = paths @ carried
        level = paths @ level @ paths.T + residual
    both = exact(rng, covariance) * np.tile([[5.0], [0.2]], (waves, 1))
    found = fit_within(both[::2].T, both[1::2].T)
    lags = range(waves - 1)
    assert found.x_to_y == pytest.approx(-0.2 * np.mean([sds[t][0] / sds[t + 1][1] for t in lags]), abs=1e-4)
    assert found.y_to_x == pytest.approx(0.1 * np.mean([sds[t][1] / sds[t + 1][0] for t in lags]), abs=1e-4)
    assert found.discrepancy == pytest.approx(0.0, abs=1e-8) and found.reason == ""


def test_paths_within_persons_where_a_cross_lag_is_biased(rng: np.random.Generator) -> None:
    """Stable differences look like paths to a plain cross-lag, not to the model."""
    x, y = panel(rng, PATHS, 4, N)
    finds(lambda s: random_intercept_cross_lag(y[s], x[s]), -0.15)
    null = jackknife(lambda s: random_intercept_cross_lag(x[s], y[s]), EACH)
    assert abs(null.value) < 3.0 * null.standard_error < 0.06
    plain = jackknife(lambda s: cross_lag(x[s, 0], y[s, 0], y[s, 1]), EACH)
    assert plain.value > 6.0 * plain.standard_error
    assert cross_lag(y[:, 0], x[:, 0], x[:, 1]) > 0.0


def test_paths_within_persons_with_errors(rng: np.random.Generator) -> None:
    """Drawn errors do what inflated variances do."""
    x, y = panel(rng, np.array([[0.3, 0.0], [0.3, 0.3]]), 4, N)
    u, v = noisy(rng, x, 0.7), noisy(rng, y, 0.9)
    attenuates(
        lambda s: random_intercept_cross_lag(x[s], y[s]),
        lambda s: random_intercept_cross_lag(x[s], y[s], 0.7, 0.9),
        lambda s: random_intercept_cross_lag(u[s], v[s]),
    )


def test_without_stable_differences_the_model_is_a_cross_lag(rng: np.random.Generator) -> None:
    """The search comes to the edge of what is possible, where intercepts do not vary, and ends there."""
    x, y = panel(rng, np.array([[0.5, 0.0], [0.3, 0.4]]), 4, N, between=1e-6)
    finds(lambda s: random_intercept_cross_lag(x[s], y[s]), 0.3)
    finds(lambda s: cross_lag(x[s, 0], y[s, 0], y[s, 1]), 0.3)


def test_the_lowest_of_several_optima_is_taken(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where persons drift apart, which the model does not know, single starts end at different ones."""
    x, y = panel(rng, PATHS, 3, 300)
    x, y = x + rng.normal(size=(300, 1)) * np.arange(3), y + rng.normal(size=(300, 1)) * np.arange(3)
    found, starts, single = fit_within(x, y), within.STARTS, []
    for start in starts:
        monkeypatch.setattr(within, "STARTS", (start,))
        single.append(fit_within(x, y).discrepancy)
    assert found.discrepancy == min(single) < max(single) - 0.001, "the test could not fail"


def test_who_misses_a_wave_is_left_out(rng: np.random.Generator) -> None:
    """Listwise, over both measures."""
    x, y = panel(rng, PATHS, 3, 500)
    x[7, 1] = np.nan
    there = np.delete(EACH[:500], 7)
    assert random_intercept_cross_lag(x, y) == random_intercept_cross_lag(x[there], y[there])


def test_no_fit_has_a_reason(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few students, no variance, a measure that follows from others, no optimum."""
    x, y = panel(rng, PATHS, 3, 200)
    cases = [((x[:6], y[:6]), "6 students are measured at every wave; it needs more than 6"),
             ((x, np.ones_like(y)), "a measure does not vary, or follows from the others"),
             ((x, 2.0 * x), "a measure does not vary, or follows from the others")]  # fmt: skip
    monkeypatch.setattr(within, "FLAT", 0.0)
    for waves, reason in (*cases, ((x, y), "the search ends at no optimum")):
        found = fit_within(*waves)
        assert found.reason == reason and np.isnan(found[:3]).all()
        assert math.isnan(random_intercept_cross_lag(*waves))


# ---- forms -------------------------------------------------------------------------------------------------------
def test_a_jump_is_found_exactly_between_lines(rng: np.random.Generator) -> None:
    """Whatever the slopes; who is at the cut has passed."""
    score = np.append(rng.random(200), 0.5)
    outcome = np.where(score < 0.5, 3.0 + 2.0 * (score - 0.5), 1.0 - 4.0 * (score - 0.5))
    assert discontinuity(score, outcome, 0.5, 0.2) == pytest.approx(2.0)
    assert discontinuity(-score[:-1], outcome[:-1], -0.5, 0.2) == pytest.approx(-2.0)


def test_a_jump_is_found_in_chances(rng: np.random.Generator) -> None:
    """Failing raises stopping by .08; a plain difference of shares would be three times that."""
    score = rng.normal(size=10 * N)
    stops = (rng.random(10 * N) < 0.3 - 0.1 * score + 0.08 * (score < 0.1)).astype(float)
    finds(lambda s: discontinuity(score[s], stops[s], 0.1, 0.8), 0.08, np.arange(10 * N))


def test_the_kernel_is_triangular(rng: np.random.Generator) -> None:
    """As in weighted least squares of both sides at once."""
    score, outcome = rng.random(100), rng.random(100)
    distance = score - 0.4
    root = np.sqrt(np.maximum(1.0 - np.abs(distance) / 0.3, 0.0))
    below = distance < 0.0
    design = np.stack([below, np.ones(100), distance, distance * below], 1) * root[:, None]
    assert discontinuity(score, outcome, 0.4, 0.3) == pytest.approx(np.linalg.lstsq(design, outcome * root)[0][0])


def test_an_inverted_u_has_its_vertex(rng: np.random.Generator) -> None:
    """Exactly for a parabola over arms; to the standard error over students."""
    x = np.array([0.05, 0.1, 0.2, 0.4, 0.5])
    assert inverted_u(x, 2.0 - 3.0 * (x - 0.15) ** 2) == pytest.approx(0.15)
    assert quadratic(x, 2.0 - 3.0 * (x - 0.15) ** 2) == pytest.approx(-3.0)
    error = rng.random(N)
    gain = -((error - 0.3) ** 2) + 0.2 * rng.normal(size=N)
    finds(lambda s: inverted_u(error[s], gain[s]), 0.3)
    finds(lambda s: quadratic(error[s], gain[s]), -1.0)


@pytest.mark.parametrize("vertex", [0.04, 0.6])
def test_no_vertex_outside_what_was_tried(vertex: float) -> None:
    """Nor of a U; its curvature is known all the same."""
    x = np.array([0.05, 0.1, 0.2, 0.4, 0.5])
    assert math.isnan(inverted_u(x, -((x - vertex) ** 2)))
    assert math.isnan(inverted_u(x, (x - 0.2) ** 2))
    assert quadratic(x, (x - vertex) ** 2) == pytest.approx(1.0)


def test_learning_is_asymmetric(rng: np.random.Generator) -> None:
    """Rates of .3 for negative and .2 for positive errors; the other way round among some."""
    error = rng.normal(size=N) + 0.5
    odd = EACH % 2 == 1
    change = error * np.where((error < 0.0) == odd, 0.2, 0.3) + 0.1 * rng.normal(size=N)
    finds(lambda s: asymmetry(error[s], change[s], ~odd[s]), 1.5, null=1.0)
    finds(lambda s: asymmetry(error[s], change[s], odd[s]), 2.0 / 3.0, null=1.0)
    assert asymmetry(np.array([-1.0, -2.0, -3.0, 1.0, 2.0, 3.0]), np.array([-1, -2, -3, 4, 8, 12.0])) == 0.25
    assert math.isnan(asymmetry(error, -error))


# ---- rooms -------------------------------------------------------------------------------------------------------
def test_class_means() -> None:
    """Themselves included, those not measured left out, in the order of students."""
    room = np.array([7, 2, 7, 2, 3])
    found = class_means(np.array([1.0, 2.0, 3.0, np.nan, np.nan]), room)
    assert np.array_equal(found, [2.0, 2.0, 2.0, 2.0, np.nan], equal_nan=True)


def test_intraclass_by_hand() -> None:
    """Mean squares of 4.8 and 10/3, and a mean class size of 2.4."""
    found = intraclass(np.array([0.0, 1.0, 2.0, 3.0, 5.0, np.nan]), np.array([0, 4, 0, 4, 4, 4]))
    assert found == pytest.approx((4.8 - 10 / 3) / (4.8 + 1.4 * 10 / 3))


def test_intraclass_finds_what_classes_share(rng: np.random.Generator) -> None:
    """In classes of unequal sizes, of true and of observed values."""
    room = np.repeat(np.arange(2000), rng.integers(5, 30, 2000))
    values = math.sqrt(0.2) * rng.normal(size=2000)[room] + math.sqrt(0.8) * rng.normal(size=len(room))
    seen = noisy(rng, values, 0.7)
    finds(lambda s: intraclass(values[s], room[s]), 0.2, room)
    finds(lambda s: intraclass(values[s], room[s], 0.7), 0.14, room)
    apart = jackknife(lambda s: intraclass(values[s], room[s], 0.7) - intraclass(seen[s], room[s]), room)
    assert abs(apart.value) < 3.0 * apart.standard_error < 0.01


def test_the_jackknife_of_a_mean_is_known(rng: np.random.Generator) -> None:
    """With a group for each of twenty classes of one size, the SD of class means over the root of twenty."""
    values = rng.normal(size=(20, 15))
    found = jackknife(lambda s: values.ravel()[s].mean(), np.repeat(np.arange(20), 15))
    assert found == pytest.approx((values.mean(), values.mean(1).std(ddof=1) / math.sqrt(20)))


def test_the_jackknife_says_how_far_samples_spread(rng: np.random.Generator) -> None:
    """Against 300 repeated samples of 45 classes, to the error of such a spread."""
    room = np.repeat(np.arange(45), 12)

    def repeated() -> Iterator[Estimate]:
        for _ in range(300):
            shared = rng.normal(size=(2, 45))[:, room]
            x, y = shared + rng.normal(size=(2, len(room)))
            x = x + 0.5 * y
            yield jackknife(lambda s, x=x, y=y: correlation(x[s], y[s]), room)  # type: ignore[misc]

    value, error = np.array([*repeated()]).T
    relative = math.sqrt(1 / 600 + 1 / (2 * 19 * 300))
    assert math.sqrt(np.mean(error**2)) / value.std(ddof=1) == pytest.approx(1.0, abs=3 * relative)


def test_the_jackknife_leaves_out_neighbouring_rooms() -> None:
    """Each once, in groups + 1 calls, in the order of their addresses."""
    room = np.array([9, 0, 1, 5, 9, 4])
    calls: list[list[int]] = []

    def left_out(selection: NDArray[np.bool_]) -> float:
        calls.append(sorted(room[~selection].tolist()))
        return 0.0

    jackknife(left_out, room, 3)
    assert calls == [[], [0, 1], [4, 5], [9, 9]] or calls == [[], [0, 1], [4], [5, 9, 9]]
    calls.clear()
    jackknife(left_out, room)
    assert calls == [[], [0], [1], [4], [5], [9, 9]]


def test_one_class_has_no_standard_error() -> None:
    """Nor has an estimate that is not known without a group."""
    assert np.array_equal(jackknife(lambda s: 3.0, np.zeros(5)), (3.0, np.nan), equal_nan=True)
    assert math.isnan(jackknife(lambda s: 1.0 if s[0] else np.nan, np.arange(5)).standard_error)


# ---- what a world may hold, and what a trial may not -------------------------------------------------------------
NOT_KNOWN: dict[str, Callable[[], float]] = {
    "contrast, two students": lambda: mean_contrast([(1.0, THREE), (-1.0, THREE[:2])]),
    "g, two students": lambda: hedges_g(THREE, THREE[:2], sd=1.0),
    "g, nobody": lambda: hedges_g(THREE, NONE),
    "g, no variance": lambda: hedges_g(FLAT, 2 * FLAT),
    "odds, two students": lambda: odds_ratio(FLAT, FLAT[:2]),
    "ordering, an unknown mean": lambda: ordering([1.0, np.nan, 2.0]),
    "spread, no variance": lambda: spread_ratio(THREE, FLAT),
    "spread, pairs": lambda: spread_ratio(THREE, np.array([1.0, 2.0, np.nan])),
    "correlation, no variance": lambda: correlation(THREE, FLAT),
    "correlation, rounding": lambda: correlation(THREE, 0.1 + np.array([0.0, 1e-17, 2e-17])),
    "correlation, pairs": lambda: correlation(THREE, np.array([1.0, np.inf, 2.0])),
    "regression, collinear": lambda: regression(np.arange(9.0) ** 2, {"a": np.arange(9.0), "b": -np.arange(9.0)}, "a"),
    "regression, few": lambda: regression(THREE, {"a": THREE**2, "b": THREE**3}, "a", {"a": 0.5}),
    "cross-lag, few": lambda: cross_lag(THREE, THREE**2, THREE**3),
    "jump, one side": lambda: discontinuity(THREE, THREE, 0.0, 5.0),
    "jump, one score": lambda: discontinuity(np.array([-1, -2, -3, 1, 1, 1.0]), np.arange(6.0), 0.0, 5.0),
    "quadratic, two arms": lambda: quadratic(THREE[:2], THREE[:2]),
    "quadratic, two values": lambda: quadratic(np.array([1.0, 1.0, 2.0]), THREE),
    "inverted U, flat": lambda: inverted_u(THREE, FLAT),
    "inverted U, nobody": lambda: inverted_u(NONE, THREE),
    "asymmetry, two errors": lambda: asymmetry(np.array([-1, -1, 1, 1, 1.0]), np.ones(5)),
    "ICC, one class": lambda: intraclass(THREE, np.zeros(3)),
    "ICC, one each": lambda: intraclass(THREE, np.arange(3)),
    "ICC, no variance": lambda: intraclass(FLAT, np.array([0, 0, 1])),
}  # fmt: skip
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no groups": (lambda: mean_contrast([]), "no groups"),
    "a weight": (lambda: mean_contrast([(math.inf, THREE)]), "weight of a group is inf"),
    "a ruler": (lambda: hedges_g(THREE, THREE, sd=0.0), "SD to divide by is 0"),
    "events": (lambda: odds_ratio(THREE, FLAT), "needs to be 0 or 1"),
    "one arm": (lambda: ordering([1.0]), "1 arms"),
    "shapes": (lambda: correlation(THREE, THREE[:2]), r"\(3,\) and \(2,\)"),
    "a table": (lambda: correlation(np.ones((3, 3)), np.ones((3, 3))), "one value per student"),
    "a predictor": (lambda: regression(THREE, {"own": THREE}, "class"), "unknown predictor 'class'"),
    "a reliability's name": (lambda: regression(THREE, {"own": THREE}, "own", {"owns": 0.5}), "did you mean own"),
    "no paths": (lambda: smallest_path([]), "no paths"),
    "two waves": (lambda: fit_within(np.ones((9, 2)), np.ones((9, 2))), "three or more"),
    "waves of one": (lambda: fit_within(np.ones((9, 3)), np.ones((9, 4))), r"\(9, 3\) and \(9, 4\)"),
    "a bandwidth": (lambda: discontinuity(THREE, THREE, 0.0, 0.0), "bandwidth is 0"),
    "a cut": (lambda: discontinuity(THREE, THREE, math.nan, 1.0), "cut is nan"),
    "who counts": (lambda: asymmetry(THREE, THREE, np.ones(2, bool)), "who counts"),
    "rooms": (lambda: intraclass(THREE, np.zeros(2)), r"rooms have the shape \(2,\)"),
    "groups": (lambda: jackknife(lambda s: 0.0, np.arange(3), 1), "number of groups is 1"),
}  # fmt: skip
RELIABILITIES: dict[str, Callable[[float], object]] = {
    "hedges_g": lambda r: hedges_g(THREE, THREE, r),
    "spread_ratio, a": lambda r: spread_ratio(THREE, THREE, r),
    "spread_ratio, b": lambda r: spread_ratio(THREE, THREE, 1.0, r),
    "correlation, x": lambda r: correlation(THREE, THREE, r),
    "correlation, y": lambda r: correlation(THREE, THREE, 1.0, r),
    "regression, a": lambda r: regression(THREE, {"a": THREE}, "a", {"a": r}),
    "regression, y": lambda r: regression(THREE, {"a": THREE}, "a", reliability_y=r),
    "cross_lag, x": lambda r: cross_lag(THREE, THREE, THREE, r),
    "cross_lag, y": lambda r: cross_lag(THREE, THREE, THREE, 1.0, r),
    "intraclass": lambda r: intraclass(THREE, np.zeros(3), r),
    "within, x": lambda r: fit_within(np.ones((9, 3)), np.ones((9, 3)), r),
    "within, y": lambda r: fit_within(np.ones((9, 3)), np.ones((9, 3)), 1.0, r),
}


@pytest.mark.parametrize("case", NOT_KNOWN)
def test_what_a_world_leaves_open_is_nan(case: str) -> None:
    """Without a warning, which would be an error here."""
    assert math.isnan(NOT_KNOWN[case]())


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_trial_gets_wrong_is_said(case: str) -> None:
    """In one sentence that names it."""
    call, words = REFUSED[case]
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize("value", [0.0, -0.1, 1.01, math.nan])
@pytest.mark.parametrize("case", RELIABILITIES)
def test_a_reliability_is_above_0_and_at_most_1(case: str, value: float) -> None:
    """In every estimator that takes one."""
    with pytest.raises(InputError, match=r"reliability of .* is"):
        RELIABILITIES[case](value)


def test_the_registry_names_every_estimator() -> None:
    """With a unit, and a description of one sentence."""
    assert [*ESTIMATORS] == [
        "contrast", "hedges_g", "odds_ratio", "correlation", "regression", "cross_lag", "random_intercept_cross_lag",
        "discontinuity", "ordering", "inverted_u", "asymmetry", "spread_ratio", "intraclass", "path",
    ]  # fmt: skip
    for row in ESTIMATORS.values():
        assert row.unit and row.description.count(".") == 1 and row.description.endswith(".")
    assert len({row.function for row in ESTIMATORS.values()}) == len(ESTIMATORS)
