"""A mapping proposed from a file's own columns, with comments, for a person to read and change."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from setback.model.errors import InputError, printable
from setback.model.rosters.cells import MISSING, as_number
from setback.model.rosters.mapping import roster_of
from setback.model.rosters.roster import LARGEST, SMALLEST
from setback.model.rosters.rules import ROW_NUMBER, parse_mapping
from setback.model.rosters.sniff import IDS, PARTS, Sniffed, sniff
from setback.model.state import TRAITS

#: What columns are called that name a class, a school, and one of several times at which a student was measured.
CLASSES, SCHOOLS = (
    tuple(rf"^({what})[ _.-]*(id|name|no|nr|num|number|code)?$" for what in kinds)
    for kinds in (("class(room)?", "section", "(home ?)?room", "form|set|period", "group", "course"), ("school",))
)
TIMES = (r"\b(grade|year|wave|time|term|occasion|session|semester)\b",)
#: What columns of numbers are called that say nothing of what somebody knows, and those that sum up the others.
OTHERS = (
    r"\b(age|sex|gender|minority|ses|birth|phone|zip|denominator|weeks?|access|download(ed)?|index|rank)\b|grade.level"
)
TOTALS = (
    r"current score", r"course total", r"weighted total", r"\boverall\b", r"final.*(numerator|score|grade|percent)",
    r"\btotal\b",
)  # fmt: skip
#: Grades in letters, the best first.
LETTERS = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "E", "F")
#: A column of numbers has more than so many where it has more than so many cells, and words in few of these.
FEWEST, CELLS, WORDS = 2, 5, 4


def propose(file: Path) -> str:
    """Propose a mapping of a file, in TOML with comments; where the file cannot be read through it, its top says so.

    Raises:
        InputError: if the file cannot be read, is no text, or has no rows below the names of its columns.
    """
    found = sniff(file)
    schools, classes = (
        [name for name in found.called(of) if _repeats(found.column(name))] for of in (SCHOOLS, CLASSES)
    )
    group = list(dict.fromkeys([*schools[:1], *classes[:1]]))
    student, only = _student(found, group)
    for name, time in only.items():
        found = found._replace(rows=[row for row in found.rows if row[found.header.index(name)] == time])
    numbers = _numbers(found, {*student, *only, *found.called((*IDS, *PARTS, *CLASSES, *SCHOOLS))})
    columns = ", ".join(name or "(no name)" for name in found.header)
    parts = [
        f"# Proposed from the columns of {_comment(file.name)}: read it before use; docs/rosters.md has all keys.",
        f"# {len(found.rows)} students; columns: {_comment(columns)}",
        *_file(found, only, sorted({word for words in numbers.values() for word in words})),
        "\n[student]",
        f"id = {_toml(student)}" if student else f"id = {_toml(ROW_NUMBER)} # no columns name every student once",
        *_class(found, group, schools[:1]),
        *_carry([*schools, *classes]),
        *_traits(found, numbers, [*student, *group]),
    ]  # fmt: skip
    text = "\n".join([*parts, ""])
    try:
        roster_of(file, parse_mapping(text, "proposed.toml"))
    except InputError as error:
        return f"# As it stands the file is not read through it: {_comment(str(error))}\n{text}"
    return text


def _student(found: Sniffed, group: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Find the columns that name a student; where they name several rows each, also a column and the cell of one."""
    names, parts = ([name for name in found.called(of) if name not in group] for of in (IDS, PARTS))
    for columns in (*([name] for name in names), parts, *([*group, name] for name in names)):
        if columns and _is_key(found.cells(*columns)):
            return columns, {}
    for name in names:
        for time in found.called(TIMES):
            if time != name and _is_key(found.cells(name, time)):
                return [name], {time: Counter(found.column(time)).most_common(1)[0][0]}
    return [], {}


def _is_key(cells: Sequence[tuple[str, ...]]) -> bool:
    """Say whether every row has all of them, and no two have the same."""
    return len(set(cells)) == len(cells) and all(all(parts) for parts in cells)


def _repeats(cells: Sequence[str]) -> bool:
    """Say whether every row has one, and some have the same."""
    return all(cells) and len(set(cells)) < len(cells)


