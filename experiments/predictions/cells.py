"""The declared cross: the twelve cells in which every prediction is tried, and the reference cell beside them.

Grading (criterion, curve with its quota at the criterion's share failing, mastery) × sequence (instruction first,
problem first) × pressure (stakes and threat both low, or both high); fixed calendar, responsive support. It was
declared before any verdict (docs/claims.md).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from setback.model.engines.block import columns
from setback.model.engines.registry import Engine
from setback.model.parameters import ROWS, Parameters
from setback.model.policies import Policy
from setback.model.rosters.seats import Seats
from setback.model.week import MODEL, Model

GRADINGS = ("criterion", "curve", "mastery")
SEQUENCES = ("instruction-first", "problem-first")
#: Stakes and threat, both at the same value.
PRESSURES: Mapping[str, float] = {"low pressure": 0.2, "high pressure": 0.8}


class Cell(NamedTuple):
    """One cell: a name, and the policy; where `at_equal_share` the quota is still to be set in its rooms."""

    name: str
    policy: Policy
    grading: str
    sequence: str
    pressure: str

    @property
    def at_equal_share(self) -> bool:
        """Whether the quota is to be the criterion's share failing."""
        return self.grading == "curve"


REFERENCE = Cell("reference", Policy(), "criterion", "instruction-first", "reference")


def cells() -> tuple[Cell, ...]:
    """Give the twelve cells, and the reference cell first."""
    return (REFERENCE, *_crossed())


def _crossed() -> Iterator[Cell]:
    for grading, sequence, (pressure, value) in itertools.product(GRADINGS, SEQUENCES, PRESSURES.items()):
        policy = Policy(grading, sequence, stakes=value, threat=value)
        yield Cell(f"{grading} × {sequence} × {pressure}", policy, grading, sequence, pressure)


def equal_quota(
    policy: Policy, parameters: Parameters, seats: Sequence[Seats], weeks: int, run: Engine, model: Model = MODEL
) -> float:
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
        trace = run(columns(room, [absolute], [parameters]), weeks, ("failing_grade", "enrolled"), model=model).trace
        failing += float(trace["failing_grade"].sum())
        enrolled += float(trace["enrolled"].sum())
    return float(np.clip(failing / max(enrolled, 1.0), ROWS["quota"].low, ROWS["quota"].high))
