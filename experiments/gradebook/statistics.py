"""Statistics of a grade book, each as sums over students, so that a value and its bootstrap are one calculation.

A statistic is a matrix of contributions, one row a student (or a class), and a function of their sums. The function
of the sums of all rows is the value; of the sums of rows drawn again with replacement, a draw of the bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from setback.experiments.gradebook.book import Array, Book, Mask, standardised

#: Scores, and different ones, that a local regression needs on either side of its line; pairs that a correlation needs.
FEWEST, DIFFERENT, FEWEST_PAIRS = 30, 5, 20
#: How far from a line scores still count for its discontinuity, as a share of the maximum.
BANDWIDTH = 0.10
#: How often each student's results are shuffled for what persistence would be if their order meant nothing: as often as
#: these students are there, once at least, and at most so many times.
SHUFFLED, SHUFFLES = 500_000, 20


class Missing(Exception):  # noqa: N818
    """What a book cannot speak to; the message says why."""


class Sums(NamedTuple):
    """A statistic as sums.

    Attributes:
        rows: (unit, part) what each unit adds.
        value: gives the statistic, of shape (…), from sums of shape (…, part).
        n: how many observations stand behind it.
        by_class: the units are the classes, in the order of `Book.classes`; else the students.
    """

    rows: Array
    value: Callable[[Array], Array]
    n: int
    by_class: bool = False


def ratio(total: Array) -> Array:
    """Give the first sum divided by the second; NaN where that is 0."""
    return _divided(total[..., 0], total[..., 1])


def rate(of: Mask, among: Mask, nothing: str) -> Sums:
    """Give the share of what is `among` that is `of`, both (student, task).

    Raises:
        Missing: for the reason `nothing`, if nothing is among it.
    """
    if not among.any():
        raise Missing(nothing)
    return Sums(np.stack([(of & among).sum(1), among.sum(1)], 1).astype(float), ratio, int(among.sum()))


def following(of: Mask, given: Mask, among: Mask, nothing: str) -> Sums:
    """Give the share of next tasks that are `of`, given what came of the task before; of next tasks `among` these.

    Raises:
        Missing: for the reason `nothing`, if no task follows one that is `given`.
    """
    return rate(of[:, 1:], given[:, :-1] & among[:, 1:], nothing)


def mean(score: Array, known: Mask) -> Sums:
    """Give the mean of what is known of scores, (student, task)."""
    if not known.any():
        raise Missing("no scores")
    values = np.where(known, score, 0.0)
    return Sums(np.stack([values.sum(1), known.sum(1)], 1), ratio, int(known.sum()))


# ---- correlations ----------------------------------------------------------------------------------------------
def correlation(x: Array, y: Array) -> Sums:
    """Give the Pearson correlation of two variables (student, pair) over all pairs that are known of both.

    Raises:
        Missing: if fewer than `FEWEST_PAIRS` are.
    """
    known = np.isfinite(x) & np.isfinite(y)
    if (n := int(known.sum())) < FEWEST_PAIRS:
        raise Missing(f"{n} pairs to compare; it needs {FEWEST_PAIRS}")
    return Sums(np.stack([part.sum(1) for part in _moments(x, y, known)], 1), _pearson, n)


def complete(book: Book) -> Array:
    """Give the standardised scores of those who have one for every task, of the courses with the most tasks."""
    whole = book.marked.all(1, keepdims=True)
    return standardised(np.where(whole, book.score, np.nan), book.course)


def structure(book: Book, lag: int) -> Sums:
    """Give the mean over pairs of tasks so far apart of the correlation of their scores, of those who have all scores.

    Raises:
        Missing: if no two tasks are so far apart, or fewer than `FEWEST_PAIRS` students have a score for every task.
    """
    score = complete(book)
    pairs = book.tasks - lag
    if pairs < 1:
        raise Missing(f"no two tasks are {lag} apart")
    known = np.isfinite(score)
    if (n := int(known.all(1).sum())) < FEWEST_PAIRS:
        raise Missing(f"{n} students have a score for every task; it needs {FEWEST_PAIRS}")
    rows = np.stack(_moments(score[:, :-lag], score[:, lag:], known[:, :-lag] & known[:, lag:]), -1)

    def value(total: Array) -> Array:
        return _pearson(total.reshape(*total.shape[:-1], pairs, 6)).mean(-1)

    return Sums(rows.reshape(len(rows), -1), value, n)


def _moments(x: Array, y: Array, known: Mask) -> list[Array]:
    """Give n, x, y, x², y², xy of pairs, each (student, pair), 0 where not both are known."""
    x, y = np.where(known, x, 0.0), np.where(known, y, 0.0)
    return [known.astype(float), x, y, x * x, y * y, x * y]


def _pearson(total: Array) -> Array:
    n, x, y, xx, yy, xy = np.moveaxis(total, -1, 0)
    spread = np.sqrt(np.maximum(n * xx - x * x, 0.0) * np.maximum(n * yy - y * y, 0.0))
    return _divided(n * xy - x * y, spread)


# ---- how far students, or classes, differ ----------------------------------------------------------------------
def intraclass(groups: Array, n: int, by_class: bool = False) -> Sums:
    """Give the ANOVA intraclass correlation of values in groups of unequal size.

    The estimator of Donner (1986, doi:10.2307/1403259): (MSB - MSW) / (MSB + (n0 - 1) MSW), n0 the size of groups less
    their variance divided by the total. It may be negative.

    Args:
        groups: (group, 3) size, sum and sum of squares of each group.
        n: how many observations stand behind it.
        by_class: the groups are classes, else students.

    Raises:
        Missing: if there are not two groups, or no group has two values.
    """
    size, total, squares = groups.T
    if (size > 0).sum() < 2 or size.max(initial=0) < 2:
        raise Missing("nobody to compare: it needs two groups, and two values in one of them")
    own = _divided(total * total, size, 0.0)
    return Sums(np.stack([(size > 0).astype(float), size, size**2, total, own, squares], 1), _anova, n, by_class)


def overdispersion(happened: Mask, among: Mask, nothing: str) -> Sums:
    """Give the intra-student correlation of what happened (student, task), over tasks that are `among`.

    Raises:
        Missing: for the reason `nothing` if it never happened; if it always did, or nobody had two such tasks.
    """
    count, times = among.sum(1).astype(float), (happened & among).sum(1).astype(float)
    if not times.any():
        raise Missing(nothing)
    if (times == count).all():
        raise Missing("nothing else ever happened")
    return intraclass(np.stack([count, times, times], 1), int(among.sum()))


def class_correlation(book: Book) -> Sums:
    """Give the intraclass correlation of classes, of the mean score of each student.

    Raises:
        Missing: if the classes are not known, or there are not two.
    """
    if len(book.classes) < 2:
        raise Missing("no two classes in the book")
    known = np.isfinite(book.mean_score) & (book.class_id >= 0)
    own = book.mean_score[known]
    place = np.searchsorted(book.classes, book.class_id[known])
    parts = [np.bincount(place, part, len(book.classes)) for part in (np.ones(len(own)), own, own**2)]
    return intraclass(np.stack(parts, 1).astype(float), len(own), by_class=True)


def _anova(total: Array) -> Array:
    groups, n, n_squared, s, between, squares = np.moveaxis(total, -1, 0)
    msb = _divided(between - _divided(s * s, n), groups - 1.0)
    msw = _divided(squares - between, n - groups)
    usual = _divided(n - _divided(n_squared, n), groups - 1.0)
    return _divided(msb - msw, msb + (usual - 1.0) * msw)


def concentration(happened: Mask, among: Mask, nothing: str, top: float = 0.2) -> Sums:
    """Give the share of all that happened (student, task) that falls to the students to whom most of it happened.

    Args:
        happened: it happened.
        among: tasks that count; students without one are left out.
        nothing: the reason if it never happened.
        top: the share of students.

    Raises:
        Missing: if it never happened.
    """
    times, counted = (happened & among).sum(1), among.any(1, keepdims=True)
    if not times.any():
        raise Missing(nothing)
    steps = np.arange(times.max() + 1)
    rows = ((times[:, None] == steps) & counted).astype(float)

    def value(total: Array) -> Array:
        most = total[..., ::-1]
        before = np.cumsum(most, -1) - most
        taken = np.clip(top * total.sum(-1, keepdims=True) - before, 0.0, most)
        return _divided((taken * steps[::-1]).sum(-1), (total * steps).sum(-1))

    return Sums(rows, value, int(times.sum()))


# ---- does failing follow failing, within a student? -----------------------------------------------------------
def persistence(happened: Mask, among: Mask) -> Sums:
    """Give the log odds ratio of what happened on its having happened at the task before, given the student's total.

    Conditional logit (Chamberlain 1980, doi:10.2307/2297110). The one covariate is 0 or 1, so that the total of a
    student fixes a hypergeometric distribution of how often the event followed itself. The outcome before is no outside
    covariate: in short panels the figure is below 0 even where nothing persists (the bias of Nickell, 1981,
    doi:10.2307/1911408), which is why `persistence_by_chance` is given beside it.

    Raises:
        Missing: if there is nobody to whom it sometimes happened and sometimes not, after both.
    """
    return _conditional([_transitions(happened, among)])


def persistence_by_chance(happened: Mask, among: Mask, seed: int = 0) -> Sums:
    """Give the same figure where each student's results stand in random order: what the method itself makes.

    Raises:
        Missing: as `persistence`.
    """
    rng = np.random.default_rng(seed)
    shuffled = []
    for _ in range(min(max(SHUFFLED // len(among), 1), SHUFFLES)):
        order = np.argsort(np.where(among, rng.random(among.shape), np.inf), 1)
        packed = np.arange(among.shape[1]) < among.sum(1, keepdims=True)
        shuffled.append(_transitions(np.take_along_axis(happened, order, 1), packed))
    return _conditional(shuffled)


def _transitions(happened: Mask, among: Mask) -> NDArray[np.int64]:
    """Give for each student: next tasks after the event, after none, events among both, and events after the event."""
    pair = among[:, :-1] & among[:, 1:]
    before, now = happened[:, :-1], happened[:, 1:]
    parts = (pair & before, pair & ~before, pair & now, pair & before & now)
    return np.stack([part.sum(1) for part in parts], 1)


def _conditional(panels: list[NDArray[np.int64]]) -> Sums:
    """Give the estimate from panels of the same students; a draw of the bootstrap takes one step from the estimate."""
    kinds, place = np.unique(np.concatenate(panels), axis=0, return_inverse=True)
    after, otherwise, events, again = kinds.T
    told = (after > 0) & (otherwise > 0) & (events > 0) & (events < after + otherwise)
    counts = np.bincount(place.ravel(), minlength=len(kinds))
    if not told.any():
        raise Missing("nobody failed and passed both after a failure and after a pass")
    step = np.arange(after.max() + 1)
    low, high = np.maximum(events - otherwise, 0)[:, None], np.minimum(events, after)[:, None]
    possible = (step >= low) & (step <= high)
    with np.errstate(invalid="ignore"):
        ways = np.where(
            possible,
            _log_choose(after[:, None], step) + _log_choose(otherwise[:, None], events[:, None] - step),
            -np.inf,
        )
    beta = 0.0
    for _ in range(50):
        weight = np.exp(ways + beta * step - (ways + beta * step).max(1, keepdims=True))
        weight /= weight.sum(1, keepdims=True)
        expected = (weight * step).sum(1)
        surprise = np.where(told, again - expected, 0.0)
        information = np.where(told, (weight * step**2).sum(1) - expected**2, 0.0)
        move = counts @ surprise / (counts @ information)
        beta += float(np.clip(move, -1.0, 1.0))
        if abs(move) < 1e-10:
            break
        if abs(beta) > 20.0:
            raise Missing("failures follow nothing but failures, or never do: the odds have no end")
    rows = np.stack([surprise, information], 1)[place.ravel()].reshape(len(panels), -1, 2).sum(0)
    estimate = beta

    def value(total: Array) -> Array:
        return estimate + ratio(total)

    return Sums(rows, value, int((counts * told) @ (after + otherwise)) // len(panels))


def _log_choose(n: NDArray[np.int64], k: NDArray[np.int64]) -> Array:
    """Give the logarithm of n over k, -inf beyond."""
    inside = (k >= 0) & (k <= n)
    k = np.where(inside, k, 0)
    found: Array = np.where(inside, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)
    return found


def after_run(book: Book, length: int, or_more: bool = False) -> Sums:
    """Give the share of passes at the next task after a run of failures (failed or not handed in) of some length.

    Raises:
        Missing: if there is no such run before a task.
    """
    run = np.zeros(book.here.shape, int)
    for task in range(book.tasks):
        before = run[:, task - 1] if task else 0
        run[:, task] = np.where(book.bad[:, task], before + 1, 0)
    given = run >= length if or_more else run == length
    return following(book.passed, given, book.decided, f"no run of {length} failures before a task")


# ---- at the line -----------------------------------------------------------------------------------------------
def discontinuity(book: Book, line: float, bandwidth: float = BANDWIDTH) -> Sums:
    """Give how much likelier stopping is just below a line than just above it (share of students).

    Stopping: the next task is not handed in, or the student has left. Local linear regression on the score on either
    side, triangular kernel (Imbens & Lemieux 2008, doi:10.1016/j.jeconom.2007.05.001).

    Raises:
        Missing: if fewer than `FEWEST` scores, or `DIFFERENT` ones, lie on either side.
    """
    given = book.marked[:, :-1] & book.due[:, 1:]
    stops = book.stops[:, 1:].astype(float)
    away = np.where(given, book.score[:, :-1], np.inf) - line
    weight = np.maximum(1.0 - np.abs(away) / bandwidth, 0.0)
    away = np.where(weight > 0, away, 0.0)
    sides = away < -1e-9, away >= -1e-9
    parts = []
    for side, where in zip(sides, ("below", "at or above")):
        w = np.where(side, weight, 0.0)
        values = away[w > 0]
        if len(values) < FEWEST or len(np.unique(values.round(6))) < DIFFERENT:
            within = f"within {100 * bandwidth:g} points {where} {100 * line:g} %"
            raise Missing(f"{len(values)} scores {within}; it needs {FEWEST}, {DIFFERENT} of them different")
        parts += [w, w * away, w * away**2, w * stops, w * away * stops]
    rows = np.stack([part.sum(1) for part in parts], 1)

    def at_line(total: Array) -> Array:
        w, x, xx, y, xy = np.moveaxis(total, -1, 0)
        return _divided(xx * y - x * xy, w * xx - x * x)

    return Sums(rows, lambda total: at_line(total[..., :5]) - at_line(total[..., 5:]), int((weight > 0).sum()))


def _divided(a: Array, b: Array, nothing: float = np.nan) -> Array:
    """Divide; `nothing` where the divisor is 0."""
    a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    return np.divide(a, b, out=np.full(a.shape, nothing), where=b != 0)
