"""What failing and succeeding do to expectancy, control, affect, reserve and interest."""

from setback.model.arithmetic import blend, clip, indicator, maximum, minimum
from setback.model.equations.grading import informs, reaches
from setback.model.mechanism import Param, mechanism


@mechanism(source="assumed")
def misjudge(outcome, confidence):
    """Who is sure of oneself sees a better outcome than there is, and who is unsure a worse one: by how much.

    The odds of the outcome are multiplied by confidence; what is certain stays so.
    """
    return outcome * (1.0 - outcome) * (confidence - 1.0) / (outcome * confidence + 1.0 - outcome)


@mechanism(
    "expectancy", strength={"expectancy": "the opening expectancy"}, group="motivational memory",
    effect="success expectancy follows prediction error",
    source="weiner-1985; brun-2021; talsma-2018; mueller-pinzler-2019",
    parameters=(
        Param("expectancy_rate", "λ_E", 0.1, 0.02, 0.3, "share per week", "assumed",
              "How fast success expectancy follows what happens.", "loguniform", gained=True),
        Param("stability", "λ_S", 0.6, 0.0, 1.0, "share", "brun-2021",
              "How much more a stable cause moves expectancy than a passing one."),
        Param("negativity", "λ_N", 0.3, -0.3, 0.6, "share", "mueller-pinzler-2019",
              "How much faster bad news is learnt than good news; below 0 slower."),
        Param("verdict_weight", "λ_V", 0.5, 0.0, 1.0, "share", "assumed",
              "How much the word passed or failed counts, where it is uttered, against the grade."),
        Param("one_signal", "λ_1", 0.0, 0.0, 1.0, "share", "assumed",
              "How far a grade tells success expectancy no more than the verdict does: one signal, not two."),
        Param("expectancy_by_mean", "λ_M*", 0.0, 0.0, 1.0, "share", "assumed",
              "How far expectancy is the plain running mean of outcomes, whatever caused them, rather than moved by "
              "prediction errors that stable causes scale."),
    ),
)  # fmt: skip
def update_expectancy(
    expectancy,
    heard_expectancy,
    grade_expectancy,
    frame_of_reference,
    confidence,
    to_ability,
    to_task,
    submitted,
    result_told,
    week,
    p,
    q,
):
    """Success expectancy follows prediction error; stable causes move it more, bad news perhaps faster.

    It reads the grade as far as feedback tells, and the verdict where one is uttered, both as confidence has them. No
    week takes it past them. By other rules a grade is a verdict and no more, and each outcome counts as one among all
    so far, with the opening expectancy for the first few.
    """
    verdict = p.verdict_weight * result_told
    known = (1.0 - verdict) * informs(p, q)
    passed = 1.0 - heard_expectancy
    seen = blend(p.one_signal, clip(grade_expectancy + frame_of_reference, 0.0, 1.0), passed)
    error = known * (seen - expectancy) + verdict * (passed - expectancy)
    outcome = (known * seen + verdict * passed) / maximum(known + verdict, 0.000001)
    error = error + (known + verdict) * misjudge(outcome, confidence)
    rate = p.expectancy_rate * (1.0 - p.stability + 2.0 * p.stability * (to_ability + to_task))
    rate = minimum(rate * (1.0 + p.negativity * indicator(error < 0.0)), 1.0)
    rate = blend(p.expectancy_by_mean, rate, p.expectancy_rate / (1.0 + p.expectancy_rate * week))
    return blend(p.strength_expectancy, expectancy, expectancy + submitted * rate * error)


@mechanism(
    "control",
    strength={"helplessness": "the opening control", "resilience": "the reserve buffers nothing"},
    group="motivational memory", effect="failing despite effort lowers perceived control",
    source="abramson-1978; lieder-2013; martin-marsh-2008",
    parameters=(
        Param("control_gain", "λ_G", 0.1, 0.0, 0.3, "share per week", "assumed",
              "How fast success through effort raises control.", gained=True),
        Param("control_loss", "λ_L", 0.15, 0.0, 0.4, "share per week", "assumed",
              "How fast failing despite effort lowers control.", gained=True),
        Param("withdrawal_cost", "λ_H", 0.03, 0.0, 0.12, "share per week", "assumed",
              "How much control a week without handing in costs: that too tells that nothing one does matters.",
              gained=True),
        Param("support_need", "λ_U", 0.0, 0.0, 0.1, "share per week", "assumed",
              "How much control it costs to be lost and left without help, with no reserve to bear it.", gained=True),
        Param("letting_go", "λ_O", 0.0, 0.0, 0.5, "share", "assumed",
              "How much control is spared of what a failure costs that is put wholly down to task and luck, where "
              "self-compassion is taught.", gained=True),
        Param("control_by_outcome", "λ_O*", 0.0, 0.0, 1.0, "share", "assumed",
              "How far control follows the outcome alone (Rescorla-Wagner), whatever effort had to do with it, rather "
              "than its contingency on effort."),
        Param("buffer_control", "λ_B", 0.5, 0.0, 0.9, "share", "assumed",
              "How much of a loss of control a full reserve takes away.", mechanism="resilience", gained=True),
    ),
)  # fmt: skip
def update_control(
    control, heard_control, effort, to_effort, to_task, to_luck, reserve, submitted, unhelped, enrolled, result_told,
    p, q,
):  # fmt: skip
    """Failing despite effort lowers perceived control, failing without effort does not; success by effort raises it.

    Withdrawing is no shelter: it costs some control as well, and so does being lost and left alone, to those who need
    support. The reserve buffers the loss; letting go of what cannot be controlled spares control. By the other rule,
    control follows the outcome alone.
    """
    bare = 1.0 - p.strength_resilience * p.buffer_control * reserve
    alone = p.control_by_outcome
    spent = effort + alone * (submitted - effort)
    gain = p.control_gain * (1.0 - heard_control) * (to_effort + alone * (1.0 - to_effort)) * (1.0 - control)
    loss = p.control_loss * heard_control * (1.0 - (1.0 - alone) * to_effort) * control * bare
    loss = loss * (1.0 - p.letting_go * q.compassion * (to_task + to_luck))
    gone = (p.withdrawal_cost * enrolled * (1.0 - submitted) + p.support_need * unhelped) * control * bare
    return control + p.strength_helplessness * (reaches(result_told, p, q) * spent * (gain - loss) - gone)


