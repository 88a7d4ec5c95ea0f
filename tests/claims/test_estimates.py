"""Means with intervals that respect rooms: known answers, coverage, and what cannot be known."""

import math

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks

from setback.analysis.ablation import SHOWN, effects, title
from setback.analysis.claims import beside, cells, estimate, table
from setback.analysis.estimate import mean
from setback.analysis.figures import claims as figure_of_claims
from setback.analysis.paired import summary
from setback.cli import tables as tables_of_verbs
from setback.experiments.studies.ablation import ablation, labelled
from setback.experiments.studies.study import Study
from setback.experiments.twins.estimands import ESTIMANDS
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import Parameters
from setback.model.policies import Policy, as_policy
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.week import MODEL

#: Outcomes, twins, and the parts of the policies.
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def test_rooms_of_one_row_give_the_textbook_interval() -> None:
    """With one row a room: mean, SD / root n, and Student's t with n - 1 degrees of freedom."""
    x = [1.0, 2.0, 4.0, 7.0, 11.0]
    found = mean(x, range(5))
    se = np.std(x, ddof=1) / math.sqrt(5)
    assert found.value == 5.0 and found.n == 5
    assert found.se == pytest.approx(se)
    assert (found.low, found.high) == pytest.approx((5 - 2.7764451052 * se, 5 + 2.7764451052 * se), rel=1e-6)


def test_rows_repeated_within_rooms_add_no_certainty() -> None:
    """Ten copies of each row in its room leave estimate and interval as they were."""
    x, rooms = np.array([1.0, 2.0, 4.0, 7.0, 11.0]), np.arange(5)
    once, copied = mean(x, rooms), mean(np.repeat(x, 10), np.repeat(rooms, 10))
    assert once[:4] == pytest.approx(copied[:4])
    assert copied.n == 50


def test_weights_are_copies() -> None:
    """A row of weight 3 counts like three rows."""
    x, rooms, w = [0.5, 1.5, 4.0, 2.0], [0, 0, 1, 2], [3, 1, 2, 4]
    assert mean(x, rooms, w)[:4] == pytest.approx(mean(np.repeat(x, w), np.repeat(rooms, w))[:4])


def test_intervals_cover_as_often_as_they_say() -> None:
    """Over 2,000 draws of 25 rooms of unequal size, the truth lies in the 95 % interval 95 % of the time."""
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(2000):
        sizes = rng.integers(5, 30, 25)
        rooms = np.repeat(np.arange(25), sizes)
        x = 0.3 + rng.normal(size=25)[rooms] + rng.normal(size=len(rooms))
        found = mean(x, rooms)
        inside += found.low < 0.3 < found.high
    assert 0.92 < inside / 2000 < 0.97


def test_what_cannot_be_known_is_not_a_number() -> None:
    """No row has no mean, one room has no interval."""
    assert mean([], []).n == 0 and math.isnan(mean([], []).value)
    alone = mean([1.0, 3.0], [4, 4])
    assert alone.value == 2.0 and math.isnan(alone.low) and math.isnan(alone.se)


@pytest.fixture(scope="module")
def tables() -> Tables:
    """A small study: its outcomes, its twins, the parts of its policies."""
    study = Study.read("claims").replace(policies=(Policy("criterion"), Policy("pass-fail+adaptive")), rooms=4)
    tables = all_tasks(study)
    parts = pd.DataFrame([{"policy": policy.name, **policy.parts} for policy in study.policies])
    return tables["outcomes"], tables["twins"], parts.set_index("policy")


@pytest.mark.parametrize(
    ("text", "in_table", "in_figure"),
    [
        ("curve+accelerated > mastery+adaptive @ 3",) * 3,
        ("curve > curve+problem-first @ 3",) * 3,
        ("curve", "fixed, instruction-first", "fixed"),
        ("curve+spiral+rescue+cut=0.3", "spiral, instruction-first, rescue, cut=0.3", "spiral+rescue+cut=0.3"),
    ],
)
def test_what_a_policy_is_beside_its_grading(text: str, in_table: str, in_figure: str) -> None:
    """A policy that changes is named as it is, in the table and in the figure."""
    policy = as_policy(text)
    entry = {"policy": policy.name, **policy.parts}
    assert beside(entry, ("grading",)) == ([text] if ">" in text else text.split("+")[1:])
    assert tables_of_verbs._rest(entry) == in_table
    assert figure_of_claims._line(entry) == in_figure


