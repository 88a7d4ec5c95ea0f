"""What is measured: tallies that are added up inside the engine, and what they say at the end of the year.

The tallies are phases like any other, so that a sweep keeps a few numbers a column and no traces. Every SD is of
one fixed norm per scale: the spread in the reference roster under the reference policy, with the stated test
reliability, never that of the class or arm at hand (`NORMS`, refreshed with the golden baseline).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.arithmetic import indicator, maximum
from setback.model.reading import parse_toml
from setback.model.shipped import shipped

#: Test reliability by scale: a unit test and a year-end test.
RELIABILITY = {"unit": 0.80, "year": 0.90}

#: Weeks at the beginning whose unit tests are not counted: the year has to settle.
UNSETTLED = 3
#: SDs of observed scores in the reference roster under the reference policy (logit), and the 10th percentile of
#: control at week 0, below which a student counts as helpless.
NORMS: Mapping[str, float] = parse_toml((shipped("setback.model") / "norms.toml").read_text("utf-8"), "norms.toml")
#: What intervals may take as one draw, with all that is in it: schools where a roster knows them, or classes.
CLUSTERS = ("schools", "classes")
#: Intervals over fewer schools are wide, and of skewed figures cover less often than they say.
FEW_SCHOOLS = 10


# ---- student states, for people to read --------------------------------------------------------------------
#: The states a student can be in, in the order of their numbers.
STATES = ("steady", "coping", "discouraged", "shut down", "stopped")
#: What can happen to a student in a week, for people to read.
EVENTS = (
    "all well", "error at practice (i), test passed", "test failed (ii), not graded as failing",
    "test failed (ii), told (iii-a)", "not handed in",
)  # fmt: skip
#: Weeks in a row without handing in from which a student counts as shut down; affect (points) from which a student
#: counts as discouraged, and as coping; expectancy below which a student counts as coping.
SHUT_DOWN_WEEKS, DISCOURAGED_AFFECT, COPING_AFFECT, COPING_EXPECTANCY = 2.0, 0.8, 0.2, 0.5


def student_state(enrolled, weeks_not_submitted, control, affect, expectancy, helpless, shut, much, some, low):
    """The number of a student's state: 0 steady, 1 coping, 2 discouraged, 3 shut down, 4 stopped."""
    coping = maximum(indicator(affect >= some), indicator(expectancy < low))
    discouraged = maximum(indicator(control < helpless), indicator(affect >= much))
    state = maximum(coping, maximum(2.0 * discouraged, 3.0 * indicator(weeks_not_submitted >= shut)))
    return maximum(enrolled * state, 4.0 * (1.0 - enrolled))


