"""From the cells of columns to standard scores: each column by rank or by its mean and SD, several averaged.

Ranks become standard scores by the normal quantile, ties share their middle rank. Several columns are each ranked
before they are averaged, as unlike tests have unlike points, and the averages are ranked again. A student whose
columns are all missing has no score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import normal_quantile
from setback.model.errors import InputError, shown
from setback.model.rosters.cells import Words, as_number, has_decimal_comma
from setback.model.rosters.rules import Trait
from setback.model.rosters.table import Table

#: No standard score by mean and SD is farther from 0.
FARTHEST = 20.0
#: Digits of an average of ranks that count: more than the normal quantile has, so that equal averages are ties.
DIGITS = 7


def standard_scores(
    table: Table, columns: Sequence[int], trait: Trait, missing: Words, decimal: str, where: str
) -> NDArray[np.float64]:
    """Give one trait as standard scores, NaN where all of its columns are missing.

    Args:
        table: the table.
        columns: the places of the trait's columns.
        trait: how they are read.
        missing: words for a missing value.
        decimal: the decimal mark.
        where: the table of the mapping that states it, for errors.

    Raises:
        InputError: if a cell is no number and no word that stands for one, is a percentage above 100 or too far from
            the mean, or there is not a mean for each column.
    """
    means, sds = (_per_column(numbers, len(columns), where) for numbers in (trait.mean, trait.sd))
    scores = []
    for k, column in enumerate(columns):
        values = _numbers(table, column, trait, missing, decimal, where)
        values = -values if trait.reverse else values
        if trait.mean:
            scores.append(_by_mean(values, -means[k] if trait.reverse else means[k], sds[k], table, column))
        else:
            scores.append(ranked(values))
    if len(scores) == 1:
        return scores[0]
    average = _average(np.array(scores))
    return average if trait.mean else ranked(np.round(average, DIGITS))


def ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the standard scores of ranks; NaN is missing and stays so."""
    known = np.isfinite(values)
    here = np.sort(values[known])
    below, upto = np.searchsorted(here, values, "left"), np.searchsorted(here, values, "right")
    middle = (below + upto) / 2.0 / max(len(here), 1)  # ties share their middle rank, as a share in (0, 1)
    return np.where(known, normal_quantile(np.where(known, middle, 0.5)), np.nan)


def _average(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean of what is known of each student, over columns."""
    known = np.isfinite(scores)
    count = known.sum(0)
    return np.where(count > 0, np.where(known, scores, 0.0).sum(0) / np.maximum(count, 1), np.nan)


def _by_mean(values: NDArray[np.float64], mean: float, sd: float, table: Table, column: int) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        scores: NDArray[np.float64] = (values - mean) / sd
    if (far := np.abs(scores) > FARTHEST).any():
        k = int(far.argmax())
        raise InputError(
            f"{table.header[column]} in line {table.lines[k]} of {table.file} is {abs(scores[k]):.3g} SDs from the "
            "mean; are mean and sd in the mapping those of this scale, or does the cell belong under missing?"
        )
    return scores


def _per_column(numbers: tuple[float, ...], columns: int, where: str) -> tuple[float, ...]:
    """Give one number a column, from that of all or a list."""
    if len(numbers) > 1 and len(numbers) != columns:
        raise InputError(
            f"{where} has {len(numbers)} means or SDs for {columns} columns; it needs one, or one a column"
        )
    return numbers if len(numbers) == columns else numbers * columns


def _numbers(table: Table, column: int, trait: Trait, missing: Words, decimal: str, where: str) -> NDArray[np.float64]:
    """Read the cells of a column as numbers, NaN where they are missing; each word is read once."""
    words = {grade: float(len(trait.scale) - k) for k, grade in enumerate(trait.scale)} or trait.values
    cells = table.cells(column)
    numbers: dict[str, float] = {}
    for cell, line in zip(cells, table.lines, strict=True):
        if cell not in numbers:
            try:
                numbers[cell] = _number(cell, words, trait, missing, decimal, where)
            except InputError as error:
                at = f"{table.header[column]} in line {line} of {table.file} is {shown(cell)}"
                raise InputError(f"{at}{error}") from None
    return np.array([numbers[cell] for cell in cells])


def _number(cell: str, words: Mapping[str, float], trait: Trait, missing: Words, decimal: str, where: str) -> float:
    if cell in words:
        return float(words[cell])
    if cell in missing:
        return math.nan
    if trait.scale:
        grades = ", ".join(map(shown, trait.scale))
        raise InputError(f", which is not on the scale; give it a place in the scale of {where} ({grades}), or missing")
    number = as_number(cell, decimal)
    if number is None:
        listed = "".join(f", {shown(word)}" for word in words)
        mark = ' (decimal = "," in [file] says that the comma is its decimal mark)' if has_decimal_comma(cell) else ""
        raise InputError(f"; it needs a number{listed}, or a place among values or missing in a mapping{mark}")
    if number > 100 and cell.endswith("%") and not trait.extra_credit:
        raise InputError(f", above 100%; correct it, or write extra_credit = true in {where}")
    return number
