"""The raw high 32 bits of chance, for ``dieharder``: one endless stream in either of two orders of address.

Run from the root of the repository (Debian's package dieharder; an hour or two each)::

    python benchmarks/dieharder.py week | dieharder -a -g 200
    python benchmarks/dieharder.py seat | dieharder -a -g 200

``week`` walks the 36 weeks of a student before the next seat, ``seat`` the 30 seats of a class before the next
week; both go on through room after room with seed 0 and the decision ``assess``. Results: docs/chance.md.
"""

import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import DECISIONS, STEP, mix, moment_key, student_key

SEATS, WEEKS, ROOMS = 30, 36, 1024


def stream(order: str) -> Iterator[NDArray[np.uint32]]:
    """Yield arrays of uint32, 1024 rooms at a time, in the given order of address ("week" or "seat")."""
    seats, moments = np.arange(SEATS), moment_key(0, DECISIONS["assess"], np.arange(WEEKS))
    for first in range(0, 2**53, ROOMS):
        students = student_key(np.arange(first, first + ROOMS)[:, None], seats)  # (room, seat)
        words = mix(mix(students[:, :, None] ^ moments) + STEP)  # (room, seat, week)
        words = words if order == "week" else words.swapaxes(1, 2)
        yield (words >> np.uint64(32)).astype(np.uint32).ravel()


if __name__ == "__main__":
    if sys.argv[1:] not in (["week"], ["seat"]):
        sys.exit("usage: python benchmarks/dieharder.py week|seat")
    try:
        for numbers in stream(sys.argv[1]):
            sys.stdout.buffer.write(numbers.data)
    except BrokenPipeError:
        sys.stdout = None
