"""Each equation does what its sentence says: the direction of every claim, and a few values worked out by hand."""

import ast
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import equations as m
import numpy as np
import pytest

from setback.model import outcomes
from setback.model.engines import vectorised as engine
from setback.model.equations import opening as o
from setback.model.parameters import LEVER_NAMES, STRENGTHS, Parameters
from setback.model.policies import Policy
from setback.model.week import MODEL, OPENING, WEEK

from .conftest import BUSY, HALF, LIVELY, ONE, WRITTEN, ZERO, class_of, falls, flip, levers, rises, row, world


def test_every_equation_stands_in_this_file() -> None:
    """A new equation needs a test of its own: each is called here by its name."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert [name for name in m.EQUATIONS if name not in called] == []


# ---- the opening -------------------------------------------------------------------------------------------
def test_the_class_level_is_the_classs_own_luck() -> None:
    """The level of a class is a standard score, as it is drawn."""
    assert o.draw_class_level(row(-1.0, 2.0)).tolist() == [-1.0, 2.0]


def test_prior_knowledge_lies_between_and_within_classes() -> None:
    """A better class and a luckier draw raise knowledge; the two parts of the spread add up to the whole."""
    p = world(class_share=0.3, knowledge_mean=0.5, knowledge_sd=1.2)
    of_class = o.draw_knowledge(ZERO, ZERO, ONE, ZERO, p)[0]
    of_student = o.draw_knowledge(ZERO, ZERO, ZERO, ONE, p)[0]
    assert of_class == pytest.approx(math.sqrt(0.3)) and of_student > 0.0
    assert of_class**2 + of_student**2 == pytest.approx(1.0)
    score, *everywhere = o.draw_knowledge(ZERO, ZERO, ONE, ONE, p)
    assert everywhere == [0.5 + 1.2 * score] * 5


def test_a_known_score_is_not_drawn() -> None:
    """What the roster gives stands whatever the luck, in every trait."""
    lucky, p = row(-2.0, 0.0, 2.0), world()
    for drawn in (
        o.draw_knowledge(row(0.7), ONE, lucky, lucky, p)[0],
        o.draw_learning_rate(row(0.7), ONE, lucky, lucky, p),
        o.draw_resilience(row(0.7), ONE, lucky, lucky, p)[0],
        o.draw_style(row(0.7), ONE, lucky, lucky, p)[0],
        o.draw_expectancy(row(0.7), ONE, lucky, lucky, p)[0],
        o.draw_control(row(0.7), ONE, lucky, lucky, p),
        o.draw_interest(row(0.7), ONE, lucky, lucky, p),
        o.draw_goal_orientation(row(0.7), ONE, lucky, lucky, p),
        o.draw_perfectionism(row(0.7), ONE, lucky, lucky, p),
    ):
        assert np.ptp(drawn) == 0.0 and drawn[0] != 0.0


@pytest.mark.parametrize(
    ("draw", "correlation"),
    [
        (lambda parent, z, p: np.log(o.draw_learning_rate(ZERO, ZERO, parent, z, p)) / p.learning_rate_sd, 0.1),
        (lambda parent, z, p: o.draw_resilience(ZERO, ZERO, parent, z, p)[0], 0.15),
        (lambda parent, z, p: o.draw_style(ZERO, ZERO, parent, z, p)[0], -0.3),
        (lambda parent, z, p: o.draw_expectancy(ZERO, ZERO, parent, z, p)[0], 0.45),
        (lambda parent, z, p: logit(o.draw_control(ZERO, ZERO, parent, z, p), 0.8, 0.7), -0.5),
        (lambda parent, z, p: logit(o.draw_interest(ZERO, ZERO, parent, z, p), 0.2, 0.8), 0.3),
        (lambda parent, z, p: logit(o.draw_goal_orientation(ZERO, ZERO, parent, z, p), 0.2, 1.0), 0.2),
        (lambda parent, z, p: logit(o.draw_perfectionism(ZERO, ZERO, parent, z, p), -0.8, 0.8), 0.15),
    ],
    ids=["rate on knowledge", "resilience on knowledge", "style on resilience", "expectancy on knowledge",
         "control on style", "interest on expectancy", "goals on expectancy", "perfectionism on style"],
)  # fmt: skip
def test_traits_go_with_their_parents(draw: Callable[..., np.ndarray], correlation: float) -> None:
    """Each trait correlates with its parent as the table says, and keeps a spread of 1."""
    assert draw(ONE, ZERO, world()) == pytest.approx(correlation)
    assert draw(ZERO, ONE, world()) == pytest.approx(math.sqrt(1.0 - correlation**2))


def logit(share: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """The standard score behind a share."""
    return (np.log(share / (1.0 - share)) - mean) / sd


def test_traits_have_the_means_of_the_population() -> None:
    """At a standard score of 0 a student is the average one; the reserve begins full."""
    p = world(
        resilience_mean=0.4, style_mean=-0.5, expectancy_mean=1.0, control_mean=0.2, interest_mean=-0.3,
        goals_mean=0.6, perfectionism_mean=-1.2,
    )  # fmt: skip
    assert o.draw_learning_rate(ZERO, ZERO, ZERO, ZERO, p) == 1.0
    _, baseline, reserve = o.draw_resilience(ZERO, ZERO, ZERO, ZERO, p)
    assert reserve == baseline
    assert logit(baseline, 0.4, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_style(ZERO, ZERO, ZERO, ZERO, p)[1], -0.5, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_expectancy(ZERO, ZERO, ZERO, ZERO, p)[1], 1.0, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_control(ZERO, ZERO, ZERO, ZERO, p), 0.2, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_interest(ZERO, ZERO, ZERO, ZERO, p), -0.3, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_goal_orientation(ZERO, ZERO, ZERO, ZERO, p), 0.6, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_perfectionism(ZERO, ZERO, ZERO, ZERO, p), -1.2, 1.0) == pytest.approx(0.0)


def test_a_higher_score_is_more_of_the_trait() -> None:
    """One standard score is one spread of the world's population, on the scale of the trait."""
    p, score = world(), row(-1.0, 1.0)
    assert np.log(o.draw_learning_rate(score, ONE, ZERO, ZERO, p)) == pytest.approx(0.15 * score)
    for drawn, mean, sd in (
        (o.draw_resilience(score, ONE, ZERO, ZERO, p)[1], 0.0, 1.0),
        (o.draw_style(score, ONE, ZERO, ZERO, p)[1], -0.1, 1.5),
        (o.draw_expectancy(score, ONE, ZERO, ZERO, p)[1], 0.8, 0.6),
        (o.draw_control(score, ONE, ZERO, ZERO, p), 0.8, 0.7),
        (o.draw_interest(score, ONE, ZERO, ZERO, p), 0.2, 0.8),
        (o.draw_goal_orientation(score, ONE, ZERO, ZERO, p), 0.2, 1.0),
        (o.draw_perfectionism(score, ONE, ZERO, ZERO, p), -0.8, 0.8),
    ):
        assert logit(drawn, mean, sd) == pytest.approx(score)


def test_the_strong_begin_above_their_class() -> None:
    """Exactly at the mean is not above it."""
    assert o.place_in_class(row(-0.1, 0.2, 0.3), np.float64(0.2)).tolist() == [0.0, 0.0, 1.0]


def test_drift_keeps_its_spread() -> None:
    """What a week adds makes good for what memory loses: the spread at the opening stays the spread of the year."""
    p = world(drift_sd=0.5, drift_memory=0.9)
    opening, new = o.draw_drift(ONE, p), o.size_of_drift(p)
    assert opening == 0.5
    assert (p.drift_memory * opening) ** 2 + new**2 == pytest.approx(0.25)


def test_everybody_begins_enrolled_and_with_nothing() -> None:
    """Enrolled is who is present; nothing is felt, prepared, failed, missed, moved or mastered yet."""
    enrolled, *rest = o.begin(row(1.0, 0.0))
    assert enrolled.tolist() == [1.0, 0.0]
    assert len(rest) == 11 and not np.any(rest)


def test_until_somebody_ranks_all_stand_in_the_middle() -> None:
    """All have the same standing and the middle position, no place, nothing from friends, and nobody is waited for."""
    made = [x.tolist() for x in o.stand_alike(row(1.0, 1.0))]
    assert made == [[x] * 2 for x in (0.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)]
    phase = next(phase for phase in OPENING if phase.name == "stand_alike")
    assert (phase.writes[2], phase.writes[4]) == ("seat_rank", "ready")


# ---- readiness ---------------------------------------------------------------------------------------------
def test_readiness_is_both_kinds_of_knowledge_and_form() -> None:
    """Either kind of knowledge counts one half, form in full."""
    assert m.readiness(1.0, 3.0, 0.25) == 2.25


def test_drift_remembers_and_is_renewed() -> None:
    """Last week's ups and downs fade by memory, new ones come by luck."""
    p = world(drift_memory=0.8)
    assert m.wander(row(-1.0, 1.0), 0.3, 0.0, p).tolist() == [-0.8, 0.8]
    assert m.wander(0.0, 0.3, row(-1.0, 1.0), p).tolist() == [-0.3, 0.3]


def test_anxiety_impairs_form() -> None:
    """Shame and anxiety take from the form of the day; drift adds one for one."""
    assert falls(m.take_form(0.0, row(0.0, 1.0, 2.0), world()))
    assert m.take_form(row(0.0, 1.0), 1.0, world(impairment=0.3)).tolist() == [-0.3, 0.7]
    assert m.take_form(0.2, row(0.0, 5.0), world(impairment=0.0)).tolist() == [0.2, 0.2]


def test_stakes_press_or_relieve() -> None:
    """Against those of the reference policy, which press on nobody."""
    pressed = [m.press(world(), levers(stakes=stakes)) for stakes in (0.0, 0.25, 0.5, 1.0)]
    assert pressed == [-0.5, -0.25, 0.0, 0.5]
    assert [m.press(world(strength_pressure=0.0), levers(stakes=stakes)) for stakes in (0.0, 1.0)] == [0.0, 0.0]


# ---- pacing ------------------------------------------------------------------------------------------------
def test_a_new_unit_starts_from_its_prerequisites() -> None:
    """Whoever moved on, or stopped, has what lasts; whoever repeats keeps what is not yet forgotten."""
    p, moved, enrolled = world(forgetting_rate=0.25), row(1.0, 0.0, 0.0), row(1.0, 1.0, 0.0)
    conceptual, procedural = m.open_unit(3.0, 5.0, 1.0, 1.0, moved, enrolled, p)
    assert conceptual.tolist() == [1.0, 1.0 + 0.75 * 2.0, 1.0]
    assert procedural.tolist() == [1.0, 1.0 + 0.75 * 4.0, 1.0]
    few = [m.open_unit(3.0, 3.0, 1.0, 1.0, 0.0, 1.0, world(forgetting_rate=share))[0] for share in (0.0, 0.1, 0.3)]
    assert falls(few) and few[0] == 3.0


def test_the_syllabus_rises() -> None:
    """Each unit is harder than the last, more so at a fast pace; the first is where the policy begins."""
    units = row(0.0, 1.0, 30.0)
    normal, fast = (m.set_syllabus(units, world(), levers(level=0.5, pace=pace)) for pace in (1.0, 2.0))
    assert rises(normal) and normal[0] == fast[0] == 0.5
    assert fast[2] - fast[0] == pytest.approx(2.0 * (normal[2] - normal[0]))


def test_challenge_is_task_less_readiness() -> None:
    """Practice at the level of the syllabus is the more challenging, the less a student can bring to it."""
    task, challenge = m.set_task(1.0, row(0.0, 1.0), row(0.0, 1.0), row(0.0, 0.5))
    assert task == 1.0 and challenge.tolist() == [1.0, -0.5]


def test_challenge_has_a_best_level() -> None:
    """An inverted U: best at its peak, and worse the same way on either side."""
    p = world(best_challenge=-0.6, challenge_curvature=0.12)
    fit = m.desirable_challenge(row(-2.6, -1.6, -0.6, 0.4, 1.4), p)
    assert fit[2] == 1.0 and rises(fit[:3]) and falls(fit[2:])
    assert fit[0] == pytest.approx(fit[4]) and fit[1] == pytest.approx(math.exp(-0.12))


def test_instruction_and_practice_are_pitched_alike() -> None:
    """At first both have the fit of the unit."""
    unit_fit, fit = m.pitch(row(-1.0, 1.0), world())
    assert unit_fit.tolist() == fit.tolist() == m.desirable_challenge(row(-1.0, 1.0), world()).tolist()


