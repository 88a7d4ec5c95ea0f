"""The compiled engine: the phases as one fused loop, its text written from the lists, its functions the very same code.

A tile is LANES columns of a block; every slot of a student is LANES numbers wide, so that the innermost loop runs
over lanes and vectorises. The names that an equation calls (``exp``, ``where``, ...) are bound to compiled ones, no
text is copied. Size of the class, number of friends, weeks, columns and traced slots are run-time values: one
compilation serves every class. Kernels are kept in a folder of the user's cache (or in ``SETBACK_CACHE``), in files
named by the hash of the equations and of the kernel's text. Needs the extra ``fast`` (numba).
"""

from __future__ import annotations

import ast
import dis
import hashlib
import inspect
import os
import sys
import tempfile
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from setback.model import arithmetic, chance, parameters
from setback.model.block import Block, Held, Run, check_held, check_traced, draw_luck
from setback.model.errors import InputError
from setback.model.grammar import LEVERS, Equation, check, fingerprint, records
from setback.model.parameters import LEVER_NAMES, Levers
from setback.model.state import OPENED, ROSTER, SLOTS, STATE, TALLY, Flip
from setback.model.week import PHASES, Model, Phase

#: Columns in a tile, and so in the innermost loop.
LANES = 16
END = tuple(slot.name for slot in (*OPENED, *STATE, *TALLY))


def run(
    block: Block,
    weeks: int,
    keep: Sequence[str] = (),
    hold: Mapping[str, Held] | None = None,
    model: Model = PHASES,
) -> Run:
    """Run every column of a block for some weeks; as `setback.model.engine.run`, within 1e-9.

    Raises:
        InputError: a slot that there is not, a path whose shape does not fit, or numba is not installed.
    """
    hold = hold or {}
    check_traced(keep, model)
    check_held(hold, block, weeks, model)
    shared = len(block.seats.rooms) == 1
    kernel = load(model, shared, tuple(hold), bool(keep))
    plan = kernel.plan
    seats, n = block.size, block.columns
    of_seat = [name for name in keep if SLOTS[name].of == "student"]
    of_class = [name for name in keep if SLOTS[name].of == "class"]
    traced = np.empty((weeks, len(of_seat), seats, n)), np.empty((weeks, len(of_class), n))
    ends = np.empty((len(plan.end_seat), seats, n)), np.empty((len(plan.end_class), n))
    tables = (block.seats.roster, block.params, block.policy, block.flip)
    paths = [a for path in hold.values() for a in (np.ascontiguousarray(path.value), np.ascontiguousarray(path.where))]
    kernel.call(
        *(np.ascontiguousarray(a, float) for a in tables),
        np.ascontiguousarray(block.seats.friends, np.int64),
        np.ascontiguousarray(block.seats.weight),
        np.ascontiguousarray(block.switch, np.int64),
        np.concatenate([block.policy.any(axis=(0, 2)), block.flip.any(axis=1)]),
        *(shared_luck(block, weeks, plan) if shared else hashed_luck(block, weeks, plan)),
        np.array([plan.seat[name] for name in of_seat], np.int64),
        np.array([plan.row[name] for name in of_class], np.int64),
        *traced,
        *ends,
        *(
            np.empty(size)
            for size in (len(plan.row) * LANES, seats * len(plan.seat) * LANES, seats * len(plan.friend) * LANES)
        ),
        np.empty((seats + 1) * LANES, np.uint64),
        *paths,
    )
    trace = {name: np.ascontiguousarray(traced[0][:, k]) for k, name in enumerate(of_seat)}
    trace |= {name: traced[1][:, k, None] for k, name in enumerate(of_class)}
    end = {name: ends[0][k] for k, name in enumerate(plan.end_seat)}
    end |= {name: ends[1][k, None] for k, name in enumerate(plan.end_class)}
    return Run({name: end[name] for name in END}, {name: trace[name] for name in keep})


