"""Practice, errors and instruction, in the sequence of the policy."""

from setback.model.arithmetic import blend, exp, indicator, logistic, maximum, minimum, where
from setback.model.equations.grading import informs
from setback.model.equations.readiness import readiness
from setback.model.mechanism import Param, mechanism
from setback.model.references import FITTED


@mechanism(
    strength={"competition": "rivals help as friends do"}, source="roseth-2008",
    parameters=(
        Param("rivalry", "π_R", 0.5, 0.0, 1.0, "share", "roseth-2008",
              "How much less friends help and let one know where all are ranked.", gained=True),
    ),
)  # fmt: skip
def friendship(p, q):
    """How far friends help and share: rivals do so less."""
    return 1.0 - p.strength_competition * p.rivalry * q.comparison


@mechanism(
    "conceptual procedural preparation",
    strength={
        "peers": "friends add nothing",
        "forgetting": "nothing is revisited",
    },
    source="kapur-2016; sinha-kapur-2021; roseth-2008",
    parameters=(
        Param("revisiting_cost", "κ_T", 0.15, 0.0, 0.4, "share", "assumed",
              "Share of instruction that revisiting earlier units takes.", mechanism="forgetting"),
        Param("instruction_conceptual", "γ_C", 0.75, 0.2, 1.8, "logit per week", "assumed",
              "Conceptual gain of a week's instruction at full effort.", mechanism=""),
        Param("instruction_procedural", "γ_I", 0.4, 0.0, 1.0, "logit per week", "assumed",
              "Procedural gain of a week's instruction at full effort.", mechanism=""),
        Param("friends_help", "π_F", 0.2, 0.0, 0.6, "share", "roseth-2008",
              "How much friends who work hard add to what instruction gives.", gained=True),
        Param("preparation_gain", "ψ_C", 1.0, -0.5, 5.0, "share", "sinha-kapur-2021",
              "How much a fully prepared mind adds to the conceptual gain of the instruction.",
              mechanism="preparation", gained=True),
        Param("unconsolidated_remainder", "ψ_U", 0.0, 0.0, 0.6, "share", "assumed",
              "How much of what was prepared works where the instruction ignores it.", mechanism="preparation"),
    ),
)  # fmt: skip
def instruct(
    conceptual, procedural, preparation, effort, submitted, unit_fit, learning_rate, friends_effort, early, shown, p, q
):
    """Instruction raises both kinds of knowledge; a prepared mind takes in more of the concepts.

    It stands three times in the week: before anything is explored, after others' attempts, and after the student's own;
    the shares add up to 1: equal total time. What was prepared is used up by the share of instruction that follows it,
    and works in part where the instruction ignores it. Friends who work hard add a little.

    Revisiting earlier units takes some of its time.
    """
    after = shown * q.others_attempts + (1.0 - shown) * (1.0 - q.others_attempts)
    share = early * (1.0 - q.problem_first) + (1.0 - early) * q.problem_first * after
    time = share * (1.0 - p.strength_forgetting * p.revisiting_cost * q.spiral)
    helped = p.strength_peers * p.friends_help * friends_effort * friendship(p, q)
    gain = time * effort * unit_fit * learning_rate * (1.0 + helped)
    built_on = q.consolidation + p.unconsolidated_remainder * (1.0 - q.consolidation)
    prepared = 1.0 + p.preparation_gain * built_on * preparation
    return (
        conceptual + p.instruction_conceptual * gain * prepared,
        procedural + p.instruction_procedural * gain,
        preparation * (1.0 - share * submitted),
    )


def struggle_first(q):
    """How much of the instruction comes after an attempt of the student's own."""
    return q.problem_first * (1.0 - q.others_attempts)


