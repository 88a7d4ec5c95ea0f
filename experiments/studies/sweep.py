"""Running a study: what is missing of it is run task by task, and each task is kept as it comes."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from setback.experiments.studies.cells import check_against, held_by_others
from setback.experiments.studies.cluster import client_of, on_cluster
from setback.experiments.studies.folder import RECORDS, RESULTS, State, check, file_of, read_manifest, runs_of
from setback.experiments.studies.identity import other_modules
from setback.experiments.studies.parts import Part
from setback.experiments.studies.store import Store, check_writable
from setback.experiments.studies.study import Study, with_engine
from setback.experiments.studies.task import Task, Tasks
from setback.experiments.studies.workers import on_this_machine, so_many, told
from setback.model.errors import InputError, StopError
from setback.model.place import Address, Place, files


def run_study(
    study: Study,
    results: Place = RESULTS,
    processes: int | None = None,
    rerun: bool = False,
    command: str = "",
    progress: Callable[[int], None] = lambda classrooms: None,
    cluster: str | None = None,
    retry_failed: bool = False,
    ignore_unfinished: bool = False,
    say: Callable[[str], None] = told,
    part: Part | None = None,
) -> Place:
    """Run what is missing of a study and keep it; results that are there already are left as they are.

    What other folders under the same root hold of its cells is taken over (`setback.experiments.studies.cells`).

    Args:
        study: the study; its engine may be ``auto``.
        results: the folder of all results, on this machine or at an address that fsspec reaches.
        processes: how many run at once; by default one a processor.
        rerun: run all of it, even if results are there, here or in other folders.
        command: what was typed, for the manifest.
        progress: called with the number of classrooms (policies × worlds × rooms) done since it was called last.
        cluster: address of a Dask scheduler whose workers run the tasks.
        retry_failed: try again the tasks that failed.
        ignore_unfinished: begin even if an unfinished run with other equations or another text lies there.
        say: told in a sentence what was found that should not be; by default the error stream.
        part: run the tasks of this part alone; others may run theirs at the same time.

    Returns:
        The folder with the results. A finished one is not written to. Tasks that failed are in its folder `FAILURES`.

    Raises:
        InputError: if the folder cannot be written, or belongs to another run, for a wrong number of processes, a part
            that is to run anew or on a cluster, or if two folders hold the same cell and do not say the same of it.
        StopError: if nothing can be written any more.
    """
    check_part(part, rerun, cluster)
    study, most = with_engine(study), so_many(processes)
    folder = folder_of(study, results)
    _check_memory(folder, most, cluster)
    store = Store(folder, study, part)
    all_of_it = classrooms(study, part)
    there = None if rerun else store.read()
    if there is not None and not (state := store.state(there)).damaged and state.is_finished:
        _name_strangers(state, say)
        if there.fingerprint != store.fingerprint:
            say(f"{folder} was run {store.elsewhere(there)}")
        progress(all_of_it)
        return folder
    check_writable(folder)
    if not rerun and not ignore_unfinished:
        check_unfinished(study, results, command)
    if cluster is not None:
        client_of(study, cluster).close()  # asked before anything that is there is cleared
    with store.written_to(say):
        state = store.begin(command, rerun, say)
        _name_strangers(state, say)
        left = {*store.mine} - {*state.done} - ({*state.failed} if not retry_failed else set())
        missing = [store.tasks[number] for number in sorted(left)]
        of_task = len(study.policies)
        progress(all_of_it - of_task * _places(missing))
        if missing and not rerun:
            _take_over(store, results, missing, state, say, "are" if cluster is None else "can be")
        here = cluster is None
        done = on_this_machine(store, missing, most, say) if here else on_cluster(store, missing, str(cluster), say)
        begun = time.perf_counter()
        try:
            with _stopped_by_sigterm():
                for task, _ in done:
                    progress(of_task * _places([task]))
        finally:
            done.close()
            if missing:
                there_now = {*files(folder / RECORDS)}
                kept = sum(file_of(Path(), RECORDS, task.number).name in there_now for task in missing)
                _end(store, command, time.perf_counter() - begun, cluster or most, kept)
    return folder


def folder_of(study: Study, results: Place) -> Place:
    """Name the folder of the results of a study."""
    return results / study.name / study.key()


def check_part(part: Part | None, rerun: bool, cluster: str | None) -> None:
    """Raise InputError where a part is to run anew or on a cluster."""
    if part and (rerun or cluster is not None):
        why = "--rerun, which is of all of them" if rerun else "--cluster, which needs no parts"
        raise InputError(f"part {part} cannot be run with {why}; leave one of the two out")


def classrooms(study: Study, part: Part | None = None) -> int:
    """Count the classrooms of a study, one a policy, world and room, or those of a part of it."""
    tasks = Tasks(study)
    return len(study.policies) * _places(tasks[number] for number in (part or Part(1, 1)).tasks(len(tasks)))


def _places(tasks: Iterable[Task]) -> int:
    """Count the rooms of all worlds."""
    return sum(len(task.worlds) * len(task.rooms) for task in tasks)


def _check_memory(folder: Place, processes: int, cluster: str | None) -> None:
    if isinstance(folder, Address) and folder.kind == "memory" and (processes > 1 or cluster is not None):
        raise InputError(f"{folder} is the memory of one process; say --processes 1, or name another folder")


def check_unfinished(study: Study, results: Place, command: str = "") -> None:
    """Raise InputError where an unfinished run differs only in the equations, or in the text of the study's file.

    Other options make another study, which may lie beside it; what changed under the same command may not.
    """
    mine, modules, key = json.loads(json.dumps(study.text())), study.modules(), study.key()
    for folder in runs_of(results / study.name):
        try:
            about = read_manifest(folder)
        except InputError:
            continue
        if about.key == key:
            continue
        differs = {name for name in mine if mine[name] != about.study.get(name)}
        other_text = about.file != study.file
        same_command = bool(command) and about.command == command
        is_alike = other_text or same_command or not differs - {"equations", "measures"}
        if is_alike and not check(folder, about).is_finished:
            what = "another text of its file"
            if not other_text:
                changed = other_modules(modules, about.modules) or "custom mechanisms"
                what = f"other equations ({changed} changed)"
            raise InputError(
                f"{folder} holds an unfinished run of {study.name} with {what}; go back to them to finish it, "
                "take that folder away, or run this one as well with --ignore-unfinished"
            )


def _take_over(
    store: Store, results: Place, missing: Sequence[Task], state: State, say: Callable[[str], None], verb: str
) -> None:
    """Look up what other folders hold of some tasks, and say it: ``can be``, where workers may not see their files."""
    held = held_by_others(store, results, missing)
    if held is None:
        return
    check_against(store, state, held)
    study = store.study
    store.study = study.replace(held=held)
    classrooms = len(study.policies) * len(study.worlds) * study.rooms
    for path, count in held.counted(study, missing).items():
        say(f"{count:,} of {classrooms:,} cells {verb} taken over from {path}")


def _name_strangers(state: State, say: Callable[[str], None]) -> None:
    if strangers := state.strangers():
        say(strangers)


def _end(store: Store, command: str, seconds: float, by: int | str, count: int) -> None:
    """Note how a run went; what stopped it is told before what stops this note."""
    stopped = sys.exc_info()[0] is not None
    try:
        store.end(command, seconds, by, count)
    except (InputError, StopError):
        if not stopped:
            raise


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
