"""Rows of a grade book that are no students, told by what stands in them: points possible, averages, a test student."""

from __future__ import annotations

from setback.model.errors import shown
from setback.model.rosters.cells import Words
from setback.model.rosters.table import Table

LABELS = Words((
    "points possible", "student, test", "test student", "points", "max points", "maximum points", "out of", "date",
    "due date", "class average", "class mean", "average", "overall average", "mean", "median", "total", "totals",
    "maximum", "minimum", "*_previewuser",
))  # fmt: skip


def is_label(cell: str) -> bool:
    """Say whether a cell stands in a row that is no student.

    >>> is_label("Points Possible"), is_label("Abar, Ria")
    (True, False)
    """
    return cell.casefold() in LABELS


def suspected(table: Table) -> list[str]:
    """Say which rows were read as students though they begin with a label; nothing where there is none."""
    first = (next(filter(None, row)) for row in table.rows)
    found = [f"line {line} ({shown(cell)})" for cell, line in zip(first, table.lines, strict=True) if is_label(cell)]
    rest = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (
        [f"read as students: {', '.join(found[:3])}{rest}; are they? skip in [file] leaves rows out"] if found else []
    )
