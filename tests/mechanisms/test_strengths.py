"""A strength of 0 takes its mechanism out, leaves its neutral value in place, and is named where it is read."""

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import equations as m
import numpy as np
import pytest

from setback.model.catalogue import catalogue, mechanisms
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, Held, Run, columns
from setback.model.equations import opening as o
from setback.model.mechanism import declaration
from setback.model.parameters import MECHANISM_GROUPS, ROWS, STRENGTHS, TABLE, Levers, Parameters, World
from setback.model.parameters import OWN as TABLE_OF_MODEL
from setback.model.policies import Policy
from setback.model.references import ASSUMED, references
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

from .conftest import BUSY, LIVELY, ONE, WRITTEN, Array, class_of, levers, opened, row, world

WEEKS = 10
#: Policies under which every mechanism has something to do.
POLICIES = (BUSY, Policy("reference"), Policy("harmful"), Policy("mastery", level=0.3))
#: The same without the messages, which say something about causes and control whatever a student makes of them.
UNTALKED = (
    Policy(**{**BUSY, "attribution_talk": 0.0, "targeted_talk": 0.0, "mindset_message": 0.0, "coping_models": 0.0}),
    *POLICIES[1:],
)

#: Numbers without a mechanism of their own, and the one that they act through.
GUESTS = {"consensus": "attribution", "affect_blame": "affect", "repaired": "affect"}
#: What multiplies the numbers of a group, and does nothing by itself.
GAINS = tuple(TABLE_OF_MODEL.gains.values())
#: Minutes of a teacher's time: they are measured, and move nothing else.
TIMES = ("time_feedback", "time_retake", "time_repeat_help", "time_adapt", "time_story")
#: Numbers that stand in for a mechanism that is off, and change nothing while it is fully at work.
STAND_INS = {"reference_effort": "effort", "reference_engagement": "failure_analysis"}
#: Practice, instruction, assessment and the calendar: always at work.
ALWAYS = (
    "retention", "syllabus_slope", "attempt_noise", "practice_rate", "instruction_conceptual",
    "instruction_procedural", "assess_noise", "assignment_noise", "noise_growth", "carry", "local_standard",
)  # fmt: skip
#: The parameters that belong to one mechanism alone, as the table says: with its strength at 0 they change nothing.
OWN: dict[str, tuple[str, ...]] = {
    strength.removeprefix("strength_"): tuple(
        row.name for row in TABLE
        if row.kind == "mechanism" and f"strength_{row.mechanism}" == strength and row.name not in {*GUESTS, *STAND_INS}
    )
    for strength in STRENGTHS
}  # fmt: skip
#: What is left of a number where the mechanism that it acts on, or through, is off: the slots that still move, which
#: are only observed.
LEFT: dict[tuple[str, str], set[str]] = {
    ("affect", "effort_affect"): set(), ("affect", "skip_affect"): set(), ("affect", "dropout_affect"): set(),
    ("affect", "ego_threat_size"): set(), ("affect", "reserve_spent"): set(), ("affect", "pressure_affect"): set(),
    ("affect", "affect_blame"): {"hurt"}, ("affect", "repaired"): {"hurt"}, ("affect", "aspiration"): {"hurt"},
    ("affect", "self_worth"): {"hurt"},
    ("affect", "goals_hurt"): {"hurt"}, ("support", "help_cuts"): set(),
    ("effort", "reactance_size"): set(), ("support", "help_avoidance"): set(), ("affect", "misreading_size"): set(),
    ("support", "rescue_remainder"): set(),
    ("effort", "striving"): set(), ("effort", "grade_incentive_size"): {"incentive"},
    ("failure_analysis", "engage_goals"): set(), ("failure_analysis", "test_preparation"): set(),
    ("failure_analysis", "error_attention_size"): {"attention"}, ("failure_analysis", "ego_threat_size"): {"ego"},
    ("attribution", "comparison_blame"): set(), ("attribution", "excuse_worth"): set(),
    ("attribution", "consensus"): {"task_weight"},
    ("expectancy", "big_fish"): {"frame_of_reference"},
    ("affect", "private_hurt_size"): {"private_hurt"}, ("affect", "fade_reserve"): set(), ("affect", "buffer"): set(),
    ("helplessness", "buffer_control"): set(), ("avoidance", "skip_reserve"): set(),
    ("avoidance", "dropout_diligence"): set(), ("avoidance", "diligence_drift_sd"): {"diligence_drift"},
    ("failure_analysis", "engage_reserve"): set(), ("correction", "near_miss_slope"): {"nearness"},
}  # fmt: skip
#: How a shortfall counts that nobody calls failing: read by these seven where no verdict is uttered.
READ_SHORTFALLS = ("attribution", "style_drift", "helplessness", "affect", "interest", "effort", "resilience")
#: What it moves where none of them reads it: slots that are only observed.
HEARD = {
    "failure", "heard_attribution", "heard_control", "heard_affect", "heard_peers",
    "failing_grade_seen", "class_failing_grade_seen", "task_weight", "hurt", "resolve", "setback",
    "weeks_failure_heard", "weeks_success_heard", "failure_to_ability_total", "success_external_total",
}  # fmt: skip


def turned(names: Iterable[str], to: float) -> dict[str, float]:
    """Some strengths, all in one position."""
    return {f"strength_{name}": to for name in names}


def variants(base: Parameters, names: Iterable[str]) -> list[Parameters]:
    """A world, and the same with one number at either end of its range, for each of some names."""
    ends = [(name, end) for name in names for end in (ROWS[name].low, ROWS[name].high)]
    return [base, *(base.replace(**{name: end}) for name, end in ends)]


def moved(worlds: list[Parameters], policies: Sequence[Policy] = POLICIES) -> list[set[str]]:
    """For each world but the first: the slots that differ from the first in any bit, in any week and policy."""
    under = [policy for policy in policies for _ in worlds]
    run = engine.run(class_of(6, *under, worlds=worlds * len(policies)), WEEKS, WRITTEN)
    changed: list[set[str]] = [set() for _ in worlds]
    for slots in (run.trace, run.end):
        for name, values in slots.items():
            by_world = values.reshape(-1, len(policies), len(worlds))
            for k in np.flatnonzero((by_world != by_world[..., :1]).any((0, 1))):
                changed[k].add(name)
    return changed[1:]


