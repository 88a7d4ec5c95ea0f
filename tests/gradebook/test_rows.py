"""The facts of the evidence come out of the data that it was made of."""

from pathlib import Path

import numpy as np
import pytest

from setback.experiments.evidence.rows import facts
from setback.experiments.gradebook.facts import FACTS, measure
from setback.experiments.gradebook.rows import ROWS, SOURCES, computed, source_book

#: The last digit that is published.
DIGITS = 1e-4


def test_every_row_is_a_fact() -> None:
    """Each row of the evidence names a fact and a book; where rows are here, the book has a file."""
    assert list(ROWS) == list(facts())
    for name, row in facts().items():
        assert ROWS[name].fact in FACTS
        assert bool(SOURCES[ROWS[name].source].file) == row.rows_here


def test_the_data_say_what_the_evidence_says(data: Path) -> None:
    """All 22, to the last digit that is published."""
    found = computed(data)
    assert list(found) == [name for name, row in facts().items() if row.rows_here]
    assert len(found) == 22
    for name, value in found.items():
        assert value == pytest.approx(facts()[name].target.value, abs=DIGITS), name


@pytest.mark.parametrize("name", ["OU-03f3", "OU-07_1", "OU-09e", "JH4d", "UCM-04a"])
def test_the_intervals(name: str, data: Path) -> None:
    """Drawn again by students, they are about as wide as the published ones."""
    (found,) = measure(source_book(ROWS[name].source, data), [ROWS[name].fact], draws=400)
    assert found.drawn == "students"
    width = facts()[name].interval[1] - facts()[name].interval[0]
    assert 0.6 * width < found.high - found.low < 1.6 * width
    assert np.isfinite(found.value) and found.low < found.value < found.high
