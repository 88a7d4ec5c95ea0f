"""Cells that other folders of results hold: a study that grows runs what is missing, and studies that meet share cells.

A cell is a world (its numbers) under a policy (its levers) in a room, with all that the cells of a study have in common
(`common`): parameters, weeks, seed, roster, what is measured and by which twins, equations, engine, and the machine's
last digits. What it gives hangs on nothing else, to the last bit: not on the study, nor on what is run beside it. So a
study that begins looks into the other folders under the same root once (`held_by_others`), and a task takes its rows
from their files, each verified by its SHA-256 as in reading, and runs the rest. No folder hangs on another afterwards.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from setback.experiments.studies.folder import (
    DESIGN,
    EVIDENCE,
    GROUPS,
    OUTCOMES,
    PREDICTIONS,
    TRACES,
    TWINS,
    Manifest,
    State,
    all_runs,
    check,
    name_of,
    read_manifest,
    sha256,
)
from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import (
    Rows,
    Size,
    Task,
    Tasks,
    Wanted,
    group_columns,
    named_policies,
    outcome_columns,
    run_cells,
)
from setback.experiments.studies.worlds import Rooms
from setback.experiments.twins.flips import KINDS
from setback.model.errors import InputError
from setback.model.place import Place
from setback.model.reading import LARGEST, opened

if TYPE_CHECKING:
    import pyarrow as pa

#: How the rows of each table stand, by what comes first; rows of one cell stay as they are.
ORDER: Mapping[str, tuple[str, ...]] = {
    OUTCOMES: ("world", "policy", "room"),
    TWINS: ("world", "room", "flip", "policy"),
    TRACES: ("world", "room", "policy"),
    PREDICTIONS: ("world", "policy"),
    EVIDENCE: ("world",),
    GROUPS: ("world", "policy", "room"),
}
#: Runs some cells of a task (`setback.experiments.studies.task.run_cells`).
Run = Callable[[Study, Task, Wanted], dict[str, "pa.Table"]]


class Folder(NamedTuple):
    """A folder of results, and where the cells of a study lie in it.

    Attributes:
        path: the folder.
        tasks: how its own study is cut.
        done: (task,) which of its tasks are done.
        sha256: what the content of each file of these hashes to.
        world: (world of the study,) the world there, -1 where there is none.
        policy: the position of each policy there, by its name there, in the study.
        rooms: how many rooms a world has there.
    """

    path: Place
    tasks: Tasks
    done: Wanted
    sha256: Mapping[str, str]
    world: Rows
    policy: Mapping[str, int]
    rooms: int

    def has(self, study: Study, task: Task) -> Wanted:
        """Say which cells of a task lie there, (world, policy, room)."""
        number, there = self._numbers(task)
        there &= self.done[number]
        named = np.isin(np.arange(len(study.policies)), [*self.policy.values()])
        # what is measured of a world for all policies together is taken with all of them
        named &= named.all() or not study.evidence
        found: Wanted = there[:, None, :] & named[:, None]
        return found

    def read(self, study: Study, task: Task, wanted: Wanted, tables: Iterable[str]) -> dict[str, pa.Table] | None:
        """Read cells as the study's own; None where a file is no longer as it was when it was verified."""
        import pyarrow as pa

        number, _ = self._numbers(task)
        numbers = np.unique(number[wanted.any(1)]).tolist()
        try:
            return {
                table: pa.concat_tables(self._own(study, task, wanted, table, self._content(table, k)) for k in numbers)
                for table in tables
            }
        except (InputError, OSError, ValueError, LookupError):
            return None

    def _numbers(self, task: Task) -> tuple[Rows, Wanted]:
        """Give the task there that holds each world and room, and whether there is one."""
        world, room = self.world[task.worlds][:, None], np.array(task.rooms)
        there = (world >= 0) & (room < self.rooms)
        return np.where(there, self.tasks.numbers(world, room), 0), there

    def _content(self, table: str, number: int) -> pa.Table:
        import pyarrow.parquet as pq

        name = name_of(table, number)
        content = _read(self.path / name)
        if sha256(content) != self.sha256[name]:
            raise ValueError(f"{name} is not as it was written")
        return pq.read_table(io.BytesIO(content))

    def _own(self, study: Study, task: Task, wanted: Wanted, name: str, table: pa.Table) -> pa.Table:
        """Give those rows of a file that are wanted, with the study's own worlds and policies."""
        import pyarrow as pa

        there = self.world[task.worlds]
        order = np.argsort(there)
        given = table["world"].to_numpy()
        world = order[np.searchsorted(there, given, sorter=order).clip(max=len(there) - 1)]
        known = there[world] == given
        worlds = np.array(task.worlds)[world]
        columns: dict[str, Any] = {"world": worlds.astype(np.int32)}
        policy = np.zeros_like(world)
        if "policy" in table.column_names:
            labels, codes = _coded(table["policy"])
            policy = np.array([self.policy.get(label, -1) for label in labels], np.int64)[codes]
            known &= policy >= 0
            columns["policy"] = policy
        room = _room(study, task, name, table, worlds)
        known &= (room >= 0) & (room < len(task.rooms))
        known[known] = wanted[world[known], policy[known], room[known]]
        rows = table.filter(pa.array(known))
        kept = {column: values[known] for column, values in columns.items()}
        if "policy" in kept:
            kept["policy"] = named_policies(study, kept["policy"])
        named = {OUTCOMES: outcome_columns, GROUPS: group_columns}.get(name, lambda _: rows.column_names)(study)
        return pa.table({column: kept[column] if column in kept else rows[column] for column in named})


