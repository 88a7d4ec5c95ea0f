"""Trials: what a file says, what is measured of it, and known answers on planted data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import setback

from setback.experiments.evidence.rows import NUMERIC, SIGN, Target, facts, left_out, side, targets
from setback.experiments.trials import run as running
from setback.experiments.trials import trial as trials
from setback.experiments.trials.estimates import Data, figure
from setback.experiments.trials.run import World, condition, figures, run
from setback.experiments.trials.trial import Measure, Trial, read
from setback.model.engines.registry import chosen
from setback.model.errors import InputError
from setback.model.outcomes import NORMS
from setback.model.week import MODEL

WORLD = World(MODEL.parameters(), engine=chosen("auto"))

SMALL: dict[str, Any] = {
    "trial": {"question": "Does a cut decide who passes?", "weeks": 4},
    "target": {"value": 0.5, "low": 0.4, "high": 0.6},
    "arms": {"hard": {"policy": "criterion+cut=1"}, "easy": {"policy": "criterion+cut=-1"}},
    "measures": {"passed": {"of": "verdict", "weeks": 1}},
    "estimate": {"by": "contrast", "arms": ["easy", "hard"], "of": "passed"},
}


def toml(table: dict[str, Any], name: str = "") -> str:
    """Write tables within tables as TOML."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    head = [f"[{name}]"] if name else []
    lines = [*head, *(f"{key} = {inline(value)}" for key, value in plain.items())]
    inner = {key if " " not in key else f'"{key}"': value for key, value in table.items() if isinstance(value, dict)}
    return "\n".join([*lines, *(toml(value, f"{name}.{key}".strip(".")) for key, value in inner.items())])


