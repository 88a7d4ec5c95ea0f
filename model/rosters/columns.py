"""Which columns of a file a mapping names: the one of that name, or with a ``*`` all that fit and nothing else names.

A column whose whole name is the text comes first, so that a column that really is called ``Final*`` can be named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from setback.model.errors import InputError, shown, unknown
from setback.model.rosters.patterns import fits, is_pattern


def is_named(name: str, header: Collection[str]) -> bool:
    """Say whether a header has what a mapping names."""
    return name in header or (is_pattern(name) and any(fits(column, name) for column in header))


def find(name: str, header: Sequence[str], file: str, hint: str = "") -> int:
    """Give the place of the one column of a name.

    Args:
        name: the name, or a pattern that one column fits.
        header: the names of the columns.
        file: the name of the file, for the error.
        hint: what else may be wrong where there is no such column.

    Raises:
        InputError: if there is no such column, or more than one.
    """
    places = _places(name, header, file, hint)
    if len(places) > 1:
        several = ", ".join(shown(header[k]) for k in places)
        raise InputError(
            f"{len(places)} columns of {file} fit {shown(name)}: {several}; one is needed, name it in full"
        )
    return places[0]


def find_all(
    names: Iterable[str], header: Sequence[str], file: str, hint: str = "", taken: Collection[int] = ()
) -> list[int]:
    """Give the places of the columns of several names, each column once; what is taken fits no pattern.

    Raises:
        InputError: if there is no column of one of the names, or two columns of one name.
    """
    found: dict[int, None] = {}
    for name in names:
        found |= dict.fromkeys(_places(name, header, file, hint, taken))
    return list(found)


def _places(name: str, header: Sequence[str], file: str, hint: str, taken: Collection[int] = ()) -> list[int]:
    if name in header or not is_pattern(name):
        places = [k for k, column in enumerate(header) if column == name]
        if not places:
            raise InputError(f"{unknown(f'column of {file}:', name, filter(None, header))}{hint}")
        if len(places) > 1:
            raise twice(name, file)
        return places
    places = [k for k, column in enumerate(header) if column and k not in taken and fits(column, name)]
    if not places:
        rest = ", ".join(column for k, column in enumerate(header) if column and k not in taken)
        raise InputError(
            f"no column of {file} fits {shown(name)}; there are {rest or 'none that nothing else names'}{hint}"
        )
    for k in places:
        if header.count(header[k]) > 1:
            raise twice(header[k], file)
    return places


def twice(name: str, file: str) -> InputError:
    """Make the error for a name that two columns have."""
    return InputError(f"roster {file} has two columns called {shown(name)}; give each a name of its own")
