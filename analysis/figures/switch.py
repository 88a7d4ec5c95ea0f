"""The figure of the switch: which share of the students is helpless, and which has stopped, week by week."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE
from setback.experiments.predictions.switch import QUOTAS, WEEKS

#: The years: what they are called, and how they are drawn.
WAYS = {
    "never": ("low pressure throughout", COLOURS[0], "-"),
    f"switched{QUOTAS[0]}": ("high pressure to week 18, then low; its own quota", COLOURS[1], "--"),
    f"switched{QUOTAS[1]}": ("the same, as many failing as by the criterion", COLOURS[2], "-."),
}
HEADS = {"helpless": "enrolled and helpless, of all students", "stopped": "stopped for good, of all students"}


def switch_figure(found: pd.DataFrame) -> Figure:
    """Draw the shares of students who are helpless and who have stopped, with 95 % intervals.

    Args:
        found: what `setback.analysis.switch.by_week` gives.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 3.6), layout="constrained")
        for ax, what in zip(figure.subplots(1, len(HEADS)), HEADS):
            for way, (label, colour, style) in WAYS.items():
                rows = found[(found["what"] == what) & (found["way"] == way)].sort_values("week")
                ax.fill_between(rows["week"], 100 * rows["low"], 100 * rows["high"], color=colour, alpha=0.18, lw=0)
                ax.plot(rows["week"], 100 * rows["value"], color=colour, linestyle=style, label=label)
            ax.axvline(WEEKS + 0.5, color="0.4", linewidth=0.8, linestyle=":")
            ax.set(xlabel="week", ylabel="share of students (%)", title=HEADS[what])
            ax.set_ylim(bottom=0.0)
            ax.set_xlim(0, max(found["week"].max(), 1) + 1)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=1, frameon=False)
        figure.suptitle("The same students with the same luck; dotted: the switch; shaded: 95 %", fontsize=11)
    return figure
