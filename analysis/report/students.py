"""The map over students as a section: for whom, under which policy, a failure is learning, and for whom failing."""

from __future__ import annotations

import pandas as pd

from setback.analysis.classes import CLASSES
from setback.analysis.estimate import FEW_TWINS
from setback.analysis.figures import student_map_figure
from setback.analysis.figures.style import words
from setback.analysis.load import Results
from setback.analysis.report.section import Column, Picture, Section, Shown, Table, listed, many, text_column
from setback.analysis.student_map import student_map


def map_of_students(results: Results, title: str) -> Section:
    """Show the map over students of a study with twins and groups, and count its groups by policy and class."""
    found = student_map(results)
    counts = counted(found.table())
    judged, cells = int(counts["judged"].sum()), found.twins.size
    by_class = listed(f"{name} in {int(counts[name].sum())} ({int(counts[f'{name} sure'].sum())} surely)"
                      for name in CLASSES)  # fmt: skip
    text = [
        f"Each panel is a policy, each cell the students who are alike in {listed(map(words, found.groupings))}, in "
        f"all {many(len(results.worlds), 'world')} together. Its class is that of what one failure caused them on "
        "average: further failures, and knowledge.",
        f"Of {cells} groups of students, each under a policy, {judged} have the {FEW_TWINS} twins that it takes to "
        f"judge. A failure is {by_class}. Surely means that no other class lies within the ranges.",
        *(said for name in ("failing", "learning") if (said := _most(counts, name))),
    ]
    columns = (
        text_column("policy"),
        Column("groups judged", lambda row: str(row["judged"])),
        *(Column(f"{name} (surely)", _count(name)) for name in CLASSES),
    )
    caption = "In how many groups of students a failure is what, by policy; in brackets, in how many surely."
    figure = student_map_figure(found, "", results.policies)
    picture = Picture("map", "What one failure does to whom, policy by policy.", figure)
    table = Table("students", caption, counts, columns)
    return Section("map", title, tuple(text), tables=(table,), pictures=(picture,))


def counted(table: pd.DataFrame) -> pd.DataFrame:
    """Count the groups of students by policy and class, and those that are sure.

    Args:
        table: what `setback.analysis.student_map.StudentMap.table` gives.

    Returns:
        One row a policy: ``judged``, and for each class its name, and its name with ``sure``.
    """
    rows = []
    for policy, of in table.groupby("policy", sort=False):
        counts = {"policy": policy, "judged": int((of["class"] != "").sum())}
        for name in CLASSES:
            here = of["class"] == name
            counts |= {name: int(here.sum()), f"{name} sure": int((here & of["sure"]).sum())}
        rows.append(counts)
    return pd.DataFrame(rows)


def _count(name: str) -> Shown:
    return lambda row: f"{row[name]} ({row[f'{name} sure']})"


def _most(counts: pd.DataFrame, name: str) -> str:
    """Say under which policies most groups are surely of a class; nothing where none is."""
    sure = counts[f"{name} sure"]
    if not (most := int(sure.max())):
        return ""
    where = counts[sure == most]
    those = listed(f"{row['policy']} (of {row['judged']} judged)" for row in where.to_dict("records"))
    return f"It is surely {name} for the most groups under {those}: {most}{' each' if len(where) > 1 else ''}."
