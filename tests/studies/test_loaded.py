"""Results as frames: whole or some worlds at a time, for SALib, for the EMA workbench, as CSV."""

import dataclasses
import itertools
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import setback
from SALib.analyze import morris, sobol

import setback as sb
from setback.analysis.figures.style import axis
from setback.analysis.load import TABLES, Results, load
from setback.analysis.map import phase_map
from setback.experiments.studies import task as tasks
from setback.experiments.studies.folder import check, file_of, numbers
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.experiments.studies.worlds import ONE, Range, worlds
from setback.model.errors import InputError
from setback.model.keep import Keep
from setback.model.parameters import Parameters
from setback.model.policies import GROUPS, Policy, as_policy
from setback.model.rosters.roster import Roster, SchoolClass

POLICIES = (Policy("criterion"), Policy("curve+accelerated"), as_policy("harmful > benign @ 4"))
NAMES = [policy.name for policy in POLICIES]
VARIED = worlds("lhs", [Range.of(name) for name in ("style_mean", "level", "mastery_share")], n=9, seed=2)
#: Of failures to ability nothing is known where nobody heard of a failure.
OUTCOMES = ("learning", "below_criterion_rate", "failure_to_ability")


def study(**changes: object) -> Study:
    """A small study with something changed."""
    small = Study("small", "", POLICIES, Parameters(), Roster.synthetic(4), 5, 6, 3, 0.0, "vectorised", worlds=VARIED)
    return small.replace(**{"keep": Keep(OUTCOMES), **changes})


def run(plan: Study, results: Path, block: int = 512) -> Results:
    """Run a study in blocks of a size, and read it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "BLOCK", block)
        return load(run_study(plan, results, processes=1))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Three parts of the worlds in five tasks each, every third class traced."""
    plan = study(keep=Keep(OUTCOMES, ("control", "ready"), 0.3))
    loaded = run(plan, tmp_path_factory.mktemp("whole"), block=4)
    assert len(list((loaded.folder / "outcomes").iterdir())) == 3 * 5
    return loaded


@pytest.fixture
def part(whole: Results, tmp_path: Path) -> Path:
    """A folder with the same results, to take something away from."""
    return shutil.copytree(whole.folder, tmp_path / "part")


def refused(error: pytest.ExceptionInfo[InputError]) -> str:
    """The one sentence."""
    message = str(error.value)
    assert message.isprintable() and not message.endswith(".")
    return message


# ---- frames ------------------------------------------------------------------------------------------------
def test_design_and_outcomes(whole: Results) -> None:
    """One row a world, policy and room in both, on one index: what went in, and what came of it."""
    design, outcomes = whole.design, whole.outcomes
    assert design.index.equals(outcomes.index) and design.index.is_unique
    assert {*design.index} == {(w, p, r) for w in range(9) for p in NAMES for r in range(5)}
    assert list(outcomes) == [*OUTCOMES]
    assert list(design) == ["class", "students", "style_mean", "level", "mastery_share", *GROUPS]
    for k, name in enumerate(("style_mean", "level", "mastery_share")):
        assert (design[name] == VARIED.table[design.index.get_level_values("world"), k]).all()
    row = design.loc[4, NAMES[2], 3]
    assert (row["class"], row["students"], row["grading"], row["sequence"]) == (
        3,
        4,
        "curve > mastery",
        "instruction-first",
    )
    assert outcomes["failure_to_ability"].isna().any() and outcomes["learning"].notna().all()


def test_one_world(tmp_path: Path) -> None:
    """Where nothing varies the design holds policies and classes alone."""
    loaded = run(study(worlds=ONE), tmp_path)
    assert list(loaded.design) == ["class", "students", *GROUPS] and len(loaded.design) == 3 * 5
    assert loaded.worlds.shape == (1, 0)
    with pytest.raises(InputError) as error:
        loaded.to_salib("learning", NAMES[0])
    assert refused(error).startswith("nothing varies in ")
    experiments, _ = loaded.to_ema()
    assert list(experiments) == ["scenario", "policy", "model"] and len(experiments) == 3


