"""The twin table: outcomes of a room, each turned round in a year of its own and compared with the observed year.

A twin column turns one outcome of one student in one week (`setback.model.state.Flip`); what differs from then on is
what the outcome caused. Definitions: docs/claims.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setback.experiments.twins import estimands
from setback.experiments.twins.estimands import Pairs
from setback.experiments.twins.flips import KINDS, SLOTS, check_told, eligible
from setback.model.chance import uniform
from setback.model.engines.block import Run, columns
from setback.model.engines.registry import Engine
from setback.model.rosters.seats import Seats
from setback.model.state import Flip
from setback.model.week import MODEL, Model

Rows = NDArray[np.int64]
#: One row a twin: the columns of `WHICH`, and then the effects, fail minus pass (`estimands.columns`), each (N,).
Twins = dict[str, NDArray[Any]]

#: Twins that are run at once; their traces stay in memory.
BLOCK = 512
#: Which twin a row is: position of the kind of flip in `KINDS` and of the policy among those asked for, room, seat,
#: week (from 1), observed margin of the assessment (logit), distance of the performance from the line that is turned (SDs
#: of its noise; below 0 is a failure), and whether a failure was turned round (*spared*).
WHICH: Mapping[str, type] = {
    "flip": np.int64, "policy": np.int64, "room": np.int64, "seat": np.int64, "week": np.int64,
    "margin": np.float64, "distance": np.float64, "spared": np.bool_,
}  # fmt: skip


def failure_twins(
    seats: Seats,
    policies: Sequence[Mapping[str, float]],
    parameters: Mapping[str, float],
    weeks: int,
    share: float,
    run: Engine,
    flips: Sequence[str] = ("line",),
    model: Model = MODEL,
) -> tuple[Run, Twins]:
    """Run one room under several policies, and turn a sample of its outcomes round.

    Args:
        seats: one room.
        policies: the policies, one column each.
        parameters: the world.
        weeks: length of the year, more than FIRST + HORIZON.
        share: share of the eligible student-weeks that get a twin, sampled by address, so that policies share them.
        run: the engine.
        flips: names of `KINDS`.
        model: the model, as with custom mechanisms.

    Returns:
        The observed year, one column a policy, and the twins.

    Raises:
        InputError: if a verdict is to be turned, and no policy utters one.
    """
    check_told(flips, policies)
    keep = tuple(dict.fromkeys((*SLOTS, *estimands.traced())))
    observed = run(columns(seats, policies, [parameters]), weeks, keep, model=model)
    room, students = int(seats.rooms[0]), seats.roster.shape[1]
    week, seat = np.arange(weeks)[:, None], np.arange(students)
    sampled = uniform(seats.seed, "twins", room, seat, week) < share
    present = seats.roster[0][:, 0]
    found = []
    for name in flips:
        kind = KINDS[name]
        found_here = eligible(kind, observed.trace, policies, present, parameters[kind.noise])
        for w, s, k in in_blocks(found_here.at & sampled[:, :, None]):
            to = found_here.to[w, s, k].tolist()
            turns = [Flip(seat=float(a), week=float(b), to=c, **{kind.field: 1.0}) for a, b, c in zip(s, w, to)]
            turned = run(columns(seats, [policies[p] for p in k], [parameters], turns), weeks, keep, model=model)
            found.append(_compared(name, observed, turned, room, w, s, k, found_here.distance[w, s, k]))
    return observed, join(found)


def in_blocks(at: NDArray[np.bool_]) -> list[tuple[Rows, Rows, Rows]]:
    """Cut the student-weeks that are true, (week, seat, column), into parts of at most `BLOCK`: week, seat, column."""
    w, s, k = (np.asarray(part, np.int64) for part in np.nonzero(at))
    order = np.argsort(k, kind="stable")  # columns sorted by policy, so that idle phases can be left out
    parts = np.array_split(order, -(-len(order) // BLOCK)) if len(order) else []
    return [(w[part], s[part], k[part]) for part in parts]


def _compared(
    name: str, observed: Run, turned: Run, room: int, w: Rows, s: Rows, k: Rows, distance: NDArray[np.float64]
) -> Twins:
    """Give the rows of some twins of one kind."""
    kind = KINDS[name]
    spared = distance < 0.0
    which = {
        "flip": np.full(len(k), list(KINDS).index(name)),
        "policy": k,
        "room": np.full(len(k), room),
        "seat": s,
        "week": w + 1,
        "margin": observed.trace["test_margin"][w, s, k],
        "distance": distance,
        "spared": spared,
    }
    return which | estimands.effects(Pairs(observed, turned, w, s, k, spared, kind.test))


def join(parts: Sequence[Twins]) -> Twins:
    """Put the twins of several rooms into one table."""
    types = {**WHICH, **dict.fromkeys(estimands.columns(), np.float64)}
    return {name: np.concatenate([np.zeros(0, of), *(part[name] for part in parts)]) for name, of in types.items()}
