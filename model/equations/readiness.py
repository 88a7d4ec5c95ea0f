"""Readiness: what a student can bring to a task today."""


def readiness(conceptual, procedural, form):
    """The mean of both kinds of unit knowledge, and the form of the day."""
    return 0.5 * (conceptual + procedural) + form


def wander(drift, drift_step, z, p):
    """Readiness wanders for reasons unrelated to failing: an AR(1) of free size and memory.

    Source: assumed. Strength: drift; neutral: no drift.
    """
    return p.drift_memory * drift + drift_step * z


def take_form(drift, affect, p):
    """The form of the day: what drift adds, less what shame and anxiety take away.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048 (anxiety impairs performance).
    """
    return drift - p.impairment * affect


def press(p, q):
    """Stakes above those of the reference policy press on the student, stakes below them give relief.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048. Strength: pressure; neutral: the stakes of the
    reference policy, 0.5.
    """
    return p.strength_pressure * (q.stakes - 0.5)
