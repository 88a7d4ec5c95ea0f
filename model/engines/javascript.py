"""The fourth engine: the phases of the model as plain JavaScript, translated from their syntax trees for a page.

`write` gives a script without imports, ``eval`` or ``Function`` that runs from any file under a strict content
security policy. It defines one frozen constant, ``SETBACK``::

    run = SETBACK.year({
      seed, room,              whole numbers from 0 to 2**53 - 1
      luck: 0,                 which year's luck the same students have, from 0
      weeks: 36,               1 to 520
      at: weeks,               stop after so many weeks
      size: 30,                students, 2 to 60
      network: "friendship",   or "seating"
      scores: {trait: [..]},   standard scores of a roster, one a seat; null or NaN is drawn by chance
      parameters: {name: x},   changes against SETBACK.parameters
      policies: [{week: 0, levers: {name: x}}, {week: 17, levers: {..}}],
                               rows in force from that week (from 0) on; changes against SETBACK.levers
      flip: {seat, week, luck | label | practice: 1, depth, to},
      hold: {slot: [{week, seat, value}, ..]},
                               values written over a slot of SETBACK.held, as the other engines hold them
      nudge: {slot: [{week, seat, value}, ..]},
                               values added to a slot of SETBACK.nudged when that week begins, and taken away when it
                               is over, where the week has not made the slot anew
      keep: false,             true keeps every slot of every week, a list of names these slots
    })                         only seed and room must be given; a name that there is not is an Error

    run.weeks, run.size        weeks that were run, students
    run.end(slot, seat)        a slot when the last week is over; of a class slot the seat is left out
    run.opening(slot, seat)    the same before the first week
    run.value(slot, week, seat), run.state(week, seat)
                               when that week (from 0) is over; without `keep` only of the last week
    run.trace                  with `keep`: {slot: Float64Array}, student slots at [week * size + seat], class
                               slots at [week]; without it null
    run.friends                Int32Array, friend k (0 to 3) of a seat at [4 * seat + k], -1 where there is none
    run.outcome(name, seat)    one of setback.model.outcomes.OUTCOMES when the last week is over; NaN if unknown
    run.mean(name)             its mean over the students of whom it is known

    SETBACK.quantile(u)        the standard normal number z with P(Z < z) = u
    SETBACK.uniform(seed, decision, room, seat, week)   the uniform number at an address, equal to numpy's;
                               CLASS_SEAT (2**20) is the teacher's seat
    SETBACK.friends(network, size, room, seed)          as run.friends
    SETBACK.states(enrolled, idle, control, affect, expectancy)   number of the state, name in SETBACK.stateNames
    SETBACK.measure(name, slot, weeks)                  an outcome from `slot(name)`, which gives each slot
    SETBACK.parameters, SETBACK.levers                  {name: default}, in the order of the table; a year
                               multiplies coefficients by the gain of their group, as `Table.effective` does
    SETBACK.slots              {name: "student" | "class"}, all that a run can be asked for
    SETBACK.outcomes           {name: {unit, what}}
    SETBACK.decisions          {name: number in the address}
    SETBACK.traits, SETBACK.norms, SETBACK.stateNames   names; SDs and thresholds; names
    SETBACK.fingerprint        of the equations, as `setback.model.grammar.fingerprint`
    SETBACK.selftest()         16 hexadecimal digits that are the same in every correct engine of JavaScript

A run is a copy; it stays as it is when another year is run.
"""

from __future__ import annotations

import ast
import inspect
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence

from setback.model import arithmetic, chance, outcomes
from setback.model.errors import InputError
from setback.model.grammar import LEVERS, RECORDS, Equation, check, fingerprint, records
from setback.model.parameters import LEVER_NAMES, ROWS, Table
from setback.model.rosters import seats
from setback.model.rosters.roster import LARGEST, SMALLEST
from setback.model.shipped import shipped
from setback.model.state import ROSTER, SLOTS, TRAITS, Flip
from setback.model.week import LONGEST, MODEL, Model, Phase

