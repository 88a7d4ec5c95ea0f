"""Policies are rows of numbers: composed of parts, changed lever by lever, mixed by weight, strict about nonsense."""

import itertools
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from setback.model import policies
from setback.model.errors import InputError
from setback.model.parameters import LEVER_NAMES, ROWS
from setback.model.policies import (
    ALIASES,
    GROUPS,
    INSTITUTIONS,
    INVALID,
    PARTS,
    PRESETS,
    REFERENCE,
    Policy,
    PolicyChange,
    as_policy,
    group,
    part,
    read_part,
)
from setback.model.week import MODEL


def is_one_sentence(error: BaseException) -> bool:
    """Whether a message says something, on one line, without a stop in the middle."""
    text = str(error)
    return bool(text) and "\n" not in text and not re.search(r"\. \w", text) and not text.endswith(".")


# ---- parts -------------------------------------------------------------------------------------------------
def test_every_part_moves_known_levers_within_their_range() -> None:
    """And every group has its reference, which moves none."""
    for row in PARTS.values():
        assert row.group in GROUPS and row.description.endswith(".")
        assert all(ROWS[name].low <= value <= ROWS[name].high for name, value in row.levers.items())
    assert tuple(PARTS[name].group for name in REFERENCE) == GROUPS
    assert all(not PARTS[name].levers for name in REFERENCE)


def test_what_a_part_assumes_has_a_range_around_it() -> None:
    """Within that of the lever; a lever of 0 or 1 that switches something on or off defines the part."""
    for name, one in PARTS.items():
        for lever, row in one.assumed(name).items():
            assert row.name == f"{name}.{lever}" and row.unit == ROWS[lever].unit and row.kind == "policy"
            assert ROWS[lever].low <= row.low <= row.default <= row.high <= ROWS[lever].high and row.low < row.high
            assert row.default == one.levers.get(lever, ROWS[lever].default)
        stated = {*one.levers} - {*one.ranges}
        assert all(one.levers[lever] in (0.0, 1.0, 2.0) for lever in stated), name


def test_what_is_stated_is_not_assumed() -> None:
    """By the text, a preset or a lever that is set later; what a part leaves unsaid is the reference's."""
    names = {lever: [row.name for _, row in rows] for lever, rows in Policy("curve").assumed.items()}
    assert names == {"threat": ["curve.threat"], "quota": ["curve.quota"], "stakes": ["criterion.stakes"],
                     "information": ["criterion.information"]}  # fmt: skip
    assert "stakes" not in Policy("high-pressure").assumed and "threat" in Policy("high-pressure").assumed
    assert "threat" not in Policy("curve+threat=0.7").assumed
    assert "threat" not in Policy("curve").replace(threat=0.7).assumed
    assert Policy("curve", threat=0.2).at({"curve.threat": 0.9})["threat"] == 0.2
    assert Policy("curve").at({"mastery.threat": 0.9}) == Policy("curve")
    mixed = Policy("mastery*0.25+ranking*0.75").at(
        {"curve.threat": 0.3, "criterion.stakes": 0.3, "mastery.stakes": 0.5}
    )
    assert mixed["threat"] == pytest.approx(0.25 * 0.2 + 0.75 * 0.3)
    assert mixed["stakes"] == pytest.approx(0.25 * 0.5 + 0.75 * 1.0)


def test_parts_of_one_group_differ() -> None:
    """No two parts of a group are the same policy."""
    for name in GROUPS:
        rows = [tuple(sorted(PARTS[part].levers.items())) for part in group(name)]
        assert len(set(rows)) == len(rows) >= 2


def test_composition() -> None:
    """A policy has the levers of all its parts; what is not named is the reference."""
    policy = Policy("curve", "accelerated")
    assert policy["comparison"] == 1.0 and policy["pace"] == 2.0 and policy["problem_first"] == 0.0
    assert policy.parts == {
        "grading": "curve", "pacing": "accelerated", "sequence": "instruction-first", "support": "responsive",
        "climate": "plain",
    }  # fmt: skip
    assert tuple(policy) == LEVER_NAMES and len(policy) == len(LEVER_NAMES)


def test_levers_win_over_parts_and_whole_policies_can_be_extended() -> None:
    """The last word is the single lever's."""
    assert Policy("harmful")["stakes"] == 1.0
    assert Policy("harmful", stakes=0.3)["stakes"] == 0.3
    assert Policy("harmful+problem-first")["problem_first"] == 1.0
    assert Policy("reference") == Policy()


