"""The store: a run that is cut short goes on to the same bytes, and nothing is lost, mixed or done twice."""

import ast
import errno
import hashlib
import json
import os
import platform
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from setback.analysis.load import load
from setback.experiments.studies import folder as folder_module
from setback.experiments.studies import identity, workers
from setback.experiments.studies.folder import FORMAT, State
from setback.experiments.studies.locks import is_held
from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import folder_of, run_study
from setback.experiments.studies.task import Failure, Task, Tasks
from setback.experiments.studies.worlds import Range, worlds
from setback.model.engines import compiled
from setback.model.errors import InputError, StopError
from setback.model.keep import Keep
from setback.model.policies import as_policy
from setback.model.writing import UNFINISHED

TEXT = """
[study]
name = "small"
seed = 5
[policies]
grading = ["criterion", "curve"]
named = ["harmful > benign @ 4"]
[worlds]
design = "lhs"
n = 60
vary = { level = [-1, 1], style_mean = true }
[rooms]
count = 20
size = 6
weeks = 6
[keep]
students = ["control"]
share = 0.01
[twins]
share = 0
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a study of twenty tasks."""
    path = tmp_path_factory.mktemp("studies") / "small.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    """The file of a study of ten times as many tasks, so that nothing that happens to its run comes too late."""
    path = tmp_path_factory.mktemp("studies") / "long.toml"
    path.write_text(TEXT.replace("count = 20", "count = 200"))
    return path, Study.read(path).replace(engine="vectorised")


@pytest.fixture(scope="module")
def study(file: Path) -> Study:
    """The study of the file."""
    return Study.read(file).replace(engine="vectorised")


@pytest.fixture(scope="module")
def whole(study: Study, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of an unbroken run in one process."""
    return tables(run_study(study, tmp_path_factory.mktemp("whole"), processes=1))


