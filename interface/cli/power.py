"""``setback power`` plans a real study: how many classes a trial needs, and which measurements separate two models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setback.cli import tables
from setback.cli.options import (
    AsJson,
    Figure,
    MappingFile,
    RosterFile,
    Seed,
    Weeks,
    With,
    asked,
    complete_policy,
    model_of,
)
from setback.cli.output import many, print_json, progress, say_notes, sayer
from setback.model.errors import InputError

if TYPE_CHECKING:
    from setback.analysis.power import Plan
    from setback.model.week import Model

#: Worlds and classes of each, of the power and of what separates, as they are and with ``--quick``.
POWER, QUICK_POWER, SEPARATE, QUICK_SEPARATE = (200, 64), (40, 32), (60, 32), (16, 16)


def complete_outcome(incomplete: str) -> list[str]:
    """Complete the name of an outcome."""
    from setback.model.outcomes import OUTCOMES

    return [name for name in OUTCOMES if name.startswith(incomplete)]


def complete_source(incomplete: str) -> list[str]:
    """Complete the name of a source of worlds."""
    from setback.experiments.planning.classes import SOURCES

    return [name for name in SOURCES if name.startswith(incomplete)]


def _two(policies: tuple[str, str] | None) -> tuple[str, str] | None:
    """Check that both arms of a trial are there: the option that follows would be taken for one that is missing."""
    for name in policies or ():
        if name.startswith("-"):
            raise InputError(f"a trial compares two policies, --policies A B; a policy is missing before {name}")
    return policies


def power(
    policies: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--policies",
            callback=_two,
            metavar="A B",
            help="The policies of the two arms of a trial.",
            autocompletion=complete_policy,
        ),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(
            metavar="OUTCOME", help="What is measured (setback list outcomes).", autocompletion=complete_outcome
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--worlds",
            metavar="SOURCE",
            help="Worlds of the prior, the posterior, a posterior's CSV file, or the reference alone; by default the "
            "posterior where one ships, else the prior.",
            autocompletion=complete_source,
        ),
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="How many worlds are drawn; by default 200, 60 to separate.")
    ] = None,
    power_: Annotated[float, typer.Option("--power", metavar="SHARE", help="Of trials that show the effect.")] = 0.8,
    alpha: Annotated[float, typer.Option(metavar="SHARE", help="Level of the two-sided test.")] = 0.05,
    most: Annotated[int, typer.Option(metavar="NUMBER", help="The most classes an arm that are tried.")] = 1000,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    weeks: Weeks = None,
    seed: Seed = None,
    with_: With = None,
    separate: Annotated[
        bool,
        typer.Option("--separate", help="Rank the measurements that would tell a cycle of failing from disposition."),
    ] = False,
    cycle: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --separate: posterior with a cycle, as setback fit writes it."),
    ] = None,
    no_cycle: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --separate: posterior without a cycle.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer worlds and classes: a rough answer in seconds.")
    ] = False,
    out: Figure = None,
    as_json: AsJson = False,
) -> None:
    """Say how many classes and students a trial of two policies needs, or which measurements separate two models."""
    from setback.analysis.power import check

    check(power_, alpha, most)
    if separate:
        of_a_trial = {
            "--policies": policies, "--outcome": outcome, "--worlds": source, "--roster": roster, "--mapping": mapping,
            "--weeks": weeks, "--out": out,
        }  # fmt: skip
        for name, said in of_a_trial.items():
            if said is not None:
                raise InputError(f"{name} is of a trial of two policies; leave it out, or --separate")
        _separate(cycle, no_cycle, draws, power_, alpha, seed or 0, model_of(with_), quick, as_json)
        return
    for name, file in (("--cycle", cycle), ("--no-cycle", no_cycle)):
        if file is not None:
            raise InputError(f"{name} names a posterior to separate; add --separate, or take it as --worlds {file}")
    if policies is None or outcome is None:
        raise InputError("power needs --policies A B and --outcome, or --separate; see setback power --help")
    from setback.analysis.figures import check_picture, power_figure, save
    from setback.analysis.power import plan
    from setback.experiments.fit.posterior import names
    from setback.experiments.planning import classes as planning
    from setback.experiments.studies.study import CYCLE
    from setback.experiments.twins.estimands import ESTIMANDS
    from setback.model.outcomes import OUTCOMES

    if outcome.partition(".")[0] in ESTIMANDS:
        raise InputError(
            f"{outcome} is what one failure causes, and no class can be observed twice; a trial measures an outcome "
            "(setback list outcomes), and setback power --separate ranks the measurements that tell a cycle"
        )
    who = asked(None, roster, mapping, None, weeks, seed, files=with_)
    if out:
        check_picture(out)
    if source is None:
        source = planning.POSTERIOR if CYCLE in names() and not who.model.added else planning.PRIOR
    count, rooms = QUICK_POWER if quick else POWER
    study = planning.plan(
        policies, outcome, source, count if draws is None else draws, rooms, who.roster, who.weeks, who.seed, who.model
    )
    first, second = (policy.name for policy in study.policies)
    tell, worlds = sayer(as_json), len(study.worlds)
    unit = OUTCOMES[outcome].unit
    with progress(2 * worlds, "steps", as_json) as advance:
        shown = planning.classes(study, advance)
        found = plan(*shown, power_, alpha, most, seed=who.seed, name=outcome, progress=advance)
    if out:
        save(power_figure(found, f"{second} against {first}: {outcome}"), out)
    if as_json:
        print_json({"first": first, "second": second, "outcome": outcome, "unit": unit, "worlds": source, "weeks":
                    study.weeks, "seed": study.seed, **_for_machines(found)})  # fmt: skip
        return
    said = study.worlds.source or f"{many(worlds, 'worlds')} of the {source}"
    tell(f"{second} against {first}, {outcome} ({unit}); {said}")
    say_notes(who.roster, tell)
    for sentence in found.sentences(unit):
        tell(sentence)
    tell("All of it is said of the model. What would tell a cycle from disposition: setback power --separate")


def _for_machines(found: Plan) -> dict[str, Any]:
    """Give a plan as JSON has it: what is not known is null."""
    plain = {name: value for name, value in found._asdict().items() if name not in ("curve", "worlds")}
    spreads = {name: getattr(found, name)._asdict() for name in ("effect", "standardised", "intraclass")}
    at = json.loads(found.at.to_json())
    curve = json.loads(found.curve.reset_index().to_json(orient="records"))
    closed = found.closed if found.closed != float("inf") else None
    return {**plain, **spreads, "closed": closed, "students": found.students, "most": found.most,
            "draws": found.worlds, "at": at, "curve": curve}  # fmt: skip


def _separate(
    cycle: Path | None, no_cycle: Path | None, draws: int | None, power: float, alpha: float, seed: int, model: Model,
    quick: bool, as_json: bool,
) -> None:  # fmt: skip
    """Print which measurements would tell the two models apart."""
    from setback.analysis.separation import separation
    from setback.experiments.evidence.nulls import NULLS
    from setback.experiments.fit import posterior as posteriors
    from setback.experiments.planning.candidates import CANDIDATES, candidates, measure
    from setback.model.errors import whole

    fitted = []
    for name, file in (("cycle", cycle), ("no-cycle", no_cycle)):
        if file is None and name not in posteriors.names():
            advice = f"setback fit writes results/fits/HASH/posterior-{name}.csv, to be named with --{name}"
            raise InputError(f"no posterior {name} ships; {advice}")
        one = posteriors.read(name if file is None else file, model)
        if one.model != name:
            raise InputError(f"{one.source} is of the model {one.model}; --{name} needs one of {name}")
        fitted.append(one)
    count, rooms = QUICK_SEPARATE if quick else SEPARATE
    count = whole("draws", count if draws is None else draws, 10, 10_000)
    tell = sayer(as_json)
    tell(
        f"{many(count, 'worlds')} of either posterior, {rooms} classes for each measurement, twice in each, seed {seed}"
    )
    with progress(2 * count, "worlds", as_json) as advance:
        with_cycle, without = (measure(one, CANDIDATES, count, rooms, seed, model, advance) for one in fitted)
    table = separation(CANDIDATES, with_cycle, without, power, alpha)
    told = {candidate.name: candidate for candidate in candidates(CANDIDATES, model)}
    table.insert(0, "kind", [told[name].kind for name in table.index])
    table.insert(1, "says", [told[name].says for name in table.index])
    if as_json:
        print(table.reset_index().to_json(orient="records", indent=1))
        return
    tables.separation(table)
    said = f"at level {alpha:g} with power {power:g}"
    tell(f"With: {NULLS['cycle'].says}. Without: {NULLS['no-cycle'].says}.")
    tell(f"Classes (in each arm of an experiment) that reject the model without a cycle {said}, were there one.")
