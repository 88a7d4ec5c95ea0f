"""What a trial needs: its power by the number of classes, and the effects that it may meet."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import PercentFormatter, ScalarFormatter

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE
from setback.analysis.power import Plan


def power_figure(plan: Plan, title: str) -> Figure:
    """Draw the assurance by the number of classes in each arm, and where the power of most worlds lies.

    Args:
        plan: what a trial needs.
        title: which policies and outcome.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.6, 4.2), layout="constrained")
        ax = figure.subplots()
        curve = plan.curve
        ax.fill_between(curve.index, curve["low"], curve["high"], color=COLOURS[0], alpha=0.15, linewidth=0,
                        label="the middle 80 % of worlds")  # fmt: skip
        ax.plot(curve.index, curve["assurance"], color=COLOURS[0], label="mean over worlds (assurance)")
        ax.plot(curve.index, curve["unadjusted"], color=COLOURS[1], linestyle="--", label="the same, unadjusted")
        ax.axhline(plan.power, color="0.4", linewidth=0.8, linestyle=":")
        if plan.classes is not None:
            ax.plot([plan.classes], [plan.at["assurance"]], "o", color=COLOURS[0])
            right = plan.classes > np.sqrt(2.0 * plan.most)
            ax.annotate(
                f"{plan.classes:,} classes", (plan.classes, plan.at["assurance"]), (-6 if right else 6, -14),
                textcoords="offset points", ha="right" if right else "left",
            )  # fmt: skip
        ax.set(
            xscale="log", xlim=(2, plan.most), ylim=(0, 1), xlabel="classes in each arm", ylabel="power (% of trials)"
        )
        ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
        ax.set_title(title)
        figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure
