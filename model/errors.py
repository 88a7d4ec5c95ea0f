"""What is said when something cannot be done: one sentence that says what, where, and what would be right."""

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from numbers import Integral, Real

from setback.model.shipped import shipped

#: Letters of the longest message: what is longer lost its middle, so that what is wrong and what would be right stay.
LONGEST = 600


def sentence(text: str) -> str:
    """Give a text as one printable line of bounded length."""
    line = printable(text)
    return line if len(line) <= LONGEST else f"{line[:350]} … {line[-240:]}"


class _Sentence(Exception):  # noqa: N818
    """What is said in one printable line of bounded length, whatever names and paths stand in it."""

    def __init__(self, message: str) -> None:
        super().__init__(sentence(message))

    def _render_traceback_(self) -> list[str]:
        """Show the sentence alone in a notebook."""
        return [f"{type(self).__name__}: {self}"]


class InputError(_Sentence, ValueError):
    """Bad input. The message is one sentence for the person who typed it; the command line exits with 2."""


class StopError(_Sentence, RuntimeError):
    """What cannot go on through no fault of its input, as on a full disk. One sentence; exit code 1."""


def shown(value: object, most: int = 60) -> str:
    """Show a value as Python writes it, on one line of at most so many characters.

    >>> shown("criterion"), shown(16**5000)
    ("'criterion'", 'a whole number of 20001 bits')
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no whole number of more than some thousand digits
        text = f"a whole number of {value.bit_length()} bits" if isinstance(value, int) else type(value).__name__
    text = printable(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def raised(error: BaseException) -> str:
    """Say what was raised by its kind and its words; by its kind alone where it has no words, or fails at them.

    >>> raised(KeyError("a")), raised(SystemExit())
    ("KeyError: 'a'", 'SystemExit')
    """
    try:
        words = str(error)
    except Exception:  # a person's own kind of exception
        words = ""
    return f"{type(error).__name__}: {words}".removesuffix(": ")


def printable(text: str) -> str:
    """Give a text that keeps to its line and to its place: every control character is a blank."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def unknown(what: str, name: object, known: Iterable[str]) -> InputError:
    """Make the error for a name that is not there: it says what the name has become, or offers the nearest, or all.

    Args:
        what: what was asked for, such as "parameter".
        name: what was typed.
        known: the names there are.
    """
    names = list(known)
    typed = name if isinstance(name, str) else shown(name)
    if new := renamed(typed, names):
        return InputError(f"unknown {what} {shown(name)}; it is called {new} now")
    near = difflib.get_close_matches(typed[:200], names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    return InputError(f"unknown {what} {shown(name)}; {hint}")


def renamed(old: str, known: Iterable[str]) -> str:
    """Give the name among some that another one was given up for; "" where there is none.

    >>> renamed("failures", ["learning", "below_criterion_rate"])
    'below_criterion_rate'
    """
    there = {*known}
    for kind in renames().values():
        for was, now in kind.items():
            stem = was.removesuffix("*")
            rest = old.removeprefix(stem) if stem != was and old.startswith(stem) else ""
            new = now if was == old else now.replace("*", rest) if rest else ""
            if new in there:
                return new
    return ""


@cache
def renames() -> Mapping[str, Mapping[str, str]]:
    """Give the names that were given up, kind by kind: old -> new."""
    found = tomllib.loads((shipped("setback.model") / "renames.toml").read_text(encoding="utf-8"))
    return {kind: names for kind, names in found.items() if kind != "alias"}


def whole(what: str, value: object, low: int, high: int) -> int:
    """Give a whole number in its range.

    Raises:
        InputError: if it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise InputError(f"{what} is {shown(value)}; it needs a whole number from {low} to {high}")
    return int(value)


def number(what: str, value: object, low: float = -math.inf, high: float = math.inf, unit: str = "") -> float:
    """Give a finite number in its range, as Python's own.

    Raises:
        InputError: if it is not.
    """
    try:
        found = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    except OverflowError:  # a whole number of more than 308 digits
        found = math.nan
    if not low <= found <= high or math.isinf(found):  # NaN fails every comparison
        least, most = "" if math.isinf(low) else f" from {low:g}", "" if math.isinf(high) else f" to {high:g}"
        of = f" ({unit})" if unit else ""
        raise InputError(f"{what} is {shown(value)}; it needs a {'' if most else 'finite '}number{least}{most}{of}")
    return found
