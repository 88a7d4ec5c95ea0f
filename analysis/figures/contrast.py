"""The contrast of two policies: the same classes through a year under each."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE, of_class

#: The slots whose class means are drawn, a panel each.
CURVES = ("below_criterion", "effort", "expectancy", "control", "affect", "enrolled")


def contrast_figure(first: pd.DataFrame, second: pd.DataFrame, name: str, other: str) -> Figure:
    """Draw a year under two policies: the mean over classes, and the middle half of the classes.

    Args:
        first: one row a room and week under the first policy.
        second: the same rooms under the second.
        name: the first policy.
        other: the second policy.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 5.2), layout="constrained")
        axes = figure.subplots(2, 3, sharex=True)
        for ax, slot in zip(axes.flat, CURVES):
            for k, frame in enumerate((first, second)):
                weeks = frame.groupby("week")[slot]
                middle, low, high = weeks.mean(), weeks.quantile(0.25), weeks.quantile(0.75)
                ax.fill_between(middle.index, low, high, color=COLOURS[k], alpha=0.2, linewidth=0)
                ax.plot(middle.index, middle, color=COLOURS[k], linestyle=("-", "--")[k], label=(name, other)[k])
            ax.set_title(of_class(slot))
        for ax in axes[1]:
            ax.set_xlabel("week")
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
        figure.suptitle("The same classes under two policies: mean, and the middle half of the classes", fontsize=11)
    return figure
