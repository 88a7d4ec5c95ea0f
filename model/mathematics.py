"""The equations as mathematics to read: every phase in its order, with what it says, its symbols and its sources.

EQUATIONS.md is this text; ``python -m setback.model.odd`` writes it anew, and a test keeps it current. What the engines
compute and what stands here come from one syntax tree.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter

import numpy as np

from setback.model.grammar import RECORDS, Equation, check
from setback.model.mechanism import declaration
from setback.model.parameters import Table
from setback.model.week import MODEL, Model, Phase

#: Functions of `setback.model.arithmetic` that mathematics has a sign for.
SIGNS = {
    "indicator": "[{}]", "sqrt": "√({})", "absolute": "|{}|", "floor": "⌊{}⌋", "maximum": "max({}, {})",
    "minimum": "min({}, {})",
}  # fmt: skip
#: What Python writes otherwise than mathematics does, once every name and number stands there.
MARKS = {" * ": " · ", " ** 2": "²", "-": "−", " >= ": " ≥ ", " <= ": " ≤ ", " == ": " = ", " & ": " and ",
         " | ": " or ", "~": "not "}  # fmt: skip
#: What is taken over the class or over friends.
OVER = {
    "mean": "the mean of {0} over all occupied seats of the class",
    "rank": "the share of the class whose {1} lies below the own {0}, ties halved",
    "peers": "the mean of {0} over the student's friends",
}
WIDTH = 116
PARTS = {
    "The opening": "Once, when the year begins, from standard scores that a roster gives or chance draws.",
    "The week": "Every week, in this order.",
    "What is added up": "Every week, after all else; nothing that a student does reads it.",
}
HEAD = """# The equations, in the order of the week

Written from the code by `python -m setback.model.odd`, and kept current by a test: it is the text that all engines run.
[ODD.md](ODD.md) says what the model is for, and has every symbol with its value, range, unit and source.

- A line with `=` gives something a name, and a later one may give it anew. A line with `←` writes a slot: those of a
  phase all at once, from what the phases before have left. A phase stands for every student where nothing else is said.
- Symbols as `λ_A` are parameters; `s_affect` is the strength of a mechanism, 1 as described and 0 off. The gain of its
  group multiplies a coefficient before any line reads it. `q.threat` is a lever of the policy, `flip.luck` says what a
  twin turns. All else is a slot, a name of the phase itself, or a function, which stands before what first reads it.
- `blend(s, neutral, full)` is (1 − s) · neutral + s · full. `[…]` is 1 where what it says holds, else 0.
  `clip(x, a, b)` keeps x from a to b. `u` is a uniform number from 0 to 1, `z` a standard normal one, of the decision
  that is named.
