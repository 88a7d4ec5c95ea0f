"""Wide exports of learning platforms: one row for each student, one column for each task, as rosters are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.readers.head import Head
from setback.model.errors import InputError, shown
from setback.model.reading import read_bytes
from setback.model.rosters.cells import MISSING, as_number
from setback.model.rosters.propose import CELLS, CLASSES, OTHERS, SCHOOLS, TOTALS, WORDS
from setback.model.rosters.sniff import IDS, PARTS, Sniffed, sniff
from setback.model.rosters.table import decode, split

#: What a cell may say beside a number: excused, so that nothing was due; handed in and not marked yet; not handed in.
EXCUSED, UNMARKED = r"ex|exc|excused|exempt", r"needs grading.*|submitted|ungraded|pending.*|turned in.*"
NOTHING = r"in progress|missing|not submitted|incomplete|absent"
#: Columns that sum up others, beside those that rosters know.
SUMS = (*TOTALS, r"^(current|final|unposted) ?(points|score|grade|percent)?\b", r"\baverage\b", r"\bsubtotal\b")
#: How the points of a task are written in the name of its column.
POINTS = (
    r"max ?points: ?([\d.]+)",
    r"total pts: ?(?:up to )?([\d.]+)",
    r"(?:/|out of) ?([\d.]+)\)?$",
    r"\(([\d.]+)\)$",
)


def read_wide(head: Head, kind: str | None, pass_mark: float) -> Book:
    """Read a wide grade book.

    A task is a column of numbers that neither names the student or class nor sums up others, in the order of the file.
    Its points are those in a row of points possible, or in its name; 100 where it is in percent; else the highest
    score. An empty cell is not handed in, "EX" was not due.

    Args:
        head: the head of the file.
        kind: words in the names of the columns that are wanted; all by default.
        pass_mark: share of the maximum.

    Raises:
        InputError: if the file cannot be read, has no students, or no column of numbers.
    """
    try:
        found = sniff(head.path)
    except InputError as error:
        raise InputError(str(error).replace("roster ", "grade book ", 1)) from None
    if not found.rows:
        raise InputError(f"{head.file} has no students below the names of its columns; it needs a row for each")
    _check_rows(found, head.file)
    tasks = [name for name in _tasks(found) if kind is None or kind.casefold() in name.casefold()]
    if not tasks:
        which = f"whose name has {kind!r}" if kind else "that is a task"
        there = ", ".join(filter(None, found.header))
        raise InputError(f"{head.file} has no column of numbers {which}; its columns are {there}")
    possible = _possible(head, found)
    shape = len(found.rows), len(tasks)
    points, due, submitted = np.full(shape, np.nan), np.ones(shape, bool), np.zeros(shape, bool)
    most, guessed = np.full(len(tasks), np.nan), []
    for task, name in enumerate(tasks):
        cells = found.column(name)
        for student, cell in enumerate(cells):
            number = as_number(cell, found.decimal)
            points[student, task] = np.nan if number is None else number
            due[student, task] = not re.fullmatch(EXCUSED, cell.casefold())
            submitted[student, task] = number is not None or bool(re.fullmatch(UNMARKED, cell.casefold()))
        most[task] = _most(name, cells, possible.get(name))
        if np.isnan(most[task]):
            guessed.append(name)
            most[task] = np.nanmax(points[:, task])
    if (points < 0).any():
        student, task = np.argwhere(points < 0)[0]
        raise InputError(f"{tasks[task]} of {head.file} has a score of {points[student, task]:g}; scores are 0 or more")
    if not (most > 0).all():
        raise InputError(f"{tasks[int(np.argmin(most))]} of {head.file} has no points above 0; leave the column out")
    notes = [f"tasks: {', '.join(tasks)}"]
    if guessed:
        notes.append(f"points taken from the highest score: {', '.join(guessed)}")
    group = next((name for name in found.called(CLASSES) if len({*found.column(name)}) < len(found.rows)), None)
    class_id = np.unique(found.column(group), return_inverse=True)[1] if group else None
    return Book(points / most, submitted, None, due, pass_mark, class_id=class_id, title=head.file, notes=notes)


def _tasks(found: Sniffed) -> Iterator[str]:
    """Give the columns of numbers that are tasks."""
    named = {*found.called((*IDS, *PARTS, *CLASSES, *SCHOOLS))}
    for name in found.own_names():
        said = re.sub(r"\[total pts.*", "", name.casefold())  # which says how many points, and is no total
        if name in named or re.search(OTHERS, said) or any(re.search(total, said) for total in SUMS):
            continue
        cells = [cell for cell in found.column(name) if cell not in MISSING]
        words = sum(as_number(cell, found.decimal) is None and not _is_known(cell) for cell in cells)
        numbers = any(as_number(cell, found.decimal) is not None for cell in cells)
        if numbers and words <= max(1, len(cells) // WORDS if len(cells) > CELLS else 1):
            yield name


def _is_known(cell: str) -> bool:
    """Say whether a cell is a word that says what came of a task."""
    return re.fullmatch(f"{EXCUSED}|{UNMARKED}|{NOTHING}", cell.casefold()) is not None


def _check_rows(found: Sniffed, file: str) -> None:
    """Raise InputError if two rows name the same student."""
    names = found.called((*IDS, *PARTS, *CLASSES, *SCHOOLS))
    if names:
        (who, times), *_ = Counter(found.cells(*names)).most_common(1)
        if times > 1 and any(who):
            raise InputError(
                f"{times} rows of {file} name the same student, {shown(' '.join(filter(None, who)))}; "
                "a grade book with a column a task needs one row a student"
            )


def _possible(head: Head, found: Sniffed) -> dict[str, str]:
    """Give the points possible of each column, from a row that is labelled so."""
    text, _ = decode(read_bytes(head.path, f"grade book {head.path}"), "", head.file)
    for _, row in split(text, found.separator, head.file):
        if any(re.fullmatch(r"(max(imum)? )?points( possible)?:?|out of", cell.casefold()) for cell in row):
            return dict(zip(found.header, row))
    return {}


def _most(name: str, cells: list[str], possible: str | None) -> float:
    """Give the points of a task; NaN where nothing says."""
    if possible and (number := as_number(possible)) is not None:
        return number
    for pattern in POINTS:
        if said := re.search(pattern, name.casefold()):
            return float(said[1])
    if "percent" in name.casefold() or any(cell.endswith("%") for cell in cells):
        return 100.0
    return np.nan
