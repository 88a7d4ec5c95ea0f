"""A study says which policies are run in which rooms of which worlds, what is kept, and what is to be shown.

A study is read from a TOML file; docs/studies.md has every key, ``setback new study NAME`` writes one to start from::

    [study]
    name = "rigor"
    question = "For whom is a harder year a better one?"
    seed = 1
    [policies]                          # the groups are crossed; what is left out is the reference
    grading = ["criterion", "curve"]
    named = ["high-pressure", "curve+stakes=1", "curve > mastery @ 19"]   # beside the crossed ones
    [parameters]                        # changes that hold in every world
    attribution_drift = 0.1
    [worlds]                            # every policy meets the same worlds
    design = "lhs"
    n = 2000
    vary = { level = [-1, 2], resilience_mean = true }
    [rooms]                             # in the same rooms with the same luck; each 256 worlds have rooms of their own
    count = 4
    [keep]
    outcomes = ["learning", "below_criterion_rate"]
    [groups]                            # for whom: bands of what students began with, columns of the roster
    resilience = 3
    [claim]
    outcome = "learning"
    policy = "curve"
    against = "criterion"
    direction = "below"
    beyond = 0.05
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from setback.experiments.evidence.measured import digest as evidence_digest
from setback.experiments.evidence.measured import numbers_of_rows, rows_named, weeks_of
from setback.experiments.faults import first_fault
from setback.experiments.fit.posterior import read as read_posterior
from setback.experiments.predictions.predictions import named
from setback.experiments.studies.folder import as_json, key_of
from setback.experiments.studies.groups import Grouping, check_groups, read_groups, stated
from setback.experiments.studies.identity import MODULES
from setback.experiments.studies.vary import check_assumed, numbers_of, ranges
from setback.experiments.studies.worlds import ONE, Rooms, Worlds, worlds
from setback.experiments.twins.effects import check_made, effect
from setback.experiments.twins.estimands import HORIZON, check_asked, reruns
from setback.experiments.twins.flips import FIRST, KINDS, check_kinds, check_told, usual, utters
from setback.model import parameters
from setback.model.chance import LIMIT
from setback.model.engines.registry import AUTO, ENGINES, chosen
from setback.model.errors import InputError, number, shown, unknown, whole
from setback.model.grammar import fingerprint
from setback.model.keep import WEEKLY, Keep
from setback.model.measures import base, custom, measure, says
from setback.model.mechanism import Param
from setback.model.outcomes import CLUSTERS, NORMS
from setback.model.parameters import Parameters, Table
from setback.model.place import Place, place_of
from setback.model.policies import (
    GROUPS,
    INVALID,
    PARTS,
    REFERENCE,
    Part,
    Policy,
    PolicyChange,
    as_policy,
    assumed_numbers,
    part_named,
)
from setback.model.reading import parse_toml, read_text
from setback.model.rosters.files import read_roster
from setback.model.rosters.roster import CLASS_SIZE, LARGEST, SMALLEST, Roster
from setback.model.shipped import shipped
from setback.model.syntax import digest
from setback.model.week import LONGEST, MODEL, Model
from setback.model.writing import write_text

if TYPE_CHECKING:
    from setback.analysis.load import Results
    from setback.experiments.studies.cells import Held
    from setback.experiments.studies.cost import Cost

STUDIES = shipped("setback.experiments") / "studies"
MOST_ROOMS = 100_000
NAME = r"^[a-z0-9][a-z0-9-]*$"
#: The posterior that worlds are drawn from where none is named.
CYCLE = "cycle"
#: The most classrooms of one study: policies × worlds × rooms.
MOST_CLASSROOMS = 10**10


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Head(_Table):
    name: str = Field(pattern=NAME)
    question: str = ""
    seed: int = Field(0, ge=0, lt=LIMIT)


class _Policies(_Table):
    grading: list[str] = []
    pacing: list[str] = []
    sequence: list[str] = []
    support: list[str] = []
    climate: list[str] = []
    named: list[str] = []


class _Worlds(_Table):
    design: str
    n: int | None = None
    hypercubes: int | None = None
    steps: int | None = None
    file: str | None = None
    posterior: str | None = None
    vary: Any = {}


class _Rooms(_Table):
    count: int | None = Field(None, ge=1, le=MOST_ROOMS)
    size: int = Field(CLASS_SIZE, ge=SMALLEST, le=LARGEST)
    weeks: int = Field(36, ge=1, le=LONGEST)
    shared: bool = False
    roster: str | None = None
    mapping: str | None = None
    clusters: Literal["schools", "classes"] = "schools"


class _Keep(_Table):
    outcomes: list[str] = []
    students: list[str] = []
    share: float = Field(0.01, gt=0, le=1)


class _Twins(_Table):
    flips: list[str] | None = None
    estimands: list[str] = []
    share: float = Field(0.0, ge=0, le=1)


class _Predictions(_Table):
    names: list[str] = []
    share: float = Field(0.2, gt=0, le=1)


class _Evidence(_Table):
    rows: list[str] = []


class _Claim(_Table):
    description: str = ""
    outcome: str
    policy: str
    against: str | None = None
    direction: Literal["above", "below"]
    beyond: float = Field(ge=0, allow_inf_nan=False)
    supported: float = Field(0.95, gt=0.5, lt=1)
    refuted: float = Field(0.05, gt=0, lt=0.5)


class _File(_Table):
    study: _Head
    policies: _Policies = _Policies()
    parameters: dict[str, float] = {}
    worlds: _Worlds | None = None
    rooms: _Rooms = _Rooms()
    keep: _Keep = _Keep()
    groups: dict[str, Any] = {}
    twins: _Twins = _Twins()
    predictions: _Predictions = _Predictions()
    evidence: _Evidence = _Evidence()
    claim: _Claim | None = None


class Claim(NamedTuple):
    """What a study is to decide, written down before it runs.

    The effect of a world is the mean of ``outcome`` under ``policy`` less that ``against`` another (or less 0); the
    outcome may be an effect of a failure, as ``R_F.label`` (`setback.experiments.twins.effects`). The
    claim is *supported* where at least the share ``supported`` of the worlds lies beyond ``beyond`` in the stated
    ``direction``, *refuted* where at most the share ``refuted`` does, else undecided.
    """

    outcome: str
    policy: str
    against: str | None
    direction: str
    beyond: float
    description: str = ""
    supported: float = 0.95
    refuted: float = 0.05


@dataclass(frozen=True, repr=False)
class Study:
    """What is run. Frozen; `replace` gives the same study with something changed, `run` runs it.

    Attributes:
        name: folder of its results.
        question: what it asks.
        policies: every one is run in every room of every world.
        parameters: the world, before anything varies.
        roster: who sits in the rooms.
        rooms: how many in every world.
        weeks: length of the year.
        seed: the seed.
        share: share of the eligible student-weeks that get a twin; 0 for none.
        flips: kinds of twins, names of `setback.experiments.twins.flips.KINDS`; where none is named, being failed and
            the verdict alone, if a policy utters one, and an error at practice.
        estimands: those for which years are run again (`setback.experiments.twins.estimands.Estimand.asked`).
        engine: name of the engine, or ``auto``: the faster one that there is.
        worlds: what varies.
        keep: what is kept.
        groups: groups of students whose outcomes are told apart (`setback.experiments.studies.groups`); a table, as in
            ``{"resilience": 3, "school": True}``, is read as a file's is.
        predictions: what is measured of the predictions of both claims, names of
            `setback.experiments.predictions.predictions.PREDICTIONS`; each world then has rooms of its own, and twins
            are made for their figures alone.
        evidence: rows of the published evidence that are measured in every world, each with rooms of its own
            (`setback.experiments.evidence.measured`).
        claim: what it is to decide, or None.
        shared: whether all worlds have the same rooms, also where they are a sample.
        clusters: what intervals take as one draw, ``schools`` where the roster knows them, or ``classes`` anyway.
        file: the text of the file it was read from; decides nothing.
        held: cells that other folders of results hold (`setback.experiments.studies.cells`); decides nothing.
        model: the model, as with custom mechanisms.
    """

    name: str
    question: str
    policies: tuple[Policy | PolicyChange, ...]
    parameters: Parameters
    roster: Roster
    rooms: int
    weeks: int
    seed: int
    share: float
    engine: str = "vectorised"
    flips: tuple[str, ...] = ()
    estimands: tuple[str, ...] = ()
    worlds: Worlds = ONE
    keep: Keep = Keep()  # noqa: RUF009, it is frozen
    groups: tuple[Grouping, ...] = ()
    predictions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    claim: Claim | None = None
    clusters: str = CLUSTERS[0]
    shared: bool = False
    file: str = ""
    model: Model = field(default=MODEL, repr=False)
    held: Held | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(NAME, self.name):
            raise InputError(f"a study's name is {shown(self.name)}; it needs lower-case letters, digits and hyphens")
        object.__setattr__(self, "parameters", self.model.parameters(self.parameters))
        self._take_numbers()
        if not self.policies:
            raise InputError(f"study {self.name} has no policy; name at least one")
        if self.engine not in (AUTO, *ENGINES):
            raise unknown("engine", self.engine, (AUTO, *ENGINES))
        if self.share > 0 and self.weeks <= FIRST + HORIZON:
            raise InputError(f"twins need more than {FIRST + HORIZON} weeks; the year has {self.weeks}")
        classrooms = len(self.policies) * len(self.worlds) * self.rooms
        if classrooms > MOST_CLASSROOMS:
            raise InputError(f"study {self.name} has {classrooms:,} classrooms; it may have {MOST_CLASSROOMS:,}")
        if self.clusters not in CLUSTERS:
            raise unknown("clusters", self.clusters, CLUSTERS)
        check_kinds(self.flips)
        check_asked(self.estimands)
        if self.share > 0:
            whole_year = [policy for policy in self.policies if isinstance(policy, Policy)]
            for policy in self.policies:
                if isinstance(policy, PolicyChange):
                    raise InputError(f"twins need one policy all year; {policy.name} changes, so set share = 0")
            if "told" not in self.worlds.names:
                check_told(self.flips, whole_year)
        if self.predictions:
            rows = named(self.predictions, beside=True)
            if self.share <= 0:
                raise InputError(f"study {self.name} measures predictions by twins; they need a share above 0")
            if self.rooms < 2:
                raise InputError(f"study {self.name} has 1 room a world; predictions need 2 or more, for their errors")
            object.__setattr__(self, "predictions", tuple(row.name for row in rows))
        if self.shared and (self.predictions or self.evidence):
            raise InputError(f"study {self.name} measures each world in rooms of its own; take rooms.shared away")
        if self.evidence:
            if self.predictions or self.share > 0:
                raise InputError(f"study {self.name} measures evidence and twins; take one of them away")
            object.__setattr__(self, "evidence", rows_named(self.evidence))
        if self.keep.classes != WEEKLY:
            raise InputError("a study keeps no class means of its weeks; name the slots in students")
        for name in self.keep.outcomes:
            measure(name, self.model.outcomes)
        object.__setattr__(self, "groups", read_groups(self.groups))
        check_groups(self.groups, self.roster, self.rooms, self.keep.outcomes)
        object.__setattr__(self, "claim", _by_name(self.claim, self.model, self.keep))
        self._check_claim()
        check_assumed(self.worlds.names, self.policies, self.model.parts, _of_rows(self.evidence, self.model))
        for name, value in self.worlds.held.items():
            if self.parameters[name] != value:
                said = f"{name} is {self.parameters[name]:g}, and the model of the posterior holds it at {value:g}"
                raise InputError(f"{said}; leave it so, or name another posterior")
        _check_levers(self.policies, self.worlds)

    def _take_numbers(self) -> None:
        """Check every number, and make it Python's own: what numpy calls one cannot be written as JSON."""
        claim, weeks = self.claim, whole("weeks", self.weeks, 1, LONGEST)
        taken: dict[str, object] = {
            "rooms": whole("rooms", self.rooms, 1, MOST_ROOMS),
            "weeks": weeks,
            "seed": whole("seed", self.seed, 0, LIMIT - 1),
            "share": number("share of twins", self.share, 0, 1),
            "policies": tuple(self.model.as_policy(policy, weeks) for policy in self.policies),
            "claim": claim
            and claim._replace(
                beyond=number("beyond in the claim", claim.beyond, 0),
                supported=number("supported in the claim", claim.supported, 0.5, 1),
                refuted=number("refuted in the claim", claim.refuted, 0, 0.5),
            ),
        }
        for name, value in taken.items():
            object.__setattr__(self, name, value)

    def _check_claim(self) -> None:
        """Raise InputError where the claim is on what is not kept, or on policies that are not run."""
        claim = self.claim
        if claim is None:
            return
        policies = {policy.name: policy for policy in self.policies}
        found = None if claim.outcome in self.keep.outcomes else effect(claim.outcome)
        if found is not None:
            twins = {name: getattr(self, name) for name in ("name", "share", "estimands", "predictions")}
            check_made(found, {**twins, "flips": self.kinds})
        elif claim.outcome not in self.keep.outcomes:
            raise unknown("outcome of the claim, which must be kept:", claim.outcome, self.keep.outcomes)
        turns_verdict = found is not None and KINDS[found.flip].told and "told" not in self.worlds.names
        for policy in (claim.policy, claim.against):
            if policy is not None and policy not in policies:
                raise unknown("policy of the claim", policy, policies)
            if (
                found
                and turns_verdict
                and policy
                and not any(utters(stage.policy) for stage in policies[policy].stages)
            ):
                other = found._replace(flip="criterion").name
                raise InputError(
                    f"{found.name} turns a verdict, and {policy} utters none; make the claim on {other}, with "
                    'flips = ["criterion"] in [twins]'
                )
        if claim.policy == claim.against:
            raise InputError(f"the claim sets {claim.policy} against itself; name another policy")

    @property
    def seating(self) -> Rooms:
        """Say which rooms each world has: of its own, the same as some worlds, or the same as all."""
        is_measured = bool(self.predictions or self.evidence)
        return Rooms.of(self.rooms, self.worlds.design, self.shared, is_measured, len(self.roster.classes))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Name the kinds of twins that are made: those that are named, else the usual ones."""
        return self.flips or usual([policy for policy in self.policies if isinstance(policy, Policy)])

    @classmethod
    def read(
        cls, study: str | Path, model: Model = MODEL, policies: Iterable[str | Policy | PolicyChange] = ()
    ) -> Study:
        """Read a study by the name of a shipped one, or by the path of a TOML file.

        Args:
            study: the name or the path.
            model: the model, whose parameters and policies the file may name.
            policies: policies in place of those of the file; a claim on others is left out.

        Raises:
            InputError: no such study, no TOML, or a table, key, policy or number that there is not.
        """
        path, asked = Path(study), unique(map(model.as_policy, policies))
        if path.suffix != ".toml":
            if str(study) not in names():
                raise unknown("study", str(study), names())
            path = STUDIES / f"{study}.toml"
        what = f"study {path}"
        table = parse_toml(text := read_text(path, what), what)
        try:
            file = _File.model_validate(table)
        except pydantic.ValidationError as error:
            raise InputError(f"study {path.name}: {first_fault(error, _File)}") from None
        try:
            those = cross(file.policies.model_dump(), path.parent, model.parts)
            claim = _claim(file.claim, path.parent, model)
            if asked:
                those, claim = asked, _of_policies(claim, asked)
            evidence = rows_named(file.evidence.rows)
            numbers = numbers_of(those, model.table, numbers_of_rows(evidence, model))
            made = _worlds(file, path.parent, numbers, model)
            return cls(
                file.study.name,
                file.study.question,
                those,
                model.parameters({**made.held, **file.parameters}),
                roster := _roster(file.rooms, path.parent),
                file.rooms.count or (40 if file.rooms.roster is None else roster.default_rooms()),
                file.rooms.weeks,
                file.study.seed,
                file.predictions.share if file.predictions.names else file.twins.share,
                flips=() if file.twins.flips is None else tuple(dict.fromkeys(file.twins.flips)),
                estimands=tuple(dict.fromkeys(file.twins.estimands)),
                worlds=made,
                keep=Keep(
                    file.keep.outcomes or tuple(model.outcomes),
                    file.keep.students,
                    file.keep.share,
                    known=model.outcomes,
                ),
                groups=read_groups(file.groups),
                predictions=tuple(file.predictions.names),
                evidence=evidence,
                claim=claim,
                clusters=file.rooms.clusters,
                shared=file.rooms.shared,
                file=text,
                model=model,
            )
        except InputError as error:
            raise InputError(f"study {path.name}: {error}") from None

    def replace(self, **changes: object) -> Study:
        """Give the same study with something changed; what others hold of it is then to be looked up again."""
        return dataclasses.replace(self, **{"held": None, **changes})  # type: ignore[arg-type]

    def with_policies(self, policies: Iterable[str | Policy | PolicyChange]) -> Study:
        """Give the same study of other policies: what these do not assume varies no more, a claim on others is left."""
        asked = unique(map(self.model.as_policy, policies))
        there = {*assumed_numbers(asked), *_of_rows(self.evidence, self.model)}
        left = {*assumed_numbers(self.policies)} - there
        return self.replace(policies=asked, claim=_of_policies(self.claim, asked), worlds=self.worlds.without(left))

    def text(self) -> dict[str, object]:
        """Give everything that decides the results, as plain data."""
        return {
            "name": self.name,
            "question": self.question,
            "policies": [policy.name for policy in self.policies],
            "levers": [{str(stage.week): dict(stage.policy) for stage in policy.stages} for policy in self.policies],
            "assumed": [
                {str(stage.week): _taken(stage.policy, self.worlds) for stage in policy.stages}
                for policy in self.policies
            ],
            "parameters": dict(self.parameters),
            "worlds": {
                "design": self.worlds.design,
                "count": len(self.worlds),
                "ranges": [varied._asdict() for varied in self.worlds.ranges],
                "digest": self.worlds.digest(),
            },
            "keep": {name: getattr(self.keep, name) for name in ("outcomes", "students", "share")},
            **({"groups": stated(self.groups, self.roster)} if self.groups else {}),
            **({"custom": found} if (found := self._custom()) else {}),
            "claim": self.claim._asdict() if self.claim else None,
            "roster": {
                "name": self.roster.name,
                "network": self.roster.network,
                "digest": self.roster.digest(),
                **({"schools": list(schools)} if (schools := self._schools()) else {}),
                "synthetic": self.roster.is_synthetic,
            },
            "rooms": self.rooms,
            "shared": self.shared,
            "weeks": self.weeks,
            "seed": self.seed,
            "share": self.share,
            "flips": list(self.kinds),
            "estimands": list(self.estimands),
            "predictions": list(self.predictions),
            "evidence": {
                "rows": list(self.evidence),
                "digest": evidence_digest(self.evidence),
            },
            "engine": with_engine(self).engine,
            "norms": dict(NORMS),
            "equations": _equations(self.model),
            "measures": digest(as_json(dict(self.modules()))),
        }

    def _custom(self) -> dict[str, dict[str, str]]:
        """Say what outcomes of a person's own are kept: unit, description and the hash of what each says."""
        kept, own = {base(name) for name in self.keep.outcomes}, self.model.outcomes
        return {
            name: {"unit": own[name].unit, "description": own[name].description, "says": says(function)}
            for name, function in sorted(custom(own).items())
            if name in kept
        }

    def _schools(self) -> tuple[int, ...]:
        """Give the school of each class where schools are the draws of intervals: rows of results name the class."""
        return self.roster.schools if self.clusters == CLUSTERS[0] else ()

    def modules(self) -> Mapping[str, str]:
        """Give the hash of what each module says that a task of this study reaches."""
        return MODULES[with_engine(self).engine]

    def key(self) -> str:
        """Give the hash of everything that decides the results."""
        return key_of(self.text())

    def run(
        self,
        results: str | Place = "results",
        processes: int | None = None,
        *,
        rerun: bool = False,
        retry_failed: bool = False,
        ignore_unfinished: bool = False,
        cluster: str | None = None,
        progress: Callable[[int], None] = lambda classrooms: None,
    ) -> Results:
        """Run the study, or what is missing of it, and read its results.

        Args:
            results: the folder of all results; those of this study lie in ``<results>/<name>/<key>``.
            processes: how many run at once; by default one a processor.
            rerun: run all of it, even if results are there.
            retry_failed: try again the tasks that failed.
            ignore_unfinished: begin even if an unfinished run with other equations or another text lies there.
            cluster: address of a Dask scheduler whose workers run the tasks.
            progress: called with the number of classrooms done since it was called last.

        Raises:
            InputError: if the folder cannot be written, or belongs to another run, or for a wrong number of processes.
            StopError: if nothing can be written any more.
        """
        from setback.analysis.load import load
        from setback.experiments.studies.sweep import run_study

        folder = run_study(
            self,
            place_of(results),
            processes,
            rerun=rerun,
            progress=progress,
            cluster=cluster,
            retry_failed=retry_failed,
            ignore_unfinished=ignore_unfinished,
        )
        return load(folder)

    def cost(self, processes: int | None = None) -> Cost:
        """Estimate what a run will take: time on this machine, memory, room on the disk.

        Args:
            processes: how many run at once; by default one a processor.

        Raises:
            InputError: if that is no number of processes.
        """
        from setback.experiments.studies.cost import cost

        return cost(self, processes)

    def _size(self) -> str:
        worlds = f"{len(self.worlds):,} worlds ({self.worlds.design})" if len(self.worlds) > 1 else "1 world"
        policies = f"{len(self.policies)} polic{'y' if len(self.policies) == 1 else 'ies'}"
        rooms = f"{self.rooms:,} room{'s' * (self.rooms != 1)}"
        return f"{worlds}, {policies}, {rooms}, {self.weeks} weeks, seed {self.seed}"

    def __repr__(self) -> str:
        return f"Study({self.name!r}: {self._size()})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        varied = f"varies: {', '.join(self.worlds.names)}" if len(self.worlds) > 1 else ""
        claim = self.claim.description or self.claim.outcome if self.claim else ""
        facts = [self.question, self._size(), varied, f"claim: {claim}" if claim else ""]
        return html(f"Study: {self.name}", facts, [{"policy": p.name, **p.parts} for p in self.policies])


