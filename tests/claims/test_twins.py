"""Failure twins say what they claim: one outcome turned round, everything else the same, fail minus pass."""

import numpy as np
import pytest

from setback.experiments.twins import twins as t
from setback.experiments.twins.estimands import HORIZON, traced
from setback.experiments.twins.estimands import columns as effect_columns
from setback.experiments.twins.flips import KINDS
from setback.experiments.twins.near_miss import depth_twins
from setback.model.chance import uniform
from setback.model.engines.block import columns
from setback.model.engines.registry import ENGINES, engine
from setback.model.engines.vectorised import run
from setback.model.outcomes import NORMS
from setback.model.parameters import STRENGTHS, Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.rosters.seats import Seats
from setback.model.state import Flip

POLICIES = [Policy("criterion"), Policy("curve+problem-first"), Policy("mastery")]
WEEKS = 36


@pytest.fixture(scope="module")
def seats() -> Seats:
    """One class of twenty."""
    return Roster.synthetic(20).seats([5], seed=3)


@pytest.fixture(scope="module")
def twins(seats: Seats) -> t.Twins:
    """All eligible outcomes of that class turned round."""
    return t.failure_twins(seats, POLICIES, Parameters(), WEEKS, 1.0, run)[1]


def test_every_twin_is_what_two_single_runs_give(seats: Seats, twins: t.Twins) -> None:
    """Each of a sample of rows, made once more from two runs of a single column and by hand."""
    rng = np.random.default_rng(0)
    for row in rng.choice(len(twins["room"]), 25, replace=False):
        policy, seat, week = POLICIES[twins["policy"][row]], int(twins["seat"][row]), int(twins["week"][row]) - 1
        flip = Flip(float(seat), float(week), luck=1.0)
        observed, turned = (run(columns(seats, [policy], [Parameters()], [f]), WEEKS, traced()) for f in (Flip(), flip))
        assert observed.trace["test_margin"][week, seat, 0] == twins["margin"][row]
        assert (twins["margin"][row] < 0) == twins["spared"][row]
        fail, passed = (observed, turned) if twins["spared"][row] else (turned, observed)
        assert (
            fail.trace["below_criterion"][week, seat, 0] == 1.0
            and passed.trace["below_criterion"][week, seat, 0] == 0.0
        )
        later = slice(week + 1, week + 1 + HORIZON)
        effect = fail.trace["below_criterion"][later, :, 0] - passed.trace["below_criterion"][later, :, 0]
        assert [twins[f"d{h}"][row] for h in range(1, HORIZON + 1)] == effect[:, seat].tolist()
        assert twins["classmates_failing"][row] == np.delete(effect, seat, 1).sum()
        margins = fail.trace["test_margin"][later, seat, 0] - passed.trace["test_margin"][later, seat, 0]
        assert twins["margin_later"][row] == pytest.approx(margins.mean(), abs=1e-12)
        at_test = (
            fail.trace["tested_conceptual"][week + 1, seat, 0] - passed.trace["tested_conceptual"][week + 1, seat, 0]
        )
        assert twins["unit_conceptual"][row] == pytest.approx(at_test / NORMS["unit_conceptual"], abs=1e-12)
        at_end = fail.end["cumulative_conceptual"][seat, 0] - passed.end["cumulative_conceptual"][seat, 0]
        assert twins["year_conceptual"][row] == pytest.approx(at_end / NORMS["year_conceptual"], abs=1e-12)
        stopped = passed.trace["enrolled"][week + 9, seat, 0] - fail.trace["enrolled"][week + 9, seat, 0]
        assert twins["dropout"][row] == stopped


def test_all_eligible_outcomes_and_no_others_are_turned(seats: Seats, twins: t.Twins) -> None:
    """Handed in, in weeks 4 to 27, and moved by at most one SD of the assessment's noise."""
    observed = run(columns(seats, POLICIES, [Parameters()]), WEEKS, ["test_margin", "submitted"]).trace
    expected = set()
    for week in range(3, 27):
        for seat in range(20):
            for k in range(len(POLICIES)):
                margin = observed["test_margin"][week, seat, k]
                move = 0.05 - margin if margin < 0 else margin + 0.05
                if observed["submitted"][week, seat, k] and move <= Parameters()["assess_noise"]:
                    expected.add((k, seat, week + 1))
    found = list(zip(twins["policy"].tolist(), twins["seat"].tolist(), twins["week"].tolist()))
    assert len(found) == len(set(found)) and set(found) == expected
    assert {*twins["spared"].tolist()} == {True, False}


