"""The words of the page: the English ones, the model's own sentences among them, and over them those of a translation.

``python -m setback.page.words es`` prints the file of a translator: every word with its English and, where there is one
that still holds, its translation; it says how many are missing or outdated. In the place of a language that ships there
may be any other, to begin with, or a file that somebody has begun. Without a language the English words are printed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from setback.experiments.scenes import HEADLINE, Scene, names
from setback.model.errors import InputError, shown, unknown
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES
from setback.model.policies import INVALID
from setback.model.reading import read_toml
from setback.model.references import ASSUMED
from setback.model.shipped import shipped
from setback.model.week import MODEL, Model
from setback.page.languages import direction, is_tag, language_of, name_of
from setback.page.translations import (
    SETTINGS,
    Translation,
    is_current,
    leaves,
    read_translation,
    to_toml,
    word_of,
    write_translation,
)

FOLDER = shipped("setback.page") / "words"
ENGLISH = FOLDER / "en.toml"


def english(scenes: tuple[Scene, ...] | None = None, model: Model = MODEL) -> dict[str, str]:
    """Give every English word of a page by its dotted key.

    Args:
        scenes: the scenes of the page; where they are left out, the shipped ones, and every outcome.
        model: the model, whose parameters and policies have words too.
    """
    words = {key: str(text) for key, text in leaves(read_toml(ENGLISH, "words of the page")).items()}
    strength = words["slider.strength"].partition("{effect}")[0]
    for name, part in model.parts.items():
        words.setdefault(f"part.{name}", name.replace("-", " "))
        words[f"says.{name}"] = part.description
    for row in model.table.rows:
        words[f"name.{row.name}"] = row.name.removeprefix("strength_").replace("_", " ")
        kind = "effect" if row.name.startswith("strength_") else "why"
        words[f"{kind}.{row.name}"] = row.description.removeprefix(strength).rstrip(".")
        words[f"unit.{row.unit}"] = row.unit
        if row.source != ASSUMED:
            words[f"cite.{row.source}"] = row.citation
    for k, (_, why) in enumerate(INVALID):
        words[f"invalid.{k}"] = _in_plain_words(why)
    told = {*HEADLINE, *(name for scene in scenes or () for name in (*scene.about.headline, *scene.shows))}
    for name, outcome in OUTCOMES.items():
        if not scenes or name in told:
            words[f"outcome.{name}"] = f"{outcome.description} ({outcome.unit})"
            words.setdefault(f"headline.{name}", outcome.description)
    for scene in scenes or tuple(Scene.read(name) for name in names()):
        about = scene.about
        at = f"scenes.{scene.name}"
        words |= {f"{at}.{key}": getattr(about, key) for key in ("title", "question", "look", "cannot")}
        words |= {f"{at}.talk.{k}": line for k, line in enumerate(about.talk)}
        words |= {f"{at}.a": scene.a.label, f"{at}.b": scene.b.label}
    return words


def to_translate() -> dict[str, str]:
    """Give the English words that a translator is asked for: all but published references, and what is set apart."""
    return {key: text for key, text in english().items() if not key.startswith("cite.") and key not in SETTINGS}


def languages() -> list[str]:
    """Give the codes of the languages that ship, English among them."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(
    file: Path | None, scenes: tuple[Scene, ...], model: Model = MODEL, language: str | None = None
) -> dict[str, str]:
    """Read the words of a page: English, over it those of a language that ships, and over both those of a file.

    Args:
        file: a translation, or other words for some of its words; None for no file.
        scenes: the scenes of the page.
        model: the model.
        language: the code of a language that ships; None for English.

    Raises:
        InputError: if there is no such language, or the file cannot be used, as `read_translation` has it, or is in
            another language.
    """
    words = english(scenes, model)
    said, texts_of = dict(words), dict[str | None, list[str]]()
    for key in words:
        texts_of.setdefault(word_of(key, words), []).append(key)
    for one in _translations(file, words, model, language):
        for word, texts in one.words.items():
            if word in texts_of and is_current(texts, words):
                for key in texts_of[word]:  # those of another language may be of other forms
                    del said[key]
                said |= {key: pair.text for key, pair in texts.items()}
                texts_of[word] = [*texts]
        said |= {"page.dir": direction(one.tag)} | one.settings
    return said


