"""The map over two numbers, and the classes of a failure, against what was put in."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import planted

from setback.analysis.by_world import Effect, Limit, effects_asked, of_worlds
from setback.analysis.classes import CLASSES, Failing, classify
from setback.analysis.classes import of_worlds as classes_of_worlds
from setback.analysis.map import CELLS, check_worlds, class_map, grid_of, phase_map
from setback.model.errors import InputError

GRID = pd.DataFrame([*itertools.product((0.0, 1.0, 4.0), (10.0, 20.0, 50.0), (0.0, 1.0))],
                    columns=["level", "pace", "style"])  # fmt: skip


def some(n: int = 640, seed: int = 1) -> pd.DataFrame:
    """Worlds by chance."""
    return pd.DataFrame(np.random.default_rng(seed).random((n, 3)), columns=["level", "pace", "style"])


def refused(call: Any, *args: Any, **named: Any) -> str:
    """The one sentence that is said."""
    with pytest.raises(InputError) as error:
        call(*args, **named)
    message = str(error.value)
    assert message.isprintable() and not message.endswith(".")
    return message


# ---- where a world lies, and what it says -------------------------------------------------------------------
def test_each_world_lies_in_its_own_cell() -> None:
    """The first number along the first side, cells around the values; the mean is that over students, then worlds."""
    values = np.arange(18.0)[:, None] + np.array([0.0, 4.0])  # the second class has three times the students
    found = phase_map(planted(GRID, {"learning": {"curve": values}}, part=5), ["level", "pace"], "learning")
    assert [edge.tolist() for edge in found.grid.edges] == [[-0.5, 0.5, 2.5, 5.5], [5.0, 15.0, 35.0, 65.0]]
    expected = np.arange(18.0).reshape(3, 3, 2).mean(-1) + 3.0
    assert found.mean[0] == pytest.approx(expected) and (found.worlds == 2).all()
    other = phase_map(planted(GRID, {"learning": {"curve": values}}), ["pace", "level"], "learning")
    assert other.mean[0] == pytest.approx(expected.T)
    banded = phase_map(planted(GRID, {"learning": {"curve": values}}), ["level", "pace"], "learning", band="style")
    assert banded.mean[0] == pytest.approx(np.arange(18.0).reshape(3, 3, 2) + 3.0)
    assert banded.grid.edges[2].tolist() == [-0.5, 0.5, 1.5]
    table = banded.table()
    row = table[(table["level from"] == 2.5) & (table["pace to"] == 15.0) & (table["style from"] == 0.5)]
    assert row[["policy", "mean", "worlds"]].to_numpy().tolist() == [["curve", 16.0, 1]]


def test_a_world_on_an_edge_lies_in_the_cell_above_it() -> None:
    """And the last one in the last cell."""
    worlds = pd.DataFrame({"level": np.arange(17.0)})
    found = phase_map(planted(worlds, {"learning": {"curve": np.arange(17.0)}}), ["level"], "learning")
    assert found.grid.edges[0].tolist() == [0, 4, 8, 12, 16]
    assert found.mean[0].tolist() == [1.5, 5.5, 9.5, 14.0] and found.worlds[0].tolist() == [4, 4, 4, 5]


@pytest.mark.parametrize(("n", "side"), [(17, 2), (64, 4), (200, 7), (5000, CELLS)])
def test_cells_of_a_map_hold_some_worlds(n: int, side: int) -> None:
    """Few worlds make few cells, so that a map shows what varies and not where a world happens to lie."""
    assert grid_of(planted(some(n), {"learning": {"curve": np.zeros(n)}}), ["level", "pace"]).shape == (side, side)


def test_a_difference_is_paired_room_by_room() -> None:
    """What a world or a room does under both policies is not seen, and what one of them lacks is left out of both."""
    worlds, rng = some(), np.random.default_rng(2)
    noise = 100.0 * rng.normal(size=(640, 2))
    effect = worlds["level"].to_numpy() > 0.5
    one, other = noise + 0.2 * effect[:, None], noise.copy()
    other[3, 0] = np.nan
    results = planted(worlds, {"learning": {"curve": one, "criterion": other}})
    found = phase_map(results, ["level", "pace"], "learning", against="criterion")
    assert [str(e) for e in found.effects] == ["learning of curve less criterion"]
    half = found.mean.shape[1] // 2
    assert found.mean[0, : half - 1] == pytest.approx(0.0, abs=1e-9)
    assert found.mean[0, half + 1 :] == pytest.approx(0.2, abs=1e-9)
    assert of_worlds(results, found.effects[0]).to_numpy() == pytest.approx(0.2 * effect, abs=1e-9)
    [sentence] = found.sentences()
    assert "learning of curve less criterion (SD) is lowest with" in sentence


def test_what_is_not_known_is_left_out() -> None:
    """A cell of which nothing is known has no mean; a world of which one room is known has that room's."""
    values = np.ones((18, 2))
    values[:2] = np.nan
    values[2, 0] = np.nan
    values[2, 1] = 9.0
    found = phase_map(planted(GRID, {"learning": {"curve": values}}), ["level", "pace"], "learning")
    assert np.isnan(found.mean[0, 0, 0]) and found.worlds[0, 0, 0] == 0 and np.isnan(found.low[0, 0, 0])
    assert found.mean[0, 0, 1] == 5.0 and np.nansum(found.mean) == pytest.approx(7 + 5)


