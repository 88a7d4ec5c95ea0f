"""Watching a class: what is printed week by week is what happened in the model, and a diary says nothing else."""

import io
import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Done, setback
from rich.console import Console

import setback as sb
from setback import diary
from setback import watch as look
from setback.model.outcomes import OUTCOMES, STATES, states
from setback.model.policies import Policy

#: Students do everything often enough to be seen in a few weeks.
LIVELY = {"skip_level": -1.0, "dropout_level": -5.0, "dropout_not_submitted": 2.0}
SET = [word for name, value in LIVELY.items() for word in ("--set", f"{name}={value}")]
WEEKS, SEED = 8, 3
YEAR = ["--weeks", str(WEEKS), "--seed", str(SEED), *SET]
ROSTER = "student_id,class_id,prior_knowledge\n" + "".join(f"pupil{i},{'abb'[i % 3]},{i}\n" for i in range(7))


def watch(*args: str | Path, out: io.StringIO | None = None) -> Done:
    """Type `setback watch` with some words."""
    return setback("watch", *args, out=out)


def lived(policy: str = "reference", **changes: Any) -> list[Mapping[str, Any]]:
    """What a class was like, week by week, from Mesa's students."""
    room = sb.Classroom(policy, LIVELY, **{"seed": SEED, "weeks": WEEKS, **changes})
    weeks = []
    for _ in range(room.weeks):
        room.step()
        now = [STATES[int(number)] for number in states(room.slots)[:, 0]]
        students = list(room.students)
        weeks.append({
            "now": now,
            "failing": sum(s.failing_grade for s in students),
            "failed": sum(s.below_criterion for s in students),
            "retaken": sum(s.retaken for s in students),
            "talked": sum(s.talked > 0 for s in students),
            "tried": sum(s.submitted for s in students),
            "units": [1 + s.unit - s.moved for s in students if s.enrolled],
            **{name: np.mean([getattr(s, name) for s in students]) for name in ("effort", "control", "affect")},
        })  # fmt: skip
    return weeks


def rows(text: str) -> list[list[str]]:
    """The words of each week's line."""
    return [line.split() for line in text.splitlines() if re.match(r" *\d+ [·○◐●×]+ ", line)]


@pytest.fixture
def room() -> sb.Classroom:
    """A class at the beginning of its year."""
    return sb.Classroom("harmful", LIVELY, seed=SEED, weeks=WEEKS)


# ---- the class -------------------------------------------------------------------------------------------------
def test_a_line_a_week() -> None:
    """Each student's mark, the number in each state, failing grades, means and unit are those of the model."""
    done = watch("--policy", "harmful", *YEAR)
    assert (done.code, done.err) == (0, "")
    weeks = lived("harmful")
    assert {state for week in weeks for state in week["now"]} == {*STATES}, "too quiet to tell"
    for k, (found, week) in enumerate(zip(rows(done.out), weeks, strict=True), 1):
        assert found == [
            str(k), "".join(look.MARKS[STATES.index(state)] for state in week["now"]),
            *(str(week["now"].count(state)) for state in STATES), f"{week['failing']:.0f}",
            f"{100 * week['effort']:.0f}", f"{100 * week['control']:.0f}", f"{week['affect']:.2f}", str(k),
        ]  # fmt: skip


