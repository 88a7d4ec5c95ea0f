"""Attacks on results: runs that are killed at any moment, and stores that were damaged in every way, by the thousand.

    python tests/attacks.py kills 30
    python tests/attacks.py stores 5000

Nothing may come out of it but the same bytes as without an attack, or a sentence.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from setback.experiments.studies import workers
from setback.experiments.studies.folder import MANIFEST, REPORTS, check, read_manifest
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import folder_of, run_study
from setback.experiments.studies.task import Tasks, live
from setback.model.errors import InputError, StopError

TEXT = """
[study]
name = "attacked"
seed = 3
[policies]
grading = ["criterion", "curve"]
[worlds]
design = "lhs"
n = 24
vary = { level = [-1, 1] }
[rooms]
count = ROOMS
size = 4
weeks = 4
[keep]
outcomes = ["learning", "below_criterion_rate"]
students = ["control"]
share = 0.05
[claim]
outcome = "below_criterion_rate"
policy = "curve"
against = "criterion"
direction = "above"
beyond = 0.05
"""


def study(folder: Path, rooms: int) -> Study:
    """Write the study that is attacked, and read it."""
    (path := folder / "attacked.toml").write_text(TEXT.replace("ROOMS", str(rooms)))
    return Study.read(path).replace(engine="vectorised")


def content(folder: Path) -> dict[str, bytes]:
    """Give every file of a folder but the lock, and but what a clock decides."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", MANIFEST))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


# ---- kills -------------------------------------------------------------------------------------------------
def kills(count: int, seed: int = 0) -> str:
    """Kill the command so often, at any moment of its life, and look at every file after each kill.

    Raises:
        AssertionError: if a file was not whole, or the bytes at the end are not those of an unbroken run.
    """
    draw, killed = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        plan = study(home, 120)
        words = [sys.executable, "-m", "setback.cli", "run", str(home / "attacked.toml"), "--engine", "vectorised"]
        begun = time.monotonic()
        subprocess.run([*words, "--results", str(home / "whole")], check=True, stdout=subprocess.DEVNULL)
        took = time.monotonic() - begun
        expected, folder = content(folder_of(plan, home / "whole")), folder_of(plan, home / "killed")
        while killed < count:
            more = ["--rerun"] if folder.exists() and draw.random() < 0.3 else []
            process = subprocess.Popen(
                [*words, "--results", str(home / "killed"), "--processes", str(draw.choice((1, 2))), *more],
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            time.sleep(draw.uniform(0.2, 1.1 * took))
            if process.poll() is None:
                killed += 1
                os.killpg(process.pid, 9) if draw.random() < 0.5 else process.kill()
            process.wait()
            time.sleep(0.2)
            for name, text in content(folder).items() if folder.exists() else ():
                unfinished = name.endswith(".unfinished")
                assert unfinished or name.startswith(".") or text == expected[name], f"{name} is not whole"
        subprocess.run([*words, "--results", str(home / "killed")], check=True, stdout=subprocess.DEVNULL)
        assert content(folder) == expected, "the bytes at the end differ"
    return f"{killed} kills: every file whole after each, {len(expected)} files with the same bytes at the end"


# ---- damaged stores ----------------------------------------------------------------------------------------
Damage = Callable[[random.Random, Path, Path], None]


def _some(draw: random.Random, folder: Path) -> Path:
    """Any file of a store but the lock and the reports."""
    return draw.choice(sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in (".lock", *REPORTS)))


def flip(draw: random.Random, folder: Path, other: Path) -> None:
    """Turn some bits of a file."""
    path = _some(draw, folder)
    text = bytearray(path.read_bytes())
    for _ in range(draw.choice((1, 1, 1, 5))):
        text[draw.randrange(len(text))] ^= 1 << draw.randrange(8)
    path.write_bytes(text)


def truncate(draw: random.Random, folder: Path, other: Path) -> None:
    """Cut a file, or add to it."""
    path = _some(draw, folder)
    text = path.read_bytes()
    path.write_bytes(text[: draw.randrange(len(text))] if draw.random() < 0.7 else text + b"more")


def swap(draw: random.Random, folder: Path, other: Path) -> None:
    """Let two files of one kind change places."""
    path = _some(draw, folder)
    twin = draw.choice(sorted(p for p in path.parent.iterdir() if p.is_file() and p.name not in (".lock", *REPORTS)))
    a, b = path.read_bytes(), twin.read_bytes()
    path.write_bytes(b)
    twin.write_bytes(a)


def swap_tasks(draw: random.Random, folder: Path, other: Path) -> None:
    """Let two tasks change places with all their files."""
    numbers = sorted(path.stem for path in (folder / "tasks").iterdir())
    a, b = draw.sample(numbers, 2)
    for kind in ("outcomes", "traces", "tasks"):
        first, second = (next((folder / kind).glob(f"{number}.*")) for number in (a, b))
        texts = first.read_bytes(), second.read_bytes()
        first.write_bytes(texts[1])
        second.write_bytes(texts[0])


