"""The processes of this machine: one that dies costs nobody anything but the task that it died of."""

import contextlib
import multiprocessing
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from setback.experiments.studies import workers
from setback.experiments.studies.folder import file_of
from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Task
from setback.experiments.studies.workers import Ended, on_this_machine, pool
from setback.model.errors import InputError, StopError
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster

ROOMS = 18
#: A roster that ends its process in some rooms, at once or the first time; in the others everybody takes some time.
ROSTER = '''
import os, time
from pathlib import Path
from setback.model.rosters.roster import Roster

class Deadly(Roster):
    """Whoever seats one of its deadly rooms ends; whoever seats its risky room ends the first time."""

    def seats(self, rooms, seed, luck=0):
        for room in rooms:
            if room in self.deadly:
                os._exit(9)
            if room == self.risky and not Path(self.note).exists():
                Path(self.note).touch()
                os._exit(9)
        time.sleep(0.1)
        return super().seats(rooms, seed, luck)
'''


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Study]:
    """A study of eighteen tasks, a room each, in some of which a process ends."""
    (tmp_path / "setback_deadly.py").write_text(ROSTER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "setback_deadly", raising=False)
    from setback_deadly import Deadly  # type: ignore[import-not-found]

    def made(deadly: tuple[int, ...] = (), risky: int | None = None) -> Study:
        roster = Deadly(Roster.synthetic(6).classes, "deadly", is_synthetic=True)
        roster.deadly, roster.risky, roster.note = deadly, risky, str(tmp_path / "died")
        return Study("deadly", "", (Policy("reference"),), Parameters(), roster, ROOMS, 4, 1, 0.0)

    return made


@pytest.fixture
def store(tmp_path: Path) -> Callable[[Study], Store]:
    """Where such a study is kept."""

    def made(study: Study) -> Store:
        (folder := tmp_path / "store").mkdir()
        return Store(folder, study)

    return made


@pytest.mark.slow
def test_only_the_deadly_fail(study: Callable[..., Study], store: Callable[[Study], Store]) -> None:
    """Neither the tasks that were under way beside a deadly one fail, nor one whose worker died once, of whatever."""
    mixed = store(study(deadly=(2,), risky=3))
    ended = list(on_this_machine(mixed, mixed.tasks, 2))
    assert sorted(task.number for task, _ in ended) == [*range(ROOMS)] == [*range(len(mixed.tasks))]
    found = {task.number: failure.error for task, failure in ended if failure}
    assert found == {2: "its worker died; is there enough memory?"}


