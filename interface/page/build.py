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
from typing import Any, NamedTuple

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
from setback.page import called, rosters, small
from setback.page import words as page_words
from setback.page.languages import CATEGORIES, language_of, name_of

HERE = shipped("setback.page")
#: The scripts of the page in the order in which they are read, one idea each.
SCRIPTS = (
    "tools", "school", "headline", "seats", "curves", "reading", "diary", "rules", "sliders", "text", "cells", "table",
    "seating", "called", "roster", "propose", "export", "panel", "map", "play", "guess", "classes", "why", "projector",
    "notes", "steps", "student", "handout", "save", "link", "phones", "qr", "address", "results",
    "invite", "main",
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


class Kind(NamedTuple):
    """What one page is made of: its HTML, its scripts, and what it leaves out of style, data and words.

    Attributes:
        html: the name of its HTML.
        scripts: its scripts in the order in which they are read.
        styles: its style sheets; of the first one only the sections whose headings are not in `unstyled`.
        unstyled: headings of sections of the style that it has no use for.
        words: the tables of words that its scripts say; None for all but those of a phone.
        known: what it is told of the model; None for all.
    """

    html: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...] = ("page.css",)
    unstyled: tuple[str, ...] = ()
    words: tuple[str, ...] | None = None
    known: tuple[str, ...] | None = None

    def style(self) -> str:
        """Give its style."""
        first, *more = ((HERE / name).read_text(encoding="utf-8") for name in self.styles)
        sections = re.split(r"(?=/\* ---- )", first)
        kept = [text for text in sections if not text.startswith(tuple(f"/* ---- {name}" for name in self.unstyled))]
        return "".join([*kept, *more])

    def said(self, words: Mapping[str, str]) -> dict[str, str]:
        """Give those of the words that it says."""
        tables = self.words or {key.partition(".")[0] for key in words} - {"phone"}
        return {key: text for key, text in words.items() if key.partition(".")[0] in tables}

    def told(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Give what it is told of the model; of a scene a page that has no scenes is told the world alone."""
        if self.known is None:
            return dict(data)
        world = ("name", "seed", "room", "size", "weeks", "parameters", "headline")
        scenes = [{key: scene[key] for key in world} for scene in data["scenes"]]
        return {key: data[key] for key in self.known} | {"scenes": scenes, "levers": {}, "sections": {}}


#: The whole page, and the one for a student's phone.
PAGE = Kind("page.html", SCRIPTS)
STUDENT = Kind(
    "student.html",
    ("tools", "school", "headline", "diary", "student", "link", "phones", "phone"),
    ("page.css", "student.css"),
    ("the head of the page", "the player", "the curves", "drawers", "the map", "phones in the room", "for a wall",
     "on paper"),
    ("page", "phone", "play", "diary", "state", "curve", "preset", "names", "link", "class", "player", "source"),
    ("roster", "reference", "parts", "presets", "causes", "diary", "meaning", "limits", "headline"),
)  # fmt: skip


def build(
    scenes: Sequence[Scene],
    roster: Roster | None = None,
    words: Path | None = None,
    script: str | None = None,
    model: Model = MODEL,
    language: str | None = None,
    whole_names: bool = False,
    kind: Kind = PAGE,
    phones: str = "",
) -> str:
    """Build a page as text.

    Args:
        scenes: its scenes; the first is shown first.
        roster: who sits in the classrooms; drawn students where it is left out.
        words: a translation, as `setback.page.words.read` takes it.
        script: the script of the model; by default it is translated now.
        model: the model.
        language: the code of a language that ships; English where it is left out.
        whole_names: students of the roster are called by their whole names; by their first names otherwise.
        kind: the whole page, or the one for a student's phone.
        phones: the address at which phones reach the page that is served, with a slash at its end; "" for none.

    Raises:
        InputError: words that cannot be used, or two scenes of one name, by which their words are found.
    """
    titles = [scene.name for scene in scenes]
    if twice := [name for name in titles if titles.count(name) > 1]:
        raise InputError(
            f"two scenes are called {twice[0]}; a scene is named by its file, so give one of the files another name"
        )
    said = page_words.read(words, tuple(scenes), model, language)
    style = small.style(kind.style())
    scripts = [small.model(write(model) if script is None else script), small.script(_script(kind.scripts))]
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
        "data": _json(kind.told(_data(scenes, roster, model, whole_names)) | {"phones": phones}),
        "words": _json(_tables(kind.said(said))), "reader": _reader(said),
        "marks": (HERE / "marks.html").read_text(encoding="utf-8"),
    }  # fmt: skip
    made = {"fingerprint": fingerprint(model)[:12], "version": version()}
    said["page.made"] = re.sub(r"\{(\w+)\}", lambda hole: made[hole[1]], said["page.made"])
    page = re.sub(r"\n +", "\n", (HERE / kind.html).read_text(encoding="utf-8"))
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
    language: str | None = None,
    whole_names: bool = False,
    kind: Kind = PAGE,
) -> str:
    """Write a page of some scenes; return a sentence that says what it holds.

    Args:
        out: the file.
        scenes: names or TOML files; all shipped ones where it is left out.
        roster: who sits in the classrooms.
        words: a translation.
        new: refuse a place that is taken.
        model: the model.
        language: the code of a language that ships; English where it is left out.
        whole_names: students of the roster are called by their whole names; by their first names otherwise.
        kind: the whole page, or the one for a student's phone.

    Raises:
        InputError: a scene, a language, words or a path that cannot be used.
        StopError: the disk is full.
    """
    check(out, new)
    found = [Scene.read(name, model) for name in dict.fromkeys(scenes or names())]
    page = build(found, roster, words, model=model, language=language, whole_names=whole_names, kind=kind)
    tongue = _tongue(words, found, model, language)
    write_text(out, page, new)
    many = f"{len(found)} scenes" if len(found) > 1 else "1 scene"
    shown = "whole names" if whole_names else "first names alone; --whole-names gives whole ones"
    classes = f"{len(roster.classes)} class{'es' if len(roster.classes) > 1 else ''}" if roster else ""
    who = f"{classes} of {roster.name} ({shown})" if roster else "drawn students"
    size = f"{len(page.encode()) / 1000:.0f} kB"
    return f"{out}: {many}, {who}{tongue}, {size}; open it in a browser, it needs nothing else"


def _tongue(words: Path | None, scenes: Sequence[Scene], model: Model, language: str | None) -> str:
    """Say in what language a page is, and how many of its words are in English all the same; "" for English."""
    tag = page_words.read(words, tuple(scenes), model, language)["page.lang"]
    if language_of(tag) == "en":
        return ""
    left = len(page_words.untranslated(words, tuple(scenes), model, language))
    still = f" ({left} {'word' if left == 1 else 'words'} in English)" if left else ""
    return f", in {name_of(tag)}{still}"


# ---- what the page is told ---------------------------------------------------------------------------------
def _data(scenes: Sequence[Scene], roster: Roster | None, model: Model, whole_names: bool) -> dict[str, Any]:
    starts = {row: section for section, row in SECTIONS.items()}
    table, known = model.table, model.parts
    assert len(starts) == len([row for row in table.rows if row.name in starts]), "a heading begins at no row"
    sections: dict[str, list[list[Any]]] = {}
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


def _row(row: Param) -> list[Any]:
    """Give a row of the table as a list, in the order in which `tools.js` names what stands in it."""
    source = [row.source] if row.source != ASSUMED else []
    return [row.name, row.low, row.high, row.default, row.unit, int(row.is_whole), *source]


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
def _script(names: Sequence[str]) -> str:
    """Join a page's own script: its files one after the other in one function, which leaves no global behind."""
    files = "\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)
    return f'(() => {{\n"use strict";\nconst INVALID = [{_invalid()}];\n{files}}})();\n'


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


def _tables(words: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Give words as the tables that they stand in, so that no name of a table is written for each of its words."""
    tables: dict[str, dict[str, str]] = {}
    for key, text in words.items():
        word, _, category = key.rpartition(".")
        if category in CATEGORIES and category != "other" and words.get(f"{word}.other") == text:
            continue  # a form that is not there is that of other numbers
        head, _, rest = key.partition(".")
        tables.setdefault(head, {})[rest] = text
    return tables


def _reader(said: Mapping[str, str]) -> str:
    """Say at the foot who has read a translation, or that a machine made it: in its language, and in English."""
    if "page.reader" not in said:
        return ""
    if reader := said["page.reader"]:
        return f"<p>{html.escape(said['page.read_by'].replace('{reader}', reader))}</p>"
    told = page_words.english()["page.machine"]
    own = f"<p>{html.escape(said['page.machine'])}</p>\n" if said["page.machine"] != told else ""
    return f'{own}<p lang="en" dir="ltr">{told}</p>'


def _json(value: Any) -> str:
    """Write JSON that cannot end the element it stands in."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:  # no browser reads them
        raise InputError("the page would hold a number that is infinite or none (NaN); each must be finite") from None
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
