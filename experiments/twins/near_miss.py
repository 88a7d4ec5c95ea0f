"""Near misses and deep failures at practice: the same attempt failed by a little, by a lot, and not at all.

The noise of one attempt is *set* so that it falls short by 0.25 or by 2.0 logits, against success in the same
student-week (docs/claims.md, P2). No limit on the move applies; the mean move is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.twins.estimands import HORIZON
from setback.experiments.twins.flips import FIRST
from setback.experiments.twins.twins import in_blocks
from setback.model.chance import uniform
from setback.model.engines.block import columns
from setback.model.engines.registry import Engine
from setback.model.outcomes import NORMS
from setback.model.policies import Policy
from setback.model.rosters.seats import Seats
from setback.model.state import Flip
from setback.model.week import MODEL, Model

Array = NDArray[np.float64]
#: Depths of a near miss and of a deep failure (logit).
NEAR, DEEP = 0.25, 2.0


class Depths(NamedTuple):
    """One row a student-week whose attempt was set to two depths of failure, and to success: N rows.

    Attributes:
        policy: position of the policy; `room`, `seat` and `week` (from 1).
        near_move, deep_move: how far the attempt was moved (logit).
        near_helped, deep_helped: how far support answered that failure, from 0 to 1.
        near, deep: conceptual knowledge at the test of the week, failed at that depth less succeeded (SD of the unit
            scale).
        year_near, year_deep: the same at the end of the year (SD of the cumulative scale).
    """

    policy: NDArray[np.int64]
    room: NDArray[np.int64]
    seat: NDArray[np.int64]
    week: NDArray[np.int64]
    near_move: Array
    deep_move: Array
    near_helped: Array
    deep_helped: Array
    near: Array
    deep: Array
    year_near: Array
    year_deep: Array


def depth_twins(
    seats: Seats,
    policies: Sequence[Policy],
    parameters: Mapping[str, float],
    weeks: int,
    share: float,
    run: Engine,
    model: Model = MODEL,
) -> Depths:
    """Run one room under several policies, and set a sample of its attempts to a near miss, a deep failure, a success.

    Args: as `failure_twins`; every attempt that was handed in is eligible, whatever the move.
    """
    keep = ("attempt_shortfall", "submitted", "tested_conceptual", "helped")
    observed = run(columns(seats, policies, [parameters]), weeks, keep, model=model)
    room, students = int(seats.rooms[0]), seats.roster.shape[1]
    week, seat = np.arange(weeks)[:, None], np.arange(students)
    at = (uniform(seats.seed, "twins", room, seat, week) < share)[:, :, None] & (observed.trace["submitted"] > 0.5)
    at &= ((week >= FIRST) & (week < weeks - HORIZON))[:, :, None]
    found = []
    for t, i, j in in_blocks(at):
        short, n = observed.trace["attempt_shortfall"][t, i, j], np.arange(len(j))
        years = []
        for depth in (0.0, NEAR, DEEP):  # at depth 0 only an error is turned; a success stays as it is
            turns = [
                Flip(float(a), float(b), practice=float(depth > 0.0 or fell), depth=depth)
                for a, b, fell in zip(i, t, short > 0.0)
            ]
            year = run(columns(seats, [policies[p] for p in j], [parameters], turns), weeks, keep[2:], model=model)
            of_week = (year.trace[name][t, i, n] for name in keep[2:])
            years.append((*of_week, year.end["cumulative_conceptual"][i, n]))
        (success, _, success_year), *failures = years
        helped = [answered for _, answered, _ in failures]
        effects = [(test - success) / NORMS["unit_conceptual"] for test, _, _ in failures]
        lasting = [(end - success_year) / NORMS["year_conceptual"] for _, _, end in failures]
        which, moves = (j, np.full(len(j), room), i, t + 1), (abs(short - NEAR), abs(short - DEEP))
        found.append(Depths(*which, *moves, *helped, *effects, *lasting))
    none = Depths._make([np.zeros(0, np.int64)] * 4 + [np.zeros(0)] * 8)
    return Depths(*(np.concatenate(parts) for parts in zip(none, *found)))
