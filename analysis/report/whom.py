"""For whom it holds: groups of students, by what they began with or by a roster's own columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from setback.analysis.figures.style import words
from setback.analysis.groups import EFFECT, INTERACTION, MEAN, groups
from setback.analysis.report.breakdown import heads
from setback.analysis.report.policies import led_by
from setback.analysis.report.section import (
    Asked,
    Column,
    Picture,
    Section,
    Table,
    between,
    bracketed,
    head,
    many,
    number,
    sentence,
    text_column,
)
from setback.analysis.student_map import plainly
from setback.model.errors import InputError

TITLE = "For whom"
#: The value of a row of groups and the ends of its interval; the most groups that stand side by side.
ENDS = ["value", "low", "high"]
MOST_COLUMNS = 5
NO_GROUPS = (
    "No groups: the study kept means over whole classes only, so it does not say whom a policy helps or harms; a table "
    "[groups] in the study file tells students apart by what they began with or by a column of the roster "
    "(docs/studies.md)."
)


def groups_section(asked: Asked) -> Section:
    """Say what each policy does for each group, and how far that differs between groups."""
    from setback.analysis.figures import groups_figure

    results = asked.results
    if not results.study.get("groups"):
        return Section("groups", TITLE, absent=NO_GROUPS)
    outcome = led_by(results)
    try:
        found = groups(results, [outcome])
    except InputError as error:
        return Section("groups", TITLE, absent=sentence(str(error)))
    differs = found[found["kind"] == INTERACTION]
    told = differs[(differs["low"] > 0.0) | (differs["high"] < 0.0)]
    of_all = f"What each policy does to {words(outcome)} within each group, in the same classes."
    of_one = f"The study has one policy: {words(outcome)} within each group under it."
    compared = (
        f"The effect of a policy differs between groups by more than luck in {len(told)} of "
        f"{many(len(differs), 'comparison')}."
    )
    said = (
        "The same as a figure; of many policies the best, the worst and those whose effects differ most between groups."
    )
    return Section(
        "groups",
        TITLE,
        (of_all, compared) if len(differs) else (of_one,),
        tables=tuple(_table(str(by), of) for by, of in found.groupby("by", sort=False)),
        pictures=(Picture("groups", said, groups_figure(found, "")),),
    )


def _table(by: str, found: pd.DataFrame) -> Table:
    """Show one grouping: a row a policy, a column a group; or of many groups a row for each."""
    effects, differs = found[found["kind"] == EFFECT], found[found["kind"] == INTERACTION]
    shown = effects if len(effects) else found[found["kind"] == MEAN]
    labels = list(dict.fromkeys(shown["group"]))
    groups_of = {label: plainly(by, label, labels) for label in labels}
    one = shown.iloc[0]
    less = f" less that under {one['less_policy']}" if len(effects) else ""
    star = "; * where it differs by more than luck from that in the first group" if len(effects) else ""
    caption = (
        f"By {heads(by)}: {words(one['outcome'])}{less}; in brackets, the range with other classes (95 of 100){star}."
    )
    keys = ["policy", "group"]
    frame = shown[[*keys, *ENDS]].merge(differs[[*keys, *ENDS]], "left", keys, suffixes=("", " differs"))

    def effect(group: str = "") -> Column:
        def show(row: Mapping[str, Any]) -> str:
            told = "*" if row[f"{group}low differs"] > 0.0 or row[f"{group}high differs"] < 0.0 else ""
            ends = between(row[f"{group}low"], row[f"{group}high"], one["unit"])
            return number(row[f"{group}value"], one["unit"], signed=bool(less)) + bracketed(ends) + told

        return Column(head(group.rstrip(": ") or "effect", one["unit"]), show)

    if len(labels) > MOST_COLUMNS:
        of_group = Column("group", lambda row: groups_of[row["group"]], is_number=False)
        return Table(f"groups-{by}", caption, frame, (text_column("policy"), of_group, effect()))
    rows = []
    for policy, of in frame.groupby("policy", sort=False):
        rows.append({"policy": policy})
        for row in of.to_dict("records"):
            group = groups_of[row["group"]]
            rows[-1] |= {f"{group}: {key}": value for key, value in row.items() if key not in keys}
    columns = (text_column("policy"), *(effect(f"{said}: ") for said in groups_of.values()))
    return Table(f"groups-{by}", caption, pd.DataFrame(rows), columns)
