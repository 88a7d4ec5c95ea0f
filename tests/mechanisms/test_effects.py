"""What each number of a mechanism does, over its whole range: a direction, on both sides of zero, and none when off.

The students are many and unlike; what is claimed has to hold for every one of them.
"""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import equations as m
import numpy as np
import pytest

from setback.model.equations import opening as o
from setback.model.parameters import OWN, ROWS, STRENGTHS, TABLE, Levers, World

from .conftest import ONE, ZERO, Array, levers, world

RNG = np.random.default_rng(7)
STUDENTS = 150
#: Uniform numbers that a decision may draw.
LUCK = ((np.arange(2000) + 0.5) / 2000.0)[None, :]


def between(low: float, high: float) -> Array:
    """One number for each of many students."""
    return RNG.uniform(low, high, (STUDENTS, 1))


def share() -> Array:
    """A share for each of many students."""
    return between(0.02, 0.98)


#: Many students who are enrolled, hand in, err, and fail as often as they pass; slots that an equation reads.
SOME: dict[str, Any] = {
    "submitted": ONE, "enrolled": ONE, "moved": ZERO, "practice_error": ONE, "helped": ZERO, "failing_grade_told": ZERO,
    "excuse": ZERO, "retaken_before": ZERO, "recovered": ZERO, "private_hurt": ZERO, "setback": ZERO, "verdict": ZERO,
    "grade": between(0.02, 0.98), "score": between(0.55, 0.98),
    "retaken": ZERO, "talked": ZERO, "goals": ZERO, "pressure": ZERO, "frame_of_reference": ZERO, "attention": ZERO,
    "unit": between(1, 30), "line": np.float64(0.5), "weeks_not_submitted": between(1.0, 6.0), "minutes": ZERO,
    "units_mastered": ZERO, "targeted": ZERO, "repeats_left": ONE, "repeat_margin": between(-1.0, 0.0),
    "repeat_units": ONE, "repeat_record": between(0.0, 0.2), "repeated": ONE, "repeat_passed": ONE,
    "weeks_failing_grade_counted": ONE,
    "unit_passed": ONE, "early": ONE, "shown": ZERO, "number": ONE, "class_enrolled": ONE,
    "z": between(0.1, 2.0), "u": LUCK,
    "helpless": np.float64(0.45), "assignment_due": ZERO, "slow_drift": ZERO,
    "class_knowledge": np.float64(0.6), "week": np.float64(20.0),
    "anxiety": between(0.0, 0.05), "confidence": ONE, "handicapping": between(0.2, 2.0),
    "record": share(), "unhelped": share(),
    "diligence": ZERO, "diligence_drift": ZERO, "percentile_rank": ZERO, "met_criterion": ZERO,
    "cumulative_conceptual": between(-2.0, 2.0), "cumulative_procedural": between(-2.0, 2.0),
    "conceptual": between(2.1, 4.0), "procedural": between(2.1, 4.0), "task": between(-1.0, 1.0),
    "syllabus": between(-1.0, 1.0), "form": between(-0.5, 0.5), "drift": between(-0.5, 0.5),
    "challenge": between(0.1, 2.0), "fit": share(), "unit_fit": share(), "learning_rate": between(0.7, 1.4),
    "effort": share(), "friends_effort": share(),
    "goal_orientation": share(), "friends_shared": share(), "preparation": between(0.0, 0.8),
    "error_depth": between(0.05, 3.5), "analysed": share(), "nearness": share(), "ego": between(0.0, 1.0),
    "expectancy": share(), "interest": share(), "control": share(), "attribution_style": share(), "history": share(),
    "reserve": share(), "resilience": share(), "perfectionism": share(), "affect": between(0.05, 2.0),
    "incentive": between(0.0, 0.5), "resolve": share(), "task_weight": between(0.5, 2.0), "hurt": between(0.1, 1.5),
    "to_ability": between(0.05, 0.4), "to_effort": between(0.05, 0.4), "to_task": share(), "to_luck": share(),
}  # fmt: skip
FAILED, PASSED = ONE, ZERO


