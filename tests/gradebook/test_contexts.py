"""Simulated counterparts of the evidence: each context writes its book as the source did, and every row has one."""

import numpy as np
import pytest

from setback.experiments.evidence.rows import facts
from setback.experiments.gradebook import contexts
from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.contexts import (
    CONTEXTS,
    EVERY,
    RELIABILITY,
    counterpart,
    simulated_books,
    simulated_facts,
)
from setback.experiments.gradebook.facts import values
from setback.experiments.gradebook.rows import ROWS, SOURCES
from setback.model.errors import InputError
from setback.model.parameters import ROWS as PARAMETERS
from setback.model.policies import as_policy

#: Students stop and skip often enough to be seen in a few rooms.
LIVELY = {"skip_level": -1.0, "dropout_level": -5.0, "dropout_not_submitted": 2.0}


@pytest.fixture(scope="module")
def books() -> dict[str, Book]:
    """The book of every context."""
    return simulated_books(CONTEXTS, LIVELY, rooms=12)


def test_every_source_has_a_context() -> None:
    """And each context a policy of the model, whose line is the pass mark of the source."""
    assert set(CONTEXTS) == set(SOURCES) == {row.source for row in ROWS.values()}
    for name, line in {"oulad": 0.4, "osu-homework": 0.6, "osu-projects": 0.6, "uci-dropout": 0.5}.items():
        policy = as_policy(CONTEXTS[name].policy, CONTEXTS[name].weeks)
        assert 1 / (1 + np.exp(-policy["cut"])) == pytest.approx(line, abs=1e-3)  # type: ignore[index]


def test_every_row_has_a_value() -> None:
    """All but the one to which a model without schools cannot speak."""
    found = simulated_facts(LIVELY, rooms=12)
    assert list(found) == list(facts())
    assert [row for row, value in found.items() if not np.isfinite(value)] == ["ST-02K"]
    assert CONTEXTS[ROWS["ST-02K"].source].mute


def test_rows_that_are_asked_for() -> None:
    """Alone they are what they are among all; engines agree; the seed matters."""
    few = simulated_facts(LIVELY, ["OU-01a", "PT-05"], rooms=3)
    assert few == {row: simulated_facts(LIVELY, rooms=3)[row] for row in few}
    plain = simulated_facts(LIVELY, ["OU-01a", "PT-05"], rooms=3, engine="vectorised")
    assert few == pytest.approx(plain, abs=1e-8)
    assert few != simulated_facts(LIVELY, ["OU-01a", "PT-05"], rooms=3, seed=1)
    assert few != simulated_facts({}, ["OU-01a", "PT-05"], rooms=3)


def test_shapes(books: dict[str, Book]) -> None:
    """Tasks, students and marks as the sources have them."""
    said = {name: (book.students, book.tasks, book.pass_mark) for name, book in books.items()}
    assert said == {
        "oulad": (360, 6, 0.4),
        "osu-homework": (480, 15, 0.6),
        "osu-projects": (480, 15, 0.6),
        "uci-mathematics": (360, 3, 0.5),
        "uci-portuguese": (360, 3, 0.5),
        "uci-dropout": (360, 6, 0.5),
        "star": (240, 1, 0.5),
    }
    assert books["oulad"].withdrawn.any() and not books["osu-homework"].withdrawn.any()
    assert books["uci-mathematics"].submitted[:, 0].all() and not books["uci-mathematics"].submitted.all()


def test_books_are_of_the_weeks_they_say() -> None:
    """From a run that is laid out by hand: two students, of whom the second stops after the sixth week."""
    weeks = 12
    score = np.linspace(0.3, 0.9, weeks)[:, None, None] * np.ones((1, 2, 1))
    enrolled = np.ones((weeks, 2, 1))
    enrolled[5:, 1] = 0.0
    submitted = np.ones((weeks, 2, 1))
    submitted[6:, 1] = 0.0
    score = score * submitted
    run = contexts.Run(
        dict.fromkeys(("opening_knowledge", "prior_measured"), np.array([[0.0], [1.0]])),
        {"score": score, "enrolled": enrolled, "submitted": submitted, "present": np.ones((weeks, 2, 1))},
    )
    spaced = contexts.assignments(run, 0)
    assert spaced.score[0].tolist() == score[[EVERY - 1, 2 * EVERY - 1], 0, 0].tolist()
    assert spaced.withdrawn.tolist() == [[False, False], [False, True]]
    homework = contexts.weekly(run, 0)
    assert homework.missing.sum() == 6 and not homework.withdrawn.any()
    unit = contexts.units(run, 0)
    assert unit.score[0, 1] == pytest.approx(score[3:6, 0, 0].mean())
    assert unit.missing.tolist() == [[False] * 4, [False, False, True, True]]
    grades = contexts.periods(run, 0)
    assert grades.score.tolist() == [[pytest.approx(score[:, 0].mean())], [pytest.approx(score[:, 1].mean())]]


