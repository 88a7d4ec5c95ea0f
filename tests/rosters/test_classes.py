"""Who sits together: classes of a file, small ones joined or left out, large ones dealt, and no two of one name."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import setback as sb
from setback.experiments.gradebook.export import gradebook
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES
from setback.model.rosters.names import joined
from setback.model.rosters.roster import Roster, SchoolClass

Made = Callable[..., Roster]
Said = Callable[..., str]

WHO = '[student]\nid = "row number"\n'


def school(sizes: dict[str, int]) -> str:
    """A file of classes of some sizes, their rows one after the other."""
    return "school,room\n" + "".join(f"{name},\n" * size for name, size in sizes.items())


def rooms(sizes: dict[tuple[str, str], int]) -> str:
    """The same of rooms in schools."""
    return "school,room\n" + "".join(f"{a},{b}\n" * size for (a, b), size in sizes.items())


def sizes(roster: Roster) -> dict[str, int]:
    """How many sit in each class."""
    return {c.name: len(c.students) for c in roster.classes}


# ---- dealing -----------------------------------------------------------------------------------------------
def test_a_large_school_is_dealt_within_itself(made: Made, said: Said) -> None:
    """600 pupils into classes of 25, 20 of another school into one; nobody changes school, and the advice works."""
    text = school({"north": 600, "south": 20})
    advice = said(text, WHO + '[class]\nid = "school"\n')
    assert advice.endswith("600 students, more than 60; deal them into classes with [class] deal = 25 in a mapping")
    roster = made(text, WHO + '[class]\nid = "school"\ndeal = 25\n')
    assert sizes(roster) == {**{f"north/{k}": 25 for k in range(1, 25)}, "south": 20}
    assert sorted(int(s) for c in roster.classes[:-1] for s in c.students) == list(range(1, 601))
    assert roster.classes[-1].students == tuple(map(str, range(601, 621)))
    assert roster.notes[1:3] == (
        "25 classes of 20 to 25 students, by school",
        "dealt 1 class of more than 25 into 24, in the order of seed 0",
    )
    other = made(text, WHO + '[class]\nid = "school"\ndeal = 25\nseed = 1\n')
    assert sizes(other) == sizes(roster) and other.classes[0] != roster.classes[0]


def test_dealing_does_not_depend_on_the_other_schools(made: Made) -> None:
    """The draw of a row is its own: dealt as one file or as one school, the same sit together."""
    alone = made(school({"n": 70}), WHO + "[class]\ndeal = 25\n")
    within = made(school({"n": 70, "s": 50}), WHO + '[class]\nid = "school"\ndeal = 25\n')
    assert [c.students for c in within.classes[:3]] == [c.students for c in alone.classes]


def test_classes_that_are_not_too_large_stay(made: Made) -> None:
    """With deal = 60 only a lecture is dealt."""
    roster = made(school({"5a": 30, "lecture": 61, "5b": 60}), WHO + '[class]\nid = "school"\ndeal = 60\n')
    assert sizes(roster) == {"5a": 30, "lecture/1": 31, "lecture/2": 30, "5b": 60}


def test_somebody_left_alone_within_a_school(said: Said) -> None:
    """The sentence names the school."""
    text = school({"n": 4, "s": 5})
    assert said(text, WHO + '[class]\nid = "school"\ndeal = 2\n') == (
        "5 students of class 's' dealt into classes of 2 leave one alone; write [class] deal = 3 in mapping rules"
    )


# ---- small classes -----------------------------------------------------------------------------------------
SMALL = 'small = "join" or "leave out"'
JOIN = '[class]\nid = ["school", "room"]\nsmall = "join"\n'


def test_small_classes_are_joined_within_their_school(made: Made) -> None:
    """The two smallest of a school first, then over schools; in the order of the file."""
    text = rooms({("n", "1"): 1, ("n", "2"): 8, ("n", "3"): 2, ("s", "1"): 1, ("w", "1"): 5, ("w", "2"): 3})
    roster = made(text, f"{WHO}{JOIN}least = 3\n")
    assert sizes(roster) == {"n/1+n/3+s/1": 4, "n/2": 8, "w/1": 5, "w/2": 3}
    assert roster.classes[0].students == ("1", "10", "11", "12")
    assert roster.notes[1:3] == (
        "4 classes of 3 to 8 students, by school+room",
        "joined 3 classes of fewer than 3 students with others: 6 classes became 4",
    )


def test_joined_classes_that_become_too_large_are_dealt(made: Made) -> None:
    """First joined, then dealt."""
    roster = made(school({"a": 60, "b": 1}), f'{WHO}[class]\nid = "school"\nsmall = "join"\ndeal = 60\n')
    assert sizes(roster) == {"a+b/1": 31, "a+b/2": 30}


def test_one_small_class_stays_what_it_is(made: Made, said: Said) -> None:
    """There is nobody to join; a class of one alone is refused as ever."""
    assert sizes(made(school({"a": 3}), f'{WHO}[class]\nid = "school"\nsmall = "join"\nleast = 5\n')) == {"a": 3}
    message = said(school({"a": 1}), f'{WHO}[class]\nid = "school"\nsmall = "join"\n')
    assert message == "class a of roster rules has 1 student; a class needs at least 2"


def test_small_classes_are_left_out(made: Made, said: Said) -> None:
    """They are counted, and nobody is ranked against them."""
    text = "id,room,mark\na,x,1\nb,y,9\nc,x,2\nd,z,8\ne,x,3\nf,z,7\n"
    who = '[student]\nid = "id"\n[traits.interest]\ncolumns = "mark"\n[class]\nid = "room"\nsmall = "leave out"\n'
    roster = made(text, f"{who}least = 3\n")
    assert sizes(roster) == {"x": 3} and roster.classes[0].students == ("a", "c", "e")
    assert roster.classes[0].scores["interest"] == pytest.approx([-0.9674216, 0, 0.9674216], abs=1e-6)
    assert roster.notes[:3] == (
        "3 students of pupils.csv, ids from id",
        "left out 2 classes of fewer than 3 students: 3 students",
        "1 class of 3 students, by room",
    )
    assert sizes(made(text, who)) == {"x": 3, "z": 2}
    assert said(text, f"{who}least = 4\n") == (
        "mapping rules keeps nobody of pupils.csv: no class has 4 students, and [class] small leaves the others out; "
        'write small = "join" or a smaller least'
    )


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ('small = "drop"', "small in [class] of rules.toml is 'drop'; it needs \"join\" or \"leave out\""),
        ("least = 5", f'[class] of rules.toml has a least size and no small; write {SMALL} with it'),
        ('small = "join"\nleast = 1', "[class] least of rules.toml is 1; it needs a whole number from 2 to 60"),
        ('small = "join"\nleast = 61', "[class] least of rules.toml is 61; it needs a whole number from 2 to 60"),
        ("seed = 1", "[class] of rules.toml has a seed and deals no classes; a seed goes with deal = 25, for example"),
    ],
)  # fmt: skip
def test_bad_sizes_are_refused(said: Said, stated: str, says: str) -> None:
    """One sentence each."""
    assert said("school,room\na,b\n", f"{WHO}[class]\n{stated}\n") == says


# ---- names -------------------------------------------------------------------------------------------------
def test_one_tuple_is_one_class(made: Made) -> None:
    """Cells that would make one text are two classes, and two students."""
    text = rooms({("7/1", "A"): 2, ("7", "1/A"): 3, ("7\\", "1"): 2, ("7", "\\1"): 2})
    assert list(sizes(made(text, WHO + '[class]\nid = ["school", "room"]\n')).values()) == [2, 3, 2, 2]
    ids = made("school,room\n7/1,A\n7,1/A\n7,1\n", '[student]\nid = ["school", "room"]\n').classes[0].students
    assert ids == ("7\\/1/A", "7/1\\/A", "7/1")


@pytest.mark.parametrize(
    ("counts", "stated", "names"),
    [
        ({"a": 4, "a/1": 2, "a/2": 2}, "deal = 2", ["a/1", "a/2", "a\\/1", "a\\/2"]),
        ({"b+c": 2, "b": 1, "c": 1, "a/1": 2}, 'small = "join"', ["b\\+c", "b+c", "a/1"]),
    ],
)
def test_what_is_dealt_or_joined_takes_no_name_of_another(
    made: Made, counts: dict[str, int], stated: str, names: list[str]
) -> None:
    """A class that is called as one would be that was dealt, or joined from two."""
    assert list(sizes(made(school(counts), f'{WHO}[class]\nid = "school"\n{stated}\n'))) == names


def test_joined_names_are_never_the_same() -> None:
    """Over all tuples of some awkward parts."""
    parts = ["", "a", "/", "\\", "a/", "/a", "\\/", "a\\"]
    names = Counter(joined((x, y)) for x in parts for y in parts)
    assert max(names.values()) == 1 and len(names) == 64


def test_the_grade_book_takes_no_name_of_a_real_class() -> None:
    """Who sits there a second time is told from a class that is really called so."""
    classes = [SchoolClass(name, (f"{name}x", f"{name}y#2"), {}) for name in ("a", "a#2", "b")]
    book = gradebook("criterion", roster=Roster(classes, "r"), rooms=6, weeks=1)
    assert list(dict.fromkeys(book["class_id"])) == ["a", "a#2", "b", "a##2", "a#2##2", "b##2"]
    assert book.groupby("student_id")["class_id"].nunique().eq(1).all() and book["student_id"].nunique() == 12
    once = gradebook("criterion", roster=Roster(classes, "r"), rooms=3, weeks=1)
    assert set(once["class_id"]) == {"a", "a#2", "b"}


# ---- what is carried ---------------------------------------------------------------------------------------
def test_columns_go_along_into_results(made: Made) -> None:
    """Under their own names, to the right student, whichever room the class sits in."""
    text = 'id,room,Group,School\na,x,g1,N\nb,y,g2,N\nc,x,,S\nd,y,g1,"S\n1"\n'
    mapping = '[student]\nid = "id"\n[class]\nid = "room"\n[carry]\ngroup = "Group"\n"the school" = "Sch*"\n'
    roster = made(text, mapping)
    assert roster.carried == {"group": ("g1", "", "g2", "g1"), "the school": ("N", "S", "N", "S\n1")}
    assert roster.notes[-2] == "carried along: group, the school"
    frame = sb.simulate("criterion", roster=roster, rooms=3, weeks=2).per_student()
    assert list(frame.columns[:5]) == ["room", "class", "student", "group", "the school"]
    assert set(OUTCOMES) <= set(frame.columns)
    assert frame[["student", "group", "the school"]].to_numpy().tolist() == [
        ["a", "g1", "N"], ["c", "", "S"], ["b", "g2", "N"], ["d", "g1", "S\n1"], ["a", "g1", "N"], ["c", "", "S"]
    ]  # fmt: skip
    assert roster.digest() == made(text, mapping.partition("[carry]")[0]).digest(), "it decides nothing"
    assert isinstance(frame, pd.DataFrame) and Roster.synthetic().carried == {}


@pytest.mark.parametrize("name", ["room", "class", "student", "learning", "interest"])
def test_names_that_results_have_are_refused(said: Said, name: str) -> None:
    """Nothing that is carried takes the place of what is measured."""
    assert said("id,x\na,1\nb,2\n", f'[student]\nid = "id"\n[carry]\n{name} = "x"\n') == (
        f"roster rules carries '{name}', which results have a column of already; "
        "give it another name in [carry] of the mapping"
    )


def test_what_is_carried_is_checked() -> None:
    """In Python: one value a student, the same columns in every class."""
    a = SchoolClass("a", ("1", "2"), {"interest": np.zeros(2)}, {"sex": ("f", "m")})
    with pytest.raises(InputError, match=r"^class a of roster r has 2 students and 1 values for 'sex'; it needs one"):
        Roster([a._replace(carried={"sex": ("f",)})], "r")
    with pytest.raises(InputError, match=r"^class b of roster r carries nothing, class a sex; carry the same$"):
        Roster([a, SchoolClass("b", ("3", "4"), {})], "r")


# ---- the command line --------------------------------------------------------------------------------------
def test_a_dry_run_says_what_was_done(tmp_path: Path) -> None:
    """Left out, joined and dealt, before what it will take."""
    from command_line import setback

    (tmp_path / "p.csv").write_text("id,room\na,x\nb,x\nMean,\nc,y\n")
    (tmp_path / "m.toml").write_text(
        '[file]\nskip = {id = "Mean"}\n[student]\nid = "id"\n[class]\nid = "room"\nsmall = "join"\n'
    )
    words = ["run", "--dry-run", "--roster", tmp_path / "p.csv", "--mapping", tmp_path / "m.toml", "--policy", "curve"]
    done = setback(*words)
    assert done.code == 0
    assert done.out.splitlines()[:4] == [
        "  3 students of p.csv, ids from id",
        "  left out 1 of 4 rows: 1 with id 'Mean'",
        "  1 class of 3 students, by room",
        "  joined 1 class of fewer than 2 students with others: 2 classes became 1",
    ]
    assert sum("students of p.csv" in line for line in done.out.splitlines()) == 1
    machine = setback(*words, "--json")
    assert machine.out.startswith("{") and "left out 1 of 4 rows" in machine.err
