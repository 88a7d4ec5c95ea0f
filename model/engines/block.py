"""What every engine runs: a block of columns, each one classroom in one world; and what every engine returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import CLASS_SEAT, DECISIONS, YEAR, draw, moment_key, normal_quantile, student_key
from setback.model.errors import InputError, unknown
from setback.model.parameters import LEVER_NAMES, OWN, WORLD_NAMES, Levers, Table, record
from setback.model.policies import PolicyChange
from setback.model.rosters.seats import Seats
from setback.model.state import ROSTER, SLOTS, TALLY, Flip
from setback.model.week import Model, Phase

Array = NDArray[np.float64]

#: The week in which a stage begins that a column does not have.
NEVER = 2**31


class Held(NamedTuple):
    """A slot that is kept on a recorded path: ``value`` is written over it where ``where`` is true.

    Both are (week, seat, column), or (week, 1, column) for a slot of the class.
    """

    value: Array
    where: NDArray[np.bool_]


class Block(NamedTuple):
    """Columns that differ in policy, parameters, roster, luck or in one outcome turned round.

    Attributes:
        seats: one room that all C columns share (R = 1), or one for each column (R = C).
        params: (parameter, C) in the order of ``names``, as the equations read them: multiplied by the gains of groups.
        policy: (stage, lever, C) in the order of LEVER_NAMES; a second stage is the policy after a change, and so on.
        begins: (stage, C) week, from 0, in which a stage begins, the first in 0; NEVER where a column lacks it.
        flip: (field of Flip, C).
        names: the parameters, those of the model's table.
    """

    seats: Seats
    params: Array
    policy: Array
    begins: NDArray[np.int64]
    flip: Array
    names: tuple[str, ...] = WORLD_NAMES

    @classmethod
    def of(
        cls, seats: Seats, worlds: Array, policy: Array, begins: NDArray[np.int64], flip: Array, table: Table
    ) -> Block:
        """Make a block from the numbers of its worlds, (parameter, C) in the order of the table.

        Here, and nowhere else, coefficients are multiplied by the gain of their group.
        """
        read = table.effective(dict(zip(table.names, worlds))) if table.gained else {}
        params = np.array([*read.values()]) if read else worlds
        return cls(seats, params, policy, begins, flip, table.names)

    @property
    def columns(self) -> int:
        """Give C, the number of columns."""
        return self.params.shape[1]

    @property
    def size(self) -> int:
        """Count the seats in a room, empty ones included."""
        return self.seats.roster.shape[1]

    def pick(self, columns: slice | NDArray[np.int64]) -> Block:
        """Pick some of the columns."""
        seats = self.seats if len(self.seats.rooms) == 1 else self.seats.pick(columns)
        of_columns = {*self._fields} - {"seats", "names"}
        parts: dict[str, Any] = {name: np.ascontiguousarray(getattr(self, name)[..., columns]) for name in of_columns}
        return self._replace(seats=seats, **parts)

    def levers(self, week: int) -> Any:
        """The policy of a week: one number a lever, or a row (1, C) where columns differ."""
        now = self.policy[0]
        for begins, later in zip(self.begins[1:], self.policy[1:]):
            now = np.where(week >= begins, later, now)
        return Levers(*_rows(now))

    def world(self) -> Any:
        """The parameters: one number a name, or a row (1, C) where columns differ."""
        return record("World", self.names)(*_rows(self.params))

    def turned(self) -> Flip:
        """Say what is turned round: one number per field, or a row (1, C) where columns differ."""
        return Flip(*_rows(self.flip))

    def at_work(self, phases: Iterable[Phase], held: Iterable[str]) -> tuple[Phase, ...]:
        """Give the phases that can change anything: no lever, a lever that is not 0 everywhere, or a held slot."""
        moved = {"", *(name for name, row in zip(LEVER_NAMES, np.moveaxis(self.policy, 1, 0)) if row.any())}
        moved |= {f"flip.{name}" for name, row in zip(Flip._fields, self.flip) if row.any()}
        moved |= {f"p.{name}" for name, row in zip(self.names, self.params) if row.any()}
        return tuple(phase for phase in phases if phase.lever in moved or {*phase.writes} & {*held})

    def opened(self) -> tuple[dict[str, Array], Array]:
        """Give slots as the roster gives them and tallies at 0, (seat, C); and 1 / number of students, (1, C)."""
        shape = (self.size, self.columns)
        slots = {slot.name: np.array(np.broadcast_to(a, shape)) for slot, a in zip(ROSTER, self.seats.roster)}
        slots |= {slot.name: np.zeros(shape) for slot in TALLY}
        return slots, 1.0 / in_order(slots["present"])

    @property
    def is_full(self) -> bool:
        """Whether somebody sits on every seat."""
        return bool((self.seats.roster[0] > 0.5).all())


class Run(NamedTuple):
    """What an engine returns.

    Attributes:
        end: every slot of OPENED, STATE and TALLY at the end, (seat, C) or (1, C).
        trace: the slots that were asked for, (week, seat, C) or (week, 1, C).
    """

    end: dict[str, Array]
    trace: dict[str, Array]


def columns(
    seats: Seats,
    policies: Sequence[Mapping[str, float] | PolicyChange],
    parameters: Sequence[Mapping[str, float]],
    flips: Sequence[Flip] = (Flip(),),
) -> Block:
    """Give a block from one policy, one set of parameters and one flip a column; a single one serves all columns.

    Args:
        seats: one room for all columns, or one a column.
        policies: the policy of each column, or its levers.
        parameters: the parameters of each column.
        flips: the outcome that each column turns round.
    """
    n = max(len(policies), len(parameters), len(flips), len(seats.rooms))

    def wide(rows: NDArray[Any]) -> NDArray[Any]:
        return np.array(np.broadcast_to(rows, (*rows.shape[:-1], n)), order="C")

    levers, begins = stages(policies)
    table = getattr(parameters[0], "table", OWN)
    worlds = np.array([[world[name] for name in table.names] for world in parameters]).T
    return Block.of(seats, wide(worlds), wide(levers), wide(begins), wide(np.array(flips, float).T), table)


def stages(policies: Sequence[Mapping[str, float] | PolicyChange]) -> tuple[Array, NDArray[np.int64]]:
    """Give policies as numbers: levers (stage, lever, policy), and weeks (stage, policy) in which stages begin.

    Where some change more often than others, these have later stages that never begin.
    """
    listed: list[list[tuple[int, Mapping[str, float]]]] = [
        [(stage.start, stage.policy) for stage in policy.stages] if isinstance(policy, PolicyChange) else [(0, policy)]
        for policy in policies
    ]
    count = max(map(len, listed))
    levers = np.empty((count, len(LEVER_NAMES), len(policies)))
    begins = np.full((count, len(policies)), NEVER)
    for k, own in enumerate(listed):
        for stage, (week, policy) in enumerate(own):
            levers[stage:, :, k] = [policy[name] for name in LEVER_NAMES]
            begins[stage, k] = week
    return levers, begins


def _rows(table: Array) -> list[Any]:
    """Give each row as (1, C), or as one number where all columns have the same: what needs no array costs no time."""
    return [row[0] if (row == row[0]).all() else row[None] for row in table]


def draw_luck(phases: Iterable[Phase], seats: Seats, weeks: Sequence[int] | None) -> dict[str, Array]:
    """Draw random numbers by decision: (week, seat, R), or (week, 1, R) where the teacher decides.

    Uniform numbers where the phase reads ``u``, standard normal ones where it reads ``z``. Opening phases are asked
    with no weeks and get one: who the students are does not depend on the year's luck.
    """
    numbers: dict[str, Array] = {}
    when = np.array([0] if weeks is None else weeks) + (0 if weeks is None else seats.luck * YEAR)
    for of, who in (("each", np.arange(seats.roster.shape[1])), ("teacher", np.array([CLASS_SEAT]))):
        for letter in "uz":
            names = [p.decision for p in phases if p.decision and p.kind == of and letter in p.reads]
            if names:
                decisions = np.array([DECISIONS[name] for name in names])
                moments = moment_key(seats.seed, decisions[:, None], when)
                u = draw(student_key(seats.rooms, who[:, None]), moments[:, :, None, None])
                numbers |= zip(names, u if letter == "u" else normal_quantile(u))
    return numbers


def in_order(x: Array) -> Array:
    """Add over seats, (1, C), one seat after the other: the order of addition is part of the model.

    numpy adds the rows of a wide array one by one; a single column it would add in pairs, so it gets a second one.
    """
    wide = np.repeat(x, 2, axis=1) if x.shape[1] == 1 else x
    total: Array = np.add.reduce(wide, axis=0, keepdims=True)
    return total[:, : x.shape[1]]


def rank(own: Array, others: Array, present: Array) -> Array:
    """Give each seat the share of occupied seats whose value is lower, ties and the seat itself counted one half."""
    twice = np.zeros(own.shape)
    for value, somebody in zip(others, present):
        twice += somebody * ((value < own).astype(float) + (value <= own))
    itself = (others < own).astype(float) + (others <= own)
    return (twice - itself + 1.0) * 0.5 / in_order(present)


def check_world(block: Block, model: Model) -> None:
    """Raise InputError for a block whose parameters are not those of the model."""
    if block.names != model.table.names:
        others = sorted({*block.names} ^ {*model.table.names})
        what = f"parameters ({', '.join(others)})" if others else "order of parameters"
        raise InputError(f"the block has other {what} than the model; make both from the same model")


def check_traced(keep: Iterable[str], model: Model) -> None:
    """Raise InputError for a slot that no phase writes."""
    written = {name for phases in model for phase in phases for name in phase.writes} | {s.name for s in ROSTER}
    for name in keep:
        if name not in written:
            raise unknown("slot", name, [s for s in SLOTS if s in written])


def check_held(hold: Mapping[str, Held], block: Block, weeks: int, model: Model) -> None:
    """Raise InputError for a path whose slot or shape does not fit the block."""
    written = {name for phase in (*model.week, *model.tally) for name in phase.writes}
    for name, path in hold.items():
        if name not in written:
            raise unknown("slot to hold", name, sorted(written))
        shape = (weeks, block.size if SLOTS[name].of == "student" else 1, block.columns)
        if path.value.shape != shape or path.where.shape != shape:
            raise InputError(
                f"the path of {name} is {path.value.shape}; the block needs (week, seat, column) = {shape}"
            )
