"""The table of a roster's file: its line of column names, and below it a row for each student.

What a file does not say is found out: its encoding (UTF-8, UTF-16 with a byte order mark, else Windows-1252), and,
where the names that are wanted do not stand in its first line as the mapping has it, the line and the separator with
which they do.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from setback.model.errors import InputError
from setback.model.reading import read_bytes
from setback.model.rosters.columns import is_named

#: Separators that are tried, and in how many lines that hold anything the names of columns are looked for.
SEPARATORS, DEEPEST = (",", ";", "\t", "|"), 50
#: What a file is read as that is no UTF-8, and the controls that no text in it has.
FALLBACK, _CONTROLS = "cp1252", re.compile("[\x00-\x08\x0e-\x1f\x7f]")


class Table(NamedTuple):
    """The cells of a file as text, without the blanks around them.

    Attributes:
        file: the name of the file.
        header: the names of the columns.
        rows: the cells of every row that holds anything.
        lines: the line of the file on which each row begins.
        top: the line of the column names.
        separator: what stands between cells.
        encoding: how the file was read.
    """

    file: str
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    top: int = 1
    separator: str = ","
    encoding: str = "utf-8"

    def cells(self, column: int) -> list[str]:
        """Give the cells of a column."""
        return [row[column] for row in self.rows]

    def take(self, rows: Sequence[int]) -> Table:
        """Give the same table with some of its rows."""
        return self._replace(rows=[self.rows[i] for i in rows], lines=[self.lines[i] for i in rows])


def read_table(file: Path, separator: str, encoding: str, header: int, wanted: Iterable[str]) -> Table:
    """Read a CSV file.

    Args:
        file: the file.
        separator: what stands between its cells, unless what is wanted is found with another one alone.
        encoding: its encoding; empty where it is to be found out.
        header: the line of the column names, from 1; 0 where it is to be found out.
        wanted: names of columns, or patterns, that the line of column names has.

    Raises:
        InputError: if the file cannot be read, is not text in that encoding, is not CSV, has no such line, or no row
            below it.
    """
    text, encoding = decode(read_bytes(file, f"roster {file}"), encoding, file.name)
    names = list(wanted)
    top, separator = _top(text, separator, header, names)
    rows = list(split(text, separator, file.name, header or top))
    if header and (not rows or rows[0][0] != header):
        last = text.count("\n") + (not text.endswith("\n"))
        raise InputError(
            f"header in [file] of the mapping is {header}, and line {header} of {file.name} holds no names; "
            f"the file has {last} line{'s' if last > 1 else ''}, name the one with those of the columns"
        )
    if len(rows) < 2:
        read = f"roster {file.name}, read as {encoding}, has no students"
        raise InputError(f"{read}; it needs a line of column names and a line a student")
    (top, first), *rest = rows
    return Table(
        file.name, tuple(first), [row for _, row in rest], [line for line, _ in rest], top, separator, encoding
    )


def check_lengths(table: Table) -> Table:
    """Give the table with rows as long as the line of column names; blank cells beyond it are nothing.

    Raises:
        InputError: if a row has another number of cells.
    """
    n = len(table.header)
    for i, row in enumerate(table.rows):
        if len(row) != n:
            if len(row) > n and not any(row[n:]):
                table.rows[i] = row[:n]
                continue
            raise InputError(
                f"line {table.lines[i]} of {table.file} has {len(row)} cell{'s' if len(row) > 1 else ''}, "
                f"the line of column names has {n}; is {table.separator!r} the separator, and line {table.top} the one "
                "of the names? (separator, header or skip in [file] of a mapping)"
            )
    return table


def decode(raw: bytes, stated: str, file: str) -> tuple[str, str]:
    """Give the text of a file, lines ending alike, and the encoding that it was read in.

    Raises:
        InputError: if it is no text in the stated encoding, or in none of those that are tried.
    """
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    tried = [stated] if stated else ["utf-16"] if marked else ["utf-8", FALLBACK]
    for encoding in tried:
        try:
            text = raw.decode(encoding).removeprefix("\ufeff")
            text.encode()  # some encodings make halves of letters, which nothing can be written with
        except UnicodeError:
            continue
        if "\0" in text or (encoding == FALLBACK != stated and _CONTROLS.search(text)):
            break
        return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    advice = "save it as CSV, or name its encoding in a mapping, [file] encoding = ..."
    raise InputError(f"roster {file} is not text in {tried[0]}; {advice}")


def split(text: str, separator: str, file: str, first: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that hold anything, from a line on, each with the line on which it begins.

    A quoted cell may go over several lines.

    Raises:
        InputError: if a row is not CSV.
    """
    lines = io.StringIO(text)
    line = 1
    while line < first and lines.readline():
        line += 1
    first = line
    try:
        cells = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
        for row in cells:
            row = [cell.strip() for cell in row]
            if any(row):
                yield line, row
            line = first + cells.line_num
    except (csv.Error, ValueError) as error:  # of newer Pythons, a separator that cannot be one
        raise InputError(f"line {line} of {file} is not CSV ({error}); is a quote left open?") from None


def _top(text: str, separator: str, header: int, wanted: Sequence[str]) -> tuple[int, str]:
    """Find the line of the column names and the separator; as they are stated where neither leads to the names."""
    for tried in dict.fromkeys((separator, *SEPARATORS)):
        try:
            for line, row in islice(split(text, tried, "", header or 1), 1 if header else DEEPEST):
                if all(is_named(name, row) for name in wanted):
                    return line, tried
        except InputError:
            continue
    return 1, separator
