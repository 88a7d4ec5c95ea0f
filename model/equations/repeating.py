"""Repeating: a failed unit is set again beside the new one."""

from setback.model.arithmetic import indicator, maximum, where
from setback.model.equations.assessment import perform
from setback.model.equations.grading import reaches
from setback.model.equations.practice import set_again_now
from setback.model.mechanism import Param, mechanism


@mechanism(
    "units_mastered cumulative_conceptual cumulative_procedural history repeats_left repeat_margin repeat_units "
    "repeated repeat_passed",
    decision="repeat", lever="repeats", strength={"correction": "nothing is learnt from correcting a failed unit"},
    source="kulik-1990",
    parameters=(
        Param("repeat_gain", "γ_W", 0.35, 0.0, 1.0, "logit", "assumed",
              "How much full help adds to what correcting a failed unit gives, which is what correcting a failed test "
              "gives.", gained=True),
    ),
)  # fmt: skip
def repeat_unit(
    units_mastered, cumulative_conceptual, cumulative_procedural, history, repeats_left, repeat_margin, repeat_units,
    repeat_record, submitted, effort, form, pressure, z, p, q,
):  # fmt: skip
    """A failed unit that is set again is corrected and tested again, with luck of its own, beside the new unit.

    Help adds to what is corrected; of the gain a part lasts. The second test is marked by the policy's cut, never by
    rank. Its verdict is not heard again by anything that a student feels: a pass clears the failure from the record,
    and counts for the units mastered where it meets the fixed criterion. What a student forgets of the unit in these
    few weeks is left out. Who hands nothing in has let this time go by.
    """
    turn = set_again_now(repeats_left, q)
    tried = submitted * turn
    gain = p.strength_correction * (p.retake_gain + p.repeat_gain * q.repeat_help) * effort * tried
    known = repeat_margin + gain
    margin = perform(known, known, form, 0.0, pressure, p.assess_noise * z, p)
    passed = tried * indicator(margin >= q.cut)
    mastered = tried * indicator(margin >= 0.0)
    return (
        units_mastered + mastered * repeat_units,
        cumulative_conceptual + p.retention * gain,
        cumulative_procedural + p.retention * gain,
        maximum(history - passed * repeat_record, 0.0),
        (repeats_left - turn) * (1.0 - passed),
        known,
        repeat_units * (1.0 - mastered),
        tried,
        passed,
    )


@mechanism(
    "repeats_left repeat_margin repeat_units repeat_record", lever="repeats", strength={"attribution": "no record"},
    source="kulik-1990",
)  # fmt: skip
def set_again(
    repeats_left, repeat_margin, repeat_units, repeat_record, verdict, heard_attribution, enrolled, moved, unit_passed,
    assignment_due, conceptual, procedural, syllabus, result_told, p, q,
):  # fmt: skip
    """A unit with a failing verdict, once it is left behind, is set again in the weeks that follow.

    One unit at a time: the last one failed takes the place of another. It is remembered how far the student is from it,
    and what its failure is worth in the record, which fades as the record does. Quizzes between assignments are no
    results; a unit that the student stays with anyway is not set again.
    """
    works = enrolled * indicator(q.repeats > 0.0)
    graded = where(q.assignment_every > 0.0, assignment_due, 1.0)
    failed = works * graded * indicator(verdict < 0.5) * indicator(moved > 0.5)
    rate = p.strength_attribution * (1.0 - p.history_memory)
    return (
        where(failed > 0.5, q.repeats, repeats_left),
        where(failed > 0.5, 0.5 * (conceptual + procedural) - syllabus, repeat_margin),
        where(failed > 0.5, moved * (1.0 - unit_passed), repeat_units),
        where(
            failed > 0.5, rate * reaches(result_told, p, q) * heard_attribution, repeat_record * (1.0 - works * rate)
        ),
    )
