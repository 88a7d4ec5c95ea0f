"""What a study will take: counted exactly where it can be, and said before anything large is run."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import setback

from setback.analysis.load import load
from setback.experiments.studies import cost as costs
from setback.experiments.studies import workers
from setback.experiments.studies.cost import Cost, Measured, calibrate, cost, duration
from setback.experiments.studies.study import Study, student_weeks, years
from setback.experiments.studies.sweep import run_study
from setback.experiments.studies.task import Tasks
from setback.experiments.studies.workers import StartError
from setback.experiments.studies.worlds import ONE, Range, Worlds, worlds
from setback.model.keep import Keep
from setback.model.parameters import Parameters
from setback.model.policies import Policy, as_policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

POLICIES = (Policy("criterion"), Policy("curve"), as_policy("harmful > benign @ 3"))
VARIED = worlds("lhs", [Range.of("level")], n=30)
UNEQUAL = Roster((*Roster.synthetic(3).classes, *Roster.synthetic(7).classes, *Roster.synthetic(5).classes), "unequal")


def study(**changes: object) -> Study:
    """A small study with something changed."""
    small = Study("small", "", POLICIES, Parameters(), Roster.synthetic(4), 5, 6, 3, 0.0, "vectorised", worlds=VARIED)
    return small.replace(**changes)


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a calibration end with its first task."""
    monkeypatch.setattr(costs, "ENOUGH", 0.0)


# ---- counting ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 3 * 30 * 5 * 4 * 6),
        ({"weeks": 3, "rooms": 1}, 3 * 30 * 1 * 4 * 3),
        ({"worlds": ONE, "policies": POLICIES[:1]}, 5 * 4 * 6),
        ({"roster": UNEQUAL}, 3 * 30 * (3 + 7 + 5 + 3 + 7) * 6),
        ({"roster": UNEQUAL, "rooms": 2}, 3 * 30 * (3 + 7) * 6),
        ({"worlds": Worlds("lhs", (), np.zeros((1_000_000, 0))), "rooms": 3000}, 3 * 1_000_000 * 3000 * 4 * 6),
        ({"share": 0.5, "policies": POLICIES[:2], "weeks": 20}, 2 * 30 * 5 * 4 * 20),
    ],
)  # fmt: skip
def test_student_weeks(changes: dict[str, Any], expected: int) -> None:
    """Every student of every room, week by week, in each world under each policy; twins come on top."""
    assert years(study(**changes)) == expected


def test_student_weeks_are_those_that_are_run(tmp_path: Path) -> None:
    """The number of rows that a trace of everything has."""
    for roster in (Roster.synthetic(4), UNEQUAL):
        plan = study(roster=roster, keep=Keep(("learning",), ("control",), 1.0), rooms=4, worlds=ONE)
        folder = run_study(plan, tmp_path, processes=1)
        assert len(load(folder).table("traces")) == years(plan)


def test_student_weeks_with_twins() -> None:
    """A run asks first by what it may come to: each kind of twin is a year of the largest class for every outcome."""
    plan = study(policies=POLICIES[:2], worlds=ONE, roster=UNEQUAL, rooms=4, weeks=20)
    observed = 2 * (3 + 7 + 5 + 3) * 20
    assert student_weeks(plan) == observed
    weeks = 20 - 3 - 9  # a failure may be turned from week 4 on, and is followed for nine weeks
    assert student_weeks(plan.replace(share=0.5)) == observed * (1 + 0.5 * 3 * 7 * weeks)  # three kinds, unless named
    assert student_weeks(plan.replace(share=0.25, flips=("criterion", "practice"))) == observed * (
        1 + 0.25 * 2 * 7 * weeks
    )


# ---- estimating --------------------------------------------------------------------------------------------
def test_what_a_calibration_has_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """With enough time all tasks, each once, and so all classrooms; with none the first task alone."""
    plan = study()
    monkeypatch.setattr(costs, "ENOUGH", 0.0)
    lived = []
    live = costs.live
    monkeypatch.setattr(costs, "live", lambda plan, task: lived.append(task) or live(plan, task))
    assert calibrate(plan).classrooms == 3 * len(Tasks(plan)[0].worlds) * len(Tasks(plan)[0].rooms)
    assert lived[1:] == [Tasks(plan)[0]]
    lived.clear()
    monkeypatch.setattr(costs, "ENOUGH", 1e9)
    found = calibrate(plan)
    assert found.classrooms == 3 * 30 * 5 and found.seconds > 0 and found.memory > 10_000_000
    assert sorted(task.number for task in lived[1:]) == [*range(len(Tasks(plan)))]


def test_a_long_task_is_run_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of its policies, also where the study claims something of the others."""
    plan = study(
        policies=tuple(Policy(stakes=k / 16) for k in range(16)), worlds=worlds("lhs", [Range.of("level")], n=512)
    )
    lived = []
    live = costs.live
    monkeypatch.setattr(costs, "live", lambda plan, task: lived.append((len(plan.policies), task)) or live(plan, task))
    found = calibrate(plan)
    assert [policies for policies, _ in lived] == [16, 8] and found.classrooms == 8 * 256


def test_bytes_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the tables that were written, where all of them were."""
    monkeypatch.setattr(costs, "ENOUGH", 1e9)
    few = worlds("lhs", [Range.of("level")], n=3)
    traced = study(keep=Keep(("learning",), ("control",), 0.5), worlds=few)
    turned = study(weeks=14, share=0.5, policies=POLICIES[:2], worlds=few)
    for number, plan in enumerate((traced, turned)):
        folder = run_study(plan, tmp_path / str(number), processes=1)
        written = sum(file.stat().st_size for file in folder.glob("*/*.parquet"))
        assert cost(plan, 1).disk == written + costs.BESIDE