@mechanism(
    "hurt", strength={"perfectionism": "nobody aspires above the cut"},
    source="weiner-1985; dweck-leggett-1988; assumed",
    parameters=(
        Param("aspiration", "λ_P*", 0.25, 0.0, 0.6, "share", "assumed",
              "How far above the cut the aspiration of a complete perfectionist lies."),
        Param("self_worth", "λ_W", 0.6, 0.0, 1.5, "share", "assumed",
              "How much a result below aspiration hurts a complete perfectionist, against a failing grade.",
              gained=True),
        Param("repaired", "λ_Z", 0.3, 0.0, 1.0, "share", "assumed",
              "How much a failing grade hurts that was told and then repaired by a retake.", mechanism="affect"),
        Param("goals_hurt", "λ_Q", 0.3, -0.2, 0.8, "share", "assumed",
              "How much less a failure hurts under learning goals, and more under performance goals.",
              mechanism="goals", gained=True),
        Param("affect_blame", "λ_b", 1.0, 0.0, 3.0, "share", "assumed",
              "How much more a failure hurts when ability is blamed.", mechanism="affect"),
    ),
)  # fmt: skip
def take_to_heart(heard_affect, grade_affect, line, failing_grade_told, to_ability, perfectionism, goals, p, q):
    """A failure hurts, more when ability is blamed; a perfectionist aspires above the cut, as far as grades are known.

    Learning goals take the edge off. A failing grade that was told and then repaired by a retake hurts less.
    """
    worth = p.strength_perfectionism * p.self_worth * perfectionism
    missed = informs(p, q) * indicator(grade_affect < line + p.aspiration * perfectionism)
    felt = heard_affect + p.repaired * (1.0 - heard_affect) * failing_grade_told + worth * missed
    return felt * (0.5 + p.affect_blame * heard_affect * to_ability) * (1.0 - p.goals_hurt * goals)


@mechanism(
    "private_hurt",
    strength={
        "private_error": "an error that nobody grades hurts nobody",
        "perfectionism": "nobody's self-worth hangs on it",
    },
    group="threat",
    effect="an error that nobody grades hurts", source="eskreis-winkler-2019; steuer-2013",
    parameters=(
        Param("private_hurt_size", "λ_I", 0.1, -0.15, 0.4, "points", "assumed",
              "Shame and anxiety after an error at practice that is not recovered from, under full threat; below 0 "
              "relief.", gained=True),
    ),
)  # fmt: skip
def hurt_in_private(practice_error, recovered, perfectionism, p, q):
    """An error that nobody grades hurts by threat and self-worth, less where errors are welcome."""
    exposed = q.threat * (1.0 - q.friendly) * (0.5 + p.strength_perfectionism * perfectionism)
    return p.strength_private_error * p.private_hurt_size * exposed * (practice_error - recovered)


