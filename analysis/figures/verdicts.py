"""The figure of the verdicts: a row a prediction, a column a policy, a colour what became of it, a number how sure."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE
from setback.analysis.verdicts import BUILT_IN, REFUTED, SUPPORTED, UNDECIDED
from setback.experiments.predictions.cross import CROSS, HIGH, REFERENCE
from setback.experiments.predictions.predictions import PREDICTIONS

#: What each verdict is filled with; that which is built in is hatched as well.
FILLS = {SUPPORTED: COLOURS[0], REFUTED: COLOURS[1], UNDECIDED: "0.88", BUILT_IN: "white"}
#: What stands at the head of the columns.
HEADS = {
    REFERENCE.name: "reference",
    **{
        policy.name: f"{policy.parts['grading']}, {'high' if policy['stakes'] == HIGH else 'low'} pressure\n"
        f"{'problem' if policy['problem_first'] else 'instruction'} first"
        for policy in CROSS
    },
}  # fmt: skip


def verdicts_figure(found: pd.DataFrame) -> Figure:
    """Draw the verdicts, with the share of the worlds (in %) in which each prediction holds.

    Args:
        found: what `setback.analysis.verdicts.verdicts` gives.
    """
    names = list(dict.fromkeys(found["prediction"]))
    policies = [policy for policy in HEADS if (found["policy"] == policy).any()]
    policies += [policy for policy in dict.fromkeys(found["policy"]) if policy not in policies]
    table = found.set_index(["prediction", "policy"])
    with mpl.rc_context({**STYLE, "hatch.linewidth": 0.6}):
        figure = Figure(figsize=(4.6 + 0.56 * len(policies), 2.4 + 0.3 * len(names)), layout="constrained")
        ax = figure.subplots()
        for y, name in enumerate(names):
            for x, policy in enumerate(policies):
                if (name, policy) not in table.index:
                    continue
                row = table.loc[(name, policy)]
                hatch = "////" if row["verdict"] == BUILT_IN else None
                ax.add_patch(
                    mpl.patches.Rectangle(
                        (x - 0.48, y - 0.46), 0.96, 0.92, facecolor=FILLS[str(row["verdict"])], edgecolor="0.75",
                        linewidth=0.6, hatch=hatch,
                    )
                )  # fmt: skip
                if pd.notna(row["holds"]) and row["verdict"] != BUILT_IN:
                    dark = row["verdict"] in (SUPPORTED, REFUTED)
                    ax.text(x, y, f"{100 * float(row['holds']):.0f}", ha="center", va="center", fontsize=8,
                            color="white" if dark else "black")  # fmt: skip
        heads = [HEADS.get(policy, textwrap.fill(policy, 24)) for policy in policies]
        ax.set_xticks(np.arange(len(policies)), heads, rotation=50, ha="left", rotation_mode="anchor")
        ax.set_yticks(np.arange(len(names)), [textwrap.fill(f"{name}: {PREDICTIONS[name].says}", 64) for name in names])
        ax.xaxis.tick_top()
        ax.set(xlim=(-0.6, len(policies) - 0.4), ylim=(len(names) - 0.4, -0.6))
        ax.grid(visible=False)
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)
        if policies and policies[0] == REFERENCE.name and len(policies) > 1:
            ax.axvline(0.5, color="black", linewidth=0.8)
        handles = [
            Patch(facecolor=FILLS[word], edgecolor="0.6", label=word, hatch="////" if word == BUILT_IN else None)
            for word in (SUPPORTED, UNDECIDED, REFUTED, BUILT_IN)
        ]
        figure.legend(handles=handles, loc="outside lower right", ncols=4, frameon=False)
        figure.suptitle(
            "Share of the worlds, fitted with a cycle, in which each prediction holds, in %\n"
            "(near 100 or 0 and yet undecided: worlds fitted without one say otherwise, and the evidence fits both)",
            fontsize=11, x=0.02, ha="left",
        )  # fmt: skip
    return figure
