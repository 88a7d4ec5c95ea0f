"""The command line: one verb a file, put together here in the order of the help."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from setback.cli import (
    ablate,
    audit,
    bench,
    breakdown,
    cite,
    compare,
    course,
    decide,
    discover,
    estimate,
    evidence,
    export,
    fit,
    gradebook,
    list_,
    live,
    map,
    merge,
    new,
    page,
    power,
    profile,
    report,
    run,
    sensitivity,
    status,
    trials,
    verdicts,
    watch,
)
from setback.cli.list_ import LISTS
from setback.cli.options import Verbs
from setback.door import main

__all__ = ["LISTS", "UsageError", "app", "main"]

#: What typer raises for an option or argument that it cannot take; its own class or click's, by version.
UsageError: Any = typer.BadParameter.__mro__[1]

app = typer.Typer(
    cls=Verbs,
    rich_markup_mode=None,
    help="An agent-based simulation of classroom failure dynamics: vicious cycle or productive failure?",
    epilog="Example: setback run --rooms 4 --policy criterion --policy curve",
)


def _version(is_asked: bool) -> None:
    """Print the version and end."""
    if is_asked:
        from setback.model.shipped import version

        print(f"setback {version()}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take what stands before the verb."""


app.command(epilog="Example: setback run --roster coruna_srl/pupils.csv --mapping coruna")(run.run)
app.command(epilog="Example: setback merge results/rigor/0a1b2c3d4e5f elsewhere/rigor/0a1b2c3d4e5f")(merge.merge)
app.command(epilog='Example: setback compare criterion "curve+stakes=1" --rooms 200')(compare.compare)
app.command(epilog="Example: setback decide rigor --weight learning=2 --weight helpless=-1")(decide.decide)
app.command(epilog="Example: setback ablate --rooms 8")(ablate.ablate)
app.command(epilog="Example: setback estimate P2 P4 --rooms 80")(estimate.estimate)
app.command(epilog="Example: setback audit --rooms 4")(audit.audit)
app.command(epilog="Example: setback verdicts K1 P1 --out verdicts.png")(verdicts.verdicts)
app.command(epilog="Example: setback evidence --prior")(evidence.evidence)
app.command(epilog="Example: setback fit --gradebook marks.csv")(fit.fit)
app.command(epilog="Example: setback power --policies criterion mastery --outcome learning")(power.power)
app.command(epilog="Example: setback profile --policy reference --policy high-pressure --out year.png")(profile.profile)
app.command(epilog="Example: setback report grading-by-pacing --out report.html")(report.report)
app.command("list", epilog="Example: setback list policies")(list_.list_)
app.command(epilog="Example: setback status rigor")(status.status)
app.command(
    "map", epilog="Example: setback map claims; setback map rigor --x level --y resilience_mean --outcome learning"
)(map.map_)
app.command(epilog="Example: setback breakdown claims --by resilience --by challenge --policy curve")(
    breakdown.breakdown
)
app.command(epilog="Example: setback discover rigor --policy curve --against criterion --outcome learning --below 0")(
    discover.discover
)
app.command(epilog="Example: setback sensitivity rigor --outcome learning --policy curve")(sensitivity.sensitivity)
app.command(epilog="Example: setback export results/rigor/0a1b2c3d4e5f --out rigor.csv")(export.export)
app.command(epilog="Example: setback cite results/rigor/0a1b2c3d4e5f")(cite.cite)
app.command(epilog="Example: setback bench --json")(bench.bench)
app.command(epilog="Example: setback watch --policy curve --student seat-7")(watch.watch)
app.command(epilog="Example: setback live --port 8765 --open")(live.live)
app.command(epilog="Example: setback page --scene rigor-with-a-curve --out classroom.html")(page.page)
app.add_typer(new.app, name="new")
app.add_typer(gradebook.app, name="gradebook")
app.add_typer(trials.app, name="trials")
app.add_typer(course.app, name="course")
