"""The processes of this machine: one that dies costs nobody anything but the task that it died of."""

import multiprocessing
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from setback.experiments import workers
from setback.experiments.study import Study
from setback.experiments.task import Tasks
from setback.experiments.workers import Failure, on_this_machine, pool
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.roster import Roster

ROOMS = 18
#: A roster that ends its process in some rooms, at once or the first time; in the others everybody takes some time.
ROSTER = '''
import os, time
from pathlib import Path
from setback.model.roster import Roster

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


def test_only_the_deadly_fail(study: Callable[..., Study]) -> None:
    """Neither the tasks that were under way beside a deadly one fail, nor one whose worker died once, of whatever."""
    mixed = study(deadly=(2,), risky=3)
    lived = list(on_this_machine(mixed, Tasks(mixed), 2))
    assert sorted(task.number for task, _ in lived) == [*range(ROOMS)] == [*range(len(Tasks(mixed)))]
    found = {task.number: found.error for task, found in lived if isinstance(found, Failure)}
    assert found == {2: "its worker died; is there enough memory?"}


def test_workers_killed_between_two_tasks(study: Callable[..., Study]) -> None:
    """Nobody waits for them at that moment, and the next task finds a broken pool: it is lived all the same."""
    harmless = study()
    lived = on_this_machine(harmless, Tasks(harmless), 2)
    found = [next(lived)]
    for worker in multiprocessing.active_children():
        worker.kill()
    time.sleep(0.5)
    found += lived
    assert sorted(task.number for task, _ in found) == [*range(ROOMS)]
    assert not any(isinstance(tables, Failure) for _, tables in found)


def test_what_a_worker_says_is_said_at_once(
    study: Callable[..., Study], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A pipe takes so few bytes whole or not at all: whoever is killed leaves no half message to be waited for."""
    harmless = study()
    monkeypatch.setattr(workers, "_study", harmless, raising=False)
    monkeypatch.setattr(workers, "_folder", tmp_path, raising=False)
    for task in Tasks(harmless):
        put_down = workers._attempt_here(task)
        assert len(pickle.dumps(put_down)) < 2048
        picked, tables = workers._pick_up(put_down)
        expected = workers.live(harmless, task)
        assert picked == task and not isinstance(tables, Failure) and tables.keys() == expected.keys()
        for name, table in tables.items():
            assert table.schema.equals(expected[name].schema, check_metadata=True)
            pd.testing.assert_frame_equal(table.to_pandas(), expected[name].to_pandas())
        assert not (tmp_path / str(task.number)).exists()


def test_a_worker_that_finds_no_room(
    study: Callable[..., Study], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its task fails with a sentence, and can be tried again."""
    harmless = study()
    monkeypatch.setattr(workers, "_study", harmless, raising=False)
    monkeypatch.setattr(workers, "_folder", tmp_path / "gone", raising=False)
    _, found = workers._pick_up(workers._attempt_here(Tasks(harmless)[0]))
    assert isinstance(found, Failure) and found.error.startswith(f"its tables cannot be put into {tmp_path / 'gone'}: ")


def test_as_many_workers_as_windows_allows(study: Callable[..., Study], monkeypatch: pytest.MonkeyPatch) -> None:
    """A large machine runs there, too."""
    monkeypatch.setattr(sys, "platform", "win32")
    with pool(study(), 200) as made:
        assert made._max_workers == workers.MOST_ON_WINDOWS
