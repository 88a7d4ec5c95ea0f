"""Every statistic gives a known answer: data are planted, and what was planted comes out."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from setback.experiments.gradebook import statistics
from setback.experiments.gradebook.book import Array, Book, of_weeks
from setback.experiments.gradebook.facts import FACTS, Measured, measure, values

STUDENTS, TASKS = 4000, 8


def fact(book: Book, name: str, draws: int = 200) -> Measured:
    """One fact of a book."""
    (found,) = measure(book, [name], draws)
    return found


def value(book: Book, name: str) -> float:
    """Its value alone."""
    return values(book, [name])[name]


def marks(fails: NDArray[np.bool_], missing: NDArray[np.bool_] | None = None) -> Book:
    """A book in which a fail is 30 % and a pass 70 %."""
    score = np.where(fails, 0.3, 0.7)
    return Book(score if missing is None else np.where(missing, np.nan, score))


# ---- rates, counted by hand ------------------------------------------------------------------------------------
#: Pass, fail, none, left: what happens to three students in four tasks.
SCORE = np.array([[0.9, 0.3, np.nan, np.nan], [0.6, 0.8, 0.2, 0.4], [0.1, np.nan, 0.5, np.nan]])
LEFT = np.array([[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]], bool)
BY_HAND = {
    "mean_score": 3.8 / 8,
    "fail": 4 / 8,
    "fail_first": 1 / 3,
    "missing": 3 / 11,
    "fail_or_missing": 7 / 11,
    "stop_after_pass": 1 / 4,
    "stop_after_fail": 2 / 3,
    "stop_00_20": 1.0,
    "stop_20_40": 1 / 2,
    "stop_50_60": 1.0,
    "stop_60_70": 0.0,
    "stop_80_100": 0.0,
    "leave_after_pass": 0.0,
    "leave_after_fail": 0.0,
    "fail_after_pass": 2 / 4,
    "missing_after_pass": 1 / 4,
    "fail_after_fail": 1 / 3,
    "missing_after_fail": 2 / 3,
    "fail_after_missing": 0.0,
    "missing_after_missing": 0.0,
    "recovery_1": 0.0,
    "recovery_2": 1.0,
    "top_fail": 0.6 * 2 / 4,
    "top_missing": 0.6 * 2 / 3,
    "failing_0": 0.0,
    "failing_25": 0.0,
    "failing_50": 1 / 3,
    "failing_75": 2 / 3,
    "failing_100": 0.0,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name: str) -> None:
    """Three students, of whom one leaves before the last task."""
    assert value(Book(SCORE, withdrawn=LEFT), name) == pytest.approx(BY_HAND[name])


def test_a_task_that_was_not_due_is_none() -> None:
    """It counts nowhere, and nothing follows across it."""
    due = np.ones((3, 4), bool)
    due[2, 1] = False
    book = Book(SCORE, withdrawn=LEFT, due=due)
    assert value(book, "missing") == pytest.approx(2 / 10)
    assert value(book, "stop_after_fail") == pytest.approx(1 / 2)


def test_the_mark_itself_is_a_pass() -> None:
    """As points of a maximum that binary numbers cannot write."""
    points = np.array([[28.2 / 47, 0.6 - 1e-6]])
    assert Book(points, pass_mark=0.6).failed.tolist() == [[False, True]]


# ---- chains ----------------------------------------------------------------------------------------------------
def chain(
    rng: np.random.Generator, first: float, stay: float, fall: float, students: int = STUDENTS, tasks: int = TASKS
) -> NDArray[np.bool_]:
    """Fails by a Markov chain: P(fail after a fail) is `stay`, P(fail after a pass) is `fall`."""
    fails = np.empty((students, tasks), bool)
    fails[:, 0] = rng.random(students) < first
    for task in range(1, tasks):
        fails[:, task] = rng.random(students) < np.where(fails[:, task - 1], stay, fall)
    return fails


def test_odds_of_a_chain() -> None:
    """What follows what, and recovery, which after a Markov chain does not care how long the run was."""
    book = marks(chain(np.random.default_rng(1), 0.3, 0.6, 0.2))
    for name, planted in {"fail_after_fail": 0.6, "fail_after_pass": 0.2, "recovery_1": 0.4, "recovery_3": 0.4}.items():
        found = fact(book, name)
        assert found.low < planted < found.high and found.high - found.low < 0.06, name
    assert found.n == int((book.failed[:, :-3] & book.failed[:, 1:-2] & book.failed[:, 2:-1]).sum())


def test_stopping_and_leaving() -> None:
    """A planted risk of leaving and of not handing in, after a pass and after a fail."""
    rng = np.random.default_rng(2)
    fails = rng.random((STUDENTS, TASKS)) < 0.3
    here, gone, out = np.ones(STUDENTS, bool), np.zeros(fails.shape, bool), np.zeros(fails.shape, bool)
    for task in range(1, TASKS):
        handed_in = here & ~out[:, task - 1]
        here &= ~(handed_in & (rng.random(STUDENTS) < np.where(fails[:, task - 1], 0.15, 0.05)))
        gone[:, task] = ~here
        out[:, task] = here & (rng.random(STUDENTS) < 0.2)
    book = Book(np.where(gone | out, np.nan, np.where(fails, 0.3, 0.7)), withdrawn=gone)
    planted = {
        "leave_after_fail": 0.15,
        "leave_after_pass": 0.05,
        "missing": 0.2 * (TASKS - 1) / TASKS,
        "stop_after_fail": 0.15 + 0.85 * 0.2,
        "stop_after_pass": 0.05 + 0.95 * 0.2,
        "stop_20_40": 0.15 + 0.85 * 0.2,
    }
    for name, risk in planted.items():
        assert fact(book, name, 0).value == pytest.approx(risk, abs=0.015), name


# ---- scores ----------------------------------------------------------------------------------------------------
def autoregressive(rng: np.random.Generator, r: float, students: int = STUDENTS) -> Array:
    """Standard normal scores of which neighbours correlate so."""
    score = np.empty((students, TASKS))
    score[:, 0] = rng.standard_normal(students)
    for task in range(1, TASKS):
        score[:, task] = r * score[:, task - 1] + np.sqrt(1 - r**2) * rng.standard_normal(students)
    return score


def test_autocorrelation() -> None:
    """AR(1) scores in two courses whose tasks differ in level and spread."""
    rng = np.random.default_rng(3)
    course = np.arange(STUDENTS) % 2
    easy = np.where(course == 0, 0.3, 0.7)[:, None] + np.linspace(-0.1, 0.1, TASKS)
    score = easy + np.where(course == 0, 0.02, 0.05)[:, None] * autoregressive(rng, 0.8)
    hole = rng.random(score.shape) < 0.1
    hole[: STUDENTS // 2] = False
    book = Book(np.where(hole, np.nan, score), course=course, courses=("a", "b"))
    for lag in (1, 2, 3):
        for name in (f"autocorrelation_{lag}", f"structure_{lag}"):
            found = fact(book, name)
            assert found.value == pytest.approx(0.8**lag, abs=0.03) and found.low < found.value < found.high, name
    assert value(book, "correlation_first") == pytest.approx(0.8, abs=0.03)
    assert value(Book(score), "autocorrelation_1") > 0.95, "and not standardised within courses, more"


def test_autocorrelation_of_handing_in() -> None:
    """0 and 1 that follow a chain, in two courses that hand in unlike often; who has left is no longer counted."""
    rng = np.random.default_rng(13)
    course = np.arange(STUDENTS) % 2
    often = np.where(course == 0, 0.9, 0.4)
    there = np.empty((STUDENTS, TASKS), bool)
    there[:, 0] = rng.random(STUDENTS) < often
    for task in range(1, TASKS):  # as before with probability 0.6, else drawn anew
        there[:, task] = np.where(rng.random(STUDENTS) < 0.6, there[:, task - 1], rng.random(STUDENTS) < often)
    left = (np.arange(STUDENTS) % 4 < 2)[:, None] & (np.arange(TASKS) >= 3)
    book = Book(np.where(there, 0.7, np.nan), there & ~left, left, course=course, courses=("a", "b"))
    for lag in (1, 2, 3):
        found = fact(book, f"handing_in_{lag}")
        assert found.value == pytest.approx(0.6**lag, abs=0.03) and found.low < found.value < found.high, lag
        assert found.n == STUDENTS * (TASKS - lag) - STUDENTS // 2 * 5
    counted = Book(np.where(there, 0.7, np.nan), there & ~left, course=course, courses=("a", "b"))
    assert value(counted, "handing_in_1") > 0.6 + 0.03, "leaving would be likeness"


def test_what_the_first_score_explains() -> None:
    """A planted share of variance of each task; the scores of some are missing."""
    rng = np.random.default_rng(14)
    score = rng.standard_normal((STUDENTS, 4))
    planted = {2: 0.5, 3: 0.3, 4: 0.1}
    for task, share in planted.items():
        score[:, task - 1] = np.sqrt(1 - share) * score[:, task - 1] - np.sqrt(share) * score[:, 0]
    score[rng.random(score.shape) < 0.1] = np.nan
    book = Book(0.5 + 0.05 * score)
    for task, share in planted.items():
        found = fact(book, f"explained_{task}")
        assert found.value == pytest.approx(share, abs=0.03) and found.low < found.value < found.high, task
    assert fact(book, "explained_5").why == "there is no task 5"


def test_who_fails_how_much() -> None:
    """Every student is in one band; the end of a band belongs to it."""
    fails = np.arange(8) < np.array([0, 1, 2, 3, 4, 5, 6, 7, 8])[:, None]
    found = values(marks(fails), [name for name in FACTS if name.startswith("failing_")])
    shares = {"failing_0": 1, "failing_25": 2, "failing_50": 2, "failing_75": 2, "failing_100": 2}
    assert found == {name: pytest.approx(count / 9) for name, count in shares.items()}


def test_the_courses_with_the_most_tasks() -> None:
    """The structure is of those alone; others have padding."""
    rng = np.random.default_rng(4)
    score, due = 0.5 + 0.1 * autoregressive(rng, 0.8), np.ones((STUDENTS, TASKS), bool)
    score[:1000] = rng.random((1000, TASKS))
    due[:1000, 5:] = False
    book = Book(score, due=due, course=np.arange(STUDENTS) < 1000, courses=("long", "short"))
    assert fact(book, "structure_1").n == STUDENTS - 1000
    assert value(book, "structure_1") == pytest.approx(0.8, abs=0.02)
    assert book.of_course("short").tasks == 5


def test_an_earlier_score() -> None:
    """A planted correlation with the mean score."""
    rng = np.random.default_rng(5)
    able = rng.standard_normal(STUDENTS)
    score = 0.5 + 0.1 * (able[:, None] + 0.1 * rng.standard_normal((STUDENTS, TASKS)))
    prior = 0.6 * able + 0.8 * rng.standard_normal(STUDENTS)
    found = fact(Book(score, prior=prior), "prior")
    assert found.low < 0.6 < found.high


# ---- who fails -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rho", [0.0, 0.2, 0.5])
def test_overdispersion(rho: float) -> None:
    """Beta-binomial failures with a planted intra-student correlation, of courses of unlike length."""
    rng = np.random.default_rng(6)
    mean, scale = 0.25, 1 / max(rho, 1e-9) - 1
    risk = rng.beta(mean * scale, (1 - mean) * scale, STUDENTS) if rho else np.full(STUDENTS, mean)
    fails = rng.random((STUDENTS, TASKS)) < risk[:, None]
    due = np.arange(TASKS) < np.where(np.arange(STUDENTS) % 3, TASKS, 4)[:, None]
    book = Book(np.where(fails, 0.3, 0.7), due=due)
    found = fact(book, "rho_fail_or_missing")
    assert found.value == pytest.approx(rho, abs=0.02) and found.low < found.value < found.high
    out = Book(np.where(fails, np.nan, 0.7), due=due)
    assert value(out, "rho_missing") == pytest.approx(found.value, abs=1e-12)


def test_who_left_is_not_among_the_overdispersed() -> None:
    """Students who never left, alone."""
    rng = np.random.default_rng(7)
    fails = rng.random((STUDENTS, TASKS)) < 0.3
    fails[:500], gone = True, np.zeros((STUDENTS, TASKS), bool)
    gone[:500, -1] = True
    book = Book(np.where(gone, np.nan, np.where(fails, 0.3, 0.7)), withdrawn=gone)
    assert value(book, "rho_fail_or_missing") == pytest.approx(0.0, abs=0.02)


def test_concentration() -> None:
    """A fifth of the students have nine tenths of the failures; the count of each other is the same."""
    fails = np.zeros((1000, TASKS), bool)
    fails[:200, :9] = True
    fails[200 : 200 + 800 * 2 // 9 * 9 // 9, 0] = True
    times = fails.sum(1)
    expected = np.sort(times)[::-1][:200].sum() / times.sum()
    assert value(marks(fails), "top_fail") == pytest.approx(expected)
    alike = np.zeros((1000, TASKS), bool)
    alike[:, 2] = True
    assert value(marks(alike), "top_fail") == pytest.approx(0.2), "where all have the same"
    assert value(marks(alike, alike), "top_missing") == pytest.approx(0.2)


def test_classes() -> None:
    """A planted share of the variance between classes, and its interval drawn by classes."""
    rng = np.random.default_rng(8)
    classes, size = 300, 20
    class_id = np.repeat(np.arange(classes), size)
    own = np.sqrt(0.3) * rng.standard_normal(classes)[class_id] + np.sqrt(0.7) * rng.standard_normal(classes * size)
    book = Book(0.5 + 0.1 * own[:, None], class_id=class_id)
    found = fact(book, "class_icc")
    assert found.low < 0.3 < found.high and found.high - found.low < 0.12 and found.drawn == "classes"


# ---- does failing follow failing? ------------------------------------------------------------------------------
def test_conditional_logit_against_its_definition() -> None:
    """The likelihood of a few students, over all orders of their results, is highest at the estimate."""
    from itertools import combinations

    rng = np.random.default_rng(9)
    fails = rng.random((60, 6)) < rng.random((60, 1))
    found = value(marks(fails), "persistence")

    def likelihood(beta: float) -> float:
        total = 0.0
        for row in fails:
            before, now = row[:-1].astype(float), row[1:]
            others = [sum(before[list(chosen)]) for chosen in combinations(range(5), int(now.sum()))]
            total += beta * float(before @ now) - float(np.log(np.exp(beta * np.array(others)).sum()))
        return total

    at = [likelihood(found + step) for step in (-1e-3, 0.0, 1e-3)]
    assert at[1] > at[0] and at[1] > at[2]


@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_persistence_beside_heterogeneity(beta: float) -> None:
    """Students differ much; only in one case does failing bring failing. The figure tells the two apart."""
    rng = np.random.default_rng(10)
    tasks, able = 30, rng.normal(-0.5, 1.5, 2000)
    fails = np.zeros((2000, tasks), bool)
    for task in range(tasks):
        before = fails[:, task - 1] if task else np.zeros(2000, bool)
        fails[:, task] = rng.random(2000) < 1 / (1 + np.exp(-(able + beta * before)))
    book = marks(fails)
    chance = fact(book, "persistence_by_chance")
    found = fact(book, "persistence")
    assert chance.value < 0, "the method itself goes below 0"
    if beta:
        assert found.low > chance.high
        assert found.value - chance.value == pytest.approx(beta, abs=0.15)
    else:
        assert found.low < chance.value < found.high
        assert value(book, "fail_after_fail") > value(book, "fail_after_pass") + 0.2, "though failures follow failures"


def test_one_step_is_as_good_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bootstrap of the conditional logit by one step of Newton's is as wide as that by its own estimates."""
    rng = np.random.default_rng(11)
    fails = rng.random((400, 8)) < rng.beta(1, 2, 400)[:, None]
    found = fact(marks(fails), "persistence", 400)
    own = [value(marks(fails[rng.integers(400, size=400)]), "persistence") for _ in range(200)]
    low, high = np.quantile(own, (0.025, 0.975))
    assert found.high - found.low == pytest.approx(high - low, rel=0.25)


