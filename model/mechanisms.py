"""The equations of a week: one short pure function per causal claim, and nothing else.

Each function is in the grammar of the phases (`setback.model.grammar`): its argument names are the slots it
reads (`setback.model.state`), ``p`` holds the world's parameters, ``q`` the policy's levers, ``flip`` the one
outcome that a twin turns round, ``u`` or ``z`` is its own uniform or normal number. `setback.model.week` says in
which order they run and which slots they write. Where a switch is named, 0 puts the neutral value in place of
the mechanism. Probabilities and shares run from 0 to 1, knowledge and difficulty are in logits.
"""

from setback.model.arithmetic import blend, clip, exp, indicator, logistic, maximum, minimum, square, where


# ---- readiness: what a student can bring to a task today ---------------------------------------------------
def readiness(conceptual, procedural, form):
    """The mean of both kinds of unit knowledge, and the form of the day."""
    return 0.5 * (conceptual + procedural) + form


def wander(drift, drift_step, z, p):
    """Readiness wanders for reasons unrelated to failing: an AR(1) of free size and memory.

    Source: assumed. Switch: drift; neutral: no drift.
    """
    return p.drift_memory * drift + drift_step * z


def take_form(drift, affect, p):
    """The form of the day: what drift adds, less what shame and anxiety take away.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048 (anxiety impairs performance).
    """
    return drift - p.impairment * affect


def press(p, q):
    """Stakes above those of the reference policy press on the student, stakes below them give relief.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048. Switch: pressure; neutral: the stakes of the
    reference policy, 0.5.
    """
    return p.switch_pressure * (q.stakes - 0.5)


# ---- pacing: the unit, its difficulty, the task ------------------------------------------------------------
def open_unit(conceptual, procedural, cumulative_conceptual, cumulative_procedural, moved, enrolled, p):
    """A new unit starts from its prerequisites; a unit that is repeated starts from what is not yet forgotten.

    Who has stopped is left with what lasts.

    Source: Cepeda et al. 2006, doi:10.1037/0033-2909.132.3.354. Switch: forgetting; neutral: nothing is forgotten.
    """
    kept = enrolled * (1.0 - moved) * (1.0 - p.switch_forgetting * p.forgetting)
    return (
        cumulative_conceptual + kept * (conceptual - cumulative_conceptual),
        cumulative_procedural + kept * (procedural - cumulative_procedural),
    )


def set_syllabus(unit, p, q):
    """Difficulty of a unit and of its test: where the policy begins, rising with every unit."""
    return q.level + p.syllabus_slope * q.pace * unit


def set_task(syllabus, conceptual, procedural, form):
    """Practice at the level of the syllabus."""
    return syllabus, syllabus - readiness(conceptual, procedural, form)


def desirable_challenge(challenge, p):
    """Learning depends on challenge through an inverted U.

    Source: Wilson et al. 2019, doi:10.1038/s41467-019-12552-4 (the form, not the level). Switch: challenge;
    neutral: every challenge suits equally well.
    """
    return blend(p.switch_challenge, 1.0, exp(-p.challenge_curvature * square(challenge - p.best_challenge)))


def pitch(challenge, p):
    """Instruction and practice are pitched at the unit."""
    fit = desirable_challenge(challenge, p)
    return fit, fit


def match_task(task, challenge, q):
    """Practice matched to the student: "just right" challenge.

    Source: Steenbergen-Hu et al. 2016, doi:10.3102/0034654316675417.
    """
    change = q.adaptive * (q.target - challenge)
    return task + change, challenge + change


def pursue_goals(goal_orientation, p):
    """Learning goals read a failure as information, performance goals as a hurdle missed.

    Source: Dweck & Leggett 1988, doi:10.1037/0033-295X.95.2.256. Switch: goals; neutral: neither.
    """
    return p.switch_goals * (2.0 * goal_orientation - 1.0)


