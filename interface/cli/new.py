"""``setback new`` writes a commented file to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from setback.cli.options import Verbs
from setback.cli.output import say
from setback.model.writing import write_text

app = typer.Typer(
    cls=Verbs, rich_markup_mode=None, help="Files to start from.", epilog="Example: setback new study my-sweep"
)


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


@app.command(epilog="Example: setback new trial my-study")
def trial(
    name: Annotated[str, typer.Argument(help="What the trial is called: lower-case letters, digits and hyphens.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="File to write; by default NAME.toml here.")] = None,
) -> None:
    """Write a commented trial file to start from."""
    from setback.experiments.trials.trial import start

    path = out or Path(f"{name}.toml")
    start(name, path)
    say(f"{path}: change it, then: setback trials run {path}")


@app.command(epilog="Example: setback new mapping pupils.csv")
def mapping(
    file: Annotated[Path, typer.Argument(help="CSV file of real classes.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write; by default FILE with the end .toml, here.")
    ] = None,
) -> None:
    """Propose a commented mapping from a file's own columns."""
    from setback.model.rosters.propose import propose

    path = out or Path(f"{file.stem}.toml")
    write_text(path, propose(file), new=True)
    then = shlex.join(["setback", "run", "--roster", str(file), "--mapping", str(path), "--dry-run"])
    say(f"{path}: read and change it, then: {then}")
