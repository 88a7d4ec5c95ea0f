"""The facts of a grade book: statistics of failing, not handing in and stopping, of real and simulated classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from setback.experiments.gradebook import statistics as of
from setback.experiments.gradebook.book import ROUNDING, Array, Book, Mask
from setback.experiments.gradebook.statistics import Missing, Sums
from setback.model.chance import LIMIT
from setback.model.errors import unknown, whole

#: Classes from which on whole classes are drawn again, rather than students; and students for any interval.
CLASSES = 10
#: Draws of the bootstrap, unless asked for more or fewer; and how many are made at once.
DRAWS, AT_ONCE = 1000, 50
#: Ends of the bands of scores, percent of the maximum; the last band takes in its end, and what lies above.
BANDS = (0, 20, 40, 50, 60, 70, 80, 100)
#: Ends of the bands of what a student failed, percent of the student's tasks; the first band is those who failed none.
FAILED_UP_TO = (0, 25, 50, 75, 100)
#: How far above the mark the placebo lies, as a share of the maximum.
PLACEBO = 0.10
LAGS, RUNS = 6, 3


class Fact(NamedTuple):
    """A statistic of a grade book.

    Attributes:
        title: what it is, in words that end well after "share of" where the unit is a share.
        unit: its unit.
        panel: what it is shown with.
        of: gives it as sums; raises `Missing` where the book cannot speak to it.
        description: how it is made, where the title does not say all.
    """

    title: str
    unit: str
    panel: str
    of: Callable[[Book], Sums]
    description: str = ""


class Measured(NamedTuple):
    """A fact as a book has it.

    Attributes:
        name: the name of the fact.
        value: its value; NaN where it is not known.
        low: lower end of the 95 % interval; NaN where it is not known.
        high: its upper end.
        n: how many observations stand behind it.
        drawn: what was drawn again for the interval: students or classes.
        why: why it is not known, else "".
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    drawn: str
    why: str = ""


# ---- how they are made: masks of a book go by the names of its properties -------------------------------------------
Maker = Callable[[Book], Sums]


def _rate(what: str, among: str, nothing: str, first: bool = False) -> Maker:
    """The share of one mask in another; of the first task alone, where it is asked for."""

    def make(book: Book) -> Sums:
        count: Mask = getattr(book, among)
        return of.rate(getattr(book, what), count & (np.arange(book.tasks) == 0) if first else count, nothing)

    return make


def _next(what: str, given: str, among: str, nothing: str) -> Maker:
    """The share of next tasks that are one mask, after another."""
    return lambda book: of.following(getattr(book, what), getattr(book, given), getattr(book, among), nothing)


def _leaves(given: str, nothing: str) -> Maker:
    def make(book: Book) -> Sums:
        if not book.withdrawn.any():
            raise Missing("nobody leaves, or the book does not say who")
        return of.following(book.withdrawn, getattr(book, given), book.due, nothing)

    return make


def _stops_in_band(low: int, high: int) -> Maker:
    def make(book: Book) -> Sums:
        score = np.where(book.marked, book.score, -1.0) + ROUNDING
        inside = (score >= low / 100) & ((score < high / 100) | (high == BANDS[-1]))
        return of.following(book.stops, inside, book.due, f"no scores of {low} to {high} % before a task")

    return make


def _apart(lag: int, what: str) -> Maker:
    """The correlation of what a book has standardised, so many tasks apart."""

    def make(book: Book) -> Sums:
        if book.tasks <= lag:
            raise Missing(f"no two tasks are {lag} apart")
        values: Array = getattr(book, what)
        return of.correlation(values[:, :-lag], values[:, lag:])

    return make


def _explained(task: int) -> Maker:
    """The share of variance of a task's scores that goes with those of the first task."""

    def make(book: Book) -> Sums:
        if book.tasks < task:
            raise Missing(f"there is no task {task}")
        found = of.correlation(book.standard[:, :1], book.standard[:, task - 1 : task])
        return found._replace(value=lambda total: found.value(total) ** 2)

    return make


