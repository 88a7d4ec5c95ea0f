"""``setback new`` writes a commented file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import Verbs
from setback.cli.output import say

app = typer.Typer(
    cls=Verbs, rich_markup_mode=None, help="Files to start from.", epilog="Example: setback new study my-sweep"
)


@app.callback()
def _root() -> None:
    """Take the kind of file, even while there is one kind alone."""


@app.command(epilog="Example: setback new study my-sweep")
def study(
    name: Annotated[str, typer.Argument(help="What the study is called: lower-case letters, digits and hyphens.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="File to write; by default NAME.toml here.")] = None,
) -> None:
    """Write a commented study file to start from."""
    from setback.experiments.studies.study import start

    path = out or Path(f"{name}.toml")
    start(name, path)
    say(f"{path}: change it, then: setback run {path} --dry-run")
