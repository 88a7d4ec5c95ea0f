"""``setback merge`` joins the parts of a study and reports what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import AsJson, ResultsFolder
from setback.cli.output import many, sayer
from setback.cli.run import report
from setback.cli.studies import unfinished
from setback.model.errors import InputError
from setback.model.place import Place, place_of


def merge(
    folders: Annotated[
        list[str],
        typer.Argument(metavar="FOLDER...", help="Folders of results with parts, or the name or file of a study."),
    ],
    results: ResultsFolder = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Join the parts of a study into the first folder, print its table and draw its figure."""
    from setback.analysis.load import load
    from setback.experiments.studies.folder import check, read_manifest
    from setback.experiments.studies.merge import merge
    from setback.experiments.studies.workers import told

    folder = merge([_place(text, results) for text in folders])
    state = check(folder, read_manifest(folder))
    tell = sayer(as_json)
    tell(f"{many(len(state.done), 'tasks')} of {state.tasks} are in {folder}")
    if state.done:
        report(load(folder), as_json, tell)
    if not state.is_finished:
        told(unfinished(folder, state, "setback run or the parts that have them"))
        raise typer.Exit(1)


def _place(text: str, results: Place) -> Place:
    """Give the folder that was named, or that of a study that was."""
    from setback.experiments.studies.study import Study

    place = place_of(text)
    if place.is_dir():
        return place
    name = Study.read(text).name if text.endswith(".toml") else text
    if (results / name).is_dir():
        return results / name
    raise InputError(f"there is no folder {text}, nor one of a study of this name in {results}; name one with parts")
