"""A folder of results: what lies in it, and whether it is what was written there.

    manifest.json             what was run: study, modules, machine, commands, times
    design.parquet            one row per world: what varies
    outcomes/00000.parquet    one file per task; twins/, traces/, predictions/, evidence/, groups/ where asked for
    tasks/00000.json          the record of a task, written last: its study and cells, and the SHA-256 of its files
    failed/00007.json         a task that raised: which, why, and where in the program
    parts/3-of-8.json         the runs of a part, until ``setback merge`` notes them in the manifest
    claims.json, …            what is made of the tables and can be made again: `REPORTS`

It lies in ``results/<study>/<hash>``. What writes or reads a file of it takes the name from here.
Nothing on the disk is trusted. The manifest is sealed by a hash of its own. A task is done where its record is the
one that this study would write and each of its files has the hash that stands there: how far a run is follows from
this check alone. What else lies in the folder is named and left alone. It may lie on this machine's disk or at an
address that fsspec reaches, as ``s3://bucket/results``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pydantic

from setback.model.errors import InputError, shown
from setback.model.place import Place, files
from setback.model.reading import LARGEST, opened, parse_json, read_bytes, read_text
from setback.model.writing import UNFINISHED

if TYPE_CHECKING:
    from setback.experiments.studies.parts import Part

#: The format of everything below; it changes when a reader of today would misread what is written.
FORMAT: Final = 3
MANIFEST, DESIGN, LOCK = "manifest.json", "design.parquet", ".lock"
#: The folder of all results, where none is named.
RESULTS = Path("results")
#: Folders of a task's tables, of its record, and of why it failed.
OUTCOMES, TWINS, TRACES, PREDICTIONS, EVIDENCE = "outcomes", "twins", "traces", "predictions", "evidence"
GROUPS = "groups"
TABLES = OUTCOMES, TWINS, TRACES, PREDICTIONS, EVIDENCE, GROUPS
RECORDS, FAILURES, PARTS = "tasks", "failed", "parts"
#: The locks of a whole run and of parts, and the notes of parts.
OF_RUNS = rf"{re.escape(LOCK)}(-\d+-of-\d+)?|{PARTS}/\d+-of-\d+\.json"
#: How the files in these folders end.
OF_TASKS = {**dict.fromkeys(TABLES, ".parquet"), RECORDS: ".json", FAILURES: ".json"}
#: What is made of the tables, and can be made again: of many worlds, twins, an ablation, students; tables and pictures.
WORLDS_TABLE, WORLDS_PICTURE = "summary.csv", "worlds.png"
CLAIMS_TABLE, CLAIMS_PICTURE, LAGS_PICTURE = "claims.json", "claims.png", "lags.png"
ESTIMANDS_TABLE = "estimands.csv"
ABLATION_TABLE, ABLATION_PICTURE = "effects.csv", "ablation.png"
AUDIT_TABLE, AUDIT_PICTURE = "audit.csv", "audit.png"
VERDICTS_TABLE, VERDICTS_PICTURES = "verdicts.csv", ("verdicts.png", "verdicts.svg")
MEDIATION_TABLE, MEDIATION_PICTURES = "mediation.csv", ("mediation.png", "mediation.svg")
SWITCH_TABLE, SWITCH_PICTURES = "switch.csv", ("switch.png", "switch.svg")
EVIDENCE_TABLE, EVIDENCE_PICTURE = "evidence.csv", "evidence.png"
GROUPS_TABLE, GROUPS_PICTURE = "groups.csv", "groups.png"
MAP_TABLE, MAP_PICTURES = "map.csv", ("map.png", "map.svg")
STUDENTS_TABLE, STUDENTS_PICTURES = "students.csv", ("students.png", "students.svg")
BREAKDOWN_TABLE, BREAKDOWN_PICTURES = "breakdown.csv", ("breakdown.png", "breakdown.svg")
DISCOVERY_TABLE, DISCOVERY_PICTURES = "discovery.csv", ("discovery.png", "discovery.svg")
SENSITIVITY_TABLE, SENSITIVITY_PICTURES = "sensitivity.csv", ("sensitivity.png", "sensitivity.svg")
REPORTS = (
    WORLDS_TABLE, WORLDS_PICTURE, CLAIMS_TABLE, CLAIMS_PICTURE, LAGS_PICTURE, ABLATION_TABLE, ABLATION_PICTURE,
    AUDIT_TABLE, AUDIT_PICTURE, VERDICTS_TABLE, *VERDICTS_PICTURES, EVIDENCE_TABLE, EVIDENCE_PICTURE, ESTIMANDS_TABLE,
    MEDIATION_TABLE, *MEDIATION_PICTURES, SWITCH_TABLE, *SWITCH_PICTURES, GROUPS_TABLE, GROUPS_PICTURE,
    STUDENTS_TABLE, *STUDENTS_PICTURES, BREAKDOWN_TABLE, *BREAKDOWN_PICTURES,
    MAP_TABLE, *MAP_PICTURES, DISCOVERY_TABLE, *DISCOVERY_PICTURES, SENSITIVITY_TABLE, *SENSITIVITY_PICTURES,
)  # fmt: skip


class Run(pydantic.BaseModel):
    """One run of the command: what was typed, when (with its zone), seconds, by how many processes, tasks kept."""

    model_config = pydantic.ConfigDict(extra="forbid", strict=True)
    command: str
    ended: str
    seconds: float
    processes: int | str
    tasks: int


class Manifest(pydantic.BaseModel):
    """What was run.

    Attributes:
        format: the format of the folder.
        study: everything that decides the numbers, as plain data; its hash is the key.
        modules: the hash of what each module says that a task reaches.
        fingerprint: the hash of a class-year as the machine that began computed it.
        policies: the parts of every policy.
        tasks: into how many the study is cut.
        design: SHA-256 of the design.
        runs: the runs so far.
        seal: SHA-256 of all of this.
    """

    model_config = pydantic.ConfigDict(extra="forbid", strict=True)
    format: Literal[3]
    key: str
    study: dict[str, Any]
    modules: dict[str, str]
    fingerprint: str
    engine: str
    policies: list[dict[str, str]]
    notes: list[str]
    file: str
    files: dict[str, str]
    command: str
    written: str
    platform: str
    versions: dict[str, str | None]
    tasks: int = pydantic.Field(ge=1)
    design: str
    runs: list[Run] = []
    seal: str = ""

    @property
    def seconds(self) -> float:
        """Give seconds of computing, all runs together."""
        return sum(run.seconds for run in self.runs)

    @property
    def tables(self) -> tuple[str, ...]:
        """Name the tables that each task has."""
        return tables_of(self.study)

    def sealed(self) -> str:
        """Give the seal that belongs to everything else."""
        return sha256(as_json(self.model_dump(exclude={"seal"})).encode())

    def text(self) -> str:
        """Write the manifest as JSON, sealed."""
        about = self.model_copy(update={"seal": self.sealed()}).model_dump()
        return json.dumps(about, indent=1, allow_nan=False) + "\n"  # in ASCII: a command may hold what is no UTF-8


def as_json(about: Any) -> str:
    """Write plain data as JSON in one form: what is equal is written alike."""
    return json.dumps(about, sort_keys=True, allow_nan=False)


def key_of(study: Mapping[str, Any]) -> str:
    """Give the hash of everything that decides the numbers of a study: 12 hexadecimal digits."""
    return sha256(as_json(study).encode())[:12]


class DamagedError(InputError):
    """A file of results is not as it was written."""


class FormatError(InputError):
    """Results are of another format."""


def read_manifest(folder: Place) -> Manifest:
    """Read the manifest of a folder of results.

    Raises:
        InputError: if it is not there or cannot be read.
        FormatError: if it is of another format.
        DamagedError: if it is not as it was written.
    """
    path = folder / MANIFEST
    content = read_bytes(path, str(path))
    try:
        about = parse_json(content.decode(), str(path))
        if isinstance(about, dict) and "study" in about and about.get("format", 1) != FORMAT:
            raise FormatError(
                f"{folder} holds results of format {shown(about.get('format', 1))}, this setback reads {FORMAT}; "
                "run the study anew, or read them with the version of setback that wrote them"
            )
        manifest = Manifest.model_validate(about)
        whole = manifest.seal == manifest.sealed() and manifest.key == key_of(manifest.study)
    except FormatError:
        raise
    except (ValueError, TypeError):
        whole = False
    if not whole:
        raise DamagedError(f"{path} is not as it was written; the same setback run makes it anew")
    return manifest


def tables_of(study: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the tables that each task of a study has; `study` is its text."""
    measured = bool(study["predictions"])
    has = {
        OUTCOMES: True,
        TWINS: study["share"] > 0 and not measured,
        TRACES: bool(study["keep"]["students"]),
        PREDICTIONS: measured,
        EVIDENCE: bool(study["evidence"]["rows"]),
        GROUPS: bool(study.get("groups")),
    }
    return tuple(name for name in TABLES if has[name])