# ---- names -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        *PARTS,
        *PRESETS,
        "curve+accelerated+stakes=1",
        "mastery+quota=0.25+problem-first",
        "stakes=0.12345678",
        "cut=-1.3e-05",
        "curve+quota=0.30000000000000004",
        "curve+quota=0.9",
        "criterion+feedback_delay=1.5",
        "mastery+assignment_every=4",
        "retakes=2+threat=0",
    ],
)
def test_the_name_makes_the_policy_again(text: str) -> None:
    """Names are a round trip, to the last digit."""
    policy = Policy(text)
    again = Policy(policy.name)
    assert again == policy and again.name == policy.name and again.parts == policy.parts
    assert hash(again) == hash(policy)


def test_every_lever_keeps_its_digits_in_the_name() -> None:
    """Numbers from anywhere in the ranges, all levers at once."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        values = {name: rng.uniform(ROWS[name].low, ROWS[name].high) for name in LEVER_NAMES}
        values["counted"] *= values["told"]
        values["assignment_every"] = round(values["assignment_every"])
        values["repeats"] = round(values["repeats"])
        values["self_paced"] = min(values["self_paced"], 1.0 - values["waiting"])
        policy = Policy("mastery", **values)
        assert dict(policy) == values
        assert dict(Policy(policy.name)) == values


def test_no_named_policy_is_late_with_its_feedback() -> None:
    """It is a lever of its own, in weeks, that goes with every part; a change of it is another policy."""
    assert ROWS["feedback_delay"].unit == "weeks" and Policy("mastery", feedback_delay=2)["feedback_delay"] == 2.0
    assert {Policy(name)["feedback_delay"] for name in (*PARTS, *PRESETS)} == {0.0}
    assert Policy("curve", feedback_delay=1) != Policy("curve")


def test_a_name_is_short() -> None:
    """It leaves out what is the reference, and whole numbers have no point."""
    assert Policy().name == "criterion" == Policy("criterion+fixed+plain").name
    assert Policy("problem-first", "curve", stakes=1).name == "curve+problem-first+stakes=1"
    assert Policy(stakes=0.12345678).name == "criterion+stakes=0.12345678"
    assert Policy("harmful").name == "curve+accelerated+withhold+stakes=1"
    assert repr(Policy("curve")) == "Policy('curve')"


# ---- what is refused ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curv", "unknown policy 'curv'; did you mean curve"),
        ("curve+mastery", "curve and mastery are both grading policies"),
        ("harmful+mastery", "curve and mastery are both grading policies"),
        ("coverage+learning", "criterion and mastery are both grading policies"),
        ("curve+stake=1", "unknown policy lever 'stake'; did you mean stakes"),
        ("curve+stakes=2", "policy lever stakes is 2.0; it needs a number from 0 to 1"),
        ("curve+stakes=nan", "policy lever stakes is nan"),
        ("curve+quota=0.91", "policy lever quota is 0.91; it needs a number from 0.02 to 0.9"),
        ("criterion+feedback_delay=2.5", "policy lever feedback_delay is 2.5; it needs a number from 0 to 2"),
        ("curve+stakes=high", "policy lever stakes is 'high'; it needs a number"),
        ("curve+stakes=", "policy lever stakes is ''; it needs a number"),
        ("portfolio.toml", "policy file portfolio.toml cannot be read; is the path right"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str, message: str) -> None:
    """Unknown names, two parts of a group, levers that are no number or out of range."""
    with pytest.raises(InputError, match=message) as refused:
        Policy(text)
    assert is_one_sentence(refused.value)


#: For each combination that no school could live: policies that are refused, and their nearest neighbours.
REFUSED = (
    (
        ("class-paced+self_paced=0.01", "self-paced+waiting=0.5", "waiting=0.6+self_paced=0.6"),
        ("class-paced", "self-paced", "waiting=0.5+self_paced=0.5", "waiting=0.3+self_paced=0.7"),
    ),
    (
        ("curve+retakes=1", "mastery+comparison=1", "ranking+retakes=0.5"),
        ("curve+retakes=0", "mastery+comparison=0.99", "curve+comparison=0.5+retakes=2"),
    ),
    (
        ("curve+self-paced", "self-paced+comparison=1", "curve+self_paced=1"),
        ("curve+self_paced=0.99", "self-paced+comparison=0.99", "mastery+self-paced"),
    ),
    (
        ("narrative+counted=0.1", "told=0", "pass-fail+told=0.5", "told=0.5+counted=0.6"),
        ("narrative+counted=0", "told=0+counted=0", "told=0.5+counted=0.5", "no-grades"),
    ),
    (
        ("assignment_every=0.5", "assignment_every=1e-9", "curve+assignment_every=2.5", "assignment_every=35.99"),
        ("assignment_every=0", "assignment_every=1", "curve+assignment_every=2", "assignment_every=36"),
    ),
    (
        ("repeats=0.5", "repeat-failed+repeats=2.5", "repeat-failed*0.5+criterion*0.5"),
        ("repeats=0", "repeats=1", "repeat-failed", "mastery+repeats=3"),
    ),
    (
        ("no-grades+target_record=0.3+information=0", "targeted-support+told=0+counted=0+information=0"),
        ("no-grades+targeted-support", "targeted-support+information=0", "no-grades+information=0"),
    ),
    (
        ("targeted-support+target_record=0", "targeted_talk=1", "targeted_talk=0.1+targeted_support=0.1"),
        ("targeted-support", "target_record=0.5", "targeted-support*0.5+rescue*0.5"),
    ),
    (("targeted_information=0.2",), ("target_record=0.1+targeted_information=0.2",)),
    (("targeted_level=-0.5",), ("target_record=0.1+targeted_level=-0.5",)),
)


@pytest.mark.parametrize("which", range(len(INVALID)))
def test_no_school_could_live_so(which: int) -> None:
    """Every combination is refused with the policy's name and its own sentence, and its neighbours are not."""
    refused, fine = REFUSED[which]
    for text in refused:
        with pytest.raises(InputError) as error:
            Policy(text)
        assert str(error.value).endswith(INVALID[which][1]) and str(error.value).startswith("policy ")
        assert is_one_sentence(error.value)
    for text in fine:
        assert Policy(text)


