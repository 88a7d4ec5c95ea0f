"""``setback list`` lists what there is to choose from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setback.cli.options import AsJson, ResultsFolder, With, model_of
from setback.cli.output import print_rows
from setback.model.errors import InputError, unknown
from setback.model.place import Place
from setback.model.rosters.files import MAPPINGS

if TYPE_CHECKING:
    from setback.experiments.studies.folder import Manifest, State
    from setback.model.mechanism import Param
    from setback.model.week import Model


def complete_list(incomplete: str) -> list[str]:
    """Complete the name of a list."""
    return [name for name in LISTS if name.startswith(incomplete)]


def list_(
    what: Annotated[
        str,
        typer.Argument(
            help="policies, parameters, levers, mechanisms, outcomes, estimands, predictions, slots, studies, scenes, "
            "trials, evidence, mappings, languages or results.",
            autocompletion=complete_list,
        ),
    ],
    results: ResultsFolder = Path("results"),
    with_: With = None,
    as_json: AsJson = False,
) -> None:
    """List what there is to choose from."""
    if what not in LISTS:
        raise unknown("list", what, LISTS)
    print_rows(LISTS[what](results, model_of(with_)), as_json, f"there are no {what} yet")


def _policies(_: Place, model: Model) -> list[dict[str, Any]]:
    from setback.model.policies import PRESETS, REFERENCE

    parts = [
        {
            "name": name,
            "group": part.group,
            "description": part.description + (" The reference." if name in REFERENCE else ""),
            "levers": ", ".join(f"{lever}={value:g}" for lever, value in part.levers.items()),
            "assumed": ", ".join(
                f"{row.name}={row.default:g} ({row.low:g} to {row.high:g})" for row in part.assumed(name).values()
            ),
        }
        for name, part in model.parts.items()
    ]
    return parts + [
        {"name": name, "group": "whole", "description": text, "levers": "", "assumed": ""}
        for name, text in PRESETS.items()
    ]


def _parameters(_: Place, model: Model) -> list[dict[str, Any]]:
    return [_shown(row) for row in model.table.rows if row.kind != "policy"]


def _predictions(_: Place, __: Model) -> list[dict[str, Any]]:
    from setback.experiments.predictions.predictions import PREDICTIONS

    return [
        {
            "name": row.name,
            "claim": row.claim,
            "says": row.says,
            "holds where": ", ".join(mark.said for mark in row.marks),
            "up": row.up,
            "down": row.down,
        }
        for row in PREDICTIONS.values()
    ]


def _levers(_: Place, model: Model) -> list[dict[str, Any]]:
    return [_shown(row) for row in model.table.rows if row.kind == "policy"]


def _shown(row: Param) -> dict[str, Any]:
    """A row of the table with its source as a citation."""
    return {**row._asdict(), "source": row.citation}


def _mechanisms(_: Place, model: Model) -> list[dict[str, Any]]:
    from setback.model.catalogue import catalogue

    return [
        {
            "name": r.name,
            "claim": r.claim,
            "source": r.source,
            "strength": r.strength,
            "neutral": r.neutral,
            "writes": " ".join(r.writes),
        }
        for r in catalogue(model)
    ]


def _outcomes(_: Place, model: Model) -> list[dict[str, Any]]:
    rows = model.outcomes.items()
    return [{"name": name, "unit": outcome.unit, "description": outcome.description} for name, outcome in rows]


def _estimands(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.experiments.twins.estimands import ESTIMANDS

    return [
        {"name": r.name, "symbol": r.symbol, "unit": r.unit, "definition": r.definition} for r in ESTIMANDS.values()
    ]


def _slots(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.model.state import SLOTS

    return [{"name": s.name, "of": s.of, "unit": s.unit, "description": s.description} for s in SLOTS.values()]


def _studies(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.experiments.studies.study import Study, names

    studies = [Study.read(name) for name in names()]
    return [{"name": s.name, "question": s.question, "policies": len(s.policies), "rooms": s.rooms} for s in studies]


def _scenes(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.experiments.scenes import Scene, names

    return [{"name": name, "title": Scene.read(name).about.title} for name in names()]


def _trials(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.experiments.evidence.rows import left_out, targets
    from setback.experiments.trials.trial import names, read

    rows = [
        {
            "name": name,
            "published": one.target.said,
            "required": "yes" if targets()[one.row].required else "no",
            "estimator": one.estimate["by"],
            "question": one.about.question,
            "limits": one.about.limits,
        }
        for name in names()
        if (one := read(name))
    ]
    left = [
        {
            "name": row,
            "published": targets()[row].target.said,
            "required": "no",
            "estimator": "none",
            "question": targets()[row].quantity,
            "limits": f"Left out: {why}",
        }
        for row, why in left_out().items()
    ]
    return rows + left


def _evidence(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.experiments.evidence.rows import facts, target_of, targets

    rows = [(row.id, row.quantity, row.span) for row in targets().values()]
    rows += [(fact.id, fact.statistic, "a grade book") for fact in facts().values()]
    return [
        {"name": name, "published": of.said, "says": says, "span": span, "source": of.source}
        for name, says, span in rows
        if (of := target_of(name))
    ]


def _mappings(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.model.rosters.mapping import read_mapping

    rules = [read_mapping(path) for path in sorted(MAPPINGS.glob("*.toml"))]
    return [
        {"name": r.name, "traits": ", ".join(r.traits), "about": _first_comment(MAPPINGS / f"{r.name}.toml")}
        for r in rules
    ]


def _first_comment(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def _languages(_: Place, _model: Model) -> list[dict[str, Any]]:
    from setback.page.words import shipped_languages

    return shipped_languages()


def result_rows(results: Place) -> list[dict[str, Any]]:
    """Give one row a folder of results: what was run, how far it is, and where it lies."""
    return [_result(folder, manifest) for folder, manifest in _runs(results)]


def _runs(results: Place) -> list[tuple[Place, Manifest | InputError]]:
    """Every folder of results with its manifest, or with what is wrong with it."""
    from setback.experiments.studies.folder import all_runs, read_manifest

    if results.exists() and not results.is_dir():
        raise InputError(f"{results} is no folder; name the folder of all results with --results")
    found: list[tuple[Place, Manifest | InputError]] = []
    for folder in all_runs(results):
        try:
            found.append((folder, read_manifest(folder)))
        except InputError as error:
            found.append((folder, error))
    return found


def _result(folder: Place, manifest: Manifest | InputError) -> dict[str, Any]:
    from setback.experiments.studies.folder import FormatError
    from setback.experiments.studies.locks import is_held

    row: dict[str, Any] = {"study": folder.parent.name, "key": folder.name}
    if isinstance(manifest, InputError):
        print(f"setback: {manifest}", file=sys.stderr)
        empty = dict.fromkeys(("state", "policies", "worlds", "rooms", "seed", "engine", "tasks", "failed"), "")
        what = "other format" if isinstance(manifest, FormatError) else "damaged"
        return row | empty | {"state": what, "seconds": 0.0, "written": "", "folder": str(folder)}
    state, study = _looked_at(folder, manifest), manifest.study
    row["state"] = "finished" if state.is_finished else "running" if is_held(folder) else "unfinished"
    row |= {"policies": len(study["policies"]), "worlds": study["worlds"]["count"], "rooms": study["rooms"]}
    row |= {"seed": study["seed"], "engine": manifest.engine, "tasks": f"{len(state.done)} of {state.tasks}"}
    row |= {"failed": len(state.failed), "seconds": manifest.seconds, "written": manifest.written}
    return row | {"folder": str(folder)}


def _looked_at(folder: Place, manifest: Manifest, tries: int = 9) -> State:
    """Look at every file of a run that may be at work; what it was writing has another name a moment later."""
    from setback.experiments.studies.folder import check

    try:
        return check(folder, manifest)
    except FileNotFoundError:
        if not tries:
            raise
        return _looked_at(folder, manifest, tries - 1)


LISTS: dict[str, Callable[[Place, Model], list[dict[str, Any]]]] = {
    "policies": _policies, "parameters": _parameters, "levers": _levers, "mechanisms": _mechanisms,
    "outcomes": _outcomes, "estimands": _estimands, "predictions": _predictions,
    "slots": _slots, "studies": _studies, "scenes": _scenes, "trials": _trials, "evidence": _evidence,
    "mappings": _mappings, "languages": _languages, "results": lambda results, _: result_rows(results),
}  # fmt: skip
