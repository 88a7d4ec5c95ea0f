"""The exercises of the five lessons: what is right, which the model says itself when it is asked, and a hint."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from setback.model.errors import InputError
from setback.model.keep import Keep
from setback.model.week import MODEL

if TYPE_CHECKING:
    import pandas as pd

    from setback.experiments.simulate import Result

#: A world in which no failure causes anything: what students know when the year begins, and how they are for months,
#: decides who fails. Its grade book looks like that of the model as it is.
DISPOSITION: Mapping[str, float] = {
    **dict.fromkeys(MODEL.table.strengths, 0.0),
    "strength_drift": 1.0,
    "strength_avoidance": 1.0,
    "knowledge_sd": 1.3,
    "drift_slow_sd": 0.8,
    "drift_sd": 0.0,
    "assess_noise": 0.3,
    "noise_growth": 0.0,
}
#: What is kept of each student and week of the class of the first lesson.
LOOKED_AT = ("control", "effort", "practice_error", "below_criterion", "to_ability", "to_effort", "to_task", "to_luck")


class Exercise(NamedTuple):
    """One exercise.

    Attributes:
        right: gives the right answer: a number, a word, or a list of them.
        hint: what is said where the answer is wrong.
        within: by how much a number may differ.
        judge: for an answer of the learner's own making: gives what is wrong with it, "" where nothing is.
    """

    right: Callable[[], Any]
    hint: str
    within: float = 0.0051
    judge: Callable[[object], str] | None = None


# ---- 1: one student, one year ------------------------------------------------------------------------------------
@cache
def _year(**world: float) -> pd.DataFrame:
    """The class of lesson 1, every student and week; another engine than the lesson's, which agrees to the last bit."""
    from setback.experiments.simulate import simulate

    kept = Keep(students=list(LOOKED_AT), share=1.0)
    return simulate("criterion", world, rooms=1, seed=7, keep=kept).per_student_week()


def _seven() -> pd.DataFrame:
    year = _year()
    return year[year["student"] == "student-7"].set_index("week")


def _first_cause() -> str:
    week = _seven()[_seven()["below_criterion"] == 1.0].iloc[0]
    causes = ("ability", "effort", "task", "luck")
    return max(causes, key=lambda cause: float(week[f"to_{cause}"]))


def _lowest_week() -> float:
    return 1.0 + float(_seven()["control"].to_numpy().argmin())


def _hardest_worker() -> str:
    first = _year()[_year()["week"] == 1]
    return str(first.sort_values("effort")["student"].iloc[-1])


def _control_without_shame() -> float:
    def at_the_end(year: pd.DataFrame) -> float:
        return float(year[year["week"] == 36]["control"].mean())

    return at_the_end(_year(affect_rise=0.0)) - at_the_end(_year())


# ---- 2: one class, two policies ----------------------------------------------------------------------------------
@cache
def _classes(policy: str, seed: int = 7, preparation: float = 1.0, level: float = -0.6) -> Result:
    """Forty classes under one policy."""
    from setback.experiments.simulate import simulate

    return simulate(f"{policy}+level={level}", {"strength_preparation": preparation}, rooms=40, seed=seed)


def _mean(policy: str, outcome: str, seed: int = 7, **world: float) -> float:
    return float(_classes(policy, seed, **world).per_student()[outcome].mean())


def _effect(policy: str, against: str, outcome: str = "learning", **world: float) -> float:
    return _mean(policy, outcome, 7, **world) - _mean(against, outcome, 7, **world)


def _better_off() -> float:
    mastery, criterion = (_classes(policy).per_student()["learning"] for policy in ("mastery", "criterion"))
    return float((mastery > criterion).mean())


def _most_helpless() -> str:
    return max(("criterion", "curve", "narrative"), key=lambda policy: _mean(policy, "helpless"))


# ---- 3: is it a vicious cycle? -----------------------------------------------------------------------------------
@cache
def _persistence(has_cycle: bool) -> float:
    """How much more often a failed test follows a failed test than a passed one, in a grade book."""
    from setback.experiments.gradebook.export import gradebook

    book = gradebook("criterion", {} if has_cycle else DISPOSITION, rooms=20, seed=3)
    tests = book[book["kind"] == "assessment"].assign(failed=lambda rows: 1 - rows["passed"])
    before = tests.groupby("student_id")["failed"].shift()
    after = tests.groupby(before)["failed"].mean()
    return float(after[1.0] - after[0.0])


@cache
def _reproduction(has_cycle: bool, flip: str = "line") -> float:
    """R_F(9) of the twins of the third lesson."""
    from setback.experiments.studies.study import Study

    numbers = "\n".join(f"{name} = {value}" for name, value in ({} if has_cycle else DISPOSITION).items())
    text = f'[study]\nname = "twins"\nseed = 3\n[policies]\nnamed = ["criterion"]\n[parameters]\n{numbers}\n'
    text += '[rooms]\ncount = 12\n[twins]\nflips = ["line", "label"]\nshare = 0.2\n'
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "twins.toml"
        file.write_text(text, encoding="utf-8")
        found = Study.read(file).run(folder, processes=1).claims()[0]
    return float(found[flip]["spared"]["R_F"]["value"])


# ---- 4: struggling first -----------------------------------------------------------------------------------------
def _struggle(outcome: str = "learning", also: str = "", **world: float) -> float:
    return _effect(f"criterion+problem-first{also}", f"criterion{also}", outcome, **world)


def _best_level() -> float:
    return max((-1.5, -0.6, 0.5), key=lambda level: _struggle(level=level))


