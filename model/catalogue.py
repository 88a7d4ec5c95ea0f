"""What the model is made of, as rows to read: each equation with its claim, source, strengths and slots."""

from __future__ import annotations

import ast
from typing import NamedTuple

from setback.model.grammar import Equation, check
from setback.model.mechanism import declaration
from setback.model.week import MODEL, Model


class Row(NamedTuple):
    """One equation of the model.

    Attributes:
        name: the function.
        claim: what it says, one sentence.
        source: where that is from; "" where it is bookkeeping.
        strength: the mechanisms whose strength it reads; "" where it always runs.
        neutral: what stands in the place of each at strength 0.
        writes: the slots it writes.
    """

    name: str
    claim: str
    source: str
    strength: str
    neutral: str
    writes: tuple[str, ...]


def catalogue(model: Model = MODEL) -> list[Row]:
    """Give the equations in the order of the week, the opening first, each once."""
    rows: dict[str, Row] = {}
    known = check(model)
    for phase in (phase for phases in model for phase in phases):
        if isinstance(phase.by, str) or phase.name in rows or (said := declaration(phase.by)) is None:
            continue
        rows[phase.name] = Row(
            phase.name,
            claim(known[phase.by]),
            said.citation,
            ", ".join(said.strength),
            "; ".join(said.strength.values()),
            phase.writes,
        )
    return list(rows.values())


def claim(equation: Equation) -> str:
    """Give what an equation says, the first sentence of its docstring."""
    return " ".join(equation.says.partition("\n\n")[0].split())


class Mechanism(NamedTuple):
    """One mechanism of the model: everything that strength 0 takes out.

    Attributes:
        name: what its strength is called, without the prefix.
        group: its group, of `setback.model.parameters.Table.groups`.
        equations: the equations that read the strength.
        sources: where their claims are from.
        neutral: what stands in place of each.
    """

    name: str
    group: str
    equations: tuple[str, ...]
    sources: tuple[str, ...]
    neutral: tuple[str, ...]


def mechanisms(model: Model = MODEL) -> list[Mechanism]:
    """Give every mechanism, group by group; custom ones are a group of their own."""
    known = check(model)
    found = []
    for group, names in model.table.groups.items():
        for name in names:
            reading = [function for function, equation in known.items() if name in strengths(equation)]
            said = [one for function in reading if (one := declaration(function))]
            sources = dict.fromkeys(each for one in said if one.source for each in one.citation.split("; "))
            neutral = dict.fromkeys(one.strength[name] for one in said if name in one.strength)
            equations = tuple(function.__name__ for function in reading)
            found.append(Mechanism(name, group, equations, tuple(sources), tuple(neutral)))
    return found


def strengths(equation: Equation) -> set[str]:
    """Give the mechanisms whose strength an equation reads."""
    nodes = (node for statement in equation.body for node in ast.walk(statement))
    fields = (node.attr for node in nodes if isinstance(node, ast.Attribute))
    return {name.removeprefix("strength_") for name in fields if name.startswith("strength_")}
