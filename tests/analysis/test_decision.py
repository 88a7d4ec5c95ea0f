"""The decision table against answers that are known because they were put in."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from setback.analysis.conditions import Condition, percent, where
from setback.analysis.decision import LESS, MORE, OF_CLASSES, Decision, decision, undominated
from setback.analysis.load import unit_of
from setback.model.errors import InputError, unknown
from setback.model.outcomes import OUTCOMES

A, B, C = "criterion", "curve", "mastery"


def planted(
    values: dict[str, dict[str, Any]],
    luck: float = 0.0,
    rooms: int = 4,
    numbers: pd.DataFrame | None = None,
    seed: int = 1,
    part: int = 30,
    **study: Any,
) -> Any:
    """Results in which policies have these outcomes, one a world.

    Args:
        values: policy -> outcome -> (world,) or one number for all.
        luck: SD of what each room does to an outcome in one world under one policy alone.
        rooms: of each world, the same in all.
        numbers: what varies.
        seed: decides the luck.
        part: worlds that are read at a time.
        **study: what is said of the study otherwise.
    """
    rng = np.random.default_rng(seed)
    outcomes = list(next(iter(values.values())))
    n = len(numbers) if numbers is not None else max(np.size(v) for of in values.values() for v in of.values())
    world, room = (a.ravel() for a in np.meshgrid(range(n), range(rooms), indexing="ij"))
    how_good = rng.normal(size=rooms)[room]  # a room is as good under every policy
    frames = []
    for policy, of in values.items():
        frame = pd.DataFrame({"world": world, "policy": policy, "room": room, "class": room, "students": 30})
        for name in outcomes:
            own = np.broadcast_to(np.asarray(of[name], float), n)[world]
            frame[name] = own + how_good + luck * rng.normal(size=len(world))
        frames.append(frame)
    rows = pd.concat(frames, ignore_index=True).astype({"policy": "category"})

    def in_parts(name: str = "outcomes", columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        for _, those in rows.groupby(rows["world"] // part):
            yield those.reset_index(drop=True)

    about = {
        "name": "planted", "claim": None, "worlds": {"count": n, "ranges": [], "design": "lhs"}, "rooms": rooms,
        "keep": {"outcomes": outcomes}, "weeks": 36, **study,
    }  # fmt: skip
    table = numbers if numbers is not None else pd.DataFrame({"level": rng.uniform(size=n)})

    def named(name: str) -> str:
        if name not in outcomes:
            raise unknown("outcome that was kept", name, outcomes)
        return name

    return SimpleNamespace(
        named=named,
        unit=lambda name: unit_of(about, name),
        study=about,
        in_parts=in_parts,
        folder="results/planted/0",
        policies=pd.DataFrame(index=pd.Index(list(values), name="policy")),
        worlds=table.rename_axis("world"),
        state=SimpleNamespace(failed=(), tasks=3),
        unfinished="",
        manifest=SimpleNamespace(tables=("outcomes",)),
    )


def learning(**of: Any) -> dict[str, dict[str, Any]]:
    """Policies with nothing but their learning."""
    return {name: {"learning": value} for name, value in of.items()}


def pair(found: Decision, first: str, second: str, outcome: str = "learning") -> pd.Series:
    """The row of a pair."""
    rows = found.pairs.set_index(["first", "second", "outcome"])
    return rows.loc[(first, second, outcome)]


# ---- best, regret, differences ---------------------------------------------------------------------------------
def test_a_planted_best_policy() -> None:
    """Best in 7 of 10 worlds, behind in 3: shares, regret, differences and their signs are those put in."""
    first = np.array([0.5] * 7 + [0.1] * 3)
    found = decision(planted(learning(criterion=first, curve=0.3, mastery=-1.0)))
    assert found.leader == A and list(found.policies.index) == [A, B, C]
    assert found.policies["best"].to_dict() == pytest.approx({A: 0.7, B: 0.3, C: 0.0})
    assert found.policies["regret"].to_dict() == pytest.approx({A: 0.06, B: 0.14, C: 1.44})
    assert found.policies["largest_regret"].to_dict() == pytest.approx({A: 0.2, B: 0.2, C: 1.5})
    assert found.policies["worst_world"].to_dict() == {A: 7, B: 0, C: 0}
    row = pair(found, A, B)
    assert row["difference"] == pytest.approx(-0.08) and (row["first_better"], row["second_better"]) == (0.7, 0.3)
    assert row["second_mean"] - row["first_mean"] == pytest.approx(-0.08)
    assert (row["better_off"], row["worse_off"]) == (0.3, 0.7) and found.of == "rooms"
    assert row["low"] == pytest.approx(-0.08) == row["high"], "rooms do the same to both"
    turned = found.against(B).set_index("second").loc[A]
    assert turned["difference"] == pytest.approx(0.08) and turned["first"] == B
    assert (turned["first_better"], turned["second_better"]) == (0.3, 0.7)
    assert (turned["better_off"], turned["worse_off"]) == (0.7, 0.3)
    assert turned["second_mean"] - turned["first_mean"] == pytest.approx(0.08)


def test_less_is_better_of_helplessness() -> None:
    """The same numbers as helplessness turn the table round, and the difference keeps its own sign."""
    values = {A: {"helpless": 0.2}, B: {"helpless": 0.3}, C: {"helpless": np.linspace(0.0, 0.7, 8)}}
    found = decision(planted(values))
    assert found.judge.sign == -1 and found.leader == A
    assert pair(found, A, B, "helpless")["difference"] == pytest.approx(0.1)
    assert pair(found, A, B, "helpless")["first_better"] == 1.0
    assert found.policies.loc[A, "best"] == pytest.approx(5.5 / 8), "in one world they are equal"
    assert found.policies.loc[C, "best"] == pytest.approx(2.5 / 8)
    assert found.policies.loc[A, "largest_regret"] == pytest.approx(0.2), "where the third has 0"


def test_equal_policies_share_a_world() -> None:
    """Neither is ahead; each has half of it, and no regret."""
    found = decision(planted(learning(criterion=0.5, curve=0.5, mastery=[0.4, 0.6])))
    assert found.policies["best"].to_dict() == pytest.approx({A: 0.25, B: 0.25, C: 0.5})
    row = pair(found, A, B)
    assert (row["first_better"], row["second_better"], row["better_off"], row["worse_off"]) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("seed", range(3))
def test_luck_of_the_rooms_is_no_regret(seed: int) -> None:
    """Where two policies differ alike in every world, noise of rooms does not make the worse one best in some."""
    found = decision(planted(learning(criterion=np.zeros(200), curve=0.1, mastery=0.0), luck=0.3, seed=seed))
    rooms = pd.concat(
        planted(learning(criterion=np.zeros(200), curve=0.1, mastery=0.0), luck=0.3, seed=seed).in_parts()
    )
    raw = rooms.groupby(["world", "policy"], observed=True)["learning"].mean().unstack("policy").idxmax(axis=1)
    assert found.policies.loc[B, "best"] > 0.8 > 0.65 > (raw == B).mean(), "0.1 against a noise of .21 in each world"
    assert found.policies.loc[B, "regret"] < 0.02 and found.leader == B
    row = pair(found, A, B)
    assert row["spread"] < 0.08 < 0.21 and row["low"] < 0.1 < row["high"] and row["error"] < 0.06


def test_the_interval_of_a_pair_by_hand() -> None:
    """Rooms that all worlds share are the draws: Student's t over what each does on average over the worlds."""
    loaded = planted(learning(criterion=np.zeros(20), curve=0.1), luck=0.3, rooms=5)
    rows = pd.concat(loaded.in_parts()).astype({"policy": str})
    by_room = rows.groupby(["policy", "room"])["learning"].mean().unstack("policy")
    change = by_room[B] - by_room[A]
    row, error = pair(decision(loaded), A, B), change.std(ddof=1) / np.sqrt(5)
    assert row["difference"] == pytest.approx(change.mean()) and row["error"] == pytest.approx(error)
    assert (row["low"], row["high"]) == pytest.approx(change.mean() + np.array([-1, 1]) * t.ppf(0.975, 4) * error)


