"""What is said when something cannot be done: one sentence that says what, where, and what would be right."""

import difflib
from collections.abc import Iterable
from numbers import Integral


class InputError(ValueError):
    """Bad input. The message is one sentence for the person who typed it; the command line exits with 2."""


class StopError(RuntimeError):
    """What cannot go on through no fault of its input, as on a full disk. The command line says it and exits with 1."""


def shown(value: object, most: int = 60) -> str:
    """Show a value as Python writes it, on one line of at most so many characters.

    >>> shown("criterion"), shown(16**5000)
    ("'criterion'", 'a whole number of 20001 bits')
    """
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of more than some thousand digits
        text = f"a whole number of {value.bit_length()} bits" if isinstance(value, int) else type(value).__name__
    text = printable(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def printable(text: str) -> str:
    """Give a text that keeps to its line and to its place: every control character is a blank."""
    return "".join(c if c.isprintable() else " " for c in text)


def unknown(what: str, name: object, known: Iterable[str]) -> InputError:
    """Make the error for a name that is not there: it offers the nearest names, or all where none is near.

    Args:
        what: what was asked for, such as "parameter".
        name: what was typed.
        known: the names there are.
    """
    names = list(known)
    typed = name if isinstance(name, str) else shown(name)
    near = difflib.get_close_matches(typed[:200], names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    return InputError(f"unknown {what} {shown(name)}; {hint}")


def whole(what: str, value: object, low: int, high: int) -> int:
    """Give a whole number in its range.

    Raises:
        InputError: if it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise InputError(f"{what} is {shown(value)}; it needs a whole number from {low} to {high}")
    return int(value)
