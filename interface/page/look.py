"""What a class looks like on the page, for every other view of one: its colours and its English words."""

from __future__ import annotations

import re
from functools import cache

from setback.model.outcomes import STATES
from setback.model.reading import read_toml
from setback.model.shipped import shipped
from setback.page.translations import leaves
from setback.page.words import ENGLISH


@cache
def colours() -> dict[str, tuple[str, str]]:
    """Give the background and the ink of each state of a student, as the page has them in the light.

    >>> colours()["steady"]
    ('#e4f1ec', '#00664c')
    """
    found = _of_sheet()
    return {state: (found[f"s{k}"], found[f"s{k}-mark"]) for k, state in enumerate(STATES)}


@cache
def sides() -> tuple[str, str]:
    """Give the colours of classroom A and of classroom B."""
    found = _of_sheet()
    return found["A"], found["B"]


@cache
def word(key: str) -> str:
    """Give an English word of the page by its dotted key.

    >>> word("rules.sequence")
    'Order of teaching'
    """
    return str(leaves(read_toml(ENGLISH, "words of the page"))[key])


def _of_sheet() -> dict[str, str]:
    """Read the colours of the style sheet, those of the light, which come first."""
    text = (shipped("setback.page") / "page.css").read_text(encoding="utf-8")
    light = text[: text.index("@media")]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
