"""What a failure causes over the worlds of a study that is run: figures, what is printed, and what is refused."""

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import setback

from setback.analysis.claims import estimate
from setback.analysis.load import Results, load
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.experiments.twins.estimands import ESTIMANDS
from setback.model.errors import InputError

FILE = """
[study]
name = "mine"
[policies]
grading = ["criterion", "narrative"]
[worlds]
design = "grid"
steps = 2
vary = { level = [-1, 1] }
[rooms]
count = 2
size = 8
weeks = 14
[keep]
outcomes = ["learning", "learning.q10"]
[twins]
share = 1.0
[claim]
outcome = "Λ_F"
policy = "criterion"
direction = "below"
beyond = 0.01
"""


def write(folder: Path, text: str = FILE) -> Path:
    """A study file."""
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder / "mine.toml"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Two worlds of two rooms under two policies, one of which utters no verdict."""
    folder = tmp_path_factory.mktemp("mine")
    plan = Study.read(write(folder)).replace(engine="vectorised")
    return load(run_study(plan, folder / "results", processes=1))


def test_figures_are_those_of_the_twins(found: Results) -> None:
    """World by world, and nothing where nobody utters a verdict; errors at practice are there under both."""
    twins = found.twins.astype({"policy": str})
    for name, flip, row in (("R_F", "line", "R_F"), ("V_F.practice", "practice", "V_F_unit")):
        values = found.of_worlds(name, "criterion")
        for world in (0, 1):
            here = twins[(twins["world"] == world) & (twins["policy"] == "criterion") & (twins["flip"] == flip)]
            assert values[world] == pytest.approx(estimate(here[here["spared"]], ESTIMANDS[row]).value, nan_ok=True)
    assert found.of_worlds("R_F", "narrative").isna().all()
    assert found.of_worlds("V_F.practice", "narrative").notna().any()
    assert found.study["claim"]["outcome"] == "Lambda_F", "symbols are written as names"


def test_they_are_printed_and_written(found: Results) -> None:
    """With how few twins there are; a folder knows the file."""
    results = found.folder.parent.parent
    done = setback("run", "--engine", "vectorised", "--results", results, results.parent / "mine.toml")
    assert done.code == 0, done.err
    assert "failed: R_F(9)" in done.out and "error: V_F" in done.out and "Lambda_F" in done.out
    assert "?: fewer than 30 twins in a world on average" in done.out and "a larger share in [twins]" in done.out
    table = pd.read_csv(found.folder / "estimands.csv")
    assert {*table["policy"]} == {"criterion", "narrative"} and "R_F.label.inflicted" in {*table["estimand"]}
    mine = table[(table["policy"] == "criterion") & (table["estimand"] == "R_F")].iloc[0]
    assert mine["mean"] == pytest.approx(found.of_worlds("R_F", "criterion").mean())
    assert not load(found.folder).state.foreign
    done = setback("run", "--engine", "vectorised", "--results", results, results.parent / "mine.toml", "--json")
    said = json.loads(done.out)
    assert len(said["estimands"]) == len(table) and said["verdict"]["unit"] == "logit"
    with pytest.raises(InputError, match=r"has no twins of kind criterion for R_F\.criterion; ask for R_F or "):
        found.estimands(["R_F.criterion"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "share = 1.0",
            "share = 0.0",
            "Lambda_F is an effect of a failure, and study mine has no twins; give it [twins]",
        ),
        ('"Λ_F"', '"R_1"', "study mine has no R_1, for which years are run again; ask for it with estimands = "),
        ('"Λ_F"', '"R_F.criterion"', "study mine has no twins of kind criterion for R_F.criterion; ask for R_F or "),
        ('"Λ_F"', '"R_F.odd"', "unknown flip or side of R_F: 'odd'; "),
        ('"Λ_F"', '"R_G"', "unknown outcome of the claim, which must be kept: 'R_G'; "),
        (
            'policy = "criterion"',
            'policy = "narrative"',
            "Lambda_F turns a verdict, and narrative utters none; make the",
        ),
    ],
)
def test_claims_that_cannot_be(old: str, new: str, said: str, tmp_path: Path) -> None:
    """One sentence before anything runs, and exit code 2."""
    done = setback("run", "--results", tmp_path, write(tmp_path, FILE.replace(old, new)))
    assert done.code == 2 and f"study mine.toml: {said}" in " ".join(done.err.split())
