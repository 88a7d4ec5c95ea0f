"""What tells two models apart: against what is known, and measured in worlds of two posteriors."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import said, setback
from scipy import stats

from setback.analysis.separation import separation
from setback.experiments.evidence.measured import ALL, measured, numbers_of_rows, rows_named
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.fit.posterior import Posterior, write
from setback.experiments.fit.space import Space
from setback.experiments.planning.candidates import CANDIDATES, FOLDER, candidates, measure, of_arms
from setback.experiments.studies.vary import numbers_of
from setback.experiments.studies.worlds import worlds
from setback.experiments.trials.run import World, figures
from setback.experiments.trials.trial import read
from setback.model.week import MODEL

Array = np.ndarray


def predicted(mean: Array, of_class: Array, rooms: int = 10_000, worlds: int = 40, spread: float = 0.0) -> tuple:
    """Figures of measurements whose mean over worlds, spread over them and luck of classes are known."""
    rng = np.random.default_rng(3)
    at = mean[:, None] + spread * stats.norm.ppf((np.arange(worlds) + 0.5) / worlds)
    luck = (of_class / np.sqrt(rooms))[:, None, None] * rng.standard_normal((len(mean), worlds, 2))
    return at[..., None] + luck, of_class


def test_classes_are_those_of_a_test_of_one_mean() -> None:
    """Where each model says one number: (z_α/2 + z_β)² (luck / difference)² classes, ranked by the fewest."""
    luck = np.array([1.0, 1.0, 3.0])
    table = separation(("far", "near", "loud"), predicted(np.array([1.0, -0.25, 1.0]), luck),
                       predicted(np.zeros(3), luck), 0.9, 0.01)  # fmt: skip
    assert [*table.index] == ["far", "loud", "near"]
    factor = (stats.norm.ppf(0.995) + stats.norm.ppf(0.9)) ** 2
    for name, ratio in (("far", 1.0), ("loud", 9.0), ("near", 16.0)):
        assert table["classes"][name] == pytest.approx(factor * ratio, rel=0.05, abs=1.0), name
    assert table["cycle"]["near"] == pytest.approx(-0.25, abs=0.01) and (table["reached"] > 0.999).all()


def test_what_models_leave_open_no_class_takes_away() -> None:
    """Two models that overlap: with all classes the power is that of their worlds, and the difference is in SDs."""
    one = predicted(np.array([1.0]), np.array([1.0]), worlds=200, spread=1.0)
    other = predicted(np.array([0.0]), np.array([1.0]), worlds=200, spread=1.0)
    row = separation(("alike",), one, other).loc["alike"]
    assert np.isnan(row["classes"]) and row["difference"] == pytest.approx(1.0, abs=0.05)
    assert row["reached"] == pytest.approx(stats.norm.sf(1.96 - 1.0), abs=0.03)
    assert row["cycle_sd"] == pytest.approx(1.0, abs=0.03)
    turned = separation(("alike",), other, one).loc["alike"]
    assert turned["difference"] == pytest.approx(-row["difference"])
    assert turned["reached"] == pytest.approx(row["reached"], abs=0.02)


def test_the_luck_of_classes_is_taken_out_of_worlds() -> None:
    """Worlds that are all alike, measured in few classes: what differs is luck, and the spread is nearly nothing."""
    figures, _ = predicted(np.array([0.5]), np.array([1.0]), rooms=4, worlds=200)
    row = separation(("luck",), (figures, np.array([1.0])), predicted(np.zeros(1), np.ones(1), worlds=200)).loc["luck"]
    assert figures.mean(2).std() > 0.3 and row["cycle_sd"] < 0.15


def test_what_is_not_known_stands_last() -> None:
    """A figure of too few worlds has none of the numbers; what no class shows has no classes, but a difference."""
    means, luck = np.array([1.0, 1.0, 1.0]), np.array([1.0, np.nan, 1.0])
    one, other = predicted(means, luck), predicted(np.zeros(3), luck)
    one[0][1], other[0][1] = predicted(np.array([1.0]), np.ones(1))[0][0], predicted(np.zeros(1), np.ones(1))[0][0]
    one[0][0, 5:, 1] = np.nan
    table = separation(("missing", "unseen", "seen"), one, other)
    assert [*table.index] == ["seen", "unseen", "missing"]
    assert table.loc["missing"].isna().all()
    assert np.isnan(table["classes"]["unseen"]) and table["difference"]["unseen"] > 10


# ---- measurements --------------------------------------------------------------------------------------------
def toy(name: str, draws: int = 10) -> Posterior:
    """Draws anywhere in the prior of a model."""
    space = Space.of(NULLS[name])
    shares = np.random.default_rng(len(name)).uniform(0.3, 0.7, (draws, len(space.names)))
    return Posterior.of(space, space.values(shares), np.ones(draws))


def test_the_arms_of_an_experiment() -> None:
    """Each arm is one of the trial's; the difference in the same classes is what the trial gives."""
    trial = read(FOLDER / "spared-control.toml")
    world = World(MODEL.parameters({"gain_motivational_memory": 2.0}))
    failed, spared = of_arms(trial, world, range(40))
    assert figures([trial], world, range(40))[0] == pytest.approx(failed - spared, abs=1e-12)
    assert failed < spared - 0.005, "being spared left no more control"


