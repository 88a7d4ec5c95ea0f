"""Each switch takes its mechanism out altogether, leaves its neutral value in place, and is named where it is read."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from setback.model import engine
from setback.model import mechanisms as m
from setback.model import opening as o
from setback.model.block import Block, Held, Run, columns
from setback.model.catalogue import catalogue
from setback.model.parameters import ROWS, SWITCHES, TABLE, Parameters, World
from setback.model.policies import Policy
from setback.model.roster import Roster

from .conftest import BUSY, LIVELY, ONE, WRITTEN, Array, class_of, levers, opened, row, world

WEEKS = 10
#: Policies under which every mechanism has something to do.
POLICIES = (BUSY, Policy("reference"), Policy("harmful"))

#: The parameters that belong to one mechanism alone: with its switch at 0 they change nothing.
OWN: dict[str, tuple[str, ...]] = {
    "drift": ("drift_sd", "drift_memory"),
    "forgetting": ("forgetting",),
    "effort": ("effort_level", "effort_value", "utility_value", "effort_control", "effort_challenge", "effort_affect"),
    "avoidance": (
        "skip_level", "skip_affect", "skip_control", "quit_level", "quit_idle", "quit_control", "quit_affect",
    ),
    "challenge": ("best_challenge", "challenge_curvature"),
    "failure_analysis": ("engage_level", "engage_control", "engage_reserve", "engage_depth", "engage_friendly"),
    "ego_threat": ("ego_threat",),
    "near_miss": ("near_miss",),
    "support": ("lost_depth", "help_gain"),
    "preparation": ("activation", "preparation_gain", "exploration_cost"),
    "peers": ("friends_help",),
    "attribution": ("attribution_style", "attribution_history", "comparison_blame", "history_memory"),
    "attribution_drift": ("attribution_drift",),
    "expectancy": ("expectancy_rate", "stability", "negativity", "verdict_weight"),
    "helplessness": ("control_gain", "control_loss"),
    "affect": ("affect_rise", "affect_blame", "affect_decay", "buffer", "impairment"),
    "resilience": ("reserve_spent", "reserve_restored"),
    "interest": ("interest_gain", "interest_loss"),
}  # fmt: skip
#: Parameters through which affect acts on another mechanism: without affect they change nothing either.
THROUGH_AFFECT = ("effort_affect", "skip_affect", "quit_affect", "ego_threat", "reserve_spent")
#: Numbers that stand in for a mechanism that is off, and change nothing while it is fully at work.
STAND_INS = {"reference_effort": "effort", "reference_engagement": "failure_analysis"}
#: What an unlabelled shortfall counts: read by these six, and by nothing else.
READ_VERDICTS = ("attribution", "attribution_drift", "expectancy", "helplessness", "affect", "interest")
#: Practice, instruction, assessment and the calendar: always at work.
ALWAYS = (
    "retention", "syllabus_slope", "attempt_noise", "practice_rate", "instruction_conceptual",
    "instruction_procedural", "error_gain", "assess_noise", "retake_gain",
)  # fmt: skip


def turned(names: Iterable[str], to: float) -> dict[str, float]:
    """Some switches, all in one position."""
    return {f"switch_{name}": to for name in names}


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
    listed = [*owned, *STAND_INS, *ALWAYS, "unlabelled", "consensus"]
    assert sorted(listed) == sorted(row.name for row in TABLE if row.kind == "mechanism")
    assert [f"switch_{name}" for name in OWN] == list(SWITCHES)


# ---- a switch at 0 -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", OWN)
def test_numbers_of_a_mechanism_that_is_off_change_nothing(name: str) -> None:
    """With the switch at 0 its own parameters move no slot of a run, with the switch at 1 each moves some."""
    off, on = (moved(variants(LIVELY.replace(**turned([name], to)), OWN[name])) for to in (0.0, 1.0))
    assert pairs(OWN[name], off) == {parameter: set() for parameter in OWN[name]}
    idle = [parameter for parameter, slots in pairs(OWN[name], on).items() if not slots]
    assert idle == [], "these never move anything: the test has lost its point"


def test_without_affect_nothing_comes_of_it() -> None:
    """What shame does to effort, handing in, stopping, errors and the reserve goes with the mechanism."""
    changed = moved(variants(LIVELY.replace(switch_affect=0.0), THROUGH_AFFECT))
    assert changed == [set()] * (2 * len(THROUGH_AFFECT))


@pytest.mark.parametrize(("number", "switch"), STAND_INS.items())
def test_what_stands_in_is_unused_while_the_mechanism_is_at_work(number: str, switch: str) -> None:
    """The reference student's value changes nothing at switch 1, and something at 0.5 and at 0."""
    slots = [
        pairs([number], moved(variants(LIVELY.replace(**turned([switch], to)), [number])))[number]
        for to in (1.0, 0.5, 0.0)
    ]
    assert slots[0] == set() and slots[1] and slots[2]


