"""What was tried, and what came of it: the policies in words, and every outcome under each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from setback.analysis.estimate import clusters, mean
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, STYLE, axis, words
from setback.analysis.load import Results
from setback.analysis.report.section import (
    NEVER_BROKEN,
    Asked,
    Column,
    Picture,
    Section,
    Table,
    between,
    bracketed,
    head,
    in_words,
    is_share,
    listed,
    number,
    number_column,
    text_column,
)
from setback.model.outcomes import OUTCOMES
from setback.model.policies import GROUPS, PARTS, REFERENCE

#: What is shown of policies, the first of each row that was kept; all that was kept is in the CSV file.
SHOWN = (
    ("learning", "unit_test", "learning_procedural"), ("achievement_gap",), ("failing_grade_told_rate",),
    ("helpless_or_stopped", "helpless", "discouraged"), ("dropout",), ("units_reached",), ("teacher_time",),
)  # fmt: skip
#: What is said of students who gave up, the first that was kept.
GIVEN_UP = ("helpless_or_stopped", "helpless", "discouraged", "dropout")
#: The most policies of a table on the front page; of more, those at both ends are shown.
FRONT = 10


def is_of_worlds(results: Results) -> bool:
    """Say whether a study has several worlds."""
    return len(results.worlds) > 1


def led_by(results: Results) -> str:
    """Name the outcome that the report is about: the claim's, else learning, else the first that was kept."""
    claim, kept = results.study["claim"], list(results.study["keep"]["outcomes"])
    asked = [claim["outcome"]] if claim else []
    return next((name for name in (*asked, "learning") if name in kept), kept[0])


def shown(results: Results) -> list[str]:
    """Name the outcomes that tables and figures show, what the report is about first."""
    kept = results.study["keep"]["outcomes"]
    found = [next((name for name in row if name in kept), "") for row in SHOWN]
    return [*dict.fromkeys([led_by(results), *filter(None, found)])]


def outcomes(results: Results) -> pd.DataFrame:
    """Give one row a policy and outcome: ``unit``, ``mean``, and what is known of how sure it is.

    Of several worlds these are ``spread`` (SD between worlds), ``lowest`` and ``highest``; of one, ``low`` and
    ``high``, the 95 % interval over classes.
    """
    if is_of_worlds(results):
        return results.summary()
    rows = [
        {"policy": entry["policy"], "outcome": name, "unit": of["unit"], "mean": of["value"]}
        | {end: of[end] for end in ("low", "high")}
        for entry in results.claims()
        for name, of in entry["outcomes"].items()
    ]
    return pd.DataFrame(rows).astype({"mean": float, "low": float, "high": float})


def by_policy(results: Results, outcome: str) -> pd.Series:
    """Give the mean of an outcome by policy, the highest first."""
    found = outcomes(results)
    mine = found[found["outcome"] == outcome].set_index("policy")["mean"].dropna()
    return mine.sort_values(ascending=False, kind="stable")


def apart(results: Results, outcome: str, policy: str) -> pd.DataFrame:
    """Give every other policy less this one in a study of one world: the same classes, with an interval over them.

    Returns:
        One row a policy: policy, against, outcome, unit, ``difference``, ``low``, ``high``.
    """
    rows = results.rows.astype({"policy": str})
    first = rows[rows["policy"] == policy].set_index("room")
    found = []
    for name in results.policies.index:
        second = rows[rows["policy"] == str(name)].set_index("room")
        if str(name) == policy:
            continue
        change = (second[outcome] - first[outcome]).dropna()
        effect = mean(change, first[clusters(rows)][change.index], first["students"][change.index])
        found.append(
            {"policy": str(name), "against": policy, "outcome": outcome, "unit": results.unit(outcome)}
            | {"difference": effect.value, "low": effect.low, "high": effect.high}
        )
    columns = ["policy", "against", "outcome", "unit", "difference", "low", "high"]
    return pd.DataFrame(found, columns=columns).sort_values("difference", kind="stable")


