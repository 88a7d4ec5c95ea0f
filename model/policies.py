"""What a school decides: a policy is a row of numbers, a named policy is a named row.

A policy is composed of one part of each group, grading × pacing × sequence × support × climate; a part that is not
named is the reference. Numbers can be changed one by one, mixed and swept: no engine knows a policy by its name. A
policy that changes in mid-year is a policy as well, and every function that takes one takes the other, or its text.

>>> Policy("curve", "accelerated", stakes=1.0)["comparison"]
1.0
>>> as_policy("high-pressure > low-pressure-mastery @ 19").in_week(19)["stakes"]
0.0

A custom part is a TOML file, named wherever a part is named, or what `part` makes and a model has by name
(`setback.model.week.Model.with_part`)::

    name = "portfolio"
    group = "grading"
    description = "Collected work, looked at together."

    [levers]
    told = 0
    counted = 0
    information = { value = 0.9, low = 0.7, high = 1.0 }

*Assumed numbers.* Some levers of a part define it, such as the comparison of a curve; others are assumed, such as its
threat. An assumed number has a range and is an uncertainty like any other: the worlds of a study may vary it under the
name ``part.lever``, as ``curve.threat``. Every policy that has the number from that part takes the world's; one whose
text states the lever keeps what it states. What a part leaves unsaid is the reference's number and moves with it.

>>> Policy("curve").at({"curve.threat": 0.4, "criterion.stakes": 0.6})["threat"]
0.4
>>> Policy("curve+threat=1").at({"curve.threat": 0.4})["threat"]
1.0
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import groupby
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

from setback.model.arithmetic import clip
from setback.model.errors import InputError, number, shown, unknown
from setback.model.mechanism import Param
from setback.model.parameters import LEVER_NAMES, OWN, ROWS, check
from setback.model.reading import read_toml
from setback.model.references import ASSUMED

#: What an assumed lever is made of: rows of assumed numbers, and their shares.
Assumed = tuple[tuple[float, Param], ...]


class Part(NamedTuple):
    """One named setting of one group of levers; a custom one knows its name.

    Attributes:
        group: one of `GROUPS`.
        description: one sentence.
        levers: what differs from the reference.
        name: what a custom one is called; "" of the model's own.
        ranges: how low and how high an assumed number may be, by lever; a lever without a range defines the part.
    """

    group: str
    description: str
    levers: Mapping[str, float]
    name: str = ""
    ranges: Mapping[str, tuple[float, float]] = {}

    def assumed(self, name: str) -> dict[str, Param]:
        """Give a row of the parameter table for each assumed number of this part, which is called so, by lever."""
        return {
            lever: ROWS[lever]._replace(
                name=f"{name}.{lever}",
                default=self.levers.get(lever, ROWS[lever].default),
                low=low,
                high=high,
                source=ASSUMED,
                distribution="uniform",
            )
            for lever, (low, high) in self.ranges.items()
        }


#: The named parts. Ranges of assumed numbers are wide, as no source gives them, and some overlap on purpose: a curve
#: may threaten less than a criterion does, so that a contrast of the two is none of two assumed numbers.
PARTS: Mapping[str, Part] = {
    # grading
    "criterion": Part("grading", "A percentage against a fixed criterion.", {}, ranges={
        "threat": (0.3, 0.7), "stakes": (0.3, 0.7), "information": (0.4, 0.8)}),
    "curve": Part("grading", "Grades by rank: a fixed share of the class fails.", {
        "comparison": 1.0, "public": 1.0, "threat": 0.7}, ranges={"threat": (0.3, 0.9), "quota": (0.1, 0.3)}),
    "pass-fail": Part("grading", "Passed or failed against the criterion, and nothing more.", {
        "information": 0.3, "threat": 0.4, "stakes": 0.3}, ranges={
        "information": (0.1, 0.5), "threat": (0.2, 0.7), "stakes": (0.1, 0.5)}),
    "mastery": Part("grading", "Not yet: failed work is corrected and taken again, up to twice.", {
        "counted": 0.0, "information": 0.8, "threat": 0.2, "stakes": 0.3, "retakes": 2.0}, ranges={
        "information": (0.5, 1.0), "threat": (0.0, 0.5), "stakes": (0.1, 0.5),
        "cut": (0.0, 1.4)}),  # mastery may mean more than a pass: four fifths correct are a cut of 1.39
    "narrative": Part("grading", "Written comments, no verdict.", {
        "told": 0.0, "counted": 0.0, "information": 1.0, "threat": 0.1, "stakes": 0.2}, ranges={
        "information": (0.6, 1.0), "threat": (0.0, 0.4), "stakes": (0.0, 0.4)}),
    "no-grades": Part("grading", "No grades and little feedback.", {
        "told": 0.0, "counted": 0.0, "information": 0.2, "threat": 0.0, "stakes": 0.0}, ranges={
        "information": (0.0, 0.4), "threat": (0.0, 0.3), "stakes": (0.0, 0.2)}),
    # pacing
    "fixed": Part("pacing", "One unit a week by the calendar.", {}),
    "accelerated": Part("pacing", "Rigor: above level from the start, and rising faster.", {
        "level": 0.1, "pace": 2.0}, ranges={"level": (-0.2, 0.6), "pace": (1.5, 2.5)}),
    "class-paced": Part("pacing", "The class waits until three quarters have mastered the unit.", {"waiting": 1.0}),
    "self-paced": Part("pacing", "Each student moves on after mastering the unit, and chooses among tasks.", {
        "self_paced": 1.0, "choice": 0.5}, ranges={"choice": (0.2, 0.8)}),
    "adaptive": Part("pacing", "By the calendar, with practice tasks at each student's just right challenge.", {
        "adaptive": 1.0}),
    "repeat-failed": Part("pacing", "By the calendar, and a failed unit is set again beside the new one.", {
        "repeats": 1.0, "repeat_help": 0.5}, ranges={"repeat_help": (0.0, 1.0)}),
    "spiral": Part("pacing", "By the calendar, and earlier units are revisited.", {"spiral": 1.0}),
    # sequence
    "instruction-first": Part("sequence", "Instruction, then practice.", {}),
    "problem-first": Part("sequence", "Struggle with the problem, then instruction that builds on it.", {
        "problem_first": 1.0, "problem_distance": 1.5}, ranges={"problem_distance": (0.5, 2.5)}),
    "group-problem-first": Part("sequence", "Struggle with the problem in groups, then instruction.", {
        "problem_first": 1.0, "problem_distance": 1.5, "cooperation": 1.0}, ranges={"problem_distance": (0.5, 2.5)}),
    "unconsolidated": Part("sequence", "Struggle with the problem, then instruction that ignores it.", {
        "problem_first": 1.0, "problem_distance": 1.5, "consolidation": 0.0}, ranges={"problem_distance": (0.5, 2.5)}),
    "others-attempts-first": Part("sequence", "Others' failed attempts, then instruction that builds on them.", {
        "problem_first": 1.0, "others_attempts": 1.0}),
    # support
    "responsive": Part("support", "The teacher helps those who are lost.", {}),
    "rescue": Part("support", "The teacher steps in at the first sign of struggle.", {"rescue": 1.0}),
    "withhold": Part("support", "The teacher never steps in.", {"responsive": 0.0}),
    "targeted-support": Part("support", "Help at once for those whose record shows many failures.", {
        "target_record": 0.5, "targeted_support": 1.0}, ranges={"target_record": (0.3, 0.7)}),
    # climate
    "plain": Part("climate", "Nothing is said about errors.", {}),
    "error-friendly": Part("climate", "Errors are welcome and talked about.", {"friendly": 1.0}),
    "story-editing": Part("climate", "The teacher retells failures as a matter of effort and strategy.", {
        "attribution_talk": 1.0}),
    "mindset-message": Part("climate", "The message is that ability grows.", {"mindset_message": 1.0}),
    "coping-models": Part("climate", "Stories are told of people who failed first and coped.", {"coping_models": 1.0}),
    "failure-analysis": Part("climate", "Students are taught to analyse a failure, and keep a record of it.", {
        "analysis_taught": 1.0}),
    "open-tasks": Part("climate", "Tasks are open: there is more than one way to succeed.", {"open_tasks": 1.0}),
    "self-compassion": Part("climate", "Self-compassion and mindfulness are taught.", {"compassion": 1.0}),
    "cooperative": Part("climate", "Students learn with and from one another.", {"cooperation": 1.0}),
}  # fmt: skip

GROUPS = ("grading", "pacing", "sequence", "support", "climate")
#: The part of each group that stands where none is named: the reference policy.
REFERENCE = ("criterion", "fixed", "instruction-first", "responsive", "plain")

#: Named whole policies, in the words of `Policy.parse`.
PRESETS: Mapping[str, str] = {
    "reference": "criterion",
    "high-pressure": "curve+accelerated+withhold+stakes=1",
    "low-pressure-mastery": "mastery+adaptive+error-friendly+stakes=0",
    # institutions: schools that aim at covering the syllabus, at ranking their students, at their learning
    "coverage": "criterion+accelerated+withhold",
    "ranking": "curve+stakes=1",
    "learning": "mastery+adaptive+group-problem-first+error-friendly+stakes=0.2",
}
#: Older names of presets, which parse everywhere.
ALIASES: Mapping[str, str] = {"harmful": "high-pressure", "benign": "low-pressure-mastery"}
#: The whole policies that stand for the aims of an institution, mixed by weights: "coverage*0.5+learning*0.5".
INSTITUTIONS = ("coverage", "ranking", "learning")

#: Combinations that no school could have, of numbers or of columns, each with the sentence that refuses it.
INVALID: tuple[tuple[Callable[[Mapping[str, Any]], Any], str], ...] = (
    (lambda q: q["waiting"] + q["self_paced"] > 1.0 + 1e-9,
     "a class cannot wait for all and let each move on alone; waiting and self_paced must not add up to more than 1"),
    (lambda q: (q["comparison"] == 1.0) & (q["retakes"] > 0.0),
     "a rank in the class is not taken again; with comparison 1, retakes must be 0"),
    (lambda q: (q["comparison"] == 1.0) & (q["self_paced"] == 1.0),
     "students who each sit another test cannot be ranked; lower comparison or self_paced"),
    (lambda q: q["counted"] > q["told"],
     "a result that nobody is told of cannot count; counted must not be above told"),
    (lambda q: q["assignment_every"] % 1.0 > 0.0,
     "an assignment is due in some weeks and not in others; assignment_every must be a whole number of weeks"),
    (lambda q: q["repeats"] % 1.0 > 0.0,
     "a failed unit is set again or it is not; repeats must be a whole number"),
    (lambda q: (q["target_record"] > 0.0) & (q["told"] == 0.0) & (q["information"] == 0.0),
     "nobody can be singled out by failures that nobody knows of; raise told or information, or leave target_record 0"),
    (lambda q: (q["target_record"] == 0.0) & (q["targeted_talk"] + q["targeted_support"] > 0.0),
     "nobody is singled out, so there is nobody to talk to or to help; raise target_record"),
    (lambda q: (q["target_record"] == 0.0) & (q["targeted_information"] > 0.0),
     "nobody is singled out, so there is nobody to say more to; raise target_record"),
    (lambda q: (q["target_record"] == 0.0) & (q["targeted_level"] < 0.0),
     "nobody is singled out, so there is nobody to make tasks easier for; raise target_record"),
)  # fmt: skip


def group(name: str, parts: Mapping[str, Part] = PARTS) -> tuple[str, ...]:
    """Give the names of the parts of one group."""
    return tuple(part for part, row in parts.items() if row.group == name)


class Policy(Mapping[str, float]):
    """One part of each group, and levers changed one by one. Frozen.

    Args:
        *parts: names of `PARTS` or `PRESETS`, at most one of each group, or TOML files; "a+b+lever=0.5" counts as
            several. Parts with weights that add up to 1, "a*0.3+b*0.7", are mixed lever by lever.
        folder: where the paths of files begin; the current folder where it is left out.
        **levers: levers of the parameter table (kind ``policy``) set last.

    Raises:
        InputError: an unknown name, two parts of one group, a lever out of its range, weights that do not add up to
            1, or a combination that makes no sense (`INVALID`).

    Attributes:
        parts: the part of each group.
        assumed: the levers that are assumed numbers of its parts, each with the rows of these numbers and the shares
            in which they are mixed, one row and 1 unless the policy is a mixture.
    """

    def __init__(self, *parts: str, folder: str | Path | None = None, **levers: Any) -> None:
        self._take(PARTS, folder, parts, levers)

    @classmethod
    def of(cls, known: Mapping[str, Part], *parts: str, folder: str | Path | None = None, **levers: Any) -> Policy:
        """Give a policy that may name the parts of a model; see `Policy`."""
        made = cls.__new__(cls)
        made._take(known, folder, parts, levers)
        return made

    def _take(
        self, known: Mapping[str, Part], folder: str | Path | None, parts: tuple[str, ...], levers: Mapping[str, Any]
    ) -> None:
        for part in parts:
            if not isinstance(part, str):
                raise InputError(f"{shown(part)} is no part of a policy; give names, as in 'curve'")
            if ">" in part:
                raise InputError(f"{shown(part)} changes in mid-year; a change is a PolicyChange, or the text alone")
        weights, text = _weights("+".join(parts), known, folder)
        named, changed = _parse(text, known, folder)
        changed |= {name: check(name, value, "policy lever") for name, value in levers.items()}
        self.parts: Mapping[str, str] = {
            g: named[g].name if g in named else reference for g, reference in zip(GROUPS, REFERENCE)
        }
        values = {name: ROWS[name].default for name in LEVER_NAMES}
        assumed: dict[str, Assumed] = {}
        for name, chosen in (*((r, known.get(r, PARTS[r])) for r in REFERENCE), *((p.name, p) for p in named.values())):
            values.update(chosen.levers)
            assumed = {lever: rows for lever, rows in assumed.items() if lever not in chosen.levers}
            assumed |= {lever: ((1.0, row),) for lever, row in chosen.assumed(name).items()}
        if weights:
            mixed, shares = zip(*weights.values())
            values = {name: _mean([policy[name] for policy in mixed], shares) for name in LEVER_NAMES}
            assumed = _mixed([policy.assumed for policy in mixed], shares)
            shared = {g: {policy.parts[g] for policy in mixed} for g in GROUPS}
            self.parts = {g: parts.pop() if len(parts) == 1 else "mixed" for g, parts in shared.items()}
        self._values = {**values, **changed}
        self._changed = changed
        self.assumed = {lever: rows for lever, rows in assumed.items() if lever not in changed}
        self._weights = {name: weight for name, (_, weight) in weights.items()}
        self._refuse_nonsense()

    def replace(self, **levers: Any) -> Policy:
        """Give the same policy with some levers changed."""
        changed = {name: check(name, value, "policy lever") for name, value in levers.items()}
        made = copy(self)
        made._values, made._changed = {**self._values, **changed}, {**self._changed, **changed}
        made.assumed = {lever: rows for lever, rows in self.assumed.items() if lever not in changed}
        made._refuse_nonsense()
        return made

    def states(self, lever: str) -> bool:
        """Say whether its text sets a lever itself, beside what its parts set."""
        return lever in self._changed

    def at(self, numbers: Mapping[str, Any]) -> dict[str, Any]:
        """Give the levers where assumed numbers of the policy's parts are others.

        Args:
            numbers: by name, as ``curve.threat``, a number, or a row of numbers; names of other parts change nothing.
        """
        found: dict[str, Any] = dict(self._values)
        for lever, rows in self.assumed.items():
            for share, row in rows:
                if row.name in numbers and share == 1.0:
                    found[lever] = numbers[row.name]
                elif row.name in numbers:
                    moved = found[lever] + share * (numbers[row.name] - row.default)
                    found[lever] = clip(moved, ROWS[lever].low, ROWS[lever].high)
        return found

    def _refuse_nonsense(self) -> None:
        for is_nonsense, why in INVALID:
            if is_nonsense(self._values):
                raise InputError(f"policy {self.name}: {why}")

    def __getitem__(self, name: str) -> float:
        if name not in self._values:
            OWN.check_name(name, "policy lever")
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in LEVER_NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def assuming(self, numbers: Mapping[str, Any]) -> Policy:
        """Give the same policy with the assumed numbers that a world has, by name as ``curve.threat``."""
        return self.replace(**{name: value for name, value in self.at(numbers).items() if value != self[name]})

    @property
    def name(self) -> str:
        """The shortest text that makes this policy again."""
        parts = [part for part in self.parts.values() if part not in REFERENCE] or [REFERENCE[0]]
        if self._weights:
            parts = [f"{part}*{_short(weight)}" for part, weight in self._weights.items()]
        return "+".join([*parts, *(f"{lever}={_short(value)}" for lever, value in sorted(self._changed.items()))])

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What holds from which week on: this policy, from week 1."""
        return (Stage(1, self),)

    def in_week(self, week: int) -> Policy:
        """The policy of a week, from 1: the same in all."""
        return self

    def __repr__(self) -> str:
        return f"Policy({self.name!r})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        facts = [f"{group}: {part}" for group, part in self.parts.items()]
        rows = [
            {"lever": name, "value": value, "reference": ROWS[name].default, "unit": ROWS[name].unit}
            for name, value in self.items()
            if value != ROWS[name].default
        ]
        return html(f"Policy: {self.name}", ["; ".join(facts)], rows)


