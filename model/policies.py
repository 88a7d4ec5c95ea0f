"""What a school decides: a policy is a row of numbers, a named policy is a named row.

A policy is composed of one part of each group, grading × pacing × sequence × support × climate; a part that is not
named is the reference. Numbers can be changed one by one, mixed and swept: no engine knows a policy by its name. A
policy that changes in mid-year is a policy as well, and every function that takes one takes the other, or its text.

>>> Policy("curve", "accelerated", stakes=1.0)["comparison"]
1.0
>>> as_policy("high-pressure > low-pressure-mastery @ 19").in_week(19)["stakes"]
0.0

A part of one's own is a TOML file, named wherever a part is named, or a call of `add_part`::

    name = "portfolio"
    group = "grading"
    description = "Collected work, looked at together."

    [levers]
    told = 0
    counted = 0
    information = 0.9
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

from setback.model.errors import InputError, shown, unknown
from setback.model.parameters import LEVER_NAMES, ROWS, check
from setback.model.reading import read_toml


class Part(NamedTuple):
    """One named setting of one group of levers."""

    group: str
    description: str
    levers: Mapping[str, float]


PARTS: dict[str, Part] = {
    # grading
    "criterion": Part("grading", "A percentage against a fixed criterion.", {}),
    "curve": Part("grading", "Grades by rank: a fixed share of the class fails.", {
        "comparison": 1.0, "public": 1.0, "threat": 0.7}),
    "pass-fail": Part("grading", "Passed or failed against the criterion, and nothing more.", {
        "information": 0.3, "threat": 0.4, "stakes": 0.3}),
    "mastery": Part("grading", "Not yet: failed work is corrected and taken again, up to twice.", {
        "counted": 0.0, "information": 0.8, "threat": 0.2, "stakes": 0.3, "retakes": 2.0}),
    "narrative": Part("grading", "Written comments, no verdict.", {
        "told": 0.0, "counted": 0.0, "information": 1.0, "threat": 0.1, "stakes": 0.2}),
    "no-grades": Part("grading", "No grades and little feedback.", {
        "told": 0.0, "counted": 0.0, "information": 0.2, "threat": 0.0, "stakes": 0.0}),
    # pacing
    "fixed": Part("pacing", "One unit a week by the calendar.", {}),
    "accelerated": Part("pacing", "Rigor: above level from the start, and rising faster.", {
        "level": 0.1, "pace": 2.0}),
    "class-paced": Part("pacing", "The class waits until three quarters have mastered the unit.", {"waiting": 1.0}),
    "self-paced": Part("pacing", "Each student moves on after mastering the unit, and chooses among tasks.", {
        "self_paced": 1.0, "choice": 0.5}),
    "adaptive": Part("pacing", "By the calendar, with practice tasks at each student's just right challenge.", {
        "adaptive": 1.0}),
    "spiral": Part("pacing", "By the calendar, and earlier units are revisited.", {"spiral": 1.0}),
    # sequence
    "instruction-first": Part("sequence", "Instruction, then practice.", {}),
    "problem-first": Part("sequence", "Struggle with the problem, then instruction that builds on it.", {
        "problem_first": 1.0}),
    "group-problem-first": Part("sequence", "Struggle with the problem in groups, then instruction.", {
        "problem_first": 1.0, "cooperation": 1.0}),
    "unconsolidated": Part("sequence", "Struggle with the problem, then instruction that ignores it.", {
        "problem_first": 1.0, "consolidation": 0.0}),
    # support
    "responsive": Part("support", "The teacher helps those who are lost.", {}),
    "rescue": Part("support", "The teacher steps in at the first sign of struggle.", {"rescue": 1.0}),
    "withhold": Part("support", "The teacher never steps in.", {"responsive": 0.0}),
    # climate
    "plain": Part("climate", "Nothing is said about errors.", {}),
    "error-friendly": Part("climate", "Errors are welcome and talked about.", {"friendly": 1.0}),
    "story-editing": Part("climate", "The teacher retells failures as a matter of effort and strategy.", {
        "attribution_talk": 1.0}),
    "mindset-message": Part("climate", "The message is that ability grows.", {"mindset_message": 1.0}),
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

#: Combinations that no school could live, of numbers or of columns, each with the sentence that refuses it.
INVALID: tuple[tuple[Callable[[Mapping[str, Any]], Any], str], ...] = (
    (lambda q: q["waiting"] + q["self_paced"] > 1.0 + 1e-9,
     "a class cannot wait for all and let each move on alone; waiting and self_paced must not add up to more than 1"),
    (lambda q: (q["comparison"] == 1.0) & (q["retakes"] > 0.0),
     "a place in the class is not taken again; with comparison=1 retakes must be 0"),
    (lambda q: (q["comparison"] == 1.0) & (q["self_paced"] == 1.0),
     "students who each sit another test cannot be ranked; lower comparison or self_paced"),
    (lambda q: q["counted"] > q["told"],
     "a result that nobody is told of cannot count; counted must not be above told"),
)  # fmt: skip


def group(name: str) -> tuple[str, ...]:
    """The names of the parts of one group."""
    return tuple(part for part, row in PARTS.items() if row.group == name)


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
    """

    def __init__(self, *parts: str, folder: str | Path | None = None, **levers: Any) -> None:
        for part in parts:
            if not isinstance(part, str):
                raise InputError(f"{shown(part)} is no part of a policy; give names, as in 'curve'")
            if ">" in part:
                raise InputError(f"{shown(part)} changes in mid-year; a change is a PolicyChange, or the text alone")
        weights, text = _weights("+".join(parts), folder)
        named, changed = _parse(text, folder)
        changed |= {name: check(name, value, "policy lever") for name, value in levers.items()}
        self.parts: Mapping[str, str] = {g: named.get(g, reference) for g, reference in zip(GROUPS, REFERENCE)}
        values = {name: ROWS[name].default for name in LEVER_NAMES}
        for part in self.parts.values():
            values.update(PARTS[part].levers)
        if weights:
            mixed = [(Policy(name), weight) for name, weight in weights.items()]
            values = {
                name: _mean([policy[name] for policy, _ in mixed], list(weights.values())) for name in LEVER_NAMES
            }
            shared = {g: {policy.parts[g] for policy, _ in mixed} for g in GROUPS}
            self.parts = {g: parts.pop() if len(parts) == 1 else "mixed" for g, parts in shared.items()}
        self._values = {**values, **changed}
        self._changed = changed
        self._weights = weights
        for is_nonsense, why in INVALID:
            if is_nonsense(self._values):
                raise InputError(f"policy {self.name}: {why}")

    def __getitem__(self, name: str) -> float:
        if name not in self._values:
            raise unknown("policy lever", name, LEVER_NAMES)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in LEVER_NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

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
    policy: Policy | PolicyChange | str, weeks: int | None = None, folder: str | Path | None = None
) -> Policy | PolicyChange:
    """Give a policy, or the one that a text says, in mid-year changes too.

    >>> as_policy("harmful*0.5+benign*0.5 > benign @ 19").stages[1].week
    19

    Args:
        policy: a policy, or a text: parts, presets, levers and weights as `Policy` takes them, and changes as in
            "a > b @ 10 > c @ 20", where b holds from week 10 on and c from week 20 on.
        weeks: the length of the year in which it is to change, if that is known.
        folder: where the paths of files begin; the current folder where it is left out.

    Raises:
        InputError: if it is neither, there is no such policy, a change lacks a policy or a week, or it comes in week
            1, not after the one before, or after the last week.
    """
    if isinstance(policy, Policy | PolicyChange):
        found = policy
    elif not isinstance(policy, str) or not policy.strip():
        raise InputError(f"{shown(policy)} is no policy; give a Policy or a name, as in 'curve+stakes=1'")
    else:
        found = _changing(policy, folder) if ">" in policy else Policy(policy, folder=folder)
    last = found.stages[-1].week
    if weeks is not None and isinstance(found, PolicyChange) and last > weeks:
        raise InputError(f"policy {found.name} changes in week {last}; the last week of the year is {weeks}")
    return found


