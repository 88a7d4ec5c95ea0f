"""A trial says which classes are compared, what is measured of them, and which published figure that is held against.

It is read from a TOML file; docs/trials.md has every key, ``setback new trial NAME`` writes one to start from::

    [trial]
    row = "PF1"                           # the published row, by id; or a [target] of your own
    question = "Does struggling before instruction help?"
    limits = "What the design leaves out."
    weeks = 12
    [arms.problem-first]                  # the same students with the same luck in each arm
    policy = "criterion > problem-first @ 9"
    [arms.instruction-first]
    policy = "criterion"
    [measures.test]                       # a number a student
    of = "tested_conceptual"
    weeks = [9, 12]
    [estimate]                            # what is made of them
    by = "hedges_g"
    arms = ["problem-first", "instruction-first"]
    of = "test"
    sd = "unit_conceptual"
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from setback.experiments.evidence.rows import FORM, NUMERIC, SIGN, Target, side, targets
from setback.experiments.faults import first_fault
from setback.experiments.trials.estimates import check_estimate, check_reliabilities, unit
from setback.model.chance import LIMIT
from setback.model.errors import InputError, number, shown, unknown, whole
from setback.model.outcomes import NORMS
from setback.model.policies import Policy, PolicyChange
from setback.model.reading import parse_toml, read_text
from setback.model.rosters.files import read_roster
from setback.model.rosters.roster import CLASS_SIZE, LARGEST, SMALLEST, Roster
from setback.model.shipped import shipped
from setback.model.state import SLOTS, TRAITS
from setback.model.week import LONGEST, MODEL, Model
from setback.model.writing import write_text

TRIALS = shipped("setback.experiments") / "trials"
NAME = r"^[a-z0-9][a-z0-9-]*$"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class About(_Table):
    """What people read of a trial, the unit of its outcome, and how long it lasts."""

    row: str = ""
    question: str
    limits: str = ""
    unit: str = ""
    weeks: int = Field(36, ge=1, le=LONGEST)
    seed: int = Field(0, ge=0, lt=LIMIT)


class Own(_Table):
    """The figure that a custom trial is held against."""

    value: float | str | None = None
    low: float | None = None
    high: float | None = None
    source: str = ""


class People(_Table):
    """Who sits in all arms: numbers of the world that are set or shifted, standard scores that everybody gets."""

    size: int = Field(CLASS_SIZE, ge=SMALLEST, le=LARGEST)
    roster: str | None = None
    mapping: str | None = None
    parameters: dict[str, float] = {}
    shift: dict[str, float] = {}
    traits: dict[str, float] = {}


class Hold(_Table):
    """A slot that is held at a number in some weeks: an outcome that is forced, or a state that is kept.

    For everybody, or for a group alone, as its students are found in the same arm without its holds.
    """

    slot: str
    weeks: int | list[int]
    value: float
    who: str | None = None


class Arm(_Table):
    """One condition: a policy, and what else is different in it.

    ``parameters`` change numbers of the world, ``without`` sets some to 0 whatever their range, ``traits`` gives
    everybody a standard score, ``hold`` forces outcomes and keeps states.
    """

    policy: str = "reference"
    parameters: dict[str, float] = {}
    without: list[str] = []
    traits: dict[str, float] = {}
    hold: list[Hold] = []


class Measure(_Table):
    """A number a student: the mean of slots over some weeks, and what is made of it, in this order.

    ``of`` is a slot, or a table of slots with weights; ``as_share`` makes it the share correct of many items at that
    margin; ``less`` takes another measure away; ``per`` divides it, by a number or by a norm of
    `setback.model.outcomes.NORMS`; ``above`` or ``below`` make it 1 or 0; ``class_mean`` gives everybody the mean of
    the class. ``reliability`` is that of the test or questionnaire. Who has stopped keeps knowledge and state of the
    last week and is counted, so that a condition is not praised for whom it drove out; ``among`` leaves them out.
    """

    of: str | dict[str, float]
    weeks: int | list[int] | None = None
    as_share: bool = False
    less: str | None = None
    per: float | str = 1.0
    above: float | None = None
    below: float | None = None
    class_mean: bool = False
    among: Literal["all", "enrolled", "submitted"] = "all"
    reliability: float = Field(1.0, gt=0.0, le=1.0)

    @property
    def slots(self) -> Mapping[str, float]:
        """The slots that are read, with their weights."""
        return {self.of: 1.0} if isinstance(self.of, str) else self.of


class Group(_Table):
    """Students chosen by a measure: a share of them at one end, or those above a number, below one, or between two."""

    by: str
    lowest: float | None = Field(None, gt=0.0, lt=1.0)
    highest: float | None = Field(None, gt=0.0, lt=1.0)
    above: float | None = None
    below: float | None = None


class _File(_Table):
    trial: About
    target: Own | None = None
    population: People = People()
    arms: dict[str, Arm]
    measures: dict[str, Measure]
    who: dict[str, Group] = {}
    estimate: dict[str, Any]


class Window(NamedTuple):
    """Some weeks in a row, first and last, as arrays count from 0."""

    first: int
    last: int


class Trial(NamedTuple):
    """A trial that has been read and checked.

    Attributes:
        name: what it is called.
        about: what people read of it.
        target: the figure that it is held against.
        roster: who sits in all arms.
        people: what is said of them.
        arms: the conditions by name.
        policies: their policies by the same names.
        measures: what is measured, by name.
        who: groups of students, by name.
        estimate: what is made of the measures: ``by`` names an estimator, the rest is what it needs.
    """

    name: str
    about: About
    target: Target
    roster: Roster
    people: People
    arms: Mapping[str, Arm]
    policies: Mapping[str, Policy | PolicyChange]
    measures: Mapping[str, Measure]
    who: Mapping[str, Group]
    estimate: Mapping[str, Any]

    @property
    def row(self) -> str:
        """The id of the published row; "" of a custom trial."""
        return self.about.row

    @property
    def unit(self) -> str:
        """The unit of the estimate: the file's, where it says one, else the estimator's."""
        return self.about.unit or unit(self.estimate)

    def seeded(self, seed: int | None) -> Trial:
        """Give the same trial with another seed, or itself where none is given."""
        if seed is None:
            return self
        return self._replace(about=self.about.model_copy(update={"seed": whole("seed", seed, 0, LIMIT - 1)}))

    def window(self, measure: Measure) -> Window:
        """Give the weeks of a measure; the last week where it names none."""
        return window(measure.weeks, self.about.weeks)


def window(weeks: int | Sequence[int] | None, last: int) -> Window:
    """Give a week, or first and last week, as arrays count; the last week of the trial where none is named."""
    named = [last] if weeks is None else [weeks] if isinstance(weeks, int) else list(weeks)
    return Window(named[0] - 1, named[-1] - 1)


def names() -> list[str]:
    """Name the shipped trials."""
    return sorted(path.stem for path in TRIALS.glob("*.toml"))


def read(trial: str | Path, model: Model = MODEL) -> Trial:
    """Read a trial by the name of a shipped one, by the id of its row, or by the path of a TOML file.

    Args:
        trial: the name, id or path.
        model: the model, whose parameters, slots and policies the file may name.

    Raises:
        InputError: no such trial, no TOML, or something in it that there is not or that makes no sense.
    """
    path = Path(trial)
    if path.suffix != ".toml":
        found = {name.lower(): name for name in names()}.get(str(trial).lower())
        if found is None:
            raise unknown("trial", str(trial), names())
        path = TRIALS / f"{found}.toml"
    what = f"trial {path}"
    table = parse_toml(read_text(path, what), what)
    try:
        file = _File.model_validate(table)
    except pydantic.ValidationError as error:
        raise InputError(f"trial {path.name}: {first_fault(error, _File)}") from None
    try:
        return _checked(path, file, model)
    except InputError as error:
        raise InputError(f"trial {path.name}: {error}") from None


def start(name: str, path: Path) -> None:
    """Write a commented trial file to start from.

    Raises:
        InputError: a name that none can have, a file that is there already, or one that cannot be written.
    """
    if not re.fullmatch(NAME, name):
        raise InputError(f"a trial's name is {shown(name)}; it needs lower-case letters, digits and hyphens")
    write_text(path, (TRIALS / "start.txt").read_text(encoding="utf-8").replace("NAME", name), new=True)


def _checked(path: Path, file: _File, model: Model) -> Trial:
    weeks, people = file.trial.weeks, file.population
    if not file.arms:
        raise InputError("[arms] has none; give at least one, as in [arms.reference]")
    policies = {name: model.as_policy(arm.policy, weeks, path.parent) for name, arm in file.arms.items()}
    for name, arm in file.arms.items():
        _check_arm(f"arms.{name}", arm, weeks, file.who, model)
    model.parameters(people.parameters)
    for name, change in people.shift.items():
        model.table.check_name(name)
        number(f"population.shift.{name}", change)
    _check_traits("population", people.traits)
    for name, measure in file.measures.items():
        _check_measure(name, measure, file.measures, weeks)
    for name, group in file.who.items():
        _check_group(name, group, file.measures)
    check_estimate(file.estimate, [*file.arms], [*file.measures], [*file.who])
    check_reliabilities(file.estimate, {name: measure.reliability for name, measure in file.measures.items()})
    _check_odds(file.estimate, file.measures)
    if people.roster is None and people.mapping is not None:
        raise InputError("population.mapping says what columns mean; population.roster must name the file")
    return Trial(
        path.stem, file.trial, _target(file.trial.row, file.target), _roster(people, path.parent), people, file.arms,
        policies, file.measures, file.who, file.estimate,
    )  # fmt: skip


def _target(row: str, own: Own | None) -> Target:
    """Give what the trial is held against: a published row, or the figure of the file."""
    if row and row not in targets():
        raise unknown("row of the published evidence", row, targets())
    if row:
        if own is not None:
            raise InputError(f"row {row} has a target of its own; leave [target] out")
        return targets()[row].target
    if own is None:
        raise InputError("[target] is missing; name a published row, or give value, low and high")
    if isinstance(own.value, str):
        if own.low is not None or own.high is not None:
            raise InputError(f"target.value is {shown(own.value)}, the side of a bound; leave low and high out")
        return Target(SIGN, math.nan, *side(own.value), own.source)
    if own.low is None or own.high is None:
        raise InputError('[target] has no tolerance; give low and high, or a side as in value = ">0"')
    low, high = number("target.low", own.low), number("target.high", own.high)
    if not low < high:
        raise InputError(f"target runs from {low:g} to {high:g}; the lower end must come first")
    if own.value is None:
        return Target(FORM, math.nan, low, high, own.source)
    return Target(NUMERIC, number("target.value", own.value, low, high), low, high, own.source)


def _roster(people: People, folder: Path) -> Roster:
    if people.roster is None:
        return Roster.synthetic(people.size)
    near = folder / people.roster
    return read_roster(str(near) if near.is_file() else people.roster, people.mapping)


def _check_arm(where: str, arm: Arm, weeks: int, who: Mapping[str, Group], model: Model) -> None:
    model.parameters(arm.parameters)
    for name in arm.without:
        model.table.check_name(name)
    _check_traits(where, arm.traits)
    written = {name for phase in (*model.week, *model.tally) for name in phase.writes}
    for hold in arm.hold:
        if hold.slot not in written:
            raise unknown(f"slot to hold in {where}:", hold.slot, sorted(written))
        _check_weeks(f"{where}.hold.weeks", hold.weeks, weeks)
        if hold.who is not None and (hold.who not in who or SLOTS[hold.slot].of == "class"):
            raise unknown(f"group of students in {where}.hold:", hold.who, who)
        slot = SLOTS[hold.slot]
        number(f"value of {hold.slot} in {where}", hold.value, slot.low, slot.high)


def _check_traits(where: str, traits: Mapping[str, float]) -> None:
    for name, value in traits.items():
        if name not in TRAITS:
            raise unknown(f"trait in {where}:", name, TRAITS)
        number(f"trait {name} in {where}", value, -6.0, 6.0, "standard score")


def _check_weeks(where: str, weeks: int | Sequence[int] | None, last: int) -> None:
    if weeks is None:
        return
    named = [weeks] if isinstance(weeks, int) else list(weeks)
    if not 1 <= len(named) <= 2:
        raise InputError(f"{where} is {shown(weeks)}; it needs a week, or the first and the last of some")
    for week in named:
        whole(where, week, 1, last)
    if named[0] > named[-1]:
        raise InputError(f"{where} is {shown(weeks)}; the first week must come first")


def _check_measure(name: str, measure: Measure, others: Mapping[str, Measure], weeks: int) -> None:
    where = f"measures.{name}"
    if not measure.slots:
        raise InputError(f"{where}.of names no slot; give one, or a table of slots with weights")
    for slot in measure.slots:
        if slot not in SLOTS:
            raise unknown(f"slot in {where}:", slot, SLOTS)
    _check_weeks(f"{where}.weeks", measure.weeks, weeks)
    if measure.less is not None and (measure.less not in others or others[measure.less].less is not None):
        raise unknown(f"measure in {where}.less:", measure.less, [n for n, m in others.items() if m.less is None])
    if isinstance(measure.per, str) and measure.per not in NORMS:
        raise unknown(f"norm in {where}.per:", measure.per, NORMS)
    if measure.per == 0.0:
        raise InputError(f"{where}.per is 0; it needs another number")
    if measure.above is not None and measure.below is not None:
        raise InputError(f"{where} has above and below; take one of them away")


def _check_odds(estimate: Mapping[str, Any], measures: Mapping[str, Measure]) -> None:
    """Check that odds are those of something that happens or not."""
    if estimate["by"] != "odds_ratio":
        return
    of = measures[estimate["of"]]
    one_week = not isinstance(of.weeks, list) or len({*of.weeks}) == 1
    if not (one_week and isinstance(of.of, str) and SLOTS[of.of].unit == "0 or 1") and of.above is of.below is None:
        raise InputError(f"measures.{estimate['of']} is not 0 or 1; an odds_ratio needs above or below in it")


def _check_group(name: str, group: Group, measures: Mapping[str, Measure]) -> None:
    if group.by not in measures:
        raise unknown(f"measure in who.{name}.by:", group.by, measures)
    said = [key for key in ("lowest", "highest", "above", "below") if getattr(group, key) is not None]
    if len(said) != 1 and said != ["above", "below"]:
        has = " and ".join(said) or "none"
        raise InputError(f"who.{name} needs lowest, highest, above, below, or the last two; it has {has}")
    if group.above is not None and group.below is not None and not group.above < group.below:
        raise InputError(f"who.{name} is above {group.above:g} and below {group.below:g}: nobody is")
