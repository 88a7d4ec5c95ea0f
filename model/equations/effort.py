"""Effort: handing in at all, and how hard to try."""

from setback.model.arithmetic import blend, indicator, logistic, maximum
from setback.model.equations.readiness import wandering
from setback.model.mechanism import Param, mechanism


@mechanism(
    "incentive", kind="teacher", strength={"grade_incentive": "no pay"}, group="motivational memory",
    effect="grades that count pay for effort", source="butcher-2022",
    parameters=(
        Param("grade_incentive_size", "ε_G", 0.25, 0.0, 0.8, "share", "butcher-2022",
              "Value that a grade which counts fully, at full stakes, adds to the work.", gained=True),
    ),
)  # fmt: skip
def pay_in_grades(p, q):
    """Grades that count also pay for effort: taking them away has a price."""
    return p.strength_grade_incentive * p.grade_incentive_size * q.counted * q.stakes


@mechanism(
    "excuse", strength={"self_handicapping": "no excuse"}, group="withdrawal",
    effect="effort is held back as an excuse in advance", source="urdan-midgley-2001; schwinger-2014",
    parameters=(
        Param("self_handicapping_size", "ε_H", 0.8, 0.0, 2.5, "logit", "schwinger-2014",
              "Effort that somebody who expects to fail, under full threat, holds back as an excuse.", gained=True),
    ),
)  # fmt: skip
def handicap_oneself(expectancy, goals, handicapping, p, q):
    """Less effort is an excuse in advance, for those who tend to it and expect to fail where failing threatens."""
    threat = p.strength_self_handicapping * p.self_handicapping_size * q.threat
    return threat * (1.0 - expectancy) * (1.0 - goals) * handicapping


@mechanism(
    strength={"perfectionism": "no drive"}, group="threat",
    effect="aspiration lies above the cut, and self-worth hangs on it", source="madigan-2019",
    parameters=(
        Param("striving", "ε_P", 0.4, -0.4, 1.2, "logit", "assumed",
              "Effort that perfectionism adds; below 0 it takes effort away.", gained=True),
    ),
)  # fmt: skip
def strive(perfectionism, p):
    """Perfectionism also drives effort."""
    return p.strength_perfectionism * p.striving * (2.0 * perfectionism - 1.0)


@mechanism(
    strength={"reactance": "nobody rebels"}, group="withdrawal",
    effect="who is pushed hard and feels in control holds effort back in defiance", source="wortman-brehm-1975",
    parameters=(
        Param("reactance_size", "ε_T", 0.0, 0.0, 2.0, "logit", "assumed",
              "Effort that somebody in full control holds back in defiance, under full threat and stakes.",
              gained=True),
    ),
)  # fmt: skip
def rebel(control, p, q):
    """Pushed hard, by threat and stakes, those who still feel in control hold effort back in defiance.

    Their control stays: what fails without effort takes none (`setback.model.equations.feelings.update_control`).
    """
    return p.strength_reactance * p.reactance_size * q.threat * q.stakes * control


@mechanism(
    "diligence_drift", decision="diligence-drift", lever="p.diligence_drift_sd",
    strength={"diligence": "everybody alike"}, group="levels",
    effect="students differ, and vary, in handing in for reasons unrelated to failing", source="assumed",
    parameters=(
        Param("diligence_drift_sd", "σ_L*", 0.0, 0.0, 2.0, "logit", "assumed",
              "Size of the ups and downs of diligence that have nothing to do with failing."),
        Param("diligence_memory", "φ_L", 0.9, 0.0, 0.99, "share per week", "assumed",
              "How much of last week's ups and downs of diligence is still there this week."),
    ),
)  # fmt: skip
def vary_diligence(diligence_drift, z, p):
    """Handing in varies for reasons unrelated to failing as well: an AR(1) around a student's own disposition."""
    return wandering(diligence_drift, p.strength_diligence * p.diligence_drift_sd, p.diligence_memory, z)


