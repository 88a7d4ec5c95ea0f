"""Failure twins say what they claim: one outcome turned round, everything else the same, fail minus pass."""

from typing import Any

import numpy as np
import pytest

from setback.experiments.twins import twins as t
from setback.experiments.twins.estimands import HEARD, HORIZON, READ, traced
from setback.experiments.twins.estimands import columns as effect_columns
from setback.experiments.twins.flips import KINDS, defined, usual
from setback.experiments.twins.near_miss import depth_twins
from setback.model.chance import uniform
from setback.model.engines.block import Held, Run, columns
from setback.model.engines.registry import ENGINES, engine
from setback.model.engines.vectorised import run
from setback.model.errors import InputError
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


def noise_of(week: Any) -> Any:
    """Spread of the luck in the test of a week, from 0: how far a flip may move it."""
    return Parameters()["assess_noise"] * (1.0 + Parameters()["noise_growth"] * week / 36.0)


@pytest.fixture(scope="module")
def twins(seats: Seats) -> t.Twins:
    """All eligible outcomes of that class turned round."""
    return t.failure_twins(seats, POLICIES, Parameters(), WEEKS, 1.0, run, ["criterion"])[1]


def test_a_flip_reaches_as_far_as_the_noise_of_its_week() -> None:
    """Where the luck in tests grows over the year, so does the furthest move; that of assignments stays."""
    due = np.zeros((WEEKS, 1, 2))
    due[:, :, 1] = 1.0
    world = Parameters(assess_noise=0.5, assignment_noise=0.4, noise_growth=0.6)
    noise = KINDS["line"].noise({"assignment_due": due}, world)
    assert noise[:, 0, 0] == pytest.approx(0.5 * (1.0 + 0.6 * np.arange(WEEKS) / 36.0))
    assert noise[:, 0, 1].tolist() == [0.4] * WEEKS


def test_every_twin_is_what_two_single_runs_give(seats: Seats, twins: t.Twins) -> None:
    """Each of a sample of rows, made once more from two runs of a single column and by hand."""
    rng = np.random.default_rng(0)
    for row in rng.choice(len(twins["room"]), 25, replace=False):
        policy, seat, week = POLICIES[twins["policy"][row]], int(twins["seat"][row]), int(twins["week"][row]) - 1
        flip = Flip(float(seat), float(week), luck=1.0, to=0.05 if twins["spared"][row] else -0.05)
        observed, turned = (
            run(columns(seats, [policy], [Parameters()], [f]), WEEKS, (*traced(), "challenge")) for f in (Flip(), flip)
        )
        assert observed.trace["test_margin"][week, seat, 0] == twins["margin"][row]
        assert observed.trace["challenge"][week, seat, 0] == twins["challenge"][row]
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
        begun = slice(week, week + HORIZON)
        both = np.minimum(fail.trace["enrolled"][begun, seat, 0], passed.trace["enrolled"][begun, seat, 0]) > 0.5
        assert twins["margin_later"][row] == pytest.approx(margins[both].mean(), abs=1e-12)
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
                if observed["submitted"][week, seat, k] and move <= noise_of(week):
                    expected.add((k, seat, week + 1))
    found = list(zip(twins["policy"].tolist(), twins["seat"].tolist(), twins["week"].tolist()))
    assert len(found) == len(set(found)) and set(found) == expected
    assert {*twins["spared"].tolist()} == {True, False}


def test_samples_are_shared_and_nested(seats: Seats) -> None:
    """A student-week is in the sample of every policy or of none, and stays in when the share grows."""
    few, many = (
        t.failure_twins(seats, POLICIES, Parameters(), WEEKS, share, run, ["criterion"])[1] for share in (0.2, 0.6)
    )

    def rows(twins: t.Twins) -> set[tuple[int, int, int]]:
        return set(zip(twins["policy"].tolist(), twins["seat"].tolist(), twins["week"].tolist()))

    assert rows(few) < rows(many)
    for _, seat, week in rows(few):
        assert uniform(3, "twins", 5, seat, week - 1) < 0.2


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
def test_with_every_mechanism_off_a_failure_causes_exactly_nothing(name: str, kind: str) -> None:
    """R_F, the effect on margins, on stopping and on knowledge are 0 to the last bit, in every engine."""
    if name == "compiled":
        pytest.importorskip("llvmlite")
    off = Parameters(dict.fromkeys(STRENGTHS, 0.0))
    share, weeks = (0.3, 14) if name == "mesa" else (0.7, WEEKS)
    policies = [Policy(f"{grading}+level=0.4") for grading in ("criterion", "curve", "narrative", "mastery")]
    _, twins = t.failure_twins(Roster.synthetic(20).seats([1], 2), policies, off, weeks, share, engine(name), [kind])
    assert len(twins["room"]) >= (1 if name == "mesa" else 100)
    for effect in {*effect_columns()} - {"verdict"}:
        assert not np.nan_to_num(twins[effect]).any(), effect
    assert kind == "practice" or twins["verdict"][twins["policy"] == 0].all()


