"""Tasks: together they are the whole study, and what one runs is what each of its classes comes to alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks
from hypothesis import given, settings
from hypothesis import strategies as st

from setback.experiments.simulate import simulate
from setback.experiments.studies import task as tasks
from setback.experiments.studies.study import Study, student_weeks, years
from setback.experiments.studies.task import MOST_ROWS, SEEN, Tasks, live
from setback.experiments.studies.worlds import ONE, Range, Worlds, worlds
from setback.experiments.twins.estimands import columns as effect_columns
from setback.experiments.twins.twins import failure_twins
from setback.model.engines.block import columns
from setback.model.engines.registry import engine
from setback.model.errors import InputError
from setback.model.keep import Keep
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES, Parameters
from setback.model.policies import Policy, PolicyChange, as_policy
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.state import SLOTS

POLICIES = (Policy("criterion"), Policy("curve+accelerated"), as_policy("harmful > benign @ 4"))
#: Two numbers of the world and two levers of the policy, none of them the first of its kind.
VARIED = worlds("lhs", [Range.of(name) for name in ("style_mean", "level", "affect_rise", "stakes")], n=7, seed=2)
#: Classes of three sizes, of which something is known.
UNEQUAL = Roster(
    [
        SchoolClass("small", ("a", "b", "c"), {"prior_knowledge": np.array([1.0, np.nan, -1.0])}),
        SchoolClass("large", tuple("defghij"), {}),
        SchoolClass("middle", tuple("klmno"), {"control": np.linspace(-2, 2, 5)}),
    ],
    "unequal",
)
WEEKS, SEED = 6, 11


def study(**changes: Any) -> Study:
    """A small study with something changed."""
    base: dict[str, Any] = {
        "policies": POLICIES, "parameters": Parameters(skip_level=-1.5), "roster": Roster.synthetic(5), "rooms": 3,
        "weeks": WEEKS, "seed": SEED, "share": 0.0, "worlds": VARIED,
    }  # fmt: skip
    return Study(name="small", question="", **{**base, **changes})


def world_of(plan: Study, world: int) -> tuple[Parameters, dict[str, float]]:
    """The parameters of a world, and the levers that every policy has in it."""
    numbers = dict(zip(plan.worlds.names, plan.worlds.table[world].tolist()))
    levers = {name: value for name, value in numbers.items() if name in LEVER_NAMES}
    return plan.parameters.replace(**{k: v for k, v in numbers.items() if k not in levers}), levers


def with_levers(policy: Policy | PolicyChange, levers: dict[str, float]) -> Policy | PolicyChange:
    """A policy with levers of a world, all year."""
    (_, first), *later = [(week, Policy(stage.name, **levers)) for week, stage in policy.stages]
    return PolicyChange(first, *later) if later else first


def alone(plan: Study) -> pd.DataFrame:
    """The outcomes of a study from one simulation a world and policy."""
    frames = []
    for world in range(len(plan.worlds)):
        parameters, levers = world_of(plan, world)
        for policy in plan.policies:
            year = with_levers(policy, levers)
            result = simulate(year, parameters, plan.roster, plan.rooms, plan.seed, plan.weeks)
            frames.append(result.per_room().drop(columns="class").assign(world=world, policy=policy.name))
    return pd.concat(frames).set_index(["world", "policy", "room"]).sort_index()


def together(plan: Study) -> pd.DataFrame:
    """The same from its tasks."""
    found = all_tasks(plan)["outcomes"].astype({"policy": str, "world": int, "room": int})
    return found.set_index(["world", "policy", "room"])


# ---- cutting -----------------------------------------------------------------------------------------------
@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    count=st.integers(1, 3000),
    rooms=st.integers(1, 700),
    policies=st.integers(1, 60),
    design=st.sampled_from(["lhs", "grid", "file"]),
    with_twins=st.booleans(),
)
def test_tasks_are_the_whole_study(count: int, rooms: int, policies: int, design: str, with_twins: bool) -> None:
    """Every room of every world once; tasks of the same worlds follow one another; none is too large."""
    if with_twins:
        count, rooms = count % 40 + 1, rooms % 40 + 1
    made = Worlds(design, (), np.zeros((count, 0)))
    named = tuple(Policy(stakes=k / 64) for k in range(policies))
    cut = Tasks(study(worlds=made, rooms=rooms, policies=named, share=0.1 * with_twins, weeks=13))
    seen, of_worlds = np.zeros((count, rooms), int), []
    for number, task in enumerate(cut):
        assert task == cut[number] and task.number == number
        assert 0 < len(task.worlds) * policies * len(task.rooms) <= MOST_ROWS
        assert not with_twins or (len(task.worlds), len(task.rooms)) == (1, 1)
        assert design == "grid" or task.worlds[0] // 256 == task.worlds[-1] // 256, "rooms of others"
        assert (cut.numbers(np.array(task.worlds)[:, None], np.array(task.rooms)) == number).all()
        seen[np.ix_(task.worlds, task.rooms)] += 1
        if not of_worlds or of_worlds[-1] != task.worlds:
            of_worlds.append(task.worlds)
    assert (seen == 1).all()
    assert sum(map(len, of_worlds)) == count, "tasks of the same worlds lie apart"
    assert number == len(cut) - 1
    if design == "lhs" or (design == "file" and count > 256):
        assert [world for some in of_worlds for world in some] == [*range(count)]
    else:
        assert all(some.step == len(of_worlds) for some in of_worlds), "neighbours on a grid are not taken in turns"
    for number in (-1, len(cut)):
        with pytest.raises(IndexError):
            cut[number]


def test_cuts_by_hand() -> None:
    """Results that lie on disks are cut like this: 2**17 rows, 256 worlds and four blocks of 512 at most."""

    def cut(design: str, count: int, rooms: int, policies: int = 3, **changes: Any) -> list[Any]:
        named = tuple(Policy(stakes=k / 64) for k in range(policies))
        made = Tasks(study(worlds=Worlds(design, (), np.zeros((count, 0))), rooms=rooms, policies=named, **changes))
        return [len(made), made[0][1:], made[len(made) - 1][1:]]

    # 2**17 rows are 85 worlds in 512 rooms under three policies, so 64; 2048 columns of 64 worlds are 32 rooms
    assert cut("lhs", 1000, 600) == [16 * 19, (range(64), range(32)), (range(960, 1000), range(576, 600))]
    assert cut("grid", 1000, 600) == [
        16 * 19, (range(0, 1000, 16), range(32)), (range(15, 1000, 16), range(576, 600))
    ]  # fmt: skip
    assert cut("lhs", 3, 48) == [16, (range(3), range(3)), (range(3), range(45, 48))]
    assert cut("lhs", 3, 47) == [24, (range(3), range(2)), (range(3), range(46, 47))]
    assert cut("lhs", 2000, 1) == [8, (range(256), range(1)), (range(1792, 2000), range(1))]
    assert cut("file", 600, 1) == [3, (range(256), range(1)), (range(512, 600), range(1))]
    assert cut("file", 600, 1, shared=True) == [3, (range(0, 600, 3), range(1)), (range(2, 600, 3), range(1))]
    assert cut("lhs", 20_000, 4, 12) == [79, (range(256), range(4)), (range(19_968, 20_000), range(4))]
    assert cut("lhs", 2, 3, share=0.1, weeks=13) == [6, (range(1), range(1)), (range(1, 2), range(2, 3))]


@pytest.mark.parametrize(("count", "rooms"), [(1, 40), (1, 700), (64, 8), (20_000, 4), (600, 600), (3, 5000)])
def test_every_study_has_work_for_several_processes(count: int, rooms: int) -> None:
    """Sixteen tasks, or as many as there are rooms in few worlds."""
    cut = Tasks(study(worlds=Worlds("lhs", (), np.zeros((count, 0))), rooms=rooms))
    assert len(cut) >= min(tasks.LEAST_TASKS, rooms)


def test_cutting_takes_no_part_in_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of any size give the same numbers, but for the last digits of sums."""
    plan = study(keep=Keep(("learning", "practice_error_rate"), ("control",), 0.5))
    one = all_tasks(plan)
    for size, count in ((1, 21), (4, 6), (17, 3)):
        monkeypatch.setattr(tasks, "BLOCK", size)
        assert len(Tasks(plan)) == count
        for name, frame in all_tasks(plan).items():
            order = [c for c in ("world", "policy", "room", "week", "seat") if c in frame]
            a, b = (f.astype({"policy": str}).sort_values(order, ignore_index=True) for f in (one[name], frame))
            pd.testing.assert_frame_equal(a, b, rtol=0, atol=1e-12)


