"""The one table of numbers: every parameter, strength and policy lever with its unit, range, source and description.

Everything else asks this table: the engines for the order of numbers, the sampler for ranges and distributions, the
command line for names and errors, the documents and axes for units and sentences. The numbers of a mechanism stand
beside its equation (`setback.model.mechanism`) and are collected here; who sits in the class, a teacher's time and
the levers of a policy stand in this file.

*Gains.* Each group of mechanisms has one number, ``gain_<group>``, that multiplies the coefficients of the group: 1 is
as described, 0 none of them. `Table.effective` multiplies, once, where a block of columns is made; the equations read
the product under the coefficient's own name.

*Other rules.* Where theories state a rule in two ways, one number says which: 0 is the rule of the model, 1 the other
(``luck_pole``, ``control_by_outcome``, ``one_signal``, ``expectancy_by_mean``), and between them lies a blend. They are
uncertainties like any other, uniform from 0 to 1, so that an audit and ``vary = "all"`` draw over both rules.

*Kinds.* ``student`` and ``mechanism`` are uncertainties, ``design`` are strengths of mechanisms, ``policy`` are levers
that a school can move (their named settings stand in `setback.model.policies`). Every rate is per week.
"""

from __future__ import annotations

import json
import math
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cache, cached_property
from typing import Any, NamedTuple

from setback.model.arithmetic import minimum
from setback.model.equations import (
    assessment,
    attribution,
    effort,
    feelings,
    grading,
    leaving,
    pacing,
    practice,
    readiness,
    repeating,
)
from setback.model.errors import InputError, number, shown, unknown
from setback.model.mechanism import CUSTOM, Param, declaration, gain_name, gain_row, strength_row
from setback.model.reading import parse_json, parse_toml
from setback.model.references import ASSUMED, FITTED

