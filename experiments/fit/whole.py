"""The whole fit: every model is simulated, fitted, simulated again where it was fitted, and tried on its own worlds.

Each step is kept as tables, so that a fit that is stopped goes on with the next step; the simulations themselves are
studies and go on within a step. What decides a fit (equations, evidence, code, how much is simulated) is its key.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.experiments.evidence.measured import ALL, digest, rows_named
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.fit import bank, checks, evidence, posterior
from setback.experiments.fit.likelihood import Scale, published
from setback.experiments.fit.rounds import Plan, Worlds, emulator_of, filled, unknown
from setback.experiments.fit.space import Space
from setback.experiments.fit.variants import HALVED, JOINT, LEVELS, PERSISTENCE, Fitted, effects_of, fitted, unshared
from setback.experiments.studies.study import Study
from setback.model.grammar import fingerprint
from setback.model.syntax import digest as digest_of
from setback.model.syntax import module_digest, reached
from setback.model.week import MODEL
from setback.model.writing import refusal, write_text

Array = NDArray[np.float64]

CYCLE, NO_CYCLE = "cycle", "no-cycle"
#: What a set of figures is made with that no model made.
PUBLISHED = "published"
#: How much of each model is simulated: those without disposition have fewer numbers that do anything.
PLANS: Mapping[str, Plan] = {
    CYCLE: Plan(3, 12, 800, 200),
    NO_CYCLE: Plan(2, 12, 600, checks.SETS),
    "drifting-ability": Plan(1, 5, 400, 0),
    "stable-ability": Plan(1, 5, 400, 0),
}
#: Draws of a fit that are simulated in fresh classes, and kept as its posterior.
DRAWS = 256
#: The number of the study in which they are: none of a round has it.
LAST = 99


class Step(NamedTuple):
    """What a step of a fit is told and tells.

    Attributes:
        progress: called with the worlds that were simulated since it was called last.
        say: told in a sentence what is being done.
    """

    progress: Callable[[int], None] = lambda worlds: None
    say: Callable[[str], None] = lambda sentence: None


def key(plans: Mapping[str, Plan]) -> str:
    """Give the key of a fit: a hash of everything that decides what it finds."""
    reach = reached(__name__, "setback.model.engines.compiled", beyond=("setback.analysis", "setback.model.notebook"))
    about = {
        "plans": {name: list(plan) for name, plan in plans.items()},
        "equations": fingerprint(MODEL),
        "evidence": digest(rows_named([ALL])),
        "code": digest_of(json.dumps({name: module_digest(name) for name in reach}, sort_keys=True)),
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:12]


def worlds_asked(plans: Mapping[str, Plan]) -> int:
    """Count the worlds that a fit simulates."""
    return sum(
        plan.cubes * bank.CUBE + plan.rounds * plan.each + plan.again + (plan.rounds + 1) * plan.effects + 2 * DRAWS
        for plan in plans.values()
    )


def fit(
    folder: Path,
    results: Path,
    plans: Mapping[str, Plan] = PLANS,
    processes: int | None = None,
    step: Step = Step(),  # noqa: B008, it is frozen
) -> None:
    """Fit all models, as far as it is not done, and keep tables in a folder.

    Args:
        folder: where the tables are kept.
        results: the folder of all results, where the simulations are.
        plans: how much of each model is simulated; one with a cycle is among them.
        processes: how many run at once.
        step: told how it goes.

    Raises:
        InputError: if the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(folder, error) from None
    banks: dict[str, Worlds] = {}
    fits: dict[str, Fitted] = {}

    def bank_of(name: str) -> Worlds:
        if name not in banks:
            units = None if name == CYCLE else units_of(bank_of(CYCLE))
            banks[name] = filled(Space.of(NULLS[name]), plans[name], results, units, processes, step.progress, step.say)
        return banks[name]

    def fit_of(name: str) -> Fitted:
        if name not in fits:
            own = bank_of(name)
            step.say(f"{name}: fitted to the evidence, and to all of it but each block")
            fits[name] = fitted(own, None if name == CYCLE else units_of(bank_of(CYCLE)))
        return fits[name]

    for name in plans:
        with _timed(folder, name):
            if not (folder / f"rows-{name}.csv").is_file():
                _model(folder, fit_of(name), results, processes, step)
    if not (folder / "prior.csv").is_file():
        prior = bank_of(CYCLE)
        found = evidence.of_prior(prior.figures[prior.round == 0], fit_of(CYCLE).scale)
        _write(folder / "prior.csv", found)
    if not (folder / "ranks.csv").is_file():
        with _timed(folder, "ranks"):
            step.say(f"ranks of the truth in {checks.SETS} fits to synthetic figures")
            _write(folder / "ranks.csv", ranks_of(bank_of(CYCLE), fit_of(CYCLE).scale).table())
    if NO_CYCLE in plans and not (folder / "recovery.csv").is_file():
        with _timed(folder, "recovery"):
            step.say("what a failure causes in fits to figures made with a cycle and without")
            _write(folder / "recovery.csv", recovery_of(fit_of(CYCLE), fit_of(NO_CYCLE)))


def units_of(worlds: Worlds) -> Scale:
    """Give the spreads of a model's prior worlds."""
    return Scale.of(worlds.figures[worlds.round == 0])


def ranks_of(worlds: Worlds, scale: Scale) -> checks.Ranks:
    """Rank the truth of the first prior worlds, which the emulator of all others has not seen."""
    unseen = np.arange(len(worlds.shares)) < checks.SETS
    emulator = emulator_of(worlds.take(~unseen), scale, on=0)
    return checks.ranks(emulator, worlds.take(unseen), scale)