@mechanism(
    "preparation", lever="others_attempts", strength={"preparation": "nothing is prepared"}, source="kapur-2014",
    parameters=(
        Param("others_prepare", "ψ_V", 0.2, 0.0, 1.2, "share", "assumed",
              "How much others' failed attempts prepare those who look at them, against an error of the student's own "
              "that is fully analysed.", mechanism="preparation"),
    ),
)  # fmt: skip
def look_at_others(preparation, effort, p, q):
    """Others' failed attempts prepare for the instruction that follows, without any threat to the self.

    Nobody fails at them: the time before the instruction is spent on what others tried, and the student's own attempt
    comes after the instruction, at the level of the syllabus. They take as much time as a struggle does.
    """
    seen = q.problem_first * q.others_attempts * effort * minimum(p.activation * p.others_prepare, 1.0)
    return preparation + p.strength_preparation * seen * (1.0 - preparation)


@mechanism("task challenge", lever="problem_distance", source="kapur-2016")
def pose_problem(task, challenge, q):
    """A problem that comes first lies beyond what was taught, by its distance above the task of the week.

    It moves the attempt alone: instruction and practice stay pitched at the unit, and effort is decided for the week.
    """
    further = struggle_first(q) * q.problem_distance
    return task + further, challenge + further


@mechanism(
    "attempt_shortfall", decision="attempt",
    parameters=(
        Param("attempt_noise", "σ_P", 0.8, 0.2, 1.5, "logit", "assumed", "Luck in a single attempt at practice."),
    ),
)  # fmt: skip
def attempt(task, conceptual, procedural, form, z, p):
    """One latent performance at practice, and how far it falls short of the task."""
    return task - readiness(conceptual, procedural, form) - p.attempt_noise * z


@mechanism("attempt_shortfall", lever="flip.practice")
def turn_attempt(attempt_shortfall, seat, week, flip):
    """A practice flip carries the attempt 0.05 logit across the task, or sets the depth that the twin asks for."""
    across = where(flip.depth > 0.0, flip.depth, where(attempt_shortfall > 0.0, -0.05, 0.05))
    return where((seat == flip.seat) & (week == flip.week) & (flip.practice > 0.5), across, attempt_shortfall)


@mechanism("practice_error error_depth")
def err(attempt_shortfall, submitted):
    """An attempt that falls short is an error (i), the shortfall is its depth."""
    wrong = submitted * indicator(attempt_shortfall > 0.0)
    return wrong, wrong * attempt_shortfall


@mechanism(
    "attention", strength={"error_attention": "none"}, group="learning from error",
    effect="an error draws attention by its surprise", source="gehring-1993; moser-2011; metcalfe-2017",
    parameters=(
        Param("error_attention_size", "ω_A", 0.6, -0.3, 2.0, "logit", "metcalfe-2017",
              "Pull of a fully surprising error on attention, where it is safe to err.", gained=True),
    ),
)  # fmt: skip
def attend_to_error(practice_error, expectancy, p, q):
    """An error draws attention in proportion to its surprise, more when it is safe to err."""
    return p.strength_error_attention * p.error_attention_size * (1.0 - q.threat) * practice_error * expectancy


@mechanism(
    "ego", strength={"ego_threat": "no threat"}, group="threat",
    effect="threat to the self makes a student tune out of the error", source="eskreis-winkler-2019",
    parameters=(
        Param("ego_threat_size", "ω_T", 1.5, 0.0, 4.0, "1/point", "eskreis-winkler-2019",
              "Under shame and anxiety a student tunes out of the error.", gained=True),
    ),
)  # fmt: skip
def feel_threat(affect, p, q):
    """Failure that threatens the self makes learners tune out."""
    return p.strength_ego_threat * p.ego_threat_size * affect * (0.5 + q.threat)