def test_parts_make_no_difference() -> None:
    """Read ten worlds at a time or all at once, the table is the same."""
    values = learning(criterion=np.linspace(0, 1, 60), curve=0.4)
    one, other = (decision(planted(values, luck=0.1, part=part)) for part in (10, 60))
    pd.testing.assert_frame_equal(one.pairs, other.pairs)
    pd.testing.assert_frame_equal(one.policies, other.policies)


def test_what_is_not_known_in_some_worlds() -> None:
    """They are left out, and that is said."""
    values = learning(criterion=[0.1, 0.1, np.nan, 0.1], curve=[0.2, 0.2, 0.2, 0.0])
    found = decision(planted(values))
    assert found.worlds == 3 and found.policies.loc[B, "best"] == pytest.approx(2 / 3)
    assert any(note.startswith("3 of 4 worlds know") for note in found.notes)


# ---- weights ---------------------------------------------------------------------------------------------------
def test_weights_of_ones_own() -> None:
    """What a unit counts, scaled to add up to 1: helplessness costs what the weights say, and decides."""
    values = {A: {"learning": 0.5, "helpless": [0.6, 0.6]}, B: {"learning": 0.3, "helpless": 0.1}}
    assert decision(planted(values)).leader == A
    found = decision(planted(values, rooms=1), weights={"learning": 3, "helpless": -1})
    assert found.leader == A and found.judge.weights == {"learning": 0.75, "helpless": -0.25}
    row = pair(found, A, B, "score")
    assert row["difference"] == pytest.approx(0.75 * -0.2 - 0.25 * -0.5) and row["unit"] == "points"
    found = decision(planted(values), weights={"learning": 1, "helpless": -1})
    assert found.leader == B and pair(found, A, B, "score")["difference"] == pytest.approx(0.5 * -0.2 + 0.5 * 0.5)
    assert pair(found, A, B, "helpless")["difference"] == pytest.approx(-0.5), "objectives stay in their own unit"
    assert str(found.judge) == "score = 0.5 x learning (SD) - 0.5 x helpless (share of students)"
    alone = decision(planted(values), weights={"helpless": 5, "learning": 0})
    assert (alone.judge.name, alone.judge.unit, alone.judge.sign) == ("helpless", "share of students", 1.0)
    assert alone.leader == A, "somebody wants more of it"


