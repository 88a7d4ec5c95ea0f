"""Pacing: the unit, its difficulty, and the task of the week."""

from setback.model.arithmetic import blend, exp, square
from setback.model.equations.readiness import readiness


def open_unit(conceptual, procedural, cumulative_conceptual, cumulative_procedural, moved, enrolled, p):
    """A new unit starts from its prerequisites; a unit that is repeated starts from what is not yet forgotten.

    Who has stopped is left with what lasts.

    Source: Cepeda et al. 2006, doi:10.1037/0033-2909.132.3.354. Strength: forgetting; neutral: nothing is forgotten.
    """
    kept = enrolled * (1.0 - moved) * (1.0 - p.strength_forgetting * p.forgetting_rate)
    return (
        cumulative_conceptual + kept * (conceptual - cumulative_conceptual),
        cumulative_procedural + kept * (procedural - cumulative_procedural),
    )


def set_syllabus(unit, p, q):
    """Difficulty of a unit and of its test: where the policy begins, rising with every unit."""
    return q.level + p.syllabus_slope * q.pace * unit


def set_task(syllabus, conceptual, procedural, form):
    """Practice at the level of the syllabus."""
    return syllabus, syllabus - readiness(conceptual, procedural, form)


def desirable_challenge(challenge, p):
    """Learning depends on challenge through an inverted U.

    Source: Wilson et al. 2019, doi:10.1038/s41467-019-12552-4 (the form, not the level). Strength: challenge;
    neutral: every challenge suits equally well.
    """
    return blend(p.strength_challenge, 1.0, exp(-p.challenge_curvature * square(challenge - p.best_challenge)))


def pitch(challenge, p):
    """Instruction and practice are pitched at the unit."""
    fit = desirable_challenge(challenge, p)
    return fit, fit


def match_task(task, challenge, q):
    """Practice matched to the student: "just right" challenge.

    Source: Steenbergen-Hu et al. 2016, doi:10.3102/0034654316675417.
    """
    change = q.adaptive * (q.target - challenge)
    return task + change, challenge + change


def pursue_goals(goal_orientation, p):
    """Learning goals read a failure as information, performance goals as a hurdle missed.

    Source: Dweck & Leggett 1988, doi:10.1037/0033-295X.95.2.256. Strength: goals; neutral: neither.
    """
    return p.strength_goals * (2.0 * goal_orientation - 1.0)


def choose_easier(task, challenge, expectancy, goals, p, q):
    """Where there is a choice, those who fear failing choose easier work.

    Fear is low expectancy under performance goals.

    Source: Diener & Dweck 1978, doi:10.1037/0022-3514.36.5.451; Kohn. Strength: easier_tasks; neutral: the task as set.
    """
    change = p.strength_easier_tasks * p.easier_tasks_size * q.choice * (1.0 - expectancy) * (1.0 - goals)
    return task - change, challenge - change
