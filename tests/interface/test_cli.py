"""The command line: what each verb prints and writes, and bad input refused before anything is run or written."""

import hashlib
import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from command_line import Done, said, setback
from PIL import Image

from setback import citation, cli
from setback.analysis.ablation import SHOWN
from setback.analysis.load import load
from setback.experiments.evidence.rows import facts, left_out, targets
from setback.experiments.predictions.predictions import PREDICTIONS
from setback.experiments.scenes import names as scene_names
from setback.experiments.studies import workers
from setback.experiments.studies.ablation import ablations, labelled
from setback.experiments.studies.folder import FORMAT
from setback.experiments.studies.study import names
from setback.experiments.trials.trial import names as trial_names
from setback.experiments.twins.estimands import ESTIMANDS
from setback.experiments.twins.flips import KINDS
from setback.model.catalogue import catalogue
from setback.model.chance import LIMIT
from setback.model.engines.registry import ENGINES
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES, WORLD_NAMES
from setback.model.policies import GROUPS, PARTS, PRESETS
from setback.model.state import SLOTS

ROOT = Path(__file__).parents[2]
VERBS = (
    "run", "merge", "compare", "decide", "ablate", "estimate", "audit", "verdicts", "evidence", "fit", "power",
    "profile", "report", "list", "status", "map", "breakdown", "discover", "sensitivity", "export", "cite", "bench",
    "watch", "live", "page", "new", "gradebook", "trials", "course",
)  # fmt: skip


def setback_elsewhere(folder: Path, *args: str | Path, **environment: str) -> Done:
    """Call the command line in a process of its own."""
    command = [sys.executable, "-c", "from setback.cli import main; main()", *map(str, args)]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True)
    return Done(done.returncode, done.stdout, done.stderr)


