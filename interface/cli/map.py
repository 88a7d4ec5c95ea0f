"""``setback map`` draws an outcome, or the class of a failure, over two of the numbers that vary in a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setback.cli.answers import Against, Drawn, Finished, Outcome, outcome_of, records, results_of, write_answer
from setback.cli.options import AsJson, Policies, ResultsFolder, complete_parameter
from setback.cli.output import print_json, sayer
from setback.model.errors import InputError, unknown


def map_(
    study: Finished,
    x: Annotated[
        str,
        typer.Option("--x", metavar="NUMBER", help="Number along the foot.", autocompletion=complete_parameter),
    ],
    y: Annotated[
        str,
        typer.Option("--y", metavar="NUMBER", help="Number along the side.", autocompletion=complete_parameter),
    ],
    outcome: Outcome = None,
    policy: Policies = None,
    against: Against = None,
    band: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="A third number, in bands.", autocompletion=complete_parameter),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Map the class of a failure instead (learning, costly learning, harmless, failing), its learning "
            "value taken at the next unit test, unit, or at the end of the year, year.",
        ),
    ] = None,
    results: ResultsFolder = Path("results"),
    out: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Draw where an outcome is high and where a policy does better, over two numbers that vary in a finished study."""
    from setback.analysis.classes import VALUES, Failing
    from setback.analysis.figures import check_picture, class_figure, map_figure
    from setback.analysis.map import check_worlds, class_map, grid_of, phase_map
    from setback.analysis.written import title_of_worlds
    from setback.experiments.studies.folder import MAP_PICTURES, MAP_TABLE

    if classes is not None and (outcome is not None or against is not None):
        raise InputError("--classes is a map of its own; leave --outcome and --against away")
    if classes is not None and classes not in VALUES:
        raise unknown("time of --classes", classes, VALUES)
    if out:
        check_picture(out)
    found = results_of(study, results)
    tell = sayer(as_json)
    title = title_of_worlds(found)
    rest = [str(name) for name in found.worlds if name not in (x, y, band)]
    if classes is not None:
        by_class = class_map(found, [x, y], Failing.at(classes), policy, band)
        check_worlds(found, by_class.grid)
        table, draw = by_class.table(), lambda: class_figure(by_class, title, rest)
    else:
        asked = outcome_of(found, outcome)
        by_mean = phase_map(found, [x, y], asked, policy, against, band)
        check_worlds(found, grid_of(found, [x, y], band))
        table, draw = by_mean.table(), lambda: map_figure(by_mean, title, rest)
    if as_json:
        print_json({"study": found.study["name"], "key": found.manifest.key, "cells": records(table)})
    if classes is not None:
        for name, shares in by_class.whole.iterrows():
            said = ", ".join(f"{kind} {100 * share:.0f} %" for kind, share in shares.items())
            tell(f"In the model, a failure under {name} is, by worlds: {said}.")
    else:
        for sentence in by_mean.sentences():
            tell(sentence)
    write_answer(found, table, MAP_TABLE, draw, MAP_PICTURES, out, tell)
