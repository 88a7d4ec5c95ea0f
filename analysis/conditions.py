"""Where something is so: the two or three conditions on what varies that set the worlds in which it is so apart.

A box is sought by greedy subgroup discovery (Klösgen 1996; Lavrač, Flach & Zupan 1999): one condition after the other,
each a bound on one number, the one that raises the weighted relative accuracy of the worlds inside most: their share of
all worlds × (the share of them in which it is so - that of all worlds). Half of the worlds, drawn at random, are
searched. A condition is kept where the other half bears it out, and all figures are of that other half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from setback.model.parameters import ROWS

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
#: Conditions at most, worlds at least, worlds that are looked at at most, and the seed by which they are drawn.
MOST, FEW, MANY, SEED = 3, 40, 20_000, 20
#: Bounds are sought at these shares of the worlds.
CUTS = np.linspace(0.05, 0.95, 19)
#: A condition is kept where the worlds that it was not sought in would show as much by chance this rarely.
BY_CHANCE = 0.01


class Condition(NamedTuple):
    """One number within bounds, of which one may be open.

    Attributes:
        name: the number that varies.
        low, high: its bounds, infinite where they are open.
        least, most: what it is in all worlds.
    """

    name: str
    low: float
    high: float
    least: float
    most: float

    def holds(self, values: Array) -> Mask:
        """Whether it holds, value by value."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def __str__(self) -> str:
        lever = self.name.rpartition(".")[2]  # of an assumed number of a part, as curve.threat
        unit = f" {ROWS[lever].unit}" if lever in ROWS else ""
        if np.isinf(self.high):
            within = f"at least {self.low:.3g}"
        else:
            within = f"at most {self.high:.3g}" if np.isinf(self.low) else f"from {self.low:.3g} to {self.high:.3g}"
        return f"{self.name} is {within}{unit} (of {self.least:.3g} to {self.most:.3g})"


class Where(NamedTuple):
    """The worlds in which something is so, in the figures of the half that was not searched.

    Attributes:
        conditions: the conditions, the most telling one first; none where it is so nowhere or everywhere, or where
            none was borne out.
        share: the share of all worlds in which it is so.
        inside: the share of the worlds within the conditions in which it is so (their density), and
        outside: of those without; NaN where there is no condition.
        coverage: how many of the worlds in which it is so lie within the conditions, as a share.
        worlds: how many worlds were looked at.
    """

    conditions: tuple[Condition, ...]
    share: float
    inside: float = np.nan
    outside: float = np.nan
    coverage: float = np.nan
    worlds: int = 0

    def sentence(self, what: str) -> str:
        """Say it in words.

        Args:
            what: what is so, as in "curve is not best".
        """
        if self.share in (0.0, 1.0):
            return f"{what} in {'all' if self.share else 'none'} of {self.worlds:,} worlds."
        of = f"{what} in {percent(self.share)} of {self.worlds:,} worlds"
        if not self.conditions:
            few = f"fewer than {FEW} worlds do not say where" if self.worlds < FEW else "no condition sets them apart"
            return f"{of}; {few}."
        where = " and ".join(map(str, self.conditions))
        return (
            f"{of}, mostly where {where}: there in {percent(self.inside)}, elsewhere in "
            f"{percent(self.outside)}; {percent(self.coverage)} of these worlds lie there."
        )


def percent(share: float) -> str:
    """Give a share in per cent; what is not quite none or all is not called so.

    >>> percent(0.254), percent(0.001), percent(0.999), percent(1.0)
    ('25 %', 'under 1 %', 'over 99 %', '100 %')
    """
    if 0.0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1.0 else f"{100 * share:.0f} %"


def where(numbers: pd.DataFrame, is_so: Mask) -> Where:
    """Find the few conditions that set the worlds in which something is so apart.

    Args:
        numbers: (world, number) what varies.
        is_so: (world,) whether it is so.
    """
    share, count = float(np.mean(is_so)), len(is_so)
    if count < FEW or share in (0.0, 1.0):
        return Where((), share, worlds=count)
    drawn = np.random.default_rng(SEED).permutation(count)[:MANY]
    sought, told = np.sort(drawn[: len(drawn) // 2]), np.sort(drawn[len(drawn) // 2 :])
    table = {str(name): numbers[name].to_numpy(float) for name in numbers}
    candidates = [c for name, values in table.items() for c in _bounds(name, values, values[sought])]
    masks = {c: c.holds(table[c.name]) for c in candidates}
    found: list[Condition] = []
    within = np.ones(count, bool)
    while masks and len(found) < MOST:
        best = _best(masks, within, is_so, sought)
        if best is None or not _borne_out(within[told], masks[best][told], is_so[told]):
            break
        found.append(best)
        within = within & masks[best]
    inside, so = within[told], is_so[told]
    if not found:
        return Where((), share, worlds=count)
    return Where(
        _joined(found),
        share,
        float(so[inside].mean()),
        float(so[~inside].mean()) if (~inside).any() else np.nan,
        float(inside[so].mean()) if so.any() else np.nan,
        count,
    )


def _bounds(name: str, values: Array, sought: Array) -> list[Condition]:
    """Give the bounds that are tried, to three digits: a condition is judged as it is said."""
    least, most = float(values.min()), float(values.max())
    there = np.unique(sought)
    # between the values where they are few, as in a grid
    cuts = np.quantile(sought, CUTS) if len(there) > len(CUTS) else (there[1:] + there[:-1]) / 2
    rounded = [float(f"{cut:.3g}") for cut in cuts]
    ends = [(cut, np.inf) for cut in rounded] + [(-np.inf, cut) for cut in rounded]
    return list(dict.fromkeys(Condition(name, low, high, least, most) for low, high in ends))


def _best(masks: Mapping[Condition, Mask], within: Mask, is_so: Mask, sought: NDArray[np.int64]) -> Condition | None:
    """Give the condition that raises the weighted relative accuracy most; None where none does."""
    base = is_so[sought].mean()
    worth = np.where(within, is_so - base, 0.0)[sought]

    def gain(condition: Condition) -> float:
        return float(worth[masks[condition][sought]].sum())

    best = max(masks, key=gain)
    return best if gain(best) > worth.sum() + 1e-9 else None


def _borne_out(within: Mask, condition: Mask, is_so: Mask) -> bool:
    """Whether it is so more often where the condition holds than in the other worlds so far (Fisher's exact test)."""
    both = within & condition
    inside, so, kept = int(within.sum()), int((within & is_so).sum()), int(both.sum())
    return bool(stats.hypergeom.sf(int((both & is_so).sum()) - 1, inside, so, kept) < BY_CHANCE)


def _joined(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Say bounds on the same number as one condition."""
    joined: dict[str, Condition] = {}
    for one in conditions:
        was = joined.get(one.name, one)
        joined[one.name] = one._replace(low=max(one.low, was.low), high=min(one.high, was.high))
    return tuple(joined.values())
