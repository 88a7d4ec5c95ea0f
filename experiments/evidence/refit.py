"""A model is refitted to facts of grade books, so that it is compared at its best.

The search is over the model's free numbers, within their ranges in the table; what it minimises is the sum of squared
distances of the facts, in tolerances, each cut off so that one that is out of reach does not decide the others. The
classes are the same for every candidate; what is reported comes from fresh ones. Every model gets as many generations
of as many candidates, twice, from different beginnings, among them the best numbers of the next smaller model.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_type_hints

import numpy as np

from setback.experiments.evidence.nulls import Null
from setback.experiments.evidence.rows import Target, facts
from setback.experiments.gradebook.contexts import simulated_facts
from setback.experiments.gradebook.rows import ROWS
from setback.model.chance import LIMIT
from setback.model.errors import InputError, unknown, whole
from setback.model.grammar import fingerprint
from setback.model.parameters import LEVER_NAMES
from setback.model.reading import parse_json, read_text
from setback.model.syntax import digest, module_digest, reached
from setback.model.week import MODEL, Model
from setback.model.writing import refusal, write_text

#: Distances beyond so many tolerances count alike.
FURTHEST = 5.0
#: Candidates that are tried, the classes of each, and those that the result is reported from.
TRIES, ROOMS, FRESH = 600, 40, 200
#: Candidates in a generation of the search, and searches of each refit.
GENERATION, SEARCHES = 30, 2
#: The sources that a model is refitted to: those with several facts, of which rows or figures are at hand.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "oulad": ("oulad",),
    "osu": ("osu-homework", "osu-projects"),
    "uci": ("uci-mathematics", "uci-portuguese"),
    "uci-dropout": ("uci-dropout",),
}


class Aim(NamedTuple):
    """What a model is refitted to.

    Attributes:
        name: what it is called.
        targets: what each figure is held against, by its name.
        figures: gives the figures of a world, of the levers that differ there, of some classes (their numbers), of a
            seed and a model.
    """

    name: str
    targets: Mapping[str, Target]
    figures: Callable[[Mapping[str, float], Mapping[str, float], range, int, Model], Mapping[str, float]]


class Searched(NamedTuple):
    """What one search found.

    Attributes:
        numbers: the free numbers at its best candidate, by name.
        loss: the loss there, on the classes of the search.
        tries: candidates that were tried.
    """

    numbers: Mapping[str, float]
    loss: float
    tries: int


class Refit(NamedTuple):
    """What a refit found.

    Attributes:
        null: the name of the model.
        source: a name of `SOURCES`.
        numbers: the free numbers at the best candidate, by name.
        figures: the facts on fresh classes, by row.
        distances: their distances, in tolerances.
        loss: the sum of squared distances on fresh classes, each cut off at `FURTHEST`.
        loss_before: the same with every free number at its default.
        spread: how far apart the losses of the searches are: what a difference between models must exceed.
        tries: candidates that were tried.
    """

    null: str
    source: str
    numbers: Mapping[str, float]
    figures: Mapping[str, float]
    distances: Mapping[str, float]
    loss: float
    loss_before: float
    spread: float
    tries: int


def rows_of(source: str) -> tuple[str, ...]:
    """Give the rows of a source.

    Raises:
        InputError: if there is no such source.
    """
    if source not in SOURCES:
        raise unknown("source of facts", source, SOURCES)
    return tuple(row for row, of in ROWS.items() if of.source in SOURCES[source])


def aim_of(source: str) -> Aim:
    """Give the published facts of a source as what a model is refitted to.

    Raises:
        InputError: if there is no such source.
    """
    rows = rows_of(source)

    def figures(
        world: Mapping[str, float], levers: Mapping[str, float], classes: range, seed: int, model: Model
    ) -> Mapping[str, float]:
        return simulated_facts(world, rows, classes, seed, model=model, levers=levers)

    return Aim(source, {row: facts()[row].target for row in rows}, figures)


def refit(
    null: Null,
    source: str,
    tries: int = TRIES,
    rooms: int = ROOMS,
    seed: int = 0,
    model: Model = MODEL,
    start: Mapping[str, float] | None = None,
    progress: Callable[[int], None] = lambda tries: None,
) -> Refit:
    """Search for the numbers with which a model comes nearest to the facts of a source.

    Args:
        null: the model.
        source: a name of `SOURCES`.
        tries: how many candidates, about, over all searches.
        rooms: classes of each candidate.
        seed: of the searches and of the classes; the report is on classes beyond them.
        model: the model that has the switches.
        start: where to begin as well, by name, as the best of the next smaller model; numbers that it lacks are at
            their defaults.
        progress: called with the candidates tried since it was called last.

    Raises:
        InputError: if there is no such source, or too few tries or rooms.
    """
    aim, tries = aim_of(source), whole("tries", tries, 2 * SEARCHES * GENERATION, 1_000_000)
    rooms, seed = whole("rooms", rooms, 2, 10_000), whole("seed", seed, 0, LIMIT - 1)
    starts = [] if start is None else [start]
    found = [
        search(null, aim, tries // SEARCHES, range(rooms), seed, SEARCHES * seed + k, model, starts, progress)
        for k in range(SEARCHES)
    ]
    fresh = range(rooms, rooms + FRESH)

    def loss(numbers: Mapping[str, float]) -> float:
        return total(figures_of(null, aim, numbers, fresh, seed, model), aim.targets)

    best = min(found, key=lambda one: one.loss)
    at_best = figures_of(null, aim, best.numbers, fresh, seed, model)
    losses = [loss(one.numbers) for one in found]
    return Refit(
        null.name, source, best.numbers, at_best, distances(at_best, aim.targets), total(at_best, aim.targets),
        loss({}), max(losses) - min(losses), sum(one.tries for one in found),
    )  # fmt: skip


def search(
    null: Null,
    aim: Aim,
    tries: int,
    classes: range,
    seed: int,
    own: int,
    model: Model = MODEL,
    starts: Sequence[Mapping[str, float]] = (),
    progress: Callable[[int], None] = lambda tries: None,
) -> Searched:
    """Search once, by differential evolution from a Latin hypercube of the free numbers' ranges.

    Args:
        null: the model.
        aim: what it is refitted to.
        tries: how many candidates, about: whole generations, two at least.
        classes: the numbers of the classes of every candidate.
        seed: whose classes and luck.
        own: the seed of the search itself.
        model: the model that has the switches.
        starts: where to begin as well as at the defaults, by name; numbers that one lacks are at their defaults.
        progress: called with the candidates tried since it was called last.
    """
    from scipy.optimize import differential_evolution
    from scipy.stats import qmc

    free = [model.table.by_name[name] for name in null.free]
    low, high = np.array([row.low for row in free]), np.array([row.high for row in free])

    def loss(candidate: Sequence[float]) -> float:
        progress(1)
        numbers = dict(zip(null.free, map(float, candidate)))
        return total(figures_of(null, aim, numbers, classes, seed, model), aim.targets)

    first = qmc.scale(qmc.LatinHypercube(len(free), seed=own).random(GENERATION), low, high)
    for k, start in enumerate(({}, *starts)):
        first[k] = [start.get(row.name, row.default) for row in free]
    found = differential_evolution(
        loss, [*zip(low, high)], init=first, seed=own, mutation=(0.4, 0.9), recombination=0.8,
        maxiter=max(1, tries // GENERATION - 1), polish=False, tol=0.0,
    )  # fmt: skip
    return Searched(dict(zip(null.free, map(float, found.x))), float(found.fun), int(found.nfev))


def figures_of(
    null: Null, aim: Aim, numbers: Mapping[str, float], classes: range, seed: int, model: Model
) -> Mapping[str, float]:
    """Give the figures of one candidate; levers among its numbers are set in the policy."""
    world, levers = parted(null, numbers)
    return aim.figures(world, levers, classes, seed, model)


def parted(null: Null, numbers: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Part the numbers of a candidate into those of the world, with what is held, and levers of the policy."""
    levers = {name: value for name, value in numbers.items() if name in LEVER_NAMES}
    return {**null.held, **{name: value for name, value in numbers.items() if name not in levers}}, levers


