"""Where results are kept: results/<study>/<hash>/ with a manifest and tables, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from setback.experiments.study import Study
from setback.experiments.sweep import Room, live_all
from setback.experiments.twins import HORIZON, KINDS, Twins, join
from setback.model import own
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

RESULTS = Path("results")
#: Packages whose versions stand in the manifest.
PACKAGES = ("setback", "numpy", "pandas", "mesa", "scipy")


def run_study(
    study: Study,
    results: Path = RESULTS,
    processes: int | None = None,
    again: bool = False,
    command: str = "",
    progress: Callable[[int], None] = lambda rooms: None,
) -> Path:
    """Run a study and keep its results; results that are there already are left as they are.

    Args:
        study: the study.
        results: the folder of all results.
        processes: how many run at once; by default one a processor.
        again: run even if the results are there.
        command: what was typed, for the manifest.
        progress: called with the number of rooms done since it was called last.

    Returns:
        The folder with the results.

    Raises:
        InputError: the folder cannot be written.
    """
    folder = results / study.name / study.key()
    if (folder / "manifest.json").exists() and not again:
        progress(study.rooms)
        return folder
    check_writable(folder)
    import sciris as sc

    with sc.timer(verbose=False) as clock:
        rooms = live_all(study, processes, progress)
    manifest = described(study, command, clock.total)
    tables = {"outcomes": outcome_frame(study, rooms)}
    if study.share > 0:
        tables["twins"] = twin_frame(study, join([room.twins for room in rooms if room.twins is not None]))
    write(folder, manifest, tables)
    return folder


def described(study: Study, command: str, seconds: float) -> dict[str, Any]:
    """The manifest of a run: what was run, with which files and versions, when, and how long it took."""
    import sciris as sc

    about = sc.metadata(pipfreeze=False, tostring=False)
    return {
        "study": study.text(),
        "notes": list(study.roster.notes),
        "key": study.key(),
        "engine": study.engine,
        "command": command,
        "seconds": round(seconds, 3),
        "written": about["timestamp"],
        "platform": about["system"]["platform"],
        "with": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in own.FILES},
        "versions": {**about["versions"], **{name: version(name) for name in PACKAGES}},
    }


def write(folder: Path, manifest: dict[str, Any], tables: dict[str, pd.DataFrame]) -> None:
    """Write a folder of results beside its place, then move it there; what was there before gives way last."""
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    old = new.with_name(f"{new.name}-old")
    try:
        for name, table in tables.items():
            table.to_parquet(new / f"{name}.parquet", index=False)
        (new / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        new.chmod(0o755)
        if folder.exists():
            folder.replace(old)
        new.replace(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.replace(folder)
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Make the folder in which a folder of results is to lie, or raise InputError when nothing can be written there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder.parent, os.W_OK) and (folder.is_dir() or not folder.exists())
    except OSError:
        writable = False
    if not writable:
        raise InputError(f"results cannot be written to {folder}; name another folder with --results")


def outcome_frame(study: Study, rooms: Sequence[Room]) -> pd.DataFrame:
    """One row a policy and room: the parts of the policy, the room, its students, and the mean of every outcome."""
    import pandas as pd

    policies = pd.DataFrame([{"policy": policy.name, **policy.parts} for policy in study.policies])
    frame = pd.concat([policies] * len(rooms), ignore_index=True)
    frame["room"] = np.repeat([room.room for room in rooms], len(policies))
    frame["class"] = np.repeat([study.roster.class_of(room.room) for room in rooms], len(policies))
    frame["students"] = np.repeat([room.students for room in rooms], len(policies))
    values = np.concatenate([room.outcomes for room in rooms])
    return pd.concat([frame, pd.DataFrame(values, columns=list(OUTCOMES))], axis=1)


def _mean_of_known(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of each row over what is not NaN; NaN where nothing is."""
    known = np.isfinite(table)
    return np.where(known.any(1), np.where(known, table, 0.0).sum(1) / np.maximum(known.sum(1), 1), np.nan)


def twin_frame(study: Study, twins: Twins) -> pd.DataFrame:
    """One row a twin; ``d1`` to ``d9`` are the effects on failing 1 to 9 weeks later."""
    import pandas as pd

    names = np.array([policy.name for policy in study.policies], dtype=object)
    columns = {
        "flip": np.array(list(KINDS), dtype=object)[twins.flip],
        "policy": names[twins.policy],
        "room": twins.room,
        "class": np.array([study.roster.class_of(room) for room in twins.room.tolist()], np.int64),
        "seat": twins.seat,
        "week": twins.week,
        "margin": twins.margin,
        "spared": twins.spared,
        "verdict": twins.verdict,
        **{f"d{h}": twins.failed[:, h - 1] for h in range(1, HORIZON + 1)},
        "classmates": twins.failed_class.sum(1),
        "margin_later": _mean_of_known(twins.margins),
        "stopped": twins.stopped,
        "conceptual": twins.conceptual,
        "procedural": twins.procedural,
        "year_conceptual": twins.year_conceptual,
        "year_procedural": twins.year_procedural,
    }
    return pd.DataFrame(columns)
