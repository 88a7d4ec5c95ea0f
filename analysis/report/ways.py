"""Through what a failure does what it does, and who recovers: what was measured in the reference cell beside verdicts.

Both are of the model and ship with it, as the verdicts do: studies ``mediation`` and ``switch``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from setback.analysis import mediation, switch
from setback.analysis.report.section import (
    Asked,
    Column,
    Picture,
    Section,
    Shown,
    Table,
    between,
    bracketed,
    is_share,
    number,
    number_column,
    text_column,
)
from setback.experiments.twins.estimands import ESTIMANDS

TITLE = "Through what a failure works, and who recovers"
#: What is taken apart, and how, in words.
MEANING = (
    "Of the model as it ships, whatever this study runs: under the reference policy, in worlds that were fitted to the "
    "published evidence. A failure reaches a student in six ways at once: what is blamed for it (attribution), what is "
    "expected next, control, affect, learning from the error, and classmates. In years that were run again each of "
    "these was told of the failure or of the pass, in every combination; a share is what one of them adds, averaged "
    "over all orders (Shapley value)."
)


def section(_: Asked) -> Section:
    """Show the shares of the receivers, and what becomes of students after half a year under high pressure."""
    from setback.analysis.figures import mediation_figure

    parts, after = mediation.reference(), switch.reference()
    text = (MEANING, *mediation.sentences(parts), *switch.sentences(after))
    picture = Picture("ways", "Each effect of a failure, taken apart.", mediation_figure(parts))
    return Section("ways", TITLE, text, tables=(_parts(parts), _after(after)), pictures=(picture,))


def _parts(found: pd.DataFrame) -> Table:
    """Show a row an effect and part of it."""
    columns = (
        Column("effect", lambda row: f"{ESTIMANDS[row['estimand']].symbol}, {row['unit']}", False),
        Column("which part", mediation.name_of, False),
        Column("value", _value("value", "low", "high")),
        number_column("part", "of the whole, %", "share", digits=0),
        Column("first in", _value("first", "first_low", "first_high")),
        Column("last in", _value("last", "last_low", "last_high")),
    )
    over = f"{int(found['draws'].max())} {found['over'].iloc[0]}"
    caption = (
        f"Each effect of a failure, taken apart; in brackets, 95 % over {over}. First in: with all others told of the "
        "pass; last in: with all others told of the failure."
    )
    return Table("mediation", caption, found, columns)


def _value(name: str, low: str, high: str) -> Shown:
    def show(row: Mapping[str, Any]) -> str:
        if pd.isna(row[name]):
            return ""
        return number(row[name], "", signed=True, digits=3) + bracketed(between(row[low], row[high], "", 3))

    return show


def _after(found: pd.DataFrame) -> Table:
    """Show a row a figure of the switch, a column a quota."""
    wide = [
        {"figure": figure, "unit": of["unit"].iloc[0], **{str(row["quota"]): row for row in of.to_dict("records")}}
        for figure, of in found.groupby("figure", sort=False)
    ]
    columns = (text_column("figure", "what"), *(Column(said, _of_quota(said)) for said in switch.SAID.values()),
               text_column("unit", "of"))  # fmt: skip
    caption = (
        "Half a year under high pressure, then low pressure to week 108, against low pressure throughout: by how the "
        "curve fails students; in brackets, 95 %."
    )
    return Table("switch", caption, pd.DataFrame(wide), columns, kept=found)


def _of_quota(said: str) -> Shown:
    def show(row: Mapping[str, Any]) -> str:
        of = row[said]
        interval = bracketed(between(of["low"], of["high"], of["unit"]))
        return f"{number(of['value'], of['unit'])}{' %' if is_share(of['unit']) else ''}{interval}"

    return show
