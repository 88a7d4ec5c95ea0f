"""What failing and succeeding do to expectancy, control, affect, reserve and interest."""

from setback.model.arithmetic import blend, clip, indicator, minimum
from setback.model.equations.grading import verdict_counts
from setback.model.mechanism import Param, mechanism


@mechanism(
    "expectancy", strength={"expectancy": "the opening expectancy"}, group="motivational memory",
    effect="success expectancy follows prediction error", source="weiner-1985; talsma-2018; mueller-pinzler-2019",
    parameters=(
        Param("expectancy_rate", "λ_E", 0.1, 0.02, 0.3, "share per week", "talsma-2018",
              "How fast success expectancy follows what happens.", "loguniform"),
        Param("stability", "λ_S", 0.6, 0.0, 1.0, "share", "weiner-1985",
              "How much more a stable cause moves expectancy than a passing one."),
        Param("negativity", "λ_N", 0.3, -0.3, 0.6, "share", "mueller-pinzler-2019",
              "How much faster bad news is learnt than good news; below 0 slower."),
        Param("verdict_weight", "λ_V", 0.5, 0.0, 1.0, "share", "assumed",
              "How much the word passed or failed counts beside the score."),
    ),
)  # fmt: skip
def update_expectancy(expectancy, heard_expectancy, line, frame_of_reference, to_ability, to_task, submitted, p, q):
    """Success expectancy follows prediction error; stable causes move it more, bad news perhaps faster."""
    grade = heard_expectancy + line
    verdict = p.verdict_weight * verdict_counts(q.told, p)
    outcome = clip(grade + verdict * (indicator(heard_expectancy >= 0.0) - grade) + frame_of_reference, 0.0, 1.0)
    error = outcome - expectancy
    speed = p.expectancy_rate * q.information
    rate = speed * (1.0 - p.stability) + 2.0 * speed * p.stability * (to_ability + to_task)
    rate = rate * (1.0 + p.negativity * indicator(error < 0.0))
    return blend(p.strength_expectancy, expectancy, expectancy + submitted * rate * error)


@mechanism(
    "control", strength={"helplessness": "the opening control"}, group="motivational memory",
    effect="failing despite effort lowers perceived control", source="abramson-1978; lieder-2013",
    parameters=(
        Param("control_gain", "λ_G", 0.1, 0.0, 0.3, "share per week", "abramson-1978",
              "How fast success through effort raises control."),
        Param("control_loss", "λ_L", 0.15, 0.0, 0.4, "share per week", "lieder-2013; abramson-1978",
              "How fast failing despite effort lowers control."),
    ),
)  # fmt: skip
def update_control(control, heard_control, effort, to_effort, p, q):
    """Failing despite effort lowers perceived control, failing without effort does not; success by effort raises it."""
    failed = indicator(heard_control < 0.0)
    gain = p.control_gain * (1.0 - failed) * to_effort * (1.0 - control)
    loss = p.control_loss * failed * (1.0 - to_effort) * control
    return control + p.strength_helplessness * verdict_counts(q.told, p) * effort * (gain - loss)


@mechanism(
    "hurt", strength={"perfectionism": "nobody aspires above the cut"}, source="madigan-2019; dweck-leggett-1988",
    parameters=(
        Param("aspiration", "λ_P*", 0.25, 0.0, 0.6, "share", "madigan-2019",
              "How far above the cut the aspiration of a complete perfectionist lies."),
        Param("self_worth", "λ_W", 0.6, 0.0, 1.5, "share", "madigan-2019",
              "How much a result below aspiration hurts a complete perfectionist, against a failing grade."),
        Param("repaired", "λ_Z", 0.3, 0.0, 1.0, "share", "assumed",
              "How much a failing grade hurts that was told and then repaired by a retake.", mechanism="affect"),
        Param("goals_hurt", "λ_Q", 0.3, -0.2, 0.8, "share", "dweck-leggett-1988",
              "How much less a failure hurts under learning goals, and more under performance goals.",
              mechanism="goals"),
        Param("affect_blame", "λ_B", 1.0, 0.0, 3.0, "share", "weiner-1985",
              "How much more a failure hurts when ability is blamed.", mechanism="affect"),
    ),
)  # fmt: skip
def take_to_heart(heard_affect, failing_grade_told, to_ability, perfectionism, goals, p):
    """A failing grade hurts, more when ability is blamed; a perfectionist aspires above the cut.

    Learning goals take the edge off. A failing grade that was told and then repaired by a retake hurts less.
    """
    worth = p.strength_perfectionism * p.self_worth * perfectionism
    missed = indicator(heard_affect < p.aspiration * perfectionism)
    failed = indicator(heard_affect < 0.0)
    felt = failed + p.repaired * (1.0 - failed) * failing_grade_told + worth * missed
    return felt * (0.5 + p.affect_blame * failed * to_ability) * (1.0 - p.goals_hurt * goals)