def _equations(model: Model) -> str:
    """Give the hash of the equations, custom ones among them, which may have changed since they were asked for last."""
    return _built_in() if model is MODEL else fingerprint(model)


@functools.cache
def _built_in() -> str:
    return fingerprint(MODEL)


def with_engine(study: Study) -> Study:
    """Give the study an engine in place of ``auto``: compiled where llvmlite is installed, else vectorised."""
    return study if study.engine != AUTO else study.replace(engine=chosen(AUTO))


def years(study: Study) -> int:
    """Count the student-weeks of the observed years of a study."""
    sizes = [len(c.students) for c in study.roster.classes]
    if study.roster.is_synthetic:
        students = sizes[0] * study.rooms
    else:
        students = sum(len(study.roster.in_room(room).students) for room in range(study.rooms))
    return len(study.policies) * len(study.worlds) * students * study.weeks


def student_weeks(study: Study) -> int:
    """Count the student-weeks of a study, those of its twins as if every student-week were eligible."""
    largest = max(len(c.students) for c in study.roster.classes)
    each = len(study.kinds) * (1 + reruns(study.estimands))
    turned = study.share * each * max(0, study.weeks - FIRST - HORIZON) * largest
    in_trials = len(study.worlds) * study.rooms * CLASS_SIZE * weeks_of(study.evidence)
    return int(years(study) * (1 + turned)) + in_trials


