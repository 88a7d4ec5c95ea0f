"""A model is refitted to the facts of one source of grade books, so that it is compared at its best.

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
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from setback.experiments.evidence.nulls import Null
from setback.experiments.evidence.rows import facts
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
    from scipy.optimize import differential_evolution
    from scipy.stats import qmc

    rows, tries = rows_of(source), whole("tries", tries, 2 * SEARCHES * GENERATION, 1_000_000)
    rooms, seed = whole("rooms", rooms, 2, 10_000), whole("seed", seed, 0, LIMIT - 1)
    free = [model.table.by_name[name] for name in null.free]
    low, high = np.array([row.low for row in free]), np.array([row.high for row in free])

    def figures(candidate: Iterable[float], classes: range) -> dict[str, float]:
        return _facts(dict(zip(null.free, map(float, candidate))), null, rows, classes, seed, model)

    def loss(candidate: Sequence[float]) -> float:
        progress(1)
        return total(figures(candidate, range(rooms)))

    default = np.array([row.default for row in free])
    known = [default]
    if start is not None:
        known.append(np.array([start.get(row.name, row.default) for row in free]))
    found = []
    settings = {"maxiter": max(1, tries // (SEARCHES * GENERATION) - 1), "polish": False, "tol": 0.0}
    for search in range(SEARCHES):
        own = SEARCHES * seed + search
        first = qmc.scale(qmc.LatinHypercube(len(free), seed=own).random(GENERATION), low, high)
        first[: len(known)] = known
        found.append(
            differential_evolution(
                loss, [*zip(low, high)], init=first, seed=own, mutation=(0.4, 0.9), recombination=0.8, **settings
            )
        )
    best = min(found, key=lambda one: float(one.fun))
    fresh = range(rooms, rooms + FRESH)
    at_best = figures(best.x, fresh)
    losses = [total(figures(one.x, fresh)) for one in found]
    return Refit(
        null.name, source, dict(zip(null.free, map(float, best.x))), at_best, distances(at_best), total(at_best),
        total(figures(default, fresh)), max(losses) - min(losses), sum(int(one.nfev) for one in found),
    )  # fmt: skip


def distances(figures: Mapping[str, float]) -> dict[str, float]:
    """Give the distance of each figure from its row, in tolerances; NaN where there is no figure."""
    return {row: facts()[row].target.distance(value) for row, value in figures.items()}


def total(figures: Mapping[str, float]) -> float:
    """Give the sum of squared distances, each cut off; a figure that is not there is as far off as can be."""
    apart = np.nan_to_num(np.abs([*distances(figures).values()]), nan=FURTHEST)
    return float(np.square(np.minimum(apart, FURTHEST)).sum())


def _facts(
    numbers: Mapping[str, float], null: Null, rows: Sequence[str], classes: range, seed: int, model: Model
) -> dict[str, float]:
    """Give the facts of one candidate; levers among its numbers are set in the policy of the context."""
    levers = {name: value for name, value in numbers.items() if name in LEVER_NAMES}
    world = {**null.held, **{name: value for name, value in numbers.items() if name not in levers}}
    return simulated_facts(world, rows, classes, seed, model=model, levers=levers)


# ---- kept, so that what was found need not be searched for again -------------------------------------------------
@functools.cache
def _code() -> str:
    """Give the hash of every module that a refit reaches: what an edit of them moves is searched for anew."""
    reach = reached(__name__, "setback.model.engines.compiled", beyond=("setback.analysis", "setback.model.notebook"))
    return digest(json.dumps({name: module_digest(name) for name in reach}, sort_keys=True))


def kept(folder: Path, null: Null, source: str, tries: int, rooms: int, seed: int, model: Model = MODEL) -> Path:
    """Give the file in which a refit is kept, by all that decides it.

    Raises:
        InputError: if there is no such source.
    """
    about = [null.name, dict(null.held), null.free, tries, rooms, seed, fingerprint(model), _code()]
    about += [[row, *facts()[row].target[1:4]] for row in rows_of(source)]
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:12]
    return folder / f"{source}-{null.name}-{key}.json"


def read(path: Path) -> Refit:
    """Read a refit that was kept.

    Raises:
        InputError: if the file cannot be read, or is none.
    """
    said: Any = parse_json(read_text(path, str(path)), str(path))
    try:
        made = Refit(**said)
        numbers, figures, distances = (
            {str(k): math.nan if v is None else float(v) for k, v in table.items()}
            for table in (made.numbers, made.figures, made.distances)
        )
        losses = float(made.loss), float(made.loss_before), float(made.spread)
        return Refit(str(made.null), str(made.source), numbers, figures, distances, *losses, int(made.tries))
    except (TypeError, ValueError, AttributeError):
        raise InputError(f"{path} is no refit; remove it, and the same command makes it anew") from None


def write(path: Path, found: Refit) -> None:
    """Keep a refit, what is not known as null; errors are those of `setback.model.writing.write_text`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(path, error) from None
    said = {
        name: {k: v if math.isfinite(v) else None for k, v in value.items()} if isinstance(value, dict) else value
        for name, value in found._asdict().items()
    }
    write_text(path, json.dumps(said, indent=1) + "\n")