# ---- chance: made by numpy once where all columns share a room, by the kernel where they do not ------------
def shared_luck(block: Block, weeks: int, plan: Plan) -> tuple[np.ndarray, ...]:
    """Numbers of the one room: opening (decision, seat), weeks (week, decision, seat); the class's on seat 0."""
    opening = np.zeros((1, len(plan.opening_decisions), block.size))
    year = np.zeros((weeks, len(plan.decisions), block.size))
    for table, names, drawn in (
        (opening, plan.opening_decisions, draw_luck(plan.model.opening, block.seats, None)),
        (year, plan.decisions, draw_luck(plan.weekly, block.seats, range(weeks))),
    ):
        for name, numbers in drawn.items():
            table[:, names.index(name), : numbers.shape[1]] = numbers[..., 0]
    return opening[0], year


def hashed_luck(block: Block, weeks: int, plan: Plan) -> tuple[np.ndarray, ...]:
    """The halves of the addresses: moments (decision) and (week, decision), students (seats and the class, room)."""
    numbers = [[chance.DECISIONS[name] for name in names] for names in (plan.opening_decisions, plan.decisions)]
    who = np.append(np.arange(block.size), chance.CLASS_SEAT)
    return (
        chance.moment_key(block.seats.seed, np.array(numbers[0], np.uint64), 0),
        chance.moment_key(
            block.seats.seed,
            np.array(numbers[1], np.uint64),
            np.arange(weeks)[:, None] + block.seats.luck * chance.YEAR,
        ),
        chance.student_key(block.seats.rooms, who[:, None]),
    )


def _types() -> dict[str, Any]:
    return {"p": parameters.World, "q": Levers, "flip": Flip}


# ---- the text of the kernel --------------------------------------------------------------------------------
class Plan:
    """Where each slot lies in the kernel's three arrays, and which phases share one walk over the seats.

    Attributes:
        row: rows of the class (parameters, levers, flip, class slots); `seat`: slots of a seat; `friend`: slots that
            friends make, in an array of their own so that the loops vectorise.
    """

    def __init__(self, model: Model, shared: bool, held: tuple[str, ...], observed: bool) -> None:
        self.model, self.shared, self.held, self.observed = model, shared, held, observed
        self.weekly = (*model.week, *model.tally)
        self.equations = check(model)
        self.opening_decisions = tuple(p.decision for p in model.opening if p.decision)
        self.decisions = tuple(p.decision for p in self.weekly if p.decision)
        every = (*model.opening, *self.weekly)
        rows = [f"{record}.{field}" for record, fields in records().items() for field in fields]
        rows += [f"luck{k}" for k in range(0 if shared else max(len(self.opening_decisions), len(self.decisions)))]
        rows += ["share", *(name for name in END if SLOTS[name].of == "class"), *_names(every, "teacher", "mean")]
        # the roster first, then in one run what is there at the end
        students = [s.name for s in ROSTER] + [s.name for s in (*OPENED, *STATE, *TALLY) if s.of == "student"]
        self.row = {name: k for k, name in enumerate(dict.fromkeys(rows))}
        self.friend = {name: k for k, name in enumerate(dict.fromkeys(_names(every, "peers")))}
        students += _names(every, "each", "rank") + (list(self.friend) if observed else [])
        self.seat = {name: k for k, name in enumerate(dict.fromkeys(students))}
        self.end_seat = tuple(name for name in END if name in self.seat)
        self.end_class = tuple(name for name in END if name in self.row)

    def at(self, name: str, seat: str = "x") -> str:
        """Where a slot, parameter or lever is read and written, for lane l of the tile."""
        if name in self.row:
            return f"c[{self.row[name] * LANES}+l]"
        if name in self.friend:
            return f"g[i*{len(self.friend) * LANES}+{self.friend[name] * LANES}+l]"
        return f"b[{self.seat[name] * LANES}+{seat}+l]"

    def passes(self, phases: Sequence[Phase]) -> list[list[Phase]]:
        """Phases that share one walk: what needs all seats first starts the next, levers and peers walk alone."""
        runs: list[list[Phase]] = []
        for phase in phases:
            last = runs[-1] if runs else []
            kinds = {p.kind for p in last}
            alone = {"peers", "rank"}
            fits = last and not kinds & alone and phase.kind not in alone
            fits = fits and self.heavy(last[-1]) == self.heavy(phase)
            fits = fits and (phase.kind == "teacher") == ("teacher" in kinds)
            if not fits or (phase.kind == "each" and "mean" in kinds):
                runs.append([])
            runs[-1].append(phase)
        return runs

    def heavy(self, phase: Phase) -> str:
        """The lever of a phase that is worth a walk of its own; what costs little is done in any case."""
        if phase.kind == "rank":
            return phase.lever
        return phase.lever if phase.lever and callable(phase.by) and self.has_exp(phase.by) else ""

    def has_exp(self, function: Callable[..., object]) -> bool:
        """Whether an equation, or one that it calls, needs an exponential."""
        names = {
            node.id for body in self.equations[function].body for node in ast.walk(body) if isinstance(node, ast.Name)
        }
        called = [function.__globals__.get(name) for name in names]
        return any(f in (np.exp, np.log) or (f in self.equations and self.has_exp(f)) for f in called if callable(f))

    def stored(self, run: Sequence[Phase]) -> set[str]:
        """The slots that others than this walk want to read."""
        read = {name for p in (*self.model.opening, *self.weekly) for name in p.reads if p not in run}
        carried = {slot.name for slot in (*OPENED, *STATE, *TALLY)}
        return read | carried | (set(SLOTS) if self.observed else set())


