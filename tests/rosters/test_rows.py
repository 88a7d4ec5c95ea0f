"""Which line has the names, which rows are students, which columns are meant."""

from collections.abc import Callable

import pytest

from setback.model.rosters.columns import find, find_all
from setback.model.rosters.patterns import fits
from setback.model.rosters.roster import Roster

Made = Callable[..., Roster]
Said = Callable[..., str]

WHO = '[student]\nid = "id"\n'
MARK = '[traits.interest]\ncolumns = "mark"\nmean = 0\nsd = 100\n'
PANEL = "id,grade,mark\na,2,1\na,3,9\nb,2,2\nb,3,8\nc,2.0,3\n"


def known(roster: Roster) -> dict[str, float]:
    """The number in the file of every student."""
    return {s: round(float(v) * 100, 9) for c in roster.classes for s, v in zip(c.students, c.scores["interest"])}


# ---- only and skip -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("file", "who", "note"),
    [
        ('only = {grade = "2"}', "abc", "left out 2 of 5 rows: 2 with grade '3'"),
        ("only = {grade = 2}", "abc", "left out 2 of 5 rows: 2 with grade '3'"),
        ('only = {grade = ["2", "7"], id = ["a", "b"]}', "ab", None),
        ("skip = {grade = 3}", "abc", "left out 2 of 5 rows: 2 with grade '3'"),
        ('skip = {grade = ["3"], id = "b"}', "ac", "left out 3 of 5 rows: 2 with grade '3', 1 with id 'b'"),
        ('only = {grade = 2}\nskip = {id = "a*"}', "bc", "left out 3 of 5 rows: 2 with id 'a', 1 with grade '3'"),
        ("skip = {mark = [9, 8.0]}", "abc", "left out 2 of 5 rows: 1 with mark '9', 1 with mark '8'"),
    ],
)
def test_rows_that_are_taken_and_left(made: Made, file: str, who: str, note: str | None) -> None:
    """By text, by number and by pattern; every one is counted by the first reason that there is."""
    roster = made(PANEL, f"[file]\n{file}\n{WHO}{MARK}")
    assert known(roster) == {s: {"a": 1, "b": 2, "c": 3}[s] for s in who}
    assert roster.notes[0] == f"{len(who)} students of pupils.csv, ids from id"
    assert note is None or roster.notes[1] == note
    assert sum("left out" in n for n in roster.notes) == 1


def test_nobody_is_left_out_without_a_word(made: Made) -> None:
    """Words that stand nowhere leave no note; many reasons are summed up."""
    everybody = '[file]\nskip = {id = "x"}\nonly = {grade = [2, 3]}\n[student]\nid = ["id", "grade"]\n'
    assert not any("left out" in note for note in made(PANEL, everybody).notes)
    text = "id\n" + "".join(f"x{i}\n" for i in range(9)) + "a\nb\n"
    notes = made(text, f'[file]\nskip = {{id = "x*"}}\n{WHO}').notes
    assert notes[1].startswith("left out 9 of 11 rows: 1 with id 'x0', ") and notes[1].endswith(", 4 others")


def test_rows_that_are_left_out_may_be_of_any_length(made: Made, said: Said) -> None:
    """A line at the end that says when it was printed; and cells beyond a row that are blank."""
    text = "id,mark,note\na,1,\nb,2,,,\nPrinted today\nSum,3,x,y\n"
    assert known(made(text, f'[file]\nskip = {{id = ["Printed*", "Sum"]}}\n{WHO}{MARK}')) == {"a": 1, "b": 2}
    assert said(text, WHO + MARK).startswith("line 4 of pupils.csv has 1 cell, the line of column names has 3; ")


