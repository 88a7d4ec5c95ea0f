"""The compiled engine: a block run by machine code that is made from the graph of the phases, once, and kept.

A kernel is made for a kind of block: one room or many, which slots are held, which levers are 0 everywhere. Whatever
the kind, the bits are the same, so that a kernel for a block's own levers (twice as fast as the one for all) is made
only when it pays. Kernels lie in a folder of the user's cache (or in ``SETBACK_CACHE``), each with what it was made
from and its hash; what is damaged or made from something else is made again. Needs llvmlite, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import sys
import types
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model import chance
from setback.model.engines import llvm
from setback.model.engines.block import Array, Block, Held, Run, check_held, check_traced, check_world, draw_luck
from setback.model.engines.kernel import END_OF_CLASS, END_OF_SEAT
from setback.model.engines.vectorised import keep_memory
from setback.model.engines.walks import END, GIVEN, Kind, Program, Unprintable
from setback.model.errors import InputError, StopError
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES
from setback.model.policies import PRESETS
from setback.model.reading import read_bytes
from setback.model.state import SLOTS, Flip
from setback.model.syntax import digest, module_digest
from setback.model.week import MODEL, Model
from setback.model.writing import write_bytes

#: Student-weeks of one pattern of levers from which a kernel of its own pays for its compilation.
WORTH = 10_000_000
#: The most bytes of a kernel in the cache, and the form of its file.
MOST, FORM = 2**24, 1
#: The modules that make a kernel.
MAKERS = tuple(
    f"setback.model.{name}"
    for name in ("graph", "engines.walks", "engines.kernel", "engines.llvm", "chance", "rosters.seats", "state")
)


class Kernel(NamedTuple):
    """A kernel that is ready to run.

    Attributes:
        kind: what it was made for.
        run: the function, as `setback.model.engines.kernel` says.
        layout: lanes, vectors of memory (rows, seen, seats), and where slots lie in it (of_seat, of_class).
        decisions: what chance decides in the opening and in the week, in the order of its tables.
        alive: what has to be kept as long as the function.
    """

    kind: Kind
    run: Callable[..., None]
    layout: Mapping[str, Any]
    decisions: tuple[tuple[str, ...], ...]
    alive: object


def run(
    block: Block,
    weeks: int,
    keep: Sequence[str] = (),
    hold: Mapping[str, Held] | None = None,
    model: Model = MODEL,
) -> Run:
    """Run every column of a block for some weeks; as `setback.model.engines.vectorised.run`, within 1e-9.

    Raises:
        InputError: a slot that there is not, a path whose shape does not fit, or llvmlite is not installed.
    """
    hold = hold or {}
    check_world(block, model)
    check_traced(keep, model)
    check_held(hold, block, weeks, model)
    kind = Kind(model, len(block.seats.rooms) == 1, tuple(sorted(hold)), idle_levers(block, model), bool(keep))
    done = call(ready(kind, block.columns * block.size * weeks), block, weeks, keep, hold)
    end = {name: done["end_seat"][k] for k, name in enumerate(END_OF_SEAT)}
    end |= {name: done["end_class"][k, None] for k, name in enumerate(END_OF_CLASS)}
    shape = weeks, block.size, block.columns
    trace: dict[str, Array] = {}
    for name in keep:
        if name in GIVEN:
            trace[name] = np.array(np.broadcast_to(block.seats.roster[GIVEN.index(name)], shape))
        elif SLOTS[name].of == "student":
            trace[name] = np.ascontiguousarray(done["traced_seat"][:, _of(keep, "student").index(name)])
        else:
            trace[name] = np.ascontiguousarray(done["traced_class"][:, _of(keep, "class").index(name), None])
    return Run({name: end[name] for name in END}, trace)


def measure(block: Block, weeks: int, outcomes: Sequence[str], model: Model = MODEL) -> Array | None:
    """Give the class means of outcomes without keeping a number for each student.

    Args:
        block: the columns.
        weeks: how many weeks, at least 1.
        outcomes: names of `setback.model.outcomes.OUTCOMES`.
        model: the phases.

    Returns:
        (outcome, column) means over the students of whom the outcome is known, NaN where it is known of none; None
        where an outcome does more than numbers, comparisons, ``where`` and ``isin``, and has to be made from a `Run`.

    Raises:
        InputError: llvmlite is not installed.
    """
    check_world(block, model)
    kind = Kind(model, len(block.seats.rooms) == 1, (), idle_levers(block, model), outcomes=tuple(outcomes))
    try:
        found = ready(kind, block.columns * block.size * weeks)
    except Unprintable:
        return None
    return call(found, block, weeks)["measured"]


def idle_levers(block: Block, model: Model) -> frozenset[str]:
    """Give the levers of phases that are 0 in the whole block."""
    zero = {name for name, row in zip(LEVER_NAMES, np.moveaxis(block.policy, 1, 0)) if not row.any()}
    zero |= {f"flip.{name}" for name, row in zip(Flip._fields, block.flip) if not row.any()}
    zero |= {f"p.{name}" for name, row in zip(block.names, block.params) if not row.any()}
    return frozenset(zero & {phase.lever for phases in model for phase in phases})


@cache
def seldom(model: Model) -> frozenset[str]:
    """Give the levers of phases that no whole named policy moves: few blocks need a kernel that has them."""
    moved = {lever for name in PRESETS for lever, value in model.policy(name).items() if value}
    return frozenset({phase.lever for phases in model for phase in phases} & {*LEVER_NAMES} - moved)


def own_kind(block: Block, model: Model = MODEL) -> Kind:
    """Give the kind of a block whose end is wanted: with the kernel that is as fast as can be."""
    return Kind(model, len(block.seats.rooms) == 1, (), idle_levers(block, model))


def _of(names: Sequence[str], of: str) -> list[str]:
    return [name for name in names if SLOTS[name].of == of and name not in GIVEN]


def call(
    kernel: Kernel, block: Block, weeks: int, keep: Sequence[str] = (), hold: Mapping[str, Held] | None = None
) -> dict[str, NDArray[Any]]:
    """Call a kernel; give the arrays that it fills, by name, without the columns that fill up the last tile."""
    hold = hold or {}
    keep_memory()
    lanes = kernel.layout["lanes"]
    tiles = -(-block.columns // lanes)
    n, size, here = tiles * lanes, block.size, slice(block.columns)
    pad = np.minimum(np.arange(n), block.columns - 1) if n != block.columns else None

    def wide(a: NDArray[Any], kind: type = float) -> NDArray[Any]:
        """Lay out a row as long as all tiles, the last column again and again."""
        return np.ascontiguousarray(a if pad is None else a[..., pad], kind)

    of_room: Callable[..., NDArray[Any]] = np.ascontiguousarray if kernel.kind.shared else wide
    rows = {name: kernel.layout[name] for name in ("rows", "seen", "seats")}
    memory = [_aligned(count * lanes) for count in (rows["rows"], rows["seen"] * size, rows["seats"] * size)]
    of_seat, of_class = (_of(keep, of) for of in ("student", "class"))
    full = not kernel.kind.outcomes
    filled = {
        "traced_seat": _empty((weeks, len(of_seat), size, n)),
        "traced_class": np.empty((weeks, len(of_class), n)),
        "end_seat": _empty((len(END_OF_SEAT) * full, size, n)),
        "end_class": np.empty((len(END_OF_CLASS) * full, n)),
        "measured": np.empty((len(kernel.kind.outcomes), n)),
    }
    arrays = [
        *memory,
        of_room(block.seats.roster, float),
        wide(block.params),
        wide(block.policy),
        wide(block.flip),
        wide(block.begins),
        of_room(block.seats.friends, np.int64),
        of_room(block.seats.weight, float),
        *_luck(kernel, block, weeks, wide),
        np.array([kernel.layout["of_seat"][name] for name in of_seat], np.int64),
        np.array([kernel.layout["of_class"][name] for name in of_class], np.int64),
        *filled.values(),
    ]
    for name in kernel.kind.held:
        arrays += [wide(hold[name].value), wide(hold[name].where, np.bool_)]
    counts = (tiles, n, size, weeks, len(block.policy), len(of_seat), len(of_class))
    kernel.run(*counts, *(a.ctypes.data for a in arrays))
    return {name: a[..., here] for name, a in filled.items()}


def _aligned(count: int) -> Array:
    """Make so many zeros that begin where a vector may begin."""
    memory = np.zeros(count + 16)
    first = -memory.ctypes.data // 8 % 16
    return memory[first : first + count]


def _empty(shape: tuple[int, ...]) -> Array:
    """Make room for numbers that are to be written, beginning where a line of the cache does."""
    count = math.prod(shape)
    memory = np.empty(count + 8)
    first = -memory.ctypes.data // 8 % 8
    return memory[first : first + count].reshape(shape)


def _luck(
    kernel: Kernel, block: Block, weeks: int, wide: Callable[..., NDArray[Any]]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Give tables of the opening and of the year, and keys of students, for `chance`.

    Where all share a room, numbers: (seat, decision) and (week, seat, decision), the class's on seat 0. Else halves of
    addresses: (decision,) and (week, decision), and (seat and the class, column).
    """
    s, (first, then) = block.seats, kernel.decisions
    if kernel.kind.shared:
        opening, year = np.zeros((1, block.size, len(first))), np.zeros((weeks, block.size, len(then)))
        for table, names, drawn in (
            (opening, first, draw_luck(kernel.kind.model.opening, s, None)),
            (year, then, draw_luck(kernel.kind.weekly, s, range(weeks))),
        ):
            for name, numbers in drawn.items():
                table[:, : numbers.shape[1], names.index(name)] = numbers[..., 0]
        return opening[0], year, np.zeros(0)
    decided = [np.array([chance.DECISIONS[name] for name in names], np.uint64) for names in (first, then)]
    who = np.append(np.arange(block.size), chance.CLASS_SEAT)
    return (
        chance.moment_key(s.seed, decided[0], 0),
        chance.moment_key(s.seed, decided[1], np.arange(weeks)[:, None] + s.luck * chance.YEAR),
        wide(chance.student_key(s.rooms, who[:, None]), np.uint64),
    )


