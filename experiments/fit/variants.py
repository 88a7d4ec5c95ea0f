"""What the evidence says of a model, in all the ways in which it is asked: each a set of rows that count.

``joint`` is the fit: every row that the model can speak to. ``levels`` and ``persistence`` are the stages before it:
how hard and how noisy each context is; and with that, what lasts from task to task, with disposition, drift and gains
of the cycle free together. ``halved`` counts half of what lesson-sized trials found, as small trials that find more are
published more readily. ``without BLOCK`` leaves a block of rows out, which then judges the fit. All of them are drawn
side by side by one emulator, so none costs more than seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.evidence.refit import SOURCES
from setback.experiments.evidence.rows import targets
from setback.experiments.fit.emulator import Emulator, learnt
from setback.experiments.fit.inference import CHAINS, posteriors
from setback.experiments.fit.likelihood import Data, Scale, blocks, published
from setback.experiments.fit.rounds import Worlds, contexts_of, emulator_of, scale_of, unknown

Array = NDArray[np.float64]

JOINT, LEVELS, PERSISTENCE, HALVED, WITHOUT = "joint", "levels", "persistence", "halved", "without "
#: Rows of the first stage: base rates, and how hard practice is.
OF_LEVELS = (
    "OU-01a", "OU-01b", "JH1", "JP1", "UCM-02a", "UCP-02a", "PT-01", "ST-01Km", "ST-01Kr", "TR4", "TR6a", "PA6a",
)  # fmt: skip
#: Rows of the second stage, beside those: what lasts, who stops.
OF_PERSISTENCE = (
    "OU-03f3", "OU-03p3", "OU-04_00", "OU-04_20", "OU-04_40", "OU-04_50", "OU-04_60", "OU-04_70", "OU-04_80", "OU-07_1",
    "OU-08_1", "OU-09e", "JH4d", "JP4d", "UCM-04a", "UCP-04a", "PT-02", "PT-05", "TR1", "TR10",
)  # fmt: skip
#: Spans of trials that are lesson-sized.
SMALL = (
    "1-4 lessons", "lesson", "session", "3 sessions", "minutes", "minutes-days", "minutes-weeks", "hours-days",
    "trials",
)  # fmt: skip
#: The fit itself is drawn by so many sets of chains, every other variant by one; draws kept of each chain, and
#: trajectories before them.
TIMES, DRAWS, WARM_UP = 4, 40, 300
#: The emulator of effects needs so many worlds in which they were measured.
FEWEST_EFFECTS = 30


class Fitted(NamedTuple):
    """A model, fitted.

    Attributes:
        worlds: its bank.
        scale: of the rows that it can speak to.
        emulator: of these rows.
        effects: the emulator of the effects of a failure; None where they were measured nowhere.
        unknown: (row,) what the emulator does not know.
        draws: (draw, number) shares of the prior, by variant.
        reduction: (number,) potential scale reduction of the joint fit.
    """

    worlds: Worlds
    scale: Scale
    emulator: Emulator
    effects: Emulator | None
    unknown: Array
    draws: Mapping[str, Array]
    reduction: Array

    def figures(self, variant: str) -> pd.DataFrame:
        """Give the figures of the draws of a variant on the scales of their rows, by the emulator."""
        return pd.DataFrame(self.emulator.figures(self.draws[variant]), columns=list(self.scale.rows))


def is_small(row: str) -> bool:
    """Say whether a row is of a lesson-sized trial."""
    return row in targets() and targets()[row].span in SMALL


def variants(rows: Sequence[str]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give each variant: the rows that are left out, and those that count half."""
    early = {LEVELS: OF_LEVELS, PERSISTENCE: (*OF_LEVELS, *OF_PERSISTENCE)}
    return {
        JOINT: ((), ()),
        **{name: (tuple(row for row in rows if row not in only), ()) for name, only in early.items()},
        HALVED: ((), tuple(filter(is_small, rows))),
        **{WITHOUT + block: (members, ()) for block, members in blocks(rows).items()},
    }


def fitted(
    worlds: Worlds,
    units: Scale | None = None,
    seed: int = 0,
    progress: Callable[[int], None] = lambda trajectories: None,
) -> Fitted:
    """Fit a model in every way.

    Args:
        worlds: its bank.
        units: the scale of another model, whose spreads the signs are measured in.
        seed: of the draws.
        progress: called with the trajectories done since it was called last.
    """
    from setback.experiments.fit.sample import spread_of_chains

    scale = scale_of(worlds, units)
    emulator, numbers = emulator_of(worlds, scale), len(worlds.space.names)
    open_ = unknown(emulator, worlds, scale)
    asked = variants(scale.rows)
    names = [JOINT] * (TIMES - 1) + [*asked]
    said = np.stack([published(scale, asked[name][1]) for name in names])
    data = [Data.of(scale.rows, asked[name][0]) for name in names]
    found = posteriors(emulator, said, data, open_, seed, draws=DRAWS, warm_up=WARM_UP, progress=progress).shares
    of_joint = found[:, : TIMES * CHAINS]
    draws = {JOINT: of_joint.reshape(-1, numbers)}
    for k, name in enumerate(names[TIMES:], TIMES):
        draws[name] = found[:, k * CHAINS : (k + 1) * CHAINS].reshape(-1, numbers)
    return Fitted(worlds, scale, emulator, effects_of(worlds), open_, draws, spread_of_chains(of_joint))


def effects_of(worlds: Worlds) -> Emulator | None:
    """Learn the emulator of the effects of a failure; None where they were measured in too few worlds."""
    known = worlds.effects.notna().any(axis=1).to_numpy()
    if known.sum() < FEWEST_EFFECTS:
        return None
    rows = contexts_of(list(EFFECTS_OF_FAILING))
    return learnt(worlds.shares[known], worlds.effects[known].to_numpy(float), worlds.space.names, rows)


def unshared(fit: Fitted, seed: int = 0) -> tuple[Array, Emulator, Emulator | None]:
    """Fit a model in which every source of grade books has gains of its own; the trials have those of the world.

    Returns:
        Draws (draw, number and own gain), and the emulators that read them.
    """
    names = fit.worlds.space.names
    gains = [k for k, name in enumerate(names) if name.startswith("gain_")]
    first = {source: len(names) + n * len(gains) for n, source in enumerate(SOURCES)}
    of = {context: first[source] for source, contexts in SOURCES.items() for context in contexts}

    def moved(emulator: Emulator, rows: Mapping[str, str]) -> Emulator:
        own = {
            figure: {gain: of[rows[row]] + n for n, gain in enumerate(gains)}
            for figure, row in enumerate(emulator.rows) if rows[row] in of
        }  # fmt: skip
        return emulator.moved(own, numbers)

    numbers = len(names) + len(SOURCES) * len(gains)
    emulator = moved(fit.emulator, contexts_of(list(fit.scale.rows)))
    found = posteriors(
        emulator, published(fit.scale)[None], [Data.of(fit.scale.rows)], fit.unknown, seed,
        chains=TIMES * CHAINS, draws=DRAWS, warm_up=WARM_UP,
    )  # fmt: skip
    effects = moved(fit.effects, contexts_of(list(EFFECTS_OF_FAILING))) if fit.effects else None
    return found.shares.reshape(-1, numbers), emulator, effects