def test_every_nonsense_has_its_examples() -> None:
    """A new combination needs its own; each says what would be right, in one sentence."""
    assert len(REFUSED) == len(INVALID)
    assert len({why for _, why in INVALID}) == len(INVALID)


def test_hardly_any_parts_cannot_stand_together() -> None:
    """Of all combinations of one part a group only a curve for those who each pace themselves."""
    refused = []
    for parts_ in itertools.product(*(group(name) for name in GROUPS)):
        try:
            Policy(*parts_)
        except InputError:
            refused.append(parts_)
    others = len(group("sequence")) * len(group("support")) * len(group("climate"))
    assert len(refused) == others and {parts_[:2] for parts_ in refused} == {("curve", "self-paced")}


@pytest.mark.parametrize("bad", [None, 3, 0.5, b"curve", ["curve"]])
def test_a_part_is_a_name(bad: object) -> None:
    """Nothing else is taken for one."""
    with pytest.raises(InputError, match="is no part of a policy") as refused:
        Policy(bad)  # type: ignore[arg-type]
    assert is_one_sentence(refused.value)
    with pytest.raises(InputError, match="is no policy"):
        as_policy(bad)  # type: ignore[arg-type]


def test_a_policy_by_name_or_itself() -> None:
    """And no empty name."""
    policy = Policy("curve")
    assert as_policy(policy) is policy and as_policy("curve") == policy
    for empty in ("", "  "):
        with pytest.raises(InputError, match="is no policy"):
            as_policy(empty)