# ---- sections ----------------------------------------------------------------------------------------------
def outcomes_section(asked: Asked) -> Section:
    """Show the policies in words and what came of each."""
    results = asked.results
    names = shown(results)
    how = (
        "Each number is the mean over all worlds; behind ± stands how much it differs between worlds (one standard "
        "deviation), which is what nobody knows about schools, not luck."
        if is_of_worlds(results)
        else "Each number is the mean over all students; in brackets stands the range in which it would lie in 95 of "
        "100 such studies with other classes of the same kind."
    )
    meaning = (
        f"{words(name).capitalize()}: {OUTCOMES[name].description}."
        for name in names
        if name in OUTCOMES and words(name) != OUTCOMES[name].description
    )
    return Section(
        "outcomes", "What came of each policy",
        (how, "SD is the spread of students in a year-end test: 0.10 SD is a small difference, 0.50 SD a large one.",
         " ".join(meaning)),
        tables=(parts_table(results), outcomes_table(results)),
        pictures=(
            Picture("outcomes", _said_of_figure(results), outcomes_figure(outcomes(results), names[:1] + [
                name for name in names if name in GIVEN_UP][:1])),
        ),
    )  # fmt: skip


def _said_of_figure(results: Results) -> str:
    return (
        "Dots: means over the worlds; thick lines: one standard deviation between worlds; thin: lowest to highest."
        if is_of_worlds(results)
        else "Dots: means over students; lines: 95 % intervals over classes."
    )


def parts_table(results: Results) -> Table:
    """Say in words what each part of the policies is."""
    used = [str(part) for group in GROUPS if group in results.policies for part in results.policies[group].unique()]
    rows = [
        {"part": name, "group": PARTS[name].group if name in PARTS else "of this study's own",
         "what it is": PARTS[name].description if name in PARTS else "see the study file below"}
        for name in dict.fromkeys(used)
    ]  # fmt: skip
    return Table(
        "parts", "What the policies are made of: one part each of grading, pacing, sequence, support and climate.",
        pd.DataFrame(rows, columns=["part", "group", "what it is"]),
        tuple(text_column(name) for name in ("part", "group", "what it is")),
    )  # fmt: skip


def outcomes_table(results: Results) -> Table:
    """Show each policy's outcomes beside one another, the policy with the most of the first one on top."""
    return Table(
        "outcomes", "Outcomes by policy, in the order of the first column.", _wide(results),
        (text_column("policy"), *(_outcome_column(name, results.unit(name)) for name in shown(results))),
    )  # fmt: skip


