"""Who may write to a folder of results: one whole run, or any parts of one cut; nobody knows on object storage."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from setback.experiments.studies.folder import LOCK
from setback.experiments.studies.parts import Part
from setback.model.errors import InputError
from setback.model.place import Address, Place
from setback.model.writing import write_bytes

if TYPE_CHECKING:
    from filelock import FileLock

#: Seconds to wait for a lock: whoever looks at a store holds it for a moment, and so does every part that begins.
PATIENCE, PATIENCE_OF_PARTS = 2.0, 15.0


@contextlib.contextmanager
def held(folder: Place, say: Callable[[str], None], part: Part | None = None) -> Iterator[None]:
    """Hold a folder of results against every other run; a part of it against whole runs and those of another cut.

    Args:
        folder: the folder, which is there.
        say: told where the file system knows no locks; two runs at once then do the same work twice.
        part: the part that is to be run; else all of it.

    Raises:
        InputError: if another run holds it.
    """
    if isinstance(folder, Address):
        if part is None:  # many parts know of one another
            say(f"{folder} lies where there are no locks; see that no other run writes there")
        yield
        return
    with contextlib.ExitStack() as locks:
        try:
            with contextlib.ExitStack() as moment:
                whole, other = folder / LOCK, f"another run is writing to {folder}"
                moment.enter_context(_locked(whole, PATIENCE_OF_PARTS if part else PATIENCE, other))
                for path, running in sorted(_parts(folder)):
                    if (part is None or part.of != running.of) and _is_held(path):
                        raise InputError(f"part {running} is writing to {folder}; wait until it is done, or stop it")
                if part is None:
                    locks.enter_context(moment.pop_all())
                else:
                    mine = folder / f"{LOCK}-{part.number}-of-{part.of}"
                    locks.enter_context(_locked(mine, PATIENCE, f"part {part} is running in {folder} already"))
        except (OSError, NotImplementedError):  # the latter is what filelock raises where there are no locks
            say(f"{folder} lies on a file system without locks; see that no other run writes there")
        yield


def is_held(folder: Place) -> bool:
    """Whether a run is writing to a folder of results at this moment, as far as can be known."""
    if isinstance(folder, Address):
        return False
    return any(_is_held(path) for path in (folder / LOCK, *(path for path, _ in _parts(folder))))


def forget(folder: Place) -> None:
    """Take away the locks of parts; for a run that holds the whole."""
    if isinstance(folder, Path):
        for path, _ in _parts(folder):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path, patience: float, otherwise: str) -> Iterator[FileLock]:
    from filelock import FileLock, Timeout

    if not path.exists():
        write_bytes(path, b"")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise InputError(f"{otherwise}; wait until it is done, or stop it") from None
    try:
        yield lock
    finally:
        lock.release()


def _parts(folder: Path) -> list[tuple[Path, Part]]:
    names = ((path, re.fullmatch(rf"{re.escape(LOCK)}-(\d+)-of-(\d+)", path.name)) for path in folder.glob(f"{LOCK}-*"))
    return [(path, Part(int(name[1]), int(name[2]))) for path, name in names if name]


def _is_held(path: Path) -> bool:
    from filelock import FileLock, Timeout

    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except (OSError, NotImplementedError):  # a folder that cannot be written to, or a file system without locks
        return False