def states(slots: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """The states of students by number, from their slots; any shape."""
    enrolled, idle = slots["enrolled"], slots["weeks_not_submitted"]
    control, affect, expectancy = slots["control"], slots["affect"], slots["expectancy"]
    found: NDArray[Any] = student_state(
        enrolled, idle, control, affect, expectancy,
        NORMS["helpless_control"], SHUT_DOWN_WEEKS, DISCOURAGED_AFFECT, COPING_AFFECT, COPING_EXPECTANCY,
    )  # fmt: skip
    return found


# ---- the outcomes: one number a student --------------------------------------------------------------------
End = Mapping[str, NDArray[Any]]


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[Any]:
    """A share of the year's weeks, which may be parts of weeks; NaN for a student who had none."""
    return np.where(whole > 0.000001, part / np.maximum(whole, 0.000001), np.nan)


class Outcome(NamedTuple):
    """One thing measured. ``of`` makes it, for each student, from the slots at the end and the number of weeks.

    Where it is ``of_class`` its mean over a whole class says something, and that over some of the students nothing.
    """

    unit: str
    description: str
    of: Callable[[End, int], NDArray[Any]]
    of_class: bool = False


def _mean_tested(s: End, weeks: int) -> NDArray[Any]:
    """The mean of the unit tests from week 4; of all of them in a year that is over before."""
    settled = weeks > UNSETTLED
    return (s["total_tested"] - settled * s["early_tested"]) / (weeks - settled * UNSETTLED)


def _gap(s: End, weeks: int) -> NDArray[Any]:
    """A number a student whose mean over the class is the gain of its stronger students less that of the others."""
    strong, share = s["strong"], s["class_strong"]
    both = np.where((share > 0.0) & (share < 1.0), share, np.nan)
    weight = strong / both - (1.0 - strong) / (1.0 - both)
    return weight * (s["cumulative_conceptual"] - s["opening_knowledge"]) / NORMS["year_conceptual"]


def class_mean(values: NDArray[Any], axis: int = 0) -> NDArray[Any]:
    """The mean over the students of whom a value is known; NaN where it is known of none.

    Students are added one after the other, which numpy's own sum does not do of a single class: the last digits of a
    class are the same whatever stands beside it.
    """
    known = np.isfinite(values)
    total = np.add.accumulate(np.where(known, values, 0.0), axis).take(-1, axis)
    return np.where(known.any(axis), total / np.maximum(known.sum(axis), 1), np.nan)


#: What is measured of a year, by its name: how it comes from the slots of a student, its unit, and what it is.
OUTCOMES: Mapping[str, Outcome] = {
    "learning": Outcome(
        "SD", "conceptual gain on the cumulative scale over the year",
        lambda s, weeks: (s["cumulative_conceptual"] - s["opening_knowledge"]) / NORMS["year_conceptual"]),
    "learning_procedural": Outcome(
        "SD", "procedural gain on the cumulative scale over the year",
        lambda s, weeks: (s["cumulative_procedural"] - s["opening_knowledge"]) / NORMS["year_procedural"]),
    "unit_test": Outcome(
        "SD", "conceptual knowledge at the unit tests from week 4, their mean, against opening knowledge",
        lambda s, weeks: (_mean_tested(s, weeks) - s["opening_knowledge"]) / NORMS["unit_conceptual"]),
    "practice_error_rate": Outcome("share of weeks", "error at the attempt (i)", lambda s,
        weeks: s["weeks_practice_error"] / weeks),
    "below_criterion_rate": Outcome(
        "share of weeks", "below the fixed criterion, not handed in, or stopped (ii)",
        lambda s, weeks: s["weeks_below_criterion"] / weeks),
    "failing_grade_told_rate": Outcome(
        "share of weeks", "failing grade told (iii-a)", lambda s, weeks: s["weeks_failing_grade_told"] / weeks),
    "failing_grade_counted_rate": Outcome(
        "share of weeks", "failing grade counted (iii-b)", lambda s, weeks: s["weeks_failing_grade_counted"] / weeks),
    "failing_grade_compared_rate": Outcome(
        "share of weeks", "failing grade compared or made public (iii-c)",
        lambda s, weeks: s["weeks_failing_grade_compared"] / weeks),
    "learned_after_failure": Outcome(
        "share of failures", "failures with work handed in after which more knowledge was brought to the next test",
        lambda s, weeks: _share(s["weeks_learned_after_failure"], s["weeks_submitted_below_criterion"])),
    "failure_to_ability": Outcome(
        "share", "causes of failures given to ability",
        lambda s, weeks: _share(s["failure_to_ability_total"], s["weeks_failure_heard"])),
    "success_to_external": Outcome(
        "share", "causes of successes given to task, luck and others",
        lambda s, weeks: _share(s["success_external_total"], s["weeks_success_heard"])),
    "achievement_gap": Outcome(
        "SD apart", "gain of the students who began above the mean of their class, less that of the others", _gap,
        of_class=True),
    "discouraged": Outcome(
        "share of students", "discouraged or shut down at the end", lambda s, weeks: 1.0 * np.isin(states(s), (2, 3))),
    "teacher_time": Outcome(
        "minutes per week", "teacher time per student outside lessons", lambda s, weeks: s["minutes"] / weeks),
    "helpless": Outcome(
        "share of students", "control below the helplessness threshold at the end, of those enrolled",
        lambda s, weeks: np.where(s["enrolled"] > 0.5, (s["control"] < NORMS["helpless_control"]) * 1.0, np.nan)),
    "helpless_or_stopped": Outcome(
        "share of students", "helpless, shut down or stopped at the end",
        lambda s, weeks: np.maximum(
            (s["control"] < NORMS["helpless_control"]) * 1.0, 1.0 * np.isin(states(s), (3, 4)))),
    "dropout": Outcome("share of students", "stopped for good by the end", lambda s, weeks: 1.0 - s["enrolled"]),
    "submission_rate": Outcome("share of weeks", "work handed in", lambda s, weeks: s["weeks_submitted"] / weeks),
    "effort": Outcome("share", "effort, mean of the year", lambda s, weeks: s["total_effort"] / weeks),
    "expectancy": Outcome("probability", "success expectancy at the end", lambda s, weeks: s["expectancy"]),
    "control": Outcome("share", "perceived control at the end", lambda s, weeks: s["control"]),
    "affect": Outcome("points", "shame and anxiety at the end", lambda s, weeks: s["affect"]),
    "interest": Outcome("share", "interest at the end", lambda s, weeks: s["interest"]),
    "attribution_style": Outcome("share", "attribution style at the end; 1 is the helpless side", lambda s,
        weeks: s["attribution_style"]),
    "units_reached": Outcome("units", "units reached", lambda s, weeks: s["unit"]),
    "units_mastered": Outcome("units", "units left with a pass", lambda s, weeks: s["units_mastered"]),
}  # fmt: skip