def inline(value: Any) -> str:
    """Write one value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {inline(one)}" for key, one in value.items()) + "}"
    return "[" + ", ".join(map(inline, value)) + "]" if isinstance(value, list) else json.dumps(value)


def changed(**changes: Any) -> dict[str, Any]:
    """The small trial with some of it changed: dots for tables within tables, None to leave something out."""
    table: dict[str, Any] = json.loads(json.dumps(SMALL))
    for path, value in changes.items():
        *names, last = path.split("__")
        at = table
        for name in names:
            at = at.setdefault(name, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return table


def made(folder: Path, **changes: Any) -> Trial:
    """The small trial, changed, as it is read from its file."""
    path = folder / "own.toml"
    path.write_text(toml(changed(**changes)), encoding="utf-8")
    return read(path)


# ---- the shipped trials ------------------------------------------------------------------------------------------
def test_every_required_row_has_a_trial_and_every_other_one_a_reason() -> None:
    """Each row of the targets is repeated once, or left out with a sentence; none that is required is left out."""
    repeated = [read(name).row for name in trials.names()]
    assert sorted([*repeated, *left_out()]) == sorted(targets())
    assert all(not targets()[row].required and len(why) > 20 for row, why in left_out().items())


def test_a_shipped_trial_is_held_against_the_figure_of_its_row() -> None:
    """No trial states a number of its own."""
    for name in trials.names():
        trial = read(name)
        published = targets()[trial.row].target
        assert trial.target == published, name
        assert trial.target.source and trial.about.question.endswith("?") and trial.about.limits, name


def test_shipped_trials_give_a_figure_in_the_default_world() -> None:
    """Each estimate is known, and many trials at once give what each gives alone."""
    every = [read(name) for name in trials.names()]
    rooms = range(4)
    together = figures(every, WORLD, rooms)
    assert np.isfinite(together).all(), [t.name for t, value in zip(every, together) if not np.isfinite(value)]
    for name in ("FB1", "SC1a", "TR10", "GR3b"):
        assert figures([read(name)], WORLD, rooms)[0] == together[trials.names().index(name)], name


#: A number, a value of it at which a trial must move, and the way it must move.
MOVES = {
    "PF1": ("preparation_gain", 2.5, 1), "PF2": ("gain_learning_from_error", 2.0, 1),
    "FB1": ("feedback_gain", 4.0, 1), "FB3a": ("feedback_gain", 4.0, 1), "PA6b": ("practice_rate", 1.6, 1),
    "PA6a": ("knowledge_mean", 1.0, 1), "PA6c": ("learning_rate_sd", 0.3, 1), "AT4a": ("style_mean", 1.0, 1),
    "AT4b": ("style_mean", 1.0, -1), "FB3b": ("feedback_gain", 4.0, 1), "FB3c": ("feedback_gain", 4.0, 1),
    "PE1": ("friends_help", 0.6, 1), "MI3": ("mindset_control", 0.02, 1), "SC1a": ("expectancy_rate", 0.3, 1),
    "GR8": ("grade_incentive_size", 0.8, -1),
    "GR1b": ("grade_incentive_size", 0.0, -1), "PA5b": ("best_challenge", -1.6, 1),
    "RE2": ("goals_sd", 1.5, 1), "TR1": ("retention", 0.04, -1),
    "AT6": ("negativity", 0.6, 1), "SC6": ("negativity", -0.3, -1),
    "MI1": ("mindset_control", 0.02, 1), "MI7": ("engage_friendly", 0.0, -1), "TR2": ("retention", 0.04, 1),
    "TR4": ("class_share", 0.4, 1), "TR6a": ("knowledge_mean", -1.0, 1), "ERR1": ("best_challenge", 0.6, 1),
    "ERR5a": ("error_gain", 0.4, 1), "GR3a": ("interest_loss", 0.2, 1), "SC2a": ("expectancy_rate", 0.02, -1),
    "RE6": ("reserve_spent", 0.8, -1), "AT1": ("resilience_knowledge", 0.4, 1), "PF4b": ("exploration_cost", 0.6, -1),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_trial_moves_as_what_it_measures_does(name: str) -> None:
    """The figure of a trial follows the number of the model that it speaks of, in the direction it should."""
    number, value, way = MOVES[name]
    other = WORLD._replace(parameters=MODEL.parameters({number: value}))
    base, moved = (figures([read(name)], world, range(30))[0] for world in (WORLD, other))
    assert way * (moved - base) > 0.02 * max(abs(base), 0.1), (base, moved)


# ---- what is measured --------------------------------------------------------------------------------------------
def test_a_measure_is_the_mean_over_its_weeks_of_what_a_student_did(tmp_path: Path) -> None:
    """Weeks are those of people, the first and the last included; slots are weighted, taken away and divided."""
    trial = made(
        tmp_path, measures__passed={"of": {"score": 2.0, "effort": -1.0}, "weeks": [2, 3], "less": "first", "per": 4.0},
        measures__first={"of": "expectancy", "weeks": 1},
    )  # fmt: skip
    (data,) = next(running._batches([trial], WORLD, range(3)))
    key = condition(trial, "hard", WORLD)
    asked = running._Asked(trial, [4], {"score", "effort", "expectancy", "enrolled"})
    traced = running._run(key, asked, WORLD, trial.roster.seats([0, 1, 2], 0))
    level = (2.0 * traced["score"] - traced["effort"])[1:3].mean(0)
    expected = (level - traced["expectancy"][0]) / 4.0
    np.testing.assert_allclose(data.values["hard", "passed"], expected.T.ravel(), rtol=0, atol=1e-15)
    assert (data.room == np.repeat([0, 1, 2], 30)).all()


def test_a_share_a_bound_a_norm_and_a_class_mean(tmp_path: Path) -> None:
    """Items are the logistic of a margin, a bound makes 0 or 1, a norm divides, classmates get the same mean."""
    trial = made(
        tmp_path, measures__items={"of": "test_margin", "weeks": 1, "as_share": True},
        measures__margin={"of": "test_margin", "weeks": 1},
        measures__low={"of": "test_margin", "weeks": 1, "below": 0.2},
        measures__ruled={"of": "test_margin", "weeks": 1, "per": "unit_conceptual"},
        measures__mean={"of": "test_margin", "weeks": 1, "class_mean": True},
    )  # fmt: skip
    (data,) = next(running._batches([trial], WORLD, range(2)))
    margin = data.values["hard", "margin"]
    np.testing.assert_allclose(data.values["hard", "items"], 1.0 / (1.0 + np.exp(-margin)), atol=1e-12)
    assert (data.values["hard", "low"] == (margin < 0.2)).all() and 0 < data.values["hard", "low"].mean() < 1
    np.testing.assert_allclose(data.values["hard", "ruled"] * NORMS["unit_conceptual"], margin, atol=1e-12)
    np.testing.assert_allclose(data.values["hard", "mean"][:30], margin[:30].mean(), atol=1e-12)
    assert data.values["hard", "mean"][0] != data.values["hard", "mean"][30]


def test_who_is_measured(tmp_path: Path) -> None:
    """Those who stopped are counted unless they are left out; a week without work counts only where it is asked."""
    trial = made(
        tmp_path, trial__weeks=30, arms__hard={"policy": "high-pressure"},
        measures__all={"of": "effort", "weeks": [20, 30]},
        measures__enrolled={"of": "effort", "weeks": [20, 30], "among": "enrolled"},
        measures__submitted={"of": "effort", "weeks": [20, 30], "among": "submitted"},
        measures__left={"of": "enrolled", "below": 0.5},
    )  # fmt: skip
    (data,) = next(running._batches([trial], WORLD, range(10)))
    every, there, tried, left = (data.values["hard", name] for name in ("all", "enrolled", "submitted", "left"))
    assert np.isfinite(every).all() and (np.isnan(there) == (left == 1.0)).all() and 0 < left.mean() < 1
    assert (every[left == 1.0] < 0.9).all() and np.isfinite(tried).sum() >= np.isfinite(there).sum() - 5
    both = np.isfinite(there) & np.isfinite(tried)
    assert (tried[both] >= there[both] - 1e-12).all() and (tried[both] > there[both]).any()


def test_held_slots_traits_and_numbers_that_are_without(tmp_path: Path) -> None:
    """An outcome is forced in its weeks alone, a stated trait is everybody's, a number is 0 in its arm alone."""
    trial = made(
        tmp_path, population__traits={"resilience": 1.5}, arms__hard={
            "policy": "criterion", "hold": [{"slot": "verdict", "weeks": [2, 3], "value": 0.0}],
            "without": ["practice_rate"], "traits": {"control": -1.0}},
        measures__passed={"of": "verdict", "weeks": 1}, measures__second={"of": "verdict", "weeks": [2, 3]},
        measures__fourth={"of": "verdict", "weeks": 4}, measures__resilience={"of": "resilience_score"},
        measures__control={"of": "control_score"},
    )  # fmt: skip
    (data,) = next(running._batches([trial], WORLD, range(3)))
    of = {name: data.values["hard", name] for name in trial.measures}
    assert (of["second"] == 0.0).all() and of["fourth"].mean() > 0.2 and of["passed"].mean() > 0.2
    assert (of["resilience"] == 1.5).all() and (data.values["easy", "resilience"] == 1.5).all()
    assert (of["control"] == -1.0).all() and data.values["easy", "control"].std() > 0.5
    hard, easy = (condition(trial, arm, WORLD).world for arm in ("hard", "easy"))
    assert hard["practice_rate"] == 0.0 and easy["practice_rate"] == MODEL.parameters()["practice_rate"]