def pairs(names: Iterable[str], changed: list[set[str]]) -> dict[str, set[str]]:
    """The slots that one end of a number's range or the other moves, by name."""
    return {name: changed[2 * k] | changed[2 * k + 1] for k, name in enumerate(names)}


# ---- the table above is complete ---------------------------------------------------------------------------
def test_every_number_of_a_mechanism_is_in_the_tables() -> None:
    """A new parameter has an owner, a stand-in's place, or is always at work."""
    owned = [name for names in OWN.values() for name in names]
    listed = [*owned, *STAND_INS, *ALWAYS, *GUESTS, *TIMES, "unlabelled", "delay_cost", "dropout_outside"]
    assert sorted(listed) == sorted(row.name for row in TABLE if row.kind == "mechanism" and row.name not in GAINS)
    assert all(OWN.values())
    assert {
        name for name in (*ALWAYS, *TIMES, "unlabelled", "delay_cost", "dropout_outside") if ROWS[name].mechanism
    } == set()
    assert all(ROWS[name].mechanism == strength for name, strength in (GUESTS | STAND_INS).items())
    assert {(strength, name) for name, strength in GUESTS.items()} <= set(LEFT)


def test_the_busy_policy_leaves_no_phase_out() -> None:
    """Every lever or number that switches a phase on is above 0, or these tests would pass over a mechanism."""
    switched = {phase.lever for phases in MODEL for phase in phases if not phase.lever.startswith("flip.")} - {""}
    sizes = {**BUSY, **{f"p.{name}": value for name, value in LIVELY.items()}}
    assert [name for name in switched if sizes[name] == 0.0] == []


# ---- a strength at 0 ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", OWN)
def test_numbers_of_a_mechanism_that_is_off_change_nothing(name: str) -> None:
    """With the strength at 0 its own parameters move no slot of a run, with the strength at 1 each moves some."""
    off, on = (moved(variants(LIVELY.replace(**turned([name], to)), OWN[name])) for to in (0.0, 1.0))
    assert pairs(OWN[name], off) == {parameter: set() for parameter in OWN[name]}
    idle = [parameter for parameter, slots in pairs(OWN[name], on).items() if not slots]
    assert idle == [], "these never move anything: the test has lost its point"


@pytest.mark.parametrize("strength", dict.fromkeys(strength for strength, _ in LEFT))
def test_without_its_outlet_nothing_comes_of_a_number(strength: str) -> None:
    """What shame does to effort goes with shame as well as with effort: at most something observed still moves."""
    numbers = [number for through, number in LEFT if through == strength]
    off, on = (pairs(numbers, moved(variants(LIVELY.replace(**turned([strength], to)), numbers))) for to in (0.0, 1.0))
    assert off == {number: LEFT[strength, number] for number in numbers}
    assert [number for number in numbers if not on[number] > LEFT[strength, number]] == []


@pytest.mark.parametrize(
    ("name", "lever"),
    [("story_editing", "attribution_talk"), ("mindset", "mindset_message"), ("models", "coping_models")],
)
def test_a_message_that_is_off_was_never_sent(name: str, lever: str) -> None:
    """Bit for bit the year of a policy without it."""
    off = ran(name, 0.0, BUSY)[1]
    others = {"targeted_talk": 0.0} if name == "story_editing" else {}
    unsent = ran(name, 1.0, Policy(**{**BUSY, lever: 0.0, **others}))[1]
    sent = ran(name, 1.0, BUSY)[1]
    assert all(np.array_equal(off.trace[slot], unsent.trace[slot]) for slot in WRITTEN)
    assert not np.array_equal(sent.trace["to_effort"], unsent.trace["to_effort"])


def test_minutes_are_measured_and_move_nothing() -> None:
    """What a teacher's work costs changes nobody's year."""
    assert pairs(TIMES, moved(variants(LIVELY, TIMES))) == {name: {"minutes"} for name in TIMES}


@pytest.mark.parametrize(("number", "strength"), STAND_INS.items())
def test_what_stands_in_is_unused_while_the_mechanism_is_at_work(number: str, strength: str) -> None:
    """The reference student's value changes nothing at strength 1, and something at 0.5 and at 0."""
    slots = [
        pairs([number], moved(variants(LIVELY.replace(**turned([strength], to)), [number])))[number]
        for to in (1.0, 0.5, 0.0)
    ]
    assert slots[0] == set() and slots[1] and slots[2]


def test_shortfalls_count_only_in_what_they_move() -> None:
    """Without the seven mechanisms that hear of one it does not matter how an unlabelled shortfall counts."""
    narrative = (Policy("narrative", level=0.0),)
    off = LIVELY.replace(**turned(READ_SHORTFALLS, 0.0))
    assert pairs(["unlabelled"], moved(variants(off, ["unlabelled"]), narrative))["unlabelled"] == HEARD
    for name in READ_SHORTFALLS:
        alone = off.replace(**turned([name], 1.0))
        slots = pairs(["unlabelled"], moved(variants(alone, ["unlabelled"]), narrative))["unlabelled"]
        assert slots > HEARD, f"{name} hears of no shortfall"
    told = (Policy("criterion", level=0.5),)
    assert moved(variants(LIVELY, ["unlabelled"]), told) == [set(), set()], (
        "where a verdict is uttered nothing reads it"
    )


def test_feedback_that_is_late_matters_to_what_reads_feedback() -> None:
    """To what is learnt from it and to what it prepares for; without both it moves nothing, with either it does."""
    readers = ("correction", "preparation")
    off = LIVELY.replace(**turned(readers, 0.0))
    assert moved(variants(off, ["delay_cost"])) == [set(), set()]
    for name in readers:
        assert all(moved(variants(off.replace(**turned([name], 1.0)), ["delay_cost"]))), name


def test_what_is_always_at_work() -> None:
    """With every strength at 0 the parameters of practice, instruction, assessment and calendar still count."""
    bare = LIVELY.replace(**turned(OWN, 0.0))
    slots = pairs(ALWAYS, moved(variants(bare, ALWAYS)))
    assert [name for name in ALWAYS if not slots[name]] == []


def ran(name: str, to: float, *policies: Policy, keep: Iterable[str] = WRITTEN) -> tuple[Block, Run]:
    """A class under some policies with one strength in one position."""
    block = class_of(6, *(policies or POLICIES), worlds=LIVELY.replace(**turned([name], to)))
    return block, engine.run(block, WEEKS, tuple(keep))


