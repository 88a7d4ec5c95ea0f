"""What a person types after ``import setback as sb``: simulations, contrasts, classrooms, and what they refuse."""

import importlib
import json
import math
import pickle
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import setback
from PIL import Image
from scipy import stats

import setback as sb
from setback.analysis.paired import BETTER, COLUMNS, REPLICATES
from setback.experiments.gradebook.export import gradebook
from setback.experiments.profile import _explained, profile
from setback.experiments.simulate import BLOCK, TRAITS
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.model.chance import LIMIT, uniform
from setback.model.engines.mesa import COLLECTED, Student
from setback.model.keep import WEEKLY
from setback.model.outcomes import EVENTS, OUTCOMES, STATES, states
from setback.model.rosters.roster import SchoolClass
from setback.model.state import OPENED, SLOTS, STATE, TALLY

ROOMS, WEEKS, SEED = 3, 5, 7
#: Students do everything often enough to be seen in a few weeks.
LIVELY = sb.Parameters(skip_level=-1.0, dropout_level=-5.0, dropout_not_submitted=2.0)
#: Shares of failures or of successes, not known of a student who had none, and what is only said of those enrolled.
#: Every other outcome is known of everybody.
SHARES = ("learned_after_failure", "failure_to_ability", "success_to_external", "helpless")
KNOWN = [name for name in OUTCOMES if name not in SHARES]


def classes(*sizes: int) -> sb.Roster:
    """A roster with classes of these sizes; of every other class the interest is known."""
    known = [{"interest": np.linspace(-1, 1, size)} if k % 2 else {} for k, size in enumerate(sizes)]
    ids = [tuple(f"{k}-{i}" for i in range(size)) for k, size in enumerate(sizes)]
    return sb.Roster([SchoolClass(f"class-{k}", ids[k], known[k]) for k in range(len(sizes))], "unequal")


def simulated(policy: str, **changes: Any) -> sb.Result:
    """A small simulation."""
    return sb.simulate(policy, **{"parameters": LIVELY, "rooms": ROOMS, "weeks": WEEKS, "seed": SEED, **changes})


@pytest.fixture(scope="module")
def criterion() -> sb.Result:
    """Three classes under a fixed criterion."""
    return simulated("criterion")


@pytest.fixture(scope="module")
def curve() -> sb.Result:
    """The same classes graded on a curve."""
    return simulated("curve")


# ---- names -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sb.NAMES)
def test_every_name_arrives(name: str) -> None:
    """From the module that the table says."""
    assert getattr(sb, name) is getattr(importlib.import_module(f"setback.{sb.NAMES[name]}"), name)
    assert name in dir(sb)


def test_the_names_are_the_names() -> None:
    """What a star would import is the table; the model's own classroom is not the one with a picture."""
    assert {*sb.__all__} == sb.NAMES.keys()
    assert sb.Classroom.__doc__ and "week by week" in sb.Classroom.__doc__
    assert sb.simulate.__doc__ and "Args:" in sb.simulate.__doc__ and sb.Result.__doc__


@pytest.mark.parametrize("name", ["Classrom", "run", "numpy"])
def test_an_unknown_name_lists_the_names(name: str) -> None:
    """An AttributeError, as of every module."""
    with pytest.raises(AttributeError, match=f"^setback has no '{name}'; it has Classroom, Contrast, Cost, ") as error:
        getattr(sb, name)
    assert all(known in str(error.value) for known in sb.NAMES)


# ---- simulate --------------------------------------------------------------------------------------------------
def test_one_row_a_student(criterion: sb.Result) -> None:
    """Room, student, what the student began the year with, and every outcome, rooms and seats in order."""
    frame = criterion.per_student()
    assert list(frame) == ["room", "class", "student", *TRAITS, *OUTCOMES]
    assert list(frame["room"]) == [room for room in range(ROOMS) for _ in range(30)]
    assert list(frame["student"]) == [f"student-{i + 1}" for i in range(30)] * ROOMS
    assert np.isfinite(frame[KNOWN].to_numpy()).all()
    for name, outcome in OUTCOMES.items():
        if outcome.unit.startswith(("share", "probability")):
            assert frame[name].dropna().between(0, 1).all(), name
    assert frame["below_criterion_rate"].nunique() > 3 and frame["dropout"].nunique() == 2


def test_shares_are_known_of_those_who_had_any(criterion: sb.Result) -> None:
    """NaN is said of a student without a failure or success, and of nobody else; work handed in is one or the other."""
    frame = criterion.per_student()
    for name in SHARES:
        assert frame[name].isna().any() and frame[name].notna().any(), name
    assert frame.loc[frame["below_criterion_rate"] == 0, "learned_after_failure"].isna().all()
    neither = frame["failure_to_ability"].isna() & frame["success_to_external"].isna()
    assert ((frame["submission_rate"] == 0) == neither).all() and neither.any()
    # work handed in was failed twice, so at least once before the last week: a next test has come
    twice = (frame["submission_rate"] == 1) & (frame["below_criterion_rate"] * WEEKS > 1.5)
    assert twice.any() and frame.loc[twice, "learned_after_failure"].notna().all()


def test_one_row_a_room(criterion: sb.Result) -> None:
    """Number, class, students, and the mean of every outcome over those of whom it is known."""
    frame = criterion.per_room()
    assert list(frame) == ["room", "class", "students", *OUTCOMES]
    assert list(frame["room"]) == [0, 1, 2] and {*frame["class"]} == {"synthetic"}
    assert list(frame["students"]) == [30] * ROOMS
    means = criterion.per_student().groupby("room")[list(OUTCOMES)].mean()
    assert np.allclose(frame[list(OUTCOMES)], means, rtol=0, atol=1e-12)
    assert frame["learning"].nunique() == ROOMS