def test_a_group_alone_is_held_as_it_is_found_without(tmp_path: Path) -> None:
    """Only students of the group are forced, and who they are hangs on no hold."""
    hold = [{"slot": "test_margin", "weeks": 2, "value": -3.0, "who": "near"}]
    trial = made(
        tmp_path, arms__hard={"policy": "criterion", "hold": hold}, arms__easy={"policy": "criterion"},
        measures__margin={"of": "test_margin", "weeks": 2}, who={"near": {"by": "margin", "above": -0.2, "below": 0.2}},
    )  # fmt: skip
    (data,) = next(running._batches([trial], WORLD, range(8)))
    free, forced = data.values["easy", "margin"], data.values["hard", "margin"]
    near = np.abs(free) < 0.2
    assert 5 < near.sum() < 60 and (forced[near] == -3.0).all() and (forced[~near] == free[~near]).all()
    other = made(tmp_path, **{"arms__hard": {"policy": "criterion", "hold": hold},
                              "measures__margin": {"of": "test_margin", "weeks": 2},
                              "who": {"near": {"by": "margin", "above": -0.3, "below": 0.2}}})  # fmt: skip
    assert condition(trial, "hard", WORLD) != condition(other, "hard", WORLD)


@pytest.mark.parametrize("change", ["less", "weeks", "length"])
def test_groups_that_only_look_alike_are_told_apart(change: str, tmp_path: Path) -> None:
    """A measure that is taken away, and the last week where none is named, are part of what defines a group."""
    base: dict[str, Any] = {
        "arms__hard": {"policy": "criterion", "hold": [{"slot": "verdict", "weeks": 3, "value": 0.0, "who": "a b"}]},
        "measures__rise": {"of": "test_margin", "less": "first"}, "measures__first": {"of": "test_margin", "weeks": 1},
        "who": {"a b": {"by": "rise", "above": 0.5}},
    }  # fmt: skip
    other = {"less": {"measures__first": {"of": "test_margin", "weeks": 2}},
             "weeks": {"measures__rise": {"of": "test_margin", "less": "first", "weeks": 3}},
             "length": {"trial__weeks": 5}}[change]  # fmt: skip
    (tmp_path / "b").mkdir()
    one, two = made(tmp_path, **base), made(tmp_path / "b", **{**base, **other})
    assert condition(one, "hard", WORLD) != condition(two, "hard", WORLD)
    assert np.isfinite(figures([one, two], WORLD, range(4))).all()


