"""``setback page`` writes the classroom page, or serves it to this computer and the phones of its network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import MappingFile, RosterFile, With, complete_language, complete_scene, model_of, read_roster
from setback.cli.output import may_replace, say, say_notes
from setback.model.errors import InputError


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
    whole_names: Annotated[
        bool, typer.Option("--whole-names", help="Call the students of a roster by their whole names, not the first.")
    ] = False,
    student: Annotated[
        bool, typer.Option("--student", help="The small page for one student's phone, in place of the classrooms.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="HTML file to write; by default classroom.html, or student.html."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Write no file; serve both pages to this computer until Ctrl-C.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Port to serve at, by default 8766; 0 is any that is free.")
    ] = None,
    network: Annotated[
        bool, typer.Option("--network", help="Serve to the private network of this computer too: to all in it.")
    ] = False,
    address: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="The address of this computer in that network, where it has several."),
    ] = None,
) -> None:
    """Write the classroom page: one HTML file with two classrooms and the model in it (docs/facilitator.md)."""
    given = {"--port": port is not None, "--network": network, "--address": address is not None}
    if lost := [name for name, is_given in given.items() if is_given and not serve]:
        raise InputError(f"{lost[0]} is for --serve, which is missing; add --serve, or leave out {lost[0]}")
    if serve and (out is not None or force):
        raise InputError("--serve writes no file; leave out --out and --force, or write the page without --serve")
    if serve and student:
        raise InputError("--serve has the page for one student at /student already; leave out --student")
    if student and (roster or mapping):
        raise InputError("the page for one student has no roster; leave out --student, or --roster and --mapping")
    from setback.page.called import with_names

    who = read_roster(roster, mapping)
    seated = with_names(who, roster, mapping) if who and roster else None
    if serve:
        from setback.page.serve import PORT
        from setback.page.serve import serve as serve_page

        serve_page(
            scene, seated, words, model_of(with_), PORT if port is None else port, network, address, lang, whole_names
        )
        return
    from setback.page.build import PAGE, STUDENT, write_page

    to = out or Path("student.html" if student else "classroom.html")
    new = not (force or may_replace(to))
    said = write_page(
        to, scene, seated, words, new=new, model=model_of(with_), language=lang, whole_names=whole_names,
        kind=STUDENT if student else PAGE,
    )  # fmt: skip
    say_notes(who, say)
    say(said)
