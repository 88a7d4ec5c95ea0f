"""Predictions: their figures by hand, the declared cross, where true figures lie, and what an audit says."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks
from command_line import setback

from setback.analysis.audit import overall, shares
from setback.analysis.deconvolution import spread
from setback.analysis.predictions import figures, of_predictions
from setback.analysis.slopes import within
from setback.experiments.predictions import measures
from setback.experiments.predictions.cross import CROSS, REFERENCE
from setback.experiments.predictions.measures import MEASURES, Case, Row
from setback.experiments.predictions.predictions import PREDICTIONS, Prediction, named
from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import Range, worlds
from setback.model.engines.block import columns
from setback.model.engines.vectorised import run
from setback.model.errors import InputError
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

ROSTER = Roster.synthetic(20)


def case(policy: str = "criterion", rooms: int = 2, **changes: float) -> Case:
    """A few rooms under one policy."""
    seats = [ROSTER.seats([room], 3) for room in range(rooms)]
    stated = Policy(policy)
    return Case(stated, stated.states("quota"), Parameters(changes), seats, 24, 0.5, run, MODEL)


def table(*rows: tuple[str, int, float, int, float, float]) -> pd.DataFrame:
    """Rows of figures."""
    return pd.DataFrame([Row(*row)._asdict() for row in rows])


# ---- figures -------------------------------------------------------------------------------------------------
def test_a_figure_is_a_mean_over_rooms_by_weight() -> None:
    """With its error by hand: residuals by room, over the whole weight."""
    found = figures(table(("x", 0, 1.0, 4, 3.0, 2.0), ("x", 0, 1.0, 7, 1.0, 6.0), ("y", 0, 1.0, 4, 5.0, 1.5)))
    mean = (3 * 2.0 + 1 * 6.0) / 4
    residuals = np.array([3 * (2.0 - mean), 1 * (6.0 - mean)]) / 4
    x, y = found.to_dict("records")
    assert (x["figure"], x["value"], x["n"]) == ("x", mean, 4)
    assert x["se"] == pytest.approx(np.sqrt(2 / 1 * np.square(residuals).sum()))
    assert x["high"] - x["value"] == pytest.approx(12.706204736 * x["se"]) == x["value"] - x["low"]
    assert (y["figure"], y["value"], y["n"]) == ("y", 1.5, 5) and np.isnan([y["se"], y["low"], y["high"]]).all()


def test_arms_are_added_by_their_coefficients_in_the_same_rooms() -> None:
    """Where both arms rise together in a room the difference is the same in all of them, and has no error."""
    rows = [
        ("d", arm, sign, room, 2.0, room + more)
        for arm, sign, more in ((0, 1.0, 0.5), (1, -1.0, 0.0))
        for room in (1, 2, 5)
    ]
    (found,) = figures(table(*rows)).to_dict("records")
    assert found["value"] == pytest.approx(0.5) and found["se"] == pytest.approx(0.0) and found["n"] == 6


def test_what_else_tells_figures_apart() -> None:
    """A world, a policy: each has its own."""
    rows = pd.concat(
        [table(("x", 0, 1.0, 0, 1.0, w + r), ("x", 0, 1.0, 1, 1.0, w - r)).assign(world=w) for w, r in ((3, 1), (5, 2))]
    )
    found = figures(rows, ["world"])
    assert list(found["world"]) == [3, 5] and list(found["value"]) == [3.0, 5.0]
    assert list(found["se"]) == pytest.approx([1.0, 2.0])


def test_figures_beside_their_marks() -> None:
    """The whole interval, a part of it, or nothing of it lies beyond, in the direction that is predicted."""
    frame = pd.DataFrame(
        [
            ("reference", "R_F line", 0.5, 0.2, 0.8, 50), ("curve", "R_F line", 0.2, 0.0, 0.4, 50),
            ("none", "R_F line", 0.0, -0.1, 0.05, 50), ("single", "R_F line", 0.5, np.nan, np.nan, 3),
            ("reference", "deep less near", -0.02, -0.03, -0.015, 9), ("reference", "near", 0.1, 0.0, 0.2, 9),
        ],
        columns=["policy", "figure", "value", "low", "high", "n"],
    )  # fmt: skip
    found = of_predictions(frame, ["K1", "P2"])
    assert list(found["beyond"][:5]) == ["all", "part", "none", "unknown", "all"]
    assert list(found["mark"][[0, 4]]) == ["> 0.1", "< -0.01"] and list(found["unit"][[0, 4]]) == ["failures", "SD"]
    assert list(found["figure"][5:]) == ["near"] and found["prediction"].isna().tolist() == [False] * 5 + [True]


# ---- where true figures lie -----------------------------------------------------------------------------------
def test_without_error_the_share_is_that_of_the_figures() -> None:
    """Nothing is shrunk."""
    at = spread([-0.3, 0.0, 0.2, 0.4], [0.0] * 4)
    assert at.above(0.1).tolist() == pytest.approx([0.0, 0.0, 1.0, 1.0], abs=1e-6)
    assert at.below(-0.1).tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_errors_are_taken_out_of_the_spread() -> None:
    """Of two thousand worlds a fifth lie at .4 and the rest at 0: with errors of .2 a third look beyond .15, or so."""
    rng = np.random.default_rng(3)
    true = np.where(np.arange(2000) < 400, 0.4, 0.0)
    seen, se = true + 0.2 * rng.standard_normal(2000), np.full(2000, 0.2)
    assert (seen > 0.2).mean() == pytest.approx(0.2 * 0.841 + 0.8 * 0.159, abs=0.02)
    assert spread(seen, se).above(0.2).mean() == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(("values", "errors"), [([], []), ([1.0, np.nan], [0.1, 0.1]), ([1.0], [np.inf])])
def test_what_is_not_known_has_no_spread(values: list[float], errors: list[float]) -> None:
    """It is left out before."""
    with pytest.raises(ValueError, match="must be known"):
        spread(values, errors)


# ---- the audit -------------------------------------------------------------------------------------------------
def estimates(
    figure: str, values: list[float], policy: str = "criterion", n: int = 100, se: float = 0.001
) -> pd.DataFrame:
    """Figures of some worlds."""
    rows = [
        {"world": w, "policy": policy, "figure": figure, "value": v, "se": se, "n": n} for w, v in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_shares_of_worlds_by_hand() -> None:
    """Above the mark, below its opposite, and in between."""
    (row,) = shares(estimates("R_F line", [0.5, 0.3, 0.05, -0.2]), ["K1"]).to_dict("records")
    assert (row["prediction"], row["policy"], row["worlds"], row["middle"]) == ("K1", "criterion", 4, 0.175)
    assert (row["holds"], row["opposite"], row["crude"]) == pytest.approx((0.5, 0.25, 0.5), abs=1e-6)
    below = shares(estimates("deep less near", [-0.5, -0.3, -0.005, 0.2]), ["P2"]).iloc[0]
    assert (below["holds"], below["opposite"]) == pytest.approx((0.5, 0.25), abs=1e-6)


def test_all_figures_of_a_prediction_must_lie_beyond() -> None:
    """A world in which one of them does not counts for nothing; one of which one is unknown is left out."""
    both = pd.concat(
        [estimates("R_F by stakes", [0.5, 0.5, 0.0, 0.5]), estimates("Lambda_F by stakes", [-0.5, 0.5, -0.5])]
    )
    (row,) = shares(both, ["K4a"]).to_dict("records")
    assert row["worlds"] == 3 and row["holds"] == pytest.approx(1 / 3, abs=1e-6) == row["crude"]
    left = pd.concat([estimates("lost with rescue", [0.5, 0.5]), estimates("left with rescue", [0.05, 0.2])])
    assert shares(left, ["P4 with rescue"])["holds"].iloc[0] == pytest.approx(0.5, abs=1e-6), "what is left lies below"


def test_few_twins_and_twins_that_are_all_alike() -> None:
    """Fewer than ten say nothing; and what was not seen in forty may be there, so that worlds are not told apart."""
    assert shares(estimates("R_F line", [0.5, 0.5], n=9), ["K1"]).empty
    (row,) = shares(estimates("R_F line", [0.0, 0.0, 0.0], n=40, se=0.0), ["K1"]).to_dict("records")
    assert row["error"] == pytest.approx(1.5 / 40) and row["holds"] == pytest.approx(0.0, abs=0.01)


def test_over_the_cross() -> None:
    """The reference stands beside it; shares are means over worlds."""
    parts = [
        estimates("R_F line", [0.5] * 3 + [0.0], "criterion"),
        estimates("R_F line", [0.5, 0.0], "curve+stakes=0.2"),
    ]
    found = shares(pd.concat([*parts, estimates("R_F line", [0.5] * 40, "mastery+stakes=0.2")]), ["K1"])
    (row,) = overall(found).to_dict("records")
    assert (row["policies"], row["worlds"]) == (2, 42) and row["said"] == "built in as true"
    assert (row["least"], row["most"]) == pytest.approx((0.5, 1.0), abs=1e-6)
    assert row["holds"] == pytest.approx(41 / 42, abs=1e-6)
    alone = overall(shares(estimates("trapped", [0.0] * 30 + [0.5]), ["K5"])).iloc[0]
    assert alone["said"] == "built in as false" and alone["policies"] == 1, "tried under the reference alone"


# ---- what is declared --------------------------------------------------------------------------------------
def test_the_audit_tries_the_declared_cross() -> None:
    """Twelve policies that differ in grading, sequence and pressure alone, and the reference."""
    study = Study.read("audit")
    assert study.policies == (REFERENCE, *CROSS)
    said = {(p.parts["grading"], p.parts["sequence"], p["stakes"], p["threat"]) for p in CROSS}
    assert said == {
        (grading, sequence, pressure, pressure)
        for grading, sequence, pressure in itertools.product(
            ("criterion", "curve", "mastery"), ("instruction-first", "problem-first"), (0.2, 0.8)
        )
    }
    assert all(
        (p.parts["pacing"], p.parts["support"], p.parts["climate"]) == ("fixed", "responsive", "plain") for p in CROSS
    )
    assert study.predictions == tuple(PREDICTIONS)


def test_marks_are_those_that_were_declared() -> None:
    """δ of docs/claims.md, and the direction."""
    said = {name: [(m.delta, m.above) for m in row.marks] for name, row in PREDICTIONS.items()}
    assert said["K1"] == [(0.1, True)] and said["K3"] == said["K4a"] == said["K4b"] == [(0.05, True), (0.02, False)]
    assert said["K5"] == said["K5 at equal share"] == said["K6"] == [(0.02, True)]
    assert said["P1"] == [(0.1, True), (0.0, True)] and said["P2"] == [(0.01, False)]
    for flip in ("line", "label", "practice"):
        assert said[f"P3 {flip} unit"] == [(0.02, True)] and said[f"P3 {flip} year"] == [(0.005, True)]
    assert said["P4 with rescue"] == [(0.1, True), (0.1, False)] and said["P5 control"] == [(0.05, True)]
    assert said["P5 challenge"] == [(0.05, False)]


def test_predictions_by_name() -> None:
    """A name that has several verdicts gives all of them, in their order and once."""
    assert [row.name for row in named(["P4", "K1", "K1"])] == [*(n for n in PREDICTIONS if n.startswith("P4")), "K1"]
    assert named(["all"]) == (*PREDICTIONS.values(),)
    with pytest.raises(InputError, match="unknown prediction 'K9'"):
        named(["K9"])


def test_every_measure_is_one() -> None:
    """And none is left over."""
    assert {row.measure for row in PREDICTIONS.values()} == {*MEASURES}


@pytest.mark.parametrize("row", PREDICTIONS.values(), ids=lambda row: row.name)
def test_every_prediction_is_tried_somewhere_in_the_cross(row: Prediction) -> None:
    """And under the reference, but for the one that needs a curve."""
    there = [policy for policy in (REFERENCE, *CROSS) if row.where(policy)]
    assert there and (REFERENCE in there) == (row.name != "K4b")


@pytest.fixture(scope="module")
def measured() -> dict[str, pd.DataFrame]:
    """The rows of every measure in two rooms."""
    return {
        name: pd.DataFrame(measure(case("curve" if name == "ranked" else "criterion+level=0.2")))
        for name, measure in MEASURES.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("row", PREDICTIONS.values(), ids=lambda row: row.name)
def test_every_figure_of_a_prediction_is_measured(row: Prediction, measured: dict[str, pd.DataFrame]) -> None:
    """In both rooms, with coefficients whose sum is that of a mean, a difference or a slope."""
    rows = measured[row.measure]
    for mark in row.marks:
        of = rows[rows["figure"] == mark.figure]
        assert len(of) and set(of["room"]) == {0, 1} and (of["weight"] > 0).all()


# ---- measures by hand ----------------------------------------------------------------------------------------
def test_a_curve_fails_as_many_as_the_criterion() -> None:
    """Its quota is the share of student-weeks that fail by the criterion in these rooms, and binds."""
    here = case("curve+stakes=0.5", rooms=3)
    quota = here.policy["quota"]
    years = [
        run(
            columns(s, [here.stated.replace(comparison=0.0)], [here.parameters]), 24, ("failing_grade", "enrolled")
        ).trace
        for s in here.seats
    ]
    assert quota == sum(y["failing_grade"].sum() for y in years) / sum(y["enrolled"].sum() for y in years)
    ranked = [
        run(columns(s, [here.policy], [here.parameters]), 24, ("failing_grade", "enrolled")).trace for s in here.seats
    ]
    failing = sum(y["failing_grade"].sum() for y in ranked) / sum(y["enrolled"].sum() for y in ranked)
    assert failing == pytest.approx(quota, abs=0.06)
    assert case("curve+quota=0.3").policy["quota"] == 0.3, "a quota that is stated stands"


def test_a_cut_for_a_share_failing() -> None:
    """Where tasks are harder the cut falls, until as many of the tests lie below it."""
    here = case(rooms=3)
    share = measures._failing_share(here, here.policy)
    harder = measures._with_cut(here, here.policy.replace(level=0.9), share)
    assert harder["cut"] < -0.5 and measures._failing_share(here, harder) == pytest.approx(share, abs=0.03)


def test_a_slope_within_a_room() -> None:
    """Weighted by how far its students are apart: what pools to the slope within classes."""
    (row,) = measures._slope("s", 4, np.array([1.0, 3.0, np.nan, 5.0]), np.array([0.0, 1.0, 9.0, 2.0]))
    assert row == Row("s", 0, 1.0, 4, 2.0, 2.0)
    assert not list(measures._slope("s", 4, np.array([1.0, 3.0]), np.array([1.0, 1.0])))


def test_what_is_done_by_struggling_first() -> None:
    """The advantage is that of the same students under both sequences, room by room."""
    here = case("criterion+level=0.2")
    rows = pd.DataFrame(measures.struggling(here))
    for room, seats in enumerate(here.seats):
        ends = [
            run(columns(seats, [Policy("criterion", level=0.2, problem_first=f)], [Parameters()]), 24).end
            for f in (1.0, 0.0)
        ]
        gains = [(e["total_tested"] - e["early_tested"]) / (24 - 3) for e in ends]
        from setback.model.outcomes import NORMS

        by_hand = float((gains[0] - gains[1]).mean() / NORMS["unit_conceptual"])
        of = rows[(rows["figure"] == "advantage") & (rows["room"] == room)]
        assert of["value"].iloc[0] == pytest.approx(by_hand) and of["weight"].iloc[0] == 20


# ---- slopes within classes -------------------------------------------------------------------------------------
def test_slopes_are_within_classes() -> None:
    """Classes that differ in level change nothing; a trait's slope is per SD of what lies within classes."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"class": np.repeat(np.arange(40), 10), "a": rng.normal(size=400), "b": rng.normal(size=400)})
    frame["a"] += 5.0 * frame["class"]
    frame["y"] = 3.0 * (frame["a"] - 5.0 * frame["class"]) - 2.0 * frame["b"] + 100.0 * frame["class"]
    found = within(frame, "y", ["a", "b"])
    sd = {name: (frame[name] - frame.groupby("class")[name].transform("mean")).std(ddof=0) for name in ("a", "b")}
    assert found["a"].value == pytest.approx(3.0 * sd["a"]) and found["b"].value == pytest.approx(-2.0 * sd["b"])
    assert found["a"].se == pytest.approx(0.0, abs=1e-9) and found["a"].n == 400
    assert np.isnan(within(frame[frame["class"] == 0], "y", ["a"])["a"].value)


