"""The contexts of the evidence: how simulated classes are run and written down as each source of facts was.

A context says the policy, the weeks and the size of the class, and how the book is made of what is traced. None is
tuned to the figures: each is what is known of how its data came about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.gradebook.book import Array, Book, Mask, of_weeks
from setback.experiments.gradebook.facts import values
from setback.experiments.gradebook.rows import ROWS
from setback.model.chance import LIMIT
from setback.model.engines.block import Run, columns
from setback.model.engines.registry import AUTO, chosen
from setback.model.engines.registry import engine as engine_named
from setback.model.errors import InputError, unknown, whole
from setback.model.mechanism import Param
from setback.model.parameters import LEVER_NAMES, OWN, Parameters, Table
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import CLASS_SIZE, LARGEST, SMALLEST, Roster
from setback.model.rosters.seats import Seats
from setback.model.week import LONGEST, MODEL, Model

#: Classes that are run for each context, unless asked for more or fewer, and the most.
ROOMS, MOST_ROOMS = 40, 10_000
#: Weeks between assignments of the Open University, and of a period and a unit elsewhere.
EVERY, PERIOD, UNIT = 6, 12, 3
#: Reliability of a test of what is known before the year; its other variance is chance.
RELIABILITY = 0.85
#: Levers of a context that another policy takes over.
TAKEN_OVER = ("cut", "assignment_every")
#: What a context may have of its own: how hard, how noisy, who hands in and who leaves. Homework and projects of one
#: course, two subjects of one school are not alike in these.
OF_CONTEXT = (
    "level", "knowledge_sd", "assess_noise", "assignment_noise", "skip_level", "dropout_level", "dropout_outside",
)  # fmt: skip


class Context(NamedTuple):
    """How the classes of a source are simulated.

    Attributes:
        policy: the text of the policy; its line is the pass mark of the source.
        weeks: length of the year.
        size: students in a class.
        book: makes the grade book of a run.
        description: what it stands for, and what it leaves out.
        mute: why the model cannot speak to this source, else "".
        every: weeks from one task of the book to the next.
    """

    policy: str
    weeks: int
    size: int
    book: Callable[[Run, int], Book]
    description: str
    mute: str = ""
    every: int = 1


# ---- books of runs: the seed is that of the measurement of earlier scores ----------------------------------------
def assignments(run: Run, seed: int) -> Book:
    """Give the book of assignments every six weeks, pass mark 40 %; who has stopped for good has withdrawn."""
    weeks = np.arange(EVERY - 1, len(run.trace["score"]), EVERY)
    return of_weeks(*_traced(run), weeks=weeks, pass_mark=0.4)


def weekly(run: Run, seed: int, stays: bool = True) -> Book:
    """Give the book of every week, pass mark 60 %; who has stopped stays in it, with nothing handed in, or has left."""
    return of_weeks(*_traced(run, stays=stays), pass_mark=0.6)


def periods(run: Run, seed: int) -> Book:
    """Give the book of three periods: means of weekly scores, what is missing counted 0; half is a pass.

    As in the data, a mean of 0 in the second or third period is no grade.
    """
    score = _means(run, PERIOD)
    given = (score > 0) | (np.arange(score.shape[1]) == 0)
    return Book(np.where(given, score, np.nan), class_id=_rooms(run))


def units(run: Run, seed: int) -> Book:
    """Give the book of units of three weeks: means of weekly scores, what is missing counted 0; half is approved.

    A score from before the year is known of each student, as reliable as a good test, and as valid as the world says
    (`prior_validity`).
    """
    score = _means(run, UNIT)
    return Book(np.where(score > 0, score, np.nan), class_id=_rooms(run), prior=_measured(run, "prior_measured", seed))


def marked(make: Callable[[Run, int], Book], pass_mark: float, run: Run, seed: int) -> Book:
    """Give a book with another pass mark, a share of the maximum."""
    book = make(run, seed)
    return book.take(np.ones(book.students, bool), pass_mark=pass_mark)


def first_test(run: Run, seed: int) -> Book:
    """Give the book of one test of what was known before the year, on a scale of its own."""
    return Book(0.5 + 0.05 * _measured(run, "opening_knowledge", seed)[:, None], class_id=_rooms(run))


def _traced(run: Run, stays: bool = False) -> tuple[Array, Mask, Mask, Mask]:
    """Give scores, what was handed in and who was still there (week, seat, room); and who sits where (seat, room)."""
    score, submitted, enrolled, present = (run.trace[name] for name in ("score", "submitted", "enrolled", "present"))
    here: Mask = np.ones(enrolled.shape, bool) if stays else enrolled > 0.5
    return score, submitted > 0.5, here, present[0] > 0.5


def _means(run: Run, weeks: int) -> Array:
    """Give the means of scores over so many weeks each: (student, period), room by room."""
    score, present = run.trace["score"], run.trace["present"][0] > 0.5
    means = score.reshape(-1, weeks, *score.shape[1:]).mean(1)
    room, seat = np.nonzero(present.T)
    found: Array = means[:, seat, room].T
    return found


def _rooms(run: Run) -> NDArray[np.int64]:
    """Give the number of each student's room."""
    rooms: NDArray[np.int64] = np.nonzero(run.trace["present"][0].T > 0.5)[0]
    return rooms


