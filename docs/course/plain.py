"""A classroom in eight mechanisms, a plain Mesa model to read from top to bottom.

It is setback with everything else off: the same claims and numbers, but no friends, no ranks, no retakes. A test holds
it against the whole model, student by student. Knowledge and tasks are in logits: where they are equal the chance of
success is even, and one logit more makes it about three in four. Try it with ``python -i docs/course/plain.py``, then
``room = Classroom(threat=0.7); room.step(); room.students[0].control``.
"""

from collections.abc import Callable, Mapping
from math import exp, sqrt
from types import SimpleNamespace

import mesa

import setback as sb
from setback.model.parameters import OWN

ON = ["avoidance", "effort", "failure_analysis", "correction", "attribution", "expectancy", "helplessness", "affect"]
#: A decision's luck for a student this week: uniform where something is done or not, else standard normal.
Luck = Callable[[str, "Student | None"], float]


def logistic(x: float) -> float:
    """Turn logits into a share or a probability."""
    return 1.0 / (1.0 + exp(-x))


class Student(mesa.Agent):
    """Tries, fails or succeeds, reads the cause, and goes into the next week a little changed."""

    model: "Classroom"

    def __init__(self, model: "Classroom") -> None:
        super().__init__(model)
        p, self.seat = model.p, len(model.agents) - 1

        def goes_with(r: float, other: float, name: str) -> float:
            return r * other + sqrt(1.0 - r * r) * model.luck(name, self)

        # who the student is: standard scores, each of which goes with another one, then each on its own scale
        knows = goes_with(sqrt(p.class_share), model.level, "prior-knowledge")
        resilient = goes_with(p.resilience_knowledge, knows, "resilience")
        helpless = goes_with(p.style_resilience, resilient, "attribution-style")
        hopeful = goes_with(p.expectancy_knowledge, knows, "expectancy")
        in_control = goes_with(p.control_style, helpless, "control")
        interested = goes_with(p.interest_expectancy, hopeful, "interest")
        self.learning_rate = exp(p.learning_rate_sd * goes_with(p.rate_knowledge, knows, "learning-rate"))
        self.lasting_conceptual = self.lasting_procedural = p.knowledge_mean + p.knowledge_sd * knows
        self.conceptual = self.procedural = self.lasting_conceptual
        self.attribution_style = logistic(p.style_mean + p.style_sd * helpless)  # 1: failures are put down to ability
        self.expectancy = logistic(p.expectancy_mean + p.expectancy_sd * hopeful)
        self.control = logistic(p.control_mean + p.control_sd * in_control)
        self.interest = logistic(p.interest_mean + p.interest_sd * interested)
        self.affect = self.history = self.resolve = 0.0  # shame and anxiety; the record of failures; to try harder
        self.enrolled, self.weeks_not_submitted = True, 0

    def readiness(self) -> float:
        """What the student can bring to a task today: shame and anxiety take a part of it."""
        return 0.5 * (self.conceptual + self.procedural) - self.model.p.impairment * self.affect

    def learn(self, gain: float, conceptual: float = 1.0, procedural: float = 1.0) -> None:
        """Gain knowledge of both kinds, by the effort and the student's own rate."""
        self.conceptual += gain * conceptual * self.effort * self.learning_rate
        self.procedural += gain * procedural * self.effort * self.learning_rate

    def stays_with_error(self) -> float:
        """Failure analysis: control and error-friendly talk keep a student with an error, in logits."""
        p, q = self.model.p, self.model.q
        return p.engage_level + p.engage_friendly * q.friendly + p.engage_control * (self.control - 0.5)

    # ---- the week: the task, practice, the test -------------------------------------------------------------------
    def work(self) -> None:
        """Start the unit from what lasts; hand in or not (avoidance); be taught, try, learn from it, take the test."""
        p, room, luck = self.model.p, self.model, self.model.luck
        self.conceptual, self.procedural = self.lasting_conceptual, self.lasting_procedural
        skip = logistic(p.skip_level + p.skip_affect * self.affect - p.skip_control * (self.control - 0.5))
        self.submitted = self.enrolled and luck("hand-in", self) >= skip
        self.effort = self.grade = 0.0
        if self.submitted:
            self.effort = self.decide_effort()
            self.learn(1.0, p.instruction_conceptual, p.instruction_procedural)
            analysed = self.attempt()
            self.learn(p.practice_rate * (1.0 - p.analysis_time * analysed), conceptual=0.0)
            self.learn_what_is_missing(logistic(room.task - self.readiness()))  # feedback on the work of the week
            noise = p.assess_noise * (1.0 + p.noise_growth * room.week / 36)
            self.grade = logistic(self.readiness() + noise * luck("assess", self) - room.task)
            self.learn_what_is_missing(1.0 - self.grade)  # and on the test
        self.failed = self.grade < room.line

    def decide_effort(self) -> float:
        """Effort is expectancy times value, less cost."""
        p = self.model.p
        value = p.effort_value * self.expectancy * (p.utility_value + (1.0 - p.utility_value) * self.interest)
        cost = p.effort_challenge * max(self.model.task - self.readiness(), 0.0) + p.effort_affect * self.affect
        drive = p.effort_control * (self.control - 0.5) + p.effort_resolve * self.resolve
        return logistic(p.effort_level + value + drive - cost)

    def attempt(self) -> float:
        """Try the task; give how much of an error was analysed. Correction: only what is analysed teaches."""
        p, room = self.model.p, self.model
        depth = room.task - self.readiness() - p.attempt_noise * room.luck("attempt", self)
        if depth <= 0.0:
            self.learn(p.success_gain)
            return 0.0
        analysed = logistic(self.stays_with_error() - p.engage_depth * depth)
        corrected = p.self_corrected + (1.0 - p.self_corrected) * room.q.information
        self.learn(p.error_gain * analysed * corrected)
        if self.readiness() + p.attempt_noise * room.luck("attempt-2", self) >= room.task:  # try again
            self.learn(p.success_gain * analysed)
        return analysed

    def learn_what_is_missing(self, missing: float) -> None:
        """Feedback teaches in proportion to what is missing, those who look into it."""
        p, q = self.model.p, self.model.q
        self.learn(p.feedback_gain * q.information * logistic(self.stays_with_error()) * missing)

    # ---- what the student makes of it -----------------------------------------------------------------------------
    def make_sense(self) -> None:
        """Read the cause; change what is expected, felt and controlled; remember, and stay or stop for good."""
        p, heard = self.model.p, self.model.reaches
        ability, effort, task = self.find_cause()
        self.resolve = heard * effort if self.submitted and self.failed else 0.0
        if not self.enrolled:
            self.affect -= p.affect_decay * self.affect
            return
        self.history += (1.0 - p.history_memory) * (heard * self.failed - self.history)
        if self.submitted:
            self.expect(stable=ability + task)
            # helplessness: success by effort raises control, failing despite effort lowers it
            gain = 0.0 if self.failed else p.control_gain * effort * (1.0 - self.control)
            loss = p.control_loss * (1.0 - effort) * self.control if self.failed else 0.0
            self.control += heard * self.effort * (gain - loss)
        else:
            self.control -= p.withdrawal_cost * self.control
        # affect: a failure hurts, more where it speaks of ability and where failing threatens; it fades
        hurt = 0.5 + p.affect_blame * ability if self.failed else 0.0
        self.affect += p.affect_rise * heard * self.model.q.threat * hurt - p.affect_decay * self.affect
        self.stay_or_stop()
        if self.enrolled:  # of what was gained on the unit a little lasts
            self.lasting_conceptual += p.retention * (self.conceptual - self.lasting_conceptual)
            self.lasting_procedural += p.retention * (self.procedural - self.lasting_procedural)

    def find_cause(self) -> tuple[float, float, float]:
        """Attribution: the shares of ability, effort and task in the result; the rest is luck.

        A helpless style and a record of failures put failures down to ability, and successes to luck and task.
        """
        p, everybody = self.model.p, self.model.task_weight
        helpless = p.attribution_by_style * (2.0 * self.attribution_style - 1.0)
        pull = exp(helpless + p.attribution_by_history * self.history)
        if self.failed:
            ability, effort, task, luck = pull, 1.0 / pull, everybody, 1.0
        else:
            ability, effort, task, luck = 1.0 / pull, 1.0, pull / everybody, pull
        total = ability + effort + task + luck
        return ability / total, effort / total, task / total

    def expect(self, stable: float) -> None:
        """Expectancy follows what happens, faster where the cause is a lasting one and where the news is bad."""
        p, q = self.model.p, self.model.q
        word = p.verdict_weight * q.told
        surprise = word * ((not self.failed) - self.expectancy)
        surprise += (1.0 - word) * q.information * (self.grade - self.expectancy)
        rate = p.expectancy_rate * (1.0 - p.stability + 2.0 * p.stability * stable)
        self.expectancy += min(rate * (1.0 + p.negativity * (surprise < 0.0)), 1.0) * surprise

    def stay_or_stop(self) -> None:
        """Avoidance: who hands nothing in for weeks, in shame and without control, may stop for good."""
        p, self.weeks_not_submitted = self.model.p, 0 if self.submitted else self.weeks_not_submitted + 1
        hazard = p.dropout_level + p.dropout_not_submitted * self.weeks_not_submitted + p.dropout_affect * self.affect
        self.enrolled = self.model.luck("quit", self) >= logistic(hazard - p.dropout_control * (self.control - 0.5))


