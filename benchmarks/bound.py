"""The least time that the arithmetic of a kernel can take on this processor: its operations counted, each timed here.

A vector operation takes what it takes in a loop of nothing else; divisions and roots, which have a unit of their own,
run beside the rest. No load, store, loop or wait is counted, so that no program of these operations can be faster.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from functools import cache

import numpy as np

from setback.model.engines import llvm
from setback.model.engines.kernel import COUNTS, POINTERS
from setback.model.engines.walks import Program
from setback.model.graph import LEAVES, SEAT

#: Operations that are part of another instruction, or none.
FREE = (*LEAVES, "neg", "bits", "number", "not")
#: Chains that run side by side, and operations of each in a turn: enough to hide every delay.
CHAINS, TURN = 12, 4


@cache
def seconds_of(op: str) -> float:
    """Give the seconds of ``fma``, ``div``, ``sqrt`` or ``imul`` on one number, in a loop of nothing else."""
    on = llvm.machine()
    printer = llvm.Llvm(POINTERS, on)
    near_one = printer.number(1.0000001)
    _, chains = printer.begin("weeks", [printer.number(1.0 + k / 64) for k in range(CHAINS)])
    after = chains
    for _ in range(TURN):
        if op == "imul":
            after = [printer.do("number", printer.do("imul", printer.do("bits", x), printer.bits(3))) for x in after]
        else:
            after = [printer.do(op, x, *[near_one] * {"fma": 2, "div": 1, "sqrt": 0}[op]) for x in after]
    printer.end(after)
    for k, x in enumerate(chains):
        printer.store(x, "c", k * llvm.LANES)
    call, _alive = llvm.load_object(llvm.compile_text(printer.text(), on), on, 0)
    memory = np.zeros(CHAINS * llvm.LANES + 16)
    place = memory.ctypes.data + -memory.ctypes.data % 128
    count, best = 20_000, float("inf")
    for _ in range(15):
        begun = time.thread_time()
        call(*(count if name == "weeks" else 1 for name in COUNTS), *[place] * len(POINTERS))
        best = min(best, time.thread_time() - begun)
    return best / (count * TURN * CHAINS * llvm.LANES)


def operations(program: Program, seats: int) -> Counter[str]:
    """Count what one seat does in a week, by kind: ``div``, ``sqrt``, ``imul``, and all else as ``fma``."""
    count: Counter[str] = Counter()
    for walk in program.week:
        for node in walk.live:
            op = str(program.graph.nodes[node][0])
            if program.graph.level[node] == SEAT and op not in FREE:
                count[op if op in ("div", "sqrt", "imul") else "fma"] += 1
        count["fma"] += sum(act == "mean" for act, *_ in walk.acts)
        count["fma"] += 4 * seats * len(walk.ranks)  # two comparisons and two sums a classmate
        count["div"] += len(walk.ranks)
    return count


def bound(count: Mapping[str, int]) -> float:
    """Give the least seconds of such operations."""
    beside = {"div", "sqrt"}
    times = {op: number * seconds_of(op) for op, number in count.items()}
    return max(sum(t for op, t in times.items() if (op in beside) == slow) for slow in (False, True))