def test_what_stands_around_the_table() -> None:
    """Who is watched and under what, what the year came to, and what every mark and heading means."""
    done = watch("--policy", "harmful", "--room", "2", *YEAR)
    assert done.out.startswith("curve+accelerated+withhold+stakes=1: 30 students, room 2, seed 3, 8 weeks\n")
    assert "\n  curve: Grades by rank: a fixed share of the class fails.\n" in done.out
    weeks = lived("harmful", room=2)
    total, below = (sum(week[name] for week in weeks) for name in ("failing", "failed"))
    stopped = weeks[-1]["now"].count("stopped")
    said = f"In 8 weeks: failing grades {total:.0f}; results below the criterion {below:.0f}; stopped {stopped} of 30;"
    assert said in done.out
    found = re.search(r"Most weeks discouraged or shut down: (\S+) \((\d+)\).* --student (\S+) tells", done.out)
    assert found and found[1] == found[3]
    bad = [sum(week["now"][seat] in STATES[2:4] for week in weeks) for seat in range(30)]
    assert found[1] == f"student-{1 + int(np.argmax(bad))}" and int(found[2]) == max(bad)
    lines = done.out.splitlines()
    for mark, state, meaning in zip(look.MARKS, STATES, look.MEANING, strict=True):
        assert any(line.startswith(f"{mark} {state} ") and meaning in line for line in lines)
    for head in ("failing", "effort", "control", "affect", "unit"):
        assert any(line.startswith(f"{head} ") for line in lines), "every heading is explained"
    assert "\x1b" not in done.out and not any(line.endswith(" ") for line in lines), "plain text in a pipe"


def printed(room: sb.Classroom, width: int, seat: int | None = None, **console: Any) -> str:
    """What is printed to a window of a width."""
    file = io.StringIO()
    window = Console(file=file, width=width, **console)
    if seat is None:
        look.show_class(room, 0.0, window)
    else:
        look.show_student(room, seat, 0.0, window)
    return file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 71, 80, 104, 120])
def test_the_table_fits_the_window(width: int, room: sb.Classroom) -> None:
    """No line is broken; where the marks of the class find no room, the numbers stay."""
    text = printed(room, width)
    assert all(len(line) <= width for line in text.splitlines())
    weeks = [line for line in text.splitlines() if re.match(r" *[1-8] ", line)]
    assert len(weeks) == WEEKS
    assert all(bool(re.search("[·○◐●×]{30}", line)) == (width >= 71) for line in weeks)
    assert ("discouraged shut down" in text) == (width >= 116), "words over the numbers where they fit"
    assert all(state in text for state in STATES)


def test_marks_are_coloured_in_a_terminal(room: sb.Classroom) -> None:
    """The same text: colour says nothing that the marks do not say."""
    text = printed(room, 80, force_terminal=True, color_system="truecolor")
    assert re.search("\x1b\\[[0-9;]*m●\x1b", text)
    again = sb.Classroom("harmful", LIVELY, seed=SEED, weeks=WEEKS)
    assert re.sub("\x1b\\[[0-9;]*m", "", text) == printed(again, 80)


