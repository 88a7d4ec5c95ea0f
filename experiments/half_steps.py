"""The length of a step is tried: every rate divided over two half-steps, the assessment still once per week.

``python -m setback.experiments.half_steps`` prints the outcomes of a year in whole and in half steps; the docs say what
it printed (docs/time.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from setback.experiments.simulate import simulate
from setback.model.equations import attribution, feelings, pacing, practice
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import ROWS, TABLE, Parameters
from setback.model.week import MODEL, Model

if TYPE_CHECKING:
    import pandas as pd

#: What is done twice, in this order. Instruction is not, and nor is feedback on the week's work, which is like it: both
#: are linear in their rates, or nearly, and belong to what the week has once. An attempt and its error happen once too.
UPDATES = (
    attribution.drift_of_style,
    feelings.update_expectancy,
    feelings.update_control,
    feelings.take_to_heart,
    feelings.hurt_in_private,
    feelings.update_affect,
    feelings.update_reserve,
    feelings.update_interest,
    feelings.grow_curious,
)
TWICE = (pacing.open_unit, practice.practise, *UPDATES)
#: Rates per week of what is done once, or of how late something comes.
ONCE = (
    "drift_memory", "drift_slow_memory", "diligence_memory", "history_memory", "dropout_level", "dropout_outside",
    "mindset_control", "models_control", "instruction_conceptual",
    "instruction_procedural", "feedback_gain", "delay_cost",
)  # fmt: skip
#: Rates that are halved: forgetting, practice and every state's; a failure, and an error, hurts in two halves.
HALVED = (
    *(row.name for row in TABLE if "per week" in row.unit and row.kind == "mechanism" and row.name not in ONCE),
    "affect_rise",
    "private_hurt_size",
)


def in_half_steps() -> Model:
    """Give the phases with every update of a state done twice."""
    week = []
    updates = [one for one in MODEL.week if one.by in UPDATES]
    for one in MODEL.week:
        if one.by is UPDATES[-1]:
            week += [one, *updates]  # the first round is done, and the second follows as a whole
        elif one.by in TWICE and one.by not in UPDATES:
            week += [one, one]
        else:
            week.append(one)
    return MODEL.replace(week=tuple(week))


def compare(rooms: int = 200, seed: int = 0, policy: str = "reference") -> pd.DataFrame:
    """Compare the outcomes of a year in whole steps and in half-steps.

    Args:
        rooms: how many synthetic classes.
        seed: the seed.
        policy: the policy.

    Returns:
        One row per outcome: unit, whole, half, their difference, and the spread (SD) between students.
    """
    import pandas as pd

    halves = Parameters({name: ROWS[name].default / 2.0 for name in HALVED})
    whole = simulate(policy, rooms=rooms, seed=seed).per_student()
    half = simulate(policy, halves, rooms=rooms, seed=seed, model=in_half_steps()).per_student()
    rows = {
        name: {
            "unit": outcome.unit,
            "whole": whole[name].mean(),
            "half": half[name].mean(),
            "difference": half[name].mean() - whole[name].mean(),
            "sd": whole[name].std(),
        }
        for name, outcome in OUTCOMES.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")


if __name__ == "__main__":
    for name in ("reference", "high-pressure", "low-pressure-mastery"):
        print(f"\n{name}\n{compare(policy=name).round(3).to_string()}")
