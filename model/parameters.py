"""The one table of numbers: every parameter, switch and policy lever with its unit, range, distribution, source and description.

Everything else asks this table: the engines for the order of numbers, the sampler for ranges and laws, the
command line for names and errors, the documents and axes for units and sentences.

*Kinds.* ``student`` and ``mechanism`` are uncertainties, ``design`` are switches, ``policy`` are levers that a
school can move (their named settings stand in `setback.model.policies`). Every rate is per week.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from setback.model.errors import InputError, number, shown, unknown
from setback.model.reading import parse_json, parse_toml

ASSUMED = "assumed"


class Param(NamedTuple):
    """One row of the table.

    ``distribution`` says how a sweep draws the number between ``low`` and ``high``: ``uniform``, ``loguniform``, or
    ``fixed`` (kept at its default unless named). ``source`` is a citation or the word ``assumed``.
    """

    name: str
    symbol: str
    default: float
    unit: str
    low: float
    high: float
    distribution: str
    kind: str
    source: str
    description: str


def strength_row(mechanism: str, does: str) -> Param:
    """The row of a mechanism's switch."""
    why = f"How much of the mechanism is at work: {does}."
    return Param(f"strength_{mechanism}", "s", 1.0, "share", 0.0, 1.0, "fixed", "design", ASSUMED, why)


_KOEDINGER = "Koedinger et al. 2023, doi:10.1073/pnas.2221311120"
_SINHA = "Sinha & Kapur 2021, doi:10.3102/00346543211019105"
_SCHERRER = "Scherrer et al. preprint, doi:10.31234/osf.io/ysxdw"
_EGO = "Eskreis-Winkler & Fishbach 2019, doi:10.1177/0956797619881133"
_EMBSE = "von der Embse et al. 2018, doi:10.1016/j.jad.2017.11.048"
_WEINER = "Weiner 1985, doi:10.1037/0033-295X.92.4.548"
_ABRAMSON = "Abramson et al. 1978, doi:10.1037/0021-843X.87.1.49"
_KULIK = "Kulik et al. 1990, doi:10.3102/00346543060002265"
_CEPEDA = "Cepeda et al. 2006, doi:10.1037/0033-2909.132.3.354"
_GOALS = "Dweck & Leggett 1988, doi:10.1037/0033-295X.95.2.256"
_MADIGAN = "Madigan 2019, doi:10.1007/s10648-019-09484-2"
_MINDSET = "Macnamara & Burgoyne 2023, doi:10.1037/bul0000352"
_ROSETH = "Roseth et al. 2008, doi:10.1037/0033-2909.134.2.223"
_DWECK = "Dweck 1975, doi:10.1037/h0077149"

