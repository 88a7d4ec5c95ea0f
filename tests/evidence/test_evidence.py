"""The published evidence over many worlds, and null models that are refitted before they are compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import setback

import setback as sb
from setback.analysis.evidence import counts, inside, moved_by, reach
from setback.analysis.figures import evidence_figure
from setback.experiments.evidence import refit as refitting
from setback.experiments.evidence.measured import digest, measured, policies_of, rows_named, weeks_of
from setback.experiments.evidence.nulls import NULLS, OF_LEVELS
from setback.experiments.evidence.rows import NUMERIC, SIGN, Fact, Target, facts, targets
from setback.experiments.gradebook.contexts import simulated_facts
from setback.experiments.trials.run import World
from setback.experiments.twins.twins import failure_twins
from setback.model.engines.block import Held, columns
from setback.model.engines.registry import chosen, engine
from setback.model.errors import InputError
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

SMALL = """
[study]
name = "reach"
seed = 5
[policies]
named = ["reference"]
[worlds]
design = "lhs"
n = 30
vary = ["style_mean", "skip_level", "curve.threat"]
[rooms]
count = 3
weeks = 4
[evidence]
rows = ["GR3a", "AT4a", "JH1"]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study that measures evidence."""
    path = tmp_path_factory.mktemp("evidence") / "reach.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


# ---- rows --------------------------------------------------------------------------------------------------------
def test_rows_by_name_and_by_set() -> None:
    """Rows stand in the order of the tables, each once; a book that the model cannot speak to is in no set."""
    assert rows_named(["JH1", "trials", "PF1"]) == (*(row for row in rows_named(["trials"])), "JH1")
    assert {*rows_named(["all"])} == {*rows_named(["trials"]), *rows_named(["facts"])}
    assert "ST-02K" not in rows_named(["all"]) and "TR6b" not in rows_named(["all"])
    with pytest.raises(InputError, match="unknown row of the evidence 'PF9'; did you mean PF2 or PF1 or PA9"):
        rows_named(["PF9"])


def test_what_decides_a_figure_is_in_the_key(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that says something else files its study elsewhere; its question does not."""
    from setback.experiments.evidence import measured as module

    plan = sb.Study.read(study)
    key, trials = plan.key(), dict(module.shipped_trials())
    about = trials["GR3a"].about
    for change, moves in (({"question": "Other?"}, False), ({"weeks": about.weeks - 1}, True), ({"seed": 9}, True)):
        other = trials["GR3a"]._replace(about=about.model_copy(update=change))
        monkeypatch.setattr(module, "shipped_trials", lambda other=other: {**trials, "GR3a": other})
        assert (plan.key() != key) == moves, change
    assert digest(["AT4a"]) != digest(["AT4b"])


def test_the_weeks_of_a_world_are_counted_once_a_condition() -> None:
    """Trials that share a condition cost the longest of them, books what their context lasts."""
    assert weeks_of(["AT4a", "AT4b"]) == 1 and weeks_of(["SC1a", "SC1b", "TR1"]) == 72
    assert weeks_of(["PF1"]) == 24 and weeks_of(["JH1", "JP1"]) == 15


# ---- a study of worlds -------------------------------------------------------------------------------------------
def test_a_study_measures_what_each_world_says(study: Path, tmp_path: Path) -> None:
    """The figures of a world are those of its own numbers, in its own rooms."""
    plan = sb.Study.read(study)
    found = plan.run(tmp_path, 1)
    assert list(found.evidence.columns) == ["GR3a", "AT4a", "JH1"] and list(found.evidence.index) == list(range(30))
    for world in (0, 17):
        numbers = dict(zip(plan.worlds.names, plan.worlds.table[world].tolist()))
        mine = {name: value for name, value in numbers.items() if name in MODEL.table.names}
        here = World(MODEL.parameters(mine), numbers, chosen("auto"))
        alone = measured(plan.evidence, here, range(3 * world, 3 * world + 3), plan.seed)
        assert alone == pytest.approx(found.evidence.loc[world].to_dict(), nan_ok=True)
        for rooms, seed in ((range(60, 63), plan.seed), (range(3 * world, 3 * world + 3), 6)):
            other = measured(plan.evidence, here, rooms, seed)
            assert all(other[row] != alone[row] for row in plan.evidence), (rooms, seed)
    assert "curve.threat" in plan.worlds.names  # a policy of a trial takes it, the study's own does not
    assert any("curve" in policy.name for policy in policies_of(["GR3a"]))


