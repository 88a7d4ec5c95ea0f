"""Means with intervals that respect rooms: known answers, coverage, and what cannot be known."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks

from setback.analysis.ablation import SHOWN, effects, title
from setback.analysis.ablation import table as table_of_ablation
from setback.analysis.claims import beside, cells, estimate, table
from setback.analysis.estimate import mean
from setback.analysis.figures import claims as figure_of_claims
from setback.analysis.paired import OFF, summary
from setback.cli import tables as tables_of_verbs
from setback.experiments.studies.ablation import ablation, labelled
from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import ONE
from setback.experiments.twins.estimands import ESTIMANDS
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import Parameters
from setback.model.policies import GROUPS, Policy, as_policy
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
    study = Study.read("one-world").replace(
        worlds=ONE, policies=(Policy("criterion"), Policy("pass-fail+adaptive")), rooms=4
    )
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
    """One entry a policy, every outcome and every estimand by flip, spared and inflicted kept apart."""
    outcomes, all_twins, _ = tables
    entries = cells(*tables)
    assert [entry["policy"] for entry in entries] == ["criterion", "pass-fail+adaptive"]
    for entry in entries:
        rows = outcomes[outcomes["policy"] == entry["policy"]]
        assert entry["outcomes"].keys() == OUTCOMES.keys()
        assert entry["outcomes"]["below_criterion_rate"]["value"] == pytest.approx(
            np.average(rows["below_criterion_rate"], weights=rows["students"])
        )
        for flip, side in itertools.product(("line", "practice"), ("spared", "inflicted")):
            mine = all_twins[(all_twins["policy"] == entry["policy"]) & (all_twins["flip"] == flip)]
            twins = mine[mine["spared"] == (side == "spared")]
            found = entry[flip]
            assert [*found[side]] == [row.name for row in ESTIMANDS.values() if not row.asked]
            assert found[side]["R_F"]["n"] == len(twins)
            total = twins[[f"d{h}" for h in range(1, 10)]].to_numpy().sum() / len(twins)
            assert found[side]["R_F"]["value"] == pytest.approx(total)
            assert found[side]["R_F"]["low"] < found[side]["R_F"]["value"] < found[side]["R_F"]["high"]
            assert [lag["value"] for lag in found["lags"][side]] == pytest.approx(
                [twins[f"d{h}"].mean() for h in range(1, 10)]
            )
            assert sum(third["n"] for third in found["distances"][side]) == len(twins)
            near = twins[twins["distance"].abs() <= 0.5]
            assert found["band"][side]["R_F"]["n"] == len(near) < len(twins)
            assert found["band"][side]["R_F"]["value"] == pytest.approx(
                near[[f"d{h}" for h in range(1, 10)]].to_numpy().sum() / len(near)
            )
            of_students = twins.groupby(["room", "seat"])[[f"d{h}" for h in range(1, 10)]].mean().sum(axis=1)
            assert found["students"][side]["R_F"]["value"] == pytest.approx(of_students.mean())
    frame = table(entries)
    at = ("line, spared", "R_F", "value")
    assert frame.loc["pass-fail+adaptive", at] == entries[1]["line"]["spared"]["R_F"]["value"]


def test_effects_not_seen_have_an_exact_bound(tables: Tables) -> None:
    """Where no twin shows one, the share of rooms in which one does has the rule of three; of SD, nothing is known."""
    outcomes, twins, parts = tables
    mine = twins[(twins["policy"] == "criterion") & (twins["flip"] == "line") & twins["spared"]]
    bound = 1.0 - 0.05 ** (1.0 / mine["class"].nunique())
    nothing = dict.fromkeys((f"d{h}" for h in range(1, 10)), 0.0)
    changed = twins.assign(**nothing, dropout=0.0, unit_conceptual=0.0, verdict=1.0)
    found = cells(outcomes, changed, parts)[0]["line"]["spared"]

    def ends(name: str) -> tuple[float, ...]:
        assert found[name]["se"] is None and found[name]["n"] > 0
        return found[name]["value"], found[name]["low"], found[name]["high"]

    assert ends("S_F") == pytest.approx((0.0, -bound, bound))
    assert ends("R_F") == pytest.approx((0.0, -9 * bound, 9 * bound))
    assert ends("verdict") == pytest.approx((1.0, 1.0 - bound, 1.0))
    assert ends("V_F_unit") == (0.0, None, None)


def draws(rng: np.random.Generator, rooms: int) -> pd.DataFrame:
    """Give twins of which few did something, more in some rooms than in others."""
    size = rng.integers(5, 20, rooms)
    room = np.repeat(np.arange(rooms), size)
    often = rng.gamma(1.0, 1.0, rooms)[room]
    happened = rng.random(len(room)) < 1.0 - np.exp(-0.15 * often)
    effect = happened * rng.integers(1, 4, len(room))
    rest = {f"d{h}": 0.0 for h in range(2, 10)}
    return pd.DataFrame({"d1": effect, **rest, "room": room, "class": room, "seat": 0})


def test_skewed_effects_are_covered_better_than_by_t() -> None:
    """Of 500 draws of 16 rooms the interval covers as many as it says; Student's t misses some on one side."""
    rng, R_F = np.random.default_rng(4), ESTIMANDS["R_F"]  # noqa: N806
    truth = 2.0 * (1.0 - 1.0 / 1.15)  # the mean of 1 - exp(-.15 g) over g, exponential
    inside = np.zeros(2)
    for _ in range(500):
        found = draws(rng, 16)
        for k, one in enumerate((estimate(found, R_F), mean(found["d1"], found["room"]))):
            inside[k] += one.low <= truth <= one.high
    by_rooms, by_t = inside / 500
    assert 0.93 < by_rooms < 0.98 and by_rooms > by_t + 0.02