# ---- at the line -----------------------------------------------------------------------------------------------
def at_the_line(jump: float) -> Book:
    """Stopping falls with the score, and besides by a jump at the pass mark of 50 %."""
    rng = np.random.default_rng(12)
    score = rng.random((60_000, 2))
    risk = 0.5 - 0.3 * score[:, 0] - jump * (score[:, 0] >= 0.5)
    score[rng.random(60_000) < risk, 1] = np.nan
    return Book(score)


def test_a_jump_at_the_mark() -> None:
    """It is found at the mark, and none at the placebo; where none was planted, none is found."""
    book = at_the_line(0.15)
    found, placebo = fact(book, "jump"), fact(book, "jump_placebo")
    assert found.low < 0.15 < found.high and found.low > 0.05
    assert placebo.low < 0.0 < placebo.high
    none = fact(at_the_line(0.0), "jump")
    assert none.low < 0.0 < none.high


def test_local_regression_against_least_squares() -> None:
    """The same as weighted least squares, side by side."""
    book, width = at_the_line(0.15), statistics.BANDWIDTH
    away = book.score[:, 0] - 0.5
    stops, weight = np.isnan(book.score[:, 1]).astype(float), np.maximum(1 - np.abs(away) / width, 0)
    ends = []
    for side in (away < 0, away >= 0):
        x = np.stack([np.ones(side.sum()), away[side]], 1) * np.sqrt(weight[side])[:, None]
        ends.append(np.linalg.lstsq(x, stops[side] * np.sqrt(weight[side]))[0][0])
    assert value(book, "jump") == pytest.approx(ends[0] - ends[1])