def test_letters_where_there_are_no_marks(room: sb.Classroom) -> None:
    """A terminal without them gets letters instead, and the same numbers."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    look.show_class(room, 0.0, Console(file=file, width=80))
    file.seek(0)
    text = file.read()
    assert ". steady  c coping  d discouraged  s shut down  x stopped" in text
    marks = [re.findall("[.cdsx]{30}", line) for line in text.splitlines() if re.match(r" *[1-8] ", line)]
    want = ["".join(look.PLAIN[STATES.index(state)] for state in week["now"]) for week in lived("harmful")]
    assert marks == [[row] for row in want]


def test_one_json_object_a_week() -> None:
    """With the numbers of the model, for machines."""
    policy = "mastery+self-paced+story-editing"
    done = watch("--policy", policy, "--json", *YEAR)
    assert (done.code, done.err) == (0, "")
    found = [json.loads(line) for line in done.out.splitlines()]
    weeks = lived(policy)
    assert any(week["retaken"] for week in weeks) and any(week["talked"] for week in weeks)
    for k, (got, week) in enumerate(zip(found, weeks, strict=True), 1):
        assert got.pop("students") == {f"student-{i + 1}": state for i, state in enumerate(week["now"])}
        assert got == {
            "week": k, "policy": policy, "states": {state: week["now"].count(state) for state in STATES},
            "failing_grades": week["failing"], "below_criterion": week["failed"], "submitted": week["tried"],
            **{name: pytest.approx(week[name], abs=1e-12) for name in ("effort", "control", "affect")},
            "units": [min(week["units"]), max(week["units"])], "retakes": week["retaken"], "talks": week["talked"],
        }  # fmt: skip
    assert found[-1]["units"][0] < found[-1]["units"][1] == WEEKS


def test_columns_are_what_the_policy_does() -> None:
    """Retakes and talks have a column where there are any; where nobody is told, results stand in brackets."""
    plain = watch("--policy", "criterion", "--weeks", "1").out
    assert "\nretakes" not in plain and "\ntalks" not in plain and "(in brackets)" not in plain
    text = watch("--policy", "mastery+story-editing", *YEAR).out
    assert "\nredo " in text and "\ntalk " in text
    want = [[f"{week['retaken']:.0f}", str(week["talked"])] for week in lived("mastery+story-editing")]
    assert [row[-2:] for row in rows(text)] == want
    text = watch("--policy", "narrative", *YEAR).out
    assert "(in brackets) results below the criterion" in text and "failing grades none, as nobody is told" in text
    assert [row[7] for row in rows(text)] == [f"({week['failed']:.0f})" for week in lived("narrative")]
    units = [row[-1] for row in rows(watch("--policy", "self-paced", *YEAR).out)]
    weeks = lived("self-paced")
    assert units[-1] == f"{min(weeks[-1]['units']):g}-{max(weeks[-1]['units']):g}" and units[0] == "1"


def test_a_change_of_policy() -> None:
    """It is announced in its week; what went before is as it would have been without it."""
    alone, turned = (watch("--policy", policy, *YEAR).out for policy in ("curve", "curve > mastery @ 5"))
    lines = turned.splitlines()
    at = lines.index("from here: mastery")
    assert lines[at - 1].split()[0] == "4" and lines[at + 1].split()[0] == "5"
    assert [row[:11] for row in rows(turned)[:4]] == [row[:11] for row in rows(alone)[:4]]
    assert [row[:11] for row in rows(turned)[4:]] != [row[:11] for row in rows(alone)[4:]]
    assert turned.startswith("curve, from week 5 mastery: ") and "Not yet: failed work is corrected" in turned
    done = watch("--policy", "curve > mastery @ 5", "--json", *YEAR)
    named = [json.loads(line)["policy"] for line in done.out.splitlines()]
    assert named == ["curve"] * 4 + ["mastery"] * 4


def test_a_real_class(tmp_path: Path) -> None:
    """Its students by their ids; what was done to the file and which class it is are printed, not among the JSON."""
    (tmp_path / "pupils.csv").write_text(ROSTER)
    words = ["--roster", tmp_path / "pupils.csv", "--room", "1", "--weeks", "2"]
    text = watch(*words).out
    assert "  7 students of pupils.csv, ids from student_id\n" in text and "\n  class b\n" in text
    assert [len(row[1]) for row in rows(text)] == [4, 4]
    done = watch(*words, "--json")
    assert [*json.loads(done.out.splitlines()[0])["students"]] == ["pupil1", "pupil2", "pupil4", "pupil5"]
    assert "class b" in done.err
    assert json.loads(watch(*words, "--json", "--student", "seat-3").out.splitlines()[0])["student"] == "pupil4"


@pytest.mark.parametrize("words", [[], ["--student", "seat-2"]], ids=["class", "diary"])
def test_names_steer_no_terminal(words: list[str], tmp_path: Path) -> None:
    """What stands in a roster is printed without the characters that a terminal obeys."""
    (tmp_path / "pupils.csv").write_text(
        "student_id,class_id\n" + "".join(f"p{i}\x1b]0;x\x07,5\x1b[2Ja\n" for i in "123")
    )
    done = watch("--roster", tmp_path / "pupils.csv", "--weeks", "36", *words)
    assert done.code == 0 and "5 [2Ja" in done.out
    assert all(line.isprintable() for line in done.out.split("\n"))


def test_seed_and_parameters_matter() -> None:
    """Other students, another world."""
    first = watch("--weeks", "3", "--json").out
    assert watch("--weeks", "3", "--json", "--seed", "0", "--room", "0", "--policy", "reference").out == first
    for words in (["--seed", "1"], ["--room", "1"], ["--set", "effort_level=0"], ["--policy", "curve"]):
        assert watch("--weeks", "3", "--json", *words).out != first, words


class Terminal(io.StringIO):
    """An output that says of itself that somebody looks on."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_the_pause_between_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment where somebody looks on, none in a pipe, and whatever is asked for."""
    waited: list[float] = []
    monkeypatch.setattr(look.time, "sleep", waited.append)
    for words, out, pause in (
        ([], io.StringIO(), 0.0),
        ([], Terminal(), look.PAUSE),
        (["--pause", "0"], Terminal(), 0.0),
        (["--pause", "1.5"], io.StringIO(), 1.5),
        (["--pause", "1.5", "--json"], io.StringIO(), 1.5),
        (["--pause", "1.5", "--student", "seat-1"], io.StringIO(), 1.5),
    ):
        waited.clear()
        assert watch("--weeks", "2", *words, out=out).code == 0
        assert waited == [pause] * 2, words
    assert look.PAUSE > 0


