"""``setback discover`` names the few conditions under which an outcome lies beyond a limit, or a failure is failing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from setback.cli.answers import (
    Above,
    Against,
    Below,
    Drawn,
    Finished,
    Outcome,
    limit_of,
    outcome_of,
    records,
    results_of,
    write_answer,
)
from setback.cli.options import AsJson, Policies, ResultsFolder, complete_parameter
from setback.cli.output import print_json, print_rows, sayer
from setback.model.errors import InputError, number, unknown

if TYPE_CHECKING:
    from setback.analysis.by_world import Limit
    from setback.analysis.discovery import Discovery
    from setback.analysis.load import Results

#: What a case can be beside a failure, a student or a group of students.
WORLD = "world"


def discover(
    study: Finished,
    policy: Policies = None,
    outcome: Outcome = None,
    against: Against = None,
    above: Above = None,
    below: Below = None,
    is_class: Annotated[
        str | None,
        typer.Option(
            "--class",
            metavar="CLASS",
            help="Ask where a failure is of this class instead: failing, harmless, learning, or costly learning.",
        ),
    ] = None,
    unit: Annotated[
        str,
        typer.Option(
            metavar="UNIT",
            help="With --class, of what: each failure, the year of each student, of a group, or a world.",
        ),
    ] = "failure",
    when: Annotated[
        str, typer.Option(metavar="WHEN", help="With --class: learning at the next unit test, unit, or for the year.")
    ] = "unit",
    flip: Annotated[
        str, typer.Option(metavar="KIND", help="With --class: what was turned, line (being failed), label, practice, …")
    ] = "line",
    density: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Least share inside that has to be so.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER",
            help="Look at this number alone; may be given several times.",
            autocompletion=complete_parameter,
        ),
    ] = None,
    results: ResultsFolder = Path("results"),
    out: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Name the two or three conditions under which an outcome lies beyond a limit, or a failure is failing.

    With their coverage and density. --class asks of failures, in all policies together or in those that are named, what
    can be measured of them: the student's groups, the challenge, the numbers of the policy.
    """
    from setback.analysis import classes
    from setback.analysis.figures import check_picture
    from setback.analysis.units import UNITS

    limit = limit_of(above, below)
    if (limit is None) == (is_class is None):
        raise InputError("discover needs --above or --below and a limit, or --class and a class, and one of them alone")
    if is_class is not None and is_class not in classes.CLASSES:
        raise unknown("class", is_class, classes.CLASSES)
    if is_class is not None and (outcome is not None or against is not None):
        raise InputError("--class is a question of its own; leave --outcome and --against away")
    if when not in classes.VALUES:
        raise unknown("time of --when", when, classes.VALUES)
    if unit not in (WORLD, *UNITS):
        raise unknown("unit", unit, (*UNITS, WORLD))
    if flip != "line" and (is_class is None or unit == WORLD):
        raise InputError("--flip is of failures; leave it away, or ask for a --class by failure, student or group")
    least = None if density is None else number("--density", density, 0.0, 1.0)
    if out:
        check_picture(out)
    found, tell = results_of(study, results), sayer(as_json)
    if is_class is not None and unit != WORLD:
        answer = _of_units(found, is_class, unit, when, flip, policy, least, only)
    else:
        answer = _of_worlds(found, policy, outcome, against, limit, is_class, when, least, only)
    _write(found, *answer, out, as_json, tell)


#: What was found, the numbers and whether each is a case, what a case is, what is said, and what stands beside it.
Answer = tuple["Discovery", pd.DataFrame, "pd.Series[bool]", str, list[str], pd.DataFrame]


def _of_units(
    found: Results,
    is_class: str,
    unit: str,
    when: str,
    flip: str,
    policies: list[str] | None,
    least: float | None,
    only: list[str] | None,
) -> Answer:
    """Ask where a failure, the year of a student or of a group is of a class."""
    from setback.analysis.classes import CLASSES
    from setback.analysis.units import units

    every = units(found, unit, when, flip, policies)
    box = every.discover(is_class, least, only)
    cases = pd.Series(every.classes == CLASSES.index(is_class), every.numbers.index)
    said = every.sentences(box, is_class, flip)
    return box, every.numbers, cases, f"a failure is {is_class}", said, every.shares()


