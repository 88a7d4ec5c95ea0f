"""The command line: every verb in one place."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from setback.door import main
from setback.model.errors import InputError, StopError, printable, shown, unknown, whole
from setback.model.rosters.files import MAPPINGS, read_roster
from setback.model.writing import plain, write_text

if TYPE_CHECKING:
    from setback.experiments.studies.folder import Manifest, State
    from setback.experiments.studies.study import Study

#: What typer raises for an option or argument that it cannot take; its own class or click's, by version.
UsageError: Any = typer.BadParameter.__mro__[1]


class Verbs(TyperGroup):
    """The verbs; one that there is not is refused like any other name."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb of a name."""
        verb = super().get_command(ctx, cmd_name)
        if verb is None:
            raise unknown("verb", cmd_name, self.list_commands(ctx))
        return verb


app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    rich_markup_mode=None,
    help="An agent-based simulation of classroom failure dynamics: vicious cycle or productive failure?",
    epilog="Example: setback run --rooms 4 --policy criterion --policy curve",
)


def _load_own(files: list[str] | None) -> list[str] | None:
    """Run the files that were named, before anything else is read."""
    if files:
        from setback.model.custom import load

        for file in files:
            load(file)
    return files


With = Annotated[
    list[str] | None,
    typer.Option(
        "--with", callback=_load_own, is_eager=True, metavar="FILE",
        help="Run this Python file first, for its mechanisms and policies (docs/custom.md).",
    ),
]  # fmt: skip
Policies = Annotated[
    list[str] | None,
    typer.Option("--policy", help='Policy, as in "curve+accelerated+stakes=1"; may stand several times.'),
]
Rooms = Annotated[
    int | None, typer.Option(help="How many classrooms; by default the study's (compare: 100), or every real class.")
]
Weeks = Annotated[int | None, typer.Option(help="Length of the year in weeks; 36 by default.")]
Seed = Annotated[
    int | None, typer.Option(help="The same seed is the same students and luck; by default the study's (compare: 0).")
]
RosterFile = Annotated[
    str | None, typer.Option("--roster", help="CSV file of real classes, by path or within SETBACK_DATA.")
]
MappingFile = Annotated[
    str | None, typer.Option("--mapping", help="What its columns mean: a TOML file or a shipped name.")
]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="Parameter to change, name=value; may stand several times.")
]
Processes = Annotated[int | None, typer.Option(help="Processes that run at once; by default one a processor.")]
Results = Annotated[Path, typer.Option(help="Folder of all results.")]
EngineName = Annotated[str, typer.Option("--engine", help="vectorised, compiled or mesa.")]
SweepEngine = Annotated[
    str, typer.Option("--engine", help="vectorised, compiled, mesa, or auto: compiled where that is worth it.")
]
Then = Annotated[str | None, typer.Option(help="The policy from week --switch on.")]
Switch = Annotated[int | None, typer.Option(help="The week, from 2, in which the policy --then begins.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine instead of a table.")]


