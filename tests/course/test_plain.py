"""The plain reading agrees with the whole model, in which everything that it leaves out is off."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from setback.model.engines import vectorised as engine
from setback.model.engines.block import columns, draw_luck
from setback.model.parameters import STRENGTHS, Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, OPENING, WEEK

FILE = Path(__file__).parent.parent.parent / "docs" / "course" / "plain.py"
SOURCE = FILE.read_text(encoding="utf-8")
WEEKS, SIZE = 36, 30
ROWS = MODEL.table.by_name
#: What the plain reading calls the slots of the model, where it does not call them the same.
NAMES = {"lasting_conceptual": "cumulative_conceptual", "lasting_procedural": "cumulative_procedural"}
SAME = (
    "conceptual", "procedural", "expectancy", "control", "affect", "history", "resolve", "effort", "grade",
    "submitted", "enrolled",
)  # fmt: skip
NAMES |= {name: name for name in SAME}
#: The numbers and levers that it reads.
NUMBERS = sorted({name for name in re.findall(r"\bp\.(\w+)", SOURCE) if name in ROWS})
LEVERS = sorted({*re.findall(r"\bq\.(\w+)", SOURCE)})


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    """The file, as a module."""
    spec = importlib.util.spec_from_file_location("plain_reading", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def world(plain: ModuleType, **numbers: float) -> Parameters:
    """A world with the mechanisms of the plain reading on, and all others off."""
    on = {name: float(name.removeprefix("strength_") in plain.ON) for name in STRENGTHS}
    return Parameters({**on, **numbers})


def apart(plain: ModuleType, numbers: Parameters, levers: dict[str, float], room: int = 0) -> float:
    """The largest difference of any state of any student in any week, of the same class with the same luck."""
    seats = Roster.synthetic(SIZE).seats([room], 5)
    whole = engine.run(columns(seats, [Policy(**levers)], [numbers]), WEEKS, tuple(NAMES.values())).trace
    opening, week = draw_luck(OPENING, seats, None), draw_luck(WEEK, seats, range(WEEKS))

    def luck(decision: str, student: Any) -> float:
        seat = 0 if student is None else student.seat
        if decision in opening:
            return float(opening[decision][0, seat, 0])
        return float(week[decision][student.model.week, seat, 0])

    own = plain.Classroom(numbers, luck, **levers)
    worst = 0.0
    for k in range(WEEKS):
        own.step()
        for name, slot in NAMES.items():
            values = [float(getattr(student, name)) for student in own.students]
            worst = max(worst, float(np.abs(np.array(values) - whole[slot][k, :, 0]).max()))
    return worst


@pytest.mark.parametrize("policy", [{}, {"told": 0.0, "counted": 0.0, "threat": 0.1}, {"threat": 0.9, "cut": 0.5}])
def test_it_agrees_under_plain_policies(plain: ModuleType, policy: dict[str, float]) -> None:
    """The numbers of the table, three ways to grade: the same year for every student."""
    assert apart(plain, world(plain), policy) < 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_in_any_world(plain: ModuleType, seed: int) -> None:
    """Every number and gain that it reads and every lever that it knows, of its whole range; some students stop."""
    rng = np.random.default_rng(seed)
    drawn = {name: rng.uniform(ROWS[name].low, ROWS[name].high) for name in NUMBERS}
    drawn |= {name: rng.uniform(0.0, 2.0) for name in MODEL.table.gains.values()}
    drawn |= {"skip_level": rng.uniform(-3, -1), "dropout_level": rng.uniform(-7, -5)}
    levers = {name: rng.uniform(ROWS[name].low, ROWS[name].high) for name in LEVERS}
    assert apart(plain, world(plain, **drawn), levers | {"counted": 0.0}, room=seed) < 1e-9


def test_the_comparison_sees_a_mechanism_that_is_missing(plain: ModuleType) -> None:
    """Each of its mechanisms off in the whole model, and any other one on, is seen: so none can get lost unnoticed."""
    for name in plain.ON:
        numbers = world(plain).replace(**{f"strength_{name}": 0.0})
        assert apart(plain, numbers, {"threat": 0.7}) > 1e-3, name
    assert apart(plain, world(plain, strength_resilience=1.0), {"threat": 0.7}) > 1e-3


def test_it_is_short_and_runs_by_itself(plain: ModuleType) -> None:
    """Under 200 lines; on its own luck students differ, some fail and some of the shame of the year is left."""
    assert len(SOURCE.splitlines()) < 200
    room = plain.Classroom(threat=0.7)
    for _ in range(WEEKS):
        room.step()
    assert room.week == WEEKS and len({student.control for student in room.students}) == SIZE
    assert 0 < sum(student.failed for student in room.students) < SIZE
    assert max(student.affect for student in room.students) > 0.1