class Classroom(mesa.Model):
    """One class under one policy, with the levers told, information, threat, friendly, cut, level and pace."""

    def __init__(self, numbers: Mapping[str, float] = sb.Parameters(), luck: Luck | None = None, **q: float) -> None:
        super().__init__(rng=0)  # the numbers are read with the gain of each group multiplied in
        self.week, self.p, self.q = 0, SimpleNamespace(**OWN.effective(numbers)), SimpleNamespace(**sb.Policy(**q))
        self.luck: Luck = luck or self.draw
        self.line = logistic(self.q.cut)  # the grade from which one passes
        #: how much of a failure a result is to the student: all of one where a verdict is uttered
        self.reaches = self.q.told + (1.0 - self.q.told) * self.p.unlabelled * self.q.information
        self.level = self.luck("class-level", None)
        self.students = [Student(self) for _ in range(30)]

    def draw(self, decision: str, _: Student | None) -> float:
        """Draw a number for a decision."""
        return self.random.random() if decision in ("hand-in", "quit") else self.random.gauss(0.0, 1.0)

    def step(self) -> None:
        """Run one week."""
        self.task = self.q.level + self.p.syllabus_slope * self.q.pace * self.week
        self.agents.do("work")
        here = [student.failed for student in self.students if student.enrolled]
        # if everybody failed it was the task
        self.task_weight = exp(self.p.consensus * self.reaches * (2.0 * sum(here) / max(len(here), 1) - 1.0))
        self.agents.do("make_sense")
        self.week += 1
