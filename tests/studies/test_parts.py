"""Parts of a study that run beside one another, and what becomes of them when they are merged."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import said, setback

from setback.experiments.studies import locks
from setback.experiments.studies.folder import file_of, read_manifest, state_of
from setback.experiments.studies.locks import held, is_held
from setback.experiments.studies.merge import merge
from setback.experiments.studies.parts import Part
from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import folder_of, run_study
from setback.experiments.studies.task import Task
from setback.model.errors import InputError

TEXT = """
[study]
name = "pieces"
seed = 3
[policies]
grading = ["criterion", "curve"]
[worlds]
design = "lhs"
n = 3
vary = { level = [-1, 1] }
[rooms]
count = 11
size = 6
weeks = 6
[twins]
share = 0
"""
TASKS = 11


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a study of eleven tasks."""
    path = tmp_path / "pieces.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def study(file: Path) -> Study:
    """The study."""
    return Study.read(file).replace(engine="vectorised")


def run(study: Study, results: Path, part: str, say: list[str] | None = None) -> Path:
    """Run a part in this process."""
    tell = [] if say is None else say
    command = f"part {part}" if study.seed == 3 else "another"
    folder = run_study(study, results, processes=1, part=Part.read(part), say=tell.append, command=command)
    assert isinstance(folder, Path)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """What a task leaves: tables and records, and the design."""
    kept = sorted(path for path in folder.rglob("*") if path.suffix in (".parquet", ".json") and "0" in path.stem)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in (*kept, folder / "design.parquet")}


def done(folder: Path) -> list[int]:
    """The tasks that are done."""
    state = state_of(folder)
    assert state is not None
    return [*state.done]


def test_parts_share_out_every_task() -> None:
    """Each task is in one part and no other, however many parts there are; consecutive ones are in different parts."""
    for of in range(1, 15):
        parts = [Part(number, of).tasks(TASKS) for number in range(1, of + 1)]
        assert sorted(number for part in parts for number in part) == [*range(TASKS)]
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert [*Part.read(" 2/4 ").tasks(11)] == [1, 5, 9]


@pytest.mark.parametrize("text", ["0/4", "5/4", "x", "", "1", "1/0", "-1/4", "1/4/2", "1.5/4", "1/99999999", "٣/٤"])
def test_what_is_no_part(text: str, file: Path) -> None:
    """Is refused in a sentence, before anything is made."""
    with pytest.raises(InputError, match="is none; it is a number and how many there are, from 1/8 to 8/8"):
        Part.read(text)
    if text in ("0/4", ""):
        assert "from 1/8 to 8/8" in said(setback("run", file, "--part", text, "--results", file.parent / "results"))
        assert not (file.parent / "results").exists()


def test_what_goes_with_no_part(file: Path) -> None:
    """A cluster shares out its tasks itself, and what is run anew is run whole."""
    for more, why in ((("--cluster", "tcp://127.0.0.1:1"), "--cluster"), (("--rerun",), "--rerun")):
        words = said(setback("run", file, "--part", "1/4", *more, "--results", file.parent / "results"))
        assert f"part 1/4 cannot be run with {why}" in words
    assert not (file.parent / "results").exists()


def test_parts_in_one_folder(study: Study, tmp_path: Path) -> None:
    """Each does its own tasks and leaves those of others, done or under way; merged they are the run at once."""
    whole = run_study(study, tmp_path / "whole", processes=1)
    folder = run(study, tmp_path / "parts", "2/3")
    assert done(folder) == [1, 4, 7, 10]
    file_of(folder, "tasks", 4).unlink()
    under_way = folder / "outcomes" / ".0123.unfinished"
    under_way.touch()
    assert run(study, tmp_path / "parts", "3/3") == folder
    assert done(folder) == [1, 2, 5, 7, 8, 10] and under_way.exists()
    run(study, tmp_path / "parts", "2/3")
    run(study, tmp_path / "parts", "1/3")
    assert files(folder) == files(whole)
    assert read_manifest(folder).runs == []
    assert merge([folder]) == folder
    assert files(folder) == files(whole)
    runs = read_manifest(folder).runs
    assert sorted((run.command, run.tasks) for run in runs) == [
        ("part 1/3", 4), ("part 2/3", 1), ("part 2/3", 4), ("part 3/3", 3),
    ]  # fmt: skip
    assert not list((folder / "parts").iterdir()) and not under_way.exists()
    state = state_of(folder)
    assert state and not state.foreign and not state.damaged
    merge([folder])
    assert read_manifest(folder).runs == runs


