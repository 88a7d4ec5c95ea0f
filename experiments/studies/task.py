"""A task is the smallest part of a study that is run and kept: some worlds in some rooms under every policy.

How a study is cut depends on the study alone, never on who runs it, so that any number of processes or machines
gives the same files. Tasks stand in an order in which a run that was cut short is balanced: every task has all
policies, tasks of one world lie together, and worlds of a grid are taken in turns. A world and room under one policy is
a cell; what it gives is the same whatever task it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.evidence.measured import measured as measured_evidence
from setback.experiments.predictions.cross import CROSS, REFERENCE
from setback.experiments.predictions.measures import Case, Row, measured
from setback.experiments.predictions.predictions import named
from setback.experiments.studies import groups as told_apart
from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import IN_ORDER, SHARING, Rooms
from setback.experiments.trials.run import World
from setback.experiments.twins.estimands import columns as effect_columns
from setback.experiments.twins.flips import KINDS, defined
from setback.experiments.twins.twins import Twins, failure_twins
from setback.model.chance import uniform
from setback.model.engines.block import Block, stages
from setback.model.engines.registry import Engine, engine, means
from setback.model.measures import measure
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES
from setback.model.policies import Policy
from setback.model.rosters.seats import Seats
from setback.model.state import Flip

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Wanted = NDArray[np.bool_]

#: Columns of the twin table that say what was seen of the outcome that was turned.
SEEN = ("challenge", "margin", "distance", "spared")
#: Columns of a block: one room in many worlds under many policies, where there are as many.
BLOCK = 512
#: Rows of one task at most, so that the worlds of a study may be read back a few at a time.
MOST_ROWS = 2**17
#: Worlds of one task times its rooms: at most so many blocks.
MOST_BLOCKS = 4
#: Worlds of one task in which the published evidence is measured, half a second each.
EVIDENCE_WORLDS = 20
#: The rooms of a study of few worlds are cut into this many parts where there are as many, for processes to share.
LEAST_TASKS = 16


class Task(NamedTuple):
    """Says which worlds of a study are run in which of its rooms."""

    number: int
    worlds: range
    rooms: range


class Failure(NamedTuple):
    """Says why a task failed: one sentence, and where in the program."""

    error: str
    where: str


class Size(NamedTuple):
    """Says all that decides how a study is cut; ``by_one`` is one world and room at a time, as twins are run."""

    design: str
    worlds: int
    rooms: Rooms
    policies: int
    evidence: bool
    by_one: bool

    @classmethod
    def of(cls, study: Study) -> Size:
        """Give the size of a study."""
        worlds = study.worlds
        return cls(
            worlds.design, len(worlds), study.seating, len(study.policies), bool(study.evidence), study.share > 0
        )


class Tasks:
    """The tasks of a study, in the order in which they are run."""

    def __init__(self, study: Study | Size) -> None:
        size = study if isinstance(study, Size) else Size.of(study)
        self.worlds, self.rooms, self.seating = size.worlds, size.rooms.number, size.rooms
        fit = max(1, MOST_ROWS // (size.policies * min(self.rooms, BLOCK)))
        # a power of two, so that no task reaches from the worlds that share some rooms into those of others
        most = 2 ** (min(SHARING, BLOCK, fit).bit_length() - 1)
        self.of_worlds = min(1 if size.by_one else EVIDENCE_WORLDS if size.evidence else most, self.worlds)
        spread = self.rooms * self.count_of_worlds(self.worlds) // LEAST_TASKS
        few = max(1, min(MOST_BLOCKS * BLOCK // self.of_worlds, spread, self.rooms))
        self.of_rooms = self.rooms if self.seating.sharing == 1 else 1 if size.by_one else few
        self.in_turns = size.design in IN_ORDER and self.worlds <= self.seating.sharing

    def count_of_worlds(self, worlds: int) -> int:
        """Say how many tasks one room needs for all worlds."""
        return -(-worlds // self.of_worlds)

    @property
    def groups(self) -> int:
        """Say how many tasks share the same worlds: they follow one another."""
        return -(-self.rooms // self.of_rooms)

    def __len__(self) -> int:
        return self.count_of_worlds(self.worlds) * self.groups

    def __iter__(self) -> Iterator[Task]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Task:
        if not 0 <= number < len(self):
            raise IndexError(number)
        part, group = divmod(number, self.groups)
        first = group * self.of_rooms
        rooms = range(first, min(first + self.of_rooms, self.rooms))
        if self.in_turns:
            return Task(number, range(part, self.worlds, self.count_of_worlds(self.worlds)), rooms)
        first = part * self.of_worlds
        return Task(number, range(first, min(first + self.of_worlds, self.worlds)), rooms)

    def numbers(self, worlds: Rows, rooms: Rows) -> Rows:
        """Give the number of the task that holds each world and room."""
        part = worlds % self.count_of_worlds(self.worlds) if self.in_turns else worlds // self.of_worlds
        found: Rows = part * self.groups + rooms // self.of_rooms
        return found


def live(study: Study, task: Task) -> dict[str, pa.Table]:
    """Run one task: its tables, ``outcomes`` and, where the study asks for them, `twins`, `traces`, `groups` and so on.

    Cells that other folders of results hold are taken from there. Rows of ``outcomes`` are one a world, policy and
    room, in this order; a value is the mean over the students of whom it is known, NaN where it is known of none.
    """
    everything = np.ones((len(task.worlds), len(study.policies), len(task.rooms)), bool)
    return run_cells(study, task, everything) if study.held is None else study.held.complete(study, task, run_cells)


def run_cells(study: Study, task: Task, wanted: Wanted) -> dict[str, pa.Table]:
    """Run some cells of a task.

    Args:
        study: the study.
        task: the task.
        wanted: (world, policy, room) which cells are run, in the order of the task and the study. What a cell gives is
            the same to the last bit whatever is run beside it.
    """
    year = engine(study.engine)
    if study.share > 0 and not study.predictions:
        tables = _with_twins(study, task, year, wanted)
    else:
        tables = _outcomes(study, task, year, wanted)
    if study.predictions:
        tables["predictions"] = _predictions(study, task, year, wanted)
    if study.evidence:
        tables["evidence"] = _evidence(study, task, wanted)
    if study.keep.students:
        tables["traces"] = _traces(study, task, year, wanted)
    return tables


def rooms_of(study: Study, task: Task) -> Rows:
    """Give the numbers of a task's rooms, (world, room)."""
    return np.array(task.rooms) + study.seating.first(task.worlds)[:, None]


