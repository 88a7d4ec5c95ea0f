"""A model is refitted to the facts of one source of grade books, so that it is compared at its best.

The search is over the model's free numbers, within their ranges in the table; what it minimises is the sum of squared
distances of the facts, in tolerances, each cut off so that one that is out of reach does not decide the others. The
classes are the same for every candidate; what is reported comes from fresh ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from setback.experiments.evidence.nulls import Null
from setback.experiments.evidence.rows import facts
from setback.experiments.gradebook.contexts import CONTEXTS, simulated_facts
from setback.experiments.gradebook.rows import ROWS
from setback.model.errors import InputError, unknown, whole
from setback.model.grammar import fingerprint
from setback.model.mechanism import Param
from setback.model.parameters import LEVER_NAMES
from setback.model.reading import parse_json, read_text
from setback.model.week import MODEL, Model
from setback.model.writing import write_text

#: Distances beyond so many tolerances count alike.
FURTHEST = 5.0
#: Candidates that are tried, the classes of each, and those that the result is reported from.
TRIES, ROOMS, FRESH = 600, 40, 200
#: Candidates in a generation of the search.
GENERATION = 20
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
        tries: candidates that were tried.
    """

    null: str
    source: str
    numbers: Mapping[str, float]
    figures: Mapping[str, float]
    distances: Mapping[str, float]
    loss: float
    loss_before: float
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
    progress: Callable[[int], None] = lambda tries: None,
) -> Refit:
    """Search for the numbers with which a model comes nearest to the facts of a source.

    Args:
        null: the model.
        source: a name of `SOURCES`.
        tries: how many candidates, about.
        rooms: classes of each candidate.
        seed: of the search and of the classes; the report is on classes beyond them.
        model: the model that has the switches.
        progress: called with the candidates tried since it was called last.

    Raises:
        InputError: if there is no such source, or too few tries or rooms.
    """
    from scipy.optimize import differential_evolution

    rows, tries = rows_of(source), whole("tries", tries, 2 * GENERATION, 1_000_000)
    rooms = whole("rooms", rooms, 2, 10_000)
    free = [model.table.by_name[name] for name in null.free]

    def losses(candidate: Sequence[float], classes: range) -> dict[str, float]:
        return _facts(dict(zip(null.free, candidate)), null, rows, classes, model)

    def loss(candidate: Sequence[float]) -> float:
        progress(1)
        return total(losses(candidate, range(rooms)))

    members = max(2, -(-GENERATION // len(free)))  # scipy counts a generation in multiples of the free numbers
    generations = max(1, tries // (members * len(free)) - 1)
    default = [row.default for row in free]
    found = differential_evolution(
        loss, [_range(row) for row in free], x0=default, popsize=members, maxiter=generations, seed=seed,
        polish=False, tol=0.0, init="sobol", mutation=(0.4, 0.9), recombination=0.8,
    )  # fmt: skip
    fresh = range(rooms, rooms + FRESH)
    figures = losses(found.x, fresh)
    return Refit(
        null.name, source, dict(zip(null.free, map(float, found.x))), figures, distances(figures), total(figures),
        total(losses(default, fresh)), int(found.nfev),
    )  # fmt: skip


def distances(figures: Mapping[str, float]) -> dict[str, float]:
    """Give the distance of each figure from its row, in tolerances; NaN where there is no figure."""
    return {row: facts()[row].target.distance(value) for row, value in figures.items()}


def total(figures: Mapping[str, float]) -> float:
    """Give the sum of squared distances, each cut off; a figure that is not there is as far off as can be."""
    apart = np.nan_to_num(np.abs([*distances(figures).values()]), nan=FURTHEST)
    return float(np.square(np.minimum(apart, FURTHEST)).sum())


def _range(row: Param) -> tuple[float, float]:
    return row.low, row.high


def _facts(
    numbers: Mapping[str, float], null: Null, rows: Sequence[str], classes: range, model: Model
) -> dict[str, float]:
    """Give the facts of one candidate; levers among its numbers are set in the policy of the context."""
    levers = {name: value for name, value in numbers.items() if name in LEVER_NAMES}
    world = {**null.held, **{name: value for name, value in numbers.items() if name not in levers}}
    return simulated_facts(world, rows, classes, model=model, levers=levers)


# ---- kept, so that what was found need not be searched for again -------------------------------------------------
def kept(folder: Path, null: Null, source: str, tries: int, rooms: int, seed: int, model: Model = MODEL) -> Path:
    """Give the file in which a refit is kept, by all that decides it."""
    about = [null.name, dict(null.held), null.free, source, tries, rooms, seed, fingerprint(model)]
    about += [CONTEXTS[name].policy for name in SOURCES[source]]
    about += [[row, *facts()[row].target[1:4]] for row in rows_of(source)]
    about += [[row.low, row.high, row.default] for row in (model.table.by_name[name] for name in null.free)]
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:12]
    return folder / f"{source}-{null.name}-{key}.json"


def read(path: Path) -> Refit:
    """Read a refit that was kept.

    Raises:
        InputError: if the file cannot be read, or is none.
    """
    found: Any = parse_json(read_text(path, str(path)), str(path))
    if not isinstance(found, dict) or {*found} != {*Refit._fields}:
        raise InputError(f"{path} is no refit; remove it, and the same command makes it anew")
    return Refit(**found)


def write(path: Path, found: Refit) -> None:
    """Keep a refit; errors are those of `setback.model.writing.write_text`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(found._asdict(), indent=1) + "\n")
