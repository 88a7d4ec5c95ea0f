"""Each equation does what its sentence says: the direction of every claim, and a few values worked out by hand."""

import ast
import inspect
import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from setback.model import engine, outcomes
from setback.model import mechanisms as m
from setback.model import opening as o
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.week import PHASES, WEEK

from .conftest import BUSY, HALF, LIVELY, ONE, WRITTEN, ZERO, class_of, falls, flip, levers, rises, row, world


def equations(module: ModuleType) -> list[str]:
    """The equations of a module; of the outcomes, the tallies."""
    here = [n for n, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__]
    return [name for name in here if module is not outcomes or name.startswith("tally_")]


def test_every_equation_stands_in_this_file() -> None:
    """A new equation needs a test of its own: each is called here by its name."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    called = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }
    missing = [f"{a}.{name}" for a, of in (("m", m), ("o", o), ("outcomes", outcomes)) for name in equations(of)]
    assert [name for name in missing if name not in called] == []


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
    ],
    ids=["rate on knowledge", "resilience on knowledge", "style on resilience", "expectancy on knowledge",
         "control on style", "interest on expectancy"],
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
    p = world(resilience_mean=0.4, style_mean=-0.5, expectancy_mean=1.0, control_mean=0.2, interest_mean=-0.3)
    assert o.draw_learning_rate(ZERO, ZERO, ZERO, ZERO, p) == 1.0
    _, baseline, reserve = o.draw_resilience(ZERO, ZERO, ZERO, ZERO, p)
    assert reserve == baseline
    assert logit(baseline, 0.4, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_style(ZERO, ZERO, ZERO, ZERO, p)[1], -0.5, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_expectancy(ZERO, ZERO, ZERO, ZERO, p)[1], 1.0, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_control(ZERO, ZERO, ZERO, ZERO, p), 0.2, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_interest(ZERO, ZERO, ZERO, ZERO, p), -0.3, 1.0) == pytest.approx(0.0)


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
    ):
        assert logit(drawn, mean, sd) == pytest.approx(score)


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
    assert len(rest) == 7 and not np.any(rest)


def test_until_somebody_ranks_all_stand_in_the_middle() -> None:
    """All have the same standing and the middle position, no place, and nobody is waited for."""
    standing, ranked_by, position, place, ready = (x.tolist() for x in o.stand_alike(row(1.0, 1.0)))
    assert (standing, ranked_by, position, place, ready) == ([0.0] * 2, [0.0] * 2, [0.5] * 2, [0.0] * 2, [1.0] * 2)


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


# ---- pacing ------------------------------------------------------------------------------------------------
def test_a_new_unit_starts_from_its_prerequisites() -> None:
    """Whoever moved on starts at cumulative knowledge, whoever repeats keeps what is not yet forgotten."""
    p = world(forgetting=0.25)
    conceptual, procedural = m.open_unit(3.0, 5.0, 1.0, 1.0, row(1.0, 0.0), p)
    assert conceptual.tolist() == [1.0, 1.0 + 0.75 * 2.0]
    assert procedural.tolist() == [1.0, 1.0 + 0.75 * 4.0]


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


# ---- effort ------------------------------------------------------------------------------------------------
LUCK = (np.arange(1000) + 0.5) / 1000.0


def test_the_ashamed_and_the_helpless_avoid_the_task() -> None:
    """Shame raises and control lowers how often work is not handed in; whoever has stopped never hands in."""
    p = world(skip_level=-2.0)
    by_affect = [m.hand_in(np.float64(affect), HALF, ONE, LUCK, p).mean() for affect in (0.0, 1.0, 2.0)]
    by_control = [m.hand_in(ZERO, np.float64(control), ONE, LUCK, p).mean() for control in (0.1, 0.5, 0.9)]
    assert falls(by_affect) and rises(by_control)
    assert by_affect[0] == pytest.approx(1.0 - 1.0 / (1.0 + math.exp(2.0)), abs=0.001)
    assert not m.hand_in(ZERO, ONE, ZERO, LUCK, p).any()


def test_who_hands_in_by_hand() -> None:
    """Affect .5 and control .8 at a level of -2: a logit of -2.15."""
    skip = 1.0 / (1.0 + math.exp(2.0 - 1.5 * 0.5 + 3.0 * 0.3))
    assert skip == pytest.approx(1.0 / (1.0 + math.exp(2.15)))
    luck = row(skip - 1e-9, skip + 1e-9)
    assert m.hand_in(HALF, np.float64(0.8), ONE, luck, world(skip_level=-2.0)).tolist() == [0.0, 1.0]


def test_effort_is_expectancy_times_value_less_cost() -> None:
    """Expectancy pays in interest and interest in expectancy; a task too hard, and shame, cost; control pulls."""
    p, few = world(utility_value=0.2), row(0.1, 0.5, 0.9)
    assert rises(m.decide_effort(few, 0.5, 0.5, 0.0, 0.0, 1.0, p))
    assert rises(m.decide_effort(0.5, few, 0.5, 0.0, 0.0, 1.0, p))
    assert rises(m.decide_effort(0.5, 0.5, few, 0.0, 0.0, 1.0, p))
    assert falls(m.decide_effort(0.5, 0.5, 0.5, few, 0.0, 1.0, p))
    assert falls(m.decide_effort(0.5, 0.5, 0.5, 0.0, few, 1.0, p))
    assert np.ptp(m.decide_effort(0.5, 0.5, 0.5, 0.0, row(-3.0, -1.0, 0.0), 1.0, p)) == 0.0, "easy tasks cost nothing"
    assert np.ptp(m.decide_effort(0.0, few, 0.5, 0.0, 0.0, 1.0, p)) == 0.0, "no expectancy, no value"
    assert m.decide_effort(0.5, 0.5, 0.5, 0.0, 0.0, 0.0, p) == 0.0, "no attempt, no effort"


def test_effort_by_hand() -> None:
    """Expectancy and interest at one half, control .7, affect .5, a challenge of 1: a logit of -0.125."""
    value = 0.3 + 0.7 * 0.5
    want = -0.4 + 3.0 * 0.5 * value + 1.0 * 0.2 - 0.5 * 1.0 - 0.8 * 0.5
    assert want == pytest.approx(-0.125)
    assert m.decide_effort(0.5, 0.5, 0.7, 0.5, 1.0, 1.0, world()) == pytest.approx(1.0 / (1.0 + math.exp(0.125)))


# ---- practice, errors and instruction ----------------------------------------------------------------------
def instructed(early: float, *, prepared: float = 0.0, effort: float = 1.0, **change: float) -> tuple[float, ...]:
    """Knowledge and preparation of a student at 0 after one half of the week's instruction."""
    q = levers(problem_first=change.pop("problem_first", 0.0), consolidation=change.pop("consolidation", 1.0))
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
    wrong, depth = m.err(row(0.4, -0.4, 0.0, 0.4), row(1.0, 1.0, 1.0, 0.0))
    assert wrong.tolist() == [1.0, 0.0, 0.0, 0.0] and depth.tolist() == [0.4, 0.0, 0.0, 0.0]
    assert m.err(np.float64(1e-9), 1.0) == (1.0, 1e-9), "the nearest miss is one"