def _measured(run: Run, slot: str, seed: int) -> Array:
    """Give a score of what students brought with them, about standard, with an error of measurement."""
    known = run.end[slot].T[run.trace["present"][0].T > 0.5]
    spread = known.std()
    true = (known - known.mean()) / spread if spread > 0 else known - known.mean()
    noise = np.random.default_rng(seed).standard_normal(len(true))
    measured: Array = np.sqrt(RELIABILITY) * true + np.sqrt(1.0 - RELIABILITY) * noise
    return measured


_OSU = Context(
    "criterion+cut=0.405", 15, 40, weekly,
    "A semester of 15 weeks, sections of 40; each week's work and test. Stopping is no row: it is work not handed in.",
)  # fmt: skip
_UCI = Context(
    "criterion", 36, CLASS_SIZE, periods, "A school year of three periods of 12 weeks; a grade is the mean score.",
    every=PERIOD,
)  # fmt: skip
_STAR = Context("criterion", 1, 20, first_test, "Classes of 20, tested as the year begins on what they know.")

#: The contexts, by the name of their source.
CONTEXTS: Mapping[str, Context] = {
    "oulad": Context(
        f"criterion+cut=-0.405+assignment_every={EVERY}", 36, CLASS_SIZE, assignments,
        "Adults at a distance: six assignments six weeks apart, pass mark 40 %. Who stops for good withdraws at once.",
        every=EVERY,
    ),
    "osu-homework": _OSU,
    "osu-projects": _OSU,
    "uci-mathematics": _UCI,
    "uci-portuguese": _UCI,
    "uci-dropout": Context(
        "criterion", 18, CLASS_SIZE, units, "A semester of 18 weeks: six units of three weeks, approved from half up.",
        every=UNIT,
    ),
    "star": _STAR,
    "star-within-schools": _STAR._replace(mute="the model has no schools for classes to lie in"),
}  # fmt: skip
TRACED = ("present", "enrolled", "submitted", "score")


