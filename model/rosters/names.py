"""What students and classes are called: the cells of their columns, joined so that no two have one name."""

from __future__ import annotations

from collections.abc import Sequence

from setback.model.errors import InputError, shown
from setback.model.rosters.rules import ROW_NUMBER
from setback.model.rosters.table import Table

#: What stands between the parts of a name.
BETWEEN = "/"


def joined(parts: Sequence[str], between: str = BETWEEN) -> str:
    r"""Join the parts of a name; what stands between them is marked where it stands in one of them.

    >>> joined(["7", "A"]), joined(["7/1", "A"]), joined(["7", "1/A"])
    ('7/A', '7\\/1/A', '7/1\\/A')
    """
    return between.join(part.replace("\\", "\\\\").replace(between, f"\\{between}") for part in parts)


def name_students(table: Table, columns: Sequence[int]) -> list[str]:
    """Give each student's id, from some columns or, where there are none, the number of the row (from 1).

    Raises:
        InputError: if a row has no id, or two have one.
    """
    if not columns:
        return [str(i + 1) for i in range(len(table.rows))]
    names = "+".join(table.header[k] for k in columns)
    first: dict[tuple[str, ...], int] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        parts = tuple(row[k] for k in columns)
        if not any(parts):
            raise InputError(
                f"line {line} of {table.file} has no {names}; every student needs an id, or leave the row out with "
                "[file] skip in a mapping"
            )
        if first.setdefault(parts, line) != line:
            raise InputError(
                f"lines {first[parts]} and {line} of {table.file} have one id, {shown(_name(parts))}; take one of them "
                "with [file] only or skip in a mapping, or, where they are two students, name more columns in "
                f'[student] id or write id = "{ROW_NUMBER}" there'
            )
    return [_name(parts) for parts in first]


def _name(parts: tuple[str, ...]) -> str:
    return joined(parts) if len(parts) > 1 else parts[0]
