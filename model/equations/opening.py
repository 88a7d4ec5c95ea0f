"""Who the students are when the year begins: traits and opening states, made from standard scores.

A roster measures a standard score or leaves it to chance; each score becomes a trait on its own scale with the mean
and spread of the world's population. Each trait has one parent, so that every stated correlation is exact. All
of it is equations in the grammar of the phases (`setback.model.grammar`).
"""

from setback.model.arithmetic import correlated, exp, indicator, logistic, maximum, sqrt, where
from setback.model.mechanism import mechanism


def measured(given, known, reliability, drawn, z):
    """Take a standard score from what is given, as far as that can be relied on, or else as it is drawn.

    What is given is the true score and an error (Lord & Novick 1968). Of all whose score is given as g, with a
    reliability of r, true scores have the mean sqrt(r) g and the variance 1 - r, in SDs of true scores. The luck that
    is not needed to draw the score is that of the error.
    """
    return where(known > 0.5, correlated(sqrt(reliability), given, z), drawn)


@mechanism("class_level", kind="teacher", decision="class-level")
def draw_class_level(z):
    """How this class compares with others; every seat of the room shares it."""
    return z


@mechanism(
    "knowledge_score opening_knowledge conceptual procedural cumulative_conceptual cumulative_procedural",
    decision="prior-knowledge",
)  # fmt: skip
def draw_knowledge(given_prior_knowledge, known_prior_knowledge, class_level, z, p):
    """Prior knowledge: part of its spread lies between classes, the rest within.

    A score that is given is as valid as scores on paper are: its correlation with what a student knows.
    """
    drawn = sqrt(p.class_share) * class_level + sqrt(1.0 - p.class_share) * z
    meant = correlated(p.prior_validity, given_prior_knowledge, z)
    score = where(known_prior_knowledge > 0.5, meant, drawn)
    start = p.knowledge_mean + p.knowledge_sd * score
    return score, start, start, start, start, start


@mechanism("prior_measured", decision="prior-measured")
def measure_prior(given_prior_knowledge, known_prior_knowledge, knowledge_score, z, p):
    """Prior knowledge as a score on paper has it: the given one, or one that is as valid as that would be."""
    return where(known_prior_knowledge > 0.5, given_prior_knowledge, correlated(p.prior_validity, knowledge_score, z))


@mechanism("strong")
def place_in_class(opening_knowledge, class_knowledge):
    """Who begins the year above the mean of the class."""
    return indicator(opening_knowledge > class_knowledge)


@mechanism("learning_rate", decision="learning-rate")
def draw_learning_rate(given_learning_rate, known_learning_rate, knowledge_score, z, p):
    """Learning rate, lognormal around 1."""
    drawn = correlated(p.rate_knowledge, knowledge_score, z)
    score = measured(given_learning_rate, known_learning_rate, p.roster_reliability, drawn, z)
    return exp(p.learning_rate_sd * score)


@mechanism("resilience_score resilience reserve", decision="resilience")
def draw_resilience(given_resilience, known_resilience, knowledge_score, z, p):
    """Baseline resilience; the reserve is full to this level when the year begins."""
    drawn = correlated(p.resilience_knowledge, knowledge_score, z)
    score = measured(given_resilience, known_resilience, p.roster_reliability, drawn, z)
    baseline = logistic(p.resilience_mean + p.resilience_sd * score)
    return score, baseline, baseline


@mechanism("attribution_style_score attribution_style", decision="attribution-style")
def draw_style(given_attribution_style, known_attribution_style, resilience_score, z, p):
    """Attribution style; above one half leans to the helpless side."""
    drawn = correlated(p.style_resilience, resilience_score, z)
    score = measured(given_attribution_style, known_attribution_style, p.roster_reliability, drawn, z)
    return score, logistic(p.style_mean + p.style_sd * score)


@mechanism("expectancy_score expectancy", decision="expectancy")
def draw_expectancy(given_expectancy, known_expectancy, knowledge_score, z, p):
    """Opening success expectancy, which goes with prior knowledge."""
    drawn = correlated(p.expectancy_knowledge, knowledge_score, z)
    score = measured(given_expectancy, known_expectancy, p.roster_reliability, drawn, z)
    return score, logistic(p.expectancy_mean + p.expectancy_sd * score)


@mechanism("confidence", decision="confidence")
def draw_confidence(given_confidence, known_confidence, z, p):
    """Confidence: by how much the odds of success that a student sees differ from what results say; 1 for most."""
    return exp(p.confidence_sd * measured(given_confidence, known_confidence, p.roster_reliability, z, z))


