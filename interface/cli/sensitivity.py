"""``setback sensitivity`` says which of the numbers that vary decide an outcome, or the verdict on it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

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
from setback.cli.options import AsJson, Policies, ResultsFolder
from setback.cli.output import print_json, print_rows, sayer


def sensitivity(
    study: Finished,
    outcome: Outcome = None,
    policy: Policies = None,
    against: Against = None,
    above: Above = None,
    below: Below = None,
    results: ResultsFolder = Path("results"),
    out: Drawn = None,
    as_json: AsJson = False,
) -> None:
    """Say which of the numbers that vary decide an outcome, or whether it lies beyond a limit, and which do nothing."""
    from setback.analysis.by_world import effects_asked
    from setback.analysis.figures import check_picture, sensitivity_figure
    from setback.analysis.sensitivity import sensitivity as estimate
    from setback.analysis.written import title_of_worlds
    from setback.experiments.studies.folder import SENSITIVITY_PICTURES, SENSITIVITY_TABLE

    limit = limit_of(above, below)
    if out:
        check_picture(out)
    found = results_of(study, results)
    tell = sayer(as_json)
    asked = effects_asked(found, outcome_of(found, outcome), policy, against)
    every = [estimate(found, effect, limit) for effect in asked]
    table = pd.concat([one.table.assign(policy=one.effect.policy) for one in every], ignore_index=True)
    table = table[["policy", *(name for name in table if name != "policy")]]
    if as_json:
        about = {"method": every[0].method, "worlds": every[0].worlds, "outcome": asked[0].outcome}
        print_json({"study": found.study["name"], "key": found.manifest.key, **about, "numbers": records(table)})
    else:
        print_rows([_shown(row, every[0].measures) for row in table.to_dict("records")], False, "no number")
    for one in every:
        tell(one.sentence())
    tell(f"By {every[0].method}: 95 % intervals by bootstrap, {every[0].worlds:,} worlds.")
    title = title_of_worlds(found)
    write_answer(
        found, table, SENSITIVITY_TABLE, lambda: sensitivity_figure(every, title), SENSITIVITY_PICTURES, out, tell
    )


def _shown(row: Mapping[Hashable, Any], measures: tuple[str, ...]) -> dict[str, object]:
    """Give a row to read: each measure with its interval, or that it is not told from 0."""
    shown: dict[str, object] = {"policy": row["policy"], "number": row["number"]}
    for name in measures:
        value, low, high = (row[f"{name}{end}"] for end in ("", " low", " high"))
        told = "" if row[f"{name} told"] else "  not told from 0"
        shown[name] = f"{value:.3f} ({low:.3f} to {high:.3f}){told}"
    return shown
