"""What verbs print with: sentences, tables, JSON and a bar of progress, wherever the output goes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from setback.model.errors import printable


def say(text: str) -> None:
    """Print for people, whatever names and paths stand in it."""
    print(printable(text), flush=True)


def sayer(as_json: bool) -> Callable[[str], None]:
    """Give what prints for people: to the error stream where the output is for a machine."""
    return (lambda text: print(printable(text), file=sys.stderr, flush=True)) if as_json else say


def say_notes(roster: Any, tell: Callable[[str], None]) -> None:
    """Say what was done to a roster, if there is one."""
    for note in roster.notes if roster else ():
        tell(f"  {note}")


def print_json(value: object) -> None:
    """Print a value as JSON."""
    print(json.dumps(value, indent=1))


def known(value: float) -> str:
    """Give a number to read; a dash where it is not known."""
    return "-" if value != value else f"{value:.3f}"


def many(count: int, things: str, thing: str = "") -> str:
    """Give a number of things in words: 1 room, 2 rooms."""
    return f"{count} {(thing or things.removesuffix('s')) if count == 1 else things}"


def console(least: int = 120, markup: bool = True) -> Any:
    """Give a terminal wide enough: a pipe has no width, and a narrow window had better wrap than lose columns."""
    from rich.console import Console

    return Console(width=max(Console().width if sys.stdout.isatty() else 0, least), markup=markup, emoji=False)


def print_table(table: Any, markup: bool = True) -> None:
    """Print a table as wide as it needs to be."""
    widest = console(10_000).measure(table).maximum
    console(widest, markup).print(table, highlight=False)


#: Columns that are not broken into lines.
UNWRAPPED = ("name", "default", "low", "high", "unit", "kind", "distribution", "tasks")


def print_rows(rows: list[dict[str, Any]], as_json: bool, nothing: str) -> None:
    """Print rows as a table, or as JSON; what is said where there are none."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        say(nothing)
        return
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for column in rows[0]:
        table.add_column(column, overflow="fold", no_wrap=column in UNWRAPPED)
    for row in rows:
        table.add_row(*(f"{value:g}" if isinstance(value, float) else printable(str(value)) for value in row.values()))
    console(170, markup=False).print(table, highlight=False)


def may_replace(out: Path) -> bool:
    """Ask somebody at the terminal whether a file that is there is to be written over."""
    if not (os.path.isfile(out) and sys.stdin.isatty()):  # noqa: PTH113, a name that is too long is no file
        return False
    return typer.confirm(f"{out} is there already. Write over it?")


@contextmanager
def progress(total: int, unit: str, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar with rate and time left, on the error stream, while there is somebody to see it."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    screen = Console(stderr=True)
    if quiet or not screen.is_terminal:
        yield lambda done: None
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("", total=total, rate="")

        def advance(done: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, advance=done, rate=f"{speed:,.0f}/s" if speed else "")

        yield advance
