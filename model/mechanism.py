"""A mechanism declares itself: its docstring makes the claim, and everything else stands as data beside the function.

The equations of the model and custom ones use the same decorator::

    @mechanism(
        "affect",
        strength={"humour": "no relief"},
        source="a thesis",
        parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week", "Friends take the edge off.")},
        after="update_affect",
    )
    def laugh_it_off(affect, friends_effort, p):
        \"\"\"Friends who work hard take the edge off a failure.\"\"\"
        return affect * (1.0 - p.strength_humour * p.humour_relief * friends_effort)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from setback.model.errors import InputError, number, shown
from setback.model.references import ASSUMED, FITTED, cite
from setback.model.syntax import source_of

Function = TypeVar("Function", bound=Callable[..., object])
#: The group of custom mechanisms.
CUSTOM = "custom"
#: What stands in place of a mechanism that names no neutral value.
UNCHANGED = "what was there"
#: Words that the ablation uses for its first and its last world.
RESERVED = ("nothing", "everything")


class Param(NamedTuple):
    """One row of the parameter table.

    Attributes:
        name: what it is called everywhere.
        symbol: what formulas call it.
        default: its value unless another is named.
        low, high: the range.
        unit: of all three.
        source: keys of ``references.toml`` separated by "; ", other words for people, ``assumed`` or
            fitted.
        description: one sentence.
        distribution: how a sweep draws it between low and high: ``uniform``, ``loguniform``, or ``fixed`` (kept at its
            default unless named).
        kind: ``student``, ``mechanism``, ``design`` (a strength) or ``policy`` (a lever).
        mechanism: the mechanism without which it changes nothing; "" for none. Left out, it is the first one whose
            strength the declaring equation names.
        gained: whether the gain of its mechanism's group multiplies it (`setback.model.parameters.Table.effective`).
    """

    name: str
    symbol: str
    default: float
    low: float
    high: float
    unit: str
    source: str
    description: str
    distribution: str = "uniform"
    kind: str = "mechanism"
    mechanism: str | None = None
    gained: bool = False

    @property
    def citation(self) -> str:
        """Where the number is from, for people to read."""
        return cite(self.source)

    @property
    def is_whole(self) -> bool:
        """Whether a slider offers whole numbers alone: how often, of a lever that no sweep draws."""
        return self.kind == "policy" and self.distribution == "fixed"


class Declaration(NamedTuple):
    """What an equation says of itself beside its claim.

    Attributes:
        writes: the slots that its result goes to; none where other equations call it.
        kind: ``each`` (every student) or ``teacher`` (once a class).
        decision: what its ``u`` or ``z`` decides, a name of `setback.model.chance.DECISIONS`; "" for none.
        lever: a policy lever, a field of the flip as in ``flip.luck``, or a parameter as in ``p.drift_slow_sd``,
            without which it changes no bit; "" for none.
        strength: each mechanism whose strength it reads, and what stands in its place at 0.
        group: the group of the first of them, and
        effect: what that mechanism does, where this equation is the one that introduces it.
        source: keys of ``references.toml`` separated by "; ", or other words; "" for bookkeeping.
        parameters: the rows of the table that it brings.
        after: the equation after which a custom one runs.
    """

    writes: tuple[str, ...]
    kind: str
    decision: str
    lever: str
    strength: Mapping[str, str]
    group: str
    effect: str
    source: str
    parameters: tuple[Param, ...]
    after: str

    @property
    def citation(self) -> str:
        """Where the claim is from, for people to read."""
        return cite(self.source)


def mechanism(
    writes: str = "",
    *,
    kind: str = "each",
    decision: str = "",
    lever: str = "",
    strength: str | Mapping[str, str] = (),  # type: ignore[assignment]
    group: str = "",
    effect: str = "",
    source: str = "",
    parameters: Sequence[Param] | Mapping[str, Sequence[Any]] = (),
    after: str = "",
) -> Callable[[Function], Function]:
    """Let the function below declare what it is; it stays the plain function that it was.

    Args:
        writes: the slots that its result goes to, separated by blanks; none where other equations call it.
        kind: ``each`` (every student) or ``teacher`` (once a class).
        decision: what its ``u`` or ``z`` decides, one of `setback.model.chance.DECISIONS` that nothing else uses.
        lever: the policy lever, or the parameter as in ``p.humour_relief``, without which it changes no bit.
        strength: a name; the equation reads ``p.strength_<name>``, 1 at work and 0 not. Or names, each with what
            stands in the mechanism's place at 0.
        group: the group of mechanisms that the first name joins, and
        effect: what that mechanism does; both are said once, by the equation that introduces it.
        source: where the claim comes from: keys of ``references.toml`` separated by "; ", other words, or ``assumed``.
        parameters: its own numbers: rows of the table, or name -> (default, low, high) and, if you like, a unit and a
            sentence.
        after: where a custom mechanism runs: after the last call of this equation, as `setback list mechanisms` names
            it.

    Raises:
        InputError: if a name cannot be one, or a number has no default in a finite range.
    """

    def declare(function: Function) -> Function:
        name = function.__name__
        for what, text in (("writes", writes), ("source", source), ("after", after)):
            if not isinstance(text, str):
                raise InputError(f"mechanism {name}: {what} is {shown(text)}; it needs one text")
        strengths = {strength: UNCHANGED} if isinstance(strength, str) else dict(strength)
        own = _rows(name, source, parameters) if isinstance(parameters, Mapping) else tuple(parameters)
        for word in (*strengths, *(row.name for row in own)):
            if not isinstance(word, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", word):
                advice = "it needs a_name_like_this"
                raise InputError(f"mechanism {name}: {shown(word)} is no name for a strength or number; {advice}")
            if word in RESERVED:
                raise InputError(f"mechanism {name}: {word} is a word of the ablation; take another name")
        first = next(iter(strengths), "")
        own = tuple(row if row.mechanism is not None else row._replace(mechanism=first) for row in own)
        with suppress(OSError, TypeError):  # who asks for it is told
            source_of(function)  # as it is now, when the function is made
        vars(function)["declaration"] = Declaration(
            tuple(writes.split()), kind, decision, lever, strengths, group, effect, source, own, after
        )
        return function

    return declare


def declaration(function: object) -> Declaration | None:
    """Give what a function declares; None where it declares nothing."""
    found = getattr(function, "declaration", None)
    return found if isinstance(found, Declaration) else None


def strength_row(mechanism: str, effect: str) -> Param:
    """Make the row of a mechanism's strength: 1 as described, 0 its neutral value, between them a blend."""
    description = f"How much of the mechanism is at work: {effect}."
    return Param(
        f"strength_{mechanism}", "s", 1.0, 0.0, 1.0, "share", ASSUMED, description, "fixed", "design", mechanism
    )


