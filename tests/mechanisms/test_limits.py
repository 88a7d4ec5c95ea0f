"""Limit cases with known answers: they test that the code does what it says, and say nothing about the two claims."""

import math
from collections.abc import Mapping
from zlib import crc32

import numpy as np
import pytest

from setback.experiments.twins.estimands import ESTIMANDS, HORIZON, Estimand
from setback.experiments.twins.estimands import columns as effect_columns
from setback.experiments.twins.pairs import Pairs
from setback.experiments.twins.twins import Twins, failure_twins, join
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, Held, Run, columns
from setback.model.engines.registry import ENGINES
from setback.model.engines.registry import engine as engine_named
from setback.model.parameters import LEVER_NAMES, ROWS, STRENGTHS, WORLD_NAMES, Parameters
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster
from setback.model.state import OPENED, SLOTS, STATE, TALLY, Flip

from .conftest import BUSY, LIVELY, WRITTEN, class_of

OFF = dict.fromkeys(STRENGTHS, 0.0)
OFF_EFFORT = Parameters()["reference_effort"]
#: What the vicious cycle is said to be made of.
CYCLE = ("attribution", "helplessness", "expectancy", "affect", "effort")


def only(*names: str, **changes: float) -> Parameters:
    """A world in which these mechanisms are at work and all others are off."""
    return Parameters({**OFF, **{f"strength_{name}": 1.0 for name in names}, **changes})


# ---- failure twins -----------------------------------------------------------------------------------------
AHEAD = range(1, HORIZON + 1)


def week_by_week(pairs: Pairs, row: Estimand) -> list[np.ndarray]:
    """Compare a slot at the first test of each new unit."""
    tests = [pairs.tests(h) for h in AHEAD]
    return [
        failed.read(pairs.failed.own[row.slot]) - passed.read(pairs.passed.own[row.slot]) for failed, passed in tests
    ]


