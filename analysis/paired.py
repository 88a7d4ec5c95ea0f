"""The same students under two policies: paired effects with intervals, and how many are better and worse off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from setback.analysis.claims import figure_of
from setback.analysis.estimate import Estimate, bootstrap, clusters, difference, mean
from setback.experiments.twins.estimands import Estimand
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES

#: A student is better or worse off when the mean over replicates of luck differs by more than this (SD) ...
BETTER = 0.05
#: ... and over fewer replicates than this the difference says more of luck than of the policy.
REPLICATES = 20


def summary(first: pd.DataFrame, second: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Second minus first, outcome by outcome.

    Args:
        first: one row a student: room, class, where it is known school, student, and every outcome.
        second: the same students under the other policy.
        replicates: years of luck that stand behind each row.

    Returns:
        One row an outcome that both hold, over the students of whom it is known under both policies: both means, their
        difference with a 95 % interval (schools where they are known, else classes, as clusters), and, for outcomes in
        SD and at least 20 replicates, the shares of students who are better and worse off by more than 0.05 SD.

    Raises:
        InputError: the two frames do not hold the same students.
    """
    who = ["room", "student"]
    if not first[who].equals(second[who]):
        raise InputError("the two results are not of the same students; give both the same roster, rooms and seed")
    rows = {}
    for name in (name for name in OUTCOMES if name in first and name in second):
        outcome = OUTCOMES[name]
        change = (second[name] - first[name]).dropna()
        effect = mean(change, first[clusters(first)][change.index])
        told = outcome.unit == "SD" and replicates >= REPLICATES
        rows[name] = {
            "unit": outcome.unit,
            "first": first[name][change.index].mean(),
            "second": second[name][change.index].mean(),
            "difference": effect.value,
            "low": effect.low,
            "high": effect.high,
            "better_off": (change > BETTER).mean() if told else np.nan,
            "worse_off": (change < -BETTER).mean() if told else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")


def apart(first: pd.DataFrame, second: pd.DataFrame, row: Estimand) -> Estimate:
    """Estimate an effect of a failure under the second policy less that under the first, in the same rooms.

    What a room does to both cancels out. Rooms in which only one has twins count for that one. `n` is that of the
    policy with fewer twins.

    Args:
        first: one row a twin of one kind of flip and one side, as `setback.analysis.load.Results.twins`.
        second: the same under the other policy.
        row: the estimand.
    """
    if row.among:
        first, second = (twins[twins[row.among] == 1.0] for twins in (first, second))
    of = clusters(first, second)
    names = np.union1d(first[of], second[of])
    n = min(int(twins[list(row.columns)].notna().any(axis=1).sum()) for twins in (first, second))
    return bootstrap(difference(figure_of(first, row, names), figure_of(second, row, names)), len(names), n)
