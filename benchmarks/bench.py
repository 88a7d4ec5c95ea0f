"""The speed of the engines side by side: nanoseconds a student-week, one thread, interleaved, medians.

Four ways to run the same year: the scalar Mesa peer, the Mesa engine, the vectorised and the compiled engine; on 512
columns that share one room (all in one world, or each in a world of its own, as in a sweep), and on 512 rooms.
Compilation is timed apart.
"""

from __future__ import annotations

import importlib.util
import platform
import time
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from setback.benchmarks.peer import PeerClassroom
from setback.model.block import Block, columns
from setback.model.classroom import Classroom
from setback.model.engine import run
from setback.model.parameters import TABLE, Parameters
from setback.model.policies import Policy
from setback.model.roster import Roster

COLUMNS, SIZE, WEEKS = 512, 30, 36
#: What must be reached on one room: times the peer, times the vectorised engine.
TO_REACH = {"vectorised over peer": 50.0, "compiled over vectorised": 5.0}


def measure(policy: Policy, rounds: int = 7) -> dict[str, Any]:
    """Time every engine on both kinds of block.

    Args:
        policy: the policy of every column.
        rounds: how often each is timed.

    Returns:
        Plain data: ns a student-week (median, lowest), ratios, seconds of compilation, bytes a student, the machine.
    """
    roster = Roster.synthetic(SIZE)
    one, many = roster.seats([0], 0), roster.seats(range(COLUMNS), 0)
    drawn = _worlds(COLUMNS)
    kinds = {
        "one room": (one, [Parameters()]),
        "one room, a world a column": (one, drawn),
        f"{COLUMNS} rooms": (many, [Parameters()]),
    }
    found: dict[str, Any] = {
        "policy": policy.name,
        "columns": COLUMNS,
        "students": SIZE,
        "weeks": WEEKS,
        "rounds": rounds,
        "machine": f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}",
        "to reach": TO_REACH,
        "blocks": {},
    }
    for kind, (seats, worlds) in kinds.items():
        block = columns(seats, [policy] * COLUMNS, worlds)
        runs, compilation = _runs(block, policy)
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, (once, student_weeks) in runs.items():
                times[name].append(once() / student_weeks * 1e9)
        median = {name: float(np.median(values)) for name, values in times.items()}
        ratios = {"vectorised over peer": median["peer"] / median["vectorised"]}
        if "compiled" in median:
            ratios["compiled over vectorised"] = median["vectorised"] / median["compiled"]
        found["blocks"][kind] = {
            "ns": median,
            "lowest ns": {name: min(values) for name, values in times.items()},
            "ratios": ratios,
            "seconds of compilation or loading": compilation,
            "bytes a student": {"vectorised": _memory(block)},
        }
    return found


def _runs(block: Block, policy: Policy) -> tuple[Mapping[str, tuple[Callable[[], float], int]], float | None]:
    """For each engine a function that runs it once and gives its seconds, and the student-weeks of that run."""
    whole = block.columns * SIZE * WEEKS
    seats = block.seats.pick([0])

    def peer() -> float:
        room = PeerClassroom(seats, policy, Parameters(), WEEKS)
        return _seconds(room.run)

    def mesa() -> float:
        room = Classroom(policy, weeks=WEEKS, collect=())
        return _seconds(lambda: room.run(4))

    runs = {
        "peer": (peer, SIZE * WEEKS),
        "mesa": (mesa, SIZE * 4),
        "vectorised": (lambda: _seconds(lambda: run(block, WEEKS)), whole),
    }
    if importlib.util.find_spec("numba") is None:
        return runs, None
    from setback.model import compiled

    loading = _seconds(lambda: compiled.run(block.pick(slice(0, 16)), 1))
    return runs | {"compiled": (lambda: _seconds(lambda: compiled.run(block, WEEKS)), whole)}, loading


def _worlds(count: int) -> list[Parameters]:
    """Worlds drawn evenly over the ranges of the uncertain parameters."""
    rng = np.random.default_rng(0)
    rows = [row for row in TABLE if row.kind != "policy" and row.law != "fixed"]
    return [Parameters({row.name: rng.uniform(row.low, row.high) for row in rows}) for _ in range(count)]


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _memory(block: Block) -> float:
    """The largest number of bytes that the vectorised engine holds at once, per student of the block."""
    tracemalloc.start()
    run(block, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (block.columns * SIZE)


def report(found: Mapping[str, Any]) -> str:
    """The measurements as a table to read, with what was to be reached."""
    lines = [
        f"policy {found['policy']}, {found['students']} students, {found['weeks']} weeks, one thread",
        found["machine"],
    ]
    for kind, block in found["blocks"].items():
        lines += ["", f"{found['columns']} columns, {kind}: ns a student-week, median of {found['rounds']} (lowest)"]
        for name, value in block["ns"].items():
            lines.append(f"  {name:12}{value:12,.0f}  ({block['lowest ns'][name]:,.0f})")
        for name, value in block["ratios"].items():
            goal = found["to reach"][name]
            said = "" if kind != "one room" else f"; {'reached' if value >= goal else 'MISSED'}: at least {goal:.0f}"
            lines.append(f"  {name}: {value:.1f} times{said}")
        if block["seconds of compilation or loading"] is not None:
            lines.append(f"  compiled or loaded from the cache in {block['seconds of compilation or loading']:.1f} s")
        else:
            lines.append('  compiled: not installed (pip install -e ".[fast]")')
        lines.append(f"  vectorised: {block['bytes a student']['vectorised']:,.0f} bytes a student at most")
    return "\n".join(lines)