def test_adaptive_tasks_are_matched_to_the_student() -> None:
    """All get the challenge that the policy aims at, by tasks moved as much; half adaptive goes half the way."""
    task, challenge = m.match_task(row(1.0, 1.0), row(-2.0, 3.0), levers(adaptive=1.0, target=-0.4))
    assert challenge.tolist() == pytest.approx([-0.4, -0.4])
    assert (task - challenge).tolist() == pytest.approx([3.0, -2.0]), "readiness does not change"
    half = m.match_task(row(1.0, 1.0), row(-2.0, 3.0), levers(adaptive=0.5, target=-0.4))[1]
    assert half.tolist() == pytest.approx([-1.2, 1.3])


def test_goals_are_for_learning_or_for_performance() -> None:
    """From 1, learning goals alone, to -1, performance goals alone; without the mechanism neither."""
    assert m.pursue_goals(row(0.0, 0.5, 1.0), world()).tolist() == [-1.0, 0.0, 1.0]
    assert not m.pursue_goals(row(0.0, 1.0), world(strength_goals=0.0)).any()


def easier(expectancy: object = 0.4, goals: object = 0.0, **change: float) -> np.ndarray:
    """How much easier a task of 1 is after choosing; challenge moves as much."""
    q = levers(choice=change.pop("choice", 1.0))
    task, challenge = m.choose_easier(1.0, 0.3, expectancy, goals, world(**change), q)
    assert np.allclose(task - challenge, 0.7), "readiness does not change"
    return np.asarray(1.0 - task)


def test_those_who_fear_failing_choose_easier_work() -> None:
    """The less they expect and the more they perform for others; where there is no choice, nobody does."""
    few = row(0.0, 0.5, 1.0)
    assert falls(easier(expectancy=few)) and falls(easier(goals=row(-1.0, 0.0, 1.0)))
    assert rises([easier(choice=x) for x in few]) and rises([easier(easier_tasks_size=x) for x in (0.0, 0.5, 2.0)])
    assert easier(choice=0.0) == easier(expectancy=1.0) == easier(goals=1.0) == easier(easier_tasks_size=0.0) == 0.0
    assert easier(0.25, -0.5, choice=0.5) == pytest.approx(0.8 * 0.5 * 0.75 * 1.5)


# ---- effort ------------------------------------------------------------------------------------------------
LUCK = (np.arange(1000) + 0.5) / 1000.0


def test_the_ashamed_and_the_helpless_avoid_the_task() -> None:
    """Shame raises and control lowers how often work is not handed in; whoever has stopped never hands in."""
    p = world(skip_level=-2.0)
    by_affect = [m.submit(np.float64(affect), HALF, ONE, LUCK, p).mean() for affect in (0.0, 1.0, 2.0)]
    by_control = [m.submit(ZERO, np.float64(control), ONE, LUCK, p).mean() for control in (0.1, 0.5, 0.9)]
    assert falls(by_affect) and rises(by_control)
    assert by_affect[0] == pytest.approx(1.0 - 1.0 / (1.0 + math.exp(2.0)), abs=0.001)
    assert not m.submit(ZERO, ONE, ZERO, LUCK, p).any()


def test_who_hands_in_by_hand() -> None:
    """Affect .5 and control .8 at a level of -2: a logit of -2.15."""
    skip = 1.0 / (1.0 + math.exp(2.0 - 1.5 * 0.5 + 3.0 * 0.3))
    assert skip == pytest.approx(1.0 / (1.0 + math.exp(2.15)))
    luck = row(skip - 1e-9, skip + 1e-9)
    assert m.submit(HALF, np.float64(0.8), ONE, luck, world(skip_level=-2.0)).tolist() == [0.0, 1.0]


#: A student in the middle of everything.
MIDDLE = {
    "expectancy": 0.5, "interest": 0.5, "control": 0.5, "affect": 0.0, "challenge": 0.0, "submitted": 1.0,
    "incentive": 0.0, "excuse": 0.0, "resolve": 0.0, "perfectionism": 0.5,
}  # fmt: skip


def effort_of(**change: object) -> np.ndarray:
    """The effort of a student in the middle of everything but some; parameters may change as well."""
    numbers = {name: change.pop(name) for name in list(change) if name not in MIDDLE}
    return np.asarray(m.decide_effort(**{**MIDDLE, **change}, p=world(**numbers)))


def test_effort_is_expectancy_times_value_less_cost() -> None:
    """Expectancy pays in interest and interest in expectancy; a task too hard, and shame, cost; control pulls."""
    few = row(0.1, 0.5, 0.9)
    for pull in ("expectancy", "interest", "control", "incentive", "resolve", "perfectionism"):
        assert rises(effort_of(**{pull: few})), pull
    for cost in ("affect", "challenge", "excuse"):
        assert falls(effort_of(**{cost: few})), cost
    assert np.ptp(effort_of(challenge=row(-3.0, -1.0, 0.0))) == 0.0, "easy tasks cost nothing"
    assert np.ptp(effort_of(expectancy=0.0, interest=few)) == 0.0, "no expectancy, no value"
    assert np.ptp(effort_of(expectancy=0.0, incentive=few)) == 0.0, "no expectancy, no worth in a grade"
    assert effort_of(submitted=0.0) == 0.0, "no attempt, no effort"


def test_resolve_and_perfectionism_may_work_either_way() -> None:
    """A failure put down to effort, and high standards, may also take effort away."""
    few = row(0.0, 0.5, 1.0)
    assert falls(effort_of(resolve=few, effort_resolve=-1.0)) and rises(effort_of(resolve=few, effort_resolve=3.0))
    assert falls(effort_of(perfectionism=few, striving=-0.4)) and rises(effort_of(perfectionism=few, striving=1.2))
    assert np.ptp(effort_of(resolve=few, effort_resolve=0.0)) == np.ptp(effort_of(perfectionism=few, striving=0.0)) == 0
    assert m.strive(row(0.0, 0.5, 1.0), world(striving=0.4)).tolist() == [-0.4, 0.0, 0.4]


def test_effort_by_hand() -> None:
    """Expectancy and interest at one half, control .7, affect .5, a challenge of 1: a logit of -0.425; and more."""
    value = 0.3 + 0.7 * 0.5
    want = -0.7 + 3.0 * 0.5 * value + 1.0 * 0.2 - 0.5 * 1.0 - 0.8 * 0.5
    assert want == pytest.approx(-0.425)
    given = {"control": 0.7, "affect": 0.5, "challenge": 1.0}
    assert effort_of(**given) == pytest.approx(1.0 / (1.0 + math.exp(0.425)))
    more = want + 3.0 * 0.5 * 0.1 - 0.2 + 1.0 * 0.4 + 0.4 * (2.0 * 0.8 - 1.0)
    given |= {"incentive": 0.1, "excuse": 0.2, "resolve": 0.4, "perfectionism": 0.8}
    assert effort_of(**given) == pytest.approx(1.0 / (1.0 + math.exp(-more)))


def test_grades_that_count_pay() -> None:
    """As far as they count and as much as is at stake; where either is nothing, so is the pay."""
    p, few = world(grade_incentive_size=0.25), (0.0, 0.5, 1.0)
    assert rises([m.pay_in_grades(p, levers(counted=x)) for x in few])
    assert rises([m.pay_in_grades(p, levers(stakes=x)) for x in few])
    assert m.pay_in_grades(p, levers(counted=0.5, stakes=0.8)) == pytest.approx(0.25 * 0.4)
    assert m.pay_in_grades(p, levers("mastery")) == m.pay_in_grades(p, levers(stakes=0.0)) == 0.0


def excused(expectancy: object = 0.4, goals: object = 0.0, threat: float = 0.5, **change: float) -> np.ndarray:
    """Effort that is held back as an excuse."""
    return np.asarray(m.handicap_oneself(expectancy, goals, world(**change), levers(threat=threat)))


def test_an_excuse_in_advance() -> None:
    """For those who expect to fail, the more it threatens and the more they perform for others."""
    few = row(0.0, 0.5, 1.0)
    assert falls(excused(expectancy=few)) and falls(excused(goals=row(-1.0, 0.0, 1.0)))
    assert rises([excused(threat=x) for x in few]) and rises(
        [excused(self_handicapping_size=x) for x in (0.0, 1.0, 2.5)]
    )
    assert (
        excused(threat=0.0)
        == excused(expectancy=1.0)
        == excused(goals=1.0)
        == excused(self_handicapping_size=0.0)
        == 0.0
    )
    assert excused(0.25, -0.5, 0.7) == pytest.approx(0.8 * 0.7 * 0.75 * 1.5)


def test_effort_moves_towards_that_of_friends() -> None:
    """The further the stronger the norm, and never past them; whoever hands nothing in follows nobody."""
    friends = row(0.1, 0.5, 0.9)
    weak, strong = (m.follow_norm(0.5, friends, 1.0, world(peer_norm=norm)) for norm in (0.1, 0.4))
    assert weak.tolist() == pytest.approx([0.46, 0.5, 0.54]) and strong.tolist() == pytest.approx([0.34, 0.5, 0.66])
    assert m.follow_norm(0.5, friends, 1.0, world(peer_norm=0.0)).tolist() == [0.5] * 3
    assert m.follow_norm(0.0, friends, 0.0, world()).tolist() == [0.0] * 3


# ---- practice, errors and instruction ----------------------------------------------------------------------
def instructed(early: float, *, prepared: float = 0.0, effort: float = 1.0, **change: float) -> tuple[float, ...]:
    """Knowledge and preparation of a student at 0 after one half of the week's instruction."""
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    s = {"fit": 1.0, "rate": 1.0, "friends": 0.0} | change
    made = m.instruct(0.0, 0.0, prepared, effort, ONE, s["fit"], s["rate"], s["friends"], early, world(), q)
    return tuple(float(x) for x in made)


@pytest.mark.parametrize("first", [0.0, 0.3, 1.0])
def test_both_sequences_have_the_same_time(first: float) -> None:
    """Before and after the attempt together it is one week of instruction, whatever comes first."""
    before, after = instructed(1.0, problem_first=first), instructed(0.0, problem_first=first)
    assert before[0] + after[0] == pytest.approx(world().instruction_conceptual)
    assert before[1] + after[1] == pytest.approx(world().instruction_procedural)
    assert before[0] == pytest.approx((1.0 - first) * world().instruction_conceptual)


def test_instruction_needs_effort_fit_and_learns_by_rate() -> None:
    """Both gains are proportional to effort, fit and learning rate; friends who work hard add a little."""
    full = instructed(1.0)
    for half in (instructed(1.0, effort=0.5), instructed(1.0, fit=0.5), instructed(1.0, rate=0.5)):
        assert half[:2] == pytest.approx([x / 2.0 for x in full[:2]])
    friendly = instructed(1.0, friends=1.0)
    assert friendly[:2] == pytest.approx([x * (1.0 + world().friends_help) for x in full[:2]])


def test_revisiting_takes_time_from_instruction() -> None:
    """Of both kinds of knowledge the same share, the more is revisited; it pays when the unit is left."""
    few = [instructed(1.0, spiral=x) for x in (0.0, 0.5, 1.0)]
    assert falls([x[0] for x in few]) and falls([x[1] for x in few])
    assert few[2][:2] == pytest.approx([x * (1.0 - world().revisiting_cost) for x in few[0][:2]])


def test_a_prepared_mind_takes_in_more_concepts() -> None:
    """Preparation multiplies the conceptual gain alone, is used up, and counts for nothing without consolidation."""
    plain = instructed(0.0, problem_first=1.0)
    prepared = instructed(0.0, problem_first=1.0, prepared=0.5)
    assert prepared[0] == pytest.approx(plain[0] * (1.0 + 0.5 * world().preparation_gain))
    assert prepared[1] == plain[1] and prepared[2] == 0.0
    assert instructed(0.0, problem_first=1.0, prepared=0.5, consolidation=0.0)[0] == plain[0]
    assert instructed(0.0, problem_first=0.4, prepared=0.5)[2] == pytest.approx(0.5 * 0.6), "used up by its share"


def test_an_attempt_falls_short_of_what_is_too_hard() -> None:
    """The shortfall grows with the task, and shrinks with knowledge, form and luck."""
    p, few = world(attempt_noise=0.5), row(-1.0, 0.0, 1.0)
    assert rises(m.attempt(few, 0.0, 0.0, 0.0, 0.0, p))
    for at in range(1, 5):
        read = [1.0, 0.0, 0.0, 0.0, 0.0]
        read[at] = few
        assert falls(m.attempt(*read, p))
    assert m.attempt(1.0, 0.0, 0.0, 0.0, 1.0, p) == 0.5