# ---- kernels: ready, in the cache, or made now --------------------------------------------------------------
_ready: dict[Kind, Kernel] = {}
_seen: Counter[Kind] = Counter()


def ready(kind: Kind, student_weeks: int = WORTH) -> Kernel:
    """Give a kernel that runs a kind of block: its own, or as long as that is cheaper one that many share.

    That is the kernel for all levers, or where a block needs none of those that are seldom moved, the one for the rest.

    Args:
        kind: the kind of block.
        student_weeks: what it is asked for; counted up.

    Raises:
        InputError: llvmlite is not installed.
        Unprintable: an outcome is more than the printer can print.
    """
    if kind not in _ready:
        known = _seen[kind]
        _seen[kind] += student_weeks
        # what is held reaches phases that a lever leaves out: which these are is the block's affair, as in numpy
        rest = seldom(kind.model)
        whole = kind if kind.held else kind._replace(idle=rest if rest <= kind.idle else frozenset())
        found = load(kind) if known == 0 or _seen[kind] >= WORTH else None
        if found is None and (kind == whole or _seen[kind] >= WORTH):
            found = make(kind)
        if found is None:
            return ready(whole)
        _ready[kind] = found
    return _ready[kind]


def make(kind: Kind) -> Kernel:
    """Make a kernel and keep it in the cache."""
    program = Program(kind)
    written = llvm.write(program, llvm.machine())
    code = llvm.compile_text(written.text, llvm.machine())
    layout = {name: value for name, value in written._asdict().items() if name != "text"}
    head = json.dumps({"made": _made(kind), "layout": layout})
    _keep(kind, head.encode() + b"\n" + code)
    return _kernel(kind, layout, code)


