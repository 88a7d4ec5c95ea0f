"""The checks of a fit, on toys: calibrated, too sure, with a cycle and without one."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest
from toy_fits import line, scale, space, unscaled, worlds

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.fit.checks import Contender, Ranks, ranks, recovered, told

SPACE = space("gain_threat", "knowledge_sd", "gain_peers")
ROWS = ("PF1", "FB1", "PA6a", "MI7")
#: The last row is a sign.
WEIGHTS = np.array([[5.0, 0.0, 2.0, 0.5], [0.0, 6.0, -2.0, -0.5], [3.0, 0.0, 0.0, 1.0]])
AT_HALF = np.array([0.3, -0.5, 0.0, 0.2])
SETS = 150
#: The worlds that figures are made of.
TRUTH = np.random.default_rng(7).random((SETS, 3))


def tried(open_: float, luck: float) -> Ranks:
    """Ranks where the emulator says it leaves so much open, and the figures of worlds are off by so much."""
    made, rng = line(ROWS, WEIGHTS, AT_HALF, open_), np.random.default_rng(8)
    figures = made.figures(TRUTH) + luck * rng.normal(size=(SETS, 4))
    return ranks(made, worlds(SPACE, TRUTH, unscaled(figures, ROWS)), scale(ROWS))


def test_a_fit_that_is_right_is_calibrated() -> None:
    """Ranks are uniform and nine in ten intervals hold the truth, while the figures do tell the numbers."""
    found = tried(0.0, 0.0)
    assert found.ranks.shape == found.inside.shape == (SETS, 3) and found.draws == 100
    spread = np.random.default_rng(0).random((SETS, 3))  # ranks are whole numbers from 0 to 100
    for k, name in enumerate(SPACE.names):
        assert kstest((found.ranks[:, k] + spread[:, k]) / 101, "uniform").pvalue > 0.01, name
    last = np.corrcoef(found.ranks[:, 2], TRUTH[:SETS, 2])[0, 1]
    assert last > 0.4, "of a number that is hardly told, more draws lie below a larger truth"
    table = found.table()
    assert list(table.index) == list(SPACE.names) and table["covered"].all()
    assert table["coverage"].to_numpy() == pytest.approx(found.inside.mean(0))
    assert table["shrunk"].iloc[1] < 0.2 < table["shrunk"].iloc[2] < 1


def test_a_fit_that_is_too_sure_is_noticed() -> None:
    """What is left open is said to be a quarter of what it is: fewer intervals hold the truth than should."""
    sure, right = tried(0.5, 2.0).table(), tried(2.0, 2.0).table()
    assert not sure["covered"].iloc[:2].any() and sure["coverage"].iloc[1] < 0.8
    assert right["covered"].all()
    assert (right["shrunk"] > sure["shrunk"]).all()


def test_the_table_of_ranks_by_hand() -> None:
    """Coverage, whether it is what luck makes of nine in ten, and the mean rank as a share."""
    of = np.arange(100)
    inside = np.stack([of < 90, of < 80, of < 100, of < 82], 1)
    below = np.stack([of, np.full(100, 80), np.zeros(100), of], 1).astype(np.int64)
    found = Ranks(("a", "b", "c", "d"), below, 160, inside, np.array([1.0, 0.5, 0.2, 0.1])).table()
    assert found["coverage"].tolist() == [0.9, 0.8, 1.0, 0.82]
    assert found["covered"].tolist() == [True, False, False, True], "82 to 97 of 100"
    assert found["mean_rank"].tolist() == pytest.approx([49.5 / 160, 0.5, 0.0, 49.5 / 160])


def test_cycles_are_found_where_they_are() -> None:
    """What a failure causes is half of one number; every other world has much of it."""
    effects = tuple(EFFECTS_OF_FAILING)
    of_effects = line(effects, np.array([[0.5, 0.0, 0.0, 0.0], [0.0] * 4, [0.0, 0.5, 0.5, 0.5]]), np.full(4, 0.25))
    made = line(ROWS, np.array([[9.0, 0.0, 9.0, 1.0], [0.0, 9.0, 0.0, 0.0], [0.0] * 4]), AT_HALF)
    shares = np.full((20, 3), 0.5)
    shares[:, 0] = np.where(np.arange(20) % 2, 0.95, 0.04)
    truth = pd.DataFrame(of_effects.figures(shares), columns=list(effects))
    bank = worlds(SPACE, shares, unscaled(made.figures(shares), ROWS), truth)
    mine = Contender(made, scale(ROWS), np.zeros(4))
    # the rival speaks to three rows, and its figures are those of worlds with nothing of the number
    rows = ("FB1", "MI7", "PF1")
    fixed = line(rows, np.array([[0.0] * 3, [9.0, 0.0, 0.0], [0.0] * 3]), AT_HALF[[1, 3, 0]] - [0.0, 0.4, 4.0])
    rival = Contender(fixed, scale(rows), np.zeros(3))
    found = recovered(mine, rival, of_effects, bank)
    much = np.arange(20) % 2 == 1
    assert found["R_F.truth"].to_numpy() == pytest.approx(np.where(much, 0.475, 0.02), abs=1e-5)
    assert (found["R_F.found"] == much).mean() >= 0.9
    assert found["R_F.mean"][much].mean() == pytest.approx(0.44, abs=0.04)
    assert found["R_F.mean"][~much].mean() == pytest.approx(0.05, abs=0.04)
    held = (found["R_F.low"] - 0.02 <= found["R_F.truth"]) & (found["R_F.truth"] <= found["R_F.high"] + 0.02)
    assert held.mean() >= 0.8 and (found["R_F.low"] < found["R_F.mean"]).all()
    # of the number that no row tells, the fit says what the prior does
    assert found["R_F.oulad.low"].mean() == pytest.approx(0.025, abs=0.02) and not found["R_F.oulad.found"].any()
    assert found["R_F.oulad.high"].mean() == pytest.approx(0.475, abs=0.02)
    assert (found["nearer"][much] > 2.0).all(), "the rival cannot have them"
    assert (found["nearer"][~much] < 1.0).all() and (found["nearer"][~much] > -3.0).all(), "it has them as well"
    one = line(("FB1",), np.array([[0.0], [9.0], [0.0]]), AT_HALF[1:2])
    blind = recovered(mine, Contender(one, scale(("FB1",)), np.zeros(1)), of_effects, bank)
    assert not blind["R_F.found"].any() and blind["R_F.mean"].to_numpy() == pytest.approx(np.full(20, 0.25), abs=0.08)
    assert blind["nearer"].to_numpy() == pytest.approx(np.zeros(20), abs=0.3), "on the one row they are the same"


def test_what_is_told_by_published_figures() -> None:
    """The same of figures that are given: one row a set, without a truth."""
    made = line(ROWS, WEIGHTS, AT_HALF)
    of_effects = line(tuple(EFFECTS_OF_FAILING), np.eye(3, 4), np.zeros(4))
    mine = Contender(made, scale(ROWS), np.zeros(4))
    said = pd.DataFrame(np.concatenate([AT_HALF[None], AT_HALF[None] + [2.0, 0.0, 0.0, 0.0]]), columns=list(ROWS))
    found = told(mine, mine, of_effects, said, seed=3)
    assert len(found) == 2 and "R_F.truth" not in found and found["nearer"].tolist() == [0.0, 0.0]
    assert found["R_F.mean"][1] > found["R_F.mean"][0] + 0.1