# ---- the diary ---------------------------------------------------------------------------------------------------
def diaries(policy: str, student: str) -> list[dict[str, Any]]:
    """A student's year as JSON."""
    done = watch("--policy", policy, "--student", student, "--json", *YEAR)
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("policy", ["harmful", "mastery", "narrative", "criterion+problem-first+counted=0.5"])
@pytest.mark.parametrize("seat", [0, 5, 12, 26])
def test_a_diary_adds_up_to_the_tallies(policy: str, seat: int) -> None:
    """Every failing that is told of is one that the model counted, and each that it counted is told of."""
    year = diaries(policy, f"seat-{seat + 1}")
    room = sb.Classroom(policy, LIVELY, seed=SEED, weeks=WEEKS).run()
    student = room.students[seat]
    assert {week["student"] for week in year} == {student.name}
    text = "\n".join(sentence for week in year for sentence in week["text"])
    stopped = sum(week["text"][0].startswith("Has stopped") for week in year)
    assert text.count("an error (i)") == student.weeks_practice_error
    assert text.count("below the criterion (ii)") + stopped == student.weeks_below_criterion
    assert text.count("(iii-a)") == student.weeks_failing_grade_told
    assert text.count("Handed in, ") == student.weeks_submitted
    weight = Policy(policy)["counted"]
    assert text.count("(iii-b") == pytest.approx(student.weeks_failing_grade_counted / weight if weight else 0)
    assert text.count("(iii-c") == student.weeks_failing_grade_compared
    assert text.count("before being taught") == (student.weeks_submitted if "problem-first" in policy else 0)
    for week in year:
        assert all(re.fullmatch(r"[A-Z][^.]*(\.\d[^.]*)*\.", sentence) for sentence in week["text"]), week["text"]


def test_a_diary_for_people() -> None:
    """Who the student is, a heading and the sentences of each week, and the year as a strip of marks."""
    text = watch("--policy", "harmful", "--student", "seat-4", *YEAR).out
    year = diaries("harmful", "student-4")
    room = sb.Classroom("harmful", LIVELY, seed=SEED, weeks=WEEKS)
    friends = ", ".join(friend.name for friend in room.students[3].friends)
    assert f"\nstudent-4, seat 4, with {friends} for friends. Prior knowledge " in text
    for week in year:
        mark = look.MARKS[STATES.index(week["state"])]
        assert re.search(rf"\nWeek {week['week']}, unit {week['week']}  {mark} .*{week['state']}\n", text)
        assert all(f"\n  {sentence}\n" in text for sentence in week["text"] if len(sentence) < 116)
    strip = "".join(look.MARKS[STATES.index(week["state"])] for week in year)
    assert f"\nThe year  {strip}\n" in text
    learning = OUTCOMES["learning"].of(room.run().slots, WEEKS)[3, 0]
    assert f"Conceptual gain {learning:+.2f} SD." in " ".join(text.split())