def test_rows_that_look_like_no_students_are_told(made: Made) -> None:
    """They are seated, as the file says so, and named."""
    text = 'name,mark\nPoints Possible,100\nAbar,61\n"Student, Test",0\n'
    roster = made(text, '[student]\nid = "name"\n')
    assert len(roster.classes[0].students) == 3
    assert roster.notes[1] == (
        "read as students: line 2 ('Points Possible'), line 4 ('Student, Test'); are they? "
        "skip in [file] leaves rows out"
    )
    assert not any("are they" in note for note in made(PANEL, f"[file]\nonly = {{grade = 2}}\n{WHO}").notes)


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (
            'only = {grade = "4"}',
            "mapping rules keeps nobody of pupils.csv: only in its [file] leave out all 5 rows "
            "(2 with grade '2', 2 with grade '3', 1 with grade '2.0'); name words that stand in the file",
        ),
        (
            'skip = {id = ["a", "b"]}\nonly = {id = "x"}',
            "mapping rules keeps nobody of pupils.csv: only and skip in its [file] leave out all 5 rows "
            "(2 with id 'a', 2 with id 'b', 1 with id 'c'); name words that stand in the file",
        ),
        ("only = {grad = 2}", "unknown column of pupils.csv: 'grad'; did you mean grade?"),
        ("only = {grade = true}", "only in [file] of rules.toml has True; it needs texts and numbers"),
        ("skip = {grade = [2, {}]}", "skip in [file] of rules.toml has {}; it needs texts and numbers"),
        ("header = 0", "header in [file] of rules.toml is 0; it needs a whole number from 1 to 9223372036854775808"),
        *(
            (
                f"header = {line}",
                f"header in [file] of the mapping is {line}, and line {line} of pupils.csv holds no names; "
                "the file has 6 lines, name the one with those of the columns",
            )
            for line in (7, 9, 2**62)
        ),
    ],
)
def test_bad_choices_are_refused(said: Said, file: str, says: str) -> None:
    """Nobody kept, no such column, words that are none, a header beyond the file."""
    assert said(PANEL, f"[file]\n{file}\n{WHO}{MARK}") == says


# ---- the line of the names ---------------------------------------------------------------------------------
PREAMBLE = 'Teacher:,Example\n"Class, with\na line",7\n\n,,Due:,"1,2"\nid,name,mark,\na,"x, y",7,\nb,z,9,\n'


@pytest.mark.parametrize("stated", ["", "header = 6\n"])
def test_the_line_of_the_names(made: Made, said: Said, stated: str) -> None:
    """Found by the names that the mapping has, or stated; errors name the lines of the file."""
    roster = made(PREAMBLE, f"[file]\n{stated}{WHO}{MARK}")
    assert known(roster) == {"a": 7, "b": 9}
    assert ("column names are those of line 6" in roster.notes) == (not stated)
    assert said(PREAMBLE.replace("9", "x"), f"[file]\n{stated}{WHO}{MARK}").startswith(
        "mark in line 8 of pupils.csv is"
    )


def test_a_line_that_is_not_the_one_of_the_names(said: Said) -> None:
    """A blank line has none, and in another the columns are not."""
    assert said(PREAMBLE, f"[file]\nheader = 4\n{WHO}{MARK}").startswith(
        "header in [file] of the mapping is 4, and line 4"
    )
    assert said(PREAMBLE, f"[file]\nheader = 5\n{WHO}{MARK}").startswith(
        "unknown column of pupils.csv: 'id'; there are "
    )


def test_what_a_spreadsheet_writes_first(made: Made) -> None:
    """A line sep=; is none of the table."""
    roster = made("sep=;\r\nid;mark\r\na;1,5\r\nb;2\r\n", WHO + MARK)
    assert known(roster) == {"a": 1.5, "b": 2}
    assert roster.notes[1:4] == (
        "read with ';' as separator: with ',' the columns are not there",
        "column names are those of line 2",
        "read with a decimal comma: some numbers have one and none has a point",
    )


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("stated", ["", 'separator = ";"\n', 'separator = "~"\n'])
def test_the_separator_is_found(made: Made, separator: str, stated: str) -> None:
    """Whatever is stated, where the columns are found with another alone; setback's own columns too."""
    roster = made("id,mark\na,1\nb,2\n".replace(",", separator), f"[file]\n{stated}{WHO}{MARK}")
    assert known(roster) == {"a": 1, "b": 2}
    assert any("as separator" in note for note in roster.notes) == (separator != (stated[13:14] or ","))
    own = made("student_id,interest\na,1\nb,2\n".replace(",", separator))
    assert own.classes[0].students == ("a", "b")