def test_one_row_a_room_and_week(criterion: sb.Result) -> None:
    """Class means of a few slots, weeks from 1; what they add up to are the outcomes of the year."""
    frame = criterion.per_week()
    assert list(frame) == ["room", "week", *WEEKLY]
    assert sorted(zip(frame["room"], frame["week"], strict=True)) == [
        (room, week) for room in range(ROOMS) for week in range(1, WEEKS + 1)
    ]
    year = frame.groupby("room").mean()
    rooms = criterion.per_room().set_index("room")
    for slot, outcome in (
        ("below_criterion", "below_criterion_rate"),
        ("failing_grade_told", "failing_grade_told_rate"),
        ("submitted", "submission_rate"),
    ):
        assert np.allclose(year[slot], rooms[outcome], rtol=0, atol=1e-12)
    last = frame[frame["week"] == WEEKS].set_index("room")
    assert np.allclose(last["enrolled"], 1 - rooms["dropout"], rtol=0, atol=1e-12)
    assert np.allclose(last["control"], rooms["control"], rtol=0, atol=1e-12)


def test_the_same_seed_is_the_same_year(criterion: sb.Result) -> None:
    """And another seed is other students with other luck."""
    assert criterion.per_student().equals(simulated("criterion").per_student())
    other = simulated("criterion", seed=SEED + 1).per_student()
    assert not np.isclose(other["control"], criterion.per_student()["control"]).any()


def test_the_same_students_and_luck_under_two_policies(criterion: sb.Result, curve: sb.Result) -> None:
    """A policy that differs in what changes nothing changes nothing; one that differs in grading alone, little."""
    silent = simulated("criterion+quota=0.3")  # a share that fails only where grades go by rank
    assert silent.policy != criterion.policy and silent.per_student().equals(criterion.per_student())
    first, second = (result.per_week().query("week == 1") for result in (criterion, curve))
    assert first["submitted"].equals(second["submitted"])
    assert ((first["practice_error"] - second["practice_error"]).abs() * 30).round().max() <= 1, "a student of a class"
    assert not first["effort"].equals(second["effort"]), "a curve threatens more: effort is held back in advance"
    candid = LIVELY.replace(strength_self_handicapping=0.0)  # and this is all that differs before the first grade
    first, second = (
        simulated(policy, parameters=candid).per_week().query("week == 1") for policy in ("criterion", "curve")
    )
    assert first[["submitted", "effort"]].equals(second[["submitted", "effort"]])
    assert not criterion.per_student()["learning"].equals(curve.per_student()["learning"])
    a, b = (sb.Classroom(policy, LIVELY, seed=SEED, room=1) for policy in ("criterion", "curve"))
    assert a.students.to_frame().equals(b.students.to_frame())
    a.step()
    b.step()
    shared = a.luck.keys() & b.luck.keys()
    assert shared and all(np.array_equal(a.luck[name], b.luck[name]) for name in shared)


def test_replicates_are_averaged_over_other_luck(criterion: sb.Result) -> None:
    """The mean of two years of luck of the same students; of the one in which it is known, where that is one."""
    both = simulated("criterion", replicates=2).per_student()[list(OUTCOMES)]
    second = pd.concat([year_of(sb.Classroom("criterion", LIVELY, seed=SEED, room=r, luck=1)) for r in range(ROOMS)])
    second = second.reset_index(drop=True)
    first = criterion.per_student()[list(OUTCOMES)]
    means = ((first + second) / 2).fillna(first).fillna(second)
    assert np.allclose(both, means, rtol=0, atol=1e-12, equal_nan=True)
    assert not np.allclose(first[KNOWN], second[KNOWN])
    for name in SHARES:
        assert (first[name].isna() & second[name].notna()).any() and (first[name].isna() & second[name].isna()).any()


@pytest.mark.parametrize(("engine", "close"), [("mesa", 0.0), ("compiled", 1e-9)])
def test_other_engines(engine: str, close: float) -> None:
    """The same numbers."""
    if engine == "compiled":
        pytest.importorskip("llvmlite")
    roster = classes(3, 5)
    a, b = (simulated("mastery", roster=roster, rooms=2, weeks=3, engine=name) for name in ("vectorised", engine))
    for frames in zip(
        (a.per_student(), a.per_room(), a.per_week()), (b.per_student(), b.per_room(), b.per_week()), strict=True
    ):
        pd.testing.assert_frame_equal(*frames, check_exact=not close, rtol=0, atol=close)


def test_progress_is_told() -> None:
    """Student-weeks, all of them."""
    told: list[int] = []
    sb.simulate("curve", roster=classes(2, 4), weeks=3, replicates=2, progress=told.append)
    assert sum(told) == 2 * 4 * 3 * 2


# ---- rosters ---------------------------------------------------------------------------------------------------
def test_classes_of_unequal_size() -> None:
    """Nobody sits on an empty seat, and more rooms than classes begin again with other luck."""
    roster = classes(2, 9, 5)
    result = simulated("curve", roster=roster, rooms=4)
    rooms, students = result.per_room(), result.per_student()
    assert list(rooms["students"]) == [2, 9, 5, 2]
    assert list(rooms["class"]) == ["class-0", "class-1", "class-2", "class-0"]
    names = [name for k in (0, 1, 2, 0) for name in roster.classes[k].students]
    assert list(students["student"]) == names and list(students["room"]) == [0] * 2 + [1] * 9 + [2] * 5 + [3] * 2
    assert np.isfinite(students[KNOWN].to_numpy()).all()
    means = students.groupby("room")[list(OUTCOMES)].mean()  # over those of whom it is known
    assert np.allclose(rooms[list(OUTCOMES)], means, rtol=0, atol=1e-12, equal_nan=True)
    assert np.isfinite(rooms[KNOWN].to_numpy()).all()
    year = result.per_week().groupby("room").mean()
    assert np.allclose(year["below_criterion"], rooms["below_criterion_rate"], rtol=0, atol=1e-12)
    first, again = (students[students["room"] == room]["control"].to_numpy() for room in (0, 3))
    assert not np.isclose(first, again).any()
    assert len(simulated("curve", roster=roster, rooms=None).per_room()) == 3