def _of_worlds(
    found: Results,
    policies: list[str] | None,
    outcome: str | None,
    against: str | None,
    limit: Limit | None,
    is_class: str | None,
    when: str,
    least: float | None,
    only: list[str] | None,
) -> Answer:
    """Ask in which worlds an outcome lies beyond a limit, or a failure is of a class."""
    from setback.analysis import classes
    from setback.analysis.by_world import check_varied, effects_asked, of_worlds
    from setback.analysis.discovery import discover as search

    failing = classes.Failing.at(when)
    asked = failing.further if is_class else outcome_of(found, outcome)
    effects = effects_asked(found, asked, policies, against)
    if len(effects) > 1:
        raise InputError(f"{found.study['name']} has several policies; name one: --policy {effects[0].policy}")
    [effect] = effects
    if is_class is not None:
        of_class = classes.of_worlds(found, failing, effect.policy)
        cases, case = of_class == classes.CLASSES.index(is_class), f"a failure under {effect.policy} is {is_class}"
    else:
        assert limit is not None
        values = of_worlds(found, effect)
        cases, case = pd.Series(limit.beyond(values.to_numpy(float)), values.index), f"{effect} lies {limit}"
    names = list(only) if only else [*found.worlds.columns]
    check_varied(found, *names)
    worlds = found.worlds.loc[cases.index, names]
    box = search(worlds, cases, least)
    return box, worlds, cases, case, [box.sentence(case)], pd.DataFrame()


def _write(
    found: Results,
    box: Discovery,
    numbers: pd.DataFrame,
    cases: pd.Series[bool],
    case: str,
    said: list[str],
    shares: pd.DataFrame,
    out: Path | None,
    as_json: bool,
    tell: Callable[[str], None],
) -> None:
    """Print what was found, and write it beside the results."""
    from setback.analysis.figures import discovery_figure
    from setback.experiments.studies.folder import DISCOVERY_PICTURES, DISCOVERY_TABLE

    columns = ["name", "unit", "low", "high", "p", "density", "is_measured"]
    table = pd.DataFrame([one._asdict() for one in box.conditions], columns=[*columns, "alike"])
    table["condition"] = [str(one) for one in box.conditions]
    table["alike"] = ["; ".join(one) for one in table["alike"]]
    table = table.rename(columns={"name": "number", "density": "density without it", "is_measured": "measured"})
    if as_json:
        print_json(
            {
                "study": found.study["name"], "key": found.manifest.key, "case": case, "share": box.base,
                "of": box.things, "worlds" if box.things == "worlds" else "units": box.worlds,
                "coverage": box.fit.coverage, "density": box.fit.density,
                "conditions": records(table), "trade_off": records(box.trade_off), "classes": records(shares),
            }
        )  # fmt: skip
    else:
        if len(shares):
            percent = {name: [f"{100 * x:.1f} %" for x in shares[name]] for name in shares if name not in NO_SHARES}
            print_rows(records(shares.assign(units=shares["units"].map(str), **percent)), False, "nothing")  # type: ignore[arg-type]
        shown = table.drop(columns=["condition", "alike"])
        shown["p"] = [f"{p:.3f}" if p >= 0.001 else "< .001" for p in shown["p"]]
        rows = [{k: f"{v:.3g}" if isinstance(v, float) else "-" if v is None else v for k, v in row.items()}
                for row in records(shown)]  # fmt: skip
        print_rows(rows, False, "no number has a limit")
    for sentence in said:
        tell(sentence)
    figure = lambda: discovery_figure(box, numbers, cases, said[0])  # noqa: E731
    write_answer(found, table, DISCOVERY_TABLE, figure, DISCOVERY_PICTURES, out, tell)


NO_SHARES = ("policy", "units")
