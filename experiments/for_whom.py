"""For whom: what a student's own resilience, attribution style and challenge go with, under every named policy.

``python -m setback.experiments.for_whom`` prints, for each policy, what one SD of each goes with (within classes, the
others and what else a student began with held): the signs that the theories speak of.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from setback.experiments.simulate import simulate
from setback.model.policies import PARTS, PRESETS

if TYPE_CHECKING:
    import pandas as pd

#: What a student began the year with, in standard scores; challenge is what prior knowledge lacks.
OWN = ("resilience", "attribution_style", "challenge")
HELD = ("learning_rate", "goal_orientation", "perfectionism")
SHOWN = ("learning", "unit_test", "below_criterion_rate", "helpless", "helpless_or_stopped", "dropout")


def slopes(policies: Sequence[str], rooms: int = 400, seed: int = 0, engine: str = "vectorised") -> pd.DataFrame:
    """Give one row a policy, outcome and trait: the change of the outcome per SD of the trait, with its interval.

    Args:
        policies: policies, or their texts.
        rooms: how many synthetic classes.
        seed: the seed.
        engine: a name of `setback.model.engines.registry.ENGINES`.
    """
    import pandas as pd

    from setback.analysis.slopes import within

    rows = []
    for policy in policies:
        frame = simulate(policy, rooms=rooms, seed=seed, engine=engine).per_student()
        frame = frame.assign(
            resilience=frame["resilience_score"],
            attribution_style=frame["attribution_style_score"],
            challenge=-frame["knowledge_score"],
        )
        for outcome in SHOWN:
            found = within(frame, outcome, [*OWN, *HELD])
            rows += [{"policy": policy, "outcome": outcome, "trait": t, **found[t]._asdict()} for t in OWN]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rooms", type=int, default=400)
    asked.add_argument("policies", nargs="*", default=[*PARTS, *PRESETS])
    told = asked.parse_args()
    table = slopes(told.policies, told.rooms)
    for trait in OWN:
        mine = table[table["trait"] == trait]
        text = mine.assign(slope=[f"{v:+.3f} ({low:+.3f} to {high:+.3f})" for v, low, high in
                                  zip(mine["value"], mine["low"], mine["high"])])  # fmt: skip
        print(f"\none SD of {trait}\n{text.pivot(index='policy', columns='outcome', values='slope').to_string()}")
