"""Every equation of the model by its name, for the tests that call one."""

import inspect
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from setback.model import equations
from setback.model.week import Phase

MODULES = [import_module(f"{equations.__name__}.{found.name}") for found in iter_modules(equations.__path__)]
#: Those that stand in the files of the equations.
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
