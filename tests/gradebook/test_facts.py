"""The verb `gradebook facts` and its picture say what the facts are, in words, JSON and points with intervals."""

import json
import socket
from pathlib import Path

import numpy as np
import pytest
from command_line import setback
from PIL import Image

from setback.analysis.figures import gradebook_figure
from setback.analysis.figures.gradebook import FEW, PANELS
from setback.experiments.gradebook.contexts import CONTEXTS, counterpart
from setback.experiments.gradebook.facts import FACTS, Measured, measure, values
from setback.experiments.gradebook.readers import read
from setback.model.errors import InputError


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two simulated books, of a criterion and of a curve."""
    folder = tmp_path_factory.mktemp("books")
    paths = folder / "criterion.csv", folder / "curve.csv"
    for path in paths:
        words = ["--policy", path.stem, "--rooms", "12", "--weeks", "8", "--set", "skip_level=-1", "--out", path]
        assert setback("gradebook", "export", *words).code == 0
    return paths


def test_a_table_in_words(books: tuple[Path, Path]) -> None:
    """Each fact with its value and interval; what a book cannot speak to comes last, with the reason."""
    done = setback("gradebook", "facts", books[0], "--draws", "50")
    assert done.code == 0 and done.err == ""
    (fail,) = (m for m in measure(read(books[0]), ["fail"], 50))
    line = next(line for line in done.out.splitlines() if FACTS["fail"].title in line)
    assert f"{fail.value:.3f} ({fail.low:.3f} to {fail.high:.3f})" in line and f"{fail.n:,}" in line
    assert "A: criterion.csv: 360 students, 8 tasks, 12 classes, pass mark 50 %" in done.out
    assert f"not known: {FACTS['prior'].title} (no earlier score in the book)" in done.out
    assert "Persistence is no proof of a cycle." in done.out


def test_two_books_as_json(books: tuple[Path, Path]) -> None:
    """Options go to the books in order; what is not known is null."""
    words = ["--pass-mark", "60", "--kind", "assessment", "--kind", "practice", "--draws", "0", "--json"]
    done = setback("gradebook", "facts", *books, *words)
    first, second = json.loads(done.out)
    assert (first["pass_mark"], second["pass_mark"]) == (60.0, 50.0)
    assert first["notes"][0].startswith("tasks of kind assessment")
    assert second["notes"][0].startswith("tasks of kind practice")
    facts = {fact["fact"]: fact for fact in first["facts"]}
    assert list(facts) == list(FACTS)
    assert facts["prior"]["value"] is None and facts["prior"]["why"]
    assert facts["fail"]["value"] == measure(read(books[0], pass_mark=60), ["fail"], 0)[0].value
    assert facts["fail"]["low"] is None, "without draws there are no intervals"


def test_a_year_is_simulated_as_the_source_is_made(books: tuple[Path, Path], tmp_path: Path) -> None:
    """It is the second book, of the policy, world, classes and seed that are asked for, in words, JSON and picture."""
    words = ["--simulate", "oulad", "--policy", "curve", "--set", "skip_level=-1", "--rooms", "11", "--seed", "3"]
    out = tmp_path / "both.png"
    done = setback("gradebook", "facts", books[0], *words, "--draws", "0", "--json", "--out", out)
    first, second = json.loads(done.out)
    assert done.code == 0 and first["book"] == "criterion.csv" and out.exists()
    book = counterpart("oulad", "curve", {"skip_level": -1.0}, 11, 3)
    assert (second["book"], second["students"], second["tasks"], second["pass_mark"]) == (book.title, 330, 6, 40.0)
    expected = values(book)
    assert {one["fact"]: one["value"] for one in second["facts"]} == {
        name: None if np.isnan(value) else value for name, value in expected.items()
    }
    plain = setback("gradebook", "facts", books[0], "--simulate", "oulad", "--draws", "0")
    assert "B: simulated as oulad, criterion+assignment_every=6+cut=-0.405: 1200 students, 6 tasks, 40 " in plain.out
    assert f"  {CONTEXTS['oulad'].description}" in plain.out


def test_a_book_is_found_within_the_folder_of_data(
    books: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name it has there; a file of that name that is here goes first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SETBACK_DATA", str(books[0].parent))
    there = read("criterion.csv")
    assert there.students == 360
    lines = books[0].read_text().splitlines(keepends=True)
    (tmp_path / "criterion.csv").write_text("".join(line for line in lines if not line.startswith("room-1")))
    assert read("criterion.csv").students < 360
    monkeypatch.delenv("SETBACK_DATA")
    with pytest.raises(InputError, match=r"grade book curve.csv cannot be read"):
        read("curve.csv")


def test_nothing_leaves(books: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is made."""

    def refused(*args: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refused)
    assert setback("gradebook", "facts", books[0], "--draws", "0").code == 0


def test_a_picture_is_written(books: tuple[Path, Path], tmp_path: Path) -> None:
    """With one book and with two."""
    for some in (books[:1], books):
        out = tmp_path / f"{len(some)}.png"
        assert setback("gradebook", "facts", *some, "--draws", "20", "--out", out).code == 0
        with Image.open(out) as picture:
            assert picture.size[0] > 1000


# ---- the picture, read back --------------------------------------------------------------------------------------
def fact(name: str, value: float, n: int = 100) -> Measured:
    """A fact with an interval of its own."""
    return Measured(name, value, value - 0.05, value + 0.08, n, "students")


def test_points_are_the_facts() -> None:
    """Each panel has a point for each fact and book, in percent where it is a share, and its interval."""
    rng = np.random.default_rng(1)
    books = {letter: [fact(name, float(rng.uniform(0.1, 0.9))) for name in FACTS] for letter in "AB"}
    figure = gradebook_figure(books)
    for ax, panel in zip(figure.axes, PANELS):
        assert ax.get_title() == panel.title and ax.get_ylabel()
        assert [label.get_text() for label in ax.get_xticklabels()] == list(panel.facts.values())
        assert len(ax.containers) == 2
        for drawn, facts in zip(ax.containers, books.values()):
            line, _, (bars,) = drawn.lines
            times = 100 if panel.percent else 1
            known = {one.name: one for one in facts}
            expected = [known[name] for name in panel.facts]
            np.testing.assert_allclose(line.get_ydata(), [times * one.value for one in expected])
            ends = np.array([segment[:, 1] for segment in bars.get_segments()])
            np.testing.assert_allclose(ends, [[times * one.low, times * one.high] for one in expected])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["A", "B"]
    colours = {ax.containers[k].lines[0].get_color() for ax in figure.axes for k in (0, 1)}
    assert len(colours) == 2


def test_what_is_not_known_is_left_out() -> None:
    """Of one book a fact is missing, another comes from a few alone; a panel of which nothing is known says so."""
    unknown = Measured("fail", np.nan, np.nan, np.nan, 0, "", "no scores")
    figure = gradebook_figure({"A": [unknown, fact("missing", 0.2), fact("fail_or_missing", 0.5, FEW - 1)]})
    first, second = figure.axes[:2]
    np.testing.assert_allclose(first.containers[0].lines[0].get_xydata(), [[1.0, 20.0]])
    assert [text.get_text() for text in second.texts] == ["not known of these books"]


def test_every_panel_names_facts() -> None:
    """And every fact that a panel shows is one."""
    assert {name for panel in PANELS for name in panel.facts} <= set(FACTS)
    assert all(panel.facts for panel in PANELS)
