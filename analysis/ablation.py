"""What an ablation says: the effects of a failure with each mechanism and each group off, one row each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from setback.analysis.claims import estimate
from setback.experiments.twins.estimands import ESTIMANDS, TURNED

#: What is shown: name -> (kind of flip, estimand). All spared: effects on the treated.
SHOWN: Mapping[str, tuple[str, str]] = {
    "R_F": ("line", "R_F"),
    "R_F (label)": ("label", "R_F"),
    "Lambda_F": ("line", "Lambda_F"),
    "V_F": ("line", "V_F_unit"),
    "V_F (practice)": ("practice", "V_F_unit"),
}


def title(name: str) -> str:
    """Say what is shown under a name of `SHOWN`: symbol, what is turned, unit.

    >>> title("V_F (practice)")
    'V_F of an error at practice (SD)'
    """
    flip, estimand = SHOWN[name]
    row = ESTIMANDS[estimand]
    return f"{row.symbol} of {TURNED[flip]} ({row.unit})"


def effects(twins: pd.DataFrame) -> pd.DataFrame:
    """Estimate what the twins of an ablation show.

    Args:
        twins: what `setback.experiments.studies.ablation.labelled` gives.

    Returns:
        One row for each of off, policy and estimand: value, low, high (95 %, classes as clusters) and n; in the order
        in which things were switched off.
    """
    rows = []
    for (off, policy), frame in twins.groupby(["off", "policy"], sort=False):
        for name, (flip, estimand) in SHOWN.items():
            spared = frame[(frame["flip"] == flip) & frame["spared"]]
            found = estimate(spared, ESTIMANDS[estimand])
            group = frame["group"].iloc[0]
            rows.append({"off": off, "group": group, "policy": policy, "estimand": name, **found._asdict()})
    return pd.DataFrame(rows)


def table(found: pd.DataFrame, estimand: str) -> pd.DataFrame:
    """Give one estimand as a table: a row for each thing that is off, a column a policy."""
    rows = found[found["estimand"] == estimand]
    order = list(dict.fromkeys(rows["off"]))
    return rows.pivot(index="off", columns="policy", values="value").loc[order, list(dict.fromkeys(rows["policy"]))]
