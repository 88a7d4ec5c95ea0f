"""Through which receivers a failure does what it does: shares that add up, first in, last in, and what states carry.

Definitions: `setback.experiments.twins.mediation` and docs/claims.md.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from setback.analysis.audit import FEWEST
from setback.analysis.estimate import Estimate
from setback.analysis.predictions import estimated
from setback.experiments.studies.folder import MEDIATION_TABLE
from setback.experiments.twins.estimands import ESTIMANDS
from setback.experiments.twins.mediation import CALLED, OF, RECEIVERS, STATES, Part
from setback.model.shipped import shipped

COLUMNS = (
    "policy", "estimand", "unit", "kind", "of", "value", "low", "high", "part", "first", "first_low", "first_high",
    "last", "last_low", "last_high", "n", "draws", "over",
)  # fmt: skip


def mediation(rows: pd.DataFrame) -> pd.DataFrame:
    """Take effects apart by receivers.

    Args:
        rows: one row a world, policy, figure, arm and room, as `setback.analysis.load.Results.predictions`. Of many
            worlds, those with fewer than ten twins are left out, and each of the others counts alike.

    Returns:
        One row a policy, estimand and part: policy, estimand, unit, kind (``whole``, ``share`` of a receiver, ``past``
        all receivers, ``through`` a state), of (the receiver or state), value with its 95 % interval (low, high), part
        (of the whole; NaN where the interval of the whole holds 0), for receivers first and last in with theirs, n
        (twins), draws, and over (what these are: ``rooms``, or ``worlds`` with their rooms).
    """
    found = estimated(rows, FEWEST)
    over = "worlds" if "world" in rows and rows["world"].nunique() > 1 else "rooms"
    lines: list[dict[str, Any]] = []
    for policy in dict.fromkeys(policy for policy, figure in found if Part.read(figure)):
        for estimand in OF:

            def of(kind: str, name: str = "") -> Estimate:
                return found[policy, str(Part(estimand, kind, name))]  # noqa: B023, called before the next

            whole = of("whole")
            is_known = bool(whole.low > 0.0 or whole.high < 0.0)
            parts = [("whole", ""), *(("share", name) for name in RECEIVERS), ("past", "")]
            for kind, name in (*parts, *(("through", name) for name in STATES)):
                value = of(kind, name)
                line = {
                    "policy": policy, "estimand": estimand, "unit": ESTIMANDS[estimand].unit, "kind": kind, "of": name,
                    "value": value.value, "low": value.low, "high": value.high,
                    "part": value.value / whole.value if is_known else np.nan,
                    "n": value.n, "draws": value.rooms, "over": over,
                }  # fmt: skip
                for end in ("first", "last") if kind == "share" else ():
                    one = of(end, name)
                    line |= {end: one.value, f"{end}_low": one.low, f"{end}_high": one.high}
                lines.append(line)
    return pd.DataFrame(lines, columns=list(COLUMNS))


def reference() -> pd.DataFrame:
    """Give what ships: study ``mediation``, the reference policy in worlds that go with the published evidence."""
    path = shipped("setback.experiments") / "predictions" / MEDIATION_TABLE
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), keep_default_na=False, na_values=[""]).fillna(
        {"of": ""}
    )


def percent(part: float) -> str:
    """Give a part of a whole to read; a dash where it is not known.

    >>> percent(-0.001), percent(float("nan"))
    ('0 %', '-')
    """
    return "-" if part != part else f"{round(100 * part) + 0} %"


def name_of(row: Any) -> str:
    """Name a line of the table as people read it.

    >>> name_of({"kind": "through", "of": "control"})
    'through control, frozen'
    """
    names = {"whole": "in all", "past": "past all receivers", "through": f"through {row['of']}, frozen"}
    return names.get(row["kind"]) or CALLED[row["of"]]


def sentences(found: pd.DataFrame) -> list[str]:
    """Say in words through which receivers a failure breeds failures, and what passes through which state."""
    said = []
    for policy, mine in found[found["estimand"] == "R_F"].groupby("policy", sort=False):
        whole = mine[mine["kind"] == "whole"].iloc[0]
        interval = f"{whole['value']:.2f}"
        if np.isfinite(whole["low"]):
            interval += f" [{whole['low']:.2f}, {whole['high']:.2f}]"
        if not np.isfinite(whole["part"]):
            said.append(
                f"Under {policy} a failure causes {interval} further failures in nine weeks; as that may be none, no "
                "parts of it are given."
            )
            continue
        shares = mine[mine["kind"] == "share"].sort_values("part", ascending=False, kind="stable")
        parts = [f"{CALLED[row['of']]} {percent(row['part'])}" for row in shares.to_dict("records")]
        said.append(
            f"Under {policy} a failure causes {interval} further failures in nine weeks; it reaches the student by "
            f"{', '.join(parts)} (Shapley values, which add up)."
        )
        through = [f"{row['of']} {percent(row['part'])}" for row in mine[mine["kind"] == "through"].to_dict("records")]
        said.append(
            f"Frozen for the nine weeks, states say how much passes through them: {', '.join(through)}; these overlap "
            "and are not added up."
        )
    return said