def test_cells_hold_what_the_tables_hold(tables: Tables) -> None:
    """One entry a policy, every outcome and every estimand, spared and inflicted kept apart."""
    outcomes, all_twins, _ = tables
    entries = cells(*tables)
    assert [entry["policy"] for entry in entries] == ["criterion", "pass-fail+adaptive"]
    for entry in entries:
        rows = outcomes[outcomes["policy"] == entry["policy"]]
        assert entry["outcomes"].keys() == OUTCOMES.keys()
        assert entry["outcomes"]["below_criterion_rate"]["value"] == pytest.approx(
            np.average(rows["below_criterion_rate"], weights=rows["students"])
        )
        for kind in ("spared", "inflicted"):
            twins = all_twins[(all_twins["policy"] == entry["policy"]) & (all_twins["spared"] == (kind == "spared"))]
            assert entry[kind].keys() == ESTIMANDS.keys()
            assert entry[kind]["R_F"]["n"] == len(twins)
            total = twins[[f"d{h}" for h in range(1, 10)]].to_numpy().sum() / len(twins)
            assert entry[kind]["R_F"]["value"] == pytest.approx(total)
            assert entry[kind]["R_F"]["low"] < entry[kind]["R_F"]["value"] < entry[kind]["R_F"]["high"]
    frame = table(entries)
    assert frame.loc["pass-fail+adaptive", ("spared", "R_F", "value")] == entries[1]["spared"]["R_F"]["value"]


def test_rare_effects_not_seen_have_no_interval(tables: Tables) -> None:
    """Where all twins come out alike, how certain that is cannot be said."""
    outcomes, twins, parts = tables
    entry = cells(outcomes, twins.assign(stopped=0.0), parts)[0]["spared"]["S_F"]
    assert (entry["value"], entry["low"], entry["high"], entry["se"]) == (0.0, None, None, None) and entry["n"] > 0


def few_twins(**columns: list[float]) -> pd.DataFrame:
    """Three spared luck twins, each in a class of its own, and one inflicted one that is far away."""
    rows = {"flip": "luck", "policy": "criterion", "class": [0, 1, 2, 3], "spared": [True] * 3 + [False]}
    effects = {name: [*columns.get(name, [0.0, 0.0, 0.0]), 1e6] for row in ESTIMANDS.values() for name in row.columns}
    return pd.DataFrame({**rows, **effects, "off": "nothing", "group": ""})


def test_twins_of_which_it_is_not_known_are_left_out() -> None:
    """They count neither as 0 nor in n."""
    twins = few_twins(unit_conceptual=[1.0, math.nan, 4.0])[:3]
    found = estimate(twins, ESTIMANDS["V_F_unit"])
    assert (found.value, found.n) == (2.5, 2)


def test_an_ablation_shows_the_effect_on_the_treated() -> None:
    """Of each thing off, policy and estimand the spared twins alone; what nobody has is not known."""
    found = effects(few_twins(d1=[1.0, 0.0, 0.0], d9=[1.0, 1.0, 0.0], unit_conceptual=[0.3, 0.0, 0.0]))
    assert found["estimand"].tolist() == list(SHOWN)
    values = found.set_index("estimand")["value"]
    assert values["R_F"] == pytest.approx(1.0) and values["Lambda_F"] == 0.0
    assert values["V_F"] == pytest.approx(0.1) and math.isnan(values["V_F (practice)"])
    assert [title(name) for name in SHOWN][:2] == [
        "R_F(9) of a failed test (failures)",
        "Λ_F(9) of a failed test (logit)",
    ]


