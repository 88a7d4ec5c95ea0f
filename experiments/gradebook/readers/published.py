"""Open data sets in the form of setback's own extracts of them: OULAD, courses of Ohio State, and UCI's pupils."""

from __future__ import annotations

import re

import numpy as np

from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.readers.cells import read_columns
from setback.experiments.gradebook.readers.head import Head
from setback.experiments.gradebook.readers.tidy import read_tidy
from setback.model.errors import InputError, unknown

#: Columns by which each is known.
OULAD = {"id_student", "code_module", "code_presentation", "tma_scores"}
OSU = {"class_id", "term", "student", "kind", "seq", "score", "max_score"}
UCI = {"G1", "G2", "G3", "failures", "absences"}
#: One task of OULAD: a mark and whether it was banked, or what else happened.
_TASK = re.compile(r"(?:(\d+(?:\.\d+)?)|X)(B?)|N|W")
#: The highest grade of a period in UCI's files.
TOP = 20.0


def read_oulad(head: Head, separator: str, kind: str | None, pass_mark: float) -> Book:
    """Read students × module presentations of the Open University (doi:10.1038/sdata.2017.171).

    Each presentation is a course; there are no classes. ``N`` was not handed in, ``W`` comes once the student has left,
    ``X`` was handed in and has no mark. A student with a mark from an earlier attempt (``B``) is left out altogether:
    what was banked is no work of this year.

    Args:
        head: the head of the file.
        separator: what stands between its cells.
        kind: ``tma``, marked by tutors; another is not there in order.
        pass_mark: share of the maximum.

    Raises:
        InputError: if the kind is another, or a task is none of these.
    """
    if kind not in (None, "tma"):
        raise unknown(f"kind of task in {head.file}:", kind, ["tma"])
    columns = read_columns(head, separator, {name: name for name in OULAD})
    marks, module, presentation = (columns[name] for name in ("tma_scores", "code_module", "code_presentation"))
    longest = max(text.count(";") + 1 for text in marks.texts)
    shape = len(marks.texts), longest
    score, due = np.full(shape, np.nan), np.zeros(shape, bool)
    submitted, withdrawn, banked = due.copy(), due.copy(), np.zeros(len(marks.texts), bool)
    for k, text in enumerate(marks.texts):
        for task, cell in enumerate(text.split(";") if text else ()):
            found = _TASK.fullmatch(cell)
            if not found or (found[1] and float(found[1]) > 100):
                raise marks.error(k, "tasks are marks from 0 to 100, N, W or X, with B where banked, parted by ;")
            due[k, task], withdrawn[k, task] = True, cell == "W"
            submitted[k, task] = cell not in ("N", "W")
            score[k, task] = float(found[1]) / 100 if found[1] else np.nan
            banked[k] |= found[2] == "B"
    rows = np.flatnonzero(~banked[marks.number])
    names = np.char.add(
        np.char.add(np.array(module.texts)[module.number], " "), np.array(presentation.texts)[presentation.number]
    )
    courses, course = np.unique(names[rows], return_inverse=True)
    at = marks.number[rows]
    left_out = len(marks.number) - len(rows)
    return Book(
        score[at], submitted[at], withdrawn[at], due[at], pass_mark, course, courses=[str(name) for name in courses],
        title=head.file, notes=(f"tutor-marked assignments; {left_out} of the file, with banked marks, are left out",),
    )  # fmt: skip


def read_osu(head: Head, separator: str, kind: str | None, pass_mark: float) -> Book:
    """Read submissions to courses of computer science at Ohio State (github.com/jrg94/personal-data).

    Each term is a course. A score of 0 was not handed in; where there is no score, nothing was due.

    Args:
        head: the head of the file.
        separator: what stands between its cells.
        kind: the kind of tasks, ``project`` by default.
        pass_mark: share of the maximum.

    Raises:
        InputError: as `setback.experiments.gradebook.readers.tidy.read_tidy`.
    """
    return read_tidy(
        head, separator, kind, pass_mark, {"student_id": "student", "course": "term"}, zero_is_missing=True
    )


def read_uci(head: Head, separator: str, kind: str | None, pass_mark: float) -> Book:
    """Read pupils with the grades of three periods, 0 to 20 points (doi:10.24432/C5TG7T).

    After the first period a grade of 0 was not given: most who have one had left.

    Raises:
        InputError: if a kind is asked for, or a grade is none.
    """
    if kind is not None:
        raise InputError(f"{head.file} has grades of three periods and no kinds of tasks; leave out --kind")
    columns = read_columns(head, separator, {name: name for name in ("G1", "G2", "G3")})
    grades = np.stack([column.numbers(0.0, TOP) for column in columns.values()], 1)
    given = (grades > 0) | (np.arange(3) == 0)
    return Book(
        np.where(given, grades / TOP, np.nan), pass_mark=pass_mark, title=head.file,
        notes=("grades of three periods; one of 0 in the second or third was not given",),
    )  # fmt: skip
