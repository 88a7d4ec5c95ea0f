"""Is a fit to be trusted? It is tried on figures of the model's own worlds, of which the truth is known.

- *Ranks* (simulation-based calibration, Talts et al. 2018): for worlds of the prior that the emulator has not seen,
  figures are drawn as they would be published, and the fit is made anew. Where it is calibrated the truth has any rank
  among the draws alike, and 90 % intervals hold it 90 % of the time.
- *Recovery*: the same with worlds in which failing changes nothing that anybody does afterwards, and with worlds in
  which it does: how many further failures does the fit with a cycle say that a failure causes in either? And how much
  likelier does it find the figures than the fit without one does? What worlds without a cycle give here says how much
  is to be expected of the more flexible model where nothing is to be found (Cox 1961; simulated, Williams 1970).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from setback.experiments.fit.emulator import Emulator
from setback.experiments.fit.inference import posteriors
from setback.experiments.fit.likelihood import Data, Scale, drawn, log_likelihood
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


class Contender(NamedTuple):
    """A model that is fitted to synthetic figures.

    Attributes:
        emulator: of the model; learnt from none of the worlds that figures are made of.
        scale: of its rows.
        open_: (row,) what the emulator leaves open.
    """

    emulator: Emulator
    scale: Scale
    open_: Array

    def fitted(
        self, said: pd.DataFrame, seed: int, progress: Callable[[int], None] = lambda trajectories: None
    ) -> tuple[Array, Array]:
        """Fit it to sets of figures.

        Args:
            said: (set, row) figures on the scales of their rows; those of its own rows that are not there are left out.
            seed: of the draws.
            progress: called with the trajectories done since it was called last.

        Returns:
            Draws (set, draw, number), and the mean log likelihood of each set's (set,).
        """
        data, sets = Data.of(self.scale.rows, [row for row in self.scale.rows if row not in said]), len(said)
        figures = said.reindex(columns=list(self.scale.rows)).to_numpy()
        found = posteriors(
            self.emulator, figures, [data] * sets, self.open_, seed, CHAINS, DRAWS, EVERY, WARM_UP, progress
        )
        draws = _of_sets(found.shares, sets)
        likely = [
            log_likelihood(data, one[None], self.emulator.figures(of_set), self.open_)[0].mean()
            for one, of_set in zip(figures, draws)
        ]
        return draws, np.array(likely)


def recovered(
    mine: Contender, rival: Contender, of_effects: Emulator, worlds: Worlds, seed: int = SEED
) -> pd.DataFrame:
    """Say what a fit with a cycle finds in figures of worlds, of this or another model.

    Args:
        mine: the model with a cycle.
        rival: the one without.
        of_effects: the emulator of the effects of a failure, with a cycle.
        worlds: those that figures are made of; none that an emulator has learnt from.
        seed: of the errors of what would be published, and of the draws.

    Returns:
        As `told`, and of each effect its ``truth``.
    """
    data = Data.of(mine.scale.rows)
    figures = mine.scale.of_figures(worlds.figures.reindex(columns=list(mine.scale.rows)))
    drawn_ = drawn(data, figures, np.random.default_rng(seed))
    said = told(mine, rival, of_effects, pd.DataFrame(drawn_, columns=list(mine.scale.rows)), seed)
    truth = worlds.effects[[*of_effects.rows]]
    return said.join(truth.add_suffix(".truth").reset_index(drop=True))


def told(mine: Contender, rival: Contender, of_effects: Emulator, said: pd.DataFrame, seed: int = SEED) -> pd.DataFrame:
    """Fit a model with a cycle and its rival to sets of figures, on the rows that both can speak to.

    Args:
        mine: the model with a cycle.
        rival: the one without.
        of_effects: the emulator of the effects of a failure, with a cycle.
        said: (set, row) figures on the scales of their rows.
        seed: of the draws.

    Returns:
        One row a set: of each effect ``mean``, ``low`` and ``high`` (the middle 90 % of draws) and ``found`` (whether
        `FOUND` of the draws lie above `BEYOND`), as columns like ``R_F.mean``; and ``nearer``, by how much the mean
        log likelihood of the fit with a cycle is the higher one.
    """
    both = said[[row for row in mine.scale.rows if row in rival.scale.rows]]
    (draws, likely), (_, other) = mine.fitted(both, seed), rival.fitted(both, seed)
    effects = of_effects.figures(draws.reshape(-1, draws.shape[-1])).reshape(*draws.shape[:2], -1)
    columns = {"nearer": likely - other}
    for k, row in enumerate(of_effects.rows):
        low, high = np.quantile(effects[:, :, k], (0.05, 0.95), axis=1)
        columns[f"{row}.mean"] = effects[:, :, k].mean(1)
        columns[f"{row}.low"], columns[f"{row}.high"] = low, high
        columns[f"{row}.found"] = (effects[:, :, k] > BEYOND).mean(1) >= FOUND
    return pd.DataFrame(columns)


def _of_sets(shares: Array, sets: int) -> Array:
    """Give draws (set, draw, number) of draws (draw, chain, number), the chains of a set following one another."""
    draws, chains, numbers = shares.shape
    return shares.reshape(draws, sets, chains // sets, numbers).transpose(1, 0, 2, 3).reshape(sets, -1, numbers)