@mechanism(
    "submitted", decision="hand-in",
    strength={"avoidance": "everybody hands in", "resilience": "the reserve keeps nobody at it"}, group="withdrawal",
    effect="work is not handed in, and some stop for good", source="assumed",
    parameters=(
        Param("skip_level", "α_0", -3.2, -5.0, -1.0, "logit", "osu-cse",
              "How often work is not handed in by an untroubled student."),
        Param("skip_affect", "α_A", 1.5, 0.0, 3.0, "1/point", "assumed",
              "Shame and anxiety make students avoid the task.", gained=True),
        Param("skip_control", "α_C", 3.0, 0.0, 6.0, "logit", "assumed",
              "Feeling in control makes students hand in.", gained=True),
        Param("skip_reserve", "α_R", 0.5, 0.0, 2.0, "logit", "assumed",
              "A full reserve makes students hand in.", mechanism="resilience", gained=True),
    ),
)  # fmt: skip
def submit(affect, control, reserve, diligence, diligence_drift, enrolled, u, p):
    """Shame, anxiety and helplessness make students avoid the task; reserve and diligence keep them at it."""
    fear = p.skip_affect * affect - p.skip_control * (control - 0.5)
    held = p.strength_resilience * p.skip_reserve * (reserve - 0.5)
    skip = logistic(p.skip_level + fear - held - (diligence + diligence_drift))
    return enrolled * indicator(u >= blend(p.strength_avoidance, 0.0, skip))


@mechanism(
    "effort", strength={"effort": "the effort of the reference student"}, group="withdrawal",
    effect="effort follows expectancy, value and cost", source="eccles-wigfield-2002",
    parameters=(
        Param("effort_level", "ε_0", -0.7, -2.0, 0.5, "logit", "assumed",
              "Effort of a student who sees neither value nor cost."),
        Param("effort_value", "ε_V", 3.0, 0.0, 6.0, "logit", "assumed",
              "Pull of expectancy times value on effort.", gained=True),
        Param("utility_value", "ε_U", 0.3, 0.0, 0.6, "share", "assumed",
              "Value of the work to a student without any interest in it."),
        Param("effort_control", "ε_C", 1.0, 0.0, 3.0, "logit", "assumed", "Pull of perceived control on effort.",
              gained=True),
        Param("effort_challenge", "ε_D", 0.5, 0.0, 1.5, "1/logit", "jansen-2013",
              "Cost of a task that is harder than one's present readiness.", gained=True),
        Param("effort_affect", "ε_A", 0.8, -0.8, 2.0, "1/point", "assumed",
              "Cost of shame and anxiety; below 0 they energise.", gained=True),
        Param("effort_resolve", "ε_R", 1.0, -1.0, 3.0, "logit", "assumed",
              "Effort added after a failure that was put wholly down to effort; below 0 it is taken away.",
              gained=True),
        Param("reference_effort", "ε_r", 0.7, 0.3, 1.0, "share", "assumed",
              "Effort of the reference student, which stands in when the effort mechanism is off.", "fixed"),
    ),
)  # fmt: skip
def decide_effort(
    expectancy, interest, control, affect, challenge, submitted, incentive, excuse, resolve, perfectionism, p, q
):
    """Effort is expectancy times value, less cost; value is interest, use, and the grade.

    A failure put down to too little effort makes a student try harder (Weiner 1985), or not.
    """
    pull = p.effort_value * expectancy * (p.utility_value + (1.0 - p.utility_value) * interest + incentive)
    cost = p.effort_challenge * maximum(challenge, 0.0) + p.effort_affect * affect + excuse + rebel(control, p, q)
    drive = p.effort_control * (control - 0.5) + p.effort_resolve * resolve + strive(perfectionism, p)
    want = logistic(p.effort_level + pull + drive - cost)
    return submitted * blend(p.strength_effort, p.reference_effort, want)


@mechanism(
    "effort", strength={"peers": "the own effort"}, group="peers",
    effect="friends add to what instruction gives, and set a norm of effort", source="assumed",
    parameters=(
        Param("peer_norm", "π_N", 0.1, 0.0, 0.4, "share", "assumed",
              "How far effort moves towards that of friends.", gained=True),
    ),
)  # fmt: skip
def follow_norm(effort, friends_effort, submitted, p):
    """Norms are contagious: effort moves towards what friends do."""
    return effort + p.strength_peers * p.peer_norm * submitted * (friends_effort - effort)
