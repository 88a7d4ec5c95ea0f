"""Translations of the page: TOML files in which a word is a pair, the English it was made from and its translation.

So a reader has both, and a word whose English has changed since is noticed: it is shown in English until
somebody has looked at it. A plain text, `key = "text"`, holds whatever the English is; an empty one is not translated.
A text with {n} in it may have a form for each plural category of the language: `key.one`, `key.other` and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from setback.model.errors import InputError, shown, unknown
from setback.model.reading import read_toml
from setback.page.languages import CATEGORIES, categories, is_tag

#: What a translation says of itself: its language tag, its direction where CLDR has another, and the name of the
#: speaker who has read it, "" where it was made by a machine and nobody has.
SETTINGS = ("page.lang", "page.dir", "page.reader")


class Pair(NamedTuple):
    """A text of a translation, and the English that it was made from; None where the file does not say it."""

    source: str | None
    text: str


class Translation(NamedTuple):
    """A translation that was read and checked.

    Attributes:
        tag: the language.
        settings: what it says of itself.
        words: the texts of each word by their keys: its own, or one for each plural category of the language.
    """

    tag: str
    settings: dict[str, str]
    words: dict[str, dict[str, Pair]]


def read_translation(path: Path, known: Mapping[str, str], tag: str) -> Translation:
    """Read a translation.

    Args:
        path: the file.
        known: the English words.
        tag: the language where the file does not say it.

    Raises:
        InputError: if the file cannot be read, a word is unknown, is neither a text nor two, or has other {names} than
            its English or other plural forms than its language, or the language is no language tag.
    """
    pairs, name = _pairs(path), path.name
    settings = {key: pairs.pop(key).text for key in SETTINGS if key in pairs}
    if (way := settings.get("page.dir", "ltr")) not in ("ltr", "rtl"):
        raise InputError(f"page.dir in {name} is {shown(way)}; it needs ltr or rtl, or leave it out")
    tag = settings.get("page.lang", tag)
    if not is_tag(tag):
        advice = "it needs a language tag such as de, pt-BR or zh-Hant"
        raise InputError(f"page.lang in {name} is {shown(tag)}; {advice}")
    words: dict[str, dict[str, Pair]] = {}
    for key, pair in pairs.items():
        word = word_of(key, known)
        if word is None:
            raise unknown(f"word in {name}:", key, [*known, *SETTINGS])
        source = english_of(key, known) if pair.source is None else pair.source
        if wrong := holes(pair.text) - holes(source):
            raise InputError(f"word {key} in {name} asks for {_braces(wrong)}; English has {_braces(holes(source))}")
        words.setdefault(word, {})[key] = pair
    for word, texts in words.items():
        _check_plural(word, texts, known, name, tag)
    return Translation(tag, settings, words)


def _pairs(path: Path) -> dict[str, Pair]:
    """Read the texts of a file by their dotted keys, those that are empty left out."""
    pairs: dict[str, Pair] = {}
    for key, value in leaves(read_toml(path, f"words {path}")).items():
        match value:
            case [str() as source, str() as text]:
                pairs[key] = Pair(source, text)
            case list():
                advice = "it needs a text, or the English and its translation"
                raise InputError(f"word {key} in {path.name} is {shown(value)}; {advice}")
            case _:
                pairs[key] = Pair(None, str(value))
    return {key: pair for key, pair in pairs.items() if pair.text or key in SETTINGS}


def _check_plural(word: str, texts: Mapping[str, Pair], known: Mapping[str, str], name: str, tag: str) -> None:
    """Refuse plural forms that are not those of the language, or that no number chooses."""
    given = [key.removeprefix(f"{word}.") for key in texts if key != word]
    if not given:
        return
    if word in texts:
        raise InputError(f"word {word} in {name} is there with plural forms and without; leave one out")
    if "n" not in holes(english_of(f"{word}.other", known)):
        raise InputError(f"word {word} in {name} has plural forms, but no {{n}} to choose one by; give it one text")
    wanted = categories(tag)
    if wanted and {*given} != {*wanted}:
        have, want = (", ".join(sorted(some, key=CATEGORIES.index)) for some in (given, wanted))
        raise InputError(f"word {word} in {name} has the plural forms {have}; the language {tag} needs {want}")


# ---- words, their plural forms, and their English --------------------------------------------------------------
def word_of(key: str, known: Mapping[str, str]) -> str | None:
    """Give the word that a key is a text of: itself, or without the plural category at its end; None if there is none.

    >>> word_of("opened.few", {"opened.one": "{n} class", "opened.other": "{n} classes"})
    'opened'
    """
    word, _, category = key.rpartition(".")
    if category in CATEGORIES and (word in known or {f"{word}.one", f"{word}.other"} <= known.keys()):
        return word
    return key if key in known else None


def english_of(key: str, known: Mapping[str, str]) -> str:
    """Give the English of a text; that of a plural form which English does not have is its `other`, or the word's."""
    word = key.rpartition(".")[0]
    return next((known[name] for name in (key, f"{word}.other", word) if name in known), "")


