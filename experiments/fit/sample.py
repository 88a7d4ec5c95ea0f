"""Draws from a posterior whose prior is uniform over shares: Hamiltonian Monte Carlo, many chains side by side.

Shares u of the prior become standard normal coordinates x with u = Phi(x), where no wall stops a chain. Every chain has
its own target, so that a hundred synthetic sets of figures are sampled as fast as one. Neal (2011), MCMC using
Hamiltonian dynamics; steps are adapted to the acceptance of each chain while it warms up (Robbins & Monro 1951), during
which the likelihood is let in by and by. Libraries that do this need an automatic gradient, some hundred megabytes of
it; the gradient of the emulator is a product of its layers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Array = NDArray[np.float64]
#: Gives log likelihoods (chain,) and their slopes on the shares (chain, number), at shares (chain, number).
LogLikelihood = Callable[[Array], tuple[Array, Array]]

#: Steps of a trajectory, at most; how many of all trajectories warm up, how often they should be accepted.
STEPS, WARM_UP, ACCEPTED = 24, 0.5, 0.8
#: Coordinates beyond so many standard deviations are shares of 0 and 1 but for 1e-8.
EDGE = 5.5


class Draws(NamedTuple):
    """What was drawn.

    Attributes:
        shares: (draw, chain, number) of the prior.
        accepted: (chain,) how often a trajectory was accepted after the warm-up.
    """

    shares: Array
    accepted: Array


def sample(
    of: LogLikelihood,
    start: Array,
    draws: int,
    seed: int = 0,
    every: int = 1,
    warm_up: int | None = None,
    progress: Callable[[int], None] = lambda trajectories: None,
) -> Draws:
    """Draw from the posterior of each chain.

    Args:
        of: the log likelihood of all chains.
        start: (chain, number) shares of the prior, between 0 and 1, at which chains begin.
        draws: how many are kept of each chain, after the warm-up.
        seed: the seed.
        every: so many trajectories lie between those that are kept.
        warm_up: trajectories before any is kept; as many as after it where it is left out.
        progress: called with the trajectories done since it was called last.
    """
    from scipy.special import ndtri

    rng, shape = np.random.default_rng(seed), start.shape
    x = np.clip(ndtri(start), -EDGE, EDGE)
    step, (value, slope) = np.full(shape[0], 0.05), _at(of, x)
    before = max(1, round(draws * every * WARM_UP / (1.0 - WARM_UP)) if warm_up is None else warm_up)
    kept, accepted = [], np.zeros(shape[0])
    for number in range(before + draws * every):
        warming = number < before
        heat = min(1.0, 2.0 * (number + 1) / before) ** 2 if warming else 1.0  # how much of the likelihood counts
        p = rng.standard_normal(shape)
        steps, stretch = rng.integers(STEPS // 3, STEPS + 1), rng.uniform(0.8, 1.2, shape[0])
        here, pull, energy = x, heat * slope - x, _energy(x, p, heat * value)
        h = (step * stretch)[:, None]
        p = p + h / 2.0 * pull
        for k in range(steps):
            here = here + h * p
            new_value, new_slope = _at(of, here)
            pull = heat * new_slope - here
            p = p + h * pull * (1.0 if k < steps - 1 else 0.5)
        with np.errstate(over="ignore", invalid="ignore"):
            chance = np.minimum(1.0, np.exp(energy - _energy(here, p, heat * new_value)))
        chance = np.where(np.isfinite(chance), chance, 0.0)
        taken = rng.random(shape[0]) < chance
        x, value = np.where(taken[:, None], here, x), np.where(taken, new_value, value)
        slope = np.where(taken[:, None], new_slope, slope)
        if warming:
            step = np.clip(step * np.exp((chance - ACCEPTED) / np.sqrt(1.0 + number / 10.0)), 1e-4, 1.0)
        else:
            accepted += taken
            if (number - before) % every == every - 1:
                kept.append(ndtr(x))
        progress(1)
    return Draws(np.stack(kept), accepted / max(draws * every, 1))


def _at(of: LogLikelihood, x: Array) -> tuple[Array, Array]:
    """Give log likelihoods and their slopes on the coordinates."""
    value, slope = of(ndtr(x))
    return value, slope * np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi)


def _energy(x: Array, p: Array, value: Array) -> Array:
    energy: Array = ((x**2).sum(1) + (p**2).sum(1)) / 2.0 - value
    return energy


def spread_of_chains(draws: Array) -> Array:
    """Give the potential scale reduction of each number, (number,), from draws (draw, chain, number).

    Split chains (Gelman et al. 2013, Bayesian Data Analysis, 11.4); 1 where the chains agree.
    """
    half = len(draws) // 2
    parts = np.concatenate([draws[:half], draws[half : 2 * half]], 1)
    within = parts.var(0, ddof=1).mean(0)
    between = parts.mean(0).var(0, ddof=1) * half
    reduction: Array = np.sqrt((half - 1.0) / half + between / half / np.maximum(within, 1e-12))
    return reduction
