"""What people read is plain modern English: turns that were given up stand in no docstring, message or document."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from setback.model.outcomes import OUTCOMES
from setback.model.parameters import ROWS
from setback.model.state import SLOTS

ROOT = Path(__file__).parents[2]
FOLDERS = ("model", "experiments", "analysis", "interface", "benchmarks", "docs")
#: Turns that are not to be used, each with what is written in its place.
BANNED = {
    r"\b(?:lived|lives)\b|\blive (?:a|all|any|both|by|in|like|one|some|the|through|under)\b": "run",
    r"\bone's own\b|\bof one's\b": "custom, or whose it is",
    r"\b(?:hours|minutes|points|share|times|units) a (?:student|week|year)\b": "per",
    r"\b(?:whoever|whomever|whosoever)\b": "who or what it is",
    r"\b(?:behold|hence|henceforth|hereby|herein|lest|shall|thence|thereby|therein|thereof|unto|upon|whence|whereby"
    r"|wherein|whereof)\b": "a plain word",
}
FILES = [path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))
         if path.suffix in (".py", ".md", ".toml", ".txt")]  # fmt: skip


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a file with their lines: of Python every string, of other files every line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, " ".join(node.value.split())


def banned(text: str) -> list[str]:
    """Each banned turn of a text, and what to write."""
    return [
        f"“{found[0]}”: write {better}" for turn, better in BANNED.items() for found in re.finditer(turn, text, re.I)
    ]


@pytest.mark.parametrize("turn", ["It is lived.", "a mechanism of one's own", "minutes a week", "Whoever", "thereof"])
def test_a_banned_turn_is_seen(turn: str) -> None:
    """Each of the kinds."""
    assert len(banned(turn)) == 1


@pytest.mark.parametrize("text", ["setback live", "a live view", "`setback.live.page`", "a year alive"])
def test_other_words_are_left_alone(text: str) -> None:
    """The view is called live."""
    assert banned(text) == []


@pytest.mark.parametrize("name", FILES)
def test_no_banned_turn(name: str) -> None:
    """Each is said with its line and what to write."""
    assert [f"{line}: {fault}" for line, text in strings(ROOT / name) for fault in banned(text)] == []


def test_units_say_per() -> None:
    """Share per week, minutes per week: a unit has no article in it."""
    units = {row.unit for row in (*SLOTS.values(), *OUTCOMES.values(), *ROWS.values())}
    assert [unit for unit in units if re.search(r"\ban?\b", unit)] == []
