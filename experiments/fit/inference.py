"""A posterior: what numbers of a model go with figures, by the emulator of its bank.

One function draws for one set of figures or for many at a time, each with rows of its own left out: the published
figures, the same with a block left out or with small trials halved, figures of the model's own worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from setback.experiments.fit.emulator import Emulator
from setback.experiments.fit.likelihood import Data, log_likelihood
from setback.experiments.fit.sample import Draws, sample

Array = NDArray[np.float64]

#: Chains for each set of figures, draws kept of each, trajectories between these, and before.
CHAINS, DRAWS, EVERY, WARM_UP = 4, 100, 4, 300


def posteriors(
    emulator: Emulator,
    said: Array,
    data: Sequence[Data],
    open_: Array,
    seed: int = 0,
    chains: int = CHAINS,
    draws: int = DRAWS,
    every: int = EVERY,
    warm_up: int = WARM_UP,
    progress: Callable[[int], None] = lambda trajectories: None,
) -> Draws:
    """Draw from the posterior of each set of figures.

    Args:
        emulator: of the model.
        said: (set, row) the figures on the scales of their rows, as `setback.experiments.fit.likelihood.published`
            gives them; NaN where nothing is known.
        data: which rows count in each set, and how sure they are.
        open_: (row,) the standard deviation of what the emulator leaves open.
        seed: the seed.
        chains: for each set, one after the other.
        draws: kept of each chain.
        every: trajectories between them.
        warm_up: trajectories before.
        progress: called with the trajectories done since it was called last.

    Returns:
        Draws of shape (draw, set * chain, number).
    """
    from threadpoolctl import threadpool_limits

    each = np.repeat(np.arange(len(said)), chains)
    wide = Data(
        np.stack([one.numbers for one in data])[each], np.stack([one.errors for one in data])[each],
        np.stack([one.known for one in data])[each],
    )  # fmt: skip
    figures = said[each]

    def of(shares: Array) -> tuple[Array, Array]:
        means, values = emulator.with_slopes(shares)
        value, slope = log_likelihood(wide, figures, means, open_)
        return value, emulator.pulled(values, slope)

    start = np.random.default_rng(seed).uniform(0.05, 0.95, (len(each), emulator.numbers))
    with threadpool_limits(1):  # several threads of so small products wait for one another
        return sample(of, start, draws, seed, every, warm_up, progress)
