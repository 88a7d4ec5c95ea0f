"""The published evidence beside the worlds of a study: how far off they are, in tolerances, and who has the sign."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE
from setback.experiments.evidence.rows import NUMERIC

#: Tolerances beyond which a bar is cut off, with an arrow.
FURTHEST = 6.0
#: Colours of rows by how far the tolerance lies within the worlds.
INSIDE = {"all": COLOURS[0], "part": COLOURS[1], "none": "black"}
SIDES = {"both": COLOURS[0], "right": COLOURS[2], "wrong": "black"}


def evidence_figure(table: pd.DataFrame) -> Figure:
    """Draw a bar a row: numbers from the published figure, in tolerances; of signs the share of worlds that have it.

    Args:
        table: what `setback.analysis.evidence.reach` gives.
    """
    numbers, signs = (table[(table["kind"] == NUMERIC) == is_number].iloc[::-1] for is_number in (True, False))
    with mpl.rc_context(STYLE):
        height = 1.6 + 0.22 * max(len(numbers), len(signs))
        figure = Figure(figsize=(11.0, height), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
        _numbers(left, numbers)
        _signs(right, signs)
        for side, colours, names in (
            ("left", INSIDE, ("all of the tolerance within", "a part", "none")),
            ("right", SIDES, ("worlds on both sides", "all right", "all wrong")),
        ):
            patches = [mpl.patches.Patch(color=colour, label=name) for colour, name in zip(colours.values(), names)]
            where: Any = f"outside lower {side}"
            figure.legend(handles=patches, loc=where, ncols=3, frameon=False, fontsize=8)
    return figure


def _numbers(ax: mpl.axes.Axes, rows: pd.DataFrame) -> None:
    """One bar a row: the middle of the worlds, in tolerances from what was published."""
    ax.axvspan(-1.0, 1.0, color="0.88", zorder=0)
    ax.axvline(0.0, color="black", linewidth=0.8)
    for k, row in enumerate(rows.itertuples()):
        ends = np.array([row.from_lowest, row.from_middle, row.from_highest], float)
        low, middle, high = np.clip(ends, -FURTHEST, FURTHEST)
        colour = INSIDE[str(row.inside)]
        ax.plot([low, high], [k, k], color=colour, linewidth=3.0, solid_capstyle="butt")
        if abs(ends[1]) < FURTHEST:
            ax.plot(middle, k, "o", color="white", markeredgecolor=colour, markersize=5)
        for end, marker in ((ends[0], "<"), (ends[2], ">")):
            if abs(end) > FURTHEST:
                ax.plot(np.clip(end, -FURTHEST, FURTHEST), k, marker, color=colour, markersize=6)
    ax.set_yticks(range(len(rows)), [f"{name}  {row.published}" for name, row in zip(rows.index, rows.itertuples())])
    ax.set(
        xlim=(-FURTHEST - 0.4, FURTHEST + 0.4), ylim=(-0.7, len(rows) - 0.3),
        xlabel="distance from the published figure (its tolerances; grey: a hit)",
        title="Numbers: the middle 95 % of worlds and their median",
    )  # fmt: skip
    ax.grid(visible=False, axis="y")


def _signs(ax: mpl.axes.Axes, rows: pd.DataFrame) -> None:
    """One bar a row: the share of worlds that have the sign, or the form."""
    ax.barh(range(len(rows)), rows["hits"], color=[(INSIDE | SIDES)[name] for name in rows["inside"]], height=0.6)
    ax.set_yticks(range(len(rows)), [f"{name}  {row.published}" for name, row in zip(rows.index, rows.itertuples())])
    ax.set(
        xlim=(0.0, 1.0), ylim=(-0.7, len(rows) - 0.3), xlabel="share of worlds",
        title="Signs and forms: worlds that have them",
    )  # fmt: skip
    ax.grid(visible=False, axis="y")
