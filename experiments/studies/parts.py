"""Parts of a study that run without knowing of one another: every n-th task from the k-th, by one command each."""

from __future__ import annotations

import re
from typing import NamedTuple

import pydantic

from setback.experiments.studies.folder import PARTS, Manifest, Run, sealed
from setback.model.errors import InputError, shown
from setback.model.place import Place
from setback.model.reading import parse_json, read_text

#: The most parts of a study.
MOST = 1_000_000


class Part(NamedTuple):
    """One of so many parts, the first of which is 1."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Part:
        """Read a part as it is typed, as 3/8.

        Raises:
            InputError: if it is none.

        >>> Part.read("3/8").tasks(20)
        range(2, 20, 8)
        """
        found = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text.strip())
        number, of = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= number <= of <= MOST:
            raise InputError(f"part {shown(text)} is none; it is a number and how many there are, from 1/8 to 8/8")
        return cls(number, of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def tasks(self, count: int) -> range:
        """Give the numbers of its tasks, of so many."""
        return range(self.number - 1, count, self.of)


def file_of_part(folder: Place, part: Part) -> Place:
    """Give the place of what is noted of the runs of a part."""
    return folder / f"{PARTS}/{part.number}-of-{part.of}.json"


def noted(manifest: Manifest, part: Part, runs: list[Run]) -> str:
    """Write the runs of a part."""
    about = {"key": manifest.key, "fingerprint": manifest.fingerprint, "part": str(part)}
    return sealed({**about, "runs": [run.model_dump() for run in runs]})


def runs_of_part(folder: Place, manifest: Manifest, part: Part) -> list[Run]:
    """Read the runs of a part; none where nothing is noted, or not as it was written."""
    try:
        path = file_of_part(folder, part)
        text = read_text(path, path.name)
        runs = [Run.model_validate(run) for run in parse_json(text, path.name)["runs"]]
        return runs if text == noted(manifest, part, runs) else []
    except (InputError, FileNotFoundError, LookupError, TypeError, pydantic.ValidationError):
        return []


def parts_noted(folder: Place) -> list[Part]:
    """Name the parts of which something is noted."""
    names = (re.fullmatch(r"(\d{1,7})-of-(\d{1,7})\.json", path.name) for path in (folder / PARTS).glob("*.json"))
    return sorted(Part(int(name[1]), int(name[2])) for name in names if name)
