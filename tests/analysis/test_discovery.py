"""Scenario discovery against boxes that were put in."""

import numpy as np
import pandas as pd
import pytest

from setback.analysis.discovery import Box, Discovery, discover, fit, halves, paste, peel, quasi_p
from setback.model.errors import InputError


def worlds(n: int = 1000, numbers: int = 5, seed: int = 1) -> pd.DataFrame:
    """Worlds by chance, some of them real numbers of the model."""
    names = ["level", "resilience_mean", "gain_threat", "near_miss_slope", "peer_norm", "style_mean"][:numbers]
    return pd.DataFrame(np.random.default_rng(seed).random((n, numbers)), columns=names)


def in_box(x: pd.DataFrame) -> np.ndarray:
    """The planted box."""
    return ((x["level"] > 0.6) & (x["gain_threat"] < 0.5)).to_numpy()


def limits(found: Discovery) -> dict[str, tuple[float, float]]:
    """The conditions by their number."""
    return {one.name: (one.low, one.high) for one in found.conditions}


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_box_is_found(seed: int) -> None:
    """Its numbers and no others, its limits to within a peeling, coverage and density near 1."""
    x = worlds(seed=seed)
    found = discover(x, in_box(x), seed=seed)
    assert limits(found).keys() == {"level", "gain_threat"}
    (low, up), (down, high) = limits(found)["level"], limits(found)["gain_threat"]
    assert low == pytest.approx(0.6, abs=0.05) and high == pytest.approx(0.5, abs=0.05)
    assert (up, down) == (np.inf, -np.inf)
    assert found.fit.coverage > 0.85 and found.fit.density > 0.85 and found.base == pytest.approx(0.2, abs=0.05)
    assert all(one.p < 1e-6 for one in found.conditions)
    assert {one.name: one.is_measured for one in found.conditions} == {"level": True, "gain_threat": False}


def test_a_box_hides_behind_noise() -> None:
    """Where a fifth of the worlds are told wrongly the numbers are the same, and the density says so."""
    x = worlds(3000)
    cases = in_box(x) ^ (np.random.default_rng(5).random(3000) < 0.2)
    found = discover(x, cases)
    assert {"level", "gain_threat"} <= limits(found).keys()
    assert found.fit.density == pytest.approx(0.8, abs=0.08)
    assert limits(found)["level"][0] == pytest.approx(0.6, abs=0.08)


def test_swapped_columns_move_the_box() -> None:
    """The limits follow the number, wherever its column stands and whatever its unit."""
    x = worlds()
    y = in_box(x)
    mixed = x[["gain_threat", "peer_norm", "level", "near_miss_slope", "resilience_mean"]]
    for name, (low, high) in limits(discover(mixed, y)).items():
        assert (low, high) == pytest.approx(limits(discover(x, y))[name], abs=0.06)
    wrong = x.rename(columns={"level": "peer_norm", "peer_norm": "level"})
    assert limits(discover(wrong, y)).keys() == {"peer_norm", "gain_threat"}
    scaled = discover(x.assign(level=100.0 - 7.0 * x["level"]), y)
    assert limits(scaled)["level"] == (-np.inf, pytest.approx(100.0 - 7.0 * 0.6, abs=0.35))


def test_chance_makes_no_condition() -> None:
    """Where nothing decides, hardly a number is told from chance, in worlds that the search has not seen."""
    told = 0
    for seed in range(20):
        x = worlds(400, seed=seed)
        y = np.random.default_rng(100 + seed).random(400) < 0.3
        found = discover(x, y, seed=seed)
        told += sum(one.p <= 0.05 for one in found.conditions)
        if not any(one.p <= 0.05 for one in found.conditions):
            assert found.sentence("it").endswith("no two or three of the numbers that vary tell where.")
    assert told <= 6, "of 20 searches; 5 % of at most 60 conditions are 3"


def test_at_most_three_numbers_and_the_density_that_was_asked_for() -> None:
    """A box of five numbers is told by three; a density that is asked for is reached where it was found."""
    x = worlds(4000, 6)
    y = (x.iloc[:, :5] > 0.35).all(axis=1).to_numpy()
    assert len(discover(x, y).conditions) <= 3
    x = worlds(2000)
    y = np.random.default_rng(3).random(2000) < 0.1 + 0.8 * x["level"]
    wide, narrow = discover(x, y), discover(x, y, density=0.75)
    assert narrow.fit.density > wide.fit.density and narrow.fit.coverage < wide.fit.coverage
    assert limits(narrow)["level"][0] > limits(wide)["level"][0]


