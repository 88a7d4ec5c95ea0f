"""One small sweep by four roads: mesa.batch_run, a loop over classes in numpy, and setback's two engines.

Each run is a process of its own, so that its peak of memory is its own; the roads take turns, and all must agree on
every class. ``python -m setback.benchmarks.sweeps --help`` says what can be changed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from setback.benchmarks.peer import PeerClassroom
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Tasks, block_of, live
from setback.experiments.studies.worlds import Range, worlds
from setback.model.engines.vectorised import run
from setback.model.keep import Keep
from setback.model.outcomes import OUTCOMES
from setback.model.policies import Policy

OUTCOME = "learning"


def small(count: int) -> Study:
    """Three policies, two rooms, so many worlds."""
    return Study.read("rigor").replace(
        policies=(Policy("criterion"), Policy("curve"), Policy("mastery")),
        worlds=worlds("lhs", [Range.of("level", -1, 1), Range.of("style_mean")], count),
        rooms=2,
        keep=Keep((OUTCOME,)),
        claim=None,
        engine="vectorised",
    )


class Swept(PeerClassroom):
    """The scalar Mesa peer as ``mesa.batch_run`` wants it: made from three numbers, measured at the end."""

    study: Study

    def __init__(self, world: int, policy: int, room: int) -> None:
        from mesa import DataCollector

        study = self.study
        numbers = dict(zip(study.worlds.names, study.worlds.table[world].tolist()))
        chosen = Policy(study.policies[policy].name, level=numbers.pop("level"))
        seats = study.roster.seats([room], study.seed)
        super().__init__(seats, chosen, study.parameters.replace(**numbers), study.weeks)
        self.datacollector = DataCollector(model_reporters={OUTCOME: learning})

    def step(self) -> None:
        """One week, and what ``batch_run`` needs of it: a row for every step, of which it takes the last."""
        super().step()
        self.datacollector.collect(self)
        self.running = self.week < self.weeks


def learning(classroom: PeerClassroom) -> float:
    """Conceptual gain of the year (SD), mean of the class."""
    names = ("cumulative_conceptual", "opening_knowledge")
    end = {name: np.array([getattr(student, name) for student in classroom.students]) for name in names}
    return float(OUTCOMES[OUTCOME].of(end, classroom.weeks).mean())


def by_batch_run(study: Study) -> dict[tuple[int, int, int], float]:
    """``mesa.batch_run`` on the scalar peer, in one process."""
    import mesa

    Swept.study = study
    grid = {"world": range(len(study.worlds)), "policy": range(len(study.policies)), "room": range(study.rooms)}
    rows = mesa.batch_run(Swept, grid, number_processes=1, display_progress=False)
    return {(row["world"], row["policy"], row["room"]): row[OUTCOME] for row in rows}


def by_loop(study: Study) -> dict[tuple[int, int, int], float]:
    """One class after the other through the numpy engine."""
    found = {}
    for room in range(study.rooms):
        seats = study.roster.seats([room], study.seed)
        for world in range(len(study.worlds)):
            for policy in range(len(study.policies)):
                block = block_of(study, seats, np.array([policy]), np.array([0]), np.array([world]))
                end = run(block, study.weeks).end
                found[world, policy, room] = float(OUTCOMES[OUTCOME].of(end, study.weeks).mean())
    return found


def by_setback(study: Study) -> dict[tuple[int, int, int], float]:
    """What ``setback run`` does, in one process."""
    place = {policy.name: k for k, policy in enumerate(study.policies)}
    found: dict[tuple[int, int, int], float] = {}
    for task in Tasks(study):
        rows = live(study, task)["outcomes"].select(["world", "policy", "room", OUTCOME]).to_pylist()
        found |= {(row["world"], place[row["policy"]], row["room"]): row[OUTCOME] for row in rows}
    return found


ROADS: Mapping[str, Callable[[Study], dict[tuple[int, int, int], float]]] = {
    "mesa.batch_run on the scalar peer": by_batch_run,
    "loop over numpy classes": by_loop,
    "setback, vectorised": by_setback,
    "setback, compiled": lambda study: by_setback(study.replace(engine="compiled")),
}


def timed(road: str, count: int) -> None:
    """Run one road in this process and print what it took; imports and a kernel's compilation are not counted."""
    study = small(count)
    ROADS[road](study.replace(worlds=worlds("lhs", study.worlds.ranges, 1), rooms=1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    found = ROADS[road](study)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    values = [found[key] for key in sorted(found)]
    print(json.dumps({"seconds": seconds, "peak": peak / 1024, "more": (peak - before) / 1024, "values": values}))


def measure(count: int, rounds: int) -> dict[str, dict[str, Any]]:
    """Time all roads in turns: seconds and MB, medians; ``more`` is what the sweep took beyond its imports."""
    roads = [road for road in ROADS if "compiled" not in road or importlib.util.find_spec("llvmlite")]
    runs: dict[str, list[dict[str, Any]]] = {road: [] for road in roads}
    for _ in range(rounds):
        for road in roads:
            command = [sys.executable, "-m", "setback.benchmarks.sweeps", "--road", road, "--worlds", str(count)]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            runs[road].append(json.loads(out.splitlines()[-1]))
    reference = np.array(runs[roads[0]][0]["values"])
    found = {}
    for road, of in runs.items():
        apart = max(float(np.abs(np.array(one["values"]) - reference).max()) for one in of)
        found[road] = {k: statistics.median(one[k] for one in of) for k in ("seconds", "peak", "more")} | {
            "apart": apart
        }
    return found


def report(found: Mapping[str, Mapping[str, Any]], count: int) -> str:
    """The measurements as a table."""
    study = small(count)
    classes = len(study.policies) * study.rooms * count
    first = next(iter(found.values()))
    lines = [
        f"{classes} classroom years of 30 students and 36 weeks, one process each, roads in turns, medians",
        f"{'':36}{'seconds':>9}{'times':>8}{'peak MB':>9}{'beyond imports':>16}{'apart':>10}",
    ]
    for road, row in found.items():
        times = first["seconds"] / row["seconds"]
        numbers = f"{row['seconds']:9.2f}{times:8.1f}{row['peak']:9.0f}{row['more']:16.1f}{row['apart']:10.0e}"
        lines.append(f"{road:36}{numbers}")
    return "\n".join(lines)


def main() -> None:
    """The command line of this file."""
    parser = argparse.ArgumentParser(prog="python -m setback.benchmarks.sweeps", description=__doc__)
    parser.add_argument("--worlds", type=int, default=64, help="worlds of the sweep")
    parser.add_argument("--rounds", type=int, default=3, help="how often each road is timed")
    parser.add_argument("--road", choices=list(ROADS), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.road:
        timed(asked.road, asked.worlds)
    else:
        print(report(measure(asked.worlds, asked.rounds), asked.worlds))


if __name__ == "__main__":
    main()