"""


def page(model: Model = MODEL) -> str:
    """Give the whole text: the opening, the week and what is added up, phase by phase."""
    known, said, lines, number = check(model), dict[Callable[..., object], int](), [HEAD], 0
    for (title, when), phases in zip(PARTS.items(), model):
        lines += [f"## {title}\n\n{when}\n"]
        for phase in phases:
            number += 1
            lines += _phase(phase, number, known, said)
    return "\n".join(lines)


def formulas(equation: Equation, writes: Iterable[str] = ()) -> list[str]:
    """Give the lines of one equation as mathematics.

    Args:
        equation: what is to be written.
        writes: the slots that its result goes to; none of a function that others call.
    """
    *steps, last = equation.body
    assert isinstance(last, ast.Return) and last.value is not None
    parts = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
    results = [_said(part, equation) for part in parts]
    lines = [f"{_said(step.targets[0], equation)} = {_said(step.value, equation)}" for step in steps
             if isinstance(step, ast.Assign)]  # fmt: skip
    if writes:
        for result, group in groupby(zip(writes, results), key=itemgetter(1)):
            lines.append(f"{', '.join(slot for slot, _ in group)} ← {result}")
    else:
        given = ", ".join(name for name in equation.arguments if name not in RECORDS)
        name = equation.function.__name__
        lines.append(f"{name}({given}) = {results[0]}" if given else f"{name} = {results[0]}")
    return [part for line in lines for part in textwrap.wrap(line, WIDTH, subsequent_indent="    ",
            break_long_words=False, break_on_hyphens=False)]  # fmt: skip


def _phase(
    phase: Phase, number: int, known: dict[Callable[..., object], Equation], said: dict[Callable[..., object], int]
) -> Iterator[str]:
    """What stands for one phase: itself, after the functions that it is the first to call."""
    lever = phase.lever.removeprefix("p.") if "." in phase.lever or not phase.lever else f"q.{phase.lever}"
    notes = [
        "Once a class" if phase.kind == "teacher" else "",
        phase.bind and f"Here {', '.join(f'{name} = {value:g}' for name, value in phase.bind)}",
        phase.decision and f"Chance: the decision `{phase.decision}`",
        lever and f"Changes nothing where `{lever}` is 0",
    ]
    if isinstance(phase.by, str):
        yield f"### {number}. `{phase.writes[0]}`\n"
        yield f"```text\n{phase.writes[0]} ← {OVER[phase.kind].format(*phase.reads)}\n```\n"
        yield from _notes(notes)
    elif phase.by in said:
        yield f"### {number}. `{phase.name}`, as in {said[phase.by]}\n"
        yield from _notes([f"Writes {', '.join(f'`{name}`' for name in phase.writes)}", *notes])
    else:
        for function in _called(known[phase.by], known):
            if function not in said:
                said[function] = number
                yield f"### The function `{function.__name__}`\n"
                yield from _body(known[function], (), [])
        said[phase.by] = number
        yield f"### {number}. `{phase.name}`\n"
        yield from _body(known[phase.by], phase.writes, notes)


def _body(equation: Equation, writes: Iterable[str], notes: Iterable[object]) -> Iterator[str]:
    """What an equation says, its lines, and what belongs to them."""
    lines = "\n".join(formulas(equation, writes))
    yield f"{equation.says}\n\n```text\n{lines}\n```\n"
    nodes = (node for statement in equation.body for node in ast.walk(statement) if isinstance(node, ast.Attribute))
    fields = dict.fromkeys(node.attr for node in nodes if ast.unparse(node.value) == "p")
    rows = [equation.table.by_name[name] for name in fields if not name.startswith("strength_")]
    one = declaration(equation.function)
    yield from _notes([
        rows and f"Symbols: {', '.join(f'`{row.symbol}` is `{row.name}`' for row in rows)}",
        f"Source: {one.citation}" if one and one.source else "",
        f"At strength 0: {'; '.join(f'`{k}`, {v}' for k, v in one.strength.items())}" if one and one.strength else "",
        *notes,
    ])  # fmt: skip


def _notes(notes: Iterable[object]) -> Iterator[str]:
    """A list of what is said, if anything is."""
    if lines := [f"- {note}.\n" for note in notes if note]:
        yield "".join(lines)


def _called(equation: Equation, known: dict[Callable[..., object], Equation]) -> Iterator[Callable[..., object]]:
    """The equations that an equation calls, each after those that it calls itself."""
    for statement in equation.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                function = equation.function.__globals__.get(node.func.id)
                if function in known and function is not equation.function:
                    yield from _called(known[function], known)
                    yield function


def _said(node: ast.expr, equation: Equation) -> str:
    """An expression of an equation as mathematics."""
    text = ast.unparse(_Mathematics(equation.table).visit(copy.deepcopy(node)))
    for python, mark in MARKS.items():
        text = text.replace(python, mark)
    return text


class _Mathematics(ast.NodeTransformer):
    """Puts symbols in the place of parameters, and signs in that of functions; Python then sets the brackets."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if ast.unparse(node.value) != "p":
            return node
        strength = node.attr.startswith("strength_")
        return _atom(node.attr.replace("strength", "s", 1) if strength else self.table.by_name[node.attr].symbol)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        assert isinstance(node.value, int | float)
        return _atom(np.format_float_positional(node.value, trim="-"))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        given = [self.visit(one) for one in node.args if ast.unparse(one) not in RECORDS]
        match node.func.id, given:
            case "square", [one]:
                return ast.BinOp(one, ast.Pow(), ast.Constant(2))
            case "where", [condition, then, other]:
                return ast.IfExp(condition, then, other)
            case name, _ if name in SIGNS:
                return _atom(SIGNS[name].format(*map(ast.unparse, given)))
            case name, []:
                return _atom(name)
        return ast.Call(node.func, given, [])


def _atom(text: str) -> ast.Name:
    return ast.Name(text)
