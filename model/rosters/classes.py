"""Who sits in one class: those whom the file puts together, small classes joined and large ones dealt."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from setback.model.chance import uniform
from setback.model.errors import InputError, shown
from setback.model.rosters.cells import Words
from setback.model.rosters.names import joined
from setback.model.rosters.roster import SMALLEST
from setback.model.rosters.rules import Rules
from setback.model.rosters.table import Table

#: What a class is in the file: the cells of the columns that name it.
Key = tuple[str, ...]


class Group(NamedTuple):
    """Rows that sit together: those of one class of the file, or of several that were joined."""

    keys: tuple[Key, ...]
    rows: list[int]


def keys_of(table: Table, columns: Sequence[int], missing: Words) -> list[Key]:
    """Give the class of every row; without columns all are one.

    Raises:
        InputError: if a row names no class.
    """
    keys = []
    for row, line in zip(table.rows, table.lines, strict=True):
        key = tuple(row[k] for k in columns)
        if columns and all(part in missing for part in key):
            names = "+".join(table.header[k] for k in columns)
            needs = "every student needs a class, or leave the row out with [file] skip in a mapping"
            raise InputError(f"line {line} of {table.file} has no {names}; {needs}")
        keys.append(key)
    return keys


def large_enough(keys: Sequence[Key], rules: Rules, file: str) -> tuple[list[int], list[str]]:
    """Give the rows of classes that are no small ones, and a note that counts the others.

    Raises:
        InputError: if there is no such class.
    """
    sizes = Counter(keys)
    small = {key: size for key, size in sizes.items() if size < rules.least}
    if len(small) == len(sizes):
        raise InputError(
            f"mapping {rules.name} keeps nobody of {file}: no class has {rules.least} students, and [class] small "
            'leaves the others out; write small = "join" or a smaller least'
        )
    told = f"left out {_many(len(small), 'class', 'classes')} of fewer than {rules.least} students: "
    students = _many(sum(small.values()), "student")
    return [i for i, key in enumerate(keys) if key not in small], [told + students] if small else []


def seat(keys: Sequence[Key], rules: Rules, schools: Sequence[str] = ()) -> tuple[dict[str, list[int]], list[str]]:
    """Give the rows of every class by its name, classes in the order of the file, and notes of what was done.

    Args:
        keys: the class of every row.
        rules: whether large classes are dealt and small ones joined.
        schools: the school of every row, where they are known.

    Raises:
        InputError: if somebody would sit alone.
    """
    found: dict[Key, list[int]] = {}
    for i, key in enumerate(keys):
        found.setdefault(key, []).append(i)
    groups = [Group((key,), rows) for key, rows in found.items()]
    done, dealt = [], 0
    if rules.small == "join":
        groups = join_small(groups, rules.least, schools)
        if len(groups) < len(found):
            which = sum(len(rows) < rules.least for rows in found.values())
            small = _many(which, "class", "classes")
            became = f"{len(found)} classes became {len(groups)}"
            done.append(f"joined {small} of fewer than {rules.least} students with others: {became}")
    classes: dict[str, list[int]] = {}
    for group in groups:
        name = _name(group.keys, rules)
        if rules.deal and (len(group.rows) > rules.deal or not rules.group):
            parts = deal(group.rows, rules.deal, rules.seed, name, rules.name)
            classes |= {joined_with(name, k + 1): rows for k, rows in enumerate(parts)}
            dealt += 1
        else:
            classes[name or "all"] = group.rows
    if dealt and rules.group:
        more = len(classes) - len(groups) + dealt
        larger = _many(dealt, "class", "classes")
        done.append(f"dealt {larger} of more than {rules.deal} into {more}, in the order of seed {rules.seed}")
    return classes, done


def join_small(groups: Sequence[Group], least: int, schools: Sequence[str] = ()) -> list[Group]:
    """Join classes of fewer than so many students, the smallest two first, until none or one is left.

    A class joins one of its own school where it can: one that has all columns of its name but the last in common,
    else all but the last two, and so on; where schools are known, one of another school in the end alone.
    """
    made = list(groups)
    for of_school, shared in [*((True, k) for k in reversed(range(len(groups[0].keys[0])))), (False, 0)]:
        near: dict[Key, list[Group]] = {}
        for group in made:
            school = (schools[group.rows[0]],) if schools and of_school else ()
            near.setdefault((*school, *group.keys[0][:shared]), []).append(group)
        made = [group for some in near.values() for group in _join(some, least)]
    return sorted(made, key=lambda group: group.rows[0])


def _join(school: Sequence[Group], least: int) -> list[Group]:
    heap = [(len(group.rows), group.rows[0], group) for group in school]
    heapq.heapify(heap)
    while len(heap) > 1 and heap[0][0] < least:
        first, second = sorted((heapq.heappop(heap)[2], heapq.heappop(heap)[2]), key=lambda group: group.rows[0])
        both = Group(first.keys + second.keys, sorted(first.rows + second.rows))
        heapq.heappush(heap, (len(both.rows), both.rows[0], both))
    return [group for _, _, group in heap]


def deal(rows: Sequence[int], size: int, seed: int, name: str = "", mapping: str = "") -> list[list[int]]:
    """Deal rows into classes of nearly equal size, none larger than asked for, in seeded order.

    Args:
        rows: the numbers of the rows, which are the seats in the address of chance.
        size: students to a class.
        seed: the seed.
        name: what the class that is dealt is called, for the error.
        mapping: the name of the mapping, for the error.

    Raises:
        InputError: if somebody would sit alone.
    """
    classes = math.ceil(len(rows) / size)
    if len(rows) // classes < SMALLEST < len(rows):
        of = f" of class {shown(name)}" if name else ""
        raise InputError(
            f"{len(rows)} students{of} dealt into classes of {size} leave one alone; "
            f"write [class] deal = {size + 1} in mapping {mapping}"
        )
    order = np.asarray(rows)[np.argsort(uniform(seed, "deal", np.asarray(rows), 0, 0), kind="stable")]
    return [sorted(who.tolist()) for who in np.array_split(order, classes)]


def _name(keys: Sequence[Key], rules: Rules) -> str:
    """Name a class before it is dealt: marks that are put between names stand in none of them unmarked."""
    is_joined = len(rules.group) > 1 or (rules.deal > 0 and bool(rules.group))
    names = [joined(key) if is_joined else "".join(key) for key in keys]
    return joined(names, "+") if rules.small == "join" else names[0]


def joined_with(name: str, number: int) -> str:
    """Give the name of the part of a class that was dealt."""
    return f"{name}/{number}" if name else str(number)


def _many(count: int, thing: str, things: str = "") -> str:
    return f"{count} {thing if count == 1 else things or f'{thing}s'}"
