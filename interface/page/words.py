"""The words of the page: those of `words.en.toml` and the model's own sentences, one table to be translated."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from setback.experiments.scenes import Scene, names
from setback.model.errors import InputError, shown, unknown
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES
from setback.model.policies import INVALID
from setback.model.reading import read_toml
from setback.model.references import ASSUMED
from setback.model.shipped import shipped
from setback.model.week import MODEL, Model

ENGLISH = shipped("setback.page") / "words.en.toml"
#: A language tag (BCP 47): language, script, region, variants, an extension such as u-nu-latn, and private words. What
#: does not have this form ends a browser's `Intl`; a language of five to eight letters could be, but there is none.
TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(?P<variants>(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(-u(?=-[a-z0-9]{2})(-[a-z0-9]{3,8})*(-[a-z0-9][a-z](-[a-z0-9]{3,8})*)*)?(-x(-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)


def english(scenes: tuple[Scene, ...] | None = None, model: Model = MODEL) -> dict[str, str]:
    """Give every English word of a page by its dotted key.

    Args:
        scenes: the scenes of the page; by default the shipped ones.
        model: the model, whose parameters and policies have words too.
    """
    words = flat(read_toml(ENGLISH, "words of the page"))
    for name, part in model.parts.items():
        words.setdefault(f"part.{name}", name.replace("-", " "))
        words[f"says.{name}"] = part.description
    for row in model.table.rows:
        words[f"name.{row.name}"] = row.name.removeprefix("strength_").replace("_", " ")
        words[f"why.{row.name}"] = row.description.rstrip(".")
        if row.name.startswith("strength_"):
            words[f"effect.{row.name}"] = words[f"why.{row.name}"].partition(": ")[2] or words[f"why.{row.name}"]
        words[f"unit.{row.unit}"] = row.unit
        if row.source != ASSUMED:
            words[f"cite.{row.source}"] = row.citation
    for k, (_, why) in enumerate(INVALID):
        words[f"invalid.{k}"] = _in_plain_words(why)
    for name, outcome in OUTCOMES.items():
        words[f"outcome.{name}"] = f"{outcome.description} ({outcome.unit})"
        words.setdefault(f"headline.{name}", outcome.description)
    for scene in scenes or tuple(Scene.read(name) for name in names()):
        about = scene.about
        at = f"scenes.{scene.name}"
        words |= {f"{at}.{key}": getattr(about, key) for key in ("title", "question", "look", "cannot")}
        words |= {f"{at}.talk.{k}": line for k, line in enumerate(about.talk)}
        words |= {f"{at}.a": scene.a.label, f"{at}.b": scene.b.label}
    return words


def read(file: Path | None, scenes: tuple[Scene, ...], model: Model = MODEL) -> dict[str, str]:
    """Read the words of a page: English, and over it those of a translation.

    Args:
        file: a TOML file with the keys of `english`, as many of them as have been translated; None for English.
        scenes: the scenes of the page.
        model: the model.

    Raises:
        InputError: a file that cannot be read, a key that there is not, a word whose {names} are others, or a
            language that is no language tag.
    """
    words = english(scenes, model)
    if file is None:
        return words
    given = flat(read_toml(file, f"words {file}"))
    known = {**english(model=model), **words}
    for key, text in given.items():
        plural = f"{key.rpartition('.')[0]}.other"  # a language may have more plurals than English
        if key not in known and plural not in known:
            raise unknown(f"word in {file.name}:", key, known)
        there = _holes(known[key if key in known else plural])
        if wrong := _holes(text) - there:
            raise InputError(f"word {key} in {file.name} asks for {_braces(wrong)}; English has {_braces(there)}")
    said = words | given
    if not _is_tag(said["page.lang"]):
        advice = "it needs a language tag such as de, pt-BR or zh-Hant"
        raise InputError(f"page.lang in {file.name} is {shown(said['page.lang'])}; {advice}")
    return said


def to_toml(words: Mapping[str, str]) -> str:
    """Write the words as TOML, one a line, for a translator."""
    lines = [".".join(_quote(part) for part in key.split(".")) + f" = {_quote(text)}" for key, text in words.items()]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def flat(table: Mapping[str, Any], at: str = "") -> dict[str, str]:
    """Give the texts of nested tables by their dotted keys."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{at}{key}.")
        else:
            found[f"{at}{key}"] = str(value)
    return found


def _in_plain_words(why: str) -> str:
    """Quote the rules that the advice of a refusal names, as their sliders name them."""
    said, _, advice = why.partition(";")
    names = re.compile(rf"\b({'|'.join(LEVER_NAMES)})\b")
    return f"{said};{names.sub(lambda found: '“' + found[1].replace('_', ' ') + '”', advice)}"


def _holes(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def _braces(holes: set[str]) -> str:
    return ", ".join(f"{{{hole}}}" for hole in sorted(holes)) or "none"


def _is_tag(text: str) -> bool:
    found = TAG.fullmatch(text)
    variants = found["variants"].lower().split("-")[1:] if found else []
    return found is not None and len(set(variants)) == len(variants)


if __name__ == "__main__":
    sys.stdout.buffer.write(to_toml(english()).encode())  # TOML is UTF-8, whatever the terminal is
