"""Draws from posteriors that are known: normal ones, flat ones, and chains that never agree."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import kstest
from toy_fits import line, scale

from setback.experiments.fit.inference import posteriors
from setback.experiments.fit.likelihood import Data
from setback.experiments.fit.sample import EDGE, LogLikelihood, sample, spread_of_chains

Array = np.ndarray


def coordinates(shares: Array) -> Array:
    """The standard normal coordinates of shares."""
    return np.clip(ndtri(np.clip(shares, 1e-300, 1.0)), -EDGE - 2, EDGE + 2)


def normal(design: Array, said: Array, error: float) -> LogLikelihood:
    """The log likelihood of figures (chain, figure) that are a linear model of the coordinates."""

    def of(shares: Array) -> tuple[Array, Array]:
        x = coordinates(shares)
        off = said - x @ design
        return -(off**2).sum(1) / 2 / error**2, off @ design.T / error**2 * np.sqrt(2 * np.pi) * np.exp(x**2 / 2)

    return of


def test_normal_posteriors_of_chains_with_their_own_figures() -> None:
    """Means and covariances of a linear model, exactly known; chains of different figures do not mix."""
    rng = np.random.default_rng(0)
    design, error = np.array([[1.0, 0.5], [-0.5, 1.0], [0.0, 0.7]]), 0.4
    said = np.repeat([[2.0, 1.0], [-1.0, 0.3], [0.0, -2.0]], 4, 0)
    found = sample(normal(design, said, error), rng.random((12, 3)), 1500, seed=1, every=2, warm_up=300)
    assert found.shares.shape == (1500, 12, 3) and 0.6 < found.accepted.mean() < 0.97
    x = coordinates(found.shares)
    covariance = np.linalg.inv(np.eye(3) + design @ design.T / error**2)
    for k in range(3):
        own = x[:, 4 * k : 4 * k + 4].reshape(-1, 3)
        assert own.mean(0) == pytest.approx(covariance @ design @ said[4 * k] / error**2, abs=0.05), k
        assert np.cov(own.T) == pytest.approx(covariance, abs=0.06), k
    for k in range(3):
        assert (spread_of_chains(found.shares[:, 4 * k : 4 * k + 4]) < 1.02).all()
    assert (spread_of_chains(found.shares) > 1.5).any(), "chains of different figures"


def test_where_nothing_is_known_draws_are_those_of_the_prior() -> None:
    """Uniform shares, number by number, without links between them."""

    def of(shares: Array) -> tuple[Array, Array]:
        return np.zeros(len(shares)), np.zeros_like(shares)

    found = sample(of, np.full((400, 3), 0.5), 60, seed=2, every=3, warm_up=100).shares.reshape(-1, 3)
    for k in range(3):
        assert kstest(found[:, k], "uniform").pvalue > 0.001, k
    assert np.abs(np.corrcoef(found.T)[np.triu_indices(3, 1)]).max() < 0.03


def test_how_many_draws() -> None:
    """Every so many trajectories, after as many to warm up as were asked for, or as follow; the seed decides them."""
    of = normal(np.eye(2), np.zeros((3, 2)), 1.0)
    for warm_up, steps in ((7, 27), (None, 40)):
        done: list[int] = []
        found = sample(of, np.full((3, 2), 0.4), 5, seed=3, every=4, warm_up=warm_up, progress=done.append)
        assert sum(done) == steps and found.shares.shape == (5, 3, 2)
    again = sample(of, np.full((3, 2), 0.4), 5, seed=3, every=4)
    assert (again.shares == found.shares).all()
    assert (sample(of, np.full((3, 2), 0.4), 5, seed=4, every=4).shares != found.shares).all()
    dense = sample(of, np.full((3, 2), 0.4), 20, seed=3, every=1).shares
    assert (dense[3::4] == found.shares).all(), "the last of every four is kept"


def test_the_spread_of_chains() -> None:
    """Near 1 of chains alike; by hand of chains apart; above 1 of one that drifts; without end of stuck ones."""
    rng = np.random.default_rng(4)
    alike = rng.normal(size=(400, 6, 1))
    assert spread_of_chains(alike) == pytest.approx([1.0], abs=0.01)
    apart = alike + 3.0 * np.arange(6)[None, :, None]
    halves = np.concatenate([apart[:200], apart[200:]], 1)
    within, between = halves.var(0, ddof=1).mean(), 200 * halves.mean(0).var(ddof=1)
    assert spread_of_chains(apart) == pytest.approx([np.sqrt(((199 / 200) * within + between / 200) / within)])
    drifting = alike[:, :1] + np.linspace(0, 6, 400)[:, None, None]
    assert (spread_of_chains(drifting) > 1.4).all()
    stuck = np.ones((200, 4, 1)) * np.array([0.1, 0.2, 0.8, 0.9])[None, :, None]
    assert (spread_of_chains(stuck) > 100).all()
    assert spread_of_chains(np.full((200, 4, 1), 0.5)) == pytest.approx([1.0], abs=0.02)


def test_posteriors_of_sets_of_figures_side_by_side() -> None:
    """Each by its own figures and its own rows, against sums over a grid of shares."""
    rows = ("PF1", "FB1")
    weights, at_half, open_ = np.array([[4.0, 0.0], [2.0, -3.0]]), np.array([0.5, -0.2]), np.array([0.3, 0.1])
    said = np.array([[1.0, 0.5], [-1.0, np.nan], [0.0, 1.0]])
    data = [Data.of(rows), Data.of(rows), Data.of(rows, without=["PF1"])]
    done: list[int] = []
    found = posteriors(
        line(rows, weights, at_half), said, data, open_, seed=5, chains=6, draws=400, every=2, warm_up=200,
        progress=done.append,
    ).shares  # fmt: skip
    assert found.shape == (400, 18, 2) and sum(done) == 1000 and scale(rows).rows == rows
    one = (np.arange(400) + 0.5) / 400
    grid = np.stack(np.meshgrid(one, one, indexing="ij"), -1).reshape(-1, 2)
    means = at_half + (grid - 0.5) @ weights
    scales = np.sqrt(0.25 + open_**2)
    for k, counts in enumerate(([1, 1], [1, 0], [0, 1])):
        off = np.where(counts, (np.nan_to_num(said[k]) - means) / scales, 0.0)
        weight = np.exp(-3.0 * np.log1p(off**2 / 5.0).sum(1))
        weight /= weight.sum()
        own = found[:, 6 * k : 6 * k + 6].reshape(-1, 2)
        centre = weight @ grid
        assert own.mean(0) == pytest.approx(centre, abs=0.02), k
        assert own.var(0) == pytest.approx(weight @ (grid - centre) ** 2, abs=0.006), k
