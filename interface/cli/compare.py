"""``setback compare`` runs the same classes twice: under two policies, or with and without a mechanism."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from setback.cli import tables
from setback.cli.options import (
    AsJson,
    Engine,
    Figure,
    MappingFile,
    Rooms,
    RosterFile,
    Seed,
    Set,
    Weeks,
    With,
    asked,
    complete_mechanism,
    complete_policy,
    strength,
)
from setback.cli.output import many, print_json, progress, say_notes, sayer
from setback.model.errors import InputError

#: Synthetic classrooms unless a number is named.
FEW = 100


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A policy.", autocompletion=complete_policy)],
    second: Annotated[
        str | None,
        typer.Argument(
            metavar="[B]",
            help="The policy it is compared with; with --without the same one by default.",
            autocompletion=complete_policy,
        ),
    ] = None,
    without: Annotated[
        str | None,
        typer.Option(
            metavar="MECHANISM", help="Turn this mechanism off in the second.", autocompletion=complete_mechanism
        ),
    ] = None,
    rooms: Rooms = None,
    weeks: Weeks = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    engine: Engine = "vectorised",
    with_: With = None,
    replicates: Annotated[int, typer.Option(help="Years of luck for the same students.")] = 20,
    out: Figure = None,
    as_json: AsJson = False,
) -> None:
    """Run the same classes under two policies: what changes, for how many, and how sure one can be."""
    from setback.analysis.estimate import over_schools
    from setback.experiments.simulate import simulate

    if second is None and without is None:
        raise InputError("compare needs a second policy, or --without and a mechanism; see setback compare --help")
    who = asked(set_, roster, mapping, rooms, weeks, seed, FEW, with_)
    a, b = (who.model.as_policy(policy, who.weeks) for policy in (first, first if second is None else second))
    off = {strength(without, who.model): 0.0} if without is not None else {}
    if out:
        from setback.analysis.figures import check_picture

        check_picture(out)
    with progress(2 * replicates * who.rooms * who.size * who.weeks, "student-weeks", as_json) as advance:
        one, other = (
            simulate(
                policy,
                world,
                who.roster,
                who.rooms,
                who.seed,
                who.weeks,
                replicates,
                engine,
                who.model,
                progress=advance,
            )
            for policy, world in ((a, who.parameters), (b, who.parameters.replace(**off)))
        )
    contrast = other - one
    frame = contrast.summary()
    if out:
        contrast.plot(out)
    tell = sayer(as_json)
    say_notes(who.roster, tell)
    names = contrast.names
    if as_json:
        year = {"weeks": who.weeks, "seed": who.seed, "rooms": who.rooms, "replicates": replicates}
        rows = json.loads(frame.reset_index().to_json(orient="records"))
        print_json({"first": names[0], "second": names[1], **year, "outcomes": rows})
        return
    tables.contrast(frame, *names)
    run = f"{many(who.rooms, 'classrooms')}, {who.weeks} weeks, seed {who.seed}"
    tell(f"{run}: the same students with the same luck, mean of {many(replicates, 'years')} of luck.")
    if who.roster is not None and (schools := who.roster.schools_in(range(who.rooms))) is not None:
        tell(over_schools(len({*schools.tolist()})))
