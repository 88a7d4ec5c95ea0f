"""Verdicts on the predictions of both claims: the rule by hand, what comes before it; what ships is current."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import setback

from setback.analysis import fit, verdicts
from setback.analysis.audit import overall
from setback.analysis.figures import verdicts_figure
from setback.analysis.predictions import figures
from setback.analysis.verdicts import ALIKE, over_the_cross, sentences
from setback.experiments.predictions.cross import CROSS, REFERENCE
from setback.experiments.predictions.measures import Row
from setback.experiments.predictions.predictions import PREDICTIONS
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Task, run_cells
from setback.model.errors import InputError

OPEN = pd.DataFrame(
    [{"prediction": name, "policy": "criterion", "holds": 0.5, "opposite": 0.1, "worlds": 90, "left_out": 0}
     for name in ("K1", "P1", "P2")]
)  # fmt: skip


def of_worlds(figure: str, values: list[float], policy: str = "criterion", n: int = 100) -> Any:
    """Rows of some worlds, each with two rooms that lie a little apart."""
    rows = [
        {**Row(figure, 0, 1.0, room, n / 2, value + sign * 0.001)._asdict(), "world": world, "policy": policy}
        for world, value in enumerate(values) for room, sign in ((0, 1.0), (1, -1.0))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def judged(cycle: list[float], without: list[float], evidence: str = ALIKE, audit: pd.DataFrame = OPEN) -> Any:
    """Give the verdict on K1 of worlds with these effects of a failure."""
    rows = of_worlds("R_F line", cycle), of_worlds("R_F line", without)
    (row,) = verdicts.verdicts(*rows, (len(cycle), len(without)), ["K1"], audit, evidence).to_dict("records")
    return row


def test_the_rule_by_hand() -> None:
    """From 95 % of the worlds on, up to 5 %, and between; the mark of K1 is .10."""
    assert judged([0.3] * 20, [0.3] * 20)["verdict"] == "supported"
    assert judged([0.3] * 39 + [0.0], [0.3] * 20)["verdict"] == "supported"
    assert judged([0.3] * 18 + [0.0] * 2, [0.3] * 20)["verdict"] == "undecided"
    assert judged([0.3] + [0.0] * 39, [0.0] * 20)["verdict"] == "refuted"
    assert judged([0.3] * 2 + [0.0] * 18, [0.0] * 20)["verdict"] == "undecided"
    found = judged([0.3] * 10 + [-0.3] * 5 + [0.0] * 5, [0.0] * 20)
    assert (found["holds"], found["opposite"], found["holds_without"]) == pytest.approx((0.5, 0.25, 0.0), abs=1e-6)
    assert found["mean"] == pytest.approx(0.075) and found["error_of_mean"] == pytest.approx(0.001 / np.sqrt(20))
    assert found["example_value"] <= 0.0 and 10 <= found["example"] < 20, "a world in which it fails"


def test_half_and_twice_the_mark() -> None:
    """An effect of .15 lies beyond .05 and .10, and not beyond .20."""
    found = judged([0.15] * 20, [0.15] * 20)
    assert (found["verdict"], found["halved"], found["doubled"]) == ("supported", "supported", "refuted")
    found = judged([0.07] * 20, [0.07] * 20)
    assert (found["verdict"], found["halved"], found["doubled"]) == ("refuted", "supported", "refuted")


def test_what_the_evidence_cannot_tell_apart_is_undecided() -> None:
    """A verdict is what both fits say, but where the evidence speaks for one of them."""
    sure, none = [0.3] * 20, [0.0] * 20
    found = judged(sure, none)
    assert found["verdict"] == "undecided" and found["why"].startswith("supported in worlds with a cycle, refuted in")
    assert judged(sure, none, fit.CYCLE)["verdict"] == "supported"
    assert judged(sure, none, fit.NO_CYCLE)["verdict"] == "refuted"
    assert judged(none, none)["verdict"] == "refuted" and judged(none, none)["why"] == ""


def test_what_the_prior_decides_gets_no_verdict() -> None:
    """Below .05 and above .95 of prior worlds it is built in."""
    for share, said in ((0.04, "built in as false"), (0.96, "built in as true")):
        found = judged([0.3] * 20, [0.3] * 20, ALIKE, OPEN.assign(holds=share))
        assert (found["verdict"], found["why"], found["halved"]) == ("built in", said, "built in")
        assert found["prior"] == share and found["holds"] == pytest.approx(1.0, abs=1e-6), "what was found is told"


def test_where_hardly_anybody_fails_nothing_is_said() -> None:
    """Half of the worlds must be known."""
    few = of_worlds("R_F line", [0.3] * 11, n=8)
    cycle = pd.concat([of_worlds("R_F line", [0.3] * 9), few.assign(world=few["world"] + 30)])
    (row,) = verdicts.verdicts(cycle, cycle, (20, 20), ["K1"], OPEN).to_dict("records")
    assert row["verdict"] == "undecided" and row["why"] == verdicts.FEW


def test_the_cross_is_counted_without_the_reference() -> None:
    """By policy; the sentences say the same numbers."""
    names = [policy.name for policy in CROSS[:3]]
    parts = [of_worlds("R_F line", [0.3] * 20, name) for name in (REFERENCE.name, *names[:2])]
    rows = pd.concat([*parts, of_worlds("R_F line", [0.0] * 20, names[2])], ignore_index=True)
    found = verdicts.verdicts(rows, rows, (20, 20), ["K1"], OPEN)
    (row,) = over_the_cross(found).to_dict("records")
    assert (row["supported"], row["refuted"], row["undecided"], row["policies"]) == (2, 1, 0, 3)
    assert (row["least"], row["most"]) == pytest.approx((0.0, 1.0), abs=1e-6) and row["firm"] == 3
    assert sentences(found)[0] == (
        "K1, that a failure causes further failures, is supported under 2, refuted under 1 of 3 policies of the cross."
    )


def test_an_error_above_a_fifth_of_the_mark_is_told() -> None:
    """K1's mark is .10: .021 is too wide and .019 is not; nothing is said where all are narrow."""
    rows = pd.concat([of_worlds("R_F line", [0.3] * 20, policy.name) for policy in CROSS[:2]], ignore_index=True)
    found = verdicts.verdicts(rows, rows, (20, 20), ["K1"], OPEN)
    wide, narrow = (found.assign(error_of_mean=errors) for errors in ([0.021, 0.019], [0.019, -0.0]))
    assert sentences(wide)[-1].endswith("in 1 of 2 rows: K1 (1).") and "error" not in "".join(sentences(narrow))


