"""What became of what was claimed beforehand: the verdicts, and how they hold when the limits are moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from setback.analysis.report.policies import is_of_worlds
from setback.analysis.report.section import (
    Asked,
    Column,
    Picture,
    Section,
    Table,
    between,
    bracketed,
    many,
    named,
    number,
    number_column,
    text_column,
)
from setback.analysis.verdicts import VERDICTS, is_cycle_open, of_one_fit, over_the_cross, sentences
from setback.analysis.worlds import Verdict

#: How verdicts are reached, in words.
RULE = (
    "A claim is written into the study file before anything is run, with the least effect that counts (the limit). It "
    "is supported where the effect lies beyond the limit in nearly all worlds, refuted where it does in hardly any, "
    "and undecided between, or where other classes could turn the verdict."
)
NO_CLAIM = (
    "The study made no claim beforehand, so nothing was put to the test; a table [claim] in the study file states one "
    "(docs/studies.md)."
)


def verdicts_section(asked: Asked) -> Section:
    """Give the verdict on the study's claim, and those on predictions where these were measured."""
    results = asked.results
    found, claim = results.verdict(), results.study["claim"]
    tables, text = [], []
    if found is not None:
        text += [RULE, sentence(found, claim, is_cycle_open(results.study, asked.verdicts))]
        row = {
            "claim": _described(claim), "verdict": found.verdict, "share": found.share, "low": found.low,
            "high": found.high, "opposite": found.opposite, "mean": found.mean, "error": found.error,
            "spread": found.spread, "worlds": found.worlds,
        }  # fmt: skip
        unit = asked.results.unit(claim["outcome"])
        columns = (
            text_column("claim"), text_column("verdict"),
            number_column("share", "holds, % of worlds", "share", ("low", "high")),
            number_column("opposite", "opposite, % of worlds", "share"),
            number_column("mean", f"mean effect, {unit}", unit, signed=True),
            number_column("spread", f"differs between worlds by, {unit}", unit),
        )  # fmt: skip
        caption = "The claim; in brackets, the share of worlds with other classes of the same kind (95 of 100)."
        tables.append(Table("verdict", caption, pd.DataFrame([row]), columns))
    if len(results.predictions):
        tables.append(predictions_table(asked))
        text.append(
            "K1 to K6 are predictions of the vicious cycle (Kohn), P1 to P5 of productive failure (Kapur); "
            "docs/claims.md defines each."
        )
    if not tables:
        text.append(NO_CLAIM)
    text += filter(None, [of_one_fit(results.study, asked.verdicts)])
    pictures: tuple[Picture, ...] = ()
    if asked.verdicts is not None:
        both = both_claims(asked.verdicts)
        text, tables, pictures = [*text, *both.text], [*tables, *both.tables], both.pictures
    if not tables:
        return Section("verdicts", "Verdicts on what was claimed", absent=NO_CLAIM)
    return Section("verdicts", "Verdicts on what was claimed", tuple(text), tables=tuple(tables), pictures=pictures)


#: How verdicts on the two claims are reached, in words.
BOTH_RULES = (
    "Both claims were cut into predictions before anything was run (docs/claims.md): K1 to K6 of the vicious cycle "
    "(Kohn), P1 to P5 of productive failure (Kapur). Each is tried under the policies of the declared cross, in worlds "
    "that were fitted to the published evidence: it is supported where it holds in at least 95 % of them, refuted "
    "where it does in at most 5 %, else undecided. What the model decides before any fit gets no verdict (built in)."
)


def both_claims(found: pd.DataFrame) -> Section:
    """Give the verdicts on both claims, which are of the model and not of one study."""
    from setback.analysis.figures import verdicts_figure

    table = over_the_cross(found)
    columns = (
        text_column("prediction"), text_column("says"),
        Column("verdicts", lambda row: ", ".join(f"{word} {row[word]}" for word in VERDICTS if row[word]), False),
        Column("holds, % of fitted worlds", _holds, True),
        number_column("opposite", "opposite, at most, %", "share"),
        number_column("holds_without", "holds without a cycle, %", "share"),
        number_column("prior", "holds before any fit, %", "share"),
        Column("same with half and twice the mark", lambda row: f"{row['firm']} of {row['policies']}", True),
    )  # fmt: skip
    caption = "What became of each prediction, in how many policies of the cross; – where nothing is known."
    parts = Table("both-claims", caption, table, columns)
    picture = Picture("verdicts", "The same, policy by policy.", verdicts_figure(found))
    return Section("verdicts", "", (BOTH_RULES, *sentences(found)), tables=(parts,), pictures=(picture,))


