"""Places that are no path of this machine: an address such as ``s3://bucket/folder``, reached through fsspec.

An address does what the programs that keep and read results ask of a path, so that they need not know which they
have. What is put there is whole or not there at all on object storage; elsewhere its hash tells.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, BinaryIO, cast

from setback.model.errors import InputError, raised

#: What stands between the kind of a place and the rest of its address.
MARK = "://"


@dataclass(frozen=True, order=True)
class Address:
    """A file or folder that fsspec reaches.

    Args:
        url: its address, without a slash at the end.
    """

    url: str

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str | PurePath) -> Address:
        return Address(f"{self.url}/{name.as_posix() if isinstance(name, PurePath) else name}")

    @property
    def _path(self) -> PurePosixPath:
        return PurePosixPath(self.url.partition(MARK)[2])

    @property
    def name(self) -> str:
        """Give the last part of the address."""
        return self._path.name

    @property
    def suffix(self) -> str:
        """Give what the name ends with, from its last point on."""
        return self._path.suffix

    @property
    def parent(self) -> Address:
        """Give the folder in which it lies."""
        return Address(f"{self.kind}{MARK}{self._path.parent.as_posix()}")

    @property
    def kind(self) -> str:
        """Give the kind of place, as "s3"."""
        return self.url.partition(MARK)[0]

    @property
    def system(self) -> Any:
        """Give what fsspec reaches it with.

        Raises:
            InputError: if nothing that is installed does.
        """
        try:
            from fsspec.core import url_to_fs

            return url_to_fs(self.url, use_listings_cache=False)[0]
        except ImportError:
            needs = f"{self.url} needs fsspec and its package for {self.kind}{MARK}"
            raise InputError(f'{needs}; those for s3{MARK} come with pip install -e ".[remote]"') from None
        except ValueError as error:
            why = f"{self.url} is no address that fsspec knows ({error})"
            raise InputError(f"{why}; name one as s3{MARK}bucket/folder") from None

    @contextlib.contextmanager
    def _reached(self) -> Iterator[Any]:
        """Give what reaches it; a missing file is told as such, all else (of many libraries' kinds) in a sentence."""
        system = self.system
        try:
            yield system
        except (FileNotFoundError, InputError):
            raise
        except Exception as error:
            why = raised(error)[:200]
            raise InputError(f"{self.url} cannot be reached ({why}); are its name and the credentials right?") from None

    def exists(self) -> bool:
        """Whether there is a file, or a folder with one."""
        with self._reached() as system:
            return bool(system.exists(self.url))

    def is_dir(self) -> bool:
        """Whether there is a folder with a file in it."""
        with self._reached() as system:
            return bool(system.isdir(self.url))

    def read_bytes(self) -> bytes:
        """Give the content of the file."""
        with self._reached() as system:
            return bytes(system.cat_file(self.url))

    def open(self, mode: str = "rb") -> BinaryIO:
        """Open the file for reading; parts that are not read are not fetched."""
        with self._reached() as system:
            return cast(BinaryIO, system.open(self.url, mode))

    def size(self) -> int:
        """Give the bytes of the file."""
        with self._reached() as system:
            return int(system.size(self.url))

    def put(self, content: bytes) -> None:
        """Write the file in one go; what was there is replaced."""
        with self._reached() as system:
            system.pipe_file(self.url, content)

    def unlink(self, missing_ok: bool = False) -> None:
        """Take the file away."""
        try:
            with self._reached() as system:
                system.rm_file(self.url)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def mkdir(self, parents: bool = False, exist_ok: bool = False) -> None:
        """Do nothing: object storage has no folders, and others make them with their first file."""

    def glob(self, pattern: str) -> Iterator[Address]:
        """Give what is there by a pattern, as `Path.glob` does."""
        with self._reached() as system:
            found = sorted(system.glob(f"{self.url}/{pattern}"))
        return (Address(system.unstrip_protocol(path)) for path in found)

    def files(self) -> dict[str, int]:
        """Give the bytes of every file in the folder, by its name from there."""
        with self._reached() as system:
            root = system._strip_protocol(self.url).rstrip("/") + "/"
            try:
                found = system.find(self.url, detail=True)
            except FileNotFoundError:  # as a folder that is not there is told by some
                found = {}
        return {path.removeprefix(root): int(about["size"] or 0) for path, about in found.items()}


#: A file or folder, here or elsewhere.
Place = Path | Address


def place_of(where: str | Place) -> Place:
    """Give the place that was named: an address where it has a kind, as ``s3://bucket/folder``; else a path.

    Raises:
        InputError: if it is the address of nothing.

    >>> place_of("file://results").name
    'results'
    """
    if isinstance(where, Path | Address):
        return where
    kind, mark, rest = where.partition(MARK)
    if not mark:
        return Path(where)
    if not kind or not rest.strip("/"):
        raise InputError(f"{where} names no folder; name one as s3://bucket/folder")
    if kind == "file":
        return Path(rest)
    address = Address(f"{kind}{MARK}{rest.rstrip('/')}")
    _ = address.system  # what cannot be reached is told at once
    return address


def files(folder: Place) -> dict[str, int]:
    """Give the bytes of every file in a folder and in those in it, by its name from there, in order."""
    if isinstance(folder, Address):
        return dict(sorted(folder.files().items()))
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.lstat().st_size for path in paths}
