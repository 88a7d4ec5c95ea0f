"""The flips: which outcome of a student-week is turned round, and where it may be turned.

Three kinds, never pooled: the luck of an assessment, the verdict that is heard, the luck of an attempt at practice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.twins.estimands import HORIZON

Array = NDArray[np.float64]
Trace = Mapping[str, Array]

#: The first week, from 0, whose outcome may be turned: week 4.
FIRST = 3
#: How far past the criterion, or the difficulty of the task, a turned performance lies (logit).
ACROSS = 0.05
#: Slots of the observed year that say what may be turned, and which way.
SLOTS = ("test_margin", "verdict", "attempt_shortfall", "submitted")


class Kind(NamedTuple):
    """One kind of flip.

    Attributes:
        field: the field of `setback.model.state.Flip` that turns it.
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


def _margin(trace: Trace) -> Array:
    return trace["test_margin"]


def _verdict(trace: Trace) -> Array:
    return trace["verdict"] - 0.5


def _attempt(trace: Trace) -> Array:
    return -trace["attempt_shortfall"]


KINDS: Mapping[str, Kind] = {
    "luck": Kind("luck", _margin, _margin, "assess_noise", False, 1),
    # the same student-weeks as a luck flip, where there is a verdict: their contrast isolates evaluation
    "label": Kind("label", _verdict, _margin, "assess_noise", True, 1),
    "practice": Kind("practice", _attempt, _attempt, "attempt_noise", False, 0),
}


def eligible(kind: Kind, trace: Trace, policies: Sequence[Mapping[str, float]], noise: float) -> NDArray[np.bool_]:
    """Say which outcomes may be turned, (week, seat, column).

    Those handed in, in weeks 4 to the last but nine, that a move of at most one SD of the noise carries across; for a
    label, only where the policy utters a verdict.
    """
    near = kind.near(trace)
    move = np.where(near < 0.0, ACROSS - near, near + ACROSS)
    weeks = len(near)
    week = np.arange(weeks)[:, None, None]
    verdict = np.array([not kind.told or policy["told"] > 0.0 for policy in policies])
    return (trace["submitted"] > 0.5) & (move <= noise) & (week >= FIRST) & (week < weeks - HORIZON) & verdict