def test_engines_give_the_same_twins(seats: Seats, twins: t.Twins) -> None:
    """The compiled engine finds the same student-weeks and the same effects."""
    compiled = pytest.importorskip("setback.model.engines.compiled")
    _, others = t.failure_twins(seats, POLICIES, Parameters(), WEEKS, 1.0, compiled.run, ["criterion"])
    assert list(twins) == list(others)
    for name, mine in twins.items():
        other = others[name]
        if mine.dtype.kind == "f":
            assert np.allclose(mine, other, rtol=0, atol=1e-9, equal_nan=True), name
        else:
            assert np.array_equal(mine, other), name


def test_no_eligible_outcome_is_no_error(seats: Seats) -> None:
    """A class in which nothing can be turned has no twins, and joins with those that have."""
    _, none = t.failure_twins(seats, POLICIES, Parameters(), WEEKS, 0.0, run)
    for nobody in (none, t.join([none, none]), t.join([])):
        assert list(nobody) == [*t.WHICH, *effect_columns()] and not any(len(column) for column in nobody.values())


# ---- being failed ----------------------------------------------------------------------------------------------
FAILING = {
    "criterion": "criterion+level=0.2", "criterion, a cut of .5": "criterion+cut=0.5", "curve": "curve",
    "curve, a quota of .43": "curve+quota=0.43", "half place, half score": "curve+comparison=0.5",
    "practice graded": "curve+comparison=0.5+grade_practice=0.3", "pass-fail": "pass-fail+level=0.2",
}  # fmt: skip


@pytest.fixture(scope="module")
def failed(seats: Seats) -> dict[str, t.Twins]:
    """All that can be turned at the line of several policies, by luck and by label."""
    policies = [Policy(text) for text in FAILING.values()]
    return {
        kind: t.failure_twins(seats, policies, Parameters(), WEEKS, 1.0, run, [kind])[1] for kind in ("line", "label")
    }


@pytest.mark.parametrize("policy", FAILING)
@pytest.mark.parametrize("kind", ["line", "label"])
def test_being_failed_turns_the_verdict(failed: dict[str, t.Twins], policy: str, kind: str) -> None:
    """In every twin, on both sides, whatever draws the line."""
    mine = failed[kind]["policy"] == [*FAILING].index(policy)
    assert mine.sum() > 30 and {*failed[kind]["spared"][mine].tolist()} == {True, False}
    assert (failed[kind]["verdict"][mine] == 1.0).all()


def test_the_verdict_and_its_luck_turn_the_same_student_weeks(failed: dict[str, t.Twins]) -> None:
    """So that their contrast is of the same students."""
    for name in t.WHICH:
        if name != "flip":
            assert np.array_equal(failed["line"][name], failed["label"][name]), name


def test_a_move_is_the_least_one_and_at_most_the_noise(seats: Seats, failed: dict[str, t.Twins]) -> None:
    """A hair more turns the verdict as the engine utters it, a hair less does not; .05 further is within one SD."""
    twins = failed["line"]
    noise = noise_of(twins["week"] - 1)
    assert (abs(twins["distance"]) * noise + 0.05 <= noise + 1e-12).all()
    rng = np.random.default_rng(1)
    for row in rng.choice(len(twins["room"]), 40, replace=False):
        policy = Policy([*FAILING.values()][twins["policy"][row]])
        at = int(twins["week"][row]) - 1, int(twins["seat"][row])
        line = twins["margin"][row] - twins["distance"][row] * noise[row]
        turns = [Flip(float(at[1]), float(at[0]), luck=1.0, to=line + aside) for aside in (-1e-6, 1e-6)]
        verdicts = run(columns(seats, [policy], [Parameters()], turns), WEEKS, ["verdict"]).trace["verdict"][at]
        assert verdicts.tolist() == [0.0, 1.0]