def test_a_world_is_one_school_for_trials_and_books() -> None:
    """What a criterion assumes in a world reaches the trials and the grade books alike."""
    worlds = (World(MODEL.parameters(), {"criterion.threat": threat}, chosen("auto")) for threat in (0.3, 0.7))
    low, high = (measured(["GR1b", "OU-03f3", "PT-01"], world, range(30), 0) for world in worlds)
    assert all(low[row] != high[row] for row in low)
    assert any("assignment_every=6" in policy.name for policy in policies_of(["OU-03f3"]))


def test_reach_says_what_moves_a_row(study: Path, tmp_path: Path) -> None:
    """A figure moves with the number that it measures; the middle of the worlds is theirs."""
    table = reach(sb.Study.read(study).run(tmp_path, 1))
    assert (
        list(table.loc["AT4a", "moved_by"])[:1] == ["style_mean"] and table.loc["AT4a", "moved_by"]["style_mean"] > 0.8
    )
    assert list(table.loc["JH1", "moved_by"])[:1] == ["skip_level"] and table.loc["JH1", "moved_by"]["skip_level"] > 0.8
    row = table.loc["AT4a"]
    assert row["lowest"] < 0.3 and row["highest"] > 0.5 and row["inside"] == "all" and 0.1 < row["hits"] < 0.9
    assert sum(counts(table).values()) == 3


def planted(figures: Mapping[str, Any], worlds: Mapping[str, Any]) -> Any:
    """Results of worlds whose figures are stated."""
    return SimpleNamespace(evidence=pd.DataFrame(figures), worlds=pd.DataFrame(worlds))


def test_reach_on_planted_worlds() -> None:
    """Percentiles, hits and distances are those of the worlds; what is not known is counted apart."""
    x = np.linspace(-1.0, 1.0, 101)
    figures = {"PF1": 0.36 + 0.5 * x, "PF2": 0.1 + 0.01 * x, "GR2a": x, "AT6": np.where(x > 0, 1.5, np.nan)}
    table = reach(planted(figures, {"a": x, "b": np.cos(40.0 * x), "c": -np.exp(x)}))
    assert table.loc["PF1", ["lowest", "middle", "highest"]].tolist() == pytest.approx([-0.115, 0.36, 0.835])
    assert table.loc["PF1", ["from_lowest", "from_highest"]].tolist() == pytest.approx([-0.475 / 0.16, 0.475 / 0.15])
    assert table.loc["PF1", "hits"] == pytest.approx(np.mean((figures["PF1"] >= 0.2) & (figures["PF1"] <= 0.51)))
    assert table["inside"].tolist() == ["all", "none", "both", "right"]
    assert table.loc["GR2a", "hits"] == pytest.approx(50 / 101)
    assert table.loc["AT6", ["hits", "unknown"]].tolist() == pytest.approx([50 / 101, 51 / 101])
    assert table.loc["PF1", "moved_by"] == pytest.approx({"a": 1.0, "c": -1.0})
    assert len(evidence_figure(table).axes) == 2


def test_inside_and_what_chance_makes() -> None:
    """A tolerance lies within, in part, or not at all; noise moves nothing."""
    target = Target(NUMERIC, 0.0, -1.0, 1.0)
    assert [inside(target, *ends) for ends in ((-2, 2), (-0.5, 2), (1.5, 2), (-3, -2))] == [
        "all",
        "part",
        "none",
        "none",
    ]
    sign = Target(SIGN, np.nan, 0.0, np.inf)
    assert [inside(sign, *ends) for ends in ((-1, 1), (0.5, 1), (-2, -1))] == ["both", "right", "wrong"]
    rng = np.random.default_rng(3)
    named = sum(
        len(moved_by(pd.Series(rng.normal(size=60)), pd.DataFrame(rng.normal(size=(60, 20))))) for _ in range(40)
    )
    assert named <= 8  # of 40 rounds of 20 numbers, one in twenty by chance


# ---- null models -------------------------------------------------------------------------------------------------
#: What is free to persist without a cycle.
PERSISTS = {"diligence_sd": 1.0, "diligence_drift_sd": 0.5, "drift_slow_sd": 0.3, "dropout_outside": 0.005}