# ---- many worlds at once -----------------------------------------------------------------------------------
def _outcomes(study: Study, task: Task, run: Engine, wanted: Wanted) -> dict[str, pa.Table]:
    world, policy, room = np.nonzero(wanted)
    worlds = np.array(task.worlds)[world]
    rooms, at = np.unique(rooms_of(study, task)[world, room], return_inverse=True)
    seats = study.roster.seats(rooms.tolist(), study.seed)
    found = np.empty((len(study.keep.outcomes), len(world)))
    plain = all(name in OUTCOMES for name in study.keep.outcomes)
    inside = means(study.engine) if plain and not study.groups else None
    groups: list[tuple[Rows, told_apart.Part]] = []
    for here in _blocks(world, policy, at):
        block = block_of(study, seats, policy[here], at[here], worlds[here])
        made = inside(block, study.weeks, study.keep.outcomes, study.model) if inside else None
        if made is None:
            year = run(block, study.weeks, model=study.model)
            present = block.seats.roster[0] > 0.5
            made = _measure(study, year.end, present)
            if study.groups:
                groups.append((here, _in_groups(study, rooms[at[here]], year.end, present)))
        found[:, here] = made
    students = (seats.roster[0] > 0.5).sum(0)[at]
    tables = {"outcomes": _outcome_table(study, worlds, policy, rooms[at], students, found)}
    return tables | _group_tables(study, worlds, policy, rooms[at], groups)


def _blocks(world: Rows, policy: Rows, room: Rows) -> Iterator[Rows]:
    """Cut cells into blocks of columns: of one room each where rooms have as many, with as few policies as can be."""
    rooms = np.unique(room)
    if len(room) < BLOCK * len(rooms):
        order = np.lexsort((world, room, policy))
        yield from (order[first : first + BLOCK] for first in range(0, len(order), BLOCK))
        return
    for one in rooms:
        here = np.flatnonzero(room == one)
        order = here[np.lexsort((world[here], policy[here]))]
        yield from (order[first : first + BLOCK] for first in range(0, len(order), BLOCK))


