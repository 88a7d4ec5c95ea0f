"""The workers of a Dask cluster run the tasks of a study, some tasks at a time.

A worker that reaches the folder of results keeps its tasks there itself and sends back a few words; one that does not
sends its tables, which the client keeps. What Dask is given is a bundle of tasks that follow one another, as many as
take it some seconds. The cluster is looked at again and again: workers that come late are given work, and a bundle of
one that goes is run by another, but for the tasks of it that are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import pickle
import secrets
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Failure, Task
from setback.experiments.studies.workers import WAITING, Ended, Identity, attempt, check_identity, ended, told
from setback.model.custom import files_of
from setback.model.errors import InputError, StopError, raised
from setback.model.place import Place
from setback.model.writing import UNFINISHED, write_bytes

if TYPE_CHECKING:
    import pyarrow as pa

#: Seconds that a bundle is to take, and seconds between two looks at the cluster.
AIM, EVERY = 20.0, 2.0
#: Seconds to wait for a scheduler, and for another worker where the last one has gone.
PATIENCE, PATIENCE_OF_RUN = 60.0, 600.0
LOST = "the cluster has lost its workers; start some, and the same command goes on"
NOBODY = (
    "the cluster has no worker yet, the first is waited for; start some with dask worker and the scheduler's address"
)


def client_of(study: Study, address: str) -> Any:
    """Connect to a Dask scheduler that can run a study.

    Raises:
        InputError: if Dask is not installed, nobody answers, or the study has a mechanism that no file brings.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError('a cluster needs Dask; install it with pip install -e ".[cluster]"') from None

    class Started(Client):
        """A client that is closed where it cannot start: Dask does so when it is collected, in whatever thread."""

        def start(self, **settings: Any) -> None:
            try:
                super().start(**settings)
            except BaseException:
                self.close()
                raise

    files_of(study.model)  # what no file brought cannot reach a cluster
    if not address.strip():
        raise InputError("the address of the Dask scheduler is empty; it is one such as tcp://127.0.0.1:8786")
    try:
        return Started(address, timeout=PATIENCE, loop=_loop())
    except (TypeError, RuntimeError):  # what Dask raises where it has no certificates
        if not address.startswith("tls:"):
            raise
        why = f"{address} needs certificates that Dask's settings do not name"
        raise InputError(f"{why}; set DASK_DISTRIBUTED__COMM__TLS__CA_FILE and those of the client") from None
    except (OSError, ValueError):
        raise InputError(f"no Dask scheduler answers at {address}; start one with dask scheduler") from None


@functools.cache
def _loop() -> Any:
    """Start the event loop of all clients: where a busy machine takes over ten seconds, Dask's own start gives up."""
    from tornado.ioloop import IOLoop

    started = Future[Any]()

    async def run() -> None:
        started.set_result(IOLoop.current())
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True, name="Dask").start()
    return started.result()


def on_cluster(
    store: Store, tasks: Iterable[Task], address: str, say: Callable[[str], None] = told
) -> Generator[Ended, None, None]:
    """Run tasks on the workers of a Dask scheduler at an address such as ``tcp://127.0.0.1:8786``.

    Args:
        store: what is run, and where it is kept.
        tasks: the tasks.
        address: the scheduler's.
        say: told where there is no worker yet.

    Raises:
        InputError: if Dask is not installed, nobody answers, or a worker has other equations or computes other last
            digits.
        StopError: if all workers are lost, or nothing can be kept any more.
    """
    with client_of(store.study, address) as client:
        from distributed.client import ClosedClientError

        try:
            yield from _through(client, store, deque(tasks), say)
        except StopError:  # a RuntimeError, too
            raise
        except (OSError, RuntimeError, ClosedClientError):  # the scheduler is gone, and in time the connection to it
            raise StopError(LOST) from None


def _through(client: Any, store: Store, left: deque[Task], say: Callable[[str], None]) -> Iterator[Ended]:
    from distributed import CancelledError

    if not client.nthreads():
        say(NOBODY)
    at_work, came = dict[str, tuple[Any, Sequence[Task]]](), SimpleQueue[Any]()
    crew, pace = Crew(client), Pace()
    with _probe(store.folder) as probe:
        errand = Errand(pickle.dumps(store.study), store.identity, store.folder, probe)
        with warnings.catch_warnings(action="ignore"):  # it may be large, and is sent once
            # a task gives it, which is done again where the worker that had it has gone, and for which one is started
            shared = client.submit(_given, errand, pure=False)

        def submit(bundle: Sequence[Task]) -> None:
            future = client.submit(_run_there, shared, [task.number for task in bundle], pure=False)
            at_work[future.key] = future, bundle
            future.add_done_callback(came.put)

        while left or at_work:
            while left and len(at_work) < WAITING * max(crew.threads(), 1):  # a cluster that adapts wants to see work
                many = min(pace.bundle(len(left), crew.threads()), len(left))
                submit([left.popleft() for _ in range(many)])
            try:
                future = came.get(timeout=EVERY)
            except Empty:
                continue
            _, bundle = at_work.pop(future.key)
            try:
                error = future.exception()
                done = None if error else future.result()
            except CancelledError:  # this result went with the worker that had it
                submit(bundle)
                continue
            if isinstance(error, ImportError):
                why = f"a worker of the cluster cannot read the study ({error})"
                raise InputError(f"{why}; install setback there") from None
            if isinstance(error, InputError | StopError):
                raise error
            future.release()
            if done:
                pace.learn(done)
                yield from (_told(store, task, found) for task, found in zip(bundle, done.found))
            elif len(bundle) > 1:  # one of them killed its workers
                for task in bundle:
                    submit([task])
            else:
                yield ended(store, bundle[0], Failure(raised(error or RuntimeError()), ""))


