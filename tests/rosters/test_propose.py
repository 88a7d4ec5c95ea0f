"""A mapping proposed from a file alone: what it says of each invented file, and that it reads the file."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import setback

from setback.model.errors import InputError
from setback.model.rosters.mapping import roster_of
from setback.model.rosters.propose import propose
from setback.model.rosters.roster import Roster
from setback.model.rosters.rules import parse_mapping

FILES = Path(__file__).parent / "files"
Made = Callable[..., Roster]

#: Of each file: what is proposed, and how many students are read through it.
PROPOSED: dict[str, tuple[dict[str, Any], int]] = {
    "blackboard.txt": (
        {
            "file": {"separator": "\t", "encoding": "utf-16", "skip": {"Username": "teach_previewuser"}},
            "student": {"id": "Student ID"},
            "prior": "Weighted Total [Total Pts: up to 100 Percentage] |101",
        },
        4,
    ),
    "brightspace.csv": ({"student": {"id": "OrgDefinedId"}, "prior": "Calculated Final Grade Numerator"}, 4),
    "canvas.csv": (
        {
            "file": {"skip": {"Student": ["Points Possible", "Student, Test"], "ID": ""}, "missing": ["EX"]},
            "student": {"id": "ID"},
            "class": {"id": "Section", "small": "join"},
            "prior": "Current Score",
        },
        6,
    ),
    "classroom.csv": (
        {
            "student": {"id": "childid"},
            "class": {"id": ["schoolid", "classid"], "school": "schoolid", "small": "join"},
            "prior": ["mathkind", "mathgain"],
        },
        14,
    ),
    "google_classroom.csv": (
        {
            "file": {"skip": {"Last Name": ["Date", "Points"]}, "missing": ["Excused"]},
            "student": {"id": "Email Address"},
            "prior": ["Warm-up", "Reading, part 1", "Test"],
        },
        4,
    ),
    "google_classroom_labels_first.csv": (
        {
            "file": {"header": 3, "missing": ["Missing"]},
            "student": {"id": "Email Address"},
            "prior": ["Warm-up", "Test"],
        },
        3,
    ),
    "letters.csv": (
        {
            "file": {"separator": ";", "skip": {"Name": "Printed 2026-02-01"}},
            "student": {"id": "Name"},
            "class": {"id": "Class"},
            "prior": "Grade",
        },
        6,
    ),
    "mathachieve.csv": (
        {
            "student": {"id": "row number"},
            "class": {"id": "School", "school": "School", "deal": 25},
            "prior": "MathAch",
        },
        37,
    ),
    "moodle.csv": ({"student": {"id": "Email address"}, "prior": "Course total (Real)"}, 4),
    "moodle_percent_semicolons.csv": (
        {
            "file": {"separator": ";", "encoding": "cp1252", "decimal": ","},
            "student": {"id": "ID number"},
            "prior": "Course total (Percentage)",
        },
        4,
    ),
    "panel.csv": (
        {
            "file": {"only": {"grade": "2"}},
            "student": {"id": "child"},
            "class": {"id": "school", "deal": 25},
            "prior": "math",
        },
        3,
    ),
    "powerschool.csv": (
        {
            "file": {"skip": {"Student Number": ""}, "missing": ["--"]},
            "student": {"id": "Student Number"},
            "prior": ["Q1 Percent", "Q2 Percent"],
        },
        4,
    ),
    "powerteacher.csv": (
        {"file": {"header": 5}, "student": {"id": "Student Num"}, "prior": ["Quiz 1", "Project"]},
        4,
    ),
    "unnamed_columns.csv": (
        {
            "file": {"separator": ";", "decimal": ",", "header": 2},
            "student": {"id": "row number"},
            "prior": ["Admission grade", "Admission grade %"],
        },
        3,
    ),
}


def read(file: Path) -> Roster:
    """The roster of a file through what is proposed for it."""
    return roster_of(file, parse_mapping(propose(file), "proposed.toml"))


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_what_is_proposed_for_each_file(name: str) -> None:
    """Every key, and a roster of everybody who is a student."""
    expected, students = PROPOSED[name]
    text = propose(FILES / name)
    assert text.startswith(f"# Proposed from the columns of {name}: ")
    found = tomllib.loads(text)
    assert found.pop("traits")["prior_knowledge"]["columns"] == expected["prior"]
    assert found == {key: value for key, value in expected.items() if key != "prior"}
    assert sum(len(c.students) for c in read(FILES / name).classes) == students


def test_letters_and_extra_credit() -> None:
    """A scale where there are letters alone; percentages above 100 where there are some."""
    letters = tomllib.loads(propose(FILES / "letters.csv"))["traits"]["prior_knowledge"]["scale"]
    assert letters[:4] == ["A+", "A", "A-", "B+"] and letters[-1] == "F"
    credit = [
        tomllib.loads(propose(f))["traits"]["prior_knowledge"].get("extra_credit") for f in sorted(FILES.iterdir())
    ]
    assert {f.name for f, extra in zip(sorted(FILES.iterdir()), credit) if extra} == {
        "moodle_percent_semicolons.csv", "powerschool.csv"
    }  # fmt: skip


def test_own_columns_are_traits(tmp_path: Path) -> None:
    """A file in setback's own columns is read as it is without a mapping."""
    file = tmp_path / "own.csv"
    file.write_text("student_id,class_id,interest,control\na,x,1,3\nb,x,2,4\nc,y,3,1\nd,y,5,2\n")
    through, without = read(file), Roster.read(file)
    assert [c.students for c in through.classes] == [c.students for c in without.classes]
    assert [sorted(c.scores) for c in through.classes] == [["control", "interest"]] * 2
    assert through.digest() == without.digest()