#: States that another mechanism moves as well.
ALSO = {"interest": ("curiosity",)}


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("expectancy", "expectancy"), ("helplessness", "control"), ("style_drift", "attribution_style"),
        ("interest", "interest"), ("resilience", "reserve"), ("affect", "affect"), ("attribution", "history"),
        ("preparation", "preparation"), ("drift", "drift"), ("avoidance", "enrolled"), ("avoidance",
            "weeks_not_submitted"),
    ],
)  # fmt: skip
def test_a_state_stays_at_its_opening_value(name: str, slot: str) -> None:
    """Bit for bit over ten weeks, under every policy; at strength 1 it moves."""
    block = class_of(6, *UNTALKED, worlds=LIVELY.replace(**turned([name, *ALSO.get(slot, ())], 0.0)))
    run = engine.run(block, WEEKS, WRITTEN)
    assert (run.trace[slot] == opened(block)[slot]).all() and (run.end[slot] == opened(block)[slot]).all()
    if slot == "preparation":
        assert ran("preparation", 1.0)[1].trace[slot].any()
    else:
        block, run = ran(name, 1.0, *UNTALKED)
        assert (run.trace[slot] != opened(block)[slot]).any()


def beside_friends(own: Array, t: dict[str, Array]) -> Array:
    """An effort that has moved towards that of friends."""
    return own + LIVELY["peer_norm"] * t["submitted"] * (t["friends_effort"] - own)


def before(weekly: Array) -> Array:
    """A slot as it was a week earlier, 0 before the first one."""
    return np.concatenate([0.0 * weekly[:1], weekly[:-1]])


def plain_hurt(t: dict[str, Array]) -> Array:
    """What a failing grade, or one that was repaired, does to everybody alike, by cause and goals."""
    failed = t["heard_affect"]
    felt = failed + LIVELY["repaired"] * (1.0 - failed) * t["failing_grade_told"]
    return felt * (0.5 + LIVELY["affect_blame"] * failed * t["to_ability"]) * (1.0 - LIVELY["goals_hurt"] * t["goals"])


def in_part(t: dict[str, Array]) -> Array:
    """What is left of a failure where open tasks give credit for what went well."""
    still = 1.0 - LIVELY["partial_success_size"] * np.array([q["open_tasks"] for q in UNTALKED]) * t["grade"]
    return np.asarray(still)


@pytest.mark.parametrize(
    ("name", "slot", "neutral"),
    [
        ("challenge", "fit", lambda t: 1.0),
        ("challenge", "unit_fit", lambda t: 1.0),
        ("near_miss", "nearness", lambda t: 1.0),
        ("support", "helped", lambda t: 0.0),
        ("ego_threat", "ego", lambda t: 0.0),
        ("affect", "affect", lambda t: 0.0),
        ("affect", "ego", lambda t: 0.0),
        ("affect", "form", lambda t: t["drift"] + t["slow_drift"] + t["aptitude"]),
        ("drift", "drift", lambda t: 0.0),
        ("drift", "slow_drift", lambda t: 0.0),
        ("diligence", "diligence_drift", lambda t: 0.0),
        ("drift", "form", lambda t: t["aptitude"] - LIVELY["impairment"] * before(t["affect"])),
        ("failure_analysis", "analysed", lambda t: LIVELY["reference_engagement"] * t["practice_error"]),
        ("effort", "effort", lambda t: beside_friends(LIVELY["reference_effort"] * t["submitted"], t)),
        ("avoidance", "submitted", lambda t: 1.0),
        ("avoidance", "enrolled", lambda t: 1.0),
        ("attribution", "to_ability", lambda t: 0.25),
        ("attribution", "to_effort", lambda t: 0.25),
        ("attribution", "to_task", lambda t: 0.25),
        ("attribution", "to_luck", lambda t: 0.25),
        ("attribution", "history", lambda t: 0.0),
        ("error_attention", "attention", lambda t: 0.0),
        ("grade_incentive", "incentive", lambda t: 0.0),
        ("pressure", "pressure", lambda t: 0.0),
        ("competition", "frame_of_reference", lambda t: 0.0),
        ("goals", "goals", lambda t: 0.0),
        ("misreading", "heard_attribution", lambda t: t["failure"]),
        ("misreading", "heard_affect", lambda t: t["failure"]),
        ("self_handicapping", "excuse", lambda t: 0.0),
        ("story_editing", "talked", lambda t: 0.0),
        ("perfectionism", "hurt", lambda t: plain_hurt(t)),
        ("private_error", "private_hurt", lambda t: 0.0),
        ("failure_analysis", "recovered", lambda t: 0.0),
        ("competition", "failure", lambda t: (1.0 - t["verdict"]) * in_part(t)),
    ],
)
def test_the_neutral_value_stands_in_the_mechanisms_place(
    name: str, slot: str, neutral: Callable[[dict[str, Array]], Any]
) -> None:
    """Exactly, in every week of a run; at strength 1 it is something else."""
    policies = POLICIES if name == "story_editing" else UNTALKED
    _, off = ran(name, 0.0, *policies)
    assert (off.trace[slot] == neutral(off.trace)).all()
    _, on = ran(name, 1.0, *policies)
    assert (on.trace[slot] != neutral(on.trace)).any()


def test_without_preparation_no_practice_time_is_lost() -> None:
    """Struggling first leaves as much practice as instruction first does, and prepares nothing."""
    p = world(strength_preparation=0.0, exploration_cost=0.6, activation=1.0)
    given = 0.0, 0.7, 0.9, 1.1, 0.0, 0.0, 0.0
    first, last = (m.practise(*given, p, levers(part)) for part in ("problem-first", "instruction-first"))
    assert first == last == p.practice_rate * 0.7 * 0.9 * 1.1
    assert m.practise(*given, world(exploration_cost=0.6), levers("problem-first")) < last
    assert struggled(row(0.0, 0.4), p).tolist() == [0.0, 0.4]


def test_without_easier_tasks_a_free_choice_is_the_task_as_set() -> None:
    """With the mechanism those who fear failing choose below it."""
    free = Policy(choice=1.0)
    for to in (0.0, 1.0):
        _, run = ran("easier_tasks", to, free, keep=("task", "syllabus"))
        assert (run.trace["task"] <= run.trace["syllabus"]).all()
        assert (run.trace["task"] == run.trace["syllabus"]).all() == (to == 0.0)