@pytest.fixture(autouse=True)
def margins_week_by_week(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the twins of this file columns m1 to m9: the effect on the margin, a week each."""
    row = ESTIMANDS["Lambda_F"]._replace(columns=tuple(f"m{h}" for h in AHEAD), effect=week_by_week)
    monkeypatch.setitem(ESTIMANDS, "margins", row)


def margins(t: Twins) -> np.ndarray:
    """Effects on the margin, (twin, week)."""
    return np.stack([t[f"m{h}"] for h in AHEAD], 1)


def further(t: Twins) -> np.ndarray:
    """Further failures of each twin."""
    return np.sum([t[f"d{h}"] for h in AHEAD], 0)


def twins(policy: Policy, parameters: Parameters, rooms: int = 2, share: float = 0.4) -> Twins:
    """Luck flips in some rooms over 24 weeks."""
    of = (Roster.synthetic(20).seats([room], 0) for room in range(rooms))
    return join([failure_twins(seats, [policy], parameters, 24, share, engine.run)[1] for seats in of])


def assert_no_effect(t: Twins, but: str = "") -> None:
    """Nothing that is known of any twin differs by one bit, and of most there is something to know."""
    for name in {*effect_columns()} - {"verdict", but}:
        known = np.isfinite(t[name])
        assert known.mean() > 0.5 and not t[name][known].any(), name


def test_where_nothing_is_at_work_a_failure_changes_nothing() -> None:
    """With every mechanism off both twins have the same year, to the last bit, under criterion and curve."""
    for policy in (Policy("criterion", level=0.3), Policy("curve", level=0.3)):
        t = twins(policy, only())
        assert len(t["margin"]) > 50 and t["spared"].any() and not t["spared"].all()
        assert_no_effect(t)


#: The week of a short year in which an outcome is turned round.
WEEK_OF_FLIP, FEW_WEEKS = 3, 6


def turned(policy: Policy, parameters: Parameters, engine: str = "vectorised", seats: int = 12, **flip: float) -> Run:
    """A class of 12 as it is, in the first column, and with the outcome of one student after another turned round."""
    flips = [Flip(seat=float(seat), week=float(WEEK_OF_FLIP), **flip) for seat in range(seats)]
    block = columns(Roster.synthetic(12).seats([0], 0), [policy], [parameters], [Flip(), *flips])
    return engine_named(engine)(block, FEW_WEEKS, WRITTEN)


def seen_in_the_week(run: Run, slot: str) -> list[bool]:
    """For each student whose outcome is turned: whether a slot differs in that week from the year as it is."""
    of_week = run.trace[slot][WEEK_OF_FLIP]
    return [bool(of_week[seat, seat + 1] != of_week[seat, 0]) for seat in range(of_week.shape[1] - 1)]


#: What is turned: across a margin that is far from most, the verdict, and an attempt across its task or far below it.
TURNS = {
    "luck": {"luck": 1.0, "to": -0.3}, "label": {"label": 1.0}, "practice": {"practice": 1.0},
    "deep": {"practice": 1.0, "depth": 2.0},
}  # fmt: skip
SEEN = {"luck": "score", "label": "verdict", "practice": "practice_error", "deep": "error_depth"}
#: What is only counted of the past.
COUNTED = {*(slot.name for slot in TALLY), "units_mastered"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("turn", TURNS)
def test_with_everything_off_nothing_comes_of_a_flip(turn: str, engine: str) -> None:
    """Not by one bit in any later week: an error, a bad result and a verdict change nothing afterwards."""
    busy = {"comparison": 0.5, "public": 1.0, "threat": 0.8, "stakes": 1.0, "choice": 0.5, "cooperation": 0.5}
    for policy in (
        Policy("criterion", level=0.3), Policy("curve", level=0.3), Policy("narrative", level=0.3),
        Policy("mastery+problem-first", level=0.3, retakes=0.0, attribution_talk=1.0, mindset_message=1.0, **busy),
    ):  # fmt: skip
        run = turned(policy, only(), engine, 3 if engine == "mesa" else 12, **TURNS[turn])
        assert np.mean(seen_in_the_week(run, SEEN[turn])) > 0.5, "nothing was turned: the test has lost its point"
        for name in {*run.trace} - COUNTED:
            later = run.trace[name][WEEK_OF_FLIP + 1 :]
            assert np.array_equal(later, np.broadcast_to(later[..., :1], later.shape)), (policy, name)


@pytest.mark.parametrize("turn", TURNS)
def test_with_everything_on_much_comes_of_a_flip(turn: str) -> None:
    """Under every policy that tells of it: the same flips move effort in the weeks after."""
    for policy in (Policy("criterion", level=0.3), Policy("curve", level=0.3), Policy("narrative", level=0.3)):
        later = turned(policy, Parameters(), **TURNS[turn]).trace["effort"][WEEK_OF_FLIP + 1 :]
        assert (later != later[..., :1]).any() == (turn != "label" or policy["told"] > 0.0)


def test_where_nothing_is_said_but_the_verdict_luck_and_label_are_one() -> None:
    """A grade that nobody tells moves nobody: being carried across the line is then the verdict alone, to the bit."""
    for information, same in ((0.0, True), (0.6, False)):
        policy = Policy("criterion", level=-0.3, information=information)
        passed = turned(policy, Parameters()).trace["verdict"][WEEK_OF_FLIP, :, 0]
        failed, label = turned(policy, Parameters(), luck=1.0, to=-0.05), turned(policy, Parameters(), label=1.0)
        who = np.flatnonzero(np.concatenate([[0.0], passed]) > 0.5)
        assert len(who) > 3
        for name in {*failed.trace} - COUNTED:
            one, other = (run.trace[name][WEEK_OF_FLIP + 1 :, :, who] for run in (failed, label))
            assert not same or np.array_equal(one, other), name
        control = [run.trace["control"][WEEK_OF_FLIP + 1 :, :, who] for run in (failed, label)]
        assert (control[0] != failed.trace["control"][WEEK_OF_FLIP + 1 :, :, :1]).any(), "the verdict moves nobody"
        assert same or (control[0] != control[1]).any(), "the grade moves nobody"


def test_the_cycle_alone_makes_failures_breed_failures() -> None:
    """Reading causes, control, expectancy, shame and effort alone: after a failure more failures and lower margins."""
    t = twins(Policy("criterion", level=0.3), only(*CYCLE), 4, 0.6)
    more = further(t)
    assert more.mean() > 3.0 * more.std() / math.sqrt(len(more)) > 0.0
    assert margins(t).mean(0).max() < 0.0, "in every one of the nine weeks"
    assert t["unit_conceptual"].mean() < 0.0 and t["year_conceptual"].mean() < 0.0


#: Failing despite effort costs much control, and control much effort; nobody asks how classmates did.
HELPLESS = {"control_loss": 0.4, "effort_control": 3.0, "effort_resolve": 0.0, "consensus": 0.0}


def test_reading_causes_and_losing_control_alone_make_a_vicious_cycle() -> None:
    """Attribution, helplessness and effort, all else off: R_F is above 0, and every later margin is lower."""
    t = twins(Policy("criterion", level=0.3), only("attribution", "helplessness", "effort", **HELPLESS), 12, 0.5)
    more = further(t)
    assert more.mean() > 3.0 * more.std() / math.sqrt(len(more)) > 0.0
    assert margins(t).mean(0).max() < -0.01, "in every one of the nine weeks"
    assert t["unit_conceptual"].mean() < 0.0 and t["unit_procedural"].mean() < 0.0 and t["year_conceptual"].mean() < 0.0
    assert not t["classmates_failing"].any() and not t["dropout"].any(), "nobody else's, and nobody stops"


def test_a_lost_control_that_nobody_acts_on_breeds_nothing() -> None:
    """Without effort, attribution and helplessness change control, and no margin, failure or knowledge by one bit."""
    p, policy = only("attribution", "helplessness", **HELPLESS), Policy("criterion", level=0.3)
    t = twins(policy, p)
    assert len(t["margin"]) > 50
    assert_no_effect(t, but="external_later")
    block = columns(Roster.synthetic(20).seats([0], 0), [policy], [p], [Flip(), Flip(seat=3.0, week=5.0, luck=1.0)])
    run = engine.run(block, 8, ("control", "below_criterion"))
    failed, control = run.trace["below_criterion"][5, 3], run.trace["control"][7, 3]
    assert failed[0] != failed[1] and control[np.argmax(failed)] < control[np.argmin(failed)]


@pytest.mark.parametrize(("resolve", "sign"), [(3.0, 1.0), (-1.0, -1.0)])
def test_trying_harder_lasts_for_a_week(resolve: float, sign: float) -> None:
    """It mends a failure in the week after, or makes it worse where it discourages; then lost control is left."""
    t, without = (
        twins(Policy(level=0.3), only("attribution", "helplessness", "effort", effort_resolve=r))
        for r in (resolve, 0.0)
    )
    first = (margins(t).mean(0) - margins(without).mean(0))[0]
    assert sign * first > 0.02
    assert (sign > 0.0) == (margins(t)[:, 0].mean() > 0.0)
    assert margins(t)[:, 2:].mean(0).max() < 0.0


#: Where errors are corrected as described, and nothing is learnt from attempts and feedback.
RETAKES_ALONE = {
    "error_gain": 0.0, "success_gain": 0.0, "feedback_gain": 0.0, "learning_rate_sd": 0.0,
    "gain_learning_from_error": 1.0,
}  # fmt: skip


def test_going_back_to_the_error_alone_makes_failing_teach() -> None:
    """Where all that teaches is a retake, who fails corrects the work and knows more, by what retaking gives."""
    p = only("correction", retake_gain=0.5, retake_time=0.0, **RETAKES_ALONE)
    t = twins(Policy("criterion", level=0.3, retakes=1.0), p)
    lasting = 0.5 * OFF_EFFORT * Parameters()["retention"]
    assert margins(t)[:, 0] == pytest.approx(np.full(len(t["margin"]), lasting)), "in the week after"
    assert (margins(t) > -1e-12).all(), "later the other twin may fail, and catch up"
    assert all((t[f"d{h}"] <= 0.0).all() for h in AHEAD) and t["year_conceptual"].mean() > 0.0


def test_a_retake_costs_the_practice_of_the_week_after() -> None:
    """What going back takes of the time for practice is missing at the next test, and in part at those after."""
    p = only("correction", retake_gain=0.0, retake_time=0.2, **RETAKES_ALONE)
    t = twins(Policy("criterion", level=0.3, retakes=1.0), p)
    missing = 0.5 * 0.2 * Parameters()["practice_rate"] * OFF_EFFORT
    assert margins(t)[:, 0] == pytest.approx(np.full(len(t["margin"]), -missing)), "half of readiness is procedural"
    lasting = np.full(len(AHEAD) - 1, -missing * Parameters()["retention"])
    assert np.median(margins(t)[:, 1:], 0) == pytest.approx(lasting), "of most, who fail no more often for it"


# ---- what persists without a cycle ---------------------------------------------------------------------------
def persistence(slot: str, lag: int, **changes: float) -> float:
    """The correlation of a slot with itself some weeks later, over students and weeks; all but drifts is off."""
    nobody_stops = {
        "dropout_level": -11.0,
        "dropout_not_submitted": 0.0,
        "dropout_control": 0.0,
        "dropout_diligence": 0.0,
    }
    still = {"skip_level": -1.0, "skip_control": 0.0, "drift_sd": 0.0, **nobody_stops}
    p = only("diligence", "drift", "avoidance", **{**still, **changes})
    block = columns(Roster.synthetic(60).seats(range(40), 3), [Policy()], [p])
    trace = engine.run(block, 36, (slot,)).trace[slot]
    return float(np.corrcoef(trace[:-lag].ravel(), trace[lag:].ravel())[0, 1])


def test_handing_in_persists_by_diligence_alone() -> None:
    """Without any none does; a disposition does all year, what wanders for as long as it is remembered."""
    for lag in (1, 24):
        assert abs(persistence("submitted", lag)) < 0.02
    stable = [persistence("submitted", lag, diligence_sd=1.5) for lag in (1, 24)]
    assert stable[0] == pytest.approx(stable[1], abs=0.02) and stable[0] > 0.2
    wandering = {"diligence_drift_sd": 1.5, "diligence_memory": 0.8}
    near, far = (persistence("submitted", lag, **wandering) for lag in (1, 24))
    assert near > 0.15 and abs(far) < 0.02
    assert persistence("submitted", 1, diligence_drift_sd=1.5, diligence_memory=0.0) == pytest.approx(0.0, abs=0.02)


def test_slow_drift_lasts_for_months() -> None:
    """As its memory says, from the first week on; together with the fast one it is what form adds up."""
    for memory, lag in ((0.98, 8), (0.98, 24), (0.9, 8)):
        found = persistence("form", lag, drift_slow_sd=0.6, drift_slow_memory=memory)
        assert found == pytest.approx(memory**lag, abs=0.05)
    both = {"drift_sd": 0.6, "drift_memory": 0.5, "drift_slow_sd": 0.6, "drift_slow_memory": 0.98}
    assert persistence("form", 8, **both) == pytest.approx(0.5 * 0.98**8, abs=0.05)


def test_a_disposition_feeds_no_cycle() -> None:
    """However much of it there is: who is failed hands in no less for it."""
    p = only("diligence", "drift", "avoidance", diligence_sd=2.0, diligence_drift_sd=1.0, drift_slow_sd=0.5)
    t = twins(Policy("criterion", level=0.3), p)
    assert len(t["margin"]) > 20 and not any(t[f"d{h}"].any() for h in AHEAD) and not t["dropout"].any()


def test_reasons_outside_take_a_fixed_share() -> None:
    """Each week the same share of those who are left, with everything else off; nobody where there are none."""
    worlds = [only(dropout_outside=share) for share in (0.0, 0.01, 0.02)]
    run = engine.run(columns(Roster.synthetic(60).seats([1], 3), [Policy()], worlds), 520, ("enrolled",))
    assert (run.trace["enrolled"][..., 0] == 1.0).all()
    for k, share in ((1, 0.01), (2, 0.02)):
        weeks = run.trace["enrolled"][..., k].sum(0)
        assert weeks.mean() + 1.0 == pytest.approx(1.0 / share, rel=0.25)


# ---- struggle first ----------------------------------------------------------------------------------------
def advantage(parameters: Parameters) -> np.ndarray:
    """Conceptual knowledge at the unit tests, struggle first less instruction first, (week, student)."""
    first = Policy("problem-first", problem_distance=0.0)  # so that few errors are added
    block = class_of(20, first, Policy("instruction-first"), worlds=parameters)
    tested = engine.run(block, 12, ("tested_conceptual",)).trace["tested_conceptual"]
    return np.asarray(tested[..., 0] - tested[..., 1])


def test_preparation_alone_makes_struggle_first_win() -> None:
    """Nobody loses by it on the concepts, and the class gains."""
    won = advantage(only("preparation", error_gain=0.0))
    assert won.mean() > 0.05 and won.min() > -1e-12


def test_without_preparation_struggle_first_wins_nothing() -> None:
    """At equal time the order alone changes no concept; where preparing costs the lesson, struggle first loses."""
    assert np.abs(advantage(only(error_gain=0.0))).max() < 1e-12
    assert np.abs(advantage(only("preparation", error_gain=0.0, preparation_gain=0.0))).max() < 1e-12
    assert advantage(only("preparation", error_gain=0.0, preparation_gain=-0.5)).mean() < -0.02


def test_without_preparation_only_more_errors_are_left() -> None:
    """What is left of struggling first is the gain from the errors that it adds: none where errors teach nothing."""
    errors = {"error_gain": 0.4, "success_gain": 0.0, "feedback_gain": 0.0}
    left = advantage(only("correction", **errors))
    prepared = advantage(only("correction", "preparation", **errors))
    assert 0.0 < left.mean() < 0.4 * prepared.mean()
    assert advantage(only("correction", **{**errors, "error_gain": -0.05})).mean() < 0.0
    assert not advantage(only(**errors)).any(), "errors that nobody corrects teach nothing"


# ---- a class without spread and luck -----------------------------------------------------------------------
def identical(**changes: float) -> Mapping[str, float]:
    """A world outside the table: no spread, no noise, no drift, and nobody stays away."""
    sds = {name: 0.0 for name in WORLD_NAMES if name.endswith("_sd")}
    still = {"attempt_noise": 0.0, "assess_noise": 0.0, "class_share": 0.0, "strength_avoidance": 0.0}
    return {**Parameters(), **sds, **still, **changes}


def test_identical_students_pass_or_fail_together() -> None:
    """Under the criterion a class without spread and luck is one student; which way it goes is for the level to say."""
    levels = np.linspace(-1.5, 2.0, 15)
    policies = [Policy("criterion", level=level) for level in levels]
    run = engine.run(
        class_of(10, *policies, worlds=identical()),
        12,
        ("failing_grade", "below_criterion", "practice_error", "test_margin"),
    )
    for slot in ("failing_grade", "below_criterion", "practice_error"):
        shares = run.trace[slot].mean(1)
        assert set(np.unique(shares)) == {0.0, 1.0}, slot
    assert np.ptp(run.trace["test_margin"], axis=1).max() == 0.0
    first = run.trace["below_criterion"][0, 0]
    assert (np.diff(first) >= 0.0).all() and first[0] == 0.0 and first[-1] == 1.0


def test_a_curve_cannot_tell_identical_students_apart() -> None:
    """All tie in the middle of the class: nobody is below a quota under one half, everybody is at one half."""
    policies = [Policy("curve", quota=quota, level=level) for quota in (0.2, 0.49, 0.5, 0.9) for level in (-1.5, 2.0)]
    failing = engine.run(class_of(10, *policies, worlds=identical()), 4, ("failing_grade",)).trace["failing_grade"]
    assert failing.mean((0, 1)).tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("students", [10, 30])
def test_luck_alone_fills_a_quota_of_identical_students(students: int) -> None:
    """With luck in the test and nothing else to tell them apart, a fifth of them fails, whatever they know."""
    policies = [Policy("curve", quota=0.2, level=level) for level in (-1.5, 0.0, 2.0)]
    luck = identical(assess_noise=Parameters()["assess_noise"])
    run = engine.run(
        class_of(students, *policies, Policy(level=-1.5), worlds=luck), 10, ("failing_grade", "below_criterion")
    )
    assert run.trace["failing_grade"].mean(1)[:, :3].tolist() == [[0.2] * 3] * 10
    criterion = run.trace["below_criterion"].mean((0, 1))
    assert criterion[0] < 0.1 and criterion[2] > 0.9 and run.trace["failing_grade"][..., 3].mean() < 0.1
    often = run.trace["failing_grade"].mean(0)[:, 0]
    assert often.min() < 0.2 < often.max() < 1.0, "not always the same ones"


# ---- a quota that binds ------------------------------------------------------------------------------------
def totals(policy: Policy, weeks: int = 18) -> tuple[np.ndarray, np.ndarray]:
    """Failing grades in class and by student, after a label flip less without, in every week from that of the flip."""
    flips = [Flip(seat=float(seat), week=3.0, label=1.0) for seat in range(20)]
    block = columns(
        Roster.synthetic(20).seats([2], 2), [policy], [LIVELY.replace(strength_avoidance=0.0)], [Flip(), *flips]
    )
    failing = engine.run(block, weeks, ("failing_grade",)).trace["failing_grade"][3:]
    by_student = failing[..., 1:] - failing[..., :1]
    return by_student.sum(1), by_student


def test_a_quota_that_binds_cannot_be_moved_by_a_verdict() -> None:
    """Who is told to have failed may fail more often for it, somebody else then fails less: the class total stays."""
    of_class, by_student = totals(Policy("curve", level=0.3, threat=1.0))
    assert (np.abs(of_class[0]) == 1.0).all(), "in the week itself it is the verdict that was turned round"
    assert not of_class[1:].any()
    assert np.abs(by_student[1:]).sum() > 20.0, "verdicts move nobody: the test has lost its point"


def test_by_the_criterion_a_verdict_moves_the_class_total() -> None:
    """The same verdicts in the same class without a quota: what is zero by construction there is not so here."""
    of_class, _ = totals(Policy("criterion", level=0.3, threat=1.0))
    assert (np.abs(of_class[0]) == 1.0).all() and of_class[1:].any()


# ---- gains add up ------------------------------------------------------------------------------------------
def stayed(parameters: Parameters, weeks: int) -> tuple[np.ndarray, np.ndarray]:
    """Gains on a unit that nobody leaves, after each week: conceptual and procedural, (week, student)."""
    shape = (weeks, 10, 1)
    stay = {"moved": Held(np.zeros(shape), np.ones(shape, bool))}
    run = engine.run(class_of(10, Policy(), worlds=parameters), weeks, ("conceptual", "procedural"), stay)
    opening = run.end["opening_knowledge"]
    return (run.trace["conceptual"] - opening)[..., 0], (run.trace["procedural"] - opening)[..., 0]


def test_gains_are_additive_where_nothing_is_forgotten() -> None:
    """Each week on a unit adds the same again: effort times learning rate times what instruction and practice give."""
    p = only(error_gain=0.0, learning_rate_sd=0.0, reference_effort=0.5)
    conceptual, procedural = stayed(p, 8)
    weeks = np.arange(1, 9)[:, None]
    assert conceptual == pytest.approx(weeks * 0.5 * p["instruction_conceptual"] + np.zeros((1, 10)))
    each = p["instruction_procedural"] + p["practice_rate"]
    assert procedural == pytest.approx(weeks * 0.5 * each + np.zeros((1, 10)))


def test_the_parts_of_a_gain_add_up() -> None:
    """The gain of a week is the sum of its sources: lesson, practice, attempt, and feedback on what is missing."""
    p = only("correction", strength_avoidance=1.0, skip_level=-1.0, gain_learning_from_error=1.0)
    run = engine.run(class_of(10, Policy(level=0.3, information=0.6), worlds=p), 10, WRITTEN)
    # what going back to a test adds is a thing of the week after it, and of the share of the unit that lasts
    start = {
        kind: np.concatenate([run.end["opening_knowledge"][None], run.trace[f"cumulative_{kind}"][:-1]])
        for kind in ("conceptual", "procedural")
    }
    work = OFF_EFFORT * run.trace["submitted"] * run.end["learning_rate"]
    wrong, right = run.trace["practice_error"], run.trace["submitted"] - run.trace["practice_error"]
    assert 0.0 < run.trace["submitted"].mean() < 1.0 and 0.1 < wrong.mean() < run.trace["submitted"].mean() - 0.1
    corrected = p["self_corrected"] + (1.0 - p["self_corrected"]) * 0.6
    attempt = p["error_gain"] * p["reference_engagement"] * corrected * wrong + p["success_gain"] * right
    before = {
        "conceptual": start["conceptual"] + work * (p["instruction_conceptual"] + attempt),
        "procedural": start["procedural"] + work * (p["instruction_procedural"] + p["practice_rate"] + attempt),
    }
    lacks = run.trace["syllabus"] - 0.5 * (before["conceptual"] + before["procedural"])
    feedback = p["feedback_gain"] * 0.6 * p["reference_engagement"] / (1.0 + np.exp(-lacks))
    for kind, known in before.items():
        assert run.trace[f"tested_{kind}"] == pytest.approx(known + work * feedback)


def test_forgetting_alone_has_its_limit() -> None:
    """Where a fixed share fades each week, gains add up as a geometric series and stop at gain over share."""
    p = only("forgetting", error_gain=0.0, learning_rate_sd=0.0, reference_effort=0.5, forgetting_rate=0.25)
    conceptual, _ = stayed(p, 60)
    gain = 0.5 * p["instruction_conceptual"]
    series = [gain * (1.0 - 0.75**week) / 0.25 for week in range(1, 61)]
    assert conceptual == pytest.approx(np.array(series)[:, None] + np.zeros((1, 10)))
    assert conceptual[-1] == pytest.approx(np.full(10, gain / 0.25), rel=1e-6)


def test_a_share_of_every_unit_lasts() -> None:
    """By the calendar cumulative knowledge grows each week by the same share of the same gain."""
    p = only(error_gain=0.0, learning_rate_sd=0.0, reference_effort=0.5, retention=0.02)
    end = engine.run(class_of(10, Policy(), worlds=p), 20).end
    grown = end["cumulative_conceptual"] - end["opening_knowledge"]
    assert grown == pytest.approx(np.full((10, 1), 20 * 0.02 * 0.5 * p["instruction_conceptual"]))


# ---- no number leaves its bounds ---------------------------------------------------------------------------
def drawn(names: tuple[str, ...], kind: str, n: int, rng: np.random.Generator) -> list[dict[str, float]]:
    """Numbers within the ranges of the table: anywhere, or each at one end or the other."""
    low = np.array([ROWS[name].low for name in names])
    high = np.array([ROWS[name].high for name in names])
    seed = int(rng.integers(2**31))  # each number has draws that another row of the table does not move
    at = np.stack([np.random.default_rng([seed, crc32(name.encode())]).random(n) for name in names], 1)
    values = low + at * (high - low)
    if kind == "corners":
        at[0], at[1] = 0.0, 1.0  # everything at its low, everything at its high
        values = np.where(at < 0.5, low, high)
    return [dict(zip(names, row.tolist())) for row in values]


def sensible(levers: dict[str, float]) -> dict[str, float]:
    """The nearest policy that a school could have."""
    ranks = {"retakes": 0.0, "self_paced": 0.0} if levers["comparison"] == 1.0 else {}
    levers = {**levers, **ranks, "counted": min(levers["counted"], levers["told"])}
    levers["assignment_every"] = float(round(levers["assignment_every"] / 9.0))  # every few weeks
    levers["repeats"] = float(round(levers["repeats"]))
    levers["target_record"] *= levers["told"] + levers["information"] > 0.0
    if levers["target_record"] == 0.0:
        levers |= dict.fromkeys(("targeted_level", "targeted_talk", "targeted_support", "targeted_information"), 0.0)
    return {**levers, "self_paced": min(levers["self_paced"], 1.0 - levers["waiting"])}


def anywhere(kind: str, n: int = 200) -> Block:
    """A class of five in each of n worlds, each under a policy of its own that changes to another in week 19."""
    rng = np.random.default_rng(5)
    worlds = [Parameters(values) for values in drawn(WORLD_NAMES, kind, n, rng)]
    first, then = ([Policy(**sensible(values)) for values in drawn(LEVER_NAMES, kind, n, rng)] for _ in range(2))
    if kind == "corners":
        at_low, at_high = first[:2]
        worlds[2:4], first[2:4], then[:4] = worlds[:2], [at_high, at_low], [at_low, at_high, at_high, at_low]
    years = [PolicyChange(a, (19, b)) for a, b in zip(first, then)]
    return columns(Roster.synthetic(5).seats(range(n), 1), years, worlds)


@pytest.mark.parametrize("kind", ["anywhere", "corners"])
def test_every_slot_stays_within_its_bounds(kind: str) -> None:
    """In 200 worlds over a year, each slot in every week: no number out of its range, none missing or infinite."""
    run = engine.run(anywhere(kind), 36, WRITTEN)
    assert set(run.trace) | set(run.end) >= {slot.name for slot in (*OPENED, *STATE, *TALLY)}
    outside = {}
    for name, values in [*run.trace.items(), *run.end.items()]:
        slot = SLOTS[name]
        assert np.isfinite(values).all(), f"{name} is not finite"
        low, high = values.min(), values.max()
        if low < slot.low or high > slot.high:
            outside[name] = (float(low), float(high))
    assert outside == {}


@pytest.mark.parametrize("kind", ["anywhere", "corners"])
def test_shares_of_the_cause_add_up_to_one(kind: str) -> None:
    """Ability, effort, task and luck, in every week of every world."""
    causes = ("to_ability", "to_effort", "to_task", "to_luck")
    run = engine.run(anywhere(kind), 6, causes)
    assert sum(run.trace[name] for name in causes) == pytest.approx(np.ones((6, 5, 200)))


def test_worlds_at_the_corners_are_run() -> None:
    """In these worlds students err, fail, stop, wait and suffer: what stays within bounds has moved."""
    for kind in ("anywhere", "corners"):
        end = engine.run(anywhere(kind), 36).end
        assert 0.05 < end["enrolled"].mean() < 0.95
        assert (
            end["weeks_practice_error"].max() > 30.0
            and end["weeks_below_criterion"].max() == 36.0
            and end["weeks_below_criterion"].min() == 0.0
        )
        assert end["unit"].min() == 0.0 and end["unit"].max() == 36.0 and end["affect"].max() > 1.0


def test_whoever_has_stopped_stays_where_he_is() -> None:
    """After stopping nothing is handed in, passed, moved on or felt anew, and every further week is a failure (ii)."""
    p = Parameters(skip_level=-1.0, dropout_level=-5.0, dropout_not_submitted=1.5, affect_rise=1.5)
    run = engine.run(class_of(10, BUSY, Policy("harmful"), worlds=p), 36, WRITTEN)
    gone = run.trace["enrolled"][:-1] < 0.5
    assert gone.mean() > 0.1
    for slot in (
        "submitted",
        "effort",
        "practice_error",
        "met_criterion",
        "failing_grade_told",
        "failing_grade",
        "moved",
        "helped",
        "enrolled",
    ):
        assert not run.trace[slot][1:][gone].any(), slot
    assert run.trace["below_criterion"][1:][gone].all()
    still = (
        "expectancy",
        "control",
        "attribution_style",
        "interest",
        "history",
        "unit",
        "units_mastered",
        "cumulative_conceptual",
        "weeks_not_submitted",
    )
    for slot in still:
        assert not np.diff(run.trace[slot], axis=0)[gone].any(), slot
    assert (np.diff(run.trace["affect"], axis=0)[gone] <= 0.0).all()