def test_samples_are_shared_and_nested(seats: Seats) -> None:
    """A student-week is in the sample of every policy or of none, and stays in when the share grows."""
    few, many = (t.failure_twins(seats, POLICIES, Parameters(), WEEKS, share, run)[1] for share in (0.2, 0.6))

    def rows(twins: t.Twins) -> set[tuple[int, int, int]]:
        return set(zip(twins["policy"].tolist(), twins["seat"].tolist(), twins["week"].tolist()))

    assert rows(few) < rows(many)
    for _, seat, week in rows(few):
        assert uniform(3, "twins", 5, seat, week - 1) < 0.2


@pytest.mark.parametrize("name", ENGINES)
def test_with_every_mechanism_off_a_failure_causes_exactly_nothing(name: str) -> None:
    """R_F, the effect on margins, on stopping and on knowledge are 0 to the last bit, in every engine."""
    if name == "compiled":
        pytest.importorskip("llvmlite")
    off = Parameters(dict.fromkeys(STRENGTHS, 0.0))
    share, weeks = (0.3, 14) if name == "mesa" else (0.5, WEEKS)
    policies = [Policy(f"{grading}+level=1.2") for grading in ("criterion", "curve", "narrative")]
    _, twins = t.failure_twins(Roster.synthetic(20).seats([1], 2), policies, off, weeks, share, engine(name))
    assert len(twins["room"]) >= (1 if name == "mesa" else 100)
    for effect in {*effect_columns()} - {"verdict"}:
        assert not twins[effect].any(), effect
    assert twins["verdict"][twins["policy"] == 0].all()


def test_engines_give_the_same_twins(seats: Seats, twins: t.Twins) -> None:
    """The compiled engine finds the same student-weeks and the same effects."""
    compiled = pytest.importorskip("setback.model.engines.compiled")
    _, others = t.failure_twins(seats, POLICIES, Parameters(), WEEKS, 1.0, compiled.run)
    assert list(twins) == list(others)
    for name, mine in twins.items():
        other = others[name]
        if mine.dtype.kind == "f":
            assert np.allclose(mine, other, rtol=0, atol=1e-9), name
        else:
            assert np.array_equal(mine, other), name


def test_no_eligible_outcome_is_no_error(seats: Seats) -> None:
    """A class in which nothing can be turned has no twins, and joins with those that have."""
    _, none = t.failure_twins(seats, POLICIES, Parameters(), WEEKS, 0.0, run)
    for nobody in (none, t.join([none, none]), t.join([])):
        assert list(nobody) == [*t.WHICH, *effect_columns()] and not any(len(column) for column in nobody.values())


def test_a_label_flip_changes_only_what_is_heard(seats: Seats) -> None:
    """The verdict differs in every twin, the score in none; where nobody is told there are no twins."""
    policies = [Policy("criterion+level=0.4"), Policy("narrative")]
    _, twins = t.failure_twins(seats, policies, Parameters(), WEEKS, 1.0, run, ["label"])
    assert len(twins["room"]) > 50 and (twins["policy"] == 0).all() and twins["verdict"].all()
    kinds = {KINDS[name].field for name in KINDS}
    assert kinds == {"luck", "label", "practice"} and (twins["flip"] == list(KINDS).index("label")).all()
    row = int(np.argmax(np.abs(twins["unit_conceptual"])))
    seat, week = int(twins["seat"][row]), int(twins["week"][row]) - 1
    flip = Flip(float(seat), float(week), label=1.0)
    turned = run(
        columns(seats, policies[:1], [Parameters()], [flip]),
        WEEKS,
        ["test_margin", "score", "below_criterion", "heard"],
    )
    mine = run(
        columns(seats, policies[:1], [Parameters()]), WEEKS, ["test_margin", "score", "below_criterion", "heard"]
    )
    for slot in ("test_margin", "score", "below_criterion"):
        assert np.array_equal(turned.trace[slot][week], mine.trace[slot][week])
    assert turned.trace["heard"][week, seat, 0] * mine.trace["heard"][week, seat, 0] < 0


def test_luck_and_label_of_the_same_student_weeks(seats: Seats) -> None:
    """Under criterion grading both kinds turn the same outcomes, so that their contrast is of the same students."""
    luck, label = (
        t.failure_twins(seats, [Policy("criterion+level=0.4")], Parameters(), WEEKS, 1.0, run, [k])[1]
        for k in ("luck", "label")
    )
    assert np.array_equal(luck["seat"], label["seat"]) and np.array_equal(luck["week"], label["week"])
    assert np.array_equal(luck["spared"], label["spared"])
    assert len(luck["room"]) > 50