def test_threat_to_the_self_makes_tune_out() -> None:
    """It grows with shame and with how threatening failure is made; without shame there is none."""
    assert rises(m.feel_threat(row(0.0, 1.0, 2.0), world(), levers()))
    assert rises([m.feel_threat(ONE, world(), levers(threat=threat)) for threat in (0.0, 0.5, 1.0)])
    assert m.feel_threat(ZERO, world(), levers(threat=1.0)) == 0.0
    assert m.feel_threat(2.0, world(ego_threat=1.5), levers(threat=0.7)) == pytest.approx(1.5 * 2.0 * 1.2)


def test_who_stays_with_an_error() -> None:
    """Control, reserve and error-friendly talk keep students with it, depth and threat drive them away."""
    p, few = world(), row(0.0, 0.5, 1.0)
    assert rises(m.analyse_error(1.0, 0.5, 0.0, few, 0.5, p, levers()))
    assert rises(m.analyse_error(1.0, 0.5, 0.0, 0.5, few, p, levers()))
    assert falls(m.analyse_error(1.0, few, 0.0, 0.5, 0.5, p, levers()))
    assert falls(m.analyse_error(1.0, 0.5, few, 0.5, 0.5, p, levers()))
    assert rises([m.analyse_error(1.0, 0.5, 0.0, 0.5, 0.5, p, levers(friendly=e)) for e in (0.0, 0.5, 1.0)])
    assert rises(m.analyse_error(1.0, few, 0.0, 0.5, 0.5, world(engage_depth=-0.2), levers())), "the prior has both"
    assert m.analyse_error(0.0, 0.0, 0.0, 1.0, 1.0, p, levers()) == 0.0, "no error, nothing to analyse"


def test_who_stays_with_an_error_by_hand() -> None:
    """Depth 1, threat .6, control .7, reserve .3, half error-friendly: a logit of -0.1; without control -0.4."""
    stay = 0.4 + 0.8 * 0.5 + 1.5 * (0.7 - 0.5) + 1.0 * (0.3 - 0.5) - 0.4 * 1.0 - 0.6
    assert stay == pytest.approx(-0.1)
    q = levers(friendly=0.5)
    assert m.analyse_error(1.0, 1.0, 0.6, 0.7, 0.3, world(), q) == pytest.approx(1.0 / (1.0 + math.exp(0.1)))
    unmoved = world(engage_control=0.0)
    assert m.analyse_error(1.0, 1.0, 0.6, 0.7, 0.3, unmoved, q) == pytest.approx(1.0 / (1.0 + math.exp(0.4)))


def test_support_comes_at_once_when_lost_or_never() -> None:
    """Rescue helps with every error, a responsive teacher with deep ones, one who withholds with none."""
    wrong, depth, p = row(0.0, 1.0, 1.0), row(0.0, 0.2, 2.0), world(lost_depth=1.5)
    assert m.time_support(1.0, row(1.4, 1.5, 1.6), p, levers()).tolist() == [0.0, 0.0, 1.0]
    helps = {"rescue": [0.0, 1.0, 1.0], "responsive": [0.0, 0.0, 1.0], "withhold": [0.0, 0.0, 0.0]}
    assert {part: m.time_support(wrong, depth, p, levers(part)).tolist() for part in helps} == helps