@mechanism(
    parameters=(
        Param("engage_level", "ω_0", 0.2, -1.0, 2.0, "logit", "assumed",
              "Readiness of an average student to analyse an error.", mechanism="failure_analysis"),
        Param("engage_control", "ω_C", 1.5, 0.0, 3.0, "logit", "assumed",
              "Feeling in control keeps a student with the error.", mechanism="failure_analysis", gained=True),
        Param("engage_reserve", "ω_R", 1.0, 0.0, 3.0, "logit", "assumed",
              "A full reserve keeps a student with the error.", mechanism="resilience", gained=True),
        Param("engage_friendly", "ω_F", 0.8, 0.0, 2.0, "logit", "steuer-2013",
              "Error-friendly talk keeps students with the error.", mechanism="failure_analysis", gained=True),
        Param("engage_taught", "ω_U", 0.6, 0.0, 1.5, "logit", "assumed",
              "To be taught how to analyse a failure keeps a student with the error.", mechanism="failure_analysis",
              gained=True),
        Param("engage_goals", "ω_G", 0.4, 0.0, 1.5, "logit", "assumed",
              "Learning goals keep a student with the error, performance goals turn away from it.", mechanism="goals",
              gained=True),
    ),
    strength={"resilience": "the reserve keeps nobody at it"},
    source="keith-frese-2008; martin-marsh-2008; steuer-2013; dweck-leggett-1988",
)  # fmt: skip
def stay_with_error(goals, control, reserve, p, q):
    """What keeps a student with an error instead of turning away."""
    taught = p.engage_level + p.engage_friendly * q.friendly + p.engage_taught * q.analysis_taught
    climate = taught + p.engage_goals * goals
    held = p.strength_resilience * p.engage_reserve * (reserve - 0.5)
    return climate + p.engage_control * (control - 0.5) + held


@mechanism(
    "analysed", strength={"failure_analysis": "the share that the reference student analyses"},
    group="learning from error", effect="students differ in how far they analyse an error",
    source="keith-frese-2008; steuer-2013",
    parameters=(
        Param("engage_depth", "ω_D", 0.4, -0.2, 1.2, "1/logit", "assumed",
              "A deep failure is harder to look at than a near miss.", gained=True),
        Param("reference_engagement", "ω_r", 0.6, 0.2, 1.0, "share", "assumed",
              "Share of an error that the reference student analyses.", "fixed"),
    ),
)  # fmt: skip
def analyse_error(practice_error, error_depth, attention, ego, goals, control, reserve, p, q):
    """Attempt, fail, analyse, adjust, attempt again; or attempt, fail, give up."""
    share = logistic(stay_with_error(goals, control, reserve, p, q) + attention - p.engage_depth * error_depth - ego)
    return practice_error * blend(p.strength_failure_analysis, p.reference_engagement, share)


@mechanism(
    strength={"help_seeking": "everybody who is lost asks"}, group="withdrawal",
    effect="who is lost hides it rather than ask for help, by threat and goals", source="ryan-pintrich-1997",
    parameters=(
        Param("help_avoidance", "τ_H", 0.0, 0.0, 0.9, "share", "assumed",
              "How many of those who are lost hide it, under full threat and performance goals.", gained=True),
    ),
)  # fmt: skip
def seek_help(goals, p, q):
    """Who is lost asks for help, or hides it where asking threatens and performance goals are pursued."""
    return 1.0 - p.strength_help_seeking * p.help_avoidance * q.threat * 0.5 * (1.0 - goals)


@mechanism(
    "helped unhelped", strength={"support": "never"}, group="learning from error",
    effect="the teacher steps in at once, only when a student is lost, or never",
    source="kapur-2016; ryan-pintrich-1997",
    parameters=(
        Param("lost_depth", "τ_L", 1.5, 0.5, 3.0, "logit", "assumed",
              "Shortfall from which a responsive teacher takes a student to be lost.", "fixed"),
    ),
)  # fmt: skip
def time_support(practice_error, error_depth, goals, p, q):
    """The teacher steps in at once, when a student who is lost asks, or never; who is lost may be left alone."""
    lost = indicator(error_depth > p.lost_depth)
    given = q.rescue + (1.0 - q.rescue) * q.responsive * lost * seek_help(goals, p, q)
    error = p.strength_support * practice_error
    return error * given, error * lost * (1.0 - given)


