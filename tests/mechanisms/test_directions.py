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
from setback.model.parameters import LEVER_NAMES, STRENGTHS, WORLD_NAMES, Levers, Parameters
from setback.model.policies import Policy
from setback.model.state import TRAITS
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
        o.draw_control(row(0.7), ONE, lucky, lucky, p)[1],
        o.draw_interest(row(0.7), ONE, lucky, lucky, p),
        o.draw_goal_orientation(row(0.7), ONE, lucky, lucky, p),
        o.draw_perfectionism(row(0.7), ONE, lucky, lucky, p),
        o.draw_diligence(row(0.7), ONE, lucky, lucky, p)[0],
        o.draw_confidence(row(0.7), ONE, lucky, world(confidence_sd=1.0)),
        o.draw_anxiety(row(0.7), ONE, lucky, lucky, world(anxiety_sd=0.5))[0],
    ):
        assert np.ptp(drawn) == 0.0 and drawn[0] != 0.0


def scores(p: Any, z: Any, given: Any = 0.0, known: Any = ONE) -> dict[str, Any]:
    """The standard scores of what a roster gives of every trait but prior knowledge, with parents in the middle."""
    return {
        "learning_rate": np.log(o.draw_learning_rate(given, known, ZERO, z, p)) / p.learning_rate_sd,
        "resilience": o.draw_resilience(given, known, ZERO, z, p)[0],
        "attribution_style": o.draw_style(given, known, ZERO, z, p)[0],
        "expectancy": o.draw_expectancy(given, known, ZERO, z, p)[0],
        "confidence": np.log(o.draw_confidence(given, known, z, p)) / p.confidence_sd,
        "control": o.draw_control(given, known, ZERO, z, p)[0],
        "anxiety": (o.draw_anxiety(given, known, ZERO, z, p)[0] - p.anxiety_mean) / p.anxiety_sd,
        "interest": logit(o.draw_interest(given, known, ZERO, z, p), 0.2, 0.8),
        "goal_orientation": logit(o.draw_goal_orientation(given, known, ZERO, z, p), 0.2, 1.0),
        "perfectionism": logit(o.draw_perfectionism(given, known, ZERO, z, p), -0.8, 0.8),
        "diligence": o.draw_diligence(given, known, ZERO, z, p)[0],
    }


def test_what_a_roster_says_of_a_trait_is_a_measurement() -> None:
    """Less of it is the trait, the less it can be relied on; the rest is luck, and the spread stays 1."""
    spreads = {"confidence_sd": 1.0, "anxiety_mean": 0.8, "anxiety_sd": 0.2}
    for reliability in (0.5, 0.8, 1.0):
        p = world(**spreads, roster_reliability=reliability)
        meant, by_luck = scores(p, ZERO, row(1.0)), scores(p, ONE, ZERO)
        assert {*meant, "prior_knowledge"} == {*TRAITS}
        for trait in meant:
            assert meant[trait] == pytest.approx(math.sqrt(reliability)), trait
            assert by_luck[trait] == pytest.approx(math.sqrt(1.0 - reliability), abs=1e-7), trait
    unread = [scores(world(**spreads, roster_reliability=r), ONE, known=ZERO) for r in (0.5, 1.0)]
    assert unread[0] == unread[1], "what is drawn is the trait"


def test_an_unreliable_measurement_by_simulation() -> None:
    """Of those who are measured as high the true mean is nearer the middle, as the theory of tests has it."""
    rng = np.random.default_rng(3)
    true, reliability = rng.normal(size=400_000), 0.64
    given = math.sqrt(reliability) * true + math.sqrt(1.0 - reliability) * rng.normal(size=400_000)
    again = o.measured(given, ONE, np.float64(reliability), ZERO, rng.normal(size=400_000))
    assert again.std() == pytest.approx(1.0, abs=0.01)
    assert np.corrcoef(again, given)[0, 1] == pytest.approx(np.corrcoef(true, given)[0, 1], abs=0.01)
    high = given > 1.0
    assert again[high].mean() == pytest.approx(true[high].mean(), abs=0.02) and again[high].mean() < given[high].mean()
    assert again[high].std() == pytest.approx(true[high].std(), abs=0.02)


def test_a_prior_score_is_as_valid_as_the_world_says() -> None:
    """Given scores correlate with knowledge by their validity, and so do those that drawn knowledge would get."""
    luck, error = np.random.default_rng(4).normal(size=(2, 200_000))
    for validity in (0.5, 0.8, 1.0):
        p = world(prior_validity=validity)
        given = np.random.default_rng(5).normal(size=200_000)
        known = o.draw_knowledge(given, ONE, ONE, luck, p)[0]
        assert o.measure_prior(given, ONE, known, error, p).tolist() == given.tolist()
        drawn = o.draw_knowledge(given, ZERO, ZERO, luck, p._replace(class_share=ZERO))[0]
        assert drawn.tolist() == luck.tolist(), "the truth"
        for score, on_paper in ((known, given), (drawn, o.measure_prior(given, ZERO, drawn, error, p))):
            assert np.corrcoef(score, on_paper)[0, 1] == pytest.approx(validity, abs=0.01)
            assert score.std() == pytest.approx(1.0, abs=0.01) and on_paper.std() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("draw", "correlation"),
    [
        (lambda parent, z, p: np.log(o.draw_learning_rate(ZERO, ZERO, parent, z, p)) / p.learning_rate_sd, 0.1),
        (lambda parent, z, p: o.draw_resilience(ZERO, ZERO, parent, z, p)[0], 0.15),
        (lambda parent, z, p: o.draw_style(ZERO, ZERO, parent, z, p)[0], -0.3),
        (lambda parent, z, p: o.draw_expectancy(ZERO, ZERO, parent, z, p)[0], 0.45),
        (lambda parent, z, p: logit(o.draw_control(ZERO, ZERO, parent, z, p)[1], 0.8, 0.7), -0.5),
        (lambda parent, z, p: logit(o.draw_interest(ZERO, ZERO, parent, z, p), 0.2, 0.8), 0.3),
        (lambda parent, z, p: logit(o.draw_goal_orientation(ZERO, ZERO, parent, z, p), 0.2, 1.0), 0.2),
        (lambda parent, z, p: logit(o.draw_perfectionism(ZERO, ZERO, parent, z, p), -0.8, 0.8), 0.15),
        (lambda parent, z, p: o.draw_diligence(ZERO, ZERO, parent, z, p)[0], 0.15),
        (lambda parent, z, p: (anxious(parent, z) - 0.8) / 0.2, -0.2),
    ],
    ids=["rate on knowledge", "resilience on knowledge", "style on resilience", "expectancy on knowledge",
         "control on style", "interest on expectancy", "goals on expectancy", "perfectionism on style",
         "diligence on knowledge", "anxiety on knowledge"],
)  # fmt: skip
def test_traits_go_with_their_parents(draw: Callable[..., np.ndarray], correlation: float) -> None:
    """Each trait correlates with its parent as the table says, and keeps a spread of 1."""
    assert draw(ONE, ZERO, world()) == pytest.approx(correlation)
    assert draw(ZERO, ONE, world()) == pytest.approx(math.sqrt(1.0 - correlation**2))


def anxious(parent: Any, z: Any) -> Any:
    """The level that anxiety returns to, far from 0."""
    return o.draw_anxiety(ZERO, ZERO, parent, z, world(anxiety_mean=0.8, anxiety_sd=0.2))[0]


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
    assert logit(o.draw_control(ZERO, ZERO, ZERO, ZERO, p)[1], 0.2, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_interest(ZERO, ZERO, ZERO, ZERO, p), -0.3, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_goal_orientation(ZERO, ZERO, ZERO, ZERO, p), 0.6, 1.0) == pytest.approx(0.0)
    assert logit(o.draw_perfectionism(ZERO, ZERO, ZERO, ZERO, p), -1.2, 1.0) == pytest.approx(0.0)


def test_a_higher_score_is_more_of_the_trait() -> None:
    """One standard score is one spread of the world's population, on the scale of the trait."""
    p, score = world(style_mean=-0.1), row(-1.0, 1.0)
    assert np.log(o.draw_learning_rate(score, ONE, ZERO, ZERO, p)) == pytest.approx(0.15 * score)
    for drawn, mean, sd in (
        (o.draw_resilience(score, ONE, ZERO, ZERO, p)[1], 0.0, 1.0),
        (o.draw_style(score, ONE, ZERO, ZERO, p)[1], -0.1, 1.5),
        (o.draw_expectancy(score, ONE, ZERO, ZERO, p)[1], 0.8, 0.6),
        (o.draw_control(score, ONE, ZERO, ZERO, p)[1], 0.8, 0.7),
        (o.draw_interest(score, ONE, ZERO, ZERO, p), 0.2, 0.8),
        (o.draw_goal_orientation(score, ONE, ZERO, ZERO, p), 0.2, 1.0),
        (o.draw_perfectionism(score, ONE, ZERO, ZERO, p), -0.8, 0.8),
    ):
        assert logit(drawn, mean, sd) == pytest.approx(score)


def test_anxiety_is_a_level_of_ones_own() -> None:
    """Around the mean by so many points a standard score, never below 0; affect opens there; without affect at none."""
    p, score = world(anxiety_mean=0.3, anxiety_sd=0.2), row(-2.0, -1.0, 0.0, 1.0)
    level, opening = o.draw_anxiety(score, ONE, ZERO, ZERO, p)
    assert level == pytest.approx([0.0, 0.1, 0.3, 0.5]) and opening.tolist() == level.tolist()
    half = o.draw_anxiety(score, ONE, ZERO, ZERO, p._replace(strength_affect=HALF))[0]
    assert half == pytest.approx(0.5 * level)
    assert not np.any(o.draw_anxiety(score, ONE, ZERO, ZERO, p._replace(strength_affect=ZERO)))
    assert not np.any(o.draw_anxiety(score, ONE, ZERO, ZERO, world()))


def test_confidence_and_excuses_are_multiples() -> None:
    """Log-normal: confidence around a median of 1, the tendency to excuses around a mean of 1; without spread all 1."""
    score = row(-1.0, 0.0, 1.0)
    assert np.log(o.draw_confidence(score, ONE, ZERO, world(confidence_sd=0.7))) == pytest.approx(0.7 * score)
    assert np.log(o.draw_confidence(ZERO, ZERO, score, world(confidence_sd=0.7))) == pytest.approx(0.7 * score)
    luck = np.random.default_rng(6).normal(size=400_000)
    excuses = o.draw_handicapping(luck, world(handicap_sd=0.8))
    assert excuses.mean() == pytest.approx(1.0, abs=0.01) and np.log(excuses).std() == pytest.approx(0.8, abs=0.01)
    assert o.draw_confidence(score, ONE, score, world()).tolist() == [1.0] * 3
    assert o.draw_handicapping(score, world()).tolist() == [1.0] * 3


def test_the_strong_begin_above_their_class() -> None:
    """Exactly at the mean is not above it."""
    assert o.place_in_class(row(-0.1, 0.2, 0.3), np.float64(0.2)).tolist() == [0.0, 0.0, 1.0]


def test_drift_keeps_its_spread() -> None:
    """What a week adds makes good for what memory loses: the spread at the opening stays the spread of the year."""
    p = world(
        drift_sd=0.5, drift_memory=0.9, drift_slow_sd=0.4, drift_slow_memory=0.99, diligence_drift_sd=1.5,
        diligence_memory=0.8,
    )  # fmt: skip
    for spread, opening, left, new in (
        (0.5, o.draw_drift(-ONE, p), m.wander(0.5, ZERO, p), m.wander(ZERO, ONE, p)),
        (0.4, o.draw_slow_drift(-ONE, p), m.wander_slowly(0.4, ZERO, p), m.wander_slowly(ZERO, ONE, p)),
        (1.5, o.draw_diligence_drift(-ONE, p), m.vary_diligence(1.5, ZERO, p), m.vary_diligence(ZERO, ONE, p)),
    ):
        assert opening == -spread and left**2 + new**2 == pytest.approx(spread**2) and 0.0 < new < left


def test_without_a_spread_nothing_drifts() -> None:
    """Exactly 0, and no negative one, so that no number moves; week after week and whatever the luck."""
    p, luck = world(drift_slow_sd=0.0, diligence_sd=0.0, diligence_drift_sd=0.0), row(-2.0, -1.0, 1.0)
    for draw, move in ((o.draw_slow_drift, m.wander_slowly), (o.draw_diligence_drift, m.vary_diligence)):
        opening = draw(luck, p)
        for level in (opening, move(opening, luck, p), move(opening, -luck, p)):
            assert level.tolist() == [0.0] * 3 and not np.signbit(level).any()
    diligence = o.draw_diligence(ZERO, ZERO, ZERO, luck, p)[1]
    assert diligence.tolist() == [0.0] * 3 and not np.signbit(diligence).any()


def test_diligence_is_a_score_on_the_scale_of_handing_in() -> None:
    """So many logits a standard score; the average student has none."""
    p = world(diligence_sd=1.5)
    assert o.draw_diligence(row(-1.0, 0.0, 2.0), ONE, ZERO, ZERO, p)[1].tolist() == [-1.5, 0.0, 3.0]


def test_everybody_begins_enrolled_and_with_nothing() -> None:
    """Enrolled is who is present; nothing is felt, prepared, failed, missed, moved or mastered yet."""
    enrolled, *rest = o.begin(row(1.0, 0.0))
    assert enrolled.tolist() == [1.0, 0.0]
    assert len(rest) == 13 and not np.any(rest)


def test_nobody_is_behind_when_the_year_begins() -> None:
    """Nobody is singled out, and no unit is set again."""
    assert len(o.nobody_is_behind(row(1.0, 0.0))) == 7 and not np.any(m.nobody_is_behind(row(1.0, 0.0)))


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
    p = world(
        drift_sd=0.5, drift_memory=0.8, drift_slow_sd=0.5, drift_slow_memory=0.96, diligence_drift_sd=2.0,
        diligence_memory=0.6,
    )  # fmt: skip
    for move, memory, new in ((m.wander, 0.8, 0.3), (m.wander_slowly, 0.96, 0.14), (m.vary_diligence, 0.6, 1.6)):
        assert move(row(-1.0, 1.0), 0.0, p) == pytest.approx(memory * row(-1.0, 1.0))
        assert move(0.0, row(-1.0, 1.0), p) == pytest.approx(new * row(-1.0, 1.0))
    assert m.wandering(2.0, 0.5, 0.6, 1.0) == pytest.approx(0.6 * 2.0 + 0.8 * 0.5)


def test_anxiety_impairs_form() -> None:
    """Shame and anxiety take from the form of the day; both drifts add one for one."""
    assert falls(m.take_form(0.0, 0.0, row(0.0, 1.0, 2.0), world()))
    assert m.take_form(row(0.0, 1.0), 0.0, 1.0, world(impairment=0.3)).tolist() == [-0.3, 0.7]
    assert m.take_form(0.0, row(0.0, 1.0), 1.0, world(impairment=0.3)).tolist() == [-0.3, 0.7]
    assert m.take_form(0.2, 0.25, row(0.0, 5.0), world(impairment=0.0)).tolist() == [0.45, 0.45]


def test_a_new_unit_suits_as_it_happens() -> None:
    """Who moved on has another aptitude, with the same spread; who stays keeps it; it is a part of the form."""
    p, luck = world(aptitude_sd=0.5), row(-1.0, 1.0)
    assert o.draw_aptitude(luck, p).tolist() == [-0.5, 0.5]
    kept, form = m.meet_unit(0.3, 0.1, ZERO, luck, p)
    assert kept.tolist() == [0.3, 0.3] and form == pytest.approx([0.4, 0.4])
    suits, form = m.meet_unit(0.3, 0.1, ONE, luck, p)
    assert suits.tolist() == [-0.5, 0.5] and form == pytest.approx([-0.4, 0.6])
    alike = world(aptitude_sd=0.0)
    opening = o.draw_aptitude(luck, alike)
    assert not opening.any() and not np.signbit(opening).any()
    assert m.meet_unit(opening, 0.1, ONE, luck, alike)[1].tolist() == [0.1, 0.1]


def test_one_aptitude_for_each_unit() -> None:
    """In class: another one every week by the calendar, the same one as long as a unit is repeated."""
    p = Parameters(aptitude_sd=0.8, strength_avoidance=0.0)
    run = engine.run(class_of(10, Policy("self-paced", level=1.0), Policy(), worlds=p), 10, ("aptitude", "moved"))
    changed = np.diff(run.trace["aptitude"], axis=0) != 0.0
    assert np.array_equal(changed, run.trace["moved"][:-1] > 0.5) and 0.0 < changed[..., 0].mean() < 1.0
    assert run.trace["aptitude"].std() == pytest.approx(0.8, abs=0.15)


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
    carried = m.open_unit(3.0, 5.0, 1.0, 1.0, moved, enrolled, world(forgetting_rate=0.25, carry=0.4))
    assert carried[0] == pytest.approx([1.0 + 0.4 * 2.0, 1.0 + 0.75 * 2.0, 1.0]), "the gain of the unit before, in part"
    assert carried[1] == pytest.approx([1.0 + 0.4 * 4.0, 1.0 + 0.75 * 4.0, 1.0])
    gone = m.open_unit(3.0, 5.0, 1.0, 1.0, ONE, ZERO, world(carry=0.9))
    assert gone == (1.0, 1.0), "of who has stopped only what lasts"


def test_the_syllabus_rises() -> None:
    """Each unit is harder than the last, more so at a fast pace; the first is where the policy begins."""
    units = row(0.0, 1.0, 30.0)
    normal, fast = (m.set_syllabus(units, ONE, world(), levers(level=0.5, pace=pace)) for pace in (1.0, 2.0))
    assert rises(normal) and normal[0] == fast[0] == 0.5
    assert fast[2] - fast[0] == pytest.approx(2.0 * (normal[2] - normal[0]))


def test_a_local_standard_follows_the_class() -> None:
    """A class that knows more is taught and tested at a higher level, by a share of what it knows more."""
    few = [m.set_syllabus(3.0, np.float64(0.8), world(local_standard=x), levers(level=0.5)) for x in (0.0, 0.5, 1.0)]
    assert np.subtract(few, few[0]) == pytest.approx([0.0, 0.4, 0.8])
    knows = row(-1.0, 0.0, 1.0)
    assert rises(m.set_syllabus(3.0, knows, world(local_standard=0.5), levers()))
    assert len({*m.set_syllabus(3.0, knows, world(), levers()).tolist()}) == 1


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
    assert m.pursue_goals(row(0.0, 0.5, 1.0), world(), levers()).tolist() == [-1.0, 0.0, 1.0]
    assert not m.pursue_goals(row(0.0, 1.0), world(strength_goals=0.0), levers()).any()


def test_a_climate_moves_goals() -> None:
    """Error-friendly talk and cooperation towards learning goals, comparison in public towards performance goals."""
    few, p = row(0.0, 0.5, 1.0), world(goals_climate=0.5)
    own = m.pursue_goals(few, p, levers())
    assert own.tolist() == m.pursue_goals(few, world(), levers("curve", friendly=1.0)).tolist() == [-1.0, 0.0, 1.0]
    for lever in ("friendly", "cooperation"):
        assert m.pursue_goals(few, p, levers(**{lever: 1.0})).tolist() == [-0.5, 0.25, 1.0]
    for lever in ("comparison", "public"):
        assert m.pursue_goals(few, p, levers(**{lever: 1.0})).tolist() == [-1.0, -0.25, 0.5]
    assert m.pursue_goals(few, p, levers("curve", friendly=1.0, cooperation=1.0)).tolist() == [0.0] * 3, "torn"


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
    """Shame raises, control and reserve lower how often work is not handed in; whoever has stopped never hands in."""
    p = world(skip_level=-2.0, skip_reserve=2.0)
    by_affect = [
        m.submit(np.float64(affect), HALF, HALF, ZERO, ZERO, ONE, LUCK, p).mean() for affect in (0.0, 1.0, 2.0)
    ]
    by_control = [
        m.submit(ZERO, np.float64(control), HALF, ZERO, ZERO, ONE, LUCK, p).mean() for control in (0.1, 0.5, 0.9)
    ]
    by_reserve = [
        m.submit(ZERO, HALF, np.float64(reserve), ZERO, ZERO, ONE, LUCK, p).mean() for reserve in (0.0, 0.5, 1.0)
    ]
    assert falls(by_affect) and rises(by_control) and rises(by_reserve)
    assert by_affect[0] == by_reserve[1] == pytest.approx(1.0 - 1.0 / (1.0 + math.exp(2.0)), abs=0.001)
    unread = p._replace(strength_resilience=ZERO)
    assert {m.submit(ZERO, HALF, np.float64(x), ZERO, ZERO, ONE, LUCK, unread).mean() for x in (0.0, 1.0)} == {
        by_reserve[1]
    }
    assert not m.submit(ZERO, ONE, ONE, ZERO, ZERO, ZERO, LUCK, p).any()