def test_a_near_miss_is_worth_more_than_a_deep_error() -> None:
    """At the default worth falls with depth, from 1; with a negative slope deep errors are worth more."""
    depth = row(0.0, 0.25, 2.0, 4.0, 9.0)
    worth = m.value_near_miss(depth, world())
    assert worth[0] == 1.0 and falls(worth[:4]) and worth[4] == worth[3]
    assert rises(m.value_near_miss(depth[:4], world(near_miss=-0.5)))
    assert m.value_near_miss(depth, world(near_miss=0.0)).tolist() == [1.0] * 5


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
    assert m.prepare(0.0, 1.0, 1.0, 1.0, p, q) == 0.0, "rescue at once leaves nothing prepared"
    assert m.prepare(0.0, 1.0, 1.0, 0.0, p, levers()) == 0.0, "instruction first prepares nothing"
    assert m.prepare(0.5, 1.0, 1.0, 0.0, p, q) == pytest.approx(0.5 + 0.8 * 0.5)


def test_rescue_at_once_cuts_preparation_in_class() -> None:
    """In a class that struggles first, a teacher who steps in at once leaves nothing to build on."""
    block = class_of(8, Policy("problem-first"), Policy("problem-first+rescue"))
    without_lesson = [phase for phase in WEEK if dict(phase.bind).get("early") != 0.0]
    run = engine.run(block, 1, ("wrong", "preparation"), model=PHASES._replace(week=tuple(without_lesson)))
    assert len(without_lesson) == len(WEEK) - 1, "the lesson after the attempt would use up what was prepared"
    assert run.trace["wrong"].any(1).all()
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
    """Knowledge, form and luck raise the margin, difficulty lowers it; it is kept as drawn beside it."""
    p, few = world(assess_noise=0.5), row(-1.0, 0.0, 1.0)
    for at, direction in enumerate((rises, rises, rises, falls, rises)):
        read = [0.0] * 5
        read[at] = few
        margin, drawn = m.assess(*read, p)
        assert direction(margin) and margin.tolist() == drawn.tolist()
    assert m.assess(1.0, 2.0, 0.1, 0.3, -1.0, p)[0] == pytest.approx(1.5 + 0.1 - 0.5 - 0.3)


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
    mastery, failed, conceptual, procedural = m.judge(row(-0.1, 0.0, 0.1, 2.0), row(1.0, 1.0, 1.0, 0.0), 3.0, 4.0)
    assert mastery.tolist() == [0.0, 1.0, 1.0, 0.0] and failed.tolist() == [1.0, 0.0, 0.0, 1.0]
    assert (conceptual, procedural) == (3.0, 4.0)


def test_work_not_handed_in_ranks_last() -> None:
    """Below every margin while enrolled, above all after stopping, so that nobody is ranked above who has left."""
    tried, enrolled = row(1.0, 0.0, 0.0), row(1.0, 1.0, 0.0)
    own, others = m.stand(row(-0.4, 2.0, 2.0), row(0.6, 2.0, 2.0), tried, enrolled, levers("curve"))
    assert own.tolist() == [-0.4, -1000.0, 1000.0]
    assert others.tolist() == [0.6, -1000.0, 1000.0], "classmates see the margin as drawn"
    own, others = m.stand(row(-0.4, 2.0, 2.0), row(0.6, 2.0, 2.0), tried, enrolled, levers(comparison=0.01))
    assert own.tolist() == [-0.4, -1000.0, 1000.0], "the least comparison ranks"
    own, others = m.stand(row(-0.4, 2.0, 2.0), row(0.6, 2.0, 2.0), tried, enrolled, levers())
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


def test_a_curve_hears_ones_place() -> None:
    """Under a curve the grade is the place among those enrolled, half way it is the mean of place and score."""
    score, position, tried = row(0.9, 0.9, 0.9), row(0.1, 0.4, 0.4), row(1.0, 1.0, 0.0)
    place, heard = m.compare(score, position, HALF, tried, 0.2, levers("curve"))
    assert place.tolist() == [0.2, 0.8, 0.0] and heard.tolist() == pytest.approx([0.0, 0.6, -0.2])
    heard = m.compare(score, position, HALF, tried, 0.2, levers(comparison=0.5))[1]
    assert heard.tolist() == pytest.approx([0.55 - 0.2, 0.85 - 0.2, 0.45 - 0.2])
    assert m.compare(score, position, HALF, tried, 0.2, levers(comparison=0.01))[0].tolist() == place.tolist()
    assert m.compare(0.5, 0.01, np.float64(0.02), 1.0, 0.2, levers("curve"))[0] == 0.5, "the last one left"
    place, heard = m.compare(score, position, HALF, tried, 0.2, levers())
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


def retaken(heard: float, z: float, *, number: float = 1.0, tried: float = 1.0, **change: float) -> dict[str, float]:
    """A student at a margin of -0.2 who may take the test again."""
    q = levers(retakes=change.pop("retakes", 1.0), comparison=change.pop("comparison", 0.0))
    h = np.float64(heard)
    made = m.retake(
        0.0, 0.0, h, ZERO, np.float64(change.pop("heard_learning", heard)), tried, 1.0, 0.0, 0.2, 0.1, 0.5,
        np.float64(number), z, world(retake_gain=0.3, assess_noise=0.5), q,
    )  # fmt: skip
    return dict(zip(("conceptual", "procedural", "heard", "mastery"), (float(x) for x in made)))


