"""The bank of a fit: simulated worlds of one model, each with its figure for every row of the evidence.

A bank is made of studies (`setback.experiments.studies`), so it goes on where it was cut short, uses all processors and
may lie anywhere a study may. Its first study are worlds of the prior, whole Latin hypercubes; each later one are worlds
that a fit to the studies before it proposed (`setback.experiments.fit.rounds`). Every world has classes of its own, so
nothing that is learnt from a bank hangs on the luck of a few.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from setback.experiments.evidence.effects import ROOMS as MOST
from setback.experiments.evidence.measured import ALL, EFFECTS
from setback.experiments.fit.space import Array, Space
from setback.experiments.studies.folder import EVIDENCE, check, name_of, read_manifest, sha256
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.experiments.studies.worlds import Worlds, worlds
from setback.model.engines.registry import AUTO
from setback.model.errors import StopError
from setback.model.reading import opened, parse_json, read_text
from setback.model.shipped import shipped
from setback.model.week import MODEL, Model

#: Classes in each arm and context of a world, as many as the compiled engine runs side by side: more worlds say more
#: than more classes of each.
ROOMS = 16
#: Worlds of each Latin hypercube of the prior.
CUBE = 1_000
#: Where the best worlds of searches are kept (``python -m setback.benchmarks.search``), and the least share of one that
#: worlds about it keep.
OPTIMA, LEAST_KEPT = shipped("setback.experiments") / "fit", 0.33
#: The seed of all banks: a fit of synthetic figures never reads a world that it was made of.
SEED = 1_729


def of_prior(space: Space, cubes: int, model: Model = MODEL) -> Study:
    """Give the study of worlds of the prior."""
    made = worlds("lhs", space.ranges, n=CUBE, hypercubes=cubes, seed=SEED)
    return _study(space, made, f"fit-{space.null.name}", ALL, SEED, model)


def proposed(space: Space, table: Array, number: int, model: Model = MODEL) -> Study:
    """Give the study of worlds that were proposed in a round, (world, number of the space): in rooms of their own."""
    made = Worlds("file", tuple(space.ranges), table)
    return _study(space, made, f"fit-{space.null.name}-round-{number}", ALL, SEED + number, model)


def near_optimum(space: Space, count: int) -> Array | None:
    """Give worlds about the best that a search found, (world, number of the space); None where no search was made.

    In coordinates in which the prior is standard normal, each world keeps a share of the optimum between a third and
    all of it, and the rest is the prior's: so that the emulator learns what lies between the two.
    """
    path = OPTIMA / f"optimum-{space.null.name}.json"
    if not path.is_file():
        return None
    numbers = parse_json(read_text(path, path.name), path.name)["numbers"]
    at = ndtri(np.clip(space.at(numbers), 0.02, 0.98))
    rng = np.random.default_rng(SEED)
    kept = rng.uniform(LEAST_KEPT, 1.0, (count, 1))
    worlds = kept * at + np.sqrt(1.0 - kept**2) * rng.standard_normal((count, len(space.rows)))
    return space.values(ndtr(worlds))


def of_effects(space: Space, table: Array, number: int, model: Model = MODEL) -> Study:
    """Give the study of the effects of a failure in worlds of a round, 0 for the prior."""
    made = Worlds("file", tuple(space.ranges), table)
    study = _study(space, made, f"fit-{space.null.name}-effects-{number}", EFFECTS, SEED + number, model)
    return study.replace(rooms=MOST)


def _study(space: Space, made: Worlds, name: str, rows: str, seed: int, model: Model) -> Study:
    held = model.parameters(space.null.held)
    return Study.read("prior", model).replace(
        name=name, question=space.null.says, parameters=held, worlds=made, evidence=(rows,), seed=seed, rooms=ROOMS,
        engine=AUTO,
    )  # fmt: skip


def simulated(
    study: Study, results: Path, processes: int | None = None, progress: Callable[[int], None] = lambda worlds: None
) -> pd.DataFrame:
    """Run what is missing of a study of a bank, and give its figures, (world, row).

    Args:
        study: one of the above.
        results: the folder of all results.
        processes: how many run at once.
        progress: called with the worlds done since it was called last.

    Raises:
        StopError: if worlds failed.
    """
    import pyarrow.parquet as pq

    folder = run_study(
        study, results, processes, progress=lambda rooms: progress(rooms // study.rooms), retry_failed=True
    )
    state = check(folder, read_manifest(folder))
    if not state.is_finished:
        raise StopError(f"worlds of {folder} failed; setback status says why, and the same command tries again")
    files = [name_of(EVIDENCE, number) for number in state.done]
    parts = []
    for file in files:
        with opened(folder / file, file) as stream:
            content = stream.read()
        if sha256(content) != state.sha256[file]:
            raise StopError(f"{folder / file} is not as it was written; the same command makes it anew")
        parts.append(pq.read_table(io.BytesIO(content)).to_pandas())
    table = pd.concat(parts).set_index("world").sort_index()
    return table.reset_index(drop=True)
