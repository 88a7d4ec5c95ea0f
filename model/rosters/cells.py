"""What a cell of a roster says: a number, one of some words, or that nothing is known."""

from __future__ import annotations

import re
from collections.abc import Iterable

from setback.model.rosters.patterns import fits, is_pattern

#: Words for a missing value; a mapping adds its own.
MISSING = ("", "NA", "NaN", "nan", "N/A", "?", ".", "-")
#: No number of a file or mapping is as large.
HUGE = 1e100
#: The decimal mark and the point change places, so that the other one makes no number, nor does 1_000.
_MARKS = {mark: str.maketrans(f"{mark}._", f".{mark}?") for mark in (".", ",")}
_COMMA = re.compile(r"[+-]?\d*,\d+\s*%?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+\s*%?")
_POINT = re.compile(r"[+-]?\d*\.\d+\s*%?")


def as_number(cell: str, decimal: str = ".") -> float | None:
    """Give the number that a cell writes, whether or not a percent sign follows it; None where it writes none.

    >>> as_number("81,5 %", ","), as_number("1,5"), as_number("inf")
    (81.5, None, None)
    """
    try:
        number = float(cell.removesuffix("%").translate(_MARKS[decimal]))
    except ValueError:
        return None
    return number if abs(number) < HUGE else None  # nor is NaN a number


class Words:
    """Some words: a cell is among them as it is written, as a number where both are numbers, or where it fits a ``*``.

    A word of nothing but ``*`` means itself.

    >>> ["-1.0" in Words(["-1"]), "ex" in Words(["EX"]), "Late (2)" in Words(["Late*"]), "7" in Words(["*"])]
    [True, False, True, False]
    """

    def __init__(self, words: Iterable[str], decimal: str = ".") -> None:
        self._texts, self._decimal = frozenset(words), decimal
        self._patterns = [word for word in self._texts if is_pattern(word) and word.strip("*")]
        self._numbers = {as_number(word, mark) for word in self._texts for mark in (".", decimal)} - {None}

    def __contains__(self, cell: str) -> bool:
        return (
            cell in self._texts
            or (bool(self._numbers) and as_number(cell, self._decimal) in self._numbers)
            or any(fits(cell, pattern) for pattern in self._patterns)
        )


def has_decimal_comma(cell: str) -> bool:
    """Say whether a cell reads as a number with a decimal comma, be it thousands or not."""
    return _COMMA.fullmatch(cell) is not None


def decimal_mark(cells: Iterable[str]) -> str:
    """Tell the decimal mark of some cells: a comma where it must be one and no cell has a point, else the point.

    >>> decimal_mark(["7", "12,5"]), decimal_mark(["1,250"]), decimal_mark(["12,5", "1.5"])
    (',', '.', '.')
    """
    sure = False
    for cell in set(cells):
        if _POINT.fullmatch(cell):
            return "."
        sure = sure or (has_decimal_comma(cell) and not _THOUSANDS.fullmatch(cell))
    return "," if sure else "."
