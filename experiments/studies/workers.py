"""Who runs the tasks of a study on this machine: this process, or several.

What runs a task also keeps it. Tasks are told of in the order in which they end. One that raises gives a `Failure`; a
worker that dies gives its tasks back, and only the one that it died of fails. Where no worker can be started, this
process runs all of them. A cluster's workers are in `setback.experiments.studies.cluster`.
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
from setback.model.errors import InputError, raised, sentence, whole

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


#: The study whose key was asked for last, and its key: they are the same for many tasks.
_last: tuple[Study, str] | None = None


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