def load(kind: Kind) -> Kernel | None:
    """Give the kernel in the cache, if it is whole and made from what is asked for."""
    try:
        place = _place(kind)
        about = place.stat()
        if hasattr(os, "getuid") and about.st_uid not in (0, os.getuid()):
            return None  # somebody else's code is not run
        said, _, content = read_bytes(place, "kernel", MOST).partition(b"\n")
        if hashlib.sha256(content).hexdigest().encode() != said:
            return None
        head, _, code = content.partition(b"\n")
        found = json.loads(head)
        return _kernel(kind, found["layout"], code) if found["made"] == _made(kind) else None
    except (InputError, OSError, ValueError, KeyError, RuntimeError):  # the last where there is no home
        llvm.binding()  # if that is what is missing, say so
        return None


def _kernel(kind: Kind, layout: Mapping[str, Any], code: bytes) -> Kernel:
    function, alive = llvm.load_object(code, llvm.machine(), len(kind.held))
    return Kernel(kind, function, layout, decisions(kind), alive)


def decisions(kind: Kind) -> tuple[tuple[str, ...], ...]:
    """Give what chance decides in the opening and in the week, in the order of a kernel's tables."""
    parts = kind.model.opening, kind.weekly
    return tuple(tuple(p.decision for p in part if p.decision) for part in parts)