def test_a_retake_teaches_and_the_better_grade_counts() -> None:
    """Correcting the work raises both kinds of knowledge; luck may lift the grade and can never lower it."""
    lucky, unlucky = retaken(-0.05, 1.0), retaken(-0.05, -3.0)
    assert lucky["conceptual"] == unlucky["procedural"] == 0.3
    score = 1.0 / (1.0 + math.exp(-(0.3 + 0.5 - 0.2)))
    assert lucky["heard"] == pytest.approx(score - 0.5) and lucky["mastery"] == 1.0
    assert unlucky["heard"] == -0.05 and unlucky["mastery"] == 0.0


def test_the_line_of_a_retake() -> None:
    """A grade exactly on the line is not taken again; a margin of exactly 0 in the retake is mastery."""
    assert retaken(0.0, 3.0, heard_learning=-0.05)["conceptual"] == 0.0
    assert retaken(-0.05, 3.0, heard_learning=0.0)["conceptual"] == 0.0
    assert retaken(-1e-9, 3.0)["conceptual"] == 0.3
    half = {"heard": np.float64(-0.05), "mastery": ZERO, "heard_learning": np.float64(-0.05)}
    same = {"tried": 1.0, "effort": 1.0, "form": 0.0, "place": 0.0, "line": 0.5, "number": ONE, "z": 0.0}
    for syllabus, mastered in ((0.5, 1.0), (0.5 + 1e-9, 0.0)):
        given = half | same | {"syllabus": syllabus, "p": world(retake_gain=0.5), "q": levers(retakes=1.0)}
        assert m.retake(conceptual=0.0, procedural=0.0, **given)[3] == mastered
    given = half | same | {"syllabus": 0.0, "p": world(retake_gain=0.5), "q": levers(retakes=1.0)}
    assert m.retake(conceptual=1.0, procedural=2.0, **given)[:2] == (1.5, 2.5)


@pytest.mark.parametrize(
    "change",
    [{"heard": 0.1}, {"tried": 0.0}, {"retakes": 0.0}, {"number": 2.0}, {"heard_learning": 0.1}],
    ids=["passed", "not handed in", "no retakes", "one retake only", "taken to have passed"],
)
def test_who_may_not_take_the_test_again(change: dict[str, float]) -> None:
    """Nothing is corrected, heard anew or mastered."""
    arguments = {"heard": -0.05, "z": 3.0} | change
    heard = arguments["heard"]
    assert retaken(**arguments) == {"conceptual": 0.0, "procedural": 0.0, "heard": heard, "mastery": 0.0}


def test_a_place_in_the_class_is_not_taken_again() -> None:
    """Under a curve correcting teaches, but the place stays what it was."""
    after = retaken(0.1 - 0.5, 3.0, comparison=1.0)
    assert after["conceptual"] == 0.3 and after["heard"] == pytest.approx(0.1 - 0.5)


def test_all_receivers_hear_the_same() -> None:
    """Five copies of one thing heard."""
    assert m.receive(-0.3) == (-0.3,) * 5


# ---- reading the cause -------------------------------------------------------------------------------------
def test_a_failing_grade_is_below_the_line() -> None:
    """Of those enrolled; what classmates see is a copy of its own."""
    failing, fell_short = m.show_failure(row(-0.1, 0.0, -0.1), row(0.1, -0.1, -0.1), row(1.0, 1.0, 0.0))
    assert failing.tolist() == [1.0, 0.0, 0.0] and fell_short.tolist() == [0.0, 1.0, 0.0]


def expectancy_of(heard: np.float64) -> float:
    """Expectancy after a grade near a line of one half."""
    return float(m.update_expectancy(HALF, heard, 0.5, 0.4, 0.3, 1.0, world(negativity=0.0), levers()))


#: What each reader makes of a grade.
READERS: dict[str, Callable[[np.float64], float]] = {
    "told": lambda h: m.hear_of_learning(h, ONE, levers())[1],
    "failing": lambda h: m.show_failure(h, ONE, ONE)[0],
    "classmates": lambda h: m.show_failure(ONE, h, ONE)[1],
    "causes": lambda h: m.attribute(0.9, 0.0, h, 1.0, world(), levers())[0],
    "style": lambda h: m.drift_of_style(0.5, h, 0.6, 0.1, 0.1, 1.0, world(), levers()),
    "record": lambda h: m.remember(0.5, h, 1.0, world(), levers()),
    "expectancy": expectancy_of,
    "control": lambda h: m.update_control(0.5, h, 1.0, 0.2, world(), levers()),
    "affect": lambda h: m.update_affect(0.5, h, 0.2, 0.5, 1.0, world(), levers()),
    "interest": lambda h: m.update_interest(0.5, h, 1.0, 1.0, world(), levers()),
}


@pytest.mark.parametrize("reader", READERS)
def test_all_read_the_same_line(reader: str) -> None:
    """A grade exactly on the line is a pass to every reader, the least below it is a failure."""
    below, on, above = (float(READERS[reader](np.float64(x))) for x in (-1e-9, 0.0, 1e-9))
    assert on == pytest.approx(above, abs=1e-8) and abs(below - on) > 1e-3


