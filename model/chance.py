"""Chance by address: a random number is the hash of where it is used, never of what was drawn before it.

The address is ``(seed, decision, room, seat, week)``. The same student has the same luck under every
policy, in every class size, chunk, worker and engine; asking for one number more or fewer moves no other
number. So two runs that differ in one thing differ by that thing alone.

The hash is two rounds of the splitmix64 finaliser (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195,
with the constants of Stafford's variant 13). One round leaves a lag-1 correlation between addresses.
"""

from types import MappingProxyType

import numpy as np
from numpy import log, minimum, sqrt, where
from numpy.typing import ArrayLike, NDArray

from setback.model.errors import InputError, shown, unknown

#: What is decided by chance, and its number in the address. Frozen: a number is never changed or reused,
#: a new decision takes a free one, so no old draw ever moves. Each attempt in a week is its own decision.
DECISIONS = MappingProxyType({
    # opening traits, drawn once (week 0)
    "class-level": 0, "prior-knowledge": 1, "learning-rate": 2, "resilience": 3, "attribution-style": 4,
    "anxiety": 20, "confidence": 21, "handicapping": 22, "prior-measured": 23, "aptitude-start": 24,
    "expectancy": 5, "control": 6, "interest": 7, "goal-orientation": 8, "perfectionism": 9, "drift-start": 10,
    "diligence": 11, "diligence-start": 12, "slow-drift-start": 13,
    # the week
    "aptitude": 55,
    "drift": 32, "hand-in": 33, "attempt": 34, "attempt-2": 35, "attempt-3": 36, "engage": 37,
    "diligence-drift": 38, "slow-drift": 39, "assess": 40,
    "retake-1": 41, "retake-2": 42, "retake-3": 43, "assignment": 44, "detect": 48, "quit": 49, "absence": 50,
    "repeat": 47,
    # outside the week: who befriends whom, who sits where, which student-weeks and which classes are sampled
    "friends": 96, "deal": 97, "twins": 98, "traces": 99,
})  # fmt: skip

#: Seeds and rooms lie below this, so that every language (JavaScript, JSON) holds them exactly.
LIMIT = 2**53
#: Decisions per week in the address.
MOMENTS = 256
#: Weeks in the address before the next replicate of luck begins; no year is longer.
YEAR = 1024
#: The seat number that stands for the class as a whole (its teacher).
CLASS_SEAT = 2**20

STEP, M1, M2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31, S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)


def mix(z):
    """Scramble 64-bit words (splitmix64 finaliser); uint64 of any shape in and out, wrapping on overflow."""
    z = (z ^ (z >> S30)) * M1
    z = (z ^ (z >> S27)) * M2
    return z ^ (z >> S31)


def draw(student, moment):
    """Uniform numbers from the two halves of an address, in the open interval (0, 1), 52 bits each."""
    return ((mix(mix(student ^ moment) + STEP) >> S12) + 0.5) * 2.0**-52


def student_key(room: ArrayLike, seat: ArrayLike) -> NDArray[np.uint64]:
    """The half of an address that says who: hashes of room and seat, broadcast against each other."""
    with np.errstate(over="ignore"):
        return mix(mix(np.asarray(room, np.uint64) + STEP) ^ (np.asarray(seat, np.uint64) + STEP))


def moment_key(seed: int, decision: ArrayLike, week: ArrayLike) -> NDArray[np.uint64]:
    """The half of an address that says when and what for: hashes of week (from 0) and decision number."""
    at = np.asarray(week, np.uint64) * np.uint64(MOMENTS) + np.asarray(decision, np.uint64)
    with np.errstate(over="ignore"):
        return mix(mix(at + STEP) ^ np.uint64(seed))


def uniform(seed: int, decision: str, room: ArrayLike, seat: ArrayLike, week: ArrayLike) -> NDArray[np.float64]:
    """The uniform number in (0, 1) at an address.

    Args:
        seed: the study's one integer, 0 <= seed < 2**53.
        decision: a name of `DECISIONS`.
        room: room numbers, 0 <= room < 2**53.
        seat: seat numbers from 0; `CLASS_SEAT` for the class as a whole.
        week: weeks from 0. The three broadcast against each other, which gives the shape of the result.

    Raises:
        InputError: a seed or room below 0 or from 2**53 on; an unknown decision.
    """
    if decision not in DECISIONS:
        raise unknown("decision", decision, DECISIONS)
    check_address("seed", seed)
    check_address("room", room)
    with np.errstate(over="ignore"):
        return draw(student_key(room, seat), moment_key(seed, DECISIONS[decision], week))


def check_address(what: str, value: ArrayLike) -> None:
    """Raise InputError unless every value is a whole number with 0 <= value < 2**53."""
    values = np.asarray(value)
    if values.dtype.kind not in "iu" or (values < 0).any() or (values >= LIMIT).any():
        raise InputError(f"{what} is {shown(value)}; it needs a whole number from 0 to {LIMIT - 1}")


def normal_quantile(u):
    """The standard normal number z with P(Z < z) = u; any shape, 0 < u < 1, accurate to about 1e-7.

    Algorithm AS 241, PPND7 (Wichura 1988, doi:10.2307/2347330). It stands in the grammar of the phases, so
    that every engine makes its normal numbers from the same text.
    """
    q = u - 0.5
    r = 0.180625 - q * q
    middle = q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
    middle = middle / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
    # the tails; out of the middle the square root stays harmless
    s = sqrt(-log(minimum(u, 1.0 - u)))
    a, b = s - 1.6, s - 5.0
    near = ((0.17023821103 * a + 1.3067284816) * a + 2.7568153900) * a + 1.4234372777
    near = near / ((0.12021132975 * a + 0.73700164250) * a + 1.0)
    far = ((0.017337203997 * b + 0.42868294337) * b + 3.0812263860) * b + 6.6579051150
    far = far / ((0.012258202635 * b + 0.24197894225) * b + 1.0)
    tail = where(s <= 5.0, near, far)
    return where(r >= 0.0, middle, where(q < 0.0, -tail, tail))