def choose_easier(task, challenge, expectancy, goals, p, q):
    """Where there is a choice, those who fear failing choose easier work.

    Fear is low expectancy under performance goals.

    Source: Diener & Dweck 1978, doi:10.1037/0022-3514.36.5.451; Kohn. Switch: easier_tasks; neutral: the task as set.
    """
    change = p.switch_easier_tasks * p.easier_tasks * q.choice * (1.0 - expectancy) * (1.0 - goals)
    return task - change, challenge - change


# ---- effort: trying at all, and how hard -------------------------------------------------------------------
def pay_in_grades(p, q):
    """Grades that count also pay for effort: taking them away has a price.

    Source: Butcher et al. 2022, NBER w30798. Switch: grade_incentive; neutral: no pay.
    """
    return p.switch_grade_incentive * p.grade_incentive * q.counted * q.stakes


def handicap_oneself(expectancy, goals, p, q):
    """Less effort is an excuse in advance, for those who expect to fail where failing threatens.

    Source: Urdan & Midgley 2001, doi:10.1023/A:1009061303214. Switch: self_handicapping; neutral: no excuse.
    """
    return p.switch_self_handicapping * p.self_handicapping * q.threat * (1.0 - expectancy) * (1.0 - goals)


def strive(perfectionism, p):
    """Perfectionism also drives effort.

    Source: Madigan 2019, doi:10.1007/s10648-019-09484-2. Switch: perfectionism; neutral: no drive.
    """
    return p.switch_perfectionism * p.striving * (2.0 * perfectionism - 1.0)


def hand_in(affect, control, enrolled, u, p):
    """Shame, anxiety and helplessness make students avoid the task altogether.

    Source: Ryan & Pintrich 1997, doi:10.1037/0022-0663.89.2.329. Switch: avoidance; neutral: everybody hands in.
    """
    skip = logistic(p.skip_level + p.skip_affect * affect - p.skip_control * (control - 0.5))
    return enrolled * indicator(u >= blend(p.switch_avoidance, 0.0, skip))


def decide_effort(
    expectancy, interest, control, affect, challenge, tried, incentive, excuse, resolve, perfectionism, p
):
    """Effort is expectancy times value, less cost; value is interest, use, and the grade.

    A failure put down to too little effort makes a student try harder (Weiner 1985), or not.

    Source: Eccles & Wigfield 2002, doi:10.1146/annurev.psych.53.100901.135153. Switch: effort; neutral: the
    effort of the reference student.
    """
    pull = p.effort_value * expectancy * (p.utility_value + (1.0 - p.utility_value) * interest + incentive)
    cost = p.effort_challenge * maximum(challenge, 0.0) + p.effort_affect * affect + excuse
    drive = p.effort_control * (control - 0.5) + p.effort_resolve * resolve + strive(perfectionism, p)
    want = logistic(p.effort_level + pull + drive - cost)
    return tried * blend(p.switch_effort, p.reference_effort, want)


def follow_norm(effort, friends_effort, tried, p):
    """Norms are contagious: effort moves towards what friends do.

    Source: Kyndt et al. 2013, doi:10.1016/j.edurev.2013.02.002 (peers). Switch: peers; neutral: the own effort.
    """
    return effort + p.switch_peers * p.norm * tried * (friends_effort - effort)


# ---- practice, errors and instruction, in the sequence of the policy ---------------------------------------
def instruct(conceptual, procedural, preparation, effort, tried, unit_fit, learning_rate, friends_effort, early, p, q):
    """Instruction raises both kinds of knowledge; a prepared mind takes in more of the concepts.

    It stands twice in the week, before and after the attempt, with shares that add up to 1: equal total time.
    What was prepared is used up by the share of instruction that follows it. Friends who work hard add a little.

    Revisiting earlier units takes some of its time.

    Source: Kapur 2016, doi:10.1080/00461520.2016.1155457; Sinha & Kapur 2021, doi:10.3102/00346543211019105; for
    friends Roseth et al. 2008, doi:10.1037/0033-2909.134.2.223. Switches: peers; neutral: friends add nothing;
    forgetting; neutral: nothing is revisited.
    """
    share = early + (1.0 - 2.0 * early) * q.problem_first
    time = share * (1.0 - p.switch_forgetting * p.revisiting_cost * q.spiral)
    gain = time * effort * unit_fit * learning_rate * (1.0 + p.switch_peers * p.friends_help * friends_effort)
    prepared = 1.0 + p.preparation_gain * q.consolidation * preparation
    return (
        conceptual + p.instruction_conceptual * gain * prepared,
        procedural + p.instruction_procedural * gain,
        preparation * (1.0 - share * tried),
    )