def test_a_shift_is_from_the_world(tmp_path: Path) -> None:
    """Half a logit below the world's own mean, wherever that is, as far as the range goes."""
    trial = made(tmp_path, population__shift={"knowledge_mean": -0.5})
    for mean, shifted in ((0.0, -0.5), (0.7, 0.2), (-0.8, -1.0)):
        world = WORLD._replace(parameters=MODEL.parameters(knowledge_mean=mean))
        assert condition(trial, "hard", world).world["knowledge_mean"] == pytest.approx(shifted)


def test_two_policies_of_one_name_are_two(tmp_path: Path) -> None:
    """Files in two folders may call their parts alike; arms under them are run apart."""
    for folder, told in (("a", 0.0), ("b", 1.0)):
        (tmp_path / folder).mkdir()
        text = f'name = "own"\ngroup = "grading"\ndescription = "x"\n[levers]\ntold = {told}\ncounted = {told}\n'
        (tmp_path / folder / "own.toml").write_text(text, encoding="utf-8")
    arms = {f"arms__{name}__policy": f"{folder}/own.toml" for name, folder in (("hard", "a"), ("easy", "b"))}
    trial = made(tmp_path, **arms, measures__passed={"of": "failing_grade_told", "weeks": 1})
    assert run(trial, WORLD, rooms=4).estimate > 0.05


#: Arms that say how often practice succeeds.
@pytest.mark.parametrize("share", [60, 75, 90])
def test_success_is_as_arms_say(share: int) -> None:
    """In the default world the share of practice that succeeds is that of the name, within .03."""
    trial = read("PA5a")
    arm = f"success-{share}"
    errors = Measure(of="practice_error", weeks=[9, 14], among="submitted")
    other = trial._replace(measures={"practice": errors}, arms={arm: trial.arms[arm]})
    (data,) = next(running._batches([other], WORLD, range(40)))
    assert 1.0 - np.nanmean(data.values[arm, "practice"]) == pytest.approx(share / 100.0, abs=0.03)


def test_the_vertex_is_that_of_the_best_arm() -> None:
    """A skewed curve is not decided by arms far from its top; a top at the end is none."""
    x = np.array([0.0, 0.1, 0.2, 0.4, 0.8])
    for top, answer in ((0.15, 0.15), (0.9, np.nan)):
        y = -np.where(x < top, 10.0, 1.0) * np.square(x - top) if np.isnan(answer) else -np.square(x - top)
        y[-1] -= 5.0 * (top < 0.5)  # far from the top it falls much faster
        values = {(str(k), axis): np.full(3, value) for k in range(5) for axis, value in (("x", x[k]), ("y", y[k]))}
        data = Data(values, {}, np.arange(3), {"x": 1.0, "y": 1.0})
        found = figure({"by": "inverted_u", "arms": list("31402"), "x": "x", "y": "y"}, data)
        assert found == pytest.approx(answer, abs=1e-9, nan_ok=True)