def test_the_diary_of_a_student_who_stops() -> None:
    """It ends with the week of stopping, for people; for machines the year goes on."""
    weeks = lived("harmful")
    seat = next(k for k, state in enumerate(weeks[-2]["now"]) if state == "stopped")
    last = next(k for k, week in enumerate(weeks, 1) if week["now"][seat] == "stopped")
    assert last < WEEKS
    text = watch("--policy", "harmful", "--student", f"seat-{seat + 1}", *YEAR).out
    assert re.findall(r"^Week (\d+)", text, re.M) == [str(k) for k in range(1, last + 1)]
    assert text.count("Stopped for good at the end of the week.") == 1
    assert re.search(rf"\nThe year  [·○◐●]{{{last - 1}}}×{{{WEEKS - last + 1}}}\n", text)
    assert "below the criterion (ii), those after stopping included" in " ".join(text.split())
    year = diaries("harmful", f"seat-{seat + 1}")
    assert len(year) == WEEKS and year[-1]["enrolled"] == 0
    assert all(week["text"] == ["Has stopped: nothing is set, handed in or heard any more."] for week in year[last:])


def test_a_diary_in_a_narrow_window(room: sb.Classroom) -> None:
    """Sentences are broken between words, and never between a number and its sign of percent."""
    text = printed(room, 60, seat=3)
    assert all(len(line) <= 60 for line in text.splitlines())
    assert not re.search(r"^ *%", text, re.M)


SLOTS = {
    "enrolled": 1.0, "challenge": 0.0, "submitted": 1.0, "weeks_not_submitted": 0.0, "effort": 0.62,
    "practice_error": 0.0, "error_depth": 0.0,
    "analysed": 0.0, "helped": 0.0, "score": 0.71, "below_criterion": 0.0, "grade": 0.71,
    "percentile_rank": 0.0,
    "failing_grade_told": 0.0, "retaken": 0.0, "failing_grade": 0.0, "heard_attribution": 0.0, "to_ability": 0.4,
    "to_effort": 0.3,
    "to_task": 0.2, "to_luck": 0.1, "talked": 0.0, "expectancy": 0.5, "control": 0.6, "affect": 0.1,
}  # fmt: skip
FAILING = {
    "below_criterion": 1.0,
    "failing_grade_told": 1.0,
    "failing_grade": 1.0,
    "grade": 0.3,
    "heard_attribution": 1.0,
    "score": 0.3,
}