# ---- which columns -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pattern", "fitting"),
    [
        ("Quiz*", ["Quiz 1", "Quiz", "Quiz 2 (x)"]),
        ("* (x)", ["Quiz 2 (x)"]),
        ("*uiz*1", ["Quiz 1"]),
        ("Q*z*", ["Quiz 1", "Quiz", "Quiz 2 (x)"]),
        ("*", ["Quiz 1", "Quiz", "Quiz 2 (x)", "quiz", "a[b]", ""]),
        ("a[b*", ["a[b]"]),
        ("Quiz*Quiz", []),
        ("Quiz", ["Quiz"]),
        ("Q?iz*", []),
    ],
)
def test_patterns(pattern: str, fitting: list[str]) -> None:
    """A star is any text, none too; every other letter is itself, and capitals count."""
    assert [name for name in ["Quiz 1", "Quiz", "Quiz 2 (x)", "quiz", "a[b]", ""] if fits(name, pattern)] == fitting


def test_patterns_take_no_column_that_is_named(made: Made) -> None:
    """All the rest: neither id, class, what is carried or chosen by, nor what another trait names in full."""
    text = "id,room,sex,left,love,q1,q2,\na,r,f,,1,1,4,x\nb,r,m,,3,2,5,\nc,r,m,1,4,3,6,\n"
    mapping = (
        f'[file]\nskip = {{left = 1}}\n{WHO}[class]\nid = "room"\n[carry]\ngender = "sex"\n'
        '[traits.control]\ncolumns = "*"\nmean = 0\nsd = 1\n[traits.interest]\ncolumns = "love"\nmean = 0\nsd = 100\n'
    )
    roster = made(text, mapping)
    assert roster.classes[0].scores["control"].tolist() == [2.5, 3.5]
    assert known(roster) == {"a": 1, "b": 3}
    assert "control from q1+q2 by mean 0 and SD 1" in roster.notes


def test_a_name_in_full_comes_before_a_pattern() -> None:
    """A column that is really called Final* is one column, and no column counts twice."""
    header = ["Final*", "Final 1", "id", "Final 2"]
    assert find("Final*", header, "f.csv") == 0
    assert find_all(["Final *", "Final 1", "id"], header, "f.csv") == [1, 3, 2]


def test_columns_that_are_not_meant_are_not_looked_at(made: Made) -> None:
    """Without names, with one name, with names that a mapping does not have."""
    assert known(made("id,,,mark,x,x\na,1,2,3,4,5\nb,,,6,,\n", WHO + MARK)) == {"a": 3, "b": 6}


TWICE = "roster pupils.csv has two columns called 'x'; give each a name of its own"


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ('[traits.control]\ncolumns = "T*"\n', "no column of pupils.csv fits 'T*'; there are mark, mark 2, x, x"),
        (
            '[class]\nid = "mark*"\n',
            "2 columns of pupils.csv fit 'mark*': 'mark', 'mark 2'; one is needed, name it in full",
        ),
        ('[traits.interest]\ncolumns = "x*"\n', TWICE),
        ('[carry]\nit = "x"\n', TWICE),
        ('[carry]\nit = "y"\n', "unknown column of pupils.csv: 'y'; there are id, mark, mark 2, x, x"),
    ],
)  # fmt: skip
def test_columns_that_are_not_clear_are_refused(said: Said, mapping: str, says: str) -> None:
    """A pattern that nothing fits, several where one is needed, two of one name."""
    assert said("id,mark,mark 2,x,x,\na,1,2,3,4,\nb,1,2,3,4,\n", WHO + mapping) == says