# fmt: off
#: Who sits in the class: means, spreads and correlations of the synthetic population.
STUDENTS = (
    Param("knowledge_mean", "μ_K", 0.0, -1.0, 1.0, "logit", ASSUMED, "Mean prior knowledge; the zero of the knowledge scale.", "fixed"),
    Param("knowledge_sd", "σ_K", 1.0, 0.5, 1.5, "logit", ASSUMED, "Spread of prior knowledge; students differ in where they start."),
    Param("class_share", "ρ_K", 0.22, 0.0, 0.4, "share", ASSUMED, "Share of the spread of prior knowledge that lies between classes."),
    Param("learning_rate_sd", "σ_λ", 0.15, 0.0, 0.3, "log units", "koedinger-2023", "Spread of the learning rate; students differ little in how fast they learn."),
    Param("resilience_mean", "μ_R", 0.0, -1.0, 1.0, "logit", ASSUMED, "Mean baseline resilience; 0 is the middle of its scale."),
    Param("resilience_sd", "σ_R", 1.0, 0.3, 1.5, "logit", ASSUMED, "Spread of baseline resilience."),
    Param("style_mean", "μ_S", 0.00291, -1.0, 1.0, "logit", FITTED, "Mean attribution style; above 0 the class leans to the helpless side."),
    Param("style_sd", "σ_S", 1.5, 0.5, 2.5, "logit", "diener-dweck-1978", "Spread of attribution style; about 40 % lean clearly to each side."),
    Param("expectancy_mean", "μ_E", 0.8, 0.0, 1.6, "logit", ASSUMED, "Mean opening success expectancy; 0.8 is about 69 %."),
    Param("expectancy_sd", "σ_E", 0.6, 0.2, 1.2, "logit", ASSUMED, "Spread of opening success expectancy."),
    Param("confidence_sd", "σ_B", 0.0, 0.0, 1.5, "logit", ASSUMED, "Spread of confidence, by which students expect more or less than their results say."),
    Param("control_mean", "μ_C", 0.8, 0.0, 1.6, "logit", ASSUMED, "Mean opening perceived control; its low end is helplessness."),
    Param("control_sd", "σ_C", 0.7, 0.2, 1.2, "logit", ASSUMED, "Spread of opening perceived control."),
    Param("anxiety_mean", "μ_A", 0.0, 0.0, 0.8, "points", ASSUMED, "Shame and anxiety that the average student returns to."),
    Param("anxiety_sd", "σ_A*", 0.0, 0.0, 0.6, "points", ASSUMED, "Spread of the level of shame and anxiety that students return to; nobody's is below 0."),
    Param("interest_mean", "μ_I", 0.2, -1.0, 1.0, "logit", ASSUMED, "Mean opening interest in the subject."),
    Param("interest_sd", "σ_I", 0.8, 0.2, 1.5, "logit", ASSUMED, "Spread of opening interest."),
    Param("goals_mean", "μ_G", 0.2, -1.0, 1.0, "logit", ASSUMED, "Mean goal orientation; above 0 the class leans to learning goals."),
    Param("goals_sd", "σ_G", 1.0, 0.3, 1.5, "logit", ASSUMED, "Spread of goal orientation."),
    Param("handicap_sd", "σ_H", 0.0, 0.0, 1.5, "log units", ASSUMED, "Spread of the tendency to hold effort back as an excuse."),
    Param("aptitude_sd", "σ_U", 0.0, 0.0, 0.8, "logit", ASSUMED, "Spread of how well one and the same unit suits different students."),
    Param("perfectionism_mean", "μ_P", -0.8, -2.0, 0.5, "logit", ASSUMED, "Mean perfectionism; -0.8 is a share of about 0.3."),
    Param("perfectionism_sd", "σ_F", 0.8, 0.2, 1.5, "logit", ASSUMED, "Spread of perfectionism."),
    Param("diligence_sd", "σ_L", 0.0, 0.0, 2.5, "logit", ASSUMED, "Spread of diligence, by which some hand in less than others all year, whatever happens to them."),
    Param("prior_validity", "v_K", 1.0, 0.5, 1.0, "correlation", ASSUMED, "How far a score on paper, as of a roster or an admission, measures prior knowledge."),
    Param("roster_reliability", "ρ_T", 1.0, 0.5, 1.0, "share", ASSUMED, "Reliability of what a roster says of any other trait; 1 takes it for the trait itself."),
    Param("rate_knowledge", "r_λK", 0.1, -0.2, 0.4, "correlation", ASSUMED, "Correlation of learning rate with prior knowledge."),
    Param("resilience_knowledge", "r_RK", 0.15, -0.1, 0.4, "correlation", ASSUMED, "Correlation of resilience with prior knowledge."),
    Param("style_resilience", "r_SR", -0.3, -0.6, 0.0, "correlation", ASSUMED, "Correlation of a helpless style with resilience; through it style hardly goes with achievement."),
    Param("expectancy_knowledge", "r_EK", 0.45, 0.2, 0.7, "correlation", "wu-2021", "Correlation of opening expectancy with prior knowledge."),
    Param("control_style", "r_CS", -0.5, -0.8, 0.0, "correlation", ASSUMED, "Correlation of opening control with a helpless style."),
    Param("anxiety_knowledge", "r_AK", -0.2, -0.5, 0.1, "correlation", ASSUMED, "Correlation of anxiety with prior knowledge."),
    Param("interest_expectancy", "r_IE", 0.3, 0.0, 0.6, "correlation", ASSUMED, "Correlation of opening interest with opening expectancy."),
    Param("goals_expectancy", "r_GE", 0.2, -0.1, 0.5, "correlation", ASSUMED, "Correlation of learning goals with opening expectancy."),
    Param("perfectionism_style", "r_PS", 0.15, -0.1, 0.4, "correlation", ASSUMED, "Correlation of perfectionism with a helpless style."),
    Param("diligence_knowledge", "r_LK", 0.15, -0.1, 0.5, "correlation", ASSUMED, "Correlation of diligence with prior knowledge."),
)
#: Teacher time outside lessons.
TIMES = (
    Param("time_feedback", "t_F", 4.0, 1.0, 10.0, "minutes", ASSUMED, "Time to mark one test with feedback that says all there is to say."),
    Param("time_retake", "t_R", 8.0, 2.0, 20.0, "minutes", ASSUMED, "Time for one correction and retake: setting, invigilating, marking."),
    Param("time_repeat_help", "t_W", 15.0, 0.0, 40.0, "minutes", ASSUMED, "Time for full help with one failed unit that is set again."),
    Param("time_adapt", "t_A", 3.0, 0.0, 10.0, "minutes", ASSUMED, "Time to match a week's tasks to one student."),
    Param("time_story", "t_S", 5.0, 1.0, 15.0, "minutes", ASSUMED, "Time for one talk about the causes of a failure."),
)
#: What a school can move.
LEVERS = (
    Param("told", "T", 1.0, 0.0, 1.0, "share", ASSUMED, "Whether students are told that they passed or failed."),
    Param("counted", "N", 1.0, 0.0, 1.0, "share", ASSUMED, "Whether the result counts towards a record."),
    Param("public", "U", 0.0, 0.0, 1.0, "share", ASSUMED, "Whether results are compared or made public."),
    Param("information", "F", 0.6, 0.0, 1.0, "share", "kleij-2015", "How much the feedback says about where the student stands."),
    Param("feedback_delay", "F_d", 0.0, 0.0, 2.0, "weeks", ASSUMED, "How late feedback on the week's work comes."),
    Param("threat", "H", 0.5, 0.0, 1.0, "share", ASSUMED, "How threatening a failure is made."),
    Param("stakes", "W", 0.5, 0.0, 1.0, "share", ASSUMED, "How much depends on each result."),
    Param("comparison", "X", 0.0, 0.0, 1.0, "share", "butler-1988", "How far the grade is the rank in the class rather than the score."),
    Param("cut", "c", 0.0, -2.0, 2.0, "logit", ASSUMED, "Margin at which this policy begins to call a result a pass; 0 is the fixed criterion."),
    Param("quota", "κ_q", 0.2, 0.02, 0.9, "share", ASSUMED, "Share of the class that fails by construction where grades are by rank."),
    Param("retakes", "k", 0.0, 0.0, 2.0, "retakes per test", "kulik-1990", "How often a failed test may be corrected and taken again.", "fixed"),
    Param("assignment_every", "n", 0.0, 0.0, 36.0, "weeks", ASSUMED, "Weeks from one graded assignment to the next, with ungraded quizzes between them; 0 grades the test of every week.", "fixed"),
    Param("level", "d_0", -0.6, -1.5, 2.0, "logit", "koedinger-2023", "Difficulty of the first unit, against the mean of prior knowledge."),
    Param("pace", "d_1", 1.0, 0.0, 3.0, "share", ASSUMED, "How fast difficulty rises, as a multiple of the syllabus."),
    Param("waiting", "w", 0.0, 0.0, 1.0, "share", ASSUMED, "Whether the class repeats a unit until enough of it has mastered it."),
    Param("mastery_share", "w_r", 0.75, 0.1, 0.99, "share", ASSUMED, "Share of the class that must have mastered a unit before a waiting class moves on."),
    Param("repeats", "w_k", 0.0, 0.0, 3.0, "repeats per unit", "kulik-1990", "How often a failed unit is set again, in the weeks that follow, beside the new one.", "fixed"),
    Param("repeat_help", "w_h", 0.0, 0.0, 1.0, "share", ASSUMED, "How far students get help with a failed unit that is set again."),
    Param("self_paced", "w_s", 0.0, 0.0, 1.0, "share", ASSUMED, "Whether each student moves on alone, after mastering a unit."),
    Param("adaptive", "a", 0.0, 0.0, 1.0, "share", "jansen-2013", "How far practice tasks are matched to each student."),
    Param("target", "a_0", -0.4, -2.0, 1.0, "logit", ASSUMED, "Challenge that matched tasks aim at."),
    Param("problem_first", "f", 0.0, 0.0, 1.0, "share", "sinha-kapur-2021", "Share of the instruction that comes after the attempt instead of before it."),
    Param("problem_distance", "f_d", 0.0, 0.0, 3.0, "logit", ASSUMED, "How far above the syllabus a problem lies that comes first: beyond what was taught."),
    Param("others_attempts", "f_o", 0.0, 0.0, 1.0, "share", "kapur-2014", "Share of the exploration before instruction that is spent on others' failed attempts instead of the student's own attempt."),
    Param("consolidation", "f_c", 1.0, 0.0, 1.0, "share", "sinha-kapur-2021", "How far the instruction builds on what students tried before it."),
    Param("rescue", "h_0", 0.0, 0.0, 1.0, "share", ASSUMED, "How far the teacher steps in at the first sign of struggle."),
    Param("responsive", "h_1", 1.0, 0.0, 1.0, "share", ASSUMED, "How far the teacher helps those who are lost."),
    Param("friendly", "e", 0.0, 0.0, 1.0, "share", "steuer-2013", "How far errors are welcome in class."),
    Param("grade_practice", "g", 0.0, 0.0, 1.0, "share", ASSUMED, "Share of the grade that is the score of the attempt at practice."),
    Param("choice", "b", 0.0, 0.0, 1.0, "share", ASSUMED, "How far students choose their own tasks."),
    Param("spiral", "v", 0.0, 0.0, 1.0, "share", "cepeda-2006", "How far earlier units are revisited."),
    Param("cooperation", "m", 0.0, 0.0, 1.0, "share", "roseth-2008; kyndt-2013", "How far students work together and share what they find out."),
    Param("attribution_talk", "y", 0.0, 0.0, 1.0, "share", "dweck-1975", "How far the teacher talks with students about the causes of their failures."),
    Param("mindset_message", "i", 0.0, 0.0, 1.0, "share", "macnamara-burgoyne-2023", "How far the message is given that ability grows."),
    Param("coping_models", "o", 0.0, 0.0, 1.0, "share", "schunk-1987", "How far stories are told of people who failed first and coped."),
    Param("analysis_taught", "u", 0.0, 0.0, 1.0, "share", ASSUMED, "How far students are taught to analyse a failure and to keep a record of it."),
    Param("open_tasks", "l", 0.0, 0.0, 1.0, "share", ASSUMED, "How far tasks are open, with more than one way to succeed."),
    Param("compassion", "j", 0.0, 0.0, 1.0, "share", ASSUMED, "How far self-compassion and mindfulness are taught."),
    Param("target_record", "z", 0.0, 0.0, 1.0, "share", ASSUMED, "Share of failures in the recent record from which a student is singled out; 0 singles out nobody."),
    Param("targeted_level", "z_d", 0.0, -1.5, 0.0, "logit", ASSUMED, "How much easier tasks and tests are for those who are singled out."),
    Param("targeted_talk", "z_y", 0.0, 0.0, 1.0, "share", "dweck-1975", "How far the teacher talks about causes with those who are singled out."),
    Param("targeted_support", "z_h", 0.0, 0.0, 1.0, "share", ASSUMED, "How far those who are singled out are helped at the first sign of struggle."),
    Param("targeted_information", "z_F", 0.0, 0.0, 1.0, "share", ASSUMED, "How much more the feedback on the week's work says to those who are singled out."),
)
# fmt: on
#: The gains that the fit tells; those of all other groups are 1, and assumed.
FITTED_GAINS: Mapping[str, float] = {"withdrawal": 1.22, "learning from error": 1.48}
#: The files of equations whose declarations bring rows, in the order of the table.
DECLARING = (readiness, pacing, effort, leaving, practice, assessment, repeating, attribution, grading, feelings)


