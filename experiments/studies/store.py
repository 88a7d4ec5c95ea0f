"""Keeping results: a run, or a part of one, writes to a folder of results, each task whole or not at all.

What the folder holds, and when a task counts as done, stands in `setback.experiments.studies.folder`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setback.experiments.studies.folder import (
    DESIGN,
    FAILURES,
    FORMAT,
    MANIFEST,
    OF_TASKS,
    RECORDS,
    DamagedError,
    Manifest,
    Run,
    State,
    check,
    file_of,
    is_as_written,
    leftovers,
    name_of,
    read_manifest,
    record,
    sha256,
    tables_of,
)
from setback.experiments.studies.folder import failure as failure_text
from setback.experiments.studies.identity import fingerprint
from setback.experiments.studies.locks import held
from setback.experiments.studies.parts import Part, file_of_part, noted, runs_of_part
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Failure, Task, Tasks
from setback.model.errors import InputError, StopError
from setback.model.place import Address, Place
from setback.model.writing import UNFINISHED, write_bytes

if TYPE_CHECKING:
    import pyarrow as pa

#: Packages whose versions stand in the manifest, for people to read.
PACKAGES = ("setback", "numpy", "pandas", "pyarrow", "mesa", "scipy", "llvmlite")


class Store:
    """The results of a study, on the disk or elsewhere.

    Args:
        folder: where they lie.
        study: what is run, by an engine that is named.
        part: the part of it that is run; by default all of it.
    """

    def __init__(self, folder: Place, study: Study, part: Part | None = None) -> None:
        self.folder, self.study, self.part = folder, study, part
        self.tasks = Tasks(study)
        self.text = json.loads(json.dumps(study.text()))
        self.tables, self.key = tables_of(self.text), study.key()
        self.fingerprint = fingerprint(study.engine)

    @cached_property
    def design(self) -> bytes:
        """Give the worlds as a Parquet file."""
        import pyarrow as pa

        worlds = self.study.worlds
        table = {"world": pa.array(range(len(worlds)), pa.int32())}
        return _parquet(pa.table(table | {name: worlds.table[:, k] for k, name in enumerate(worlds.names)}))

    @property
    def identity(self) -> tuple[str, dict[str, str], str]:
        """Say what another process must have to work on this: key, hashes of the modules, fingerprint."""
        return self.key, dict(self.study.modules()), self.fingerprint

    # ---- what is there -------------------------------------------------------------------------------------
    def read(self) -> Manifest | None:
        """Read the manifest of this study; None where there is none that can be trusted.

        Raises:
            InputError: if it cannot be read, or is of another study or format.
        """
        if not (self.folder / MANIFEST).exists():
            return None
        try:
            manifest = read_manifest(self.folder)
        except DamagedError:
            return None
        if manifest.key != self.key:
            raise InputError(
                f"{self.folder} holds results of another study or of other equations; take it away, or name another "
                "folder with --results"
            )
        return manifest

    def state(self, manifest: Manifest) -> State:
        """Look at every file of the tasks that are to be run; see `setback.experiments.studies.folder.check`."""
        only = self.part and self.part.tasks(len(self.tasks))
        return check(self.folder, manifest, [self.cells(task) for task in self.tasks], only)

    @property
    def mine(self) -> range:
        """Give the numbers of the tasks that are to be run: all, or those of a part."""
        return self.part.tasks(len(self.tasks)) if self.part else range(len(self.tasks))

    def has(self, number: int) -> bool:
        """Whether there is a record of a task; what else must hold, `state` says."""
        return file_of(self.folder, RECORDS, number).exists()

    def cells(self, task: Task) -> dict[str, Any]:
        """Say which worlds, policies and rooms a task holds; worlds and rooms as first, end and step."""
        return {
            "worlds": [task.worlds.start, task.worlds.stop, task.worlds.step],
            "policies": [policy.name for policy in self.study.policies],
            "rooms": [task.rooms.start, task.rooms.stop, task.rooms.step],
        }

    # ---- writing -------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def written_to(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the store against every other run; see `setback.experiments.studies.locks.held`.

        Args:
            say: told where there are no locks.

        Raises:
            InputError: if another run holds it, or nothing can be written there.
        """
        check_writable(self.folder)
        self.folder.mkdir(exist_ok=True)
        with held(self.folder, say, self.part):
            yield

    def begin(self, command: str, anew: bool, say: Callable[[str], None]) -> State:
        """Write manifest and design where they are not as they should be; say what else is there.

        Args:
            command: what was typed.
            anew: forget what was done before.
            say: told what was found damaged, and what does not belong here.

        Raises:
            InputError: if the folder is of another study, or was begun where numbers come out otherwise.
            StopError: if the disk is full.
        """
        manifest = self.read()
        is_elsewhere = manifest is not None and manifest.fingerprint != self.fingerprint
        if manifest is not None and is_elsewhere and not anew and not self.state(manifest).is_finished:
            where = self.elsewhere(manifest)
            raise InputError(f"{self.folder} was begun {where}; go on there, or begin anew with --rerun")
        if self.part is None:  # another part may be writing them
            clear(self.folder)
        if anew:
            for kind in OF_TASKS:
                for number in range(len(self.tasks)):
                    file_of(self.folder, kind, number).unlink(missing_ok=True)
            manifest = None
            (self.folder / MANIFEST).unlink(missing_ok=True)
        if manifest is None:
            if (self.folder / MANIFEST).exists():
                say(f"{self.folder / MANIFEST} was not as it was written, and is made anew")
            manifest = described(self.study, command, sha256(self.design))
            self._write(DESIGN, self.design)
            self._write(MANIFEST, manifest.text().encode())
        elif not is_as_written(self.folder / DESIGN, manifest.design):
            say(f"{self.folder / DESIGN} was not as it was written, and is made anew")
            self._write(DESIGN, self.design)
            manifest = manifest.model_copy(update={"design": sha256(self.design)})
            self._write(MANIFEST, manifest.text().encode())
        state = self.state(manifest)
        for number in {*self.mine} - {*state.done}:
            file_of(self.folder, RECORDS, number).unlink(missing_ok=True)  # nothing says that it is done
        if state.damaged:
            more = f" and {len(state.damaged) - 3} more" if len(state.damaged) > 3 else ""
            say(f"not as it was written, and made anew: {', '.join(state.damaged[:3])}{more}")
        return state

    def elsewhere(self, manifest: Manifest) -> str:
        """Say where results were computed whose fingerprint is another one."""
        was, here = (f"numpy {found['numpy']}" for found in (manifest.versions, versions()))
        return f"where the same equations give other last digits ({was} on {manifest.platform}, here {here})"

    def keep(self, task: Task, found: Mapping[str, pa.Table]) -> None:
        """Write the tables of a task, and then that it is done.

        Raises:
            StopError: if nothing can be written any more.
        """
        files = {}
        for table in self.tables:
            content = _parquet(found[table])
            files[table] = sha256(content)
            self._write(name_of(table, task.number), content)
        text = record(self.key, self.fingerprint, task.number, self.cells(task), files)
        self._write(name_of(RECORDS, task.number), text.encode())
        with contextlib.suppress(OSError):
            file_of(self.folder, FAILURES, task.number).unlink(missing_ok=True)

    def fail(self, task: Task, failure: Failure) -> None:
        """Write that a task raised.

        Raises:
            StopError: if nothing can be written any more.
        """
        text = failure_text(self.key, self.fingerprint, task.number, *failure)
        self._write(name_of(FAILURES, task.number), text.encode())

    def end(self, command: str, seconds: float, processes: int | str, tasks: int) -> None:
        """Note how a run went, in the manifest; of a part beside it, as many may end at once.

        What a worker was writing when it was killed is taken away.

        Raises:
            StopError: if nothing can be written any more, or the folder has gone.
        """
        if self.part is None:
            with contextlib.suppress(OSError):
                clear(self.folder)
        manifest = self.read() if self.folder.is_dir() else None
        if manifest is None:
            raise StopError(f"{self.folder} was taken away or changed while it was written to; run the study again")
        run = Run(command=command, ended=now(), seconds=round(seconds, 3), processes=processes, tasks=tasks)
        if self.part is None:
            manifest = manifest.model_copy(update={"runs": [*manifest.runs, run]})
            self._write(MANIFEST, manifest.text().encode())
        else:
            runs = [*runs_of_part(self.folder, manifest, self.part), run]
            name = file_of_part(Path(), self.part)
            self._write(str(name), noted(manifest, self.part, runs).encode())

    def _write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        try:
            if isinstance(path, Path) and path.parent != self.folder and self.folder.is_dir():
                path.parent.mkdir(exist_ok=True)
            write_bytes(path, content)
        except (InputError, StopError, OSError) as error:
            raise StopError(
                f"{error}; every task before is kept, and the same command goes on when it can be written to"
            ) from None


