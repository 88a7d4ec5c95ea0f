"""The profile of a year: what a teacher would see of it, a row of panels a policy."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, axis
from setback.model.outcomes import EVENTS, STATES

#: The states of students from well to ill, from light to dark, with a hatch each so that print and eyes can tell.
STATE_COLOURS = dict(zip(STATES, ("#dceaf4", "#9ecae1", "#fdae6b", "#a6541c", "#404040")))
STATE_HATCHES = dict(zip(STATES, ("", "..", "//", "xx", "")))


def profile_figure(profiles: Mapping[str, Mapping[str, pd.DataFrame]]) -> Figure:
    """Draw a year under some policies, a row each: scores, failures, states, expectancy after each kind of week.

    Args:
        profiles: name of the policy -> what `setback.experiments.profile.profile` gives.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(13, 1.1 + 2.5 * len(profiles)), layout="constrained")
        axes = figure.subplots(len(profiles), 4, squeeze=False, sharex="col", sharey="col")
        for row, (name, frames) in zip(axes, profiles.items()):
            weeks, failures, after = frames["weeks"], frames["failures"], frames["after"]
            scores, counts, shares, moves = row
            for low, high, alpha in (("q10", "q90", 0.2), ("q25", "q75", 0.35)):
                scores.fill_between(weeks["week"], weeks[low], weeks[high], color=COLOURS[0], alpha=alpha, linewidth=0)
            scores.plot(weeks["week"], weeks["q50"], color=COLOURS[0])
            scores.axhline(0.5, color="0.3", linewidth=1, linestyle=":")
            scores.set(ylim=(0, 1), ylabel=f"{textwrap.fill(name.replace('+', ' + '), 28)}\n{axis('score')}")
            counts.bar(failures["failures"], 100 * failures["share"], width=1.0, color=COLOURS[0], edgecolor="white")
            counts.set_ylabel("students (%)")
            shares.stackplot(
                weeks["week"], *(100 * weeks[state] for state in STATES), labels=STATES, linewidth=0,
                colors=[STATE_COLOURS[state] for state in STATES], hatch=[STATE_HATCHES[state] for state in STATES],
            )  # fmt: skip
            shares.set(ylim=(0, 100), ylabel="students (%)")
            for event, frame in after.groupby("event", sort=False):
                k = EVENTS.index(str(event))
                style = {"color": COLOURS[k], "marker": MARKERS[k % len(MARKERS)], "markersize": 3}
                moves.plot(frame["week"], frame["change"], label=EVENTS[k], **style)
            moves.axvline(0, color="0.3", linewidth=1, linestyle=":")
            moves.set_ylabel(f"change of\n{axis('expectancy')}")
        titles = (
            "Scores handed in: median, middle half, 80 %", "Failed weeks (ii) per student", "State of the students",
            "Expectancy around a week",
        )  # fmt: skip
        for ax, title in zip(axes[0], titles):
            ax.set_title(title)
        for ax, label in zip(
            axes[-1],
            (
                "week\n(dotted: the criterion)",
                "failed weeks",
                "week",
                "weeks since that week\n(no twins: who fails differs anyway)",
            ),
        ):
            ax.set_xlabel(label)
        axes[0, 3].set_xticks(range(-3, 10, 3))
        events: dict[str, Any] = {}
        for ax in axes[:, 3]:
            events |= dict(zip(*ax.get_legend_handles_labels()[::-1]))
        figure.legend(*axes[0, 2].get_legend_handles_labels(), loc="outside lower left", ncols=5, frameon=False)
        figure.legend(events.values(), events.keys(), loc="outside upper right", ncols=5, frameon=False, fontsize=8)
    return figure
