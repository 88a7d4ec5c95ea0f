"""The grade book: every row is a task that was due and says what happened; it is written whole or not at all."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import Done, setback

import setback as sb
from setback.experiments.gradebook import export as module
from setback.experiments.gradebook.export import COLUMNS, gradebook
from setback.model.chance import LIMIT
from setback.model.rosters.roster import SchoolClass

#: Students do everything often enough to be seen in a few weeks.
LIVELY = {"skip_level": -1.0, "dropout_level": -5.0, "dropout_not_submitted": 2.0}
SET = [word for name, value in LIVELY.items() for word in ("--set", f"{name}={value}")]
ROOMS, WEEKS, SEED = 3, 9, 7
POLICIES = (
    "criterion", "curve", "mastery", "narrative", "narrative+retakes=1+cut=0.8", "criterion+cut=0.8+retakes=2",
    "criterion+comparison=0.5+retakes=2", "curve+self-paced+comparison=0.9+grade_practice=0.3",
    "criterion+cut=0.5+assignment_every=4", "mastery+assignment_every=2",
)  # fmt: skip
ROSTER = "student_id,class_id,prior_knowledge\n" + "".join(f"s{i},{'abb'[i % 3]},{i}\n" for i in range(7))


def export(*args: str | Path) -> Done:
    """Type `setback gradebook export` and some words more."""
    return setback("gradebook", "export", *args)


def book(policy: str, **changes: Any) -> pd.DataFrame:
    """A small grade book."""
    return gradebook(policy, **{"parameters": LIVELY, "rooms": ROOMS, "weeks": WEEKS, "seed": SEED, **changes})


def kind(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The rows of some kinds."""
    return frame[frame["kind"].isin(names)].reset_index(drop=True)


def test_what_is_left_out() -> None:
    """A whole year of the reference in synthetic classes of thirty, in one table and in pages."""
    said = gradebook("reference", {}, sb.Roster.synthetic(30), 1, 0, 36, "vectorised")
    assert gradebook(rooms=1).equals(said) and pd.concat(module.pages(rooms=1)).equals(said)
    assert said["week"].max() == 36 and said["student_id"].nunique() == 30