def copy(draw: random.Random, folder: Path, other: Path) -> None:
    """Leave a copy beside a file, as file services do, or under the number of a task that there is not."""
    path = _some(draw, folder)
    names = (f"{path.stem} (conflicted copy){path.suffix}", f"{path.stem}~{path.suffix}", f"99999{path.suffix}")
    shutil.copy(path, path.with_name(draw.choice(names)))


def foreign(draw: random.Random, folder: Path, other: Path) -> None:
    """Put files of another study in the place of files of this one."""
    path = _some(draw, folder)
    name = path.relative_to(folder)
    if (other / name).exists():
        shutil.copy(other / name, path)
    if draw.random() < 0.3 and path.parent.name in ("outcomes", "tasks"):
        for kind in ("outcomes", "traces", "tasks"):
            for theirs in (other / kind).glob(f"{path.stem}.*"):
                shutil.copy(theirs, folder / kind / theirs.name)


def reverse(draw: random.Random, folder: Path, other: Path) -> None:
    """Write a table anew with its rows in the other order, or other numbers, as a valid file."""
    path = draw.choice(sorted((folder / draw.choice(("outcomes", "traces"))).iterdir()))
    table = pq.read_table(path)
    if draw.random() < 0.5 and "learning" in table.column_names:
        at = table.column_names.index("learning")
        table = table.set_column(at, "learning", pa.array([-x for x in table["learning"].to_pylist()]))
    pq.write_table(table.take(pa.array(range(table.num_rows)[::-1], pa.int64())), path)


def edit(draw: random.Random, folder: Path, other: Path) -> None:
    """Change a number or a word of the manifest or of a record, which stays valid JSON."""
    path = draw.choice([folder / MANIFEST, *sorted((folder / "tasks").iterdir())])
    about = json.loads(path.read_text())

    def change(value: object) -> object:
        if isinstance(value, dict) and value:
            key = draw.choice(sorted(value))
            return {**value, key: change(value[key])}
        if isinstance(value, list) and value:
            at = draw.randrange(len(value))
            return [*value[:at], change(value[at]), *value[at + 1 :]]
        return draw.choice([0, 1, -1, 1e6, "", "curve", None, [], {}, True])

    path.write_text(json.dumps(change(about)))


def vanish(draw: random.Random, folder: Path, other: Path) -> None:
    """Take a file or a folder away."""
    path = _some(draw, folder)
    shutil.rmtree(path.parent) if path.parent != folder and draw.random() < 0.4 else path.unlink()


DAMAGES: tuple[Damage, ...] = (flip, truncate, swap, swap_tasks, copy, foreign, reverse, edit, vanish)


def stores(count: int, seed: int = 0) -> str:
    """Damage so many copies of a finished store; read each, go on with it, and compare with what it was.

    Raises:
        AssertionError: if other numbers were accepted, or a stranger's file was touched.
    """
    from setback.analysis.load import load

    draw, came = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        plan = study(home, 6)
        whole = run_study(plan, home / "whole", processes=1)
        other = run_study(plan.replace(seed=4), home / "other", processes=1)
        expected, conclusion, rows = content(whole), load(whole).conclusion(), load(whole).rows
        tables = {task.number: live(plan, task) for task in Tasks(plan)}
        vars(workers)["live"] = lambda _, task: tables[task.number]  # the numbers are known
        results = home / "damaged"
        folder = folder_of(plan, results)
        for _ in range(count):
            shutil.rmtree(results, ignore_errors=True)
            shutil.copytree(whole, folder)
            damage = draw.choice(DAMAGES)
            damage(draw, folder, other)
            try:
                read = load(folder)
                same = read.rows.merge(rows, how="left", indicator=True)["_merge"].eq("both").all()
                assert same and not read.rows.duplicated(["world", "policy", "room"]).any(), f"{damage.__name__}: read"
                if read.state.is_finished:
                    assert read.conclusion() == conclusion and len(read.rows) == len(rows), f"{damage.__name__}: whole"
                came["read whole" if read.state.is_finished else "read in part, and said"] += 1
            except (InputError, StopError):
                came["reading refused in a sentence"] += 1
            strangers = {name: text for name, text in content(folder).items() if name not in expected}
            try:
                run_study(plan, results, processes=1, say=lambda _: None)
                after = content(folder)
                assert after == expected | strangers, f"{damage.__name__}: not repaired, or a stranger was touched"
                assert check(folder, read_manifest(folder)).is_finished
                came["repaired to the same bytes"] += 1
            except (InputError, StopError):
                came["going on refused in a sentence"] += 1
        vars(workers)["live"] = live
    return f"{count} damaged stores: " + ", ".join(f"{n} {what}" for what, n in sorted(came.items()))


if __name__ == "__main__":
    print({"kills": kills, "stores": stores}[sys.argv[1]](*map(int, sys.argv[2:])))