def test_a_practice_flip_is_read_at_the_test_of_its_week(seats: Seats) -> None:
    """Error less success, at the unit test that follows in the same week; the two are of one unit."""
    policies = [Policy("criterion"), Policy("problem-first"), Policy("class-paced")]
    _, twins = t.failure_twins(seats, policies, Parameters(), WEEKS, 0.3, run, ["practice"])
    assert np.isfinite(twins["unit_conceptual"]).all() and {0, 1, 2} == {*twins["policy"].tolist()}
    row = int(np.argmax(np.abs(twins["unit_conceptual"])))
    policy, seat, week = policies[twins["policy"][row]], int(twins["seat"][row]), int(twins["week"][row]) - 1
    flip = Flip(float(seat), float(week), practice=1.0)
    keep = ["practice_error", "tested_conceptual"]
    observed, turned = (run(columns(seats, [policy], [Parameters()], [f]), WEEKS, keep).trace for f in (Flip(), flip))
    fail, passed = (observed, turned) if twins["spared"][row] else (turned, observed)
    assert (fail["practice_error"][week, seat, 0], passed["practice_error"][week, seat, 0]) == (1.0, 0.0)
    effect = fail["tested_conceptual"][week, seat, 0] - passed["tested_conceptual"][week, seat, 0]
    assert twins["unit_conceptual"][row] == pytest.approx(effect / NORMS["unit_conceptual"], abs=1e-12)


def test_depths_of_failure_against_success(seats: Seats) -> None:
    """Where the worth of an error falls with its depth a near miss teaches more; where it does not, hardly so."""
    world = Parameters(near_miss_slope=1.0, engage_depth=0.0)
    alike = world.replace(strength_near_miss=0.0)
    steep, flat = (depth_twins(seats, [Policy("withhold")], w, WEEKS, 0.2, run) for w in (world, alike))
    assert len(steep.room) > 50 and (steep.near > steep.deep).mean() > 0.9
    short = run(columns(seats, [Policy("withhold")], [world]), WEEKS, ["attempt_shortfall"]).trace["attempt_shortfall"]
    at = (steep.week - 1, steep.seat, 0)
    assert np.allclose(steep.near_move, np.abs(short[at] - 0.25)) and np.allclose(
        steep.deep_move, np.abs(short[at] - 2.0)
    )
    assert (flat.near - flat.deep).mean() < (steep.near - steep.deep).mean() / 3


def test_every_depth_is_what_three_single_runs_give(seats: Seats) -> None:
    """Each of a sample of rows, made once more from three runs of a single column and by hand; no row is left out."""
    policies = [Policy("withhold"), Policy("criterion+problem-first")]
    found = depth_twins(seats, policies, Parameters(), WEEKS, 0.3, run)
    observed = run(columns(seats, policies, [Parameters()]), WEEKS, ["attempt_shortfall", "submitted"]).trace
    expected = [
        (k, 5, seat, week + 1)
        for k in range(2) for week in range(3, 27) for seat in range(20)
        if observed["submitted"][week, seat, k] and uniform(3, "twins", 5, seat, week) < 0.3
    ]  # fmt: skip
    assert list(zip(*(part.tolist() for part in found[:4]), strict=True)) == expected
    for row in range(0, len(expected), 17):
        k, _, seat, week = expected[row]
        short = observed["attempt_shortfall"][week - 1, seat, k]
        at = {"seat": float(seat), "week": float(week - 1)}
        success = Flip(**at, practice=float(short > 0.0))
        turns = [success, *(Flip(**at, practice=1.0, depth=depth) for depth in (0.25, 2.0))]
        keep = ["tested_conceptual", "attempt_shortfall"]
        years = [run(columns(seats, [policies[k]], [Parameters()], [flip]), WEEKS, keep) for flip in turns]
        tests = [year.trace["tested_conceptual"][week - 1, seat, 0] for year in years]
        ends = [year.end["cumulative_conceptual"][seat, 0] for year in years]
        units, lasting = NORMS["unit_conceptual"], NORMS["year_conceptual"]
        assert [float(part[row]) for part in found[4:]] == pytest.approx([
            abs(short - 0.25), abs(short - 2.0), (tests[1] - tests[0]) / units, (tests[2] - tests[0]) / units,
            (ends[1] - ends[0]) / lasting, (ends[2] - ends[0]) / lasting,
        ], abs=1e-12)  # fmt: skip
        assert years[0].trace["attempt_shortfall"][week - 1, seat, 0] <= 0.0, "an error that is compared with an error"
