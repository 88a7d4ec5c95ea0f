"""The arithmetic of equations as one graph of operations: equal ones are one, and each knows how often it is needed.

A node is a tuple: an operation, then the numbers of the nodes that it works on. Its level says what it depends on:
nothing (0), the column (1), the class and the week (2), the seat (3); a printer does the work of a level once. ``exp``,
``log`` and the hash of an address are written out here in plain operations, so that every printer makes the same bits.
Operations stay as the equations have them: nothing is reassociated or contracted, and what is folded changes no bit of
a finite number besides the sign of a zero.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence

from setback.model import arithmetic, chance
from setback.model.grammar import RECORDS, Equation

CONSTANT, COLUMN, WEEK, SEAT = range(4)
#: What a node may be: numbers (vectors of doubles), truths, and the 64 bits of a number.
NUMBERS = (
    "const", "field", "class", "load", "luck", "week", "friend", "weight", "held", "add", "sub", "mul", "div", "neg",
    "fma", "sqrt", "abs", "floor", "max", "min", "where", "ind", "number", "float",
)  # fmt: skip
TRUTHS = ("truth", "holding", "lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not")
BITS = ("int", "student", "moment", "bits", "xor", "shr", "sar", "shl", "imul", "iadd", "isub", "iand", "ior")
#: Operations that work on nothing: their arguments are names and places.
LEAVES = (
    "const", "truth", "int", "field", "class", "load", "luck", "week", "friend", "weight", "held", "holding",
    "student", "moment",
)  # fmt: skip
_SYNTAX = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.BitAnd: "and", ast.BitOr: "or",
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_PLAIN = {
    arithmetic.sqrt: "sqrt", arithmetic.absolute: "abs", arithmetic.floor: "floor", arithmetic.maximum: "max",
    arithmetic.minimum: "min", arithmetic.where: "where", arithmetic.indicator: "ind", arithmetic.exp: "exp",
    arithmetic.log: "log", arithmetic.square: "square", arithmetic.clip: "clip", arithmetic.blend: "blend",
}  # fmt: skip
_FOLDED: Mapping[str, Callable[[float, float], float | bool]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "lt": operator.lt, "le": operator.le,
    "gt": operator.gt, "ge": operator.ge, "eq": operator.eq, "ne": operator.ne, "max": max, "min": min,
}  # fmt: skip
LN2, LN2_REST = 0.693147180369123816490, 1.90821492927058770002e-10


class Graph:
    """Nodes by number, in an order in which each stands after those that it works on.

    Attributes:
        nodes: (operation, arguments...).
        level: CONSTANT, COLUMN, WEEK or SEAT of each.
    """

    def __init__(self) -> None:
        self.nodes: list[tuple[object, ...]] = []
        self.level: list[int] = []
        self._known: dict[tuple[object, ...], int] = {}

    def leaf(self, level: int, op: str, *args: object) -> int:
        """Give the node of something that is read from outside the graph."""
        return self._put((op, *args), level)

    def const(self, value: float) -> int:
        """Give the node of a number."""
        return self._put(("const", float(value) + 0.0), CONSTANT)

    def parts(self, node: int) -> tuple[int, ...]:
        """Give the nodes that a node works on."""
        op, *args = self.nodes[node]
        return () if op in LEAVES else tuple(args)  # type: ignore[arg-type]

    def is_truth(self, node: int) -> bool:
        """Whether a node is true or false, and no number."""
        return self.nodes[node][0] in TRUTHS

    def live(self, roots: Iterable[int]) -> list[int]:
        """Give the nodes that some nodes need, themselves among them, in order."""
        need: set[int] = set()
        left = list(roots)
        while left:
            node = left.pop()
            if node not in need:
                need.add(node)
                left += self.parts(node)
        return sorted(need)

    def _put(self, node: tuple[object, ...], level: int) -> int:
        # 0.0 and -0.0, 1 and True are equal in Python and are not the same node
        key = (*node, *(repr(a) for a in node if isinstance(a, float)))
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
            self.level.append(level)
        return self._known[key]

    def _value(self, node: int) -> float | bool | None:
        op, *args = self.nodes[node]
        return args[0] if op in ("const", "truth") else None  # type: ignore[return-value]

    def op(self, op: str, *args: int) -> int:
        """Give the node of an operation; what is known beforehand is folded."""
        if op in ("exp", "log", "square", "clip", "blend"):
            return int(getattr(self, op)(*args))
        known = [self._value(a) for a in args]
        if op in _FOLDED and None not in known:
            value = _FOLDED[op](*known)  # type: ignore[arg-type]
            return self._truth(value) if isinstance(value, bool) else self.const(value)
        match op, known:
            case "neg", [float(x)]:
                return self.const(-x)
            case "not", [bool(x)]:
                return self._truth(not x)
            case "ind", [bool(x)]:
                return self.const(float(x))
            case "where", [bool(x), *_]:
                return args[1] if x else args[2]
            case "where", _ if args[1] == args[2]:
                return args[1]
            case "and" | "or", [bool(x), _]:
                return args[1] if x == (op == "and") else args[0]
            case "and" | "or", [_, bool(x)]:
                return args[0] if x == (op == "and") else args[1]
            case "mul", _ if 0.0 in known:
                return self.const(0.0)
            case "add", [0.0, _]:
                return args[1]
            case "mul", [1.0, _]:
                return args[1]
            case ("add" | "sub", [_, 0.0]) | ("mul" | "div", [_, 1.0]):
                return args[0]
        if op == "mul":  # x times an indicator is x, or 0: no multiplication
            for x, y in (args, args[::-1]):
                if self.nodes[y][0] == "ind":
                    return self.op("where", self.parts(y)[0], x, self.const(0.0))
        if op == "where" and (parts := [self._quotient(a) for a in args[1:]]) and None not in parts:
            # of two quotients one is wanted: one division
            (above, below), (other_above, other_below) = parts  # type: ignore[misc]
            top, bottom = (self.op("where", args[0], x, y) for x, y in ((above, other_above), (below, other_below)))
            return self.op("div", top, bottom)
        if op in ("add", "mul", "eq", "ne", "and", "or"):
            args = tuple(sorted(args))
        if op in ("max", "min") and known[1] is not None:  # processors give the second where one is no number
            args = args[::-1]
        return self._put((op, *args), max(self.level[a] for a in args))

    def _quotient(self, node: int) -> tuple[int, int] | None:
        """What is divided by what, if that is what a node does; a sign goes with what is divided."""
        op, *parts = self.nodes[node]
        if op == "neg" and (found := self._quotient(self.parts(node)[0])):
            return self.op("neg", found[0]), found[1]
        return tuple(parts) if op == "div" else None  # type: ignore[return-value]

    def _truth(self, value: bool) -> int:
        return self._put(("truth", value), CONSTANT)

    def _int(self, value: int) -> int:
        return self._put(("int", value), CONSTANT)

    # ---- compositions ----------------------------------------------------------------------------------------
    def square(self, x: int) -> int:
        """Give ``x * x``."""
        return self.op("mul", x, x)

    def clip(self, x: int, low: int, high: int) -> int:
        """Give x kept between two numbers."""
        return self.op("min", high, self.op("max", low, x))

    def blend(self, strength: int, neutral: int, full: int) -> int:
        """Give the mixture of two numbers, as `setback.model.arithmetic.blend`."""
        off = self.op("mul", self.op("sub", self.const(1.0), strength), neutral)
        return self.op("add", off, self.op("mul", strength, full))

    def _series(self, x: int, coefficients: Sequence[float]) -> int:
        """A polynomial by Horner's rule, the constant first."""
        y = self.const(coefficients[-1])
        for c in coefficients[-2::-1]:
            y = self.op("fma", y, x, self.const(c))
        return y

    def exp(self, x: int) -> int:
        """Give the exponential by range reduction and a polynomial of degree 12, within two ulps."""
        magic = self.const(1.5 * 2**52)  # what is added to it is rounded to a whole number, in its last bits
        # below and above, the exponent of the result is that of 0 and of infinity
        x = self.clip(x, self.const(-709.0), self.const(710.0))
        t = self.op("fma", x, self.const(1.0 / math.log(2.0)), magic)
        k = self.op("sub", t, magic)
        r = self.op("fma", k, self.const(-LN2), x)
        r = self.op("fma", k, self.const(-LN2_REST), r)
        y = self._series(r, [1.0 / math.factorial(n) for n in range(13)])
        power = self.op("iadd", self.op("shl", self.op("bits", t), self._int(52)), self._int(0x3FF << 52))
        return self.op("mul", y, self.op("number", power))

    def log(self, x: int) -> int:
        """Give the logarithm: that of the exponent, and 2 artanh((m - 1) / (m + 1)) of the mantissa m."""
        # m lies from sqrt(1/2) to sqrt(2)
        root, mantissa = self._int(0x3FE6A09E667F3BCD), self._int((1 << 52) - 1)
        bits = self.op("isub", self.op("bits", x), root)
        k = self.op("float", self.op("sar", bits, self._int(52)))
        m = self.op("number", self.op("iadd", self.op("iand", bits, mantissa), root))
        f = self.op("div", self.op("sub", m, self.const(1.0)), self.op("add", m, self.const(1.0)))
        s = self.op("mul", f, f)
        y = self._series(s, [1.0 / n for n in range(3, 23, 2)])
        y = self.op("fma", self.op("mul", y, s), f, f)
        y = self.op("fma", k, self.const(LN2_REST), self.op("add", y, y))
        y = self.op("fma", k, self.const(LN2), y)
        zero = self.const(0.0)
        at_end = self.op("where", self.op("eq", x, zero), self.const(-math.inf), self.const(math.nan))
        return self.op("where", self.op("gt", x, zero), y, at_end)

    def draw(self, student: int, moment: int) -> int:
        """Give the uniform number of an address, bit for bit as `setback.model.chance.draw`."""

        def mix(z: int) -> int:
            for shift, factor in ((30, int(chance.M1)), (27, int(chance.M2)), (31, 0)):
                z = self.op("xor", z, self.op("shr", z, self._int(shift)))
                z = self.op("imul", z, self._int(factor)) if factor else z
            return z

        z = mix(self.op("iadd", mix(self.op("xor", student, moment)), self._int(int(chance.STEP))))
        # 52 bits into [1, 2), less 1, and half a step
        one = self.op("number", self.op("ior", self.op("shr", z, self._int(12)), self._int(0x3FF << 52)))
        return self.op("add", self.op("sub", one, self.const(1.0)), self.const(2.0**-53))


