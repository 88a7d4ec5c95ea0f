"""What is measured: states of students in their order, and what the tallies say at the end of the year."""

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from setback.model import outcomes
from setback.model.engines import vectorised as engine
from setback.model.engines.block import columns
from setback.model.outcomes import NORMS, OUTCOMES, STATES, class_mean, student_state
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.state import SLOTS, Flip

HELPLESS = NORMS["helpless_control"]
LEARNING, COPING, DISCOURAGED, SHUT_DOWN, STOPPED = range(5)
#: Students who skip, suffer and stop within weeks.
LIVELY = Parameters(skip_level=-1.0, dropout_level=-5.0, dropout_not_submitted=1.5, affect_rise=1.5, control_mean=0.4)


# ---- states ------------------------------------------------------------------------------------------------
def state(**change: float) -> int:
    """The state of a student who is well, but for some things."""
    well = {"enrolled": 1.0, "weeks_not_submitted": 0.0, "control": 0.9, "affect": 0.0, "expectancy": 0.9}
    return int(outcomes.states({name: np.array([[value]]) for name, value in {**well, **change}.items()})[0, 0])


def test_states_have_names_in_the_order_of_their_numbers() -> None:
    """From learning to stopped."""
    assert STATES == ("steady", "coping", "discouraged", "shut down", "stopped")


@pytest.mark.parametrize(
    ("slot", "on", "off", "number"),
    [
        ("affect", 0.2, 0.2 - 1e-9, COPING),
        ("expectancy", 0.5 - 1e-9, 0.5, COPING),
        ("affect", 0.8, 0.8 - 1e-9, DISCOURAGED),
        ("control", HELPLESS - 1e-9, HELPLESS, DISCOURAGED),
        ("weeks_not_submitted", 2.0, 1.0, SHUT_DOWN),
        ("enrolled", 0.0, 1.0, STOPPED),
    ],
)
def test_thresholds_are_exact(slot: str, on: float, off: float, number: int) -> None:
    """On one side of each a student is in the state, on the other in a better one."""
    assert state(**{slot: on}) == number > state(**{slot: off})


def test_the_worst_state_counts() -> None:
    """Whoever is in several at once is in the last of them; stopped dominates all."""
    signs = {
        COPING: {"expectancy": 0.1},
        DISCOURAGED: {"control": 0.0, "affect": 1.5},
        SHUT_DOWN: {"weeks_not_submitted": 5.0},
        STOPPED: {"enrolled": 0.0},
    }
    assert state() == LEARNING
    for n in range(1, 5):
        for several in itertools.combinations(signs, n):
            given: dict[str, float] = {}
            for sign in several:
                given |= signs[sign]
            assert state(**given) == max(several)


def test_one_week_away_is_no_shut_down() -> None:
    """Two in a row are, however well somebody feels."""
    assert [state(weeks_not_submitted=float(weeks)) for weeks in range(4)] == [LEARNING, LEARNING, SHUT_DOWN, SHUT_DOWN]


def test_states_agree_with_the_equation() -> None:
    """On every student of a lively class, in any shape; all five occur."""
    roster = Roster.synthetic(30).seats([0], 1)
    block = columns(roster, [Policy(), Policy("harmful"), Policy("curve", threat=1.0)], [LIVELY])
    trace = engine.run(block, 20, ("enrolled", "weeks_not_submitted", "control", "affect", "expectancy")).trace
    found = outcomes.states(trace)
    assert found.shape == trace["weeks_not_submitted"].shape and set(np.unique(found)) == {0.0, 1.0, 2.0, 3.0, 4.0}
    rng = np.random.default_rng(0)
    for week, seat, column in rng.integers(0, (20, 30, 3), (200, 3)):
        values = [np.float64(trace[name][week, seat, column]) for name in trace]
        assert student_state(*values, HELPLESS, 2.0, 0.8, 0.2, 0.5) == found[week, seat, column]
        assert by_hand(*values) == found[week, seat, column]
    assert ((found == STOPPED) == (trace["enrolled"] < 0.5)).all()
    assert (np.diff((found == STOPPED) * 1.0, axis=0) >= 0.0).all(), "nobody comes back"


def by_hand(enrolled: float, idle: float, control: float, affect: float, expectancy: float) -> int:
    """A state in other words."""
    if enrolled < 0.5:
        return STOPPED
    if idle >= 2.0:
        return SHUT_DOWN
    if control < HELPLESS or affect >= 0.8:
        return DISCOURAGED
    return COPING if affect >= 0.2 or expectancy < 0.5 else LEARNING