# ---- run ---------------------------------------------------------------------------------------------------
@app.command(epilog="Example: setback run --roster coruna_srl/pupils.csv --mapping coruna")
def run(
    study: Annotated[str, typer.Argument(help="Name of a shipped study, or path of a TOML file.")] = "claims",
    policy: Policies = None,
    rooms: Rooms = None,
    weeks: Weeks = None,
    seed: Seed = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    engine: SweepEngine = "auto",
    processes: Processes = None,
    cluster: Annotated[
        str | None, typer.Option(help="Dask scheduler whose workers run it, as in tcp://127.0.0.1:8786.")
    ] = None,
    results: Results = Path("results"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it will take, and run nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Run it however large it is.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try failed tasks again.")] = False,
    ignore_unfinished: Annotated[
        bool,
        typer.Option(
            "--ignore-unfinished", help="Begin even if an unfinished run with other equations or text lies there."
        ),
    ] = False,
    rerun: Annotated[bool, typer.Option(help="Run all of it, even if results are there already.")] = False,
    with_: With = None,
    as_json: AsJson = False,
) -> None:
    """Run a study, or what is missing of it; keep its results, print its table and draw its picture."""
    from setback.experiments.studies.cost import ASK_BEYOND, cost
    from setback.experiments.studies.folder import state_of
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.study import student_weeks, with_engine
    from setback.experiments.studies.sweep import folder_of

    changes: dict[str, Any] = {"rooms": rooms, "weeks": weeks, "seed": seed}
    if roster is not None or mapping is not None:
        changes["roster"] = read_roster(roster, mapping)
        changes["rooms"] = changes["roster"].default_rooms() if rooms is None else rooms
    plan = _plan(study, policy, set_, engine, processes, changes)
    say = _printer(as_json)
    if dry_run:
        found = cost(plan, processes)
        print(json.dumps(found._asdict(), indent=1) if as_json else f"{plan.name}: {found.sentence()}")
        return
    plan = with_engine(plan)
    folder = folder_of(plan, results)
    before = None if rerun else state_of(folder)
    if not (before and before.is_finished):
        check_writable(folder)
    if student_weeks(plan) > ASK_BEYOND and not yes and not (before and before.done):
        raise InputError(f"{plan.name} is large, {cost(plan, processes).sentence()}; say --yes to run it")
    say(f"{plan.name}: {plan.question}" if plan.question else plan.name)
    for note in plan.roster.notes:
        say(f"  {note}")
    size = f"{_many(len(plan.policies), 'policies', 'policy')}, {_many(plan.rooms, 'classrooms')}, {plan.weeks} weeks"
    worlds = f"{len(plan.worlds):,} worlds ({plan.worlds.design}), " if len(plan.worlds) > 1 else ""
    say(f"  {worlds}{size}, seed {plan.seed}, {plan.engine} engine")
    if plan.rooms > plan.roster.default_rooms() and not plan.roster.is_synthetic:
        say(f"  {plan.roster.default_rooms()} classes sit in {plan.rooms} rooms, more than once, with other luck")
    if before and before.done:
        goes_on = f"goes on: {len(before.done)} of {before.tasks} tasks are there"
        says = "has been run before; these are its results (--rerun runs it anew)" if before.is_finished else goes_on
        say(f"  this study {says}")
    state = _kept(plan, folder, results, processes, rerun, retry_failed, as_json, cluster, ignore_unfinished)
    if state.done:
        (_report_worlds if len(plan.worlds) > 1 else _report_claims)(folder, as_json, say)
    if not state.is_finished:
        raise typer.Exit(1)


def _kept(
    plan: Study,
    folder: Path,
    results: Path,
    processes: int | None,
    rerun: bool,
    retry_failed: bool,
    as_json: bool,
    cluster: str | None = None,
    ignore_unfinished: bool = False,
) -> State:
    """Run what is missing of a study into its folder; say how far it is where that is not to the end."""
    from setback.experiments.studies.folder import state_of
    from setback.experiments.studies.sweep import run_study
    from setback.experiments.studies.workers import told

    command = shlex.join(["setback", *sys.argv[1:]])
    try:
        with _progress(len(plan.policies) * len(plan.worlds) * plan.rooms, "classrooms", as_json) as advance:
            run_study(plan, results, processes, rerun, command, advance, cluster, retry_failed, ignore_unfinished)
    except KeyboardInterrupt:
        stopped = state_of(folder)
        kept = f"{len(stopped.done)} of {stopped.tasks} tasks are kept, and " if stopped else ""
        told(f"stopped; {kept}the same command goes on")
        raise SystemExit(130) from None
    state = state_of(folder)
    if state is None:
        raise StopError(f"{folder} was taken away or changed while it was read; run the study again")
    if not state.is_finished:
        told(_unfinished(folder, state))
    return state


def _unfinished(folder: Path, state: State) -> str:
    """Say what a run lacks, and how it goes on."""
    from setback.experiments.studies.folder import numbers, read_failure, read_manifest

    said = f"{len(state.done)} of {state.tasks} tasks are done"
    if state.missing:
        said += f"; missing: {numbers(state.missing)}, which the same command runs"
    if state.failed:
        first = (read_failure(folder, read_manifest(folder), state.failed[0]) or {}).get("error", "")
        said += (
            f"; {len(state.failed)} of {state.tasks} tasks failed ({numbers(state.failed)}), the first with "
            f"{shown(first, 300)}; {folder / 'failed'} says more, and --retry-failed tries them again"
        )
    return said


@contextmanager
def _if_it_can_be_written(say: Callable[[str], None]) -> Iterator[None]:
    """Go on where a finished study lies on a disk that cannot be written to: it can be shown all the same."""
    try:
        yield
    except InputError as error:
        say(f"shown only: {error}")


def _report_worlds(folder: Path, as_json: bool, say: Callable[[str], None]) -> None:
    from setback.analysis.figures import save, worlds_figure
    from setback.analysis.load import load
    from setback.analysis.worlds import grid, summary, verdict

    loaded = load(folder)
    study = loaded.study
    frame, found = summary(loaded), verdict(loaded)
    outcome = study["claim"]["outcome"] if study["claim"] else study["keep"]["outcomes"][0]
    title = f"{study['name']}: the same {_many(study['rooms'], 'rooms')} in each of {len(loaded.worlds):,} worlds"
    figure = worlds_figure(*grid(loaded, outcome), loaded, outcome, title)
    with _if_it_can_be_written(say):
        write_text(
            folder / "summary.csv",
            frame.assign(policy=frame["policy"].map(plain)).to_csv(index=False, lineterminator="\n"),
        )
        save(figure, folder / "worlds.png", loaded.manifest.key)
    if as_json:
        rows = json.loads(frame.to_json(orient="records"))
        print(json.dumps({"outcomes": rows, "verdict": _as_json(found) if found else None}, indent=1))
        return
    _worlds_table(frame, [o for o in SHOWN_OUTCOMES if o in study["keep"]["outcomes"]] or [outcome])
    if found:
        say(found.sentence(study["claim"]))
    say(f"{loaded.manifest.seconds:.0f} s of computing. Tables, picture and manifest: {folder}")


def _as_json(found: Any) -> dict[str, Any]:
    """A record for a machine; what is not known is null."""
    return {name: None if value != value else value for name, value in found._asdict().items()}


#: Outcomes that the table of a sweep shows; all that were kept are in its files.
SHOWN_OUTCOMES = (
    "learning",
    "practice_error_rate",
    "below_criterion_rate",
    "failing_grade_told_rate",
    "helpless",
    "dropout",
)


def _worlds_table(frame: Any, outcomes: list[str]) -> None:
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column("policy", no_wrap=True)
    for outcome in outcomes:
        unit = frame[frame["outcome"] == outcome]["unit"].iloc[0]
        table.add_column(f"{outcome}\n{unit}", justify="right", no_wrap=True)
    for policy, rows in frame.groupby("policy", sort=False):
        of = rows.set_index("outcome")
        table.add_row(str(policy), *(f"{of.loc[o, 'mean']:.3f} ± {of.loc[o, 'spread']:.3f}" for o in outcomes))
    _print_table(table, markup=False)
    _console().print(
        "\nMean over worlds ± SD between worlds, all with the same rooms and luck. practice_error_rate: (i); "
        "below_criterion_rate:\nbelow the criterion or not handed in (ii); failing_grade_told_rate: told so (iii-a). "
        "All of it is said of the model.",
        highlight=False,
    )


def _plan(
    study: str,
    policy: list[str] | None,
    set_: list[str] | None,
    engine: str,
    processes: int | None,
    changes: Mapping[str, Any],
) -> Study:
    """A study with what the options change; a change that is None is none."""
    from setback.experiments.studies.study import Study, unique
    from setback.model.parameters import Parameters
    from setback.model.policies import as_policy_or_switch

    if processes is not None:
        whole("processes", processes, 1, 1024)
    plan = Study.read(study)
    changed = {"engine": engine, **{name: value for name, value in changes.items() if value is not None}}
    if policy:
        changed["policies"] = unique(as_policy_or_switch(name) for name in policy)
        chosen = {policy.name for policy in changed["policies"]}
        if plan.claim and not {plan.claim.policy, plan.claim.against or plan.claim.policy} <= chosen:
            changed["claim"] = None  # nothing is left of what it compares
    if set_:
        new = settings(set_)
        if varied := sorted({*new} & {*plan.worlds.names}):
            raise InputError(f"{varied[0]} varies in study {plan.name}; --set cannot fix it")
        changed["parameters"] = Parameters({**plan.parameters, **new})
    return plan.replace(**changed)


def _report_claims(folder: Path, as_json: bool, say: Callable[[str], None]) -> None:
    from setback.analysis.claims import cells
    from setback.analysis.figures import claims_figure, save
    from setback.analysis.load import load
    from setback.analysis.worlds import verdict

    loaded = load(folder)
    entries = cells(loaded.rows, loaded.twins, loaded.policies)
    study = loaded.study
    picture = folder / "claims.png"
    with _if_it_can_be_written(say):
        if len(loaded.twins):
            title = f"{len(entries)} policies, the same {study['rooms']} classes and the same luck"
            save(claims_figure(entries, title), picture, loaded.manifest.key)
        write_text(folder / "claims.json", json.dumps(entries, indent=1) + "\n")
    if as_json:
        print(json.dumps(entries, indent=1))
        return
    _claims_table(entries)
    if found := verdict(loaded):
        say(found.sentence(study["claim"]))
    kept = "Tables, picture and manifest" if len(loaded.twins) else "Tables and manifest (no twins, so no picture)"
    say(f"{loaded.manifest.seconds:.0f} s of computing. {kept}: {folder}")


def _claims_table(entries: list[dict[str, Any]]) -> None:
    """One line a policy under the name of its grading; five kinds of failing, never one."""
    from rich.table import Table

    with_twins = "spared" in entries[0]
    table = Table(header_style="bold", pad_edge=False, box=None, padding=(0, 1), collapse_padding=True)
    table.add_column("grading\n  everything else", no_wrap=True)
    heads = ["learning\nSD", "i", "ii", "iii-a", "iii-b", "iii-c", "helpless\n%", "stopped\n%"]
    for head in heads + (["R_F(9)\n± 95 %", "V_F\nSD ± 95 %", "verdict\n%"] if with_twins else []):
        table.add_column(head if "\n" in head else f"{head}\n%", justify="right", no_wrap=True)
    last = None
    for entry in entries:
        if not {"learning", "dropout", *KINDS_OF_FAILING} <= entry["outcomes"].keys():
            _console().print("  (the table needs outcomes that this study did not keep)", highlight=False)
            return
        if entry["grading"] != last:
            last = entry["grading"]
            table.add_row(f"[bold]{last}[/bold]")
        of = {name: row["value"] for name, row in entry["outcomes"].items()}
        shown = [f"{of['learning']:.2f}", *(f"{100 * of[name]:.0f}" for name in KINDS_OF_FAILING)]
        shown.append(f"{100 * of['dropout']:.1f}")
        if with_twins:
            spared = entry["spared"]
            changed = spared["verdict"]["value"]
            shown += [_give_or_take(spared["R_F"], 2), _give_or_take(spared["V_F_unit"], 3)]
            shown += ["-" if changed is None else f"{100 * changed:.0f}"]
        table.add_row(f"  {_rest(entry)}", *shown)
    _print_table(table)
    _console().print(LEGEND + (LEGEND_OF_TWINS if with_twins else ""), highlight=False)
    if with_twins:
        twins = [entry["spared"]["R_F"]["n"] for entry in entries]
        _console().print(f"Twins a policy: {min(twins)} to {max(twins)}.", highlight=False)


KINDS_OF_FAILING = (
    "practice_error_rate",
    "below_criterion_rate",
    "failing_grade_told_rate",
    "failing_grade_counted_rate",
    "failing_grade_compared_rate",
    "helpless",
)
LEGEND = """
Failing, in % of all weeks: errors at practice (i), below the criterion or not handed in (ii), told so (iii-a),
counted (iii-b), compared (iii-c). learning: conceptual gain of the year, in SDs of a year-end test. helpless: control
below the lowest tenth at the start. stopped: left for good."""
LEGEND_OF_TWINS = """
R_F(9): further failures within nine weeks that one failure (ii) caused; above 0 failing breeds failing. V_F: what it
did to conceptual knowledge at the next test, where that is of the same unit; above 0 failing teaches. Both from results
that luck carried across the fixed criterion. verdict: in how many of them the policy's own verdict changed as well;
where that is rare, as under a curve, R_F says little of being failed. Intervals treat each class as one draw. All of it
is said of the model."""


def _rest(entry: dict[str, Any]) -> str:
    """What a policy is beside its grading; support, climate and levers only where they are not the reference."""
    words = [
        word for word in entry["policy"].split("+") if word not in (entry[g] for g in ("grading", "pacing", "sequence"))
    ]
    return ", ".join([entry["pacing"], entry["sequence"], *words])


def _give_or_take(estimate: dict[str, Any], digits: int) -> str:
    if estimate["value"] is None:
        return "-"
    value = f"{estimate['value']:.{digits}f}"
    return value if estimate["low"] is None else f"{value} ± {estimate['high'] - estimate['value']:.{digits}f}"


# ---- compare -----------------------------------------------------------------------------------------------
@app.command(epilog='Example: setback compare criterion "curve+stakes=1" --rooms 200')
def compare(
    first: Annotated[str, typer.Argument(help="A policy.")],
    second: Annotated[str, typer.Argument(help="The policy it is compared with.")],
    rooms: Rooms = None,
    weeks: Weeks = None,
    seed: Seed = None,
    replicates: Annotated[int, typer.Option(help="Years of luck that the same students live through.")] = 20,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    engine: EngineName = "vectorised",
    out: Annotated[
        Path | None, typer.Option(help="Also draw the year of both to this file (.png, .pdf, .svg).")
    ] = None,
    with_: With = None,
    as_json: AsJson = False,
) -> None:
    """Let the same classes live under two policies: what changes, for how many, and how sure one can be."""
    from setback.api import simulate
    from setback.model.parameters import Parameters
    from setback.model.policies import as_policy

    a, b = as_policy(first), as_policy(second)
    world = Parameters(settings(set_ or []))
    who = _roster(roster, mapping)
    count = rooms if rooms is not None else (who.default_rooms() if who else 100)
    if out:
        from setback.analysis.figures import check_picture

        check_picture(out)
    year = {"weeks": weeks if weeks is not None else 36, "seed": seed if seed is not None else 0, "rooms": count}
    size = max(len(c.students) for c in who.classes) if who else 30
    with _progress(2 * replicates * count * size * year["weeks"], "student-weeks", as_json) as advance:
        results = [
            simulate(p, world, who, replicates=replicates, engine=engine, progress=advance, **year) for p in (a, b)
        ]
    contrast = results[1] - results[0]
    frame = contrast.summary()
    if out:
        contrast.plot(out)
    say = _printer(as_json)
    _say_notes(who, say)
    if as_json:
        rows = json.loads(frame.reset_index().to_json(orient="records"))
        print(
            json.dumps(
                {"first": a.name, "second": b.name, **year, "replicates": replicates, "outcomes": rows}, indent=1
            )
        )
        return
    _contrast_table(frame, a.name, b.name)
    lived = f"{_many(count, 'classrooms')}, {year['weeks']} weeks, seed {year['seed']}"
    say(f"{lived}: the same students with the same luck, mean of {_many(replicates, 'years')} of luck.")


def _contrast_table(frame: Any, first: str, second: str) -> None:
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column("outcome", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for column in ("A", "B", "B - A [95 %]", "better off", "worse off"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in frame.iterrows():
        shares = [f"{100 * row[c]:.0f} %" if row[c] == row[c] else "" for c in ("better_off", "worse_off")]
        change = _known(row["difference"])
        if row["low"] == row["low"]:  # a single room has no interval
            change += f" [{row['low']:.3f}, {row['high']:.3f}]"
        table.add_row(str(name), row["unit"], _known(row["first"]), _known(row["second"]), change, *shares)
    console = _console(markup=False)
    console.print(f"A: {first}\nB: {second}\n", highlight=False)
    _print_table(table)
    if frame["better_off"].notna().any():
        text = (
            "\nbetter, worse off: students whose mean over the years of luck differs by more than 0.05 SD of learning."
        )
        console.print(text, highlight=False)
    else:
        console.print("\nbetter, worse off: needs --replicates 20 or more.", highlight=False)


# ---- ablate ------------------------------------------------------------------------------------------------
@app.command(epilog="Example: setback ablate --rooms 8")
def ablate(
    study: Annotated[str, typer.Argument(help="Name of a shipped study, or path of a TOML file.")] = "ablation",
    policy: Policies = None,
    rooms: Rooms = None,
    seed: Seed = None,
    set_: Set = None,
    with_: With = None,
    engine: EngineName = "vectorised",
    processes: Processes = None,
    results: Results = Path("results"),
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try failed tasks again.")] = False,
    rerun: Annotated[bool, typer.Option(help="Run all of it, even if results are there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a study with each mechanism, each group of them and all of them off in turn: what carries the effects?"""
    from setback.analysis.ablation import SHOWN, effects, table
    from setback.analysis.figures import ablation_figure, save
    from setback.analysis.load import load
    from setback.experiments.studies.ablation import ablation, ablations, labelled
    from setback.experiments.studies.folder import state_of
    from setback.experiments.studies.store import check_writable
    from setback.experiments.studies.sweep import folder_of

    plan = _plan(study, policy, set_, engine, processes, {"rooms": rooms, "seed": seed})
    if plan.name != "ablation":
        plan = plan.replace(name=f"{plan.name}-off")
    plan = ablation(plan)
    folder = folder_of(plan, results)
    if not ((before := state_of(folder)) and before.is_finished):
        check_writable(folder)
    say = _printer(as_json)
    worlds = len(ablations())
    size = f"{_many(len(plan.policies), 'policies', 'policy')}, {_many(plan.rooms, 'classrooms')}"
    say(f"{worlds} worlds, {size}, seed {plan.seed}")
    if not _kept(plan, folder, results, processes, rerun, retry_failed, as_json).is_finished:
        raise typer.Exit(1)
    found = effects(labelled(load(folder).twins, plan.name))
    with _if_it_can_be_written(say):
        write_text(folder / "effects.csv", found.to_csv(index=False, lineterminator="\n"))
        save(ablation_figure({name: table(found, name) for name in SHOWN}), folder / "ablation.png", plan.key())
    if as_json:
        print(found.to_json(orient="records", indent=1))
        return
    for name in SHOWN:
        _ablation_table(name, table(found, name))
    fewest, most = found["n"].min(), found["n"].max()
    say(f"All spared, means over {fewest} to {most} twins a cell; each world turns its own failures.")
    say(f"With intervals: {folder}")


def _ablation_table(name: str, frame: Any) -> None:
    from rich.table import Table

    lines = Table(header_style="bold", pad_edge=False, box=None, title=f"\n{name}", title_justify="left")
    lines.add_column("off", no_wrap=True)
    for policy in frame.columns:
        lines.add_column(str(policy), justify="right", no_wrap=True)
    for off, row in frame.iterrows():
        lines.add_row(str(off), *map(_known, row))
    _print_table(lines, markup=False)


# ---- profile ----------------------------------------------------------------------------------------------
@app.command(epilog="Example: setback profile --policy reference --policy high-pressure --out year.png")
def profile(
    out: Annotated[Path, typer.Option(help="File to draw to (.png, .pdf, .svg).")] = Path("profile.png"),
    policy: Policies = None,
    rooms: Annotated[int, typer.Option(help="How many classrooms.")] = 200,
    weeks: Weeks = None,
    seed: Annotated[int, typer.Option(help="The same seed is the same students and luck.")] = 0,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    with_: With = None,
) -> None:
    """Draw a year as a teacher would know it: scores, failures a student, who stops when, what a failure does."""
    from setback.analysis.figures import check_picture, profile_figure, save
    from setback.experiments.profile import profile as paint
    from setback.model.parameters import Parameters

    check_picture(out)
    world, who = Parameters(settings(set_ or [])), _roster(roster, mapping)
    names = list(dict.fromkeys(policy or ["reference", "high-pressure", "low-pressure-mastery"]))
    year = weeks if weeks is not None else 36
    painted = {name: paint(name, world, rooms, seed, year, who) for name in names}
    save(profile_figure(painted), out)
    _say(f"{_many(len(names), 'policies', 'policy')}, {_many(rooms, 'classrooms')}, {year} weeks, seed {seed}: {out}")


# ---- list --------------------------------------------------------------------------------------------------
@app.command("list", epilog="Example: setback list policies")
def list_(
    what: Annotated[
        str,
        typer.Argument(help="policies, parameters, levers, mechanisms, outcomes, slots, studies, mappings or results."),
    ],
    results: Results = Path("results"),
    with_: With = None,
    as_json: AsJson = False,
) -> None:
    """List what there is to choose from."""
    if what not in LISTS:
        raise unknown("list", what, LISTS)
    _print_rows(LISTS[what](results), as_json, f"there are no {what} yet")


def _print_rows(rows: list[dict[str, Any]], as_json: bool, nothing: str) -> None:
    """Rows as a table, or as JSON; what is said where there are none."""
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        _say(nothing)
        return
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for column in rows[0]:
        table.add_column(
            column,
            overflow="fold",
            no_wrap=column in ("name", "default", "low", "high", "unit", "kind", "distribution", "tasks"),
        )
    for row in rows:
        table.add_row(*(f"{value:g}" if isinstance(value, float) else printable(str(value)) for value in row.values()))
    _console(170, markup=False).print(table, highlight=False)


def _policies(_: Path) -> list[dict[str, Any]]:
    from setback.model.policies import PARTS, PRESETS, REFERENCE

    parts = [
        {
            "name": name,
            "group": part.group,
            "description": part.description + (" The reference." if name in REFERENCE else ""),
            "levers": ", ".join(f"{lever}={value:g}" for lever, value in part.levers.items()),
        }
        for name, part in PARTS.items()
    ]
    return parts + [
        {"name": name, "group": "whole", "description": text, "levers": ""} for name, text in PRESETS.items()
    ]


def _parameters(_: Path) -> list[dict[str, Any]]:
    from setback.model.parameters import TABLE

    return [row._asdict() for row in TABLE if row.kind != "policy"]


def _levers(_: Path) -> list[dict[str, Any]]:
    from setback.model.parameters import TABLE

    return [row._asdict() for row in TABLE if row.kind == "policy"]


def _mechanisms(_: Path) -> list[dict[str, Any]]:
    from setback.model.catalogue import catalogue
    from setback.model.custom import whole_model

    return [
        {
            "name": r.name,
            "claim": r.claim,
            "source": r.source,
            "switch": r.switch,
            "neutral": r.neutral,
            "writes": " ".join(r.writes),
        }
        for r in catalogue(whole_model())
    ]


def _outcomes(_: Path) -> list[dict[str, Any]]:
    from setback.model.outcomes import OUTCOMES

    return [
        {"name": name, "unit": outcome.unit, "description": outcome.description} for name, outcome in OUTCOMES.items()
    ]


def _slots(_: Path) -> list[dict[str, Any]]:
    from setback.model.state import SLOTS

    return [{"name": s.name, "of": s.of, "unit": s.unit, "description": s.description} for s in SLOTS.values()]


def _studies(_: Path) -> list[dict[str, Any]]:
    from setback.experiments.studies.study import Study, names

    studies = [Study.read(name) for name in names()]
    return [{"name": s.name, "question": s.question, "policies": len(s.policies), "rooms": s.rooms} for s in studies]


def _mappings(_: Path) -> list[dict[str, Any]]:
    from setback.model.rosters.mapping import read_mapping

    rules = [read_mapping(path) for path in sorted(MAPPINGS.glob("*.toml"))]
    return [
        {"name": r.name, "traits": ", ".join(r.traits), "about": _first_comment(MAPPINGS / f"{r.name}.toml")}
        for r in rules
    ]


def _first_comment(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def _results(results: Path) -> list[dict[str, Any]]:
    return [_result(folder, manifest) for folder, manifest in _runs(results)]


def _runs(results: Path) -> list[tuple[Path, Manifest | InputError]]:
    """Every folder of results with its manifest, or with what is wrong with it."""
    from setback.experiments.studies.folder import MANIFEST, read_manifest

    if results.exists() and not results.is_dir():
        raise InputError(f"{results} is no folder; name the folder of all results with --results")
    found: list[tuple[Path, Manifest | InputError]] = []
    for path in sorted(results.glob(f"*/[!.]*/{MANIFEST}")):
        try:
            found.append((path.parent, read_manifest(path.parent)))
        except InputError as error:
            found.append((path.parent, error))
    return found


def _result(folder: Path, manifest: Manifest | InputError) -> dict[str, Any]:
    from setback.experiments.studies.folder import FormatError, check
    from setback.experiments.studies.store import is_held

    row: dict[str, Any] = {"study": folder.parent.name, "key": folder.name}
    if isinstance(manifest, InputError):
        print(f"setback: {manifest}", file=sys.stderr)
        empty = dict.fromkeys(("state", "policies", "worlds", "rooms", "seed", "engine", "tasks", "failed"), "")
        what = "other format" if isinstance(manifest, FormatError) else "damaged"
        return row | empty | {"state": what, "seconds": 0.0, "written": "", "folder": str(folder)}
    state, study = check(folder, manifest), manifest.study
    row["state"] = "finished" if state.is_finished else "running" if is_held(folder) else "unfinished"
    row |= {"policies": len(study["policies"]), "worlds": study["worlds"]["count"], "rooms": study["rooms"]}
    row |= {"seed": study["seed"], "engine": manifest.engine, "tasks": f"{len(state.done)} of {state.tasks}"}
    row |= {"failed": len(state.failed), "seconds": manifest.seconds, "written": manifest.written}
    return row | {"folder": str(folder)}


LISTS: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "policies": _policies, "parameters": _parameters, "levers": _levers, "mechanisms": _mechanisms,
    "outcomes": _outcomes, "slots": _slots, "studies": _studies, "mappings": _mappings, "results": _results,
}  # fmt: skip


# ---- status, export, new -----------------------------------------------------------------------------------
@app.command(epilog="Example: setback status rigor")
def status(
    study: Annotated[str, typer.Argument(help="Name or file of a study; by default all that were run.")] = "",
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Say how far the runs of a study are: tasks done and failed, whether one is running, size and time."""
    from setback.experiments.studies.folder import state_of
    from setback.experiments.studies.study import Study
    from setback.experiments.studies.workers import told
    from setback.model.engines.registry import ENGINES

    asked = Study.read(study) if study.endswith(".toml") else None
    every = _results(results)
    runs = [row for row in every if (asked.name if asked else study) in ("", row["study"])]
    if asked:
        others = ", ".join(row["key"] for row in runs)
        runs = [row for row in runs if row["key"] in {asked.replace(engine=name).key() for name in ENGINES}]
        if not runs:
            other = f"; runs of other texts or with other options: {others}" if others else ""
            raise InputError(f"{study} as it stands was not run in {results}{other}")
    if study and not runs:
        raise unknown("study with results", study, sorted({row["study"] for row in every}))
    rows = []
    for run in runs:
        folder, state = Path(run["folder"]), state_of(Path(run["folder"]))
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        row = {name: run[name] for name in ("study", "key", "state", "tasks", "failed")}
        row |= {"damaged": len(state.damaged) if state else "", "foreign": len(state.foreign) if state else ""}
        rows.append(row | {"MB": round(size / 1e6, 1), **{k: run[k] for k in ("seconds", "engine", "folder")}})
    _print_rows(rows, as_json, f"nothing was run in {results} yet")
    for run in runs:
        if (state := state_of(Path(run["folder"]))) and (strangers := state.strangers()):
            told(f"{run['folder']}: {strangers}")


@app.command("export", epilog="Example: setback export results/rigor/0a1b2c3d4e5f rigor.csv")
def export_(
    folder: Annotated[Path, typer.Argument(help="A folder of results: results/<study>/<hash>.")],
    out: Annotated[Path, typer.Argument(help="CSV file to write; it must not be there yet.")],
    table: Annotated[str, typer.Option(help="outcomes, twins or traces.")] = "outcomes",
) -> None:
    """Write a table of results to a CSV file, with what varies beside it."""
    from setback.analysis.load import load

    loaded = load(folder)
    rows = loaded.to_csv(out, table)
    _say(f"{out}: {rows:,} rows" + (f"; the run is {loaded.unfinished}" if loaded.unfinished else ""))


new = typer.Typer(
    cls=Verbs, rich_markup_mode=None, help="Files to start from.", epilog="Example: setback new study my-sweep"
)
app.add_typer(new, name="new")


@new.command("study", epilog="Example: setback new study my-sweep")
def new_study(
    name: Annotated[str, typer.Argument(help="What the study is called: lower-case letters, digits and hyphens.")],
    out: Annotated[Path | None, typer.Option(help="File to write; by default NAME.toml here.")] = None,
) -> None:
    """Write a commented study file to start from."""
    from setback.experiments.studies.study import start

    path = out or Path(f"{name}.toml")
    start(name, path)
    _say(f"{path}: change it, then: setback run {path} --dry-run")


# ---- bench -------------------------------------------------------------------------------------------------
@app.command(epilog="Example: setback bench --json")
def bench(
    rounds: Annotated[int, typer.Option(help="How often each engine is timed; the median counts.")] = 7,
    policy: Annotated[str, typer.Option(help="The policy that every column lives under.")] = "reference",
    as_json: AsJson = False,
) -> None:
    """Time the engines side by side: nanoseconds a student-week, one thread, interleaved."""
    from setback.benchmarks.bench import measure, report
    from setback.model.policies import as_policy

    whole("rounds", rounds, 1, 1000)
    chosen = as_policy(policy)
    say = _printer(as_json)
    say("timing the engines, some minutes ...")
    found = measure(chosen, rounds)
    print(json.dumps(found, indent=1) if as_json else report(found))


# ---- watch -------------------------------------------------------------------------------------------------
@app.command(epilog="Example: setback watch --policy curve --student seat-7")
def watch(
    policy: Annotated[str, typer.Option(help='Policy, as in "curve+accelerated+stakes=1".')] = "reference",
    then: Then = None,
    switch: Switch = None,
    student: Annotated[
        str | None, typer.Option(help="Read the diary of one student instead: a name, or a seat as in seat-7.")
    ] = None,
    room: Annotated[int, typer.Option(help="Which room, from 0; of a roster, which class.")] = 0,
    weeks: Weeks = None,
    seed: Annotated[int, typer.Option(help="The same seed is the same students and luck.")] = 0,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    with_: With = None,
    pause: Annotated[
        float | None, typer.Option(help="Seconds between two weeks; by default a moment in a terminal, 0 in a pipe.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a week, each on its own line.")
    ] = False,
) -> None:
    """Watch one class live through a year, a line a week, or read the diary of one of its students."""
    from setback.model.engines.mesa import Classroom
    from setback.model.parameters import Parameters
    from setback.model.policies import as_policy
    from setback.watch import PAUSE, Plan, check_pause, live, live_as, seat_of, show_class, show_json, show_student

    plan = Plan(as_policy(policy), None if then is None else as_policy(then), switch)
    who = _roster(roster, mapping)
    year = weeks if weeks is not None else 36
    wait = PAUSE * sys.stdout.isatty() if pause is None else check_pause(pause)
    world = Parameters(settings(set_ or []))
    made = Classroom(plan.first, world, who, room, seed, weeks=year, then=plan.then, switch=switch, collect=())
    seat = None if student is None else seat_of(student, made)
    say = _printer(as_json)
    _say_notes(who, say)
    if who:
        say(f"  class {who.in_room(room).name}")
    if as_json:
        show_json(live(made, plan) if seat is None else live_as(made, plan, seat), wait)
    elif seat is None:
        show_class(made, plan, wait)
    else:
        show_student(made, plan, seat, wait)


# ---- live --------------------------------------------------------------------------------------------------
@app.command(epilog="Example: setback live --port 8765 --open")
def live(
    port: Annotated[int, typer.Option(help="Port on this computer; 0 is any that is free.")] = 8765,
    open_: Annotated[bool, typer.Option("--open", help="Open a browser on it.")] = False,
    with_: With = None,
) -> None:
    """Open one class in Mesa's own view, with every number of the model (needs pip install -e ".[live]")."""
    from setback.live.server import serve

    serve(port, open_)


# ---- page --------------------------------------------------------------------------------------------------
@app.command(epilog="Example: setback page --scene rigor-with-a-curve --out classroom.html")
def page(
    scene: Annotated[
        list[str] | None, typer.Option(help="Scene: a shipped name or a TOML file; may stand several times.")
    ] = None,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    words: Annotated[
        Path | None, typer.Option(help="A translation of its words (python -m setback.page.words).")
    ] = None,
    out: Annotated[Path, typer.Option(help="HTML file to write.")] = Path("classroom.html"),
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
    with_: With = None,
) -> None:
    """Write the classroom page: one HTML file with two classrooms and the model in it (docs/facilitator.md)."""
    from setback.page.build import write_page

    who = _roster(roster, mapping)
    said = write_page(out, scene, who, words, new=not (force or _may_replace(out)))
    _say_notes(who, _say)
    _say(said)


def _may_replace(out: Path) -> bool:
    """Ask somebody at the terminal whether a file that is there is to be written over."""
    if not (os.path.isfile(out) and sys.stdin.isatty()):  # noqa: PTH113, a name that is too long is no file
        return False
    return typer.confirm(f"{out} is there already. Write over it?")


# ---- gradebook ---------------------------------------------------------------------------------------------
gradebook = typer.Typer(
    cls=Verbs,
    rich_markup_mode=None,
    help="Grade books, as a school keeps them.",
    epilog="Example: setback gradebook export --policy curve --out marks.csv",
)
app.add_typer(gradebook, name="gradebook")


@gradebook.command(epilog="Example: setback gradebook export --policy curve --out marks.csv")
def export(
    out: Annotated[Path, typer.Option(help="CSV file to write; it must not be there yet.")],
    policy: Annotated[str, typer.Option(help='Policy, as in "curve+accelerated+stakes=1".')] = "reference",
    then: Then = None,
    switch: Switch = None,
    rooms: Annotated[int | None, typer.Option(help="How many classrooms; by default 100, or every real class.")] = None,
    weeks: Weeks = None,
    seed: Annotated[int, typer.Option(help="The same seed is the same students and luck.")] = 0,
    roster: RosterFile = None,
    mapping: MappingFile = None,
    set_: Set = None,
    with_: With = None,
    engine: EngineName = "vectorised",
) -> None:
    """Write the grade book of simulated classes: one row for every task that was due (docs/gradebook.md)."""
    from setback.experiments.gradebook import ROOMS, pages, write
    from setback.model.parameters import Parameters

    who = _roster(roster, mapping)
    count = rooms if rooms is not None else (who.default_rooms() if who else ROOMS)
    year = weeks if weeks is not None else 36
    world = Parameters(settings(set_ or []))
    with _progress(count, "rooms", False) as advance:
        rows = write(out, pages(policy, world, who, count, seed, year, then, switch, engine, advance))
    _say_notes(who, _say)
    _say(f"{out}: {rows:,} tasks due in {_many(count, 'classrooms')}, {year} weeks, seed {seed}")


# ---- what the verbs share ----------------------------------------------------------------------------------
def settings(texts: list[str]) -> dict[str, float]:
    """name=value pairs as numbers.

    Raises:
        InputError: a text without "=", without a name, or whose value is no number.
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


def _roster(file: str | None, mapping: str | None) -> Any:
    """The roster that was asked for, or None."""
    return read_roster(file, mapping) if file is not None or mapping is not None else None


def _known(value: float) -> str:
    """A number to read; a dash where it is not known."""
    return "-" if value != value else f"{value:.3f}"


def _many(count: int, things: str, thing: str = "") -> str:
    """A number of things in words: 1 room, 2 rooms."""
    return f"{count} {(thing or things.removesuffix('s')) if count == 1 else things}"


def _console(least: int = 120, markup: bool = True) -> Any:
    from rich.console import Console

    # a pipe has no width, and a narrow window had better wrap than lose columns
    return Console(width=max(Console().width if sys.stdout.isatty() else 0, least), markup=markup, emoji=False)


def _print_table(table: Any, markup: bool = True) -> None:
    """Print a table as wide as it needs to be: a window had better wrap than lose numbers."""
    widest = _console(10_000).measure(table).maximum
    _console(widest, markup).print(table, highlight=False)


def _say(text: str) -> None:
    """Print for people, whatever names and paths stand in it."""
    print(printable(text), flush=True)


def _printer(as_json: bool) -> Callable[[str], None]:
    """Prints for people; to the error stream where the output is for a machine."""
    return (lambda text: print(printable(text), file=sys.stderr, flush=True)) if as_json else _say


def _say_notes(roster: Any, say: Callable[[str], None]) -> None:
    """Say what was done to a roster, if there is one."""
    for note in roster.notes if roster else ():
        say(f"  {note}")


@contextmanager
def _progress(total: int, unit: str, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left, on the error stream, while there is somebody to see it."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done: None
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, rate="")

        def advance(done: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, advance=done, rate=f"{speed:,.0f}/s" if speed else "")

        yield advance


if __name__ == "__main__":
    main()
