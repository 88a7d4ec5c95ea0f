"""The picture of one class: every student and the class mean, week by week."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE, axis


def classroom_figure(frame: pd.DataFrame, title: str) -> Figure:
    """Draw one class, week by week: every student a thin line, the class mean a thick one.

    Args:
        frame: what the classroom's data collector holds, indexed by step and agent.
        title: says which class it is.
    """
    slots = [name for name in ("score", "effort", "expectancy", "control", "affect", "conceptual") if name in frame]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 5.2), layout="constrained")
        axes = figure.subplots(2, 3, sharex=True)
        for ax, slot in zip(axes.flat, slots):
            values = frame[slot].unstack()
            ax.plot(values.index, values, color="0.6", linewidth=0.6, alpha=0.6)
            ax.plot(values.index, values.mean(axis=1), color=COLOURS[0], linewidth=2)
            ax.set_title(axis(slot))
        for ax in axes[1]:
            ax.set_xlabel("week")
        figure.suptitle(f"{title}; thin: each student, thick: the class mean", fontsize=11)
    return figure
