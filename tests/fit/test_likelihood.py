"""How likely published figures are: scales, errors, blocks, slopes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from setback.experiments.evidence.rows import target_of
from setback.experiments.fit.likelihood import (
    BEND,
    Data,
    Scale,
    block_of,
    blocks,
    drawn,
    is_number,
    log_likelihood,
    published,
    scaled,
)

EDGE = BEND * np.arcsinh(1.0 / BEND)


def test_the_scale_of_a_number() -> None:
    """0 at the published number, the same distance at either end of a lopsided tolerance, drawn together far out."""
    target = target_of("FB1")  # 0.48 [0.3, 0.6]
    assert scaled(np.array([0.48, 0.3, 0.6]), target, 1.0) == pytest.approx([0.0, -EDGE, EDGE])
    assert scaled(np.array([0.48 + 12.0]), target, 1.0)[0] == pytest.approx(BEND * np.arcsinh(100.0 / BEND))
    # the published number is an end of its tolerance: that side is as wide as the other
    assert scaled(np.array([0.1246 - 0.0555]), target_of("JH1"), 1.0)[0] == pytest.approx(-EDGE, abs=2e-3)
    within = target_of("ST-02K")
    assert scaled(np.array([within.low, within.high]), within, 1.0) == pytest.approx([-EDGE, EDGE])


def test_the_scale_of_a_sign() -> None:
    """Above 0 on the right side, whichever that is, in spreads of the prior; a form of two ends is a number."""
    assert scaled(np.array([0.2, -0.2]), target_of("GR2b"), 0.2) == pytest.approx([-EDGE, EDGE])  # below 0
    assert scaled(np.array([1.2, 0.8]), target_of("SC6"), 0.2) == pytest.approx([EDGE, -EDGE])  # above 1
    assert is_number("ERR1") and not is_number("AT3") and not is_number("GR2b") and is_number("PF1")
    assert scaled(np.array([0.05, 0.175, 0.30]), target_of("ERR1"), 9.0) == pytest.approx([-EDGE, 0.0, EDGE])


def test_spreads_are_those_of_the_middle_half() -> None:
    """A sign's unit is the standard deviation that a normal figure with these quartiles has; a number's is 1."""
    figures = pd.DataFrame({"GR2b": stats.norm.ppf(np.linspace(0.0005, 0.9995, 1000)) * 0.3, "PF1": 1.0})
    figures.loc[0, "GR2b"] = np.nan
    scale = Scale.of(figures)
    assert scale.rows == ("GR2b", "PF1") and scale.units == pytest.approx([0.3, 1.0], rel=5e-3)
    assert scale.of_figures(figures)[500, 0] == pytest.approx(-figures["GR2b"][500] / 0.3, abs=1e-3)


def test_rows_of_a_block_count_as_one() -> None:
    """Each of n rows has n times the variance; a row that is left out is not counted."""
    rows = ("PF1", "PF2", "FB1", "GR2b", "OU-07_1", "OU-08_1", "JH1")
    assert blocks(rows)["PF"] == ("PF1", "PF2") and block_of("OU-04_20") == block_of("OU-03p3") != block_of("OU-09e")
    data = Data.of(rows)
    assert data.errors == pytest.approx([0.5 * 2**0.5, 0.5 * 2**0.5, 0.5, 0.1, 0.5 * 2**0.5, 0.5 * 2**0.5, 0.5])
    fewer = Data.of(rows, ["PF2"])
    assert fewer.errors[0] == pytest.approx(0.5) and fewer.known.tolist() == [True, False, *[True] * 5]


def test_what_is_published() -> None:
    """Numbers at 0, signs at 1; half of an effect where it counts half."""
    scale = Scale(("PF1", "GR2b", "FB1"), np.ones(3))
    assert published(scale).tolist() == [0.0, 1.0, 0.0]
    halved = published(scale, ["PF1", "GR2b"])
    assert halved[1:].tolist() == [1.0, 0.0]
    assert halved[0] == pytest.approx(BEND * np.arcsinh((0.18 - 0.36) / 0.16 / BEND))


def test_the_log_likelihood() -> None:
    """Student's t for numbers, a normal side for signs; what is not known or does not count adds nothing."""
    data = Data(np.array([True, False, True]), np.array([0.4, 0.3, 0.4]), np.array([True, True, False]))
    open_ = np.array([0.3, 0.4, 0.3])
    means = np.array([[0.7, 0.2, 5.0], [-0.4, -0.6, 1.0]])
    said = np.array([[0.1, 1.0, 0.0]])
    value, slope = log_likelihood(data, said, means, open_)
    t = stats.t(5, scale=0.5)
    at_mode = t.logpdf(0.0)
    right = [
        t.logpdf(0.1 - 0.7) - at_mode + stats.norm.logcdf(0.2 / 0.5),
        t.logpdf(0.1 + 0.4) - at_mode + stats.norm.logcdf(-0.6 / 0.5),
    ]
    assert value == pytest.approx(right)
    assert (slope[:, 2] == 0.0).all()
    for k in range(2):
        step = np.zeros(3)
        step[k] = 1e-6
        up, down = (log_likelihood(data, said, means + sign * step, open_)[0] for sign in (1, -1))
        assert slope[:, k] == pytest.approx((up - down) / 2e-6, rel=1e-5)
    other = log_likelihood(data, np.array([[0.1, -1.0, 0.0]]), means, open_)[0]
    assert other[0] - value[0] == pytest.approx(stats.norm.logcdf(-0.4) - stats.norm.logcdf(0.4))
    unknown, flat = log_likelihood(data, np.full((1, 3), np.nan), means, open_)
    assert (unknown == 0.0).all() and (flat == 0.0).all()


def test_figures_that_would_be_published() -> None:
    """Numbers have the errors of their rows, with heavy tails; signs are those of the world, now and then wrong."""
    data = Data(np.array([True, False, False]), np.array([0.5, 0.1, 0.1]), np.ones(3, bool))
    figures = np.tile([2.0, 0.05, -0.05], (40_000, 1))
    said = drawn(data, figures, np.random.default_rng(3))
    low, high = np.quantile(said[:, 0], (0.05, 0.95))
    assert (low, high) == pytest.approx((2.0 - 0.5 * stats.t.ppf(0.95, 5), 2.0 + 0.5 * stats.t.ppf(0.95, 5)), abs=0.03)
    assert (said[:, 1] > 0.0).mean() == pytest.approx(stats.norm.cdf(0.5), abs=0.01)
    assert (said[:, 2] > 0.0).mean() == pytest.approx(stats.norm.cdf(-0.5), abs=0.01)
    assert set(np.unique(said[:, 1:])) == {-1.0, 1.0}
