"""Real classes: a roster found by its path or within the folder SETBACK_DATA, read through a mapping."""

from __future__ import annotations

from pathlib import Path

from setback.model.errors import InputError, unknown
from setback.model.reading import located
from setback.model.rosters.roster import Roster
from setback.model.shipped import shipped

#: The mappings that ship.
MAPPINGS = shipped("setback.model") / "rosters" / "mappings"


def read_roster(file: str | None, mapping: str | None) -> Roster:
    """Read the roster of a file through a mapping: the path of a TOML file, or the name of a shipped one.

    Raises:
        InputError: only one of them where both are needed, or what `setback.model.rosters.mapping.read_roster` raises.
    """
    if file is None:
        raise InputError("--mapping says what columns mean; --roster must name the file")
    rules = None
    if mapping is not None:
        rules = Path(mapping)
        if rules.suffix != ".toml":
            shipped = sorted(path.stem for path in MAPPINGS.glob("*.toml"))
            if mapping not in shipped:
                raise unknown("mapping", mapping, shipped)
            rules = MAPPINGS / f"{mapping}.toml"
    return Roster.read(located(file), rules)
