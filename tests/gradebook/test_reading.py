"""Reading grade books: every form comes to the same arrays, and what cannot be read is told in one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Done, said, setback

from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.export import gradebook
from setback.experiments.gradebook.facts import values
from setback.experiments.gradebook.readers import read
from setback.model.errors import InputError

HERE = Path(__file__).parent
ROSTERS = HERE.parent / "rosters" / "files"
NONE = np.nan
#: Students stop and skip often enough to be seen in a few rooms.
LIVELY = {"skip_level": -1.0, "dropout_level": -5.0, "dropout_not_submitted": 2.0}
Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Writes a file marks.csv."""

    def write(text: str | bytes, name: str = "marks.csv") -> Path:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


def same(found: Any, expected: Any) -> None:
    """Two arrays with the same numbers, and NaN in the same places."""
    np.testing.assert_allclose(found, expected, rtol=1e-12)


# ---- tidy ------------------------------------------------------------------------------------------------------
TIDY = """class_id,student_id,week,kind,attempt,score,max_score,enrolled,submitted,passed
a,s1,2,assessment,1,40,50,1,1,1
a,s1,4,assessment,1,,50,1,0,0
a,s1,4,practice,1,50,50,1,1,1
a,s2,2,assessment,1,10,50,1,1,0
a,s2,2,retake,2,30,50,1,1,0
a,s2,4,assessment,1,,50,0,0,0
b,s3,2,assessment,1,25,50,1,1,1
b,s3,4,assessment,1,5.5,50,1,1,0
"""
SCORES = [[0.8, NONE], [0.2, NONE], [0.5, 0.11]]


def test_tidy(made: Made) -> None:
    """Rows of the kind that carries grades, in the order of weeks."""
    book = read(made(TIDY))
    same(book.score, SCORES)
    assert book.submitted.tolist() == [[True, False], [True, False], [True, True]]
    assert book.withdrawn.tolist() == [[False, False], [False, True], [False, False]]
    assert book.class_id.tolist() == [0, 0, 1] and book.pass_mark == 0.5
    assert book.notes == ("tasks of kind assessment (there are practice, retake too)",)
    with pytest.raises(InputError, match="one student"):
        read(made(TIDY), kind="practice")


def test_a_pass_mark_of_ones_choice(made: Made) -> None:
    """In percent."""
    assert read(made(TIDY), pass_mark=85).failed.sum() == 4


@pytest.mark.parametrize("change", [
    lambda text: text.replace(",", ";"),
    lambda text: text.replace(",", "\t"),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.encode("utf-16"),
    lambda text: text.replace("s1", "Ärger").encode("cp1252"),
    lambda text: text.replace("s1", '"Abar, Ria"'),
    lambda text: text.replace("40,50", "80 %,100"),
    lambda text: text.replace(",0,0,0\n", ",no,false,0\n").replace(",1,1,1\n", ",yes,TRUE,1\n"),
    lambda text: text.replace(",50,", ",NA,").replace("NA", "50"),
    lambda text: "\n".join([text.split("\n")[0], *text.split("\n")[:0:-1]]),
])  # fmt: skip
def test_the_same_written_otherwise(made: Made, change: Callable[[str], str | bytes]) -> None:
    """Separators, encodings, ends of lines, quotes, percent, words for yes and no, another order of rows."""
    book = read(made(change(TIDY)))
    by_first = np.argsort(-book.score[:, 0])
    same(book.score[by_first], [SCORES[k] for k in (0, 2, 1)])
    assert book.withdrawn.sum() == 1


def test_a_class_that_is_not_known(made: Made) -> None:
    """An empty name is no class."""
    assert read(made("class_id,student_id,week,score\n,s1,1,4\n,s2,1,5\nb,s3,1,6\n")).class_id.tolist()[:2] == [-1, -1]


