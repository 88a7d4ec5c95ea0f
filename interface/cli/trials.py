"""``setback trials`` repeats published studies in simulated classes, and says which figures are hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from setback.cli.options import AsJson, Seed, Set, StudyEngine, Verbs, With, complete_trial, model_of, settings
from setback.cli.output import print_json, print_table, progress, say, sayer

if TYPE_CHECKING:
    from setback.experiments.trials.run import Finding

app = typer.Typer(
    cls=Verbs,
    rich_markup_mode=None,
    help="Virtual trials: published studies, repeated in simulated classes.",
    epilog="Example: setback trials run PF1 FB1",
)


@app.callback()
def _root() -> None:
    """Take what is to be done with trials, even while there is one thing alone."""


@app.command(epilog="Example: setback trials run PF1 FB1 --set preparation_gain=2")
def run(
    trial: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TRIAL",
            help="Name of a shipped trial, or path of a TOML file; all shipped ones where none is named.",
            autocompletion=complete_trial,
        ),
    ] = None,
    rooms: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", help="Number of classrooms in each arm; by default as many as the tolerance asks for."
        ),
    ] = None,
    seed: Seed = None,
    set_: Set = None,
    engine: StudyEngine = "auto",
    with_: With = None,
    as_json: AsJson = False,
) -> None:
    """Repeat published studies, and say for each figure whether it is hit, and how far off it is."""
    from setback.experiments.trials import trial as trials
    from setback.experiments.trials.run import World
    from setback.experiments.trials.run import run as repeat
    from setback.model.engines.registry import chosen

    model = model_of(with_)
    read = [trials.read(name, model).seeded(seed) for name in trial or trials.names()]
    world = World(model.parameters(settings(set_ or [])), engine=chosen(engine), model=model)
    found: list[Finding] = []
    try:
        with progress(len(read), "trials", as_json) as advance:
            for one in read:
                found.append(repeat(one, world, rooms))
                advance(1)
    except KeyboardInterrupt:
        if not found:
            raise
        sayer(as_json)(f"stopped after {len(found)} of {len(read)} trials")
    if as_json:
        print_json([{**f._asdict(), "estimate": _known(f.estimate), "error": _known(f.error),
                     "distance": _known(f.distance)} for f in found])  # fmt: skip
    else:
        _print(found)
    if len(found) < len(read):
        raise typer.Exit(1)


def _known(value: float) -> float | None:
    return value if value == value else None


def _print(found: list[Finding]) -> None:
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for name in ("trial", "published", "simulated", "unit", "", "distance", "classes", "seconds"):
        table.add_column(name, justify="right" if name in ("distance", "classes", "seconds") else "left", no_wrap=True)
    for f in found:
        verdict = ("hit" if f.hit else "miss") + ("" if f.is_sure else ", near the bound")
        table.add_row(
            f.trial, f.published, f"{f.estimate:.3g} ± {f.error:.2g}", f.unit, verdict, f"{f.distance:+.2f}",
            f"{f.rooms:,}", f"{f.seconds:.2f}",
        )  # fmt: skip
    print_table(table, markup=False)
    hits = sum(f.hit for f in found)
    say(
        f"\n{hits} of {len(found)} hit. simulated: ± standard error over classes; distance: from the published figure "
        "in units of its tolerance,\nup to 1 is a hit (of a sign: how far on the wrong side). All of it is said of the "
        "model."
    )