def test_a_practice_flip_turns_one_attempt() -> None:
    """It carries the attempt just across the task, or to a stated depth; nobody else's, and no other week's."""
    short, seat = row(0.7, 0.7, -0.7), row(0.0, 1.0, 2.0)
    five = np.float64(5.0)
    assert m.turn_attempt(short, seat, five, flip(practice=1.0)).tolist() == [0.7, -0.05, -0.7]
    assert m.turn_attempt(-short, seat, five, flip(practice=1.0)).tolist() == [-0.7, 0.05, 0.7]
    assert m.turn_attempt(short, seat, five, flip(practice=1.0, depth=2.0)).tolist() == [0.7, 2.0, -0.7]
    assert m.turn_attempt(short, seat, five, flip(practice=1.0, depth=0.01)).tolist() == [0.7, 0.01, -0.7]
    assert m.turn_attempt(0.01 * short, seat, five, flip(practice=1.0))[1] == -0.05, "a miss of .007 is one"
    assert m.turn_attempt(0.0 * short, seat, five, flip(practice=1.0)).tolist() == [0.0, 0.05, 0.0], "0 is a success"
    assert m.turn_attempt(short, seat, np.float64(4.0), flip(practice=1.0)).tolist() == short.tolist()
    assert m.turn_attempt(short, seat, five, flip(luck=1.0, label=1.0)).tolist() == short.tolist()


def test_an_error_is_an_attempt_that_falls_short() -> None:
    """Depth is the shortfall; success and work not handed in have none."""
    practice_error, error_depth = m.err(row(0.4, -0.4, 0.0, 0.4), row(1.0, 1.0, 1.0, 0.0))
    assert practice_error.tolist() == [1.0, 0.0, 0.0, 0.0] and error_depth.tolist() == [0.4, 0.0, 0.0, 0.0]
    assert m.err(np.float64(1e-9), 1.0) == (1.0, 1e-9), "the nearest miss is one"


def test_threat_to_the_self_makes_tune_out() -> None:
    """It grows with shame and with how threatening failure is made; without shame there is none."""
    assert rises(m.feel_threat(row(0.0, 1.0, 2.0), world(), levers()))
    assert rises([m.feel_threat(ONE, world(), levers(threat=threat)) for threat in (0.0, 0.5, 1.0)])
    assert m.feel_threat(ZERO, world(), levers(threat=1.0)) == 0.0
    assert m.feel_threat(2.0, world(ego_threat_size=1.5), levers(threat=0.7)) == pytest.approx(1.5 * 2.0 * 1.2)


def attended(
    expectancy: object = 0.5, practice_error: object = 1.0, threat: float = 0.5, **change: float
) -> np.ndarray:
    """Attention that an error draws."""
    return np.asarray(m.attend_to_error(practice_error, expectancy, world(**change), levers(threat=threat)))


def test_a_surprising_error_draws_attention() -> None:
    """The more success was expected and the safer it is to err; no error draws none; the prior has both sides."""
    few = row(0.0, 0.5, 1.0)
    assert rises(attended(few)) and falls([attended(threat=x) for x in few])
    assert falls(attended(few, error_attention_size=-0.3)) and np.ptp(attended(few, error_attention_size=0.0)) == 0.0
    assert attended(threat=1.0) == attended(practice_error=0.0) == attended(0.0) == 0.0
    assert attended(0.8, threat=0.25) == pytest.approx(0.6 * 0.75 * 0.8)


#: An error in the middle of everything.
ERROR = {
    "practice_error": 1.0, "error_depth": 0.5, "attention": 0.0, "ego": 0.0, "goals": 0.0, "control": 0.5,
    "reserve": 0.5,
}  # fmt: skip


def analysed(**change: object) -> np.ndarray:
    """The share of an error that is analysed."""
    q = levers(friendly=change.pop("friendly", 0.0))
    numbers = {name: change.pop(name) for name in list(change) if name not in ERROR}
    return np.asarray(m.analyse_error(**{**ERROR, **change}, p=world(**numbers), q=q))


def test_who_stays_with_an_error() -> None:
    """Control, reserve, learning goals, surprise and error-friendly talk keep them there; depth and threat do not."""
    few = row(0.0, 0.5, 1.0)
    for stays in ("control", "reserve", "attention", "goals"):
        assert rises(analysed(**{stays: few})), stays
    for leaves in ("error_depth", "ego"):
        assert falls(analysed(**{leaves: few})), leaves
    assert analysed(goals=-1.0) < analysed(goals=0.0), "performance goals turn away"
    assert rises([analysed(friendly=x) for x in few])
    assert rises(analysed(error_depth=few, engage_depth=-0.2)), "the prior has both"
    assert analysed(practice_error=0.0, control=1.0) == 0.0, "no error, nothing to analyse"


def test_who_stays_with_an_error_by_hand() -> None:
    """Depth 1, threat .6, control .7, reserve .3, half error-friendly: a logit of -0.3; without control -0.6."""
    stay = 0.2 + 0.8 * 0.5 + 1.5 * (0.7 - 0.5) + 1.0 * (0.3 - 0.5) - 0.4 * 1.0 - 0.6
    assert stay == pytest.approx(-0.3)
    given = {"error_depth": 1.0, "ego": 0.6, "control": 0.7, "reserve": 0.3, "friendly": 0.5}
    assert analysed(**given) == pytest.approx(1.0 / (1.0 + math.exp(0.3)))
    assert analysed(**given, engage_control=0.0) == pytest.approx(1.0 / (1.0 + math.exp(0.6)))
    assert analysed(**given, attention=0.2, goals=-0.5) == pytest.approx(1.0 / (1.0 + math.exp(0.3)))
    assert m.stay_with_error(-0.5, 0.7, 0.3, world(), levers(friendly=0.5)) == pytest.approx(0.7 - 0.2)


def test_support_comes_at_once_when_lost_or_never() -> None:
    """Rescue helps with every error, a responsive teacher with deep ones, one who withholds with none."""
    practice_error, error_depth, p = row(0.0, 1.0, 1.0), row(0.0, 0.2, 2.0), world(lost_depth=1.5)
    assert m.time_support(1.0, row(1.4, 1.5, 1.6), p, levers()).tolist() == [0.0, 0.0, 1.0]
    helps = {"rescue": [0.0, 1.0, 1.0], "responsive": [0.0, 0.0, 1.0], "withhold": [0.0, 0.0, 0.0]}
    assert {part: m.time_support(practice_error, error_depth, p, levers(part)).tolist() for part in helps} == helps


def test_a_near_miss_is_worth_more_than_a_deep_error() -> None:
    """At the default worth falls with depth, from 1; with a negative slope deep errors are worth more."""
    error_depth = row(0.0, 0.25, 2.0, 4.0, 9.0)
    worth = m.value_near_miss(error_depth, world())
    assert worth[0] == 1.0 and falls(worth[:4]) and worth[4] == worth[3]
    assert rises(m.value_near_miss(error_depth[:4], world(near_miss_slope=-0.5)))
    assert m.value_near_miss(error_depth, world(near_miss_slope=0.0)).tolist() == [1.0] * 5


def test_an_analysed_error_teaches() -> None:
    """More the more is analysed and the nearer the miss; being helped takes its place and teaches a little."""
    p = world(error_gain=0.2, help_gain=0.05)

    def learnt(analysed: float, nearness: float, helped: float, effort: float = 1.0, rate: float = 1.0) -> float:
        conceptual, procedural = m.learn_from_error(0.0, 0.0, effort, analysed, nearness, helped, rate, p)
        assert conceptual == procedural
        return float(conceptual)

    assert learnt(1.0, 1.0, 0.0) == 0.2
    for halved in ((0.5, 1.0, 0.0), (1.0, 0.5, 0.0), (1.0, 1.0, 0.0, 0.5), (1.0, 1.0, 0.0, 1.0, 0.5)):
        assert learnt(*halved) == pytest.approx(0.1)
    assert learnt(1.0, 1.0, 0.5) == pytest.approx(0.1 + 0.025)
    assert learnt(1.0, 1.0, 1.0) == 0.05 < learnt(1.0, 1.0, 0.0)
    assert learnt(0.0, 1.0, 0.0) == 0.0
    assert m.learn_from_error(5.0, 6.0, 1.0, 1.0, 1.0, 0.0, 1.0, p) == (5.2, 6.2)


def test_struggle_prepares() -> None:
    """Problem first, effort and analysis prepare the mind, up to its full; help at once cuts it short."""
    p, q, few = world(), levers("problem-first"), row(0.0, 0.5, 1.0)
    assert rises(m.prepare(0.0, few, 1.0, 0.0, p, q))
    assert rises(m.prepare(0.0, 1.0, few, 0.0, p, q))
    assert falls(m.prepare(0.0, 1.0, 1.0, few, p, q))
    at_once = levers("problem-first+rescue")
    assert m.prepare(0.0, 1.0, 1.0, 1.0, p, at_once) == 0.0, "rescue at once leaves nothing prepared"
    by_cut = [m.prepare(0.0, 1.0, 1.0, 1.0, world(help_cuts=cut), q) for cut in (0.0, 0.5, 1.0)]
    assert by_cut == pytest.approx([0.8, 0.4, 0.0]), "help for who is lost leaves a part"
    assert len({float(m.prepare(0.0, 1.0, 1.0, 0.0, world(help_cuts=cut), q)) for cut in (0.0, 1.0)}) == 1
    assert falls([m.prepare(0.0, 1.0, 1.0, 1.0, p, levers("problem-first", rescue=x)) for x in (0.0, 0.5, 1.0)])
    assert m.prepare(0.0, 1.0, 1.0, 0.0, p, levers()) == 0.0, "instruction first prepares nothing"
    assert m.prepare(0.5, 1.0, 1.0, 0.0, p, q) == pytest.approx(0.5 + 0.8 * 0.5)


def learnt_together(shared: object = 0.5, prepared: float = 0.0, effort: object = 1.0, **change: float) -> list:
    """What somebody who knows nothing learns from friends' errors: conceptual, procedural, preparation."""
    q = levers(problem_first=change.pop("problem_first", 0.0))
    return list(m.work_together(0.0, 0.0, prepared, shared, effort, change.pop("rate", 1.0), world(**change), q))


def test_errors_are_shared_where_students_work_together() -> None:
    """The more of them is analysed and the more they cooperate."""
    few = row(0.0, 0.5, 1.0)
    assert rises([m.share_error(0.6, levers(cooperation=x)) for x in few])
    assert m.share_error(few, levers(cooperation=0.5)).tolist() == [0.0, 0.25, 0.5]


def test_errors_of_friends_teach_and_prepare() -> None:
    """The more they let one know and the harder one works; only who struggles first is prepared by them."""
    few = row(0.0, 0.5, 1.0)
    conceptual, procedural, _ = learnt_together(few)
    assert rises(conceptual) and conceptual.tolist() == procedural.tolist()
    assert rises(learnt_together(few, problem_first=1.0)[2]) and learnt_together()[2] == 0.0
    assert rises(learnt_together(effort=few)[0]) and not any(learnt_together(effort=0.0, problem_first=1.0))
    assert rises([learnt_together(friends_errors=x)[0] for x in few])
    assert falls(learnt_together(few, error_gain=-0.05)[0]), "where errors teach nothing good, nor do those of friends"
    by_hand = [0.15 * 0.5 * 0.6 * 0.9 * 1.2] * 2 + [0.3 + 0.8 * 0.5 * 0.6 * 0.9 * 0.7]
    assert learnt_together(0.6, 0.3, 0.9, rate=1.2, problem_first=1.0) == pytest.approx(by_hand)
    assert not any(learnt_together(strength_peers=0.0, problem_first=1.0))


