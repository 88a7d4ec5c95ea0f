"""What is measured of a class: an outcome's mean over its students, a quantile of them, or the share beyond a limit.

``learning`` is the mean, ``learning.q10`` the 10th percentile, ``learning<0.2`` and ``learning>0.2`` the share of those
students of whom it is known. A custom outcome is a function that declares itself::

    @sb.outcome("share of weeks", "work that was due and not handed in")
    def not_handed_in(weeks_submitted, weeks):
        return 1.0 - weeks_submitted / weeks
"""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.errors import InputError, shown, unknown
from setback.model.outcomes import OUTCOMES, End, Outcome, class_mean
from setback.model.state import OPENED, SLOTS, STATE, TALLY
from setback.model.syntax import canonical, digest, source_of

Array = NDArray[np.float64]
Function = Callable[..., Any]
#: Names of columns of tables, which no outcome can have.
TAKEN = ("world", "policy", "room", "class", "school", "student", "students", "seat", "week", "weeks")
#: What a custom outcome may read: slots as they are when the year is over, and the number of its weeks.
READ = ("weeks", *(slot.name for slot in (*OPENED, *STATE, *TALLY)))
_SAYS = re.compile(
    r"(?P<outcome>[^.<>]+)(?:\.q(?P<percent>\d{1,2}(?:\.\d+)?)|(?P<sign>[<>])(?P<limit>-?\d+(?:\.\d+)?))?"
)


class Measure(NamedTuple):
    """One number of a class: which outcome, and what is made of its students.

    Attributes:
        outcome: what is measured of each student.
        unit: unit of the number.
        over: gives a number a class (column,) from its students (seat, column), NaN where it is known of none.
    """

    outcome: Outcome
    unit: str
    over: Callable[[Array], Array] = class_mean


def base(name: str) -> str:
    """Name the outcome that a measure is of.

    >>> base("learning.q10"), base("learning<0.2")
    ('learning', 'learning')
    """
    found = _SAYS.fullmatch(name)
    return found["outcome"] if found else name


def measure(name: str, known: Mapping[str, Outcome] = OUTCOMES) -> Measure:
    """Read what is measured of a class.

    Raises:
        InputError: if there is no such outcome, or what follows it is neither a quantile nor a limit.
    """
    found = _SAYS.fullmatch(name)
    outcome = known.get(found["outcome"]) if found else None
    if found is None or outcome is None:
        if (first := re.split(r"[.<>]", name)[0]) in known:
            advice = f"write {first}.q10 for a quantile, {first}<0.2 or {first}>0.2 for a share of students"
            raise InputError(f"{shown(name)} says no number of a class; {advice}")
        raise unknown("outcome to keep", name, known)
    if found["percent"]:
        return Measure(outcome, outcome.unit, _Quantile(float(found["percent"]) / 100.0))
    unit = unit_of(name, {found["outcome"]: outcome.unit})
    if found["sign"]:
        return Measure(outcome, unit, _Share(found["sign"], float(found["limit"])))
    return Measure(outcome, unit)


def unit_of(name: str, units: Mapping[str, str]) -> str:
    """Give the unit of a measure from those of outcomes: shares of students have one of their own.

    >>> unit_of("learning.q10", {"learning": "SD"}), unit_of("learning<0.2", {"learning": "SD"})
    ('SD', 'share of students')
    """
    found = _SAYS.fullmatch(name)
    return "share of students" if found and found["sign"] else units[base(name)]


@dataclass(frozen=True)
class _Quantile:
    q: float

    def __call__(self, values: Array) -> Array:
        with warnings.catch_warnings(action="ignore"):  # a class of which nothing is known
            found: Array = np.nanquantile(np.where(np.isfinite(values), values, np.nan), self.q, axis=0)
        return found


