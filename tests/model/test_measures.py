"""What is measured of a class, and outcomes of a person's own, in a model and from a file."""

from pathlib import Path

import numpy as np
import pytest

import setback as sb
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Tasks, live
from setback.model.errors import InputError
from setback.model.measures import base, declared, measure, outcome, says
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster

#: Five students of one class, one of whom it is not known; and a class of which nothing is known.
VALUES = np.array([[0.1, np.nan], [0.2, np.nan], [np.nan, np.nan], [0.4, np.nan], [0.9, np.nan]])


@pytest.mark.parametrize(
    ("name", "number", "unit"),
    [
        ("learning", 0.4, "SD"),
        ("learning.q0", 0.1, "SD"),
        ("learning.q50", 0.3, "SD"),
        ("learning.q25", 0.175, "SD"),
        ("learning<0.2", 0.25, "share of students"),
        ("learning>0.2", 0.5, "share of students"),
        ("learning>-1", 1.0, "share of students"),
    ],
)
def test_of_a_class(name: str, number: float, unit: str) -> None:
    """Over the students of whom it is known; NaN where it is known of none; a limit is beyond neither way."""
    found = measure(name)
    assert found.over(VALUES) == pytest.approx([number, np.nan], nan_ok=True)
    assert (found.unit, base(name), found.outcome) == (unit, "learning", OUTCOMES["learning"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lerning", "unknown outcome to keep 'lerning'; did you mean learning?"),
        ("learning.q", "'learning.q' says no number of a class; write learning.q10 for a quantile, "),
        ("learning.q100", "'learning.q100' says no number of a class; "),
        ("learning<", "'learning<' says no number of a class; "),
        ("learning<a", "'learning<a' says no number of a class; "),
    ],
)
def test_what_says_nothing(name: str, said: str) -> None:
    """One sentence, and how it is written."""
    for ask in (measure, lambda asked: sb.Keep([asked])):
        with pytest.raises(InputError) as error:
            ask(name)
        assert str(error.value).startswith(said)


@outcome("share of weeks", "work that was not handed in")
def missed(weeks_submitted, weeks):  # type: ignore[no-untyped-def]
    """Work."""
    return 1.0 - weeks_submitted / weeks


def study(model: sb.Model, **changes: object) -> Study:
    """Two classes of five for six weeks."""
    small = Study("small", "", (Policy("curve"),), Parameters(), Roster.synthetic(5), 2, 6, 3, 0.0, model=model)
    return small.replace(keep=model.keep(["submission_rate", "missed", "missed.q75", "missed>0.3"]), **changes)


def test_an_outcome_of_ones_own() -> None:
    """It is what it says, of each student; 1 less another one that ships."""
    model = sb.MODEL.with_outcome(missed)
    assert model.outcomes["missed"] == declared(missed) and "missed" not in sb.MODEL.outcomes
    plan = study(model)
    rows = live(plan, Tasks(plan)[0])["outcomes"].to_pandas()
    assert rows["missed"].to_numpy() == pytest.approx(1.0 - rows["submission_rate"].to_numpy())
    assert (rows["missed.q75"] >= rows["missed"] * 0).all() and rows["missed>0.3"].isin([k / 5 for k in range(6)]).all()
    with pytest.raises(InputError, match="unknown outcome to keep 'missed'"):
        plan.replace(model=sb.MODEL)
    with pytest.raises(InputError, match="missed is measured by studies alone"):
        sb.simulate("curve", rooms=1, weeks=2, keep=model.keep(["missed"]), model=model)


def test_it_is_part_of_what_results_are_filed_under() -> None:
    """Where it is kept, and only there."""
    model = sb.MODEL.with_outcome(missed)
    text = study(model).text()
    assert text["custom"] == {
        "missed": {"unit": "share of weeks", "description": "work that was not handed in", "says": says(missed)}
    }
    plain = study(model).replace(keep=sb.Keep(["learning"]))
    assert plain.key() == plain.replace(model=sb.MODEL).key() and "custom" not in plain.text()


def written(path: Path, number: str) -> Path:
    """A file with an outcome that reads a number and a function of the file."""
    path.write_text(
        f"import setback as sb\nLEAST = {number}\n\ndef grown(x):\n    return x * LEAST\n\n"
        '@sb.outcome("share")\ndef stretched(total_effort):\n    """Effort, stretched."""\n'
        "    return grown(total_effort)\n"
    )
    return path


def test_from_a_file(tmp_path: Path) -> None:
    """The file brings it, and takes it away again; what it reads of the file is part of what it says."""
    hashes = []
    model = sb.MODEL
    for number in ("2.0", "3.0"):
        model = model.with_file(written(tmp_path / "mine.py", number))
        found = model.outcomes["stretched"]
        assert (found.unit, found.description) == ("share", "Effort, stretched")
        assert (
            found.of({"total_effort": np.ones((2, 1)), "enrolled": np.ones((2, 1))}, 3).tolist()
            == [[float(number)]] * 2
        )
        hashes.append(says(found.of.function))  # type: ignore[attr-defined]
    assert hashes[0] != hashes[1] and len(model.files or ()) == 1
    (tmp_path / "mine.py").write_text("")
    assert "stretched" not in model.with_file(tmp_path / "mine.py").outcomes


LIST = [1.0]


def _reads_a_list(total_effort):  # type: ignore[no-untyped-def]
    return total_effort * LIST[0]


def _is_infinite(total_effort):  # type: ignore[no-untyped-def]
    return total_effort / 0.0


def _fails(total_effort):  # type: ignore[no-untyped-def]
    return total_effort[:, :, 3]


@pytest.mark.parametrize(
    ("function", "name", "said"),
    [
        (_reads_a_list, "mine", "outcome mine reads LIST, a list; write its numbers into it"),
        (_is_infinite, "mine", "outcome mine is infinite in a small class; give NaN where it is not known"),
        (_fails, "mine", "outcome mine fails on a small class: IndexError: "),
        (_fails, "learning", "learning is there already; give your outcome another name"),
        (_fails, "Mine", "outcome Mine has no name that tables can have; it needs a_name_like_this"),
    ],
)
def test_what_no_outcome_can_be(function, name: str, said: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """One sentence."""
    monkeypatch.setattr(function, "__name__", name)
    with pytest.raises(InputError) as error:
        sb.MODEL.with_outcome(outcome("share", "mine")(function))
    assert str(error.value).startswith(said)


def test_what_it_may_read() -> None:
    """Slots that are there at the end, and the weeks."""
    with pytest.raises(
        InputError, match="unknown slot that outcome odd reads: 'total_efort'; did you mean total_effort"
    ):

        @outcome("share")
        def odd(total_efort):  # type: ignore[no-untyped-def]
            return total_efort

    with pytest.raises(InputError, match="declares no outcome; put @outcome"):
        sb.MODEL.with_outcome(written)
