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
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import LIMIT, normal_quantile, uniform
from setback.model.errors import InputError, shown, unknown, whole
from setback.model.reading import read_bytes, read_toml
from setback.model.rosters.roster import LARGEST, SMALLEST, Roster, SchoolClass
from setback.model.state import TRAITS

#: The columns of setback's own format. All but student_id are optional; without class_id all are one class.
COLUMNS: Mapping[str, str] = {
    "student_id": "names the student, once in the file",
    "class_id": "names the student's class",
    **{name: f"{what}; any scale, ranked within the file" for name, what in TRAITS.items()},
}
MISSING = ("", "NA", "NaN", "nan", "N/A", "?", ".", "-")
ROW_NUMBER = "row number"
#: No number of a file or mapping is as large, and no standard score by mean and SD is farther from 0.
HUGE, FARTHEST = 1e100, 20.0


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
    encoding: str = "utf-8"
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
    table, lines = read_table(file, rules or Rules(file.stem, (), {}))
    rules = rules or own_rules(file, list(table))
    rows = len(lines)
    for column in [*rules.student, *rules.group, *(c for trait in rules.traits.values() for c in trait.columns)]:
        if column not in table:
            separator = f" (is {rules.separator!r} the separator?)" if len(table) == 1 else ""
            raise InputError(f"{unknown(f'column of {file.name}:', column, table)}{separator}")
    students = identify(table, lines, rules, file)
    scores = {name: standard_scores(table, lines, trait, rules, file) for name, trait in rules.traits.items()}
    groups = deal(rows, rules) if rules.deal else gather(table, lines, rules, file)
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
    ends = sorted({min(sizes), max(sizes)})
    how = f"dealt in the order of seed {rules.seed}" if rules.deal else f"by {'+'.join(rules.group) or 'file'}"
    notes = [
        f"{rows} students of {file.name}, ids from {'+'.join(rules.student) or 'the row number'}",
        f"{len(classes)} class{'es' if len(classes) > 1 else ''} of {' to '.join(map(str, ends))} students, {how}",
    ]
    for name, score in scores.items():
        trait, missing = rules.traits[name], int(np.isnan(score).sum())
        scale = "by rank" if trait.mean is None else f"by mean {trait.mean:g} and SD {trait.sd:g}"
        turned = ", reversed" if trait.reverse else ""
        drawn = f", drawn for {missing} student{'s' if missing > 1 else ''} without it" if missing else ""
        notes.append(f"{name} from {'+'.join(trait.columns)} {scale}{turned}{drawn}")
    notes.append(f"drawn for everybody: {', '.join(t for t in TRAITS if t not in scores) or 'nothing'}")
    return notes


# ---- the mapping -------------------------------------------------------------------------------------------
def read_mapping(path: Path) -> Rules:
    """Read and check a mapping file.

    Raises:
        InputError: no such file, no TOML, a table, key or trait that there is not, or a value of the wrong kind.
    """
    found, at = read_toml(path, f"mapping {path}"), path.name
    top = _table(at, found, {"file": dict, "student": dict, "class": dict, "traits": dict})
    of_file = {"separator": str, "encoding": str, "decimal": str, "missing": list}
    file = _file(f"[file] of {at}", _table(f"[file] of {at}", top.get("file", {}), of_file))
    student = _table(f"[student] of {at}", top.get("student", {}), {"id": (str, list)})
    of_class = _table(f"[class] of {at}", top.get("class", {}), {"id": (str, list), "deal": int, "seed": int})
    if not student.get("id"):
        raise InputError(f'{at} does not say who is who; it needs [student] id = "column" or id = "{ROW_NUMBER}"')
    if {"id", "deal"} <= of_class.keys():
        raise InputError(f"[class] of {at} has both id and deal; classes are given or dealt, not both")
    size = whole(f"[class] deal of {at}", of_class["deal"], SMALLEST, LARGEST) if "deal" in of_class else 0
    seed = whole(f"[class] seed of {at}", of_class.get("seed", 0), 0, LIMIT - 1)
    if "seed" in of_class and "deal" not in of_class:
        raise InputError(f"[class] of {at} has a seed and deals no classes; a seed goes with deal = 25, for example")
    traits = _table(f"[traits] of {at}", top.get("traits", {}), dict.fromkeys(TRAITS, dict), "trait")
    return Rules(
        path.stem,
        () if student["id"] == ROW_NUMBER else _names(student["id"], f"[student] id of {at}"),
        {name: _trait(f"[traits.{name}] of {at}", given) for name, given in traits.items()},
        _names(of_class.get("id", []), f"[class] id of {at}"),
        size,
        seed,
        file.get("separator", ","),
        file.get("encoding", "utf-8"),
        file.get("decimal", "."),
        tuple(map(str, file.get("missing", MISSING))),
    )


