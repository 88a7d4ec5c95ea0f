"""From a CSV file and the mapping of its columns to a roster, and what is said when that cannot be done."""

import csv
import random
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pytest

from setback.model.chance import LIMIT
from setback.model.errors import InputError
from setback.model.rosters.cells import MISSING
from setback.model.rosters.classes import deal
from setback.model.rosters.mapping import COLUMNS
from setback.model.rosters.roster import Roster
from setback.model.rosters.rules import Rules, read_mapping
from setback.model.state import TRAITS

ROSTERS = Path(__file__).parents[2] / "model" / "rosters" / "mappings"
NAN = float("nan")
#: The normal quantile of the roster is accurate to 1e-7.
CLOSE = 2e-7


def read(folder: Path, text: str | bytes, mapping: str | bytes | None = None, network: str = "friendship") -> Roster:
    """The roster of a file grades.csv with this text, through a file rules.toml with that text."""
    file, rules = folder / "grades.csv", folder / "rules.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    if mapping is None:
        return Roster.read(file, network=network)
    rules.write_bytes(mapping if isinstance(mapping, bytes) else mapping.encode())
    return Roster.read(file, rules, network)


def students(count: int) -> str:
    """A file of so many students in setback's own columns."""
    return "student_id\n" + "".join(f"s{i}\n" for i in range(count))


def quantiles(*shares: float) -> list[float]:
    """Standard normal numbers, from the standard library."""
    return [NormalDist().inv_cdf(share) for share in shares]


def scores(roster: Roster, trait: str = "interest") -> list[float]:
    """One trait of everybody, class by class."""
    return [float(score) for c in roster.classes for score in c.scores[trait]]


BY_ID = '[student]\nid = "id"\n'
INTEREST = BY_ID + '[traits.interest]\ncolumns = ["mark"]\n'
#: Without ranks: a cell is its own standard score, so that a test sees what number was read.
AS_IS = INTEREST + "mean = 0\nsd = 1\n"


# ---- setback's own columns ---------------------------------------------------------------------------------
def test_own_columns(tmp_path: Path) -> None:
    """Ids, classes in the order of the file, and every trait ranked within the file, not within the class."""
    text = "interest,class_id,student_id,control\n3,b,x,-1\n1,a,y,\n4,b,z,-3\n2,a,w,-2\n"
    roster = read(tmp_path, text)
    assert [(c.name, c.students) for c in roster.classes] == [("b", ("x", "z")), ("a", ("y", "w"))]
    assert scores(roster) == pytest.approx(quantiles(5 / 8, 7 / 8, 1 / 8, 3 / 8), abs=CLOSE)
    assert scores(roster, "control") == pytest.approx([*quantiles(5 / 6, 1 / 6), NAN, 0], abs=CLOSE, nan_ok=True)
    assert [set(c.scores) for c in roster.classes] == [{"interest", "control"}] * 2
    assert (roster.name, roster.network) == ("grades", "friendship")


def test_all_own_columns(tmp_path: Path) -> None:
    """The format has an id, a class, its school and the traits of the model, and reads them all."""
    assert list(COLUMNS) == ["student_id", "class_id", "school_id", *TRAITS]
    header, rows = ",".join(COLUMNS), ["a,1,n" + ",1" * len(TRAITS), "b,1,n" + ",2" * len(TRAITS)]
    (only,) = read(tmp_path, "\n".join([header, *rows])).classes
    assert (only.name, only.school) == ("n/1", "n") and set(only.scores) == set(TRAITS)
    for score in only.scores.values():
        assert score == pytest.approx(quantiles(1 / 4, 3 / 4), abs=CLOSE)


def test_own_columns_without_a_class(tmp_path: Path) -> None:
    """All students of the file are one class, also where nothing else is known of them."""
    roster = read(tmp_path, students(60), network="seating")
    assert [(c.name, len(c.students)) for c in roster.classes] == [("all", 60)]
    assert not roster.is_synthetic and roster.default_rooms() == 1
    assert roster.network == "seating"


def test_strings_name_files_too(tmp_path: Path) -> None:
    """Paths may be text."""
    read(tmp_path, "id,mark\na,1\nb,2\n", AS_IS)
    assert scores(Roster.read(str(tmp_path / "grades.csv"), str(tmp_path / "rules.toml"))) == [1, 2]


# ---- how the file is written -------------------------------------------------------------------------------
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ":", " ", "é"])
def test_separators(tmp_path: Path, separator: str) -> None:
    """Any one character separates cells."""
    text = "id,mark\na,1.5\nb,-2\n".replace(",", separator)
    assert scores(read(tmp_path, text, f'[file]\nseparator = "{separator}"\n{AS_IS}')) == [1.5, -2]


@pytest.mark.parametrize(
    ("decimal", "cells", "numbers"),
    [
        (".", ["1.5", "-0.25", "7", "1e2", "+3", ".5", " 4 "], [1.5, -0.25, 7, 100, 3, 0.5, 4]),
        (",", ["1,5", "-0,25", "7", "1e2", "+3", ",5", " 4 "], [1.5, -0.25, 7, 100, 3, 0.5, 4]),
    ],
    ids=["point", "comma"],
)
def test_decimals(tmp_path: Path, decimal: str, cells: list[str], numbers: list[float]) -> None:
    """Numbers are written with a point or a comma."""
    text = "id;mark\n" + "".join(f"s{i};{cell}\n" for i, cell in enumerate(cells))
    mapping = f'[file]\nseparator = ";"\ndecimal = "{decimal}"\n{INTEREST}mean = 0\nsd = 100\n'
    assert scores(read(tmp_path, text, mapping)) == [number / 100 for number in numbers]


def test_decimal_commas_within_quotes(tmp_path: Path) -> None:
    """Where the comma separates cells too, a quoted cell keeps its own."""
    assert scores(read(tmp_path, 'id,mark\na,"1,5"\nb,2\n', f'[file]\ndecimal = ","\n{AS_IS}')) == [1.5, 2]


