"""Write docs/policies.md: what each part of a policy changes against the reference, and which evidence speaks of it.

``python docs/effects.py`` runs the reference classes under every part, and every trial that has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from setback.analysis.estimate import Estimate, mean
from setback.experiments.evidence.measured import shipped_trials
from setback.experiments.evidence.rows import target_of
from setback.experiments.simulate import simulate
from setback.experiments.trials.run import World, run
from setback.model.policies import PARTS, PRESETS, REFERENCE, Policy, PolicyChange
from setback.model.week import MODEL
from setback.model.writing import write_text

FILE = Path(__file__).parent / "policies.md"
#: What is told of each part: the outcome, its head in the table, and by what it is multiplied.
TOLD = {
    "unit_test": ("unit tests, SD", 1.0), "learning": ("learning, SD", 1.0),
    "helpless_or_stopped": ("helpless or stopped, points", 100.0), "dropout": ("stopped, points", 100.0),
    "units_mastered": ("units mastered", 1.0), "teacher_time": ("teacher, minutes", 1.0),
}  # fmt: skip
#: Classes of each part.
ROOMS = 200


class Said(NamedTuple):
    """Says what a published row has, and what its trial gives at the table's numbers."""

    row: str
    published: str
    here: float
    hit: bool


def parts() -> list[str]:
    """Name every part and whole policy that is not the reference's."""
    return [name for name in (*PARTS, *PRESETS) if name not in (*REFERENCE, "reference")]


def effects(name: str, rooms: int = ROOMS) -> dict[str, Estimate]:
    """Give what a policy changes in the reference classes, against the reference, paired by class.

    Args:
        name: a part, or a whole policy.
        rooms: how many classes.

    Returns:
        By outcome of `TOLD`: the mean difference, in the outcome's unit, with its 95 % interval over classes.
    """
    one, other = (simulate(policy, rooms=rooms).per_room() for policy in (name, "reference"))
    return {o: mean((one[o] - other[o]).to_numpy(), np.arange(rooms)) for o in TOLD}


def spoken_of(name: str) -> list[str]:
    """Name the rows of the evidence whose trial has a part in one arm and lacks it in another."""

    def has(policy: Policy | PolicyChange) -> bool:
        there = " > ".join(policy.parts.values()).split(" > ")
        return name in there

    found = []
    for row, trial in shipped_trials().items():
        arms = [has(policy) for policy in trial.policies.values()]
        if any(arms) and not all(arms):
            found.append(row)
    return found


def said(row: str) -> Said:
    """Give a published row beside what its trial gives at the table's numbers."""
    found = run(shipped_trials()[row], World(MODEL.parameters()))
    return Said(row, str(target_of(row).said), found.estimate, found.hit)


def rows(rooms: int = ROOMS) -> Iterator[str]:
    """Lay out the parts as the rows of a table of Markdown."""
    heads = ("policy", *(head for head, _ in TOLD.values()), "published (here)")
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    evidence: dict[str, Said] = {}
    for name in parts():
        cells = []
        for outcome, e in effects(name, rooms).items():
            times = TOLD[outcome][1]
            reach = times * (e.high - e.low) / 2.0
            cells.append(f"{times * e.value:+.2f} ± {reach:.2f}")
        for row in spoken_of(name):
            evidence[row] = evidence.get(row) or said(row)
        told = "; ".join(f"{s.row}: {s.published} ({s.here:+.2f})" for s in map(evidence.__getitem__, spoken_of(name)))
        yield f"| `{name}` | {' | '.join(cells)} | {told or 'none'} |"


def written(text: str, rooms: int = ROOMS) -> str:
    """Give the text with its table written anew."""
    table = "\n".join(rows(rooms))
    return re.sub(r"(<!-- effects -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}\n{table}\n\n{m[2]}", text, flags=re.S)


if __name__ == "__main__":
    write_text(FILE, written(FILE.read_text(encoding="utf-8")))