def _names(phases: Iterable[Phase], *kinds: str) -> list[str]:
    return [name for phase in phases if phase.kind in kinds for name in phase.writes]


def write_kernel(plan: Plan) -> str:
    """The source of one function, `kernel`: a walk over tiles, weeks, passes, seats and lanes."""
    width = len(plan.seat) * LANES
    lines: list[str] = []

    def put(depth: int, *texts: str) -> None:
        lines.extend("    " * depth + text for text in texts)

    luck = "opening, year" if plan.shared else "opening, year, students"
    paths = "".join(f", path{k}, where{k}" for k in range(len(plan.held)))
    put(0, f"def kernel(roster, params, policy, turned, friends, weight, switch, moved, {luck}, keep_seat, keep_class,")
    put(3, f"traced_seat, traced_class, end_seat, end_class, c, b, g, tile{paths}):")
    put(
        1,
        "wide()",
        "n = params.shape[1]; seats = roster.shape[1]; weeks = len(year)",
        f"for j in range(0, n, {LANES}):",
    )
    put(2, f"live = min({LANES}, n - j)", "b[:] = 0.0; c[:] = 0.0; g[:] = 0.0")
    put(2, f"for l in range({LANES}):")
    put(3, f"m = min(j + l, n - 1); room = {'0' if plan.shared else 'm'}; total = 0.0")
    if not plan.shared:
        put(3, f"for i in range(seats + 1): tile[i*{LANES}+l] = students[i, m]")
    put(3, "for i in range(seats):", f"    x = i*{width}; total += roster[0, i, room]")
    put(4, f"for k in range({len(ROSTER)}): b[k*{LANES}+x+l] = roster[k, i, room]")
    put(3, f"{plan.at('share')} = 1.0/total")
    levers = plan.row[f"q.{LEVER_NAMES[0]}"]
    for first, length, source in (
        (plan.row[f"p.{parameters.WORLD_NAMES[0]}"], len(parameters.WORLD_NAMES), "params[k, m]"),
        (levers, len(LEVER_NAMES), "policy[1 if switch[m] <= 0 else 0, k, m]"),
        (plan.row[f"flip.{Flip._fields[0]}"], len(Flip._fields), "turned[k, m]"),
    ):
        put(3, f"for k in range({length}): c[({first}+k)*{LANES}+l] = {source}")
    put(2, "w = 0; week = 0.0")
    _write_passes(plan, plan.model.opening, put, 2)
    put(2, "for w in range(weeks):", "    week = float(w)")
    put(3, f"for l in range({LANES}):", "    m = min(j + l, n - 1)", "    if w == switch[m]:")
    put(5, f"for k in range({len(LEVER_NAMES)}): c[({levers}+k)*{LANES}+l] = policy[1, k, m]")
    _write_passes(plan, plan.weekly, put, 3)
    put(3, "for k in range(len(keep_seat)):", "    for i in range(seats):", "        for l in range(live):")
    put(6, f"traced_seat[w, k, i, j + l] = b[keep_seat[k]*{LANES} + i*{width} + l]")
    put(3, "for k in range(len(keep_class)):", "    for l in range(live):")
    put(5, f"traced_class[w, k, j + l] = c[keep_class[k]*{LANES} + l]")
    put(2, "for i in range(seats):", f"    x = i*{width}", "    for l in range(live):")
    first = plan.seat[plan.end_seat[0]]
    put(4, f"for k in range({len(plan.end_seat)}): end_seat[k, i, j + l] = b[({first}+k)*{LANES}+x+l]")
    put(2, "for l in range(live):")
    first = plan.row[plan.end_class[0]]
    put(3, f"for k in range({len(plan.end_class)}): end_class[k, j + l] = c[({first}+k)*{LANES}+l]")
    return "\n".join(lines) + "\n"


