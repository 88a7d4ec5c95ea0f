"""The declared cross: the twelve policies under which every prediction is tried, and the reference beside them.

Grading (criterion, curve with its quota at the criterion's share failing, mastery) × sequence (instruction first,
problem first) × pressure (stakes and threat both low, or both high); fixed calendar, responsive support. It was
declared before any verdict (docs/claims.md).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from setback.model.engines.block import columns
from setback.model.engines.registry import Engine
from setback.model.parameters import ROWS
from setback.model.policies import Policy
from setback.model.rosters.seats import Seats
from setback.model.week import MODEL, Model

#: Stakes and threat, both at the same value.
LOW, HIGH = 0.2, 0.8
REFERENCE = Policy()
CROSS = tuple(
    Policy(grading, sequence, stakes=pressure, threat=pressure)
    for grading, sequence, pressure in itertools.product(
        ("criterion", "curve", "mastery"), ("instruction-first", "problem-first"), (LOW, HIGH)
    )
)


def equal_quota(
    policy: Policy, parameters: Mapping[str, float], seats: Sequence[Seats], weeks: int, run: Engine,
    model: Model = MODEL,
) -> float:  # fmt: skip
    """Give the share of student-weeks with a failing grade under a criterion, everything else as the policy has it.

    A curve with this quota fails as many in the same rooms; competition is then compared at the same share failing.

    Args:
        policy: the policy whose quota is asked for.
        parameters: the world.
        seats: rooms.
        weeks: length of the year.
        run: the engine.
        model: the model.
    """
    absolute = policy.replace(comparison=0.0)
    failing, enrolled = 0.0, 0.0
    for room in seats:
        world = [model.parameters(parameters)]
        trace = run(columns(room, [absolute], world), weeks, ("failing_grade", "enrolled"), model=model).trace
        failing += float(trace["failing_grade"].sum())
        enrolled += float(trace["enrolled"].sum())
    return float(np.clip(failing / max(enrolled, 1.0), ROWS["quota"].low, ROWS["quota"].high))