def test_what_an_ablation_switches_off() -> None:
    """In one world each mechanism, each group of several, nothing and all, under the parameters of the study."""
    of_groups = {group: [*names] for group, names in MODEL.table.groups.items()}
    assert {1, 2} < {len(names) for names in of_groups.values()}, "groups of one kind only"
    expected: list[tuple[str, str, list[str]]] = [("nothing", "", [])]
    for group, names in of_groups.items():
        expected += [(f"all of {group}", group, names)] if len(names) > 1 else []
        expected += [(name, group, [name]) for name in names]
    expected.append(("everything", "", [name for names in of_groups.values() for name in names]))

    study = Study.read("ablation").replace(parameters=Parameters(strength_goals=0.5, near_miss_slope=0.4))
    made = ablation(study)
    assert len(made.worlds) == len(expected) and made.replace(worlds=study.worlds).key() == study.key()
    for row, (_, _, off) in zip(made.worlds.table, expected, strict=True):
        assert dict(zip(made.worlds.names, row, strict=True)) == {
            name: 0.0 if name.removeprefix("strength_") in off else value
            for name, value in study.parameters.items() if name.startswith("strength_")
        }  # fmt: skip

    worlds = [len(expected) - 1, 0, 1, 2]
    twins = pd.DataFrame({"world": worlds, "flip": ["luck"] * 4, "policy": list("abcd"), "d1": [1.0, 2.0, 3.0, 4.0]})
    told = [(expected[w][0], expected[w][1]) for w in worlds]
    pd.testing.assert_frame_equal(
        labelled(twins.astype({"flip": "category", "policy": "category"})),
        pd.DataFrame(told, columns=["off", "group"]).join(twins.drop(columns="world")),
    )


def test_rooms_of_one_real_class_are_one_draw() -> None:
    """Living twice as many rooms through the same classes makes no interval narrower by itself."""
    classes = [SchoolClass(f"class {c}", tuple("abcd"), {"prior_knowledge": np.full(4, level)})
               for c, level in enumerate((-1.0, 0.0, 1.0))]  # fmt: skip
    study = Study.read("claims").replace(policies=(Policy(),), roster=Roster(classes, "real"), share=0.0)
    few, many = (all_tasks(plan)["outcomes"] for plan in (study.replace(rooms=3), study.replace(rooms=24)))
    assert few["class"].tolist() == [0, 1, 2] and many["class"].tolist() == [0, 1, 2] * 8
    by_class, by_room = (mean(many["below_criterion_rate"], many[what]) for what in ("class", "room"))
    assert by_class.se > 1.5 * by_room.se


def test_a_policy_without_twins_has_no_estimate(tables: Tables) -> None:
    """Nothing to average is said, not made up."""
    outcomes, twins, parts = tables
    entries = cells(outcomes, twins[twins["policy"] != "criterion"], parts)
    assert entries[0]["spared"]["R_F"] == {
        "value": None,
        "low": None,
        "high": None,
        "se": None,
        "n": 0,
        "unit": "failures",
    }
    assert entries[1]["spared"]["R_F"]["value"] is not None


def students(change: float) -> pd.DataFrame:
    """Ten students of five rooms, all outcomes moved by some amount."""
    room = np.repeat(range(5), 2)
    who = pd.DataFrame({"room": room, "class": room, "student": list("ab") * 5})
    return who.assign(**{name: np.arange(10) * 0.1 + change * np.arange(10) for name in OUTCOMES})


def test_paired_effects() -> None:
    """Differences student by student; better and worse off only where luck has been averaged out."""
    found = summary(students(0.0), students(0.02), replicates=20)
    assert found.loc["learning", "difference"] == pytest.approx(0.09)
    assert found.loc["learning", "low"] < 0.09 < found.loc["learning", "high"]
    assert found.loc["learning", "better_off"] == 0.7 and found.loc["learning", "worse_off"] == 0.0
    assert math.isnan(found.loc["below_criterion_rate", "better_off"])
    assert math.isnan(summary(students(0.0), students(0.02), replicates=19).loc["learning", "better_off"])
    with pytest.raises(InputError, match="not of the same students"):
        summary(students(0.0), students(0.0).iloc[1:], replicates=1)