def ask(equation: Callable[..., Any], p: World, q: Levers | None = None, **given: Any) -> Any:
    """What an equation makes of these students; slots that are named are as given.

    ``heard`` is every receiver's copy of a failure, ``grade`` every receiver's copy of a grade.
    """
    q = q or levers()
    announced = {f"result_{name}": getattr(q, name) for name in ("told", "counted", "public")}
    read: dict[str, Any] = {"p": p, "q": q} | announced | SOME | given
    names = inspect.signature(equation).parameters
    for copies in ("heard", "grade"):
        of = [name for name in names if name.startswith(f"{copies}_") and name not in given]
        read |= {name: read[copies] for name in of if copies in read}
    return equation(**{name: read[name] for name in names})


def disposed(p: World) -> Any:
    """How diligent these students are who are more so than the average."""
    return o.draw_diligence(HIGH, ONE, ZERO, ZERO, p._replace(diligence_sd=ONE))[1]


def prepared(p: World, q: Levers | None = None, **given: Any) -> Any:
    """What these students' struggle before instruction prepares."""
    return ask(m.prepare, p, q or FIRST, preparation=ZERO, **given)


FIRST, CURVE, HARSH = levers("problem-first"), levers("curve"), levers(stakes=1.0, threat=1.0)
AGAIN = levers(repeats=1.0, repeat_help=1.0)
OTHERS, IGNORED = levers("others-attempts-first"), levers("unconsolidated")
FREE, SPIRAL, TALK, RESCUE = levers(choice=1.0), levers("spiral"), levers("story-editing"), levers("rescue")
EXAMPLES = levers("coping-models")
GROWTH, KIND = levers("mindset-message"), levers("self-compassion")
HIGH, LOW, HARD, CLOSE = between(0.55, 0.98), between(0.02, 0.4), between(0.7, 2.0), between(0.35, 0.49)
GOOD, POOR, LATE = between(0.55, 0.98), between(0.02, 0.15), levers(feedback_delay=2.0)


def beaten(p: World) -> Any:
    """What a place below the middle of the class is taken for, where it is a pass."""
    return ask(m.take_as_failure, p, levers("curve", information=0.0), verdict=ONE, percentile_rank=LOW)


def learning(p: World) -> Any:
    """The goals of those who lean to learning goals."""
    return m.pursue_goals(HIGH, p, levers())


class Effect(NamedTuple):
    """What a number does: ``sign`` is the direction of what ``of`` makes, ``switch`` takes it out."""

    switch: str
    sign: int
    of: Callable[[World], Any]


