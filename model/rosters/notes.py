"""What is said of a roster that was read, a sentence each: it is printed with every run and stands in its manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from setback.model.outcomes import FEW_SCHOOLS
from setback.model.rosters.roster import SchoolClass
from setback.model.rosters.rules import Rules
from setback.model.rosters.table import FALLBACK, Table
from setback.model.state import TRAITS

#: So many columns of a trait are named.
NAMED = 4


def of_students(table: Table, columns: Sequence[int]) -> str:
    """Say how many there are, and where their ids come from."""
    return f"{len(table.rows)} students of {table.file}, ids from {_plus(table, columns) or 'the row number'}"


def found_out(table: Table, rules: Rules, decimal: str) -> list[str]:
    """Say what was found out about a file that nobody stated, one sentence each."""
    notes = []
    if table.encoding in (FALLBACK, "utf-16") and not rules.encoding:
        why = "it is not UTF-8" if table.encoding == FALLBACK else "by its byte order mark"
        notes.append(f"read as {table.encoding}: {why}")
    if table.separator != rules.separator:
        notes.append(f"read with {table.separator!r} as separator: with {rules.separator!r} the columns are not there")
    if table.top > 1 and not rules.header:
        notes.append(f"column names are those of line {table.top}")
    if decimal == "," and not rules.decimal:
        notes.append("read with a decimal comma: some numbers have one and none has a point")
    return notes


def about_classes(table: Table, classes: Sequence[SchoolClass], columns: Sequence[int], rules: Rules) -> str:
    """Say how many there are, how large they are, and how they were made."""
    sizes = [len(c.students) for c in classes]
    ends = sorted({min(sizes), max(sizes)})
    is_dealt = rules.deal and not columns and len(classes) > 1
    how = f"dealt in the order of seed {rules.seed}" if is_dealt else f"by {_plus(table, columns) or 'file'}"
    return f"{len(classes)} class{'es' if len(classes) > 1 else ''} of {' to '.join(map(str, ends))} students, {how}"


def about_schools(table: Table, classes: Sequence[SchoolClass], columns: Sequence[int]) -> list[str]:
    """Say in how many schools the classes lie, and what follows for intervals."""
    if not columns:
        return []
    schools, by = len({c.school for c in classes}), _plus(table, columns)
    if schools == 1:
        return [f"all classes lie in one school by {by}: it says nothing of others, so each class is one draw"]
    few = f"; fewer than {FEW_SCHOOLS} say little of schools in general" if schools < FEW_SCHOOLS else ""
    return [f"{schools} schools by {by}, each with its classes one draw of what intervals say{few}"]


def of_traits(
    table: Table, scores: Mapping[str, NDArray[np.float64]], columns: Mapping[str, Sequence[int]], rules: Rules
) -> list[str]:
    """Say from which columns each was made and how, what is carried, and what is drawn."""
    notes = []
    for name, score in scores.items():
        trait, missing = rules.traits[name], int(np.isnan(score).sum())
        several = " of each, averaged" if len(columns[name]) > 1 else ""
        means, sds = ("/".join(f"{number:g}" for number in numbers) for numbers in (trait.mean, trait.sd))
        scale = f"by mean {means} and SD {sds}" if trait.mean else f"by rank{several}"
        turned = ", reversed" if trait.reverse else ""
        drawn = f", drawn for {missing} student{'s' if missing > 1 else ''} without it" if missing else ""
        notes.append(f"{name} from {_some(table, columns[name])} {scale}{turned}{drawn}")
    if rules.carry:
        notes.append(f"carried along: {', '.join(rules.carry)}")
    return [*notes, f"drawn for everybody: {', '.join(t for t in TRAITS if t not in scores) or 'nothing'}"]


def _plus(table: Table, columns: Sequence[int]) -> str:
    return "+".join(table.header[k] for k in columns)


def _some(table: Table, columns: Sequence[int]) -> str:
    """Name columns, the first and the last where they are many."""
    if len(columns) <= NAMED:
        return _plus(table, columns)
    return f"{table.header[columns[0]]}+…+{table.header[columns[-1]]} ({len(columns)} columns)"
