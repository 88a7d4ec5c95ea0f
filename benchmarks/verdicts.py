"""How often intervals of predictions hold the truth, and how often a verdict is wrong.

``python -m setback.benchmarks.verdicts coverage``, or ``error results/verdicts/<hash>``. *Coverage*: one world under
the reference policy, 200 samples of twelve classes each; the truth is what all of them together say. *Error*: effects
of 0, half the mark and twice the mark planted in every one of 64 worlds, with errors as they lie about the worlds of a
study of verdicts, 200 times each; how often that is called supported. Seeds were fixed before the first run.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from setback.analysis.audit import shares
from setback.analysis.load import load
from setback.analysis.predictions import drawn_again, figures
from setback.analysis.verdicts import SUPPORTED, verdict
from setback.experiments.predictions.measures import Case, Row, measured
from setback.experiments.predictions.predictions import PREDICTIONS, named
from setback.model.engines.registry import engine
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

SEED, SAMPLES, CLASSES, LEVEL, SHARE = 2611, 200, 12, 0.90, 0.3
#: Worlds of a planted study, and how often it is made.
WORLDS, REPEATS = 64, 200
#: The predictions that get a verdict, as the prior leaves them open; their place is part of the seed.
PLANTED = ("K1", "K4a", "K6", "P1", "P2", "P3 line unit", "P3 practice unit", "K4b", "P3 line year", "P3 label unit",
           "P3 label year", "P4 without consolidation", "P5 challenge")  # fmt: skip


def sample(number: int) -> pd.DataFrame:
    """Measure every prediction in twelve classes of the reference world under the reference policy."""
    rooms = range(number * CLASSES, (number + 1) * CLASSES)
    seats = [Roster.synthetic().seats([room], SEED) for room in rooms]
    case = Case(Policy(), False, Parameters(), seats, 36, SHARE, engine("compiled"), MODEL)
    return pd.DataFrame(list(measured(named(["all"]), case)), columns=Row._fields).assign(sample=number)


def coverage(processes: int) -> pd.DataFrame:
    """Give for each figure how many intervals hold the truth, of how many."""
    with ProcessPoolExecutor(processes) as pool:
        parts = []
        for done, part in enumerate(pool.map(sample, range(SAMPLES)), 1):
            parts.append(part)
            print(f"\r{done} of {SAMPLES} samples", end="", flush=True)
    print()
    rows = pd.concat(parts, ignore_index=True)
    truth = figures(rows).set_index("figure")["value"]
    marks = list(dict.fromkeys(mark.figure for row in PREDICTIONS.values() for mark in row.marks))
    found = []
    for figure in marks:
        mine = rows[rows["figure"] == figure]
        estimates = [drawn_again(of, LEVEL) for _, of in mine.groupby("sample")]
        known = [one for one in estimates if np.isfinite([one.low, one.high]).all()]
        held = sum(one.low <= truth[figure] <= one.high for one in known)
        if known:
            low, high = binomtest(held, len(known), LEVEL).proportion_ci(0.99)
            found.append(
                {"figure": figure, "truth": truth[figure], "held": held, "of": len(known),
                 "coverage": held / len(known), "low": low, "high": high, "within": low <= LEVEL <= high}
            )  # fmt: skip
    return pd.DataFrame(found)


def moved(rows: pd.DataFrame, name: str, size: float) -> pd.DataFrame:
    """Move the figures of a prediction in every world to a multiple of their marks; errors of rooms stay about them."""
    now = figures(rows, ["world"]).set_index(["world", "figure"])["value"]
    wanted = {mark.figure: size * mark.delta * (1.0 if mark.above else -1.0) for mark in PREDICTIONS[name].marks}
    shift = rows["figure"].map(wanted).to_numpy() - now.loc[list(zip(rows["world"], rows["figure"]))].to_numpy()
    first = rows["arm"] == rows.groupby(["world", "figure"])["arm"].transform("first")
    return rows.assign(value=rows["value"] + np.where(first, shift / rows["coefficient"], 0.0)).reset_index(drop=True)


def planted(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw worlds, and in each of them rooms, with replacement."""
    places = rows.groupby(["world", "room"]).indices
    rooms = rows.groupby("world")["room"].unique()
    taken = [
        (k, j, places[(world, room)])
        for k, world in enumerate(rng.choice(rooms.index, WORLDS))
        for j, room in enumerate(rng.choice(rooms[world], len(rooms[world])))
    ]
    sizes = [len(at) for _, _, at in taken]
    drawn = rows.take(np.concatenate([at for _, _, at in taken]))
    return drawn.assign(
        world=np.repeat([k for k, _, _ in taken], sizes), room=np.repeat([j for _, j, _ in taken], sizes)
    )


def errors(folder: Path, policy: str, processes: int) -> Iterator[dict[str, object]]:
    """Give for each prediction and size how often it is called supported.

    A prediction that is not tried under the policy is planted under the first one of the study under which it is.
    """
    every = load(folder).predictions
    every = every.assign(policy=every["policy"].astype(str), figure=every["figure"].astype(str))
    sources = [source(every, name, policy) for name in PLANTED if name in load(folder).study["predictions"]]
    asked = [(*one, size) for one in sources for size in (0.0, 0.5, 2.0)]
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(error, *zip(*asked))


def source(every: pd.DataFrame, name: str, policy: str) -> tuple[str, str, pd.DataFrame]:
    """Give a prediction, the policy, and the rows of its figures in the worlds in which all of them are known."""
    figures_of = [mark.figure for mark in PREDICTIONS[name].marks]
    rows = every[every["figure"].isin(figures_of)]
    tried = list(dict.fromkeys(rows["policy"]))
    policy = policy if policy in tried else tried[0]
    rows = rows[rows["policy"] == policy]
    there = figures(rows, ["world"])
    enough = there[(there["n"] >= 10) & (there["rooms"] > 1)].groupby("world").size() == len(figures_of)
    return name, policy, rows[rows["world"].isin(enough.index[enough])]


def error(name: str, policy: str, rows: pd.DataFrame, size: float) -> dict[str, object]:
    """Say how often a prediction is called supported whose figures were moved to a multiple of their marks."""
    rng = np.random.default_rng([SEED, PLANTED.index(name), int(2 * size)])
    called, there = 0, moved(rows, name, size)
    for _ in range(REPEATS):
        found = shares(planted(there, rng), [name])
        called += bool(len(found)) and verdict(float(found["holds"].iloc[0])) == SUPPORTED
    test = binomtest(called, REPEATS, 0.05, alternative="greater")
    return {
        "prediction": name, "policy": policy, "planted": size, "supported": called / REPEATS,
        "p_above_5_percent": test.pvalue,
    }  # fmt: skip


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("coverage", "error"))
    parser.add_argument("folder", nargs="?", type=Path, help="for error: a finished run of study verdicts")
    parser.add_argument("--policy", default="criterion", help="for error: whose errors are planted")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if asked.what == "coverage":
        found = coverage(asked.processes)
        print(found.round(3).to_string(index=False))
        print(f"pooled: {found['held'].sum() / found['of'].sum():.3f} of {found['of'].sum()}")
        return
    for row in errors(asked.folder, asked.policy, asked.processes):
        print(row, flush=True)


if __name__ == "__main__":
    main()