@pytest.mark.parametrize("table", ["outcomes", "traces"])
def test_the_parts_are_the_whole(whole: Results, table: str) -> None:
    """Each holds everything of its worlds; one after the other they are the table."""
    parts = list(whole.in_parts(table))
    of_worlds = [{*part["world"]} for part in parts]
    assert len(parts) == 3 and sum(map(len, of_worlds)) == len(set().union(*of_worlds))
    assert max(map(len, of_worlds)) > 1 and set().union(*of_worlds) <= {*range(9)}
    together = pd.concat(parts, ignore_index=True).astype({"policy": str})
    pd.testing.assert_frame_equal(together, whole.table(table).astype({"policy": str}))
    if table == "outcomes":
        assert all(len(part) == len({*part["world"]}) * 3 * 5 for part in parts)


@pytest.mark.parametrize(("rows", "parts"), [(1, 3), (61, 2), (100_000, 1)])
def test_small_tasks_are_read_together(whole: Results, rows: int, parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part holds at least so many rows, but for the last: four worlds of a task are 60."""
    monkeypatch.setattr("setback.analysis.load.ROWS_OF_A_PART", rows)
    found = list(whole.in_parts())
    assert len(found) == parts and all(len(part) >= rows for part in found[:-1])
    pd.testing.assert_frame_equal(
        pd.concat(found, ignore_index=True).astype({"policy": str}), whole.table("outcomes").astype({"policy": str})
    )


def test_parts_of_a_grid(tmp_path: Path) -> None:
    """Its worlds are taken in turns, two a task as the largest power of two in a block, and still come all at once."""
    grid = worlds("grid", [Range.of("level")], steps=7)
    parts = list(run(study(worlds=grid), tmp_path, block=3).in_parts())
    assert [sorted({*part["world"]}) for part in parts] == [[0, 4], [1, 5], [2, 6], [3]]
    assert all(len(part) == len({*part["world"]}) * 3 * 5 for part in parts)


def test_twins_in_parts(tmp_path: Path) -> None:
    """A room of a world may have none; the others are found in the part of their world."""
    made = worlds("grid", [Range.of("level", -1, 0)], steps=3)
    plan = study(policies=POLICIES[:2], share=0.15, weeks=15, rooms=6, roster=Roster.synthetic(6), worlds=made)
    loaded = run(plan, tmp_path)
    parts = list(loaded.in_parts("twins"))
    assert [{*part["world"]} for part in parts] == [{0}, {1}, {2}]
    assert sum(map(len, parts)) == len(loaded.twins) > 0
    per_task = [len(pd.read_parquet(file)) for file in (loaded.folder / "twins").iterdir()]
    assert 0 in per_task, "every room has a twin; take a smaller share"


def test_more_tasks_than_five_digits_count(whole: Results) -> None:
    """The order is that of numbers, not of letters, and every number has a name."""
    manifest = whole.manifest.model_copy(update={"tasks": 200_000})
    for number in (99_999, 100_000):
        assert file_of(Path("r"), "outcomes", number).as_posix() == f"r/outcomes/{number}.parquet"
    assert check(whole.folder, manifest).done == tuple(range(15))
    assert numbers([*range(15), 99_999, 100_000, 100_002]) == "0-14, 99999-100000, 100002"


def test_what_is_not_finished(whole: Results, part: Path) -> None:
    """What is there can be read, without what belongs to no finished task; sensitivities have to wait."""
    for number in (*range(1, 10), 14):
        (part / "outcomes" / f"{number:05d}.parquet").unlink()
    loaded = load(part)
    rows = loaded.outcomes.reset_index()
    assert [{*rows[rows["world"] == world]["room"]} for world in (0, 4, 8)] == [{0}, set(), {0, 1, 2, 3}]
    assert {*zip(loaded.table("traces")["world"], loaded.table("traces")["room"])} < {
        *zip(whole.table("traces")["world"], whole.table("traces")["room"])
    }
    assert not len(loaded.table("traces").query("4 <= world < 8"))
    for ask in (lambda: loaded.to_salib("learning", "criterion"), lambda: loaded.to_ema(["learning"])):
        with pytest.raises(InputError) as error:
            ask()
        assert refused(error) == f"{part} is unfinished, 5 of 15 tasks; finish it first"
    size = "9 worlds, 3 policies, 5 rooms, 6 weeks, seed 3"
    assert str(loaded) == f"Results('small': {size}, unfinished, 5 of 15 tasks; {part})"
    out = part.parent / "part.csv"
    done = setback("export", str(part), "--out", str(out))
    assert done.out == f"{out}: {len(rows)} rows; the run is unfinished, 5 of 15 tasks\n"


def test_outcomes_of_worlds(whole: Results) -> None:
    """One number a world: the mean over students, rooms in which it is not known left out."""
    rows = whole.rows.astype({"policy": str})
    for outcome in OUTCOMES:
        values = whole.of_worlds(outcome, NAMES[1])
        mine = rows[rows["policy"] == NAMES[1]].groupby("world")[outcome].mean()
        assert values.index.tolist() == [*range(9)]
        assert values.to_numpy() == pytest.approx(mine.to_numpy(), abs=1e-12, nan_ok=True)


def test_classes_count_by_their_students(tmp_path: Path) -> None:
    """A class of six counts three times as much as one of two."""
    two_and_six = Roster((*Roster.synthetic(2).classes, *Roster.synthetic(6).classes), "unequal")
    loaded = run(study(roster=two_and_six, rooms=2), tmp_path)
    small, large = (
        loaded.outcomes["learning"].xs(room, level="room").xs("criterion", level="policy") for room in (0, 1)
    )
    mean = loaded.of_worlds("learning", "criterion")
    assert mean.to_numpy() == pytest.approx(((2 * small + 6 * large) / 8).to_numpy(), abs=1e-12)


def test_a_policy_by_another_name(whole: Results) -> None:
    """Aliases and presets, and parts in any order, are the policy that they say."""
    for name, other in ((NAMES[2], "harmful > low-pressure-mastery @ 4"), (NAMES[1], "accelerated + curve")):
        assert other != name
        assert whole.of_worlds("learning", other).equals(whole.of_worlds("learning", name))
        assert np.array_equal(whole.to_salib("learning", other).Y, whole.to_salib("learning", name).Y)


def test_names_that_are_not_there(whole: Results) -> None:
    """The nearest is offered."""
    for ask in (whole.of_worlds, whole.to_salib):
        with pytest.raises(InputError) as error:
            ask("lerning", "criterion")
        assert refused(error) == "unknown outcome that was kept 'lerning'; did you mean learning?"
        with pytest.raises(InputError) as error:
            ask("learning", "criteria")
        assert refused(error) == "unknown policy of small 'criteria'; did you mean criterion?"
    for table in ("twins", "design", "", ".", "../outcomes"):
        with pytest.raises(InputError) as error:
            whole.dataset(table)
        assert refused(error).startswith(f"unknown table of results {table!r}; ")
        assert whole.table(table).empty and list(whole.in_parts(table)) == []
    assert TABLES == ("outcomes", "twins", "traces", "predictions", "evidence", "groups")


def test_a_dataset_is_the_table(whole: Results) -> None:
    """For what does not fit into memory."""
    found = whole.dataset().to_table(columns=["world", "learning"])
    assert found["learning"].to_pylist() == whole.rows["learning"].tolist()


@pytest.mark.parametrize("broken", ["outcomes/00003.parquet", "traces/00003.parquet", "tasks/00003.json"])
def test_a_damaged_file(whole: Results, part: Path, broken: str) -> None:
    """Its task is not counted as done, and the rest is read."""
    (part / broken).write_bytes((part / broken).read_bytes()[:100])
    loaded = load(part)
    assert loaded.state.done == (0, 1, 2, *range(4, 15))
    names = ("outcomes/00003.parquet", "tasks/00003.json", "traces/00003.parquet")
    assert sorted(loaded.state.damaged) == sorted(names) and not loaded.state.foreign
    lost = len(pd.read_parquet(whole.folder / "outcomes" / "00003.parquet"))
    assert len(loaded.rows) == len(whole.rows) - lost
    with pytest.warns(UserWarning, match="part is unfinished, 14 of 15 tasks$"):
        sb.load(part).summary()


def test_a_manifest_with_anything_else_in_it(part: Path) -> None:
    """One key too many, one too few or a number as text, of the study or of a run: it is not as it was written."""
    file = part / "manifest.json"
    about = json.loads(text := file.read_text())
    (ran,) = about["runs"]
    tables = ({**about, "more": 1}, {**about, "tasks": "15"}, {k: v for k, v in about.items() if k != "notes"})
    runs = ({**ran, "more": 1}, {**ran, "tasks": "15"}, {k: v for k, v in ran.items() if k != "command"})
    for spoilt in (*tables, *({**about, "runs": [run]} for run in runs)):
        file.write_text(json.dumps(spoilt))
        with pytest.raises(InputError) as error:
            load(part)
        assert refused(error) == f"{file} is not as it was written; the same setback run makes it anew"
    file.write_text(text)
    assert load(part).state.is_finished


# ---- every number ------------------------------------------------------------------------------------------
#: Three real classes of unequal size in five rooms, in worlds in which students soon stop.
UNEQUAL = Roster([SchoolClass(f"class {k}", tuple(map(str, range(n))), {}) for k, n in enumerate((3, 7, 12))], "real")
STOPPING = Parameters(skip_level=-1.0, dropout_level=-5.0, dropout_not_submitted=2.0)
TWO = worlds("lhs", [Range.of("style_mean"), Range.of("retention")], n=4, seed=5)
TRACED = ("control", "enrolled")
REAL = {"roster": UNEQUAL, "parameters": STOPPING, "weeks": 9}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A study of such classes, in tasks of a few cells each."""
    plan = study(**REAL, worlds=TWO, keep=Keep(("dropout", "learning", "learned_after_failure"), TRACED, 0.5))
    return run(plan, tmp_path_factory.mktemp("real"), block=3)


def alone(world: int, policy: str) -> sb.Result:
    """The classes of `real` in one world under one policy, run without a study."""
    there = {**STOPPING, **dict(zip(TWO.names, TWO.table[world]))}
    keep = Keep(students=TRACED)
    return sb.simulate(policy, there, UNEQUAL, rooms=5, seed=3, weeks=9, keep=keep)


def test_every_frame_holds_what_a_simulation_holds(real: Results) -> None:
    """Each number of each frame is that of the same classes in the same world under the same policy."""
    kept, names = list(real.study["keep"]["outcomes"]), list(real.policies.index)
    rows = real.rows.astype({"policy": str}).set_index(["world", "policy", "room"]).sort_index()
    weeks = real.per_student_week()
    outcomes = real.outcomes.sort_index()
    means: dict[tuple[int, str], dict[str, float]] = {}
    experiments, arrays = real.to_ema()
    at = {key: k for k, key in enumerate(zip(experiments["scenario"], experiments["policy"], strict=True))}
    count = 0
    for world, policy in itertools.product(range(4), names):
        run = alone(world, policy)
        by_room = run.per_student().groupby("room")
        mine = rows.loc[world, policy]
        assert mine["class"].tolist() == [0, 1, 2, 0, 1] and mine["students"].tolist() == [3, 7, 12, 3, 7]
        expected = by_room[kept].mean()
        assert mine[kept].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12, nan_ok=True)
        assert outcomes.loc[world, policy].equals(mine[kept])
        # of all students of the rooms in which it is known
        size = mine["students"].to_numpy()
        means[world, policy] = {
            name: float((expected[name] * size).sum() / (size * expected[name].notna()).sum()) for name in kept
        }
        for name in kept:
            assert real.of_worlds(name, policy)[world] == pytest.approx(means[world, policy][name], abs=1e-12)
            assert arrays[name][at[world, policy]] == pytest.approx(means[world, policy][name], abs=1e-12)
        assert experiments.loc[at[world, policy], list(TWO.names)].tolist() == TWO.table[world].tolist()
        year = run.per_student_week().astype({"student": int}).set_index(["room", "student", "week"])[[*TRACED]]
        part = weeks[(weeks["world"] == world) & (weeks["policy"] == policy)].set_index(["room", "seat", "week"])
        assert part[[*TRACED]].to_numpy() == pytest.approx(year.loc[part.index].to_numpy(), abs=1e-6)
        assert part.index.is_unique and len(part) == 9 * sum((3, 7, 12)[room % 3] for room in {*part.index.levels[0]})
        count += len(part)
    assert count == len(weeks) and weeks["room"].nunique() > 1
    assert {0.0, 1.0} == {*weeks["enrolled"]}, "some students stop, and some do not"
    assert rows["learned_after_failure"].isna().any(), "of some rooms it is not known"
    units = {"dropout": "share of students", "learning": "SD", "learned_after_failure": "share of failures"}
    found = real.summary()
    assert list(zip(found["policy"], found["outcome"])) == list(itertools.product(names, kept))
    for row in found.to_dict("records"):
        values = [means[world, row["policy"]][row["outcome"]] for world in range(4)]
        centre = sum(values) / 4
        expected_row = {
            "policy": row["policy"], "outcome": row["outcome"], "unit": units[row["outcome"]], "mean": centre,
            "spread": math.sqrt(sum((value - centre) ** 2 for value in values) / 3), "lowest": min(values),
            "highest": max(values), "worlds": 4,
        }  # fmt: skip
        assert list(row) == list(expected_row)
        assert {**row} == {
            name: pytest.approx(value, abs=1e-12) if isinstance(value, float) else value
            for name, value in expected_row.items()
        }


