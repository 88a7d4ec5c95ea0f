"""The map over students as a section: for whom, under which policy, a failure is learning, and for whom failing."""

from __future__ import annotations

import pandas as pd

from setback.analysis.breakdown import claimed
from setback.analysis.classes import CLASSES
from setback.analysis.estimate import FEW_TWINS
from setback.analysis.figures import student_map_figure
from setback.analysis.figures.style import words
from setback.analysis.load import Results
from setback.analysis.report.section import (
    Column,
    Picture,
    Section,
    Shown,
    Table,
    listed,
    many,
    number_column,
    sentence,
    text_column,
)
from setback.analysis.report.worlds import conditions_table
from setback.analysis.student_map import TOLD, student_map
from setback.analysis.units import Units, units
from setback.model.errors import InputError


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
        "average: further failures, and knowledge at the next unit test.",
        f"Of {cells} groups of students, each under a policy, {judged} have the {FEW_TWINS} twins that it takes to "
        f"judge. A failure is {by_class}. Surely means that no other class lies within the ranges.",
        *(said for name in ("failing", "learning") if (said := _most(counts, name))),
        *_by_the_end(results, int(counts["learning sure"].sum())),
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


def _by_the_end(results: Results, sure: int) -> list[str]:
    """Say in how many groups a failure is learning when knowledge is looked at once more at the end of the year."""
    try:
        counts = counted(student_map(results, when="year").table())
    except InputError:  # the twins were not followed to the end of the year
        return []
    still, surely = int(counts["learning"].sum()), int(counts["learning sure"].sum())
    return [
        f"By knowledge at the end of the year a failure is learning in {still} groups ({surely} surely; at the next "
        f"test {sure} surely): setback map --classes year draws it."
    ]


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


# ---- what separates learning from failing --------------------------------------------------------------------
#: What is said of the search among failures.
SOUGHT = (
    "Each failure has the class of what it caused: further failures within nine units, and knowledge at the next test. "
    "What sets the classes apart is sought among what a person can look up or decide: the groups of the student, how "
    "hard the task of the week was, how far below the line the result lay, the week, and the numbers in which the "
    "policies differ. The conditions were sought in one half of the worlds and classes and are judged in the other. "
    "Density is how often it is so where the conditions hold; coverage is how many of all such failures lie there."
)


def separating(results: Results) -> Section:
    """Say how often a failure is of which class, per failure and per student, and which few conditions tell where."""
    from setback.analysis.figures import discovery_figure

    text, pictures, tables = [SOUGHT], list[Picture](), list[Table]()
    try:
        each, students = (units(results, kind) for kind in ("failure", "student"))
        tables.append(_shares(each, students))
        for name in TOLD:
            box = each.discover(name)
            text += each.sentences(box, name)
            if box.conditions:
                caption = f"Where being failed is {name}: the conditions, those that matter most first."
                tables.append(conditions_table(box, f"conditions-{name.replace(' ', '-')}", caption))
                figure = discovery_figure(box, each.numbers, each.classes == CLASSES.index(name), "")
                pictures.append(Picture(f"separates-{name}", box.sentence(f"being failed is {name}"), figure))
        if len(results.policies) > 1:
            alone = each.under(policy := claimed(results))
            text += [alone.discover(name).sentence(f"being failed under {policy} is {name}") for name in TOLD]
    except InputError as error:
        if not tables:
            return Section("separates", "", absent=sentence(str(error)))
        text.append(sentence(str(error)))
    return Section("separates", "", tuple(text), tables=tuple(tables), pictures=tuple(pictures))


def _shares(each: Units, students: Units) -> Table:
    """Show the share of each class by policy, of failures and of students."""
    of_failures, of_students = each.shares(), students.shares()
    both = of_failures.merge(of_students, on="policy", suffixes=("", " of students"))
    columns = [text_column("policy"), number_column("units", "failures", digits=0)]
    columns += [number_column(name, f"{name}, % of failures", "share") for name in CLASSES]
    columns += [number_column(f"{name} of students", f"{name}, % of students", "share") for name in CLASSES]
    caption = "What a failure is, by policy: of all failures, and of the years of all students who failed, on average."
    return Table("classes", caption, both, tuple(columns))
