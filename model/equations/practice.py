"""Practice, errors and instruction, in the sequence of the policy."""

from setback.model.arithmetic import blend, exp, indicator, logistic, maximum, minimum, where
from setback.model.equations.readiness import readiness


def instruct(
    conceptual, procedural, preparation, effort, submitted, unit_fit, learning_rate, friends_effort, early, p, q
):
    """Instruction raises both kinds of knowledge; a prepared mind takes in more of the concepts.

    It stands twice in the week, before and after the attempt, with shares that add up to 1: equal total time.
    What was prepared is used up by the share of instruction that follows it. Friends who work hard add a little.

    Revisiting earlier units takes some of its time.

    Source: Kapur 2016, doi:10.1080/00461520.2016.1155457; Sinha & Kapur 2021, doi:10.3102/00346543211019105; for
    friends Roseth et al. 2008, doi:10.1037/0033-2909.134.2.223. Strengths: peers; neutral: friends add nothing;
    forgetting; neutral: nothing is revisited.
    """
    share = early + (1.0 - 2.0 * early) * q.problem_first
    time = share * (1.0 - p.strength_forgetting * p.revisiting_cost * q.spiral)
    gain = time * effort * unit_fit * learning_rate * (1.0 + p.strength_peers * p.friends_help * friends_effort)
    prepared = 1.0 + p.preparation_gain * q.consolidation * preparation
    return (
        conceptual + p.instruction_conceptual * gain * prepared,
        procedural + p.instruction_procedural * gain,
        preparation * (1.0 - share * submitted),
    )


def attempt(task, conceptual, procedural, form, z, p):
    """One latent performance at practice, and how far it falls short of the task."""
    return task - readiness(conceptual, procedural, form) - p.attempt_noise * z


def turn_attempt(attempt_shortfall, seat, week, flip):
    """A practice flip carries the attempt 0.05 logit across the task, or sets the depth that the twin asks for."""
    across = where(flip.depth > 0.0, flip.depth, where(attempt_shortfall > 0.0, -0.05, 0.05))
    return where((seat == flip.seat) & (week == flip.week) & (flip.practice > 0.5), across, attempt_shortfall)


def err(attempt_shortfall, submitted):
    """An attempt that falls short is an error (i), the shortfall is its depth."""
    wrong = submitted * indicator(attempt_shortfall > 0.0)
    return wrong, wrong * attempt_shortfall


def attend_to_error(practice_error, expectancy, p, q):
    """An error draws attention in proportion to its surprise, more when it is safe to err.

    Source: Gehring et al. 1993, doi:10.1111/j.1467-9280.1993.tb00586.x; Moser et al. 2011,
    doi:10.1177/0956797611419520. Strength: error_attention; neutral: none.
    """
    return p.strength_error_attention * p.error_attention_size * (1.0 - q.threat) * practice_error * expectancy


def feel_threat(affect, p, q):
    """Failure that threatens the self makes learners tune out.

    Source: Eskreis-Winkler & Fishbach 2019, doi:10.1177/0956797619881133. Strength: ego_threat; neutral: no threat.
    """
    return p.strength_ego_threat * p.ego_threat_size * affect * (0.5 + q.threat)


def stay_with_error(goals, control, reserve, p, q):
    """What keeps a student with an error instead of turning away."""
    climate = p.engage_level + p.engage_friendly * q.friendly + p.engage_goals * goals
    return climate + p.engage_control * (control - 0.5) + p.engage_reserve * (reserve - 0.5)


def analyse_error(practice_error, error_depth, attention, ego, goals, control, reserve, p, q):
    """Attempt, fail, analyse, adjust, attempt again; or attempt, fail, give up.

    Source: Keith & Frese 2008, doi:10.1037/0021-9010.93.1.59; error-friendly talk: Steuer et al. 2013,
    doi:10.1016/j.cedpsych.2013.03.002. Strength: failure_analysis; neutral: the share that the reference student
    analyses.
    """
    share = logistic(stay_with_error(goals, control, reserve, p, q) + attention - p.engage_depth * error_depth - ego)
    return practice_error * blend(p.strength_failure_analysis, p.reference_engagement, share)


def time_support(practice_error, error_depth, p, q):
    """The teacher steps in at once, when the student is lost, or never.

    Source: Kapur 2016, doi:10.1080/00461520.2016.1155457. Strength: support; neutral: never.
    """
    lost = indicator(error_depth > p.lost_depth)
    return p.strength_support * practice_error * (q.rescue + (1.0 - q.rescue) * q.responsive * lost)


def value_near_miss(error_depth, p):
    """The gain from an error depends on its depth, given correction; beyond 4 logits no error is deeper.

    Source: Metcalfe 2017, doi:10.1146/annurev-psych-010416-044022. Strength: near_miss; neutral: every depth is
    worth the same.
    """
    return blend(p.strength_near_miss, 1.0, exp(-p.near_miss_slope * minimum(error_depth, 4.0)))


def learn_from_error(conceptual, procedural, effort, analysed, nearness, helped, learning_rate, p):
    """An analysed error teaches; so, a little, does being shown the way.

    Source: Kornell et al. 2009, doi:10.1037/a0015729 (a wrong guess, then the answer, at equal time).
    """
    own = p.error_gain * analysed * nearness * (1.0 - helped)
    gain = effort * learning_rate * (own + p.help_gain * helped)
    return conceptual + gain, procedural + gain


def prepare(preparation, effort, analysed, helped, p, q):
    """Struggle before instruction activates what is known and shows what is missing, unless help cuts it short.

    Help at the first sign of struggle leaves nothing of it, help for those who are lost comes later and leaves a part.

    Source: Kapur 2016, doi:10.1080/00461520.2016.1155457. Strength: preparation; neutral: nothing is prepared.
    """
    late = maximum(helped - q.rescue, 0.0)
    struggle = q.problem_first * effort * analysed * (1.0 - (helped - late) - p.help_cuts * late)
    return preparation + p.strength_preparation * p.activation * struggle * (1.0 - preparation)


def share_error(analysed, q):
    """In group work friends get to know what a student finds out about an error."""
    return q.cooperation * analysed


def work_together(conceptual, procedural, preparation, friends_shared, effort, learning_rate, p, q):
    """What friends find out about their errors teaches and prepares as well, without any threat to the self.

    Source: Eskreis-Winkler & Fishbach 2019, doi:10.1177/0956797619881133 (others' failures); Roseth et al. 2008,
    doi:10.1037/0033-2909.134.2.223. Strengths: peers; neutral: nothing is learnt from friends; preparation; neutral:
    nothing is prepared.
    """
    found = p.strength_peers * friends_shared * effort
    gain = p.error_gain * p.friends_errors * found * learning_rate
    ready = p.strength_preparation * p.activation * q.problem_first * p.friends_errors * found
    return conceptual + gain, procedural + gain, preparation + ready * (1.0 - preparation)


def practise(procedural, effort, fit, learning_rate, p, q):
    """Practice raises procedural knowledge; struggling first leaves less time for it.

    Source: Koedinger et al. 2023, doi:10.1073/pnas.2221311120. Strength: preparation; neutral: no time is lost.
    """
    time = 1.0 - p.strength_preparation * p.exploration_cost * q.problem_first
    return procedural + p.practice_rate * time * effort * fit * learning_rate