def test_normal_effects_are_covered_as_often_as_said() -> None:
    """Bootstrap-t loses nothing where t would do."""
    rng, inside = np.random.default_rng(5), 0
    for _ in range(500):
        room = np.repeat(np.arange(12), rng.integers(5, 20, 12))
        effect = 0.3 + 0.3 * rng.normal(size=12)[room] + rng.normal(size=len(room))
        found = pd.DataFrame({"margin_later": effect, "room": room, "class": room, "seat": 0})
        one = estimate(found, ESTIMANDS["Lambda_F"])
        inside += one.low < 0.3 < one.high
    assert 0.92 < inside / 500 < 0.975


def test_an_interval_is_the_same_each_time() -> None:
    """Rooms are drawn anew from a seed, whatever the rows' order; a room more changes it."""
    found = draws(np.random.default_rng(6), 16)
    once = estimate(found, ESTIMANDS["R_F"])
    assert estimate(found.sample(frac=1.0, random_state=1), ESTIMANDS["R_F"]) == pytest.approx(once, rel=1e-9)
    assert estimate(found[found["room"] > 0], ESTIMANDS["R_F"]).low != once.low


def test_too_few_to_say_anything() -> None:
    """Fewer than 30 twins or 8 classes are marked."""
    for twins, rooms, few in ((30, 8, False), (29, 8, True), (30, 7, True)):
        room = np.arange(twins) % rooms
        values = np.random.default_rng(7).normal(size=twins)
        found = pd.DataFrame({"margin_later": values, "room": room, "class": room, "seat": 0})
        assert estimate(found, ESTIMANDS["Lambda_F"]).is_few is few


#: Student's t: 95 % of it lie within this many standard errors, by degrees of freedom.
T = {1: math.tan(0.475 * math.pi), 2: 0.95 * math.sqrt(2 / 0.0975)}


def by_hand(rows: Sequence[tuple[float, int, float]], unit: str) -> dict[str, Any]:
    """What is to be said of values, each with its class and weight: sums, one after the other."""
    weight = sum(w for _, _, w in rows)
    centre = sum(x * w for x, _, w in rows) / weight
    pulls: dict[int, float] = {}
    for x, of, w in rows:
        pulls[of] = pulls.get(of, 0.0) + w * (x - centre)
    k = len(pulls)
    se = math.sqrt(k / (k - 1) * sum(pull**2 for pull in pulls.values())) / weight
    return {"value": centre, "low": centre - T[k - 1] * se, "high": centre + T[k - 1] * se, "se": se,
            "n": len(rows), "unit": unit}  # fmt: skip