def content(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder, hidden files too: paths with the bytes of files."""
    paths = sorted(path for path in folder.rglob("*") if path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in paths}


def only(results: Path, study: str) -> Path:
    """The folder of a study's only results, beside which nothing is left over."""
    (folder,) = (results / study).iterdir()
    return folder


OWN = """
[study]
name = "own"
question = "Does it hold in a small class?"
seed = 3
[policies]
grading = ["criterion", "curve"]
named = ["mastery+stakes=1"]
[parameters]
attribution_drift = 0.1
[rooms]
count = 2
size = 6
weeks = 14
[twins]
flips = ["line", "criterion", "label", "practice"]
share = 1
"""
#: The same without twins, and so without a picture: quick.
PLAIN = OWN.replace('"own"', '"plain"').replace("share = 1", "share = 0")

#: What lies on the desk where commands are typed.
FILES: dict[str, str | bytes] = {
    "own.toml": OWN,
    "plain.toml": PLAIN,
    "marks.csv": "student_id,class_id,prior_knowledge\n" + "".join(f"s{i},{'abb'[i % 3]},{i}\n" for i in range(7)),
    "grades.csv": "Name;Room;Points\n" + "".join(f"n{i};{'xyy'[i % 3]};{i},5\n" for i in range(9)),
    "rules.toml": '[file]\nseparator = ";"\ndecimal = ","\n[student]\nid = "Name"\n[class]\nid = "Room"\n'
    '[traits.interest]\ncolumns = ["Points"]\nreverse = true\n',
    "misspelt.toml": '[file]\nseparator = ";"\n[student]\nid = "Nam"\n',
    "strange.toml": '[student]\nid = "Name"\n[traits.intrest]\ncolumns = ["Points"]\n',
    "typo.csv": "student_id,prior_knowlege\na,1\nb,2\n",
    "word.csv": "student_id,interest\na,1\nb,lots\n",
    "nothing.csv": "",
    "header.csv": "student_id\n",
    "one.csv": "student_id\na\n",
    "many.csv": "student_id\n" + "".join(f"s{i}\n" for i in range(61)),
    "broken.py": "import setback as sb\n1 / 0\n",
    "no-python.py": "import setback as as\n",
    "twice.csv": "student_id\na\nb\na\n",
    "binary.csv": b"\x89PNG\r\n\x1a\n\0\0\xff\xfe",
    "taken": "a file where a folder of results should be",
    "half/claims": "a file where the folder of a study should be",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with studies, rosters and mappings, good and bad."""
    folder = tmp_path_factory.mktemp("desk")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "folder.png").mkdir()
    return folder


# ---- run -----------------------------------------------------------------------------------------------------
#: A class in which enough fail for twins of every kind.
FAILING = ["--set", "knowledge_mean=-0.5"]
CLAIMS = [
    "run",
    "one-world",
    *FAILING,
    "--rooms",
    "2",
    "--policy",
    "criterion",
    "--policy",
    "curve",
    "--processes",
    "1",
    "--results",
]


class Ran(NamedTuple):
    """A run of the shipped study: its results, their folder, and what was printed."""

    results: Path
    folder: Path
    done: Done


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The shipped study at a small size."""
    results = tmp_path_factory.mktemp("ran") / "new" / "results"
    done = setback(*CLAIMS, results)
    assert done.code == 0, done.err
    return Ran(results, only(results, "one-world"), done)


@pytest.fixture(scope="module")
def own(desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the results of a study of one's own, by the vectorised engine in one process."""
    results = tmp_path_factory.mktemp("own")
    done = setback("run", desk / "own.toml", "--processes", "1", "--engine", "vectorised", "--results", results)
    assert done.code == 0, done.err
    return only(results, "own")


def tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcomes and twins."""
    loaded = load(folder)
    twins = loaded.twins.astype({"policy": str, "flip": str}) if len(loaded.twins) else loaded.twins
    return loaded.rows.astype({"policy": str}), twins


def test_run_prints_a_table(ran: Ran) -> None:
    """One line a policy, the five kinds of failing apart, the estimands with their reach, and where it all lies."""
    out = ran.done.out
    assert ran.done.err == ""
    for text in ("one-world: Does a failure breed failures", "2 policies, 2 classrooms, 36 weeks, seed 1, compiled"):
        assert text in out
    lines = out.splitlines()
    (heads,) = (line for line in lines if "iii-a" in line and "learning" in line)
    assert heads.split()[2:] == [
        "i",
        "ii",
        "iii-a",
        "iii-b",
        "iii-c",
        "helpless",
        "stopped",
        *("failed:", "R_F(9)", "verdict", "alone:", "R_F(9)", "error:", "V_F"),
    ]
    values = []
    for grading in ("criterion", "curve"):
        row = lines[lines.index(next(line for line in lines if line.strip() == grading)) + 1]
        assert row.startswith("  fixed, instruction-first ")
        values.append(row.removeprefix("  fixed, instruction-first").split())
    entries = json.loads((ran.folder / "claims.json").read_text())
    for row, entry in zip(values, entries, strict=True):
        outcome = {name: estimate["value"] for name, estimate in entry["outcomes"].items()}
        assert row[0] == f"{outcome['learning']:.2f}"
        kinds = (
            "practice_error_rate",
            "below_criterion_rate",
            "failing_grade_told_rate",
            "failing_grade_counted_rate",
            "failing_grade_compared_rate",
            "helpless",
        )
        assert row[1:7] == [f"{100 * outcome[kind]:.0f}" for kind in kinds]
        assert row[7] == f"{100 * outcome['dropout']:.1f}"
        words = []
        for flip, estimand, digits in (("line", "R_F", 2), ("label", "R_F", 2), ("practice", "V_F_unit", 3)):
            found = entry[flip]["spared"][estimand]
            words.append(f"{found['value']:.{digits}f}")
            if found["low"] is not None:  # all twins alike, of what has no bound
                words += [f"[{found['low']:.{digits}f},", f"{found['high']:.{digits}f}]"]
            assert found["few"] and found["rooms"] == 2
            words.append("?")
        assert row[8:] == words
    counts = [entry[flip]["spared"]["R_F"]["n"] for entry in entries for flip in ("line", "label", "practice")]
    assert lines[-3:-1] == [
        f"Twins behind a figure: {min(counts)} to {max(counts)}.",
        f"?: fewer than 30 twins or 8 classes; {len(counts)} of the figures say hardly anything.",
    ]
    assert values[0][5] == "0" and values[1][5] != "0", "only the curve compares"
    assert str(ran.folder) in out


def test_run_keeps_its_results(ran: Ran) -> None:
    """Tables, manifest, picture and estimates under the hash of what decides them, and nothing besides."""
    files = {"design.parquet", "outcomes", "twins", "tasks", "manifest.json", "claims.json", ".lock"}
    assert {path.name for path in ran.folder.iterdir()} == files | {"claims.png", "lags.png"}
    assert [path.name for path in (ran.folder / "outcomes").iterdir()] == ["00000.parquet", "00001.parquet"]
    manifest = json.loads((ran.folder / "manifest.json").read_text())
    assert manifest["key"] == ran.folder.name
    assert manifest["command"] == shlex.join(["setback", *CLAIMS, str(ran.results)])
    assert manifest["engine"] == "compiled" and manifest["runs"][0]["seconds"] > 0
    assert [(run["tasks"], run["processes"]) for run in manifest["runs"]] == [(2, 1)]
    assert {"python", "numpy", "setback"} <= manifest["versions"].keys()
    study = manifest["study"]
    assert (study["name"], study["rooms"], study["weeks"], study["seed"]) == ("one-world", 2, 36, 1)
    assert study["policies"] == ["criterion", "curve"] and study["flips"] == ["line", "label", "practice"]
    assert tuple(study["parameters"]) == WORLD_NAMES and tuple(study["levers"][1]["1"]) == LEVER_NAMES
    outcomes, twins = tables(ran.folder)
    assert list(outcomes) == ["world", "policy", "room", "class", "students", *OUTCOMES]
    assert list(zip(outcomes["policy"], outcomes["room"], outcomes["students"], strict=True)) == [
        ("criterion", 0, 30), ("curve", 0, 30), ("criterion", 1, 30), ("curve", 1, 30)
    ]  # fmt: skip
    fields = {"flip", "policy", "room", "seat", "week", "challenge", "margin", "distance", "spared"}
    assert fields | {f"d{h}" for h in range(1, 10)} <= {*twins} and {*twins["flip"]} == {*study["flips"]}
    may_lack = ["margin_later", "weeks_lost", "external_later", *ESTIMANDS["R_F_submitted"].columns]
    assert len(twins) > 20 and not twins.drop(columns=may_lack).isna().any().any()


def test_the_picture_names_its_results(ran: Ran) -> None:
    """A PNG of a readable size with the hash in its metadata."""
    for name in ("claims.png", "lags.png"):
        with Image.open(ran.folder / name) as picture:
            assert picture.format == "PNG" and min(picture.size) > 300
            assert picture.info["Description"] == f"setback results {ran.folder.name}"
            assert len(picture.convert("RGB").getcolors(2**24) or ()) > 10, "an empty picture"


def test_results_are_reused_and_printed_as_json(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command runs nothing again and changes no byte; JSON alone on the output, one entry a policy."""
    before = content(ran.results)
    monkeypatch.setattr(workers, "live", lambda *_: pytest.fail("it ran again"))
    done = setback(*CLAIMS, ran.results, "--json")
    assert done.code == 0 and "2 classrooms" in done.err
    assert content(ran.results) == before
    entries = json.loads(done.out)
    assert entries == json.loads((ran.folder / "claims.json").read_text())
    assert [entry["policy"] for entry in entries] == ["criterion", "curve"]
    outcomes, twins = tables(ran.folder)
    study_flips = ("line", "label", "practice")
    for entry in entries:
        assert entry.keys() == {"policy", *GROUPS, "outcomes", "line", "label", "practice"}
        assert entry["grading"] == entry["policy"] and entry["pacing"] == "fixed"
        mine = outcomes[outcomes["policy"] == entry["policy"]]
        assert entry["outcomes"].keys() == OUTCOMES.keys()
        for name, estimate in entry["outcomes"].items():
            assert estimate.keys() == {"value", "low", "high", "se", "n", "rooms", "few", "unit"}
            assert estimate["value"] == pytest.approx(mine[name].mean(), abs=1e-12)
            assert estimate["low"] <= estimate["value"] <= estimate["high"]
            assert (estimate["n"], estimate["unit"]) == (mine[name].notna().sum(), OUTCOMES[name].unit)
            assert estimate["n"] == 2, "a whole class in which it is known of nobody"
        for flip, (kind, spared) in itertools.product(study_flips, (("spared", True), ("inflicted", False))):
            mine = twins[(twins["policy"] == entry["policy"]) & (twins["flip"] == flip)]
            turned = mine[mine["spared"] == spared]
            assert [*entry[flip][kind]] == [row.name for row in ESTIMANDS.values() if not row.asked]
            for name, estimate in entry[flip][kind].items():
                row = ESTIMANDS[name]
                known = turned[turned["verdict"] == 1.0] if row.among else turned
                known = known[list(row.columns)].dropna(how="all")
                expected = known.mean().sum() if len(known) else None
                assert estimate["value"] == (expected if expected is None else pytest.approx(expected, abs=1e-12))
                assert (estimate["n"], estimate["unit"]) == (len(known), row.unit)


def test_again_runs_anew_to_the_same_bytes(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the manifest's clock may differ."""
    before, calls = content(ran.folder), []
    live = workers.live
    monkeypatch.setattr(workers, "live", lambda *args: calls.append(args) or live(*args))
    assert setback(*CLAIMS, ran.results, "--rerun").code == 0
    assert len(calls) == 2
    assert only(ran.results, "one-world") == ran.folder, "something is left over"
    after = content(ran.folder)
    assert after.keys() == before.keys()
    assert all(after[name] == before[name] for name in after if name != "manifest.json")
    assert b"--rerun" in (after["manifest.json"] or b"")


def test_a_run_that_is_stopped_leaves_the_old_results(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of writing: exit code 130, one sentence, old results whole, nothing half-written."""
    before = content(ran.results)

    replace = Path.replace

    def stop(self: Path, target: Path) -> Path:
        if target.parent.name == "outcomes" and target.name.startswith("00001"):
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        done = setback(*CLAIMS, ran.results, "--rerun")
    assert (done.code, done.err) == (
        130, "setback: stopped; 1 of 2 tasks are kept, and the same command goes on\n"
    )  # fmt: skip
    assert not list(ran.results.rglob("*.unfinished")), "something half-written is left"
    calls, live = [], workers.live
    monkeypatch.setattr(workers, "live", lambda *args: calls.append(args) or live(*args))
    assert setback(*CLAIMS, ran.results).code == 0
    assert len(calls) == 1 and only(ran.results, "one-world") == ran.folder
    after = content(ran.results)
    manifest = f"one-world/{ran.folder.name}/manifest.json"
    assert after.keys() == before.keys() and all(after[name] == before[name] for name in after if name != manifest)


def test_two_processes_give_the_same_bytes(
    desk: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room is the same in whatever process it is run; none is run in this one."""
    monkeypatch.setattr(workers, "live", lambda *_: pytest.fail("lived here"))
    done = setback("run", desk / "own.toml", "--processes", "2", "--engine", "vectorised", "--results", tmp_path)
    assert done.code == 0, done.err
    there = only(tmp_path, "own")
    assert there.name == own.name
    here = content(own)
    assert all(text == here[name] for name, text in content(there).items() if name != "manifest.json")
    assert len(here) > 6


def test_mesa_gives_the_same_bits(desk: Path, own: Path, tmp_path: Path) -> None:
    """One of the rooms under two of the policies, each number the same to the last bit."""
    policies = ["curve", "mastery+stakes=1"]
    chosen = ["--policy", policies[0], "--policy", policies[1], "--rooms", "1", "--processes", "1"]
    assert setback("run", desk / "own.toml", *chosen, "--engine", "mesa", "--results", tmp_path).code == 0
    folder = only(tmp_path, "own")
    assert json.loads((folder / "manifest.json").read_text())["engine"] == "mesa"
    for mesa, vectorised in zip(tables(folder), tables(own), strict=True):
        mine = vectorised[(vectorised["room"] == 0) & vectorised["policy"].isin(policies)]
        assert len(mesa) > 1
        pd.testing.assert_frame_equal(mesa, mine.reset_index(drop=True), check_exact=True)


def test_compiled_within_a_billionth(desk: Path, own: Path, tmp_path: Path) -> None:
    """The same study by the compiled engine."""
    pytest.importorskip("llvmlite")
    command = ["run", desk / "own.toml", "--engine", "compiled", "--processes", "1", "--results", tmp_path]
    assert setback(*command).code == 0
    folder = only(tmp_path, "own")
    assert json.loads((folder / "manifest.json").read_text())["engine"] == "compiled"
    for compiled, vectorised in zip(tables(folder), tables(own), strict=True):
        assert len(compiled) > 1
        pd.testing.assert_frame_equal(compiled, vectorised, check_exact=False, rtol=0, atol=1e-9)


def test_a_study_of_ones_own(own: Path) -> None:
    """Its policies, parameters, rooms, weeks, seed and twins are those of the file."""
    study = json.loads((own / "manifest.json").read_text())["study"]
    assert study["policies"] == ["criterion", "curve", "mastery+stakes=1"]
    assert study["levers"][2]["1"]["stakes"] == 1 and study["parameters"]["attribution_drift"] == 0.1
    assert (study["question"], study["rooms"]) == ("Does it hold in a small class?", 2)
    assert (study["weeks"], study["seed"], study["share"], study["flips"]) == (14, 3, 1, [*KINDS])
    outcomes, twins = tables(own)
    assert len(outcomes) == 6 and (outcomes["students"] == 6).all()
    for flip in KINDS:
        mine = twins[twins["flip"] == flip]
        assert {*mine["week"]} <= {4, 5} and len(mine) > 5, flip


def test_kinds_of_twins_are_never_pooled(own: Path) -> None:
    """Those of each kind stand under its name."""
    twins = tables(own)[1]
    for entry in json.loads((own / "claims.json").read_text()):
        assert entry.keys() == {"policy", *GROUPS, "outcomes", *KINDS}
        for flip, (kind, spared) in itertools.product(KINDS, (("spared", True), ("inflicted", False))):
            mine = twins[(twins["flip"] == flip) & (twins["policy"] == entry["policy"])]
            failures = mine.loc[mine["spared"] == spared, list(ESTIMANDS["R_F"].columns)].sum(axis=1)
            assert entry[flip][kind]["R_F"]["n"] == len(failures)
            expected = failures.mean() if len(failures) else None
            assert entry[flip][kind]["R_F"]["value"] == (expected and pytest.approx(expected, abs=1e-12))


@pytest.fixture
def plain(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs the study without twins with more words on the command line; gives its manifest and outcomes."""
    monkeypatch.chdir(desk)
    before = content(desk)

    def run(*words: str) -> tuple[dict[str, Any], pd.DataFrame]:
        done = setback("run", "plain.toml", "--processes", "1", "--results", tmp_path, *words, "--json")
        assert done.code == 0, done.err
        assert [entry.keys() for entry in json.loads(done.out)] == [{"policy", *GROUPS, "outcomes"}] * 3
        manifests = list(tmp_path.glob("plain/*/manifest.json"))
        newest = max(manifests, key=lambda path: path.stat().st_mtime_ns)
        return json.loads(newest.read_text()), tables(newest.parent)[0]

    yield run
    assert content(desk) == before


def test_what_changes_the_key(plain: Any, tmp_path: Path) -> None:
    """Parameters, seed, weeks and rooms do, each in its own folder; the engine, or a value that is there, does not."""
    first, outcomes = plain()
    seen = {first["key"]: outcomes}
    for words, place, value in (
        (("--set", "near_miss_slope=0.75"), ("parameters", "near_miss_slope"), 0.75),
        (
            ("--set", " near_miss_slope = -1e-1 ", "--set", "attribution_drift=0"),
            ("parameters", "near_miss_slope"),
            -0.1,
        ),
        (("--seed", str(LIMIT - 1)), ("seed",), LIMIT - 1),
        (("--weeks", "13"), ("weeks",), 13),
        (("--rooms", "3"), ("rooms",), 3),
    ):
        manifest, outcomes = plain(*words)
        assert manifest["key"] not in seen, words
        found = manifest["study"]
        for key in place:
            found = found[key]
        assert found == value
        assert not any(outcomes.equals(other) for other in seen.values()), words
        seen[manifest["key"]] = outcomes
    for words in (("--set", "attribution_drift=0.1"), ("--seed", "3", "--weeks", "14")):
        setback("run", "plain.toml", "--results", tmp_path, *words)
        assert {path.name for path in (tmp_path / "plain").iterdir()} == seen.keys()


def test_policies_take_the_place_of_the_studys(desk: Path, tmp_path: Path) -> None:
    """Each once, whatever it is called."""
    words = ["--policy", "curve", "--policy", "harmful", "--policy", "fixed+curve", "--json"]
    done = setback("run", desk / "plain.toml", "--results", tmp_path, "--processes", "1", *words)
    assert [entry["policy"] for entry in json.loads(done.out)] == ["curve", "curve+accelerated+withhold+stakes=1"]


def test_without_twins_there_is_no_picture(desk: Path, tmp_path: Path) -> None:
    """And the table has no estimands."""
    done = setback("run", desk / "plain.toml", "--results", tmp_path, "--processes", "1")
    assert done.code == 0 and "iii-c" in done.out and "R_F" not in done.out
    names = {path.name for path in only(tmp_path, "plain").iterdir()}
    assert names == {"design.parquet", "outcomes", "tasks", "manifest.json", "claims.json", ".lock"}


def test_python_writes_what_the_command_line_writes(desk: Path, own: Path, tmp_path: Path) -> None:
    """The same files with the same bytes, of one world and of several."""
    import setback as sb

    found = sb.Study.read(desk / "own.toml").run(tmp_path, processes=1)
    assert not (found.folder / "claims.json").exists()
    assert {path.name for path in found.write()} == {"claims.json", "claims.png", "lags.png"}
    here, there = content(found.folder), content(own)
    assert here.keys() == there.keys()
    assert all(here[name] == there[name] for name in here if name != "manifest.json")
    assert found.claims() == json.loads((own / "claims.json").read_text())
    many = desk.joinpath("plain.toml").read_text() + '[worlds]\ndesign = "lhs"\nn = 3\n[worlds.vary]\nlevel = true\n'
    (tmp_path / "many.toml").write_text(many)
    done = setback("run", tmp_path / "many.toml", "--processes", "1", "--engine", "vectorised", "--results", tmp_path)
    assert done.code == 0, done.err
    folder = only(tmp_path, "plain")
    before = content(folder)
    for path in sb.load(folder).write():
        assert path.name in ("summary.csv", "worlds.png") and path.read_bytes() == before[path.name]
    with pytest.raises(sb.InputError, match="has 3 worlds; summary"):
        sb.load(folder).claims()


# ---- rosters ---------------------------------------------------------------------------------------------------
def test_a_roster_in_setbacks_own_columns(plain: Any) -> None:
    """Every class once, of its own size; what was done to the file stands in the manifest."""
    manifest, outcomes = plain("--roster", "marks.csv")
    assert manifest["study"]["rooms"] == 2 and manifest["study"]["roster"]["name"] == "marks"
    assert list(outcomes["students"]) == [3] * 3 + [4] * 3
    assert manifest["notes"][:2] == [
        "7 students of marks.csv, ids from student_id", "2 classes of 3 to 4 students, by class_id"
    ]  # fmt: skip
    manifest, outcomes = plain("--roster", "marks.csv", "--rooms", "3")
    assert list(outcomes["students"]) == [3] * 3 + [4] * 3 + [3] * 3


def test_a_roster_through_a_mapping(plain: Any, desk: Path) -> None:
    """By the path of a mapping or by the name of a shipped one."""
    manifest, outcomes = plain("--roster", "grades.csv", "--mapping", "rules.toml")
    assert list(outcomes["students"]) == [3] * 3 + [6] * 3
    assert "interest from Points by rank, reversed" in manifest["notes"]
    absolute, _ = plain("--roster", str(desk / "grades.csv"), "--mapping", str(desk / "rules.toml"))
    assert absolute["key"] == manifest["key"]


def test_what_was_done_to_a_roster_is_printed(desk: Path, tmp_path: Path) -> None:
    """Before the run, on the output for people; a shipped mapping is found by its name."""
    (tmp_path / "school.csv").write_text("G1;failures;studytime\n" + "".join(f"{i};{i % 3};2\n" for i in range(30)))
    files = ["--roster", tmp_path / "school.csv", "--mapping", "uci-student"]
    done = setback("run", desk / "plain.toml", *files, "--results", tmp_path / "out", "--processes", "1")
    assert done.code == 0, done.err
    assert "\n  2 classes of 15 students, dealt in the order of seed 0\n" in done.out
    assert "\n  3 policies, 2 classrooms, 14 weeks, seed 3, compiled engine\n" in done.out


def test_rosters_within_the_folder_of_data(
    plain: Any, desk: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path that is not there is looked up in SETBACK_DATA; one that is there comes first."""
    data = tmp_path_factory.mktemp("data")
    (data / "school").mkdir()
    shutil.copy(desk / "marks.csv", data / "school" / "marks.csv")
    (data / "marks.csv").write_text("student_id\na\nb\n")
    monkeypatch.setenv("SETBACK_DATA", str(data))
    here, _ = plain("--roster", "marks.csv")
    assert here["notes"][0].startswith("7 students")
    there, _ = plain("--roster", "school/marks.csv")
    assert there["key"] == here["key"]
    monkeypatch.delenv("SETBACK_DATA")
    message = said(setback("run", "--roster", "school/marks.csv", "--results", data / "results"))
    assert message == "roster school/marks.csv cannot be read; is the path right?"


# ---- compare ---------------------------------------------------------------------------------------------------
def test_compare_as_a_table_with_a_picture(tmp_path: Path) -> None:
    """Both policies, every outcome with its interval, and the year of both drawn."""
    picture = tmp_path / "both.png"
    done = setback(
        "compare", "criterion", "curve+stakes=1", "--rooms", "2", "--weeks", "3", "--replicates", "20",
        "--out", picture,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("A: criterion\nB: curve+stakes=1\n")
    lines = [line for line in done.out.splitlines() if line.split()[:1] and line.split()[0] in OUTCOMES]
    rows, students = lines[: len(OUTCOMES)], lines[len(OUTCOMES) :]
    assert [line.split()[0] for line in rows] == list(OUTCOMES)
    assert all(OUTCOMES[line.split()[0]].unit in line and "[" in line for line in rows)
    assert [line.split()[0] for line in students] == ["learning", "learning_procedural", "unit_test"]
    assert all(line.count("%") == 5 and line.count("[") == 3 for line in students)
    assert "In one year: who would be called so in one year of luck" in done.out
    assert "2 classrooms, 3 weeks, seed 0: the same students with the same luck, mean of 20 years of luck." in done.out
    with Image.open(picture) as drawn:
        assert drawn.format == "PNG" and min(drawn.size) > 300
    assert [path.name for path in tmp_path.iterdir()] == ["both.png"]


def test_compare_as_json() -> None:
    """The numbers are those of the same comparison in Python."""
    import setback as sb

    numbers = {"near_miss_slope": 0.5, "knowledge_mean": -0.5}  # some fail within three weeks
    options = ["--seed", "5", "--weeks", "3", "--rooms", "2"]
    world = [*(f"--set={name}={value}" for name, value in numbers.items()), *options]
    done = setback("compare", "mastery", "harmful", *world, "--replicates", "2", "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    rows = found.pop("outcomes")
    assert found == {
        "first": "mastery", "second": "curve+accelerated+withhold+stakes=1", "weeks": 3, "seed": 5, "rooms": 2,
        "replicates": 2,
    }  # fmt: skip
    a, b = (sb.simulate(p, numbers, None, 2, 5, 3, 2) for p in ("mastery", "harmful"))
    frame = (b - a).summary()
    assert [row["outcome"] for row in rows] == list(OUTCOMES)
    for row in rows:
        expected = frame.loc[row["outcome"]]
        assert row["unit"] == OUTCOMES[row["outcome"]].unit
        for field in ("first", "second", "difference", "low", "high"):
            assert row[field] == pytest.approx(expected[field], abs=1e-9)
        assert row["better_off"] is None and row["worse_off"] is None, "two years of luck say nothing of a student"


def test_compare_with_a_roster(desk: Path) -> None:
    """Every class once; what was done to the file does not stand among the JSON."""
    command = ["compare", "criterion", "curve", "--roster", desk / "marks.csv", "--weeks", "2", "--replicates", "1"]
    done = setback(*command, "--json")
    assert json.loads(done.out)["rooms"] == 2
    assert "7 students of marks.csv" in done.err
    assert "7 students of marks.csv" in setback(*command).out


def test_compare_without_a_mechanism() -> None:
    """The same policy with the strength at 0 by default; the names say what differs."""
    tiny = ["--rooms", "2", "--weeks", "4", "--replicates", "1", "--json"]
    done = json.loads(setback("compare", "harmful", "--without", "affect", *tiny).out)
    policy = "curve+accelerated+withhold+stakes=1"
    assert (done["first"], done["second"]) == (f"{policy}, strength_affect=1", f"{policy}, strength_affect=0")
    rows = {row["outcome"]: row for row in done["outcomes"]}
    assert rows["affect"]["first"] > rows["affect"]["second"] == 0
    assert json.loads(setback("compare", "harmful", "--without", "strength_affect", *tiny).out) == done
    other = json.loads(setback("compare", "harmful", "curve", "--without", "affect", *tiny).out)
    assert other["first"] == f"{policy}, strength_affect=1" and other["second"] == "curve, strength_affect=0"


def test_compare_a_single_room() -> None:
    """One room has no interval, and none is shown."""
    done = setback("compare", "criterion", "curve", "--rooms", "1", "--weeks", "2", "--replicates", "1")
    assert done.code == 0 and "[" not in done.out.replace("[95 %]", "") and "nan" not in done.out


@pytest.mark.parametrize("engine", ["mesa", "compiled"])
def test_compare_by_another_engine(engine: str, desk: Path) -> None:
    """The same table."""
    if engine == "compiled":
        pytest.importorskip("llvmlite")
    command = ["compare", "curve", "mastery", "--roster", desk / "marks.csv", "--weeks", "2", "--replicates", "1"]
    assert setback(*command, "--engine", engine).out == setback(*command).out


# ---- ablate ----------------------------------------------------------------------------------------------------
#: A study of a single small class, for an ablation that takes seconds.
SMALL = OWN.replace('"own"', '"small"').replace("count = 2", "count = 1")
ABLATE = ["ablate", *FAILING, "--rooms", "1", "--policy", "criterion", "--processes", "1", "--results"]


@pytest.fixture(scope="module")
def ablated(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The shipped ablation in one classroom under one policy."""
    results = tmp_path_factory.mktemp("ablated") / "results"
    done = setback(*ABLATE, results)
    assert done.code == 0, done.err
    return Ran(results, only(results, "ablation"), done)


def test_ablate_prints_its_tables(ablated: Ran) -> None:
    """One table an estimand; in each, everything that was switched off has a line, with the value of the policy."""
    assert ablated.done.err == ""
    first, *lines = ablated.done.out.splitlines()
    assert first == f"{len(ablations())} worlds, 1 policy, 1 classroom, seed 1"
    assert lines[-1].endswith(f": {ablated.folder}")
    effects = effects_of(ablated.folder).set_index(["estimand", "off"])["value"]
    starts = [k for k, line in enumerate(lines) if line.strip() in SHOWN]
    assert [lines[k].strip() for k in starts] == list(SHOWN)
    for k in starts:
        assert lines[k + 1].split() == ["off", "criterion"]
        shown = dict(line.rsplit(maxsplit=1) for line in lines[k + 2 : k + 2 + len(ablations())])
        assert list(shown) == list(ablations())
        of = effects[lines[k].strip()]
        assert all(value == ("-" if np.isnan(of[off]) else f"{of[off]:.3f}") for off, value in shown.items())
        assert shown["nothing"] != "-"


def effects_of(folder: Path) -> pd.DataFrame:
    """The effects of an ablation, as they were written."""
    return pd.read_csv(folder / "effects.csv").fillna({"group": ""})


def test_ablate_keeps_its_results(ablated: Ran) -> None:
    """Twins of every world, effects, manifest and picture under the hash of the study, and nothing besides."""
    files = {"effects.csv", "ablation.png", "manifest.json", "design.parquet", "outcomes", "twins", "tasks", ".lock"}
    assert {path.name for path in ablated.folder.iterdir()} == files
    manifest = json.loads((ablated.folder / "manifest.json").read_text())
    assert manifest["key"] == ablated.folder.name and manifest["engine"] == "vectorised"
    listed = setback("list", "results", "--results", ablated.results)
    assert listed.code == 0 and manifest["key"] in listed.out
    assert manifest["command"] == shlex.join(["setback", *ABLATE, str(ablated.results)])
    study = manifest["study"]
    assert (study["policies"], study["rooms"], study["flips"]) == (["criterion"], 1, ["line", "label", "practice"])
    twins = labelled(load(ablated.folder).twins)
    assert list(dict.fromkeys(twins["off"])) == list(ablations())
    assert {*twins["flip"]} == {"line", "label", "practice"} and {*twins["policy"]} == {"criterion"}
    effects = effects_of(ablated.folder)
    assert list(zip(effects["off"], effects["estimand"], strict=True)) == [(o, e) for o in ablations() for e in SHOWN]
    assert (effects["group"] == [ablations()[off][0] for off in effects["off"]]).all()
    for row in effects.itertuples():
        flip, estimand = SHOWN[str(row.estimand)]
        mine = twins[(twins["off"] == row.off) & (twins["flip"] == flip) & twins["spared"]]
        known = mine[list(ESTIMANDS[estimand].columns)].dropna().sum(axis=1)
        assert row.n == len(known) and row.value == pytest.approx(known.mean(), abs=1e-12, nan_ok=True)
        assert row.n or flip != "practice", "of so few students, some worlds have no failure by luck"
    assert (effects.loc[effects["off"] == "nothing", "n"] > 0).all()
    nothing, everything = (effects[effects["off"] == off]["value"].to_numpy() for off in ("nothing", "everything"))
    assert not np.isclose(nothing, everything)[2:].any(), "R_F is a whole number, and may well be 0 of so few"
    with Image.open(ablated.folder / "ablation.png") as picture:
        assert picture.format == "PNG" and min(picture.size) > 300
        assert picture.info["Description"] == f"setback results {ablated.folder.name}"
        assert len(picture.convert("RGB").getcolors(2**24) or ()) > 10, "an empty picture"


def test_ablate_as_json(tmp_path: Path) -> None:
    """The rows of the effects alone on the output; what is not known is null."""
    (tmp_path / "small.toml").write_text(SMALL)
    words = ["--policy", "curve", "--set", "near_miss_slope=0.5", "--seed", "4", "--processes", "1"]
    done = setback("ablate", tmp_path / "small.toml", *words, "--results", tmp_path, "--json")
    assert done.code == 0 and done.err == f"{len(ablations())} worlds, 1 policy, 1 classroom, seed 4\n"
    folder = only(tmp_path, "small-off")
    study = json.loads((folder / "manifest.json").read_text())["study"]
    assert (study["policies"], study["seed"], study["parameters"]["near_miss_slope"]) == (["curve"], 4, 0.5)
    rows, effects = json.loads(done.out), effects_of(folder)
    assert [row.keys() for row in rows] == [{*effects}] * len(ablations()) * len(SHOWN)
    for row, (_, expected) in zip(rows, effects.iterrows(), strict=True):
        assert [row[name] for name in ("off", "group", "policy", "estimand", "n")] == [
            expected[name] for name in ("off", "group", "policy", "estimand", "n")
        ]
        assert row["low"] is None and row["high"] is None and row["se"] is None, "a single class has no interval"
        known = expected["value"] == expected["value"]
        assert row["value"] == (pytest.approx(expected["value"], abs=1e-9) if known else None)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("share = 1", "share = 0", "study small-off has no twins; an ablation needs some, as in share = 0.15"),
        ("share = 1", "share = 1e-12", "study small-off found no twins; it needs more rooms, or a larger share"),
    ],
)
def test_ablate_needs_twins(old: str, new: str, says: str, tmp_path: Path) -> None:
    """A study that asks for none, or finds none, is refused."""
    (tmp_path / "small.toml").write_text(SMALL.replace(old, new))
    done = setback("ablate", tmp_path / "small.toml", "--processes", "1", "--results", tmp_path / "out", "--json")
    assert (done.code, done.out) == (2, "") and done.err.splitlines()[-1] == f"setback: {says}"
    assert not list(tmp_path.rglob("effects.csv"))


def test_ablate_without_a_kind_of_twins(tmp_path: Path) -> None:
    """What was not turned is not known: a dash in its table, and a picture nevertheless."""
    (tmp_path / "small.toml").write_text(SMALL.replace('["line", "criterion", "label", "practice"]', '["line"]'))
    words = ["--policy", "criterion", "--processes", "1", "--results", tmp_path]
    done = setback("ablate", tmp_path / "small.toml", *words)
    assert (done.code, done.err) == (0, "")
    *_, last = done.out.split("V_F (practice)")
    assert [line.split()[-1] for line in last.splitlines()[2 : 2 + len(ablations())]] == ["-"] * len(ablations())
    with Image.open(only(tmp_path, "small-off") / "ablation.png") as picture:
        assert min(picture.size) > 300


# ---- profile --------------------------------------------------------------------------------------------------
def test_profile_draws_a_year(tmp_path: Path) -> None:
    """Every policy that is named, to the file that is named, and a line that says of what."""
    picture = tmp_path / "year.png"
    words = ["--rooms", "2", "--weeks", "14", "--seed", "3", "--set", "near_miss_slope=0.5", "--out", picture]
    done = setback("profile", "--policy", "criterion", "--policy", "harmful", *words)
    assert done == (0, f"2 policies, 2 classrooms, 14 weeks, seed 3: {picture}\n", "")
    with Image.open(picture) as drawn:
        assert drawn.format == "PNG" and min(drawn.size) > 300
        assert len(drawn.convert("RGB").getcolors(2**24) or ()) > 10, "an empty picture"
    assert [path.name for path in tmp_path.iterdir()] == ["year.png"]


def test_profile_of_one_policy_by_two_names(tmp_path: Path) -> None:
    """It is drawn once."""
    words = ["--rooms", "1", "--weeks", "14", "--out", tmp_path / "year.png"]
    done = setback("profile", "--policy", "harmful", "--policy", "high-pressure", *words)
    assert done.code == 0 and done.out.startswith("1 policy, ")


def test_profile_of_a_class_that_stops(desk: Path, tmp_path: Path) -> None:
    """Weeks in which nobody hands in have no scores; the year is drawn nevertheless."""
    world = [
        word for text in ("skip_level=-1", "dropout_level=-5", "dropout_not_submitted=2") for word in ("--set", text)
    ]
    roster = ["--roster", desk / "marks.csv", "--rooms", "1", "--weeks", "60"]
    done = setback("profile", "--policy", "harmful", *world, *roster, "--out", tmp_path / "year.svg")
    assert (done.code, done.err) == (0, "")
    assert "</svg>" in (tmp_path / "year.svg").read_text()


# ---- a file of one's own ---------------------------------------------------------------------------------------
#: A mechanism as docs/custom.md shows it.
MINE = '''
import setback as sb
from setback.model.arithmetic import maximum

@sb.mechanism("affect", after="update_affect", strength="humour", source="a thesis",
              parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week", "Friends take the edge off.")})
def laugh_it_off(affect, friends_effort, p):
    """Friends who work hard take the edge off a failure."""
    return affect * (1.0 - p.strength_humour * p.humour_relief * maximum(friends_effort, 0.0))
'''


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A file with a custom mechanism."""
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return path


def test_compare_with_a_mechanism_of_ones_own(mine: Path) -> None:
    """It works, its number can be set, and at switch 0 all is as without it; without the file nobody knows it."""
    command = ["compare", "criterion", "harmful", "--rooms", "2", "--weeks", "4", "--replicates", "1", "--json"]
    without = setback(*command)
    set_ = [*command, "--set", "humour_relief=0.5"]
    assert said(setback(*set_)).startswith("unknown parameter 'humour_relief'; ")
    weak, strong, off = (
        setback(*words, "--with", mine) for words in (command, set_, [*command, "--set", "strength_humour=0"])
    )
    assert off == without and without.code == 0
    affect = []
    for done in (without, weak, strong):
        assert (done.code, done.err) == (0, "")
        rows = {row["outcome"]: row for row in json.loads(done.out)["outcomes"]}
        affect.append(rows["affect"]["second"])
    assert affect[0] > affect[1] > affect[2] > 0, "the more relief, the less shame"


def test_lists_with_a_mechanism_of_ones_own(mine: Path) -> None:
    """The mechanism in its place in the week, and its parameter, stand among all others."""
    for form in ([], ["--json"]):
        assert "laugh_it_off" not in setback("list", "mechanisms", *form).out
    rows = json.loads(setback("list", "mechanisms", "--with", mine, "--json").out)
    (row,) = (row for row in rows if row["name"] == "laugh_it_off")
    assert row["claim"].startswith("Friends who work hard take the edge off") and row["writes"] == "affect"
    at = [row["name"] for row in rows]
    assert at.index("laugh_it_off") == at.index("update_affect") + 1 and len(rows) == len(catalogue()) + 1
    assert "\nlaugh_it_off " in setback("list", "mechanisms", "--with", mine).out
    (number,) = (
        row
        for row in json.loads(setback("list", "parameters", "--with", mine, "--json").out)
        if row["name"] == "humour_relief"
    )
    assert (number["default"], number["low"], number["high"], number["unit"]) == (0.2, 0, 1, "share per week")


def test_run_with_a_mechanism_of_ones_own(mine: Path, plain: Any) -> None:
    """Another study, whose manifest names the file by its hash."""
    first, _ = plain()
    manifest, _ = plain("--with", str(mine))
    assert manifest["key"] != first["key"] and first["files"] == {}
    assert manifest["files"] == {"mine.py": hashlib.sha256(mine.read_bytes()).hexdigest()}
    assert manifest["study"]["parameters"]["humour_relief"] == 0.2


# ---- list ------------------------------------------------------------------------------------------------------
#: What each list is to name, and the column that names it.
LISTED = {
    "policies": ("name", [*PARTS, *PRESETS]),
    "parameters": ("name", list(WORLD_NAMES)),
    "levers": ("name", list(LEVER_NAMES)),
    "mechanisms": ("name", [row.name for row in catalogue()]),
    "outcomes": ("name", list(OUTCOMES)),
    "estimands": ("name", list(ESTIMANDS)),
    "predictions": ("name", list(PREDICTIONS)),
    "slots": ("name", [slot.name for slot in SLOTS.values()]),
    "studies": ("name", names()),
    "scenes": ("name", scene_names()),
    "trials": ("name", [*trial_names(), *left_out()]),
    "evidence": ("name", [*targets(), *facts()]),
    "mappings": ("name", [
        "blackboard", "brightspace", "canvas", "classroom", "coruna", "google-classroom", "mathachieve", "moodle",
        "powerschool", "uci-student",
    ]),
    "languages": ("name", ["ar", "de", "en", "es", "fr", "pt", "zh"]),
    "results": ("study", ["one-world"]),
}  # fmt: skip


def test_every_list_is_tested() -> None:
    """No kind of list is left out below."""
    assert LISTED.keys() == cli.LISTS.keys()


@pytest.mark.parametrize("what", LISTED)
def test_lists(what: str, ran: Ran) -> None:
    """As JSON and as a table, every name is there, and every row says something."""
    column, expected = LISTED[what]
    done = setback("list", what, "--json", "--results", ran.results)
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    assert [row[column] for row in rows] == expected
    assert all(row.keys() == rows[0].keys() for row in rows)
    table = setback("list", what, "--results", ran.results)
    assert (table.code, table.err) == (0, "")
    heads, *lines = table.out.splitlines()
    assert heads.split() == " ".join(rows[0]).split()
    named = [line for line in lines if line[:1].strip()]
    assert len(named) == len(expected)
    assert all(line.startswith(f"{name} ") for line, name in zip(named, expected, strict=True))


def test_list_of_results(ran: Ran) -> None:
    """What was run, with which seed and engine, when, and where it lies."""
    (row,) = json.loads(setback("list", "results", "--json", "--results", ran.results).out)
    about = json.loads((ran.folder / "manifest.json").read_text())
    assert row == {
        "study": "one-world", "key": ran.folder.name, "policies": 2, "worlds": 1, "rooms": 2, "seed": 1,
        "engine": "compiled", "written": about["written"], "state": "finished", "folder": str(ran.folder),
        "tasks": "2 of 2", "failed": 0, "seconds": sum(run["seconds"] for run in about["runs"]),
    }  # fmt: skip


def test_list_of_results_where_there_are_none(tmp_path: Path) -> None:
    """A sentence for people, an empty list for machines, and no folder is made."""
    results = tmp_path / "results"
    assert setback("list", "results", "--results", results) == (0, "there are no results yet\n", "")
    assert setback("list", "results", "--results", results, "--json") == (0, "[]\n", "")
    assert not results.exists()


def test_brackets_in_a_path_are_printed(ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are no markup."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ran.results, tmp_path / "[bold][" / "b]")
    done = setback("list", "results", "--results", "[bold][/b]")
    assert done.code == 0 and f"[bold][/b]/one-world/{ran.folder.name}" in done.out


# ---- version, citation, completion -------------------------------------------------------------------------
def test_the_version() -> None:
    """The same in Python, on the command line, in the project file and in CITATION.cff, with title and licence."""
    import setback as sb

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert sb.__version__ == project["version"]
    assert setback("--version") == (0, f"setback {sb.__version__}\n", "")
    cff = (ROOT / "CITATION.cff").read_text()
    about = citation.citation()
    for line in (f"version: {about['version']}", f'title: "{about["title"]}"', f"license: {about['license']}"):
        assert f"\n{line}\n" in cff
    assert f"- name: {about['authors']}\n" in cff and project["authors"] == [{"name": about["authors"]}]
    assert about["license"] == project["license"]


def test_how_to_cite(ran: Ran) -> None:
    """The software, and of results what names them once and for all."""
    done = setback("cite")
    assert done.code == 0 and "@software{setback," in done.out and "Results" not in done.out
    of_results = setback("cite", ran.folder)
    assert of_results.out.startswith(done.out)
    for part in ("study one-world", f"key {ran.folder.name}", "seed 1", "2 classrooms", "setback 0."):
        assert part in of_results.out.removeprefix(done.out)
    found = json.loads(setback("cite", ran.folder, "--json").out)
    assert found["results"]["key"] == ran.folder.name and found["results"]["rooms"] == 2
    assert (
        found["results"]["versions"]["setback"]
        == json.loads((ran.folder / "manifest.json").read_text())["versions"]["setback"]
    )


COMPLETED = {
    "compare cur": ["curve"],
    "watch --policy curve+acc": ["curve+accelerated"],
    "compare harmf": ["harmful"],
    "watch --policy curve>no-g": ["curve>no-grades"],
    "watch --policy criterion+stak": ["criterion+stakes="],
    "run r": ["rigor"],
    "run --set attribution_d": ["attribution_drift="],
    "run --engine mes": ["mesa"],
    "run --mapping cor": ["coruna"],
    "compare curve --without style_d": ["style_drift"],
    "list outc": ["outcomes"],
    "page --scene harsh": ["harsh-start"],
    "watc": ["watch"],
    "rum x": [],
    "run --set zzz": [],
}


@pytest.mark.slow
@pytest.mark.parametrize("typed", COMPLETED)
def test_words_are_completed(typed: str, tmp_path: Path) -> None:
    """As a shell asks; where nothing fits there is silence."""
    words = ["setback", *typed.split()]
    asked = {"_SETBACK_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    done = setback_elsewhere(tmp_path, **asked)
    assert done.err == "" and done.out.split() == COMPLETED[typed]


@pytest.mark.slow
def test_completion_can_be_installed(tmp_path: Path) -> None:
    """For a shell that is named; its file lies in the home of who asked."""
    home = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown = setback_elsewhere(tmp_path, "--show-completion", "bash", **home)
    assert shown.code == 0 and shown.err == "" and "_SETBACK_COMPLETE" in shown.out
    assert list(tmp_path.iterdir()) == []
    done = setback_elsewhere(tmp_path, "--install-completion", "bash", **home)
    assert (
        done.code == 0
        and done.err == ""
        and "_SETBACK_COMPLETE" in (tmp_path / ".bash_completions/setback.sh").read_text()
    )


# ---- help ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_has_an_example(verb: str) -> None:
    """Every verb says what it does, its options and how it is typed."""
    done = setback(*filter(None, [verb]), "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Usage: setback {verb}".rstrip() in done.out
    (example,) = (line for line in done.out.splitlines() if "Example: " in line)
    words = shlex.split(example.partition("Example: ")[2])
    assert words[0] == "setback" and words[1] in ([verb] if verb else VERBS)
    assert all(option in setback(words[1], "--help").out for option in words if option.startswith("--"))


def test_no_words_at_all_are_a_call_for_help() -> None:
    """The help names every verb."""
    done = setback()
    assert done == setback("--help")
    assert all(f"\n  {verb} " in done.out for verb in VERBS)


# ---- bad input ---------------------------------------------------------------------------------------------------
NO_POLICY = "unknown policy 'curv'; did you mean curve?"
A_PICTURE = "a picture is drawn to .png, .pdf or .svg; "


def wholes(name: str, high: int, low: int = 1) -> str:
    """The range of a whole number, as it is said."""
    return f"{name}; it needs a whole number from {low} to {high}"


#: What is typed, and how the sentence begins that is said of it.
BAD: dict[str, str] = {
    # names
    "run --set attribution_drif=0.1": "unknown parameter 'attribution_drif'; did you mean attribution_drift or ",
    "run --set stakes=1": "stakes is a policy lever; give it to the policy, as in Policy('criterion', stakes=1.0)",
    "run --set zzz=1": "unknown parameter 'zzz'; there are knowledge_mean, ",
    "run --policy curv": NO_POLICY,
    "run --policy criterion --policy curv": NO_POLICY,
    "run --policy curve+stake=1": "unknown policy lever 'stake'; did you mean stakes or ",
    "run --policy xxxxx": "unknown policy 'xxxxx'; there are criterion, curve, ",
    "run --engine mes": "unknown engine 'mes'; did you mean mesa?",
    "run --engine numpy": "unknown engine 'numpy'; there are auto, vectorised, compiled, mesa",
    "run claim": "unknown study 'claim'; did you mean claims?",
    "run xyz": f"unknown study 'xyz'; there are {', '.join(names())}",
    "run .": f"unknown study '.'; there are {', '.join(names())}",
    "run ''": f"unknown study ''; there are {', '.join(names())}",
    f"run {'x' * 5000}": "unknown study 'xxx",
    "run --roster marks.csv --mapping corun": "unknown mapping 'corun'; did you mean coruna?",
    "run --roster marks.csv --mapping ''": "unknown mapping ''; there are blackboard, brightspace, canvas, ",
    "run --roster typo.csv": "unknown column of typo.csv: 'prior_knowlege'; did you mean prior_knowledge? (",
    "run --roster grades.csv --mapping misspelt.toml": "unknown column of grades.csv: 'Nam'; did you mean Name?",
    "run --roster grades.csv --mapping strange.toml":
        "unknown trait in [traits] of strange.toml: 'intrest'; did you mean interest?",
    "compare criterion curv": NO_POLICY,
    "compare curv criterion": NO_POLICY,
    "compare criterion curve --engine vectorized": "unknown engine 'vectorized'; did you mean vectorised?",
    "compare criterion curve --set near_mis=0": "unknown parameter 'near_mis'; did you mean near_miss_slope or ",
    "compare criterion curve --roster marks.csv --mapping uci": "unknown mapping 'uci'; ",
    "list policy": "unknown list 'policy'; did you mean policies?",
    "list outcome": "unknown list 'outcome'; did you mean outcomes?",
    "list everything": "unknown list 'everything'; there are policies, ",
    "bench --policy curv": NO_POLICY,
    "map nix --x level --y style_mean": "unknown study with results 'nix'; there are ",
    "map rigor --x level --y style_mean --classes week": "unknown time of --classes 'week'; there are unit, year",
    "map rigor --x level --y style_mean --classes unit --outcome learning": "--classes is a map of its own; leave ",
    "map rigor --x level --y style_mean --out map.jpg": A_PICTURE,
    "discover rigor": "discover needs --above or --below and a limit, or --class and a class, and one of them alone",
    "discover rigor --above 1 --below 2": "--above and --below are both given; name one limit",
    "discover rigor --above nan": "--above is nan; it needs a finite number",
    "discover rigor --class fail": "unknown class 'fail'; did you mean failing?",
    "discover rigor --above 1 --density 2": "--density is 2.0; it needs a number from 0 to 1",
    "sensitivity nix": "unknown study with results 'nix'; there are ",
    "rum": "unknown verb 'rum'; did you mean run?",
    "xyzzy": f"unknown verb 'xyzzy'; there are {', '.join(VERBS)}",
    # two policies of one group
    "run --policy curve+mastery": "curve and mastery are both grading policies; name one of them",
    "compare criterion harmful+mastery": "curve and mastery are both grading policies; name one of them",
    # values out of range, and no numbers at all
    **{f"run one-world --set attribution_drift={text}":
        f"parameter attribution_drift is {value}; it needs a number from 0 to 0.15 (share per week)"
        for text, value in (("0.2", "0.2"), ("-0.01", "-0.01"), ("nan", "nan"), ("inf", "inf"), ("-1e400", "-inf"))},
    **{f"run --set '{text}'": f"--set {text} needs a name and a number, as in --set attribution_drift=0.1"
        for text in ("attribution_drift", "attribution_drift=", "attribution_drift=much", "=1", " =1", "", "a=b=1")},
    "compare criterion curve --set near_miss_slope": "--set near_miss_slope needs a name and a number",
    **{f"run --policy curve+stakes={text}": f"policy lever stakes is {value}; it needs a number"
        for text, value in (("2", "2.0"), ("nan", "nan"), ("-inf", "-inf"), ("high", "'high'"), ("", "''"))},
    # whole numbers
    **{f"run --rooms {n}": wholes(f"rooms is {n}", 100_000) for n in (0, -1, 100_001, 10**20)},
    **{f"run --weeks {n}": wholes(f"weeks is {n}", 520) for n in (0, -1, 521)},
    **{f"run --seed {n}": wholes(f"seed is {n}", LIMIT - 1, 0) for n in (-1, LIMIT, 10**30)},
    **{f"run --processes {n}": wholes(f"processes is {n}", 1024) for n in (0, -1, 1025)},
    "run --weeks 12": "twins need more than 12 weeks; the year has 12",
    "run --rooms 0 --json": wholes("rooms is 0", 100_000),
    "run --roster marks.csv --rooms 0": wholes("rooms is 0", 100_000),
    **{f"compare criterion curve --rooms {n}": wholes(f"rooms is {n}", 1_000_000) for n in (0, -1, 10**12)},
    **{f"compare criterion curve --weeks {n}": wholes(f"weeks is {n}", 520) for n in (0, 521)},
    **{f"compare criterion curve --seed {n}": f"seed is {n}; it needs a whole number from 0 to " for n in (-1, LIMIT)},
    **{f"compare criterion curve --replicates {n}": wholes(f"replicates is {n}", 10_000) for n in (0, -1, 10_001)},
    "compare criterion curve --roster marks.csv --weeks 0": wholes("weeks is 0", 520),
    **{f"bench --rounds {n}": wholes(f"rounds is {n}", 1000) for n in (0, 1001)},
    # the wrong type, and words that nobody asked for
    **{f"run --{name} {text}": f"invalid value for '--{name}': "
        for name, text in (("rooms", "x"), ("rooms", "nan"), ("rooms", "inf"), ("rooms", "2.5"), ("rooms", "''"),
                           ("weeks", "many"), ("seed", "1e400"), ("processes", "two"))},
    "compare criterion curve --replicates x": "invalid value for '--replicates': ",
    "bench --rounds x": "invalid value for '--rounds': ",
    "run --room 2": "no such option: --room",
    "--rooms 2": "no such option: --rooms",
    "run claims claims": "got unexpected extra argument",
    "run --rooms": "option '--rooms' requires an argument",
    "compare criterion": "compare needs a second policy, --without and a mechanism, or a number that one side has",
    "compare criterion --without curve": "unknown mechanism 'curve'; there are drift, ",
    "compare criterion --without style_drif": "unknown mechanism 'style_drif'; did you mean style_drift?",
    "cite none": "there is no folder none with results; ",
    "list": "missing argument 'what'",
    # rosters
    "run --roster none.csv": "roster none.csv cannot be read; is the path right?",
    f"run --roster {'x' * 5000}": "roster xxx",
    "run --roster ''": "roster . is a folder; name the file in it",
    "run --roster folder.png": "roster folder.png is a folder; name the file in it",
    "run --roster marks.csv --mapping none.toml": "mapping none.toml cannot be read; is the path right?",
    "run --mapping coruna": "--mapping says what columns mean; --roster must name the file",
    "run --mapping ''": "--mapping says what columns mean; --roster must name the file",
    "compare criterion curve --mapping coruna": "--mapping says what columns mean; --roster must name the file",
    "run --roster nothing.csv": "roster nothing.csv, read as utf-8, has no students; it needs a line of column names",
    "run --roster header.csv": "roster header.csv, read as utf-8, has no students; it needs a line of column names",
    "run --roster one.csv": "class all of roster one has 1 student; a class needs at least 2",
    "run --roster many.csv": "class all of roster many has 61 students, more than 60; deal them into classes with ",
    "run --roster twice.csv": "lines 2 and 4 of twice.csv have one id, 'a'; ",
    "run --roster binary.csv": "roster binary.csv is not text in utf-8; ",
    "run --roster word.csv": "interest in line 3 of word.csv is 'lots'; it needs a number",
    "run --roster grades.csv": "line 2 of grades.csv has 2 cells, the line of column names has 1; is ',' the separator",
    "compare criterion curve --roster one.csv": "class all of roster one has 1 student; a class needs at least 2",
    # files that are to be written
    "run --rooms 1 --results taken": "results cannot be written to taken/claims/",
    "run --rooms 1 --results half": "results cannot be written to half/claims/",
    f"run --rooms 1 --results {'x' * 5000}": "results cannot be written to xxx",
    "list results --results taken": "taken is no folder; name the folder of all results with --results",
    "compare criterion curve --out both.gif": f"{A_PICTURE}both.gif is none of them",
    "compare criterion curve --out both": f"{A_PICTURE}both is none of them",
    "compare criterion curve --out none/both.png": "none/both.png cannot be written: no such file or ",
    "compare criterion curve --out taken/both.png": "taken/both.png cannot be written: not a directory; ",
    "compare criterion curve --out folder.png": "folder.png is a folder; name a file in it",
    "ablate --rooms 1 --results taken": "results cannot be written to taken/ablation/",
    f"profile --out {'x' * 5000}": f"{A_PICTURE}xxx",
    "profile --out year.gif": f"{A_PICTURE}year.gif is none of them",
    "profile --out year": f"{A_PICTURE}year is none of them",
    "profile --out none/year.png": "none/year.png cannot be written: no such file or directory; name a file in",
    "profile --out taken/year.png": "taken/year.png cannot be written: not a directory; name a file in",
    "profile --out folder.png": "folder.png is a folder; name a file in it",
    # what is ablated and drawn
    "ablate ablatio": "unknown study 'ablatio'; did you mean ablation?",
    "ablate --policy curv": NO_POLICY,
    "ablate --set near_mis=1": "unknown parameter 'near_mis'; did you mean near_miss_slope",
    "ablate --rooms 0": wholes("rooms is 0", 100_000),
    "ablate --processes 0": wholes("processes is 0", 1024),
    "ablate --engine mes": "unknown engine 'mes'; did you mean mesa?",
    "profile --policy curv": NO_POLICY,
    "profile --set near_mis=1": "unknown parameter 'near_mis'; did you mean near_miss_slope",
    "profile --roster one.csv": "class all of roster one has 1 student; a class needs at least 2",
    **{f"profile --rooms {n}": wholes(f"rooms is {n}", 5_000) for n in (0, 10**12)},
    **{f"profile --weeks {n}": wholes(f"weeks is {n}", 520, 14) for n in (13, 521)},
    **{f"profile --seed {n}": f"seed is {n}; it needs a whole number from 0 to " for n in (-1, LIMIT)},
    # files of one's own
    **{f"{verb} --with {file}": says
        for verb in ("run", "compare criterion curve", "ablate", "profile", "list mechanisms")
        for file, says in (("none.py", "--with none.py cannot be read; is the path right?"),
                           ("broken.py", "broken.py:2: ZeroDivisionError: division by zero"))},
    "list mechanisms --with marks.csv": "--with marks.csv is no Python file; is the path right?",
    "list mechanisms --with .": "--with . is no Python file; is the path right?",
    "list mechanisms --with ''": "--with  is no Python file; is the path right?",
    "list mechanisms --with no-python.py": "no-python.py:1: invalid syntax",
    # studies
    "run none.toml": "study none.toml cannot be read; is the path right?",
    "run folder.toml": "study folder.toml cannot be read; is the path right?",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "says"), BAD.items(), ids=[typed[:60] for typed in BAD])
def test_bad_input_is_refused(typed: str, says: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that says what is wrong and what would be right; nothing is run, printed or written."""
    monkeypatch.chdir(desk)
    monkeypatch.delenv("SETBACK_DATA", raising=False)
    before = content(desk)
    assert said(setback(*shlex.split(typed))).startswith(says)
    assert content(desk) == before


def test_what_typer_refuses_points_to_the_help() -> None:
    """The verb's own help, where there is a verb."""
    for words, verb in ((["run", "--rooms", "x"], "setback run"), (["--nonsense"], "setback")):
        assert said(setback(*words)).endswith(f"; see {verb} --help")


def test_nothing_that_was_typed_steers_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every verb that names the file that it wrote names it in letters."""
    monkeypatch.chdir(tmp_path)
    tiny = ["--rooms", "1", "--weeks", "2"]
    verbs = ["new", "study", "mine"], ["page", "--scene", "harsh-start"], ["gradebook", "export", *tiny]
    for k, words in enumerate(verbs):
        done = setback(*words, "--out", f"\x1b[2J{k}")
        assert done.code == 0 and done.out.removesuffix("\n").isprintable() and f" [2J{k}" in done.out, done


def test_newlines_in_what_was_typed_keep_to_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is quoted of it."""
    monkeypatch.chdir(tmp_path)
    for words in (["--set", "a\nb"], ["--policy", "a\r\nb"], ["--roster", "a\nb"], ["a\nb.toml"], ["--a\nb"]):
        assert "b" in said(setback("run", *words))
    assert content(tmp_path) == {}


GOOD = '[study]\nname = "mine"\n[policies]\ngrading = ["curve"]\n'

NO_POLICIES = "study mine.toml: [policies] names none; give parts of a group, or named = ["
#: What stands in the file of a study, and how the sentence begins that is said of it.
BAD_STUDIES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "study mine.toml: study is missing"),
    "no name": ("[study]\nseed = 1\n", "study mine.toml: study.name is missing"),
    "not TOML": ("study: mine", "study mine.toml is not valid TOML: Expected '='"),
    "not text": (b"\xff\xfe\0", "study mine.toml is not text in UTF-8; save it as such"),
    "table twice": (GOOD + GOOD, "study mine.toml is not valid TOML: Cannot declare ('study',) twice"),
    "flip that there is not": (
        GOOD + "[twins]\nflips = ['line', 'verdict']\n",
        "study mine.toml: unknown flip 'verdict'; there are line, criterion, label, practice",
    ),
    "flip that was called otherwise": (
        GOOD + "[twins]\nflips = ['luck']\n",
        "study mine.toml: unknown flip 'luck'; it is called criterion now; line turns the policy's own verdict",
    ),
    "verdict that nobody utters": (
        GOOD.replace('"curve"', '"narrative", "no-grades"')
        + "[twins]\nflips = ['line', 'label', 'practice']\nshare = 0.1\n",
        "study mine.toml: no policy here utters a verdict for line and label to turn; flip criterion instead",
    ),
    "estimand that is made in any case": (
        GOOD + "[twins]\nestimands = ['R_F']\n",
        "study mine.toml: unknown estimand to ask for 'R_F'; ",
    ),
    "unknown table": (GOOD + "[room]\n", "study mine.toml: unknown key 'room'; did you mean rooms?"),
    "far table": (GOOD + "[x]\n", "study mine.toml: unknown key 'x'; there are study, policies, parameters, worlds, "),
    "flip as it once was": (
        GOOD + "[twins]\nflip = 'label'\n",
        "study mine.toml: unknown key 'twins.flip'; did you mean twins.flips?",
    ),
    "unknown key": (GOOD + "[rooms]\ncuont = 3\n", "study mine.toml: unknown key 'rooms.cuont'; did you mean rooms."),
    "unknown group": (GOOD + "gradings = []\n", "study mine.toml: unknown key 'policies.gradings'; did you mean "),
    "unknown parameter": (
        GOOD + "[parameters]\nnear_mis = 1\n",
        "study mine.toml: unknown parameter 'near_mis'; did you me",
    ),
    "unknown policy": (
        GOOD.replace("curve", "curv"),
        "study mine.toml: unknown grading policy 'curv'; did",
    ),
    "unknown named policy": (GOOD + 'named = ["curv"]\n', f"study mine.toml: {NO_POLICY}"),
    "wrong group": (
        GOOD.replace("curve", "fixed"),
        "study mine.toml: unknown grading policy 'fixed'; there are criterion, curve, pass-fail, ",
    ),
    "two of one group": (
        GOOD + 'named = ["curve+mastery"]\n',
        "study mine.toml: curve and mastery are both g",
    ),
    "no policies": (
        '[study]\nname = "mine"\n',
        NO_POLICIES,
    ),
    "empty policies": (
        '[study]\nname = "mine"\n[policies]\n',
        NO_POLICIES,
    ),
    "empty lists": (
        GOOD.replace('"curve"', ""),
        NO_POLICIES,
    ),
    "a text for a table": ('study = "mine"', "study mine.toml: study is 'mine'; it needs a table"),
    "a list for a table": (GOOD + "[[rooms]]\n", "study mine.toml: rooms is [{}]; it needs a table"),
    "a table for a number": (
        GOOD + "[parameters.near_miss_slope]\n",
        "study mine.toml: parameters.near_miss_slope is {}: input ",
    ),
    "name that is no folder": (
        GOOD.replace("mine", "../Mine"),
        "study mine.toml: study.name is '../Mine'; it needs lower-case letters, digits and hyphens",
    ),
    "parameter out of range": (
        GOOD + "[parameters]\nnear_miss_slope = 99\n",
        "study mine.toml: parameter near_miss_slope is 99.0; ",
    ),
    "share not a number": (
        GOOD + "[twins]\nshare = nan\n",
        "study mine.toml: twins.share is nan; it needs a finite number",
    ),
    "parameter not a number": (
        GOOD + "[parameters]\nnear_miss_slope = nan\n",
        "study mine.toml: parameters.near_miss_slope is nan; ",
    ),
    "too few weeks": (
        GOOD + "[rooms]\nweeks = 12\n[twins]\nshare = 1\n",
        "study mine.toml: twins need more than 12 weeks",
    ),
    **{
        f"{key} = {value}": (
            GOOD.replace('name = "mine"', f'name = "mine"\n{key} = {value}')
            if table == "study"
            else GOOD.replace("[policies]", f"[policies]\n{key} = {value}").replace('grading = ["curve"]\n', "")
            if table == "policies"
            else f"{GOOD}[{table}]\n{key} = {value}\n",
            f"study mine.toml: {table}.{key}{at} is {shown}: input should be ",
        )
        for table, key, at, value, shown in (
            ("study", "seed", "", "-1", "-1"),
            ("study", "seed", "", str(LIMIT), str(LIMIT)),
            ("study", "seed", "", "'1'", "'1'"),
            ("study", "seed", "", "true", "True"),
            ("study", "question", "", "1", "1"),
            ("policies", "grading", "", "'curve'", "'curve'"),
            ("policies", "grading", ".0", "[1]", "1"),
            ("parameters", "near_miss_slope", "", "'1'", "'1'"),
            ("parameters", "near_miss_slope", "", "true", "True"),
            ("rooms", "count", "", "0", "0"),
            ("rooms", "count", "", "100001", "100001"),
            ("rooms", "count", "", "2.0", "2.0"),
            ("rooms", "count", "", "'two'", "'two'"),
            ("rooms", "size", "", "1", "1"),
            ("rooms", "size", "", "61", "61"),
            ("rooms", "weeks", "", "521", "521"),
            ("twins", "share", "", "1.5", "1.5"),
            ("twins", "flips", "", "'label'", "'label'"),
        )
    },
}


@pytest.mark.parametrize(("text", "says"), BAD_STUDIES.values(), ids=BAD_STUDIES.keys())
def test_bad_studies_are_refused(text: str | bytes, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the key and its value; nothing is run, printed or written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert said(setback("run", "mine.toml")).startswith(says)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


def test_a_study_with_a_byte_order_mark(desk: Path, tmp_path: Path) -> None:
    """What editors put before the first letter is no mistake."""
    (tmp_path / "mine.toml").write_bytes(PLAIN.encode("utf-8-sig"))
    assert setback("run", tmp_path / "mine.toml", "--processes", "1", "--results", tmp_path).code == 0


def test_a_file_in_the_place_of_ones_results(ran: Ran, tmp_path: Path) -> None:
    """It is refused before the run, not after it, and stays."""
    place = tmp_path / "one-world" / ran.folder.name
    place.parent.mkdir()
    place.write_text("mine")
    message = said(setback(*CLAIMS, tmp_path))
    assert message == f"results cannot be written to {place}; name another folder with --results"
    assert place.read_text() == "mine"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"study": 1}', '{"study": {"name": "claims"}}', b"\xff", None])
def test_broken_results(ran: Ran, tmp_path: Path, text: str | bytes | None) -> None:
    """A manifest that does not say what was run is shown as damaged, and made anew by the same command."""
    broken = shutil.copytree(ran.folder, tmp_path / "one-world" / ran.folder.name)
    manifest = broken / "manifest.json"
    manifest.unlink()
    if text is None:
        manifest.mkdir()
    else:
        manifest.write_bytes(text if isinstance(text, bytes) else text.encode())
    for verb in (("list", "results"), ("status",)):
        (row,) = json.loads(setback(*verb, "--results", tmp_path, "--json").out)
        state = "other format" if '"study"' in str(text) else "damaged"
        assert (row["study"], row["key"], row["state"]) == ("one-world", ran.folder.name, state)
    before = content(broken / "outcomes")
    done = setback(*CLAIMS, tmp_path, "--json")
    if text is None or '"study"' in str(text):  # a folder, or what another version wrote, is left alone
        says = "is a folder" if text is None else f"holds results of format 1, this setback reads {FORMAT}; run"
        assert done.code == 2 and says in done.err and content(broken / "outcomes") == before
        return
    assert done.code == 0 and f"{manifest} was not as it was written, and is made anew" in done.err
    assert json.loads(done.out) == json.loads((ran.folder / "claims.json").read_text())
    assert content(broken / "outcomes") == before and load(broken).state.is_finished


def test_refused_in_a_process_of_its_own(tmp_path: Path) -> None:
    """As from a shell: exit code 2, one line on the error stream, no file."""
    message = said(setback_elsewhere(tmp_path, "run", "--set", "near_mis=1", "--policy", "curve"))
    assert message.startswith("unknown parameter 'near_mis'; did you mean near_miss_slope")
    assert content(tmp_path) == {}


def test_installed_elsewhere(tmp_path: Path) -> None:
    """As packages of one namespace, away from the repository, the command finds its mappings and studies."""
    home = tmp_path / "setback"
    shutil.copytree(ROOT / "interface", home, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("model", "experiments", "analysis"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("__pycache__"))
    done = setback_elsewhere(tmp_path, "list", "mappings", "--json", PYTHONPATH=str(tmp_path))
    assert [row["name"] for row in json.loads(done.out)] == LISTED["mappings"][1], done.err
    done = setback_elsewhere(tmp_path, "run", "--roster", "x.csv", "--mapping", "corun", PYTHONPATH=str(tmp_path))
    assert said(done) == "unknown mapping 'corun'; did you mean coruna?"


def test_every_engine_is_named_in_the_help() -> None:
    """The option says what there is to choose from."""
    assert all(name in setback("run", "--help").out for name in ENGINES)
