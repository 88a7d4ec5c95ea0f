"""Half a year under high pressure and then low pressure: who recovers, who stops, who is trapped, week by week (K5)."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from setback.analysis.estimate import Estimate, mean
from setback.analysis.predictions import estimated, figures
from setback.experiments.predictions.switch import LAST, LONG, QUOTAS, TRAPPED, WEEKS, OfWeek
from setback.experiments.studies.folder import SWITCH_TABLE
from setback.model.shipped import shipped

#: What is told of the switch, with its unit, in the order of a table.
FIGURES = {
    "made helpless": "share of students", "recovered": "share of these", "helpless, then stopped": "share of these",
    "half-life": "weeks", "half not made good": "share of rooms", "stopped": "share of students",
    "trapped": "share of students",
}  # fmt: skip
#: How the curve of high pressure fails students, in words.
SAID = dict(zip(QUOTAS, ("its own quota", "as many failing as by the criterion")))


def recovery(rows: pd.DataFrame) -> pd.DataFrame:
    """Give what became of the students, for both ways in which the curve fails them.

    Args:
        rows: one row a world, policy, figure, arm and room, as `setback.analysis.load.Results.predictions`; of many
            worlds, each counts alike.

    Returns:
        quota (`SAID`), figure (of `FIGURES`), value, low, high (95 %), unit, n, draws.
    """
    found = {figure: one for (_, figure), one in estimated(without_weeks(_once(rows))).items()}
    lines = []
    for quota, said in SAID.items():
        for figure, unit in FIGURES.items():
            if one := found.get(f"{figure}{quota}"):
                one = _bounded(one) if unit.startswith("share") else one
                ends = {"value": one.value, "low": one.low, "high": one.high, "unit": unit, "n": one.n}
                lines.append({"quota": said, "figure": figure, **ends, "draws": one.rooms})
    return pd.DataFrame(lines, columns=["quota", "figure", "value", "low", "high", "unit", "n", "draws"])


def _bounded(found: Estimate) -> Estimate:
    """Keep a share within what is possible; where it is 0 in every draw, give an exact bound (rule of three)."""
    if found.value == 0.0 and found.rooms > 1 and not np.isfinite(found.low):
        return found._replace(low=0.0, high=1.0 - 0.05 ** (1.0 / found.rooms))
    return found._replace(low=float(np.maximum(found.low, -1.0)), high=float(np.minimum(found.high, 1.0)))


def without_weeks(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows that are of no single week."""
    return rows[~_weekly(rows)]


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of one policy of the study: the switch has policies of its own, the same under each."""
    return rows[rows["policy"] == rows["policy"].iloc[0]] if len(rows) else rows


def _weekly(rows: pd.DataFrame) -> Any:
    names = {figure: OfWeek.read(figure) is not None for figure in rows["figure"].unique()}
    return rows["figure"].map(names).astype(bool)


def by_week(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the shares of students who are helpless and who have stopped, week by week.

    Args:
        rows: as for `recovery`.

    Returns:
        what (``helpless`` or ``stopped``), way (``never``, ``switched``, ``switched at equal share``), week, value, low
        and high (95 %, over rooms, or over worlds where there are many).
    """
    mine = _once(rows)
    mine = mine[_weekly(mine)]
    many = "world" in mine and mine["world"].nunique() > 1
    found = figures(mine, ["world"] if many else [])
    if many:
        means = [(figure, mean(of["value"], of["world"])) for figure, of in found.groupby("figure", sort=False)]
        found = pd.DataFrame([{"figure": figure, **one._asdict()} for figure, one in means])
    weeks = [OfWeek.read(figure) for figure in found["figure"]]
    table = pd.DataFrame([week._asdict() for week in weeks if week is not None], columns=OfWeek._fields)
    return table.assign(**{name: found[name].to_numpy() for name in ("value", "low", "high")})


def reference() -> pd.DataFrame:
    """Give what ships: study ``switch``, in worlds that go with the published evidence, as `recovery` gives it."""
    path = shipped("setback.experiments") / "predictions" / SWITCH_TABLE
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")))


def sentences(found: pd.DataFrame) -> list[str]:
    """Say in words what became of the students.

    Args:
        found: as `recovery` gives it.
    """
    said = []
    for quota, mine in found.groupby("quota", sort=False):
        of = mine.set_index("figure")["value"].to_dict()
        half, not_yet = (of.get(name, np.nan) for name in ("half-life", "half not made good"))
        text = (
            f"Half a year under high pressure ({quota}), then low pressure, against low pressure throughout: "
            f"{_percent(of['made helpless'])} of the students are helpless in week {WEEKS} who would not be"
        )
        if of.get("recovered", np.nan) == of.get("recovered", np.nan):
            text += (
                f"; by week {LONG} {_percent(of['recovered'])} of them have recovered (enrolled, and not helpless) and "
                f"{_percent(of['helpless, then stopped'])} have stopped"
            )
        if half == half:
            text += f". Half of the control that is lost is back after {half:.1f} weeks on average"
            late = f" (not by week {LONG} in {_percent(not_yet)} of the rooms, counted as {LONG - WEEKS})"
            text += late if not_yet else ""
        way = "lower" if of["stopped"] < 0.0 else "higher"
        text += (
            f". The share of students who have stopped is {abs(100 * of['stopped']):.1f} percentage points {way}, and "
            f"{_percent(of['trapped'])} of all students are"
        )
        said.append(
            f"{text} trapped (helpless in {TRAPPED} or more of the last {LAST} weeks, and not without it); slow "
            "recovery is no trap."
        )
    return said


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