def test_columns_that_are_left_out(made: Made) -> None:
    """With student, week and score alone all are out of 100, nobody leaves, and what has no score was not handed in."""
    book = read(made("student_id,week,score\ns1,1,40\ns1,2,\ns2,1,70\ns2,2,90\n"))
    same(book.score, [[0.4, NONE], [0.7, 0.9]])
    assert book.missing.sum() == 1 and not len(book.classes) and "out of 100" in book.notes[0]
    assert read(made("student_id,seq,score\ns1,1,40\ns2,1,70\n")).tasks == 1
    left = read(made("student_id,week,score,withdrawn\ns1,1,40,0\ns1,2,,1\ns2,1,7,0\ns2,2,9,0\n"))
    assert left.withdrawn.tolist() == [[False, True], [False, False]]


def test_courses(made: Made) -> None:
    """Tasks are counted within each; one alone can be picked."""
    text = "student_id,course,week,score\ns1,x,3,40\ns1,x,5,50\ns1,x,7,60\ns1,y,5,70\ns2,y,5,80\ns2,x,3,90\n"
    book = read(made(text))
    assert book.students == 4 and book.tasks == 3 and book.due.sum() == 6
    picked = read(made(text), course="y")
    same(picked.score, [[0.7], [0.8]])
    with pytest.raises(InputError, match=r"unknown course in marks.csv: 'z'"):
        read(made(text), course="z")


def test_what_is_exported_is_read(tmp_path: Path) -> None:
    """A simulated book by way of its file has the facts that its rows say."""
    out = tmp_path / "book.csv"
    words = [word for name, value in LIVELY.items() for word in ("--set", f"{name}={value}")]
    assert setback("gradebook", "export", "--rooms", "3", "--weeks", "9", "--out", out, *words).code == 0
    rows = gradebook(rooms=3, weeks=9, parameters=LIVELY)
    rows = rows[(rows["kind"] == "assessment")]
    here = rows[rows["enrolled"] == 1]
    book = read(out)
    assert (book.students, book.tasks, len(book.classes)) == (90, 9, 3)
    found = values(book, ["fail", "missing"])
    assert found["missing"] == pytest.approx(1 - here["submitted"].mean())
    assert found["fail"] == pytest.approx((here["score"].dropna() < 50).mean())
    assert book.withdrawn.sum() == (rows["enrolled"] == 0).sum() > 0


@pytest.mark.parametrize("letter", ["é", "Ω"])
def test_letters_that_come_late(made: Made, letter: str) -> None:
    """A file whose first letters are plain is read to its end, in UTF-8 or Windows-1252."""
    head = "student_id,week,score\n" + "".join(f"student-{k},1,{k % 100}\n" for k in range(9000))
    encoding = "cp1252" if letter == "é" else "utf-8"
    assert read(made((head + f"{letter},1,5\n").encode(encoding))).students == 9001
    with pytest.raises(InputError, match="not text in cp1252 throughout"):
        read(made(head.encode() + b"\x81\xff,1,5\n"))


def test_assignments_come_first(tmp_path: Path) -> None:
    """Where a simulated book has assignments, they are the tasks that carry grades."""
    out, words = tmp_path / "book.csv", ["--policy", "criterion+assignment_every=3", "--rooms", "2", "--weeks", "9"]
    assert setback("gradebook", "export", *words, "--out", out).code == 0
    assert read(out).tasks == 3 and read(out, kind="assessment").tasks == 6


# ---- open data -------------------------------------------------------------------------------------------------
OULAD = """enrol,id_student,code_module,code_presentation,tma_scores
1,11,AAA,2013J,78;N;X
2,12,AAA,2013J,30;W;W
3,13,AAA,2013J,78B;50;60
4,11,BBB,2013B,90;10
"""