def test_the_error_of_a_slope_is_that_of_classes() -> None:
    """Against the sandwich by hand, with one trait."""
    frame = pd.DataFrame(
        {"class": [0, 0, 1, 1, 2, 2], "x": [0.0, 2.0, 1.0, 3.0, 0.0, 4.0], "y": [1.0, 4.0, 0.0, 1.0, 2.0, 7.0]}
    )
    dx = frame["x"] - frame.groupby("class")["x"].transform("mean")
    dy = frame["y"] - frame.groupby("class")["y"].transform("mean")
    sd = float(np.sqrt(np.square(dx).mean()))
    slope = float((dx * dy).sum() / np.square(dx).sum())
    scores = (dx * (dy - slope * dx)).groupby(frame["class"]).sum()
    by_hand = sd * float(np.sqrt(np.square(scores).sum() * 3 / 2)) / float(np.square(dx).sum())
    found = within(frame, "y", ["x"])["x"]
    assert (found.value, found.se) == pytest.approx((slope * sd, by_hand))


# ---- a study of predictions ------------------------------------------------------------------------------------
def test_each_world_has_rooms_of_its_own() -> None:
    """And one task: all its rooms, outcomes and rows of figures."""
    varied = worlds("lhs", [Range.of("expectancy_rate")], n=2)
    study = Study.read("predictions").replace(
        worlds=varied, rooms=2, weeks=16, predictions=("P1",), policies=(Policy(), Policy("mastery")),
        engine="vectorised", roster=ROSTER,
    )  # fmt: skip
    tables = all_tasks(study)
    rows = tables["predictions"]
    assert rows.groupby("world", observed=True)["room"].unique().map(sorted).to_dict() == {0: [0, 1], 1: [2, 3]}
    assert set(tables["outcomes"]["room"]) == {0, 1, 2, 3} and set(rows["policy"]) == {"criterion", "mastery"}
    assert study.key() != study.replace(predictions=("P2",)).key()


