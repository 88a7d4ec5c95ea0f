"""The same study on a Dask cluster: a real scheduler and real workers on this machine give the same bytes."""

import gc
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

from setback.analysis.load import load
from setback.experiments.studies import cluster as of_cluster
from setback.experiments.studies import workers
from setback.experiments.studies.cluster import Crew, Done, Errand, Kept, Pace, _run_there
from setback.experiments.studies.folder import file_of
from setback.experiments.studies.identity import fingerprint
from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import folder_of, run_study
from setback.experiments.studies.task import Tasks
from setback.model.custom import from_files
from setback.model.errors import InputError, StopError
from setback.model.week import MODEL

pytestmark = pytest.mark.slow

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


def identity_of(study: Study) -> workers.Identity:
    """What a worker compares with its own."""
    return study.key(), dict(study.modules()), fingerprint(study.engine)


def errand(study: Study, folder: Path, identity: workers.Identity | None = None, probe: str = ".nobody's") -> Errand:
    """What a worker is told, as it comes there."""
    told = Errand(pickle.dumps(study), identity or identity_of(study), folder, probe)
    there: Errand = pickle.loads(pickle.dumps(told))
    return there


def test_a_worker_that_would_give_other_numbers(study: Study, tmp_path: Path) -> None:
    """Is refused in a sentence that names what differs."""
    key, modules, bits = identity_of(study)
    with pytest.raises(
        InputError, match=r"other equations \(setback\.model\.engines\.block\); install the same version"
    ):
        errand(study, tmp_path, ("0" * 12, {**modules, "setback.model.engines.block": "?"}, bits)).store()
    with pytest.raises(InputError, match="the same equations give other last digits"):
        errand(study, tmp_path, (key, modules, "?")).store()


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

    def listens(self) -> None:
        """Wait until the scheduler answers."""
        host, port = self.address.removeprefix("tcp://").split(":")
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection((host, int(port))).close()
                return
            except OSError:
                assert time.monotonic() < end, "the scheduler does not answer"
                time.sleep(0.1)

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
    made.listens()
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
    only = cluster.worker()
    kept: list[int] = []

    def kill(done: int) -> None:
        kept.append(done)
        if len(kept) == 4:
            os.kill(only.pid, signal.SIGKILL)
            monkeypatch.setattr(of_cluster, "PATIENCE_OF_RUN", 1.0)

    with pytest.raises(StopError, match="the cluster has lost its workers; start some, and the same command goes on"):
        run_study(study, tmp_path, cluster=cluster.address, progress=kill)
    folder = folder_of(study, tmp_path)
    missing = load(folder).state.missing
    assert 0 < len(missing) <= len(Tasks(study)) - 3
    assert tables(run_study(study, tmp_path, processes=1)) == tables(run_study(study, tmp_path / "whole", processes=1))


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_scheduler_that_is_killed(
    study: Study, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sentence, and what was done is kept."""
    cluster.worker()
    with Client(cluster.address) as client:
        client.wait_for_workers(1, timeout=60)
    monkeypatch.setattr(of_cluster, "PATIENCE", 10.0)
    kept: list[int] = []

    def kill(done: int) -> None:
        kept.append(done)
        if len(kept) == 4:
            cluster.processes[0].kill()

    with pytest.raises(StopError, match="the cluster has lost its workers; start some, and the same command goes on"):
        run_study(study, tmp_path, cluster=cluster.address, progress=kill)
    missing = load(folder_of(study, tmp_path)).state.missing
    assert 0 < len(missing) <= len(Tasks(study)) - 3


OWN = """
import setback as sb

@sb.mechanism("affect", after="update_affect", strength="humour", source="a thesis",
              parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week")})
def laugh_it_off(affect, friends_effort, p):
    return affect * (1.0 - p.strength_humour * p.humour_relief * friends_effort * friends_effort)

portfolio = sb.part("portfolio", "grading", "Collected work.", told=0.0)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A file with a custom mechanism and a custom part of a policy."""
    path = tmp_path / "mine.py"
    path.write_text(OWN)
    return path


def with_file(study: Study, file: Path) -> Study:
    """A study of the model that a file adds to."""
    return study.replace(model=MODEL.with_file(file))


def test_a_worker_serves_runs_of_any_model(study: Study, mine: Path, tmp_path: Path) -> None:
    """Each task brings the model of its run, and no run leaves anything behind for the next."""
    keys = []
    for text in (OWN, OWN.replace("(0.2, 0.0", "(0.75, 0.0")):
        mine.write_text(text)
        of_run = with_file(study, mine)
        there = errand(of_run, tmp_path)
        assert there.store().study.model == of_run.model and there.store().key == of_run.key()
        assert isinstance(_run_there(there, [0]).found[0], dict)
        keys.append(of_run.key())
    assert len({study.key(), *keys}) == 3
    assert isinstance(_run_there(errand(study, tmp_path), [0]).found[0], dict)


def test_a_file_that_a_worker_lacks(study: Study, mine: Path, tmp_path: Path) -> None:
    """Or has otherwise: one sentence says where it must lie."""
    model = with_file(study, mine)
    packed, identity = pickle.dumps(model), identity_of(model)
    from_files.cache_clear()
    mine.write_text(OWN + "# changed\n")
    says = r"a worker lacks .*mine\.py as it was; it must lie at the same path for every worker"
    for _ in range(2):
        with pytest.raises(InputError, match=says):
            Errand(packed, identity, tmp_path, "").store()
        mine.unlink(missing_ok=True)


def test_keys_are_of_studies_not_of_their_places_in_memory(study: Study) -> None:
    """A study that is gone leaves its address to another, which has a key of its own."""
    for seed in range(20):
        assert workers._key_here(study.replace(seed=seed)) == study.replace(seed=seed).key()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_runs_with_and_without_a_file_on_one_worker(study: Study, cluster: Cluster, mine: Path, tmp_path: Path) -> None:
    """The worker that has run custom mechanisms gives the same bytes without them as if it never had."""
    cluster.worker()
    model = with_file(study, mine)
    with_it = run_study(model, tmp_path / "there", cluster=cluster.address)
    assert tables(with_it) == tables(run_study(model, tmp_path / "here", processes=1))
    without = run_study(study, tmp_path / "there", cluster=cluster.address)
    assert tables(without) == tables(run_study(study, tmp_path / "here", processes=1)) != tables(with_it)


def test_nobody_answers(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a scheduler is told in a sentence."""
    monkeypatch.setattr(of_cluster, "PATIENCE", 1.0)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at nonsense; start one with dask scheduler"):
        run_study(study, tmp_path, cluster="nonsense")


def test_a_machine_too_busy_to_start_a_thread_in_time(
    study: Study, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starts the client all the same: Dask's own start waits for ten seconds, and fails with a bare AssertionError."""
    loop = of_cluster._loop()
    monkeypatch.setattr("distributed.utils._CollectErrorThread", None)  # by which Dask starts a loop of its own
    with of_cluster.client_of(study, cluster.address) as client:
        assert client.status == "running" and client.loop is loop
    with of_cluster.client_of(study, cluster.address) as client:  # the loop goes on when a client is closed
        assert client.status == "running"


@pytest.mark.parametrize("address", ["nonsense", "tls://127.0.0.1:1", "tcp://127.0.0.1:1", "tcp://127.0.0.1:x"])
def test_a_client_that_cannot_start_is_closed(study: Study, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """At once, and not by the thread that happens to collect it: the one of the loop cannot."""
    gc.collect()  # those of other tests
    left: list[str] = []
    monkeypatch.setattr(Client, "__del__", lambda client: left.append(client.status))
    monkeypatch.setattr(of_cluster, "PATIENCE", 1.0)
    with pytest.raises(InputError, match=r"no Dask scheduler answers|needs certificates"):
        of_cluster.client_of(study, address)
    gc.collect()
    assert left == ["closed"]


def test_what_is_finished_outlives_a_wrong_address(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scheduler is asked before anything is cleared for a run anew."""
    monkeypatch.setattr(of_cluster, "PATIENCE", 1.0)
    folder = run_study(study, tmp_path, processes=1)
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_study(study, tmp_path, rerun=True, cluster="nonsense")
    assert load(folder).state.is_finished


def test_a_worker_that_reaches_the_folder(study: Study, tmp_path: Path) -> None:
    """Keeps its tasks there, those that nobody has kept, and says so; what it cannot reach it sends back."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/.probe").touch()
    near = errand(study, tmp_path / "mine", probe=".probe")
    done = _run_there(near, [3, 1])
    assert done.found == [Kept(None), Kept(None)] and done.seconds > 0
    assert len(pickle.dumps(done)) < 512
    files = {path: path.stat().st_mtime_ns for path in sorted((tmp_path / "mine").rglob("0*"))}
    assert [path.relative_to(tmp_path / "mine").as_posix() for path in files] == [
        "outcomes/00001.parquet", "outcomes/00003.parquet", "tasks/00001.json", "tasks/00003.json",
    ]  # fmt: skip
    assert _run_there(near, [1, 2]).found == [Kept(None), Kept(None)]
    assert all(path.stat().st_mtime_ns == before for path, before in files.items())
    assert file_of(tmp_path / "mine", "tasks", 2).exists()
    for elsewhere in (tmp_path / "mine", tmp_path / "not there"):  # the same path on another machine's disk, or none
        far = _run_there(errand(study, elsewhere, probe=".another"), [4])
        assert isinstance(far.found[0], dict) and not file_of(elsewhere, "tasks", 4).exists()
    assert not list((tmp_path / "mine").glob(".*.unfinished"))


def test_a_task_that_raises_at_a_worker(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is noted by it, and told in a few words."""
    (tmp_path / ".probe").touch()
    monkeypatch.setattr(workers, "live", lambda *_: 1 / 0)
    (kept,) = _run_there(errand(study, tmp_path, probe=".probe"), [0]).found
    assert isinstance(kept, Kept) and kept.failure and kept.failure.error.startswith("ZeroDivisionError")
    assert "ZeroDivisionError" in (tmp_path / "failed/00000.json").read_text()


def test_how_many_tasks_make_a_bundle() -> None:
    """One until it is known how long they take; then as many as take twenty seconds; few when few are left."""
    pace, one = Pace(), Kept(None)
    assert pace.bundle(100_000, 4) == 1
    pace.learn(Done([one], 0.5))
    assert pace.bundle(100_000, 4) == 40
    assert pace.bundle(100, 4) == 7 and pace.bundle(3, 4) == 1
    pace.learn(Done([one] * 4, 4.0))  # a second each
    assert pace.bundle(100_000, 4) == round(20 / 0.6)
    pace.learn(Done([one] * 2, 1000.0))
    assert pace.bundle(100_000, 4) == 1
    pace = Pace()
    pace.learn(Done([one, {}], 1.0))  # tables on their way are few at a time
    assert pace.bundle(100_000, 4) == 1


class Asked:
    """A cluster of so many threads, which counts how often it is asked."""

    def __init__(self, threads: int) -> None:
        self.threads, self.times = threads, 0

    def nthreads(self) -> dict[str, int]:
        """As a client of Dask gives them."""
        self.times += 1
        return {"a worker": self.threads} if self.threads else {}


def test_a_cluster_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that come are seen; one that has had none for long is lost, and not before."""
    now = [100.0]
    monkeypatch.setattr(of_cluster.time, "monotonic", lambda: now[0])
    asked = Asked(1)
    crew = Crew(asked)
    assert [crew.threads() for _ in range(5)] == [1] * 5 and asked.times == 1
    asked.threads = 4
    now[0] += of_cluster.EVERY
    assert crew.threads() == 4 and asked.times == 2
    asked.threads = 0
    now[0] += of_cluster.PATIENCE_OF_RUN
    assert crew.threads() == 0
    now[0] += 2 * of_cluster.EVERY
    with pytest.raises(StopError, match="the cluster has lost its workers"):
        crew.threads()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_workers_that_come_late(study: Study, cluster: Cluster, tmp_path: Path) -> None:
    """A run begins before there is any worker, and says so; those that come later have work, and write it."""
    said, done = list[str](), list[int]()

    def say(text: str) -> None:
        said.append(text)
        cluster.worker()

    def more(count: int) -> None:
        done.append(count)
        if len(done) == 2:
            cluster.worker()

    there = run_study(study, tmp_path / "there", cluster=cluster.address, say=say, progress=more)
    assert said == [of_cluster.NOBODY]
    assert tables(there) == tables(run_study(study, tmp_path / "here", processes=1))
    assert not list(there.rglob("*.unfinished"))


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_workers_that_see_no_shared_folder(
    study: Study, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Send their tables back, and the client writes the same bytes."""
    cluster.worker()
    probe = of_cluster._probe
    hidden = of_cluster.contextlib.contextmanager(lambda folder: iter([".hidden"]))
    monkeypatch.setattr(of_cluster, "_probe", hidden)
    kept, keep = list[int](), Store.keep
    monkeypatch.setattr(Store, "keep", lambda self, task, found: (kept.append(task.number), keep(self, task, found)))
    there = run_study(study, tmp_path / "there", cluster=cluster.address)
    assert sorted(kept) == [*range(len(Tasks(study)))]
    monkeypatch.setattr(of_cluster, "_probe", probe)
    kept.clear()
    shared = run_study(study, tmp_path / "shared", cluster=cluster.address)
    assert kept == [] and tables(shared) == tables(there)
