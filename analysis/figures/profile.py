"""The profile of a year: what a teacher would see of it, and what goes on beneath, a row of panels a policy each."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib.ticker import MaxNLocator

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, axis
from setback.model.outcomes import EVENTS, STATES

#: The states of students from well to ill, from light to dark, with a hatch each so that print and eyes can tell.
STATE_COLOURS = dict(zip(STATES, ("#dceaf4", "#9ecae1", "#fdae6b", "#a6541c", "#404040")))
STATE_HATCHES = dict(zip(STATES, ("", "..", "//", "xx", "")))


#: What draws a panel of the frames of a profile.
Draw = Callable[[Any, Mapping[str, pd.DataFrame]], None]


class Panel(NamedTuple):
    """One small picture of a year: its title, the label of what runs along it, and what draws it."""

    title: str
    along: str
    draw: Draw


def profile_figure(profiles: Mapping[str, Mapping[str, pd.DataFrame]]) -> Figure:
    """Draw a year under some policies, a row each, in two blocks: what is seen of it, and what goes on beneath.

    Args:
        profiles: name of the policy -> what `setback.experiments.profile.profile` gives.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(13, 1.8 + 5.0 * len(profiles)), layout="constrained")
        axes = figure.subplots(2 * len(profiles), 4, squeeze=False)
        for panels, block in zip(BLOCKS, (axes[: len(profiles)], axes[len(profiles) :])):
            for k, (row, (name, frames)) in enumerate(zip(block, profiles.items()), 1):
                for ax, first, panel in zip(row, block[0], panels):
                    if ax is not first:
                        ax.sharex(first)
                        ax.sharey(first)
                    panel.draw(ax, frames)
                    ax.tick_params(labelbottom=k == len(block))
                row[0].set_ylabel(f"{textwrap.fill(name.replace('+', ' + '), 28)}\n{row[0].get_ylabel()}")
            for first, last, panel in zip(block[0], block[-1], panels):
                first.set_title(panel.title)
                last.set_xlabel(panel.along)
        for ax in axes[len(profiles)]:
            ax.legend(fontsize=8, loc="best", frameon=True, framealpha=0.8, edgecolor="none")
        events: dict[str, Any] = {}
        for ax in axes[: len(profiles), 3]:
            events |= dict(zip(*ax.get_legend_handles_labels()[::-1]))
        figure.legend(
            *axes[0, 2].get_legend_handles_labels(), loc="outside upper left", ncols=3, frameon=False, fontsize=8
        )
        figure.legend(events.values(), events.keys(), loc="outside upper right", ncols=2, frameon=False, fontsize=8)
    return figure


# ---- the panels ------------------------------------------------------------------------------------------------
def _scores(ax: Any, frames: Mapping[str, pd.DataFrame]) -> None:
    weeks = frames["weeks"]
    for low, high, alpha in (("q10", "q90", 0.2), ("q25", "q75", 0.35)):
        ax.fill_between(weeks["week"], weeks[low], weeks[high], color=COLOURS[0], alpha=alpha, linewidth=0)
    ax.plot(weeks["week"], weeks["q50"], color=COLOURS[0])
    ax.axhline(0.5, color="0.3", linewidth=1, linestyle=":")
    ax.set(ylim=(0, 1), ylabel=axis("score"))


def _failures(ax: Any, frames: Mapping[str, pd.DataFrame]) -> None:
    failures = frames["failures"]
    ax.bar(failures["failures"], 100 * failures["share"], width=1.0, color=COLOURS[0], edgecolor="white")
    ax.set_ylabel("students (%)")


def _states(ax: Any, frames: Mapping[str, pd.DataFrame]) -> None:
    weeks = frames["weeks"]
    ax.stackplot(
        weeks["week"], *(100 * weeks[state] for state in STATES), labels=STATES, linewidth=0,
        colors=[STATE_COLOURS[state] for state in STATES], hatch=[STATE_HATCHES[state] for state in STATES],
    )  # fmt: skip
    ax.set(ylim=(0, 100), ylabel="students (%)")


def _moves(ax: Any, frames: Mapping[str, pd.DataFrame]) -> None:
    for event, frame in frames["after"].groupby("event", sort=False):
        k = EVENTS.index(str(event))
        style = {"color": COLOURS[k], "marker": MARKERS[k % len(MARKERS)], "markersize": 3}
        ax.plot(frame["week"], frame["change"], label=EVENTS[k], **style)
    ax.axvline(0, color="0.3", linewidth=1, linestyle=":")
    ax.set_xticks(range(-3, 10, 3))
    ax.set_ylabel(f"change of\n{axis('expectancy')}")


def _belief(name: str) -> Draw:
    """Draw how many students believed what: the early week filled, the end of the year as a line."""

    def draw(ax: Any, frames: Mapping[str, pd.DataFrame]) -> None:
        looks = ({"fill": True, "alpha": 0.35, "color": COLOURS[0]}, {"color": COLOURS[3], "linewidth": 1.5})
        for look, (week, bands) in zip(looks, frames["beliefs"].groupby("week")):
            edges = [*bands["low"], 1.0]
            ax.stairs(100 * bands[name], edges, label=f"end of week {week}", **look)
        ax.set(xlim=(0, 1), ylabel="students still enrolled (%)")

    return draw


def _curves(frame: str, along: str, labels: Mapping[str, str], label: str, times: float) -> Draw:
    """Draw two curves, told apart by colour and mark."""

    def draw(ax: Any, frames: Mapping[str, pd.DataFrame]) -> None:
        for k, (name, text) in enumerate(labels.items()):
            style = {"color": COLOURS[3 * k], "marker": MARKERS[k], "markersize": 3, "markevery": 3}
            ax.plot(frames[frame][along], times * frames[frame][name], label=text, **style)
        ax.axhline(0, color="0.3", linewidth=1, linestyle=":")
        ax.set(ylim=(-0.1 * times, times), ylabel=label)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))

    return draw


#: The panels of a row, in two blocks.
BLOCKS = (
    (
        Panel("Scores handed in: median, middle half, 80 %", "week\n(dotted: the criterion)", _scores),
        Panel("Failed weeks (ii) per student", "failed weeks", _failures),
        Panel("State of the students", "week", _states),
        Panel("Expectancy around a week", "weeks since that week\n(no twins: who fails differs anyway)", _moves),
    ),
    (
        Panel("Expectancy: how many students", axis("expectancy"), _belief("expectancy")),
        Panel("Control: how many students", axis("control"), _belief("control")),
        Panel(
            "How alike are the weeks of a student?", "weeks apart",
            _curves("lags", "lag", {"scores": "scores", "handing_in": "handing in"}, "correlation", 1.0),
        ),
        Panel(
            "What opening knowledge explains", "week",
            _curves(
                "explained", "week", {"scores": "of scores handed in", "knowledge": "of knowledge at the test"},
                "variance explained (%)", 100.0,
            ),
        ),
    ),
)  # fmt: skip
