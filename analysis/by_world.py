"""What is asked of a finished study world by world: an outcome under a policy, or the paired difference of two."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.analysis.estimate import clusters
from setback.analysis.load import Results, unit_of
from setback.experiments.twins.effects import effect as effect_of_failing
from setback.model.errors import InputError, unknown

Array = NDArray[np.float64]


class Effect(NamedTuple):
    """What is looked at: an outcome under a policy, or under a policy less that under another one.

    The unit of a custom outcome is given with it.

    >>> str(Effect("learning", "curve", "criterion"))
    'learning of curve less criterion'
    """

    outcome: str
    policy: str
    against: str = ""
    given_unit: str = ""

    def __str__(self) -> str:
        return f"{self.outcome} of {self.policy}" + (f" less {self.against}" if self.against else "")

    @property
    def unit(self) -> str:
        """The unit of the outcome."""
        return self.given_unit or unit_of({}, self.outcome)


class Limit(NamedTuple):
    """Where an effect lies beyond a limit: above it, or below it."""

    value: float
    is_above: bool = True

    def __str__(self) -> str:
        return f"{'above' if self.is_above else 'below'} {self.value:g}"

    def beyond(self, values: Array) -> NDArray[np.bool_]:
        """Say which values lie beyond the limit; the limit itself does not."""
        return values > self.value if self.is_above else values < self.value


def check(results: Results, outcome: str) -> None:
    """Raise the errors of a study of which nothing can be said over its worlds.

    Raises:
        InputError: if the run is unfinished, has one world, or has not the outcome.
    """
    name = results.study["name"]
    if results.unfinished:
        raise InputError(f"{results.folder} is {results.unfinished}; finish it first: setback run goes on with it")
    if len(results.worlds) < 2 or not len(results.worlds.columns):
        raise InputError(f"{name} has one world, in which nothing varies; a study with [worlds] has many")
    kept = list(results.study["keep"]["outcomes"])
    if outcome in kept:
        return
    if effect_of_failing(outcome) is None:
        raise unknown("outcome that was kept", outcome, kept)
    if not results.study["share"]:
        raise InputError(f"{outcome} needs twins, and {name} has none; give it a share in [twins] and run it")
    results.named(outcome)


def check_varied(results: Results, *names: str) -> None:
    """Raise an error where one of the numbers does not vary in the study, or is named twice.

    Raises:
        InputError: if that is so.
    """
    for name in names:
        if name not in results.worlds:
            raise unknown(f"number that varies in {results.study['name']}", name, results.worlds.columns)
    if len({*names}) < len(names):
        raise InputError(f"{names[-1]} is named twice; name different numbers that vary")


def effects_asked(
    results: Results, outcome: str, policies: list[str] | None = None, against: str | None = None
) -> list[Effect]:
    """Give what is asked for: each of the policies, by default all, or each less another one.

    Raises:
        InputError: if the study cannot answer.
    """
    check(results, outcome)
    return effects_of(results, outcome, policies, against)


def effects_of(
    results: Results, outcome: str, policies: list[str] | None = None, against: str | None = None
) -> list[Effect]:
    """Give the same of a study that may be unfinished."""
    outcome, other = results.named(outcome), results.policy_named(against) if against is not None else ""
    names = [results.policy_named(name) for name in policies] if policies else [*results.policies.index]
    if policies and other in names:
        raise InputError(f"{other} less itself is 0 everywhere; compare it with another policy")
    if not (asked := [name for name in dict.fromkeys(map(str, names)) if name != other]):
        raise InputError(f"{results.study['name']} has no policy but {other}; a difference needs two")
    return [Effect(outcome, name, other, results.unit(outcome)) for name in asked]


def columns(outcome: str) -> list[str]:
    """Say what has to be read of the table of outcomes."""
    return ["world", "policy", "room", "class", "students", outcome]


def by_room(part: pd.DataFrame, effect: Effect) -> pd.DataFrame:
    """Give an effect room by room, of the rooms in which it is known under all of its policies.

    Args:
        part: rows of outcomes, as `Results.in_parts` gives them.
        effect: what is looked at.

    Returns:
        ``world``; ``draw``, what intervals take as one draw (school or class); ``share``, of the world's
        students, which add up to 1 over its rooms; ``value``.
    """
    draw = clusters(part)
    rows = part[part["policy"] == effect.policy].set_index(["world", "room"])
    value = rows[effect.outcome]
    if effect.against:
        value = value - part[part["policy"] == effect.against].set_index(["world", "room"])[effect.outcome]
    frame = pd.DataFrame({"draw": rows[draw], "share": rows["students"].astype(float), "value": value})
    frame = frame.dropna(subset="value").reset_index().drop(columns="room")
    frame["share"] /= frame.groupby("world")["share"].transform("sum")
    return frame


def of_worlds(results: Results, effect: Effect) -> pd.Series:
    """Give an effect by world, the mean over the students of all rooms in which it is known; worlds in order."""
    found = []
    for part in results.in_parts(columns=columns(effect.outcome)):
        rows = by_room(part, effect)
        found.append((rows["share"] * rows["value"]).groupby(rows["world"]).sum())
    return pd.concat(found).sort_index().rename(effect.outcome)