def names() -> list[str]:
    """Name the shipped studies."""
    return sorted(path.stem for path in STUDIES.glob("*.toml"))


def cross(
    groups: dict[str, list[str]], folder: Path | None = None, known: Mapping[str, Part] = PARTS
) -> tuple[Policy | PolicyChange, ...]:
    """Cross the parts of each group with one another, and add the named policies.

    Args:
        groups: names of parts, or TOML files, by group; and texts of policies as ``named``.
        folder: where the paths of files begin; the current folder where it is left out.
        known: the parts of the model, by name.

    Raises:
        InputError: if there is no such part, or it stands in the wrong group.
    """
    listed = [groups.get(group) or [] for group in GROUPS]
    for group, parts in zip(GROUPS, listed):
        for part in parts:
            found = part_named(part, known, folder) if part.endswith(".toml") else known.get(part)
            if not isinstance(found, Part) or found.group != group:
                raise unknown(f"{group} policy", part, [p for p, row in known.items() if row.group == group])
    choices = [parts or [reference] for parts, reference in zip(listed, REFERENCE)]
    crossed = [Policy.of(known, *parts, folder=folder) for parts in itertools.product(*choices)] if any(listed) else []
    named = [as_policy(name, folder=folder, known=known) for name in groups.get("named") or []]
    if not crossed and not named:
        raise InputError("[policies] names none; give parts of a group, or named = [...]")
    return unique([*crossed, *named])