class Gained(NamedTuple):
    """Says that a gain multiplies a number, and what the product may be at most: 1 for a share, else anything."""

    name: str
    gain: str
    most: float


class Table:
    """The parameter table of a model. Frozen.

    Args:
        rows: every row, in order.
        groups: the mechanisms by group; those of one group act on the same arrow, which no data tell apart: they are
            read together and fitted together.

    Raises:
        InputError: if a row is gained, and its mechanism belongs to no group that has a gain.
    """

    def __init__(self, rows: Sequence[Param], groups: Mapping[str, tuple[str, ...]]) -> None:
        self.rows, self.groups = tuple(rows), groups
        self.gained = self._gained()

    @cached_property
    def by_name(self) -> Mapping[str, Param]:
        """The rows by name."""
        return {row.name: row for row in self.rows}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What a world has: names in the order of the engines' arrays."""
        return tuple(row.name for row in self.rows if row.kind != "policy")

    @cached_property
    def levers(self) -> tuple[str, ...]:
        """What a policy has: names in the order of the engines' arrays."""
        return tuple(row.name for row in self.rows if row.kind == "policy")

    @cached_property
    def strengths(self) -> tuple[str, ...]:
        """The strengths of mechanisms."""
        return tuple(row.name for row in self.rows if row.kind == "design")

    @cached_property
    def gains(self) -> Mapping[str, str]:
        """The gain of each group of mechanisms that has one, by group."""
        return {group: name for group in self.groups if (name := gain_name(group)) in self.by_name}

    def _gained(self) -> tuple[Gained, ...]:
        """Every number that a gain multiplies."""
        gains = {mechanism: gain for group, gain in self.gains.items() for mechanism in self.groups[group]}
        found = []
        for row in self.rows:
            if row.gained and row.mechanism not in gains:
                there = f"there are {', '.join(self.gains)}"
                raise InputError(f"{row.name} is gained, but its mechanism belongs to no group with a gain; {there}")
            if row.gained:
                is_share = (row.unit.startswith("share") or row.unit == "probability") and row.high <= 1.0
                found.append(Gained(row.name, gains[str(row.mechanism)], 1.0 if is_share else math.inf))
        return tuple(found)

    def effective(self, world: Mapping[str, Any]) -> dict[str, Any]:
        """Give the numbers that the equations read: coefficients multiplied by the gain of their group.

        A share stays a share: where the range of a row whose unit is a share or a probability ends at 1, so does the
        product. Gains that have done their work are 1 in what is given back, so that nothing is multiplied twice.

        Args:
            world: every name of `names` with a number, or with a row of numbers, one a column.
        """
        found = dict(world)
        for name, gain, most in self.gained:
            product = world[name] * world[gain]
            found[name] = product if math.isinf(most) else minimum(product, most)
            found[gain] = world[gain] * 0.0 + 1.0
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and (self is other or self.rows == other.rows)

    def __hash__(self) -> int:
        return hash(self.names)

    def __reduce__(self) -> Any:
        """Pickle the model's own table as its name."""
        return "OWN" if self is globals().get("OWN") else (Table, (self.rows, self.groups))

    def extended(self, rows: Sequence[Param]) -> Table:
        """Give this table with the rows of a custom mechanism at its end."""
        custom = (*self.groups.get(CUSTOM, ()), *(str(row.mechanism) for row in rows if row.kind == "design"))
        wanted = any(row.gained and row.mechanism in custom for row in rows) and gain_name(CUSTOM) not in self.by_name
        gain = (gain_row(CUSTOM),) if wanted else ()
        return Table((*self.rows, *rows, *gain), {**self.groups, CUSTOM: custom})

    def check(self, name: str, value: Any, kinds: str = "parameter") -> float:
        """Give one value of the table as a float.

        Raises:
            InputError: if there is no such name (the nearest are offered), or it is no number in its range.
        """
        self.check_name(name, kinds, value)
        row = self.by_name[name]
        return number(f"{kinds} {name}", value, row.low, row.high, row.unit)

    def check_name(self, name: str, kinds: str = "parameter", value: Any = None) -> None:
        """Raise InputError if there is no parameter, or no policy lever, of a name."""
        known, others = (self.levers, self.names) if kinds == "policy lever" else (self.names, self.levers)
        if name in known:
            return
        if name in others and kinds == "policy lever":
            raise InputError(f"{name} is a parameter of the world and no policy lever; give it to Parameters")
        if name in others:
            row = self.by_name[name]
            example = f"Policy('criterion', {name}={shown(row.high if value is None else value)})"
            raise InputError(f"{name} is a policy lever; give it to the policy, as in {example}")
        raise self.unknown(kinds, name, known)

    def unknown(self, what: str, name: str, known: Sequence[str]) -> InputError:
        """Make the error for a name that is not there; of a gain it speaks as of its group."""
        if isinstance(name, str) and name.startswith("gain_"):
            return unknown("group of mechanisms", name.removeprefix("gain_").replace("_", " "), self.gains)
        return unknown(what, name, known)


