"""The whole fit on a small scale: its tables, what is not run anew, and its key."""

from pathlib import Path

import pandas as pd
import pytest

from setback.experiments.fit import bank, checks, rounds, variants, whole
from setback.experiments.fit.rounds import Plan


def test_the_whole_fit_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of all models; nothing is run anew when it is asked for again, and a table that is lost comes back."""
    monkeypatch.setattr(bank, "CUBE", 40)
    monkeypatch.setattr(bank, "ROOMS", 2)
    monkeypatch.setattr(checks, "SETS", 5)
    monkeypatch.setattr(whole, "DRAWS", 4)
    for of, few in ((variants, 8), (checks, 4), (rounds, 4)):
        monkeypatch.setattr(of, "WARM_UP", few)
    monkeypatch.setattr(variants, "DRAWS", 4)
    monkeypatch.setattr(checks, "DRAWS", 2)
    plans = {"cycle": Plan(1, 2, 12, 12, 4), "no-cycle": Plan(1, 1, 12, 5, 4)}
    folder, done, said = tmp_path / "fit", [], []
    folder.mkdir()
    step = whole.Step(done.append, said.append)
    whole.fit(folder, tmp_path, plans, 1, step)
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}
    assert {"rows-cycle.csv", "rows-no-cycle.csv", "recovery.csv", "ranks.csv", "prior.csv"} <= {*there}
    assert sum(done) == whole.worlds_asked(plans)
    assert any("about the best that was searched for" in one for one in said)
    made = pd.read_csv(folder / "recovery.csv")
    assert made["made_with"].value_counts().to_dict() == {"cycle": 5, "no-cycle": 5, "published": 1}
    rows = pd.read_csv(folder / "rows-cycle.csv").set_index("row")
    assert {"PF1", "OU-01a", "GR3a"} <= {*rows.index}
    assert "GR3a" not in {*pd.read_csv(folder / "rows-no-cycle.csv")["row"]}  # its feelings are held still
    runs = {path: path.stat().st_mtime_ns for path in tmp_path.glob("fit-*/*/evidence/*")}
    (folder / "effects-cycle.csv").unlink()
    (folder / "rows-cycle.csv").unlink()
    whole.fit(folder, tmp_path, plans, 1)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("fit-*/*/evidence/*")} == runs
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")} == there


def test_the_key_of_a_fit() -> None:
    """How much is simulated decides it."""
    other = {**whole.PLANS, "cycle": whole.PLANS["cycle"]._replace(each=801)}
    assert whole.key(whole.PLANS) == whole.key(dict(whole.PLANS)) != whole.key(other)