def test_an_estimate_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a tenth of the classrooms took, ten times; a second process adds nine tenths, and takes time to start."""
    tenth = Measured(45, 2.0, 10_000, 1_000_000)
    given: list[Study] = []
    monkeypatch.setattr(costs, "calibrate", lambda plan: given.append(plan) or tenth)
    monkeypatch.setattr(costs, "_peak", lambda: 70)
    plan = study()
    counted = (3 * 30 * 5 * 4 * 6, 3 * 30 * 5, len(Tasks(plan)))
    disk, alone = 100_000 + 600_000, 2.0 * 10 + 4.0

    def estimated(processes: int | None, plan: Study = plan) -> Cost:
        found = cost(plan, processes)
        return found._replace(seconds=pytest.approx(found.seconds))

    assert estimated(1) == (*counted, alone, 1, "vectorised", disk, 1_000_000)

    # a worker measures: what it is given is the study, and so is what it calibrates with
    monkeypatch.setattr(workers, "_given", plan)
    monkeypatch.setattr(costs, "pool", lambda plan, count: ThreadPoolExecutor(given.append(plan) or count))
    given.clear()
    assert estimated(2) == (*counted, 20 / 1.9 + 3.0 + 4.0, 2, "vectorised", disk, 70 + 2_000_000)
    assert given == [plan, plan]
    assert estimated(4) == (*counted, 20 / 3.7 + 3.0 + 4.0, 4, "vectorised", disk, 70 + 4_000_000)
    monkeypatch.setattr(workers, "processors", lambda: 3)
    assert estimated(None) == (*counted, 20 / 2.8 + 3.0 + 4.0, 3, "vectorised", disk, 70 + 3_000_000)
    assert estimated(99).processes == len(Tasks(plan)), "no more processes than tasks"

    # where no worker can be started, or has the equations, this process runs all of it
    unknown = plan.replace(model=dataclasses.replace(MODEL, files=None))
    assert estimated(2, unknown) == (*counted, alone, 1, "vectorised", disk, 1_000_000)

    def none(*_: object) -> None:
        raise StartError("no process left")

    monkeypatch.setattr(costs, "pool", none)
    assert estimated(2) == (*counted, alone, 1, "vectorised", disk, 1_000_000)


def test_cost() -> None:
    """What is counted is exact, the rest is a number above 0."""
    plan = study(engine="auto")
    found = cost(plan, 1)
    assert found[:3] == (years(plan), 3 * 30 * 5, len(Tasks(plan)))
    assert (found.processes, found.engine) == (1, "compiled")
    assert min(found.seconds, found.disk, found.memory) > 0
    assert cost(study(rooms=1, worlds=ONE), 8).processes == 1, "more processes than tasks"


def test_in_words() -> None:
    """Numbers that can be read."""
    found = Cost(12_000_000, 34_567, 1234, 4000.0, 2, "compiled", 5_600_000, 789_000_000)
    assert found.sentence() == (
        "34,567 classrooms in 1,234 tasks, 12,000,000 student-weeks besides twins: about 67 min with 2 processes and "
        "the compiled engine, 6 MB of results, 789 MB of memory"
    )
    assert "with 1 process and" in found._replace(processes=1).sentence()
    said = [duration(seconds) for seconds in (0.4, 1, 89.4, 90, 3600, 5399, 5400, 36_000)]
    assert said == ["0 s", "1 s", "89 s", "2 min", "60 min", "90 min", "1.5 h", "10.0 h"]


# ---- before a run ------------------------------------------------------------------------------------------
FILE = """
[study]
name = "mine"
[policies]
grading = ["criterion", "curve"]
[worlds]
design = "grid"
steps = 3
vary = { level = [-1, 1] }
[rooms]
count = 2
size = 3
weeks = 4
[twins]
share = 0
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str | Path]:
    """What is typed to run a small study."""
    (tmp_path / "mine.toml").write_text(FILE)
    return ["run", tmp_path / "mine.toml", "--results", tmp_path / "results", "--processes", "1"]


def test_a_dry_run(command: list[str | Path], tmp_path: Path) -> None:
    """It says what a run will take, to people and to machines, and leaves nothing behind."""
    done = setback(*command, "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("mine: 12 classrooms in 2 tasks, 144 student-weeks besides twins: about ")
    done = setback(*command, "--dry-run", "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found.keys() == {*Cost._fields}
    assert (found["student_weeks"], found["classrooms"], found["tasks"], found["processes"]) == (144, 12, 2, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


def test_a_large_study_asks_first(command: list[str | Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that says what it will take; with --yes it runs, and goes on without being asked again."""
    monkeypatch.setattr(costs, "ASK_BEYOND", 143)
    done = setback(*command)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("setback: mine is large, 12 classrooms in 2 tasks, 144 student-weeks besides twins: ")
    assert done.err.endswith("; say --yes to run it\n") and done.err.count("\n") == 1
    assert not list((tmp_path / "results").rglob("*.parquet"))
    assert setback(*command, "--yes").code == 0
    (folder,) = (tmp_path / "results" / "mine").iterdir()
    assert setback(*command).code == 0 and len(list((folder / "outcomes").iterdir())) == 2
    monkeypatch.setattr(costs, "ASK_BEYOND", 144)
    assert setback(*command[:-4], "--results", tmp_path / "other", "--processes", "1").code == 0


def test_the_first_command_of_the_readme_is_not_asked_about() -> None:
    """The study that runs where none is named; those of the verdicts are."""
    assert student_weeks(Study.read("claims")) <= costs.ASK_BEYOND < student_weeks(Study.read("verdicts"))
