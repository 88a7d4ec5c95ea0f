"""What can be chosen in the Mesa view: five menus, the class, and each row of the parameter table.

`inputs` describes the choices to Mesa; `chapters` and `matching` say where on the page a number is found.
"""

from __future__ import annotations

import math
from typing import Any

from setback.live.model import BESIDE, MOST_WEEKS, WEEKS
from setback.model.mechanism import Param
from setback.model.policies import GROUPS, REFERENCE, group
from setback.model.rosters.roster import CLASS_SIZE, LARGEST, SMALLEST
from setback.model.week import MODEL, Model
from setback.page.build import SECTIONS
from setback.page.look import word

#: What each menu of policies is called, as on the page.
MENUS = {group: word(f"rules.{group}") for group in GROUPS}
#: The chapters of the parameter table, those of the page, each by the row it begins with; custom rows follow last.
CHAPTERS = {row: word(f"world.{section}") for section, row in SECTIONS.items()} | {"told": "Policy, lever by lever"}
CUSTOM = "Custom mechanisms"


def inputs(model: Model = MODEL) -> dict[str, dict[str, Any]]:
    """Describe every choice as Mesa does user inputs: five menus, the class, and each row of the parameter table."""
    menus: dict[str, dict[str, Any]] = {
        g: {
            "type": "Select",
            "label": MENUS[g],
            "value": said(default),
            "values": [said(part, model) for part in group(g, model.parts)],
        }
        for g, default in zip(GROUPS, REFERENCE)
    }
    of_class: dict[str, dict[str, Any]] = {
        "size": {
            "type": "SliderInt",
            "label": f"Students, {SMALLEST} to {LARGEST}",
            "value": CLASS_SIZE,
            "min": SMALLEST,
            "max": LARGEST,
        },
        "weeks": {
            "type": "SliderInt",
            "label": f"Weeks, 1 to {MOST_WEEKS}",
            "value": WEEKS,
            "min": 1,
            "max": MOST_WEEKS,
        },
        "policy": {"type": "InputText", "label": "In place of the menus, as in curve > mastery @ 19", "value": ""},
        "beside": {"type": "InputText", "label": "A second class beside it, or none", "value": BESIDE},
        "seed": {"type": "InputText", "label": "Seed: the same students and luck", "value": "0"},
    }
    rows = {
        row.name: {
            "type": "SliderFloat", "label": f"{row.name} ({row.unit}): {row.description}", "value": row.default,
            "min": row.low, "max": row.high, "step": step_of(row),
        }
        for row in model.table.rows
    }  # fmt: skip
    return {**menus, **of_class, **rows}


def said(part: str, model: Model = MODEL) -> str:
    """Say a part of a policy in plain words, its name first."""
    return f"{part}: {model.parts[part].description}"


def step_of(row: Param) -> float:
    """Give a slider a round step: 1 of what is counted in whole numbers, else 40 to 400 that fill the range."""
    return 1.0 if row.is_whole else float(10.0 ** math.floor(math.log10((row.high - row.low) / 40)))


def chapters(model: Model = MODEL) -> dict[str, list[Param]]:
    """Sort the rows of the parameter table by chapter, what a school can move first."""
    found: dict[str, list[Param]] = {CHAPTERS["told"]: []}
    chapter = CUSTOM
    for row in model.table.rows:
        chapter = CHAPTERS.get(row.name, chapter)
        if chapter == CHAPTERS["told"] and row.kind != "policy":
            chapter = CUSTOM
        found.setdefault(chapter, []).append(row)
    return found


def matching(text: str, model: Model = MODEL) -> list[Param]:
    """Find the rows in whose name or sentence each word of a text stands."""
    words = text.lower().replace("_", " ").split()
    return [
        r for r in model.table.rows if all(w in f"{r.name} {r.description}".lower().replace("_", " ") for w in words)
    ]
