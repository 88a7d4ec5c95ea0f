"""Reading tables of numbers that other programs made, CSV or Parquet: named columns of plain files, row by row checked.

What a table holds beside its named columns is not read: no index of pandas, no foreign metadata, no text. A file is
what its first bytes say it is, and nothing is unpacked.
"""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from setback.model.errors import InputError, shown
from setback.model.reading import MOST_TABLE, opened

Bounds = Mapping[str, tuple[float, float]]
#: What says which columns are read, and within what bounds, from the names in the file and its rows (at most so many).
Choose = Callable[[Sequence[str], int], Bounds]

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".tar", ".tgz", ".lz4", ".br")
ADVICE = "save it as CSV in UTF-8, or as Parquet"
#: Lines in which the names of a file of BehaviorSpace are looked for, and bytes that are looked at in one go.
PREAMBLE, CHUNK = 50, 2**20


def read_numbers(
    path: str | Path, what: str, choose: Choose, most: int, above: int = 0
) -> dict[str, NDArray[np.float64]]:
    """Give named columns of a table, each (row,), every number finite and within its bounds.

    Args:
        path: the CSV or Parquet file.
        what: what it is, for the error, as in "file of worlds draws.csv".
        choose: see `Choose`; called once, before any row is read.
        most: rows that it may have.
        above: lines of a CSV file above its line of names, which are not read here.

    Raises:
        InputError: a file that cannot be read, is packed, is no table of this form, has no rows or too many, lacks a
            column or has it twice; a number that is missing, is none, or lies out of bounds.
    """
    path = Path(path)
    if path.suffix.lower() in PACKED:
        raise InputError(f"{what} is packed; unpack it first")
    with opened(path, what, MOST_TABLE) as file:
        is_parquet = file.read(4) == b"PAR1"
        file.seek(0)
        if path.suffix == ".parquet" and not is_parquet:
            raise InputError(f"{what} is no Parquet file; {ADVICE}")
        return _parquet(file, path.name, choose, most) if is_parquet else _csv(file, path.name, choose, most, above)


def _checked(what: str, names: Sequence[str], bounds: Bounds) -> Bounds:
    """Give the bounds of the columns to read, when there is one column of each name."""
    if not bounds:
        raise InputError(f"{what} has no column to read; it needs one for each number that varies")
    for name in bounds:
        if (count := list(names).count(name)) != 1:
            has = f"has {count} columns called {name}; keep one" if count else f"has no column {name}"
            raise InputError(f"{what} {has}" + ("" if count else f"; it has {', '.join(names)}"))
    return bounds


def _refused(what: str, row: int, name: str, said: Any, bounds: tuple[float, float]) -> InputError:
    held = "missing" if said is None or said == "" else shown(said)
    needed = f"from {bounds[0]:g} to {bounds[1]:g}" if math.isfinite(bounds[1]) else f"of {bounds[0]:g} or more"
    return InputError(f"{what}, row {row}: {name} is {held}; it needs a number {needed}")


def _check_rows(what: str, rows: int, most: int) -> None:
    if not rows:
        raise InputError(f"{what} has no row; it needs a line of names, and a row of numbers or more")
    if rows > most:
        raise InputError(f"{what} has more than {most:,} rows; cut it into several")