class Held:
    """What other folders hold of the cells of a study."""

    def __init__(self, folders: Sequence[Folder], tables: Sequence[str]) -> None:
        self.folders, self.tables = tuple(folders), tuple(tables)

    def counted(self, study: Study, tasks: Iterable[Task]) -> dict[Place, int]:
        """Count the cells of some tasks that are taken over, by folder."""
        counts = dict.fromkeys((folder.path for folder in self.folders), 0)
        for task in tasks:
            taken: Any = False
            for folder in self.folders:
                has = folder.has(study, task)
                counts[folder.path] += int((has & ~np.asarray(taken)).sum())
                taken = taken | has
        return {path: count for path, count in counts.items() if count}

    def complete(self, study: Study, task: Task, run: Run) -> dict[str, pa.Table]:
        """Take the cells of a task that lie elsewhere, and run the others: the tables are those of a run of all.

        Raises:
            InputError: if two folders hold the same cell and do not say the same of it.
        """
        taken = np.zeros((len(task.worlds), len(study.policies), len(task.rooms)), bool)
        parts: list[tuple[Place, Wanted, dict[str, pa.Table]]] = []
        for folder in self.folders:
            has = folder.has(study, task)
            found = folder.read(study, task, has, self.tables) if has.any() else None
            if found is None:
                continue
            for path, cells, those in parts:
                if (cells & has).any():
                    self._compare(study, task, cells & has, (path, those), (folder.path, found))
            new = has & ~taken
            if new.any():
                parts.append((folder.path, new, {n: _some(study, task, n, table, new) for n, table in found.items()}))
                taken |= new
        made = [tables for _, _, tables in parts]
        if not taken.all():
            made.append(run(study, task, ~taken))
        return {name: _in_order(study, name, [tables[name] for tables in made]) for name in self.tables}

    def _compare(
        self,
        study: Study,
        task: Task,
        cells: Wanted,
        one: tuple[Place, dict[str, pa.Table]],
        other: tuple[Place, dict[str, pa.Table]],
    ) -> None:
        for name in self.tables:
            a, b = (_in_order(study, name, [_some(study, task, name, t[name], cells)]) for _, t in (one, other))
            if not a.to_pandas().equals(b.to_pandas()):
                world, policy, _ = (int(at[0]) for at in np.nonzero(cells))
                raise InputError(
                    f"{one[0]} and {other[0]} hold the same cells and other numbers in {name}, as of world "
                    f"{task.worlds[world]} under {study.policies[policy].name}; take away the folder that is wrong, or "
                    "run all of it with --rerun"
                )