def test_the_figure_shows_every_verdict() -> None:
    """A cell a prediction and policy, filled by its verdict, with the share in it."""
    found = verdicts.reference()
    figure = verdicts_figure(found)
    (ax,) = figure.axes
    assert len(ax.patches) == len(found)
    shown = [int(text.get_text()) for text in ax.texts]
    told = found[(found["verdict"] != "built in") & found["holds"].notna()]
    assert sorted(shown) == sorted(round(100 * share) for share in told["holds"])


def test_both_studies_try_the_declared_cross_alike() -> None:
    """The policies of the audit, every prediction, two hundred worlds; what they are drawn from alone differs."""
    studies = [Study.read(name) for name in verdicts.STUDIES.values()]
    for study in studies:
        assert study.policies == (REFERENCE, *CROSS) == Study.read("audit").policies
        assert len(study.worlds) == 200 and study.predictions == tuple(PREDICTIONS)
    one, other = studies
    assert (one.rooms, one.weeks, one.seed, one.share) == (other.rooms, other.weeks, other.seed, other.share)
    assert "posterior-no-cycle" in other.worlds.source and "posterior-no-cycle" not in one.worlds.source


# ---- what ships ----------------------------------------------------------------------------------------------
def test_what_ships_is_of_every_prediction() -> None:
    """Under every policy under which it is tried, and built in where the committed audit says so."""
    found = verdicts.reference()
    assert list(found.columns) == list(verdicts.COLUMNS)
    assert {*found["prediction"]} == {*PREDICTIONS} and {*found["policy"]} == {REFERENCE.name, *(p.name for p in CROSS)}
    built = overall(verdicts.audited()).set_index("prediction")["said"]
    for row in found.itertuples():
        assert (row.verdict == "built in") == (built[row.prediction] != "open")
        assert row.draws == 200


