"""From cells to scores: percent signs, decimal commas, grades in letters, encodings, and columns of unlike scales."""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest

from setback.model.rosters.cells import Words, as_number, decimal_mark
from setback.model.rosters.roster import Roster

Made = Callable[..., Roster]
Said = Callable[..., str]

NAN = float("nan")
WHO = '[student]\nid = "id"\n'
MARK = '[traits.interest]\ncolumns = "mark"\n'
AS_IS = f"{MARK}mean = 0\nsd = 100\n"
NO_NUMBER = "it needs a number, or a place among values or missing in a mapping"


def z(*shares: float) -> list[float]:
    """Standard normal numbers, from the standard library."""
    return [NormalDist().inv_cdf(share) for share in shares]


def scores(roster: Roster, trait: str = "interest") -> list[float]:
    """One trait of everybody, in the order of the file, which is one class."""
    (only,) = roster.classes
    return [float(score) for score in only.scores[trait]]


# ---- percent signs -----------------------------------------------------------------------------------------
def test_percent_signs(made: Made) -> None:
    """With or without a blank before, beside plain numbers; exactly 100% too."""
    here = scores(made("id,mark\na,81.2%\nb,90 %\nc,77\nd,100%\ne,-5%\n", WHO + AS_IS))
    assert here == pytest.approx([0.812, 0.9, 0.77, 1, -0.05])


def test_percentages_above_100(made: Made, said: Said) -> None:
    """Refused with the place, unless the mapping says that there is extra credit; plain numbers may be anything."""
    text = "id,mark\na,81%\nb,104.5%\nc,120\n"
    assert said(text, WHO + MARK) == (
        "mark in line 3 of pupils.csv is '104.5%', above 100%; correct it, or write extra_credit = true in "
        "[traits.interest] of rules"
    )
    assert scores(made(text, f"{WHO}{AS_IS}extra_credit = true\n")) == pytest.approx([0.81, 1.045, 1.2])


# ---- decimal commas ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["7", "12,5"], ","),
        (["0,125"], ","),
        (["1,2500", "1,250"], ","),
        ([",5 %"], ","),
        (["1,250"], "."),
        (["-12,345,678"], "."),
        (["12,5", "1.5"], "."),
        (["12", "x,5"], "."),
        ([], "."),
    ],
)
def test_the_decimal_mark_is_found_where_it_is_sure(cells: list[str], mark: str) -> None:
    """Thousands look alike and are not guessed at; nor is a comma where other cells have a point."""
    assert decimal_mark(cells) == mark


def test_decimal_commas_of_the_columns_that_count(made: Made) -> None:
    """What stands in other columns decides nothing, and a stated mark is not doubted."""
    text = "id;mark;note\na;1,5;v1.2\nb;22;1.5\n"
    assert scores(made(text, WHO + AS_IS)) == pytest.approx([0.015, 0.22])
    assert scores(made(text, f'[file]\ndecimal = ","\n{WHO}{AS_IS}')) == pytest.approx([0.015, 0.22])


@pytest.mark.parametrize(
    ("text", "file", "cell"),
    [
        ("id,mark\na,1\nb,\"1,5\"\n", "", "1,5"),
        ("id;mark\na;1\nb;1,250\n", "", "1,250"),
        ("id;mark\na;1.5\nb;2,5\n", "", "2,5"),
        ("id;mark\na;1,5\nb;2,5\n", '[file]\ndecimal = "."\n', "1,5"),
    ],
)  # fmt: skip
def test_commas_that_may_be_anything_are_refused(said: Said, text: str, file: str, cell: str) -> None:
    """Beside commas as separators, as thousands, beside points, or against what is stated."""
    message = said(text, f"{file}{WHO}{MARK}")
    assert f"is {cell!r}; {NO_NUMBER}" in message
    assert message.endswith('(decimal = "," in [file] says that the comma is its decimal mark)')


# ---- words -------------------------------------------------------------------------------------------------
def test_words_are_compared_as_numbers_where_they_are() -> None:
    """As text, as number, by pattern; a star alone is a star."""
    words = Words(["EX", "-1", "Late (*)", "*", "1.5"], ",")
    cells = ["EX", "-1,0", "-1", "Late (2)", "*", "1,50", "ex", "1", "Late", "**", ""]
    assert [cell in words for cell in cells] == [True] * 6 + [False] * 5
    assert as_number("1 000") is None and as_number("٣") == 3


def test_missing_patterns(made: Made) -> None:
    """A star in a word for a missing value."""
    text = "id,mark\na,5\nb,In Progress(3)\nc,*\nd,\n"
    assert scores(made(text, f'[file]\nmissing = ["In Progress*", "*"]\n{WHO}{AS_IS}')) == pytest.approx(
        [0.05, NAN, NAN, NAN], nan_ok=True
    )


OF, TWO = "scale in [traits.interest] of rules.toml", "it needs two grades or more, each once, the best first"
ORDER = (
    "[traits.interest] of rules.toml has a scale, which knows order alone, and values or a mean as well; take one away"
)
SCALE = f'{MARK}scale = ["A+", "A", "B", "F"]\n'


