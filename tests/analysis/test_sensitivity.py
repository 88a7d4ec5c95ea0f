"""Global sensitivities against functions whose indices are known."""

import sys

import numpy as np
import pandas as pd
import pytest
from planted import planted

from setback.analysis.by_world import Effect, Limit
from setback.analysis.sensitivity import Sensitivity, sensitivity
from setback.experiments.studies.worlds import Range, worlds
from setback.model.errors import InputError

NAMES = ["level", "resilience_mean", "style_mean", "gain_threat"]
#: Sobol indices of Ishigami's function with a = 7, b = 0.1 (Ishigami & Homma 1990), and of a number that does nothing.
S1, ST = (0.3139, 0.4424, 0.0, 0.0), (0.5576, 0.4424, 0.2437, 0.0)


def ishigami(u: np.ndarray) -> np.ndarray:
    """Ishigami's function of shares of the range from -π to π."""
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def explained(design: str, n: int, order: tuple[int, ...] = (0, 1, 2, 3), limit: Limit | None = None) -> Sensitivity:
    """Sensitivities of a study whose learning under curve is Ishigami's function more than under criterion."""
    ranges = [Range.of(name) for name in NAMES]
    table = pd.DataFrame(worlds(design, ranges, n=n, seed=3).table, columns=NAMES)
    shares = np.stack([(table[r.name] - r.low) / (r.high - r.low) for r in ranges], 1)
    base = np.random.default_rng(1).normal(size=len(table))
    values = {"learning": {"curve": base + ishigami(shares[:, order]), "criterion": base}}
    results = planted(table, values, design=design)
    results.study["worlds"]["ranges"] = [r._asdict() for r in ranges]
    return sensitivity(results, Effect("learning", "curve", "criterion"), limit)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1)])
def test_sobol_indices_of_a_known_function(order: tuple[int, ...]) -> None:
    """Each number has its own, wherever its column stands; what does nothing is not told from 0, all else is."""
    found = explained("saltelli", 2048, order)
    assert found.measures == ("S1", "ST")
    table = found.table.set_index("number")
    for place, column in enumerate(order):
        row = table.loc[NAMES[column]]
        assert row["S1"] == pytest.approx(S1[place], abs=0.06) and row["ST"] == pytest.approx(ST[place], abs=0.04)
        assert row["ST low"] <= ST[place] + 1e-12 and ST[place] <= row["ST high"] + 1e-12
        assert row["S1 low"] <= S1[place] + 1e-12 and S1[place] <= row["S1 high"] + 1e-12
        assert bool(row["ST told"]) == (ST[place] > 0) and bool(row["S1 told"]) == (S1[place] > 0)
    assert found.table["number"].tolist() == [NAMES[order[k]] for k in (0, 1, 2, 3)]
    assert f"not told from 0: {NAMES[order[3]]}." in found.sentence()


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_first_order_indices_of_worlds_as_they_are(design: str) -> None:
    """From any sample: the two numbers that act by themselves; what acts together with another alone is not seen."""
    found = explained(design, 2048, (2, 0, 3, 1))
    table = found.table.set_index("number")
    assert found.measures == ("S1",) and found.worlds == 2048
    for place, column in enumerate((2, 0, 3, 1)):
        row = table.loc[NAMES[column]]
        assert row["S1"] == pytest.approx(S1[place], abs=0.05)
        assert bool(row["S1 told"]) == (S1[place] > 0)


