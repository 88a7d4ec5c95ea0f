"""The switch: students whose years are written down recover, stop or are trapped as they should."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import setback

from setback.analysis import switch
from setback.experiments.predictions import measures
from setback.experiments.predictions.measures import Case
from setback.experiments.predictions.switch import LONG, QUOTAS, OfWeek
from setback.experiments.studies.study import Study
from setback.model.engines.block import NEVER, Block, Run
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

STUDENTS = 20


def written_down(block: Block, weeks: int, keep: Sequence[str] = (), **_: Any) -> Run:
    """Give the years of twenty students; under high pressure half of them are helpless by week 18.

    Two stay so, two until week 90, three are well again at once, three stop in week 40. An eleventh is helpless
    whatever is done.
    """
    control, enrolled = np.full((weeks, STUDENTS, 1), 0.9), np.ones((weeks, STUDENTS, 1))
    control[:, 10] = 0.1
    if len(block.begins) > 1 and block.begins[1, 0] != NEVER:
        assert block.begins[1, 0] == 18, "the nineteenth week is the first under low pressure"
        control[:18, :10] = control[:, :2] = control[:90, 2:4] = control[:, 7:10] = 0.1
        enrolled[39:, 7:10] = 0.0
    traces = {"control": control, "enrolled": enrolled, "failing_grade": np.full(control.shape, 0.2)}
    return Run({"enrolled": enrolled[-1]}, {name: traces[name] for name in keep})


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The rows of two rooms."""
    roster = Roster.synthetic(STUDENTS)
    seats = [roster.seats([room], 3) for room in range(2)]
    here = Case(Policy(), False, Parameters(), seats, 24, 0.5, written_down, MODEL)  # type: ignore[arg-type]
    found = [*measures.switched(here), *measures.weekly(here)]
    return pd.DataFrame(found, columns=measures.Row._fields).assign(world=0, policy="criterion")


def test_who_recovers_stops_and_is_trapped(rows: pd.DataFrame) -> None:
    """Slow recovery is no trap, nor is what would have been so anyway; who has stopped is counted apart."""
    found = switch.recovery(rows)
    assert len(found) == 2 * len(switch.FIGURES) and {*found["quota"]} == {*switch.SAID.values()}
    for _, mine in found.groupby("quota"):
        of = mine.set_index("figure")["value"]
        assert of["made helpless"] == 10 / 20 and of["recovered"] == 5 / 10 and of["helpless, then stopped"] == 3 / 10
        assert of["stopped"] == pytest.approx(3 / 20) and of["trapped"] == 2 / 20 and of["half not made good"] == 0.0
        # the gap is .4 in week 18, .28 when three are well again, and .19 of those left when three have stopped
        assert of["half-life"] == 22.0
    text = " ".join(switch.sentences(found))
    assert "50.0 % of the students are helpless in week 18 who would not be; by week 108 50.0 % of them" in text
    assert (
        "stopped is 15.0 percentage points higher, and 10.0 % of all students are trapped" in text
        and "back after 22.0 weeks" in text
    )


def test_week_by_week(rows: pd.DataFrame) -> None:
    """In the switched years and in the one without; of all students."""
    table = switch.by_week(rows)
    assert {*table["way"]} == {"never", *(f"switched{quota}" for quota in QUOTAS)} and len(table) == 2 * 3 * LONG
    found = table.set_index(["what", "way", "week"])["value"]
    weeks = [found["helpless", "switched", week] for week in (18, 19, 40, 90, 91, 108)]
    assert weeks == [11 / 20, 8 / 20, 5 / 20, 5 / 20, 3 / 20, 3 / 20]
    assert {found["helpless", "never", week] for week in (1, 18, 108)} == {1 / 20}
    assert [found["stopped", "switched at equal share", week] for week in (39, 40)] == [0.0, 3 / 20]
    assert len(switch.without_weeks(rows)) == 2 * 2 * len(switch.FIGURES)
    assert OfWeek.read("trapped") is None and OfWeek.read(str(OfWeek("helpless", "never", 7))).week == 7  # type: ignore[union-attr]


def test_worlds_are_the_draws_where_there_are_many(rows: pd.DataFrame) -> None:
    """Each counts alike, whatever its rooms; what was seen in none has an exact bound."""
    other = rows.assign(world=1, value=np.where(rows["figure"].str.startswith("trapped"), 0.0, rows["value"]))
    found = switch.recovery(pd.concat([rows, other, other.assign(world=2)])).set_index(["quota", "figure"])
    trapped = found.loc[("its own quota", "trapped")]
    assert trapped["value"] == pytest.approx(0.1 / 3) and trapped["draws"] == 3 and trapped["n"] == 3 * 40
    none = switch.recovery(other).set_index(["quota", "figure"]).loc[("its own quota", "trapped")]
    assert (none["low"], none["high"]) == (0.0, pytest.approx(1.0 - 0.05**0.5))


def test_what_ships_is_of_the_study_that_ships() -> None:
    """Every figure, for both quotas, in 32 worlds."""
    found, study = switch.reference(), Study.read("switch")
    assert list(found["figure"]) == 2 * [*switch.FIGURES] and len(study.worlds) == 32
    assert study.predictions == ("K5", "K5 at equal share", "switch") and found["draws"].max() == 32
    assert len(switch.sentences(found)) == 2


@pytest.mark.slow
def test_the_command_says_and_draws_it(tmp_path: Path) -> None:
    """Figures, sentences, and the weeks as a picture."""
    done = setback("estimate", "K5", "--rooms", "2", "--results", str(tmp_path), "--out", str(tmp_path / "k5.svg"))
    assert done.code == 0 and "slow recovery is no trap" in " ".join(done.out.split()), done.err
    assert (tmp_path / "k5.svg").read_text().startswith("<?xml")
    assert "week by week" not in done.out.split("Half a year")[0].partition("\n")[2], "no row a week"
