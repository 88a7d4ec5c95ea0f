"""Growth: a study takes over the cells that other folders hold, and comes to the bytes of one that is run at once."""

import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from setback.analysis.load import load
from setback.experiments.studies import cells, task
from setback.experiments.studies import worlds as worlds_module
from setback.experiments.studies.folder import OF_TASKS, file_of, key_of, read_manifest, record, sha256
from setback.experiments.studies.store import Store
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import folder_of, run_study
from setback.experiments.studies.task import Task, Tasks
from setback.experiments.studies.worlds import ONE, Range, Worlds, worlds
from setback.model.errors import InputError
from setback.model.keep import Keep
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster

POLICIES = (Policy("criterion"), Policy("narrative"), Policy("curve+accelerated"), Policy("mastery"))
#: More worlds than share rooms, the last numbers of the first block and the first of the second.
VARIED = worlds("sobol", [Range.of("level"), Range.of("style_mean")], n=16, seed=2)


@pytest.fixture(autouse=True)
def _few_share_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let eight worlds share rooms, so that a study of ten has two blocks of them."""
    monkeypatch.setattr(worlds_module, "SHARING", 8)
    monkeypatch.setattr(task, "SHARING", 8)


def study(count: int = 10, **changes: Any) -> Study:
    """A small study of the first worlds with something changed."""
    base: dict[str, Any] = {
        "name": "small", "policies": POLICIES[:2], "parameters": Parameters(), "roster": Roster.synthetic(3),
        "rooms": 2, "weeks": 2, "seed": 11, "share": 0.0, "keep": Keep(("learning", "dropout")),
        "worlds": Worlds("sobol", VARIED.ranges, VARIED.table[:count].copy()),
    }  # fmt: skip
    return Study(question="", **{**base, **changes})


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cells each task has run, rather than taken over."""
    counts: list[int] = []

    def counted(study: Study, given: Task, wanted: Any) -> Any:
        counts.append(int(wanted.sum()))
        return run(study, given, wanted)

    run = task.run_cells
    monkeypatch.setattr(task, "run_cells", counted)
    return counts


def kept(plan: Study, results: Path, **options: Any) -> tuple[Path, dict[str, bytes], str]:
    """Run a study in this process: its folder, the files of its tables, and what was said."""
    said: list[str] = []
    folder = run_study(plan, results, 1, say=said.append, **options)
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.parquet"))}
    return folder, {name: path.read_bytes() for name, path in files.items()}, "; ".join(said)


