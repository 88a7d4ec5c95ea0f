"""Where the files lie that ship with setback: beside the code, also where the code is in a zip."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path


@functools.cache
def shipped(package: str) -> Path:
    """Give the folder of the files that ship with a package, as "setback.model".

    Out of a zip they are unpacked to a folder that lasts as long as the program.
    """
    there = resources.files(package)
    if isinstance(there, Path):
        return there
    folder = Path(tempfile.mkdtemp(prefix="setback-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _unpack(there, folder)
    return folder


def version() -> str:
    """Give the version of setback; it is unknown where setback was not installed, as in a zip."""
    try:
        return metadata.version("setback")
    except metadata.PackageNotFoundError:
        return "unknown"


def _unpack(there: Traversable, folder: Path) -> None:
    for part in there.iterdir():
        if part.is_dir():
            (folder / part.name).mkdir()
            _unpack(part, folder / part.name)
        elif not part.name.endswith((".py", ".pyc")):
            (folder / part.name).write_bytes(part.read_bytes())
