"""The ordered lists that every engine walks: OPENING once, then WEEK and TALLY every week.

A phase is one call of one pure function. Its argument names are the slots that the function reads, ``writes``
are the slots that its result goes to; each phase reads what the last one wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from setback.model.equations import (
    assessment,
    attribution,
    effort,
    feelings,
    grading,
    leaving,
    opening,
    pacing,
    practice,
    readiness,
    tallies,
)
from setback.model.outcomes import NORMS

#: The longest year that can be asked for, in weeks.
LONGEST = 520
KINDS = {
    "each": "every student, from the student's own slots and the class's",
    "teacher": "once a class, from the class's slots",
    "mean": "over the class: the sum of a slot over occupied seats, divided by their number",
    "rank": "over the class: the share of seats at which a second slot is below the seat's first slot, ties halved",
    "peers": "over friends: the mean of a slot over a student's friends",
}


class Phase(NamedTuple):
    """One step of the week.

    Attributes:
        kind: one of `KINDS`.
        writes: the slots that the result goes to, in order.
        by: the function; for ``mean``, ``rank`` and ``peers`` the slots that are read, separated by blanks.
        decision: what ``u`` or ``z`` decides, a name of `setback.model.chance.DECISIONS`; "" for none.
        bind: arguments with a constant value, as pairs of name and number.
        lever: a policy lever, or a field of the flip as in ``flip.luck``; where it is 0 the phase changes no bit, and
            where it is 0 in a whole block an engine may leave the phase out.
    """

    kind: str
    writes: tuple[str, ...]
    by: Callable[..., object] | str
    decision: str = ""
    bind: tuple[tuple[str, float], ...] = ()
    lever: str = ""

    @property
    def name(self) -> str:
        """What errors and lists call this phase."""
        return f"{self.kind} of {self.by}" if isinstance(self.by, str) else self.by.__name__

    @property
    def reads(self) -> tuple[str, ...]:
        """The argument names of the function, or the slots that are averaged, ranked or shared."""
        if isinstance(self.by, str):
            return tuple(self.by.split())
        code = self.by.__code__
        return code.co_varnames[: code.co_argcount]

    def call(
        self, read: Callable[[str], Any], given: Mapping[str, object], luck: Mapping[str, Any]
    ) -> Iterable[tuple[str, Any]]:
        """Call the function; pairs of a slot's name and its new value.

        Args:
            read: gives the value of a slot by name.
            given: the records ``p``, ``q`` and ``flip``, and ``week``.
            luck: the uniform or normal numbers of each decision.
        """
        assert not isinstance(self.by, str)
        values: list[Any] = []
        bound = {name: np.float64(value) for name, value in self.bind}
        for name in self.reads:
            if name in bound:
                values.append(bound[name])
            elif name in given:
                values.append(given[name])
            else:
                values.append(luck[self.decision] if name in ("u", "z") else read(name))
        made = self.by(*values)
        return zip(self.writes, made if isinstance(made, tuple) else (made,))


def phase(
    kind: str, writes: str, by: Callable[..., object] | str, decision: str = "", lever: str = "", **bind: float
) -> Phase:
    """A `Phase` with ``writes`` as one text, its slots separated by blanks."""
    return Phase(kind, tuple(writes.split()), by, decision, tuple(bind.items()), lever)


OPENING = (
    phase("teacher", "class_level", opening.draw_class_level, "class-level"),
    phase(
        "each",
        "knowledge_score opening_knowledge conceptual procedural cumulative_conceptual cumulative_procedural",
        opening.draw_knowledge,
        "prior-knowledge",
    ),
    phase("mean", "class_knowledge", "opening_knowledge"),
    phase("each", "strong", opening.place_in_class),
    phase("mean", "class_strong", "strong"),
    phase("each", "learning_rate", opening.draw_learning_rate, "learning-rate"),
    phase("each", "resilience_score resilience reserve", opening.draw_resilience, "resilience"),
    phase("each", "attribution_style_score attribution_style", opening.draw_style, "attribution-style"),
    phase("each", "expectancy_score expectancy", opening.draw_expectancy, "expectancy"),
    phase("each", "control", opening.draw_control, "control"),
    phase("each", "interest", opening.draw_interest, "interest"),
    phase("each", "goal_orientation", opening.draw_goal_orientation, "goal-orientation"),
    phase("each", "perfectionism", opening.draw_perfectionism, "perfectionism"),
    phase("teacher", "drift_step", opening.size_of_drift),
    phase("each", "drift", opening.draw_drift, "drift-start"),
    phase(
        "each",
        "enrolled affect preparation history weeks_not_submitted moved unit units_mastered unit_passed resolve "
        "below_criterion_before knowledge_shortfall",
        opening.begin,
    ),
    # what a lever of the policy may leave as it is
    phase(
        "each",
        "ranking_margin ranking_margin_seen seat_rank percentile_rank ready retaken shared friends_shared talked",
        opening.stand_alike,
    ),
    phase("mean", "class_ready", "ready"),
)

WEEK = (
    # the unit, the task, the effort
    phase("teacher", "line", grading.draw_line),
    phase("teacher", "pressure", readiness.press),
    phase("teacher", "incentive", effort.pay_in_grades),
    phase("each", "drift", readiness.wander, "drift"),
    phase("each", "form", readiness.take_form),
    phase("each", "conceptual procedural", pacing.open_unit),
    phase("each", "syllabus", pacing.set_syllabus),
    phase("each", "task challenge", pacing.set_task),
    phase("each", "unit_fit fit", pacing.pitch),
    phase("each", "goals", pacing.pursue_goals),
    phase("each", "task challenge", pacing.match_task, lever="adaptive"),
    phase("each", "task challenge", pacing.choose_easier, lever="choice"),
    phase("each", "fit", pacing.desirable_challenge, lever="adaptive"),
    phase("each", "fit", pacing.desirable_challenge, lever="choice"),
    phase("each", "submitted", effort.submit, "hand-in"),
    phase("each", "excuse", effort.handicap_oneself),
    phase("each", "effort", effort.decide_effort),
    phase("mean", "class_enrolled", "enrolled"),
    phase("peers", "friends_effort", "effort"),
    phase("each", "effort", effort.follow_norm),
    # instruction before the attempt, the attempt and its error, instruction after it
    phase("each", "conceptual procedural preparation", practice.instruct, early=1.0),
    phase("each", "attempt_shortfall", practice.attempt, "attempt"),
    phase("each", "attempt_shortfall", practice.turn_attempt, lever="flip.practice"),
    phase("each", "practice_error error_depth", practice.err),
    phase("each", "attention", practice.attend_to_error),
    phase("each", "ego", practice.feel_threat),
    phase("each", "analysed", practice.analyse_error),
    phase("each", "helped", practice.time_support),
    phase("each", "nearness", practice.value_near_miss),
    phase("each", "conceptual procedural", practice.learn_from_error),
    phase("each", "procedural", practice.practise),
    phase("each", "preparation", practice.prepare, lever="problem_first"),
    phase("each", "shared", practice.share_error, lever="cooperation"),
    phase("peers", "friends_shared", "shared", lever="cooperation"),
    phase("each", "conceptual procedural preparation", practice.work_together, lever="cooperation"),
    phase("each", "conceptual procedural preparation", practice.instruct, lever="problem_first", early=0.0),
    # the test, the grade, and going back to it
    phase("each", "test_margin test_margin_drawn", assessment.assess, "assess"),
    phase("each", "test_margin", assessment.turn_assessment, lever="flip.luck"),
    phase("each", "met_criterion below_criterion tested_conceptual tested_procedural", assessment.judge),
    phase("each", "score heard", grading.grade),
    phase("each", "score heard", grading.grade_attempts, lever="grade_practice"),
    phase("each", "ranking_margin ranking_margin_seen", grading.stand, lever="comparison"),
    phase("rank", "seat_rank", "ranking_margin ranking_margin_seen", lever="comparison"),
    phase("each", "percentile_rank heard", grading.compare, lever="comparison"),
    phase("each", "heard", grading.turn_verdict, lever="flip.label"),
    phase("each", "heard_learning failing_grade_told", grading.hear_of_learning),
    phase("each", "conceptual procedural preparation", assessment.look_into_test),
    phase(
        "each",
        "conceptual procedural heard met_criterion retaken",
        assessment.retake,
        "retake-1",
        lever="retakes",
        number=1.0,
    ),
    phase(
        "each",
        "conceptual procedural heard met_criterion retaken",
        assessment.retake,
        "retake-2",
        lever="retakes",
        number=2.0,
    ),
    phase("each", "unit_passed", assessment.keep_pass),
    # what the student makes of it
    phase("each", "heard_attribution heard_expectancy heard_control heard_affect heard_peers", grading.receive),
    phase("each", "failing_grade failing_grade_seen grade_seen", grading.show_result),
    phase("mean", "class_failing_grade_seen", "failing_grade_seen"),
    phase("mean", "class_grade_seen", "grade_seen"),
    phase("teacher", "task_weight", attribution.weigh_task),
    phase("each", "frame_of_reference", attribution.compare_with_class),
    phase("each", "to_ability to_effort to_task to_luck", attribution.attribute),
    phase(
        "each",
        "to_ability to_effort talked",
        attribution.edit_story,
        "detect",
        lever="attribution_talk",
        helpless=NORMS["helpless_control"],
    ),
    phase("each", "to_ability to_effort control", attribution.believe_in_growth, lever="mindset_message"),
    phase("each", "resolve", attribution.resolve_to_try),
    phase("each", "attribution_style", attribution.drift_of_style),
    phase("each", "history", attribution.remember),
    phase("each", "expectancy", feelings.update_expectancy),
    phase("each", "control", feelings.update_control),
    phase("each", "hurt", feelings.take_to_heart),
    phase("each", "affect", feelings.update_affect),
    phase("each", "reserve", feelings.update_reserve),
    phase("each", "interest", feelings.update_interest),
    # who stays, and who moves on
    phase("each", "weeks_not_submitted enrolled", leaving.drop_out, "quit"),
    phase("each", "moved", leaving.keep_pace),
    phase("each", "ready", leaving.be_ready, lever="waiting"),
    phase("mean", "class_ready", "ready", lever="waiting"),
    phase("each", "moved", leaving.wait_for_class, lever="waiting"),
    phase("each", "moved", leaving.pace_oneself, lever="self_paced"),
    phase("each", "unit units_mastered cumulative_conceptual cumulative_procedural", leaving.close_unit),
)

TALLY = (
    phase("each", "weeks_practice_error weeks_below_criterion", tallies.tally_failures),
    phase(
        "each",
        "weeks_submitted_below_criterion weeks_learned_after_failure below_criterion_before knowledge_shortfall",
        tallies.tally_learning,
    ),
    phase(
        "each",
        "weeks_failure_heard failure_to_ability_total weeks_success_heard success_external_total",
        tallies.tally_causes,
    ),
    phase("each", "minutes", tallies.tally_time),
    phase("each", "weeks_failing_grade_told", tallies.tally_told, lever="told"),
    phase("each", "weeks_failing_grade_counted", tallies.tally_counted, lever="counted"),
    phase("each", "weeks_failing_grade_compared", tallies.tally_compared, lever="public"),
    phase(
        "each",
        "weeks_submitted weeks_helpless total_effort",
        tallies.tally_year,
        helpless=NORMS["helpless_control"],
    ),
    phase("each", "total_tested early_tested", tallies.tally_tests),
)


class Model(NamedTuple):
    """The three lists in order: all that an engine needs to know of the model."""

    opening: tuple[Phase, ...]
    week: tuple[Phase, ...]
    tally: tuple[Phase, ...]


PHASES = Model(OPENING, WEEK, TALLY)