def start(name: str, path: Path) -> None:
    """Write a commented study file to start from.

    Raises:
        InputError: a name that none can have, a file that is there already, or one that cannot be written.
    """
    if not re.fullmatch(NAME, name):
        raise InputError(f"a study's name is {shown(name)}; it needs lower-case letters, digits and hyphens")
    write_text(path, (STUDIES / "start.txt").read_text(encoding="utf-8").replace("NAME", name), new=True)


def unique(policies: Iterable[Policy | PolicyChange]) -> tuple[Policy | PolicyChange, ...]:
    """Give the policies in order, each once."""
    return tuple({policy.name: policy for policy in policies}.values())


def _claim(table: _Claim | None, folder: Path, model: Model) -> Claim | None:
    """Give the claim with its policies by the names that tables give them."""
    if table is None:
        return None
    policy, against = (name and model.as_policy(name, folder=folder).name for name in (table.policy, table.against))
    return Claim(**{**table.model_dump(), "policy": policy, "against": against})


def _of_policies(claim: Claim | None, policies: Iterable[Policy | PolicyChange]) -> Claim | None:
    """Give a claim where it is on some of these policies; nothing is left of one that is on others."""
    there = {policy.name for policy in policies}
    return claim if claim and {claim.policy, claim.against or claim.policy} <= there else None