def _file(at: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table [file], when its values can be used."""
    separator, decimal = given.get("separator", ","), given.get("decimal", ".")
    encoding = given.get("encoding", "utf-8")
    if len(separator) != 1 or separator in '"\r\n\0':
        raise InputError(f'separator in {at} is {shown(separator)}; it needs one character, such as ";" or "\\t"')
    if decimal not in (".", ","):
        raise InputError(f'decimal in {at} is {shown(decimal)}; it needs "." or ","')
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):
        advice = "write utf-8, utf-16, latin-1 or cp1252, for example"
        raise InputError(f"encoding in {at} is {shown(encoding)}, no text encoding; {advice}") from None
    for word in given.get("missing", []):
        if not _fits(word, str) and not _fits(word, float):
            raise InputError(f"missing in {at} has {shown(word)}; it needs texts and numbers")
    return given


def _trait(at: str, given: Mapping[str, Any]) -> Trait:
    keys = {"columns": (str, list), "reverse": bool, "values": dict, "mean": float, "sd": float}
    trait = _table(at, given, keys)
    if not trait.get("columns"):
        raise InputError(f'{at} names no column; it needs columns = ["..."]')
    if ("mean" in trait) != ("sd" in trait) or not trait.get("sd", 1) > 0:
        raise InputError(f"{at} needs both a mean and an SD above 0, or neither")
    values = _table(f"values in {at}", trait.get("values", {}), dict.fromkeys(trait.get("values", {}), float))
    columns = _names(trait["columns"], f"columns in {at}")
    return Trait(columns, trait.get("reverse", False), values, trait.get("mean"), trait.get("sd"))


def _table(at: str, given: Mapping[str, Any], keys: Mapping[str, Any], what: str = "key") -> Mapping[str, Any]:
    """The table, when it has known keys and values of the right kind only."""
    for key, value in given.items():
        if key not in keys:
            raise unknown(f"{what} in {at}:", key, keys)
        kinds = keys[key] if isinstance(keys[key], tuple) else (keys[key],)
        if not any(_fits(value, kind) for kind in kinds):
            raise InputError(f"{key} in {at} is {shown(value)}; it needs {' or '.join(_KIND[k] for k in kinds)}")
    return given


_KIND = {
    dict: "a table", list: "a list", str: "a text", int: "a whole number", float: "a number", bool: "true or false"
}  # fmt: skip


def _fits(value: Any, kind: type) -> bool:
    """Whether a value is of a kind; a whole number is a number too, true and infinity are none."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) and abs(value) < HUGE if kind is float else isinstance(value, kind)


def _names(given: str | list[Any], at: str) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else given
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"{at} is {shown(given)}; it needs names of columns")
    return tuple(names)


def own_rules(file: Path, header: Sequence[str]) -> Rules:
    """The rules of setback's own columns."""
    for name in header:
        if name not in COLUMNS:
            advice = "foreign columns and separators are read through a mapping"
            raise InputError(f"{unknown(f'column of {file.name}:', name, COLUMNS)} ({advice})")
    if "student_id" not in header:
        raise InputError(f"{file.name} has no column student_id; add one, or read the file through a mapping")
    traits = {name: Trait((name,)) for name in TRAITS if name in header}
    return Rules(file.stem, ("student_id",), traits, ("class_id",) if "class_id" in header else ())


# ---- the file ----------------------------------------------------------------------------------------------
def read_table(file: Path, rules: Rules) -> tuple[dict[str, list[str]], list[int]]:
    """The cells of a CSV file as text, by column, and the line of the file on which each row begins.

    Raises:
        InputError: a file that cannot be read, is not text in the stated encoding, has rows of unequal length, two
            columns of one name, or no students.
    """
    raw = read_bytes(file, f"roster {file}")
    try:
        text = raw.decode(rules.encoding).removeprefix("\ufeff")
        text.encode()  # some encodings make halves of letters, which nothing can be written with
    except UnicodeError:
        text = "\0"
    if "\0" in text:
        advice = "save it as CSV, or name its encoding in a mapping, [file] encoding = ..."
        raise InputError(f"roster {file.name} is not text in {rules.encoding}; {advice}")
    (_, header), *rows = _rows(text, rules, file) or [(1, [])]
    if not rows:
        read = f"roster {file.name}, read as {rules.encoding}, has no students"
        raise InputError(f"{read}; it needs a line of column names and a line a student")
    for name in header:
        if header.count(name) > 1:
            raise InputError(f"roster {file.name} has two columns called {shown(name)}; give each a name of its own")
    for line, row in rows:
        if len(row) != len(header):
            raise InputError(
                f"line {line} of {file.name} has {len(row)} cell{'s' if len(row) > 1 else ''}, "
                f"the line of column names has {len(header)}; is {rules.separator!r} the separator?"
            )
    return {name: [row[k] for _, row in rows] for k, name in enumerate(header)}, [line for line, _ in rows]


