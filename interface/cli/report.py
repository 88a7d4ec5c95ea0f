"""``setback report`` writes what a study found as one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from setback.cli.answers import results_of
from setback.cli.evidence import latest
from setback.cli.options import Processes, ResultsFolder, With, complete_study
from setback.cli.output import many, may_replace, say, sayer
from setback.cli.studies import kept, planned
from setback.model.errors import InputError
from setback.model.place import Place, place_of
from setback.model.writing import check

if TYPE_CHECKING:
    import pandas as pd

    from setback.analysis.load import Results


def report(
    study: Annotated[
        str,
        typer.Argument(
            metavar="STUDY|FOLDER",
            help="Name or file of a study, or results: their folder, results/<study>/<hash>, or its name.",
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
            help="A fit, as setback fit names its folder; by default the latest of all results, or the one that ships.",
        ),
    ] = None,
    verdicts: Annotated[
        bool,
        typer.Option("--verdicts", help="Run the verdicts on both claims too, as setback verdicts --run does."),
    ] = False,
    results: ResultsFolder = Path("results"),
    with_: With = None,
    quick: Annotated[bool, typer.Option("--quick", help="Run a single class in each world, for a first look.")] = False,
    processes: Processes = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write what a study found as one HTML page: the answer, how sure it is, and how to repeat it.

    A study that was not run yet, or not to the end, is run first; Ctrl-C stops it, and the same command goes on.
    """
    new = not (force or may_replace(out))
    check(place_of(out), new)  # before hours of work, and not after them
    found = reported(study, results, with_, 1 if quick else None, processes)
    fitted = latest(results) if fit is None else fit
    judged = ruled(results, processes, fit)[1] if verdicts else None
    files = found.report(out, table_folder, fitted, summary, new=new, verdicts=judged)
    beside = f"; {many(len(files) - 1, 'tables')} in {table_folder}" if table_folder else ""
    kb = out.stat().st_size / 1000
    say(f"{out}: {found.study['name']}, {kb:.0f} kB{beside}; open it in a browser, or print it: it needs nothing else")


def ruled(
    results: Place, processes: int | None, fit: Path | None, as_json: bool = False
) -> tuple[Results, pd.DataFrame]:
    """Give the verdicts on both claims, and the results that they rest on; what is missing of these is run first."""
    from setback.analysis.fit import read
    from setback.analysis.verdicts import STUDIES, nearer, of_results

    evidence = nearer(read(latest(results) if fit is None else fit))
    cycle, without = (reported(study, results, None, None, processes, as_json) for study in STUDIES.values())
    return cycle, of_results(cycle, without, evidence)


def reported(
    study: str,
    results: Place,
    with_: list[str] | None,
    rooms: int | None,
    processes: int | None,
    as_json: bool = False,
) -> Results:
    """Load the results of a study, by their folder or its name, or the study's name or file; what is missing is run.

    Of a folder, and of a name that only results have, nothing is run: no study is at hand that could be.

    Where other runs of its name are there than that of the study as it stands, nothing is run: a name means the one
    that there is, and a file was edited since.

    Raises:
        InputError: if there is no such study, there are several other runs of the name, or the file was edited.
    """
    from setback.analysis.load import load
    from setback.experiments.studies.again import folder_named
    from setback.experiments.studies.folder import runs_of
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.study import names
    from setback.experiments.studies.sweep import folder_of
    from setback.model.engines.registry import ENGINES

    is_only_there = not study.endswith(".toml") and study not in names() and bool(runs_of(results / study))
    if folder_named(study) or Path(study).is_dir() or is_only_there:
        if rooms is not None or with_:
            raise InputError(f"{study} is of results that are there; --quick and --with are of a study that is run")
        return results_of(study, results)
    plan = planned(study, None, None, "auto", processes, rooms, None, None, None, None, with_)
    folder, runs = folder_of(plan, results), runs_of(results / plan.name)
    for engine in ENGINES:
        if (other := folder_of(plan.replace(engine=engine), results)) in runs:
            folder, plan = other, plan.replace(engine=engine)
    if runs and folder not in runs and rooms is None:
        if not study.endswith(".toml"):
            return results_of(study, results)
        others = ", ".join(run.name for run in runs)
        raise InputError(
            f"{study} as it stands was not run in {results}; runs of other texts, or with other options, are there: "
            f"{others}; setback run {study} runs it"
        )
    check_writable(folder)
    sayer(as_json)(f"{plan.name}: {plan.question}")
    if not kept(plan, folder, results, processes, as_json).is_finished:
        raise typer.Exit(1)
    return load(folder)