def distances(figures: Mapping[str, float], targets: Mapping[str, Target]) -> dict[str, float]:
    """Give the distance of each figure from its target, in tolerances; NaN where there is no figure."""
    return {name: targets[name].distance(value) for name, value in figures.items()}


def total(figures: Mapping[str, float], targets: Mapping[str, Target]) -> float:
    """Give the sum of squared distances, each cut off; a figure that is not there is as far off as can be."""
    apart = np.nan_to_num(np.abs([*distances(figures, targets).values()]), nan=FURTHEST)
    return float(np.square(np.minimum(apart, FURTHEST)).sum())


# ---- kept, so that what was found need not be searched for again -------------------------------------------------
@functools.cache
def code(module: str = __name__) -> str:
    """Give the hash of every module that a search reaches: what an edit of them moves is searched for anew."""
    reach = reached(module, "setback.model.engines.compiled", beyond=("setback.analysis", "setback.model.notebook"))
    return digest(json.dumps({name: module_digest(name) for name in reach}, sort_keys=True))


def kept(folder: Path, null: Null, source: str, tries: int, rooms: int, seed: int, model: Model = MODEL) -> Path:
    """Give the file in which a refit is kept, by all that decides it.

    Raises:
        InputError: if there is no such source.
    """
    about = [null.name, dict(null.held), null.free, tries, rooms, seed, fingerprint(model), code()]
    about += [[row, *facts()[row].target[1:4]] for row in rows_of(source)]
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:12]
    return folder / f"{source}-{null.name}-{key}.json"


Kept = TypeVar("Kept", bound=tuple[Any, ...])


def read(path: Path, of: type[Kept]) -> Kept:
    """Read what was kept, as `Refit` is: words, numbers and tables of numbers.

    Raises:
        InputError: if the file cannot be read, or is none.
    """
    said: Any = parse_json(read_text(path, str(path)), str(path))
    kinds = get_type_hints(of)
    try:
        if {*said} != {*kinds}:
            raise ValueError
        return of(**{name: _as(said[name], kind) for name, kind in kinds.items()})
    except (TypeError, ValueError, AttributeError):
        raise InputError(f"{path} is no refit; remove it, and the same command makes it anew") from None


def _as(value: Any, kind: Any) -> Any:
    if kind in (str, int):
        return kind(value)
    if kind is float:
        return math.nan if value is None else float(value)
    return {str(name): _as(one, float) for name, one in value.items()}


def write(path: Path, found: Any) -> None:
    """Keep what was found, what is not known as null; errors are those of `setback.model.writing.write_text`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(path, error) from None

    def known(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: known(one) for name, one in value.items()}
        return None if isinstance(value, float) and not math.isfinite(value) else value

    write_text(path, json.dumps({name: known(value) for name, value in found._asdict().items()}, indent=1) + "\n")
