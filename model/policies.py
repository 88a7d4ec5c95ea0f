"""What a school decides: a policy is a row of numbers, a named policy is a named row.

A policy is composed of one part of each group, grading × pacing × sequence × support × climate; a part that is not
named is the reference. Numbers can be changed one by one, mixed and swept: no engine knows a policy by its name.

>>> Policy("curve", "accelerated", stakes=1.0)["comparison"]
1.0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import Any, NamedTuple

from setback.model.errors import InputError, unknown
from setback.model.parameters import LEVER_NAMES, ROWS, check


class Part(NamedTuple):
    """One named setting of one group of levers."""

    group: str
    says: str
    levers: Mapping[str, float]


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
    "mastery-paced": Part("pacing", "The class waits until three quarters have mastered the unit.", {"waiting": 1.0}),
    "self-paced": Part("pacing", "Each student moves on after mastering the unit.", {"self_paced": 1.0}),
    "adaptive": Part("pacing", "By the calendar, with practice tasks at each student's just right challenge.", {
        "adaptive": 1.0}),
    # sequence
    "instruction-first": Part("sequence", "Instruction, then practice.", {}),
    "problem-first": Part("sequence", "Struggle with the problem, then instruction that builds on it.", {
        "problem_first": 1.0}),
    "unconsolidated": Part("sequence", "Struggle with the problem, then instruction that ignores it.", {
        "problem_first": 1.0, "consolidation": 0.0}),
    # support
    "responsive": Part("support", "The teacher helps those who are lost.", {}),
    "rescue": Part("support", "The teacher steps in at the first sign of struggle.", {"rescue": 1.0}),
    "withhold": Part("support", "The teacher never steps in.", {"responsive": 0.0}),
    # climate
    "plain": Part("climate", "Nothing is said about errors.", {}),
    "error-friendly": Part("climate", "Errors are welcome and talked about.", {"friendly": 1.0}),
}  # fmt: skip

GROUPS = ("grading", "pacing", "sequence", "support", "climate")
#: The part of each group that stands where none is named: the reference policy.
REFERENCE = ("criterion", "fixed", "instruction-first", "responsive", "plain")

#: Named whole policies, in the words of `Policy.parse`.
WHOLE: Mapping[str, str] = {
    "reference": "criterion",
    "harmful": "curve+accelerated+withhold+stakes=1",
    "benign": "mastery+adaptive+error-friendly+stakes=0",
}


def group(name: str) -> tuple[str, ...]:
    """The names of the parts of one group."""
    return tuple(part for part, row in PARTS.items() if row.group == name)


class Policy(Mapping[str, float]):
    """One part of each group, and levers changed one by one. Frozen.

    Args:
        *parts: names of `PARTS` or `WHOLE`, at most one of each group; "a+b+lever=0.5" counts as several.
        **levers: levers of the parameter table (kind ``policy``) set last.

    Raises:
        InputError: an unknown name, two parts of one group, or a lever out of its range.
    """

    def __init__(self, *parts: str, **levers: Any) -> None:
        for part in parts:
            if not isinstance(part, str):
                raise InputError(f"{part!r} is no part of a policy; give names, as in 'curve'")
        named, changed = _parse("+".join(parts))
        changed |= {name: check(name, value, "policy lever") for name, value in levers.items()}
        self.parts: Mapping[str, str] = {g: named.get(g, reference) for g, reference in zip(GROUPS, REFERENCE)}
        values = {name: ROWS[name].default for name in LEVER_NAMES}
        for part in self.parts.values():
            values.update(PARTS[part].levers)
        self._values = {**values, **changed}
        self._changed = changed

    def __getitem__(self, name: str) -> float:
        if name not in self._values:
            raise unknown("policy lever", name, LEVER_NAMES)
        return self._values[name]

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
        return "+".join([*parts, *(f"{lever}={_short(value)}" for lever, value in sorted(self._changed.items()))])

    def __repr__(self) -> str:
        return f"Policy({self.name!r})"


def as_policy(policy: Policy | str) -> Policy:
    """A policy, or the policy of a name.

    Raises:
        InputError: neither of them, or no such policy.
    """
    if isinstance(policy, Policy):
        return policy
    if not isinstance(policy, str) or not policy.strip():
        raise InputError(f"{policy!r} is no policy; give a Policy or a name, as in 'curve+stakes=1'")
    return Policy(policy)


def check_switch(then: Policy | str | None, switch: int | None, weeks: int) -> None:
    """Raise InputError unless a policy switch has both parts and falls into the year."""
    if (then is None) != (switch is None):
        raise InputError("a switch needs both the policy that follows and the week in which it begins")
    if switch is None:
        return
    if isinstance(switch, bool) or not isinstance(switch, Integral) or not 2 <= switch <= weeks:
        raise InputError(f"the switch is in week {switch!r}; it needs a week from 2 to {weeks}, the last of the year")


def _parse(text: str) -> tuple[dict[str, str], dict[str, float]]:
    """Parts by group and changed levers of "a+b+lever=0.5"."""
    named: dict[str, str] = {}
    changed: dict[str, float] = {}
    for word in filter(None, (word.strip() for word in text.split("+"))):
        lever, is_lever, value = word.partition("=")
        if is_lever:
            changed[lever] = check(lever, _number(lever, value), "policy lever")
        elif word in WHOLE:
            parts, levers = _parse(WHOLE[word])
            for name in parts.values():
                _place(named, name)
            changed |= levers
        else:
            _place(named, word)
    return named, changed


def _place(named: dict[str, str], part: str) -> None:
    if part not in PARTS:
        raise unknown("policy", part, [*PARTS, *WHOLE])
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
        raise InputError(f"policy lever {lever} is {text!r}; it needs a number, as in {lever}=0.5") from None
