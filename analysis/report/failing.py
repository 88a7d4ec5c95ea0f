"""What a failure causes: whether failing breeds failing, and whether an error teaches, policy by policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from setback.analysis.load import Results
from setback.analysis.report.policies import is_of_worlds
from setback.analysis.report.section import (
    Asked,
    Column,
    Picture,
    Section,
    Table,
    between,
    lowered,
    many,
    named,
    number,
    number_column,
    text_column,
)

#: What is shown: kind of flip, estimand, what it is in words, its unit, digits.
SHOWN = (
    ("line", "R_F", "being failed: further failures", "failures", 2),
    ("label", "R_F", "the verdict alone: further failures", "failures", 2),
    ("criterion", "R_F", "falling short: further failures", "failures", 2),
    ("practice", "V_F_unit", "an error at practice: knowledge at the next test", "SD", 3),
)
TITLE = "What a failure causes"
#: What the figures are, in words.
MEANING = (
    "A failure is followed by others for many reasons: those who fail may have known less to begin with. To see what "
    "the failure itself causes, the model runs a student's year twice with the same luck in everything but one "
    "outcome (a pair of twins) and compares what follows.",
    "Further failures (written R_F): how many more results below the criterion in the next nine weeks come of one. "
    "Above 0, failing breeds failing; below 0, it puts students on their guard. Knowledge (written V_F): what one "
    "error at practice does to conceptual knowledge at the next test. Above 0, failing is learning.",
)


def table(entries: list[dict[str, Any]]) -> Table:
    """Show what one failure causes, a row a policy, with 95 % intervals."""
    turned = [shown for shown in SHOWN if any(shown[0] in entry for entry in entries)]
    rows = []
    for entry in entries:
        row: dict[str, Any] = {"policy": entry["policy"]}
        for flip, estimand, *_ in turned:
            found = entry[flip]["spared"][estimand] if flip in entry else {}
            for what in ("value", "low", "high", "n", "few"):
                row[f"{flip} {estimand} {what}"] = found.get(what)
        rows.append(row)
    columns = [
        number_column(f"{flip} {estimand} value", said if unit == "failures" else f"{said}, {unit}", unit,
                      (f"{flip} {estimand} low", f"{flip} {estimand} high"), signed=True, digits=digits)
        for flip, estimand, said, unit, digits in turned
    ]  # fmt: skip
    caption = "What one failure causes, with the range for 95 of 100 such studies; –: nothing of the kind happens."
    return Table("failing", caption, pd.DataFrame(rows), (text_column("policy"), *columns))


def section(asked: Asked) -> Section:
    """Show what one failure causes under every policy."""
    from setback.analysis.figures import claims_figure

    results = asked.results
    if not len(results.twins):
        return Section("failing", TITLE, absent=NO_TWINS)
    if is_of_worlds(results):
        found = of_worlds(results)
        answers = breeds_over_worlds(found), teaches_over_worlds(found), FEW_TWINS if found["few"].any() else ""
        text = (*MEANING, *filter(None, answers))
        return Section("failing", TITLE, text, tables=(worlds_table(found),))
    entries = results.claims()
    few = [
        f"{shown[2]} under {entry['policy']}"
        for entry in entries for shown in SHOWN
        if shown[0] in entry and entry[shown[0]]["spared"][shown[1]]["few"]
        and entry[shown[0]]["spared"][shown[1]]["n"]
    ]  # fmt: skip
    said = tuple(filter(None, (breeds(entries), teaches(entries))))
    if few:
        said += (
            f"Too few twins stand behind {len(few)} of the figures to say anything, as {few[0]}; a larger share in "
            "[twins] of the study file, or more rooms, would tell.",
        )
    picture = Picture(
        "failing", "The same as a figure, all twins whose failure was spared.", claims_figure(entries, "")
    )
    return Section("failing", TITLE, (*MEANING, *said), tables=(table(entries),), pictures=(picture,))


NO_TWINS = (
    "No twins: this study did not run any year twice, so it says how many fail, and not what failing causes; "
    '[twins] share = 0.1 in the study file adds them, or run "setback estimate".'
)
#: What is said of figures with a question mark.
FEW_TWINS = "A question mark stands where too few twins are behind a figure to say anything; a larger share tells."


def of_worlds(results: Results) -> pd.DataFrame:
    """Give what a failure causes over the worlds: one row a policy and effect of those that are shown."""
    found = results.estimands()
    asked = {f"{estimand}.{flip}" if flip != "line" else estimand: (said, unit, digits)
             for flip, estimand, said, unit, digits in SHOWN}  # fmt: skip
    mine = found[found["estimand"].isin(asked)].reset_index(drop=True)
    said = [asked[name] for name in mine["estimand"]]
    return mine.assign(what=[of[0] for of in said], digits=[of[2] for of in said])


def worlds_table(found: pd.DataFrame) -> Table:
    """Show what one failure causes on average over the worlds, a row a policy and kind of failure."""

    def value(row: Mapping[str, Any]) -> str:
        text = number(row["mean"], row["unit"], signed=True, digits=row["digits"])
        interval = between(row["low"], row["high"], row["unit"], row["digits"])
        return text + (f" ({interval})" if interval else "") + (" ?" if row["few"] else "")

    columns = (
        text_column("policy"), text_column("what", "one failure"), Column("causes, on average", value),
        text_column("unit"),
        Column("differs between worlds by",
               lambda row: number(row["spread"], row["unit"], digits=row["digits"])),
        number_column("worlds", "worlds", digits=0),
    )  # fmt: skip
    caption = (
        "What one failure causes, averaged over the worlds, each counting alike; in brackets, the range with other "
        "classes."
    )
    return Table("failing", caption, found, columns)


def breeds_over_worlds(found: pd.DataFrame) -> str:
    """Say where being failed breeds failures, on average over the worlds."""
    if (mine := _most_over_worlds(found, "R_F", "failures", 2)) is None:
        return "In no policy do enough twins stand behind a figure to say whether failing breeds failing."
    return f"On average over the worlds {lowered(_bred('Being failed', *mine))}."


def teaches_over_worlds(found: pd.DataFrame) -> str:
    """Say where an error at practice teaches, on average over the worlds; nothing where there are no twins of it."""
    mine = _most_over_worlds(found, "V_F_unit.practice", "SD", 3)
    return "" if mine is None else f"{_taught(*mine)}."


def _most_over_worlds(
    found: pd.DataFrame, estimand: str, unit: str, digits: int
) -> tuple[str, str, int, int, int] | None:
    """Give the largest figure and its policy, of how many, and how many ranges lie above and below 0."""
    mine = found[(found["estimand"] == estimand) & found["mean"].notna() & ~found["few"]]
    if not len(mine):
        return None
    most = mine.iloc[int(mine["mean"].argmax())]
    above, below = int((mine["low"] > 0.0).sum()), int((mine["high"] < 0.0).sum())
    value = _value({str(name): x for name, x in most.items()}, unit, digits, "mean")
    spread = named(most.get("spread"), "" if unit == "failures" else unit, digits=digits)
    return f"{value}, worlds differ by {spread}", str(most["policy"]), len(mine), above, below


def breeds(entries: list[dict[str, Any]]) -> str:
    """Say where being failed breeds failures, or falling short where nobody is told; and the largest figure."""
    what, found = "Being failed", _known(entries, "line", "R_F")
    if not found:
        what, found = "Falling short", _known(entries, "criterion", "R_F")
    if not found:
        return ""
    name, most = max(found, key=lambda pair: pair[1]["value"])
    above = sum(of["low"] is not None and of["low"] > 0.0 for _, of in found)
    below = sum(of["high"] is not None and of["high"] < 0.0 for _, of in found)
    return f"{_bred(what, _value(most, 'failures', 2), name, len(found), above, below)}."


def _bred(what: str, value: str, name: str, count: int, above: int, below: int) -> str:
    among = " that fail anybody" if what == "Being failed" and count > 1 else ""
    said = (
        f"{what} breeds failing under {above or 'none'} of {many(count, 'policy')}{among}; one failure causes most "
        f"further ones within nine weeks under {name}, {value}"
    )
    return said + _other(below, count - above - below, "it makes them fewer")


def _other(below: int, open_: int, does: str) -> str:
    """Say under how many policies a range lies below 0, and under how many it holds 0."""
    rest = (f"{does} under {below}" if below else "", f"the 95 % range holds 0 under {open_}" if open_ else "")
    said = " and ".join(filter(None, rest))
    return f"; {said}" if said else ""


def teaches(entries: list[dict[str, Any]]) -> str:
    """Say where an error at practice teaches, and the largest figure."""
    found = _known(entries, "practice", "V_F_unit")
    if not found:
        return ""
    name, most = max(found, key=lambda pair: pair[1]["value"])
    above = sum(of["low"] is not None and of["low"] > 0.0 for _, of in found)
    below = sum(of["high"] is not None and of["high"] < 0.0 for _, of in found)
    return f"{_taught(_value(most, 'SD', 3), name, len(found), above, below)}."


def _taught(value: str, name: str, count: int, above: int, below: int) -> str:
    said = (
        f"An error at practice teaches under {above or 'none'} of {many(count, 'policy')}; one changes knowledge at "
        f"the next test most under {name}, by {value}"
    )
    return said + _other(below, count - above - below, "it costs knowledge")


def _known(entries: list[dict[str, Any]], flip: str, estimand: str) -> list[tuple[str, dict[str, Any]]]:
    found = ((str(entry["policy"]), entry[flip]["spared"][estimand]) for entry in entries if flip in entry)
    return [(name, of) for name, of in found if of["value"] is not None]


def _value(of: Mapping[Any, Any], unit: str, digits: int, mean: str = "value") -> str:
    value = named(of[mean], "" if unit == "failures" else unit, signed=True, digits=digits)
    interval = between(of["low"], of["high"], unit, digits)
    return f"{value} ({interval})" if interval else value
