"""``setback export`` writes a table of results to a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from setback.cli.options import OneRun
from setback.cli.output import say


def export(
    folder: Annotated[Any, OneRun],
    out: Annotated[Path, typer.Option(metavar="FILE", help="CSV file to write; it must not be there yet.")],
    table: Annotated[str, typer.Option(metavar="TABLE", help="outcomes, twins, traces or groups.")] = "outcomes",
) -> None:
    """Write a table of results to a CSV file, with what varies beside it."""
    from setback.analysis.load import load

    found = load(folder)
    rows = found.to_csv(out, table)
    say(f"{out}: {rows:,} rows" + (f"; the run is {found.unfinished}" if found.unfinished else ""))