def test_without_forgetting_revisiting_neither_costs_nor_pays() -> None:
    """A spiral is then the plain calendar, bit for bit."""
    for to in (0.0, 1.0):
        _, run = ran("forgetting", to, Policy("spiral"), Policy())
        same = [bool(np.array_equal(x[..., 0], x[..., 1])) for x in run.trace.values()]
        assert all(same) == (to == 0.0)


@pytest.mark.parametrize("to", [0.0, 0.5, 1.0])
def test_without_peers_friends_have_no_influence(to: float) -> None:
    """Whatever friends do, and whoever they are, no other slot moves; with the mechanism some do."""
    worlds = LIVELY.replace(**turned(["peers"], to))
    block = class_of(6, BUSY, worlds=worlds)
    rng = np.random.default_rng(1)
    shape = (WEEKS, 6, 1)
    lazy = Held(rng.random(shape), np.ones(shape, bool))
    others = columns(Roster.synthetic(6, "seating").seats([1], 3), [BUSY], [worlds])
    base = engine.run(block, WEEKS, WRITTEN)
    seen = {"friends_effort", "friends_shared"}
    for hold, run in (
        ({"friends_effort"}, engine.run(block, WEEKS, WRITTEN, {"friends_effort": lazy})),
        ({"friends_shared"}, engine.run(block, WEEKS, WRITTEN, {"friends_shared": lazy})),
        (seen, engine.run(others, WEEKS, WRITTEN)),
    ):
        slots = {name for name in run.trace if not np.array_equal(run.trace[name], base.trace[name])}
        slots |= {name for name in run.end if not np.array_equal(run.end[name], base.end[name])}
        assert hold <= slots
        assert (slots <= seen) == (to == 0.0)


@pytest.mark.parametrize("to", [0.0, 0.5, 1.0])
def test_without_resilience_nothing_reads_the_reserve(to: float) -> None:
    """Whatever is left in it, no other slot moves; with the mechanism control, shame, errors and handing in do."""
    block = class_of(6, *POLICIES, worlds=LIVELY.replace(**turned(["resilience"], to)))
    rng = np.random.default_rng(1)
    shape = (WEEKS, 6, len(POLICIES))
    base = engine.run(block, WEEKS, WRITTEN)
    run = engine.run(block, WEEKS, WRITTEN, {"reserve": Held(rng.random(shape), np.ones(shape, bool))})
    slots = {name for name in run.trace if not np.array_equal(run.trace[name], base.trace[name])}
    slots |= {name for name in run.end if not np.array_equal(run.end[name], base.end[name])}
    if to == 0.0:
        assert slots == {"reserve"}
    else:
        assert {"reserve", "control", "affect", "analysed", "submitted"} <= slots


def test_without_competition_a_rank_is_a_grade_like_any_other() -> None:
    """It tells as much, defeats nobody, makes no rivals and blames nobody; the verdict alone is left."""
    ranked = Policy("curve", cooperation=0.5, information=0.6)
    read = ("failure", "to_ability", "frame_of_reference", "shared", "conceptual")
    _, off = ran("competition", 0.0, ranked, keep=WRITTEN)
    assert np.array_equal(off.trace["failure"], 1.0 - off.trace["verdict"])
    for number in OWN["competition"]:
        worlds = [LIVELY.replace(**{number: end}) for end in (ROWS[number].low, ROWS[number].high)]
        low, high = (engine.run(class_of(6, ranked, worlds=world), WEEKS, read) for world in worlds)
        assert any(not np.array_equal(low.trace[name], high.trace[name]) for name in read), number


def test_without_forgetting_a_repeated_unit_loses_nothing() -> None:
    """Who stays at a unit only gains, and whoever does nothing for it stays where he was."""
    stays = Policy("class-paced", level=2.0, mastery_share=0.99)
    least = {}
    for to in (0.0, 1.0):
        slow = LIVELY.replace(strength_forgetting=to, knowledge_mean=-1.0, practice_rate=0.2, feedback_gain=0.0)
        run = engine.run(class_of(6, stays, worlds=slow), WEEKS, ("conceptual", "procedural", "submitted", "enrolled"))
        there = run.trace["enrolled"][:-1] > 0.5
        idle = there & (run.trace["submitted"][1:] < 0.5)
        assert not run.end["unit"].any() and idle.sum() > 5
        for slot in ("conceptual", "procedural"):
            change = np.diff(run.trace[slot], axis=0)
            least[to, slot] = change[there].min()
            assert to == 1.0 or np.abs(change[idle]).max() < 1e-12
    assert least[0.0, "conceptual"] > -1e-12 and least[0.0, "procedural"] > -1e-12
    assert least[1.0, "conceptual"] < -0.01 and least[1.0, "procedural"] < -0.01


# ---- a strength between 0 and 1 ----------------------------------------------------------------------------
@pytest.mark.parametrize("name", OWN)
def test_every_strength_is_alive(name: str) -> None:
    """Half way and all the way something differs from 0, and from each other."""
    at = [LIVELY.replace(**turned([name], to)) for to in (0.0, 0.5, 1.0)]
    half, full = moved(at)
    assert half and full and moved(at[1:])[0]


H, LUCK = np.float64(0.5), (np.arange(1000) + 0.5) / 1000.0
FAILED, PASSED, POOR = ONE, np.float64(0.0), np.float64(0.3)
FIRST, HARSH = levers("problem-first"), levers(threat=1.0, stakes=1.0)
RANKED, FREE, GROUP = levers("curve"), levers(choice=1.0), levers("group-problem-first")
TALK, GROWTH, SPIRAL = levers("story-editing"), levers("mindset-message"), levers("spiral")


def taught(p: World, q: Levers, friends: float) -> tuple[Any, ...]:
    """A week's instruction of a student at 0."""
    return m.instruct(0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, friends, 1.0, 0.0, p, q)


def struggled(prepared: Any, p: World) -> Any:
    """What an error prepares that is fully analysed before the instruction."""
    return m.prepare(prepared, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, p, FIRST)


