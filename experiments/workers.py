"""Who lives the tasks of a study: this process, several of this machine, or the workers of a Dask cluster.

All give the same tables, task by task, in the order in which they end. A task that raises gives a `Failure`; a worker
that dies gives its tasks back, and only the one that it died of fails.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from setback.experiments.study import Study
from setback.experiments.task import Task, live
from setback.model import own
from setback.model.errors import InputError
from setback.model.policies import PARTS

if TYPE_CHECKING:
    import pyarrow as pa

#: Tasks that wait for each worker, so that none is idle and few are lost.
WAITING = 2
#: How often a worker of its own may die of a task before the task counts as failed: once may be chance.
MOST_DEATHS = 2
#: Windows cannot wait for more processes than these.
MOST_ON_WINDOWS = 61
#: Seconds without any worker after which a cluster counts as lost.
PATIENCE = 60.0
LOST = "the cluster has lost its workers; start some, and the same command goes on"


class Failure(NamedTuple):
    """Why a task failed: one sentence, and where in the program."""

    error: str
    where: str


Lived = tuple[Task, "dict[str, pa.Table] | Failure"]
#: A task whose tables lie in a folder.
PutDown = tuple[Task, "Path | Failure"]
#: Files with mechanisms of one's own, and the hashes of what they say.
Files = tuple[tuple[str, str], ...]


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def attempt(study: Study, task: Task) -> Lived:
    """Live a task; what it raises becomes a `Failure`, but for bad input, which would fail every other task too."""
    try:
        return task, live(study, task)
    except InputError:
        raise
    except Exception as error:
        return task, Failure(f"{type(error).__name__}: {error}", traceback.format_exc())


def on_this_machine(study: Study, tasks: Iterable[Task], processes: int) -> Generator[Lived, None, None]:
    """Live tasks in so many processes; one is this process itself."""
    # a mechanism that no file brought is known to this process alone
    if processes == 1 or not own.all_from_files():
        for task in tasks:
            yield attempt(study, task)
        return
    left = iter(tasks)
    while True:
        given: dict[int, Task] = {}
        with pool(study, processes) as made, contextlib.suppress(BrokenProcessPool):
            at_work: set[Future[PutDown]] = set()
            while True:
                for task in islice(left, WAITING * processes - len(given)):
                    given[task.number] = task
                    at_work.add(made.submit(_attempt_here, task))
                if not given:
                    return
                done, at_work = wait(at_work, return_when=FIRST_COMPLETED)
                for future in done:
                    task, found = _pick_up(future.result())
                    del given[task.number]
                    yield task, found
        yield from _one_by_one(study, [*given.values()])


def _one_by_one(study: Study, tasks: list[Task]) -> Iterator[Lived]:
    """Live tasks that were under way when a worker died: in one process, where only the task that kills it is lost."""
    deaths = 0
    while tasks:
        with pool(study, 1) as made, contextlib.suppress(BrokenProcessPool):
            while tasks:
                yield _pick_up(made.submit(_attempt_here, tasks[0]).result())
                del tasks[0]
                deaths = 0
            return
        deaths += 1
        if deaths == MOST_DEATHS:
            yield tasks.pop(0), Failure("its worker died; is there enough memory?", "")
            deaths = 0


@contextlib.contextmanager
def pool(study: Study, processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that know a study; they end with this one, and at once when it is stopped."""
    # spawn, so that every system starts its workers alike
    context = multiprocessing.get_context("spawn")
    most = min(processes, MOST_ON_WINDOWS) if sys.platform == "win32" else processes
    folder = Path(tempfile.mkdtemp(prefix="setback-"))
    made = ProcessPoolExecutor(most, context, _begin, (own.FILES, study, folder))
    try:
        yield made
    except BaseException:
        # what is not finished is not kept: there is nothing to wait for
        for worker in list((made._processes or {}).values()):
            worker.kill()
        raise
    finally:
        made.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(folder, ignore_errors=True)


_study: Study
_folder: Path


def _begin(files: list[Path], study: Study, folder: Path) -> None:
    """What a worker is told once: the files with mechanisms of one's own, the study, and where it puts its tables."""
    global _study, _folder
    _study, _folder = study, folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that hands out the tasks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for file in files:
        own.load(file)