#: The slots that a year can hold: what a reader decides who plays one student by hand.
HELD = ("submitted", "effort")
#: The slots that a year can nudge: the odds of handing in (logit), and effort, as last week's resolve moves it.
NUDGED = ("diligence", "resolve")
RUNTIME = shipped("setback.model") / "engines" / "runtime.js"
#: What a year may be asked.
SETTINGS = (
    "seed", "room", "luck", "weeks", "at", "size", "network", "scores", "parameters", "policies", "flip", "hold",
    "nudge", "keep",
)  # fmt: skip
#: What is written for an operator of Python; every use is in brackets, so that no precedence matters.
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.BitAnd: "&&", ast.BitOr: "||", ast.USub: "-",
    ast.Invert: "!", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==",
}  # fmt: skip
#: The functions of `setback.model.arithmetic`; what stands twice in them is a name or a number.
CALLS: Mapping[object, str] = {
    arithmetic.exp: "exp({0})", arithmetic.log: "log({0})", arithmetic.sqrt: "sqrt({0})",
    arithmetic.square: "({0} * {0})", arithmetic.absolute: "abs({0})", arithmetic.floor: "floor({0})",
    arithmetic.indicator: "({0} ? 1 : 0)", arithmetic.where: "({0} ? {1} : {2})",
    arithmetic.maximum: "max({0}, {1})", arithmetic.minimum: "min({0}, {1})",
    arithmetic.clip: "min(max({0}, {1}), {2})", arithmetic.blend: "((1 - {0}) * {1} + {0} * {2})",
}  # fmt: skip
TWICE = (arithmetic.square, arithmetic.blend)


def write(model: Model = MODEL) -> str:
    """Write the script; see above.

    Args:
        model: the model.

    Raises:
        InputError: something outside the grammar, with file, line and reason.
    """
    equations = check(model)
    weekly = (*model.week, *model.tally)
    written = dict.fromkeys(name for phase in (*model.opening, *weekly) for name in phase.writes)
    slots = sorted(written, key=lambda name: SLOTS[name].of)  # the class's first
    memory = [*slots, *(slot.name for slot in ROSTER)]
    decisions = [phase.decision for phases in model for phase in phases if phase.decision]
    parts = [
        '"use strict";',
        "const {abs, floor, imul, max, min, sqrt} = Math; // read once: a sandbox looks a global up every time",
        *_constants(model.table, slots, len(memory)),
        *(f"const S_{name} = row({k});" for k, name in enumerate(memory)),
        *(f"const H_{slot} = new Float64Array(SEATS);" for slot in HELD),
        f"const HELD = Object.freeze({{{', '.join(f'{slot}: H_{slot}' for slot in HELD)}}});",
        f"const NUDGED = Object.freeze({{{', '.join(f'{slot}: S_{slot}' for slot in NUDGED if slot in memory)}}});",
        *(f"const U{number} = new Float64Array(SEATS);" for number in (chance.DECISIONS[name] for name in decisions)),
        f"const GIVEN = [{', '.join(f'[S_given_{trait}, S_known_{trait}]' for trait in TRAITS)}];",
        *_runtime(),
        _function(chance.normal_quantile, {}),
        "// ---- the phases, from their functions ---------------------------------------------------------------",
        *_driver("open", model.opening, equations, model.table),
        *_driver("live", weekly, equations, model.table),
        "// ---- what is measured ---------------------------------------------------------------------------------",
        *_measures(),
        "return Object.freeze({",
        "  year, uniform, friends, selftest, CLASS_SEAT, quantile: normal_quantile,",
        "  states: (enrolled, idle, control, affect, expectancy) =>",
        "    states((slot) => ({enrolled, weeks_not_submitted: idle, control, affect, expectancy})[slot]),",
        "  measure: (name, slot, weeks) => MEASURES[name](slot, weeks),",
        "  held: Object.freeze(Object.keys(HELD)),",
        "  nudged: Object.freeze(Object.keys(NUDGED)),",
        "  parameters: table(PARAMETER_NAMES, PARAMETER_DEFAULTS), levers: table(LEVER_NAMES, LEVER_DEFAULTS),",
        '  slots: table(SLOT_NAMES, SLOT_NAMES.map((_, k) => (k < CLASS_SLOTS ? "class" : "student"))),',
        "  outcomes: OUTCOMES, decisions: DECISIONS, traits: TRAITS, norms: NORMS, stateNames: STATES,",
        f'  fingerprint: "{fingerprint(model)}",',
        "});",
    ]
    body = "\n".join(parts)
    return f"const SETBACK = (() => {{\n{body}\n}})();\n"


