"""Where results are kept: results/<study>/<hash>/, a Parquet file for each task and table, whole or not there at all.

    manifest.json             what was run: study, equations, versions, seed, machine, commands, times
    design.parquet            one row a world: what varies
    outcomes/00000.parquet    one file a task; twins/ and traces/ beside it where the study asks for them
    failed/00007.json         a task that raised: which, why, and where in the program

A task is done when its file of outcomes is there, which is written last. One run at a time writes to a store.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setback.experiments.study import Study
from setback.experiments.task import Task, Tasks
from setback.experiments.workers import Failure
from setback.model import own
from setback.model.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RESULTS = Path("results")
#: Packages whose versions stand in the manifest, and those that decide the last bits of a number.
PACKAGES = ("setback", "numpy", "pandas", "pyarrow", "mesa", "scipy")
DECIDING = ("numpy",)
MANIFEST = "manifest.json"


class StopError(Exception):
    """A run that cannot go on, through no fault of its input: one sentence that says what is kept and what to do."""


class Store:
    """The results of one run of a study on the disk.

    Args:
        folder: where they lie.
        study: what is run; its engine is the one that the store was begun with.
    """

    def __init__(self, folder: Path, study: Study) -> None:
        self.folder, self.study = folder, study
        self.tasks = Tasks(study)
        self.tables = ("traces",) * bool(study.keep.traces) + ("twins",) * (study.share > 0) + ("outcomes",)

    @contextlib.contextmanager
    def written_to(self) -> Iterator[None]:
        """Hold the store against every other run.

        Raises:
            InputError: another run holds it, or nothing can be written there.
        """
        from filelock import FileLock, Timeout

        check_writable(self.folder)
        self.folder.mkdir(exist_ok=True)
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(f"another run is writing to {self.folder}; wait until it is done, or stop it") from None
        except OSError:
            raise unwritable(self.folder) from None
        try:
            yield
        finally:
            lock.release()

    def begin(self, command: str, anew: bool = False) -> None:
        """Write manifest and design where there are none; what is there must be of the same study.

        Args:
            command: what was typed.
            anew: what is there and cannot be gone on with gives way.

        Raises:
            InputError: the store belongs to another study, engine or version of numpy.
            StopError: the disk is full.
        """
        about = described(self.study, command, 0.0) | {"tasks": len(self.tasks), "finished": False, "runs": []}
        if (self.folder / MANIFEST).exists():
            try:
                self._check(read_manifest(self.folder), about)
            except InputError:
                if not anew:
                    raise
                self._clear()
        import pyarrow as pa

        worlds, design = self.study.worlds, self.folder / "design.parquet"
        table = {"world": pa.array(range(len(worlds)), pa.int32())}
        table |= {name: worlds.table[:, k] for k, name in enumerate(worlds.names)}
        try:
            if not design.exists():
                _write_parquet(design, pa.table(table))
            if not (self.folder / MANIFEST).exists():
                write_text(self.folder / MANIFEST, _json(about))
        except OSError as error:
            raise self._stopped(error) from None

    def _clear(self) -> None:
        """Take away all but the lock."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != ".lock":
                path.unlink()

    def _stopped(self, error: OSError) -> StopError:
        why = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else f"{error}"
        return StopError(
            f"{self.folder} cannot be written to any more: {why}; every task before is kept, "
            "and the same command goes on when there is room"
        )

    def _check(self, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
        advice = "go back to it, or begin anew with --again"
        if there["key"] != here["key"]:
            raise InputError(f"{self.folder} holds results of another study or of other equations; {advice}")
        if there["engine"] != here["engine"]:
            raise InputError(
                f"{self.folder} was begun with the {there['engine']} engine and would go on with the "
                f"{here['engine']} engine; {advice}"
            )
        for name in (*DECIDING, *(["numba"] if here["engine"] == "compiled" else [])):
            was, now = there["versions"].get(name), here["versions"].get(name)
            if was != now and not there["finished"]:
                raise InputError(f"{self.folder} was begun with {name} {was}, here is {now}; {advice}")

    def missing(self, retry_failed: bool = False) -> Iterator[Task]:
        """The tasks that are not done; failed ones only where they are asked for. Damaged files count as missing."""
        failed = set() if retry_failed else self.failed()
        for number in range(len(self.tasks)):
            if number not in failed and not self.is_done(number):
                yield self.tasks[number]

    def is_done(self, number: int) -> bool:
        """Whether all files of a task are there and whole."""
        import pyarrow.parquet as pq

        try:
            rows = [pq.read_metadata(self.part(table, number)).num_rows for table in self.tables]
        except (OSError, ValueError):  # pyarrow's errors are ValueErrors
            return False
        task = self.tasks[number]
        return rows[-1] == len(self.study.policies) * len(task.worlds) * len(task.rooms)

    def failed(self) -> set[int]:
        """The numbers of the tasks that raised."""
        return {int(path.stem) for path in (self.folder / "failed").glob("*.json")}

    def part(self, table: str, number: int) -> Path:
        """The file of a task."""
        return self.folder / table / f"{number:05d}.parquet"

    def keep(self, task: Task, found: Mapping[str, pa.Table] | Failure) -> None:
        """Write what a task gave.

        Raises:
            StopError: the disk is full, or nothing can be written any more.
        """
        record = self.folder / "failed" / f"{task.number:05d}.json"
        try:
            if isinstance(found, Failure):
                record.parent.mkdir(exist_ok=True)
                about = {"task": task.number, "worlds": [*task.worlds], "rooms": [*task.rooms], **found._asdict()}
                write_text(record, _json(about))
                return
            for table in self.tables:
                part = self.part(table, task.number)
                part.parent.mkdir(exist_ok=True)
                _write_parquet(part, found[table])
            record.unlink(missing_ok=True)
        except OSError as error:
            raise self._stopped(error) from None

    def end(self, command: str, seconds: float, processes: int | str, tasks: int) -> None:
        """Note in the manifest how a run went, and whether the study is finished."""
        about = read_manifest(self.folder)
        run = {"command": command, "seconds": round(seconds, 3), "processes": processes, "tasks": tasks}
        about["runs"].append(run)
        about["seconds"] = round(sum(run["seconds"] for run in about["runs"]), 3)
        about["failed"] = len(self.failed())
        about["finished"] = all(self.is_done(number) for number in range(len(self.tasks)))
        with contextlib.suppress(OSError):  # a full disk has been told of
            write_text(self.folder / MANIFEST, _json(about))


def is_held(folder: Path) -> bool:
    """Whether a run is writing to a store at this moment."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / ".lock", timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that cannot be written to
        return False


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a store.

    Raises:
        InputError: it is not there, or is something else.
    """
    try:
        about = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if {"study", "key", "engine", "versions", "seconds", "written"} <= about.keys():
            return {"runs": [], "finished": True, **about}
    except (OSError, ValueError, AttributeError):
        pass
    advice = "run the study again with --again, or take its folder away"
    raise InputError(f"{folder / MANIFEST} does not say what was run; {advice}")


def described(study: Study, command: str, seconds: float) -> dict[str, Any]:
    """The manifest of a run: what was run, with which files and versions, when, and how long it took."""
    import sciris as sc

    about = sc.metadata(pipfreeze=False, tostring=False)
    packages = (*PACKAGES, *(["numba"] if study.engine == "compiled" else []))
    return {
        "study": study.text(),
        "policies": [{"policy": policy.name, **policy.parts} for policy in study.policies],
        "file": study.file,
        "notes": list(study.roster.notes),
        "key": study.key(),
        "engine": study.engine,
        "command": command,
        "seconds": round(seconds, 3),
        "written": about["timestamp"],
        "platform": about["system"]["platform"],
        "with": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in own.FILES},
        "versions": {**about["versions"], **{name: _version(name) for name in packages}},
    }


