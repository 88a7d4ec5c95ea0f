"""Pacing: the unit, its difficulty, and the task of the week."""

from setback.model.arithmetic import blend, exp, square
from setback.model.equations.readiness import readiness
from setback.model.mechanism import Param, mechanism


@mechanism(
    "conceptual procedural", strength={"forgetting": "nothing is forgotten"}, group="levels",
    effect="what was gained on a unit fades while it is repeated", source="cepeda-2006",
    parameters=(
        Param("forgetting_rate", "δ_K", 0.1, 0.0, 0.3, "share per week", "assumed",
              "Share of what was gained on a unit that is gone a week later."),
        Param("carry", "κ_C", 0.0, 0.0, 0.9, "share", "assumed",
              "Share of what was gained on a unit that is still there when the next one begins.", mechanism=""),
    ),
)  # fmt: skip
def open_unit(conceptual, procedural, cumulative_conceptual, cumulative_procedural, moved, enrolled, p):
    """A new unit starts from its prerequisites; a unit that is repeated starts from what is not yet forgotten.

    Of what was gained on the unit before, a share is among the prerequisites. Who has stopped is left with what lasts.
    """
    kept = enrolled * (1.0 - moved) * (1.0 - p.strength_forgetting * p.forgetting_rate)
    kept = kept + enrolled * moved * p.carry
    return (
        cumulative_conceptual + kept * (conceptual - cumulative_conceptual),
        cumulative_procedural + kept * (procedural - cumulative_procedural),
    )


@mechanism(
    "syllabus",
    parameters=(
        Param("syllabus_slope", "η", 0.012, 0.0, 0.03, "logit per unit", "assumed",
              "How much harder each unit is than the one before it."),
        Param("local_standard", "η_L", 0.0, 0.0, 1.0, "share", "assumed",
              "How far lessons and tests follow the level of the class: its mean of prior knowledge."),
    ),
)  # fmt: skip
def set_syllabus(unit, class_knowledge, p, q):
    """Difficulty of a unit and of its test: where the policy begins, rising with every unit.

    A local standard is higher in a class that knows more.
    """
    return q.level + p.local_standard * class_knowledge + p.syllabus_slope * q.pace * unit


@mechanism("task challenge")
def set_task(syllabus, conceptual, procedural, form):
    """Practice at the level of the syllabus."""
    return syllabus, syllabus - readiness(conceptual, procedural, form)


@mechanism(
    "fit", strength={"challenge": "every challenge suits equally well"}, group="learning from error",
    effect="learning depends on challenge through an inverted U", source="wilson-2019",
    parameters=(
        Param("best_challenge", "χ_0", -0.6, -1.8, 0.6, "logit", "assumed",
              "Challenge at which most is learnt; below 0 the task is easier than present readiness."),
        Param("challenge_curvature", "χ_2", 0.12, 0.0, 0.4, "1/logit²", "assumed",
              "How fast learning falls off on either side of the best challenge.", gained=True),
    ),
)  # fmt: skip
def desirable_challenge(challenge, p):
    """Learning depends on challenge through an inverted U."""
    return blend(p.strength_challenge, 1.0, exp(-p.challenge_curvature * square(challenge - p.best_challenge)))


@mechanism("unit_fit fit")
def pitch(challenge, p):
    """Instruction and practice are pitched at the unit."""
    fit = desirable_challenge(challenge, p)
    return fit, fit


@mechanism("task challenge", lever="adaptive", source="jansen-2013")
def match_task(task, challenge, q):
    """Practice matched to the student: "just right" challenge."""
    change = q.adaptive * (q.target - challenge)
    return task + change, challenge + change


@mechanism(
    "goals", strength={"goals": "neither"}, group="threat",
    effect="learning goals read failure as information, performance goals as a hurdle missed",
    source="dweck-leggett-1988; meece-2006",
    parameters=(
        Param("goals_climate", "χ_G", 0.0, 0.0, 0.5, "share", "meece-2006",
              "How far a friendly and cooperative class moves its students to learning goals, and one in which all are "
              "compared in public to performance goals.", gained=True),
    ),
)  # fmt: skip
def pursue_goals(goal_orientation, p, q):
    """Learning goals read a failure as information, performance goals as a hurdle missed; a climate can move them."""
    to_learn = p.goals_climate * 0.5 * (q.friendly + q.cooperation)
    to_perform = p.goals_climate * 0.5 * (q.comparison + q.public)
    own = 2.0 * goal_orientation - 1.0
    return p.strength_goals * (own * (1.0 - to_learn - to_perform) + (to_learn - to_perform))


@mechanism(
    "task challenge", lever="choice", strength={"easier_tasks": "the task as set"}, group="withdrawal",
    effect="where there is a choice, those who fear failing choose easier work", source="elliott-dweck-1988; kohn",
    parameters=(
        Param("easier_tasks_size", "χ_E", 0.8, 0.0, 2.0, "logit", "elliott-dweck-1988",
              "How much easier work somebody who fears failing chooses, where there is a free choice.", gained=True),
    ),
)  # fmt: skip
def choose_easier(task, challenge, expectancy, goals, p, q):
    """Where there is a choice, those who fear failing choose easier work.

    Fear is low expectancy under performance goals.
    """
    change = p.strength_easier_tasks * p.easier_tasks_size * q.choice * (1.0 - expectancy) * (1.0 - goals)
    return task - change, challenge - change
