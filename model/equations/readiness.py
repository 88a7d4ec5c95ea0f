"""Readiness: what a student can bring to a task today."""

from setback.model.arithmetic import sqrt
from setback.model.mechanism import Param, mechanism


def readiness(conceptual, procedural, form):
    """The mean of both kinds of unit knowledge, and the form of the day."""
    return 0.5 * (conceptual + procedural) + form


def wandering(now, sd, memory, z):
    """A week of an AR(1): part of it is still there, and so much is new that its spread stays the same all year."""
    return memory * now + sd * sqrt(1.0 - memory * memory) * z


@mechanism(
    "drift", decision="drift", strength={"drift": "no drift"}, group="levels",
    effect="readiness wanders for reasons unrelated to failing", source="assumed",
    parameters=(
        Param("drift_sd", "σ_D", 0.3, 0.0, 0.8, "logit", "assumed",
              "Size of the ups and downs that have nothing to do with failing (home, sleep, other subjects)."),
        Param("drift_memory", "φ_D", 0.8, 0.0, 0.98, "share per week", "assumed",
              "How much of last week's ups and downs is still there this week."),
    ),
)  # fmt: skip
def wander(drift, z, p):
    """Readiness wanders for reasons unrelated to failing: an AR(1) of free size and memory."""
    return wandering(drift, p.strength_drift * p.drift_sd, p.drift_memory, z)


@mechanism(
    "slow_drift", decision="slow-drift", lever="p.drift_slow_sd", strength={"drift": "no drift"}, source="assumed",
    parameters=(
        Param("drift_slow_sd", "σ_D*", 0.0, 0.0, 0.8, "logit", "assumed",
              "Size of ups and downs that last for months and have nothing to do with failing."),
        Param("drift_slow_memory", "φ_D*", 0.98, 0.9, 0.999, "share per week", "assumed",
              "How much of last week's slow ups and downs is still there this week."),
    ),
)  # fmt: skip
def wander_slowly(slow_drift, z, p):
    """Readiness has a slow drift as well, over months rather than weeks."""
    return wandering(slow_drift, p.strength_drift * p.drift_slow_sd, p.drift_slow_memory, z)


@mechanism(
    "form", source="embse-2018",
    parameters=(
        Param("impairment", "λ_P", 0.3, 0.0, 0.8, "logit per point", "embse-2018",
              "How much shame and anxiety take from present readiness.", mechanism="affect", gained=True),
    ),
)  # fmt: skip
def take_form(drift, slow_drift, affect, p):
    """The form of the day: what both drifts add, less what shame and anxiety take away."""
    return drift + slow_drift - p.impairment * affect


@mechanism("aptitude form", decision="aptitude", lever="p.aptitude_sd", source="assumed")
def meet_unit(aptitude, form, moved, z, p):
    """A unit suits a student more or less, and one that the student moves on to suits as it happens."""
    suits = (1.0 - moved) * aptitude + moved * p.aptitude_sd * z
    return suits, form + suits


@mechanism(
    "pressure", kind="teacher", strength={"pressure": "the stakes of the reference policy, 0.5"}, group="threat",
    effect="high stakes raise shame and anxiety, and leave less working memory for the test", source="embse-2018",
)  # fmt: skip
def press(p, q):
    """Stakes above those of the reference policy press on the student, stakes below them give relief."""
    return p.strength_pressure * (q.stakes - 0.5)
