"""The power of a trial: against what is known of it, and what is simulated for it."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import said, setback
from scipy import stats

from setback.analysis.power import Plan, closed_formula, design_effect, plan
from setback.experiments.planning import classes as planning
from setback.experiments.planning.classes import classes
from setback.experiments.simulate import simulate
from setback.model.errors import InputError
from setback.model.outcomes import NORMS
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster

Array = np.ndarray
#: Of planted classes: students, intraclass correlation, share of the spread between classes that the opening explains.
SIZE, RHO, EXPLAINED = 25, 0.2, 0.6


def planted(effects: Array, rooms: int = 400, sizes: Array | None = None, noise: float = 0.0) -> tuple[Array, ...]:
    """Classes of students who are a normal sample with these effects of the second policy, in SDs of students."""
    rng = np.random.default_rng(5)
    shape = len(effects), rooms
    size = np.broadcast_to(SIZE if sizes is None else sizes, shape).astype(float)
    opening = rng.standard_normal(shape)
    inside = (1.0 - RHO) * rng.chisquare(size - 1.0)
    # of the variance of a class mean, that of its students' luck included
    spread = np.sqrt(RHO + (1.0 - RHO) / size)
    mean = spread * (np.sqrt(EXPLAINED) * opening + np.sqrt(1.0 - EXPLAINED) * rng.standard_normal(shape))
    second = mean + effects[:, None] + noise * rng.standard_normal(shape)
    return np.stack([mean, second], 1), opening, np.stack([inside, inside], 1), np.stack([size, size], 1)


def exact(effect: float, classes: int, alpha: float, explained: float = 0.0) -> float:
    """The power of a two-sided t test of class means, by the noncentral t distribution."""
    freedom = 2 * classes - 2
    variance = (RHO + (1.0 - RHO) / SIZE) * (1.0 - explained) * 2.0 / classes
    bound = stats.t.ppf(1.0 - alpha / 2.0, freedom)
    moved = effect / np.sqrt(variance)
    return float(stats.nct.sf(bound, freedom, moved) + stats.nct.cdf(-bound, freedom, moved))


@pytest.fixture(scope="module")
def known() -> Plan:
    """The plan of planted classes, the effect of a third of an SD in each of forty worlds."""
    return plan(*planted(np.full(40, 1.0 / 3.0)), most=120)


def test_unadjusted_power_is_that_of_the_t_test(known: Plan) -> None:
    """At each number of classes, to the error of 8,000 trials and of 400 classes."""
    for number in (5, 20, 40, 60):
        assert abs(known.curve["unadjusted"][number] - exact(1 / 3, number, 0.05)) < 0.03, number


def test_adjusted_power_is_that_of_what_the_opening_leaves(known: Plan) -> None:
    """With enough classes, where the error of the slope is nothing; far fewer are needed."""
    for number in (20, 40):
        assert abs(known.curve["assurance"][number] - exact(1 / 3, number, 0.05, EXPLAINED)) < 0.03, number
    assert known.classes is not None and known.unadjusted is not None
    fewest = min(number for number in range(2, 120) if exact(1 / 3, number, 0.05) >= 0.8)
    assert abs(known.unadjusted - fewest) <= 3
    assert abs(known.explained - EXPLAINED) < 0.02


def test_the_closed_formula(known: Plan) -> None:
    """Donner & Klar: 63 students an arm for half an SD, times the design effect; the plan agrees with it."""
    assert design_effect(25, 0.2) == pytest.approx(5.8)
    assert design_effect(25, 0.2, 0.5) == pytest.approx(7.05)  # Eldridge et al.
    singly = 2 * (1.959964 + 0.841621) ** 2 / 0.5**2
    assert round(singly) == 63
    assert closed_formula(0.5, 25, 5.8, 0.8, 0.05) == pytest.approx(singly * 5.8 / 25 + 1.0, rel=1e-5)
    assert closed_formula(-0.5, 25, 5.8, 0.8, 0.05, 0.75) == pytest.approx(singly * 5.8 / 100 + 1.0, rel=1e-5)
    assert closed_formula(0.0, 25, 5.8, 0.8, 0.05) == np.inf
    assert known.classes is not None and abs(known.closed - known.classes) < 2.5
    assert known.students == 2 * known.classes * SIZE


def test_the_spread_of_students(known: Plan) -> None:
    """The intraclass correlation, the design effect and the effect in SDs of students are those that were planted."""
    assert abs(known.intraclass.mean - RHO) < 0.01
    assert abs(known.design - design_effect(SIZE, RHO)) < 0.3
    assert abs(known.standardised.mean - 1 / 3) < 0.01 and abs(known.effect.mean - 1 / 3) < 1e-6
    uneven = plan(*planted(np.full(20, 0.3), sizes=np.tile([10, 40], 200)), most=10)
    assert uneven.size == 25 and abs(uneven.intraclass.mean - RHO) < 0.02
    assert abs(uneven.design - design_effect(25, uneven.intraclass.mean, 0.6)) < 1e-9


def test_the_sign_is_second_less_first() -> None:
    """Of effects of both signs."""
    found = plan(*planted(np.repeat([-0.6, -0.4, 0.5], 10)), most=10)
    assert found.above == pytest.approx(1 / 3) and found.effect.mean == pytest.approx(-1 / 6)
    assert (found.effect.low, found.effect.high) == (pytest.approx(-0.6), pytest.approx(0.5))


def test_without_an_effect_no_number_of_classes_shows_it() -> None:
    """The difference of the classes at hand is luck, and is not found by drawing them again: alpha is kept."""
    found = plan(*planted(np.zeros(60), rooms=40, noise=0.5), power=0.5, most=300)
    assert found.classes is None and found.unadjusted is None and found.students is None
    assert found.curve["assurance"][300] < 0.10 and found.most == 300
    assert abs(found.curve["unadjusted"][20] - 0.05) < 0.015
    assert found.sentences("SD")[0].startswith("More than 300 classes in each arm")


def test_assurance_ends_where_worlds_without_an_effect_begin() -> None:
    """Half of the worlds have none: the mean is half of the power of the others and half of alpha."""
    found = plan(*planted(np.tile([0.0, 0.8], 30)), most=80)
    assert found.classes is None
    assert found.curve["assurance"][80] == pytest.approx(0.5 + 0.025, abs=0.01)
    assert found.curve["low"][80] < 0.12 and found.curve["high"][80] == 1.0


def test_more_power_and_a_stricter_test_need_more_classes() -> None:
    """And the curve never falls; the same seed gives the same plan."""
    made = planted(np.full(25, 0.4))
    base, strong, strict = (plan(*made, *asked, most=150) for asked in ((0.8, 0.05), (0.95, 0.05), (0.8, 0.005)))
    assert base.classes and strong.classes and strict.classes
    assert base.classes < strong.classes and base.classes < strict.classes
    assert (np.diff(base.curve["assurance"]) >= 0).all()
    assert base.at["assurance"] >= 0.8 > base.curve["assurance"][base.classes - 1]
    assert plan(*made, most=150).curve.equals(base.curve)


def test_what_no_trial_can_be_planned_of() -> None:
    """Each in a sentence."""
    made = planted(np.full(3, 0.4), rooms=20)
    flat = (np.stack([np.zeros((3, 20)), np.ones((3, 20))], 1), *made[1:])
    nowhere = (np.full((3, 2, 20), np.nan), *made[1:])
    for parts, asked, says in (
        (flat, {}, "units has no spread between classes under either policy; name another outcome"),
        (nowhere, {}, "units is known in fewer than 10 classes of every world"),
        (made, {"power": 1.0}, "power is 1; it needs a number between 0 and 1"),
        (made, {"alpha": 0.0}, "alpha is 0; it needs a number between 0 and 1"),
        (made, {"alpha": np.nan}, "alpha is nan; it needs a finite number"),
        (made, {"power": 0.05}, "power is 0.05 and alpha 0.05; a test reaches its alpha without any effect"),
        (made, {"most": 1}, "the most classes is 1; it needs a whole number from 2 to 10000"),
    ):
        with pytest.raises(InputError) as error:
            plan(*parts, name="units", **asked)
        assert str(error.value).startswith(says)
    some = made[0].copy()
    some[0, 0, :15] = np.nan
    assert plan(some, *made[1:], most=5).left_out == 1


# ---- the classes of a trial --------------------------------------------------------------------------------
def test_a_class_is_the_one_that_a_simulation_runs() -> None:
    """Under either policy; each world has classes of its own."""
    study = planning.plan(("criterion", "curve"), "effort", "reference", rooms=12, weeks=8, seed=4)
    found = classes(study)
    for arm, policy in enumerate(("criterion", "curve")):
        year = simulate(policy, rooms=12, weeks=8, seed=4)
        assert np.allclose(found.outcome[0, arm], year.per_room()["effort"], atol=1e-9)
        within = ((year.outcomes["effort"] - year.outcomes["effort"].mean(1, keepdims=True)) ** 2).sum(1)
        assert np.allclose(found.within[0, arm], within, atol=1e-9)
    assert (found.known == 30).all()
    two = classes(planning.plan(("criterion", "curve"), "effort", "prior", 2, 12, weeks=4))
    assert not np.allclose(two.opening[0], two.opening[1])


def test_a_gain_is_measured_by_a_test_at_its_end() -> None:
    """Its effect is that on the gain; its spread is that of the test, with its error, and of the opening."""
    study = planning.plan(("criterion", "mastery"), "learning", "reference", rooms=60, weeks=8)
    found = classes(study)
    years = [simulate(policy, rooms=60, weeks=8) for policy in ("criterion", "mastery")]
    gains = [year.outcomes["learning"] for year in years]
    assert np.allclose(found.outcome[0, 1] - found.outcome[0, 0], (gains[1] - gains[0]).mean(1), atol=1e-9)
    opening = years[0].traits["opening_knowledge"] / NORMS["year_conceptual"]
    score = gains[0] + opening
    error = found.outcome[0, 0] - score.mean(1)
    assert 0.7 < error.std() / np.sqrt(0.1 / 30) < 1.3
    inside = ((score - score.mean(1, keepdims=True)) ** 2).sum(1) + 29 * 0.1
    assert np.allclose(found.within[0, 0], inside)
    error = found.opening[0] / NORMS["year_conceptual"] - opening.mean(1)
    assert 0.7 < error.std() / np.sqrt(0.1 / 30) < 1.3


def test_a_roster_is_seated_whole(tmp_path: Path) -> None:
    """Every class as often as the others, with its size."""
    rows = [f"s{i},{'abc'[i % 3]}" for i in range(3 * 8)] + ["t1,c", "t2,c"]
    (tmp_path / "marks.csv").write_text("student_id,class_id\n" + "\n".join(rows) + "\n")
    roster = Roster.read(tmp_path / "marks.csv")
    found = classes(planning.plan(("criterion", "curve"), "effort", "reference", 1, 10, roster, weeks=4))
    assert found.known.shape == (1, 2, 12) and (found.known[0, 0] == [8, 8, 10] * 4).all()


def test_worlds_vary_what_either_policy_assumes() -> None:
    """Of the prior, the numbers of the table and of both policies; of the reference nothing."""
    study = planning.plan(("criterion", "curve+problem-first"), "effort", "prior", 3)
    assert {"curve.threat", "attribution_drift"} <= {*study.worlds.names} and len(study.worlds) == 3
    assert len(planning.plan(("criterion", "curve"), "effort", "reference").worlds) == 1


def test_one_policy_twice() -> None:
    """However it is written."""
    for first, second in (("criterion", "criterion"), ("reference", "criterion+fixed"), (Policy("curve"), "curve")):
        with pytest.raises(InputError, match="are one policy; a trial needs two that differ"):
            planning.plan((first, second), "effort")


# ---- the command -------------------------------------------------------------------------------------------
TRIAL = ("power", "--policies", "criterion", "curve", "--outcome", "effort", "--weeks", "6", "--worlds", "reference")


def test_the_command_says_and_draws_it(tmp_path: Path) -> None:
    """Sentences, the same for machines, and a picture."""
    done = setback(*TRIAL, "--most", "300", "--out", tmp_path / "power.png", "--seed", "2")
    assert done.code == 0 and "classes in each arm" in done.out and "Closed formula" in done.out
    assert done.out.startswith("curve against criterion, effort (share); 1 world of the reference\n")
    assert (tmp_path / "power.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(setback(*TRIAL, "--most", "300", "--seed", "2", "--json").out)
    assert told["draws"] == 1 and len(told["curve"]) == 299 and told["power"] == 0.8
    if told["classes"] is not None:
        assert f"{told['classes']:,} classes in each arm" in done.out


BAD = {
    ("--policies", "curve", "curve"): "curve and curve are one policy",
    ("--outcome", "lerning"): "unknown outcome 'lerning'; did you mean learning",
    ("--power", "1"): "power is 1; it needs a number between 0 and 1",
    ("--alpha", "-0.1"): "alpha is -0.1; it needs a number between 0 and 1",
    ("--roster", "nothing-there.csv"): "roster nothing-there.csv",
    ("--worlds", "postprior"): "unknown source of worlds 'postprior'; did you mean",
    ("--worlds", "nowhere.csv"): "posterior nowhere.csv",
    ("--draws", "0", "--worlds", "prior"): "n in [worlds] is 0; it needs a whole number from 1",
    ("--policies", "narrative", "narrative+accelerated", "--outcome", "failing_grade_told_rate"):
        "failing_grade_told_rate has no spread between classes under either policy; name another outcome",
    ("--outcome", "R_F.label"): "R_F.label is what one failure causes, and no class can be observed twice",
    ("--most", "20000"): "the most classes is 20000; it needs a whole number from 2 to 10000",
    ("--cycle", "mine.csv"): "--cycle names a posterior to separate; add --separate",
    ("--policies", "mastery", "--outcome", "learning"): "a policy is missing before --outcome",
    ("--separate",): "--policies is of a trial of two policies; leave it out",
}  # fmt: skip


@pytest.mark.parametrize(("words", "message"), BAD.items(), ids=[" ".join(words) for words in BAD])
def test_bad_input(words: tuple[str, ...], message: str) -> None:
    """One sentence each, exit code 2."""
    assert message in said(setback(*TRIAL, *words))


def test_a_trial_needs_policies_and_an_outcome() -> None:
    """Or is asked for what separates."""
    assert "power needs --policies A B and --outcome, or --separate" in said(setback("power", "--outcome", "effort"))
