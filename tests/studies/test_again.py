"""A study again from its results, what two runs of one name differ in, and the decision of a study that was run."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import said, setback
from PIL import Image

import setback as sb
from setback.experiments.studies.again import folder_named, study_again
from setback.experiments.studies.differences import differences, of_studies
from setback.experiments.studies.folder import read_manifest
from setback.experiments.studies.study import Study
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES
from setback.model.rosters.roster import Roster

TEXT = """
[study]
name = "mine"
question = "Which?"
seed = 3
[policies]
named = ["criterion", "curve", "mastery > curve @ 2"]
[parameters]
attribution_drift = 0.1
[worlds]
design = "lhs"
n = 6
vary = { level = [-1, 2], "curve.threat" = true, style_mean = true }
[rooms]
count = 3
size = 5
weeks = 4
[keep]
outcomes = ["learning", "helpless", "units_reached"]
students = ["cumulative_conceptual", "opening_knowledge"]
share = 1
[claim]
outcome = "learning"
policy = "curve"
against = "criterion"
direction = "below"
beyond = 0.1
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study and its results."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "mine.toml").write_text(TEXT)
    Study.read(folder / "mine.toml").run(folder / "results", processes=1)
    return folder


@pytest.fixture
def here(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the results; where commands are typed, the desk."""
    monkeypatch.chdir(desk)
    (folder,) = Path("results/mine").iterdir()
    return folder


# ---- again -----------------------------------------------------------------------------------------------------
def test_the_study_of_results_is_the_very_same(here: Path) -> None:
    """Made from manifest and design alone it has the same key and the same text."""
    made, read = study_again(here), Study.read("mine.toml")
    assert made.key() == read.key() == here.name and made.text() == read.text()
    assert made.roster.digest() == Roster.synthetic(5).digest() and made.file == TEXT
    assert (made.worlds.table == read.worlds.table).all()


@pytest.mark.parametrize("named", ["{}", "{}/manifest.json", "./{}"])
def test_run_again(here: Path, named: str, tmp_path: Path) -> None:
    """Elsewhere it is run anew, without the file, and its tables are those of before; in its place it is there."""
    again = tmp_path / "again"
    done = setback("run", named.format(here), "--processes", "1", "--results", again)
    assert (done.code, done.err) == (0, "")
    count = len(read_manifest(here).study["keep"]["students"]) and 2 * read_manifest(here).tasks
    assert f"{count} tables are those in " in done.out and ", byte for byte" in done.out
    (folder,) = (again / "mine").iterdir()
    assert folder.name == here.name
    assert "has been run before" in setback("run", named.format(here), "--processes", "1").out


def test_run_again_with_something_changed(here: Path, tmp_path: Path) -> None:
    """Options change it as they change a file, and nothing is said of tables that are of another study."""
    again = tmp_path / "again"
    words = ["run", here, "--seed", "4", "--policy", "curve", "--policy", "criterion", "--processes", "1"]
    done = setback(*words, "--results", again)
    assert done.code == 0 and "byte for byte" not in done.out
    (folder,) = (again / "mine").iterdir()
    about = read_manifest(folder).study
    assert (about["seed"], about["policies"], about["engine"]) == (4, ["curve", "criterion"], "vectorised")
    found = differences(read_manifest(folder), read_manifest(here))
    assert found[:2] == ["policies without mastery > curve @ 2", "seed 4 instead of 3"], found


def test_what_cannot_be_run_again(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another design, other classes, other equations, no results: one sentence each."""
    spoilt = shutil.copytree(here, tmp_path / "spoilt")
    (spoilt / "design.parquet").write_bytes(b"PAR1")
    assert said(setback("run", spoilt)).endswith(
        "design.parquet is not as it was written; the same setback run makes it anew"
    )
    (tmp_path / "marks.csv").write_text("student_id\n" + "".join(f"s{i}\n" for i in range(5)))
    message = said(setback("run", here, "--roster", tmp_path / "marks.csv"))
    assert re.search(r"the roster marks is not the one that .* was run with, reference; give the same file", message)
    real = tmp_path / "real"
    assert (
        setback("run", "mine.toml", "--roster", tmp_path / "marks.csv", "--processes", "1", "--results", real).code == 0
    )
    (folder,) = (real / "mine").iterdir()
    assert "was run with the roster marks; name its file with --roster" in said(setback("run", folder))
    assert "byte for byte" not in setback("run", folder, "--roster", tmp_path / "marks.csv", "--results", real).out
    with monkeypatch.context() as patch:
        patch.setattr("setback.experiments.studies.study._equations", lambda model: "0" * 16)
        assert "was run with other equations (custom mechanisms changed); the setback that" in said(
            setback("run", here)
        )
    assert said(setback("run", "nowhere/manifest.json")).startswith("nowhere/manifest.json cannot be read")
    assert (folder_named("claims"), folder_named("mine.toml"), folder_named("results")) == ("", "", "")


# ---- what differs ----------------------------------------------------------------------------------------------
CHANGED = {
    'seed = 3': ('seed = 5', "seed 5 instead of 3; other draws of the worlds"),
    'count = 3': ('count = 2', "rooms 2 instead of 3"),
    'weeks = 4': ('weeks = 5', "weeks 5 instead of 4"),
    '"criterion", "curve",': ('"curve", "criterion",', "policies in another order"),
    '"mastery > curve @ 2"]': ('"narrative"]', "policies with narrative; policies without mastery > curve @ 2"),
    'attribution_drift = 0.1': ('attribution_drift = 0.15', "attribution_drift 0.15 instead of 0.1"),
    'n = 6': ('n = 7', "worlds 7 instead of 6"),
    'level = [-1, 2]': ('level = [-1, 1]', "level from -1 to 1 instead of from -1 to 2"),
    ', style_mean = true': ('', "numbers that vary without style_mean"),
    '"helpless", ': ('', "outcomes without helpless"),
    'share = 1': ('share = 0.5', "share of rooms whose students are kept 0.5 instead of 1"),
    'beyond = 0.1': ('beyond = 0.2', "claim with beyond 0.2 instead of 0.1"),
    'size = 5': ('size = 6', "another roster of the same name"),
    'question = "Which?"': ('question = "What?"', "question 'What?' instead of 'Which?'"),
}  # fmt: skip


@pytest.mark.parametrize("old", CHANGED)
def test_how_studies_differ(old: str, here: Path, tmp_path: Path) -> None:
    """In words: what the one has first, and then what the other has in its place; of one study nothing."""
    new, words = CHANGED[old]
    (tmp_path / "other.toml").write_text(TEXT.replace(old, new))
    one, other = (json.loads(json.dumps(Study.read(file).text())) for file in (tmp_path / "other.toml", "mine.toml"))
    assert "; ".join(of_studies(one, other)) == words
    assert list(of_studies(one, one)) == []


def test_levers_of_policies_that_are_called_alike() -> None:
    """A policy file that was edited keeps its name: what is otherwise is its levers."""
    one = json.loads(json.dumps(Study.read("one-world").text()))
    other = json.loads(json.dumps(one))
    name = one["policies"][0]
    [week] = one["levers"][0]
    one["levers"][0][week]["stakes"] = 0.25
    before = other["levers"][0][week]["stakes"]
    assert list(of_studies(one, other)) == [f"{name} with stakes 0.25 instead of {before:g}"]


def test_status_says_how_runs_of_one_name_differ(here: Path, tmp_path: Path) -> None:
    """Each against the one that was begun last; a single run has nothing to differ from."""
    results = tmp_path / "results"
    shutil.copytree("results", results)
    assert "differs from" not in setback("status", "mine", "--results", results).out
    plan = study_again(here).replace(rooms=2)
    plan.run(results, processes=1)
    manifest = results / "mine" / plan.key() / "manifest.json"
    about = read_manifest(manifest.parent)
    assert about.written >= read_manifest(here).written
    later = about.model_copy(update={"written": "2999-01-01T00:00:00+00:00"})
    manifest.write_text(later.text())
    done = setback("status", "mine", "--results", results)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"{here.name} differs from {plan.key()}, begun last: rooms 3 instead of 2.\n")
    assert json.loads(setback("status", "mine", "--results", results, "--json").out)[0]["study"] == "mine"


