"""A study: which policies live through which rooms, and what is turned round to see what it causes.

A study is read from a TOML file::

    [study]
    name = "claims"
    question = "Does a failure breed failures?"
    seed = 1
    [policies]                          # the groups are crossed; what is left out is the reference
    grading = ["criterion", "curve"]
    pacing = ["fixed", "accelerated"]
    named = ["harmful", "curve+stakes=1"]   # beside the crossed ones
    [parameters]                        # changes of the world
    attribution_drift = 0.1
    [rooms]
    count = 40
    size = 30
    weeks = 36
    [twins]
    flips = ["luck"]                    # and "label", "practice"
    share = 0.2
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import itertools
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from setback.experiments import twins
from setback.experiments.engines import ENGINES
from setback.experiments.twins import FIRST, HORIZON
from setback.model import arithmetic, block, chance, engine, outcomes
from setback.model.chance import LIMIT
from setback.model.errors import InputError, unknown, whole
from setback.model.grammar import fingerprint
from setback.model.own import whole_model
from setback.model.parameters import Parameters
from setback.model.policies import GROUPS, PARTS, REFERENCE, Policy
from setback.model.roster import CLASS_SIZE, LARGEST, SMALLEST, Roster
from setback.model.week import LONGEST, Model

STUDIES = Path(__file__).parent / "studies"
#: A study of this module's size keeps every room in memory.
MOST_ROOMS = 100_000


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Head(_Table):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    question: str = ""
    seed: int = Field(0, ge=0, lt=LIMIT)


class _Policies(_Table):
    grading: list[str] = []
    pacing: list[str] = []
    sequence: list[str] = []
    support: list[str] = []
    climate: list[str] = []
    named: list[str] = []


class _Rooms(_Table):
    count: int = Field(40, ge=1, le=MOST_ROOMS)
    size: int = Field(CLASS_SIZE, ge=SMALLEST, le=LARGEST)
    weeks: int = Field(36, ge=1, le=LONGEST)


class _Twins(_Table):
    flips: list[Literal["luck", "label", "practice"]] = ["luck"]
    share: float = Field(0.2, ge=0, le=1)


class _File(_Table):
    study: _Head
    policies: _Policies = _Policies()
    parameters: dict[str, float] = {}
    rooms: _Rooms = _Rooms()
    twins: _Twins = _Twins()


@dataclass(frozen=True)
class Study:
    """What is run. Frozen; `replace` gives the same study with something changed.

    Attributes:
        name: folder of its results.
        question: what it asks.
        policies: every one lives through every room.
        parameters: the world.
        roster: who sits in the rooms.
        rooms: how many.
        weeks: length of the year.
        seed: the seed.
        share: share of the eligible student-weeks that get a twin; 0 for none.
        flips: kinds of twins, names of `setback.experiments.twins.KINDS`.
        engine: name of the engine.
    """

    name: str
    question: str
    policies: tuple[Policy, ...]
    parameters: Parameters
    roster: Roster
    rooms: int
    weeks: int
    seed: int
    share: float
    engine: str = "vectorised"
    flips: tuple[str, ...] = ("luck",)

    def __post_init__(self) -> None:
        whole("rooms", self.rooms, 1, MOST_ROOMS)
        whole("weeks", self.weeks, 1, LONGEST)
        whole("seed", self.seed, 0, LIMIT - 1)
        if not self.policies:
            raise InputError(f"study {self.name} has no policy; name at least one")
        if self.engine not in ENGINES:
            raise unknown("engine", self.engine, ENGINES)
        if self.share > 0 and self.weeks <= FIRST + HORIZON:
            raise InputError(f"twins need more than {FIRST + HORIZON} weeks; the year has {self.weeks}")

    @classmethod
    def read(cls, study: str | Path) -> Study:
        """A study by the name of a shipped one, or by the path of a TOML file.

        Raises:
            InputError: no such study, no TOML, or a table, key, policy or number that there is not.
        """
        path = Path(study)
        if path.suffix != ".toml":
            if str(study) not in names():
                raise unknown("study", str(study), names())
            path = STUDIES / f"{study}.toml"
        try:
            text = path.read_text(encoding="utf-8-sig")
            file = _File.model_validate(tomllib.loads(text))
        except OSError:
            raise InputError(f"study {path} cannot be read; is the path right?") from None
        except pydantic.ValidationError as error:
            raise InputError(f"study {path.name}: {_first(error)}") from None
        except ValueError as error:
            raise InputError(f"study {path.name} is not valid TOML: {error}") from None
        return cls(
            file.study.name,
            file.study.question,
            cross(file.policies.model_dump()),
            Parameters(file.parameters),
            Roster.synthetic(file.rooms.size),
            file.rooms.count,
            file.rooms.weeks,
            file.study.seed,
            file.twins.share,
            flips=tuple(dict.fromkeys(file.twins.flips)),
        )

    def replace(self, **changes: object) -> Study:
        """The same study with something changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def text(self) -> dict[str, object]:
        """Everything that decides the results, as plain data."""
        return {
            "name": self.name,
            "question": self.question,
            "policies": [policy.name for policy in self.policies],
            "levers": [dict(policy) for policy in self.policies],
            "parameters": dict(self.parameters),
            "roster": {"name": self.roster.name, "network": self.roster.network, "digest": self.roster.digest()},
            "rooms": self.rooms,
            "weeks": self.weeks,
            "seed": self.seed,
            "share": self.share,
            "flips": list(self.flips),
            "equations": _equations(whole_model()),
            "measures": _measures(),
        }

    def key(self) -> str:
        """The hash of everything that decides the results; the engine does not."""
        return hashlib.sha256(json.dumps(self.text(), sort_keys=True).encode()).hexdigest()[:12]


