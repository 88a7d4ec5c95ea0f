"""Tallies: what is added up over the year inside the engine, in the grammar of all equations."""

from setback.model.arithmetic import indicator, maximum, minimum
from setback.model.mechanism import mechanism


@mechanism("weeks_practice_error weeks_below_criterion")
def tally_failures(weeks_practice_error, weeks_below_criterion, practice_error, below_criterion):
    """Errors at the attempt (i), and results below the fixed criterion (ii): never one variable."""
    return weeks_practice_error + practice_error, weeks_below_criterion + below_criterion


@mechanism("weeks_failing_grade_told", lever="told")
def tally_told(weeks_failing_grade_told, failing_grade_told):
    """Failing grades that students were told of (iii-a)."""
    return weeks_failing_grade_told + failing_grade_told


@mechanism("weeks_failing_grade_counted", lever="counted")
def tally_counted(weeks_failing_grade_counted, failing_grade, result_counted):
    """Failing grades that count towards a record (iii-b)."""
    return weeks_failing_grade_counted + result_counted * failing_grade


@mechanism("weeks_failing_grade_counted minutes", lever="repeats")
def tally_repeats(weeks_failing_grade_counted, minutes, repeated, repeat_passed, p, q):
    """A failure that a repeated unit clears counts no longer; what is set again takes the teacher's time, help more."""
    cleared = maximum(weeks_failing_grade_counted - q.counted * repeat_passed, 0.0)
    return cleared, minutes + (p.time_retake + p.time_repeat_help * q.repeat_help) * repeated


@mechanism("minutes", lever="targeted_information")
def tally_comments(minutes, submitted, targeted, p, q):
    """Teacher time for the feedback that those who are singled out get beside what all get."""
    more = minimum(q.information + q.targeted_information * targeted, 1.0) - q.information
    return minutes + p.time_feedback * more * submitted


@mechanism("weeks_failing_grade_compared", lever="public")
def tally_compared(weeks_failing_grade_compared, failing_grade, result_public):
    """Failing grades that are compared or made public (iii-c)."""
    return weeks_failing_grade_compared + result_public * failing_grade


@mechanism("weeks_submitted_below_criterion weeks_learned_after_failure below_criterion_before knowledge_shortfall")
def tally_learning(weeks_submitted_below_criterion, weeks_learned_after_failure, below_criterion_before,
    knowledge_shortfall, below_criterion, submitted,
                   tested_conceptual, tested_procedural, syllabus):  # fmt: skip
    """Failures with work handed in, and those after which more knowledge was brought to the next test.

    Knowledge is compared with the difficulty of the test, without luck and form of the day.
    """
    now = syllabus - 0.5 * (tested_conceptual + tested_procedural)
    return (
        weeks_submitted_below_criterion + below_criterion_before,
        weeks_learned_after_failure
        + below_criterion_before * submitted * indicator(now < knowledge_shortfall - 0.000001),
        below_criterion * submitted,
        now,
    )


@mechanism("weeks_failure_heard failure_to_ability_total weeks_success_heard success_external_total")
def tally_causes(weeks_failure_heard, failure_to_ability_total, weeks_success_heard, success_external_total,
    heard_attribution, submitted,
                 to_ability, to_task, to_luck):  # fmt: skip
    """Where the causes of failures and successes were seen, by those who handed in."""
    failed = submitted * heard_attribution
    return (
        weeks_failure_heard + failed,
        failure_to_ability_total + failed * to_ability,
        weeks_success_heard + (submitted - failed),
        success_external_total + (submitted - failed) * (to_task + to_luck),
    )


@mechanism("minutes")
def tally_time(minutes, submitted, enrolled, retaken, talked, p, q):
    """Teacher time outside lessons: feedback, retakes, tasks matched to a student, talks about causes."""
    marking = p.time_feedback * q.information * submitted + p.time_retake * retaken
    return minutes + marking + p.time_adapt * q.adaptive * enrolled + p.time_story * talked


@mechanism("weeks_submitted weeks_helpless total_effort")
def tally_year(weeks_submitted, weeks_helpless, total_effort, submitted, enrolled, control, effort, helpless):
    """Weeks handed in, weeks enrolled and helpless, and effort spent; who has stopped is counted apart."""
    now = enrolled * indicator(control < helpless)
    return weeks_submitted + submitted, weeks_helpless + now, total_effort + effort


@mechanism("total_tested early_tested")
def tally_tests(total_tested, early_tested, tested_conceptual, week):
    """Conceptual knowledge at the unit tests, and at those of the first three weeks, in which the year settles."""
    return total_tested + tested_conceptual, early_tested + indicator(week < 2.5) * tested_conceptual