def test_a_counterpart_is_the_book_of_its_context(books: dict[str, Book]) -> None:
    """With the policy of the context it is the same; worlds, seeds and policies matter."""
    own = counterpart("oulad", None, LIVELY, 12)
    np.testing.assert_array_equal(own.score, books["oulad"].score)
    np.testing.assert_array_equal(own.withdrawn, books["oulad"].withdrawn)
    assert own.title == "simulated as oulad, criterion+assignment_every=6+cut=-0.405" and own.pass_mark == 0.4
    assert own.notes == (CONTEXTS["oulad"].description,)
    assert own.classes.tolist() == [*range(12)]
    others = counterpart("oulad", None, {}, 12), counterpart("oulad", None, LIVELY, 12, 1)
    others += (counterpart("oulad", "curve", LIVELY, 12),)
    assert not any(np.array_equal(other.score, own.score, equal_nan=True) for other in others)


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        ("criterion", "criterion+assignment_every=6+cut=-0.405"),
        ("mastery", "mastery+assignment_every=6+cut=-0.405"),
        ("criterion+cut=1", "criterion+assignment_every=6+cut=1"),
        ("curve+assignment_every=3", "curve+assignment_every=3+cut=-0.405"),
        (
            "criterion > mastery+cut=1 @ 9",
            "criterion+assignment_every=6+cut=-0.405 > mastery+assignment_every=6+cut=1 @ 9",
        ),
    ],
)
def test_what_a_policy_takes_over(policy: str, name: str) -> None:
    """Pass mark and weeks of assignments of the source, in each part of the year, but what its text states."""
    assert counterpart("oulad", policy, rooms=1).title == f"simulated as oulad, {name}"
    assert counterpart("uci-mathematics", policy, rooms=1).title == f"simulated as uci-mathematics, {policy}"


def test_a_prior_score_may_say_little_of_what_is_known() -> None:
    """The less valid it is, the less marks go with it; what a first test measures does not depend on that."""
    rows = ["PT-05", "ST-01Km"]
    high, low = (simulated_facts({"prior_validity": validity}, rows, rooms=20) for validity in (1.0, 0.5))
    assert low["PT-05"] == pytest.approx(0.5 * high["PT-05"], abs=0.08)
    assert low[rows[1]] == high[rows[1]]


def test_a_test_before_the_year_is_as_reliable_as_it_says() -> None:
    """What classes differ in is a share of what is measured; the rest of it is error."""
    share = PARAMETERS["class_share"].high
    book = simulated_books(["star"], {"class_share": share}, rooms=600)["star"]
    assert values(book, ["class_icc"])["class_icc"] == pytest.approx(RELIABILITY * share, abs=0.03)


def test_bad_input() -> None:
    """One sentence each."""
    with pytest.raises(InputError, match="unknown row 'OU-1a'; did you mean"):
        simulated_facts({}, ["OU-1a"])
    with pytest.raises(InputError, match="unknown engine"):
        simulated_facts({}, engine="numba")
    with pytest.raises(InputError, match="rooms is 0"):
        simulated_facts({}, rooms=0)
    with pytest.raises(InputError, match="unknown source of grade books 'ouald'; did you mean oulad"):
        simulated_books(["ouald"])
    for source, why in {"star-within-schools": "star-within-schools cannot be simulated: the model has no schools",
                        "osu": "unknown source of grade books 'osu'"}.items():  # fmt: skip
        with pytest.raises(InputError, match=why):
            counterpart(source)
    with pytest.raises(InputError, match="unknown policy 'curv'"):
        counterpart("oulad", "curv")
    with pytest.raises(InputError, match="changes in week 19; the last week of the year is 15"):
        counterpart("osu-projects", "criterion > curve @ 19")
    with pytest.raises(InputError, match="unknown parameter"):
        simulated_facts({"drift": 1.0})