def test_a_wider_noise_reaches_further_lines(seats: Seats) -> None:
    """What is left out lies further away than the noise, and nothing nearer is."""
    policy = Policy("curve")
    observed, twins = t.failure_twins(seats, [policy], Parameters(), WEEKS, 1.0, run, ["line"])
    found = {*zip(twins["seat"].tolist(), (twins["week"] - 1).tolist())}
    submitted, margin = (observed.trace[name][3 : WEEKS - HORIZON, :, 0] for name in ("submitted", "test_margin"))
    verdict = run(columns(seats, [policy], [Parameters()]), WEEKS, ["verdict"]).trace["verdict"]
    for week, seat in zip(*np.nonzero(submitted > 0.5)):
        was = verdict[week + 3, seat, 0]
        to = margin[week, seat] + (noise_of(week + 3) - 0.05) * (1.0 if was < 0.5 else -1.0)
        turned = run(
            columns(seats, [policy], [Parameters()], [Flip(float(seat), float(week + 3), luck=1.0, to=to)]),
            int(week) + 4,
            ["verdict"],
        )
        assert ((seat, week + 3) in found) == (turned.trace["verdict"][week + 3, seat, 0] != was)


def test_a_label_flip_changes_the_verdict_alone(seats: Seats) -> None:
    """Score, grade and knowledge of the week stay; what is heard of it is the other outcome."""
    policy = Policy("criterion+level=0.4")
    _, twins = t.failure_twins(seats, [policy], Parameters(), WEEKS, 1.0, run, ["label"])
    row = int(np.argmax(np.abs(twins["unit_conceptual"])))
    seat, week = int(twins["seat"][row]), int(twins["week"][row]) - 1
    keep = ("test_margin", "score", "grade", "below_criterion", "conceptual", "verdict", *HEARD)
    mine, turned = (
        run(columns(seats, [policy], [Parameters()], [flip]), WEEKS, keep).trace
        for flip in (Flip(), Flip(float(seat), float(week), label=1.0))
    )
    for slot in ("test_margin", "score", "grade", "below_criterion", "conceptual", *HEARD[7:]):
        assert np.array_equal(turned[slot][week], mine[slot][week]), slot
    for slot in ("verdict", *HEARD[:7]):
        assert turned[slot][week, seat, 0] == 1.0 - mine[slot][week, seat, 0], slot


def test_being_failed_is_more_than_the_verdict_where_the_grade_informs(seats: Seats) -> None:
    """With feedback the two flips differ in what they do to later tests; without, in no more than rounding.

    Expectancy reads the grade as well as the verdict, so it is off where they have to agree.
    """
    policies = [Policy(f"criterion+level=0.4+information={information}") for information in (1.0, 0.0)]
    world = Parameters(strength_expectancy=0.0, strength_affect=0.0)
    apart = []
    for numbers in (Parameters(), world):
        line, label = (
            t.failure_twins(seats, policies, numbers, WEEKS, 1.0, run, [kind])[1] for kind in ("line", "label")
        )
        apart.append(
            [np.nanmax(abs(line["margin_later"] - label["margin_later"])[line["policy"] == k]) for k in (0, 1)]
        )
    assert apart[0][0] > 1e-3 and apart[1][0] > 1e-4
    assert apart[1][1] < 1e-9


def test_no_verdict_no_flip_of_one(seats: Seats) -> None:
    """Where nobody utters a verdict there are no such twins, and none of them is known to have changed one."""
    policies = [Policy("criterion+level=0.4"), Policy("narrative+level=0.4")]
    twins = t.failure_twins(seats, policies, Parameters(), WEEKS, 0.5, run, ["line", "label", "criterion"])[1]
    told = np.isin(twins["flip"], [[*KINDS].index(name) for name in ("line", "label")])
    assert {*twins["policy"][told].tolist()} == {0} and {*twins["policy"][~told].tolist()} == {0, 1}
    silent = twins["policy"] == 1
    for column in ("verdict", "v1", "v9"):
        assert np.isnan(twins[column][silent]).all() and np.isfinite(twins[column][~silent]).all()
    with pytest.raises(InputError, match="no policy here utters a verdict for line and label to turn; flip criterion"):
        t.failure_twins(seats, policies[1:], Parameters(), WEEKS, 0.5, run, ["line", "label", "practice"])
    assert defined(KINDS, policies[1:]) == ("criterion", "practice") == usual(policies[1:])
    assert usual(policies) == ("line", "label", "practice")


