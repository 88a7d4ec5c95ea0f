"""A year in half steps: every rate that is halved is applied twice, and no other."""

import ast
import inspect
import textwrap

import numpy as np
import pytest

from setback.experiments.half_steps import HALVED, ONCE, TWICE, compare, in_half_steps
from setback.experiments.simulate import simulate
from setback.model.engines import vectorised as engine
from setback.model.engines.block import columns
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import ROWS, Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, Model


def reading() -> dict[str, set[str]]:
    """The names of the phases whose own text reads a number, by number."""
    found: dict[str, set[str]] = {}
    for phase in MODEL.week:
        if not isinstance(phase.by, str):
            tree = ast.parse(textwrap.dedent(inspect.getsource(phase.by)))
            for node in (node for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
                found.setdefault(node.attr, set()).add(phase.name)
    return found


def test_what_is_halved_is_applied_twice() -> None:
    """Else it would be lost by half, or count twice."""
    readers = reading()
    twice = {function.__name__ for function in TWICE}
    assert {name: readers.get(name) for name in HALVED if not readers.get(name, {"nobody"}) <= twice} == {}
    rates = {name for name, by in readers.items() if by & twice and name in ROWS and "per week" in ROWS[name].unit}
    assert rates <= {*HALVED}
    assert not {*HALVED} & {*ONCE}
    count = [phase.name for phase in in_half_steps().week]
    assert {name: count.count(name) for name in twice} == dict.fromkeys(twice, 2)


def test_a_mastered_setback_steels_in_both_halves() -> None:
    """What it adds to the reserve is not lost by half, for want of last week's setback in the second half."""
    halves = {name: ROWS[name].default / 2.0 for name in HALVED}
    seats = Roster.synthetic(30).seats(np.repeat(np.arange(48), 2).tolist(), 3)

    def steeled(rates: dict[str, float], model: Model) -> np.ndarray:
        worlds = [Parameters(rates | {"steeling": steeling}) for steeling in (0.0, 0.05)]
        reserve = engine.run(columns(seats, [Policy()], worlds * 48), 2, ["reserve"], model=model).trace["reserve"][1]
        return np.ravel(reserve[:, 1::2] - reserve[:, 0::2])

    once, twice = steeled({}, MODEL), steeled(halves, in_half_steps())
    both = (once > 0.0) & (twice > 0.0)
    assert both.sum() > 10 and both.sum() > 0.8 * (once > 0.0).sum()
    ratio = twice[both] / once[both]  # of all rates this one is not halved: both halves have all of it
    assert (ratio > 1.7).all() and (ratio < 2.1).all(), ratio


def test_the_order_of_the_half_steps() -> None:
    """Knowledge moves twice on the spot; all states move once, and then all of them once more, before anybody stops."""
    names = [phase.name for phase in MODEL.week]
    states = names.index("drift_of_style"), names.index("grow_curious") + 1
    first = [name for name in names[slice(*states)] if name != "remember"]
    again = {"open_unit": ["open_unit"], "practise": ["practise"], "grow_curious": first}
    assert [phase.name for phase in in_half_steps().week] == [
        name for phase in names for name in [phase, *again.get(phase, ())]
    ]


@pytest.mark.parametrize("policy", ["high-pressure", "mastery+self-paced+self-compassion"])
def test_half_steps_end_where_whole_ones_do(policy: str) -> None:
    """By 0.03 SD between students, in every outcome but the one of which docs/time.md says otherwise.

    Between them the policies need every rate: one that is not halved, or halved and applied once, moves some outcome.
    """
    found = compare(200, policy=policy)
    assert (found.index.name, *found.index) == ("outcome", *OUTCOMES)
    assert list(found) == ["unit", "whole", "half", "difference", "sd"]
    students = simulate(policy, rooms=200).per_student()[[*OUTCOMES]]
    assert found["unit"].tolist() == [outcome.unit for outcome in OUTCOMES.values()]
    assert found["whole"].tolist() == students.mean().tolist() and found["sd"].tolist() == students.std().tolist()
    assert (found["difference"] == found["half"] - found["whole"]).all() and found["difference"].any()
    same = found.drop(index="learned_after_failure")
    assert (same["difference"].abs() <= 0.03 * same["sd"]).all()