@pytest.mark.slow
def test_what_ships_is_current() -> None:
    """A world in which predictions fail is run again: its figures are those that ship."""
    found = verdicts.reference()
    study = Study.read("verdicts").replace(engine="compiled")
    some = found[(found["example"] >= 0) & found["prediction"].isin(["K1", "P2", "P3 line unit"])]
    world = int(some["example"].mode()[0])
    mine = some[some["example"] == world]
    wanted = np.zeros((1, len(study.policies), study.rooms), bool)
    names = [policy.name for policy in study.policies]
    for policy in mine["policy"]:
        wanted[:, names.index(policy)] = True
    study = study.replace(predictions=("K1", "P2", "P3"))
    rows = run_cells(study, Task(0, range(world, world + 1), range(study.rooms)), wanted)["predictions"].to_pandas()
    now = figures(rows, ["policy"]).set_index(["policy", "figure"])["value"]
    for row in mine.itertuples():
        figure = PREDICTIONS[row.prediction].marks[0].figure
        assert now[(row.policy, figure)] == pytest.approx(row.example_value, rel=1e-4), (row.prediction, row.policy)


# ---- the command ---------------------------------------------------------------------------------------------
def test_the_command_tells_what_ships(tmp_path: Path) -> None:
    """At once, as a table, sentences and a figure."""
    done = setback("verdicts", "K1", "--json", "--out", str(tmp_path / "v.svg"))
    assert done.code == 0 and (tmp_path / "v.svg").read_text().startswith("<?xml")
    rows = json.loads(done.out)["verdicts"]
    mine = verdicts.reference().query("prediction == 'K1'")
    assert [row["verdict"] for row in rows] == list(mine["verdict"])
    done = setback("verdicts")
    assert done.code == 0 and "K1, that a failure causes further failures, is" in " ".join(done.out.split())


@pytest.mark.slow
def test_the_command_runs_both_studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over worlds of either fit; the report of a study takes them, and what was run is not run again."""
    files = {}
    for name in verdicts.STUDIES:
        text = (
            f'[study]\nname = "of-{name}"\nseed = 2\n[policies]\nnamed = ["criterion"]\n[worlds]\n'
            f'design = "posterior"\nposterior = "{name}"\nn = 3\n[rooms]\ncount = 2\nweeks = 14\nsize = 12\n'
            '[predictions]\nnames = ["P1"]\nshare = 0.2\n'
        )
        files[name] = str(tmp_path / f"{name}.toml")
        Path(files[name]).write_text(text)
    monkeypatch.setattr(verdicts, "STUDIES", files)
    arguments = ("verdicts", "P1", "--run", "--json", "--processes", "1", "--results", str(tmp_path / "results"))
    first, again = (setback(*arguments) for _ in range(2))
    assert first.code == again.code == 0 and first.out == again.out
    (row,) = json.loads(first.out)["verdicts"]
    assert (row["prediction"], row["policy"], row["draws"]) == ("P1", "criterion", 3)
    (folder,) = (tmp_path / "results" / "of-cycle").iterdir()
    assert (folder / "verdicts.csv").exists() and (folder / "verdicts.png").exists()
    page = tmp_path / "report.html"
    done = setback("report", str(folder), "--verdicts", "--out", str(page), "--results", str(tmp_path / "results"))
    assert done.code == 0, done.err
    assert f"is {row['verdict']} under 1 of 1 policies of the cross" in " ".join(page.read_text().split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("K12",), "unknown prediction 'K12'"), (("K1", "--out", "v.doc"), "a picture is drawn to .png, .pdf or .svg")],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    """What is wrong, and what would be right."""
    done = setback("verdicts", *arguments)
    assert done.code == 2 and said in done.err and done.err.count("\n") == 1


def test_two_studies_that_differ_are_refused() -> None:
    """Verdicts need the same predictions and policies in both."""
    found, other = (
        SimpleNamespace(folder=folder, study={"predictions": ["K1"], "policies": [policy]})
        for folder, policy in (("here", "criterion"), ("there", "curve"))
    )
    with pytest.raises(InputError, match="here and there have other policies"):
        verdicts.of_results(found, other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "verdicts",
            "Worlds fitted without a cycle, in which a failure causes no other, go with the published evidence",
        ),
        ("verdicts-no-cycle", "These worlds were fitted without a cycle, so that in them a failure causes no other"),
    ],
)
def test_worlds_of_either_fit_are_told_which_they_are(name: str, said: str) -> None:
    """The other fit does as well, whichever it is; of worlds that are drawn from no fit nothing is said of it."""
    plan = Study.read(name)
    study = {"parameters": dict(plan.parameters), "worlds": {"design": plan.worlds.design}}
    assert verdicts.of_one_fit(study, verdicts.reference()).startswith(said)
    assert verdicts.has_cycle(study) == (name == "verdicts")
    assert verdicts.of_one_fit({**study, "worlds": {"design": "lhs"}}, verdicts.reference()) == ""
    assert verdicts.of_one_fit(study, None) == ""