def test_verdicts_count_only_in_what_they_move() -> None:
    """Without the six mechanisms that hear a verdict it does not matter how an unlabelled shortfall counts."""
    narrative = (Policy("narrative", level=0.5),)
    off = LIVELY.replace(**turned(READ_VERDICTS, 0.0))
    assert moved(variants(off, ["unlabelled"]), narrative) == [set(), set()]
    for name in READ_VERDICTS:
        alone = off.replace(**turned([name], 1.0))
        assert moved(variants(alone, ["unlabelled"]), narrative) != [set(), set()], f"{name} hears no verdict"


def test_without_attribution_consensus_is_only_observed() -> None:
    """The weight of the task is still measured, and moves nothing."""
    assert moved(variants(LIVELY.replace(switch_attribution=0.0), ["consensus"])) == [{"task_weight"}] * 2


def test_what_is_always_at_work() -> None:
    """With every switch at 0 the parameters of practice, instruction, assessment and calendar still count."""
    bare = LIVELY.replace(**turned(OWN, 0.0))
    slots = pairs(ALWAYS, moved(variants(bare, ALWAYS)))
    assert [name for name in ALWAYS if not slots[name]] == []


def lived(name: str, to: float, *policies: Policy, keep: Iterable[str] = WRITTEN) -> tuple[Block, Run]:
    """A class under some policies with one switch in one position."""
    block = class_of(6, *(policies or POLICIES), worlds=LIVELY.replace(**turned([name], to)))
    return block, engine.run(block, WEEKS, tuple(keep))


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("expectancy", "expectancy"), ("helplessness", "control"), ("attribution_drift", "style"),
        ("interest", "interest"), ("resilience", "reserve"), ("affect", "affect"), ("attribution", "history"),
        ("preparation", "preparation"), ("drift", "drift"), ("avoidance", "enrolled"), ("avoidance", "idle"),
    ],
)  # fmt: skip
def test_a_state_stays_at_its_opening_value(name: str, slot: str) -> None:
    """Bit for bit over ten weeks, under every policy; at switch 1 it moves."""
    block, run = lived(name, 0.0)
    assert (run.trace[slot] == opened(block)[slot]).all() and (run.end[slot] == opened(block)[slot]).all()
    if slot == "preparation":
        assert lived("preparation", 1.0)[1].trace[slot].any()
    else:
        block, run = lived(name, 1.0)
        assert (run.trace[slot] != opened(block)[slot]).any()


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
        ("affect", "form", lambda t: t["drift"]),
        ("drift", "drift", lambda t: 0.0),
        ("drift", "form", lambda t: -LIVELY["impairment"] * np.concatenate([0.0 * t["affect"][:1], t["affect"][:-1]])),
        ("failure_analysis", "analysed", lambda t: LIVELY["reference_engagement"] * t["wrong"]),
        ("effort", "effort", lambda t: LIVELY["reference_effort"] * t["tried"]),
        ("avoidance", "tried", lambda t: 1.0),
        ("avoidance", "enrolled", lambda t: 1.0),
        ("attribution", "to_ability", lambda t: 0.25),
        ("attribution", "to_effort", lambda t: 0.25),
        ("attribution", "to_task", lambda t: 0.25),
        ("attribution", "to_luck", lambda t: 0.25),
        ("attribution", "history", lambda t: 0.0),
    ],
)
def test_the_neutral_value_stands_in_the_mechanisms_place(
    name: str, slot: str, neutral: Callable[[dict[str, Array]], Any]
) -> None:
    """Exactly, in every week of a run; at switch 1 it is something else."""
    _, off = lived(name, 0.0)
    assert (off.trace[slot] == neutral(off.trace)).all()
    _, on = lived(name, 1.0)
    assert (on.trace[slot] != neutral(on.trace)).any()


