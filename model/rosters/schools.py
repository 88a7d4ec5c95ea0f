"""Which school each class lies in: schools are the draws of whatever is said of a district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from setback.model.errors import InputError, shown
from setback.model.rosters.cells import Words
from setback.model.rosters.names import joined
from setback.model.rosters.table import Table


def schools_of(table: Table, columns: Sequence[int], keys: Sequence[tuple[str, ...]], missing: Words) -> list[str]:
    """Give the school of every row; of a file whose mapping names none, nothing.

    Args:
        table: the rows.
        columns: the columns that together name the school.
        keys: the class of every row.
        missing: words for a missing value.

    Raises:
        InputError: if a row names no school, or rows of one class name two.
    """
    if not columns:
        return []
    names = "+".join(table.header[k] for k in columns)
    found: list[str] = []
    first: dict[tuple[str, ...], tuple[str, int]] = {}
    for row, line, key in zip(table.rows, table.lines, keys, strict=True):
        parts = [row[k] for k in columns]
        if all(part in missing for part in parts):
            raise InputError(
                f"line {line} of {table.file} has no {names}; every class needs a school, or name no column of schools"
            )
        school = joined(parts) if len(parts) > 1 else parts[0]
        other, at = first.setdefault(key, (school, line))
        if other != school:
            which = f"class {shown(joined(key))} of {table.file} lies" if key else f"{table.file} is one class and lies"
            raise InputError(
                f"{which} in two schools, {shown(other)} on line {at} and {shown(school)} on line {line}; name the "
                "columns of the school in [class] id as well, before those of the class"
            )
        found.append(school)
    return found


def of_classes(classes: Mapping[str, Sequence[int]], schools: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Give the school of each class, and a note where schools became one.

    Small classes of two schools that were joined make one school of both: what happens in such a class is no second
    draw.

    Args:
        classes: the rows of every class, by its name.
        schools: the school of every row; none where the mapping names none.
    """
    if not schools:
        return dict.fromkeys(classes, ""), []
    root = {school: school for school in dict.fromkeys(schools)}

    def top(school: str) -> str:
        while root[school] != school:
            root[school] = school = root[root[school]]
        return school

    for rows in classes.values():
        first, *others = dict.fromkeys(schools[i] for i in rows)
        for other in others:
            root[top(other)] = top(first)
    members: dict[str, list[str]] = {}
    for school in root:
        members.setdefault(top(school), []).append(school)
    shared = sum(len(names) for names in members.values() if len(names) > 1)
    name = {one: names[0] if len(names) == 1 else joined(names, "+") for one, names in members.items()}
    found = {of: name[top(schools[rows[0]])] for of, rows in classes.items()}
    if not shared:
        return found, []
    return found, [f"{shared} schools share joined classes: {len(root)} schools became {len(members)}"]
