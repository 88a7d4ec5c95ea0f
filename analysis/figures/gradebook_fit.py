"""A fit to a grade book: every fact with its interval, beside it both models at their best; and the fitted numbers."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE, words

#: How each model is drawn: colour, marker and what it is called.
MODELS = {"cycle": (COLOURS[1], "o", "fit with a cycle"), "no-cycle": (COLOURS[0], "D", "fit without a cycle")}
#: Units of facts, each with a panel of its own: the label of its axis, and by how much values are multiplied.
UNITS = {
    "share": ("share (%)", 100.0),
    "difference of shares": ("difference of shares (% points)", 100.0),
    "correlation": ("correlation (0 = by chance)", 1.0),
    "log odds ratio": ("log odds ratio (0 = no persistence)", 1.0),
}


def gradebook_fit_figure(facts: pd.DataFrame, numbers: pd.DataFrame, title: str = "") -> Figure:
    """Draw a row for each fact, the book's value with its interval and both fits; and a row for each fitted number.

    Args:
        facts: what `setback.experiments.fit.tables.facts_table` gives.
        numbers: what `setback.experiments.fit.tables.numbers_table` gives.
        title: what stands above.
    """
    parts = [(label, by, facts[facts["unit"] == unit]) for unit, (label, by) in UNITS.items()]
    groups = [part for part in parts if len(part[2])]
    lines = max(len(facts) + 2.4 * len(groups), len(numbers) + 3.0)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(14.0, 1.2 + 0.33 * lines), layout="constrained")
        sides: Any = figure.subfigures(1, 2, width_ratios=(1.0, 0.85))
        left, right = sides
        panels = left.subplots(len(groups), 1, height_ratios=[len(rows) + 1.0 for _, _, rows in groups], squeeze=False)
        for ax, (label, by, rows) in zip(panels[:, 0], groups):
            _facts(ax, rows, label, by)
        panels[0, 0].set_title("The facts: the book and both fits, on fresh classes")
        _numbers(right.subplots(), numbers)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=4, frameon=False, fontsize=9)
        figure.suptitle("\n".join(textwrap.fill(line, 150) for line in title.splitlines()), fontsize=11)
    return figure


def _legend() -> list[Any]:
    """Say what is what."""
    line = mpl.lines.Line2D
    return [
        line([], [], color="black", marker="|", markersize=11, markeredgewidth=2.0, linewidth=1.6,
             label="the book, 95 % interval (right: the default)"),
        mpl.patches.Patch(color="0.88", label="its tolerance in the fit"),
        *(line([], [], color=colour, marker=marker, label=f"{says}: the best, and searches about as good")
          for colour, marker, says in MODELS.values()),
    ]  # fmt: skip


def _facts(ax: Any, rows: pd.DataFrame, label: str, by: float) -> None:
    """A row a fact: interval and value of the book, tolerance in grey, and the fits beneath one another."""
    for k, row in enumerate(rows.iloc[::-1].to_dict("records")):
        ax.barh(
            k,
            by * (row["tolerance_high"] - row["tolerance_low"]),
            left=by * row["tolerance_low"],
            height=0.8,
            color="0.88",
        )
        ax.plot([by * row["low"], by * row["high"]], [k, k], color="black", linewidth=1.6)
        ax.plot(by * row["value"], k, "|", color="black", markersize=11, markeredgewidth=2.0)
        for name, aside in (("cycle", 0.2), ("no-cycle", -0.2)):
            colour, marker, _ = MODELS[name]
            ends = by * np.array([row[f"{name}_lowest"], row[f"{name}_highest"]])
            ax.plot(ends, [k + aside] * 2, color=colour, linewidth=1.4)
            ax.plot(by * row[name], k + aside, marker, color=colour, markersize=6)
    ax.use_sticky_edges = False
    ax.margins(x=0.04)
    titles = [textwrap.fill(str(title), 46) for title in rows["title"].iloc[::-1]]
    ax.set_yticks(range(len(rows)), titles)
    ax.set(ylim=(-0.6, len(rows) - 0.4), xlabel=label)
    ax.grid(visible=False, axis="y")


def _numbers(ax: Any, numbers: pd.DataFrame) -> None:
    """A row a number: where searches that fit about as well ended, as a share of its range; the default as a stroke."""
    for k, row in enumerate(numbers.iloc[::-1].to_dict("records")):
        low, high = row["low"], row["high"]
        ax.plot((row["default"] - low) / (high - low), k, "|", color="black", markersize=11, markeredgewidth=2.0)
        for name, aside in (("cycle", 0.18), ("no-cycle", -0.18)):
            ends = np.array([row[f"{name}_lowest"], row[name], row[f"{name}_highest"]], float)
            if np.isnan(ends).any():
                continue
            colour, marker, _ = MODELS[name]
            shares = (ends - low) / (high - low)
            ax.plot(shares[[0, 2]], [k + aside] * 2, color=colour, linewidth=2.2, solid_capstyle="butt")
            ax.plot(shares[1], k + aside, marker, color=colour, markersize=5)
        ax.text(1.03, k, f"{low:g} to {high:g}", va="center", fontsize=7.5, color="0.3")
    names = [f"{words(str(row.number))} ({row.unit})" for row in numbers.iloc[::-1].itertuples()]
    ax.set_yticks(range(len(numbers)), names, fontsize=8)
    ax.set(
        xlim=(-0.02, 1.02), ylim=(-0.6, len(numbers) - 0.4),
        xlabel="place within the range of the number (range at right)",
        title="The fitted numbers: where searches that fit about as well ended",
    )  # fmt: skip
    ax.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["lowest", "¼", "½", "¾", "highest"])
    ax.grid(visible=False, axis="y")
