"""``setback gradebook`` writes a simulated class as a school's grade book."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import (
    Engine,
    MappingFile,
    OnePolicy,
    Rooms,
    RosterFile,
    Seed,
    Set,
    Verbs,
    Weeks,
    With,
    asked,
)
from setback.cli.output import many, progress, say, say_notes

app = typer.Typer(
    cls=Verbs,
    rich_markup_mode=None,
    help="Grade books, as a school keeps them.",
    epilog="Example: setback gradebook export --policy curve --out marks.csv",
)


@app.callback()
def _root() -> None:
    """Take what is to be done with grade books, even while there is one thing alone."""


@app.command(epilog="Example: setback gradebook export --policy curve --out marks.csv")
def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="CSV file to write; it must not be there yet.")],
    policy: OnePolicy = "reference",
    rooms: Rooms = None,
    weeks: Weeks = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    engine: Engine = "vectorised",
    with_: With = None,
) -> None:
    """Write the grade book of simulated classes: one row for every task that was due (docs/gradebook.md)."""
    from setback.experiments.gradebook.export import ROOMS, pages, write

    who = asked(set_, roster, mapping, rooms, weeks, seed, ROOMS, with_)
    with progress(who.rooms, "rooms", False) as advance:
        rows = write(
            out, pages(policy, who.parameters, who.roster, who.rooms, who.seed, who.weeks, engine, who.model, advance)
        )
    say_notes(who.roster, say)
    say(f"{out}: {rows:,} tasks due in {many(who.rooms, 'classrooms')}, {who.weeks} weeks, seed {who.seed}")