def tables(folder: Path) -> dict[str, bytes]:
    """Every file of the tasks of a run and its design, hidden ones too."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in names.items() if "/" in name or name == "design.parquet"}


def runs(folder: Path) -> list[int]:
    """How many tasks each run of a store has kept, of those that came to an end."""
    return [run["tasks"] for run in json.loads((folder / "manifest.json").read_text())["runs"]]


def command(file: Path, results: Path, *more: str) -> list[str]:
    """The command line in a process of its own."""
    program = "from setback.cli import main; main()"
    return [sys.executable, "-c", program, "run", str(file), "--results", str(results), "--engine", "vectorised", *more]


def test_what_an_unbroken_run_leaves(study: Study, whole: dict[str, bytes]) -> None:
    """One file a task and table with its record, and the design."""
    count = len(Tasks(study))
    assert count >= 10
    files = (("outcomes", "parquet"), ("traces", "parquet"), ("tasks", "json"))
    assert whole.keys() == {"design.parquet", *(f"{of}/{k:05d}.{end}" for of, end in files for k in range(count))}


def test_every_field_that_a_run_writes(begun: Any, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Manifest, design, records and what is said of a task that raised, field by field; and what is read of them."""
    live = workers.live

    def failing(study: Study, task: Task) -> Any:
        return 1 / 0 if task.number == 7 else live(study, task)

    began = datetime.now().astimezone().replace(microsecond=0)
    monkeypatch.setattr(workers, "live", failing)
    _, folder = begun(command="setback run small.toml")
    assert begun(command="setback run small.toml --retry-failed", retry_failed=True)[0] == []
    ended = datetime.now().astimezone()

    def sha(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()

    def unsealed(name: str) -> dict[str, Any]:
        about = json.loads((folder / name).read_text())
        seal = about.pop("seal")
        assert seal == hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest(), name
        return about

    about = unsealed("manifest.json")
    times = [about.pop("written"), *(run.pop("ended") for run in about["runs"])]
    assert [began, *sorted(map(datetime.fromisoformat, times)), ended] == sorted(
        [began, *map(datetime.fromisoformat, times), ended]
    ), "no time of the run, or none with a zone"
    seconds = [run.pop("seconds") for run in about["runs"]]
    assert all(0 < spent < (ended - began).total_seconds() + 1 for spent in seconds)
    assert load(folder).manifest.seconds == sum(seconds)
    key, bits, text = study.key(), identity.fingerprint("vectorised"), json.loads(json.dumps(study.text()))
    assert about == {
        "format": 3, "key": key, "study": text, "modules": dict(identity.MODULES["vectorised"]), "fingerprint": bits,
        "engine": "vectorised",
        "policies": [{"policy": policy.name, **policy.parts} for policy in study.policies],
        "notes": [], "file": TEXT, "files": {}, "command": "setback run small.toml", "platform": platform.platform(),
        "versions": {"python": platform.python_version(), **{name: installed(name) for name in (
            "setback", "numpy", "pandas", "pyarrow", "mesa", "scipy", "llvmlite")}},
        "tasks": 20, "design": sha("design.parquet"),
        "runs": [
            {"command": "setback run small.toml", "processes": 1, "tasks": 19},
            {"command": "setback run small.toml --retry-failed", "processes": 1, "tasks": 0},
        ],
    }  # fmt: skip
    assert (folder.parent.name, folder.name) == ("small", key)

    policies = ["criterion", "curve", as_policy("harmful > benign @ 4").name]
    # sixty worlds fit into one task; its rooms are cut
    for task in (number for number in range(20) if number != 7):
        names = [f"{table}/{task:05d}.parquet" for table in ("outcomes", "traces")]
        assert unsealed(f"tasks/{task:05d}.json") == {
            "format": 3, "key": key, "fingerprint": bits, "task": task,
            "cells": {"worlds": [0, 60, 1], "policies": policies, "rooms": [task, task + 1, 1]},
            "sha256": dict(zip(("outcomes", "traces"), map(sha, names), strict=True)),
        }, task  # fmt: skip
    failed = unsealed("failed/00007.json")
    assert failed.pop("where").startswith("Traceback")
    assert failed == {"key": key, "fingerprint": bits, "task": 7, "error": "ZeroDivisionError: division by zero"}

    design = pd.read_parquet(folder / "design.parquet")
    assert design.to_dict("list") == {
        "world": [*range(60)],
        **{name: study.worlds.table[:, k].tolist() for k, name in enumerate(study.worlds.names)},
    }
    hashes = {path: sha(path) for path in tables(folder) if path.endswith(".parquet") and "/" in path}
    done = tuple(number for number in range(20) if number != 7)
    assert load(folder).state == State(20, range(20), done, (7,), (), (), hashes)


def test_killed_at_random_moments(file: Path, study: Study, whole: dict[str, bytes], tmp_path: Path) -> None:
    """After SIGKILL at two random moments the run still ends with the same bytes; no task that is there is redone."""
    draw, folder, seen = random.Random(1), folder_of(study, tmp_path), dict[str, int]()
    for _ in range(2):
        process = subprocess.Popen(command(file, tmp_path, "--processes", "2"), stdout=subprocess.DEVNULL)
        before = len(list(folder.glob("tasks/*.json")))
        # let it begin, then some more tasks end
        wanted = before + draw.randint(1, 4)
        while process.poll() is None and len(list(folder.glob("tasks/[!.]*.json"))) < wanted:
            time.sleep(0.005)
        time.sleep(draw.uniform(0.0, 0.05))
        process.kill()
        process.wait()
        for path in folder.glob("tasks/[!.]*.json"):
            at = path.stat().st_mtime_ns
            assert seen.setdefault(path.name, at) == at, f"{path.name} was written twice"
    assert run_study(study, tmp_path, processes=1) == folder
    for name, at in seen.items():
        assert (folder / "tasks" / name).stat().st_mtime_ns == at, f"{name} was written twice"
    assert tables(folder) == whole
    assert load(folder).state.is_finished and not load(folder).state.foreign


@pytest.mark.skipif(sys.platform != "linux", reason="the children of a process are asked of /proc")
def test_workers_end_with_the_process_that_was_killed(long: tuple[Path, Study], tmp_path: Path) -> None:
    """Nobody goes on computing for a run that is no more."""
    file, study = long
    process = subprocess.Popen(command(file, tmp_path, "--processes", "2"), stdout=subprocess.DEVNULL)
    folder = folder_of(study, tmp_path)
    while process.poll() is None and not list(folder.glob("outcomes/[!.]*.parquet")):
        time.sleep(0.01)
    mine = children(process.pid)
    assert len(mine) >= 2
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in mine) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in mine if Path(f"/proc/{pid}").exists()]