# ---- the decision of a study that was run ----------------------------------------------------------------------
def test_decide(here: Path, tmp_path: Path) -> None:
    """The numbers of the tables by hand, as a table, as JSON and as a picture; found by folder, name or file."""
    picture = tmp_path / "decision.png"
    done = setback("decide", "mine", "--out", picture)
    assert (done.code, done.err) == (0, "")
    assert done.out == setback("decide", here).out == setback("decide", "mine.toml").out
    with Image.open(picture) as drawn:
        assert min(drawn.size) > 300 and here.name in drawn.text["Description"]
    found = json.loads(setback("decide", "mine", "--json").out)
    loaded = sb.load(here)
    means = loaded.outcomes["learning"].unstack("policy").groupby("world").mean()
    for row in found["pairs"]:
        if row["outcome"] == "learning":
            apart = (means[row["second"]] - means[row["first"]]).mean()
            assert row["difference"] == pytest.approx(apart) and row["low"] < apart < row["high"]
    assert len(found["policies"]) == 3 and found["worlds"] == 6
    assert found["judged_by"]["name"] == "learning" and found["objectives"].keys() == {
        "learning",
        "helpless",
        "units_reached",
    }
    assert f"{found['policies'][0]['policy']} has the least mean regret" in done.out


def test_students_better_and_worse_off(here: Path) -> None:
    """They are those of the seats that were traced: the same as students are in a simulation of the world."""
    loaded = sb.load(here)
    found = loaded.decision()
    assert found.of == "students"
    weeks = loaded.per_student_week()
    last = weeks[weeks["week"] == 4].set_index(["world", "room", "seat", "policy"])
    slots = {name: last[name].to_numpy() for name in ("cumulative_conceptual", "opening_knowledge")}
    values = pd.Series(OUTCOMES["learning"].of(slots, 4), last.index).unstack("policy")
    assert len(values) == 6 * 3 * 5
    by_room = values.groupby(["world", "room"]).mean().stack().rename("learning")
    kept = loaded.outcomes["learning"].rename_axis(index={"policy": None})
    assert np.allclose(
        by_room.rename_axis(kept.index.names).reindex(kept.index.swaplevel(1, 2)).to_numpy(), kept.to_numpy()
    )
    pairs = found.pairs[found.pairs["outcome"] == "learning"].set_index(["first", "second"])
    change = values["curve"] - values["criterion"]
    row = pairs.loc[("criterion", "curve")]
    assert row["better_off"] == pytest.approx((change > 0.05).mean())
    assert row["worse_off"] == pytest.approx((change < -0.05).mean())
    by_rooms = loaded.decision("helpless")
    assert by_rooms.of == "rooms" and any("by the mean of their class" in note for note in by_rooms.notes)


