"""For whom: what each policy does in each group of students, a panel a grouping."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, axis
from setback.analysis.groups import most_apart, named
from setback.analysis.student_map import plainly

#: Panels beside one another at most.
WIDE = 3


def groups_figure(frame: pd.DataFrame, title: str) -> Figure:
    """Draw the effects of policies by group, of the first outcome; of one policy alone, the outcome by group.

    Of many policies the best, the worst and those are drawn whose effects differ most between groups.

    Args:
        frame: what `setback.analysis.groups.groups` gives.
        title: says what was run; none where it is empty.

    Returns:
        One panel a grouping: policies down the side, a colour and a mark a group, lines from end to end of intervals.
    """
    outcome = frame["outcome"].iloc[0]
    has_effects = (frame["kind"] == "effect").any()
    rows = frame[(frame["outcome"] == outcome) & (frame["kind"] == ("effect" if has_effects else "mean"))]
    told = {*most_apart(frame[frame["outcome"] == outcome])}
    groupings = list(dict.fromkeys(rows["by"]))
    policies = [policy for policy in dict.fromkeys(rows["policy"]) if policy in told]
    most = max(len(set(rows[rows["by"] == by]["group"])) for by in groupings)
    tall = -(-len(groupings) // WIDE)
    wide = -(-len(groupings) // tall)
    high = 1.2 + tall * (1.1 + len(policies) * (0.2 + 0.1 * most) + 0.17 * most)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(max(6.0, 1.8 + 3.4 * wide), high), layout="constrained")
        axes = figure.subplots(tall, wide, sharey=True, sharex=True, squeeze=False)
        for ax, by in zip(axes.flat, groupings):
            mine = rows[rows["by"] == by]
            labels = list(dict.fromkeys(mine["group"]))
            for k, label in enumerate(labels):
                of = mine[mine["group"] == label].set_index("policy").reindex(policies)
                at = np.arange(len(policies)) + 0.7 * ((k + 0.5) / len(labels) - 0.5)
                reach = np.nan_to_num(np.stack([of["value"] - of["low"], of["high"] - of["value"]]))
                style = {"color": COLOURS[k % len(COLOURS)], "marker": MARKERS[k % len(MARKERS)], "markersize": 5}
                style |= {"markerfacecolor": "white"} if k >= len(COLOURS) else {}  # they come round again
                ax.errorbar(of["value"], at, xerr=reach, linestyle="", elinewidth=1.5, label=f"group {k}", **style)
            if has_effects:
                ax.axvline(0.0, color="0.4", linewidth=0.8)
            ax.set_title(named(by))
            below = ax.legend(
                loc="upper center", bbox_to_anchor=(0.5, 0.0), borderaxespad=3.0, frameon=False, fontsize=8
            )
            for text, label in zip(below.get_texts(), labels):  # as it is: a label that begins with _ would be left out
                text.set_text(plainly(str(by), label, labels))
            ax.set_yticks(
                range(len(policies)),
                ["\n".join(textwrap.wrap(words_of(name), 24, break_on_hyphens=False)) for name in policies],
            )
            ax.set_ylim(len(policies) - 0.5, -0.5)
            ax.tick_params(labelbottom=True)  # the panel below may be empty
        for ax in axes.flat[len(groupings) :]:
            ax.set_visible(False)
        less = f" less that under {rows['less_policy'].iloc[0]}" if has_effects else ""
        figure.supxlabel("\n".join(textwrap.wrap(axis(outcome) + less + ", with 95 % intervals", 80)), fontsize=9)
        if title:
            figure.suptitle("\n".join(textwrap.wrap(f"For whom: {title}", 80)), fontsize=10)
    return figure


def words_of(policy: str) -> str:
    """Give the name of a policy with room to break a line.

    >>> words_of("curve+accelerated")
    'curve + accelerated'
    """
    return policy.replace("+", " + ")
