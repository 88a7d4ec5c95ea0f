"""The figure of a mediation: a bar a receiver, first in and last in as marks, and what passes through states."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE, symbols
from setback.analysis.mediation import name_of
from setback.experiments.twins.estimands import ESTIMANDS
from setback.experiments.twins.mediation import OF


def mediation_figure(found: pd.DataFrame) -> Figure:
    """Draw each effect taken apart, one panel an effect, one row of panels a policy.

    Args:
        found: what `setback.analysis.mediation.mediation` gives.
    """
    policies = list(dict.fromkeys(found["policy"]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(10.4, 1.1 + 3.4 * max(1, len(policies))), layout="constrained")
        axes = figure.subplots(max(1, len(policies)), len(OF), sharey=True, squeeze=False)
        for line, policy in zip(axes, policies):
            for ax, estimand in zip(line, OF):
                _panel(ax, found[(found["policy"] == policy) & (found["estimand"] == estimand)])
            line[0].set_title(line[0].get_title() + (f"\n{policy}" if len(policies) > 1 else ""))
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
        over = found["over"].iloc[0] if len(found) else "rooms"
        figure.suptitle(
            "Through which receivers a failure does what it does (fail less pass; "
            f"line: 95 % over {over})",
            fontsize=11, x=0.02, ha="left",
        )  # fmt: skip
    return figure


def _panel(ax: Any, rows: pd.DataFrame) -> None:
    rows = rows.reset_index(drop=True)
    at = np.arange(len(rows)) + 0.5 * (rows["kind"] == "through").to_numpy()  # states stand apart: they overlap
    share, through = (rows["kind"] == "share").to_numpy(), (rows["kind"] == "through").to_numpy()
    for which, colour, label, hatch in (
        (share, COLOURS[0], "share (Shapley value; shares add up)", None),
        (~share & ~through, "0.6", "in all, and past all receivers", None),
        (through, "white", "passes through (overlap)", "////"),
    ):
        of = rows[which]
        ax.barh(at[which], of["value"], color=colour, height=0.62, label=label, hatch=hatch, edgecolor="0.45",
                linewidth=0.6)  # fmt: skip
    reach = np.nan_to_num(np.stack([rows["value"] - rows["low"], rows["high"] - rows["value"]]))
    ax.errorbar(rows["value"], at, xerr=reach, fmt="none", ecolor="black", elinewidth=1)
    ax.plot(rows["first"], at - 0.13, "o", color=COLOURS[1], markersize=5, markeredgecolor="white", label="first in")
    ax.plot(rows["last"], at + 0.13, "D", color=COLOURS[2], markersize=4.5, markeredgecolor="white", label="last in")
    ax.axvline(0.0, color="0.3", linewidth=1)
    ax.set_yticks(at, [name_of(row) for row in rows.to_dict("records")])
    ax.set_ylim(at[-1] + 0.6 if len(at) else 1, -0.6)
    ax.grid(visible=False, axis="y")
    estimand = ESTIMANDS[rows["estimand"].iloc[0]]
    ax.set_title(symbols(estimand.symbol))
    ax.set_xlabel(textwrap.fill(f"{estimand.label} ({estimand.unit})", 38))
