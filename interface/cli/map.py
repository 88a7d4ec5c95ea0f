"""``setback map`` draws for which students a failure is what, or an outcome or such classes over what varies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from setback.cli.answers import Against, Drawn, Finished, Outcome, outcome_of, records, results_of, write_answer
from setback.cli.options import AsJson, Policies, ResultsFolder, complete_parameter
from setback.cli.output import print_json, sayer
from setback.model.errors import InputError, unknown

if TYPE_CHECKING:
    from setback.analysis.load import Results


def map_(
    study: Finished,
    x: Annotated[
        str | None,
        typer.Option(
            "--x", metavar="NAME", help="Grouping or number along the foot.", autocompletion=complete_parameter
        ),
    ] = None,
    y: Annotated[
        str | None,
        typer.Option(
            "--y", metavar="NAME", help="Grouping or number along the side.", autocompletion=complete_parameter
        ),
    ] = None,
    outcome: Outcome = None,
    policy: Policies = None,
    against: Against = None,
    band: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A third grouping or number, in bands.", autocompletion=complete_parameter),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="When the learning value of a failure is taken, at the next unit test, unit, or at the end of the "
            "year, year; over numbers, map the class of a failure (learning, costly learning, harmless, failing).",
        ),
    ] = None,
    flip: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Over students: what was turned, line (being failed), label, practice, …"),
    ] = None,
    results: ResultsFolder = Path("results"),
    out: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Draw for which students of a finished study, under which policy, a failure is learning, and for which failing.

    Over two numbers that vary it draws where an outcome is high and where a policy does better. Where neither is named
    it is the map over students, by the study's first groupings.
    """
    from setback.analysis.classes import VALUES
    from setback.analysis.figures import check_picture
    from setback.analysis.student_map import groupings_of, has_students

    if classes is not None and (outcome is not None or against is not None):
        raise InputError("--classes is a map of its own; leave --outcome and --against away")
    if classes is not None and classes not in VALUES:
        raise unknown("time of --classes", classes, VALUES)
    if out:
        check_picture(out)
    found = results_of(study, results)
    name, tell = found.study["name"], sayer(as_json)
    named = [one for one in (x, y, band) if one is not None]
    if not named and not has_students(found):
        raise InputError(
            f"a map over students needs twins and two groupings, and {name} has not both; give it [twins] and "
            "[groups] and run it, or name two numbers that vary with --x and --y"
        )
    if not named or {*named} & {*groupings_of(found)}:
        if outcome is not None or against is not None:
            raise InputError("a map over students shows what a failure causes; leave --outcome and --against away")
        _students(found, named or None, flip or "line", classes or "unit", policy, out, as_json, tell)
        return
    if flip is not None:
        raise InputError(f"--flip is of a map over students; over numbers name an effect, as in --outcome R_F.{flip}")
    if x is None or y is None:
        raise InputError(f"a map over numbers needs two, and only {named[0]} is named; name both with --x and --y")
    _numbers(found, x, y, outcome, policy, against, band, classes, out, as_json, tell)


def _students(
    found: Results,
    groupings: Sequence[str] | None,
    flip: str,
    when: str,
    policies: list[str] | None,
    out: Path | None,
    as_json: bool,
    tell: Callable[[str], None],
) -> None:
    """Map what a failure causes over groups of students."""
    from setback.analysis.figures import student_map_figure
    from setback.analysis.student_map import student_map
    from setback.analysis.written import title_of_worlds
    from setback.experiments.studies.folder import STUDENTS_PICTURES, STUDENTS_TABLE

    by_group = student_map(found, groupings, flip, when, policies)
    table = by_group.table()
    if as_json:
        print_json({"study": found.study["name"], "key": found.manifest.key, "cells": records(table)})
    for sentence in by_group.sentences():
        tell(sentence)
    title = f"Study {title_of_worlds(found)}."
    write_answer(
        found,
        table,
        STUDENTS_TABLE,
        lambda: student_map_figure(by_group, title, found.policies),
        STUDENTS_PICTURES,
        out,
        tell,
    )


def _numbers(
    found: Results,
    x: str,
    y: str,
    outcome: str | None,
    policy: list[str] | None,
    against: str | None,
    band: str | None,
    classes: str | None,
    out: Path | None,
    as_json: bool,
    tell: Callable[[str], None],
) -> None:
    """Map an outcome, a difference of policies or the classes of a failure over two numbers that vary."""
    from setback.analysis.classes import Failing
    from setback.analysis.figures import class_figure, map_figure
    from setback.analysis.map import check_worlds, class_map, grid_of, phase_map
    from setback.analysis.written import title_of_worlds
    from setback.experiments.studies.folder import MAP_PICTURES, MAP_TABLE

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