def _holds(row: Mapping[str, Any]) -> str:
    """Give the least and the most share of a policy; one number where they are the same."""
    is_one = row["least"] == row["most"]
    return number(row["least"], "share") if is_one else between(row["least"], row["most"], "share")


def predictions_table(asked: Asked) -> Table:
    """Show the predictions of both claims beside their marks."""
    from setback.analysis.audit import overall, shares
    from setback.analysis.predictions import of_predictions

    results = asked.results
    names = list(results.study["predictions"])
    if is_of_worlds(results):
        frame = overall(shares(results.predictions, names))
        return Table(
            "predictions", "In which share of worlds each prediction holds, and in which its opposite does.", frame,
            (text_column("prediction"), text_column("says"), number_column("holds", "holds, % of worlds", "share"),
             number_column("opposite", "opposite, % of worlds", "share"), text_column("said", "which means")),
        )  # fmt: skip
    frame = of_predictions(results.predictions, names)
    return Table(
        "predictions", "The figures of each prediction and the mark beyond which it holds.",
        frame[frame["prediction"].notna()].reset_index(drop=True),
        (text_column("prediction"), text_column("says"), text_column("policy"),
         number_column("value", "figure", "", ("low", "high"), signed=True, digits=3), text_column("mark"),
         text_column("beyond", "of the interval beyond it")),
    )  # fmt: skip


def robustness_section(asked: Asked) -> Section:
    """Say what becomes of the verdict with half and twice the limit, and in how many worlds the opposite holds."""
    title = "How firmly the verdict stands"
    found, claim = asked.results.verdict(), asked.results.study["claim"]
    if found is None:
        return Section("robustness", title, absent=NO_CLAIM)
    unit, limit = asked.results.unit(claim["outcome"]), float(claim["beyond"])
    rows = [
        {"limit": size * limit, "which is": said, "verdict": verdict}
        for size, said, verdict in (
            (0.5, "half the limit", found.halved), (1.0, "the limit as stated", found.verdict),
            (2.0, "twice the limit", found.doubled),
        )
    ]  # fmt: skip
    # the limit is as the study states it: with all its digits
    columns = (text_column("which is", "limit"), number_column("limit", f"least effect that counts, {unit}", unit,
               digits=3), text_column("verdict"))  # fmt: skip
    text = [
        f"The verdict is {found.verdict}; with half the limit {found.halved}, with twice the limit {found.doubled}.",
        f"Beyond the limit on the other side lie {named(found.opposite, 'share')} of the worlds.",
    ]
    if found.error == found.error:
        text.append(
            f"The mean effect, {named(found.mean, unit, signed=True, digits=3)}, has a standard error of "
            f"{named(found.error, unit, digits=3)} by the luck of the classes."
        )
    else:
        text.append("With one room nothing is known of what other classes would do; take several in [rooms].")
    table = Table("robustness", "The verdict with other limits.", pd.DataFrame(rows), columns)
    return Section("robustness", title, tuple(text), tables=(table,))


def sentence(found: Verdict, claim: dict[str, object], is_open: bool = False) -> str:
    """Say the verdict in one sentence; where it is open whether there is a cycle, it holds within the fit alone."""
    within = " within this fit" if is_open else ""
    what = f"The claim stated beforehand, “{_described(claim)}”, is {found.verdict}{within}"
    if not found.worlds:
        return f"{what}: no world has its outcome in all rooms."
    others = between(found.low, found.high, "share")
    twice = f"; asked for twice as much it is {found.doubled}" if found.doubled != found.verdict else ""
    return (
        f"{what}: it holds in {named(found.share, 'share')} of {many(found.worlds, 'world')}"
        f"{bracketed(f'{others} with other classes') if others else ''}, and its opposite in "
        f"{number(found.opposite, 'share')} %{twice}."
    )


def _described(claim: dict[str, object]) -> str:
    against = f" less that under {claim['against']}" if claim["against"] else ""
    stated = f"{claim['outcome']} under {claim['policy']}{against} {claim['direction']} {claim['beyond']}"
    return str(claim["description"] or stated)