# ---- what a row says -------------------------------------------------------------------------------------------
def run_weeks(policy: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a policy, told one after the other from Mesa's students; what comes of the year is left out."""
    for number in range(ROOMS):
        room = sb.Classroom(policy, LIVELY, room=number, seed=SEED, weeks=WEEKS)
        q = sb.Policy(policy)
        every = int(q["assignment_every"])
        for week in range(1, WEEKS + 1):
            enrolled = {student.name: int(student.enrolled) for student in room.students}
            room.step()
            due = every and week % every == 0
            kind = "assignment" if due else "assessment"
            for s in room.students:
                who = (f"room-{number}", f"room-{number}-{s.name}", week)
                was = enrolled[s.name]
                if not s.submitted:
                    yield *who, "practice", 1, None, 100, was, 0, 0, 1 - was
                    yield *who, kind, 1, None, 100, was, 0, 0, 1 - was
                    continue
                yield (
                    *who,
                    "practice",
                    1,
                    100 / (1 + np.exp(s.attempt_shortfall)),
                    100,
                    was,
                    1,
                    int(not s.practice_error),
                    0,
                )
                good = s.heard_learning < 0.5 if q["told"] and (due or not every) else s.test_margin >= 0
                yield *who, kind, 1, 100 * s.score, 100, was, 1, int(good), 0
                for again in range(int(s.retaken)):
                    last = again + 1 == s.retaken
                    own = (s.grade - q["comparison"] * s.percentile_rank) / (1 - q["comparison"])
                    score = 100 * own if last else None
                    yield *who, "retake", 2 + again, score, 100, was, 1, int(last and s.verdict), 0


@pytest.mark.parametrize("policy", POLICIES)
def test_every_row_is_what_happened(policy: str) -> None:
    """Row by row the same as Mesa's students, who are asked one by one."""
    found = book(policy)
    assert list(found) == list(COLUMNS)
    expected = pd.DataFrame(run_weeks(policy), columns=COLUMNS[:-1])
    assert list(found["score"].isna()) == list(expected["score"].isna())
    assert (found["score"] - expected["score"].astype(float)).abs().max() <= 0.05 + 1e-9, "rounded to one decimal"
    rest = [name for name in COLUMNS[:-1] if name != "score"]
    pd.testing.assert_frame_equal(found[rest], expected[rest], check_dtype=False)
    assert found["submitted"].mean() < 1 and (found["enrolled"] == 0).any(), "too quiet to tell"


def test_one_row_a_task_that_was_due() -> None:
    """Practice and an assessment for everybody in every week, whoever has stopped; scores of what was handed in."""
    frame = book("criterion")
    assert len(frame) == ROOMS * WEEKS * 30 * 2 and set(frame["kind"]) == {"practice", "assessment"}
    assert not frame.duplicated(["student_id", "week", "kind"]).any()
    assert frame.groupby("student_id")["class_id"].nunique().eq(1).all() and frame["student_id"].nunique() == ROOMS * 30
    assert (frame["score"].notna() == (frame["submitted"] == 1)).all()
    assert frame["score"].dropna().between(0, 100).all() and frame["score"].nunique() > 100
    assert (frame["withdrawn"] == 1 - frame["enrolled"]).all()
    assert (frame["submitted"] <= frame["enrolled"]).all() and (frame["passed"] <= frame["submitted"]).all()
    stopped = frame[frame["enrolled"] == 0]
    assert len(stopped) and stopped["score"].isna().all()
    by_week = kind(frame, "practice").pivot(index="student_id", columns="week", values="enrolled")
    assert (by_week[1] == 1).all() and (by_week.diff(axis=1).iloc[:, 1:] <= 0).all().all(), "nobody comes back"


FINAL = {
    "criterion": "assessment", "mastery+level=0": "assessment", "curve+grade_practice=0.5": "assessment",
    "mastery+assignment_every=2": "assignment", "criterion > curve+assignment_every=3 @ 4": "assignment",
    "criterion+assignment_every=10": "assessment",
}  # fmt: skip


@pytest.mark.parametrize("policy", FINAL)
def test_who_passes_in_the_end(policy: str) -> None:
    """By the mean of the assignments, of all assessments where none was due: first attempts, missing ones as 0."""
    frame = book(policy)
    counting = kind(frame, FINAL[policy])
    mean = counting.assign(score=counting["score"].fillna(0.0)).groupby("student_id")["score"].mean()
    final = frame.groupby("student_id")["final_passed"].agg(["min", "max"])
    assert (final["min"] == final["max"]).all(), "one value a student"
    clear = (mean - 50).abs() > 0.05  # scores are rounded
    assert clear.sum() > 80 and (final["max"] == (mean >= 50))[clear].all()
    assert 5 < final["max"].sum() < 85, "too plain to tell"


def test_assignments_take_the_place_of_assessments() -> None:
    """In their weeks, one row a student; there alone the line of the policy holds, and in all others the criterion."""
    frame = book("criterion+cut=0.5+assignment_every=4")
    assert {*kind(frame, "assignment")["week"]} == {4, 8}
    assert {*kind(frame, "assessment")["week"]} == {1, 2, 3, 5, 6, 7, 9}
    line = {"assignment": 100 / (1 + np.exp(-0.5)), "assessment": 50}
    for name, mark in line.items():
        rows = kind(frame, name).query("submitted == 1")
        assert rows.loc[rows["passed"] == 1, "score"].min() >= mark - 0.05
        assert rows.loc[rows["passed"] == 0, "score"].max() <= mark + 0.05


@pytest.mark.parametrize("policy", ["criterion", "curve", "mastery", "narrative"])
def test_it_adds_up_to_the_outcomes(policy: str) -> None:
    """Errors (i), failures (ii), failing grades told (iii-a) and weeks handed in are those of the simulation."""
    frame = book(policy)
    year = sb.simulate(policy, LIVELY, rooms=ROOMS, weeks=WEEKS, seed=SEED).per_room().set_index("room")
    per_week = frame.assign(room=frame["class_id"].str.removeprefix("room-").astype(int), n=1 / (30 * WEEKS))
    practice, test = kind(per_week, "practice"), kind(per_week, "assessment")

    def share(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby("room")["n"].sum()

    assert np.allclose(
        share(practice[(practice["submitted"] == 1) & (practice["passed"] == 0)]), year["practice_error_rate"]
    )
    assert np.allclose(share(test[test["submitted"] == 1]), year["submission_rate"])
    if policy == "narrative":
        assert np.allclose(share(test[test["passed"] == 0]), year["below_criterion_rate"]), (
            "nobody is told: the fixed criterion"
        )
    else:
        failing = test[(test["passed"] == 0) & (test["enrolled"] == 1)]
        assert np.allclose(share(failing), year["failing_grade_told_rate"]), "the policy's own line"


def test_the_line_of_a_policy() -> None:
    """A fixed criterion passes from 50; a curve passes by place, whatever the score."""
    test = kind(book("criterion", parameters={}), "assessment").query("submitted == 1")
    assert test.loc[test["passed"] == 1, "score"].min() >= 50 >= test.loc[test["passed"] == 0, "score"].max()
    test = kind(book("curve+accelerated", parameters={}), "assessment").query("enrolled == 1")
    for _, one in test.groupby(["class_id", "week"]):
        assert one.loc[one["passed"] == 1, "score"].min() >= one.loc[one["passed"] == 0, "score"].max()
        assert one["passed"].mean() == pytest.approx(0.8, abs=0.05), "a fifth of the class fails by construction"
    assert (test.loc[test["passed"] == 1, "score"] < 50).any(), "and a low score can be a pass"


def test_retakes_are_those_that_were_taken() -> None:
    """After a test that was handed in and not passed, until one is passed; the better result stands."""
    assert not len(kind(book("criterion"), "retake"))
    frame = book("mastery")
    rows = frame[frame["kind"] != "practice"].set_index(["student_id", "week", "attempt"])
    tests, first, second = (rows.xs(attempt, level="attempt") for attempt in (1, 2, 3))
    assert 0 < len(second) < len(first) < len(tests)
    asked = tests[(tests["submitted"] == 1) & (tests["passed"] == 0)]
    assert set(first.index) == set(asked.index)
    assert set(second.index) == set(first.index[first["passed"] == 0])
    assert (first.loc[second.index, "score"].isna()).all() and first.drop(second.index)["score"].notna().all()
    last = pd.concat([first.drop(second.index), second])
    better = last["score"] - tests.loc[last.index, "score"]
    assert (better >= 0).all() and (better == 0).any() and (better > 5).any()
    assert set(last["passed"]) == {0, 1} and (last.loc[last["passed"] == 1, "score"] >= 50).all()
    assert (kind(frame, "retake")[["enrolled", "submitted"]] == 1).all().all()


def test_a_change_of_policy() -> None:
    """Up to its week the file is that of the first policy; from it on the second one's rules hold."""
    first, then = book("criterion"), book("criterion > mastery @ 5")
    early = [  # but who passes in the end, which stands in every row
        frame[frame["week"] < 5].drop(columns="final_passed").reset_index(drop=True) for frame in (first, then)
    ]
    assert [len(frame) for frame in early] == [4 * 60 * ROOMS] * 2
    pd.testing.assert_frame_equal(*early)
    assert kind(then, "retake")["week"].min() == 5
    untold = kind(book("curve > narrative @ 5"), "assessment").query("submitted == 1 and week >= 5")
    assert ((untold["score"] >= 50) == (untold["passed"] == 1)).all(), "nobody is told any more"


# ---- classes ---------------------------------------------------------------------------------------------------
def test_real_classes_keep_their_names() -> None:
    """Classes of unequal size; who sits there a second time is somebody else."""
    classes = [SchoolClass(name, tuple(f"{name}-{i}" for i in range(n)), {}) for name, n in (("5a", 2), ("5b", 4))]
    roster = sb.Roster(classes, "two")
    frame = book("criterion", roster=roster, rooms=3, weeks=2)
    assert len(book("criterion", roster=roster, rooms=None, weeks=2)) == 6 * 2 * 2
    students = frame.groupby("class_id", sort=False)["student_id"].unique()
    assert {name: list(who) for name, who in students.items()} == {
        "5a": ["5a-0", "5a-1"], "5b": ["5b-0", "5b-1", "5b-2", "5b-3"], "5a#2": ["5a-0#2", "5a-1#2"]
    }  # fmt: skip
    a, again = (frame[frame["class_id"] == name]["score"] for name in ("5a", "5a#2"))
    assert list(a) != list(again), "other luck"


def test_no_class_counts_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first rooms are the same however many there are and however many are run at once."""
    whole = book("mastery")
    few = book("mastery", rooms=2)
    pd.testing.assert_frame_equal(whole.iloc[: len(few)], few)
    monkeypatch.setattr(module, "BLOCK", 1)
    done: list[int] = []
    pages = list(module.pages("mastery", LIVELY, None, ROOMS, SEED, WEEKS, progress=done.append))
    assert [page["class_id"].nunique() for page in pages] == [1] * ROOMS and done == [1] * ROOMS
    pd.testing.assert_frame_equal(pd.concat(pages, ignore_index=True), whole)


@pytest.mark.parametrize("engine", ["mesa", "compiled"])
def test_every_engine_keeps_the_same_book(engine: str) -> None:
    """Every row."""
    if engine == "compiled":
        pytest.importorskip("llvmlite")
    pd.testing.assert_frame_equal(book("mastery", rooms=2, engine=engine), book("mastery", rooms=2))


# ---- the file --------------------------------------------------------------------------------------------------
def test_the_file_is_the_table(tmp_path: Path) -> None:
    """What is read from it is what Python gives, and a line says how much it is."""
    out = tmp_path / "marks.csv"
    words = ["--policy", "mastery > curve @ 6", "--rooms", ROOMS, "--seed", SEED, "--weeks", WEEKS, *SET]
    done = export(*words, "--out", out)
    assert (done.code, done.err) == (0, "")
    frame = book("mastery > curve @ 6")
    assert done.out == f"{out}: {len(frame):,} tasks due in 3 classrooms, 9 weeks, seed 7\n"
    pd.testing.assert_frame_equal(pd.read_csv(out), frame, check_dtype=False)
    assert [path.name for path in tmp_path.iterdir()] == ["marks.csv"]
    lines = out.read_bytes().decode().split("\n")
    assert lines[0] == ",".join(COLUMNS) and lines[-1] == "" and len(lines) == len(frame) + 2
    assert any(line.split(",")[5] == "" for line in lines[1:-1]), "an empty score where nothing was handed in"
    (tmp_path / "other").touch()
    assert out.stat().st_mode == (tmp_path / "other").stat().st_mode, "as any file is made"


def test_a_roster_on_the_command_line(tmp_path: Path) -> None:
    """Every class once; what was done to the file is printed."""
    (tmp_path / "pupils.csv").write_text(ROSTER)
    done = export("--roster", tmp_path / "pupils.csv", "--weeks", 2, "--out", tmp_path / "marks.csv")
    assert done.code == 0 and "  7 students of pupils.csv, ids from student_id\n" in done.out
    frame = pd.read_csv(tmp_path / "marks.csv")
    assert len(frame) == 7 * 2 * 2
    assert set(zip(frame["class_id"], frame["student_id"], strict=True)) == {("abb"[i % 3], f"s{i}") for i in range(7)}


def test_names_that_would_be_formulas(tmp_path: Path) -> None:
    """Whatever a student is called, no spreadsheet calculates with it; numbers stay as they are."""
    names = ("=1+1", "+7", "-b", "@x", "\tx", "\r=x", " =x", "a\x1b[2Jb", "a-b", "＝1")
    roster = sb.Roster([SchoolClass("=5a", names, {})], "names")
    module.write(tmp_path / "marks.csv", module.pages("curve", roster=roster, weeks=1))
    frame = pd.read_csv(tmp_path / "marks.csv", dtype=str)
    assert set(frame["class_id"]) == {"'=5a"}
    assert list(frame["student_id"].unique()) == [
        "'=1+1", "'+7", "'-b", "'@x", " x", "' =x", "a [2Jb", "a-b", "'＝1"
    ]  # fmt: skip
    assert not frame["score"].dropna().str.contains("'").any()


def test_a_hundred_classes_by_default(tmp_path: Path) -> None:
    """Synthetic ones."""
    assert export("--weeks", 1, "--out", tmp_path / "marks.csv").code == 0
    assert pd.read_csv(tmp_path / "marks.csv")["class_id"].nunique() == 100


def test_an_export_that_is_stopped_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of writing: exit code 130, one sentence, no file."""
    monkeypatch.setattr(module, "BLOCK", 1)
    to_csv, calls = pd.DataFrame.to_csv, []

    def stop(frame: pd.DataFrame, *args: Any, **named: Any) -> None:
        calls.append(len(list(tmp_path.iterdir())))
        if len(calls) == 2:
            raise KeyboardInterrupt
        to_csv(frame, *args, **named)

    monkeypatch.setattr(pd.DataFrame, "to_csv", stop)
    done = export("--rooms", 3, "--weeks", 2, "--out", tmp_path / "marks.csv")
    assert (done.code, done.out, done.err) == (130, "", "setback: stopped; nothing half-written was kept\n")
    assert calls == [1, 1] and not list(tmp_path.iterdir())


#: What is typed, and how the sentence begins that is said of it.
BAD: dict[str, str] = {
    "": "missing option '--out'; see setback gradebook export --help",
    "--out there.csv": "there.csv is there already; name another file, or take it away",
    "--out dangling.csv": "dangling.csv is there already; name another file, or take it away",
    "--out folder": "folder is a folder; name a file in it",
    "--out ''": ". is a folder; name a file in it",
    "--out none/marks.csv": "none/marks.csv cannot be written: no such file or directory; name a file in a folder",
    "--out there.csv/marks.csv": "there.csv/marks.csv cannot be written: not a directory; name a file in a folder",
    f"--out {'x' * 300}": f"{'x' * 300} cannot be written: file name too long; ",
    "--out new.csv --rooms 0": "rooms is 0; it needs a whole number from 1 to 1000000",
    "--out new.csv --rooms -1": "rooms is -1; it needs a whole number from 1 to 1000000",
    "--out new.csv --rooms two": "invalid value for '--rooms': ",
    "--out new.csv --weeks 0": "weeks is 0; it needs a whole number from 1 to 520",
    "--out new.csv --seed -1": f"seed is -1; it needs a whole number from 0 to {LIMIT - 1}",
    f"--out new.csv --seed {LIMIT}": f"seed is {LIMIT}; it needs a whole number from 0 to {LIMIT - 1}",
    "--out new.csv --policy curv": "unknown policy 'curv'; did you mean curve?",
    "--out new.csv --policy curve --policy mastry": "unknown policy 'mastry'; did you mean mastery",
    "--out new.csv --policy 'mastery > curv @ 4'": "unknown policy 'curv'; did you mean curve?",
    "--out new.csv --policy 'mastery > curve @ 37'": "policy mastery > curve @ 37 changes in week 37; the last week of",
    "--out new.csv --weeks 3 --policy 'mastery > curve @ 4'": "policy mastery > curve @ 4 changes in week 4; the last",
    "--out new.csv --policy 'mastery > curve'": "'mastery > curve' is no policy; write a change as in",
    "--out new.csv --then curve": "no such option",
    "--out new.csv --set near_mis=1": "unknown parameter 'near_mis'; did you mean near_miss_slope or ",
    "--out new.csv --engine mes": "unknown engine 'mes'; did you mean mesa?",
    "--out new.csv --roster none.csv": "roster none.csv cannot be read; is the path right?",
    "--out new.csv --mapping coruna": "--mapping says what columns mean; --roster must name the file",
    "--out new.csv --json": "no such option",
}


@pytest.mark.parametrize(("words", "says"), BAD.items(), ids=[words[:60] for words in BAD])
def test_bad_input_is_refused(words: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, exit code 2; nothing is printed or written, and what was there stays."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SETBACK_DATA", raising=False)
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "dangling.csv").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    done = export(*shlex.split(words))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"setback: {says}") and done.err.count("\n") == 1
    assert {path.name for path in tmp_path.rglob("*")} == {"there.csv", "dangling.csv", "folder"}
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_a_verb_within_the_verb() -> None:
    """The help of both; what there is not is refused like any other verb."""
    for says in ("Write the grade book of simulated classes", "Example: setback gradebook export --policy curve"):
        assert says in export("--help").out
    assert setback("gradebook", "exprt") == (2, "", "setback: unknown verb 'exprt'; did you mean export?\n")
    assert setback("gradebook") == (2, "", "setback: missing command; see setback gradebook --help\n")


@pytest.mark.parametrize("changes", [{"rooms": 0}, {"seed": -1}, {"seed": 0.5}, {"weeks": 521}, {"roster": "5a"}])
def test_bad_input_in_python(changes: dict[str, Any]) -> None:
    """The same sentences as an InputError, before anything is run."""
    with pytest.raises(sb.InputError):
        module.pages(**changes)