def test_more_rooms_than_are_walked_together() -> None:
    """Where one block of rooms ends and the next begins, nothing changes; blocks may differ in their largest class."""
    roster, rooms = classes(3, *[2] * BLOCK), BLOCK + 2
    result = sb.simulate("mastery", LIVELY, roster, rooms, seed=1, weeks=2)
    frame = result.per_room()
    assert list(frame["students"]) == [3, *[2] * BLOCK, 3]
    for room in (0, BLOCK - 1, BLOCK, BLOCK + 1):
        alone = year_of(sb.Classroom("mastery", LIVELY, roster, room=room, seed=1, weeks=2))
        mine = result.per_student().query("room == @room")[list(OUTCOMES)].to_numpy()
        assert np.array_equal(mine, alone.to_numpy(), equal_nan=True), room


def lives(policy: str, roster: sb.Roster, room: int, weeks: int, luck: int = 0) -> list[list[dict[str, Any]]]:
    """Every number of every student of a class, week by week, from Mesa's students: they are asked one by one."""
    names = [name for name, slot in SLOTS.items() if slot.of == "student"]
    classroom = sb.Classroom(policy, LIVELY, roster, room=room, seed=SEED, luck=luck, weeks=weeks)
    found = []
    for _ in range(weeks):
        classroom.step()
        found.append([{n: float(getattr(s, n)) for n in names} for s in classroom.students])
    return found