#: What is changed in the slots of a good week, under which policy, and a sentence that is then said.
SAID: tuple[tuple[dict[str, float], str, str], ...] = (
    ({}, "criterion", "The task was at about the level that the student was ready for (+0.0 logit)."),
    ({"challenge": -0.04}, "criterion", "The task was at about the level that the student was ready for (+0.0 logit)."),
    ({"challenge": 0.8}, "criterion", "The task was above what the student was ready for (+0.8 logit)."),
    ({"challenge": -1.7}, "criterion", "The task was far below what the student was ready for (-1.7 logit)."),
    ({}, "criterion", "Handed in, with an effort of 62 %."),
    ({"submitted": 0.0, "weeks_not_submitted": 1.0, **FAILING}, "criterion",
     "Nothing handed in: counts as below the criterion (ii)."),
    ({"submitted": 0.0, "weeks_not_submitted": 3.0, **FAILING}, "criterion",
     "Nothing handed in, the 3rd week in a row: counts as below the criterion (ii)."),
    ({}, "criterion", "Practice: no error."),
    ({}, "problem-first", "Practice, before being taught: no error."),
    ({"practice_error": 1.0, "error_depth": 0.2, "analysed": 0.5}, "criterion",
     "Practice: an error (i), a near miss; 50 % of it was analysed."),
    ({"practice_error": 1.0, "error_depth": 2.2, "analysed": 0.1, "helped": 1.0}, "criterion",
     "Practice: an error (i), far off; 10 % of it was analysed; the teacher stepped in."),
    ({}, "criterion", "Test: 71 of 100, at or above the criterion (ii)."),
    (FAILING, "criterion", "Test: 30 of 100, below the criterion (ii)."),
    (FAILING, "criterion+grade_practice=0.5",
     "Test: 30 of 100, practice included; the test alone is below the criterion (ii)."),
    ({}, "criterion", "Told that it is a pass."),
    (FAILING, "criterion", "Told that it is a failing grade (iii-a)."),
    (FAILING, "criterion+told=0.5+counted=0.5", "Told that it is a failing grade (iii-a, to 50 %)."),
    (FAILING, "criterion", "It counts (iii-b)."),
    (FAILING, "curve", "It counts (iii-b) and is compared or made public (iii-c)."),
    (FAILING, "mastery", "It does not count, and is not compared."),
    ({**FAILING, "failing_grade_told": 0.0}, "narrative", "Nobody said whether that is a pass."),
    ({**FAILING, "failing_grade_told": 0.0, "result_told": 0.0, "result_counted": 0.0}, "criterion+assignment_every=4",
     "Nobody said whether that is a pass."),
    ({"percentile_rank": 0.25}, "curve", "The grade goes by rank: ahead of 25 % of the class."),
    ({"percentile_rank": 0.25}, "curve+comparison=0.5",
     "The grade goes by rank, to 50 %: ahead of 25 % of the class."),
    ({**FAILING, "retaken": 1.0, "failing_grade": 0.0, "grade": 0.58, "heard_attribution": 0.0}, "mastery",
     "Corrected it and took the test again once: a pass with 58."),
    ({**FAILING, "retaken": 2.0}, "mastery", "Corrected it and took the test again twice: still a failing grade."),
    ({}, "criterion", "Took it for a success, and put it down to ability most (40 %)."),
    ({**FAILING, "to_effort": 0.45}, "criterion",
     "Took it for a failure, and put it down to effort and strategy most (45 %)."),
    ({**FAILING, "talked": 1.0}, "story-editing",
     "Took it for a failure, and put it down to ability most (40 %), after the teacher talked about it."),
    ({"to_ability": 0.25, "to_effort": 0.25, "to_task": 0.25, "to_luck": 0.25}, "criterion",
     "Took it for a success, and put it down to no single cause."),
    ({"expectancy": 0.55, "control": 0.57}, "criterion",
     "Expectancy rose from 50 to 55 %, control fell from 60 to 57 %."),
    ({"expectancy": 0.501}, "criterion", "Expectancy stayed at 50 %, control stayed at 60 %."),
    ({"affect": 0.35}, "criterion", "Shame and anxiety rose from 0.10 to 0.35."),
    ({"enrolled": 0.0}, "criterion", "Stopped for good at the end of the week."),
)  # fmt: skip


def announced(policy: str, **levers: float) -> dict[str, float]:
    """What the teacher of a policy tells, counts and makes public of a result."""
    return {f"result_{name}": Policy(policy, **levers)[name] for name in ("told", "counted", "public")}


@pytest.mark.parametrize(("changes", "policy", "sentence"), SAID, ids=[sentence[:50] for *_, sentence in SAID])
def test_what_a_sentence_is_made_of(changes: dict[str, float], policy: str, sentence: str) -> None:
    """It is said where the slots say so, and it is all that is said of the matter."""
    before = {**SLOTS, "expectancy": 0.5, "control": 0.6, "affect": 0.1}
    said = diary.entry(before, {**SLOTS, **announced(policy), **changes}, Policy(policy))
    assert said.count(sentence) == 1, said
    openings = [text.split()[:2] for text in said]
    assert all(openings.count(words) == 1 for words in openings), "one sentence a matter"


