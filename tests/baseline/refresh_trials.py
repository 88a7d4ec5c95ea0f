"""Write the table of trials anew, after numbers moved on purpose: ``python tests/baseline/refresh_trials.py``.

It takes some five minutes of a processor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from setback.analysis.power import plan
from setback.analysis.trials_needed import OUTCOMES, POLICIES, TABLE
from setback.experiments.planning import classes as planning

#: Worlds of the fit, and classes of each, as `setback power` takes them.
WORLDS, CLASSES = 200, 64


def needed(
    policies: Sequence[tuple[str, str]] = POLICIES,
    outcomes: Sequence[str] = OUTCOMES,
    worlds: int = WORLDS,
    classes: int = CLASSES,
    progress: Callable[[int], None] = lambda steps: None,
) -> pd.DataFrame:
    """Plan trials, one row a pair of policies and an outcome.

    Args:
        policies: those of the two arms of each trial.
        outcomes: names of `setback.model.outcomes.OUTCOMES`.
        worlds: draws of the fit that ships.
        classes: of each world.
        progress: called with the worlds done since it was called last, twice as many as are drawn for each row.

    Returns:
        As `setback.analysis.trials_needed.reference` gives it.
    """
    rows = []
    for first, second in policies:
        for outcome in outcomes:
            study = planning.plan((first, second), outcome, planning.POSTERIOR, worlds, classes)
            found = plan(*planning.classes(study, progress), name=outcome, progress=progress)
            effect = found.standardised
            rows.append(
                {"first": first, "second": second, "outcome": outcome, "classes": found.classes,
                 "unadjusted": found.unadjusted, "students": found.students, "low": found.at["low"],
                 "effect": effect.mean, "effect_low": effect.low, "effect_high": effect.high, "above": found.above}
            )  # fmt: skip
    return pd.DataFrame(rows).astype({"classes": float, "unadjusted": float, "students": float})


if __name__ == "__main__":
    path = Path(__file__).parents[2] / "experiments" / "planning" / TABLE
    path.write_text(needed().to_csv(index=False, lineterminator="\n", float_format="%.6g"), encoding="utf-8")