class Reader:
    """Reads equations into a graph; what an equation calls is written out in its place.

    Args:
        graph: where the nodes go.
        equations: what is read already, as `setback.model.grammar.check` gives it.
        idle: fields that are 0 in the whole block, such as ``q.retakes``.
    """

    def __init__(
        self, graph: Graph, equations: Mapping[Callable[..., object], Equation], idle: frozenset[str] = frozenset()
    ) -> None:
        self.graph, self.idle = graph, idle
        self.equations = dict(equations)

    def call(self, function: Callable[..., object], given: Sequence[int | str]) -> list[int]:
        """Give the nodes of an equation's results.

        Args:
            function: the equation.
            given: for each argument a node, or the name of a record.
        """
        equation = self.equations.get(function) or Equation(function, self.equations)
        names: dict[str, int | str] = dict(zip(equation.arguments, given))
        for statement in equation.body:
            assert isinstance(statement, ast.Assign | ast.Return) and statement.value is not None
            values = self._several(equation, statement.value, names)
            if isinstance(statement, ast.Return):
                return values
            target = statement.targets[0]
            for name, value in zip(target.elts if isinstance(target, ast.Tuple) else [target], values):
                assert isinstance(name, ast.Name)
                names[name.id] = value
        raise AssertionError(function.__name__)

    def field(self, name: str) -> int:
        """Give the node of a parameter, a lever or a flip, such as ``p.peer_norm``."""
        return self.graph.const(0.0) if name in self.idle else self.graph.leaf(COLUMN, "field", name)

    def _several(self, equation: Equation, node: ast.expr, names: Mapping[str, int | str]) -> list[int]:
        if isinstance(node, ast.Tuple):
            return [self._one(equation, part, names) for part in node.elts]
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            function = equation.function.__globals__[node.func.id]
            if function not in arithmetic.PRIMITIVES:
                return self.call(
                    function,
                    [a.id if isinstance(a, ast.Name) and a.id in RECORDS else self._one(equation, a, names)
                     for a in node.args],
                )  # fmt: skip
        return [self._one(equation, node, names)]

    def _one(self, equation: Equation, node: ast.expr, names: Mapping[str, int | str]) -> int:
        match node:
            case ast.Constant(value=int() | float() as value):
                return self.graph.const(value)
            case ast.Name(id=name):
                known = names[name]
                assert isinstance(known, int)
                return known
            case ast.Attribute(value=ast.Name(id=record), attr=field):
                return self.field(f"{record}.{field}")
            case ast.UnaryOp(op=op, operand=x):
                return self.graph.op("neg" if isinstance(op, ast.USub) else "not", self._one(equation, x, names))
            case ast.BinOp(left=x, op=sign, right=y) | ast.Compare(left=x, ops=[sign], comparators=[y]):
                one, other = self._one(equation, x, names), self._one(equation, y, names)
                return self.graph.op(_SYNTAX[type(sign)], one, other)
            case ast.Call(func=ast.Name(id=name), args=args):
                function = equation.function.__globals__[name]
                if function in _PLAIN:
                    return self.graph.op(_PLAIN[function], *(self._one(equation, a, names) for a in args))
                (result,) = self._several(equation, node, names)
                return result
        raise AssertionError(ast.unparse(node))
