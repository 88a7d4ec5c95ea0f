"""The directed search: what is free, what a candidate costs, and that it reports what a world says."""

import json
from pathlib import Path

import numpy as np
import pytest

from setback.benchmarks import search
from setback.experiments.evidence.measured import rows_named
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.evidence.rows import facts
from setback.experiments.fit.space import Space
from setback.model.errors import InputError
from setback.model.week import MODEL


def test_what_is_free() -> None:
    """Everything uncertain, what policies assume, levels of each source; nothing that a null model holds."""
    names = {*Space.of(NULLS["cycle"]).names}
    assert {"carry", "gain_threat", "mastery.threat", "oulad.skip_level"} <= names
    assert {"osu-homework.level", "osu-projects.level"} <= names
    assert not any(name.startswith("strength_") for name in names)
    still = {*Space.of(NULLS["stable-ability"]).names}
    assert "skip_control" not in still and "knowledge_sd" in still
    space = Space.of(NULLS["cycle"])
    ends = space.values(np.array([[0.0] * len(space.rows), [1.0] * len(space.rows), space.at()]))
    for number, low, high, default in zip(space.rows, *ends):
        assert (low, high, default) == pytest.approx((number.low, number.high, number.default)), number.name
    assert space.at({"carry": space.rows[space.names.index("carry")].high})[space.names.index("carry")] == 1.0


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
    start = Space.of(null).at()
    found = search.evidence(null, start, range(3))
    assert sorted(found) == sorted(rows_named(["all"]))
    harder = start.copy()
    k = Space.of(null).names.index("osu-homework.level")
    harder[k] = 1.0
    moved = {row for row, value in search.evidence(null, harder, range(3)).items() if value != found[row]}
    assert moved and moved <= {"JH1", "JH4d"}
    said = search.report(null, start, 1)
    assert said["held"] + len(said["missed"]) == said["of"] == len(found) and json.dumps(said)
    assert said["numbers"]["osu-projects.level"] == pytest.approx(MODEL.table.by_name["level"].default)


def test_a_move_has_its_price() -> None:
    """Where some numbers move alone, all others stay, and a quarter of a range costs what is asked."""
    null = NULLS["cycle"]
    names = Space.of(null).names
    k = names.index("time_feedback")  # which no row reads
    start = Space.of(null).at()[[k]]
    shares = Space.of(null).at()
    here = search.loss(null, shares, range(2))
    assert search.moved(null, 2.0, [k], start, range(2)) == pytest.approx(here)
    assert search.moved(null, 2.0, [k], start + 0.25, range(2)) == pytest.approx(here + 2.0)
    assert search.moved(null, 2.0, [k], start + 0.5, range(2)) == pytest.approx(here + 8.0)


def test_a_search_moves_what_it_may_and_finds_what_costs_least(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a planted loss it goes to the least, from where it is told to begin; the others stay at their defaults."""
    pytest.importorskip("cma", reason="needs setback[search]")
    monkeypatch.setattr(search, "ProcessPoolExecutor", _Here)
    null, names = NULLS["cycle"], Space.of(NULLS["cycle"]).names
    monkeypatch.setattr(search, "moved", lambda null, pull, which, some, rooms: float(((some - 0.3) ** 2).sum()))
    found, tried = search.search(null, 0.01, 1, 0, ["carry", "gain_threat"])
    default = Space.of(null).at()
    free = [names.index(name) for name in ("carry", "gain_threat")]
    assert tried >= 16 and found[free] == pytest.approx([0.3, 0.3], abs=0.05)
    rest = np.ones(len(names), bool)
    rest[free] = False
    assert np.array_equal(found[rest], default[rest])
    with pytest.raises(InputError, match="unknown number that is free 'cary'; did you mean carry"):
        search.search(null, 0.01, 1, 0, ["cary"])


class _Here:
    """A pool that is this process."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> "_Here":
        return self

    def __exit__(self, *_: object) -> None: ...

    map = staticmethod(map)
