"""The engines agree: numpy and Mesa bit for bit, in any chunking and order; compiled and the peer within 1e-9."""

import importlib
from collections.abc import Callable

import numpy as np
import pytest

from setback.benchmarks import agreement
from setback.benchmarks.peer import PeerClassroom
from setback.model.engines import mesa as classroom
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, Run, columns
from setback.model.engines.registry import ENGINES
from setback.model.engines.registry import engine as engine_named
from setback.model.parameters import LEVER_NAMES, STRENGTHS, WORLD_NAMES, Parameters
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster
from setback.model.state import OPENED, STATE, TALLY, Flip
from setback.model.week import MODEL

from .conftest import CARRIED_ON, HOLDABLE, LIVELY, WRITTEN, pairwise_cover, paths

WEEKS = 6
MakeBlock = Callable[..., Block]
#: Slots whose values are events: they must be equal where other slots may differ in the last digits.
EVENTS = (
    "submitted",
    "practice_error",
    "below_criterion",
    "failing_grade_told",
    "met_criterion",
    "enrolled",
    "weeks_not_submitted",
    "verdict",
    "heard_learning",
    "ready",
    "failing_grade",
)


def differing(a: Run, b: Run) -> list[str]:
    """Slots of trace and end that differ in any bit on a seat that somebody sits on."""
    traced = [f"trace of {name}" for name in a.trace if not np.array_equal(a.trace[name], b.trace[name])]
    return traced + [f"end of {name}" for name in a.end if not np.array_equal(a.end[name], b.end[name])]


def largest_difference(a: Run, b: Run) -> float:
    """The largest absolute difference in any slot of trace and end."""
    differences = [np.abs(a.trace[name] - b.trace[name]).max() for name in a.trace]
    return float(max(differences + [np.abs(a.end[name] - b.end[name]).max() for name in a.end]))


@pytest.mark.parametrize("shared", [True, False], ids=["one room", "a room each"])
@pytest.mark.parametrize("held", [False, True], ids=["free", "held"])
def test_mesa_bit_for_bit(everything: MakeBlock, shared: bool, held: bool) -> None:
    """Every slot of every week, students acting in a new order in every phase."""
    block = everything(shared)
    hold = paths(block, WEEKS, HOLDABLE) if held else None
    a = engine.run(block, WEEKS, WRITTEN, hold)
    b = classroom.run(block, WEEKS, WRITTEN, hold, shuffle=True)
    assert differing(a, b) == []
    assert all(
        a.trace[name].any()
        for name in (
            "submitted",
            "practice_error",
            "below_criterion",
            "failing_grade_told",
            "met_criterion",
            "seat_rank",
        )
    )
    stopped = (block.seats.roster[0] > 0.5) & (a.end["enrolled"] < 0.5)
    assert stopped.sum() > 5, "hardly anybody stops: the test has lost its point"


@pytest.mark.parametrize("shared", [True, False], ids=["one room", "a room each"])
@pytest.mark.parametrize("chunk", [1, 3, 17])
def test_any_chunking_bit_for_bit(everything: MakeBlock, shared: bool, chunk: int) -> None:
    """The width of what is walked together moves nothing."""
    block = everything(shared)
    hold = paths(block, WEEKS, HOLDABLE)
    whole = engine.run(block, WEEKS, WRITTEN, hold)
    assert differing(whole, engine.run(block, WEEKS, WRITTEN, hold, chunk=chunk)) == []


