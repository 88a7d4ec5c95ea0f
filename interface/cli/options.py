"""The options that verbs share: one spelling, one help text and one meaning for each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from setback.model.errors import InputError, unknown
from setback.model.place import place_of

if TYPE_CHECKING:
    from setback.model.parameters import Parameters
    from setback.model.rosters.roster import Roster
    from setback.model.week import Model


class Verbs(TyperGroup):
    """The verbs; one that there is not is refused like any other name."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give the verb of a name."""
        verb = super().get_command(ctx, cmd_name)
        if verb is None and not ctx.resilient_parsing:  # a shell that completes words is told nothing
            raise unknown("verb", cmd_name, self.list_commands(ctx))
        return verb


# ---- names that a shell completes --------------------------------------------------------------------------
def complete_policy(incomplete: str) -> list[str]:
    """Complete the last part of a policy: names of parts and presets, older ones too, and levers."""
    from setback.model.parameters import LEVER_NAMES
    from setback.model.policies import ALIASES, PARTS, PRESETS

    last = re.split(r"[+>*]\s*", incomplete)[-1]
    head = incomplete.removesuffix(last)
    names = [*PARTS, *PRESETS, *ALIASES, *(f"{lever}=" for lever in LEVER_NAMES)]
    return [f"{head}{name}" for name in names if name.startswith(last)]


def complete_parameter(incomplete: str) -> list[str]:
    """Complete the name of a parameter."""
    from setback.model.parameters import WORLD_NAMES

    return [f"{name}=" for name in WORLD_NAMES if name.startswith(incomplete)]


def complete_mechanism(incomplete: str) -> list[str]:
    """Complete the name of a mechanism that has a strength."""
    from setback.model.parameters import STRENGTHS

    return [name for name in (s.removeprefix("strength_") for s in STRENGTHS) if name.startswith(incomplete)]


def complete_study(incomplete: str) -> list[str]:
    """Complete the name of a shipped study."""
    return _files("setback.experiments", "studies", incomplete)


def complete_scene(incomplete: str) -> list[str]:
    """Complete the name of a shipped scene."""
    return _files("setback.experiments", "scenes", incomplete)


def complete_language(incomplete: str) -> list[str]:
    """Complete the code of a language of the classroom page."""
    return _files("setback.page", "words", incomplete)


def complete_trial(incomplete: str) -> list[str]:
    """Complete the name of a shipped trial."""
    return _files("setback.experiments", "trials", incomplete)


def complete_mapping(incomplete: str) -> list[str]:
    """Complete the name of a shipped mapping."""
    return _files("setback.model", "rosters/mappings", incomplete)


def complete_source(incomplete: str) -> list[str]:
    """Complete the name of a source of grade books."""
    from setback.experiments.gradebook.contexts import CONTEXTS

    return [name for name, context in CONTEXTS.items() if not context.mute and name.startswith(incomplete)]


def complete_engine(incomplete: str) -> list[str]:
    """Complete the name of an engine."""
    from setback.model.engines.registry import ENGINES

    return [name for name in ENGINES if name.startswith(incomplete)]


def _files(package: str, folder: str, incomplete: str) -> list[str]:
    from setback.model.shipped import shipped

    names = sorted(path.stem for path in (shipped(package) / folder).glob("*.toml"))
    return [name for name in names if name.startswith(incomplete)]


def _placed(text: Any) -> Any:
    """Give the place that was typed; what cannot be one is refused by the sentence of `place_of` alone."""
    return None if text is None else place_of(text)


