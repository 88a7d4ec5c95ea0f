"""A mechanism of one's own: an equation that a user's file adds to the week, in all engines.

For example::

    import setback as sb

    @sb.mechanism(after="update_affect", writes="affect", switch="humour", source="my thesis",
                  parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week")})
    def laugh_it_off(affect, friends_effort, p):
        return affect * (1.0 - p.strength_humour * p.humour_relief * friends_effort)

The equation is in the grammar of all others (`setback.model.grammar`) and reads its own switch, which at 0 must leave
every slot that it writes as it was. It enters the hash of the equations, the lists, the ablation and every engine.
A file is run only when a person names it: ``--with FILE``, or an import.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from setback.model import grammar, parameters
from setback.model.engines import vectorised as engine
from setback.model.engines.block import columns
from setback.model.errors import InputError, number, raised, shown, unknown
from setback.model.parameters import ROWS, Param, Parameters
from setback.model.policies import Policy
from setback.model.reading import read_bytes
from setback.model.rosters.roster import Roster
from setback.model.week import PHASES, Model, Phase

Function = TypeVar("Function", bound=Callable[..., object])
#: Policies and weeks under which a new equation is tried out on a small class.
TRIED = ("reference", "harmful", "benign+group-problem-first", "narrative+self-paced")
TRIED_WEEKS, TRIED_STUDENTS = 36, 7
#: What the ablation calls its first and its last world.
RESERVED = ("nothing", "everything")


class Own(NamedTuple):
    """One mechanism of one's own: where it stands, what it is, its rows of the table, whether a file brought it."""

    after: str
    phase: Phase
    rows: tuple[Param, ...]
    by_file: bool


_own: dict[str, Own] = {}
#: The files that were run to get them, in order.
FILES: list[Path] = []
_running: list[Path] = []


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
        if not isinstance(writes, str):
            raise InputError(f"mechanism {name}: writes is {shown(writes)}; it needs one text, as in 'affect control'")
        phase = Phase(kind, tuple(writes.split()), function, decision)
        before = _own.get(name)
        try:
            _extend(without=name)
            rows = _rows(name, switch, source, parameters or {})
            mine = Own(after, phase, rows, bool(_running))
            base = _with(PHASES, _before(name))
            if after not in {one.name for one in base.week}:
                raise unknown(f"equation after which {name} is to run:", after, [one.name for one in base.week])
            _own[name] = mine
            _extend()
            _check_switch(function, switch)
            _try_out(phase, switch, base, _with(base, [mine]))
        except BaseException:
            _own.pop(name, None) if before is None else _own.update({name: before})
            _extend()
            raise
        return function

    return add


def whole_model() -> Model:
    """The phases as they are now: the model's, and one's own among them."""
    return _with(PHASES, _own.values()) if _own else PHASES


def _with(model: Model, mechanisms: Iterable[Own]) -> Model:
    """The phases with some mechanisms among them, each after the last call of the equation that it names."""
    week = list(model.week)
    for own in mechanisms:
        places = [k for k, phase in enumerate(week) if phase.name == own.after]
        week.insert(places[-1] + 1, own.phase)
    return model._replace(week=tuple(week))


def all_from_files() -> bool:
    """Whether another process can have the same mechanisms by running the same files."""
    return all(own.by_file for own in _own.values())


def names() -> tuple[str, ...]:
    """The switches of one's own mechanisms, without their prefix."""
    return tuple(own.rows[0].name.removeprefix("strength_") for own in _own.values())


def forget(name: str) -> None:
    """Take a mechanism of one's own out again, by the name of its function.

    Raises:
        InputError: another one stands after it.
    """
    if later := next((other for other, own in _own.items() if own.after == name), None):
        raise InputError(f"mechanism {later} runs after {name}; forget {later} first")
    _own.pop(name, None)
    _extend()


def forget_all() -> None:
    """Take all mechanisms of one's own out again; their files can be loaded anew."""
    _own.clear()
    FILES.clear()
    _extend()