def _numbers(found: Sniffed, taken: Collection[str]) -> dict[str, set[str]]:
    """Find the columns of numbers, each with the words among them, which stand for a missing value."""
    columns = {}
    for name in found.own_names():
        if name not in taken and not re.search(OTHERS, name.casefold()):
            cells = [cell for cell in found.column(name) if cell not in MISSING]
            words = {cell for cell in cells if as_number(cell, found.decimal) is None}
            enough = FEWEST if len(cells) > CELLS else 1
            if len({*cells} - words) > enough and len(words) <= max(1, len(cells) // WORDS):
                columns[name] = words
    return columns


def _file(found: Sniffed, only: Mapping[str, str], missing: Sequence[str]) -> list[str]:
    skip = {name: cells for name, cells in found.skip.items() if cells}
    lines = {
        f"separator = {_toml(found.separator)}": found.separator != ",",
        f"encoding = {_toml(found.encoding)}": found.encoding != "utf-8",
        f"decimal = {_toml(found.decimal)}": found.decimal != ".",
        f"header = {found.top} # the line of the column names": found.top > 1,
        f"skip = {_inline(skip)} # rows that are no students": bool(skip),
        f"only = {_inline(only)} # one row of each student": bool(only),
        f"missing = [{', '.join(map(_toml, missing))}] # words where other cells have numbers": bool(missing),
    }
    stated = [line for line, is_needed in lines.items() if is_needed]
    return ["\n[file]", *stated] if stated else []


def _class(found: Sniffed, group: Sequence[str], school: Sequence[str]) -> list[str]:
    sizes = Counter(found.cells(*group)) if group else Counter({(): len(found.rows)})
    largest, is_school = max(sizes.values(), default=0), bool(group) and group[-1] in found.called(SCHOOLS)
    lines = [f"id = {_toml(group)}"] if group else []
    if school and len(set(found.cells(*school))) > 1:
        lines.append(f"school = {_toml(school)} # intervals treat each school as one draw, with all its classes")
    if largest > LARGEST or is_school:
        lines.append(f"deal = 25 # larger ones are dealt into classes; the largest has {largest} students")
    if len(sizes) > 1 and min(sizes.values()) < SMALLEST:
        lines.append('small = "join" # or "leave out"')
    return ["\n[class]", *lines] if lines else ["\n# no column names a class: the file is one"]


def _carry(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    head = "\n# [carry] # what goes along into results, under a name that they do not have"
    return [head, *(f"# {_toml(f'its {name}')} = {_toml(name)}" for name in dict.fromkeys(names))]


def _traits(found: Sniffed, numbers: Mapping[str, Collection[str]], taken: Collection[str]) -> list[str]:
    lines = []
    for trait in TRAITS:
        if trait in numbers:
            lines += [f"\n[traits.{trait}] # {TRAITS[trait]}", f"columns = {_toml(trait)}"]
    rest = [name for name in numbers if name not in TRAITS]
    letters = [] if rest else _letters(found, taken)
    if "prior_knowledge" in numbers or not (rest or letters):
        return lines
    chosen = [name for name in found.called(TOTALS) if name in rest][:1] or rest or letters
    lines += [f"\n[traits.prior_knowledge] # {TRAITS['prior_knowledge']}: is it that?", f"columns = {_toml(chosen)}"]
    if others := [name for name in rest if name not in chosen]:
        lines.append(f"# numbers too: {_comment(', '.join(others))}")
    if letters:
        lines.append(f"scale = {_toml(LETTERS)} # the best first")
    cells = [cell for name in chosen for cell in found.column(name) if cell.endswith("%")]
    if any((as_number(cell, found.decimal) or 0) > 100 for cell in cells):
        lines.append("extra_credit = true # there are percentages above 100")
    return lines


def _letters(found: Sniffed, taken: Collection[str]) -> list[str]:
    """Find the columns of grades in letters."""
    cells = {name: {*found.column(name)} - {*MISSING} for name in found.own_names() if name not in taken}
    return [name for name, grades in cells.items() if grades and grades <= {*LETTERS}]


def _toml(value: str | Sequence[str]) -> str:
    """Write a text or a list of texts in TOML; a list of one is its text."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return _toml(value[0]) if len(value) == 1 else f"[{', '.join(map(_toml, value))}]"


def _inline(table: Mapping[str, str | Sequence[str]]) -> str:
    return f"{{ {', '.join(f'{_toml(name)} = {_toml(words)}' for name, words in table.items())} }}"


def _comment(text: str, most: int = 300) -> str:
    """Cut a text so that it keeps to its line."""
    line = printable(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