@pytest.mark.parametrize("policy", ["criterion+stakes=1", "mastery > curve @ 3"])
def test_every_table_of_a_result_by_hand(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Student by student: classes of unequal size that are seated again, two years of luck, blocks of two rooms."""
    monkeypatch.setattr("setback.experiments.simulate.BLOCK", 2)
    sizes, rooms, weeks = (2, 9, 5), 7, 12
    roster = sb.Roster(
        [c._replace(carried={"form": tuple(f"{c.name}/{i}" for i in range(n))})
         for c, n in zip(classes(*sizes).classes, sizes)], "unequal",
    )  # fmt: skip
    keep = sb.Keep(students=("control", "submitted"), share=0.6, classes=("effort", "enrolled"))
    result = simulated(policy, roster=roster, rooms=rooms, weeks=weeks, replicates=2, keep=keep)

    students, of_rooms, of_weeks, of_students = [], [], [], []
    for room in range(rooms):
        who = roster.classes[room % 3]
        years = [lives(policy, roster, room, weeks, luck) for luck in (0, 1)]
        ends = [sb.Classroom(policy, LIVELY, roster, room=room, seed=SEED, luck=luck, weeks=weeks) for luck in (0, 1)]
        ends = [year_of(classroom) for classroom in ends]
        measured = pd.concat(ends).groupby(level=0).mean()  # of those years in which it is known
        of_rooms.append({"room": room, "class": who.name, "students": len(who.students), **measured.mean()})
        for i, name in enumerate(who.students):
            about = {"room": room, "class": room % 3, "student": name}
            traits = {trait: years[0][0][i][trait] for trait in TRAITS}
            students.append({**about, "form": f"{who.name}/{i}", **traits, **measured.loc[i]})
            if uniform(SEED, "traces", room, 0, 0) < 0.6:
                for w in range(weeks):
                    mean = {n: (years[0][w][i][n] + years[1][w][i][n]) / 2 for n in keep.students}
                    of_students.append({**about, "week": w + 1, **mean})
        for w in range(weeks):
            mean = {n: np.mean([s[n] for year in years for s in year[w]]) for n in keep.classes}
            of_weeks.append({"week": w + 1, "room": room, **mean})

    by_week = pd.DataFrame(of_weeks).sort_values(["week", "room"], ignore_index=True)
    for found, expected in (
        (result.per_student(), pd.DataFrame(students)), (result.per_room(), pd.DataFrame(of_rooms)),
        (result.per_week(), by_week[["room", "week", *keep.classes]]),
        (result.per_student_week(), pd.DataFrame(of_students)),
    ):  # fmt: skip
        pd.testing.assert_frame_equal(found, expected, rtol=0, atol=1e-12)
    assert 0 < len(of_students) < len(students) * weeks and by_week["enrolled"].min() < 1, "too quiet to tell"


# ---- profiles --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("policy", "sizes", "rooms", "weeks"),
    [
        ("criterion", (2, 9, 5), 8, 17),
        ("narrative > curve+accelerated @ 8", (2, 9, 5), 8, 17),
        ("harmful", (2,), 1, 90),
    ],
)
def test_a_profile_by_hand(policy: str, sizes: tuple[int, ...], rooms: int, weeks: int) -> None:
    """Every row of three tables, student by student: unequal classes that are seated again, and one that stops."""
    roster = classes(*sizes)
    found = profile(policy, LIVELY, rooms=rooms, seed=SEED, weeks=weeks, roster=roster)
    years = [lives(policy, roster, room, weeks) for room in range(rooms)]
    students = [[week[i] for week in year] for year in years for i in range(len(year[0]))]

    by_week = []
    for w in range(weeks):
        scores = [s[w]["score"] for s in students if s[w]["submitted"]]
        state = [int(states({name: np.array(value) for name, value in s[w].items()})) for s in students]
        quantiles = np.quantile(scores, [0.1, 0.25, 0.5, 0.75, 0.9]) if scores else [math.nan] * 5
        shares = {name: state.count(k) / len(students) for k, name in enumerate(STATES)}
        by_week.append({"week": w + 1, **dict(zip(("q10", "q25", "q50", "q75", "q90"), quantiles)), **shares})
    failures = [sum(w["below_criterion"] for w in s) for s in students]
    by_count = [{"failures": n, "share": failures.count(n) / len(students)} for n in range(weeks + 1)]

    # from the fifth week on, from three weeks before to nine weeks after, of those who are enrolled all along
    changes: dict[tuple[str, int], list[float]] = {(event, h): [] for event in EVENTS for h in range(-3, 10)}
    for s in students:
        for w in range(4, weeks - 9):
            if s[w]["submitted"] and s[w]["below_criterion"]:
                event = EVENTS[3] if s[w]["failing_grade_told"] else EVENTS[2]
            else:
                event = (EVENTS[1] if s[w]["practice_error"] else EVENTS[0]) if s[w]["submitted"] else EVENTS[4]
            for h in range(-3, 10) if s[w + 9]["enrolled"] else ():
                changes[event, h].append(s[w + h]["expectancy"] - s[w - 1]["expectancy"])
    after = [{"event": event, "week": h, "change": np.mean(x), "n": len(x)} for (event, h), x in changes.items() if x]

    assert list(found) == ["weeks", "failures", "after", "beliefs", "lags", "explained"]
    for name, expected in (("weeks", by_week), ("failures", by_count), ("after", after)):
        columns = [*expected[0]] if expected else ["event", "week", "change", "n"]
        pd.testing.assert_frame_equal(found[name], pd.DataFrame(expected, columns=columns), rtol=0, atol=1e-12)
    assert found["weeks"]["q50"].isna().any() or len({row["event"] for row in after}) >= 4, "too quiet to tell"
    assert found["weeks"]["stopped"].iloc[-1] > 0


# ---- contrasts -------------------------------------------------------------------------------------------------
def test_a_contrast_is_paired(criterion: sb.Result, curve: sb.Result) -> None:
    """Second minus first of the students known under both, with the interval of Student's t over rooms."""
    frame = (curve - criterion).summary()
    assert list(frame) == list(COLUMNS) and list(frame.index) == list(OUTCOMES) and frame.index.name == "outcome"
    a, b = criterion.per_student(), curve.per_student()
    partly = []
    for name, row in frame.iterrows():
        known = a[name].notna() & b[name].notna()
        rooms = (b[name] - a[name])[known].groupby(a["room"]).agg(["sum", "size"])
        middle = rooms["sum"].sum() / known.sum()
        if known.all():  # classes are of one size
            error = statistics.stdev(rooms["sum"] / rooms["size"]) / math.sqrt(ROOMS)
        else:  # of unequal size: the ratio estimator (Cochran 1977)
            partly.append(name)
            error = statistics.stdev(rooms["sum"] - middle * rooms["size"]) * math.sqrt(len(rooms)) / known.sum()
        assert row["unit"] == OUTCOMES[str(name)].unit
        means = [a[name][known].mean(), b[name][known].mean()]
        assert row[["first", "second"]].tolist() == pytest.approx(means, abs=1e-12)
        reach = stats.t.ppf(0.975, len(rooms) - 1) * error
        expected = [middle, middle - reach, middle + reach]
        assert row[["difference", "low", "high"]].tolist() == pytest.approx(expected, abs=1e-12)
        assert row["second"] - row["first"] == pytest.approx(row["difference"], abs=1e-12), name
    assert partly == list(SHARES)
    assert (a["failure_to_ability"].isna() != b["failure_to_ability"].isna()).any(), "known under one policy alone"
    assert frame.loc["failing_grade_compared_rate", "low"] > 0, "the curve compares"
    reverse = (criterion - curve).summary()
    assert np.allclose(reverse["difference"], -frame["difference"], rtol=0, atol=1e-12)


def test_a_policy_does_not_differ_from_itself(criterion: sb.Result) -> None:
    """Not by luck, either; so it is not compared with itself, under whichever name."""
    again = simulated("criterion")
    assert all(np.array_equal(x, again.outcomes[name], equal_nan=True) for name, x in criterion.outcomes.items())
    with pytest.raises(sb.InputError, match="criterion is compared with itself, and nothing can differ; take another"):
        _ = again - criterion
    with pytest.raises(sb.InputError, match="are the same policy, compared with itself"):
        _ = simulated("criterion+stakes=0.5") - criterion


POLICIES_OF_LUCK = "mastery", "harmful"


def test_better_and_worse_off_need_twenty_years_of_luck(criterion: sb.Result, curve: sb.Result) -> None:
    """Shares of students, for outcomes in SD alone; with fewer years the difference says more of luck."""
    assert REPLICATES == 20
    few = (curve - criterion).summary()
    assert few[["better_off", "worse_off"]].isna().all().all()
    roster = classes(8, 6)
    years = {
        (policy, count): simulated(policy, roster=roster, rooms=2, weeks=2, replicates=count)
        for policy in POLICIES_OF_LUCK
        for count in (19, 20)
    }
    assert (years["harmful", 19] - years["mastery", 19]).summary()["better_off"].isna().all()
    frame = (years["harmful", 20] - years["mastery", 20]).summary()
    in_sd = [name for name, outcome in OUTCOMES.items() if outcome.unit == "SD"]
    assert list(frame.index[frame["better_off"].notna()]) == in_sd == list(frame.index[frame["worse_off"].notna()])
    for name in in_sd:
        change = years["harmful", 20].per_student()[name] - years["mastery", 20].per_student()[name]
        assert frame.loc[name, "better_off"] == (change > BETTER).mean()
        assert frame.loc[name, "worse_off"] == (change < -BETTER).mean()
        once = [simulated(policy, roster=roster, rooms=2, weeks=2).per_student()[name] for policy in POLICIES_OF_LUCK]
        assert frame.loc[name, "better_off_one_year"] == (once[1] - once[0] > BETTER).mean()
        assert frame.loc[name, "worse_off_one_year"] == (once[0] - once[1] > BETTER).mean()
    assert frame.loc[in_sd, ["better_off", "worse_off"]].to_numpy().any()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"seed": SEED + 1}, "the two results differ in seed, 7 and 8; a paired effect needs the same"),
        ({"weeks": WEEKS + 1}, "the two results differ in weeks, 5 and 6; a paired effect needs the same"),
        ({"replicates": 2}, "the two results differ in replicates, 1 and 2; a paired effect needs the same"),
        ({"rooms": ROOMS + 1}, "the two results are not of the same classes; give both the same roster and rooms"),
        (
            {"roster": sb.Roster.synthetic(29)},
            "the two results are not of the same classes; give both the same roster and rooms",
        ),
        (
            {"roster": sb.Roster.synthetic(30, "seating")},
            "the two results are not of the same classes; give both the same roster and rooms",
        ),
    ],
    ids=["seed", "weeks", "replicates", "rooms", "size", "network"],
)
def test_what_cannot_be_paired_is_refused(criterion: sb.Result, changes: dict[str, Any], says: str) -> None:
    """Other students, other luck, or another year."""
    with pytest.raises(sb.InputError) as error:
        simulated("curve", **changes) - criterion
    assert str(error.value) in (says, says.replace("7 and 8", "8 and 7"))


