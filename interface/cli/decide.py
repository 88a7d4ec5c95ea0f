"""``setback decide`` says which policy a finished study speaks for, how sure, and where each loses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from setback.cli import tables
from setback.cli.options import AsJson, Figure, ResultsFolder, With, complete_policy, complete_study, model_of
from setback.cli.output import print_json, say
from setback.model.errors import InputError, number, unknown
from setback.model.place import Place, place_of

#: Pairs of policies of which each is better in more than this share of the worlds are told apart in a sentence.
DIVIDED = 0.05


def decide(
    study: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER",
            help="A folder of results, or the name or file of a study that was run.",
            autocompletion=complete_study,
        ),
    ],
    outcome: Annotated[
        str | None,
        typer.Option(
            metavar="OUTCOME",
            help="What policies are judged by; by default the claim's, if it is one of students, else learning.",
        ),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME=NUMBER",
            help="Judge by a score: what one unit of an outcome counts, below 0 where less is better; may be given "
            "several times, or name a TOML file with a table [weights].",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY",
            help="The policy that the others are set against; by default the one with the least mean regret.",
            autocompletion=complete_policy,
        ),
    ] = None,
    results: ResultsFolder = Path("results"),
    with_: With = None,
    out: Figure = None,
    as_json: AsJson = False,
) -> None:
    """Say which policy is best over the worlds of a finished study, how sure, and in which worlds each loses."""
    from setback.analysis.figures import check_picture
    from setback.analysis.load import load

    weights = weights_of(weight) if weight else None
    if out:
        check_picture(out)
    loaded = load(where_it_lies(study, results, with_))
    found = loaded.decision(outcome, weights)
    chosen = found.leader if against is None else _named(against, list(found.policies.index), with_)
    if out:
        found.plot(out, loaded.manifest.key)
    if as_json:
        print_json(found.to_json())
        return
    tables.decision(found, chosen)
    for sentence in found.sentences():
        say(sentence)
    for first, second in found.beaten:
        one, other = found.beaten[first, second], found.beaten[second, first]
        if chosen in (first, second) and first != chosen and min(one.share, other.share) > DIVIDED:
            say(other.sentence(f"{second} is behind {first}"))


def where_it_lies(study: str, results: Place, files: list[str] | None = None) -> Place:
    """Find the results of a study by their folder, or by its name or file within the folder of all results.

    Raises:
        InputError: if there is no such study, or it was not run.
    """
    from setback.experiments.studies.folder import runs_of
    from setback.experiments.studies.study import Study, names
    from setback.model.engines.registry import ENGINES

    if study.endswith(".toml"):
        plan = Study.read(study, model_of(files))
        those = [results / plan.name / plan.replace(engine=engine).key() for engine in ENGINES]
        there = [folder for folder in those if folder.is_dir()]
        if not there:
            raise InputError(f"{study} as it stands was not run in {results}; setback run {study} runs it")
        return there[0]
    place = place_of(study)
    if place.is_dir():
        return place
    runs = runs_of(results / study) if study and "/" not in study else []
    if len(runs) > 1:  # as it ships, before what it was with other options
        keys = {Study.read(study).replace(engine=e).key() for e in ENGINES} if study in names() else set()
        return next((run for run in runs if run.name in keys), results / study)
    if runs:
        return runs[0]
    if study in names():
        raise InputError(f"{study} was not run in {results}; setback run {study} runs it")
    others = sorted({path.name for path in results.glob("*") if runs_of(path)})
    raise unknown("study with results", study, others or names())


def weights_of(texts: list[str]) -> dict[str, float]:
    """Give weights as they are typed, ``outcome=number``, or as a file has them.

    Raises:
        InputError: if a text is neither, an outcome has two weights, or a file cannot be read.
    """
    from setback.model.reading import read_toml

    found: dict[str, float] = {}

    def add(name: str, value: Any) -> None:
        if name in found:
            raise InputError(f"{name} has two weights; leave one of them")
        found[name] = number(f"weight of {name}", value)

    for text in texts:
        name, equals, value = text.partition("=")
        if not equals and text.endswith(".toml"):
            table = read_toml(text, f"weights {text}")
            if set(table) != {"weights"} or not isinstance(table["weights"], dict):
                raise InputError(f"weights {text} needs a table [weights] alone, with a number for each outcome")
            for key, given in table["weights"].items():
                add(key, given)
            continue
        try:
            add(name.strip(), float(value))
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            equals = ""
        if not equals or not name.strip():
            raise InputError(f"--weight {text} needs an outcome and a number, as in --weight learning=2")
    return found


def _named(policy: str, there: list[str], files: list[str] | None) -> str:
    """Give a policy by the name that tables give it."""
    return policy if policy in there else model_of(files).as_policy(policy).name