def test_who_stopped_has_no_week_any_more() -> None:
    """Whatever the slots hold."""
    assert len(diary.entry({**SLOTS, "enrolled": 0.0}, {**SLOTS, **FAILING}, Policy("curve"))) == 1


def test_a_failing_grade_that_was_repaired_counts_no_more() -> None:
    """It was told of, and then passed."""
    repaired = {
        **SLOTS,
        **FAILING,
        **announced("mastery", counted=1.0),
        "retaken": 1.0,
        "failing_grade": 0.0,
        "grade": 0.58,
    }
    said = diary.entry(SLOTS, repaired, Policy("mastery", counted=1.0))
    assert any("(iii-a)" in sentence for sentence in said) and not any("(iii-b" in sentence for sentence in said)


def test_a_result_that_nobody_handed_in_is_not_described() -> None:
    """No test, no practice, no place."""
    nothing = {**SLOTS, **FAILING, **announced("curve"), "submitted": 0.0, "practice_error": 1.0}
    said = " ".join(diary.entry(SLOTS, nothing, Policy("curve")))
    assert "Test:" not in said and "Practice" not in said and "percentile_rank" not in said


# ---- bad input ---------------------------------------------------------------------------------------------------
#: What is typed, and how the sentence begins that is said of it.
BAD: dict[str, str] = {
    "--student student-77": "unknown student 'student-77'; did you mean student-",
    "--student studnt-7": "unknown student 'studnt-7'; did you mean student-7 or ",
    "--student seat-31": "unknown student 'seat-31'; did you mean seat-3",
    "--student ''": "unknown student ''; there are student-1, student-2, ",
    "--policy curv": "unknown policy 'curv'; did you mean curve?",
    "--policy 'mastery > curv @ 4'": "unknown policy 'curv'; did you mean curve?",
    "--policy 'mastery > curve @ 37'": "policy mastery > curve @ 37 changes in week 37; the last week of the year",
    "--weeks 3 --policy 'mastery > curve @ 4'": "policy mastery > curve @ 4 changes in week 4; the last week of",
    "--policy 'mastery > curve @ 1'": "the week of a change of policy is 1; it needs a whole number from 2",
    "--policy 'mastery > curve'": "'mastery > curve' is no policy; write a change as in 'high-pressure > mastery @ 19'",
    "--switch 4": "no such option",
    "--weeks 0": "weeks is 0; it needs a whole number from 1 to 520",
    "--seed -1": "seed is -1; it needs a whole number from 0 to ",
    "--room -1": "room is -1; it needs a whole number from 0 to ",
    **{f"--pause {text}": f"pause is {value}; it needs a number from 0 to 60 (seconds)"
       for text, value in (("-1", "-1.0"), ("61", "61.0"), ("nan", "nan"), ("inf", "inf"))},
    "--pause long": "invalid value for '--pause': ",
    "--set near_mis=1": "unknown parameter 'near_mis'; did you mean near_miss_slope or ",
    "--set near_miss_slope": "--set near_miss_slope needs a name and a number",
    "--roster none.csv": "roster none.csv cannot be read; is the path right?",
    "--mapping coruna": "--mapping says what columns mean; --roster must name the file",
    "--rooms 2": "no such option: --rooms",
    "curve": "got unexpected extra argument",
}  # fmt: skip


@pytest.mark.parametrize("form", ["", "--json"])
@pytest.mark.parametrize(("words", "says"), BAD.items(), ids=BAD)
def test_bad_input_is_refused(
    words: str, says: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, exit code 2, and not a week is lived."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SETBACK_DATA", raising=False)
    monkeypatch.setattr(look, "live", lambda *_: pytest.fail("it was lived"))
    done = watch(*shlex.split(f"{words} {form}"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"setback: {says}") and done.err.count("\n") == 1


def test_it_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between two weeks: exit code 130, one sentence."""

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(look.time, "sleep", stop)
    done = watch("--weeks", "3")
    assert done.code == 130 and len(rows(done.out)) == 1
    assert done.err == "setback: stopped; nothing half-written was kept\n"