def _write_passes(plan: Plan, phases: Sequence[Phase], put: Callable[..., None], depth: int) -> None:
    numbered = {phase: k for k, phase in enumerate(phase for phase in phases if phase.decision)}
    width = len(plan.seat) * LANES
    for run in plan.passes(phases):
        d = depth
        if plan.heavy(run[0]) and not any(name in plan.held for phase in run for name in phase.writes):
            put(d, f"if moved[{LEVERS.index(run[0].lever)}]:")
            d += 1
        kind = run[0].kind
        if kind == "peers":
            to, by, room = plan.at(run[0].writes[0]), run[0].reads[0], "0" if plan.shared else "min(j + l, n - 1)"
            friend = plan.at(by, "y" if plan.shared else f"friends[f, i, {room}]*{width}")
            put(d, "for i in range(seats):", f"    for l in range({LANES}):", f"        {to} = 0.0")
            put(d + 1, "for f in range(len(friends)):")
            put(d + 2, *(["y = friends[f, i, 0]*" + str(width), "v = weight[f, i, 0]"] if plan.shared else []))
            put(
                d + 2,
                f"for l in range({LANES}):",
                f"    {to} += {'v' if plan.shared else f'weight[f, i, {room}]'}*{friend}",
            )
            put(d + 1, *_afterwards(plan, run[0].writes[0], f"x = i*{width}"))
        elif kind == "rank":
            own, others, to = (plan.at(name) for name in (*run[0].reads, *run[0].writes))
            other, there = plan.at(run[0].reads[1], "y"), plan.at("present", "y")
            put(
                d,
                "for i in range(seats):",
                f"    x = i*{width}",
                f"    for l in range({LANES}):",
                f"        {to} = 0.0",
            )
            put(d + 1, "for k in range(seats):", f"    y = k*{width}", f"    for l in range({LANES}):")
            put(d + 3, f"{to} += {there}*((1.0 if {other} < {own} else 0.0) + (1.0 if {other} <= {own} else 0.0))")
            put(d + 1, f"for l in range({LANES}):")
            put(d + 2, f"itself = (1.0 if {others} < {own} else 0.0) + (1.0 if {others} <= {own} else 0.0)")
            put(d + 2, f"{to} = ({to} - itself + 1.0)*0.5*{plan.at('share')}")
            put(d + 1, *_afterwards(plan, run[0].writes[0]))
        else:
            _write_walk(plan, run, numbered, put, d)