def _failing(above: int, up_to: int) -> Maker:
    """The share of students of whose tasks such a share was failed or not handed in."""

    def make(book: Book) -> Sums:
        tasks = book.here.sum(1, keepdims=True)
        share = 100.0 * book.bad.sum(1, keepdims=True) / np.maximum(tasks, 1)
        return of.rate((share > above) & (share <= up_to), tasks > 0, "nobody is enrolled")

    return make


def _first_two(book: Book) -> Sums:
    if book.tasks < 2:
        raise Missing("no two tasks are 1 apart")
    score = of.complete(book)
    return of.correlation(score[:, :1], score[:, 1:2])


def _overdispersion(what: str, nothing: str) -> Maker:
    return lambda book: of.overdispersion(getattr(book, what), book.here & book.stayed[:, None], nothing)


def _prior(book: Book) -> Sums:
    if not np.isfinite(book.prior).any():
        raise Missing("no earlier score in the book")
    return of.correlation(book.prior[:, None], book.mean_score[:, None])


# ---- the table -----------------------------------------------------------------------------------------------------
SHARE, CORRELATION, ODDS, DIFFERENCE = "share", "correlation", "log odds ratio", "difference of shares"
NO_FAILURES, NO_PASSES, ALL_IN = "no failures", "no passes", "no task was missing"
STOPS = "the next task is not handed in, or the student has left for good before it"
ENROLLED = "of next tasks of students who are still enrolled"
RHO = "ANOVA intra-student correlation, students who never left; 0 where failures fall on students by chance"
JUMP = f"local linear regression on the score, triangular kernel, bandwidth {100 * of.BANDWIDTH:g} points"
#: What may come of a task: the name of its mask, the same in words, and what is said where it never did.
BEFORE = {
    "pass": ("passed", "a pass", NO_PASSES),
    "fail": ("failed", "a failing score", NO_FAILURES),
    "missing": ("missing", "nothing handed in", ALL_IN),
}

