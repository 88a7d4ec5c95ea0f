"""docs/custom.md is followed from top to bottom in an empty folder, block by block, as a reader would."""

from typing import Any

import numpy as np
import pytest
from following import ROOT, blocks, follow

PAGE = ROOT / "docs" / "custom.md"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The names that the blocks of Python define, and what each command printed, under its words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("custom"))
        return follow(PAGE)


def test_every_kind_of_block_is_there() -> None:
    """Nothing on the page is left out of the test."""
    assert {block.language for block in blocks(PAGE)} == {"toml", "csv", "python", "bash"}
    assert not any(block.why for block in blocks(PAGE))
    heads = [line.removeprefix("## ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "## "]
    assert heads == [
        "A policy",
        "A mechanism",
        "A roster",
        "An outcome",
        "An estimand",
    ]


def test_with_and_without_my_idea_is_one_command(followed: dict[str, Any]) -> None:
    """The same policy twice, the second time with the mechanism off."""
    said = followed["setback compare curve --with mine.py --without humour"]
    assert "strength_humour=1" in said and "strength_humour=0" in said


def test_the_roster_is_the_one_of_the_file(followed: dict[str, Any]) -> None:
    """Two classes, of three and two; who scored highest begins with the most knowledge of those known."""
    frame = followed["known"].per_student()
    assert frame.groupby("class").size().tolist() == [3, 2]
    assert followed["known"].rooms.tolist() == [0, 1]
    ranks = frame["prior_measured"].rank().tolist()
    assert ranks == [3.0, 5.0, 1.0, 4.0, 2.0]


def test_the_if_does_what_it_says(followed: dict[str, Any]) -> None:
    """Only who comes back after a week without work tries harder, and by the stated share of what is missing."""
    wind, p = followed["find_second_wind"], type("P", (), {"strength_second_wind": 1.0, "second_wind_size": 0.1})
    effort, missed, here = np.array([0.5, 0.5, 0.0]), np.array([1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0])
    assert wind(effort, missed, here, p).tolist() == pytest.approx([0.55, 0.5, 0.0])
    assert {"laugh_it_off", "find_second_wind"} == {one.__name__ for one in followed["mine"].added}


def test_the_outcome_and_the_estimand(followed: dict[str, Any]) -> None:
    """A week of the year, or the one after it, for every student; the share of twins with a further failure."""
    gaps = followed["gaps"]
    assert len(gaps) == 4 * 30 and gaps.min() >= 1 and gaps.max() == 13 and (gaps < 13).any()
    assert np.isfinite(followed["sooner"])
    sums = followed["ahead"].sum(axis=1)
    assert len(sums) > 0 and followed["any_further"] == (sums > 0).sum() / len(sums)
