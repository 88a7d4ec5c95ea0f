"""``setback evidence`` holds the model against the published evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from setback.cli import tables
from setback.cli.options import AsJson, Processes, Rerun, ResultsFolder, RetryFailed, Rooms, Seed, With, model_of
from setback.cli.output import many, print_json, progress, say, sayer
from setback.cli.studies import kept, planned
from setback.model.errors import InputError, unknown
from setback.model.place import Place
from setback.model.writing import write_text

#: What a picture of a fit is called.
PICTURE = "forest.png"


def complete_row(incomplete: str) -> list[str]:
    """Complete the id of a row of the evidence."""
    from setback.experiments.evidence.rows import facts, targets

    return [row for row in ("all", *targets(), *facts()) if row.startswith(incomplete)]


def evidence(
    row: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ROW",
            help="Rows of the published evidence by id (setback list evidence); all where none is named.",
            autocompletion=complete_row,
        ),
    ] = None,
    fit: Annotated[
        Path | None,
        typer.Option(
            "--fit",
            metavar="FOLDER",
            help="A fit, as setback fit names its folder; by default the latest of all results, or the one that ships.",
        ),
    ] = None,
    prior: Annotated[bool, typer.Option("--prior", help="Over worlds of the prior, before a fit.")] = False,
    nulls: Annotated[
        bool, typer.Option("--nulls", help="The model and its null models, each refitted to the grade books.")
    ] = False,
    source: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="With --nulls: oulad, osu, uci or uci-dropout.")
    ] = None,
    tries: Annotated[int, typer.Option(metavar="NUMBER", help="With --nulls: candidates of each refit.")] = 600,
    study: Annotated[str, typer.Option(metavar="STUDY", help="With --prior: study whose worlds count.")] = "prior",
    rooms: Rooms = None,
    seed: Seed = None,
    with_: With = None,
    processes: Processes = None,
    results: ResultsFolder = Path("results"),
    retry_failed: RetryFailed = False,
    rerun: Rerun = False,
    as_json: AsJson = False,
) -> None:
    """Say how near the fitted model comes to each published figure, in sample and left out, beside other models.

    With --prior, where worlds lie before any fit; with --nulls, the model and its null models refitted to grade books.
    """
    from setback.analysis.evidence import reach
    from setback.analysis.figures import evidence_figure, save
    from setback.analysis.fit import REFERENCE
    from setback.analysis.load import load
    from setback.experiments.studies.folder import EVIDENCE_PICTURE, EVIDENCE_TABLE
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    if not prior and not nulls:
        fitted = latest(results) if fit is None else fit
        report(fitted, as_json, row, results / "fits" if fitted == REFERENCE else fitted)
        return
    if (prior and nulls) or fit is not None:
        raise InputError("ask for one thing: setback evidence, setback evidence --prior, or setback evidence --nulls")
    unused = (
        [("ROW", row), ("--study", study != "prior")] if nulls else [("--source", source), ("--tries", tries != 600)]
    )
    for name, said in unused:
        if said:
            raise InputError(f"{name} says nothing to {'--nulls' if nulls else '--prior'}; leave it out")
    if nulls:
        _refitted(source, tries, seed or 0, rooms, results, rerun, with_, as_json)
        return
    plan = planned(study, None, None, "auto", processes, rooms, None, seed, None, None, with_)
    if not plan.evidence:
        raise InputError(f"study {plan.name} measures no evidence; name one that does, as study prior")
    if row:
        plan = plan.replace(evidence=tuple(row))
    tell = sayer(as_json)
    tell(f"{many(len(plan.worlds), 'worlds')} of the prior, {many(plan.rooms, 'classrooms')} in each, seed {plan.seed}")
    folder = folder_of(plan, results)
    check_writable(folder)
    if not kept(plan, folder, results, processes, as_json, rerun=rerun, retry_failed=retry_failed).is_finished:
        raise typer.Exit(1)
    found = reach(load(folder))
    try:
        flat = found.assign(
            moved_by=["; ".join(f"{name} {by:+.2f}" for name, by in of.items()) for of in found["moved_by"]]
        )
        write_text(folder / EVIDENCE_TABLE, flat.to_csv(lineterminator="\n"))
        save(evidence_figure(found), folder / EVIDENCE_PICTURE, plan.key())
    except InputError as error:  # a finished study on a disk that cannot be written to
        tell(f"shown only: {error}")
    if as_json:
        print(found.reset_index().to_json(orient="records", indent=1))
        return
    tables.evidence(found)
    tell(f"Table and figure: {folder}")


def report(folder: Path, as_json: bool, rows: list[str] | None = None, beside: Path | None = None) -> None:
    """Print what a fit found, and draw it beside its tables or in another folder.

    Raises:
        InputError: if there is no fit, or no such row in it.
    """
    from setback.analysis import fit as analysis
    from setback.analysis.figures import forest_figure, save

    found = analysis.read(folder)
    scores = analysis.scores(found)
    table = found.rows[analysis.CYCLE]
    for name in rows or ():
        if name not in table.index:
            raise unknown("row of the fit", name, [*table.index])
    if as_json:
        print_json(
            {
                "models": _plain(scores.reset_index()),
                "rows": {name: _plain(one.loc[rows] if rows else one) for name, one in found.rows.items()},
                "effects": _plain(analysis.effects(found)), "recovery": analysis.recovered(found)._asdict(),
                "identified": _plain(analysis.identified(found)), "said": analysis.sentences(found),
            }
        )  # fmt: skip
        return
    tables.fitted(table.loc[rows] if rows else table, found.rows.get(analysis.NO_CYCLE))
    if rows:
        return
    tables.models(scores)
    for sentence in analysis.sentences(found):
        say(sentence)
    picture = (folder if beside is None else beside) / PICTURE
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
        save(forest_figure(found), picture, folder.name)
        say(f"Figure: {picture}")
    except (InputError, OSError) as error:
        say(f"shown only: {error}")


def latest(results: Place) -> Path:
    """Find the fit that was finished last, or else the one that ships."""
    from setback.analysis.fit import REFERENCE

    there = (results / "fits").glob("*/recovery.csv") if isinstance(results, Path) else ()
    last = sorted(there, key=lambda path: path.stat().st_mtime)
    return last[-1].parent if last else REFERENCE


def _plain(table: Any) -> Any:
    """Give the rows of a table as plain data, what is not known as null."""
    return json.loads(table.reset_index().to_json(orient="records"))


def _refitted(
    sources: list[str] | None, tries: int, seed: int, rooms: int | None, results: Path, rerun: bool,
    with_: list[str] | None, as_json: bool,
) -> None:  # fmt: skip
    """Refit the model and its null models, as far as they are not kept, and print how near each comes."""
    from setback.experiments.evidence import refit
    from setback.experiments.evidence.nulls import NULLS

    model, folder, rooms = model_of(with_), results / "refits", refit.ROOMS if rooms is None else rooms
    asked = [(null, source) for source in sources or refit.SOURCES for null in reversed([*NULLS.values()])]
    paths = [refit.kept(folder, null, source, tries, rooms, seed, model) for null, source in asked]
    missing = [at for at, path in enumerate(paths) if rerun or not path.is_file()]
    with progress(len(missing) * tries, "candidates", as_json) as advance:
        for at in missing:
            null, source = asked[at]
            inner = [path for path, (other, of) in zip(paths, asked) if (other.name, of) == (null.inner, source)]
            start = refit.read(inner[0], refit.Refit).numbers if inner else None
            refit.write(paths[at], refit.refit(null, source, tries, rooms, seed, model, start, advance))
    found = [refit.read(path, refit.Refit) for path in paths]
    if as_json:
        print_json([one._asdict() for one in found])
        return
    tables.refits(found)
    sayer(as_json)(f"Numbers of each refit: {folder}")