# ---- the options -------------------------------------------------------------------------------------------
HOW = 'as in "curve+accelerated+stakes=1", or "curve > mastery @ 19" for a change in week 19'
StudyName = Annotated[
    str,
    typer.Argument(
        metavar="STUDY",
        help="Name of a shipped study, path of a TOML file, or a folder of results, whose study is run again.",
        autocompletion=complete_study,
    ),
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="POLICY",
        help=f"Policy, {HOW}; may be given several times.",
        autocompletion=complete_policy,
    ),
]
OnePolicy = Annotated[
    str, typer.Option("--policy", metavar="POLICY", help=f"Policy, {HOW}.", autocompletion=complete_policy)
]
Rooms = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Number of classrooms; by default the study's (compare, gradebook: 100, profile: 200), or with --roster "
        "every class once.",
    ),
]
Weeks = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="Length of the year in weeks; by default the study's, or 36."),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER", help="The same seed gives the same students and luck; by default the study's, or 0."
    ),
]
RosterFile = Annotated[
    str | None,
    typer.Option("--roster", metavar="FILE", help="CSV file of real classes, by its path or within SETBACK_DATA."),
]
MappingFile = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        metavar="FILE",
        help="What the roster's columns mean: a TOML file or a shipped name.",
        autocompletion=complete_mapping,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Parameter to change; may be given several times.",
        autocompletion=complete_parameter,
    ),
]
SetEither = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="[A:|B:]NAME=VALUE",
        help="Parameter or lever to change, in A or B alone where that is named, else in both; also several times.",
        autocompletion=complete_parameter,
    ),
]
Engine = Annotated[
    str,
    typer.Option("--engine", metavar="ENGINE", help="vectorised, compiled or mesa.", autocompletion=complete_engine),
]
StudyEngine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="vectorised, compiled, mesa, or auto: compiled where it is installed.",
        autocompletion=complete_engine,
    ),
]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="FILE",
        help="Add the mechanisms, outcomes and policies of this Python file to the model (docs/custom.md).",
    ),
]
Processes = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="Number of processes; by default one for each processor.")
]
ResultsFolder = Annotated[
    Any,  # a Place; typer takes no union of types
    typer.Option(
        parser=str,
        callback=_placed,
        metavar="FOLDER",
        help="Folder of all results, or its address as s3://bucket/folder (extra remote).",
    ),
]
OneRun = typer.Argument(
    parser=str, callback=_placed, metavar="FOLDER", help="A folder of results: results/<study>/<hash>."
)
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Try failed tasks again.")]
Rerun = Annotated[bool, typer.Option("--rerun", help="Run all of it, whatever results are there, here or in others.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine instead of a table.")]
Figure = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to draw to (.png, .pdf, .svg).")]


# ---- what they come to -------------------------------------------------------------------------------------
class Asked(NamedTuple):
    """The model, the world, the classes and the year that options ask for."""

    model: Model
    parameters: Parameters
    roster: Roster | None
    rooms: int
    weeks: int
    seed: int

    @property
    def size(self) -> int:
        """Seats in the largest class."""
        from setback.model.rosters.roster import CLASS_SIZE

        return max(len(c.students) for c in self.roster.classes) if self.roster else CLASS_SIZE


def asked(
    set_: list[str] | None = None,
    roster: str | None = None,
    mapping: str | None = None,
    rooms: int | None = None,
    weeks: int | None = None,
    seed: int | None = None,
    few: int = 1,
    files: list[str] | None = None,
) -> Asked:
    """Give what options ask for; what is left out takes its default.

    Args:
        set_: parameters as ``name=value``.
        roster: file of real classes.
        mapping: what its columns mean.
        rooms: number of classrooms, by default every class of the roster once, or `few` synthetic ones.
        weeks: length of the year.
        seed: the seed.
        few: that number.
        files: Python files that add to the model.

    Raises:
        InputError: if a parameter, the roster or the mapping cannot be used.
    """
    model = model_of(files)
    world, who = model.parameters(settings(set_ or [])), read_roster(roster, mapping)
    count = rooms if rooms is not None else who.default_rooms() if who else few
    return Asked(model, world, who, count, 36 if weeks is None else weeks, 0 if seed is None else seed)


def model_of(files: list[str] | None) -> Model:
    """Give the model with what some Python files add to it.

    Raises:
        InputError: if a file cannot be read or run, or what it adds is refused.
    """
    from setback.model.week import MODEL

    model = MODEL
    for file in files or ():
        model = model.with_file(file)
    return model


def settings(texts: list[str]) -> dict[str, float]:
    """Give name=value pairs as numbers.

    Raises:
        InputError: if a text has no "=" or no name, or its value is no number.
    """
    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise InputError(f"--set {text} needs a name and a number, as in --set attribution_drift=0.1")
    return values


def read_roster(file: str | None, mapping: str | None) -> Roster | None:
    """Read the roster that was asked for, None where none was."""
    from setback.model.rosters import files

    return files.read_roster(file, mapping) if file is not None or mapping is not None else None


def strength(mechanism: str, model: Model) -> str:
    """Name the parameter that is the strength of a mechanism.

    Raises:
        InputError: if there is no such mechanism.
    """
    name = f"strength_{mechanism.removeprefix('strength_')}"
    if name not in model.table.strengths:
        raise unknown("mechanism", mechanism, [known.removeprefix("strength_") for known in model.table.strengths])
    return name
