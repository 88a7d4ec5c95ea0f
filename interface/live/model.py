"""A class as the Mesa view has it: made of plain keywords, and with the curves of its year.

Each visitor has a class, made when the page is opened. What is chosen on the page holds from the next Reset on, as
everywhere in Mesa: `LiveClassroom` takes the choices as plain keywords.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import mesa

from setback.diary import entry
from setback.model.chance import LIMIT
from setback.model.engines.mesa import Classroom
from setback.model.errors import InputError, shown, whole
from setback.model.keep import Keep
from setback.model.parameters import LEVER_NAMES
from setback.model.policies import GROUPS, REFERENCE, PolicyChange
from setback.model.rosters.roster import CLASS_SIZE, Roster
from setback.model.state import SLOTS
from setback.model.week import MODEL, Model
from setback.page.look import word

#: Weeks of a year, by default and at most.
WEEKS, MOST_WEEKS = 36, 60


#: The policy of the second class as the page opens: the grading and the support that the first one has not.
BESIDE = "curve+withhold"

#: The model whose class the page shows: the last that was served. Solara opens a page by the name of its file alone.
SERVED: list[Model] = [MODEL]


class Curve(NamedTuple):
    """One curve of the page: a slot whose mean over the class is drawn, its title, and its factor and top."""

    slot: str
    title: str
    factor: float
    top: float


CURVES = (
    Curve("below_criterion", f"{word('curve.failed')}, % of the class", 100.0, 100.0),
    Curve("affect", f"{word('curve.affect')}, mean in points", 1.0, 1.0),
    Curve("control", f"{word('curve.control')}, mean in %", 100.0, 100.0),
    Curve("expectancy", f"{word('curve.expectancy')}, mean in %", 100.0, 100.0),
)


class LiveClassroom(Classroom):
    """A class made of what a page hands over; it refuses in a sentence (`refused`) what cannot be run.

    >>> LiveClassroom(grading="curve", size=20, big_fish=0.9).policy.name
    'curve'

    Args:
        size: students in the class.
        weeks: the length of the year.
        seed: a whole number, or a text that is one.
        changed: numbers of the parameter table by name, policy levers and world alike.
        policy: a policy as a text, in place of the parts; it may change in mid-year.
        beside: the policy of a second class of the same students with the same luck, which is run along; none if empty.
        model: the model.
        **kwargs: parts of the policy by group (a name, or a name with its sentence as in `inputs`), and more numbers.
    """

    def __init__(
        self,
        size: int = CLASS_SIZE,
        weeks: int = WEEKS,
        seed: int | str = 0,
        changed: Mapping[str, float] | None = None,
        policy: str = "",
        beside: str = "",
        model: Model = MODEL,
        **kwargs: Any,
    ) -> None:
        self.refused = ""
        try:
            parts = [str(kwargs.pop(g, default)).partition(":")[0] for g, default in zip(GROUPS, REFERENCE)]
            self.changed = {**(changed or {}), **kwargs}
            levers = {k: v for k, v in self.changed.items() if k in LEVER_NAMES}
            weeks = whole("weeks", weeks, 1, MOST_WEEKS)
            stages = model.as_policy(policy.strip() or "+".join(parts), weeks).stages
            (_, first), *later = [(week, stage.replace(**levers)) for week, stage in stages]
            given: dict[str, Any] = {
                "policy": PolicyChange(first, *later) if later else first,
                "parameters": model.parameters({k: v for k, v in self.changed.items() if k not in LEVER_NAMES}),
                "roster": Roster.synthetic(size),
                "weeks": weeks,
                "seed": _seed(seed),
            }
        except InputError as error:
            self.refused, self.changed, given = str(error), {}, {}
        super().__init__(**given, keep=Keep(), model=model)
        self.running = not self.refused
        self.before: LiveClassroom | None = None
        self.beside: LiveClassroom | None = None
        if beside.strip() and self.running:
            self.beside = LiveClassroom(size, weeks, seed, self.changed, beside, model=model)
            self.refused = f"the second class: {self.beside.refused}" if self.beside.refused else ""
            self.running = not self.refused
        self.lived = [self._copied()]
        means = {curve.slot: partial(_mean, curve.slot) for curve in CURVES}
        self.datacollector = mesa.DataCollector(model_reporters={"week": "week", **means})
        self.datacollector.collect(self)

    def step(self) -> None:
        """Run one week; after the last one, and in a class that is refused, nothing happens."""
        if self.running:
            super().step()
            self.lived.append(self._copied())
            if self.beside:
                self.beside.step()
        self.steps = self.week

    def _copied(self) -> dict[str, Any]:
        return {name: slot.copy() for name, slot in self.slots.items()}

    def diary(self, seat: int) -> list[list[str]]:
        """Give the sentences of each week that a student has run so far, as `setback watch` tells them.

        Args:
            seat: the student's seat, from 0.
        """

        def of(slots: dict[str, Any]) -> dict[str, float]:
            return {name: float(slot[seat if SLOTS[name].of == "student" else 0, 0]) for name, slot in slots.items()}

        pairs = enumerate(pairwise(self.lived), 1)
        return [entry(of(before), of(now), self.policy.in_week(week)) for week, (before, now) in pairs]

    @property
    def title(self) -> str:
        """Say which class this is, and how far its year has come."""
        levers = [name for name in self.changed if name not in LEVER_NAMES]  # those of the policy are in its name
        changed = "".join(f", {name}={self.changed[name]:g}" for name in levers)
        who = f"{len(self.students)} students, seed {self.block.seats.seed}"
        return f"Week {self.week} of {self.weeks}: {self.policy.name}{changed}; {who}"

    def curve(self, slot: str) -> tuple[list[int], list[float]]:
        """Give the weeks that were run, from 0, and the mean of the class in each."""
        kept = self.datacollector.model_vars
        return kept["week"], kept[slot]


def _seed(seed: int | str) -> int:
    try:
        return whole("seed", int(seed) if isinstance(seed, str) else seed, 0, LIMIT - 1)
    except ValueError:
        raise InputError(f"seed is {shown(seed)}; it needs a whole number from 0 to {LIMIT - 1}") from None


def _mean(slot: str, room: LiveClassroom) -> float:
    """Average a slot over the class; not known of a test before the first week."""
    return float(room.slots[slot].mean()) if room.week or slot != "below_criterion" else math.nan
