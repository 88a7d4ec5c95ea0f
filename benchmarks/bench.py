"""The speed of the engines side by side: nanoseconds a student-week, one thread, interleaved, in one run.

Five ways to run the same year: the scalar Mesa peer, the Mesa engine, the vectorised and the compiled engine, and the
compiled engine's own program as C++ vectors where a compiler is there; beside them the least that its arithmetic can
take. On 512 columns of one room, each a world of its own as in a sweep, and on 512 rooms. Making a kernel and loading
it are timed apart.
"""

from __future__ import annotations

import importlib.util
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from setback.benchmarks.peer import PeerClassroom
from setback.model.engines.block import Block, columns
from setback.model.engines.mesa import Classroom
from setback.model.engines.vectorised import run
from setback.model.keep import Keep
from setback.model.parameters import TABLE, Parameters
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster

COLUMNS, SIZE, WEEKS = 512, 30, 36
#: What must be reached: how many times as fast at least.
TO_REACH = {
    "vectorised over peer": 60.0, "compiled over vectorised": 5.0, "compiled over C++": 1 / 1.2,
    "compiled over bound": 1 / 3,
}  # fmt: skip


def measure(policy: Policy | PolicyChange, rounds: int = 7) -> dict[str, Any]:
    """Time every engine on both kinds of block.

    Args:
        policy: the policy of every column.
        rounds: how often each is timed.

    Returns:
        Plain data: ns a student-week (median, lowest), the numpy operations that this machine does in the lowest (what
        two machines are compared by), ratios of the lowest, seconds of making and of loading a kernel, the machine.
    """
    import sciris as sc

    found: dict[str, Any] = {
        # what this machine does without setback, so that times of two machines can be compared
        "million numpy operations a second": round(float(sc.benchmark()["numpy"]), 1),
        "policy": policy.name,
        "columns": COLUMNS,
        "students": SIZE,
        "weeks": WEEKS,
        "rounds": rounds,
        "machine": f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}",
        "to reach": TO_REACH,
        "blocks": {},
    }
    for kind, block in blocks(policy).items():
        runs, about = _runs(block, policy)
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, (once, student_weeks) in runs.items():
                times[name].append(once() / student_weeks * 1e9)
        median = {name: statistics.median(values) for name, values in times.items()}
        lowest = {name: min(values) for name, values in times.items()} | about.pop("bound", {})
        speed = found["million numpy operations a second"] / 1000  # numpy operations in a nanosecond, on this machine
        operations = {name: round(value * speed, 2) for name, value in lowest.items()}
        kept = {"ns": median, "lowest ns": lowest, "numpy operations": operations, "ratios": _ratios(lowest)}
        found["blocks"][kind] = {**kept, **about}
    return found


def blocks(policy: Policy | PolicyChange) -> dict[str, Block]:
    """Give the blocks that are timed, by name."""
    roster, worlds = Roster.synthetic(SIZE), _worlds(COLUMNS)
    rooms = {"one room": [0], f"{COLUMNS} rooms": list(range(COLUMNS))}
    return {name: columns(roster.seats(some, 0), [policy] * COLUMNS, worlds) for name, some in rooms.items()}


def _ratios(ns: Mapping[str, float]) -> dict[str, float]:
    """How many times as fast the one is as the other."""
    cpp = [value for name, value in ns.items() if name.startswith("C++")]
    others = {**ns, **({"C++": min(cpp)} if cpp else {})}
    pairs = {name: name.split(" over ") for name in TO_REACH}
    return {name: others[slow] / others[fast] for name, (fast, slow) in pairs.items() if {fast, slow} <= {*others}}


def _runs(
    block: Block, policy: Policy | PolicyChange
) -> tuple[dict[str, tuple[Callable[[], float], int]], dict[str, Any]]:
    """For each engine a function that runs it once and gives its seconds, and the student-weeks of that run."""
    whole = block.columns * SIZE * WEEKS
    seats = block.seats.pick([0])

    def peer() -> float:
        return _seconds(PeerClassroom(seats, policy, Parameters(), WEEKS).run)

    def mesa() -> float:
        room = Classroom(policy, weeks=WEEKS, keep=Keep())
        return _seconds(lambda: room.run(4))

    runs: dict[str, tuple[Callable[[], float], int]] = {
        "peer": (peer, SIZE * WEEKS),
        "mesa": (mesa, SIZE * 4),
        "vectorised": (lambda: _seconds(lambda: run(block, WEEKS)), whole),
    }
    if importlib.util.find_spec("llvmlite") is None:
        return runs, {}
    from setback.benchmarks import bound, cpp
    from setback.model.engines import compiled
    from setback.model.engines.walks import Program

    kind = compiled.own_kind(block)
    compiled.run(block.pick(slice(0, 1)), 1)  # imports, the cache
    making = _seconds(lambda: compiled.make(kind))
    loading = _seconds(lambda: compiled.load(kind))
    kernel = compiled.ready(kind)
    count = bound.operations(Program(kind), SIZE)
    about: dict[str, Any] = {
        "seconds to make a kernel": making,
        "seconds to load a kernel": loading,
        "operations": dict(count),
        "bound": {"bound": bound.bound(count) * 1e9},
    }

    def few(this: compiled.Kernel) -> Callable[[], float]:
        return lambda: min(_seconds(lambda: compiled.call(this, block, WEEKS)) for _ in range(4))

    runs["compiled"] = (few(kernel), whole)
    for made in cpp.all_made(kind):
        runs[f"C++ {made.compiler}"] = (few(made.kernel), whole)
        about[f"seconds of {made.compiler}"] = made.seconds
    return runs, about


def _worlds(count: int) -> list[Parameters]:
    """Worlds drawn evenly over the ranges of the uncertain parameters."""
    rng = np.random.default_rng(0)
    rows = [row for row in TABLE if row.kind != "policy" and row.distribution != "fixed"]
    return [Parameters({row.name: rng.uniform(row.low, row.high) for row in rows}) for _ in range(count)]


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def report(found: Mapping[str, Any]) -> str:
    """The measurements as a table to read, with what was to be reached."""
    lines = [
        f"policy {found['policy']}, {found['students']} students, {found['weeks']} weeks, one thread",
        f"{found['machine']}; {found['million numpy operations a second']:g} million numpy operations a second",
    ]
    for kind, block in found["blocks"].items():
        lines += ["", f"{found['columns']} columns, {kind}: ns a student-week, lowest of {found['rounds']} (median); "
                  "the numpy operations of this machine in the lowest"]  # fmt: skip
        for name, value in block["lowest ns"].items():
            median = f"({block['ns'][name]:,.1f})" if name in block["ns"] else "(counted)"
            lines.append(f"  {name:12}{value:14,.1f}  {median:>16}{block['numpy operations'][name]:14,.2f}")
        for name, value in block["ratios"].items():
            goal = found["to reach"][name]
            lines.append(
                f"  {name}: {value:.2f} times; {'reached' if value >= goal else 'MISSED'}: at least {goal:.2f}"
            )
        if "seconds to make a kernel" in block:
            making, loading = block["seconds to make a kernel"], block["seconds to load a kernel"]
            lines.append(f"  a kernel is made in {making:.2f} s and loaded in {loading * 1000:.0f} ms")
        else:
            lines.append('  compiled: llvmlite is not installed (pip install -e ".[fast]")')
    return "\n".join(lines)
