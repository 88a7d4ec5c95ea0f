"""The declared cross: the twelve policies under which every prediction is tried, and the reference beside them.

Grading (criterion, curve with its quota at the criterion's share failing, mastery) × sequence (instruction first,
problem first) × pressure (stakes and threat both low, or both high); fixed calendar, responsive support. It was
declared before any verdict (docs/claims.md).
"""

from __future__ import annotations

import itertools

from setback.model.policies import Policy

#: Stakes and threat, both at the same value.
LOW, HIGH = 0.2, 0.8
REFERENCE = Policy()
CROSS = tuple(
    Policy(grading, sequence, stakes=pressure, threat=pressure)
    for grading, sequence, pressure in itertools.product(
        ("criterion", "curve", "mastery"), ("instruction-first", "problem-first"), (LOW, HIGH)
    )
)
