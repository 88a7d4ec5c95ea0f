"""Reading files that a person or another program made: nothing in them is trusted, nothing in them is run.

A file is a plain file of a stated size at most. What TOML or JSON holds is of bounded depth, its numbers finite and
no larger than a machine's, so that nobody who reads it later need ask.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import os
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from setback.model.errors import InputError, shown
from setback.model.place import Address, Place

#: The most bytes of a text and of a table, levels of TOML or JSON, and the largest whole number.
MOST_TEXT, MOST_TABLE, DEEPEST, LARGEST = 2**25, 2**31, 50, 2**63


def located(file: str | Path) -> Path:
    """Give where a file of data is: as it is named, else within the folder that SETBACK_DATA names."""
    path, data = Path(file), os.environ.get("SETBACK_DATA")
    # what has a name that cannot be one is just not there, which pathlib does not say of it
    if data and not os.path.exists(path) and os.path.exists(Path(data) / file):  # noqa: PTH110
        return Path(data) / file
    return path


@contextlib.contextmanager
def opened(path: str | Place, what: str, most: int = MOST_TEXT) -> Iterator[BinaryIO]:
    """Open a plain file; what goes wrong with it while the block reads it is told as well.

    Args:
        path: where it is, on this machine or elsewhere.
        what: what it is, for the error, as in "study rigor.toml".
        most: bytes that it may have.

    Raises:
        InputError: if it is not there, cannot be read, is a folder, device or pipe, or is too large.
    """
    try:
        if isinstance(path, Address):
            if path.size() > most:
                raise InputError(f"{what} has more than {most:,} bytes; is it the right file?")
            yield io.BytesIO(path.read_bytes())
            return
        try:
            about = Path(path).stat()
        except ValueError:  # a name with a zero byte
            raise FileNotFoundError from None
        if stat.S_ISDIR(about.st_mode):
            raise InputError(f"{what} is a folder; name the file in it")
        if not stat.S_ISREG(about.st_mode):
            raise InputError(f"{what} is no plain file; save it as one")
        if about.st_size > most:
            raise InputError(f"{what} has more than {most:,} bytes; is it the right file?")
        with open(path, "rb", opener=_without_waiting) as file:
            yield file
    except PermissionError:
        raise InputError(f"{what} may not be read by you; have its owner permit it") from None
    except OSError as error:
        why = f" ({str(error.strerror).lower()})" if error.errno == errno.EIO else ""
        raise InputError(f"{what} cannot be read{why}; is the path right?") from None
    except MemoryError:
        raise InputError(f"{what} needs more memory than there is; read a part of it") from None


def _without_waiting(path: str, flags: int) -> int:
    """Open a file that is read at once or not at all: in /proc there are plain files that wait for news."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_bytes(path: str | Place, what: str, most: int = MOST_TEXT) -> bytes:
    """Give the bytes of a plain file; arguments and errors are those of `opened`."""
    with opened(path, what, most) as file:
        content = file.read(most + 1) or b""  # None where it would have to be waited for
    if len(content) > most:  # it has grown, or the system does not know its size
        raise InputError(f"{what} has more than {most:,} bytes; is it the right file?")
    return content


def read_text(path: str | Place, what: str) -> str:
    """Give the text of a plain file in UTF-8, with or without a byte order mark.

    Raises:
        InputError: as `read_bytes`, or if it is not text in UTF-8.
    """
    try:
        return read_bytes(path, what).decode("utf-8-sig")
    except UnicodeError:
        raise InputError(f"{what} is not text in UTF-8; save it as such") from None


def read_toml(path: str | Path, what: str) -> dict[str, Any]:
    """Give what a TOML file holds; errors are those of `read_text` and `parse_toml`."""
    return parse_toml(read_text(path, what), what)


def parse_toml(text: str, what: str) -> dict[str, Any]:
    """Give what a TOML text holds.

    Raises:
        InputError: if it is no TOML, is nested too deeply, or holds a number that is infinite, NaN or too large.
    """
    return _parsed(text, what, tomllib.loads, "TOML")


def parse_json(text: str, what: str) -> Any:
    """Give what a JSON text holds; errors are those of `parse_toml`."""
    return _parsed(text, what, json.loads, "JSON")


def _parsed(text: str, what: str, parse: Callable[[str], Any], language: str) -> Any:
    try:
        found = parse(text)
    except (ValueError, RecursionError, MemoryError) as error:
        told = {RecursionError: "it is nested too deeply", MemoryError: "it is larger than the memory"}
        why = told.get(type(error)) or str(error).partition(";")[0].rstrip(".")
        raise InputError(f"{what} is not valid {language}: {why[:200]}") from None
    left: list[tuple[str, Any, int]] = [("", found, 0)]
    while left:  # no recursion: what is nested too deeply is to be told, not to be fallen over
        where, value, depth = left.pop()
        if depth > DEEPEST:
            raise InputError(f"{what} is not valid {language}: it is nested too deeply")
        if isinstance(value, Mapping):
            left += [(f"{where}.{key}"[:100].lstrip("."), inner, depth + 1) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [(where, inner, depth + 1) for inner in value]
        elif isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{what}: {where or 'it'} is {value}; it needs a finite number")
        elif isinstance(value, int) and abs(value) > LARGEST:
            raise InputError(f"{what}: {where or 'it'} is {shown(value)}; it needs a smaller number")
    return found
