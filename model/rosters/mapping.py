"""From a CSV file of real classes to a roster, through a mapping of its columns (`setback.model.rosters.rules`).

A file in setback's own columns (`COLUMNS`) needs no mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from setback.model.errors import InputError, unknown
from setback.model.rosters.cells import MISSING, Words, decimal_mark
from setback.model.rosters.classes import keys_of, large_enough, seat
from setback.model.rosters.columns import find, find_all, twice
from setback.model.rosters.labels import suspected
from setback.model.rosters.names import name_students
from setback.model.rosters.notes import about_classes, about_schools, found_out, of_students, of_traits
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.rosters.rules import Rules, Trait, read_mapping
from setback.model.rosters.schools import of_classes, schools_of
from setback.model.rosters.scores import standard_scores
from setback.model.rosters.selection import select
from setback.model.rosters.table import Table, check_lengths, read_table
from setback.model.state import TRAITS

__all__ = ["COLUMNS", "MISSING", "read_mapping", "read_roster", "roster_of"]

#: The columns of setback's own format. All but student_id are optional; without class_id all are one class.
COLUMNS: Mapping[str, str] = {
    "student_id": "names the student, once in the file",
    "class_id": "names the student's class",
    "school_id": "names the school of that class; a class is one of its school",
    **{name: f"{what}; any scale, ranked within the file" for name, what in TRAITS.items()},
}


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


class Places(NamedTuple):
    """Where the columns stand that a mapping names: those of ids, classes and schools, what is carried, and traits."""

    student: list[int]
    group: list[int]
    school: list[int]
    carry: dict[str, int]
    traits: dict[str, list[int]]


def roster_of(file: Path, rules: Rules | None, network: str = "friendship") -> Roster:
    """Give the roster of a file by some rules, or by those of setback's own columns; errors are the same."""
    stated = rules or Rules(file.stem, ("student_id",), {})
    table = read_table(file, stated.separator, stated.encoding, stated.header, stated.named())
    rules = rules or own_rules(check_lengths(table))
    places = find_places(table, rules)
    decimal = rules.decimal or _decimal(table, places)
    missing = Words(rules.missing, decimal)
    before = found_out(table, rules, decimal)

    table, left_out = select(table, rules, decimal)
    table = check_lengths(table)
    before += [*left_out, *suspected(table)]
    keys = keys_of(table, places.group, missing)
    if rules.small == "leave out":
        kept, left_out = large_enough(keys, rules, file.name)
        table, keys = table.take(kept), [keys[i] for i in kept]
        before += left_out

    students = name_students(table, places.student)
    schools = schools_of(table, places.school, keys, missing)
    groups, after = seat(keys, rules, schools)
    lies_in, merged = of_classes(groups, schools)
    scores = {
        name: standard_scores(table, places.traits[name], trait, missing, decimal, f"[traits.{name}] of {rules.name}")
        for name, trait in rules.traits.items()
    }
    carried = {name: table.cells(place) for name, place in places.carry.items()}
    classes = [
        SchoolClass(
            name,
            tuple(students[i] for i in who),
            {trait: score[who] for trait, score in scores.items()},
            {column: tuple(values[i] for i in who) for column, values in carried.items()},
            lies_in[name],
        )
        for name, who in groups.items()
    ]
    notes = [
        of_students(table, places.student),
        *before,
        about_classes(table, classes, places.group, rules),
        *after,
        *about_schools(table, classes, places.school),
        *merged,
        *of_traits(table, scores, places.traits, rules),
    ]
    return Roster(classes, rules.name, network, notes)


def find_places(table: Table, rules: Rules) -> Places:
    """Find the columns that a mapping names; no pattern of a trait takes one that is named otherwise.

    Raises:
        InputError: if one is not there, or it is not clear which is meant.
    """
    header, file = table.header, table.file
    hint = f" (is {table.separator!r} the separator?)" if len(header) == 1 else ""
    student, group, school = (
        [find(name, header, file, hint) for name in names] for names in (rules.student, rules.group, rules.school)
    )
    carry = {name: find(column, header, file, hint) for name, column in rules.carry.items()}
    chosen = [find(name, header, file, hint) for name in (*rules.only, *rules.skip)]
    in_full = [k for trait in rules.traits.values() for k, name in enumerate(header) if name in trait.columns]
    taken = {*student, *group, *school, *carry.values(), *chosen, *in_full}
    traits = {name: find_all(trait.columns, header, file, hint, taken) for name, trait in rules.traits.items()}
    return Places(student, group, school, carry, traits)


def _decimal(table: Table, places: Places) -> str:
    """Tell the decimal mark of the traits' columns; beside commas that separate cells it is not guessed at."""
    if table.separator == ",":
        return "."
    columns = {k for of_trait in places.traits.values() for k in of_trait}
    return decimal_mark(row[k] for row in table.rows for k in columns if k < len(row))


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
    school, group = ((name,) if name in table.header else () for name in ("school_id", "class_id"))
    return Rules(Path(table.file).stem, ("student_id",), traits, (*school, *group), school)