EFFECTS: dict[str, Effect] = {
    # what wanders, fades and lasts
    "drift_sd": Effect("drift", 1, lambda p: ask(m.wander, p, drift=ZERO)),
    "drift_memory": Effect("drift", -1, lambda p: ask(m.wander, p, drift=ZERO)),
    "drift_slow_sd": Effect("drift", 1, lambda p: ask(m.wander_slowly, p)),
    "drift_slow_memory": Effect("drift", -1, lambda p: ask(m.wander_slowly, p._replace(drift_slow_sd=ONE))),
    "diligence_drift_sd": Effect("diligence", 1, lambda p: ask(m.vary_diligence, p)),
    "diligence_memory": Effect("diligence", -1, lambda p: ask(m.vary_diligence, p._replace(diligence_drift_sd=ONE))),
    "forgetting_rate": Effect("forgetting", -1, lambda p: ask(m.open_unit, p)[0]),
    "spacing_gain": Effect("forgetting", 1, lambda p: ask(m.close_unit, p, SPIRAL, moved=ONE)[2]),
    "revisiting_cost": Effect("forgetting", -1, lambda p: ask(m.instruct, p, SPIRAL)[0]),
    "retention": Effect("", 1, lambda p: ask(m.close_unit, p, moved=ONE)[2]),
    "syllabus_slope": Effect("", 1, lambda p: ask(m.set_syllabus, p)),
    "local_standard": Effect("", 1, lambda p: ask(m.set_syllabus, p)),
    "carry": Effect("", 1, lambda p: ask(m.open_unit, p, moved=ONE)[0]),
    # effort, handing in, stopping
    "effort_level": Effect("effort", 1, lambda p: ask(m.decide_effort, p)),
    "effort_value": Effect("effort", 1, lambda p: ask(m.decide_effort, p)),
    "utility_value": Effect("effort", 1, lambda p: ask(m.decide_effort, p)),
    "effort_control": Effect("effort", 1, lambda p: ask(m.decide_effort, p, control=HIGH)),
    "effort_challenge": Effect("effort", -1, lambda p: ask(m.decide_effort, p)),
    "effort_affect": Effect("effort", -1, lambda p: ask(m.decide_effort, p)),
    "effort_resolve": Effect("effort", 1, lambda p: ask(m.decide_effort, p)),
    "grade_incentive_size": Effect(
        "grade_incentive", 1, lambda p: ask(m.decide_effort, p, incentive=m.pay_in_grades(p, HARSH))
    ),
    "self_handicapping_size": Effect(
        "self_handicapping", -1, lambda p: ask(m.decide_effort, p, excuse=ask(m.handicap_oneself, p))
    ),
    "excuse_worth": Effect(
        "self_handicapping", -1, lambda p: ask(m.attribute, p, heard=FAILED, excuse=ask(m.handicap_oneself, p))[0]
    ),
    "striving": Effect("perfectionism", 1, lambda p: ask(m.decide_effort, p, perfectionism=HIGH)),
    "reactance_size": Effect("reactance", -1, lambda p: ask(m.decide_effort, p, HARSH)),
    "easier_tasks_size": Effect("easier_tasks", -1, lambda p: ask(m.choose_easier, p, FREE)[0]),
    "peer_norm": Effect("peers", 1, lambda p: ask(m.follow_norm, p, effort=LOW, friends_effort=HIGH)),
    "reference_effort": Effect("", 1, lambda p: ask(m.decide_effort, p._replace(strength_effort=ZERO))),
    "skip_level": Effect("avoidance", -1, lambda p: ask(m.submit, p).mean(1)),
    "skip_affect": Effect("avoidance", -1, lambda p: ask(m.submit, p).mean(1)),
    "skip_control": Effect("avoidance", 1, lambda p: ask(m.submit, p, control=HIGH).mean(1)),
    "skip_reserve": Effect("resilience", 1, lambda p: ask(m.submit, p, reserve=HIGH).mean(1)),
    "dropout_level": Effect("avoidance", -1, lambda p: ask(m.drop_out, p, submitted=ZERO)[1].mean(1)),
    "dropout_not_submitted": Effect("avoidance", -1, lambda p: ask(m.drop_out, p, submitted=ZERO)[1].mean(1)),
    "dropout_control": Effect("avoidance", 1, lambda p: ask(m.drop_out, p, submitted=ZERO, control=HIGH)[1].mean(1)),
    "dropout_diligence": Effect(
        "diligence", 1, lambda p: ask(m.drop_out, p, submitted=ZERO, diligence=disposed(p))[1].mean(1)
    ),
    "dropout_outside": Effect("", -1, lambda p: ask(m.drop_out, p)[1].mean(1)),
    "dropout_affect": Effect("avoidance", -1, lambda p: ask(m.drop_out, p, submitted=ZERO)[1].mean(1)),
    # practice, errors, instruction
    "attempt_noise": Effect("", -1, lambda p: ask(m.attempt, p)),
    "practice_rate": Effect("", 1, lambda p: ask(m.practise, p)),
    "best_challenge": Effect("challenge", 1, lambda p: ask(m.desirable_challenge, p, challenge=HARD)),
    "challenge_curvature": Effect("challenge", -1, lambda p: ask(m.desirable_challenge, p)),
    "instruction_conceptual": Effect("", 1, lambda p: ask(m.instruct, p)[0]),
    "instruction_procedural": Effect("", 1, lambda p: ask(m.instruct, p)[1]),
    "friends_help": Effect("peers", 1, lambda p: ask(m.instruct, p)[0]),
    "friends_errors": Effect("peers", 1, lambda p: ask(m.work_together, p, FIRST)[2]),
    "engage_level": Effect("failure_analysis", 1, lambda p: ask(m.analyse_error, p)),
    "engage_control": Effect("failure_analysis", 1, lambda p: ask(m.analyse_error, p, control=HIGH)),
    "engage_reserve": Effect("resilience", 1, lambda p: ask(m.analyse_error, p, reserve=HIGH)),
    "engage_depth": Effect("failure_analysis", -1, lambda p: ask(m.analyse_error, p)),
    "engage_friendly": Effect("failure_analysis", 1, lambda p: ask(m.analyse_error, p, levers(friendly=1.0))),
    "engage_taught": Effect("failure_analysis", 1, lambda p: ask(m.analyse_error, p, levers(analysis_taught=1.0))),
    "goals_climate": Effect(
        "goals", 1, lambda p: ask(m.analyse_error, p, goals=ask(m.pursue_goals, p, levers(cooperation=1.0)))
    ),
    "engage_goals": Effect("goals", 1, lambda p: ask(m.analyse_error, p, goals=learning(p))),
    "error_attention_size": Effect(
        "error_attention", 1, lambda p: ask(m.analyse_error, p, attention=ask(m.attend_to_error, p))
    ),
    "ego_threat_size": Effect("ego_threat", -1, lambda p: ask(m.analyse_error, p, ego=ask(m.feel_threat, p))),
    "reference_engagement": Effect("", 1, lambda p: ask(m.analyse_error, p._replace(strength_failure_analysis=ZERO))),
    "error_gain": Effect("correction", 1, lambda p: ask(m.learn_from_attempt, p)[0]),
    "hypercorrection": Effect("correction", 1, lambda p: ask(m.learn_from_attempt, p)[0]),
    "record_gain": Effect("correction", 1, lambda p: ask(m.learn_from_attempt, p)[1]),
    "self_corrected": Effect("correction", 1, lambda p: ask(m.learn_from_attempt, p)[0]),
    "success_gain": Effect("correction", 1, lambda p: ask(m.learn_from_attempt, p, practice_error=ZERO)[1]),
    "delay_cost": Effect("correction", -1, lambda p: ask(m.learn_from_feedback, p, LATE)[0]),
    "feedback_gain": Effect("correction", 1, lambda p: ask(m.learn_from_feedback, p)[1]),
    "near_miss_slope": Effect(
        "near_miss", -1, lambda p: ask(m.learn_from_attempt, p, nearness=ask(m.value_near_miss, p))[0]
    ),
    "help_gain": Effect(
        "support", 1, lambda p: ask(m.learn_from_attempt, p, helped=ask(m.time_support, p, RESCUE)[0])[0]
    ),
    "lost_depth": Effect("support", -1, lambda p: ask(m.time_support, p)[0]),
    "help_avoidance": Effect("help_seeking", -1, lambda p: ask(m.time_support, p, HARSH, error_depth=HARD + 9.0)[0]),
    "activation": Effect("preparation", 1, prepared),
    "help_cuts": Effect("preparation", -1, lambda p: prepared(p, helped=ONE)),
    "rescue_remainder": Effect("preparation", 1, lambda p: prepared(p, levers("problem-first+rescue"), helped=ONE)),
    "solved_prepares": Effect("preparation", 1, lambda p: prepared(p, practice_error=ZERO, analysed=ZERO)),
    "unsolved_prepares": Effect("preparation", 1, lambda p: prepared(p, analysed=LOW)),
    "others_prepare": Effect("preparation", 1, lambda p: ask(m.look_at_others, p, OTHERS, preparation=ZERO)),
    "unconsolidated_remainder": Effect(
        "preparation", 1, lambda p: ask(m.instruct, p, IGNORED, early=ZERO, preparation=prepared(p))[0]
    ),
    "preparation_gain": Effect(
        "preparation", 1, lambda p: ask(m.instruct, p, FIRST, early=ZERO, preparation=prepared(p))[0]
    ),
    "test_preparation": Effect("preparation", 1, lambda p: ask(m.look_into_test, p)[2]),
    "exploration_cost": Effect("preparation", -1, lambda p: ask(m.practise, p, FIRST)),
    "analysis_time": Effect("failure_analysis", -1, lambda p: ask(m.practise, p)),
    "retake_time": Effect("correction", -1, lambda p: ask(m.practise, p, retaken_before=ONE)),
    "repeat_time": Effect("correction", -1, lambda p: ask(m.practise, p, AGAIN, repeats_left=ONE)),
    "repeat_gain": Effect("correction", 1, lambda p: ask(m.repeat_unit, p, AGAIN)[1]),
    "rivalry": Effect("competition", -1, lambda p: ask(m.instruct, p, CURVE)[0]),
    # assessment and going back to it
    "assess_noise": Effect("", 1, lambda p: ask(m.assess, p)[0]),
    "noise_growth": Effect("", 1, lambda p: ask(m.assess, p)[0]),
    "assignment_noise": Effect("", 1, lambda p: ask(m.assign, p, assignment_due=ONE, test_margin=ZERO)[0]),
    "retake_gain": Effect("correction", 1, lambda p: ask(m.retake, p, levers("mastery"), heard=FAILED)[0]),
    "pressure_capacity": Effect("pressure", -1, lambda p: ask(m.assess, p, pressure=m.press(p, HARSH))[0]),
    # reading the cause
    "attribution_by_style": Effect("attribution", 1, lambda p: ask(m.attribute, p, heard=FAILED,
        attribution_style=HIGH)[0]),
    "attribution_by_history": Effect("attribution", 1, lambda p: ask(m.attribute, p, heard=FAILED)[0]),
    "history_memory": Effect("attribution", -1, lambda p: ask(m.remember, p, heard=FAILED)),
    "consensus": Effect(
        "attribution", 1,
        lambda p: ask(m.attribute, p, heard=FAILED, task_weight=ask(m.weigh_task, p,
            class_failing_grade_seen=np.float64(0.8)))[2],
    ),
    "luck_pole": Effect("attribution", 1, lambda p: ask(m.attribute, p, heard=FAILED, attribution_style=LOW,
        history=ZERO)[3]),
    "models_shift": Effect("models", -1, lambda p: ask(m.learn_from_models, p, EXAMPLES, heard=FAILED)[0]),
    "models_control": Effect("models", 1, lambda p: ask(m.learn_from_models, p, EXAMPLES, heard=PASSED)[2]),
    "comparison_blame": Effect("competition", 1, lambda p: ask(m.attribute, p, CURVE, heard=FAILED)[0]),
    "attribution_drift": Effect(
        "style_drift", 1, lambda p: ask(m.drift_of_style, p, heard=FAILED, to_ability=HIGH, attribution_style=LOW)
    ),
    "story_editing_share": Effect(
        "story_editing", -1, lambda p: ask(m.edit_story, p, TALK, heard=FAILED, control=LOW, u=np.float64(0.01))[0]
    ),
    "teacher_sensitivity": Effect(
        "story_editing", 1, lambda p: ask(m.edit_story, p, TALK, heard=FAILED, control=LOW)[2].mean(1)
    ),
    "teacher_specificity": Effect(
        "story_editing", -1, lambda p: ask(m.edit_story, p, TALK, heard=FAILED, control=HIGH)[2].mean(1)
    ),
    "mindset_shift": Effect("mindset", -1, lambda p: ask(m.believe_in_growth, p, GROWTH, heard=FAILED)[0]),
    "mindset_control": Effect("mindset", 1, lambda p: ask(m.believe_in_growth, p, GROWTH, heard=PASSED)[2]),
    # what failing and succeeding do
    "unlabelled": Effect("", 1, lambda p: ask(m.remember, p, levers("narrative"), heard=FAILED)),
    "partial_success_size": Effect(
        "partial_success", -1, lambda p: ask(m.succeed_in_part, p, levers("open-tasks"), failure=FAILED)
    ),
    "misreading_size": Effect("misreading", 1, lambda p: ask(m.misread, p, levers("narrative"), failure=LOW)),
    "rank_uninformative": Effect("competition", -1, lambda p: ask(m.look_into_test, p, CURVE)[0]),
    "defeat": Effect(
        "competition", 1,
        lambda p: ask(m.update_affect, p, CURVE, hurt=ask(m.take_to_heart, p, CURVE, heard=beaten(p))),
    ),
    "expectancy_rate": Effect(
        "expectancy", 1, lambda p: ask(m.update_expectancy, p, heard=PASSED, grade=GOOD, expectancy=LOW)
    ),
    "stability": Effect(
        "expectancy", 1, lambda p: ask(m.update_expectancy, p, heard=PASSED, grade=GOOD, expectancy=LOW, to_task=HIGH)
    ),
    "negativity": Effect(
        "expectancy", -1, lambda p: ask(m.update_expectancy, p, heard=FAILED, grade=POOR, expectancy=HIGH)
    ),
    "verdict_weight": Effect("expectancy", 1, lambda p: ask(m.update_expectancy, p, heard=PASSED, grade=POOR)),
    "one_signal": Effect("expectancy", 1, lambda p: ask(m.update_expectancy, p, heard=PASSED, grade=POOR)),
    "expectancy_by_mean": Effect(
        "expectancy", -1,
        lambda p: ask(m.update_expectancy, p, heard=PASSED, grade=GOOD, expectancy=LOW, to_task=HIGH),
    ),
    "big_fish": Effect(
        "competition", -1,
        lambda p: ask(
            m.update_expectancy, p, heard=FAILED, grade=CLOSE,
            frame_of_reference=ask(m.compare_with_class, p, grade=CLOSE, class_grade_seen=np.float64(0.55)),
        ),
    ),
    "control_gain": Effect("helplessness", 1, lambda p: ask(m.update_control, p, heard=PASSED)),
    "control_loss": Effect("helplessness", -1, lambda p: ask(m.update_control, p, heard=FAILED)),
    "withdrawal_cost": Effect("helplessness", -1, lambda p: ask(m.update_control, p, heard=FAILED, submitted=ZERO)),
    "support_need": Effect("helplessness", -1, lambda p: ask(m.update_control, p, heard=FAILED)),
    "letting_go": Effect("helplessness", 1, lambda p: ask(m.update_control, p, KIND, heard=FAILED)),
    "control_by_outcome": Effect("helplessness", -1, lambda p: ask(m.update_control, p, heard=FAILED)),
    "buffer_control": Effect("resilience", 1, lambda p: ask(m.update_control, p, heard=FAILED)),
    "aspiration": Effect("perfectionism", 1, lambda p: ask(m.take_to_heart, p, heard=PASSED)),
    "self_worth": Effect("perfectionism", 1, lambda p: ask(m.take_to_heart, p, heard=FAILED, grade=POOR)),
    "repaired": Effect("", 1, lambda p: ask(m.take_to_heart, p, heard=PASSED, failing_grade_told=ONE)),
    "goals_hurt": Effect("goals", -1, lambda p: ask(m.take_to_heart, p, heard=FAILED, goals=learning(p))),
    "private_hurt_size": Effect(
        "private_error", 1, lambda p: ask(m.update_affect, p, affect=HIGH, private_hurt=ask(m.hurt_in_private, p))
    ),
    "affect_blame": Effect(
        "affect", 1, lambda p: ask(m.update_affect, p, hurt=ask(m.take_to_heart, p, heard=FAILED))
    ),
    "pressure_affect": Effect("pressure", 1, lambda p: ask(m.update_affect, p, pressure=m.press(p, HARSH))),
    "compassion_decay": Effect("affect", -1, lambda p: ask(m.update_affect, p, KIND)),
    "affect_rise": Effect("affect", 1, lambda p: ask(m.update_affect, p)),
    "affect_decay": Effect("affect", -1, lambda p: ask(m.update_affect, p)),
    "impairment": Effect("", -1, lambda p: ask(m.take_form, p)),
    "buffer": Effect("resilience", -1, lambda p: ask(m.update_affect, p)),
    "fade_reserve": Effect("resilience", -1, lambda p: ask(m.update_affect, p, reserve=HIGH)),
    "reserve_spent": Effect("resilience", -1, lambda p: ask(m.update_reserve, p, heard=PASSED, affect=HIGH)[0]),
    "reserve_restored": Effect(
        "resilience", 1, lambda p: ask(m.update_reserve, p, heard=PASSED, reserve=LOW, resilience=HIGH)[0]
    ),
    "steeling": Effect("resilience", 1, lambda p: ask(m.update_reserve, p, heard=PASSED, setback=ONE)[0]),
    "interest_gain": Effect("interest", 1, lambda p: ask(m.update_interest, p, heard=PASSED)),
    "interest_choice": Effect("interest", 1, lambda p: ask(m.update_interest, p, FREE, heard=PASSED)),
    "interest_loss": Effect("interest", -1, lambda p: ask(m.update_interest, p, heard=FAILED)),
    "curiosity_size": Effect("curiosity", 1, lambda p: ask(m.grow_curious, p)),
    # teacher time
    "time_feedback": Effect("", 1, lambda p: ask(m.tally_time, p)),
    "time_retake": Effect("", 1, lambda p: ask(m.tally_time, p, retaken=ONE)),
    "time_repeat_help": Effect("", 1, lambda p: ask(m.tally_repeats, p, AGAIN)[1]),
    "time_adapt": Effect("", 1, lambda p: ask(m.tally_time, p, levers(adaptive=1.0))),
    "time_story": Effect("", 1, lambda p: ask(m.tally_time, p, talked=ONE)),
}  # fmt: skip
#: Thresholds: they decide for some students and not for others.
STEPS = ("lost_depth", "aspiration")