def held_by_others(store: Store, results: Place, tasks: Sequence[Task]) -> Held | None:
    """Find the folders under a root that hold cells of some tasks; None where there is none.

    Args:
        store: the study, and the folder of its own.
        results: the folder of all results.
        tasks: the tasks that are to be run.
    """
    found = [folder for path in all_runs(results) if (folder := _folder(store, path, tasks)) is not None]
    return Held(found, store.tables) if found else None


def check_against(store: Store, state: State, held: Held) -> None:
    """Compare the first task that is done with what other folders hold of it.

    Raises:
        InputError: if they do not say the same.
    """
    if not state.done:
        return
    study = store.study
    policy = {named.name: k for k, named in enumerate(study.policies)}
    own = _placed(study, store.folder, store.text, state, np.arange(len(study.worlds)), policy)
    Held((own, *held.folders), held.tables).complete(study, store.tasks[state.done[0]], run_cells)


def common(study: Mapping[str, Any]) -> dict[str, Any]:
    """Give all that the cells of a study have in common; `study` is its text."""
    kept = ("parameters", "weeks", "seed", "share", "predictions", "evidence", "engine", "norms", "equations")
    is_measured = bool(study["predictions"] or study["evidence"]["rows"])
    return {
        **{name: study[name] for name in (*kept, "measures")},
        "roster": {name: value for name, value in study["roster"].items() if name != "name"},
        "groups": study.get("groups"),
        "varied": sorted(varied["name"] for varied in study["worlds"]["ranges"]),
        "twins": [study["flips"], study["estimands"]] if study["share"] > 0 else None,
        "students": [study["keep"]["students"], study["keep"]["share"]] if study["keep"]["students"] else None,
        # what is measured in a world is of all its rooms, and of one policy alone more is
        "whole": [study["rooms"], len(study["policies"]) == 1] if is_measured else None,
    }


def _folder(store: Store, path: Place, tasks: Sequence[Task]) -> Folder | None:
    """Give a folder of results that holds cells of some tasks; None for any other."""
    try:
        manifest = read_manifest(path)
        mine, theirs = store.text, manifest.study
        if manifest.key == store.key or manifest.fingerprint != store.fingerprint or common(mine) != common(theirs):
            return None
        own = mine.get("custom", {})
        same = all(theirs.get("custom", {}).get(name) == said for name, said in own.items())
        outcomes = same and {*mine["keep"]["outcomes"]} <= {*theirs["keep"]["outcomes"]}
        world = _worlds(store.study, path, manifest)
        policies = {known: k for k, known in enumerate(_policies(mine))}
        policy = {
            name: policies[known] for name, known in zip(theirs["policies"], _policies(theirs)) if known in policies
        }
        if not (outcomes and policy and (world >= 0).any()):
            return None
        study = store.study
        if not any(_placed(study, path, theirs, None, world, policy).has(study, task).any() for task in tasks):
            return None
        return _placed(study, path, theirs, check(path, manifest), world, policy)
    except (InputError, OSError, LookupError, TypeError, ValueError, AttributeError):
        return None  # what cannot be read holds nothing


def _placed(
    study: Study, path: Place, text: Mapping[str, Any], state: State | None, world: Rows, policy: Mapping[str, int]
) -> Folder:
    """Give a folder as the cells of a study lie in it; without a state, as if all its tasks were done."""
    worlds, rooms = text["worlds"], int(text["rooms"])
    is_measured, has_evidence = bool(text["predictions"]), bool(text["evidence"]["rows"])
    seating = Rooms.of(rooms, worlds["design"], text["shared"], is_measured or has_evidence, len(study.roster.classes))
    size = Size(worlds["design"], worlds["count"], seating, len(text["policies"]), has_evidence, text["share"] > 0)
    tasks = Tasks(size)
    done = np.full(len(tasks), state is None)
    if state is not None:
        if state.tasks != len(tasks):
            raise ValueError(f"{path} is cut in another way")
        done[[*state.done]] = True
    return Folder(path, tasks, done, state.sha256 if state else {}, world, policy, rooms)


