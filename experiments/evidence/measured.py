"""What one world says of the published evidence: a figure for every row that the model can speak to."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Sequence

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING, YEAR, effect_of_failing
from setback.experiments.evidence.rows import facts, targets
from setback.experiments.gradebook.contexts import CONTEXTS, numbers_of_contexts, simulated_facts
from setback.experiments.gradebook.rows import ROWS
from setback.experiments.trials.run import World, condition, figures
from setback.experiments.trials.trial import Trial, names, read
from setback.model.errors import unknown
from setback.model.mechanism import Param
from setback.model.policies import Policy, PolicyChange, assumed_numbers
from setback.model.week import MODEL, Model

#: Names of sets of rows: all that something published stands against, parts of it, and the effects of a failure.
ALL, TRIALS, FACTS, EFFECTS = "all", "trials", "facts", "effects"


#: Sources whose facts are of one test before the year: they have the levels of the world.
WITHOUT_OWN = ("star",)


@functools.cache
def shipped_trials() -> dict[str, Trial]:
    """Give the shipped trials by the row that each of them repeats."""
    return {trial.row: trial for trial in map(read, names())}


def rows_named(wanted: Iterable[str]) -> tuple[str, ...]:
    """Give the rows of the evidence that are named, sets of them among the names, in the order of the tables.

    Raises:
        InputError: if there is no such row, or none that the model can speak to.
    """
    trials = [row for row in targets() if row in shipped_trials()]
    books = [row for row in facts() if not CONTEXTS[ROWS[row].source].mute]
    there = [*trials, *books, *EFFECTS_OF_FAILING]
    sets = {ALL: [*trials, *books], TRIALS: trials, FACTS: books, EFFECTS: [*EFFECTS_OF_FAILING]}
    found: set[str] = set()
    for name in wanted:
        if name not in {*there, *sets}:
            raise unknown("row of the evidence", name, [*sets, *there])
        found |= {*sets.get(name, [name])}
    return tuple(row for row in there if row in found)


def policies_of(rows: Sequence[str], model: Model = MODEL) -> list[Policy | PolicyChange]:
    """Give the policies that rows are measured under, whose assumed numbers a world may have."""
    trials = (shipped_trials()[row] for row in rows if row in targets())
    contexts = dict.fromkeys(CONTEXTS[ROWS[row].source].policy for row in rows if row in facts())
    return [*(policy for trial in trials for policy in trial.policies.values()), *map(model.as_policy, contexts)]


def numbers_of_rows(rows: Sequence[str], model: Model = MODEL) -> dict[str, Param]:
    """Give the rows of all numbers that a world may have for some rows of the evidence alone, by name.

    These are what named policies assume, as ``curve.threat``, and what contexts of books have of their own, as
    ``oulad.level``.
    """
    sources = dict.fromkeys(ROWS[row].source for row in rows if row in facts() and row in rows_named([FACTS]))
    own = numbers_of_contexts((source for source in sources if source not in WITHOUT_OWN), model.table)
    return assumed_numbers(policies_of(rows, model)) | own


def weeks_of(rows: Sequence[str]) -> int:
    """Count the weeks that one classroom is run for all rows of one world, each condition once."""
    world, longest = World(MODEL.parameters()), dict[object, int]()
    for trial in (shipped_trials()[row] for row in rows if row in targets()):
        for arm in trial.arms:
            key = condition(trial, arm, world)
            longest[key] = max(longest.get(key, 0), trial.about.weeks)
    contexts = {CONTEXTS[ROWS[row].source] for row in rows if row in facts()}
    effects = sum(row in EFFECTS_OF_FAILING for row in rows)
    return sum(longest.values()) + sum(context.weeks for context in contexts) + effects * YEAR


def digest(rows: Sequence[str]) -> str:
    """Give a hash of what the trials of some rows say, questions and limits aside: it decides their figures."""
    said = [
        [
            trial.row, trial.about.weeks, trial.about.seed, trial.roster.digest(), trial.people.model_dump(),
            {name: arm.model_dump() for name, arm in trial.arms.items()},
            {name: measure.model_dump() for name, measure in trial.measures.items()},
            {name: group.model_dump() for name, group in trial.who.items()}, dict(trial.estimate),
        ]
        for trial in (shipped_trials()[row] for row in rows if row in targets())
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


def measured(rows: Sequence[str], world: World, rooms: range, seed: int) -> dict[str, float]:
    """Give the figure of each row in one world.

    Args:
        rows: ids, as `rows_named` gives them.
        world: in which world.
        rooms: the numbers of the classes in each arm and context.
        seed: whose classes and luck.

    Returns:
        Figure by row; NaN where the classes do not give it.
    """
    trials = [shipped_trials()[row].seeded(seed) for row in rows if row in targets()]
    books = [row for row in rows if row in facts()]
    effects = (row for row in rows if row in EFFECTS_OF_FAILING)
    return {
        **{row: effect_of_failing(EFFECTS_OF_FAILING[row], world, rooms, seed) for row in effects},
        **dict(zip([trial.row for trial in trials], figures(trials, world, rooms))),
        **simulated_facts(world.parameters, books, rooms, seed, world.engine, world.model, numbers=world.numbers),
    }
