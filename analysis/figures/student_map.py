"""The picture of the map over students: a panel a policy, a cell a group of students, a colour a class of a failure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from setback.analysis.classes import CLASSES
from setback.analysis.estimate import FEW_TWINS
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.map import CLASS_COLOURS
from setback.analysis.figures.style import STYLE, symbols, words
from setback.analysis.student_map import StudentMap, plainly
from setback.experiments.twins.estimands import ESTIMANDS, HORIZON, TURNED

#: Panels beside one another where no rows are told apart, and groups along a side up to which cells hold text.
WIDE, LEGIBLE = 4, 4
#: The grouping that is turned round, so that what is hardest lies at the right, and what each side is called.
CHALLENGE = "knowledge"
SIDES = {
    CHALLENGE: "challenge: what students know at the start, from the best prepared (left) to the least (right)",
    "resilience": "resilience of students",
    "attribution_style": "how students read their results",
}
#: How much of its colour is left to a cell whose class is not sure, and on which colours text is white.
PALE, DARK = 0.32, 0.55


def student_map_figure(found: StudentMap, title: str, policies: pd.DataFrame | None = None) -> Figure:
    """Draw for which students, under which policy, a failure is learning, and for which it is failing.

    Args:
        found: the map, as `setback.analysis.student_map.student_map` gives it.
        title: says what was run.
        policies: the parts of the policies, as `Results.policies`; where these differ in grading and sequence alone
            there is a row a sequence and a column a grading, else panels follow one another.

    Returns:
        A panel a policy, with the first grouping along the foot, knowledge from high to low, and the second up the
        side; of a third grouping each cell has a strip a group, from the top down. A cell has the colour and the name
        of the class of its means, pale and with a question mark where that is not sure, and R_F and V_F.
    """
    rows, columns, at = _places(found, policies)
    x, y = (len(labels) for labels in found.labels[:2])
    strips = len(found.labels[2]) if len(found.labels) > 2 else 1
    # wide enough for two numbers in a cell, and high enough for a line of them under a name
    across, up = max(1.75, 0.78 * min(x, LEGIBLE)), max(1.6, 0.36 * min(y, LEGIBLE) * max(strips, 2))
    with mpl.rc_context(STYLE):
        wide, tall = max(11.0, 1.1 + across * len(columns)), (up + 0.35) * len(rows) + 0.6
        figure = Figure(figsize=(wide, tall + 2.1))
        figure.set_layout_engine("constrained", h_pad=0.04, w_pad=0.04)
        parts: Any = figure.subfigures(3, 1, height_ratios=[0.8, tall, 1.3])
        head, body, foot = parts
        axes = body.subplots(len(rows), len(columns), sharex=True, sharey=True, squeeze=False)
        for ax in axes.flat:
            ax.set_visible(False)
        for panel, (row, column) in enumerate(at):
            ax = axes[row, column]
            ax.set_visible(True)
            _panel(ax, found, panel)
            ax.tick_params(labelbottom=(row + 1, column) not in at)
            if rows != [""] and column == 0:
                ax.set_ylabel(rows[row], fontsize=10, fontweight="bold")
            name = columns[column] if rows != [""] else found.policies[panel].replace("+", " + ")
            if row == 0 or rows == [""] or (row - 1, column) not in at:
                ax.set_title("\n".join(textwrap.wrap(name, 30)), fontsize=10, fontweight="bold")
        body.supxlabel(_side(found.groupings[0]), fontsize=9)
        body.supylabel(_side(found.groupings[1]), fontsize=9)
        _head(head, found, title, int(13 * wide))
        _legend(foot, found)
    return figure


def _head(head: Any, found: StudentMap, title: str, letters: int) -> None:
    """Say what is asked, and what is seen."""
    asked = f"For which students is {TURNED[found.flip]} learning, and for which is it failing?"
    head.text(0.5, 0.92, asked, ha="center", va="top", fontsize=14, fontweight="bold")
    seen = (
        "Each panel is a policy, each cell a group of students. Its colour says what one failure did to them, on "
        f"average and in the model. {title}"
    )
    head.text(0.5, 0.48, textwrap.fill(seen.strip(), letters), ha="center", va="top", fontsize=9)


def _places(found: StudentMap, policies: pd.DataFrame | None) -> tuple[list[str], list[str], list[tuple[int, int]]]:
    """Give the names of rows and columns, no name of rows where there are none, and the place of each panel."""
    if policies is not None and {"grading", "sequence"} <= {*policies}:
        parts = policies.loc[list(found.policies)].astype(str)
        rest = parts.drop(columns=["grading", "sequence"])
        pairs = [*zip(parts["sequence"], parts["grading"])]
        rows, columns = list(dict.fromkeys(parts["sequence"])), list(dict.fromkeys(parts["grading"]))
        if len(rows) > 1 and len({*pairs}) == len(pairs) and (rest.nunique() <= 1).all():
            at = [(rows.index(row), columns.index(column)) for row, column in pairs]
            return [row.replace("-", " ") for row in rows], columns, at
    count = len(found.policies)
    wide = min(count, 3 if count in (3, 5, 6, 9) else WIDE)
    return [""] * -(-count // wide), [""] * wide, [divmod(k, wide) for k in range(count)]


def _panel(ax: Axes, found: StudentMap, panel: int) -> None:
    """Draw the cells of a policy."""
    labels = found.labels
    x, y = len(labels[0]), len(labels[1])
    strips = len(labels[2]) if len(labels) > 2 else 1
    shape = x, y, strips
    classes, sure = found.classes[panel].reshape(shape), found.is_sure[panel].reshape(shape)
    further, value = (means.mean[panel].reshape(shape) for means in (found.further, found.value))
    is_there = bool(found.twins[panel].any())
    for i, j, k in np.ndindex(shape) if is_there else ():
        left, low = _column(found, i), j + 1 - (k + 1) / strips
        colour = colour_of(int(classes[i, j, k]), bool(sure[i, j, k]))
        ax.add_patch(Rectangle((left, low), 1.0, 1.0 / strips, facecolor=colour, edgecolor="white", linewidth=0.8))
        if x <= LEGIBLE and y <= LEGIBLE:
            text = _text(int(classes[i, j, k]), bool(sure[i, j, k]), further[i, j, k], value[i, j, k])
            ax.text(left + 0.5, low + 0.5 / strips, text, ha="center", va="center", fontsize=6.2, linespacing=1.15,
                    color="0.55" if classes[i, j, k] < 0 else "white" if _is_dark(colour) else "0.1")  # fmt: skip
    if not is_there:
        ax.text(x / 2, y / 2, "no verdict,\nso nobody is failed" if found.flip in ("line", "label") else "no twins",
                ha="center", va="center", fontsize=9, color="0.35")  # fmt: skip
    for edge in range(1, x):
        ax.axvline(edge, color="white", linewidth=2.6)
    for edge in range(1, y):
        ax.axhline(edge, color="white", linewidth=2.6)
    ax.set(xlim=(0, x), ylim=(0, y))
    names = [words(plainly(found.groupings[0], label, labels[0])) for label in labels[0]]
    if found.groupings[0] == CHALLENGE:
        names.reverse()
    ax.set_xticks(np.arange(x) + 0.5, ["\n".join(textwrap.wrap(name, 12)) for name in names], fontsize=7.5)
    names = [words(plainly(found.groupings[1], label, labels[1])) for label in labels[1]]
    ax.set_yticks(np.arange(y) + 0.5, ["\n".join(textwrap.wrap(name, 9)) for name in names], fontsize=7.5)
    ax.tick_params(length=0)
    ax.grid(visible=False)


def _column(found: StudentMap, group: int) -> int:
    """Give the place along the foot of a group: the best prepared come first."""
    return len(found.labels[0]) - 1 - group if found.groupings[0] == CHALLENGE else group


def colour_of(kind: int, is_sure: bool) -> tuple[float, float, float]:
    """Give the colour of a class, paler where it is not sure; nearly white where there is none."""
    if kind < 0:
        return (0.96, 0.96, 0.96)
    colour = mpl.colors.to_rgb(CLASS_COLOURS[kind])
    red, green, blue = (1.0 - (1.0 if is_sure else PALE) * (1.0 - part) for part in colour)
    return red, green, blue


def _is_dark(colour: Sequence[float]) -> bool:
    return float(np.dot(colour[:3], (0.299, 0.587, 0.114))) < DARK


def _text(kind: int, is_sure: bool, further: float, value: float) -> str:
    if kind < 0:
        return "few"
    numbers = " | ".join(f"{round(number, 2) + 0.0:+.2f}" for number in (further, value)).replace("-", "−")
    return f"{CLASSES[kind]}{'' if is_sure else ' ?'}\n{numbers}"


def _side(name: str) -> str:
    return SIDES.get(name, words(name))


def _legend(foot: Any, found: StudentMap) -> None:
    """Say what colours, marks and numbers are: a cell to read them by, and what each class is."""
    failing, value = found.failing, ESTIMANDS[found.failing.value]
    key, side = foot.subplots(1, 2, width_ratios=[1.0, 2.9])
    for ax in (key, side):
        ax.set_axis_off()
    labels = found.labels[2] if len(found.labels) > 2 else ("",)
    for k, label in enumerate(labels):
        low = 1.0 - (k + 1) / len(labels)
        key.add_patch(Rectangle((0, low), 0.53, 1 / len(labels), facecolor="0.9", edgecolor="white", linewidth=1.5))
        key.text(0.265, low + 0.5 / len(labels), "class\nfurther failures | knowledge" if k == 0 else "the same",
                 ha="center", va="center", fontsize=6.2)  # fmt: skip
        if label:
            key.text(0.55, low + 0.5 / len(labels), plainly(found.groupings[2], label, labels), va="center", fontsize=8)
    key.set(xlim=(0, 1), ylim=(0, 1))
    when = "at the next unit test" if value.name.endswith("unit") else "at the end of the year"
    breeds, teaches = f"more than {failing.breeds:.2f}", f"by more than {failing.teaches:g} SD"
    said = (
        f"learning: it raises knowledge ({teaches}), without further failures",
        f"costly learning: it raises knowledge, with further failures ({breeds})",
        "harmless: neither",
        f"failing: further failures, or less knowledge ({teaches}), and no gain",
    )
    marks = [Patch(facecolor=colour_of(k, True), label=text) for k, text in enumerate(said)]
    unsure = "pale, with ?: not sure, as the 95 % intervals hold other classes"
    marks.append(Patch(facecolor=colour_of(CLASSES.index("failing"), False), label=unsure))
    few = f"few: fewer than {FEW_TWINS} failures to judge by"
    marks.append(Patch(facecolor=colour_of(-1, False), edgecolor="0.7", label=few))
    side.legend(handles=marks, loc="center left", ncols=2, frameon=False, fontsize=8, borderaxespad=0.0)
    foot.supxlabel(
        symbols(
            f"further failures: R_F({HORIZON}), those within nine weeks that one failure caused; "
            f"knowledge: V_F, what it did to conceptual knowledge {when} (SD)"
        ),
        fontsize=8,
    )