def test_where_nothing_is_told_no_verdict_is_turned(seats: Seats) -> None:
    """With assignments only in their weeks, by their own luck; falling short of the criterion is turned in all.

    Their luck is large here and that of the quizzes small, so that each is seen in the moves.
    """
    policy, world = (
        Policy("curve+assignment_every=4+level=0.3"),
        Parameters(assignment_noise=0.9, assess_noise=0.3, noise_growth=0.0),
    )
    twins = t.failure_twins(seats, [policy], world, WEEKS, 1.0, run, ["line", "label", "criterion"])[1]
    by_kind = {name: twins["flip"] == [*KINDS].index(name) for name in ("line", "label", "criterion")}
    for name in ("line", "label"):
        assert {*twins["week"][by_kind[name]].tolist()} == {4, 8, 12, 16, 20, 24}
        assert (twins["verdict"][by_kind[name]] == 1.0).all()
    due = twins["week"] % 4 == 0
    assert {*twins["week"][by_kind["criterion"]].tolist()} > {4, 5, 6, 8, 12, 16, 20, 24, 25}
    moves = abs(twins["margin"]) + 0.05
    assert moves[by_kind["criterion"] & ~due].max() <= 0.3 < 0.6 < moves[by_kind["criterion"] & due].max() <= 0.9
    assert (abs(twins["distance"]) <= 1.0).all() and abs(twins["distance"][by_kind["line"]]).max() > 0.8


# ---- years that are run again ----------------------------------------------------------------------------------
def test_years_are_run_again_with_what_was_heard_or_read_held(seats: Seats) -> None:
    """Each of a sample of rows, made once more from single runs of a column with slots held by hand."""
    policies = [Policy("criterion+level=0.4"), Policy("curve+quota=0.4")]
    asked = ("R_1", "M_A")
    _, twins = t.failure_twins(seats, policies, Parameters(), 20, 0.5, run, ["line"], asked=asked)
    rng = np.random.default_rng(2)
    different = np.flatnonzero(twins["a2"] != twins["d2"])
    rows = [*different[:4], *rng.choice(len(twins["room"]), 6, replace=False)]
    for row in rows:
        seat, week = int(twins["seat"][row]), int(twins["week"][row]) - 1
        spared, distance = twins["spared"][row], twins["distance"][row]
        to = twins["margin"][row] - distance * noise_of(twins["week"][row] - 1) + (0.05 if spared else -0.05)
        flip = Flip(float(seat), float(week), luck=1.0, to=to)
        fails, passes = (Flip(), flip) if spared else (flip, Flip())
        policy = policies[twins["policy"][row]]

        def year(turn: Flip, hold: dict[str, Held] | None = None, policy: Policy = policy) -> Run:
            block = columns(seats, [policy], [Parameters()], [turn])
            return run(block, 20, ["below_criterion", *HEARD, *READ], hold)

        passed = year(passes)
        below = passed.trace["below_criterion"][:, seat, 0]
        assert twins["g1"][row] == twins["d1"][row]
        for h in range(2, HORIZON + 1):
            where = np.zeros((20, 20, 1), bool)
            where[week + 1 : week + h, seat] = True
            again = year(fails, {slot: Held(passed.trace[slot], where) for slot in HEARD})
            assert twins[f"g{h}"][row] == again.trace["below_criterion"][week + h, seat, 0] - below[week + h]
        where = np.zeros((20, 20, 1), bool)
        where[week:, seat] = True
        again = year(fails, {slot: Held(passed.trace[slot], where) for slot in READ})
        for h in range(1, HORIZON + 1):
            assert twins[f"a{h}"][row] == again.trace["below_criterion"][week + h, seat, 0] - below[week + h]


def test_no_first_generation_where_the_pace_waits(seats: Seats) -> None:
    """Weeks of the two are not of one unit there."""
    policies = [Policy("criterion+level=0.2"), Policy("self-paced+level=0.2")]
    _, twins = t.failure_twins(seats, policies, Parameters(), 16, 1.0, run, ["line"], asked=("R_1",))
    assert {*twins["policy"].tolist()} == {0, 1}
    assert np.array_equal(np.isfinite(twins["g2"]), twins["policy"] == 0)


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
        keep = ["tested_conceptual", "attempt_shortfall", "helped"]
        years = [run(columns(seats, [policies[k]], [Parameters()], [flip]), WEEKS, keep) for flip in turns]
        tests = [year.trace["tested_conceptual"][week - 1, seat, 0] for year in years]
        ends = [year.end["cumulative_conceptual"][seat, 0] for year in years]
        helped = [year.trace["helped"][week - 1, seat, 0] for year in years]
        units, lasting = NORMS["unit_conceptual"], NORMS["year_conceptual"]
        assert [float(part[row]) for part in found[4:]] == pytest.approx([
            abs(short - 0.25), abs(short - 2.0), helped[1], helped[2],
            (tests[1] - tests[0]) / units, (tests[2] - tests[0]) / units,
            (ends[1] - ends[0]) / lasting, (ends[2] - ends[0]) / lasting,
        ], abs=1e-12)  # fmt: skip
        assert years[0].trace["attempt_shortfall"][week - 1, seat, 0] <= 0.0, "an error that is compared with an error"