def children(pid: int) -> list[int]:
    """Processes that a process has begun, from whichever of its threads (Linux)."""
    return [int(word) for path in Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()]


@pytest.mark.parametrize("with_", [signal.SIGINT, signal.SIGTERM])
def test_stopped_politely(long: tuple[Path, Study], tmp_path: Path, with_: signal.Signals) -> None:
    """Ctrl-C or a request to end: exit code 130, one sentence, the manifest says how far it went."""
    file, study = long
    process = subprocess.Popen(
        command(file, tmp_path, "--processes", "1"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    folder = folder_of(study, tmp_path)
    while process.poll() is None and not list(folder.glob("tasks/[!.]*.json")):
        time.sleep(0.005)
    process.send_signal(with_)
    _, err = process.communicate()
    done = len(list(folder.glob("tasks/[!.]*.json")))
    assert process.returncode == 130
    assert err == f"setback: stopped; {done} of {len(Tasks(study))} tasks are kept, and the same command goes on\n"
    assert runs(folder) == [done] and 0 < done < len(Tasks(study))


@pytest.fixture
def begun(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs the study in one process; gives how many tasks were run, and the folder."""
    lived: list[int] = []
    live = workers.live

    def counted(study: Study, task: Task) -> Any:
        lived.append(task.number)
        return live(study, task)

    monkeypatch.setattr(workers, "live", counted)

    def run(**options: Any) -> tuple[list[int], Path]:
        lived.clear()
        folder = run_study(options.pop("study", study), tmp_path, processes=1, **options)
        return list(lived), folder

    yield run


def test_progress_adds_up_to_the_classrooms(begun: Any) -> None:
    """First what is there already, then each task as it ends: of a new run, one that goes on, and one that is done."""
    of_task = 3 * 60 * 1
    told: list[int] = []
    _, folder = begun(progress=told.append)
    assert told == [0] + [of_task] * 20
    told.clear()
    (folder / "outcomes" / "00003.parquet").unlink()
    (folder / "tasks" / "00008.json").unlink()
    begun(progress=told.append)
    assert told == [18 * of_task, of_task, of_task]
    told.clear()
    begun(progress=told.append)
    assert told == [20 * of_task]


def test_a_truncated_file_is_made_again(begun: Any, whole: dict[str, bytes]) -> None:
    """And nothing else is."""
    lived, folder = begun()
    assert lived == [*range(len(lived))]
    part = folder / "outcomes" / "00003.parquet"
    part.write_bytes(part.read_bytes()[:-20])
    (folder / "traces" / "00005.parquet").unlink()
    assert load(folder).state.done == tuple(k for k in range(len(lived)) if k not in (3, 5))
    assert begun() == ([3, 5], folder)
    assert tables(folder) == whole
    assert begun() == ([], folder)


def test_a_task_that_raises(begun: Any, study: Study, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a row with its error; the others are kept; it is tried again only when that is asked for."""
    live = workers.live

    def failing(study: Study, task: Task) -> Any:
        if task.number in (2, 4):
            raise FloatingPointError(f"no number in task {task.number}")
        return live(study, task)

    with monkeypatch.context() as patch:
        patch.setattr(workers, "live", failing)
        _, folder = begun()
    for name in ("twins/00002.parquet", "failed/00003.json"):  # no table of this study, and nothing that it says
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"theirs")
    assert load(folder).state.foreign == ("failed/00003.json", "twins/00002.parquet")
    for name in load(folder).state.foreign:
        (folder / name).unlink()
    failed = load(folder).failed
    assert failed["task"].tolist() == [2, 4]
    assert failed["error"].tolist() == [f"FloatingPointError: no number in task {k}" for k in (2, 4)]
    assert "failing" in failed["where"][0]
    assert str(load(folder).state) == f"unfinished, {len(Tasks(study)) - 2} of {len(Tasks(study))} tasks; failed: 2, 4"
    assert len(load(folder).rows) == sum(
        3 * len(t.worlds) * len(t.rooms) for t in Tasks(study) if t.number not in (2, 4)
    )
    assert begun() == ([], folder), "failed tasks are left alone"
    assert begun(retry_failed=True) == ([2, 4], folder)
    (folder / "twins").rmdir()
    assert tables(folder) == whole and not list((folder / "failed").iterdir())


def test_a_study_is_run_as_it_is_asked(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default what is missing of it, and nothing that a person has to ask for; what is asked for is passed on."""
    asked: list[Any] = []

    def noted(study: Study, results: Path, processes: int | None, **options: Any) -> Path:
        asked.append((results, processes, {name: said for name, said in options.items() if name != "progress"}))
        return results

    monkeypatch.setattr("setback.experiments.studies.sweep.run_study", noted)
    monkeypatch.setattr("setback.analysis.load.load", lambda folder: folder)
    plain = {"rerun": False, "retry_failed": False, "ignore_unfinished": False, "cluster": None}
    for more in ({}, {"rerun": True}, {"retry_failed": True}, {"ignore_unfinished": True}, {"cluster": "tcp://here"}):
        study.run(**more)
        assert asked.pop() == (Path("results"), None, plain | more)
    study.run("there", 3)
    assert asked == [(Path("there"), 3, plain)]


def test_bad_input_in_a_task_ends_the_run(begun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would fail every task alike is told once."""

    def refused(study: Study, task: Task) -> Any:
        raise InputError("the compiled engine needs llvmlite")

    monkeypatch.setattr(workers, "live", refused)
    with pytest.raises(InputError, match="needs llvmlite"):
        begun()


def test_a_full_disk(
    begun: Any, study: Study, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence; every task before is whole, nothing half-written lies about, and the same run goes on."""
    flush, flushed = os.fsync, list[int]()

    def full(handle: int) -> None:
        flushed.append(handle)
        if len(flushed) > 30:
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(handle)

    folder = folder_of(study, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StopError, match=r"no space left on device; .*; every task before is kept"):
            begun()
    assert not list(folder.rglob(".*.unfinished"))
    there = len(list((folder / "tasks").iterdir()))
    assert 0 < there < len(Tasks(study))
    lived, _ = begun()
    assert lived == [*range(there, len(Tasks(study)))]
    assert tables(folder) == whole


def test_two_runs_exclude_each_other(study: Study, tmp_path: Path) -> None:
    """The second is told of the first."""
    folder = folder_of(study, tmp_path)
    with (
        Store(folder, study).written_to(print),
        pytest.raises(InputError, match="another run is writing to"),
    ):
        run_study(study, tmp_path, processes=1)
    assert is_held(folder) is False


def test_other_equations_are_refused(begun: Any, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run of the same study is unfinished; finished ones stay as they are beside the new ones."""
    stop_after(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        begun()
    monkeypatch.undo()
    first = folder_of(study, tmp_path)
    monkeypatch.setattr("setback.experiments.studies.study._equations", lambda _: "others")
    assert folder_of(study, tmp_path) != first
    with pytest.raises(InputError, match=r"small with other equations \(custom mechanisms changed\); go back to them"):
        run_study(study, tmp_path, processes=1)
    with pytest.raises(InputError, match="unfinished run of small with another text of its file"):
        run_study(study.replace(seed=6, file=TEXT.replace("seed = 5", "seed = 6")), tmp_path, processes=1)
    assert [path.name for path in (tmp_path / "small").iterdir()] == [first.name]
    beside = run_study(study.replace(rooms=1), tmp_path, processes=1, ignore_unfinished=True)
    assert beside != first and load(beside).state.is_finished
    monkeypatch.undo()
    assert run_study(study, tmp_path, processes=1) == first


def stop_after(monkeypatch: pytest.MonkeyPatch, tasks: int) -> None:
    """Let a run be interrupted after some tasks."""
    keep, kept = Store.keep, list[Task]()

    def keep_some(self: Store, task: Task, found: Any) -> None:
        if len(kept) == tasks:
            raise KeyboardInterrupt
        kept.append(task)
        keep(self, task, found)

    monkeypatch.setattr(Store, "keep", keep_some)


def test_engines_are_not_mixed(begun: Any, study: Study) -> None:
    """Each has a folder of its own."""
    assert begun(study=study.replace(engine="mesa", rooms=1))[1] != begun(study=study.replace(rooms=1))[1]


def test_a_folder_of_another_study(begun: Any, study: Study, tmp_path: Path) -> None:
    """Results that were put in a wrong place are not gone on with."""
    _, folder = begun()
    other = study.replace(seed=7)
    folder.replace(folder_of(other, tmp_path))
    with pytest.raises(InputError, match="holds results of another study or of other equations"):
        run_study(other, tmp_path, processes=1)


def test_a_worker_that_dies(study: Study, whole: dict[str, bytes], tmp_path: Path) -> None:
    """Its tasks are run by another one."""
    killed: list[int] = []

    def kill_one(_: int) -> None:
        if not killed:
            killed.extend(children(os.getpid())[-1:])
            os.kill(killed[0], signal.SIGKILL)

    folder = run_study(study, tmp_path, processes=2, progress=lambda n: kill_one(n) if n else None)
    assert killed and tables(folder) == whole


def test_what_a_killed_worker_was_writing_is_taken_away(begun: Any, study: Study, tmp_path: Path) -> None:
    """By the run that it worked for, as no other comes where that one finishes."""
    folder = folder_of(study, tmp_path)

    def half_written(classrooms: int) -> None:
        if classrooms:
            (folder / "outcomes" / f".0123456789{UNFINISHED}").write_bytes(b"PAR1")

    begun(progress=half_written)
    assert load(folder).state.is_finished and not list(folder.rglob(f".*{UNFINISHED}"))


def test_what_vanishes_while_it_is_taken_away(
    begun: Any, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-written file that somebody else takes away, or writes to its end, does not keep the others there."""
    folder = folder_of(study, tmp_path)
    gone, left = (folder / "outcomes" / f".{name}{UNFINISHED}" for name in ("gone", "left"))
    monkeypatch.setattr("setback.experiments.studies.store.leftovers", lambda _: [gone, *left.parent.glob(left.name)])

    def half_written(classrooms: int) -> None:
        if classrooms:
            left.write_bytes(b"PAR1")

    begun(progress=half_written)
    assert load(folder).state.is_finished and not left.exists()


def test_a_folder_that_is_taken_away(study: Study, tmp_path: Path) -> None:
    """It is not made anew around a single file; the sentence names the file, and not what Python calls it."""
    store = Store(tmp_path / "gone", study)
    with pytest.raises(StopError) as error:
        store.fail(store.tasks[7], Failure("no", "nowhere"))
    assert str(error.value) == (
        f"{tmp_path / 'gone' / 'failed' / '00007.json'} cannot be written: no such file or directory; name a file in a "
        "folder that can be written to; every task before is kept, and the same command goes on when it can be written "
        "to"
    )
    assert not any(tmp_path.iterdir())


def test_grids_are_taken_in_turns() -> None:
    """A run of a grid that was cut short has worlds from all over it."""
    grid = worlds("grid", [Range.of("level", -1, 1), Range.of("style_mean")], steps=40)
    study = Study.read("one-world").replace(worlds=grid, share=0.0, rooms=1, keep=Keep(("learning",)))
    first = Tasks(study)[0].worlds
    assert {*grid.table[first.start :: first.step, 0]} == {*grid.table[:, 0]}


def test_a_finished_run_is_looked_at_again(begun: Any, whole: dict[str, bytes]) -> None:
    """What was taken away, damaged at its end or overwritten is made again by the same command; nothing else is."""
    _, folder = begun()
    (folder / "outcomes" / "00002.parquet").unlink()
    (folder / "traces" / "00006.parquet").write_bytes(b"junk")
    (folder / "design.parquet").unlink()
    assert begun() == ([2, 6], folder)
    assert tables(folder) == whole
    assert begun() == ([], folder)


def test_again_runs_all_of_it(begun: Any, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """To the same bytes, also where it was cut short; what is not of the study is left alone."""
    _, folder = begun()
    (folder / "notes.txt").write_text("mine")
    stop_after(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        begun(rerun=True)
    monkeypatch.undo()
    assert load(folder).state.done == (0, 1, 2)
    assert begun()[1] == folder and tables(folder) == whole
    assert (folder / "notes.txt").read_text() == "mine"


def test_an_engine_that_is_not_installed(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told in a sentence."""
    monkeypatch.setattr(compiled, "_ready", {})  # not a kernel that is loaded already
    monkeypatch.setattr(identity, "fingerprint", identity.fingerprint.__wrapped__)
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    with pytest.raises(InputError, match="the compiled engine needs llvmlite"):
        run_study(study.replace(engine="compiled", seed=99), tmp_path, processes=1)


def test_what_is_there_is_said(begun: Any, study: Study, whole: dict[str, bytes]) -> None:
    """What was damaged, and what does not belong there, which stays as it is."""
    _, folder = begun()
    (folder / "outcomes" / "00001 (a conflicted copy).parquet").write_bytes(b"theirs")
    (folder / "outcomes" / "99999.parquet").write_bytes(b"theirs")
    (folder / "failed").mkdir()
    (folder / "failed" / "00003.json").write_text("{}")
    (folder / "tasks" / "00005.json").write_text("{}")
    said: list[str] = []
    lived, _ = begun(say=said.append)
    assert lived == [5]
    assert said == [
        "not as it was written, and made anew: outcomes/00005.parquet, tasks/00005.json, traces/00005.parquet",
        "not of this study, and left alone: 'failed/00003.json', 'outcomes/00001 (a conflicted copy).parquet', "
        "'outcomes/99999.parquet'",
    ]
    assert (folder / "outcomes" / "99999.parquet").read_bytes() == b"theirs"
    begun(rerun=True, say=said.append)
    assert {name: tables(folder)[name] for name in whole} == whole
    assert (folder / "outcomes" / "00001 (a conflicted copy).parquet").read_bytes() == b"theirs"


def test_results_of_another_format(begun: Any) -> None:
    """Neither older nor newer ones are taken for damaged: they are told in a sentence and stay."""
    _, folder = begun()
    manifest = folder / "manifest.json"
    for number in (1, FORMAT + 1):
        about = {**json.loads(manifest.read_text()), "format": number}
        manifest.write_text(text := json.dumps(about))
        for ask in (begun, lambda: load(folder), lambda: begun(rerun=True)):
            with pytest.raises(InputError, match=f"holds results of format {number}, this setback reads {FORMAT}"):
                ask()
        assert manifest.read_text() == text


def test_a_machine_with_other_last_digits(begun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may show what is finished, and says so; what is begun it leaves as it is."""
    _, folder = begun()
    monkeypatch.setattr("setback.experiments.studies.store.fingerprint", lambda _: "another")
    said: list[str] = []
    assert begun(say=said.append) == ([], folder)
    assert len(said) == 1 and "was run where the same equations give other last digits (numpy" in said[0]
    (folder / "tasks" / "00002.json").unlink()
    (folder / "design.parquet").unlink()
    before = tables(folder)
    with pytest.raises(InputError, match="go on there, or begin anew with --rerun"):
        begun()
    assert tables(folder) == before


def test_what_changes_after_it_was_checked(begun: Any) -> None:
    """Is not read."""
    _, folder = begun()
    loaded = load(folder)
    (folder / "outcomes" / "00004.parquet").write_bytes((folder / "outcomes" / "00003.parquet").read_bytes())
    for ask in (lambda: loaded.rows, lambda: list(loaded.in_parts())):
        with pytest.raises(InputError, match="holds no results that can be read"):
            ask()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no file modes on this system")
def test_a_finished_study_on_a_disk_that_cannot_be_written_to(begun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at without a lock, and nothing is written."""
    _, folder = begun()

    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "fsync", read_only)
    monkeypatch.setattr("filelock.FileLock.acquire", read_only)
    assert begun() == ([], folder) and load(folder).state.is_finished


def test_two_studies_in_two_threads(study: Study, whole: dict[str, bytes], tmp_path: Path) -> None:
    """Each starts its own workers, and the program stays what it was."""
    program = sys.modules["__main__"]
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda k=k: found.append(run_study(study, tmp_path / str(k), processes=2)))
        for k in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [tables(folder) for folder in found] == [whole, whole]
    assert sys.modules["__main__"] is program


@pytest.mark.parametrize("room", ["experiments", "analysis", "interface"])
def test_only_the_folder_names_what_lies_in_it(room: str) -> None:
    """Manifest, design, tables, pictures and summaries have their names from one place."""
    known = {*folder_module.REPORTS, folder_module.MANIFEST, folder_module.DESIGN, folder_module.LOCK}
    for path in (Path(__file__).parents[2] / room).rglob("*.py"):
        texts = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
        assert path == Path(folder_module.__file__) or not texts & known, path
