"""The table of a fit, row by row, by hand; and how two models compare."""

import numpy as np
import pandas as pd
import pytest
from toy_fits import line, scale, space, unscaled, worlds

from setback.experiments.evidence.rows import targets
from setback.experiments.fit.evidence import FURTHEST, of_prior, table
from setback.experiments.fit.variants import HALVED, JOINT, WITHOUT, Fitted

ROWS = ("PF1", "PF4a", "OU-01a")


def far(scaled: float | np.ndarray) -> np.ndarray:
    """A distance in tolerances, of one on the scale."""
    return 3.0 * np.sinh(np.asarray(scaled) / 3.0)


def by_hand(**draws: list[list[float]]) -> Fitted:
    """A fit whose figures on the scale (draw, row) in each variant are these."""
    made = line(ROWS, np.diag([100.0, 100.0, 100.0]), np.zeros(3))
    where = space("gain_threat", "knowledge_sd", "oulad.level")
    shares = {name: 0.5 + np.array(figures) / 100.0 for name, figures in draws.items()}
    names = {"joint": JOINT, "halved": HALVED, "PF": WITHOUT + "PF", "OU": WITHOUT + "OU-01a"}
    of_variants = {names[name]: found for name, found in shares.items()}
    bank = worlds(where, shares["joint"], unscaled(np.array(draws["joint"]), ROWS))
    return Fitted(bank, scale(ROWS), made, None, np.zeros(3), of_variants, np.ones(3))


FIT = by_hand(
    joint=[[0.0, -0.5, -3.0], [0.4, 0.5, -3.0], [0.8, 0.5, -3.0], [1.2, 0.5, -3.0], [1.6, 0.5, 0.0]],
    halved=[[-1.0, 2.0, 0.5], [-1.0, 2.0, 0.5]],
    PF=[[2.0, -4.0, 9.0], [2.0, -1.0, 9.0]],
    OU=[[9.0, 9.0, 1.0], [9.0, 9.0, -0.5]],
)


def test_the_table_by_hand() -> None:
    """Means, middle 90 %, shares and hits of the fit; what was left out comes from its own block's draws."""
    found = table(FIT)
    assert list(found.index) == list(ROWS) and found["number"].tolist() == [True, False, True]
    assert found["block"].tolist() == ["PF", "PF", "OU-01a"]
    assert found["published"].tolist()[:2] == ["0.36 [0.2, 0.51]", "> 0"]
    number, sign, fact = (found.loc[row] for row in ROWS)
    assert number[["in_distance", "in_low", "in_high"]].tolist() == pytest.approx(far([0.8, 0.08, 1.52]), abs=1e-4)
    assert (number.in_share, number.in_hit) == (0.6, True)
    assert (sign.in_distance, sign.in_share, sign.in_hit) == (0.0, 0.8, False), "four in five are not sure"
    assert [sign.in_low, sign.in_high] == pytest.approx(far([-0.3, 0.5]), abs=1e-4)
    assert fact.in_distance == pytest.approx(far(-2.4), abs=1e-4), "signed, not cut off"
    assert (fact.in_share, fact.in_hit) == (0.2, False)
    assert number.out_distance == pytest.approx(far(2.0), abs=1e-4) and not number.out_hit and number.out_share == 0
    assert sign.out_distance == pytest.approx(far(2.5), abs=1e-4) and not sign.out_hit
    assert fact.out_distance == pytest.approx(far(0.25), abs=1e-4) and fact.out_share == 0.5 and fact.out_hit
    assert number.halved_distance == pytest.approx(far(-1.0), abs=1e-4) and not number.halved_hit
    assert sign.halved_hit and sign.halved_share == 1.0


def test_figures_of_fresh_classes_take_the_place_of_the_emulators() -> None:
    """As they are in their own units; one that is not known is no hit."""
    simulated = pd.DataFrame({"OU-01a": [0.0475] * 4, "PF4a": [0.1, 0.2, 0.3, np.nan], "PF1": [0.36, 0.51, 0.51, 0.7]})
    found = table(FIT, simulated)
    assert found.loc["PF1", ["mean", "low"]].tolist() == pytest.approx([0.52, 0.3825])
    assert found.loc["PF1", "high"] == pytest.approx(0.51 + 0.85 * 0.19)
    on_scale = scale(ROWS).of_figures(simulated)
    assert found.loc["PF1", "in_distance"] == pytest.approx(far(on_scale[:, 0].mean()))
    assert found.loc["PF4a", "in_share"] == 0.75 and not found.loc["PF4a", "in_hit"]
    assert found.loc["OU-01a", "in_distance"] == pytest.approx(0.0, abs=1e-9) and found.loc["OU-01a", "in_hit"]
    assert found.loc["PF1", "out_distance"] == table(FIT).loc["PF1", "out_distance"]


def test_a_wrong_sign_counts_by_its_distance_in_spreads() -> None:
    """As far as it lies beyond the bound, not drawn together; no further than the furthest."""
    for beyond, distance in ((0.5, 0.5), (2.0, 2.0), (40.0, FURTHEST)):
        figures = pd.DataFrame({"PF4a": [-beyond] * 3, "ERR5a": [beyond] * 3, "GR1a": [beyond] * 3})
        found = of_prior(figures, scale(("PF4a", "ERR5a", "GR1a")))
        assert found["out_distance"].tolist() == pytest.approx([distance, distance, 0.0])


def test_random_signs() -> None:
    """As often right as wrong: half the distance of the figure turned round, half its own; books keep theirs."""
    fact = targets()["PF1"].target
    figures = pd.DataFrame({"OU-01a": [0.089] * 3, "PF4a": [0.5, 0.5, np.nan], "PF1": [0.1, 0.1, 0.1]})
    found = of_prior(figures, scale(("PF1", "PF4a", "OU-01a")))
    own, turned = (0.36 - 0.1) / (0.36 - fact.low), (0.36 + 0.1) / (0.36 - fact.low)
    assert found["out_distance"].tolist() == pytest.approx([-own, 0.0, 1.0])
    assert found["signs_distance"].tolist() == pytest.approx([(own + min(turned, FURTHEST)) / 2, 0.25, 1.0])
    even = of_prior(pd.DataFrame({"PF4a": [-3.0, -0.1, 0.1, 3.0]}), scale(("PF4a",)))
    assert even["signs_distance"].tolist() == pytest.approx([0.0], abs=1e-9), "a prior that has no sign"