def recovery_of(with_cycle: Fitted, without: Fitted) -> pd.DataFrame:
    """Give what the fit with a cycle finds in worlds of either model that neither has seen, and in what is published.

    They are worlds of the last round of each, which lie about where each was fitted: one row a set, the last one what
    is published.
    """
    with_rest, with_unseen = _parted(with_cycle.worlds)
    rest, unseen = _parted(without.worlds)
    mine, rival = (
        checks.Contender(made := emulator_of(worlds, fit.scale), fit.scale, unknown(made, worlds, fit.scale))
        for fit, worlds in ((with_cycle, with_rest), (without, rest))
    )
    effects = effects_of(with_rest)
    assert effects is not None
    parts = [
        checks.recovered(mine, rival, effects, worlds).assign(made_with=name)
        for name, worlds in ((CYCLE, with_unseen), (NO_CYCLE, unseen))
    ]
    said = pd.DataFrame(published(mine.scale)[None], columns=list(mine.scale.rows))
    parts.append(checks.told(mine, rival, effects, said).assign(made_with=PUBLISHED))
    return pd.concat(parts, ignore_index=True).rename_axis("set")


def _parted(worlds: Worlds) -> tuple[Worlds, Worlds]:
    """Take the first worlds of the last round away: the rest, and those."""
    last = worlds.round == worlds.round.max()
    away = last & (np.cumsum(last) <= checks.SETS)
    return worlds.take(~away), worlds.take(away)


def _model(folder: Path, fit: Fitted, results: Path, processes: int | None, step: Step) -> None:
    """Simulate draws of a fit, and keep its tables and its posterior."""
    name, space = fit.worlds.space.null.name, fit.worlds.space
    picked = np.random.default_rng(0).permutation(len(fit.draws[JOINT]))[:DRAWS]
    shares = fit.draws[JOINT][picked]
    table = space.values(shares)

    def run(study: Study) -> pd.DataFrame:
        return bank.simulated(study, results, processes, step.progress)

    step.say(f"{name}: {DRAWS} draws of the fit in fresh classes")
    simulated = run(bank.proposed(space, table, LAST))
    effects = run(bank.of_effects(space, table, LAST))
    _write(folder / f"effects-{name}.csv", effects_table(fit, effects))
    _write(folder / f"numbers-{name}.csv", numbers_table(fit))
    posterior.write(
        folder / f"posterior-{name}.csv", posterior.Posterior.of(space, table, np.full(len(table), 1.0 / len(table)))
    )
    _write(folder / f"rows-{name}.csv", evidence.table(fit, simulated[list(fit.scale.rows)]))


def numbers_table(fit: Fitted) -> pd.DataFrame:
    """Give one row a number: its prior, its variance as a share of the prior's after each stage, and where it lies."""
    space = fit.worlds.space
    said: dict[str, object] = {"low": [row.low for row in space.rows], "high": [row.high for row in space.rows]}
    for variant in (LEVELS, PERSISTENCE, JOINT, HALVED):
        said[f"left_{variant}"] = fit.draws[variant].var(0) * 12.0
    values = space.values(fit.draws[JOINT])
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), axis=0)
    said |= {"fitted_low": low, "fitted_middle": middle, "fitted_high": high, "fitted_mean": values.mean(0)}
    said["reduction"] = fit.reduction
    return pd.DataFrame(said, index=pd.Index(space.names, name="number"))


def effects_table(fit: Fitted, simulated: pd.DataFrame) -> pd.DataFrame:
    """Give one row a context and way of fitting: what a failure causes, over draws.

    Columns: mean, low and high (of the middle 90 % of draws), error (of the mean), and found (the share of draws above
    `setback.experiments.fit.checks.BEYOND`). Of the fit itself from simulated draws, of which each has luck of its own;
    else by the emulator.
    """
    parts = {JOINT: simulated}
    if fit.effects is not None:
        names = list(fit.effects.rows)
        parts[HALVED] = pd.DataFrame(fit.effects.figures(fit.draws[HALVED]), columns=names)
        parts["emulated"] = pd.DataFrame(fit.effects.figures(fit.draws[JOINT]), columns=names)
        draws, _, own = unshared(fit)
        assert own is not None
        parts["unshared"] = pd.DataFrame(own.figures(draws), columns=names)
    found = []
    for variant, figures in parts.items():
        for context in figures.columns:
            known = figures[context].dropna()
            low, high = np.quantile(known, (0.05, 0.95)) if len(known) else (np.nan, np.nan)
            found.append(
                {
                    "variant": variant, "context": context, "mean": known.mean(), "low": low, "high": high,
                    "error": known.std() / np.sqrt(max(len(known), 1)), "found": (known > checks.BEYOND).mean(),
                }
            )  # fmt: skip
    return pd.DataFrame(found).set_index(["variant", "context"])


@contextmanager
def _timed(folder: Path, name: str) -> Iterator[None]:
    """Note how long a step took, beside the tables; of one that is stopped or was there nothing is noted."""
    path, began = folder / f"seconds-{name}.json", time.perf_counter()
    yield
    if not path.is_file():
        write_text(path, json.dumps({"seconds": round(time.perf_counter() - began)}) + "\n")


def _write(path: Path, table: pd.DataFrame) -> None:
    write_text(path, table.to_csv(lineterminator="\n", float_format="%.6g"))
