"""What the client of a Dask cluster does for each bundle of tasks, and how many cores it can feed.

A scheduler and a worker of many threads run on this machine. A task of theirs computes nothing: it sleeps as long as
a task takes, and gives a real task's tables. All that the client does is as in a run: what it takes of its processor,
the bytes that come back, and the share of the time in which the threads have work.
``python -m setback.benchmarks.client --help`` says what can be changed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from setback.experiments.studies import cluster
from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study, with_engine
from setback.experiments.studies.task import Failure, Task, live

#: Seconds to wait for a scheduler.
PATIENCE = 120.0


@contextlib.contextmanager
def dask(threads: int, folder: Path) -> Iterator[str]:
    """Start a scheduler and a worker of so many threads; give the scheduler's address."""
    about = folder / "scheduler.json"
    words = [sys.executable, "-m", "dask"]
    of_worker = ["--nthreads", str(threads), "--no-nanny", "--no-dashboard", "--scheduler-file", str(about)]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    host = ["--host", "127.0.0.1", "--port", "0"]
    started = [
        subprocess.Popen([*words, "scheduler", *host, "--no-dashboard", "--scheduler-file", str(about)], **quiet)
    ]
    try:
        end = time.monotonic() + PATIENCE
        while not about.exists() or not about.read_text():
            if time.monotonic() > end:
                raise SystemExit("the scheduler does not answer")
            time.sleep(0.1)
        started.append(subprocess.Popen([*words, "worker", *of_worker], **quiet))
        yield str(json.loads(about.read_text())["address"])
    finally:
        for process in started:
            process.kill()
            process.wait()


def simulated(tables: Any, seconds: float, sends: bool) -> None:
    """Have a worker sleep instead of computing; it says that it has kept its tables, or sends them."""

    def attempt(study: Study, task: Task) -> Any:
        time.sleep(seconds)
        return tables

    def ended(store: Store, task: Task, found: Any) -> tuple[Task, Failure | None]:
        return task, None

    vars(cluster).update(attempt=attempt, ended=ended)
    if sends:
        vars(cluster)["_is_reached"] = lambda folder, probe: False


def measured(study: Study, threads: int, seconds: float, tasks: int, sends: bool) -> dict[str, float]:
    """Run so many tasks that sleep.

    Returns:
        Per task and per bundle the milliseconds of the client's processor and the bytes that come back; tasks in a
        bundle; the share of the threads' time that they slept; and how many cores the client could feed.
    """
    from distributed import Client

    sizes: list[int] = []
    bundles: list[int] = []
    learn = cluster.Pace.learn

    def counted(self: cluster.Pace, done: cluster.Done) -> None:
        bundles.append(len(done.found))
        if len(bundles) % 50 == 1:
            sizes.append(len(pickle.dumps(done)) // len(done.found))
        learn(self, done)

    cluster.Pace.learn = counted  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as name, dask(threads, Path(name)) as address:
        store = Store(Path(name) / "results", study)
        store.folder.mkdir()
        cut = store.tasks
        with Client(address) as client:
            client.wait_for_workers(1, timeout=PATIENCE)
            client.run(simulated, live(study, cut[0]), seconds, sends)
        every = (cut[k % len(cut)] for k in range(tasks))
        running = cluster.on_cluster(store, every, address)
        next(running)  # until here the study is sent
        spent, begun = time.process_time(), time.perf_counter()
        count = sum(1 for _ in running)
        spent, took = time.process_time() - spent, time.perf_counter() - begun
    cluster.Pace.learn = learn  # type: ignore[method-assign]
    return {
        "tasks": tasks,
        "threads": threads,
        "seconds_per_task": seconds,
        "seconds": round(took, 1),
        "tasks_per_bundle": round(tasks / len(bundles), 1),
        "client_ms_per_task": round(1000 * spent / count, 3),
        "client_ms_per_bundle": round(1000 * spent / len(bundles), 3),
        "bytes_per_task": round(sum(sizes) / len(sizes)),
        "share_busy": round(count * seconds / threads / took, 3),
        "cores_fed": round(seconds * count / spent),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", default="rigor", help="the study whose tables come back")
    parser.add_argument("--threads", type=int, default=500, help="cores that are simulated")
    parser.add_argument("--seconds", type=float, default=0.4, help="seconds that a task takes")
    parser.add_argument("--tasks", type=int, default=50_000, help="tasks that are run")
    parser.add_argument("--tables", action="store_true", help="workers see no shared folder and send their tables")
    asked = parser.parse_args()
    study = with_engine(Study.read(asked.study))
    print(json.dumps(measured(study, asked.threads, asked.seconds, asked.tasks, asked.tables), indent=1))


if __name__ == "__main__":
    main()
