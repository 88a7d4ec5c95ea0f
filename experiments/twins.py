"""Failure twins: the same student-week lived twice, once failed and once passed, all other luck the same.

A twin column turns one outcome of one student in one week round (`setback.model.state.Flip`); what differs from
then on is what the outcome caused. The definitions are those of docs/claims.md. Three kinds of flip, never pooled:
the luck of an assessment, the verdict that is heard, the luck of an attempt at practice. *Spared* twins turn an
observed failure into a pass, *inflicted* ones an observed pass into a failure; the two average over different students.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import uniform
from setback.model.engines.block import Run, columns
from setback.model.engines.registry import Engine
from setback.model.outcomes import NORMS
from setback.model.rosters.seats import Seats
from setback.model.state import Flip
from setback.model.week import MODEL, Model

Array = NDArray[np.float64]
Trace = Mapping[str, Array]

#: Weeks after the failure over which its descendants are counted: H.
HORIZON = 9
#: The first week, from 0, whose outcome may be turned: week 4.
FIRST = 3
#: How far past the criterion, or the difficulty of the task, a turned performance lies (logit).
ACROSS = 0.05
#: Twins that are lived at once; their traces stay in memory.
BLOCK = 512
TRACED = (
    "test_margin", "heard_learning", "attempt_shortfall", "submitted", "below_criterion", "failing_grade",
    "tested_conceptual", "tested_procedural",
    "enrolled", "unit",
)  # fmt: skip


class Kind(NamedTuple):
    """One kind of flip.

    Attributes:
        field: the field of `Flip` that turns it.
        signal: what is turned, (week, seat, column): below 0 is a failure.
        near: a performance (logit) whose distance from 0 is the move that makes an outcome eligible, and
        noise: the parameter that this move may not exceed.
        told: whether the policy must utter a verdict.
        test: weeks from the turned outcome to the next unit test.
    """

    field: str
    signal: Callable[[Trace], Array]
    near: Callable[[Trace], Array]
    noise: str
    told: bool
    test: int


KINDS: Mapping[str, Kind] = {
    "luck": Kind("luck", lambda t: t["test_margin"], lambda t: t["test_margin"], "assess_noise", False, 1),
    # the same student-weeks as a luck flip, where there is a verdict: their contrast isolates evaluation
    "label": Kind("label", lambda t: t["heard_learning"], lambda t: t["test_margin"], "assess_noise", True, 1),
    "practice": Kind(
        "practice", lambda t: -t["attempt_shortfall"], lambda t: -t["attempt_shortfall"], "attempt_noise", False, 0
    ),
}


class Twins(NamedTuple):
    """One row a twin, N rows; each difference is fail minus pass.

    Attributes:
        flip: position of the kind of flip in `KINDS`.
        policy: position of the policy in the list that was asked for.
        room: room number; `seat` and `week` (from 1) of the turned outcome.
        margin: observed margin of the assessment (logit).
        spared: true where what was turned had been a failure.
        verdict: 1 where the policy's own last word on the week differs between the twins, else 0.
        failed: (N, H) failures of the student in week t+h: Y(fail) - Y(pass).
        failed_class: (N, H) failures of the classmates.
        margins: (N, H) the student's margins (logit), NaN unless both twins are enrolled when the week begins.
        stopped: difference in having quit by t+H.
        conceptual, procedural: knowledge at the next unit test, after a practice flip that of the same week (SD of the
            unit scale), of the stopped what they have
            left; NaN where both take a test but of different units: a policy that waits gives the failing twin the old
            unit again, and knowledge of one unit says nothing of another.
        year_conceptual, year_procedural: knowledge on the cumulative scale at the end of the year (SD).
    """

    flip: NDArray[np.int64]
    policy: NDArray[np.int64]
    room: NDArray[np.int64]
    seat: NDArray[np.int64]
    week: NDArray[np.int64]
    margin: Array
    spared: NDArray[np.bool_]
    verdict: Array
    failed: Array
    failed_class: Array
    margins: Array
    stopped: Array
    conceptual: Array
    procedural: Array
    year_conceptual: Array
    year_procedural: Array


def eligible(kind: Kind, trace: Trace, policies: Sequence[Mapping[str, float]], noise: float) -> NDArray[np.bool_]:
    """Outcomes (week, seat, column) that may be turned.

    Handed in, in weeks 4 to the last but nine, and carried across by a move of at most one SD of the noise; for a
    label, only where the policy utters a verdict.
    """
    near = kind.near(trace)
    move = np.where(near < 0.0, ACROSS - near, near + ACROSS)
    weeks = len(near)
    week = np.arange(weeks)[:, None, None]
    verdict = np.array([not kind.told or policy["told"] > 0.0 for policy in policies])
    return (trace["submitted"] > 0.5) & (move <= noise) & (week >= FIRST) & (week < weeks - HORIZON) & verdict


def failure_twins(
    seats: Seats,
    policies: Sequence[Mapping[str, float]],
    parameters: Mapping[str, float],
    weeks: int,
    share: float,
    run: Engine,
    flips: Sequence[str] = ("luck",),
    model: Model = MODEL,
) -> tuple[Run, Twins]:
    """Live one room under several policies, and turn a sample of its outcomes round.

    Args:
        seats: one room.
        policies: the policies, one column each.
        parameters: the world.
        weeks: length of the year, more than FIRST + HORIZON.
        share: share of the eligible student-weeks that get a twin, sampled by address, so that policies share them.
        run: the engine.
        flips: names of `KINDS`.
        model: the model.

    Returns:
        The observed year, one column a policy, and the twins.
    """
    observed = run(columns(seats, policies, [parameters]), weeks, TRACED, model=model)
    room, students = int(seats.rooms[0]), seats.roster.shape[1]
    week, seat = np.arange(weeks)[:, None], np.arange(students)
    sampled = uniform(seats.seed, "twins", room, seat, week) < share
    found = []
    for flip in flips:
        kind = KINDS[flip]
        at = eligible(kind, observed.trace, policies, parameters[kind.noise]) & sampled[:, :, None]
        w, s, k = (np.asarray(part, np.int64) for part in np.nonzero(at))
        order = np.argsort(k, kind="stable")  # columns sorted by policy, so that idle phases can be left out
        for part in np.array_split(order, -(-len(order) // BLOCK)) if len(order) else ():
            t, i, j = w[part], s[part], k[part]
            turns = [Flip(seat=float(a), week=float(b), **{kind.field: 1.0}) for a, b in zip(i, t)]
            turned = run(columns(seats, [policies[p] for p in j], [parameters], turns), weeks, TRACED, model=model)
            found.append(_compare(flip, observed, turned, room, t, i, j))
    return observed, join(found)


def _compare(
    flip: str, observed: Run, turned: Run, room: int, w: NDArray[np.int64], s: NDArray[np.int64], k: NDArray[np.int64]
) -> Twins:
    """Fail minus pass, twin by twin."""
    kind, n, everyone = KINDS[flip], np.arange(len(k)), slice(None)
    spared = kind.signal(observed.trace)[w, s, k] < 0.0
    sign = np.where(spared, 1.0, -1.0)  # spared: observed - turned; inflicted: turned - observed

    def later(slot: str, h: int) -> Array:
        return sign * (observed.trace[slot][w + h, s, k] - turned.trace[slot][w + h, s, n])

    def of_class(h: int) -> Array:
        there = observed.trace["below_criterion"][w + h, :, k] - turned.trace["below_criterion"][w + h, everyone, n]
        return sign * there.sum(1) - later("below_criterion", h)

    def at_end(slot: str) -> Array:
        return sign * (observed.end[slot][s, k] - turned.end[slot][s, n])

    def same(slot: str) -> NDArray[np.bool_]:
        return np.asarray(observed.trace[slot][w, s, k] == turned.trace[slot][w, s, n])

    def stay(h: int) -> NDArray[np.bool_]:
        return np.asarray(
            (observed.trace["enrolled"][w + h, s, k] > 0.5) & (turned.trace["enrolled"][w + h, s, n] > 0.5)
        )

    def margin_later(h: int) -> Array:
        return np.where(stay(h - 1), later("test_margin", h), np.nan)

    def next_test(slot: str) -> Array:
        comparable = same("unit") | ~stay(0) if kind.test else True
        return np.where(comparable, later(slot, kind.test), np.nan)

    ahead = range(1, HORIZON + 1)
    return Twins(
        np.full(len(k), list(KINDS).index(flip)),
        k,
        np.full(len(k), room),
        s,
        w + 1,
        observed.trace["test_margin"][w, s, k],
        spared,
        np.where(same("failing_grade"), 0.0, 1.0),
        np.stack([later("below_criterion", h) for h in ahead], 1),
        np.stack([of_class(h) for h in ahead], 1),
        np.stack([margin_later(h) for h in ahead], 1),
        -later("enrolled", HORIZON),
        next_test("tested_conceptual") / NORMS["unit_conceptual"],
        next_test("tested_procedural") / NORMS["unit_procedural"],
        at_end("cumulative_conceptual") / NORMS["year_conceptual"],
        at_end("cumulative_procedural") / NORMS["year_procedural"],
    )


def _none() -> Twins:
    empty, table = np.zeros(0), np.zeros((0, HORIZON))
    whole = empty.astype(np.int64)
    return Twins(whole, whole, whole, whole, whole, empty, empty > 0, empty, table, table, table, *[empty] * 5)


def join(parts: Sequence[Twins]) -> Twins:
    """The twins of several rooms as one."""
    return Twins(*(np.concatenate(columns_) for columns_ in zip(*parts))) if parts else _none()