def _version(package: str) -> str | None:
    """The version of a package; None where it is not installed, of which its engine has more to say."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def write(folder: Path, manifest: dict[str, Any], tables: dict[str, pd.DataFrame]) -> None:
    """Write a folder of results that is made in one go beside its place, then move it there."""
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, table in tables.items():
            table.to_parquet(new / f"{name}.parquet", index=False)
        (new / MANIFEST).write_text(_json(manifest), encoding="utf-8")
        new.chmod(0o755)
        put_in_place(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def put_in_place(new: Path, folder: Path) -> None:
    """Move a folder to its place; what was there before gives way last."""
    old = new.with_name(f"{new.name}-old")
    try:
        if folder.exists():
            folder.replace(old)
        new.replace(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.replace(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Make the folder in which a folder of results is to lie, or raise InputError when nothing can be written there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder.parent, os.W_OK) and (folder.is_dir() or not folder.exists())
    except OSError:
        writable = False
    if not writable:
        raise unwritable(folder)


def unwritable(folder: Path) -> InputError:
    """What is said of a place where no results can be kept."""
    return InputError(f"results cannot be written to {folder}; name another folder with --results")


def write_text(path: Path, text: str) -> None:
    """Write a text whole or not at all."""
    _whole(path, lambda new: new.write_text(text, encoding="utf-8"))


def _write_parquet(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    _whole(path, lambda new: pq.write_table(table, new, compression="zstd", write_page_checksum=True))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a file beside the place, then move it there."""
    new = path.with_name(f".{path.name}.new")
    try:
        write(new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _json(about: Mapping[str, Any]) -> str:
    return json.dumps(about, indent=1) + "\n"
