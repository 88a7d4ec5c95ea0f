"""The checks of a fit, on toys: calibrated, too sure, with a cycle and without one."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest
from toy_fits import line, scale, space, unscaled, worlds

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.fit.checks import Ranks, ranks, recovered

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
    found = recovered(made, of_effects, bank, scale(ROWS), ROWS, np.zeros(4))
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
    blind = recovered(made, of_effects, bank, scale(ROWS), ["FB1"], np.zeros(4))
    assert not blind["R_F.found"].any() and blind["R_F.mean"].to_numpy() == pytest.approx(np.full(20, 0.25), abs=0.08)
