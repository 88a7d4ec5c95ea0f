"""The tables of ODD.md, written from the code: parameters, policies, mechanisms, states and outcomes.

``python -m setback.model.odd`` writes them anew, and EQUATIONS.md (`setback.model.mathematics`); tests keep
both current.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from setback.model import mathematics
from setback.model.catalogue import mechanisms
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import OWN, ROWS, TABLE
from setback.model.policies import GROUPS, PARTS, PRESETS, REFERENCE
from setback.model.shipped import shipped
from setback.model.state import OPENED, STATE
from setback.model.writing import write_text

ODD, EQUATIONS = (shipped("setback.model") / name for name in ("ODD.md", "EQUATIONS.md"))


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(heads), *(list(map(str, row)) for row in rows)]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(["| " + " | ".join(cells[0]) + " |", "|" + "---|" * len(cells[0])] + [
        "| " + " | ".join(line) + " |" for line in cells[1:]
    ])  # fmt: skip


def parameters() -> str:
    """Every uncertainty, with the gain that multiplies it: one row a parameter."""
    rows = [row for row in TABLE if row.kind in ("student", "mechanism")]
    gains = {one.name: ROWS[one.gain].symbol for one in OWN.gained}
    return _table(
        ("parameter", "symbol", "default", "range", "unit", "distribution", "gain", "source", "description"),
        ((f"`{r.name}`", r.symbol, f"{r.default:g}", f"{r.low:g} to {r.high:g}", r.unit, r.distribution,
            gains.get(r.name, ""), r.citation, r.description)
         for r in rows),
    )  # fmt: skip


def levers() -> str:
    """Every number that a school can move."""
    heads = ("lever", "symbol", "reference", "range", "unit", "source", "why")
    rows = [row for row in TABLE if row.kind == "policy"]
    return _table(
        heads,
        ((f"`{r.name}`", r.symbol, f"{r.default:g}", f"{r.low:g} to {r.high:g}", r.unit, r.citation, r.description)
         for r in rows),
    )  # fmt: skip


def policies() -> str:
    """Every named part, and every whole policy."""
    rows = []
    for group in GROUPS:
        for name, part in PARTS.items():
            if part.group == group:
                changed = ", ".join(f"{lever} = {value:g}" for lever, value in part.levers.items())
                changed = changed or "the reference" * (name in REFERENCE)
                assumed = ", ".join(
                    f"{lever} = {row.default:g} ({row.low:g} to {row.high:g})"
                    for lever, row in part.assumed(name).items()
                )
                rows.append((group, f"`{name}`", part.description, changed, assumed))
    rows += [("whole", f"`{name}`", "", f"`{text}`", "") for name, text in PRESETS.items()]
    return _table(("group", "policy", "what it is", "differs from the reference in", "assumed (range)"), rows)


def equations() -> str:
    """Every mechanism: its group, what it does, the equations that read its strength, sources, neutral values."""
    rows = (
        (f"`{m.name}`", m.group, ROWS[f"strength_{m.name}"].description.partition(": ")[2].rstrip("."),
         ", ".join(f"`{e}`" for e in m.equations), "; ".join(m.sources), "; ".join(m.neutral))
        for m in mechanisms()
    )  # fmt: skip
    return _table(("mechanism", "group", "what it does", "equations", "sources", "neutral value"), rows)


def slots() -> str:
    """What is fixed and what is carried from week to week."""
    kinds = (("fixed", OPENED), ("carried", STATE))
    rows = [(f"`{s.name}`", s.of, s.unit, kind, s.description) for kind, part in kinds for s in part]
    return _table(("name", "of", "unit", "kind", "what it is"), rows)


def outcomes() -> str:
    """What is measured."""
    return _table(("outcome", "unit", "what it is"), ((f"`{n}`", o.unit, o.description) for n, o in OUTCOMES.items()))


TABLES: Mapping[str, Callable[[], str]] = {
    "slots": slots, "mechanisms": equations, "parameters": parameters, "levers": levers, "policies": policies,
    "outcomes": outcomes,
}  # fmt: skip


def written(text: str) -> str:
    """The text with every table between its two marks written anew.

    Raises:
        KeyError: a mark names no table.
    """
    return re.sub(
        r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}\n{TABLES[m[2]]()}\n\n{m[3]}", text, flags=re.S
    )


if __name__ == "__main__":
    write_text(ODD, written(ODD.read_text(encoding="utf-8")))
    write_text(EQUATIONS, mathematics.page())