def test_a_grid_is_told_by_its_values() -> None:
    """And not by limits half-way to the next, which lie beyond what varies; what is alike has no highest cell."""
    values = np.arange(len(GRID))[:, None] + np.zeros((len(GRID), 2))
    [said] = phase_map(planted(GRID, {"learning": {"curve": values}}), ["level", "pace"], "learning").sentences()
    first, last = GRID.iloc[0], GRID.iloc[-1]
    assert f"lowest with level {first['level']:.2g}, pace {first['pace']:.2g}: " in said
    assert f"highest with level {last['level']:.2g}, pace {last['pace']:.2g}: " in said
    [said] = phase_map(planted(GRID, {"learning": {"curve": 0 * values}}), ["level", "pace"], "learning").sentences()
    assert said == "In the model, learning of curve (SD) is 0.00 in every cell in which it is known."


def test_the_interval_holds_the_luck_of_worlds_and_of_rooms() -> None:
    """Over 200 studies of 12 worlds in the same 12 rooms it covers the truth as often as it says."""
    covered, naive = 0, 0
    worlds = pd.DataFrame({"level": np.zeros(12), "pace": np.arange(12.0) // 6})
    for seed in range(200):
        rng = np.random.default_rng(seed)
        value = 1e3 + rng.normal(size=(12, 1)) + rng.normal(size=(1, 12)) + rng.normal(size=(12, 12))
        results = planted(worlds.assign(pace=0.0), {"learning": {"curve": value}})
        found = phase_map(results, ["level", "pace"], "learning")
        low, high = found.low.item(), found.high.item()
        covered += low <= 1e3 <= high
        of_world = of_worlds(results, found.effects[0])
        naive += abs(of_world.mean() - 1e3) <= 2.2 * of_world.std() / np.sqrt(12)
    assert 0.90 <= covered / 200 <= 0.98
    assert naive / 200 < 0.88, "worlds alone, as if they had rooms of their own, cover less"


def test_one_world_in_a_cell_has_the_interval_of_its_rooms() -> None:
    """And one world in one room has none."""
    rooms = np.random.default_rng(3).normal(size=(18, 8))
    found = phase_map(planted(GRID, {"learning": {"curve": rooms}}), ["level", "pace"], "learning", band="style")
    share = (10.0 + 20.0 * np.arange(8)) / np.sum(10.0 + 20.0 * np.arange(8))
    mean = rooms @ share
    error = np.sqrt(8 / 7 * np.square((rooms - mean[:, None]) * share).sum(1))
    assert (found.high - found.mean).reshape(-1) == pytest.approx(2.364624 * error, rel=1e-5)
    alone = phase_map(planted(GRID, {"learning": {"curve": rooms[:, 0]}}), ["level", "pace"], "learning", band="style")
    assert np.isfinite(alone.mean).all() and np.isnan(alone.low).all() and not alone.is_sure.any()


# ---- the classes of a failure -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("further", "value", "name"),
    [
        (0.10, 0.021, "learning"), (0.11, 0.021, "costly learning"), (0.10, 0.02, "harmless"),
        (0.10, -0.02, "harmless"), (0.10, -0.021, "failing"), (0.11, 0.02, "failing"), (-3.0, 0.0, "harmless"),
        (-3.0, -0.03, "failing"),
    ],
)  # fmt: skip
def test_the_marks_decide_the_class(further: float, value: float, name: str) -> None:
    """Further failures beyond 0.10 cost; a learning value beyond 0.02 SD teaches, and below -0.02 SD costs."""
    assert CLASSES[classify(further, value, Failing.at())] == name


def test_the_year_has_marks_of_its_own() -> None:
    """0.005 SD, of the year's learning value."""
    assert Failing.at("year") == ("R_F", "V_F_year", 0.10, 0.005)
    assert [CLASSES[k] for k in classify([0, 0, 0.2], [0.004, 0.006, 0.006], Failing.at("year"))] == [
        "harmless", "learning", "costly learning"
    ]  # fmt: skip
    assert classify([np.nan, 0.0], [0.0, np.nan], Failing.at()).tolist() == [-1, -1]


def test_where_which_class_holds() -> None:
    """Each world by its own effects, in its own cell; shares of the worlds whose class is known."""
    further = np.where(GRID["level"] > 2, 0.3, 0.0)
    value = np.where(GRID["pace"] > 30, 0.1, 0.0) + np.where(GRID["style"] == 1, 0.05, 0.0)
    value[0] = np.nan
    results = planted(GRID, {"learning": {"curve": value}, "R_F": {"curve": further}, "V_F_unit": {"curve": value}},
                      share=0.1)  # fmt: skip
    of_world = classes_of_worlds(results, Failing.at(), "curve")
    assert len(of_world) == 17 and 0 not in of_world.index
    found = class_map(results, ["level", "pace"], Failing.at())
    share = dict(zip(CLASSES, np.moveaxis(found.share[0], -1, 0)))
    assert found.worlds[0].tolist() == [[1, 2, 2], [2, 2, 2], [2, 2, 2]]
    assert share["learning"].tolist() == [[1, 0.5, 1], [0.5, 0.5, 1], [0, 0, 0]]
    assert share["costly learning"].tolist() == [[0, 0, 0], [0, 0, 0], [0.5, 0.5, 1]]
    assert share["failing"].tolist() == [[0, 0, 0], [0, 0, 0], [0.5, 0.5, 0]]
    assert found.whole.loc["curve", "learning"] == pytest.approx(8 / 17)
    assert found.table()["failing"].sum() == 1.0


# ---- bad input ----------------------------------------------------------------------------------------------
def test_what_cannot_be_mapped_is_said_in_a_sentence() -> None:
    """What is wrong, and what would be right."""
    results = planted(some(40), {"learning": {"curve": np.zeros(40), "criterion": np.zeros(40)}})
    assert refused(phase_map, results, ["level", "pase"], "learning") == (
        "unknown number that varies in planted 'pase'; did you mean pace?"
    )
    assert refused(phase_map, results, ["level", "level"], "learning").startswith("level is named twice; ")
    assert refused(phase_map, results, ["level", "pace"], "lerning").startswith(
        "unknown outcome that was kept 'lerning'"
    )
    assert refused(phase_map, results, ["level", "pace"], "R_F").startswith("R_F needs twins, and planted has none; ")
    assert refused(effects_asked, results, "learning", ["curve"], "curve").startswith("curve less itself is 0 ")
    assert refused(effects_asked, results, "learning", ["curv"]).startswith("unknown policy of planted 'curv'; ")
    results.unfinished = "unfinished, 1 of 2 tasks"
    assert "is unfinished, 1 of 2 tasks; finish it first" in refused(phase_map, results, ["level", "pace"], "learning")
    one = planted(some(1)[[]], {"learning": {"curve": np.zeros(1)}})
    assert refused(phase_map, one, ["level", "pace"], "learning").startswith("planted has one world, in which nothing ")
    alone = planted(some(40), {"learning": {"curve": np.zeros(40)}})
    assert refused(effects_asked, alone, "learning", None, "curve").startswith("planted has no policy but curve; ")


def test_too_few_worlds_for_a_map() -> None:
    """A map of which most cells would be empty is refused; a grid with a world in each is not."""
    few = planted(some(3), {"learning": {"curve": np.zeros(3)}})
    assert refused(check_worlds, few, grid_of(few, ["level", "pace"])) == (
        "planted has 3 worlds, too few for a map over level and pace: 3 of 9 cells hold one; about 4 a cell are needed"
    )
    check_worlds(planted(GRID, {"learning": {"curve": np.zeros(18)}}), grid_of(planted(GRID, {
        "learning": {"curve": np.zeros(18)}}), ["level", "pace"], "style"))  # fmt: skip


def test_a_limit_is_not_beyond_itself() -> None:
    """Above and below are each other's mirror image."""
    values = np.array([-1.0, 0.0, 1.0])
    assert Limit(0.0).beyond(values).tolist() == [False, False, True]
    assert Limit(0.0, False).beyond(values).tolist() == [True, False, False]
    assert (str(Limit(0.5)), str(Limit(-2.0, False))) == ("above 0.5", "below -2")
    assert Effect("learning", "curve").unit == "SD" and Effect("R_F", "curve").unit == "failures"
    assert Effect("learning.q10", "curve").unit == "SD" and Effect("gone", "curve", given_unit="weeks").unit == "weeks"
    custom = planted(some(20), {"gone": {"curve": np.zeros(20)}}, custom={"gone": {"unit": "weeks"}})
    assert [effect.unit for effect in effects_asked(custom, "gone")] == ["weeks"]
