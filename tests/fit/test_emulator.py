"""The emulator: what it learns, its slopes, which numbers a figure hangs on, and what it leaves open."""

import numpy as np
import pytest

from setback.experiments.fit.emulator import HELD_BACK, Emulator, learnt, parts

#: Of the world, of a policy, and of two contexts.
NAMES = ("gain_threat", "oulad.level", "curve.threat", "uci-dropout.level")
#: Two figures of trials, two of one context, one of another, in no order.
ROWS = {"PF1": "", "OU-01a": "oulad", "PT-01": "uci-dropout", "PF2": "", "OU-01b": "oulad"}
#: Errors of figures, and how many worlds are learnt from.
LUCK, WORLDS = 0.15, 4000


def truth(shares: np.ndarray) -> np.ndarray:
    """Figures of worlds without luck."""
    gain, oulad, curve, dropout = shares.T
    return np.stack(
        [
            3 * gain + np.sin(3 * curve), 10 + 2 * oulad * gain, -5 + 4 * dropout - gain, 2 * curve - gain**2,
            2 * np.cos(2 * oulad) + curve,
        ],
        1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Emulator:
    """Learnt from worlds with luck in them, some of whose figures are not known."""
    rng = np.random.default_rng(0)
    shares = rng.random((WORLDS, 4))
    figures = truth(shares) + rng.normal(0, LUCK, (WORLDS, 5))
    figures[rng.random(figures.shape) < 0.03] = np.nan
    return learnt(shares, figures, NAMES, ROWS)


FRESH = np.random.default_rng(9).random((2000, 4))


def test_it_learns(made: Emulator) -> None:
    """What varies between worlds, all but some hundredths, in units of each figure."""
    wanted = truth(FRESH)
    left = ((made.figures(FRESH) - wanted) ** 2).mean(0) / wanted.var(0)
    assert made.rows == tuple(ROWS) and (left < 0.03).all(), left


def test_what_is_left_open_is_its_error_on_fresh_worlds(made: Emulator) -> None:
    """Luck and all, as a standard deviation: of 500 worlds, so within a tenth."""
    seen = truth(FRESH) + np.random.default_rng(8).normal(0, LUCK, (len(FRESH), 5))
    off = np.sqrt(((made.figures(FRESH) - seen) ** 2).mean(0))
    assert made.open_ == pytest.approx(off, rel=0.12) and (off > 0.95 * LUCK).all()


def test_slopes_are_those_of_the_figures(made: Emulator) -> None:
    """Each figure on each number, against differences."""
    shares = FRESH[:50]
    figures, values = made.with_slopes(shares)
    assert figures == pytest.approx(made.figures(shares))
    for k in range(5):
        slope = made.pulled(values, np.tile(1.0 * (np.arange(5) == k), (50, 1)))
        for number in range(4):
            step = 0.01 * (np.arange(4) == number)
            rise = (made.figures(shares + step) - made.figures(shares - step))[:, k] / 0.02
            assert slope[:, number] == pytest.approx(rise, abs=0.02), (k, number)
    mixed = made.pulled(values, np.tile([1.0, -2.0, 0.5, 3.0, 1.0], (50, 1)))
    each = [made.pulled(values, np.tile(w * (np.arange(5) == k), (50, 1))) for k, w in enumerate([1, -2, 0.5, 3, 1])]
    assert mixed == pytest.approx(np.sum(each, 0), abs=1e-4)


def test_which_numbers_a_figure_hangs_on(made: Emulator) -> None:
    """Those of the world and its policies, and of its own context: exactly none of another's."""
    of = parts(NAMES, ROWS)
    assert [np.flatnonzero(one).tolist() for one in of] == [[0, 2], [0, 1, 2], [0, 2, 3], [0, 2], [0, 1, 2]]
    for number, moves in ((0, [1, 1, 1, 1, 1]), (1, [0, 1, 0, 0, 1]), (2, [1, 1, 1, 1, 1]), (3, [0, 0, 1, 0, 0])):
        other = FRESH.copy()
        other[:, number] = 1 - other[:, number]
        assert (made.figures(other) != made.figures(FRESH)).any(0).tolist() == [bool(m) for m in moves], number


def test_what_is_left_open_is_measured_where_worlds_count() -> None:
    """By the weight of worlds that were not learnt from; of a figure that none of them gives it is its spread."""
    rng = np.random.default_rng(1)
    shares, few = rng.random((1600, 1)), np.arange(1600) >= 800
    luck = np.where(few, 1.0, 0.1)
    figures = np.stack([shares[:, 0] + luck * rng.normal(size=1600), 3 * rng.normal(size=1600)], 1)
    figures[few & (np.arange(1600) % HELD_BACK == 0), 1] = np.nan
    found = learnt(shares, figures, ("gain_threat",), {"PF1": "", "PF2": ""}, weights=few.astype(float)).open_
    assert found == pytest.approx([1.0, 3.0], rel=0.2)
    assert learnt(shares, figures, ("gain_threat",), {"PF1": "", "PF2": ""}).open_[0] == pytest.approx(0.71, rel=0.2)
