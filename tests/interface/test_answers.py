"""The verbs that ask a finished study: what they print, write and refuse."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import said, setback
from PIL import Image

from setback.analysis.load import load

STUDY = """
[study]
name = "small"
question = "Which?"
seed = 1
[policies]
grading = ["criterion", "curve"]
[worlds]
design = "lhs"
n = 128
[worlds.vary]
level = [-1.0, 2.0]
resilience_mean = true
near_miss_slope = true
[rooms]
count = 2
size = 6
weeks = 8
[keep]
outcomes = ["learning", "below_criterion_rate"]
[twins]
share = 0
"""
MAP = ("map", "small", "--x", "level", "--y", "resilience_mean")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study that was run."""
    folder = tmp_path_factory.mktemp("answers")
    (folder / "small.toml").write_text(STUDY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert setback("run", "small.toml", "--processes", "1").code == 0
    return folder


@pytest.fixture(autouse=True)
def there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand where the study was run."""
    monkeypatch.chdir(place)


def run() -> Path:
    """The folder of its results."""
    (folder,) = Path("results/small").iterdir()
    return folder


def test_a_map_is_printed_and_written() -> None:
    """Sentences, a table, and two pictures that name the study; the run takes them for its own."""
    done = setback(*MAP, "--outcome", "learning", "--against", "criterion")
    assert done.code == 0 and done.out.startswith("In the model, learning of curve less criterion (SD) is lowest with ")
    table = pd.read_csv(run() / "map.csv")
    assert len(table) == 25 and table["worlds"].sum() == 128 and {*table["policy"]} == {"curve"}
    key = load(run()).manifest.key
    with Image.open(run() / "map.png") as picture:
        assert picture.info["Description"] == f"setback results {key}"
    assert f"setback results {key}" in (run() / "map.svg").read_text()
    again = setback("map", run(), *MAP[2:], "--outcome", "learning", "--against", "criterion", "--json")
    cells = json.loads(again.out)["cells"]
    assert pd.DataFrame(cells)["mean"].to_numpy(float) == pytest.approx(table["mean"].to_numpy(), nan_ok=True)
    assert not load(run()).state.foreign
    assert setback(*MAP, "--band", "near_miss_slope", "--out", "own.svg").code == 0 and Path("own.svg").exists()


def test_what_decides_and_where() -> None:
    """How hard the year is decides how often it is failed, and where that is more than half the time."""
    done = setback("sensitivity", "small", "--outcome", "below_criterion_rate", "--policy", "criterion")
    assert done.code == 0 and "below_criterion_rate of criterion is decided most by level (" in done.out
    table = pd.read_csv(run() / "sensitivity.csv")
    assert table["number"][0] == "level" and table["S1"][0] > 0.5 and table["S1 told"][0]
    done = setback("discover", "small", "--policy", "criterion", "--outcome", "below_criterion_rate", "--above", "0.5",
                   "--json")  # fmt: skip
    found = json.loads(done.out)
    [level] = (row for row in found["conditions"] if row["number"] == "level")
    assert -1.0 < level["low"] < 2.0 and level["high"] is None and level["unit"] == "logit"
    values = load(run()).of_worlds("below_criterion_rate", "criterion")
    assert found["share"] == pytest.approx(np.mean(values > 0.5)) and found["density"] > found["share"]
    assert "In the model, below_criterion_rate of criterion lies above 0.5 in " in done.err


def test_what_it_cannot_answer() -> None:
    """One sentence each."""
    assert said(setback(*MAP[:-1], "pase_rate")).startswith(
        "unknown number that varies in small 'pase_rate'; there are "
    )
    assert said(setback(*MAP, "--outcome", "dropout")).startswith("unknown outcome that was kept 'dropout'; there are ")
    assert said(setback(*MAP, "--classes", "year")).startswith("R_F needs twins, and small has none; ")
    assert said(setback("discover", "small", "--above", "0")) == (
        "small has several policies; name one: --policy criterion"
    )
    assert said(setback("sensitivity", "smal")) == "unknown study with results 'smal'; did you mean small?"
    last = sorted((run() / "tasks").iterdir())[-1]
    content = last.read_bytes()
    last.unlink()
    try:
        assert "; finish it first: setback run goes on with it" in said(setback(*MAP))
    finally:
        last.write_bytes(content)