# ---- means and shares --------------------------------------------------------------------------------------
def test_a_class_mean_is_over_those_of_whom_something_is_known() -> None:
    """Missing values count for nobody; where nothing is known there is no mean."""
    values = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan], [np.nan, np.nan, np.nan]])
    assert class_mean(values)[:2].tolist() == [2.0, 5.0] and np.isnan(class_mean(values)[2])
    assert class_mean(values, 1)[:2].tolist() == [1.0, 4.0] and np.isnan(class_mean(values, 1)[2])
    full = np.random.default_rng(1).normal(size=(7, 3, 2))
    assert class_mean(full) == pytest.approx(full.mean(0)) and class_mean(full, 1) == pytest.approx(full.mean(1))
    assert class_mean(np.array([0.0, np.inf, 2.0])) == 1.0, "infinite is not known"


def test_a_share_needs_a_whole() -> None:
    """Of no week there is no share."""
    shares = outcomes._share(np.array([0.0, 1.0, 3.0, 0.0]), np.array([0.0, 1.0, 4.0, 2.0]))
    assert np.isnan(shares[0]) and shares[1:].tolist() == [1.0, 0.75, 0.0]
    parts = outcomes._share(np.array([0.1, 0.2, 1e-18]), np.array([0.4, 0.8, 1e-17]))
    assert parts[:2].tolist() == [0.25, 0.25] and np.isnan(parts[2]), "parts of weeks have shares, rounding has none"


def end(**slots: list[float]) -> dict[str, NDArray[Any]]:
    """Some slots at the end of a year, one column."""
    return {name: np.array(values, float)[:, None] for name, values in slots.items()}


def of(name: str, slots: dict[str, NDArray[Any]], weeks: int = 10) -> list[float]:
    """An outcome, student by student."""
    return [float(x) for x in OUTCOMES[name].of(slots, weeks)[:, 0]]


def gained(opening: list[float], gains: list[float]) -> dict[str, NDArray[Any]]:
    """A class by where it began and what it gained, in SDs of the year."""
    began = np.array(opening)
    slots = end(strong=(began > began.mean()) * 1.0, opening_knowledge=opening)
    slots["cumulative_conceptual"] = slots["opening_knowledge"] + np.array(gains)[:, None] * NORMS["year_conceptual"]
    return slots | {"class_strong": slots["strong"].mean(0, keepdims=True)}


def test_the_gap_is_the_gain_of_the_strong_less_that_of_the_others() -> None:
    """As a mean over the class, however many are strong."""
    for opening in ([2.0, 1.0, -1.0, -2.0], [5.0, -1.0, -2.0, -2.0], [1.0, 1.0, 1.0, -9.0]):
        gains = [0.4, 0.1, 0.2, 0.7]
        strong = np.array(opening) > np.mean(opening)
        apart = np.mean(np.array(gains)[strong]) - np.mean(np.array(gains)[~strong])
        assert np.mean(of("achievement_gap", gained(opening, gains))) == pytest.approx(apart)
    assert np.mean(of("achievement_gap", gained([1.0, -1.0], [0.3, 0.3]))) == pytest.approx(0.0)


def test_a_class_in_which_all_begin_alike_has_no_gap() -> None:
    """Nobody is above its mean, and there is no number for it."""
    assert np.isnan(of("achievement_gap", gained([1.0, 1.0], [0.3, 0.1]))).all()
    assert np.isnan(class_mean(OUTCOMES["achievement_gap"].of(gained([1.0, 1.0], [0.3, 0.1]), 10)))


def test_the_gap_of_a_run_by_hand() -> None:
    """From who began above the mean of the class, in each of several columns."""
    block = columns(Roster.synthetic(12).seats([3], 1), [Policy(), Policy("curve")], [Parameters()])
    slots = engine.run(block, 12).end
    gain = (slots["cumulative_conceptual"] - slots["opening_knowledge"]) / NORMS["year_conceptual"]
    for column in range(2):
        opening = slots["opening_knowledge"][:, column]
        strong = opening > opening.mean()
        apart = gain[strong, column].mean() - gain[~strong, column].mean()
        assert class_mean(OUTCOMES["achievement_gap"].of(slots, 12))[column] == pytest.approx(apart)


