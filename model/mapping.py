"""What the columns of a grade book mean: from a CSV file of real classes, and a small TOML file, to a roster.

A file in setback's own columns (`COLUMNS`) needs no mapping. Any other file is read through one::

    [file]                       # all optional
    separator = ";"              # default ","
    encoding = "utf-8"           # default utf-8, with or without a byte order mark
    decimal = ","                # default "."
    missing = ["", "NA"]         # default: "", NA, NaN, N/A, ?, . and -
    [student]
    id = ["class_id", "pupil"]   # columns that together name a student, or "row number"
    [class]
    id = "class_id"              # or: deal = 25, seed = 0  (into classes of that size, in seeded order)
    [traits.prior_knowledge]     # one table a trait, all optional
    columns = ["maths_mark"]     # several are averaged
    reverse = true               # high values mean little of the trait
    values = {yes = 1, no = 0}   # words that stand for numbers
    mean = 10.0                  # the scale's own mean and SD; without them values are ranked within the file
    sd = 3.5

Ranks become standard scores by the normal quantile, ties share their middle rank. A student whose columns are all
missing gets that trait by chance.
"""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import check_address, normal_quantile, uniform
from setback.model.errors import InputError, unknown
from setback.model.roster import LARGEST, SMALLEST, Roster, SchoolClass
from setback.model.state import TRAITS

#: The columns of setback's own format. All but student_id are optional; without class_id all are one class.
COLUMNS: Mapping[str, str] = {
    "student_id": "names the student, once in the file",
    "class_id": "names the student's class",
    **{name: f"{what}; any scale, ranked within the file" for name, what in TRAITS.items()},
}
MISSING = ("", "NA", "NaN", "nan", "N/A", "?", ".", "-")
ROW_NUMBER = "row number"


class Trait(NamedTuple):
    """How one trait is made from columns of the file."""

    columns: tuple[str, ...]
    reverse: bool = False
    values: Mapping[str, float] = MappingProxyType({})
    mean: float | None = None
    sd: float | None = None


class Rules(NamedTuple):
    """What the columns of one kind of file mean."""

    name: str
    student: tuple[str, ...]  # columns of the id; empty for the row number
    traits: Mapping[str, Trait]
    group: tuple[str, ...] = ()  # columns of the class
    deal: int = 0  # students to a class, where classes are dealt
    seed: int = 0
    separator: str = ","
    encoding: str = "utf-8-sig"
    decimal: str = "."
    missing: tuple[str, ...] = MISSING


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
    rules = read_mapping(mapping) if mapping else None
    table = read_table(file, rules or Rules(file.stem, (), {}))
    rules = rules or own_rules(file, list(table))
    rows = len(next(iter(table.values())))
    for column in [*rules.student, *rules.group, *(c for trait in rules.traits.values() for c in trait.columns)]:
        if column not in table:
            raise unknown(f"column of {file.name}:", column, table)
    students = identify(table, rows, rules, file)
    scores = {name: standard_scores(table, trait, rules, file) for name, trait in rules.traits.items()}
    groups = deal(rows, rules) if rules.deal else gather(table, rows, rules)
    classes = [
        SchoolClass(name, tuple(students[i] for i in who), {trait: score[who] for trait, score in scores.items()})
        for name, who in groups.items()
    ]
    return Roster(classes, rules.name, network, tell(rows, classes, scores, rules, file))


def tell(
    rows: int, classes: Sequence[SchoolClass], scores: Mapping[str, NDArray[np.float64]], rules: Rules, file: Path
) -> list[str]:
    """What was done, one sentence each."""
    sizes = [len(c.students) for c in classes]
    how = f"dealt in the order of seed {rules.seed}" if rules.deal else f"by {'+'.join(rules.group) or 'file'}"
    notes = [
        f"{rows} students of {file.name}, ids from {'+'.join(rules.student) or 'the row number'}",
        f"{len(classes)} classes of {min(sizes)} to {max(sizes)} students, {how}",
    ]
    for name, score in scores.items():
        trait, missing = rules.traits[name], int(np.isnan(score).sum())
        scale = "by rank" if trait.mean is None else f"by mean {trait.mean:g} and SD {trait.sd:g}"
        turned = ", reversed" if trait.reverse else ""
        drawn = f", drawn for {missing} students without it" if missing else ""
        notes.append(f"{name} from {'+'.join(trait.columns)} {scale}{turned}{drawn}")
    notes.append(f"drawn for everybody: {', '.join(t for t in TRAITS if t not in scores) or 'nothing'}")
    return notes