def test_how_often_a_worker_may_die_of_a_task(
    study: Callable[..., Study], store: Callable[[Study], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside others it may be of another, alone once by chance; the second time the task is lost, and no other."""
    kept = store(study())
    monkeypatch.setattr(workers, "_given", kept)
    left = {4: 2, 5: 3, 6: 2, 7: 1}  # how many workers die of it, the first beside others
    alone: list[int] = []

    class Workers:
        def __init__(self, processes: int) -> None:
            self.processes = processes

        def submit(self, call: Callable[[Task], Ended], task: Task) -> Future[Ended]:
            future: Future[Ended] = Future()
            alone.extend([task.number] * (self.processes == 1))
            left[task.number] = left.get(task.number, 0) - 1
            if left[task.number] >= 0:
                future.set_exception(BrokenProcessPool())
            else:
                future.set_result(call(task))
            return future

    monkeypatch.setattr(workers, "pool", lambda _, processes: contextlib.nullcontext(Workers(processes)))
    ended = list(on_this_machine(kept, kept.tasks, 2))
    assert sorted(task.number for task, _ in ended) == [*range(ROOMS)]
    assert {task.number for task, failure in ended if failure} == {5}
    assert alone == [4, 4, 5, 5, 6, 6, 7]


@pytest.mark.slow
def test_workers_killed_between_two_tasks(study: Callable[..., Study], store: Callable[[Study], Store]) -> None:
    """Nobody waits for them at that moment, and the next task finds a broken pool: it is run all the same."""
    harmless = store(study())
    ended = on_this_machine(harmless, harmless.tasks, 2)
    found = [next(ended)]
    for worker in multiprocessing.active_children():
        worker.kill()
    time.sleep(0.5)
    found += ended
    assert sorted(task.number for task, _ in found) == [*range(ROOMS)]
    assert not any(failure for _, failure in found)


def test_what_a_worker_says_is_said_at_once(
    study: Callable[..., Study], store: Callable[[Study], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe takes so few bytes whole or not at all: whoever is killed leaves no half message to be waited for."""
    kept = store(study())
    monkeypatch.setattr(workers, "_given", kept)
    task, failure = workers._run_here(kept.tasks[0])
    assert failure is None and file_of(kept.folder, "outcomes", 0).exists()
    assert len(pickle.dumps((task, failure))) < 2048
    monkeypatch.setattr(workers, "live", lambda *_: 1 / 0)
    ended = workers._run_here(kept.tasks[1])
    assert ended[1] is not None and ended[1].error.startswith("ZeroDivisionError")
    assert len(pickle.dumps(ended)) < 2048 and "live" in file_of(kept.folder, "failed", 1).read_text()


@pytest.mark.slow
def test_a_worker_that_finds_no_room(study: Callable[..., Study], store: Callable[[Study], Store]) -> None:
    """Ends the run with a sentence; what was kept before is kept."""
    kept = store(study())
    shutil.rmtree(kept.folder)
    with pytest.raises(StopError, match="every task before is kept"):
        list(on_this_machine(kept, kept.tasks, 2))


def test_where_no_worker_can_be_started(study: Callable[..., Study], store: Callable[[Study], Store]) -> None:
    """This process runs everything and says so; nothing is told of as failed."""
    kept = store(study())
    kept.study.roster.note = lambda: None  # type: ignore[attr-defined]
    said: list[str] = []
    ended = list(on_this_machine(kept, kept.tasks, 2, said.append))
    assert [task.number for task, _ in ended] == [*range(ROOMS)] and not any(failure for _, failure in ended)
    (sentence,) = said
    assert sentence.startswith("no worker can be started (") and sentence.endswith("; one process runs all of it")


@pytest.mark.slow
def test_equations_that_change_while_a_study_runs(
    study: Callable[..., Study], store: Callable[[Study], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that reads other source than this process runs is refused: its numbers would lie under the wrong key."""
    kept = store(study())
    key, modules, bits = kept.identity
    changed = {**modules, "setback.model.equations.feelings": "?"}
    monkeypatch.setattr(Store, "identity", property(lambda _: ("0" * 12, changed, bits)))
    with pytest.raises(
        InputError, match=r"has other equations \(setback\.model\.equations\.feelings\); start setback again"
    ):
        list(on_this_machine(kept, kept.tasks, 2))
    monkeypatch.setattr(Store, "identity", property(lambda _: (key, modules, "?")))
    with pytest.raises(InputError, match="the same equations give other last digits"):
        list(on_this_machine(kept, kept.tasks, 2))
    assert not (kept.folder / "outcomes").exists()


SCRIPT = """
import setback as sb
print("once")
print(len(sb.Study.read("study.toml").run("results", processes=2).outcomes))
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["file", "stdin", "-c", "-m"])
def test_a_script_without_a_guard(how: str, tmp_path: Path) -> None:
    """It is run once, however it was started: workers need nothing of it."""
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "small"\n[policies]\ngrading = ["criterion"]\n[rooms]\ncount = 20\nsize = 6\nweeks = 4\n'
    )
    (tmp_path / "script.py").write_text(SCRIPT)
    words = {"file": ["script.py"], "stdin": ["-"], "-c": ["-c", SCRIPT], "-m": ["-m", "script"]}[how]
    done = subprocess.run(
        [sys.executable, *words], input=SCRIPT, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.stderr, done.returncode) == ("once\n20\n", "", 0)
    assert not list((tmp_path / "results").rglob("failed"))


@pytest.mark.slow
def test_in_a_daemon(tmp_path: Path) -> None:
    """It may have no children, and runs everything itself."""
    script = """
import multiprocessing as mp
import setback as sb
def one(seed):
    return len(sb.Study.read("study.toml").replace(seed=seed).run("results", processes=2).outcomes)
if __name__ == "__main__":
    with mp.get_context("spawn").Pool(2) as pool:
        print(pool.map(one, [1, 2]))
"""
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "small"\n[policies]\ngrading = ["criterion"]\n[rooms]\ncount = 2\nsize = 6\nweeks = 4\n'
    )
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("[2, 2]\n", "")


def test_as_many_workers_as_windows_allows(study: Callable[..., Study], monkeypatch: pytest.MonkeyPatch) -> None:
    """A large machine runs there, too."""
    asked: list[int] = []

    class AskedError(Exception):
        pass

    def executor(most: int, *_: object) -> None:
        asked.append(most)
        raise AskedError

    monkeypatch.setattr(workers, "ProcessPoolExecutor", executor)
    for platform in ("win32", "linux"):
        monkeypatch.setattr(sys, "platform", platform)
        with pytest.raises(AskedError), pool(study(), 200):
            pass
    assert asked == [workers.MOST_ON_WINDOWS, 200]
