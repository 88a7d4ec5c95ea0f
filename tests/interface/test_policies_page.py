"""The gallery of policies tells of every part what the model gives now, beside the evidence that speaks of it."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from setback.experiments.simulate import simulate
from setback.model.policies import PARTS, PRESETS, REFERENCE

DOCS = Path(__file__).parents[2] / "docs"


def gallery() -> Any:
    """Load docs/effects.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("effects", DOCS / "effects.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EFFECTS = gallery()
TOLD = {
    cells[0].strip("`"): cells[1:]
    for line in (DOCS / "policies.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `") and (cells := [cell.strip() for cell in line.strip("| ").split(" | ")])
}


def test_every_part_has_a_row() -> None:
    """But for those of the reference."""
    assert set(TOLD) == {*PARTS, *PRESETS} - {*REFERENCE, "reference"}


@pytest.mark.parametrize("name", ["curve", "problem-first"])
def test_the_effects_are_current(name: str) -> None:
    """`python docs/effects.py` would write the same figures, in the order of the heads."""
    found = EFFECTS.effects(name)
    for (_, times), cell, e in zip(EFFECTS.TOLD.values(), TOLD[name], found.values(), strict=False):
        value, reach = map(float, re.findall(r"[-+]?[\d.]+", cell))
        assert value == pytest.approx(times * e.value, abs=0.006)
        assert reach == pytest.approx(times * (e.high - e.low) / 2.0, abs=0.006)


def test_an_effect_is_the_policy_less_the_reference() -> None:
    """In the unit of the outcome, class by class."""
    found = EFFECTS.effects("curve", 4)["dropout"]
    one, other = (simulate(policy, rooms=4).per_room()["dropout"] for policy in ("curve", "reference"))
    assert found.value == pytest.approx((one - other).mean()) and found.value != 0.0


def test_rows_that_speak_of_a_part() -> None:
    """A trial speaks of a part that stands in one arm and not in another, after a change in mid-year too."""
    assert EFFECTS.spoken_of("mastery") == ["PA1"]
    assert {"PF1", "PF4a", "PF4b"} <= set(EFFECTS.spoken_of("problem-first"))
    assert "PE1" in EFFECTS.spoken_of("cooperative") and "PE1" in EFFECTS.spoken_of("curve")
    assert EFFECTS.spoken_of("spiral") == []
