"""``setback status`` says how far the runs of a study are."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from setback.cli.list_ import result_rows
from setback.cli.options import AsJson, ResultsFolder, With, complete_study, model_of
from setback.cli.output import print_rows, say
from setback.model.errors import InputError, unknown
from setback.model.place import files, place_of


def status(
    study: Annotated[
        str,
        typer.Argument(help="Name or file of a study; by default all that were run.", autocompletion=complete_study),
    ] = "",
    results: ResultsFolder = Path("results"),
    with_: With = None,
    as_json: AsJson = False,
) -> None:
    """Say how far the runs of a study are: tasks done and failed, size and time; of one name, how its runs differ."""
    from setback.experiments.studies.folder import state_of
    from setback.experiments.studies.study import Study
    from setback.experiments.studies.workers import told
    from setback.model.engines.registry import ENGINES

    asked = Study.read(study, model_of(with_)) if study.endswith(".toml") else None
    every = result_rows(results)
    runs = [row for row in every if (asked.name if asked else study) in ("", row["study"])]
    if asked:
        others = ", ".join(row["key"] for row in runs)
        runs = [row for row in runs if row["key"] in {asked.replace(engine=name).key() for name in ENGINES}]
        if not runs:
            other = f"; runs of other texts or with other options: {others}" if others else ""
            raise InputError(f"{study} as it stands was not run in {results}{other}")
    if study and not runs:
        raise unknown("study with results", study, sorted({row["study"] for row in every}))
    rows = []
    for run in runs:
        state, size = state_of(place_of(run["folder"])), sum(files(place_of(run["folder"])).values())
        row = {name: run[name] for name in ("study", "key", "state", "tasks", "failed")}
        row |= {"damaged": len(state.damaged) if state else "", "foreign": len(state.foreign) if state else ""}
        rows.append(row | {"MB": round(size / 1e6, 1), **{k: run[k] for k in ("seconds", "engine", "folder")}})
    print_rows(rows, as_json, f"nothing was run in {results} yet")
    if study and not as_json:
        for sentence in apart([run["folder"] for run in runs]):
            say(sentence)
    for run in runs:
        if (state := state_of(place_of(run["folder"]))) and (strangers := state.strangers()):
            told(f"{run['folder']}: {strangers}")


def apart(folders: list[str]) -> list[str]:
    """Say how runs of one study differ from the one that was begun last, a sentence each."""
    from setback.experiments.studies.differences import differences
    from setback.experiments.studies.folder import Manifest, read_manifest

    found: list[Manifest] = []
    for folder in folders:
        with contextlib.suppress(InputError):  # what is wrong with it stands in the table
            found.append(read_manifest(place_of(folder)))
    if len(found) < 2:
        return []
    last = max(found, key=lambda one: datetime.fromisoformat(one.written))
    return [
        f"{one.key} differs from {last.key}, begun last: {'; '.join(differences(one, last))}."
        for one in found
        if one is not last
    ]
