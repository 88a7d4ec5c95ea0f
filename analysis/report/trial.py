"""What a trial in schools would need: classes in each arm, for policies that ship, and how to plan another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from setback.analysis.report.section import (
    Asked,
    Column,
    Section,
    Table,
    between,
    bracketed,
    number,
    number_column,
    text_column,
)
from setback.analysis.trials_needed import count, reference, sentences

MEANING = (
    "Nothing here is evidence about schools; a trial would be. Of the model as it ships, whatever this study runs: how "
    "many classes it takes in each arm to see what the second policy does, against the first, in four trials of five. "
    "The first number is a lower bound, as no teachers or schools differ in the model; the second, without the opening "
    "score, an upper one: plan between the two."
)
OTHERS = (
    "Of other policies, outcomes or a roster of yours: setback power --policies A B --outcome learning. Which "
    "measurements would tell a cycle of failing from lasting differences between students: setback power --separate."
)


def section(_: Asked) -> Section:
    """Show the trials that were planned."""
    found = reference()

    def classes(name: str) -> Column:
        return Column({"classes": "classes in each arm", "unadjusted": "without the opening score"}[name],
                      lambda row: count(row[name]))  # fmt: skip

    def effect(row: Mapping[str, Any]) -> str:
        ends = between(row["effect_low"], row["effect_high"], "SD")
        return number(row["effect"], "SD", signed=True) + bracketed(ends)

    columns = (
        text_column("second", "policy"), text_column("first", "against"), text_column("outcome"), classes("classes"),
        classes("unadjusted"), Column("effect, SD of students", effect),
        number_column("above", "above 0, % of worlds", "share", digits=0),
        number_column("low", "power in the worst tenth of worlds", "", digits=2),
    )  # fmt: skip
    caption = "What a trial would need; in brackets, the middle 80 % of worlds."
    return Section(
        "trial", "What a trial would need", (MEANING, *sentences(found), OTHERS),
        tables=(Table("trial", caption, found, columns),),
    )  # fmt: skip
