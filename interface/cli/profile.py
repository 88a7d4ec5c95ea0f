"""``setback profile`` draws a year as a teacher would know it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import MappingFile, Policies, Rooms, RosterFile, Seed, Set, Weeks, With, asked
from setback.cli.output import many, say, say_notes

#: Synthetic classrooms, and policies, unless others are named.
FEW, SHOWN = 200, ("reference", "high-pressure", "low-pressure-mastery")


def profile(
    policy: Policies = None,
    rooms: Rooms = None,
    weeks: Weeks = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    with_: With = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to draw to (.png, .pdf, .svg).")] = Path(
        "profile.png"
    ),
) -> None:
    """Draw a year as a teacher would know it: scores, failures per student, who stops when, what a failure does."""
    from setback.analysis.figures import check_picture, profile_figure, save
    from setback.experiments.profile import profile as measure

    check_picture(out)
    who = asked(set_, roster, mapping, rooms, weeks, seed, FEW, with_)
    policies = {made.name: made for made in (who.model.as_policy(text, who.weeks) for text in policy or SHOWN)}
    found = {
        name: measure(made, who.parameters, who.rooms, who.seed, who.weeks, who.roster, who.model)
        for name, made in policies.items()
    }
    save(profile_figure(found), out)
    say_notes(who.roster, say)
    size = f"{many(len(policies), 'policies', 'policy')}, {many(who.rooms, 'classrooms')}"
    say(f"{size}, {who.weeks} weeks, seed {who.seed}: {out}")
