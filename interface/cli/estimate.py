"""``setback estimate`` measures predictions of both claims in one world."""

from __future__ import annotations

from pathlib import Path

import typer

from setback.cli import tables
from setback.cli.options import (
    AsJson,
    MappingFile,
    Policies,
    Processes,
    Rerun,
    ResultsFolder,
    RetryFailed,
    Rooms,
    RosterFile,
    Seed,
    Set,
    StudyEngine,
    With,
)
from setback.cli.output import many, say_notes, sayer
from setback.cli.predictions import Named
from setback.cli.studies import kept, planned


def estimate(
    prediction: Named = None,
    policy: Policies = None,
    rooms: Rooms = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    engine: StudyEngine = "auto",
    with_: With = None,
    processes: Processes = None,
    results: ResultsFolder = Path("results"),
    retry_failed: RetryFailed = False,
    rerun: Rerun = False,
    as_json: AsJson = False,
) -> None:
    """Measure predictions of both claims in one world, under the reference policy unless others are named."""
    from setback.analysis.estimate import over_schools
    from setback.analysis.load import load
    from setback.analysis.predictions import of_predictions
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    plan = planned("predictions", policy, set_, engine, processes, rooms, None, seed, roster, mapping, with_)
    plan = plan.replace(predictions=tuple(prediction or plan.predictions))
    tell = sayer(as_json)
    say_notes(plan.roster, tell)
    size = f"{many(len(plan.policies), 'policies', 'policy')}, {many(plan.rooms, 'classrooms')}"
    tell(f"{', '.join(plan.predictions)}: {size}, {plan.weeks} weeks, seed {plan.seed}")
    folder = folder_of(plan, results)
    check_writable(folder)
    if not kept(plan, folder, results, processes, as_json, rerun=rerun, retry_failed=retry_failed).is_finished:
        raise typer.Exit(1)
    there = load(folder)
    found = of_predictions(there.predictions, plan.predictions)
    if as_json:
        print(found.to_json(orient="records", indent=1))
        return
    tables.predictions(found)
    if there.schools:
        tell(over_schools(there.schools))
    tell(f"Room by room: {folder}")
