"""Leaving: stopping for good, and moving on to the next unit."""

from setback.model.arithmetic import blend, indicator, logistic, maximum
from setback.model.mechanism import Param, mechanism
from setback.model.references import FITTED


@mechanism(
    "weeks_not_submitted enrolled", decision="quit", strength={"avoidance": "nobody stops"},
    source="assumed",
    parameters=(
        Param("dropout_level", "θ_0", -8.0, -11.0, -5.0, "logit per week", "assumed",
              "How often an untroubled student stops for good."),
        Param("dropout_not_submitted", "θ_I", 0.8, 0.0, 2.0, "1/week", "assumed",
              "Each week without handing in makes stopping likelier.", gained=True),
        Param("dropout_control", "θ_C", 4.0, 0.0, 8.0, "logit", "assumed", "Feeling in control keeps students in.",
              gained=True),
        Param("dropout_affect", "θ_A", 1.0, 0.0, 3.0, "1/point", "assumed", "Shame and anxiety push students out.",
              gained=True),
        Param("dropout_diligence", "θ_L", 1.0, 0.0, 2.0, "share", "assumed",
              "How far diligence keeps students in, against how far it makes them hand in.", mechanism="diligence"),
        Param("dropout_outside", "θ_X", 0.0, 0.0, 0.02, "share per week", "assumed",
              "How often students stop for good at once, for reasons outside that depend on nothing here.",
              mechanism=""),
    ),
)  # fmt: skip
def drop_out(weeks_not_submitted, enrolled, submitted, control, affect, diligence, diligence_drift, u, p):
    """Who hands nothing in for weeks, feels no control and much shame, may stop for good; the diligent less.

    Anybody may stop at once for reasons outside.
    """
    weeks_not_submitted = (1.0 - submitted) * (weeks_not_submitted + enrolled)
    hazard = logistic(
        p.dropout_level
        + p.dropout_not_submitted * weeks_not_submitted
        - p.dropout_control * (control - 0.5)
        + p.dropout_affect * affect
        - p.dropout_diligence * (diligence + diligence_drift)
    )
    inside = blend(p.strength_avoidance, 0.0, hazard)
    return weeks_not_submitted, enrolled * indicator(u >= inside + p.dropout_outside * (1.0 - inside))


@mechanism("moved")
def keep_pace(enrolled):
    """The calendar moves on."""
    return enrolled


@mechanism("ready", lever="waiting")
def be_ready(unit_passed, enrolled, q):
    """A waiting class waits for everybody enrolled who has not mastered the unit."""
    return 1.0 - indicator(q.waiting > 0.0) * enrolled * (1.0 - unit_passed)


@mechanism("moved", lever="waiting", source="kulik-1990")
def wait_for_class(moved, class_ready, enrolled, q):
    """A waiting class moves on when enough of it is ready; the millionth keeps rounding from deciding it."""
    return maximum(moved - enrolled * q.waiting * indicator(class_ready < q.mastery_share - 0.000001), 0.0)


@mechanism("moved", lever="self_paced")
def pace_oneself(moved, unit_passed, enrolled, q):
    """A self-paced student moves on alone, after mastering the unit."""
    return maximum(moved - enrolled * q.self_paced * (1.0 - unit_passed), 0.0)


@mechanism(
    "unit units_mastered cumulative_conceptual cumulative_procedural",
    strength={"forgetting": "nothing is revisited"}, source="scherrer-preprint; cepeda-2006",
    parameters=(
        Param("retention", "κ", 0.0139, 0.002, 0.04, "share per unit", FITTED,
              "Share of what was gained on a unit that lasts when the class moves on.", "loguniform", mechanism=""),
        Param("spacing_gain", "κ_S", 0.3, 0.0, 1.0, "share", "cepeda-2006",
              "How much more lasts where earlier units are revisited."),
    ),
)  # fmt: skip
def close_unit(
    unit, units_mastered, conceptual, procedural, cumulative_conceptual, cumulative_procedural, unit_passed, moved, p, q
):
    """Moving on leaves the unit behind; of what was gained on it a part lasts, more where it is revisited."""
    lasting = p.retention * (1.0 + p.strength_forgetting * p.spacing_gain * q.spiral) * moved
    return (
        unit + moved,
        units_mastered + moved * unit_passed,
        cumulative_conceptual + lasting * (conceptual - cumulative_conceptual),
        cumulative_procedural + lasting * (procedural - cumulative_procedural),
    )