def alike(found: Mapping[str, Any], expected: Mapping[str, Any], where: object = "") -> None:
    """The same fields, texts and numbers, and what is not known in the same places."""
    assert list(found) == list(expected), where
    for name, value in expected.items():
        unlike = f"{where}: {name}"
        if isinstance(value, Mapping):
            alike(found[name], value, unlike)
        elif isinstance(value, float):
            assert found[name] == pytest.approx(value, rel=1e-9, nan_ok=True), unlike
        else:
            assert found[name] == value, unlike


def random_twins(rng: np.random.Generator, **columns: Sequence[str]) -> pd.DataFrame:
    """Nine twins of each side and of each that is named, in five rooms of three classes; of some not all is known."""
    effects = [name for row in ESTIMANDS.values() for name in row.columns]
    rows = []
    for named in itertools.product(*columns.values(), (True, False)):
        for room in (0, 0, 0, 1, 2, 3, 3, 4, 4):
            values = {name: rng.normal() if rng.random() > 0.02 else math.nan for name in effects}
            which = {"room": room, "class": room % 3, "seat": int(rng.integers(4)), "distance": rng.uniform(-1.0, 1.0)}
            rows.append({**dict(zip((*columns, "spared"), named)), **which, **values, "verdict": 1.0})
    return pd.DataFrame(rows).sample(frac=1.0, random_state=1, ignore_index=True)


def effect_by_hand(twins: pd.DataFrame, estimand: str, **named: object) -> tuple[float, int, int]:
    """The sum of the means of an estimand's columns over the twins that are named; how many twins and classes."""
    mine = [twin for _, twin in twins.iterrows() if all(twin[name] == is_ for name, is_ in named.items())]
    columns = ESTIMANDS[estimand].columns
    known = {name: [float(twin[name]) for twin in mine if twin[name] == twin[name]] for name in columns}
    behind = sum(any(twin[name] == twin[name] for name in columns) for twin in mine)
    return sum(sum(of) / len(of) for of in known.values()), behind, len({int(twin["class"]) for twin in mine})


#: Estimands that are plain sums of means of columns which the table has.
PLAIN = tuple(name for name, row in ESTIMANDS.items() if not row.asked and not row.over and not row.among)


def test_every_field_of_every_entry() -> None:
    """Outcomes count students, twins count alike; classes that come several times are one draw."""
    rng = np.random.default_rng(4)
    names, flips, size = ["curve", "criterion"], ["line", "practice", "label"], [3, 5, 9]
    rooms = [{"policy": name, "room": room, "class": room % 3, "students": size[room % 3]}
             for name in names for room in range(5)]  # fmt: skip
    outcomes = pd.DataFrame(rooms).assign(**{name: rng.normal(size=10) for name in ("dropout", "learning")})
    outcomes.loc[3, "learning"] = math.nan
    twins = random_twins(rng, flip=flips, policy=names)
    parts = pd.DataFrame([{"policy": name, **Policy(name).parts} for name in reversed(names)]).set_index("policy")
    kinds = {"flip": "category", "policy": "category"}
    found = cells(outcomes.astype({"policy": "category"}), twins.astype(kinds), parts)
    assert [entry["policy"] for entry in found] == names
    for entry in found:
        name = entry["policy"]
        said = {"policy": name, "grading": name, "pacing": "fixed", "sequence": "instruction-first",
                "support": "responsive", "climate": "plain"}  # fmt: skip
        assert said.items() <= entry.items() and {*entry} == {*said, "outcomes", *flips}
        expected = {}
        for outcome in ("learning", "dropout"):
            mine = outcomes[(outcomes["policy"] == name) & outcomes[outcome].notna()]
            values = list(zip(mine[outcome], mine["class"], mine["students"], strict=True))
            hand = by_hand(values, {"learning": "SD", "dropout": "share of students"}[outcome])
            expected[outcome] = {**hand, "rooms": 3, "few": True}
        assert {*entry["outcomes"]} == {*expected}
        for outcome, hand in expected.items():
            alike(dict(sorted(entry["outcomes"][outcome].items())), dict(sorted(hand.items())), outcome)
        for flip, (side, spared) in itertools.product(flips, (("spared", True), ("inflicted", False))):
            for estimand in PLAIN:
                one = entry[flip][side][estimand]
                hand = effect_by_hand(twins, estimand, flip=flip, policy=name, spared=spared)
                assert (one["value"], one["n"], one["rooms"]) == pytest.approx(hand), (flip, side, estimand)
                assert one["unit"] == ESTIMANDS[estimand].unit
    frame = table(found)
    assert frame.index.tolist() == names and frame.index.name == "policy"
    for entry in found:
        row = frame.loc[entry["policy"]]
        assert [row["policy", group, ""] for group in GROUPS] == [entry[group] for group in GROUPS]
        for flip, side, field in itertools.product(flips, ("spared", "inflicted"), ("value", "low", "high", "n")):
            assert row[f"{flip}, {side}", "R_F", field] == pytest.approx(entry[flip][side]["R_F"][field])


