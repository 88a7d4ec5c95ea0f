"""``setback breakdown`` says by whom, when and how a failure causes more, one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from setback.cli.answers import Drawn, Finished, records, results_of, write_answer
from setback.cli.options import AsJson, Policies, ResultsFolder
from setback.cli.output import print_json, print_rows, sayer


def breakdown(
    study: Finished,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="THING",
            help="horizon, flip, side, depth, challenge, or a grouping of the study, as resilience; may be given "
            "several times. By default all.",
        ),
    ] = None,
    policy: Policies = None,
    flip: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="What was turned: line (being failed, the default), label, practice, …"),
    ] = None,
    results: ResultsFolder = Path("results"),
    out: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Say what one failure causes by horizon, kind, distance, challenge, and by what students began the year with.

    Under the policy of the study's claim, or its first one, unless others are named.
    """
    from setback.analysis.breakdown import breakdown as told_apart
    from setback.analysis.breakdown import claimed, sentences
    from setback.analysis.figures import breakdown_figure, check_picture
    from setback.analysis.written import title_of_worlds
    from setback.experiments.studies.folder import BREAKDOWN_PICTURES, BREAKDOWN_TABLE

    if out:
        check_picture(out)
    found = results_of(study, results)
    table = told_apart(found, by, policy or [claimed(found)], flip)
    tell = sayer(as_json)
    if as_json:
        print_json({"study": found.study["name"], "key": found.manifest.key, "rows": records(table)})
    else:
        print_rows(_shown(table), False, "nobody fails")
    for sentence in sentences(table):
        tell(sentence)
    title = f"What one failure causes, by one thing at a time; 95 % intervals. Study {title_of_worlds(found)}."
    write_answer(found, table, BREAKDOWN_TABLE, lambda: breakdown_figure(table, title), BREAKDOWN_PICTURES, out, tell)


def _shown(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a line a policy and part to read: each estimand with its interval, ? where too few twins stand behind it."""
    means, shown = table[table["less"] == ""], []
    names = list(dict.fromkeys(means["estimand"]))
    for (policy, thing, group), rows in means.groupby(["policy", "by", "group"], sort=False):
        of = rows.set_index("estimand")
        label = " ".join(filter(None, [str(group), f"({of['bounds'].iloc[0]})" if of["bounds"].iloc[0] else ""]))
        line: dict[str, Any] = {"policy": policy, "by": thing, "group": label}
        line |= {name: _written(of.loc[name]) if name in of.index else "" for name in names}
        shown.append({**line, "twins": str(of["twins"].max())})
    return shown


def _written(row: Mapping[str, Any]) -> str:
    if pd.isna(row["value"]):
        return "-"
    interval = "" if pd.isna(row["low"]) else f" ({row['low']:.3f} to {row['high']:.3f})"
    return f"{row['value']:.3f}{interval}{' ?' if row['few'] else ''}"
