"""What students are called where others look on: first names alone, unless somebody asks for whole names.

The page does the same with a roster that is opened in it (`called.js`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from setback.model.reading import located
from setback.model.rosters.files import MAPPINGS
from setback.model.rosters.mapping import roster_of
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.rosters.rules import read_mapping
from setback.model.rosters.table import read_table

#: What columns are called, in small letters, that hold a first name, a surname, or both.
GIVEN = (
    r"^((student|pupil|child|learner)('?s)?[ _.-]?)?((preferred|first|given|fore)[ _.-]?name|vornamen?|rufname|"
    r"pr[eé]noms?|nombres?|nome|voornaam|förnamn|fornavn|imi[eę]|имя)$"
)
SURNAME = (
    r"^((student|pupil|child|learner)('?s)?[ _.-]?)?((last|family)[ _.-]?name|surname|nachnamen?|familiennamen?|nom|"
    r"apellidos?|cognome|sobrenome|achternaam|efternamn|etternavn|nazwisko|фамилия)$"
)
WHOLE_NAME = (
    r"^((student|pupil|child|learner|full|display)[ _.-]?)?names?$|^(student|pupil|child|learner|schüler|schülerin|"
    r"élève|alumn[oa]|alun[oa]|studente|nom|naam|namn|navn)$"
)
#: Under these names a roster carries its columns of names, whether its mapping says so or they were found.
CARRIED = {"first name": GIVEN, "surname": SURNAME, "name": WHOLE_NAME}
#: Letters of the longest name that is shown.
LONGEST = 40
#: What turns the direction of what follows, or is not seen.
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufdd0-\ufdef]")


class Name(NamedTuple):
    """A student's name, short (empty where nothing in it is a first name) and whole."""

    first: str
    whole: str


def with_names(roster: Roster, file: str, mapping: str | None) -> Roster:
    """Give the same roster with the columns of names that its file has; in setback's own columns there are none.

    Args:
        roster: what was read from the file.
        file: its path, as `setback.model.rosters.files.read_roster` takes it.
        mapping: the path or name of the mapping.
    """
    if mapping is None:
        return roster
    path = Path(mapping)
    rules = read_mapping(path if path.suffix == ".toml" else MAPPINGS / f"{mapping}.toml")
    table = read_table(located(file), rules.separator, rules.encoding, rules.header, rules.named())
    found = {name: column for name, like in CARRIED.items() if (column := _called(table.header, like))}
    return roster_of(located(file), rules._replace(carry={**found, **rules.carry}))


def _called(header: Sequence[str], like: str) -> str | None:
    """Find the first column whose name, in small letters, fits a pattern, and that alone has it."""
    return next((name for name in header if header.count(name) == 1 and re.search(like, name.lower())), None)


def students(of: SchoolClass, is_whole: bool = False) -> list[str]:
    """Give what the students of a class are called: no two alike, and nothing that leaves its place."""
    columns = [of.carried.get(name, ("",) * len(of.students)) for name in CARRIED]
    names = [name_of(*texts) for texts in zip(*columns, of.students, strict=True)]
    return numbered([name.whole if is_whole else name.first for name in names])


def name_of(given: str, surname: str, both: str, student: str) -> Name:
    """Name a student by the cells of columns of names or, where these are blank, by the id."""
    given, both = clean(given), clean(both)
    text = given or both or clean(student)
    whole = clean(f"{given} {surname}") if given else text
    return Name("" if re.fullmatch(r"\S+@\S+", text) else _short(first_name(text)), _short(whole))


def first_name(text: str) -> str:
    """Leave out the surname: of what follows the comma, or all, take the first word and whatever has a digit.

    >>> first_name("Abar, Ria"), first_name("Ria Lou Abar"), first_name("Student 12"), first_name("rabar")
    ('Ria', 'Ria', 'Student 12', 'rabar')
    """
    words = (text.partition(",")[2] if "," in text else text).split()
    first = next((word for word in words if not _has_digit(word)), None)
    return " ".join(word for word in words if word == first or _has_digit(word))


def _has_digit(word: str) -> bool:
    return any(map(str.isdecimal, word))


def clean(text: str) -> str:
    """Give a text that keeps to its place: no controls, no turns of direction, nothing that is not seen."""
    line = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    seen = "".join(letter for letter in _UNSEEN.sub("", line) if ord(letter) & 0xFFFE != 0xFFFE).strip()
    is_seen = any(not c.isspace() and unicodedata.category(c) not in ("Cf", "Mn", "Mc", "Me") for c in seen)
    return seen if is_seen else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def numbered(names: Sequence[str]) -> list[str]:
    """Tell names apart: those that are alike are numbered, and who has none has the number of the seat.

    >>> numbered(["Ann", "Bo", "Ann", ""])
    ['Ann 1', 'Bo', 'Ann 2', '4']
    """
    alike = {name for name in names if names.count(name) > 1}
    taken = {*names} - alike - {""}
    called = []
    for k, name in enumerate(names):
        one, number = name, 1 if name else k + 1
        while one in alike or one == "" or (one != name and one in taken):
            one, number = f"{name} {number}".strip(), number + 1
        taken.add(one)
        called.append(one)
    return called
