"""A fit of worlds whose figures are simple: its variants, its evidence row by row, its checks, its rounds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.evidence.rows import target_of
from setback.experiments.fit import bank, checks, evidence, rounds, variants, whole
from setback.experiments.fit.emulator import Emulator, Network
from setback.experiments.fit.likelihood import Data, Scale, published, scaled
from setback.experiments.fit.rounds import Plan, Worlds, emulator_of, scale_of, speaks_to, unknown
from setback.experiments.fit.space import Space

SPACE = Space.of(NULLS["cycle"])
SMALL = SPACE._replace(rows=SPACE.rows[:12])
ROWS = ("PF1", "FB1", "FB3a", "GR2b")


def figure(row: str, at: np.ndarray) -> np.ndarray:
    """The figure that lies so many tolerances from the published one, by the arsinh scale; of a sign its own number."""
    target = target_of(row)
    if row == "GR2b":
        return at
    far = 3.0 * np.sinh(at / 3.0)
    return target.value + far * np.where(far > 0, target.high - target.value, target.value - target.low)


def worlds(count: int = 1200, seed: int = 0, noise: float = 0.05, last: int = 0) -> Worlds:
    """Worlds in which each row follows one number: PF1 preparation, FB1 and FB3a feedback, GR2b a policy's stakes."""
    rng = np.random.default_rng(seed)
    shares = rng.random((count, len(SPACE.names)))
    on = dict(zip(ROWS, ("preparation_gain", "feedback_gain", "feedback_gain", "gain_threat")))
    slopes = dict(zip(ROWS, (4.0, 3.0, 5.0, -2.0)))
    columns = {}
    for row in ROWS:
        at = slopes[row] * (shares[:, SPACE.names.index(on[row])] - 0.5) + noise * rng.standard_normal(count)
        columns[row] = figure(row, at)
    effects = pd.DataFrame(np.nan, range(count), [*EFFECTS_OF_FAILING])
    effects["R_F"] = 2.0 * shares[:, SPACE.names.index("gain_threat")] - 0.5
    effects.loc[:, "R_F.oulad":] = 0.0
    round_ = np.where(np.arange(count) < count // 2, 0, last)
    table = pd.DataFrame(columns)
    return Worlds(SPACE, shares, table, effects, round_, table.iloc[:0])


@pytest.fixture(scope="module")
def fit() -> variants.Fitted:
    """One fit for all."""
    return variants.fitted(worlds())


def number(fit: variants.Fitted, variant: str, name: str) -> np.ndarray:
    """The draws of a number."""
    return fit.draws[variant][:, SPACE.names.index(name)]


def test_what_a_model_can_speak_to() -> None:
    """Not a row of which too few worlds have a figure, nor one that is the same in all."""
    some = worlds(200)
    figures = some.figures.assign(PF2=0.3, PA1=np.where(np.arange(200) % 3 == 0, 0.1, np.nan))
    assert speaks_to(some._replace(figures=figures)) == ROWS
    own = scale_of(some)
    assert own.rows == ROWS and own.units[:3].tolist() == [1.0] * 3 and own.units[3] != 1.0
    assert scale_of(some, Scale(("GR2b",), np.array([7.0]))).units.tolist() == [1.0, 1.0, 1.0, 7.0]


def test_variants_leave_out_and_halve() -> None:
    """Each block once; stages by their rows; half of what lesson-sized trials found, and of no other."""
    asked = variants.variants(("PF1", "FB1", "TR1", "OU-01a", "GR2b", "GR8"))
    assert asked["joint"] == ((), ()) and asked["without GR"] == (("GR2b", "GR8"), ())
    assert asked["levels"][0] == ("PF1", "FB1", "TR1", "GR2b", "GR8")
    assert asked["persistence"][0] == ("PF1", "FB1", "GR2b", "GR8")
    assert asked["halved"] == ((), ("PF1",))
    assert variants.is_small("FB3a") and not variants.is_small("GR8") and not variants.is_small("OU-01a")


def test_a_fit_finds_what_the_rows_ask_for(fit: variants.Fitted) -> None:
    """A number lies where its row is published; without its block it is the prior's, as is what no row asks for."""
    assert number(fit, "joint", "preparation_gain").mean() == pytest.approx(0.5, abs=0.03)
    assert number(fit, "without PF", "preparation_gain").std() == pytest.approx(12**-0.5, abs=0.04)
    assert number(fit, "joint", "preparation_gain").std() < 0.65 * 12**-0.5
    assert number(fit, "joint", "gain_threat").mean() > 0.5 + 0.15  # a sign: below 0, so above half of the range
    assert number(fit, "joint", "carry").std() == pytest.approx(12**-0.5, abs=0.03)
    half = scaled(np.array([target_of("PF1").value / 2.0]), target_of("PF1"), 1.0)[0] / 4.0 + 0.5
    assert number(fit, "halved", "preparation_gain").mean() == pytest.approx(half, abs=0.06)
    assert published(fit.scale).tolist() == [0.0, 0.0, 0.0, 1.0] and fit.reduction.max() < 1.1


def test_gains_of_their_own(fit: variants.Fitted) -> None:
    """Trials have the gains of the world; a context's figure reads its own."""
    draws, emulator, effects = variants.unshared(fit)
    gains = [name for name in SPACE.names if name.startswith("gain_")]
    assert draws.shape[1] == len(SPACE.names) + 4 * len(gains) and effects is not None
    assert emulator.networks[0].reads.max() < len(SPACE.names)
    own = effects.networks[[n.gives[0] for n in effects.networks].index([*EFFECTS_OF_FAILING].index("R_F.oulad"))]
    moved = [k for k in own.reads if k >= len(SPACE.names)]
    assert len(moved) == len(gains) and not {SPACE.names.index(name) for name in gains} & {*own.reads}


def test_the_evidence_of_a_fit(fit: variants.Fitted) -> None:
    """Distances in tolerances of mean figures, in sample and left out, and the figures that were simulated."""
    simulated = pd.DataFrame({row: figure(row, np.linspace(0.5, 1.5, 11)) for row in ROWS})
    table = evidence.table(fit, simulated)
    assert table.loc["PF1", "in_distance"] == pytest.approx(3.0 * np.sinh(1.0 / 3.0))
    assert not table.loc["PF1", "in_hit"] and table.loc["PF1", "in_share"] == pytest.approx(5 / 11, abs=0.1)
    assert table.loc["PF1", "mean"] == pytest.approx(simulated["PF1"].mean()) and table.loc["FB1", "block"] == "FB"
    assert table.loc["GR2b", "in_share"] == 0.0 and table.loc["GR2b", "in_distance"] > 0.0  # on the wrong side
    assert abs(table.loc["PF1", "out_low"]) > 1.2 and table.loc["PF1", "out_share"] < 0.7
    plain = evidence.table(fit)
    assert plain.loc["PF1", "in_hit"] and abs(plain.loc["PF1", "in_distance"]) < 0.15 and "mean" not in plain.columns


def test_random_signs(fit: variants.Fitted) -> None:
    """As often on the wrong side as on the right one, and as large; statistics of books keep theirs."""
    figures = worlds().figures.abs()
    table = evidence.of_prior(figures, fit.scale)
    of_mean = figures["PF1"].mean() * np.array([1.0, -1.0])
    far = 3.0 * np.sinh(np.abs(scaled(of_mean, target_of("PF1"), 1.0)) / 3.0)
    assert table.loc["PF1", "signs_distance"] == pytest.approx(np.minimum(far, 3.0).mean(), abs=0.15)
    assert table.loc["PF1", "out_distance"] < 1.0


def toy(open_: float) -> tuple[Emulator, Worlds]:
    """An emulator that is exact but for errors of a size, and worlds of it that it has not seen."""
    rng = np.random.default_rng(5)
    slopes = np.zeros((len(SMALL.names), 4), np.float32)
    for k in range(4):
        slopes[k, k] = 1.0 + k / 2.0
    network = Network(
        np.arange(len(SMALL.names)), np.arange(4), ((slopes, np.zeros(4, np.float32)),), np.full(4, open_)
    )
    shares = rng.random((100, len(SMALL.names)))
    emulator = Emulator(ROWS, (network,))
    at = emulator.figures(shares) + 0.6 * rng.standard_normal((100, 4))
    figures = pd.DataFrame({row: figure(row, at[:, k] * (-1 if row == "GR2b" else 1)) for k, row in enumerate(ROWS)})
    effects = pd.DataFrame(dict.fromkeys(EFFECTS_OF_FAILING, 2.0 * shares[:, 0] - 0.5))
    return emulator, Worlds(SMALL, shares, figures, effects, np.zeros(100, np.int64), figures.iloc[:0])


def test_ranks() -> None:
    """Uniform where the errors are what the emulator says; too sure where it says they are a sixth of that."""
    emulator, some = toy(0.6)
    found = checks.ranks(emulator, some, Scale(ROWS, np.ones(4)))
    table = found.table()
    counts = np.histogram(found.ranks, 5, (0, found.draws + 1))[0]
    assert stats.chisquare(counts).pvalue > 0.001
    assert table["coverage"].iloc[:3].mean() == pytest.approx(0.9, abs=0.05) and table["covered"].iloc[:3].all()
    assert table["shrunk"].iloc[0] < 0.85 < 0.93 < table["shrunk"].iloc[10]
    sure, _ = toy(0.1)
    few = checks.ranks(sure, some, Scale(ROWS, np.ones(4))).table()
    assert few["coverage"].iloc[1] < table["coverage"].iloc[1]


def test_a_cycle_that_is_there_is_found() -> None:
    """Where the evidence says a lot of what the effect hangs on, and not where it says nothing."""
    emulator, some = toy(0.1)
    slope = np.zeros((len(SMALL.names), 4), np.float32)
    slope[0] = 2.0 / 12**0.5
    network = Network(np.arange(len(slope)), np.arange(4), ((slope, np.full(4, 0.5, np.float32)),), np.zeros(4))
    effects = Emulator(tuple(EFFECTS_OF_FAILING), (network,))
    data = Scale(ROWS, np.ones(4))
    found = checks.recovered(emulator, effects, some, data, ROWS, np.full(4, 0.01))
    assert np.corrcoef(found["R_F.truth"], found["R_F.mean"])[0, 1] > 0.7
    high = found["R_F.truth"] > 1.2
    assert found.loc[high, "R_F.found"].mean() > found.loc[~high, "R_F.found"].mean()
    assert (found["R_F.low"] <= found["R_F.mean"]).all() and (found["R_F.mean"] <= found["R_F.high"]).all()
    blind = checks.recovered(emulator, effects, some, data, ["GR2b"], np.full(4, 0.01))
    assert not blind["R_F.found"].any()


def test_luck_is_told_from_what_is_not_known() -> None:
    """Half the squared difference of worlds in two sets of classes; at least a share of what is left open remains."""
    some = worlds(400, noise=0.5)
    rng = np.random.default_rng(1)
    twice = [figure("PF1", 0.3 * rng.standard_normal(300) + np.arange(300) / 200) for _ in range(2)]
    luck = pd.DataFrame({row: figure("PF1", np.zeros(600)) if row != "PF1" else np.concatenate(twice) for row in ROWS})
    some = some._replace(luck=luck)
    scale = scale_of(some)
    assert some.by_luck(scale)[0] == pytest.approx(0.09, rel=0.2)
    emulator = emulator_of(some, scale)
    left = unknown(emulator, some, scale)
    assert left[0] == pytest.approx(np.sqrt(emulator.open_[0] ** 2 - some.by_luck(scale)[0]))
    loud = some._replace(luck=luck.assign(PF1=figure("PF1", 9.0 * rng.standard_normal(600))))
    assert unknown(emulator, loud, scale)[0] == pytest.approx(0.2 * emulator.open_[0])


def test_the_whole_fit_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of all models; nothing is run anew when it is asked for again, and a table that is lost comes back."""
    monkeypatch.setattr(bank, "CUBE", 40)
    monkeypatch.setattr(bank, "ROOMS", 2)
    monkeypatch.setattr(checks, "SETS", 5)
    monkeypatch.setattr(whole, "DRAWS", 4)
    for of, few in ((variants, 8), (checks, 4), (rounds, 4)):
        monkeypatch.setattr(of, "WARM_UP", few)
    monkeypatch.setattr(variants, "DRAWS", 4)
    monkeypatch.setattr(checks, "DRAWS", 2)
    plans = {"cycle": Plan(1, 2, 12, 12, 4), "no-cycle": Plan(1, 1, 12, 5, 4)}
    folder, done, said = tmp_path / "fit", [], []
    folder.mkdir()
    step = whole.Step(done.append, said.append)
    whole.fit(folder, tmp_path, plans, 1, step)
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}
    assert {"rows-cycle.csv", "rows-no-cycle.csv", "recovery.csv", "ranks.csv", "prior.csv"} <= {*there}
    assert sum(done) == whole.worlds_asked(plans)
    assert any("about the best that was searched for" in one for one in said)
    made = pd.read_csv(folder / "recovery.csv")
    assert made["made_with"].value_counts().to_dict() == {"cycle": 5, "no-cycle": 5}
    rows = pd.read_csv(folder / "rows-cycle.csv").set_index("row")
    assert {"PF1", "OU-01a", "GR3a"} <= {*rows.index}
    assert "GR3a" not in {*pd.read_csv(folder / "rows-no-cycle.csv")["row"]}  # its feelings are held still
    runs = {path: path.stat().st_mtime_ns for path in tmp_path.glob("fit-*/*/evidence/*")}
    (folder / "effects-cycle.csv").unlink()
    (folder / "rows-cycle.csv").unlink()
    whole.fit(folder, tmp_path, plans, 1)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("fit-*/*/evidence/*")} == runs
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")} == there


def test_the_key_of_a_fit() -> None:
    """How much is simulated decides it."""
    other = {**whole.PLANS, "cycle": whole.PLANS["cycle"]._replace(each=801)}
    assert whole.key(whole.PLANS) == whole.key(dict(whole.PLANS)) != whole.key(other)


def test_worlds_about_the_optimum() -> None:
    """Some lie very near to it, all lie within the ranges; no search, no worlds."""
    near = bank.near_optimum(SPACE, 300)
    assert near is not None and near.shape == (300, len(SPACE.names))
    shares = SPACE.shares(near)
    assert ((shares >= 0.0) & (shares <= 1.0)).all()
    apart = np.abs(shares[:, None] - shares[None]).mean(2)
    assert np.sort(apart[apart > 0])[0] < 0.06 and np.median(apart) > 0.15
    assert bank.near_optimum(Space.of(NULLS["stable-ability"]), 10) is None
    assert Data.of(ROWS).errors.shape == (4,)