# ---- policies that change in mid-year ------------------------------------------------------------------------
def test_a_policy_that_changes_is_a_policy() -> None:
    """It is made from its text or from policies, tells its name, parts and levers by week, and is equal to its like."""
    made = PolicyChange("criterion+accelerated", (10, Policy("curve", stakes=1)), (20, "mastery"))
    text = "criterion+accelerated > curve+stakes=1 @ 10 > mastery @ 20"
    assert as_policy(text) == made == as_policy(" accelerated>curve + stakes=1@10 >mastery@20 ") == as_policy(made)
    assert hash(as_policy(text)) == hash(made) and made != as_policy(text.replace("20", "21"))
    assert made.name == "accelerated > curve+stakes=1 @ 10 > mastery @ 20" and as_policy(made.name) == made
    assert made.parts["grading"] == "criterion > curve > mastery" and made.parts["pacing"] == "accelerated > fixed"
    assert made.parts["climate"] == "plain"
    assert [stage.week for stage in made.stages] == [1, 10, 20] and [stage.start for stage in made.stages] == [0, 9, 19]
    for weeks, name in (((1, 9), "accelerated"), ((10, 19), "curve+stakes=1"), ((20, 36), "mastery")):
        assert all(made.in_week(week) == Policy(name) for week in weeks), name
    assert eval(repr(made)) == made and pickle.loads(pickle.dumps(made)) == made
    plain = Policy("curve")
    assert plain.stages == ((1, plain),) and plain.in_week(1) is plain.in_week(36) is plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curve >", "'curve >' is no policy; write a change as in 'high-pressure > mastery @ 19', a week from 2"),
        ("> curve @ 3", "is no policy; write a change as in"),
        ("curve > @ 3", "is no policy; write a change as in"),
        ("curve > mastery > narrative @ 3", "is no policy; write a change as in"),
        ("curve > mastery @ 3.5", "is no policy; write a change as in"),
        ("curve > mastery @ -3", "is no policy; write a change as in"),
        ("curve > mastery @ 1", "the week of a change of policy is 1; it needs a whole number from 2"),
        ("curve > mastery @ 5 > narrative @ 5", "changes in week 5 and then in week 5; weeks must rise"),
        ("curve > mastery @ 5 > narrative @ 4", "changes in week 5 and then in week 4; weeks must rise"),
        ("curve > mastery @ 37", "policy curve > mastery @ 37 changes in week 37; the last week of the year is 36"),
        ("curve > mastry @ 3", "unknown policy 'mastry'; did you mean mastery"),
        ("curve > mastery+comparison=1 @ 3", "with comparison 1, retakes must be 0"),
    ],
)
def test_a_change_that_cannot_be(text: str, message: str) -> None:
    """A part is missing, a week is not one of the year or does not rise, or a policy is none."""
    assert as_policy("curve > mastery @ 2 > narrative @ 36", 36)
    with pytest.raises(InputError, match=re.escape(message)) as refused:
        as_policy(text, 36)
    assert is_one_sentence(refused.value)


@pytest.mark.parametrize("week", [True, 2.0, "3", None, float("nan"), 0, -3])
def test_the_week_of_a_change_is_a_whole_number(week: Any) -> None:
    """From 2, in Python as in a text."""
    with pytest.raises(InputError, match=r"the week of a change of policy is .*; it needs a whole number from 2"):
        PolicyChange("curve", (week, "mastery"))


@pytest.mark.parametrize("changes", [(), ({3: "mastery"},), ("mastery",), ((3, "mastery", "curve"),)])
def test_a_change_is_a_week_and_a_policy(changes: Any) -> None:
    """And there is at least one."""
    with pytest.raises(InputError, match="give week and policy") as refused:
        PolicyChange("curve", *changes)
    assert is_one_sentence(refused.value)


def test_a_change_is_between_policies_that_stay() -> None:
    """What changes is no part of another change, and no `Policy`."""
    for text in ("curve > mastery @ 3", as_policy("curve > mastery @ 3")):
        makers: tuple[Callable[[Any], object], ...] = (
            lambda text: PolicyChange(text, (5, "curve")), lambda text: PolicyChange("curve", (5, text)), Policy,
        )  # fmt: skip
        for make in makers:
            with pytest.raises(InputError, match=r"changes in mid-year|is no part of a policy") as refused:
                make(text)
            assert is_one_sentence(refused.value)


@pytest.mark.parametrize(("alias", "preset"), ALIASES.items())
def test_an_alias_is_its_preset_everywhere(alias: str, preset: str) -> None:
    """Alone, with other parts, in mixtures and in changes; no part can take its name."""
    for text in ("{}", "{}+problem-first", "{}+stakes=0.5", "{}*0.5+coverage*0.5", "{} > curve @ 3", "curve > {} @ 3",
                 "curve*0.5+{}*0.5 > {}+level=1 @ 3"):  # fmt: skip
        old, new = (as_policy(text.replace("{}", name)) for name in (alias, preset))
        assert old == new and old.name == new.name, text
    for name in (alias, preset):
        with pytest.raises(InputError, match=f"a policy named {name} is there already"):
            part(name, "grading", "Says something.")
    with pytest.raises(InputError, match="needs each part once"):
        Policy(f"{alias}*0.5+{preset}*0.5")


