"""``setback audit`` says how far the prior alone decides each prediction."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli import tables
from setback.cli.options import AsJson, Processes, Rerun, ResultsFolder, RetryFailed, Rooms, Seed, With
from setback.cli.output import many, sayer
from setback.cli.predictions import Named
from setback.cli.studies import kept, planned
from setback.model.errors import InputError
from setback.model.writing import write_text


def audit(
    prediction: Named = None,
    study: Annotated[str, typer.Option(metavar="STUDY", help="Study whose worlds and policies count.")] = "audit",
    rooms: Rooms = None,
    seed: Seed = None,
    with_: With = None,
    processes: Processes = None,
    results: ResultsFolder = Path("results"),
    retry_failed: RetryFailed = False,
    rerun: Rerun = False,
    as_json: AsJson = False,
) -> None:
    """Say in which share of prior worlds each prediction of both claims holds, and in which its opposite does."""
    from setback.analysis.audit import overall, shares
    from setback.analysis.figures import audit_figure, save
    from setback.analysis.load import load
    from setback.experiments.studies.folder import AUDIT_PICTURE, AUDIT_TABLE
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    plan = planned(study, None, None, "auto", processes, rooms, None, seed, None, None, with_)
    if not plan.predictions:
        raise InputError(f"study {plan.name} measures no predictions; an audit needs some, as study audit has")
    if prediction:
        plan = plan.replace(predictions=tuple(prediction))
    tell = sayer(as_json)
    size = f"{many(len(plan.policies), 'policies', 'policy')}, {many(plan.rooms, 'classrooms')} in each world"
    tell(f"{many(len(plan.worlds), 'worlds')} of the prior, {size}, seed {plan.seed}")
    folder = folder_of(plan, results)
    check_writable(folder)
    if not kept(plan, folder, results, processes, as_json, rerun=rerun, retry_failed=retry_failed).is_finished:
        raise typer.Exit(1)
    found = shares(load(folder).predictions, plan.predictions)
    table = overall(found)
    try:
        write_text(folder / AUDIT_TABLE, found.to_csv(index=False, lineterminator="\n"))
        save(audit_figure(table), folder / AUDIT_PICTURE, plan.key())
    except InputError as error:  # a finished study on a disk that cannot be written to
        tell(f"shown only: {error}")
    if as_json:
        print(table.to_json(orient="records", indent=1))
        return
    tables.audit(table)
    tell(f"Under every policy: {folder}")
