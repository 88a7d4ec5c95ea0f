"""Which rows of a table are students: those that a mapping takes, but not those that it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from setback.model.errors import InputError, shown
from setback.model.rosters.cells import Words
from setback.model.rosters.columns import find
from setback.model.rosters.rules import Rules
from setback.model.rosters.table import Table

#: How many reasons a note gives.
REASONS = 5


def select(table: Table, rules: Rules, decimal: str) -> tuple[Table, list[str]]:
    """Give the table of the rows that are taken, and a note that counts the others by the reason.

    A row that is left out may be of any length: cells that it has not are blank.

    Raises:
        InputError: if nobody is left, or a column is not there.
    """
    if not rules.only and not rules.skip:
        return table, []
    only, skip = (_places(table, words, decimal) for words in (rules.only, rules.skip))
    taken: list[int] = []
    left: Counter[str] = Counter()
    for i, row in enumerate(table.rows):
        why = _why_not(row, table.header, only, skip)
        if why is None:
            taken.append(i)
        else:
            left[why] += 1
    if not taken:
        words = " and ".join(key for key, given in (("only", only), ("skip", skip)) if given)
        raise InputError(
            f"mapping {rules.name} keeps nobody of {table.file}: {words} in its [file] leave out all {len(table.rows)} "
            f"rows ({_reasons(left)}); name words that stand in the file"
        )
    rows = f"left out {sum(left.values())} of {len(table.rows)} rows"
    return table.take(taken), [f"{rows}: {_reasons(left)}"] if left else []


def _places(table: Table, words: Mapping[str, tuple[str, ...]], decimal: str) -> dict[int, Words]:
    """Give the words of each column, by its place."""
    return {find(name, table.header, table.file): Words(given, decimal) for name, given in words.items()}


def _why_not(row: list[str], header: tuple[str, ...], only: dict[int, Words], skip: dict[int, Words]) -> str | None:
    """Say why a row is left out; None where it is not."""
    for place, words in skip.items():
        if (cell := row[place] if place < len(row) else "") in words:
            return f"{header[place]} {shown(cell)}"
    for place, words in only.items():
        if (cell := row[place] if place < len(row) else "") not in words:
            return f"{header[place]} {shown(cell)}"
    return None


def _reasons(left: Counter[str]) -> str:
    """Tell the commonest reasons, each with the number of rows."""
    told = [f"{count} with {why}" for why, count in left.most_common(REASONS)]
    rest = sum(left.values()) - sum(count for _, count in left.most_common(REASONS))
    return ", ".join([*told, *([f"{rest} others"] if rest else [])])
