"""``setback report`` writes what a study found as one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setback.cli.options import ResultsFolder, With, complete_study, model_of
from setback.cli.output import many, may_replace, say
from setback.model.errors import InputError
from setback.model.place import Place, place_of

if TYPE_CHECKING:
    from setback.analysis.load import Results


def report(
    study: Annotated[
        str,
        typer.Argument(
            metavar="STUDY|FOLDER",
            help="Name or file of a study that was run, or a folder of results: results/<study>/<hash>.",
            autocompletion=complete_study,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="HTML file to write.")] = Path("report.html"),
    table_folder: Annotated[
        Path | None,
        typer.Option("--tables", metavar="FOLDER", help="Also write every table there, a CSV file each."),
    ] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Write one page, for those who decide.")] = False,
    fit: Annotated[
        Path | None,
        typer.Option(
            "--fit", metavar="FOLDER", help="A fit, as setback fit names its folder; by default the latest of all results."
        ),
    ] = None,
    results: ResultsFolder = Path("results"),
    with_: With = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write what a finished study found as one HTML page: the answer, how sure it is, and how to repeat it."""
    found = results_of(study, results, with_)
    fitted = latest_fit(results) if fit is None else fit
    files = found.report(out, table_folder, fitted, summary, new=not (force or may_replace(out)))
    beside = f"; {many(len(files) - 1, 'tables')} in {table_folder}" if table_folder else ""
    kb = out.stat().st_size / 1000
    say(f"{out}: {found.study['name']}, {kb:.0f} kB{beside}; open it in a browser, or print it: it needs nothing else")


def results_of(study: str, results: Place, with_: list[str] | None = None) -> Results:
    """Load the results that are meant by the name of a study, its file, or their folder.

    Raises:
        InputError: if there are none, or several.
    """
    from setback.analysis.load import load
    from setback.experiments.studies.folder import all_runs, runs_of
    from setback.experiments.studies.study import Study
    from setback.experiments.studies.sweep import folder_of
    from setback.model.engines.registry import ENGINES

    if study.endswith(".toml"):
        asked = Study.read(study, model_of(with_))
        folders = [folder_of(asked.replace(engine=name), results) for name in ENGINES]
        there = [folder for folder in dict.fromkeys(folders) if folder in runs_of(results / asked.name)]
        if not there:
            others = ", ".join(run.name for run in runs_of(results / asked.name))
            other = f"; its text was changed since, runs of other texts are there: {others}" if others else ""
            raise InputError(f"{study} as it stands was not run in {results}{other}; setback run {study} runs it")
        return load(there[0])
    place = place_of(study)
    if place.is_dir():
        return load(place)
    if "/" in study or not (results / study).is_dir():
        known = ", ".join(sorted({run.parent.name for run in all_runs(results)})) or "none"
        raise InputError(
            f"there are no results of {study} in {results}; setback run {study} makes them (there are those of: {known})"
        )
    return load(results / study)


def latest_fit(results: Any) -> Path | None:
    """Find the fit that was finished last, where there is one."""
    last = sorted((results / "fits").glob("*/recovery.csv"), key=lambda path: path.stat().st_mtime)
    return last[-1].parent if last and isinstance(results, Path) else None
