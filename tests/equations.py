"""Every equation of the model by its name, for the tests that call one."""

import inspect
from collections.abc import Callable

from setback.model.equations import (
    assessment,
    attribution,
    effort,
    feelings,
    grading,
    leaving,
    opening,
    pacing,
    practice,
    readiness,
    tallies,
)  # fmt: skip
from setback.model.week import Phase

MODULES = (opening, readiness, pacing, effort, practice, assessment, grading, attribution, feelings, leaving, tallies)
#: Those that stand in the files of the equations, in their order.
EQUATIONS: dict[str, Callable[..., object]] = {
    name: function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
}
globals().update(EQUATIONS)


def phase(
    kind: str, writes: str, by: Callable[..., object] | str, decision: str = "", lever: str = "", **bind: float
) -> Phase:
    """A phase of a function that declares nothing, with ``writes`` as one text."""
    return Phase(kind, tuple(writes.split()), by, decision, tuple(bind.items()), lever)
