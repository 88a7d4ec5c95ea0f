"""Attribution: how the causes of a result are read, and what that leaves behind."""

from setback.model.arithmetic import blend, exp, indicator, maximum
from setback.model.equations.grading import verdict_counts


def weigh_task(class_failing_grade_seen, class_enrolled, p):
    """Consensus: if everybody failed it was the task, and if everybody passed.

    Source: Kelley 1973, doi:10.1037/h0034225.
    """
    return exp(p.consensus * (2.0 * class_failing_grade_seen / maximum(class_enrolled, 0.001) - 1.0))


def compare_with_class(heard_peers, class_grade_seen, class_enrolled, submitted, p, q):
    """A big fish in a little pond: one's own result looks smaller in a strong class, the more it is made public.

    Source: Fang et al. 2018, doi:10.3389/fpsyg.2018.01569; Marsh (big-fish-little-pond effect). Strength: competition;
    neutral: no comparison.
    """
    apart = heard_peers - class_grade_seen / maximum(class_enrolled, 0.001)
    return p.strength_competition * p.big_fish * (0.5 + 0.5 * q.public) * submitted * apart


def attribute(attribution_style, history, heard_attribution, task_weight, excuse, p, q):
    """Ability, effort, task or luck: causes are read by style, own history, consensus and comparison.

    The shares are a softmax with effort as the reference. A helpless style, and a record of failures, give
    failures to ability rather than luck, and successes to luck rather than ability; an excuse does the reverse.

    Source: Weiner 1985, doi:10.1037/0033-295X.92.4.548; Stipek as quoted by Kohn; for excuses Kelley 1973,
    doi:10.1037/h0034225 (discounting and augmentation). Strengths: attribution; neutral: equal shares; competition;
    neutral: a rank speaks of ability no more than a score does.
    """
    failed = indicator(heard_attribution < 0.0)
    helpless = (
        p.attribution_by_style * (2.0 * attribution_style - 1.0)
        + p.attribution_by_history * history
        - p.excuse_worth * excuse
    )
    pull = exp((2.0 * failed - 1.0) * helpless)
    ability = pull + (exp(p.strength_competition * p.comparison_blame * q.comparison) - 1.0) * failed * pull
    task = 1.0 / task_weight + failed * (task_weight - 1.0 / task_weight)
    luck = 1.0 / pull
    share = 1.0 / (1.0 + ability + task + luck)
    return (
        blend(p.strength_attribution, 0.25, ability * share),
        blend(p.strength_attribution, 0.25, share),
        blend(p.strength_attribution, 0.25, task * share),
        blend(p.strength_attribution, 0.25, luck * share),
    )


def edit_story(to_ability, to_effort, control, heard_attribution, enrolled, helpless, u, p, q):
    """A teacher who sees a helpless student retells a failure as a matter of effort and strategy.

    Who needs it is seen with a stated sensitivity, and who does not is spared with a stated specificity.

    Source: Dweck 1975, doi:10.1037/h0077149; Wilson 2011. Strength: story_editing; neutral: nothing is retold.
    """
    needs = indicator(control < helpless)
    seen = indicator(u < needs * p.teacher_sensitivity + (1.0 - needs) * (1.0 - p.teacher_specificity))
    failed = enrolled * indicator(heard_attribution < 0.0)
    talked = p.strength_story_editing * q.attribution_talk * seen * failed
    moved = p.story_editing_share * talked * to_ability
    return to_ability - moved, to_effort + moved, talked


def believe_in_growth(to_ability, to_effort, control, heard_attribution, enrolled, p, q):
    """Ability seen as improvable shifts the causes of failure, and control, a little.

    Source: Macnamara & Burgoyne 2023, doi:10.1037/bul0000352. Strength: mindset; neutral: no shift.
    """
    heard = p.strength_mindset * q.mindset_message * enrolled
    moved = p.mindset_shift * heard * indicator(heard_attribution < 0.0) * to_ability
    return to_ability - moved, to_effort + moved, control + p.mindset_control * heard * (1.0 - control)


def resolve_to_try(heard_attribution, to_effort, submitted):
    """A failure that is put down to effort and strategy can be mended by them; it is remembered for a week.

    Source: Weiner 1985, doi:10.1037/0033-295X.92.4.548.
    """
    return submitted * indicator(heard_attribution < 0.0) * to_effort


def drift_of_style(attribution_style, heard_attribution, to_ability, to_effort, to_luck, submitted, p, q):
    """Repeated attributions change the style, whichever way they go.

    Source: Dweck 1975, doi:10.1037/h0077149. Strength: style_drift; neutral: the opening style.
    """
    failed = indicator(heard_attribution < 0.0)
    up = to_luck + failed * (to_ability - to_luck)
    down = to_effort + (1.0 - failed) * to_ability
    rate = p.strength_style_drift * p.attribution_drift * verdict_counts(q.told, p)
    return attribution_style + rate * submitted * (up * (1.0 - attribution_style) - down * attribution_style)


def remember(history, heard_attribution, enrolled, p, q):
    """A failure stays in one's own record for a while.

    Source: Stipek as quoted by Kohn. Strength: attribution; neutral: no record.
    """
    failed = verdict_counts(q.told, p) * indicator(heard_attribution < 0.0)
    now = history + enrolled * (1.0 - p.history_memory) * (failed - history)
    return blend(p.strength_attribution, history, now)
