"""By whom, when and how: what one failure causes, told apart by one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from setback.analysis.breakdown import SHOWN, breakdown, claimed, is_told, named_parts
from setback.analysis.figures.breakdown import HEADS
from setback.analysis.figures.style import words
from setback.analysis.report.section import (
    Asked,
    Column,
    Picture,
    Section,
    Shown,
    Table,
    between,
    bracketed,
    number,
    sentence,
    text_column,
)
from setback.model.errors import InputError

TITLE = "By whom, when and how"
NO_TWINS = (
    "No twins: this study did not run any year twice, so what a failure causes cannot be told apart by whom, when and "
    "how; [twins] share = 0.6 in the study file adds them."
)
#: Digits behind the point, by estimand.
DIGITS = {"R_F": 2, "Lambda_F": 2, "V_F_unit": 3, "V_F_year": 3}


def section(asked: Asked) -> Section:
    """Break down what a failure causes under the policy of the claim, and count where the ends differ under all."""
    from setback.analysis.figures import breakdown_figure
    from setback.experiments.twins.effects import has_twins

    results = asked.results
    if not has_twins(results.study):
        return Section("breakdown", TITLE, absent=NO_TWINS)
    try:
        found = breakdown(results)
    except InputError as error:
        return Section("breakdown", TITLE, absent=sentence(str(error)))
    policy = claimed(results)
    mine = found[found["policy"] == policy]
    text = (
        f"What one failure causes under {policy}, told apart by one thing at a time: further failures within nine "
        "units (R_F), the margin of later tests (Λ_F, below 0 is worse), and knowledge at the next test and at the end "
        "of the year (V_F). Unless it says otherwise, it is of those who were failed.",
        "The second table sets the last part of each thing against the first, under every policy: that two ranges "
        "overlap does not say that they are alike. Of twenty such comparisons one differs by luck alone. Students of "
        "different groups differ in more than one thing, so that groups differ does not say why.",
    )
    picture = Picture("breakdown", f"The same as a figure, under {policy}.", breakdown_figure(mine, ""))
    return Section("breakdown", TITLE, text, tables=(_wide(mine), _ends(found)), pictures=(picture,))


def _wide(found: pd.DataFrame) -> Table:
    """Show a row a part of each thing, a column an estimand."""
    means = found[found["less"] == ""]
    rows = []
    for (thing, group), of in means.groupby(["by", "group"], sort=False):
        labels = list(dict.fromkeys(means[means["by"] == thing]["group"]))
        [name] = named_parts(str(thing), [str(group)], labels)
        row: dict[str, Any] = {"by": heads(str(thing)), "part": name + bracketed(of["bounds"].iloc[0])}
        for one in of.to_dict("records"):
            row |= {f"{one['estimand']}{end}": one[key] for end, key in _KEYS}
        rows.append(row | {"twins": int(of["twins"].max())})
    frame = pd.DataFrame(rows)
    columns = [
        Column(f"{row.symbol}, {row.unit}", _shown(row.name, row.unit)) for row in SHOWN if row.name in {*frame.columns}
    ]
    twins = Column("twins", lambda row: f"{row['twins']:,}")
    caption = (
        "What one failure causes, over the twins of all worlds together, so that worlds count by their failures and a "
        "mean differs from that over worlds alike; in brackets, the range with other classes and worlds (95 of 100); "
        "? where fewer than 30 pairs of twins stand behind it."
    )
    return Table("breakdown", caption, frame, (text_column("by"), text_column("part"), *columns, twins))


_KEYS = (("", "value"), (" low", "low"), (" high", "high"), (" few", "few"))


def _shown(name: str, unit: str) -> Shown:
    def show(row: Mapping[str, Any]) -> str:
        if pd.isna(row[name]):
            return ""
        interval = between(row[f"{name} low"], row[f"{name} high"], unit, DIGITS[name])
        few = " ?" if row[f"{name} few"] else ""
        return number(row[name], unit, signed=True, digits=DIGITS[name]) + bracketed(interval) + few

    return show


def _ends(found: pd.DataFrame) -> Table:
    """Count the policies under which the last part of a thing has more further failures than the first, or fewer."""
    apart = found[(found["estimand"] == "R_F") & (found["less"] != "")]
    rows = []
    for thing, of in apart.groupby("by", sort=False):
        labels = [of["less"].iloc[0], *dict.fromkeys(of["group"])]
        last = of[(of["group"] == labels[-1]) & of["value"].notna()]
        if not len(last):
            continue
        told = last[is_told(last)]
        first, end = named_parts(str(thing), [labels[0], labels[-1]], labels)
        counts = {"more": int((told["value"] > 0.0).sum()), "fewer": int((told["value"] < 0.0).sum())}
        row = {"by": heads(str(thing)), "last": end, "first": first, **counts}
        rows.append(row | {"untold": int(len(last) - sum(counts.values()))})
    columns = (
        text_column("by"), text_column("last", "of these"), text_column("first", "set against these"),
        Column("more further failures", lambda row: str(row["more"])),
        Column("fewer", lambda row: str(row["fewer"])), Column("cannot be told", lambda row: str(row["untold"])),
    )  # fmt: skip
    caption = (
        "Under how many policies a failure causes more further ones, or fewer, in the last part than in the first."
    )
    return Table("breakdown-ends", caption, pd.DataFrame(rows, columns=ENDS), columns)


ENDS = ["by", "last", "first", "more", "fewer", "untold"]


def heads(thing: str) -> str:
    """Name a thing as people read it."""
    return HEADS.get(thing, words(thing)).replace("\n", " ")
