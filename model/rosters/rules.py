"""The mapping: a small TOML file that says what the columns of one kind of file mean.

Every key that there is::

    [file]                       # all optional
    separator = ";"              # default ","; another is found by the names of the columns
    encoding = "latin-1"         # default utf-8, utf-16 by its mark, else cp1252
    decimal = ","                # default "." or, beside another separator than the comma, as the numbers have it
    header = 5                   # line of the column names; default the first line that has them
    missing = ["EX", -1]         # beside the words for a missing value that there are (`cells.MISSING`)
    only = {grade = "2"}         # rows that are taken: one word or several, as text or number
    skip = {name = ["Points Possible", "Student, Test"]}    # rows that are left out
    [student]
    id = ["class_id", "pupil"]   # columns that together name a student, or "row number"
    [class]
    id = "class_id"              # columns that together name a class; without them all are one
    school = "school_id"         # columns that together name the school that a class lies in
    deal = 25                    # larger classes are dealt into classes of at most so many, in the order of
    seed = 0
    small = "join"               # or "leave out": classes of fewer students than
    least = 2
    [carry]                      # columns that go along into results, under these names
    section = "Section"
    [traits.prior_knowledge]     # one table a trait, all optional
    columns = ["Quiz*"]          # several are averaged, each ranked (or by mean and SD) before
    reverse = true               # high values mean little of the trait
    values = {yes = 1, no = 0}   # words that stand for numbers, or
    scale = ["A", "B", "C"]      # grades, the best first
    mean = 10.0                  # the scale's own mean and SD, or lists of one a column; without them values are
    sd = 3.5                     # ranked within the file
    extra_credit = true          # percentages may be above 100

A ``*`` stands for any text in the name of a column (`setback.model.rosters.columns`) and in a word of missing, only
and skip (`setback.model.rosters.cells`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from setback.model.chance import LIMIT
from setback.model.errors import InputError, shown, unknown, whole
from setback.model.reading import LARGEST as LARGEST_NUMBER
from setback.model.reading import parse_toml, read_text
from setback.model.rosters.cells import HUGE, MISSING
from setback.model.rosters.roster import LARGEST, SMALLEST
from setback.model.state import TRAITS

ROW_NUMBER = "row number"
#: What is done with small classes.
SMALL = ("join", "leave out")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Trait(NamedTuple):
    """How one trait is made from columns of the file."""

    columns: tuple[str, ...]
    reverse: bool = False
    values: Mapping[str, float] = _NOTHING
    mean: tuple[float, ...] = ()  # of all columns, or one a column; empty for ranks
    sd: tuple[float, ...] = ()
    scale: tuple[str, ...] = ()  # grades, the best first
    extra_credit: bool = False


class Rules(NamedTuple):
    """What the columns of one kind of file mean."""

    name: str
    student: tuple[str, ...]  # columns of the id; empty for the row number
    traits: Mapping[str, Trait]
    group: tuple[str, ...] = ()  # columns of the class
    school: tuple[str, ...] = ()  # columns of its school
    deal: int = 0  # students to a class, where classes are dealt
    seed: int = 0
    separator: str = ","
    encoding: str = ""  # empty where it is to be found out, as is
    decimal: str = ""
    missing: tuple[str, ...] = MISSING
    header: int = 0  # line of the column names; 0 where it is to be found out
    only: Mapping[str, tuple[str, ...]] = _NOTHING
    skip: Mapping[str, tuple[str, ...]] = _NOTHING
    small: str = ""  # one of SMALL
    least: int = SMALLEST
    carry: Mapping[str, str] = _NOTHING

    def single(self) -> tuple[str, ...]:
        """Give the names that each stand for one column."""
        return (*self.student, *self.group, *self.school, *self.only, *self.skip, *self.carry.values())

    def named(self) -> tuple[str, ...]:
        """Give every name of a column, patterns as they are written."""
        return (*self.single(), *(column for trait in self.traits.values() for column in trait.columns))


def read_mapping(path: Path) -> Rules:
    """Read and check a mapping file.

    Raises:
        InputError: no such file, no TOML, a table, key or trait that there is not, or a value of the wrong kind.
    """
    what = f"mapping {path}"
    return parse_mapping(read_text(path, what), path.name, what)


def parse_mapping(text: str, at: str, what: str = "the mapping") -> Rules:
    """Give the rules that a text states; arguments after it are what errors call it, and errors are those above."""
    found = parse_toml(text, what)
    keys = {"file": dict, "student": dict, "class": dict, "carry": dict, "traits": dict}
    top = _table(at, found, keys)
    file = _file(f"[file] of {at}", top.get("file", {}))
    student = _table(f"[student] of {at}", top.get("student", {}), {"id": (str, list)})
    group = _class(at, top.get("class", {}))
    carry = _table(f"[carry] of {at}", top.get("carry", {}), dict.fromkeys(top.get("carry", {}), str))
    if not student.get("id"):
        raise InputError(f'{at} does not say who is who; it needs [student] id = "column" or id = "{ROW_NUMBER}"')
    traits = _table(f"[traits] of {at}", top.get("traits", {}), dict.fromkeys(TRAITS, dict), "trait")
    return Rules(
        Path(at).stem,
        () if student["id"] == ROW_NUMBER else _names(student["id"], f"[student] id of {at}"),
        {name: _trait(f"[traits.{name}] of {at}", given) for name, given in traits.items()},
        carry=carry,
        **group,
        **file,
    )


def _file(at: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the table [file], when its values can be used."""
    kinds = {"separator": str, "encoding": str, "decimal": str, "header": int, "missing": list}
    file = dict(_table(at, given, {**kinds, "only": dict, "skip": dict}))
    separator, decimal = file.get("separator", ","), file.get("decimal", ".")
    if len(separator) != 1 or separator in '"\r\n\0':
        raise InputError(f'separator in {at} is {shown(separator)}; it needs one character, such as ";" or "\\t"')
    if decimal not in (".", ","):
        raise InputError(f'decimal in {at} is {shown(decimal)}; it needs "." or ","')
    encoding = file.get("encoding", "utf-8")
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):
        advice = "write utf-8, utf-16, latin-1 or cp1252, for example"
        raise InputError(f"encoding in {at} is {shown(encoding)}, no text encoding; {advice}") from None
    if "header" in file:
        whole(f"header in {at}", file["header"], 1, LARGEST_NUMBER)
    for key in ("only", "skip"):
        if key in file:
            file[key] = {column: _words(f"{key} in {at}", words) for column, words in file[key].items()}
    if "missing" in file:
        file["missing"] = (*MISSING, *_words(f"missing in {at}", file["missing"]))
    return file


