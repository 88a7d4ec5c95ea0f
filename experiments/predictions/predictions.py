"""The predictions of both claims: what each says, by which figures, under which policies, what could make it so.

A prediction holds in a world where all its figures lie beyond their marks, each in its direction (docs/claims.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from setback.experiments.predictions.cross import REFERENCE
from setback.model.errors import unknown
from setback.model.policies import Policy


class Mark(NamedTuple):
    """One figure of a prediction: its name in the rows, the mark δ, and its unit.

    The prediction is that it lies above δ, if `above`; else that it lies below -δ or, if `within`, below δ.
    """

    figure: str
    delta: float
    unit: str
    above: bool = True
    within: bool = False

    @property
    def at(self) -> float:
        """Give the value beyond which the prediction holds."""
        return self.delta if self.above or self.within else -self.delta

    @property
    def said(self) -> str:
        """Say where the prediction holds."""
        return f"{self.figure} {'>' if self.above else '<'} {self.at:g} {self.unit}"


class Prediction(NamedTuple):
    """One prediction.

    Attributes:
        name: as in docs/claims.md, with the part where one name has several verdicts.
        claim: whose it is.
        says: what it says, in a sentence.
        measure: what gives its figures, a name of `setback.experiments.predictions.measures.MEASURES`.
        marks: its figures; all must lie beyond their marks.
        up, down: the terms of the model that push it towards being true, and towards being false.
        where: under which policies of the declared cross it is tried; of those that differ only in what it varies
            itself, one stands for all.
    """

    name: str
    claim: str
    says: str
    measure: str
    marks: tuple[Mark, ...]
    up: str
    down: str
    where: Callable[[Policy], bool] = lambda policy: True


def _criterion(policy: Policy) -> bool:
    return policy["comparison"] == 0.0 and policy["retakes"] == 0.0


def _curve(policy: Policy) -> bool:
    return policy["comparison"] > 0.0


def _instruction(policy: Policy) -> bool:
    return policy["problem_first"] == 0.0


def _has_cut(policy: Policy) -> bool:
    return policy["comparison"] == 0.0


def _reference(policy: Policy) -> bool:
    return policy == REFERENCE


KOHN, KAPUR = "vicious cycle", "productive failure"
_TEACHES, _HURTS = "learn_from_feedback, look_into_test, try_again", "update_control, update_affect, submit"
_P3 = {
    "line": ("being failed", "look_into_test, resolve_to_try", "decide_effort by control and affect, submit"),
    "criterion": ("falling short", "look_into_test, resolve_to_try", "decide_effort by control and affect, submit"),
    "label": ("the verdict alone", "resolve_to_try", "decide_effort by control and affect, submit"),
    "practice": ("an error at practice", "learn_from_attempt by error_gain, grow_curious",
                 "learn_from_attempt by success_gain, practise by analysis_time, hurt_in_private"),
}  # fmt: skip

_ROWS = (
    Prediction(
        "K1", KOHN, "a failure causes further failures", "failing", (Mark("R_F line", 0.10, "failures"),),
        _HURTS, _TEACHES,
    ),
    Prediction(
        "K2", KOHN, "more than half of the cycle runs through attribution", "attributing",
        (Mark("R_F", 0.10, "failures"), Mark("half of R_F less R_F with attribution held", 0.0, "failures")),
        "drift_of_style; resolve_to_try; update_control by to_effort", "update_expectancy; update_affect",
    ),
    Prediction(
        "K3", KOHN, "the cycle is worse where tasks are harder", "harder",
        (Mark("R_F by challenge", 0.05, "failures/logit"), Mark("Lambda_F by challenge", 0.02, "logit/logit", False)),
        "effort_challenge; desirable_challenge", "floor of failing: who fails anyway cannot fail more",
    ),
    Prediction(
        "K3 at equal share", KOHN, "the cycle is worse where tasks are harder, as many failing", "harder",
        (
            Mark("R_F by challenge at equal share", 0.05, "failures/logit"),
            Mark("Lambda_F by challenge at equal share", 0.02, "logit/logit", False),
        ),
        "effort_challenge; desirable_challenge", "informs: what a harder year asks is not told by the verdict",
        _has_cut,
    ),
    Prediction(
        "K4a", KOHN, "the cycle is worse where stakes are high", "pressed",
        (Mark("R_F by stakes", 0.05, "failures"), Mark("Lambda_F by stakes", 0.02, "logit", False)),
        "update_affect by pressure_affect; perform by pressure_capacity; rebel", "pay_in_grades",
        _criterion,
    ),
    Prediction(
        "K4b", KOHN, "the cycle is worse under a curve, at the same share failing", "ranked",
        (Mark("R_F by comparison", 0.05, "failures"), Mark("Lambda_F by comparison", 0.02, "logit", False)),
        "take_as_failure by defeat; attribute by comparison_blame", "informs by rank_uninformative; weigh_task",
        _curve,
    ),
    Prediction(
        "K5", KOHN, "half a year under high pressure traps students", "switched",
        (Mark("trapped", 0.02, "share"),),
        "update_control; drift_of_style", "update_reserve; update_control by successes after the switch", _reference,
    ),
    Prediction(
        "K5 at equal share", KOHN, "half a year under high pressure traps students, as many failing as by a criterion",
        "switched", (Mark("trapped at equal share", 0.02, "share"),),
        "update_control; drift_of_style", "update_reserve; update_control by successes after the switch", _reference,
    ),
    Prediction(
        "K6", KOHN, "after a failure, successes are put down to luck and task", "failing",
        (Mark("external", 0.02, "share"),),
        "attribute by attribution_by_history; drift_of_style", "attribute where attribution_by_history is below 0",
    ),
    Prediction(
        "P1", KAPUR, "struggling first teaches more, with more errors on the way", "struggling",
        (Mark("advantage", 0.10, "SD"), Mark("more errors", 0.0, "share of weeks")),
        "prepare; instruct by preparation_gain", "practise by exploration_cost", _instruction,
    ),
    Prediction(
        "P2", KAPUR, "a near miss teaches more than a deep failure", "near_and_deep",
        (Mark("deep less near", 0.01, "SD", False),),
        "value_near_miss; analyse_error by engage_depth", "value_near_miss where near_miss_slope is below 0; "
        "time_support",
    ),
    *(
        Prediction(
            f"P3 {flip} {scale}", KAPUR, f"{said} teaches, {when}",
            "failing", (Mark(f"V_F_{scale} {flip}", delta, "SD"),), up, down,
        )
        for flip, (said, up, down) in _P3.items()
        for scale, delta, when in (("unit", 0.02, "at the next test"), ("year", 0.005, "for the year"))
    ),
    *(
        Prediction(
            f"P4 {way}", KAPUR, f"{way} the advantage of struggling first is lost", "struggling",
            (Mark(f"lost {way}", 0.10, "SD"), Mark(f"left {way}", 0.10, "SD", False, True)), up, down, _instruction,
        )
        for way, up, down in (
            ("without consolidation", "instruct by consolidation", "learn_from_attempt by self_corrected"),
            ("without feedback", "learn_from_feedback", "learn_from_attempt: instruction corrects as well"),
            ("with rescue", "prepare by rescue", "learn_from_attempt by help_gain"),
        )
    ),
    *(
        Prediction(
            f"P5 {what}", KAPUR, f"struggling first helps those more who have {said}", "struggling",
            (Mark(f"advantage by {what}", 0.05, "SD/SD", above),), up, down, _instruction,
        )
        for what, said, above, up, down in (
            ("control", "more control", True, "analyse_error by engage_control", "attend_to_error"),
            ("resilience", "more resilience", True, "analyse_error by engage_reserve",
             "update_affect by buffer: what is spared there is spared in both sequences"),
            ("challenge", "less challenge", False, "time_support; analyse_error by engage_depth",
             "who solves the problem prepares nothing"),
        )
    ),
)  # fmt: skip
#: Every prediction by its name.
PREDICTIONS: Mapping[str, Prediction] = {row.name: row for row in _ROWS}
#: What is measured beside them where it is asked for. It has no mark: it holds nowhere, and gets no verdict.
MEDIATION, SWITCH = "mediation", "switch"
BESIDE: Mapping[str, Prediction] = {
    MEDIATION: Prediction(
        MEDIATION, KOHN, "through which receivers a failure does what it does", "mediating", (), "", ""
    ),
    SWITCH: Prediction(SWITCH, KOHN, "who is helpless, week by week", "weekly", (), "", "", _reference),
}  # fmt: skip


def named(names: Sequence[str], beside: bool = False) -> tuple[Prediction, ...]:
    """Give predictions by name; one that has several verdicts, such as P4, gives all of them, and ``all`` every one.

    Args:
        names: the names.
        beside: whether what is measured beside the predictions may be named, too.

    Raises:
        InputError: if there is no such prediction.
    """
    found: dict[str, Prediction] = {}
    for name in names:
        mine = {row.name: row for row in _ROWS if name in ("all", row.name, row.name.split()[0])}
        if beside and name in BESIDE:
            mine = {name: BESIDE[name]}
        if not mine:
            raise unknown("prediction", name, dict.fromkeys(("all", *(r.name.split()[0] for r in _ROWS), *PREDICTIONS)))
        found |= mine
    return (*found.values(),)
