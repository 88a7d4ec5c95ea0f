"""From the model, scenes, a roster and words to one HTML file that needs nothing else."""

from __future__ import annotations

import ast
import base64
import hashlib
import html
import inspect
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from setback.diary import ALIKE, CAUSES, CLEAR, FAR
from setback.experiments.scenes import HEADLINE, ROOMS, Scene, Side, names
from setback.model import policies
from setback.model.chance import YEAR
from setback.model.engines.javascript import write
from setback.model.errors import InputError
from setback.model.grammar import fingerprint
from setback.model.mechanism import Param
from setback.model.outcomes import (
    COPING_AFFECT,
    COPING_EXPECTANCY,
    DISCOURAGED_AFFECT,
    NORMS,
    SHUT_DOWN_WEEKS,
)
from setback.model.parameters import LEVER_NAMES, OWN, ROWS
from setback.model.policies import GROUPS, PRESETS, REFERENCE, Part, Policy
from setback.model.references import ASSUMED
from setback.model.rosters.mapping import COLUMNS, MISSING
from setback.model.rosters.roster import LARGEST, SMALLEST, Roster
from setback.model.rosters.seats import FRIENDS
from setback.model.shipped import shipped, version
from setback.model.state import TRAITS
from setback.model.week import LONGEST, MODEL, Model
from setback.model.writing import check, write_text
from setback.page import called, rosters
from setback.page import words as page_words

HERE = shipped("setback.page")
#: The scripts of the page in the order in which they are read, one idea each.
SCRIPTS = (
    "tools", "school", "headline", "seats", "curves", "reading", "diary", "rules", "sliders", "text", "cells", "table",
    "seating", "called", "roster", "propose", "export", "panel", "map", "play", "guess", "classes", "why", "projector",
    "steps", "student", "handout", "save", "address", "main",
)  # fmt: skip
#: Headings of the numbers of the world, each with the row of the table at which it begins.
SECTIONS = {
    "students": "knowledge_mean", "drift": "drift_sd", "effort": "grade_incentive_size", "practice": "rivalry",
    "assessment": "pressure_capacity", "causes": "consensus", "feelings": "rank_uninformative", "time": "time_feedback",
    "gains": next(iter(OWN.gains.values())), "strengths": "strength_drift",
}  # fmt: skip
#: The group of each lever that no part sets.
UNSET = {
    "cut": "grading",
    "quota": "grading",
    "grade_practice": "grading",
    "feedback_delay": "grading",
    "assignment_every": "grading",
    "mastery_share": "pacing",
    "target": "pacing",
    "problem_distance": "sequence",
    "targeted_level": "support",
    "targeted_talk": "support",
    "targeted_information": "support",
}


