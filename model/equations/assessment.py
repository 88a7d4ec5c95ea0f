"""Assessment: the unit test, and going back to it."""

from setback.model.arithmetic import indicator, logistic, maximum, minimum, where
from setback.model.equations.grading import informs
from setback.model.equations.practice import stay_with_error, timely
from setback.model.equations.readiness import readiness
from setback.model.mechanism import Param, mechanism


@mechanism(
    source="assumed",
    parameters=(
        Param("pressure_capacity", "σ_W", 0.15, -0.15, 0.5, "logit", "assumed",
              "What full stakes take from the performance at a test, against none; below 0 they help.",
              mechanism="pressure", gained=True),
    ),
)  # fmt: skip
def perform(conceptual, procedural, form, syllabus, pressure, luck, p):
    """One performance with luck of its own, less the difficulty of the test; pressure takes working capacity."""
    return readiness(conceptual, procedural, form) - p.pressure_capacity * pressure + luck - syllabus


@mechanism(
    parameters=(
        Param("assess_noise", "σ_T", 0.55, 0.3, 0.9, "logit", "assumed", "Luck in a unit test."),
        Param("noise_growth", "σ_G*", 0.35, 0.0, 0.8, "share per year", "assumed",
              "How much the luck in a unit test grows over 36 weeks, in which students grow apart; 0.35 holds its "
              "reliability."),
    ),
)  # fmt: skip
def luck_in_test(week, p):
    """Spread of the luck in a unit test; as students grow apart, a test of the same reliability has more of it."""
    return p.assess_noise * (1.0 + p.noise_growth * week / 36.0)


@mechanism(
    parameters=(
        Param("assignment_noise", "σ_A", 0.55, 0.2, 0.9, "logit", "assumed", "Luck in a graded assignment."),
    ),
)  # fmt: skip
def noise(assignment_due, week, p):
    """Spread of the luck in what is assessed this week: an assignment where one is due, else the unit test."""
    return where(assignment_due > 0.5, p.assignment_noise, luck_in_test(week, p))


@mechanism("test_margin test_margin_drawn", decision="assess")
def assess(conceptual, procedural, form, syllabus, pressure, week, z, p):
    """The unit test, after instruction."""
    margin = perform(conceptual, procedural, form, syllabus, pressure, luck_in_test(week, p) * z, p)
    return margin, margin


@mechanism("test_margin test_margin_drawn", decision="assignment", lever="assignment_every")
def assign(test_margin, assignment_due, conceptual, procedural, form, syllabus, pressure, z, p):
    """An assignment, in the week in which it is due, takes the place of the unit test, with luck of its own."""
    own = perform(conceptual, procedural, form, syllabus, pressure, p.assignment_noise * z, p)
    margin = where(assignment_due > 0.5, own, test_margin)
    return margin, margin


@mechanism("test_margin", lever="flip.luck")
def turn_assessment(test_margin, seat, week, flip):
    """A luck flip moves the noise of the test, so that its margin is the one that the twin asks for."""
    return where((seat == flip.seat) & (week == flip.week) & (flip.luck > 0.5), flip.to, test_margin)


@mechanism("met_criterion below_criterion tested_conceptual tested_procedural")
def judge(test_margin, submitted, conceptual, procedural):
    """Below the fixed criterion is a failure (ii), and so is what is not handed in."""
    passed = submitted * indicator(test_margin >= 0.0)
    return passed, 1.0 - passed, conceptual, procedural


@mechanism(
    "conceptual procedural preparation",
    strength={
        "failure_analysis": "nobody looks into a test", "correction": "nothing is learnt from it",
        "preparation": "nothing is prepared",
    },
    source="wisniewski-2020; assumed",
    parameters=(
        Param("test_preparation", "ψ_E", 0.25, 0.0, 0.8, "share", "assumed",
              "How much a test of which all was wrong, fully looked into, prepares the mind for the next unit.",
              mechanism="preparation", gained=True),
    ),
)  # fmt: skip
def look_into_test(
    conceptual, procedural, preparation, grade_learning, effort, ego, goals, control, reserve, learning_rate, p, q
):
    """A test that is looked into teaches what was missing, and prepares for what builds on it.

    As far as feedback tells; a pass tells something as well, in proportion to what was missing in it.
    """
    share = logistic(stay_with_error(goals, control, reserve, p, q) - ego)
    seen = (
        p.strength_failure_analysis
        * minimum(informs(p, q) * timely(p, q), 1.0)
        * effort
        * share
        * (1.0 - grade_learning)
    )
    gain = p.strength_correction * p.feedback_gain * seen * learning_rate
    ready = p.strength_preparation * p.test_preparation * seen
    return conceptual + gain, procedural + gain, preparation + ready * (1.0 - preparation)


@mechanism(
    "conceptual procedural grade verdict met_criterion retaken", lever="retakes",
    strength={"correction": "nothing is learnt from correcting a test"}, source="kulik-1990",
    parameters=(
        Param("retake_gain", "γ_R", 0.35, 0.0, 1.0, "logit", "kulik-1990",
              "Gain from correcting a failed test before taking it again, at full effort.", gained=True),
    ),
)  # fmt: skip
def retake(
    conceptual, procedural, grade, verdict, met_criterion, retaken, heard_learning, submitted, effort, form, syllabus,
    pressure, percentile_rank, line, assignment_due, week, number, z, p, q,
):  # fmt: skip
    """After a failing verdict a student may correct the work and take the test again, with luck of its own.

    The better grade counts; that of a retake is the test's alone, and a place in the class is not taken again. It costs
    the student time (`setback.model.equations.practice.practise`).
    """
    again = (heard_learning > 0.5) & (verdict < 0.5) & (number <= q.retakes)
    going = submitted * indicator(again)
    fixed = p.strength_correction * p.retake_gain * going * effort
    luck = noise(assignment_due, week, p) * z
    margin = perform(conceptual + fixed, procedural + fixed, form, syllabus, pressure, luck, p)
    score = logistic(margin)
    again_graded = score + q.comparison * (percentile_rank - score)
    return (
        conceptual + fixed,
        procedural + fixed,
        grade + going * maximum(again_graded - grade, 0.0),
        maximum(verdict, going * indicator(again_graded >= line)),
        maximum(met_criterion, going * indicator(margin >= 0.0)),
        retaken * indicator(number > 1.5) + going,
    )


@mechanism("unit_passed retaken_before")
def keep_pass(unit_passed, met_criterion, moved, retaken):
    """A pass counts for as long as the unit lasts; what was taken again costs time in the week to come."""
    return maximum(unit_passed * (1.0 - moved), met_criterion), retaken