def test_a_contrast_is_drawn(criterion: sb.Result, curve: sb.Result, tmp_path: Path) -> None:
    """To a file, where one is named."""
    figure = (curve - criterion).plot(tmp_path / "both.png")
    assert is_a_picture(tmp_path / "both.png")
    drawn = [ax.get_title() for ax in figure.axes]
    assert len(drawn) == 6 and all(drawn)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["criterion", "curve"]
    for ax, slot in zip(figure.axes, ("below_criterion", "effort"), strict=False):
        for line, result in zip(ax.lines, (criterion, curve), strict=True):
            assert np.allclose(line.get_ydata(), result.per_week().groupby("week")[slot].mean())
    (curve - criterion).plot()
    assert [path.name for path in tmp_path.iterdir()] == ["both.png"]


def test_a_contrast_of_which_something_was_not_kept() -> None:
    """Whichever of the two lacks it, the figure names it."""
    all_of_it, some = (
        sb.simulate(policy, rooms=2, weeks=3, keep=keep)
        for policy, keep in (("curve", sb.Keep()), ("criterion", sb.Keep(classes=["below_criterion"])))
    )
    for contrast in (all_of_it - some, some - all_of_it):
        with pytest.raises(sb.InputError) as error:
            contrast.plot()
        assert str(error.value) == ("the class means of effort were not kept, which the figure draws; see Keep.classes")


def is_a_picture(path: Path) -> bool:
    """A PNG of a readable size in which something is drawn."""
    with Image.open(path) as picture:
        colours = picture.convert("RGB").getcolors(2**24) or ()
        return picture.format == "PNG" and min(picture.size) > 300 and len(colours) > 10


# ---- a policy that is followed by another ----------------------------------------------------------------------
def test_a_change_of_policy(criterion: sb.Result, curve: sb.Result) -> None:
    """Until the week before all is as under the first policy; from that week on it is not."""
    turned = simulated("criterion > curve @ 3")
    weeks = [result.per_week().set_index("week").sort_index() for result in (turned, criterion, curve)]
    assert weeks[0].loc[:2].equals(weeks[1].loc[:2])
    assert not weeks[0].loc[3:3].equals(weeks[1].loc[3:3])
    compared = turned.per_student()["failing_grade_compared_rate"] * WEEKS
    assert (
        compared.max() > 0
        and compared.max() <= WEEKS - 2 < (curve.per_student()["failing_grade_compared_rate"] * WEEKS).max()
    )
    assert turned.policy == sb.PolicyChange("criterion", (3, "curve"))
    assert simulated("curve > curve @ 2").per_student().equals(curve.per_student())
    room = sb.Classroom(turned.policy, LIVELY, seed=SEED, room=1, weeks=WEEKS)
    assert room.policy == turned.policy
    mine = turned.per_student().query("room == 1")[list(OUTCOMES)]
    assert np.array_equal(year_of(room).to_numpy(), mine.to_numpy(), equal_nan=True)


def test_a_profile_and_a_comparison_of_a_change() -> None:
    """Both verbs and functions take it: alike until the week before it, and refused in one sentence beyond the year."""
    stays, changes = (profile(policy, rooms=4, weeks=16)["weeks"] for policy in ("curve", "curve > mastery @ 9"))
    assert changes[:8].equals(stays[:8]) and not changes[8:].equals(stays[8:])
    words = ["compare", "curve", "curve > mastery @ 3", "--rooms", "2", "--json", "--weeks"]
    done = setback(*words, "4")
    assert (done.code, json.loads(done.out)["second"]) == (0, "curve > mastery @ 3")
    assert setback(*words, "2").err == (
        "setback: policy curve > mastery @ 3 changes in week 3; the last week of the year is 2\n"
    )