# ---- names and numbers of the model --------------------------------------------------------------------------
def _constants(table: Table, slots: Sequence[str], rows: int) -> list[str]:
    """Give every table and number that the runtime and the page read."""
    frozen = {
        "SLOT_NAMES": list(slots),
        "PARAMETER_NAMES": table.names,
        "PARAMETER_DEFAULTS": [table.by_name[name].default for name in table.names],
        "GAINED": [
            [table.names.index(name), table.names.index(gain), None if math.isinf(most) else most]
            for name, gain, most in table.gained
        ],
        "LEVER_NAMES": LEVER_NAMES,
        "LEVER_DEFAULTS": [ROWS[name].default for name in LEVER_NAMES],
        "FLIP_NAMES": Flip._fields,
        "FLIP_DEFAULTS": list(Flip()),
        "TRAITS": list(TRAITS),
        "NETWORKS": seats.NETWORKS,
        "SETTINGS": SETTINGS,
        "DECISIONS": dict(chance.DECISIONS),
        "NORMS": dict(outcomes.NORMS),
        "STATES": outcomes.STATES,
        "OUTCOMES": {name: {"unit": row.unit, "what": row.description} for name, row in outcomes.OUTCOMES.items()},
    }
    numbers = {
        "SEATS": LARGEST,
        "SMALLEST": SMALLEST,
        "LONGEST": LONGEST,
        "FRIENDS": seats.FRIENDS,
        "ROW": seats.ROW,
        "LIMIT": chance.LIMIT,
        "MOMENTS": chance.MOMENTS,
        "YEAR": chance.YEAR,
        "CLASS_SEAT": chance.CLASS_SEAT,
        "CLASS_SLOTS": sum(SLOTS[name].of == "class" for name in slots),
    }
    for name, word in (("STEP", chance.STEP), ("M1", chance.M1), ("M2", chance.M2)):
        numbers |= {f"{name}_HIGH": _signed(int(word) >> 32), f"{name}_LOW": _signed(int(word) & 0xFFFFFFFF)}
    return [
        *(f"const {name} = Object.freeze({json.dumps(value, ensure_ascii=False)});" for name, value in frozen.items()),
        *(f"const {name} = {value};" for name, value in numbers.items()),
        f"const MEMORY = new Float64Array({rows} * SEATS); // a row per slot; of the class's the first number",
        "function row(k) { return MEMORY.subarray(k * SEATS, (k + 1) * SEATS); }",
        "const P = new Float64Array(PARAMETER_NAMES.length), Q = new Float64Array(LEVER_NAMES.length);",
        "const F = new Float64Array(FLIP_NAMES.length);",
        "const ON = new Uint8Array(Q.length + F.length); // whether a lever, or a field of the flip, is not 0 all year",
    ]


def _signed(half: int) -> int:
    return half - 2**32 if half >= 2**31 else half


def _runtime() -> list[str]:
    """Give the part written by hand, with the two series in place."""
    text = RUNTIME.read_text(encoding="utf-8")
    series = {
        "EXP_SERIES": _horner([1.0 / math.factorial(k) for k in range(14)], "r"),
        "LOG_SERIES": _horner([1.0 / k for k in range(1, 23, 2)], "s"),
    }
    for name, polynomial in series.items():
        text = text.replace(name, polynomial)
    return [text.rstrip()]


