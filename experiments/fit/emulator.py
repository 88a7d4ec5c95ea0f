"""An emulator says at once what figures a world would have, learnt from the worlds of a bank.

A response surface for each figure (Box & Wilson 1951): a straight line in the shares of the prior at which all numbers
lie that the figure can depend on, and a quadratic in those that move it most. On banks of some thousand worlds it
leaves less open than neural networks do, is learnt in a tenth of a second, and its gradient, which the sampler needs,
is a product of two matrices. What it leaves open, its own error and the luck of so few classes, is measured on worlds
that it did not learn from, and goes into the likelihood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.gradebook.contexts import CONTEXTS

Array = NDArray[np.float64]
#: Surfaces are read in single precision, which is twice as fast and leaves open far less than luck does.
Single = NDArray[np.float32]

#: How many numbers bend a surface, and the penalties that may be taken on its slopes.
BENDING, PENALTIES = 30, (1.0, 10.0, 50.0, 150.0, 400.0, 1_000.0, 4_000.0)
#: Every so many-th world is not learnt from, but says what is left open.
HELD_BACK = 8
#: Shares of a prior are uniform; less their mean, so many times they have variance 1.
SPREAD = np.sqrt(12.0)


class Emulator(NamedTuple):
    """The surfaces of a model's figures, over shares of the prior less a half.

    Attributes:
        rows: names of the figures.
        level: (figure,) where all numbers are in the middle of their priors.
        slopes: (figure, number).
        bending: (figure, bend) positions of the numbers that bend it.
        bends: (figure, bend, bend) the quadratic in these, symmetric.
        open_: (figure,) the standard deviation of what is left open.
    """

    rows: tuple[str, ...]
    level: Single
    slopes: Single
    bending: NDArray[np.int64]
    bends: Single
    open_: Array

    @property
    def numbers(self) -> int:
        """Say how many numbers it reads."""
        return self.slopes.shape[1]

    def figures(self, shares: Array) -> Array:
        """Give the figures of worlds, (world, figure), from the shares of all numbers (world, number)."""
        return self.with_slopes(shares)[0]

    def with_slopes(self, shares: Array) -> tuple[Array, Single]:
        """Give the figures, and what `pulled` needs."""
        at = (shares - 0.5).astype(np.float32)
        bent = at.T[self.bending].transpose(0, 2, 1)  # (figure, world, bend)
        pull = bent @ self.bends
        found = self.level + at @ self.slopes.T + np.einsum("fwb,fwb->wf", pull, bent)
        return found.astype(np.float64), pull

    def pulled(self, pull: Single, slope: Array) -> Array:
        """Give slopes on the shares, (world, number), of slopes on the figures (world, figure)."""
        found = (slope.astype(np.float32) @ self.slopes).T.copy()
        for figure, where in enumerate(self.bending):
            found[where] += 2.0 * slope[:, figure].astype(np.float32) * pull[figure].T
        return found.T.astype(np.float64)

    def moved(self, own: Mapping[int, Mapping[int, int]], numbers: int) -> Emulator:
        """Let figures read other numbers.

        Args:
            own: for a figure, the position that it reads in place of another.
            numbers: how many there are.
        """
        slopes = np.zeros((len(self.rows), numbers), np.float32)
        slopes[:, : self.numbers] = self.slopes
        bending = self.bending.copy()
        for figure, other in own.items():
            slopes[figure, [*other]] = 0.0
            slopes[figure, [*other.values()]] = self.slopes[figure, [*other]]
            bending[figure] = [other.get(int(k), int(k)) for k in bending[figure]]
        return self._replace(slopes=slopes, bending=bending)


def parts(names: Sequence[str], rows: Mapping[str, str]) -> NDArray[np.bool_]:
    """Say which numbers each figure can depend on, (figure, number): those of the world, and those of its context.

    Args:
        names: of the numbers.
        rows: the context of each figure, "" for trials, which know no contexts.
    """
    of = [name.partition(".")[0] if "." in name else "" for name in names]
    return np.array([[one == context or one not in CONTEXTS for one in of] for context in rows.values()])


def learnt(
    shares: Array,
    figures: Array,
    names: Sequence[str],
    rows: Mapping[str, str],
    counts: Array | None = None,
    weights: Array | None = None,
) -> Emulator:
    """Learn an emulator from worlds.

    Args:
        shares: (world, number) of the prior, from 0 to 1.
        figures: (world, figure) on the scales of their rows; NaN where a world does not give one.
        names: of the numbers.
        rows: the context of each figure, by its row.
        counts: (world,) how much a world counts when it is learnt from; alike by default.
        weights: (world,) how much what is left open in a world counts; alike by default.
    """
    from threadpoolctl import threadpool_limits

    counts = np.ones(len(shares)) if counts is None else counts
    weights = np.ones(len(shares)) if weights is None else weights
    at, back = (shares - 0.5) * SPREAD, np.arange(len(shares)) % HELD_BACK == 0
    surfaces = []
    with threadpool_limits(1):  # several threads of so small products wait for one another
        for figure, reads in zip(figures.T, parts(names, rows)):
            known = ~back & np.isfinite(figure)
            surfaces.append(_surface(np.where(reads, at, 0.0)[known], figure[known], counts[known]))
    level, slopes, bending, bends = ([surface[k] for surface in surfaces] for k in range(4))
    made = Emulator(
        tuple(rows), np.array(level, np.float32), np.array(slopes, np.float32) * np.float32(SPREAD), np.array(bending),
        np.array(bends, np.float32) * np.float32(SPREAD**2), np.zeros(len(rows)),
    )  # fmt: skip
    known = np.isfinite(figures[back])
    off = np.where(known, (figures[back] - made.figures(shares[back])) ** 2, 0.0)
    count = (known * weights[back, None]).sum(0)
    # of a figure that no such world gives all is open
    spread = np.array(
        [np.var(figure[np.isfinite(figure)]) if np.isfinite(figure).any() else 1.0 for figure in figures.T]
    )
    open_ = np.where(count > 0.0, (off * weights[back, None]).sum(0) / np.maximum(count, 1e-12), spread)
    return made._replace(open_=np.sqrt(open_))


def _surface(at: Array, figure: Array, counts: Array) -> tuple[float, Array, NDArray[np.int64], Array]:
    """Learn one surface: its level, slopes (number,), the numbers that bend it, and how (bend, bend)."""
    numbers = at.shape[1]
    _, first = _ridge(np.hstack([at, at**2 - 1.0]), figure, counts)
    strength = np.hypot(first[:numbers], first[numbers:])
    bending = np.sort(np.argsort(-strength, kind="stable")[:BENDING])
    one, other = np.triu_indices(len(bending))
    bent = at[:, bending]
    level, found = _ridge(np.hstack([at, bent[:, one] * bent[:, other]]), figure, counts)
    bends = np.zeros((len(bending), len(bending)))
    bends[one, other] = found[numbers:] / 2.0
    return level, found[:numbers], bending, bends + bends.T


def _ridge(given: Array, wanted: Array, counts: Array) -> tuple[float, Array]:
    """Regress with a penalty on squared slopes (Hoerl & Kennard 1970): the constant, and the slopes.

    Of the penalties that one is taken which generalised cross-validation likes best (Golub, Heath & Wahba 1979).
    """
    if not len(wanted):
        return 0.0, np.zeros(given.shape[1])
    middle, mean = np.average(given, 0, counts), np.average(wanted, 0, counts)
    off = given - middle
    values, axes = np.linalg.eigh((off * counts[:, None]).T @ off)
    pull = axes.T @ (off.T @ (counts * (wanted - mean)))
    whole, best, slopes = float(counts @ (wanted - mean) ** 2), np.inf, np.zeros(len(pull))
    for penalty in PENALTIES:
        along = pull / (values + penalty)
        left = whole - 2.0 * pull @ along + values @ along**2
        free = len(wanted) - 1.0 - (values / (values + penalty)).sum()
        if (score := left / max(free, 1.0) ** 2) < best:
            best, slopes = score, axes @ along
    return float(mean - middle @ slopes), slopes