def test_without_preparation_no_practice_time_is_lost() -> None:
    """Struggling first leaves as much practice as instruction first does, and prepares nothing."""
    p = world(switch_preparation=0.0, exploration_cost=0.6, activation=1.0)
    first, last = (m.practise(0.0, 0.7, 0.9, 1.1, p, levers(part)) for part in ("problem-first", "instruction-first"))
    assert first == last == p.practice_rate * 0.7 * 0.9 * 1.1
    assert m.practise(0.0, 0.7, 0.9, 1.1, world(exploration_cost=0.6), levers("problem-first")) < last
    assert m.prepare(row(0.0, 0.4), 1.0, 1.0, 0.0, p, levers("problem-first")).tolist() == [0.0, 0.4]


@pytest.mark.parametrize("to", [0.0, 0.5, 1.0])
def test_without_peers_the_effort_of_friends_has_no_influence(to: float) -> None:
    """Whatever friends do, and whoever they are, no other slot moves; with the mechanism some do."""
    worlds = LIVELY.replace(**turned(["peers"], to))
    block = class_of(6, BUSY, worlds=worlds)
    rng = np.random.default_rng(1)
    shape = (WEEKS, 6, 1)
    lazy = Held(rng.random(shape), np.ones(shape, bool))
    others = columns(Roster.synthetic(6, "seating").seats([1], 3), [BUSY], [worlds])
    base = engine.run(block, WEEKS, WRITTEN)
    for run in (engine.run(block, WEEKS, WRITTEN, {"friends_effort": lazy}), engine.run(others, WEEKS, WRITTEN)):
        slots = {name for name in run.trace if not np.array_equal(run.trace[name], base.trace[name])}
        slots |= {name for name in run.end if not np.array_equal(run.end[name], base.end[name])}
        assert "friends_effort" in slots
        assert (slots == {"friends_effort"}) == (to == 0.0)


def test_without_forgetting_a_repeated_unit_loses_nothing() -> None:
    """A class that stays at a unit only gains, and whoever does nothing for it stays where he was."""
    stays = Policy("mastery-paced", level=2.0, ready=0.99)
    least = {}
    for to in (0.0, 1.0):
        _, run = lived("forgetting", to, stays, keep=("conceptual", "procedural", "tried"))
        idle = run.trace["tried"][1:] < 0.5
        assert not run.end["unit"].any() and idle.sum() > 5
        for slot in ("conceptual", "procedural"):
            change = np.diff(run.trace[slot], axis=0)
            least[to, slot] = change.min()
            assert to == 1.0 or np.abs(change[idle]).max() < 1e-12
    assert least[0.0, "conceptual"] > -1e-12 and least[0.0, "procedural"] > -1e-12
    assert least[1.0, "conceptual"] < -0.01 and least[1.0, "procedural"] < -0.01


# ---- a switch between 0 and 1 ------------------------------------------------------------------------------
@pytest.mark.parametrize("name", OWN)
def test_every_switch_is_alive(name: str) -> None:
    """Half way and all the way something differs from 0, and from each other."""
    at = [LIVELY.replace(**turned([name], to)) for to in (0.0, 0.5, 1.0)]
    half, full = moved(at)
    assert half and full and moved(at[1:])[0]


H, LUCK = np.float64(0.5), (np.arange(1000) + 0.5) / 1000.0
FAILED, PASSED = np.float64(-0.2), np.float64(0.2)
FIRST, HARSH = levers("problem-first"), levers(threat=1.0, stakes=1.0)

