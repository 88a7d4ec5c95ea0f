"""Assessment: the unit test, and going back to it."""

from setback.model.arithmetic import indicator, logistic, maximum, where
from setback.model.equations.practice import stay_with_error
from setback.model.equations.readiness import readiness


def perform(conceptual, procedural, form, syllabus, pressure, z, p):
    """One performance with luck of its own, less the difficulty of the test; pressure takes working capacity.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048.
    """
    return readiness(conceptual, procedural, form) - p.pressure_capacity * pressure + p.assess_noise * z - syllabus


def assess(conceptual, procedural, form, syllabus, pressure, z, p):
    """The unit test, after instruction."""
    margin = perform(conceptual, procedural, form, syllabus, pressure, z, p)
    return margin, margin


def turn_assessment(test_margin, seat, week, flip):
    """A luck flip moves the noise by the least amount that carries the margin 0.05 logit across the criterion."""
    across = where(test_margin < 0.0, 0.05, -0.05)
    return where((seat == flip.seat) & (week == flip.week) & (flip.luck > 0.5), across, test_margin)


def judge(test_margin, submitted, conceptual, procedural):
    """Below the fixed criterion is a failure (ii), and so is what is not handed in."""
    passed = submitted * indicator(test_margin >= 0.0)
    return passed, 1.0 - passed, conceptual, procedural


def look_into_test(
    conceptual, procedural, preparation, heard_learning, effort, ego, goals, control, reserve, learning_rate, p, q
):
    """A failed test that is looked into teaches, and prepares for what builds on it, as far as feedback tells.

    Source: Wisniewski et al. 2020, doi:10.3389/fpsyg.2019.03087 (feedback); Kapur 2016,
    doi:10.1080/00461520.2016.1155457. Strengths: failure_analysis; neutral: nobody looks into a test; preparation;
    neutral: nothing is prepared.
    """
    share = logistic(stay_with_error(goals, control, reserve, p, q) - ego)
    seen = p.strength_failure_analysis * q.information * effort * indicator(heard_learning < 0.0) * share
    gain = p.error_gain * seen * learning_rate
    ready = p.strength_preparation * p.test_preparation * seen
    return conceptual + gain, procedural + gain, preparation + ready * (1.0 - preparation)


def retake(
    conceptual, procedural, heard, met_criterion, retaken, heard_learning, submitted, effort, form, syllabus, pressure,
    percentile_rank,
    line, number, z, p, q,
):  # fmt: skip
    """After a failing grade a student may correct the work and take the test again, with luck of its own.

    The better grade counts; that of a retake is the test's alone, and a place in the class is not taken again.

    Source: Kulik et al. 1990, doi:10.3102/00346543060002265.
    """
    again = (heard_learning < 0.0) & (heard < 0.0) & (number <= q.retakes)
    going = submitted * indicator(again)
    fixed = p.retake_gain * going * effort
    margin = perform(conceptual + fixed, procedural + fixed, form, syllabus, pressure, z, p)
    score = logistic(margin)
    better = maximum(heard, score + q.comparison * (percentile_rank - score) - line)
    return (
        conceptual + fixed,
        procedural + fixed,
        heard + going * (better - heard),
        maximum(met_criterion, going * indicator(margin >= 0.0)),
        retaken * indicator(number > 1.5) + going,
    )


def keep_pass(unit_passed, met_criterion, moved):
    """A pass counts for as long as the unit lasts."""
    return maximum(unit_passed * (1.0 - moved), met_criterion)