def _horner(coefficients: Sequence[float], x: str) -> str:
    """Give a polynomial as text, from the coefficient of degree 0 on."""
    text = _number(coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        text = f"({text} * {x} + {_number(coefficient)})"
    return text


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


# ---- an equation as straight-line text -----------------------------------------------------------------------
class Text:
    """Statements of one walk: equations written out, with what they call written out in its place.

    Names of JavaScript: ``S_x`` the array of a slot, ``s_x`` its value in hand, ``p_x``, ``q_x`` and ``flip_x`` what
    the records hold, and ``x$1``, ``x$2``, … the names of equations, numbered so that none is assigned twice and none
    can be a word of the language.

    Attributes:
        lines: the statements so far.
        fields: the fields of the records that they read, as pairs of record and name.
    """

    def __init__(self, equations: dict[Callable[..., object], Equation]) -> None:
        self.equations = equations
        self.lines: list[str] = []
        self.fields: dict[tuple[str, str], None] = {}
        self.names = 0

    def put(self, name: str, text: str) -> str:
        """Give a name to an expression, unless it is one already, or a number."""
        return text if re.fullmatch(r"[\w$.]+", text) else self.fix(name, text)

    def fix(self, name: str, text: str) -> str:
        """Give a name of its own to an expression."""
        self.names += 1
        self.lines.append(f"const {name}${self.names} = {text};")
        return f"{name}${self.names}"

    def call(self, function: Callable[..., object], given: Sequence[str]) -> list[str]:
        """Write out an equation for some arguments; the expressions that it gives."""
        equation = self.equations.get(function) or Equation(function, self.equations)
        names = dict(zip(equation.arguments, given))
        for node in equation.body[:-1]:
            assert isinstance(node, ast.Assign)
            values = self.several(equation, node.value, names)
            targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
            names |= {t.id: self.put(t.id, text) for t, text in zip(targets, values) if isinstance(t, ast.Name)}
        last = equation.body[-1]
        assert isinstance(last, ast.Return) and last.value is not None
        return self.several(equation, last.value, names)

    def several(self, equation: Equation, node: ast.expr, names: Mapping[str, str]) -> list[str]:
        """Give the texts of what may stand on the right: of a tuple, of a call that gives one, or of one expression."""
        if isinstance(node, ast.Tuple):
            return [self.one(equation, part, names) for part in node.elts]
        return self.expression(equation, node, names)

    def one(self, equation: Equation, node: ast.expr, names: Mapping[str, str]) -> str:
        """Give the text of an expression that is one number or bool."""
        (text,) = self.expression(equation, node, names)
        return text

    def expression(self, equation: Equation, node: ast.expr, names: Mapping[str, str]) -> list[str]:  # noqa: RET503
        """Give the text of an expression, or the texts of all that a call gives."""
        match node:
            case ast.Constant(value=int() | float() as value):
                return [_number(value)]
            case ast.Name(id=name) if name in names:
                return [names[name]]
            case ast.Attribute(value=ast.Name(id=record), attr=field) if field in records(equation.table).get(
                record, ()
            ):
                self.fields[record, field] = None
                return [f"{record}_{field}"]
            case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
                return [f"({OPERATORS[type(op)]}{self.one(equation, operand, names)})"]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                pair = self.one(equation, left, names), self.one(equation, right, names)
                return [f"({pair[0]} {OPERATORS[type(op)]} {pair[1]})"]
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
                pair = self.one(equation, left, names), self.one(equation, right, names)
                return [f"({pair[0]} {OPERATORS[type(op)]} {pair[1]})"]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                function = equation.function.__globals__[name]
                if function not in CALLS:
                    into = inspect.signature(function).parameters
                    return self.call(
                        function,
                        [
                            a if a in RECORDS else self.put(a, self.one(equation, arg, names))
                            for a, arg in zip(into, args)
                        ],
                    )
                texts = [self.one(equation, arg, names) for arg in args]
                if function in TWICE:
                    texts[0] = self.put(name, texts[0])
                return [CALLS[function].format(*texts)]
        equation.refuse(node, "cannot be said in JavaScript")


def _function(function: Callable[..., object], equations: dict[Callable[..., object], Equation]) -> str:
    """Give an equation as a function of its own."""
    text = Text(equations)
    arguments = inspect.signature(function).parameters
    (value,) = text.call(function, [f"s_{name}" for name in arguments])
    lines = [*text.lines, f"return {value};"]
    head = f"function {function.__name__}({', '.join(f's_{name}' for name in arguments)}) {{"
    return "\n".join([head, *(f"  {line}" for line in lines), "}"])


# ---- the walks over the class --------------------------------------------------------------------------------
def _driver(
    name: str, phases: Sequence[Phase], equations: dict[Callable[..., object], Equation], table: Table
) -> list[str]:
    """Give a function for each walk over the seats, and the one that calls them in order."""
    functions: list[str] = []
    steps: list[str] = []
    for walk in _walks(phases):
        only = f"if ({_on(walk[0], table)}) " if walk[0].lever else ""
        if walk[0].kind in ("peers", "rank"):
            arrays = ", ".join(f"S_{slot}" for slot in (*walk[0].reads, *walk[0].writes))
            steps.append(f"{only}{'rank' if walk[0].kind == 'rank' else 'among_friends'}({arrays}, n);")
            continue
        for phase in walk:
            if phase.decision:
                kind = "uniforms" if "u" in phase.reads else "normals"
                number = chance.DECISIONS[phase.decision]
                who = "0, n" if phase.kind == "each" else "SEATS, SEATS + 1"
                only = f"if ({_on(phase, table)}) " if phase.lever else ""
                steps.append(f"{only}{kind}(U{number}, seed, {number}, moment, {who});")
        lines = _walk(walk, equations, table)
        used = {word for line in lines for word in re.findall(r"[\w$]+", line)}
        head = f"{name}_{len(functions)}({', '.join(word for word in ('week', 'n', 'share') if word in used)})"
        functions.append("\n".join([f"function {head} {{", *(f"  {line}" for line in lines), "}"]))
        steps.append(f"{head};")
    driver = [f"function {name}(seed, week, moment, n, share) {{", *(f"  {step}" for step in steps), "}"]
    return [*functions, "\n".join(driver)]


def _walks(phases: Sequence[Phase]) -> list[list[Phase]]:
    """Group phases that share one walk: what needs all seats first starts the next; peers and rank walk alone."""
    walks: list[list[Phase]] = []
    means: set[str] = set()
    for phase in phases:
        of = {"each": "seats", "mean": "seats"}.get(phase.kind, phase.kind)
        last = {"each": "seats", "mean": "seats"}.get(walks[-1][0].kind, walks[-1][0].kind) if walks else ""
        if of != last or of in ("peers", "rank") or means & {*phase.reads, *phase.writes}:
            walks.append([])
            means = set()
        walks[-1].append(phase)
        means |= {*phase.writes} if phase.kind == "mean" else set()
    return walks


def _on(phase: Phase, table: Table) -> str:
    record, _, name = phase.lever.partition(".")
    return f"P[{table.names.index(name)}] !== 0" if record == "p" else f"ON[{LEVERS.index(phase.lever)}]"


def _words(text: str) -> set[str]:
    """Give the slots in hand that a text reads."""
    return {word.removeprefix("s_") for word in re.findall(r"[\w$]+", text) if word.startswith("s_")}


def _walk(walk: Sequence[Phase], equations: dict[Callable[..., object], Equation], table: Table) -> list[str]:
    """Give the statements that take every student (or the class) through several phases."""
    text = Text(equations)
    teacher = walk[0].kind == "teacher"
    at = "0" if teacher else "i"
    held: dict[str, None] = {}  # slots in hand
    outside: dict[str, None] = {}  # of the class, read before the walk
    written: dict[str, None] = {}
    before: list[str] = []
    after: list[str] = []

    def hold(slot: str) -> None:
        if slot in held or slot in outside:
            return
        if SLOTS[slot].of == "class" and not teacher:
            outside[slot] = None
        else:
            held[slot] = None
            text.lines.append(f"let s_{slot} = S_{slot}[{at}];")

    for phase in walk:
        only = f"if ({_on(phase, table)}) " if phase.lever else ""
        bound = {arg: _number(value) for arg, value in phase.bind}
        for slot in phase.reads:
            if slot in SLOTS and slot not in bound:
                hold(slot)
        if phase.kind == "mean":
            (mean,) = phase.writes
            before.append(f"let sum_{mean} = 0;")
            text.lines.append(f"sum_{mean} += s_{phase.reads[0]};")
            after.append(f"{only}S_{mean}[0] = sum_{mean} * share;")
            continue
        assert not isinstance(phase.by, str)
        text.lines.append(f"// {phase.name}")
        if only:
            for slot in phase.writes:
                hold(slot)
            text.lines.append(f"{only}{{")
        first = len(text.lines)
        given = []
        for arg in phase.reads:
            if arg in ("u", "z") and phase.decision and arg not in bound:
                given.append(text.put(arg, f"U{chance.DECISIONS[phase.decision]}[{at}]"))
            else:
                given.append(bound.get(arg, arg if arg in RECORDS or arg == "week" else f"s_{arg}"))
        values = text.call(phase.by, given)
        if any(s in _words(later) for k, s in enumerate(phase.writes) for later in values[k + 1 :]):
            # a later result still reads what an earlier one overwrites
            values = [text.fix(slot, value) for slot, value in zip(phase.writes, values)]
        for slot, value in zip(phase.writes, values):
            text.lines.append(f"{'' if slot in held else 'let '}s_{slot} = {value};")
            if slot in HELD:
                text.lines.append(f"if (H_{slot}[{at}] === H_{slot}[{at}]) s_{slot} = H_{slot}[{at}];")
            held[slot] = written[slot] = None
        if only:
            text.lines[first:] = [f"  {line}" for line in text.lines[first:]] + ["}"]
    text.lines += [f"S_{slot}[{at}] = s_{slot};" for slot in written]
    tables = {"p": ("P", table.names), "q": ("Q", LEVER_NAMES), "flip": ("F", Flip._fields)}
    head = [
        *(f"const {r}_{field} = {tables[r][0]}[{tables[r][1].index(field)}];" for r, field in text.fields),
        *(f"const s_{slot} = S_{slot}[0];" for slot in outside),
    ]
    body = text.lines if teacher else ["for (let i = 0; i < n; i++) {", *(f"  {line}" for line in text.lines), "}"]
    return [*head, *before, *body, *after]


# ---- what is measured ----------------------------------------------------------------------------------------
def _measures() -> list[str]:
    """Give the functions of `setback.model.outcomes` that make the outcomes and states, for one student.

    They are read more freely than equations: ``slots["x"]`` calls for a slot, a truth may be multiplied by a number.
    """
    source = ast.parse(inspect.getsource(outcomes)).body
    functions = {node.name: node for node in source if isinstance(node, ast.FunctionDef)}
    rows = next(node.value for node in source if isinstance(node, ast.AnnAssign) and _is(node.target, "OUTCOMES"))
    assert isinstance(rows, ast.Dict)
    measure = Measure(functions)
    made = []
    for key, row in zip(rows.keys, rows.values):
        assert key is not None and isinstance(row, ast.Call)
        made.append(f"  {ast.literal_eval(key)}: {measure.function(row.args[2])},")
    measure.called("states")
    return [*measure.texts.values(), "const MEASURES = {", *made, "};"]


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


class Measure:
    """Translates what makes an outcome; `texts` are the functions of the module that were needed, by name."""

    def __init__(self, functions: Mapping[str, ast.FunctionDef]) -> None:
        self.functions = functions
        self.texts: dict[str, str] = {}

    def refuse(self, node: ast.AST) -> InputError:
        """Refuse what cannot be translated, with file, line and reason."""
        line = getattr(node, "lineno", 0)
        return InputError(f"outcomes.py:{line}: cannot be said in JavaScript: {ast.unparse(node).splitlines()[0]}")

    def function(self, node: ast.expr) -> str:
        """Give a lambda as an arrow function, or the name of a function of the module."""
        if isinstance(node, ast.Name):
            return self.called(node.id)
        if not isinstance(node, ast.Lambda):
            raise self.refuse(node)
        names = {a.arg for a in node.args.args}
        return f"({', '.join(a.arg for a in node.args.args)}) => {self.text(node.body, names)}"

    def called(self, name: str) -> str:
        """Give the name of a function of the module, which is translated if it was not yet."""
        if name in self.texts:
            return name
        node = self.functions[name]
        if name == outcomes.student_state.__name__:  # an equation
            self.texts[name] = _function(outcomes.student_state, {})
            return name
        names = {a.arg for a in node.args.args}
        lines = []
        for statement in node.body[ast.get_docstring(node) is not None :]:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=to)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=to), value=ast.expr() as value)
                ):
                    lines.append(f"const {to} = {self.text(value, names)};")
                    names.add(to)
                case ast.Assign(targets=[ast.Tuple(elts=to)], value=ast.Tuple(elts=values)):
                    made = [self.text(value, names) for value in values]
                    lines += [f"const {ast.unparse(t)} = {text};" for t, text in zip(to, made)]
                    names |= {ast.unparse(t) for t in to}
                case ast.Return(value=ast.expr() as value):
                    lines.append(f"return {self.text(value, names)};")
                case _:
                    raise self.refuse(statement)
        head = f"function {name}({', '.join(a.arg for a in node.args.args)}) {{"
        self.texts[name] = "\n".join([head, *(f"  {line}" for line in lines), "}"])
        return name

    def text(self, node: ast.expr, names: set[str]) -> str:
        """Translate an expression."""
        match node:
            case ast.Name(id=name) if name in names:
                return name
            case ast.Constant(value=int() | float() as value):
                return _number(value)
            case ast.Name(id=name) if isinstance(known := vars(outcomes).get(name), int | float):
                return _number(known)
            case ast.Subscript(value=ast.Name(id="NORMS"), slice=ast.Constant(value=str() as scale)):
                return _number(outcomes.NORMS[scale])
            case ast.Attribute(value=ast.Name(id="np"), attr="nan"):
                return "NaN"
            case ast.Subscript(value=ast.Name(id=slots), slice=ast.Constant(value=str() as slot)) if slots in names:
                return f'{slots}("{slot}")'
            case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]) if (
                type(op) in OPERATORS
            ):
                return f"({self.text(left, names)} {OPERATORS[type(op)]} {self.text(right, names)})"
            case ast.Call(func=func, args=args, keywords=[]):
                texts = [self.text(arg, names) for arg in args if not isinstance(arg, ast.Tuple)]
                match ast.unparse(func), args:
                    case "np.where", [_, _, _]:
                        return f"({texts[0]} ? {texts[1]} : {texts[2]})"
                    case "np.maximum", [_, _]:
                        return f"max({texts[0]}, {texts[1]})"
                    case "np.asarray", [_]:
                        return texts[0]
                    case "np.isin", [_, ast.Tuple(elts=among)]:
                        return f"[{', '.join(self.text(one, names) for one in among)}].includes({texts[0]})"
                    case name, _ if name in self.functions:
                        return f"{self.called(name)}({', '.join(texts)})"
        raise self.refuse(node)
