"""Is a fit to be trusted? It is tried on figures of the model's own worlds, of which the truth is known.

- *Ranks* (simulation-based calibration, Talts et al. 2018): for worlds of the prior that the emulator has not seen,
  figures are drawn as they would be published, and the fit is made anew. Where it is calibrated the truth has any rank
  among the draws alike, and 90 % intervals hold it 90 % of the time.
- *Recovery*: the same with worlds in which failing changes nothing that anybody does afterwards, and with worlds in
  which it does: how many further failures does the fit with a cycle say that a failure causes in either?
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from setback.experiments.fit.emulator import Emulator
from setback.experiments.fit.inference import posteriors
from setback.experiments.fit.likelihood import Data, Scale, drawn
from setback.experiments.fit.rounds import Worlds

Array = NDArray[np.float64]

#: Synthetic sets of each check, their seed, stated beforehand, and chains and draws for each.
SETS, SEED = 120, 20_261
CHAINS, DRAWS, EVERY, WARM_UP = 4, 25, 6, 150
#: The middle of the draws that an interval takes in, and how sure a single number's coverage is judged.
MIDDLE, SURE = 0.90, 0.99
#: A cycle is found where this share of draws lies above this many further failures (K1, docs/claims.md).
FOUND, BEYOND = 0.95, 0.10


class Ranks(NamedTuple):
    """What came of synthetic sets.

    Attributes:
        names: of the numbers.
        ranks: (set, number) how many of the draws lie below the truth.
        draws: how many there are of each set.
        inside: (set, number) whether the middle `MIDDLE` of them hold it.
        shrunk: (number,) the mean variance of the draws, in variances of the prior.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    draws: int
    inside: NDArray[np.bool_]
    shrunk: Array

    def table(self) -> pd.DataFrame:
        """Give one row a number: coverage, whether it is within its binomial interval, shrunk, and the mean rank."""
        sets = len(self.ranks)
        low, high = binom.interval(SURE, sets, MIDDLE)
        held = self.inside.sum(0)
        return pd.DataFrame(
            {
                "coverage": held / sets,
                "covered": (held >= low) & (held <= high),
                "shrunk": self.shrunk,
                "mean_rank": self.ranks.mean(0) / self.draws,
            },
            index=pd.Index(self.names, name="number"),
        )


def ranks(
    emulator: Emulator,
    worlds: Worlds,
    scale: Scale,
    seed: int = SEED,
    progress: Callable[[int], None] = lambda trajectories: None,
) -> Ranks:
    """Rank the truth among the draws of a fit to each of some worlds that the emulator has not seen.

    Args:
        emulator: learnt without these worlds.
        worlds: of the prior, one a set.
        scale: of the rows.
        seed: of the errors of what would be published.
        progress: called with the trajectories done since it was called last.
    """
    truth, data, sets = worlds.shares, Data.of(scale.rows), len(worlds.shares)
    figures = scale.of_figures(worlds.figures[list(scale.rows)])
    said = drawn(data, figures, np.random.default_rng(seed))
    found = posteriors(emulator, said, [data] * sets, emulator.open_, seed, CHAINS, DRAWS, EVERY, WARM_UP, progress)
    every = _of_sets(found.shares, sets)
    edges = (1.0 - MIDDLE) / 2.0
    low, high = np.quantile(every, (edges, 1.0 - edges), axis=1)
    return Ranks(
        worlds.space.names, (every < truth[:, None]).sum(1), every.shape[1], (low <= truth) & (truth <= high),
        every.var(1).mean(0) * 12.0,
    )  # fmt: skip


def recovered(
    emulator: Emulator,
    of_effects: Emulator,
    worlds: Worlds,
    scale: Scale,
    rows: Collection[str],
    open_: Array,
    seed: int = SEED,
    progress: Callable[[int], None] = lambda trajectories: None,
) -> pd.DataFrame:
    """Fit a model with a cycle to each of some worlds, of this or another model, and say what a failure causes in it.

    Args:
        emulator: of the model with a cycle.
        of_effects: of the effects of a failure in it.
        worlds: those that figures are made of; none that the emulators have learnt from.
        scale: of the rows.
        rows: those that both models can speak to.
        open_: (row,) what the emulator leaves open.
        seed: of the errors of what would be published.
        progress: called with the trajectories done since it was called last.

    Returns:
        One row a set: of each effect its ``truth``, ``mean``, ``low`` and ``high`` (the middle 90 % of draws) and
        ``found`` (whether `FOUND` of the draws lie above `BEYOND`), as columns like ``R_F.truth``.
    """
    data = Data.of(scale.rows, [row for row in scale.rows if row not in rows])
    figures = scale.of_figures(worlds.figures[list(scale.rows)])
    said, sets = drawn(data, figures, np.random.default_rng(seed)), len(figures)
    found = posteriors(emulator, said, [data] * sets, open_, seed, CHAINS, DRAWS, EVERY, WARM_UP, progress)
    every = _of_sets(found.shares, sets)
    effects = of_effects.figures(every.reshape(-1, emulator.numbers)).reshape(sets, -1, len(of_effects.rows))
    truth = worlds.effects
    columns = {}
    for k, row in enumerate(of_effects.rows):
        low, high = np.quantile(effects[:, :, k], (0.05, 0.95), axis=1)
        columns[f"{row}.truth"] = truth[row].to_numpy()
        columns[f"{row}.mean"] = effects[:, :, k].mean(1)
        columns[f"{row}.low"], columns[f"{row}.high"] = low, high
        columns[f"{row}.found"] = (effects[:, :, k] > BEYOND).mean(1) >= FOUND
    return pd.DataFrame(columns)


def _of_sets(shares: Array, sets: int) -> Array:
    """Give draws (set, draw, number) of draws (draw, chain, number), the chains of a set following one another."""
    draws, chains, numbers = shares.shape
    return shares.reshape(draws, sets, chains // sets, numbers).transpose(1, 0, 2, 3).reshape(sets, -1, numbers)
