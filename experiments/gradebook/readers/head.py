"""The head of a file: how it is written, and the names of its columns."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from setback.model.errors import InputError, shown
from setback.model.reading import located, opened
from setback.model.rosters.table import SEPARATORS, decode, split

#: The most bytes of a grade book, and how many are looked at to tell what it is.
MOST, LOOKED = 2**34, 2**16


class Head(NamedTuple):
    """What a file begins with.

    Attributes:
        path: the file.
        encoding: how it is read.
        lines: its first lines.
    """

    path: Path
    encoding: str
    lines: str

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.path.name

    def columns(self, separator: str) -> tuple[str, ...]:
        """Give the names in the first line, if a separator parts them."""
        try:
            return tuple(next(split(self.lines, separator, self.file), (0, [""]))[1])
        except InputError:
            return ()

    def having(self, needed: set[str]) -> str | None:
        """Give the separator with which the first line has all of some names; None where none does."""
        return next((s for s in SEPARATORS if needed <= {*self.columns(s)}), None)


def read_head(path: str | Path) -> Head:
    """Read the head of a grade book, found by its path or within the folder SETBACK_DATA.

    Raises:
        InputError: if the file cannot be read, is empty, too large, or no text.
    """
    path = located(path)
    with opened(path, f"grade book {path}", MOST) as file:
        raw = file.read(LOOKED) or b""
    if not raw.strip():
        raise InputError(
            f"grade book {path.name} is empty; it needs a line of column names and a line a student or task"
        )
    if len(raw) == LOOKED:  # a letter, or a line, may be cut in two
        raw = raw[: raw.rfind(b"\n") + 1 or LOOKED]
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if wide and len(raw) % 2:
        raw = raw[:-1] if raw[:2] == b"\xfe\xff" else raw + b"\0"
    try:
        lines, encoding = decode(raw, "", path.name)
    except InputError:
        raise InputError(f"grade book {path.name} is not text; export it as CSV") from None
    return Head(path, encoding, lines)


def once(names: tuple[str, ...], file: str) -> None:
    """Raise InputError if two columns have one name."""
    for name in names:
        if name and names.count(name) > 1:
            raise InputError(f"grade book {file} has two columns called {shown(name)}; give each a name of its own")
