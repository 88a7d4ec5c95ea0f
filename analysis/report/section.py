"""What a section of the report is made of: sentences, tables and pictures, or the sentence that says why it is empty.

A number that stands in a sentence is written by the function that writes it in a table, from the same value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from setback.analysis.figures.style import words
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES
from setback.model.writing import plain

if TYPE_CHECKING:
    from setback.analysis.decision import Decision
    from setback.analysis.figures.figure import Figure
    from setback.analysis.fit import Found
    from setback.analysis.load import Results

#: What keeps a number and what belongs to it on one line.
NEVER_BROKEN = "\N{NO-BREAK SPACE}"
#: What is written where a number is not known.
NOT_KNOWN = "–"
#: Digits behind the point, by unit; shares are written in percent.
DIGITS = {"SD": 2, "SD apart": 2, "failures": 2, "points": 2}
#: What a cell shows of the row that it stands in.
Shown = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Asked:
    """What a section is made from: results of a study, where one is at hand a fit, and the verdicts on both claims."""

    results: Results
    fit: Found | None = None
    verdicts: pd.DataFrame | None = None

    @cached_property
    def decided(self) -> tuple[Decision | None, str]:
        """Give the decision table, or None and the sentence that says why there is none."""
        try:
            return self.results.decision(), ""
        except InputError as error:
            return None, sentence(str(error))

    @property
    def decision(self) -> Decision | None:
        """Give the decision table, where there is one."""
        return self.decided[0]


class Column(NamedTuple):
    """A column of a table: its head, and what each cell shows of its row; numbers stand at the right.

    Where `drawn` names a column of the frame, a bar from 0 stands under each number, as long as it is large.
    """

    head: str
    show: Shown
    is_number: bool = True
    drawn: str = ""


class Table(NamedTuple):
    """A table as it is read, and the frame with all digits that the CSV file holds.

    Attributes:
        name: of the CSV file, without its ending.
        caption: one sentence that says what it shows.
        frame: the numbers.
        columns: what is shown of each row.
        kept: what the CSV file holds, where it is not the frame.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    kept: pd.DataFrame | None = None

    @property
    def cells(self) -> list[list[str]]:
        """Give the rows as texts."""
        rows = ({str(name): value for name, value in row.items()} for row in self.frame.to_dict("records"))
        return [[column.show(row) for column in self.columns] for row in rows]

    @property
    def rows(self) -> list[list[tuple[Column, str, float | None]]]:
        """Give the rows as a page shows them: column, text, and length of the bar (% of the longest in the column)."""
        bars = zip(*(self._lengths(column.drawn) for column in self.columns))
        return [[*zip(self.columns, texts, lengths)] for texts, lengths in zip(self.cells, bars)]

    def _lengths(self, drawn: str) -> list[float | None]:
        values = self.frame[drawn].astype(float) if drawn else pd.Series([math.nan] * len(self.frame))
        if not values.max() > 0.0 or values.min() < 0.0:  # nothing to draw, or nothing that begins at 0
            return [None] * len(values)
        return [None if math.isnan(value) else round(100.0 * value / values.max(), 1) for value in values]

    def csv(self) -> str:
        """Give what is kept, else the frame, as the text of a CSV file that is harmless to a spreadsheet."""
        return (self.frame if self.kept is None else self.kept).map(plain).to_csv(index=False, lineterminator="\n")


class Picture(NamedTuple):
    """A figure with the sentence under it; the name tells the parts of one figure from those of another."""

    name: str
    caption: str
    figure: Figure


class Section(NamedTuple):
    """A section of the report.

    Attributes:
        name: what a link to it is called.
        title: its heading.
        text: its sentences, a paragraph each.
        points: its sentences that are counted, and
        heads: the two or three words by which the eye finds each of them, where they have any.
        tables: its tables.
        pictures: its figures.
        code: a text that is to be copied as it is.
        absent: why the study cannot give it, and what would.
    """

    name: str
    title: str
    text: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    code: str = ""
    absent: str = ""


def sentence(error: str) -> str:
    """Write what an error says as a sentence.

    >>> sentence("rigor has one world")
    'Rigor has one world.'
    """
    return f"{error[:1].upper()}{error[1:]}."


