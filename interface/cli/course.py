"""``setback course`` helps to teach with setback: it checks what learners hand in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import AsJson, Verbs
from setback.cli.output import print_json, say
from setback.model.errors import whole

app = typer.Typer(
    cls=Verbs, rich_markup_mode=None, help="The course.", epilog="Example: setback course check lesson_1.ipynb"
)


@app.callback()
def _root() -> None:
    """Take what is to be done in the course."""


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