def test_grades_on_a_scale(made: Made) -> None:
    """The best first: only their order counts, and what is missing stays so."""
    text = "id,mark\na,B\nb,A+\nc,\nd,F\ne,A\nf,B\n"
    assert scores(made(text, WHO + SCALE)) == pytest.approx(
        [*z(4 / 10, 9 / 10), NAN, *z(1 / 10, 7 / 10, 4 / 10)], abs=1e-6, nan_ok=True
    )
    assert scores(made(text, f"{WHO}{SCALE}reverse = true\n"))[1] == pytest.approx(z(1 / 10)[0], abs=1e-6)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (
            SCALE,
            "mark in line 3 of pupils.csv is 'B+', which is not on the scale; give it a place in the scale of "
            "[traits.interest] of rules ('A+', 'A', 'B', 'F'), or missing",
        ),
        (f'{MARK}scale = ["A"]\n', f"{OF} is ['A']; " + TWO),
        (f'{MARK}scale = ["A", "A"]\n', f"{OF} is ['A', 'A']; " + TWO),
        (f"{MARK}scale = [1, 2]\n", f"{OF} is [1, 2]; " + TWO),
        (f"{MARK}scale = []\n", f"{OF} is []; " + TWO),
        (f"{SCALE}mean = 1\nsd = 1\n", ORDER),
        (f"{SCALE}values = {{A = 1}}\n", ORDER),
    ],
)  # fmt: skip
def test_bad_scales_are_refused(said: Said, mapping: str, says: str) -> None:
    """A grade that it leaves out, and scales that are none."""
    assert said("id,mark\na,A\nb,B+\n", WHO + mapping) == says


# ---- several columns ---------------------------------------------------------------------------------------
UNLIKE = "id,quiz of 10,test of 100\nann,9,60\nben,EX,55\ncyn,10,70\ndov,8,64\n"
BOTH = '[file]\nmissing = ["EX"]\n' + WHO + '[traits.interest]\ncolumns = ["quiz*", "test*"]\n'


def test_unlike_scales_are_ranked_before_they_are_averaged(made: Made) -> None:
    """Who missed the easy quiz and did worst in the test is last, not first."""
    quiz, test = [*z(3 / 6), NAN, *z(5 / 6, 1 / 6)], z(3 / 8, 1 / 8, 7 / 8, 5 / 8)
    average = np.nanmean([quiz, test], axis=0)
    assert average.argsort().tolist() == [1, 3, 0, 2]
    expected = z(5 / 8, 1 / 8, 7 / 8, 3 / 8)
    assert scores(made(UNLIKE, BOTH)) == pytest.approx(expected, abs=1e-6)
    assert scores(made(UNLIKE, f"{BOTH}reverse = true\n")) == pytest.approx([-e for e in expected], abs=1e-6)


def test_equal_averages_are_ties(made: Made) -> None:
    """Whoever is best in one and worst in another column is as good as the other way round, and as the middle."""
    here = scores(made("id,x,y,w\na,1,3,2\nb,3,1,2\nc,2,2,2\n", f'{WHO}[traits.interest]\ncolumns = ["x", "y", "w"]\n'))
    assert here == pytest.approx([0, 0, 0], abs=1e-6)


def test_several_means(made: Made, said: Said) -> None:
    """One a column: each cell by its own, then the average."""
    mapping = f"{BOTH}mean = [9, 60]\nsd = [1, 5]\n"
    roster = made(UNLIKE, mapping)
    assert scores(roster) == pytest.approx([0, -1, 1.5, -0.1])
    assert "interest from quiz of 10+test of 100 by mean 9/60 and SD 1/5" in roster.notes
    where = "[traits.interest] of rules has 3 means or SDs for 2 columns; it needs one, or one a column"
    assert said(UNLIKE, f"{BOTH}mean = [9, 60, 1]\nsd = 1\n") == where
    assert said(UNLIKE, f"{BOTH}mean = 9\nsd = [1, 0]\n").endswith("needs both a mean and an SD above 0, or neither")
    assert said(UNLIKE, f"{BOTH}mean = []\nsd = 1\n").endswith("is []; it needs a number, or a list of one a column")
    far = said(UNLIKE, f"{BOTH}mean = [9, 60]\nsd = [1, 0.1]\n")
    assert far.startswith("test of 100 in line 3 of pupils.csv is 50 SDs from the mean")


# ---- encodings ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("written", ["cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_encodings_that_nobody_stated(made: Made, written: str) -> None:
    """What is no UTF-8 is Windows-1252, UTF-16 is known by its mark; either is said."""
    mark = "\ufeff" if written.startswith("utf-16-") else ""
    roster = made((mark + "student_id,interest\nJosé,1\nÅsa „x“,2\n".replace("„x“", "")).encode(written))
    assert roster.classes[0].students == ("José", "Åsa")
    said = {"cp": "read as cp1252: it is not UTF-8", "la": "read as cp1252: it is not UTF-8", "ut": None}[written[:2]]
    said = "read as utf-16: by its byte order mark" if written.startswith("utf-16") else said
    assert (roster.notes[1] == said) if said else not any("read as" in note for note in roster.notes)


def test_names_hold_anything(made: Made) -> None:
    """Quotes, line ends, formulas and letters from right to left stay as they are; what is said of them is one line."""
    names = ['say "x"', "two\nlines", "=1+1", "مها, ليلى", "\u202eevil"]
    rows = "".join('"{}",1\n'.format(name.replace('"', '""')) for name in names)
    roster = made(f"id,mark\n{rows}".encode(), f'[file]\nskip = {{id = "=1+1"}}\n{WHO}{MARK}')
    assert list(roster.classes[0].students) == [name for name in names if name != "=1+1"]
    assert roster.notes[1] == "left out 1 of 5 rows: 1 with id '=1+1'"
