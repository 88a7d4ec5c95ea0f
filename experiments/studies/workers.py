"""Who runs the tasks of a study: this process, several of this machine, or the workers of a Dask cluster.

What runs a task on this machine also keeps it; a cluster's workers send their tables here. Tasks are told of in
the order in which they end. One that raises gives a `Failure`; a worker that dies gives its tasks back, and only the
one that it died of fails. Where no worker can be started, this process runs all of them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import TYPE_CHECKING, Any

from setback.experiments.studies.identity import fingerprint, other_modules
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Failure, Task, live
from setback.model.custom import files_of
from setback.model.errors import InputError, StopError, raised, sentence, whole

if TYPE_CHECKING:
    import pyarrow as pa

    from setback.experiments.studies.store import Store

#: Tasks that wait for each worker, so that none is idle and few are lost.
WAITING = 2
#: How often a worker of its own may die of a task before the task counts as failed: once may be chance.
MOST_DEATHS = 2
#: The most processes that can be asked for.
MOST_PROCESSES = 1024
#: Windows cannot wait for more processes than these.
MOST_ON_WINDOWS = 61
#: Seconds without any worker after which a cluster counts as lost.
PATIENCE = 60.0
LOST = "the cluster has lost its workers; start some, and the same command goes on"

#: Key, hashes of the modules, and fingerprint of a study.
Identity = tuple[str, dict[str, str], str]
#: A task that has ended, and why it failed if it did.
Ended = tuple[Task, Failure | None]


def told(text: str) -> None:
    """Say something on the error stream."""
    print(f"setback: {sentence(text)}", file=sys.stderr, flush=True)


def processors() -> int:
    """Count the processors that this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def so_many(processes: int | None) -> int:
    """Give how many processes run at once; where nobody says it, one a processor.

    Raises:
        InputError: if that is no number of processes.
    """
    return processors() if processes is None else whole("processes", processes, 1, MOST_PROCESSES)


def attempt(study: Study, task: Task) -> dict[str, pa.Table] | Failure:
    """Run a task; what it raises becomes a `Failure`, but for bad input, which would fail every other task too."""
    try:
        return live(study, task)
    except InputError:
        raise
    except Exception as error:
        return Failure(raised(error)[:1000], traceback.format_exc())


def ended(store: Store, task: Task, found: dict[str, pa.Table] | Failure) -> Ended:
    """Keep what a task gave."""
    if isinstance(found, Failure):
        store.fail(task, found)
        return task, found
    store.keep(task, found)
    return task, None


def on_this_machine(
    store: Store, tasks: Iterable[Task], processes: int, say: Callable[[str], None] = told
) -> Generator[Ended, None, None]:
    """Run tasks in so many processes; one is this process itself.

    Args:
        store: what is run, and where it is kept.
        tasks: the tasks.
        processes: how many processes.
        say: told where workers cannot be started.

    Raises:
        StopError: if nothing can be kept any more.
    """
    left = iter(tasks)
    # a mechanism that no file brought is known to this process alone, and a daemon may have no children
    if processes > 1 and store.study.model.files is not None and not multiprocessing.current_process().daemon:
        try:
            yield from _by_workers(store, left, processes)
            return
        except StartError as error:
            say(f"no worker can be started ({error}); one process runs all of it")
            left = iter([*error.tasks, *left])
    for task in left:
        yield ended(store, task, attempt(store.study, task))


class StartError(Exception):
    """No worker can be started: why, and the tasks that wait for one."""

    tasks: tuple[Task, ...] = ()


