"""Scenario discovery: the few conditions under which an outcome lies beyond a limit, or a failure is of a class.

PRIM, the patient rule induction method (Friedman & Fisher 1999, doi:10.1023/A:1008894516817), as scenario discovery
uses it (Bryant & Lempert 2010, doi:10.1016/j.techfore.2009.08.002). It looks for a *box*, limits of a few numbers, in
which most worlds are *cases*. *Density* is the share of the worlds in the box that are cases, *coverage* the share of
all cases that lie in the box; a smaller box has more of the one and less of the other.

- *Peeling* takes away 5 % of the worlds of the box at a time, at the end of the number where the density gains most per
  world taken away; so nothing is cut off in haste. Each step is a box of the trade-off.
- *Pasting* gives back what was cut off too much.
- A limit is kept only if the density of the box is beyond what chance makes of the box without that limit: the
  quasi-p-value of Bryant & Lempert, a binomial test. At most three numbers are kept.
- The box that is taken is the one in which coverage and density are best together: their harmonic mean, the density
  counted from that of all worlds, so that a box of everything counts for nothing.

The box is found in one half of the worlds and judged in the other, which knows nothing of the search: coverage, density
and p are those of that half. Worlds that are the same lie in the same half. Numbers with limits need not be causes;
those that go with another number in the worlds (as in a posterior) can stand for it.

Instead of worlds it can be failures or students, each a case or none (`setback.analysis.units`). These are not
independent of one another: those of one world share its numbers, those of one class each other. So the two halves share
neither worlds nor classes, what has its world in the one and its class in the other is in neither, and p is the larger
of the binomial one and that of the difference in density with worlds and classes as draws (`setback.analysis.crossed`).

The method is written here, as the packages that have it bring the whole of a workbench with them (ema_workbench), or
are kept no longer (prim). `Results.to_ema` hands the worlds to the workbench.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from setback.analysis.crossed import difference
from setback.analysis.student_map import HALVES
from setback.model.errors import InputError
from setback.model.parameters import ROWS

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
#: The share of the worlds of a box that a step takes away, and the share of all that a box holds at least.
PEELED, LEAST = 0.05, 0.05
#: Numbers with limits at most, and the quasi-p-value above which a limit goes.
MOST, CHANCE = 3, 0.05
#: Worlds that it takes, and how many of them have to be cases and no cases.
WORLDS, CASES = 100, 20
#: What a person can look up or decide, of the kinds of numbers: what students bring, and what a policy sets.
MEASURED = ("student", "policy")
#: What is seen of a failure, with its unit (`setback.analysis.units`).
SEEN: Mapping[str, str] = {"challenge": "logit", "distance_below_the_line": "SD", "week": ""}
#: Numbers that have so few values can say the same as another one.
FEW_VALUES = 12
#: What rows share.
DRAWS = ("world", "draw")


class Box(NamedTuple):
    """Limits of some numbers: a world lies inside if it does for each; no limit is an infinite one.

    Attributes:
        low, high: (number,) the limits; they lie inside.
    """

    low: Array
    high: Array

    @classmethod
    def all(cls, numbers: int) -> Box:
        """Give the box without limits."""
        return cls(np.full(numbers, -np.inf), np.full(numbers, np.inf))

    @property
    def limited(self) -> NDArray[np.int64]:
        """The numbers that have a limit."""
        return np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))

    def inside(self, x: Array) -> Mask:
        """Say which worlds lie inside, of a table (world, number)."""
        return np.asarray(((x >= self.low) & (x <= self.high)).all(1))

    def moved(self, number: int, low: float | None = None, high: float | None = None) -> Box:
        """Give the box with other limits of one number."""
        lows, highs = self.low.copy(), self.high.copy()
        lows[number] = lows[number] if low is None else low
        highs[number] = highs[number] if high is None else high
        return Box(lows, highs)

    def without(self, number: int) -> Box:
        """Give the box without limits of one number."""
        return self.moved(number, -np.inf, np.inf)


class Fit(NamedTuple):
    """How a box does: the share of the cases that it holds, the share of it that are cases, the share of worlds."""

    coverage: float
    density: float
    support: float

    @property
    def base(self) -> float:
        """The share of all worlds that are cases."""
        return self.density * self.support / (self.coverage or 1.0)

    @property
    def both(self) -> float:
        """Coverage and density in one: their harmonic mean, the density counted from that of all worlds."""
        gained = max((self.density - self.base) / ((1.0 - self.base) or 1.0), 0.0)
        return 2.0 * self.coverage * gained / (self.coverage + gained or 1.0)


class Condition(NamedTuple):
    """The limits of one number of a box.

    Attributes:
        name, unit: the number.
        low, high: its limits; infinite where there is none.
        p: quasi-p-value: how often chance makes as many cases of the worlds in the box, were it without these limits.
        density: the density of the box without them.
        is_measured: whether it is a thing that a person can look up or decide, and no strength of a cause.
        labels: the names of its values, where it has no numbers: 0 is the first.
        alike: what says the very same of all that was looked at, in words.
    """

    name: str
    unit: str
    low: float
    high: float
    p: float
    density: float
    is_measured: bool
    labels: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = self.name.replace("_", " ").replace(".", ": ")
        if self.labels:
            names = [label for k, label in enumerate(self.labels) if self.low <= k <= self.high]
            return " or ".join(names) if self.name in HALVES else f"{name} {' or '.join(names)}"
        unit = f" {self.unit}" if self.unit else ""
        if np.isinf(self.low):
            return f"{name} at most {self.high:.3g}{unit}"
        if np.isinf(self.high):
            return f"{name} at least {self.low:.3g}{unit}"
        return f"{name} from {self.low:.3g} to {self.high:.3g}{unit}"


class Discovery(NamedTuple):
    """What scenario discovery found.

    Attributes:
        conditions: the limits of the box, those first that matter most.
        fit: how the box does in the half of the worlds that it was not found in.
        found: how it does in the half that it was found in.
        trade_off: one row a box of the peeling: ``coverage``, ``density``, ``support``, ``numbers`` with limits, and
            ``coverage_found``, ``density_found`` in the half in which it was found.
        base: the share of all worlds that are cases.
        worlds: how many worlds there are.
        box: the box, over `names`.
        names: the numbers that were looked at.
        things: what was looked at, ``worlds`` or units of another kind.
        labels: the names of the values of `names` that have no numbers.
    """

    conditions: tuple[Condition, ...]
    fit: Fit
    found: Fit
    trade_off: pd.DataFrame
    base: float
    worlds: int
    box: Box
    names: tuple[str, ...]
    things: str = "worlds"
    labels: Mapping[str, tuple[str, ...]] = {}

    def sentence(self, case: str) -> str:
        """Say in words under which conditions it is a case.

        Args:
            case: what a case is, such as ``learning of curve above 0.1``.
        """
        said = f"In the model, {case} in {100 * self.base:.0f} % of {self.worlds:,} {self.things}"
        sure = [condition for condition in self.conditions if condition.p <= CHANCE]
        if not sure:
            those = "the numbers that vary" if self.things == "worlds" else "the things that were measured"
            return f"{said}; no two or three of {those} tell where."
        where = " and ".join(map(str, self.conditions))
        text = (
            f"{said}, and in {100 * self.fit.density:.0f} % of those with {where} (density); these hold "
            f"{100 * self.fit.coverage:.0f} % of all such {self.things} (coverage)."
        )
        for condition in self.conditions:
            if condition.alike:
                text += f" Here {condition} is the same as {_listed(condition.alike)}."
        if hidden := [condition.name.replace("_", " ") for condition in self.conditions if not condition.is_measured]:
            verb = "is a strength of a cause" if len(hidden) == 1 else "are strengths of causes"
            text += f" {_listed(hidden)} {verb}, which nobody can look up in a school."
        if len(sure) < len(self.conditions):
            rest = [str(condition) for condition in self.conditions if condition.p > CHANCE]
            text += f" Not told from chance: {_listed(rest)}."
        return text


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts[:-1]) + " and " * (len(texts) > 1) + texts[-1]


def discover(
    worlds: pd.DataFrame,
    cases: ArrayLike,
    density: float | None = None,
    seed: int = 0,
    draws: pd.DataFrame | None = None,
    labels: Mapping[str, tuple[str, ...]] | None = None,
    things: str = "worlds",
) -> Discovery:
    """Find the box in which an outcome lies beyond its limit.

    Args:
        worlds: one row a world, one column a number that varies.
        cases: (world,) whether it is a case.
        density: the least density of the box in the half where it is found; of those that have it the one of the
            greatest coverage is taken. By default the one in which coverage and density are best together.
        seed: decides the halves.
        draws: one row a row, where these are not independent of one another: its ``world``, and ``draw``, what is one
            draw of the rooms.
        labels: names of the values of columns that have no numbers.
        things: what a row is, in the plural.

    Raises:
        InputError: if there are too few worlds, cases or others, or no box is as dense.
    """
    x, y = worlds.to_numpy(float), np.asarray(cases, bool)
    if len(y) < WORLDS:
        raise InputError(f"{len(y):,} {things} are too few to discover anything; it takes at least {WORLDS}")
    if not CASES <= y.sum() <= len(y) - CASES:
        raise InputError(
            f"it is so in {y.sum():,} of {len(y):,} {things}; at least {CASES} have to be so, and {CASES} not"
            + (": move the limit" if draws is None else "")
        )
    keys = None if draws is None else np.stack([np.unique(draws[name], return_inverse=True)[1] for name in DRAWS], 1)
    here, there = halves(x, seed) if keys is None else split(keys, seed)
    if min(y[here].sum(), y[there].sum()) < CASES / 2:
        apart, more = (
            ("", "worlds, or move the limit")
            if draws is None
            else (", which share no world and no class", "worlds, more rooms or a larger share of twins")
        )
        raise InputError(
            f"of the {things} where it is so {y[here].sum():,} lie in the half that finds conditions and "
            f"{y[there].sum():,} in the one that judges them{apart}; each needs {CASES // 2}, so take more {more}"
        )
    mine = None if keys is None else keys[here]
    boxes = peel(x[here], y[here])
    fits = [fit(box, x[here], y[here]) for box in boxes]
    if density is None:
        best = max(range(len(boxes)), key=lambda k: fits[k].both)
    else:
        dense = [k for k in range(len(boxes)) if fits[k].density >= density]
        if not dense:
            most = max(one.density for one in fits)
            raise InputError(f"no box is as dense as {density:g}; the densest has {most:.2f}")
        best = max(dense, key=lambda k: fits[k].coverage)
    box = simplified(paste(boxes[best], x[here], y[here]), x[here], y[here], mine)
    rows = [
        {
            **fit(box, x[there], y[there])._asdict(), "numbers": len(box.limited),
            "coverage_found": one.coverage, "density_found": one.density,
        }
        for box, one in zip(boxes, fits)
    ]  # fmt: skip
    names = tuple(map(str, worlds.columns))
    judged = [(chance(box, k, x[there], y[there], None if keys is None else keys[there]), k) for k in box.limited]
    conditions = [
        _condition(worlds, box, k, p, fit(box.without(k), x[there], y[there]).density, labels or {})
        for p, k in sorted(judged)
    ]  # fmt: skip
    ends = fit(box, x[there], y[there]), fit(box, x[here], y[here])
    return Discovery(
        tuple(conditions), *ends, pd.DataFrame(rows), float(y.mean()), len(y), box, names, things, labels or {}
    )


def halves(x: Array, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut worlds into two halves by chance, worlds that are the same into the same half."""
    _, which = np.unique(x, axis=0, return_inverse=True)
    which = which.reshape(-1)
    order = np.random.default_rng(seed).permutation(which.max() + 1)
    is_first = order[which] < (which.max() + 1) / 2
    return np.flatnonzero(is_first), np.flatnonzero(~is_first)


