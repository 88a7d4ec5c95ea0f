"""What a school decides: a policy is a row of numbers, a named policy is a named row.

A policy is composed of one part of each group, grading × pacing × sequence × support × climate; a part that is not
named is the reference. Numbers can be changed one by one, mixed and swept: no engine knows a policy by its name.

>>> Policy("curve", "accelerated", stakes=1.0)["comparison"]
1.0

A custom part is a TOML file, named wherever a part is named, or what `part` makes and a model has by name
(`setback.model.week.Model.with_part`)::

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
from pathlib import Path
from typing import Any, NamedTuple

from setback.model.errors import InputError, shown, unknown, whole
from setback.model.parameters import LEVER_NAMES, OWN, ROWS, check
from setback.model.reading import read_toml


class Part(NamedTuple):
    """One named setting of one group of levers; a custom one knows its name."""

    group: str
    description: str
    levers: Mapping[str, float]
    name: str = ""


PARTS: Mapping[str, Part] = {
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


def group(name: str, parts: Mapping[str, Part] = PARTS) -> tuple[str, ...]:
    """Give the names of the parts of one group."""
    return tuple(part for part, row in parts.items() if row.group == name)


class Policy(Mapping[str, float]):
    """One part of each group, and levers changed one by one. Frozen.

    Args:
        *parts: names of `PARTS` or `PRESETS`, at most one of each group, or TOML files; "a+b+lever=0.5" counts as
            several. Parts with weights that add up to 1, "a*0.3+b*0.7", are mixed lever by lever.
        **levers: levers of the parameter table (kind ``policy``) set last.

    Raises:
        InputError: an unknown name, two parts of one group, a lever out of its range, weights that do not add up to
            1, or a combination that makes no sense (`INVALID`).
    """

    def __init__(self, *parts: str, **levers: Any) -> None:
        self._take(PARTS, parts, levers)

    @classmethod
    def of(cls, known: Mapping[str, Part], *parts: str, **levers: Any) -> Policy:
        """Give a policy that may name the parts of a model; see `Policy`."""
        made = cls.__new__(cls)
        made._take(known, parts, levers)
        return made

    def _take(self, known: Mapping[str, Part], parts: tuple[str, ...], levers: Mapping[str, Any]) -> None:
        for part in parts:
            if not isinstance(part, str):
                raise InputError(f"{shown(part)} is no part of a policy; give names, as in 'curve'")
        weights, text = _weights("+".join(parts))
        named, changed = _parse(text, known)
        changed |= {name: check(name, value, "policy lever") for name, value in levers.items()}
        self.parts: Mapping[str, str] = {
            g: named[g].name if g in named else reference for g, reference in zip(GROUPS, REFERENCE)
        }
        values = {name: ROWS[name].default for name in LEVER_NAMES}
        for chosen in named.values():
            values.update(chosen.levers)
        if weights:
            mixed = [(Policy.of(known, name), weight) for name, weight in weights.items()]
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

    @property
    def name(self) -> str:
        """The shortest text that makes this policy again."""
        parts = [part for part in self.parts.values() if part not in REFERENCE] or [REFERENCE[0]]
        if self._weights:
            parts = [f"{part}*{_short(weight)}" for part, weight in self._weights.items()]
        return "+".join([*parts, *(f"{lever}={_short(value)}" for lever, value in sorted(self._changed.items()))])

    def __repr__(self) -> str:
        return f"Policy({self.name!r})"


def as_policy(policy: Policy | str, parts: Mapping[str, Part] = PARTS) -> Policy:
    """Give a policy, or the policy of a name; the name may speak of the parts of a model.

    Raises:
        InputError: neither of them, or no such policy.
    """
    if isinstance(policy, Policy):
        return policy
    if not isinstance(policy, str) or not policy.strip():
        raise InputError(f"{shown(policy)} is no policy; give a Policy or a name, as in 'curve+stakes=1'")
    return Policy.of(parts, policy)


class Switch(NamedTuple):
    """One policy, and another from some week on: what "harmful > benign @ 19" says.

    Attributes:
        first: the policy that the year begins with.
        then: the policy from
        week: this week on, from 2.
    """

    first: Policy
    then: Policy
    week: int

    @property
    def name(self) -> str:
        """The shortest text that makes this switch again."""
        return f"{self.first.name} > {self.then.name} @ {self.week}"

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts by group; both where they differ."""
        both = {g: (self.first.parts[g], self.then.parts[g]) for g in GROUPS}
        return {g: a if a == b else f"{a} > {b}" for g, (a, b) in both.items()}

    def levers(self) -> dict[str, Any]:
        """Everything that decides what it does, as plain data."""
        return {"first": dict(self.first), "then": dict(self.then), "week": self.week}


