"""The figure of a scenario discovery: the trade-off of coverage and density, the limits, and what was looked at."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from setback.analysis.discovery import CHANCE, FEW_VALUES, SEEN, Discovery
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE, axis, words

#: Worlds that are drawn at most: what a person can still tell apart.
DRAWN = 1500
CASE, OTHER, BOX = COLOURS[3], COLOURS[0], "0.15"


def discovery_figure(found: Discovery, worlds: pd.DataFrame, cases: ArrayLike, title: str) -> Figure:
    """Draw what scenario discovery found.

    Args:
        found: what `setback.analysis.discovery.discover` gives, of these
        worlds: one row a world, or a failure or another unit, one column a number, and
        cases: (row,) whether it is a case.
        title: says what a case is.

    Returns:
        Three panels: coverage and density of every box of the peeling, in the half of the worlds that knows nothing of
        the search; the limits of the box that was taken, each over the range of its number; the worlds over the two
        numbers that matter most, with the box. Values that many share are spread a little.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11.5, 4.4), layout="constrained")
        trade_off, limits, scatter = figure.subplots(1, 3, width_ratios=(1.0, 0.95, 1.1))
        _trade_off(trade_off, found)
        _limits(limits, found, worlds)
        _scatter(scatter, found, worlds, np.asarray(cases, bool))
        figure.suptitle("\n".join(textwrap.wrap(title, 120)), fontsize=10)
    return figure


def _trade_off(ax: Axes, found: Discovery) -> None:
    rows = found.trade_off
    marks = ax.scatter(
        rows["coverage"], rows["density"], c=rows["numbers"], cmap="cividis", vmin=0, s=26, zorder=3, linewidths=0
    )
    ax.plot(rows["coverage"], rows["density"], color="0.75", linewidth=0.8, zorder=2)
    ax.plot(found.fit.coverage, found.fit.density, "*", color=CASE, markersize=15, zorder=4, label="box that was taken")
    ax.axhline(found.base, color="0.35", linewidth=1, linestyle=":", label=f"all {found.things}")
    ax.set(
        xlabel="coverage (share of cases)",
        ylabel=f"density (share of the {found.things} in the box)",
        title="trade-off",
    )
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.06))
    ax.legend(loc="lower left", fontsize=7)
    ticks = np.arange(int(rows["numbers"].max()) + 1)
    ax.figure.colorbar(marks, ax=ax, label="numbers with limits", ticks=ticks[:: max(1, len(ticks) // 6)], shrink=0.7)


def _limits(ax: Axes, found: Discovery, worlds: pd.DataFrame) -> None:
    """Draw each condition as a bar over the range of its number, from the top; a pale one is not told from chance."""
    for k, one in enumerate(found.conditions):
        values = worlds[one.name]
        least, wide = float(values.min()), float(values.max() - values.min())
        low, high = (float(np.clip((end - least) / wide, 0.0, 1.0)) for end in (one.low, one.high))
        ax.barh(k, 1.0, color="0.9", height=0.28)
        colour = CASE if one.p <= CHANCE else "0.6"
        ax.barh(k, high - low, left=low, color=colour, height=0.28)
        ax.text(0.0, k - 0.2, _axis(one.name, found), fontsize=8, va="bottom", fontweight="bold")
        if one.labels:
            ax.text(0.5, k + 0.19, str(one), ha="center", va="top", fontsize=8)
        for at, value, side in ((0.0, least, "left"), (1.0, least + wide, "right")) if not one.labels else ():
            ax.text(at, k + 0.19, f"{value:.3g}", ha=side, va="top", fontsize=7, color="0.4")
        for at, value in ((low, one.low), (high, one.high)) if not one.labels else ():
            if np.isfinite(value):
                ax.text(at, k + 0.19, f"{value:.3g}", ha="center", va="top", fontsize=8)
        p = f"p = {one.p:.2g}" if one.p >= 0.001 else "p < .001"
        ax.text(1.0, k + 0.33, f"{p}; density without it {one.density:.2f}", ha="right", va="top", fontsize=7)
    if not found.conditions:
        ax.text(0.5, 0.5, "no number has a limit", ha="center", va="center", transform=ax.transAxes, color="0.4")
    ax.set(title="where it holds", xlim=(-0.03, 1.03), ylim=(max(2, len(found.conditions)) - 0.3, -0.7))
    ax.set_axis_off()
    ax.title.set_visible(True)


def _scatter(ax: Axes, found: Discovery, worlds: pd.DataFrame, cases: np.ndarray) -> None:
    names = [one.name for one in found.conditions[:2]]
    names += [name for name in found.names if name not in names][: 2 - len(names)]
    some = np.random.default_rng(0).permutation(len(cases))[:DRAWN]
    columns = [worlds[name].to_numpy(float)[some] for name in names]
    x, y = (*columns, np.random.default_rng(1).random(len(some)))[:2]
    is_case, spread = cases[some], [_spread(values, seed) for seed, values in enumerate((x, y))]
    others = f"other {found.things}"
    for chosen, colour, marker, label in ((~is_case, OTHER, "o", others), (is_case, CASE, "^", "cases")):
        ax.scatter(
            spread[0][chosen],
            spread[1][chosen],
            s=9,
            color=colour,
            marker=marker,
            alpha=0.55,
            linewidths=0,
            label=label,
            zorder=2,
        )
    ends = {one.name: (one.low, one.high) for one in found.conditions}
    sides = []
    for name, values in zip(names, spread):
        low, high = ends.get(name, (-np.inf, np.inf))
        spare = 0.02 * float(np.ptp(values))
        sides.append((max(low, float(values.min()) - spare), min(high, float(values.max()) + spare)))
    while len(sides) < 2:
        sides.append((-0.02, 1.02))
    (left, right), (bottom, top) = sides
    ax.add_patch(
        Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=BOX, linewidth=2, zorder=3)
    )
    axes = [_axis(name, found) for name in names]
    ax.set(xlabel=axes[0], ylabel=axes[1] if len(names) > 1 else "", title=f"the {found.things}, and the box")
    for side, name in zip((ax.xaxis, ax.yaxis), names):
        if of := found.labels.get(name):
            side.set_ticks(range(len(of)), ["\n".join(textwrap.wrap(label, 12)) for label in of])
    ax.grid(visible=False)
    rest = [words(one.name) for one in found.conditions[2:]]
    heading = f"also limited: {', '.join(rest)}" if rest else None
    below = -0.22 if names[0] in found.labels else -0.14
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, below), ncols=2, fontsize=7, title=heading, title_fontsize=7,
              frameon=False, markerscale=1.8)  # fmt: skip


def _axis(name: str, found: Discovery) -> str:
    """Give the label of a number, whose unit its own table says unless it is seen of a failure alone."""
    return words(name) if name in found.labels else axis(name, SEEN[name]) if name in SEEN else axis(name)


def _spread(values: np.ndarray, seed: int) -> np.ndarray:
    """Move values of which there are few by less than a third of a step, so that many can be seen."""
    few = np.unique(values)
    if not 1 < len(few) <= FEW_VALUES:
        return values
    return values + np.random.default_rng(seed + 2).uniform(-0.3, 0.3, len(values)) * float(np.diff(few).min())
