"""Reading grade books: setback's own, tidy ones, open data sets, and the wide exports of learning platforms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.readers.head import Head, read_head
from setback.experiments.gradebook.readers.published import OSU, OULAD, UCI, read_osu, read_oulad, read_uci
from setback.experiments.gradebook.readers.tidy import read_tidy
from setback.experiments.gradebook.readers.wide import read_wide
from setback.model.errors import InputError, number


class Format(NamedTuple):
    """A form of grade book: the columns by which it is known, its usual pass mark in percent, and its reader."""

    needs: frozenset[str]
    pass_mark: float
    read: Callable[..., Book]


#: The forms in order; the first whose columns are all there is taken, and what fits none is wide.
FORMATS = {
    "oulad": Format(frozenset(OULAD), 40.0, read_oulad),
    "osu": Format(frozenset(OSU), 60.0, read_osu),
    "uci": Format(frozenset(UCI), 50.0, read_uci),
}
#: Any two of these make a tidy book, so that a lack of the third is told; its pass mark, and that of wide ones.
TIDY, PASS_MARK = ("student_id", "score", "week", "seq"), 50.0


def read(path: str | Path, kind: str | None = None, pass_mark: float | None = None, course: str | None = None) -> Book:
    """Read a grade book; its form is known by its columns. Nothing leaves the machine.

    Args:
        path: the CSV file, by its path or within the folder SETBACK_DATA.
        kind: the kind of tasks; by default the one that carries grades.
        pass_mark: percent of the maximum at which a score is a pass; by default 40 for OULAD, 60 for OSU, else 50.
        course: the one course that is wanted, as "AAA 2013J" of OULAD; by default all.

    Raises:
        InputError: if the file cannot be read, is no grade book, or there is no such kind or course.
    """
    head = read_head(path)
    mark = None if pass_mark is None else number("pass mark", pass_mark, 1.0, 99.0, "percent") / 100.0
    if form := _form(head):
        of = FORMATS[form]
        separator = head.having({*of.needs})
        book: Book = of.read(head, separator, kind, of.pass_mark / 100.0 if mark is None else mark)
    else:
        usual = PASS_MARK / 100.0 if mark is None else mark
        pairs = [{a, b} for k, a in enumerate(TIDY) for b in TIDY[k + 1 :] if {a, b} != {"week", "seq"}]
        tidy = next(filter(None, map(head.having, pairs)), None)
        book = read_tidy(head, tidy, kind, usual) if tidy else read_wide(head, kind, usual)
    if course is not None:
        book = book.of_course(course)
    if book.students < 2:
        raise InputError(f"{book.title} has one student; facts need two at least")
    return book


def form_of(path: str | Path) -> str:
    """Give the name of the form of a published grade book, one of `FORMATS`; "" of any other.

    Raises:
        InputError: if the file cannot be read.
    """
    return _form(read_head(path))


def _form(head: Head) -> str:
    return next((name for name, of in FORMATS.items() if head.having({*of.needs})), "")