def set_again(p: World) -> tuple[Any, ...]:
    """A unit just failed, as it is set again."""
    there = (0.0, 0.0, 0.0, 0.0, np.float64(0.0), ONE, ONE, ONE, 0.0, np.float64(0.0), 0.0, 0.0, 0.5, ONE)
    return m.set_again(*there, p, levers(repeats=1.0))


def repeated(p: World) -> tuple[Any, ...]:
    """A failed unit far from being passed, corrected by a student at 0."""
    there = (0.0, 0.0, 0.0, 0.5, ONE, np.float64(-9.0), 1.0, 0.2, 1.0, 1.0, 0.0, 0.0, 0.0)
    return m.repeat_unit(*there, p, levers(repeats=1.0))


def together(p: World) -> tuple[Any, ...]:
    """What a student at 0 learns from friends' errors."""
    return m.work_together(0.0, 0.0, 0.0, 0.5, 1.0, 1.0, p, GROUP)


def looked_into(p: World) -> tuple[Any, ...]:
    """What a student at 0 learns from a failed test."""
    return m.look_into_test(0.0, 0.0, 0.0, POOR, 1.0, 0.0, 0.0, 0.5, 0.5, 1.0, p, levers())


def attempted(p: World) -> tuple[Any, ...]:
    """What a student at 0 learns from an error at practice."""
    return m.learn_from_attempt(0.0, 0.0, 1.0, 1.0, 1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 1.0, p, levers())


def again(p: World) -> tuple[Any, ...]:
    """What a student at 0 learns from a second attempt, and how much of the error it recovers."""
    return m.try_again(0.0, 0.0, np.float64(-9.0), 0.0, 0.5, 1.0, 1.0, 0.0, p)


def corrected(p: World) -> tuple[Any, ...]:
    """What a student at 0 learns from feedback on the work of the week."""
    return m.learn_from_feedback(0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.9, 0.9, 1.0, p, levers())


def spread(p: World) -> World:
    """The same world with spreads that are 0 by default."""
    return p._replace(drift_slow_sd=ONE, diligence_sd=ONE, diligence_drift_sd=ONE)


def retaken(p: World) -> tuple[Any, ...]:
    """What a student at 0 learns from correcting a failed test."""
    given = np.float64(0.3), np.float64(0.0), 0.0, np.float64(0.0), FAILED, 1.0, 1.0
    return m.retake(0.0, 0.0, *given, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0 * ONE, 0.0, ONE, 0.0, p, levers("mastery"))


def practised(p: World, analysed: float = 0.0, retakes: float = 0.0, q: Levers | None = None) -> Any:
    """A week's practice of a student at 0."""
    return m.practise(0.0, 1.0, 1.0, 1.0, analysed, retakes, 0.0, p, q or levers())


def controlled(p: World, heard: Any = FAILED, reserve: float = 0.0, there: float = 1.0) -> Any:
    """A control of one half after a week."""
    return m.update_control(0.5, heard, there, 0.2, 0.3, 0.2, reserve, there, 0.0, 1.0, ONE, p, levers())


def kept(p: World, affect: Any = 0.5, reserve: float = 0.5, hurt: float = 1.0) -> Any:
    """What is left of shame and what comes to it, under full threat."""
    return m.update_affect(affect, 0.0, hurt, 0.0, 0.0, reserve, 1.0, ONE, p, HARSH)


def beaten(p: World) -> Any:
    """What a pass below the middle of the class is taken for."""
    return m.take_as_failure(np.float64(0.3), ONE, 0.2, np.float64(0.9), np.float64(0.3), 1.0, ONE, p, RANKED)


def tried(p: World, perfectionism: float = 0.5, reactance: float = 0.0) -> Any:
    """The effort of a discouraged student."""
    p = p._replace(reactance_size=np.float64(reactance))
    return m.decide_effort(0.2, 0.2, 0.2, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, perfectionism, p, HARSH)


def asked(p: World) -> tuple[Any, ...]:
    """The help that a lost student under threat gets, and how far nobody steps in."""
    return m.time_support(1.0, np.float64(9.0), -1.0, p._replace(help_avoidance=H), HARSH)


def misheard(p: World) -> Any:
    """What an anxious student hears where nobody says that anything failed."""
    return m.misread(0.2, H, np.float64(0.0), p._replace(misreading_size=H))


def shown(p: World) -> tuple[Any, ...]:
    """The causes of a failure after stories of people who failed first, and control."""
    return m.learn_from_models(0.6, 0.2, 0.5, FAILED, 1.0, ONE, p, levers("coping-models"))


def ranked(p: World) -> tuple[Any, ...]:
    """The causes of a failure by rank."""
    return m.attribute(0.5, 0.0, FAILED, 1.0, 0.0, p, RANKED)


def blamed(p: World, weight: float = 1.5) -> tuple[Any, ...]:
    """The causes that a helpless student with a record sees in a failure."""
    return m.attribute(0.9, 0.5, FAILED, weight, 0.0, p, HARSH)


def retold(p: World) -> tuple[Any, ...]:
    """The causes of a helpless student's failure as a teacher retells them."""
    return m.edit_story(0.6, 0.2, np.float64(0.1), FAILED, 1.0, ONE, 0.4, np.float64(0.1), p, TALK)


def grown(p: World) -> tuple[Any, ...]:
    """The causes of a failure under a mindset message, and control."""
    return m.believe_in_growth(0.6, 0.2, 0.5, FAILED, 1.0, ONE, p, GROWTH)


def closed(p: World) -> tuple[Any, ...]:
    """A unit that is left with a gain of 1, and revisited."""
    return m.close_unit(0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, p, SPIRAL)


def expected(heard: Any, p: World) -> Any:
    """An expectancy of one half after a grade."""
    return m.update_expectancy(H, heard, 1.0 - heard, 0.0, 1.0, 0.3, 0.3, 1.0, ONE, 0.0, p, levers())