def lowered(text: str) -> str:
    """Write a sentence so that it goes on after another.

    >>> lowered("Nothing is known.")
    'nothing is known'
    """
    return f"{text[:1].lower()}{text[1:].removesuffix('.')}"


# ---- how numbers are written -------------------------------------------------------------------------------
def is_share(unit: str) -> bool:
    """Say whether a unit is a share, which is written in percent."""
    return unit.startswith("share") or unit == "probability"


def number(value: float | None, unit: str = "", signed: bool = False, digits: int | None = None) -> str:
    """Write a number in its unit, without the unit's name.

    >>> number(0.4567, "share of students"), number(-0.031, "SD", signed=True), number(None)
    ('45.7', '−0.03', '–')
    """
    if value is None or pd.isna(value):
        return NOT_KNOWN
    size = 100.0 * value if is_share(unit) else float(value)
    places = DIGITS.get(unit, 1) if digits is None else digits
    text = f"{size:{'+' if signed else ''},.{places}f}"
    if not float(text.replace(",", "")):  # nothing is below nought by rounding
        text = text.lstrip("+-")
    return text.replace("-", "−")


def in_words(text: str) -> str:
    """Write the names of outcomes in a text as people read them; other names stay as they are.

    >>> in_words("helpless_or_stopped under curve+attribution_talk=1")
    'helpless or stopped under curve+attribution_talk=1'
    """
    return re.sub(r"\b[a-z]+(?:_[a-z]+)+\b", lambda m: words(m[0]) if m[0] in OUTCOMES else m[0], text)


def named(value: float | None, unit: str = "", signed: bool = False, digits: int | None = None) -> str:
    r"""Write a number with the name of its unit.

    >>> named(0.4567, "share of students"), named(0.3, "SD"), named(12.0, "units")
    ('45.7\xa0%', '0.30\xa0SD', '12.0\xa0units')
    """
    return f"{number(value, unit, signed, digits)}{NEVER_BROKEN}{'%' if is_share(unit) else unit}".rstrip()


def between(low: float | None, high: float | None, unit: str = "", digits: int | None = None) -> str:
    r"""Write an interval: ``0.10 to 0.22``; nothing where it is not known.

    >>> between(0.1, 0.224, "SD"), between(None, 1.0)
    ('0.10\xa0to\xa00.22', '')
    """
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    return f"{number(low, unit, digits=digits)} to {number(high, unit, digits=digits)}".replace(" ", NEVER_BROKEN)


def bracketed(text: str) -> str:
    """Put a text in brackets behind another; nothing where there is none."""
    return f" ({text})" if text else ""


def head(outcome: str, unit: str) -> str:
    """Give the head of an outcome's column: its name and its unit, shares in percent.

    >>> head("helpless_or_stopped", "share of students"), head("learning", "SD")
    ('helpless or stopped, % of students', 'learning, SD')
    """
    said = f"%{unit.removeprefix('share')}" if unit.startswith("share") else "%" if is_share(unit) else unit
    return f"{words(outcome)}, {said}" if said else words(outcome)


def many(count: int, thing: str) -> str:
    """Give a number of things in words.

    >>> many(1, "policy"), many(2_000, "class")
    ('1 policy', '2,000 classes')
    """
    several = thing[:-1] + "ies" if thing.endswith("y") else thing + ("es" if thing.endswith("s") else "s")
    return f"{count:,} {thing if count == 1 else several}"


def listed(names: Iterable[str]) -> str:
    """Join names as people do.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    every = [*names]
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}" if every else ""


def text_column(name: str, title: str = "") -> Column:
    """Give a column of names."""
    return Column(title or words(name), lambda row: str(row[name]), is_number=False)


def number_column(
    name: str, title: str, unit: str = "", ends: Sequence[str] = (), signed: bool = False, digits: int | None = None,
    is_drawn: bool = False,
) -> Column:  # fmt: skip
    """Give a column of numbers, with an interval behind each where two columns with its ends are named, or a bar."""

    def show(row: Mapping[str, Any]) -> str:
        interval = between(row[ends[0]], row[ends[1]], unit, digits) if ends else ""
        return number(row[name], unit, signed, digits) + bracketed(interval)

    return Column(title, show, drawn=name if is_drawn else "")
