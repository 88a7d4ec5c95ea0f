"""Effort: handing in at all, and how hard to try."""

from setback.model.arithmetic import blend, indicator, logistic, maximum


def pay_in_grades(p, q):
    """Grades that count also pay for effort: taking them away has a price.

    Source: Butcher et al. 2022, NBER w30798. Strength: grade_incentive; neutral: no pay.
    """
    return p.strength_grade_incentive * p.grade_incentive_size * q.counted * q.stakes


def handicap_oneself(expectancy, goals, p, q):
    """Less effort is an excuse in advance, for those who expect to fail where failing threatens.

    Source: Urdan & Midgley 2001, doi:10.1023/A:1009061303214. Strength: self_handicapping; neutral: no excuse.
    """
    return p.strength_self_handicapping * p.self_handicapping_size * q.threat * (1.0 - expectancy) * (1.0 - goals)


def strive(perfectionism, p):
    """Perfectionism also drives effort.

    Source: Madigan 2019, doi:10.1007/s10648-019-09484-2. Strength: perfectionism; neutral: no drive.
    """
    return p.strength_perfectionism * p.striving * (2.0 * perfectionism - 1.0)


def submit(affect, control, enrolled, u, p):
    """Shame, anxiety and helplessness make students avoid the task altogether.

    Source: Ryan & Pintrich 1997, doi:10.1037/0022-0663.89.2.329. Strength: avoidance; neutral: everybody hands in.
    """
    skip = logistic(p.skip_level + p.skip_affect * affect - p.skip_control * (control - 0.5))
    return enrolled * indicator(u >= blend(p.strength_avoidance, 0.0, skip))


def decide_effort(
    expectancy, interest, control, affect, challenge, submitted, incentive, excuse, resolve, perfectionism, p
):
    """Effort is expectancy times value, less cost; value is interest, use, and the grade.

    A failure put down to too little effort makes a student try harder (Weiner 1985), or not.

    Source: Eccles & Wigfield 2002, doi:10.1146/annurev.psych.53.100901.135153. Strength: effort; neutral: the
    effort of the reference student.
    """
    pull = p.effort_value * expectancy * (p.utility_value + (1.0 - p.utility_value) * interest + incentive)
    cost = p.effort_challenge * maximum(challenge, 0.0) + p.effort_affect * affect + excuse
    drive = p.effort_control * (control - 0.5) + p.effort_resolve * resolve + strive(perfectionism, p)
    want = logistic(p.effort_level + pull + drive - cost)
    return submitted * blend(p.strength_effort, p.reference_effort, want)


def follow_norm(effort, friends_effort, submitted, p):
    """Norms are contagious: effort moves towards what friends do.

    Source: Kyndt et al. 2013, doi:10.1016/j.edurev.2013.02.002 (peers). Strength: peers; neutral: the own effort.
    """
    return effort + p.strength_peers * p.peer_norm * submitted * (friends_effort - effort)
