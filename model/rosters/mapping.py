"""From a CSV file of real classes to a roster, through a mapping of its columns (`setback.model.rosters.rules`).

A file in setback's own columns (`COLUMNS`) needs no mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from setback.model.errors import InputError, unknown
from setback.model.rosters.cells import MISSING, Words, decimal_mark
from setback.model.rosters.classes import keys_of, large_enough, seat
from setback.model.rosters.columns import find, find_all, twice
from setback.model.rosters.labels import suspected
from setback.model.rosters.names import name_students
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.rosters.rules import Rules, Trait, read_mapping
from setback.model.rosters.scores import standard_scores
from setback.model.rosters.selection import select
from setback.model.rosters.table import FALLBACK, Table, check_lengths, read_table
from setback.model.state import TRAITS

__all__ = ["COLUMNS", "MISSING", "read_mapping", "read_roster", "roster_of"]

#: The columns of setback's own format. All but student_id are optional; without class_id all are one class.
COLUMNS: Mapping[str, str] = {
    "student_id": "names the student, once in the file",
    "class_id": "names the student's class",
    **{name: f"{what}; any scale, ranked within the file" for name, what in TRAITS.items()},
}
#: So many columns of a trait are named in a note.
NAMED = 4


def read_roster(file: Path, mapping: Path | None = None, network: str = "friendship") -> Roster:
    """Read real classes from a CSV file.

    Args:
        file: the CSV file.
        mapping: the TOML file that says what its columns mean; none for setback's own columns.
        network: how students are connected.

    Raises:
        InputError: a file that is not there, is not text, or has no students; a column, key or trait that there is
            not; a cell that is no number; two students of one id; a class that is too small or too large.
    """
    return roster_of(file, read_mapping(mapping) if mapping else None, network)


def roster_of(file: Path, rules: Rules | None, network: str = "friendship") -> Roster:
    """Give the roster of a file by some rules, or by those of setback's own columns; errors are the same."""
    stated = rules or Rules(file.stem, ("student_id",), {})
    table = read_table(file, stated.separator, stated.encoding, stated.header, stated.named())
    if rules is None:
        rules = own_rules(check_lengths(table))
    hint = f" (is {table.separator!r} the separator?)" if len(table.header) == 1 else ""
    header = table.header
    student, group = ([find(name, header, file.name, hint) for name in names] for names in (rules.student, rules.group))
    carry = {name: find(column, header, file.name, hint) for name, column in rules.carry.items()}
    columns = _columns_of_traits(table, rules, [*student, *group, *carry.values()], hint)
    numeric = (row[k] for ks in columns.values() for k in ks for row in table.rows if k < len(row))
    decimal = rules.decimal or ("." if table.separator == "," else decimal_mark(numeric))
    missing = Words(rules.missing, decimal)

    notes = found_out(table, rules, decimal)
    table, left = select(table, rules, decimal)
    table = check_lengths(table)
    left += suspected(table)
    keys = keys_of(table, group, missing)
    if rules.small == "leave out":
        kept, small = large_enough(keys, rules, file.name)
        table, keys, left = table.take(kept), [keys[i] for i in kept], [*left, *small]
    students = name_students(table, student)
    groups, done = seat(keys, rules)
    scores = {
        name: standard_scores(table, columns[name], trait, missing, decimal, f"[traits.{name}] of {rules.name}")
        for name, trait in rules.traits.items()
    }
    carried = {name: table.cells(place) for name, place in carry.items()}
    classes = [
        SchoolClass(
            name,
            tuple(students[i] for i in who),
            {trait: score[who] for trait, score in scores.items()},
            {column: tuple(values[i] for i in who) for column, values in carried.items()},
        )
        for name, who in groups.items()
    ]
    who = (_plus(table, student) or "the row number", _plus(table, group) or "file")
    names = {trait: [header[k] for k in places] for trait, places in columns.items()}
    return Roster(classes, rules.name, network, tell(table, classes, scores, names, rules, who, [*notes, *left], done))


def own_rules(table: Table) -> Rules:
    """Give the rules of setback's own columns.

    Raises:
        InputError: if a column is none of them, stands twice, or there is no student_id.
    """
    for name in table.header:
        if name not in COLUMNS:
            advice = "foreign columns and separators are read through a mapping"
            raise InputError(f"{unknown(f'column of {table.file}:', name, COLUMNS)} ({advice})")
        if table.header.count(name) > 1:
            raise twice(name, table.file)
    if "student_id" not in table.header:
        raise InputError(f"{table.file} has no column student_id; add one, or read the file through a mapping")
    traits = {name: Trait((name,)) for name in TRAITS if name in table.header}
    return Rules(Path(table.file).stem, ("student_id",), traits, ("class_id",) if "class_id" in table.header else ())


def _columns_of_traits(table: Table, rules: Rules, taken: Sequence[int], hint: str) -> dict[str, list[int]]:
    """The places of each trait's columns; no pattern takes a column that has been named."""
    header, file = table.header, table.file
    chosen = {find(name, header, file, hint) for name in (*rules.only, *rules.skip)}
    in_full = {k for trait in rules.traits.values() for k, name in enumerate(header) if name in trait.columns}
    named = chosen.union(taken, in_full)
    return {name: find_all(trait.columns, header, file, hint, named) for name, trait in rules.traits.items()}


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


def tell(
    table: Table,
    classes: Sequence[SchoolClass],
    scores: Mapping[str, NDArray[np.float64]],
    columns: Mapping[str, Sequence[str]],
    rules: Rules,
    who: tuple[str, str],
    before: Sequence[str],
    done: Sequence[str],
) -> list[str]:
    """Say what was done, one sentence each: who was read and left out, who sits together, what is known of them."""
    sizes = [len(c.students) for c in classes]
    ends = sorted({min(sizes), max(sizes)})
    is_dealt = rules.deal and not rules.group and len(classes) > 1
    how = f"dealt in the order of seed {rules.seed}" if is_dealt else f"by {who[1]}"
    notes = [
        f"{len(table.rows)} students of {table.file}, ids from {who[0]}",
        *before,
        f"{len(classes)} class{'es' if len(classes) > 1 else ''} of {' to '.join(map(str, ends))} students, {how}",
        *done,
    ]
    for name, score in scores.items():
        trait, missing = rules.traits[name], int(np.isnan(score).sum())
        several = " of each, averaged" if len(columns[name]) > 1 else ""
        means, sds = ("/".join(f"{number:g}" for number in numbers) for numbers in (trait.mean, trait.sd))
        scale = f"by mean {means} and SD {sds}" if trait.mean else f"by rank{several}"
        turned = ", reversed" if trait.reverse else ""
        drawn = f", drawn for {missing} student{'s' if missing > 1 else ''} without it" if missing else ""
        notes.append(f"{name} from {_some(columns[name])} {scale}{turned}{drawn}")
    if rules.carry:
        notes.append(f"carried along: {', '.join(rules.carry)}")
    notes.append(f"drawn for everybody: {', '.join(t for t in TRAITS if t not in scores) or 'nothing'}")
    return notes


def _plus(table: Table, columns: Sequence[int]) -> str:
    return "+".join(table.header[k] for k in columns)


def _some(columns: Sequence[str]) -> str:
    """The names of columns, the first and the last where they are many."""
    if len(columns) <= NAMED:
        return "+".join(columns)
    return f"{columns[0]}+…+{columns[-1]} ({len(columns)} columns)"
