"""The figures: colours that everybody can tell apart, axes with units, intervals wherever there is luck."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from numpy.typing import NDArray

from setback.analysis.figure import Figure
from setback.analysis.load import Results
from setback.model.errors import InputError
from setback.model.outcomes import EVENTS, OUTCOMES, STATES
from setback.model.parameters import ROWS
from setback.model.state import SLOTS
from setback.model.writing import check, written

#: Okabe & Ito's colours, told apart by everybody; the sequence policies and the two sides of a contrast.
COLOURS = sns.color_palette("colorblind")
STYLE: Any = {**sns.axes_style("whitegrid"), "axes.titlesize": 10, "axes.labelsize": 9, "font.size": 9}
MARKERS = "osD^v"
#: Share of twins with another verdict of the policy from which a mark is filled.
MOSTLY = 0.5


def check_picture(path: Path) -> str:
    """Give the kind of a picture, before it is drawn.

    Raises:
        InputError: its name ends with no kind that there is, or it cannot be written there.
    """
    if path.suffix not in (".png", ".pdf", ".svg"):
        raise InputError(f"a picture is drawn to .png, .pdf or .svg; {path.name} is none of them")
    check(path)
    return path.suffix[1:]


def save(figure: Figure, path: Path, key: str = "") -> None:
    """Save a figure; a PNG carries the hash of its study in its metadata, and none carries a time.

    Raises:
        InputError: a picture cannot be written there.
        StopError: the disk is full.
    """
    kind = check_picture(path)
    named = {"Software": "setback", "Description": f"setback results {key}"} if key else {}
    metadata: dict[str, dict[str, Any]] = {"png": named, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with written(path) as file:
        figure.savefig(file, format=kind, dpi=150, metadata=metadata[kind])


def claims_figure(entries: Sequence[Mapping[str, Any]], title: str) -> Figure:
    """The two claims, policy by policy: does a failure breed failures, and does it teach?

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
        for row, (estimand, label) in enumerate(
            (
                ("R_F", "$R_F(9)$: further failures in nine weeks\nthat one failure caused"),
                ("V_F_unit", "$V_F$: what one failure did to conceptual\nknowledge at the next unit test (SD)"),
            )
        ):
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
            axes[row, len(gradings) // 2].set_xlabel(label)
        marks = [
            mpl.lines.Line2D([], [], color=COLOURS[k], marker=MARKERS[k % len(MARKERS)], linestyle="", label=name)
            for k, name in enumerate(sequences)
        ]
        seldom = "hollow: the policy's own verdict changed in fewer than half of the twins"
        hollow = mpl.lines.Line2D([], [], color="0.3", marker="o", linestyle="", markerfacecolor="white", label=seldom)
        figure.legend(handles=[*marks, hollow], loc="outside lower center", ncols=len(sequences) + 1, frameon=False)
        figure.suptitle(title, fontsize=11)
    return figure


def worlds_figure(
    edges: Sequence[NDArray[np.float64]], means: NDArray[np.float64], loaded: Results, outcome: str, title: str
) -> Figure:
    """The map of an outcome over what varies, policy by policy.

    Args:
        edges: of the cells along each number, and
        means: over the worlds in them (policy, cell, cell), as `setback.analysis.worlds.grid` gives them.
        loaded: the results.
        outcome: the outcome.
        title: says what was run.

    Returns:
        One panel a policy on one scale of colours, cells of the first two numbers that vary; or one line a policy
        where a single number varies.
    """
    names = [varied["name"] for varied in loaded.study["worlds"]["ranges"]]
    labels = [f"{name.replace('_', ' ')} ({ROWS[name].unit})" if name in ROWS else name for name in names[:2]]
    policies, what = list(loaded.policies.index), f"{outcome.replace('_', ' ')} ({OUTCOMES[outcome].unit})"
    with mpl.rc_context(STYLE):
        if len(edges) == 1:
            figure = Figure(figsize=(7.5, 4.5), layout="constrained")
            ax = figure.subplots()
            for k, (policy, row) in enumerate(zip(policies, means)):
                middle = (edges[0][1:] + edges[0][:-1]) / 2
                style = {"color": COLOURS[k % len(COLOURS)], "marker": MARKERS[k % len(MARKERS)], "markersize": 4}
                ax.plot(middle, row, label=policy, **style)
            ax.set(xlabel=labels[0], ylabel=what)
            figure.legend(loc="outside right upper", frameon=False)
        else:
            wide = min(4, len(policies))
            tall = -(-len(policies) // wide)
            size = (max(6.0, 2.6 * wide + 1.2), max(3.6, 2.3 * tall + 1.2))
            figure = Figure(figsize=size, layout="constrained")
            axes = figure.subplots(tall, wide, sharex=True, sharey=True, squeeze=False)
            low, high = np.nanmin(means), np.nanmax(means)
            for ax, policy, cells in zip(axes.flat, policies, means):
                mesh = ax.pcolormesh(edges[0], edges[1], cells.T, vmin=low, vmax=high, cmap="cividis")
                ax.set_title("\n".join(textwrap.wrap(policy.replace("+", " + "), 30)), fontsize=8)
                ax.grid(visible=False)
            for ax in axes.flat[len(policies) :]:
                ax.set_visible(False)
            figure.supxlabel(labels[0], fontsize=9)
            figure.supylabel(labels[1], fontsize=9)
            figure.colorbar(mesh, ax=axes, label=what, shrink=0.8)
        more = f"; means over {', '.join(n.replace('_', ' ') for n in names[2:])}" if len(names) > 2 else ""
        more += "; white: no world" if len(edges) > 1 and np.isnan(means).any() else ""
        figure.suptitle("\n".join(textwrap.wrap(title + more, 90)), fontsize=10)
    return figure


def _line(entry: Mapping[str, Any]) -> str:
    """What tells policies apart beside grading and sequence."""
    words = [word for word in entry["policy"].split("+") if word not in (entry["grading"], entry["sequence"])]
    return "+".join(words) or str(entry["pacing"])


def _interval(ax: Axes, estimate: Mapping[str, Any], y: float, colour: Any, marker: str, filled: bool) -> None:
    if estimate["value"] is None:
        return
    if estimate["low"] is not None:
        ax.plot([estimate["low"], estimate["high"]], [y, y], color=colour, linewidth=1.5, solid_capstyle="butt")
    ax.plot(estimate["value"], y, marker, color=colour, markersize=4.5, markerfacecolor=colour if filled else "white")


#: The states of students from well to ill, from light to dark, with a hatch each so that print and eyes can tell.
STATE_COLOURS = dict(zip(STATES, ("#dceaf4", "#9ecae1", "#fdae6b", "#a6541c", "#404040")))
STATE_HATCHES = dict(zip(STATES, ("", "..", "//", "xx", "")))


def profile_figure(profiles: Mapping[str, Mapping[str, pd.DataFrame]]) -> Figure:
    """A year under some policies, a row each: scores, failures a student, states, expectancy after each kind of week.

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
            scores.set(ylim=(0, 1), ylabel=f"{name}\nscore (share)")
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
            moves.set_ylabel("change of expectancy\n(probability)")
        titles = (
            "Scores handed in: median, middle half, 80 %", "Failed weeks (ii) a student", "State of the students",
            "Expectancy around a week",
        )  # fmt: skip
        for ax, title in zip(axes[0], titles):
            ax.set_title(title)
        for ax, label in zip(
            axes[-1], ("week", "failed weeks", "week", "weeks since that week\n(no twins: who fails differs anyway)")
        ):
            ax.set_xlabel(label)
        axes[0, 3].set_xticks(range(-3, 10, 3))
        events: dict[str, Any] = {}
        for ax in axes[:, 3]:
            events |= dict(zip(*ax.get_legend_handles_labels()[::-1]))
        first = figure.legend(*axes[0, 2].get_legend_handles_labels(), loc="outside lower left", ncols=5, frameon=False)
        figure.add_artist(first)
        figure.legend(events.values(), events.keys(), loc="outside upper right", ncols=5, frameon=False, fontsize=8)
    return figure


#: What an ablation draws, with its label.
ABLATED: Mapping[str, str] = {
    "R_F": "$R_F(9)$ (failures)",
    "Lambda_F": r"$\Lambda_F(9)$ (logit)",
    "V_F": "$V_F$, a failed test (SD)",
    "V_F (practice)": "$V_F$, an error at practice (SD)",
}


def ablation_figure(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """The effects of a failure with each mechanism and group off: one panel an estimand, one row a thing off.

    Args:
        tables: estimand -> what `setback.analysis.ablation.table` gives.
    """
    with mpl.rc_context(STYLE):
        height = 1.6 + 0.2 * max(len(table) for table in tables.values())
        figure = Figure(figsize=(3.1 * len(tables) + 1.4, height), layout="constrained")
        axes = figure.subplots(1, len(tables), squeeze=False)[0]
        for ax, (name, table) in zip(axes, tables.items()):
            reach = float(table.abs().max().max())
            reach = reach if reach > 0.0 else 1.0  # nothing but 0, or nothing known
            sns.heatmap(
                table, ax=ax, cmap="PuOr_r", vmin=-reach, vmax=reach, annot=True, fmt=".2f",
                annot_kws={"fontsize": 6}, cbar=False, linewidths=0.3, yticklabels=ax is axes[0] and list(table.index),
            )  # fmt: skip
            ax.set(xlabel="", ylabel="switched off" if ax is axes[0] else "", title=ABLATED[name])
            ax.tick_params(axis="x", rotation=90, labelsize=7)
            ax.tick_params(axis="y", labelsize=7)
        figure.suptitle("What a failure causes when a mechanism, or a whole group, is switched off", fontsize=11)
    return figure


#: What a contrast draws, with its label and unit.
CURVES: Mapping[str, str] = {
    "below_criterion": "failing (share of the class)",
    "effort": "effort (share)",
    "expectancy": "success expectancy (probability)",
    "control": "perceived control (share)",
    "affect": "shame and anxiety (points)",
    "enrolled": "still enrolled (share)",
}


def contrast_figure(first: pd.DataFrame, second: pd.DataFrame, name: str, other: str) -> Figure:
    """A year under two policies: the mean over classes, and the middle half of the classes.

    Args:
        first: one row a room and week under the first policy.
        second: the same rooms under the second.
        name: the first policy.
        other: the second policy.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 5.2), layout="constrained")
        axes = figure.subplots(2, 3, sharex=True)
        for ax, (slot, label) in zip(axes.flat, CURVES.items()):
            for k, frame in enumerate((first, second)):
                weeks = frame.groupby("week")[slot]
                middle, low, high = weeks.mean(), weeks.quantile(0.25), weeks.quantile(0.75)
                ax.fill_between(middle.index, low, high, color=COLOURS[k], alpha=0.2, linewidth=0)
                ax.plot(middle.index, middle, color=COLOURS[k], linestyle=("-", "--")[k], label=(name, other)[k])
            ax.set_title(label)
        for ax in axes[1]:
            ax.set_xlabel("week")
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
        figure.suptitle("The same classes under two policies: mean, and the middle half of the classes", fontsize=11)
    return figure


def classroom_figure(frame: pd.DataFrame, title: str) -> Figure:
    """One class, week by week: every student a thin line, the class mean a thick one.

    Args:
        frame: what the classroom's data collector holds, indexed by step and agent.
        title: says which class it is.
    """
    slots = [name for name in ("score", "effort", "expectancy", "control", "affect", "conceptual") if name in frame]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 5.2), layout="constrained")
        axes = figure.subplots(2, 3, sharex=True)
        for ax, slot in zip(axes.flat, slots):
            values = frame[slot].unstack()
            ax.plot(values.index, values, color="0.6", linewidth=0.6, alpha=0.6)
            ax.plot(values.index, values.mean(axis=1), color=COLOURS[0], linewidth=2)
            ax.set_title(f"{SLOTS[slot].name.replace('_', ' ')} ({SLOTS[slot].unit})")
        for ax in axes[1]:
            ax.set_xlabel("week")
        figure.suptitle(f"{title}: every student thin, their mean thick", fontsize=11)
    return figure
