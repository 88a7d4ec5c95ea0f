"""The map of a study of many worlds: an outcome over what varies, policy by policy."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, axis, words
from setback.analysis.load import Results, unit_of

#: Numbers that a title names, beside the two of the axes.
NAMED = 8


def worlds_figure(
    edges: Sequence[NDArray[np.float64]], means: NDArray[np.float64], results: Results, outcome: str, title: str
) -> Figure:
    """Draw the map of an outcome over what varies, policy by policy.

    Args:
        edges: of the cells along each number, and
        means: over the worlds in them (policy, cell, cell), as `setback.analysis.worlds.grid` gives them.
        results: the results.
        outcome: the outcome.
        title: says what was run.

    Returns:
        One panel a policy on one scale of colours, cells of the first two numbers that vary; or one line a policy
        where a single number varies.
    """
    names = [varied["name"] for varied in results.study["worlds"]["ranges"]]
    labels, policies, what = (
        [axis(name) for name in names[:2]],
        list(results.policies.index),
        axis(outcome, unit_of(results.study, outcome)),
    )
    with mpl.rc_context(STYLE):
        if len(edges) == 1:
            figure = Figure(figsize=(7.5, 4.5), layout="constrained")
            ax = figure.subplots()
            for k, (policy, row) in enumerate(zip(policies, means)):
                middle = (edges[0][1:] + edges[0][:-1]) / 2
                style = {"color": COLOURS[k % len(COLOURS)], "marker": MARKERS[k % len(MARKERS)], "markersize": 4}
                line = ("-", "--", ":", "-.")[k // len(COLOURS) % 4]  # colours and marks come round again
                ax.plot(middle, row, label=policy, linestyle=line, **style)
            ax.set(xlabel=labels[0], ylabel=what)
            figure.legend(loc="outside right upper", frameon=False)
        else:
            wide = min(4, len(policies))
            tall = -(-len(policies) // wide)
            size = (max(6.0, 2.6 * wide + 1.2), max(3.6, 2.3 * tall + 1.2))
            figure = Figure(figsize=size, layout="constrained")
            axes = figure.subplots(tall, wide, sharex=True, sharey=True, squeeze=False)
            known = means[np.isfinite(means)]
            low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)  # of no world it is known
            for ax, policy, cells in zip(axes.flat, policies, means):
                mesh = ax.pcolormesh(edges[0], edges[1], cells.T, vmin=low, vmax=high, cmap="cividis")
                ax.set_title("\n".join(textwrap.wrap(policy.replace("+", " + "), 30)), fontsize=8)
                ax.grid(visible=False)
            for ax in axes.flat[len(policies) :]:
                ax.set_visible(False)
            figure.supxlabel(labels[0], fontsize=9)
            figure.supylabel(labels[1], fontsize=9)
            figure.colorbar(mesh, ax=axes, label=what, shrink=0.8)
        named = ", ".join(map(words, names[2:])) if len(names) <= 2 + NAMED else f"{len(names) - 2} other numbers"
        more = f"; means over {named}" if len(names) > 2 else ""
        more += "; white: no world" if len(edges) > 1 and np.isnan(means).any() else ""
        figure.suptitle("\n".join(textwrap.wrap(title + more, 90)), fontsize=10)
    return figure