@mechanism(
    "nearness", strength={"near_miss": "every depth is worth the same"}, group="learning from error",
    effect="the gain from an error depends on its depth", source="metcalfe-2017",
    parameters=(
        Param("near_miss_slope", "ν", 0.5, -0.5, 1.5, "1/logit", "assumed",
              "How fast the gain from an error falls with its depth; below 0 deep errors teach more.", gained=True),
    ),
)  # fmt: skip
def value_near_miss(error_depth, p):
    """The gain from an error depends on its depth, given correction; beyond 4 logits no error is deeper."""
    return blend(p.strength_near_miss, 1.0, exp(-p.near_miss_slope * minimum(error_depth, 4.0)))


@mechanism(
    source="assumed",
    parameters=(
        Param("delay_cost", "κ_D", 0.15, -0.2, 0.4, "share per week", "assumed",
              "How much of its worth feedback loses with each week that it is late; below 0 it gains.",
              mechanism=""),
    ),
)  # fmt: skip
def timely(p, q):
    """How much feedback is worth when it comes."""
    return 1.0 - p.delay_cost * q.feedback_delay


@mechanism(
    "conceptual procedural", strength={"correction": "nothing is learnt from how an attempt went"},
    group="learning from error", effect="an error teaches as far as it is corrected, and a correct attempt teaches too",
    source="kornell-2009; metcalfe-2017; wisniewski-2020",
    parameters=(
        Param("error_gain", "γ_E", 0.15, -0.05, 0.4, "logit", "kornell-2009",
              "Gain from one fully analysed near miss, corrected.", gained=True),
        Param("hypercorrection", "γ_C*", 0.0, -0.3, 1.5, "share", "metcalfe-2017",
              "How much more an error teaches that was made in full confidence; below 0 it teaches less.",
              gained=True),
        Param("record_gain", "γ_N", 0.3, 0.0, 1.0, "share", "assumed",
              "How much more an error teaches where there is a full record of how the last one was analysed.",
              gained=True),
        Param("self_corrected", "γ_S", 0.4, 0.1, 0.8, "share", "assumed",
              "Share of an error's worth that needs nobody's word: it is noticed before anybody says so."),
        Param("success_gain", "γ_+", 0.08, 0.0, 0.3, "logit", "assumed",
              "Gain from one attempt that succeeds.", gained=True),
        Param("help_gain", "γ_H", 0.05, 0.0, 0.2, "logit", "assumed",
              "Gain when the teacher steps in and shows the way.", mechanism="support", gained=True),
    ),
)  # fmt: skip
def learn_from_attempt(
    conceptual, procedural, submitted, practice_error, effort, expectancy, record, analysed, nearness, helped,
    learning_rate, p, q,
):  # fmt: skip
    """An analysed error teaches as far as it is corrected; a correct attempt teaches, and so does being shown the way.

    It is corrected by oneself, by feedback, or by instruction that follows and builds on it. A confident error,
    corrected, may stick best; a record of the last one helps with the next.
    """
    told = maximum(minimum(informs(p, q) * timely(p, q), 1.0), struggle_first(q) * q.consolidation)
    corrected = p.self_corrected + (1.0 - p.self_corrected) * told
    more = 1.0 + p.hypercorrection * expectancy + p.record_gain * record
    own = p.error_gain * analysed * nearness * (1.0 - helped) * corrected * more
    right = p.success_gain * (submitted - practice_error)
    gain = effort * learning_rate * (p.strength_correction * (own + right) + p.help_gain * helped)
    return conceptual + gain, procedural + gain


@mechanism("record", lever="analysis_taught", source="assumed")
def keep_record(record, analysed, practice_error, q):
    """Where it is taught how to analyse a failure, a record is kept of how the last one was analysed."""
    return record + q.analysis_taught * practice_error * (analysed - record)


