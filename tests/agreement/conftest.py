"""Blocks that leave nothing out: every named part, combinations of all of them, small classes of unequal size."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from setback.model import state
from setback.model.engines.block import Block, Held, columns
from setback.model.errors import InputError
from setback.model.parameters import TABLE, Parameters
from setback.model.policies import GROUPS, PARTS, PRESETS, Policy, PolicyChange, group
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.state import SLOTS, TRAITS, Flip
from setback.model.week import TALLY, WEEK

#: Slots that any phase of the week writes.
WRITTEN = tuple(dict.fromkeys(name for phase in (*WEEK, *TALLY) for name in phase.writes))
#: Of what is carried, the record of the week itself.
RECORD = ("units_mastered", "below_criterion_before")
#: The student's slots that any phase writes, less what is added up and the record: what goes on into the weeks to come.
CARRIED_ON = tuple(
    name for name in WRITTEN if SLOTS[name].of == "student" and SLOTS[name] not in state.TALLY and name not in RECORD
)
#: Students do everything often enough to be seen in a few weeks.
LEAVING = {"skip_level": -1.0, "dropout_level": -5.0, "dropout_not_submitted": 2.0}
LIVELY = Parameters(LEAVING, affect_rise=2.0)


def makes_sense(parts: Sequence[str]) -> bool:
    """Whether the parts can stand together."""
    try:
        Policy(*parts)
    except InputError:
        return False
    return True


def pairwise_cover() -> list[Policy]:
    """Policies such that any two parts of different groups stand together in at least one (greedy)."""
    everything = [parts for parts in itertools.product(*(group(name) for name in GROUPS)) if makes_sense(parts)]

    def pairs(parts: Sequence[str]) -> set[tuple[str, str]]:
        return set(itertools.combinations(parts, 2))

    missing = set().union(*(pairs(parts) for parts in everything))
    cover = []
    while missing:
        best = max(everything, key=lambda parts: len(pairs(parts) & missing))
        missing -= pairs(best)
        cover.append(Policy(*best))
    return cover


def unequal_classes(sizes: Sequence[int]) -> Roster:
    """Classes of these sizes; of every other class half of the traits of half of the students are known."""
    rng = np.random.default_rng(4)
    classes = []
    for k, size in enumerate(sizes):
        known = {t: np.where(rng.random(size) < 0.5, rng.normal(size=size), np.nan) for t in list(TRAITS)[k % 2 :: 2]}
        classes.append(SchoolClass(f"class-{k}", tuple(map(str, range(size))), known if k % 2 else {}))
    return Roster(classes, "unequal")


def random_parameters(n: int) -> list[Parameters]:
    """Worlds drawn within the ranges of the table, switches in any position."""
    rng = np.random.default_rng(7)
    rows = [row for row in TABLE if row.kind != "policy"]
    worlds = []
    for _ in range(n):
        values = {row.name: rng.uniform(row.low, row.high) for row in rows}
        values |= {row.name: float(rng.choice([0.0, 0.5, 1.0, 1.0])) for row in rows if row.kind == "design"}
        worlds.append(Parameters(values | LEAVING))
    return worlds


def paths(block: Block, weeks: int, names: Sequence[str]) -> dict[str, Held]:
    """Arbitrary paths for some slots, held on a fifth of all student-weeks.

    By this seed no class whose students have all stopped is told of failing grades, which no number could hold.
    """
    rng = np.random.default_rng(10)
    held = {}
    for name in names:
        shape = (weeks, block.size if SLOTS[name].of == "student" else 1, block.columns)
        held[name] = Held(rng.random(shape), rng.random(shape) < 0.2)
    return held


#: Slots to hold: the receivers, states, what friends, ranks, means and the teacher make.
HOLDABLE = (
    "heard_attribution", "heard_expectancy", "heard_control", "heard_affect", "heard_learning", "heard_peers",
    "grade_learning", "grade_expectancy", "grade_affect", "grade_peers", "setback", "retaken_before", "recovered",
    "targeted", "repeats_left",
    "expectancy", "control", "affect", "friends_effort", "seat_rank", "class_failing_grade_seen", "line",
)  # fmt: skip


#: Levers that no named part sets, or that parts set alike.
UNNAMED: tuple[dict[str, float], ...] = (
    {"problem_distance": 0.7, "repeats": 1.0, "repeat_help": 0.3},
    {"target_record": 0.2, "targeted_level": -0.6, "targeted_talk": 0.7, "targeted_support": 0.6},
    {"others_attempts": 0.4, "target_record": 0.1, "targeted_information": 0.8, "attribution_talk": 0.3},
    {"problem_distance": 1.4, "repeats": 3.0, "target_record": 0.3, "targeted_talk": 1.0},
    {},
)


@pytest.fixture(scope="session")
def everything() -> Callable[..., Block]:
    """A block with every part, whole policy and pairwise combination, three kinds of flips, a change in week 4.

    Feedback is late in some and assignments are due in some, which no named part asks for.
    """

    def make(shared: bool, flips: bool = True) -> Block:
        policies = [*(Policy(name) for name in (*PARTS, *PRESETS)), *pairwise_cover()]
        policies = [
            Policy(
                **{**one, "feedback_delay": 0.5 * (k % 3), "assignment_every": float(k % 5 * (k % 2)), **UNNAMED[k % 5]}
            )
            for k, one in enumerate(policies)
        ]
        n = len(policies)
        roster = unequal_classes([4, 7, 2, 6, 5])
        rng = np.random.default_rng(2)
        turned = [Flip()] * n
        if flips:
            kinds = (
                {"luck": 1.0, "to": 0.05}, {"label": 1.0}, {"practice": 1.0}, {"luck": 1.0, "to": -0.05},
                {"practice": 1.0, "depth": 2.0},
            )  # fmt: skip
            turned = [
                Flip(seat=float(rng.integers(0, 7)), week=float(rng.integers(0, 4)), **kinds[k % 5]) for k in range(n)
            ]
        worlds = [LIVELY if k % 2 else world for k, world in enumerate(random_parameters(n))]
        rooms = [1] if shared else list(range(n))
        years = [PolicyChange(first, (4, then)) for first, then in zip(policies, policies[::-1])]
        return columns(roster.seats(rooms, 2**40 + 5), years, worlds, turned)

    return make
