"""Writing files: whole or not at all, on the disk before they take their place, and through no link.

Whatever is written is written here: tables, pictures, manifests, exports, pages, kernels.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from setback.model.errors import InputError, StopError, printable
from setback.model.place import Address, Place

#: What the names of files end with that are not written to their end; they begin with a point.
UNFINISHED = ".unfinished"
#: What a formula begins with; spreadsheets read full-width signs as well.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


@contextlib.contextmanager
def written(path: Place, new: bool = False) -> Iterator[BinaryIO]:
    """Open a file for writing; it takes its place when the block ends, and never where the block fails.

    Args:
        path: its place, on this machine or elsewhere.
        new: refuse a place that is taken.

    Raises:
        InputError: if the place is taken, is no plain file, or nothing can be written there.
        StopError: if the disk is full or fails.
    """
    if "\0" in str(path):
        raise refusal(path, ValueError("a name has no zero byte"))
    if isinstance(path, Address):
        with _put(path, new) as content:
            yield content
        return
    beside = path.parent / f".{secrets.token_hex(8)}{UNFINISHED}"
    try:
        with _told(path, beside):
            mode = _check_place(path, new)
            with beside.open("xb") as file:  # exclusively: a guessed name is not followed
                yield file
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                beside.chmod(mode)
            _check_place(path, new)
            beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    _flush_folder(path.parent)


@contextlib.contextmanager
def _put(address: Address, new: bool) -> Iterator[BinaryIO]:
    """Gather what is written to an address, and put it there in one go when the block ends."""
    if new and address.exists():
        raise _taken(address)
    content = io.BytesIO()
    yield content
    try:
        address.put(content.getvalue())
    except FileNotFoundError as error:  # no bucket, or no folder
        raise refusal(address, error) from None


@contextlib.contextmanager
def _told(path: Path, beside: Path) -> Iterator[None]:
    """Make a sentence of what goes wrong with a file that is written, and of nothing else that its maker does."""
    try:
        yield
    except OSError as error:  # one without a name is of the open file
        if error.filename not in (None, str(path), str(beside)):
            raise
        raise refusal(path, error) from None


def write_bytes(path: Place, content: bytes, new: bool = False) -> None:
    """Write a file in one go; arguments and errors are those of `written`."""
    with written(path, new) as file:
        file.write(content)


def write_text(path: Place, text: str, new: bool = False) -> None:
    """Write a text as UTF-8; arguments and errors are those of `written`."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"), new)


def check(path: Place, new: bool = False) -> None:
    """Raise the errors of `written` at once, before long work is done for a file; nothing is left there."""
    with contextlib.suppress(_Enough), written(path, new):
        raise _Enough


def plain(cell: Any) -> Any:
    r"""Make a cell of a CSV file harmless to those who open it in a spreadsheet or print it; numbers stay numbers.

    A text that begins with ``= + - @`` is a formula to a spreadsheet: it gets an apostrophe before it, which is how
    spreadsheets mark a text. Control characters, which could steer a terminal, become blanks.

    >>> plain("=1+1"), plain("-7 B"), plain("Ann\x1b[2J"), plain(-7)
    ("'=1+1", "'-7 B", 'Ann [2J', -7)
    """
    if not isinstance(cell, str):
        return cell
    text = printable(cell)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


class _Enough(Exception):  # noqa: N818
    """Leaves a file before it takes its place."""


def refusal(path: Place, error: Exception) -> InputError | StopError:
    """Make the error for a file that cannot be written: the disk's fault, or the place's."""
    why = getattr(error, "strerror", None) or str(error)
    if getattr(error, "errno", None) in FULL:
        return StopError(f"{path} cannot be written: {why.lower()}; it is as it was before")
    return InputError(f"{path} cannot be written: {why.lower()}; name a file in a folder that can be written to")


def _taken(path: Place) -> InputError:
    return InputError(f"{path} is there already; name another file, or take it away")


def _check_place(path: Path, new: bool) -> int | None:
    """Give the mode of the file in the place; InputError where none may be there, or it is a folder, device or pipe."""
    try:
        there = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(there):
        raise InputError(f"{path} is a folder; name a file in it")
    if new:
        raise _taken(path)
    if not (stat.S_ISREG(there) or stat.S_ISLNK(there)):
        raise InputError(f"{path} is no plain file; name another one")
    return stat.S_IMODE(there) if stat.S_ISREG(there) else None


def _flush_folder(folder: Path) -> None:
    """Have the new name on the disk as well, where a folder can be flushed (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
