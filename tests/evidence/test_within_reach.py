"""In a world that a directed search found, what is a known limit at the defaults is none: the structure can say it."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from setback.benchmarks.search import evidence
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.evidence.rows import target_of
from setback.experiments.fit.space import Space
from setback.model.engines.block import Run, columns
from setback.model.engines.vectorised import run
from setback.model.outcomes import NORMS
from setback.model.parameters import WORLD_NAMES
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

FOUND = json.loads(
    (Path(__file__).parents[2] / "experiments" / "fit" / "optimum-cycle.json").read_text(encoding="utf-8")
)
NUMBERS = FOUND["numbers"]
WORLD = MODEL.parameters({name: value for name, value in NUMBERS.items() if name in WORLD_NAMES})
ASSUMED = {name: value for name, value in NUMBERS.items() if "." in name}
TRACED = ("submitted", "score", "tested_conceptual", "below_criterion", "affect", "excuse", "expectancy")


@cache
def year(policy: str = "reference") -> Run:
    """A year of forty classes in that world."""
    levers = Policy(policy).at(ASSUMED)
    return run(columns(Roster.synthetic(30).seats(range(40), 0), [levers], [WORLD]), 36, TRACED)


def corr(x: np.ndarray, y: np.ndarray) -> float:
    """The correlation over all students."""
    return float(np.corrcoef(x.ravel(), y.ravel())[0, 1])


def test_every_number_is_still_there() -> None:
    """A number that is new or gone asks for another search."""
    assert set(NUMBERS) == {*Space.of(NULLS["cycle"]).names}


def test_most_rows_are_held_at_once() -> None:
    """On other classes than those that chose the world, and than those of its report."""
    null = NULLS["cycle"]
    shares = Space.of(null).at(NUMBERS)
    found = evidence(null, shares, range(500, 540))
    held = {row for row, value in found.items() if target_of(row).hits(value)}
    assert len(held) >= 48 and {"PF1", "PF2", "FB1", "PA1", "GR8", "RE1", "RE2", "PE1", "SC1a", "SC2b"} <= held
    assert FOUND["held"] + len(FOUND["missed"]) == FOUND["of"] == len(found)


def test_what_persists() -> None:
    """Marks, failures and prior knowledge, which stick too much at the defaults."""
    score, submitted = (year().trace[slot] for slot in ("score", "submitted"))
    both = (submitted[1:] > 0.5) & (submitted[:-1] > 0.5)
    failed = year().trace["below_criterion"]
    opening = year().end["opening_knowledge"]
    assert corr(score[1:][both], score[:-1][both]) < 0.78
    assert corr(failed[:18].mean(0), failed[18:].mean(0)) < 0.85
    assert corr(opening, score[0]) < 0.50
    assert corr(opening, year().trace["tested_conceptual"][-1]) ** 2 < 0.75


def test_what_goes_with_achievement() -> None:
    """Anxiety and handicapping, loosely; expectancy has one heap."""
    assert -0.50 < corr(year().trace["affect"][-1], year().trace["tested_conceptual"][-1]) < -0.05
    assert -0.50 < corr(year().trace["excuse"].mean(0), year().trace["score"].mean(0)) < -0.05
    counts = np.histogram(year().trace["expectancy"][-1], 10, (0.0, 1.0))[0]
    assert counts[0] <= min(counts[3:6])


@pytest.mark.parametrize(
    ("policy", "against", "least"),
    [
        ("problem-first", "reference", 0.20), ("criterion+information=1", "criterion+information=0", 0.25),
        ("mastery", "reference", 0.20), ("reference", "pass-fail", 0.10),
    ],
)  # fmt: skip
def test_what_policies_do_to_unit_tests(policy: str, against: str, least: float) -> None:
    """Conceptual knowledge at the unit tests from week 4, the same classes under both policies."""
    tested = [year(name).trace["tested_conceptual"][3:].mean() for name in (policy, against)]
    assert (tested[0] - tested[1]) / NORMS["unit_conceptual"] > least
