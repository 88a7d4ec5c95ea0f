"""What is kept: one vocabulary for classrooms, simulations and studies, and what it refuses."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import setback as sb
from setback.experiments.simulate import TRAITS
from setback.model.engines.mesa import Student
from setback.model.keep import WEEKLY
from setback.model.outcomes import OUTCOMES


def test_names_are_kept_once_and_in_order() -> None:
    """Lists and tuples say the same; by default all outcomes and some class means are kept."""
    assert sb.Keep(["learning", "learning"], ("control",)) == sb.Keep(("learning",), ["control"])
    assert hash(sb.Keep(["learning"])) == hash(sb.Keep(("learning",)))
    assert sb.Keep() == sb.Keep(tuple(OUTCOMES), (), 1.0, WEEKLY)
    assert sb.Keep(students=["affect", "score"], classes=["affect"]).slots == ("affect", "score")


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"outcomes": ()}, "no outcome is kept; name at least one"),
        ({"outcomes": ["lerning"]}, "unknown outcome to keep 'lerning'; did you mean learning"),
        ({"students": ["contrl"]}, "unknown slot to keep 'contrl'; did you mean control"),
        ({"students": ["line"]}, "line is a number of the class; weeks are kept of numbers of a student"),
        ({"classes": ["line"]}, "line is a number of the class; "),
        ({"students": "control"}, "students to keep is 'control'; it needs a list of names, as in ['control']"),
        ({"students": 3}, "students to keep is 3; it needs a list of names"),
        ({"share": 1.5}, "share of rooms to keep students of is 1.5; it needs a number from 0 to 1"),
    ],
)
def test_what_cannot_be_kept(named: dict[str, Any], says: str) -> None:
    """One sentence."""
    with pytest.raises(sb.InputError) as error:
        sb.Keep(**named)
    assert str(error.value).startswith(says)


def test_students_by_week_are_those_of_a_class_alone() -> None:
    """Slot by slot, week by week; their class means are those of the weeks of the class."""
    keep = sb.Keep(["learning"], ["control", "score"], classes=["control"])
    result = sb.simulate("curve", rooms=3, weeks=4, seed=2, keep=keep)
    assert list(result.per_student()) == ["room", "class", "student", *TRAITS, "learning"]
    assert list(result.per_week()) == ["room", "week", "control"]
    frame = result.per_student_week()
    assert list(frame) == ["room", "class", "student", "week", "control", "score"] and len(frame) == 3 * 30 * 4
    means = frame.groupby(["week", "room"])["control"].mean().reset_index(drop=True)
    assert np.allclose(means, result.per_week()["control"], rtol=0, atol=1e-12)
    room = sb.Classroom("curve", seed=2, room=1, weeks=4, keep=sb.Keep(students=["control", "score"])).run()
    alone = room.datacollector.get_agenttype_vars_dataframe(Student).reset_index().sort_values(["AgentID", "Step"])
    mine = frame[frame["room"] == 1]
    for name in ("student", "control", "score"):
        assert list(alone[name]) == list(mine[name]), name


def test_a_share_of_the_rooms() -> None:
    """The same rooms under every policy, with classes of other sizes; nothing that was not asked for."""
    keep = sb.Keep(["learning"], ["effort"], 0.5, ["effort"])
    roster = sb.Roster([*sb.Roster.synthetic(3).classes, *sb.Roster.synthetic(5).classes], "two")
    frames = [
        sb.simulate(policy, roster=roster, rooms=12, weeks=2, keep=keep).per_student_week()
        for policy in ("curve", "mastery")
    ]
    rooms = [frame["room"].unique().tolist() for frame in frames]
    assert rooms[0] == rooms[1] and 2 < len(rooms[0]) < 10
    sizes = frames[0].groupby("room")["student"].nunique()
    assert [sizes[room] for room in rooms[0]] == [5 if room % 2 else 3 for room in rooms[0]]
    assert frames[0].notna().all().all()
    whole = sb.simulate("curve", roster=roster, rooms=12, weeks=2, keep=sb.Keep(students=["effort"]))
    part = whole.per_student_week().query("room in @rooms[0]").reset_index(drop=True)
    pd.testing.assert_frame_equal(part, frames[0])
    with pytest.raises(sb.InputError, match=r"^no weeks of students were kept; ask for them, as in keep=sb.Keep\("):
        sb.simulate("curve", rooms=1, weeks=1).per_student_week()


def test_weeks_are_averaged_over_replicates() -> None:
    """The mean of two years of luck."""
    keep = sb.Keep(["learning"], ["effort"])
    both = sb.simulate("curve", rooms=1, weeks=3, replicates=2, keep=keep).per_student_week()["effort"]
    years = []
    for luck in (0, 1):
        room = sb.Classroom("curve", luck=luck, weeks=3, keep=sb.Keep(students=["effort"])).run()
        frame = room.datacollector.get_agenttype_vars_dataframe(Student).reset_index()
        years.append(frame.sort_values(["AgentID", "Step"])["effort"].to_numpy())
    assert np.allclose(both, (years[0] + years[1]) / 2, rtol=0, atol=1e-12) and not np.allclose(*years)


def test_traits_are_those_that_a_student_began_with() -> None:
    """Of every student, the same under every policy and luck."""
    frames = [sb.simulate(p, rooms=2, weeks=w).per_student()[list(TRAITS)] for p, w in (("curve", 2), ("mastery", 5))]
    pd.testing.assert_frame_equal(*frames)
    room = sb.Classroom(room=1)
    mine = room.students.to_frame()[list(TRAITS)].to_numpy()
    assert np.array_equal(mine, frames[0].iloc[30:].to_numpy()) and frames[0]["resilience"].nunique() == 60


@pytest.mark.parametrize("call", [sb.simulate, sb.Classroom])
def test_a_list_is_no_keep(call: Any) -> None:
    """It is said what one is."""
    with pytest.raises(sb.InputError, match=r"^keep is \['control'\]; it needs a Keep, as in Keep\("):
        call(keep=["control"])