def test_the_figure_of_many_worlds(real: Results) -> None:
    """The first outcome that is kept, or that of the claim, over what varies, a panel a policy."""
    claim = {"outcome": "learning", "policy": NAMES[1], "against": None, "direction": "above", "beyond": 0.0,
             "description": "", "supported": 0.95, "refuted": 0.05}  # fmt: skip
    claimed = real.manifest.model_copy(update={"study": {**real.study, "claim": claim}})
    for results, outcome in ((real, "dropout"), (dataclasses.replace(real, manifest=claimed), "learning")):
        figure = results.plot()
        *panels, bar = figure.axes
        assert bar.get_ylabel() == axis(outcome)
        found = phase_map(results, TWO.names, outcome)
        edges = found.grid.edges
        for ax, values in zip(panels, found.mean, strict=True):
            (mesh,) = ax.collections
            assert np.ma.filled(np.ma.asarray(mesh.get_array(), float), np.nan) == pytest.approx(values.T, nan_ok=True)
            assert (*ax.get_xlim(), *ax.get_ylim()) == (*edges[0][[0, -1]], *edges[1][[0, -1]])
        assert (figure.get_supxlabel(), figure.get_supylabel()) == tuple(map(axis, TWO.names))
        assert figure.get_suptitle().startswith("small: 5 rooms in each of 4 worlds")


