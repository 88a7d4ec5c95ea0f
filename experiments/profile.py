"""The profile of a policy shows distributions of a year that a teacher would recognise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import LIMIT
from setback.model.engines.block import columns
from setback.model.engines.vectorised import run
from setback.model.errors import whole
from setback.model.outcomes import EVENTS, STATES, states
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, Model

if TYPE_CHECKING:
    import pandas as pd

TRACED = (
    "score",
    "submitted",
    "practice_error",
    "below_criterion",
    "failing_grade_told",
    "expectancy",
    "enrolled",
    "weeks_not_submitted",
    "control",
    "affect",
)
#: All weeks of all students are kept in memory: rooms times weeks.
MOST_ROOMS = 5_000
#: Weeks before and after a failure over which expectancy is followed.
BEFORE, AFTER = 3, 9
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def profile(
    policy: Policy | PolicyChange | str,
    parameters: Mapping[str, float] | None = None,
    rooms: int = 200,
    seed: int = 0,
    weeks: int = 36,
    roster: Roster | None = None,
    model: Model = MODEL,
) -> dict[str, pd.DataFrame]:
    """Run some classes for a year and say how it was distributed.

    Args:
        policy: a policy, or its text; it may change in mid-year.
        parameters: the world; names that are left out take their defaults.
        rooms: how many classes.
        seed: 0 <= seed < 2**53.
        weeks: length of the year, at least 14.
        roster: who sits in the classes; synthetic classes of 30 where it is left out.
        model: the model.

    Returns:
        ``weeks``: a row per week (from 1): quantiles of the scores handed in (NaN where none was), and the share of
            students in each state.
        ``failures``: a row per number of failed weeks (ii): the share of students with that many.
        ``after``: a row per event and week after it: mean change of expectancy since the week before, and how many.

    Raises:
        InputError: an unknown policy or parameter, a number out of range.
    """
    import pandas as pd

    rooms, weeks = whole("rooms", rooms, 1, MOST_ROOMS), whole("weeks", weeks, BEFORE + AFTER + 2, 520)
    seed = whole("seed", seed, 0, LIMIT - 1)
    world = model.parameters(parameters)
    who = Roster.synthetic() if roster is None else roster
    seats = who.seats(range(rooms), seed)
    year = run(columns(seats, [model.as_policy(policy, weeks)], [world]), weeks, TRACED, model=model)
    here = seats.roster[0] > 0.5
    seen = {name: trace[:, here] for name, trace in year.trace.items()}  # (week, student)
    handed_in = [score[tried > 0.5] for score, tried in zip(seen["score"], seen["submitted"])]
    scores = [np.quantile(score, QUANTILES) if len(score) else [np.nan] * len(QUANTILES) for score in handed_in]
    by_week = pd.DataFrame(scores, columns=[f"q{100 * q:.0f}" for q in QUANTILES])
    state = states(seen)
    for number, name in enumerate(STATES):
        by_week[name] = (state == number).mean(1)
    by_week.insert(0, "week", np.arange(1, weeks + 1))
    counts = np.bincount(seen["below_criterion"].sum(0).round().astype(int), minlength=weeks + 1) / here.sum()
    failures = pd.DataFrame({"failures": np.arange(weeks + 1), "share": counts})
    after = pd.DataFrame(_after(seen, weeks), columns=["event", "week", "change", "n"])
    return {"weeks": by_week, "failures": failures, "after": after}


def _after(seen: Mapping[str, NDArray[np.float64]], weeks: int) -> list[dict[str, object]]:
    """Say how expectancy moved around each kind of week, among those who were enrolled all along."""
    tried, failed, told = seen["submitted"] > 0.5, seen["below_criterion"] > 0.5, seen["failing_grade_told"] > 0.0
    wrong = seen["practice_error"] > 0.5
    happened = (
        tried & ~failed & ~wrong,
        tried & ~failed & wrong,
        tried & failed & ~told,
        tried & failed & told,
        ~tried,
    )
    rows: list[dict[str, object]] = []
    middle = np.arange(BEFORE + 1, weeks - AFTER)
    stayed = seen["enrolled"][middle + AFTER] > 0.5
    for event, at in zip(EVENTS, happened):
        chosen = at[middle] & stayed
        for h in range(-BEFORE, AFTER + 1):
            change = (seen["expectancy"][middle + h] - seen["expectancy"][middle - 1])[chosen]
            if len(change):
                rows.append({"event": event, "week": h, "change": float(change.mean()), "n": len(change)})
    return rows
