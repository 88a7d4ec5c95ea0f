"""What a phase may say, so that every engine can run it: numpy on blocks, Mesa on one student, compiled code, a page.

The body of an equation is a list of assignments and one return: arithmetic, comparisons, ``& | ~``, the functions of
`setback.model.arithmetic`, other such equations, all with positional arguments. No branch, loop, power, global,
chained comparison or sum of truths. Every expression is a number or a bool, slots are numbers. `check` refuses
whatever is outside, with file, line and reason.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from setback.model.arithmetic import PRIMITIVES, clip, indicator, logistic, where
from setback.model.chance import DECISIONS
from setback.model.errors import InputError, unknown
from setback.model.parameters import LEVER_NAMES, OWN, Table
from setback.model.state import ROSTER, SLOTS, TALLY, Flip
from setback.model.syntax import canonical, digest, source_of
from setback.model.week import KINDS, MODEL, Model, Phase

#: The records an equation may read.
RECORDS = ("p", "q", "flip")
#: What a phase may name as its lever, beside a parameter as in ``p.drift_slow_sd``.
LEVERS = (*LEVER_NAMES, *(f"flip.{field}" for field in Flip._fields))
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
LOGIC = (ast.BitAnd, ast.BitOr)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
#: What to write in the place of a branch or loop, which there is not.
INSTEAD: Mapping[type[ast.AST], str] = {
    **dict.fromkeys((ast.If, ast.IfExp), "; write where(condition, this, that) in its place"),
    **dict.fromkeys((ast.For, ast.While), "; write its steps one below the other"),
}


def records(table: Table = OWN) -> Mapping[str, tuple[str, ...]]:
    """Give the records an equation may read, and their fields in a model with this table."""
    return {"p": table.names, "q": LEVER_NAMES, "flip": Flip._fields}


class Refused(InputError):  # noqa: N818
    """A phase says something that is outside the grammar of all engines."""


@dataclass(frozen=True)
class Kind:
    """What an expression is: ``number``, ``bool`` or ``record``, and the values at which a number saturates."""

    name: str
    ends: frozenset[float] = frozenset()


NUMBER, BOOL, RECORD = Kind("number"), Kind("bool"), Kind("record")


class Equation:
    """One function of the model, read from its syntax tree.

    Args:
        function: the function itself.
        known: the equations read so far; this one, and what it calls, are added.
        ends: values at which its arguments saturate, by name.
        table: the parameters that there are.

    Attributes:
        says: its docstring, which is in the source even where Python was started without docstrings.
        body: its statements, docstring removed.
        arguments: the names of its arguments.
        gives: the kind of its result, or a tuple of kinds; None while it is being read.

    Raises:
        Refused: something outside the grammar, with file, line and reason.
    """

    def __init__(
        self,
        function: Callable[..., object],
        known: dict[Callable[..., object], Equation],
        ends: Mapping[str, frozenset[float]] = MappingProxyType({}),
        table: Table = OWN,
    ) -> None:
        self.function, self.known, self.table = function, known, table
        self.file, self.first = Path(function.__code__.co_filename).name, function.__code__.co_firstlineno
        self.gives: Kind | tuple[Kind, ...] | None = None
        try:
            tree = ast.parse(source_of(function)).body[0]
        except (OSError, TypeError, SyntaxError):
            raise Refused(f"{self.file}:{self.first}: {function.__name__}: its source cannot be read") from None
        if not isinstance(tree, ast.FunctionDef) or ast.unparse(tree.args) != ", ".join(a.arg for a in tree.args.args):
            self.refuse(tree, "only a plain function with plain arguments")
        own = all(isinstance(d, ast.Call) and ast.unparse(d.func).endswith("mechanism") for d in tree.decorator_list)
        if function.__name__ != tree.name or function.__code__.co_freevars or not own:
            self.refuse(tree, "only a plain function that reads nothing from around it")
        if any(other.__name__ == function.__name__ and other is not function for other in known):
            self.refuse(tree, "another function of the model has this name")
        known[function] = self
        self.arguments = tuple(a.arg for a in tree.args.args)
        says = ast.get_docstring(tree)
        self.says, self.body = says or "", tree.body[says is not None :]
        self.names = {a: RECORD if a in RECORDS else Kind("number", ends.get(a, frozenset())) for a in self.arguments}
        for node in self.body:
            if isinstance(node, ast.Return) and node.value is not None and node is self.body[-1]:
                self.gives = self._result(node.value)
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and node is not self.body[-1]:
                self._assign(node, node.targets[0])
            else:
                self.refuse(node, "only assignments, and one return at the end")
        if self.gives is None:
            self.refuse(tree, "an equation returns something")

    def refuse(self, node: ast.AST, why: str) -> NoReturn:
        """Raise `Refused` with the file and line of a node."""
        line = self.first + getattr(node, "lineno", 1) - 1
        said = ast.unparse(node).splitlines()[0]
        why += INSTEAD.get(type(node), "")
        raise Refused(f"{self.file}:{line}: {self.function.__name__}: {why}: {said}")

    def _assign(self, node: ast.Assign, to: ast.expr) -> None:
        given = self._result(node.value)
        targets = to.elts if isinstance(to, ast.Tuple) else [to]
        kinds = given if isinstance(given, tuple) else (given,)
        if len(targets) != len(kinds) or isinstance(given, tuple) != isinstance(to, ast.Tuple):
            self.refuse(node, "the two sides do not match")
        for target, kind in zip(targets, kinds):
            if not isinstance(target, ast.Name):
                self.refuse(node, "only plain names are assigned")
            if self.names.get(target.id, kind).name != kind.name:
                self.refuse(node, "a name stays a number or a bool")
            self.names[target.id] = kind

    def _result(self, node: ast.expr) -> Kind | tuple[Kind, ...]:
        """The kind of what may stand on the right or be returned: an expression, or a tuple of them."""
        if isinstance(node, ast.Tuple):
            return tuple(self._one(part) for part in node.elts)
        return self._kind(node)

    def _one(self, node: ast.expr) -> Kind:
        kind = self._kind(node)
        if isinstance(kind, tuple) or kind == RECORD:
            self.refuse(node, "a number or a bool is needed")
        return kind

    def _number(self, *nodes: ast.expr) -> list[Kind]:
        return [self._want("number", node) for node in nodes]

    def _want(self, name: str, node: ast.expr) -> Kind:
        kind = self._kind(node)
        if isinstance(kind, tuple) or kind.name != name:
            self.refuse(node, f"a {name} is needed, this is a {'tuple' if isinstance(kind, tuple) else kind.name}")
        return kind

    def _kind(self, node: ast.expr) -> Kind | tuple[Kind, ...]:  # noqa: RET503
        """The kind of an expression; refuses what is outside the grammar."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                if not isfinite(value) or abs(value) > 2**53:
                    self.refuse(node, "a constant is finite and below 2**53")
                return NUMBER
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.Name(id=name):
                self.refuse(node, "reads no global; put the number into the parameter table or bind it in the phase")
            case ast.Attribute(value=ast.Name(id=record), attr=field) if self.names.get(record) == RECORD:
                if field not in records(self.table)[record]:
                    self.refuse(node, f"the record {record} has no such name")
                return NUMBER
            case ast.UnaryOp(op=ast.USub()):
                return Kind("number", frozenset(-end for end in self._number(node.operand)[0].ends))
            case ast.UnaryOp(op=ast.Invert()):
                return self._want("bool", node.operand)
            case ast.BinOp(op=op) if isinstance(op, ARITHMETIC):
                self._number(node.left, node.right)
                return NUMBER
            case ast.BinOp(op=op) if isinstance(op, LOGIC):
                self._want("bool", node.left)
                return self._want("bool", node.right)
            case ast.Compare(ops=[op], comparators=[right]) if isinstance(op, COMPARISONS):
                kinds = self._number(node.left, right)
                for kind, other in zip(kinds, (right, node.left)):
                    if _constant(other) in kind.ends:
                        self.refuse(node, "no threshold at the value where a number saturates; engines round there")
                return BOOL
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name not in self.names:
                return self._call(node, self.function.__globals__.get(name), args)
        self.refuse(node, "not in the grammar")

    def _call(self, node: ast.Call, function: object, args: list[ast.expr]) -> Kind | tuple[Kind, ...]:
        if any(isinstance(arg, ast.Starred) for arg in args):
            self.refuse(node, "arguments are written out")
        if callable(function) and function in PRIMITIVES:
            if len(args) != PRIMITIVES[function]:
                self.refuse(node, f"needs {PRIMITIVES[function]} arguments")
            if function is indicator:
                self._want("bool", args[0])
                return NUMBER
            if function is where:
                self._want("bool", args[0])
                kinds = self._number(*args[1:])
                return Kind("number", kinds[0].ends | kinds[1].ends)
            self._number(*args)
            ends = (_constant(arg) for arg in args[1:]) if function is clip else ()
            return Kind("number", frozenset(end for end in ends if end is not None))
        if not inspect.isfunction(function):
            self.refuse(node, "calls only the functions of setback.model.arithmetic and other equations")
        into = inspect.signature(function).parameters
        if len(into) != len(args):
            self.refuse(node, f"{function.__name__} needs {len(into)} arguments")
        for name, arg in zip(into, args):
            if name in RECORDS:
                if ast.unparse(arg) != name:
                    self.refuse(node, "a record is handed on under its own name")
            else:
                self._want("number", arg)
        gives = (self.known.get(function) or Equation(function, self.known, table=self.table)).gives
        if gives is None:
            self.refuse(node, "a function may not call itself")
        return Kind("number", frozenset((0.0, 1.0))) if function is logistic else gives


