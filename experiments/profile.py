"""The profile of a policy shows distributions of a year that a teacher would recognise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from setback.experiments.gradebook.book import of_weeks
from setback.experiments.gradebook.statistics import Missing, correlation
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
    "tested_conceptual",
)
#: All weeks of all students are kept in memory: rooms times weeks.
MOST_ROOMS = 5_000
#: Weeks before and after a failure over which expectancy is followed.
BEFORE, AFTER = 3, 9
#: Students' beliefs, and an early week whose end they are shown at, beside the end of the year; how many bands.
BELIEFS, EARLY, BANDS = ("expectancy", "control"), 12, 20
#: Weeks apart up to which scores and handing in are compared.
LAGS = 12
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
        ``beliefs``: a row per week, 12 and the last, and band of width 0.05 from ``low``: the share of those still
            enrolled as that week ends whose expectancy, and whose control, lies in it (NaN where nobody is).
        ``lags``: a row per number of weeks apart: the correlation of scores handed in and of handing in while enrolled,
            both standardised within each week (NaN where nothing differs, or of fewer than 20 pairs).
        ``explained``: a row per week: the share of variance that opening knowledge explains (squared correlation) of
            the scores handed in, and of the conceptual knowledge at the test of all who were enrolled.

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
    book = of_weeks(year.trace["score"], year.trace["submitted"] > 0.5, year.trace["enrolled"] > 0.5, here)
    lags = pd.DataFrame({"lag": np.arange(1, LAGS + 1)})
    for name, values in (("scores", book.standard), ("handing_in", book.handing_in)):
        lags[name] = [_correlation(values[:, :-lag], values[:, lag:]) for lag in lags["lag"]]
    explained = pd.DataFrame({"week": by_week["week"], **_explained(seen, year.end["opening_knowledge"][here])})
    return {
        "weeks": by_week, "failures": failures, "after": after, "beliefs": pd.concat(_beliefs(seen, weeks)),
        "lags": lags, "explained": explained,
    }  # fmt: skip


def _beliefs(seen: Mapping[str, NDArray[np.float64]], weeks: int) -> list[pd.DataFrame]:
    """Count students by what they believed when two weeks ended."""
    import pandas as pd

    edges = np.linspace(0.0, 1.0, BANDS + 1)
    frames = []
    for week in (EARLY, weeks):
        stayed = seen["enrolled"][week - 1] > 0.5
        shares = {
            name: np.histogram(seen[name][week - 1, stayed], edges)[0] / (stayed.sum() or np.nan) for name in BELIEFS
        }
        frames.append(pd.DataFrame({"week": week, "low": edges[:-1], **shares}))
    return frames


def _explained(seen: Mapping[str, NDArray[np.float64]], opening: NDArray[np.float64]) -> dict[str, list[float]]:
    """Say week by week how much of scores and of knowledge goes with what students knew when the year began."""
    began = np.concatenate([np.ones_like(seen["enrolled"][:1]), seen["enrolled"][:-1]])
    shown = {"scores": ("score", seen["submitted"]), "knowledge": ("tested_conceptual", began)}
    return {
        name: [_correlation(opening, np.where(one > 0.5, now, np.nan)) ** 2 for now, one in zip(seen[slot], among)]
        for name, (slot, among) in shown.items()
    }


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Give the correlation of what is known of both; NaN where too little is, or nothing differs."""
    try:
        found = correlation(x.reshape(len(x), -1), y.reshape(len(y), -1))
    except Missing:
        return np.nan
    return float(found.value(found.rows.sum(0)))


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