def _by_workers(store: Store, left: Iterator[Task], processes: int) -> Iterator[Ended]:
    given: dict[int, Task] = {}
    try:
        while True:
            with pool(store, processes) as made, contextlib.suppress(BrokenProcessPool):
                at_work: set[Future[Ended]] = set()
                while True:
                    for task in islice(left, WAITING * processes - len(given)):
                        given[task.number] = task
                        at_work.add(made.submit(_run_here, task))
                    if not given:
                        return
                    done, at_work = wait(at_work, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield (found := future.result())
                        del given[found[0].number]
            yield from _one_by_one(store, given)
    except StartError as error:
        error.tasks = (*given.values(),)
        raise


def _one_by_one(store: Store, tasks: dict[int, Task]) -> Iterator[Ended]:
    """Run tasks that were under way when a worker died: in one process, where only the task that kills it is lost."""
    deaths = 0
    while tasks:
        task = next(iter(tasks.values()))
        with pool(store, 1) as made, contextlib.suppress(BrokenProcessPool):
            while tasks:
                task = next(iter(tasks.values()))
                yield made.submit(_run_here, task).result()
                del tasks[task.number]
                deaths = 0
        deaths += bool(tasks)
        if deaths == MOST_DEATHS:
            yield ended(store, task, Failure("its worker died; is there enough memory?", ""))
            del tasks[task.number]
            deaths = 0


_starting = threading.Lock()


class _Process(SpawnProcess):
    """A process that does not run the program again which began it: a worker needs nothing of it."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802
        def prepared(name: str) -> dict[str, Any]:
            return {key: value for key, value in prepare(name).items() if not key.startswith("init_main")}

        with _starting:
            prepare = spawn.get_preparation_data
            # the child is born deaf to Ctrl-C, which is not for it
            block: Callable[..., Any] = getattr(signal, "pthread_sigmask", lambda *_: set())
            before = block(getattr(signal, "SIG_BLOCK", 0), {signal.SIGINT})
            try:
                vars(spawn)["get_preparation_data"] = prepared
                return SpawnProcess._Popen(process_obj)
            finally:
                vars(spawn)["get_preparation_data"] = prepare
                block(getattr(signal, "SIG_SETMASK", 0), before)


class _Context(SpawnContext):
    """Every system starts its workers alike."""

    Process = _Process


@contextlib.contextmanager
def pool(given: Store | Study, processes: int) -> Iterator[ProcessPoolExecutor]:
    """Give processes that know a study or a store; they end with this one, and at once when it is stopped.

    Raises:
        StartError: if none can be started.
        InputError: if one cannot read a file with custom mechanisms.
    """
    most = min(processes, MOST_ON_WINDOWS) if sys.platform == "win32" else processes
    identity = None if isinstance(given, Study) else given.identity
    try:
        told_once = pickle.dumps(given)
    except Exception as error:
        raise StartError(raised(error)[:200]) from None
    made = ProcessPoolExecutor(most, _Context(), _begin, (told_once, identity))
    try:
        try:
            made.submit(_is_ready).result()
        except InputError:
            raise
        except (
            Exception
        ) as error:  # of any kind: what is given may not be picklable, or the system have no process left
            raise StartError(raised(error)[:200]) from None
        yield made
    except BaseException:
        # what is not finished is not kept: there is nothing to wait for
        for worker in list((made._processes or {}).values()):
            worker.kill()
        raise
    finally:
        made.shutdown(wait=True, cancel_futures=True)


_given: Any = None
_fault: Exception | None = None


def _begin(given: bytes, identity: Identity | None) -> None:
    """Take what a worker is told once: what it works on, whose model may want some files, and what that must be."""
    global _given, _fault
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that hands out the tasks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _given = pickle.loads(given)  # bytes that the process which began this one made, as its own arguments are
        if identity is not None:
            study = _given if isinstance(_given, Study) else _given.study
            check_identity(study, identity, "a worker of this machine", "start setback again")
    except Exception as error:
        _fault = error


def _is_ready() -> bool:
    if _fault:
        raise _fault
    return True


def _end_with_parent() -> None:
    """End: a process whose parent was killed has nobody to work for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


# A worker that is killed while it writes to the pipe of the pool leaves half a message there, which is waited for
# without end; so tables go to the disk, and what goes through the pipe is so short that it is written at once.
def _run_here(task: Task) -> Ended:
    task, failure = ended(_given, task, attempt(_given.study, task))
    return task, failure and Failure(failure.error[:500], "")


# ---- a cluster ---------------------------------------------------------------------------------------------
def client_of(study: Study, address: str) -> Any:
    """Connect to a Dask scheduler that can run a study.

    Raises:
        InputError: if Dask is not installed, nobody answers, or the study has a mechanism that no file brings.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError('a cluster needs Dask; install it with pip install -e ".[cluster]"') from None
    files_of(study.model)  # what no file brought cannot reach a cluster
    if not address.strip():
        raise InputError("the address of the Dask scheduler is empty; it is one such as tcp://127.0.0.1:8786")
    try:
        return Client(address, timeout=PATIENCE)
    except (OSError, ValueError):
        raise InputError(f"no Dask scheduler answers at {address}; start one with dask scheduler") from None


def on_cluster(store: Store, tasks: Iterable[Task], address: str) -> Generator[Ended, None, None]:
    """Run tasks on the workers of a Dask scheduler at an address such as ``tcp://127.0.0.1:8786``.

    Raises:
        InputError: if Dask is not installed, nobody answers, no worker is there, or one has other equations or
            computes other last digits.
        StopError: if all workers are lost, or nothing can be kept any more.
    """
    with client_of(store.study, address) as client:
        from distributed.client import ClosedClientError

        try:
            yield from _through(client, store, tasks)
        except StopError:  # a RuntimeError, too
            raise
        except (OSError, RuntimeError, ClosedClientError):  # the scheduler is gone, and in time the connection to it
            raise StopError(LOST) from None


def _through(client: Any, store: Store, tasks: Iterable[Task]) -> Iterator[Ended]:
    from distributed import CancelledError, as_completed

    nobody = "the cluster has no worker; start some with dask worker and the scheduler's address"
    _wait_for_workers(client, InputError(nobody))
    study, identity = Packed(store.study), store.identity
    left, at_work, queue = iter(tasks), dict[str, Task](), as_completed()
    shared = _sent(client, study)

    def submit(task: Task) -> None:
        future = client.submit(_run_there, shared, identity, task, pure=False)
        at_work[future.key] = task
        queue.add(future)

    for task in islice(left, WAITING * sum(client.nthreads().values())):
        submit(task)
    while at_work:
        future = _next(client, queue)
        task = at_work.pop(future.key)
        try:
            error = future.exception()
            found = Failure(raised(error), "") if error else future.result()
        except CancelledError:  # the study, or this result, went with the last worker that had it
            _wait_for_workers(client, StopError(LOST))
            shared = _sent(client, study)
            submit(task)
            continue
        if isinstance(error, InputError):
            raise error
        yield ended(store, task, found)
        future.release()
        for following in islice(left, 1):
            submit(following)


def _sent(client: Any, study: Packed) -> Any:
    """Send a study to all workers."""
    try:
        return client.scatter(study, broadcast=True, hash=False)
    except ImportError as error:
        raise InputError(f"a worker of the cluster cannot read the study ({error}); install setback there") from None


def _wait_for_workers(client: Any, otherwise: Exception) -> None:
    """Wait for a worker; raise this error where none comes."""
    with contextlib.suppress(TimeoutError):
        client.wait_for_workers(1, timeout=PATIENCE)
    if not client.nthreads():
        raise otherwise


def _next(client: Any, queue: Any) -> Any:
    """Give the next future that ends; StopError when the cluster has no worker left."""
    ended: list[Any] = []
    waiting = threading.Thread(target=lambda: ended.append(next(queue)), daemon=True)
    waiting.start()
    while waiting.is_alive():
        waiting.join(PATIENCE)
        if waiting.is_alive() and not client.nthreads():
            raise StopError(LOST)
    return ended[0]


class Packed:
    """A study on its way to a cluster, which is read there once: its model may want files that are not there."""

    def __init__(self, study: Study) -> None:
        self._packed = pickle.dumps(study)
        self._study: Study | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"_packed": self._packed, "_study": None}

    def study(self) -> Study:
        """Give the study.

        Raises:
            InputError: if a file with custom mechanisms is not there as it was.
        """
        if self._study is None:
            self._study = pickle.loads(self._packed)  # made by the client, whose tasks are code anyway: no file is read
        return self._study


#: The study whose key was asked for last, and its key: they are the same for many tasks.
_last: tuple[Study, str] | None = None


def _run_there(packed: Packed, identity: Identity, task: Task) -> dict[str, pa.Table] | Failure:
    study = packed.study()
    check_identity(study, identity, "a worker of the cluster", "install the same version of setback there")
    return attempt(study, task)


def check_identity(study: Study, identity: Identity, who: str, advice: str) -> None:
    """Raise InputError where a process would give other numbers than the one that began.

    Args:
        study: what is run.
        identity: what it is where the run began.
        who: the process, and
        advice: what would mend it.
    """
    key, modules, bits = identity
    if _key_here(study) != key:
        changed = other_modules(study.modules(), modules) or "custom mechanisms"
        raise InputError(f"{who} has other equations ({changed}); {advice}")
    if fingerprint(study.engine) != bits:
        raise InputError(f"to {who} the same equations give other last digits; {advice}, with the same numpy")


def _key_here(study: Study) -> str:
    global _last
    last = _last
    if last is None or last[0] is not study:
        _last = last = (study, study.key())
    return last[1]
