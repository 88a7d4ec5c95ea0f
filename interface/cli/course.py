"""``setback course`` helps to teach with setback: it gives out the lessons and checks what learners hand in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import AsJson, Verbs
from setback.cli.output import print_json, say
from setback.model.errors import whole

app = typer.Typer(
    cls=Verbs, rich_markup_mode=None, help="The course.", epilog="Example: setback course start my-course"
)


@app.callback()
def _root() -> None:
    """Take what is to be done in the course."""


@app.command(epilog="Example: setback course start my-course")
def start(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; it is made where there is none.")],
    text: Annotated[
        bool, typer.Option("--text", help="Files of Python with cells, # %%, in place of notebooks.")
    ] = False,
) -> None:
    """Copy the five lessons and the plain model into a folder; what is there already stays as it is."""
    from setback.course.start import start

    written, stayed = start(folder, text)
    for name in stayed:
        say(f"{folder / name} is there already, and stays as it is.")
    if written:
        first = folder / written[0]
        opened = (
            "open it in an editor that shows cells" if text else f"pip install jupyterlab, then: jupyter lab {first}"
        )
        say(f"{folder} has {', '.join(written)}. To begin, {opened}.")


@app.command(epilog="Example: setback course check lesson_1.ipynb")
def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A learner's notebook (.ipynb, .py) or study file (.toml).")
    ],
    seconds: Annotated[int, typer.Option(metavar="NUMBER", help="How long it may run.")] = 300,
    memory: Annotated[int, typer.Option(metavar="GB", help="How much memory it may take.")] = 4,
    as_json: AsJson = False,
) -> None:
    """Run a learner's file within limits and say what is missing; exit code 0 where nothing is, else 1."""
    from setback.course.checker import check_file

    report = check_file(file, whole("seconds", seconds, 1, 86_400), whole("memory", memory, 1, 1024) * 2**30)
    if as_json:
        print_json(report._asdict())
    else:
        for sentence in (*report.done, *report.missing):
            say(sentence)
    if report.missing:
        raise typer.Exit(1)