def test_the_figure_of_one_world(tmp_path: Path) -> None:
    """The effects of a failure where there are twins; else there is nothing to draw."""
    plan = study(**{**REAL, "weeks": 14}, policies=POLICIES[:2], worlds=ONE)
    loaded = run(plan.replace(share=1.0), tmp_path / "twins")
    assert (loaded.twins["class"] == loaded.twins["room"] % 3).all() and loaded.twins["room"].nunique() > 3
    figure = loaded.plot()
    assert figure.get_suptitle().startswith("2 policies, the same 5 classes and the same luck\n")
    values = {entry["policy"]: entry["line"]["spared"]["R_F"]["value"] for entry in loaded.claims()}
    marks = [line.get_xdata()[0] for ax in figure.axes[:2] for line in ax.lines if line.get_marker() != "None"]
    assert marks == [value for value in values.values() if value is not None] and [*values] == NAMES[:2]
    assert {path.name for path in loaded.write()} == {"claims.json", "claims.png", "lags.png"}
    one = run(plan.replace(share=1.0, policies=POLICIES[:1], rooms=1), tmp_path / "one").plot()
    assert one.get_suptitle().startswith("1 policy, the same 1 class and the same luck\n")
    without = run(plan, tmp_path / "none")
    with pytest.raises(InputError) as error:
        without.plot()
    assert refused(error) == "small has one world and no twins; there is nothing to draw"
    assert {path.name for path in without.write()} == {"claims.json"}
    practice = run(plan.replace(share=1.0, flips=("practice",)), tmp_path / "practice").plot()
    assert practice.axes[0].get_xlabel() or practice.axes[1].get_xlabel(), "whatever was turned is drawn"