def _write_walk(
    plan: Plan, run: Sequence[Phase], numbered: Mapping[Phase, int], put: Callable[..., None], depth: int
) -> None:
    """One walk over the seats (or, for the teacher, one look at the class) through several phases."""
    teacher = run[0].kind == "teacher"
    opening = run[0] in plan.model.opening
    means = [phase.writes[0] for phase in run if phase.kind == "mean"]
    body: list[str] = []
    before: list[str] = []
    draws: list[tuple[str, str, str]] = []
    known: set[str] = set()
    for record in records():
        fields = {
            f for phase in run if callable(phase.by) for f in _fields(record, plan.equations[phase.by], plan.equations)
        }
        values = (plan.at(f"{record}.{name}") if name in fields else "0.0" for name in records()[record])
        body.append(f"{record} = {_types()[record].__name__}({', '.join(values)})")
    for phase in run:
        bound = dict(phase.bind)
        reads = (*phase.reads, *(["present"] if phase.kind == "mean" else []))
        slots = [name for name in reads if name in SLOTS and name not in bound]
        body += [f"v_{name} = {plan.at(name)}" for name in dict.fromkeys(slots) if name not in known]
        known.update(slots, phase.writes)
        if phase.kind == "mean":
            body.append(f"{plan.at(phase.writes[0])} += v_{phase.reads[0]}*v_present")
            continue
        assert not isinstance(phase.by, str)
        luck = ""
        if phase.decision:
            letter, k = "u" if "u" in phase.reads else "z", numbered[phase]
            luck = f"{letter}_{k}_{int(opening)}"
            moment = f"opening[{k}" if opening else f"year[w, {k}"
            if plan.shared:
                before.append(f"{luck} = {moment}, {'0' if teacher else 'i'}]")
            else:  # made in loops of their own, or nothing around them would vectorise
                at = plan.at(f"luck{len(draws)}")
                draws.append((letter, f"{at} = draw(tile[{'seats' if teacher else 'i'}*{LANES}+l], {moment}])", at))
                body.append(f"{luck} = {at}")
        given = [_argument(name, bound, luck) for name in phase.reads]
        body.append(f"{', '.join(f'v_{name}' for name in phase.writes)} = f_{phase.by.__name__}({', '.join(given)})")
        if not opening:
            body += [_held(plan, name) for name in phase.writes if name in plan.held]
    for letter in "uz":
        lines = [line for of, line, _ in draws if of == letter]
        before += [f"for l in range({LANES}):", *("    " + line for line in lines)] if lines else []
    normal = [at for letter, _, at in draws if letter == "z"]
    before += [f"for l in range({LANES}):", *(f"    {at} = normal_quantile({at})" for at in normal)] if normal else []
    stored = plan.stored(run)
    written = dict.fromkeys(name for phase in run if phase.kind != "mean" for name in phase.writes)
    body += [f"{plan.at(name)} = v_{name}" for name in written if name in stored]
    if means:
        put(depth, f"for l in range({LANES}):", *(f"    {plan.at(name)} = 0.0" for name in means))
    if teacher:
        put(depth, *before, f"for l in range({LANES}):", *("    " + line for line in body))
    else:
        put(depth, "for i in range(seats):", f"    x = i*{len(plan.seat) * LANES}", *("    " + line for line in before))
        put(depth + 1, f"for l in range({LANES}):", *("    " + line for line in body))
    if means:
        put(depth, f"for l in range({LANES}):", *(f"    {plan.at(name)} *= {plan.at('share')}" for name in means))
        held = [name for name in means if name in plan.held]
        if held and not opening:
            put(depth, f"for l in range({LANES}):")
            put(
                depth + 1,
                *(f"v_{name} = {plan.at(name)}; {_held(plan, name)}; {plan.at(name)} = v_{name}" for name in held),
            )


def _afterwards(plan: Plan, name: str, *before: str) -> list[str]:
    """What friends made, or a rank, is kept on its path and copied to where it can be traced."""
    body = [f"v_{name} = {plan.at(name)}"]
    body += [_held(plan, name), f"{plan.at(name)} = v_{name}"] if name in plan.held else []
    body += [f"b[{plan.seat[name] * LANES}+x+l] = v_{name}"] if name in plan.friend and plan.observed else []
    return [*before, f"for l in range({LANES}):", *("    " + line for line in body)] if len(body) > 1 else []


def _held(plan: Plan, name: str) -> str:
    k, seat = plan.held.index(name), "i" if SLOTS[name].of == "student" else "0"
    at = f"[w, {seat}, min(j + l, n - 1)]"
    return f"v_{name} = path{k}{at} if where{k}{at} else v_{name}"


def _argument(name: str, bound: Mapping[str, float], luck: str) -> str:
    if name in bound:
        return repr(float(bound[name]))
    if name in ("u", "z"):
        return luck
    return name if name in records() or name == "week" else f"v_{name}"


