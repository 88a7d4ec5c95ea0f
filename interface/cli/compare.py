"""``setback compare`` runs the same classes twice: under two policies, or with and without a mechanism."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

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
    SetEither,
    Weeks,
    With,
    asked,
    complete_mechanism,
    complete_policy,
    settings,
    strength,
)
from setback.cli.output import many, print_json, progress, say_notes, sayer
from setback.model.errors import InputError
from setback.model.parameters import LEVER_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from setback.cli.options import Asked
    from setback.model.parameters import Parameters
    from setback.model.policies import Policy, PolicyChange

#: Synthetic classrooms unless a number is named.
FEW = 100


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A policy.", autocompletion=complete_policy)],
    second: Annotated[
        str | None,
        typer.Argument(
            metavar="[B]",
            help="The policy it is compared with; by default the same one, with --without or --set A: or B: apart.",
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
    set_: SetEither = None,
    engine: Engine = "vectorised",
    with_: With = None,
    replicates: Annotated[int, typer.Option(help="Years of luck for the same students.")] = 20,
    out: Figure = None,
    as_json: AsJson = False,
) -> None:
    """Run the same classes under two policies, or in two worlds: what changes, for how many, how sure one can be."""
    from setback.analysis.estimate import over_schools
    from setback.experiments.contrast import is_same, itself
    from setback.experiments.simulate import simulate

    both, of_first, of_second = map(settings, apart(set_ or []))
    if second is None and without is None and not of_first and not of_second:
        raise InputError(
            "compare needs a second policy, --without and a mechanism, or a number that one side has, as in "
            "--set B:level=1"
        )
    who = asked(None, roster, mapping, rooms, weeks, seed, FEW, with_)
    off = {strength(without, who.model): 0.0} if without is not None else {}
    (a, here), (b, there) = (
        changed(policy, {**both, **own}, who)
        for policy, own in ((first, of_first), (first if second is None else second, {**of_second, **off}))
    )
    if is_same(a, b) and dict(here) == dict(there):
        raise InputError(
            f"{itself(a, b)}; name another policy, --without and a mechanism, or a parameter or lever as in "
            "--set B:level=1"
        )
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
            for policy, world in ((a, here), (b, there))
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


def apart(texts: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Part settings into those of both, those of A alone (``A: name=value``), and those of B alone.

    >>> apart(["level=0", "A:level=1", " B: level = 2"])
    (['level=0'], ['level=1'], ['level = 2'])
    """
    found: dict[str, list[str]] = {"": [], "A": [], "B": []}
    for text in texts:
        side, colon, setting = text.partition(":")
        is_one = bool(colon) and side.strip() in ("A", "B")
        found[side.strip() if is_one else ""].append(setting.strip() if is_one else text)
    return found[""], found["A"], found["B"]


def changed(text: str, values: Mapping[str, float], who: Asked) -> tuple[Policy | PolicyChange, Parameters]:
    """Give a policy and a world with some numbers changed: levers in the policy, parameters in the world.

    Raises:
        InputError: if there is no such policy or number, or a lever is to change in a policy that itself changes.
    """
    levers = {name: value for name, value in values.items() if name in LEVER_NAMES}
    for name in levers if ">" in text else ():
        raise InputError(f"{text} changes in mid-year; write {name} into the policies on both sides of >")
    policy = who.model.as_policy("".join([text, *(f"+{n}={value!r}" for n, value in levers.items())]), who.weeks)
    return policy, who.model.parameters({name: value for name, value in values.items() if name not in levers})