def test_the_diligent_hand_in() -> None:
    """Logit for logit, whether they always do or just now; whoever has stopped never does."""
    p = world(skip_level=-1.0)
    by_trait = [m.submit(ZERO, HALF, HALF, np.float64(x), ZERO, ONE, LUCK, p).mean() for x in (-1.0, 0.0, 1.0)]
    by_drift = [m.submit(ZERO, HALF, HALF, ZERO, np.float64(x), ONE, LUCK, p).mean() for x in (-1.0, 0.0, 1.0)]
    assert rises(by_trait) and by_trait == by_drift
    assert by_trait == pytest.approx([1.0 / (1.0 + math.exp(-1.0 - x)) for x in (-1.0, 0.0, 1.0)], abs=0.001)
    assert m.submit(ZERO, HALF, HALF, np.float64(0.7), np.float64(-0.7), ONE, LUCK, p).mean() == by_trait[1]
    assert not m.submit(ZERO, HALF, HALF, np.float64(9.0), ZERO, ZERO, LUCK, p).any()


def test_who_hands_in_by_hand() -> None:
    """Affect .5, control .8 and a reserve of .9 at a level of -2: a logit of -2.35."""
    skip = 1.0 / (1.0 + math.exp(2.0 - 1.5 * 0.5 + 3.0 * 0.3 + 0.5 * 0.4))
    assert skip == pytest.approx(1.0 / (1.0 + math.exp(2.35)))
    luck = row(skip - 1e-9, skip + 1e-9)
    found = m.submit(HALF, np.float64(0.8), np.float64(0.9), ZERO, ZERO, ONE, luck, world(skip_level=-2.0))
    assert found.tolist() == [0.0, 1.0]


#: A student in the middle of everything.
MIDDLE = {
    "expectancy": 0.5, "interest": 0.5, "control": 0.5, "affect": 0.0, "challenge": 0.0, "submitted": 1.0,
    "incentive": 0.0, "excuse": 0.0, "resolve": 0.0, "perfectionism": 0.5,
}  # fmt: skip


def effort_of(**change: object) -> np.ndarray:
    """The effort of a student in the middle of everything but some; parameters may change as well."""
    numbers = {name: change.pop(name) for name in list(change) if name not in MIDDLE}
    q = levers(**{lever: numbers.pop(lever) for lever in list(numbers) if lever in LEVER_NAMES})
    return np.asarray(m.decide_effort(**{**MIDDLE, **change}, p=world(**numbers), q=q))


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
    pulled = effort_of(**given, effort_control=3.0, effort_resolve=2.0)
    assert pulled == pytest.approx(1.0 / (1.0 + math.exp(-(more + 2.0 * 0.2 + 0.4))))


def test_who_is_pushed_hard_may_rebel() -> None:
    """By threat and stakes together, and the more in control; the helpless have nothing to defy anybody with."""
    p = world(reactance_size=2.0)
    assert m.rebel(row(0.0, 0.5, 1.0), p, levers(threat=1.0, stakes=0.5)).tolist() == [0.0, 0.5, 1.0]
    for mild in ({"threat": 0.0, "stakes": 1.0}, {"threat": 1.0, "stakes": 0.0}):
        assert not m.rebel(ONE, p, levers(**mild)).any()
    hard = {"threat": 1.0, "stakes": 1.0, "control": 0.8}
    assert falls([effort_of(**hard, reactance_size=x) for x in (0.0, 1.0, 2.0)])
    assert effort_of(**hard, reactance_size=2.0, strength_reactance=0.0) == effort_of(**hard)


def test_grades_that_count_pay() -> None:
    """As far as they count and as much as is at stake; where either is nothing, so is the pay."""
    p, few = world(grade_incentive_size=0.25), (0.0, 0.5, 1.0)
    assert rises([m.pay_in_grades(p, levers(counted=x)) for x in few])
    assert rises([m.pay_in_grades(p, levers(stakes=x)) for x in few])
    assert m.pay_in_grades(p, levers(counted=0.5, stakes=0.8)) == pytest.approx(0.25 * 0.4)
    assert m.pay_in_grades(p, levers("mastery")) == m.pay_in_grades(p, levers(stakes=0.0)) == 0.0


def excused(
    expectancy: object = 0.4, goals: object = 0.0, threat: float = 0.5, tends: object = 1.0, **change: float
) -> np.ndarray:
    """Effort that is held back as an excuse."""
    return np.asarray(m.handicap_oneself(expectancy, goals, tends, world(**change), levers(threat=threat)))


def test_an_excuse_in_advance() -> None:
    """For those who expect to fail, the more it threatens, the more they perform for others and the more they tend."""
    few = row(0.0, 0.5, 1.0)
    assert excused(tends=row(0.0, 0.5, 2.0)) == pytest.approx(excused() * row(0.0, 0.5, 2.0))
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
def instructed(
    early: float, *, shown: float = 0.0, prepared: float = 0.0, effort: float = 1.0, **change: float
) -> tuple[float, ...]:
    """Knowledge and preparation of a student at 0 after one half of the week's instruction."""
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    numbers = {name: change.pop(name) for name in list(change) if name in WORLD_NAMES}
    s = {"fit": 1.0, "rate": 1.0, "friends": 0.0} | change
    made = m.instruct(
        0.0, 0.0, prepared, effort, ONE, s["fit"], s["rate"], s["friends"], early, shown, world(**numbers), q
    )
    return tuple(float(x) for x in made)


@pytest.mark.parametrize("first", [0.0, 0.3, 1.0])
def test_both_sequences_have_the_same_time(first: float) -> None:
    """Before and after the attempt together it is one week of instruction, whatever comes first."""
    before, after = instructed(1.0, problem_first=first), instructed(0.0, problem_first=first)
    assert before[0] + after[0] == pytest.approx(world().instruction_conceptual)
    assert before[1] + after[1] == pytest.approx(world().instruction_procedural)
    assert before[0] == pytest.approx((1.0 - first) * world().instruction_conceptual)
    for others in (0.0, 0.4, 1.0):
        q = {"problem_first": first, "others_attempts": others}
        plain, of_others, of_own = instructed(1.0, **q), instructed(0.0, shown=1.0, **q), instructed(0.0, **q)
        assert plain == before
        assert of_others[0] == pytest.approx(others * after[0])
        assert of_own[0] == pytest.approx((1.0 - others) * after[0])


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
    given = (0.0, 0.0, 0.5, ONE, ONE, ONE, ONE, ZERO, 0.0, 0.0)
    half = levers(problem_first=1.0, consolidation=0.5)
    assert m.instruct(*given, world(preparation_gain=2.0), half)[0] == pytest.approx(plain[0] * 1.5)
    assert prepared[1] == plain[1] and prepared[2] == 0.0
    assert instructed(0.0, problem_first=1.0, prepared=0.5, consolidation=0.0)[0] == plain[0]
    assert instructed(0.0, problem_first=0.4, prepared=0.5)[2] == pytest.approx(0.5 * 0.6), "used up by its share"
    ignored = {"problem_first": 1.0, "prepared": 0.5, "preparation_gain": 2.0}
    left = [instructed(0.0, **ignored, consolidation=0.0, unconsolidated_remainder=x)[0] for x in (0.0, 0.3, 0.6)]
    assert left == pytest.approx([plain[0], plain[0] * 1.3, plain[0] * 1.6]), "a remainder works unbidden"
    some = instructed(0.0, **ignored, consolidation=0.5, unconsolidated_remainder=0.4)[0]
    assert some == pytest.approx(plain[0] * 1.7) and instructed(0.0, **ignored)[0] == pytest.approx(plain[0] * 2.0)
    assert instructed(0.0, **ignored, unconsolidated_remainder=0.6) == instructed(0.0, **ignored), "built on in full"


def test_a_problem_that_comes_first_lies_beyond_what_was_taught() -> None:
    """By its distance, as far as it comes first and is tried oneself; where instruction comes first nothing moves."""
    few = row(0.0, 1.0, 3.0)
    for share, others in ((1.0, 0.0), (0.5, 0.0), (1.0, 0.25), (0.0, 0.0), (1.0, 1.0)):
        q = levers(problem_first=share, others_attempts=others)._replace(problem_distance=few)
        task, challenge = m.pose_problem(0.4, -0.2, q)
        beyond = share * (1.0 - others) * few
        assert task == pytest.approx(0.4 + beyond) and challenge == pytest.approx(-0.2 + beyond)


def test_struggling_first_is_to_try_before_being_taught() -> None:
    """As far as the time before instruction is not spent on what others tried."""
    shares = ((0.0, 0.0, 0.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0), (0.5, 0.4, 0.3))
    for first, others, own in shares:
        assert m.struggle_first(levers(problem_first=first, others_attempts=others)) == pytest.approx(own)


def test_a_distant_problem_is_failed_and_nothing_else_is_harder() -> None:
    """More errors, deeper ones; effort, the test, the pitch of instruction and practice are the unit's, to the bit."""
    policies = [Policy("problem-first", problem_distance=x) for x in (0.0, 1.0, 2.0, 3.0)]
    keep = ("practice_error", "error_depth", "fit", "unit_fit", "syllabus", "effort", "task")
    trace = engine.run(class_of(30, *policies), 1, keep).trace
    errors = trace["practice_error"].mean((0, 1))
    assert rises(errors[:3]) and errors[3] >= errors[2] and rises(trace["error_depth"].mean((0, 1)))
    for slot in ("fit", "unit_fit", "syllabus", "effort"):
        assert (trace[slot] == trace[slot][..., :1]).all(), slot
    assert np.allclose(trace["task"] - trace["syllabus"], [0.0, 1.0, 2.0, 3.0])


def seen_of_others(effort: object = 1.0, prepared: float = 0.0, **change: float) -> Any:
    """What others' failed attempts prepare."""
    q = levers("others-attempts-first", **{x: change.pop(x) for x in list(change) if x in LEVER_NAMES})
    return m.look_at_others(prepared, effort, world(**change), q)


def test_others_failed_attempts_prepare() -> None:
    """By effort, and in the time before the instruction that is spent on them; nobody is prepared twice over."""
    few = (0.0, 0.5, 1.0)
    assert rises(seen_of_others(row(*few)))
    for name in ("problem_first", "others_attempts", "others_prepare", "activation", "strength_preparation"):
        assert rises([seen_of_others(**{name: x}) for x in ((0.2, 0.6, 1.0) if name == "activation" else few)]), name
    assert seen_of_others(0.5, 0.4, activation=0.6, others_prepare=0.9) == pytest.approx(0.4 + 0.27 * 0.6)
    assert seen_of_others(activation=1.0, others_prepare=1.2) == 1.0


def test_a_year_of_others_attempts() -> None:
    """The attempt is the one that follows instruction, the preparation that of looking, the time that of struggling."""
    policies = [Policy(name) for name in ("others-attempts-first", "instruction-first", "problem-first")]
    free = LIVELY.replace(exploration_cost=0.0, preparation_gain=0.0)
    trace = engine.run(class_of(20, *policies, worlds=free), 8, WRITTEN).trace
    others, instruction = ({name: x[..., k] for name, x in trace.items()} for k in (0, 1))
    for name in WRITTEN:
        if name not in ("preparation", "minutes"):
            assert np.allclose(others[name], instruction[name], atol=1e-12), name
    others_time, instruction_time, own_time = (
        m.practise(0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, world(), levers(policy.name)) for policy in policies
    )
    assert others_time == own_time < instruction_time
    seen = LIVELY.replace(others_prepare=0.7)
    run = engine.run(class_of(20, *policies, worlds=seen), 1, ("practice_error", "tested_conceptual"))
    errors = run.trace["practice_error"].sum((0, 1))
    assert errors[0] <= errors[1] < errors[2]
    learnt = run.trace["tested_conceptual"][0]
    assert (learnt[:, 0] >= learnt[:, 1]).all() and learnt[:, 0].mean() > learnt[:, 1].mean() + 0.05


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
    kept = {"engage_reserve": 3.0}
    assert m.stay_with_error(0.0, 0.5, 0.3, world(**kept), levers()) == pytest.approx(0.2 - 0.6)
    assert m.stay_with_error(0.0, 0.5, 0.3, world(**kept, strength_resilience=0.0), levers()) == pytest.approx(0.2)


def test_support_comes_at_once_when_lost_or_never() -> None:
    """Rescue helps with every error, a responsive teacher with deep ones, one who withholds with none."""
    practice_error, error_depth, p = row(0.0, 1.0, 1.0), row(0.0, 0.2, 2.0), world(lost_depth=1.5)
    assert m.time_support(1.0, row(1.4, 1.5, 1.6), 0.0, p, levers())[0].tolist() == [0.0, 0.0, 1.0]
    helps = {"rescue": [0.0, 1.0, 1.0], "responsive": [0.0, 0.0, 1.0], "withhold": [0.0, 0.0, 0.0]}
    of = {part: m.time_support(practice_error, error_depth, 0.0, p, levers(part)) for part in helps}
    assert {part: helped.tolist() for part, (helped, _) in of.items()} == helps
    assert {part: unhelped.tolist() for part, (_, unhelped) in of.items()} == {
        "rescue": [0.0, 0.0, 0.0], "responsive": [0.0, 0.0, 0.0], "withhold": [0.0, 0.0, 1.0],
    }, "who is lost is left alone where support is withheld"  # fmt: skip


def test_support_reaches_those_who_ask() -> None:
    """Who pursues performance goals where asking threatens hides that he is lost; who is rescued need not ask."""
    q = levers(threat=0.8)
    p = world(help_avoidance=0.5)
    asking = m.seek_help(row(-1.0, 0.0, 1.0), p, q)
    assert asking.tolist() == pytest.approx([0.6, 0.8, 1.0])
    assert falls([m.seek_help(-1.0, p, levers(threat=x)) for x in (0.0, 0.5, 1.0)])
    assert m.seek_help(-1.0, world(), q) == 1.0 == m.seek_help(-1.0, p._replace(strength_help_seeking=ZERO), q)
    helped, unhelped = m.time_support(1.0, np.float64(9.0), row(-1.0, 0.0, 1.0), p, q)
    assert helped.tolist() == asking.tolist() and (helped + unhelped).tolist() == [1.0] * 3
    helped, unhelped = m.time_support(1.0, np.float64(9.0), row(-1.0), p, levers("rescue", threat=0.8))
    assert helped.tolist() == [1.0] and unhelped.tolist() == [0.0]


def test_a_near_miss_is_worth_more_than_a_deep_error() -> None:
    """At the default worth falls with depth, from 1; with a negative slope deep errors are worth more."""
    error_depth = row(0.0, 0.25, 2.0, 4.0, 9.0)
    worth = m.value_near_miss(error_depth, world())
    assert worth[0] == 1.0 and falls(worth[:4]) and worth[4] == worth[3]
    assert rises(m.value_near_miss(error_depth[:4], world(near_miss_slope=-0.5)))
    assert m.value_near_miss(error_depth, world(near_miss_slope=0.0)).tolist() == [1.0] * 5


LEARNER = {"conceptual": 3.0, "procedural": 5.0, "effort": 1.0, "learning_rate": 1.0}


