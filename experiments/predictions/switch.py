"""The switch: its weeks, how its curve fails students, and the names of figures that are of one week."""

from __future__ import annotations

from typing import NamedTuple

#: Weeks under high pressure, the length of the run, and the weeks at its end that are looked at.
WEEKS, LONG, LAST = 18, 108, 36
#: Weeks helpless, of the last, from which a student counts as trapped.
TRAPPED = 27
#: The two ways in which the curve fails students: by its own quota, and as many as the criterion does.
QUOTAS = ("", " at equal share")


class OfWeek(NamedTuple):
    """A figure of one week: what, in which of the years, and the week (from 1)."""

    what: str
    way: str
    week: int

    def __str__(self) -> str:
        return f"{self.what} week by week: {self.way}: {self.week}"

    @classmethod
    def read(cls, figure: str) -> OfWeek | None:
        """Read a figure of a table of rows; None where it is of no week.

        >>> OfWeek.read("helpless week by week: never: 18")
        OfWeek(what='helpless', way='never', week=18)
        """
        what, _, rest = figure.partition(" week by week: ")
        way, _, week = rest.partition(": ")
        return cls(what, way, int(week)) if week else None