def test_measured_twice_in_classes_of_their_own() -> None:
    """A row is that of the evidence in the same classes; luck of an experiment is that of two arms."""
    posterior, names = toy("cycle"), ("OU-07_1", "spared-work", "R_F")
    found = measure(posterior, names, 3, 30, seed=1)
    assert found.figures.shape == (3, 3, 2) and np.isfinite(found.of_class[:2]).all() and np.isnan(found.of_class[2])
    assert (found.figures[0, :, 0] != found.figures[0, :, 1]).all()
    again = measure(posterior, names, 3, 30, seed=1)
    assert np.array_equal(again.figures, found.figures, equal_nan=True)
    halves = found.figures[0]
    assert found.of_class[0] == pytest.approx(np.sqrt(((halves[:, 0] - halves[:, 1]) ** 2).mean() / 2 * 30))
    table = numbers_of((), MODEL.table, numbers_of_rows(rows_named([ALL]), MODEL))
    made = worlds("posterior", [], 3, seed=1, table=table, posterior=posterior)
    numbers = dict(zip(made.names, made.table[1].tolist()))
    mine = {name: value for name, value in numbers.items() if name in MODEL.table.names}
    world = World(MODEL.parameters(mine), numbers, "compiled")
    assert measured(["OU-07_1"], world, range(90, 120), 1)["OU-07_1"] == pytest.approx(halves[1, 1], abs=1e-9)


def test_without_a_cycle_being_spared_changes_nothing() -> None:
    """In that model nothing reads a verdict: the experiments show exactly nothing in the same classes."""
    found = measure(toy("no-cycle"), ("spared-failing", "spared-work", "spared-control"), 2, 12)
    known = found.figures[np.isfinite(found.figures)]
    assert len(known) and np.abs(known).max() < 1e-9 and (found.of_class > 0.0).all()


def test_every_candidate_is_said() -> None:
    """What it is, and whether it is an experiment."""
    kinds = {one.name: one.kind for one in candidates()}
    assert [*kinds] == [*CANDIDATES] and all(one.says for one in candidates())
    assert kinds["TR10"] == kinds["spared-work"] == "experiment"
    assert kinds["OU-04_00"] == kinds["SC1a"] == "observation" and kinds["R_F"] == "unseen"


# ---- the command ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two posteriors."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("cycle", "no-cycle"):
        write(folder / f"{name}.csv", toy(name))
    return folder


def test_the_command_ranks_them(desk: Path) -> None:
    """The same table for people and for machines."""
    words = ("power", "--separate", "--cycle", desk / "cycle.csv", "--no-cycle", desk / "no-cycle.csv", "--quick")
    done = setback(*words, "--draws", "10", "--json")
    assert done.code == 0
    rows = json.loads(done.out)
    assert {row["name"] for row in rows} == {*CANDIDATES}
    needed = [row["classes"] for row in rows if row["classes"] is not None]
    assert needed == sorted(needed) and rows[: len(needed)] == [row for row in rows if row["classes"] is not None]


def test_which_posteriors_are_taken(desk: Path) -> None:
    """Those of either model, from a fit where none ships."""
    wrong = setback("power", "--separate", "--cycle", desk / "no-cycle.csv", "--no-cycle", desk / "no-cycle.csv")
    assert "no-cycle.csv is of the model no-cycle; --cycle needs one of cycle" in said(wrong)
    few = ("--cycle", desk / "cycle.csv", "--no-cycle", desk / "no-cycle.csv", "--draws", "3")
    assert "draws is 3; it needs a whole number from 10" in said(setback("power", "--separate", *few))


def test_how_to_get_a_posterior(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where none ships, a sentence says so."""
    monkeypatch.setattr("setback.experiments.fit.posterior.FOLDER", tmp_path)
    message = said(setback("power", "--separate"))
    assert message.startswith("no posterior cycle ships; setback fit writes results/fits/HASH/posterior-cycle.csv")
