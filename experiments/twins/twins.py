"""The twin table: outcomes of a room, each turned round in a year of its own and compared with the observed year.

A twin column turns one outcome of one student in one week (`setback.model.state.Flip`); what differs from then on is
what the outcome caused. Definitions: docs/claims.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setback.experiments.twins import estimands
from setback.experiments.twins.flips import KINDS, SLOTS, Eligible, Kind, check_told, eligible, utters
from setback.experiments.twins.pairs import OF_ROOM, Beside, Hold, Pairs, Years
from setback.model.chance import uniform
from setback.model.engines.block import Held, Run, columns
from setback.model.engines.registry import Engine
from setback.model.rosters.seats import Seats
from setback.model.state import Flip
from setback.model.week import MODEL, Model

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
#: One row a twin: the columns of `WHICH`, and then the effects, fail minus pass (`estimands.columns`), each (N,).
Twins = dict[str, NDArray[Any]]

#: Twins that are run at once; their traces stay in memory.
BLOCK = 512
#: Which twin a row is: position of the kind of flip in `KINDS` and of the policy among those asked for, room, seat,
#: week (from 1), challenge of the week's task (logit), observed margin of the assessment (logit), distance of the
#: performance from the line that is turned (SDs of its noise; below 0 is a failure), and whether a failure was turned
#: round (*spared*).
WHICH: Mapping[str, type] = {
    "flip": np.int64, "policy": np.int64, "room": np.int64, "seat": np.int64, "week": np.int64,
    "challenge": np.float64, "margin": np.float64, "distance": np.float64, "spared": np.bool_,
}  # fmt: skip


def failure_twins(
    seats: Seats,
    policies: Sequence[Mapping[str, float]],
    parameters: Mapping[str, float],
    weeks: int,
    share: float,
    run: Engine,
    flips: Sequence[str] = ("line",),
    model: Model = MODEL,
    asked: Sequence[str] = (),
    beside: Beside | None = None,
    only_spared: bool = False,
) -> tuple[Run, Twins]:
    """Run one room under several policies, and turn a sample of its outcomes round.

    Args:
        seats: one room.
        policies: the policies, one column each.
        parameters: the world.
        weeks: length of the year, more than FIRST + HORIZON.
        share: share of the eligible student-weeks that get a twin, sampled by address, so that policies share them.
        run: the engine.
        flips: names of `KINDS`.
        model: the model, as with custom mechanisms.
        asked: names of estimands for which failed years are run again (`Estimand.asked`).
        beside: what else is made of them.
        only_spared: whether observed failures alone are turned round.

    Returns:
        The observed year, one column a policy, and the twins.

    Raises:
        InputError: if a verdict is to be turned, and no policy utters one.
    """
    check_told(flips, policies)
    room = _Room(seats, policies, parameters, weeks, run, model, tuple(asked), beside)
    week, seat = np.arange(weeks)[:, None], np.arange(seats.roster.shape[1])
    sampled = uniform(seats.seed, "twins", int(seats.rooms[0]), seat, week) < share
    found = []
    for number, (name, kind) in enumerate(KINDS.items()):
        if name in flips:
            there = eligible(kind, room.observed.trace, policies, seats.roster[0][:, 0], parameters)
            turned = there.at & sampled[:, :, None] & ((there.distance < 0.0) | (not only_spared))
            for at in in_blocks(turned):
                found.append({"flip": np.full(len(at[0]), number)} | room.turn(kind, there, *at))
    return room.observed, join(found, asked, beside.columns if beside else ())


class _Room:
    """One room under several policies, whose outcomes are turned round."""

    def __init__(
        self,
        seats: Seats,
        policies: Sequence[Mapping[str, float]],
        parameters: Mapping[str, float],
        weeks: int,
        run: Engine,
        model: Model,
        asked: tuple[str, ...],
        beside: Beside | None = None,
    ) -> None:
        self.seats, self.policies, self.parameters, self.weeks = seats, policies, parameters, weeks
        self.engine, self.model, self.asked, self.beside = run, model, asked, beside
        self.own = tuple(dict.fromkeys((*estimands.traced(asked), *(beside.slots if beside else ()))))
        self.keep = tuple(dict.fromkeys((*SLOTS, "challenge", *self.own)))
        self.observed = self.year(np.arange(len(policies)), [Flip()])

    def year(self, policy: Rows, turns: Sequence[Flip], hold: Mapping[str, Held] | None = None) -> Run:
        """Run a column a policy, each with a turn of its own."""
        block = columns(self.seats, [self.policies[k] for k in policy], [self.parameters], turns)
        return self.engine(block, self.weeks, self.keep, hold=hold, model=self.model)

    def turn(self, kind: Kind, there: Eligible, w: Rows, s: Rows, k: Rows) -> Twins:
        """Give the rows of some twins of one kind: by week, seat and column of the observed year."""
        turns = [
            Flip(seat=float(seat), week=float(week), to=to, **{kind.field: 1.0})
            for week, seat, to in zip(w, s, there.to[w, s, k].tolist())
        ]
        distance = there.distance[w, s, k]
        spared, each = distance < 0.0, np.arange(len(k))
        observed, turned = self.read(self.observed, s, k), self.read(self.year(k, turns), s, each)
        failed, passed = chosen(spared, observed, turned), chosen(spared, turned, observed)

        mine = [Flip() if one else turn for one, turn in zip(spared, turns)]

        def again(holds: Sequence[Hold]) -> Iterator[Years]:
            at_once = max(1, BLOCK // max(1, len(k)))
            slots = dict.fromkeys(slot for hold in holds for slot in hold.slots)  # all in each: the same kernel
            for first in range(0, len(holds), at_once):
                those = holds[first : first + at_once]
                held = {slot: self.path(passed.own[slot], w, s, slot, those) for slot in slots}
                run = self.year(np.tile(k, len(those)), mine * len(those), held)
                for number in range(len(those)):
                    yield self.read(run, s, each + number * len(k))

        told = np.array([utters(policy) for policy in self.policies])
        fixed = np.array([policy["waiting"] == 0.0 and policy["self_paced"] == 0.0 for policy in self.policies])
        pairs = Pairs(failed, passed, w, s, told[k], fixed[k], kind.test, again)
        which = {
            "policy": k,
            "room": np.full(len(k), int(self.seats.rooms[0])),
            "seat": s,
            "week": w + 1,
            "challenge": self.observed.trace["challenge"][w, s, k],
            "margin": self.observed.trace["test_margin"][w, s, k],
            "distance": distance,
            "spared": spared,
        }
        return which | estimands.effects(pairs, self.asked) | dict(self.beside.of(pairs) if self.beside else {})

    def path(self, values: Array, w: Rows, s: Rows, slot: str, holds: Sequence[Hold]) -> Held:
        """Hold a slot of some students at values, (week, N), in the weeks of each hold that names it."""
        columns = len(holds), len(w)
        value, where = (np.zeros((self.weeks, self.seats.roster.shape[1], *columns), of) for of in (float, bool))
        week, each = np.arange(self.weeks)[:, None], np.arange(len(w))
        for number, hold in enumerate(holds):
            if slot in hold.slots:
                last = self.weeks if hold.last is None else w + hold.last
                value[:, s, number, each] = values
                where[:, s, number, each] = (week >= w + hold.first) & (week <= last)
        return Held(*(part.reshape(*part.shape[:2], -1) for part in (value, where)))

    def read(self, run: Run, seat: Rows, column: Rows) -> Years:
        """Read the years of some students from columns of a run."""
        own = {name: run.trace[name][:, seat, column] for name in self.own}
        room = {name: run.trace[name][:, :, column] for name in OF_ROOM}
        return Years(own, room, {name: run.end[name][seat, column] for name in estimands.lasting(self.asked)})


def chosen(where: NDArray[np.bool_], first: Years, second: Years) -> Years:
    """Give the years of the first where it is true, else those of the second."""
    return Years(
        *({name: np.where(where, one[name], other[name]) for name in one} for one, other in zip(first, second))
    )


def in_blocks(at: NDArray[np.bool_]) -> list[tuple[Rows, Rows, Rows]]:
    """Cut the student-weeks that are true, (week, seat, column), into parts of at most `BLOCK`: week, seat, column."""
    w, s, k = (np.asarray(part, np.int64) for part in np.nonzero(at))
    order = np.argsort(k, kind="stable")  # columns sorted by policy, so that idle phases can be left out
    parts = np.array_split(order, -(-len(order) // BLOCK)) if len(order) else []
    return [(w[part], s[part], k[part]) for part in parts]


def join(parts: Sequence[Twins], asked: Sequence[str] = (), beside: Sequence[str] = ()) -> Twins:
    """Put the twins of several rooms into one table; `beside` names the columns that it has beside the estimands'."""
    types = {**WHICH, **dict.fromkeys((*estimands.columns(asked), *beside), np.float64)}
    return {name: np.concatenate([np.zeros(0, of), *(part[name] for part in parts)]) for name, of in types.items()}
