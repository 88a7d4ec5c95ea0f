"""The same students under two policies: paired effects with intervals, and how many are better and worse off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from setback.analysis.claims import figure_of
from setback.analysis.estimate import Estimate, bootstrap, bounded, by_room, clusters, difference, mean
from setback.experiments.twins.estimands import Estimand
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES

#: A student is better or worse off when the mean over replicates of luck differs by more than this (SD) ...
BETTER = 0.05
#: ... and over fewer replicates than this the difference says more of luck than of the policy.
REPLICATES = 20


#: What students are called whose means over the years of luck differ so much: above, below, in between.
OFF = ("better_off", "worse_off", "alike")


def summary(
    first: pd.DataFrame,
    second: pd.DataFrame,
    replicates: int,
    in_one_year: tuple[pd.DataFrame, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Second minus first, outcome by outcome.

    Args:
        first: one row a student: room, class, where it is known school, student, and every outcome.
        second: the same students under the other policy.
        replicates: years of luck that stand behind each row.
        in_one_year: both with outcomes in one year of luck alone.

    Returns:
        One row an outcome that both hold, over the students of whom it is known under both policies: both means, their
        difference with a 95 % interval (schools where they are known, else classes, as clusters); and, for outcomes in
        SD and at least 20 replicates, the shares of students who are better off by more than 0.05 SD, worse off, and
        alike, each with its interval (``better_off``, ``better_off_low``, ``better_off_high``, …), and those who would
        be called so in one year of luck (``better_off_one_year``, ``worse_off_one_year``), which says more of luck.

    Raises:
        InputError: if the two frames do not hold the same students.
    """
    who = ["room", "student"]
    if not first[who].equals(second[who]):
        raise InputError("the two results are not of the same students; give both the same roster, rooms and seed")
    rows = {}
    for name in (name for name in OUTCOMES if name in first and name in second):
        outcome = OUTCOMES[name]
        change = (second[name] - first[name]).dropna()
        draws = first[clusters(first)][change.index]
        effect = mean(change, draws)
        rows[name] = {
            "unit": outcome.unit,
            "first": first[name][change.index].mean(),
            "second": second[name][change.index].mean(),
            "difference": effect.value,
            "low": effect.low,
            "high": effect.high,
        }
        if outcome.unit == "SD" and replicates >= REPLICATES:
            for word, there in zip(OFF, _off(change)):
                found = _share(there, draws)
                rows[name] |= {word: found.value, f"{word}_low": found.low, f"{word}_high": found.high}
            one, other = in_one_year or (first[who], second[who])
            if name in one and name in other:
                better, worse, _ = _off((other[name] - one[name]).dropna())
                rows[name] |= {"better_off_one_year": better.mean(), "worse_off_one_year": worse.mean()}
    return pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(COLUMNS)).rename_axis("outcome")


COLUMNS = (
    "unit", "first", "second", "difference", "low", "high",
    *(f"{word}{end}" for word in OFF for end in ("", "_low", "_high")), "better_off_one_year", "worse_off_one_year",
)  # fmt: skip


def _off(change: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Say who is better off, who worse, and who neither."""
    better, worse = change > BETTER, change < -BETTER
    return better, worse, ~(better | worse)


def _share(there: pd.Series, draws: pd.Series) -> Estimate:
    """Give the share of students with an interval within what a share can be; exact bounds where all are alike."""
    names, flags = np.unique(draws), there.to_numpy(float)
    return bounded(mean(flags, draws), by_room(flags[:, None], draws, names), 0.0, 1.0)


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