def load(path: str | Path) -> None:
    """Run a Python file that a person named, for the mechanisms and policies that it adds; once.

    Raises:
        InputError: a file that cannot be read, or that fails: one sentence with file and line.
    """
    if Path(path).suffix != ".py":
        raise InputError(f"--with {path} is no Python file; is the path right?")
    read_bytes(path, f"--with {path}")
    file = Path(path).resolve()
    if file in FILES:
        return
    name = f"setback_own_{re.sub(r'[^0-9a-zA-Z]', '_', file.stem)}_{len(FILES)}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _running.append(file)
    try:
        spec.loader.exec_module(module)
    except (InputError, KeyboardInterrupt):
        raise
    except SyntaxError as error:
        raise InputError(f"{file.name}:{error.lineno}: {error.msg}") from None
    except BaseException as error:  # whatever a stranger's file raises
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        where = f"{file.name}:{lines[-1]}" if lines else file.name
        raise InputError(f"{where}: {raised(error)}") from None
    finally:
        _running.pop()
    FILES.append(file)


def _extend(without: str = "") -> None:
    parameters.extend([row for name, own in _own.items() if name != without for row in own.rows])


def _rows(name: str, switch: str, source: str, own: Mapping[str, Sequence[Any]]) -> tuple[Param, ...]:
    """The rows of the table that a mechanism brings: its switch, then its numbers."""
    for word in (switch, *own):
        if not isinstance(word, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", word):
            advice = "it needs a_name_like_this"
            raise InputError(f"mechanism {name}: {shown(word)} is no name for a switch or number; {advice}")
    if switch in RESERVED:
        raise InputError(f"mechanism {name}: {switch} is a word of the ablation; give the switch another name")
    rows = [parameters.strength_row(switch, f"{name} (a mechanism of one's own)")]
    for word, given in own.items():
        values = list(given) if isinstance(given, tuple | list) else []
        numbers = [number(f"mechanism {name}: {word}", v) for v in values[:3]]
        if len(numbers) != 3 or not numbers[1] <= numbers[0] <= numbers[2]:
            raise InputError(f"mechanism {name}: {word} needs (default, low, high) with low <= default <= high")
        unit = values[3] if len(values) > 3 else "number"
        why = values[4] if len(values) > 4 else f"A number of {name}."
        default, low, high = numbers
        rows.append(Param(word, word, default, str(unit), low, high, "uniform", "mechanism", source, str(why)))
    if taken := next((row.name for row in rows if row.name in ROWS), None):
        raise InputError(f"mechanism {name}: {taken} is in the table already; take another name")
    return tuple(rows)


def _before(name: str) -> list[Own]:
    """One's own mechanisms that were there before this one: what stands after it cannot be among them."""
    known = list(_own)
    return [_own[other] for other in (known[: known.index(name)] if name in known else known)]


def _check_switch(function: Callable[..., object], switch: str) -> None:
    """Read the equation, and refuse it unless it reads its switch."""
    body = grammar.check(whole_model())[function].body
    if not any(
        isinstance(n, ast.Attribute) and n.attr == f"strength_{switch}" for part in body for n in ast.walk(part)
    ):
        raise InputError(
            f"mechanism {function.__name__} does not read p.strength_{switch}; at 0 it must change nothing"
        )


def _try_out(phase: Phase, switch: str, base: Model, tried: Model) -> None:
    """Live a small class with the switch at 0, which must change nothing, and at 1; both must stay finite."""
    seats = Roster.synthetic(TRIED_STUDENTS).seats([0], 0)
    policies = [Policy(policy) for policy in TRIED]
    off, on = Parameters({f"strength_{switch}": 0.0}), Parameters({f"strength_{switch}": 1.0})
    with np.errstate(all="ignore"):
        without = engine.run(columns(seats, policies, [off]), TRIED_WEEKS, phase.writes, model=base)
        at_zero, at_one = (
            engine.run(columns(seats, policies, [world]), TRIED_WEEKS, phase.writes, model=tried) for world in (off, on)
        )
    for run in (at_zero, at_one):
        for slot, values in (run.trace | run.end).items():
            if not np.isfinite(values).all():
                raise InputError(
                    f"mechanism {phase.name} makes {slot} infinite or no number (NaN) within {TRIED_WEEKS} weeks"
                )
    for slot, values in (without.trace | without.end).items():
        if not np.array_equal(values, (at_zero.trace | at_zero.end)[slot]):
            raise InputError(
                f"mechanism {phase.name} changes {slot} although its switch is at 0; blend with p.strength_{switch}"
            )
