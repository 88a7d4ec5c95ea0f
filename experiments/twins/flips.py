"""The flips: which outcome of a student-week is turned round, and where it may be turned.

Four kinds, never pooled, each eligible by its distance from the line that it turns: being failed (the noise of the test
is moved across the policy's own line), falling short (across the criterion, the same line under every policy), the
verdict alone, and an error at practice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.twins import lines
from setback.experiments.twins.estimands import HORIZON
from setback.model.equations import assessment
from setback.model.errors import InputError, renamed, unknown
from setback.model.parameters import WORLD_NAMES, World

Array = NDArray[np.float64]
Trace = Mapping[str, Array]
Policies = Sequence[Mapping[str, float]]

#: The first week, from 0, whose outcome may be turned: week 4.
FIRST = 3
#: How far past the line, or the difficulty of the task, a turned performance lies (logit).
ACROSS = 0.05
#: Slots of the observed year that say what may be turned, and which way.
SLOTS = (*lines.SLOTS, "assignment_due")


class Kind(NamedTuple):
    """One kind of flip.

    Attributes:
        field: the field of `setback.model.state.Flip` that turns it.
        distance: a performance less the line that is turned (logit), (week, seat, column), from the observed year, its
            policies, who is present, and the furthest that counts: below 0 is a failure, NaN cannot be turned.
        noise: the spread of the luck that is turned, from the observed year and the parameters: the move may not
            exceed it.
        told: whether it is defined only where the policy utters a verdict.
        test: new units from that of the outcome to that of the next unit test.
    """

    field: str
    distance: Callable[[Trace, Policies, Array, Array], Array]
    noise: Callable[[Trace, Mapping[str, float]], Array]
    told: bool
    test: int


def _from_criterion(trace: Trace, policies: Policies, present: Array, reach: Array) -> Array:
    return trace["test_margin"]


def _from_task(trace: Trace, policies: Policies, present: Array, reach: Array) -> Array:
    return -trace["attempt_shortfall"]


def _of_test(trace: Trace, parameters: Mapping[str, float]) -> Array:
    due, p = trace["assignment_due"], World(*(np.float64(parameters[name]) for name in WORLD_NAMES))
    return np.asarray(assessment.noise(due, np.arange(len(due))[:, None, None], p))


def _of_attempt(trace: Trace, parameters: Mapping[str, float]) -> Array:
    return np.full_like(trace["assignment_due"], parameters["attempt_noise"])


KINDS: Mapping[str, Kind] = {
    "line": Kind("luck", lines.distances, _of_test, True, 1),
    "criterion": Kind("luck", _from_criterion, _of_test, False, 1),
    # the same student-weeks as at the line: the contrast of the two isolates the verdict
    "label": Kind("label", lines.distances, _of_test, True, 1),
    "practice": Kind("practice", _from_task, _of_attempt, False, 0),
}


class Eligible(NamedTuple):
    """What may be turned, (week, seat, column), each.

    Attributes:
        at: whether it may.
        distance: the performance less the line, in SDs of its noise; below 0 is a failure.
        to: the margin of the test that luck is asked for (logit).
    """

    at: NDArray[np.bool_]
    distance: Array
    to: Array


def eligible(kind: Kind, trace: Trace, policies: Policies, present: Array, parameters: Mapping[str, float]) -> Eligible:
    """Find the outcomes that may be turned.

    Those handed in, in weeks 4 to the last but nine, that at most one SD of the noise carries across the line; a
    verdict in a week in which one is told.
    """
    noise = kind.noise(trace, parameters)
    distance = kind.distance(trace, policies, present, noise - ACROSS)
    weeks = len(distance)
    week = np.arange(weeks)[:, None, None]
    to = trace["test_margin"] - distance + np.where(distance < 0.0, ACROSS, -ACROSS)
    at = (trace["submitted"] > 0.5) & (abs(distance) + ACROSS <= noise) & (week >= FIRST) & (week < weeks - HORIZON)
    return Eligible(at, distance / noise, to)


def utters(policy: Mapping[str, float]) -> bool:
    """Say whether a policy tells anybody a verdict."""
    return policy["told"] > 0.0


def usual(policies: Policies) -> tuple[str, ...]:
    """Name the flips that are made where none is asked for."""
    return ("line", "label", "practice") if any(map(utters, policies)) else ("criterion", "practice")


def defined(flips: Sequence[str], policies: Policies) -> tuple[str, ...]:
    """Give those flips that turn something under at least one policy."""
    return tuple(name for name in flips if not KINDS[name].told or any(map(utters, policies)))


def check_kinds(flips: Sequence[str]) -> None:
    """Refuse a flip that there is not.

    Raises:
        InputError: if there is no such kind.
    """
    for name in flips:
        if name not in KINDS:
            new = "; line turns the policy's own verdict" if renamed(name, KINDS) else ""
            raise InputError(f"{unknown('flip', name, KINDS)}{new}")


def check_told(flips: Sequence[str], policies: Policies) -> None:
    """Refuse flips of a verdict where no policy utters one.

    Raises:
        InputError: if there is no verdict to turn.
    """
    missing = [name for name in flips if name not in defined(flips, policies)]
    if missing:
        raise InputError(f"no policy here utters a verdict for {' and '.join(missing)} to turn; flip criterion instead")
