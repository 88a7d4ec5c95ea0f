"""``setback fit`` fits the model to the published evidence, or to somebody's own grade book."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setback.cli.options import AsJson, Processes, Rerun, ResultsFolder, With, complete_source, model_of
from setback.cli.output import known, many, print_json, print_rows, progress, sayer
from setback.model.errors import InputError, sentence

if TYPE_CHECKING:
    from setback.experiments.fit.gradebook import Fit

#: As which source the classes of a book are simulated, by its form; what is none of these has a task every week.
GUESSED = {"oulad": "oulad", "osu": "osu-homework", "uci": "uci-mathematics", "": "osu-homework"}


#: Candidates of a search of a grade book.
TRIES = 1000


def complete_free(incomplete: str) -> list[str]:
    """Complete the name of a number that may be fitted."""
    from setback.experiments.evidence.nulls import NULLS

    return [name for name in NULLS["cycle"].free if name.startswith(incomplete)]


def fit(
    gradebook: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Grade book: a CSV file, by its path or within SETBACK_DATA."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Kind of tasks, by default the one that carries grades.")
    ] = None,
    pass_mark: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", help="Score that is a pass; 40 for OULAD, 60 for OSU, else 50."),
    ] = None,
    course: Annotated[
        str | None, typer.Option(metavar="NAME", help='One course, as "AAA 2013J"; by default all.')
    ] = None,
    simulate: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="As which source of grade books classes are simulated: oulad, osu-homework (a task every week), "
            "uci-mathematics, …; by default by the form of the file.",
            autocompletion=complete_source,
        ),
    ] = None,
    free: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Number that may move, all others stay at their defaults; may be given several times.",
            autocompletion=complete_free,
        ),
    ] = None,
    tries: Annotated[int, typer.Option(metavar="NUMBER", help="Candidates of each of the eight searches.")] = TRIES,
    rooms: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Classes of each candidate; by default for 1,200 students.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of classes and searches.")] = 0,
    processes: Processes = None,
    with_: With = None,
    results: ResultsFolder = Path("results"),
    rerun: Rerun = False,
    as_json: AsJson = False,
) -> None:
    """Fit the model to the published evidence, or to a grade book of your own; each with a cycle and without.

    Of the published evidence it takes about an hour on two processors; Ctrl-C stops it, the same command goes on.
    """
    from setback.analysis.figures import gradebook_fit_figure, save
    from setback.experiments.fit import gradebook as fits
    from setback.experiments.fit.tables import facts_table, numbers_table
    from setback.experiments.gradebook.readers import form_of, read
    from setback.model.writing import write_text

    if gradebook is None:
        options = {
            "--kind": kind, "--pass-mark": pass_mark, "--course": course, "--simulate": simulate, "--free": free,
            "--tries": tries != TRIES, "--rooms": rooms, "--seed": seed, "--with": with_,
        }  # fmt: skip
        for name, said in options.items():
            if said:
                raise InputError(f"{name} is of a fit to a grade book; say --gradebook FILE, or leave it out")
        _to_the_evidence(results, processes, rerun, as_json)
        return
    if processes is not None:
        raise InputError("--processes is of the fit to the evidence; that to a grade book runs in one, so leave it out")
    model = model_of(with_)
    book = read(gradebook, kind, pass_mark, course)
    source = GUESSED[form_of(gradebook)] if simulate is None else simulate
    plan = fits.plan(book, source, free, tries, rooms, seed, model)
    folder = results / "fits" / f"gradebook-{plan.key}"
    tell = sayer(as_json)
    tell(f"{book.title}: {many(book.students, 'students')}, pass mark {100 * book.pass_mark:g} %")
    for note in book.notes:
        tell(f"  {sentence(note)}")
    size = f"{many(plan.rooms, 'classes', 'class')} of {plan.context.size}, {plan.context.weeks} weeks"
    tell(f"Simulated as {source}: {size}, {plan.context.policy}; {plan.candidates} candidates a search, seed {seed}")
    missing = sum(rerun or not path.is_file() for path in fits.places(plan, folder))
    with progress(missing * plan.candidates, "candidates", as_json) as advance:
        found = fits.kept(plan, folder, advance, rerun)
    facts, numbers = facts_table(found), numbers_table(found)
    title = f"{book.title}, simulated as {source}\n{' '.join(found.sentences()[:3])}"
    try:
        for name, table in (("facts", facts), ("numbers", numbers)):
            write_text(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
        save(gradebook_fit_figure(facts, numbers, title), folder / "fit.png", plan.key)
    except InputError as error:  # a finished fit on a disk that cannot be written to
        tell(f"shown only: {error}")
    if as_json:
        print_json(_for_machines(found, facts, numbers))
        return
    print_rows(_rows(facts), False, "")
    print()
    print_rows(_numbers(numbers), False, "")
    print()
    for said in found.sentences():
        tell(said)
    tell(f"Tables and figure: {folder}")


def _to_the_evidence(results: Path, processes: int | None, rerun: bool, as_json: bool) -> None:
    """Fit all models to the published evidence, and say what was found."""
    from setback.cli.evidence import report
    from setback.experiments.fit import whole
    from setback.model.writing import refusal

    folder, tell = results / "fits" / whole.key(whole.PLANS), sayer(as_json)
    try:
        for table in folder.glob("*.csv") if rerun else ():
            table.unlink()
    except OSError as error:
        raise refusal(folder, error) from None
    total = whole.worlds_asked(whole.PLANS)
    tell(f"{total:,} worlds of {many(len(whole.PLANS), 'models')}; tables: {folder}")
    with progress(total, "worlds", as_json) as advance:
        whole.fit(folder, results, processes=processes, step=whole.Step(advance, tell))
    report(folder, as_json)


def _rows(facts: Any) -> list[dict[str, Any]]:
    """Give a row for each fact, with the distances of both models in brackets."""
    return [
        {
            "fact": row["title"],
            "unit": row["unit"],
            "book": f"{known(row['value'])} ({row['tolerance_low']:.3f} to {row['tolerance_high']:.3f})",
            **{name: f"{known(row[name])} ({row[f'{name}_distance']:+.1f})" for name in ("cycle", "no-cycle")},
        }
        for row in facts.to_dict("records")
    ]


def _numbers(numbers: Any) -> list[dict[str, Any]]:
    """Give a row for each number, with the ranges over searches that fit about as well."""

    def ends(row: dict[str, Any], name: str) -> str:
        low, high = row.get(f"{name}_lowest"), row.get(f"{name}_highest")
        return "" if low is None or low != low else f"{low:.2f} to {high:.2f}"

    return [
        {
            "number": row["number"],
            "range": f"{row['low']:g} to {row['high']:g}",
            **{name: ends(row, name) for name in ("cycle", "no-cycle")},
        }
        for row in numbers.to_dict("records")
    ]


def _for_machines(found: Fit, facts: Any, numbers: Any) -> dict[str, Any]:
    """Give a fit as JSON has it: what is not known is null."""
    import json

    def ends(name: str) -> list[float | None]:
        return [None if end != end else end for end in found.reproduction(name)]

    return {
        "book": found.plan.title,
        "verdict": found.verdict,
        "apart": found.apart,
        "needed": found.needed,
        "models": {
            name: {
                "loss": found.best(name).loss, "losses": [one.loss for one in searches], "within": found.within(name),
                "R_F": ends(name), "searches_about_as_good": len(found.near(name)),
            }
            for name, searches in found.searches.items()
        },
        "facts": json.loads(facts.to_json(orient="records")),
        "numbers": json.loads(numbers.to_json(orient="records")),
        "says": found.sentences(),
    }  # fmt: skip