# ---- what a task lives -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("block", "least", "count"), [(5, 16, 6), (512, 16, 3), (512, 1, 1), (3, 1, 4)])
def test_a_class_lives_as_it_would_alone(block: int, least: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds, levers that vary, and changes of policy: every outcome is that of one simulation."""
    monkeypatch.setattr(tasks, "BLOCK", block)
    monkeypatch.setattr(tasks, "LEAST_TASKS", least)
    plan = study()
    assert len(Tasks(plan)) == count
    pd.testing.assert_frame_equal(together(plan).sort_index()[["students", *OUTCOMES]], alone(plan), **EXACTLY)


#: Equal to 1e-12, whatever the width of whole numbers.
EXACTLY: dict[str, Any] = {"rtol": 0, "atol": 1e-12, "check_dtype": False}


def test_a_class_beside_twins_lives_as_it_would_alone() -> None:
    """Turning failures round changes nothing in the observed year, and levers vary there too."""
    plan = study(share=0.5, weeks=14, policies=POLICIES[:2])
    pd.testing.assert_frame_equal(together(plan).sort_index()[["students", *OUTCOMES]], alone(plan), **EXACTLY)


@pytest.mark.parametrize("least", [16, 1])
def test_classes_of_different_sizes(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty seats count for nothing; rooms beyond the classes seat them again, with other luck."""
    monkeypatch.setattr(tasks, "LEAST_TASKS", least)
    plan = study(roster=UNEQUAL, rooms=5)
    found = together(plan)
    pd.testing.assert_frame_equal(found.sort_index()[["students", *OUTCOMES]], alone(plan), **EXACTLY)
    by_room = found.groupby("room")[["class", "students"]].agg(set)
    assert by_room["class"].tolist() == [{0}, {1}, {2}, {0}, {1}]
    assert by_room["students"].tolist() == [{3}, {7}, {5}, {3}, {7}]
    again = found.loc[:, :, [0, 3]]["learning"].unstack("room")
    assert (again[0] != again[3]).all()


def test_rows_stand_by_world_policy_and_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same order in every task, policies in that of the study."""
    monkeypatch.setattr(tasks, "LEAST_TASKS", 1)
    for plan in (study(), study(share=0.2, weeks=14, policies=POLICIES[:2])):
        cut = Tasks(plan)
        table = live(plan, cut[len(cut) - 1])["outcomes"]
        last = cut[len(cut) - 1]
        names = [policy.name for policy in plan.policies]
        rows = [(world, name, room) for world in last.worlds for name in names for room in last.rooms]
        assert list(zip(*(table[c].to_pylist() for c in ("world", "policy", "room")), strict=True)) == rows
        assert table.column_names == ["world", "policy", "room", "class", "students", *plan.keep.outcomes]


def test_worlds_that_share_rooms_have_the_same_luck() -> None:
    """Where what varies does nothing to learning, it is the same in every world to the last bit."""
    plan = study(worlds=worlds("lhs", [Range.of("time_feedback")], n=40), policies=POLICIES[:2])
    found = together(plan)
    for name in OUTCOMES:
        values = found[name].unstack("world")
        same = values.eq(values[0], axis=0) | values.isna()
        assert same.all().all() == (name != "teacher_time"), name
    assert found["learning"].nunique() == 6


def test_each_block_of_worlds_has_rooms_of_its_own() -> None:
    """World 256 begins the second block of a sample, however many worlds and rooms there are; a grid shares rooms."""
    varied = {
        "lhs": worlds("lhs", [Range.of("time_feedback")], n=600),
        "grid": worlds("grid", [Range.of("time_feedback")], steps=600),
    }
    keep = Keep(("learning",))
    plan = study(worlds=varied["lhs"], policies=POLICIES[:1], rooms=2, weeks=2, keep=keep)
    rooms = together(plan).reset_index().groupby("world")["room"].agg(tuple)
    assert [rooms[w] for w in (0, 255, 256, 511, 512)] == [(0, 1)] * 2 + [(131072, 131073)] * 2 + [(262144, 262145)]
    learning = together(plan)["learning"].droplevel("policy")
    of_world = [learning[w].tolist() for w in (0, 255, 256, 511, 512)]
    assert of_world[0] == of_world[1] and of_world[2] == of_world[3]
    assert len({number for numbers in of_world for number in numbers}) == 6, "other students in each block"
    fewer = together(plan.replace(worlds=Worlds("lhs", varied["lhs"].ranges, varied["lhs"].table[:300]), rooms=1))
    assert (fewer["learning"].droplevel("policy") == learning[fewer.index.droplevel("policy")]).all()
    for shares in (plan.replace(shared=True), plan.replace(worlds=varied["grid"])):
        assert {*together(shares).reset_index()["room"]} == {0, 1}
    for design in ("saltelli", "morris", "grid", "one"):
        made = study(worlds=Worlds(design, (), np.zeros((600, 0))))
        assert made.seating.first([0, 599]).tolist() == [0, 0], design
    for design in ("lhs", "sobol", "file", "posterior"):
        made = study(worlds=Worlds(design, (), np.zeros((600, 0))))
        assert made.seating.first([0, 255, 256, 599]).tolist() == [0, 0, 131072, 262144], design


def test_every_block_of_worlds_seats_the_same_real_classes() -> None:
    """The first room the first class, in whatever block, with other luck."""
    varied = worlds("lhs", [Range.of("time_feedback")], n=257)
    plan = study(worlds=varied, roster=UNEQUAL, rooms=4, policies=POLICIES[:1], weeks=2, keep=Keep(("learning",)))
    found = together(plan).droplevel("policy")
    assert found.loc[0]["class"].tolist() == found.loc[256]["class"].tolist() == [0, 1, 2, 0]
    assert found.loc[256].index[0] == 131073, "the least multiple of three classes from 2**17 on"
    assert not {*found.loc[0]["learning"]} & {*found.loc[256]["learning"]}


def test_worlds_that_are_measured_have_rooms_of_their_own() -> None:
    """Each its own, which follow one another; to share them is refused."""
    plan = study(share=0.1, predictions=("K1",), weeks=14, policies=POLICIES[:1], rooms=3)
    assert plan.seating.first([0, 1, 5]).tolist() == [0, 3, 15]
    assert tasks.rooms_of(plan, Tasks(plan)[5]).tolist() == [[15, 16, 17]]
    with pytest.raises(InputError, match=r"rooms of its own; take rooms\.shared away"):
        plan.replace(shared=True)


def test_a_lever_that_varies_is_every_policys() -> None:
    """Also that of a policy which sets it itself, and before and after a change; two that become one are refused."""
    grid = worlds("grid", [Range.of("stakes", values=[0.25, 0.75])])
    plain, sets_it = Policy("criterion"), Policy("criterion", stakes=1)
    found = [
        together(study(policies=(policy, POLICIES[2]), worlds=grid))["learning"].unstack("policy")
        for policy in (plain, sets_it)
    ]
    assert (found[0].to_numpy() == found[1].to_numpy()).all()
    assert (found[0].loc[0] != found[0].loc[1]).all().all()
    with pytest.raises(InputError, match=r"criterion\+stakes=1 are the same where stakes varies"):
        study(policies=(plain, sets_it), worlds=grid)


def test_a_change_begins_with_its_week() -> None:
    """Before it the first policy alone, from then on the other: traces part in that week."""
    first, then = Policy("criterion"), Policy("curve", stakes=1)
    keep = Keep(("learning",), ("failure",), 1.0)
    plan = study(policies=(first, PolicyChange(first, (4, then)), then), worlds=ONE, keep=keep)
    frame = all_tasks(plan)["traces"].astype({"policy": str}).set_index(["room", "seat"])
    heard = {name: rows.pivot(columns="week", values="failure") for name, rows in frame.groupby("policy")}
    stays, changes, other = (heard[policy.name] for policy in plan.policies)
    assert (changes[[1, 2, 3]] == stays[[1, 2, 3]]).all().all()
    assert (changes[4] != stays[4]).any() and (changes[[1, 2, 3]] != other[[1, 2, 3]]).any().any()


# ---- traces ------------------------------------------------------------------------------------------------
STUDENTS = tuple(name for name, slot in SLOTS.items() if slot.of == "student")


@pytest.mark.parametrize("roster", [Roster.synthetic(5), UNEQUAL], ids=["synthetic", "unequal"])
def test_traces_are_those_of_a_class_alone(roster: Roster) -> None:
    """Every week of every student, in each world under each policy."""
    plan = study(roster=roster, keep=Keep(("learning",), ("control", "below_criterion", "effort"), 1.0))
    frame = all_tasks(plan)["traces"].astype({"policy": str}).set_index(["world", "policy", "room"]).sort_index()
    run = engine("vectorised")
    for world in (0, 3, 6):
        parameters, levers = world_of(plan, world)
        for policy in plan.policies:
            for room in range(plan.rooms):
                block = columns(roster.seats([room], SEED), [with_levers(policy, levers)], [parameters])
                year = run(block, WEEKS, plan.keep.students)
                mine = frame.loc[world, policy.name, room]
                students = len(roster.in_room(room).students)
                assert mine["week"].tolist() == np.repeat(np.arange(1, WEEKS + 1), students).tolist()
                assert mine["seat"].tolist() == [*range(students)] * WEEKS
                for name in plan.keep.students:
                    assert mine[name].to_numpy() == pytest.approx(year.trace[name][:, :, 0].ravel(), abs=1e-12)


@pytest.mark.parametrize("name", ["vectorised", "mesa"])
def test_every_number_of_a_student_can_be_traced(name: str) -> None:
    """Whatever the list of slots offers; it is kept as it is."""
    plan = study(
        worlds=ONE, policies=POLICIES[:1], rooms=1, weeks=2, engine=name, keep=Keep(("learning",), STUDENTS, 1.0)
    )
    frame = all_tasks(plan)["traces"]
    assert list(frame) == ["world", "policy", "room", "week", "seat", *(n for n in STUDENTS if n != "seat")]
    assert len(frame) == 2 * 5 and frame["seat"].tolist() == [*range(5)] * 2


def test_a_sample_of_classes_is_traced() -> None:
    """The rooms drawn differ by world, are the same under every policy, and grow with the share."""
    plan = study(rooms=20, weeks=4)
    drawn = {}
    for share in (0.1, 0.3):
        frame = all_tasks(plan.replace(keep=Keep(("learning",), ("control",), share)))["traces"]
        of_policy = [{*zip(rows["world"], rows["room"])} for _, rows in frame.groupby("policy", observed=True)]
        assert len(of_policy) == 3 and of_policy[0] == of_policy[1] == of_policy[2]
        drawn[share] = of_policy[0]
        assert len(frame) == 3 * len(of_policy[0]) * 4 * 5
    assert drawn[0.1] < drawn[0.3] and 0 < len(drawn[0.1]) < 28 < len(drawn[0.3]) < 60
    assert len({frozenset(r for w, r in drawn[0.3] if w == world) for world in range(7)}) > 1


def test_a_task_in_which_no_class_is_drawn() -> None:
    """It has the same columns, and no row."""
    keep = Keep(("learning",), ("control", "affect"), 1e-9)
    some = study(keep=replace(keep, share=1.0))
    none, full = (live(plan, Tasks(plan)[0])["traces"] for plan in (some.replace(keep=keep), some))
    assert none.num_rows == 0 < full.num_rows
    assert none.schema == full.schema


# ---- failures turned round ---------------------------------------------------------------------------------
def test_twins_of_each_world() -> None:
    """Each world has its own; they are those that the world gives alone."""
    plan = study(policies=POLICIES[:2], share=0.5, weeks=14, rooms=2, flips=("line", "practice"))
    found = all_tasks(plan)["twins"].astype({"policy": str, "flip": str})
    assert {*found["world"]} == {*range(7)} and {*found["flip"]} == {"line", "practice"}
    for world in (1, 5):
        parameters, levers = world_of(plan, world)
        policies = tuple(Policy(policy.name, **levers) for policy in plan.policies)
        mine = all_tasks(plan.replace(policies=policies, parameters=parameters, worlds=ONE))["twins"]
        names = dict(zip((policy.name for policy in policies), (policy.name for policy in plan.policies)))
        mine = mine.astype({"policy": str, "flip": str}).replace({"policy": names}).assign(world=world)
        theirs = found[found["world"] == world].reset_index(drop=True)
        pd.testing.assert_frame_equal(theirs, mine, **EXACTLY)


def test_the_twin_table_by_hand() -> None:
    """That of each room alone, row by row: which twin it is, and its effects; unequal classes are seated again."""
    plan = study(roster=UNEQUAL, rooms=5, policies=POLICIES[:2], share=0.5, weeks=15, flips=("practice", "criterion"))
    frames = []
    for world in range(len(plan.worlds)):
        parameters, levers = world_of(plan, world)
        policies = [Policy(policy.name, **levers) for policy in POLICIES[:2]]
        for room in range(5):
            alone = UNEQUAL.seats([room], SEED)
            _, twins = failure_twins(
                alone, policies, parameters, 15, 0.5, engine("vectorised"), ("practice", "criterion")
            )
            frames.append(pd.DataFrame({
                "world": world,
                "flip": [("line", "criterion", "label", "practice")[k] for k in twins["flip"]],
                "policy": [POLICIES[k].name for k in twins["policy"]],
                "room": room,
                "class": room % 3,
                **{name: twins[name] for name in ("seat", "week", *SEEN, *effect_columns())},
            }))  # fmt: skip
    expected = pd.concat(frames, ignore_index=True)
    assert {*expected["room"]} == {*range(5)} and expected["week"].between(4, 6).all()
    found = all_tasks(plan)["twins"].astype({"flip": str, "policy": str})
    pd.testing.assert_frame_equal(found, expected, **EXACTLY)


def test_a_study_without_any_twin() -> None:
    """Where nothing may be turned round the table is there, and empty."""
    plan = study(policies=POLICIES[:1], share=0.5, weeks=16, worlds=ONE, flips=("label",))
    nobody = plan.replace(policies=(Policy("curve", quota=0.02),))
    some, none = all_tasks(plan)["twins"], all_tasks(nobody)["twins"]
    assert len(some) > 0 == len(none) and list(some) == list(none)


def test_a_verdict_that_nobody_utters_is_not_turned() -> None:
    """Refused where no policy utters one; where one does, the others have no such twins; else turned elsewhere."""
    told, silent = POLICIES[0], Policy("narrative")
    plan = study(policies=(told, silent), share=0.5, weeks=16, worlds=ONE, flips=("line", "label"))
    assert {*all_tasks(plan)["twins"]["policy"].astype(str)} == {told.name}
    with pytest.raises(InputError, match="no policy here utters a verdict for line and label to turn"):
        plan.replace(policies=(silent,))
    usual = plan.replace(policies=(silent,), flips=())
    assert usual.kinds == ("criterion", "practice") and plan.replace(flips=()).kinds == ("line", "label", "practice")
    assert {*all_tasks(usual)["twins"]["flip"].astype(str)} == {"criterion", "practice"}
    with pytest.raises(InputError, match="unknown flip 'luck'; it is called criterion now; line turns the"):
        plan.replace(flips=("luck",))
    with pytest.raises(InputError, match="unknown flip 'verdict'; there are line, criterion, label, practice"):
        plan.replace(flips=("verdict",))


def test_estimands_that_are_asked_for() -> None:
    """Their columns are in the table beside the others, and nothing else changes."""
    plan = study(policies=POLICIES[:1], share=0.3, weeks=14, worlds=ONE, flips=("line",))
    plain, asked = (all_tasks(one)["twins"] for one in (plan, plan.replace(estimands=("R_1", "M_A"))))
    assert {*asked} - {*plain} == {f"{letter}{h}" for letter in "ga" for h in range(1, 10)}
    pd.testing.assert_frame_equal(asked[[*plain]], plain, **EXACTLY)
    assert student_weeks(plan.replace(estimands=("R_1", "M_A"))) - years(plan) == 10 * (
        student_weeks(plan) - years(plan)
    )
    with pytest.raises(InputError, match="unknown estimand to ask for 'R_F'; "):
        plan.replace(estimands=("R_F",))
