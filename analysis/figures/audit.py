"""The figure of an audit: in which share of prior worlds each prediction holds, and in which its opposite does."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import pandas as pd

from setback.analysis.audit import NEARLY_ALWAYS, RARELY
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE


def audit_figure(table: pd.DataFrame) -> Figure:
    """Draw one bar a prediction, from the left the worlds in which it holds, from the right those of its opposite.

    Args:
        table: what `setback.analysis.audit.overall` gives.
    """
    rows = table.iloc[::-1]
    names = [textwrap.fill(f"{row.prediction}: {row.says}", 52) for row in rows.itertuples()]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(10.0, 1.8 + 0.36 * len(rows)), layout="constrained")
        ax = figure.subplots()
        ax.barh(names, 1.0, color="0.93", label="neither")
        ax.barh(names, rows["holds"], color=COLOURS[0], label="it holds")
        ax.barh(names, rows["opposite"], left=1.0 - rows["opposite"], color=COLOURS[1], label="its opposite holds")
        ax.errorbar(
            rows["holds"], range(len(rows)), fmt="none", ecolor="black", elinewidth=1,
            xerr=[rows["holds"] - rows["least"], rows["most"] - rows["holds"]],
        )  # fmt: skip
        for edge in (RARELY, NEARLY_ALWAYS):
            ax.axvline(edge, color="black", linewidth=0.8, linestyle=":")
        ax.set(
            xlim=(0.0, 1.0),
            xlabel="share of prior worlds (thin line: from the least to the most of a policy)",
        )
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.grid(visible=False)
        figure.legend(loc="outside upper right", ncols=3, frameon=False)
        figure.suptitle("What the prior decides by itself: beyond a dotted line it is built in", fontsize=11, x=0.3)
    return figure
