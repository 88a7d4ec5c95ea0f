"""Trials are run: every condition once for all trials that share it, measures of each student, estimates, hits.

A condition is an arm with its people: trials whose arms are the same classes under the same policy read the same run,
as long as the longest of them and with all the slots that one of them reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.trials.estimates import Data, estimate, figure
from setback.experiments.trials.estimators import Values, class_means
from setback.experiments.trials.trial import Arm, Group, Measure, Trial, Window, window
from setback.model.arithmetic import logistic
from setback.model.engines.block import Held, columns
from setback.model.engines.registry import engine as engine_named
from setback.model.errors import whole
from setback.model.outcomes import NORMS
from setback.model.parameters import Parameters
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.seats import Seats
from setback.model.state import ROSTER, SLOTS
from setback.model.week import MODEL, Model

Array = NDArray[np.float64]

#: Rooms that are run at once: what is held in memory does not grow with their number.
BATCH = 100
#: Rooms that a trial begins with, and the most it takes.
ROOMS, MOST_ROOMS = 100, 20_000
#: The error of an estimate may be this part of half the tolerance; of a sign, of its distance from the bound.
PRECISION = 0.1
#: A sign is told as soon as it lies so many standard errors from its bound, else when `MOST_FOR_A_SIGN` rooms are run.
TELLS, MOST_FOR_A_SIGN = 4.0, 2_000
AT = {slot.name: k for k, slot in enumerate(ROSTER)}


class World(NamedTuple):
    """In which world trials are run, and how.

    Attributes:
        parameters: the world.
        numbers: assumed numbers of named policies that the world has, by name as ``curve.threat``.
        engine: a name of `setback.model.engines.registry.ENGINES`.
        model: the model.
    """

    parameters: Parameters
    numbers: Mapping[str, float] = {}
    engine: str = "vectorised"
    model: Model = MODEL


class Finding(NamedTuple):
    """What a trial found.

    Attributes:
        trial: its name.
        row: the published row; "" of a custom trial.
        estimate: the simulated figure; NaN where the measures do not give it.
        error: its standard error over classes.
        unit: of both.
        published: what it is held against, for people.
        hit: whether it lies within the tolerance, or on the right side.
        distance: in units of the tolerance (`setback.experiments.evidence.rows.Target.distance`).
        is_sure: whether more rooms would not change ``hit``: the bound lies more than two errors away.
        rooms: how many classes stand behind it.
        seconds: what it took.
    """

    trial: str
    row: str
    estimate: float
    error: float
    unit: str
    published: str
    hit: bool
    distance: float
    is_sure: bool
    rooms: int
    seconds: float


# ---- one trial, with as many classes as it needs -------------------------------------------------------------
def run(
    trial: Trial, world: World, rooms: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> Finding:
    """Run a trial until its error is well under the tolerance, and say whether it is a hit.

    Args:
        trial: the trial.
        world: in which world.
        rooms: how many classes; where it is left out, as many as the tolerance asks for, up to `MOST_ROOMS`.
        progress: called with the classes done since it was called last.

    Raises:
        InputError: if rooms is no whole number from 2 to `MOST_ROOMS`.
    """
    rooms = None if rooms is None else whole("rooms", rooms, 2, MOST_ROOMS)
    began = time.perf_counter()
    parts: list[Data] = []
    done, wanted = 0, ROOMS if rooms is None else rooms
    while True:
        parts += [data for (data,) in _batches([trial], world, range(done, wanted), progress)]
        done = wanted
        data = grouped(trial, joined(parts))
        value, error = estimate(trial.estimate, data)
        if rooms is not None or (more := _asked_for(trial, value, error, done)) <= done:
            break
        wanted = more
    target = trial.target
    bounds = [abs(value - bound) for bound in (target.low, target.high) if np.isfinite(bound)]
    return Finding(
        trial.name, trial.row, value, error, trial.unit, target.said, target.hits(value),
        target.distance(value), bool(min(bounds) > 2.0 * error), done, time.perf_counter() - began,
    )  # fmt: skip


def _asked_for(trial: Trial, value: float, error: float, rooms: int) -> int:
    """Say how many classes the tolerance asks for, given the error from some."""
    if not np.isfinite(error) or not np.isfinite(value):
        return min(4 * rooms, MOST_FOR_A_SIGN)
    target = trial.target
    if np.isfinite(target.half_width):
        need = rooms * (error / (PRECISION * target.half_width)) ** 2
        return min(int(np.ceil(1.1 * need / BATCH)) * BATCH, MOST_ROOMS)
    bound = target.low if np.isfinite(target.low) else target.high
    if abs(value - bound) >= TELLS * error:
        return rooms
    return min(4 * rooms, MOST_FOR_A_SIGN)


# ---- many trials in one world --------------------------------------------------------------------------------
def figures(trials: Sequence[Trial], world: World, rooms: range) -> list[float]:
    """Give the estimates of several trials in some classes, without errors: what a fit or a sweep asks for.

    Args:
        trials: the trials; conditions that they share are run once.
        world: in which world.
        rooms: the numbers of the classes.

    Returns:
        One estimate a trial, NaN where the measures do not give it.
    """
    batches = [*_batches(trials, world, rooms)]
    return [
        figure(trial.estimate, grouped(trial, joined([batch[k] for batch in batches])))
        for k, trial in enumerate(trials)
    ]


class Forced(NamedTuple):
    """A slot that is held in a condition: for a group of students, as it is defined, or for all where that is ""."""

    slot: str
    weeks: Window
    value: float
    who: str
    defined: str


class Condition(NamedTuple):
    """What makes a run what it is: classes, policy and world. Equal ones are run once."""

    roster: str
    seed: int
    policy: Policy | PolicyChange
    world: Parameters
    traits: tuple[tuple[str, float], ...]
    hold: tuple[Forced, ...]


class _Asked(NamedTuple):
    """What is asked of a condition: a trial that has it, how many weeks, which slots."""

    trial: Trial
    weeks: list[int]
    slots: set[str]


def condition(trial: Trial, arm: str, world: World) -> Condition:
    """Give the condition of an arm."""
    said: Arm = trial.arms[arm]
    changes, numbers = {**trial.people.parameters, **said.parameters}, world.parameters
    if changes or said.without or trial.people.shift:
        numbers = numbers.replace(**changes)
        numbers = numbers.replace(**_shifted(numbers, trial.people.shift)).without(*said.without)
    holds = tuple(
        Forced(h.slot, window(h.weeks, trial.about.weeks), h.value, h.who or "", _defined(trial, h.who))
        for h in said.hold
    )
    traits = {**trial.people.traits, **said.traits}
    return Condition(
        trial.roster.digest(), trial.about.seed, trial.policies[arm].assuming(world.numbers),
        numbers, tuple(sorted(traits.items())), holds,
    )  # fmt: skip


def _shifted(numbers: Parameters, shift: Mapping[str, float]) -> dict[str, float]:
    """Shift some numbers of a world, as far as their ranges go."""
    rows = numbers.table.by_name
    return {name: min(max(numbers[name] + by, rows[name].low), rows[name].high) for name, by in shift.items()}


def _defined(trial: Trial, who: str | None) -> str:
    """Say how a group is defined, so that holds of different groups are told apart; "" for everybody."""
    if who is None:
        return ""
    group, said = trial.who[who], []
    measure: Measure | None = trial.measures[group.by]
    while measure is not None:  # a measure may take another away
        said.append(f"{measure!r} {trial.window(measure)}")
        measure = trial.measures[measure.less] if measure.less else None
    return f"{group!r} {said}"


def _batches(
    trials: Sequence[Trial], world: World, rooms: range, progress: Callable[[int], None] = lambda _: None
) -> Iterator[list[Data]]:
    """Give what is measured in each trial, some classes at a time."""
    of = {(t, arm): condition(trial, arm, world) for t, trial in enumerate(trials) for arm in trial.arms}
    asked: dict[Condition, _Asked] = {}
    for (t, _), key in of.items():
        trial = trials[t]
        one = asked.setdefault(key, _Asked(trial, [], {"enrolled", "submitted"}))
        one.weeks.append(trial.about.weeks)
        one.slots.update(slot for measure in trial.measures.values() for slot in measure.slots)
    for first in range(rooms.start, rooms.stop, BATCH):
        here = range(first, min(first + BATCH, rooms.stop))
        seats: dict[tuple[str, int], Seats] = {}  # the same classes sit in many conditions
        for key, one in asked.items():
            if key[:2] not in seats:
                seats[key[:2]] = one.trial.roster.seats(list(here), key.seed)
        made = {key: _run(key, one, world, seats[key[:2]]) for key, one in asked.items()}
        yield [_measured(trial, {arm: made[of[t, arm]] for arm in trial.arms}, here) for t, trial in enumerate(trials)]
        progress(len(here))


def _run(key: Condition, asked: _Asked, world: World, seats: Seats) -> dict[str, Array]:
    """Run a condition: its slots as (week, seat, room), and ``present`` as (seat, room)."""
    weeks, seats = max(asked.weeks), _given(seats, dict(key.traits))
    block, run, slots = columns(seats, [key.policy], [key.world]), engine_named(world.engine), sorted(asked.slots)
    free: dict[str, Array] = {"present": seats.roster[AT["present"]]}
    if any(forced.who for forced in key.hold):  # who they are is found in the arm without its holds
        free |= run(block, weeks, slots, {}, world.model).trace
    held = _holds(key, weeks, seats, asked.trial, free)
    return {**free, **run(block, weeks, slots, held, world.model).trace}


def _given(seats: Seats, traits: Mapping[str, float]) -> Seats:
    """Give everybody the standard scores that are stated."""
    if not traits:
        return seats
    roster = seats.roster.copy()
    for trait, score in traits.items():
        roster[AT[f"known_{trait}"]] = roster[AT["present"]]
        roster[AT[f"given_{trait}"]] = score * roster[AT["present"]]
    return seats._replace(roster=roster)


def _holds(key: Condition, weeks: int, seats: Seats, trial: Trial, free: Mapping[str, Array]) -> dict[str, Held]:
    """Give the paths on which slots are held; of two that hold a slot in one week the later counts."""
    present = free["present"] > 0.5
    found: dict[str, Held] = {}
    for slot, (first, last), value, who, _ in key.hold:
        rows = seats.roster.shape[1] if SLOTS[slot].of == "student" else 1
        shape = weeks, rows, len(seats.rooms)
        held = found.setdefault(slot, Held(np.zeros(shape), np.zeros(shape, bool)))
        those: NDArray[np.bool_] | bool = True
        if who:
            group = trial.who[who]
            values = _values(trial, trial.measures[group.by], free, present, np.nonzero(present.T)[0])
            those = np.zeros(present.shape, bool)
            those.T[present.T] = _members(group, values)
        held.value[first : last + 1] = np.where(those, value, held.value[first : last + 1])
        held.where[first : last + 1] |= those
    return found


# ---- what is measured of each student ------------------------------------------------------------------------
def _measured(trial: Trial, runs: Mapping[str, Mapping[str, Array]], rooms: Iterable[int]) -> Data:
    """Give the measures of some classes, a row a student, by room and seat."""
    present = next(iter(runs.values()))["present"] > 0.5
    room = np.repeat(np.array([*rooms]), present.sum(0))
    values = {
        (arm, name): _values(trial, measure, run, present, room)
        for arm, run in runs.items()
        for name, measure in trial.measures.items()
    }
    reliability = {name: measure.reliability for name, measure in trial.measures.items()}
    return Data(values, {}, room, reliability)


def _values(
    trial: Trial, measure: Measure, run: Mapping[str, Array], present: NDArray[np.bool_], room: NDArray[np.int64]
) -> Values:
    """Give one measure of some classes, (student,)."""
    first, last = trial.window(measure)
    weeks = slice(first, last + 1)
    level = sum(weight * run[slot][weeks] for slot, weight in measure.slots.items())
    if measure.as_share:
        level = logistic(level)
    if measure.among == "submitted":
        tried = run["submitted"][weeks] > 0.5
        mean = np.where(tried, level, 0.0).sum(0) / np.where(tried.any(0), tried.sum(0), np.nan)
    else:
        mean = np.broadcast_to(np.asarray(level).mean(0), present.shape)
        if measure.among == "enrolled":
            mean = np.where(run["enrolled"][last] > 0.5, mean, np.nan)
    values: Values = mean.T[present.T]
    if measure.less is not None:
        values = values - _values(trial, trial.measures[measure.less], run, present, room)
    values = values / (NORMS[measure.per] if isinstance(measure.per, str) else measure.per)
    bound = measure.above if measure.above is not None else measure.below
    if bound is not None:
        beyond = values > bound if measure.above is not None else values < bound
        values = np.where(np.isnan(values), np.nan, beyond)
    return class_means(values, room) if measure.class_mean else values


def joined(parts: Sequence[Data]) -> Data:
    """Put the students of several batches together."""
    first = parts[0]
    if len(parts) == 1:
        return first
    values = {name: np.concatenate([part.values[name] for part in parts]) for name in first.values}
    return first._replace(values=values, room=np.concatenate([part.room for part in parts]))


def grouped(trial: Trial, data: Data) -> Data:
    """Say who belongs to which group of a trial: shares are those of all students who are measured in an arm."""
    groups = {
        (arm, name): _members(group, data.values[arm, group.by])
        for arm in trial.arms
        for name, group in trial.who.items()
    }
    return data._replace(groups=groups)


def _members(group: Group, values: Values) -> NDArray[np.bool_]:
    if group.lowest is not None or group.highest is not None:
        share = group.lowest if group.lowest is not None else 1.0 - float(group.highest or 0.0)
        known = values[np.isfinite(values)]
        bound = float(np.quantile(known, share)) if len(known) else np.nan
        return values <= bound if group.lowest is not None else values >= bound
    above = -np.inf if group.above is None else group.above
    below = np.inf if group.below is None else group.below
    found: NDArray[np.bool_] = (values > above) & (values < below)
    return found