@mechanism(
    "affect", strength={"affect": "none"}, group="threat", effect="shame and anxiety rise, fade and impair",
    source="embse-2018; neff-2005",
    parameters=(
        Param("pressure_affect", "λ_K", 1.0, -0.5, 2.0, "share", "embse-2018",
              "How much more a failure hurts at full stakes than at none, in units of the reference policy's.",
              mechanism="pressure"),
        Param("compassion_decay", "λ_C", 0.1, 0.0, 0.2, "share per week", "neff-2005",
              "How much faster shame and anxiety fade where self-compassion is taught."),
        Param("affect_rise", "λ_A", 0.7, 0.0, 2.0, "points", "embse-2018",
              "Shame and anxiety after one evaluated failure under full threat."),
        Param("affect_decay", "λ_D", 0.4, 0.1, 0.8, "share per week", "neff-2005", "How fast shame and anxiety fade."),
        Param("buffer", "λ_R", 0.6, 0.0, 1.0, "share", "martin-marsh-2008",
              "How much of the hurt a full reserve takes away."),
    ),
)  # fmt: skip
def update_affect(affect, hurt, pressure, reserve, enrolled, p, q):
    """Shame and anxiety rise with evaluated failure under threat, and fade.

    Compassion and mindfulness speed the fading.
    """
    threat = p.affect_rise * verdict_counts(q.told, p) * q.threat * (1.0 + p.pressure_affect * pressure)
    rise = threat * enrolled * hurt * (1.0 - p.buffer * reserve)
    fades = p.affect_decay + p.compassion_decay * q.compassion
    return blend(p.strength_affect, affect, affect + rise - fades * affect)


@mechanism(
    "reserve", strength={"resilience": "the baseline"}, group="resilience",
    effect="the reserve is spent and restored", source="martin-marsh-2008; seery-2010",
    parameters=(
        Param("reserve_spent", "ρ_S", 0.3, 0.0, 0.8, "share per week and point", "seery-2010",
              "How fast shame and anxiety use up the resilience reserve."),
        Param("reserve_restored", "ρ_R", 0.2, 0.02, 0.5, "share per week", "martin-marsh-2008",
              "How fast the reserve returns to a student's own baseline."),
    ),
)  # fmt: skip
def update_reserve(reserve, affect, resilience, p):
    """The reserve is used up by shame and anxiety and returns to the student's own baseline."""
    spent = minimum(p.reserve_spent * affect, 0.8)
    return blend(
        p.strength_resilience, reserve, reserve + p.reserve_restored * (resilience - reserve) - spent * reserve
    )


@mechanism(
    "interest", strength={"interest": "the opening interest"}, group="motivational memory",
    effect="interest follows competence and evaluated failure", source="deci-ryan-2000; butler-1988",
    parameters=(
        Param("interest_gain", "ι_G", 0.02, 0.0, 0.08, "share per week", "deci-ryan-2000",
              "How fast competence raises interest."),
        Param("interest_choice", "ι_C", 0.01, 0.0, 0.04, "share per week", "deci-ryan-2000",
              "How fast a free choice of tasks raises interest."),
        Param("interest_loss", "ι_L", 0.06, 0.0, 0.2, "share per week", "butler-1988",
              "How fast evaluated failure under threat lowers interest."),
    ),
)  # fmt: skip
def update_interest(interest, heard_affect, effort, enrolled, p, q):
    """Interest grows with competence and with choice, and shrinks with evaluated failure under threat."""
    failed = indicator(heard_affect < 0.0)
    gain = p.interest_gain * (1.0 - failed) * effort * (1.0 - interest)
    loss = p.interest_loss * q.threat * failed * interest
    change = verdict_counts(q.told, p) * (gain - loss) + p.interest_choice * q.choice * (1.0 - interest)
    return interest + p.strength_interest * enrolled * change