def split(keys: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut rows into two halves that share neither worlds nor draws of rooms; the rest is in neither.

    Args:
        keys: (row, 2) the world and the draw of each, from 0; where there is one alone, it is in both halves.
        seed: decides which.
    """
    rng, sides = np.random.default_rng(seed), []
    for key in keys.T:
        several = int(key.max()) + 1
        is_first = rng.permutation(several)[key] < several / 2
        sides.append((is_first, ~is_first) if several > 1 else (np.full(len(key), True),) * 2)
    (world, other_world), (draw, other_draw) = sides
    return np.flatnonzero(world & draw), np.flatnonzero(other_world & other_draw)


def fit(box: Box, x: Array, y: Mask) -> Fit:
    """Say how a box does; an empty one has a density of 0."""
    inside = box.inside(x)
    caught = int((y & inside).sum())
    return Fit(caught / max(int(y.sum()), 1), caught / max(int(inside.sum()), 1), float(inside.mean()))


def peel(x: Array, y: Mask) -> list[Box]:
    """Peel the worlds from the outside in: a box for each step, the first without limits.

    Where several worlds have one value, all of them go or stay.
    """
    boxes = [Box.all(x.shape[1])]
    inside = np.arange(len(y))
    while len(inside) > LEAST * len(y):
        here, cases = x[inside], y[inside]
        best = (0.0, boxes[-1], inside)
        for k in range(x.shape[1]):
            low, high = np.quantile(here[:, k], [PEELED, 1.0 - PEELED], method="nearest")
            values = here[:, k]
            ends = [
                (values >= low) if low > values.min() else (values > low),
                (values <= high) if high < values.max() else (values < high),
            ]
            for stays, is_low in zip(ends, (True, False)):
                left = int(stays.sum())
                if left < LEAST * len(y) or left == len(values):
                    continue
                gain = (cases[stays].mean() - cases.mean()) / (len(values) - left)
                if gain > best[0]:
                    # half way between the last that goes and the first that stays
                    gone = values[~stays].max() if is_low else values[~stays].min()
                    limit = (gone + (values[stays].min() if is_low else values[stays].max())) / 2.0
                    box = boxes[-1].moved(k, low=limit) if is_low else boxes[-1].moved(k, high=limit)
                    best = (gain, box, inside[stays])
        if best[1] is boxes[-1]:
            return boxes
        boxes.append(best[1])
        inside = best[2]
    return boxes


def paste(box: Box, x: Array, y: Mask) -> Box:
    """Move limits out again as long as the density grows, or stays and more cases are inside."""
    while True:
        best = box
        for k in box.limited:
            others = x[box.without(k).inside(x)][:, k]
            step = max(1, int(PEELED * box.inside(x).sum()))
            below, above = np.sort(others[others < box.low[k]])[::-1], np.sort(others[others > box.high[k]])
            wider = []
            if len(below):
                wider.append(box.moved(k, low=below[min(step, len(below)) - 1]))
            if len(above):
                wider.append(box.moved(k, high=above[min(step, len(above)) - 1]))
            for more in wider:
                now, so_far = fit(more, x, y), fit(best, x, y)
                if (now.density, now.coverage) > (so_far.density, so_far.coverage):
                    best = more
        if best is box:
            return box
        box = best


def quasi_p(box: Box, number: int, x: Array, y: Mask) -> float:
    """Give how often chance makes as many cases of the worlds in the box, were it without limits of a number."""
    inside = box.inside(x)
    wider = fit(box.without(number), x, y).density
    return float(stats.binom.sf(int((y & inside).sum()) - 1, int(inside.sum()), wider))


def chance(box: Box, number: int, x: Array, y: Mask, keys: NDArray[np.int64] | None = None) -> float:
    """Give the quasi-p-value, or that of draws where rows are not independent of one another if it is larger.

    Args:
        box: limits, of which those of
        number: this one are judged.
        x: (row, number) the rows, and
        y: (row,) whether each is a case.
        keys: (row, 2) the world and the draw of rooms of each.
    """
    p = quasi_p(box, number, x, y)
    if keys is None:
        return p
    inside, wider = box.inside(x), box.without(number).inside(x)
    if not inside.any() or inside.sum() == wider.sum():
        return 1.0
    mine = keys[wider]
    return max(p, difference(y[wider].astype(float), inside[wider], mine[:, 0], mine[:, 1]).p)


def simplified(box: Box, x: Array, y: Mask, keys: NDArray[np.int64] | None = None) -> Box:
    """Take away what chance could have made, end by end and number by number, then what costs least down to `MOST`."""
    while len(box.limited):
        p = {int(k): chance(box, k, x, y, keys) for k in box.limited}
        worst = max(p, key=lambda k: p[k])
        if p[worst] <= CHANCE:
            break
        box = box.without(worst)
    while len(box.limited) > MOST:
        box = max((box.without(k) for k in box.limited), key=lambda wider: fit(wider, x, y).both)
    for k in box.limited:  # an end that cuts off next to nothing is no condition
        for wider in (box.moved(k, low=-np.inf), box.moved(k, high=np.inf)):
            if len(wider.limited) == len(box.limited) and fit(wider, x, y).both >= fit(box, x, y).both:
                box = wider
    return box


def _condition(
    worlds: pd.DataFrame, box: Box, number: int, p: float, density: float, labels: Mapping[str, tuple[str, ...]]
) -> Condition:
    names = [str(name) for name in worlds.columns]
    low, high = float(box.low[number]), float(box.high[number])
    values = worlds.to_numpy(float)
    inside = (values[:, number] >= low) & (values[:, number] <= high)
    alike = [
        str(_named(name, *ends, labels))
        for k, name in enumerate(names)
        if k != number and (ends := _same(values[:, k], inside)) is not None
    ]  # fmt: skip
    return _named(names[number], low, high, labels)._replace(p=p, density=density, alike=tuple(alike))


def _named(name: str, low: float, high: float, labels: Mapping[str, tuple[str, ...]]) -> Condition:
    """Give limits of a number with its unit; what students and their failures show, and policies, can be looked up."""
    own = name.rpartition(".")[2]
    unit, kind = (ROWS[own].unit, ROWS[own].kind) if own in ROWS else ("", "")
    is_measured = (kind in MEASURED and "." not in name) or name in SEEN or name in labels
    return Condition(name, SEEN.get(name, unit), low, high, 1.0, np.nan, is_measured, labels.get(name, ()))


def _same(values: Array, inside: Mask) -> tuple[float, float] | None:
    """Give the limit of a number, of few values, that holds the very same rows; None where there is none."""
    if len(few := np.unique(values)) > FEW_VALUES or inside.all() or not inside.any():
        return None
    least, most = values[inside].min(), values[inside].max()
    if ((values >= least) & (values <= most) & ~inside).any():
        return None
    if least > few[0] and most < few[-1]:
        return float(least), float(most)
    if most < few[-1]:
        return -np.inf, float(most + few[few > most][0]) / 2.0
    return float(least + few[few < least][-1]) / 2.0, np.inf
