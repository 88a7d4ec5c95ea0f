"""The ways in which the evidence is asked: which rows count in each, what is drawn, and gains that are not shared."""

import numpy as np
import pandas as pd
import pytest
from toy_fits import line, scale, space, unscaled, worlds

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.fit.variants import (
    DRAWS,
    HALVED,
    JOINT,
    LEVELS,
    PERSISTENCE,
    TIMES,
    WITHOUT,
    Fitted,
    effects_of,
    fitted,
    unshared,
    variants,
)


def test_which_rows_count() -> None:
    """All; base rates; with them what lasts; all with small trials halved; all but a block."""
    rows = ("PF1", "PF4a", "FB1", "FB3a", "TR1", "OU-01a", "OU-04_00", "OU-04_80")
    found = variants(rows)
    assert list(found) == [
        JOINT, LEVELS, PERSISTENCE, HALVED,
        *(WITHOUT + block for block in ("PF", "FB", "TR", "OU-01a", "OU-stopping")),
    ]  # fmt: skip
    assert found[JOINT] == ((), ())
    assert found[LEVELS] == (("PF1", "PF4a", "FB1", "FB3a", "TR1", "OU-04_00", "OU-04_80"), ())
    assert found[PERSISTENCE] == (("PF1", "PF4a", "FB1", "FB3a"), ())
    assert found[HALVED] == ((), ("PF1", "PF4a", "FB3a")), "FB1 lasts a term"
    assert found[WITHOUT + "PF"] == (("PF1", "PF4a"), ()) and found[WITHOUT + "OU-01a"] == (("OU-01a",), ())


#: A lesson-sized trial, a base rate of a book, one more of what lasts in it.
ROWS = ("PF1", "OU-01a", "OU-09e")
SPACE = space("gain_threat", "oulad.level", "oulad.assess_noise")
#: Each figure is twelve times the distance of one number from 0.7, 0.4 and 0.6.
FACTOR, TRUE = 12.0, np.array([0.7, 0.4, 0.6])


@pytest.fixture(scope="module")
def fit() -> Fitted:
    """A toy, fitted in every way."""
    rng = np.random.default_rng(0)
    shares = rng.random((1500, 3))
    figures = FACTOR * (shares - TRUE) + rng.normal(0, 0.1, shares.shape)
    return fitted(worlds(SPACE, shares, unscaled(figures, ROWS)), seed=1)


#: The scale of published figures bends far out: a number is found to within so much, and its prior's variance.
NEAR, PRIOR = 0.04, 1 / 12


def test_the_numbers_of_the_joint_fit(fit: Fitted) -> None:
    """Those at which the figures are the published ones; drawn as often as other variants by so many sets of chains."""
    assert fit.scale.rows == ROWS and fit.effects is None and (fit.reduction < 1.2).all()
    assert fit.draws[JOINT].shape == (TIMES * 4 * DRAWS, 3) and fit.draws[LEVELS].shape == (4 * DRAWS, 3)
    assert fit.draws[JOINT].mean(0) == pytest.approx(TRUE, abs=NEAR)
    assert (fit.draws[JOINT].var(0) < PRIOR / 6).all()
    assert fit.figures(JOINT).mean().to_numpy() == pytest.approx([0, 0, 0], abs=0.4)


@pytest.mark.parametrize(
    ("variant", "told"),
    {
        LEVELS: [0, 1, 0], PERSISTENCE: [0, 1, 1], HALVED: [1, 1, 1],
        WITHOUT + "PF": [0, 1, 1], WITHOUT + "OU-01a": [1, 0, 1], WITHOUT + "OU-09e": [1, 1, 0],
    }.items(),
)  # fmt: skip
def test_what_each_variant_tells(fit: Fitted, variant: str, told: list[int]) -> None:
    """A number whose row counts is told; another is as wide as its prior."""
    known = np.array(told, bool)
    variance = fit.draws[variant].var(0)
    assert (variance[known] < PRIOR / 5).all() and (variance[~known] > PRIOR / 2).all()
    at = TRUE.copy()
    if variant == HALVED:  # half of 0.36 [0.20, 0.51] lies 0.18 / 0.16 tolerances below it
        at[0] += 3 * np.arcsinh(-0.18 / 0.16 / 3) / FACTOR
    assert fit.draws[variant].mean(0)[known] == pytest.approx(at[known], abs=NEAR)


def test_gains_of_each_source() -> None:
    """Books of one source share theirs, trials have the world's; each is found by its own figures alone."""
    where = space("gain_threat", "knowledge_sd", "gain_peers")
    rows = ("PF1", "OU-01a", "JH1", "JP1", "PT-01")
    weights = np.zeros((3, 5))
    weights[0] = FACTOR
    weights[2, 4] = weights[1, 4] = 0.01  # so that one reads all three
    at = np.array([0.5, 0.2, 0.7, 0.7, 0.4])
    made = line(rows, weights, FACTOR * (0.5 - at))
    effects = line(tuple(EFFECTS_OF_FAILING), np.array([[1.0] * 4, [0.0] * 4, [0.0] * 4]), np.zeros(4))
    table = unscaled(made.figures(np.full((4, 3), 0.5)), rows)
    fit = Fitted(worlds(where, np.full((4, 3), 0.5), table), scale(rows), made, effects, np.zeros(5), {}, np.ones(3))
    draws, moved, of_effects = unshared(fit, seed=2)
    assert draws.shape == (TIMES * 4 * DRAWS, 3 + 4 * 2) and of_effects is not None
    # numbers 3 and 4 are the gains of oulad, then those of osu, uci and uci-dropout
    assert [np.flatnonzero(slopes).tolist() for slopes in moved.slopes] == [[0], [3], [5], [5], [1, 9, 10]]
    assert [np.flatnonzero(slopes).tolist() for slopes in of_effects.slopes] == [[0], [3], [5], [7]]
    assert moved.bending[:, 0].tolist() == [0, 3, 5, 5, 9]
    assert draws[:, [0, 3, 5, 9]].mean(0) == pytest.approx([0.5, 0.2, 0.7, 0.4], abs=NEAR)
    assert draws[:, [1, 2, 4, 6, 7, 8, 10]].var(0) == pytest.approx(np.full(7, PRIOR), rel=0.3)
    assert np.flatnonzero(fit.emulator.slopes[1]).tolist() == [0], "the fit itself is as it was"
    assert unshared(fit._replace(effects=None), seed=2)[2] is None


def test_effects_are_learnt_where_they_were_measured() -> None:
    """Each by the numbers of its context; by no others."""
    rng = np.random.default_rng(3)
    shares = rng.random((800, 3))
    effects = pd.DataFrame(np.nan, range(800), [*EFFECTS_OF_FAILING])
    effects.iloc[:600, 0] = shares[:600, 0]
    effects.iloc[:600, 1] = shares[:600, 0] - 2 * shares[:600, 1]
    effects.iloc[:600, 2:] = 0.5
    bank = worlds(SPACE, shares, unscaled(np.zeros((800, 3)), ROWS), effects)
    made = effects_of(bank)
    assert made is not None and made.rows == tuple(EFFECTS_OF_FAILING)
    fresh = rng.random((300, 3))
    found = made.figures(fresh)
    assert found[:, 0] == pytest.approx(fresh[:, 0], abs=0.1)
    assert found[:, 1] == pytest.approx(fresh[:, 0] - 2 * fresh[:, 1], abs=0.25)
    few = effects.copy()
    few.iloc[29:] = np.nan
    assert effects_of(bank._replace(effects=few)) is None