def test_parts_in_several_folders(study: Study, tmp_path: Path) -> None:
    """Are copied to the first, file by file as they were checked; what is damaged is not, and is missing."""
    whole = run_study(study, tmp_path / "whole", processes=1)
    folders = [run(study, tmp_path / str(k), f"{k}/3") for k in (1, 2, 3)]
    before = files(folders[2])
    broken = file_of(folders[1], "outcomes", 4)
    broken.write_bytes(broken.read_bytes()[:-1] + b"?")
    assert merge(folders) == folders[0]
    assert done(folders[0]) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10]
    assert files(folders[2]) == before
    run(study, tmp_path / "2", "2/3")
    heard: list[str] = []
    merge([tmp_path / "1" / "pieces", tmp_path / "2", folders[1]], heard.append)
    assert heard == ["in more than one folder, with the same bytes: 1, 7, 10"]
    assert files(folders[0]) == files(whole)
    assert len(read_manifest(folders[0]).runs) == 4


def test_the_same_task_with_other_bytes(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused, and nothing is copied."""
    first = run(study, tmp_path / "a", "1/2")
    live = __import__("setback.experiments.studies.workers", fromlist=["live"]).live

    def other(study: Study, task: Task) -> object:
        tables = live(study, task)
        return {name: table.slice(0, table.num_rows - 1) for name, table in tables.items()}

    monkeypatch.setattr("setback.experiments.studies.workers.live", other)
    second = run(study, tmp_path / "b", "1/1")
    with pytest.raises(InputError, match=r"outcomes/00000\.parquet has other bytes in .*; take away the folder"):
        merge([first, second])
    assert done(first) == [0, 2, 4, 6, 8, 10]


def test_parts_of_another_study(study: Study, tmp_path: Path) -> None:
    """Or of the same with other options, or from where last digits are others, are refused."""
    first = run(study, tmp_path / "a", "1/2")
    of = {"other": study.replace(name="other"), "options": study.replace(seed=4)}
    folders = {name: run(of[name], tmp_path / name, "2/2") for name in of}
    with pytest.raises(InputError, match=r"is of study other, .* of study pieces; merge parts of one study"):
        merge([first, folders["other"]])
    with pytest.raises(InputError, match=r"is of other options or equations, .*; merge parts of one study"):
        merge([first, folders["options"]])
    with pytest.raises(InputError, match="holds several runs; name those to be merged"):
        run(of["options"], tmp_path / "a", "1/2")
        merge([tmp_path / "a" / "pieces"])
    about = read_manifest(folders["options"]).model_copy(update={"fingerprint": "?"})
    (folders["options"] / "manifest.json").write_text(about.text())
    with pytest.raises(InputError, match="was computed where the same equations give other last digits"):
        merge([folder_of(of["options"], tmp_path / "a"), folders["options"]])
    for nothing in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InputError, match="holds no run; name a folder of results"):
            merge([first, nothing])


def test_what_failed_is_merged_too(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reason, unless another folder has the task done."""
    good = run(study, tmp_path / "good", "1/2")
    monkeypatch.setattr("setback.experiments.studies.workers.live", lambda *_: 1 / 0)
    bad = run(study, tmp_path / "bad", "1/1")
    merge([good, bad])
    state = state_of(good)
    assert state and state.failed == (1, 3, 5, 7, 9) and state.done == (0, 2, 4, 6, 8, 10)


def test_who_excludes_whom(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole run and a part exclude each other, a part itself, parts of two cuts each other; parts of one do not."""
    monkeypatch.setattr(locks, "PATIENCE", 0.1)
    monkeypatch.setattr(locks, "PATIENCE_OF_PARTS", 0.1)
    says: list[str] = []

    def refused(part: Part | None) -> str:
        with pytest.raises(InputError) as error, held(tmp_path, says.append, part):
            pass
        assert is_held(tmp_path)
        return str(error.value)

    with held(tmp_path, says.append):
        assert refused(Part(1, 3)).startswith("another run is writing to")
        assert refused(None).startswith("another run is writing to")
    assert not is_held(tmp_path)
    with held(tmp_path, says.append, Part(1, 3)):
        with held(tmp_path, says.append, Part(2, 3)):
            assert refused(None).startswith("part 1/3 is writing to")
        assert refused(Part(1, 3)).startswith("part 1/3 is running in")
        assert refused(Part(2, 4)).startswith("part 1/3 is writing to")
    with held(tmp_path, says.append), held(tmp_path / "..", says.append):
        pass
    assert not is_held(tmp_path) and says == []


def test_merging_while_a_part_runs(study: Study, tmp_path: Path) -> None:
    """Is refused: of the first folder and of any other."""
    first, second = run(study, tmp_path / "a", "1/2"), run(study, tmp_path / "b", "2/2")
    for busy in (first, second):
        with (
            Store(busy, study, Part(1, 2)).written_to(print),
            pytest.raises(InputError, match=r"writing to .*; wait until it is done"),
        ):
            merge([first, second])
    assert done(first) == [0, 2, 4, 6, 8, 10]


def test_the_command_line(file: Path, tmp_path: Path) -> None:
    """A part ends with 0 when it is done and reports nothing; merging says what is missing, with 1, and reports."""
    words = ("--results", tmp_path / "results", "--processes", "1", "--engine", "vectorised")
    part = setback("run", file, "--part", "2/2", *words)
    (folder,) = (tmp_path / "results/pieces").iterdir()
    assert part.code == 0 and part.out.splitlines()[-1] == f"part 2/2: 5 of 5 tasks are in {folder}"
    assert not (folder / "summary.csv").exists()
    half = setback("merge", "pieces", "--results", tmp_path / "results")
    assert half.code == 1 and "5 of 11 tasks are done; missing: 0, 2, 4, 6, 8, 10, which" in half.err
    rest = setback("run", file, "--part", "1/2", *words, "--json")
    assert json.loads(rest.out) == {"part": "1/2", "done": 6, "tasks": 6, "folder": str(folder)}
    merged = setback("merge", file, "--results", tmp_path / "results")
    assert merged.code == 0 and "11 tasks of 11 are in" in merged.out and (folder / "worlds.png").exists()
    assert "nor one of a study of this name" in said(setback("merge", "rigor", "--results", tmp_path / "results"))
    again = setback("run", file, *words)
    assert again.code == 0 and "has been run before" in again.out


@pytest.mark.slow
def test_parts_in_processes_that_are_killed(study: Study, file: Path, tmp_path: Path) -> None:
    """Four at once into one folder, two of them killed in the middle and run again: byte for byte the run at once."""
    whole = run_study(study, tmp_path / "whole", processes=1)
    words = (sys.executable, "-m", "setback", "run", str(file), "--processes", "1", "--engine", "vectorised")

    def begin(number: int) -> subprocess.Popen[bytes]:
        more = ("--part", f"{number}/4", "--results", str(tmp_path / "parts"))
        return subprocess.Popen([*words, *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    parts = {number: begin(number) for number in range(1, 5)}
    folder, end = folder_of(study, tmp_path / "parts"), time.monotonic() + 900
    while not list((folder / "tasks").glob("*.json")):
        assert time.monotonic() < end
        time.sleep(0.01)
    for number in (1, 3):
        os.kill(parts[number].pid, signal.SIGKILL)
    for number, process in parts.items():
        _, heard = process.communicate(timeout=900)
        assert (process.returncode == 0 and not heard) or number in (1, 3)
    again = [begin(number) for number in (1, 3)]
    assert [process.wait(timeout=900) for process in again] == [0, 0]
    for process in again:
        process.communicate()
    shutil.copytree(folder, tmp_path / "unmerged")
    merge([folder])
    assert files(folder) == files(whole) == files(tmp_path / "unmerged")
    assert multiprocessing.active_children() == []