@functools.cache
def _equations(model: Model) -> str:
    """The hash of the equations, made once: it takes longer than a small study."""
    return fingerprint(model)


@functools.cache
def _measures() -> str:
    """A hash of what else decides numbers: chance, the engine, the outcomes and their rulers, the twins."""
    text = hashlib.sha256()
    for part in (arithmetic, block, chance, engine, outcomes, twins):
        text.update(inspect.getsource(part).encode())
    text.update(json.dumps(dict(outcomes.RULER)).encode())
    return text.hexdigest()[:12]


def names() -> list[str]:
    """The shipped studies."""
    return sorted(path.stem for path in STUDIES.glob("*.toml"))


def cross(groups: dict[str, list[str]]) -> tuple[Policy, ...]:
    """Every combination of the parts of each group, then the named policies.

    Raises:
        InputError: a part that there is not, or that stands in the wrong group.
    """
    listed = [groups.get(group) or [] for group in GROUPS]
    for group, parts in zip(GROUPS, listed):
        for part in parts:
            if part not in PARTS or PARTS[part].group != group:
                raise unknown(f"{group} policy", part, [p for p, row in PARTS.items() if row.group == group])
    choices = [parts or [reference] for parts, reference in zip(listed, REFERENCE)]
    crossed = [Policy(*parts) for parts in itertools.product(*choices)] if any(listed) else []
    return unique([*crossed, *(Policy(name) for name in groups.get("named") or [])])


def unique(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """The policies in order, each once."""
    return tuple({policy.name: policy for policy in policies}.values())


def _first(error: pydantic.ValidationError) -> str:
    """The first fault of a study file as one sentence with its place."""
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        table: type[BaseModel] = _File
        for part in fault["loc"][:-1]:
            kind = table.model_fields[str(part)].annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                table = kind
        return str(unknown("key", where, [".".join([*map(str, fault["loc"][:-1]), key]) for key in table.model_fields]))
    if fault["type"] == "missing":
        return f"{where} is missing"
    if fault["type"] in ("model_type", "dict_type"):
        return f"{where} is {fault['input']!r}; it needs a table"
    if fault["type"] == "string_pattern_mismatch":
        return f"{where} is {fault['input']!r}; it needs lower-case letters, digits and hyphens"
    return f"{where} is {fault['input']!r}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
