"""Attribution: how the causes of a result are read, and what that leaves behind."""

from setback.model.arithmetic import blend, exp, indicator, maximum, minimum
from setback.model.equations.grading import reaches
from setback.model.mechanism import Param, mechanism


@mechanism(
    "task_weight", kind="teacher", source="kelley-1973",
    parameters=(
        Param("consensus", "β_K", 1.0, 0.0, 2.5, "logit", "assumed",
              "If everybody did the same it was the task.", mechanism="attribution", gained=True),
    ),
)  # fmt: skip
def weigh_task(class_failing_grade_seen, class_enrolled, result_told, p, q):
    """Consensus: if everybody failed it was the task, and if everybody passed; what nobody is told nobody compares."""
    share = minimum(class_failing_grade_seen / maximum(class_enrolled, 0.001), 1.0)
    return exp(p.consensus * reaches(result_told, p, q) * (2.0 * share - 1.0))


@mechanism(
    "frame_of_reference", strength={"competition": "no comparison"}, group="threat",
    effect="results are read against those of the class, and a rank speaks of ability", source="fang-2018",
    parameters=(
        Param("big_fish", "λ_F", 0.4, 0.0, 1.0, "share", "fang-2018",
              "How far a result is read against those of the class, where they are public.", gained=True),
    ),
)  # fmt: skip
def compare_with_class(grade_peers, class_grade_seen, class_enrolled, submitted, result_public, p):
    """A big fish in a little pond: a grade looks smaller in a strong class, the more grades are made public.

    What reads it knows grades as far as feedback tells (`setback.model.equations.feelings.update_expectancy`).
    """
    apart = grade_peers - class_grade_seen / maximum(class_enrolled, 0.001)
    return p.strength_competition * p.big_fish * (0.5 + 0.5 * result_public) * submitted * apart


@mechanism(
    "to_ability to_effort to_task to_luck",
    strength={"attribution": "equal shares", "competition": "a rank speaks of ability no more than a score does"},
    group="reading the cause", effect="causes are read by style, history, consensus and comparison",
    source="weiner-1985; diener-dweck-1978; diener-dweck-1980; stipek-kohn; kelley-1973",
    parameters=(
        Param("excuse_worth", "β_E", 0.5, 0.0, 1.5, "share", "assumed",
              "How much an excuse keeps a failure from speaking of ability.", mechanism="self_handicapping",
              gained=True),
        Param("attribution_by_style", "β_S", 1.2, 0.0, 3.0, "logit", "diener-dweck-1978; diener-dweck-1980",
              "Pull of a helpless style: failures to ability rather than effort, successes to luck and task.",
              gained=True),
        Param("attribution_by_history", "β_H", 0.5, -1.0, 2.0, "logit", "stipek-kohn",
              "Pull of the student's history of failures in the same direction; below 0 it pulls the other way.",
              gained=True),
        Param("comparison_blame", "β_C", 0.2, -0.5, 1.5, "logit", "assumed",
              "Being ranked makes a failure speak of ability; below 0 it speaks of the rank alone.",
              mechanism="competition", gained=True),
        Param("luck_pole", "β_L", 0.0, 0.0, 1.0, "share", "assumed",
              "How far the pole opposite to a helpless style gives failures to luck rather than to effort."),
    ),
)  # fmt: skip
def attribute(attribution_style, history, heard_attribution, task_weight, excuse, p, q):
    """Ability, effort, task or luck: causes are read by style, own history, consensus and comparison.

    A helpless style, and a record of failures, give failures to ability and successes to luck and task; the opposite
    pole gives failures to effort and strategy, successes to oneself (Diener & Dweck 1978, 1980). An excuse does so too.
    By another reading of it that pole gives failures to luck.
    """
    failed = heard_attribution
    helpless = (
        p.attribution_by_style * (2.0 * attribution_style - 1.0)
        + p.attribution_by_history * history
        - p.excuse_worth * excuse
    )
    pull = exp(helpless)
    away = 1.0 / pull
    blamed = pull * exp(p.strength_competition * p.comparison_blame * q.comparison)
    ability = away + failed * (blamed - away)
    effort = 1.0 + failed * ((1.0 - p.luck_pole) * (away - 1.0))
    luck = pull + failed * (1.0 + p.luck_pole * (away - 1.0) - pull)
    task = pull / task_weight + failed * (task_weight - pull / task_weight)
    share = 1.0 / (ability + effort + task + luck)
    return (
        blend(p.strength_attribution, 0.25, ability * share),
        blend(p.strength_attribution, 0.25, effort * share),
        blend(p.strength_attribution, 0.25, task * share),
        blend(p.strength_attribution, 0.25, luck * share),
    )


