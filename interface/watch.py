"""One class or one student, week by week in the terminal: a line a week, or a page of a diary.

A week is a mapping of plain numbers and words (`live`), the same that ``--json`` prints; what people see is made of it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from setback import diary
from setback.model.classroom import Classroom
from setback.model.errors import InputError, unknown
from setback.model.outcomes import (
    COPING_AFFECT,
    COPING_EXPECTANCY,
    DISCOURAGED_AFFECT,
    OUTCOMES,
    RULER,
    SHUT_DOWN_WEEKS,
    STATES,
    states,
)
from setback.model.policies import REFERENCE, PARTS, Policy
from setback.model.state import SLOTS

#: One mark a state, in the order of `STATES`: it fills up as things get worse, so no colour is needed to read it.
MARKS = "·○◑●×"
#: The same for a terminal or file whose letters do not include these.
PLAIN = ".cdsx"
#: Okabe & Ito's colours beside the marks.
STYLES = ("", "#56b4e9", "#e69f00", "bold #d55e00", "bold #cc79a7")
#: What each state means.
MEANING = (
    "none of these",
    f"shame and anxiety of {COPING_AFFECT:g} points or more, or success expectancy below {100 * COPING_EXPECTANCY:.0f} %",
    f"control below {100 * RULER['helpless_control']:.0f} %, the lowest tenth at the start of a year; "
    f"or shame and anxiety of {DISCOURAGED_AFFECT:g} or more",
    f"nothing handed in for {SHUT_DOWN_WEEKS:g} weeks or more",
    "has left for good",
)
#: Seconds between two weeks for somebody who looks on, and the longest that can be asked for.
PAUSE, LONGEST_PAUSE = 0.15, 60.0

Week = Mapping[str, Any]


class Plan(NamedTuple):
    """The policy of every week: `first`, and `then` from week `switch` (from 1) on, if there is a switch."""

    first: Policy
    then: Policy | None = None
    switch: int | None = None

    def of(self, week: int) -> Policy:
        """The policy of a week, from 1."""
        return self.then if self.then is not None and self.switch is not None and week >= self.switch else self.first

    def can(self, lever: str) -> bool:
        """Whether a lever is above 0 at some time of the year."""
        return any(policy[lever] > 0 for policy in (self.first, self.then) if policy is not None)


def seat_of(student: str, room: Classroom) -> int:
    """The seat, from 0, of a student by name, or by the number of the seat as in "seat-7".

    Raises:
        InputError: nobody is called so.
    """
    names = [s.name for s in room.students]
    seats = [f"seat-{k + 1}" for k in range(len(names))]
    for known in (names, seats):
        if student in known:
            return known.index(student)
    raise unknown("student", student, seats if student.startswith("seat-") else names)


def check_pause(pause: float) -> float:
    """Seconds to wait between two weeks.

    Raises:
        InputError: it is no number from 0 to `LONGEST_PAUSE`.
    """
    if not 0.0 <= pause <= LONGEST_PAUSE:
        raise InputError(f"pause is {pause}; it needs seconds from 0 to {LONGEST_PAUSE:g}")
    return pause


# ---- what happened in a week -------------------------------------------------------------------------------
def live(room: Classroom, plan: Plan) -> Iterator[dict[str, Any]]:
    """Live through what is left of the year; what the class was like, week by week.

    Yields:
        For each week its number (from 1), the policy, the number of students in each state, failing grades in the end
        (None where nobody is told), results below the criterion, work handed in, class means (share, share, points),
        the lowest and highest unit taught to those enrolled (from 1; None where nobody is), tests taken again,
        students with whom the teacher talked about causes, and every student's state by name.
    """
    while room.week < room.weeks:
        room.step()
        slots, policy = room.slots, plan.of(room.week)
        now = [STATES[int(number)] for number in states(slots)[:, 0]]
        unit = (slots["unit"] - slots["moved"])[slots["enrolled"] > 0.5] + 1.0
        yield {
            "week": room.week,
            "policy": policy.name,
            "states": {state: now.count(state) for state in STATES},
            "failing_grades": int(slots["failing"].sum()) if policy["told"] > 0 else None,
            "below_criterion": int(slots["failed"].sum()),
            "handed_in": int(slots["tried"].sum()),
            **{name: float(slots[name].mean()) for name in ("effort", "control", "affect")},
            "units": [float(unit.min()), float(unit.max())] if unit.size else None,
            "retakes": int(slots["retaken"].sum()),
            "talks": int(np.count_nonzero(slots["talked"])),
            "students": {student.name: state for student, state in zip(room.students, now)},
        }


def live_as(room: Classroom, plan: Plan, seat: int) -> Iterator[dict[str, Any]]:
    """Live through what is left of the year; what one student's weeks were like, in numbers and in sentences.

    Yields:
        For each week its number (from 1), the policy, the student, the state, the unit (from 1), the slots of
        `diary.TOLD`, and the sentences of `diary.entry`.
    """
    student = room.students[seat]
    before = slots_of(room, seat)
    for week in live(room, plan):
        now = slots_of(room, seat)
        yield {
            "week": week["week"],
            "policy": week["policy"],
            "student": student.name,
            "state": week["students"][student.name],
            "unit": before["unit"] + 1.0,
            **{name: now[name] for name in diary.TOLD},
            "text": diary.entry(before, now, plan.of(room.week)),
        }
        before = now


def slots_of(room: Classroom, seat: int) -> dict[str, float]:
    """Every slot of one seat and of its class, as it is now."""
    return {
        name: float(slot[seat if SLOTS[name].of == "student" else 0, 0]) for name, slot in room.slots.items()
    }  # fmt: skip


# ---- the class, as a table that grows ----------------------------------------------------------------------
class Column(NamedTuple):
    """One column: its heading in a narrow and in a wide window, its least width, and what stands in it."""

    short: str
    long: str
    width: int
    of: Callable[[Week], str]


def columns(room: Classroom, plan: Plan, marks: str) -> list[Column]:
    """The columns of the table: week, picture, one a state, and the rest; what a policy never does has none."""
    counts = [
        Column(mark, state, 2, lambda week, state=state: str(week["states"][state]))  # type: ignore[misc]
        for mark, state in zip(marks, STATES)
    ]
    found = [
        Column("wk", "week", len(str(room.weeks)), lambda week: str(week["week"])),
        Column("by seat", "by seat", len(room.students), lambda week: picture(week["students"].values(), marks)),
        *counts,
        Column("fail", "failing", 4, failing),
        Column("eff", "effort", 3, lambda week: f"{100 * week['effort']:.0f}"),
        Column("ctl", "control", 3, lambda week: f"{100 * week['control']:.0f}"),
        Column("aff", "affect", 4, lambda week: f"{week['affect']:.2f}"),
        Column("unit", "unit", 4, units),
    ]
    if plan.can("retakes"):
        found.append(Column("redo", "retakes", 4, lambda week: str(week["retakes"])))
    if plan.can("attribution_talk"):
        found.append(Column("talk", "talks", 4, lambda week: str(week["talks"])))
    return found


def picture(now: Iterable[str], marks: str) -> str:
    """States in words as one mark each."""
    return "".join(marks[STATES.index(state)] for state in now)


def failing(week: Week) -> str:
    """Failing grades; where nobody is told, results below the criterion, in brackets."""
    grades = week["failing_grades"]
    return f"({week['below_criterion']})" if grades is None else str(grades)


def units(week: Week) -> str:
    """The unit that is taught, or the lowest and highest where students move on alone."""
    if week["units"] is None:
        return "-"
    low, high = (f"{unit:.3g}" for unit in week["units"])
    return low if low == high else f"{low}-{high}"


class Layout(NamedTuple):
    """Columns that fit a window, each with its heading."""

    columns: Sequence[Column]
    is_wide: bool

    @classmethod
    def fitting(cls, found: Sequence[Column], width: int) -> Layout:
        """The widest layout for a window; in the narrowest the picture is missing, which is the second column."""
        layouts = [cls(found, True), cls(found, False), cls([found[0], *found[2:]], False)]
        return next((layout for layout in layouts if layout.width <= width), layouts[-1])

    @property
    def sizes(self) -> list[int]:
        """The width of each column."""
        return [max(column.width, len(head)) for column, head in zip(self.columns, self.heads)]

    @property
    def heads(self) -> list[str]:
        """The heading of each column."""
        return [column.long if self.is_wide else column.short for column in self.columns]

    @property
    def width(self) -> int:
        """Letters in a line."""
        return sum(self.sizes) + len(self.columns) - 1

    def line(self, cells: Sequence[str]) -> str:
        """One line; the picture and its heading begin at the left, all else ends at the right."""
        return " ".join(
            cell.ljust(size) if column.short == "by seat" else cell.rjust(size)
            for cell, size, column in zip(cells, self.sizes, self.columns)
        ).rstrip()

    def row(self, week: Week) -> str:
        """The line of a week."""
        return self.line([column.of(week) for column in self.columns])

    def head(self, marks: str) -> list[str]:
        """The line of headings; in a wide layout the marks stand above the words for them."""
        above = [column.short if column.long in STATES else "" for column in self.columns]
        return [*([self.line(above)] if self.is_wide else []), self.line(self.heads)]


def show_class(room: Classroom, plan: Plan, console: Console, pause: float) -> None:
    """Print a line a week as the class lives through it, then what the marks mean and what the year came to."""
    marks = marks_for(console)
    layout = Layout.fitting(columns(room, plan, marks), console.width)
    _print(console, *about(room, plan), "")
    if not layout.is_wide:
        _print(console, "  ".join(f"{mark} {state}" for mark, state in zip(marks, STATES)), marks=marks)
    for line in layout.head(marks):
        _print(console, line, style="bold", marks=marks)
    year = []
    for week in live(room, plan):
        if week["week"] == plan.switch:
            _print(console, f"from here: {week['policy']}", style="bold")
        _print(console, layout.row(week), marks=marks)
        year.append(week)
        time.sleep(pause)
    _print(console, "", *summary(year, room), "")
    legend(console, marks)


def about(room: Classroom, plan: Plan) -> list[str]:
    """Which class it is, and what its policy does."""
