"""The engines agree: numpy and Mesa bit for bit, in any chunking and order; compiled and the peer within 1e-9."""

import importlib
from collections.abc import Callable

import numpy as np
import pytest

from setback.benchmarks.peer import PeerClassroom
from setback.model.engines import mesa as classroom
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, Run, columns
from setback.model.engines.registry import ENGINES
from setback.model.engines.registry import engine as engine_named
from setback.model.parameters import LEVER_NAMES, STRENGTHS, WORLD_NAMES, Parameters
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster
from setback.model.state import OPENED, SLOTS, STATE, TALLY, Flip
from setback.model.week import MODEL

from .conftest import HOLDABLE, LIVELY, WRITTEN, pairwise_cover, paths

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
    "failing_grade_seen",
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
def test_the_peer_within_a_billionth(everything: MakeBlock) -> None:
    """An independent plain Mesa model ends the year where the engine does, for every student and slot."""
    block = everything(shared=False)
    end = engine.run(block, 8).end
    names = [slot.name for slot in (*OPENED, *STATE, *TALLY) if slot.of == "student"]
    worst = 0.0
    for j in range(block.columns):
        part = block.pick(slice(j, j + 1))
        first, then = (Policy(**dict(zip(LEVER_NAMES, stage[:, 0].tolist()))) for stage in part.policy)
        policy = PolicyChange(first, (int(part.begins[1, 0]) + 1, then))
        world = dict(zip(WORLD_NAMES, part.params[:, 0].tolist()))
        flip = Flip(*part.flip[:, 0].tolist())
        peer = PeerClassroom(part.seats, policy, world, 8, flip).run()
        for student in peer.students:
            worst = max(worst, *(abs(getattr(student, name) - end[name][student.seat, j]) for name in names))
    assert worst < 1e-9


# ---- limits ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("kind", ["label", "luck"])
def test_with_every_mechanism_off_what_is_heard_changes_nothing(name: str, kind: str) -> None:
    """Fixed calendar, no retakes: turning a result round changes this week's result and not one bit afterwards."""
    run = engine_named(name)
    off = Parameters(dict.fromkeys(STRENGTHS, 0.0))
    gradings = ["criterion", "curve", "pass-fail", "narrative"]
    flip = Flip(seat=4.0, week=3.0, **{kind: 1.0})
    block = columns(
        Roster.synthetic(10).seats([6], 2), [Policy(g) for g in gradings for _ in "ab"], [off], [Flip(), flip] * 4
    )
    weeks = 14
    keep = [name for name in WRITTEN if SLOTS[name].of == "student"]
    trace = run(block, weeks, keep).trace
    heard = trace["heard"][3, 4]
    assert (np.sign(heard[0::2]) != np.sign(heard[1::2])).sum() >= (3 if kind == "luck" else 4)
    for slot in keep:
        if SLOTS[slot] not in TALLY and slot not in (
            "units_mastered",
            "below_criterion_before",
        ):  # the record of the week itself
            after = trace[slot][4:]
            assert np.array_equal(after[..., 0::2], after[..., 1::2]), slot
    # the failure reproduction number R_F: exactly nought
    assert (trace["below_criterion"][4:, :, 0::2] - trace["below_criterion"][4:, :, 1::2]).sum() == 0.0


@pytest.mark.parametrize("name", ENGINES)
def test_with_mechanisms_on_what_is_heard_does_change_something(name: str) -> None:
    """The same comparison sees the difference when the mechanisms are at work."""
    run = engine_named(name)
    flip = Flip(seat=4.0, week=3.0, label=1.0)
    block = columns(Roster.synthetic(10).seats([6], 2), [Policy()], [Parameters()], [Flip(), flip])
    margin = run(block, 14, ["test_margin"]).trace["test_margin"]
    assert not np.array_equal(margin[4:, 4, 0], margin[4:, 4, 1])


# ---- the three flips ---------------------------------------------------------------------------------------------
def test_a_luck_flip_is_the_smallest_move_across_the_criterion() -> None:
    """The margin lands 0.05 logit on the other side; nobody else's result of the week moves; the past is the same."""
    seats = Roster.synthetic(12).seats([1], 4)
    policies = [Policy("curve"), Policy("criterion")]
    observed = engine.run(columns(seats, policies, [Parameters()]), 8, WRITTEN).trace
    for seat in range(12):
        flip = Flip(seat=float(seat), week=5.0, luck=1.0)
        turned = engine.run(columns(seats, policies, [Parameters()], [flip]), 8, WRITTEN).trace
        before, after = observed["test_margin"][5, seat], turned["test_margin"][5, seat]
        assert np.allclose(after, np.where(before < 0, 0.05, -0.05), rtol=0, atol=1e-15)
        others = np.arange(12) != seat
        for slot in ("test_margin", "score", "heard", "seat_rank", "below_criterion"):
            assert np.array_equal(observed[slot][5][others], turned[slot][5][others]), slot
            assert np.array_equal(observed[slot][:5], turned[slot][:5]), slot


def test_a_label_flip_moves_only_what_is_heard() -> None:
    """Score, depth and knowledge of the week stay; what is heard lies just on the other side of the policy's line."""
    seats = Roster.synthetic(12).seats([1], 4)
    policies = [Policy("curve"), Policy("criterion+cut=0.5"), Policy("pass-fail")]
    observed = engine.run(columns(seats, policies, [Parameters()]), 7, WRITTEN).trace
    turned = engine.run(columns(seats, policies, [Parameters()], [Flip(3.0, 5.0, label=1.0)]), 7, WRITTEN).trace
    heard = observed["heard"][5, 3]
    assert np.array_equal(turned["heard"][5, 3], np.where(heard < 0, 0.0125, -0.0125))
    for slot in (
        "score",
        "test_margin",
        "below_criterion",
        "error_depth",
        "tested_conceptual",
        "tested_procedural",
        "met_criterion",
        "seat_rank",
    ):
        assert np.array_equal(observed[slot][5], turned[slot][5]), slot


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
