"""What the model is made of, as rows to read: each phase with its claim, its source, its switch and its slots."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import NamedTuple

from setback.model import parameters
from setback.model.grammar import check
from setback.model.week import PHASES, Model


class Row(NamedTuple):
    """One equation of the model.

    Attributes:
        name: the function.
        claim: what it says, one sentence.
        source: where that is from; "" where it is bookkeeping.
        switch: the parameter that switches it off, without its prefix; "" where it always runs.
        neutral: what stands in its place then.
        writes: the slots it writes.
    """

    name: str
    claim: str
    source: str
    switch: str
    neutral: str
    writes: tuple[str, ...]


def catalogue(model: Model = PHASES) -> list[Row]:
    """The equations in the order of the week, the opening first, each once."""
    rows: dict[str, Row] = {}
    known = check(model)
    for phase in (phase for phases in model for phase in phases):
        if isinstance(phase.by, str) or phase.name in rows:
            continue
        claim, _, rest = known[phase.by].says.partition("\n\n")
        rest = " ".join(rest.split())
        neutral = _neutral(rest)
        rows[phase.name] = Row(
            phase.name,
            " ".join(claim.split()),
            _source(rest),
            ", ".join(neutral),
            "; ".join(neutral.values()),
            phase.writes,
        )
    return list(rows.values())


class Mechanism(NamedTuple):
    """One mechanism of the model: everything that its switch takes out.

    Attributes:
        name: the switch, without its prefix.
        group: its group, of `setback.model.parameters.MECHANISM_GROUPS`.
        equations: the equations that read the switch.
        sources: where their claims are from.
        neutral: what stands in place of each.
    """

    name: str
    group: str
    equations: tuple[str, ...]
    sources: tuple[str, ...]
    neutral: tuple[str, ...]


def mechanisms(model: Model = PHASES) -> list[Mechanism]:
    """Every mechanism, group by group; one's own are a group of their own."""
    read: dict[str, list[Callable[..., object]]] = {}
    known = check(model)
    for function, equation in known.items():
        for node in (node for statement in equation.body for node in ast.walk(statement)):
            if isinstance(node, ast.Attribute) and node.attr.startswith("strength_"):
                by = read.setdefault(node.attr.removeprefix("strength_"), [])
                by += [function] * (function not in by)
    found = []
    groups = {name: group for group, names in parameters.MECHANISM_GROUPS.items() for name in names}
    order = [*groups, *(name for name in read if name not in groups)]
    for name in order:
        notes = [" ".join(known[function].says.split()) for function in read.get(name, ())]
        sources = dict.fromkeys(source for note in notes if (source := _source(note)))
        neutral = dict.fromkeys(_neutral(note)[name] for note in notes if name in _neutral(note))
        equations = tuple(function.__name__ for function in read.get(name, ()))
        found.append(Mechanism(name, groups.get(name, "one's own"), equations, tuple(sources), tuple(neutral)))
    return found


def _source(note: str) -> str:
    found = re.search(r"Source: (.*?)\.?(?: Strengths?: |$)", note)
    return found[1] if found else ""


def _neutral(note: str) -> dict[str, str]:
    """Switch -> what stands in its place, as a docstring says: "Switches: a; neutral: this; b; neutral: that."."""
    found = re.search(r"Strengths?: (.*)$", note)
    return dict(re.findall(r"(\w+); neutral: (.*?)(?=; \w+; neutral: |\.(?: |$))", found[1])) if found else {}