def runs_of(study: Place) -> list[Place]:
    """Name the folders of results in the folder of a study, finished or not."""
    return sorted(path.parent for path in study.glob(f"[!.]*/{MANIFEST}"))


def all_runs(results: Place) -> list[Place]:
    """Name the folders of results of all studies in the folder of all results."""
    studies: list[Place] = sorted(results.glob("*"), key=str)
    return [run for study in studies for run in runs_of(study)]


def name_of(kind: str, number: int) -> str:
    """Name the file of a task within its folder: a table, its record, or its failure; a kind is one of `OF_TASKS`."""
    return f"{kind}/{number:05d}{OF_TASKS[kind]}"


def file_of(folder: Place, kind: str, number: int) -> Place:
    """Give the place of the file that `name_of` names."""
    return folder / name_of(kind, number)


def leftovers(folder: Place) -> list[Place]:
    """Name the files that a run was writing when it was killed."""
    places = (folder, *(folder / kind for kind in OF_TASKS))
    return [path for place in places for path in place.glob(f".*{UNFINISHED}")]


def record(key: str, fingerprint: str, number: int, cells: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """Write the record of a task.

    Args:
        key: the study's.
        fingerprint: the machine's.
        number: the task's.
        cells: which worlds, policies and rooms it holds: every combination of them is a cell.
        files: the SHA-256 of each of its tables.
    """
    about = {"format": FORMAT, "key": key, "fingerprint": fingerprint, "task": number, "cells": cells, "sha256": files}
    return sealed(about)


def failure(key: str, fingerprint: str, number: int, error: str, where: str) -> str:
    """Write that a task raised: arguments as for `record`, one sentence, and where in the program."""
    return sealed({"key": key, "fingerprint": fingerprint, "task": number, "error": error, "where": where})


def read_failure(folder: Place, manifest: Manifest, number: int) -> dict[str, Any] | None:
    """Read why a task raised: its number, ``error`` and ``where``; None where that is not as it was written."""
    try:
        path = file_of(folder, FAILURES, number)
        text = read_text(path, path.name)
        about = parse_json(text, path.name)
        known = failure(manifest.key, manifest.fingerprint, number, str(about["error"]), str(about["where"]))
        return {name: about[name] for name in ("task", "error", "where")} if text == known else None
    except (InputError, LookupError, TypeError):
        return None


def sealed(about: Mapping[str, Any]) -> str:
    """Write plain data with the hash of it, so that an edit shows."""
    return as_json({**about, "seal": sha256(as_json(about).encode())}) + "\n"


@dataclass(frozen=True)
class State:
    """How far a run is, and what lies in its folder that should not.

    Attributes:
        tasks: how many tasks the study has.
        asked: the numbers of those that were looked at: all, or those of a part.
        done: the numbers of those whose record and files are as they were written.
        failed: the numbers of those that raised and are not done.
        damaged: files of the study that are not as they were written, or whose record is not.
        foreign: files of which nothing is known.
        sha256: what the content of each file of the tasks that are done must hash to.
    """

    tasks: int
    asked: range
    done: tuple[int, ...]
    failed: tuple[int, ...]
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]
    sha256: Mapping[str, str]

    @property
    def is_finished(self) -> bool:
        """Whether every task that was looked at is done."""
        return len(self.done) == len(self.asked)

    @property
    def missing(self) -> tuple[int, ...]:
        """Give the numbers of the tasks that are neither done nor failed."""
        known = {*self.done, *self.failed}
        return tuple(number for number in self.asked if number not in known)

    def __str__(self) -> str:
        if self.is_finished:
            return "finished"
        said = f"unfinished, {len(self.done)} of {len(self.asked)} tasks"
        if self.failed:
            said += f"; failed: {numbers(self.failed)}"
        return said

    def strangers(self) -> str:
        """Say what was found that is not of the study; empty where there is nothing."""
        if not self.foreign:
            return ""
        more = f" and {len(self.foreign) - 3} more" if len(self.foreign) > 3 else ""
        return f"not of this study, and left alone: {', '.join(map(shown, self.foreign[:3]))}{more}"