def _told(store: Store, task: Task, found: dict[str, pa.Table] | Failure | Kept | None) -> Ended:
    """Keep what a worker could not keep, and say how the task ended."""
    if isinstance(found, Kept):
        return task, found.failure
    if found is None:
        raise RuntimeError("a worker ended a task and said nothing of it")
    return ended(store, task, found)


class Crew:
    """How many threads the cluster has, asked now and then."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._threads, self._looked, self._seen = 0, -math.inf, math.inf

    def threads(self) -> int:
        """Give the number.

        Raises:
            StopError: if there has been none for long, after there was one; the first is waited for.
        """
        now = time.monotonic()
        if now - self._looked >= EVERY:
            self._threads, self._looked = sum(self._client.nthreads().values()), now
            if self._threads:
                self._seen = now
            elif now - self._seen > PATIENCE_OF_RUN:
                raise StopError(LOST)
        return self._threads


class Pace:
    """How long a task takes, and how many make a bundle."""

    def __init__(self) -> None:
        self._seconds, self._sends_tables = 0.0, False

    def learn(self, done: Done) -> None:
        """Take what a bundle says of it."""
        self._sends_tables |= any(not isinstance(found, Kept) for found in done.found)
        each = done.seconds / len(done.found)
        self._seconds = 0.8 * self._seconds + 0.2 * each if self._seconds else each

    def bundle(self, left: int, threads: int) -> int:
        """Give the number of tasks of the next bundle, of so many that are left for so many threads.

        It is one where nothing is known yet or tables are sent, and towards the end so few that all end together.
        """
        if not self._seconds or self._sends_tables:
            return 1
        fair = -(-left // (2 * WAITING * max(threads, 1)))
        return max(1, min(round(AIM / self._seconds), fair))


@contextlib.contextmanager
def _probe(folder: Place) -> Iterator[str]:
    """Leave a file in a folder by which workers know that it is this one: nobody else knows its name."""
    name = f".{secrets.token_hex(16)}{UNFINISHED}"
    try:
        write_bytes(folder / name, b"")
        yield name
    finally:
        with contextlib.suppress(InputError, StopError, OSError):
            (folder / name).unlink(missing_ok=True)


# ---- what a worker does ------------------------------------------------------------------------------------
class Kept(NamedTuple):
    """Of a task that its worker has kept: why it failed, if it did."""

    failure: Failure | None


class Done(NamedTuple):
    """What came of a bundle: of each task that it is kept, or what is to be kept; and the seconds of all."""

    found: list[Kept | dict[str, pa.Table] | Failure]
    seconds: float


class Errand:
    """What a worker is told once: the study, what it must be there, and where its results are kept.

    Args:
        study: the study, pickled: it is read at a worker once, as its model may want files that are not there.
        identity: key, hashes of the modules, and fingerprint of the study.
        folder: the folder of its results, and
        probe: the name of a file in it.
    """

    def __init__(self, study: bytes, identity: Identity, folder: Place, probe: str) -> None:
        self._told = study, identity, folder, probe
        self._store: Store | None = None
        self.keeps = False

    def __getstate__(self) -> dict[str, Any]:
        return {"_told": self._told, "_store": None, "keeps": False}

    def store(self) -> Store:
        """Give the store; `keeps` then says whether the worker can keep anything in it.

        Raises:
            InputError: if the worker would give other numbers, or a file with custom mechanisms is not there as it was.
        """
        if self._store is None:
            packed, identity, folder, probe = self._told
            study: Study = pickle.loads(packed)  # made by the client, whose tasks are code anyway: no file is read
            check_identity(study, identity, "a worker of the cluster", "install the same version of setback there")
            store = Store(folder, study)
            self.keeps, self._store = _is_reached(folder, probe), store
        return self._store


def _given(errand: Errand) -> Errand:
    """Give what a worker was told, for every bundle that it runs."""
    return errand


def _is_reached(folder: Place, probe: str) -> bool:
    """Whether a folder is the client's, and can be written to here."""
    try:
        if not (folder / probe).exists():
            return False
        with _probe(folder):
            return True
    except (InputError, StopError, OSError):
        return False


def _run_there(errand: Errand, numbers: Sequence[int]) -> Done:
    """Run a bundle of tasks, but for those of it that another worker has kept."""
    store, begun, found = errand.store(), time.perf_counter(), list[Any]()
    for number in numbers:
        if errand.keeps and store.has(number):
            found.append(Kept(None))
            continue
        made = attempt(store.study, store.tasks[number])
        if errand.keeps:
            _, failure = ended(store, store.tasks[number], made)
            found.append(Kept(failure and Failure(failure.error[:500], "")))
        else:
            found.append(made)
    return Done(found, time.perf_counter() - begun)