def test_the_trade_off() -> None:
    """It begins with all worlds, covers less with each step, and every row is that of its box."""
    x = worlds()
    y = in_box(x)
    found = discover(x, y)
    rows = found.trade_off
    assert rows.loc[0, ["coverage", "support", "numbers"]].tolist() == [1.0, 1.0, 0.0]
    assert (rows["coverage"].diff()[1:] <= 0).all() and (rows["support"].diff()[1:] <= 0).all()
    assert (rows["density_found"].diff()[1:] >= -1e-12).all()
    here, there = halves(x.to_numpy(), 0)
    boxes = peel(x.to_numpy()[here], y[here])
    assert len(boxes) == len(rows)
    for box, row in zip(boxes, rows.to_dict("records")):
        inside = box.inside(x.to_numpy()[there])
        assert row["density"] == pytest.approx(y[there][inside].mean())
        assert row["coverage"] == pytest.approx(y[there][inside].sum() / y[there].sum())


def test_a_peeling_takes_5_percent() -> None:
    """Of 100 worlds in a row the five at the end that gains; those of one value go together."""
    x, y = np.arange(100.0)[:, None], np.arange(100) >= 50
    first = peel(x, y)[1]
    assert first.low.tolist() == [4.5] and first.high.tolist() == [np.inf]
    steps = np.repeat([0.0, 1.0, 2.0, 3.0], 25)[:, None]
    assert peel(steps, y)[1].low.tolist() == [0.5] and peel(steps, y)[-1].low.tolist() == [1.5]


def test_pasting_gives_back_what_was_cut_off_too_much() -> None:
    """As far as the cases reach."""
    x, y = np.arange(100.0)[:, None], np.arange(100) >= 50
    assert paste(Box(np.array([70.0]), np.array([np.inf])), x, y).low.tolist() == [50.0]
    assert paste(Box(np.array([-np.inf]), np.array([20.0])), x, ~y).high.tolist() == [49.0]


def test_the_quasi_p_value_is_binomial() -> None:
    """9 of 10 in the box are cases where half of them are without the limit: 11 / 1024."""
    x, y = np.arange(20.0)[:, None], np.array([0] * 9 + [1] + [1] * 9 + [0], bool)
    box = Box(np.array([9.5]), np.array([np.inf]))
    assert fit(box, x, y) == (0.9, 0.9, 0.5) and quasi_p(box, 0, x, y) == pytest.approx(11 / 1024)


def test_worlds_that_are_the_same_lie_in_the_same_half() -> None:
    """A draw of a posterior that comes again tells nothing new."""
    x = np.repeat(np.random.default_rng(1).random((50, 2)), 4, axis=0)
    here, there = halves(x, 3)
    assert sorted([*here, *there]) == [*range(200)] and len(here) == len(there) == 100
    assert not {*map(tuple, x[here])} & {*map(tuple, x[there])}


def test_the_sentence() -> None:
    """Conditions in their units, how dense, how much they cover, and what nobody can look up."""
    x = worlds()
    said = discover(x, in_box(x)).sentence("a failure under curve is failing")
    assert said.startswith("In the model, a failure under curve is failing in 18 % of 1,000 worlds, and in ")
    assert "level at least 0." in said and " logit" in said and "gain threat at most 0." in said
    assert said.endswith("gain threat is a strength of a cause, which nobody can look up in a school.")


def test_bad_input() -> None:
    """One sentence each."""
    x = worlds(200)
    with pytest.raises(InputError, match=r"^99 worlds are too few to discover anything; it takes at least 100$"):
        discover(x[:99], in_box(x[:99]))
    with pytest.raises(InputError, match=r"^it is so in 0 of 200 worlds; at least 20 have to be so, and 20 not: "):
        discover(x, np.zeros(200, bool))
    with pytest.raises(InputError, match=r"^no box is as dense as 1\.5; the densest has 1\.00$"):
        discover(x, in_box(x), density=1.5)


def test_halves_with_too_few_cases_are_counted() -> None:
    """All cases lie in one world, so one half has none of them."""
    draws = pd.DataFrame({"world": np.repeat(np.arange(10), 40), "draw": np.tile(np.arange(4), 100)})
    table = pd.DataFrame({"level": np.arange(400.0)})
    with pytest.raises(InputError, match=r"^of the failures where it is so (\d+ lie .* and 0 in|0 lie .* and \d+ in) "):
        discover(table, draws["world"] == 3, draws=draws, things="failures")
    for seed in range(40):  # of twenty worlds some halves have nine
        cases = np.random.default_rng(seed).permutation(100) < 20
        try:
            discover(pd.DataFrame({"level": np.random.default_rng(seed).random(100)}), cases, seed=seed)
        except InputError as error:
            assert str(error).endswith("each needs 10, so take more worlds, or move the limit")
            break
    else:
        raise AssertionError("every half had ten")
