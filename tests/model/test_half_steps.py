"""A year in half steps: every rate that is halved is applied twice, and no other."""

import ast
import inspect
import textwrap

from setback.experiments.half_steps import HALVED, TWICE, in_half_steps
from setback.model.week import MODEL


def test_what_is_halved_is_applied_twice() -> None:
    """Else it would be lost by half, or count twice."""
    reading: dict[str, set[str]] = {}
    for phase in MODEL.week:
        if not isinstance(phase.by, str):
            tree = ast.parse(textwrap.dedent(inspect.getsource(phase.by)))
            for node in (node for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
                reading.setdefault(node.attr, set()).add(phase.name)
    twice = {function.__name__ for function in TWICE}
    assert {name: reading.get(name) for name in HALVED if not reading.get(name, {"nobody"}) <= twice} == {}
    count = [phase.name for phase in in_half_steps().week]
    assert {name: count.count(name) for name in twice} == dict.fromkeys(twice, 2)
