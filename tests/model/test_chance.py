"""Chance by address: uniform, uncorrelated along every part of the address, and frozen."""

import numpy as np
import pytest

from setback.model.chance import CLASS_SEAT, DECISIONS, LIMIT, normal_quantile, uniform
from setback.model.errors import InputError

ROOMS, SEATS, WEEKS = np.arange(500), np.arange(30), np.arange(36)


def cube(seed: int = 0, decision: str = "assess") -> np.ndarray:
    """Uniforms of 500 rooms x 30 seats x 36 weeks."""
    return uniform(seed, decision, ROOMS[:, None, None], SEATS[:, None], WEEKS)


@pytest.mark.parametrize("decision", DECISIONS)
def test_uniform_in_every_decision(decision: str) -> None:
    """The counts of 100 bins look like chance: chi-squared within 5 of its own standard deviations."""
    u = cube(1, decision).ravel()
    counts = np.bincount((u * 100).astype(int), minlength=100)
    expected = len(u) / 100
    chi_squared = ((counts - expected) ** 2 / expected).sum()
    assert abs(chi_squared - 99) < 5 * np.sqrt(2 * 99)
    assert u.min() > 0.0 and u.max() < 1.0
    assert abs(u.mean() - 0.5) < 5 / np.sqrt(12 * len(u))


def z_of_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """The correlation of two uniform arrays in units of its standard error."""
    return float(((a - 0.5) * (b - 0.5)).mean() * 12 * np.sqrt(a.size))


@pytest.mark.parametrize("lag", [1, 2, 5])
@pytest.mark.parametrize("axis", [0, 1, 2], ids=["rooms", "seats", "weeks"])
def test_no_correlation_along_the_address(axis: int, lag: int) -> None:
    """Neighbouring rooms, seats and weeks have nothing to do with one another: 10 seeds, |z| as of chance."""
    zs = []
    for seed in range(10):
        u = np.moveaxis(cube(seed), axis, 0)
        zs.append(z_of_correlation(u[lag:], u[:-lag]))
    assert np.abs(zs).max() < 4.5
    assert 0.4 < np.sqrt(np.mean(np.square(zs))) < 1.75


def test_no_correlation_across_decisions_and_seeds() -> None:
    """Two decisions, or two seeds, share nothing."""
    first = cube(0, "assess")
    others = [cube(0, d) for d in DECISIONS if d != "assess"] + [cube(s) for s in (1, 2, 3, 2**32, 2**53 - 1)]
    zs = [z_of_correlation(first, other) for other in others]
    assert np.abs(zs).max() < 4.5


def test_single_bits_are_fair_and_independent_of_the_next_week() -> None:
    """Each of the 52 bits is set half the time and does not follow itself."""
    words = (cube() * 2.0**52).astype(np.uint64)
    for bit in range(52):
        b = ((words >> np.uint64(bit)) & np.uint64(1)).astype(float)
        assert abs(b.mean() - 0.5) * 2 * np.sqrt(b.size) < 5
        assert abs(((b[..., 1:] - 0.5) * (b[..., :-1] - 0.5)).mean() * 4 * np.sqrt(b[..., 1:].size)) < 5


def test_known_answers() -> None:
    """Frozen values: they change only if every published number changes with them."""
    assert {k: float(uniform(*k)) for k in KNOWN} == KNOWN


def by_hand(seed: int, decision: str, room: int, seat: int, week: int) -> float:
    """The hash once more, in whole numbers of Python."""
    word = 2**64 - 1
    step = 0x9E3779B97F4A7C15

    def mix(z: int) -> int:
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & word
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & word
        return z ^ (z >> 31)

    who = mix(mix(room + step & word) ^ (seat + step & word))
    when = mix(mix(week * 256 + DECISIONS[decision] + step & word) ^ seed)
    return ((mix(mix(who ^ when) + step & word) >> 12) + 0.5) / 2**52


def test_the_hash_in_whole_numbers() -> None:
    """The arrays hold what whole-number arithmetic gives."""
    assert all(by_hand(*address) == u for address, u in KNOWN.items())