# ---- Parquet -----------------------------------------------------------------------------------------------
def _parquet(file: BinaryIO, what: str, choose: Choose, most: int) -> dict[str, NDArray[np.float64]]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    def given(make: Callable[..., Any], *of: Any) -> Any:
        try:
            return make(*of)
        except Exception as error:  # a broken file makes pyarrow raise whatever it likes
            why = str(error).partition("\n")[0].rstrip(".")[:200]
            raise InputError(f"{what} cannot be read as Parquet ({why}); {ADVICE}") from None

    def column(name: str) -> tuple[Any, NDArray[np.float64]]:
        cells = table.read([name], use_threads=False).column(name)
        return cells, pc.cast(cells, pa.float64(), safe=False).to_numpy()

    # the footer: how many rows, which columns, of which kinds
    table = given(pq.ParquetFile, file)
    schema = given(lambda: table.schema_arrow)
    names = [name for name in schema.names if not re.fullmatch(r"__index_level_\d+__", name)]  # pandas's own
    rows = table.metadata.num_rows
    _check_rows(what, rows, most)
    bounds = _checked(what, names, choose(names, rows))
    for name in bounds:
        kind = schema.field(name).type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            raise InputError(f"{what}: column {name} holds {shown(str(kind))[1:-1]}; it needs numbers")
    columns = {}
    for name, (low, high) in bounds.items():
        # one after the other, so that no more is in memory than what is asked for
        cells, values = given(column, name)
        wrong = ~((values >= low) & (values <= high) & np.isfinite(values))
        if wrong.any():
            row = int(wrong.argmax())
            raise _refused(what, row + 1, name, cells[row].as_py(), (low, high))
        columns[name] = np.asarray(values, float)
    return columns


# ---- CSV ---------------------------------------------------------------------------------------------------
def _csv(file: BinaryIO, what: str, choose: Choose, most: int, above: int) -> dict[str, NDArray[np.float64]]:
    lines = _lines(file, what) - above
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    rows = csv.reader(text, strict=True)
    try:
        for _ in range(above):
            text.readline()
        names = [name.strip() for name in next(rows, [])]
        _check_names(what, names, text)
        _check_rows(what, lines - 1, most)
        bounds = _checked(what, names, choose(names, lines - 1))
        taken = [(name, names.index(name), array("d"), *ends) for name, ends in bounds.items()]
        count = 0
        for row in rows:
            if not row:
                continue
            if len(row) != len(names):
                raise InputError(
                    f"{what}, line {rows.line_num + above}: it has {len(row)} cell{'s' if len(row) > 1 else ''}; "
                    f"the line of column names{'' if above else ', the first,'} has {len(names)}"
                )
            count += 1
            for name, at, values, low, high in taken:
                try:
                    value = math.nan if "_" in row[at] else float(row[at])
                except ValueError:
                    value = math.nan
                if not low <= value <= high or math.isinf(value):
                    raise _refused(what, count, name, row[at] if math.isnan(value) else value, (low, high))
                values.append(value)
    except UnicodeError:
        raise InputError(f"{what} is not text in UTF-8; {ADVICE}") from None
    except csv.Error as error:
        where = f"{what}, line {rows.line_num + above}"
        raise InputError(f"{where}: it is not CSV ({error}); is a quote left open?") from None
    finally:
        text.detach()  # or the file would be closed with it
    _check_rows(what, count, most)
    return {name: np.array(values) for name, _, values, _, _ in taken}


def _lines(file: BinaryIO, what: str) -> int:
    """Count the lines of a text before any of them is read as a row."""
    lines, last = 0, b"\n"
    while chunk := file.read(CHUNK):
        if b"\0" in chunk:
            raise InputError(f"{what} is not text in UTF-8; {ADVICE}")
        parted = last + chunk[:1] == b"\r\n"  # one end of a line in two parts of the file
        lines, last = lines + max(chunk.count(b"\n") - parted, chunk.count(b"\r")), chunk[-1:]
    file.seek(0)
    return lines + (last not in b"\r\n")


def _check_names(what: str, names: Sequence[str], text: io.TextIOWrapper) -> None:
    """Raise InputError where the first line holds no names, or is divided by something else than commas."""
    if not any(names):
        raise InputError(f"{what} has no names in its first line; it needs a line of names, and rows of numbers")
    if names[0].startswith("BehaviorSpace results"):
        for line in range(2, PREAMBLE):
            if text.readline(CHUNK).startswith(('"[run number]"', "[run number]")):
                advice = f"take the {line - 1} lines above them away"
                raise InputError(f"{what} is a table of BehaviorSpace whose names stand in line {line}; {advice}")
        raise InputError(f"{what} is a spreadsheet of BehaviorSpace; export its table format")
    for mark, marks in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            advice = "save it with commas, and with points in its numbers"
            raise InputError(f"{what} has {marks} between its columns; {advice}")
