"""Running a study: what is missing of it is lived task by task, and each task is kept as it comes."""

from __future__ import annotations

import importlib.util
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setback.experiments.store import MANIFEST, RESULTS, Store, put_in_place, read_manifest
from setback.experiments.study import Study
from setback.experiments.task import Tasks
from setback.experiments.twins import FIRST, HORIZON
from setback.experiments.workers import Failure, on_cluster, on_this_machine, processors
from setback.model.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def run_study(
    study: Study,
    results: Path = RESULTS,
    processes: int | None = None,
    again: bool = False,
    command: str = "",
    progress: Callable[[int], None] = lambda classrooms: None,
    cluster: str | None = None,
    retry_failed: bool = False,
    beside: bool = False,
) -> Path:
    """Run what is missing of a study and keep it; results that are there already are left as they are.

    Args:
        study: the study; its engine may be ``auto``.
        results: the folder of all results.
        processes: how many run at once; by default one a processor.
        again: run all of it, even if results are there; they give way when the new ones are complete.
        command: what was typed, for the manifest.
        progress: called with the number of classrooms (policies × worlds × rooms) done since it was called last.
        cluster: address of a Dask scheduler whose workers live the tasks.
        retry_failed: try again the tasks that failed.
        beside: begin even if an unfinished run of this study with other equations or another text lies there.

    Returns:
        The folder with the results; one beside it where not all could be run again. Tasks that failed are in its
        folder ``failed``.

    Raises:
        InputError: the folder cannot be written, or belongs to another run.
        StopError: the disk is full.
    """
    place = folder_of(study, results)
    folder = place.with_name(f".again-{place.name}") if again else place
    study = with_engine(study, folder)
    if not again and not beside:
        check_unfinished(study, results, command)
    store = Store(folder, study)
    with store.written_to():
        store.begin(command, anew=again)
        missing = list(store.missing(retry_failed))
        of_task = len(study.policies)
        progress(of_task * (len(study.worlds) * study.rooms - sum(len(t.worlds) * len(t.rooms) for t in missing)))
        if missing or not read_manifest(folder)["finished"]:
            most = processes or processors()
            lived = on_cluster(study, missing, cluster) if cluster else on_this_machine(study, missing, most)
            begun, count = time.perf_counter(), 0
            try:
                with _stopped_by_sigterm():
                    for task, found in lived:
                        store.keep(task, found)
                        count += not isinstance(found, Failure)
                        progress(of_task * len(task.worlds) * len(task.rooms))
            finally:
                lived.close()
                store.end(command, time.perf_counter() - begun, cluster or most, count)
    if not again or not read_manifest(folder)["finished"]:
        return folder
    with Store(place, study).written_to():
        pass  # nobody else is at it
    put_in_place(folder, place)
    return place


def folder_of(study: Study, results: Path) -> Path:
    """Where the results of a study lie."""
    return results / study.name / study.key()


def years(study: Study) -> int:
    """Student-weeks of the observed years of a study."""
    sizes = [len(c.students) for c in study.roster.classes]
    if study.roster.is_synthetic:
        students = sizes[0] * study.rooms
    else:
        students = sum(len(study.roster.in_room(room).students) for room in range(study.rooms))
    return len(study.policies) * len(study.worlds) * students * study.weeks


def student_weeks(study: Study) -> int:
    """Student-weeks of a study, those of its twins counted as if every student-week were eligible."""
    largest = max(len(c.students) for c in study.roster.classes)
    turned = study.share * len(study.flips) * max(0, study.weeks - FIRST - HORIZON) * largest
    return int(years(study) * (1 + turned))


def with_engine(study: Study, folder: Path | None = None) -> Study:
    """The study with an engine in place of ``auto``: the one it was begun with, else the faster one.

    Compiled where llvmlite is installed, else vectorised.
    """
    if study.engine != "auto":
        return study
    if folder is not None and (folder / MANIFEST).exists():
        return study.replace(engine=read_manifest(folder)["engine"])
    there = importlib.util.find_spec("llvmlite") is not None
    return study.replace(engine="compiled" if there else "vectorised")


def check_unfinished(study: Study, results: Path, command: str = "") -> None:
    """Raise InputError where an unfinished run differs only in the equations, or in the text of the study's file.

    Other options make another study, which may lie beside it; what changed under the same command may not.
    """
    mine = json.loads(json.dumps(study.text()))  # as a manifest keeps it
    for manifest in (results / study.name).glob("[!.]*/" + MANIFEST):
        about = read_manifest(manifest.parent)
        if about["finished"] or about["key"] == study.key():
            continue
        theirs = about["study"]
        changed = {name for name in mine if mine[name] != theirs.get(name)}
        other_text = about.get("file") != study.file
        same_command = bool(command) and about["command"] == command
        if other_text or same_command or not changed - {"equations", "measures"}:
            what = "another text of its file" if other_text else "other equations"
            raise InputError(
                f"{manifest.parent} holds an unfinished run of {study.name} with {what}; go back to them to finish it, "
                "take that folder away, or run this one beside it with --beside"
            )


def live_all(
    study: Study, processes: int | None = None, progress: Callable[[int], None] = lambda classrooms: None
) -> dict[str, pd.DataFrame]:
    """Live a study without keeping it: its tables, whatever the order in which tasks end.

    Args:
        study: the study.
        processes: how many run at once; by default one a processor.
        progress: called with the number of classrooms done since it was called last.

    Raises:
        RuntimeError: a task failed.
    """
    import pyarrow as pa

    study = with_engine(study)
    tasks = Tasks(study)
    found: dict[int, Any] = {}
    for task, tables in on_this_machine(study, tasks, min(processes or processors(), len(tasks))):
        if isinstance(tables, Failure):
            raise RuntimeError(f"task {task.number} failed: {tables.error}\n{tables.where}")
        found[task.number] = tables
        progress(len(study.policies) * len(task.worlds) * len(task.rooms))
    order = sorted(found)
    return {name: pa.concat_tables(found[k][name] for k in order).to_pandas() for name in found[order[0]]}


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let a polite request to end be a Ctrl-C: workers are ended and the manifest says how far it went."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