def gain_name(group: str) -> str:
    """Give what the gain of a group is called.

    >>> gain_name("motivational memory")
    'gain_motivational_memory'
    """
    return f"gain_{group.replace(' ', '_')}"


def gain_row(group: str, fitted: float | None = None) -> Param:
    """Make the row of a group's gain: 1 as described and by default unless it is fitted, 0 none, 2 twice as much."""
    name = gain_name(group)
    description = f"How strong the group of mechanisms called {group} is: what its coefficients are multiplied by."
    symbol = f"γ_{name.removeprefix('gain_')}"
    default, source = (1.0, ASSUMED) if fitted is None else (fitted, FITTED)
    return Param(name, symbol, default, 0.0, 2.0, "multiple", source, description, "uniform", "mechanism", "")


def _rows(name: str, source: str, own: Mapping[str, Sequence[Any]]) -> tuple[Param, ...]:
    """Make rows of the short form that a custom mechanism may use."""
    rows = []
    for word, given in own.items():
        values = list(given) if isinstance(given, tuple | list) else []
        numbers = [number(f"mechanism {name}: {word}", value) for value in values[:3]]
        if len(numbers) != 3 or not numbers[1] <= numbers[0] <= numbers[2]:
            raise InputError(f"mechanism {name}: {word} needs (default, low, high) with low <= default <= high")
        default, low, high = numbers
        unit = str(values[3]) if len(values) > 3 else "number"
        description = str(values[4]) if len(values) > 4 else f"A number of {name}."
        rows.append(Param(word, word, default, low, high, unit, source, description))
    return tuple(rows)