def _policies(text: Mapping[str, Any]) -> list[str]:
    """Say what each policy of a study does, stage by stage, as text that can be compared."""
    return [json.dumps(both, sort_keys=True) for both in zip(text["levers"], text["assumed"], strict=True)]


def _worlds(study: Study, path: Place, manifest: Manifest) -> Rows:
    """Find each world of a study among those of a folder: the same numbers, with the same rooms; -1 where none is.

    Of worlds that say the same, the first alone; and where some weeks of a sample of classes are kept, which is drawn
    by the number of the world, the same number.
    """
    import pyarrow.parquet as pq

    content = _read(path / DESIGN)
    if sha256(content) != manifest.design:
        raise ValueError(f"{path / DESIGN} is not as it was written")
    design, text = pq.read_table(io.BytesIO(content)), manifest.study
    names = sorted(study.worlds.names)
    seating = _placed(study, path, text, None, np.zeros(0, np.int64), {}).tasks.seating

    def keys(columns: list[Any], first: Rows) -> Any:
        number = np.arange(len(first)) if study.keep.students else np.zeros(len(first))
        table = np.stack([*columns, first, number], 1).astype("<f8")
        return np.ascontiguousarray(table).view(f"S{8 * table.shape[1]}")[:, 0]

    own = [study.worlds.table[:, study.worlds.names.index(name)] for name in names]
    mine = keys(own, study.seating.first(np.arange(len(study.worlds))))
    theirs = keys([design[name].to_numpy() for name in names], seating.first(np.arange(design.num_rows)))
    found = np.full(len(mine), -1)
    _, here, there = np.intersect1d(mine, theirs, return_indices=True)
    found[here] = there
    return found


# ---- rows of tables ----------------------------------------------------------------------------------------
def _read(path: Place) -> bytes:
    with opened(path, path.name, LARGEST) as stream:
        return stream.read()


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Rows]:
    """Give the words of a column, and the number of each row's among them."""
    coded = column.unify_dictionaries().combine_chunks()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)


def _room(study: Study, task: Task, name: str, table: pa.Table, worlds: Rows) -> Rows:
    """Give the position in a task of the room of each row; 0 in a table that is of all rooms of a world."""
    if name in (PREDICTIONS, EVIDENCE):
        return np.zeros(table.num_rows, np.int64)
    found: Rows = table["room"].to_numpy() - study.seating.first(worlds) - task.rooms.start
    return found


def _some(study: Study, task: Task, name: str, table: pa.Table, wanted: Wanted) -> pa.Table:
    """Give the rows of some cells of a task, (world, policy, room), from a table of the study's own."""
    import pyarrow as pa

    worlds = table["world"].to_numpy()
    world = (worlds - task.worlds.start) // task.worlds.step
    policy = _coded(table["policy"])[1] if "policy" in table.column_names else np.zeros_like(world)
    return table.filter(pa.array(wanted[world, policy, _room(study, task, name, table, worlds)]))


def _in_order(study: Study, name: str, tables: Sequence[pa.Table]) -> pa.Table:
    """Put the rows of several tables into the order of a task that runs all of them."""
    import pyarrow as pa

    table = pa.concat_tables(tables).unify_dictionaries()
    by = []
    for column in reversed(ORDER[name]):
        if column in ("policy", "flip"):
            labels, codes = _coded(table[column])
            known = [policy.name for policy in study.policies] if column == "policy" else [*KINDS]
            by.append(np.array([known.index(label) for label in labels], np.int64)[codes])
        else:
            by.append(table[column].to_numpy())
    return table.take(pa.array(np.lexsort(by))).combine_chunks()
