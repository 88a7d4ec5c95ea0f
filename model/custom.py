"""Custom mechanisms and policies: what a person adds to a model is checked, and gives a new model.

For example::

    import setback as sb

    @sb.mechanism("affect", after="update_affect", strength="humour", source="my thesis",
                  parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week")})
    def laugh_it_off(affect, friends_effort, p):
        return affect * (1.0 - p.strength_humour * p.humour_relief * friends_effort)

    mine = sb.MODEL.with_mechanism(laugh_it_off)
    sb.simulate("curve", {"humour_relief": 0.5}, model=mine)

The equation is in the grammar of all others (`setback.model.grammar`) and reads its own strength, which at 0 must leave
every slot that it writes as it was. It enters the hash of the equations, the lists, the ablation and every engine.
A file is run only when a person names it: ``--with FILE``, or `with_file`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import cache, reduce
from pathlib import Path
from types import ModuleType

import numpy as np

from setback.model import grammar
from setback.model.catalogue import strengths
from setback.model.engines import vectorised as engine
from setback.model.engines.block import columns
from setback.model.errors import InputError, raised, shown, unknown
from setback.model.measures import Read, declared, says
from setback.model.mechanism import CUSTOM, Declaration, Param, declaration, gain_name, strength_row
from setback.model.parameters import Table
from setback.model.policies import PARTS, Part, Policy
from setback.model.reading import read_bytes
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, Model, call

Function = Callable[..., object]
#: Policies and weeks under which a new equation is tried out on a small class.
TRIED = ("reference", "high-pressure", "low-pressure-mastery+group-problem-first", "narrative+self-paced")
TRIED_WEEKS, TRIED_STUDENTS = 36, 7


def with_mechanism(model: Model, function: Function) -> Model:
    """Give a model with a custom mechanism in its week, after the last call of the equation that it names.

    One of the same name gives way to it, so that a cell of a notebook may be run again.

    Args:
        model: the model.
        function: a function under `setback.model.mechanism.mechanism`.

    Raises:
        InputError: if it declares nothing, no source or no strength; if a slot or equation is unknown, a name is taken,
            something is outside the grammar, or a number becomes infinite; if strength 0 leaves something of it.
    """
    said, name = _declared(function), function.__name__
    if not said.after:
        raise InputError(
            f"mechanism {name} names no place; say after which equation it runs, as in after='update_affect'"
        )
    known = [one.__name__ for one in model.added]
    place = known.index(name) if name in known else len(known)
    before = reduce(_added, model.added[:place], _plain(model))
    here = [phase.name for phase in before.week]
    if said.after not in here:
        raise unknown(f"equation after which {name} is to run:", said.after, here)
    tried = _added(before, function)
    strength = next(iter(said.strength))
    if strength not in strengths(grammar.check(tried)[function]):
        raise InputError(f"mechanism {name} does not read p.strength_{strength}; at 0 it must change nothing")
    _try_out(said, name, strength, before, tried)
    made = reduce(_added, model.added[place + 1 :], tried)
    grammar.check(made)
    return made.replace(files=None)


def with_part(model: Model, part: Part) -> Model:
    """Give a model with one more named part of a policy; one of the same name gives way to it.

    Raises:
        InputError: if it is no part with a name.
    """
    if not isinstance(part, Part) or not part.name:
        raise InputError(f"{shown(part)} is no part of a policy; make one with part(name, group, description, ...)")
    return model.replace(parts={**model.parts, part.name: part})


def with_outcome(model: Model, function: Function) -> Model:
    """Give a model with one more outcome; one of the same name gives way to it.

    It is tried out on a year of a small class.

    Args:
        model: the model.
        function: a function under `setback.model.measures.outcome`.

    Raises:
        InputError: if it declares nothing, fails, or gives what is no number a student or infinite; or if it reads
            something whose change would not be seen.
    """
    found = declared(function)
    if found is None:
        raise InputError(f"{shown(function)} declares no outcome; put @outcome(unit, description) above the function")
    name = function.__name__
    says(function)
    seats = Roster.synthetic(TRIED_STUDENTS).seats([0], 0)
    block = columns(seats, [Policy(policy) for policy in TRIED], [model.parameters()])
    with np.errstate(all="ignore"):
        year = engine.run(block, TRIED_WEEKS, model=model)
        try:
            values = found.of(year.end, TRIED_WEEKS)
        except Exception as error:  # whatever a stranger's function raises
            raise InputError(f"outcome {name} fails on a small class: {raised(error)}") from None
    if np.isinf(values).any():
        raise InputError(f"outcome {name} is infinite in a small class; give NaN where it is not known")
    return model.replace(outcomes={**model.outcomes, name: found}, files=None)


def with_file(model: Model, path: str | Path) -> Model:
    """Give a model with the mechanisms, outcomes and parts of policies of a Python file, in order; the file is run.

    Raises:
        InputError: if the file cannot be read, or fails: one sentence with file and line.
    """
    if Path(path).suffix != ".py":
        raise InputError(f"--with {path} is no Python file; is the path right?")
    read = hashlib.sha256(read_bytes(path, f"--with {path}")).hexdigest()
    file = str(Path(path).resolve())
    if (file, read) in (model.files or ()):
        return model
    model = _without(model, file)
    files = model.files
    for value in vars(_run(file, read)).values():
        if inspect.isfunction(value) and declaration(value) and not value.__module__.startswith("setback.model."):
            model = with_mechanism(model, value)
        elif declared(value) and not value.__module__.startswith("setback.model."):
            model = with_outcome(model, value)
        elif isinstance(value, Part) and value.name:
            model = with_part(model, value)
    return model.replace(files=None if files is None else (*files, (file, read)))


def rebuilt(files: tuple[tuple[str, str], ...], parts: Mapping[str, Part]) -> Model:
    """Make a model again from the files that brought its mechanisms, and its custom parts; see `from_files`."""
    return from_files(files).replace(parts={**PARTS, **parts})


def files_of(model: Model) -> tuple[tuple[str, str], ...]:
    """Give the files that bring the mechanisms of a model, each with the hash of what it says.

    Raises:
        InputError: if one was added in a running program, which no other process can repeat.
    """
    if model.files is None:
        what = "a mechanism" if model.added else "an outcome"
        raise InputError(f"{what} that was made in a running program cannot reach another one; put it into a file")
    return model.files


@cache
def from_files(files: tuple[tuple[str, str], ...]) -> Model:
    """Make the model again that some files brought, in another process or on another machine.

    Raises:
        InputError: if a file is not there as it was.
    """
    model = MODEL
    for file, digest in files:
        there = Path(file).is_file() and hashlib.sha256(read_bytes(file, file)).hexdigest() == digest
        if not there:
            raise InputError(f"a worker lacks {file} as it was; it must lie at the same path for every worker")
        model = with_file(model, file)
    return model


@cache
def _run(file: str, digest: str) -> ModuleType:
    """Run a file, once as long as it says the same."""
    path = Path(file)
    name = f"setback_custom_{re.sub(r'[^0-9a-zA-Z]', '_', path.stem)}_{digest[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (InputError, KeyboardInterrupt):
        raise
    except SyntaxError as error:
        raise InputError(f"{path.name}:{error.lineno}: {error.msg}") from None
    except BaseException as error:  # whatever a stranger's file raises
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        where = f"{path.name}:{lines[-1]}" if lines else path.name
        raise InputError(f"{where}: {raised(error)}") from None
    return module


# ---- adding and taking away, without a check ---------------------------------------------------------------
def _declared(function: Function) -> Declaration:
    """What a custom mechanism says of itself."""
    said = declaration(function)
    if said is None:
        raise InputError(f"{shown(function)} declares no mechanism; put @mechanism(...) above the function")
    name = function.__name__
    if not said.source.strip():
        raise InputError(f"mechanism {name} names no source; say where its claim comes from, or 'assumed'")
    if not said.strength:
        raise InputError(f"mechanism {name} names no strength; at strength 0 it must change nothing")
    return said


def _rows(function: Function) -> tuple[Param, ...]:
    """The rows of the table that a custom mechanism brings: its strength, then its numbers."""
    said = _declared(function)
    effect = said.effect or f"{function.__name__} (a custom mechanism)"
    return strength_row(next(iter(said.strength)), effect), *said.parameters


def _added(model: Model, function: Function) -> Model:
    rows, said = _rows(function), _declared(function)
    if taken := next((row.name for row in rows if row.name in model.table.by_name), None):
        raise InputError(f"mechanism {function.__name__}: {taken} is in the table already; take another name")
    place = max(k for k, phase in enumerate(model.week) if phase.name == said.after) + 1
    week = (*model.week[:place], call(function), *model.week[place:])
    return model.replace(week=week, table=model.table.extended(rows), added=(*model.added, function))


def _without(model: Model, file: str) -> Model:
    """The model without what a file brought when it said something else."""
    said = dict(model.files or ()).get(file)
    old = {} if said is None else vars(_run(file, said))
    gone = [part.name for part in old.values() if isinstance(part, Part) and model.parts.get(part.name) == part]
    left = [function for function in model.added if function.__code__.co_filename != file]
    if len(left) < len(model.added):
        model = reduce(_added, left, _plain(model))
    measured = {
        name: row
        for name, row in model.outcomes.items()
        if not isinstance(row.of, Read) or row.of.function.__code__.co_filename != file
    }
    files = model.files and tuple(one for one in model.files if one[0] != file)
    kept = {name: part for name, part in model.parts.items() if name not in gone}
    return model.replace(files=files, parts=kept, outcomes=measured)


def _plain(model: Model) -> Model:
    """The model without what was added to it."""
    brought = {row.name for function in model.added for row in _rows(function)}
    brought |= {gain_name(CUSTOM)} if brought else set()
    groups = {group: names for group, names in model.table.groups.items() if group != CUSTOM}
    table = Table([row for row in model.table.rows if row.name not in brought], groups) if brought else model.table
    week = tuple(phase for phase in model.week if phase.by not in model.added)
    return model.replace(week=week, table=table, added=())


def _try_out(said: Declaration, name: str, strength: str, base: Model, tried: Model) -> None:
    """Run a small class at strength 0, which must change nothing, and at 1; both must stay finite."""
    seats = Roster.synthetic(TRIED_STUDENTS).seats([0], 0)
    policies = [Policy(policy) for policy in TRIED]
    with np.errstate(all="ignore"):
        without = engine.run(columns(seats, policies, [base.parameters()]), TRIED_WEEKS, said.writes, model=base)
        at_zero, at_one = (
            engine.run(
                columns(seats, policies, [tried.parameters({f"strength_{strength}": value})]),
                TRIED_WEEKS,
                said.writes,
                model=tried,
            )
            for value in (0.0, 1.0)
        )
    for run in (at_zero, at_one):
        for slot, values in (run.trace | run.end).items():
            if not np.isfinite(values).all():
                raise InputError(
                    f"mechanism {name} makes {slot} infinite or no number (NaN) within {TRIED_WEEKS} weeks; "
                    "keep what it divides by away from 0, what it takes the log of above 0, what grows within bounds"
                )
    for slot, values in (without.trace | without.end).items():
        if not np.array_equal(values, (at_zero.trace | at_zero.end)[slot]):
            raise InputError(
                f"mechanism {name} changes {slot} although its strength is 0; blend with p.strength_{strength}"
            )