# ---- SALib -------------------------------------------------------------------------------------------------
#: The one decides how much is failed, the second moves a little, the last is the time for what no policy here does.
PLAIN, SOME, NONE = Range.of("level"), Range.of("drift_sd"), Range.of("time_retake")


def sensitive(design: str, n: int, results: Path) -> Results:
    """A study whose failures depend on the level and hardly on anything else."""
    made = worlds(design, [NONE, PLAIN, SOME], n=n, seed=1)
    return run(study(worlds=made, rooms=2, policies=POLICIES[:2], keep=Keep(("below_criterion_rate",))), results)


def test_sobol_indices(tmp_path: Path) -> None:
    """Finite, in the right order, none for what does nothing."""
    loaded = sensitive("saltelli", 64, tmp_path)
    for policy in NAMES[:2]:
        s = loaded.to_salib("below_criterion_rate", policy)
        names = ["time_retake", "level", "drift_sd"]
        assert s.problem == {"num_vars": 3, "names": names, "bounds": [[0, 1]] * 3}, "shares of the ranges"
        assert s.X.shape == (64 * 5, 3) and s.Y.shape == (64 * 5,) and (s.X >= 0).all() and (s.X <= 1).all()
        found = sobol.analyze(s.problem, s.Y, calc_second_order=False, seed=1)
        assert np.isfinite(found["S1"]).all() and np.isfinite(found["ST"]).all()
        none, level, some = found["ST"]
        assert none == 0 < some < level and level > 0.5 and found["S1"][1] > 0.5


