"""The five lessons run as a learner gets them, and their exercises tell right from wrong."""

import re
from pathlib import Path

import numpy as np
import pytest

from setback.course import answers
from setback.course.answers import EXERCISES
from setback.course.checker import check_file
from setback.course.exercises import CHECKED, check, differs
from setback.model.errors import InputError

FOLDER = Path(__file__).parent.parent.parent / "docs" / "course"
LESSONS = range(1, 6)
#: Seconds of a lesson's run: with several tests at once a second of the processor takes many of the clock.
PATIENCE = 3000


def of_lesson(number: int) -> list[str]:
    """The exercises of a lesson."""
    return [name for name in EXERCISES if name.startswith(f"{number}.")]


@pytest.mark.slow
@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_as_it_is_runs_and_every_exercise_is_open(number: int) -> None:
    """Nothing in it depends on an answer, and nothing is given away."""
    report = check_file(FOLDER / f"lesson_{number}.py", PATIENCE)
    assert report.done == []
    is_open = "is open: the three dots are still there."
    assert report.missing == [f"Exercise {name} {is_open}" for name in of_lesson(number)]


@pytest.mark.slow
@pytest.mark.parametrize("number", LESSONS)
def test_its_solution_is_right(number: int) -> None:
    """A learner's way, with what the lesson names, comes to what the model says itself."""
    report = check_file(FOLDER / "solutions" / f"lesson_{number}.py", PATIENCE)
    assert report == ([f"Exercise {name} is right." for name in of_lesson(number)], [])


@pytest.mark.parametrize("number", LESSONS)
def test_it_has_what_a_lesson_has(number: int) -> None:
    """Goals, time, reading with literature, four to six exercises, a discussion; no answer in it."""
    text = (FOLDER / f"lesson_{number}.py").read_text(encoding="utf-8")
    prose = " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
    assert all(part in prose for part in ("**Goals.**", "**Time.**", "## Reading", "## To discuss"))
    assert re.search(r"\(.*\d{4}.*\)", prose.partition("## Reading")[2].partition("%%")[0])
    asked = re.findall(r'^answer = \.\.\.\ncheck\("(.*?)", answer\)', text, re.M)
    assert asked == of_lesson(number) and 4 <= len(asked) <= 6
    assert [*re.findall(r"## Exercise (\d\.\d)", text)] == asked
    assert "?" in prose.partition("## To discuss")[2]


@pytest.mark.parametrize("number", LESSONS)
def test_every_term_that_it_prints_in_bold_is_in_the_glossary(number: int) -> None:
    """In the singular or the plural, whichever table of the glossary has it."""
    text = (FOLDER / f"lesson_{number}.py").read_text(encoding="utf-8")
    prose = " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
    marked = [term.casefold() for term in re.findall(r"\*\*([^*]+?)\*\*", prose) if term[-1] not in ".:"]
    glossary = (FOLDER.parent / "glossary.md").read_text(encoding="utf-8")
    heads = re.findall(r"^\| (.*?) \|", glossary, re.M)
    terms = {re.sub(r"`|\(.*?\)", "", term).strip().casefold() for head in heads for term in head.split(",")}
    assert len(marked) >= 2
    assert [term for term in marked if not {term, term.removesuffix("s")} & terms] == []


@pytest.mark.parametrize("number", LESSONS)
def test_the_study_of_a_lesson_is_the_one_that_is_checked(number: int) -> None:
    """Where a lesson shows a study, its answers are those of the same text."""
    text = (FOLDER / f"lesson_{number}.py").read_text(encoding="utf-8")
    if number == 5:
        assert answers.SHOWN in text


# ---- right and wrong ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "right"),
    [(0.5, 0.5), (0.504, 0.5), (np.float64(0.5), 0.5), ("Task ", "task"), (["a", "b"], ["a", "b"]), (("a",), ["a"]),
     (7, 7.0)],
)  # fmt: skip
def test_what_is_right(answer: object, right: object) -> None:
    """Numbers within what is asked, words however they are written, lists of any kind."""
    assert differs(answer, right, 0.005) == ""


@pytest.mark.parametrize(
    ("answer", "right"),
    [(0.51, 0.5), (-0.5, 0.5), (float("nan"), 0.5), (True, 1.0), ("0.5", 0.5), (None, 0.5), ([0.5], 0.5),
     ("luck", "task"), (3, "task"), (["b", "a"], ["a", "b"]), (["a"], ["a", "b"]), ("ab", ["a", "b"])],
)  # fmt: skip
def test_what_is_wrong(answer: object, right: object) -> None:
    """Another size, the other sign, no number, True for 1, another word, another order, a list that is too short."""
    assert differs(answer, right, 0.005)


def test_the_other_sign_and_percent_are_said() -> None:
    """The two mistakes that are made most."""
    assert "which is taken from which" in differs(-0.25, 0.25, 0.005) and "percent" in differs(25, 0.25, 0.005)
    assert differs(2.5, 0.25, 0.005) == "it is not 2.5"


def test_a_study_file_that_is_not_there_is_no_crash(capsys: pytest.CaptureFixture[str]) -> None:
    """A learner reads one sentence, no traceback."""
    assert not check("5.5", "nowhere.toml")
    assert "is not right yet: study nowhere.toml cannot be read" in capsys.readouterr().out


def test_a_wrong_answer_gets_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    """And stays wrong until it is right; three dots are no answer."""
    assert not check("3.3", ...) and CHECKED["3.3"] == "open"
    assert not check("3.3", "both") and CHECKED["3.3"] == "wrong"
    assert EXERCISES["3.3"].hint in capsys.readouterr().out
    assert check("3.3", "Neither") and CHECKED["3.3"] == "right"


def test_no_such_exercise() -> None:
    """The near ones are named."""
    with pytest.raises(InputError, match=r"1\.7"):
        check("1.7", 3)


def test_every_exercise_has_a_hint_of_its_own() -> None:
    """No two are alike, and none tells the number."""
    hints = [exercise.hint for exercise in EXERCISES.values()]
    assert len({*hints}) == len(hints) and all(len(hint) > 20 for hint in hints)