def test_predictions_need_twins() -> None:
    """And names that there are."""
    study = Study.read("predictions")
    with pytest.raises(InputError, match="share above 0"):
        study.replace(share=0.0)
    with pytest.raises(InputError, match="unknown prediction"):
        study.replace(predictions=("P7",))


@pytest.mark.slow
def test_estimate_and_audit_on_the_command_line(tmp_path: Path) -> None:
    """Figures of P4 in one world; an audit of P1 in a few; each goes on from what is there."""
    done = setback("estimate", "P4", "--rooms", "3", "--json", "--results", str(tmp_path))
    found = json.loads(done.out)
    assert done.code == 0 and [row["prediction"] for row in found[:2]] == ["P4 without consolidation"] * 2
    assert {row["figure"] for row in found} >= {"lost with rescue", "left with rescue", "advantage"}
    (tmp_path / "small.toml").write_text(
        '[study]\nname = "small"\nseed = 2\n[policies]\nnamed = ["reference", "curve+stakes=0.2+threat=0.2"]\n'
        '[worlds]\ndesign = "lhs"\nn = 4\nvary = "all"\n[rooms]\ncount = 2\nweeks = 16\n'
        '[predictions]\nnames = ["P1"]\nshare = 0.2\n'
    )
    arguments = ("audit", "--study", str(tmp_path / "small.toml"), "--json", "--results", str(tmp_path))
    first, again = (setback(*arguments) for _ in range(2))
    assert first.code == again.code == 0 and first.out == again.out
    (row,) = json.loads(first.out)
    assert row["prediction"] == "P1" and row["policies"] == 1 and row["worlds"] == 4
    (folder,) = (tmp_path / "small").iterdir()
    assert (folder / "audit.csv").exists() and (folder / "audit.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("estimate", "P9"), "unknown prediction 'P9'"),
        (("audit", "K12"), "unknown prediction 'K12'"),
        (("audit", "--study", "rigor"), "study rigor measures no predictions"),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    """What is wrong, and what would be right."""
    done = setback(*arguments, "--results", str(tmp_path))
    assert done.code == 2 and said in done.err and done.err.count("\n") == 1


def test_for_whom_a_result_says() -> None:
    """Slopes of its students, and names that there are."""
    from setback.experiments.simulate import simulate

    result = simulate("reference", rooms=6, weeks=8)
    found = result.for_whom(["learning", "helpless"], ["resilience_score", "knowledge_score"])
    by_hand = within(result.per_student(), "helpless", ["resilience_score", "knowledge_score"])
    assert found.loc[("helpless", "knowledge_score")].to_dict() == by_hand["knowledge_score"]._asdict()
    assert list(found.index) == list(
        itertools.product(["learning", "helpless"], ["resilience_score", "knowledge_score"])
    )
    assert found.loc[("learning", "knowledge_score"), "rooms"] == 6
    with pytest.raises(InputError, match="unknown outcome that was kept 'joy'"):
        result.for_whom(["joy"])
    with pytest.raises(InputError, match="unknown trait 'height'"):
        result.for_whom(traits=["height"])