def _changing(text: str, folder: str | Path | None) -> PolicyChange:
    """The policies and weeks of "a > b @ 10 > c @ 20"."""
    first, *later = text.split(">")
    changes = []
    for words in later:
        name, _, week = words.rpartition("@")
        if not re.fullmatch(r"\s*\d{1,9}\s*", week) or not name.strip() or not first.strip():
            raise InputError(f"{shown(text)} is no policy; write a change as in 'harmful > benign @ 19', a week from 2")
        changes.append((int(week), Policy(name, folder=folder)))
    return PolicyChange(Policy(first, folder=folder), *changes)


def add_part(name: str, group: str, description: str, **levers: Any) -> str:
    """Make a part of one's own known by name, for as long as the program runs; return the name.

    Args:
        name: letters, digits and hyphens, not the name of another part.
        group: one of `GROUPS`.
        description: one sentence for people to read.
        **levers: what differs from the reference.

    Raises:
        InputError: a name that is taken or cannot be one, an unknown group or lever, a lever out of its range.
    """
    return _add(name, group, description, levers)


def _add(name: str, group: str, description: str, levers: Mapping[str, Any]) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise InputError(f"a policy's name is {shown(name)}; it needs lower-case letters, digits and hyphens")
    if group not in GROUPS:
        raise unknown("group of policies", str(group), GROUPS)
    part = Part(
        group, str(description), {lever: check(lever, value, "policy lever") for lever, value in levers.items()}
    )
    if name in {*PRESETS, *ALIASES} or PARTS.get(name, part) != part:
        raise InputError(f"a policy named {name} is there already; give yours another name")
    PARTS[name] = part
    return name


