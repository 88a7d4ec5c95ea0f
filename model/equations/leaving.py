"""Leaving: stopping for good, and moving on to the next unit."""

from setback.model.arithmetic import blend, indicator, logistic, maximum


def drop_out(weeks_not_submitted, enrolled, submitted, control, affect, u, p):
    """Who hands nothing in for weeks, feels no control and much shame, may stop for good.

    Source: Ryan & Pintrich 1997, doi:10.1037/0022-0663.89.2.329. Strength: avoidance; neutral: nobody stops.
    """
    weeks_not_submitted = (1.0 - submitted) * (weeks_not_submitted + enrolled)
    hazard = logistic(
        p.dropout_level
        + p.dropout_not_submitted * weeks_not_submitted
        - p.dropout_control * (control - 0.5)
        + p.dropout_affect * affect
    )
    return weeks_not_submitted, enrolled * indicator(u >= blend(p.strength_avoidance, 0.0, hazard))


def keep_pace(enrolled):
    """The calendar moves on."""
    return enrolled


def be_ready(unit_passed, enrolled, q):
    """A waiting class waits for everybody enrolled who has not mastered the unit."""
    return 1.0 - indicator(q.waiting > 0.0) * enrolled * (1.0 - unit_passed)


def wait_for_class(moved, class_ready, enrolled, q):
    """A waiting class moves on when enough of it is ready; the millionth keeps rounding from deciding it.

    Source: Kulik et al. 1990, doi:10.3102/00346543060002265.
    """
    return maximum(moved - enrolled * q.waiting * indicator(class_ready < q.mastery_share - 0.000001), 0.0)


def pace_oneself(moved, unit_passed, enrolled, q):
    """A self-paced student moves on alone, after mastering the unit."""
    return maximum(moved - enrolled * q.self_paced * (1.0 - unit_passed), 0.0)


def close_unit(
    unit, units_mastered, conceptual, procedural, cumulative_conceptual, cumulative_procedural, unit_passed, moved, p, q
):
    """Whoever moves on leaves the unit behind; what was gained on it lasts in part, more of it where it is revisited.

    Source: Scherrer et al. preprint, doi:10.31234/osf.io/ysxdw (gain of a year); Cepeda et al. 2006,
    doi:10.1037/0033-2909.132.3.354 (spacing). Strength: forgetting; neutral: nothing is revisited.
    """
    lasting = p.retention * (1.0 + p.strength_forgetting * p.spacing_gain * q.spiral) * moved
    return (
        unit + moved,
        units_mastered + moved * unit_passed,
        cumulative_conceptual + lasting * (conceptual - cumulative_conceptual),
        cumulative_procedural + lasting * (procedural - cumulative_procedural),
    )
