"""``setback discover`` names the few conditions under which an outcome lies beyond a limit, or a failure is failing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
from setback.cli.options import AsJson, ResultsFolder, complete_parameter, complete_policy
from setback.cli.output import print_json, print_rows, sayer
from setback.model.errors import InputError, number, unknown


def discover(
    study: Finished,
    policy: Annotated[
        str | None,
        typer.Option(metavar="POLICY", help="Policy; by default the study's only one.", autocompletion=complete_policy),
    ] = None,
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
    when: Annotated[
        str, typer.Option(metavar="WHEN", help="With --class: learning at the next unit test, unit, or for the year.")
    ] = "unit",
    density: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Least share of the worlds inside that have to be so.")
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
    """Name the two or three conditions under which an outcome lies beyond a limit, with their coverage and density."""
    from setback.analysis import classes
    from setback.analysis.by_world import check_varied, effects_asked, of_worlds
    from setback.analysis.discovery import discover as search
    from setback.analysis.figures import check_picture, discovery_figure
    from setback.experiments.studies.folder import DISCOVERY_PICTURES, DISCOVERY_TABLE

    limit = limit_of(above, below)
    if (limit is None) == (is_class is None):
        raise InputError("discover needs --above or --below and a limit, or --class and a class, and one of them alone")
    if is_class is not None and is_class not in classes.CLASSES:
        raise unknown("class", is_class, classes.CLASSES)
    if is_class is not None and (outcome is not None or against is not None):
        raise InputError("--class is a question of its own; leave --outcome and --against away")
    if when not in classes.VALUES:
        raise unknown("time of --when", when, classes.VALUES)
    least = None if density is None else number("--density", density, 0.0, 1.0)
    if out:
        check_picture(out)
    found = results_of(study, results)
    failing = classes.Failing.at(when)
    asked = failing.further if is_class else outcome_of(found, outcome)
    effects = effects_asked(found, asked, [policy] if policy is not None else None, against)
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
    tell = sayer(as_json)
    table = pd.DataFrame(
        [one._asdict() for one in box.conditions],
        columns=["name", "unit", "low", "high", "p", "density", "is_measured"],
    ).rename(columns={"name": "number", "density": "density without it", "is_measured": "measured"})
    said = box.sentence(case)
    if as_json:
        print_json(
            {
                "study": found.study["name"], "key": found.manifest.key, "case": case, "share": box.base,
                "worlds": box.worlds, "coverage": box.fit.coverage, "density": box.fit.density,
                "conditions": records(table), "trade_off": records(box.trade_off),
            }
        )  # fmt: skip
    else:
        shown = table.assign(p=[f"{p:.3f}" if p >= 0.001 else "< .001" for p in table["p"]])
        rows = [{k: f"{v:.3g}" if isinstance(v, float) else "-" if v is None else v for k, v in row.items()}
                for row in records(shown)]  # fmt: skip
        print_rows(rows, False, "no number has a limit")
    tell(said)
    write_answer(
        found, table, DISCOVERY_TABLE, lambda: discovery_figure(box, worlds, cases, said), DISCOVERY_PICTURES, out, tell
    )