def _words(at: str, given: Any) -> tuple[str, ...]:
    """Give words and numbers that cells are compared with, as text; one may stand without brackets."""
    words = given if isinstance(given, list) else [given]
    for word in words:
        if not _fits(word, str) and not _fits(word, float):
            raise InputError(f"{at} has {shown(word)}; it needs texts and numbers")
    return tuple(map(str, words))


def _class(at: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the table [class], under the names that `Rules` has for it."""
    keys = {"id": (str, list), "school": (str, list), "deal": int, "seed": int, "small": str, "least": int}
    stated = dict(_table(f"[class] of {at}", given, keys))
    if "seed" in stated and "deal" not in stated:
        raise InputError(f"[class] of {at} has a seed and deals no classes; a seed goes with deal = 25, for example")
    if "least" in stated and "small" not in stated:
        raise InputError(f'[class] of {at} has a least size and no small; write small = "join" or "leave out" with it')
    if stated.get("small", SMALL[0]) not in SMALL:
        raise InputError(f'small in [class] of {at} is {shown(stated["small"])}; it needs "join" or "leave out"')
    for key, low, high in (("deal", SMALLEST, LARGEST), ("seed", 0, LIMIT - 1), ("least", SMALLEST, LARGEST)):
        if key in stated:
            stated[key] = whole(f"[class] {key} of {at}", stated[key], low, high)
    if "id" in stated:
        stated["group"] = _names(stated.pop("id"), f"[class] id of {at}")
    if "school" in stated:
        stated["school"] = _names(stated["school"], f"[class] school of {at}")
    return stated


def _trait(at: str, given: Mapping[str, Any]) -> Trait:
    keys = {
        "columns": (str, list), "reverse": bool, "values": dict, "scale": list, "mean": (float, list),
        "sd": (float, list), "extra_credit": bool,
    }  # fmt: skip
    trait = _table(at, given, keys)
    if not trait.get("columns"):
        raise InputError(f'{at} names no column; it needs columns = ["..."]')
    mean, sd = (_numbers(f"{key} in {at}", trait[key]) if key in trait else () for key in ("mean", "sd"))
    if bool(mean) != bool(sd) or not all(number > 0 for number in sd):
        raise InputError(f"{at} needs both a mean and an SD above 0, or neither")
    values = _table(f"values in {at}", trait.get("values", {}), dict.fromkeys(trait.get("values", {}), float))
    scale = tuple(trait.get("scale", ()))
    if "scale" in trait and (len(scale) < 2 or len({*map(str, scale)}) < len(scale) or not all(map(_is_text, scale))):
        raise InputError(
            f"scale in {at} is {shown(list(scale))}; it needs two grades or more, each once, the best first"
        )
    if scale and (values or mean):
        raise InputError(f"{at} has a scale, which knows order alone, and values or a mean as well; take one away")
    columns = _names(trait["columns"], f"columns in {at}")
    extra = trait.get("extra_credit", False)
    return Trait(columns, trait.get("reverse", False), values, mean, sd, scale, extra)


def _numbers(at: str, given: float | list[Any]) -> tuple[float, ...]:
    numbers = given if isinstance(given, list) else [given]
    if not numbers or not all(_fits(number, float) for number in numbers):
        raise InputError(f"{at} is {shown(given)}; it needs a number, or a list of one a column")
    return tuple(numbers)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _table(at: str, given: Mapping[str, Any], keys: Mapping[str, Any], what: str = "key") -> Mapping[str, Any]:
    """Give the table, when it has known keys and values of the right kind only."""
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
    """Say whether a value is of a kind; a whole number is a number too, true and infinity are none."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) and abs(value) < HUGE if kind is float else isinstance(value, kind)


def _names(given: str | list[Any], at: str) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else given
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"{at} is {shown(given)}; it needs names of columns")
    return tuple(names)