def _fields(record: str, equation: Equation, known: Mapping[Callable[..., object], Equation]) -> set[str]:
    """The fields of a record that an equation reads, itself or through the equations that it calls."""
    found: set[str] = set()
    for node in (node for statement in equation.body for node in ast.walk(statement)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == record:
            found.add(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = equation.function.__globals__.get(node.func.id)
            if callable(called) and called in known:
                found |= _fields(record, known[called], known)
    return found


# ---- compilation -------------------------------------------------------------------------------------------
class Kernel(NamedTuple):
    """A compiled kernel and the plan it was written from."""

    plan: Plan
    call: Callable[..., None]


@cache
def load(model: Model, shared: bool, held: tuple[str, ...] = (), observed: bool = False) -> Kernel:
    """The kernel for some phases, from the cache or compiled now (some seconds, once).

    Args:
        model: the phases.
        shared: whether all columns share one room.
        held: slots that may be kept on a path.
        observed: whether slots that are not carried can be traced.

    Raises:
        InputError: numba is not installed.
    """
    try:
        import numba
    except ImportError:
        raise InputError('the compiled engine needs numba; install it with pip install -e ".[fast]"') from None
    plan = Plan(model, shared, held, observed)
    source = write_kernel(plan)
    this = inspect.getsource(sys.modules[__name__])
    key = "\n".join([fingerprint(model), source, this, inspect.getsource(chance), numba.__version__])
    path = cache_folder() / f"kernel_{hashlib.sha256(key.encode()).hexdigest()[:20]}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8") as file:
            file.write(source)
        Path(file.name).replace(path)
    compiler = _compiler()
    functions = {p.by for phases in model for p in phases if not isinstance(p.by, str)}
    scope: dict[str, Any] = {"__name__": __name__}
    scope |= {f"f_{f.__name__}": compiler.function(f) for f in functions}
    scope |= {f.__name__: compiler.function(f) for f in (chance.draw, chance.normal_quantile)}
    scope |= {record.__name__: record for record in _types().values()} | {"wide": _wide()}
    exec(compile(source, str(path), "exec"), scope)
    f, i, u = numba.float64, numba.int64, numba.uint64

    def array(kind: Any, dimensions: int) -> Any:
        return numba.types.Array(kind, dimensions, "C")

    luck = [array(f, 2), array(f, 3)] if shared else [array(u, 1), array(u, 2), array(u, 2)]
    signature = numba.void(
        array(f, 3), array(f, 2), array(f, 3), array(f, 2), array(i, 3), array(f, 3), array(i, 1),
        array(numba.boolean, 1), *luck, array(i, 1), array(i, 1), array(f, 4), array(f, 3), array(f, 3), array(f, 2),
        array(f, 1), array(f, 1), array(f, 1), array(u, 1), *[array(f, 3), array(numba.boolean, 3)] * len(held),
    )  # fmt: skip
    options: dict[str, Any] = {"fastmath": True, "nogil": True, "error_model": "numpy", "cache": True}
    return Kernel(plan, numba.njit(signature, **options)(scope["kernel"]))


def cache_folder() -> Path:
    """Where kernels are kept: ``SETBACK_CACHE``, or the user's cache folder."""
    if folder := os.environ.get("SETBACK_CACHE"):
        return Path(folder)
    from platformdirs import user_cache_path

    return user_cache_path("setback")


class _Compiler:
    """Compiles equations: the same code objects, with the names they call bound to compiled functions."""

    def __init__(self) -> None:
        import numba

        inline = numba.njit(inline="always", fastmath=True)
        self.fuse = numba.njit(forceinline=True, fastmath=True, error_model="numpy")
        self.names: dict[object, Any] = {
            arithmetic.where: inline(lambda c, a, b: a if c else b),
            arithmetic.indicator: inline(lambda c: 1.0 if c else 0.0),
            arithmetic.clip: inline(lambda x, low, high: low if x < low else (high if x > high else x)),
            arithmetic.blend: inline(lambda s, neutral, full: (1.0 - s) * neutral + s * full),
            np.maximum: inline(lambda a, b: a if a > b else b),
            np.minimum: inline(lambda a, b: a if a < b else b),
            np.square: inline(lambda x: x * x),
            np.exp: _exp(),
            np.log: _log(),
        }
        self.done: dict[Callable[..., object], Any] = {}

    def function(self, function: Callable[..., object]) -> Any:
        """The compiled function; what it calls is compiled first."""
        if function not in self.done:
            assert isinstance(function, types.FunctionType)
            scope = dict(function.__globals__)
            # only names that are loaded as globals: `p.attempt` may share a function's name
            for name in {i.argval for i in dis.get_instructions(function) if i.opname == "LOAD_GLOBAL"}:
                scope[name] = self.bind(scope.get(name))
            self.done[function] = self.fuse(types.FunctionType(function.__code__, scope, function.__name__))
        return self.done[function]

    def bind(self, value: Any) -> Any:
        """What a global name means in compiled code."""
        if callable(value) and value in self.names:
            return self.names[value]
        return self.function(value) if isinstance(value, types.FunctionType) else value


@cache
def _compiler() -> _Compiler:
    """One compiler for the program, so that kernels share what they call."""
    return _Compiler()


def _exp() -> Any:
    """Exp by range reduction and a polynomial of degree 12: vectorises without any library, about one ulp."""
    import numba

    c = tuple(1.0 / float(np.prod(np.arange(1.0, k + 1))) for k in range(13))
    power_of_two = _bits()[0]

    @numba.njit(inline="always", fastmath=True)
    def exp(x: float) -> float:
        x = min(max(x, -700.0), 700.0)
        k = np.floor(x * 1.4426950408889634 + 0.5)
        r = x - k * 0.693147180369123816490 - k * 1.90821492927058770002e-10
        y = (((c[12] * r + c[11]) * r + c[10]) * r + c[9]) * r + c[8]
        y = ((((y * r + c[7]) * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]
        return (((y * r + c[2]) * r + c[1]) * r + c[0]) * power_of_two(np.int64(k))

    return exp


def _log() -> Any:
    """Log of a positive number: exponent and mantissa in [sqrt(1/2), sqrt(2)), then 2 artanh((m - 1) / (m + 1))."""
    import numba

    _, to_bits, from_bits = _bits()

    @numba.njit(inline="always", fastmath=True)
    def log(x: float) -> float:
        # move the mantissa's range to [sqrt(1/2), sqrt(2)) before the exponent is split off
        bits = to_bits(x) - 0x3FE6A09E667F3BCD
        k = bits >> 52
        m = from_bits((bits & 0xFFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)
        f = (m - 1.0) / (m + 1.0)
        s = f * f
        y = (((s / 21.0 + 1.0 / 19.0) * s + 1.0 / 17.0) * s + 1.0 / 15.0) * s + 1.0 / 13.0
        y = (((y * s + 1.0 / 11.0) * s + 1.0 / 9.0) * s + 1.0 / 7.0) * s + 1.0 / 5.0
        y = ((y * s + 1.0 / 3.0) * s) * f + f
        return 2.0 * y + k * 1.90821492927058770002e-10 + k * 0.693147180369123816490

    return log


@cache
def _wide() -> Any:
    """Asks for vectors of 512 bits in the function that calls it, where there are any: 1.4 times as fast.

    LLVM prefers 256 bits on processors that have both, for the sake of code that uses them only now and then.
    """
    import numba
    from numba.extending import intrinsic

    @intrinsic
    def wide(context: Any) -> Any:
        def build(context: Any, builder: Any, _: Any, __: Any) -> Any:
            # a plain set: the attribute is none that llvmlite knows by name
            set.add(builder.function.attributes, '"prefer-vector-width"="512"')
            return context.get_dummy_value()

        return numba.void(), build

    return wide


@cache
def _bits() -> tuple[Any, Any, Any]:
    """Reading a double's bits: 2 ** k by its exponent, and the bits of a double to and fro."""
    import numba
    from llvmlite import ir
    from numba.extending import intrinsic

    @intrinsic
    def power_of_two(context: Any, k: Any) -> Any:
        def build(_: Any, builder: Any, __: Any, args: Any) -> Any:
            exponent = builder.add(args[0], ir.Constant(ir.IntType(64), 1023))
            return builder.bitcast(builder.shl(exponent, ir.Constant(ir.IntType(64), 52)), ir.DoubleType())

        return numba.float64(numba.int64), build

    @intrinsic
    def to_bits(context: Any, x: Any) -> Any:
        return numba.int64(numba.float64), lambda _, builder, __, args: builder.bitcast(args[0], ir.IntType(64))

    @intrinsic
    def from_bits(context: Any, k: Any) -> Any:
        return numba.float64(numba.int64), lambda _, builder, __, args: builder.bitcast(args[0], ir.DoubleType())

    return power_of_two, to_bits, from_bits
