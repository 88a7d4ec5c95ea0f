"""Who the students are when the year begins: traits and opening states, made from standard scores.

A roster gives a standard score or leaves it to chance; each score becomes a trait on its own scale with the mean
and spread of the world's population. Each trait has one parent, so that every stated correlation is exact. All
of it is equations in the grammar of the phases (`setback.model.grammar`).
"""

from setback.model.arithmetic import correlated, exp, indicator, logistic, sqrt, where
from setback.model.mechanism import mechanism


@mechanism("class_level", kind="teacher", decision="class-level")
def draw_class_level(z):
    """How this class compares with others; every seat of the room shares it."""
    return z


@mechanism(
    "knowledge_score opening_knowledge conceptual procedural cumulative_conceptual cumulative_procedural",
    decision="prior-knowledge",
)  # fmt: skip
def draw_knowledge(given_prior_knowledge, known_prior_knowledge, class_level, z, p):
    """Prior knowledge: part of its spread lies between classes, the rest within."""
    drawn = sqrt(p.class_share) * class_level + sqrt(1.0 - p.class_share) * z
    score = where(known_prior_knowledge > 0.5, given_prior_knowledge, drawn)
    start = p.knowledge_mean + p.knowledge_sd * score
    return score, start, start, start, start, start


@mechanism("strong")
def place_in_class(opening_knowledge, class_knowledge):
    """Who begins the year above the mean of the class."""
    return indicator(opening_knowledge > class_knowledge)


@mechanism("learning_rate", decision="learning-rate")
def draw_learning_rate(given_learning_rate, known_learning_rate, knowledge_score, z, p):
    """Learning rate, lognormal around 1."""
    drawn = correlated(p.rate_knowledge, knowledge_score, z)
    score = where(known_learning_rate > 0.5, given_learning_rate, drawn)
    return exp(p.learning_rate_sd * score)


@mechanism("resilience_score resilience reserve", decision="resilience")
def draw_resilience(given_resilience, known_resilience, knowledge_score, z, p):
    """Baseline resilience; the reserve is full to this level when the year begins."""
    drawn = correlated(p.resilience_knowledge, knowledge_score, z)
    score = where(known_resilience > 0.5, given_resilience, drawn)
    baseline = logistic(p.resilience_mean + p.resilience_sd * score)
    return score, baseline, baseline


@mechanism("attribution_style_score attribution_style", decision="attribution-style")
def draw_style(given_attribution_style, known_attribution_style, resilience_score, z, p):
    """Attribution style; above one half leans to the helpless side."""
    drawn = correlated(p.style_resilience, resilience_score, z)
    score = where(known_attribution_style > 0.5, given_attribution_style, drawn)
    return score, logistic(p.style_mean + p.style_sd * score)


@mechanism("expectancy_score expectancy", decision="expectancy")
def draw_expectancy(given_expectancy, known_expectancy, knowledge_score, z, p):
    """Opening success expectancy, which goes with prior knowledge."""
    drawn = correlated(p.expectancy_knowledge, knowledge_score, z)
    score = where(known_expectancy > 0.5, given_expectancy, drawn)
    return score, logistic(p.expectancy_mean + p.expectancy_sd * score)


@mechanism("control_score control", decision="control")
def draw_control(given_control, known_control, attribution_style_score, z, p):
    """Opening perceived control, which goes against a helpless style."""
    score = where(known_control > 0.5, given_control, correlated(p.control_style, attribution_style_score, z))
    return score, logistic(p.control_mean + p.control_sd * score)


@mechanism("interest", decision="interest")
def draw_interest(given_interest, known_interest, expectancy_score, z, p):
    """Opening interest, which goes with expectancy."""
    score = where(known_interest > 0.5, given_interest, correlated(p.interest_expectancy, expectancy_score, z))
    return logistic(p.interest_mean + p.interest_sd * score)


@mechanism("goal_orientation", decision="goal-orientation")
def draw_goal_orientation(given_goal_orientation, known_goal_orientation, expectancy_score, z, p):
    """Goal orientation; above one half leans to learning goals, below it to performance goals."""
    drawn = correlated(p.goals_expectancy, expectancy_score, z)
    score = where(known_goal_orientation > 0.5, given_goal_orientation, drawn)
    return logistic(p.goals_mean + p.goals_sd * score)


@mechanism("perfectionism", decision="perfectionism")
def draw_perfectionism(given_perfectionism, known_perfectionism, attribution_style_score, z, p):
    """Perfectionism, which goes a little with a helpless style."""
    drawn = correlated(p.perfectionism_style, attribution_style_score, z)
    score = where(known_perfectionism > 0.5, given_perfectionism, drawn)
    return logistic(p.perfectionism_mean + p.perfectionism_sd * score)


@mechanism("drift_step", kind="teacher", strength={"drift": "no drift"}, source="assumed")
def size_of_drift(p):
    """One week's new drift, such that the spread of the whole stays the same all year."""
    return p.strength_drift * p.drift_sd * sqrt(1.0 - p.drift_memory * p.drift_memory)


@mechanism("drift", decision="drift-start", strength={"drift": "no drift"}, source="assumed")
def draw_drift(z, p):
    """Ups and downs at the opening, from their stationary distribution."""
    return p.strength_drift * p.drift_sd * z


@mechanism(
    "enrolled affect preparation history weeks_not_submitted moved unit units_mastered unit_passed resolve "
    "below_criterion_before knowledge_shortfall retaken_before setback",
)  # fmt: skip
def begin(present):
    """What everybody begins with: enrolled, the first unit, nothing prepared, felt, failed, missed or mastered."""
    nothing = 0.0 * present
    return (
        present, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing,
        nothing, nothing,
    )  # fmt: skip


@mechanism("record")
def begin_record(present):
    """A record of failures that were analysed is empty when the year begins."""
    return 0.0 * present


@mechanism("ranking_margin ranking_margin_seen seat_rank percentile_rank ready retaken shared friends_shared talked")
def stand_alike(present):
    """Until somebody ranks the class all stand in the middle of it; nobody is waited for, nothing is taken again."""
    nothing = 0.0 * present
    return nothing, nothing, 0.5 + nothing, nothing, 1.0 + nothing, nothing, nothing, nothing, nothing