#: Every fact by its name, in the order in which they are shown.
FACTS: Mapping[str, Fact] = {
    "mean_score": Fact(
        "mean score of what was handed in", SHARE, "base rates", lambda book: of.mean(book.score, book.marked)
    ),
    "fail": Fact("failed, of what was handed in", SHARE, "base rates", _rate("failed", "marked", "no scores")),
    "fail_first": Fact(
        "failed at the first task, of what was handed in", SHARE, "base rates",
        _rate("failed", "marked", "no scores of the first task", first=True),
    ),
    "missing": Fact(
        "not handed in while enrolled", SHARE, "base rates", _rate("missing", "here", "nobody is enrolled")
    ),
    "fail_or_missing": Fact(
        "failed or not handed in while enrolled", SHARE, "base rates", _rate("bad", "here", "nobody is enrolled")
    ),
    **{
        f"stop_after_{name}": Fact(
            f"stops after {words}", SHARE, "stopping", _next("stops", mask, "due", f"{nothing} before a task"), STOPS
        )
        for name, (mask, words, nothing) in BEFORE.items() if name != "missing"
    },
    **{
        f"stop_{low:02}_{high}": Fact(
            f"stops after a score of {low} to {high} %", SHARE, "stopping by score", _stops_in_band(low, high), STOPS
        )
        for low, high in pairwise(BANDS)
    },
    **{
        f"leave_after_{name}": Fact(
            f"leaves for good after {words}", SHARE, "leaving", _leaves(mask, f"{nothing} before a task"),
            "before the next task is due",
        )
        for name, (mask, words, nothing) in BEFORE.items() if name != "missing"
    },
    **{
        f"{then}_after_{name}": Fact(
            f"{says} after {words}", SHARE, "what comes next",
            _next(now, mask, "decided", f"{nothing} before a task"), ENROLLED,
        )
        for then, now, says in (("fail", "failed", "fails"), ("missing", "missing", "does not hand in"))
        for name, (mask, words, nothing) in BEFORE.items()
    },
    **{
        f"recovery_{k}": Fact(
            f"passes after {k}{' or more' * (k == RUNS)} failure{'s' * (k > 1)} in a row", SHARE, "recovery",
            partial(of.after_run, length=k, or_more=k == RUNS),
            f"a failure is a failing score or nothing handed in; {ENROLLED}",
        )
        for k in range(1, RUNS + 1)
    },
    **{
        f"autocorrelation_{lag}": Fact(
            f"scores {lag} task{'s' * (lag > 1)} apart", CORRELATION, "autocorrelation", _apart(lag, "standard"),
            "Pearson, of scores standardised within course and task",
        )
        for lag in range(1, LAGS + 1)
    },
    **{
        f"handing_in_{lag}": Fact(
            f"handing in {lag} task{'s' * (lag > 1)} apart", CORRELATION, "autocorrelation", _apart(lag, "handing_in"),
            "Pearson, of 1 and 0 standardised within course and task, while enrolled",
        )
        for lag in range(1, LAGS + 1)
    },
    **{
        f"explained_{task}": Fact(
            f"variance of the scores of task {task} that the first score explains", SHARE, "what the first score says",
            _explained(task), "squared Pearson correlation, of scores standardised within course and task",
        )
        for task in range(2, LAGS + 1)
    },
    **{
        f"structure_{lag}": Fact(
            f"scores {lag} task{'s' * (lag > 1)} apart, students with all scores", CORRELATION, "correlation structure",
            partial(of.structure, lag=lag),
            "mean over pairs of tasks; standardised within course and task, of the courses with the most tasks",
        )
        for lag in range(1, LAGS)
    },
    "correlation_first": Fact(
        "first and second score, students with all scores", CORRELATION, "correlation structure", _first_two
    ),
    **{
        f"failing_{up_to}": Fact(
            f"students with {f'more than {above} and up to {up_to} %' if up_to else 'none'} failed or not handed in",
            SHARE, "failures per student", _failing(above, up_to),
            "of the tasks that were due while the student was enrolled",
        )
        for above, up_to in pairwise((-1, *FAILED_UP_TO))
    },
    "rho_fail_or_missing": Fact(
        "over-dispersion of failed or not handed in", CORRELATION, "who fails", _overdispersion("bad", NO_FAILURES), RHO
    ),
    "rho_missing": Fact(
        "over-dispersion of not handed in", CORRELATION, "who fails", _overdispersion("missing", ALL_IN), RHO
    ),
    "top_fail": Fact(
        "failing scores held by the 20 % with most of them", SHARE, "who fails",
        lambda book: of.concentration(book.failed, book.here, NO_FAILURES),
    ),
    "top_missing": Fact(
        "missing tasks held by the 20 % with most of them", SHARE, "who fails",
        lambda book: of.concentration(book.missing, book.here, ALL_IN),
    ),
    "persistence": Fact(
        "failing on having failed at the task before", ODDS, "persistence",
        lambda book: of.persistence(book.bad, book.here),
        "conditional logit given the student's total, of failed or not handed in; in short panels below 0 by itself: "
        "compare it with the same in random order",
    ),
    "persistence_by_chance": Fact(
        "the same, each student's results in random order", ODDS, "persistence",
        lambda book: of.persistence_by_chance(book.bad, book.here),
        f"what the method itself makes; of up to {of.SHUFFLES} orders",
    ),
    "jump": Fact(
        "stops just below the pass mark, less just above", DIFFERENCE, "at the pass mark",
        lambda book: of.discontinuity(book, book.pass_mark), JUMP,
    ),
    "jump_placebo": Fact(
        f"the same {100 * PLACEBO:g} points above the pass mark", DIFFERENCE, "at the pass mark",
        lambda book: of.discontinuity(book, book.pass_mark + PLACEBO), f"{JUMP}; a placebo: nothing happens there",
    ),
    "class_icc": Fact(
        "classes, of their students' mean scores", CORRELATION, "classes", of.class_correlation,
        "ANOVA intraclass correlation",
    ),
    "prior": Fact("an earlier score with the mean score", CORRELATION, "earlier score", _prior, "Pearson"),
}  # fmt: skip


