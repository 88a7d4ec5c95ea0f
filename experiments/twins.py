"""Failure twins: the same student-week lived twice, once failed and once passed, all other luck the same.

A twin column turns one outcome of one student in one week round (`setback.model.state.Flip`); what differs from
then on is what the outcome caused. The definitions are those of docs/claims.md: *spared* twins turn an observed
failure into a pass, *inflicted* ones an observed pass into a failure; the two average over different students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.engines import Engine
from setback.model.block import Run, columns
from setback.model.chance import uniform
from setback.model.outcomes import RULER
from setback.model.policies import Policy
from setback.model.seats import Seats
from setback.model.state import Flip
from setback.model.week import PHASES, Model

#: Weeks after the failure over which its descendants are counted: H.
HORIZON = 9
#: The first week, from 0, whose outcome may be turned: week 4.
FIRST = 3
#: How far past the criterion a turned margin lies (logit).
ACROSS = 0.05
TRACED = ("margin", "tried", "failed", "tested_conceptual", "tested_procedural", "enrolled")


class Twins(NamedTuple):
    """One row a twin, N rows; each difference is fail minus pass.

    Attributes:
        policy: position of the policy in the list that was asked for.
        room: room number; `seat` and `week` (from 1) of the turned outcome.
        margin: observed margin (logit); `spared` is true where the observed outcome was a failure.
        failed: (N, H) failures of the student in week t+h: Y(fail) - Y(pass).
        failed_class: (N, H) failures of the classmates.
        margins: (N, H) the student's margins (logit).
        stopped: difference in having quit by t+H.
        conceptual, procedural: knowledge at the next unit test (SD of the unit scale).
        year_conceptual, year_procedural: knowledge on the cumulative scale at the end of the year (SD).
    """

    policy: NDArray[np.int64]
    room: NDArray[np.int64]
    seat: NDArray[np.int64]
    week: NDArray[np.int64]
    margin: NDArray[np.float64]
    spared: NDArray[np.bool_]
    failed: NDArray[np.float64]
    failed_class: NDArray[np.float64]
    margins: NDArray[np.float64]
    stopped: NDArray[np.float64]
    conceptual: NDArray[np.float64]
    procedural: NDArray[np.float64]
    year_conceptual: NDArray[np.float64]
    year_procedural: NDArray[np.float64]


def eligible(margin: NDArray[np.float64], tried: NDArray[np.float64], noise: float, weeks: int) -> NDArray[np.bool_]:
    """Outcomes (week, seat, column) that a move of at most one SD of the assessment's noise carries across."""
    move = np.where(margin < 0.0, ACROSS - margin, margin + ACROSS)
    week = np.arange(weeks)[:, None, None]
    return (tried > 0.5) & (move <= noise) & (week >= FIRST) & (week < weeks - HORIZON)


def luck_flips(
    seats: Seats,
    policies: Sequence[Policy],
    parameters: Mapping[str, float],
    weeks: int,
    share: float,
    run: Engine,
    model: Model = PHASES,
) -> tuple[Run, Twins]:
    """Live one room under several policies, and turn a sample of its outcomes by luck.

    Args:
        seats: one room.
        policies: the policies, one column each.
        parameters: the world.
        weeks: length of the year, more than FIRST + HORIZON.
        share: share of the eligible student-weeks that get a twin, sampled by address, so that policies share them.
        run: the engine.
        model: the phases.

    Returns:
        The observed year, one column a policy, and the twins.
    """
    observed = run(columns(seats, policies, [parameters]), weeks, TRACED, model=model)
    room, students = int(seats.rooms[0]), seats.roster.shape[1]
    week, seat = np.arange(weeks)[:, None], np.arange(students)
    sampled = uniform(seats.seed, "twins", room, seat, week) < share
    noise = parameters["assess_noise"]
    at = eligible(observed.trace["margin"], observed.trace["tried"], noise, weeks) & sampled[:, :, None]
    w, s, k = (np.asarray(part, np.int64) for part in np.nonzero(at))
    if not len(k):
        return observed, _none()
    order = np.argsort(k, kind="stable")  # columns sorted by policy, so that idle phases can be left out
    w, s, k = w[order], s[order], k[order]
    flips = [Flip(seat=float(i), week=float(t), luck=1.0) for i, t in zip(s, w)]
    turned = run(columns(seats, [policies[j] for j in k], [parameters], flips), weeks, TRACED, model=model)
    return observed, _compare(observed, turned, room, w, s, k)


def _compare(
    observed: Run, turned: Run, room: int, w: NDArray[np.int64], s: NDArray[np.int64], k: NDArray[np.int64]
) -> Twins:
    """Fail minus pass, twin by twin."""
    n, everyone = np.arange(len(k)), slice(None)
    margin = observed.trace["margin"][w, s, k]
    spared = margin < 0.0
    sign = np.where(spared, 1.0, -1.0)  # spared: observed - turned; inflicted: turned - observed

    def later(slot: str, h: int) -> NDArray[np.float64]:
        return sign * (observed.trace[slot][w + h, s, k] - turned.trace[slot][w + h, s, n])

    def of_class(h: int) -> NDArray[np.float64]:
        there = observed.trace["failed"][w + h, :, k] - turned.trace["failed"][w + h, everyone, n]
        return sign * there.sum(1) - later("failed", h)

    def at_end(slot: str) -> NDArray[np.float64]:
        return sign * (observed.end[slot][s, k] - turned.end[slot][s, n])

    ahead = range(1, HORIZON + 1)
    return Twins(
        k,
        np.full(len(k), room),
        s,
        w + 1,
        margin,
        spared,
        np.stack([later("failed", h) for h in ahead], 1),
        np.stack([of_class(h) for h in ahead], 1),
        np.stack([later("margin", h) for h in ahead], 1),
        -later("enrolled", HORIZON),
        later("tested_conceptual", 1) / RULER["unit_conceptual"],
        later("tested_procedural", 1) / RULER["unit_procedural"],
        at_end("cumulative_conceptual") / RULER["year_conceptual"],
        at_end("cumulative_procedural") / RULER["year_procedural"],
    )


def _none() -> Twins:
    empty, table = np.zeros(0), np.zeros((0, HORIZON))
    whole = empty.astype(np.int64)
    return Twins(whole, whole, whole, whole, empty, empty > 0, table, table, table, *[empty] * 5)


def join(parts: Sequence[Twins]) -> Twins:
    """The twins of several rooms as one."""
    return Twins(*(np.concatenate(columns_) for columns_ in zip(*parts))) if parts else _none()