# fmt: off
_TABLE: tuple[Param, ...] = (
    # ---- who sits in the class: means, spreads and correlations of the synthetic population
    Param("knowledge_mean", "μ_K", 0.0, "logit", -1.0, 1.0, "fixed", "student", ASSUMED, "Mean prior knowledge; the zero of the knowledge scale."),
    Param("knowledge_sd", "σ_K", 1.0, "logit", 0.5, 1.5, "uniform", "student", _KOEDINGER, "Spread of prior knowledge; students differ in where they start."),
    Param("class_share", "ρ_K", 0.22, "share", 0.0, 0.4, "uniform", "student", "Hedges & Hedberg 2007, doi:10.3102/0162373707299706", "Share of the spread of prior knowledge that lies between classes."),
    Param("learning_rate_sd", "σ_λ", 0.15, "log units", 0.0, 0.3, "uniform", "student", _KOEDINGER, "Spread of the learning rate; students differ little in how fast they learn."),
    Param("resilience_mean", "μ_R", 0.0, "logit", -1.0, 1.0, "uniform", "student", ASSUMED, "Mean baseline resilience; 0 is the middle of its scale."),
    Param("resilience_sd", "σ_R", 1.0, "logit", 0.3, 1.5, "uniform", "student", ASSUMED, "Spread of baseline resilience."),
    Param("style_mean", "μ_S", -0.1, "logit", -1.0, 1.0, "uniform", "student", "Diener & Dweck 1978, doi:10.1037/0022-3514.36.5.451", "Mean attribution style; above 0 the class leans to the helpless side."),
    Param("style_sd", "σ_S", 1.5, "logit", 0.5, 2.5, "uniform", "student", "Diener & Dweck 1978, doi:10.1037/0022-3514.36.5.451", "Spread of attribution style; about 40 % lean clearly to each side."),
    Param("expectancy_mean", "μ_E", 0.8, "logit", 0.0, 1.6, "uniform", "student", _KOEDINGER, "Mean opening success expectancy; 0.8 is about 69 %."),
    Param("expectancy_sd", "σ_E", 0.6, "logit", 0.2, 1.2, "uniform", "student", ASSUMED, "Spread of opening success expectancy."),
    Param("control_mean", "μ_C", 0.8, "logit", 0.0, 1.6, "uniform", "student", ASSUMED, "Mean opening perceived control; its low end is helplessness."),
    Param("control_sd", "σ_C", 0.7, "logit", 0.2, 1.2, "uniform", "student", ASSUMED, "Spread of opening perceived control."),
    Param("interest_mean", "μ_I", 0.2, "logit", -1.0, 1.0, "uniform", "student", ASSUMED, "Mean opening interest in the subject."),
    Param("interest_sd", "σ_I", 0.8, "logit", 0.2, 1.5, "uniform", "student", ASSUMED, "Spread of opening interest."),
    Param("goals_mean", "μ_G", 0.2, "logit", -1.0, 1.0, "uniform", "student", ASSUMED, "Mean goal orientation; above 0 the class leans to learning goals."),
    Param("goals_sd", "σ_G", 1.0, "logit", 0.3, 1.5, "uniform", "student", ASSUMED, "Spread of goal orientation."),
    Param("perfectionism_mean", "μ_P", -0.8, "logit", -2.0, 0.5, "uniform", "student", _MADIGAN, "Mean perfectionism; -0.8 is a share of about 0.3."),
    Param("perfectionism_sd", "σ_F", 0.8, "logit", 0.2, 1.5, "uniform", "student", ASSUMED, "Spread of perfectionism."),
    Param("rate_knowledge", "r_λK", 0.1, "correlation", -0.2, 0.4, "uniform", "student", _KOEDINGER, "Correlation of learning rate with prior knowledge."),
    Param("resilience_knowledge", "r_RK", 0.15, "correlation", -0.1, 0.4, "uniform", "student", ASSUMED, "Correlation of resilience with prior knowledge."),
    Param("style_resilience", "r_SR", -0.3, "correlation", -0.6, 0.0, "uniform", "student", "Gordeeva et al. 2020, doi:10.1007/s10212-019-00414-y", "Correlation of a helpless style with resilience; through it style hardly goes with achievement."),
    Param("expectancy_knowledge", "r_EK", 0.45, "correlation", 0.2, 0.7, "uniform", "student", "Wu et al. 2021, doi:10.1007/s10648-021-09600-1", "Correlation of opening expectancy with prior knowledge."),
    Param("control_style", "r_CS", -0.5, "correlation", -0.8, 0.0, "uniform", "student", _ABRAMSON, "Correlation of opening control with a helpless style."),
    Param("interest_expectancy", "r_IE", 0.3, "correlation", 0.0, 0.6, "uniform", "student", "Eccles & Wigfield 2002, doi:10.1146/annurev.psych.53.100901.135153", "Correlation of opening interest with opening expectancy."),
    Param("goals_expectancy", "r_GE", 0.2, "correlation", -0.1, 0.5, "uniform", "student", ASSUMED, "Correlation of learning goals with opening expectancy."),
    Param("perfectionism_style", "r_PS", 0.15, "correlation", -0.1, 0.4, "uniform", "student", ASSUMED, "Correlation of perfectionism with a helpless style."),

    # ---- what wanders and what fades, whatever happens in class
    Param("drift_sd", "σ_D", 0.3, "logit", 0.0, 0.8, "uniform", "mechanism", ASSUMED, "Size of the ups and downs that have nothing to do with failing (home, sleep, other subjects)."),
    Param("drift_memory", "φ_D", 0.8, "share per week", 0.0, 0.98, "uniform", "mechanism", ASSUMED, "How much of last week's ups and downs is still there this week."),
    Param("forgetting_rate", "δ_K", 0.1, "share per week", 0.0, 0.3, "uniform", "mechanism", "Cepeda et al. 2006, doi:10.1037/0033-2909.132.3.354", "Share of what was gained on a unit that is gone a week later."),
    Param("retention", "κ", 0.026, "share per unit", 0.002, 0.04, "loguniform", "mechanism", _SCHERRER, "Share of what was gained on a unit that lasts when the class moves on."),
    Param("syllabus_slope", "η", 0.012, "logit per unit", 0.0, 0.03, "uniform", "mechanism", _SCHERRER, "How much harder each unit is than the one before it."),
    Param("spacing_gain", "κ_S", 0.3, "share", 0.0, 1.0, "uniform", "mechanism", _CEPEDA, "How much more lasts where earlier units are revisited."),
    Param("revisiting_cost", "κ_T", 0.15, "share", 0.0, 0.4, "uniform", "mechanism", ASSUMED, "Share of instruction that revisiting earlier units takes."),

    # ---- effort, handing in, stopping
    Param("effort_level", "ε_0", -0.7, "logit", -2.0, 0.5, "uniform", "mechanism", ASSUMED, "Effort of a student who sees neither value nor cost."),
    Param("effort_value", "ε_V", 3.0, "logit", 0.0, 6.0, "uniform", "mechanism", "Eccles & Wigfield 2002, doi:10.1146/annurev.psych.53.100901.135153", "Pull of expectancy times value on effort."),
    Param("utility_value", "ε_U", 0.3, "share", 0.0, 0.6, "uniform", "mechanism", "Eccles & Wigfield 2002, doi:10.1146/annurev.psych.53.100901.135153", "Value of the work to a student without any interest in it."),
    Param("effort_control", "ε_C", 1.0, "logit", 0.0, 3.0, "uniform", "mechanism", _ABRAMSON, "Pull of perceived control on effort."),
    Param("effort_challenge", "ε_D", 0.5, "1/logit", 0.0, 1.5, "uniform", "mechanism", "Jansen et al. 2013, doi:10.1016/j.lindif.2012.12.014", "Cost of a task that is harder than one's present readiness."),
    Param("effort_affect", "ε_A", 0.8, "1/point", 0.0, 2.0, "uniform", "mechanism", _EMBSE, "Cost of shame and anxiety."),
    Param("effort_resolve", "ε_R", 1.0, "logit", -1.0, 3.0, "uniform", "mechanism", _WEINER, "Effort added after a failure that was put wholly down to effort; below 0 it is taken away."),
    Param("grade_incentive_size", "ε_G", 0.25, "share", 0.0, 0.8, "uniform", "mechanism", "Butcher et al. 2022, NBER w30798", "Value that a grade which counts fully, at full stakes, adds to the work."),
    Param("self_handicapping_size", "ε_H", 0.8, "logit", 0.0, 2.5, "uniform", "mechanism", "Urdan & Midgley 2001, doi:10.1023/A:1009061303214", "Effort that somebody who expects to fail, under full threat, holds back as an excuse."),
    Param("excuse_worth", "β_E", 0.5, "share", 0.0, 1.5, "uniform", "mechanism", "Kelley 1973, doi:10.1037/h0034225", "How much an excuse keeps a failure from speaking of ability."),
    Param("striving", "ε_P", 0.4, "logit", -0.4, 1.2, "uniform", "mechanism", _MADIGAN, "Effort that perfectionism adds; below 0 it takes effort away."),
    Param("easier_tasks_size", "χ_E", 0.8, "logit", 0.0, 2.0, "uniform", "mechanism", "Diener & Dweck 1978, doi:10.1037/0022-3514.36.5.451", "How much easier work somebody who fears failing chooses, where there is a free choice."),
    Param("peer_norm", "π_N", 0.1, "share", 0.0, 0.4, "uniform", "mechanism", "Kyndt et al. 2013, doi:10.1016/j.edurev.2013.02.002", "How far effort moves towards that of friends."),
    Param("reference_effort", "ε_r", 0.7, "share", 0.3, 1.0, "fixed", "mechanism", ASSUMED, "Effort of the reference student, which stands in when the effort mechanism is off."),
    Param("skip_level", "α_0", -3.2, "logit", -5.0, -1.0, "uniform", "mechanism", "OSU-CSE grade book, homework missed 12 %", "How often work is not handed in by an untroubled student."),
    Param("skip_affect", "α_A", 1.5, "1/point", 0.0, 3.0, "uniform", "mechanism", ASSUMED, "Shame and anxiety make students avoid the task."),
    Param("skip_control", "α_C", 3.0, "logit", 0.0, 6.0, "uniform", "mechanism", "Ryan & Pintrich 1997, doi:10.1037/0022-0663.89.2.329", "Feeling in control makes students hand in."),
    Param("dropout_level", "θ_0", -8.0, "logit per week", -11.0, -5.0, "uniform", "mechanism", ASSUMED, "How often an untroubled student stops for good."),
    Param("dropout_not_submitted", "θ_I", 0.8, "1/week", 0.0, 2.0, "uniform", "mechanism", ASSUMED, "Each week without handing in makes stopping likelier."),
    Param("dropout_control", "θ_C", 4.0, "logit", 0.0, 8.0, "uniform", "mechanism", ASSUMED, "Feeling in control keeps students in."),
    Param("dropout_affect", "θ_A", 1.0, "1/point", 0.0, 3.0, "uniform", "mechanism", ASSUMED, "Shame and anxiety push students out."),

    # ---- practice, errors, instruction
    Param("attempt_noise", "σ_P", 0.8, "logit", 0.2, 1.5, "uniform", "mechanism", ASSUMED, "Luck in a single attempt at practice."),
    Param("practice_rate", "γ_P", 0.8, "logit per week", 0.2, 1.6, "uniform", "mechanism", _KOEDINGER, "Procedural gain of a week of full practice, about eight opportunities of 0.1 logit."),
    Param("best_challenge", "χ_0", -0.6, "logit", -1.8, 0.6, "uniform", "mechanism", "Wilson et al. 2019, doi:10.1038/s41467-019-12552-4", "Challenge at which most is learnt; below 0 the task is easier than present readiness."),
    Param("challenge_curvature", "χ_2", 0.12, "1/logit²", 0.0, 0.4, "uniform", "mechanism", "Wilson et al. 2019, doi:10.1038/s41467-019-12552-4", "How fast learning falls off on either side of the best challenge."),
    Param("instruction_conceptual", "γ_C", 0.9, "logit per week", 0.2, 1.8, "uniform", "mechanism", ASSUMED, "Conceptual gain of a week's instruction at full effort."),
    Param("instruction_procedural", "γ_I", 0.4, "logit per week", 0.0, 1.0, "uniform", "mechanism", ASSUMED, "Procedural gain of a week's instruction at full effort."),
    Param("friends_help", "π_F", 0.2, "share", 0.0, 0.6, "uniform", "mechanism", "Roseth et al. 2008, doi:10.1037/0033-2909.134.2.223", "How much friends who work hard add to what instruction gives."),
    Param("friends_errors", "π_E", 0.5, "share", 0.0, 1.0, "uniform", "mechanism", _EGO, "Worth of a friend's analysed error, in group work, against one's own."),
    Param("engage_level", "ω_0", 0.2, "logit", -1.0, 2.0, "uniform", "mechanism", "Keith & Frese 2008, doi:10.1037/0021-9010.93.1.59", "Readiness of an average student to analyse an error."),
    Param("engage_control", "ω_C", 1.5, "logit", 0.0, 3.0, "uniform", "mechanism", "Keith & Frese 2008, doi:10.1037/0021-9010.93.1.59", "Feeling in control keeps a student with the error."),
    Param("engage_reserve", "ω_R", 1.0, "logit", 0.0, 3.0, "uniform", "mechanism", "Martin & Marsh 2008, doi:10.1016/j.jsp.2007.01.002", "A full reserve keeps a student with the error."),
    Param("engage_depth", "ω_D", 0.4, "1/logit", -0.2, 1.2, "uniform", "mechanism", ASSUMED, "A deep failure is harder to look at than a near miss."),
    Param("engage_friendly", "ω_F", 0.8, "logit", 0.0, 2.0, "uniform", "mechanism", "Steuer et al. 2013, doi:10.1016/j.cedpsych.2013.03.002", "Error-friendly talk keeps students with the error."),
    Param("engage_goals", "ω_G", 0.4, "logit", 0.0, 1.5, "uniform", "mechanism", _GOALS, "Learning goals keep a student with the error, performance goals turn away from it."),
    Param("error_attention_size", "ω_A", 0.6, "logit", -0.3, 2.0, "uniform", "mechanism", "Moser et al. 2011, doi:10.1177/0956797611419520", "Pull of a fully surprising error on attention, where it is safe to err."),
    Param("ego_threat_size", "ω_T", 1.5, "1/point", 0.0, 4.0, "uniform", "mechanism", _EGO, "Under shame and anxiety a student tunes out of the error."),
    Param("reference_engagement", "ω_r", 0.6, "share", 0.2, 1.0, "fixed", "mechanism", ASSUMED, "Share of an error that the reference student analyses."),
    Param("error_gain", "γ_E", 0.15, "logit", -0.05, 0.4, "uniform", "mechanism", "Kornell et al. 2009, doi:10.1037/a0015729", "Gain from one fully analysed near miss."),
    Param("near_miss_slope", "ν", 0.5, "1/logit", -0.5, 1.5, "uniform", "mechanism", "Metcalfe 2017, doi:10.1146/annurev-psych-010416-044022", "How fast the gain from an error falls with its depth; below 0 deep errors teach more."),
    Param("help_gain", "γ_H", 0.05, "logit", 0.0, 0.2, "uniform", "mechanism", ASSUMED, "Gain when the teacher steps in and shows the way."),
    Param("lost_depth", "τ_L", 1.5, "logit", 0.5, 3.0, "fixed", "mechanism", ASSUMED, "Shortfall from which a responsive teacher takes a student to be lost."),
    Param("activation", "ψ_A", 0.8, "share", 0.2, 1.0, "uniform", "mechanism", _SINHA, "How much one analysed struggle prepares the mind for the instruction that follows."),
    Param("help_cuts", "ψ_H", 0.5, "share", 0.0, 1.0, "uniform", "mechanism", ASSUMED, "Share of the preparation that is lost where somebody who is lost is helped."),
    Param("preparation_gain", "ψ_C", 1.0, "share", -0.5, 2.5, "uniform", "mechanism", _SINHA, "How much a fully prepared mind adds to the conceptual gain of the instruction."),
    Param("test_preparation", "ψ_E", 0.25, "share", 0.0, 0.8, "uniform", "mechanism", ASSUMED, "How much a failed test, fully looked into, prepares the mind for the next unit."),
    Param("exploration_cost", "ψ_T", 0.2, "share", 0.0, 0.6, "uniform", "mechanism", _SINHA, "Share of practice time that struggling first takes away."),

    # ---- assessment and going back to it
    Param("assess_noise", "σ_T", 0.55, "logit", 0.3, 0.9, "uniform", "mechanism", "unit-test reliability of .80", "Luck in a unit test."),
    Param("retake_gain", "γ_R", 0.35, "logit", 0.0, 1.0, "uniform", "mechanism", _KULIK, "Gain from correcting a failed test before taking it again, at full effort."),

    Param("pressure_capacity", "σ_W", 0.15, "logit", -0.15, 0.5, "uniform", "mechanism", _EMBSE, "What full stakes take from the performance at a test, against none; below 0 they help."),

    # ---- reading the cause
    Param("attribution_by_style", "β_S", 1.2, "logit", 0.0, 3.0, "uniform", "mechanism", _WEINER, "Pull of a helpless style: failures to ability, successes to luck."),
    Param("attribution_by_history", "β_H", 0.5, "logit", -1.0, 2.0, "uniform", "mechanism", "Stipek, as quoted by Kohn", "Pull of one's own history of failures in the same direction; below 0 it pulls the other way."),
    Param("consensus", "β_K", 1.0, "logit", 0.0, 2.5, "uniform", "mechanism", "Kelley 1973, doi:10.1037/h0034225", "If everybody did the same it was the task."),
    Param("comparison_blame", "β_C", 0.2, "logit", -0.5, 1.5, "uniform", "mechanism", "Butler 1988, doi:10.1111/j.2044-8279.1988.tb00874.x", "Being ranked makes a failure speak of ability; below 0 it speaks of the rank alone."),
    Param("attribution_drift", "β_D", 0.04, "share per week", 0.0, 0.15, "uniform", "mechanism", "Dweck 1975, doi:10.1037/h0077149", "How fast repeated attributions become a style."),

    Param("story_editing_share", "β_T", 0.5, "share", 0.0, 1.0, "uniform", "mechanism", _DWECK, "Share of a failure that a teacher who sees the need moves from ability to effort and strategy."),
    Param("teacher_sensitivity", "τ_1", 0.7, "probability", 0.3, 0.95, "uniform", "mechanism", ASSUMED, "How often a teacher sees a helpless student as one."),
    Param("teacher_specificity", "τ_0", 0.85, "probability", 0.5, 0.98, "uniform", "mechanism", ASSUMED, "How often a teacher sees that a student is not helpless."),
    Param("mindset_shift", "β_M", 0.1, "share", 0.0, 0.4, "uniform", "mechanism", _MINDSET, "Share of a failure that a mindset message moves from ability to effort and strategy."),
    Param("mindset_control", "λ_M", 0.003, "share per week", 0.0, 0.02, "uniform", "mechanism", _MINDSET, "How much a mindset message raises control."),

    # ---- what failing and succeeding do to the student
    Param("unlabelled", "λ_0", 0.5, "share", 0.0, 1.0, "uniform", "mechanism", ASSUMED, "How much of a failure a shortfall is that nobody calls one."),
    Param("expectancy_rate", "λ_E", 0.1, "share per week", 0.02, 0.3, "loguniform", "mechanism", "Talsma et al. 2018, doi:10.1016/j.lindif.2017.11.015", "How fast success expectancy follows what happens."),
    Param("stability", "λ_S", 0.6, "share", 0.0, 1.0, "uniform", "mechanism", _WEINER, "How much more a stable cause moves expectancy than a passing one."),
    Param("negativity", "λ_N", 0.3, "share", -0.3, 0.6, "uniform", "mechanism", "Müller-Pinzler et al. 2019, doi:10.1038/s41598-019-50821-w", "How much faster bad news is learnt than good news; below 0 slower."),
    Param("verdict_weight", "λ_V", 0.5, "share", 0.0, 1.0, "uniform", "mechanism", ASSUMED, "How much the word passed or failed counts beside the score."),
    Param("big_fish", "λ_F", 0.4, "share", 0.0, 1.0, "uniform", "mechanism", "Fang et al. 2018, doi:10.3389/fpsyg.2018.01569", "How far one's own result is read against those of the class, where they are public."),
    Param("control_gain", "λ_G", 0.1, "share per week", 0.0, 0.3, "uniform", "mechanism", _ABRAMSON, "How fast success through one's own effort raises control."),
    Param("control_loss", "λ_L", 0.15, "share per week", 0.0, 0.4, "uniform", "mechanism", "Lieder et al. 2013; " + _ABRAMSON, "How fast failing despite effort lowers control."),
    Param("aspiration", "λ_P*", 0.25, "share", 0.0, 0.6, "uniform", "mechanism", _MADIGAN, "How far above the cut the aspiration of a complete perfectionist lies."),
    Param("self_worth", "λ_W", 0.6, "share", 0.0, 1.5, "uniform", "mechanism", _MADIGAN, "How much a result below aspiration hurts a complete perfectionist, against a failing grade."),
    Param("repaired", "λ_Z", 0.3, "share", 0.0, 1.0, "uniform", "mechanism", ASSUMED, "How much a failing grade hurts that was told and then repaired by a retake."),
    Param("goals_hurt", "λ_Q", 0.3, "share", -0.2, 0.8, "uniform", "mechanism", _GOALS, "How much less a failure hurts under learning goals, and more under performance goals."),
    Param("pressure_affect", "λ_K", 1.0, "share", -0.5, 2.0, "uniform", "mechanism", _EMBSE, "How much more a failure hurts at full stakes than at none, in units of the reference policy's."),
    Param("compassion_decay", "λ_C", 0.1, "share per week", 0.0, 0.2, "uniform", "mechanism", "Neff et al. 2005, doi:10.1080/13576500444000317", "How much faster shame and anxiety fade where self-compassion is taught."),
    Param("affect_rise", "λ_A", 0.7, "points", 0.0, 2.0, "uniform", "mechanism", _EMBSE, "Shame and anxiety after one evaluated failure under full threat."),
    Param("affect_blame", "λ_B", 1.0, "share", 0.0, 3.0, "uniform", "mechanism", _WEINER, "How much more a failure hurts when ability is blamed."),
    Param("affect_decay", "λ_D", 0.4, "share per week", 0.1, 0.8, "uniform", "mechanism", "Neff et al. 2005, doi:10.1080/13576500444000317", "How fast shame and anxiety fade."),
    Param("impairment", "λ_P", 0.3, "logit per point", 0.0, 0.8, "uniform", "mechanism", _EMBSE, "How much shame and anxiety take from present readiness."),
    Param("buffer", "λ_R", 0.6, "share", 0.0, 1.0, "uniform", "mechanism", "Martin & Marsh 2008, doi:10.1016/j.jsp.2007.01.002", "How much of the hurt a full reserve takes away."),
    Param("reserve_spent", "ρ_S", 0.3, "share per week and point", 0.0, 0.8, "uniform", "mechanism", "Seery et al. 2010, doi:10.1037/a0021344", "How fast shame and anxiety use up the resilience reserve."),
    Param("reserve_restored", "ρ_R", 0.2, "share per week", 0.02, 0.5, "uniform", "mechanism", "Martin & Marsh 2008, doi:10.1016/j.jsp.2007.01.002", "How fast the reserve returns to a student's own baseline."),
    Param("interest_gain", "ι_G", 0.02, "share per week", 0.0, 0.08, "uniform", "mechanism", "Deci & Ryan 2000, doi:10.1207/S15327965PLI1104_01", "How fast competence raises interest."),
    Param("interest_choice", "ι_C", 0.01, "share per week", 0.0, 0.04, "uniform", "mechanism", "Deci & Ryan 2000, doi:10.1207/S15327965PLI1104_01", "How fast a free choice of tasks raises interest."),
    Param("interest_loss", "ι_L", 0.06, "share per week", 0.0, 0.2, "uniform", "mechanism", "Butler 1988, doi:10.1111/j.2044-8279.1988.tb00874.x", "How fast evaluated failure under threat lowers interest."),
    Param("history_memory", "φ_H", 0.8, "share per week", 0.0, 0.95, "uniform", "mechanism", ASSUMED, "How long a failure stays in a student's own record."),

    # ---- teacher time outside lessons
    Param("time_feedback", "t_F", 4.0, "minutes", 1.0, 10.0, "uniform", "mechanism", ASSUMED, "Time to mark one test with feedback that says all there is to say."),
    Param("time_retake", "t_R", 8.0, "minutes", 2.0, 20.0, "uniform", "mechanism", ASSUMED, "Time for one correction and retake: setting, invigilating, marking."),
    Param("time_adapt", "t_A", 3.0, "minutes", 0.0, 10.0, "uniform", "mechanism", ASSUMED, "Time to match a week's tasks to one student."),
    Param("time_story", "t_S", 5.0, "minutes", 1.0, 15.0, "uniform", "mechanism", ASSUMED, "Time for one talk about the causes of a failure."),

    # ---- switches: 1 as described, 0 the mechanism's neutral value, between them a blend
    strength_row("drift", "readiness wanders for reasons unrelated to failing"),
    strength_row("forgetting", "what was gained on a unit fades while it is repeated"),
    strength_row("effort", "effort follows expectancy, value and cost"),
    strength_row("avoidance", "work is not handed in, and some stop for good"),
    strength_row("challenge", "learning depends on challenge through an inverted U"),
    strength_row("failure_analysis", "students differ in how far they analyse an error"),
    strength_row("ego_threat", "threat to the self makes a student tune out of the error"),
    strength_row("near_miss", "the gain from an error depends on its depth"),
    strength_row("support", "the teacher steps in at once, when a student is lost, or never"),
    strength_row("preparation", "struggle before instruction prepares the mind and costs practice time"),
    strength_row("peers", "friends add to what instruction gives, and set a norm of effort"),
    strength_row("error_attention", "an error draws attention by its surprise"),
    strength_row("grade_incentive", "grades that count pay for effort"),
    strength_row("pressure", "stakes raise affect and take working capacity"),
    strength_row("competition", "results are read against those of the class, and a rank speaks of ability"),
    strength_row("perfectionism", "aspiration lies above the cut, and self-worth hangs on it"),
    strength_row("goals", "learning goals read failure as information, performance goals as a hurdle missed"),
    strength_row("self_handicapping", "effort is held back as an excuse in advance"),
    strength_row("easier_tasks", "where there is a choice, those who fear failing choose easier work"),
    strength_row("story_editing", "a teacher retells failures of students who seem helpless"),
    strength_row("mindset", "the message that ability grows shifts attribution and control"),
    strength_row("attribution", "causes are read by style, history, consensus and comparison"),
    strength_row("style_drift", "repeated attributions change the style"),
    strength_row("expectancy", "success expectancy follows prediction error"),
    strength_row("helplessness", "failing despite effort lowers perceived control"),
    strength_row("affect", "shame and anxiety rise, fade and impair"),
    strength_row("resilience", "the reserve is spent and restored"),
    strength_row("interest", "interest follows competence and evaluated failure"),

    # ---- policy levers
    Param("told", "T", 1.0, "share", 0.0, 1.0, "uniform", "policy", ASSUMED, "Whether students are told that they passed or failed."),
    Param("counted", "N", 1.0, "share", 0.0, 1.0, "uniform", "policy", ASSUMED, "Whether the result counts towards a record."),
    Param("public", "U", 0.0, "share", 0.0, 1.0, "uniform", "policy", ASSUMED, "Whether results are compared or made public."),
    Param("information", "F", 0.6, "share", 0.0, 1.0, "uniform", "policy", "Van der Kleij et al. 2015, doi:10.3102/0034654314564881", "How much the feedback says about where the student stands."),
    Param("threat", "H", 0.5, "share", 0.0, 1.0, "uniform", "policy", ASSUMED, "How threatening a failure is made."),
    Param("stakes", "W", 0.5, "share", 0.0, 1.0, "uniform", "policy", _EMBSE, "How much depends on each result."),
    Param("comparison", "X", 0.0, "share", 0.0, 1.0, "uniform", "policy", "Butler 1988, doi:10.1111/j.2044-8279.1988.tb00874.x", "How far the grade is one's place in the class rather than one's own score."),
    Param("cut", "c", 0.0, "logit", -2.0, 2.0, "uniform", "policy", ASSUMED, "Margin at which this policy begins to call a result a pass; 0 is the fixed criterion."),
    Param("quota", "κ_q", 0.2, "share", 0.02, 0.5, "uniform", "policy", ASSUMED, "Share of the class that fails by construction where grades are by rank."),
    Param("retakes", "k", 0.0, "retakes per test", 0.0, 2.0, "fixed", "policy", _KULIK, "How often a failed test may be corrected and taken again."),
    Param("level", "d_0", -0.6, "logit", -1.5, 2.0, "uniform", "policy", _KOEDINGER, "Difficulty of the first unit, against the mean of prior knowledge."),
    Param("pace", "d_1", 1.0, "share", 0.0, 3.0, "uniform", "policy", ASSUMED, "How fast difficulty rises, as a multiple of the syllabus."),
    Param("waiting", "w", 0.0, "share", 0.0, 1.0, "uniform", "policy", _KULIK, "Whether the class repeats a unit until enough of it has mastered it."),
    Param("mastery_share", "w_r", 0.75, "share", 0.1, 0.99, "uniform", "policy", _KULIK, "Share of the class that must have mastered a unit before a waiting class moves on."),
    Param("self_paced", "w_s", 0.0, "share", 0.0, 1.0, "uniform", "policy", ASSUMED, "Whether each student moves on alone, after mastering a unit."),
    Param("adaptive", "a", 0.0, "share", 0.0, 1.0, "uniform", "policy", "Steenbergen-Hu et al. 2016, doi:10.3102/0034654316675417", "How far practice tasks are matched to each student."),
    Param("target", "a_0", -0.4, "logit", -2.0, 1.0, "uniform", "policy", "Wilson et al. 2019, doi:10.1038/s41467-019-12552-4", "Challenge that matched tasks aim at."),
    Param("problem_first", "f", 0.0, "share", 0.0, 1.0, "uniform", "policy", _SINHA, "Share of the instruction that comes after the attempt instead of before it."),
    Param("consolidation", "f_c", 1.0, "share", 0.0, 1.0, "uniform", "policy", _SINHA, "How far the instruction builds on what students tried before it."),
    Param("rescue", "h_0", 0.0, "share", 0.0, 1.0, "uniform", "policy", "Kapur 2016, doi:10.1080/00461520.2016.1155457", "How far the teacher steps in at the first sign of struggle."),
    Param("responsive", "h_1", 1.0, "share", 0.0, 1.0, "uniform", "policy", "Kapur 2016, doi:10.1080/00461520.2016.1155457", "How far the teacher helps those who are lost."),
    Param("friendly", "e", 0.0, "share", 0.0, 1.0, "uniform", "policy", "Steuer et al. 2013, doi:10.1016/j.cedpsych.2013.03.002", "How far errors are welcome in class."),
    Param("grade_practice", "g", 0.0, "share", 0.0, 1.0, "uniform", "policy", ASSUMED, "Share of the grade that is the score of the attempt at practice."),
    Param("choice", "b", 0.0, "share", 0.0, 1.0, "uniform", "policy", "Deci & Ryan 2000, doi:10.1207/S15327965PLI1104_01", "How far students choose their own tasks."),
    Param("spiral", "v", 0.0, "share", 0.0, 1.0, "uniform", "policy", _CEPEDA, "How far earlier units are revisited."),
    Param("cooperation", "m", 0.0, "share", 0.0, 1.0, "uniform", "policy", _ROSETH, "How far students work together and share what they find out."),
    Param("attribution_talk", "y", 0.0, "share", 0.0, 1.0, "uniform", "policy", _DWECK, "How far the teacher talks with students about the causes of their failures."),
    Param("mindset_message", "i", 0.0, "share", 0.0, 1.0, "uniform", "policy", _MINDSET, "How far the message is given that ability grows."),
    Param("compassion", "j", 0.0, "share", 0.0, 1.0, "uniform", "policy", "Neff et al. 2005, doi:10.1080/13576500444000317", "How far self-compassion and mindfulness are taught."),
)
# fmt: on

