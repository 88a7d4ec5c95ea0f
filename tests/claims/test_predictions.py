"""Predictions: their figures by hand, the declared cross, where true figures lie, and what an audit says."""

import itertools
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks
from command_line import setback

from setback.analysis.audit import overall, shares, smoothed
from setback.analysis.deconvolution import beyond
from setback.analysis.predictions import covariances, drawn_again, figures, of_predictions
from setback.analysis.slopes import within
from setback.cli.estimate import asked
from setback.experiments.predictions import measures
from setback.experiments.predictions.cross import CROSS, REFERENCE
from setback.experiments.predictions.measures import MEASURES, Case, Row
from setback.experiments.predictions.predictions import BESIDE, PREDICTIONS, SWITCH, Prediction, named
from setback.experiments.predictions.switch import TRAPPED
from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import Range, worlds
from setback.experiments.twins.near_miss import depth_twins
from setback.experiments.twins.twins import failure_twins, join
from setback.model.engines.block import columns
from setback.model.engines.registry import engine
from setback.model.errors import InputError
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

ROSTER = Roster.synthetic(20)
run = engine("compiled")


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
    rng = np.random.default_rng(1)

    def rows(policy: str, figure: str, mean: float, sd: float) -> pd.DataFrame:
        values = mean + sd * rng.standard_normal(20)
        return table(*((figure, 0, 1.0, room, 5.0, v) for room, v in enumerate(values))).assign(policy=policy)

    frame = pd.concat(
        [
            rows("reference", "R_F line", 0.5, 0.1), rows("curve", "R_F line", 0.12, 0.5),
            rows("none", "R_F line", 0.0, 0.05), rows("alike", "R_F line", 0.5, 0.0),
            rows("reference", "deep less near", -0.05, 0.01), rows("reference", "near", 0.1, 0.1),
        ]
    )  # fmt: skip
    found = of_predictions(frame, ["K1", "P2"]).set_index(["figure", "policy"])
    said = found.loc["R_F line", "beyond"].to_dict()
    assert said == {"reference": "all", "curve": "part", "none": "none", "alike": "unknown"}
    assert found.loc[("deep less near", "reference"), "beyond"] == "all"
    assert found.loc[("deep less near", "curve"), "beyond"] == "not defined"
    assert set(found["mark"].dropna()) == {"> 0.1", "< -0.01"} and set(found["unit"].dropna()) == {"failures", "SD"}
    assert found["prediction"].isna().tolist() == [False] * 8 + [True]
    assert found.loc[("near", "reference"), "n"] == 100


def test_an_interval_is_drawn_again_over_rooms() -> None:
    """The figure and its error are those by hand, and the ends a bootstrap's: of a skewed figure not alike."""
    rng = np.random.default_rng(2)
    arms = [
        ("d", arm, sign, room, float(rng.integers(1, 9)), float(rng.exponential()))
        for arm, sign in ((0, 1.0), (1, -0.5)) for room in range(30)
    ]  # fmt: skip
    rows = table(*arms)
    quick, slow = figures(rows).iloc[0], drawn_again(rows)
    assert (slow.value, slow.se, slow.n) == pytest.approx((quick["value"], quick["se"], quick["n"]))
    assert slow.low < slow.value < slow.high and slow.rooms == 30
    assert slow.high - slow.low == pytest.approx(quick["high"] - quick["low"], rel=0.35)


def test_two_figures_of_the_same_rooms_have_a_covariance() -> None:
    """One that is twice another has twice its variance as covariance, and a figure with itself its own."""
    values = [0.3, -0.2, 0.5, 0.9]
    rows = pd.concat(
        [table(*((name, 0, c, r, 2.0, v) for r, v in enumerate(values))) for name, c in (("x", 1.0), ("y", 2.0))],
        ignore_index=True,
    ).assign(world=4)
    found = covariances(rows, ["world"], ["x", "y"]).loc[4].to_numpy().reshape(2, 2)
    variance = figures(rows, ["world"]).set_index("figure").loc["x", "se"] ** 2
    assert found == pytest.approx(variance * np.array([[1.0, 2.0], [2.0, 4.0]]))


