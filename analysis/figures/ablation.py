"""The figure of an ablation: what a failure causes with each mechanism and each group off."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import pandas as pd
import seaborn as sns

from setback.analysis.ablation import title
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import STYLE, symbols


def ablation_figure(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the effects of a failure with each mechanism and group off: one panel an estimand, one row a thing off.

    Args:
        tables: estimand -> what `setback.analysis.ablation.table` gives.
    """
    with mpl.rc_context(STYLE):
        height = 1.6 + 0.2 * max(len(table) for table in tables.values())
        figure = Figure(figsize=(3.1 * len(tables) + 1.4, height), layout="constrained")
        axes = figure.subplots(1, len(tables), squeeze=False)[0]
        for ax, (name, table) in zip(axes, tables.items()):
            reach = float(table.abs().max().max())
            reach = reach if reach > 0.0 else 1.0  # nothing but 0, or nothing known
            sns.heatmap(
                table, ax=ax, cmap="PuOr_r", vmin=-reach, vmax=reach, annot=table.round(2) + 0.0, fmt=".2f",
                annot_kws={"fontsize": 6}, cbar=False, linewidths=0.3, yticklabels=ax is axes[0] and list(table.index),
            )  # fmt: skip
            ax.set(xlabel="", ylabel="switched off" if ax is axes[0] else "", title=symbols(title(name)))
            ax.grid(visible=False)
            ax.tick_params(axis="x", rotation=90, labelsize=7)
            ax.tick_params(axis="y", labelsize=7)
        said = "effect on the treated (spared twins); white: no twins"
        figure.suptitle(
            f"What a failure causes when a mechanism, or a whole group, is switched off\n{said}", fontsize=11
        )
    return figure