@pytest.mark.parametrize(
    ("written", "stated"),
    [
        ("utf-8", None),
        ("utf-8", "utf-8"),
        ("utf-8", "UTF8"),
        ("utf-8-sig", None),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("latin-1", "latin-1"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings(tmp_path: Path, written: str, stated: str | None) -> None:
    """Ids with accents survive in every encoding; utf-8 with or without a byte order mark is the default."""
    file = "" if stated is None else f'[file]\nencoding = "{stated}"\n'
    roster = read(tmp_path, "id,mark\nJosé,1\nÅsa,2\n".encode(written), file + AS_IS)
    assert roster.classes[0].students == ("José", "Åsa")
    assert scores(roster) == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_own_columns_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    """The mark before the first column name is no part of it, and a mapping may begin with one too."""
    assert read(tmp_path, "student_id\nÉa\nb\n".encode(encoding)).classes[0].students == ("Éa", "b")
    assert scores(read(tmp_path, "id,mark\na,1\nb,2\n".encode(encoding), AS_IS.encode(encoding))) == [1, 2]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("last", [True, False])
def test_ends_of_lines(tmp_path: Path, newline: str, last: bool) -> None:
    """Lines end as on any system, the last one or not."""
    text = "id,mark\na,1\nb,2" + "\n" * last
    roster = read(tmp_path, text.replace("\n", newline), AS_IS)
    assert roster.classes[0].students == ("a", "b")
    assert scores(roster) == [1, 2]


def test_blank_lines_and_spaces_do_not_count(tmp_path: Path) -> None:
    """Lines without a cell are passed over, and cells and column names lose the spaces around them."""
    text = "\n id , mark \n\n a,1\n ,\n,\n  b  ,  2\n\n"
    roster = read(tmp_path, text, AS_IS)
    assert roster.classes[0].students == ("a", "b")
    assert scores(roster) == [1, 2]


def test_quoted_cells(tmp_path: Path) -> None:
    """Quotes hold separators, quotes and line ends together."""
    text = 'id,"a, note",mark\n"Doe, ""Jo""","one\ntwo",1\n"b",,"2"\n'
    roster = read(tmp_path, text, AS_IS)
    assert roster.classes[0].students == ('Doe, "Jo"', "b")
    assert scores(roster) == [1, 2]


def test_columns_that_nobody_asked_for(tmp_path: Path) -> None:
    """A mapping reads the columns it names, whatever stands in the others."""
    assert scores(read(tmp_path, "note,mark,id,\nx,1,a,\n,2,b,?\n", AS_IS)) == [1, 2]


# ---- ids and classes ---------------------------------------------------------------------------------------
def test_ids_and_classes_of_several_columns(tmp_path: Path) -> None:
    """Columns that together name a student or a class are joined; one of them may be empty."""
    text = "school,room,no\nN,1,1\nS,1,1\nN,1,2\nS,1,2\nN,2,1\nN,2,2\nS,,1\nS,,2\n"
    mapping = '[student]\nid = ["school", "room", "no"]\n[class]\nid = ["school", "room"]\n'
    classes = read(tmp_path, text, mapping).classes
    assert [c.name for c in classes] == ["N/1", "S/1", "N/2", "S/"]
    assert [c.students for c in classes] == [
        ("N/1/1", "N/1/2"),
        ("S/1/1", "S/1/2"),
        ("N/2/1", "N/2/2"),
        ("S//1", "S//2"),
    ]


def test_id_from_the_row_number(tmp_path: Path) -> None:
    """Students without names are numbered from 1, in the order of the file, blank lines not counted."""
    roster = read(tmp_path, "room\nx\ny\n\nx\ny\n", '[student]\nid = "row number"\n[class]\nid = "room"\n')
    assert [c.students for c in roster.classes] == [("1", "3"), ("2", "4")]


def dealt(folder: Path, count: int, size: int, seed: int | None = None) -> list[tuple[str, ...]]:
    """The ids of each class after dealing."""
    stated = "" if seed is None else f"seed = {seed}\n"
    mapping = f'[student]\nid = "student_id"\n[class]\ndeal = {size}\n{stated}'
    return [c.students for c in read(folder, students(count), mapping).classes]


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        (60, 60, [60]),
        (61, 60, [31, 30]),
        (100, 25, [25, 25, 25, 25]),
        (101, 25, [21, 20, 20, 20, 20]),
        (10, 2, [2, 2, 2, 2, 2]),
        (7, 3, [3, 2, 2]),
        (5, 30, [5]),
        (2, 2, [2]),
    ],
)
def test_dealing_into_classes(tmp_path: Path, count: int, size: int, sizes: list[int]) -> None:
    """As few classes as hold everybody, none larger than asked for, sizes within one, every student once."""
    classes = dealt(tmp_path, count, size)
    assert [len(c) for c in classes] == sizes
    assert sorted(student for c in classes for student in c) == sorted(f"s{i}" for i in range(count))


def test_dealing_is_in_seeded_order(tmp_path: Path) -> None:
    """The same seed deals the same classes, 0 where none is stated; another seed deals others."""
    assert dealt(tmp_path, 100, 25) == dealt(tmp_path, 100, 25, 0) == dealt(tmp_path, 100, 25)
    several = [frozenset(map(frozenset, dealt(tmp_path, 100, 25, seed))) for seed in (0, 1, 2, LIMIT - 1)]
    assert len(set(several)) == 4
    assert dealt(tmp_path, 100, 25) != [tuple(f"s{i}" for i in range(k, k + 25)) for k in range(0, 100, 25)]


def test_dealing_is_frozen() -> None:
    """Who sits with whom under seed 0 never changes."""
    assert deal(range(8), 3, seed=0) == FROZEN


def test_dealing_keeps_scores_with_their_students(tmp_path: Path) -> None:
    """Whoever is dealt takes the own score along; within a class students keep the order of the file."""
    text = "id,mark\n" + "".join(f"{i},{i / 10}\n" for i in range(50))
    roster = read(tmp_path, text, AS_IS + "[class]\ndeal = 10\nseed = 3\n")
    assert [c.name for c in roster.classes] == ["1", "2", "3", "4", "5"]
    for c in roster.classes:
        assert c.scores["interest"].tolist() == [int(student) / 10 for student in c.students]
        assert list(c.students) == sorted(c.students, key=int)


def test_dealing_is_even_handed() -> None:
    """Over 400 seeds each of 12 students is dealt into each of 3 classes as often, within 5 standard deviations."""
    counts = np.zeros((12, 3))
    for seed in range(400):
        for k, who in enumerate(deal(range(12), 4, seed)):
            counts[who, k] += 1
    z = (counts - 400 / 3) / np.sqrt(400 * 2 / 9)
    assert np.abs(z).max() < 5
    assert 0.6 < z.std() < 1.4


# ---- from cells to standard scores -------------------------------------------------------------------------
def test_missing_values(tmp_path: Path) -> None:
    """The usual signs of a missing value are not known, and the others are ranked among themselves."""
    text = "id,mark\n" + "".join(f"m{i},{cell}\n" for i, cell in enumerate(MISSING)) + "a,5\nb,1\n"
    here = scores(read(tmp_path, text, INTEREST))
    assert MISSING == ("", "NA", "NaN", "nan", "N/A", "?", ".", "-")
    assert np.isnan(here[:-2]).all()
    assert here[-2:] == pytest.approx(quantiles(3 / 4, 1 / 4), abs=CLOSE)


def test_stated_missing_values(tmp_path: Path) -> None:
    """A mapping may say what stands for a missing value, in words or numbers, beside the usual signs."""
    mapping = f'[file]\nmissing = ["absent", -9, "-1"]\n{AS_IS}'
    here = scores(read(tmp_path, "id,mark\na,absent\nb,-9\nc,2\nd,NA\ne,\nf,-9.0\ng,-1.00\nh,-1.5\n", mapping))
    assert here == pytest.approx([NAN, NAN, 2, NAN, NAN, NAN, NAN, -1.5], nan_ok=True)
    with pytest.raises(InputError, match=r"^mark in line 2 of grades\.csv is 'Absent'"):
        read(tmp_path, "id,mark\na,Absent\nb,2\n", mapping)


def test_nobody_known(tmp_path: Path) -> None:
    """A column without a single value leaves everybody to chance."""
    for mapping in (INTEREST, AS_IS):
        assert np.isnan(scores(read(tmp_path, "id,mark\na,\nb,NA\n", mapping))).all()


@pytest.mark.parametrize("scale", ["", "mean = 0\nsd = 1\n"], ids=["rank", "mean and SD"])
def test_several_columns_are_averaged(tmp_path: Path, scale: str) -> None:
    """The mean of the columns that are there, so that one missing mark is made up for by the other."""
    mapping = f'{BY_ID}[traits.interest]\ncolumns = ["one", "two"]\n{scale}'
    here = scores(read(tmp_path, "id,one,two\na,1,2\nb,4,\nc,NA,-3\nd,,\ne,0,1\n", mapping))
    expected = [1.5, 4, -3, NAN, 0.5] if scale else [*quantiles(5 / 8, 7 / 8, 1 / 8), NAN, *quantiles(3 / 8)]
    assert here == pytest.approx(expected, abs=CLOSE, nan_ok=True)


def test_one_column_may_be_written_without_brackets(tmp_path: Path) -> None:
    """A column named as text is a list of one, and one column may serve several traits."""
    mapping = f'{BY_ID}[traits.interest]\ncolumns = "mark"\n[traits.control]\ncolumns = "mark"\nreverse = true\n'
    roster = read(tmp_path, "id,mark\na,1\nb,2\nc,4\n", mapping)
    assert scores(roster) == pytest.approx(quantiles(1 / 6, 3 / 6, 5 / 6), abs=CLOSE)
    assert scores(roster, "control") == pytest.approx(quantiles(5 / 6, 3 / 6, 1 / 6), abs=CLOSE)


@pytest.mark.parametrize("scale", ["", "mean = 2\nsd = 4\n"], ids=["rank", "mean and SD"])
def test_reverse(tmp_path: Path, scale: str) -> None:
    """High values mean little of the trait: the same scores with the other sign."""
    text = "id,mark\na,1\nb,7\nc,\nd,7\ne,4\n"
    forward, back = (
        scores(read(tmp_path, text, INTEREST + scale)),
        scores(read(tmp_path, text, INTEREST + scale + "reverse = true\n")),
    )
    assert back == pytest.approx([-score for score in forward], abs=CLOSE, nan_ok=True)
    assert forward[0] < -0.2
    assert forward[1] > 0.2
    assert scores(read(tmp_path, text, INTEREST + scale + "reverse = false\n"))[:2] == forward[:2]


def test_words_that_stand_for_numbers(tmp_path: Path) -> None:
    """Words, numbers that are codes and signs of missing values take the number stated for them."""
    mapping = AS_IS + 'values = {yes = 1, no = 0, "not at all" = -1.5, 9 = 5, "?" = 7}\n'
    text = "id,mark\na,yes\nb, no\nc,not at all\nd,9\ne,?\nf,4\ng,NA\n"
    assert scores(read(tmp_path, text, mapping)) == pytest.approx([1, 0, -1.5, 5, 7, 4, NAN], nan_ok=True)


def test_mean_and_sd(tmp_path: Path) -> None:
    """With the scale's own mean and SD a score says how far from that mean, whoever else is in the file."""
    mapping = INTEREST + "mean = 10.0\nsd = 2.5\n"
    assert scores(read(tmp_path, "id,mark\na,10\nb,15\nc,0\n", mapping)) == [0, 2, -4]
    assert scores(read(tmp_path, "id,mark\na,10\nb,15\n", mapping)) == [0, 2]
    assert scores(read(tmp_path, "id,mark\na,10\nb,15\n", mapping + "reverse = true\n")) == [0, -2]


def test_mean_and_sd_up_to_the_farthest_score(tmp_path: Path) -> None:
    """20 SDs from the mean is let through."""
    assert scores(read(tmp_path, "id,mark\na,20\nb,-20\n", AS_IS)) == [20, -20]


def test_ranks_know_order_only(tmp_path: Path) -> None:
    """Any scale that keeps the order gives the same scores."""
    first = scores(read(tmp_path, "id,mark\na,1\nb,2\nc,3\nd,4\n", INTEREST))
    assert scores(read(tmp_path, "id,mark\na,-1e9\nb,0.001\nc,0.002\nd,1e50\n", INTEREST)) == first
    assert first == pytest.approx(quantiles(1 / 8, 3 / 8, 5 / 8, 7 / 8), abs=CLOSE)


def test_ties_share_their_middle_rank(tmp_path: Path) -> None:
    """Equal values have one score, in the middle of the ranks they take up; if all are equal it is 0."""
    here = scores(read(tmp_path, "id,mark\na,2\nb,5\nc,2\nd,1\ne,2\n", INTEREST))
    assert here == pytest.approx(quantiles(5 / 10, 9 / 10, 5 / 10, 1 / 10, 5 / 10), abs=CLOSE)
    assert scores(read(tmp_path, "id,mark\na,3\nb,3\nc,3\n", INTEREST)) == pytest.approx([0, 0, 0], abs=CLOSE)


def test_rank_scores_are_close_to_normal(tmp_path: Path) -> None:
    """A skewed scale of 999 values becomes the quantiles of the normal distribution, with its mean, SD and tails."""
    values = np.exp(np.random.default_rng(0).normal(0, 2, 999))
    text = "id,mark\n" + "".join(f"{i},{value!r}\n" for i, value in enumerate(values.tolist()))
    here = np.array(scores(read(tmp_path, text, INTEREST + "[class]\ndeal = 60\n")))
    expected = quantiles(*((k + 0.5) / 999 for k in range(999)))
    assert np.sort(here) == pytest.approx(expected, abs=1e-6)
    assert abs(here.mean()) < 1e-6
    assert abs(here.std() - 1) < 2e-3
    assert abs((here**3).mean()) < 1e-5
    assert (here**4).mean() == pytest.approx(3, abs=0.05)


# ---- notes -------------------------------------------------------------------------------------------------
def test_notes_of_own_columns(tmp_path: Path) -> None:
    """How many, from which columns, on which scale, and what is drawn."""
    text = "student_id,class_id,interest,control\na,x,1,1\nb,x,2,\nc,y,3,3\nd,y,4,4\ne,y,5,\n"
    assert read(tmp_path, text).notes == (
        "5 students of grades.csv, ids from student_id",
        "2 classes of 2 to 3 students, by class_id",
        "control from control by rank, drawn for 2 students without it",
        "interest from interest by rank",
        "drawn for everybody: prior_knowledge, learning_rate, resilience, attribution_style, expectancy, "
        "confidence, anxiety, goal_orientation, perfectionism, diligence",
    )


def test_notes_of_a_mapping(tmp_path: Path) -> None:
    """Joined and averaged columns, reversed scales, means and SDs, and dealing with its seed."""
    tables = "".join(f'[traits.{trait}]\ncolumns = "one"\n' for trait in TRAITS if trait not in ("interest", "control"))
    mapping = f"""
        [student]
        id = ["id", "one"]
        [class]
        deal = 2
        seed = 7
        [traits.interest]
        columns = ["one", "two"]
        reverse = true
        mean = 2.50
        sd = 1
        [traits.control]
        columns = "two"
        {tables}"""
    notes = read(tmp_path, "id,one,two\na,1,1\na,2,\nc,3,3\nd,4,4\n", mapping).notes
    assert notes[:4] == (
        "4 students of grades.csv, ids from id+one",
        "2 classes of 2 students, dealt in the order of seed 7",
        "interest from one+two by mean 2.5 and SD 1, reversed",
        "control from two by rank, drawn for 1 student without it",
    )
    assert notes[-1] == "drawn for everybody: nothing"
    assert len(notes) == 2 + len(TRAITS) + 1


def test_notes_of_one_class_by_row_number(tmp_path: Path) -> None:
    """One class is one, and ids come from the row number."""
    notes = read(tmp_path, "mark\n1\n2\n", '[student]\nid = "row number"\n').notes
    assert notes == (
        "2 students of grades.csv, ids from the row number",
        "1 class of 2 students, by file",
        f"drawn for everybody: {', '.join(TRAITS)}",
    )


# ---- mappings ----------------------------------------------------------------------------------------------
def test_the_smallest_mapping(tmp_path: Path) -> None:
    """Who is who is all that a mapping must say; the rest has defaults."""
    file = tmp_path / "small.toml"
    file.write_text('student.id = "name"')
    assert read_mapping(file) == Rules("small", ("name",), {})


def test_a_full_mapping(tmp_path: Path) -> None:
    """Every key of the description is read as it is written there."""
    file = tmp_path / "full.toml"
    file.write_text("""
        [file]
        separator = ";"
        encoding = "latin-1"
        decimal = ","
        missing = ["", "x", 99, 9.5]
        header = 3
        only = {year = ["2", 2023]}
        skip = {maths = ["out of", 10], pupil = ""}
        [student]
        id = ["class", "pupil"]
        [class]
        id = "class"
        deal = 25
        seed = 4
        small = "leave out"
        least = 5
        [carry]
        section = "Section"
        [traits.prior_knowledge]
        columns = ["maths", "spanish"]
        reverse = true
        values = {yes = 1, no = 0.5}
        mean = 10.0
        sd = 3
        extra_credit = true
        [traits.interest]
        columns = "Quiz*"
        scale = ["A", "B+", "B"]
    """)
    rules = read_mapping(file)
    trait, more = rules.traits.values()
    assert rules == Rules(
        name="full",
        student=("class", "pupil"),
        traits={"prior_knowledge": trait, "interest": more},
        group=("class",),
        deal=25,
        seed=4,
        separator=";",
        encoding="latin-1",
        decimal=",",
        missing=(*MISSING, "", "x", "99", "9.5"),
        header=3,
        only={"year": ("2", "2023")},
        skip={"maths": ("out of", "10"), "pupil": ("",)},
        small="leave out",
        least=5,
        carry={"section": "Section"},
    )
    assert trait == (("maths", "spanish"), True, {"yes": 1, "no": 0.5}, (10.0,), (3,), (), True)
    assert more == (("Quiz*",), False, {}, (), (), ("A", "B+", "B"), False)
    assert rules.single() == ("class", "pupil", "class", "year", "maths", "pupil", "Section")
    assert rules.named() == (*rules.single(), "maths", "spanish", "Quiz*")


@pytest.mark.parametrize("name", sorted(path.name for path in ROSTERS.glob("*.toml")))
def test_the_mappings_that_come_along(name: str) -> None:
    """Each can be read, gives at least one trait, and says in its first line what it is of."""
    assert read_mapping(ROSTERS / name).traits
    assert (ROSTERS / name).read_text(encoding="utf-8").startswith("# ")


# ---- the real data -----------------------------------------------------------------------------------------
def columns(file: Path, separator: str) -> Mapping[str, list[str]]:
    """The columns of a data set, by the csv module alone."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=separator))
    return {name: [row[name] for row in rows] for name in rows[0]}


def by_student(roster: Roster, trait: str) -> np.ndarray:
    """One trait in the order of the row numbers that are the ids."""
    ids = [int(student) for c in roster.classes for student in c.students]
    assert sorted(ids) == list(range(1, len(ids) + 1))
    return np.array(scores(roster, trait))[np.argsort(ids)]


def goes_with(score: np.ndarray, value: np.ndarray) -> bool:
    """Whether scores rise with the values, and equal values have equal scores."""
    pairs = sorted(zip(value.tolist(), score.tolist(), strict=True))
    return all((a[1] == b[1]) if a[0] == b[0] else (a[1] < b[1]) for a, b in pairwise(pairs))


def by_rank(values: np.ndarray) -> np.ndarray:
    """Normal quantiles of middle ranks, by the standard library."""
    known = sorted(values[np.isfinite(values)].tolist())
    middle = {v: (known.index(v) + known.count(v) / 2) / len(known) for v in set(known)}
    return np.array([quantiles(middle[v])[0] if v in middle else NAN for v in values.tolist()])


def test_the_classes_of_coruna(data: Path) -> None:
    """33 whole classes of 15 to 26, 717 pupils in all, as the file has them, and marks and surveys by rank."""
    file = data / "coruna_srl" / "pupils.csv"
    roster, table = Roster.read(file, ROSTERS / "coruna.toml"), columns(file, ",")
    sizes = [len(c.students) for c in roster.classes]
    assert (len(sizes), sum(sizes), min(sizes), max(sizes)) == (33, 717, 15, 26)
    assert [c.name for c in roster.classes] == list(dict.fromkeys(table["class_id"]))
    for c in roster.classes:
        assert {table["class_id"][int(student) - 1] for student in c.students} == {c.name}
    marks = [np.array([float(cell or "nan") for cell in table[name]]) for name in ("maths_mark", "spanish_mark")]
    assert goes_with(by_student(roster, "prior_knowledge"), np.round(np.nanmean([*map(by_rank, marks)], axis=0), 6))
    assert goes_with(by_student(roster, "interest"), np.array(table["emotional_engagement"], float))
    assert goes_with(-by_student(roster, "control"), np.array(table["srl_maladaptive_z"], float))
    assert roster.default_rooms() == 33
    assert roster.notes[:2] == (
        "717 students of pupils.csv, ids from the row number",
        "33 classes of 15 to 26 students, by class_id",
    )


@pytest.mark.parametrize(("name", "count", "classes"), [("student-mat.csv", 395, 16), ("student-por.csv", 649, 26)])
def test_the_schools_of_uci(data: Path, name: str, count: int, classes: int) -> None:
    """Every pupil is dealt once into classes of 24 and 25; grades, failures and study time count by rank."""
    file = data / "uci_student" / name
    roster, table = Roster.read(file, ROSTERS / "uci-student.toml"), columns(file, ";")
    sizes = [len(c.students) for c in roster.classes]
    assert (len(sizes), sum(sizes), min(sizes), max(sizes)) == (classes, count, 24, 25)
    assert goes_with(by_student(roster, "prior_knowledge"), np.array(table["G1"], float))
    assert goes_with(-by_student(roster, "expectancy"), np.array(table["failures"], float))
    assert goes_with(by_student(roster, "interest"), np.array(table["studytime"], float))
    assert roster.notes[:2] == (
        f"{count} students of {name}, ids from the row number",
        f"{classes} classes of 24 to 25 students, dealt in the order of seed 0",
    )


def test_the_seats_of_coruna(data: Path) -> None:
    """All classes sit in one block: everybody present and known, the empty seats of smaller classes not."""
    roster = Roster.read(data / "coruna_srl" / "pupils.csv", ROSTERS / "coruna.toml")
    seats = roster.seats(range(33), seed=0)
    assert seats.roster.shape[1:] == (26, 33)
    assert seats.roster[0].sum() == 717
    assert seats.weight.sum() == pytest.approx(717)


# ---- bad input ---------------------------------------------------------------------------------------------
class Bad(NamedTuple):
    """A file and a mapping that cannot be used, and what is said: where, what is wrong, what would be right."""

    text: str | bytes
    mapping: str | bytes | None
    says: str


OWN = "student_id,class_id,interest\na,x,1\nb,x,2\n"
MARKS = "id,mark\na,1\nb,2\n"
TO_SAVE = "save it as CSV, or name its encoding in a mapping, [file] encoding = ..."
NO_STUDENTS = "roster grades.csv, read as utf-8, has no students; it needs a line of column names and a line a student"
NO_NUMBER = "it needs a number, or a place among values or missing in a mapping"
NO_X = f"grades.csv is 'x'; {NO_NUMBER}"
FOREIGN = "(foreign columns and separators are read through a mapping)"
OPEN = "is a quote left open?"
A_CLASS = "every student needs a class, or leave the row out with [file] skip in a mapping"
AN_ID = "every student needs an id, or leave the row out with [file] skip in a mapping"
ONE_ID = (
    "take one of them with [file] only or skip in a mapping, or, where they are two students, "
    'name more columns in [student] id or write id = "row number" there'
)
OF_NAMES = "and line 1 the one of the names? (separator, header or skip in [file] of a mapping)"
ALL_COLUMNS = ", ".join(["student_id", "class_id", "school_id", *TRAITS])

BAD_FILES = {
    "empty": Bad("", None, NO_STUDENTS),
    "empty, mapped": Bad("", BY_ID, NO_STUDENTS),
    "blank": Bad("\n  \n,,\n", None, NO_STUDENTS),
    "byte order mark only": Bad("\ufeff".encode(), None, NO_STUDENTS),
    "header only": Bad("student_id,interest\n", None, NO_STUDENTS),
    "header and blanks": Bad("student_id,interest\n\n,\n", None, NO_STUDENTS),
    "one student": Bad("student_id\na\n", None, "class all of roster grades has 1 student; a class needs at least 2"),
    "one student in a class": Bad(
        OWN + "c,y,3\n",
        None,
        "class y of roster grades has 1 student; a class needs at least 2 "
        '(small = "join" or "leave out" in [class] of a mapping)',
    ),
    "one student dealt": Bad(
        "id\na\n", f"{BY_ID}[class]\ndeal = 25\n", "class 1 of roster rules has 1 student; a class needs at least 2"
    ),
    "one left alone": Bad(
        students(5).replace("student_", ""),
        f"{BY_ID}[class]\ndeal = 2\n",
        "5 students dealt into classes of 2 leave one alone; write [class] deal = 3 in mapping rules",
    ),
    "61 in a class": Bad(
        students(61),
        None,
        "class all of roster grades has 61 students, more than 60; "
        "deal them into classes with [class] deal = 25 in a mapping",
    ),
    "61 in a class, mapped": Bad(
        "id,room\na,p\nb,p\n" + "".join(f"s{i},q\n" for i in range(61)),
        f'{BY_ID}[class]\nid = "room"\n',
        "class q of roster rules has 61 students, more than 60; "
        "deal them into classes with [class] deal = 25 in a mapping",
    ),
    "duplicate ids": Bad(
        "student_id\na\nb\n\na\n",
        None,
        f"lines 2 and 5 of grades.csv have one id, 'a'; {ONE_ID}",
    ),
    "duplicate joined ids": Bad(
        "room,no\nx,1\ny,1\nx,1\n",
        '[student]\nid = ["room", "no"]\n',
        f"lines 2 and 4 of grades.csv have one id, 'x/1'; {ONE_ID}",
    ),
    "empty id": Bad("student_id,interest\na,1\n,2\n", None, f"line 3 of grades.csv has no student_id; {AN_ID}"),
    "empty joined id": Bad(
        "room,no,mark\nx,1,1\n,,2\n",
        '[student]\nid = ["room", "no"]\n',
        f"line 3 of grades.csv has no room+no; {AN_ID}",
    ),
    "empty class": Bad(OWN + "c,,1\nd,,1\n", None, f"line 4 of grades.csv has no class_id; {A_CLASS}"),
    "missing class": Bad(OWN + "c,NA,1\nd,NA,1\n", None, f"line 4 of grades.csv has no class_id; {A_CLASS}"),
    "empty joined class": Bad(
        "id,room,year\na,x,1\nb,x,1\nc,,\n",
        f'[file]\nmissing = ["x"]\n{BY_ID}[class]\nid = ["room", "year"]\n',
        f"line 4 of grades.csv has no room+year; {A_CLASS}",
    ),
    "binary": Bad(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", None, f"roster grades.csv is not text in utf-8; {TO_SAVE}"),
    "zip": Bad(b"PK\x03\x04\x14\x00\x06\x00\x08", None, f"roster grades.csv is not text in utf-8; {TO_SAVE}"),
    "binary as latin-1": Bad(
        bytes(range(256)),
        f'[file]\nencoding = "latin-1"\n{BY_ID}',
        f"roster grades.csv is not text in latin-1; {TO_SAVE}",
    ),
    "NUL in a cell": Bad(OWN.replace("1", "\0"), None, f"roster grades.csv is not text in utf-8; {TO_SAVE}"),
    "latin-1 stated to be utf-8": Bad(
        "id\nJosé\nb\n".encode("latin-1"),
        f'[file]\nencoding = "utf-8"\n{BY_ID}',
        f"roster grades.csv is not text in utf-8; {TO_SAVE}",
    ),
    "binary that is no cp1252 either": Bad(
        b"student_id\n\xff\x81\nb\n", None, f"roster grades.csv is not text in utf-8; {TO_SAVE}"
    ),
    "controls that no cp1252 has": Bad(
        b"student_id\n\xff\x01\nb\n", None, f"roster grades.csv is not text in utf-8; {TO_SAVE}"
    ),
    "utf-16 without a mark read as utf-8": Bad(
        OWN.encode("utf-16-le"), None, f"roster grades.csv is not text in utf-8; {TO_SAVE}"
    ),
    "utf-8 read as utf-16": Bad(MARKS, f'[file]\nencoding = "utf-16"\n{BY_ID}', NO_STUDENTS.replace("utf-8", "utf-16")),
    "odd utf-8 read as utf-16": Bad(
        MARKS + "\n", f'[file]\nencoding = "utf-16"\n{BY_ID}', f"roster grades.csv is not text in utf-16; {TO_SAVE}"
    ),
    "utf-8 read as punycode": Bad(
        MARKS, f'[file]\nencoding = "punycode"\n{BY_ID}', f"roster grades.csv is not text in punycode; {TO_SAVE}"
    ),
    "utf-8 read as ascii": Bad(
        "id\né\nb\n", f'[file]\nencoding = "ascii"\n{BY_ID}', f"roster grades.csv is not text in ascii; {TO_SAVE}"
    ),
    "own column misspelt": Bad(
        "student_id,intrest\na,1\nb,2\n",
        None,
        f"unknown column of grades.csv: 'intrest'; did you mean interest? {FOREIGN}",
    ),
    "own column in capitals": Bad(
        "Student_ID\na\nb\n", None, f"unknown column of grades.csv: 'Student_ID'; did you mean student_id? {FOREIGN}"
    ),
    "foreign column": Bad(
        "student_id,G1\na,1\nb,2\n", None, f"unknown column of grades.csv: 'G1'; there are {ALL_COLUMNS} {FOREIGN}"
    ),
    "column without a name": Bad(
        "student_id,\na,1\nb,2\n", None, f"unknown column of grades.csv: ''; there are {ALL_COLUMNS} {FOREIGN}"
    ),
    "own columns with an odd separator": Bad(
        OWN.replace(",", "~"),
        None,
        f"unknown column of grades.csv: 'student_id~class_id~interest'; there are {ALL_COLUMNS} {FOREIGN}",
    ),
    "own columns without an id": Bad(
        "interest\n1\n2\n", None, "grades.csv has no column student_id; add one, or read the file through a mapping"
    ),
    "two columns with one name": Bad(
        "student_id,interest, interest\na,1,1\nb,2,2\n",
        None,
        "roster grades.csv has two columns called 'interest'; give each a name of its own",
    ),
    "two columns with a name that the mapping has": Bad(
        "id,mark,mark\na,1,1\nb,2,2\n",
        INTEREST,
        "roster grades.csv has two columns called 'mark'; give each a name of its own",
    ),
    "row too long": Bad(
        "student_id,interest\na,1\n\nb,2,3\n",
        None,
        f"line 4 of grades.csv has 3 cells, the line of column names has 2; is ',' the separator, {OF_NAMES}",
    ),
    "row too short": Bad(
        "id;mark\na;1\nb\n",
        f'[file]\nseparator = ";"\n{BY_ID}',
        f"line 3 of grades.csv has 1 cell, the line of column names has 2; is ';' the separator, {OF_NAMES}",
    ),
    "decimal commas without quotes": Bad(
        "id,mark\na,1,5\nb,2,5\n",
        AS_IS,
        f"line 2 of grades.csv has 3 cells, the line of column names has 2; is ',' the separator, {OF_NAMES}",
    ),
    "quote left open": Bad(
        'student_id,interest\na,1\n"b,2\nc,3\n',
        None,
        f"line 3 of grades.csv is not CSV (unexpected end of data); {OPEN}",
    ),
    "quote left open in the last column": Bad(
        'id,mark,note\na,1,\n\nb,2,"fine\nc,3,\n',
        BY_ID,
        f"line 4 of grades.csv is not CSV (unexpected end of data); {OPEN}",
    ),
    "text after a quote": Bad(
        'student_id,interest\n"a"x,1\nb,2\n', None, f"line 2 of grades.csv is not CSV (',' expected after '\"'); {OPEN}"
    ),
    "a cell without end": Bad(
        "student_id\na\n" + "b" * 200_000,
        None,
        f"line 3 of grades.csv is not CSV (field larger than field limit (131072)); {OPEN}",
    ),
    "word": Bad(OWN.replace("2", "good"), None, f"interest in line 3 of grades.csv is 'good'; {NO_NUMBER}"),
    "word, mapped": Bad("id,mark\na,1\nb,good\n", INTEREST, f"mark in line 3 of grades.csv is 'good'; {NO_NUMBER}"),
    "word that is not among the values": Bad(
        "id,mark\na,yes\nb,Yes\n",
        INTEREST + "values = {yes = 1, no = 0}\n",
        "mark in line 3 of grades.csv is 'Yes'; "
        "it needs a number, 'yes', 'no', or a place among values or missing in a mapping",
    ),
    "word after blank lines": Bad("\nid,mark\n\n\na,1\nb,x\n", INTEREST, f"mark in line 6 of {NO_X}"),
    "word after a cell of several lines": Bad(
        'id,note,mark\na,"one\r\ntwo\r\n\r\nfour",1\r\nb,,x\r\n', INTEREST, f"mark in line 6 of {NO_X}"
    ),
    "word in a row of several lines": Bad(
        'id,note,mark\na,,1\nb,"one\ntwo",x\n', INTEREST, f"mark in line 3 of {NO_X}"
    ),
    "word in the second of two columns": Bad(
        "id,mark,other\na,1,2\nb,1,x\n",
        f'{BY_ID}[traits.interest]\ncolumns = ["mark", "other"]\n',
        f"other in line 3 of {NO_X}",
    ),
    "unknown id column": Bad(MARKS, '[student]\nid = "Id"\n', "unknown column of grades.csv: 'Id'; there are id, mark"),
    "unknown class column": Bad(
        MARKS, f'{BY_ID}[class]\nid = "marks"\n', "unknown column of grades.csv: 'marks'; did you mean mark?"
    ),
    "unknown trait column": Bad(
        MARKS,
        f'{BY_ID}[traits.control]\ncolumns = ["mark", "marc"]\n',
        "unknown column of grades.csv: 'marc'; did you mean mark?",
    ),
    "unknown column for want of a separator": Bad(
        MARKS.replace(",", "~"),
        INTEREST,
        "unknown column of grades.csv: 'id'; there are id~mark (is ',' the separator?)",
    ),
    "missing code on a scale": Bad(
        "id,mark\na,12\nb,999\n",
        INTEREST + "mean = 9\nsd = 3\n",
        "mark in line 3 of grades.csv is 330 SDs from the mean; "
        "are mean and sd in the mapping those of this scale, or does the cell belong under missing?",
    ),
    "just beyond the farthest score": Bad(
        "id,mark\na,-20.5\nb,1\n",
        AS_IS + "reverse = true\n",
        "mark in line 2 of grades.csv is 20.5 SDs from the mean; "
        "are mean and sd in the mapping those of this scale, or does the cell belong under missing?",
    ),
    "SD next to 0": Bad(
        MARKS,
        INTEREST + "mean = 0\nsd = 1e-320\n",
        "mark in line 2 of grades.csv is inf SDs from the mean; "
        "are mean and sd in the mapping those of this scale, or does the cell belong under missing?",
    ),
}

WHO = 'rules.toml does not say who is who; it needs [student] id = "column" or id = "row number"'
SCALE = "[traits.interest] of rules.toml needs both a mean and an SD above 0, or neither"
A_SEED = f"it needs a whole number from 0 to {LIMIT - 1}"
ENCODINGS = "no text encoding; write utf-8, utf-16, latin-1 or cp1252, for example"
ONE_CHARACTER = 'it needs one character, such as ";" or "\\t"'

#: What is written in the mapping, and what is said of it; the file itself is sound.
BAD_MAPPINGS = {
    "not TOML": (
        "student: id",
        "mapping rules.toml is not valid TOML: Expected '=' after a key in a key/value pair (at line 1, column 8)",
    ),
    "table twice": (
        BY_ID + BY_ID,
        "mapping rules.toml is not valid TOML: Cannot declare ('student',) twice (at line 3, column 9)",
    ),
    "not text": (b"[student]\nid = '\xff'\n", "mapping rules.toml is not text in UTF-8; save it as such"),
    "utf-16": (BY_ID.encode("utf-16"), "mapping rules.toml is not text in UTF-8; save it as such"),
    **{
        f"{at} = {value}": (
            f"{BY_ID}{table}\n{at.rpartition('.')[2]} = {value}\n",
            f"mapping rules.toml: {at} is {value}; it needs a finite number",
        )
        for table, at in (("[traits.interest]", "traits.interest.mean"), ("[class]", "class.seed"))
        for value in ("nan", "inf", "-inf")
    },
    "an endless number": (
        f"{BY_ID}[class]\nseed = 0x{'f' * 5000}\n",
        "mapping rules.toml: class.seed is a whole number of 20000 bits; it needs a smaller number",
    ),
    "empty": ("", WHO),
    "no id": ("[student]\n", WHO),
    "empty id": ('[student]\nid = ""\n', WHO),
    "no columns of the id": ("[student]\nid = []\n", WHO),
    "unknown table": (
        BY_ID + '[trait.interest]\ncolumns = "mark"\n',
        "unknown key in rules.toml: 'trait'; did you mean traits?",
    ),
    "far table": (BY_ID + "[x]\n", "unknown key in rules.toml: 'x'; there are file, student, class, carry, traits"),
    "unknown key of file": (
        BY_ID + '[file]\nseperator = ";"\n',
        "unknown key in [file] of rules.toml: 'seperator'; did you mean separator?",
    ),
    "unknown key of student": (
        '[student]\nids = "id"\n',
        "unknown key in [student] of rules.toml: 'ids'; did you mean id?",
    ),
    "unknown key of class": (
        BY_ID + "[class]\ndeals = 25\n",
        "unknown key in [class] of rules.toml: 'deals'; did you mean deal or least?",
    ),
    "unknown trait": (
        BY_ID + '[traits.intrest]\ncolumns = "mark"\n',
        "unknown trait in [traits] of rules.toml: 'intrest'; did you mean interest?",
    ),
    "far trait": (
        BY_ID + '[traits.x]\ncolumns = "mark"\n',
        f"unknown trait in [traits] of rules.toml: 'x'; there are {', '.join(TRAITS)}",
    ),
    "unknown key of a trait": (
        INTEREST + "reversed = true\n",
        "unknown key in [traits.interest] of rules.toml: 'reversed'; did you mean reverse?",
    ),
    "trait without columns": (
        BY_ID + "[traits.interest]\nreverse = true\n",
        '[traits.interest] of rules.toml names no column; it needs columns = ["..."]',
    ),
    "trait of no columns": (
        BY_ID + "[traits.interest]\ncolumns = []\n",
        '[traits.interest] of rules.toml names no column; it needs columns = ["..."]',
    ),
    **{
        f"deal = {deal}": (
            BY_ID + f"[class]\ndeal = {deal}\n",
            f"[class] deal of rules.toml is {deal}; it needs a whole number from 2 to 60",
        )
        for deal in (1, 61, 0, -25)
    },
    **{
        f"seed = {seed}": (
            BY_ID + f"[class]\ndeal = 2\nseed = {seed}\n",
            f"[class] seed of rules.toml is {seed}; {A_SEED}",
        )
        for seed in (-1, LIMIT, 2**63)
    },
    "seed without deal": (
        BY_ID + "[class]\nseed = 1\n",
        "[class] of rules.toml has a seed and deals no classes; a seed goes with deal = 25, for example",
    ),
    "SD of 0": (INTEREST + "mean = 1\nsd = 0\n", SCALE),
    "negative SD": (INTEREST + "mean = 1\nsd = -2.5\n", SCALE),
    "mean without SD": (INTEREST + "mean = 1\n", SCALE),
    "SD without mean": (INTEREST + "sd = 1\n", SCALE),
    **{
        f"separator {separator}": (
            BY_ID + f"[file]\nseparator = {separator}\n",
            f"separator in [file] of rules.toml is {said}; {ONE_CHARACTER}",
        )
        for separator, said in (
            ('";;"', "';;'"),
            ('""', "''"),
            (r'"\n"', r"'\n'"),
            (r'"\r"', r"'\r'"),
            (r'"\""', "'\"'"),
            (r'"\u0000"', r"'\x00'"),
        )
    },
    **{
        f"decimal {decimal!r}": (
            BY_ID + f'[file]\ndecimal = "{decimal}"\n',
            f'decimal in [file] of rules.toml is {decimal!r}; it needs "." or ","',
        )
        for decimal in ("", "..", "1", "e", "-", " ")
    },
    **{
        f"encoding {encoding!r}": (
            BY_ID + f'[file]\nencoding = "{encoding}"\n',
            f"encoding in [file] of rules.toml is {encoding!r}, {ENCODINGS}",
        )
        for encoding in ("utf-9", "", "base64", "undefined", "latin 1 or so")
    },
    "encoding with NUL": (
        BY_ID + '[file]\nencoding = "a\\u0000b"\n',
        rf"encoding in [file] of rules.toml is 'a\x00b', {ENCODINGS}",
    ),
    **{
        f"missing [{word}]": (
            BY_ID + f'[file]\nmissing = ["NA", {word}]\n',
            f"missing in [file] of rules.toml has {said}; it needs texts and numbers",
        )
        for word, said in (("[1]", "[1]"), ("true", "True"), ("{}", "{}"))
    },
}

#: A key, where it stands, a value of the wrong kind as TOML and as Python has it, and what is right.
WRONG_KINDS = [
    ("file", "", "1", "1", "a table"),
    ("student", "", "'id'", "'id'", "a table"),
    ("student", "", "[{id = 'id'}]", "[{'id': 'id'}]", "a table"),
    ("class", "", "['mark']", "['mark']", "a table"),
    ("traits", "", "true", "True", "a table"),
    ("separator", "file", "1", "1", "a text"),
    ("encoding", "file", "['utf-8']", "['utf-8']", "a text"),
    ("decimal", "file", "0.5", "0.5", "a text"),
    ("missing", "file", "'NA'", "'NA'", "a list"),
    ("id", "student", "1", "1", "a text or a list"),
    ("id", "student", "true", "True", "a text or a list"),
    ("id", "class", "{}", "{}", "a text or a list"),
    ("deal", "class", "'25'", "'25'", "a whole number"),
    ("deal", "class", "25.0", "25.0", "a whole number"),
    ("deal", "class", "true", "True", "a whole number"),
    ("seed", "class", "0.5", "0.5", "a whole number"),
    ("seed", "class", "false", "False", "a whole number"),
    ("interest", "traits", "'mark'", "'mark'", "a table"),
    ("columns", "traits.interest", "1", "1", "a text or a list"),
    ("reverse", "traits.interest", "1", "1", "true or false"),
    ("reverse", "traits.interest", "'yes'", "'yes'", "true or false"),
    ("values", "traits.interest", "['yes', 'no']", "['yes', 'no']", "a table"),
    ("mean", "traits.interest", "'10'", "'10'", "a number or a list"),
    ("mean", "traits.interest", "true", "True", "a number or a list"),
    ("sd", "traits.interest", "1979-05-27", "datetime.date(1979, 5, 27)", "a number or a list"),
    ("scale", "traits.interest", "'ABC'", "'ABC'", "a list"),
    ("extra_credit", "traits.interest", "1", "1", "true or false"),
    ("header", "file", "'5'", "'5'", "a whole number"),
    ("only", "file", "['2']", "['2']", "a table"),
    ("skip", "file", "'x'", "'x'", "a table"),
    ("small", "class", "true", "True", "a text"),
    ("least", "class", "2.5", "2.5", "a whole number"),
    ("carry", "", "['mark']", "['mark']", "a table"),
    ("section", "carry", "1", "1", "a text"),
]


def said(folder: Path, text: str | bytes, mapping: str | bytes | None) -> str:
    """What is said of input that cannot be used, on one line."""
    with pytest.raises(InputError) as error:
        read(folder, text, mapping)
    message = str(error.value)
    assert message.isprintable()
    return message.replace(f"{folder}/", "")


@pytest.mark.parametrize("bad", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_bad_files_are_refused(tmp_path: Path, bad: Bad) -> None:
    """The sentence says what is wrong, in which line and column, and what would be right."""
    assert said(tmp_path, bad.text, bad.mapping) == bad.says


@pytest.mark.parametrize(
    "cell", ["inf", "-inf", "Infinity", "NAN", "+nan", "1e400", "1e100", "1_000", "0x1F", "%", "1 2", "n.a."]
)
def test_cells_that_are_no_numbers_are_refused(tmp_path: Path, cell: str) -> None:
    """Infinity, numbers beyond all bounds, units, thousands and other words are no numbers."""
    text = f'student_id,interest\na,1\nb,"{cell}"\n'
    assert said(tmp_path, text, None) == f"interest in line 3 of grades.csv is {cell!r}; {NO_NUMBER}"


@pytest.mark.parametrize("cell", ["1.5", "1.234,5", "1.234", "1,5,5"])
def test_points_are_no_decimal_commas(tmp_path: Path, cell: str) -> None:
    """Where the comma is the decimal mark, a point in a number is refused, be it a decimal or thousands."""
    mapping = f'[file]\nseparator = ";"\ndecimal = ","\n{AS_IS}'
    message = said(tmp_path, f"id;mark\na;1,5\nb;{cell}\n", mapping)
    assert message == f"mark in line 3 of grades.csv is {cell!r}; {NO_NUMBER}"


@pytest.mark.parametrize(("mapping", "says"), BAD_MAPPINGS.values(), ids=BAD_MAPPINGS.keys())
def test_bad_mappings_are_refused(tmp_path: Path, mapping: str | bytes, says: str) -> None:
    """The sentence says what is wrong, in which table, and what would be right."""
    assert said(tmp_path, MARKS, mapping) == says


@pytest.mark.parametrize(("key", "table", "value", "shown", "needs"), WRONG_KINDS)
def test_values_of_the_wrong_kind_are_refused(
    tmp_path: Path, key: str, table: str, value: str, shown: str, needs: str
) -> None:
    """The sentence names the key, its table and the value, and the kind that it needs."""
    lines = [f"[{table}]" if table else "", f"{key} = {value}"]
    if table.startswith("traits"):
        lines = [BY_ID, *lines]
    where = f"[{table}] of rules.toml" if table else "rules.toml"
    assert said(tmp_path, MARKS, "\n".join(lines)) == f"{key} in {where} is {shown}; it needs {needs}"


@pytest.mark.parametrize("number", ["'one'", "true", "[1]", "1e100"])
def test_values_that_are_no_numbers_are_refused(tmp_path: Path, number: str) -> None:
    """A word stands for a number and nothing else."""
    message = said(tmp_path, MARKS, INTEREST + f"values = {{no = 0, yes = {number}}}\n")
    assert message.startswith("yes in values in [traits.interest] of rules.toml is ")
    assert message.endswith("; it needs a number")


@pytest.mark.parametrize("key", ["[student]\nid", "[class]\nid", "[traits.interest]\ncolumns"])
def test_columns_that_are_no_names_are_refused(tmp_path: Path, key: str) -> None:
    """Columns are named, not numbered."""
    table, name = key.split("\n")
    mapping = f"{'' if 'student' in key else BY_ID}{key} = ['id', 2]\n"
    where = f"{table} {name} of rules.toml" if name == "id" else f"columns in {table} of rules.toml"
    assert said(tmp_path, MARKS, mapping) == f"{where} is ['id', 2]; it needs names of columns"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is missing, a folder and an impossible path, as roster and as mapping."""
    good, none, rules = tmp_path / "grades.csv", tmp_path / "none", tmp_path / "rules.toml"
    read(tmp_path, MARKS, BY_ID)
    long = tmp_path / ("x" * 5000)
    for file, mapping, says in (
        (none, None, f"roster {none} cannot be read; is the path right?"),
        (none, rules, f"roster {none} cannot be read; is the path right?"),
        (long, None, "cannot be read; is the path right?"),
        (Path("a\0b"), None, "roster a b cannot be read; is the path right?"),
        (tmp_path, None, f"roster {tmp_path} is a folder; name the file in it"),
        (good, none, f"mapping {none} cannot be read; is the path right?"),
        (good, long, "cannot be read; is the path right?"),
        (good, tmp_path, f"mapping {tmp_path} is a folder; name the file in it"),
    ):
        with pytest.raises(InputError) as error:
            Roster.read(file, mapping)
        message = str(error.value)
        assert message.isprintable() and len(message) < 600
        assert message == says or (long in (file, mapping) and message.endswith(says))


def test_an_unknown_network_is_refused(tmp_path: Path) -> None:
    """The nearest name is offered when the file is read, not when the class sits down."""
    with pytest.raises(InputError, match=r"^unknown network 'seatings'; did you mean seating\?$"):
        read(tmp_path, OWN, network="seatings")


def test_damaged_input_is_refused_or_read(tmp_path: Path) -> None:
    """Whatever bytes are lost, doubled or changed: a roster, or one sentence, and never another error."""
    text = b'id;room;mark\n"a;1";x;1,5\nb;x;yes\nc;y;NA\nd;y;2\n'
    mapping = (
        b'[file]\nseparator = ";"\ndecimal = ","\nencoding = "utf-8"\nmissing = ["NA", 9]\n[student]\nid = ["id"]\n'
        b'[class]\nid = "room"\n[traits.interest]\ncolumns = ["mark"]\nvalues = {yes = 1}\nmean = 1.0\nsd = 2\n'
    )
    assert scores(read(tmp_path, text, mapping)) == pytest.approx([0.25, 0, NAN, 0.5], nan_ok=True)
    chance, read_well = random.Random(0), 0
    for turn in range(200):
        damaged = [bytearray(text), bytearray(mapping)]
        hurt = damaged[turn % 2]
        for _ in range(chance.choice([1, 1, 3])):
            at = chance.randrange(len(hurt))
            hurt[at : at + chance.choice([0, 1, 1, 4])] = bytes(
                chance.choices(b'\0\n\r",;[]{}=.-_019ena\xff\xe9 \t', k=chance.choice([0, 1, 1, 2]))
            )
        try:
            assert read(tmp_path, bytes(damaged[0]), bytes(damaged[1])).classes
            read_well += 1
        except InputError as error:
            assert str(error)
    assert 20 < read_well < 180


FROZEN = [[0, 2, 7], [1, 4, 6], [3, 5]]