def _made(kind: Kind) -> dict[str, Any]:
    """Say what a kernel is made from: phases and what they call, tables, makers, compiler, processor."""
    phases = [
        [(p.kind, p.writes, p.by if isinstance(p.by, str) else _said(p.by), p.decision, p.bind, p.lever) for p in part]
        for part in kind.model
    ]
    outcomes = [(name, _said(OUTCOMES[name].of)) for name in kind.outcomes]
    names = kind.model.table.names, LEVER_NAMES, Flip._fields, sorted(chance.DECISIONS.items()), [*SLOTS.values()]
    about = repr((phases, outcomes, names, _said(chance.normal_quantile), kind[1:3], sorted(kind.idle), kind[4:]))
    return {
        "form": FORM,
        "model": hashlib.sha256(about.encode()).hexdigest(),
        "makers": _makers(),
        **llvm.compiler(),
        **llvm.machine()._asdict(),
    }


@cache
def _makers() -> str:
    """Hash what the modules say that make a kernel."""
    return digest("".join(module_digest(module) for module in (*MAKERS, __name__)))


def _said(function: Callable[..., object]) -> str:
    """Give all that a function says, and what it calls: its code, constants and names, in this Python's words."""
    told: list[str] = []
    left: list[Any] = [function]
    known: set[int] = set()
    while left:
        now = left.pop()
        if id(now) in known:
            continue
        known.add(id(now))
        if isinstance(now, types.FunctionType):
            left.append(now.__code__)
            left += [now.__globals__[name] for name in now.__code__.co_names if name in now.__globals__]
        elif isinstance(now, types.CodeType):
            plain = [c for c in now.co_consts if not isinstance(c, types.CodeType)]
            told.append(repr((now.co_name, now.co_code, plain, now.co_names, now.co_varnames)))
            left += [c for c in now.co_consts if isinstance(c, types.CodeType)]
        elif isinstance(now, int | float | str | tuple | Mapping):
            told.append(repr(now))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


# ---- the cache ----------------------------------------------------------------------------------------------
def cache_folder() -> Path:
    """Give the folder where kernels are kept: ``SETBACK_CACHE``, or one of the user's cache."""
    if folder := os.environ.get("SETBACK_CACHE"):
        return Path(folder)
    from platformdirs import user_cache_path

    return user_cache_path("setback")


def _place(kind: Kind) -> Path:
    name = hashlib.sha256(json.dumps(_made(kind)).encode()).hexdigest()[:24]
    return cache_folder() / f"kernel-{name}.o"


def _keep(kind: Kind, content: bytes) -> None:
    """Write a kernel into the cache; where that cannot be, say so once and go on with the one in memory."""
    try:
        place = _place(kind)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_bytes(place, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    except (StopError, OSError, ValueError, RuntimeError) as error:  # InputError is a ValueError
        if "SETBACK_CACHE_TOLD" not in os.environ:
            os.environ["SETBACK_CACHE_TOLD"] = "1"  # processes that this one starts need not say it again
            why = str(error).partition(";")[0]
            with contextlib.suppress(OSError, ValueError):
                print(f"setback: kernels cannot be kept, each process compiles its own: {why}", file=sys.stderr)