def described(study: Study, command: str, design: str) -> Manifest:
    """Make the manifest of a study that begins.

    Args:
        study: what is run, by an engine that is named.
        command: what was typed.
        design: SHA-256 of the design.
    """
    return Manifest(
        format=FORMAT,
        key=study.key(),
        study=json.loads(json.dumps(study.text())),
        modules=dict(study.modules()),
        fingerprint=fingerprint(study.engine),
        engine=study.engine,
        policies=[{"policy": policy.name, **policy.parts} for policy in study.policies],
        notes=list(study.roster.notes),
        file=study.file,
        files={Path(file).name: digest for file, digest in study.model.files or ()},
        command=command,
        written=now(),
        platform=platform.platform(),
        versions=versions(),
        tasks=len(Tasks(study)),
        design=design,
    )


def now() -> str:
    """Give the time of day with its zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def versions() -> dict[str, str | None]:
    """Give the versions of Python and the packages that stand in a manifest; None where one is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def clear(folder: Place) -> None:
    """Take away what runs were writing when they were killed; for a run that holds the folder."""
    for path in leftovers(folder):
        path.unlink(missing_ok=True)


def check_writable(folder: Place) -> None:
    """Make the folder in which a folder of results is to lie.

    Raises:
        InputError: if nothing can be written there.
    """
    if isinstance(folder, Address):
        probe = folder / f".{secrets.token_hex(8)}{UNFINISHED}"
        try:
            write_bytes(probe, b"")
            probe.unlink(missing_ok=True)
        except (InputError, StopError) as error:
            raise InputError(
                f"results cannot be written to {folder} ({error}); name another folder with --results"
            ) from None
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder.parent, os.W_OK) and (folder.is_dir() or not folder.exists())
    except OSError:
        writable = False
    if not writable:
        raise InputError(f"results cannot be written to {folder}; name another folder with --results")


def _parquet(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", write_page_checksum=True)
    return file.getvalue()