def read_part(path: str | Path) -> str:
    """Make the part that a TOML file describes known by name; return the name.

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
    return _add(text["name"], text["group"], text["description"], levers)


def part_named(word: str, folder: str | Path | None = None) -> str:
    """Give the name of the part or preset that a word stands for: an alias, a TOML file, or the name itself.

    Raises:
        InputError: if there is no such part, preset or file.
    """
    name = read_part(Path(folder or "") / word) if word.endswith(".toml") else ALIASES.get(word, word)
    if name not in PARTS and name not in PRESETS:
        raise unknown("policy", name, [*PARTS, *PRESETS, *ALIASES])
    return name


def _weights(text: str, folder: str | Path | None) -> tuple[dict[str, float], str]:
    """The weights of "a*0.3+b*0.7+lever=1" by part, and what is left of the text without them."""
    words = [word.strip() for word in text.split("+") if word.strip()]
    weighted = [word for word in words if "*" in word]
    if not weighted:
        return {}, text
    plain = [word for word in words if "*" not in word and "=" not in word]
    if plain:
        raise InputError(f"policy {text} gives {plain[0]} no weight; write all of them as in a*0.3+b*0.7")
    weights: dict[str, float] = {}
    for word in weighted:
        name, _, weight = (part.strip() for part in word.partition("*"))
        try:
            value = float(weight)
        except ValueError:
            raise InputError(f"the weight of {name} is {shown(weight)}; it needs a number, as in {name}*0.5") from None
        known = part_named(name, folder) if name else ""
        if not value >= 0.0 or not name or known in weights:
            raise InputError(f"policy {text} needs each part once, with a weight of 0 or more")
        weights[known] = value
    total = sum(weights.values())
    if not abs(total - 1.0) <= 1e-6:
        raise InputError(f"the weights of policy {text} add up to {total:g}; they must add up to 1")
    return weights, "+".join(word for word in words if "=" in word)


def _mean(values: list[float], weights: list[float]) -> float:
    """The weighted mean, which rounding carries past none of the values."""
    mean = sum(weight * value for value, weight in zip(values, weights)) / sum(weights)
    return min(max(mean, min(values)), max(values))


def _parse(text: str, folder: str | Path | None = None) -> tuple[dict[str, str], dict[str, float]]:
    """Parts by group and changed levers of "a+b+lever=0.5"."""
    named: dict[str, str] = {}
    changed: dict[str, float] = {}
    for word in filter(None, (word.strip() for word in text.split("+"))):
        lever, is_lever, value = word.partition("=")
        if is_lever:
            changed[lever] = check(lever, _number(lever, value), "policy lever")
        elif (name := part_named(word, folder)) in PRESETS:
            parts, levers = _parse(PRESETS[name])
            for part in parts.values():
                _place(named, part)
            changed |= levers
        else:
            _place(named, name)
    return named, changed


def _place(named: dict[str, str], part: str) -> None:
    first = named.setdefault(PARTS[part].group, part)
    if first != part:
        raise InputError(f"{first} and {part} are both {PARTS[part].group} policies; name one of them")


def _short(value: float) -> str:
    """The shortest text that is read as this number again."""
    return repr(float(value)).removesuffix(".0")


def _number(lever: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"policy lever {lever} is {shown(text)}; it needs a number, as in {lever}=0.5") from None
