"""What CLDR knows of a language, by way of Babel: its plural categories, its direction and its name."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

#: The plural categories of all languages, as CLDR and `Intl.PluralRules` name them.
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
#: A language tag (BCP 47): language, script, region, variants, an extension such as u-nu-latn, and private words. What
#: does not have this form ends a browser's `Intl`; a language of five to eight letters could be, but there is none.
TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(-u(?=-[a-z0-9]{2})(-[a-z0-9]{3,8})*(-[a-z0-9][a-z](-[a-z0-9]{3,8})*)*)?(-x(-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)


def is_tag(text: str) -> bool:
    """Say whether a text is a language tag that every browser takes.

    >>> is_tag("pt-BR"), is_tag("pt_BR")
    (True, False)
    """
    found = TAG.fullmatch(text)
    variants = found["variants"].lower().split("-")[1:] if found else []
    return found is not None and len(set(variants)) == len(variants)


def language_of(tag: str) -> str:
    """Give the language of a tag, without script, region and what follows."""
    return tag.partition("-")[0].lower()


def categories(tag: str) -> tuple[str, ...]:
    """Give the plural categories of a language, none of one that CLDR does not know.

    >>> categories("de"), categories("zh-Hant")
    (('one', 'other'), ('other',))
    """
    found = _locale(tag)
    return tuple(c for c in CATEGORIES if found and c in {*found.plural_form.tags, "other"})


def direction(tag: str) -> str:
    """Give the direction in which a language is written, "ltr" or "rtl"; "ltr" where CLDR does not know it."""
    found = _locale(tag)
    return found.text_direction if found else "ltr"


def name_of(tag: str, own: bool = False) -> str:
    """Give the name of a language in English, or its own; its tag where CLDR does not know it.

    >>> name_of("de"), name_of("de", own=True)
    ('German', 'Deutsch')
    """
    found = _locale(tag)
    return (found.get_display_name(None if own else "en") if found else None) or tag


@cache
def _locale(tag: str) -> Locale | None:
    """Find what Babel has of a language, else of the language without its region, without its script, alone."""
    from babel import Locale, UnknownLocaleError  # read only where there is a translation

    found = TAG.fullmatch(tag)
    assert found, "it is seen before that a tag is one"
    language, script, region = found["language"], found["script"], found["region"]
    for parts in ((language, script, region), (language, script), (language, region), (language,)):
        try:
            return Locale.parse("_".join(part for part in parts if part))
        except (UnknownLocaleError, ValueError):
            continue
    return None
