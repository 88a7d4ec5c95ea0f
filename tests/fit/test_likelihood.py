"""How likely published figures are: scales of rows, errors of blocks, and the likelihood against scipy's."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from toy_fits import unscaled

from setback.experiments.evidence.rows import targets
from setback.experiments.fit.likelihood import (
    BLOCKS_OF_FACTS,
    Data,
    Scale,
    block_of,
    blocks,
    drawn,
    is_number,
    log_likelihood,
    published,
)

#: Where a tolerance ends, on the scale.
EDGE = 3.0 * np.arcsinh(1.0 / 3.0)
#: A number with other tolerances on either side, signs of both directions, a form with two ends and one with one.
ROWS = ("PF1", "PF4a", "ERR5a", "ERR1", "AT3", "PA6c")
SCALE = Scale(ROWS, np.array([1.0, 0.5, 0.25, 1.0, 2.0, 0.1]))


def on_scale(**figures: float) -> np.ndarray:
    """Figures of one world on their scales."""
    rows = tuple(figures)
    units = np.array([SCALE.units[ROWS.index(row)] if row in ROWS else 1.0 for row in rows])
    return Scale(rows, units).of_figures(pd.DataFrame([figures]))[0]


# ---- scales ------------------------------------------------------------------------------------------------
def test_a_number_is_measured_in_its_tolerance_on_either_side() -> None:
    """PF1 is 0.36 [0.20, 0.51]: 0 there, as far from it at either end, and drawn together beyond."""
    assert on_scale(PF1=0.36) == pytest.approx([0.0], abs=1e-12)
    assert on_scale(PF1=0.51) == pytest.approx([EDGE]) and on_scale(PF1=0.20) == pytest.approx([-EDGE])
    assert on_scale(PF1=0.36 - 10 * 0.16) == pytest.approx([-3.0 * np.arcsinh(10 / 3)])
    assert on_scale(PF1=0.36 + 10 * 0.15) == pytest.approx([3.0 * np.arcsinh(10 / 3)])


def test_a_form_with_two_ends_is_a_number_between_them() -> None:
    """The error rate of most learning, 0.05 to 0.30; a form with one end is a sign."""
    assert on_scale(ERR1=0.175) == pytest.approx([0.0], abs=1e-12)
    assert on_scale(ERR1=0.30) == pytest.approx([EDGE]) and on_scale(ERR1=0.05) == pytest.approx([-EDGE])
    assert [is_number(row) for row in ROWS] == [True, False, False, True, False, False]


def test_a_sign_is_measured_from_its_bound_in_spreads() -> None:
    """Above 0 on the right side, whether that is above the bound or below it."""
    assert on_scale(PF4a=0.5, ERR5a=0.25, AT3=2.0) == pytest.approx([EDGE, -EDGE, EDGE])
    assert on_scale(PF4a=-0.5, ERR5a=-0.25, AT3=-2.0) == pytest.approx([-EDGE, EDGE, -EDGE])
    assert on_scale(PA6c=0.2) == pytest.approx([EDGE]), "below 0.3"


def test_spreads_are_those_of_the_middle_half_of_the_prior() -> None:
    """As standard deviations of a normal prior; numbers need none, nor what does not vary or is not known."""
    rng = np.random.default_rng(0)
    prior = pd.DataFrame({"PF1": rng.normal(0, 7, 4001), "PF4a": rng.normal(3, 2, 4001), "ERR5a": 4.0})
    prior.loc[::2, "PF4a"] = np.nan
    found = Scale.of(prior)
    assert found.rows == ("PF1", "PF4a", "ERR5a")
    assert found.units[[0, 2]].tolist() == [1.0, 1.0] and found.units[1] == pytest.approx(2.0, rel=0.08)


def test_columns_go_by_their_names() -> None:
    """Whatever their order in a table is; what is not known stays so."""
    figures = pd.DataFrame({"PF4a": [0.5, np.nan], "other": 3.0, "PF1": [0.2, 0.51]})
    found = Scale(("PF1", "PF4a"), np.array([1.0, 0.5])).of_figures(figures)
    assert found == pytest.approx(np.array([[-EDGE, EDGE], [EDGE, np.nan]]), nan_ok=True)


def test_toys_undo_the_scale() -> None:
    """What tests make figures by."""
    wanted = np.random.default_rng(0).normal(0, 4, (50, len(ROWS)))
    assert Scale(ROWS, np.ones(len(ROWS))).of_figures(unscaled(wanted, ROWS)) == pytest.approx(wanted)


# ---- what was published, and its errors --------------------------------------------------------------------
def test_published_figures() -> None:
    """0 of numbers, 1 of signs; half of a number where it counts half, which a sign or form never does."""
    assert published(SCALE).tolist() == [0, 1, 1, 0, 1, 1]
    halved = published(SCALE, ROWS)
    assert halved == pytest.approx([3.0 * np.arcsinh(-0.18 / 0.16 / 3.0), 1, 1, 0, 1, 1])
    assert published(SCALE, ["PF4a"]).tolist() == published(SCALE).tolist()


def test_blocks() -> None:
    """Rows of targets have theirs, some statistics of books share one, every other stands alone."""
    assert blocks(["PF1", "OU-07_1", "PF4a", "OU-01a", "OU-08_1"]) == {
        "PF": ("PF1", "PF4a"), "OU-scores": ("OU-07_1", "OU-08_1"), "OU-01a": ("OU-01a",),
    }  # fmt: skip
    assert block_of("GR6") == targets()["GR6"].block == "SC" and not {*BLOCKS_OF_FACTS} & {*targets()}


def test_rows_of_a_block_count_as_one() -> None:
    """Each of n has n times the variance; one that is left out does not count among them."""
    rows = ("PF1", "PF2", "PF4a", "FB1", "ERR5a")
    data = Data.of(rows)
    root = np.sqrt(3.0)
    assert data.errors == pytest.approx([0.5 * root, 0.5 * root, 0.1 * root, 0.5, 0.1]) and data.known.all()
    assert data.numbers.tolist() == [True, True, False, True, False]
    fewer = Data.of(rows, without=["PF2"])
    assert fewer.errors[[0, 2, 3]] == pytest.approx([0.5 * np.sqrt(2), 0.1 * np.sqrt(2), 0.5])
    assert fewer.known.tolist() == [True, False, True, True, True]


def test_a_block_says_as_much_as_one_row() -> None:
    """Close to the truth, where errors are as good as normal: three rows alike bend the likelihood as one does."""
    three, one = Data.of(("PF1", "PF2", "PF4b")), Data.of(("PF1",))
    loss = [
        log_likelihood(data, np.zeros((1, n)), np.full((1, n), 0.01), np.zeros(n))[0][0]
        for data, n in ((three, 3), (one, 1))
    ]
    assert loss[0] == pytest.approx(loss[1], rel=1e-3) and loss[1] < 0


# ---- the likelihood ----------------------------------------------------------------------------------------
DATA, OPEN = Data.of(ROWS), np.array([0.3, 0.2, 0.0, 1.0, 0.1, 0.4])
RNG = np.random.default_rng(1)
MEANS = RNG.normal(0.3, 1.0, (40, len(ROWS)))
SAID = np.where(DATA.numbers, RNG.normal(0, 1, MEANS.shape), RNG.choice([-1.0, 1.0], MEANS.shape))


def test_the_likelihood_is_that_of_its_distributions() -> None:
    """Student's t of numbers, the normal share on the published side of signs; up to a constant of numbers."""
    width = np.sqrt(DATA.errors**2 + OPEN**2)
    for k, row in enumerate(ROWS):
        alone = DATA._replace(known=np.arange(len(ROWS)) == k)
        value = log_likelihood(alone, SAID, MEANS, OPEN)[0]
        if is_number(row):
            right = stats.t.logpdf(SAID[:, k], 5, MEANS[:, k], width[k])
            right = right - stats.t.logpdf(0.0, 5, 0.0, width[k])
        else:
            right = stats.norm.logcdf(SAID[:, k] * MEANS[:, k], scale=width[k])
        assert value == pytest.approx(right), row
    whole = log_likelihood(DATA, SAID, MEANS, OPEN)[0]
    each = [log_likelihood(DATA._replace(known=np.arange(6) == k), SAID, MEANS, OPEN)[0] for k in range(6)]
    assert whole == pytest.approx(np.sum(each, 0))