# ---- intervals -------------------------------------------------------------------------------------------------
def test_intervals_hold_what_they_say() -> None:
    """Of many books, the interval holds what was planted in about 95 of 100, where failures cluster in students."""
    rng = np.random.default_rng(13)
    held = 0
    for _ in range(200):
        fails = rng.random((100, 6)) < rng.beta(1, 3, 100)[:, None]
        found = fact(marks(fails), "fail")
        held += found.low <= 0.25 <= found.high
    assert 0.88 < held / 200 < 0.99


def test_classes_are_drawn_where_there_are_enough() -> None:
    """Where classes differ, intervals drawn by classes are wider; nine are too few, and one student without a class."""
    rng = np.random.default_rng(14)
    class_id = np.repeat(np.arange(40), 25)
    fails = rng.random((1000, 6)) < rng.beta(2, 4, 40)[class_id][:, None]
    score = np.where(fails, 0.3, 0.7)
    with_classes, without = fact(Book(score, class_id=class_id), "fail"), fact(Book(score), "fail")
    assert (with_classes.drawn, without.drawn) == ("classes", "students")
    assert with_classes.high - with_classes.low > 2 * (without.high - without.low)
    nine = Book(score[:225], class_id=class_id[:225])
    assert fact(nine, "fail").drawn == "students" and np.isnan(fact(nine, "class_icc").low)
    assert fact(Book(score, class_id=np.where(np.arange(1000) == 3, -1, class_id)), "fail").drawn == "students"