def test_elementary_effects_of_a_known_function() -> None:
    """Of 3 a - 2 b + 0 c + d: 3, 2, 0, 1 of the whole range, in the outcome's unit; without interaction no sigma."""
    ranges = [Range.of(name) for name in NAMES]
    table = pd.DataFrame(worlds("morris", ranges, n=20, seed=3).table, columns=NAMES)
    shares = np.stack([(table[r.name] - r.low) / (r.high - r.low) for r in ranges], 1)
    results = planted(table, {"learning": {"curve": shares @ np.array([3.0, -2.0, 0.0, 1.0])}}, design="morris")
    results.study["worlds"]["ranges"] = [r._asdict() for r in ranges]
    found = sensitivity(results, Effect("learning", "curve"))
    rows = found.table.set_index("number")
    assert rows.loc[NAMES, "mu_star"].to_numpy() == pytest.approx([3, 2, 0, 1], abs=1e-9)
    assert rows["sigma"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert rows.loc[NAMES, "mu_star told"].tolist() == [True, True, False, True]


def test_a_grid_lends_nothing_to_other_numbers() -> None:
    """Worlds of one value come in the order of the next number; that must not look like an effect."""
    ranges = [Range.of(name) for name in NAMES]
    table = pd.DataFrame(worlds("grid", ranges, steps=5).table, columns=NAMES)
    results = planted(table, {"learning": {"curve": table["gain_threat"].to_numpy()}}, design="grid")
    found = sensitivity(results, Effect("learning", "curve")).table.set_index("number")
    assert found.index[found["S1 told"]].tolist() == ["gain_threat"] and found.loc["gain_threat", "S1"] > 0.8
    assert found.drop("gain_threat")["S1"].abs().max() < 0.05


def test_the_verdict_is_explained_as_well() -> None:
    """Whether 10 a lies above 5 hangs on a alone; above and below explain alike."""
    table = pd.DataFrame(np.random.default_rng(1).random((1000, 2)), columns=NAMES[:2])
    results = planted(table, {"learning": {"curve": 10 * table["resilience_mean"].to_numpy()}})
    above, below = (sensitivity(results, Effect("learning", "curve"), Limit(5.0, up)).table for up in (True, False))
    assert above["number"].tolist() == ["resilience_mean", "level"] and above["S1"].tolist() == below["S1"].tolist()
    assert above["S1"][0] > 0.9 and above["S1 told"].tolist() == [True, False]
    assert sensitivity(results, Effect("learning", "curve"), Limit(9.0)).table["S1"][0] < above["S1"][0]


def test_numbers_that_do_nothing_are_seldom_told() -> None:
    """Of 40 studies of four numbers that do nothing, few tell one from 0: the 5 % are of all numbers together."""
    told = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        table = pd.DataFrame(rng.random((300, 4)), columns=NAMES)
        found = sensitivity(planted(table, {"learning": {"curve": rng.normal(size=300)}}), Effect("learning", "curve"))
        told += bool(found.table["S1 told"].any())
    assert told <= 6, "5 % of 40 are 2; 7 or more come in 1 % of such tests"


def test_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence each; worlds in which it is not known are left out where a design allows it."""
    table = pd.DataFrame(np.random.default_rng(1).random((300, 2)), columns=NAMES[:2])
    values = table["level"].to_numpy().copy()
    effect = Effect("learning", "curve")
    with pytest.raises(InputError, match=r"^learning of curve above 7 is the same in all 300 worlds; move the limit$"):
        sensitivity(planted(table, {"learning": {"curve": values}}), effect, Limit(7.0))
    rare = r"^learning of curve is above 0\.\d+ in 49 of 300 worlds; it takes at least 50 on either side, so move "
    with pytest.raises(InputError, match=rare):
        sensitivity(planted(table, {"learning": {"curve": values}}), effect, Limit(float(np.sort(values)[-50])))
    few = Limit(float(np.sort(values)[-51]))
    assert np.isfinite(sensitivity(planted(table, {"learning": {"curve": values}}), effect, few).table["S1"]).all()
    values[:10] = np.nan
    assert sensitivity(planted(table, {"learning": {"curve": values}}), effect).worlds == 290
    with pytest.raises(InputError, match=r"^learning of curve is not known in 10 of 300 worlds; a design saltelli "):
        sensitivity(planted(table, {"learning": {"curve": values}}, design="saltelli"), effect)
    with pytest.raises(InputError, match=r"^99 worlds are too few for sensitivities; it takes at least 100$"):
        sensitivity(planted(table[:99], {"learning": {"curve": table["level"][:99]}}), effect)
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(InputError, match=r"^sensitivities need SALib; install it with pip install "):
        sensitivity(planted(table, {"learning": {"curve": values}}), effect)