# ---- measuring -------------------------------------------------------------------------------------------------
def sums(book: Book, names: Iterable[str] | None = None) -> dict[str, Sums | str]:
    """Give facts as sums; of one that the book cannot speak to, the reason.

    Raises:
        InputError: if there is no fact of a name.
    """
    found: dict[str, Sums | str] = {}
    for name in FACTS if names is None else names:
        if name not in FACTS:
            raise unknown("fact", name, FACTS)
        try:
            found[name] = FACTS[name].of(book)
        except Missing as why:
            found[name] = str(why)
    return found


def values(book: Book, names: Iterable[str] | None = None) -> dict[str, float]:
    """Give the values of facts without intervals, in milliseconds; NaN where the book cannot speak to one.

    >>> values(Book([[0.3, 0.8], [0.9, 0.4]]), ["fail"])
    {'fail': 0.5}

    Raises:
        InputError: if there is no fact of a name.
    """
    made = sums(book, names)
    return {name: np.nan if isinstance(s, str) else float(s.value(s.rows.sum(0))) for name, s in made.items()}


def measure(book: Book, names: Iterable[str] | None = None, draws: int = DRAWS, seed: int = 0) -> list[Measured]:
    """Measure facts with 95 % intervals by the bootstrap (percentiles).

    Whole classes are drawn again where the book has `CLASSES` of them or more and every student has one, else students.
    What a class statistic is made of are always classes. Means and SDs by which scores are standardised are not made
    anew in each draw, and the conditional logit takes one step of Newton's.

    Args:
        book: the grade book.
        names: names of `FACTS`; all by default.
        draws: 0 for no intervals, up to 100,000.
        seed: the seed of the bootstrap.

    Raises:
        InputError: if there is no fact of a name, or a number is out of range.
    """
    draws, seed = whole("draws", draws, 0, 100_000), whole("seed", seed, 0, LIMIT - 1)
    made = sums(book, names)
    by_class = len(book.classes) >= CLASSES and bool((book.class_id >= 0).all())
    units: dict[str, Array] = {}
    for classes in (False, True):
        parts = {name: s for name, s in made.items() if not isinstance(s, str) and s.by_class == classes}
        rows = [
            _per_class(s.rows, book) if by_class and not classes else s.rows for s in parts.values()
        ]  # fmt: skip
        enough = bool(rows) and len(rows[0]) >= CLASSES  # from fewer no interval says anything
        drawn = _redrawn(np.hstack(rows), draws if enough else 0, seed) if rows else np.empty((0, 0))
        ends = np.cumsum([0, *(s.rows.shape[1] for s in parts.values())])
        units |= {name: drawn[:, low:high] for name, (low, high) in zip(parts, pairwise(ends))}
    found = []
    for name, s in made.items():
        if isinstance(s, str):
            found.append(Measured(name, np.nan, np.nan, np.nan, 0, "", s))
            continue
        value = float(s.value(s.rows.sum(0)))
        if not np.isfinite(value):
            found.append(Measured(name, np.nan, np.nan, np.nan, s.n, "", "nothing differs"))
            continue
        low, high = _interval(s.value(units[name]))
        found.append(Measured(name, value, low, high, s.n, "classes" if by_class or s.by_class else "students"))
    return found


def _per_class(rows: Array, book: Book) -> Array:
    """Add the rows of students (student, part) up to those of classes."""
    order = np.argsort(book.class_id, kind="stable")
    starts = np.searchsorted(book.class_id[order], book.classes)
    total: Array = np.add.reduceat(rows[order], starts, axis=0)
    return total


def _redrawn(rows: Array, draws: int, seed: int) -> Array:
    """Give the sums of rows drawn again with replacement, as many as there are: (draw, part)."""
    rng, n = np.random.default_rng(seed), len(rows)
    parts = [np.empty((0, rows.shape[1]))]
    for start in range(0, draws, AT_ONCE):
        few = min(AT_ONCE, draws - start)
        times = np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(few)])
        parts.append(times.astype(float) @ rows)
    return np.concatenate(parts)


def _interval(drawn: Array) -> tuple[float, float]:
    """Give the middle 95 % of what is known of some draws; NaN where hardly any is."""
    known = drawn[np.isfinite(drawn)]
    if len(known) < max(20, len(drawn) // 2):
        return np.nan, np.nan
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)
