"""The decision table as a picture: how sure the leader is, how often each policy is best, regret, every objective."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np

from setback.analysis.decision import Decision
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE, axis, words

#: Letters of a line of a policy's name, and of a head above a column.
WIDE, NARROW = 26, 15


def decision_figure(found: Decision) -> Figure:
    """Draw the decision table, one line a policy, the one with the least mean regret on top.

    Returns:
        Four panels that share their lines: each policy less the leader with its 95 % interval, the share of worlds in
        which it is best, its mean and largest regret, and its means on every objective, from the worst (dark) to the
        best (light) of the policies; * is on the Pareto front.
    """
    table, judge = found.policies, found.judge
    rows = np.arange(len(table))
    objectives = list(found.objectives)
    what = axis(judge.name, judge.unit) if judge.name in judge.weights else f"score ({judge.unit})"
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.4 + 1.1 * max(1, len(objectives)), 2.2 + 0.42 * len(table)), layout="constrained")
        axes = figure.subplots(1, 4, sharey=True, width_ratios=[2.4, 1.3, 1.8, max(1.0, 1.1 * len(objectives))])
        _differences(axes[0], found, rows, what)
        axes[1].barh(rows, 100 * table["best"], color=COLOURS[0], height=0.6)
        axes[1].set(xlim=(0, 100), xlabel="share of worlds (%)", title="Best in")
        _regret(axes[2], found, rows, judge.unit)
        _objectives(axes[3], found, objectives)
        axes[0].set_yticks(rows, [_name(str(policy)) for policy in table.index])
        axes[0].set_ylim(len(table) - 0.5, -0.5)
        for ax in axes[:3]:
            ax.grid(visible=False, axis="y")
        by = str(judge) if judge.name in judge.weights else f"{judge}, in points"
        title = f"Policies judged by {by}, over {found.worlds:,} worlds, in the same rooms with the same luck"
        figure.suptitle("\n".join(textwrap.wrap(title, 110)), fontsize=11)
    return figure


def _name(policy: str) -> str:
    return "\n".join(textwrap.wrap(policy.replace("+", " + "), WIDE))


def _differences(ax: Any, found: Decision, rows: Any, what: str) -> None:
    others = found.against(found.leader)
    middle, low, high = (others[name].to_numpy(float) for name in ("difference", "low", "high"))
    reach = np.nan_to_num(np.stack([middle - low, high - middle]))
    ax.errorbar(middle, rows[1:], xerr=reach, fmt="o", color=COLOURS[0], ecolor="0.35", markersize=4, capsize=2)
    ax.axvline(0.0, color="0.35", linewidth=1)
    ax.plot(0.0, 0, "D", color=COLOURS[1], markersize=5)
    ax.set_xlabel("\n".join(textwrap.wrap(what, 34)))
    ax.set_title("Less the leader,\nmean and 95 %")


def _regret(ax: Any, found: Decision, rows: Any, unit: str) -> None:
    mean, most = found.policies["regret"], found.policies["largest_regret"]
    ax.hlines(rows, mean, most, color="0.6", linewidth=1.5)
    ax.plot(mean, rows, "o", color=COLOURS[0], markersize=5)
    ax.plot(most, rows, "|", color=COLOURS[1], markersize=11, markeredgewidth=2)
    ax.set_xlim(left=-0.03 * max(float(most.max()), 1e-9))
    ax.set(xlabel=f"behind the best of a world\n({unit})", title="Regret:\nmean (o), largest (|)")


def _objectives(ax: Any, found: Decision, objectives: list[str]) -> None:
    table = found.policies
    ax.set_title("Means over worlds, worst dark, best light;\n*: on the Pareto front")
    ax.grid(visible=False)
    if not objectives:
        ax.text(0.5, 0.5, "none was kept", ha="center", transform=ax.transAxes)
        ax.set_xticks([])
        return
    values = table[[o if o in table else "mean" for o in objectives]].to_numpy(float)
    good = values * [found.objectives[o] for o in objectives]
    apart = np.ptp(good, axis=0)
    shade = np.where(apart > 0, (good - good.min(0)) / np.where(apart > 0, apart, 1.0), 0.5)
    ax.pcolormesh(
        np.arange(len(objectives) + 1) - 0.5, np.arange(len(table) + 1) - 0.5, shade, vmin=0, vmax=1, cmap="cividis"
    )
    for row, is_front in enumerate(table["front"]):
        for k, value in enumerate(values[row]):
            colour = "black" if shade[row, k] > 0.55 else "white"
            ax.text(k, row, f"{value:.3g}", ha="center", va="center", color=colour, fontsize=8)
        if is_front:
            ax.annotate("*", (1.0, row), xycoords=("axes fraction", "data"), xytext=(3, 0), va="center",
                        textcoords="offset points", fontsize=12)  # fmt: skip
    heads = []
    for o in objectives:
        name, unit = words(o), axis(o).removeprefix(words(o)).strip()
        sign = "more" if found.objectives[o] > 0 else "less"
        heads.append("\n".join([*textwrap.wrap(name, NARROW), *textwrap.wrap(unit, NARROW), f"{sign} is better"]))
    ax.set_xticks(range(len(objectives)), heads, fontsize=7)
