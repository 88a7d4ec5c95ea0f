"""The facts that the evidence states (experiments/evidence/gradebook_facts.csv): which fact of which book each row is.

The rows are read as OULAD's presentations of 2013 without students with banked marks, one course of Ohio State, UCI's
pupils; of the rest no data are here, and only simulated classes have it (`setback.experiments.gradebook.contexts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.facts import values
from setback.experiments.gradebook.readers import read
from setback.model.errors import unknown


class Source(NamedTuple):
    """A book that rows are of: its file within the folder of the data ("" where none is here) and the kind of task."""

    file: str
    kind: str | None = None


class Row(NamedTuple):
    """Which fact of which book a row is."""

    source: str
    fact: str


#: The books, by name.
SOURCES: Mapping[str, Source] = {
    "oulad": Source("oulad/enrolments.csv", "tma"),
    "osu-homework": Source("osu_cse/submissions.csv", "homework"),
    "osu-projects": Source("osu_cse/submissions.csv", "project"),
    "uci-mathematics": Source("uci_student/student-mat.csv"),
    "uci-portuguese": Source("uci_student/student-por.csv"),
    "uci-dropout": Source(""),
    "star": Source(""),
    "star-within-schools": Source(""),
}

#: Every row of the evidence, by its id.
ROWS: Mapping[str, Row] = {
    "OU-01a": Row("oulad", "fail"),
    "OU-01b": Row("oulad", "missing"),
    "OU-03f3": Row("oulad", "stop_after_fail"),
    "OU-03p3": Row("oulad", "stop_after_pass"),
    "OU-04_00": Row("oulad", "stop_00_20"),
    "OU-04_20": Row("oulad", "stop_20_40"),
    "OU-04_40": Row("oulad", "stop_40_50"),
    "OU-04_50": Row("oulad", "stop_50_60"),
    "OU-04_60": Row("oulad", "stop_60_70"),
    "OU-04_70": Row("oulad", "stop_70_80"),
    "OU-04_80": Row("oulad", "stop_80_100"),
    "OU-07_1": Row("oulad", "autocorrelation_1"),
    "OU-08_1": Row("oulad", "structure_1"),
    "OU-09e": Row("oulad", "rho_fail_or_missing"),
    "JH1": Row("osu-homework", "missing"),
    "JH4d": Row("osu-homework", "rho_missing"),
    "JP1": Row("osu-projects", "fail_or_missing"),
    "JP4d": Row("osu-projects", "rho_fail_or_missing"),
    "UCM-02a": Row("uci-mathematics", "fail_first"),
    "UCM-04a": Row("uci-mathematics", "correlation_first"),
    "UCP-02a": Row("uci-portuguese", "fail_first"),
    "UCP-04a": Row("uci-portuguese", "correlation_first"),
    "PT-01": Row("uci-dropout", "fail_or_missing"),
    "PT-02": Row("uci-dropout", "rho_fail_or_missing"),
    "PT-05": Row("uci-dropout", "prior"),
    "ST-01Km": Row("star", "class_icc"),
    "ST-01Kr": Row("star", "class_icc"),
    "ST-02K": Row("star-within-schools", "class_icc"),
}


def source_book(name: str, folder: Path) -> Book:
    """Read the book of a source within the folder of the data.

    Raises:
        InputError: if there is no such source here, or its file cannot be read.
    """
    here = [source for source, of in SOURCES.items() if of.file]
    if name not in here:
        raise unknown("source with data", name, here)
    return read(folder / SOURCES[name].file, SOURCES[name].kind)


def computed(folder: Path) -> dict[str, float]:
    """Compute every row of which there are data: id -> value.

    Raises:
        InputError: if a file cannot be read.
    """
    found: dict[str, float] = {}
    for name in (source for source, of in SOURCES.items() if of.file):
        of_row = {row: of.fact for row, of in ROWS.items() if of.source == name}
        measured = values(source_book(name, folder), of_row.values())
        found |= {row: measured[fact] for row, fact in of_row.items()}
    return {row: found[row] for row in ROWS if row in found}
