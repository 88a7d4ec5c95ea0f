"""What the tests of the equations share: one world, one policy and one flip as an equation reads them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, columns
from setback.model.parameters import LEVER_NAMES, WORLD_NAMES, Levers, Parameters, World, check
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.state import Flip
from setback.model.week import OPENING, TALLY, WEEK, Model

Array = NDArray[np.float64]

ZERO, HALF, ONE = np.float64(0.0), np.float64(0.5), np.float64(1.0)
#: Slots that any phase of the week writes.
WRITTEN = tuple(dict.fromkeys(name for phase in (*WEEK, *TALLY) for name in phase.writes))
#: Every lever that switches a phase on is at work, most of them in part.
BUSY = Policy(
    "mastery+problem-first+error-friendly", comparison=0.4, threat=0.7, stakes=0.8, cut=0.3, retakes=1.0, level=0.0,
    waiting=0.3, self_paced=0.3, adaptive=0.4, problem_first=0.7, rescue=0.2, counted=1.0, public=1.0,
    grade_practice=0.2, choice=0.6, spiral=0.5, cooperation=0.4, attribution_talk=0.8, mindset_message=0.5,
    compassion=0.5, feedback_delay=0.5, assignment_every=2.0, problem_distance=0.6, others_attempts=0.3,
    consolidation=0.8, repeats=2.0, repeat_help=0.4, target_record=0.15, targeted_level=-0.3, targeted_talk=0.6,
    targeted_support=0.5, targeted_information=0.3, coping_models=0.6, analysis_taught=0.7, open_tasks=0.4,
)  # fmt: skip
#: Students skip, suffer and stop often enough to be seen in a few weeks.
LIVELY = Parameters(
    skip_level=-1.5, dropout_level=-5.0, dropout_not_submitted=1.5, affect_rise=1.5, attribution_drift=0.1,
    control_mean=0.4, drift_slow_sd=0.2, diligence_sd=0.5, diligence_drift_sd=0.5,
    handicap_sd=0.5, confidence_sd=0.3, aptitude_sd=0.1, reactance_size=1.5, help_avoidance=0.6, misreading_size=0.5,
)  # fmt: skip


def row(*numbers: float) -> Array:
    """Some values of one slot."""
    return np.array(numbers, float)


def world(**changes: float) -> World:
    """The default world with some numbers changed, as an equation reads ``p``."""
    values = Parameters(changes)
    return World(*(np.float64(values[name]) for name in WORLD_NAMES))


def levers(policy: str = "reference", **changes: float) -> Levers:
    """A policy with some levers changed, as an equation reads ``q``, also one that no school could have."""
    values = {**Policy(policy), **{name: check(name, value, "policy lever") for name, value in changes.items()}}
    return Levers(*(np.float64(values[name]) for name in LEVER_NAMES))


def flip(**changes: float) -> Flip:
    """One outcome turned round, as an equation reads ``flip``; seat 1 in week 5 unless named."""
    return Flip(*(np.float64(value) for value in Flip(seat=1.0, week=5.0)._replace(**changes)))


def rises(values: Any) -> bool:
    """Whether each value lies above the one before it."""
    return bool((np.diff(np.asarray(values)) > 0.0).all())


def falls(values: Any) -> bool:
    """Whether each value lies below the one before it."""
    return bool((np.diff(np.asarray(values)) < 0.0).all())


def class_of(students: int, *policies: Policy, worlds: Any = LIVELY, room: int = 1) -> Block:
    """One synthetic class under some policies in one world or a list of them, a column each."""
    return columns(
        Roster.synthetic(students).seats([room], 3),
        policies or [Policy()],
        worlds if isinstance(worlds, list) else [worlds],
    )


def opened(block: Block) -> dict[str, Array]:
    """Every slot when the year begins: a week in which no phase stands."""
    return engine.run(block, 1, model=Model(OPENING, (), ())).end
