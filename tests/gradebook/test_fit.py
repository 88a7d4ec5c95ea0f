"""Fitting a class to a grade book: what is aimed at, that planted numbers come out, and what is said of both models."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import said, setback
from PIL import Image

from setback.analysis.figures import gradebook_fit_figure
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.fit import gradebook as fits
from setback.experiments.fit.gradebook import Fit, Plan, Search
from setback.experiments.fit.tables import facts_table, numbers_table
from setback.experiments.gradebook.book import Book
from setback.experiments.gradebook.contexts import book_in, counterpart, like
from setback.experiments.gradebook.export import gradebook
from setback.experiments.gradebook.facts import measure
from setback.model.errors import InputError

HELD = NULLS["no-cycle"].held
#: A world whose students hand in far less than by default, and in which tests are harder.
TRUTH = {**HELD, "skip_level": -1.4, "knowledge_sd": 0.6}
FREE = ("skip_level", "level", "knowledge_sd")


@pytest.fixture(scope="module")
def book() -> Book:
    """A book of eight classes with known numbers."""
    return counterpart("osu-homework", "criterion+level=0.4", TRUTH, rooms=8, seed=90)


# ---- as a book is -------------------------------------------------------------------------------------------------
def test_a_context_like_a_book() -> None:
    """Class size, number of tasks, pass mark and who leaves are the book's, the rhythm and the policy the source's."""
    rng = np.random.default_rng(4)
    score, class_id = rng.random((60, 4)), np.repeat([0, 1, 2], 20)
    own = like("oulad", Book(score, class_id=class_id, pass_mark=0.7))
    assert (own.weeks, own.size, own.every) == (24, 20, 6)
    assert own.policy == "criterion+assignment_every=6+cut=0.847"
    made = book_in(own, rooms=3)
    assert (made.students, made.tasks, made.pass_mark) == (60, 4, 0.7)
    assert like("osu-homework", Book(score)).size == 40
    gone = np.zeros((60, 4), bool)
    gone[:, 3:] = np.arange(60)[:, None] < 9
    leaving = like("osu-homework", Book(np.where(gone, np.nan, score), withdrawn=gone))
    lively = {"dropout_level": -5.0}
    assert book_in(leaving, lively, 8).withdrawn.any()
    stays = book_in(like("osu-homework", Book(score)), lively, 8)
    assert not stays.withdrawn.any() and (leaving.weeks, stays.tasks) == (4, 4)


def test_the_bar_is_where_the_book_has_it() -> None:
    """The same scores fail more often against a higher mark, in the book and to whom it is told."""
    score = np.random.default_rng(4).random((60, 8))
    low, high = (book_in(like("osu-homework", Book(score, pass_mark=mark)), rooms=8) for mark in (0.4, 0.8))
    assert low.failed.sum() < high.failed.sum()
    for one in (low, high):
        assert (one.score[one.failed] < one.pass_mark).all() and (one.score[one.passed] >= one.pass_mark).all()


@pytest.mark.parametrize(
    ("source", "change", "says"),
    [
        ("oulad", {"pass_mark": 0.95}, "the pass mark is 95 %; simulated it can be 12 to 88 %"),
        ("oulad", {"tasks": 90}, "grade book has 90 tasks; simulated as oulad it can have 1 to 86"),
        ("star-within-schools", {}, "star-within-schools cannot be simulated: the model has no schools"),
        ("oulat", {}, "unknown source of grade books 'oulat'; did you mean oulad?"),
    ],
)
def test_what_cannot_be_simulated(source: str, change: dict[str, float], says: str) -> None:
    """Is told before anything is searched for."""
    score = np.random.default_rng(4).random((30, int(change.get("tasks", 5))))
    with pytest.raises(InputError, match=says):
        like(source, Book(score, pass_mark=change.get("pass_mark", 0.5)))


# ---- what is aimed at ---------------------------------------------------------------------------------------------
def test_tolerances(book: Book) -> None:
    """The interval of a fact; wider where fewer students are simulated, and never below one point."""
    few = fits.plan(book, "osu-homework", rooms=2)  # 80 students for 320
    many = fits.plan(book, "osu-homework", rooms=8)
    known = {one.name: one for one in measure(book, fits.TARGETS)}
    assert {*many.targets} == {n for n, one in known.items() if one.n >= fits.FEWEST_SEEN and one.high == one.high}
    assert "leave_after_pass" not in many.targets and len(many.targets) > 10
    for name, target in many.targets.items():
        one = known[name]
        assert (target.value, many.facts[name].n) == (one.value, one.n)
        assert target.low == pytest.approx(min(one.low, one.value - 0.01))
        assert target.high == pytest.approx(max(one.high, one.value + 0.01))
        assert few.targets[name].high == pytest.approx(max(one.value + 2 * (one.high - one.value), one.value + 0.01))
    assert few.key != many.key == fits.plan(book, "osu-homework", rooms=8).key
    everybody = np.ones(book.students, bool)
    assert many.key != fits.plan(book.take(everybody, pass_mark=0.61), "osu-homework", rooms=8).key


def test_planted_numbers_come_out(book: Book, tmp_path: Path) -> None:
    """Handing in, how hard it is and how students differ, of a book made by known ones; nothing of a cycle."""
    plan = fits.plan(book, "osu-homework", FREE, tries=400, rooms=8)
    found = fits.kept(plan, tmp_path)
    best = found.best("no-cycle")
    assert best.numbers["skip_level"] == pytest.approx(-1.4, abs=0.25)
    assert best.numbers["level"] == pytest.approx(0.4, abs=0.25)
    assert best.numbers["knowledge_sd"] == pytest.approx(0.6, abs=0.15)
    assert found.within("no-cycle") >= len(plan.targets) - 3 and best.loss < len(plan.targets)
    assert abs(best.reproduction) < 0.1 < found.best("cycle").reproduction
    assert found.verdict != "cycle"


def test_what_is_kept_is_not_searched_for_again(book: Book, tmp_path: Path) -> None:
    """A stop loses the search that it falls into, and what is missing alone is made."""
    plan = fits.plan(book, "osu-homework", FREE, tries=60, rooms=2, seed=3)
    done: list[int] = []

    def stop(tries: int) -> None:
        done.append(tries)
        if len(done) == plan.candidates * 2 + 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fits.kept(plan, tmp_path, stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["no-cycle-1.json", "no-cycle-2.json"]
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    whole = fits.kept(plan, tmp_path, done.append)
    assert sum(done[plan.candidates * 2 + 5 :]) == plan.candidates * 6
    assert all(path.read_bytes() == text for path, text in before.items())
    assert fits.kept(plan, tmp_path, lambda tries: pytest.fail("searched again")) == whole
    again = fits.kept(plan, tmp_path / "anew")
    assert again == whole, "the same seed finds the same"
    assert {path.name for path in fits.places(plan, tmp_path)} == {path.name for path in tmp_path.glob("*.json")}


# ---- what is said of it -------------------------------------------------------------------------------------------
def searches(name: str, losses: tuple[float, ...], at: Callable[[int], float], plan: Plan, r: float) -> list[Search]:
    """Searches with such losses; each fitted number lies at a share of its range."""
    made = []
    for k, loss in enumerate(losses):
        rows = [plan.model.table.by_name[n] for n in next(null for null in plan.nulls if null.name == name).free]
        numbers = {row.name: row.low + at(k) * (row.high - row.low) for row in rows}
        figures = {fact: target.value + 0.5 * k for fact, target in plan.targets.items()}
        made.append(Search(name, numbers, figures, loss, r + 0.1 * k, 60))
    return made


def made(book: Book, with_: tuple[float, ...], without: tuple[float, ...], step: float = 0.1) -> Fit:
    """A fit with such losses."""
    plan = fits.plan(book, "osu-homework", (*FREE, "gain_threat"))
    return Fit(
        plan,
        {
            "no-cycle": searches("no-cycle", without, lambda k: 0.5 + 0.01 * k, plan, 0.0),
            "cycle": searches("cycle", with_, lambda k: step * k, plan, 0.5),
        },
    )


def test_what_a_book_tells(book: Book) -> None:
    """A difference between the models counts where it is larger than those between searches, and than the luck."""
    found = made(book, (10.0, 12.0, 13.0, 40.0), (30.0, 31.0, 32.0, 33.0))
    assert (found.apart, found.needed, found.verdict) == (20.0, 30.0, "cannot tell")
    assert "This book cannot tell a cycle of failing from disposition and drift." in found.sentences()
    assert "+20.0 for the cycle, where 30.0 is" in found.sentences()[1]
    found = made(book, (10.0, 12.0, 13.0, 16.0), (30.0, 31.0, 32.0, 33.0))
    assert found.luck == pytest.approx(len(found.plan.targets) / 1.96**2)
    assert (found.needed, found.verdict) == (6.0, "cycle") and "and no proof" in found.sentences()[2]
    found = made(book, (30.0, 31.0, 32.0, 33.0), (10.0, 12.0, 13.0, 14.0))
    assert (found.apart, found.verdict) == (-20.0, "no-cycle")
    assert "Missed by both" not in " ".join(found.sentences()), "the best have every fact as it is"
    far = [one._replace(figures={**one.figures, "fail": 9.0, "missing": 9.0}) for one in found.searches["cycle"]]
    near = [one._replace(figures={**one.figures, "fail": 9.0}) for one in found.searches["no-cycle"]]
    (missed,) = (one for one in Fit(found.plan, {"cycle": far, "no-cycle": near}).sentences() if "Missed" in one)
    assert missed.startswith("Missed by both: fail. Something else goes on there")
    luck = found.luck
    assert made(book, (10.0,) * 4, (9.9 + luck,) * 4).verdict == "cannot tell"
    assert made(book, (10.0,) * 4, (10.1 + luck,) * 4).verdict == "cycle"


def test_what_it_does_not_tell(book: Book) -> None:
    """Numbers and R_F by their range over the searches that fit about as well, and over all where that is said."""
    found = made(book, (20.0, 24.9, 25.1, 40.0), (30.0, 31.0, 37.4, 38.0), step=0.2)
    assert [one.loss for one in found.near("cycle")] == [20.0, 24.9]
    assert [one.loss for one in found.near("no-cycle")] == [30.0, 31.0, 37.4]
    assert found.reproduction("cycle") == pytest.approx((0.5, 0.6))
    assert found.reproduction("cycle", of_all=True) == pytest.approx((0.5, 0.8))
    assert "with a cycle 0.50 to 0.60 (2 of 4 searches), over all of them 0.50 to 0.80" in found.sentences()[3]
    row = found.plan.model.table.by_name["skip_level"]
    assert found.range_of("cycle", "skip_level") == pytest.approx((row.low, row.low + 0.2 * (row.high - row.low)))
    assert found.is_told("cycle", "skip_level") and found.range_of("cycle", "level")[1] < 0.0
    assert "At an end of their range, where the fit with a cycle would go on: " in found.sentences()[-1]
    wide = made(book, (10.0, 12.0, 12.4, 40.0), (30.0,) * 4, step=0.2)
    assert not wide.is_told("cycle", "skip_level") and "Not told by this book are 4 of 4" in wide.sentences()[4]
    alone = made(book, (10.0, 20.0, 20.0, 20.0), (30.0,) * 4)
    assert not alone.is_told("cycle", "skip_level") and "stands alone" in alone.sentences()[4]


def test_tables_and_figure_say_the_fit(book: Book) -> None:
    """Each model's column is its own, with the range over the searches about as good."""
    found = made(book, (10.0, 11.0, 40.0, 40.0), (30.0, 60.0, 60.0, 60.0), step=0.2)
    facts, numbers = facts_table(found), numbers_table(found)
    assert list(facts["fact"]) == [*found.plan.targets]
    one = facts.set_index("fact").loc["missing"]
    target = found.plan.targets["missing"]
    assert (one["value"], one["tolerance_low"], one["tolerance_high"]) == target[1:4]
    assert one["cycle"] == target.value and one["cycle_highest"] == pytest.approx(target.value + 0.5)
    assert one["no-cycle_lowest"] == one["no-cycle_highest"] == target.value and one["cycle_distance"] == 0.0
    named = numbers.set_index("number")
    assert list(named.index) == [name for name in NULLS["cycle"].free if name in (*FREE, "gain_threat")]
    assert (named.loc["gain_threat", "cycle"], named.loc["gain_threat", "cycle_highest"]) == pytest.approx((0.0, 0.4))
    assert math.isnan(named.loc["gain_threat", "no-cycle"]) and named.loc["level", "no-cycle"] == pytest.approx(0.25)
    figure = gradebook_fit_figure(facts, numbers, "a book")
    texts = [label.get_text() for ax in figure.get_axes() for label in ax.get_yticklabels()]
    assert {text.replace("\n", " ") for text in texts} >= {*facts["title"]} and len(texts) == len(facts) + len(numbers)
    ends = [line.get_xdata()[-1] for line in figure.get_axes()[0].get_lines()]
    assert any(end == pytest.approx(100 * (target.value + 0.5)) for end in ends), "shares in percent"