def _worlds(study: _File, folder: Path, rows: Table, model: Model) -> Worlds:
    table = study.worlds
    if table is None:
        return ONE
    file, posterior = folder / table.file if table.file else None, None
    if table.design == "posterior":
        if file and table.posterior is not None:
            raise InputError("[worlds] names a posterior that ships and a file; take one of them away")
        posterior, file = read_posterior(file or table.posterior or CYCLE, model), None
    elif table.posterior is not None:
        raise InputError(f"design {table.design} reads no posterior in [worlds]")
    drawn = (*posterior.names, *posterior.held) if posterior else ()
    varied = ranges(table.vary, study.parameters, rows, model.parts, drawn)
    seed, cubes = study.study.seed, table.hypercubes
    made = worlds(table.design, varied, table.n, table.steps, file, seed, rows, cubes, posterior)
    if both := [name for name in made.names if name in study.parameters]:
        raise InputError(f"{both[0]} stands in [parameters] and varies as well; take one of them away")
    return made


def _of_rows(evidence: Sequence[str], model: Model) -> Mapping[str, Param]:
    """Give what worlds may have for rows of the evidence: worlds stay when rows are left out."""
    return numbers_of_rows(rows_named(["all"]), model) if evidence else {}


def _roster(rooms: _Rooms, folder: Path) -> Roster:
    """Find the real classes that a study names, from its folder or within SETBACK_DATA; else synthetic ones."""
    if rooms.roster is None:
        if rooms.mapping is not None:
            raise InputError("rooms.mapping says what columns mean; rooms.roster must name the file")
        return Roster.synthetic(rooms.size)
    near = folder / rooms.roster
    is_near = os.path.exists(near)  # noqa: PTH110, a name that is too long is just not there
    mapping = folder / rooms.mapping if rooms.mapping and rooms.mapping.endswith(".toml") else rooms.mapping
    return read_roster(str(near) if is_near else rooms.roster, str(mapping) if mapping else None)


