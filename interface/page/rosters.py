"""What the page knows of rosters: the tables and shipped mappings by which the command line reads them, as data."""

from __future__ import annotations

from typing import Any

from setback.model.errors import InputError
from setback.model.rosters import propose, sniff
from setback.model.rosters.cells import HUGE, MISSING
from setback.model.rosters.files import MAPPINGS
from setback.model.rosters.labels import LABELS
from setback.model.rosters.rules import Rules, read_mapping
from setback.model.rosters.scores import DIGITS
from setback.model.rosters.table import DEEPEST, SEPARATORS
from setback.page.called import CARRIED

#: The most bytes of a file that the page opens: it is read while somebody looks on.
MOST = 2_000_000


def knowledge() -> dict[str, Any]:
    """Give everything that the page reads a roster by."""
    return {
        "most": MOST, "separators": SEPARATORS, "deepest": DEEPEST, "huge": HUGE, "digits": DIGITS,
        "labels": sorted(LABELS._texts), "looked": sniff.LOOKED, "wordy": sniff.WORDY,
        "ids": sniff.IDS, "parts": sniff.PARTS, "classes": propose.CLASSES, "schools": propose.SCHOOLS,
        "times": propose.TIMES, "others": propose.OTHERS, "totals": propose.TOTALS, "letters": propose.LETTERS,
        "fewest": propose.FEWEST, "enough": propose.CELLS, "share": propose.WORDS,
        "names": [*CARRIED.values()],
        "mappings": mappings(),
    }  # fmt: skip


def mappings() -> list[dict[str, Any]]:
    """Give the mappings that ship, in the order in which they are tried: one that takes any column comes last."""
    rules = [read_mapping(path) for path in sorted(MAPPINGS.glob("*.toml"))]
    return [as_data(one) for one in sorted(rules, key=lambda one: "*" in one.named())]


def as_data(rules: Rules) -> dict[str, Any]:
    """Give a mapping as the page has it: what is as by default is left out.

    Raises:
        InputError: if it states what the page does not read: an encoding, numbers for words, a mean, classes that are
            left out, or a carried column that nothing else names.
    """
    alone = {*rules.carry.values()} - {*rules._replace(carry={}).named()}
    if rules.encoding or rules.small == "leave out" or any(t.values or t.mean for t in rules.traits.values()) or alone:
        raise InputError(
            f"mapping {rules.name} has an encoding, values, a mean, small classes left out or a column that is only "
            "carried; the page reads none of these"
        )
    plain = Rules("", (), {})
    stated: dict[str, Any] = {
        key: getattr(rules, key)
        for key in ("separator", "decimal", "header", "student", "group", "school", "deal", "seed", "small", "least")
        if getattr(rules, key) != getattr(plain, key)
    }
    traits = [
        {"name": name, "columns": trait.columns}
        | {
            key: value
            for key, value in (("reverse", trait.reverse), ("scale", trait.scale), ("extra", trait.extra_credit))
            if value
        }
        for name, trait in rules.traits.items()
    ]
    lists = {
        "missing": [word for word in rules.missing if word not in MISSING], "only": [*rules.only.items()],
        "skip": [*rules.skip.items()], "traits": traits,
    }  # fmt: skip
    return {"called": rules.name} | stated | {key: value for key, value in lists.items() if value}