def front_table(results: Results) -> Table:
    """Show the means alone, as many policies as a page has room for."""
    frame = _wide(results)
    left = len(frame) - FRONT
    part = pd.concat([frame[: FRONT // 2], frame[-FRONT // 2 :]]) if left > 0 else frame
    more = f"; the {left} policies between them are in the full table" if left > 0 else ""
    columns = [
        number_column(name, head(name, results.unit(name)), results.unit(name), is_drawn=True)
        for name in shown(results)[:6]
    ]
    parts = listed(str(name) for name in REFERENCE)
    caption = f"What came of each policy, on average{more}. What a name leaves out is as in the reference: {parts}."
    return Table("front", caption, part, (text_column("policy"), *columns))


def _wide(results: Results) -> pd.DataFrame:
    """Give one row a policy and one column an outcome, and another for each thing that is known of how sure it is."""
    found = outcomes(results)
    order = [*by_policy(results, led_by(results)).index]
    order += [str(name) for name in results.policies.index if name not in order]
    columns: dict[str, Any] = {"policy": order}
    for name in results.study["keep"]["outcomes"]:
        mine = found[found["outcome"] == name].set_index("policy").reindex(order)
        columns[name] = mine["mean"].to_numpy(float)
        for what in (column for column in ("spread", "lowest", "highest", "low", "high") if column in mine):
            columns[f"{name} {what}"] = mine[what].to_numpy(float)
    return pd.DataFrame(columns)


def _outcome_column(name: str, unit: str) -> Column:
    def show(row: Mapping[str, Any]) -> str:
        if f"{name} spread" in row:
            spread = number(row[f"{name} spread"], unit)
            return f"{number(row[name], unit)} ± {spread}".replace(" ", NEVER_BROKEN)
        return number(row[name], unit) + bracketed(between(row[f"{name} low"], row[f"{name} high"], unit))

    return Column(head(name, unit), show)


def pairs_section(asked: Asked) -> Section:
    """Show every policy against the one that leads, in the same classes."""
    results, outcome = asked.results, led_by(asked.results)
    title = "The decision table"
    if len(results.policies) < 2:
        return Section("decision", title, absent=ONE_POLICY)
    if is_of_worlds(results):
        return _decided(asked, title)
    leader = str(by_policy(results, outcome).index[0])
    unit = results.unit(outcome)
    difference = number_column("difference", f"{head(outcome, unit)}, difference", unit, ("low", "high"), signed=True)
    table = Table(
        "decision", f"Every other policy less {leader}, in the same classes with the same luck.",
        apart(results, outcome, leader).iloc[::-1].reset_index(drop=True), (text_column("policy"), difference),
    )  # fmt: skip
    text = (
        f"Against {leader}, under which {words(outcome)} is highest. In brackets stands the range of the difference "
        "with other classes of the same kind (95 of 100); where it holds 0 the two cannot be told apart.",
    )
    return Section("decision", title, text, tables=(table,))


def _decided(asked: Asked, title: str) -> Section:
    """Show the decision table of several worlds: how often each policy is best, regret, and every pair."""
    from setback.analysis.figures import decision_figure

    found, why = asked.decided
    if found is None:
        return Section("decision", title, absent=why)
    unit = found.judge.unit
    policies = Table(
        "decision", "Each policy over all worlds, the one that falls behind least on top.",
        found.policies.rename_axis("policy").reset_index(),
        (text_column("policy"), number_column("mean", f"{words(found.judge.name)}, {unit}", unit, digits=3),
         number_column("best", "best in, % of worlds", "share"),
         number_column("regret", f"mean regret, {unit}", unit, digits=3),
         number_column("largest_regret", f"largest regret, {unit}", unit, digits=3),
         Column("on the front", lambda row: "yes" if row["front"] else "no", is_number=False)),
    )  # fmt: skip
    judged = found.pairs[found.pairs["outcome"] == found.judge.name].reset_index(drop=True)
    columns = [
        text_column("second", "policy"), text_column("first", "less"),
        number_column("difference", f"{words(found.judge.name)}, {unit}", unit, ("low", "high"), signed=True),
        number_column("second_better", "better in, % of worlds", "share"),
        number_column("first_better", "worse in, % of worlds", "share"),
    ]  # fmt: skip
    if judged["better_off"].notna().any():
        columns += [
            number_column("better_off", f"{found.of} better off, %", "share"),
            number_column("worse_off", f"{found.of} worse off, %", "share"),
        ]
    pairs = Table(
        "pairs", "Every pair of policies in the same worlds and rooms; in brackets, the range with other classes.",
        judged, tuple(columns),
    )  # fmt: skip
    text = (
        "Regret is how far a policy falls behind the best one of a world: what it costs to have chosen it where "
        "another would have been better. On the front means that no other policy does as well on every aim ("
        f"{listed(map(words, found.objectives))}) and better on one.",
        *map(in_words, found.sentences()),
    )
    picture = Picture("decision", "The decision table as a figure.", decision_figure(found))
    return Section("decision", title, text, tables=(policies, pairs), pictures=(picture,))


#: Why a single policy is compared with nothing.
ONE_POLICY = (
    "One policy was run, so there is nothing to choose between; name another in [policies] of the study file and run "
    "it again: only what is new is computed."
)


def outcomes_figure(found: pd.DataFrame, names: list[str]) -> Figure:
    """Draw outcomes by policy, side by side on one line each.

    Args:
        found: as `outcomes` gives it.
        names: the outcomes, a panel each; policies stand in the order of the first.
    """
    first = found[found["outcome"] == names[0]].sort_values("mean", na_position="first", kind="stable")
    order = [str(name) for name in first["policy"]]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 0.9 + 0.27 * len(order)), layout="constrained")
        axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for k, (ax, name) in enumerate(zip(axes, names)):
            rows = found[found["outcome"] == name].set_index("policy").reindex(order)
            unit = str(rows["unit"].iloc[0])
            size = 100.0 if is_share(unit) else 1.0
            at = np.arange(len(order))
            value = size * rows["mean"].to_numpy(float)
            if "spread" in rows:
                ax.hlines(at, size * rows["lowest"], size * rows["highest"], color=COLOURS[k], linewidth=0.8)
                spread = size * rows["spread"].to_numpy(float)
                ax.hlines(at, value - spread, value + spread, color=COLOURS[k], linewidth=2.6, alpha=0.6)
            else:
                ax.hlines(at, size * rows["low"], size * rows["high"], color=COLOURS[k], linewidth=1.6)
            ax.plot(value, at, "os"[k % 2], color=COLOURS[k], markersize=5)
            ax.set_yticks(at, [name.replace("+", " + ") for name in order])
            ax.set_ylim(-0.6, len(order) - 0.4)
            said = f"%{unit.removeprefix('share')}" if size > 1.0 else ""
            ax.set_xlabel(axis(name, said))
            ax.grid(axis="y", visible=False)
    return figure
