"""The same study on a Dask cluster: a real scheduler and real workers on this machine give the same bytes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from setback.experiments import workers
from setback.experiments.store import Store
from setback.experiments.study import Study
from setback.experiments.sweep import folder_of, run_study
from setback.experiments.task import Tasks
from setback.model.errors import InputError

TEXT = """
[study]
name = "spread"
seed = 2
[policies]
grading = ["criterion", "curve"]
[worlds]
design = "lhs"
n = 40
vary = { level = [-1, 1] }
[rooms]
count = 18
size = 6
weeks = 6
[twins]
share = 0
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study of eighteen tasks."""
    path = tmp_path_factory.mktemp("studies") / "spread.toml"
    path.write_text(TEXT)
    return Study.read(path).replace(engine="vectorised")


def tables(folder: Path) -> dict[str, bytes]:
    """Every Parquet file of a run."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A scheduler and its workers, started as the README says."""

    def __init__(self, folder: Path) -> None:
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.folder, self.processes = folder, list[subprocess.Popen[bytes]]()
        host, port = "--host", self.address.rpartition(":")[2]
        self.start("scheduler", host, "127.0.0.1", "--port", port, "--no-dashboard")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """One more process of the cluster."""
        dask = [sys.executable, "-m", "dask", *words]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen(dask, cwd=self.folder, start_new_session=True, **quiet))
        return self.processes[-1]

    def worker(self) -> subprocess.Popen[bytes]:
        """One more worker."""
        return self.start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")

    def end(self) -> None:
        """End all of it."""
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    made = Cluster(tmp_path)
    time.sleep(1.0)
    yield made
    made.end()


# Dask's own code leaves a socket open when a scheduler is gone
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_same_bytes_though_a_worker_is_killed(study: Study, cluster: Cluster, tmp_path: Path) -> None:
    """What two workers of a cluster give, one of them killed in the middle, is what one process gives."""
    here = run_study(study, tmp_path / "here", processes=1)
    victim, _ = cluster.worker(), cluster.worker()
    kept: list[int] = []

    def kill(done: int) -> None:
        kept.append(done)
        if len(kept) == 4:
            os.kill(victim.pid, signal.SIGKILL)

    there = run_study(study, tmp_path / "there", cluster=cluster.address, progress=kill)
    assert victim.wait() == -signal.SIGKILL
    assert there.name == here.name and len(kept) == len(Tasks(study)) + 1
    assert tables(there) == tables(here)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_that_is_lost(
    study: Study, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence, what was done is kept, and the run goes on on this machine to the same bytes."""
    monkeypatch.setattr(workers, "PATIENCE", 2.0)
    with pytest.raises(InputError, match="the cluster has no worker; start some with dask worker"):
        run_study(study, tmp_path, cluster=cluster.address)
    monkeypatch.setattr(workers, "PATIENCE", 10.0)
    only = cluster.worker()
    kept: list[int] = []

    def kill(done: int) -> None:
        kept.append(done)
        if len(kept) == 4:
            os.kill(only.pid, signal.SIGKILL)
            workers.PATIENCE = 1.0

    with pytest.raises(InputError, match="the cluster has lost its workers; start some, and the same command goes on"):
        run_study(study, tmp_path, cluster=cluster.address, progress=kill)
    folder = folder_of(study, tmp_path)
    missing = [task.number for task in Store(folder, study).missing()]
    assert 0 < len(missing) <= len(Tasks(study)) - 3
    assert tables(run_study(study, tmp_path, processes=1)) == tables(run_study(study, tmp_path / "whole", processes=1))


def test_nobody_answers(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a scheduler is told in a sentence."""
    monkeypatch.setattr(workers, "PATIENCE", 1.0)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at nonsense; start one with dask scheduler"):
        run_study(study, tmp_path, cluster="nonsense")