def causes(heard: float, **change: float) -> dict[str, float]:
    """The four shares for one student; ``weight`` is the task's."""
    s = {"style": 0.5, "history": 0.0, "weight": 1.0} | {k: change.pop(k) for k in list(change) if k in READ}
    q = levers(comparison=change.pop("comparison", 0.0))
    shares = m.attribute(s["style"], s["history"], np.float64(heard), s["weight"], world(**change), q)
    assert sum(shares) == pytest.approx(1.0)
    return dict(zip(("ability", "effort", "task", "luck"), (float(x) for x in shares)))


READ = ("style", "history", "weight")
FAILED, PASSED = -0.1, 0.1


def test_an_unbiased_reader_gives_equal_shares() -> None:
    """In the middle of the style, with a clean record and a divided class, nothing speaks for any cause."""
    assert causes(FAILED) == causes(PASSED) == {"ability": 0.25, "effort": 0.25, "task": 0.25, "luck": 0.25}


@pytest.mark.parametrize("read", ["style", "history"])
def test_the_helpless_give_failures_to_ability_and_successes_to_luck(read: str) -> None:
    """A helpless style, and a record of failures, pull failures to ability and successes to luck."""
    failed, passed = ([causes(heard, **{read: x}) for x in (0.0, 0.5, 1.0)] for heard in (FAILED, PASSED))
    assert rises([c["ability"] for c in failed]) and falls([c["luck"] for c in failed])
    assert falls([c["ability"] for c in passed]) and rises([c["luck"] for c in passed])


def test_history_may_pull_the_other_way() -> None:
    """Below 0 a record of failures takes ability out of failures."""
    few = [causes(FAILED, history=h, attribution_history=-1.0)["ability"] for h in (0.0, 0.5, 1.0)]
    assert falls(few)


def test_if_everybody_failed_it_was_the_task() -> None:
    """Consensus: the task explains a failure that all share and a success that all share, not one's own alone."""
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


def test_causes_by_hand() -> None:
    """A ranked failure of a helpless student with a record: a softmax of 1.0, 0, 0.5 and -0.8."""
    pull = 1.2 * (2.0 * 0.75 - 1.0) + 0.5 * 0.4
    assert pull == pytest.approx(0.8)
    weights = [math.exp(x) for x in (pull + 0.2, 0.0, 0.5, -pull)]
    by_hand = [w / sum(weights) for w in weights]
    found = causes(FAILED, style=0.75, history=0.4, weight=math.exp(0.5), comparison=1.0)
    assert list(found.values()) == pytest.approx(by_hand)


def test_a_verdict_that_nobody_utters_counts_in_part() -> None:
    """Told in full, untold by the share of an unlabelled shortfall."""
    p = world(unlabelled=0.3)
    assert [m.verdict_counts(told, p) for told in (0.0, 0.5, 1.0)] == pytest.approx([0.3, 0.65, 1.0])


def test_repeated_attributions_become_a_style() -> None:
    """Failures given to ability and successes given to luck make helpless, effort and owned successes the reverse."""
    p, q = world(), levers()

    def drift(heard: float, ability: float, effort: float, luck: float, tried: float = 1.0) -> float:
        return float(m.drift_of_style(0.5, np.float64(heard), ability, effort, luck, tried, p, q)) - 0.5

    assert drift(FAILED, 1.0, 0.0, 0.0) > 0.0 > drift(FAILED, 0.0, 1.0, 0.0)
    assert drift(PASSED, 0.0, 0.0, 1.0) > 0.0 > drift(PASSED, 1.0, 0.0, 0.0)
    assert drift(PASSED, 0.0, 1.0, 0.0) < 0.0 == drift(FAILED, 0.0, 0.0, 1.0)
    assert drift(FAILED, 1.0, 0.0, 0.0, tried=0.0) == 0.0
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
def expected(heard: float, *, stable: float = 0.5, tried: float = 1.0, told: float = 1.0, **change: float) -> float:
    """How far an expectancy of .5 moves after a grade that far past a line of .5."""
    q = levers(information=change.pop("information", 0.6), told=told)
    p = world(**change)
    return float(m.update_expectancy(HALF, np.float64(heard), 0.5, stable, 0.0, tried, p, q)) - 0.5


def test_expectancy_follows_prediction_error() -> None:
    """A grade above expectation raises it, one below lowers it, further the larger the surprise."""
    assert rises([expected(x) for x in (-0.4, -0.2, 0.2, 0.4)])
    assert expected(-0.2) < 0.0 < expected(0.2)
    assert expected(-0.2, tried=0.0) == 0.0 == expected(-0.2, information=0.0), "nothing handed in, nothing said"


def test_stable_causes_move_expectancy_more() -> None:
    """Ability and task move it more than effort and luck, in both directions."""
    for heard in (-0.2, 0.2):
        assert rises([abs(expected(heard, stable=x)) for x in (0.0, 0.5, 1.0)])
        assert len({expected(heard, stable=x, stability=0.0) for x in (0.0, 0.5, 1.0)}) == 1
    p, q = world(), levers()
    by = [m.update_expectancy(HALF, np.float64(-0.2), 0.5, a, 0.6 - a, 1.0, p, q) for a in (0.0, 0.6)]
    assert by[0] == pytest.approx(by[1]), "ability and task alike"