# ---- the mapping ------------------------------------------------------------------------------------------------------
def read_mapping(path: Path) -> Rules:
    """Read and check a mapping file.

    Raises:
        InputError: no such file, no TOML, a table, key or trait that there is not, or a value of the wrong kind.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError(f"mapping {path} cannot be read; is the path right?") from None
    except ValueError as error:
        raise InputError(f"mapping {path.name} is not valid TOML: {error}") from None
    at = path.name
    top = _table(at, found, {"file": dict, "student": dict, "class": dict, "traits": dict})
    file = _table(f"[file] of {at}", top.get("file", {}), dict.fromkeys(("separator", "encoding", "decimal"), str) | {"missing": list})
    student = _table(f"[student] of {at}", top.get("student", {}), {"id": (str, list)})
    of_class = _table(f"[class] of {at}", top.get("class", {}), {"id": (str, list), "deal": int, "seed": int})
    if "id" not in student:
        raise InputError(f'{at} does not say who is who; it needs [student] id = "column" or id = "{ROW_NUMBER}"')
    if {"id", "deal"} <= of_class.keys():
        raise InputError(f"[class] of {at} has both id and deal; classes are given or dealt, not both")
    size, seed = of_class.get("deal", 0), of_class.get("seed", 0)
    if "deal" in of_class and not SMALLEST <= size <= LARGEST:
        raise InputError(f"[class] deal of {at} is {size}; a class has {SMALLEST} to {LARGEST} students")
    check_address(f"[class] seed of {at}", seed)
    traits = _table(at, top.get("traits", {}), dict.fromkeys(TRAITS, dict), "trait")
    return Rules(
        path.stem,
        () if student["id"] == ROW_NUMBER else _names(student["id"], f"[student] id of {at}"),
        {name: _trait(f"[traits.{name}] of {at}", given) for name, given in traits.items()},
        _names(of_class.get("id", []), f"[class] id of {at}"),
        size,
        seed,
        file.get("separator", ","),
        file.get("encoding", "utf-8-sig"),
        file.get("decimal", "."),
        tuple(map(str, file.get("missing", MISSING))),
    )


def _trait(at: str, given: Mapping[str, Any]) -> Trait:
    number = (int, float)
    keys = {"columns": (str, list), "reverse": bool, "values": dict, "mean": number, "sd": number}
    trait = _table(at, given, keys)
    if not trait.get("columns"):
        raise InputError(f'{at} names no column; it needs columns = ["..."]')
    if ("mean" in trait) != ("sd" in trait) or not trait.get("sd", 1) > 0:
        raise InputError(f"{at} needs both a mean and an SD above 0, or neither")
    values = _table(f"values in {at}", trait.get("values", {}), dict.fromkeys(trait.get("values", {}), number))
    columns = _names(trait["columns"], f"columns in {at}")
    return Trait(columns, trait.get("reverse", False), values, trait.get("mean"), trait.get("sd"))


def _table(at: str, given: Mapping[str, Any], keys: Mapping[str, Any], what: str = "key") -> Mapping[str, Any]:
    """The table, when it has known keys and values of the right kind only."""
    for key, value in given.items():
        if key not in keys:
            raise unknown(f"{what} in {at}:", key, keys)
        kinds = keys[key] if isinstance(keys[key], tuple) else (keys[key],)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InputError(f"{key} in {at} is {value!r}; it needs a {' or a '.join(_KIND[k] for k in kinds)}")
    return given


_KIND = {dict: "table", list: "list", str: "text", int: "whole number", float: "number", bool: "true or false"}


def _names(given: str | list[Any], at: str) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else given
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"{at} is {given!r}; it needs names of columns")
    return tuple(names)


def own_rules(file: Path, header: Sequence[str]) -> Rules:
    """The rules of setback's own columns."""
    for name in header:
        if name not in COLUMNS:
            raise InputError(f"{unknown(f'column of {file.name}:', name, COLUMNS)} (foreign columns are read through a mapping)")
    if "student_id" not in header:
        raise InputError(f"{file.name} has no column student_id; add one, or read the file through a mapping")
    traits = {name: Trait((name,)) for name in TRAITS if name in header}
    return Rules(file.stem, ("student_id",), traits, ("class_id",) if "class_id" in header else ())