def test_every_row_of_an_ablation() -> None:
    """Everything that was off under every policy, in the order of the twins, and each estimand of its kind of twins."""
    offs, policies = {"nothing": "", "feel_shame": "emotions", "all of grades": "grades"}, ["curve", "criterion"]
    twins = random_twins(np.random.default_rng(6), off=[*offs], policy=policies, flip=["practice", "line", "label"])
    twins["order"] = twins["off"].map([*offs].index) * 2 + twins["policy"].map(policies.index)
    twins = twins.sort_values("order").assign(group=twins["off"].map(offs))
    found = effects(twins)
    shown = {"R_F": ("line", "R_F"), "R_F (label)": ("label", "R_F"), "Lambda_F": ("line", "Lambda_F"),
             "V_F": ("line", "V_F_unit"), "V_F (practice)": ("practice", "V_F_unit")}  # fmt: skip
    for row, (off, policy, name) in zip(
        found.to_dict("records"), itertools.product(offs, policies, shown), strict=True
    ):
        flip, estimand = shown[name]
        of = effect_by_hand(twins, estimand, off=off, policy=policy, flip=flip, spared=True)
        assert {"off": off, "group": offs[off], "policy": policy, "estimand": name}.items() <= row.items()
        assert (row["value"], row["n"], row["rooms"]) == pytest.approx(of), name
        assert row["low"] < row["value"] < row["high"]
    for name in shown:
        laid = table_of_ablation(found, name)
        assert (laid.index.tolist(), laid.columns.tolist()) == ([*offs], policies)
        for off, policy in itertools.product(offs, policies):
            mine = found[(found["off"] == off) & (found["policy"] == policy) & (found["estimand"] == name)]
            assert laid.loc[off, policy] == mine["value"].item()


def few_twins(**columns: list[float]) -> pd.DataFrame:
    """Three spared twins at the line, each in a class of its own, and one inflicted one that is far away."""
    rows = {"flip": "line", "policy": "criterion", "class": [0, 1, 2, 3], "spared": [True] * 3 + [False]}
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
        "R_F(9) of being failed (failures)",
        "R_F(9) of the verdict alone (failures)",
    ]


def test_what_an_ablation_switches_off() -> None:
    """In one world each mechanism, each group of several, nothing and all, under the parameters of the study."""
    of_groups = {group: [*names] for group, names in MODEL.table.groups.items()}
    assert {1} < {len(names) for names in of_groups.values()}, "groups of one kind only"
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
    study = Study.read("one-world").replace(worlds=ONE, policies=(Policy(),), roster=Roster(classes, "real"), share=0.0)
    few, many = (all_tasks(plan)["outcomes"] for plan in (study.replace(rooms=3), study.replace(rooms=24)))
    assert few["class"].tolist() == [0, 1, 2] and many["class"].tolist() == [0, 1, 2] * 8
    by_class, by_room = (mean(many["below_criterion_rate"], many[what]) for what in ("class", "room"))
    assert by_class.se > 1.5 * by_room.se


def test_a_policy_without_twins_has_no_estimate(tables: Tables) -> None:
    """Nothing to average is said, not made up."""
    outcomes, twins, parts = tables
    entries = cells(outcomes, twins[twins["policy"] != "criterion"], parts)
    assert entries[0]["line"]["spared"]["R_F"] == {
        "value": None, "low": None, "high": None, "se": None, "n": 0, "rooms": 0, "few": True, "unit": "failures",
    }  # fmt: skip
    assert entries[1]["line"]["spared"]["R_F"]["value"] is not None