@mechanism(
    "conceptual procedural recovered", decision="attempt-2",
    strength={"failure_analysis": "nobody tries again", "correction": "nothing is learnt from how an attempt went"},
    source="keith-frese-2008",
)  # fmt: skip
def try_again(conceptual, procedural, task, form, analysed, effort, learning_rate, z, p):
    """Who analysed an error adjusts and attempts again in the same week, with luck of its own; who did not gives up."""
    again = p.strength_failure_analysis * analysed
    recovered = again * indicator(readiness(conceptual, procedural, form) + p.attempt_noise * z >= task)
    gain = p.strength_correction * p.success_gain * recovered * effort * learning_rate
    return conceptual + gain, procedural + gain, recovered


@mechanism(
    strength={
        "correction": "feedback teaches nothing",
        "failure_analysis": "the share that the reference student looks into",
    },
    source="wisniewski-2020; kleij-2015",
    parameters=(
        Param("feedback_gain", "γ_F", 2.9, 0.0, 4.0, "logit per week", FITTED,
              "Gain of a week's feedback that says all there is to say, at full effort, where everything is missing.",
              gained=True),
    ),
)  # fmt: skip
def learn_what_is_missing(
    told, conceptual, procedural, form, syllabus, effort, ego, goals, control, reserve, p, q
):  # fmt: skip
    """What feedback tells is missing teaches those who look into it, in proportion."""
    missing = logistic(syllabus - readiness(conceptual, procedural, form))
    looked = logistic(stay_with_error(goals, control, reserve, p, q) - ego)
    share = blend(p.strength_failure_analysis, p.reference_engagement, looked)
    return p.strength_correction * p.feedback_gain * told * effort * share * missing


@mechanism("conceptual procedural", source="wisniewski-2020; kleij-2015")
def learn_from_feedback(
    conceptual, procedural, form, syllabus, effort, ego, goals, control, reserve, learning_rate, p, q
):
    """Feedback on the work of the week tells what is missing, as far as it comes in time and says what there is."""
    told = minimum(informs(p, q) * timely(p, q), 1.0)
    gain = learn_what_is_missing(
        told, conceptual, procedural, form, syllabus, effort, ego, goals, control, reserve, p, q
    )
    return conceptual + gain * learning_rate, procedural + gain * learning_rate


@mechanism(
    "preparation", lever="problem_first", strength={"preparation": "nothing is prepared"},
    group="learning from error", effect="struggle before instruction prepares the mind and costs practice time",
    source="kapur-2016",
    parameters=(
        Param("activation", "ψ_0", 0.8, 0.2, 1.0, "share", "assumed",
              "How much one analysed struggle prepares the mind for the instruction that follows."),
        Param("help_cuts", "ψ_H", 0.5, 0.0, 1.0, "share", "assumed",
              "Share of the preparation that is lost where somebody who is lost is helped."),
        Param("rescue_remainder", "ψ_Z", 0.0, 0.0, 0.6, "share", "assumed",
              "Share of the preparation that is left after help at the first sign of struggle."),
        Param("solved_prepares", "ψ_+", 0.0, 0.0, 1.0, "share", "assumed",
              "How much a right solution prepares, against an error that is fully analysed."),
        Param("unsolved_prepares", "ψ_N", 0.0, -0.5, 1.5, "share", "assumed",
              "How much more an analysed error prepares that is still unsolved when the exploration ends; below 0 "
              "less."),
    ),
)  # fmt: skip
def prepare(preparation, effort, submitted, practice_error, analysed, recovered, helped, targeted, p, q):
    """Struggle before instruction activates what is known and shows what is missing, unless help cuts it short.

    What is generated counts, right or wrong, and what stays unsolved may count for more. Where a right solution
    prepares as much as an error does, as far as errors are analysed, the distance of the problem does nothing; where it
    prepares as much as one that is fully analysed, a distant problem prepares less. Help at the first sign of struggle
    and help for those who are lost, which comes later, each leave a part.
    """
    unsolved = 1.0 + p.unsolved_prepares * (practice_error - recovered)
    generated = minimum(analysed * unsolved + p.solved_prepares * (submitted - practice_error), 1.0)
    late = maximum(helped - (q.rescue + (1.0 - q.rescue) * q.targeted_support * targeted), 0.0)
    left = 1.0 - (1.0 - p.rescue_remainder) * (helped - late) - p.help_cuts * late
    struggle = struggle_first(q) * effort * generated * left
    return preparation + p.strength_preparation * p.activation * struggle * (1.0 - preparation)