def untranslated(
    file: Path | None, scenes: tuple[Scene, ...], model: Model = MODEL, language: str | None = None
) -> list[str]:
    """Give the words that a page shows in English: those not translated, and those whose English has changed since.

    What is custom, a scene or a mechanism, stays as it was written and is none of them. Arguments as of `read`.
    """
    words, ours = english(scenes, model), to_translate()
    left = {word_of(key, words) or key for key, text in words.items() if ours.get(key) == text}
    for one in _translations(file, words, model, language):
        left -= {word for word, texts in one.words.items() if is_current(texts, words)}
    return sorted(left)


def _translations(file: Path | None, words: dict[str, str], model: Model, language: str | None) -> list[Translation]:
    """Read the translations of a page, in the order in which they lie over English."""
    if language is not None and language not in languages():
        raise unknown("language", language, languages())
    known, found, tag = english() | english(model=model) | words, list[Translation](), words["page.lang"]
    if language not in (None, tag):
        found.append(read_translation(FOLDER / f"{language}.toml", known, tag))
        tag = found[0].tag
    if file is not None:
        found.append(read_translation(file, known, tag))
        if language is not None and language_of(found[-1].tag) != language_of(tag):
            mine = shown(found[-1].tag)
            raise InputError(f"page.lang in {file.name} is {mine}, and the page is to be in {language}; leave one out")
    return found


def _in_plain_words(why: str) -> str:
    """Quote the rules that the advice of a refusal names, as their sliders name them."""
    said, _, advice = why.partition(";")
    names = re.compile(rf"\b({'|'.join(LEVER_NAMES)})\b")
    return f"{said};{names.sub(lambda found: '“' + found[1].replace('_', ' ') + '”', advice)}"


def shipped_languages() -> list[dict[str, str]]:
    """Give a row for each language that ships: code, names, how many of its words are translated, and who read it."""
    known, ours, rows = english(), to_translate(), list[dict[str, str]]()
    all_words = {word_of(key, known) for key in ours}
    for code in languages():
        row = {"name": code, "language": name_of(code), "own name": name_of(code, own=True)}
        if code == "en":
            rows.append(row | {"words": f"{len(all_words)}", "read by": "its authors"})
            continue
        one = read_translation(FOLDER / f"{code}.toml", known, code)
        done = sum(word in all_words and is_current(texts, known) for word, texts in one.words.items())
        reader = one.settings.get("page.reader") or "nobody yet: a machine made it"
        rows.append(row | {"words": f"{done} of {len(all_words)}", "read by": reader})
    return rows


def main(asked: str) -> str:
    """Write the file of a translator, and say on standard error what is to be done in it.

    Args:
        asked: a language tag, or a translation that somebody has begun.

    Raises:
        InputError: if it is neither, or the translation cannot be used.
    """
    known, ours = english(), to_translate()
    file = FOLDER / f"{asked}.toml" if asked in languages() else Path(asked)
    if file.suffix == ".toml":
        one = read_translation(file, known, "en")
    elif is_tag(asked):
        one = Translation(asked, {}, {})
    else:
        raise InputError(f"{shown(asked)} is neither a language tag such as de or pt-BR nor a file of words (.toml)")
    text, missing, outdated = write_translation(one, ours)
    for what, words in (("missing", missing), ("outdated", outdated)):
        print(f"{one.tag}: {len(words)} {what}{': ' if words else ''}{', '.join(words)}", file=sys.stderr)
    return text


if __name__ == "__main__":
    try:
        written = main(sys.argv[1]) if sys.argv[1:] else to_toml(english())
    except InputError as error:
        print(f"setback: {error}", file=sys.stderr)
        sys.exit(2)
    sys.stdout.buffer.write(written.encode())  # TOML is UTF-8, whatever the terminal is