def test_bad_news_may_be_learnt_faster() -> None:
    """With negativity above 0 a bad surprise moves more than a good one of the same size, below 0 less."""
    for negativity, factor in ((0.3, 1.3), (0.0, 1.0), (-0.3, 0.7)):
        news = {"verdict_weight": 0.0, "negativity": negativity}
        assert -expected(-0.2, **news) == pytest.approx(factor * expected(0.2, **news))


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
    found = m.update_expectancy(np.float64(0.6), np.float64(-0.2), 0.5, 0.4, 0.3, 1.0, world(), levers())
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


def felt(heard: float, ability: float = 0.25, reserve: float = 0.5, enrolled: float = 1.0, **change: float) -> float:
    """Affect after a week that began without any."""
    q = levers(threat=change.pop("threat", 0.5), stakes=change.pop("stakes", 0.5), told=change.pop("told", 1.0))
    return float(m.update_affect(0.0, np.float64(heard), ability, reserve, enrolled, world(**change), q))


def test_a_failure_under_threat_hurts() -> None:
    """More under threat, stakes and blame of ability, less behind a reserve or where nobody calls it one."""
    few = (0.0, 0.5, 1.0)
    assert rises([felt(FAILED, threat=x) for x in few]) and felt(FAILED, threat=0.0) == 0.0
    assert rises([felt(FAILED, stakes=x) for x in few])
    assert rises([felt(FAILED, ability=x) for x in few])
    assert falls([felt(FAILED, reserve=x) for x in few])
    assert rises([felt(FAILED, told=x) for x in few])
    assert felt(PASSED) == 0.0 == felt(FAILED, enrolled=0.0)


def test_shame_fades() -> None:
    """Without a new failure a fixed share is gone every week, also after leaving."""
    p, enrolled = world(affect_decay=0.4), row(1.0, 0.0)
    affect = m.update_affect(row(1.0, 2.0), np.float64(PASSED), 0.25, 0.5, enrolled, p, levers())
    assert affect.tolist() == pytest.approx([0.6, 1.2])


def test_affect_by_hand() -> None:
    """From 1, after a failure given to ability by .3, behind half a reserve: .6 left, and .224 more."""
    rise = 0.8 * 0.5 * (0.5 + 0.5) * (0.5 + 1.0 * 0.3) * (1.0 - 0.6 * 0.5)
    assert rise == pytest.approx(0.224)
    assert m.update_affect(ONE, np.float64(FAILED), 0.3, 0.5, 1.0, world(), levers()) == pytest.approx(0.6 + 0.224)


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
    q = levers(threat=change.pop("threat", 0.5), told=change.pop("told", 1.0))
    return float(m.update_interest(0.5, np.float64(heard), effort, enrolled, world(**change), q)) - 0.5


def test_interest_grows_with_competence_and_shrinks_under_threat() -> None:
    """Success with effort raises it, evaluated failure lowers it the more it threatens."""
    few = (0.0, 0.5, 1.0)
    assert rises([interested(PASSED, effort=x) for x in few]) and interested(PASSED, effort=0.0) == 0.0
    assert falls([interested(FAILED, threat=x) for x in few]) and interested(FAILED, threat=0.0) == 0.0
    assert interested(FAILED) < interested(FAILED, told=0.0) < 0.0
    assert interested(PASSED, enrolled=0.0) == 0.0 == interested(FAILED, enrolled=0.0)


def test_interest_by_hand() -> None:
    """A success at effort .8 adds .02 times .8 of the other half; a failure takes .06 of one half under threat .5."""
    assert interested(PASSED, effort=0.8) == pytest.approx(0.02 * 0.8 * 0.5)
    assert interested(FAILED) == pytest.approx(-0.06 * 0.5 * 0.5)
    gained = m.update_interest(0.8, np.float64(PASSED), 1.0, 1.0, world(), levers()) - 0.8
    assert gained == pytest.approx(0.02 * 0.2)


# ---- stopping, moving on -----------------------------------------------------------------------------------
def test_who_stops_for_good() -> None:
    """Weeks without handing in and shame push out, control keeps in; nobody who has stopped comes back."""
    p = world(quit_level=-5.0)

    def stay(idle: float = 0.0, control: float = 0.5, affect: float = 0.0, enrolled: float = 1.0) -> float:
        given = (np.float64(x) for x in (idle, enrolled, 0.0, control, affect))
        return float(m.quit_for_good(*given, LUCK, p)[1].mean())

    assert falls([stay(idle=x) for x in (0.0, 2.0, 5.0)])
    assert rises([stay(control=x, idle=4.0) for x in (0.1, 0.5, 0.9)])
    assert falls([stay(affect=x, idle=2.0) for x in (0.0, 1.0, 2.0)])
    assert stay(enrolled=0.0) == 0.0


def test_who_stops_by_hand() -> None:
    """The fourth week in a row, control .2 and affect 1: a logit of -2.6."""
    hazard = 1.0 / (1.0 + math.exp(8.0 - 0.8 * 4.0 - 4.0 * 0.3 - 1.0))
    assert hazard == pytest.approx(1.0 / (1.0 + math.exp(2.6)))
    luck = row(hazard - 1e-9, hazard + 1e-9)
    stays = m.quit_for_good(np.float64(3.0), ONE, ZERO, np.float64(0.2), ONE, luck, world())[1]
    assert stays.tolist() == [0.0, 1.0]