def test_groups_are_shares_or_sides(tmp_path: Path) -> None:
    """A share is that of all students, at its own end; a band lies between its bounds."""
    trial = made(
        tmp_path, measures__margin={"of": "test_margin", "weeks": 1},
        who={"low": {"by": "margin", "lowest": 0.25}, "high": {"by": "margin", "highest": 0.25},
             "near": {"by": "margin", "above": -0.3, "below": 0.3}},
    )  # fmt: skip
    (data,) = next(running._batches([trial], WORLD, range(8)))
    margin = data.values["easy", "margin"]
    groups = running.grouped(trial, data).groups
    low, high, near = (groups["easy", name] for name in ("low", "high", "near"))
    assert low.mean() == pytest.approx(0.25, abs=0.01) and high.mean() == pytest.approx(0.25, abs=0.01)
    assert margin[low].max() < margin[~low].min() and margin[high].min() > margin[~high].max()
    assert (near == (np.abs(margin) < 0.3)).all()


def test_arms_are_the_same_students_and_what_they_share_is_run_once(tmp_path: Path) -> None:
    """Two arms that do not differ give the same numbers; another seed gives others."""
    trial = made(tmp_path, arms__same={"policy": "criterion+cut=1"})
    assert condition(trial, "hard", WORLD) == condition(trial, "same", WORLD) != condition(trial, "easy", WORLD)
    assert condition(trial.seeded(3), "hard", WORLD) != condition(trial, "hard", WORLD)
    (data,) = next(running._batches([trial], WORLD, range(3)))
    assert (data.values["hard", "passed"] == data.values["same", "passed"]).all()


def test_assumed_numbers_of_a_world_reach_the_arms(tmp_path: Path) -> None:
    """A world that has a threat of its own for a curve gives it to the arms that take it."""
    trial = made(tmp_path, arms__easy={"policy": "criterion > curve @ 2"})
    world = WORLD._replace(numbers={"curve.threat": 0.4})
    assert condition(trial, "easy", world).policy.in_week(2)["threat"] == 0.4
    assert condition(trial, "hard", world).policy == condition(trial, "hard", WORLD).policy


