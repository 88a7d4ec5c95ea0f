"""``setback evidence`` holds the model against the published evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli import tables
from setback.cli.options import AsJson, Processes, Rerun, ResultsFolder, RetryFailed, Rooms, Seed, With, model_of
from setback.cli.output import many, print_json, progress, sayer
from setback.cli.studies import kept, planned
from setback.model.errors import InputError
from setback.model.writing import write_text


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
    """Say for each published figure where the worlds lie, whether its tolerance is within them, and what moves it."""
    from setback.analysis.evidence import reach
    from setback.analysis.figures import evidence_figure, save
    from setback.analysis.load import load
    from setback.experiments.studies.folder import EVIDENCE_PICTURE, EVIDENCE_TABLE
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    if prior == nulls:
        raise InputError("ask for one thing: setback evidence --prior, or setback evidence --nulls")
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