def test_weeks_without_handing_in_are_counted_in_a_row() -> None:
    """One more for each, back to none with the next work handed in, and no more after leaving."""
    idle = m.quit_for_good(row(3.0, 3.0, 3.0), row(1.0, 1.0, 0.0), row(0.0, 1.0, 0.0), 0.5, 0.0, ONE, world())[0]
    assert idle.tolist() == [4.0, 0.0, 3.0]


def test_the_calendar_moves_on() -> None:
    """Everybody enrolled moves one unit, whoever has left none."""
    assert m.keep_pace(row(1.0, 0.0)).tolist() == [1.0, 0.0]


def test_a_waiting_class_waits_for_those_who_have_not_mastered() -> None:
    """Only for those still enrolled, and only where it waits at all."""
    mastery, enrolled = row(1.0, 0.0, 0.0), row(1.0, 1.0, 0.0)
    assert m.be_ready(mastery, enrolled, levers("mastery-paced")).tolist() == [1.0, 0.0, 1.0]
    assert m.be_ready(mastery, enrolled, levers(waiting=0.01)).tolist() == [1.0, 0.0, 1.0]
    assert m.be_ready(mastery, enrolled, levers()).tolist() == [1.0, 1.0, 1.0]


def test_a_waiting_class_moves_when_enough_are_ready() -> None:
    """All together, when the stated share is ready; elsewhere nobody waits."""
    q, moved = levers("mastery-paced", ready=0.75), row(1.0, 1.0, 0.0)
    assert m.wait_for_class(moved, np.float64(0.74), moved, q).tolist() == [0.0, 0.0, 0.0]
    assert m.wait_for_class(moved, np.float64(0.75), moved, q).tolist() == [1.0, 1.0, 0.0]
    assert m.wait_for_class(moved, ZERO, moved, levers()).tolist() == [1.0, 1.0, 0.0]


def test_a_class_waits_in_class() -> None:
    """At a level beyond all a waiting class stays at the first unit, far below all it keeps the calendar."""
    hard, easy = (Policy("mastery-paced", level=level, ready=0.5) for level in (2.0, -1.5))
    p = Parameters(switch_avoidance=0.0, knowledge_sd=0.5, knowledge_mean=-0.5, practice_rate=0.2)
    run = engine.run(class_of(10, hard, easy, Policy(level=2.0), worlds=p), 8)
    assert run.end["unit"].T.tolist() == [[0.0] * 10, [8.0] * 10, [8.0] * 10]


def test_the_self_paced_move_on_alone() -> None:
    """After mastering the unit, whatever the class does; whoever has left stays."""
    moved, mastery = row(1.0, 1.0, 0.0), row(1.0, 0.0, 1.0)
    assert m.pace_oneself(moved, mastery, moved, levers("self-paced")).tolist() == [1.0, 0.0, 0.0]
    assert m.pace_oneself(moved, mastery, moved, levers()).tolist() == [1.0, 1.0, 0.0]
    run = engine.run(class_of(10, Policy("self-paced", level=0.5)), 8, ("moved", "mastery", "enrolled"))
    assert np.array_equal(run.trace["moved"], run.trace["mastery"] * run.trace["enrolled"])
    assert np.ptp(run.end["unit"]) > 1.0, "a class apart"


def test_a_unit_that_is_left_lasts_in_part() -> None:
    """Moving on counts the unit, with a pass as mastered, and keeps a share of the gain; staying keeps all open."""
    p, moved, mastery = world(retention=0.02), row(1.0, 1.0, 0.0), row(1.0, 0.0, 1.0)
    unit, mastered, conceptual, procedural = m.close_unit(4.0, 2.0, 2.0, 3.0, 1.0, 1.0, mastery, moved, p)
    assert unit.tolist() == [5.0, 5.0, 4.0] and mastered.tolist() == [3.0, 2.0, 2.0]
    assert conceptual.tolist() == pytest.approx([1.02, 1.02, 1.0])
    assert procedural.tolist() == pytest.approx([1.04, 1.04, 1.0])


# ---- the tallies -------------------------------------------------------------------------------------------
def test_errors_and_failures_are_never_one_number() -> None:
    """Each adds up its own."""
    assert outcomes.tally_failures(3.0, 5.0, 1.0, 0.0) == (4.0, 5.0)
    assert outcomes.tally_failures(3.0, 5.0, 0.0, 1.0) == (3.0, 6.0)


def test_tallies_add_what_the_policy_does() -> None:
    """Told, counted and compared add up a failing grade where the policy does so."""
    assert outcomes.tally_told(2.0, row(0.0, 1.0)).tolist() == [2.0, 3.0]
    assert outcomes.tally_counted(2.0, row(0.0, 1.0), levers(counted=1.0)).tolist() == [2.0, 3.0]
    assert outcomes.tally_counted(2.0, row(0.0, 1.0), levers(counted=0.0)).tolist() == [2.0, 2.0]
    assert outcomes.tally_compared(2.0, row(0.0, 1.0), levers("curve")).tolist() == [2.0, 3.0]
    assert outcomes.tally_compared(2.0, row(0.0, 1.0), levers()).tolist() == [2.0, 2.0]