#: How a study grows from the small one: what is changed.
WAYS: dict[str, Callable[[], Study]] = {
    "worlds": lambda: study(16),
    "policies": lambda: study(policies=(POLICIES[2], POLICIES[1], POLICIES[0])),
    "rooms": lambda: study(rooms=5),
    "all at once": lambda: study(13, policies=POLICIES, rooms=3),
    "fewer": lambda: study(5, policies=POLICIES[1:2], rooms=1),
    "an outcome less": lambda: study(keep=Keep(("dropout",))),
    "another name": lambda: study(name="other"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("engine", ["vectorised", "compiled"])
def test_a_study_that_grows(way: str, engine: str, tmp_path: Path, ran: list[int]) -> None:
    """It comes to the very files of the study that is run at once, and runs what is missing alone."""
    before, after = study(engine=engine), WAYS[way]().replace(engine=engine)
    small, _, _ = kept(before, tmp_path / "grown")
    ran.clear()
    folder, grown, said = kept(after, tmp_path / "grown")
    run = sum(ran)
    _, once, nothing = kept(after, tmp_path / "once")
    assert grown == once and nothing == ""
    shared = (
        min(len(before.worlds), len(after.worlds))
        * len({policy.name for policy in before.policies} & {policy.name for policy in after.policies})
        * min(before.rooms, after.rooms)
    )
    total = len(after.worlds) * len(after.policies) * after.rooms
    assert run == total - shared and said == f"{shared:,} of {total:,} cells are taken over from {small}"
    assert load(folder).state.is_finished and len(load(folder).rows) == total
    ran.clear()
    assert kept(after, tmp_path / "grown")[2] == "" and not ran, "a finished study is left alone"


def test_twins_grow(tmp_path: Path, ran: list[int]) -> None:
    """Twins are where time goes: worlds, policies and rooms are added to them as well, row by row in their order."""
    some = {"share": 0.3, "weeks": 15, "flips": ("line", "practice"), "keep": Keep(("learning",))}
    kept(study(2, policies=POLICIES[:3:2], **some), tmp_path / "grown")
    ran.clear()
    more = study(3, policies=POLICIES[:3], rooms=3, **some)
    folder, grown, said = kept(more, tmp_path / "grown")
    assert sum(ran) == 3 * 3 * 3 - 2 * 2 * 2 and said.startswith("8 of 27 cells are taken over from ")
    assert grown == kept(more, tmp_path / "once")[1]
    assert len(load(folder).twins) > 20
    ran.clear()
    other = more.replace(flips=("line",))
    assert kept(other, tmp_path / "grown")[2] == "" and sum(ran) == 27, "other twins are other cells"


def test_traces_grow(tmp_path: Path, ran: list[int]) -> None:
    """Weeks of a sample of classes that is drawn by the number of the world and the room."""
    keep = Keep(("learning",), ("control",), 0.2)
    kept(study(8, policies=POLICIES[1:2], keep=keep), tmp_path / "grown")
    ran.clear()
    more = study(16, policies=POLICIES[:2], keep=keep, rooms=3)
    folder, grown, said = kept(more, tmp_path / "grown")
    assert sum(ran) == 96 - 16 and said.startswith("16 of 96 cells")
    assert grown == kept(more, tmp_path / "once")[1] and len(load(folder).per_student_week()) > 100
    ran.clear()
    turned = Worlds("sobol", VARIED.ranges, VARIED.table[:16][::-1].copy())
    assert kept(more.replace(worlds=turned), tmp_path / "grown")[2] == "" and sum(ran) == 96


def test_predictions_grow_by_worlds_and_policies(tmp_path: Path, ran: list[int]) -> None:
    """What is measured of a world is of all its rooms: with more rooms it is measured anew."""
    some = {"predictions": ("K1",), "share": 0.3, "weeks": 15, "keep": Keep(("learning",))}
    kept(study(2, policies=POLICIES[:3:2], **some), tmp_path / "grown")
    ran.clear()
    more = study(3, policies=POLICIES[:3], **some)
    grown, said = kept(more, tmp_path / "grown")[1:]
    assert sum(ran) == 18 - 8 and said.startswith("8 of 18 cells")
    once = kept(more, tmp_path / "once")[0]
    pd.testing.assert_frame_equal(load(once).predictions, load(folder_of(more, tmp_path / "grown")).predictions)
    assert {name for name in grown if name.startswith("predictions")}
    ran.clear()
    assert kept(more.replace(rooms=3), tmp_path / "grown")[2] == "" and sum(ran) == 27


def test_worlds_by_their_numbers(tmp_path: Path, ran: list[int]) -> None:
    """A world is known by its numbers and its rooms, whatever stands where and in whichever order its numbers do."""
    first = kept(study(7), tmp_path)[0]
    ran.clear()
    table = VARIED.table[:7][::-1, ::-1].copy()
    turned = study(worlds=Worlds("file", VARIED.ranges[::-1], np.concatenate([table, table[:1]])))
    folder, _, said = kept(turned, tmp_path)
    assert said.startswith("28 of 32 cells") and sum(ran) == 4, "of worlds that say the same one is taken over"
    rows, before = (load(one).outcomes["learning"] for one in (folder, first))
    assert rows[0].tolist() == rows[7].tolist() == before[6].tolist() != before[0].tolist()
    ran.clear()
    far = Worlds("sobol", VARIED.ranges, np.roll(VARIED.table, 8, 0))
    assert kept(study(worlds=far), tmp_path)[2] == "" and sum(ran) == 64, "the same numbers in other rooms"


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 12}, {"weeks": 3}, {"roster": Roster.synthetic(4)}, {"parameters": Parameters(attribution_drift=0.1)},
        {"keep": Keep(("learning", "helpless"))}, {"worlds": ONE}, {"engine": "compiled"},
        {"policies": POLICIES[2:]},
    ],
    ids=str,
)  # fmt: skip
def test_cells_of_another_kind_are_never_taken(changes: dict[str, Any], tmp_path: Path, ran: list[int]) -> None:
    """Whatever could change a number; an outcome that was not kept is run again."""
    kept(study(4), tmp_path)
    ran.clear()
    other = study(**{"count": 4, **changes})
    assert kept(other, tmp_path)[2] == ""
    assert sum(ran) == len(other.worlds) * 2 * 2


