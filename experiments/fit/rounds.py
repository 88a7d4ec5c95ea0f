"""The bank of a model is filled in rounds: worlds of the prior first, then worlds that the fit so far proposes.

Plain sampling finds far fewer facts at once than a search does, so each round is a search: an emulator is learnt from
all worlds so far, the posterior by it is drawn, and worlds of it are simulated, which shows where the emulator was
wrong (sequential neural likelihood, Papamakarios, Sterratt & Murray 2019; here with the errors of the published
figures as the likelihood). What a model's bank holds is decided by its name and how much was asked for, so the same
command goes on where it was cut short.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.fit import bank
from setback.experiments.fit.emulator import Emulator, learnt
from setback.experiments.fit.inference import posteriors
from setback.experiments.fit.likelihood import Data, Scale, published
from setback.experiments.fit.space import Space
from setback.experiments.gradebook.rows import ROWS
from setback.experiments.studies.study import Study

Array = NDArray[np.float64]

#: Chains that propose worlds, and trajectories before they do.
PROPOSERS, WARM_UP = 16, 300
#: What an emulator does not know is at least this share of what it leaves open.
LEAST_UNKNOWN = 0.2
#: Worlds are proposed as if the emulator knew so much better, so that rounds come near to where it has to be good.
SHARPER = 0.5
#: A world that was proposed counts so many times as much as one of the prior when an emulator is learnt for a fit.
NEAR = 3.0
#: The number of the study of worlds that are simulated again.
AGAIN = 98
#: A model can speak to a row of which at least so many of its prior worlds give a figure, not all the same.
GIVEN = 0.5


class Plan(NamedTuple):
    """How much of a model is simulated.

    Attributes:
        cubes: Latin hypercubes of the prior, of `setback.experiments.fit.bank.CUBE` worlds each.
        rounds: rounds of worlds that are proposed.
        each: worlds of a round.
        effects: worlds of the prior, and of each round, in which the effects of a failure are measured as well.
        again: worlds of the first round that are simulated once more in other classes, which says what luck does.
    """

    cubes: int
    rounds: int
    each: int
    effects: int
    again: int = 200


class Worlds(NamedTuple):
    """Worlds of a bank.

    Attributes:
        space: the free numbers.
        shares: (world, number) of the prior.
        figures: (world, row) as they were simulated.
        effects: (world, effect), NaN where they were not measured.
        round: (world,) 0 for the prior.
        luck: (world, row) by how much the figures of some worlds of round 1 differ in other classes: twice, the worlds
            in some classes, and then in others.
    """

    space: Space
    shares: Array
    figures: pd.DataFrame
    effects: pd.DataFrame
    round: NDArray[np.int64]
    luck: pd.DataFrame

    def __add__(self, other: Worlds) -> Worlds:  # type: ignore[override]
        """Put the worlds of a later round behind."""
        return Worlds(
            self.space,
            np.concatenate([self.shares, other.shares]),
            pd.concat([self.figures, other.figures], ignore_index=True),
            pd.concat([self.effects, other.effects], ignore_index=True),
            np.concatenate([self.round, other.round]),
            pd.concat([self.luck, other.luck], ignore_index=True),
        )

    def take(self, which: NDArray[np.bool_]) -> Worlds:
        """Give some of the worlds; what luck does is known of all."""
        return self._replace(
            shares=self.shares[which], figures=self.figures[which].reset_index(drop=True),
            effects=self.effects[which].reset_index(drop=True), round=self.round[which],
        )  # fmt: skip

    def by_luck(self, scale: Scale) -> Array:
        """Give the variance that the luck of so few classes makes, (row,), on the scales of the rows."""
        every = scale.of_figures(self.luck[list(scale.rows)])
        one, other = every[: len(every) // 2], every[len(every) // 2 :]
        found: Array = pd.DataFrame((one - other) ** 2).mean().fillna(0.0).to_numpy() / 2.0  # 0 where nothing is known
        return found


def contexts_of(rows: list[str]) -> dict[str, str]:
    """Give the context of each figure: the source of a statistic, that of an effect, "" for trials."""
    return {row: ROWS[row].source if row in ROWS else EFFECTS_OF_FAILING.get(row, "") for row in rows}


def filled(
    space: Space,
    plan: Plan,
    results: Path,
    units: Scale | None = None,
    processes: int | None = None,
    progress: Callable[[int], None] = lambda worlds: None,
    say: Callable[[str], None] = lambda sentence: None,
) -> Worlds:
    """Fill the bank of a model, as far as it is not there.

    Args:
        space: the model's free numbers.
        plan: how much.
        results: the folder of all results.
        units: the scale of another model, whose spreads the signs are measured in; its own where it is left out.
        processes: how many run at once.
        progress: called with the worlds done since it was called last.
        say: told what is being done.
    """

    def run(study: Study) -> pd.DataFrame:
        return bank.simulated(study, results, processes, progress)

    found = None
    for number in range(plan.rounds + 1):
        if found is None:
            first = bank.of_prior(space, plan.cubes)
            say(f"{space.null.name}: {len(first.worlds):,} worlds of the prior")
            table, figures = first.worlds.table, run(first)
        else:
            near = bank.near_optimum(space, plan.each) if number == 1 else None
            how = "proposed by the fit so far" if near is None else "about the best that was searched for"
            say(f"{space.null.name}: round {number} of {plan.rounds}, {plan.each} worlds {how}")
            mine = scale_of(found, units)
            table = proposals(found, plan.each, mine, number) if near is None else near
            figures = run(bank.proposed(space, table, number))
        few = min(plan.effects, len(table))
        effects = pd.DataFrame(np.nan, figures.index, [*EFFECTS_OF_FAILING])
        if few:
            measured = run(bank.of_effects(space, table[:few], number))
            effects.iloc[:few] = measured[[*EFFECTS_OF_FAILING]].to_numpy()
        luck = figures.iloc[:0]
        if number == 1:
            others = run(bank.proposed(space, table[: plan.again], AGAIN))
            luck = pd.concat([figures.iloc[: len(others)], others], ignore_index=True)
        new = Worlds(space, space.shares(table), figures, effects, np.full(len(table), number), luck)
        found = new if found is None else found + new
    assert found is not None
    return found


def speaks_to(worlds: Worlds) -> tuple[str, ...]:
    """Give the rows that a model can speak to: most of its prior worlds give a figure, and not all the same."""
    prior = worlds.figures[worlds.round == 0]
    return tuple(
        str(row) for row in prior.columns
        if prior[row].notna().mean() >= GIVEN and np.ptp(prior[row].dropna()) > 1e-9
    )  # fmt: skip


def scale_of(worlds: Worlds, units: Scale | None = None) -> Scale:
    """Give the scale of the rows that a model can speak to, by the spread of another's prior where that is given."""
    rows = speaks_to(worlds)
    if units is None:
        return Scale.of(worlds.figures.loc[worlds.round == 0, list(rows)])
    of = dict(zip(units.rows, units.units))
    own = Scale.of(worlds.figures.loc[worlds.round == 0, list(rows)])
    return Scale(rows, np.array([of.get(row, unit) for row, unit in zip(own.rows, own.units)]))


