"""Classes for a trial that is planned: each under either of two policies, in many worlds, with its opening score.

Every world has classes of its own. A class has an outcome under both policies, of which a trial sees one, as it gives
the class to one arm (`setback.analysis.power`): so the true effect in a world is known well, from pairs, while the
trial's arms are different classes, with students and luck of their own.

What is measured is what a trial can measure. In place of a gain since the opening, which nobody sees, stands the test
at its end, with its error; the opening score is a test as well. The effect of a policy is the same on both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.fit.posterior import read as read_posterior
from setback.experiments.studies.study import CYCLE, Study
from setback.experiments.studies.task import BLOCK, block_of
from setback.experiments.studies.vary import numbers_of, ranges
from setback.experiments.studies.worlds import ONE, Range, Worlds, worlds
from setback.model.engines.registry import AUTO, chosen, engine
from setback.model.errors import InputError, shown, unknown
from setback.model.keep import Keep
from setback.model.outcomes import NORMS, OUTCOMES, RELIABILITY, UNSETTLED, class_mean
from setback.model.policies import Policy, PolicyChange, assumed_numbers
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, Model

Array = NDArray[np.float64]

#: Where worlds come from, beside the file of a posterior: the prior, the posterior that ships, the defaults.
PRIOR, POSTERIOR, REFERENCE = SOURCES = ("prior", "posterior", "reference")
#: Outcomes that are gains, each with the norm that it is measured in and the kind of its test.
GAINS = {
    "learning": ("year_conceptual", "year"), "learning_procedural": ("year_procedural", "year"),
    "unit_test": ("unit_conceptual", "unit"),
}  # fmt: skip


class Classes(NamedTuple):
    """What classes show under the first policy and under the second.

    Attributes:
        outcome: (world, arm, class) means over the students of whom the outcome is known; NaN where it is known of
            none.
        opening: (world, class) means of the opening score: a test of the reliability of one at a year's end.
        within: (world, arm, class) sums of squares of students about their class mean.
        known: (world, arm, class) students of whom the outcome is known.
    """

    outcome: Array
    opening: Array
    within: Array
    known: Array


def plan(
    policies: tuple[str | Policy | PolicyChange, str | Policy | PolicyChange],
    outcome: str,
    source: str = PRIOR,
    draws: int = 200,
    rooms: int = 64,
    roster: Roster | None = None,
    weeks: int = 36,
    seed: int = 0,
    model: Model = MODEL,
) -> Study:
    """Give the study whose classes a trial is made of.

    Args:
        policies: that of either arm.
        outcome: what is measured of a class, the mean over its students.
        source: a name of `SOURCES`, or the path of the CSV file of a posterior.
        draws: worlds that are drawn; of the reference there is one.
        rooms: classes of each world; of a roster every class as often as the others, and as many as these at least.
        roster: who sits in them; synthetic classes of 30 where it is left out.
        weeks: length of the year.
        seed: of worlds, classes and luck.
        model: the model.

    Raises:
        InputError: if both policies are one, there is no such outcome or source, or a number is out of range.
    """
    first, second = (model.as_policy(policy, weeks) for policy in policies)
    if _same(first, second):
        raise InputError(f"{first.name} and {second.name} are one policy; a trial needs two that differ")
    if outcome not in OUTCOMES:
        raise unknown("outcome", outcome, OUTCOMES)
    if roster is not None and not isinstance(roster, Roster):
        raise InputError(f"{shown(roster)} is no roster; read one with Roster.read")
    roster = Roster.synthetic() if roster is None else roster
    made = _worlds(source, (first, second), draws, seed, model)
    each = len(roster.classes)
    return Study(
        "power", "How many classes does a trial need?", (first, second), model.parameters(made.held), roster,
        -(-rooms // each) * each, weeks, seed, 0.0, chosen(AUTO), worlds=made, keep=Keep((outcome,)), model=model,
    )  # fmt: skip


def _same(first: Policy | PolicyChange, second: Policy | PolicyChange) -> bool:
    one, other = ([(stage.week, dict(stage.policy)) for stage in policy.stages] for policy in (first, second))
    return one == other


def _worlds(source: str, policies: tuple[Policy | PolicyChange, ...], draws: int, seed: int, model: Model) -> Worlds:
    """Draw worlds; what two policies assume and a posterior has not is drawn from the prior."""
    table = numbers_of(policies, model.table)
    if source == REFERENCE:
        return ONE
    if source == PRIOR:
        return worlds("lhs", ranges("all", (), table, model.parts), draws, seed=seed, table=table)
    if source != POSTERIOR and Path(source).suffix != ".csv":
        raise InputError(f"{unknown('source of worlds', source, SOURCES)}, or name the CSV file of a posterior")
    posterior = read_posterior(CYCLE if source == POSTERIOR else source, model)
    besides = [Range.of(name, table=table) for name in assumed_numbers(policies) if name not in posterior.names]
    return worlds("posterior", besides, draws, seed=seed, table=table, posterior=posterior)


def classes(study: Study, progress: Callable[[int], None] = lambda worlds: None) -> Classes:
    """Run the classes of a planned trial.

    Args:
        study: as `plan` gives it.
        progress: called with the worlds done since it was called last.
    """
    (outcome,) = study.keep.outcomes
    run, shape = engine(study.engine), (len(study.worlds), 2, study.rooms)
    outcomes, within, known, opening = (np.empty(shape) for _ in range(4))
    for those in _together(len(study.worlds), 2 * study.rooms):
        world, policy, room = (part.ravel() for part in np.indices((len(those), *shape[1:])))
        rooms = np.arange(those.start * study.rooms, those.stop * study.rooms)
        seats = study.roster.seats(rooms.tolist(), study.seed)
        order = np.lexsort((room, world, policy))  # with as few policies in a block as can be
        for first in range(0, len(order), BLOCK):
            here = order[first : first + BLOCK]
            at = world[here] + those.start, policy[here], room[here]
            block = block_of(study, seats, at[1], world[here] * study.rooms + at[2], at[0])
            end = run(block, study.weeks, model=study.model).end
            present = block.seats.roster[0] > 0.5
            values = np.where(present, _value(end, outcome, study.weeks), np.nan)
            outcomes[at] = mean = class_mean(values)
            within[at] = np.where(np.isfinite(values), (values - mean) ** 2, 0.0).sum(0)
            known[at] = np.isfinite(values).sum(0)
            opening[at] = class_mean(np.where(present, end["opening_knowledge"], np.nan))
        progress(len(those))
    return _tested(Classes(outcomes, opening[:, 0], within, known), study)


def _together(count: int, columns: int) -> Iterator[range]:
    """Give worlds a few at a time, so that blocks are full and memory does not grow with their number."""
    step = max(1, 4 * BLOCK // columns)
    return (range(first, min(first + step, count)) for first in range(0, count, step))


def _value(end: Mapping[str, Array], outcome: str, weeks: int) -> Array:
    """Give an outcome of each student; of a gain, where the student is at the end."""
    values: Array = OUTCOMES[outcome].of(end, weeks)
    return values + end["opening_knowledge"] / NORMS[GAINS[outcome][0]] if outcome in GAINS else values


def _tested(found: Classes, study: Study) -> Classes:
    """Give what is tested its error, of which a class mean has so much less as it has students.

    It is the luck of the class, whichever policy it meets.
    """
    (outcome,) = study.keep.outcomes
    rng = np.random.default_rng(np.random.SeedSequence(study.seed, spawn_key=(1,)))
    students = np.resize([len(one.students) for one in study.roster.classes], study.rooms)
    spread = NORMS["year_conceptual"] * np.sqrt((1.0 - RELIABILITY["year"]) / students)
    found = found._replace(opening=found.opening + spread * rng.standard_normal(found.opening.shape))
    if outcome not in GAINS:
        return found
    kind = GAINS[outcome][1]
    tests = 1 if kind == "year" else study.weeks - UNSETTLED * (study.weeks > UNSETTLED)
    error = (1.0 - RELIABILITY[kind]) / tests  # the variance of a student's
    luck = np.sqrt(error / students) * rng.standard_normal(found.opening.shape)
    return found._replace(
        outcome=found.outcome + luck[:, None], within=found.within + error * np.maximum(found.known - 1.0, 0.0)
    )