def test_a_profile_counts_what_happened() -> None:
    """Every number of its frames, of real classes of unequal size whose students stop, counted one by one."""
    weeks, roster = 30, classes(3, 9, 14)
    world, policy = LIVELY, "curve+withhold > harmful @ 15"
    found = profile(policy, world, rooms=5, seed=SEED, weeks=weeks, roster=roster)
    slots = ("score", "submitted", "practice_error", "below_criterion", "failing_grade_told", "expectancy", "enrolled",
             "weeks_not_submitted", "control", "affect")  # fmt: skip
    run = sb.simulate(policy, world, roster, 5, SEED, weeks, keep=sb.Keep(students=slots))
    frame = run.per_student_week()
    frame["state"] = [STATES[int(k)] for k in states({name: frame[name].to_numpy() for name in slots})]
    assert len(frame) == weeks * (3 + 9 + 14 + 3 + 9)
    rows = []
    for week, of_week in frame.groupby("week"):
        scores = of_week.loc[of_week["submitted"] == 1, "score"]
        row = {f"q{q}": scores.quantile(q / 100) for q in (10, 25, 50, 75, 90)}
        rows.append({"week": week, **row, **{state: (of_week["state"] == state).mean() for state in STATES}})
    pd.testing.assert_frame_equal(found["weeks"], pd.DataFrame(rows), check_dtype=False)
    assert {*frame["state"]} == {*STATES}
    failed = frame.groupby(["room", "student"])["below_criterion"].sum()
    assert found["failures"].to_dict("list") == {
        "failures": list(range(weeks + 1)),
        "share": [pytest.approx((failed == k).mean()) for k in range(weeks + 1)],
    }
    moves: dict[tuple[str, int], list[float]] = {}
    for _, year in frame.groupby(["room", "student"]):
        by_week = year.set_index("week").to_dict("index")
        for week in range(5, weeks - 9 + 1):  # three weeks before it, nine after it
            now = by_week[week]
            if by_week[week + 9]["enrolled"] == 1:
                if not now["submitted"]:
                    event = "not handed in"
                elif not now["below_criterion"]:
                    event = "error at practice (i), test passed" if now["practice_error"] else "all well"
                else:
                    told = "told (iii-a)" if now["failing_grade_told"] else "not graded as failing"
                    event = f"test failed (ii), {told}"
                for h in range(-3, 10):
                    change = by_week[week + h]["expectancy"] - by_week[week - 1]["expectancy"]
                    moves.setdefault((event, h), []).append(change)
    assert {event for event, _ in moves} == {*EVENTS}
    after = found["after"].set_index(["event", "week"])
    assert [*after.index] == [(event, h) for event in EVENTS for h in range(-3, 10)]
    for key, changes in moves.items():
        assert after.loc[key].tolist() == [pytest.approx(sum(changes) / len(changes), abs=1e-12), len(changes)], key


def test_what_a_profile_says_beneath() -> None:
    """Beliefs of those still enrolled, likeness of weeks, what opening knowledge explains: by pandas, long-hand."""
    weeks, policy = 20, "curve+withhold"
    found = profile(policy, LIVELY, rooms=8, seed=SEED, weeks=weeks)
    slots = ("score", "submitted", "expectancy", "control", "enrolled", "tested_conceptual", "opening_knowledge")
    run = sb.simulate(policy, LIVELY, None, 8, SEED, weeks, keep=sb.Keep(students=slots))
    frame = run.per_student_week().set_index(["room", "student", "week"])
    by_week = {slot: frame[slot].unstack("week") for slot in slots}
    there = by_week["enrolled"].shift(1, axis=1, fill_value=1.0) > 0.5  # still there as the week began
    handed_in = by_week["submitted"] > 0.5
    assert not by_week["enrolled"].iloc[:, -1].all() and not handed_in[there].stack().all(), "too quiet to tell"

    # beliefs: the share of those enrolled as the week ends in each band
    assert [*found["beliefs"]["week"].unique()] == [12, weeks]
    for week, bands in found["beliefs"].groupby("week"):
        stayed = by_week["enrolled"][week] > 0.5
        for name in ("expectancy", "control"):
            place = np.minimum((by_week[name].loc[stayed, week] * 20).astype(int), 19)
            shares = place.value_counts(normalize=True).reindex(range(20), fill_value=0.0)
            np.testing.assert_allclose(bands[name], shares, atol=1e-12)
        np.testing.assert_allclose(bands["low"], np.arange(20) / 20)

    # likeness: of pairs of weeks so far apart, standardised within each week
    assert [*found["lags"]["lag"]] == [*range(1, 13)]
    shown = {"scores": by_week["score"].where(handed_in), "handing_in": by_week["submitted"].where(there)}
    for name, values in shown.items():
        standard = (values - values.mean()) / values.std(ddof=0)
        for lag in (1, 5, 12):
            pairs = pd.concat([standard.shift(lag, axis=1).stack(), standard.stack()], axis=1).dropna()
            assert found["lags"][name][lag - 1] == pytest.approx(pairs.corr().iloc[0, 1], abs=1e-9), (name, lag)

    # opening knowledge: of each week's scores, and knowledge at the test
    opening = by_week["opening_knowledge"][1]
    shown = {"scores": shown["scores"], "knowledge": by_week["tested_conceptual"].where(there)}
    for name, values in shown.items():
        expected = [values[week].corr(opening) ** 2 for week in range(1, weeks + 1)]
        np.testing.assert_allclose(found["explained"][name], expected, atol=1e-9)