# ---- institutions, and mixtures by weight ------------------------------------------------------------------
def test_institutions_aim_at_different_things() -> None:
    """At covering the syllabus, at ranking students, at their learning."""
    aims = {name: Policy(name) for name in INSTITUTIONS}
    assert set(INSTITUTIONS) <= set(PRESETS) and len(aims) == 3
    assert max(aims, key=lambda name: aims[name]["pace"]) == "coverage"
    assert max(aims, key=lambda name: aims[name]["comparison"]) == "ranking" and aims["ranking"]["comparison"] == 1.0
    assert max(aims, key=lambda name: aims[name]["stakes"]) == "ranking"
    for lever in ("retakes", "adaptive", "problem_first", "cooperation", "friendly", "information"):
        assert max(aims, key=lambda name: aims[name][lever]) == "learning"
    assert all(Policy(*two.split("+")) for two in PRESETS.values())


@pytest.mark.parametrize(
    "text",
    [
        "coverage*0.5+learning*0.5",
        "ranking*0.25+learning*0.75",
        "coverage*0.2+ranking*0.3+learning*0.5",
        "coverage*0.1234567+learning*0.8765433",
        "curve*1",
        "mastery*0.3+curve*0.7+stakes=0.9",
        "class-paced*0.5+self-paced*0.5",
        "narrative*0.4+criterion*0.6",
    ],
)
def test_a_mixture_is_the_weighted_mean(text: str) -> None:
    """Lever by lever, with what is set singly set last; the name makes it again."""
    policy = Policy(text)
    words = [word.partition("*") for word in text.split("+") if "*" in word]
    weighted = [(Policy(name), float(weight)) for name, _, weight in words]
    single = dict(word.split("=") for word in text.split("+") if "=" in word)
    for lever in LEVER_NAMES:
        mean = sum(weight * part[lever] for part, weight in weighted)
        assert policy[lever] == pytest.approx(float(single.get(lever, mean)), abs=1e-12), lever
        assert ROWS[lever].low <= policy[lever] <= ROWS[lever].high
    again = Policy(policy.name)
    assert again == policy and again.name == policy.name == text and again.parts == policy.parts


def test_a_mixture_may_come_in_pieces() -> None:
    """As one text or several, with levers as text or by keyword."""
    one = Policy("coverage*0.5+learning*0.5+stakes=1")
    assert one == Policy("coverage*0.5", "learning*0.5", stakes=1.0) == Policy("coverage*0.5+stakes=1", "learning*0.5")
    assert one["stakes"] == 1.0 and one["retakes"] == 1.0 and one["pace"] == 1.5


def test_all_of_one_weight_is_that_part() -> None:
    """And none of the other."""
    for name in INSTITUTIONS:
        assert Policy(f"{name}*1") == Policy(name) == Policy(f"{name}*1+curve*0")


def test_a_mixture_keeps_the_parts_that_are_shared() -> None:
    """Where parts differ a group is mixed."""
    parts_ = Policy("coverage*0.5+learning*0.5").parts
    assert parts_["grading"] == parts_["pacing"] == parts_["sequence"] == parts_["support"] == "mixed"
    assert Policy("coverage*0.5+ranking*0.5").parts["sequence"] == "instruction-first"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("coverage*0.5+learning*0.6", r"the weights of policy .* add up to 1\.1; they must add up to 1"),
        ("coverage*0.5", "add up to 0.5; they must add up to 1"),
        ("coverage*inf+learning*0.5", "add up to inf"),
        ("coverage*1.5+learning*-0.5", "with a weight of 0 or more"),
        ("coverage*nan+learning*0.5", "with a weight of 0 or more"),
        ("coverage*0.5+coverage*0.5", "needs each part once"),
        ("coverage*0.5+learning", "gives learning no weight; write all of them"),
        ("coverag*0.5+learning*0.5", "unknown policy 'coverag'; did you mean coverage"),
        ("coverage*0.5+learning*0.5+stake=1", "unknown policy lever 'stake'"),
        ("curve*0.5+ranking*0.5+retakes=1", "with comparison 1, retakes must be 0"),
    ],
)
def test_weights_that_make_no_sense(text: str, message: str) -> None:
    """They add up to 1, each part has one, none is below 0, and the mixture is a policy that can be run."""
    with pytest.raises(InputError, match=message) as refused:
        Policy(text)
    assert is_one_sentence(refused.value)


