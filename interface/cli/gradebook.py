"""``setback gradebook`` writes a simulated class as a school's grade book, and says what any grade book shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setback.cli.options import (
    AsJson,
    Engine,
    Figure,
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
    complete_policy,
    complete_source,
)
from setback.cli.output import known, many, print_json, print_rows, progress, say, say_notes, sayer
from setback.model.errors import InputError, sentence

if TYPE_CHECKING:
    from setback.experiments.gradebook.book import Book
    from setback.experiments.gradebook.facts import Measured

app = typer.Typer(
    cls=Verbs,
    rich_markup_mode=None,
    help="Grade books, as a school keeps them.",
    epilog="Example: setback gradebook export --policy curve --out marks.csv",
)


@app.callback()
def _root() -> None:
    """Take what is to be done with grade books."""


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


@app.command(epilog="Example: setback gradebook facts enrolments.csv --simulate oulad --out facts.png")
def facts(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Grade book: a CSV file, by its path or within SETBACK_DATA.")
    ],
    file2: Annotated[Path | None, typer.Argument(metavar="FILE2", help="Another one, to compare with.")] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND", help="Kind of tasks, by default the one that carries grades. For FILE, then FILE2."
        ),
    ] = None,
    pass_mark: Annotated[
        list[float] | None,
        typer.Option(
            metavar="PERCENT", help="Score that is a pass; 40 for OULAD, 60 for OSU, else 50. For FILE, then FILE2."
        ),
    ] = None,
    course: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help='One course, as "AAA 2013J"; by default all. For FILE, then FILE2.'),
    ] = None,
    simulate: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Simulate a year as this source of grade books is made, to compare with: oulad, osu-projects, "
            "uci-mathematics, … (docs/gradebook.md).",
            autocompletion=complete_source,
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY",
            help="Policy of the simulated year, by default criterion; pass mark and assignments stay the source's.",
            autocompletion=complete_policy,
        ),
    ] = None,
    rooms: Annotated[int | None, typer.Option(metavar="NUMBER", help="Simulated classes, by default 40.")] = None,
    set_: Set = None,
    with_: With = None,
    draws: Annotated[int, typer.Option(metavar="NUMBER", help="Draws of the bootstrap; 0 for no intervals.")] = 1000,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the bootstrap, and of the simulated year.")] = 0,
    as_json: AsJson = False,
    out: Figure = None,
) -> None:
    """Say what grade books show of failing, not handing in and stopping, with 95 % intervals; nothing leaves here."""
    from setback.experiments.gradebook.contexts import ROOMS, counterpart
    from setback.experiments.gradebook.facts import measure
    from setback.experiments.gradebook.readers import read

    files = [path for path in (file, file2) if path is not None]
    if simulate is None and (policy is not None or rooms is not None or set_ or with_):
        raise InputError("--policy, --rooms, --set and --with are of a simulated year; name its source with --simulate")
    if simulate is not None and file2 is not None:
        raise InputError(f"two books are compared; leave out {file2} or --simulate {simulate}")
    for option, given in (("--kind", kind), ("--pass-mark", pass_mark), ("--course", course)):
        if len(given or ()) > len(files):
            raise InputError(f"{option} is given {len(given or ())} times for {many(len(files), 'files')}; once each")
    if out is not None:
        from setback.analysis.figures import check_picture

        check_picture(out)
    each = [[*(given or ()), *[None] * len(files)][: len(files)] for given in (kind, pass_mark, course)]
    books: list[Book] = [read(path, *own) for path, *own in zip(files, *each)]
    if simulate is not None:
        who = asked(set_, rooms=rooms, seed=seed, few=ROOMS, files=with_)
        books.append(counterpart(simulate, policy, who.parameters, who.rooms, who.seed, who.model))
    found = [measure(book, draws=draws, seed=seed) for book in books]
    tell = sayer(as_json)
    for letter, book in zip("AB", books):
        classes = f", {many(len(book.classes), 'classes', 'class')}" if len(book.classes) else ""
        size = f"{many(book.students, 'students')}, {many(book.tasks, 'tasks')}{classes}"
        tell(f"{letter}: {book.title}: {size}, pass mark {100 * book.pass_mark:g} %")
        for note in book.notes:
            tell(f"  {sentence(note)}")
    if as_json:
        print_json([_for_machines(*one) for one in zip(books, found)])
    else:
        print_rows(_table(found), False, "")
        for letter, several in zip("AB", found):
            _say_why(letter, several)
        say(f"In brackets 95 % intervals, {draws:,} draws, seed {seed}. Persistence is no proof of a cycle.")
    if out is not None:
        from setback.analysis.figures import gradebook_figure, save

        labels = [f"{letter}: {book.title}" for letter, book in zip("AB", books)]
        save(gradebook_figure(dict(zip(labels, found))), out)
        tell(f"{out}")


def _table(found: list[list[Measured]]) -> list[dict[str, Any]]:
    """Give a row for each fact that one of the books can speak to."""
    from setback.experiments.gradebook.facts import FACTS

    rows, panel = [], ""
    for several in zip(*found):
        if all(one.why for one in several):
            continue
        fact = FACTS[several[0].name]
        row: dict[str, Any] = {"": "" if fact.panel == panel else fact.panel, "fact": fact.title, "unit": fact.unit}
        panel = fact.panel
        for letter, one in zip("AB", several):
            interval = "" if one.low != one.low else f" ({one.low:.3f} to {one.high:.3f})"
            row |= {letter: f"{known(one.value)}{interval}", f"n of {letter}": f"{one.n:,}"}
        rows.append(row)
    return rows


def _say_why(letter: str, found: list[Measured]) -> None:
    """Say what was drawn again for the intervals of a book, and to what it cannot speak."""
    from setback.experiments.gradebook.facts import FACTS

    say(f"{letter}: {' and '.join(dict.fromkeys(one.drawn for one in found if one.drawn))} are drawn again")
    for why in dict.fromkeys(one.why for one in found if one.why):
        titles = [FACTS[one.name].title for one in found if one.why == why]
        say(f"  not known: {'; '.join(titles)} ({why})")


def _for_machines(book: Book, found: list[Measured]) -> dict[str, Any]:
    """Give a book and its facts as JSON has them: what is not known is null."""
    from setback.experiments.gradebook.facts import FACTS

    def number(value: float) -> float | None:
        return None if value != value else value

    return {
        "book": book.title,
        "students": book.students,
        "tasks": book.tasks,
        "classes": len(book.classes),
        "pass_mark": 100 * book.pass_mark,
        "notes": [*book.notes],
        "facts": [
            {
                "fact": one.name, "title": FACTS[one.name].title, "unit": FACTS[one.name].unit,
                "description": FACTS[one.name].description, "value": number(one.value), "low": number(one.low),
                "high": number(one.high), "n": one.n, "drawn": one.drawn, "why": one.why,
            }
            for one in found
        ],
    }  # fmt: skip