def test_without_a_cycle_results_teach_and_discourage_nobody() -> None:
    """A test that all fail or all pass changes knowledge, and no week's handing in, staying, wanting or trying."""
    lively = {"skip_level": -1.5, "dropout_level": -5.0, "effort_challenge": 0.0, "curiosity_size": 0.08}
    slots = "submitted", "enrolled", "effort", "expectancy", "control", "affect", "interest", "reserve", "conceptual"
    seats, run = Roster.synthetic().seats([0, 1, 2], 1), engine(chosen("auto"))
    for name, moves in (("no-cycle", False), ("cycle", True)):
        world = MODEL.parameters({**PERSISTS, **lively, **NULLS[name].held})
        block = columns(seats, [MODEL.policy("criterion+threat=0.8")], [world])
        made = []
        for margin in (-2.0, 2.0):
            hold = Held(np.full((20, 30, 3), margin), np.arange(20)[:, None, None] == np.full((1, 30, 3), 4))
            made.append(run(block, 20, slots, {"test_margin": hold}).trace)
        failed, passed = made
        changed = {slot for slot in slots if (failed[slot] != passed[slot]).any()}
        assert changed == ({*slots} if moves else {"conceptual"}), name


@pytest.mark.parametrize("name", ["drifting-ability", "stable-ability"])
def test_a_model_of_ability_alone_has_no_cycle(name: str) -> None:
    """No flip of any kind changes a later week, whatever is free, and no state moves."""
    world = MODEL.parameters({**PERSISTS, **NULLS[name].held})
    seats = Roster.synthetic().seats([0], 1)
    run = engine(chosen("auto"))
    policies = [MODEL.policy("criterion"), MODEL.policy("criterion+assignment_every=3+cut=-0.4")]
    _, twins = failure_twins(seats, policies, world, 36, 0.3, run, ("line", "label", "practice"))
    assert len(twins["week"]) > 50
    for column in ("margin_later", "R_F", "dropout_later"):
        for values in (values for named, values in twins.items() if named.startswith(column)):
            assert (np.nan_to_num(values) == 0.0).all(), column
    year = run(
        columns(seats, [MODEL.policy("criterion")], [world]), 36, ["control", "affect", "expectancy", "submitted"]
    )
    for state in ("control", "affect", "expectancy"):
        assert (year.trace[state] == year.trace[state][0]).all(), state


def test_each_null_model_lacks_one_cause_more() -> None:
    """Who hands in differs between students under no-cycle, drifts where that is said, and not at all at the end."""
    rows, levels = ["JH4d", "OU-07_1"], {"diligence_sd": 1.5, "drift_slow_sd": 0.6, "drift_sd": 0.6}
    of = {
        name: simulated_facts({**levels, **NULLS[name].held}, rows, 60)
        for name in ("no-cycle", "drifting-ability", "stable-ability")
    }
    assert of["no-cycle"]["JH4d"] > 0.2 and abs(of["drifting-ability"]["JH4d"]) < 0.06
    assert of["stable-ability"]["OU-07_1"] > of["drifting-ability"]["OU-07_1"] + 0.05
    assert {*NULLS["stable-ability"].free} < {*NULLS["no-cycle"].free} < {*NULLS["cycle"].free}
    assert all(name in {**MODEL.table.by_name} for null in NULLS.values() for name in (*null.held, *null.free))