DEFAULT = world()
#: What a mechanism puts out: its strength, the slot, the call, and what stands there at 0.
OUTPUTS: tuple[tuple[str, str, Callable[[World], Any], float], ...] = (
    ("drift", "drift", lambda p: o.draw_drift(ONE, p), 0.0),
    ("drift", "slow_drift", lambda p: o.draw_slow_drift(1.0, spread(p)), 0.0),
    ("drift", "slow_drift", lambda p: m.wander_slowly(0.0, 1.0, spread(p)), 0.0),
    ("diligence", "diligence", lambda p: o.draw_diligence(1.0, ONE, 0.0, 0.0, spread(p))[1], 0.0),
    ("diligence", "diligence_drift", lambda p: o.draw_diligence_drift(1.0, spread(p)), 0.0),
    ("diligence", "diligence_drift", lambda p: m.vary_diligence(0.0, 1.0, spread(p)), 0.0),
    ("drift", "drift", lambda p: m.wander(0.0, 1.0, p), 0.0),
    ("forgetting", "conceptual", lambda p: m.open_unit(2.0, 2.0, 1.0, 1.0, 0.0, 1.0, p)[0], 2.0),
    ("forgetting", "procedural", lambda p: m.open_unit(2.0, 2.0, 1.0, 1.0, 0.0, 1.0, p)[1], 2.0),
    ("forgetting", "conceptual", lambda p: taught(p, SPIRAL, 0.0)[0], ROWS["instruction_conceptual"].default),
    ("forgetting", "procedural", lambda p: taught(p, SPIRAL, 0.0)[1], 0.4),
    ("forgetting", "cumulative_conceptual", lambda p: closed(p)[2], ROWS["retention"].default),
    ("forgetting", "cumulative_procedural", lambda p: closed(p)[3], ROWS["retention"].default),
    ("effort", "effort", tried, 0.7),
    ("perfectionism", "effort", lambda p: tried(p, 0.9), float(tried(DEFAULT))),
    (
        "perfectionism",
        "hurt",
        lambda p: m.take_to_heart(PASSED, np.float64(0.51), 0.5, 0.0, 0.3, 0.9, 0.0, p, levers()),
        0.0,
    ),
    ("avoidance", "submitted", lambda p: m.submit(ONE, H, H, 0.0, 0.0, ONE, LUCK, p).mean(), 1.0),
    (
        "resilience",
        "submitted",
        lambda p: m.submit(ONE, H, ONE, 0.0, 0.0, ONE, LUCK, p).mean(),
        float(m.submit(ONE, H, H, 0.0, 0.0, ONE, LUCK, DEFAULT).mean()),
    ),
    (
        "avoidance",
        "enrolled",
        lambda p: m.drop_out(np.float64(9.0), ONE, 0.0, H, ONE, 0.0, 0.0, LUCK, p)[1].mean(),
        1.0,
    ),
    ("challenge", "fit", lambda p: m.desirable_challenge(1.5, p), 1.0),
    ("challenge", "unit_fit", lambda p: m.pitch(1.5, p)[0], 1.0),
    ("failure_analysis", "analysed", lambda p: m.analyse_error(1.0, 1.0, 0.0, 0.5, 0.0, 0.2, 0.2, p, levers()), 0.6),
    ("failure_analysis", "procedural", lambda p: practised(p, analysed=1.0), 0.8),
    ("failure_analysis", "recovered", lambda p: again(p)[2], 0.0),
    ("failure_analysis", "conceptual", lambda p: again(p)[0], 0.0),
    ("failure_analysis", "procedural", lambda p: again(p)[1], 0.0),
    ("failure_analysis", "conceptual", lambda p: corrected(p)[0], ROWS["feedback_gain"].default * 0.6 * 0.6 * 0.5),
    ("failure_analysis", "procedural", lambda p: corrected(p)[1], ROWS["feedback_gain"].default * 0.6 * 0.6 * 0.5),
    *(
        (("correction", ("conceptual", "procedural")[k], lambda p, of=of, k=k: of(p)[k], 0.0))
        for of in (attempted, again, together, corrected, looked_into, retaken)
        for k in (0, 1)
    ),
    ("correction", "procedural", lambda p: practised(p, retakes=1.0), 0.8),
    ("correction", "cumulative_conceptual", lambda p: repeated(p)[1], 0.0),
    ("correction", "cumulative_procedural", lambda p: repeated(p)[2], 0.0),
    ("correction", "repeat_margin", lambda p: repeated(p)[5], -9.0),
    ("attribution", "repeat_record", lambda p: set_again(p)[3], 0.0),
    (
        "support",
        "helped",
        lambda p: m.help_at_once(0.0, 0.0, 1.0, 1.0, p, levers(target_record=0.5, targeted_support=1.0))[0],
        0.0,
    ),
    *(
        (
            "story_editing",
            slot,
            lambda p, k=k: m.talk_to_targeted(
                0.6, 0.2, 0.0, FAILED, 1.0, 1.0, ONE, p, levers(target_record=0.5, targeted_talk=1.0)
            )[k],
            neutral,
        )
        for k, (slot, neutral) in enumerate((("to_ability", 0.6), ("to_effort", 0.2), ("talked", 0.0)))
    ),
    ("failure_analysis", "conceptual", lambda p: looked_into(p)[0], 0.0),
    ("failure_analysis", "procedural", lambda p: looked_into(p)[1], 0.0),
    ("failure_analysis", "preparation", lambda p: looked_into(p)[2], 0.0),
    ("error_attention", "attention", lambda p: m.attend_to_error(1.0, 0.8, p, levers()), 0.0),
    ("ego_threat", "ego", lambda p: m.feel_threat(1.0, p, levers()), 0.0),
    ("near_miss", "nearness", lambda p: m.value_near_miss(2.0, p), 1.0),
    ("support", "helped", lambda p: asked(p)[0], 0.0),
    ("support", "unhelped", lambda p: asked(p)[1], 0.0),
    ("help_seeking", "helped", lambda p: asked(p)[0], 1.0),
    ("help_seeking", "unhelped", lambda p: asked(p)[1], 0.0),
    ("reactance", "effort", lambda p: tried(p, reactance=1.0), float(tried(DEFAULT))),
    ("misreading", "heard_attribution", misheard, 0.2),
    ("misreading", "heard_affect", misheard, 0.2),
    ("models", "to_ability", lambda p: shown(p)[0], 0.6),
    ("models", "to_effort", lambda p: shown(p)[1], 0.2),
    ("models", "control", lambda p: shown(p)[2], 0.5),
    ("partial_success", "failure", lambda p: m.succeed_in_part(ONE, POOR, p, levers("open-tasks")), 1.0),
    ("preparation", "preparation", lambda p: struggled(0.0, p), 0.0),
    ("preparation", "preparation", lambda p: m.look_at_others(0.0, 1.0, p, levers("others-attempts-first")), 0.0),
    ("preparation", "preparation", lambda p: together(p)[2], 0.0),
    ("preparation", "preparation", lambda p: looked_into(p)[2], 0.0),
    ("preparation", "procedural", lambda p: practised(p, q=FIRST), 0.8),
    ("peers", "conceptual", lambda p: taught(p, levers(), 1.0)[0], ROWS["instruction_conceptual"].default),
    ("peers", "procedural", lambda p: taught(p, levers(), 1.0)[1], 0.4),
    ("peers", "conceptual", lambda p: together(p)[0], 0.0),
    ("peers", "procedural", lambda p: together(p)[1], 0.0),
    ("peers", "preparation", lambda p: together(p)[2], 0.0),
    ("peers", "effort", lambda p: m.follow_norm(0.5, 0.9, 1.0, p), 0.5),
    ("pressure", "pressure", lambda p: m.press(p, HARSH), 0.0),
    ("grade_incentive", "incentive", lambda p: m.pay_in_grades(p, HARSH), 0.0),
    ("goals", "goals", lambda p: m.pursue_goals(0.9, p, levers()), 0.0),
    ("self_handicapping", "excuse", lambda p: m.handicap_oneself(0.3, 0.0, 1.0, p, HARSH), 0.0),
    ("easier_tasks", "task", lambda p: m.choose_easier(1.0, 0.5, 0.3, 0.0, p, FREE)[0], 1.0),
    ("easier_tasks", "challenge", lambda p: m.choose_easier(1.0, 0.5, 0.3, 0.0, p, FREE)[1], 0.5),
    ("competition", "frame_of_reference", lambda p: m.compare_with_class(POOR, 0.5, 1.0, 1.0, ONE, p), 0.0),
    ("competition", "failure", beaten, 0.0),
    ("private_error", "private_hurt", lambda p: m.hurt_in_private(1.0, 0.2, 0.5, p, HARSH), 0.0),
    ("perfectionism", "private_hurt", lambda p: m.hurt_in_private(1.0, 0.0, 0.9, p, HARSH), 0.1 * 0.5),
    ("curiosity", "interest", lambda p: m.grow_curious(0.5, 0.5, p), 0.5),
    ("competition", "to_ability", lambda p: ranked(p)[0], 0.25),
    ("competition", "to_effort", lambda p: ranked(p)[1], 0.25),
    ("competition", "to_task", lambda p: ranked(p)[2], 0.25),
    ("competition", "to_luck", lambda p: ranked(p)[3], 0.25),
    ("attribution", "to_ability", lambda p: blamed(p)[0], 0.25),
    ("attribution", "to_effort", lambda p: blamed(p)[1], 0.25),
    ("attribution", "to_task", lambda p: blamed(p, 9.0)[2], 0.25),
    ("attribution", "to_luck", lambda p: blamed(p)[3], 0.25),
    ("attribution", "history", lambda p: m.remember(0.0, FAILED, 1.0, ONE, p, levers()), 0.0),
    ("story_editing", "to_ability", lambda p: retold(p)[0], 0.6),
    ("story_editing", "to_effort", lambda p: retold(p)[1], 0.2),
    ("story_editing", "talked", lambda p: retold(p)[2], 0.0),
    ("mindset", "to_ability", lambda p: grown(p)[0], 0.6),
    ("mindset", "to_effort", lambda p: grown(p)[1], 0.2),
    ("mindset", "control", lambda p: grown(p)[2], 0.5),
    (
        "style_drift",
        "attribution_style",
        lambda p: m.drift_of_style(0.5, FAILED, 0.7, 0.1, 0.1, 1.0, ONE, p, levers()),
        0.5,
    ),
    ("expectancy", "expectancy", lambda p: expected(FAILED, p), 0.5),
    ("expectancy", "expectancy", lambda p: expected(PASSED, p), 0.5),
    ("helplessness", "control", controlled, 0.5),
    ("helplessness", "control", lambda p: controlled(p, PASSED), 0.5),
    ("helplessness", "control", lambda p: controlled(p, there=0.0), 0.5),
    ("resilience", "control", lambda p: controlled(p, reserve=0.7), float(controlled(DEFAULT))),
    ("resilience", "control", lambda p: controlled(p, reserve=0.7, there=0.0), float(controlled(DEFAULT, there=0.0))),
    ("affect", "affect", lambda p: kept(p, 0.0), 0.0),
    ("affect", "affect", lambda p: o.draw_anxiety(ONE, ONE, 0.0, 0.0, p._replace(anxiety_mean=H))[1], 0.0),
    ("affect", "anxiety", lambda p: o.draw_anxiety(ONE, ONE, 0.0, 0.0, p._replace(anxiety_mean=H))[0], 0.0),
    ("resilience", "affect", lambda p: kept(p, 0.0), 0.7),
    ("resilience", "affect", lambda p: kept(p, 0.5, 0.9, 0.0), 0.3),
    ("resilience", "affect", lambda p: kept(p, 0.5, 0.1, 0.0), 0.3),
    ("resilience", "reserve", lambda p: m.update_reserve(0.5, 1.0, 0.5, 0.0, FAILED, 1.0, p), 0.5),
    ("resilience", "reserve", lambda p: m.update_reserve(0.5, 0.0, 0.5, 1.0, PASSED, 1.0, p), 0.5),
    ("interest", "interest", lambda p: m.update_interest(0.5, FAILED, 1.0, 1.0, ONE, p, HARSH), 0.5),
    ("interest", "interest", lambda p: m.update_interest(0.5, PASSED, 1.0, 1.0, ONE, p, HARSH), 0.5),
    ("interest", "interest", lambda p: m.update_interest(0.5, PASSED, 0.0, 1.0, ONE, p, FREE), 0.5),
)


