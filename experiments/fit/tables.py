"""A fit to a grade book as two tables: its facts beside those of both models, and the numbers that were fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from setback.experiments.fit.gradebook import Fit
from setback.experiments.gradebook.facts import FACTS

if TYPE_CHECKING:
    import pandas as pd


def facts_table(fit: Fit) -> pd.DataFrame:
    """Give a row for each fact: the book's value, interval and tolerance, and each model's best with its range.

    The range is over the searches that fit about as well; a distance is in tolerances.
    """
    import pandas as pd

    rows = []
    for name, target in fit.plan.targets.items():
        one = fit.plan.facts[name]
        row = {
            "fact": name, "title": FACTS[name].title, "unit": FACTS[name].unit, "value": one.value, "low": one.low,
            "high": one.high, "tolerance_low": target.low, "tolerance_high": target.high, "n": one.n,
        }  # fmt: skip
        for null in reversed(fit.plan.nulls):
            best = fit.best(null.name).figures[name]
            near = pd.Series([search.figures[name] for search in fit.near(null.name)], dtype=float)
            row |= {
                null.name: best, f"{null.name}_lowest": near.min(), f"{null.name}_highest": near.max(),
                f"{null.name}_distance": target.distance(best),
            }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def numbers_table(fit: Fit) -> pd.DataFrame:
    """Give a row for each number: its range in the table of parameters, and where the searches for each model ended."""
    import pandas as pd

    rows = []
    for name in fit.plan.nulls[-1].free:
        known = fit.plan.model.table.by_name[name]
        row = {"number": name, "unit": known.unit, "low": known.low, "default": known.default, "high": known.high}
        for null in reversed(fit.plan.nulls):
            if name in null.free:
                lowest, highest = fit.range_of(null.name, name)
                best = fit.best(null.name).numbers[name]
                row |= {
                    null.name: best, f"{null.name}_lowest": lowest, f"{null.name}_highest": highest,
                    f"{null.name}_agrees": fit.is_told(null.name, name),
                }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)