# ---- the front -------------------------------------------------------------------------------------------------
def test_a_planted_front() -> None:
    """A and B trade learning for helplessness; C does worse than A on both."""
    values = {
        A: {"learning": 0.5, "helpless": [0.3, 0.3]}, B: {"learning": 0.4, "helpless": [0.2, 0.4]},
        C: {"learning": 0.45, "helpless": 0.35},
    }  # fmt: skip
    found = decision(planted(values))
    assert found.objectives == {"learning": 1.0, "helpless": -1.0}
    assert found.policies["front"].to_dict() == {A: True, B: False, C: False}, "on average B has as many helpless as A"
    assert found.policies["front_worlds"].to_dict() == pytest.approx({A: 1.0, B: 0.5, C: 0.0})
    assert "front leaves out gap, coverage and teacher time" in " ".join(found.notes)


def test_who_stopped_counts_as_helpless() -> None:
    """Where it is known, a policy does not gain by those whom it loses."""
    values = {p: {"learning": 0.5, "helpless": 0.1, "helpless_or_stopped": [x] * 2} for p, x in ((A, 0.2), (B, 0.3))}
    assert list(decision(planted(values)).objectives) == ["learning", "helpless_or_stopped"]


def test_undominated_by_hand() -> None:
    """Equal policies are both on the front; one that is better on one and equal on the rest is ahead."""
    front = undominated(np.array([[[1, 1], [1, 1], [1, 0], [0, 2]], [[0, 0], [1, 0], [0, 1], [2, 2.0]]]))
    assert front.tolist() == [[True, True, False, True], [False, False, False, True]]


def test_every_outcome_has_a_direction_or_none() -> None:
    """None is both good and bad, and only an error at practice is neither."""
    assert not {*MORE} & {*LESS} and {*MORE, *LESS} == {*OUTCOMES} - {"practice_error_rate"}
    assert {*OF_CLASSES} <= {*OUTCOMES}


