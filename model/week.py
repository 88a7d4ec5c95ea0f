"""The ordered lists that every engine walks: OPENING once, then WEEK and TALLY every week; and the model, a value.

A phase is one call of one pure function. Its argument names are the slots that the function reads; what it writes
stands in its declaration (`setback.model.mechanism`). Each phase reads what the last one wrote. An equation may stand
several times, with bound constants, another decision or another lever.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
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
    repeating,
    tallies,
    targeting,
)
from setback.model.keep import Keep
from setback.model.measures import custom
from setback.model.mechanism import declaration
from setback.model.outcomes import NORMS, OUTCOMES, Outcome
from setback.model.parameters import OWN, Parameters, Table
from setback.model.policies import PARTS, Part, Policy, PolicyChange, as_policy

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
        lever: a policy lever, a field of the flip as in ``flip.luck``, or a parameter as in ``p.drift_slow_sd``; where
            it is 0 the phase changes no bit, and where it is 0 in a whole block an engine may leave the phase out.
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


def call(equation: Callable[..., object], *, decision: str = "", lever: str = "", **bind: float) -> Phase:
    """Give the phase that calls an equation, as it declares itself.

    Args:
        equation: the function.
        decision: what its ``u`` or ``z`` decides, where that differs from call to call.
        lever: the lever of this call, where that differs from call to call.
        **bind: arguments with a constant value.
    """
    said = declaration(equation)
    assert said is not None, f"{equation.__name__} declares nothing"
    bound = tuple(bind.items())
    return Phase(said.kind, said.writes, equation, decision or said.decision, bound, lever or said.lever)


def over(kind: str, writes: str, reads: str, lever: str = "") -> Phase:
    """Give a phase over the class or over friends: ``mean``, ``rank`` or ``peers`` of slots that are read."""
    return Phase(kind, (writes,), reads, lever=lever)


def in_order(*steps: Callable[..., object] | Phase) -> tuple[Phase, ...]:
    """Give the phases of a list of equations, and of other steps."""
    return tuple(step if isinstance(step, Phase) else call(step) for step in steps)


OPENING = in_order(
    opening.draw_class_level,
    opening.draw_knowledge,
    opening.measure_prior,
    over("mean", "class_knowledge", "opening_knowledge"),
    opening.place_in_class,
    over("mean", "class_strong", "strong"),
    opening.draw_learning_rate,
    opening.draw_resilience,
    opening.draw_style,
    opening.draw_expectancy,
    opening.draw_confidence,
    opening.draw_control,
    opening.draw_interest,
    opening.draw_goal_orientation,
    opening.draw_handicapping,
    opening.draw_perfectionism,
    opening.draw_diligence,
    opening.draw_diligence_drift,
    opening.draw_drift,
    opening.draw_slow_drift,
    opening.begin,
    opening.begin_record,
    opening.draw_anxiety,
    opening.draw_aptitude,
    opening.nobody_is_behind,
    opening.stand_alike,
    over("mean", "class_ready", "ready"),
)

WEEK = in_order(
    # the unit, the task, the effort
    grading.announce,
    grading.draw_line,
    targeting.single_out,
    readiness.press,
    effort.pay_in_grades,
    readiness.wander,
    readiness.wander_slowly,
    readiness.take_form,
    readiness.meet_unit,
    pacing.open_unit,
    pacing.set_syllabus,
    targeting.ease_tasks,
    pacing.set_task,
    pacing.pitch,
    pacing.pursue_goals,
    pacing.match_task,
    pacing.choose_easier,
    call(pacing.desirable_challenge, lever="adaptive"),
    call(pacing.desirable_challenge, lever="choice"),
    effort.vary_diligence,
    effort.submit,
    effort.handicap_oneself,
    effort.decide_effort,
    over("mean", "class_enrolled", "enrolled"),
    over("peers", "friends_effort", "effort"),
    effort.follow_norm,
    # instruction before the attempt, the attempt and its error, instruction after it
    call(practice.instruct, early=1.0, shown=0.0),
    practice.look_at_others,
    call(practice.instruct, lever="others_attempts", early=0.0, shown=1.0),
    practice.pose_problem,
    practice.attempt,
    practice.turn_attempt,
    practice.err,
    practice.attend_to_error,
    practice.feel_threat,
    practice.analyse_error,
    practice.time_support,
    targeting.help_at_once,
    practice.value_near_miss,
    practice.learn_from_attempt,
    practice.keep_record,
    practice.try_again,
    practice.practise,
    practice.prepare,
    practice.share_error,
    over("peers", "friends_shared", "shared", lever="cooperation"),
    practice.work_together,
    call(practice.instruct, lever="problem_first", early=0.0, shown=0.0),
    practice.learn_from_feedback,
    targeting.comment_more,
    # the test, the grade, and going back to it
    assessment.assess,
    assessment.assign,
    assessment.turn_assessment,
    assessment.judge,
    grading.grade,
    grading.grade_attempts,
    grading.stand,
    over("rank", "seat_rank", "ranking_margin ranking_margin_seen", lever="comparison"),
    grading.compare,
    grading.utter,
    grading.turn_verdict,
    grading.hear_of_learning,
    assessment.look_into_test,
    call(assessment.retake, decision="retake-1", number=1.0),
    call(assessment.retake, decision="retake-2", number=2.0),
    assessment.keep_pass,
    repeating.repeat_unit,
    # what the student makes of it
    grading.take_as_failure,
    grading.succeed_in_part,
    grading.receive,
    grading.show_result,
    over("mean", "class_failing_grade_seen", "failing_grade_seen"),
    over("mean", "class_grade_seen", "grade_seen"),
    attribution.weigh_task,
    attribution.compare_with_class,
    attribution.attribute,
    call(attribution.edit_story, helpless=NORMS["helpless_control"]),
    targeting.talk_to_targeted,
    attribution.believe_in_growth,
    attribution.learn_from_models,
    attribution.resolve_to_try,
    attribution.drift_of_style,
    attribution.remember,
    feelings.update_expectancy,
    feelings.update_control,
    feelings.take_to_heart,
    feelings.hurt_in_private,
    feelings.update_affect,
    feelings.update_reserve,
    feelings.update_interest,
    feelings.grow_curious,
    feelings.keep_setback,
    # who stays, and who moves on
    leaving.drop_out,
    leaving.keep_pace,
    leaving.be_ready,
    over("mean", "class_ready", "ready", lever="waiting"),
    leaving.wait_for_class,
    leaving.pace_oneself,
    leaving.close_unit,
    repeating.set_again,
)

TALLY = in_order(
    tallies.tally_failures,
    tallies.tally_learning,
    tallies.tally_causes,
    tallies.tally_time,
    tallies.tally_comments,
    tallies.tally_told,
    tallies.tally_counted,
    tallies.tally_repeats,
    tallies.tally_compared,
    call(tallies.tally_year, helpless=NORMS["helpless_control"]),
    tallies.tally_tests,
)


@dataclass(frozen=True)
class Model:
    """A model: its phases in order, its parameter table, its named parts of policies. A value; nothing changes it.

    >>> MODEL.parameters(attribution_drift=0.1)["attribution_drift"]
    0.1

    Attributes:
        opening, week, tally: the three lists of phases.
        table: the rows of its numbers.
        parts: the named parts of policies, by name.
        added: the custom mechanisms among its phases, in the order in which they were added.
        outcomes: what may be measured, by name.
        files: the files that brought them, each with the hash of what it said; None where something was added in a
            running program, which no other process can repeat.
    """

    opening: tuple[Phase, ...]
    week: tuple[Phase, ...]
    tally: tuple[Phase, ...]
    table: Table = OWN
    parts: Mapping[str, Part] = field(default_factory=lambda: PARTS, hash=False)
    added: tuple[Callable[..., object], ...] = ()
    files: tuple[tuple[str, str], ...] | None = field(default=(), compare=False)
    outcomes: Mapping[str, Outcome] = field(default_factory=lambda: OUTCOMES, hash=False)

    def __iter__(self) -> Iterator[tuple[Phase, ...]]:
        """Go through the three lists."""
        return iter((self.opening, self.week, self.tally))

    def __reduce__(self) -> Any:
        """Pickle the model's own as its name, and another with custom mechanisms as the files that bring them.

        Raises:
            InputError: if one was added in a running program.
        """
        if self is globals().get("MODEL"):
            return "MODEL"
        if self.added or custom(self.outcomes):
            parts = {name: part for name, part in self.parts.items() if PARTS.get(name) != part}
            return _custom().rebuilt, (_custom().files_of(self), parts)
        return Model, tuple(getattr(self, one.name) for one in dataclasses.fields(self) if one.name != "outcomes")

    def __repr__(self) -> str:
        added = ", ".join(function.__name__ for function in self.added) or "nothing"
        return f"Model({sum(map(len, self))} phases, {len(self.table.rows)} numbers, added: {added})"

    def replace(self, **changes: Any) -> Model:
        """Give the same model with something changed."""
        return dataclasses.replace(self, **changes)

    def parameters(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> Parameters:
        """Give the numbers of one world of this model; see `Parameters`."""
        if isinstance(values, Parameters) and values.table == self.table and not named:
            return values
        return Parameters.of(self.table, {**(values or {}), **named})

    def policy(self, *parts: str, **levers: Any) -> Policy:
        """Give a policy that may name the parts of this model; see `Policy`."""
        return Policy.of(self.parts, *parts, **levers)

    def as_policy(
        self, policy: Policy | PolicyChange | str, weeks: int | None = None, folder: str | Path | None = None
    ) -> Policy | PolicyChange:
        """Give a policy, or the one that a text says, whose names are those of this model; see `as_policy`."""
        return as_policy(policy, weeks, folder, self.parts)

    def with_mechanism(self, function: Callable[..., object]) -> Model:
        """Give this model with a custom mechanism in its week; see `setback.model.custom.with_mechanism`."""
        found: Model = _custom().with_mechanism(self, function)
        return found

    def with_part(self, part: Part) -> Model:
        """Give this model with one more named part of a policy; see `setback.model.custom.with_part`."""
        found: Model = _custom().with_part(self, part)
        return found

    def with_outcome(self, function: Callable[..., object]) -> Model:
        """Give this model with one more outcome; see `setback.model.custom.with_outcome`."""
        found: Model = _custom().with_outcome(self, function)
        return found

    def keep(self, outcomes: Sequence[str] = (), **kept: Any) -> Keep:
        """Say what a study keeps, outcomes of this model among it: all of them unless some are named; see `Keep`."""
        return Keep(outcomes or tuple(self.outcomes), known=self.outcomes, **kept)

    def with_file(self, path: str | Path) -> Model:
        """Give this model with what a Python file brings; see `setback.model.custom.with_file`."""
        found: Model = _custom().with_file(self, path)
        return found


def _custom() -> Any:
    """The module that checks what is added to a model: it runs engines, and they import this one."""
    return import_module("setback.model.custom")


#: The model as it ships.
MODEL = Model(OPENING, WEEK, TALLY)