#: What a mechanism puts out: its switch, the slot, the call, and what stands there at 0.
OUTPUTS: tuple[tuple[str, str, Callable[[World], Any], float], ...] = (
    ("drift", "drift", lambda p: o.draw_drift(ONE, p), 0.0),
    ("drift", "drift_step", o.size_of_drift, 0.0),
    ("forgetting", "conceptual", lambda p: m.open_unit(2.0, 2.0, 1.0, 1.0, 0.0, p)[0], 2.0),
    ("forgetting", "procedural", lambda p: m.open_unit(2.0, 2.0, 1.0, 1.0, 0.0, p)[1], 2.0),
    ("effort", "effort", lambda p: m.decide_effort(0.2, 0.2, 0.2, 1.0, 1.0, 1.0, p), 0.7),
    ("avoidance", "tried", lambda p: m.hand_in(ONE, H, ONE, LUCK, p).mean(), 1.0),
    ("avoidance", "enrolled", lambda p: m.quit_for_good(np.float64(9.0), ONE, 0.0, H, ONE, LUCK, p)[1].mean(), 1.0),
    ("challenge", "fit", lambda p: m.desirable_challenge(1.5, p), 1.0),
    ("challenge", "unit_fit", lambda p: m.pitch(1.5, p)[0], 1.0),
    ("failure_analysis", "analysed", lambda p: m.analyse_error(1.0, 1.0, 0.5, 0.2, 0.2, p, levers()), 0.6),
    ("ego_threat", "ego", lambda p: m.feel_threat(1.0, p, levers()), 0.0),
    ("near_miss", "nearness", lambda p: m.value_near_miss(2.0, p), 1.0),
    ("support", "helped", lambda p: m.time_support(1.0, np.float64(9.0), p, levers()), 0.0),
    ("preparation", "preparation", lambda p: m.prepare(0.0, 1.0, 1.0, 0.0, p, FIRST), 0.0),
    ("preparation", "procedural", lambda p: m.practise(0.0, 1.0, 1.0, 1.0, p, FIRST), 0.8),
    ("peers", "conceptual", lambda p: m.instruct(0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, p, levers())[0], 0.9),
    ("peers", "procedural", lambda p: m.instruct(0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, p, levers())[1], 0.4),
    ("attribution", "to_ability", lambda p: m.attribute(0.9, 0.5, FAILED, 1.5, p, HARSH)[0], 0.25),
    ("attribution", "to_effort", lambda p: m.attribute(0.9, 0.5, FAILED, 1.5, p, HARSH)[1], 0.25),
    ("attribution", "to_task", lambda p: m.attribute(0.9, 0.5, FAILED, 9.0, p, HARSH)[2], 0.25),
    ("attribution", "to_luck", lambda p: m.attribute(0.9, 0.5, FAILED, 1.5, p, HARSH)[3], 0.25),
    ("attribution", "history", lambda p: m.remember(0.0, FAILED, 1.0, p, levers()), 0.0),
    ("attribution_drift", "style", lambda p: m.drift_of_style(0.5, FAILED, 0.7, 0.1, 0.1, 1.0, p, levers()), 0.5),
    ("expectancy", "expectancy", lambda p: m.update_expectancy(H, FAILED, 0.5, 0.3, 0.3, 1.0, p, levers()), 0.5),
    ("expectancy", "expectancy", lambda p: m.update_expectancy(H, PASSED, 0.5, 0.3, 0.3, 1.0, p, levers()), 0.5),
    ("helplessness", "control", lambda p: m.update_control(0.5, FAILED, 1.0, 0.2, p, levers()), 0.5),
    ("helplessness", "control", lambda p: m.update_control(0.5, PASSED, 1.0, 0.2, p, levers()), 0.5),
    ("affect", "affect", lambda p: m.update_affect(0.0, FAILED, 0.3, 0.5, 1.0, p, HARSH), 0.0),
    ("resilience", "reserve", lambda p: m.update_reserve(0.5, 1.0, 0.5, p), 0.5),
    ("interest", "interest", lambda p: m.update_interest(0.5, FAILED, 1.0, 1.0, p, HARSH), 0.5),
    ("interest", "interest", lambda p: m.update_interest(0.5, PASSED, 1.0, 1.0, p, HARSH), 0.5),
)


