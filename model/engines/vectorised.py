"""The vectorised engine: numpy walks the phases on whole blocks, thousands of classrooms at once."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from setback.model.engines.block import (
    Array,
    Block,
    Held,
    Run,
    check_held,
    check_traced,
    check_world,
    draw_luck,
    in_order,
    rank,
)
from setback.model.rosters.seats import Seats
from setback.model.state import OPENED, SLOTS, STATE, TALLY
from setback.model.week import MODEL, Model, Phase

#: Columns that are walked together; larger ones leave the cache, smaller ones pay for the calls.
CHUNK = 1024
#: Numbers of one decision that are drawn at once, some weeks ahead.
LUCK = 4096


def run(
    block: Block,
    weeks: int,
    keep: Sequence[str] = (),
    hold: Mapping[str, Held] | None = None,
    model: Model = MODEL,
    chunk: int = CHUNK,
) -> Run:
    """Run every column of a block for some weeks.

    Args:
        block: the columns.
        weeks: how many weeks, at least 1.
        keep: slots to trace week by week.
        hold: slots to keep on recorded paths.
        model: the phases; custom lists go here.
        chunk: columns walked together; changes no bit of the result.

    Raises:
        InputError: a slot that there is not, or a path whose shape does not fit.
    """
    hold = hold or {}
    check_world(block, model)
    check_traced(keep, model)
    check_held(hold, block, weeks, model)
    keep_memory()
    rows = {name: block.size if SLOTS[name].of == "student" else 1 for name in SLOTS}
    trace = {name: np.empty((weeks, rows[name], block.columns)) for name in keep}
    end = {slot.name: np.empty((rows[slot.name], block.columns)) for slot in (*OPENED, *STATE, *TALLY)}
    for first in range(0, block.columns, chunk):
        part = slice(first, first + chunk)
        held = {name: Held(path.value[..., part], path.where[..., part]) for name, path in hold.items()}
        slots: dict[str, Array] = {}
        for week, slots in enumerate(walk(block.pick(part), weeks, held, model)):
            for name in keep:
                trace[name][week, :, part] = slots[name]
        for name in end:
            end[name][:, part] = slots[name]
    return Run(end, trace)


def walk(block: Block, weeks: int, hold: Mapping[str, Held], model: Model) -> Iterator[dict[str, Array]]:
    """Yield the slots after each week, each (seat, column) or (1, column)."""
    slots, share = block.opened()
    full = block.is_full
    ahead = max(1, LUCK // (block.size * len(block.seats.rooms)))
    given: dict[str, object] = {"p": block.world(), "flip": block.turned(), "q": block.levers(0), "week": np.float64(0)}
    opening = {name: numbers[0] for name, numbers in draw_luck(model.opening, block.seats, None).items()}
    for phase in model.opening:
        step(phase, slots, given, opening, block, share, full)
    at_work = block.at_work((*model.week, *model.tally), hold)
    for week in range(weeks):
        given |= {"q": block.levers(week), "week": np.float64(week)}
        if week % ahead == 0:
            year = draw_luck(at_work, block.seats, range(week, min(week + ahead, weeks)))
        luck = {name: numbers[week % ahead] for name, numbers in year.items()}
        for phase in at_work:
            step(phase, slots, given, luck, block, share, full)
            for name in phase.writes:
                if name in hold:
                    slots[name] = np.where(hold[name].where[week], hold[name].value[week], slots[name])
        yield slots


def step(
    phase: Phase,
    slots: dict[str, Array],
    given: Mapping[str, object],
    luck: Mapping[str, Array],
    block: Block,
    share: Array,
    full: bool,
) -> None:
    """Run one phase over the whole block: what it reads comes from the slots, what it writes goes there."""
    if isinstance(phase.by, str):
        read = [slots[name] for name in phase.reads]
        if phase.kind == "mean":
            slots[phase.writes[0]] = in_order(read[0] if full else read[0] * slots["present"]) * share
        elif phase.kind == "rank":
            slots[phase.writes[0]] = rank(read[0], read[1], slots["present"])
        else:
            slots[phase.writes[0]] = among_friends(read[0], block.seats)
        return
    shape = (block.size if phase.kind == "each" else 1, block.columns)
    for name, value in phase.call(slots.__getitem__, given, luck):
        slots[name] = value if np.shape(value) == shape else np.array(np.broadcast_to(value, shape))


def among_friends(x: Array, seats: Seats) -> Array:
    """Average a slot over each student's friends, (seat, C), added up friend by friend."""
    total = np.zeros(x.shape)
    for friend, weight in zip(seats.friends, seats.weight):
        total = total + weight * (x[friend[:, 0]] if friend.shape[1] == 1 else np.take_along_axis(x, friend, 0))
    return total


@cache
def keep_memory() -> None:
    """Let the C library keep freed memory for the next array instead of handing it back (glibc; elsewhere nothing).

    By default it returns the top of the heap whenever more than 128 KB are free there, which is about one array of a
    block: the system then clears the same pages again and again, a fifth of the running time.
    """
    if platform.libc_ver()[0] == "glibc":
        trim_threshold, mmap_threshold = -1, -3  # names of malloc.h
        c = ctypes.CDLL(None)
        c.mallopt(trim_threshold, 2**28)
        c.mallopt(mmap_threshold, 2**25)