def test_unit_tests_of_the_first_weeks_are_not_counted() -> None:
    """From week 4 on; in a year that is over before, all of them are."""
    slots = end(total_tested=[30.0, 6.0], early_tested=[9.0, 6.0], opening_knowledge=[1.0, 2.0])
    mean = [(30.0 - 9.0) / 7.0 - 1.0, 0.0 - 2.0]
    assert of("unit_test", slots) == pytest.approx([x / NORMS["unit_conceptual"] for x in mean])
    short = [(30.0 / 3.0 - 1.0), (6.0 / 3.0 - 2.0)]
    assert of("unit_test", slots, 3) == pytest.approx([x / NORMS["unit_conceptual"] for x in short])


def test_unit_tests_of_a_run_by_hand() -> None:
    """The mean of what was brought to them from week 4 on."""
    block = columns(Roster.synthetic(8).seats([0], 1), [Policy()], [Parameters()])
    for weeks, first in ((12, 3), (4, 3), (3, 0), (1, 0)):
        run = engine.run(block, weeks, ("tested_conceptual",))
        mean = run.trace["tested_conceptual"][first:].mean(0) - run.end["opening_knowledge"]
        assert OUTCOMES["unit_test"].of(run.end, weeks) == pytest.approx(mean / NORMS["unit_conceptual"])


def test_shares_of_failures_and_of_causes() -> None:
    """Of those there were; a student without any has none."""
    taught = end(weeks_learned_after_failure=[1.0, 0.0, 0.0], weeks_submitted_below_criterion=[4.0, 2.0, 0.0])
    assert of("learned_after_failure", taught)[:2] == [0.25, 0.0] and np.isnan(of("learned_after_failure", taught)[2])
    blamed = end(failure_to_ability_total=[1.2, 0.0], weeks_failure_heard=[3.0, 0.0])
    assert of("failure_to_ability", blamed)[0] == pytest.approx(0.4) and np.isnan(of("failure_to_ability", blamed)[1])
    outside = end(success_external_total=[1.5, 0.0], weeks_success_heard=[3.0, 0.0])
    assert of("success_to_external", outside)[0] == 0.5 and np.isnan(of("success_to_external", outside)[1])


def test_who_is_discouraged_at_the_end() -> None:
    """Discouraged or shut down; who is coping is not yet, and who has stopped is no more."""
    given = end(
        enrolled=[1, 1, 1, 1, 1, 0], weeks_not_submitted=[0, 0, 0, 0, 3, 3], control=[0.9, 0.9, 0.1, 0.9, 0.9, 0.1],
        affect=[0, 0.3, 0, 1, 0, 1], expectancy=[0.9] * 6,
    )  # fmt: skip
    assert of("discouraged", given) == [0.0, 0.0, 1.0, 1.0, 1.0, 0.0]


def test_rates_are_of_the_weeks_of_the_year() -> None:
    """What is counted in weeks is a share of them, time is minutes per week."""
    counted = {
        "practice_error_rate": "weeks_practice_error", "below_criterion_rate": "weeks_below_criterion",
        "failing_grade_told_rate": "weeks_failing_grade_told", "effort": "total_effort",
        "failing_grade_counted_rate": "weeks_failing_grade_counted",
        "failing_grade_compared_rate": "weeks_failing_grade_compared", "submission_rate": "weeks_submitted",
        "teacher_time": "minutes",
    }  # fmt: skip
    for name, slot in counted.items():
        assert of(name, end(**{slot: [5.0, 0.0]})) == [0.5, 0.0], name
    assert of("dropout", end(enrolled=[1.0, 0.0])) == [0.0, 1.0]


def test_who_is_helpless_at_the_end() -> None:
    """Below the threshold, of those enrolled; who has stopped is neither helpless nor not, and counted apart."""
    given = end(
        control=[HELPLESS, HELPLESS - 1e-9, 0.1, 0.9, 0.9], enrolled=[1, 1, 0, 0, 1],
        weeks_not_submitted=[0, 1, 0, 0, 2], affect=[0.0] * 5, expectancy=[0.9] * 5,
    )  # fmt: skip
    found = of("helpless", given)
    assert found[:2] == [0.0, 1.0] and np.isnan(found[2:4]).all() and found[4] == 0.0
    assert of("helpless_or_stopped", given) == [0.0, 1.0, 1.0, 1.0, 1.0], "shut down counts as well"
    assert class_mean(OUTCOMES["helpless"].of(given, 10)).tolist() == [pytest.approx(1.0 / 3.0)]
    assert class_mean(OUTCOMES["helpless_or_stopped"].of(given, 10)).tolist() == [pytest.approx(0.8)]


