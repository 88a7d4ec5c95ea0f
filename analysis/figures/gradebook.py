"""The facts of one or two grade books: small pictures of how often students fail, stop and come back."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE
from setback.experiments.gradebook.facts import FACTS, FAILED_UP_TO, Measured

#: What is shown comes from so many observations at least.
FEW = 10


class Panel(NamedTuple):
    """One small picture.

    Attributes:
        title: what it shows.
        facts: names of facts -> their labels.
        label: the label of the axis of values, with its unit.
        steps: what the facts are steps of, where they are drawn as a curve; "" where each stands alone.
        percent: values are shares, shown in percent.
    """

    title: str
    facts: Mapping[str, str]
    label: str
    steps: str = ""
    percent: bool = True


def _steps(prefix: str, last: str = "") -> dict[str, str]:
    """Facts of one family, labelled by what follows its name."""
    names = [name for name in FACTS if name.startswith(prefix) and name.removeprefix(prefix)[:1].isdigit()]
    labels = {name: name.removeprefix(prefix).replace("_", "–").removeprefix("0") for name in names}
    return {name: f"{label}{last * (name == names[-1])}" for name, label in labels.items()}


PANELS = (
    Panel(
        "How often?",
        {"fail": "failed\n(of handed in)", "missing": "not handed in", "fail_or_missing": "either"},
        "tasks of those enrolled (%)",
    ),
    Panel("Who stops? By the score", _steps("stop_"), "stop at the next task (%)", "score (% of the maximum)"),
    Panel(
        "Who stops, who leaves?",
        {
            "stop_after_pass": "stops\nafter a pass", "stop_after_fail": "stops\nafter a fail",
            "leave_after_pass": "leaves\nafter a pass", "leave_after_fail": "leaves\nafter a fail",
        },
        "students with such a score (%)",
    ),
    Panel(
        "What comes next?",
        {
            "fail_after_pass": "pass,\nthen fail", "fail_after_fail": "fail,\nthen fail",
            "missing_after_pass": "pass, then\nmissing", "missing_after_fail": "fail, then\nmissing",
            "missing_after_missing": "missing\nagain",
        },
        "next tasks (%)",
    ),
    Panel("Who comes back?", _steps("recovery_", "+"), "pass the next task (%)", "failures in a row"),
    Panel(
        "Who fails how much?",
        {f"failing_{up_to}": f"to {up_to}" if up_to else "none" for up_to in FAILED_UP_TO},
        "students (%)", "failed or not handed in, of the student's tasks (%)",
    ),
    Panel("How alike are a student's scores?", _steps("autocorrelation_"), "correlation", "tasks apart", False),
    Panel("How alike is handing in?", _steps("handing_in_"), "correlation", "tasks apart", False),
    Panel("What does the first score say?", _steps("explained_"), "variance of scores explained (%)", "task"),
    Panel(
        "Do failures fall on a few?",
        {
            "rho_fail_or_missing": "failed or\nnot handed in", "rho_missing": "not handed in",
            "class_icc": "between\nclasses",
        },
        "correlation within students, or classes\n(0 = by chance)", percent=False,
    ),
    Panel(
        "Does failing follow failing?",
        {"persistence": "as it was", "persistence_by_chance": "in random\norder"},
        "log odds ratio\n(no proof of a cycle)", percent=False,
    ),
    Panel(
        "Does the verdict itself make students stop?",
        {"jump": "at the\npass mark", "jump_placebo": "10 points\nabove (placebo)"},
        "stop just below, less just above\n(% points)",
    ),
)  # fmt: skip


def gradebook_figure(books: Mapping[str, Sequence[Measured]]) -> Figure:
    """Draw the facts of grade books, points with 95 % intervals; what a book cannot speak to is left out.

    Args:
        books: label of each book -> its facts; two at most are told apart well.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(13, 13))
        figure.set_layout_engine("constrained", hspace=0.06)
        axes = figure.subplots(4, 3).ravel()
        handles: dict[str, Any] = {}
        for ax, panel in zip(axes, PANELS):
            _draw(ax, panel, books)
            handles |= dict(zip(*ax.get_legend_handles_labels()[::-1]))
        figure.legend(
            handles.values(), [textwrap.shorten(label, 90) for label in handles],
            loc="outside upper center", ncols=2, frameon=False, fontsize=10,
        )  # fmt: skip
        said = f"Lines: 95 % intervals. Left out: what is not known of a book, or from fewer than {FEW} observations."
        figure.supxlabel(said, fontsize=9, color="0.3")
    return figure


def _draw(ax: Any, panel: Panel, books: Mapping[str, Sequence[Measured]]) -> None:
    """Draw one panel: a curve over steps, or a point for each fact."""
    places = np.arange(len(panel.facts))
    drawn = False
    for k, (label, facts) in enumerate(books.items()):
        found = {fact.name: fact for fact in facts}
        rows = np.array([_line(found.get(name)) for name in panel.facts]) * (100.0 if panel.percent else 1.0)
        value, low, high = rows.T
        known = np.isfinite(value)
        drawn |= bool(known.any())
        aside = (k - (len(books) - 1) / 2) * (0.1 if panel.steps else 0.22)
        reach = np.nan_to_num(np.stack([value - low, high - value]).clip(0))
        style = {"color": COLOURS[k], "marker": MARKERS[k], "markersize": 5, "capsize": 2.5, "linewidth": 1.2}
        ax.errorbar(
            (places + aside)[known], value[known], reach[:, known], label=label,
            linestyle="-" if panel.steps else "none", **style,
        )  # fmt: skip
    ax.set_title(panel.title)
    ax.set_ylabel(panel.label)
    ax.set_xlabel(panel.steps)
    ax.set_xticks(places, [*panel.facts.values()])
    ax.set_xlim(-0.5, len(places) - 0.5)
    ax.grid(axis="x", visible=False)
    if not drawn:
        ax.set_yticks([])
        ax.text(0.5, 0.5, "not known of these books", transform=ax.transAxes, ha="center", color="0.4")
        return
    low, high = ax.get_ylim()
    if panel is not PANELS[-1] and (low >= 0 or panel.percent):
        ax.set_ylim(-0.03 * high, 1.03 * high)  # what lies at the ends is seen whole
    else:
        ax.axhline(0, color="0.3", linewidth=1, linestyle=":")


def _line(fact: Measured | None) -> Iterable[float]:
    """Give value and ends of a fact; NaN where it is not there, or from too few."""
    return (np.nan, np.nan, np.nan) if fact is None or fact.n < FEW else (fact.value, fact.low, fact.high)