# ---- what is made of it: planted data ----------------------------------------------------------------------------
def planted() -> Data:
    """Two arms of 40,000 students with a difference of 1 in y, of 3 among the low, and y = 2 x + noise in the first."""
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=40_000), rng.normal(size=40_000)
    y, low = 2.0 * x + noise, x < -1.0
    values = {
        ("a", "x"): x, ("a", "y"): y, ("b", "x"): x, ("b", "y"): y - 1.0 - 2.0 * low,
        ("a", "later"): 0.5 * y + 0.3 * x + rng.normal(size=40_000),
    }  # fmt: skip
    groups = {(arm, name): who for arm in "ab" for name, who in (("low", low), ("rest", ~low))}
    return Data(values, groups, np.arange(40_000) // 20, {"x": 1.0, "y": 0.8, "later": 1.0})


@pytest.mark.parametrize(
    ("spec", "answer", "within"),
    [
        ({"by": "contrast", "arms": ["a", "b"], "of": "y", "who": "low"}, 3.0, 1e-9),
        ({"by": "contrast", "arms": ["b", "a"], "of": "y", "who": "rest"}, -1.0, 1e-9),
        ({"by": "contrast", "of": "y", "terms": [
            {"arm": "a", "who": "low", "weight": 1}, {"arm": "b", "who": "low", "weight": -1},
            {"arm": "a", "who": "rest", "weight": -1}, {"arm": "b", "who": "rest", "weight": 1}]}, 2.0, 1e-9),
        ({"by": "hedges_g", "arms": ["a", "b"], "of": "y", "who": "rest", "sd": 2.0}, 0.5, 1e-9),
        ({"by": "correlation", "arm": "a", "x": "x", "y": "y"}, np.sqrt(0.8) * 2.0 / np.sqrt(5.0), 0.01),
        ({"by": "spread_ratio", "arm": "a", "of": "y", "over": "x"}, np.sqrt(5.0 / 0.8), 0.1),
        ({"by": "regression", "arm": "a", "y": "later", "on": ["x", "y"], "of": "x"}, None, 0.0),
        ({"by": "ordering", "arms": ["b", "a"], "of": "y"}, 1.0 + 2.0 * 0.159, 0.03),
    ],
)  # fmt: skip
def test_an_estimate_of_planted_data(spec: dict[str, Any], answer: float | None, within: float) -> None:
    """Each estimator is asked for what its keys say: arms in their order, groups, rulers, reliabilities."""
    found = figure(spec, planted())
    if answer is None:
        perfect = planted()._replace(reliability={"x": 1.0, "y": 1.0, "later": 1.0})
        assert figure(spec, perfect) == pytest.approx(0.3 / np.sqrt(0.25 * 5 + 0.09 + 0.6 + 1.0), abs=0.02)
        assert found > figure(spec, perfect) + 0.1  # an unreliable y leaves some of its own to x
    else:
        assert found == pytest.approx(answer, abs=within)


def test_a_run_says_hit_or_miss_with_its_distance(tmp_path: Path) -> None:
    """The planted difference is known: two rounds of the same classes, one with the pass of everybody forced."""
    arms = {
        f"arms__{name}": {"policy": "criterion", "hold": [{"slot": "verdict", "weeks": 1, "value": value}]}
        for name, value in (("hard", 0.0), ("easy", 1.0))
    }
    for value, low, high, hit, distance in ((0.9, 0.8, 1.1, True, 0.5), (0.5, 0.4, 0.6, False, 5.0)):
        target = {"value": value, "low": low, "high": high}
        found = run(made(tmp_path, target=target, **arms), WORLD, rooms=5)
        assert (found.estimate, found.error) == (1.0, 0.0)
        assert (found.hit, found.rooms, found.is_sure) == (hit, 5, True)
        assert found.distance == pytest.approx(distance)


def test_more_classes_are_run_until_the_error_is_small(tmp_path: Path) -> None:
    """The error ends up a tenth of half the tolerance, or at the most classes there are."""
    wide, narrow = (
        run(made(tmp_path, target={"value": 0.5, "low": 0.5 - half, "high": 0.5 + half}), WORLD) for half in (0.4, 0.03)
    )
    assert wide.rooms == running.ROOMS < narrow.rooms
    assert narrow.error <= running.PRECISION * 0.03 * 1.2
    assert abs(narrow.estimate - wide.estimate) < 4.0 * wide.error


# ---- targets -----------------------------------------------------------------------------------------------------
def test_hits_and_distances() -> None:
    """A number is measured in the tolerance of its side, a sign by how far it lies on the wrong one."""
    number = Target(NUMERIC, 0.4, 0.25, 0.6)
    assert [number.distance(x) for x in (0.4, 0.5, 0.6, 0.25, 0.1)] == pytest.approx([0.0, 0.5, 1.0, -1.0, -2.0])
    assert [number.hits(x) for x in (0.25, 0.6, 0.61, np.nan)] == [True, True, False, False]
    above, below = Target(SIGN, np.nan, *side(">1")), Target(SIGN, np.nan, *side("<0.3"))
    assert [above.hits(x) for x in (1.0, 1.01)] == [False, True] and above.distance(0.8) == pytest.approx(-0.2)
    assert [below.hits(x) for x in (0.3, 0.29)] == [False, True] and below.distance(0.5) == pytest.approx(0.2)
    assert (
        above.distance(7.0) == 0.0 and np.isnan(above.distance(np.nan)) and (above.said, below.said) == ("> 1", "< 0.3")
    )


def test_tables_ship_as_they_were_given() -> None:
    """Every row is read: its number, its tolerance around it, and where it comes from."""
    assert (len(targets()), len(facts()), sum(row.required for row in targets().values())) == (52, 28, 47)
    for row in (*targets().values(), *facts().values()):
        if row.target.kind == NUMERIC:
            assert row.target.low <= row.target.value <= row.target.high, row.id
        assert row.target.source, row.id
    assert targets()["PF1"].target[:4] == (NUMERIC, 0.36, 0.2, 0.51) and "Sinha" in targets()["PF1"].target.source
    assert facts()["OU-01a"].target[1:4] == (0.0475, 0.0179, 0.089) and facts()["OU-01a"].interval == (0.0456, 0.0494)


# ---- bad input ---------------------------------------------------------------------------------------------------
BAD = {
    "no tolerance": ({"target": {"value": 0.5}}, "has no tolerance; give low and high"),
    "no target": ({"target": None}, "[target] is missing; name a published row"),
    "ends the wrong way round": ({"target": {"low": 1.0, "high": 0.0}}, "the lower end must come first"),
    "value outside": ({"target": {"value": 2.0, "low": 0.0, "high": 1.0}}, "target.value is 2.0; it needs"),
    "a side and a tolerance": ({"target": {"value": ">0", "low": 1.0}}, "leave low and high out"),
    "no side": ({"target": {"value": "positive"}}, "says no side of a bound"),
    "a row's own target": ({"trial__row": "PF1"}, "row PF1 has a target of its own; leave [target] out"),
    "unknown row": ({"trial__row": "PF9"}, "unknown row of the published evidence 'PF9'; did you mean"),
    "unknown estimator": ({"estimate__by": "hedge_g"}, "unknown estimator 'hedge_g'; did you mean hedges_g?"),
    "no estimator": ({"estimate__by": None}, "unknown estimator ''; there are contrast"),
    "itself": ({"estimate__arms": ["easy", "easy"]}, "an arm against itself shows nothing"),
    "one arm": ({"estimate__arms": ["easy"]}, "contrast needs 2 arms"),
    "unknown arm": ({"estimate__arms": ["easy", "heavy"]}, "unknown arm in estimate.arms: 'heavy'; did you mean"),
    "unknown measure": ({"estimate__of": "past"}, "unknown measure in estimate.of: 'past'; did you mean passed?"),
    "unknown group": ({"estimate__who": "low"}, "unknown group in estimate.who: 'low'"),
    "key too much": ({"estimate__sd": 1.0}, "unknown key 'estimate.sd'; did you mean"),
    "key missing": ({"estimate": {"by": "correlation", "arm": "easy", "x": "passed"}}, "estimate.y is missing"),
    "two ways": ({"estimate__arm": "easy"}, "estimate has arm and arms; a contrast needs one of"),
    "one wave": (
        {"estimate": {"by": "cross_lag", "arm": "easy", "x": "passed", "y": ["passed"]}}, "needs 2 waves of a measure"),
    "a list for a name": ({"estimate__of": ["passed"]}, "estimate.of is ['passed']; it needs one name"),
    "a name for a list": ({"estimate__arms": "easy"}, "estimate.arms is 'easy'; it needs a list of names"),
    "a table for the estimator": ({"estimate__by": ["contrast"]}, "unknown estimator ['contrast']"),
    "reliability that nobody reads": (
        {"measures__passed__reliability": 0.8}, "measures.passed.reliability is not read by contrast as it stands"),
    "odds of a score": (
        {"estimate__by": "odds_ratio", "measures__passed__of": "score"}, "is not 0 or 1; an odds_ratio needs above or"),
    "held for nobody": (
        {"arms__easy__hold": [{"slot": "verdict", "weeks": 1, "value": 1.0, "who": "low"}]}, "unknown group of"),
    "shift of nothing": ({"population__shift": {"knowlege_mean": 1.0}}, "unknown parameter 'knowlege_mean'"),
    "week after the end": ({"measures__passed__weeks": 5}, "measures.passed.weeks is 5; it needs a whole"),
    "weeks the wrong way round": ({"measures__passed__weeks": [3, 2]}, "the first week must come first"),
    "unknown slot": ({"measures__passed__of": "verdikt"}, "unknown slot in measures.passed: 'verdikt'; did you mean"),
    "reliability of 0": ({"measures__passed__reliability": 0.0}, "measures.passed.reliability is 0.0: input should be"),
    "reliability above 1": ({"measures__passed__reliability": 1.1}, "measures.passed.reliability is 1.1: input"),
    "less of itself": ({"measures__passed__less": "gone"}, "unknown measure in measures.passed.less: 'gone'"),
    "unknown norm": ({"measures__passed__per": "unit"}, "unknown norm in measures.passed.per: 'unit'"),
    "nobody": ({"who": {"a": {"by": "passed", "above": 1.0, "below": 0.0}}}, "above 1 and below 0: nobody is"),
    "two ends": ({"who": {"a": {"by": "passed", "lowest": 0.5, "highest": 0.5}}}, "it has lowest and highest"),
    "unknown policy": ({"arms__easy__policy": "curv"}, "unknown policy 'curv'; did you mean curve?"),
    "change too late": ({"arms__easy__policy": "criterion > curve @ 9"}, "the last week of the year is 4"),
    "unknown parameter": ({"arms__easy__parameters": {"stabilty": 1.0}}, "unknown parameter 'stabilty'; did you mean"),
    "unknown trait": ({"population__traits": {"grit": 1.0}}, "unknown trait in population: 'grit'"),
    "out of range": ({"arms__easy__parameters": {"stability": 2.0}}, "parameter stability is 2.0; it needs"),
    "hold of nothing": ({"arms__easy__hold": [{"slot": "luck", "weeks": 1, "value": 1.0}]}, "unknown slot to hold in"),
    "hold out of range": (
        {"arms__easy__hold": [{"slot": "verdict", "weeks": 1, "value": 7.0}]}, "value of verdict in arms.easy is 7.0"),
    "no arms": ({"arms": {}}, "[arms] has none"),
    "misspelt table": ({"measure": {"a": {"of": "grade"}}}, "unknown key 'measure'; did you mean measures?"),
    "misspelt key": ({"measures__passed__week": 1}, "unknown key 'measures.passed.week'; did you mean"),
    "text for a number": ({"trial__weeks": "four"}, "trial.weeks is 'four': input should be a valid integer"),
}  # fmt: skip


@pytest.mark.parametrize("rooms", ["0", "1", "-3", "1000001"])
def test_a_number_of_classes_that_cannot_be(rooms: str) -> None:
    """One sentence, and nothing is run."""
    done = setback("trials", "run", "AT4a", "--rooms", rooms)
    assert (done.code, done.out) == (2, "") and f"rooms is {rooms}; it needs a whole number from 2 to" in done.err


@pytest.mark.parametrize("fault", BAD)
def test_a_fault_in_a_file_is_one_sentence(fault: str, tmp_path: Path) -> None:
    """It says where it is and what would be right; the command line ends with 2."""
    changes, says = BAD[fault]
    path = tmp_path / "own.toml"
    path.write_text(toml(changed(**changes)) if fault != "no arms" else toml({**SMALL, "arms": {}}), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read(path)
    assert str(raised.value).startswith("trial own.toml: ") and says in str(raised.value), str(raised.value)
    done = setback("trials", "run", path)
    assert (done.code, done.out) == (2, "") and done.err.count("\n") == 1 and says[:30] in done.err


def test_a_trial_that_is_not_there(tmp_path: Path) -> None:
    """Names are those of rows, in any case; a path is a file."""
    assert read("pf1").name == "PF1"
    assert "unknown trial 'PF7'; did you mean PF2 or PF1?" in setback("trials", "run", "PF7").err
    assert setback("trials", "run", tmp_path / "no.toml").code == 2


# ---- the command line --------------------------------------------------------------------------------------------
def test_a_trial_of_ones_own_is_started_changed_and_run(tmp_path: Path) -> None:
    """The file to start from runs as it is; its findings are JSON for a machine."""
    path = tmp_path / "my-study.toml"
    done = setback("new", "trial", "my-study", "--out", path)
    assert (done.code, done.err) == (0, "") and f"setback trials run {path}" in done.out
    assert setback("new", "trial", "my-study", "--out", path).code == 2  # it is there already
    done = setback("trials", "run", path, "--rooms", "4", "--json")
    (found,) = json.loads(done.out)
    assert (done.code, found["trial"], found["rooms"], found["unit"]) == (0, "my-study", 4, "SD")
    assert found["published"] == "0.3 [0.1, 0.5]" and found["hit"] == (0.1 <= found["estimate"] <= 0.5)


def test_the_table_of_findings() -> None:
    """A line a trial, with what was published, what was simulated, and hit or miss; and the count of hits."""
    done = setback("trials", "run", "AT4a", "FB1", "--rooms", "10", "--set", "style_mean=1")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines[1].startswith("AT4a   0.4 [0.3, 0.5]") and " miss " in lines[1]
    assert lines[2].startswith("FB1    0.48 [0.3, 0.6]") and " hit " in lines[2] and "1 of 2 hit." in done.out
    again = setback("trials", "run", "AT4a", "--rooms", "10", "--json", "--seed", "7")
    other = setback("trials", "run", "AT4a", "--rooms", "10", "--json", "--seed", "8")
    assert json.loads(again.out)[0]["estimate"] != json.loads(other.out)[0]["estimate"]


def test_trials_are_listed() -> None:
    """Every row of the targets stands in the list, with its reason where it has no trial."""
    listed = {row["name"]: row for row in json.loads(setback("list", "trials", "--json").out)}
    assert listed.keys() == targets().keys()
    assert listed["TR6b"]["limits"].startswith("Left out: ") and listed["PF1"]["required"] == "yes"