def attempt(task, conceptual, procedural, form, z, p):
    """One latent performance at practice, and how far it falls short of the task."""
    return task - readiness(conceptual, procedural, form) - p.attempt_noise * z


def turn_attempt(short, seat, week, flip):
    """A practice flip carries the attempt 0.05 logit across the task, or sets the depth that the twin asks for."""
    across = where(flip.depth > 0.0, flip.depth, where(short > 0.0, -0.05, 0.05))
    return where((seat == flip.seat) & (week == flip.week) & (flip.practice > 0.5), across, short)


def err(short, tried):
    """An attempt that falls short is an error (i), the shortfall is its depth."""
    wrong = tried * indicator(short > 0.0)
    return wrong, wrong * short


def attend_to_error(wrong, expectancy, p, q):
    """An error draws attention in proportion to its surprise, more when it is safe to err.

    Source: Gehring et al. 1993, doi:10.1111/j.1467-9280.1993.tb00586.x; Moser et al. 2011,
    doi:10.1177/0956797611419520. Switch: error_attention; neutral: none.
    """
    return p.switch_error_attention * p.error_attention * (1.0 - q.threat) * wrong * expectancy


def feel_threat(affect, p, q):
    """Failure that threatens the self makes learners tune out.

    Source: Eskreis-Winkler & Fishbach 2019, doi:10.1177/0956797619881133. Switch: ego_threat; neutral: no threat.
    """
    return p.switch_ego_threat * p.ego_threat * affect * (0.5 + q.threat)


def stay_with_error(goals, control, reserve, p, q):
    """What keeps a student with an error instead of turning away."""
    climate = p.engage_level + p.engage_friendly * q.friendly + p.engage_goals * goals
    return climate + p.engage_control * (control - 0.5) + p.engage_reserve * (reserve - 0.5)


def analyse_error(wrong, depth, attention, ego, goals, control, reserve, p, q):
    """Attempt, fail, analyse, adjust, attempt again; or attempt, fail, give up.

    Source: Keith & Frese 2008, doi:10.1037/0021-9010.93.1.59; error-friendly talk: Steuer et al. 2013,
    doi:10.1016/j.cedpsych.2013.03.002. Switch: failure_analysis; neutral: the share that the reference student
    analyses.
    """
    share = logistic(stay_with_error(goals, control, reserve, p, q) + attention - p.engage_depth * depth - ego)
    return wrong * blend(p.switch_failure_analysis, p.reference_engagement, share)


def time_support(wrong, depth, p, q):
    """The teacher steps in at once, when the student is lost, or never.

    Source: Kapur 2016, doi:10.1080/00461520.2016.1155457. Switch: support; neutral: never.
    """
    lost = indicator(depth > p.lost_depth)
    return p.switch_support * wrong * (q.rescue + (1.0 - q.rescue) * q.responsive * lost)