def test_discouraged_alone_is_not_helpless() -> None:
    """Shame without a loss of control makes discouraged, and neither of the two."""
    given = end(control=[0.9], enrolled=[1], weeks_not_submitted=[0], affect=[2.0], expectancy=[0.9])
    assert of("discouraged", given) == [1.0] and of("helpless", given) == of("helpless_or_stopped", given) == [0.0]


def test_a_class_of_which_all_have_stopped_has_no_share_of_helpless() -> None:
    """And every one of them is counted among the stopped; others' means are over those enrolled."""
    block = columns(Roster.synthetic(15).seats([2], 1), [Policy("harmful"), Policy("benign")], [LIVELY])
    slots = engine.run(block, 30).end
    gone = slots["enrolled"] < 0.5
    helpless = OUTCOMES["helpless"].of(slots, 30)
    assert gone.any() and not gone.all() and np.array_equal(np.isnan(helpless), gone)
    for column in range(2):
        there = ~gone[:, column]
        mean = (slots["control"][there, column] < HELPLESS).mean()
        assert class_mean(helpless)[column] == pytest.approx(mean)
    slots["enrolled"] = np.zeros_like(slots["enrolled"])
    assert np.isnan(class_mean(OUTCOMES["helpless"].of(slots, 30))).all()
    assert class_mean(OUTCOMES["helpless_or_stopped"].of(slots, 30)).tolist() == [1.0, 1.0]


def test_every_outcome_of_a_year_is_within_its_unit() -> None:
    """Shares from 0 to 1, one number a student and column, known wherever there is something to share."""
    policies = [Policy("harmful"), Policy("benign"), Policy("narrative")]
    block = columns(Roster.synthetic(15).seats([2], 1), policies, [LIVELY])
    slots = engine.run(block, 20).end
    for name, outcome in OUTCOMES.items():
        values = np.asarray(outcome.of(slots, 20))
        assert values.shape == (15, 3), name
        known = values[np.isfinite(values)]
        assert len(known) and outcome.description and outcome.unit, name
        if outcome.unit.startswith("share") or outcome.unit == "probability":
            assert known.min() >= 0.0 and known.max() <= 1.0 + 1e-12, name
        if name not in ("learned_after_failure", "failure_to_ability", "success_to_external", "helpless"):
            assert len(known) == values.size, name


# ---- what a failure taught ---------------------------------------------------------------------------------
def test_what_a_failure_taught_by_hand() -> None:
    """Each failed test with work handed in, if the next one is handed in with more knowledge for its difficulty."""
    block = columns(Roster.synthetic(10).seats([1], 1), [Policy(level=0.5), Policy("mastery", level=0.5)], [LIVELY])
    keep = ("below_criterion", "submitted", "tested_conceptual", "tested_procedural", "syllabus")
    run = engine.run(block, 15, keep)
    t = run.trace
    lacks = t["syllabus"] - 0.5 * (t["tested_conceptual"] + t["tested_procedural"])
    failed = (t["below_criterion"] * t["submitted"])[:-1] > 0.5
    better = failed & (t["submitted"][1:] > 0.5) & (lacks[1:] < lacks[:-1] - 1e-6)
    assert 0 < better.sum() < failed.sum()
    assert np.array_equal(run.end["weeks_submitted_below_criterion"], failed.sum(0))
    assert np.array_equal(run.end["weeks_learned_after_failure"], better.sum(0))


def test_a_verdict_alone_is_no_failure_of_the_second_kind() -> None:
    """A label turned round moves what is told and whose cause is sought, not errors and failures of that week."""
    block = columns(
        Roster.synthetic(10).seats([1], 1), [Policy(level=0.3)], [Parameters()], [Flip(), Flip(2.0, 5.0, label=1.0)]
    )
    slots = engine.run(block, 6).end
    same = (
        "weeks_practice_error",
        "weeks_below_criterion",
        "weeks_submitted_below_criterion",
        "weeks_learned_after_failure",
        "weeks_submitted",
        "total_tested",
    )
    for name in same:
        assert np.array_equal(slots[name][:, 0], slots[name][:, 1]), name
    for name in (
        "weeks_failing_grade_told",
        "weeks_failing_grade_counted",
        "weeks_failure_heard",
        "weeks_success_heard",
    ):
        assert abs(slots[name][2, 0] - slots[name][2, 1]) == 1.0, name
    assert all(name in SLOTS for name in same)