def test_every_number_has_a_direction_and_every_switch_a_number() -> None:
    """A new parameter, or a new mechanism, needs a line of its own."""
    gains = {*OWN.gains.values()}  # each multiplies the numbers of its group, and does nothing by itself
    assert sorted(EFFECTS) == sorted({row.name for row in TABLE if row.kind == "mechanism"} - gains)
    assert {f"strength_{effect.switch}" for effect in EFFECTS.values() if effect.switch} == set(STRENGTHS)


@pytest.mark.parametrize("name", EFFECTS)
def test_a_number_moves_everybody_one_way(name: str) -> None:
    """From the low end of its range to the high end, through zero where the range has both sides."""
    row, effect = ROWS[name], EFFECTS[name]
    values = sorted(
        {*np.linspace(row.low, row.high, 7).round(12).tolist(), *([0.0] if row.low < 0.0 < row.high else [])}
    )
    made = np.array([np.ravel(effect.of(world(**{name: value}))) for value in values])
    steps = effect.sign * np.diff(made, axis=0)
    assert (steps >= -1e-12).all(), "nobody the other way"
    assert (steps.mean(1) > 0.0).all(), "and not nobody"
    if name not in STEPS and not name.startswith(("skip_", "dropout_", "teacher_")):
        assert (steps > 0.0).all(), "everybody"


@pytest.mark.parametrize("name", [name for name, effect in EFFECTS.items() if effect.switch])
def test_a_number_of_a_mechanism_that_is_off_moves_nobody(name: str) -> None:
    """Not by one bit."""
    row, effect = ROWS[name], EFFECTS[name]
    off = {f"strength_{effect.switch}": 0.0}
    low, middle, high = (
        np.asarray(effect.of(world(**off, **{name: value}))) for value in (row.low, row.default, row.high)
    )
    assert np.array_equal(low, middle) and np.array_equal(middle, high)
