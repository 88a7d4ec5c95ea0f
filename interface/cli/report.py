"""``setback report`` writes what a study found as one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setback.cli.answers import results_of
from setback.cli.options import ResultsFolder, With, complete_study, model_of
from setback.cli.output import many, may_replace, say
from setback.model.errors import InputError
from setback.model.place import Place

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
            "--fit",
            metavar="FOLDER",
            help="A fit, as setback fit names its folder; by default the latest of all results.",
        ),
    ] = None,
    results: ResultsFolder = Path("results"),
    with_: With = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write what a finished study found as one HTML page: the answer, how sure it is, and how to repeat it."""
    found = reported(study, results, with_)
    fitted = latest_fit(results) if fit is None else fit
    files = found.report(out, table_folder, fitted, summary, new=not (force or may_replace(out)))
    beside = f"; {many(len(files) - 1, 'tables')} in {table_folder}" if table_folder else ""
    kb = out.stat().st_size / 1000
    say(f"{out}: {found.study['name']}, {kb:.0f} kB{beside}; open it in a browser, or print it: it needs nothing else")


def reported(study: str, results: Place, with_: list[str] | None = None) -> Results:
    """Load the results that are meant by the file of a study, by its name, or by their folder.

    Raises:
        InputError: if there are none, or several.
    """
    from setback.analysis.load import load
    from setback.experiments.studies.folder import runs_of
    from setback.experiments.studies.study import Study
    from setback.experiments.studies.sweep import folder_of
    from setback.model.engines.registry import ENGINES

    if not study.endswith(".toml"):
        return results_of(study, results)
    asked = Study.read(study, model_of(with_))
    runs = runs_of(results / asked.name)
    for folder in (folder_of(asked.replace(engine=name), results) for name in ENGINES):
        if folder in runs:
            return load(folder)
    others = ", ".join(run.name for run in runs)
    changed = f"; runs of other texts, or with other options, are there: {others}" if others else ""
    raise InputError(f"{study} as it stands was not run in {results}{changed}; setback run {study} runs it")


def latest_fit(results: Any) -> Path | None:
    """Find the fit that was finished last, where there is one."""
    last = sorted((results / "fits").glob("*/recovery.csv"), key=lambda path: path.stat().st_mtime)
    return last[-1].parent if last and isinstance(results, Path) else None