def as_policy_or_switch(policy: Policy | Switch | str, parts: Mapping[str, Part] = PARTS) -> Policy | Switch:
    """A policy, or a switch of policies in mid-year, from its text.

    >>> as_policy_or_switch("harmful > benign @ 19").week
    19

    Raises:
        InputError: no such policy, or a switch that lacks one of its three parts.
    """
    if isinstance(policy, Switch) or not isinstance(policy, str) or ">" not in policy:
        return policy if isinstance(policy, Switch) else as_policy(policy, parts)
    first, _, rest = policy.partition(">")
    then, _, week = rest.rpartition("@")
    if not re.fullmatch(r"\s*\d{1,9}\s*", week) or int(week) < 2 or not first.strip() or not then.strip():
        advice = "write it as in 'harmful > benign @ 19', a week from 2"
        raise InputError(f"{shown(policy)} is no switch of policies; {advice}")
    return Switch(as_policy(first, parts), as_policy(then, parts), int(week))


def check_switch(then: Policy | str | None, switch: int | None, weeks: int) -> int | None:
    """Give the week of a policy switch, None where there is none.

    Raises:
        InputError: unless it has both parts and falls into the year.
    """
    if (then is None) != (switch is None):
        raise InputError("a switch needs both the policy that follows and the week in which it begins")
    return None if switch is None else whole("the week of the switch", switch, 2, weeks)


def part(name: str, group: str, description: str, **levers: Any) -> Part:
    """Make a custom part, which a model takes by `setback.model.week.Model.with_part`.

    Args:
        name: letters, digits and hyphens, not the name of a shipped part.
        group: one of `GROUPS`.
        description: one sentence for people to read.
        **levers: what differs from the reference.

    Raises:
        InputError: if the name is taken or cannot be one, the group or a lever is unknown, or a lever out of its range.
    """
    return _made(name, group, description, levers)


def _made(name: str, group: str, description: str, levers: Mapping[str, Any]) -> Part:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise InputError(f"a policy's name is {shown(name)}; it needs lower-case letters, digits and hyphens")
    if group not in GROUPS:
        raise unknown("group of policies", str(group), GROUPS)
    checked = {lever: check(lever, value, "policy lever") for lever, value in levers.items()}
    if name in {*PARTS, *PRESETS, *ALIASES}:
        raise InputError(f"a policy named {name} is there already; give yours another name")
    return Part(group, str(description), checked, name)


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


def _weights(text: str) -> tuple[dict[str, float], str]:
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
        if not value >= 0.0 or not name or name in weights:
            raise InputError(f"policy {text} needs each part once, with a weight of 0 or more")
        weights[name] = value
    total = sum(weights.values())
    if not abs(total - 1.0) <= 1e-6:
        raise InputError(f"the weights of policy {text} add up to {total:g}; they must add up to 1")
    return weights, "+".join(word for word in words if "=" in word)


def _mean(values: list[float], weights: list[float]) -> float:
    """The weighted mean, which rounding carries past none of the values."""
    mean = sum(weight * value for value, weight in zip(values, weights)) / sum(weights)
    return min(max(mean, min(values)), max(values))


def _parse(text: str, known: Mapping[str, Part]) -> tuple[dict[str, Part], dict[str, float]]:
    """Parts by group and changed levers of "a+b+lever=0.5"."""
    named: dict[str, Part] = {}
    changed: dict[str, float] = {}
    for word in filter(None, (word.strip() for word in text.split("+"))):
        lever, is_lever, value = word.partition("=")
        if is_lever:
            changed[lever] = check(lever, _number(lever, value), "policy lever")
        elif (preset := ALIASES.get(word, word)) in PRESETS:
            parts, levers = _parse(PRESETS[preset], known)
            for chosen in parts.values():
                _place(named, chosen)
            changed |= levers
        else:
            _place(named, _named(word, known))
    return named, changed


def _named(word: str, known: Mapping[str, Part]) -> Part:
    """The part of a name, or of a TOML file."""
    if word.endswith(".toml"):
        read = read_part(word)
        if known.get(read.name, read) != read:
            raise InputError(f"a policy named {read.name} is there already; give yours another name")
        return read
    if word not in known:
        raise unknown("policy", word, [*known, *PRESETS])
    return known[word]._replace(name=word)


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