@mechanism("control_score control", decision="control")
def draw_control(given_control, known_control, attribution_style_score, z, p):
    """Opening perceived control, which goes against a helpless style."""
    drawn = correlated(p.control_style, attribution_style_score, z)
    score = measured(given_control, known_control, p.roster_reliability, drawn, z)
    return score, logistic(p.control_mean + p.control_sd * score)


@mechanism("interest", decision="interest")
def draw_interest(given_interest, known_interest, expectancy_score, z, p):
    """Opening interest, which goes with expectancy."""
    drawn = correlated(p.interest_expectancy, expectancy_score, z)
    score = measured(given_interest, known_interest, p.roster_reliability, drawn, z)
    return logistic(p.interest_mean + p.interest_sd * score)


@mechanism("goal_orientation", decision="goal-orientation")
def draw_goal_orientation(given_goal_orientation, known_goal_orientation, expectancy_score, z, p):
    """Goal orientation; above one half leans to learning goals, below it to performance goals."""
    drawn = correlated(p.goals_expectancy, expectancy_score, z)
    score = measured(given_goal_orientation, known_goal_orientation, p.roster_reliability, drawn, z)
    return logistic(p.goals_mean + p.goals_sd * score)


@mechanism("handicapping", decision="handicapping")
def draw_handicapping(z, p):
    """Tendency to excuses in advance, lognormal with a mean of 1: a few make most of them."""
    return exp(p.handicap_sd * z - 0.5 * p.handicap_sd * p.handicap_sd)


@mechanism("perfectionism", decision="perfectionism")
def draw_perfectionism(given_perfectionism, known_perfectionism, attribution_style_score, z, p):
    """Perfectionism, which goes a little with a helpless style."""
    drawn = correlated(p.perfectionism_style, attribution_style_score, z)
    score = measured(given_perfectionism, known_perfectionism, p.roster_reliability, drawn, z)
    return logistic(p.perfectionism_mean + p.perfectionism_sd * score)


@mechanism(
    "diligence_score diligence", decision="diligence", strength={"diligence": "everybody alike"}, source="assumed",
)  # fmt: skip
def draw_diligence(given_diligence, known_diligence, knowledge_score, z, p):
    """Diligence, a stable disposition to hand work in, which goes a little with prior knowledge."""
    drawn = correlated(p.diligence_knowledge, knowledge_score, z)
    score = measured(given_diligence, known_diligence, p.roster_reliability, drawn, z)
    return score, p.strength_diligence * p.diligence_sd * score + 0.0  # never -0.0


@mechanism("diligence_drift", decision="diligence-start", strength={"diligence": "everybody alike"}, source="assumed")
def draw_diligence_drift(z, p):
    """Ups and downs of diligence at the opening, from their stationary distribution."""
    return p.strength_diligence * p.diligence_drift_sd * z + 0.0


@mechanism("drift", decision="drift-start", strength={"drift": "no drift"}, source="assumed")
def draw_drift(z, p):
    """Ups and downs at the opening, from their stationary distribution."""
    return p.strength_drift * p.drift_sd * z


@mechanism("slow_drift", decision="slow-drift-start", strength={"drift": "no drift"}, source="assumed")
def draw_slow_drift(z, p):
    """Slow ups and downs at the opening, from their stationary distribution."""
    return p.strength_drift * p.drift_slow_sd * z + 0.0


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


@mechanism("anxiety affect", decision="anxiety", strength={"affect": "none"}, source="assumed")
def draw_anxiety(given_anxiety, known_anxiety, knowledge_score, z, p):
    """Anxiety: the level that shame and anxiety return to, and at which they open; nobody's is below 0."""
    drawn = correlated(p.anxiety_knowledge, knowledge_score, z)
    score = measured(given_anxiety, known_anxiety, p.roster_reliability, drawn, z)
    level = p.strength_affect * maximum(p.anxiety_mean + p.anxiety_sd * score, 0.0)
    return level, level


@mechanism("aptitude", decision="aptitude-start")
def draw_aptitude(z, p):
    """How well the first unit suits the student."""
    return p.aptitude_sd * z + 0.0  # never -0.0


@mechanism("targeted repeats_left repeat_margin repeat_units repeat_record repeated repeat_passed")
def nobody_is_behind(present):
    """When the year begins nobody is singled out, and no unit is set again."""
    nothing = 0.0 * present
    return nothing, nothing, nothing, nothing, nothing, nothing, nothing


@mechanism("ranking_margin ranking_margin_seen seat_rank percentile_rank ready retaken shared friends_shared talked")
def stand_alike(present):
    """Until somebody ranks the class all stand in the middle of it; nobody is waited for, nothing is taken again."""
    nothing = 0.0 * present
    return nothing, nothing, 0.5 + nothing, nothing, 1.0 + nothing, nothing, nothing, nothing, nothing