def _collected() -> Table:
    """The table of the model, from the rows above and the declarations of its equations."""
    found = [d for file in DECLARING for f in vars(file).values()
             if (d := declaration(f)) and f.__module__ == file.__name__]  # fmt: skip
    introduced = {next(iter(d.strength)): d for d in found if d.effect}
    groups: dict[str, tuple[str, ...]] = {}
    for mechanism, one in introduced.items():
        groups[one.group] = (*groups.get(one.group, ()), mechanism)
    gained = {row.mechanism for one in found for row in one.parameters if row.gained}
    rows = (
        *(row._replace(kind="student", mechanism="") for row in STUDENTS),
        *(row for one in found for row in one.parameters),
        *(row._replace(mechanism="") for row in TIMES),
        *(gain_row(group, FITTED_GAINS.get(group)) for group, mechanisms in groups.items() if gained & {*mechanisms}),
        *(strength_row(mechanism, one.effect) for mechanism, one in introduced.items()),
        *(row._replace(kind="policy", mechanism="") for row in LEVERS),
    )
    return Table(rows, groups)


#: The model's own table, and what is asked of it most. A model with custom mechanisms has another (`Model.table`).
OWN = _collected()
TABLE, ROWS, WORLD_NAMES, LEVER_NAMES, STRENGTHS = OWN.rows, OWN.by_name, OWN.names, OWN.levers, OWN.strengths
#: The mechanisms that act on the same arrow, which no data tell apart: read together, fitted together.
MECHANISM_GROUPS: Mapping[str, tuple[str, ...]] = OWN.groups


