"""What a student and a class carry from week to week, and what is only observed: every slot with its unit and range.

A slot is an array: ``(seat, column)`` if it is a student's, ``(1, column)`` if it is the class's, where a column
is one classroom in one world. A phase reads slots by name and writes slots by name; there is nothing else to a
simulation.

- `ROSTER`: what the roster gives before the year begins.
- `OPENED`: made once by the opening phases (traits, and numbers that stay fixed for the year).
- `STATE`: carried from week to week.
- `TRACE`: made anew each week, observed, not carried.
- `TALLY`: added up over the year.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Slot(NamedTuple):
    """One named array. ``of`` is ``student`` or ``class``; ``low`` and ``high`` are the bounds it stays within."""

    name: str
    of: str
    unit: str
    low: float
    high: float
    description: str


INF = float("inf")

#: Traits that a roster may give, as standard scores; what it does not give is drawn.
TRAITS: Mapping[str, str] = {
    "prior_knowledge": "what the student knows of the subject when the year begins",
    "learning_rate": "how fast the student learns, as a multiple of the average",
    "resilience": "baseline resilience: how well the student withstands and recovers",
    "attribution_style": "the helpless side of attribution: failures to ability, successes to luck",
    "expectancy": "opening success expectancy (self-efficacy)",
    "confidence": "a stable bias of expectancy: how far the student over- or underestimates oneself",
    "control": "opening perceived control; its low end is helplessness",
    "anxiety": "the level of shame and anxiety that the student returns to",
    "interest": "opening interest in the subject",
    "goal_orientation": "learning goals rather than performance goals",
    "perfectionism": "how far self-worth hangs on flawless work",
    "diligence": "a stable disposition to hand work in",
}


def _roster() -> tuple[Slot, ...]:
    slots = [
        Slot("present", "student", "0 or 1", 0, 1, "somebody sits on this seat"),
        Slot("seat", "student", "number", 0, INF, "seat number, from 0"),
    ]
    for name, what in TRAITS.items():
        slots.append(Slot(f"given_{name}", "student", "standard score", -INF, INF, f"as the roster has it: {what}"))
        slots.append(Slot(f"known_{name}", "student", "0 or 1", 0, 1, f"the roster has it: {name}"))
    return tuple(slots)


ROSTER = _roster()

OPENED = (
    Slot("class_level", "class", "standard score", -INF, INF, "how this class compares with others"),
    Slot("class_knowledge", "class", "logit", -INF, INF, "mean of the class in prior knowledge"),
    Slot("class_strong", "class", "share", 0, 1, "share of the class above that mean"),
    Slot("strong", "student", "0 or 1", 0, 1, "began the year above the mean of the class"),
    Slot("knowledge_score", "student", "standard score", -INF, INF, "prior knowledge within the population"),
    Slot("prior_measured", "student", "standard score", -INF, INF, "prior knowledge as a score on paper has it"),
    Slot("resilience_score", "student", "standard score", -INF, INF, "resilience within the population"),
    Slot("attribution_style_score", "student", "standard score", -INF, INF, "attribution style within the population"),
    Slot("control_score", "student", "standard score", -INF, INF, "opening perceived control within the population"),
    Slot("expectancy_score", "student", "standard score", -INF, INF, "opening expectancy within the population"),
    Slot("opening_knowledge", "student", "logit", -INF, INF, "cumulative knowledge when the year began"),
    Slot("learning_rate", "student", "multiple", 0, INF, TRAITS["learning_rate"]),
    Slot("confidence", "student", "multiple", 0, INF, "odds of success that the student sees in what the result says"),
    Slot("anxiety", "student", "points", 0, INF, TRAITS["anxiety"]),
    Slot("handicapping", "student", "multiple", 0, INF, "tendency to excuses in advance, against the average"),
    Slot("resilience", "student", "share", 0, 1, TRAITS["resilience"]),
    Slot("goal_orientation", "student", "share", 0, 1, TRAITS["goal_orientation"]),
    Slot("perfectionism", "student", "share", 0, 1, TRAITS["perfectionism"]),
    Slot("diligence_score", "student", "standard score", -INF, INF, "diligence within the population"),
    Slot("diligence", "student", "logit", -INF, INF, f"{TRAITS['diligence']}; 0 is the average student's"),
)

STATE = (
    Slot("conceptual", "student", "logit", -INF, INF, "conceptual knowledge of the present unit"),
    Slot("procedural", "student", "logit", -INF, INF, "procedural knowledge of the present unit"),
    Slot("cumulative_conceptual", "student", "logit", -INF, INF, "conceptual knowledge that lasts beyond its unit"),
    Slot("cumulative_procedural", "student", "logit", -INF, INF, "procedural knowledge that lasts beyond its unit"),
    Slot("expectancy", "student", "probability", 0, 1, "success expectancy (self-efficacy)"),
    Slot("control", "student", "share", 0, 1, "perceived control; its low end is helplessness"),
    Slot("attribution_style", "student", "share", 0, 1, "attribution style; 1 is the helpless side"),
    Slot("interest", "student", "share", 0, 1, "interest in the subject"),
    Slot("reserve", "student", "share", 0, 1, "resilience reserve, spent and restored"),
    Slot("affect", "student", "points", 0, INF, "negative affect: shame and anxiety; 0 is none"),
    Slot("preparation", "student", "share", 0, 1, "what a struggle activated and no instruction has used yet"),
    Slot("history", "student", "share", 0, 1, "failures in the student's own recent record"),
    Slot("drift", "student", "logit", -INF, INF, "ups and downs that have nothing to do with failing"),
    Slot("slow_drift", "student", "logit", -INF, INF, "the same over months rather than weeks"),
    Slot("diligence_drift", "student", "logit", -INF, INF, "ups and downs of diligence, unrelated to failing as well"),
    Slot("aptitude", "student", "logit", -INF, INF, "how well the present unit suits the student; a part of the form"),
    Slot("enrolled", "student", "0 or 1", 0, 1, "still in the class; 0 after stopping for good"),
    Slot("weeks_not_submitted", "student", "weeks", 0, INF, "weeks in a row without handing in"),
    Slot("below_criterion_before", "student", "0 or 1", 0, 1, "failed last week with work handed in"),
    Slot(
        "knowledge_shortfall",
        "student",
        "logit",
        -INF,
        INF,
        "difficulty of the last test less the knowledge brought to it",
    ),
    Slot("moved", "student", "units", 0, 1, "units moved on since last week"),
    Slot("unit", "student", "units", 0, INF, "units reached"),
    Slot("units_mastered", "student", "units", 0, INF, "units left with a pass at the fixed criterion"),
    Slot(
        "unit_passed",
        "student",
        "0 or 1",
        0,
        1,
        "the present unit was passed at the fixed criterion, this week or before",
    ),
    Slot("record", "student", "share", 0, 1, "record of the last error at practice, as far as it was analysed"),
    Slot("resolve", "student", "share", 0, 1, "last week's failure, as far as it was put down to effort and strategy"),
    Slot("setback", "student", "share", 0, 1, "last week's failure, as it was felt, with work handed in"),
    Slot("retaken_before", "student", "tests", 0, INF, "tests taken again last week"),
    Slot("repeats_left", "student", "weeks", 0, INF, "weeks in which a failed unit is still to be set again"),
    Slot("repeat_margin", "student", "logit", -INF, INF, "knowledge of that unit less its difficulty"),
    Slot("repeat_units", "student", "units", 0, 1, "how much of a unit it is that was left without being mastered"),
    Slot("repeat_record", "student", "share", 0, 1, "what the failure of that unit is worth in the student's record"),
)

TRACE = (
    Slot("assignment_due", "class", "0 or 1", 0, 1, "a graded assignment is due this week"),
    Slot("result_told", "class", "share", 0, 1, "how far students are told this week that they passed or failed"),
    Slot("result_counted", "class", "share", 0, 1, "how far the week's result counts towards a record"),
    Slot("result_public", "class", "share", 0, 1, "how far the week's results are compared or made public"),
    Slot("line", "class", "share", 0, 1, "grade at which this policy begins to call a result a pass"),
    Slot("pressure", "class", "share", -1, 1, "stakes of a test, against those of the reference policy"),
    Slot("incentive", "class", "share", -1, 1, "value that a grade adds to the work"),
    Slot("targeted", "student", "0 or 1", 0, 1, "singled out by a record of failures"),
    Slot("goals", "student", "share", -1, 1, "1 pursues learning goals, -1 performance goals, 0 neither"),
    Slot("form", "student", "logit", -INF, INF, "form of the day: both drifts, less what shame and anxiety take away"),
    Slot("syllabus", "student", "logit", -INF, INF, "difficulty of the student's present unit and of its test"),
    Slot("task", "student", "logit", -INF, INF, "difficulty of the week's practice tasks"),
    Slot("challenge", "student", "logit", -INF, INF, "task difficulty less present readiness"),
    Slot("fit", "student", "share", 0, 1, "how well the challenge of the task suits practice; 1 is best"),
    Slot("unit_fit", "student", "share", 0, 1, "how well the challenge of the unit suits instruction; 1 is best"),
    Slot("submitted", "student", "0 or 1", 0, 1, "handed in this week"),
    Slot("excuse", "student", "logit", -INF, INF, "effort held back as an excuse in advance"),
    Slot("effort", "student", "share", 0, 1, "effort spent this week"),
    Slot("friends_effort", "student", "share", 0, 1, "mean effort of the student's friends"),
    Slot(
        "attempt_shortfall",
        "student",
        "logit",
        -INF,
        INF,
        "how far the attempt fell short of the task; below 0 it went past it",
    ),
    Slot("practice_error", "student", "0 or 1", 0, 1, "error at the attempt (i)"),
    Slot("error_depth", "student", "logit", 0, INF, "depth of that error: how far the attempt fell short"),
    Slot("attention", "student", "logit", -INF, INF, "attention that the error draws, by its surprise"),
    Slot("ego", "student", "logit", 0, INF, "threat to the self that stands between student and error"),
    Slot("analysed", "student", "share", 0, 1, "share of the error that was analysed"),
    Slot("shared", "student", "share", 0, 1, "what the student lets friends know of an analysed error"),
    Slot("friends_shared", "student", "share", 0, 1, "mean of what the student's friends let one know"),
    Slot("helped", "student", "share", 0, 1, "how far the teacher stepped in"),
    Slot("unhelped", "student", "share", 0, 1, "how far the student was lost and nobody stepped in"),
    Slot("recovered", "student", "share", 0, 1, "share of the error that a second attempt made good"),
    Slot("nearness", "student", "multiple", 0, INF, "worth of the error for its depth; 1 for a near miss"),
    Slot(
        "test_margin",
        "student",
        "logit",
        -INF,
        INF,
        "assessment: performance less difficulty; below 0 is a failure (ii)",
    ),
    Slot("test_margin_drawn", "student", "logit", -INF, INF, "that margin before anything was turned round"),
    Slot("ranking_margin", "student", "logit", -INF, INF, "the margin by which the student is ranked"),
    Slot("ranking_margin_seen", "student", "logit", -INF, INF, "the margin by which classmates see the student ranked"),
    Slot(
        "below_criterion",
        "student",
        "0 or 1",
        0,
        1,
        "failure (ii): margin below the fixed criterion, not handed in, or stopped",
    ),
    Slot("met_criterion", "student", "0 or 1", 0, 1, "passed at the fixed criterion this week, retakes included"),
    Slot("tested_conceptual", "student", "logit", -INF, INF, "conceptual knowledge at the unit test"),
    Slot("tested_procedural", "student", "logit", -INF, INF, "procedural knowledge at the unit test"),
    Slot("class_enrolled", "class", "share", 0, 1, "share of the class still enrolled"),
    Slot("seat_rank", "student", "share", 0, 1, "share of the seats ranked below, ties halved"),
    Slot("percentile_rank", "student", "share", 0, 1, "place among those enrolled; 0 when not handed in"),
    Slot("score", "student", "share", 0, 1, "score of the test; 0 when not handed in"),
    Slot("grade", "student", "share", 0, 1, "the grade: score, place or both; 0 when not handed in"),
    Slot("verdict", "student", "0 or 1", 0, 1, "what the policy calls the result: 1 passed, 0 failed"),
    Slot("failure", "student", "share", 0, 1, "what the result is taken for: 1 a failure, 0 a success"),
    Slot("heard_learning", "student", "0 or 1", 0, 1, "failing verdict, as it reaches going back to the error"),
    Slot("heard_attribution", "student", "share", 0, 1, "failure, as it reaches the reading of causes"),
    Slot("heard_expectancy", "student", "0 or 1", 0, 1, "failing verdict, as it reaches success expectancy"),
    Slot("heard_control", "student", "share", 0, 1, "failure, as it reaches perceived control"),
    Slot("heard_affect", "student", "share", 0, 1, "failure, as it reaches affect, reserve and interest"),
    Slot("heard_peers", "student", "share", 0, 1, "failure, as it reaches classmates"),
    Slot("grade_learning", "student", "share", 0, 1, "score, as it reaches going back to the error"),
    Slot("grade_expectancy", "student", "share", 0, 1, "grade, as it reaches success expectancy"),
    Slot("grade_affect", "student", "share", 0, 1, "grade, as it reaches affect"),
    Slot("grade_peers", "student", "share", 0, 1, "grade, as it reaches classmates"),
    Slot("failing_grade_told", "student", "0 or 1", 0, 1, "told of a failing grade (iii-a)"),
    Slot("retaken", "student", "tests", 0, INF, "tests taken again this week"),
    Slot("repeated", "student", "0 or 1", 0, 1, "a failed unit was corrected and tested again this week"),
    Slot("repeat_passed", "student", "0 or 1", 0, 1, "and the second test was passed, which clears the record"),
    Slot("failing_grade", "student", "0 or 1", 0, 1, "failing grade in the end, retakes included"),
    Slot("failing_grade_seen", "student", "share", 0, 1, "failure, as classmates see it"),
    Slot("grade_seen", "student", "share", 0, 1, "the grade, as classmates see it; 0 after stopping"),
    Slot("class_failing_grade_seen", "class", "share", 0, 1, "share of the class that failed, as classmates see it"),
    Slot("class_grade_seen", "class", "share", 0, 1, "mean of the grades that classmates see"),
    Slot("frame_of_reference", "student", "share", -1, 1, "how the own result looks beside those of the class"),
    Slot(
        "hurt",
        "student",
        "multiple",
        0,
        INF,
        "how much a result hurts, by cause, goals and aspiration",
    ),
    Slot("private_hurt", "student", "points", -INF, INF, "shame and anxiety that an error at practice adds by itself"),
    Slot("task_weight", "class", "multiple", 0, INF, "weight of the task among the causes of a failure, by consensus"),
    Slot("to_ability", "student", "share", 0, 1, "share of the cause given to ability"),
    Slot("to_effort", "student", "share", 0, 1, "share of the cause given to effort and strategy"),
    Slot("to_task", "student", "share", 0, 1, "share of the cause given to the task"),
    Slot("to_luck", "student", "share", 0, 1, "share of the cause given to luck and others"),
    Slot("talked", "student", "share", 0, 1, "the teacher talked with the student about the causes of a failure"),
    Slot("ready", "student", "0 or 1", 0, 1, "ready to move on, or no longer waited for"),
    Slot("class_ready", "class", "share", 0, 1, "share of the class that is ready to move on"),
)

TALLY = (
    Slot("weeks_practice_error", "student", "weeks", 0, INF, "weeks with an error at the attempt (i)"),
    Slot(
        "weeks_below_criterion",
        "student",
        "weeks",
        0,
        INF,
        "weeks below the fixed criterion, not handed in, or stopped (ii)",
    ),
    Slot("weeks_failing_grade_told", "student", "weeks", 0, INF, "weeks with a failing grade told (iii-a)"),
    Slot("weeks_failing_grade_counted", "student", "weeks", 0, INF, "weeks with a failing grade counted (iii-b)"),
    Slot(
        "weeks_failing_grade_compared",
        "student",
        "weeks",
        0,
        INF,
        "weeks with a failing grade compared or made public (iii-c)",
    ),
    Slot(
        "weeks_submitted_below_criterion",
        "student",
        "weeks",
        0,
        INF,
        "failures (ii) with work handed in, last week's not counted",
    ),
    Slot(
        "weeks_learned_after_failure",
        "student",
        "weeks",
        0,
        INF,
        "of these, followed by a test to which more knowledge was brought",
    ),
    Slot(
        "weeks_failure_heard",
        "student",
        "weeks",
        0,
        INF,
        "weeks with a failing grade as it reaches the reading of causes",
    ),
    Slot("failure_to_ability_total", "student", "weeks", 0, INF, "cause of these given to ability, added up"),
    Slot(
        "weeks_success_heard",
        "student",
        "weeks",
        0,
        INF,
        "weeks with a passing grade as it reaches the reading of causes",
    ),
    Slot(
        "success_external_total", "student", "weeks", 0, INF, "cause of these given to task, luck and others, added up"
    ),
    Slot("minutes", "student", "minutes", 0, INF, "teacher time spent on the student outside lessons"),
    Slot("weeks_submitted", "student", "weeks", 0, INF, "weeks handed in"),
    Slot("weeks_helpless", "student", "weeks", 0, INF, "weeks with control below the helplessness threshold"),
    Slot("total_effort", "student", "weeks", 0, INF, "effort added up over the year"),
    Slot(
        "total_tested", "student", "logit", -INF, INF, "conceptual knowledge at the unit tests, added up over the year"
    ),
    Slot("early_tested", "student", "logit", -INF, INF, "the part of it that belongs to the first three weeks"),
)

SLOTS: Mapping[str, Slot] = {s.name: s for s in (*ROSTER, *OPENED, *STATE, *TRACE, *TALLY)}


class Flip(NamedTuple):
    """What an equation reads as ``flip``: one outcome of one student turned round, the rest left alone.

    Each field is a number, or a row with one number a column. The default turns nothing.
    """

    seat: float = -1.0  # whose outcome is turned; -1 is nobody's
    week: float = -1.0  # in which week, from 0
    luck: float = 0.0  # 1: the noise of the assessment is moved, so that its margin is ``to``
    label: float = 0.0  # 1: the verdict alone is turned
    practice: float = 0.0  # 1: the noise of the attempt carries it across the difficulty of the task
    depth: float = 0.0  # practice flip: depth to which the attempt is set; 0 carries it just across
    to: float = 0.0  # luck flip: the margin that is asked for (logit)
