"""A mechanism of one's own: an equation that a user's file adds to the week, in all engines.

>>> import setback as sb
>>> @sb.mechanism(after="update_affect", writes="affect", switch="humour", source="my thesis",
...               parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week")})
... def laugh_it_off(affect, friends_effort, p):
...     return affect * (1.0 - p.switch_humour * p.humour_relief * friends_effort)

The equation is in the grammar of all others (`setback.model.grammar`) and reads its own switch, which at 0 must leave
every slot that it writes as it was. It enters the hash of the equations, the lists, the ablation and every engine.
A file is run only when a person names it: ``--with FILE``, or an import.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from setback.model import engine, grammar, parameters
from setback.model.block import columns
from setback.model.errors import InputError, unknown
from setback.model.parameters import ROWS, Param, Parameters
from setback.model.policies import Policy
from setback.model.roster import Roster
from setback.model.week import PHASES, Model, Phase

Function = TypeVar("Function", bound=Callable[..., object])
#: Policies and weeks under which a new equation is tried out on a small class.
TRIED = ("reference", "harmful", "benign+group-problem-first", "narrative+self-paced")
TRIED_WEEKS, TRIED_STUDENTS = 6, 7


class Own(NamedTuple):
    """One mechanism of one's own: where it stands, what it is, and its rows of the table."""

    after: str
    phase: Phase
    rows: tuple[Param, ...]


_own: dict[str, Own] = {}
#: The files that were run to get them, in order.
FILES: list[Path] = []


def mechanism(
    *,
    after: str,
    writes: str,
    source: str,
    switch: str,
    kind: str = "each",
    decision: str = "",
    parameters: Mapping[str, Sequence[Any]] | None = None,
) -> Callable[[Function], Function]:
    """Add the function below to the week.

    Args:
        after: the equation after which it runs, as `setback list mechanisms` names it; after its last call.
        writes: the slots that its result goes to, separated by blanks.
        source: where the claim comes from, for people to read.
        switch: a name; the equation reads ``p.switch_<name>``, 1 at work and 0 not.
        kind: ``each`` (every student) or ``teacher`` (once a class).
        decision: what its ``u`` or ``z`` decides, one of `setback.model.chance.DECISIONS` that nothing else uses.
        parameters: its own numbers: name -> (default, low, high) and, if you like, a unit and a reason.

    Raises:
        InputError: an unknown slot or equation, no source, a name that is taken, something outside the grammar, a
            switch that leaves something of it at 0, or numbers that are not finite.
    """

    def add(function: Function) -> Function:
        name = function.__name__
        if not isinstance(source, str) or not source.strip():
            raise InputError(f"mechanism {name} names no source; say where its claim comes from, or 'assumed'")
        rows = _rows(name, switch, source, parameters or {})
        phase = Phase(kind, tuple(writes.split()), function, decision)
        before = _own.pop(name, None)
        _extend()
        try:
            taken = [row.name for row in rows if row.name in ROWS]
            if taken:
                raise InputError(f"mechanism {name}: {taken[0]} is in the table already; take another name")
            base = whole_model()
            if after not in {one.name for one in base.week}:
                raise unknown(f"equation after which {name} is to run:", after, [one.name for one in base.week])
            _own[name] = Own(after, phase, rows)
            _extend()
            grammar.check(whole_model())
            _try_out(name, switch, base)
        except BaseException:
            _own.pop(name, None)
            if before:
                _own[name] = before
            _extend()
            raise
        return function

    return add


def whole_model() -> Model:
    """The phases as they are now: the model's, and one's own among them."""
    week = list(PHASES.week)
    for own in _own.values():
        at = max(k for k, phase in enumerate(week) if phase.name == own.after)
        week.insert(at + 1, own.phase)
    return PHASES._replace(week=tuple(week)) if _own else PHASES


def names() -> tuple[str, ...]:
    """The switches of one's own mechanisms, without their prefix."""
    return tuple(own.rows[0].name.removeprefix("switch_") for own in _own.values())


def forget(name: str) -> None:
    """Take a mechanism of one's own out again, by the name of its function."""
    _own.pop(name, None)
    _extend()


def load(path: str | Path) -> None:
    """Run a Python file that a person named, for the mechanisms and policies that it adds; once.

    Raises:
        InputError: a file that cannot be read, or that fails: one sentence with file and line.
    """
    file = Path(path).resolve()
    if file in FILES:
        return
    if file.suffix != ".py" or not file.is_file():
        raise InputError(f"--with {path} is no Python file; is the path right?")
    name = f"setback_own_{re.sub(r'[^0-9a-zA-Z]', '_', file.stem)}_{len(FILES)}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except InputError:
        raise
    except SyntaxError as error:
        raise InputError(f"{file.name}:{error.lineno}: {error.msg}") from None
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        where = f"{file.name}:{lines[-1]}" if lines else file.name
        raise InputError(f"{where}: {type(error).__name__}: {error}") from None
    FILES.append(file)


def _extend() -> None:
    parameters.extend([row for own in _own.values() for row in own.rows])


def _rows(name: str, switch: str, source: str, own: Mapping[str, Sequence[Any]]) -> tuple[Param, ...]:
    """The rows of the table that a mechanism brings: its switch, then its numbers."""
    for word in (switch, *own):
        if not isinstance(word, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", word):
            raise InputError(f"mechanism {name}: {word!r} is no name for a switch or number; it needs a_name_like_this")
    rows = [parameters.switch_row(switch, f"{name} (a mechanism of one's own)")]
    for word, values in own.items():
        numbers = [float(v) for v in values[:3] if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) != 3 or not numbers[1] <= numbers[0] <= numbers[2]:
            raise InputError(f"mechanism {name}: {word} needs (default, low, high) with low <= default <= high")
        unit = values[3] if len(values) > 3 else "number"
        why = values[4] if len(values) > 4 else f"A number of {name}."
        default, low, high = numbers
        rows.append(Param(word, word, default, str(unit), low, high, "uniform", "mechanism", source, str(why)))
    return tuple(rows)


def _try_out(name: str, switch: str, base: Model) -> None:
    """Live a small class with the switch at 0, which must change nothing, and at 1, which must stay finite."""
    seats = Roster.synthetic(TRIED_STUDENTS).seats([0], 0)
    policies = [Policy(policy) for policy in TRIED]
    off, on = Parameters({f"switch_{switch}": 0.0}), Parameters({f"switch_{switch}": 1.0})
    with np.errstate(all="ignore"):
        without = engine.run(columns(seats, policies, [off]), TRIED_WEEKS, model=base).end
        at_zero, at_one = (
            engine.run(columns(seats, policies, [world]), TRIED_WEEKS, model=whole_model()).end for world in (off, on)
        )
    for slot, values in without.items():
        if not np.array_equal(values, at_zero[slot], equal_nan=True):
            raise InputError(
                f"mechanism {name} changes {slot} although its switch is at 0; blend with p.switch_{switch}"
            )
        if not np.isfinite(at_one[slot]).all():
            raise InputError(f"mechanism {name} makes {slot} infinite or no number (NaN) within {TRIED_WEEKS} weeks")
