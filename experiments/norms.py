"""The norms are what one SD is on each scale, measured once in the reference roster under the reference policy."""

from __future__ import annotations

import numpy as np

from setback.model.engines.block import columns
from setback.model.engines.vectorised import run
from setback.model.outcomes import RELIABILITY
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import REFERENCE_CLASSES, Roster
from setback.model.week import MODEL

#: Weeks of the year whose unit tests make the norms of the unit scale, from 0: weeks 4 to 36.
TESTED = slice(3, 36)
#: The numbers of the reference classes that differ from the defaults. The fit measures every world in these SDs, so
#: defaults that follow it must not move them: the fit would be in a ruler that hangs on what it found.
BEFORE_FIT = {
    "style_mean": -0.1, "retention": 0.026, "feedback_gain": 0.8, "gain_withdrawal": 1.0,
    "gain_learning_from_error": 1.0,
}  # fmt: skip
#: The kinds of knowledge; a test of both takes their mean.
KINDS = ("conceptual", "procedural")


def measure() -> dict[str, float]:
    """Measure the SDs (logit) of observed scores, and the 10th percentile of opening control.

    They are those of the numbers that stood before the fit (`BEFORE_FIT`). An observed score has the spread of what is
    measured, divided by the square root of the test's reliability.
    """
    rooms = Roster.synthetic().seats(range(REFERENCE_CLASSES), seed=0)
    block = columns(rooms, [Policy()], [Parameters(BEFORE_FIT)])
    opening = run(block, 1, keep=["control"], model=MODEL.replace(week=(), tally=()))
    year = run(block, 36, keep=["tested_conceptual", "tested_procedural"])
    unit, at_end = np.sqrt(RELIABILITY["unit"]), np.sqrt(RELIABILITY["year"])
    return {
        "unit_conceptual": float(year.trace["tested_conceptual"][TESTED].std() / unit),
        "unit_procedural": float(year.trace["tested_procedural"][TESTED].std() / unit),
        "year_conceptual": float(year.end["cumulative_conceptual"].std() / at_end),
        "year_procedural": float(year.end["cumulative_procedural"].std() / at_end),
        "unit_knowledge": float(np.mean([year.trace[f"tested_{kind}"][TESTED] for kind in KINDS], 0).std() / unit),
        "year_knowledge": float(np.mean([year.end[f"cumulative_{kind}"] for kind in KINDS], 0).std() / at_end),
        "helpless_control": float(np.quantile(opening.trace["control"], 0.10)),
    }
