"""Names and words with a ``*``, which stands for any text; every other letter stands for itself."""

from __future__ import annotations


def is_pattern(text: str) -> bool:
    """Say whether a text has a ``*``."""
    return "*" in text


def fits(text: str, pattern: str) -> bool:
    """Say whether a text fits a pattern.

    >>> fits("Quiz 1 (123)", "Quiz*"), fits("Essay (Real)", "* (Real)"), fits("Total t", "Total [*]")
    (True, True, False)
    """
    if not is_pattern(pattern):
        return text == pattern
    first, *middle, last = pattern.split("*")
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:  # the first place where a part stands leaves most for the next
        at = text.find(part, at, end) + len(part)
        if at < len(part):
            return False
    return True
