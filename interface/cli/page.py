"""``setback page`` writes the classroom page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import MappingFile, RosterFile, With, complete_language, complete_scene, model_of, read_roster
from setback.cli.output import may_replace, say, say_notes


def page(
    scene: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Scene: a shipped name or a TOML file; may be given several times.",
            autocompletion=complete_scene,
        ),
    ] = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Language of its words: ar, de, en, es, fr, pt or zh.",
            autocompletion=complete_language,
        ),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Words of yours, over those of the language (docs/translating.md)."),
    ] = None,
    with_: With = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="HTML file to write.")] = Path("classroom.html"),
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write the classroom page: one HTML file with two classrooms and the model in it (docs/facilitator.md)."""
    from setback.page.build import write_page

    who = read_roster(roster, mapping)
    said = write_page(out, scene, who, words, new=not (force or may_replace(out)), model=model_of(with_), language=lang)
    say_notes(who, say)
    say(said)