# ---- 5: your own question ----------------------------------------------------------------------------------------
#: The study that the fifth lesson runs.
SHOWN = """
[study]
name = "lesson-5"
question = "Do students learn more where failed work may be taken again?"
seed = 5

[policies]
grading = ["criterion", "mastery"]

[worlds]
design = "lhs"
n = 64
vary = { level = [-1, 1], resilience_mean = true, retake_gain = true }

[rooms]
count = 4

[keep]
outcomes = ["learning", "dropout"]

[claim]
description = "Students learn more with retakes"
outcome = "learning"
policy = "mastery"
against = "criterion"
direction = "above"
beyond = 0.05
"""


@cache
def _verdict() -> Any:
    from setback.experiments.studies.study import Study

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lesson-5.toml"
        file.write_text(SHOWN, encoding="utf-8")
        return Study.read(file).run(folder, processes=1).verdict()


def _own(answer: object) -> str:
    """What is missing in a study file of the learner's own, by its path."""
    from setback.course.studies import missing

    if not isinstance(answer, str | Path):
        return f"{answer!r} is no path of a study file"
    try:
        return "; ".join(missing(answer))
    except InputError as error:
        return str(error)


EXERCISES: Mapping[str, Exercise] = {
    "1.1": Exercise(lambda: float(_seven()["control"].loc[1]), "the cell above prints it, beside the word control."),
    "1.2": Exercise(
        _hardest_worker,
        "for one in room.students: print(one.name, one.effort) lists them, while the year is one week old.",
    ),
    "1.3": Exercise(
        lambda: float(_seven()["practice_error"].sum()), 'add up the column: seven["practice_error"].sum().', 0.0
    ),
    "1.4": Exercise(
        _lowest_week, 'idxmin() says in which row a column is lowest, as in seven["effort"].idxmin().', 0.0
    ),
    "1.5": Exercise(
        _first_cause,
        'seven.loc[seven["below_criterion"] == 1, ["to_ability", "to_effort", "to_task", "to_luck"]] has them.',
    ),
    "1.6": Exercise(
        _control_without_shame,
        "run both to the end; a mean is sum(one.control for one in room.students) / 30. The second less the first.",
        0.0011,
    ),
    "2.1": Exercise(lambda: _effect("mastery", "criterion"), "mastery less criterion, the row learning.", 0.0011),
    "2.2": Exercise(
        lambda: ["practice_error_rate", "below_criterion_rate", "failing_grade_told_rate"],
        "the error at practice, the test below the fixed criterion, the failing grade that a student is told of.",
    ),
    "2.3": Exercise(
        lambda: _mean("narrative", "below_criterion_rate"),
        'simulate narrative as the other two, and take its .per_student()["below_criterion_rate"].mean().',
        0.0011,
    ),
    "2.4": Exercise(
        _better_off, "compare the two columns learning, student by student, and take the mean of True and False."
    ),
    "2.5": Exercise(
        lambda: _mean("mastery", "learning", 8) - _mean("criterion", "learning"),
        'mastery of seed 8 less criterion of seed 7, each as .per_student()["learning"].mean().',
        0.0011,
    ),
    "2.6": Exercise(_most_helpless, 'simulate all three, and take .per_student()["helpless"].mean() of each.'),
    "3.1": Exercise(
        lambda: _persistence(True), "the mean of failed where before is 1, less the mean of failed where before is 0."
    ),
    "3.2": Exercise(
        lambda: _persistence(False), "the same lines as in 3.1, with tests_of(other_book) in place of tests."
    ),
    "3.3": Exercise(lambda: "neither", "could you tell the two books apart, if you did not know where they are from?"),
    "3.4": Exercise(
        lambda: _reproduction(True), "copy the expression from the question; it begins with caused.", 0.0051
    ),
    "3.5": Exercise(
        lambda: _reproduction(False), "run twins(DISPOSITION), and look up in it what 3.4 looks up in caused.", 1e-9
    ),
    "3.6": Exercise(lambda: _reproduction(True, "label"), 'as in 3.4, with "label" in place of "line".', 0.0051),
    "4.1": Exercise(
        _struggle, "problem-first less instruction-first: the row learning, the column difference.", 0.0011
    ),
    "4.2": Exercise(lambda: _struggle("practice_error_rate"), "the same difference for practice_error_rate.", 0.0011),
    "4.3": Exercise(
        lambda: _struggle("learning_procedural"), "the same difference for learning_procedural: it has a sign.", 0.0011
    ),
    "4.4": Exercise(
        lambda: _struggle(preparation=0.0),
        'in both: sb.simulate("criterion+…", {"strength_preparation": 0}, rooms=40, seed=7).',
        0.0011,
    ),
    "4.5": Exercise(_best_level, "of the three levels the one with the largest difference.", 1e-9),
    "4.6": Exercise(
        lambda: _struggle(also="+rescue"), "add +rescue to both policies, and take the difference again.", 0.0011
    ),
    "5.1": Exercise(
        lambda: float(64 * 2 * 4), "worlds times policies times rooms; study.cost().classrooms says it too.", 0.0
    ),
    "5.2": Exercise(lambda: float(_verdict().share), "found.verdict().share, a number between 0 and 1."),
    "5.3": Exercise(
        lambda: str(_verdict().verdict),
        "with other rooms the share may lie at either end of the range in brackets: what would it be there?",
    ),
    "5.4": Exercise(lambda: float(_verdict().mean), "found.verdict().mean, in SD.", 0.0011),
    "5.5": Exercise(lambda: math.nan, "setback course check FILE says the same of any study file.", judge=_own),
}
