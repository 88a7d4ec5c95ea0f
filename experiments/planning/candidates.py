"""Measurements that might tell two fitted models apart, such as one with a cycle of failing and one without.

A candidate is a row of the published evidence that classes give, or an experiment that nobody has made yet, whose file
stands beside this one (`setback.experiments.trials`). Each is simulated in worlds of either posterior. What an
experiment would find is known well from the same classes in both arms; how far luck would move it, from different
classes in each, as nobody sits in both. `setback.analysis.separation` says how far apart the posteriors lie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.evidence.measured import ALL, measured, numbers_of_rows, rows_named, shipped_trials
from setback.experiments.evidence.rows import facts, targets
from setback.experiments.fit.posterior import Posterior
from setback.experiments.studies.vary import numbers_of
from setback.experiments.studies.worlds import worlds
from setback.experiments.trials.run import World, figures
from setback.experiments.trials.trial import Trial, read
from setback.experiments.twins.estimands import ESTIMANDS
from setback.model.engines.registry import AUTO, chosen
from setback.model.shipped import shipped
from setback.model.week import MODEL, Model

Array = NDArray[np.float64]

#: Experiments that stand in files beside this one, and rows of the evidence: stopping after just failing, and after
#: marks of each depth; how failing persists and marks go together; how achievement, self-concept and style do.
EXPERIMENTS = ("spared-failing", "spared-work", "spared-control")
OF_EVIDENCE = (
    "TR10", "OU-04_00", "OU-04_20", "OU-04_80", "OU-03f3", "OU-03p3", "OU-07_1", "OU-09e", "JH4d", "UCM-04a", "PT-02",
    "SC1a", "SC1b", "AT1",
)  # fmt: skip
#: The effect of a failure itself, which twins show in the model and no class can: for comparison; and in how many
#: classes, as every failure of a year is turned round.
UNSEEN, OF_TWINS = "R_F", 2
CANDIDATES = (*EXPERIMENTS, *OF_EVIDENCE, UNSEEN)
FOLDER = shipped("setback.experiments") / "planning"


class Candidate(NamedTuple):
    """What is measured.

    Attributes:
        name: a name of `CANDIDATES`.
        says: what it is, for people.
        kind: an ``experiment``, which has arms; an ``observation``; or ``unseen``.
    """

    name: str
    says: str
    kind: str


class Measured(NamedTuple):
    """What candidates come to in worlds of a posterior.

    Attributes:
        figures: (candidate, world, 2) twice in each world, in different classes; NaN where they do not give it.
        of_class: (candidate,) the standard deviation with which one class, or one in each arm, would give it: over the
            root of the number of classes it is the standard error. NaN of what no class can show.
    """

    figures: Array
    of_class: Array


def candidates(names: Sequence[str] = CANDIDATES, model: Model = MODEL) -> list[Candidate]:
    """Give the candidates of these names."""
    found = []
    trials = _trials(names, model)
    for name in names:
        trial = trials.get(name)
        kind = "unseen" if name in EFFECTS_OF_FAILING else "experiment" if trial and _apart(trial) else "observation"
        if name in EXPERIMENTS and trial:
            says = trial.about.question
        elif name in targets():
            says = targets()[name].quantity
        else:
            says = facts()[name].statistic if name in facts() else ESTIMANDS[name].definition
        found.append(Candidate(name, says, kind))
    return found


def measure(
    posterior: Posterior,
    names: Sequence[str] = CANDIDATES,
    draws: int = 100,
    rooms: int = 32,
    seed: int = 0,
    model: Model = MODEL,
    progress: Callable[[int], None] = lambda worlds: None,
) -> Measured:
    """Measure candidates twice in each of some worlds of a posterior, in different classes.

    Args:
        posterior: where worlds are drawn from, by weight.
        names: of the candidates.
        draws: how many worlds.
        rooms: classes of each measurement, in each arm.
        seed: of draws, classes and luck.
        model: the model.
        progress: called with the worlds done since it was called last.
    """
    table = numbers_of((), model.table, numbers_of_rows(rows_named([ALL]), model))
    made = worlds("posterior", [], draws, seed=seed, table=table, posterior=posterior)
    apart = {name: trial.seeded(seed) for name, trial in _trials(names, model).items() if _apart(trial)}
    unseen = [name for name in names if name in EFFECTS_OF_FAILING]
    alone = [name for name in names if name not in {*apart, *unseen}]
    arms = np.full((len(names), draws, 2, 2), np.nan)  # of an observation one, and nothing to take away
    for w, row in enumerate(made.table.tolist()):
        numbers = dict(zip(made.names, row))
        mine = {name: value for name, value in numbers.items() if name in model.table.names}
        world = World(model.parameters({**made.held, **mine}), numbers, chosen(AUTO), model)
        for half in range(2):
            first = rooms * (2 * w + half)
            here = range(first, first + rooms)
            figure = measured(alone, world, here, seed) | measured(unseen, world, here[:OF_TWINS], seed)
            for k, name in enumerate(names):
                arms[k, w, half] = of_arms(apart[name], world, here) if name in apart else (figure[name], 0.0)
        progress(1)
    luck = (arms[:, :, 0] - arms[:, :, 1]) ** 2 / 2.0 * rooms  # (candidate, world, arm)
    known = np.isfinite(luck).all(2)
    variance = np.where(known, luck.sum(2), 0.0).sum(1) / np.maximum(known.sum(1), 1)
    is_seen = np.array([name not in EFFECTS_OF_FAILING for name in names]) & known.any(1)
    return Measured(arms[..., 0] - arms[..., 1], np.where(is_seen, np.sqrt(variance), np.nan))


def _trials(names: Sequence[str], model: Model) -> dict[str, Trial]:
    """Read the trials of candidates; a fact of grade books, and what twins show, has none."""
    own = {name: read(FOLDER / f"{name}.toml", model) for name in names if name in EXPERIMENTS}
    return own | {name: trial for name, trial in shipped_trials().items() if name in names}


def _apart(trial: Trial) -> bool:
    """Say whether a trial compares the means of two arms, in which different classes sit where it is made."""
    return trial.estimate["by"] == "contrast" and "arms" in trial.estimate


def of_arms(trial: Trial, world: World, rooms: range) -> tuple[float, float]:
    """Give the means whose difference a trial of two arms estimates; the same classes sit in both.

    Args:
        trial: one that compares two arms by a contrast.
        world: in which world.
        rooms: the classes.
    """
    estimate = {key: value for key, value in trial.estimate.items() if key != "arms"}
    alone = [
        trial._replace(arms={arm: trial.arms[arm]}, estimate={**estimate, "arm": arm}) for arm in trial.estimate["arms"]
    ]
    first, second = figures(alone, world, rooms)
    return first, second
