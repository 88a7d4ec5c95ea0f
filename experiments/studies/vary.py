"""What varies in a study: ``vary`` in ``[worlds]`` of its file, single numbers and sets of them, as ranges.

A *number* is named as it is called: a parameter (``attribution_drift``), a lever of every policy (``level``), or an
assumed number of a named policy (``curve.threat``). A *set* is every uncertainty of a kind::

    vary = "all"                                  # students, mechanisms and policies
    vary = ["students", "gains", "level"]         # sets and numbers, each over its range in the table
    vary = ["group:threat", "policies"]           # the numbers of a group of mechanisms; what named policies assume
    vary = { all = true, level = [-1, 1] }        # a number that is named has its own range

``students`` and ``mechanisms`` are the parameters of these kinds, ``gains`` those of the groups of mechanisms,
``policies`` the assumed numbers that the study's policies take, ``contexts`` what the grade books of the evidence have
of their own (``oulad.level``), ``group:<name>`` the numbers of one group, its gain included. What the table keeps
fixed, strengths and levers are in no set; nor is what ``[parameters]`` sets or a posterior has. In a list, a name that
is a lever and a group too, such as ``threat``, is refused; ``lever:threat`` and ``group:threat`` say which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from setback.experiments.gradebook.contexts import CONTEXTS
from setback.experiments.studies.worlds import Range
from setback.model.errors import InputError, shown, unknown
from setback.model.mechanism import Param
from setback.model.parameters import Table
from setback.model.policies import Part, Policy, PolicyChange, assumed_numbers

#: The sets of numbers, beside the groups of mechanisms.
SETS = ("all", "students", "mechanisms", "gains", "policies", "contexts")
GROUP, LEVER = "group:", "lever:"


def numbers_of(policies: Iterable[Policy | PolicyChange], table: Table, of_rows: Mapping[str, Param] = {}) -> Table:
    """Give the table of all that may vary in a study.

    Args:
        policies: the policies, each assumed number of which is a row.
        table: the parameters.
        of_rows: what rows of the evidence bring, by name (`setback.experiments.evidence.measured.numbers_of_rows`).
    """
    more = {**assumed_numbers(policies), **of_rows}
    return Table((*table.rows, *more.values()), table.groups) if more else table


def ranges(
    vary: Any, fixed: Collection[str], table: Table, parts: Mapping[str, Part], drawn: Collection[str] = ()
) -> list[Range]:
    """Read what varies.

    Args:
        vary: a name, a list of names, or a table of names, each with ``true``, ``[low, high]``, or a table with low,
            high, distribution or values.
        fixed: the parameters that the study sets.
        table: of all numbers that may vary, as `numbers_of` gives it.
        parts: the named parts of policies of the model, by name.
        drawn: the numbers of a posterior, which are in no set.

    Raises:
        InputError: an unknown name, a number that is named twice or set and varied, a set of nothing, or no range.
    """
    said = _said(vary, table)
    single = {name.removeprefix(LEVER): given for name, given in said.items() if not _is_set(name)}
    for name in single:
        _check_name(name, table, parts)
        if name in fixed:
            raise InputError(f"{name} stands in [parameters] and varies as well; take one of them away")
    found: dict[str, Range] = {}
    for name, given in said.items():
        if not _is_set(name):
            name = name.removeprefix(LEVER)
            found[name] = _range(name, given, table)
            continue
        if given is not True:
            advice = "a set of numbers needs true, as each number of it has a range of its own"
            raise InputError(f"worlds.vary.{name} is {shown(given)}; {advice}")
        members = [row.name for row in _members(name, table) if row.name not in {*fixed, *drawn}]
        members = [member for member in members if member.rpartition(".")[2] not in single or member in single]
        if not members:
            raise InputError(f"nothing varies in {name}: the study has no such number, or sets or varies each")
        found |= {member: Range.of(member, table=table) for member in members if member not in {*single, *found}}
    return list(found.values())


def check_assumed(
    names: Sequence[str],
    policies: Sequence[Policy | PolicyChange],
    parts: Mapping[str, Part],
    of_rows: Mapping[str, Param] = {},
) -> None:
    """Raise InputError where an assumed number varies that no policy of the study takes, or whose lever varies too."""
    there = {**assumed_numbers(policies), **of_rows}
    for name in names:
        lever = name.rpartition(".")[2]
        if "." in name and name not in there:
            raise _not_taken(name, there, parts)
        if "." in name and lever in names and name.partition(".")[0] not in CONTEXTS:
            raise InputError(f"{lever} varies in every policy, and {name} as well; take one of them away")


def _said(vary: Any, table: Table) -> dict[str, Any]:
    """Give the names with what is said of each."""
    if isinstance(vary, Mapping):
        return dict(vary)
    words = [vary] if isinstance(vary, str) else vary
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        advice = 'it needs "all", a list of names, or a table of names with ranges'
        raise InputError(f"worlds.vary is {shown(vary)}; {advice}")
    for word in words:
        if words.count(word) > 1:
            raise InputError(f"worlds.vary names {word} twice")
        if _group(word, table) and word in table.by_name:
            advice = f"write {LEVER}{word} or {GROUP}{word}"
            raise InputError(f"{word} in worlds.vary is a policy lever and a group of mechanisms; {advice}")
    return dict.fromkeys(words, True)


def _is_set(name: str) -> bool:
    return name in SETS or name.startswith(GROUP)


def _group(name: str, table: Table) -> str:
    """Find the group of mechanisms that a name, with blanks or underscores, stands for; "" for none."""
    return next((group for group in table.groups if group == name.replace("_", " ")), "")


def _members(name: str, table: Table) -> list[Param]:
    """Give the uncertainties of a set, in the order of the table."""
    rows = [row for row in table.rows if row.kind in ("student", "mechanism") and row.distribution != "fixed"]
    dotted, gains = [row for row in table.rows if "." in row.name], {*table.gains.values()}
    of_contexts = [row for row in dotted if row.name.partition(".")[0] in CONTEXTS]
    assumed = [row for row in dotted if row not in of_contexts]
    if name.startswith(GROUP):
        group = _group(name.removeprefix(GROUP), table)
        if not group:
            raise unknown("group of mechanisms", name.removeprefix(GROUP), table.groups)
        return [row for row in rows if row.mechanism in table.groups[group] or row.name == table.gains.get(group)]
    return {
        "all": [*rows, *dotted],
        "students": [row for row in rows if row.kind == "student"],
        "mechanisms": [row for row in rows if row.kind == "mechanism"],
        "gains": [row for row in rows if row.name in gains],
        "policies": assumed,
        "contexts": of_contexts,
    }[name]


def _check_name(name: str, table: Table, parts: Mapping[str, Part]) -> None:
    if name in table.by_name:
        return
    if "." in name:
        raise _not_taken(name, {row.name: row for row in table.rows if "." in row.name}, parts)
    if group := _group(name, table):
        raise InputError(f"{name} is a group of mechanisms; write {GROUP}{group.replace(' ', '_')}")
    groups = [f"{GROUP}{group.replace(' ', '_')}" for group in table.groups]
    raise table.unknown("number to vary", name, (*table.names, *table.levers, *SETS, *groups))


def _not_taken(name: str, there: Mapping[str, Param], parts: Mapping[str, Part]) -> InputError:
    """Make the error for an assumed number that no policy of the study takes."""
    part, _, lever = name.rpartition(".")
    own = [one for one in there if one.rpartition(".")[0] == part]
    if part in parts and lever in parts[part].ranges:
        has = ", ".join(there) or "nothing"
        return InputError(f"no policy of the study takes {lever} from its part {part}; what they assume is {has}")
    if part in parts:
        has = ", ".join(parts[part].ranges) or "nothing"
        return InputError(f"{name} is no assumed number: {part} assumes {has}; name another to vary")
    if own:  # of a part that a file brings
        return unknown("number to vary", name, own)
    return unknown(f"part of a policy in {name}:", part, parts)


def _range(name: str, said: Any, table: Table) -> Range:
    keys = {"low", "high", "distribution", "values"}
    if said is True:
        return Range.of(name, table=table)
    if isinstance(said, list) and len(said) == 2 and all(map(_is_number, said)):
        return Range.of(name, said[0], said[1], table=table)
    if isinstance(said, dict) and {*said} - keys:
        raise unknown(f"key of worlds.vary.{name}", min({*said} - keys), sorted(keys))
    if isinstance(said, dict) and _fits(said):
        return Range.of(name, **said, table=table)
    if isinstance(said, list) and len(said) > 2 and all(map(_is_number, said)):
        listed = shown(said)
        raise InputError(f"worlds.vary.{name} is {listed}; values that are listed need {{ values = {listed} }}")
    advice = "it needs true, [low, high], or low, high, distribution or values"
    raise InputError(f"worlds.vary.{name} is {shown(said)}; {advice}")


def _fits(said: dict[str, Any]) -> bool:
    values = said.get("values", [])
    ends = [said[end] for end in ("low", "high") if end in said]
    listed = isinstance(values, list) and all(map(_is_number, values)) and (bool(values) or "values" not in said)
    return listed and all(map(_is_number, ends)) and not (values and ends)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