@pytest.mark.parametrize(("name", "slot", "call", "neutral"), OUTPUTS, ids=[f"{a}-{b}" for a, b, *_ in OUTPUTS])
def test_half_a_strength_lies_between(name: str, slot: str, call: Callable[[World], Any], neutral: float) -> None:
    """What a mechanism puts out moves from its neutral value, exactly, to the full one, the same way all along."""
    at = [float(call(world(**turned([name], to)))) for to in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert at[0] == neutral, f"the neutral {slot}"
    steps = np.diff(at)
    assert (steps > 0.0).all() or (steps < 0.0).all()


#: What an equation writes that one of its strengths does not reach: weeks that are counted, units that are left,
#: preparation that a lesson uses up, and what is learnt whether or not it prepares.
UNSWITCHED = {
    ("drop_out", "avoidance"): {"weeks_not_submitted"},
    ("draw_diligence", "diligence"): {"diligence_score"},
    ("instruct", "peers"): {"preparation"},
    ("instruct", "forgetting"): {"preparation"},
    ("work_together", "preparation"): {"conceptual", "procedural"},
    ("work_together", "correction"): {"preparation"},
    ("look_into_test", "preparation"): {"conceptual", "procedural"},
    ("look_into_test", "correction"): {"preparation"},
    ("try_again", "correction"): {"recovered"},
    ("retake", "correction"): {"grade", "verdict", "met_criterion", "retaken"},
    ("close_unit", "forgetting"): {"unit", "units_mastered"},
    ("repeat_unit", "correction"): {
        "units_mastered",
        "history",
        "repeats_left",
        "repeat_units",
        "repeated",
        "repeat_passed",
    },
    ("set_again", "attribution"): {"repeats_left", "repeat_margin", "repeat_units"},
}


def test_every_output_behind_a_strength_is_among_them() -> None:
    """Every equation that reads a strength stands in the list above, in each slot that is its own."""
    listed: dict[str, set[str]] = {name: set() for name in OWN}
    for name, slot, *_ in OUTPUTS:
        listed[name].add(slot)
    for phase in (phase for phases in MODEL for phase in phases if not isinstance(phase.by, str)):
        for strength in read_strengths(phase.by):
            own = set(phase.writes) - UNSWITCHED.get((phase.name, strength), set())
            assert own and own <= listed[strength], phase.name


# ---- what the equations declare ------------------------------------------------------------------------------
EQUATIONS = {name: function for name, function in m.EQUATIONS.items() if "tallies" not in function.__module__}
#: What is measured, counted or carried over: these claim nothing that would need a source.
BOOKKEEPING = {
    "readiness", "wandering", "set_syllabus", "set_task", "pitch", "attempt", "turn_attempt", "err", "luck_in_test",
    "noise", "assess", "assign", "turn_assessment", "judge", "announce", "stand", "draw_line", "grade",
    "grade_attempts", "utter", "turn_verdict", "hear_of_learning", "keep_pass", "keep_setback", "reaches", "receive",
    "share_error", "show_result", "keep_pace", "be_ready", "pace_oneself", "struggle_first", "set_again_now",
    "single_out", "ease_tasks",
}  # fmt: skip


def read_strengths(function: Callable[..., Any]) -> set[str]:
    """The strengths that an equation reads, without their prefix."""
    tree = ast.parse(inspect.getsource(function))
    fields = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {field.removeprefix("strength_") for field in fields if field.startswith("strength_")}


def declared(name: str) -> Mapping[str, str]:
    """The strengths that an equation declares, each with the neutral value that it gives."""
    said = declaration(EQUATIONS[name])
    return said.strength if said else {}


def test_equations_declare_the_strengths_that_they_read() -> None:
    """Exactly those, each with what stands in its place; and who reads one has a source."""
    for name, function in EQUATIONS.items():
        assert set(declared(name)) == read_strengths(function), name
        assert all(declared(name).values()), name
        said = declaration(function)
        assert not declared(name) or (said and said.source), name


def test_every_mechanism_is_introduced_once() -> None:
    """By one equation, as the first mechanism that it declares, with a group and a sentence of what it does."""
    said = [one for function in m.EQUATIONS.values() if (one := declaration(function)) and (one.effect or one.group)]
    assert all(one.effect and one.group for one in said)
    assert sorted(next(iter(one.strength)) for one in said) == sorted(OWN)


def test_the_catalogue_says_what_the_equations_declare() -> None:
    """Claim, strengths and neutral values of every equation."""
    for equation in catalogue():
        named = declared(equation.name) if equation.name in EQUATIONS else {}
        assert (equation.strength, equation.neutral) == (", ".join(named), "; ".join(named.values())), equation.name
        assert equation.claim.endswith(".") and (m.EQUATIONS[equation.name].__doc__ or "").startswith(
            equation.claim[:40]
        )


def test_every_mechanism_is_catalogued_once() -> None:
    """In its group, with every equation that reads its strength, a source and what stands in its place."""
    found = mechanisms()
    assert sorted(f"strength_{mechanism.name}" for mechanism in found) == sorted(STRENGTHS)
    for mechanism in found:
        assert mechanism.name in MECHANISM_GROUPS[mechanism.group]
        reading = {name for name, function in EQUATIONS.items() if mechanism.name in read_strengths(function)}
        assert reading == set(mechanism.equations) and mechanism.equations, mechanism.name
        assert mechanism.sources and mechanism.neutral, mechanism.name


def test_every_strength_is_read_somewhere() -> None:
    """The table names exactly the strengths that the equations read."""
    read = set().union(*(read_strengths(function) for function in EQUATIONS.values()))
    assert {f"strength_{name}" for name in read} == set(STRENGTHS)


def test_a_number_stands_beside_an_equation_that_reads_it() -> None:
    """And no number is declared twice."""
    declaring = {
        number.name: name
        for name, function in m.EQUATIONS.items()
        if (said := declaration(function))
        for number in said.parameters
    }
    assert len(declaring) == sum(len(one.parameters) for f in m.EQUATIONS.values() if (one := declaration(f)))
    assert {*declaring, *TIMES, *GAINS} == {row.name for row in TABLE if row.kind == "mechanism"}
    for number, name in declaring.items():
        assert f"p.{number}" in inspect.getsource(EQUATIONS[name]), number


def test_every_mechanism_has_a_source() -> None:
    """Only bookkeeping has none; a source is in the list of references, or says that it is assumed."""
    sources = {
        name: said.source if (said := declaration(function)) else ""
        for name, function in EQUATIONS.items()
        if "opening" not in function.__module__
    }
    assert {name for name, source in sources.items() if not source} == BOOKKEEPING
    for source in sources.values():
        assert all(key in references() or key == ASSUMED for key in filter(None, source.split("; "))), source