def _rows(text: str, rules: Rules, file: Path) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line on which it begins; a quoted cell may go over several lines."""
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        cells = csv.reader(io.StringIO(text, None), delimiter=rules.separator, skipinitialspace=True, strict=True)
        for row in cells:
            if any(row):
                rows.append((line, [cell.strip() for cell in row]))
            line = cells.line_num + 1
    except (csv.Error, ValueError) as error:  # of newer Pythons, a separator that cannot be one
        raise InputError(f"line {line} of {file.name} is not CSV ({error}); is a quote left open?") from None
    return rows


def identify(table: Mapping[str, list[str]], lines: Sequence[int], rules: Rules, file: Path) -> list[str]:
    """Each student's id, from the columns of the rules or the number of the row (from 1)."""
    if not rules.student:
        return [str(i + 1) for i in range(len(lines))]
    first: dict[str, int] = {}
    for line, *parts in zip(lines, *(table[column] for column in rules.student), strict=True):
        student = "/".join(parts)
        if not any(parts):
            raise InputError(f"line {line} of {file.name} has no {'+'.join(rules.student)}; every student needs an id")
        if first.setdefault(student, line) != line:
            raise InputError(
                f"lines {first[student]} and {line} of {file.name} have one id, {shown(student)}; "
                f'name more columns in [student] id of a mapping, or write id = "{ROW_NUMBER}" there'
            )
    return list(first)


def gather(table: Mapping[str, list[str]], lines: Sequence[int], rules: Rules, file: Path) -> dict[str, list[int]]:
    """The rows of each class, classes in the order of the file; one class where no column names it."""
    if not rules.group:
        return {"all": list(range(len(lines)))}
    groups: dict[str, list[int]] = {}
    for i, parts in enumerate(zip(*(table[column] for column in rules.group), strict=True)):
        if all(part in ("", *rules.missing) for part in parts):
            column = "+".join(rules.group)
            raise InputError(f"line {lines[i]} of {file.name} has no {column}; every student needs a class")
        groups.setdefault("/".join(parts), []).append(i)
    return groups


def deal(rows: int, rules: Rules) -> dict[str, list[int]]:
    """The rows dealt into classes of nearly equal size, none larger than asked for, in seeded order."""
    order = np.argsort(uniform(rules.seed, "deal", np.arange(rows), 0, 0), kind="stable")
    classes = math.ceil(rows / rules.deal)
    if rows // classes < SMALLEST < rows:
        raise InputError(
            f"{rows} students dealt into classes of {rules.deal} leave one alone; "
            f"write [class] deal = {rules.deal + 1} in mapping {rules.name}"
        )
    return {str(k + 1): sorted(who.tolist()) for k, who in enumerate(np.array_split(order, classes))}


def standard_scores(
    table: Mapping[str, list[str]], lines: Sequence[int], trait: Trait, rules: Rules, file: Path
) -> NDArray[np.float64]:
    """One trait as standard scores, NaN where all of its columns are missing."""
    cells = np.array([
        [_number(cell, line, column, trait, rules, file) for cell, line in zip(table[column], lines, strict=True)]
        for column in trait.columns
    ])  # fmt: skip
    known = np.isfinite(cells)
    count = known.sum(0)
    value = np.where(count > 0, np.where(known, cells, 0.0).sum(0) / np.maximum(count, 1), np.nan)
    value = -value if trait.reverse else value
    if trait.mean is not None and trait.sd is not None:
        with np.errstate(over="ignore"):
            score = (value - (-trait.mean if trait.reverse else trait.mean)) / trait.sd
        if (far := np.abs(score) > FARTHEST).any():
            k = int(far.argmax())
            raise InputError(
                f"{'+'.join(trait.columns)} in line {lines[k]} of {file.name} is {abs(score[k]):.3g} SDs from the "
                "mean; are mean and sd in the mapping those of this scale, or does the cell belong under missing?"
            )
        return score
    here = value[count > 0]
    below, upto = np.searchsorted(np.sort(here), value, "left"), np.searchsorted(np.sort(here), value, "right")
    middle = (below + upto) / 2.0 / max(len(here), 1)  # ties share their middle rank, as a share in (0, 1)
    return np.where(count > 0, normal_quantile(np.where(count > 0, middle, 0.5)), np.nan)


def _number(cell: str, line: int, column: str, trait: Trait, rules: Rules, file: Path) -> float:
    if cell in trait.values:
        return float(trait.values[cell])
    if cell in rules.missing:
        return math.nan
    try:
        # the decimal mark and the point change places, so that the other one makes no number, nor does 1_000
        number = float(cell.translate(str.maketrans(f"{rules.decimal}._", f".{rules.decimal}?")))
    except ValueError:
        number = math.inf
    if not _fits(number, float):
        words = "".join(f", {shown(word)}" for word in trait.values)
        advice = f"it needs a number{words}, or a place among values or missing in a mapping"
        raise InputError(f"{column} in line {line} of {file.name} is {shown(cell)}; {advice}")
    return number