def off(change: float) -> str:
    """Say what a student is called."""
    return "better_off" if change > 0.05 else "worse_off" if change < -0.05 else "alike"


def test_every_field_of_a_paired_effect() -> None:
    """The second less the first, of those who are known under both; classes in several rooms are one draw."""
    rng = np.random.default_rng(8)
    room = np.repeat(range(5), [3, 5, 9, 3, 5])
    who = pd.DataFrame({"room": room, "class": room % 3, "student": [f"s{i}" for i in range(25)]})
    first, second = (who.assign(**{name: rng.normal(scale=0.1, size=25) for name in OUTCOMES}) for _ in range(2))
    first.loc[4, "learning"] = second.loc[20, "learning"] = math.nan
    found = summary(first, second.drop(columns="dropout"), replicates=20)
    assert found.index.tolist() == [name for name in OUTCOMES if name != "dropout"] and found.index.name == "outcome"
    for name, row in found.to_dict("index").items():
        pairs = [
            (a, b, c) for a, b, c in zip(first[name], second[name], who["class"], strict=True) if a == a and b == b
        ]
        effect = by_hand([(b - a, c, 1.0) for a, b, c in pairs], OUTCOMES[str(name)].unit)
        told = effect["unit"] == "SD"
        shares: dict[str, float] = {}
        for word in OFF:
            there = [float(off(b - a) == word) for a, b, _ in pairs]
            found_share = by_hand([(x, c, 1.0) for x, (_, _, c) in zip(there, pairs)], "share")
            ends = (
                (max(0.0, found_share["low"]), min(1.0, found_share["high"]))
                if any(there)
                else (0.0, 1 - 0.05 ** (1 / 3))
            )
            shares |= dict(zip((word, f"{word}_low", f"{word}_high"), (sum(there) / len(there), *ends)))
        expected = {
            "unit": effect["unit"],
            "first": sum(a for a, _, _ in pairs) / len(pairs),
            "second": sum(b for _, b, _ in pairs) / len(pairs),
            "difference": effect["value"], "low": effect["low"], "high": effect["high"],
            **{key: share if told else math.nan for key, share in shares.items()},
            "better_off_one_year": math.nan, "worse_off_one_year": math.nan,
        }  # fmt: skip
        alike(row, expected, name)
    assert {*found["better_off"].notna()} == {True, False}
    at_the_limit = [who[:4].assign(learning=values) for values in ([0.0] * 4, [0.05, -0.05, 0.0500001, -0.0500001])]
    shares = summary(*at_the_limit, replicates=20).loc["learning", ["better_off", "worse_off"]]
    assert shares.tolist() == [0.25, 0.25], "by more than 0.05 SD"


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


def test_half_of_the_students_gain_and_nobody_by_itself() -> None:
    """A tenth of an SD for half of them; luck that differs from year to year calls more so in a single one."""
    rng = np.random.default_rng(6)
    room = np.repeat(range(20), 50)
    who = pd.DataFrame({"room": room, "class": room, "student": list(range(50)) * 20})
    who["student"] = who["student"].astype(str)
    gain = np.where(np.arange(1000) % 2, 0.1, 0.0)
    years = [rng.normal(scale=0.05, size=(20, 1000)) for _ in range(2)]  # each policy couples luck in its own way
    mean_of = [who.assign(learning=shift + year.mean(0)) for shift, year in zip((0.0, gain), years)]
    one_year = who.assign(learning=years[0][0]), who.assign(learning=gain + years[1][0])
    found = summary(*mean_of, 20, one_year).loc["learning"]
    assert found["better_off"] == pytest.approx(0.5, abs=0.01) and found["worse_off"] == 0.0
    assert found["alike"] == pytest.approx(1.0 - found["better_off"])
    assert found["better_off_low"] < 0.5 < found["better_off_high"] < 0.52
    assert found["worse_off_high"] == pytest.approx(1.0 - 0.05 ** (1 / 20)), "where nobody was seen"
    assert found["worse_off_one_year"] > 0.1 and found["better_off_one_year"] > 0.5
    nobody = summary(mean_of[0], mean_of[0], 20, (one_year[0], one_year[0])).loc["learning"]
    shares = nobody[["better_off", "worse_off", "better_off_one_year", "worse_off_one_year", "alike"]]
    assert shares.tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