def test_the_seed() -> None:
    """The same seed gives the same interval; another one another."""
    book = marks(chain(np.random.default_rng(15), 0.3, 0.6, 0.2, 200))
    assert measure(book, ["fail"], 100, 1) == measure(book, ["fail"], 100, 1)
    assert measure(book, ["fail"], 100, 1) != measure(book, ["fail"], 100, 2)
    assert np.isnan(fact(book, "fail", 0).low)


# ---- what a book cannot speak to -------------------------------------------------------------------------------
REASONS: dict[str, tuple[Callable[[], Book], str]] = {
    "stop_after_fail": (lambda: marks(np.zeros((50, 4), bool)), "no failures before a task"),
    "fail_after_fail": (lambda: marks(np.zeros((50, 4), bool)), "no failures before a task"),
    "rho_fail_or_missing": (lambda: marks(np.zeros((50, 4), bool)), "no failures"),
    "top_fail": (lambda: marks(np.zeros((50, 4), bool)), "no failures"),
    "rho_missing": (lambda: marks(np.zeros((50, 4), bool)), "no task was missing"),
    "persistence": (lambda: marks(np.zeros((50, 4), bool)), "nobody failed and passed both"),
    "recovery_1": (lambda: marks(np.zeros((50, 4), bool)), "no run of 1 failure"),
    "leave_after_pass": (lambda: marks(np.zeros((50, 4), bool)), "nobody leaves"),
    "autocorrelation_1": (lambda: marks(np.zeros((50, 1), bool)), "no two tasks are 1 apart"),
    "handing_in_1": (lambda: marks(np.zeros((50, 1), bool)), "no two tasks are 1 apart"),
    "explained_5": (lambda: marks(np.zeros((50, 4), bool)), "there is no task 5"),
    "failing_0": (lambda: Book(np.full((5, 2), np.nan), withdrawn=np.ones((5, 2), bool)), "nobody is enrolled"),
    "structure_4": (lambda: marks(np.zeros((50, 4), bool)), "no two tasks are 4 apart"),
    "structure_1": (lambda: Book(np.full((50, 4), np.nan), np.ones((50, 4), bool)), "0 students have a score"),
    "fail": (lambda: Book(np.full((50, 4), np.nan)), "no scores"),
    "missing": (lambda: Book(np.full((5, 2), np.nan), withdrawn=np.ones((5, 2), bool)), "nobody is enrolled"),
    "jump": (lambda: marks(np.zeros((50, 4), bool)), "0 scores within 10 points below 50 %"),
    "class_icc": (lambda: marks(np.zeros((50, 4), bool)), "no two classes"),
    "prior": (lambda: marks(np.zeros((50, 4), bool)), "no earlier score"),
}


