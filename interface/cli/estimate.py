"""``setback estimate`` measures predictions of both claims, and through which receivers a failure does what it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from setback.cli import tables
from setback.cli.answers import Drawn, records, write_answer
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
    complete_study,
)
from setback.cli.output import many, print_json, say_notes, sayer
from setback.cli.predictions import Named
from setback.cli.studies import kept, planned
from setback.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from setback.analysis.load import Results
    from setback.experiments.studies.study import Study

#: The prediction whose years are drawn week by week.
TRAP = "K5"


def estimate(
    prediction: Named = None,
    mediation: Annotated[
        bool,
        typer.Option("--mediation", help="Take what a failure causes apart, by the receivers that it reaches."),
    ] = False,
    study: Annotated[
        str,
        typer.Option(
            metavar="STUDY",
            help="Study whose worlds, policies and rooms count; by default one world. mediation and switch have "
            "worlds that go with the published evidence.",
            autocompletion=complete_study,
        ),
    ] = "predictions",
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
    out: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Measure predictions of both claims, in one world under the reference policy unless others are named."""
    from setback.analysis.estimate import over_schools
    from setback.analysis.figures import check_picture
    from setback.analysis.load import load
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    plan = planned(study, policy, set_, engine, processes, rooms, None, seed, roster, mapping, with_)
    plan = plan.replace(predictions=asked(plan, prediction or [], mediation, out))
    if out:
        check_picture(out)
    tell = sayer(as_json)
    say_notes(plan.roster, tell)
    size = f"{many(len(plan.policies), 'policies', 'policy')}, {many(plan.rooms, 'classrooms')}"
    worlds = f"{many(len(plan.worlds), 'worlds')}, " if len(plan.worlds) > 1 else ""
    tell(f"{', '.join(plan.predictions)}: {worlds}{size}, {plan.weeks} weeks, seed {plan.seed}")
    folder = folder_of(plan, results)
    check_writable(folder)
    if not kept(plan, folder, results, processes, as_json, rerun=rerun, retry_failed=retry_failed).is_finished:
        raise typer.Exit(1)
    there = load(folder)
    (_mediation if mediated(plan.predictions) else _predictions)(there, out, as_json, tell)
    if there.schools:
        tell(over_schools(there.schools))
    if len(plan.worlds) > 1:
        tell("Means over worlds, each with rooms of its own, in which enough is known; 95 % over worlds.")
    tell(f"Room by room: {folder}")


def mediated(predictions: tuple[str, ...]) -> bool:
    """Say whether a study measures a mediation."""
    from setback.experiments.predictions.predictions import MEDIATION

    return MEDIATION in predictions


def asked(plan: Study, names: list[str], mediation: bool, out: Path | None) -> tuple[str, ...]:
    """Give what is measured: predictions by their names, those of the study, or a mediation.

    Raises:
        InputError: if there is no such prediction, a mediation is asked for with one or where there is none, or a
            picture of what has none.
    """
    from setback.experiments.predictions.predictions import BESIDE, MEDIATION, SWITCH, named
    from setback.experiments.twins.flips import utters
    from setback.model.policies import Policy

    those = [row.name for row in named(names)]
    if mediation and those:
        raise InputError(f"--mediation measures no prediction; ask for {names[0]} by itself")
    if not those and (mediation or plan.predictions == (MEDIATION,)):
        for policy in plan.policies:
            if isinstance(policy, Policy) and not (utters(policy) and policy["waiting"] == policy["self_paced"] == 0.0):
                raise InputError(
                    f"a mediation needs a verdict that is told and a pace that no result changes; {policy.name} has "
                    "not both, so name another policy, as in --policy criterion"
                )
        return (MEDIATION,)
    if not (those := those or [name for name in plan.predictions if name not in BESIDE]):
        raise InputError(f"study {plan.name} measures no predictions; estimate needs some, as study predictions has")
    switch = (bool(names) and any(name.startswith(TRAP) for name in those)) or SWITCH in plan.predictions
    if out and not switch:
        raise InputError(f"a picture is drawn of {TRAP} and of --mediation; ask for one of them, or leave --out away")
    return (*those, SWITCH) if switch else (*those,)


def _mediation(there: Results, out: Path | None, as_json: bool, tell: Callable[[str], None]) -> None:
    """Show a mediation: a table, sentences, and a figure beside the results."""
    from setback.analysis.figures import mediation_figure
    from setback.analysis.mediation import mediation, sentences
    from setback.experiments.studies.folder import MEDIATION_PICTURES, MEDIATION_TABLE

    found = mediation(there.predictions)
    if as_json:
        print_json(records(found))
    else:
        tables.mediation(found)
    for sentence in sentences(found):
        tell(sentence)
    write_answer(there, found, MEDIATION_TABLE, lambda: mediation_figure(found), MEDIATION_PICTURES, out, tell)


def _predictions(there: Results, out: Path | None, as_json: bool, tell: Callable[[str], None]) -> None:
    """Show the figures of predictions; of the trap also what became of whom, and a figure beside the results."""
    from setback.analysis import switch
    from setback.analysis.figures import switch_figure
    from setback.analysis.predictions import of_predictions
    from setback.experiments.predictions.predictions import BESIDE, SWITCH
    from setback.experiments.studies.folder import SWITCH_PICTURES, SWITCH_TABLE

    rows, names = there.predictions, there.study["predictions"]
    found = of_predictions(switch.without_weeks(rows), [name for name in names if name not in BESIDE])
    if as_json:
        print(found.to_json(orient="records", indent=1))
    else:
        tables.predictions(found)
    if any(name.startswith(TRAP) for name in names):
        recovery = switch.recovery(rows)
        for sentence in switch.sentences(recovery):
            tell(sentence)
        if SWITCH in names:
            weeks = switch.by_week(rows)
            write_answer(there, recovery, SWITCH_TABLE, lambda: switch_figure(weeks), SWITCH_PICTURES, out, tell)
