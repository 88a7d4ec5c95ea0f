"""For whom it holds: groups of students, by what they began with or by a roster's own columns."""

from __future__ import annotations

import pandas as pd

from setback.analysis.figures.style import words
from setback.analysis.groups import EFFECT, INTERACTION, MEAN, MOST_POLICIES, groups, named, nobody
from setback.analysis.report.policies import by_policy, led_by
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
from setback.experiments.studies.groups import of_students

TITLE = "For whom"
#: The most groups that stand side by side.
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
    kept = of_students(results.study["keep"]["outcomes"])
    outcome = next(name for name in (led_by(results), *kept) if name in kept)
    found = groups(results, [outcome])
    differs = found[(found["kind"] == INTERACTION) & found["low"].notna()]
    of_all = f"What each policy does to {words(outcome)} within each group, in the same classes."
    of_one = f"The study has one policy: {words(outcome)} within each group under it."
    compared = (
        f"The effect of a policy differs between groups by more than luck in {int(_is_told(differs).sum())} of "
        f"{many(len(differs), 'comparison')}."
    )
    ends = _ends(found, [str(policy) for policy in by_policy(results, outcome).index])
    empty = (sentence(said) for said in nobody(found, int(results.study["worlds"]["count"])))
    said = (
        f"As a figure; of more than {MOST_POLICIES} policies the best, the worst and those whose effects differ most."
    )
    return Section(
        "groups",
        TITLE,
        (of_all, *ends, compared, *empty) if (found["kind"] == INTERACTION).any() else (of_one, *empty),
        tables=tuple(_table(k, of) for k, (_, of) in enumerate(found.groupby("by", sort=False), 1)),
        pictures=(Picture("groups", said, groups_figure(found, "")),),
    )


def _ends(found: pd.DataFrame, order: list[str]) -> tuple[str, ...]:
    """Say what the policy that leads does for the first and the last group of each grouping; nothing where none is."""
    effects = found[(found["kind"] == EFFECT) & found["value"].notna()]
    leader = next((policy for policy in order if policy in {*effects["policy"]}), "")
    said = []
    for by, of in effects[effects["policy"] == leader].groupby("by", sort=False):
        labels = list(dict.fromkeys(found.loc[found["by"] == by, "group"]))
        ends = [
            f"{plainly(str(by), row['group'], labels)} {number(row['value'], row['unit'], signed=True)} {row['unit']}"
            f"{bracketed(between(row['low'], row['high'], row['unit']))}"
            for row in of.iloc[[0, -1]].to_dict("records")
        ]
        said.append(f"by {named(str(by))}, {' and '.join(dict.fromkeys(ends))}")
    return (f"Of {leader} less {effects['less_policy'].iloc[0]}: {'; '.join(said)}.",) if said else ()


def _is_told(rows: pd.DataFrame) -> pd.Series:
    """Whether each row's interval leaves out 0."""
    return (rows["low"] > 0.0) | (rows["high"] < 0.0)


def _table(k: int, found: pd.DataFrame) -> Table:
    """Show one grouping: a row a policy, a column a group; or of many groups a row for each."""
    by, outcome, unit = (str(found[column].iloc[0]) for column in ("by", "outcome", "unit"))
    effects, differs = found[found["kind"] == EFFECT], found[found["kind"] == INTERACTION]
    shown = effects if len(effects) else found[found["kind"] == MEAN]
    labels, policies = (list(dict.fromkeys(shown[column])) for column in ("group", "policy"))
    starred = {*differs.loc[_is_told(differs), ["group", "policy"]].itertuples(index=False, name=None)}
    cells = {
        (row["group"], row["policy"]): number(row["value"], unit, signed=len(effects) > 0)
        + bracketed(between(row["low"], row["high"], unit))
        + "*" * ((row["group"], row["policy"]) in starred)
        for row in shown.to_dict("records")
    }
    less = f" less that under {shown['less_policy'].iloc[0]}" if len(effects) else ""
    star = "; * where it differs by more than luck from that in the first group" if starred else ""
    luck = "in brackets, the range with other classes (95 of 100)"
    caption = f"By {named(by)}: {head(outcome, unit)}{less}; {luck}{star}."
    rows = pd.MultiIndex.from_product([policies, labels], names=["policy", "group"]).to_frame(index=False)
    policy = text_column("policy")

    def group(label: str) -> Column:
        return Column(plainly(by, label, labels), lambda row: cells[label, row["policy"]])

    if len(labels) <= MOST_COLUMNS:
        beside = pd.DataFrame({"policy": policies})
        return Table(f"groups-{k}", caption, beside, (policy, *map(group, labels)), found)
    each = Column("group", lambda row: plainly(by, row["group"], labels), is_number=False)
    under = Column(words(outcome), lambda row: cells[row["group"], row["policy"]])
    return Table(f"groups-{k}", caption, rows, (policy, each, under), found)