def block_of(study: Study, seats: Seats, policy: Rows, room: Rows, world: Rows) -> Block:
    """Make a block of a study: for each column the position of its policy, of its room in the seats, and its world."""
    n = len(policy)
    of_policy, begins = stages(study.policies)
    levers, table = np.ascontiguousarray(of_policy[..., policy]), study.model.table
    names = table.names
    params = np.repeat(np.array([study.parameters[name] for name in names])[:, None], n, 1)
    for k, column in study.worlds.column(names):
        params[k] = column[world]
    if assumed := study.worlds.assumed():
        _assume(levers, study, policy, {name: column[world] for name, column in assumed.items()})
    for k, column in study.worlds.column(LEVER_NAMES):
        levers[:, k] = column[world]
    turned = np.repeat(np.array(Flip(), float)[:, None], n, 1)
    if len(seats.rooms) > 1:  # columns of one room share it, which is faster
        seats = seats.pick(room[:1] if (room == room[0]).all() else room)
    return Block.of(seats, params, levers, np.ascontiguousarray(begins[:, policy]), turned, table)


def _assume(levers: Array, study: Study, policy: Rows, numbers: Mapping[str, Array]) -> None:
    """Write assumed numbers of named policies, one a column, over the levers that take them, stage by stage."""
    for k in np.unique(policy):
        here = np.flatnonzero(policy == k)
        own = {name: column[here] for name, column in numbers.items()}
        last = len(study.policies[k].stages) - 1
        for number, stage in enumerate(study.policies[k].stages):
            rows = slice(number, None if number == last else number + 1)  # stages that never begin are like the last
            moved = stage.policy.at(own)
            for lever in stage.policy.assumed:
                levers[rows, LEVER_NAMES.index(lever), here] = moved[lever]


def _measure(study: Study, end: Mapping[str, Array], present: NDArray[np.bool_]) -> Array:
    """Measure the (outcome, column) class means."""
    here = present if present.shape[1] > 1 else present[:, :1]
    measures = [measure(name, study.model.outcomes) for name in study.keep.outcomes]
    return np.stack([one.over(np.where(here, one.outcome.of(end, study.weeks), np.nan)) for one in measures])


def _outcome_table(study: Study, world: Rows, policy: Rows, room: Rows, students: Rows, values: Array) -> pa.Table:
    """One row a cell, all of the same length; values are (outcome, cell)."""
    import pyarrow as pa

    columns = {
        "world": pa.array(world, pa.int32()),
        "policy": named_policies(study, policy),
        "room": pa.array(room, pa.int32()),
        "class": pa.array(_classes(study, room), pa.int32()),
        "students": pa.array(students, pa.int32()),
    }
    return pa.table({**columns, **{name: pa.array(row) for name, row in zip(study.keep.outcomes, values)}})


def outcome_columns(study: Study) -> tuple[str, ...]:
    """Name the columns of the table of outcomes."""
    return ("world", "policy", "room", "class", "students", *study.keep.outcomes)


def _in_groups(study: Study, rooms: Rows, end: Mapping[str, Array], present: NDArray[np.bool_]) -> told_apart.Part:
    """Measure the outcomes of students group by group, in columns of some rooms, (column,)."""
    here = np.broadcast_to(present, (len(present), len(rooms)))
    values = [OUTCOMES[name].of(end, study.weeks) for name in told_apart.of_students(study.keep.outcomes)]
    return told_apart.measure([grouping.of(study.roster, rooms, end, here) for grouping in study.groups], values)


def _group_tables(
    study: Study, world: Rows, policy: Rows, room: Rows, parts: Sequence[tuple[Rows, told_apart.Part]]
) -> dict[str, pa.Table]:
    """Give the table of groups, where a study has them: one row a cell and group that somebody of its class is in.

    Args:
        study: the study.
        world: (cell,) the world of each cell of a task, in its order, and
        policy: (cell,) the position of its policy,
        room: (cell,) its room.
        parts: which cells the columns of each part are, and what was measured in them.
    """
    import pyarrow as pa

    if not study.groups:
        return {}
    cell = np.concatenate([here[part.column] for here, part in parts])
    found = told_apart.Part._make(np.concatenate(columns, -1) for columns in zip(*(part for _, part in parts)))
    order = np.lexsort((found.group, found.grouping, cell))
    cell, found = cell[order], told_apart.Part._make(column[..., order] for column in found)
    names = [grouping.labels(study.roster) for grouping in study.groups]
    labels = list(dict.fromkeys(label for of in names for label in of))
    code = np.array([labels.index(label) for of in names for label in of])
    first = np.cumsum([0, *map(len, names)])[:-1]
    by = pa.array(found.grouping, pa.int32()), [grouping.name for grouping in study.groups]
    group = pa.array(code[first[found.grouping] + found.group], pa.int32()), labels
    columns = [
        pa.array(world[cell], pa.int32()),
        named_policies(study, policy[cell]),
        *(pa.array(one, pa.int32()) for one in (room[cell], _classes(study, room[cell]))),
        *(pa.DictionaryArray.from_arrays(*one) for one in (by, group)),
        pa.array(found.students, pa.int32()),
        *map(pa.array, found.means),
        *(pa.array(one, pa.int32()) for one in found.known),
    ]
    return {"groups": pa.table(dict(zip(group_columns(study), columns, strict=True)))}


