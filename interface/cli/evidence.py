"""``setback evidence`` holds the model against the published evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli import tables
from setback.cli.options import AsJson, Processes, Rerun, ResultsFolder, RetryFailed, Rooms, Seed, With
from setback.cli.output import many, sayer
from setback.cli.studies import kept, planned
from setback.model.errors import InputError
from setback.model.writing import write_text


def complete_row(incomplete: str) -> list[str]:
    """Complete the id of a row of the evidence."""
    from setback.experiments.evidence.rows import facts, targets

    return [row for row in ("all", *targets(), *facts()) if row.startswith(incomplete)]


def evidence(
    row: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ROW",
            help="Rows of the published evidence by id (setback list evidence); all where none is named.",
            autocompletion=complete_row,
        ),
    ] = None,
    prior: Annotated[bool, typer.Option("--prior", help="Over worlds of the prior, before a fit.")] = False,
    study: Annotated[str, typer.Option(metavar="STUDY", help="Study whose worlds count.")] = "prior",
    rooms: Rooms = None,
    seed: Seed = None,
    with_: With = None,
    processes: Processes = None,
    results: ResultsFolder = Path("results"),
    retry_failed: RetryFailed = False,
    rerun: Rerun = False,
    as_json: AsJson = False,
) -> None:
    """Say for each published figure where the worlds lie, whether its tolerance is within them, and what moves it."""
    from setback.analysis.evidence import reach
    from setback.analysis.figures import evidence_figure, save
    from setback.analysis.load import load
    from setback.experiments.studies.folder import EVIDENCE_PICTURE, EVIDENCE_TABLE
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    if not prior:
        raise InputError("nothing is fitted yet; ask for the worlds of the prior, as in setback evidence --prior")
    plan = planned(study, None, None, "auto", processes, rooms, None, seed, None, None, with_)
    if not plan.evidence:
        raise InputError(f"study {plan.name} measures no evidence; name one that does, as study prior")
    if row:
        plan = plan.replace(evidence=tuple(row))
    tell = sayer(as_json)
    tell(f"{many(len(plan.worlds), 'worlds')} of the prior, {many(plan.rooms, 'classrooms')} in each, seed {plan.seed}")
    folder = folder_of(plan, results)
    check_writable(folder)
    if not kept(plan, folder, results, processes, as_json, rerun=rerun, retry_failed=retry_failed).is_finished:
        raise typer.Exit(1)
    found = reach(load(folder))
    try:
        flat = found.assign(
            moved_by=["; ".join(f"{name} {by:+.2f}" for name, by in of.items()) for of in found["moved_by"]]
        )
        write_text(folder / EVIDENCE_TABLE, flat.to_csv(lineterminator="\n"))
        save(evidence_figure(found), folder / EVIDENCE_PICTURE, plan.key())
    except InputError as error:  # a finished study on a disk that cannot be written to
        tell(f"shown only: {error}")
    if as_json:
        print(found.reset_index().to_json(orient="records", indent=1))
        return
    tables.evidence(found)
    tell(f"Table and figure: {folder}")
