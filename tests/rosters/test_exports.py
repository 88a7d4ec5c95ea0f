"""Files in the shape of real exports, all invented, through the mapping that ships for them: every field by hand."""

from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pytest

from setback.model.rosters.files import MAPPINGS, read_roster
from setback.model.rosters.roster import Roster

FILES = Path(__file__).parent / "files"
NAN = float("nan")


def z(*shares: float) -> list[float]:
    """Standard normal numbers, from the standard library; NaN stays."""
    return [NormalDist().inv_cdf(share) if share == share else NAN for share in shares]


def mean_of_ranks(*columns: list[float]) -> list[float]:
    """The same of several columns of shares: their quantiles averaged, and these ranked."""
    average = np.nanmean([z(*column) for column in columns], axis=0).round(5).tolist()
    here = sorted(average)
    return z(*((here.index(v) + here.count(v) / 2) / len(here) for v in average))


class Export(NamedTuple):
    """What a file holds: students by class, what is known before, what is carried, and some of the notes."""

    classes: Mapping[str, tuple[str, ...]]
    known: list[float]
    carried: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


EXPORTS: dict[tuple[str, str], Export] = {
    ("canvas.csv", "canvas"): Export(
        {"A-01": ("501", "502", "503"), "B-01+B-01 and B-02": ("504", "505", "506")},
        z(0.5, 0.3, 0.7, 0.1, 0.9, NAN),
        {"section": ("A-01", "A-01", "A-01", "B-01", "B-01", "B-01 and B-02")},
        (
            "6 students of canvas.csv, ids from ID",
            "left out 3 of 9 rows: 2 with ID '', 1 with Student 'Student, Test'",
            "2 classes of 3 students, by Section",
            "joined 1 class of fewer than 2 students with others: 3 classes became 2",
            "prior_knowledge from Current Score by rank, drawn for 1 student without it",
            "carried along: section",
        ),
    ),
    ("moodle.csv", "moodle"): Export(
        {"1": ("ria@example.org", "tam@example.org", "lin@example.org", "uri@example.org")},
        z(1 / 6, 3 / 6, NAN, 5 / 6),
        {},
        (
            "4 students of moodle.csv, ids from Email address",
            "1 class of 4 students, by file",
            "prior_knowledge from Course total (Real) by rank, drawn for 1 student without it",
        ),
    ),
    ("moodle_percent_semicolons.csv", "moodle"): Export(
        {"1": ("jorg@example.org", "tam@example.org", "lin@example.org", "uri@example.org")},
        z(3 / 6, 1 / 6, NAN, 5 / 6),
        {},
        (
            "read as cp1252: it is not UTF-8",
            "read with ';' as separator: with ',' the columns are not there",
            "read with a decimal comma: some numbers have one and none has a point",
            "prior_knowledge from Course total (Percentage) by rank, drawn for 1 student without it",
        ),
    ),
    ("google_classroom.csv", "google-classroom"): Export(
        {"1": ("ria@example.org", "tam@example.org", "lin@example.org", "uri@example.org")},
        mean_of_ranks([1 / 6, NAN, 3 / 6, 5 / 6], [3 / 6, 1 / 6, NAN, 5 / 6], [3 / 8, 1 / 8, 5 / 8, 7 / 8]),
        {},
        (
            "4 students of google_classroom.csv, ids from Email Address",
            "left out 2 of 6 rows: 1 with Last Name 'Date', 1 with Last Name 'Points'",
            "prior_knowledge from Warm-up+Reading, part 1+Test by rank of each, averaged",
        ),
    ),
    ("google_classroom_labels_first.csv", "google-classroom"): Export(
        {"1": ("ria@example.org", "tam@example.org", "lin@example.org")},
        mean_of_ranks([3 / 6, 1 / 6, 5 / 6], [1 / 4, NAN, 3 / 4]),
        {},
        (
            "column names are those of line 3",
            "prior_knowledge from Warm-up+Test by rank of each, averaged",
        ),
    ),
    ("blackboard.txt", "blackboard"): Export(
        {"1": ("rabar", "tboe", "lcui", "udov")},
        z(3 / 6, 1 / 6, NAN, 5 / 6),
        {},
        (
            "4 students of blackboard.txt, ids from Username",
            "read as utf-16: by its byte order mark",
            "left out 1 of 5 rows: 1 with Username 'teach_previewuser'",
        ),
    ),
    ("brightspace.csv", "brightspace"): Export(
        {"1": ("#1001", "#1002", "#1003", "#1004")},
        mean_of_ranks([3 / 6, NAN, 5 / 6, 1 / 6], [3 / 8, 1 / 8, 7 / 8, 5 / 8]),
        {},
        ("4 students of brightspace.csv, ids from OrgDefinedId",),
    ),
    ("powerschool.csv", "powerschool"): Export(
        {"1": ("1000", "1001", "1002", "1003")},
        mean_of_ranks([3 / 8, 5 / 8, 1 / 8, 7 / 8], [1 / 6, 3 / 6, NAN, 5 / 6]),
        {},
        (
            "4 students of powerschool.csv, ids from Student Number",
            "left out 1 of 5 rows: 1 with Student Number ''",
            "prior_knowledge from Q1 Percent+Q2 Percent by rank of each, averaged",
        ),
    ),
    ("classroom.csv", "classroom"): Export(
        {
            "1/160+1/217": tuple(f"1/{c}/{k}" for c, ks in (("160", range(1, 6)), ("217", range(6, 9))) for k in ks),
            "2/197+2/211+3/11": ("2/197/9", "2/197/10", "2/211/11", "2/211/12", "2/211/13", "3/11/14"),
        },
        # 448 460 511 449 425 450 452 443 | 422 480 502 502 430 467
        z(*((k + 0.5) / 14 for k in (4, 8, 13, 5, 1, 6, 7, 3, 0, 10, 11.5, 11.5, 2, 9))),
        {
            "school_id": tuple("11111111222223"),
            "classroom": (*["160"] * 5, *["217"] * 3, *["197"] * 2, *["211"] * 3, "11"),
        },
        (
            "14 students of classroom.csv, ids from schoolid+classid+childid",
            "2 classes of 6 to 8 students, by schoolid+classid",
            "joined 4 classes of fewer than 5 students with others: 5 classes became 2",
        ),
    ),
}  # fmt: skip