# ---- where each loses ------------------------------------------------------------------------------------------
def uniform(n: int, seed: int = 3) -> pd.DataFrame:
    """Worlds over four numbers."""
    rng = np.random.default_rng(seed)
    names = ("resilience_mean", "level", "curve.threat", "style_mean")
    return pd.DataFrame({name: rng.uniform(-1, 1, n) for name in names})


def test_planted_conditions() -> None:
    """The curve loses where the level is high and resilience low, and these two are named with side, bound and unit."""
    numbers = uniform(1000)
    loses = (numbers["level"] > 0.3) & (numbers["resilience_mean"] < -0.1)
    found = decision(planted(learning(criterion=0.3, curve=np.where(loses, 0.1, 0.5)), numbers=numbers))
    lost = found.losses[B]
    assert lost.share == pytest.approx(loses.mean()) and len(lost.conditions) == 2
    by_name = {c.name: c for c in lost.conditions}
    assert by_name["level"].low == pytest.approx(0.3, abs=0.06) and np.isinf(by_name["level"].high)
    assert by_name["resilience_mean"].high == pytest.approx(-0.1, abs=0.06)
    assert np.isinf(by_name["resilience_mean"].low)
    assert lost.inside > 0.85 and lost.outside < 0.1 and lost.coverage > 0.85
    assert found.beaten[B, A].conditions == lost.conditions, "there are two policies"
    wins = found.beaten[A, B]
    assert wins.share == pytest.approx(1 - loses.mean()) and wins.inside > 0.9
    assert {c.name for c in wins.conditions} <= {"level", "resilience_mean"}
    assert all(np.isinf(c.low) for c in wins.conditions if c.name == "level"), "the other side"
    said = lost.sentence("curve is not best")
    assert said.startswith("curve is not best in ") and "level is at least 0." in said and " logit (of -0.99" in said


def test_an_interval_and_the_number_of_a_part() -> None:
    """Two bounds on one number are one condition; the unit is the lever's."""
    numbers = uniform(2000)
    found = where(numbers, numbers["curve.threat"].between(-0.3, 0.3).to_numpy())
    [condition] = found.conditions
    assert (condition.low, condition.high) == pytest.approx((-0.3, 0.3), abs=0.06)
    assert str(condition).startswith("curve.threat is from -0.") and " share (of " in str(condition)
    assert found.inside > 0.85 and found.coverage > 0.85


def test_chance_has_no_conditions() -> None:
    """Where losses fall anywhere hardly ever anything is named, though the searched half always shows something."""
    named = [
        len(where(uniform(300, seed), np.random.default_rng(1000 + seed).random(300) < 0.3).conditions) > 0
        for seed in range(100)
    ]
    assert sum(named) <= 5


def test_where_nothing_is_to_be_told_apart() -> None:
    """Nowhere, everywhere, and too few worlds each have a sentence."""
    numbers = uniform(100)
    assert where(numbers, np.zeros(100, bool)).sentence("x loses") == "x loses in none of 100 worlds."
    assert where(numbers, np.ones(100, bool)).sentence("x loses") == "x loses in all of 100 worlds."
    few = where(numbers[:30], (numbers["level"] > 0).to_numpy()[:30])
    assert few.conditions == () and few.sentence("x loses").endswith("; fewer than 40 worlds do not say where.")
    assert (percent(0.0), percent(0.004), percent(0.996)) == ("0 %", "under 1 %", "over 99 %")


def test_bounds_of_a_grid_lie_between_its_values() -> None:
    """A condition on the number with few values parts two of them."""
    numbers = pd.DataFrame({"level": np.repeat([0.0, 1.0, 2.0], 60)})
    [condition] = where(numbers, (numbers["level"] > 0.7).to_numpy()).conditions
    assert (condition.low, condition.high) == (0.5, np.inf)
    assert condition.holds(np.array([0.0, 1.0, 2.0])).tolist() == [False, True, True]
    assert str(Condition("own", -np.inf, 2.0, 0.0, 3.0)) == "own is at most 2 (of 0 to 3)"