def test_oulad(made: Made) -> None:
    """Not handed in, left, without a mark; who has banked marks is left out; presentations are courses."""
    book = read(made(OULAD))
    same(book.score, [[0.78, NONE, NONE], [0.3, NONE, NONE], [0.9, 0.1, NONE]])
    assert book.submitted.tolist() == [[True, False, True], [True, False, False], [True, True, False]]
    assert book.withdrawn.tolist() == [[False] * 3, [False, True, True], [False] * 3]
    assert book.due[2].tolist() == [True, True, False] and book.courses == ("AAA 2013J", "BBB 2013B")
    assert book.pass_mark == 0.4 and "1 of the file, with banked marks" in book.notes[0]
    assert read(made(OULAD), course="AAA 2013J").students == 2


OSU = """class_id,course,term,student,kind,seq,score,max_score
1,2,7,1,project,1,6.0,10
1,2,7,1,project,2,0.0,10
1,2,7,1,midterm,1,105,100
2,2,8,2,project,1,5.5,10
2,2,8,2,project,2,,10
"""


def test_osu(made: Made) -> None:
    """A zero was not handed in, no score was not due; points beyond the maximum are real."""
    book = read(made(OSU))
    same(book.score, [[0.6, NONE], [0.55, NONE]])
    assert book.missing.tolist() == [[False, True], [False, False]]
    assert book.due.tolist() == [[True, True], [True, False]] and book.failed.sum() == 1
    with pytest.raises(InputError, match="one student"):
        read(made(OSU), kind="midterm")


def test_uci(made: Made) -> None:
    """Twenty points; a zero after the first period is no grade."""
    book = read(made("school;failures;absences;G1;G2;G3\nGP;0;6;10;0;0\nGP;0;6;0;8;20\n"))
    same(book.score, [[0.5, NONE, NONE], [0.0, 0.4, 1.0]])


# ---- wide ------------------------------------------------------------------------------------------------------
WIDE = {
    "canvas.csv": ([[0.7, 0.8], [NONE, 0.62], [0.9, NONE], [0.4, 0.5], [1.0, 0.98], [NONE, NONE]], 1),
    "moodle_percent_semicolons.csv": ([[0.7], [0.45], [NONE], [0.95]], 0),
    "brightspace.csv": ([[0.9, 0.6], [NONE, 0.55], [1.0, 0.7], [0.8, 0.64]], 0),
    "google_classroom.csv": ([[0.7, 0.9, 0.61], [NONE, 0.6, 0.55], [0.9, NONE, 0.88], [1.0, 1.0, 0.9]], 1),
    "google_classroom_labels_first.csv": ([[0.7, 0.61], [0.4, NONE], [0.9, 0.88]], 0),
    "blackboard.txt": ([[0.7], [NONE], [NONE], [1.0]], 0),
    "powerteacher.csv": ([[0.7, 0.8], [0.9, 1.0], [0.4, NONE], [0.8, 0.76]], 0),
    "powerschool.csv": ([[0.812, 0.79], [0.9, 0.935], [0.77, NONE], [1.01, 1.0]], 0),
}


@pytest.mark.parametrize("name", WIDE)
def test_exports_of_platforms(name: str) -> None:
    """Tasks with their points, no totals, no rows that are no students; what was excused was not due."""
    scores, excused = WIDE[name]
    book = read(ROSTERS / name)
    same(book.score, scores)
    assert (~book.due).sum() == excused


def test_words_in_wide_books() -> None:
    """What needs grading was handed in; what is in progress was not."""
    assert read(ROSTERS / "blackboard.txt").submitted[:, 0].tolist() == [True, True, False, True]


@pytest.mark.parametrize("name", ["Test 1 (20)", "Test 1 /20", "Test 1 (out of 20)", "Test 1 [Max Points: 20]"])
def test_points_in_a_name(name: str, made: Made) -> None:
    """They are full marks, though nobody has them."""
    rows = "".join(f"p{k},{score}\n" for k, score in enumerate((12.5, 10, 5, 16)))
    book = read(made(f"Student ID,{name}\n{rows}"))
    assert book.score[:, 0].tolist() == [0.625, 0.5, 0.25, 0.8]


