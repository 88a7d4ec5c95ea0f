"""Merging: parts of a study that lie in one folder or in several become one run, every file of which was checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from setback.experiments.studies.folder import (
    DESIGN,
    FAILURES,
    MANIFEST,
    RECORDS,
    Manifest,
    State,
    all_runs,
    check,
    file_of,
    is_as_written,
    name_of,
    numbers,
    read_failure,
    read_manifest,
    runs_of,
    sha256,
)
from setback.experiments.studies.locks import forget, held, is_held
from setback.experiments.studies.parts import file_of_part, parts_noted, runs_of_part
from setback.experiments.studies.store import clear
from setback.experiments.studies.workers import told
from setback.model.errors import InputError, StopError
from setback.model.place import Place
from setback.model.reading import LARGEST, opened, read_bytes
from setback.model.writing import write_bytes


def merge(folders: Sequence[Place], say: Callable[[str], None] = told) -> Place:
    """Join runs of one study into the first of their folders; the others stay as they are.

    Args:
        folders: each a folder of results, or the folder of a study with one run in it.
        say: told what lies in several of them.

    Returns:
        The first folder, with every task that is done in any of them.

    Raises:
        InputError: if one holds no results or those of another study, a task has other bytes in two of them, a run
            is writing there, or nothing can be written.
        StopError: if the disk is full.
    """
    runs = list(dict.fromkeys(one_run(folder) for folder in folders))
    first, *others = runs
    manifests = [read_manifest(run) for run in runs]
    for run, manifest in zip(others, manifests[1:]):
        _check_alike(first, manifests[0], run, manifest)
        if is_held(run):
            raise InputError(f"a run is writing to {run}; wait until it is done, or stop it")
    with held(first, say):
        clear(first)
        states = [check(run, manifest) for run, manifest in zip(runs, manifests)]
        _check_design(first, manifests[0])
        where = _where(runs, states, say)
        for number, run in sorted(where.items()):
            if run != first:
                _copy(run, first, manifests[0], number, states[runs.index(run)])
        for run, manifest, state in zip(others, manifests[1:], states[1:]):
            for number in {*state.failed} - {*where}:
                if read_failure(run, manifest, number) and not file_of(first, FAILURES, number).exists():
                    _write(first, name_of(FAILURES, number), read_bytes(file_of(run, FAILURES, number), "a failure"))
        _note(first, runs, manifests)
    return first


def one_run(folder: Place) -> Place:
    """Give the run in a folder: itself, or the only one in the folder of a study or of all results.

    Raises:
        InputError: if there is none, or several.
    """
    if (folder / MANIFEST).exists():
        return folder
    runs = (runs_of(folder) or all_runs(folder)) if folder.is_dir() else []
    if len(runs) > 1:
        raise InputError(f"{folder} holds several runs; name those to be merged: {', '.join(map(str, runs))}")
    if not runs:
        raise InputError(f"{folder} holds no run; name a folder of results, <results>/<study>/<hash>")
    return runs[0]


def _check_alike(first: Place, about: Manifest, other: Place, manifest: Manifest) -> None:
    if manifest.key != about.key:
        is_named = manifest.study["name"] == about.study["name"]
        what = "other options or equations" if is_named else f"study {manifest.study['name']}"
        raise InputError(f"{other} is of {what}, {first} of study {about.study['name']}; merge parts of one study")
    if manifest.fingerprint != about.fingerprint:
        raise InputError(
            f"{other} was computed where the same equations give other last digits than in {first}; run its part where "
            "the others were run"
        )


def _check_design(folder: Place, manifest: Manifest) -> None:
    if not is_as_written(folder / DESIGN, manifest.design):
        raise InputError(f"{folder / DESIGN} is not as it was written; run a part there again, which makes it anew")


def _where(runs: Sequence[Place], states: Sequence[State], say: Callable[[str], None]) -> dict[int, Place]:
    """Say of each task that is done in which run it is; the first that has it."""
    where: dict[int, Place] = {}
    hashes: dict[str, str] = {}
    twice: set[int] = set()
    for run, state in zip(runs, states):
        tables = sorted({name.partition("/")[0] for name in state.sha256})
        for number in state.done:
            for name in (name_of(table, number) for table in tables):
                if hashes.setdefault(name, state.sha256[name]) != state.sha256[name]:
                    raise InputError(
                        f"{name} has other bytes in {run} than in {where[number]}; take away the folder that is wrong"
                    )
            if number in where:
                twice.add(number)
            where.setdefault(number, run)
    if twice:
        say(f"in more than one folder, with the same bytes: {numbers(sorted(twice))}")
    return where


def _copy(run: Place, first: Place, about: Manifest, number: int, state: State) -> None:
    """Copy the files of a task, its record last, each if it is still what was checked."""
    for table in about.tables:
        name = name_of(table, number)
        with opened(run / name, name, LARGEST) as file:
            content = file.read()
        if sha256(content) != state.sha256[name]:
            raise InputError(f"{run / name} changed while it was copied; merge again")
        _write(first, name, content)
    _write(first, name_of(RECORDS, number), read_bytes(file_of(run, RECORDS, number), "a record"))
    file_of(first, FAILURES, number).unlink(missing_ok=True)


def _note(first: Place, runs: Sequence[Place], manifests: Sequence[Manifest]) -> None:
    """Note in the first manifest every run of any of them, those of parts too, which then need no note of their own."""
    noted = [run for manifest in manifests for run in manifest.runs]
    for folder, manifest in zip(runs, manifests):
        noted += [run for part in parts_noted(folder) for run in runs_of_part(folder, manifest, part)]
    once = [run for k, run in enumerate(noted) if run not in noted[:k]]
    about = manifests[0].model_copy(update={"runs": sorted(once, key=lambda run: run.ended)})
    _write(first, MANIFEST, about.text().encode())
    for part in parts_noted(first):
        file_of_part(first, part).unlink(missing_ok=True)
    forget(first)


def _write(folder: Place, name: str, content: bytes) -> None:
    place = folder / name
    place.parent.mkdir(exist_ok=True)
    try:
        write_bytes(place, content)
    except (InputError, StopError, OSError) as error:
        raise StopError(f"{error}; what was copied before is kept, and the same command goes on") from None
