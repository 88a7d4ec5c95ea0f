"""One class or one student, week by week in the terminal: a line a week, or a page of a diary.

A week is a mapping of plain numbers and words (`live`), the same that ``--json`` prints; what people see is made of it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.text import Text

from setback.diary import TOLD, closing, entry, opening
from setback.model.engines.mesa import Classroom
from setback.model.errors import number, printable, unknown
from setback.model.outcomes import (
    COPING_AFFECT,
    COPING_EXPECTANCY,
    DISCOURAGED_AFFECT,
    NORMS,
    OUTCOMES,
    SHUT_DOWN_WEEKS,
    STATES,
    states,
)
from setback.model.policies import REFERENCE
from setback.model.state import SLOTS

#: One mark a state, in the order of `STATES`, those of the classroom page: it fills up as things get worse, so no
#: colour is needed to read it.
MARKS = "·○◐●×"
#: The same for a terminal or file whose letters do not include these.
PLAIN = ".cdsx"
#: Okabe & Ito's colours beside the marks.
STYLES = ("", "#56b4e9", "#e69f00", "bold #d55e00", "bold #cc79a7")
#: What each state means.
MEANING = (
    "none of the following",
    f"shame and anxiety of {COPING_AFFECT:g} points or more, or success expectancy below "
    f"{100 * COPING_EXPECTANCY:.0f} %",
    f"control below {100 * NORMS['helpless_control']:.0f} %, the lowest tenth at the start of a year, or shame and "
    f"anxiety of {DISCOURAGED_AFFECT:g} points or more",
    f"nothing handed in for {SHUT_DOWN_WEEKS:g} weeks or more",
    "has left for good",
)
#: Seconds between two weeks for somebody who looks on, and the longest that can be asked for.
PAUSE, LONGEST_PAUSE = 0.15, 60.0

#: What a failing grade is where nobody is told of one.
UNTOLD = "; (in brackets) results below the criterion, where nobody is told"

Week = Mapping[str, Any]


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
    return number("pause", pause, 0.0, LONGEST_PAUSE, "seconds")


# ---- what happened in a week -------------------------------------------------------------------------------
def live(room: Classroom) -> Iterator[dict[str, Any]]:
    """Run what is left of the year; give what the class was like, week by week.

    Yields:
        For each week its number (from 1), the policy, the number of students in each state, failing grades in the end
        (None where nobody is told), results below the criterion, work handed in, class means (share, share, points),
        the lowest and highest unit taught to those enrolled (from 1; None where nobody is), tests taken again,
        students with whom the teacher talked about causes, and every student's state by name.
    """
    while room.week < room.weeks:
        room.step()
        slots, policy = room.slots, room.policy.in_week(room.week)
        now = [STATES[int(number)] for number in states(slots)[:, 0]]
        unit = (slots["unit"] - slots["moved"])[slots["enrolled"] > 0.5] + 1.0
        yield {
            "week": room.week,
            "policy": policy.name,
            "states": {state: now.count(state) for state in STATES},
            "failing_grades": int(slots["failing_grade"].sum()) if slots["result_told"][0, 0] > 0 else None,
            "below_criterion": int(slots["below_criterion"].sum()),
            "submitted": int(slots["submitted"].sum()),
            **{name: float(slots[name].mean()) for name in ("effort", "control", "affect")},
            "units": [float(unit.min()), float(unit.max())] if unit.size else None,
            "retakes": int(slots["retaken"].sum()),
            "talks": int(np.count_nonzero(slots["talked"])),
            "students": {student.name: state for student, state in zip(room.students, now)},
        }


def live_as(room: Classroom, seat: int) -> Iterator[dict[str, Any]]:
    """Run what is left of the year; give what one student's weeks were like, in numbers and in sentences.

    Yields:
        For each week its number (from 1), the policy, the student, the state, the unit (from 1), the slots of
        `setback.diary.TOLD`, and the sentences of `setback.diary.entry`.
    """
    student = room.students[seat]
    before = slots_of(room, seat)
    for week in live(room):
        now = slots_of(room, seat)
        yield {
            "week": week["week"],
            "policy": week["policy"],
            "student": student.name,
            "state": week["students"][student.name],
            "unit": before["unit"] + 1.0,
            **{name: now[name] for name in TOLD},
            "text": entry(before, now, room.policy.in_week(room.week)),
        }
        before = now


def slots_of(room: Classroom, seat: int) -> dict[str, float]:
    """Every slot of one seat and of its class, as it is now."""
    at = {"student": seat, "class": 0}
    return {name: float(slot[at[SLOTS[name].of], 0]) for name, slot in room.slots.items()}


# ---- the class, as a table that grows ----------------------------------------------------------------------
class Column(NamedTuple):
    """One column: its heading in a narrow and in a wide window, least width, what it says, and what stands in it."""

    short: str
    long: str
    width: int
    says: str
    of: Callable[[Week], str]


def columns(room: Classroom, marks: str) -> list[Column]:
    """The columns of the table: week, picture, one a state, and the rest; what a policy never does has none."""
    mean = "mean of the class"

    def can(lever: str) -> list[bool]:
        return [stage.policy[lever] > 0 for stage in room.policy.stages]

    untold = "" if all(can("told")) and not any(can("assignment_every")) else UNTOLD
    apart = ", lowest and highest" if any(can("self_paced")) else ""
    counts = [
        Column(mark, state, 2, says, lambda week, state=state: str(week["states"][state]))  # type: ignore[misc]
        for mark, state, says in zip(marks, STATES, MEANING)
    ]
    found = [
        Column("wk", "week", len(str(room.weeks)), "", lambda week: str(week["week"])),
        Column("by seat", "by seat", len(room.students), "one mark a student, as the week ends",
               lambda week: picture(week["students"].values(), marks)),
        *counts,
        Column("fail", "failing", 4, f"failing grades in the end, retakes included{untold}", failing),
        Column("eff", "effort", 3, f"effort, {mean} in %", lambda week: f"{100 * week['effort']:.0f}"),
        Column("ctl", "control", 3, f"perceived control, {mean} in %", lambda week: f"{100 * week['control']:.0f}"),
        Column("aff", "affect", 4, f"shame and anxiety, {mean} in points", lambda week: f"{week['affect']:.2f}"),
        Column("unit", "unit", 4, f"the unit that is taught{apart}", units),
    ]  # fmt: skip
    if any(can("retakes")):
        found.append(Column("redo", "retakes", 4, "tests taken again", lambda week: str(week["retakes"])))
    if any(can("attribution_talk")):
        found.append(Column("talk", "talks", 4, "students whom the teacher talked with about the causes of a failure",
                            lambda week: str(week["talks"])))  # fmt: skip
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

    def head(self) -> list[str]:
        """The line of headings; in a wide layout the marks stand above the words for them."""
        above = [column.short if column.long in STATES else "" for column in self.columns]
        return [*([self.line(above)] if self.is_wide else []), self.line(self.heads)]


# ---- what is printed ---------------------------------------------------------------------------------------
def show_json(weeks: Iterable[Week], pause: float) -> None:
    """Print one JSON object a week, each on a line of its own."""
    for week in weeks:
        print(json.dumps(week), flush=True)
        time.sleep(pause)


def show_class(room: Classroom, pause: float, console: Console | None = None) -> None:
    """Print a line per week while the class is run, then what the year came to and what the marks mean."""
    page = Page(console or window())
    layout = Layout.fitting(columns(room, page.marks), page.console.width)
    page.introduce(room)
    if not layout.is_wide:
        page.say("  ".join(f"{mark} {state}" for mark, state in zip(page.marks, STATES)))
    for line in layout.head():
        page.table(line, "bold")
    year = []
    for week in live(room):
        if week["week"] in changes(room):
            page.table(f"from here: {week['policy']}", "bold")
        page.table(layout.row(week))
        year.append(week)
        time.sleep(pause)
    page.blank()
    page.say(*summary(room, year))
    page.blank()
    page.legend()
    page.grid(
        (head, column.says)
        for head, column in zip(layout.heads, layout.columns)
        if column.says and column.long not in STATES
    )


def show_student(room: Classroom, seat: int, pause: float, console: Console | None = None) -> None:
    """Print the diary of one student while the class is run, until the student stops."""
    page = Page(console or window())
    student = room.students[seat]
    page.introduce(room)
    friends = [friend.name for friend in student.friends]
    page.say(opening(student.name, seat + 1, slots_of(room, seat), friends))
    marks, last, has_stopped = "", "", False
    for week in live_as(room, seat):
        if week["week"] in changes(room):
            page.table(f"\nFrom here: {week['policy']}", "bold")
        state = week["state"]
        mark = picture([state], page.marks)
        if not has_stopped:
            now = state if state == last or not last else f"{last}, now {state}"
            page.table(f"\nWeek {week['week']}, unit {week['unit']:.3g}  {mark} {now}", "bold")
            page.say(*week["text"], first="  ", then="    ")
            time.sleep(pause)
        marks, last, has_stopped = marks + mark, state, not week["enrolled"]
    end = {name: slot[seat : seat + 1] for name, slot in room.slots.items()}
    learning = float(OUTCOMES["learning"].of(end, room.weeks)[0, 0])
    page.table(f"\nThe year  {marks}", "bold")
    page.say(closing(slots_of(room, seat), room.weeks, learning))
    page.blank()
    page.legend()


def changes(room: Classroom) -> list[int]:
    """The weeks, from 1, in which the policy of a class changes."""
    return [stage.week for stage in room.policy.stages[1:]]


class Page:
    """Where people read: marks that the terminal can print, and their colours."""

    def __init__(self, console: Console) -> None:
        self.console = console
        try:
            MARKS.encode(console.encoding)
            self.marks = MARKS
        except UnicodeEncodeError:
            self.marks = PLAIN

    def introduce(self, room: Classroom) -> None:
        """Print which class it is, how long, and what each part of its policies means."""
        (_, first), *later = room.policy.stages
        name = ", ".join([first.name, *(f"from week {week} {policy.name}" for week, policy in later)])
        seats = room.block.seats
        size = f"{len(room.students)} students, room {seats.rooms[0]}, seed {seats.seed}, {room.weeks} weeks"
        self.say(f"{name}: {size}", then="  ")
        for part in dict.fromkeys(part for _, policy in room.policy.stages for part in policy.parts.values()):
            # of support and climate, and of the order of teaching, only what is not the reference
            known = room.phases.parts
            if part in known and (part not in REFERENCE or known[part].group in ("grading", "pacing")):
                self.say(f"{part}: {known[part].description}", first="  ", then="    ")
        self.blank()

    def blank(self) -> None:
        """Print an empty line."""
        self.console.print()

    def say(self, *lines: str, first: str = "", then: str = "") -> None:
        """Print sentences, broken at the edge of the window; a number keeps its sign of percent."""
        for line in lines:
            whole = line.replace(" %", "\xa0%")
            for part in wrap(whole, self.console.width, initial_indent=first, subsequent_indent=then):
                self.table(part.replace("\xa0", " "))

    def table(self, line: str, style: str = "") -> None:
        """Print one line that must not be broken, its marks in colour; names that came from a file steer nothing."""
        shown = "\n".join(printable(part) for part in line.split("\n"))
        self.console.print(self.coloured(shown, style), soft_wrap=True)

    def legend(self) -> None:
        """Print what each state means."""
        self.grid((f"{mark} {state}", meaning) for mark, state, meaning in zip(self.marks, STATES, MEANING))

    def grid(self, rows: Iterable[tuple[str, str]]) -> None:
        """Print words and what they mean, one below the other."""
        width = max(map(len, STATES)) + 4
        for word, meaning in rows:
            self.say(meaning, first=word.ljust(width), then=" " * width)

    def coloured(self, line: str, style: str = "") -> Text:
        """A line with its marks in colour; letters that stand for marks have none, as they stand in words too."""
        text = Text(line, style)
        if self.marks == MARKS:
            for mark, colour in zip(MARKS, STYLES):
                text.highlight_words([mark], colour)
        return text


def window() -> Console:
    """The terminal as wide as it is; a pipe has no width and gets 120 letters."""
    return Console(width=None if sys.stdout.isatty() else 120, markup=False, emoji=False, highlight=False)


def summary(room: Classroom, year: Sequence[Week]) -> list[str]:
    """What the year of a class came to, and whose diary is worth reading."""
    told = [week["failing_grades"] for week in year if week["failing_grades"] is not None]
    learning = OUTCOMES["learning"].of(room.slots, room.weeks).mean()
    said = [
        f"In {len(year)} weeks: failing grades {sum(told) if told else 'none, as nobody is told'}; "
        f"results below the criterion {sum(week['below_criterion'] for week in year)}; "
        f"stopped {year[-1]['states']['stopped']} of {len(room.students)}; "
        f"conceptual gain {learning:+.2f} SD, mean of the class."
    ]
    worse = STATES[2:4]
    weeks = {name: sum(week["students"][name] in worse for week in year) for name in year[-1]["students"]}
    worst = sorted((name for name in weeks if weeks[name]), key=lambda name: -weeks[name])[:3]
    if worst:
        named = ", ".join(f"{name} ({weeks[name]})" for name in worst)
        said.append(f"Most weeks discouraged or shut down: {named}. --student {worst[0]} tells how it came to that.")
    return said
