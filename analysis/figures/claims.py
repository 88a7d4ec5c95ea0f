"""The figure of the two claims: what one failure causes, policy by policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes

from setback.analysis.claims import beside
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, of_estimand
from setback.experiments.twins.estimands import ESTIMANDS

#: The estimands that are drawn, a row of panels each: does a failure breed failures, and does it teach?
DRAWN = ("R_F", "V_F_unit")
#: Share of twins with another verdict of the policy from which a mark is filled.
MOSTLY = 0.5


def claims_figure(entries: Sequence[Mapping[str, Any]], title: str) -> Figure:
    """Draw the two claims, policy by policy: does a failure breed failures, and does it teach?

    Args:
        entries: what `setback.analysis.claims.cells` gives, with twins.
        title: says what was run.

    Returns:
        One column a grading policy, one line a pacing policy (and whatever else differs), one mark a sequence; above
        R_F(9), below V_F, both spared, with 95 % intervals; hollow where the policy's own verdict seldom changed.
    """
    gradings = list(dict.fromkeys(entry["grading"] for entry in entries))
    sequences = list(dict.fromkeys(entry["sequence"] for entry in entries))
    lines = list(dict.fromkeys(_line(entry) for entry in entries))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(max(7.5, 2.3 * len(gradings)), 2.4 + 0.5 * len(lines)), layout="constrained")
        axes = figure.subplots(2, len(gradings), sharey=True, sharex="row", squeeze=False)
        for row, estimand in enumerate(DRAWN):
            for column, grading in enumerate(gradings):
                ax = axes[row, column]
                ax.axvline(0, color="0.3", linewidth=1)
                for entry in (entry for entry in entries if entry["grading"] == grading):
                    filled = (entry["spared"]["verdict"]["value"] or 0.0) >= MOSTLY
                    k = sequences.index(entry["sequence"])
                    y = lines.index(_line(entry)) + 0.28 * (k - (len(sequences) - 1) / 2)
                    _interval(ax, entry["spared"][estimand], y, COLOURS[k], MARKERS[k % len(MARKERS)], filled)
                ax.set_title(grading if row == 0 else "")
                ax.set_ylim(len(lines) - 0.5, -0.5)
                ax.set_yticks(range(len(lines)), lines)
                ax.grid(axis="y", visible=False)
            axes[row, len(gradings) // 2].set_xlabel(of_estimand(ESTIMANDS[estimand]))
        marks = [
            mpl.lines.Line2D([], [], color=COLOURS[k], marker=MARKERS[k % len(MARKERS)], linestyle="", label=name)
            for k, name in enumerate(sequences)
        ]
        seldom = "hollow: the policy's own verdict changed in fewer than half of the twins"
        hollow = mpl.lines.Line2D([], [], color="0.3", marker="o", linestyle="", markerfacecolor="white", label=seldom)
        figure.legend(handles=[*marks, hollow], loc="outside lower center", ncols=len(sequences) + 1, frameon=False)
        figure.suptitle(f"{title}\neffect on the treated (spared twins), with 95 % intervals", fontsize=11)
    return figure


def _line(entry: Mapping[str, Any]) -> str:
    """What tells policies apart beside grading and sequence."""
    return "+".join(beside(entry, ("grading", "sequence"))) or str(entry["pacing"])


def _interval(ax: Axes, estimate: Mapping[str, Any], y: float, colour: Any, marker: str, filled: bool) -> None:
    if estimate["value"] is None:
        return
    if estimate["low"] is not None:
        ax.plot([estimate["low"], estimate["high"]], [y, y], color=colour, linewidth=1.5, solid_capstyle="butt")
    ax.plot(estimate["value"], y, marker, color=colour, markersize=4.5, markerfacecolor=colour if filled else "white")
