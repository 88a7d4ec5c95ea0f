"""The published evidence beside a fit, in sample and with each block left out, and beside the fit without a cycle."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE
from setback.analysis.fit import CYCLE, NO_CYCLE, Found

#: Tolerances beyond which a mark is put at the edge, as an arrow.
FURTHEST = 5.0
#: Marks: the model and which of its columns, the colour, whether it is filled, and how far above its line.
MARKS = (
    ("with a cycle, fitted to it", CYCLE, "in", COLOURS[1], True, 0.22),
    ("with a cycle, its block left out", CYCLE, "out", COLOURS[1], False, 0.0),
    ("without a cycle, its block left out", NO_CYCLE, "out", COLOURS[0], False, -0.22),
)


def forest_figure(found: Found) -> Figure:
    """Draw a line a row of the evidence: numbers in tolerances, effects and books apart; of signs the share of draws.

    Args:
        found: the tables of a fit.
    """
    table = found.rows[CYCLE]
    numbers = table[table["number"]]
    books = numbers.index.str.contains(r"^(?:OU|JH|JP|UC|PT|ST)")
    parts = [numbers[~books].iloc[::-1], numbers[books].iloc[::-1], table[~table["number"]].iloc[::-1]]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(15.0, 2.0 + 0.30 * max(map(len, parts))), layout="constrained")
        axes = figure.subplots(1, 3, width_ratios=(1.2, 1.2, 1.0))
        for ax, part, title in zip(axes, parts[:2], ("Effects", "Statistics of grade books")):
            _numbers(ax, found, part, title)
        _signs(axes[2], found, parts[2])
        marks: list[Any] = [
            mpl.lines.Line2D(
                [],
                [],
                marker="o",
                color=colour,
                markerfacecolor=colour if filled else "white",
                linewidth=1.5,
                label=name,
            )
            for name, _, _, colour, filled, _ in MARKS
        ]
        figure.legend(handles=marks, loc="outside lower center", ncols=3, frameon=False)
    return figure


def _numbers(ax: mpl.axes.Axes, found: Found, rows: pd.DataFrame, title: str) -> None:
    ax.axvspan(-1.0, 1.0, color="0.88", zorder=0)
    ax.axvline(0.0, color="black", linewidth=0.8)
    for k, row in enumerate(rows.index):
        for _, model, which, colour, filled, above in MARKS:
            table = found.rows.get(model)
            if table is None or row not in table.index:
                continue
            low, middle, high = table.loc[row, [f"{which}_{name}" for name in ("low", "distance", "high")]].astype(
                float
            )
            ends = np.clip([low, high], -FURTHEST, FURTHEST)
            ax.plot(ends, [k + above] * 2, color=colour, linewidth=1.2, alpha=0.6, solid_capstyle="butt")
            marker = "o" if abs(middle) <= FURTHEST else "<" if middle < 0 else ">"
            ax.plot(
                np.clip(middle, -FURTHEST, FURTHEST), k + above, marker, color=colour, markersize=5,
                markerfacecolor=colour if filled else "white",
            )  # fmt: skip
    ax.set_yticks(range(len(rows)), [f"{row}  {said}" for row, said in zip(rows.index, rows["published"])])
    ax.set(
        xlim=(-FURTHEST - 0.3, FURTHEST + 0.3), ylim=(-0.7, len(rows) - 0.3), title=title,
        xlabel="distance from the published figure\n(its tolerances; grey: a hit; lines: 90 % of draws)",
    )  # fmt: skip
    ax.grid(visible=False, axis="y")


def _signs(ax: mpl.axes.Axes, found: Found, rows: pd.DataFrame) -> None:
    for k, row in enumerate(rows.index):
        for _, model, which, colour, filled, above in MARKS:
            table = found.rows.get(model)
            if table is None or row not in table.index:
                continue
            (share,) = table.loc[[row], f"{which}_share"].astype(float)
            ax.plot([0.0, share], [k + above] * 2, color=colour, linewidth=1.2, alpha=0.6)
            ax.plot(
                share, k + above, "o", color=colour, markersize=5, markerfacecolor=colour if filled else "white",
                clip_on=False,
            )  # fmt: skip
    ax.axvspan(0.9, 1.0, color="0.88", zorder=0)
    ax.set_yticks(range(len(rows)), [f"{row}  {said}" for row, said in zip(rows.index, rows["published"])])
    ax.set(
        xlim=(0.0, 1.0), ylim=(-0.7, len(rows) - 0.3), title="Signs and forms",
        xlabel="share of draws that have the sign\n(grey: a hit, 90 % or more)",
    )  # fmt: skip
    ax.grid(visible=False, axis="y")