#: The table by name. A mechanism of one's own adds its rows at the end (`setback.model.custom`), so whoever must see
#: them asks this module when the question comes up.
TABLE = _TABLE
ROWS: dict[str, Param] = {row.name: row for row in TABLE}
#: Names in the order of the engines' arrays: what a world has, and what a policy has.
WORLD_NAMES = tuple(row.name for row in TABLE if row.kind != "policy")
LEVER_NAMES = tuple(row.name for row in TABLE if row.kind == "policy")
STRENGTHS = tuple(name for name in WORLD_NAMES if name.startswith("strength_"))

#: The mechanisms that act on the same arrow, which no data tell apart: read together, fitted together.
MECHANISM_GROUPS: Mapping[str, tuple[str, ...]] = {
    "threat": ("ego_threat", "pressure", "affect", "perfectionism", "goals", "competition"),
    "motivational memory": ("expectancy", "helplessness", "style_drift", "interest", "grade_incentive"),
    "withdrawal": ("effort", "avoidance", "self_handicapping", "easier_tasks"),
    "learning from error": (
        "error_attention", "near_miss", "challenge", "preparation", "failure_analysis", "support",
    ),
    "messages": ("story_editing", "mindset"),
    "reading the cause": ("attribution",),
    "resilience": ("resilience",),
    "peers": ("peers",),
    "levels": ("forgetting", "drift"),
}  # fmt: skip