@pytest.mark.parametrize("text", ["coverage*half+learning*0.5", "curve*+criterion*0.5", "curve*0.5*2+criterion*0.5"])
def test_a_weight_that_is_no_number_is_refused(text: str) -> None:
    """With a sentence."""
    with pytest.raises(InputError, match="needs a number") as refused:
        Policy(text)
    assert is_one_sentence(refused.value)


def test_a_weight_that_is_no_number_is_called_a_weight() -> None:
    """Not a lever, and the example is a weight."""
    with pytest.raises(InputError, match=r"weight.*coverage\*0\.5"):
        Policy("coverage*half+learning*0.5")


@pytest.mark.parametrize("text", ["criterion*0.5+curve*0.5000009", "class-paced*0.5+self-paced*0.5000009"])
def test_weights_that_are_rounded_keep_levers_in_range(text: str) -> None:
    """A sum of 1 but for rounding is 1: no lever leaves its range, and no good mixture is refused."""
    policy = Policy(text)
    assert all(ROWS[lever].low <= value <= ROWS[lever].high for lever, value in policy.items())


def test_rounding_refuses_no_good_mixture() -> None:
    """Whatever the weights, a class that waits in part and paces itself in part is one that can be run."""
    for weight in range(1, 1000):
        assert Policy(f"class-paced*{weight / 1000}+self-paced*{1.0000001 - weight / 1000:.7f}")


def test_rounding_lets_no_nonsense_pass() -> None:
    """Three policies that all rank mix to one that ranks."""
    with pytest.raises(InputError, match="comparison 1"):
        Policy("curve*0.6+ranking*0.3+harmful*0.1+retakes=1")


@pytest.mark.parametrize("text", ["*1", "curve*0.5+curve *0.5"])
def test_a_weighted_part_has_a_name_and_stands_once(text: str) -> None:
    """Blanks around a name are not part of it."""
    with pytest.raises(InputError):
        Policy(text)


# ---- custom parts --------------------------------------------------------------------------------------------
def test_a_custom_part() -> None:
    """Known to a model that takes it, in its group, in compositions and mixtures; to no other."""
    made = policies.part("portfolio", "grading", "Collected work.", told=0, counted=0.0, information=0.9)
    model = MODEL.with_part(made)
    policy = model.policy("portfolio+adaptive")
    assert policy["information"] == 0.9 and policy["told"] == 0.0 and policy["adaptive"] == 1.0
    assert "portfolio" in group("grading", model.parts) and policy.name == "portfolio+adaptive"
    assert model.policy(policy.name) == policy
    assert model.policy("portfolio*0.5+criterion*0.5")["told"] == 0.5
    assert model.with_part(made).parts == model.parts and "portfolio" not in PARTS
    with pytest.raises(InputError, match="unknown policy 'portfolio'"):
        Policy("portfolio")


@pytest.mark.parametrize(
    ("name", "in_group", "levers", "message"),
    [
        ("curve", "grading", {}, "a policy named curve is there already"),
        ("harmful", "grading", {}, "a policy named harmful is there already"),
        ("Portfolio", "grading", {}, "it needs lower-case letters, digits and hyphens"),
        ("port folio", "grading", {}, "it needs lower-case letters"),
        ("port+folio", "grading", {}, "it needs lower-case letters"),
        ("port*2", "grading", {}, "it needs lower-case letters"),
        ("a=1", "grading", {}, "it needs lower-case letters"),
        ("part.toml", "grading", {}, "it needs lower-case letters"),
        ("", "grading", {}, "it needs lower-case letters"),
        (None, "grading", {}, "it needs lower-case letters"),
        ("portfolio", "gradin", {}, "unknown group of policies 'gradin'; did you mean grading"),
        ("portfolio", "grading", {"stake": 1.0}, "unknown policy lever 'stake'; did you mean stakes"),
        ("portfolio", "grading", {"stakes": 1.5}, "policy lever stakes is 1.5; it needs a number from 0 to 1"),
        ("portfolio", "grading", {"stakes": "1"}, "policy lever stakes is '1'"),
        ("portfolio", "grading", {"stakes": True}, "policy lever stakes is True"),
        ("portfolio", "grading", {"stakes": {"value": 0.5, "low": 0.1}}, "policy lever stakes lacks high; an assumed"),
        ("portfolio", "grading", {"stakes": {"valu": 0.5}}, "unknown key of policy lever stakes 'valu'; did you mean"),
        (
            "portfolio",
            "grading",
            {"stakes": {"value": 0.5, "low": 0.9, "high": 0.1}},
            "stakes runs from 0.9 to 0.1; the",
        ),
        (
            "portfolio",
            "grading",
            {"stakes": {"value": 0.5, "low": 0.6, "high": 0.9}},
            "value of policy lever stakes is 0.5",
        ),
        ("portfolio", "grading", {"stakes": {"value": 0.5, "low": 0.1, "high": 1.9}}, "policy lever stakes is 1.9; it"),
        (
            "portfolio",
            "grading",
            {"stake": {"value": 0.5, "low": 0, "high": 1}},
            "unknown policy lever 'stake'; did you",
        ),
    ],
)
def test_parts_that_cannot_be(name: str, in_group: str, levers: dict[str, float], message: str) -> None:
    """Refused with a sentence."""
    with pytest.raises(InputError, match=message) as refused:
        policies.part(name, in_group, "Says something.", **levers)
    assert is_one_sentence(refused.value)


