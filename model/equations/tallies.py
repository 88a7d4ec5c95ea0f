"""Tallies: what is added up over the year inside the engine, in the grammar of all equations."""

from setback.model.arithmetic import indicator


def tally_failures(errors, failures, wrong, failed):
    """Errors at the attempt (i), and results below the fixed criterion (ii): never one variable."""
    return errors + wrong, failures + failed


def tally_told(failures_told, told_failed):
    """Failing grades that students were told of (iii-a)."""
    return failures_told + told_failed


def tally_counted(failures_counted, failing, q):
    """Failing grades that count towards a record (iii-b)."""
    return failures_counted + q.counted * failing


def tally_compared(failures_compared, failing, q):
    """Failing grades that are compared or made public (iii-c)."""
    return failures_compared + q.public * failing


def tally_learning(failures_handed_in, failures_taught, open_failure, shortfall, failed, tried,
                   tested_conceptual, tested_procedural, syllabus):  # fmt: skip
    """Failures with work handed in, and those after which more knowledge was brought to the next test.

    Knowledge is compared with the difficulty of the test, without luck and form of the day.
    """
    now = syllabus - 0.5 * (tested_conceptual + tested_procedural)
    return (
        failures_handed_in + open_failure,
        failures_taught + open_failure * tried * indicator(now < shortfall - 0.000001),
        failed * tried,
        now,
    )


def tally_causes(failures_heard, failures_to_ability, successes_heard, successes_outside, heard_attribution, tried,
                 to_ability, to_task, to_luck):  # fmt: skip
    """Where the causes of failures and successes were seen, by those who handed in."""
    failed = tried * indicator(heard_attribution < 0.0)
    return (
        failures_heard + failed,
        failures_to_ability + failed * to_ability,
        successes_heard + (tried - failed),
        successes_outside + (tried - failed) * (to_task + to_luck),
    )


def tally_time(minutes, tried, enrolled, retaken, talked, p, q):
    """Teacher time outside lessons: feedback, retakes, tasks matched to a student, talks about causes."""
    marking = p.time_feedback * q.information * tried + p.time_retake * retaken
    return minutes + marking + p.time_adapt * q.adaptive * enrolled + p.time_story * talked


def tally_year(weeks_handed_in, weeks_helpless, total_effort, tried, control, effort, helpless):
    """Weeks handed in, weeks helpless, and effort spent."""
    return weeks_handed_in + tried, weeks_helpless + indicator(control < helpless), total_effort + effort


def tally_tests(total_tested, early_tested, tested_conceptual, week):
    """Conceptual knowledge at the unit tests, and at those of the first three weeks, in which the year settles."""
    return total_tested + tested_conceptual, early_tested + indicator(week < 2.5) * tested_conceptual