def assumed_numbers(policies: Iterable[Policy | PolicyChange]) -> dict[str, Param]:
    """Give the rows of all assumed numbers that some policies take, by name as ``curve.threat``."""
    shares = (rows for policy in policies for stage in policy.stages for rows in stage.policy.assumed.values())
    return {row.name: row for rows in shares for _, row in rows}


class Stage(NamedTuple):
    """A part of the year under one policy.

    Attributes:
        week: the week in which it begins, from 1, as people count.
        policy: what holds until the next stage.
    """

    week: int
    policy: Policy

    @property
    def start(self) -> int:
        """The same week as arrays count, from 0."""
        return self.week - 1


@dataclass(frozen=True, init=False, repr=False)
class PolicyChange:
    """A policy that changes in mid-year, once or several times. Frozen.

    >>> PolicyChange("criterion", (10, "curve"), (20, "mastery")).name
    'criterion > curve @ 10 > mastery @ 20'

    Args:
        first: the policy that the year begins with.
        *changes: (week, policy), the policy that holds from that week on; weeks from 2, in rising order.

    Attributes:
        stages: what holds from which week on, in order; the first from week 1.

    Raises:
        InputError: if there is no change or no such policy, a week is no whole number from 2, or weeks do not rise.
    """

    stages: tuple[Stage, ...]

    def __init__(self, first: Policy | str, *changes: tuple[int, Policy | str]) -> None:
        if not changes or not all(isinstance(change, tuple) and len(change) == 2 for change in changes):
            raise InputError(f"a policy's changes are {shown(changes)}; give week and policy, as in (19, 'curve')")
        stages: list[Stage] = []
        for week, policy in ((1, first), *changes):
            if isinstance(week, bool) or not isinstance(week, Integral) or (stages and week < 2):
                raise InputError(f"the week of a change of policy is {shown(week)}; it needs a whole number from 2")
            if stages and week <= stages[-1].week:
                raise InputError(f"a policy changes in week {stages[-1].week} and then in week {week}; weeks must rise")
            stages.append(Stage(int(week), policy if isinstance(policy, Policy) else Policy(policy)))
        object.__setattr__(self, "stages", tuple(stages))

    def assuming(self, numbers: Mapping[str, Any]) -> PolicyChange:
        """Give the same policies with the assumed numbers that a world has; see `Policy.assuming`."""
        first, *later = self.stages
        changes = [(stage.week, stage.policy.assuming(numbers)) for stage in later]
        return PolicyChange(first.policy.assuming(numbers), *changes)

    @property
    def name(self) -> str:
        """The shortest text that makes this policy again."""
        first, *later = self.stages
        return " > ".join([first.policy.name, *(f"{policy.name} @ {week}" for week, policy in later)])

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts by group, one after the other where they change."""
        return {g: " > ".join(part for part, _ in groupby(s.policy.parts[g] for s in self.stages)) for g in GROUPS}

    def in_week(self, week: int) -> Policy:
        """The policy of a week, from 1."""
        return [stage.policy for stage in self.stages if stage.week <= week][-1]

    def __repr__(self) -> str:
        first, *later = self.stages
        changes = ", ".join(f"({week}, {policy.name!r})" for week, policy in later)
        return f"PolicyChange({first.policy.name!r}, {changes})"


def as_policy(
    policy: Policy | PolicyChange | str,
    weeks: int | None = None,
    folder: str | Path | None = None,
    known: Mapping[str, Part] | None = None,
) -> Policy | PolicyChange:
    """Give a policy, or the one that a text says, in mid-year changes too.

    >>> as_policy("high-pressure*0.5+mastery*0.5 > low-pressure-mastery @ 19").stages[1].week
    19

    Args:
        policy: a policy, or a text: parts, presets, levers and weights as `Policy` takes them, and changes as in
            "a > b @ 10 > c @ 20", where b holds from week 10 on and c from week 20 on.
        weeks: the length of the year in which it is to change, if that is known.
        folder: where the paths of files begin; the current folder where it is left out.
        known: the parts of a model, by name; by default those that ship.

    Raises:
        InputError: if it is neither, there is no such policy, a change lacks a policy or a week, or it comes in week
            1, not after the one before, or after the last week.
    """
    if isinstance(policy, Policy | PolicyChange):
        found = policy
    elif not isinstance(policy, str) or not policy.strip():
        raise InputError(f"{shown(policy)} is no policy; give a Policy or a name, as in 'curve+stakes=1'")
    else:
        known = PARTS if known is None else known
        found = _changing(policy, known, folder) if ">" in policy else Policy.of(known, policy, folder=folder)
    last = found.stages[-1].week
    if weeks is not None and isinstance(found, PolicyChange) and last > weeks:
        raise InputError(f"policy {found.name} changes in week {last}; the last week of the year is {weeks}")
    for stage in found.stages:
        repeats = stage.policy["repeats"]
        if weeks is not None and repeats > weeks:
            times = f"a failed unit is set again {repeats:g} times in a year of {weeks} weeks"
            raise InputError(f"policy {found.name}: {times}; repeats must not be above the weeks")
    return found


def _changing(text: str, known: Mapping[str, Part], folder: str | Path | None) -> PolicyChange:
    """The policies and weeks of "a > b @ 10 > c @ 20"."""
    first, *later = text.split(">")
    changes = []
    for words in later:
        name, _, week = words.rpartition("@")
        if not re.fullmatch(r"\s*\d{1,9}\s*", week) or not name.strip() or not first.strip():
            raise InputError(
                f"{shown(text)} is no policy; write a change as in 'high-pressure > mastery @ 19', a week from 2"
            )
        changes.append((int(week), Policy.of(known, name, folder=folder)))
    return PolicyChange(Policy.of(known, first, folder=folder), *changes)


def part(name: str, group: str, description: str, **levers: Any) -> Part:
    """Make a custom part, which a model takes by `setback.model.week.Model.with_part`.

    Args:
        name: letters, digits and hyphens, not the name of a shipped part.
        group: one of `GROUPS`.
        description: one sentence for people to read.
        **levers: what differs from the reference, each a number, or ``{"value": 0.7, "low": 0.3, "high": 0.9}`` where
            it is assumed.

    Raises:
        InputError: if the name is taken or cannot be one, the group or a lever is unknown, or a lever out of its range.
    """
    return _made(name, group, description, levers)


def _made(name: str, group: str, description: str, levers: Mapping[str, Any]) -> Part:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise InputError(f"a policy's name is {shown(name)}; it needs lower-case letters, digits and hyphens")
    if group not in GROUPS:
        raise unknown("group of policies", str(group), GROUPS)
    read = {lever: _assumed(lever, said) for lever, said in levers.items()}
    if name in {*PARTS, *PRESETS, *ALIASES}:
        raise InputError(f"a policy named {name} is there already; give yours another name")
    checked = {lever: value for lever, (value, _) in read.items()}
    return Part(group, str(description), checked, name, {lever: ends for lever, (_, ends) in read.items() if ends})


def _assumed(lever: str, said: Any) -> tuple[float, tuple[float, float] | None]:
    """A lever of a custom part: its value, and the range of an assumed number, None where it is stated."""
    if not isinstance(said, Mapping):
        return check(lever, said, "policy lever"), None
    OWN.check_name(lever, "policy lever")
    keys = ("value", "low", "high")
    for key in said:
        if key not in keys:
            raise unknown(f"key of policy lever {lever}", key, keys)
    for key in keys:
        if key not in said:
            raise InputError(f"policy lever {lever} lacks {key}; an assumed number needs value, low and high")
    value, low, high = (check(lever, said[key], "policy lever") for key in keys)
    if not low < high:
        raise InputError(f"policy lever {lever} runs from {low:g} to {high:g}; the lower end must come first")
    return number(f"value of policy lever {lever}", value, low, high), (low, high)


def read_part(path: str | Path) -> Part:
    """Read the part that a TOML file describes.

    Raises:
        InputError: a file that cannot be read or says something else than a part.
    """
    text = read_toml(path, f"policy file {path}")
    for key in text:
        if key not in ("name", "group", "description", "levers"):
            raise unknown(f"key in policy file {path}:", key, ("name", "group", "description", "levers"))
    for key in ("name", "group", "description"):
        if not isinstance(text.get(key), str):
            raise InputError(f"policy file {path} needs {key}, a text")
    levers = text.get("levers", {})
    if not isinstance(levers, dict):
        raise InputError(f"policy file {path} needs levers as a table of numbers")
    return _made(text["name"], text["group"], text["description"], levers)


def part_named(word: str, known: Mapping[str, Part] | None = None, folder: str | Path | None = None) -> Part | str:
    """Give the part, or the name of the preset, that a word stands for: a name, an alias, or a TOML file.

    Raises:
        InputError: if there is no such part, preset or file, or the file's part has the name of another.
    """
    known = PARTS if known is None else known
    if word.endswith(".toml"):
        read = read_part(Path(folder or "") / word)
        if known.get(read.name, read) != read:
            raise InputError(f"a policy named {read.name} is there already; give yours another name")
        return read
    name = ALIASES.get(word, word)
    if name in PRESETS:
        return name
    if name not in known:
        raise unknown("policy", name, [*known, *PRESETS, *ALIASES])
    return known[name]._replace(name=name)


def _weights(
    text: str, known: Mapping[str, Part], folder: str | Path | None
) -> tuple[dict[str, tuple[Policy, float]], str]:
    """The policies and weights of "a*0.3+b*0.7+lever=1" by name, and what is left of the text without them."""
    words = [word.strip() for word in text.split("+") if word.strip()]
    weighted = [word for word in words if "*" in word]
    if not weighted:
        return {}, text
    plain = [word for word in words if "*" not in word and "=" not in word]
    if plain:
        raise InputError(f"policy {text} gives {plain[0]} no weight; write all of them as in a*0.3+b*0.7")
    weights: dict[str, tuple[Policy, float]] = {}
    for word in weighted:
        name, _, weight = (part.strip() for part in word.partition("*"))
        try:
            value = float(weight)
        except ValueError:
            raise InputError(f"the weight of {name} is {shown(weight)}; it needs a number, as in {name}*0.5") from None
        found = part_named(name, known, folder) if name else ""
        called = found.name if isinstance(found, Part) else found
        if not value >= 0.0 or not name or called in weights:
            raise InputError(f"policy {text} needs each part once, with a weight of 0 or more")
        weights[called] = Policy.of(known, name, folder=folder), value
    total = sum(weight for _, weight in weights.values())
    if not abs(total - 1.0) <= 1e-6:
        raise InputError(f"the weights of policy {text} add up to {total:g}; they must add up to 1")
    return weights, "+".join(word for word in words if "=" in word)


def _mixed(mixed: Sequence[Mapping[str, Assumed]], weights: Sequence[float]) -> dict[str, Assumed]:
    """The assumed numbers of a mixture, each with its share in the lever."""
    found: dict[str, Assumed] = {}
    for lever in dict.fromkeys(lever for assumed in mixed for lever in assumed):
        shares: dict[Param, float] = {}
        for assumed, weight in zip(mixed, weights):
            for share, row in assumed.get(lever, ()):
                shares[row] = shares.get(row, 0.0) + share * weight / sum(weights)
        found[lever] = tuple((share, row) for row, share in shares.items() if share)
    return found


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted mean, which rounding carries past none of the values."""
    mean = sum(weight * value for value, weight in zip(values, weights)) / sum(weights)
    return min(max(mean, min(values)), max(values))


def _parse(
    text: str, known: Mapping[str, Part], folder: str | Path | None = None
) -> tuple[dict[str, Part], dict[str, float]]:
    """Parts by group and changed levers of "a+b+lever=0.5"."""
    named: dict[str, Part] = {}
    changed: dict[str, float] = {}
    for word in filter(None, (word.strip() for word in text.split("+"))):
        lever, is_lever, value = word.partition("=")
        if is_lever:
            changed[lever] = check(lever, _number(lever, value), "policy lever")
        elif isinstance(found := part_named(word, known, folder), Part):
            _place(named, found)
        else:
            parts, levers = _parse(PRESETS[found], known)
            for chosen in parts.values():
                _place(named, chosen)
            changed |= levers
    return named, changed


def _place(named: dict[str, Part], chosen: Part) -> None:
    first = named.setdefault(chosen.group, chosen)
    if first != chosen:
        raise InputError(f"{first.name} and {chosen.name} are both {chosen.group} policies; name one of them")


def _short(value: float) -> str:
    """The shortest text that is read as this number again."""
    return repr(float(value)).removesuffix(".0")


def _number(lever: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"policy lever {lever} is {shown(text)}; it needs a number, as in {lever}=0.5") from None