def _by_name(claim: Claim | None, model: Model, keep: Keep) -> Claim | None:
    """Give the claim with its policies and effect by the names of tables; what is none of them is left as it is."""
    if claim is None:
        return None
    with contextlib.suppress(InputError):
        claim = claim._replace(policy=model.as_policy(claim.policy).name)
    with contextlib.suppress(InputError):
        claim = claim._replace(against=claim.against and model.as_policy(claim.against).name)
    found = None if claim.outcome in keep.outcomes else effect(claim.outcome)
    return claim._replace(outcome=found.name) if found else claim


def _taken(policy: Policy, table: Worlds) -> dict[str, list[list[object]]]:
    """Say which levers of a policy take assumed numbers that vary, and in which shares."""
    taken = {
        lever: [[share, row.name] for share, row in rows if row.name in table.names]
        for lever, rows in policy.assumed.items()
    }
    return {lever: rows for lever, rows in taken.items() if rows}


def _check_levers(policies: Iterable[Policy | PolicyChange], table: Worlds) -> None:
    """Raise InputError where levers that vary make a policy that no school could have, or two policies the same."""
    varied = {parameters.LEVER_NAMES[k]: column for k, column in table.column(parameters.LEVER_NAMES)}
    assumed = table.assumed()
    for policy in policies if varied or assumed else ():
        for stage in policy.stages:
            for is_nonsense, why in INVALID:
                wrong = np.flatnonzero(is_nonsense({**stage.policy.at(assumed), **varied}))
                if len(wrong):
                    raise InputError(f"policy {policy.name}, as it varies in world {wrong[0]}: {why}")
    seen: dict[str, str] = {}
    for policy in policies if varied else ():
        left = {
            week: [{name: x for name, x in stage.items() if name not in varied}, _taken(stage, table)]
            for week, stage in policy.stages
        }
        first = seen.setdefault(json.dumps(left, sort_keys=True), policy.name)
        if first != policy.name:
            raise InputError(
                f"{first} and {policy.name} are the same where {' and '.join(varied)} varies; take one of them away"
            )
