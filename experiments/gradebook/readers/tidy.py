"""Tidy grade books, one row for each student and task, as ``setback gradebook export`` writes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.readers.cells import Column, keep, read_columns
from setback.experiments.gradebook.readers.head import Head, once
from setback.model.errors import InputError, shown, unknown

#: The columns that are read, each with what it is; the first three are needed, and of week and seq one.
COLUMNS: Mapping[str, str] = {
    "student_id": "names the student",
    "score": "points; empty where nothing was handed in",
    "week": "when it was due: a whole number, 0 or more",
    "seq": "the place of the task in its course, instead of the week or within it",
    "max_score": "points that can be had; 100 where the column is left out",
    "kind": "the kind of task",
    "attempt": "1 for the first; of several the first counts",
    "enrolled": "1 while the student was still in the class",
    "withdrawn": "1 once the student had left for good",
    "submitted": "1 if it was handed in; where the column is left out, if there is a score",
    "class_id": "names the class",
    "course": "names the course",
}
#: Kinds of tasks that carry grades, those first that are taken unless another is asked for.
KINDS = ("assignment", "assessment", "tma", "project", "test", "exam", "quiz", "homework")
#: The largest week or points, and the most tasks and cells of a book.
LARGEST, MOST_TASKS, MOST_CELLS = 1e6, 2000, 2**29


def read_tidy(
    head: Head,
    separator: str,
    kind: str | None,
    pass_mark: float,
    called: Mapping[str, str] | None = None,
    zero_is_missing: bool = False,
) -> Book:
    """Read a tidy grade book.

    Args:
        head: the head of its file.
        separator: what stands between its cells.
        kind: the kind of tasks; by default the first of `KINDS` that it has, else the most frequent.
        pass_mark: share of the maximum.
        called: names of columns that differ from those of `COLUMNS`: ours -> the file's.
        zero_is_missing: a score of 0 says that nothing was handed in, and no score that nothing was due.

    Raises:
        InputError: if a column is not there, a cell is no number or out of range, a student has two rows for a task,
            or hands in after having left.
    """
    header = head.columns(separator)
    once(header, head.file)
    names = {ours: (called or {}).get(ours, ours) for ours in COLUMNS}
    names = {ours: name for ours, name in names.items() if name in header}
    for needed in ("student_id", "score"):
        if needed not in names:
            raise _lacks(needed, head, header)
    if "week" not in names and "seq" not in names:
        raise _lacks("week", head, header)
    columns = read_columns(head, separator, names)
    columns, notes = _of_kind(columns, kind)
    rows = len(columns["score"].number)
    score = columns["score"].numbers(0.0, LARGEST)
    most = columns["max_score"].numbers(1e-6, LARGEST) if "max_score" in columns else np.full(rows, 100.0)
    if "max_score" not in columns:
        notes.append("scores are read as points out of 100; a column max_score says otherwise")
    if not zero_is_missing and (above := score > most + 1e-9).any():
        k = int(above.argmax())
        whose = f"of student {shown(columns['student_id'].texts[columns['student_id'].number[k]])}"
        raise InputError(
            f"a score {whose} in {head.file} is {score[k]:g}, above the maximum of {most[k]:g}; "
            "correct it, or the column max_score"
        )
    if "max_score" in columns and (open_end := np.isfinite(score) & np.isnan(most)).any():
        k = int(columns["max_score"].number[open_end][0])
        raise columns["max_score"].error(k, "a score needs a maximum")
    submitted = columns["submitted"].flags() if "submitted" in columns else np.isfinite(score)
    due = np.ones(rows, bool)
    if zero_is_missing:
        due, submitted = np.isfinite(score), submitted & (score > 0)
    gone = np.zeros(rows, bool)
    if "enrolled" in columns:
        gone |= ~columns["enrolled"].flags()
    if "withdrawn" in columns:
        gone |= columns["withdrawn"].flags()

    # who and what: a student of a class of a course, and the place of a task in its course
    courses, course = _names(columns.get("course"), rows)
    classes, class_id = _names(columns.get("class_id"), rows)
    nameless = np.array([not name.strip() for name in classes])  # of a class that is not known
    who = (course * len(classes) + class_id) * len(columns["student_id"].texts) + columns["student_id"].number
    of_row, first, student = np.unique(who, return_index=True, return_inverse=True)
    task = _task(columns, course)
    shape = len(of_row), int(task.max()) + 1
    if shape[1] > MOST_TASKS or shape[0] * shape[1] > MOST_CELLS:
        raise InputError(
            f"{head.file} has {shape[0]:,} students and {shape[1]:,} different weeks; is week the number of a task?"
        )
    cell = student.astype(np.int64) * shape[1] + task
    _check_once(cell, head, columns, first, shape[1])

    def laid(values: NDArray[np.generic], empty: object) -> NDArray[np.generic]:
        out = np.full(shape, empty, values.dtype)
        out.flat[cell] = values
        return out

    is_due, is_in = laid(due, False), laid(submitted, False)
    left = np.logical_or.accumulate(laid(gone, False), 1) & is_due
    if (both := is_in & left).any():
        at = int(both.any(1).argmax())
        name = columns["student_id"].texts[columns["student_id"].number[first[at]]]
        raise InputError(
            f"student {shown(name)} of {head.file} hands in after having left; enrolled or withdrawn, and submitted, "
            "cannot both be right"
        )
    return Book(
        laid(score / most, np.nan),
        is_in,
        left,
        is_due,
        pass_mark,
        course[first],
        np.where(nameless[class_id[first]], -1, class_id[first]),
        courses,
        title=head.file,
        notes=notes,
    )


def _lacks(name: str, head: Head, header: tuple[str, ...]) -> InputError:
    there = ", ".join(filter(None, header)) or "none"
    return InputError(
        f"{head.file} has no column {name}; a tidy grade book needs student_id, week and score, and this has {there}"
    )


def _of_kind(columns: dict[str, Column], kind: str | None) -> tuple[dict[str, Column], list[str]]:
    """Give the rows of one kind of task, of several attempts the first; and what is to be said of it."""
    notes: list[str] = []
    if "kind" in columns:
        of = columns["kind"]
        times = np.bincount(of.number, minlength=len(of.texts))
        there = [text for k, text in enumerate(of.texts) if times[k]]
        if kind is not None and kind not in there:
            raise unknown(f"kind of task in {of.file}:", kind, there)
        usual = next((name for name in KINDS if name in there), of.texts[int(times.argmax())])
        chosen = usual if kind is None else kind
        rows = of.number == of.texts.index(chosen)
        columns = keep(columns, rows)
        others = [name for name in there if name != chosen]
        notes.append(f"tasks of kind {chosen}" + (f" (there are {', '.join(others)} too)" if others else ""))
    elif kind is not None:
        raise InputError(f"{columns['score'].file} has no column kind; leave out --kind")
    if "attempt" in columns:
        attempt = columns["attempt"].numbers(0, LARGEST, whole=True)
        rows = ~(attempt > np.nanmin(attempt)) if np.isfinite(attempt).any() else np.ones(len(attempt), bool)
        if not rows.all():
            notes.append("of several attempts the first")
        columns = keep(columns, rows)
    return columns, notes


def _names(column: Column | None, rows: int) -> tuple[list[str], NDArray[np.int64]]:
    """Give the different names of a column and the number of each row's; one without a name where there is none."""
    return ([""], np.zeros(rows, np.int64)) if column is None else (column.texts, column.number.astype(np.int64))


def _task(columns: dict[str, Column], course: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each row the place of its task in its course: by week, and within it by number."""
    when = course
    for name in ("week", "seq"):
        if name in columns:
            value = columns[name].numbers(0, LARGEST, whole=True)
            if (unknown_when := np.isnan(value)).any():
                raise columns[name].error(int(columns[name].number[unknown_when][0]), "every task needs its place")
            when = when * int(LARGEST + 1) + value.astype(np.int64)
    order, first, place = np.unique(when, return_index=True, return_inverse=True)
    found: NDArray[np.int64] = (np.arange(len(order)) - np.searchsorted(course[first], course[first]))[place]
    return found


def _check_once(
    cell: NDArray[np.int64], head: Head, columns: dict[str, Column], first: NDArray[np.int64], tasks: int
) -> None:
    """Raise InputError if a student has two rows for one task."""
    times = np.bincount(cell, minlength=1)
    if times.max() < 2:
        return
    student, task = divmod(int(times.argmax()), tasks)
    name = columns["student_id"].texts[columns["student_id"].number[first[student]]]
    raise InputError(
        f"student {shown(name)} of {head.file} has {times.max()} rows for one task, number {task + 1} in order; "
        "each needs one (is week, seq, kind, class_id or course missing?)"
    )