def simulated_facts(
    parameters: Mapping[str, float] | None = None,
    rows: Iterable[str] | None = None,
    rooms: int | range = ROOMS,
    seed: int = 0,
    engine: str = AUTO,
    model: Model = MODEL,
    levers: Mapping[str, float] | None = None,
    numbers: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Compute the rows of the evidence in simulated classes; each context is run once, its rooms as columns.

    Args:
        parameters: the world; names that are left out take their defaults.
        rows: ids of `setback.experiments.gradebook.rows.ROWS`; all by default.
        rooms: classes for each context, or their numbers.
        seed: the same seed is the same students with the same luck, and the same errors of measurement.
        engine: a name of `setback.model.engines.registry.ENGINES`, or auto: compiled where it is installed.
        model: the model, as with custom mechanisms.
        levers: levers that differ from those of the contexts, as how hard the tests are.
        numbers: assumed numbers of named policies that the world has, by name as ``criterion.threat``, and what
            contexts have of their own (`numbers_of_contexts`), as ``oulad.level``.

    Returns:
        Row id -> value; NaN where the model cannot speak to it (`Context.mute`), or nothing of the kind happened.

    Raises:
        InputError: an unknown row, engine or parameter, or a number out of range.
    """
    wanted = list(ROWS) if rows is None else list(rows)
    for row in wanted:
        if row not in ROWS:
            raise unknown("row", row, ROWS)
    books = simulated_books(
        {ROWS[row].source for row in wanted}, parameters, rooms, seed, engine, model, levers, numbers
    )
    found = dict.fromkeys(wanted, np.nan)
    for source, book in books.items():
        of_source = [row for row in wanted if ROWS[row].source == source]
        measured = values(book, {ROWS[row].fact for row in of_source})
        found |= {row: measured[ROWS[row].fact] for row in of_source}
    return found


def simulated_books(
    sources: Iterable[str],
    parameters: Mapping[str, float] | None = None,
    rooms: int | range = ROOMS,
    seed: int = 0,
    engine: str = AUTO,
    model: Model = MODEL,
    levers: Mapping[str, float] | None = None,
    numbers: Mapping[str, float] | None = None,
) -> dict[str, Book]:
    """Give the books of simulated classes as some sources would have them; of those that the model can speak to.

    Args:
        sources: names of `CONTEXTS`.
        parameters: as of `simulated_facts`, and so are all up to ``model``.
        rooms: classes, or their numbers.
        seed: the seed.
        engine: the engine.
        model: the model.
        levers: as of `simulated_facts`.
        numbers: as of `simulated_facts`.

    Raises:
        InputError: as `simulated_facts`.
    """
    world = model.parameters(parameters)
    classes = rooms if isinstance(rooms, range) else range(whole("rooms", rooms, 1, MOST_ROOMS))
    seed, engine = whole("seed", seed, 0, LIMIT - 1), chosen(engine)
    books: dict[object, Book] = {}
    found = {}
    for source in sources:
        context = _context(source)
        if context.mute:
            continue
        policy, own = there(source, world, numbers or {}, levers or {}, model)
        key = context, policy, own
        if key not in books:
            books[key] = _book(context, policy, own, classes, seed, engine, model)
        found[source] = books[key]
    return found


def like(source: str, book: Book) -> Context:
    """Give the context of a source with what a book says of itself: class size, number of tasks, pass mark, who leaves.

    The number of tasks is the median over students. Where no classes are known their size is the source's.

    Raises:
        InputError: an unknown source, or one to which the model cannot speak; a book with more tasks than fit in the
            longest year, or with a pass mark that no policy can have.
    """
    context = _spoken(source)
    tasks = int(np.median(book.due.sum(1)))
    weeks, longest = tasks * context.every, LONGEST // context.every
    if not 1 <= tasks <= longest:
        raise InputError(f"{book.title} has {tasks} tasks; simulated as {source} it can have 1 to {longest}")
    cut, row = float(np.log(book.pass_mark / (1.0 - book.pass_mark))), OWN.by_name["cut"]
    if not row.low <= cut <= row.high:
        low, high = (100.0 / (1.0 + np.exp(-end)) for end in (row.low, row.high))
        raise InputError(f"the pass mark is {100 * book.pass_mark:g} %; simulated it can be {low:.0f} to {high:.0f} %")
    policy = "+".join([*(part for part in context.policy.split("+") if not part.startswith("cut=")), f"cut={cut:.3f}"])
    known = book.class_id[book.class_id >= 0]
    sizes = np.unique(known, return_counts=True)[1]
    size = int(np.clip(np.median(sizes), SMALLEST, LARGEST)) if len(sizes) else context.size
    leaves = context.book is weekly and bool(book.withdrawn.any())
    make = partial(weekly, stays=False) if leaves else context.book
    return context._replace(policy=policy, weeks=weeks, size=size, book=partial(marked, make, book.pass_mark))


def book_in(
    context: Context,
    parameters: Mapping[str, float] | None = None,
    rooms: int | range = ROOMS,
    seed: int = 0,
    model: Model = MODEL,
    levers: Mapping[str, float] | None = None,
) -> Book:
    """Give the book of simulated classes of one context; the arguments are those of `simulated_facts`.

    Raises:
        InputError: an unknown parameter, or a number out of range.
    """
    classes = rooms if isinstance(rooms, range) else range(whole("rooms", rooms, 1, MOST_ROOMS))
    policy, own = there(context, model.parameters(parameters), {}, levers, model)
    return _book(context, policy, own, classes, whole("seed", seed, 0, LIMIT - 1), chosen(AUTO), model)


def numbers_of_contexts(sources: Iterable[str], table: Table = OWN) -> dict[str, Param]:
    """Give a row of the parameter table for each number that contexts have of their own, by name as ``oulad.level``."""
    rows = [(source, table.by_name[name]) for source in sources if not _context(source).mute for name in OF_CONTEXT]
    return {f"{source}.{row.name}": row._replace(name=f"{source}.{row.name}") for source, row in rows}


def there(
    source: str | Context,
    world: Parameters,
    numbers: Mapping[str, float],
    levers: Mapping[str, float] | None = None,
    model: Model = MODEL,
) -> tuple[Policy, Parameters]:
    """Give the policy of a context and the world as it is there: with what the context has of its own.

    Args:
        source: a name of `CONTEXTS`, or a context that has no numbers of its own.
        world: the world.
        numbers: as of `simulated_facts`.
        levers: levers that differ from those of the context.
        model: the model.

    Raises:
        InputError: an unknown source, or a number out of range.
    """
    context = _context(source) if isinstance(source, str) else source
    parted = ((*name.partition("."), value) for name, value in numbers.items())
    own = {name: value for of, _, name, value in parted if of == source}
    moved = {name: own.pop(name) for name in [*own] if name in LEVER_NAMES}
    policy = model.policy(context.policy).assuming(numbers).replace(**moved, **(levers or {}))
    return policy, world.replace(**own) if own else world


def counterpart(
    source: str,
    policy: Policy | PolicyChange | str | None = None,
    parameters: Mapping[str, float] | None = None,
    rooms: int = ROOMS,
    seed: int = 0,
    model: Model = MODEL,
) -> Book:
    """Give the book of simulated classes as one source would have it, to lay beside a real one.

    Args:
        source: a name of `CONTEXTS`.
        policy: a policy, or its text; the context's where it is left out. It takes over the pass mark of the source
            (``cut``) and when its assignments are due (``assignment_every``), unless its own text states these.
        parameters: the world; names that are left out take their defaults.
        rooms: how many classes.
        seed: 0 <= seed < 2**53.
        model: the model.

    Raises:
        InputError: an unknown source, or one to which the model cannot speak; an unknown policy or parameter, or a
            number out of range.
    """
    context = _spoken(source)
    own = model.policy(context.policy)
    made = own if policy is None else model.as_policy(policy, context.weeks)

    def as_there(policy: Policy) -> Policy:
        taken = [lever for lever in TAKEN_OVER if own.states(lever) and not policy.states(lever)]
        return policy.replace(**{lever: own[lever] for lever in taken})

    first, *later = [(stage.week, as_there(stage.policy)) for stage in made.stages]
    plan = PolicyChange(first[1], *later) if later else first[1]
    classes = range(whole("rooms", rooms, 1, MOST_ROOMS))
    seed = whole("seed", seed, 0, LIMIT - 1)
    book = _book(context, plan, model.parameters(parameters), classes, seed, chosen(AUTO), model)
    everybody = np.ones(book.students, bool)
    return book.take(everybody, title=f"simulated as {source}, {plan.name}", notes=(context.description,))


def _context(source: str) -> Context:
    if source not in CONTEXTS:
        raise unknown("source of grade books", source, CONTEXTS)
    return CONTEXTS[source]


def _spoken(source: str) -> Context:
    """Give the context of a source, unless the model cannot speak to it."""
    context = _context(source)
    if context.mute:
        raise InputError(f"{source} cannot be simulated: {context.mute}")
    return context


def _book(
    context: Context,
    policy: Policy | PolicyChange,
    world: Parameters,
    classes: range,
    seed: int,
    engine: str,
    model: Model,
) -> Book:
    """Run the classes of a context, and give their book."""
    block = columns(_seats(context.size, classes, seed), [policy], [world])
    return context.book(engine_named(engine)(block, context.weeks, TRACED, model=model), seed)


@lru_cache(8)
def _seats(size: int, rooms: range, seed: int) -> Seats:
    """Give the seats of synthetic classes; they are the same in every world."""
    return Roster.synthetic(size).seats(rooms, seed)