@pytest.mark.parametrize("name", REASONS)
def test_reasons(name: str) -> None:
    """It is missing with a reason, and no error; others are measured all the same."""
    make, why = REASONS[name]
    found = {m.name: m for m in measure(make(), draws=20)}
    assert list(found) == list(FACTS)
    assert np.isnan(found[name].value) and found[name].why.startswith(why)
    assert all(np.isfinite(m.value) or m.why for m in found.values())


def test_scores_that_never_differ() -> None:
    """Correlations of what does not differ are not known."""
    found = fact(Book(np.full((50, 4), 0.7)), "autocorrelation_1")
    assert np.isnan(found.value) and found.why


# ---- simulated classes -----------------------------------------------------------------------------------------
def test_weeks_of_simulated_classes() -> None:
    """Who leaves as a week ends was still there for its task; rows go room by room, empty seats are none."""
    score = np.arange(12, dtype=float).reshape(3, 2, 2) / 12
    submitted, enrolled = np.ones((3, 2, 2), bool), np.ones((3, 2, 2), bool)
    enrolled[1:, 0, 1] = submitted[2, 0, 1] = False
    present = np.array([[1, 1], [1, 0]], bool)
    book = of_weeks(score, submitted, enrolled, present)
    assert book.score[:2].tolist() == [score[:, 0, 0].tolist(), score[:, 1, 0].tolist()]
    assert book.class_id.tolist() == [0, 0, 1]
    assert book.withdrawn.tolist() == [[False] * 3, [False] * 3, [False, False, True]]
    assert of_weeks(score, submitted, enrolled, present, weeks=[0, 2]).withdrawn[2].tolist() == [False, True]


def test_few_students_have_no_interval() -> None:
    """Of nine students nothing is drawn again, of ten it is."""
    rng = np.random.default_rng(2)
    for students, known in ((9, False), (10, True)):
        (found,) = measure(Book(rng.random((students, 8)), pass_mark=0.5), ["fail"], draws=200)
        assert np.isfinite(found.value) and np.isfinite(found.low) == known