def test_a_refit_finds_what_was_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts made by known levels are found again on fresh classes, from defaults that miss them."""
    truth = {**NULLS["no-cycle"].held, "skip_level": -1.6, "diligence_sd": 1.6, "knowledge_sd": 0.7}
    made = simulated_facts(truth, refitting.rows_of("osu"), range(5000, 5400))

    def known() -> dict[str, Fact]:
        return {
            row: fact._replace(target=Target(NUMERIC, made[row], made[row] - 0.03, made[row] + 0.03))
            if row in made else fact
            for row, fact in facts().items()
        }  # fmt: skip

    monkeypatch.setattr(refitting, "facts", known)
    found = refitting.refit(NULLS["no-cycle"], "osu", tries=400, rooms=30, seed=1)
    assert found.loss < 4.0 < 20.0 < found.loss_before
    assert found.figures == pytest.approx(made, abs=0.05)
    again = refitting.refit(NULLS["no-cycle"], "osu", tries=120, rooms=30, seed=1, start=found.numbers)
    assert again.loss <= found.loss + 2.0  # a few candidates, from where the search had ended


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    """A figure that is not known stays unknown; a file that says something else is refused."""
    found = refitting.Refit("cycle", "osu", {"level": 0.5}, {"JH1": np.nan}, {"JH1": np.nan}, 25.0, 50.0, 1.0, 120)
    path = tmp_path / "refits" / "a.json"
    refitting.write(path, found)
    again = refitting.read(path, refitting.Refit)
    assert again[:3] == found[:3] and again[5:] == found[5:] and np.isnan(again.figures["JH1"])
    path.write_text(path.read_text().replace("25.0", '"x"'), encoding="utf-8")
    with pytest.raises(InputError, match="is no refit; remove it"):
        refitting.read(path, refitting.Refit)


def test_a_loss_is_cut_off() -> None:
    """A figure far off, or none at all, counts as five tolerances; near ones as they are."""
    targets = {"JH1": facts()["JH1"].target}
    near = targets["JH1"].value + 0.5 * (targets["JH1"].high - targets["JH1"].value)
    assert refitting.total({"JH1": near}, targets) == pytest.approx(0.25)
    assert refitting.total({"JH1": 99.0}, targets) == refitting.total({"JH1": np.nan}, targets) == 25.0


# ---- the command line --------------------------------------------------------------------------------------------
def test_the_prior_beside_the_evidence(study: Path, tmp_path: Path) -> None:
    """A line a row, a table and a picture beside the results; the same again without running anything."""
    args = ("evidence", "--prior", "--study", study, "--results", tmp_path, "--processes", "1")
    done = setback(*args)
    assert (done.code, done.err) == (0, "")
    assert "30 worlds of the prior, 3 classrooms in each, seed 5" in done.out and "AT4a  0.4 [0.3, 0.5]" in done.out
    (folder,) = (tmp_path / "reach").iterdir()
    table = pd.read_csv(folder / "evidence.csv", index_col="row")
    assert list(table.index) == ["GR3a", "AT4a", "JH1"] and table.loc["AT4a", "moved_by"].startswith("style_mean +0.")
    assert (folder / "evidence.png").read_bytes()[:4] == b"\x89PNG"
    rows = json.loads(setback(*args, "--json").out)
    assert [row["row"] for row in rows] == ["GR3a", "AT4a", "JH1"] and rows[1]["hits"] == pytest.approx(
        table["hits"]["AT4a"]
    )
    (one,) = json.loads(setback("evidence", "AT4a", *args[1:], "--json").out)
    assert one["row"] == "AT4a"


def test_nulls_are_refitted_once(tmp_path: Path) -> None:
    """Each model has its column; what was found is kept, and made anew only where it is asked."""
    args = ("evidence", "--nulls", "--source", "uci-dropout", "--tries", "120", "--rooms", "4", "--results", tmp_path)
    done = setback(*args)
    assert (done.code, done.err) == (0, "")
    assert all(name in done.out for name in (*NULLS, "PT-02", "sum of squared distances"))
    files = sorted((tmp_path / "refits").iterdir())
    assert [path.name.rpartition("-")[0] for path in files] == sorted(f"uci-dropout-{name}" for name in NULLS)
    before = [path.stat().st_mtime_ns for path in files]
    again = json.loads(setback(*args, "--json").out)
    assert [path.stat().st_mtime_ns for path in files] == before
    assert [one["null"] for one in again] == [*reversed(NULLS)]
    assert all({*one["numbers"]} == {*NULLS[one["null"]].free} for one in again) and {*OF_LEVELS} <= {
        *again[0]["numbers"]
    }
    files[0].write_text("{}", encoding="utf-8")
    assert f"{files[0]} is no refit; remove it" in setback(*args).err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--prior", "--nulls"), "ask for one thing"),
        (("PF1", "--nulls"), "ROW says nothing to --nulls; leave it out"),
        (("--prior", "--source", "oulad"), "--source says nothing to --prior; leave it out"),
        (("--prior", "--study", "rigor"), "study rigor measures no evidence"),
        (("PF9", "--prior"), "unknown row of the evidence 'PF9'"),
        (("--nulls", "--source", "oulat"), "unknown source of facts 'oulat'; did you mean oulad?"),
        (("--nulls", "--tries", "3"), "tries is 3; it needs a whole number from 120"),
    ],
)
def test_bad_input(args: tuple[str, ...], says: str, tmp_path: Path) -> None:
    """One sentence, exit code 2, nothing written."""
    done = setback("evidence", *args, "--results", tmp_path)
    assert (done.code, done.out) == (2, "") and says in done.err and done.err.count("\n") == 1
    assert not [*tmp_path.iterdir()]


def test_bad_studies(study: Path) -> None:
    """Evidence is measured by itself, of rows that there are."""
    plan = sb.Study.read(study)
    with pytest.raises(InputError, match="measures evidence and twins; take one of them away"):
        plan.replace(weeks=36, share=0.1)
    with pytest.raises(InputError, match="unknown row of the evidence 'XX'"):
        plan.replace(evidence=("XX",))


def test_the_evidence_is_listed() -> None:
    """Every row of both tables, with where it was published."""
    rows = json.loads(setback("list", "evidence", "--json").out)
    assert [row["name"] for row in rows] == [*targets(), *facts()] and all(row["source"] for row in rows)
    assert {row["name"]: row["published"] for row in rows}["ERR1"] == "0.05 to 0.3"