@mechanism(
    "affect", strength={"affect": "none", "resilience": "the reserve buffers nothing"}, group="threat",
    effect="shame and anxiety rise, fade and impair",
    source="embse-2018; neff-2005",
    parameters=(
        Param("pressure_affect", "λ_K", 1.0, -0.5, 2.0, "share", "embse-2018",
              "How much more a failure hurts at full stakes than at none, in units of the reference policy's.",
              mechanism="pressure", gained=True),
        Param("compassion_decay", "λ_C", 0.1, 0.0, 0.2, "share per week", "neff-2005",
              "How much faster shame and anxiety fade where self-compassion is taught."),
        Param("affect_rise", "λ_A", 0.7, 0.0, 2.0, "points", "assumed",
              "Shame and anxiety after one evaluated failure under full threat.", gained=True),
        Param("affect_decay", "λ_D", 0.4, 0.1, 0.8, "share per week", "assumed", "How fast shame and anxiety fade."),
        Param("buffer", "λ_R", 0.6, 0.0, 1.0, "share", "assumed",
              "How much of the hurt a full reserve takes away.", mechanism="resilience", gained=True),
        Param("fade_reserve", "λ_F*", 0.4, 0.0, 0.9, "share", "assumed",
              "How much faster shame and anxiety fade with a full reserve, and slower with none.",
              mechanism="resilience", gained=True),
    ),
)  # fmt: skip
def update_affect(affect, anxiety, hurt, private_hurt, pressure, reserve, enrolled, result_told, p, q):
    """Shame and anxiety rise with evaluated failure under threat, and with errors in private, and fade.

    They fade towards the student's own level. Compassion and mindfulness speed the fading, and so does a full reserve.
    """
    threat = p.affect_rise * reaches(result_told, p, q) * q.threat * (1.0 + p.pressure_affect * pressure)
    bare = 1.0 - p.strength_resilience * p.buffer * reserve
    rise = enrolled * ((threat * hurt + maximum(private_hurt, 0.0)) * bare + minimum(private_hurt, 0.0))
    own = 1.0 + p.strength_resilience * p.fade_reserve * (2.0 * reserve - 1.0)
    fades = minimum(p.affect_decay * own + p.compassion_decay * q.compassion, 1.0)
    return blend(p.strength_affect, affect, maximum(affect + rise - fades * (affect - anxiety), 0.0))


@mechanism(
    "reserve", strength={"resilience": "the baseline"}, group="resilience",
    effect="the reserve is spent and restored, and effort, handing in and feelings depend on it",
    source="martin-marsh-2008; seery-2010",
    parameters=(
        Param("reserve_spent", "ρ_S", 0.3, 0.0, 0.8, "share per week and point", "martin-marsh-2008",
              "How fast shame and anxiety use up the resilience reserve.", gained=True),
        Param("reserve_restored", "ρ_R", 0.2, 0.02, 0.5, "share per week", "assumed",
              "How fast the reserve returns to a student's own baseline."),
        Param("steeling", "ρ_M", 0.03, -0.03, 0.1, "share per week", "seery-2010",
              "How fast a setback that is mastered a week later adds to the reserve; below 0 it takes away.",
              gained=True),
    ),
)  # fmt: skip
def update_reserve(reserve, affect, resilience, setback, heard_affect, submitted, p):
    """The reserve is used up by shame and anxiety and returns to the student's own baseline.

    Overload depletes; a setback that is mastered, as far as the next result is less of a failure, steels.
    """
    spent = minimum(p.reserve_spent * affect, 0.8)
    mastered = submitted * maximum(setback - heard_affect, 0.0)
    steeled = p.steeling * mastered * reserve * (1.0 - reserve)
    changed = reserve + p.reserve_restored * (resilience - reserve) - spent * reserve + steeled
    return blend(p.strength_resilience, reserve, changed)


@mechanism("setback")
def keep_setback(heard_affect, submitted, result_told, p, q):
    """Work handed in that failed is a setback, as far as anybody says so; it is remembered for a week."""
    return submitted * reaches(result_told, p, q) * heard_affect


@mechanism(
    "interest", strength={"interest": "the opening interest"}, group="motivational memory",
    effect="interest follows competence and evaluated failure", source="deci-ryan-2000; butler-1988",
    parameters=(
        Param("interest_gain", "ι_G", 0.02, 0.0, 0.08, "share per week", "assumed",
              "How fast competence raises interest.", gained=True),
        Param("interest_choice", "ι_C", 0.01, 0.0, 0.04, "share per week", "assumed",
              "How fast a free choice of tasks raises interest.", gained=True),
        Param("interest_loss", "ι_L", 0.06, 0.0, 0.2, "share per week", "butler-1988",
              "How fast evaluated failure under threat lowers interest.", gained=True),
    ),
)  # fmt: skip
def update_interest(interest, heard_affect, effort, enrolled, result_told, p, q):
    """Interest grows with competence and with choice, and shrinks with evaluated failure under threat."""
    gain = p.interest_gain * (1.0 - heard_affect) * effort * (1.0 - interest)
    loss = p.interest_loss * q.threat * heard_affect * interest
    change = reaches(result_told, p, q) * (gain - loss) + p.interest_choice * q.choice * (1.0 - interest)
    return interest + p.strength_interest * enrolled * change


@mechanism(
    "interest", strength={"curiosity": "a struggle leaves interest as it is"}, group="motivational memory",
    effect="a struggle raises or lowers interest in the solution", source="kapur-2016",
    parameters=(
        Param("curiosity_size", "ι_S", 0.02, -0.04, 0.08, "share per week", "assumed",
              "How much an analysed error at practice raises interest; below 0 it lowers it.", gained=True),
    ),
)  # fmt: skip
def grow_curious(interest, analysed, p):
    """A struggle raises (or lowers) interest in the solution."""
    return interest + p.strength_curiosity * p.curiosity_size * analysed * interest * (1.0 - interest)
