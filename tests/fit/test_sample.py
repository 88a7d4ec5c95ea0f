"""Draws from posteriors that are known, and the emulator that they go through."""

import numpy as np
import pytest
from scipy.special import ndtri

from setback.experiments.fit.emulator import Emulator, Network, learnt, parts
from setback.experiments.fit.inference import posteriors
from setback.experiments.fit.likelihood import Data, log_likelihood
from setback.experiments.fit.sample import sample, spread_of_chains

NAMES = ("a", "b", "oulad.level", "c", "uci-mathematics.level", "curve.threat")
ROWS = {"first": "", "second": "", "books": "oulad", "school": "uci-mathematics"}


def test_a_normal_posterior() -> None:
    """Mean and covariance of a linear model in normal coordinates; each chain has a target of its own."""
    rng = np.random.default_rng(1)
    slopes, error = rng.standard_normal((3, 6)) / 2.0, 0.4
    said = np.repeat([[1.0, -0.5, 0.3], [-1.0, 0.5, 0.8]], 8, axis=0)

    def of(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = ndtri(np.clip(shares, 1e-12, 1.0 - 1e-12))
        off = (said - x @ slopes.T) / error
        density = np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi)
        return -(off**2).sum(1) / 2.0, off @ slopes / error / density

    found = sample(of, rng.random((16, 6)), 400, seed=2)
    assert (found.accepted > 0.5).all() and found.accepted.mean() == pytest.approx(0.8, abs=0.08)
    cov = np.linalg.inv(np.eye(6) + slopes.T @ slopes / error**2)
    for chains, one in ((slice(0, 8), said[0]), (slice(8, 16), said[8])):
        x = ndtri(found.shares[:, chains]).reshape(-1, 6)
        assert x.mean(0) == pytest.approx(cov @ slopes.T @ one / error**2, abs=0.08)
        assert np.cov(x.T) == pytest.approx(cov, abs=0.10)
    assert spread_of_chains(found.shares[:, :8]).max() < 1.05
    assert spread_of_chains(found.shares).max() > 1.2  # the two targets are not one


def test_without_evidence_the_prior_comes_back() -> None:
    """Shares are uniform where nothing is said."""
    found = sample(lambda shares: (np.zeros(len(shares)), np.zeros_like(shares)), np.full((20, 2), 0.5), 200, seed=1)
    assert np.quantile(found.shares, (0.1, 0.5, 0.9)) == pytest.approx((0.1, 0.5, 0.9), abs=0.02)


def test_parts_read_their_own_numbers() -> None:
    """Trials know no context; a context reads the world, what policies assume, and its own."""
    assert parts(NAMES, ROWS) == [([0, 1, 3, 5], [0, 1]), ([0, 1, 2, 3, 5], [2]), ([0, 1, 3, 4, 5], [3])]


def truth(shares: np.ndarray) -> np.ndarray:
    """Four figures of six numbers: a product, a bend, and contexts with levels of their own."""
    a, b, level, c, other, threat = shares.T
    return np.stack([4.0 * a * b, np.exp(c) + threat, 3.0 * level - a, b - 2.0 * other], 1)


def test_an_emulator_learns() -> None:
    """What it leaves open is small, and what it is on worlds that it has not seen; slopes are those of the figures."""
    rng = np.random.default_rng(0)
    shares = rng.random((1500, 6))
    figures = truth(shares)
    figures[::7, 1] = np.nan
    made = learnt(shares, figures, NAMES, ROWS)
    fresh = rng.random((2000, 6))
    off = made.figures(fresh) - truth(fresh)
    assert (off.std(0) < 0.25 * truth(fresh).std(0)).all()
    assert made.open_ == pytest.approx(off.std(0), rel=0.35)
    _, values = made.with_slopes(fresh[:5])
    slope = rng.standard_normal((5, 4))
    pulled = made.pulled(values, slope, 6)
    for k in range(6):
        step = np.zeros(6)
        step[k] = 1e-2
        up, down = (made.figures(fresh[:5] + sign * step) for sign in (1, -1))
        assert pulled[:, k] == pytest.approx(((up - down) * slope).sum(1) / 2e-2, abs=0.02)
    elsewhere = fresh[:5].copy()
    elsewhere[:, 4] = 0.9  # a level of another context
    assert (made.figures(elsewhere)[:, :3] == made.figures(fresh[:5])[:, :3]).all()


def test_what_is_left_open_is_measured_where_it_counts() -> None:
    """Noise in a part of the worlds: the weights say where."""
    rng = np.random.default_rng(0)
    shares = rng.random((2000, 6))
    noisy = np.arange(2000) >= 1000
    figures = truth(shares) + 1.5 * noisy[:, None] * rng.standard_normal((2000, 4))
    quiet, loud = (learnt(shares, figures, NAMES, ROWS, weights).open_ for weights in (1.0 - noisy, 1.0 * noisy))
    assert (loud > 1.3).all() and (loud < 1.8).all() and (quiet < 0.9).all()


def linear(slopes: np.ndarray) -> Emulator:
    """Figures that are linear in normal-ish shares: (share - 1/2) sqrt(12) times slopes (number, figure)."""
    layer = (slopes.astype(np.float32), np.zeros(slopes.shape[1], np.float32))
    network = Network(np.arange(len(slopes)), np.arange(slopes.shape[1]), (layer,), np.zeros(slopes.shape[1]))
    return Emulator(("PF1", "FB1"), (network,))


def test_posteriors_of_several_sets() -> None:
    """Each set has its figures and its rows; a grid says the same."""
    emulator = linear(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.0]]))
    rows, open_ = ("PF1", "FB1"), np.array([0.2, 0.2])
    data = [Data.of(rows), Data.of(rows, ["PF1"])]
    said = np.array([[1.2, -1.0], [1.2, 0.5]])
    found = posteriors(emulator, 3, said, data, open_, chains=6, draws=200, every=3, warm_up=200).shares
    grid = (np.stack(np.meshgrid(*[np.arange(40)] * 3, indexing="ij"), -1).reshape(-1, 3) + 0.5) / 40
    for k in range(2):
        value, _ = log_likelihood(data[k], said[k : k + 1], emulator.figures(grid), open_)
        weight = np.exp(value - value.max())
        mean = (grid * weight[:, None]).sum(0) / weight.sum()
        own = found[:, 6 * k : 6 * (k + 1)].reshape(-1, 3)
        assert own.mean(0) == pytest.approx(mean, abs=0.02)
        spread = np.sqrt(((grid - mean) ** 2 * weight[:, None]).sum(0) / weight.sum())
        assert own.std(0) == pytest.approx(spread, rel=0.12)