def value_near_miss(depth, p):
    """The gain from an error depends on its depth, given correction; beyond 4 logits no error is deeper.

    Source: Metcalfe 2017, doi:10.1146/annurev-psych-010416-044022. Switch: near_miss; neutral: every depth is
    worth the same.
    """
    return blend(p.switch_near_miss, 1.0, exp(-p.near_miss * minimum(depth, 4.0)))


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

    Source: Kapur 2016, doi:10.1080/00461520.2016.1155457. Switch: preparation; neutral: nothing is prepared.
    """
    late = maximum(helped - q.rescue, 0.0)
    struggle = q.problem_first * effort * analysed * (1.0 - (helped - late) - p.help_cuts * late)
    return preparation + p.switch_preparation * p.activation * struggle * (1.0 - preparation)


def share_error(analysed, q):
    """In group work friends get to know what a student finds out about an error."""
    return q.cooperation * analysed


def work_together(conceptual, procedural, preparation, friends_shared, effort, learning_rate, p, q):
    """What friends find out about their errors teaches and prepares as well, without any threat to the self.

    Source: Eskreis-Winkler & Fishbach 2019, doi:10.1177/0956797619881133 (others' failures); Roseth et al. 2008,
    doi:10.1037/0033-2909.134.2.223. Switches: peers; neutral: nothing is learnt from friends; preparation; neutral:
    nothing is prepared.
    """
    found = p.switch_peers * friends_shared * effort
    gain = p.error_gain * p.friends_errors * found * learning_rate
    ready = p.switch_preparation * p.activation * q.problem_first * p.friends_errors * found
    return conceptual + gain, procedural + gain, preparation + ready * (1.0 - preparation)


def practise(procedural, effort, fit, learning_rate, p, q):
    """Practice raises procedural knowledge; struggling first leaves less time for it.

    Source: Koedinger et al. 2023, doi:10.1073/pnas.2221311120. Switch: preparation; neutral: no time is lost.
    """
    time = 1.0 - p.switch_preparation * p.exploration_cost * q.problem_first
    return procedural + p.practice_rate * time * effort * fit * learning_rate


# ---- assessment and grading --------------------------------------------------------------------------------
def perform(conceptual, procedural, form, syllabus, pressure, z, p):
    """One performance with luck of its own, less the difficulty of the test; pressure takes working capacity.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048.
    """
    return readiness(conceptual, procedural, form) - p.pressure_capacity * pressure + p.assess_noise * z - syllabus


def assess(conceptual, procedural, form, syllabus, pressure, z, p):
    """The unit test, after instruction."""
    margin = perform(conceptual, procedural, form, syllabus, pressure, z, p)
    return margin, margin


def turn_assessment(margin, seat, week, flip):
    """A luck flip moves the noise by the least amount that carries the margin 0.05 logit across the criterion."""
    across = where(margin < 0.0, 0.05, -0.05)
    return where((seat == flip.seat) & (week == flip.week) & (flip.luck > 0.5), across, margin)


def judge(margin, tried, conceptual, procedural):
    """Below the fixed criterion is a failure (ii), and so is what is not handed in."""
    passed = tried * indicator(margin >= 0.0)
    return passed, 1.0 - passed, conceptual, procedural


def stand(margin, drawn, tried, enrolled, q):
    """By what a student is ranked, and by what classmates are: work that is not handed in ranks last.

    A flip moves one's own place among the others, and nobody else's: their grades of the week stay as they were.
    Where nobody compares, all stand alike.
    """
    ranks = indicator(q.comparison > 0.0)
    last = where(enrolled > 0.5, -1000.0, 1000.0)
    return ranks * where(tried > 0.5, margin, last), ranks * where(tried > 0.5, drawn, last)


def draw_line(q):
    """The grade at which a pass begins: the cut as a score, or the quota as a place in the class.

    A place exactly on the quota fails; the millionth keeps rounding from deciding it.
    """
    cut = logistic(q.cut)
    return cut + q.comparison * (q.quota + 0.000001 - cut)


def grade(margin, tried, line):
    """The grade is one's own score; what is heard is how far it lies past the line."""
    score = tried * logistic(margin)
    return score, score - line


def grade_attempts(score, short, tried, line, q):
    """A policy may grade the attempt at practice as well: a share of the grade is the score of the attempt."""
    mixed = score + q.grade_practice * tried * (logistic(-short) - score)
    return mixed, mixed - line


def compare(score, position, class_enrolled, tried, line, q):
    """Norm-referenced: the grade is one's place in the class, or a mixture of place and score.

    Source: Butler 1988, doi:10.1111/j.2044-8279.1988.tb00874.x.
    """
    place = indicator(q.comparison > 0.0) * tried * position / maximum(class_enrolled, 0.001)
    return place, score + q.comparison * (place - score) - line


def turn_verdict(heard, seat, week, flip):
    """A label flip carries only what is heard just across the line.

    By 0.0125, which is what 0.05 logit are at a score of one half.
    """
    across = where(heard < 0.0, 0.0125, -0.0125)
    return where((seat == flip.seat) & (week == flip.week) & (flip.label > 0.5), across, heard)


def hear_of_learning(heard, enrolled, q):
    """The grade as it reaches going back to the error; being told that it is a failing one is (iii-a)."""
    return heard, q.told * enrolled * indicator(heard < 0.0)


def look_into_test(
    conceptual, procedural, preparation, heard_learning, effort, ego, goals, control, reserve, learning_rate, p, q
):
    """A failed test that is looked into teaches, and prepares for what builds on it, as far as feedback tells.

    Source: Wisniewski et al. 2020, doi:10.3389/fpsyg.2019.03087 (feedback); Kapur 2016,
    doi:10.1080/00461520.2016.1155457. Switches: failure_analysis; neutral: nobody looks into a test; preparation;
    neutral: nothing is prepared.
    """
    share = logistic(stay_with_error(goals, control, reserve, p, q) - ego)
    seen = p.switch_failure_analysis * q.information * effort * indicator(heard_learning < 0.0) * share
    gain = p.error_gain * seen * learning_rate
    ready = p.switch_preparation * p.test_preparation * seen
    return conceptual + gain, procedural + gain, preparation + ready * (1.0 - preparation)


def retake(
    conceptual, procedural, heard, mastery, retaken, heard_learning, tried, effort, form, syllabus, pressure, place,
    line, number, z, p, q,
):  # fmt: skip
    """After a failing grade a student may correct the work and take the test again, with luck of its own.

    The better grade counts; that of a retake is the test's alone, and a place in the class is not taken again.

    Source: Kulik et al. 1990, doi:10.3102/00346543060002265.
    """
    again = (heard_learning < 0.0) & (heard < 0.0) & (number <= q.retakes)
    going = tried * indicator(again)
    fixed = p.retake_gain * going * effort
    margin = perform(conceptual + fixed, procedural + fixed, form, syllabus, pressure, z, p)
    score = logistic(margin)
    better = maximum(heard, score + q.comparison * (place - score) - line)
    return (
        conceptual + fixed,
        procedural + fixed,
        heard + going * (better - heard),
        maximum(mastery, going * indicator(margin >= 0.0)),
        retaken * indicator(number > 1.5) + going,
    )


def keep_pass(passed, mastery, moved):
    """A pass counts for as long as the unit lasts."""
    return maximum(passed * (1.0 - moved), mastery)


def receive(heard):
    """What was heard reaches the student through parallel receivers; each reads its own copy."""
    return heard, heard, heard, heard, heard


# ---- reading the cause -------------------------------------------------------------------------------------
def show_result(heard, heard_peers, enrolled):
    """Whose grade is a failing one in the end, whose is as classmates see it, and what they see."""
    return enrolled * indicator(heard < 0.0), enrolled * indicator(heard_peers < 0.0), enrolled * heard_peers


def weigh_task(class_failed, class_enrolled, p):
    """Consensus: if everybody failed it was the task, and if everybody passed.

    Source: Kelley 1973, doi:10.1037/h0034225.
    """
    return exp(p.consensus * (2.0 * class_failed / maximum(class_enrolled, 0.001) - 1.0))


def compare_with_class(heard_peers, class_shown, class_enrolled, tried, p, q):
    """A big fish in a little pond: one's own result looks smaller in a strong class, the more it is made public.

    Source: Fang et al. 2018, doi:10.3389/fpsyg.2018.01569; Marsh (big-fish-little-pond effect). Switch: competition;
    neutral: no comparison.
    """
    apart = heard_peers - class_shown / maximum(class_enrolled, 0.001)
    return p.switch_competition * p.big_fish * (0.5 + 0.5 * q.public) * tried * apart


def attribute(style, history, heard_attribution, task_weight, excuse, p, q):
    """Ability, effort, task or luck: causes are read by style, own history, consensus and comparison.

    The shares are a softmax with effort as the reference. A helpless style, and a record of failures, give
    failures to ability rather than luck, and successes to luck rather than ability; an excuse does the reverse.

    Source: Weiner 1985, doi:10.1037/0033-295X.92.4.548; Stipek as quoted by Kohn; for excuses Kelley 1973,
    doi:10.1037/h0034225 (discounting and augmentation). Switches: attribution; neutral: equal shares; competition;
    neutral: a rank speaks of ability no more than a score does.
    """
    failed = indicator(heard_attribution < 0.0)
    helpless = p.attribution_style * (2.0 * style - 1.0) + p.attribution_history * history - p.excuse_worth * excuse
    pull = exp((2.0 * failed - 1.0) * helpless)
    ability = pull + (exp(p.switch_competition * p.comparison_blame * q.comparison) - 1.0) * failed * pull
    task = 1.0 / task_weight + failed * (task_weight - 1.0 / task_weight)
    luck = 1.0 / pull
    share = 1.0 / (1.0 + ability + task + luck)
    return (
        blend(p.switch_attribution, 0.25, ability * share),
        blend(p.switch_attribution, 0.25, share),
        blend(p.switch_attribution, 0.25, task * share),
        blend(p.switch_attribution, 0.25, luck * share),
    )


def edit_story(to_ability, to_effort, control, heard_attribution, enrolled, helpless, u, p, q):
    """A teacher who sees a helpless student retells a failure as a matter of effort and strategy.

    Who needs it is seen with a stated sensitivity, and who does not is spared with a stated specificity.

    Source: Dweck 1975, doi:10.1037/h0077149; Wilson 2011. Switch: story_editing; neutral: nothing is retold.
    """
    needs = indicator(control < helpless)
    seen = indicator(u < needs * p.teacher_sensitivity + (1.0 - needs) * (1.0 - p.teacher_specificity))
    failed = enrolled * indicator(heard_attribution < 0.0)
    talked = p.switch_story_editing * q.attribution_talk * seen * failed
    moved = p.story_editing * talked * to_ability
    return to_ability - moved, to_effort + moved, talked


def believe_in_growth(to_ability, to_effort, control, heard_attribution, enrolled, p, q):
    """Ability seen as improvable shifts the causes of failure, and control, a little.

    Source: Macnamara & Burgoyne 2023, doi:10.1037/bul0000352. Switch: mindset; neutral: no shift.
    """
    heard = p.switch_mindset * q.mindset * enrolled
    moved = p.mindset_shift * heard * indicator(heard_attribution < 0.0) * to_ability
    return to_ability - moved, to_effort + moved, control + p.mindset_control * heard * (1.0 - control)


def verdict_counts(told, p):
    """How much of a failure or success a result is: all of it where one is told so, part of it where nobody says so."""
    return p.unlabelled + (1.0 - p.unlabelled) * told


def resolve_to_try(heard_attribution, to_effort, tried):
    """A failure that is put down to effort and strategy can be mended by them; it is remembered for a week.

    Source: Weiner 1985, doi:10.1037/0033-295X.92.4.548.
    """
    return tried * indicator(heard_attribution < 0.0) * to_effort


def drift_of_style(style, heard_attribution, to_ability, to_effort, to_luck, tried, p, q):
    """Repeated attributions change the style, whichever way they go.

    Source: Dweck 1975, doi:10.1037/h0077149. Switch: attribution_drift; neutral: the opening style.
    """
    failed = indicator(heard_attribution < 0.0)
    up = to_luck + failed * (to_ability - to_luck)
    down = to_effort + (1.0 - failed) * to_ability
    rate = p.switch_attribution_drift * p.attribution_drift * verdict_counts(q.told, p)
    return style + rate * tried * (up * (1.0 - style) - down * style)


def remember(history, heard_attribution, enrolled, p, q):
    """A failure stays in one's own record for a while.

    Source: Stipek as quoted by Kohn. Switch: attribution; neutral: no record.
    """
    failed = verdict_counts(q.told, p) * indicator(heard_attribution < 0.0)
    now = history + enrolled * (1.0 - p.history_memory) * (failed - history)
    return blend(p.switch_attribution, history, now)


# ---- what failing and succeeding do to the student ---------------------------------------------------------
def update_expectancy(expectancy, heard_expectancy, line, frame, to_ability, to_task, tried, p, q):
    """Success expectancy follows prediction error; stable causes move it more, bad news perhaps faster.

    Source: Weiner 1985, doi:10.1037/0033-295X.92.4.548; Talsma et al. 2018, doi:10.1016/j.lindif.2017.11.015;
    Müller-Pinzler et al. 2019, doi:10.1038/s41598-019-50821-w. Switch: expectancy; neutral: the opening expectancy.
    """
    grade = heard_expectancy + line
    verdict = p.verdict_weight * verdict_counts(q.told, p)
    outcome = clip(grade + verdict * (indicator(heard_expectancy >= 0.0) - grade) + frame, 0.0, 1.0)
    error = outcome - expectancy
    speed = p.expectancy_rate * q.information
    rate = speed * (1.0 - p.stability) + 2.0 * speed * p.stability * (to_ability + to_task)
    rate = rate * (1.0 + p.negativity * indicator(error < 0.0))
    return blend(p.switch_expectancy, expectancy, expectancy + tried * rate * error)


def update_control(control, heard_control, effort, to_effort, p, q):
    """Failing despite effort lowers perceived control, failing without effort does not; success by effort raises it.

    Source: Abramson et al. 1978, doi:10.1037/0021-843X.87.1.49; Lieder et al. 2013. Switch: helplessness; neutral:
    the opening control.
    """
    failed = indicator(heard_control < 0.0)
    gain = p.control_gain * (1.0 - failed) * to_effort * (1.0 - control)
    loss = p.control_loss * failed * (1.0 - to_effort) * control
    return control + p.switch_helplessness * verdict_counts(q.told, p) * effort * (gain - loss)


def take_to_heart(heard_affect, told_failed, to_ability, perfectionism, goals, p):
    """A failing grade hurts, more when ability is blamed; a perfectionist aspires above the cut.

    Learning goals take the edge off. A failing grade that was told and then repaired by a retake hurts less.

    Source: Madigan 2019, doi:10.1007/s10648-019-09484-2; Dweck & Leggett 1988, doi:10.1037/0033-295X.95.2.256.
    Switch: perfectionism; neutral: nobody aspires above the cut.
    """
    worth = p.switch_perfectionism * p.self_worth * perfectionism
    missed = indicator(heard_affect < p.aspiration * perfectionism)
    failed = indicator(heard_affect < 0.0)
    felt = failed + p.repaired * (1.0 - failed) * told_failed + worth * missed
    return felt * (0.5 + p.affect_blame * failed * to_ability) * (1.0 - p.goals_hurt * goals)


def update_affect(affect, hurt, pressure, reserve, enrolled, p, q):
    """Shame and anxiety rise with evaluated failure under threat, and fade.

    Compassion and mindfulness speed the fading.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048; Neff et al. 2005,
    doi:10.1080/13576500444000317. Switch: affect; neutral: none.
    """
    threat = p.affect_rise * verdict_counts(q.told, p) * q.threat * (1.0 + p.pressure_affect * pressure)
    rise = threat * enrolled * hurt * (1.0 - p.buffer * reserve)
    fades = p.affect_decay + p.compassion_decay * q.compassion
    return blend(p.switch_affect, affect, affect + rise - fades * affect)


def update_reserve(reserve, affect, resilience, p):
    """The reserve is used up by shame and anxiety and returns to the student's own baseline.

    Source: Martin & Marsh 2008, doi:10.1016/j.jsp.2007.01.002; Seery et al. 2010, doi:10.1037/a0021344. Switch:
    resilience; neutral: the baseline.
    """
    spent = minimum(p.reserve_spent * affect, 0.8)
    return blend(p.switch_resilience, reserve, reserve + p.reserve_restored * (resilience - reserve) - spent * reserve)


def update_interest(interest, heard_affect, effort, enrolled, p, q):
    """Interest grows with competence and with choice, and shrinks with evaluated failure under threat.

    Source: Deci & Ryan 2000, doi:10.1207/S15327965PLI1104_01; Butler 1988,
    doi:10.1111/j.2044-8279.1988.tb00874.x. Switch: interest; neutral: the opening interest.
    """
    failed = indicator(heard_affect < 0.0)
    gain = p.interest_gain * (1.0 - failed) * effort * (1.0 - interest)
    loss = p.interest_loss * q.threat * failed * interest
    change = verdict_counts(q.told, p) * (gain - loss) + p.interest_choice * q.choice * (1.0 - interest)
    return interest + p.switch_interest * enrolled * change


# ---- stopping, moving on -----------------------------------------------------------------------------------
def quit_for_good(idle, enrolled, tried, control, affect, u, p):
    """Who hands nothing in for weeks, feels no control and much shame, may stop for good.

    Source: Ryan & Pintrich 1997, doi:10.1037/0022-0663.89.2.329. Switch: avoidance; neutral: nobody stops.
    """
    idle = (1.0 - tried) * (idle + enrolled)
    hazard = logistic(p.quit_level + p.quit_idle * idle - p.quit_control * (control - 0.5) + p.quit_affect * affect)
    return idle, enrolled * indicator(u >= blend(p.switch_avoidance, 0.0, hazard))


def keep_pace(enrolled):
    """The calendar moves on."""
    return enrolled


def be_ready(passed, enrolled, q):
    """A waiting class waits for everybody enrolled who has not mastered the unit."""
    return 1.0 - indicator(q.waiting > 0.0) * enrolled * (1.0 - passed)


def wait_for_class(moved, class_ready, enrolled, q):
    """A waiting class moves on when enough of it is ready; the millionth keeps rounding from deciding it.

    Source: Kulik et al. 1990, doi:10.3102/00346543060002265.
    """
    return maximum(moved - enrolled * q.waiting * indicator(class_ready < q.ready - 0.000001), 0.0)


def pace_oneself(moved, passed, enrolled, q):
    """A self-paced student moves on alone, after mastering the unit."""
    return maximum(moved - enrolled * q.self_paced * (1.0 - passed), 0.0)


def close_unit(
    unit, mastered, conceptual, procedural, cumulative_conceptual, cumulative_procedural, passed, moved, p, q
):
    """Whoever moves on leaves the unit behind; what was gained on it lasts in part, more of it where it is revisited.

    Source: Scherrer et al. preprint, doi:10.31234/osf.io/ysxdw (gain of a year); Cepeda et al. 2006,
    doi:10.1037/0033-2909.132.3.354 (spacing). Switch: forgetting; neutral: nothing is revisited.
    """
    lasting = p.retention * (1.0 + p.switch_forgetting * p.spacing_gain * q.spiral) * moved
    return (
        unit + moved,
        mastered + moved * passed,
        cumulative_conceptual + lasting * (conceptual - cumulative_conceptual),
        cumulative_procedural + lasting * (procedural - cumulative_procedural),
    )