def looked_into(heard: object = -0.1, prepared: float = 0.0, **change: float) -> list[np.ndarray]:
    """What somebody who knows nothing learns from going back to a test: conceptual, procedural, preparation."""
    q = levers(information=change.pop("information", 1.0))
    s = {"effort": 1.0, "ego": 0.0, "goals": 0.0, "control": 0.5, "reserve": 0.5, "learning_rate": 1.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    made = m.look_into_test(0.0, 0.0, prepared, np.asarray(heard), **s, p=world(**change), q=q)
    return [np.asarray(x) for x in made]


def test_a_failed_test_teaches_who_looks_into_it() -> None:
    """As far as feedback tells and as a student stays with it; a passed one, or one not taken, teaches nothing."""
    few = row(0.0, 0.5, 1.0)
    for slot in range(3):
        assert rises([looked_into(information=x)[slot] for x in few])
        for stays in ("effort", "control", "reserve", "goals", "learning_rate"):
            if (slot, stays) != (2, "learning_rate"):
                assert rises([looked_into(**{stays: x})[slot] for x in few]), stays
        assert falls([looked_into(ego=x)[slot] for x in few])
    for nothing in (
        {"heard": 0.0},
        {"heard": 0.1},
        {"effort": 0.0},
        {"information": 0.0},
        {"strength_failure_analysis": 0.0},
    ):
        assert not any(looked_into(**nothing)), nothing
    seen = 0.9 * 0.6 / (1.0 + math.exp(-(0.2 + 1.5 * 0.2 + 0.4 * 0.5 - 0.3)))
    by_hand = [0.15 * seen * 1.2] * 2 + [0.4 + 0.25 * seen * 0.6]
    found = looked_into(prepared=0.4, effort=0.9, information=0.6, control=0.7, goals=0.5, ego=0.3, learning_rate=1.2)
    assert found == pytest.approx(by_hand)


def test_what_a_failed_test_prepares_is_used_in_the_next_week() -> None:
    """By the lesson, for the concepts: alone it makes failing productive, also where instruction comes first."""
    p = Parameters({**dict.fromkeys(STRENGTHS, 0.0), "strength_failure_analysis": 1.0, "strength_preparation": 1.0})
    p = p.replace(error_gain=0.0, test_preparation=0.5)
    run = engine.run(class_of(12, Policy(level=0.5), worlds=p), 3, ("preparation", "heard", "tested_conceptual"))
    unprepared = engine.run(
        class_of(12, Policy(level=0.5), worlds=p.replace(test_preparation=0.0)), 3, tuple(run.trace)
    )
    failed = run.trace["heard"][0] < 0.0
    assert failed.any() and not failed.all()
    assert np.array_equal(run.trace["preparation"][0] > 0.0, failed)
    gained = (run.trace["tested_conceptual"] - unprepared.trace["tested_conceptual"])[1]
    assert (gained[failed] > 0.05).all() and not gained[~failed].any()


def test_rescue_at_once_cuts_preparation_in_class() -> None:
    """In a class that struggles first, a teacher who steps in at once leaves nothing to build on."""
    block = class_of(8, Policy("problem-first"), Policy("problem-first+rescue"))
    # the lesson after the attempt would use up what was prepared, and a failed test prepares as well
    before = [phase for phase in WEEK if dict(phase.bind).get("early") != 0.0 and phase.name != "look_into_test"]
    run = engine.run(block, 1, ("practice_error", "preparation"), model=MODEL.replace(week=tuple(before)))
    assert len(before) == len(WEEK) - 2
    assert run.trace["practice_error"].any(1).all()
    assert run.trace["preparation"][..., 0].max() > 0.1 and not run.trace["preparation"][..., 1].any()


def test_practice_raises_procedural_knowledge() -> None:
    """With effort, fit and rate; struggling first leaves less time for it."""
    p = world(practice_rate=1.0, exploration_cost=0.2)
    few = row(0.0, 0.5, 1.0)
    for gain in (
        m.practise(0.0, few, 1.0, 1.0, p, levers()),
        m.practise(0.0, 1.0, few, 1.0, p, levers()),
        m.practise(0.0, 1.0, 1.0, few, p, levers()),
    ):
        assert gain.tolist() == [0.0, 0.5, 1.0]
    assert m.practise(0.0, 1.0, 1.0, 1.0, p, levers("problem-first")) == 0.8


# ---- assessment and grading --------------------------------------------------------------------------------
def test_the_test_measures_readiness_against_difficulty() -> None:
    """Knowledge, form and luck raise the margin, difficulty and pressure lower it; it is kept as drawn beside it."""
    p, few = world(assess_noise=0.5), row(-1.0, 0.0, 1.0)
    for at, direction in enumerate((rises, rises, rises, falls, falls, rises)):
        read = [0.0] * 6
        read[at] = few
        margin, drawn = m.assess(*read, p)
        assert direction(margin) and margin.tolist() == drawn.tolist() == m.perform(*read, p).tolist()
    assert m.assess(1.0, 2.0, 0.1, 0.3, 0.2, -1.0, p)[0] == pytest.approx(1.5 + 0.1 - 0.5 - 0.3 - 0.15 * 0.2)


def test_pressure_may_help_or_hinder_at_a_test() -> None:
    """By the sign of what full stakes take; at the stakes of the reference policy it does neither."""
    few = row(-0.5, 0.0, 0.5)
    hinders, nothing, helps = (
        m.perform(0.0, 0.0, 0.0, 0.0, few, 0.0, world(pressure_capacity=c)) for c in (0.5, 0.0, -0.15)
    )
    assert falls(hinders) and rises(helps) and not nothing.any()
    assert hinders[1] == helps[1] == 0.0 and hinders[2] == pytest.approx(-0.25)


def test_a_luck_flip_turns_one_margin() -> None:
    """It carries the margin 0.05 logit across the criterion; nobody else's, and no other week's."""
    margin, seat, five = row(-0.3, -0.3, 0.3), row(0.0, 1.0, 2.0), np.float64(5.0)
    assert m.turn_assessment(margin, seat, five, flip(luck=1.0)).tolist() == [-0.3, 0.05, 0.3]
    assert m.turn_assessment(-margin, seat, five, flip(luck=1.0)).tolist() == [0.3, -0.05, -0.3]
    assert m.turn_assessment(0.0 * margin, seat, five, flip(luck=1.0)).tolist() == [0.0, -0.05, 0.0], "0 is a pass"
    assert m.turn_assessment(margin, seat, np.float64(6.0), flip(luck=1.0)).tolist() == margin.tolist()
    assert m.turn_assessment(margin, seat, five, flip(label=1.0, practice=1.0)).tolist() == margin.tolist()


def test_failing_is_below_the_criterion_or_not_handed_in() -> None:
    """A margin of exactly 0 passes; whoever hands nothing in fails whatever the margin would have been."""
    met_criterion, failed, conceptual, procedural = m.judge(row(-0.1, 0.0, 0.1, 2.0), row(1.0, 1.0, 1.0, 0.0), 3.0, 4.0)
    assert met_criterion.tolist() == [0.0, 1.0, 1.0, 0.0] and failed.tolist() == [1.0, 0.0, 0.0, 1.0]
    assert (conceptual, procedural) == (3.0, 4.0)


def test_work_not_handed_in_ranks_last() -> None:
    """Below every margin while enrolled, above all after stopping, so that nobody is ranked above who has left."""
    submitted, enrolled = row(1.0, 0.0, 0.0), row(1.0, 1.0, 0.0)
    own, others = m.stand(row(-0.4, 2.0, 2.0), row(0.6, 2.0, 2.0), submitted, enrolled, levers("curve"))
    assert own.tolist() == [-0.4, -1000.0, 1000.0]
    assert others.tolist() == [0.6, -1000.0, 1000.0], "classmates see the margin as drawn"
    own, others = m.stand(row(-0.4, 2.0, 2.0), row(0.6, 2.0, 2.0), submitted, enrolled, levers(comparison=0.01))
    assert own.tolist() == [-0.4, -1000.0, 1000.0], "the least comparison ranks"
    own, others = m.stand(row(-0.4, 2.0, 2.0), row(0.6, 2.0, 2.0), submitted, enrolled, levers())
    assert not own.any() and not others.any(), "where nobody compares, all stand alike"


def test_the_line_is_the_cut_or_the_quota() -> None:
    """A severe cut and a large quota raise the line; a mixture lies between."""
    assert m.draw_line(levers()) == 0.5
    assert rises([m.draw_line(levers(cut=cut)) for cut in (-1.0, 0.0, 1.0)])
    assert rises([m.draw_line(levers("curve", quota=quota)) for quota in (0.1, 0.2, 0.5)])
    assert m.draw_line(levers("curve", quota=0.2)) == pytest.approx(0.2, abs=2e-6)
    assert m.draw_line(levers(comparison=0.5, quota=0.2)) == pytest.approx(0.35, abs=2e-6)


def test_a_grade_is_ones_own_score() -> None:
    """It rises with the margin, is 0 for what is not handed in, and is heard as the way past the line."""
    score, heard = m.grade(row(-1.0, 0.0, 1.0), row(1.0, 1.0, 1.0), 0.5)
    assert rises(score) and np.sign(heard).tolist() == [-1.0, 0.0, 1.0]
    assert (score - heard).tolist() == pytest.approx([0.5] * 3)
    assert [float(x) for x in m.grade(3.0, 0.0, 0.5)] == [0.0, -0.5]


def test_a_grade_on_practice_is_mixed_with_the_test() -> None:
    """A share of the grade is the score of the attempt: an attempt that falls further short lowers it."""
    score, few = row(0.6, 0.6, 0.6), row(-1.0, 0.0, 1.0)
    mixed, heard = m.grade_attempts(score, few, 1.0, 0.5, levers(grade_practice=0.25))
    assert falls(mixed) and heard.tolist() == (mixed - 0.5).tolist()
    assert mixed[1] == pytest.approx(0.75 * 0.6 + 0.25 * 0.5)
    assert rises([m.grade_attempts(0.2, -2.0, 1.0, 0.5, levers(grade_practice=x))[0] for x in (0.0, 0.5, 1.0)])
    assert m.grade_attempts(score, few, 1.0, 0.5, levers())[0].tolist() == score.tolist()
    assert m.grade_attempts(0.0, -2.0, 0.0, 0.5, levers(grade_practice=1.0))[0] == 0.0, "not handed in"


def test_a_curve_hears_ones_place() -> None:
    """Under a curve the grade is the place among those enrolled, half way it is the mean of place and score."""
    score, position, submitted = row(0.9, 0.9, 0.9), row(0.1, 0.4, 0.4), row(1.0, 1.0, 0.0)
    place, heard = m.compare(score, position, HALF, submitted, 0.2, levers("curve"))
    assert place.tolist() == [0.2, 0.8, 0.0] and heard.tolist() == pytest.approx([0.0, 0.6, -0.2])
    heard = m.compare(score, position, HALF, submitted, 0.2, levers(comparison=0.5))[1]
    assert heard.tolist() == pytest.approx([0.55 - 0.2, 0.85 - 0.2, 0.45 - 0.2])
    assert m.compare(score, position, HALF, submitted, 0.2, levers(comparison=0.01))[0].tolist() == place.tolist()
    assert m.compare(0.5, 0.01, np.float64(0.02), 1.0, 0.2, levers("curve"))[0] == 0.5, "the last one left"
    place, heard = m.compare(score, position, HALF, submitted, 0.2, levers())
    assert not place.any() and heard.tolist() == (score - 0.2).tolist(), "a criterion knows no places"


def test_a_label_flip_turns_what_one_student_hears() -> None:
    """It carries what is heard just across the line; nobody else's, and no other week's."""
    heard, seat, five = row(-0.3, -0.3, 0.3), row(0.0, 1.0, 2.0), np.float64(5.0)
    assert m.turn_verdict(heard, seat, five, flip(label=1.0)).tolist() == [-0.3, 0.0125, 0.3]
    assert m.turn_verdict(-heard, seat, five, flip(label=1.0)).tolist() == [0.3, -0.0125, -0.3]
    assert m.turn_verdict(0.0 * heard, seat, five, flip(label=1.0)).tolist() == [0.0, -0.0125, 0.0], "0 is a pass"
    assert m.turn_verdict(heard, seat, np.float64(4.0), flip(label=1.0)).tolist() == heard.tolist()
    assert m.turn_verdict(heard, seat, five, flip(luck=1.0, practice=1.0)).tolist() == heard.tolist()
    slope = 0.05 * 0.5 * 0.5
    assert slope == 0.0125, "0.05 logit at a score of one half"


def test_being_told_needs_a_policy_that_tells() -> None:
    """A failing grade is told where verdicts are, to those enrolled; what is heard passes through unchanged."""
    heard, enrolled = row(-0.1, 0.1, -0.1), row(1.0, 1.0, 0.0)
    passed_on, told = m.hear_of_learning(heard, enrolled, levers())
    assert passed_on.tolist() == heard.tolist() and told.tolist() == [1.0, 0.0, 0.0]
    assert not m.hear_of_learning(heard, enrolled, levers("narrative"))[1].any()


def retaken(
    heard: float, z: float, *, number: float = 1.0, submitted: float = 1.0, **change: float
) -> dict[str, float]:
    """A student at a margin of -0.2 who may take the test again."""
    q = levers(retakes=change.pop("retakes", 1.0), comparison=change.pop("comparison", 0.0))
    h = np.float64(heard)
    before, pressure = np.float64(change.pop("before", 0.0)), change.pop("pressure", 0.0)
    made = m.retake(
        0.0, 0.0, h, ZERO, before, np.float64(change.pop("heard_learning", heard)), submitted, 1.0, 0.0, 0.2, pressure,
        0.1,
        0.5, np.float64(number), z, world(retake_gain=0.3, assess_noise=0.5, **change), q,
    )  # fmt: skip
    return dict(zip(("conceptual", "procedural", "heard", "met_criterion", "retaken"), (float(x) for x in made)))


def test_a_retake_teaches_and_the_better_grade_counts() -> None:
    """Correcting the work raises both kinds of knowledge; luck may lift the grade and can never lower it."""
    lucky, unlucky = retaken(-0.05, 1.0), retaken(-0.05, -3.0)
    assert lucky["conceptual"] == unlucky["procedural"] == 0.3
    score = 1.0 / (1.0 + math.exp(-(0.3 + 0.5 - 0.2)))
    assert lucky["heard"] == pytest.approx(score - 0.5) and lucky["met_criterion"] == 1.0
    assert unlucky["heard"] == -0.05 and unlucky["met_criterion"] == 0.0
    assert retaken(-0.05, 1.0, pressure=0.5, pressure_capacity=0.5)["heard"] < lucky["heard"], "a retake presses too"


def test_retakes_are_counted() -> None:
    """Those of the week, the second on top of the first; a first one counts anew."""
    assert retaken(-0.05, 0.0, before=5.0)["retaken"] == 1.0
    assert retaken(-0.05, 0.0, before=1.0, number=2.0, retakes=2.0)["retaken"] == 2.0
    assert retaken(-0.05, 0.0, before=1.0, number=2.0, retakes=1.0)["retaken"] == 1.0
    assert retaken(0.05, 0.0, before=5.0)["retaken"] == 0.0


def test_the_line_of_a_retake() -> None:
    """A grade exactly on the line is not taken again; a margin of exactly 0 in the retake is mastery."""
    assert retaken(0.0, 3.0, heard_learning=-0.05)["conceptual"] == 0.0
    assert retaken(-0.05, 3.0, heard_learning=0.0)["conceptual"] == 0.0
    assert retaken(-1e-9, 3.0)["conceptual"] == 0.3
    half = {"heard": np.float64(-0.05), "met_criterion": ZERO, "heard_learning": np.float64(-0.05), "retaken": ZERO}
    half |= {"pressure": 0.0}
    same = {"submitted": 1.0, "effort": 1.0, "form": 0.0, "percentile_rank": 0.0, "line": 0.5, "number": ONE, "z": 0.0}
    for syllabus, mastered in ((0.5, 1.0), (0.5 + 1e-9, 0.0)):
        given = half | same | {"syllabus": syllabus, "p": world(retake_gain=0.5), "q": levers(retakes=1.0)}
        assert m.retake(conceptual=0.0, procedural=0.0, **given)[3] == mastered
    given = half | same | {"syllabus": 0.0, "p": world(retake_gain=0.5), "q": levers(retakes=1.0)}
    assert m.retake(conceptual=1.0, procedural=2.0, **given)[:2] == (1.5, 2.5)


@pytest.mark.parametrize(
    "change",
    [{"heard": 0.1}, {"submitted": 0.0}, {"retakes": 0.0}, {"number": 2.0}, {"heard_learning": 0.1}],
    ids=["unit_passed", "not handed in", "no retakes", "one retake only", "taken to have passed"],
)
def test_who_may_not_take_the_test_again(change: dict[str, float]) -> None:
    """Nothing is corrected, heard anew or mastered."""
    arguments = {"heard": -0.05, "z": 3.0} | change
    heard = arguments["heard"]
    nothing = {"conceptual": 0.0, "procedural": 0.0, "met_criterion": 0.0, "retaken": 0.0}
    assert retaken(**arguments) == {**nothing, "heard": heard}


def test_a_place_in_the_class_is_not_taken_again() -> None:
    """Under a curve correcting teaches, but the place stays what it was."""
    after = retaken(0.1 - 0.5, 3.0, comparison=1.0)
    assert after["conceptual"] == 0.3 and after["heard"] == pytest.approx(0.1 - 0.5)


def test_a_pass_counts_as_long_as_the_unit_lasts() -> None:
    """Earned this week or before on the same unit; a new unit has to be passed anew."""
    passed, met_criterion, moved = row(1.0, 1.0, 0.0, 0.0), row(0.0, 0.0, 1.0, 0.0), row(0.0, 1.0, 1.0, 0.0)
    assert m.keep_pass(passed, met_criterion, moved).tolist() == [1.0, 0.0, 1.0, 0.0]


def test_all_receivers_hear_the_same() -> None:
    """Five copies of one thing heard."""
    assert m.receive(-0.3) == (-0.3,) * 5


# ---- reading the cause -------------------------------------------------------------------------------------
def test_a_failing_grade_is_below_the_line() -> None:
    """Of those enrolled; what classmates see is a copy of its own, and nothing of who has stopped."""
    failing, failing_grade_seen, grade_seen = m.show_result(
        row(-0.1, 0.0, -0.1), row(0.1, -0.1, -0.1), row(1.0, 1.0, 0.0)
    )
    assert failing.tolist() == [1.0, 0.0, 0.0] and failing_grade_seen.tolist() == [0.0, 1.0, 0.0]
    assert grade_seen.tolist() == [0.1, -0.1, 0.0]


def expectancy_of(heard: np.float64) -> float:
    """Expectancy after a grade near a line of one half."""
    return float(m.update_expectancy(HALF, heard, 0.5, 0.0, 0.4, 0.3, 1.0, world(negativity=0.0), levers()))


#: What each reader makes of a grade.
READERS: dict[str, Callable[[np.float64], float]] = {
    "told": lambda h: m.hear_of_learning(h, ONE, levers())[1],
    "going back": lambda h: looked_into(h)[0],
    "failing_grade": lambda h: m.show_result(h, ONE, ONE)[0],
    "classmates": lambda h: m.show_result(ONE, h, ONE)[1],
    "causes": lambda h: m.attribute(0.9, 0.0, h, 1.0, 0.0, world(), levers())[0],
    "teacher": lambda h: m.edit_story(0.6, 0.2, ZERO, h, 1.0, 0.4, ZERO, world(), levers("story-editing"))[0],
    "mindset": lambda h: m.believe_in_growth(0.6, 0.2, 0.5, h, 1.0, world(), levers("mindset-message"))[0],
    "resolve": lambda h: m.resolve_to_try(h, 0.3, 1.0),
    "attribution_style": lambda h: m.drift_of_style(0.5, h, 0.6, 0.1, 0.1, 1.0, world(), levers()),
    "record": lambda h: m.remember(0.5, h, 1.0, world(), levers()),
    "expectancy": expectancy_of,
    "control": lambda h: m.update_control(0.5, h, 1.0, 0.2, world(), levers()),
    "heart": lambda h: m.take_to_heart(h, 0.0, 0.3, 0.0, 0.0, world()),
    "interest": lambda h: m.update_interest(0.5, h, 1.0, 1.0, world(), levers()),
}


@pytest.mark.parametrize("reader", READERS)
def test_all_read_the_same_line(reader: str) -> None:
    """A grade exactly on the line is a pass to every reader, the least below it is a failure."""
    below, on, above = (float(READERS[reader](np.float64(x))) for x in (-1e-9, 0.0, 1e-9))
    assert on == pytest.approx(above, abs=1e-8) and abs(below - on) > 1e-3


def causes(heard: float, **change: float) -> dict[str, float]:
    """The four shares for one student; ``weight`` is the task's."""
    s = {"attribution_style": 0.5, "history": 0.0, "weight": 1.0, "excuse": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(comparison=change.pop("comparison", 0.0))
    shares = m.attribute(
        s["attribution_style"], s["history"], np.float64(heard), s["weight"], s["excuse"], world(**change), q
    )
    assert sum(shares) == pytest.approx(1.0)
    return dict(zip(("ability", "effort", "task", "luck"), (float(x) for x in shares)))


FAILED, PASSED = -0.1, 0.1


def test_an_unbiased_reader_gives_equal_shares() -> None:
    """In the middle of the style, with a clean record and a divided class, nothing speaks for any cause."""
    assert causes(FAILED) == causes(PASSED) == {"ability": 0.25, "effort": 0.25, "task": 0.25, "luck": 0.25}


@pytest.mark.parametrize("read", ["attribution_style", "history"])
def test_the_helpless_give_failures_to_ability_and_successes_to_luck(read: str) -> None:
    """A helpless style, and a record of failures, pull failures to ability and successes to luck."""
    failed, passed = ([causes(heard, **{read: x}) for x in (0.0, 0.5, 1.0)] for heard in (FAILED, PASSED))
    assert rises([c["ability"] for c in failed]) and falls([c["luck"] for c in failed])
    assert falls([c["ability"] for c in passed]) and rises([c["luck"] for c in passed])


def test_history_may_pull_the_other_way() -> None:
    """Below 0 a record of failures takes ability out of failures."""
    few = [causes(FAILED, history=h, attribution_by_history=-1.0)["ability"] for h in (0.0, 0.5, 1.0)]
    assert falls(few)


def test_if_everybody_failed_it_was_the_task() -> None:
    """Consensus: the task explains a failure that all share and a success that all share, not the student's alone."""
    weights = [m.weigh_task(np.float64(share), ONE, world()) for share in (0.0, 0.5, 1.0)]
    assert weights == pytest.approx([math.exp(-1.0), 1.0, math.exp(1.0)])
    assert m.weigh_task(np.float64(0.02), np.float64(0.02), world()) == pytest.approx(math.exp(1.0))
    assert rises([causes(FAILED, weight=w)["task"] for w in weights])
    assert falls([causes(PASSED, weight=w)["task"] for w in weights])
    assert causes(FAILED, weight=weights[2])["task"] == pytest.approx(causes(PASSED, weight=weights[0])["task"])
    assert m.weigh_task(HALF, HALF, world()) == weights[2], "the class is who is still enrolled"


def test_comparison_blames_ability_for_failures() -> None:
    """Being ranked makes a failure speak of ability, and leaves successes alone; the prior has the other side too."""
    ranks = (0.0, 0.5, 1.0)
    assert rises([causes(FAILED, comparison=x)["ability"] for x in ranks])
    assert falls([causes(FAILED, comparison=x, comparison_blame=-0.5)["ability"] for x in ranks])
    assert len({causes(PASSED, comparison=x)["ability"] for x in ranks}) == 1


def test_an_excuse_keeps_a_failure_from_speaking_of_ability() -> None:
    """It is luck rather than ability then; a success in spite of it speaks of ability all the more."""
    failed, passed = ([causes(heard, excuse=x) for x in (0.0, 0.5, 1.0)] for heard in (FAILED, PASSED))
    assert falls([c["ability"] for c in failed]) and rises([c["luck"] for c in failed])
    assert rises([c["ability"] for c in passed]) and falls([c["luck"] for c in passed])
    assert causes(FAILED, excuse=1.0, excuse_worth=0.0) == causes(FAILED)


def test_causes_by_hand() -> None:
    """A ranked failure of a helpless student with a record and an excuse: a softmax of 0.8, 0, 0.5 and -0.6."""
    pull = 1.2 * (2.0 * 0.75 - 1.0) + 0.5 * 0.4 - 0.5 * 0.4
    assert pull == pytest.approx(0.6)
    weights = [math.exp(x) for x in (pull + 0.2, 0.0, 0.5, -pull)]
    by_hand = [w / sum(weights) for w in weights]
    found = causes(FAILED, attribution_style=0.75, history=0.4, weight=math.exp(0.5), excuse=0.4, comparison=1.0)
    assert list(found.values()) == pytest.approx(by_hand)


def retold(
    control: float = 0.1, u: object = LUCK, heard: float = FAILED, enrolled: float = 1.0, **change: float
) -> tuple[Any, ...]:
    """Causes of .6 to ability and .2 to effort after a teacher's talk, and whom the teacher talked with."""
    q = levers(attribution_talk=change.pop("talk", 1.0))
    made = m.edit_story(0.6, 0.2, np.float64(control), np.float64(heard), enrolled, 0.4, u, world(**change), q)
    assert np.allclose(made[0] + made[1], 0.8), "what ability loses effort gains"
    return made


def test_a_teacher_retells_the_failures_of_the_helpless() -> None:
    """The more the teacher sees who needs it, and the more is moved; the threshold is exact."""
    few = (0.0, 0.5, 1.0)
    assert falls([retold(story_editing_share=x)[0].mean() for x in few]) and falls(
        [retold(talk=x)[0].mean() for x in few]
    )
    assert rises([retold(teacher_sensitivity=x)[2].mean() for x in (0.3, 0.7, 0.95)])
    assert retold(teacher_sensitivity=0.7)[2].mean() == pytest.approx(0.7)
    assert falls([retold(0.8, teacher_specificity=x)[2].mean() for x in (0.5, 0.85, 0.98)])
    assert retold(0.8, teacher_specificity=0.85)[2].mean() == pytest.approx(0.15), (
        "some who do not need it are taken to"
    )
    assert retold(0.4)[2].mean() == retold(0.8)[2].mean() < retold(0.4 - 1e-9)[2].mean()
    seen = retold(u=row(0.699, 0.701), teacher_sensitivity=0.7, story_editing_share=0.25)
    assert seen[2].tolist() == [1.0, 0.0] and seen[0].tolist() == pytest.approx([0.45, 0.6])
    for nothing in (
        {"heard": 0.0},
        {"heard": PASSED},
        {"enrolled": 0.0},
        {"talk": 0.0},
        {"strength_story_editing": 0.0},
    ):
        assert not retold(**nothing)[2].any() and np.ptp(retold(**nothing)[0]) == 0.0, nothing


def grown(heard: float = FAILED, enrolled: float = 1.0, control: object = 0.5, **change: float) -> tuple[Any, ...]:
    """Causes of .6 to ability and .2 to effort, and control, after a mindset message."""
    q = levers(mindset_message=change.pop("mindset_message", 1.0))
    made = m.believe_in_growth(0.6, 0.2, control, np.float64(heard), enrolled, world(**change), q)
    assert made[0] + made[1] == pytest.approx(0.8)
    return made


def test_a_mindset_message_shifts_causes_and_control_a_little() -> None:
    """Of a failure, from ability to effort; control rises whatever was heard, towards its end."""
    few = (0.0, 0.5, 1.0)
    assert falls([grown(mindset_message=x)[0] for x in few]) and rises([grown(mindset_message=x)[2] for x in few])
    assert falls([grown(mindset_shift=x)[0] for x in (0.0, 0.1, 0.4)])
    assert rises([grown(mindset_control=x)[2] for x in (0.0, 0.003, 0.02)])
    assert grown(mindset_shift=0.1)[0] == pytest.approx(0.54) and grown(PASSED)[0] == grown(0.0)[0] == 0.6
    assert grown(PASSED)[2] == grown(FAILED)[2] == pytest.approx(0.5 + 0.003 * 0.5)
    assert grown(control=row(0.0, 0.5, 1.0), mindset_control=0.02)[2].tolist() == pytest.approx([0.02, 0.51, 1.0])
    for nothing in ({"enrolled": 0.0}, {"mindset_message": 0.0}, {"strength_mindset": 0.0}):
        assert grown(**nothing) == (0.6, 0.2, 0.5), nothing


def test_a_failure_put_down_to_effort_is_resolved_upon() -> None:
    """The more of it is, and only if something was handed in; a success leaves no resolve."""
    assert m.resolve_to_try(np.float64(FAILED), row(0.0, 0.3, 1.0), 1.0).tolist() == [0.0, 0.3, 1.0]
    assert m.resolve_to_try(np.float64(PASSED), 0.3, 1.0) == m.resolve_to_try(np.float64(FAILED), 0.3, 0.0) == 0.0


def framed(
    heard: object = 0.1, grade_seen: float = 0.0, enrolled: float = 1.0, submitted: float = 1.0, **change: float
) -> Any:
    """How the student's result looks beside those of the class."""
    q = levers(public=change.pop("public", 0.0))
    return m.compare_with_class(heard, np.float64(grade_seen), np.float64(enrolled), submitted, world(**change), q)


def test_a_big_fish_in_a_little_pond() -> None:
    """The same result looks smaller in a stronger class, the more so the more public results are."""
    assert falls([framed(grade_seen=x) for x in (-0.2, 0.0, 0.2)]) and rises(framed(row(-0.2, 0.0, 0.2)))
    assert framed(0.1, 0.1) == framed(submitted=0.0) == framed(big_fish=0.0) == framed(strength_competition=0.0) == 0.0
    assert rises([framed(public=x) for x in (0.0, 0.5, 1.0)]) and falls(
        [framed(-0.1, public=x) for x in (0.0, 0.5, 1.0)]
    )
    assert framed(public=1.0) == pytest.approx(2.0 * framed(public=0.0)), "half of it where nothing is public"
    assert framed(0.1, -0.15, 0.5, public=0.5) == pytest.approx(0.4 * 0.75 * 0.4), "the class is who is still enrolled"


def test_a_verdict_that_nobody_utters_counts_in_part() -> None:
    """Told in full, untold by the share of an unlabelled shortfall."""
    p = world(unlabelled=0.3)
    assert [m.verdict_counts(told, p) for told in (0.0, 0.5, 1.0)] == pytest.approx([0.3, 0.65, 1.0])


def test_repeated_attributions_become_a_style() -> None:
    """Failures given to ability and successes given to luck make helpless, effort and owned successes the reverse."""
    p, q = world(), levers()

    def drift(heard: float, ability: float, effort: float, luck: float, submitted: float = 1.0) -> float:
        return float(m.drift_of_style(0.5, np.float64(heard), ability, effort, luck, submitted, p, q)) - 0.5

    assert drift(FAILED, 1.0, 0.0, 0.0) > 0.0 > drift(FAILED, 0.0, 1.0, 0.0)
    assert drift(PASSED, 0.0, 0.0, 1.0) > 0.0 > drift(PASSED, 1.0, 0.0, 0.0)
    assert drift(PASSED, 0.0, 1.0, 0.0) < 0.0 == drift(FAILED, 0.0, 0.0, 1.0)
    assert drift(FAILED, 1.0, 0.0, 0.0, submitted=0.0) == 0.0
    untold = m.drift_of_style(0.5, np.float64(FAILED), 1.0, 0.0, 0.0, 1.0, p, levers("narrative")) - 0.5
    assert untold == pytest.approx(0.5 * drift(FAILED, 1.0, 0.0, 0.0)), "by the share that counts unlabelled"


def test_style_by_hand() -> None:
    """Rate .04 at a style of .3: a failure given to ability by .5 and effort by .2, a success to luck by .4."""
    p, q = world(), levers()
    failed = m.drift_of_style(0.3, np.float64(FAILED), 0.5, 0.2, 0.1, 1.0, p, q)
    assert failed == pytest.approx(0.3 + 0.04 * (0.5 * 0.7 - 0.2 * 0.3))
    passed = m.drift_of_style(0.3, np.float64(PASSED), 0.1, 0.2, 0.4, 1.0, p, q)
    assert passed == pytest.approx(0.3 + 0.04 * (0.4 * 0.7 - (0.2 + 0.1) * 0.3))


def test_a_failure_stays_on_record_for_a_while() -> None:
    """A failure raises the record, a success lowers it, memory slows both; whoever has left keeps it."""
    p, q = world(history_memory=0.8), levers()
    assert m.remember(row(0.5), row(FAILED), 1.0, p, q) == pytest.approx(0.6)
    assert m.remember(row(0.5), row(PASSED), 1.0, p, q) == pytest.approx(0.4)
    assert m.remember(row(0.5), row(FAILED), 0.0, p, q) == 0.5
    assert m.remember(row(0.5), row(FAILED), 1.0, p, levers("narrative")) == pytest.approx(0.5), "half a failure"


# ---- what failing and succeeding do ------------------------------------------------------------------------
def expected(heard: float, *, stable: float = 0.5, submitted: float = 1.0, told: float = 1.0, **change: float) -> float:
    """How far an expectancy of .5 moves after a grade that far past a line of .5."""
    q = levers(information=change.pop("information", 0.6), told=told)
    frame_of_reference = change.pop("frame_of_reference", 0.0)
    return (
        float(
            m.update_expectancy(
                HALF, np.float64(heard), 0.5, frame_of_reference, stable, 0.0, submitted, world(**change), q
            )
        )
        - 0.5
    )


def test_expectancy_follows_prediction_error() -> None:
    """A grade above expectation raises it, one below lowers it, further the larger the surprise."""
    assert rises([expected(x) for x in (-0.4, -0.2, 0.2, 0.4)])
    assert expected(-0.2) < 0.0 < expected(0.2)
    assert expected(-0.2, submitted=0.0) == 0.0 == expected(-0.2, information=0.0), "nothing handed in, nothing said"


def test_stable_causes_move_expectancy_more() -> None:
    """Ability and task move it more than effort and luck, in both directions."""
    for heard in (-0.2, 0.2):
        assert rises([abs(expected(heard, stable=x)) for x in (0.0, 0.5, 1.0)])
        assert len({expected(heard, stable=x, stability=0.0) for x in (0.0, 0.5, 1.0)}) == 1
    p, q = world(), levers()
    by = [m.update_expectancy(HALF, np.float64(-0.2), 0.5, 0.0, a, 0.6 - a, 1.0, p, q) for a in (0.0, 0.6)]
    assert by[0] == pytest.approx(by[1]), "ability and task alike"


def test_bad_news_may_be_learnt_faster() -> None:
    """With negativity above 0 a bad surprise moves more than a good one of the same size, below 0 less."""
    for negativity, factor in ((0.3, 1.3), (0.0, 1.0), (-0.3, 0.7)):
        news = {"verdict_weight": 0.0, "negativity": negativity}
        assert -expected(-0.2, **news) == pytest.approx(factor * expected(0.2, **news))


def test_the_result_counts_as_it_looks_in_class() -> None:
    """Beside better ones it lowers expectancy further; no further than a result of nothing, or a complete one."""
    assert rises([expected(-0.1, frame_of_reference=x) for x in (-0.1, 0.0, 0.1)])
    assert expected(-0.1, frame_of_reference=-1.0) == expected(-0.1, frame_of_reference=-0.9) == expected(-0.5)
    assert expected(0.4, frame_of_reference=1.0) == expected(0.5)


def test_the_word_counts_beside_the_score() -> None:
    """Hearing passed or failed moves expectancy further than the score alone, less so where nobody says it."""
    said = [expected(-0.2, verdict_weight=w) for w in (0.0, 0.5, 1.0)]
    assert falls(said)
    assert said[0] > expected(-0.2, verdict_weight=1.0, told=0.0) > said[2]


def test_expectancy_by_hand() -> None:
    """Expectancy .6, grade .3 below a line of .5, stable causes .7: down by 0.043524."""
    outcome = 0.3 + 0.5 * (0.0 - 0.3)
    speed = 0.1 * 0.6
    rate = (speed * 0.4 + 2.0 * speed * 0.6 * 0.7) * 1.3
    assert rate * (outcome - 0.6) == pytest.approx(-0.043524)
    found = m.update_expectancy(np.float64(0.6), np.float64(-0.2), 0.5, 0.0, 0.4, 0.3, 1.0, world(), levers())
    assert found == pytest.approx(0.6 - 0.043524)


def controlled(heard: float, effort: float, to_effort: float, policy: str = "reference") -> float:
    """How far a control of .5 moves."""
    return float(m.update_control(0.5, np.float64(heard), effort, to_effort, world(), levers(policy))) - 0.5


def test_failing_despite_effort_makes_helpless() -> None:
    """Failing despite effort lowers control, failing without effort does not, nor where effort is blamed."""
    assert falls([controlled(FAILED, effort, 0.25) for effort in (0.0, 0.5, 1.0)])
    assert controlled(FAILED, 0.0, 0.25) == 0.0 == controlled(FAILED, 1.0, 1.0)
    assert rises([controlled(FAILED, 1.0, to_effort) for to_effort in (0.0, 0.5, 1.0)])


def test_success_by_effort_raises_control() -> None:
    """The more effort it took and the more it is given to; success without either teaches nothing."""
    assert rises([controlled(PASSED, effort, 0.5) for effort in (0.0, 0.5, 1.0)])
    assert rises([controlled(PASSED, 1.0, to_effort) for to_effort in (0.0, 0.5, 1.0)])
    assert controlled(PASSED, 0.0, 0.5) == 0.0 == controlled(PASSED, 1.0, 0.0)


def test_control_by_hand() -> None:
    """Failing at effort .8 with a quarter given to effort: .15 times .75 times .5 times .8, and half of it untold."""
    assert controlled(FAILED, 0.8, 0.25) == pytest.approx(-0.045)
    assert controlled(FAILED, 0.8, 0.25, "narrative") == pytest.approx(-0.0225)
    assert controlled(PASSED, 0.8, 0.25) == pytest.approx(0.1 * 0.25 * 0.5 * 0.8)


def hurt(heard: object = FAILED, **change: object) -> np.ndarray:
    """How much a result hurts somebody in the middle; ability explains a quarter of it."""
    s = {"failing_grade_told": 0.0, "to_ability": 0.25, "perfectionism": 0.5, "goals": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    return np.asarray(m.take_to_heart(np.asarray(heard), **s, p=world(**change)))


def test_a_failure_hurts_more_when_ability_is_blamed() -> None:
    """A pass below the aspiration is no failure, and blames nobody; nor does a failure that was repaired."""
    few = row(0.0, 0.5, 1.0)
    assert rises(hurt(to_ability=few)) and rises([hurt(affect_blame=x) for x in (0.0, 1.0, 3.0)])
    assert np.ptp(hurt(to_ability=few, affect_blame=0.0)) == 0.0
    assert np.ptp(hurt(0.01, to_ability=few)) == 0.0 == np.ptp(hurt(PASSED, failing_grade_told=1.0, to_ability=few))
    assert hurt(0.01) > 0.0 == hurt(0.2)


def test_a_perfectionist_aspires_above_the_cut() -> None:
    """A pass below the aspiration hurts as much as self-worth hangs on it; a failing grade hurts on top."""
    few = row(0.0, 0.5, 1.0)
    assert rises(hurt(perfectionism=few)) and rises(hurt(0.01, perfectionism=few[1:]))
    given = {"aspiration": 0.25, "self_worth": 0.6}
    assert hurt(row(0.124, 0.125), **given).tolist() == [0.5 * 0.3, 0.0], "the aspiration itself is met"
    assert rises([hurt(0.1, aspiration=x) for x in (0.1, 0.3)]) and hurt(0.01, aspiration=0.0) == 0.0
    assert rises([hurt(self_worth=x) for x in (0.0, 0.6, 1.5)]) and np.ptp(hurt(perfectionism=few, self_worth=0.0)) == 0
    assert np.ptp(hurt(perfectionism=few, strength_perfectionism=0.0)) == 0.0 == hurt(0.01, strength_perfectionism=0.0)


def test_learning_goals_take_the_edge_off() -> None:
    """And performance goals sharpen it; the prior has the other side too."""
    few = row(-1.0, 0.0, 1.0)
    assert falls(hurt(goals=few)) and rises(hurt(goals=few, goals_hurt=-0.2))
    assert np.ptp(hurt(goals=few, goals_hurt=0.0)) == 0.0
    assert (hurt(goals=few, goals_hurt=0.3) / hurt()).tolist() == pytest.approx([1.3, 1.0, 0.7])


def test_what_was_told_and_repaired_still_hurts() -> None:
    """Less than a failing grade that stays, which does not hurt twice."""
    plain = {"perfectionism": 0.0}
    assert rises([hurt(PASSED, failing_grade_told=1.0, repaired=x, **plain) for x in (0.0, 0.3, 0.9)])
    assert (
        hurt(FAILED, failing_grade_told=0.0, **plain)
        > hurt(PASSED, failing_grade_told=1.0, **plain)
        == pytest.approx(0.5 * 0.3)
    )
    assert hurt(FAILED, failing_grade_told=1.0, **plain) == hurt(FAILED, failing_grade_told=0.0, **plain)


def test_hurt_by_hand() -> None:
    """A perfectionist's failing grade, and one that is repaired but stays below the aspiration."""
    given = {"perfectionism": 0.8, "goals": -0.5, "to_ability": 0.4}
    assert hurt(**given) == pytest.approx((1.0 + 0.6 * 0.8) * (0.5 + 0.4) * 1.15)
    assert hurt(0.1, failing_grade_told=1.0, **given) == pytest.approx((0.3 + 0.6 * 0.8) * 0.5 * 1.15)


def felt(hurts: object = 1.0, reserve: float = 0.5, enrolled: object = 1.0, **change: object) -> np.ndarray:
    """Affect after a week that began without any, or with ``before``."""
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    before, pressure = change.pop("before", 0.0), change.pop("pressure", 0.0)
    return np.asarray(m.update_affect(before, hurts, pressure, reserve, enrolled, world(**change), q))


def test_a_failure_under_threat_hurts() -> None:
    """More under threat and pressure, less behind a reserve or where nobody calls it one."""
    few = (0.0, 0.5, 1.0)
    assert rises([felt(threat=x) for x in few]) and felt(threat=0.0) == 0.0
    assert rises([felt(x) for x in few]) and felt(0.0) == 0.0 == felt(enrolled=0.0)
    assert falls([felt(reserve=x) for x in few])
    assert rises([felt(told=x) for x in few])
    assert rises([felt(pressure=x) for x in (-0.5, 0.0, 0.5)])
    assert falls([felt(pressure=x, pressure_affect=-0.5) for x in (-0.5, 0.0, 0.5)]), "the prior has both"
    assert len({float(felt(pressure=x, pressure_affect=0.0)) for x in (-0.5, 0.0, 0.5)}) == 1


def test_shame_fades() -> None:
    """Without a new failure a fixed share is gone every week, also after leaving; faster with self-compassion."""
    fades = {"before": row(1.0, 2.0), "enrolled": row(1.0, 0.0), "affect_decay": 0.4}
    assert felt(0.0, **fades).tolist() == pytest.approx([0.6, 1.2])
    assert felt(0.0, **fades, compassion=1.0).tolist() == pytest.approx([0.5, 1.0])
    assert falls([felt(0.0, before=1.0, compassion=x) for x in (0.0, 0.5, 1.0)])
    assert falls([felt(0.0, before=1.0, compassion=1.0, compassion_decay=x) for x in (0.0, 0.1, 0.2)])
    assert felt(0.0, before=1.0, compassion=1.0, compassion_decay=0.0) == felt(0.0, before=1.0)


def test_affect_by_hand() -> None:
    """From 1, after what hurts by .8 under some pressure, behind half a reserve: .6 left, and .2352 more."""
    rise = 0.7 * 0.5 * (1.0 + 1.0 * 0.2) * 0.8 * (1.0 - 0.6 * 0.5)
    assert rise == pytest.approx(0.2352)
    assert felt(0.8, 0.5, before=1.0, pressure=0.2) == pytest.approx(0.6 + 0.2352)
    assert felt(0.8, 0.5, before=1.0, pressure=0.2, told=0.0) == pytest.approx(0.6 + 0.5 * 0.2352)


def test_the_reserve_is_spent_and_restored() -> None:
    """Shame uses it up, time brings it back to the student's own baseline and no further."""
    p = world()
    assert falls(m.update_reserve(0.5, row(0.0, 1.0, 2.0), 0.5, p))
    assert m.update_reserve(0.5, 0.0, 0.5, p) == 0.5
    assert 0.2 < m.update_reserve(0.2, 0.0, 0.5, p) < 0.5
    assert rises(m.update_reserve(0.2, 0.0, row(0.3, 0.6, 0.9), p))
    assert m.update_reserve(0.5, 1000.0, 0.5, p) == pytest.approx(0.1), "no week spends more than four fifths"


def test_the_reserve_by_hand() -> None:
    """Half full, below a baseline of .7, at an affect of 1: .04 come back and .15 go."""
    assert m.update_reserve(0.5, 1.0, 0.7, world()) == pytest.approx(0.5 + 0.2 * 0.2 - 0.3 * 1.0 * 0.5)


def interested(heard: float, effort: float = 1.0, enrolled: float = 1.0, **change: float) -> float:
    """How far an interest of .5 moves."""
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    return float(m.update_interest(0.5, np.float64(heard), effort, enrolled, world(**change), q)) - 0.5


def test_interest_grows_with_competence_and_shrinks_under_threat() -> None:
    """Success with effort raises it, evaluated failure lowers it the more it threatens."""
    few = (0.0, 0.5, 1.0)
    assert rises([interested(PASSED, effort=x) for x in few]) and interested(PASSED, effort=0.0) == 0.0
    assert falls([interested(FAILED, threat=x) for x in few]) and interested(FAILED, threat=0.0) == 0.0
    assert interested(FAILED) < interested(FAILED, told=0.0) < 0.0
    assert interested(PASSED, enrolled=0.0) == 0.0 == interested(FAILED, enrolled=0.0)


def test_a_free_choice_raises_interest() -> None:
    """Whatever was heard and whoever says so; nobody's who has left."""
    for heard in (FAILED, PASSED):
        assert rises([interested(heard, choice=x) for x in (0.0, 0.5, 1.0)])
        assert rises([interested(heard, choice=1.0, interest_choice=x) for x in (0.0, 0.01, 0.04)])
        assert interested(heard, choice=1.0) - interested(heard) == pytest.approx(0.01 * 0.5)
    assert interested(PASSED, choice=1.0, enrolled=0.0) == 0.0


def test_interest_by_hand() -> None:
    """A success at effort .8 adds .02 times .8 of the other half; a failure takes .06 of one half under threat .5."""
    assert interested(PASSED, effort=0.8) == pytest.approx(0.02 * 0.8 * 0.5)
    assert interested(FAILED) == pytest.approx(-0.06 * 0.5 * 0.5)
    gained = m.update_interest(0.8, np.float64(PASSED), 1.0, 1.0, world(), levers()) - 0.8
    assert gained == pytest.approx(0.02 * 0.2)


# ---- stopping, moving on -----------------------------------------------------------------------------------
def test_who_stops_for_good() -> None:
    """Weeks without handing in and shame push out, control keeps in; nobody who has stopped comes back."""
    p = world(dropout_level=-5.0)

    def stay(
        weeks_not_submitted: float = 0.0, control: float = 0.5, affect: float = 0.0, enrolled: float = 1.0
    ) -> float:
        given = (np.float64(x) for x in (weeks_not_submitted, enrolled, 0.0, control, affect))
        return float(m.drop_out(*given, LUCK, p)[1].mean())

    assert falls([stay(weeks_not_submitted=x) for x in (0.0, 2.0, 5.0)])
    assert rises([stay(control=x, weeks_not_submitted=4.0) for x in (0.1, 0.5, 0.9)])
    assert falls([stay(affect=x, weeks_not_submitted=2.0) for x in (0.0, 1.0, 2.0)])
    assert stay(enrolled=0.0) == 0.0


def test_who_stops_by_hand() -> None:
    """The fourth week in a row, control .2 and affect 1: a logit of -2.6."""
    hazard = 1.0 / (1.0 + math.exp(8.0 - 0.8 * 4.0 - 4.0 * 0.3 - 1.0))
    assert hazard == pytest.approx(1.0 / (1.0 + math.exp(2.6)))
    luck = row(hazard - 1e-9, hazard + 1e-9)
    stays = m.drop_out(np.float64(3.0), ONE, ZERO, np.float64(0.2), ONE, luck, world())[1]
    assert stays.tolist() == [0.0, 1.0]


def test_weeks_without_handing_in_are_counted_in_a_row() -> None:
    """One more for each, back to none with the next work handed in, and no more after leaving."""
    weeks_not_submitted = m.drop_out(
        row(3.0, 3.0, 3.0), row(1.0, 1.0, 0.0), row(0.0, 1.0, 0.0), 0.5, 0.0, ONE, world()
    )[0]
    assert weeks_not_submitted.tolist() == [4.0, 0.0, 3.0]


def test_the_calendar_moves_on() -> None:
    """Everybody enrolled moves one unit, whoever has left none."""
    assert m.keep_pace(row(1.0, 0.0)).tolist() == [1.0, 0.0]


def test_a_waiting_class_waits_for_those_who_have_not_mastered() -> None:
    """Only for those still enrolled, and only where it waits at all."""
    met_criterion, enrolled = row(1.0, 0.0, 0.0), row(1.0, 1.0, 0.0)
    assert m.be_ready(met_criterion, enrolled, levers("class-paced")).tolist() == [1.0, 0.0, 1.0]
    assert m.be_ready(met_criterion, enrolled, levers(waiting=0.01)).tolist() == [1.0, 0.0, 1.0]
    assert m.be_ready(met_criterion, enrolled, levers()).tolist() == [1.0, 1.0, 1.0]


def test_a_waiting_class_moves_when_enough_are_ready() -> None:
    """All together, when the stated share is ready; elsewhere nobody waits."""
    q, moved = levers("class-paced", mastery_share=0.75), row(1.0, 1.0, 0.0)
    assert m.wait_for_class(moved, np.float64(0.74), moved, q).tolist() == [0.0, 0.0, 0.0]
    assert m.wait_for_class(moved, np.float64(0.75), moved, q).tolist() == [1.0, 1.0, 0.0]
    assert m.wait_for_class(moved, ZERO, moved, levers()).tolist() == [1.0, 1.0, 0.0]


def test_a_class_waits_in_class() -> None:
    """At a level beyond all a waiting class stays at the first unit, far below all it keeps the calendar."""
    hard, easy = (Policy("class-paced", level=level, mastery_share=0.5) for level in (2.0, -1.5))
    p = Parameters(strength_avoidance=0.0, knowledge_sd=0.5, knowledge_mean=-0.5, practice_rate=0.2)
    run = engine.run(class_of(10, hard, easy, Policy(level=2.0), worlds=p), 8)
    assert run.end["unit"].T.tolist() == [[0.0] * 10, [8.0] * 10, [8.0] * 10]


def test_the_self_paced_move_on_alone() -> None:
    """After mastering the unit, whatever the class does; whoever has left stays."""
    moved, met_criterion = row(1.0, 1.0, 0.0), row(1.0, 0.0, 1.0)
    assert m.pace_oneself(moved, met_criterion, moved, levers("self-paced")).tolist() == [1.0, 0.0, 0.0]
    assert m.pace_oneself(moved, met_criterion, moved, levers()).tolist() == [1.0, 1.0, 0.0]
    run = engine.run(class_of(10, Policy("self-paced", level=0.5)), 8, ("moved", "met_criterion", "enrolled"))
    assert np.array_equal(run.trace["moved"], run.trace["met_criterion"] * run.trace["enrolled"])
    assert np.ptp(run.end["unit"]) > 1.0, "a class apart"


def test_a_unit_that_is_left_lasts_in_part() -> None:
    """Moving on counts the unit, with a pass as mastered, and keeps a share of the gain; staying keeps all open."""
    p, moved, met_criterion = world(retention=0.02), row(1.0, 1.0, 0.0), row(1.0, 0.0, 1.0)
    unit, mastered, conceptual, procedural = m.close_unit(
        4.0, 2.0, 2.0, 3.0, 1.0, 1.0, met_criterion, moved, p, levers()
    )
    assert unit.tolist() == [5.0, 5.0, 4.0] and mastered.tolist() == [3.0, 2.0, 2.0]
    assert conceptual.tolist() == pytest.approx([1.02, 1.02, 1.0])
    assert procedural.tolist() == pytest.approx([1.04, 1.04, 1.0])


def lasting(spiral: float = 1.0, moved: float = 1.0, **change: float) -> tuple[float, ...]:
    """What lasts of a gain of 1 conceptual and 2 procedural."""
    made = m.close_unit(0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0, moved, world(**change), levers(spiral=spiral))
    return tuple(float(x) for x in made[2:])


def test_more_lasts_of_what_is_revisited() -> None:
    """By the gain from spacing, when a unit is left; of both kinds of knowledge alike."""
    assert rises([lasting(x)[0] for x in (0.0, 0.5, 1.0)]) and rises([lasting(x)[1] for x in (0.0, 0.5, 1.0)])
    assert rises([lasting(spacing_gain=x)[0] for x in (0.0, 0.3, 1.0)])
    assert lasting(0.5, retention=0.02, spacing_gain=0.4) == pytest.approx((0.02 * 1.2, 0.04 * 1.2))
    assert lasting(moved=0.0) == (0.0, 0.0) and lasting(strength_forgetting=0.0) == lasting(0.0)


# ---- the tallies -------------------------------------------------------------------------------------------
def test_errors_and_failures_are_never_one_number() -> None:
    """Each adds up its own."""
    assert m.tally_failures(3.0, 5.0, 1.0, 0.0) == (4.0, 5.0)
    assert m.tally_failures(3.0, 5.0, 0.0, 1.0) == (3.0, 6.0)


def test_tallies_add_what_the_policy_does() -> None:
    """Told, counted and compared add up a failing grade where the policy does so."""
    assert m.tally_told(2.0, row(0.0, 1.0)).tolist() == [2.0, 3.0]
    assert m.tally_counted(2.0, row(0.0, 1.0), levers(counted=1.0)).tolist() == [2.0, 3.0]
    assert m.tally_counted(2.0, row(0.0, 1.0), levers(counted=0.0)).tolist() == [2.0, 2.0]
    assert m.tally_compared(2.0, row(0.0, 1.0), levers("curve")).tolist() == [2.0, 3.0]
    assert m.tally_compared(2.0, row(0.0, 1.0), levers()).tolist() == [2.0, 2.0]


def test_a_year_is_added_up() -> None:
    """Weeks handed in, weeks below the threshold of helplessness, and effort."""
    control = row(0.1, 0.3, 0.5)
    weeks, helpless, effort = m.tally_year(1.0, 2.0, 3.0, 1.0, control, 0.5, 0.3)
    assert (weeks, effort) == (2.0, 3.5) and helpless.tolist() == [3.0, 2.0, 2.0]


def test_the_tests_of_the_first_weeks_are_kept_apart() -> None:
    """Those of weeks 1 to 3 are added up beside all of them."""
    added = [[float(x) for x in m.tally_tests(5.0, 2.0, -1.5, np.float64(week))] for week in (0, 2, 3, 35)]
    assert added == [[3.5, 0.5], [3.5, 0.5], [3.5, 2.0], [3.5, 2.0]]


def learnt(below_criterion_before: float, **change: float) -> list[float]:
    """Failures handed in, those that taught, the week's own failure, and how far knowledge falls short now."""
    s = {"knowledge_shortfall": 0.5, "below_criterion": 0.0, "submitted": 1.0, "knows": 0.8} | change
    made = m.tally_learning(
        4.0,
        2.0,
        below_criterion_before,
        s["knowledge_shortfall"],
        s["below_criterion"],
        s["submitted"],
        np.float64(s["knows"]),
        0.6,
        1.0,
    )
    return [float(x) for x in made]


def test_a_failure_taught_if_the_next_test_finds_more_knowledge() -> None:
    """Against its difficulty, without luck; only where both are handed in, and beyond what is rounding."""
    assert learnt(1.0) == pytest.approx([5.0, 3.0, 0.0, 0.3])
    assert learnt(0.0)[:2] == [4.0, 2.0], "nothing was failed"
    assert learnt(1.0, submitted=0.0)[:2] == [5.0, 2.0] and learnt(1.0, knows=0.2)[:2] == [5.0, 2.0]
    assert (
        learnt(1.0, knowledge_shortfall=0.3 + 2e-6)[1] == 3.0 and learnt(1.0, knowledge_shortfall=0.3 + 1e-9)[1] == 2.0
    )
    assert [learnt(0.0, below_criterion=f, submitted=t)[2] for f, t in ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0))] == [
        1.0,
        0.0,
        0.0,
    ]


def test_causes_are_added_up_apart_for_failures_and_successes() -> None:
    """Of those who handed in: what of failures goes to ability, and what of successes to task and luck."""
    heard, submitted = row(FAILED, PASSED, FAILED), row(1.0, 1.0, 0.0)
    made = m.tally_causes(1.0, 2.0, 3.0, 4.0, heard, submitted, 0.4, 0.2, 0.1)
    assert [x.tolist() for x in made] == [
        [2.0, 1.0, 1.0], [2.4, 2.0, 2.0], [3.0, 4.0, 3.0], pytest.approx([4.0, 4.3, 4.0])
    ]  # fmt: skip


def minutes(**change: float) -> float:
    """A teacher's time for one student in a week."""
    q = levers(**{"information": 0.0} | {lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    s = {name: change.pop(name, 0.0) for name in ("submitted", "enrolled", "retaken", "talked")}
    return float(m.tally_time(10.0, **s, p=world(**change), q=q)) - 10.0


def test_a_teachers_time_by_hand() -> None:
    """Marking by what feedback says, retakes, matched tasks and talks; each where it happens and nowhere else."""
    assert minutes(submitted=1.0, information=0.6) == pytest.approx(0.6 * 4.0) and minutes(information=1.0) == 0.0
    assert minutes(retaken=2.0) == 16.0
    assert minutes(enrolled=1.0, adaptive=0.5) == 1.5 and minutes(adaptive=1.0) == 0.0
    assert minutes(talked=1.0) == 5.0
    everything = {"submitted": 1.0, "enrolled": 1.0, "retaken": 1.0, "talked": 1.0, "information": 1.0, "adaptive": 1.0}
    for name in ("time_feedback", "time_retake", "time_adapt", "time_story"):
        assert rises([minutes(**everything, **{name: x}) for x in (2.0, 4.0, 9.0)]), name


def test_three_kinds_of_failing_by_policy() -> None:
    """Failures exist under every policy; they are told, counted and compared only where the policy does so."""
    policies = {name: Policy(name, level=0.5) for name in ("criterion", "curve", "mastery", "narrative", "no-grades")}
    end = engine.run(class_of(10, *policies.values()), 10).end
    tallies = ("weeks_failing_grade_told", "weeks_failing_grade_counted", "weeks_failing_grade_compared")
    seen = {name: [bool(end[tally][:, k].any()) for tally in tallies] for k, name in enumerate(policies)}
    assert (end["weeks_below_criterion"].sum(0) > 0.0).all() and (end["weeks_practice_error"].sum(0) > 0.0).all()
    assert seen == {
        "criterion": [True, True, False],
        "curve": [True, True, True],
        "mastery": [True, False, False],
        "narrative": [False, False, False],
        "no-grades": [False, False, False],
    }


@pytest.mark.parametrize("policy", [BUSY, Policy("criterion"), Policy("harmful")], ids=["busy", "criterion", "harmful"])
def test_tallies_are_the_sums_of_their_weeks(policy: Policy) -> None:
    """Each tally at the end is what its weeks add up to."""
    run = engine.run(class_of(8, policy), 12, WRITTEN)
    sums = {
        "weeks_practice_error": run.trace["practice_error"],
        "weeks_below_criterion": run.trace["below_criterion"],
        "weeks_failing_grade_told": run.trace["failing_grade_told"],
        "weeks_failing_grade_counted": policy["counted"] * run.trace["failing_grade"],
        "weeks_failing_grade_compared": policy["public"] * run.trace["failing_grade"],
        "weeks_submitted": run.trace["submitted"],
        "weeks_helpless": run.trace["control"] < outcomes.NORMS["helpless_control"],
        "total_effort": run.trace["effort"],
        "total_tested": run.trace["tested_conceptual"],
        "early_tested": run.trace["tested_conceptual"][:3],
        "weeks_submitted_below_criterion": (run.trace["below_criterion"] * run.trace["submitted"])[:-1],
        "weeks_failure_heard": run.trace["submitted"] * (run.trace["heard_attribution"] < 0.0),
        "weeks_success_heard": run.trace["submitted"] * (run.trace["heard_attribution"] >= 0.0),
    }
    for name, weekly in sums.items():
        assert np.allclose(run.end[name], weekly.sum(0), rtol=0.0, atol=1e-12), name
        assert policy is not BUSY or run.end[name].any(), name


# ---- the curve ---------------------------------------------------------------------------------------------
def by_quota(quota: float, students: int) -> int:
    """How many of a class a curve fails: the quota's share, a half counted up."""
    return math.floor(quota * students + 0.5 + 1e-9)


def alike(**change: float) -> dict[str, float]:
    """A world in which students and classes hardly differ and everybody hands in."""
    sds = {name: 0.0 for name in Parameters() if name.endswith("_sd")}
    return {**Parameters(strength_avoidance=0.0), **sds, "class_share": 0.0} | change


ALIKE = {"spread": Parameters(strength_avoidance=0.0), "alike": alike()}


@pytest.mark.parametrize("kind", ALIKE)
@pytest.mark.parametrize("students", [2, 5, 10, 30])
def test_a_curve_fails_a_known_share(students: int, kind: str) -> None:
    """Whatever the level of the class and however alike its students are, every week."""
    cells = [(quota, level) for quota in (0.02, 0.2, 0.35, 0.5) for level in (-1.5, 2.0)]
    policies = [Policy("curve", quota=quota, level=level) for quota, level in cells]
    run = engine.run(
        class_of(students, *policies, worlds=ALIKE[kind]), 6, ("failing_grade", "submitted", "below_criterion")
    )
    assert run.trace["submitted"].all()
    expected = [[by_quota(quota, students) for quota, _ in cells]] * 6
    assert run.trace["failing_grade"].sum(1).tolist() == expected
    if students > 5:
        below = run.trace["below_criterion"].mean((0, 1))
        assert (below[::2] + 0.5 < below[1::2]).all(), "by the criterion the two levels are far apart"


def test_a_curve_fails_its_share_of_those_enrolled() -> None:
    """The quota counts those still enrolled; what is not handed in fails, within the quota or beyond it."""
    run = engine.run(class_of(30, Policy("harmful", quota=0.2)), 36, ("failing_grade", "submitted", "class_enrolled"))
    enrolled = np.rint(run.trace["class_enrolled"][:, 0, 0] * 30).astype(int)
    missing = enrolled - run.trace["submitted"][..., 0].sum(1).astype(int)
    failing = run.trace["failing_grade"][..., 0].sum(1).astype(int)
    assert enrolled[-1] < 30, "nobody has left: the test has lost its point"
    assert (missing < 0.2 * enrolled).any() and (missing > 0.2 * enrolled + 1.0).any()
    assert failing.tolist() == [max(by_quota(0.2, n), gone) for n, gone in zip(enrolled.tolist(), missing.tolist())]


def test_a_criterion_fails_nobody_by_construction() -> None:
    """Under the criterion all may pass and all may fail."""
    p = Parameters(strength_avoidance=0.0, knowledge_sd=0.5, assess_noise=0.3, drift_sd=0.0, class_share=0.0)
    easy, hard = Policy(level=-1.5), Policy(level=2.0)
    worlds = [p.replace(knowledge_mean=1.0), p.replace(knowledge_mean=-1.0)]
    failing = engine.run(class_of(10, easy, hard, worlds=worlds), 4, ("failing_grade",)).trace["failing_grade"]
    assert failing.mean((0, 1)).tolist() == [0.0, 1.0]


def test_lively_students_do_everything() -> None:
    """The world that these tests run in has students who skip, fail, suffer and stop."""
    run = engine.run(class_of(10, Policy("harmful"), worlds=LIVELY), 12, ("submitted", "affect"))
    assert 0.1 < run.trace["submitted"].mean() < 0.9 and run.trace["affect"].max() > 0.5
    assert 0.0 < run.end["enrolled"].mean() < 1.0