# ---- the command line ---------------------------------------------------------------------------------------------
QUICK = ("--tries", "60", "--rooms", "2", "--free", "skip_level", "--free", "level")


def test_typed(tmp_path: Path) -> None:
    """Tables, picture and sentences; the second time from what is kept, and for a machine."""
    file = tmp_path / "marks.csv"
    gradebook("criterion", {"skip_level": -1.5, "dropout_level": -5.0}, rooms=3, weeks=8).to_csv(file, index=False)
    args = ("fit", "--gradebook", file, "--kind", "assessment", *QUICK, "--results", tmp_path / "results")
    done = setback(*args)
    assert (done.code, done.err) == (0, "")
    assert (
        "Simulated as osu-homework: 2 classes of 30, 8 weeks, criterion+cut=0.000; 60 candidates a search" in done.out
    )
    assert "Within their tolerance: " in done.out and "(R_F)" in done.out
    (folder,) = (tmp_path / "results" / "fits").iterdir()
    with Image.open(folder / "fit.png") as picture:
        assert picture.size[0] > 1000
        assert folder.name.removeprefix("gradebook-") in picture.info["Description"]
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*cycle*.json")}
    assert len(before) == 8
    read = json.loads(setback(*args, "--json").out)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    table = pd.read_csv(folder / "facts.csv")
    assert [one["fact"] for one in read["facts"]] == list(table["fact"]) and "leave_after_pass" in list(table["fact"])
    assert read["models"]["cycle"]["loss"] == min(read["models"]["cycle"]["losses"])
    assert all(sentence in done.out.replace("\n", " ") for sentence in read["says"])
    (folder / "cycle-2.json").write_text("{}", encoding="utf-8")
    assert "cycle-2.json is no refit; remove it" in setback(*args).err