def group_columns(study: Study) -> tuple[str, ...]:
    """Name the columns of the table of groups: means, and of how many students each is known."""
    outcomes = told_apart.of_students(study.keep.outcomes)
    who = ("world", "policy", "room", "class", "by", "group", "students")
    return (*who, *outcomes, *(f"known_{name}" for name in outcomes))


def _classes(study: Study, room: Rows) -> Rows:
    rooms, at = np.unique(room, return_inverse=True)
    return np.array([study.roster.class_of(int(one)) for one in rooms], np.int64)[at]


def named_policies(study: Study, policy: Rows) -> pa.Array:
    """Give a column of names of policies from their positions in the study."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(policy, pa.int32()), [policy.name for policy in study.policies])


# ---- failures turned round, a room and a world at a time ---------------------------------------------------
def _with_twins(study: Study, task: Task, run: Engine, wanted: Wanted) -> dict[str, pa.Table]:
    import pyarrow as pa

    outcomes, found, groups = [], [], []
    for at, world in enumerate(task.worlds):
        numbers = dict(zip(study.worlds.names, study.worlds.table[world].tolist()))
        changed = {name: value for name, value in numbers.items() if name in LEVER_NAMES}
        every = [{**policy.at(numbers), **changed} for policy in study.policies if isinstance(policy, Policy)]
        mine = {name: value for name, value in numbers.items() if name in study.model.table.names}
        for room, those in zip(rooms_of(study, task)[at].tolist(), wanted[at].T):
            which = np.flatnonzero(those)
            if not len(which):
                continue
            seats, policies = study.roster.seats([room], study.seed), [every[k] for k in which]
            year, twins = failure_twins(
                seats,
                policies,
                study.parameters.replace(**mine),
                study.weeks,
                study.share,
                run,
                defined(study.kinds, policies),
                study.model,
                study.estimands,
            )
            present = seats.roster[0] > 0.5
            values = _measure(study, year.end, np.repeat(present, len(policies), 1))
            worlds, here, students = (np.full(len(which), number) for number in (world, room, int(present.sum())))
            outcomes.append(_outcome_table(study, worlds, which, here, students, values))
            there = [(np.arange(len(which)), _in_groups(study, here, year.end, present))] if study.groups else []
            groups.append(_group_tables(study, worlds, which, here, there))
            of = {
                told_apart.COLUMN_OF_TWINS.format(grouping.name): pa.DictionaryArray.from_arrays(
                    pa.array(grouping.of(study.roster, here, year.end, present)[twins["seat"], twins["policy"]]),
                    list(grouping.labels(study.roster)),
                )
                for grouping in study.groups
            }
            found.append(_twin_table(study, world, twins | {"policy": which[twins["policy"]]}, of))
    tables = {"outcomes": pa.concat_tables(outcomes), "twins": pa.concat_tables(found)}
    return tables | {name: pa.concat_tables(part[name] for part in groups) for name in groups[0]}


def _twin_table(study: Study, world: int, twins: Twins, groups: Mapping[str, pa.Array]) -> pa.Table:
    """One row a twin: which it is, its effects (`setback.experiments.twins.estimands`), and its student's groups."""
    import pyarrow as pa

    return pa.table(
        {
            "world": pa.array(np.full(len(twins["policy"]), world), pa.int32()),
            "flip": pa.DictionaryArray.from_arrays(pa.array(twins["flip"], pa.int32()), list(KINDS)),
            "policy": named_policies(study, twins["policy"]),
            "room": pa.array(twins["room"], pa.int32()),
            "class": pa.array([study.roster.class_of(room) for room in twins["room"].tolist()], pa.int32()),
            "seat": pa.array(twins["seat"], pa.int32()),
            "week": pa.array(twins["week"], pa.int32()),
            **{name: twins[name] for name in (*SEEN, *effect_columns(study.estimands))},
            **groups,
        }
    )