# ---- where true figures lie -----------------------------------------------------------------------------------
def no_error(values: list[float], se: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Worlds of one figure."""
    return np.array(values)[:, None], np.full((len(values), 1, 1), se**2)


def test_without_error_the_share_is_that_of_the_figures() -> None:
    """Nothing is shrunk."""
    worlds = no_error([-0.3, 0.0, 0.2, 0.4])
    assert beyond(*worlds, [0.1], [True]).tolist() == pytest.approx([0.0, 0.0, 1.0, 1.0], abs=1e-6)
    assert beyond(*worlds, [-0.1], [False]).tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_errors_are_taken_out_of_the_spread() -> None:
    """Of five hundred worlds a fifth lie at .4 and the rest at 0: with errors of .2 three in ten look beyond .2."""
    rng = np.random.default_rng(3)
    true = np.where(np.arange(500) < 100, 0.4, 0.0)
    seen = true + 0.2 * rng.standard_normal(500)
    assert (seen > 0.2).mean() == pytest.approx(0.2 * 0.841 + 0.8 * 0.159, abs=0.03)
    assert beyond(*no_error(seen.tolist(), 0.2), [0.2], [True]).mean() == pytest.approx(0.2, abs=0.04)


def test_one_world_far_out_moves_no_other() -> None:
    """The share of two hundred that lie beyond a narrow mark is the same with it and without."""
    rng = np.random.default_rng(4)
    seen = (0.004 * rng.standard_normal(199)).tolist()
    with_it, without = (beyond(*no_error(x, 0.001), [0.005], [True]).mean() for x in ([*seen, 2.0], seen))
    crude = (np.array(seen) > 0.005).mean()
    assert without == pytest.approx(crude, abs=0.03) and with_it == pytest.approx(without, abs=0.01)


def test_figures_that_go_together_are_beyond_together() -> None:
    """A third of the worlds lie beyond both marks, and errors that are the same in both do not part them."""
    rng = np.random.default_rng(5)
    true = np.where(np.arange(450) < 150, 0.3, -0.3)
    x = np.stack([true + (noise := 0.15 * rng.standard_normal(450)), true + noise], 1)
    errors = np.full((450, 2, 2), 0.15**2)
    assert beyond(x, errors, [0.0, 0.0], [True, True]).mean() == pytest.approx(1 / 3, abs=0.03)
    assert beyond(x, errors, [0.0, 0.0], [True, False]).mean() < 0.02


@pytest.mark.parametrize(("values", "errors"), [([], []), ([1.0, np.nan], [0.1, 0.1]), ([1.0], [np.inf])])
def test_what_is_not_known_has_no_spread(values: list[float], errors: list[float]) -> None:
    """It is left out before."""
    with pytest.raises(ValueError, match="must be known"):
        beyond(np.array(values)[:, None], np.array(errors)[:, None, None], [0.0], [True])


# ---- the audit -------------------------------------------------------------------------------------------------
def of_worlds(figure: str, values: list[float], policy: str = "criterion", n: int = 100, apart: float = 0.001) -> Any:
    """Rows of some worlds, each with two rooms that lie a little apart."""
    rows = [
        {**Row(figure, 0, 1.0, room, n / 2, value + sign * apart)._asdict(), "world": world, "policy": policy}
        for world, value in enumerate(values) for room, sign in ((0, 1.0), (1, -1.0))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_shares_of_worlds_by_hand() -> None:
    """Above the mark, below its opposite, and in between."""
    (row,) = shares(of_worlds("R_F line", [0.5, 0.3, 0.05, -0.2]), ["K1"]).to_dict("records")
    assert (row["prediction"], row["policy"], row["worlds"], row["left_out"]) == ("K1", "criterion", 4, 0)
    assert row["middle"] == pytest.approx(0.175) and row["error"] == pytest.approx(0.001)
    assert (row["holds"], row["opposite"], row["crude"]) == pytest.approx((0.5, 0.25, 0.5), abs=1e-6)
    below = shares(of_worlds("deep less near", [-0.5, -0.3, -0.005, 0.2]), ["P2"]).iloc[0]
    assert (below["holds"], below["opposite"]) == pytest.approx((0.5, 0.25), abs=1e-6)


def test_all_figures_of_a_prediction_must_lie_beyond() -> None:
    """A world in which one of them does not counts for nothing; one of which one is unknown is left out."""
    stakes = [of_worlds("R_F by stakes", [0.5, 0.5, 0.0, 0.5]), of_worlds("Lambda_F by stakes", [-0.5, 0.5, -0.5])]
    (row,) = shares(pd.concat(stakes, ignore_index=True), ["K4a"]).to_dict("records")
    assert (row["worlds"], row["left_out"]) == (3, 1) and row["holds"] == pytest.approx(1 / 3, abs=1e-6) == row["crude"]
    left = [of_worlds("lost with rescue", [0.5, 0.5]), of_worlds("left with rescue", [0.05, 0.2])]
    found = shares(pd.concat(left, ignore_index=True), ["P4 with rescue"])
    assert found["holds"].iloc[0] == pytest.approx(0.5, abs=1e-6), "what is left lies below"


def test_worlds_with_hardly_a_twin_are_left_out_and_counted() -> None:
    """Fewer than ten twins say nothing, and so does nothing at all."""
    few, enough = of_worlds("R_F line", [0.5, 0.5], n=9), of_worlds("R_F line", [0.5, 0.5, 0.0], n=10)
    few["world"] += 3
    (row,) = shares(pd.concat([few, enough], ignore_index=True), ["K1"]).to_dict("records")
    assert (row["worlds"], row["left_out"]) == (3, 2)
    assert shares(few, ["K1"]).empty and overall(shares(few, ["K1"])).empty
    assert shares(pd.DataFrame(), ["K1"]).empty


def test_a_small_error_by_chance_says_nothing_certain() -> None:
    """It is mixed with that of all worlds, by the rooms that stand behind it and the twins."""
    errors, n = np.array([0.0, 0.04, 0.04])[:, None, None], np.array([50.0, 50.0, 200.0])
    found = smoothed(errors, n, np.array([6.0, 6.0, 6.0]))[:, 0, 0]
    of_one = 0.04 * 50  # the middle one of 0, 2 and 8
    mixed = [0.5 * own + 0.5 * of_one / twins for own, twins in zip([0.0, 0.04, 0.04], n)]
    assert found == pytest.approx(mixed)


def test_over_the_cross() -> None:
    """The reference stands beside it; shares are means over worlds."""
    parts = [
        of_worlds("R_F line", [0.5] * 3 + [0.0], "criterion"), of_worlds("R_F line", [0.5, 0.0], "curve+stakes=0.2"),
        of_worlds("R_F line", [0.5] * 40, "mastery+stakes=0.2"),
    ]  # fmt: skip
    (row,) = overall(shares(pd.concat(parts, ignore_index=True), ["K1"])).to_dict("records")
    assert (row["policies"], row["worlds"]) == (2, 42) and row["said"] == "built in as true"
    assert (row["least"], row["most"]) == pytest.approx((0.5, 1.0), abs=1e-6)
    assert row["holds"] == pytest.approx(41 / 42, abs=1e-6)
    alone = overall(shares(of_worlds("trapped", [0.0] * 30 + [0.5]), ["K5"])).iloc[0]
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
    assert said["K1"] == [(0.1, True)] and said["K2"] == [(0.1, True), (0.0, True)]
    assert said["K3"] == said["K3 at equal share"] == said["K4a"] == said["K4b"] == [(0.05, True), (0.02, False)]
    assert said["K5"] == said["K5 at equal share"] == said["K6"] == [(0.02, True)]
    assert said["P1"] == [(0.1, True), (0.0, True)] and said["P2"] == [(0.01, False)]
    for flip in ("line", "criterion", "label", "practice"):
        assert said[f"P3 {flip} unit"] == [(0.02, True)] and said[f"P3 {flip} year"] == [(0.005, True)]
    assert said["P4 with rescue"] == [(0.1, True), (0.1, False)] and said["P5 control"] == [(0.05, True)]
    assert said["P5 challenge"] == [(0.05, False)]


def test_predictions_by_name() -> None:
    """A name that has several verdicts gives all of them, in their order and once."""
    assert [row.name for row in named(["P4", "K1", "K1"])] == [*(n for n in PREDICTIONS if n.startswith("P4")), "K1"]
    assert named(["all"]) == (*PREDICTIONS.values(),)
    assert [row.name for row in named(["K1", *BESIDE], beside=True)] == ["K1", *BESIDE]
    for name in ("K9", *BESIDE):
        with pytest.raises(InputError, match=f"unknown prediction '{name}'"):
            named([name])


def test_every_measure_is_one() -> None:
    """And none is left over."""
    assert {row.measure for row in (*PREDICTIONS.values(), *BESIDE.values())} == {*MEASURES}


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
#: Where whom a test fails changes much who hands in.
GIVING_UP = {"skip_level": -1.2, "defeat": 1.0, "affect_rise": 1.6}
#: The numbers before the fit, with which a criterion fails more than give up under a rank.
MILDER = {"retention": 0.026, "style_mean": -0.1, "feedback_gain": 0.8} | {
    f"gain_{group}": 1.0 for group in ("withdrawal", "learning_from_error")
}


@pytest.mark.parametrize("changes", [{}, GIVING_UP | MILDER])
def test_a_curve_fails_as_many_as_the_criterion(changes: dict[str, float]) -> None:
    """About as many student-weeks end with a failing grade, also where whom it fails changes much who hands in."""
    here = case("curve+stakes=0.8+threat=0.8", rooms=3, **changes)
    curve = here.policy
    criterion = curve.replace(comparison=0.0, public=0.0)
    assert measures.failing_share(here, curve) == pytest.approx(measures.failing_share(here, criterion), abs=0.03)
    assert case("curve+quota=0.3").policy["quota"] == 0.3, "a quota that is stated stands"


def test_a_curve_may_fail_more_whatever_its_quota() -> None:
    """Where many give up under a rank, those who hand nothing in are more than the criterion fails."""
    here = case("curve+stakes=0.8+threat=0.8", rooms=3, **GIVING_UP)
    criterion = measures.failing_share(here, here.policy.replace(comparison=0.0, public=0.0))
    shares = [measures.failing_share(here, here.policy.replace(quota=q)) for q in (0.02, 0.1, 0.2, 0.4)]
    assert min(shares) > criterion + 0.03 and here.policy["quota"] < criterion


def test_the_share_failing_by_hand() -> None:
    """Student-weeks with a failing grade, not handed in or below the line, of those enrolled."""
    here, slots = case("criterion+level=0.4", rooms=2), ("grade", "line", "enrolled")
    traces = [run(columns(s, [here.policy], [here.parameters]), 24, slots).trace for s in here.seats]
    before = [np.concatenate([np.ones_like(t["enrolled"][:1]), t["enrolled"][:-1]]) for t in traces]
    failing = sum(((t["grade"] < t["line"]) & (b > 0.5)).sum() for t, b in zip(traces, before))
    assert measures.failing_share(here, here.policy) == pytest.approx(
        failing / sum(t["enrolled"].sum() for t in traces), abs=1e-12
    )


def test_a_cut_for_a_share_failing() -> None:
    """Where tasks are harder the cut falls, until as many fail; what is not handed in fails whatever the cut."""
    here = case(rooms=3)
    share = measures.failing_share(here, here.policy)
    harder = measures._with_cut(here, here.policy.replace(level=0.9), share)
    assert harder["cut"] < -0.5 and measures.failing_share(here, harder) == pytest.approx(share, abs=0.03)


def test_a_slope_is_per_logit_of_challenge_that_is_measured() -> None:
    """Coefficients add up to nothing, and give 1 for challenge itself; levels stop at the ends of the table."""
    here, slots = case(rooms=2), ("challenge", "enrolled")
    years = [Policy(level=level) for level in (-0.6, 0.3, 1.2)]
    found, challenge = measures._slope_over(here, years), []
    for policy in years:
        of = [run(columns(s, [policy], [here.parameters]), 24, slots).trace for s in here.seats]
        challenge.append(sum((t["challenge"] * t["enrolled"]).sum() for t in of) / sum(t["enrolled"].sum() for t in of))
    assert [policy for _, policy in found] == years and sum(c for c, _ in found) == pytest.approx(0.0, abs=1e-12)
    assert sum(c * x for (c, _), x in zip(found, challenge)) == pytest.approx(1.0)
    rows = pd.DataFrame(measures.harder(case("criterion+level=1.8")))
    assert rows[rows["figure"] == "R_F by challenge"]["coefficient"].nunique() == 3, "1.05, 1.8 and the end, 2"


def spared_of(here: Case, policy: Policy, asked: tuple[str, ...] = ()) -> pd.DataFrame:
    """Failures of all rooms, each against the pass that it might have been."""
    of = [failure_twins(s, [policy], here.parameters, 24, 0.5, run, ["line"], MODEL, asked)[1] for s in here.seats]
    return pd.DataFrame(join([{name: c[t["spared"]] for name, c in t.items()} for t in of], asked))


def test_contrasts_are_the_first_less_the_second() -> None:
    """Full stakes less none, the curve less the criterion: each arm by twins of its own, by hand."""
    for measure, policy, figure, arms in (
        (measures.pressed, "criterion+level=0.2", "R_F by stakes", ({"stakes": 1.0}, {"stakes": 0.0})),
        (measures.ranked, "curve+quota=0.4", "R_F by comparison", ({}, {"comparison": 0.0, "public": 0.0})),
    ):
        here = case(policy)
        twins = [spared_of(here, here.stated.replace(**levers)) for levers in arms]
        first, second = (sum(of[f"d{h}"].mean() for h in range(1, 10)) for of in twins)
        (found,) = figures(pd.DataFrame([row for row in measure(here) if row.figure == figure])).to_dict("records")
        assert found["value"] == pytest.approx(first - second), figure


def test_what_runs_through_attribution() -> None:
    """Half of R_F less R_F with attribution held is R_F (M_A - 1/2)."""
    here = case("criterion+level=0.2", rooms=4)
    found = figures(pd.DataFrame(measures.attributing(here))).set_index("figure")["value"]
    twins = spared_of(here, here.stated, ("R_F_unattributed",))
    effect, held = (sum(twins[f"{letter}{h}"].mean() for h in range(1, 10)) for letter in "da")
    assert found["R_F"] == pytest.approx(effect) and effect != held
    assert found["half of R_F less R_F with attribution held"] == pytest.approx(0.5 * effect - held)


def test_a_deep_failure_less_a_near_miss() -> None:
    """As the depths of twins are, and how both were made."""
    here = case("criterion+level=0.2")
    rows = figures(pd.DataFrame(measures.near_and_deep(here))).set_index("figure")["value"]
    of = [depth_twins(s, [here.stated], here.parameters, 24, 0.125, run) for s in here.seats]
    near, deep, move, helped = (
        np.concatenate([getattr(d, name) for d in of]) for name in ("near", "deep", "deep_move", "deep_helped")
    )
    assert rows["deep less near"] == pytest.approx((deep - near).mean()) and (deep - near).mean() != 0.0
    assert (rows["deep, move"], rows["deep, helped"]) == pytest.approx((move.mean(), helped.mean()))


class Year(NamedTuple):
    """A year as measures read it."""

    trace: dict[str, np.ndarray]


def test_who_is_trapped_and_how_long_half_of_it_lasts() -> None:
    """Helpless in 27 of the last 36 weeks while enrolled; weeks until half of the gap is made good."""
    control, enrolled = np.full((108, 3, 1), 0.9), np.ones((108, 3, 1))
    control[81:, 0] = control[82:, 1] = control[81:, 2] = 0.1  # 27, 26 and 27 weeks
    enrolled[100:, 2] = 0.0  # who has stopped is counted apart
    helpless = measures._helpless(Year({"control": control, "enrolled": enrolled}))  # type: ignore[arg-type]
    assert (helpless[-36:].sum(0) >= TRAPPED).tolist() == [True, False, False]
    gap = np.r_[np.full(18, 0.4), 0.4 * 0.5 ** (np.arange(1, 91) / 10.0)]
    of = {"never": np.full(108, 0.8), "after": 0.8 - gap, "slow": np.full(108, 0.4)}
    years: Any = {k: Year({"control": v[:, None, None], "enrolled": np.ones((108, 1, 1))}) for k, v in of.items()}
    here = np.array([True])
    assert measures._half_life(years["never"], years["after"], here).tolist() == [10.0]
    assert measures._half_life(years["never"], years["slow"], here).tolist() == [90.0]
    assert np.isnan(measures._half_life(years["after"], years["never"], here)).all(), "nothing was lost"


def test_a_world_says_what_its_named_policies_assume() -> None:
    """In the trap too, whose policies no study names."""
    here = case()._replace(numbers={"curve.threat": 0.9, "curve.quota": 0.35, "mastery.information": 0.6})
    assert here.named("high-pressure")["threat"] == 0.9 and here.named("high-pressure")["quota"] == 0.35
    assert here.named("low-pressure-mastery")["information"] == 0.6
    assert here.named("high-pressure")["stakes"] == 1.0, "stated"


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
    with pytest.raises(InputError, match="has 1 room a world"):
        study.replace(rooms=1)


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


def test_the_weeks_of_the_trap_are_measured_where_it_is_asked_for() -> None:
    """By its name or with all others; not where the study's own predictions are measured."""
    plan = Study.read("predictions")
    for names, weekly in ((["K5"], True), (["all"], True), (["P1"], False), ([], False)):
        assert (SWITCH in asked(plan, names, False, None)) == weekly, names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("estimate", "P9"), "unknown prediction 'P9'"),
        (("estimate", "P1", "--out", "x.png"), "a picture is drawn of K5 and of --mediation"),
        (("discover", "x", "--class", "failing", "--unit", "world", "--flip", "label"), "--flip is of failures; "),
        (("discover", "x", "--above", "0", "--flip", "label"), "--flip is of failures; "),
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