@cache
def record(name: str, fields: tuple[str, ...]) -> Any:
    """Give what an equation reads as ``p`` or ``q``: one number, or one row of numbers, a name."""
    made: Any = namedtuple
    return made(name, fields)


World, Levers = record("World", WORLD_NAMES), record("Levers", LEVER_NAMES)


def check(name: str, value: Any, kinds: str = "parameter") -> float:
    """Give one value of the model's own table as a float; see `Table.check`."""
    return OWN.check(name, value, kinds)


class Parameters(Mapping[str, float]):
    """The numbers of one world: the table's defaults with some of them changed. Frozen.

    >>> Parameters(attribution_drift=0.1)["attribution_drift"]
    0.1

    A model with custom mechanisms makes its own: `setback.model.week.Model.parameters`.

    Args:
        values: changed values by name, as a mapping.
        **named: changed values by name, as keywords.

    Raises:
        InputError: if a name is unknown, or a value is no finite number in its range.
    """

    def __init__(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        self._take(OWN, {**(values or {}), **named})

    @classmethod
    def of(cls, table: Table, values: Mapping[str, Any] | None = None) -> Parameters:
        """Give the numbers of one world by the table of a model; see `Parameters`."""
        made = cls.__new__(cls)
        made._take(table, values or {})
        return made

    def _take(self, table: Table, values: Mapping[str, Any]) -> None:
        changed = {name: table.check(name, value) for name, value in values.items()}
        self.table = table
        self._values = {name: changed.get(name, table.by_name[name].default) for name in table.names}

    def __getitem__(self, name: str) -> float:
        if name not in self._values:
            self.table.check_name(name)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self.items()))

    def replace(self, **named: Any) -> Parameters:
        """Give the same world with some numbers changed."""
        return Parameters.of(self.table, {**self, **named})

    def without(self, *names: str) -> Parameters:
        """Give the same world with some numbers 0, whatever their range: what they stand for does not happen.

        Raises:
            InputError: if there is no such number.
        """
        for name in names:
            self.table.check_name(name)
        found = copy(self)
        found._values = {**self._values, **dict.fromkeys(names, 0.0)}
        return found

    def changed(self) -> dict[str, float]:
        """Give the values that differ from the table's defaults."""
        return {name: value for name, value in self.items() if value != self.table.by_name[name].default}

    def to_json(self) -> str:
        """Give all values as a JSON object; `from_json` reads it back exactly."""
        return json.dumps(dict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Parameters:
        """Read what `to_json` wrote; missing names take their defaults."""
        return cls(_named(parse_json(text, "text of parameters")))

    def to_toml(self) -> str:
        """Give all values as TOML with units and reasons as comments; `from_toml` reads it back exactly."""
        rows = self.table.by_name
        return "".join(
            f"{name} = {value!r}  # {rows[name].unit}: {rows[name].description}\n" for name, value in self.items()
        )

    @classmethod
    def from_toml(cls, text: str) -> Parameters:
        """Read what `to_toml` wrote; missing names take their defaults."""
        return cls(parse_toml(text, "text of parameters"))

    def __repr__(self) -> str:
        return f"Parameters({', '.join(f'{k}={v!r}' for k, v in self.changed().items())})"

    def __str__(self) -> str:
        return as_table(self, self.table)

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


def as_table(values: Mapping[str, float] | None = None, table: Table = OWN) -> str:
    """Give the table as aligned plain text: name, value, unit, range, distribution, kind, source, description.

    Args:
        values: the rows to show with these values; all rows with their defaults where it is left out.
        table: the table of the model.
    """
    rows = [("name", "value", "unit", "range", "distribution", "kind", "source", "description")]
    for name, value in (values or {row.name: row.default for row in table.rows}).items():
        row = table.by_name[name]
        rows.append(
            (
                name,
                f"{value:g}",
                row.unit,
                f"{row.low:g} to {row.high:g}",
                row.distribution,
                row.kind,
                row.citation,
                row.description,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(7)]
    return "\n".join("  ".join([*(cell.ljust(w) for cell, w in zip(row, widths)), row[7]]) for row in rows)
