"""Published numbers move only on purpose: norms and a golden baseline, both written by refresh.py."""

import json

import pytest

from setback.experiments.norms import measure
from setback.model.outcomes import NORMS, OUTCOMES
from setback.model.policies import PARTS, PRESETS

from .refresh import GOLDEN, golden


def test_the_norms_are_those_of_the_reference() -> None:
    """The SDs in model/norms.toml are what the reference roster and policy give at the numbers before the fit."""
    assert measure() == pytest.approx(dict(NORMS), rel=1e-9)


def test_the_golden_baseline() -> None:
    """Outcomes under every named policy are as they were; processors may differ in the last bits."""
    stored = json.loads(GOLDEN.read_text())
    assert set(stored) == {*PARTS, *PRESETS}
    now = golden()
    for name, outcomes in stored.items():
        assert set(outcomes) == set(OUTCOMES)
        assert now[name] == pytest.approx(outcomes, rel=1e-9, abs=1e-12, nan_ok=True), (
            f"{name}: if this is meant, run refresh.py"
        )
