"""A scene is two policies for the same class, with what to ask, what to look for, and what the model cannot say.

A scene is read from a TOML file::

    [scene]
    title = "A harsh start"
    question = "Will B catch up?"                # to ask the room before anything is shown
    look = "Shame is gone within weeks."         # what to look for, in the model
    cannot = "Whether a class forgives."         # what the model cannot say
    talk = ["What recovers at once?"]            # to talk about afterwards; all three or fewer fit a page
    headline = ["affect", "learning"]            # the two or three outcomes it is about: drawn, and read out
    small = true                                 # whether luck can hide in one class what it is about; optional
    [class]                                      # all optional
    seed = 1
    room = 37
    size = 30
    weeks = 36
    [parameters]                                 # changes of the world, optional
    attribution_drift = 0.1
    [a]
    label = "Low pressure all year"
    policy = "low-pressure-mastery"
    [b]
    label = "Harsh until week 18, then low pressure"
    policy = "high-pressure > low-pressure-mastery @ 19"   # TOML files in it lie beside this one
    [shows]                                      # outcome = [mean of A, mean of B, share of classes where B is higher]
    below_criterion_rate = [0.122, 0.299, 1.0]   # over 200 classes; a test holds them against the model
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pydantic
from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from setback.experiments.simulate import simulate
from setback.model.chance import LIMIT
from setback.model.errors import InputError, renamed, shown, unknown
from setback.model.outcomes import OUTCOMES
from setback.model.policies import Policy, PolicyChange, as_policy
from setback.model.reading import read_toml
from setback.model.rosters.roster import CLASS_SIZE, LARGEST, SMALLEST, Roster
from setback.model.shipped import shipped
from setback.model.week import LONGEST, MODEL, Model

SCENES = shipped("setback.experiments") / "scenes"
#: Classes behind the figures of a scene.
ROOMS = 200
#: The shipped scenes in the order in which they tell a story: the same struggle in two climates, what it is good for,
#: what harms, how long it lasts, what helps, and last what changes little.
STORY = (
    "struggle-without-safety", "struggle-first-in-safety", "rigor-with-a-curve", "harsh-start", "mastery-with-retakes",
    "no-verdict", "rescue-at-once", "story-editing",
)  # fmt: skip
#: What a scene is about that names nothing: the errors, the failed tests, and what is learned from them.
HEADLINE = ["practice_error_rate", "below_criterion_rate", "learning"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class About(_Table):
    """Holds what people read: title, question, what to look for, what the model cannot say, what to discuss.

    Its headline are the outcomes that it is about; it is small where luck can hide them in a single class.
    """

    title: str
    question: str
    look: str
    cannot: str
    talk: list[str] = []
    headline: Annotated[list[str], Field(min_length=2, max_length=3)] = HEADLINE
    small: bool = False


class Room(_Table):
    """Says which class it is."""

    seed: int = Field(1, ge=0, lt=LIMIT)
    room: int = Field(0, ge=0, lt=LIMIT)
    size: int = Field(CLASS_SIZE, ge=SMALLEST, le=LARGEST)
    weeks: int = Field(36, ge=1, le=LONGEST)


def _policy(text: Any, info: pydantic.ValidationInfo) -> Policy | PolicyChange:
    return as_policy(text, folder=info.context and info.context["folder"], known=info.context and info.context["known"])


class Side(_Table):
    """Says under which policy one of the two classrooms is."""

    label: str
    policy: Annotated[Policy | PolicyChange, PlainValidator(_policy)]


class Scene(BaseModel):
    """Holds two policies for one class, and the words that go with them."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, allow_inf_nan=False)
    name: str = ""
    about: About = Field(alias="scene")
    room: Room = Field(Room(), alias="class")
    parameters: dict[str, float] = {}
    a: Side
    b: Side
    shows: dict[str, Annotated[list[float], Field(min_length=3, max_length=3)]] = {}

    @classmethod
    def read(cls, scene: str | Path, model: Model = MODEL) -> Scene:
        """Read a scene by the name of a shipped one, or by the path of a TOML file.

        Raises:
            InputError: if there is no such scene, it is no TOML, or it names a table, key, policy, parameter or
                number that there is not.
        """
        path = Path(scene)
        if path.suffix != ".toml":
            if str(scene) not in names():
                raise unknown("scene", str(scene), names())
            path = SCENES / f"{scene}.toml"
        try:
            table = {**read_toml(path, f"scene {path}"), "name": path.stem}
            found = cls.model_validate(table, context={"folder": path.parent, "known": model.parts})
        except pydantic.ValidationError as error:
            raise InputError(f"scene {path.name}: {_first(error)}") from None
        model.parameters(found.parameters)
        for side in (found.a, found.b):
            model.as_policy(side.policy, found.room.weeks)
        for outcome in (*found.shows, *found.about.headline):
            if outcome not in OUTCOMES:
                raise unknown(f"outcome in scene {path.name}:", outcome, OUTCOMES)
        if len(set(found.about.headline)) < len(found.about.headline):
            raise InputError(f"scene {path.name}: scene.headline names an outcome twice; name each of them once")
        return found

    def measure(self, rooms: int = ROOMS, model: Model = MODEL) -> dict[str, list[float]]:
        """Measure it over many classes: outcome -> mean of A, mean of B, share of classes where B is higher."""
        who = Roster.synthetic(self.room.size)
        of = {"parameters": self.parameters, "roster": who, "rooms": rooms, "seed": self.room.seed,
              "weeks": self.room.weeks}  # fmt: skip
        a, b = (
            simulate(side.policy, model=model, **of).per_room()  # type: ignore[arg-type]
            for side in (self.a, self.b)
        )
        return {
            name: [float(a[name].mean()), float(b[name].mean()), float(np.mean(b[name] > a[name]))]
            for name in self.shows
        }


def names() -> list[str]:
    """Name the shipped scenes, in the order in which they tell a story."""
    return list(STORY)


def _first(error: pydantic.ValidationError) -> str:
    """Say the first fault of a scene file as one sentence with its place."""
    fault: Any = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")  # before what is missing
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "missing":
        return f"{where} is missing"
    if fault["type"] == "value_error":
        return f"{where}: {fault['ctx']['error']}"
    if fault["type"] == "extra_forbidden":
        if new := renamed(where, [field.alias or name for name, field in Scene.model_fields.items()]):
            return f"{where} is no key of a scene; it is called {new} now"
        return f"{where} is no key of a scene; there are scene, class, parameters, a, b and shows"
    return f"{where} is {shown(fault['input'])}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