def test_the_registry_is_frozen() -> None:
    """Names keep their numbers for ever; a new decision takes a free one."""
    assert {name: DECISIONS[name] for name in REGISTRY} == REGISTRY
    assert len(set(DECISIONS.values())) == len(DECISIONS)
    assert max(DECISIONS.values()) < 256


def test_an_address_does_not_depend_on_its_neighbours() -> None:
    """One number asked for alone is the number in the cube."""
    assert float(uniform(3, "quit", 17, 4, 30)) == cube(3, "quit")[17, 4, 30]


def test_addresses_up_to_the_limit() -> None:
    """Seeds and rooms reach to 2**53 - 1, the class has a seat of its own."""
    u = uniform(LIMIT - 1, "assess", [0, LIMIT - 1], CLASS_SEAT, 107)
    assert u.shape == (2,) and u[0] != u[1]


@pytest.mark.parametrize("seed", [-1, LIMIT, 0.5, float("nan"), True])
def test_bad_seeds_are_refused(seed: object) -> None:
    """One sentence, with the range."""
    with pytest.raises(InputError, match=r"seed .* whole number from 0 to"):
        uniform(seed, "assess", 0, 0, 0)  # type: ignore[arg-type]


def test_bad_rooms_and_decisions_are_refused() -> None:
    """Negative and far too large rooms, and misspelt decisions with the near name."""
    with pytest.raises(InputError, match="room"):
        uniform(0, "assess", [-1], 0, 0)
    with pytest.raises(InputError, match="room"):
        uniform(0, "assess", LIMIT, 0, 0)
    with pytest.raises(InputError, match="did you mean assess"):
        uniform(0, "asses", 0, 0, 0)


def test_normal_quantile_against_known_values() -> None:
    """Percentiles from a table of the normal distribution, seven digits; symmetric; finite at the ends."""
    table = {
        0.5: 0.0,
        0.75: 0.674489750,
        0.9: 1.281551566,
        0.975: 1.959963985,
        0.999: 3.090232306,
        1 - 1e-9: 5.997807015,
    }
    for u, z in table.items():
        assert abs(normal_quantile(np.array([u]))[0] - z) < 2e-7 * max(1.0, z)
    u = np.linspace(1e-9, 1 - 1e-9, 100_001)
    z = normal_quantile(u)
    assert (np.diff(z) > 0).all()
    assert np.abs(z + z[::-1]).max() < 1e-6
    assert np.isfinite(normal_quantile(np.array([2.0**-53, 1 - 2.0**-53]))).all()


REGISTRY = {
    "class-level": 0, "prior-knowledge": 1, "learning-rate": 2, "resilience": 3, "attribution-style": 4,
    "anxiety": 20, "confidence": 21, "handicapping": 22, "prior-measured": 23, "aptitude-start": 24, "aptitude": 55,
    "expectancy": 5, "control": 6, "interest": 7, "goal-orientation": 8, "perfectionism": 9, "drift-start": 10,
    "diligence": 11, "diligence-start": 12, "slow-drift-start": 13,
    "drift": 32, "hand-in": 33, "attempt": 34, "attempt-2": 35, "attempt-3": 36, "engage": 37,
    "diligence-drift": 38, "slow-drift": 39, "assess": 40, "assignment": 44,
    "retake-1": 41, "retake-2": 42, "retake-3": 43, "detect": 48, "quit": 49, "absence": 50,
    "friends": 96, "deal": 97, "twins": 98,
}  # fmt: skip

KNOWN: dict[tuple[int, str, int, int, int], float] = {
    (0, "assess", 0, 0, 0): 0.9609561685529128,
    (0, "assess", 0, 0, 1): 0.6698847359495891,
    (0, "assess", 0, 1, 0): 0.00046198154673471326,
    (0, "assess", 1, 0, 0): 0.7729729106147841,
    (1, "assess", 0, 0, 0): 0.5809738583131591,
    (0, "prior-knowledge", 0, 0, 0): 0.3157192889537458,
    (7, "quit", 12, 29, 35): 0.8966741148906298,
    (9007199254740991, "hand-in", 9007199254740991, 1048576, 107): 0.11354140641842736,
}
