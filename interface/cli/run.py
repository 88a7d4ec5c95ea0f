"""``setback run`` runs a study, or what is missing of it, and reports what it found."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    StudyName,
    Weeks,
    With,
)
from setback.cli.output import many, print_json, say_notes, sayer
from setback.cli.studies import kept, planned
from setback.model.errors import InputError
from setback.model.place import Place, place_of

if TYPE_CHECKING:
    from setback.analysis.load import Results
    from setback.experiments.studies.study import Study


def run(
    study: StudyName = "claims",
    policy: Policies = None,
    rooms: Rooms = None,
    weeks: Weeks = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    engine: StudyEngine = "auto",
    with_: With = None,
    processes: Processes = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Dask scheduler whose workers run it, as in tcp://127.0.0.1:8786 (docs/cluster.md)."
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            metavar="K/N", help="Run every N-th task from the K-th alone, beside other parts; see setback merge."
        ),
    ] = None,
    results: ResultsFolder = Path("results"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it will take, and run nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Run it however large it is.")] = False,
    retry_failed: RetryFailed = False,
    ignore_unfinished: Annotated[
        bool,
        typer.Option(
            "--ignore-unfinished", help="Begin even if an unfinished run with other equations or text lies there."
        ),
    ] = False,
    rerun: Rerun = False,
    as_json: AsJson = False,
) -> None:
    """Run a study, or what is missing of it; keep its results, print its table and draw its figure."""
    from setback.analysis.load import load
    from setback.experiments.studies.again import folder_named, is_same
    from setback.experiments.studies.cost import ASK_BEYOND
    from setback.experiments.studies.folder import read_manifest, state_of
    from setback.experiments.studies.parts import Part
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.study import student_weeks, with_engine
    from setback.experiments.studies.sweep import check_part, folder_of

    piece = None if part is None else Part.read(part)
    check_part(piece, rerun, cluster)
    plan = planned(study, policy, set_, engine, processes, rooms, weeks, seed, roster, mapping, with_)
    tell = sayer(as_json)
    if dry_run:
        say_notes(plan.roster, tell)
        found = plan.cost(processes)
        if as_json:
            print_json(found._asdict())
        else:
            print(f"{plan.name}: {found.sentence()}")
            if plan.worlds.source:
                print(f"  {plan.worlds.source}")
        return
    plan = with_engine(plan)
    folder = folder_of(plan, results)
    before = None if rerun else state_of(folder, piece)
    if not (before and before.is_finished):
        check_writable(folder)
    if student_weeks(plan) > ASK_BEYOND and not yes and not (before and before.done):
        raise InputError(f"{plan.name} is large, {plan.cost(processes).sentence()}; say --yes to run it")
    _introduce(plan, tell)
    if before and before.done:
        goes_on = f"goes on: {len(before.done)} of {len(before.asked)} tasks are there"
        says = "has been run before; these are its results (--rerun runs it anew)" if before.is_finished else goes_on
        tell(f"  this study {says}" if not piece else "  this part has been begun before")
    options = {"rerun": rerun, "cluster": cluster, "retry_failed": retry_failed, "ignore_unfinished": ignore_unfinished}
    state = kept(plan, folder, results, processes, as_json, piece, **options)
    if piece:
        if as_json:
            print_json({"part": str(piece), "done": len(state.done), "tasks": len(state.asked), "folder": str(folder)})
        tell(f"part {piece}: {len(state.done)} of {many(len(state.asked), 'tasks')} are in {folder}")
    elif state.done:
        report(load(folder), as_json, tell)
    if not state.is_finished:
        raise typer.Exit(1)
    before_it = folder_named(study)
    if (
        before_it
        and not piece
        and place_of(before_it) != folder
        and read_manifest(place_of(before_it)).key == plan.key()
    ):
        tell(is_same(place_of(before_it), folder))


def _introduce(plan: Study, tell: Callable[[str], None]) -> None:
    """Say what is going to be run."""
    tell(f"{plan.name}: {plan.question}" if plan.question else plan.name)
    say_notes(plan.roster, tell)
    size = f"{many(len(plan.policies), 'policies', 'policy')}, {many(plan.rooms, 'classrooms')}, {plan.weeks} weeks"
    worlds = f"{len(plan.worlds):,} worlds ({plan.worlds.design}), " if len(plan.worlds) > 1 else ""
    tell(f"  {worlds}{size}, seed {plan.seed}, {plan.engine} engine")
    if plan.worlds.source:
        tell(f"  {plan.worlds.source}")
    if plan.rooms > plan.roster.default_rooms() and not plan.roster.is_synthetic:
        tell(f"  {plan.roster.default_rooms()} classes sit in {plan.rooms} rooms, more than once, with other luck")


def report(found: Results, as_json: bool, tell: Callable[[str], None]) -> None:
    """Write what was found beside the tables, and print it; a disk that cannot be written to is read all the same."""
    from setback.analysis.estimate import over_schools
    from setback.analysis.verdicts import of_one_fit, reference
    from setback.experiments.studies.folder import GROUPS

    files: list[Place] = []
    try:
        files = found.write()
    except InputError as error:
        tell(f"shown only: {error}")
    has_worlds = len(found.worlds) > 1
    (_print_worlds if has_worlds else _print_claims)(found, as_json)
    if as_json:
        return
    if verdict := found.verdict():
        tell(verdict.sentence(found.study["claim"]))
        if more := of_one_fit(found.study, reference()):
            tell(more)
    if GROUPS in found.manifest.tables:
        _print_groups(found, tell)
    if found.schools:
        tell(over_schools(found.schools))
    has_figure = any(file.suffix == ".png" for file in files)
    kept_files = "Tables, figure and manifest" if has_figure else "Tables and manifest"
    tell(f"{found.manifest.seconds:.0f} s of computing. {kept_files}: {found.folder}")


def _print_claims(found: Results, as_json: bool) -> None:
    entries = found.claims()
    print_json(entries) if as_json else tables.claims(entries, "school" if found.schools else "class")


def _print_worlds(found: Results, as_json: bool) -> None:
    import json

    with warnings.catch_warnings(action="ignore"):  # how far the run is has been said
        frame = found.summary()
        effects = found.estimands() if "twins" in found.manifest.tables else None
    if as_json:
        verdict = found.verdict()
        said = {"outcomes": json.loads(frame.to_json(orient="records"))}
        if effects is not None:
            said["estimands"] = json.loads(effects.to_json(orient="records"))
        print_json({**said, "verdict": _known(verdict._asdict()) if verdict else None})
        return
    study = found.study
    kept, claimed = study["keep"]["outcomes"], study["claim"]["outcome"] if study["claim"] else ""
    first = claimed if claimed in kept else kept[0]
    tables.worlds(frame, [o for o in tables.SHOWN_OUTCOMES if o in kept] or [first])
    if effects is not None:
        tables.estimands(effects, claimed)


def _print_groups(found: Results, tell: Callable[[str], None]) -> None:
    """Print for whom a policy does more, of one outcome, and say which groups have nobody in them."""
    from setback.analysis.groups import nobody

    frame = found.groups_shown
    tables.groups(frame[frame["outcome"] == frame["outcome"].iloc[0]])
    for sentence in nobody(frame, int(found.study["worlds"]["count"])):
        tell(sentence)


def _known(record: dict[str, Any]) -> dict[str, Any]:
    """Give a record for a machine; what is not known is null."""
    return {name: None if value != value else value for name, value in record.items()}
