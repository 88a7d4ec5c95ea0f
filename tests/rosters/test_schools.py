"""Which school a class lies in: read, said, kept where classes are dealt and joined, and refused where it is unsure."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from setback.model.errors import InputError
from setback.model.outcomes import FEW_SCHOOLS
from setback.model.rosters.propose import propose
from setback.model.rosters.roster import Roster, SchoolClass

Made = Callable[..., Roster]
Said = Callable[..., str]

WHO = '[student]\nid = "row number"\n'
BY_SCHOOL = f'{WHO}[class]\nid = ["school", "room"]\nschool = "school"\n'


def pupils(*classes: tuple[str, str, int]) -> str:
    """A file of classes: school, room, and how many sit there, their rows one after the other."""
    return "school,room\n" + "".join(f"{school},{room}\n" * size for school, room, size in classes)


def lies_in(roster: Roster) -> dict[str, str]:
    """The school of each class."""
    return {c.name: c.school for c in roster.classes}


def test_each_class_knows_its_school(made: Made) -> None:
    """Schools are numbered in the order of the classes; a room beyond the last class begins again."""
    roster = made(pupils(("s", "1", 2), ("n", "1", 3), ("s", "2", 2)), BY_SCHOOL)
    assert lies_in(roster) == {"s/1": "s", "n/1": "n", "s/2": "s"}
    assert roster.schools == (0, 1, 0)
    assert repr(roster) == "Roster('rules', 7 students in 3 classes of 2 schools)"


def test_without_a_column_nothing_is_known_of_schools(made: Made) -> None:
    """Nor does naming one move anything else: the same seats, the same digest."""
    text = pupils(("s", "1", 2), ("n", "1", 3))
    without = made(text, f'{WHO}[class]\nid = ["school", "room"]\n')
    assert without.schools == () and not any("one draw" in note for note in without.notes)
    with_schools = made(text, BY_SCHOOL)
    assert with_schools.digest() == without.digest()
    assert np.array_equal(with_schools.seats([0, 1], 7).roster, without.seats([0, 1], 7).roster)


def test_class_names_of_their_own(made: Made) -> None:
    """Where no two schools have a class of one name, its name needs no school."""
    text = pupils(("s", "5a", 2), ("n", "7b", 3))
    assert lies_in(made(text, f'{WHO}[class]\nid = "room"\nschool = "school"\n')) == {"5a": "s", "7b": "n"}


def test_a_class_in_two_schools_is_refused(said: Said) -> None:
    """The sentence says which class, which schools, on which lines, and what to write."""
    text = pupils(("s", "1", 2), ("s", "2", 2), ("n", "1", 2))
    assert said(text, f'{WHO}[class]\nid = "room"\nschool = "school"\n') == (
        "class '1' of pupils.csv lies in two schools, 's' on line 2 and 'n' on line 6; name the columns of the school "
        "in [class] id as well, before those of the class"
    )
    assert said(text, f'{WHO}[class]\nschool = "school"\ndeal = 25\n') == (
        "pupils.csv is one class and lies in two schools, 's' on line 2 and 'n' on line 6; name the columns of the "
        "school in [class] id as well, before those of the class"
    )


def test_a_class_without_a_school_is_refused(said: Said) -> None:
    """Named by the line; a word for a missing value is none."""
    for nothing in ("", "NA"):
        assert said(pupils(("s", "1", 2), (nothing, "2", 2)), BY_SCHOOL) == (
            "line 4 of pupils.csv has no school; every class needs a school, or name no column of schools"
        )


def test_a_column_of_schools_that_is_not_there(said: Said) -> None:
    """As for any other column."""
    assert said(pupils(("s", "1", 2)), BY_SCHOOL.replace('school = "school"', 'school = "shcool"')) == (
        "unknown column of pupils.csv: 'shcool'; did you mean school?"
    )


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ("school = 3", "school in [class] of rules.toml is 3; it needs a text or a list"),
        ("school = [3]", "[class] school of rules.toml is [3]; it needs names of columns"),
    ],
)
def test_bad_names_of_schools_are_refused(said: Said, stated: str, says: str) -> None:
    """One sentence each."""
    assert said("school,room\na,b\n", f"{WHO}[class]\n{stated}\n") == says


def test_schools_of_several_columns(made: Made) -> None:
    """The same name in two districts is two schools."""
    text = "district,school,room\n" + "a,1,x\na,1,x\nb,1,y\nb,1,y\n"
    roster = made(text, f'{WHO}[class]\nid = "room"\nschool = ["district", "school"]\n')
    assert lies_in(roster) == {"x": "a/1", "y": "b/1"}


def test_what_is_dealt_stays_in_its_school(made: Made) -> None:
    """All parts of a school that is dealt lie in it."""
    roster = made(pupils(("n", "", 60), ("s", "", 20)), f'{WHO}[class]\nid = "school"\nschool = "school"\ndeal = 25\n')
    assert lies_in(roster) == {"n/1": "n", "n/2": "n", "n/3": "n", "s": "s"}


def test_small_classes_are_joined_within_their_school(made: Made) -> None:
    """Also where their names do not begin with it; what is joined over schools makes these one."""
    text = pupils(("s", "a", 2), ("n", "b", 2), ("s", "c", 2), ("n", "d", 2), ("w", "e", 1), ("o", "f", 9))
    rules = f'{WHO}[class]\nid = "room"\nschool = "school"\nsmall = "join"\n'
    roster = made(text, f"{rules}least = 4\n")
    assert lies_in(roster) == {"a+c+e": "s+w", "b+d": "n", "f": "o"}
    assert roster.schools == (0, 1, 2)
    assert [note for note in roster.notes if "school" in note] == [
        "3 schools by school, each with its classes one draw of what intervals say; "
        "fewer than 10 say little of schools in general",
        "2 schools share joined classes: 4 schools became 3",
    ]


def test_schools_that_are_joined_in_a_chain_are_one(made: Made) -> None:
    """A school that shares a class with each of two others makes one school of the three."""
    from setback.model.rosters.schools import of_classes

    found, notes = of_classes({"x": [0, 1], "y": [2], "z": [4, 3], "w": [5]}, ["a", "b", "c", "b", "c", "d"])
    assert found == {"x": "a+b+c", "y": "a+b+c", "z": "a+b+c", "w": "d"}
    assert notes == ["3 schools share joined classes: 4 schools became 2"]


@pytest.mark.parametrize(("count", "is_few"), [(FEW_SCHOOLS - 1, True), (FEW_SCHOOLS, False)])
def test_few_schools_are_said_to_be_few(made: Made, count: int, is_few: bool) -> None:
    """Intervals over few schools say little of others, and one school says nothing."""
    roster = made(pupils(*((f"s{k}", "1", 2) for k in range(count))), BY_SCHOOL)
    (note,) = (note for note in roster.notes if "one draw" in note)
    assert note.startswith(f"{count} schools by school") and ("say little of schools" in note) == is_few


def test_one_school_is_no_school(made: Made) -> None:
    """The note says that classes stay the draws."""
    roster = made(pupils(("s", "1", 2), ("s", "2", 2)), BY_SCHOOL)
    assert (
        "all classes lie in one school by school: it says nothing of others, so each class is one draw" in roster.notes
    )


def test_own_columns_have_schools(made: Made) -> None:
    """A class is one of its school, so that two schools may have a class 1."""
    roster = made("student_id,school_id,class_id\na,n,1\nb,n,1\nc,s,1\nd,s,1\n")
    assert lies_in(roster) == {"n/1": "n", "s/1": "s"}


def test_a_school_of_some_classes_alone_is_refused() -> None:
    """Whichever comes first."""
    one, other = SchoolClass("a", ("1", "2"), {}, school="s"), SchoolClass("b", ("3", "4"), {})
    for classes in ([one, other], [other, one]):
        with pytest.raises(InputError) as error:
            Roster(classes, "r")
        assert str(error.value) == (
            "class b of roster r has no school and class a has one; name the school of every class, or of none"
        )


def test_nothing_carried_is_called_school(said: Said) -> None:
    """Results have a column of that name."""
    message = said(pupils(("s", "1", 2)), f'{BY_SCHOOL}[carry]\nschool = "school"\n')
    assert message.startswith("roster rules carries 'school', which results have a column of already;")


def test_a_school_is_proposed_where_there_are_two(tmp_path: Path) -> None:
    """A column of one school alone tells nothing apart."""
    file = tmp_path / "pupils.csv"
    header = "pupil_id,school,class,mark\n"
    file.write_text(header + "".join(f"{i},{'ns'[i % 2]},{i % 3},{i}\n" for i in range(60)))
    assert 'id = ["school", "class"]\nschool = "school" # intervals' in propose(file)
    assert Roster.read(file, _saved(tmp_path, propose(file))).schools == (0, 1, 0, 1, 0, 1)
    file.write_text(header + "".join(f"{i},n,{i % 3},{i}\n" for i in range(60)))
    assert "\nschool = " not in propose(file)


def _saved(folder: Path, text: str) -> Path:
    path = folder / "proposed.toml"
    path.write_text(text, encoding="utf-8")
    return path