@mechanism(
    "to_ability to_effort talked", decision="detect", lever="attribution_talk",
    strength={"story_editing": "nothing is retold"}, group="messages",
    effect="a teacher retells failures of students who seem helpless", source="dweck-1975; wilson-2011",
    parameters=(
        Param("story_editing_share", "β_T", 0.5, 0.0, 1.0, "share", "dweck-1975",
              "Share of a failure that a teacher who sees the need moves from ability to effort and strategy.",
              gained=True),
        Param("teacher_sensitivity", "τ_1", 0.7, 0.3, 0.95, "probability", "assumed",
              "How often a teacher sees a helpless student as one."),
        Param("teacher_specificity", "τ_0", 0.85, 0.5, 0.98, "probability", "assumed",
              "How often a teacher sees that a student is not helpless."),
    ),
)  # fmt: skip
def edit_story(to_ability, to_effort, control, heard_attribution, enrolled, result_told, helpless, u, p, q):
    """A teacher who sees a helpless student retells a failure as a matter of effort and strategy.

    Who needs it is seen with a stated sensitivity, and who does not is spared with a stated specificity.
    """
    needs = indicator(control < helpless)
    seen = indicator(u < needs * p.teacher_sensitivity + (1.0 - needs) * (1.0 - p.teacher_specificity))
    failed = reaches(result_told, p, q) * enrolled * heard_attribution
    talked = p.strength_story_editing * q.attribution_talk * seen * failed
    moved = p.story_editing_share * talked * to_ability
    return to_ability - moved, to_effort + moved, talked


@mechanism(
    "to_ability to_effort control", lever="mindset_message", strength={"mindset": "no shift"}, group="messages",
    effect="the message that ability grows shifts attribution and control", source="macnamara-burgoyne-2023",
    parameters=(
        Param("mindset_shift", "β_M", 0.1, 0.0, 0.4, "share", "assumed",
              "Share of a failure that a mindset message moves from ability to effort and strategy.", gained=True),
        Param("mindset_control", "λ_M", 0.003, 0.0, 0.02, "share per week", "assumed",
              "How much a mindset message raises control.", gained=True),
    ),
)  # fmt: skip
def believe_in_growth(to_ability, to_effort, control, heard_attribution, enrolled, result_told, p, q):
    """Ability seen as improvable shifts the causes of failure, and control, a little."""
    heard = p.strength_mindset * q.mindset_message * enrolled
    moved = p.mindset_shift * heard * reaches(result_told, p, q) * heard_attribution * to_ability
    return to_ability - moved, to_effort + moved, control + p.mindset_control * heard * (1.0 - control)


@mechanism(
    "to_ability to_effort control", lever="coping_models", strength={"models": "no shift"}, group="messages",
    effect="stories of people who failed first shift attribution and control by example",
    source="schunk-1987; lin-siegler-2016",
    parameters=(
        Param("models_shift", "β_V", 0.05, -0.1, 0.3, "share", "lin-siegler-2016",
              "Share of a failure that the stories move from ability to effort and strategy; below 0 the other way.",
              gained=True),
        Param("models_control", "λ_V*", 0.003, -0.005, 0.02, "share per week", "schunk-1987",
              "How much the stories raise control; below 0 they lower it.", gained=True),
    ),
)  # fmt: skip
def learn_from_models(to_ability, to_effort, control, heard_attribution, enrolled, result_told, p, q):
    """People who failed first and coped show by example what a failure means, and that something can be done."""
    shown = p.strength_models * q.coping_models * enrolled
    failed = shown * reaches(result_told, p, q) * heard_attribution
    moved = failed * (maximum(p.models_shift, 0.0) * to_ability + minimum(p.models_shift, 0.0) * to_effort)
    return to_ability - moved, to_effort + moved, control + p.models_control * shown * control * (1.0 - control)


@mechanism("resolve", source="weiner-1985")
def resolve_to_try(heard_attribution, to_effort, submitted, result_told, p, q):
    """A failure that is put down to effort and strategy can be mended by them; it is remembered for a week."""
    return submitted * reaches(result_told, p, q) * heard_attribution * to_effort


@mechanism(
    "attribution_style", strength={"style_drift": "the opening style"}, group="motivational memory",
    effect="repeated attributions change the style", source="dweck-1975",
    parameters=(
        Param("attribution_drift", "β_D", 0.04, 0.0, 0.15, "share per week", "assumed",
              "How fast repeated attributions become a style.", gained=True),
    ),
)  # fmt: skip
def drift_of_style(attribution_style, heard_attribution, to_ability, to_effort, to_luck, submitted, result_told, p, q):
    """Repeated attributions change the style, whichever way they go."""
    failed = heard_attribution
    up = to_luck + failed * (to_ability - to_luck)
    down = to_effort + (1.0 - failed) * to_ability
    rate = p.strength_style_drift * p.attribution_drift * reaches(result_told, p, q)
    return attribution_style + rate * submitted * (up * (1.0 - attribution_style) - down * attribution_style)


@mechanism(
    "history", strength={"attribution": "no record"}, source="stipek-kohn",
    parameters=(
        Param("history_memory", "φ_H", 0.8, 0.0, 0.95, "share per week", "assumed",
              "How long a failure stays in a student's own record."),
    ),
)  # fmt: skip
def remember(history, heard_attribution, enrolled, result_told, p, q):
    """A failure stays in the student's record for a while."""
    failed = reaches(result_told, p, q) * heard_attribution
    now = history + enrolled * (1.0 - p.history_memory) * (failed - history)
    return blend(p.strength_attribution, history, now)