def is_current(texts: Mapping[str, Pair], known: Mapping[str, str]) -> bool:
    """Say whether all texts of a word were made from the English that there is."""
    return all(pair.source in (None, english_of(key, known)) for key, pair in texts.items())


def holes(text: str) -> set[str]:
    """Give the {names} of a text."""
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def _braces(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"


# ---- a file for a translator -----------------------------------------------------------------------------------
def write_translation(of: Translation, known: Mapping[str, str]) -> tuple[str, list[str], list[str]]:
    """Write a translation anew: every word, those that are missing or outdated with an empty text.

    Args:
        of: what has been translated.
        known: the English words that are to be translated.

    Returns:
        The file, the words that are missing, and those whose English has changed, which it has in a comment.
    """
    lines, missing, outdated, table = list[str](), list[str](), list[str](), ""
    settings = {"page.lang": of.tag, "page.reader": ""} | of.settings
    words = dict.fromkeys(word for key in known if (word := word_of(key, known)))
    heads = {word: k for k, word in enumerate(dict.fromkeys(word.partition(".")[0] for word in words))}
    for word in sorted(words, key=lambda word: heads[word.partition(".")[0]]):
        head, *rest = word.split(".")
        if head != table:
            lines += ["", f"[{_key([head])}]"]
            table = head
            if table == "page":
                lines += [f"{key.removeprefix('page.')} = {_quote(text)}" for key, text in settings.items()]
        texts = of.words.get(word, {})
        if not texts:
            missing.append(word)
        elif not is_current(texts, known):
            outdated.append(word)
            was = [f"was {_key(key.split('.')[1:])} = {_line(pair)}" for key, pair in texts.items()]
            lines += [f"# {line}" for one in was for line in one.split("\n")]
            texts = {}
        forms: list[list[str]] = [[]]
        if word not in known or (texts and word not in texts):
            forms = [[category] for category in categories(of.tag) or ("one", "other")]
        for form in forms:
            key = ".".join([word, *form])
            text = texts[key].text if key in texts else ""
            pair = _line(Pair(english_of(key, known), text))
            lines.append(f"{_key([*rest, *form])} = {pair}")
    return "\n".join(lines[1:]) + "\n", missing, outdated


def to_toml(words: Mapping[str, str]) -> str:
    """Write words as TOML, one a line."""
    return "".join(f"{_key(key.split('.'))} = {_quote(text)}\n" for key, text in words.items())


def leaves(table: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """Give what is no table in nested tables, by dotted keys."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= leaves(value, f"{at}{key}.") if isinstance(value, Mapping) else {f"{at}{key}": value}
    return found


def _line(pair: Pair) -> str:
    """Write a pair, one text below the other where a line would be long."""
    texts = [_quote(text) for text in pair if text is not None]
    return f"[{', '.join(texts)}]" if sum(map(len, texts)) < 100 else "[\n  " + ",\n  ".join(texts) + ",\n]"


def _key(parts: Iterable[str]) -> str:
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else _quote(part) for part in parts)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
