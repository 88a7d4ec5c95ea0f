"""A classroom among Mesa's own tools: it is let go, kept, copied, and made again and again by `mesa.batch_run`."""

import copy
import gc
import pickle
import warnings
import weakref
from typing import Any

import mesa
import numpy as np
import pytest

import setback as sb
from setback.live.model import LiveClassroom
from setback.model.engines.block import columns
from setback.model.engines.mesa import Classroom, Student, Teacher
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster


def test_nobody_keeps_a_classroom() -> None:
    """A classroom that is no longer used is let go with all of its students, and so are those of the engine."""
    rooms = [weakref.ref(sb.Classroom("curve", seed=seed).run(1)) for seed in range(3)]
    sb.simulate("curve", rooms=2, weeks=1, engine="mesa")
    gc.collect()
    assert [room() for room in rooms] == [None] * 3
    ours = (Classroom, Student, Teacher)
    assert not [thing for thing in gc.get_objects() if isinstance(thing, ours)]


def test_agents_are_numbered_from_one() -> None:
    """Every agent of a class has a number of its own, those that join later too; another class begins anew."""
    for _ in range(2):
        room = sb.Classroom(roster=Roster.synthetic(5))
        room.students[0].remove()
        later = mesa.Agent(room)
        assert sorted(agent.unique_id for agent in room.agents) == [2, 3, 4, 5, 6, 7]
        assert later.unique_id == 7


def test_the_students_of_a_later_room_have_the_numbers_of_the_first() -> None:
    """What the data collector calls a student does not depend on how many classes there were before."""
    first, second = (sb.Classroom(seed=1).run(1).datacollector.get_agenttype_vars_dataframe for _ in range(2))
    kind = type(sb.Classroom().students[0])
    assert first(kind).equals(second(kind))


@pytest.mark.parametrize("kept", [lambda room: pickle.loads(pickle.dumps(room)), copy.deepcopy], ids=["pickle", "copy"])
@pytest.mark.parametrize("kind", [sb.Classroom, LiveClassroom])
def test_a_classroom_is_kept(kind: Any, kept: Any) -> None:
    """A classroom that was kept runs the weeks that are left as the one that was not, bit for bit, on its own."""
    room = kind(seed=1, weeks=6)
    for _ in range(3):
        room.step()
    other = kept(room)
    assert other.students[3].model is other and other.students[3].friends[0].model is other
    before = {name: slot.copy() for name, slot in room.slots.items()}
    other.run(3)
    assert other.week == 6 and not other.running
    assert all(np.array_equal(before[name], slot) for name, slot in room.slots.items())
    room.run(3)
    for name, slot in room.slots.items():
        assert np.array_equal(slot, other.slots[name], equal_nan=True), name
    assert str(room.datacollector.get_model_vars_dataframe()) == str(other.datacollector.get_model_vars_dataframe())


def test_a_classroom_without_a_seed_tells_the_one_it_drew() -> None:
    """`seed=None` draws a seed; given it, another classroom is the same."""
    one, two = sb.Classroom(seed=None, keep=sb.Keep(students=["affect"])).run(2), sb.Classroom(seed=None)
    assert one.seed != two.seed
    again = sb.Classroom(seed=one.seed).run(2)
    assert np.array_equal(one.slots["affect"], again.slots["affect"])


def test_the_seed_of_a_block_is_told() -> None:
    """A classroom that is made of a block tells the seed of the block."""
    block = columns(Roster.synthetic(4).seats([0], 9), [Policy("curve")], [sb.Parameters()])
    assert sb.Classroom(block=block).seed == 9


def test_iterations_of_a_batch_are_other_rooms() -> None:
    """`mesa.batch_run` with iterations runs one year in each of several rooms, and tells their seeds."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # Mesa 3.4 would have `rng` said
        rows = mesa.batch_run(
            sb.Classroom, {"seed": [None], "weeks": 4}, number_processes=1, iterations=3, display_progress=False
        )
    seeds = {row["iteration"]: row["seed"] for row in rows}
    assert len(seeds) == len({*seeds.values()}) == 3
    assert {row["week"] for row in rows} == {4}
    for row in rows:
        assert row["class_failing_grade_seen"] == sb.Classroom(seed=row["seed"]).run(4).class_failing_grade_seen
