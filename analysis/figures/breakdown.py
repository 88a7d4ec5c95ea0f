"""What one failure causes by one thing at a time: a row of panels a thing, a column an estimand."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd

from setback.analysis.breakdown import CHALLENGE, DEPTH, HORIZON, KIND, SHOWN, SIDES, named_parts
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.groups import words_of
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, symbols, words
from setback.experiments.studies.groups import POSITION

#: What things are called at the side of their panels.
HEADS = {
    HORIZON: "units\nahead", KIND: "kind of\nfailing", SIDES: "what was\nturned", DEPTH: "distance\nfrom the line",
    CHALLENGE: "challenge", POSITION: "position\nin class",
}  # fmt: skip
#: Policies that are drawn at most: as many as can be told apart.
MOST = 4


def breakdown_figure(found: pd.DataFrame, title: str) -> Figure:
    """Draw what one failure causes, told apart by one thing at a time.

    Args:
        found: what `setback.analysis.breakdown.breakdown` gives; of many policies the first are drawn.
        title: says what was run.

    Returns:
        Parts of a thing down the side, an estimand a column, a colour and a mark a policy, lines from end to end of
        95 % intervals; hollow where too few twins stand behind a figure.
    """
    rows = found[found["less"] == ""]
    policies = list(dict.fromkeys(rows["policy"]))[:MOST]
    things = sorted(dict.fromkeys(rows["by"]), key=lambda thing: thing == HORIZON)  # of which there is one column alone
    shown = [row for row in SHOWN if (rows["estimand"] == row.name).any()]
    labels = {thing: list(dict.fromkeys(rows[rows["by"] == thing]["group"])) for thing in things}
    sizes = [len(labels[thing]) * (0.7 + 0.3 * len(policies)) for thing in things]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2.4 + 2.1 * len(shown), 1.6 + 0.26 * sum(sizes) + 0.12 * len(things)),
                        layout="constrained")  # fmt: skip
        axes = figure.subplots(len(things), len(shown), sharex="col", squeeze=False, height_ratios=sizes)
        for line, thing in zip(axes, things):
            for ax, row in zip(line, shown):
                mine = rows[(rows["by"] == thing) & (rows["estimand"] == row.name)]
                if not len(mine):
                    ax.set_axis_off()
                    continue
                ax.axvline(0.0, color="0.35", linewidth=0.9)
                for k, policy in enumerate(policies):
                    of = mine[mine["policy"] == policy].set_index("group").reindex(labels[thing])
                    at = np.arange(len(of)) + 0.6 * ((k + 0.5) / len(policies) - 0.5)
                    for y, (value, low, high, few) in zip(at, of[["value", "low", "high", "few"]].to_numpy()):
                        ax.plot([low, high], [y, y], color=COLOURS[k], linewidth=1.4, solid_capstyle="butt")
                        ax.plot(value, y, MARKERS[k], color=COLOURS[k], markersize=4.5,
                                markerfacecolor="white" if few else COLOURS[k])  # fmt: skip
                ax.set_ylim(len(labels[thing]) - 0.5, -0.5)
                ax.set_yticks(range(len(labels[thing])), [])
                ax.grid(axis="y", visible=False)
            names = named_parts(thing, labels[thing], labels[thing])
            line[0].set_yticks(range(len(names)), ["\n".join(textwrap.wrap(name, 22)) for name in names])
            line[0].set_ylabel(HEADS.get(thing, words(thing).replace(" ", "\n")), rotation=0, ha="right", va="center",
                               fontweight="bold", fontsize=9)  # fmt: skip
        for column, row in enumerate(shown):
            here = [ax for ax in axes[:, column] if ax.axison]
            here[0].set_title(symbols(f"{row.symbol} ({row.unit})"))
            here[-1].tick_params(labelbottom=True)
        marks = [
            mpl.lines.Line2D([], [], color=COLOURS[k], marker=MARKERS[k], label=words_of(policy))
            for k, policy in enumerate(policies)
        ]
        figure.legend(handles=marks, loc="outside lower center", ncols=2, frameon=False, fontsize=8)
        figure.align_ylabels(axes[:, 0])
        if title:
            figure.suptitle("\n".join(textwrap.wrap(title, 44 + 20 * len(shown))), fontsize=10)
    return figure
