"""What was published, as rows that a simulated figure hits or misses.

The tables beside this file: `findings.csv` has the effects with their citations, `targets.csv` the same as rows that
can be scored, `gradebook_facts.csv` statistics of real grade books. Tolerances are fixed there; nobody who fits or runs
a model chooses them.
"""

from __future__ import annotations

import csv
import functools
import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from setback.model.errors import InputError, shown
from setback.model.reading import read_toml
from setback.model.shipped import shipped

#: Forms say no number in `targets.csv`. Where their mark must lie was decided once, before any fit: the error rate of
#: most learning, near 15 %, and the smallest of several paths, above 0.
FORMS = {"ERR1": (0.05, 0.30), "AT3": (0.0, math.inf)}
FOLDER = shipped("setback.experiments") / "evidence"
#: Kinds of rows: a number with its tolerance, the side of a bound, or the form of a curve.
NUMERIC, SIGN, FORM = KINDS = ("numeric", "sign", "form")


class Target(NamedTuple):
    """What a simulated figure is held against.

    Attributes:
        kind: one of `KINDS`.
        value: the published number; NaN of a sign or form.
        low: the least figure that is a hit.
        high: the largest figure that is a hit; infinite where only the side of a bound counts.
        source: where it was published.
    """

    kind: str
    value: float
    low: float
    high: float
    source: str = ""

    def hits(self, figure: float) -> bool:
        """Say whether a figure is a hit; a number that is not known is none."""
        if math.isinf(self.low) or math.isinf(self.high):  # a bound itself lies on no side of it
            return self.low < figure < self.high
        return self.low <= figure <= self.high

    def distance(self, figure: float) -> float:
        """Give how far a figure lies from the published one, in units of the tolerance on that side: up to 1 is a hit.

        Of a sign or form, where no number was published: 0 for a hit, else how far beyond the bound that is broken.
        """
        if self.kind == NUMERIC:
            width = self.high - self.value if figure > self.value else self.value - self.low
            return (figure - self.value) / width if width > 0.0 else math.copysign(math.inf, figure - self.value)
        return min(figure - self.low, 0.0) + max(figure - self.high, 0.0) if not math.isnan(figure) else math.nan

    @property
    def half_width(self) -> float:
        """Give half of what lies within the tolerance; infinite where only a side counts."""
        return (self.high - self.low) / 2.0

    @property
    def said(self) -> str:
        """Say it for people, as "0.36 [0.2, 0.51]" or "> 0"."""
        if self.kind == NUMERIC:
            return f"{self.value:g} [{self.low:g}, {self.high:g}]"
        if math.isinf(self.high):
            return f"> {self.low:g}"
        return f"< {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"


class Row(NamedTuple):
    """A row of `targets.csv`."""

    id: str
    finding: str
    quantity: str
    target: Target
    required: bool
    scale: str
    span: str
    context: str
    block: str


class Fact(NamedTuple):
    """A row of `gradebook_facts.csv`.

    The tolerance is the interval of the statistic, and where the table gives a spread over modules or courses, that as
    well: from the lower of both lower ends to the higher of both upper ends.
    """

    id: str
    dataset: str
    rows_here: bool
    statistic: str
    method: str
    target: Target
    interval: tuple[float, float]


@functools.cache
def targets() -> Mapping[str, Row]:
    """Give the rows of `targets.csv` by id."""
    citations = {row["id"]: f"{row['citation']} doi:{row['doi']}" for row in _read("findings.csv")}
    rows = (
        Row(
            row["id"],
            row["finding"],
            row["quantity"],
            _target(row, citations[row["finding"]]),
            row["required"] == "1",
            row["scale"],
            row["span"],
            row["context"],
            row["block"],
        )
        for row in _read("targets.csv")
    )
    return {row.id: row for row in rows}


@functools.cache
def facts() -> Mapping[str, Fact]:
    """Give the rows of `gradebook_facts.csv` by id."""
    found = {}
    for row in _read("gradebook_facts.csv"):
        value, low, high = (float(row[name]) for name in ("value", "ci_lo", "ci_hi"))
        spread = (float(row["spread_lo"] or low), float(row["spread_hi"] or high))
        within = min(spread[0], low), max(spread[1], high)
        found[row["id"]] = Fact(
            row["id"], row["dataset"], row["rows_here"] == "yes", row["statistic"], row["method"],
            Target(NUMERIC, value, *within, row["dataset"]), (low, high),
        )  # fmt: skip
    return found


def is_published(row: str) -> bool:
    """Say whether anything published is held against a figure of this name."""
    return row in targets() or row in facts()


def target_of(row: str) -> Target:
    """Give what the figure of a row is held against."""
    return targets()[row].target if row in targets() else facts()[row].target


@functools.cache
def left_out() -> Mapping[str, str]:
    """Give the rows of `targets.csv` for which there is no trial, each with the reason."""
    return dict(read_toml(FOLDER / "left_out.toml", "the list of rows that are left out"))


def side(text: str) -> tuple[float, float]:
    """Give the bounds that a text such as ">0" or "<0.3" says.

    Raises:
        InputError: if it says none.
    """
    said = re.fullmatch(r"(?:all )?([<>]) *(-?\d+(?:\.\d+)?)", text.strip())
    if said is None:
        raise InputError(f'{shown(text)} says no side of a bound; write it as in ">0" or "<0.3"')
    bound = float(said[2])
    return (bound, math.inf) if said[1] == ">" else (-math.inf, bound)


def _target(row: Mapping[str, str], source: str) -> Target:
    if row["kind"] == NUMERIC:
        return Target(NUMERIC, float(row["value"]), float(row["tol_lo"]), float(row["tol_hi"]), source)
    low, high = FORMS[row["id"]] if row["kind"] == FORM else side(row["value"])
    return Target(row["kind"], math.nan, low, high, source)


def _read(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