def _constant(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return float(value) if isinstance(value, int | float) else None


def check(model: Model = MODEL) -> dict[Callable[..., object], Equation]:
    """Read every function that the phases reach, and whether the phases fit together.

    Returns:
        The equations by function, in the order in which a reader without forward references needs them.

    Raises:
        Refused: what is outside the grammar, with file, line and reason.
    """
    known: dict[Callable[..., object], Equation] = {}
    for phase in (phase for phases in model for phase in phases):
        if not isinstance(phase.by, str) and phase.by not in known:
            Equation(phase.by, known, table=model.table)
    ends = _saturations(model, known)
    for function in {phase.by for phases in model for phase in phases if not isinstance(phase.by, str)}:
        Equation(function, dict(known), ends, model.table)
    opened = {slot.name for slot in ROSTER}
    _fit(model.opening, opened, known, model.table)
    carried = opened | {name for phase in model.opening for name in phase.writes} | {slot.name for slot in TALLY}
    _fit((*model.week, *model.tally), carried, known, model.table)
    used = [phase.decision for phases in model for phase in phases if phase.decision]
    if twice := next((d for d in used if used.count(d) > 1), None):
        raise Refused(f"decision {twice!r} is used by two phases; each needs a number of its own")
    return known


def _saturations(model: Model, known: Mapping[Callable[..., object], Equation]) -> dict[str, frozenset[float]]:
    """Where each slot saturates, as the functions that write it say."""
    ends: dict[str, frozenset[float]] = {}
    for phase in (phase for phases in model for phase in phases):
        if not isinstance(phase.by, str):
            gives = known[phase.by].gives
            for name, kind in zip(phase.writes, gives if isinstance(gives, tuple) else (gives,)):
                ends[name] = ends.get(name, frozenset()) | kind.ends  # type: ignore[union-attr]
    return ends


def _fit(
    phases: Iterable[Phase], given: set[str], known: Mapping[Callable[..., object], Equation], table: Table
) -> None:
    """Whether each phase reads what is given and writes what there is; adds what it writes to ``given``."""
    levers = (*LEVERS, *(f"p.{name}" for name in table.names))
    for phase in phases:
        of = "class" if phase.kind in ("teacher", "mean") else "student"
        where_ = f"phase {phase.name} ({' '.join(phase.writes)})"
        if phase.kind not in KINDS:
            raise Refused(f"{where_}: {phase.kind} is no kind of phase; there are {', '.join(KINDS)}")
        for name in phase.writes:
            if name not in SLOTS:
                raise unknown(f"slot of {where_}:", name, SLOTS)
            if SLOTS[name].of != of:
                raise Refused(f"{where_}: {name} is a slot of the {SLOTS[name].of}, this phase writes the {of}'s")
        if phase.lever and phase.lever not in levers:
            raise unknown(f"lever of {where_}:", phase.lever, levers)
        if phase.lever and not given.issuperset(phase.writes):
            raise Refused(f"{where_}: what a lever may leave out changes slots that are there already")
        if isinstance(phase.by, str):
            slots = 2 if phase.kind == "rank" else 1
            right = all(name in given and SLOTS[name].of == "student" for name in phase.reads)
            if not right or len(phase.reads) != slots or len(phase.writes) != 1 or phase.kind in ("each", "teacher"):
                raise Refused(f"{where_}: {phase.kind} reads {slots} of the students' slots and writes one")
            if {*phase.reads} & {*phase.writes}:
                raise Refused(f"{where_}: {phase.kind} writes another slot than it reads")
        else:
            _fit_function(phase, where_, given, known)
        given.update(phase.writes)


def _fit_function(phase: Phase, where_: str, given: set[str], known: Mapping[Callable[..., object], Equation]) -> None:
    random = {"u", "z"} & {*phase.reads}
    if phase.kind not in ("each", "teacher"):
        raise Refused(f"{where_}: {phase.kind} reads a slot, not a function")
    if bool(phase.decision) != bool(random) or len(random) > 1:
        raise Refused(f"{where_}: a decision goes with one of u and z, and each of them with a decision")
    if phase.decision and phase.decision not in DECISIONS:
        raise unknown(f"decision of {where_}:", phase.decision, DECISIONS)
    bound = {name for name, _ in phase.bind}
    if spare := bound - {*phase.reads}:
        raise Refused(f"{where_}: binds {', '.join(spare)}, which the function does not read")
    for name in phase.reads:
        if name in RECORDS or name in bound or name in random or name == "week":
            continue
        if name not in SLOTS:
            raise unknown(f"slot of {where_}:", name, SLOTS)
        if name not in given:
            raise Refused(f"{where_}: reads {name} before any phase has written it")
        if phase.kind == "teacher" and SLOTS[name].of == "student":
            raise Refused(f"{where_}: the teacher reads slots of the class; {name} is a student's")
    assert not isinstance(phase.by, str)
    gives = known[phase.by].gives
    kinds = gives if isinstance(gives, tuple) else (gives,)
    if len(kinds) != len(phase.writes) or any(kind is None or kind.name != "number" for kind in kinds):
        raise Refused(f"{where_}: writes {len(phase.writes)} numbers, the function gives {len(kinds)} values")


def fingerprint(model: Model = MODEL) -> str:
    """The hash of all equations: 16 hexadecimal digits that change with any phase, function, table or decision.

    Comments, docstrings and layout do not count.
    """
    text = [
        repr(records(model.table)),
        repr(model.table.gained),
        repr(sorted(DECISIONS.items())),
        repr([slot[:2] for slot in SLOTS.values()]),
    ]
    for function, equation in sorted(check(model).items(), key=lambda item: item[0].__name__):
        text += [f"{function.__name__}{equation.arguments}", *map(canonical, equation.body)]
    for phases in model:
        text += [repr((p.kind, p.writes, p.name, p.decision, sorted(p.bind), p.lever)) for p in phases]
    return digest("\n".join(text))