@dataclass(frozen=True)
class _Share:
    sign: str
    limit: float

    def __call__(self, values: Array) -> Array:
        beyond = values < self.limit if self.sign == "<" else values > self.limit
        return class_mean(np.where(np.isfinite(values), beyond * 1.0, np.nan))


# ---- custom outcomes -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Read:
    """Reads the slots that the arguments of a function name, and calls it."""

    function: Function

    def __call__(self, end: End, weeks: int) -> Array:
        """Give the outcome of every student, (seat, column)."""
        names = inspect.signature(self.function).parameters
        values = [float(weeks) if name == "weeks" else end[name] for name in names]
        every: Array = np.asarray(end["enrolled"])
        return np.broadcast_to(np.asarray(self.function(*values), float), every.shape)


def outcome(unit: str, description: str = "") -> Callable[[Function], Function]:
    """Let the function below declare that it is an outcome; it stays the plain function that it was.

    Its arguments name what it reads: slots (`setback list slots`) as they are when the year is over, (seat, column)
    each, and ``weeks``. It gives a number a student, NaN where it is not known; its name is that of the outcome. A
    model takes it by `setback.model.week.Model.with_outcome`, or from a file.

    Args:
        unit: the unit of the number.
        description: what it is; by default the first line of the function's docstring.

    Raises:
        InputError: if the unit is no text, the name cannot be one, or an argument is no slot that is there at the end.
    """

    def declare(function: Function) -> Function:
        name = function.__name__
        if not isinstance(unit, str) or not unit.strip():
            raise InputError(f"outcome {name}: its unit is {shown(unit)}; it needs a text, as in 'share of weeks'")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise InputError(f"outcome {name} has no name that tables can have; it needs a_name_like_this")
        if name in OUTCOMES or name in SLOTS or name in TAKEN:
            raise InputError(f"{name} is there already; give your outcome another name")
        for argument in inspect.signature(function).parameters:
            if argument not in READ:
                raise unknown(f"slot that outcome {name} reads:", argument, READ)
        with suppress(OSError, TypeError):  # who asks for it is told
            source_of(function)  # as it is now, when the function is made
        said = description or (inspect.getdoc(function) or "").partition("\n")[0].rstrip(".")
        vars(function)["outcome"] = Outcome(unit, said, Read(function))
        return function

    return declare


def declared(function: object) -> Outcome | None:
    """Give the outcome that a function declares; None where it declares none."""
    found = getattr(function, "outcome", None) if inspect.isfunction(function) else None
    return found if isinstance(found, Outcome) else None


def custom(known: Mapping[str, Outcome]) -> dict[str, Function]:
    """Give the functions of the outcomes that are not the model's own, by name."""
    return {name: row.of.function for name, row in known.items() if isinstance(row.of, Read)}


def says(function: Function) -> str:
    """Give the hash of what an outcome says, the numbers and functions of its file that it reads among it.

    Raises:
        InputError: if its source cannot be read, or it reads something whose change would not be seen.
    """
    return digest(_text(function, function.__name__, ()))


def _text(function: Function, name: str, inside: tuple[Function, ...]) -> str:
    try:
        source = canonical(ast.parse(source_of(function)))
    except (OSError, TypeError, SyntaxError):
        raise InputError(f"the source of outcome {name} cannot be read; put it into a file") from None
    variables = inspect.getclosurevars(function)
    parts = [source]
    for called, value in sorted({**variables.globals, **variables.nonlocals}.items()):
        if isinstance(value, FunctionType) and not value.__module__.startswith(("numpy", "setback.model.")):
            parts.append(_text(value, name, (*inside, function)) if value not in (*inside, function) else called)
        elif value is None or isinstance(value, bool | int | float | str):
            parts.append(f"{called}={value!r}")
        elif not isinstance(value, ModuleType | FunctionType | np.ufunc) and not callable(value):
            raise InputError(
                f"outcome {name} reads {called}, a {type(value).__name__}; write its numbers into it instead"
            )
    return "\n".join(parts)