def test_morris_effects(tmp_path: Path) -> None:
    """The same order, from few worlds."""
    s = sensitive("morris", 12, tmp_path).to_salib("below_criterion_rate", NAMES[0])
    assert s.X.shape == (12 * 4, 3)
    found = morris.analyze(s.problem, s.X, s.Y, seed=1)
    none, level, some = found["mu_star"]
    assert np.isfinite(found["sigma"]).all() and none == 0 < some < level and found["mu"][1] > 0


def test_shares_of_a_range(tmp_path: Path) -> None:
    """From 0 to 1 by the distribution of each; a single value that is listed is no range."""
    ranges = [Range.of("retention"), Range.of("level", 0, 1), Range.of("peer_norm", values=[0.2])]
    loaded = run(study(worlds=worlds("grid", ranges, steps=3), rooms=1, policies=POLICIES[:1]), tmp_path)
    shares = loaded.to_salib("learning", NAMES[0]).X
    expected = [[a, b, 0.0] for a in (0, 0.5, 1) for b in (0, 0.5, 1)]
    assert shares == pytest.approx(np.array(expected), abs=1e-12)


# ---- the EMA workbench -------------------------------------------------------------------------------------
def test_to_ema(whole: Results) -> None:
    """One row an experiment, a world under a policy, and an array an outcome in the same order."""
    experiments, outcomes = whole.to_ema()
    assert list(experiments) == ["style_mean", "level", "mastery_share", "scenario", "policy", "model"]
    assert len(experiments) == 9 * 3 and {*experiments["model"]} == {"setback"}
    assert outcomes.keys() == {*OUTCOMES} and all(values.shape == (27,) for values in outcomes.values())
    for name in NAMES:
        mine = (experiments["policy"] == name).to_numpy()
        assert experiments["scenario"][mine].tolist() == [*range(9)]
        assert (experiments.loc[mine, ["style_mean", "level", "mastery_share"]].to_numpy() == VARIED.table).all()
        for outcome, values in outcomes.items():
            assert values[mine] == pytest.approx(whole.of_worlds(outcome, name).to_numpy(), abs=1e-12, nan_ok=True)