# ---- the file -----------------------------------------------------------------------------------------------------------
def read_table(file: Path, rules: Rules) -> dict[str, list[str]]:
    """The cells of a CSV file as text, by column.

    Raises:
        InputError: a file that cannot be read, is not text in the stated encoding, has rows of unequal length, two
            columns of one name, or no students.
    """
    try:
        raw = file.read_bytes()
    except OSError:
        raise InputError(f"roster {file} cannot be read; is the path right?") from None
    try:
        text = raw.decode(rules.encoding)
    except LookupError:
        raise InputError(f"{rules.encoding!r} is no text encoding; write utf-8, latin-1 or cp1252, for example") from None
    except UnicodeDecodeError:
        advice = "name its encoding in the mapping, [file] encoding = ..."
        raise InputError(f"roster {file.name} is not text in {rules.encoding.removesuffix('-sig')}; {advice}") from None
    if "\0" in text:
        raise InputError(f"roster {file.name} is not a text file; it needs rows of text with a line of column names")
    lines = [row for row in csv.reader(io.StringIO(text), delimiter=rules.separator, skipinitialspace=True) if any(row)]
    if len(lines) < 2:
        raise InputError(f"roster {file.name} has no students; it needs a line of column names and a line a student")
    header = [name.strip() for name in lines[0]]
    for name in header:
        if header.count(name) > 1:
            raise InputError(f"roster {file.name} has two columns called {name!r}")
    for number, row in enumerate(lines[1:], 2):
        if len(row) != len(header):
            raise InputError(
                f"line {number} of {file.name} has {len(row)} cells, the first has {len(header)}; "
                f"is {rules.separator!r} the separator?"
            )
    return {name: [row[k].strip() for row in lines[1:]] for k, name in enumerate(header)}


def identify(table: Mapping[str, list[str]], rows: int, rules: Rules, file: Path) -> list[str]:
    """Each student's id, from the columns of the rules or the number of the row (from 1)."""
    if not rules.student:
        return [str(i + 1) for i in range(rows)]
    ids = ["/".join(parts) for parts in zip(*(table[column] for column in rules.student))]
    first: dict[str, int] = {}
    for i, student in enumerate(ids):
        if not student.strip("/"):
            raise InputError(f"line {i + 2} of {file.name} has no {'+'.join(rules.student)}; every student needs an id")
        if first.setdefault(student, i) != i:
            raise InputError(
                f"lines {first[student] + 2} and {i + 2} of {file.name} have one id, {student!r}; "
                f'name more columns in [student] id, or write id = "{ROW_NUMBER}"'
            )
    return ids


def gather(table: Mapping[str, list[str]], rows: int, rules: Rules) -> dict[str, list[int]]:
    """The rows of each class, classes in the order of the file; one class where no column names it."""
    groups: dict[str, list[int]] = {}
    names = zip(*(table[column] for column in rules.group)) if rules.group else [("all",)] * rows
    for i, parts in enumerate(names):
        groups.setdefault("/".join(parts), []).append(i)
    return groups


def deal(rows: int, rules: Rules) -> dict[str, list[int]]:
    """The rows dealt into classes of nearly equal size, none larger than asked for, in seeded order."""
    order = np.argsort(uniform(rules.seed, "deal", np.arange(rows), 0, 0), kind="stable")
    return {str(k + 1): sorted(who.tolist()) for k, who in enumerate(np.array_split(order, math.ceil(rows / rules.deal)))}


def standard_scores(table: Mapping[str, list[str]], trait: Trait, rules: Rules, file: Path) -> NDArray[np.float64]:
    """One trait as standard scores, NaN where all of its columns are missing."""
    cells = np.array([[_number(cell, i, column, trait, rules, file) for i, cell in enumerate(table[column])] for column in trait.columns])
    known = np.isfinite(cells)
    count = known.sum(0)
    value = np.where(count > 0, np.where(known, cells, 0.0).sum(0) / np.maximum(count, 1), np.nan)
    value = -value if trait.reverse else value
    if trait.mean is not None and trait.sd is not None:
        return (value - (-trait.mean if trait.reverse else trait.mean)) / trait.sd
    here = value[count > 0]
    below, upto = np.searchsorted(np.sort(here), value, "left"), np.searchsorted(np.sort(here), value, "right")
    middle = (below + upto) / 2.0 / max(len(here), 1)  # ties share their middle rank, as a share in (0, 1)
    return np.where(count > 0, normal_quantile(np.where(count > 0, middle, 0.5)), np.nan)


def _number(cell: str, row: int, column: str, trait: Trait, rules: Rules, file: Path) -> float:
    if cell in trait.values:
        return float(trait.values[cell])
    if cell in rules.missing:
        return math.nan
    try:
        number = float(cell.replace(rules.decimal, "."))
    except ValueError:
        number = math.inf
    if not math.isfinite(number):
        hint = "" if trait.values else ", or its word among values in the mapping"
        raise InputError(f"{column} in line {row + 2} of {file.name} is {cell!r}; it needs a number{hint}")
    return number