def test_other_equations_and_other_machines(tmp_path: Path) -> None:
    """Results of another version, or with other last digits, hold nothing of this one."""
    small, more = kept(study(4), tmp_path)[0], Store(tmp_path / "x", study(6))
    assert cells.held_by_others(more, tmp_path, [*more.tasks]) is not None
    manifest = read_manifest(small)
    for change in (
        {"fingerprint": "0" * 16},
        {"study": {**manifest.study, "measures": "0" * 12}},
        {"study": {**manifest.study, "equations": "0" * 12}},
    ):
        edited = manifest.model_copy(update={**change, "key": key_of(change.get("study", manifest.study))})
        (small / "manifest.json").write_text(edited.text())
        assert cells.held_by_others(more, tmp_path, [*more.tasks]) is None


def test_a_damaged_file_is_not_taken_over(tmp_path: Path, ran: list[int]) -> None:
    """Nor one that changes after it was looked at: the cells are run."""
    small, more = kept(study(10), tmp_path)[0], Store(tmp_path / "x", study(16))
    first = file_of(small, "outcomes", 0)
    content = first.read_bytes()

    def there() -> cells.Held:
        held = cells.held_by_others(more, tmp_path, [*more.tasks])
        assert held is not None
        return held

    held = there()
    assert [*held.counted(more.study, more.tasks).items()] == [(small, 40)]
    first.write_bytes(content[:-1] + b"x")
    assert [*there().counted(more.study, more.tasks).values()] == [24], "eight worlds of one room are not as written"
    ran.clear()
    found = task.live(more.study.replace(held=held), more.tasks[0])["outcomes"]
    assert ran == [16] and found.equals(task.live(more.study, more.tasks[0])["outcomes"])


def test_anew(tmp_path: Path, ran: list[int]) -> None:
    """With rerun nothing is taken over."""
    kept(study(4), tmp_path)
    ran.clear()
    assert kept(study(6), tmp_path, rerun=True)[2] == "" and sum(ran) == 24


def forged(folder: Path, number: int) -> None:
    """Change a number in a folder of results, and everything that stands for it."""
    manifest = read_manifest(folder)
    path = file_of(folder, "outcomes", number)
    frame = pd.read_parquet(path)
    frame.loc[0, "learning"] += 1e-9
    frame.to_parquet(path)
    about = json.loads(file_of(folder, "tasks", number).read_text())
    text = record(manifest.key, manifest.fingerprint, number, about["cells"], {"outcomes": sha256(path.read_bytes())})
    file_of(folder, "tasks", number).write_text(text)


def test_folders_that_disagree(tmp_path: Path, ran: list[int]) -> None:
    """Two that hold the same cell must say the same of it, to the last bit; nothing is chosen between them."""
    one, other = (kept(study(4, name=name), tmp_path / name)[0] for name in ("one", "other"))
    for folder in (one, other):
        shutil.copytree(folder, tmp_path / "both" / folder.parent.name / folder.name)
    ran.clear()
    assert "16 of 24 cells are taken over" in kept(study(6), tmp_path / "both")[2] and sum(ran) == 8
    shutil.rmtree(tmp_path / "both" / "small")
    forged(tmp_path / "both" / "other" / other.name, 0)
    with pytest.raises(
        InputError, match=r"one/.* and .*other/.* hold the same cells and other numbers in outcomes, as of"
    ):
        kept(study(6), tmp_path / "both")


def test_what_is_there_must_agree_with_others(tmp_path: Path) -> None:
    """A run that goes on is compared with them where both hold the same."""
    more, small = study(16), kept(study(10), tmp_path)[0]
    folder = kept(more, tmp_path)[0]
    for kind, number in itertools.product(OF_TASKS, range(1, len(Tasks(more)))):
        file_of(folder, kind, number).unlink(missing_ok=True)
    before = {path: path.read_bytes() for path in folder.rglob("*.parquet")}
    forged(small, 0)
    with pytest.raises(InputError, match="hold the same cells and other numbers"):
        kept(more, tmp_path)
    assert {path: path.read_bytes() for path in folder.rglob("*.parquet")} == before


def test_workers_take_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs a task looks up its cells."""
    monkeypatch.undo()
    small, more = kept(study(4, weeks=1), tmp_path / "grown")[0], study(16, weeks=1, rooms=3)
    said: list[str] = []
    folder = run_study(more, tmp_path / "grown", 2, say=said.append)
    assert said == [f"16 of 96 cells are taken over from {small}"]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}
    assert files == kept(more, tmp_path / "once")[1]
