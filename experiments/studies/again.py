"""A study again: made from the manifest and the design of its results, and checked to be the very same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from setback.experiments.studies.differences import of_studies
from setback.experiments.studies.folder import DESIGN, MANIFEST, Manifest, check, read_manifest, sha256
from setback.experiments.studies.groups import Grouping
from setback.experiments.studies.identity import other_modules
from setback.experiments.studies.study import Claim, Study
from setback.experiments.studies.worlds import Range, Worlds
from setback.model.errors import InputError
from setback.model.keep import Keep
from setback.model.outcomes import CLUSTERS
from setback.model.place import Place
from setback.model.reading import MOST_TABLE, read_bytes
from setback.model.rosters.roster import LARGEST as LARGEST_CLASS
from setback.model.rosters.roster import SMALLEST, Roster
from setback.model.week import MODEL, Model


def study_again(folder: Place, model: Model = MODEL, roster: Roster | None = None) -> Study:
    """Give the study that made some results, to run it again: with the same equations it gives the same numbers.

    Args:
        folder: the folder of the results, of which manifest and design are read.
        model: the model; where custom mechanisms or policies were in it, with these.
        roster: the real classes, where the study had some; the manifest names them and knows their digest.

    Raises:
        InputError: if manifest or design are not as they were written, real classes are needed and not given, or the
            study made is not the same, as under other equations.
    """
    manifest = read_manifest(folder)
    text = manifest.study
    made = Study(
        name=text["name"],
        question=text["question"],
        policies=tuple(model.as_policy(name) for name in text["policies"]),
        parameters=model.parameters(text["parameters"]),
        roster=_roster(text["roster"], folder, roster),
        rooms=text["rooms"],
        weeks=text["weeks"],
        seed=text["seed"],
        share=text["share"],
        engine=text["engine"],
        flips=tuple(text["flips"]),
        estimands=tuple(text["estimands"]),
        worlds=Worlds(text["worlds"]["design"], tuple(_ranges(text["worlds"]["ranges"])), _table(folder, manifest)),
        keep=Keep(**text["keep"], known=model.outcomes),
        groups=tuple(Grouping(one["by"], tuple(one["cuts"])) for one in text.get("groups", ())),
        predictions=tuple(text["predictions"]),
        evidence=tuple(text["evidence"]["rows"]),
        claim=Claim(**text["claim"]) if text["claim"] else None,
        clusters=CLUSTERS[0] if text["roster"].get("schools") or not _has_schools(roster) else CLUSTERS[1],
        shared=text["shared"],
        file=manifest.file,
        model=model,
    )
    if made.key() != manifest.key:
        now = json.loads(json.dumps(made.text()))
        if said := list(of_studies(now, text)):
            raise InputError(f"{folder} cannot be run again as it was, but with {'; '.join(said)}")
        changed = other_modules(made.modules(), manifest.modules) or "custom mechanisms"
        raise InputError(
            f"{folder} was run with other equations ({changed} changed); the setback that wrote it runs it again"
        )
    return made


def is_same(folder: Place, again: Place) -> str:
    """Say whether a study that was run again gave the same tables as before, file by file."""
    before, now = (check(one, read_manifest(one)).sha256 for one in (folder, again))
    both = before.keys() & now.keys()
    other = sorted(name for name in both if before[name] != now[name])
    if other:
        return f"{len(other)} of {len(both)} tables differ from those in {folder}, the first {other[0]}"
    return f"{len(both)} tables are those in {folder}, byte for byte"


def folder_named(study: str) -> str:
    """Give the folder of results that a name of a study may be: it, or its manifest; empty where it is none."""
    from setback.model.place import place_of

    if study.rpartition("/")[2] == MANIFEST:
        return study.rpartition("/")[0] or "."
    is_path = "/" in study or study in (".", "..")
    return study if is_path and not study.endswith(".toml") and (place_of(study) / MANIFEST).exists() else ""


def _roster(about: dict[str, Any], folder: Place, given: Roster | None) -> Roster:
    if given is not None:
        if given.digest() != about["digest"]:
            raise InputError(
                f"the roster {given.name} is not the one that {folder} was run with, {about['name']}; give the same "
                "file and mapping"
            )
        return given
    if not about["synthetic"]:
        raise InputError(
            f"{folder} was run with the roster {about['name']}; name its file with --roster (and --mapping)"
        )
    for size in range(SMALLEST, LARGEST_CLASS + 1):
        made = Roster.synthetic(size, about["network"], about["name"])
        if made.digest() == about["digest"]:
            return made
    raise InputError(f"the synthetic classes of {folder} are none that this setback makes")


def _has_schools(roster: Roster | None) -> bool:
    return roster is not None and bool(roster.schools)


def _ranges(rows: Iterable[dict[str, Any]]) -> Iterable[Range]:
    return (Range(**{**row, "values": tuple(row["values"])}) for row in rows)


def _table(folder: Place, manifest: Manifest) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Read the worlds, which must be those that were written."""
    import io

    import pyarrow.parquet as pq

    content = read_bytes(folder / DESIGN, f"{folder / DESIGN}", MOST_TABLE)
    if sha256(content) != manifest.design:
        raise InputError(f"{folder / DESIGN} is not as it was written; the same setback run makes it anew")
    table = pq.read_table(io.BytesIO(content))
    names = [varied["name"] for varied in manifest.study["worlds"]["ranges"]]
    columns = [table.column(name).to_numpy() for name in names]
    return np.stack(columns, 1) if columns else np.zeros((table.num_rows, 0))
