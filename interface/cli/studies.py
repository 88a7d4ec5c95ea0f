"""A study as the options have it, run to the end or as far as it comes; what `run` and `ablate` share."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from setback.cli.options import model_of, read_roster, settings
from setback.cli.output import progress
from setback.model.errors import InputError, StopError, shown
from setback.model.place import Place, place_of

if TYPE_CHECKING:
    from setback.experiments.studies.folder import State
    from setback.experiments.studies.parts import Part
    from setback.experiments.studies.study import Study


def planned(
    study: str,
    policy: list[str] | None,
    set_: list[str] | None,
    engine: str,
    processes: int | None,
    rooms: int | None,
    weeks: int | None,
    seed: int | None,
    roster: str | None,
    mapping: str | None,
    files: list[str] | None,
) -> Study:
    """Read a study, or that of some results, and change in it what the options change; None changes nothing.

    Raises:
        InputError: if the study or an option cannot be used.
    """
    from setback.experiments.studies.again import folder_named, study_again
    from setback.experiments.studies.study import Study
    from setback.experiments.studies.workers import so_many
    from setback.model.engines.registry import AUTO

    so_many(processes)
    changes: Mapping[str, Any] = {"engine": engine, "rooms": rooms, "weeks": weeks, "seed": seed}
    who, model = read_roster(roster, mapping), model_of(files)
    if folder := folder_named(study):
        plan = study_again(place_of(folder), model, who)
        plan = plan.with_policies(policy) if policy else plan
        changes = {**changes, "engine": None if engine == AUTO else engine}  # as it was run
    else:
        plan = Study.read(study, model, policy or ())
        if who:
            changes = {**changes, "roster": who, "rooms": who.default_rooms() if rooms is None else rooms}
    changed = {name: value for name, value in changes.items() if value is not None}
    if set_:
        new = settings(set_)
        if varied := sorted({*new} & {*plan.worlds.names}):
            raise InputError(f"{varied[0]} varies in study {plan.name}; --set cannot fix it")
        changed["parameters"] = plan.parameters.replace(**new)
    return plan.replace(**changed)


def kept(
    plan: Study,
    folder: Place,
    results: Place,
    processes: int | None,
    as_json: bool,
    part: Part | None = None,
    **options: Any,
) -> State:
    """Run what is missing of a study, or of a part of it; say how far it is where that is not to the end."""
    from setback.experiments.studies.folder import state_of
    from setback.experiments.studies.sweep import classrooms, run_study
    from setback.experiments.studies.workers import told

    command = shlex.join(["setback", *sys.argv[1:]])
    try:
        with progress(classrooms(plan, part), "classrooms", as_json) as advance:
            run_study(plan, results, processes, command=command, progress=advance, part=part, **options)
    except KeyboardInterrupt:
        stopped = state_of(folder, part)
        there = f"{len(stopped.done)} of {len(stopped.asked)} tasks are kept, and " if stopped else ""
        told(f"stopped; {there}the same command goes on")
        raise SystemExit(130) from None
    state = state_of(folder, part)
    if state is None:
        raise StopError(f"{folder} was taken away or changed while it was read; run the study again")
    if not state.is_finished:
        told(unfinished(folder, state))
    return state


def unfinished(folder: Place, state: State, runs_it: str = "the same command") -> str:
    """Say what a run lacks, and how it goes on."""
    from setback.experiments.studies.folder import FAILURES, numbers, read_failure, read_manifest

    said = f"{len(state.done)} of {len(state.asked)} tasks are done"
    if state.missing:
        said += f"; missing: {numbers(state.missing)}, which {runs_it} runs"
    if state.failed:
        first = (read_failure(folder, read_manifest(folder), state.failed[0]) or {}).get("error", "")
        said += (
            f"; {len(state.failed)} of {len(state.asked)} tasks failed ({numbers(state.failed)}), the first with "
            f"{shown(first, 300)}; {folder / FAILURES} says more, and --retry-failed tries them again"
        )
    return said
