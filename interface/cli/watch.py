"""``setback watch`` shows one class week by week in the terminal."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from setback.cli.options import MappingFile, OnePolicy, RosterFile, Seed, Set, Weeks, With, asked
from setback.cli.output import say_notes, sayer


def watch(
    policy: OnePolicy = "reference",
    student: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Read the diary of one student: a name, or a seat as in seat-7."),
    ] = None,
    room: Annotated[int, typer.Option(metavar="NUMBER", help="Which room, from 0; of a roster, which class.")] = 0,
    weeks: Weeks = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    with_: With = None,
    pause: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="Seconds between two weeks; by default a moment in a terminal, 0 in a pipe."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per week, each on its own line.")
    ] = False,
) -> None:
    """Watch one class through a year, a line per week, or read the diary of one of its students."""
    from setback.model.engines.mesa import Classroom
    from setback.model.keep import Keep
    from setback.watch import PAUSE, check_pause, live, live_as, seat_of, show_class, show_json, show_student

    who = asked(set_, roster, mapping, weeks=weeks, seed=seed, files=with_)
    wait = PAUSE * sys.stdout.isatty() if pause is None else check_pause(pause)
    made = Classroom(policy, who.parameters, who.roster, room, who.seed, weeks=who.weeks, keep=Keep(), model=who.model)
    seat = None if student is None else seat_of(student, made)
    tell = sayer(as_json)
    say_notes(who.roster, tell)
    if who.roster:
        tell(f"  class {who.roster.in_room(room).name}")
    if as_json:
        show_json(live(made) if seat is None else live_as(made, seat), wait)
    elif seat is None:
        show_class(made, wait)
    else:
        show_student(made, seat, wait)
