"""What failing and succeeding do to expectancy, control, affect, reserve and interest."""

from setback.model.arithmetic import blend, clip, indicator, minimum
from setback.model.equations.grading import verdict_counts


def update_expectancy(expectancy, heard_expectancy, line, frame_of_reference, to_ability, to_task, submitted, p, q):
    """Success expectancy follows prediction error; stable causes move it more, bad news perhaps faster.

    Source: Weiner 1985, doi:10.1037/0033-295X.92.4.548; Talsma et al. 2018, doi:10.1016/j.lindif.2017.11.015;
    Müller-Pinzler et al. 2019, doi:10.1038/s41598-019-50821-w. Strength: expectancy; neutral: the opening expectancy.
    """
    grade = heard_expectancy + line
    verdict = p.verdict_weight * verdict_counts(q.told, p)
    outcome = clip(grade + verdict * (indicator(heard_expectancy >= 0.0) - grade) + frame_of_reference, 0.0, 1.0)
    error = outcome - expectancy
    speed = p.expectancy_rate * q.information
    rate = speed * (1.0 - p.stability) + 2.0 * speed * p.stability * (to_ability + to_task)
    rate = rate * (1.0 + p.negativity * indicator(error < 0.0))
    return blend(p.strength_expectancy, expectancy, expectancy + submitted * rate * error)


def update_control(control, heard_control, effort, to_effort, p, q):
    """Failing despite effort lowers perceived control, failing without effort does not; success by effort raises it.

    Source: Abramson et al. 1978, doi:10.1037/0021-843X.87.1.49; Lieder et al. 2013. Strength: helplessness; neutral:
    the opening control.
    """
    failed = indicator(heard_control < 0.0)
    gain = p.control_gain * (1.0 - failed) * to_effort * (1.0 - control)
    loss = p.control_loss * failed * (1.0 - to_effort) * control
    return control + p.strength_helplessness * verdict_counts(q.told, p) * effort * (gain - loss)


def take_to_heart(heard_affect, failing_grade_told, to_ability, perfectionism, goals, p):
    """A failing grade hurts, more when ability is blamed; a perfectionist aspires above the cut.

    Learning goals take the edge off. A failing grade that was told and then repaired by a retake hurts less.

    Source: Madigan 2019, doi:10.1007/s10648-019-09484-2; Dweck & Leggett 1988, doi:10.1037/0033-295X.95.2.256.
    Strength: perfectionism; neutral: nobody aspires above the cut.
    """
    worth = p.strength_perfectionism * p.self_worth * perfectionism
    missed = indicator(heard_affect < p.aspiration * perfectionism)
    failed = indicator(heard_affect < 0.0)
    felt = failed + p.repaired * (1.0 - failed) * failing_grade_told + worth * missed
    return felt * (0.5 + p.affect_blame * failed * to_ability) * (1.0 - p.goals_hurt * goals)


def update_affect(affect, hurt, pressure, reserve, enrolled, p, q):
    """Shame and anxiety rise with evaluated failure under threat, and fade.

    Compassion and mindfulness speed the fading.

    Source: von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048; Neff et al. 2005,
    doi:10.1080/13576500444000317. Strength: affect; neutral: none.
    """
    threat = p.affect_rise * verdict_counts(q.told, p) * q.threat * (1.0 + p.pressure_affect * pressure)
    rise = threat * enrolled * hurt * (1.0 - p.buffer * reserve)
    fades = p.affect_decay + p.compassion_decay * q.compassion
    return blend(p.strength_affect, affect, affect + rise - fades * affect)


def update_reserve(reserve, affect, resilience, p):
    """The reserve is used up by shame and anxiety and returns to the student's own baseline.

    Source: Martin & Marsh 2008, doi:10.1016/j.jsp.2007.01.002; Seery et al. 2010, doi:10.1037/a0021344. Strength:
    resilience; neutral: the baseline.
    """
    spent = minimum(p.reserve_spent * affect, 0.8)
    return blend(
        p.strength_resilience, reserve, reserve + p.reserve_restored * (resilience - reserve) - spent * reserve
    )


def update_interest(interest, heard_affect, effort, enrolled, p, q):
    """Interest grows with competence and with choice, and shrinks with evaluated failure under threat.

    Source: Deci & Ryan 2000, doi:10.1207/S15327965PLI1104_01; Butler 1988,
    doi:10.1111/j.2044-8279.1988.tb00874.x. Strength: interest; neutral: the opening interest.
    """
    failed = indicator(heard_affect < 0.0)
    gain = p.interest_gain * (1.0 - failed) * effort * (1.0 - interest)
    loss = p.interest_loss * q.threat * failed * interest
    change = verdict_counts(q.told, p) * (gain - loss) + p.interest_choice * q.choice * (1.0 - interest)
    return interest + p.strength_interest * enrolled * change
