"""``setback verdicts`` says what became of each prediction of both claims, policy by policy, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli import tables
from setback.cli.answers import Drawn, records, write_answer
from setback.cli.options import AsJson, Processes, ResultsFolder
from setback.cli.output import print_json, sayer
from setback.cli.predictions import Named
from setback.cli.report import ruled


def verdicts(
    prediction: Named = None,
    run: Annotated[
        bool,
        typer.Option(
            "--run", help="Run both studies, or go on with them (three quarters of an hour), instead of what ships."
        ),
    ] = False,
    fit: Annotated[
        Path | None,
        typer.Option(
            "--fit",
            metavar="FOLDER",
            help="With --run: a fit, as setback fit names its folder; by default the latest of all results, or the "
            "one that ships.",
        ),
    ] = None,
    results: ResultsFolder = Path("results"),
    processes: Processes = None,
    out: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Say what became of each prediction of both claims: supported, refuted, undecided, built in; and how sure.

    By default the verdicts that ship, over 200 worlds of each fit; --run makes them anew. Ctrl-C stops it, and the
    same command goes on.
    """
    from setback.analysis.figures import check_picture, save, verdicts_figure
    from setback.analysis.verdicts import over_the_cross, reference, sentences
    from setback.experiments.predictions.predictions import named
    from setback.experiments.studies.folder import VERDICTS_PICTURES, VERDICTS_TABLE

    if out:
        check_picture(out)
    names = [row.name for row in named(prediction or ["all"])]
    tell = sayer(as_json)
    cycle, found = ruled(results, processes, fit, as_json) if run else (None, reference())
    found = found[found["prediction"].isin(names)].reset_index(drop=True)
    if as_json:
        print_json({"verdicts": records(found)})
    else:
        tables.verdicts(over_the_cross(found))
    for sentence in sentences(found):
        tell(sentence)
    if cycle is not None:
        write_answer(cycle, found, VERDICTS_TABLE, lambda: verdicts_figure(found), VERDICTS_PICTURES, out, tell)
    elif out:
        save(verdicts_figure(found), out)
        tell(f"Figure: {out}")
