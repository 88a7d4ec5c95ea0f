"""The figure of global sensitivities: which numbers decide an outcome, and which are not told from 0."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import matplotlib as mpl

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, axis, words
from setback.analysis.sensitivity import Sensitivity

#: Numbers that are drawn, those that decide most; the table has all.
ROWS = 15
#: What the measures say on an axis.
SAID = {
    "S1": "S1: by itself (share of the variance over worlds)",
    "ST": "ST: by itself and with others (share of the variance over worlds)",
    "mu_star": "μ*: how far it moves it over its range",
}


def sensitivity_figure(found: Sequence[Sensitivity], title: str) -> Figure:
    """Draw sensitivities with 95 % intervals, a panel each; what is not told from 0 is hollow and grey.

    Args:
        found: sensitivities of one study by one method, as of several policies.
        title: says what was run.
    """
    of_number = {row["number"]: 0.0 for row in found[0].table.to_dict("records")}
    measures = found[0].measures
    for one in found:
        for row in one.table.to_dict("records"):
            of_number[row["number"]] = max(of_number[row["number"]], row[measures[-1]])
    names = sorted(of_number, key=lambda name: -of_number[name])[:ROWS]
    with mpl.rc_context(STYLE):
        wide = min(4, len(found))
        tall = -(-len(found) // wide)
        height = 1.3 + 0.27 * len(names) * (1.3 if len(measures) > 1 else 1.0)
        figure = Figure(figsize=(2.6 + 2.7 * wide, tall * max(2.4, height)), layout="constrained")
        axes = figure.subplots(tall, wide, sharex=True, sharey=True, squeeze=False)
        for ax in axes.flat[len(found) :]:
            ax.set_visible(False)
        for ax, one in zip(axes.flat, found):
            table = one.table.set_index("number")
            ax.axvline(0.0, color="0.3", linewidth=1)
            for k, measure in enumerate(measures):
                aside = 0.22 * (k - (len(measures) - 1) / 2) * 2 if len(measures) > 1 else 0.0
                for place, name in enumerate(names):
                    value, low, high = (table.loc[name, f"{measure}{end}"] for end in ("", " low", " high"))
                    is_told = bool(table.loc[name, f"{measure} told"])
                    colour = COLOURS[k] if is_told else "0.6"
                    y = place + aside
                    ax.plot([low, high], [y, y], color=colour, linewidth=1.5, solid_capstyle="butt")
                    face = colour if is_told else "white"
                    ax.plot(value, y, MARKERS[k], color=colour, markerfacecolor=face, markersize=5)
            less = f" less {one.effect.against}" if one.effect.against else ""
            ax.set_title("\n".join(textwrap.wrap(f"{one.effect.policy}{less}".replace("+", " + "), 30)), fontsize=9)
            ax.set_yticks(range(len(names)), [words(name) for name in names])
            ax.set_ylim(len(names) - 0.5, -0.5)
            ax.grid(axis="y", visible=False)
        outcome = found[0].effect.outcome
        unit = f" ({found[0].effect.unit})" if measures == ("mu_star",) and found[0].limit is None else ""
        said = SAID[measures[-1]] + unit if len(measures) == 1 else "share of the variance over worlds"
        for ax in axes.flat[max(0, len(found) - wide) : len(found)]:  # the lowest of each column
            ax.tick_params(labelbottom=True)
        axes[-1, 0 if len(found) % wide else wide // 2].set_xlabel(said)
        marks = [
            mpl.lines.Line2D([], [], color=COLOURS[k], marker=MARKERS[k], label=SAID[name].partition(" (")[0])
            for k, name in enumerate(measures)
        ]
        marks.append(mpl.lines.Line2D([], [], color="0.6", marker=MARKERS[0], markerfacecolor="white",
                                      label="not told from 0"))  # fmt: skip
        figure.legend(handles=marks, loc="outside lower center", ncols=len(marks), frameon=False, fontsize=8)
        limit = f" {found[0].limit}" if found[0].limit else ""
        more = f"; {len(of_number) - len(names)} further numbers decide less" if len(of_number) > len(names) else ""
        of = f"{title}; what" if title else "What"
        said = f"{of} decides {axis(outcome)}{limit}; 95 % intervals; {found[0].method}{more}"
        figure.suptitle("\n".join(textwrap.wrap(said, 34 + 32 * wide)), fontsize=10)
    return figure