def build(
    scenes: Sequence[Scene],
    roster: Roster | None = None,
    words: Path | None = None,
    script: str | None = None,
    model: Model = MODEL,
    whole_names: bool = False,
) -> str:
    """Build the page as text.

    Args:
        scenes: its scenes; the first is shown first.
        roster: who sits in the classrooms; drawn students where it is left out.
        words: a translation, as `setback.page.words.read` takes it.
        script: the script of the model; by default it is translated now.
        model: the model.
        whole_names: students of the roster are called by their whole names; by their first names otherwise.

    Raises:
        InputError: words that cannot be used, or two scenes of one name, by which their words are found.
    """
    titles = [scene.name for scene in scenes]
    if twice := [name for name in titles if titles.count(name) > 1]:
        raise InputError(
            f"two scenes are called {twice[0]}; a scene is named by its file, so give one of the files another name"
        )
    said = page_words.read(words, tuple(scenes), model)
    style = _dense(re.sub(r"/\*.*?\*/", "", (HERE / "page.css").read_text(encoding="utf-8"), flags=re.S))
    scripts = [_dense(write(model) if script is None else script), _dense(_script())]
    for text in (style, *scripts):
        if re.search("</(script|style)|<!--", text, re.I):
            raise RuntimeError("a script or style would end its own element")
    policy = "; ".join([
        "default-src 'none'", f"script-src {' '.join(map(_hash, scripts))}", f"style-src {_hash(style)}",
        "img-src data:", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ])  # fmt: skip
    parts = {
        "policy": policy, "style": style, "model": scripts[0], "script": scripts[1],
        "data": _json(_data(scenes, roster, model, whole_names)), "words": _json(said),
    }  # fmt: skip
    made = {"fingerprint": fingerprint(model)[:12], "version": version()}
    said["page.made"] = re.sub(r"\{(\w+)\}", lambda hole: made[hole[1]], said["page.made"])
    page = (HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(
        r"\{\{(!?)([\w.-]+)\}\}",
        lambda found: parts[found[2]] if found[1] else html.escape(said[found[2]]),
        page,
    )


def write_page(
    out: Path,
    scenes: Sequence[str] | None = None,
    roster: Roster | None = None,
    words: Path | None = None,
    new: bool = False,
    model: Model = MODEL,
    whole_names: bool = False,
) -> str:
    """Write the page of some scenes; return a sentence that says what it holds.

    Args:
        out: the file.
        scenes: names or TOML files; all shipped ones where it is left out.
        roster: who sits in the classrooms.
        words: a translation.
        new: refuse a place that is taken.
        model: the model.
        whole_names: students of the roster are called by their whole names; by their first names otherwise.

    Raises:
        InputError: a scene, words or a path that cannot be used.
        StopError: the disk is full.
    """
    check(out, new)
    found = [Scene.read(name, model) for name in dict.fromkeys(scenes or names())]
    page = build(found, roster, words, model=model, whole_names=whole_names)
    write_text(out, page, new)
    many = f"{len(found)} scenes" if len(found) > 1 else "1 scene"
    shown = "whole names" if whole_names else "first names alone; --whole-names gives whole ones"
    classes = f"{len(roster.classes)} class{'es' if len(roster.classes) > 1 else ''}" if roster else ""
    who = f"{classes} of {roster.name} ({shown})" if roster else "drawn students"
    return f"{out}: {many}, {who}, {len(page.encode()) / 1000:.0f} kB; open it in a browser, it needs nothing else"


# ---- what the page is told ---------------------------------------------------------------------------------
def _data(scenes: Sequence[Scene], roster: Roster | None, model: Model, whole_names: bool) -> dict[str, Any]:
    starts = {row: section for section, row in SECTIONS.items()}
    table, known = model.table, model.parts
    assert len(starts) == len([row for row in table.rows if row.name in starts]), "a heading begins at no row"
    sections: dict[str, list[dict[str, Any]]] = {}
    section, gains = "", {*table.gains.values()}
    for row in table.rows:
        section = starts.get(row.name, section)
        if row.kind != "policy":
            sections.setdefault("gains" if row.name in gains else section, []).append(_row(row))
    group = {lever: part.group for part in reversed([*known.values()]) for lever in part.levers} | UNSET
    return {
        "scenes": [_scene(scene, model) for scene in scenes],
        "roster": None if roster is None else _roster(roster, whole_names), "rosters": rosters.knowledge(),
        "groups": {g: policies.group(g, known) for g in GROUPS},
        "reference": dict(zip(GROUPS, REFERENCE)),
        "parts": {name: dict(part.levers) for name, part in known.items()},
        "presets": {name: _stage(Policy(text), known) for name, text in PRESETS.items()},
        "levers": {g: [_row(ROWS[name]) for name in LEVER_NAMES if group[name] == g] for g in GROUPS},
        "sections": sections,
        "causes": {slot: slot.removeprefix("to_") for slot in CAUSES},
        "diary": {"alike": ALIKE, "clear": CLEAR, "far": FAR},
        "meaning": meanings(),
        "limits": {"size": [SMALLEST, LARGEST], "weeks": [2, 108], "longest": LONGEST, "friends": FRIENDS,
                   "year": YEAR, "hands": 9999},
        "columns": list(COLUMNS), "traits": list(TRAITS), "missing": list(MISSING), "rooms": ROOMS,
        "headline": HEADLINE,
    }  # fmt: skip


def meanings() -> list[dict[str, float]]:
    """Give the thresholds that the words for each state of a student ask for, state by state."""
    return [
        {},
        {"affect": COPING_AFFECT, "expectancy": COPING_EXPECTANCY},
        {"control": NORMS["helpless_control"], "affect": DISCOURAGED_AFFECT},
        {"n": SHUT_DOWN_WEEKS},
        {},
    ]


def _row(row: Param) -> dict[str, Any]:
    return {"name": row.name, "low": row.low, "high": row.high, "default": row.default, "unit": row.unit,
            "whole": row.is_whole, **({"source": row.source} if row.source != ASSUMED else {})}  # fmt: skip


def _stage(policy: Policy, known: Mapping[str, Part]) -> dict[str, Any]:
    """Give a policy as the page's menus have it: one part per group, and the levers that are changed beside them."""
    parts = {
        group: part if part in known else dict(zip(GROUPS, REFERENCE))[group] for group, part in policy.parts.items()
    }
    plain = {name: ROWS[name].default for name in LEVER_NAMES}
    for part in parts.values():
        plain.update(known[part].levers)
    return {"parts": parts, "changed": {name: value for name, value in policy.items() if value != plain[name]}}


def _scene(scene: Scene, model: Model) -> dict[str, Any]:
    def stages(side: Side) -> list[dict[str, Any]]:
        return [{"week": stage.start, **_stage(stage.policy, model.parts)} for stage in side.policy.stages]

    return {
        "name": scene.name, "A": stages(scene.a), "B": stages(scene.b), **scene.room.model_dump(),
        "parameters": scene.parameters, "talk": len(scene.about.talk), "shows": scene.shows,
        "headline": scene.about.headline, "small": scene.about.small,
    }  # fmt: skip


def _roster(roster: Roster, whole_names: bool) -> dict[str, Any]:
    def known(scores: Any) -> list[float | None]:
        return [float(x) if np.isfinite(x) else None for x in scores]

    classes = [
        {
            "name": called.clean(c.name),
            "students": called.students(c, whole_names),
            "scores": {trait: known(s) for trait, s in c.scores.items()},
        }
        for c in roster.classes
    ]
    return {"name": called.clean(roster.name), "network": roster.network, "classes": classes}


# ---- what the page runs ------------------------------------------------------------------------------------
def _script() -> str:
    """Join the page's own script: its files one after the other in one function, which leaves no global behind."""
    files = "\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\nconst INVALID = [{_invalid()}];\n{files}}})();\n'


def _dense(script: str) -> str:
    """Leave out what only those who write the script read: indents, empty lines, lines of comment."""
    lines = (line.strip() for line in script.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def _invalid() -> str:
    """Translate the rules of `setback.model.policies.INVALID` from their own text."""
    [table] = [
        node.value
        for node in ast.parse(inspect.getsource(policies)).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "INVALID"
    ]
    assert isinstance(table, ast.Tuple)
    rules = [rule.elts[0] for rule in table.elts if isinstance(rule, ast.Tuple)]
    return ", ".join(f"q => {_javascript(rule.body)}" for rule in rules if isinstance(rule, ast.Lambda))


def _javascript(node: ast.expr) -> str:
    """Translate a comparison of levers to JavaScript; only what `INVALID` is made of."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return repr(number)
        case ast.Subscript(value=ast.Name(id="q"), slice=ast.Constant(value=str() as name)):
            return f"q.{name}"
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod() | ast.BitAnd() as op, right=right):
            sign = {ast.Add: "+", ast.Mod: "%", ast.BitAnd: "&&"}[type(op)]
            return f"({_javascript(left)} {sign} {_javascript(right)})"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            sign = {ast.Gt: ">", ast.Lt: "<", ast.Eq: "===", ast.GtE: ">=", ast.LtE: "<="}[type(op)]
            return f"({_javascript(left)} {sign} {_javascript(right)})"
    raise InputError(f"{ast.unparse(node)} in INVALID is more than the page can read")


def _json(value: Any) -> str:
    """Write JSON that cannot end the element it stands in."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:  # no browser reads them
        raise InputError("the page would hold a number that is infinite or none (NaN); each must be finite") from None
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
