"""Copies the lessons out for a learner: as notebooks, or as the text that they are kept as."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from setback.course.cells import notebook
from setback.model.errors import InputError
from setback.model.writing import refusal, write_text


def start(folder: Path, as_text: bool = False) -> tuple[list[str], list[str]]:
    """Copy the five lessons and the plain model into a folder; what is there already stays as it is.

    Args:
        folder: where to; it is made where there is none.
        as_text: lessons as files of Python whose cells begin with ``# %%``, in place of notebooks.

    Returns:
        The names of what was written, and of what was there already.

    Raises:
        InputError: if it is a file, or nothing can be written there.
    """
    written, stayed = [], []
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(folder, error) from None
    for part in sorted(resources.files("setback.course.lessons").iterdir(), key=lambda one: one.name):
        name = part.name
        if not (name == "plain.py" or (name.startswith("lesson_") and name.endswith(".py"))):
            continue
        text = part.read_text(encoding="utf-8")
        if name != "plain.py" and not as_text:
            name, text = name.replace(".py", ".ipynb"), notebook(text)
        if (folder / name).exists():
            stayed.append(name)
        else:
            write_text(folder / name, text, new=True)
            written.append(name)
    return written, stayed
