"""The four classes of what a failure does: learning, costly learning, harmless, failing.

A failure *teaches* where its learning value V_F lies above the mark of prediction P3. It *costs* where the further
failures that it causes, R_F(9), lie above the mark of K1, or V_F lies below the mark of P3 on the other side. Teaching
without cost is *learning*, with it *costly learning*; cost alone is *failing*, neither is *harmless*. The marks were
fixed before any verdict (docs/claims.md). V_F is taken at the next unit test or at the end of the year; the two can
differ in sign, so both are always printed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from setback.analysis import by_world
from setback.analysis.by_world import Effect
from setback.analysis.load import Results
from setback.experiments.predictions.predictions import PREDICTIONS

CLASSES = ("learning", "costly learning", "harmless", "failing")
#: Estimands of the learning value of a failure, by when it is looked at.
VALUES = {"unit": "V_F_unit", "year": "V_F_year"}


class Failing(NamedTuple):
    """By which effects of a failure classes are told, and from where on an effect counts.

    Attributes:
        further, value: the estimands: further failures, and learning value.
        breeds: further failures above this cost (failures).
        teaches: a learning value above this teaches, and one below it on the other side costs (SD).
    """

    further: str
    value: str
    breeds: float
    teaches: float

    @classmethod
    def at(cls, when: str = "unit") -> Failing:
        """Give that of the next unit test, ``unit``, or of the end of the year, ``year``; marks are K1's and P3's."""
        [further], [value] = PREDICTIONS["K1"].marks, PREDICTIONS[f"P3 criterion {when}"].marks
        return cls("R_F", VALUES[when], further.delta, value.delta)


def classify(further: ArrayLike, value: ArrayLike, failing: Failing) -> NDArray[np.int64]:
    """Give the class of each failure, or of each world: a place in `CLASSES`, -1 where an effect is not known.

    >>> [CLASSES[k] for k in classify([0.0, 0.3, 0.0, 0.3], [0.1, 0.1, 0.0, 0.0], Failing.at())]
    ['learning', 'costly learning', 'harmless', 'failing']

    Args:
        further: R_F, further failures that one failure caused.
        value: V_F (SD).
        failing: the marks.
    """
    r, v = np.asarray(further, float), np.asarray(value, float)
    teaches = v > failing.teaches
    costs = (r > failing.breeds) | (v < -failing.teaches)
    found = np.where(teaches, np.where(costs, 1, 0), np.where(costs, 3, 2))
    return np.where(np.isnan(r) | np.isnan(v), -1, found)


def of_worlds(results: Results, failing: Failing, policy: str) -> pd.Series:
    """Give the class of a failure under a policy by world, a place in `CLASSES`; worlds of no known class are left out.

    Each world is judged by its own estimates: where these come from few twins, luck moves worlds between classes.
    """
    r, v = (by_world.of_worlds(results, Effect(name, policy)) for name in (failing.further, failing.value))
    both = pd.DataFrame({"r": r, "v": v})
    found = pd.Series(classify(both["r"], both["v"], failing), both.index)
    return found[found >= 0]