def _end_with_parent() -> None:
    """A process whose parent was killed has nobody to work for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        shutil.rmtree(_folder, ignore_errors=True)
        os._exit(1)


# Tables go from a worker to the process that asked through files. A worker that is killed while it writes to the pipe
# of the pool leaves half a message there, which is waited for without end; a few bytes are written at once.
def _attempt_here(task: Task) -> PutDown:
    import pyarrow as pa

    task, found = attempt(_study, task)
    if isinstance(found, Failure):
        return task, found
    folder = _folder / str(task.number)
    try:
        folder.mkdir()
        for name, table in found.items():
            with (folder / name).open("wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
                stream.write_table(table)
    except OSError as error:
        return task, Failure(f"its tables cannot be put into {_folder}: {error.strerror or error}", "")
    return task, folder


def _pick_up(put_down: PutDown) -> Lived:
    import pyarrow as pa

    task, found = put_down
    if isinstance(found, Failure):
        return task, found
    tables = {}
    for path in sorted(found.iterdir()):
        with path.open("rb") as file, pa.ipc.open_stream(file) as stream:
            tables[path.name] = stream.read_all()
    shutil.rmtree(found)
    return task, tables


# ---- a cluster ---------------------------------------------------------------------------------------------
def on_cluster(study: Study, tasks: Iterable[Task], address: str) -> Generator[Lived, None, None]:
    """Live tasks on the workers of a Dask scheduler at an address such as ``tcp://127.0.0.1:8786``.

    Raises:
        InputError: Dask is not installed, nobody answers, no worker is there or all are lost, or a worker has other
            equations.
    """
    try:
        from distributed import Client
        from distributed.client import ClosedClientError
    except ImportError:
        raise InputError('a cluster needs Dask; install it with pip install -e ".[cluster]"') from None
    if not own.all_from_files():
        raise InputError("a mechanism that was made in a running program cannot reach a cluster; put it into a file")
    files = tuple((str(file), _digest(file)) for file in own.FILES)
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError):
        raise InputError(f"no Dask scheduler answers at {address}; start one with dask scheduler") from None
    with client:
        try:
            yield from _through(client, study, files, tasks)
        except (OSError, RuntimeError, ClosedClientError):  # the scheduler is gone, and in time the connection to it
            raise InputError(LOST) from None


def _through(client: Any, study: Study, files: Files, tasks: Iterable[Task]) -> Iterator[Lived]:
    from distributed import CancelledError, as_completed

    _wait_for_workers(client, "the cluster has no worker; start some with dask worker and the scheduler's address")
    key = study.key()
    left, at_work, queue = iter(tasks), dict[str, Task](), as_completed()
    shared = client.scatter(study, broadcast=True, hash=False)

    def submit(task: Task) -> None:
        future = client.submit(_attempt_there, shared, key, files, task, pure=False)
        at_work[future.key] = task
        queue.add(future)

    for task in islice(left, WAITING * sum(client.nthreads().values())):
        submit(task)
    while at_work:
        future = _next(client, queue)
        task = at_work.pop(future.key)
        try:
            error = future.exception()
            found = (task, Failure(f"{type(error).__name__}: {error}", "")) if error else future.result()
        except CancelledError:  # the study, or this result, went with the last worker that had it
            _wait_for_workers(client, LOST)
            shared = client.scatter(study, broadcast=True, hash=False)
            submit(task)
            continue
        if isinstance(error, InputError):
            raise error
        yield found
        future.release()
        for following in islice(left, 1):
            submit(following)


def _wait_for_workers(client: Any, otherwise: str) -> None:
    """Wait for a worker; InputError with this sentence when none comes."""
    with contextlib.suppress(TimeoutError):
        client.wait_for_workers(1, timeout=PATIENCE)
    if not client.nthreads():
        raise InputError(otherwise)


def _next(client: Any, queue: Any) -> Any:
    """The next future that ends; InputError when the cluster has no worker left."""
    ended: list[Any] = []
    waiting = threading.Thread(target=lambda: ended.append(next(queue)), daemon=True)
    waiting.start()
    while waiting.is_alive():
        waiting.join(PATIENCE)
        if waiting.is_alive() and not client.nthreads():
            raise InputError(LOST)
    return ended[0]


class _Loaded:
    """The mechanisms and policies of one's own that a worker of a cluster has: those of the run that it works for.

    It serves many runs, one after the other and, where it has several threads, side by side.
    """

    def __init__(self) -> None:
        self.change, self.living = threading.Condition(), 0
        self.files: Files | None = None
        self.parts: set[str] = set()

    @contextlib.contextmanager
    def of(self, files: Files) -> Iterator[None]:
        """Have what these files bring and nothing else; who needs others waits until nobody lives under these."""
        with self.change:
            self.change.wait_for(lambda: not self.living or self.files == files)
            if self.files != files:
                self._load(files)
            self.living += 1
        try:
            yield
        finally:
            with self.change:
                self.living -= 1
                self.change.notify_all()

    def _load(self, files: Files) -> None:
        self.files = None
        own.forget_all()
        for name in self.parts:
            PARTS.pop(name, None)
        before = set(PARTS)
        try:
            for file, digest in files:
                if not Path(file).is_file() or _digest(Path(file)) != digest:
                    raise InputError(
                        f"a worker of the cluster lacks {file}; it must lie at the same path on every worker"
                    )
                own.load(file)
        finally:
            self.parts = PARTS.keys() - before
        self.files = files


_loaded = _Loaded()
#: The study whose key was asked for last, and its key: they are the same for many tasks.
_last: tuple[Study, str] | None = None


def _attempt_there(study: Study, key: str, files: Files, task: Task) -> Lived:
    with _loaded.of(files):
        if _key_here(study) != key:
            raise InputError("a worker of the cluster has other equations; install the same version of setback there")
        return attempt(study, task)


def _key_here(study: Study) -> str:
    global _last
    last = _last
    if last is None or last[0] is not study:
        _last = last = (study, study.key())
    return last[1]


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
