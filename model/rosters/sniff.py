"""How a file is written and which of its rows are students, as far as that can be told from the file alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from setback.model.errors import InputError
from setback.model.reading import read_bytes
from setback.model.rosters.cells import decimal_mark
from setback.model.rosters.labels import is_label
from setback.model.rosters.table import SEPARATORS, decode, split

#: Rows among which the one with the names of the columns is looked for, and the share of the most words that it has.
LOOKED, WORDY = 50, 0.6
#: What columns are called that name a student, those first that are made for it; then those of parts of a name.
IDS = (
    r"(^|[ _.-]|student|pupil|child|user|defined)(id|number|num|no|nr|code|key)($|[ _.-])",
    r"e-?mail",
    r"user ?name|login",
    r"^(student|pupil|child|learner|full)?[ _]?(name)?$",
)
PARTS = (r"(last|family) ?name|surname", r"(first|given|fore) ?name")


class Sniffed(NamedTuple):
    """A file as it was understood.

    Attributes:
        separator: what stands between cells.
        encoding: how it was read.
        decimal: the decimal mark.
        top: the line of the column names.
        header: those names.
        rows: the cells of every student.
        skip: the cells by which rows that are no students are told, by their column.
    """

    separator: str
    encoding: str
    decimal: str
    top: int
    header: list[str]
    rows: list[list[str]]
    skip: dict[str, list[str]]

    def cells(self, *columns: str) -> list[tuple[str, ...]]:
        """Give the cells of some columns, row by row."""
        places = [self.header.index(column) for column in columns]
        return [tuple(row[k] for k in places) for row in self.rows]

    def column(self, name: str) -> list[str]:
        """Give the cells of one column."""
        return [cell for (cell,) in self.cells(name)]

    def called(self, patterns: Iterable[str]) -> list[str]:
        """Give the columns whose names, in small letters, fit one of some regular expressions, in their order."""
        found = [name for p in patterns for name in self.own_names() if re.search(p, name.casefold())]
        return list(dict.fromkeys(found))

    def own_names(self) -> list[str]:
        """Give the names that one column alone has."""
        return [name for name, count in Counter(self.header).items() if name and count == 1]


def sniff(file: Path) -> Sniffed:
    """Read a file of which nothing is known.

    Raises:
        InputError: if it cannot be read, is no text, or has no rows below the names of its columns.
    """
    text, encoding = decode(read_bytes(file, f"roster {file}"), "", file.name)
    separator, rows = _split(text, file.name)
    words = [sum(any(map(str.isalpha, cell)) for cell in row) for _, row in rows[:LOOKED]]
    first = next((k for k, count in enumerate(words) if count >= WORDY * max(words)), 0)
    if len(rows) < first + 2:
        raise InputError(f"roster {file.name} has no students; it needs a line of column names and a line a student")
    (top, header), body = rows[first], [row for _, row in rows[first + 1 :]]
    n = len(header)
    students = [row[:n] for row in body if len(row) >= n and not any(row[n:])]
    decimal = decimal_mark(cell for row in students for cell in row)
    sniffed = _without_labels(Sniffed(separator, encoding, decimal, top, header, students, {}))
    odd = [row[0] for row in body if (len(row) < n or any(row[n:])) and row[0]]
    if odd and header[0] in sniffed.own_names():
        sniffed.skip.setdefault(header[0], []).extend(dict.fromkeys(odd))
    return sniffed


def _split(text: str, file: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """Find the separator with which most rows have one number of cells, more than one, and give its rows."""
    best, chosen = (0, 0), SEPARATORS[0]
    for separator in SEPARATORS:
        try:
            widths = Counter(len(row) for _, row in split(text, separator, file))
        except InputError:
            continue
        found = max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))
        if found > best:
            best, chosen = found, separator
    return chosen, list(split(text, chosen, file))


def _without_labels(sniffed: Sniffed) -> Sniffed:
    """Give the same without the rows that carry a label, or nothing in any column that names a student."""
    own = [sniffed.header.index(name) for name in sniffed.own_names()]
    identity = [sniffed.header.index(name) for name in sniffed.called((*IDS, *PARTS))]
    students, skip = [], {k: dict[str, None]() for k in own}
    for row in sniffed.rows:
        label = next((k for k in own if is_label(row[k])), None)
        if label is None and identity and not any(row[k] for k in identity):
            label = identity[0]
        if label is None:
            students.append(row)
        else:
            skip[label][row[label]] = None
    found = {sniffed.header[k]: list(cells) for k, cells in skip.items() if cells}
    return sniffed._replace(rows=students, skip=found)