def test_a_year_is_added_up() -> None:
    """Weeks handed in, weeks below the threshold of helplessness, effort and knowledge shown."""
    control = row(0.1, 0.3, 0.5)
    weeks, helpless, effort, tested = outcomes.tally_year(1.0, 2.0, 3.0, 4.0, 1.0, control, 0.5, -1.0, 0.3)
    assert (weeks, effort, tested) == (2.0, 3.5, 3.0) and helpless.tolist() == [3.0, 2.0, 2.0]


def test_three_kinds_of_failing_by_policy() -> None:
    """Failures exist under every policy; they are told, counted and compared only where the policy does so."""
    policies = {name: Policy(name, level=0.5) for name in ("criterion", "curve", "mastery", "narrative", "no-grades")}
    end = engine.run(class_of(10, *policies.values()), 10).end
    tallies = ("failures_told", "failures_counted", "failures_compared")
    seen = {name: [bool(end[tally][:, k].any()) for tally in tallies] for k, name in enumerate(policies)}
    assert (end["failures"].sum(0) > 0.0).all() and (end["errors"].sum(0) > 0.0).all()
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
        "errors": run.trace["wrong"],
        "failures": run.trace["failed"],
        "failures_told": run.trace["told_failed"],
        "failures_counted": policy["counted"] * run.trace["failing"],
        "failures_compared": policy["public"] * run.trace["failing"],
        "weeks_handed_in": run.trace["tried"],
        "weeks_helpless": run.trace["control"] < outcomes.RULER["helpless_control"],
        "total_effort": run.trace["effort"],
        "total_tested": run.trace["tested_conceptual"],
    }
    for name, weekly in sums.items():
        assert np.allclose(run.end[name], weekly.sum(0), rtol=0.0, atol=1e-12), name


# ---- the curve ---------------------------------------------------------------------------------------------
def by_quota(quota: float, students: int) -> int:
    """How many of a class a curve fails: the quota's share, a half counted up."""
    return math.floor(quota * students + 0.5 + 1e-9)


def alike(**change: float) -> dict[str, float]:
    """A world in which students and classes hardly differ and everybody hands in."""
    sds = {name: 0.0 for name in Parameters() if name.endswith("_sd")}
    return {**Parameters(switch_avoidance=0.0), **sds, "class_share": 0.0} | change


ALIKE = {"spread": Parameters(switch_avoidance=0.0), "alike": alike()}


@pytest.mark.parametrize("kind", ALIKE)
@pytest.mark.parametrize("students", [2, 5, 10, 30])
def test_a_curve_fails_a_known_share(students: int, kind: str) -> None:
    """Whatever the level of the class and however alike its students are, every week."""
    cells = [(quota, level) for quota in (0.02, 0.2, 0.35, 0.5) for level in (-1.5, 2.0)]
    policies = [Policy("curve", quota=quota, level=level) for quota, level in cells]
    run = engine.run(class_of(students, *policies, worlds=ALIKE[kind]), 6, ("failing", "tried", "failed"))
    assert run.trace["tried"].all()
    expected = [[by_quota(quota, students) for quota, _ in cells]] * 6
    assert run.trace["failing"].sum(1).tolist() == expected
    if students > 5:
        below = run.trace["failed"].mean((0, 1))
        assert (below[::2] + 0.5 < below[1::2]).all(), "by the criterion the two levels are far apart"


def test_a_curve_fails_its_share_of_those_enrolled() -> None:
    """The quota counts those still enrolled; what is not handed in fails, within the quota or beyond it."""
    run = engine.run(class_of(30, Policy("harmful", quota=0.2)), 36, ("failing", "tried", "class_enrolled"))
    enrolled = np.rint(run.trace["class_enrolled"][:, 0, 0] * 30).astype(int)
    missing = enrolled - run.trace["tried"][..., 0].sum(1).astype(int)
    failing = run.trace["failing"][..., 0].sum(1).astype(int)
    assert enrolled[-1] < 30, "nobody has left: the test has lost its point"
    assert (missing < 0.2 * enrolled).any() and (missing > 0.2 * enrolled + 1.0).any()
    assert failing.tolist() == [max(by_quota(0.2, n), gone) for n, gone in zip(enrolled.tolist(), missing.tolist())]


def test_a_criterion_fails_nobody_by_construction() -> None:
    """Under the criterion all may pass and all may fail."""
    p = Parameters(switch_avoidance=0.0, knowledge_sd=0.5, assess_noise=0.3, drift_sd=0.0, class_share=0.0)
    easy, hard = Policy(level=-1.5), Policy(level=2.0)
    worlds = [p.replace(knowledge_mean=1.0), p.replace(knowledge_mean=-1.0)]
    failing = engine.run(class_of(10, easy, hard, worlds=worlds), 4, ("failing",)).trace["failing"]
    assert failing.mean((0, 1)).tolist() == [0.0, 1.0]


def test_lively_students_do_everything() -> None:
    """The world that these tests run in has students who skip, fail, suffer and stop."""
    run = engine.run(class_of(10, Policy("harmful"), worlds=LIVELY), 12, ("tried", "affect"))
    assert 0.1 < run.trace["tried"].mean() < 0.9 and run.trace["affect"].max() > 0.5
    assert 0.0 < run.end["enrolled"].mean() < 1.0
