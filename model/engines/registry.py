"""The engines by name: one call, three ways to run a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from setback.model.engines.block import Block, Held, Run
from setback.model.errors import unknown
from setback.model.week import MODEL, Model

#: The engines, each a module of `setback.model.engines` that is imported when it is asked for.
ENGINES = ("vectorised", "compiled", "mesa")
AUTO = "auto"


class Engine(Protocol):
    """Runs every column of a block; see `setback.model.engines.vectorised.run`."""

    def __call__(
        self,
        block: Block,
        weeks: int,
        keep: Sequence[str] = (),
        hold: Mapping[str, Held] | None = None,
        model: Model = MODEL,
    ) -> Run:
        """Run the block for some weeks."""


class Means(Protocol):
    """Gives the class means of outcomes; see `setback.model.engines.compiled.measure`."""

    def __call__(
        self, block: Block, weeks: int, outcomes: Sequence[str], model: Model = MODEL
    ) -> NDArray[np.float64] | None:
        """Run the block for some weeks; None where the means have to be made from a run."""


def means(name: str) -> Means | None:
    """Give what makes class means inside an engine; None where the engine gives every student's numbers alone."""
    found: Means | None = getattr(import_module(f"setback.model.engines.{name}"), "measure", None)
    return found


def chosen(name: str) -> str:
    """Give the name of an engine: of ``auto`` compiled where llvmlite is installed, else vectorised.

    Raises:
        InputError: there is no such engine.
    """
    if name == AUTO:
        return "compiled" if find_spec("llvmlite") is not None else "vectorised"
    if name not in ENGINES:
        raise unknown("engine", name, (*ENGINES, AUTO))
    return name


def engine(name: str) -> Engine:
    """Give the engine of a name.

    Raises:
        InputError: there is no such engine.
    """
    if name not in ENGINES:
        raise unknown("engine", name, ENGINES)
    run: Engine = import_module(f"setback.model.engines.{name}").run
    return run
