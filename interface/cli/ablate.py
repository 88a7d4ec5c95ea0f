"""``setback ablate`` runs a study with each mechanism off in turn."""

from __future__ import annotations

from pathlib import Path

import typer

from setback.cli import tables
from setback.cli.options import (
    AsJson,
    Engine,
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
    StudyName,
    Weeks,
    With,
)
from setback.cli.output import many, say_notes, sayer
from setback.cli.studies import kept, planned
from setback.model.errors import InputError
from setback.model.writing import write_text


def ablate(
    study: StudyName = "ablation",
    policy: Policies = None,
    rooms: Rooms = None,
    weeks: Weeks = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    engine: Engine = "vectorised",
    with_: With = None,
    processes: Processes = None,
    results: ResultsFolder = Path("results"),
    retry_failed: RetryFailed = False,
    rerun: Rerun = False,
    as_json: AsJson = False,
) -> None:
    """Run a study with each mechanism, each group of them and all of them off in turn: what carries the effects?"""
    from setback.analysis.ablation import SHOWN, effects, table
    from setback.analysis.figures import ablation_figure, save
    from setback.analysis.load import load
    from setback.experiments.studies.ablation import ablation, ablations, labelled
    from setback.experiments.studies.folder import ABLATION_PICTURE, ABLATION_TABLE, state_of
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    plan = planned(study, policy, set_, engine, processes, rooms, weeks, seed, roster, mapping, with_)
    if plan.name != "ablation":
        plan = plan.replace(name=f"{plan.name}-off")
    plan = ablation(plan)
    folder = folder_of(plan, results)
    if not ((before := state_of(folder)) and before.is_finished):
        check_writable(folder)
    tell = sayer(as_json)
    size = f"{many(len(plan.policies), 'policies', 'policy')}, {many(plan.rooms, 'classrooms')}"
    tell(f"{len(ablations(plan.model))} worlds, {size}, seed {plan.seed}")
    say_notes(plan.roster, tell)
    if not kept(plan, folder, results, processes, as_json, rerun=rerun, retry_failed=retry_failed).is_finished:
        raise typer.Exit(1)
    found = effects(labelled(load(folder).twins, plan.name, plan.model))
    try:
        write_text(folder / ABLATION_TABLE, found.to_csv(index=False, lineterminator="\n"))
        save(ablation_figure({name: table(found, name) for name in SHOWN}), folder / ABLATION_PICTURE, plan.key())
    except InputError as error:  # a finished study on a disk that cannot be written to
        tell(f"shown only: {error}")
    if as_json:
        print(found.to_json(orient="records", indent=1))
        return
    for name in SHOWN:
        tables.ablation(name, table(found, name))
    fewest, most = found["n"].min(), found["n"].max()
    tell(f"All spared, means over {fewest} to {most} twins a cell; each world turns its own failures.")
    tell(f"With intervals: {folder}")
