"""How two runs of one name differ: the fields of their studies, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from setback.experiments.studies.folder import Manifest
from setback.experiments.studies.identity import other_modules
from setback.model.errors import shown

#: What numbers of a study are called.
NUMBERS = {
    "rooms": "rooms", "weeks": "weeks", "seed": "seed", "share": "share of twins",
    "shared": "rooms shared by all worlds", "engine": "engine", "question": "question",
}  # fmt: skip
LISTS = {"flips": "kinds of twins", "estimands": "estimands", "predictions": "predictions"}
#: Names of a list that are told before the rest is counted.
TOLD = 4


def differences(one: Manifest, other: Manifest) -> list[str]:
    """Say in words what of one run is otherwise than in the other; nothing where they are of one study.

    Each entry says what the first has, and what the second has in its place.
    """
    a, b = one.study, other.study
    said = list(of_studies(a, b))
    if a["equations"] != b["equations"] or a["measures"] != b["measures"]:
        modules = other_modules(one.modules, other.modules)
        custom = "custom mechanisms" if not modules else f"{modules} changed"
        said.append(f"other equations ({custom})")
    return said


def of_studies(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    """Say what of one study is otherwise than in another, equations aside; both are plain data."""
    yield from _names("policies", a["policies"], b["policies"])
    yield from _levers(a, b)
    yield from _values("", a["parameters"], b["parameters"])
    for name, words in NUMBERS.items():
        if a[name] != b[name]:
            yield _instead(words, a[name], b[name])
    yield from _worlds(a["worlds"], b["worlds"])
    yield from _names("outcomes", a["keep"]["outcomes"], b["keep"]["outcomes"])
    yield from _names("slots of students", a["keep"]["students"], b["keep"]["students"])
    if a["keep"]["share"] != b["keep"]["share"]:
        yield _instead("share of rooms whose students are kept", a["keep"]["share"], b["keep"]["share"])
    if a["claim"] != b["claim"]:
        yield from _claims(a["claim"], b["claim"])
    if a["roster"] != b["roster"]:
        names = [table["roster"]["name"] for table in (a, b)]
        alike = names[0] == names[1]
        yield "another roster of the same name" if alike else _instead("roster", *names)
    for name, words in LISTS.items():
        yield from _names(words, a[name], b[name])
    yield from _names("rows of evidence", a["evidence"]["rows"], b["evidence"]["rows"])
    if a["evidence"]["rows"] == b["evidence"]["rows"] and a["evidence"]["digest"] != b["evidence"]["digest"]:
        yield "other figures of the evidence"
    if a["norms"] != b["norms"]:
        yield "other norms of the scales"


def _instead(what: str, one: Any, other: Any) -> str:
    return f"{what} {_plain(one)} instead of {_plain(other)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.15g}" if isinstance(value, (int, float)) else shown(value)


def _names(what: str, one: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    """Name what stands in one list alone, on either side, and say where only the order differs."""
    more, less = ([name for name in here if name not in there] for here, there in ((one, other), (other, one)))
    if more:
        yield f"{what} with {_told(more)}"
    if less:
        yield f"{what} without {_told(less)}"
    if not more and not less and list(one) != list(other):
        yield f"{what} in another order"


def _told(names: Sequence[str]) -> str:
    rest = f" and {len(names) - TOLD} more" if len(names) > TOLD else ""
    return ", ".join(names[:TOLD]) + rest


def _values(before: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Say which of some numbers differ; what one side lacks is not there."""
    for name in dict.fromkeys([*one, *other]):
        if one.get(name) != other.get(name):
            values = [_plain(table[name]) if name in table else "none" for table in (one, other)]
            yield f"{before}{name} {values[0]} instead of {values[1]}"


def _levers(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    """Say which levers differ of policies that are called alike."""
    for field in ("levers", "assumed"):
        here, there = (dict(zip(table["policies"], table[field])) for table in (a, b))
        for policy in here:
            if policy in there and here[policy] != there[policy]:
                if field == "assumed":
                    yield f"{policy} with other assumed numbers that vary"
                elif here[policy].keys() != there[policy].keys():
                    yield f"{policy} with changes in other weeks"
                else:
                    for week, levers in here[policy].items():
                        yield from _values(f"{policy} with ", levers, there[policy][week])


def _worlds(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    if one["design"] != other["design"]:
        yield _instead("design", one["design"], other["design"])
    if one["count"] != other["count"]:
        yield _instead("worlds", one["count"], other["count"])
    here, there = ({varied["name"]: varied for varied in table["ranges"]} for table in (one, other))
    yield from _names("numbers that vary", list(here), list(there))
    for name in here:
        if name in there and here[name] != there[name]:
            yield f"{name} {_range(here[name])} instead of {_range(there[name])}"
    alike = {**one, "digest": ""} == {**other, "digest": ""}
    if alike and one["digest"] != other["digest"]:
        yield "other draws of the worlds"


def _range(varied: Mapping[str, Any]) -> str:
    if varied["values"]:
        return f"one of {', '.join(f'{value:g}' for value in varied['values'])}"
    by = "" if varied["distribution"] == "uniform" else f" ({varied['distribution']})"
    return f"from {varied['low']:g} to {varied['high']:g}{by}"


def _claims(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Iterator[str]:
    if one is None or other is None:
        yield "no claim" if one is None else "a claim, where the other makes none"
        return
    yield from _values("claim with ", one, other)