def test_the_slope_is_that_of_the_likelihood() -> None:
    """Against differences, row by row; also far out, where a sign is as good as impossible."""
    for means in (MEANS, MEANS * 30):
        slope = log_likelihood(DATA, SAID, means, OPEN)[1]
        assert np.isfinite(slope).all()
        for k in range(len(ROWS)):
            step = 1e-5 * (np.arange(len(ROWS)) == k)
            up, down = (log_likelihood(DATA, SAID, means + s * step, OPEN)[0] for s in (1, -1))
            assert slope[:, k] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-4), ROWS[k]


def test_what_is_not_known_adds_nothing() -> None:
    """Neither to the value nor to the slope, be it a row left out or a figure of one set."""
    said = SAID.copy()
    said[:20, [0, 1]] = np.nan
    value, slope = log_likelihood(DATA, said, MEANS, OPEN)
    without = DATA._replace(known=np.array([False, False, True, True, True, True]))
    assert value[:20] == pytest.approx(log_likelihood(without, SAID, MEANS, OPEN)[0][:20])
    assert value[20:] == pytest.approx(log_likelihood(DATA, SAID, MEANS, OPEN)[0][20:])
    assert (slope[:20, :2] == 0).all() and (slope[:20, 2:] != 0).any(1).all() and (slope[20:, :2] != 0).any()


def test_what_would_be_published() -> None:
    """Numbers off by t errors of their scale, signs by the share of normal ones: as the likelihood has it."""
    means = np.tile([1.0, 0.1, -0.05, -2.0, 0.0, 5.0], (20_000, 1))
    found = drawn(DATA, means, np.random.default_rng(3))
    for k, row in enumerate(ROWS):
        if is_number(row):
            off = (found[:, k] - means[:, k]) / DATA.errors[k]
            assert stats.kstest(off, stats.t(5).cdf).pvalue > 0.001, row
        else:
            assert {*found[:, k]} <= {-1.0, 1.0}
            share = stats.norm.cdf(means[0, k] / DATA.errors[k])
            assert (found[:, k] > 0).mean() == pytest.approx(share, abs=4 * 0.5 / np.sqrt(20_000)), row
