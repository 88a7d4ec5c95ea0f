"""For whom it holds: groups of students, by what they began with or by a roster's own columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from setback.analysis.figures.style import words
from setback.analysis.groups import EFFECT, INTERACTION, groups
from setback.analysis.report.policies import led_by
from setback.analysis.report.section import (
    Asked,
    Column,
    Section,
    Shown,
    Table,
    between,
    bracketed,
    many,
    number,
    sentence,
    text_column,
)
from setback.analysis.student_map import plainly
from setback.model.errors import InputError

TITLE = "For whom"
NO_GROUPS = (
    "No groups: the study kept means over whole classes only, so it does not say whom a policy helps or harms; a table "
    "[groups] in the study file tells students apart by what they began with or by a column of the roster "
    "(docs/studies.md)."
)


def groups_section(asked: Asked) -> Section:
    """Say what each policy does for each group, and how far that differs between groups."""
    results = asked.results
    if not results.study.get("groups"):
        return Section("groups", TITLE, absent=NO_GROUPS)
    outcome = led_by(results)
    try:
        found = groups(results, [outcome])
    except InputError as error:
        return Section("groups", TITLE, absent=sentence(str(error)))
    rows = found[found["kind"].isin([EFFECT, INTERACTION])].reset_index(drop=True)
    differs = rows[rows["kind"] == INTERACTION]
    told = differs[(differs["low"] > 0.0) | (differs["high"] < 0.0)]

    def value(row: Mapping[str, Any]) -> str:
        return number(row["value"], row["unit"], True) + bracketed(between(row["low"], row["high"], row["unit"]))

    labels = {str(by): list(dict.fromkeys(of["group"])) for by, of in found.groupby("by", sort=False)}

    def group(of: str) -> Shown:
        return lambda row: plainly(row["by"], row[of], labels[row["by"]])

    columns = (
        text_column("by", "told apart by"), Column("group", group("group"), is_number=False),
        Column("less the group", group("less_group"), is_number=False),
        text_column("policy"), text_column("less_policy", "less"), Column(f"effect on {words(outcome)}", value),
        text_column("unit"),
    )  # fmt: skip
    text = (
        f"What each policy does to {words(outcome)} within each group, in the same classes. A row with two groups says "
        "how far the effect differs between them; where its range holds 0, that it differs cannot be told.",
        f"The effect of a policy differs between groups by more than luck in {len(told)} of "
        f"{many(len(differs), 'comparison')}.",
    )
    caption = "Effects by group; in brackets, the range with other classes (95 of 100)."
    return Section("groups", TITLE, text, tables=(Table("groups", caption, rows, columns),))