def test_a_phase_that_is_left_out_changes_no_bit(everything: MakeBlock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns walked one by one leave out what their policy does not move; all phases give the same bits."""
    block = everything(shared=True)
    skipping = engine.run(block, WEEKS, WRITTEN, chunk=1)
    assert any(len(block.pick(slice(j, j + 1)).at_work(MODEL.week, ())) < len(MODEL.week) for j in range(5))
    monkeypatch.setattr(Block, "at_work", lambda self, phases, held: tuple(phases))
    assert differing(skipping, engine.run(block, WEEKS, WRITTEN, chunk=1)) == []


@pytest.mark.parametrize("policy", ["curve+accelerated+stakes=1", "mastery+self-paced+problem-first", "reference"])
def test_three_full_years(policy: str) -> None:
    """A whole class through a whole year, with friends or with neighbours."""
    roster = Roster.synthetic(30, "seating" if policy == "reference" else "friendship")
    block = columns(roster.seats([11], 3), [Policy(policy)], [Parameters()])
    assert differing(engine.run(block, 36, WRITTEN), classroom.run(block, 36, WRITTEN)) == []


def test_other_columns_and_empty_seats_move_nothing() -> None:
    """A room alone, in its own size, is the same room among larger ones."""
    roster = Roster([*Roster.synthetic(4).classes, *Roster.synthetic(9).classes], "two sizes")
    together = engine.run(columns(roster.seats([0, 1], 1), [Policy("curve")], [LIVELY]), 6)
    alone = engine.run(columns(roster.seats([0], 1), [Policy("curve")], [LIVELY]), 6)
    for name, value in alone.end.items():
        assert np.array_equal(together.end[name][: len(value), :1], value), name


def test_the_same_students_have_other_luck_in_another_year() -> None:
    """Replicates of luck share the opening and nothing that follows."""
    first, second = (Roster.synthetic(8).seats([2], 1, luck) for luck in (0, 1))
    runs = [engine.run(columns(seats, [Policy()], [Parameters()]), 4, ["test_margin"]) for seats in (first, second)]
    for slot in OPENED:
        assert np.array_equal(runs[0].end[slot.name], runs[1].end[slot.name])
    assert not np.isclose(runs[0].trace["test_margin"], runs[1].trace["test_margin"]).any()


# ---- the compiled engine ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("shared", [True, False], ids=["one room", "a room each"])
def test_compiled_within_a_billionth(everything: MakeBlock, shared: bool) -> None:
    """Every slot within 1e-9, every event equal; no threshold was hit within rounding."""
    pytest.importorskip("llvmlite")
    compiled = importlib.import_module("setback.model.engines.compiled")
    block = everything(shared)
    a, b = engine.run(block, 12, WRITTEN), compiled.run(block, 12, WRITTEN)
    for name in EVENTS:
        assert np.array_equal(a.trace[name], b.trace[name]), name
    assert largest_difference(a, b) < 1e-9
    c = compiled.run(block, 12)
    assert max(np.abs(a.end[name] - c.end[name]).max() for name in a.end) < 1e-9


def test_compiled_with_held_slots(everything: MakeBlock) -> None:
    """Held paths reach every kind of phase."""
    pytest.importorskip("llvmlite")
    compiled = importlib.import_module("setback.model.engines.compiled")
    block = everything(shared=True)
    hold = paths(block, WEEKS, HOLDABLE)
    a, b = engine.run(block, WEEKS, WRITTEN, hold), compiled.run(block, WEEKS, WRITTEN, hold)
    assert largest_difference(a, b) < 1e-9
    for name, path in hold.items():
        assert np.array_equal(b.trace[name][path.where], path.value[path.where]), name


def test_compiled_full_years() -> None:
    """A year of thirty students under forty policies and worlds: a million events, all equal."""
    pytest.importorskip("llvmlite")
    compiled = importlib.import_module("setback.model.engines.compiled")
    policies = pairwise_cover()
    block = columns(Roster.synthetic().seats([3], 8), policies, [Parameters()])
    a, b = engine.run(block, 36, WRITTEN), compiled.run(block, 36, WRITTEN)
    assert sum(a.trace[name].size for name in EVENTS) > 200_000
    for name in EVENTS:
        assert np.array_equal(a.trace[name], b.trace[name]), name
    assert largest_difference(a, b) < 1e-9


# ---- the independent peer ----------------------------------------------------------------------------------------
def apart_from_peer(block: Block, weeks: int) -> float:
    """The largest difference between the engine and the peer at the end of the year, of every student and slot."""
    end = engine.run(block, weeks).end
    names = [slot.name for slot in (*OPENED, *STATE, *TALLY) if slot.of == "student"]
    worst = 0.0
    for j in range(block.columns):
        part = block.pick(slice(j, j + 1))
        first, *then = (Policy(**dict(zip(LEVER_NAMES, stage[:, 0].tolist()))) for stage in part.policy)
        changes = [(int(week) + 1, later) for week, later in zip(part.begins[1:, 0], then) if week < weeks]
        policy = PolicyChange(first, *changes) if changes else first
        world = dict(zip(WORLD_NAMES, part.params[:, 0].tolist()))
        peer = PeerClassroom(part.seats, policy, world, weeks, Flip(*part.flip[:, 0].tolist())).run()
        for student in peer.students:
            worst = max(worst, *(abs(getattr(student, name) - end[name][student.seat, j]) for name in names))
    return worst


def test_the_peer_within_a_billionth(everything: MakeBlock) -> None:
    """An independent plain Mesa model ends the year where the engine does, for every student and slot."""
    assert apart_from_peer(everything(shared=False), 8) < 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_peer_under_random_policies(seed: int) -> None:
    """Levers between their ends, told or counted in part, changes of policy, flips, random worlds."""
    assert apart_from_peer(agreement.random_block(np.random.default_rng(seed), 40, 9), 9) < 1e-9


# ---- limits ------------------------------------------------------------------------------------------------------
#: What a flip of each kind turns in its own week.
TURNED = {"luck": "below_criterion", "label": "verdict", "practice": "practice_error"}


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("kind", TURNED)
def test_with_every_mechanism_off_what_is_turned_changes_nothing(name: str, kind: str) -> None:
    """Fixed calendar, no retakes: a flip changes this week's result and not one bit afterwards."""
    run = engine_named(name)
    off = Parameters(dict.fromkeys(STRENGTHS, 0.0))
    policies = [Policy(g) for g in ("criterion", "curve", "pass-fail", "narrative", "criterion+grade_practice=0.5")]
    seats = Roster.synthetic(10).seats([6], 2)
    observed = run(columns(seats, policies, [off]), 4, ["test_margin"]).trace["test_margin"][3, 4]
    flips = [Flip(4.0, 3.0, **{kind: 1.0}, to=-0.05 if margin >= 0.0 else 0.05) for margin in observed]
    both = [flip for turned in flips for flip in (Flip(), turned)]
    block = columns(seats, [policy for policy in policies for _ in "ab"], [off], both)
    trace = run(block, 14, WRITTEN).trace
    turned = trace[TURNED[kind]][3, 4]
    assert np.array_equal(turned[0::2], 1.0 - turned[1::2])
    for slot in CARRIED_ON:
        after = trace[slot][4:]
        assert np.array_equal(after[..., 0::2], after[..., 1::2]), slot
    # the failure reproduction number R_F: exactly nought
    assert (trace["below_criterion"][4:, :, 0::2] - trace["below_criterion"][4:, :, 1::2]).sum() == 0.0


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("kind", TURNED)
def test_with_mechanisms_on_what_is_turned_does_change_something(name: str, kind: str) -> None:
    """The same comparison sees the difference when the mechanisms are at work."""
    run = engine_named(name)
    seats = Roster.synthetic(10).seats([6], 2)
    handed_in = run(columns(seats, [Policy()], [Parameters()]), 4, ["submitted"]).trace["submitted"][3, :, 0]
    seat = int(handed_in.argmax())
    flip = Flip(seat=float(seat), week=3.0, **{kind: 1.0}, to=-1.0)
    block = columns(seats, [Policy()], [Parameters()], [Flip(), flip])
    margin = run(block, 14, ["test_margin"]).trace["test_margin"]
    assert handed_in[seat] and not np.array_equal(margin[4:, seat, 0], margin[4:, seat, 1])


# ---- the three flips ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("to", [0.05, -0.05, 1.3, 0.0])
def test_a_luck_flip_sets_the_margin(to: float) -> None:
    """The margin is the one asked for; nobody else's result of the week moves; the past is the same."""
    seats = Roster.synthetic(12).seats([1], 4)
    policies = [Policy("curve"), Policy("criterion")]
    observed = engine.run(columns(seats, policies, [Parameters()]), 8, WRITTEN).trace
    for seat in range(0, 12, 3):
        flip = Flip(seat=float(seat), week=5.0, luck=1.0, to=to)
        turned = engine.run(columns(seats, policies, [Parameters()], [flip]), 8, WRITTEN).trace
        assert np.array_equal(turned["test_margin"][5, seat], np.full(2, to))
        assert np.array_equal(turned["below_criterion"][5, seat], 1.0 - (to >= 0.0) * observed["submitted"][5, seat])
        others = np.arange(12) != seat
        for slot in ("test_margin", "score", "grade", "verdict", "seat_rank", "below_criterion"):
            assert np.array_equal(observed[slot][5][others], turned[slot][5][others]), slot
            assert np.array_equal(observed[slot][:5], turned[slot][:5]), slot


def test_a_label_flip_turns_the_verdict_alone() -> None:
    """Grade, score, margin and knowledge of the week stay, for the student and for all others; both ways are taken."""
    seats = Roster.synthetic(12).seats([1], 4)
    policies = [Policy("curve"), Policy("criterion+cut=0.5"), Policy("pass-fail"), Policy("narrative+level=0.6")]
    observed = engine.run(columns(seats, policies, [Parameters()]), 7, WRITTEN).trace
    stay = (
        "score", "grade", "grade_learning", "grade_expectancy", "grade_affect", "test_margin", "below_criterion",
        "error_depth", "tested_conceptual", "tested_procedural", "met_criterion", "unit_passed", "seat_rank",
        "percentile_rank", "conceptual", "procedural", "cumulative_conceptual", "preparation",
    )  # fmt: skip
    for seat in range(12):
        flip = Flip(float(seat), 5.0, label=1.0)
        turned = engine.run(columns(seats, policies, [Parameters()], [flip]), 7, WRITTEN).trace
        expected = observed["verdict"][5].copy()
        expected[seat] = 1.0 - expected[seat]
        assert np.array_equal(turned["verdict"][5], expected)
        assert np.array_equal(turned["heard_learning"][5], 1.0 - expected)
        for slot in stay:
            assert np.array_equal(observed[slot][5], turned[slot][5]), slot
    assert ((observed["verdict"][5].min(0) == 0.0) & (observed["verdict"][5].max(0) == 1.0)).all()


@pytest.mark.parametrize("information", [0.0, 0.6])
def test_a_label_and_a_luck_flip_differ_by_what_feedback_tells(information: float) -> None:
    """At the line of the reference cell both turn the verdict; only where feedback tells is the grade known as well."""
    seats, weeks = Roster.synthetic(24).seats([3], 5), 14
    policy, world = Policy(information=information), Parameters()
    observed = engine.run(columns(seats, [policy], [world]), weeks, WRITTEN).trace
    margin = observed["test_margin"][3, :, 0]
    who = np.flatnonzero(observed["submitted"][3, :, 0] > 0.5)
    across = np.where(margin < 0.0, 0.05, -0.05)
    label = [Flip(float(seat), 3.0, label=1.0) for seat in who]
    luck = [Flip(float(seat), 3.0, luck=1.0, to=across[seat]) for seat in who]
    a, b = (engine.run(columns(seats, [policy], [world], flips), weeks, WRITTEN).trace for flips in (label, luck))
    apart = np.abs(a["test_margin"][4:] - observed["test_margin"][4:])
    assert (apart.max((0, 1)) > 0.0).all(), "a verdict that nothing comes of compares nothing"
    assert {0.0, 1.0} == set(observed["verdict"][3, who, 0])
    if information == 0.0:
        for slot in CARRIED_ON:
            assert np.array_equal(a[slot][4:], b[slot][4:]), slot
    else:
        assert np.abs(a["test_margin"][4:] - b["test_margin"][4:]).max() >= 0.01


@pytest.mark.parametrize("depth", [0.0, 0.25, 2.0])
def test_a_practice_flip_sets_the_depth_of_the_error(depth: float) -> None:
    """Just across the task on the other side, or to the depth that was asked for."""
    seats = Roster.synthetic(12).seats([1], 4)
    policies = [Policy("criterion"), Policy("problem-first")]
    observed = engine.run(columns(seats, policies, [Parameters()]), 7, WRITTEN).trace
    flip = Flip(3.0, 5.0, practice=1.0, depth=depth)
    turned = engine.run(columns(seats, policies, [Parameters()], [flip]), 7, WRITTEN).trace
    expected = np.where(observed["attempt_shortfall"][5, 3] > 0, -0.05, 0.05) if depth == 0 else np.full(2, depth)
    assert np.array_equal(turned["attempt_shortfall"][5, 3], expected)
    assert np.array_equal(turned["practice_error"][5, 3], (expected > 0) * observed["submitted"][5, 3])
    assert np.array_equal(turned["error_depth"][5, 3], np.maximum(expected, 0) * observed["submitted"][5, 3])