# ---- CSV ---------------------------------------------------------------------------------------------------
def exact(path: Path) -> pd.DataFrame:
    """A CSV file to the last digit of its numbers."""
    text = pd.read_csv(path, dtype=str)
    return text.astype({name: float for name in text.columns if name != "policy"})


def test_outcomes_as_csv(whole: Results, tmp_path: Path) -> None:
    """Every row with what varies beside it, to the last digit."""
    assert whole.to_csv(tmp_path / "all.csv") == len(whole.rows) == 9 * 3 * 5
    found = exact(tmp_path / "all.csv")
    assert list(found) == [
        "world",
        "policy",
        "room",
        "class",
        "students",
        *OUTCOMES,
        "style_mean",
        "level",
        "mastery_share",
    ]
    mine = whole.rows.astype({"policy": str}).join(whole.worlds, on="world")
    pd.testing.assert_frame_equal(found, mine, check_exact=True, check_dtype=False)
    assert [path.name for path in tmp_path.iterdir()] == ["all.csv"]


def test_traces_as_csv(whole: Results, tmp_path: Path) -> None:
    """One header, and what varies beside the slots."""
    assert whole.to_csv(str(tmp_path / "traces.csv"), "traces") == len(whole.table("traces")) > 0
    found = exact(tmp_path / "traces.csv")
    assert list(found)[-5:] == ["control", "ready", "style_mean", "level", "mastery_share"]
    assert found["ready"].tolist() == whole.table("traces")["ready"].tolist()
    assert (found["mastery_share"] == VARIED.table[found["world"].astype(int), 2]).all()


def test_a_table_without_rows_as_csv(tmp_path: Path) -> None:
    """It has its header."""
    loaded = run(study(keep=Keep(OUTCOMES, ("control",), 1e-9)), tmp_path / "results")
    assert loaded.to_csv(tmp_path / "none.csv", "traces") == 0
    assert pd.read_csv(tmp_path / "none.csv").columns[:6].tolist() == [
        "world",
        "policy",
        "room",
        "week",
        "seat",
        "control",
    ]


def test_csv_where_none_can_be(whole: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there stays; nothing is left over."""
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text("mine")
    Path("folder").mkdir()
    for place, why in {
        "mine.csv": "there already; name another",
        "folder": "a folder; name a",
        ".": "a folder; name a",
    }.items():
        with pytest.raises(InputError) as error:
            whole.to_csv(place)
        assert refused(error).startswith(f"{Path(place)} is {why} file")
    for place in ("none/x.csv", "mine.csv/x.csv", "x" * 300):
        with pytest.raises(InputError) as error:
            whole.to_csv(place)
        assert refused(error).startswith(f"{place} cannot be written: ")
    for table in ("twins", "design", ""):
        with pytest.raises(InputError) as error:
            whole.to_csv("x.csv", table)
        assert refused(error).startswith(f"unknown table of results {table!r}; ")
    assert Path("mine.csv").read_text() == "mine" and {*Path().iterdir()} == {Path("mine.csv"), Path("folder")}


def test_csv_that_comes_to_nothing(part: Path, tmp_path: Path) -> None:
    """A table that breaks in the middle leaves no file, not even half of one."""
    loaded = load(part)
    (part / "outcomes" / "00014.parquet").write_bytes(b"PAR1")
    before = {*tmp_path.iterdir()}
    with pytest.raises(InputError) as error:
        loaded.to_csv(tmp_path / "all.csv")
    assert refused(error).startswith(f"{part} holds no results that can be read; ")
    assert {*tmp_path.iterdir()} == before
