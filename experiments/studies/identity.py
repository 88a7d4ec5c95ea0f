"""What makes the numbers of a study: what the modules say that a task reaches, and what this machine computes of them.

A result is filed under the first. The second is compared where a run goes on or a worker joins: versions and
processors may differ by name and still compute the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache

import numpy as np

from setback.model.engines.block import columns
from setback.model.engines.registry import ENGINES, engine
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.state import SLOTS
from setback.model.syntax import module_digest, reached
from setback.model.week import MODEL

#: The module that runs a task.
ROOT = "setback.experiments.studies.task"
#: What a task never runs, though methods of what it runs import it when a person calls them, as `Study.run` does: what
#: keeps, costs, reports, draws and shows. An edit there changes no number, so it changes no key; a test runs tasks and
#: sees that none of it is loaded.
BEYOND = (
    "setback.analysis",
    "setback.model.notebook",
    *(f"setback.experiments.studies.{name}" for name in ("sweep", "store", "workers", "cluster", "cost")),
)
#: Policies of the class-year that is hashed, its weeks, and a size for what is 0 by default: between them they make
#: every phase move.
POLICIES = (
    "reference", "high-pressure+group-problem-first", "low-pressure-mastery", "narrative+self-paced",
    "class-paced+mindset-message+attribution_talk=1+grade_practice=0.3+assignment_every=3",
    "coping-models+analysis_taught=1+open_tasks=1",
    "repeat-failed+others-attempts-first+targeted-support+others_attempts=0.5+problem_distance=1+targeted_level=-0.5"
    "+targeted_talk=0.5+targeted_information=0.5",
)  # fmt: skip
WEEKS = 36
WORLD = {
    "drift_slow_sd": 0.2,
    "diligence_sd": 0.5,
    "diligence_drift_sd": 0.5,
    "dropout_outside": 0.002,
    "aptitude_sd": 0.2,
}


#: The hash of what each module says that a task reaches under each engine; comments and docstrings say nothing. Made
#: as this is imported, so that it is of the code that runs, whatever is edited later.
MODULES: Mapping[str, Mapping[str, str]] = {
    name: {reach: module_digest(reach) for reach in reached(ROOT, f"setback.model.engines.{name}", beyond=BEYOND)}
    for name in ENGINES
}


def other_modules(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Name the modules that say something else, or are not there, in one of two tables of hashes."""
    return ", ".join(sorted(name for name in {*here, *there} if here.get(name) != there.get(name)))


@cache
def fingerprint(engine_name: str) -> str:
    """Run a class for a year and give the hash of every slot in every week: 16 hexadecimal digits.

    Raises:
        InputError: if there is no such engine, or it lacks what it needs.
    """
    seats = Roster.synthetic().seats([0], 0)
    slots = {name for phases in MODEL for phase in phases for name in phase.writes if name in SLOTS}
    block = columns(seats, [Policy(name) for name in POLICIES], [Parameters(WORLD)])
    year = engine(engine_name)(block, WEEKS, sorted(slots))
    text = hashlib.sha256()
    for table in (year.trace, year.end):
        for name, values in sorted(table.items()):
            text.update(name.encode() + np.ascontiguousarray(values, "<f8").tobytes())
    return text.hexdigest()[:16]