def tidy(students: int, tasks: int, score: Callable[[int, int], float]) -> str:
    """A tidy book."""
    rows = (f"s{k},{week},{score(k, week)}" for k in range(students) for week in range(1, tasks + 1))
    return "\n".join(("student_id,week,score", *rows)) + "\n"


def spread(k: int, week: int) -> float:
    """Scores that differ."""
    return (37 * k + 11 * week) % 101


@pytest.mark.parametrize(
    ("text", "args", "says"),
    [
        (tidy(1, 8, spread), (), "marks.csv has one student; facts need two at least"),
        (tidy(12, 8, spread), (), "marks.csv has 12 students; a fit needs 20"),
        (tidy(40, 2, spread), (), "marks.csv has 2 tasks a student; a fit needs 3"),
        (
            tidy(40, 8, lambda k, week: 60 + k),
            (),
            "marks.csv has no score below the pass mark of 50 %; a fit needs both",
        ),
        (tidy(40, 8, lambda k, week: k), (), "marks.csv has no score at or above the pass mark of 50 %"),
        (tidy(40, 8, spread), ("--free", "cary"), "unknown number that may be fitted 'cary'"),
        (tidy(40, 8, spread), ("--free", "cut"), "unknown number that may be fitted 'cut'"),
        (tidy(40, 8, spread), ("--free", "gain_threat"), "none of gain_threat moves the model without a cycle"),
        (tidy(40, 8, spread), ("--simulate", "oulat"), "unknown source of grade books 'oulat'; did you mean oulad?"),
        (tidy(40, 8, spread), ("--simulate", "star"), "star is simulated with 1 task; a fit needs 3"),
        (tidy(40, 8, spread), ("--tries", "3"), "tries is 3; it needs a whole number from 60"),
        (tidy(40, 8, spread), ("--course", "A"), "marks.csv names no courses"),
    ],
)
def test_bad_input(text: str, args: tuple[str, ...], says: str, tmp_path: Path) -> None:
    """One sentence, exit code 2, nothing written."""
    file = tmp_path / "marks.csv"
    file.write_text(text, encoding="utf-8")
    assert says in said(setback("fit", "--gradebook", file, *args, "--results", tmp_path / "results"))
    assert [*tmp_path.iterdir()] == [file]
