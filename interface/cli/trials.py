"""``setback trials`` repeats published studies in simulated classes, and says which figures are hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from setback.cli import tables
from setback.cli.options import AsJson, Seed, Set, StudyEngine, Verbs, With, complete_trial, model_of, settings
from setback.cli.output import print_json, progress, sayer

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
        tables.trials([f._asdict() for f in found])
    if len(found) < len(read):
        raise typer.Exit(1)


def _known(value: float) -> float | None:
    return value if value == value else None
