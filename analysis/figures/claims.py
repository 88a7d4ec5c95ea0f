"""The figures of the two claims: what one failure causes, policy by policy, and week by week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes

from setback.analysis.claims import beside
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, of_estimand, symbols
from setback.experiments.twins.estimands import AHEAD, ESTIMANDS, TURNED

#: What is drawn, a row of panels each: does being failed breed failures, does the verdict alone, does an error teach?
DRAWN = (("line", "R_F"), ("label", "R_F"), ("criterion", "R_F"), ("practice", "V_F_unit"))
#: What both figures show.
SAID = "effect on the treated (spared twins), 95 % intervals; one that leaves its panel bounds an effect not seen"
#: The most panels of a figure by week; of more policies, the first of each grading is drawn.
PANELS = 12


def claims_figure(entries: Sequence[Mapping[str, Any]], title: str) -> Figure:
    """Draw the two claims, policy by policy: does a failure breed failures, and does it teach?

    Args:
        entries: what `setback.analysis.claims.cells` gives, with twins.
        title: says what was run.

    Returns:
        One column a grading policy, one line a pacing policy (and whatever else differs), one mark a sequence; a row of
        panels for each flip that was made, all spared, with 95 % intervals; hollow where too few twins stand behind.
    """
    gradings = list(dict.fromkeys(entry["grading"] for entry in entries))
    sequences = list(dict.fromkeys(entry["sequence"] for entry in entries))
    lines = list(dict.fromkeys(_line(entry) for entry in entries))
    drawn = [(flip, estimand) for flip, estimand in DRAWN if any(flip in entry for entry in entries)]
    with mpl.rc_context(STYLE):
        height = 1.0 + len(drawn) * (0.9 + 0.25 * len(lines))
        figure = Figure(figsize=(max(7.5, 2.3 * len(gradings)), height), layout="constrained")
        axes = figure.subplots(len(drawn), len(gradings), sharey=True, sharex="row", squeeze=False)
        for row, (flip, estimand) in enumerate(drawn):
            for column, grading in enumerate(gradings):
                ax = axes[row, column]
                ax.axvline(0, color="0.3", linewidth=1)
                here = [entry for entry in entries if entry["grading"] == grading and flip in entry]
                for entry in here:
                    k = sequences.index(entry["sequence"])
                    y = lines.index(_line(entry)) + 0.28 * (k - (len(sequences) - 1) / 2)
                    _interval(ax, entry[flip]["spared"][estimand], y, COLOURS[k], MARKERS[k % len(MARKERS)])
                if not any(entry[flip]["spared"][estimand]["n"] for entry in here):
                    ax.text(0.5, 0.5, "nothing to turn", transform=ax.transAxes, ha="center", va="center", color="0.4")
                ax.set_title(grading if row == 0 else "")
                ax.set_ylim(len(lines) - 0.5, -0.5)
                ax.set_yticks(range(len(lines)), lines)
                ax.grid(axis="y", visible=False)
            axes[row, 0].set_xlim(_limits(entry[flip]["spared"][estimand] for entry in entries if flip in entry))
            axes[row, len(gradings) // 2].set_xlabel(f"{TURNED[flip]}, {of_estimand(ESTIMANDS[estimand], 90)}")
        marks = [
            mpl.lines.Line2D([], [], color=COLOURS[k], marker=MARKERS[k % len(MARKERS)], linestyle="", label=name)
            for k, name in enumerate(sequences)
        ]
        few = "hollow: too few twins or classes to say anything"
        hollow = mpl.lines.Line2D([], [], color="0.3", marker="o", linestyle="", markerfacecolor="white", label=few)
        figure.legend(handles=[*marks, hollow], loc="outside lower center", ncols=len(sequences) + 1, frameon=False)
        figure.suptitle(f"{title}\n{SAID}", fontsize=11)
    return figure


def lags_figure(entries: Sequence[Mapping[str, Any]], title: str) -> Figure:
    """Draw when the failures come that one failure caused: d_h against h.

    Args:
        entries: what `setback.analysis.claims.cells` gives, with twins.
        title: says what was run.

    Returns:
        One panel a policy, one colour and mark a flip, all spared, with 95 % intervals.
    """
    shown = list(entries)
    if len(shown) > PANELS:
        shown = list({entry["grading"]: entry for entry in reversed(entries)}.values())[::-1]
    flips = [flip for flip in TURNED if any(flip in entry for entry in entries)]
    with mpl.rc_context(STYLE):
        wide = min(4, len(shown))
        high = -(-len(shown) // wide)
        figure = Figure(figsize=(max(7.5, 2.6 * wide), 1.5 + 2.2 * high), layout="constrained")
        axes = figure.subplots(high, wide, sharex=True, sharey=True, squeeze=False)
        for ax in axes.flat[len(shown) :]:
            ax.set_visible(False)
        for ax, entry in zip(axes.flat, shown):
            ax.axhline(0, color="0.3", linewidth=1)
            for k, flip in enumerate(flips):
                if flip in entry and entry[flip]["spared"]["R_F"]["n"]:
                    _by_lag(ax, entry[flip]["lags"]["spared"], 0.2 * (k - (len(flips) - 1) / 2), k)
            ax.set_title(str(entry["policy"]))
            ax.set_xticks(AHEAD)
            ax.grid(axis="x", visible=False)
        of_flips = [entry[flip] for entry in shown for flip in flips if flip in entry]
        axes[0, 0].set_ylim(_limits(found for of_flip in of_flips for found in of_flip["lags"]["spared"]))
        axes[high // 2, 0].set_ylabel(symbols("d_h (failures)"))
        for ax in axes[-1]:
            ax.set_xlabel("h: new units (weeks) after it")
        marks = [
            mpl.lines.Line2D([], [], color=COLOURS[k], marker=MARKERS[k], linewidth=1, label=TURNED[flip])
            for k, flip in enumerate(flips)
        ]
        figure.legend(handles=marks, loc="outside lower center", ncols=len(flips), frameon=False)
        figure.suptitle(f"{title}\n{SAID}", fontsize=11)
    return figure


def _line(entry: Mapping[str, Any]) -> str:
    """What tells policies apart beside grading and sequence."""
    return "+".join(beside(entry, ("grading", "sequence"))) or str(entry["pacing"])


def _limits(estimates: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """Give the limits of an axis that holds 0, values, and the intervals that are no bounds of what was not seen."""
    ends = [0.0]
    for found in estimates:
        if found["value"] is not None:
            ends += [found["value"], *((found["low"], found["high"]) if found["se"] is not None else ())]
    spare = 0.05 * (max(ends) - min(ends)) or 1.0
    return min(ends) - spare, max(ends) + spare


def _interval(ax: Axes, estimate: Mapping[str, Any], y: float, colour: Any, marker: str) -> None:
    if estimate["value"] is None:
        return
    if estimate["low"] is not None:
        ends = [estimate["low"], estimate["high"]]
        ax.plot(ends, [y, y], color=colour, linewidth=1.5, solid_capstyle="butt")
    face = "white" if estimate["few"] else colour
    ax.plot(estimate["value"], y, marker, color=colour, markersize=4.5, markerfacecolor=face)


def _by_lag(ax: Axes, estimates: Sequence[Mapping[str, Any]], aside: float, k: int) -> None:
    known = [(h + aside, found) for h, found in zip(AHEAD, estimates) if found["value"] is not None]
    for x, found in known:
        if found["low"] is not None:
            ax.plot([x, x], [found["low"], found["high"]], color=COLOURS[k], linewidth=1, alpha=0.7)
    xs, values = [x for x, _ in known], [found["value"] for _, found in known]
    ax.plot(xs, values, marker=MARKERS[k], color=COLOURS[k], markersize=3.5, linewidth=1)
