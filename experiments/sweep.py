"""Running a study: one task a room, on several processors, every policy through the same students and luck."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.engines import engine
from setback.experiments.study import Study
from setback.experiments.twins import Twins, failure_twins
from setback.model import own
from setback.model.block import columns
from setback.model.outcomes import OUTCOMES, class_mean


class Room(NamedTuple):
    """What one room gave: its number, its students, the means of the outcomes (policy, outcome), and its twins."""

    room: int
    students: int
    outcomes: NDArray[np.float64]
    twins: Twins | None


def live(study: Study, room: int) -> Room:
    """Live one room of a study under every policy, and its twins."""
    seats = study.roster.seats([room], study.seed)
    present = seats.roster[0, :, 0] > 0.5
    run = engine(study.engine)
    if study.share > 0:
        year, twins = failure_twins(seats, study.policies, study.parameters, study.weeks, study.share, run, study.flips)
    else:
        block = columns(seats, study.policies, [study.parameters])
        year, twins = run(block, study.weeks, model=own.whole_model()), None
    means = [class_mean(outcome.of(year.end, study.weeks)[present]) for outcome in OUTCOMES.values()]
    return Room(room, int(present.sum()), np.stack(means, 1), twins)


def live_all(
    study: Study, processes: int | None = None, progress: Callable[[int], None] = lambda rooms: None
) -> list[Room]:
    """Live all rooms of a study, in the order of their numbers whatever the order in which they end.

    Args:
        study: the study.
        processes: how many run at once; by default one a processor.
        progress: called with the number of rooms done since it was called last.
    """
    return live_many([study], processes, progress)[0]


def live_many(
    studies: Sequence[Study], processes: int | None = None, progress: Callable[[int], None] = lambda rooms: None
) -> list[list[Room]]:
    """Live all rooms of several studies side by side; as `live_all`, one list a study."""
    tasks = [(number, room) for number, study in enumerate(studies) for room in range(study.rooms)]
    found: list[dict[int, Room]] = [{} for _ in studies]
    # a mechanism that no file brought is known to this process alone
    most = min(processes or processors(), len(tasks)) if own.all_from_files() else 1
    for number, done in _in_processes(studies, tasks, most):
        found[number][done.room] = done
        progress(1)
    return [[rooms[room] for room in sorted(rooms)] for rooms in found]


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(
    studies: Sequence[Study], tasks: Sequence[tuple[int, int]], processes: int
) -> Iterator[tuple[int, Room]]:
    if processes == 1:
        yield from ((number, live(studies[number], room)) for number, room in tasks)
        return
    # spawn, so that every system starts its workers alike
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (own.FILES, studies)) as pool:
        waiting = [pool.submit(_live_here, *task) for task in tasks]
        try:
            for task in as_completed(waiting):
                yield task.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_studies: Sequence[Study]


def _begin(files: list[Path], studies: Sequence[Study]) -> None:
    """What a worker is told once: the files with mechanisms of one's own, and the studies."""
    global _studies
    for file in files:
        own.load(file)
    _studies = studies


def _live_here(number: int, room: int) -> tuple[int, Room]:
    return number, live(_studies[number], room)
