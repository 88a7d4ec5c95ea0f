"""Look for one world that holds as many rows of the evidence at once as can be: is the structure able to say it all?

``python -m setback.benchmarks.search --null cycle --minutes 20 --out found.json`` searches over every uncertain number
of the table, what named policies assume, and the levels of each context of grade books, by CMA-ES with a diagonal
covariance (Ros & Hansen 2008; needs ``pip install -e ".[search]"``). The classes are the same for every candidate; what
is reported comes from fresh ones, as a world that is chosen on some classes loses rows on others. Ctrl-C ends the
search and reports the best so far.

``--only`` leaves all other numbers where the table has them, and ``--pull`` makes it cost something to move a number
away from there: so one can ask how little has to move.

It is no fit: it says what is within reach, not what is likely.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setback.experiments.evidence.measured import ALL, measured, rows_named
from setback.experiments.evidence.nulls import NULLS, Null
from setback.experiments.evidence.rows import NUMERIC, target_of, targets
from setback.experiments.fit.space import Space
from setback.experiments.trials.run import World
from setback.model.engines.registry import chosen
from setback.model.errors import unknown
from setback.model.reading import parse_json, read_text
from setback.model.week import MODEL
from setback.model.writing import write_text

#: Distances beyond so many tolerances count alike; a sign that is missed counts as one, and what it is off in tenths.
FURTHEST, TENTH = 3.0, 0.1
#: What is asked of the library.
OPTIONS = {"bounds": [0, 1], "CMA_diagonal": True, "popsize": 16, "verbose": -9}
#: Steps of the search, in shares of a range: it begins anew at the best with half the step, down to the last, after so
#: many generations that found nothing better.
FIRST_STEP, LAST_STEP, PATIENCE = 0.15, 0.02, 25
#: A quarter of a number's range.
QUARTER = 0.25
#: Classes of each candidate, and of what is reported.
ROOMS, FRESH = 20, 100


def evidence(null: Null, shares: NDArray[np.float64], rooms: range) -> dict[str, float]:
    """Give the figure of every row at a point of the unit cube of the numbers that a model leaves open."""
    space = Space.of(null)
    numbers = dict(zip(space.names, space.values(np.clip(shares, 0.0, 1.0)[None])[0].tolist()))
    world = {name: value for name, value in numbers.items() if "." not in name}
    here = World(MODEL.parameters({**world, **null.held}), numbers, chosen("auto"))
    return measured(rows_named([ALL]), here, rooms, 0)


def loss(null: Null, shares: NDArray[np.float64], rooms: range) -> float:
    """Give the sum over the rows of what each is off, squared and cut off."""
    return sum(_off(row, value) for row, value in evidence(null, shares, rooms).items())


def _off(row: str, value: float) -> float:
    target = target_of(row)
    if not math.isfinite(value):
        return FURTHEST**2
    if target.kind == NUMERIC:
        return min(abs(target.distance(value)), FURTHEST) ** 2
    return 0.0 if target.hits(value) else 1.0 + min(abs(target.distance(value)) / TENTH, FURTHEST**2 - 1.0)


def moved(null: Null, pull: float, which: Sequence[int], some: NDArray[np.float64], rooms: range) -> float:
    """Give the loss where only some numbers move, and what their moves cost."""
    shares = Space.of(null).at()
    cost = pull * (((some - shares[list(which)]) / QUARTER) ** 2).sum()
    shares[list(which)] = some
    return loss(null, shares, rooms) + float(cost)


def search(
    null: Null,
    minutes: float,
    processes: int,
    seed: int,
    only: Sequence[str] = (),
    pull: float = 0.0,
    start: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], int]:
    """Search for some minutes; give the best point and the number of candidates.

    Args:
        null: the model.
        minutes: how long.
        processes: that measure candidates at the same time.
        seed: of the search.
        only: names of the numbers that move, as a report has them; all where none is named.
        pull: what a move by a quarter of its range adds to the loss.
        start: the shares of all numbers at which it begins; the defaults where it is left out.

    Raises:
        InputError: if a number is not free.
    """
    import cma

    names = Space.of(null).names
    for name in only:
        if name not in names:
            raise unknown("number that is free", name, names)
    which = [k for k, name in enumerate(names) if not only or name in only]
    default = Space.of(null).at()
    measure = partial(moved, null, pull, which, rooms=range(ROOMS))
    best, step = np.clip(default[which], 0.02, 0.98), FIRST_STEP
    if start is not None:
        best, step = start[which], FIRST_STEP / 4.0  # near what was found before
    least, tried, until = measure(best), 1, time.time() + 60.0 * minutes
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        try:
            while time.time() < until:
                options = {**OPTIONS, "seed": seed + tried + 1}
                strategy, idle = cma.CMAEvolutionStrategy(best, step, options), 0
                while idle < PATIENCE and time.time() < until:
                    asked = [*map(np.asarray, strategy.ask())]
                    losses = [*pool.map(measure, asked)]
                    strategy.tell(asked, losses)
                    tried, idle = tried + len(asked), idle + 1
                    if min(losses) < least:
                        best, least, idle = asked[int(np.argmin(losses))], min(losses), 0
                    print(f"\r{tried} candidates, best {least:.1f}", end="", flush=True)
                step = step / 2.0 if step > LAST_STEP else FIRST_STEP
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    print()
    default[which] = best
    return default, tried


def report(null: Null, shares: NDArray[np.float64], tried: int) -> dict[str, Any]:
    """Say on fresh classes which rows are held at once, and by which numbers."""
    found = evidence(null, shares, range(ROOMS, ROOMS + FRESH))
    held = {row: target_of(row).hits(value) for row, value in found.items()}
    known = {row: value if math.isfinite(value) else None for row, value in found.items()}
    space = Space.of(null)
    numbers = dict(zip(space.names, space.values(shares[None])[0].tolist()))
    return {
        "null": null.name, "candidates": tried, "held": sum(held.values()), "of": len(held),
        "effects": sum(hit for row, hit in held.items() if row in targets()),
        "missed": {row: [known[row], target_of(row).said] for row in found if not held[row]},
        "figures": known, "numbers": numbers,
    }  # fmt: skip


def main() -> None:
    """Search, and print what is held at once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--null", choices=NULLS, default="cycle")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--pull", type=float, default=0.0)
    parser.add_argument("--start", type=Path, help="what an earlier search wrote, to begin at")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    null = NULLS[asked.null]
    start = None
    if asked.start:
        numbers = parse_json(read_text(asked.start, asked.start.name), asked.start.name)["numbers"]
        start = Space.of(null).at(numbers)
    found = report(null, *search(null, asked.minutes, asked.processes, asked.seed, asked.only, asked.pull, start))
    print(f"{found['held']} of {found['of']} rows held at once on fresh classes, {found['effects']} of them effects")
    for row, (value, said) in found["missed"].items():
        print(f"  {row}: {'unknown' if value is None else format(value, '.3f')}, published {said}")
    if asked.out:
        write_text(asked.out, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
