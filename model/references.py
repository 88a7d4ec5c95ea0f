"""Where claims and numbers are from: every source once, in ``references.toml``, cited by its key.

``year`` and ``title`` are left empty where they are not known for sure; ``seen`` says whether the text or its abstract
was seen, or the entry is from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from setback.model.reading import read_toml
from setback.model.shipped import shipped

#: What stands where a number or claim has no source.
ASSUMED = "assumed"
#: What stands where the fit to the published figures told a number: its default is the middle of the posterior.
FITTED = "fitted (docs/fit.md)"


class Reference(NamedTuple):
    """One source.

    Attributes:
        author: who wrote it, as a citation names them.
        year: when, or ``preprint``; "" where it is not known.
        title: what it is called; "" where it is not known for sure.
        doi: its DOI, and
        number: another number or place that finds it; "" where there is none.
        supports: what the model takes from it.
        seen: whether the text or its abstract was seen; otherwise the entry is from memory.
    """

    author: str
    year: str
    title: str
    doi: str
    number: str
    supports: str
    seen: bool

    def __str__(self) -> str:
        """Give the citation, as "Weiner 1985, doi:10.1037/0033-295X.92.4.548"."""
        place = f"doi:{self.doi}" if self.doi else self.number
        return ", ".join(filter(None, (f"{self.author} {self.year}".strip(), place)))


@cache
def references() -> Mapping[str, Reference]:
    """Give every source by its key."""
    path = shipped("setback.model") / "references.toml"
    return {key: Reference(**{"year": "", "title": "", "doi": "", "number": "", **entry})
            for key, entry in read_toml(path, "references.toml").items()}  # fmt: skip


def cite(source: str) -> str:
    """Give a source for people to read: a key of ``references.toml`` as its citation, other words as they are.

    >>> cite("weiner-1985; my own thesis")
    'Weiner 1985, doi:10.1037/0033-295X.92.4.548; my own thesis'
    """
    return "; ".join(str(references().get(key, key)) for key in source.split("; "))