# ---- the predictions of both claims, a world and all its rooms at a time -----------------------------------
def _predictions(study: Study, task: Task, run: Engine, wanted: Wanted) -> pa.Table:
    """Give one row a world, policy, figure, arm and room (`setback.experiments.predictions.measures.Row`)."""
    import pyarrow as pa

    (world,) = task.worlds
    numbers = dict(zip(study.worlds.names, study.worlds.table[world].tolist()))
    mine = {name: value for name, value in numbers.items() if name in study.model.table.names}
    parameters = study.parameters.replace(**mine)
    seats = [study.roster.seats([room], study.seed) for room in rooms_of(study, task)[0].tolist()]
    found: list[tuple[int, Row]] = []
    for k in np.flatnonzero(wanted.any((0, 2))).tolist():
        policy = study.policies[k]
        assert isinstance(policy, Policy)
        everywhere = policy not in (REFERENCE, *CROSS)
        rows = [
            row
            for row in named(study.predictions, beside=True)
            if everywhere or len(study.policies) == 1 or row.where(policy)
        ]
        levers = policy.at(numbers) | {name: value for name, value in numbers.items() if name in LEVER_NAMES}
        here = policy.replace(**{name: value for name, value in levers.items() if value != policy[name]})
        case = Case(
            here, policy.states("quota"), parameters, seats, study.weeks, study.share, run, study.model, numbers
        )
        found += [(k, row) for row in measured(rows, case)]
    columns = {name: [getattr(row, name) for _, row in found] for name in Row._fields}
    return pa.table(
        {
            "world": pa.array(np.full(len(found), world), pa.int32()),
            "policy": named_policies(study, np.array([k for k, _ in found], np.int64)),
            "figure": pa.array(columns["figure"], pa.string()).dictionary_encode(),
            **{name: pa.array(columns[name], pa.int32()) for name in ("arm", "room")},
            **{name: pa.array(columns[name], pa.float64()) for name in ("coefficient", "weight", "value")},
        }
    )


# ---- the published evidence, a world at a time ---------------------------------------------------------------
def _evidence(study: Study, task: Task, wanted: Wanted) -> pa.Table:
    """Give one row a world: the figure of each row of the evidence, in rooms of the world's own."""
    import pyarrow as pa

    found, worlds = [], np.array(task.worlds)[wanted.any((1, 2))]
    for world in worlds.tolist():
        numbers = dict(zip(study.worlds.names, study.worlds.table[world].tolist()))
        mine = {name: value for name, value in numbers.items() if name in study.model.table.names}
        here = World(study.parameters.replace(**mine), numbers, study.engine, study.model)
        first = int(study.seating.first(world))
        rooms = range(first, first + study.rooms)
        found.append(measured_evidence(study.evidence, here, rooms, study.seed))
    columns = {row: pa.array([figures[row] for figures in found], pa.float64()) for row in study.evidence}
    return pa.table({"world": pa.array(worlds, pa.int32()), **columns})


# ---- the weeks of a sample of classes ----------------------------------------------------------------------
def _traces(study: Study, task: Task, run: Engine, wanted: Wanted) -> pa.Table:
    """Give one row per student and week (from 1), in the classes that the sample falls on."""
    import pyarrow as pa

    worlds, rooms = np.array(task.worlds), rooms_of(study, task)
    drawn = uniform(study.seed, "traces", rooms, 0, worlds[:, None]) < study.keep.share
    parts = []
    for world, room in zip(*np.nonzero(drawn & wanted.any(1))):
        seats = study.roster.seats([int(rooms[world, room])], study.seed)
        policy = np.flatnonzero(wanted[world, :, room])
        block = block_of(study, seats, policy, np.zeros_like(policy), np.full(len(policy), worlds[world]))
        year = run(block, study.weeks, study.keep.students, model=study.model)
        present = np.flatnonzero(seats.roster[0, :, 0] > 0.5)
        shape = len(policy), study.weeks, len(present)
        p, week, seat = (part.ravel() for part in np.indices(shape))
        columns: dict[str, Any] = {
            "world": pa.array(np.full(len(p), worlds[world]), pa.int32()),
            "policy": named_policies(study, policy[p]),
            "room": pa.array(np.full(len(p), rooms[world, room]), pa.int32()),
            "week": pa.array(week + 1, pa.int32()),
            "seat": pa.array(present[seat], pa.int32()),
        }
        kept = {name: year.trace[name][:, present].transpose(2, 0, 1).ravel() for name in study.keep.students}
        parts.append(pa.table({**columns, **kept}))
    if not parts:
        whole = {name: pa.array([], pa.int32()) for name in ("world", "room", "week", "seat")}
        empty = {
            **whole,
            "policy": named_policies(study, np.zeros(0, np.int64)),
            **{n: np.zeros(0) for n in study.keep.students},
        }
        order = ("world", "policy", "room", "week", "seat", *study.keep.students)
        return pa.table({name: empty[name] for name in order})
    return pa.concat_tables(parts)
