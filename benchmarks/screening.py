"""Screen everything uncertain by elementary effects: which numbers move the figures of a failure, and which are flat.

``python -m setback.benchmarks.screening --trajectories 10 --out found.csv`` moves one number at a time through the
ranges of the table (Morris 1991, doi:10.1080/00401706.1991.10484804; needs ``pip install -e ".[sensitivity]"``), under
the reference policy, in the same classes with the same luck. Ctrl-C ends it; what was measured until then is told.

A number's effect is per whole range: its mean over steps (``mu``, with the ``reach`` of its 95 % interval), the mean of
its size (``mu_star``, which does not cancel where the sign changes) and its spread (``sigma``, large where it depends
on the other numbers).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from setback.analysis.claims import estimate
from setback.experiments.twins.estimands import ESTIMANDS
from setback.experiments.twins.twins import failure_twins, join
from setback.model.engines.registry import chosen
from setback.model.engines.registry import engine as engine_named
from setback.model.mechanism import Param
from setback.model.outcomes import OUTCOMES
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL
from setback.model.writing import write_text

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

#: Classes of each world, and the share of their failures that is turned round.
ROOMS, SHARE, WEEKS = 6, 0.3, 36
FIGURES = ("R_F", "Lambda_F", "V_F_unit", "V_F_year")
MEANS = ("learning", "helpless_or_stopped")


def uncertain() -> list[Param]:
    """Give the numbers of a world that are uncertain."""
    rows = (row for row in MODEL.table.rows if row.kind in ("student", "mechanism"))
    return [row for row in rows if row.distribution != "fixed"]


def figures(point: Sequence[float]) -> list[float]:
    """Give `FIGURES` and `MEANS` at a point of the unit cube; NaN where nobody fails."""
    import pandas as pd

    world = {}
    for row, share in zip(uncertain(), point):
        is_log = row.distribution == "loguniform"
        value = row.low * (row.high / row.low) ** share if is_log else row.low + share * (row.high - row.low)
        world[row.name] = float(np.clip(value, row.low, row.high))
    parameters, policy, run = MODEL.parameters(world), Policy(), engine_named(chosen("auto"))
    years, found = [], []
    for room in range(ROOMS):
        seats = Roster.synthetic().seats([room], 0)
        year, twins = failure_twins(seats, [policy], parameters, WEEKS, SHARE, run, ["line"])
        years.append([float(np.nanmean(OUTCOMES[name].of(year.end, WEEKS))) for name in MEANS])
        found.append(twins)
    spared = pd.DataFrame(join(found)).query("spared")
    if not len(spared):
        return [np.nan] * len(FIGURES) + np.mean(years, 0).tolist()
    spared = spared.assign(**{"class": spared["room"]})
    return [estimate(spared, ESTIMANDS[name]).value for name in FIGURES] + np.mean(years, 0).tolist()


def screen(trajectories: int, processes: int, seed: int) -> pd.DataFrame:
    """Measure the elementary effects: one row a figure and number."""
    import pandas as pd
    from SALib.sample import morris

    rows = uncertain()
    problem: dict[str, Any] = {
        "num_vars": len(rows), "names": [row.name for row in rows], "bounds": [[0.0, 1.0]] * len(rows),
    }  # fmt: skip
    points = morris.sample(problem, trajectories, num_levels=4, seed=seed)
    one, measured = len(rows) + 1, list[list[float]]()
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        try:
            for found in pool.map(figures, points.tolist()):
                measured.append(found)
                print(f"\r{len(measured)} of {len(points)} worlds", end="", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    print()
    if len(measured) < one:
        raise SystemExit("no trajectory is complete")
    return pd.concat([effects(points, np.array(measured)[:, k], name) for k, name in enumerate((*FIGURES, *MEANS))])


def effects(points: Array, values: Array, figure: str) -> pd.DataFrame:
    """Give the elementary effects of one figure: one row a number.

    A step with a figure that is not known at either end is left out, not the whole trajectory.

    Args:
        points: (world, number) of the unit cube, trajectory by trajectory.
        values: (world,) the figure, of the first worlds; NaN where it is not known.
        figure: its name.
    """
    import pandas as pd

    names, one = [row.name for row in uncertain()], points.shape[1] + 1
    found: dict[str, list[float]] = {name: [] for name in names}
    for last in range(1, len(values)):
        if last % one == 0:
            continue  # the next trajectory begins
        step = points[last] - points[last - 1]
        (k,) = np.flatnonzero(step)
        effect = (values[last] - values[last - 1]) / step[k]
        if np.isfinite(effect):
            found[names[k]].append(float(effect))
    rows = [
        {
            "figure": figure, "number": name, "mu": np.mean(e), "reach": 1.96 * np.std(e, ddof=1) / np.sqrt(len(e)),
            "mu_star": np.mean(np.abs(e)), "sigma": np.std(e, ddof=1), "steps": len(e),
        }
        for name, e in found.items() if len(e) > 1
    ]  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    """Screen, and print what matters most and what is flat."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trajectories", type=int, default=10)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = screen(asked.trajectories, asked.processes, asked.seed)
    for name, rows in found.groupby("figure", sort=False):
        ranked = rows.sort_values("mu_star", ascending=False)
        print(f"\n{name}, per whole range, {ranked['steps'].min()} to {ranked['steps'].max()} steps each")
        print(ranked.head(12)[["number", "mu", "reach", "mu_star", "sigma"]].round(3).to_string(index=False))
        flat = ranked.query("mu_star < 0.02 * @ranked.mu_star.max()")["number"]
        print(f"below a fiftieth of the largest: {len(flat)} of {len(ranked)}: {', '.join(sorted(flat))}")
    if asked.out:
        write_text(asked.out, found.to_csv(index=False))


if __name__ == "__main__":
    main()
