"""Which measurement would tell one fitted model from another, and with how many classes.

Of each candidate two models predict a distribution: over the worlds of their posteriors, and over the classes that
happen to be measured. The measurement tells them apart where it rejects the model without what is looked for, at a
level alpha and on the side on which the other one lies, with the power that is asked for, were the other model true.
More classes take away the luck of classes alone: where the worlds of both models say the same, no number suffices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from setback.analysis.deconvolution import points, probabilities
from setback.analysis.power import check

Array = NDArray[np.float64]
#: Figures of measurements, and the standard deviation from class to class of each.
Measured = tuple[Array, Array]

#: The most classes that are tried; worlds in which a figure has to be known, of either model.
MOST, FEWEST = 10_000, 10
#: Points of less mass than this are left out.
NOTHING = 1e-6


class _Predicted(NamedTuple):
    """What a model predicts: where the true figure lies, with which probability, and the spread from class to class."""

    at: Array
    mass: Array
    of_class: float

    @classmethod
    def of(cls, figures: Array, of_class: float) -> _Predicted:
        """Read it from figures (world, 2), each in classes of its own: by how much the two differ is their error."""
        both = figures[np.isfinite(figures).all(1)]
        middle = both.mean(1)[:, None]
        errors = np.full((len(both), 1, 1), np.mean((both[:, 0] - both[:, 1]) ** 2) / 4.0)
        mass = probabilities(middle, errors).mean(0)
        kept = mass > NOTHING
        return cls(points(middle)[kept, 0], mass[kept] / mass[kept].sum(), float(of_class))

    @property
    def mean(self) -> float:
        """Give the mean over worlds."""
        return float(self.mass @ self.at)

    @property
    def sd(self) -> float:
        """Give the standard deviation over worlds."""
        return float(np.sqrt(self.mass @ (self.at - self.mean) ** 2))

    def below(self, value: float, classes: float) -> float:
        """Give the probability that what so many classes show lies below a value."""
        error = max(self.of_class / np.sqrt(classes), 1e-12)
        return float(self.mass @ stats.norm.cdf((value - self.at) / error))


def separation(
    names: Sequence[str], cycle: Measured, without: Measured, power: float = 0.8, alpha: float = 0.05, most: int = MOST
) -> pd.DataFrame:
    """Rank measurements by how few classes they need to tell two models apart.

    Args:
        names: of the measurements.
        cycle: of the model that is looked for, figures (measurement, world, 2), twice in different classes, and the
            standard deviation (measurement,) with which a single class would give them, NaN where none can.
        without: the same of the other model.
        power: the probability with which the other model is to be rejected where the first one is true.
        alpha: the level of that, half of it on the side on which the first model lies.
        most: classes that are tried at most.

    Returns:
        Indexed by ``name``, best first: ``cycle`` and ``without``, the means over worlds; ``cycle_sd`` and
        ``without_sd``, the spread over worlds; ``difference``, of the means, over the root mean square of both
        spreads; ``of_class``, the standard deviation from class to class; ``classes``, the fewest (in each arm) that
        suffice, NaN where the most do not; ``reached``, the power with the most. NaN where no class can show it, and
        all over where too few worlds give the figure.

    Raises:
        InputError: if power or alpha is none.
    """
    check(power, alpha)
    rows = []
    for k, name in enumerate(names):
        both = cycle[0][k], without[0][k]
        row: dict[str, float] = {}
        if min(int(np.isfinite(figures).all(1).sum()) for figures in both) >= FEWEST:
            one, other = (_Predicted.of(figures, sd[k]) for figures, sd in zip(both, (cycle[1], without[1])))
            row = _row(one, other, power, alpha, most)
        rows.append({"name": name, **dict.fromkeys(COLUMNS, np.nan), **row})
    table = pd.DataFrame(rows).set_index("name")
    order = table.assign(size=-table["difference"].abs()).sort_values(["classes", "size"], kind="stable").index
    return table.loc[order]


COLUMNS = ("cycle", "without", "cycle_sd", "without_sd", "difference", "of_class", "classes", "reached")


def _row(cycle: _Predicted, without: _Predicted, power: float, alpha: float, most: int) -> dict[str, float]:
    spread = np.sqrt((cycle.sd**2 + without.sd**2) / 2.0)
    apart = cycle.mean - without.mean
    row = {
        "cycle": cycle.mean, "without": without.mean, "cycle_sd": cycle.sd, "without_sd": without.sd,
        "difference": apart / spread if spread > 0.0 else np.nan, "of_class": max(cycle.of_class, without.of_class),
    }  # fmt: skip
    if not np.isfinite(row["of_class"]):
        return row
    reached, classes = _power(cycle, without, most, alpha), np.nan
    if reached >= power:
        low, high = 0, most
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _power(cycle, without, middle, alpha) >= power else (middle, high)
        classes = float(high)
    return {**row, "classes": classes, "reached": reached}


def _power(cycle: _Predicted, without: _Predicted, classes: float, alpha: float) -> float:
    """Give the probability that so many classes reject the one model where the other is true."""
    above = cycle.mean > without.mean
    level = 1.0 - alpha / 2.0 if above else alpha / 2.0
    reach = 10.0 * without.of_class / np.sqrt(classes) + 1e-9
    ends = float(without.at.min()) - reach, float(without.at.max()) + reach
    bound = optimize.brentq(lambda value: without.below(value, classes) - level, *ends)
    below = cycle.below(bound, classes)
    return 1.0 - below if above else below