def attempted(**change: float) -> float:
    """What an error at practice teaches, half analysed, of both kinds of knowledge; nobody says a word unless asked."""
    s = LEARNER | {"submitted": 1.0, "practice_error": 1.0, "analysed": 0.5, "nearness": 1.0, "helped": 0.0}
    s |= {"expectancy": 0.5, "record": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{"information": 0.0} | {lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    numbers = {"error_gain": 0.2, "self_corrected": 0.4, "success_gain": 0.08, "help_gain": 0.05, "delay_cost": 0.15}
    conceptual, procedural = m.learn_from_attempt(**s, p=world(**numbers | change), q=q)
    assert conceptual - 3.0 == pytest.approx(procedural - 5.0)
    return float(conceptual) - 3.0


def test_an_error_teaches_as_far_as_it_is_corrected() -> None:
    """By oneself in part, by feedback as far as it tells and comes in time, or by instruction that builds on it."""
    assert attempted() == pytest.approx(0.2 * 0.5 * 0.4), "nobody's word is needed for this part"
    assert attempted(information=0.5) == pytest.approx(0.2 * 0.5 * (0.4 + 0.6 * 0.5))
    assert attempted(information=1.0) == pytest.approx(0.2 * 0.5)
    assert attempted(information=1.0, feedback_delay=2.0) == pytest.approx(0.2 * 0.5 * (0.4 + 0.6 * 0.7))
    assert attempted(information=1.0, comparison=1.0, rank_uninformative=0.4) == pytest.approx(0.1 * (0.4 + 0.6 * 0.6))
    built_on = {"problem_first": 0.5, "consolidation": 0.8}
    assert attempted(**built_on) == pytest.approx(0.2 * 0.5 * (0.4 + 0.6 * 0.4))
    assert attempted(**built_on, feedback_delay=2.0) == attempted(**built_on), "a lesson is not late"
    assert attempted(**built_on, information=0.5) == attempted(information=0.5), "whichever says more"
    assert attempted(problem_first=1.0, consolidation=0.0) == attempted(consolidation=1.0) == attempted()
    early = {"delay_cost": -0.2, "feedback_delay": 2.0}
    assert attempted(information=1.0, **early) == attempted(information=1.0), "no more is told than there is to say"
    assert attempted(information=0.5, **early) == pytest.approx(0.2 * 0.5 * (0.4 + 0.6 * 0.7))
    assert rises([attempted(self_corrected=x) for x in (0.1, 0.4, 0.8)])
    assert attempted(information=1.0, self_corrected=0.1) == pytest.approx(0.1), "all is corrected, by whom it may be"


def test_a_confident_error_and_one_after_a_record_stick() -> None:
    """In proportion to confidence (or against it), and to the record of how the last error was analysed."""
    told = {"information": 1.0, "hypercorrection": 0.6}
    assert [attempted(**told, expectancy=x) for x in (0.0, 0.5, 1.0)] == pytest.approx([0.1, 0.13, 0.16])
    assert attempted(information=1.0, hypercorrection=-0.3, expectancy=1.0) == pytest.approx(0.07)
    assert [attempted(information=1.0, record=x) for x in (0.0, 0.5)] == pytest.approx([0.1, 0.115])
    assert attempted(information=1.0, record=1.0, record_gain=0.0) == pytest.approx(0.1)
    assert attempted(**told, expectancy=1.0, record=1.0, practice_error=0.0, analysed=0.0) == pytest.approx(0.08)


def test_a_record_is_kept_of_the_last_error() -> None:
    """As far as that was analysed, and as far as it is taught how to; without an error the record stays."""
    p, q = world(), levers("failure-analysis")
    assert o.begin_record(row(0.0, 1.0)).tolist() == [0.0, 0.0]
    assert m.keep_record(0.2, row(0.9, 0.1), 1.0, q).tolist() == pytest.approx([0.9, 0.1])
    assert m.keep_record(row(0.2), 0.0, 0.0, q).tolist() == [0.2]
    assert m.keep_record(0.2, row(0.9), 1.0, levers(analysis_taught=0.5)).tolist() == pytest.approx([0.55])
    assert m.keep_record(row(0.2), 0.9, 1.0, levers()).tolist() == [0.2]
    taught = m.stay_with_error(0.0, 0.5, 0.5, p, q) - m.stay_with_error(0.0, 0.5, 0.5, p, levers())
    assert taught == pytest.approx(p.engage_taught), "and who is taught stays with the error"


def test_an_error_teaches_by_how_it_is_looked_at() -> None:
    """In proportion to analysis, nearness, effort and learning rate; errors may also teach what is wrong."""
    full = attempted(information=1.0, analysed=1.0)
    assert full == pytest.approx(0.2)
    for halved in ("analysed", "nearness", "effort", "learning_rate"):
        assert attempted(**{"information": 1.0, "analysed": 1.0, halved: 0.5}) == pytest.approx(0.1), halved
    assert attempted(analysed=0.0) == 0.0
    assert attempted(information=1.0, error_gain=-0.05) == pytest.approx(-0.025)
    assert attempted(information=1.0, strength_correction=0.0) == 0.0


def test_being_helped_takes_the_place_of_an_error() -> None:
    """Being shown the way teaches a little, whatever becomes of errors."""
    assert attempted(information=1.0, helped=0.25) == pytest.approx(0.2 * 0.5 * 0.75 + 0.05 * 0.25)
    assert attempted(helped=1.0) == pytest.approx(0.05) == attempted(helped=1.0, strength_correction=0.0)
    assert attempted(helped=1.0, effort=0.5) == pytest.approx(0.025) == attempted(helped=1.0, learning_rate=0.5)


def test_a_correct_attempt_teaches() -> None:
    """By what is tried and gets right, whatever feedback says; no attempt teaches nothing."""
    right = {"practice_error": 0.0, "analysed": 0.0}
    assert attempted(**right) == pytest.approx(0.08) == attempted(**right, information=1.0)
    assert attempted(**right, effort=0.5) == pytest.approx(0.04) == attempted(**right, learning_rate=0.5)
    assert attempted(**right, submitted=0.0) == 0.0 == attempted(**right, strength_correction=0.0)


def test_feedback_that_is_late_is_worth_less() -> None:
    """By the week; the prior has the other side too."""
    assert [m.timely(world(delay_cost=0.15), levers(feedback_delay=x)) for x in (0.0, 1.0, 2.0)] == [1.0, 0.85, 0.7]
    assert m.timely(world(delay_cost=-0.2), levers(feedback_delay=2.0)) == 1.4


def tried_again(z: object = 1.0, **change: object) -> list[Any]:
    """Gains and what is recovered by somebody at a readiness of .6 who analysed .6 of an error at a task of 1."""
    s = {"conceptual": 0.0, "procedural": 1.0, "task": 1.0, "form": 0.1, "analysed": 0.6, "effort": 0.9}
    s |= {"learning_rate": 1.2} | {name: change.pop(name) for name in list(change) if name in (*s, "learning_rate")}
    p = world(**{"attempt_noise": 0.5, "success_gain": 0.1} | change)
    conceptual, procedural, recovered = m.try_again(**s, z=z, p=p)
    assert np.allclose(conceptual - s["conceptual"], procedural - s["procedural"], rtol=0.0, atol=1e-12)
    return [np.asarray(conceptual - s["conceptual"]), np.asarray(recovered)]


def test_who_analysed_an_error_tries_again() -> None:
    """With luck of its own, and as far as it was analysed; who gave up recovers nothing."""
    gain, recovered = tried_again(row(0.79, 0.81))
    assert recovered.tolist() == [0.0, 0.6]
    assert gain.tolist() == [0.0, pytest.approx(0.1 * 0.6 * 0.9 * 1.2)]
    assert tried_again(0.0, task=0.6)[1] == 0.6 > tried_again(0.0, task=0.6 + 1e-9)[1], "reaching the task is enough"
    assert tried_again(0.0, conceptual=0.8)[1] == 0.6 and tried_again(0.0, procedural=1.8)[1] == 0.6
    assert tried_again(0.0, form=0.5)[1] == 0.6 and tried_again(0.0)[1] == 0.0
    assert not any(tried_again(analysed=0.0)) and not any(tried_again(strength_failure_analysis=0.0))
    gain, recovered = tried_again(strength_correction=0.0)
    assert (gain, recovered) == (0.0, 0.6)


def told_of_the_week(**change: float) -> float:
    """What feedback on the week's work teaches somebody at the level of the syllabus, of both kinds of knowledge."""
    s = {"conceptual": 0.0, "procedural": 0.0, "form": 0.0, "syllabus": 0.0, "effort": 1.0, "ego": 0.0, "goals": 0.0}
    s |= {"control": 0.5, "reserve": 0.5, "learning_rate": 1.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{"information": 1.0} | {lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    conceptual, procedural = m.learn_from_feedback(**s, p=world(**change), q=q)
    assert conceptual - s["conceptual"] == pytest.approx(procedural - s["procedural"])
    return float(conceptual - s["conceptual"])


def test_feedback_teaches_what_is_missing() -> None:
    """The more is missing, told and looked into, in time and with effort; where nobody tells, nothing."""
    few = (0.0, 0.5, 1.0)
    for less in ("conceptual", "procedural", "form", "ego", "feedback_delay", "comparison"):
        assert falls([told_of_the_week(**{less: x}) for x in few]), less
    more = "syllabus", "information", "effort", "goals", "control", "reserve", "learning_rate", "feedback_gain"
    for name in (*more, "friendly"):
        assert rises([told_of_the_week(**{name: x}) for x in few]), name
    assert told_of_the_week(information=0.0) == told_of_the_week(effort=0.0) == 0.0
    assert told_of_the_week(strength_correction=0.0) == 0.0


def test_feedback_by_hand() -> None:
    """At a readiness of .8 below a syllabus of 1.2, feedback a week late that says .6 of all: a share of .55 looks."""
    given = {"conceptual": 1.0, "procedural": 0.4, "form": 0.1, "syllabus": 1.2, "effort": 0.9, "learning_rate": 1.2}
    given |= {"information": 0.6, "feedback_delay": 1.0, "ego": 0.3, "goals": 0.5, "control": 0.7, "reserve": 0.3}
    given |= {"feedback_gain": 0.8}
    missing, looked = 1.0 / (1.0 + math.exp(-0.4)), 1.0 / (1.0 + math.exp(-(0.2 + 0.2 + 0.3 - 0.2 - 0.3)))
    assert looked == pytest.approx(0.549834)
    told = 0.8 * 0.6 * 0.85 * 0.9 * missing * 1.2
    assert told_of_the_week(**given) == pytest.approx(told * looked)
    assert told_of_the_week(**given, strength_failure_analysis=0.0) == pytest.approx(told * 0.6)


def struggled(effort: object = 1.0, prepared: float = 0.0, q: Levers | None = None, **change: Any) -> Any:
    """What a struggle with a problem that came first prepares: an error, fully analysed and never recovered."""
    s = {"submitted": 1.0, "error": 1.0, "analysed": 1.0, "recovered": 0.0, "helped": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    read = [np.asarray(x) for x in (*s.values(), change.pop("targeted", 0.0))]
    return m.prepare(prepared, effort, *read, world(**change), q or levers("problem-first"))


def test_struggle_prepares() -> None:
    """Problem first, effort and analysis prepare the mind, up to its full; help at once cuts it short."""
    q, few = levers("problem-first"), row(0.0, 0.5, 1.0)
    assert rises(struggled(few)) and rises(struggled(analysed=few)) and falls(struggled(helped=few))
    at_once = levers("problem-first+rescue")
    assert struggled(helped=1.0, q=at_once) == 0.0, "rescue at once leaves nothing prepared"
    by_cut = [struggled(helped=1.0, q=q, help_cuts=cut) for cut in (0.0, 0.5, 1.0)]
    assert by_cut == pytest.approx([0.8, 0.4, 0.0]), "help for who is lost leaves a part"
    assert len({float(struggled(help_cuts=cut)) for cut in (0.0, 1.0)}) == 1
    assert falls([struggled(helped=1.0, q=levers("problem-first", rescue=x)) for x in (0.0, 0.5, 1.0)])
    left = [struggled(helped=1.0, q=at_once, rescue_remainder=x) for x in (0.0, 0.3, 0.6)]
    assert left == pytest.approx([0.0, 0.24, 0.48]), "unless something outlasts the rescue"
    assert struggled(helped=1.0, rescue_remainder=0.6) == struggled(helped=1.0), "help for the lost has its own cut"
    assert struggled(q=levers()) == 0.0, "instruction first prepares nothing"
    assert struggled(prepared=0.5) == pytest.approx(0.5 + 0.8 * 0.5)


def test_what_is_generated_prepares_right_or_wrong() -> None:
    """A right solution by its worth against an error; what is left unsolved for more, or less; never past the full."""
    right = [struggled(error=0.0, analysed=0.0, solved_prepares=x) for x in (0.0, 0.5, 1.0)]
    assert right == pytest.approx([0.0, 0.4, 0.8])
    assert struggled(analysed=0.6, solved_prepares=1.0) == struggled(analysed=0.6), "an error is no solution"
    assert struggled(0.0, error=0.0, submitted=0.0, solved_prepares=1.0) == 0.0
    unsolved = [struggled(analysed=0.5, unsolved_prepares=x) for x in (-0.5, 0.0, 1.0)]
    assert unsolved == pytest.approx([0.2, 0.4, 0.8])
    assert struggled(analysed=0.5, recovered=0.5, unsolved_prepares=1.0) == pytest.approx(0.8 * 0.75)
    assert struggled(analysed=0.9, unsolved_prepares=1.5, activation=1.0) == 1.0


def learnt_together(shared: object = 0.5, prepared: float = 0.0, effort: object = 1.0, **change: float) -> list:
    """What somebody who knows nothing learns from friends' errors: conceptual, procedural, preparation."""
    q = levers(problem_first=change.pop("problem_first", 0.0))
    return list(m.work_together(0.0, 0.0, prepared, shared, effort, change.pop("rate", 1.0), world(**change), q))


def test_rivals_help_and_share_less() -> None:
    """The more all are ranked; without rivalry, or competition, they are friends."""
    p, few = world(rivalry=0.5), (0.0, 0.4, 1.0)
    assert [m.friendship(p, levers(comparison=x)) for x in few] == pytest.approx([1.0, 0.8, 0.5])
    for friends in (world(rivalry=0.0), world(rivalry=0.5, strength_competition=0.0)):
        assert m.friendship(friends, levers("curve")) == 1.0
    helped = [instructed(1.0, friends=0.6, comparison=x) for x in few]
    for slot, gain in ((0, world().instruction_conceptual), (1, world().instruction_procedural)):
        by_hand = [gain * (1.0 + 0.2 * 0.6 * x) for x in (1.0, 0.8, 0.5)]
        assert [x[slot] for x in helped] == pytest.approx(by_hand)


def test_errors_are_shared_where_students_work_together() -> None:
    """The more of them is analysed and the more they cooperate; rivals let one know less."""
    few, p = row(0.0, 0.5, 1.0), world(rivalry=0.5)
    assert rises([m.share_error(0.6, p, levers(cooperation=x)) for x in few])
    assert m.share_error(few, p, levers(cooperation=0.5)).tolist() == [0.0, 0.25, 0.5]
    assert m.share_error(0.6, p, levers(cooperation=0.5, comparison=0.4)) == pytest.approx(0.6 * 0.5 * 0.8)


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


def looked_into(score: object = 0.4, prepared: float = 0.0, **change: float) -> list[np.ndarray]:
    """What somebody who knows nothing learns from going back to a test: conceptual, procedural, preparation."""
    q = levers(information=change.pop("information", 1.0), feedback_delay=change.pop("feedback_delay", 0.0))
    s = {"effort": 1.0, "ego": 0.0, "goals": 0.0, "control": 0.5, "reserve": 0.5, "learning_rate": 1.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    made = m.look_into_test(0.0, 0.0, prepared, np.asarray(score), **s, p=world(**change), q=q)
    return [np.asarray(x) for x in made]


def test_a_test_teaches_what_was_missing_in_it() -> None:
    """As far as feedback tells and as a student stays with it; a pass teaches as well, less the better it is."""
    few = row(0.0, 0.5, 1.0)
    for slot in range(3):
        assert falls(looked_into(few)[slot]) and looked_into(1.0)[slot] == 0.0 < looked_into(0.9)[slot]
        assert rises([looked_into(information=x)[slot] for x in few])
        for stays in ("effort", "control", "reserve", "goals", "learning_rate"):
            if (slot, stays) != (2, "learning_rate"):
                assert rises([looked_into(**{stays: x})[slot] for x in few]), stays
        assert falls([looked_into(ego=x)[slot] for x in few])
    for nothing in ({"effort": 0.0}, {"information": 0.0}, {"strength_failure_analysis": 0.0}):
        assert not any(looked_into(**nothing)), nothing
    early = {"delay_cost": -0.2, "feedback_delay": 2.0}
    assert looked_into(**early) == looked_into(), "no more is told than there is to say"
    assert looked_into(**early, information=0.5)[0] == pytest.approx(looked_into(information=0.7)[0])
    assert not any(looked_into(strength_correction=0.0)[:2]) and looked_into(strength_correction=0.0)[2] > 0.0
    assert looked_into(strength_preparation=0.0)[2] == 0.0 < looked_into(strength_preparation=0.0)[0]


def test_looking_into_a_test_by_hand() -> None:
    """A score of .3 looked into by .574 at effort .9, told by .6 and a week late."""
    share = 1.0 / (1.0 + math.exp(-(0.2 + 1.5 * 0.2 + 0.4 * 0.5 - 0.1 - 0.3)))
    assert share == pytest.approx(0.574443)
    seen = 0.6 * 0.85 * 0.9 * share * 0.7
    by_hand = [0.8 * seen * 1.2] * 2 + [0.4 + 0.25 * seen * 0.6]
    given = {"effort": 0.9, "information": 0.6, "feedback_delay": 1.0, "control": 0.7, "reserve": 0.4, "goals": 0.5}
    given |= {"feedback_gain": 0.8}
    found = looked_into(0.3, prepared=0.4, ego=0.3, learning_rate=1.2, **given)
    assert found == pytest.approx(by_hand)


def test_what_a_test_prepares_is_used_in_the_next_week() -> None:
    """By the lesson, for the concepts, the more was missing: so failing may teach where a lesson comes first."""
    p = Parameters({**dict.fromkeys(STRENGTHS, 0.0), "strength_failure_analysis": 1.0, "strength_preparation": 1.0})
    p = p.replace(test_preparation=0.5)
    run = engine.run(class_of(12, Policy(level=0.5), worlds=p), 3, ("preparation", "verdict", "tested_conceptual"))
    unprepared = engine.run(
        class_of(12, Policy(level=0.5), worlds=p.replace(test_preparation=0.0)), 3, tuple(run.trace)
    )
    failed = run.trace["verdict"][0] < 0.5
    assert failed.any() and not failed.all()
    gained = (run.trace["tested_conceptual"] - unprepared.trace["tested_conceptual"])[1]
    assert 0.0 < gained[~failed].min() < gained[~failed].max() < gained[failed].max()
    assert run.trace["preparation"][0][failed].mean() > run.trace["preparation"][0][~failed].mean() > 0.0
    assert np.corrcoef(run.trace["preparation"][0][:, 0], gained[:, 0])[0, 1] > 0.9


def test_rescue_at_once_cuts_preparation_in_class() -> None:
    """In a class that struggles first, a teacher who steps in at once leaves nothing to build on."""
    block = class_of(8, Policy("problem-first"), Policy("problem-first+rescue"))
    # the lesson after the attempt would use up what was prepared, and a failed test prepares as well
    before = [phase for phase in WEEK if dict(phase.bind).get("early") != 0.0 and phase.name != "look_into_test"]
    run = engine.run(block, 1, ("practice_error", "preparation"), model=MODEL.replace(week=tuple(before)))
    assert len(before) == len(WEEK) - 3
    assert run.trace["practice_error"].any(1).all()
    assert run.trace["preparation"][..., 0].max() > 0.1 and not run.trace["preparation"][..., 1].any()


def practised(**change: float) -> float:
    """Procedural gain of a week of practice at a rate of 1."""
    s = {"effort": 1.0, "fit": 1.0, "learning_rate": 1.0, "analysed": 0.0, "retaken_before": 0.0, "repeats_left": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(problem_first=change.pop("problem_first", 0.0), repeats=change.pop("repeats", 0.0))
    numbers = {"practice_rate": 1.0, "exploration_cost": 0.2, "analysis_time": 0.1, "retake_time": 0.15} | change
    return float(m.practise(2.0, **s, p=world(**numbers), q=q)) - 2.0


def test_what_is_learnt_is_added_to_what_is_known() -> None:
    """By instruction, by friends' errors, by looking into a test and by taking it again; each to its own kind."""
    p, q = world(), levers("mastery+group-problem-first")
    lesson = (0.3, ONE, ONE, ONE, ONE, ZERO, 0.5, 0.0, p, q)
    looked = (0.3, np.float64(0.4), 1.0, 0.0, 0.0, 0.5, 0.5, 1.0, p, q)
    again = (np.float64(0.1), ZERO, ZERO, ZERO, ONE, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.5, ZERO, 0.0, ONE, 0.0, p, q)
    for learn, given in (
        (m.instruct, lesson), (m.work_together, (0.3, 0.5, 1.0, 1.0, p, q)), (m.look_into_test, looked),
        (m.retake, again),
    ):  # fmt: skip
        nothing, some = (np.array(learn(*known, *given)[:2], float) for known in ((0.0, 0.0), (2.0, 3.0)))
        assert (nothing > 0.0).all() and some - nothing == pytest.approx(np.array([2.0, 3.0])), learn.__name__


def test_practice_raises_procedural_knowledge() -> None:
    """With effort, fit and rate, and in the time that struggling first, analysing and retaking leave."""
    for half in ("effort", "fit", "learning_rate"):
        assert [practised(**{half: x}) for x in (0.0, 0.5, 1.0)] == pytest.approx([0.0, 0.5, 1.0]), half
    assert practised(practice_rate=1.6, effort=0.5) == pytest.approx(0.8)
    assert practised(problem_first=1.0) == pytest.approx(0.8) and practised(problem_first=0.5) == pytest.approx(0.9)
    assert practised(analysed=1.0) == pytest.approx(0.9) and practised(analysed=0.5) == pytest.approx(0.95)
    assert practised(retaken_before=1.0) == pytest.approx(0.85) and practised(retaken_before=2.0) == pytest.approx(0.7)
    for left, due in ((0.0, 0.0), (1.0, 1.0), (3.0, 1.0)):
        assert practised(repeats_left=left, repeats=3.0, repeat_time=0.3) == pytest.approx(1.0 - 0.3 * due)
    assert practised(repeats_left=2.0, repeats=0.0, repeat_time=0.3) == 1.0, "where no unit is set again any more"
    assert practised(repeats_left=1.0, repeats=1.0, repeat_time=0.3, strength_correction=0.0) == 1.0
    all_at_once = {"problem_first": 0.5, "analysed": 0.5, "retaken_before": 1.0}
    assert practised(**all_at_once, effort=0.6) == pytest.approx(0.6 * (1.0 - 0.1 - 0.05 - 0.15))
    for strength, time in (("preparation", 0.8), ("failure_analysis", 0.75), ("correction", 0.85)):
        assert practised(**all_at_once, **{f"strength_{strength}": 0.0}) == pytest.approx(time), strength


def test_no_week_has_less_than_no_time() -> None:
    """Who spends more time than there is does not unlearn."""
    most = {"exploration_cost": 0.6, "analysis_time": 0.3, "retake_time": 0.3}
    assert practised(problem_first=1.0, analysed=1.0, retaken_before=2.0, **most) == 0.0
    assert practised(problem_first=1.0, analysed=1.0, **most) == pytest.approx(0.1)


def test_whether_a_unit_is_set_again_this_week() -> None:
    """As long as weeks are left for it and the policy still does so."""
    for left, repeats, now in ((0.0, 2.0, 0.0), (1.0, 1.0, 1.0), (3.0, 3.0, 1.0), (2.0, 0.0, 0.0)):
        assert m.set_again_now(left, levers(repeats=repeats)) == now


# ---- assessment and grading --------------------------------------------------------------------------------
def test_the_test_measures_readiness_against_difficulty() -> None:
    """Knowledge, form and luck raise the margin, difficulty and pressure lower it; it is kept as drawn beside it."""
    p, few = world(assess_noise=0.5, noise_growth=0.0), row(-1.0, 0.0, 1.0)
    for at, direction in enumerate((rises, rises, rises, falls, falls, rises)):
        read = [0.0] * 6
        read[at] = few
        margin, drawn = m.assess(*read[:5], np.float64(5.0), read[5], p)
        assert direction(margin) and margin.tolist() == drawn.tolist()
    margin, _ = m.assess(1.0, 2.0, 0.1, 0.3, 0.2, np.float64(5.0), -1.0, p)
    assert margin == pytest.approx(1.5 + 0.1 - 0.5 - 0.3 - 0.15 * 0.2)


def test_an_assignment_takes_the_place_of_the_test() -> None:
    """In the week in which it is due, with luck of a size of its own; in all others the test stays."""
    p, luck = world(assess_noise=0.9, assignment_noise=0.4), row(-1.0, 0.0, 1.0)
    given = 1.0, 2.0, 0.1, 0.3, 0.2
    margin, drawn = m.assign(row(7.0, 8.0, 9.0), ONE, *given, luck, p)
    assert margin == pytest.approx(1.5 + 0.1 + 0.4 * luck - 0.3 - 0.15 * 0.2) and drawn.tolist() == margin.tolist()
    for kept in m.assign(row(7.0, 8.0, 9.0), ZERO, *given, luck, p):
        assert kept.tolist() == [7.0, 8.0, 9.0]
    assert m.noise(row(0.0, 1.0), ZERO, p).tolist() == [0.9, 0.4]


def test_the_luck_in_tests_may_grow_as_students_grow_apart() -> None:
    """By the same step every week, from none in the first; that of assignments stays."""
    p, weeks = world(assess_noise=0.5, assignment_noise=0.4, noise_growth=0.6), row(0.0, 18.0, 36.0)
    assert m.luck_in_test(weeks, p) == pytest.approx([0.5, 0.65, 0.8])
    assert m.noise(ZERO, weeks, p) == pytest.approx([0.5, 0.65, 0.8])
    assert m.noise(ONE, weeks, p).tolist() == [0.4] * 3
    assert m.luck_in_test(weeks, world(assess_noise=0.5, noise_growth=0.0)).tolist() == [0.5] * 3
    given = 0.0, 0.0, 0.0, 0.0, 0.0
    assert m.assess(*given, weeks, ONE, p)[0] == pytest.approx([0.5, 0.65, 0.8])
    again = retaken(0.45, 1.0, week=18.0, noise_growth=0.6)["grade"]
    assert again == pytest.approx(1.0 / (1.0 + math.exp(-(0.3 + 0.65 - 0.2))))


def announced(**lever: float) -> np.ndarray:
    """What is due, told, counted and public in weeks 1 to 12, (week, 4)."""
    q = levers(**{"told": 0.75, "counted": 0.5, "public": 0.25} | lever)
    return np.array([m.announce(np.float64(week), q) for week in range(12)])


def test_assignments_are_due_every_few_weeks_and_nothing_else_is_graded() -> None:
    """Without them every week is graded and none is due; a year with one every week is all due."""
    assert announced().tolist() == [[0.0, 0.75, 0.5, 0.25]] * 12
    assert announced(assignment_every=1.0).tolist() == [[1.0, 0.75, 0.5, 0.25]] * 12
    for every in range(2, 13):
        due = [week for week, row in enumerate(announced(assignment_every=float(every)), 1) if row.any()]
        assert due == list(range(every, 13, every))
        graded = announced(assignment_every=float(every))[every - 1]
        assert graded.tolist() == [1.0, 0.75, 0.5, 0.25]
    assert not announced(assignment_every=36.0).any()


def test_a_year_with_assignments() -> None:
    """Up to the first it is a year in which nobody is told; the one that is due has luck and consequences of its own.

    Grades that count pay in all weeks.
    """
    policies = [
        Policy("curve", assignment_every=4.0),
        Policy("curve", told=0.0, counted=0.0, public=0.0),
        Policy("curve"),
    ]
    world = LIVELY.replace(strength_grade_incentive=0.0)
    run = engine.run(class_of(10, *policies, worlds=world), 9, WRITTEN)
    own, untold, weekly = ({name: trace[..., k] for name, trace in run.trace.items()} for k in range(3))
    assert np.flatnonzero(own["assignment_due"]).tolist() == [3, 7]
    for name in WRITTEN:
        assert np.array_equal(own[name][:3], untold[name][:3]), name
    assert not (own["test_margin"][3] == untold["test_margin"][3]).any()
    assert np.array_equal(own["tested_conceptual"][3], untold["tested_conceptual"][3])
    assert own["failing_grade_told"].any(1).tolist() == [week in (3, 7) for week in range(9)]
    assert weekly["failing_grade_told"].any(1).all()
    failed = own["failing_grade"][[3, 7]].sum(0)
    for kind in ("told", "counted", "compared"):
        assert own[f"weeks_failing_grade_{kind}"][-1].tolist() == failed.tolist(), kind
    paid = engine.run(class_of(10, *policies, worlds=LIVELY), 3, ("incentive",)).trace["incentive"][:, 0]
    assert paid[:, 0].tolist() == paid[:, 2].tolist() and paid[:, 0].all() and not paid[:, 1].any()


def test_pressure_may_help_or_hinder_at_a_test() -> None:
    """By the sign of what full stakes take; at the stakes of the reference policy it does neither."""
    few = row(-0.5, 0.0, 0.5)
    hinders, nothing, helps = (
        m.perform(0.0, 0.0, 0.0, 0.0, few, 0.0, world(pressure_capacity=c)) for c in (0.5, 0.0, -0.15)
    )
    assert falls(hinders) and rises(helps) and not nothing.any()
    assert hinders[1] == helps[1] == 0.0 and hinders[2] == pytest.approx(-0.25)


def test_a_luck_flip_turns_one_margin() -> None:
    """It carries the margin to where the twin asks for; nobody else's, and no other week's."""
    margin, seat, five = row(-0.3, -0.3, 0.3), row(0.0, 1.0, 2.0), np.float64(5.0)
    assert m.turn_assessment(margin, seat, five, flip(luck=1.0, to=0.05)).tolist() == [-0.3, 0.05, 0.3]
    assert m.turn_assessment(-margin, seat, five, flip(luck=1.0, to=-0.7)).tolist() == [0.3, -0.7, -0.3]
    assert m.turn_assessment(margin, seat, five, flip(luck=1.0)).tolist() == [-0.3, 0.0, 0.3], "0 is a margin too"
    assert m.turn_assessment(margin, seat, np.float64(6.0), flip(luck=1.0, to=0.05)).tolist() == margin.tolist()
    assert m.turn_assessment(margin, seat, five, flip(label=1.0, practice=1.0, to=0.05)).tolist() == margin.tolist()


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
    assert 0.2 < m.draw_line(levers("curve", quota=0.2)) == pytest.approx(0.2, abs=2e-6), "a place on the quota fails"
    assert m.draw_line(levers(comparison=0.5, quota=0.2)) == pytest.approx(0.35, abs=2e-6)


def test_a_grade_is_ones_own_score() -> None:
    """It rises with the margin, and is 0 for what is not handed in."""
    score, heard = m.grade(row(-1.0, 0.0, 1.0), row(1.0, 1.0, 1.0))
    assert rises(score) and score.tolist() == heard.tolist()
    assert score.tolist() == pytest.approx([1.0 / (1.0 + math.e), 0.5, math.e / (1.0 + math.e)])
    assert [float(x) for x in m.grade(3.0, 0.0)] == [0.0, 0.0]


def test_a_grade_on_practice_is_mixed_with_the_test() -> None:
    """A share of the grade is the score of the attempt: an attempt that falls further short lowers it."""
    score, few = row(0.6, 0.6, 0.6), row(-1.0, 0.0, 1.0)
    mixed, heard = m.grade_attempts(score, few, 1.0, levers(grade_practice=0.25))
    assert falls(mixed) and heard.tolist() == mixed.tolist()
    assert mixed[1] == pytest.approx(0.75 * 0.6 + 0.25 * 0.5)
    assert rises([m.grade_attempts(0.2, -2.0, 1.0, levers(grade_practice=x))[0] for x in (0.0, 0.5, 1.0)])
    assert m.grade_attempts(score, few, 1.0, levers())[0].tolist() == score.tolist()
    assert m.grade_attempts(0.0, -2.0, 0.0, levers(grade_practice=1.0))[0] == 0.0, "not handed in"


def test_a_curve_hears_ones_place() -> None:
    """Under a curve the grade is the place among those enrolled, half way it is the mean of place and score."""
    score, position, submitted = row(0.9, 0.9, 0.9), row(0.1, 0.4, 0.4), row(1.0, 1.0, 0.0)
    place, grade = m.compare(score, position, HALF, submitted, levers("curve"))
    assert place.tolist() == [0.2, 0.8, 0.0] and grade.tolist() == pytest.approx([0.2, 0.8, 0.0])
    grade = m.compare(score, position, HALF, submitted, levers(comparison=0.5))[1]
    assert grade.tolist() == pytest.approx([0.55, 0.85, 0.45])
    assert m.compare(score, position, HALF, submitted, levers(comparison=0.01))[0].tolist() == place.tolist()
    assert m.compare(0.5, 0.01, np.float64(0.02), 1.0, levers("curve"))[0] == 0.5, "the last one left"
    place, grade = m.compare(score, position, HALF, submitted, levers())
    assert not place.any() and grade.tolist() == score.tolist(), "a criterion knows no places"


def test_the_verdict_is_passed_from_the_line_on() -> None:
    """A grade exactly on the line is a pass, the least below it is none."""
    assert m.utter(row(0.5 - 1e-9, 0.5, 0.9, 0.0), 0.5).tolist() == [0.0, 1.0, 1.0, 0.0]


def test_a_label_flip_turns_one_verdict() -> None:
    """From passed to failed or back; nobody else's, and no other week's."""
    verdict, seat, five = row(0.0, 0.0, 1.0), row(0.0, 1.0, 2.0), np.float64(5.0)
    assert m.turn_verdict(verdict, seat, five, flip(label=1.0)).tolist() == [0.0, 1.0, 1.0]
    assert m.turn_verdict(1.0 - verdict, seat, five, flip(label=1.0)).tolist() == [1.0, 0.0, 0.0]
    assert m.turn_verdict(verdict, seat, np.float64(4.0), flip(label=1.0)).tolist() == verdict.tolist()
    assert m.turn_verdict(verdict, seat, five, flip(luck=1.0, practice=1.0)).tolist() == verdict.tolist()


def test_being_told_needs_a_policy_that_tells() -> None:
    """A failing grade is told where verdicts are, to those enrolled; going back to a test reads its score."""
    score, verdict, enrolled = row(0.1, 0.9, 0.1), row(0.0, 1.0, 0.0), row(1.0, 1.0, 0.0)
    learning, heard, told = m.hear_of_learning(score, verdict, enrolled, ONE)
    assert learning.tolist() == score.tolist() and heard.tolist() == [1.0, 0.0, 1.0]
    assert told.tolist() == [1.0, 0.0, 0.0]
    assert m.hear_of_learning(score, verdict, enrolled, 0.3)[2].tolist() == [0.3, 0.0, 0.0]
    assert not m.hear_of_learning(score, verdict, enrolled, ZERO)[2].any()


def test_a_rank_tells_less_of_what_was_learnt() -> None:
    """The more the grade is a rank; feedback that says nothing says nothing of either."""
    p, few = world(rank_uninformative=0.4), (0.0, 0.5, 1.0)
    said = [m.informs(p, levers(information=0.6, comparison=x)) for x in few]
    assert said == pytest.approx([0.6, 0.48, 0.36])
    assert [m.informs(p, levers(information=x)) for x in few] == list(few)
    for all_the_same in (world(rank_uninformative=0.0), world(rank_uninformative=0.4, strength_competition=0.0)):
        assert m.informs(all_the_same, levers(information=0.6, comparison=1.0)) == 0.6


def test_a_shortfall_that_nobody_calls_failing_counts_in_part() -> None:
    """Told in full; untold by the share of an unlabelled shortfall, as far as feedback tells."""
    p, few = world(unlabelled=0.3), (0.0, 0.5, 1.0)
    counts = [m.reaches(told, p, levers(information=1.0)) for told in few]
    assert counts == pytest.approx([0.3, 0.65, 1.0])
    assert [m.reaches(0.0, p, levers(information=x)) for x in few] == pytest.approx([0.0, 0.15, 0.3])
    assert len({m.reaches(1.0, p, levers(information=x)) for x in few}) == 1


def taken(grade: object = 0.9, verdict: object = 1.0, **change: object) -> Any:
    """What a result is taken for; unless something else is said, a good one that was passed, at a line of .5."""
    s = {"line": 0.5, "met_criterion": 1.0, "percentile_rank": 0.9, "submitted": 1.0}
    s |= {"grade": grade, "verdict": verdict} | {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    return m.take_as_failure(
        **{name: np.asarray(x) for name, x in s.items()}, result_told=q.told, p=world(**change), q=q
    )


def test_where_a_verdict_is_uttered_it_speaks() -> None:
    """Whatever the grade, and however much feedback says."""
    grades = row(0.0, 0.4, 0.5, 1.0)
    for information in (0.0, 0.6, 1.0):
        for met in (0.0, 1.0):
            assert taken(grades, 1.0, met_criterion=met, information=information).tolist() == [0.0] * 4
            assert taken(grades, 0.0, met_criterion=met, information=information).tolist() == [1.0] * 4


def test_where_no_verdict_is_uttered_the_grade_speaks() -> None:
    """As a failure below the line, if feedback says anything at all; in between both speak by their weight."""
    grades = row(0.5 - 1e-9, 0.5)
    for verdict in (0.0, 1.0):
        assert taken(grades, verdict, told=0.0, information=0.6).tolist() == [1.0, 0.0]
        assert taken(grades, verdict, told=0.0, information=0.0).tolist() == [0.0, 0.0], "nobody says anything"
    half = {"told": 0.5, "information": 0.5, "unlabelled": 0.6}
    assert taken(0.9, 0.0, **half) == pytest.approx(0.5 / 0.65)
    assert taken(0.1, 1.0, **half) == pytest.approx(0.15 / 0.65)
    assert taken(0.1, 0.0, **half) == pytest.approx(1.0)


def test_below_the_middle_of_a_rank_is_a_defeat() -> None:
    """By its weight, the more all are ranked, of those who handed in, even where it is no failing grade."""
    places = row(0.0, 0.5 - 1e-5, 0.5 - 1e-9, 0.5, 1.0)  # rounding decides nothing
    beaten = {"percentile_rank": places, "defeat": 0.3, "information": 0.0}
    assert taken(**beaten, comparison=1.0).tolist() == [0.3, 0.3, 0.0, 0.0, 0.0]
    assert taken(**beaten, comparison=0.5).tolist() == [0.15, 0.15, 0.0, 0.0, 0.0]
    assert taken(0.9, 0.0, **beaten, comparison=1.0).tolist() == [1.0] * 5, "failing is worse"
    for nobody in ({"comparison": 0.0}, {"submitted": 0.0}, {"strength_competition": 0.0}, {"defeat": 0.0}):
        assert not taken(**{**beaten, "comparison": 1.0, **nobody}).any(), nobody


def test_under_a_rank_who_falls_short_of_the_criterion_hears_of_it() -> None:
    """As far as a rank's feedback tells, though nobody calls it failing; the larger of it and a defeat counts."""
    short = {"met_criterion": row(0.0, 1.0), "information": 0.6, "unlabelled": 0.8, "rank_uninformative": 0.4}
    assert taken(**short, comparison=1.0) == pytest.approx(np.array([0.8 * 0.36, 0.0]))
    assert taken(**short, comparison=0.5)[0] == pytest.approx(0.5 * 0.8 * 0.48)
    beaten = {"percentile_rank": 0.2, "comparison": 1.0}
    assert taken(**short, **beaten, defeat=0.1) == pytest.approx(np.array([0.288, 0.1]))
    assert taken(**short, **beaten, defeat=0.5).tolist() == [0.5] * 2
    for nobody in ({"comparison": 0.0}, {"information": 0.0}, {"strength_competition": 0.0}, {"unlabelled": 0.0}):
        assert not taken(**{**short, "comparison": 1.0, **nobody}).any(), nobody


def retaken(
    grade: float, z: float, *, number: float = 1.0, submitted: float = 1.0, **change: float
) -> dict[str, float]:
    """A student with a failing verdict at a line of .5 and a margin of -0.2 who may take the test again."""
    q = levers(retakes=change.pop("retakes", 1.0), comparison=change.pop("comparison", 0.0))
    before, pressure = np.float64(change.pop("before", 0.0)), change.pop("pressure", 0.0)
    verdict, heard = np.float64(change.pop("verdict", 0.0)), np.float64(change.pop("heard_learning", 1.0))
    effort, met = change.pop("effort", 1.0), np.float64(change.pop("met_criterion", 0.0))
    due, week = np.float64(change.pop("assignment_due", 0.0)), np.float64(change.pop("week", 0.0))
    made = m.retake(
        0.0, 0.0, np.float64(grade), verdict, met, before, heard, submitted, effort, 0.0, 0.2, pressure, 0.1, 0.5,
        due, week, np.float64(number), z, world(**{"retake_gain": 0.3, "assess_noise": 0.5} | change), q,
    )  # fmt: skip
    names = "conceptual", "procedural", "grade", "verdict", "met_criterion", "retaken"
    return dict(zip(names, (float(x) for x in made)))


def test_a_retake_teaches_and_the_better_grade_counts() -> None:
    """Correcting the work raises both kinds of knowledge; luck may lift the grade and can never lower it."""
    lucky, unlucky = retaken(0.45, 1.0), retaken(0.45, -3.0)
    assert lucky["conceptual"] == unlucky["procedural"] == 0.3
    score = 1.0 / (1.0 + math.exp(-(0.3 + 0.5 - 0.2)))
    assert lucky["grade"] == pytest.approx(score) and lucky["verdict"] == lucky["met_criterion"] == 1.0
    assert unlucky["grade"] == 0.45 and unlucky["verdict"] == unlucky["met_criterion"] == 0.0
    assert retaken(0.45, 1.0, pressure=0.5, pressure_capacity=0.5)["grade"] < lucky["grade"], "a retake presses too"
    assert retaken(0.45, 1.0, effort=0.5)["conceptual"] == pytest.approx(0.15), "by effort"
    again = retaken(0.45, 1.0, assignment_due=1.0, assignment_noise=0.8)["grade"]
    assert again == pytest.approx(1.0 / (1.0 + math.exp(-(0.3 + 0.8 - 0.2)))), "an assignment's luck is its own"
    uncorrected = retaken(0.45, 1.0, strength_correction=0.0)
    assert uncorrected["conceptual"] == uncorrected["procedural"] == 0.0
    assert uncorrected["grade"] == pytest.approx(1.0 / (1.0 + math.exp(-0.3))) and uncorrected["verdict"] == 1.0


def test_retakes_are_counted() -> None:
    """Those of the week, the second on top of the first; a first one counts anew."""
    assert retaken(0.45, 0.0, before=5.0)["retaken"] == 1.0
    assert retaken(0.45, 0.0, before=1.0, number=2.0, retakes=2.0)["retaken"] == 2.0
    assert retaken(0.45, 0.0, before=1.0, number=2.0, retakes=1.0)["retaken"] == 1.0
    assert retaken(0.55, 0.0, before=5.0, verdict=1.0)["retaken"] == 0.0


def test_the_line_of_a_retake() -> None:
    """The verdict says who takes it again; what is reached then passes on the line, and meets the criterion at 0."""
    assert retaken(0.9, -9.0)["verdict"] == 0.0, (
        "called a failure, whatever the grade: it stays one without a better test"
    )
    assert retaken(0.9, -9.0)["grade"] == 0.9
    at = {"retake_gain": 0.2, "number": 1.0}
    assert retaken(0.1, 0.0, **at)["met_criterion"] == 1.0 == retaken(0.1, 0.0, **at)["verdict"]
    assert retaken(0.1, -1e-9, **at)["met_criterion"] == 0.0 == retaken(0.1, -1e-9, **at)["verdict"]
    assert retaken(0.1, -9.0, met_criterion=1.0)["met_criterion"] == 1.0, "what was met stays met"
    given = {"grade": 0.1, "verdict": ZERO, "met_criterion": ZERO, "retaken": ZERO, "heard_learning": ONE}
    given |= {"submitted": 1.0, "effort": 1.0, "form": 0.0, "syllabus": 0.0, "pressure": 0.0, "percentile_rank": 0.0}
    given |= {
        "line": 0.5,
        "assignment_due": ZERO,
        "week": ZERO,
        "number": ONE,
        "z": 0.0,
        "p": world(retake_gain=0.5),
        "q": levers(retakes=1.0),
    }
    assert m.retake(conceptual=1.0, procedural=2.0, **given)[:2] == (1.5, 2.5)


@pytest.mark.parametrize(
    "change",
    [{"verdict": 1.0}, {"submitted": 0.0}, {"retakes": 0.0}, {"number": 2.0}, {"heard_learning": 0.0}],
    ids=["passed", "not handed in", "no retakes", "one retake only", "taken to have passed"],
)
def test_who_may_not_take_the_test_again(change: dict[str, float]) -> None:
    """Nothing is corrected, graded anew or mastered."""
    nothing = {"conceptual": 0.0, "procedural": 0.0, "grade": 0.45, "met_criterion": 0.0, "retaken": 0.0}
    assert retaken(0.45, 3.0, **change) == {**nothing, "verdict": change.get("verdict", 0.0)}


def test_a_place_in_the_class_is_not_taken_again() -> None:
    """Under a curve correcting teaches, but the place stays what it was; a mixture rises by its score alone."""
    after = retaken(0.1, 3.0, comparison=1.0)
    assert after["conceptual"] == 0.3 and after["grade"] == pytest.approx(0.1) and after["verdict"] == 0.0
    score = 1.0 / (1.0 + math.exp(-(0.3 + 1.5 - 0.2)))
    assert retaken(0.1, 3.0, comparison=0.5)["grade"] == pytest.approx(0.5 * 0.1 + 0.5 * score)


def test_a_pass_counts_as_long_as_the_unit_lasts() -> None:
    """Earned this week or before on the same unit; a new unit has to be passed anew. What was retaken is remembered."""
    passed, met_criterion, moved = row(1.0, 1.0, 0.0, 0.0), row(0.0, 0.0, 1.0, 0.0), row(0.0, 1.0, 1.0, 0.0)
    unit_passed, before = m.keep_pass(passed, met_criterion, moved, row(0.0, 1.0, 2.0, 0.0))
    assert unit_passed.tolist() == [1.0, 0.0, 1.0, 0.0] and before.tolist() == [0.0, 1.0, 2.0, 0.0]


def test_open_tasks_make_a_result_less_all_or_nothing() -> None:
    """What went well takes from a failure, in proportion; a failure of everything stays one, and so does a success."""
    q, failure, grade = levers("open-tasks"), row(1.0, 1.0, 0.4, 0.0), row(0.0, 0.4, 0.4, 0.8)
    assert m.succeed_in_part(failure, grade, world(partial_success_size=0.5), q).tolist() == pytest.approx(
        [1.0, 0.8, 0.32, 0.0]
    )
    assert m.succeed_in_part(failure, grade, world(), levers()).tolist() == failure.tolist()
    assert m.succeed_in_part(failure, grade, world(strength_partial_success=0.0), q).tolist() == failure.tolist()


def test_the_anxious_hear_blame_where_nobody_speaks_of_failing() -> None:
    """The more, the more anxious; where a verdict is uttered they hear that, and a failure cannot be heard as more."""
    p = world(misreading_size=0.5)
    assert m.misread(row(0.0, 0.2, 1.0), ONE, 0.0, p).tolist() == pytest.approx([0.5, 0.6, 1.0])
    assert [float(m.misread(0.0, np.float64(x), 0.0, p)) for x in (0.0, 0.5, 1.0, 3.0)] == [0.0, 0.25, 0.5, 0.5]
    assert m.misread(0.2, ONE, 1.0, p) == m.misread(0.2, ONE, 0.0, world()) == 0.2
    assert m.misread(0.2, ONE, 0.0, p._replace(strength_misreading=ZERO)) == 0.2
    heard = m.receive(0.2, 1.0, 0.9, ONE, 0.0, p)
    assert heard[:5] == pytest.approx((0.6, 0.0, 0.2, 0.6, 0.2)), "where causes are read, and where it hurts"


def test_all_receivers_hear_the_same() -> None:
    """Copies of what a result is taken for, of its grade, and of the verdict itself for what is expected next."""
    writes = next(phase.writes for phase in WEEK if phase.name == "receive")
    heard = dict(zip(writes, m.receive(0.3, 0.9, 0.7, ONE, 0.0, world())))
    assert heard.pop("heard_expectancy") == pytest.approx(0.1)
    assert heard == {name: 0.3 if name.startswith("heard") else 0.7 for name in heard} and len(heard) == 7


# ---- reading the cause -------------------------------------------------------------------------------------
FAILED, PASSED = 1.0, 0.0


def test_who_has_a_failing_grade_and_what_classmates_see() -> None:
    """The verdict in the end, of those enrolled; what classmates see is a copy, and nothing of who has stopped."""
    failing, failing_grade_seen, grade_seen = m.show_result(
        row(0.0, 1.0, 0.0), row(0.2, 0.9, 0.9), row(0.1, 0.6, 0.6), row(1.0, 1.0, 0.0)
    )
    assert failing.tolist() == [1.0, 0.0, 0.0] and failing_grade_seen.tolist() == [0.2, 0.9, 0.0]
    assert grade_seen.tolist() == [0.1, 0.6, 0.0]


def expectancy_of(heard: np.float64) -> float:
    """Expectancy after a grade of one half that is taken for a failure, or not."""
    return float(
        m.update_expectancy(HALF, heard, HALF, 0.0, 1.0, 0.4, 0.3, 1.0, ONE, 0.0, world(negativity=0.0), levers())
    )


#: What each reader makes of a result that is taken for a failure.
READERS: dict[str, Callable[[np.float64], float]] = {
    "classmates": lambda h: m.show_result(ONE, h, ONE, ONE)[1],
    "causes": lambda h: m.attribute(0.9, 0.0, h, 1.0, 0.0, world(), levers())[0],
    "teacher": lambda h: m.edit_story(0.6, 0.2, ZERO, h, 1.0, ONE, 0.4, ZERO, world(), levers("story-editing"))[0],
    "mindset": lambda h: m.believe_in_growth(0.6, 0.2, 0.5, h, 1.0, ONE, world(), levers("mindset-message"))[0],
    "models": lambda h: m.learn_from_models(0.6, 0.2, 0.5, h, 1.0, ONE, world(), levers("coping-models"))[0],
    "resolve": lambda h: m.resolve_to_try(h, 0.3, 1.0, ONE, world(), levers()),
    "attribution_style": lambda h: m.drift_of_style(0.5, h, 0.6, 0.1, 0.1, 1.0, ONE, world(), levers()),
    "record": lambda h: m.remember(0.5, h, 1.0, ONE, world(), levers()),
    "expectancy": expectancy_of,
    "control": lambda h: m.update_control(0.5, h, 1.0, 0.2, 0.3, 0.2, 0.5, 1.0, 0.0, 1.0, ONE, world(), levers()),
    "heart": lambda h: m.take_to_heart(h, 0.9, 0.5, 0.0, 0.3, 0.0, 0.0, world(), levers()),
    "reserve": lambda h: m.update_reserve(0.5, 0.0, 0.5, 1.0, h, 1.0, world()),
    "setback": lambda h: m.keep_setback(h, 1.0, ONE, world(), levers()),
    "interest": lambda h: m.update_interest(0.5, h, 1.0, 1.0, ONE, world(), levers()),
    "tallies": lambda h: m.tally_causes(0.0, 0.0, 0.0, 0.0, h, 1.0, 0.4, 0.2, 0.1)[0],
}


@pytest.mark.parametrize("reader", READERS)
def test_half_a_failure_lies_between(reader: str) -> None:
    """What is taken for a failure in part moves each reader in part, the same way all along."""
    made = [float(READERS[reader](np.float64(x))) for x in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert rises(made) or falls(made)


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


def shares(*logits: float) -> dict[str, float]:
    """Shares of ability, effort, task and luck by the logit of each."""
    weights = [math.exp(x) for x in logits]
    return dict(zip(("ability", "effort", "task", "luck"), (w / sum(weights) for w in weights)))


def test_an_unbiased_reader_gives_equal_shares() -> None:
    """In the middle of the style, with a clean record and a divided class, nothing speaks for any cause."""
    assert causes(FAILED) == causes(PASSED) == {"ability": 0.25, "effort": 0.25, "task": 0.25, "luck": 0.25}


@pytest.mark.parametrize("read", ["attribution_style", "history"])
def test_the_helpless_give_failures_to_ability_and_successes_to_luck(read: str) -> None:
    """A helpless style, and a record of failures: failures to ability, not to effort, successes to luck and task."""
    failed, passed = ([causes(heard, **{read: x}) for x in (0.0, 0.5, 1.0)] for heard in (FAILED, PASSED))
    assert rises([c["ability"] for c in failed]) and falls([c["effort"] for c in failed])
    assert falls([c["ability"] for c in passed])
    assert rises([c["luck"] for c in passed]) and rises([c["task"] for c in passed])


def test_both_poles_of_style_by_hand() -> None:
    """The helpless pole gives failures to ability; the other gives them to effort, not to luck, and owns successes."""
    assert causes(FAILED, attribution_style=1.0) == pytest.approx(shares(1.2, -1.2, 0.0, 0.0))
    assert causes(FAILED, attribution_style=0.0) == pytest.approx(shares(-1.2, 1.2, 0.0, 0.0))
    assert causes(PASSED, attribution_style=1.0) == pytest.approx(shares(-1.2, 0.0, 1.2, 1.2))
    assert causes(PASSED, attribution_style=0.0) == pytest.approx(shares(1.2, 0.0, -1.2, -1.2))


def test_history_may_pull_the_other_way() -> None:
    """Below 0 a record of failures takes ability out of failures."""
    few = [causes(FAILED, history=h, attribution_by_history=-1.0)["ability"] for h in (0.0, 0.5, 1.0)]
    assert falls(few)


def test_if_everybody_failed_it_was_the_task() -> None:
    """Consensus: the task explains a failure that all share and a success that all share, not the student's alone."""
    weights = [m.weigh_task(np.float64(share), ONE, ONE, world(), levers()) for share in (0.0, 0.5, 1.0)]
    assert weights == pytest.approx([math.exp(-1.0), 1.0, math.exp(1.0)])
    assert m.weigh_task(np.float64(0.02), np.float64(0.02), ONE, world(), levers()) == pytest.approx(math.exp(1.0))
    assert rises([causes(FAILED, weight=w)["task"] for w in weights])
    assert falls([causes(PASSED, weight=w)["task"] for w in weights])
    assert causes(FAILED, weight=weights[2])["task"] == pytest.approx(causes(PASSED, weight=weights[0])["task"])
    assert m.weigh_task(HALF, HALF, ONE, world(), levers()) == weights[2], "the class is who is still enrolled"
    assert m.weigh_task(np.float64(0.9), ONE, ONE, world(consensus=2.0), levers()) == pytest.approx(math.exp(1.6))


def test_what_nobody_is_told_nobody_compares() -> None:
    """Consensus reaches as far as results do; a comparison of grades moves nobody who is not told of any."""
    p = world(unlabelled=0.5)
    for share, way in ((0.0, -1.0), (1.0, 1.0)):
        untold = m.weigh_task(np.float64(share), ONE, ZERO, p, levers(told=0.0, information=0.6))
        assert untold == pytest.approx(math.exp(way * 0.3))
        assert m.weigh_task(np.float64(share), ONE, ZERO, p, levers(told=0.0, information=0.0)) == 1.0
    apart = {"told": 0.0, "negativity": 0.0, "stable": 0.5}
    for information in (0.0, 0.5, 1.0):
        moves = expected(0.5, information=information, frame_of_reference=-0.2, **apart)
        assert moves == pytest.approx(-0.1 * information * 0.2)


def test_comparison_blames_ability_for_failures() -> None:
    """Being ranked makes a failure speak of ability, and leaves successes alone; the prior has the other side too."""
    ranks = (0.0, 0.5, 1.0)
    assert rises([causes(FAILED, comparison=x)["ability"] for x in ranks])
    assert falls([causes(FAILED, comparison=x, comparison_blame=-0.5)["ability"] for x in ranks])
    assert len({causes(PASSED, comparison=x)["ability"] for x in ranks}) == 1


def test_the_opposite_pole_may_be_luck() -> None:
    """Then the share of effort is the same for both poles, and what is not given to ability is given to luck."""
    pole = {"attribution_by_style": 1.5, "luck_pole": 1.0}
    found = causes(FAILED, attribution_style=0.1, **pole)
    assert found == pytest.approx(shares(-1.2, 0.0, 0.0, 1.2))
    assert causes(FAILED, attribution_style=0.1, attribution_by_style=1.5) == pytest.approx(shares(-1.2, 1.2, 0.0, 0.0))
    assert causes(PASSED, attribution_style=0.1, **pole) == causes(
        PASSED, attribution_style=0.1, attribution_by_style=1.5
    )
    one, other = (causes(FAILED, attribution_style=x, **pole)["effort"] for x in (0.1, 0.9))
    assert one == pytest.approx(other)
    luck = [causes(FAILED, attribution_style=0.1, luck_pole=x)["luck"] for x in (0.0, 0.5, 1.0)]
    assert rises(luck)


def test_an_excuse_keeps_a_failure_from_speaking_of_ability() -> None:
    """It is effort rather than ability then; a success in spite of it speaks of ability all the more."""
    failed, passed = ([causes(heard, excuse=x) for x in (0.0, 0.5, 1.0)] for heard in (FAILED, PASSED))
    assert falls([c["ability"] for c in failed]) and rises([c["effort"] for c in failed])
    assert rises([c["ability"] for c in passed]) and falls([c["luck"] for c in passed])
    assert causes(FAILED, excuse=1.0, excuse_worth=0.0) == causes(FAILED)


def test_causes_by_hand() -> None:
    """A ranked result of a helpless student with a record and an excuse, in a class of which many failed."""
    helpless = 1.2 * (2.0 * 0.75 - 1.0) + 0.5 * 0.6 - 0.5 * 0.4
    assert helpless == pytest.approx(0.7)
    given = {"attribution_style": 0.75, "history": 0.6, "weight": math.exp(0.5), "excuse": 0.4, "comparison": 1.0}
    assert causes(FAILED, **given) == pytest.approx(shares(0.7 + 0.2, -0.7, 0.5, 0.0))
    assert causes(PASSED, **given) == pytest.approx(shares(-0.7, 0.0, 0.7 - 0.5, 0.7))
    weights = [
        (math.exp(-0.7), math.exp(0.9)),
        (1.0, math.exp(-0.7)),
        (math.exp(0.2), math.exp(0.5)),
        (math.exp(0.7), 1.0),
    ]
    mixed = [0.75 * passed + 0.25 * failed for passed, failed in weights]
    found = causes(0.25, **given)
    assert list(found.values()) == pytest.approx([x / sum(mixed) for x in mixed]), "a failure in part, by both poles"
    half = {name: 0.5 * x + 0.125 for name, x in causes(FAILED, **given).items()}
    assert causes(FAILED, **given, strength_attribution=0.5) == pytest.approx(half)


def retold(
    control: float = 0.1, u: object = LUCK, heard: float = FAILED, enrolled: float = 1.0, **change: float
) -> tuple[Any, ...]:
    """Causes of .6 to ability and .2 to effort after a teacher's talk, and whom the teacher talked with."""
    q = levers(attribution_talk=change.pop("talk", 1.0), told=change.pop("told", 1.0))
    made = m.edit_story(0.6, 0.2, np.float64(control), np.float64(heard), enrolled, q.told, 0.4, u, world(**change), q)
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
    half = retold(u=row(0.699, 0.701), heard=0.5, teacher_sensitivity=0.7, story_editing_share=0.25)
    assert half[2].tolist() == [0.5, 0.0] and half[0].tolist() == pytest.approx([0.525, 0.6]), "half a failure"
    silent = retold(u=row(0.699, 0.701), told=0.0, teacher_sensitivity=0.7, story_editing_share=0.25)
    assert silent[2].tolist() == pytest.approx([0.3, 0.0]), "as far as it reaches: feedback that says .6 of it"
    for nothing in ({"heard": PASSED}, {"enrolled": 0.0}, {"talk": 0.0}, {"strength_story_editing": 0.0}):
        assert not retold(**nothing)[2].any() and np.ptp(retold(**nothing)[0]) == 0.0, nothing


def grown(heard: float = FAILED, enrolled: float = 1.0, control: object = 0.5, **change: float) -> tuple[Any, ...]:
    """Causes of .6 to ability and .2 to effort, and control, after a mindset message."""
    q = levers(mindset_message=change.pop("mindset_message", 1.0), told=change.pop("told", 1.0))
    made = m.believe_in_growth(0.6, 0.2, control, np.float64(heard), enrolled, q.told, world(**change), q)
    assert made[0] + made[1] == pytest.approx(0.8)
    return made


def test_stories_of_people_who_failed_first_shift_causes_and_control() -> None:
    """To effort or, below 0, away from it; control between its ends; as far as a failure reaches those there."""
    q = levers("coping-models")

    def told(shift: float, raised: float = 0.0, heard: float = FAILED, **change: float) -> list[float]:
        p = world(models_shift=shift, models_control=raised, **change)
        return [float(x) for x in m.learn_from_models(0.6, 0.2, 0.5, heard, change.get("there", 1.0), 1.0, p, q)]

    assert told(0.2) == pytest.approx([0.48, 0.32, 0.5]) and told(0.2, heard=0.5) == pytest.approx([0.54, 0.26, 0.5])
    assert told(-0.1) == pytest.approx([0.62, 0.18, 0.5]), "they may do harm"
    assert told(0.2, heard=PASSED)[:2] == [0.6, 0.2]
    assert told(0.0, 0.02)[2] == pytest.approx(0.505) and told(0.0, -0.004)[2] == pytest.approx(0.499)
    assert told(0.2, 0.02, strength_models=0.0) == [0.6, 0.2, 0.5]
    p = world()
    assert m.learn_from_models(0.6, 0.2, 0.5, FAILED, 0.0, 1.0, p, q) == (0.6, 0.2, 0.5), "who has stopped hears none"
    assert m.learn_from_models(0.6, 0.2, 0.5, FAILED, 1.0, 1.0, p, levers()) == (0.6, 0.2, 0.5)


def test_a_mindset_message_shifts_causes_and_control_a_little() -> None:
    """Of a failure, from ability to effort; control rises whatever was heard, towards its end."""
    few = (0.0, 0.5, 1.0)
    assert falls([grown(mindset_message=x)[0] for x in few]) and rises([grown(mindset_message=x)[2] for x in few])
    assert falls([grown(mindset_shift=x)[0] for x in (0.0, 0.1, 0.4)])
    assert rises([grown(mindset_control=x)[2] for x in (0.0, 0.003, 0.02)])
    assert grown(mindset_shift=0.1)[0] == pytest.approx(0.54) and grown(PASSED)[0] == 0.6
    assert grown(0.5, mindset_shift=0.1)[0] == pytest.approx(0.57), "half a failure"
    assert grown(told=0.0, mindset_shift=0.1)[0] == pytest.approx(0.6 - 0.3 * 0.06), "as far as it reaches"
    assert grown(told=0.0)[2] == grown()[2]
    assert grown(PASSED)[2] == grown(FAILED)[2] == pytest.approx(0.5 + 0.003 * 0.5)
    assert grown(control=row(0.0, 0.5, 1.0), mindset_control=0.02)[2].tolist() == pytest.approx([0.02, 0.51, 1.0])
    for nothing in ({"enrolled": 0.0}, {"mindset_message": 0.0}, {"strength_mindset": 0.0}):
        assert grown(**nothing) == (0.6, 0.2, 0.5), nothing


def test_a_failure_put_down_to_effort_is_resolved_upon() -> None:
    """The more of it is, as far as it reaches, and only if something was handed in; a success leaves no resolve."""
    p, q = world(), levers()
    assert m.resolve_to_try(FAILED, row(0.0, 0.3, 1.0), 1.0, q.told, p, q).tolist() == [0.0, 0.3, 1.0]
    assert m.resolve_to_try(0.5, 0.3, 1.0, q.told, p, q) == 0.15
    assert m.resolve_to_try(FAILED, 0.3, 1.0, ZERO, p, levers(told=0.0, information=0.6)) == pytest.approx(0.3 * 0.3)
    assert m.resolve_to_try(PASSED, 0.3, 1.0, q.told, p, q) == m.resolve_to_try(FAILED, 0.3, 0.0, q.told, p, q) == 0.0


def framed(
    grade: object = 0.6, grade_seen: float = 0.5, enrolled: float = 1.0, submitted: float = 1.0, **change: float
) -> Any:
    """How the student's grade looks beside those of the class."""
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    return m.compare_with_class(
        grade, np.float64(grade_seen), np.float64(enrolled), submitted, q.public, world(**change)
    )


def test_a_big_fish_in_a_little_pond() -> None:
    """The same grade looks smaller in a stronger class, the more so the more public results are."""
    assert falls([framed(grade_seen=x) for x in (0.3, 0.5, 0.7)]) and rises(framed(row(0.3, 0.5, 0.7)))
    assert framed(0.5, 0.5) == framed(submitted=0.0) == framed(big_fish=0.0) == framed(strength_competition=0.0) == 0.0
    assert rises([framed(public=x) for x in (0.0, 0.5, 1.0)]) and falls(
        [framed(0.4, public=x) for x in (0.0, 0.5, 1.0)]
    )
    assert framed(public=1.0) == pytest.approx(2.0 * framed(public=0.0)), "half of it where nothing is public"
    by_hand = 0.4 * 0.75 * (0.7 - 0.2 / 0.5)
    assert framed(0.7, 0.2, 0.5, public=0.5) == pytest.approx(by_hand), "of those still enrolled"


def test_repeated_attributions_become_a_style() -> None:
    """Failures given to ability and successes given to luck make helpless, effort and owned successes the reverse."""
    p, q = world(), levers()

    def drift(heard: float, ability: float, effort: float, luck: float, submitted: float = 1.0) -> float:
        return float(m.drift_of_style(0.5, np.float64(heard), ability, effort, luck, submitted, q.told, p, q)) - 0.5

    assert drift(FAILED, 1.0, 0.0, 0.0) > 0.0 > drift(FAILED, 0.0, 1.0, 0.0)
    assert drift(PASSED, 0.0, 0.0, 1.0) > 0.0 > drift(PASSED, 1.0, 0.0, 0.0)
    assert drift(PASSED, 0.0, 1.0, 0.0) < 0.0 == drift(FAILED, 0.0, 0.0, 1.0)
    assert drift(FAILED, 1.0, 0.0, 0.0, submitted=0.0) == 0.0
    silent = levers(told=0.0, information=0.6)
    untold = m.drift_of_style(0.5, np.float64(FAILED), 1.0, 0.0, 0.0, 1.0, silent.told, p, silent) - 0.5
    assert untold == pytest.approx(0.3 * drift(FAILED, 1.0, 0.0, 0.0)), "as far as it reaches"


def test_style_by_hand() -> None:
    """Rate .04 at a style of .3: a failure given to ability by .5 and effort by .2, a success to luck by .4."""
    p, q = world(), levers()
    failed = m.drift_of_style(0.3, np.float64(FAILED), 0.5, 0.2, 0.1, 1.0, q.told, p, q)
    assert failed == pytest.approx(0.3 + 0.04 * (0.5 * 0.7 - 0.2 * 0.3))
    passed = m.drift_of_style(0.3, np.float64(PASSED), 0.1, 0.2, 0.4, 1.0, q.told, p, q)
    assert passed == pytest.approx(0.3 + 0.04 * (0.4 * 0.7 - (0.2 + 0.1) * 0.3))


def test_a_failure_stays_on_record_for_a_while() -> None:
    """A failure raises the record, a success lowers it, memory slows both; whoever has left keeps it."""
    p, q = world(history_memory=0.8), levers()
    assert m.remember(row(0.5), row(FAILED), 1.0, q.told, p, q) == pytest.approx(0.6)
    assert m.remember(row(0.5), row(PASSED), 1.0, q.told, p, q) == pytest.approx(0.4)
    assert m.remember(row(0.5), row(FAILED), 0.0, q.told, p, q) == 0.5
    untold = m.remember(row(0.5), row(FAILED), 1.0, ZERO, p, levers(told=0.0, information=0.6))
    assert untold == pytest.approx(0.5 + 0.2 * (0.3 - 0.5)), "three tenths of a failure"


# ---- what failing and succeeding do ------------------------------------------------------------------------
def expected(grade: float, failed: float | None = None, **change: float) -> float:
    """How far an expectancy of .5 moves after a grade; below one half it is taken for a failure, unless it is said."""
    s = {"stable": 0.5, "submitted": 1.0, "frame_of_reference": 0.0, "before": 0.5, "confidence": 1.0, "week": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    heard = np.float64(grade < 0.5 if failed is None else failed)
    made = m.update_expectancy(
        np.float64(s["before"]), heard, np.float64(grade), s["frame_of_reference"], s["confidence"], s["stable"], 0.0,
        s["submitted"], q.told, s["week"], world(**change), q,
    )  # fmt: skip
    return float(made) - s["before"]


def test_expectancy_follows_prediction_error() -> None:
    """A grade above expectation raises it, one below lowers it, further the larger the surprise."""
    assert rises([expected(x) for x in (0.1, 0.3, 0.7, 0.9)])
    assert expected(0.3) < 0.0 < expected(0.7)
    assert expected(0.3, submitted=0.0) == 0.0 == expected(0.3, information=0.0, told=0.0)


def test_stable_causes_move_expectancy_more() -> None:
    """Ability and task move it more than effort and luck, in both directions."""
    for grade in (0.3, 0.7):
        assert rises([abs(expected(grade, stable=x)) for x in (0.0, 0.5, 1.0)])
        assert len({expected(grade, stable=x, stability=0.0) for x in (0.0, 0.5, 1.0)}) == 1
    p, q = world(), levers()
    by = [
        m.update_expectancy(HALF, ONE, np.float64(0.3), 0.0, 1.0, a, 0.6 - a, 1.0, ONE, 0.0, p, q) for a in (0.0, 0.6)
    ]
    assert by[0] == pytest.approx(by[1]), "ability and task alike"


def test_bad_news_may_be_learnt_faster() -> None:
    """With negativity above 0 a bad surprise moves more than a good one of the same size, below 0 less."""
    for negativity, factor in ((0.3, 1.3), (0.0, 1.0), (-0.3, 0.7)):
        assert -expected(0.3, negativity=negativity) == pytest.approx(factor * expected(0.7, negativity=negativity))


def test_the_result_counts_as_it_looks_in_class() -> None:
    """Beside better ones it lowers expectancy further; no further than a result of nothing, or a complete one."""
    assert rises([expected(0.4, frame_of_reference=x) for x in (-0.1, 0.0, 0.1)])
    assert expected(0.4, frame_of_reference=-1.0) == expected(0.4, frame_of_reference=-0.9) == expected(0.0)
    assert expected(0.9, frame_of_reference=1.0) == expected(1.0)


def test_expectancy_reads_the_grade_as_far_as_feedback_tells() -> None:
    """And the verdict only where one is uttered: each by a factor of its own."""
    few, flat = (0.0, 0.5, 1.0), {"negativity": 0.0, "stable": 0.5}
    assert len({expected(x, 1.0, **flat, information=0.0) for x in few}) == 1, "nobody tells the grade"
    assert len({expected(0.3, x, **flat, told=0.0) for x in few}) == 1, "nobody utters a verdict"
    assert expected(0.3, 0.0, **flat, told=0.0, information=0.5) == pytest.approx(0.1 * 0.5 * -0.2)
    ranked = {"comparison": 1.0, "rank_uninformative": 0.4}
    assert expected(0.3, 0.0, **flat, told=0.0, information=0.5, **ranked) == pytest.approx(0.1 * 0.3 * -0.2)
    word = {"verdict_weight": 0.4, "information": 0.5}
    assert expected(0.3, 1.0, **flat, **word) == pytest.approx(0.1 * (0.6 * 0.5 * -0.2 + 0.4 * -0.5))
    assert expected(0.3, 0.25, **flat, **word) == pytest.approx(0.1 * (0.6 * 0.5 * -0.2 + 0.4 * 0.25))
    assert expected(0.3, 1.0, **flat, **word, told=0.5) == pytest.approx(0.1 * (0.8 * 0.5 * -0.2 + 0.2 * -0.5))


def test_expectancy_by_hand() -> None:
    """Expectancy .6, a failing grade of .3, stable causes .7: down by 0.062868."""
    error = (1.0 - 0.5) * 0.6 * (0.3 - 0.6) + 0.5 * (0.0 - 0.6)
    rate = 0.1 * (0.4 + 2.0 * 0.6 * 0.7) * 1.3
    assert rate * error == pytest.approx(-0.062868)
    found = m.update_expectancy(
        np.float64(0.6), ONE, np.float64(0.3), 0.0, 1.0, 0.4, 0.3, 1.0, ONE, 0.0, world(), levers()
    )
    assert found == pytest.approx(0.6 - 0.062868)


def test_no_week_takes_expectancy_past_what_was_heard() -> None:
    """However fast it follows: a rate above 1 would overshoot, and leave the scale."""
    for rate, share in ((0.5, 0.65), (0.77, 1.0), (5.0, 1.0)):
        p = world(stability=0.0, negativity=0.3)._replace(expectancy_rate=np.float64(rate))
        found = m.update_expectancy(HALF, ONE, ZERO, 0.0, 1.0, 0.3, 0.3, 1.0, ONE, 0.0, p, levers(information=1.0))
        assert found == pytest.approx(0.5 * (1.0 - share))


def test_one_signal_makes_a_grade_a_verdict() -> None:
    """What the grade says beyond passed or failed is lost, in part or wholly; the class is no measure any more."""
    flat = {"negativity": 0.0, "stable": 0.5}
    assert rises([-expected(0.3, 1.0, **flat, one_signal=x) for x in (0.0, 0.5, 1.0)])
    assert len({expected(x, 1.0, **flat, one_signal=1.0, frame_of_reference=x - 0.5) for x in (0.1, 0.4, 0.8)}) == 1
    assert expected(0.3, 1.0, **flat, one_signal=1.0, information=1.0) == pytest.approx(0.1 * -0.5)


def test_expectancy_may_be_a_running_mean() -> None:
    """Each outcome counts as one among all: causes and bad news no more than others, the longer the year the less."""
    mean = {"expectancy_by_mean": 1.0, "told": 0.0, "information": 1.0}
    assert len({expected(0.3, 1.0, **mean, stable=x) for x in (0.0, 0.5, 1.0)}) == 1
    assert expected(0.3, **mean) == pytest.approx(-expected(0.7, **mean)) == pytest.approx(0.1 * -0.2)
    assert expected(0.3, **mean, week=10.0) == pytest.approx(-0.2 / 20.0), "the eleventh after ten that stood before"
    now = 0.5
    for week, grade in enumerate((0.9, 0.2, 0.4)):
        now += expected(grade, before=now, week=float(week), **mean)
    assert now == pytest.approx((10 * 0.5 + 0.9 + 0.2 + 0.4) / 13)
    half = expected(0.3, **{**mean, "expectancy_by_mean": 0.5})
    assert half == pytest.approx((expected(0.3, **mean) + expected(0.3, **{**mean, "expectancy_by_mean": 0.0})) / 2)


def test_confidence_biases_what_expectancy_follows() -> None:
    """Its odds are multiplied; what is certain stays so, and the unbiased see exactly what there is."""
    few, sure = row(0.0, 0.3, 0.5, 0.8, 1.0), np.float64(3.0)
    odds = few * sure / (few * sure + 1.0 - few)
    assert few + m.misjudge(few, sure) == pytest.approx(odds)
    assert m.misjudge(few, ONE).tolist() == [0.0] * 5
    assert rises([expected(0.4, confidence=x) for x in (0.2, 1.0, 5.0)])
    assert expected(1.0, confidence=5.0) == expected(1.0) and expected(0.0, confidence=5.0) == expected(0.0)
    flat = {"negativity": 0.0, "stable": 0.5, "information": 0.5, "verdict_weight": 0.4}
    outcome = (0.3 * 0.3 + 0.4 * 1.0) / 0.7
    seen = 3.0 * outcome / (3.0 * outcome + 1.0 - outcome)
    assert expected(0.3, 0.0, **flat, confidence=3.0) == pytest.approx(0.1 * 0.7 * (seen - 0.5)), "grade and verdict"
    assert expected(0.3, confidence=9.0, information=0.0, told=0.0) == 0.0, "nothing heard, nothing misjudged"


def test_expectancy_settles_at_what_confidence_sees() -> None:
    """Week after week of the same result, the sure of themselves expect more than the result says."""
    p, q = world(stability=0.0, negativity=0.0), levers(told=0.0, information=1.0)
    expectancy = row(0.5, 0.5, 0.5)
    for _ in range(400):
        expectancy = m.update_expectancy(expectancy, ONE, 0.6, 0.0, row(0.5, 1.0, 2.0), 0.3, 0.3, 1.0, ZERO, 0.0, p, q)
    assert expectancy == pytest.approx([0.3 / 0.7, 0.6, 1.2 / 1.6])


def controlled(heard: float, effort: float, to_effort: float, **change: float) -> float:
    """How far a control of .5 moves, with nothing in reserve."""
    s = {"reserve": 0.0, "submitted": 1.0, "enrolled": 1.0, "unhelped": 0.0, "to_task": 0.0, "to_luck": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    given = 0.5, np.float64(heard), effort, to_effort, s["to_task"], s["to_luck"], s["reserve"], s["submitted"]
    given += s["unhelped"], s["enrolled"]
    return float(m.update_control(*given, q.told, world(**change), q)) - 0.5


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


def test_withdrawing_is_no_shelter() -> None:
    """Handing nothing in costs control, whatever is told, of those who could; a success is not read into it."""
    away = {"submitted": 0.0, "withdrawal_cost": 0.04}
    for heard in (FAILED, PASSED):
        assert controlled(heard, 0.0, 0.25, **away) == pytest.approx(-0.04 * 0.5)
        assert controlled(heard, 0.0, 0.25, **away, told=0.0, information=0.0) == pytest.approx(-0.02)
        assert controlled(heard, 0.0, 0.25, **away, reserve=0.6, buffer_control=0.5) == pytest.approx(-0.02 * 0.7)
        assert controlled(heard, 0.0, 0.25, **away, enrolled=0.0) == 0.0
        assert controlled(heard, 0.0, 0.25, **away, strength_helplessness=0.0) == 0.0
    assert controlled(FAILED, 0.0, 0.25, submitted=0.0, withdrawal_cost=0.0) == 0.0


def test_being_lost_and_left_alone_costs_control() -> None:
    """Of those who need support, whatever comes of the test; the reserve buffers it."""
    need = {"support_need": 0.1}
    for heard in (FAILED, PASSED):
        both = controlled(heard, 0.8, 0.25, **need, unhelped=1.0), controlled(heard, 0.8, 0.25, unhelped=1.0)
        assert both[0] - both[1] == pytest.approx(-0.1 * 0.5)
        assert controlled(heard, 0.8, 0.25, **need) == both[1]
    assert controlled(FAILED, 0.0, 0.25, **need, unhelped=0.5, reserve=0.6, buffer_control=0.5) == pytest.approx(
        -0.1 * 0.5 * 0.5 * 0.7
    )


def test_letting_go_spares_control() -> None:
    """Where compassion is taught a failure put down to task and luck costs less; nothing else changes."""
    taught = {"compassion": 1.0, "letting_go": 0.5}
    assert controlled(FAILED, 1.0, 0.2, **taught, to_task=0.3, to_luck=0.2) == pytest.approx(-0.15 * 0.8 * 0.5 * 0.75)
    assert rises([controlled(FAILED, 1.0, 0.2, **taught, to_task=x) for x in (0.0, 0.4, 0.8)])
    for same in ({"to_task": 0.0}, {"compassion": 0.0, "to_task": 0.8}, {"letting_go": 0.0, "to_task": 0.8}):
        assert controlled(FAILED, 1.0, 0.2, **taught | same) == controlled(FAILED, 1.0, 0.2)
    assert controlled(PASSED, 1.0, 0.2, **taught, to_task=0.8) == controlled(PASSED, 1.0, 0.2)


def test_control_may_follow_the_outcome_alone() -> None:
    """By the other rule neither effort nor what it is given credit for makes a difference, to who hands in."""
    rule = {"control_by_outcome": 1.0}
    assert {controlled(FAILED, e, x, **rule) for e in (0.0, 1.0) for x in (0.0, 1.0)} == {0.5 - 0.15 * 0.5 - 0.5}
    assert {controlled(PASSED, e, x, **rule) for e in (0.0, 1.0) for x in (0.0, 1.0)} == {0.5 + 0.1 * 0.5 - 0.5}
    assert falls([controlled(FAILED, 0.5, 0.25, control_by_outcome=x) for x in (0.0, 0.5, 1.0)])
    away = {"submitted": 0.0, "withdrawal_cost": 0.04}
    assert controlled(FAILED, 0.0, 0.25, **rule, **away) == controlled(FAILED, 0.0, 0.25, **away)


def test_the_reserve_buffers_the_loss_of_control() -> None:
    """And of nothing else: what success adds it leaves alone; without resilience nothing is buffered."""
    assert rises([controlled(FAILED, 1.0, 0.25, reserve=x) for x in (0.0, 0.5, 1.0)])
    assert len({controlled(PASSED, 1.0, 0.25, reserve=x) for x in (0.0, 0.5, 1.0)}) == 1
    assert controlled(FAILED, 1.0, 0.25, reserve=1.0, buffer_control=0.9) == pytest.approx(-0.05625 * 0.1)
    bare = controlled(FAILED, 1.0, 0.25, reserve=0.8, strength_resilience=0.0)
    assert bare == controlled(FAILED, 1.0, 0.25, reserve=0.0) == pytest.approx(-0.05625)


def test_control_by_hand() -> None:
    """At effort .8, a quarter given to effort, .4 in reserve, it costs .15 times .75 times .5 times .8 times .8."""
    assert controlled(FAILED, 0.8, 0.25, reserve=0.4) == pytest.approx(-0.15 * 0.75 * 0.5 * 0.8 * 0.8)
    silent = {"told": 0.0, "information": 0.6}
    assert controlled(FAILED, 0.8, 0.25, **silent) == pytest.approx(-0.3 * 0.045)
    assert controlled(PASSED, 0.8, 0.25, reserve=0.4) == pytest.approx(0.1 * 0.25 * 0.5 * 0.8)
    half = controlled(0.5, 0.8, 0.25)
    assert half == pytest.approx(0.5 * (0.01 - 0.045)), "half a failure is half a success"


def test_control_moves_within_its_scale() -> None:
    """A loss is a share of what there is, a gain of what is missing."""
    given = (0.8, 0.25, 0.3, 0.2, 0.0, 1.0, 0.0, 1.0, ONE, world(), levers())
    assert m.update_control(0.9, ONE, *given) == pytest.approx(0.9 - 0.15 * 0.75 * 0.9 * 0.8)
    assert m.update_control(0.9, ZERO, *given) == pytest.approx(0.9 + 0.1 * 0.25 * 0.1 * 0.8)
    away = (0.0, 0.25, 0.3, 0.2, 0.0, 0.0, 0.0, 1.0, ONE, world(), levers())
    assert m.update_control(0.9, ONE, *away) == pytest.approx(0.9 - 0.03 * 0.9)


def hurt(heard: object = FAILED, **change: object) -> np.ndarray:
    """How much a result hurts somebody in the middle; ability explains a quarter of it, the grade is complete."""
    s = {"grade_affect": 1.0, "line": 0.5, "failing_grade_told": 0.0, "to_ability": 0.25, "perfectionism": 0.5}
    s |= {"goals": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(information=change.pop("information", 1.0), comparison=change.pop("comparison", 0.0))
    return np.asarray(m.take_to_heart(np.asarray(heard), **s, p=world(**change), q=q))


def test_a_failure_hurts_more_when_ability_is_blamed() -> None:
    """A pass below the aspiration is no failure, and blames nobody; nor does a failure that was repaired."""
    few = row(0.0, 0.5, 1.0)
    assert rises(hurt(few)) and rises(hurt(to_ability=few)) and rises([hurt(affect_blame=x) for x in (0.0, 1.0, 3.0)])
    assert np.ptp(hurt(to_ability=few, affect_blame=0.0)) == 0.0
    missed = {"grade_affect": 0.51, "to_ability": few}
    assert np.ptp(hurt(PASSED, **missed)) == 0.0 == np.ptp(hurt(PASSED, failing_grade_told=1.0, to_ability=few))
    assert hurt(PASSED, grade_affect=0.51) > 0.0 == hurt(PASSED)


def test_a_perfectionist_aspires_above_the_cut() -> None:
    """A grade below the aspiration hurts as much as self-worth hangs on it, as far as grades are known."""
    few = row(0.0, 0.5, 1.0)
    assert rises(hurt(perfectionism=few, grade_affect=0.3)) and np.ptp(hurt(perfectionism=few)) == 0.0
    assert rises(hurt(PASSED, grade_affect=0.51, perfectionism=few[1:]))
    given = {"aspiration": 0.25, "self_worth": 0.6, "perfectionism": 0.5}
    near = row(0.625 - 1e-9, 0.625)
    assert hurt(PASSED, grade_affect=near, **given).tolist() == [0.5 * 0.3, 0.0], "the aspiration itself is met"
    assert hurt(PASSED, grade_affect=near + 0.1, line=0.6, **given).tolist() == [0.5 * 0.3, 0.0], (
        "it moves with the line"
    )
    assert hurt(PASSED, grade_affect=0.6, information=0.4, **given) == pytest.approx(0.4 * 0.15)
    ranked = hurt(PASSED, grade_affect=0.6, comparison=1.0, rank_uninformative=0.4, **given)
    assert ranked == pytest.approx(0.6 * 0.15)
    assert hurt(PASSED, grade_affect=0.6, information=0.0, **given) == 0.0
    assert rises([hurt(PASSED, grade_affect=0.6, aspiration=x) for x in (0.1, 0.3)])
    assert hurt(PASSED, grade_affect=0.51, aspiration=0.0) == 0.0
    assert rises([hurt(grade_affect=0.3, self_worth=x) for x in (0.0, 0.6, 1.5)])
    assert np.ptp(hurt(grade_affect=0.3, perfectionism=few, strength_perfectionism=0.0)) == 0.0
    assert hurt(PASSED, grade_affect=0.51, strength_perfectionism=0.0) == 0.0


def test_learning_goals_take_the_edge_off() -> None:
    """And performance goals sharpen it; the prior has the other side too."""
    few = row(-1.0, 0.0, 1.0)
    assert falls(hurt(goals=few)) and rises(hurt(goals=few, goals_hurt=-0.2))
    assert np.ptp(hurt(goals=few, goals_hurt=0.0)) == 0.0
    assert (hurt(goals=few, goals_hurt=0.3) / hurt()).tolist() == pytest.approx([1.3, 1.0, 0.7])


def test_what_was_told_and_repaired_still_hurts() -> None:
    """Less than a failing grade that stays, which does not hurt twice."""
    assert rises([hurt(PASSED, failing_grade_told=1.0, repaired=x) for x in (0.0, 0.3, 0.9)])
    repaired = hurt(PASSED, failing_grade_told=1.0)
    assert hurt(FAILED, failing_grade_told=0.0) > repaired == pytest.approx(0.5 * 0.3)
    assert hurt(FAILED, failing_grade_told=1.0) == hurt(FAILED, failing_grade_told=0.0)


def test_hurt_by_hand() -> None:
    """A perfectionist's failing grade, and one that is repaired but stays below the aspiration."""
    given = {"perfectionism": 0.8, "goals": -0.5, "to_ability": 0.4, "information": 0.6}
    missed = 0.6 * 0.8 * 0.6
    assert hurt(grade_affect=0.3, **given) == pytest.approx((1.0 + missed) * (0.5 + 0.4) * 1.15)
    assert hurt(PASSED, grade_affect=0.6, failing_grade_told=1.0, **given) == pytest.approx((0.3 + missed) * 0.5 * 1.15)
    half = (0.5 + 0.3 * 0.5) * (0.5 + 0.5 * 0.4) * 1.15
    assert hurt(0.5, failing_grade_told=1.0, **given) == pytest.approx(half)


def ashamed(practice_error: object = 1.0, recovered: object = 0.0, perfectionism: object = 0.5, **change: float) -> Any:
    """Shame and anxiety that an error at practice adds by itself."""
    q = levers(threat=change.pop("threat", 1.0), friendly=change.pop("friendly", 0.0))
    return m.hurt_in_private(practice_error, recovered, perfectionism, world(**change), q)


def test_an_error_that_nobody_grades_hurts_or_relieves() -> None:
    """By threat and self-worth, less where errors are welcome and where it was recovered from; the prior has both."""
    few = row(0.0, 0.5, 1.0)
    for size, direction, other in ((0.4, rises, falls), (-0.15, falls, rises)):
        given = {"private_hurt_size": size}
        assert direction(ashamed(perfectionism=few, **given)) and direction([ashamed(threat=x, **given) for x in few])
        assert other(ashamed(recovered=few, **given)) and other([ashamed(friendly=x, **given) for x in few])
        assert direction([ashamed(x, **given) for x in (0.0, 1.0)]) and ashamed(0.0, **given) == 0.0
        by_hand = size * 0.7 * (1.0 - 0.4) * (0.5 + 0.3) * (1.0 - 0.25)
        assert ashamed(recovered=0.25, perfectionism=0.3, threat=0.7, friendly=0.4, **given) == pytest.approx(by_hand)
    assert ashamed(private_hurt_size=0.0) == ashamed(threat=0.0) == ashamed(friendly=1.0) == 0.0
    assert ashamed(strength_private_error=0.0) == 0.0 < ashamed()
    assert np.ptp(ashamed(perfectionism=few, strength_perfectionism=0.0)) == 0.0
    assert ashamed(perfectionism=0.9, strength_perfectionism=0.0) == ashamed(perfectionism=0.0) == pytest.approx(0.05)


def felt(hurts: object = 1.0, reserve: object = 0.5, enrolled: object = 1.0, **change: object) -> np.ndarray:
    """Affect after a week that began without any, or with ``before``."""
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    before, private, pressure = (change.pop(name, 0.0) for name in ("before", "private_hurt", "pressure"))
    own, p = change.pop("anxiety", 0.0), world(**change)
    return np.asarray(m.update_affect(before, own, hurts, private, pressure, reserve, enrolled, q.told, p, q))


def test_a_failure_under_threat_hurts() -> None:
    """More under threat and pressure, less behind a reserve or where nobody calls it one."""
    few = (0.0, 0.5, 1.0)
    assert rises([felt(threat=x) for x in few]) and felt(threat=0.0) == 0.0
    assert rises([felt(x) for x in few]) and felt(0.0) == 0.0 == felt(enrolled=0.0)
    assert falls([felt(reserve=x) for x in few])
    assert rises([felt(told=x) for x in few]) and rises([felt(told=0.0, information=x) for x in few])
    assert rises([felt(pressure=x) for x in (-0.5, 0.0, 0.5)])
    assert falls([felt(pressure=x, pressure_affect=-0.5) for x in (-0.5, 0.0, 0.5)]), "the prior has both"
    assert len({float(felt(pressure=x, pressure_affect=0.0)) for x in (-0.5, 0.0, 0.5)}) == 1


def test_a_private_error_hurts_whatever_is_told() -> None:
    """Behind the reserve as well, of those enrolled; relief takes away no more than there is."""
    silent = {"private_hurt": 0.2, "told": 0.0, "information": 0.0, "threat": 0.0}
    assert felt(0.0, 0.5, **silent) == pytest.approx(0.2 * (1.0 - 0.6 * 0.5))
    assert (
        felt(0.0, 0.5, **silent, strength_resilience=0.0) == pytest.approx(0.2) and felt(0.0, 0.5, 0.0, **silent) == 0.0
    )
    assert felt(0.0, 0.0, private_hurt=row(-0.1, -0.5), before=0.5).tolist() == pytest.approx(
        [0.5 - 0.5 * 0.24 - 0.1, 0.0]
    )


def test_shame_fades() -> None:
    """Without a new failure a fixed share is gone every week, also after leaving; faster with self-compassion."""
    fades = {"before": row(1.0, 2.0), "enrolled": row(1.0, 0.0), "affect_decay": 0.4}
    assert felt(0.0, **fades).tolist() == pytest.approx([0.6, 1.2])
    assert felt(0.0, **fades, compassion=1.0).tolist() == pytest.approx([0.5, 1.0])
    assert falls([felt(0.0, before=1.0, compassion=x) for x in (0.0, 0.5, 1.0)])
    assert falls([felt(0.0, before=1.0, compassion=1.0, compassion_decay=x) for x in (0.0, 0.1, 0.2)])
    assert felt(0.0, before=1.0, compassion=1.0, compassion_decay=0.0) == felt(0.0, before=1.0)


def test_shame_fades_towards_a_level_of_ones_own() -> None:
    """By the same share of what is above it; from below it anxiety comes back, and at it nothing moves."""
    found = felt(0.0, before=row(0.2, 0.5, 1.0), anxiety=0.5, affect_decay=0.4)
    assert found == pytest.approx([0.2 + 0.4 * 0.3, 0.5, 1.0 - 0.4 * 0.5])
    assert rises([felt(0.0, before=0.6, anxiety=x) for x in (0.0, 0.3, 0.6)])


def test_the_anxious_stay_anxious() -> None:
    """In class, where nothing hurts: affect is at the students' own levels every week, and moves effort."""
    still = {"affect_rise": 0.0, "private_hurt_size": 0.0}
    worlds = [Parameters(**still, anxiety_mean=mean, anxiety_sd=0.2) for mean in (0.0, 0.6)]
    run = engine.run(class_of(10, Policy(), worlds=worlds), 12, ("affect", "effort"))
    assert run.trace["affect"] == pytest.approx(np.broadcast_to(run.end["anxiety"], (12, 10, 2)))
    assert 0.4 < run.end["anxiety"][:, 1].mean() < 0.8 and (run.end["anxiety"] >= 0.0).all()
    assert run.trace["effort"][0, :, 0].mean() > run.trace["effort"][0, :, 1].mean()


def test_shame_fades_faster_with_a_reserve() -> None:
    """And slower with none; half a reserve leaves the rate as it is, and no week takes more than there is."""
    fades = {"before": 1.0, "affect_decay": 0.4, "fade_reserve": 0.5}
    left = felt(0.0, row(0.0, 0.25, 0.5, 1.0), **fades)
    assert left.tolist() == pytest.approx([1.0 - 0.4 * x for x in (0.5, 0.75, 1.0, 1.5)])
    assert np.ptp(felt(0.0, row(0.0, 1.0), **{**fades, "fade_reserve": 0.0})) == 0.0
    assert np.ptp(felt(0.0, row(0.0, 1.0), **fades, strength_resilience=0.0)) == 0.0
    most = {"before": 2.0, "affect_decay": 0.8, "fade_reserve": 0.9, "compassion": 1.0}
    assert felt(0.0, 1.0, **most) == 0.0 and felt(1.0, 1.0, **most) == pytest.approx(0.7 * 0.5 * 0.4)


def test_affect_by_hand() -> None:
    """From 1, after what hurts by .8 and an error in private under some pressure, behind a reserve of .7."""
    bare, left = 1.0 - 0.6 * 0.7, 1.0 - 0.4 * (1.0 + 0.4 * 0.4)
    rise = 0.7 * 0.5 * (1.0 + 1.0 * 0.2) * 0.8
    given = {"before": 1.0, "pressure": 0.2, "private_hurt": 0.1}
    assert felt(0.8, 0.7, **given) == pytest.approx(left + (rise + 0.1) * bare)
    assert felt(0.8, 0.7, **given, told=0.0, information=0.6) == pytest.approx(left + (0.3 * rise + 0.1) * bare)


def reserved(reserve: object = 0.5, affect: object = 0.0, resilience: object = 0.5, **change: object) -> Any:
    """The reserve after a week in which work was handed in and passed."""
    s = {"setback": 0.0, "heard_affect": PASSED, "submitted": 1.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    return m.update_reserve(reserve, affect, resilience, **s, p=world(**change))


def test_the_reserve_is_spent_and_restored() -> None:
    """Shame uses it up, time brings it back to the student's own baseline and no further."""
    assert falls(reserved(affect=row(0.0, 1.0, 2.0)))
    assert reserved() == 0.5
    assert 0.2 < reserved(0.2) < 0.5
    assert rises(reserved(0.2, resilience=row(0.3, 0.6, 0.9)))
    assert reserved(affect=1000.0) == pytest.approx(0.1), "no week spends more than four fifths"


def test_a_setback_that_is_mastered_steels() -> None:
    """Or weakens, as the prior has it: by as much as this week's result is less of a failure than last week's."""
    for size in (0.1, -0.03):
        steeled = {"setback": 1.0, "steeling": size}
        assert reserved(**steeled) == pytest.approx(0.5 + size * 0.25)
        assert reserved(0.2, resilience=0.2, **steeled) == pytest.approx(0.2 + size * 0.16)
        assert reserved(heard_affect=0.25, **steeled) == pytest.approx(0.5 + size * 0.25 * 0.75)
        assert reserved(**{**steeled, "setback": 0.5}) == pytest.approx(0.5 + size * 0.125)
        assert reserved(heard_affect=0.3, **{**steeled, "setback": 0.5}) == pytest.approx(0.5 + size * 0.05)
        worse = {"setback": 0.5, "heard_affect": 0.6}
        for nothing in (
            {"setback": 0.0}, worse, {"submitted": 0.0}, {"heard_affect": FAILED}, {"strength_resilience": 0.0},
        ):  # fmt: skip
            assert reserved(**{**steeled, **nothing}) == 0.5, nothing
    assert reserved(row(0.0, 1.0), resilience=row(0.0, 1.0), setback=1.0, steeling=0.1).tolist() == [0.0, 1.0]


def test_a_setback_is_a_failure_with_work_handed_in() -> None:
    """As far as it reaches; it is kept when the reserve of the week has read that of the week before."""
    p, q = world(), levers()
    kept = m.keep_setback(row(FAILED, PASSED, 0.3, FAILED), row(1.0, 1.0, 1.0, 0.0), q.told, p, q)
    assert kept.tolist() == [1.0, 0.0, 0.3, 0.0]
    assert m.keep_setback(FAILED, 1.0, ZERO, p, levers(told=0.0, information=0.6)) == pytest.approx(0.3)
    order = [phase.name for phase in WEEK]
    assert order.index("update_reserve") < order.index("keep_setback")


def test_the_reserve_by_hand() -> None:
    """Half full, below a baseline of .7, at an affect of 1, a setback behind: .04 come back, .15 go, .0075 steel."""
    found = reserved(0.5, 1.0, 0.7, setback=1.0)
    assert found == pytest.approx(0.5 + 0.2 * 0.2 - 0.3 * 1.0 * 0.5 + 0.03 * 0.25)


def interested(heard: float, effort: float = 1.0, enrolled: float = 1.0, **change: float) -> float:
    """How far an interest of .5 moves."""
    q = levers(**{lever: change.pop(lever) for lever in list(change) if lever in LEVER_NAMES})
    return float(m.update_interest(0.5, np.float64(heard), effort, enrolled, q.told, world(**change), q)) - 0.5


def test_interest_grows_with_competence_and_shrinks_under_threat() -> None:
    """Success with effort raises it, evaluated failure lowers it the more it threatens."""
    few = (0.0, 0.5, 1.0)
    assert rises([interested(PASSED, effort=x) for x in few]) and interested(PASSED, effort=0.0) == 0.0
    assert falls([interested(FAILED, threat=x) for x in few]) and interested(FAILED, threat=0.0) == 0.0
    assert interested(FAILED) < interested(FAILED, told=0.0) < 0.0
    assert interested(PASSED, enrolled=0.0) == 0.0 == interested(FAILED, enrolled=0.0)
    assert interested(FAILED, told=0.0, information=0.0) == 0.0 == interested(PASSED, told=0.0, information=0.0)


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
    assert interested(0.25, effort=0.8) == pytest.approx(0.75 * 0.008 - 0.25 * 0.015), "a failure in part"
    gained = m.update_interest(0.8, np.float64(PASSED), 1.0, 1.0, ONE, world(), levers()) - 0.8
    assert gained == pytest.approx(0.02 * 0.2)
    chosen = m.update_interest(0.8, ZERO, 0.0, 1.0, ONE, world(), levers(choice=0.5)) - 0.8
    assert chosen == pytest.approx(0.01 * 0.5 * 0.2)


def test_a_struggle_makes_curious_or_tired_of_it() -> None:
    """The more of an error was analysed, the further from either end; the prior has both signs."""
    some = row(0.0, 0.2, 0.5, 1.0)
    for size in (0.08, -0.04):
        p = world(curiosity_size=size)
        assert m.grow_curious(some, 1.0, p).tolist() == pytest.approx([0.0, 0.2 + size * 0.16, 0.5 + size * 0.25, 1.0])
        assert m.grow_curious(0.5, row(0.0, 0.4), p).tolist() == pytest.approx([0.5, 0.5 + size * 0.4 * 0.25])
        assert m.grow_curious(0.5, 1.0, p._replace(strength_curiosity=ZERO)) == 0.5


# ---- stopping, moving on -----------------------------------------------------------------------------------
def test_who_stops_for_good() -> None:
    """Weeks without handing in and shame push out, control keeps in; nobody who has stopped comes back."""
    p = world(dropout_level=-5.0)

    def stay(
        weeks_not_submitted: float = 0.0, control: float = 0.5, affect: float = 0.0, enrolled: float = 1.0,
        diligence: float = 0.0, diligence_drift: float = 0.0,
    ) -> float:  # fmt: skip
        given = (weeks_not_submitted, enrolled, 0.0, control, affect, diligence, diligence_drift)
        return float(m.drop_out(*map(np.float64, given), LUCK, p)[1].mean())

    assert falls([stay(weeks_not_submitted=x) for x in (0.0, 2.0, 5.0)])
    assert rises([stay(control=x, weeks_not_submitted=4.0) for x in (0.1, 0.5, 0.9)])
    assert falls([stay(affect=x, weeks_not_submitted=2.0) for x in (0.0, 1.0, 2.0)])
    assert rises([stay(diligence=x, weeks_not_submitted=4.0) for x in (-1.0, 0.0, 1.0)])
    assert rises([stay(diligence_drift=x, weeks_not_submitted=4.0) for x in (-1.0, 0.0, 1.0)])
    assert stay(enrolled=0.0) == 0.0


def test_who_stops_by_hand() -> None:
    """The fourth week in a row, control .2 and affect 1: a logit of -2.6."""
    hazard = 1.0 / (1.0 + math.exp(8.0 - 0.8 * 4.0 - 4.0 * 0.3 - 1.0))
    assert hazard == pytest.approx(1.0 / (1.0 + math.exp(2.6)))
    luck = row(hazard - 1e-9, hazard + 1e-9)
    stays = m.drop_out(np.float64(3.0), ONE, ZERO, np.float64(0.2), ONE, ZERO, ZERO, luck, world())[1]
    assert stays.tolist() == [0.0, 1.0]
    moved = 1.0 / (1.0 + math.exp(8.0 - 0.8 * 4.0 - 4.0 * 0.3 - 2.5 * 1.2))
    luck = row(moved - 1e-9, moved + 1e-9)
    given = (np.float64(3.0), ONE, ZERO, np.float64(0.2), np.float64(1.2), ZERO, ZERO, luck)
    assert m.drop_out(*given, world(dropout_affect=2.5))[1].tolist() == [0.0, 1.0]
    lazy = 1.0 / (1.0 + math.exp(2.6 - 0.5 * (1.5 - 0.3)))
    luck = row(lazy - 1e-9, lazy + 1e-9)
    given = (np.float64(3.0), ONE, ZERO, np.float64(0.2), ONE, np.float64(-1.5), np.float64(0.3), luck)
    assert m.drop_out(*given, world(dropout_diligence=0.5))[1].tolist() == [0.0, 1.0]


def test_anybody_may_stop_for_reasons_outside() -> None:
    """By the same share of those who would have stayed, whatever they feel, and with every mechanism off."""
    p = world(dropout_outside=0.02)
    luck = row(0.02 - 1e-9, 0.02 + 1e-9)
    off = p._replace(strength_avoidance=ZERO)
    for control, affect in ((0.1, 2.0), (0.9, 0.0)):
        given = (np.float64(9.0), ONE, ZERO, np.float64(control), np.float64(affect), -ONE, ZERO, luck)
        assert m.drop_out(*given, off)[1].tolist() == [0.0, 1.0]
    inside = 1.0 / (1.0 + math.exp(2.6))
    luck = row(inside + 0.02 * (1.0 - inside) - 1e-9, inside + 0.02 * (1.0 - inside) + 1e-9)
    given = (np.float64(3.0), ONE, ZERO, np.float64(0.2), ONE, ZERO, ZERO, luck)
    assert m.drop_out(*given, p)[1].tolist() == [0.0, 1.0]
    assert m.drop_out(ZERO, ZERO, ZERO, HALF, ZERO, ZERO, ZERO, ONE, p)[1] == 0.0, "who has left does not come back"


def test_weeks_without_handing_in_are_counted_in_a_row() -> None:
    """One more for each, back to none with the next work handed in, and no more after leaving."""
    weeks_not_submitted = m.drop_out(
        row(3.0, 3.0, 3.0), row(1.0, 1.0, 0.0), row(0.0, 1.0, 0.0), 0.5, 0.0, 0.0, 0.0, ONE, world()
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
    assert m.wait_for_class(moved, np.float64(0.75 - 1e-9), moved, q).tolist() == [1.0, 1.0, 0.0], "rounding aside"
    half = levers(waiting=0.5, mastery_share=0.75)
    assert m.wait_for_class(moved, ZERO, moved, half).tolist() == [0.5, 0.5, 0.0]
    assert m.wait_for_class(moved, ZERO, moved, levers()).tolist() == [1.0, 1.0, 0.0]


def test_a_class_waits_in_class() -> None:
    """At a level beyond all a waiting class stays at the first unit, far below all it keeps the calendar."""
    hard, easy = (Policy("class-paced", level=level, mastery_share=0.5) for level in (2.0, -1.5))
    p = Parameters(strength_avoidance=0.0, knowledge_sd=0.5, knowledge_mean=-0.5, practice_rate=0.2, feedback_gain=0.0)
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
    assert m.tally_counted(2.0, row(0.0, 1.0), ONE).tolist() == [2.0, 3.0]
    assert m.tally_counted(2.0, row(0.0, 1.0), ZERO).tolist() == [2.0, 2.0]
    assert m.tally_compared(2.0, row(0.0, 1.0), ONE).tolist() == [2.0, 3.0]
    assert m.tally_compared(2.0, row(0.0, 1.0), ZERO).tolist() == [2.0, 2.0]


def test_a_year_is_added_up() -> None:
    """Weeks handed in, weeks enrolled and below the threshold of helplessness, and effort; the stopped stand apart."""
    control, enrolled = row(0.1, 0.3, 0.5, 0.1), row(1.0, 1.0, 1.0, 0.0)
    weeks, helpless, effort = m.tally_year(1.0, 2.0, 3.0, row(1.0, 0.0, 1.0, 0.0), enrolled, control, 0.5, 0.3)
    assert weeks.tolist() == [2.0, 1.0, 2.0, 1.0] and effort == 3.5 and helpless.tolist() == [3.0, 2.0, 2.0, 2.0]


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
    heard, submitted = row(FAILED, PASSED, FAILED, 0.25), row(1.0, 1.0, 0.0, 1.0)
    made = m.tally_causes(1.0, 2.0, 3.0, 4.0, heard, submitted, 0.4, 0.2, 0.1)
    assert [x.tolist() for x in made] == [
        [2.0, 1.0, 1.0, 1.25], [2.4, 2.0, 2.0, 2.1], [3.0, 4.0, 3.0, 3.75], pytest.approx([4.0, 4.3, 4.0, 4.225])
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
    run = engine.run(class_of(16, policy), 12, WRITTEN)
    sums = {
        "weeks_practice_error": run.trace["practice_error"],
        "weeks_below_criterion": run.trace["below_criterion"],
        "weeks_failing_grade_told": run.trace["failing_grade_told"],
        "weeks_failing_grade_compared": run.trace["result_public"] * run.trace["failing_grade"],
        "weeks_submitted": run.trace["submitted"],
        "weeks_helpless": run.trace["enrolled"] * (run.trace["control"] < outcomes.NORMS["helpless_control"]),
        "total_effort": run.trace["effort"],
        "total_tested": run.trace["tested_conceptual"],
        "early_tested": run.trace["tested_conceptual"][:3],
        "weeks_submitted_below_criterion": (run.trace["below_criterion"] * run.trace["submitted"])[:-1],
        "weeks_failure_heard": run.trace["submitted"] * run.trace["heard_attribution"],
        "weeks_success_heard": run.trace["submitted"] * (1.0 - run.trace["heard_attribution"]),
    }
    for name, weekly in sums.items():
        assert np.allclose(run.end[name], weekly.sum(0), rtol=0.0, atol=1e-12), name
        assert policy is not BUSY or run.end[name].any(), name
    counted = run.trace["result_counted"] * run.trace["failing_grade"]
    cleared = policy["counted"] * run.trace["repeat_passed"]
    by_week = np.zeros(counted.shape[1:])
    for failed, again in zip(counted, cleared):
        by_week = np.maximum(by_week + failed - again, 0.0)
    assert np.allclose(run.end["weeks_failing_grade_counted"], by_week)
    assert policy is not BUSY or cleared.any()


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
    cells = [(quota, level) for quota in (0.02, 0.2, 0.35, 0.5, 0.9) for level in (-1.5, 2.0)]
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


# ---- a failed unit set again -------------------------------------------------------------------------------
#: What `repeat_unit` writes, in order.
REPEATED = (
    "units_mastered", "cumulative_conceptual", "cumulative_procedural", "history", "repeats_left", "repeat_margin",
    "repeat_units", "repeated", "repeat_passed",
)  # fmt: skip


def repeated(z: object = 0.0, **change: Any) -> dict[str, Any]:
    """A student half a logit short of a failed unit that is set again, who has failed a third of the time."""
    s = {"units_mastered": 4.0, "cumulative_conceptual": 0.2, "cumulative_procedural": 0.1, "history": 0.3}
    s |= {"repeats_left": 2.0, "repeat_margin": -0.5, "repeat_units": 0.8, "repeat_record": 0.2, "submitted": 1.0}
    s |= {"effort": 1.0, "form": 0.0, "pressure": 0.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{"repeats": 2.0} | {x: change.pop(x) for x in list(change) if x in LEVER_NAMES})
    made = m.repeat_unit(**s, z=np.asarray(z), p=world(**{"retake_gain": 0.3, "assess_noise": 0.5} | change), q=q)
    return dict(zip(REPEATED, made))


def test_a_failed_unit_is_corrected_and_tested_again() -> None:
    """What is corrected closes the gap, more with help; a pass counts for the unit and clears the record."""
    lucky, unlucky = repeated(0.5), repeated(0.3)
    assert lucky["repeat_margin"] == unlucky["repeat_margin"] == pytest.approx(-0.2)
    assert (lucky["repeated"], lucky["repeat_passed"]) == (1.0, 1.0) and unlucky["repeat_passed"] == 0.0
    assert lucky["units_mastered"] == pytest.approx(4.8) and unlucky["units_mastered"] == 4.0
    assert (lucky["repeat_units"], unlucky["repeat_units"]) == (0.0, 0.8)
    assert (lucky["repeats_left"], unlucky["repeats_left"]) == (0.0, 1.0), "who passed is not asked again"
    assert lucky["history"] == pytest.approx(0.1) and unlucky["history"] == 0.3
    lasting = [x["cumulative_conceptual"] - 0.2 for x in (lucky, unlucky)]
    assert lasting == pytest.approx([0.3 * world().retention] * 2)
    assert lucky["cumulative_procedural"] == pytest.approx(0.1 + 0.3 * world().retention)
    helped = [repeated(repeat_help=x, repeat_gain=0.6)["repeat_margin"] for x in (0.0, 0.5, 1.0)]
    assert helped == pytest.approx([-0.2, 0.1, 0.4])
    assert repeated(effort=0.5)["repeat_margin"] == pytest.approx(-0.35)
    assert repeated(strength_correction=0.0)["repeat_margin"] == -0.5, "nothing is learnt from correcting"


def test_the_second_test_of_a_failed_unit() -> None:
    """Form, luck and pressure count as at any test; it is marked by the policy's cut, mastery by the criterion."""
    assert rises([repeated(0.5 * z)["repeat_passed"] for z in (0.0, 1.0)])
    assert repeated(form=0.3)["repeat_passed"] == 1.0
    assert repeated(form=0.3, pressure=0.5, pressure_capacity=0.5)["repeat_passed"] == 0.0
    strict = repeated(0.5, cut=0.3)
    assert strict["repeat_passed"] == 0.0 and strict["units_mastered"] == pytest.approx(4.8)
    assert strict["repeat_units"] == 0.0, "no unit is mastered twice"
    lenient = repeated(0.3, cut=-0.3)
    assert lenient["repeat_passed"] == 1.0 and lenient["units_mastered"] == 4.0


def test_a_repeat_takes_its_turn() -> None:
    """Who hands nothing in has let it go by; where none is due, or none is set any more, no bit moves."""
    gone = repeated(9.0, submitted=0.0, effort=0.0)
    assert gone["repeats_left"] == 1.0 and gone["repeated"] == gone["repeat_passed"] == 0.0
    assert gone["units_mastered"] == 4.0 and gone["repeat_margin"] == -0.5
    for change in ({"repeats_left": 0.0}, {"repeats": 0.0}):
        kept = repeated(9.0, **change)
        assert kept["repeated"] == kept["repeat_passed"] == 0.0
        before = (4.0, 0.2, 0.1, 0.3, change.get("repeats_left", 2.0), -0.5, 0.8)
        assert tuple(float(kept[name]) for name in REPEATED[:7]) == before
    assert repeated(9.0, history=0.1)["history"] == 0.0, "no record is below none"


def put_again(**change: Any) -> list[float]:
    """What is set again of a unit that was failed and left behind: weeks, margin, units, worth in the record."""
    s = {"repeats_left": 0.0, "repeat_margin": 9.0, "repeat_units": 0.5, "repeat_record": 0.1, "verdict": 0.0}
    s |= {"heard_attribution": 1.0, "enrolled": 1.0, "moved": 1.0, "unit_passed": 0.0, "assignment_due": 0.0}
    s |= {"conceptual": 0.4, "procedural": 0.2, "syllabus": 1.0, "result_told": 1.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{"repeats": 2.0} | {x: change.pop(x) for x in list(change) if x in LEVER_NAMES})
    p = world(**{"history_memory": 0.8} | change)
    return [float(x) for x in m.set_again(**{name: np.asarray(x) for name, x in s.items()}, p=p, q=q)]


def test_a_failed_unit_is_set_again() -> None:
    """By the policy's verdict, once it is left behind; it is remembered how far away it is and what it cost."""
    assert put_again() == pytest.approx([2.0, -0.7, 1.0, 0.2])
    assert put_again(moved=0.7)[2] == 0.7 and put_again(unit_passed=1.0)[2] == 0.0
    assert put_again(heard_attribution=0.5, result_told=0.0, information=0.6, unlabelled=0.5)[3] == pytest.approx(0.03)
    assert put_again(strength_attribution=0.5)[3] == pytest.approx(0.1)
    fades = [0.0, 9.0, 0.5, pytest.approx(0.08)]
    for none in ({"verdict": 1.0}, {"moved": 0.5}, {"assignment_every": 3.0}):
        assert put_again(**none) == fades, none
    assert put_again(assignment_every=3.0, assignment_due=1.0)[0] == 2.0, "quizzes are no results"
    for nothing in ({"enrolled": 0.0}, {"repeats": 0.0}):
        assert put_again(**nothing) == [0.0, 9.0, 0.5, 0.1], nothing


def test_a_year_in_which_failed_units_are_set_again() -> None:
    """Whoever fails one week repeats the next; more units are mastered, and less is on the record, at a price."""
    policies = [Policy("repeat-failed", level=0.5, repeat_help=x) for x in (0.0, 1.0)] + [Policy(level=0.5)]
    names = (*WRITTEN,)
    run = engine.run(class_of(20, *policies), 12, names)
    due = run.trace["verdict"][:-1] < 0.5
    there = run.trace["enrolled"][:-1] > 0.5
    tried = run.trace["submitted"][1:] > 0.5
    assert np.array_equal(run.trace["repeated"][1:, :, :2] > 0.5, (due & there & tried)[..., :2])
    assert not run.trace["repeated"][..., 2].any() and run.trace["repeat_passed"][..., :2].any()
    mastered, counted, minutes = (
        run.end[name].mean(0) for name in ("units_mastered", "weeks_failing_grade_counted", "minutes")
    )
    assert mastered[1] > mastered[0] > mastered[2]
    assert counted[1] <= counted[0] < counted[2] and minutes[1] > minutes[0] > minutes[2]
    assert (np.diff(run.trace["weeks_failing_grade_told"], axis=0) >= 0.0).all(), "what was told stays told"
    once = engine.run(class_of(20, *(policy.replace(repeat_help=0.0) for policy in policies)), 2, names).trace
    for name in ("failure", "verdict", "grade", "unit"):
        assert np.array_equal(once[name][0, :, 0], once[name][0, :, 2]), name
    free = LIVELY.replace(repeat_time=0.0, retake_gain=0.0, repeat_gain=0.0, strength_attribution=0.0)
    kept, plain = (engine.run(class_of(20, policy, worlds=free), 12, names).trace for policy in policies[1:])
    for name in ("grade", "affect", "control", "expectancy", "reserve", "interest", "effort", "failure"):
        assert np.array_equal(kept[name], plain[name]), f"{name} hears of no second verdict"


def test_what_repeats_cost_and_clear() -> None:
    """Time for the test, more for help; a failure that was counted counts no longer, and none below none."""
    p, q = world(time_retake=8.0, time_repeat_help=20.0), levers(repeats=1.0, repeat_help=0.5, counted=0.5)
    counted, minutes = m.tally_repeats(
        row(3.0, 3.0, 0.2), row(1.0, 1.0, 1.0), row(0.0, 1.0, 1.0), row(0.0, 1.0, 1.0), p, q
    )
    assert counted.tolist() == [3.0, 2.5, 0.0] and minutes.tolist() == [1.0, 19.0, 19.0]


# ---- a policy for some ---------------------------------------------------------------------------------------
def test_who_is_singled_out() -> None:
    """Whose record of failures reaches what the policy looks for, as long as they are there; by default nobody."""
    history, enrolled = row(0.0, 0.2, 0.5, 0.9, 0.9), row(1.0, 1.0, 1.0, 1.0, 0.0)
    assert m.single_out(history, enrolled, levers(target_record=0.5)).tolist() == [0.0, 0.0, 1.0, 1.0, 0.0]
    assert m.single_out(1.0 - 0.8, 1.0, levers(target_record=0.2)) == 1.0, "rounding decides nothing"
    assert not m.single_out(history, enrolled, levers()).any()


def test_easier_tests_for_some() -> None:
    """By as much as the policy says, and for nobody else."""
    assert m.ease_tasks(row(0.4, 0.4), row(0.0, 1.0), levers(target_record=0.5, targeted_level=-0.6)) == pytest.approx(
        [0.4, -0.2]
    )


def test_help_at_once_for_some() -> None:
    """As a teacher who rescues all would help them, in part or always; a right answer needs none, nobody is left."""
    p, few, full = world(), (0.0, 0.4, 1.0), levers(target_record=0.5, targeted_support=1.0)
    for part in ("responsive", "rescue", "withhold"):
        for depth in (0.5, 3.0):
            usual, alone = m.time_support(ONE, np.float64(depth), ZERO, p, levers(part))
            found = [
                m.help_at_once(usual, alone, 1.0, 1.0, p, levers(part, target_record=0.5, targeted_support=x))
                for x in few
            ]
            assert [helped for helped, _ in found] == pytest.approx([usual + x * (1.0 - usual) for x in few])
            assert [left for _, left in found] == pytest.approx([alone * (1.0 - x) for x in few])
            assert found[2] == (1.0, 0.0)
            assert m.help_at_once(usual, alone, 1.0, 0.0, p, levers(part, target_record=0.5, targeted_support=1.0)) == (
                usual,
                alone,
            )
    assert m.help_at_once(0.0, 0.0, 0.0, 1.0, p, full) == (0.0, 0.0)
    assert m.help_at_once(0.0, 0.0, 1.0, 1.0, world(strength_support=0.0), full) == (0.0, 0.0)
    shy = p._replace(help_avoidance=HALF)
    usual = m.time_support(ONE, np.float64(9.0), row(-1.0), shy, levers(threat=1.0))
    assert usual[1] > 0.0 and m.help_at_once(*usual, 1.0, 1.0, shy, full)[1] == 0.0, "who is helped need not ask"
    q = levers("problem-first", target_record=0.5, targeted_support=1.0)
    assert struggled(helped=1.0, targeted=1.0, q=q) == 0.0 and struggled(helped=1.0, q=q) == pytest.approx(0.4)
    assert struggled(helped=1.0, targeted=1.0, q=q, rescue_remainder=0.5) == pytest.approx(0.4)


def commented(**change: Any) -> float:
    """What more feedback teaches somebody who knows nothing and is singled out."""
    s = {"conceptual": 0.0, "procedural": 0.0, "form": 0.0, "syllabus": 0.0, "effort": 1.0, "ego": 0.0, "goals": 0.0}
    s |= {"control": 0.5, "reserve": 0.5, "learning_rate": 1.0, "targeted": 1.0}
    s |= {name: change.pop(name) for name in list(change) if name in s}
    q = levers(**{"targeted_information": 0.5, "information": 0.3} | {
        x: change.pop(x) for x in list(change) if x in LEVER_NAMES
    })  # fmt: skip
    conceptual, procedural = m.comment_more(**{name: np.asarray(x) for name, x in s.items()}, p=world(**change), q=q)
    assert conceptual - s["conceptual"] == pytest.approx(procedural - s["procedural"])
    return float(conceptual - s["conceptual"])


def test_more_feedback_for_some() -> None:
    """It teaches what as much more feedback teaches all, up to all there is to say."""
    some = told_of_the_week(information=0.8) - told_of_the_week(information=0.3)
    assert commented() == pytest.approx(some) and commented(targeted=0.0) == commented(targeted_information=0.0) == 0.0
    assert commented(targeted_information=1.0, information=0.8) == pytest.approx(
        told_of_the_week(information=1.0) - told_of_the_week(information=0.8)
    )
    assert rises([commented(targeted_information=x) for x in (0.0, 0.3, 0.6)])
    assert m.learn_what_is_missing(
        1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.5, 0.5, world(), levers()
    ) == pytest.approx(told_of_the_week(information=1.0))
    q = levers(information=0.8, targeted_information=0.5)
    made = m.tally_comments(row(1.0, 1.0, 1.0), row(1.0, 1.0, 0.0), row(1.0, 0.0, 1.0), world(time_feedback=10.0), q)
    assert made == pytest.approx([3.0, 1.0, 1.0])


def told_to_some(talked: float = 0.0, targeted: float = 1.0, **change: Any) -> tuple[float, ...]:
    """The causes of a singled-out student's failure, as the teacher retells them, and the talk."""
    q = levers(**{"targeted_talk": 0.8} | {x: change.pop(x) for x in list(change) if x in LEVER_NAMES})
    p = world(**{"story_editing_share": 0.5} | change)
    return tuple(float(x) for x in m.talk_to_targeted(0.6, 0.2, talked, FAILED, 1.0, targeted, ONE, p, q))


def test_talks_with_some() -> None:
    """About each failure, whether or not a teacher sees the need; a talk that takes place anyway is not held twice."""
    assert told_to_some() == pytest.approx((0.6 - 0.24, 0.2 + 0.24, 0.8))
    assert told_to_some(targeted=0.0) == told_to_some(targeted_talk=0.0) == (0.6, 0.2, 0.0)
    assert told_to_some(0.3, attribution_talk=0.3) == pytest.approx((0.6 - 0.15, 0.2 + 0.15, 0.8))
    assert told_to_some(0.9, attribution_talk=1.0) == pytest.approx((0.6, 0.2, 0.9))
    assert told_to_some(0.7)[2] == pytest.approx(0.8), "last week's talk is over"
    assert told_to_some(strength_story_editing=0.0) == (0.6, 0.2, 0.0)


def test_a_year_of_a_policy_for_some() -> None:
    """Who has failed is singled out from the week after, and only they; what is set for them reaches only them."""
    changes = {"targeted_level": -0.8, "targeted_support": 1.0, "targeted_talk": 1.0, "targeted_information": 0.4}
    policies = [Policy(level=-1.5, target_record=0.2, **changes), Policy(level=-1.5)]
    worlds = LIVELY.replace(history_memory=0.8, strength_peers=0.0, consensus=0.0, strength_competition=0.0)
    trace = engine.run(class_of(20, *policies, worlds=worlds), 12, WRITTEN).trace
    on, off = ({name: x[..., k] for name, x in trace.items()} for k in (0, 1))
    assert not on["targeted"][0].any() and on["targeted"][1:].any() and not off["targeted"].any()
    assert np.array_equal(on["targeted"][1] > 0.5, (on["failure"][0] > 0.5) & (on["enrolled"][0] > 0.5))
    there = (on["enrolled"] > 0.5) & (off["enrolled"] > 0.5)
    assert np.allclose((on["syllabus"] - off["syllabus"])[there], -0.8 * on["targeted"][there])
    never = ~on["targeted"].any(0)
    assert 1 < never.sum() < 18
    for name in ("conceptual", "control", "affect", "to_ability", "minutes"):
        if on[name].shape == (12, 20):
            assert np.array_equal(on[name][:, never], off[name][:, never]), name
    assert (on["helped"] == on["practice_error"])[on["targeted"] > 0.5].all()
    assert on["verdict"].mean() > off["verdict"].mean()
    nobody = engine.run(class_of(20, policies[0], worlds=worlds.replace(strength_attribution=0.0)), 6, ("targeted",))
    assert not nobody.trace["targeted"].any(), "without a record nobody is singled out"
