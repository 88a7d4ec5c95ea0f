"""Numbers of a class are fitted to a grade book, with a cycle of failing and without, so that both are at their best.

Each model is searched for several times (`setback.experiments.evidence.refit.search`), from different beginnings and
with other classes, so that what a book cannot tell is seen as what searches disagree about. Whatever is reported comes
from fresh classes, the same for all.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from setback.experiments.evidence import refit
from setback.experiments.evidence.effects import ROOMS as AT_ONCE
from setback.experiments.evidence.effects import effect_of_failing
from setback.experiments.evidence.nulls import NULLS, Null
from setback.experiments.evidence.refit import Aim, figures_of, parted, total
from setback.experiments.evidence.rows import NUMERIC, Target
from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.contexts import Context, book_in, like
from setback.experiments.gradebook.facts import Measured, measure, values
from setback.experiments.trials.run import World
from setback.model.chance import LIMIT
from setback.model.engines.registry import AUTO, chosen
from setback.model.errors import InputError, unknown, whole
from setback.model.grammar import fingerprint
from setback.model.week import MODEL, Model

#: The facts that a model is fitted to, of those that a book can speak to: how often, who stops, what comes next, how
#: alike a student's results are, on how few failures fall, and what the verdict itself does.
TARGETS = (
    "mean_score", "fail", "missing", "stop_after_pass", "stop_after_fail", "leave_after_pass", "leave_after_fail",
    "fail_after_fail", "missing_after_missing", "autocorrelation_1", "autocorrelation_2", "autocorrelation_4",
    "handing_in_1", "handing_in_3", "rho_fail_or_missing", "rho_missing", "persistence", "jump",
)  # fmt: skip
#: The models, in the order in which they are searched for: the smaller one first.
WITHOUT, WITH = "no-cycle", "cycle"
#: Students and tasks that a book needs, facts that it must speak to, and observations behind each.
FEWEST_STUDENTS, FEWEST_TASKS, FEWEST_FACTS, FEWEST_SEEN = 20, 3, 6, 20
#: The least tolerance of a fact, in its unit: one point in a hundred.
LEAST = 0.01
#: Searches for each model, candidates of each, students in the classes of a candidate; fresh classes, as many times.
SEARCHES, TRIES, STUDENTS, FRESH = 4, 1_000, 1_200, 5
#: A search fits about as well as the best where its loss is no more than this share above, or what the luck of the book
#: itself adds: tolerances are 1.96 standard errors, so each fact of a true model costs this much on average.
AS_WELL, LUCK = 0.25, 1.96**-2
#: A number is told by a book where searches that fit about as well agree within this share of its range.
TOLD = 0.25
#: A number lies at an end of its range where this share of it is left.
END = 0.02
#: Classes whose failures are turned round.
TURNED = 4 * AT_ONCE


class Search(NamedTuple):
    """What one search found.

    Attributes:
        null: the name of the model.
        numbers: the free numbers at the best candidate, by name.
        figures: the facts on fresh classes, by name.
        loss: the sum of squared distances on fresh classes, each cut off.
        reproduction: the failure reproduction number there (failures over nine tests that a failure caused); NaN where
            nobody fails near the line.
        tries: candidates that were tried.
    """

    null: str
    numbers: Mapping[str, float]
    figures: Mapping[str, float]
    loss: float
    reproduction: float
    tries: int


class Plan(NamedTuple):
    """All that decides a fit.

    Attributes:
        title: what the book is called.
        context: how classes are simulated.
        facts: the facts that are fitted to, as the book has them.
        targets: the same with their tolerances.
        nulls: the models, the smaller one first.
        tries: candidates of each search.
        rooms: classes of each candidate.
        seed: of classes and searches.
        model: the model that has the switches.
        key: the hash of all this.
    """

    title: str
    context: Context
    facts: Mapping[str, Measured]
    targets: Mapping[str, Target]
    nulls: tuple[Null, ...]
    tries: int
    rooms: int
    seed: int
    model: Model
    key: str

    @property
    def candidates(self) -> int:
        """Count the candidates of one search."""
        return refit.GENERATION * max(2, self.tries // refit.GENERATION)

    @property
    def aim(self) -> Aim:
        """Give what the models are fitted to."""

        def figures(
            world: Mapping[str, float], levers: Mapping[str, float], classes: range, seed: int, model: Model
        ) -> Mapping[str, float]:
            return values(book_in(self.context, world, classes, seed, model, levers), self.targets)

        return Aim(self.title, self.targets, figures)

    @property
    def fresh(self) -> range:
        """Number the classes that every result is reported from; no search has seen them."""
        return range(SEARCHES * self.rooms, (SEARCHES + FRESH) * self.rooms)


class Fit(NamedTuple):
    """A fit: what was asked for, and what the searches for each model found, by its name."""

    plan: Plan
    searches: Mapping[str, Sequence[Search]]

    def best(self, name: str) -> Search:
        """Give the search for a model that came nearest."""
        return min(self.searches[name], key=lambda one: one.loss)

    def near(self, name: str) -> list[Search]:
        """Give the searches for a model that fit about as well as its best."""
        best = self.best(name).loss
        return [one for one in self.searches[name] if one.loss <= best + max(self.luck, AS_WELL * best)]

    @property
    def luck(self) -> float:
        """Give what the loss of a true model would be, by the luck of the students in the book alone."""
        return LUCK * len(self.plan.targets)

    def within(self, name: str) -> int:
        """Count the facts that the best of a model has within their tolerance."""
        return sum(self.plan.targets[fact].hits(value) for fact, value in self.best(name).figures.items())

    def spread(self, name: str) -> float:
        """Give how far apart the losses of the searches for a model are."""
        losses = [one.loss for one in self.searches[name]]
        return max(losses) - min(losses)

    @property
    def apart(self) -> float:
        """Give by how much the loss without a cycle is above that with one, both at their best."""
        return self.best(WITHOUT).loss - self.best(WITH).loss

    @property
    def needed(self) -> float:
        """Give what that difference must exceed: what searches for one model differ by, and the luck of the book.

        A model that was searched for no better must not win by luck, nor one that has more numbers.
        """
        return max(self.luck, *(self.spread(name) for name in self.searches))

    @property
    def verdict(self) -> str:
        """Say what the book tells: ``cycle``, ``no-cycle``, or ``cannot tell``."""
        if abs(self.apart) <= self.needed:
            return "cannot tell"
        return WITH if self.apart > 0.0 else WITHOUT

    def range_of(self, name: str, number: str) -> tuple[float, float]:
        """Give the least and largest value of a number over the searches for a model that fit about as well."""
        found = [one.numbers[number] for one in self.near(name)]
        return min(found), max(found)

    def reproduction(self, name: str, of_all: bool = False) -> tuple[float, float]:
        """Give the least and largest failure reproduction number over the same searches, or all; NaN where none is."""
        searches = self.searches[name] if of_all else self.near(name)
        found = [one.reproduction for one in searches if not math.isnan(one.reproduction)]
        return (min(found), max(found)) if found else (math.nan, math.nan)

    def is_told(self, name: str, number: str) -> bool:
        """Say whether the searches for a model agree about a number; of a single one that is not known."""
        row = self.plan.model.table.by_name[number]
        low, high = self.range_of(name, number)
        return len(self.near(name)) > 1 and high - low <= TOLD * (row.high - row.low)

    def is_at_end(self, name: str, number: str) -> bool:
        """Say whether the best of a model lies at an end of the range of a number."""
        row = self.plan.model.table.by_name[number]
        share = (self.best(name).numbers[number] - row.low) / (row.high - row.low)
        return min(share, 1.0 - share) <= END

    def sentences(self) -> list[str]:
        """Say in words what came out."""
        with_, without = self.best(WITH), self.best(WITHOUT)
        of = len(self.plan.targets)
        said = [
            f"Within their tolerance: {self.within(WITH)} of {of} facts with a cycle, {self.within(WITHOUT)} without.",
            f"Sum of squared distances: {with_.loss:.1f} with a cycle, {without.loss:.1f} without: {self.apart:+.1f} "
            f"for the cycle, where {self.needed:.1f} is what luck may do.",
            {
                "cannot tell": "This book cannot tell a cycle of failing from disposition and drift.",
                WITH: "This book goes better with a cycle, by more than searches differ. That is said of these two "
                "models, and no proof: something else that neither has may do the same.",
                WITHOUT: "This book goes better without a cycle, by more than searches differ: with one the search "
                "found nothing that it needs. More --tries may bring both together, and not turn it round.",
            }[self.verdict],
        ]  # fmt: skip
        ends = [
            "{} {:.2f} to {:.2f} ({} of {} searches), over all of them {:.2f} to {:.2f}".format(
                word, *self.reproduction(name), len(self.near(name)), SEARCHES, *self.reproduction(name, of_all=True)
            )
            for name, word in ((WITH, "with a cycle"), (WITHOUT, "without"))
        ]
        said.append(
            f"Failures over nine tests that a failure causes (R_F), where the fit is about as good: {'; '.join(ends)}."
        )
        missed = [
            fact for fact, target in self.plan.targets.items()
            if not any(target.hits(one.figures[fact]) for one in (with_, without))
        ]  # fmt: skip
        if missed:
            said.append(
                f"Missed by both: {', '.join(missed)}. Something else goes on there, and the verdict says less."
            )
        free = [*with_.numbers]
        untold = [name for name in free if not self.is_told(WITH, name)]
        if len(self.near(WITH)) == 1:
            said.append(
                "One search with a cycle stands alone near its best: no single number is told; try more --tries."
            )
        elif untold:
            said.append(
                f"Not told by this book are {len(untold)} of {len(free)} numbers; searches that are about as good end "
                f"far apart in {', '.join(untold)}."
            )
        ends_at = [name for name in free if self.is_at_end(WITH, name)]
        if ends_at:
            said.append(f"At an end of their range, where the fit with a cycle would go on: {', '.join(ends_at)}.")
        return said


def plan(
    book: Book,
    source: str,
    free: Iterable[str] | None = None,
    tries: int = TRIES,
    rooms: int | None = None,
    seed: int = 0,
    model: Model = MODEL,
) -> Plan:
    """Settle what a fit is of, before anything is searched for.

    Args:
        book: the grade book.
        source: as which source classes are simulated, a name of `setback.experiments.gradebook.contexts.CONTEXTS`;
            class size, number of tasks, pass mark and who leaves are the book's.
        free: names of the numbers that may move; by default all that a null model leaves free.
        tries: candidates of each search, about.
        rooms: classes of each candidate; by default such that they seat `STUDENTS`.
        seed: of classes and searches.
        model: the model that has the switches.

    Raises:
        InputError: if the book has too few students, tasks or facts, or none of passes and failures; an unknown source,
            or one that cannot have such a book; a number that is not free; a number out of range.
    """
    tries = whole("tries", tries, 2 * refit.GENERATION, 1_000_000)
    seed = whole("seed", seed, 0, (LIMIT - 1) // SEARCHES - 1)
    nulls = tuple(_freed(NULLS[name], free) for name in (WITHOUT, WITH))
    check(book)
    context = like(source, book)
    rooms = whole("rooms", max(4, round(STUDENTS / context.size)) if rooms is None else rooms, 2, 1_000)
    found = {one.name: one for one in measure(book, TARGETS, seed=seed)}
    known = {name: one for name, one in found.items() if one.n >= FEWEST_SEEN and one.high - one.low >= 0.0}
    simulated = book_in(context, {}, rooms, seed, model)
    if simulated.tasks < FEWEST_TASKS:
        raise InputError(f"{source} is simulated with {simulated.tasks} task; a fit needs {FEWEST_TASKS}")
    if len(known) < FEWEST_FACTS:
        raise InputError(f"{book.title} speaks to {len(known)} facts; a fit needs {FEWEST_FACTS} (gradebook facts)")
    wider = max(1.0, math.sqrt(book.students / simulated.students))
    targets = {name: _target(one, wider, book.title) for name, one in known.items()}
    about = [
        _digest(book), context.policy, context.weeks, context.size, _called(context.book), tries, rooms, seed,
        fingerprint(model), refit.code(__name__), [[name, *target[1:4]] for name, target in targets.items()],
        [[null.name, dict(null.held), null.free] for null in nulls],
    ]  # fmt: skip
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:12]
    return Plan(book.title, context, known, targets, nulls, tries, rooms, seed, model, key)


def check(book: Book) -> None:
    """Refuse a book that says nothing of failing.

    Raises:
        InputError: for the reason.
    """
    tasks = int(np.median(book.due.sum(1)))
    if book.students < FEWEST_STUDENTS:
        raise InputError(f"{book.title} has {book.students} students; a fit needs {FEWEST_STUDENTS}")
    if tasks < FEWEST_TASKS:
        raise InputError(f"{book.title} has {tasks} task{'s' * (tasks != 1)} a student; a fit needs {FEWEST_TASKS}")
    for happened, what in ((book.failed, "below"), (book.passed, "at or above")):
        if not happened.any():
            raise InputError(
                f"{book.title} has no score {what} the pass mark of {100 * book.pass_mark:g} %; a fit needs both "
                "passes and failures (--pass-mark)"
            )


def kept(plan: Plan, folder: Path, progress: Callable[[int], None] = lambda tries: None, again: bool = False) -> Fit:
    """Search for what is not kept in a folder yet; each search is kept when it ends, so that a stop loses one at most.

    Args:
        plan: what is fitted.
        folder: where searches are kept.
        progress: called with the candidates tried since it was called last.
        again: search for all of it anew.

    Raises:
        InputError: if what is kept there is no search, or nothing can be written there.
        StopError: if the disk is full.
    """
    searches: dict[str, list[Search]] = {}
    starts: list[list[Mapping[str, float]]] = [[]] * SEARCHES
    for null in plan.nulls:
        searches[null.name] = []
        for number in range(SEARCHES):
            path = place(folder, null, number)
            if again or not path.is_file():
                refit.write(path, searched(plan, null, number, starts[number], progress))
            searches[null.name].append(refit.read(path, Search))
        # a search of the larger model begins as well where one of the smaller ended, each where its own did so that
        # they stay apart; with gains as they are, and at their least
        least = {name: plan.model.table.by_name[name].low for name in plan.nulls[-1].free if name not in null.free}
        starts = [[one.numbers, {**least, **one.numbers}] for one in searches[null.name]]
    return Fit(plan, searches)


def places(plan: Plan, folder: Path) -> list[Path]:
    """Give the files in which the searches of a fit are kept."""
    return [place(folder, null, number) for null in plan.nulls for number in range(SEARCHES)]


def place(folder: Path, null: Null, number: int) -> Path:
    """Give the file in which a search is kept."""
    return folder / f"{null.name}-{number + 1}.json"


def searched(
    plan: Plan,
    null: Null,
    number: int,
    starts: Sequence[Mapping[str, float]] = (),
    progress: Callable[[int], None] = lambda tries: None,
) -> Search:
    """Search once, with classes of its own, and say what the best candidate does on fresh ones."""
    classes = range(number * plan.rooms, (number + 1) * plan.rooms)
    own, aim = SEARCHES * plan.seed + number, plan.aim
    found = refit.search(null, aim, plan.tries, classes, plan.seed, own, plan.model, starts, progress)
    figures = figures_of(null, aim, found.numbers, plan.fresh, plan.seed, plan.model)
    turned = _reproduction(plan, null, found.numbers)
    return Search(null.name, found.numbers, figures, total(figures, plan.targets), turned, found.tries)


def _reproduction(plan: Plan, null: Null, numbers: Mapping[str, float]) -> float:
    """Give the failure reproduction number of a candidate, of fresh classes."""
    own, levers = parted(null, numbers)
    world = World(plan.model.parameters(own), engine=chosen(AUTO), model=plan.model)
    starts = range(plan.fresh.start, plan.fresh.start + TURNED, AT_ONCE)
    found = [
        effect_of_failing(plan.context, world, range(start, start + AT_ONCE), plan.seed, levers) for start in starts
    ]
    known = [one for one in found if not math.isnan(one)]
    return float(np.mean(known)) if known else math.nan


def _freed(null: Null, free: Iterable[str] | None) -> Null:
    """Give a model with some of its free numbers alone.

    Raises:
        InputError: if a name is none of those that may move, or nothing is left in the model.
    """
    if free is None:
        return null
    asked, may = [*dict.fromkeys(free)], NULLS[WITH].free
    for name in asked:
        if name not in may:
            raise unknown("number that may be fitted", name, may)
    moved = tuple(name for name in null.free if name in asked)
    if not moved:
        raise InputError(f"none of {', '.join(asked)} moves the model without a cycle; free another number as well")
    return null._replace(free=moved)


def _target(one: Measured, wider: float, title: str) -> Target:
    """Give a fact with its interval as its tolerance; wider where fewer students are simulated than are in the book."""
    low, high = (one.value + wider * (end - one.value) for end in (one.low, one.high))
    return Target(NUMERIC, one.value, min(low, one.value - LEAST), max(high, one.value + LEAST), title)


def _digest(book: Book) -> str:
    """Give the hash of what a fit reads of a book."""
    made = hashlib.sha256(f"{book.pass_mark!r} {book.score.shape}".encode())
    for part in (book.score, book.submitted, book.withdrawn, book.due, book.course, book.class_id):
        made.update(np.ascontiguousarray(part).tobytes())
    return made.hexdigest()


def _called(make: Callable[..., Book]) -> str:
    """Name what makes a book, with its settings, the same in every process."""
    if isinstance(make, functools.partial):
        parts = [_called(part) if callable(part) else repr(part) for part in make.args]
        return f"{make.func.__name__}({', '.join(parts)}{make.keywords or ''})"
    return make.__name__