def test_weights_in_a_file(here: Path, tmp_path: Path) -> None:
    """They say the same as those that are typed."""
    (tmp_path / "aims.toml").write_text("[weights]\nlearning = 2\nhelpless = -1\n")
    typed = setback("decide", here, "--weight", "learning=2", "--weight", "helpless=-1").out
    assert setback("decide", here, "--weight", tmp_path / "aims.toml").out == typed
    assert "score = 0.667 x learning (SD) - 0.333 x helpless (share of students)" in typed
    against = setback("decide", here, "--weight", tmp_path / "aims.toml", "--against", "curve").out
    assert "less curve" in against


BAD = {
    "decide nothing": "unknown study with results 'nothing'; there are mine",
    "decide claims": "claims was not run in results; setback run claims runs it",
    "decide other.toml": "other.toml as it stands was not run in results; setback run other.toml runs it",
    "decide results": "results holds studies; name a run, ",
    "decide mine --outcome learnin": "unknown outcome that was kept 'learnin'; did you mean learning?",
    "decide mine --outcome dropout": "unknown outcome that was kept 'dropout'; there are learning, helpless, ",
    "decide mine --weight learning": "--weight learning needs an outcome and a number, as in --weight learning=2",
    "decide mine --weight =2": "--weight =2 needs an outcome and a number, as in --weight learning=2",
    "decide mine --weight learning=much": "--weight learning=much needs an outcome and a number, as in ",
    "decide mine --weight learning=inf": "weight of learning is inf; it needs a finite number",
    "decide mine --weight learning=0": "the weights (learning 0) add up to 0; give at least one outcome a weight but 0",
    "decide mine --weight learning=1 --weight learning=2": "learning has two weights; leave one of them",
    "decide mine --weight learning=1 --outcome learning": "policies are judged by an outcome or by weights; ",
    "decide mine --weight none.toml": "weights none.toml cannot be read; is the path right?",
    "decide mine --weight mine.toml": "weights mine.toml needs a table [weights] alone, with a number for each outcome",
    "decide mine --against curv": "unknown policy 'curv'; did you mean curve?",
    "decide mine --against narrative": "unknown policy 'narrative'; there are ",
    "decide mine --out table.gif": "a picture is drawn to .png, .pdf or .svg; table.gif is none of them",
}


@pytest.mark.parametrize("words", BAD)
def test_bad_input_to_decide(words: str, here: Path) -> None:
    """One sentence, code 2."""
    Path("other.toml").write_text(TEXT.replace("seed = 3", "seed = 8"))
    assert said(setback(*words.split())).startswith(BAD[words])


def test_an_unfinished_study_decides_nothing(here: Path, tmp_path: Path) -> None:
    """It says how far it is, and what finishes it."""
    part = shutil.copytree(here, tmp_path / "part")
    one, *_ = sorted((part / "outcomes").iterdir())
    one.unlink()
    with pytest.raises(InputError, match=r"is unfinished, \d+ of \d+ tasks; the same setback run finishes it"):
        sb.load(part).decision()
