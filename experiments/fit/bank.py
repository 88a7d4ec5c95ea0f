"""The bank of a fit: simulated worlds of one model, each with its figure for every row of the evidence.

A bank is made of studies (`setback.experiments.studies`), so it goes on where it was cut short, uses all processors and
may lie anywhere a study may. Its first study are worlds of the prior, whole Latin hypercubes; each later one are worlds
that a fit to the studies before it proposed (`setback.experiments.fit.rounds`). Every world has classes of its own, so
nothing that is learnt from a bank hangs on the luck of a few.
"""

from __future__ import annotations

from collections.abc import Sequence

from setback.experiments.evidence.measured import ALL, EFFECTS
from setback.experiments.fit.space import Array, Space
from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import Worlds, worlds
from setback.model.week import MODEL, Model

#: Classes in each arm and context of a world: two lanes of the compiled engine, as dear as 20.
ROOMS = 32
#: Worlds of each Latin hypercube of the prior.
CUBE = 1_000
#: The seed of all banks: a fit of synthetic figures never reads a world that it was made of.
SEED = 1_729


def of_prior(space: Space, cubes: int, effects: bool = False, model: Model = MODEL) -> Study:
    """Give the study of worlds of the prior: of the evidence, or of the effects of a failure."""
    made = worlds("lhs", space.ranges, n=CUBE, hypercubes=cubes, seed=SEED)
    return _study(space, made, f"fit-{space.null.name}{'-effects' * effects}", EFFECTS if effects else ALL, model)


def proposed(space: Space, table: Array, number: int, effects: bool = False, model: Model = MODEL) -> Study:
    """Give the study of worlds that were proposed in a round, (world, number of the space)."""
    made = Worlds("file", tuple(space.ranges), table)
    name = f"fit-{space.null.name}-{number}{'-effects' * effects}"
    # other rooms than those of the prior's worlds, and of any other round
    return _study(space, made, name, EFFECTS if effects else ALL, model).replace(seed=SEED + number)


def _study(space: Space, made: Worlds, name: str, rows: str, model: Model) -> Study:
    prior = Study.read("prior", model)
    held = model.parameters(space.null.held)
    return prior.replace(
        name=name, question=space.null.says, parameters=held, worlds=made, evidence=(rows,), seed=SEED, rooms=ROOMS
    )


def seeds(studies: Sequence[Study]) -> list[int]:
    """Give the seeds of some studies."""
    return [study.seed for study in studies]
