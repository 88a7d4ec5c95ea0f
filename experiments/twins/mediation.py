"""Mediation: through which receivers a failure does what it does, as exact Shapley values.

What is heard in the week of the outcome reaches a student through six receivers, each with copies of its own. In 2^6
worlds each of them is told what the failed or what the passed year was told in that week, and in that week alone; all
else is the failed year. The Shapley value of a receiver is what being told of the failure adds, averaged over all
orders in which the six may be told; it is exact, and the six, with what reaches the student past them, add up to the
whole. First in, before all others, and last in, after them, are apart where receivers work together.

States through which an effect passes (expectancy, control, affect) are frozen at the passed year for the nine weeks;
what is gone then passes through them. They follow one from another, so these shares overlap and are not added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.twins.estimands import ESTIMANDS, HORIZON, Estimand
from setback.experiments.twins.pairs import Beside, Hold, Pairs
from setback.model.outcomes import NORMS

Array = NDArray[np.float64]

#: The receivers, and the copies that each reads: the verdict, what it is taken for, and the grade. That a failing grade
#: was told which a retake repaired later is read by affect alone.
RECEIVERS: Mapping[str, tuple[str, ...]] = {
    "attribution": ("heard_attribution",),
    "expectancy": ("heard_expectancy", "grade_expectancy"),
    "affect": ("heard_affect", "grade_affect", "failing_grade_told"),
    "control": ("heard_control",),
    "learning": ("heard_learning", "grade_learning"),
    "peers": ("heard_peers", "grade_peers"),
}
#: What each is called where people read it.
CALLED: Mapping[str, str] = {
    "attribution": "attribution (causes and style)",
    "expectancy": "expectancy error",
    "affect": "affect and threat",
    "control": "control",
    "learning": "learning activity",
    "peers": "peers and comparison",
}
#: The states that an effect may pass through.
STATES = ("expectancy", "control", "affect")
#: The effects that are taken apart.
OF = ("R_F", "Lambda_F", "V_F_unit")
_COPIES = tuple(dict.fromkeys(slot for slots in RECEIVERS.values() for slot in slots))


class Part(NamedTuple):
    """One figure of a mediation.

    Attributes:
        estimand: the effect, a name of `OF`.
        kind: ``whole``; ``share``, ``first`` or ``last`` of a receiver; ``past`` all receivers; ``through`` a state.
        of: the receiver or the state; empty for the whole and for what is past all.
    """

    estimand: str
    kind: str
    of: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, ("mediation", *self)))

    @classmethod
    def read(cls, figure: str) -> Part | None:
        """Read a figure of a table of rows; None where it is of no mediation."""
        first, *rest = figure.split(" ")
        return cls(*rest) if first == "mediation" else None


#: Every figure, in the order of a table.
PARTS = tuple(
    Part(estimand, *part)
    for estimand in OF
    for part in (
        ("whole", ""),
        *((kind, receiver) for receiver in RECEIVERS for kind in ("share", "first", "last")),
        ("past", ""),
        *(("through", state) for state in STATES),
    )
)


def shapley(values: Array) -> Array:
    """Give exact Shapley values (Shapley 1953), (n, …).

    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0]))  # 1 of the first, 2 of the second, and 2 more of both
    array([2., 3.])

    Args:
        values: (2^n, …) the value of every coalition; number k has those members whose bit in k is 1.
    """
    n = (len(values) - 1).bit_length()
    sizes = np.array([number.bit_count() for number in range(len(values))])
    weight = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    found = []
    for member in range(n):
        without = np.array([number for number in range(len(values)) if not number >> member & 1])
        added = values[without | 1 << member] - values[without]
        found.append(np.tensordot(weight[sizes[without]], added, 1))
    return np.stack(found)


def taken_apart(pairs: Pairs) -> dict[str, Array]:
    """Give every part of every effect, twin by twin, (N,): fail minus pass; NaN where one of the 64 is not known.

    Not known where the pace depends on results: weeks of the two are not of one unit there.
    """
    names, everybody = tuple(RECEIVERS), 2 ** len(RECEIVERS) - 1
    told_passed = [
        Hold([slot for k, name in enumerate(names) if not told >> k & 1 for slot in RECEIVERS[name]], 0, 0)
        for told in range(everybody)
    ]
    years = pairs.again([*told_passed, *(Hold([state], 0, HORIZON) for state in STATES)])
    found = np.stack([*(_effects(pairs._replace(failed=failed)) for failed in years), _effects(pairs)])
    values, left = found[[*range(everybody), -1]], found[everybody:-1]  # (coalition, estimand, N), (state, …)
    unknown = ~(np.isfinite(values).all(0) & np.isfinite(left).all(0) & pairs.calendar)
    values[:, unknown] = left[:, unknown] = np.nan
    shares, said = shapley(values), dict[str, Array]()
    for e, estimand in enumerate(OF):
        nobody, whole = values[0, e], values[everybody, e]
        said[str(Part(estimand, "whole"))] = whole
        said[str(Part(estimand, "past"))] = nobody
        for k, name in enumerate(names):
            said[str(Part(estimand, "share", name))] = shares[k, e]
            said[str(Part(estimand, "first", name))] = values[1 << k, e] - nobody
            said[str(Part(estimand, "last", name))] = whole - values[everybody & ~(1 << k), e]
        for k, state in enumerate(STATES):
            said[str(Part(estimand, "through", state))] = whole - left[k, e]
    return said


def _effects(pairs: Pairs) -> Array:
    """Give the effects that are taken apart, (estimand, N)."""
    return np.stack([_sum(pairs, ESTIMANDS[name]) for name in OF])


def _sum(pairs: Pairs, row: Estimand) -> Array:
    norm = NORMS[row.scale] if row.scale else 1.0
    return np.asarray(np.sum(row.effect(pairs, row), axis=0) / norm)


#: What twins are asked for.
MEDIATION = Beside((*_COPIES, *STATES), tuple(map(str, PARTS)), taken_apart)