#: What an equation reads as ``p`` and ``q``: one number, or one row of numbers, a name.
_record: Any = namedtuple
World = _record("World", WORLD_NAMES)
Levers = _record("Levers", LEVER_NAMES)


def extend(rows: Sequence[Param]) -> None:
    """Let the table be the model's own rows and then these."""
    global TABLE, WORLD_NAMES, STRENGTHS, World
    TABLE = (*_TABLE, *rows)
    ROWS.clear()
    ROWS.update({row.name: row for row in TABLE})
    WORLD_NAMES = tuple(row.name for row in TABLE if row.kind != "policy")
    STRENGTHS = tuple(name for name in WORLD_NAMES if name.startswith("strength_"))
    World = _record("World", WORLD_NAMES)


def check(name: str, value: Any, kinds: str = "parameter") -> float:
    """One value of the table as a float.

    Raises:
        InputError: an unknown name (the nearest are offered), no finite number, or one out of range.
    """
    known = LEVER_NAMES if kinds == "policy lever" else WORLD_NAMES
    if name not in known:
        raise unknown(kinds, name, known)
    row = ROWS[name]
    return number(f"{kinds} {name}", value, row.low, row.high, row.unit)


class Parameters(Mapping[str, float]):
    """The numbers of one world: the table's defaults with some of them changed. Frozen.

    >>> Parameters(attribution_drift=0.1)["attribution_drift"]
    0.1

    Args:
        values: changed values by name, as a mapping.
        **named: changed values by name, as keywords.

    Raises:
        InputError: an unknown name, no finite number, or a number out of its range.
    """

    def __init__(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        changed = {name: check(name, value) for name, value in {**(values or {}), **named}.items()}
        self._values = {name: changed.get(name, ROWS[name].default) for name in WORLD_NAMES}

    def __getitem__(self, name: str) -> float:
        if name not in WORLD_NAMES:
            raise unknown("parameter", name, WORLD_NAMES)
        return self._values.get(name, ROWS[name].default)

    def __contains__(self, name: object) -> bool:
        return name in WORLD_NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(WORLD_NAMES)

    def __len__(self) -> int:
        return len(WORLD_NAMES)

    def __hash__(self) -> int:
        return hash(tuple(self.items()))

    def replace(self, **named: Any) -> Parameters:
        """The same world with some numbers changed."""
        return Parameters({**self, **named})

    def changed(self) -> dict[str, float]:
        """The values that differ from the table's defaults."""
        return {name: value for name, value in self.items() if value != ROWS[name].default}

    def to_json(self) -> str:
        """All values as a JSON object; `from_json` reads it back exactly."""
        return json.dumps(dict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Parameters:
        """Read what `to_json` wrote; missing names take their defaults."""
        return cls(_named(parse_json(text, "text of parameters")))

    def to_toml(self) -> str:
        """All values as TOML with units and reasons as comments; `from_toml` reads it back exactly."""
        return "".join(
            f"{name} = {value!r}  # {ROWS[name].unit}: {ROWS[name].description}\n" for name, value in self.items()
        )

    @classmethod
    def from_toml(cls, text: str) -> Parameters:
        """Read what `to_toml` wrote; missing names take their defaults."""
        return cls(parse_toml(text, "text of parameters"))

    def __repr__(self) -> str:
        return f"Parameters({', '.join(f'{k}={v!r}' for k, v in self.changed().items())})"

    def __str__(self) -> str:
        return as_table(self)

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        changed = self.changed()
        rows = [
            {"parameter": name, "value": value, "default": ROWS[name].default, "unit": ROWS[name].unit}
            for name, value in changed.items()
        ]
        left = f"{len(changed)} changed, {len(self) - len(changed)} as in the table (print() shows all)"
        return html("Parameters", [left], rows)


def _named(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise InputError(f"text of parameters is {shown(found)}; it needs names with numbers")
    return found


def as_table(values: Mapping[str, float] | None = None) -> str:
    """The table as aligned plain text: name, value, unit, range, distribution, kind, source, description.

    Args:
        values: the rows to show with these values; all rows with their defaults where it is left out.
    """
    rows = [("name", "value", "unit", "range", "distribution", "kind", "source", "description")]
    for name, value in (values or {row.name: row.default for row in TABLE}).items():
        row = ROWS[name]
        rows.append(
            (
                name,
                f"{value:g}",
                row.unit,
                f"{row.low:g} to {row.high:g}",
                row.distribution,
                row.kind,
                row.source,
                row.description,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(7)]
    return "\n".join("  ".join([*(cell.ljust(w) for cell, w in zip(row, widths)), row[7]]) for row in rows)
