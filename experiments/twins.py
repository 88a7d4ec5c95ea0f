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
#: Twins that are lived at once; their traces stay in memory.
BLOCK = 512
TRACED = ("margin", "tried", "failed", "failing", "tested_conceptual", "tested_procedural", "enrolled", "unit")


class Twins(NamedTuple):
    """One row a twin, N rows; each difference is fail minus pass.

    Attributes:
        policy: position of the policy in the list that was asked for.
        room: room number; `seat` and `week` (from 1) of the turned outcome.
        margin: observed margin (logit); `spared` is true where the observed outcome was a failure.
        verdict: 1 where the policy's own last word on the week differs between the twins, else 0.
        failed: (N, H) failures of the student in week t+h: Y(fail) - Y(pass).
        failed_class: (N, H) failures of the classmates.
        margins: (N, H) the student's margins (logit), NaN unless both twins are enrolled.
        stopped: difference in having quit by t+H.
        conceptual, procedural: knowledge at the next unit test (SD of the unit scale), of the stopped what they have
            left; NaN where both take a test but of different units: a policy that waits gives the failing twin the old
            unit again, and knowledge of one unit says nothing of another.
        year_conceptual, year_procedural: knowledge on the cumulative scale at the end of the year (SD).
    """

    policy: NDArray[np.int64]
    room: NDArray[np.int64]
    seat: NDArray[np.int64]
    week: NDArray[np.int64]
    margin: NDArray[np.float64]
    spared: NDArray[np.bool_]
    verdict: NDArray[np.float64]
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
    found = []
    for part in np.array_split(order, -(-len(order) // BLOCK)):
        t, i, j = w[part], s[part], k[part]
        flips = [Flip(seat=float(seat), week=float(week), luck=1.0) for seat, week in zip(i, t)]
        turned = run(columns(seats, [policies[p] for p in j], [parameters], flips), weeks, TRACED, model=model)
        found.append(_compare(observed, turned, room, t, i, j))
    return observed, join(found)


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

    def same(slot: str) -> NDArray[np.bool_]:
        return np.asarray(observed.trace[slot][w, s, k] == turned.trace[slot][w, s, n])

    def stay(h: int) -> NDArray[np.bool_]:
        return np.asarray(
            (observed.trace["enrolled"][w + h, s, k] > 0.5) & (turned.trace["enrolled"][w + h, s, n] > 0.5)
        )

    def margin_later(h: int) -> NDArray[np.float64]:
        return np.where(stay(h), later("margin", h), np.nan)

    def next_test(slot: str) -> NDArray[np.float64]:
        return np.where(same("unit") | ~stay(1), later(slot, 1), np.nan)

    ahead = range(1, HORIZON + 1)
    return Twins(
        k,
        np.full(len(k), room),
        s,
        w + 1,
        margin,
        spared,
        np.where(same("failing"), 0.0, 1.0),
        np.stack([later("failed", h) for h in ahead], 1),
        np.stack([of_class(h) for h in ahead], 1),
        np.stack([margin_later(h) for h in ahead], 1),
        -later("enrolled", HORIZON),
        next_test("tested_conceptual") / RULER["unit_conceptual"],
        next_test("tested_procedural") / RULER["unit_procedural"],
        at_end("cumulative_conceptual") / RULER["year_conceptual"],
        at_end("cumulative_procedural") / RULER["year_procedural"],
    )


def _none() -> Twins:
    empty, table = np.zeros(0), np.zeros((0, HORIZON))
    whole = empty.astype(np.int64)
    return Twins(whole, whole, whole, whole, empty, empty > 0, empty, table, table, table, *[empty] * 5)


def join(parts: Sequence[Twins]) -> Twins:
    """The twins of several rooms as one."""
    return Twins(*(np.concatenate(columns_) for columns_ in zip(*parts))) if parts else _none()
