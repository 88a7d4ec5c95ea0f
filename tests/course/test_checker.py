"""What a learner hands in is checked within limits, and what is wrong with it is said in one sentence."""

import json
from pathlib import Path

import pytest
from command_line import said, setback

from setback.course.checker import check_file
from setback.course.studies import missing
from setback.model.errors import InputError

OWN = """
[study]
name = "own"
question = "Do fewer students stop where errors are welcome?"
[policies]
climate = ["plain", "error-friendly"]
[worlds]
design = "lhs"
n = 16
vary = "students"
[rooms]
count = 4
size = 5
weeks = 12
[claim]
description = "Fewer students stop where errors are welcome"
outcome = "dropout"
policy = "criterion+error-friendly"
against = "criterion"
direction = "below"
beyond = 0.01
"""


def notebook(*cells: str) -> str:
    """The text of a notebook with cells of code."""
    made = [{"cell_type": "code", "source": cell.splitlines(True), "outputs": []} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# A lesson"]}, *made], "nbformat": 4})


def handed_in(folder: Path, name: str, text: str) -> Path:
    """A file with a text."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.py", " \n", "is empty; was it saved"),
        ("a.ipynb", "", "is empty; was it saved"),
        ("a.ipynb", "{", "is not valid JSON"),
        ("a.ipynb", "[]", "is no notebook: it has no cells"),
        ("a.ipynb", notebook(), "has no code in it"),
        ("a.py", "x = 1\nif x\n", "line 2, is no Python"),
        ("a.ipynb", notebook("%matplotlib inline\nx = 1", "y = (\n"), "code cell 2, line 1, is no Python"),
        ("a.docx", "x", "neither a notebook"),
    ],
)
def test_broken_before_it_runs(tmp_path: Path, name: str, text: str, why: str) -> None:
    """Empty files, files that are no notebook, code that is no Python: where, as the learner counts."""
    sentence = said(setback("course", "check", handed_in(tmp_path, name, text)))
    assert why in sentence and sentence.count(". ") == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 1\nprint(y)\n", "line 2, ends with an error: NameError: name 'y' is not defined"),
        ("x = bytearray(10**11)", "line 1, needs more memory than it is given"),
        ("f = open('big', 'wb', buffering=0)\nfor k in range(60):\n    f.write(bytes(2**20))", "of more than 50 MB"),
        ("for k in range(10**6):\n    open(f'f{k}', 'w').close()", "writes more than 1000 files"),
        ("import os\nos._exit(0)", "ends before its end"),
        ("input()", "line 1, ends with an error: EOFError"),
        ("raise SystemExit(3)", "line 1, ends with an error: SystemExit: 3"),
    ],
)
def test_broken_while_it_runs(tmp_path: Path, text: str, why: str) -> None:
    """Errors with their line, too much memory, too much on the disk, an end without a word: one sentence each."""
    assert why in said(setback("course", "check", handed_in(tmp_path, "a.py", text)))


MECHANISM = '''import setback as sb


@sb.mechanism("affect", after="update_affect", strength={"humour": "no relief"}, source="a thesis")
def laugh_it_off(affect, friends_effort, p):
    """Friends take the edge off."""
    return affect * (1.0 - p.strength_humour * 0.2)


mine = sb.MODEL.with_mechanism(laugh_it_off)
'''


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("return", "if affect > 1.0:\n        return affect\n    return", "write where(condition, this, that)"),
        ("friends_effort, p", "friends_efort, p", "did you mean friends_effort"),
        (', source="a thesis"', "", "names no source; say where its claim comes from, or 'assumed'"),
        ("* 0.2", "/ (affect - affect)", "(NaN) within 36 weeks; keep what it divides by away from 0"),
    ],
)
def test_a_mechanism_of_ones_own_that_cannot_run(tmp_path: Path, old: str, new: str, why: str) -> None:
    """A branch, a slot that there is not, no source, no number: what to change, in the words of the model."""
    sentence = said(setback("course", "check", handed_in(tmp_path, "a.py", MECHANISM.replace(old, new))))
    assert why in sentence and "Error" not in sentence and "Refused" not in sentence


def test_a_list_that_grows_for_ever(tmp_path: Path) -> None:
    """Step by step rather than at once: it comes to an end at the memory that it is given."""
    text = "much = []\nwhile True:\n    much.append(bytearray(10**7))\n"
    with pytest.raises(InputError, match="needs more memory"):
        check_file(handed_in(tmp_path, "a.py", text), memory=2 * 2**30)


@pytest.mark.slow
def test_an_endless_loop_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    """The process and its own are gone when the sentence is said."""
    note = tmp_path / "child"
    text = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
    text += f"open({str(note)!r}, 'w').write(str(child.pid))\n"
    file = handed_in(tmp_path, "a.py", text + "while True:\n    pass\n")
    with pytest.raises(InputError, match="runs for more than 40 seconds; is there a loop that does not end"):
        check_file(file, seconds=40)
    state = Path(f"/proc/{note.read_text()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_what_is_right_open_wrong_and_not_there(tmp_path: Path) -> None:
    """Each exercise of the lesson is named, those too whose cell was thrown away; a notebook as a file of cells."""
    first = 'from setback.course import check\ncheck("3.3", "neither")'
    text = notebook(first, '!ls\ncheck("3.1", "x")\ncheck("3.2", ...)')
    done = setback("course", "check", handed_in(tmp_path, "mine.ipynb", text))
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines() == [
        "Exercise 3.3 is right.",
        "Exercise 3.1 is not right yet; its cell gives a hint when it is run.",
        "Exercise 3.2 is open: the three dots are still there.",
        *(f"Exercise {name} is not checked: its cell is missing, or was not run." for name in ("3.4", "3.5", "3.6")),
    ]


def test_nothing_is_left_behind_and_files_beside_it_go_along(tmp_path: Path) -> None:
    """It runs in a folder of its own, with the files that it names."""
    handed_in(tmp_path, "numbers.csv", "3\n")
    text = "open('out.txt', 'w').write('x')\nassert open('numbers.csv').read() == '3\\n'\n"
    report = check_file(handed_in(tmp_path, "a.py", text))
    assert report.done == ["It runs to its end without an error."] and "No exercise" in report.missing[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "numbers.csv"]


@pytest.mark.parametrize("name", ["json.py", "numpy.py"])
def test_a_file_named_like_a_module_is_run_like_any_other(tmp_path: Path, name: str) -> None:
    """It takes nobody's place, and what lies beside it can be read in."""
    handed_in(tmp_path, "helper.py", "N = 3\n")
    report = check_file(handed_in(tmp_path, name, "import helper  # helper.py\nassert helper.N == 3\n"))
    assert report.done == ["It runs to its end without an error."]


# ---- study files --------------------------------------------------------------------------------------------------
def test_a_study_that_can_be_handed_in(tmp_path: Path) -> None:
    """It is run, and what the claim came to is said."""
    done = setback("course", "check", handed_in(tmp_path, "own.toml", OWN), "--seconds", "3000")
    assert done.code == 0, done
    assert "can be read as a study" in done.out and "Fewer students stop where errors are welcome" in done.out


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('question = "Do fewer students stop where errors are welcome?"', "", "there is no question"),
        ("n = 16", "n = 15", "fewer than 16 worlds"),
        ("count = 4", "count = 3", "fewer than 4 rooms"),
        ("beyond = 0.01", "beyond = 0", "the claim has no size"),
        ('against = "criterion"', "", "the claim compares nothing"),
        ('description = "Fewer students stop where errors are welcome"', "", "the claim is not said in words"),
        (OWN[OWN.index("[claim]") :], "", "there is no [claim]"),
        ('["plain", "error-friendly"]', '["error-friendly"]', "one policy only"),
    ],
)
def test_what_a_study_lacks(tmp_path: Path, old: str, new: str, what: str) -> None:
    """One thing each."""
    text = OWN.replace(old, new)
    if what == "one policy only":
        text = text[: text.index("[claim]")]
    found = missing(handed_in(tmp_path, "own.toml", text))
    assert what in found[0]
    assert missing(handed_in(tmp_path, "own.toml", OWN)) == []


def test_the_file_to_start_from_lacks_its_question(tmp_path: Path) -> None:
    """What `setback new study` writes is nearly a study, but the question is the learner's."""
    assert setback("new", "study", "mine", "--out", tmp_path / "mine.toml").code == 0
    assert [clause.partition(";")[0] for clause in missing(tmp_path / "mine.toml")] == ["there is no question"]


def test_a_study_that_takes_too_long_is_not_begun(tmp_path: Path) -> None:
    """Its estimated time is said instead."""
    text = OWN.replace("n = 16", "n = 60000").replace("size = 5", "size = 30").replace("count = 4", "count = 40")
    report = check_file(handed_in(tmp_path, "own.toml", text))
    assert "It would take about" in report.missing[0] and "fewer worlds or rooms" in report.missing[0]


def test_a_broken_study_is_one_sentence(tmp_path: Path) -> None:
    """What the study's own reader says."""
    sentence = said(setback("course", "check", handed_in(tmp_path, "own.toml", OWN.replace("plain", "plane"))))
    assert "plane" in sentence and "plain" in sentence