def test_a_file_of_another_part_of_the_same_name(tmp_path: Path) -> None:
    """What a model has by name, a file may say once more, but not otherwise."""
    path = written(tmp_path, PORTFOLIO)
    model = MODEL.with_part(read_part(path))
    assert model.policy(str(path)) == model.policy("portfolio")
    written(tmp_path, PORTFOLIO.replace("0.9", "0.8"))
    with pytest.raises(InputError, match="a policy named portfolio is there already"):
        model.policy(str(path))


PORTFOLIO = """\
name = "portfolio"
group = "grading"
description = "Collected work, looked at together."

[levers]
told = 0
counted = 0
information = 0.9
"""


def written(folder: Path, text: str | bytes, name: str = "part.toml") -> Path:
    """A policy file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_a_part_from_a_file(tmp_path: Path, mark: bytes) -> None:
    """Read by its path wherever a part is named; the policy tells it by its own name."""
    path = written(tmp_path, mark + PORTFOLIO.encode())
    assert read_part(path) == read_part(str(path)) and read_part(path).name == "portfolio"
    policy = Policy(f"{path}+adaptive+stakes=0.4")
    assert policy.parts["grading"] == "portfolio" and policy["information"] == 0.9 and policy["told"] == 0.0
    assert policy.name == "portfolio+adaptive+stakes=0.4"
    assert MODEL.with_part(read_part(path)).policy(policy.name) == policy
    assert read_part(path).description == "Collected work, looked at together."


def test_a_file_is_named_in_a_composition_and_in_a_mixture(tmp_path: Path) -> None:
    """Without being read before."""
    path = written(tmp_path, PORTFOLIO)
    assert Policy("problem-first", str(path))["information"] == 0.9
    assert Policy(f"{path}*0.5+criterion*0.5")["information"] == pytest.approx(0.75)
    with pytest.raises(InputError, match="curve and portfolio are both grading policies"):
        Policy("curve", str(path))


def test_the_path_of_a_file_begins_at_a_folder(tmp_path: Path) -> None:
    """In compositions, mixtures and changes; the folder's own name may hold what texts are cut at."""
    folder = tmp_path / "a+b > c@2"
    folder.mkdir()
    written(folder, PORTFOLIO)
    for text in ("part.toml+adaptive", "part.toml*0.5+curve*0.5", "curve > part.toml @ 3", "part.toml > curve @ 3"):
        made = as_policy(text, folder=folder)
        mine = {**PARTS, "portfolio": read_part(folder / "part.toml")}
        others = (as_policy(name, known=mine) for name in (made.name, text.replace("part.toml", "portfolio")))
        assert all(other == made for other in others), text
    with pytest.raises(InputError, match=r"policy file part\.toml cannot be read"):
        as_policy("part.toml")


def test_a_file_may_say_what_a_number_may_be(tmp_path: Path) -> None:
    """As a table with value, low and high."""
    said = "{ value = 0.9, low = 0.7, high = 1.0 }"
    part = read_part(written(tmp_path, PORTFOLIO.replace("information = 0.9", f"information = {said}")))
    assert part.levers["information"] == 0.9 and part.ranges == {"information": (0.7, 1.0)}
    assert policies.part("portfolio", "grading", part.description, told=0, counted=0,
                         information={"value": 0.9, "low": 0.7, "high": 1}) == part  # fmt: skip