def numbers(which: Iterable[int]) -> str:
    """Name numbers shortly.

    >>> numbers([0, 1, 2, 5, 7, 8])
    '0-2, 5, 7-8'
    """
    spans: list[list[int]] = []
    for number in which:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    texts = [str(a) if a == b else f"{a}-{b}" for a, b in spans]
    return ", ".join(texts[:8]) + (f" and {len(texts) - 8} more" if len(texts) > 8 else "")


def check(
    folder: Place,
    manifest: Manifest,
    cells: Sequence[Mapping[str, Any]] | None = None,
    only: range | None = None,
) -> State:
    """Look at every file of a folder of results.

    Args:
        folder: the folder.
        manifest: its manifest, read.
        cells: what each task holds, where it is known; else the records are asked.
        only: the numbers of the tasks that are looked at; by default all.
    """
    done, failed, damaged, foreign = [], [], [], []
    hashes: dict[str, str] = {}
    there: dict[int, list[str]] = {}
    asked = range(manifest.tasks) if only is None else only
    for name in files(folder):
        found = re.fullmatch(rf"({'|'.join(OF_TASKS)})/(\d{{5,}})\.(parquet|json)", name)
        number = int(found[2]) if found else -1
        if found and number < manifest.tasks and name == name_of(found[1], number):
            if number not in asked:
                continue
            if found[1] in (*manifest.tables, RECORDS):
                there.setdefault(number, []).append(name)
            elif found[1] == FAILURES and read_failure(folder, manifest, number):
                failed.append(number)
            else:
                foreign.append(name)
        elif not (name in (MANIFEST, DESIGN, *REPORTS) or name.endswith(UNFINISHED) or re.fullmatch(OF_RUNS, name)):
            foreign.append(name)
    for number, names in sorted(there.items()):
        if hashed := _hashed(folder, manifest, number, cells):
            done.append(number)
            hashes |= hashed
        elif name_of(RECORDS, number) in names:
            damaged += names  # without a record it was stopped, not damaged
    if not is_as_written(folder / DESIGN, manifest.design):
        damaged.append(DESIGN)
    left = tuple(number for number in sorted(failed) if number not in done)
    return State(manifest.tasks, asked, tuple(done), left, tuple(damaged), tuple(foreign), hashes)


