"""Columns of a large CSV file, read by pyarrow: each as its different texts and the number of each row's text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.gradebook.book import Array
from setback.experiments.gradebook.readers.head import MOST, Head
from setback.model.errors import InputError, shown
from setback.model.reading import opened
from setback.model.rosters.cells import MISSING, as_number
from setback.model.rosters.table import FALLBACK

#: Words for yes and no.
YES, NO = ("1", "1.0", "true", "yes", "y", "t"), ("0", "0.0", "false", "no", "n", "f", "")


class Column(NamedTuple):
    """A column of texts.

    Attributes:
        name: its name in the file.
        file: the name of the file.
        texts: its different texts.
        number: (row,) which of them stands there.
        line: (row,) the line of the file.
    """

    name: str
    file: str
    texts: list[str]
    number: NDArray[np.int32]
    line: NDArray[np.int32]

    def numbers(self, low: float, high: float, whole: bool = False) -> Array:
        """Give the column as numbers, NaN where nothing is known.

        Raises:
            InputError: if a cell is no number, out of range, or no whole one where it must be.
        """
        found = np.full(len(self.texts), np.nan)
        for k, text in enumerate(self.texts):
            cell = text.strip()
            if cell in MISSING:
                continue
            number = as_number(cell)
            if number is None or not low <= number <= high or (whole and number != round(number)):
                reach = f" from {low:g} to {high:g}" if high < 1e9 else f" of {low:g} or more"
                raise self.error(k, f"it needs a {'whole ' if whole else ''}number{reach}")
            found[k] = number
        return found[self.number]

    def flags(self) -> NDArray[np.bool_]:
        """Give the column as yes or no.

        Raises:
            InputError: if a cell is neither.
        """
        words = [text.strip().casefold() for text in self.texts]
        for k, word in enumerate(words):
            if word not in (*YES, *NO):
                raise self.error(k, "it needs 1 or 0")
        return np.array([word in YES for word in words], bool)[self.number]

    def error(self, text: int, needed: str) -> InputError:
        """Make the error for one of the texts: the first line where it stands."""
        line = int(self.line[np.argmax(self.number == text)])
        return InputError(f"{self.name} in line {line} of {self.file} is {shown(self.texts[text])}; {needed}")


def keep(columns: Mapping[str, Column], rows: NDArray[np.bool_]) -> dict[str, Column]:
    """Give columns with some of their rows."""
    if rows.all():
        return {**columns}
    line = next(iter(columns.values())).line[rows]
    return {name: column._replace(number=column.number[rows], line=line) for name, column in columns.items()}


def read_columns(head: Head, separator: str, names: Mapping[str, str]) -> dict[str, Column]:
    """Read some columns of a file.

    Args:
        head: its head.
        separator: what stands between cells.
        names: what a column is called here -> its name in the file.

    Returns:
        The columns, by what they are called here.

    Raises:
        InputError: if a row has more or fewer cells than the first line, or the file has no row below it or is no text.
    """
    import pyarrow as pa
    from pyarrow import csv

    kinds = dict.fromkeys(names.values(), pa.dictionary(pa.int32(), pa.string()))
    try:
        with opened(head.path, f"grade book {head.path}", MOST) as file:
            table = csv.read_csv(
                file,
                csv.ReadOptions(encoding=head.encoding, block_size=2**24),
                csv.ParseOptions(delimiter=separator),
                csv.ConvertOptions(include_columns=[*names.values()], column_types=kinds, strings_can_be_null=False),
            )
    except (pa.ArrowInvalid, UnicodeError) as error:
        if "UTF8" in str(error) and head.encoding == "utf-8":  # its head was plain ASCII
            return read_columns(head._replace(encoding=FALLBACK), separator, names)
        raise _told(head, separator, error) from None
    if not table.num_rows:
        raise InputError(f"grade book {head.file} has no rows below the names of its columns")
    found, line = {}, np.arange(2, table.num_rows + 2, dtype=np.int32)
    for key, name in names.items():
        column = table.column(name).unify_dictionaries().combine_chunks()
        chunk = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        texts = ["" if text is None else text for text in chunk.dictionary.to_pylist()]
        found[key] = Column(name, head.file, texts, chunk.indices.to_numpy(zero_copy_only=False), line)
    return found


def _told(head: Head, separator: str, error: Exception) -> InputError:
    """Make a sentence of what pyarrow says of a file."""
    said = str(error)
    if isinstance(error, UnicodeError) or "UTF8" in said:
        return InputError(f"grade book {head.file} is not text in {head.encoding} throughout; save it in UTF-8")
    if cut := re.search(r"Expected (\d+) columns, got (\d+)(?:: (.*))?", said, re.S):
        row = shown((cut[3] or "").partition("\n")[0])
        return InputError(
            f"a row of {head.file} has {cut[2]} cell{'s' if cut[2] != '1' else ''}, the line of column names has "
            f"{cut[1]}: {row}; is {separator!r} the separator?"
        )
    return InputError(f"grade book {head.file} is not CSV ({said.partition(';')[0][:150]}); is a quote left open?")
