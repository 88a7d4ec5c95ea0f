"""The reference answer under results/claims/reference is current: of this study, these equations and these verdicts."""

from __future__ import annotations

import html
import re

import numpy as np
import pandas as pd
import pytest
from baseline.refresh_reference import CELLS, REFERENCE, ROOM, WORLD, cells

from setback.analysis.verdicts import over_the_cross, reference, sentences
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Task, run_cells


@pytest.mark.slow
def test_its_numbers_are_those_of_the_model_now() -> None:
    """One room of one world is run again under every policy, with its twins."""
    study = Study.read("claims").replace(engine="compiled")
    wanted = np.ones((1, len(study.policies), 1), bool)
    tables = run_cells(study, Task(0, range(WORLD, WORLD + 1), range(ROOM, ROOM + 1)), wanted)
    now = cells(*(tables[name].to_pandas() for name in ("outcomes", "twins")))
    then = pd.read_csv(REFERENCE / CELLS)
    pd.testing.assert_frame_equal(now, then, check_dtype=False, rtol=1e-9)
    assert then["twins"].sum() > 20, "there are failures to turn round"


def test_it_is_of_the_study_and_the_verdicts_as_they_stand() -> None:
    """The report names every policy and the size of the study, and says of both claims what ships."""
    study = Study.read("claims")
    text = html.unescape(re.sub(r"<[^>]+>", " ", (REFERENCE / "report.html").read_text(encoding="utf-8")))
    text = " ".join(text.split())
    assert study.question in text
    assert (
        f"in the same {study.rooms} simulated classes over {study.weeks} weeks, in each of {len(study.worlds)}" in text
    )
    for sentence in sentences(reference()):
        assert sentence in text
    assert "The command was: setback run claims" in text and "--results" not in text, "no path of whoever made it"
    front = pd.read_csv(REFERENCE / "tables" / "front.csv")
    assert {*front["policy"]} == {policy.name for policy in study.policies}
    both = pd.read_csv(REFERENCE / "tables" / "both-claims.csv")
    for word in ("supported", "refuted", "undecided", "built in"):
        assert list(both[word]) == list(over_the_cross(reference())[word])
