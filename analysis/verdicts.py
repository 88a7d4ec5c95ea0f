"""The verdicts on the predictions of both claims, policy by policy, over worlds that go with the published evidence.

A prediction is *supported* under a policy where it holds in at least 95 % of the worlds, *refuted* where it does in at
most 5 %, else *undecided* (docs/claims.md). Two things stand before that: what the prior alone decides gets no verdict,
it is *built in*; and where the evidence cannot tell the fit with a cycle from one without, a verdict is what both say,
and where they do not say the same, the prediction is undecided, however sure the one of them is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from setback.analysis import fit as fits
from setback.analysis.audit import SIZES, overall, said, shares
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.predictions.cross import REFERENCE
from setback.experiments.predictions.predictions import PREDICTIONS
from setback.experiments.studies.folder import AUDIT_TABLE, VERDICTS_TABLE
from setback.model.errors import InputError
from setback.model.shipped import shipped

if TYPE_CHECKING:
    from setback.analysis.load import Results

#: The studies whose worlds are of the fit with a cycle, and of the one without.
STUDIES: Final = {fits.CYCLE: "verdicts", fits.NO_CYCLE: "verdicts-no-cycle"}
#: From which share of worlds on a prediction is supported, and up to which it is refuted.
SUPPORTED_FROM, REFUTED_UP_TO = 0.95, 0.05
#: The share of a mark below which the error of a mean effect is to lie.
FINE = 0.2
#: Worlds of which enough failures are known, of all, below which there is no verdict.
KNOWN = 0.5
SUPPORTED, REFUTED, UNDECIDED, BUILT_IN = VERDICTS = "supported", "refuted", "undecided", "built in"
#: Which of two fits the evidence speaks for; ``alike`` where it cannot tell them apart.
ALIKE: Final = "alike"


def audited() -> pd.DataFrame:
    """Give what the committed audit found before any fit: `setback.analysis.audit.shares` of study ``audit``."""
    return _shipped(AUDIT_TABLE)


def reference() -> pd.DataFrame:
    """Give the verdicts that ship, as `verdicts` gave them of the studies `STUDIES`."""
    return _shipped(VERDICTS_TABLE)


def _shipped(name: str) -> pd.DataFrame:
    path = shipped("setback.experiments") / "predictions" / name
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), keep_default_na=False, na_values=["NA"])


def written(found: pd.DataFrame) -> str:
    """Give verdicts, or the shares of an audit, as the text of a CSV file."""
    text: str = found.to_csv(index=False, lineterminator="\n", float_format="%.6g", na_rep="NA")
    return text


def of_results(cycle: Results, without: Results, evidence: str = ALIKE) -> pd.DataFrame:
    """Give the verdicts of two finished studies of the same predictions and policies.

    Args:
        cycle: a study over worlds of the fit with a cycle.
        without: the same over worlds of the one without.
        evidence: which fit the evidence speaks for (`nearer`).

    Raises:
        InputError: if one of them measured no predictions, or the two differ in predictions or policies.
    """
    for part, what in (("predictions", "predictions"), ("policies", "policies")):
        if list(cycle.study[part]) != list(without.study[part]):
            raise InputError(f"{cycle.folder} and {without.folder} have other {what}; verdicts need the same in both")
    draws = len(cycle.worlds), len(without.worlds)
    return verdicts(
        cycle.predictions, without.predictions, draws, list(cycle.study["predictions"]), audited(), evidence
    )


#: What is said of a study whose worlds are of one fit, with a cycle or without.
OTHER_FIT = {
    True: "Worlds fitted without a cycle, in which a failure causes no other, go with the published evidence as well, "
    "so whether there is a cycle (K1) is undecided.",
    False: "These worlds were fitted without a cycle, so that in them a failure causes no other; worlds fitted with "
    "one go with the published evidence as well, so whether there is a cycle (K1) is undecided.",
}


def has_cycle(study: Mapping[str, Any]) -> bool:
    """Say whether the numbers that a study holds leave the cycle at work (`setback.experiments.evidence.nulls`)."""
    held = NULLS[fits.NO_CYCLE].held
    return any(study["parameters"].get(name, value) != value for name, value in held.items())


def is_cycle_open(study: Mapping[str, Any], found: pd.DataFrame | None) -> bool:
    """Say whether the worlds of a study are of one fit, and another without or with a cycle does as well.

    Args:
        study: what was run.
        found: the verdicts on both claims, if there are any.
    """
    if found is None or study["worlds"]["design"] != "posterior":
        return False
    return bool(found[found["prediction"] == "K1"]["why"].str.endswith(NO_MORE).any())


def of_one_fit(study: Mapping[str, Any], found: pd.DataFrame | None) -> str:
    """Say that a study's worlds are not all that go with the evidence, where that leaves the cycle undecided.

    Args:
        study: what was run.
        found: the verdicts on both claims, if there are any.
    """
    return OTHER_FIT[has_cycle(study)] if is_cycle_open(study, found) else ""


def nearer(found: fits.Found) -> str:
    """Say which fit comes nearer to evidence that was left out, the one with a cycle or the one without, or `ALIKE`."""
    if fits.NO_CYCLE not in found.models:
        return ALIKE
    row = fits.scores(found).loc[fits.NO_CYCLE]
    if row["nearer_high"] < 0.0:
        return fits.CYCLE
    return fits.NO_CYCLE if row["nearer_low"] > 0.0 else ALIKE


def verdict(share: float) -> str:
    """Say what a share of worlds means.

    >>> [verdict(share) for share in (0.97, 0.95, 0.5, 0.05, 0.0)]
    ['supported', 'supported', 'undecided', 'refuted', 'refuted']
    """
    if share >= SUPPORTED_FROM:
        return SUPPORTED
    return REFUTED if share <= REFUTED_UP_TO else UNDECIDED


def verdicts(
    cycle: pd.DataFrame,
    without: pd.DataFrame,
    draws: tuple[int, int],
    names: Sequence[str],
    audit: pd.DataFrame,
    evidence: str = ALIKE,
) -> pd.DataFrame:
    """Give the verdict on each prediction under each policy under which it is tried.

    Args:
        cycle: rows of the predictions in worlds of the fit with a cycle (`setback.analysis.load.Results.predictions`).
        without: the same of the fit without one.
        draws: how many worlds each study has.
        names: names of `setback.experiments.predictions.predictions.PREDICTIONS`.
        audit: the shares of prior worlds (`audited`).
        evidence: which fit the evidence speaks for (`nearer`).

    Returns:
        prediction, policy, verdict (one of `VERDICTS`), why (in words, where the share alone does not say), halved and
        doubled (the verdict with marks of half and of twice the size), holds, opposite (shares of the worlds with a
        cycle in which it does, and in which its opposite does), holds_without (of the worlds without a cycle), prior
        (of the prior's), worlds (of which enough is known), draws, mean and error_of_mean of the first figure, unit,
        example and example_value (a world in which it fails).
    """
    prior = {row["prediction"]: float(row["holds"]) for row in overall(audit).to_dict("records")}
    by = ["prediction", "policy"]
    keyed = audit.set_index(by)
    fitted = {
        name: shares(rows, names).set_index(by)
        for name, rows in ((fits.CYCLE, cycle), (fits.NO_CYCLE, without))
    }  # fmt: skip
    of = dict(zip(fitted, draws))
    rows = []
    for key in dict.fromkeys([*fitted[fits.CYCLE].index, *fitted[fits.NO_CYCLE].index]):
        name, policy = (str(part) for part in key)
        built = said(prior[name]) if name in prior else "open"
        found = {
            fit: table.loc[key] if key in table.index and table.loc[key, "worlds"] >= KNOWN * of[fit] else None
            for fit, table in fitted.items()
        }
        with_cycle, other = found[fits.CYCLE], found[fits.NO_CYCLE]
        judged = {
            size: _judged(with_cycle, other, "holds" if size == "verdict" else size, evidence)
            for size in ("verdict", *SIZES)
        }
        (word, why) = judged["verdict"]
        if built != "open":
            word, why = BUILT_IN, built
        row: dict[str, Any] = {"prediction": name, "policy": policy, "verdict": word, "why": why}
        row |= {size: BUILT_IN if built != "open" else judged[size][0] for size in SIZES}
        mine = fitted[fits.CYCLE].loc[key] if key in fitted[fits.CYCLE].index else None
        for column in ("holds", "opposite", "worlds", "mean", "error_of_mean", "unit", "example", "example_value"):
            row[column] = None if mine is None else mine[column]
        row["holds_without"] = np.nan if other is None else other["holds"]
        row["prior"] = keyed.loc[key, "holds"] if key in keyed.index else np.nan
        rows.append(row | {"draws": draws[0]})
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = (
    "prediction", "policy", "verdict", "why", *SIZES, "holds", "opposite", "holds_without", "prior", "worlds", "draws",
    "mean", "error_of_mean", "unit", "example", "example_value",
)  # fmt: skip


def _judged(cycle: pd.Series | None, without: pd.Series | None, column: str, evidence: str) -> tuple[str, str]:
    """Give the verdict of the fits, and why where it is not what the share of worlds says."""
    words = {
        fit: None if row is None else verdict(float(row[column]))
        for fit, row in ((fits.CYCLE, cycle), (fits.NO_CYCLE, without))
    }  # fmt: skip
    if evidence != ALIKE:
        return words[evidence] or UNDECIDED, "" if words[evidence] else FEW
    mine, other = words[fits.CYCLE], words[fits.NO_CYCLE]
    if mine is None:
        return UNDECIDED, FEW
    if other is None:  # nothing of the kind happens there often enough to be measured
        return (mine, "") if mine == UNDECIDED else (UNDECIDED, "in worlds without a cycle too little of it is known")
    if mine in (other, UNDECIDED):
        return mine, ""
    return UNDECIDED, f"{mine} in worlds with a cycle, {other} in worlds without one, {NO_MORE}"


#: Why there is no verdict: two fits differ, or hardly anybody fails.
NO_MORE = "and the evidence tells no more"
FEW = "in too many worlds hardly anybody fails in such a way"


def over_the_cross(found: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of each prediction over the declared cross; the reference is not counted where there is more.

    Returns:
        prediction, says, claim, one column for each of `VERDICTS`, policies, holds (the least and the most of a policy,
        and the mean), opposite (the most), holds_without (the mean), prior (the mean), firm (in how many policies the
        verdict is the same with half and twice the mark).
    """
    rows = []
    for name, mine in found.groupby("prediction", sort=False):
        cross = mine[mine["policy"] != REFERENCE.name]
        cross = cross if len(cross) else mine
        same = (cross["verdict"] == cross["halved"]) & (cross["verdict"] == cross["doubled"])
        row = PREDICTIONS[str(name)]
        rows.append(
            {
                "prediction": name, "says": row.says, "claim": row.claim,
                **{word: int((cross["verdict"] == word).sum()) for word in VERDICTS}, "policies": len(cross),
                "least": cross["holds"].min(), "most": cross["holds"].max(), "holds": cross["holds"].mean(),
                "opposite": cross["opposite"].max(), "holds_without": cross["holds_without"].mean(),
                "prior": cross["prior"].mean(), "firm": int(same.sum()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def of_claims(found: pd.DataFrame) -> list[str]:
    """Say what became of the predictions that the two claims stand on: K1 of the cycle, P1 of struggling first."""
    table, text = over_the_cross(found).set_index("prediction"), []
    for name in ("K1", "P1"):
        if name in table.index:
            row = table.loc[name]
            counts = ", ".join(f"{word} under {row[word]}" for word in VERDICTS if row[word])
            text.append(f"{name}, that {row['says']}, is {counts} of {row['policies']} policies of the cross.")
    return text


def sentences(found: pd.DataFrame) -> list[str]:
    """Say in words what became of the two claims, and where the luck of classes leaves a mean unsure."""
    table = over_the_cross(found).set_index("prediction")
    text, by = of_claims(found), [*PREDICTIONS].index
    if split := sorted({str(name) for name in found.loc[found["why"].str.endswith(NO_MORE), "prediction"]}, key=by):
        text.append(
            "The published evidence cannot tell worlds with a cycle from worlds without one, so where the two differ a "
            f"prediction is undecided, however sure the one of them is: {', '.join(split)}."
        )
    words = {word: [str(name) for name in table.index if table.loc[name, word] == table.loc[name, "policies"]]
             for word in VERDICTS}  # fmt: skip
    for word in (SUPPORTED, REFUTED):
        if words[word]:
            text.append(f"{word.capitalize()} under every policy: {', '.join(words[word])}.")
    if words[BUILT_IN]:
        of_why = found[found["prediction"].isin(words[BUILT_IN])].groupby("why", sort=False)["prediction"].unique()
        decided = "; ".join(f"{why}: {', '.join(names)}" for why, names in of_why.items())
        text.append(f"Decided by the model before any fit, so that there is no verdict: {decided}.")
    wide = [is_wide(row) for row in found.to_dict("records")]
    if any(wide):
        counts = found.loc[wide, "prediction"].value_counts(sort=False)
        text.append(
            f"The mean effect has an error above a fifth of its mark, by the luck of classes, in {sum(wide)} of "
            f"{len(found)} rows: {', '.join(f'{name} ({count})' for name, count in counts.items())}."
        )
    return text


def is_wide(row: Mapping[Any, Any]) -> bool:
    """Say whether the error of a row's mean effect is more than a fifth of its mark (`FINE`)."""
    return bool(row["error_of_mean"] > FINE * PREDICTIONS[row["prediction"]].marks[0].delta)