def emulator_of(worlds: Worlds, scale: Scale, on: int | None = None) -> Emulator:
    """Learn the emulator of the evidence from worlds.

    Args:
        worlds: a bank, or some of its worlds.
        scale: of the rows.
        on: the round on whose worlds it is measured what is left open: the last where it is left out.
    """
    rows = list(scale.rows)
    counts = np.where((worlds.round > 0) & (on != 0), NEAR, 1.0)
    weights = (worlds.round == (worlds.round.max() if on is None else on)).astype(float)
    figures = scale.of_figures(worlds.figures[rows])
    return learnt(worlds.shares, figures, worlds.space.names, contexts_of(rows), counts, weights)


def proposals(worlds: Worlds, count: int, scale: Scale, number: int) -> Array:
    """Propose worlds of the posterior by all worlds so far, (world, number of the space)."""
    made = emulator_of(worlds, scale)
    drawn = posteriors(
        made, published(scale)[None], [Data.of(scale.rows)],
        SHARPER * unknown(made, worlds, scale),
        seed=number, chains=PROPOSERS, draws=-(-count // PROPOSERS), warm_up=WARM_UP,
    )  # fmt: skip
    every = drawn.shares.reshape(-1, drawn.shares.shape[-1])[:count]
    return worlds.space.values(every)


def unknown(made: Emulator, worlds: Worlds, scale: Scale) -> Array:
    """Give what an emulator does not know of the mean over many classes, (row,): what it leaves open less luck."""
    if not len(worlds.luck):
        return made.open_
    return np.sqrt(np.maximum(made.open_**2 - worlds.by_luck(scale), (LEAST_UNKNOWN * made.open_) ** 2))
