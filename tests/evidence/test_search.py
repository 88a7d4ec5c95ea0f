"""The directed search: what is free, what a candidate costs, and that it reports what a world says."""

import json
from pathlib import Path

import numpy as np
import pytest

from setback.benchmarks import search
from setback.experiments.evidence.measured import rows_named
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.evidence.rows import facts
from setback.model.week import MODEL


def test_what_is_free() -> None:
    """Everything uncertain, what policies assume, levels of each source; nothing that a null model holds."""
    names = {(n.source, n.name) for n in search.free(NULLS["cycle"])}
    assert {("", "carry"), ("", "gain_threat"), (search.POLICY, "mastery.threat"), ("oulad", "skip_level")} <= names
    assert not any(name.startswith("strength_") for _, name in names)
    still = {n.name for n in search.free(NULLS["stable-ability"]) if not n.source}
    assert "skip_control" not in still and "knowledge_sd" in still
    for number in search.free(NULLS["cycle"]):
        assert number.at(0.0) == pytest.approx(number.low) and number.at(1.0) == pytest.approx(number.high)
        assert number.at(number.start) == pytest.approx(number.default), number.name


def test_what_a_row_costs() -> None:
    """A number by its squared distance, a sign by which side it is on; each cut off."""
    target = facts()["JH1"].target
    assert search._off("JH1", target.value + 0.5 * (target.high - target.value)) == pytest.approx(0.25)
    assert search._off("JH1", 9.0) == search._off("JH1", np.nan) == 9.0
    assert search._off("GR2a", -0.1) == 0.0
    assert search._off("GR2a", 0.05) == pytest.approx(1.5) and search._off("GR2a", 50.0) == 9.0


def test_a_world_says_every_row(tmp_path: Path) -> None:
    """At the defaults the figures are those of the default world, but for what a source has of its own."""
    null = NULLS["cycle"]
    start = np.array([number.start for number in search.free(null)])
    found = search.evidence(null, start, range(3))
    assert sorted(found) == sorted(rows_named(["all"]))
    harder = start.copy()
    (k,) = (k for k, n in enumerate(search.free(null)) if (n.source, n.name) == ("osu", "level"))
    harder[k] = 1.0
    moved = {row for row, value in search.evidence(null, harder, range(3)).items() if value != found[row]}
    assert moved and moved <= {"JH1", "JH4d", "JP1", "JP4d"}
    said = search.report(null, start, 1)
    assert said["held"] + len(said["missed"]) == said["of"] == len(found) and json.dumps(said)
    assert said["numbers"]["osu.level"] == pytest.approx(MODEL.table.by_name["level"].default)