def everybody(roster: Roster, trait: str = "prior_knowledge") -> list[float]:
    """One trait, class by class."""
    return [float(score) for c in roster.classes for score in c.scores[trait]]


@pytest.mark.parametrize(("file", "mapping"), EXPORTS, ids=[file for file, _ in EXPORTS])
def test_an_export_through_its_mapping(file: str, mapping: str) -> None:
    """Ids, classes, what is known, what is carried, and what was left out and found out."""
    expected, roster = EXPORTS[file, mapping], read_roster(str(FILES / file), mapping)
    assert {c.name: c.students for c in roster.classes} == expected.classes
    assert everybody(roster) == pytest.approx(expected.known, abs=1e-6, nan_ok=True)
    assert roster.carried == expected.carried
    assert [note for note in roster.notes if note in expected.notes] == list(expected.notes)
    assert {name for c in roster.classes for name in c.scores} == {"prior_knowledge"}


def test_schools_are_dealt_into_classes() -> None:
    """28 students of one school into two classes, 9 of another into one; ranks are those of the whole file."""
    roster = read_roster(str(FILES / "mathachieve.csv"), "mathachieve")
    assert [(c.name, len(c.students)) for c in roster.classes] == [("1224/1", 14), ("1224/2", 14), ("1288", 9)]
    assert sorted(int(s) for c in roster.classes[:2] for s in c.students) == list(range(1, 29))
    assert roster.classes[2].students == tuple(str(i) for i in range(29, 38))
    assert [c.school for c in roster.classes] == ["1224", "1224", "1288"] and roster.schools == (0, 0, 1)
    assert roster.carried == {"school_id": ("1224",) * 28 + ("1288",) * 9}
    marks = {str(i + 1): i * 37 % 97 for i in range(37)}
    order = sorted(marks, key=marks.__getitem__)
    known = dict(zip([s for c in roster.classes for s in c.students], everybody(roster), strict=True))
    assert [known[s] for s in order] == pytest.approx(z(*((k + 0.5) / 37 for k in range(37))), abs=1e-6)
    assert roster.notes[:3] == (
        "37 students of mathachieve.csv, ids from the row number",
        "3 classes of 9 to 14 students, by School",
        "dealt 1 class of more than 25 into 2, in the order of seed 0",
    )


def test_every_shipped_mapping_has_a_file() -> None:
    """Those of data sets that are not shipped are tested where the data are."""
    tested = {mapping for _, mapping in EXPORTS} | {"mathachieve"}
    assert tested == {path.stem for path in MAPPINGS.glob("*.toml")} - {"coruna", "uci-student"}
