"""Targeting: who is singled out by a record of failures, and what is set for them alone."""

from setback.model.arithmetic import indicator, maximum, minimum
from setback.model.equations.grading import informs, reaches
from setback.model.equations.practice import learn_what_is_missing, timely
from setback.model.mechanism import mechanism


@mechanism("targeted", lever="target_record")
def single_out(history, enrolled, q):
    """A student is singled out as long as the record of failures reaches what the policy looks for.

    The millionth keeps rounding from deciding it.
    """
    return enrolled * indicator(q.target_record > 0.0) * indicator(history > q.target_record - 0.000001)


@mechanism("syllabus", lever="targeted_level")
def ease_tasks(syllabus, targeted, q):
    """Who is singled out gets easier tasks and tests; lessons are pitched at them, and a pass is a pass."""
    return syllabus + q.targeted_level * targeted


@mechanism("helped unhelped", lever="targeted_support", strength={"support": "never"}, source="kapur-2016")
def help_at_once(helped, unhelped, practice_error, targeted, p, q):
    """Who is singled out is helped at the first sign of struggle, in part or always."""
    more = q.targeted_support * targeted
    return helped + more * (p.strength_support * practice_error - helped), unhelped * (1.0 - more)


@mechanism("conceptual procedural", lever="targeted_information", source="wisniewski-2020")
def comment_more(
    conceptual, procedural, form, syllabus, effort, ego, goals, control, reserve, learning_rate, targeted, p, q
):
    """Who is singled out gets more feedback on the work of the week, which teaches as all feedback does.

    It is about the work: how results are heard stays as it is.
    """
    usual = informs(p, q)
    more = minimum((usual + q.targeted_information * targeted) * timely(p, q), 1.0) - minimum(usual * timely(p, q), 1.0)
    gain = learn_what_is_missing(
        more, conceptual, procedural, form, syllabus, effort, ego, goals, control, reserve, p, q
    )
    return conceptual + gain * learning_rate, procedural + gain * learning_rate


@mechanism(
    "to_ability to_effort talked", lever="targeted_talk", strength={"story_editing": "nothing is retold"},
    source="dweck-1975; wilson-2011",
)  # fmt: skip
def talk_to_targeted(to_ability, to_effort, talked, heard_attribution, enrolled, targeted, result_told, p, q):
    """Who is singled out is talked with about each failure: the record shows the need, which no teacher has to see.

    A talk that takes place anyway is not held twice.
    """
    failed = reaches(result_told, p, q) * enrolled * heard_attribution
    before = talked * indicator(q.attribution_talk > 0.0)
    more = maximum(p.strength_story_editing * q.targeted_talk * targeted * failed - before, 0.0)
    moved = p.story_editing_share * more * to_ability
    return to_ability - moved, to_effort + moved, before + more