@mechanism("shared", lever="cooperation")
def share_error(analysed, p, q):
    """In group work friends get to know what a student finds out about an error; rivals get to know less."""
    return q.cooperation * friendship(p, q) * analysed


@mechanism(
    "conceptual procedural preparation", lever="cooperation",
    strength={
        "peers": "nothing is learnt from friends",
        "correction": "nothing is learnt from how an attempt went",
        "preparation": "nothing is prepared",
    },
    source="eskreis-winkler-2019; roseth-2008; kyndt-2013",
    parameters=(
        Param("friends_errors", "π_E", 0.5, 0.0, 1.0, "share", "eskreis-winkler-2019",
              "Worth of a friend's analysed error, in group work, against an error of the student's.", gained=True),
    ),
)  # fmt: skip
def work_together(conceptual, procedural, preparation, friends_shared, effort, learning_rate, p, q):
    """What friends find out about their errors teaches and prepares as well, without any threat to the self."""
    found = p.strength_peers * friends_shared * effort
    gain = p.strength_correction * p.error_gain * p.friends_errors * found * learning_rate
    ready = p.strength_preparation * p.activation * struggle_first(q) * p.friends_errors * found
    return conceptual + gain, procedural + gain, preparation + ready * (1.0 - preparation)


def set_again_now(repeats_left, q):
    """Whether a failed unit is set again this week, beside the new one."""
    return minimum(repeats_left, minimum(q.repeats, 1.0))


@mechanism(
    "procedural",
    strength={
        "preparation": "no time is lost", "failure_analysis": "analysing takes no time",
        "correction": "retakes and repeats take no time",
    },
    source="koedinger-2023",
    parameters=(
        Param("practice_rate", "γ_P", 0.8, 0.2, 1.6, "logit per week", "koedinger-2023",
              "Procedural gain of a week of full practice, about eight opportunities of 0.1 logit.", mechanism=""),
        Param("exploration_cost", "ψ_T", 0.2, 0.0, 0.6, "share", "assumed",
              "Share of practice time that struggling first, or looking at others' attempts first, takes away.",
              gained=True),
        Param("analysis_time", "ψ_A", 0.1, 0.0, 0.3, "share", "assumed",
              "Share of practice time that analysing an error fully takes.", mechanism="failure_analysis", gained=True),
        Param("retake_time", "ψ_R", 0.1, 0.0, 0.3, "share", "assumed",
              "Share of the next week's practice time that correcting and retaking one test takes.",
              mechanism="correction", gained=True),
        Param("repeat_time", "ψ_W", 0.15, 0.0, 0.4, "share", "assumed",
              "Share of a week's practice time that a failed unit takes which is set again beside the new one.",
              mechanism="correction", gained=True),
    ),
)  # fmt: skip
def practise(procedural, effort, fit, learning_rate, analysed, retaken_before, repeats_left, p, q):
    """Practice raises procedural knowledge, in the time that exploring, analysing, retaking and repeating leave."""
    lost = p.strength_preparation * p.exploration_cost * q.problem_first
    spent = p.strength_failure_analysis * p.analysis_time * analysed
    retaking = p.strength_correction * p.retake_time * retaken_before
    repeating = p.strength_correction * p.repeat_time * set_again_now(repeats_left, q)
    time = maximum(1.0 - lost - spent - retaking - repeating, 0.0)
    return procedural + p.practice_rate * time * effort * fit * learning_rate