def state_of(folder: Place, part: Part | None = None) -> State | None:
    """Say how far the run in a folder is, or a part of it; None where there is no manifest that can be trusted."""
    try:
        manifest = read_manifest(folder)
        return check(folder, manifest, only=part and part.tasks(manifest.tasks))
    except (InputError, OSError):  # a file that is taken away while it is looked at
        return None


def _hashed(
    folder: Place, manifest: Manifest, number: int, cells: Sequence[Mapping[str, Any]] | None
) -> dict[str, str]:
    """Give the files of a task with hashes; none unless its record is what would be written, and they are its files."""
    try:
        path = file_of(folder, RECORDS, number)
        text = read_text(path, path.name)
        about = parse_json(text, path.name)
        hashes = {table: str(about["sha256"][table]) for table in manifest.tables}
        expected = about["cells"] if cells is None else cells[number]
        if text != record(manifest.key, manifest.fingerprint, number, expected, hashes):
            return {}
        found = {name_of(table, number): sha for table, sha in hashes.items()}
        return found if all(is_as_written(folder / name, sha) for name, sha in found.items()) else {}
    except (InputError, LookupError, TypeError, ValueError):
        return {}


def is_as_written(path: Place, sha: str) -> bool:
    """Whether a file is there and has this SHA-256."""
    try:
        with opened(path, path.name, LARGEST) as file:
            found = hashlib.sha256()
            while part := file.read(2**20):
                found.update(part)
            return found.hexdigest() == sha
    except InputError:
        return False


def sha256(content: bytes) -> str:
    """Give the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
