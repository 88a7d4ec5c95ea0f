"""Reading results from the disk: tables and the manifest of one run of a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from setback.model.errors import InputError


class Loaded(NamedTuple):
    """The results of one run.

    Attributes:
        folder: where they lie.
        manifest: what was run, with which equations, on what, how long.
        outcomes: one row a policy and room.
        twins: one row a twin, or none.
    """

    folder: Path
    manifest: dict[str, Any]
    outcomes: pd.DataFrame
    twins: pd.DataFrame


def load(folder: str | Path) -> Loaded:
    """Read a folder of results.

    Raises:
        InputError: there are no results in it.
    """
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or not {"study", "key", "seconds"} <= manifest.keys():
            raise ValueError("some other file")
        outcomes = pd.read_parquet(folder / "outcomes.parquet")
        twins = folder / "twins.parquet"
        return Loaded(folder, manifest, outcomes, pd.read_parquet(twins) if twins.exists() else pd.DataFrame())
    except (OSError, ValueError):
        needs = "manifest.json and outcomes.parquet, which setback run --again writes anew"
        raise InputError(f"{folder} holds no results that can be read; it needs {needs}") from None