@pytest.mark.parametrize(("name", "slot", "call", "neutral"), OUTPUTS, ids=[f"{a}-{b}" for a, b, *_ in OUTPUTS])
def test_half_a_switch_lies_between(name: str, slot: str, call: Callable[[World], Any], neutral: float) -> None:
    """What a mechanism puts out moves from its neutral value, exactly, to the full one, the same way all along."""
    at = [float(call(world(**turned([name], to)))) for to in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert at[0] == neutral, f"the neutral {slot}"
    steps = np.diff(at)
    assert (steps > 0.0).all() or (steps < 0.0).all()


#: What equations with a switch write besides: weeks that are counted, and preparation that a lesson uses up.
UNSWITCHED = {"quit_for_good": {"idle"}, "instruct": {"preparation"}}


def test_every_output_behind_a_switch_is_among_them() -> None:
    """Every equation that reads a switch stands in the list above, in each slot that is its own."""
    listed: dict[str, set[str]] = {name: set() for name in OWN}
    for name, slot, *_ in OUTPUTS:
        listed[name].add(slot)
    for equation in catalogue():
        if equation.switch:
            assert set(equation.writes) - UNSWITCHED.get(equation.name, set()) <= listed[equation.switch], equation.name


# ---- what the docstrings say -------------------------------------------------------------------------------
EQUATIONS = {
    name: function for name, function in inspect.getmembers(m, inspect.isfunction) if function.__module__ == m.__name__
}
#: What is measured, counted or carried over: these claim nothing that would need a source.
BOOKKEEPING = {
    "readiness", "set_syllabus", "set_task", "pitch", "attempt", "turn_attempt", "err", "assess", "turn_assessment",
    "judge", "stand", "draw_line", "grade", "turn_verdict", "hear_of_learning", "receive", "show_failure",
    "verdict_counts", "keep_pace", "be_ready", "pace_oneself",
}  # fmt: skip


#: The size of a week's drift is made once, at the opening, and its switch is read there.
AT_THE_OPENING = {"wander": {"drift"}}


def read_switches(function: Callable[..., Any]) -> set[str]:
    """The switches that an equation reads, without their prefix."""
    tree = ast.parse(inspect.getsource(function))
    fields = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {field.removeprefix("switch_") for field in fields if field.startswith("switch_")}


def test_docstrings_name_the_switch_that_is_read() -> None:
    """Each equation documents exactly the switches that it reads, and the catalogue finds them."""
    parsed = {equation.name: equation for equation in catalogue()}
    for name, function in EQUATIONS.items():
        named = set(re.findall(r"Switch:\s+(\w+)", function.__doc__ or ""))
        assert named == read_switches(function) | AT_THE_OPENING.get(name, set()), name
        in_catalogue = {parsed[name].switch} - {""} if name in parsed else set()
        assert in_catalogue == named, f"{name} in the catalogue"


def test_every_switch_is_read_somewhere() -> None:
    """The table names exactly the switches that the equations read."""
    read = set().union(*(read_switches(function) for function in EQUATIONS.values()))
    of_opening = set().union(*(read_switches(f) for _, f in inspect.getmembers(o, inspect.isfunction)))
    assert {f"switch_{name}" for name in read | of_opening} == set(SWITCHES)
    documented = {equation.switch for equation in catalogue()} - {""}
    assert {f"switch_{name}" for name in documented} == set(SWITCHES)


def test_a_switch_comes_with_its_neutral_value_and_its_source() -> None:
    """Whoever names a switch says what stands in its place, and where the claim is from."""
    for equation in catalogue():
        if equation.switch:
            assert equation.neutral, f"{equation.name} has no neutral value"
            assert equation.source, f"{equation.name} has no source"
    for name, function in EQUATIONS.items():
        text = function.__doc__ or ""
        assert text.count("Switch:") == text.count("neutral:") <= 1, name


def test_every_mechanism_has_a_source() -> None:
    """Only bookkeeping has none; a source is a citation, a quotation, or says that it is assumed."""
    sources = {
        name: " ".join(text[1].split()) if (text := re.search(r"Source:(.*)", function.__doc__ or "", re.S)) else ""
        for name, function in EQUATIONS.items()
    }
    assert {name for name, source in sources.items() if not source} == BOOKKEEPING
    cited = re.compile(r"doi:10\.\d{4,}/\S|quoted by|^assumed")
    assert [name for name, source in sources.items() if source and not cited.search(source)] == []
