"""What trials of the policies that ship would need: the table in docs/power.md and in a report.

A row is what `setback power --policies A B --outcome O` says by default; ``tests/baseline/refresh_trials.py`` writes
the table anew.
"""

from __future__ import annotations

import io

import pandas as pd

from setback.model.shipped import shipped

#: The two policies of each trial, and what is measured in it.
POLICIES = (("criterion", "mastery"), ("criterion", "narrative"), ("criterion", "problem-first"),
            ("criterion", "mastery+problem-first"), ("criterion", "curve"))  # fmt: skip
OUTCOMES = ("learning", "dropout")
#: The file, beside the designs of experiments.
TABLE = "trials.csv"


def reference() -> pd.DataFrame:
    """Give what ships, one row a pair of policies and an outcome.

    Returns:
        first, second, outcome, classes (in each arm; NaN where the most that are tried do not do), unadjusted (the same
        without the opening score), students (of both arms), low (power in the tenth of worlds where it is least),
        effect (second less first, SD of students) with the middle 80 % of worlds (effect_low, effect_high), above
        (share of worlds in which it is above 0).
    """
    path = shipped("setback.experiments") / "planning" / TABLE
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")))


def count(classes: float) -> str:
    """Give a number of classes to read.

    >>> count(18.0), count(float("nan"))
    ('18', 'more than 1,000')
    """
    return f"{classes:,.0f}" if classes == classes else "more than 1,000"


def reach(low: float, high: float) -> str:
    """Give the numbers of classes between which to plan.

    >>> reach(18.0, 546.0), reach(float("nan"), float("nan"))
    ('18 to 546', 'more than 1,000')
    """
    return " to ".join(dict.fromkeys((count(low), count(high))))


def sentences(found: pd.DataFrame) -> list[str]:
    """Say in words what the trials would need, one outcome a sentence."""
    said = []
    for outcome, mine in found.groupby("outcome", sort=False):
        parts = [f"{row['second']} {reach(row['classes'], row['unadjusted'])}" for row in mine.to_dict("records")]
        said.append(
            f"Classes in each arm to see what a policy does to {outcome}, against {mine['first'].iloc[0]}, with a "
            f"power of 0.8: {', '.join(parts)}."
        )
    return said
