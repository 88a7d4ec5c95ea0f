"""Where the line of a policy lies for one student: the margin from which its own verdict is another one.

Under a criterion that is the cut; under a curve it lies between two classmates, whose results of the week stand as
they are; under a mixture of score and place, or where practice is graded as well, somewhere between. Whatever the
policy, the verdict is a step in the student's own margin; the step is found by halving, with the model's own formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from setback.model.equations import grading
from setback.model.parameters import LEVER_NAMES, Levers

Array = NDArray[np.float64]
Trace = Mapping[str, Array]

#: Slots of the observed year that a verdict is made from.
SLOTS = (
    "test_margin",
    "ranking_margin_seen",
    "submitted",
    "attempt_shortfall",
    "class_enrolled",
    "line",
    "result_told",
)
#: How often the interval in which the step lies is halved: to less than a millionth of a millionth of a logit.
HALVED = 40


def distances(trace: Trace, policies: Sequence[Mapping[str, float]], present: Array, reach: Array) -> Array:
    """Give every margin less the line of its policy, (week, seat, column): below 0 is failed.

    NaN where the line is further away than `reach`, where nothing was handed in, and where nobody is told a verdict.

    Args:
        trace: the slots `SLOTS` of the observed year.
        policies: the policy of each column.
        present: (seat,) 1 where somebody sits.
        reach: (week, 1, column) the furthest distance (logit).
    """
    found = np.full(trace["test_margin"].shape, np.nan)
    for k, policy in enumerate(policies):
        week, seat = np.nonzero((trace["submitted"][:, :, k] > 0.5) & (trace["result_told"][:, :, k] > 0.0))
        margin = trace["test_margin"][week, seat, k]
        passed = verdicts(trace, policy, present, week, seat, k)
        found[week, seat, k] = margin - _steps(passed, margin, reach[week, 0, k])
    return found


def verdicts(
    trace: Trace, policy: Mapping[str, float], present: Array, week: NDArray[np.int64], seat: NDArray[np.int64], k: int
) -> Callable[[Array], NDArray[np.bool_]]:
    """Give the function from margins (N,) of handed-in work to whether the policy calls them a pass."""
    q = Levers(*(np.float64(policy[name]) for name in LEVER_NAMES))
    each, one = np.arange(len(week)), np.float64(1.0)
    others = trace["ranking_margin_seen"][week, :, k]
    counts = np.repeat(present[None] > 0.5, len(week), 0)
    counts[each, seat] = False
    short, enrolled = trace["attempt_shortfall"][week, seat, k], trace["class_enrolled"][week, 0, k]
    line = trace["line"][week, 0, k]

    def passed(margin: Array) -> NDArray[np.bool_]:
        score, _ = grading.grade(margin, one)
        score, grade = grading.grade_attempts(score, short, one, q)
        if q.comparison > 0.0:
            own = margin[:, None]
            below = (counts * ((others < own).astype(float) + (others <= own))).sum(1)
            # the seat itself counts one half, as in `setback.model.engines.block.rank`
            _, grade = grading.compare(score, (below + 1.0) * 0.5 / present.sum(), enrolled, one, q)
        return np.asarray(grading.utter(grade, line) > 0.5)

    return passed


def _steps(passed: Callable[[Array], NDArray[np.bool_]], margin: Array, reach: Array) -> Array:
    """Give the nearest margin with the other verdict, NaN where there is none within reach."""
    observed = passed(margin)
    near, far = margin, margin + np.where(observed, -reach, reach)
    turns = passed(far) != observed
    for _ in range(HALVED):
        middle = 0.5 * (near + far)
        beyond = passed(middle) != observed
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    return np.where(turns, far, np.nan)