# ---- an estimand -----------------------------------------------------------------------------------------------
def test_an_effect_of_a_failure_is_an_outcome() -> None:
    """Fewer further failures are better, more knowledge is; nobody is better or worse off by them himself."""
    numbers = uniform(40)
    effects = {A: {"R_F": 0.5, "V_F_unit": -0.1}, B: {"R_F": 0.1, "V_F_unit": -0.3}}
    found = decision(planted(effects, numbers=numbers), "R_F")
    assert found.leader == B and (found.judge.sign, found.judge.unit) == (-1.0, "failures")
    assert pair(found, A, B, "R_F")["difference"] == pytest.approx(-0.4)
    assert np.isnan(pair(found, A, B, "R_F")["better_off"]) and found.policies.loc[A, "regret"] == pytest.approx(0.4)
    assert not any("etter and worse off" in note for note in found.notes)
    assert decision(planted(effects, numbers=numbers), "V_F_unit").leader == A
    both = decision(planted(effects, numbers=numbers), weights={"R_F": -1, "V_F_unit": 3})
    assert both.leader == A and "0.25 x R_F (failures) + 0.75 x V_F_unit (SD)" in str(both.judge)
    with pytest.raises(InputError, match=r"verdict is neither better nor worse; say which it is by a weight"):
        decision(planted({A: {"verdict": 0.5}, B: {"verdict": 0.1}}, numbers=numbers), "verdict")


def test_quantiles_and_custom_outcomes_have_their_units() -> None:
    """A quantile is as good as what it is of; a custom outcome is weighed."""
    values = {A: {"learning.q10": 0.1, "gone": 2.0}, B: {"learning.q10": 0.3, "gone": 1.0}}
    of = planted(values, numbers=uniform(40), custom={"gone": {"unit": "weeks"}})
    found = decision(of, "learning.q10")
    assert found.leader == B and str(found.judge) == "learning.q10 (SD; more is better)"
    weighed = decision(of, weights={"gone": 1})
    assert weighed.leader == A and str(weighed.judge) == "gone (weeks; more is better)"


# ---- bad input -------------------------------------------------------------------------------------------------
TWO = learning(criterion=[0.1, 0.1], curve=0.2)


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"outcome": "helpless"}, "unknown outcome that was kept 'helpless'; there are learning"),
        ({"weights": {"helpless": -1}}, "unknown outcome that was kept 'helpless'; there are learning"),
        (
            {"weights": {"learning": 0}},
            "the weights (learning 0) add up to 0; give at least one outcome a weight but 0",
        ),
        ({"weights": {}}, "the weights (none) add up to 0; give at least one outcome a weight but 0"),
        ({"weights": {"learning": float("nan")}}, "weight of learning is nan; it needs a finite number"),
        ({"weights": {"learning": "2"}}, "weight of learning is '2'; it needs a finite number"),
        ({"weights": {"learning": 1}, "outcome": "learning"}, "judged by an outcome or by weights; take one"),
    ],
)
def test_bad_outcomes_and_weights(named: dict[str, Any], sentence: str) -> None:
    """One sentence each."""
    with pytest.raises(InputError) as error:
        decision(planted(TWO), **named)
    assert sentence in str(error.value)


def test_nothing_to_decide() -> None:
    """One policy, one world, an unfinished or failed run, mechanisms instead of worlds: what it is and what to do."""
    with pytest.raises(InputError, match=r"^planted has one policy, criterion; run it with two or more, "):
        decision(planted(learning(criterion=[0.1, 0.2])))
    with pytest.raises(InputError, match=r"^planted has one world; let numbers vary in \[worlds\], or set policies "):
        decision(planted(learning(criterion=[0.1], curve=0.2)))
    loaded = planted(TWO)
    loaded.unfinished = "unfinished, 2 of 3 tasks"
    with pytest.raises(
        InputError, match=r"^results/planted/0 is unfinished, 2 of 3 tasks; the same setback run finish"
    ):
        decision(loaded)
    loaded.state.failed = (1,)
    with pytest.raises(
        InputError, match=r"^1 of 3 tasks of results/planted/0 failed; the same setback run with --retry"
    ):
        decision(loaded)
    with pytest.raises(InputError, match=r"^the worlds of planted are mechanisms that are off"):
        decision(planted(TWO, worlds={"design": "ablation"}))
    with pytest.raises(InputError, match=r"^in no world is learning known under every policy"):
        decision(planted(learning(criterion=[0.1, np.nan], curve=[np.nan, 0.2])))