def test_a_file_without_levers_is_a_part(tmp_path: Path) -> None:
    """It is the reference under another name."""
    text = PORTFOLIO.partition("[levers]")[0]
    assert dict(Policy(str(written(tmp_path, text)))) == dict(Policy())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "is not valid TOML"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        ("[levers]\ntold = 0\ntold = 1", "is not valid TOML"),
        (
            PORTFOLIO.replace("description", "descriptin"),
            "unknown key in policy file .*'descriptin'; did you mean description",
        ),
        ("weight = 3\n" + PORTFOLIO, "unknown key in policy file .*'weight'"),
        (PORTFOLIO.replace('name = "portfolio"\n', ""), "needs name, a text"),
        (PORTFOLIO.replace('"portfolio"', "3"), "needs name, a text"),
        (PORTFOLIO.replace('group = "grading"\n', ""), "needs group, a text"),
        (PORTFOLIO.partition("[levers]")[0] + "levers = 3", "needs levers as a table of numbers"),
        (PORTFOLIO.replace('"grading"', '"gradin"'), "unknown group of policies 'gradin'; did you mean grading"),
        (PORTFOLIO.replace('"portfolio"', '"curve"'), "a policy named curve is there already"),
        (PORTFOLIO.replace('"portfolio"', '"learning"'), "a policy named learning is there already"),
        (PORTFOLIO.replace('"portfolio"', '"Portfolio"'), "it needs lower-case letters"),
        (PORTFOLIO.replace("information", "informatio"), "unknown policy lever 'informatio'; did you mean information"),
        (PORTFOLIO.replace("0.9", "1.9"), r"policy lever information is 1\.9; it needs a number from 0 to 1"),
        (PORTFOLIO.replace("0.9", "nan"), "levers.information is nan; it needs a finite number"),
        (PORTFOLIO.replace("0.9", '"0.9"'), "policy lever information is '0.9'"),
        (PORTFOLIO.replace("0.9", "true"), "policy lever information is True"),
        (PORTFOLIO.replace("0.9", "[0.9]"), r"policy lever information is \[0\.9\]"),
    ],
)
def test_files_that_are_no_part(tmp_path: Path, text: str | bytes, message: str) -> None:
    """Refused with one sentence."""
    with pytest.raises(InputError, match=message) as refused:
        read_part(written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    """A path that leads nowhere, or to a folder."""
    for path, says in ((tmp_path / "no.toml", "cannot be read; is the path right"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=says) as refused:
            read_part(path)
        assert str(path) in str(refused.value)


def test_a_file_that_makes_no_sense_is_refused_when_it_is_run(tmp_path: Path) -> None:
    """A part alone may be completed by another; a policy may not be nonsense."""
    path = written(tmp_path, PORTFOLIO.replace("counted = 0\n", ""))
    with pytest.raises(InputError, match="counted must not be above told"):
        Policy(str(path))
    assert Policy(str(path), counted=0.0)["told"] == 0.0


@pytest.mark.parametrize("key", ["name", "group", "says"])
def test_a_lever_with_the_name_of_a_key_is_unknown(tmp_path: Path, key: str) -> None:
    """And refused like any other unknown lever."""
    with pytest.raises(InputError, match=f"unknown policy lever '{key}'"):
        read_part(written(tmp_path, PORTFOLIO + f"{key} = 1\n"))


@pytest.mark.parametrize("text", ["repeats=3", "repeat-failed > criterion+repeats=3 @ 2"])
def test_a_unit_is_set_again_in_weeks_that_there_are(text: str) -> None:
    """More repeats than weeks are refused in a sentence; as many are not."""
    assert as_policy(text, weeks=3)
    with pytest.raises(InputError, match="set again 3 times in a year of 2 weeks") as refused:
        as_policy(text, weeks=2)
    assert is_one_sentence(refused.value)


def test_a_problem_below_the_syllabus_is_refused() -> None:
    """What comes first lies beyond what was taught, or at its level."""
    with pytest.raises(InputError, match=r"problem_distance is -0\.1; it needs a number from 0 to 3") as refused:
        Policy("problem-first", problem_distance=-0.1)
    assert is_one_sentence(refused.value)
    for name in ("problem-first", "group-problem-first", "unconsolidated"):
        row = PARTS[name].assumed(name)["problem_distance"]
        assert (row.default, row.low, row.high) == (1.5, 0.5, 2.5)
        assert Policy(name).at({f"{name}.problem_distance": 0.7})["problem_distance"] == 0.7