def test_a_first_and_a_last_name_are_one_id(tmp_path: Path) -> None:
    """Where nothing else names everybody."""
    file = tmp_path / "names.csv"
    file.write_text("First Name,Last Name,Quiz\nRia,Abar,1\nRia,Boe,2\nTam,Abar,3\n")
    assert tomllib.loads(propose(file))["student"]["id"] == ["Last Name", "First Name"]
    assert read(file).classes[0].students == ("Abar/Ria", "Boe/Ria", "Abar/Tam")


def test_a_number_within_the_class(tmp_path: Path) -> None:
    """A pupil's number that every class begins anew, and a large class."""
    file = tmp_path / "numbers.csv"
    file.write_text("class,pupil_no,mark\n" + "".join(f"{c},{i},{i % 7}\n" for c in "ab" for i in range(70)))
    found = tomllib.loads(propose(file))
    assert found["student"]["id"] == ["class", "pupil_no"]
    assert found["class"] == {"id": "class", "deal": 25}
    assert len(read(file).classes) == 6


@pytest.mark.parametrize("name", ['a "quote"', "two\nlines", "back\\slash", "tab\there", "مها", "\x7f", "a*b", "#x"])
def test_columns_are_called_anything(tmp_path: Path, name: str) -> None:
    """The proposal is TOML, whatever stands in it, and reads the file."""
    file = tmp_path / "odd.csv"
    quoted = '"{}"'.format(name.replace('"', '""'))
    file.write_text(f"id,{quoted}\n{quoted},1\nMean,3\nb,2\n", encoding="utf-8")
    assert [len(c.students) for c in read(file).classes] == [2]


def test_what_is_not_read_yet_is_said_at_the_top(tmp_path: Path) -> None:
    """One student is no class; the proposal says why the file is not read through it."""
    file = tmp_path / "one.csv"
    file.write_text("id,mark\na,1\n")
    first, *_ = propose(file).splitlines()
    assert first.startswith(
        "# As it stands the file is not read through it: class all of roster proposed has 1 student"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "id,mark\n"])
def test_a_file_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    """There is nothing to propose."""
    (tmp_path / "e.csv").write_text(text)
    with pytest.raises(InputError, match=r"^roster e\.csv has no students; it needs a line of column names and a line"):
        propose(tmp_path / "e.csv")


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beside, never over one that is there; what it says next works."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my pupils.csv").write_bytes((FILES / "canvas.csv").read_bytes())
    done = setback("new", "mapping", "my pupils.csv")
    command = "setback run --roster 'my pupils.csv' --mapping 'my pupils.toml' --dry-run"
    assert done == (0, f"my pupils.toml: read and change it, then: {command}\n", "")
    assert (tmp_path / "my pupils.toml").read_text(encoding="utf-8") == propose(tmp_path / "my pupils.csv")
    words = ["run", "--roster", "my pupils.csv", "--mapping", "my pupils.toml", "--dry-run", "--policy", "curve"]
    assert "left out 3 of 9 rows" in setback(*words).out
    assert setback("new", "mapping", "my pupils.csv").err.startswith("setback: my pupils.toml is there already")
    assert setback("new", "mapping", "my pupils.csv", "--out", "b.toml").code == 0
    assert setback("new", "mapping", "none.csv") == (
        2,
        "",
        "setback: roster none.csv cannot be read; is the path right?\n",
    )