def test_planted_shares_of_variance() -> None:
    """Other shares each week, of scores and of knowledge; what was not handed in, or comes after stopping, is none."""
    rng = np.random.default_rng(1)
    n = 50_000
    opening = rng.standard_normal(n)
    planted = {"score": [0.5, 0.2, 0.05], "tested_conceptual": [0.9, 0.7, 0.6]}
    seen = {
        slot: np.array([np.sqrt(share) * opening + np.sqrt(1 - share) * rng.standard_normal(n) for share in shares])
        for slot, shares in planted.items()
    }
    handed_in, enrolled = rng.random((3, n)) < 0.7, np.arange(n) < np.array([n, n // 2, n // 2])[:, None]
    seen["score"][~handed_in] = seen["tested_conceptual"][2, n // 2 :] = 0.0
    found = _explained({**seen, "submitted": handed_in * 1.0, "enrolled": enrolled * 1.0}, opening)
    assert found == {
        "scores": pytest.approx(planted["score"], abs=0.015),
        "knowledge": pytest.approx(planted["tested_conceptual"], abs=0.015),
    }


#: What every function says of a policy in a year of `WEEKS` weeks.
NO_CHANGE = {
    "criterion > curve": "'criterion > curve' is no policy; write a change as in 'high-pressure > mastery @ 19'",
    "criterion > curve @ 2.5": "'criterion > curve @ 2.5' is no policy; write a change as in",
    "criterion > curve @ 1": "the week of a change of policy is 1; it needs a whole number from 2",
    "criterion > curve @ 6": "policy criterion > curve @ 6 changes in week 6; the last week of the year is 5",
    "criterion > curve @ 3 > mastery @ 3": "a policy changes in week 3 and then in week 3; weeks must rise",
    "criterion > curv @ 3": "unknown policy 'curv'; did you mean curve?",
}


@pytest.mark.parametrize(("policy", "says"), NO_CHANGE.items(), ids=NO_CHANGE)
def test_a_change_that_cannot_be(policy: str, says: str) -> None:
    """Half of one, one outside of the year, or in no week at all: the same sentence wherever a policy is taken."""
    for take in (
        lambda: simulated(policy), lambda: sb.Classroom(policy, weeks=WEEKS), lambda: gradebook(policy, weeks=WEEKS),
        lambda: sb.Study.read("rigor").replace(policies=(policy,), weeks=WEEKS, claim=None),
    ):  # fmt: skip
        with pytest.raises(sb.InputError) as error:
            take()
        assert str(error.value).startswith(says)


# ---- what simulate refuses -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: sb.simulate("curv"), "unknown policy 'curv'; did you mean curve?"),
        (lambda: sb.simulate(engine="mes"), "unknown engine 'mes'; did you mean mesa?"),
        (
            lambda: sb.simulate(parameters={"near_mis": 1}),
            "unknown parameter 'near_mis'; did you mean near_miss_slope or ",
        ),
        (
            lambda: sb.simulate(parameters={"near_miss_slope": math.nan}),
            "parameter near_miss_slope is nan; it needs a number from",
        ),
        *(
            (lambda name=name, value=value: sb.simulate(**{"rooms": 1, name: value}), f"{name} is {value!r}; it needs ")
            for name, values in {
                "rooms": (0, -1, 2.0, True, "3", math.inf, 10**6 + 1),
                "weeks": (0, 521, 1.5, None, math.nan),
                "replicates": (0, 10_001, 2.5),
            }.items()
            for value in values
        ),
        *(
            (lambda seed=seed: sb.simulate(rooms=1, seed=seed), f"seed is {seed!r}; it needs a whole number")
            for seed in (-1, LIMIT, 1.5, True, "1", None)
        ),
        (
            lambda: sb.load("none"),
            "there is no folder none with results; give results/<study>/<hash>, as setback status says it",
        ),
        (lambda: Study.read("claim"), "unknown study 'claim'; did you mean claims?"),
        (lambda: sb.Roster.synthetic(61), "class size is 61; it needs a whole number from 2 to 60"),
        (lambda: sb.Classroom("curv"), "unknown policy 'curv'; did you mean curve?"),
        (lambda: sb.Classroom(room=-1), "room is -1; it needs a whole number from 0 to 9007199254740991"),
        (lambda: sb.Classroom(seed=LIMIT), f"seed is {LIMIT}; it needs a whole number from 0 to 9007199254740991"),
        (
            lambda: sb.Classroom(keep=sb.Keep(students=["efort"])),
            "unknown slot to keep 'efort'; did you mean effort or ",
        ),
        (lambda: sb.Classroom().plot(), "no week has been run yet; run the classroom before it is drawn"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], says: str) -> None:
    """With the one kind of error for it, and a sentence."""
    with pytest.raises(sb.InputError) as error:
        call()
    assert str(error.value).startswith(says)


# ---- classrooms ------------------------------------------------------------------------------------------------
def year_of(room: sb.Classroom) -> pd.DataFrame:
    """The outcomes of a classroom at the end of its year, one row a student."""
    weeks = WEEKS if room.weeks == 36 else room.weeks
    end = {name: value[:, 0] for name, value in room.run(weeks).slots.items()}
    return pd.DataFrame({name: outcome.of(end, weeks) for name, outcome in OUTCOMES.items()})


@pytest.fixture(scope="module")
def lived() -> sb.Classroom:
    """A class in the middle of its year."""
    return sb.Classroom("curve", LIVELY, seed=SEED, room=2, weeks=WEEKS + 2).run(WEEKS)


def test_a_classroom_and_simulate_agree(curve: sb.Result, lived: sb.Classroom) -> None:
    """Bit for bit, week by week and at the end."""
    for room in range(ROOMS):
        alone = year_of(sb.Classroom("curve", LIVELY, seed=SEED, room=room)).to_numpy()
        mine = curve.per_student().query("room == @room")[list(OUTCOMES)].to_numpy()
        assert np.array_equal(alone, mine, equal_nan=True)
    weekly = curve.per_week().query("room == 2").set_index("week")
    recorded = lived.datacollector.get_model_vars_dataframe()
    assert np.allclose(recorded["share_enrolled"], weekly["enrolled"], rtol=0, atol=1e-12)
    assert 0 < recorded["class_failing_grade_seen"].iloc[-1] == lived.class_failing_grade_seen
    assert lived.class_failing_grade_seen == pytest.approx(lived.slots["failing_grade_seen"].mean(), abs=1e-12)
    of_students = lived.datacollector.get_agenttype_vars_dataframe(Student).groupby("Step")
    for slot in ("below_criterion", "effort", "control"):
        assert np.allclose(of_students[slot].mean(), weekly[slot], rtol=0, atol=1e-12)


def test_run_gives_the_classroom_back() -> None:
    """Some weeks, then the rest of the year, and then no more."""
    room = sb.Classroom("mastery", roster=classes(4), seed=1, weeks=4)
    assert type(room) is sb.Classroom and room.week == 0
    assert room.run(1) is room and room.week == 1
    assert room.run() is room and room.week == 4
    assert room.run().week == 4
    at_once = sb.Classroom("mastery", roster=classes(4), seed=1, weeks=4).run()
    assert at_once.students.to_frame().equals(room.students.to_frame())


def test_students_as_a_table(lived: sb.Classroom) -> None:
    """One row a student with every carried slot and tally as it is now, and the week."""
    frame = lived.students.to_frame()
    names = [slot.name for slot in (*OPENED, *STATE, *TALLY) if slot.of == "student"]
    assert list(frame) == [*names, "week"] and frame.index.name == "student"
    assert list(frame.index) == [f"student-{i + 1}" for i in range(30)]
    assert (frame["week"] == WEEKS).all()
    for student in lived.students:
        assert student.expectancy == frame.loc[student.name, "expectancy"]
    assert frame["weeks_below_criterion"].nunique() > 2


def test_friends(lived: sb.Classroom) -> None:
    """Up to four classmates that a student names, never the student; neighbours where the network is the seating."""
    for student in lived.students:
        friends = student.friends
        assert len({friend.name for friend in friends}) == 4 and student not in friends
        assert all(isinstance(friend, Student) for friend in friends)
    seated = [*sb.Classroom(roster=sb.Roster.synthetic(8, "seating"), seed=1).students]
    neighbours = {student.name: {friend.name for friend in student.friends} for student in seated}
    assert neighbours["student-1"] == {"student-2", "student-7"}
    assert neighbours["student-2"] == {"student-1", "student-3", "student-8"}
    pair = [*sb.Classroom(roster=classes(2), seed=1).students]
    assert [student.friends for student in pair] == [[pair[1]], [pair[0]]]


def test_what_the_data_collector_holds(lived: sb.Classroom) -> None:
    """One row a week of the class, and one a week and student; or the slots that were asked for."""
    weekly = lived.datacollector.get_model_vars_dataframe()
    assert list(weekly) == ["week", "class_failing_grade_seen", "share_enrolled", "seed"]
    assert list(weekly["week"]) == [1, 2, 3, 4, 5]
    frame = lived.datacollector.get_agenttype_vars_dataframe(Student)
    assert list(frame) == ["student", *COLLECTED] and len(frame) == WEEKS * 30
    now = frame.xs(WEEKS, level="Step").set_index("student")
    assert now["control"].equals(lived.students.to_frame()["control"])
    room = sb.Classroom(roster=classes(3), keep=sb.Keep(students=["effort"])).run(2)
    assert list(room.datacollector.get_agenttype_vars_dataframe(Student)) == ["student", "effort"]


def test_a_classroom_is_drawn(lived: sb.Classroom, tmp_path: Path) -> None:
    """Every student a line, their mean another."""
    path = tmp_path / "class.png"
    figure = lived.plot(str(path))
    assert is_a_picture(path)
    assert len(figure.axes) == 6
    frame = lived.datacollector.get_agenttype_vars_dataframe(Student)
    for ax, slot in zip(figure.axes, ("score", "effort"), strict=False):
        assert ax.get_title().startswith(slot) and len(ax.lines) == 31
        assert np.allclose(ax.lines[-1].get_ydata(), frame[slot].groupby("Step").mean())
    lived.plot()
    assert [found.name for found in tmp_path.iterdir()] == ["class.png"]


def test_unknown_attributes_of_a_student(lived: sb.Classroom) -> None:
    """Slots are read by name, and nothing else is."""
    with pytest.raises(AttributeError, match="a student has no 'expectancies'"):
        next(iter(lived.students)).expectancies  # noqa: B018


# ---- what is sent to other processes and kept on the disk ------------------------------------------------------
@pytest.fixture(scope="module")
def study() -> Study:
    """A study without twins, of real classes."""
    policies = (sb.Policy("curve", stakes=1.0), sb.Policy("harmful"))
    return Study("small", "Does it?", policies, LIVELY, classes(3, 4), 3, 4, SEED, 0.0)


def test_what_workers_are_sent_survives(study: Study, criterion: sb.Result) -> None:
    """Studies, policies, parameters, rosters and results are pickled and are the same again."""

    def again(thing: Any) -> Any:
        return pickle.loads(pickle.dumps(thing))

    policy = again(study.policies[0])
    assert policy == study.policies[0] and hash(policy) == hash(study.policies[0])
    assert (policy.name, policy.parts) == ("curve+stakes=1", study.policies[0].parts)
    assert again(LIVELY) == LIVELY and again(LIVELY).changed() == LIVELY.changed()
    roster = again(study.roster)
    assert roster.digest() == study.roster.digest() and repr(roster) == repr(study.roster)
    assert again(sb.Roster.synthetic(5)).is_synthetic
    other = again(study)
    assert (other.key(), other.text()) == (study.key(), study.text())
    assert again(criterion).per_student().equals(criterion.per_student())


def test_the_key_of_a_study_knows_what_decides_its_numbers(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another seed, world, policy, number of rooms, engine or norm is another study."""
    key = study.key()
    others = [study.replace(**{name: value}) for name, value in
              {"seed": 8, "rooms": 4, "weeks": 5, "parameters": sb.Parameters(drift_sd=0.1),
               "policies": study.policies[:1], "engine": "mesa"}.items()]  # fmt: skip
    assert len({key, *(other.key() for other in others)}) == 7
    monkeypatch.setattr("setback.experiments.studies.study.NORMS", {"unit_conceptual": 1.0})
    assert study.key() != key


def test_results_are_read_again(study: Study, tmp_path: Path) -> None:
    """One row a policy and room, as simulate would have given it; what is no table of results is refused."""
    folder = run_study(study, tmp_path, processes=1)
    loaded = sb.load(str(folder))
    assert loaded.folder == folder and loaded.manifest.key == folder.name == study.key()
    assert len(loaded.twins) == 0 and len(loaded.outcomes) == 6
    assert loaded.design.index.equals(loaded.outcomes.index) and list(loaded.outcomes) == list(OUTCOMES)
    for policy in study.policies:
        rooms = sb.simulate(policy, LIVELY, study.roster, 3, SEED, 4).per_room()
        mine = loaded.outcomes.xs(policy.name, level="policy")
        assert np.allclose(mine[list(OUTCOMES)], rooms[list(OUTCOMES)], rtol=0, atol=1e-12, equal_nan=True)
        assert np.isfinite(mine[KNOWN].to_numpy()).all()
    for part in (folder / "outcomes").iterdir():
        part.write_bytes(b"PAR1")
    with pytest.raises(sb.InputError, match="holds no outcomes yet; the same setback run goes on with it"):
        sb.load(folder)