def test_some_of_the_tasks(made: Made) -> None:
    """By words in their names; points that nothing says are the highest score."""
    book = read(made("Name,Class,Quiz 1,Essay,Quiz 2\nAnn,x,5,9,4\nBob,x,3,1,8\n"), kind="quiz")
    same(book.score, [[1.0, 0.5], [0.6, 1.0]])
    assert "points taken from the highest score: Quiz 1, Quiz 2" in book.notes and len(book.classes) == 1


# ---- bad input -------------------------------------------------------------------------------------------------
def changed(old: str, new: str) -> str:
    """The tidy book with something changed."""
    assert old in TIDY
    return TIDY.replace(old, new)


BAD: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "grade book marks.csv is empty"),
    "blank": ("\n\n  \n", "grade book marks.csv is empty"),
    "header alone": (TIDY.split("\n")[0] + "\n", "has no rows below the names of its columns"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "marks.csv is not text"),
    "no week": (changed(",week,", ",when,"), "has no column week"),
    "no score": (changed(",score,", ",mark,"), "has no column score"),
    "no student": (changed(",student_id,", ",pupil,"), "has no column student_id"),
    "twice a column": (changed("passed", "score"), "two columns called 'score'"),
    "text in numbers": (changed(",40,50,", ",good,50,"), "score in line 2 of marks.csv is 'good'"),
    "negative score": (changed(",10,50,", ",-10,50,"), "score in line 5 of marks.csv is '-10'"),
    "above the maximum": (changed(",10,50,", ",51,50,"), "of student 's2' in marks.csv is 51, above the maximum of 50"),
    "no maximum": (changed(",10,50,", ",10,,"), "max_score in line 5 of marks.csv is ''"),
    "maximum of nothing": (changed(",10,50,", ",0,0,"), "max_score in line 5 of marks.csv is '0'"),
    "infinite": (changed(",10,50,", ",inf,50,"), "score in line 5 of marks.csv is 'inf'"),
    "negative week": (changed("b,s3,4", "b,s3,-4"), "week in line 9 of marks.csv is '-4'"),
    "half a week": (changed("b,s3,4", "b,s3,4.5"), "week in line 9 of marks.csv is '4.5'"),
    "no time": (changed("b,s3,4", "b,s3,"), "week in line 9 of marks.csv is ''; every task needs its place"),
    "no flag": (changed(",40,50,1,1,", ",40,50,1,maybe,"), "submitted in line 2 of marks.csv is 'maybe'"),
    "twice": (TIDY + "b,s3,4,assessment,1,9,50,1,1,0\n", "student 's3' of marks.csv has 2 rows for one task"),
    "back again": (changed(",,50,0,0,0", ",9,50,0,1,0"), "student 's2' of marks.csv hands in after having left"),
    "one student": ("student_id,week,score\ns1,1,40\ns1,2,50\n", "has one student"),
    "short row": (TIDY + "b,s3\n", "a row of marks.csv has 2 cells, the line of column names has 10"),
    "open quote": (changed("b,s3,2", 'b,"s3,2'), "marks.csv"),
    "wrong separator": (TIDY.replace(",", ":"), "marks.csv"),
    "no CSV": ("Once upon a time there was a class.\nIt failed.\n", "marks.csv"),
    "a wall of weeks": (
        "student_id,week,score\n" + "".join(f"s{i},{i},5\n" for i in range(2100)), "is week the number of a task?",
    ),
    "bad letters": (TIDY.encode() + b"b,\xff\xfe\x81,6,assessment,1,9,50,1,1,0\n", "is not text"),
    "oulad token": (OULAD.replace("78;N;X", "78;Q;X"), "tma_scores in line 2 of marks.csv is '78;Q;X'"),
    "oulad mark": (OULAD.replace("78;N;X", "178;N;X"), "tma_scores in line 2"),
    "uci grade": ("failures,absences,G1,G2,G3\n0,0,21,5,5\n0,0,5,5,5\n", "G1 in line 2 of marks.csv is '21'"),
    "wide without students": ("Name,Quiz\nPoints,5\nAverage,3\n", "marks.csv has no students"),
    "wide without numbers": ("Name,Room\nAnn,x\nBob,y\n", "has no column of numbers"),
    "wide, negative": ("Name,Quiz\nAnn,-5\nBob,3\n", "Quiz of marks.csv has a score of -5"),
    "wide, twice": ("Name,Quiz\nAnn,5\nAnn,3\n", "2 rows of marks.csv name the same student, 'Ann'"),
    "wide, nothing": ("Name,Quiz\nAnn,0\nBob,0\n", "Quiz of marks.csv has no points above 0"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input(what: str, made: Made, tmp_path: Path) -> None:
    """One sentence and exit code 2; no picture is left behind."""
    text, needed = BAD[what]
    done = setback("gradebook", "facts", made(text), "--draws", "20", "--out", tmp_path / "facts.png")
    assert needed in said(done)
    assert "roster" not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["marks.csv"]


def facts(*words: str | Path) -> Done:
    """Type `setback gradebook facts` and some words more."""
    return setback("gradebook", "facts", *words)


OPTIONS = {
    "no file": (["nowhere.csv"], "grade book nowhere.csv cannot be read"),
    "kind": (["marks.csv", "--kind", "quizz"], "unknown kind of task in marks.csv: 'quizz'"),
    "mark": (["marks.csv", "--pass-mark", "0"], "pass mark is 0.0"),
    "course": (["marks.csv", "--course", "AAA"], "marks.csv names no courses"),
    "draws": (["marks.csv", "--draws", "-1"], "draws is -1"),
    "seed": (["marks.csv", "--seed", "-1"], "seed is -1"),
    "too often": (["marks.csv", "--kind", "a", "--kind", "b"], "--kind is given 2 times for 1 file"),
    "no source": (["marks.csv", "--policy", "curve"], "name its source with --simulate"),
    "number": (["marks.csv", "--set", "near_miss_slope=1"], "name its source with --simulate"),
    "two and one": (["marks.csv", "marks.csv", "--simulate", "oulad"], "leave out marks.csv or --simulate oulad"),
    "source": (["marks.csv", "--simulate", "ouald"], "unknown source of grade books 'ouald'; did you mean oulad?"),
    "mute": (["marks.csv", "--simulate", "star-within-schools"], "the model has no schools"),
    "classes": (["marks.csv", "--simulate", "oulad", "--rooms", "0"], "rooms is 0"),
    "picture": (["marks.csv", "--out", "facts.bmp"], "a picture is drawn to .png, .pdf or .svg"),
    "folder": (["."], "is a folder"),
}


@pytest.mark.parametrize("what", OPTIONS)
def test_bad_options(what: str, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence and exit code 2."""
    made(TIDY)
    monkeypatch.chdir(tmp_path)
    words, needed = OPTIONS[what]
    assert needed in said(facts(*words))


def test_all_passes(made: Made) -> None:
    """A book without failures is no error: what needs them says so."""
    rows = "".join(f"s{i},{week},{60 + i % 30 + week}\n" for i in range(40) for week in range(5))
    done = facts(made("student_id,week,score\n" + rows), "--draws", "20")
    assert done.code == 0 and "(no failures before a task)" in done.out and "(no failures)" in done.out


def test_a_book_says_nothing_of_the_wrong_shape() -> None:
    """In Python too."""
    with pytest.raises(InputError, match=r"scores of shape \(3,\)"):
        Book([0.1, 0.2, 0.3])
    with pytest.raises(InputError, match=r"due of shape \(2, 2\); it needs \(1, 2\)"):
        Book([[0.1, 0.2]], due=np.ones((2, 2)))
    with pytest.raises(InputError, match="pass mark"):
        Book([[0.1, 0.2]], pass_mark=50)
    with pytest.raises(InputError, match="handed in by students who had left"):
        Book([[0.1, 0.2]], withdrawn=[[True, True]])
