"""What a person typed that cannot be used: one sentence that says what, where, and what would be right."""

import difflib
from collections.abc import Iterable
from numbers import Integral


class InputError(ValueError):
    """Bad input. The message is one sentence for the person who typed it; the command line exits with 2."""


def unknown(what: str, name: object, known: Iterable[str]) -> InputError:
    """The error for a name that is not there: offers the nearest names, or all where none is near.

    Args:
        what: what was asked for, such as "parameter".
        name: what was typed.
        known: the names there are.
    """
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    return InputError(f"unknown {what} {name!r}; {hint}")


def whole(what: str, value: object, low: int, high: int) -> int:
    """A whole number in its range.

    Raises:
        InputError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise InputError(f"{what} is {value!r}; it needs a whole number from {low} to {high}")
    return int(value)
