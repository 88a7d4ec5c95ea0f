"""How likely the published figures are, given those of a world.

A figure is compared on a scale of its row: of a number, its distance in tolerances, drawn together far out
(3 arsinh(d/3), so that a row that is out of reach cannot decide the others); of a sign, how far it lies on the right
side, in spreads of the prior. On it

- a published number is that of the world and an error, Student's t with 5 degrees of freedom, whose scale is half a
  tolerance: the tolerance is read as two standard errors either way;
- a published sign is that of the world's figure and a normal error of a tenth of the prior's spread.

Rows of one block count as one: the error of each of n rows has n times the variance, so that all together say as much
as one. What an emulator leaves open (`setback.experiments.fit.emulator`) is added to the variance of the error.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import log_ndtr

from setback.experiments.evidence.rows import FORM, NUMERIC, Target, target_of, targets

Array = NDArray[np.float64]

#: Beyond about so many tolerances distances are drawn together.
BEND = 3.0
#: Errors of published figures: of a number in tolerances, of a sign in spreads of the prior; degrees of freedom.
NUMBER_ERROR, SIGN_ERROR, FREEDOM = 0.5, 0.1, 5.0
#: Statistics of books that say the same thing twice or more, as rows of `targets.csv` that have a block; others stand
#: alone. Decided before any fit.
BLOCKS_OF_FACTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("OU-03f3", "OU-03p3", "OU-04_00", "OU-04_20", "OU-04_40", "OU-04_50", "OU-04_60", "OU-04_70", "OU-04_80"),
        "OU-stopping",
    ),
    "OU-07_1": "OU-scores", "OU-08_1": "OU-scores", "UCM-04a": "UC-periods", "UCP-04a": "UC-periods",
    "ST-01Km": "ST-classes", "ST-01Kr": "ST-classes",
}  # fmt: skip


def block_of(row: str) -> str:
    """Name the block of a row."""
    return targets()[row].block if row in targets() else BLOCKS_OF_FACTS.get(row, row)


def blocks(rows: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Give the rows of each block, in order."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(block_of(row), []).append(row)
    return {block: tuple(members) for block, members in found.items()}


class Scale(NamedTuple):
    """The scale of each row.

    Attributes:
        rows: their ids.
        units: the spread of the prior of rows that are signs; 1 of numbers.
    """

    rows: tuple[str, ...]
    units: Array

    @classmethod
    def of(cls, prior: pd.DataFrame) -> Scale:
        """Give the scale of the rows of prior worlds (world, row), the spread being that of the middle half."""
        rows = tuple(map(str, prior.columns))
        low, high = prior.quantile(0.25).to_numpy(), prior.quantile(0.75).to_numpy()  # NaN where no world has a figure
        spread = np.where(high > low, (high - low) / 1.349, 1.0)
        return cls(rows, np.where([is_number(row) for row in rows], 1.0, spread))

    def of_figures(self, figures: pd.DataFrame) -> Array:
        """Give figures (world, row) on the scales of their rows; 0 is the published number, or the bound of a sign."""
        return np.stack(
            [scaled(figures[row].to_numpy(float), target_of(row), unit) for row, unit in zip(self.rows, self.units)], 1
        )


def is_number(row: str) -> bool:
    """Say whether a row is compared by its distance, as numbers are and a form with two ends; else by its side."""
    target = target_of(row)
    return target.kind == NUMERIC or (target.kind == FORM and math.isfinite(target.low + target.high))


def scaled(figures: Array, target: Target, unit: float) -> Array:
    """Give the figures of a row on its scale."""
    if target.kind == FORM and math.isfinite(target.low + target.high):  # both ends published, no number
        target = target._replace(kind=NUMERIC, value=(target.low + target.high) / 2.0)
    if target.kind == NUMERIC:
        above = figures > target.value
        width = np.where(above, target.high - target.value, target.value - target.low)
        # a bound at the published number itself is a tolerance of the other side's width
        width = np.where(width > 0.0, width, max(target.high - target.value, target.value - target.low))
        return BEND * np.arcsinh((figures - target.value) / width / BEND)
    right = figures - target.low if math.isinf(target.high) else target.high - figures
    return BEND * np.arcsinh(right / unit / BEND)


class Data(NamedTuple):
    """Published figures on the scales of their rows, and how sure they are.

    Attributes:
        numbers: (row,) whether it is a number; else a sign.
        errors: (row,) scale of the error, rows of a block counted as one.
        known: (row,) which rows count.
    """

    numbers: NDArray[np.bool_]
    errors: Array
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[str], without: Collection[str] = ()) -> Data:
        """Give the errors of rows, some of them left out; a row that is left out counts in no block.

        Args:
            rows: all rows.
            without: those that are left out.
        """
        numbers = np.array([is_number(row) for row in rows])
        sizes = {block: len(members) for block, members in blocks([r for r in rows if r not in without]).items()}
        count = np.array([float(sizes.get(block_of(row), 1)) for row in rows])
        errors = np.sqrt(count) * np.where(numbers, NUMBER_ERROR, SIGN_ERROR)
        return cls(numbers, errors, np.array([row not in without for row in rows]))


def published(scale: Scale, halved: Collection[str] = ()) -> Array:
    """Give the published figures on the scales of their rows: 0 of a number, 1 of a sign.

    Args:
        scale: the rows.
        halved: rows whose published number counts half, as small trials tend to find more than there is.
    """
    found = [
        float(scaled(np.array([target_of(row).value / 2.0]), target_of(row), 1.0)[0])
        if row in halved and target_of(row).kind == NUMERIC
        else 0.0 if is_number(row) else 1.0
        for row in scale.rows
    ]  # fmt: skip
    return np.array(found)


def drawn(data: Data, figures: Array, rng: np.random.Generator) -> Array:
    """Draw what would be published of worlds (world, row): numbers with their errors, signs as 1 and -1."""
    numbers = figures + data.errors * rng.standard_t(FREEDOM, figures.shape)
    signs = np.where(figures + data.errors * rng.standard_normal(figures.shape) > 0.0, 1.0, -1.0)
    return np.where(data.numbers, numbers, signs)


def log_likelihood(data: Data, said: Array, means: Array, open_: Array) -> tuple[Array, Array]:
    """Give the log likelihood of what was published, and its slope on the figures of the world.

    Args:
        data: the errors.
        said: (world or 1, row) what was published: numbers, and signs as 1 and -1.
        means: (world, row) the figures of the world on the scale.
        open_: (row,) the standard deviation of what the emulator leaves open.

    Returns:
        (world,) and (world, row); rows that do not count, or of which nothing is published (NaN), add nothing.
    """
    scale = np.sqrt(data.errors**2 + open_**2)
    counts = data.known & np.isfinite(said)
    said = np.where(np.isfinite(said), said, 0.0)
    off = (np.where(data.numbers, said, 0.0) - means) / scale
    of_number = -(FREEDOM + 1.0) / 2.0 * np.log1p(off**2 / FREEDOM)
    slope_of_number = (FREEDOM + 1.0) * off / (FREEDOM + off**2) / scale
    side = np.where(said >= 0.0, 1.0, -1.0)
    at = side * means / scale
    of_sign = log_ndtr(at)
    slope_of_sign = side * np.exp(-(at**2) / 2.0 - of_sign) / np.sqrt(2.0 * np.pi) / scale
    value = np.where(counts, np.where(data.numbers, of_number, of_sign), 0.0)
    slope = np.where(counts, np.where(data.numbers, slope_of_number, slope_of_sign), 0.0)
    return value.sum(1), slope
