"""The whole model once more, written by hand as a plain Mesa model: an independent check, and the yardstick for speed.

Nothing here calls an equation of `setback.model`; shared are the data (parameters, policies, seats, flips) and chance,
drawn before the first week. Every number is a Python float. It is written as one would write a Mesa model that is not
to waste anything: no data collection, nothing allocated week by week, no work for what a policy does not use; but it is
not tuned at the price of being readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, sqrt

import mesa
import numpy as np

from setback.model.block import draw_luck
from setback.model.outcomes import RULER
from setback.model.parameters import Levers, World
from setback.model.seats import Seats
from setback.model.state import ROSTER, TRAITS, Flip
from setback.model.week import OPENING, WEEK


def logistic(x: float) -> float:
    """A logit as a probability."""
    return 1.0 / (1.0 + exp(-x))


def mix(switch: float, neutral: float, full: float) -> float:
    """A mechanism that is switched off in part."""
    return (1.0 - switch) * neutral + switch * full


class Student(mesa.Agent):
    """One student, who carries the slots of a student in `setback.model.state` under their own names.

    Args:
        model: the class.
        seat: seat number.
        known: standard scores of the traits that the roster gives.
        opening: this student's standard normal numbers for the opening, by decision.
        luck: this student's numbers for each decision of the week, one a week.
    """

    model: PeerClassroom

    def __init__(
        self,
        model: PeerClassroom,
        seat: int,
        known: Mapping[str, float],
        opening: Mapping[str, float],
        luck: Mapping[str, list[float]],
    ) -> None:
        super().__init__(model)
        p = model.p
        self.seat, self.luck = seat, luck
        self.friends: list[Student] = []

        def score(trait: str, r: float, parent: float) -> float:
            drawn = r * parent + sqrt(1.0 - r * r) * opening[trait.replace("_", "-")]
            return known.get(trait, drawn)

        # traits
        self.knowledge_score = score("prior_knowledge", sqrt(p.class_share), model.class_level)
        self.resilience_score = score("resilience", p.resilience_knowledge, self.knowledge_score)
        self.style_score = score("attribution_style", p.style_resilience, self.resilience_score)
        self.expectancy_score = score("expectancy", p.expectancy_knowledge, self.knowledge_score)
        control_score = score("control", p.control_style, self.style_score)
        interest_score = score("interest", p.interest_expectancy, self.expectancy_score)
        self.opening_knowledge = p.knowledge_mean + p.knowledge_sd * self.knowledge_score
        self.learning_rate = exp(p.learning_rate_sd * score("learning_rate", p.rate_knowledge, self.knowledge_score))
        self.resilience = logistic(p.resilience_mean + p.resilience_sd * self.resilience_score)

        # states
        self.conceptual = self.procedural = self.opening_knowledge
        self.cumulative_conceptual = self.cumulative_procedural = self.opening_knowledge
        self.expectancy = logistic(p.expectancy_mean + p.expectancy_sd * self.expectancy_score)
        self.control = logistic(p.control_mean + p.control_sd * control_score)
        self.style = logistic(p.style_mean + p.style_sd * self.style_score)
        self.interest = logistic(p.interest_mean + p.interest_sd * interest_score)
        self.reserve = self.resilience
        self.drift = p.switch_drift * p.drift_sd * opening["drift-start"]
        self.affect = self.preparation = self.history = 0.0
        self.enrolled = 1.0
        self.idle = self.moved = self.unit = self.mastered = 0.0

        # the week
        self.syllabus = self.task = self.fit = self.unit_fit = 0.0
        self.tried = self.effort = self.margin = self.drawn = self.score = self.place = self.heard = self.mastery = 0.0

        # the year
        self.errors = self.failures = self.failures_told = self.failures_counted = self.failures_compared = 0.0
        self.weeks_handed_in = self.weeks_helpless = self.total_effort = self.total_tested = 0.0

    def readiness(self) -> float:
        """What the student can bring to a task today, in logits."""
        return 0.5 * (self.conceptual + self.procedural) + self.drift - self.model.p.impairment * self.affect

    def is_turned(self) -> bool:
        """Whether the twin turns an outcome of this student round this week."""
        return self.seat == self.model.flip.seat and self.model.week == self.model.flip.week

    def begin_week(self) -> None:
        """Meet the unit and its task."""
        p, q, luck = self.model.p, self.model.q, self.luck["drift"][self.model.week]
        self.drift = p.drift_memory * self.drift + p.switch_drift * p.drift_sd * sqrt(1.0 - p.drift_memory**2) * luck
        # a new unit starts from its prerequisites, a repeated one from what is not yet forgotten
        kept = (1.0 - self.moved) * (1.0 - p.switch_forgetting * p.forgetting)
        self.conceptual = self.cumulative_conceptual + kept * (self.conceptual - self.cumulative_conceptual)
        self.procedural = self.cumulative_procedural + kept * (self.procedural - self.cumulative_procedural)
        self.syllabus = q.level + p.syllabus_slope * q.pace * self.unit

    def decide_effort(self) -> None:
        """Hand in or not; and if so, with how much effort."""
        p, q = self.model.p, self.model.q
        self.tried = self.effort = 0.0
        if not self.enrolled:
            return
        skip = logistic(p.skip_level + p.skip_affect * self.affect - p.skip_control * (self.control - 0.5))
        if self.luck["hand-in"][self.model.week] < p.switch_avoidance * skip:
            return
        self.tried = 1.0
        ready = self.readiness()
        self.task = self.syllabus + q.adaptive * (ready + q.target - self.syllabus)
        challenge = self.task - ready
        self.fit = self.suits_learning(challenge)
        self.unit_fit = self.suits_learning(self.syllabus - ready)
        value = p.utility_value + (1.0 - p.utility_value) * self.interest
        cost = p.effort_challenge * max(challenge, 0.0) + p.effort_affect * self.affect
        pull = p.effort_value * self.expectancy * value + p.effort_control * (self.control - 0.5)
        self.effort = mix(p.switch_effort, p.reference_effort, logistic(p.effort_level + pull - cost))

    def suits_learning(self, challenge: float) -> float:
        """The inverted U of learning over challenge."""
        p = self.model.p
        return mix(p.switch_challenge, 1.0, exp(-p.challenge_curvature * (challenge - p.best_challenge) ** 2))

    def practise(self) -> None:
        """Instruction, an attempt and its error, more practice, the rest of the instruction."""
        p, late = self.model.p, self.model.q.problem_first
        self.be_taught(1.0 - late)
        if self.tried:
            self.attempt()
            time = 1.0 - p.switch_preparation * p.exploration_cost * late
            self.procedural += p.practice_rate * time * self.effort * self.fit * self.learning_rate
        self.be_taught(late)

    def be_taught(self, share: float) -> None:
        """A share of the week's instruction, which uses up as much of what was prepared for it."""
        if not share or not self.tried:
            return
        p, q = self.model.p, self.model.q
        friends = sum(friend.effort for friend in self.friends) / len(self.friends) if self.friends else 0.0
        gain = (
            share * self.effort * self.unit_fit * self.learning_rate * (1.0 + p.switch_peers * p.friends_help * friends)
        )
        prepared = 1.0 + p.preparation_gain * self.preparation * q.consolidation
        self.conceptual += p.instruction_conceptual * gain * prepared
        self.procedural += p.instruction_procedural * gain
        self.preparation *= 1.0 - share

    def attempt(self) -> None:
        """Try the task; an error is analysed or not, helped or not, and prepares for what is taught after it."""
        p, q = self.model.p, self.model.q
        depth = self.task - self.readiness() - p.attempt_noise * self.luck["attempt"][self.model.week]
        if self.model.flip.practice and self.is_turned():
            wanted = self.model.flip.depth
            depth = wanted if wanted > 0.0 else (-0.05 if depth > 0.0 else 0.05)
        if depth <= 0.0:
            return
        self.errors += 1.0
        threat = p.switch_ego_threat * p.ego_threat * self.affect * (0.5 + q.threat)
        stay = p.engage_level + p.engage_control * (self.control - 0.5) + p.engage_reserve * (self.reserve - 0.5)
        stay += p.engage_friendly * q.friendly - p.engage_depth * depth - threat
        analysed = mix(p.switch_failure_analysis, p.reference_engagement, logistic(stay))
        helped = p.switch_support * q.rescue
        if depth > p.lost_depth:
            helped = p.switch_support * (q.rescue + (1.0 - q.rescue) * q.responsive)
        nearness = mix(p.switch_near_miss, 1.0, exp(-p.near_miss * min(depth, 4.0)))
        alone = analysed * (1.0 - helped)
        gain = self.effort * self.learning_rate * (p.error_gain * alone * nearness + p.help_gain * helped)
        self.conceptual += gain
        self.procedural += gain
        struggle = p.switch_preparation * p.activation * q.problem_first * self.effort * alone
        self.preparation += struggle * (1.0 - self.preparation)

    def take_test(self) -> None:
        """Perform once, with luck of its own; below the fixed criterion it is a failure, as is not handing in."""
        luck = self.luck["assess"][self.model.week]
        self.drawn = self.margin = self.readiness() + self.model.p.assess_noise * luck - self.syllabus
        if self.model.flip.luck and self.is_turned():
            self.margin = 0.05 if self.drawn < 0.0 else -0.05
        self.mastery = 1.0 if self.tried and self.margin >= 0.0 else 0.0
        self.failures += 1.0 - self.mastery
        self.total_tested += self.conceptual

    def standing(self, margin: float) -> float:
        """By what the class is ranked: missing work ranks last, who has stopped is out of the way of the quota."""
        if self.tried:
            return margin
        return -1000.0 if self.enrolled else 1000.0

    def take_place(self, ranking: list[float]) -> None:
        """The place among the others: the share of the class that is below, ties and oneself counted one half."""
        own = self.standing(self.margin)
        below = sum(other < own for other in ranking) + sum(other <= own for other in ranking)
        seen = self.standing(self.drawn)  # a flip moves the student, not what the others see
        below += 1 - (seen < own) - (seen <= own)
        self.place = 0.5 * below / len(ranking) / self.model.class_enrolled if self.tried else 0.0

    def hear_grade(self) -> None:
        """Hear how far past the line the grade is; going back to failed work may lift it."""
        q, line = self.model.q, self.model.line
        self.score = logistic(self.margin) if self.tried else 0.0
        self.heard = self.score + q.comparison * (self.place - self.score) - line
        if self.model.flip.label and self.is_turned():
            self.heard = 0.0125 if self.heard < 0.0 else -0.0125
        if self.heard < 0.0:
            self.failures_told += q.told * self.enrolled
            if self.tried and q.retakes >= 1.0:
                self.retake("retake-1")
                if self.heard < 0.0 and q.retakes >= 2.0:
                    self.retake("retake-2")

    def retake(self, decision: str) -> None:
        """Correct the work and take the test again; the better grade counts, the place in the class stays."""
        p, q = self.model.p, self.model.q
        fixed = p.retake_gain * self.effort
        self.conceptual += fixed
        self.procedural += fixed
        margin = self.readiness() + p.assess_noise * self.luck[decision][self.model.week] - self.syllabus
        score = logistic(margin)
        self.heard = max(self.heard, score + q.comparison * (self.place - score) - self.model.line)
        if margin >= 0.0:
            self.mastery = 1.0

    def make_sense(self) -> None:
        """Read the cause of the grade, take the consequences, and stay or stop for good."""
        p, q = self.model.p, self.model.q
        failed = self.heard < 0.0
        counts = p.unlabelled + (1.0 - p.unlabelled) * q.told

        # the cause: a softmax with effort as the reference
        same = self.model.class_failed / self.model.class_enrolled
        pull = p.attribution_style * (2.0 * self.style - 1.0) + p.attribution_history * self.history
        if failed:
            ability, luck = exp(pull + p.comparison_blame * q.comparison), exp(-pull)
        else:
            same = 1.0 - same
            ability, luck = exp(-pull), exp(pull)
        task = exp(p.consensus * (2.0 * same - 1.0))
        total = 1.0 + ability + task + luck
        to_ability = mix(p.switch_attribution, 0.25, ability / total)
        to_effort = mix(p.switch_attribution, 0.25, 1.0 / total)
        to_task = mix(p.switch_attribution, 0.25, task / total)
        to_luck = mix(p.switch_attribution, 0.25, luck / total)

        if self.tried:
            up, down = (to_ability, to_effort) if failed else (to_luck, to_ability + to_effort)
            rate = p.switch_attribution_drift * p.attribution_drift * counts
            self.style += rate * (up * (1.0 - self.style) - down * self.style)
            self.update_expectancy(failed, counts, to_ability + to_task)
            change = p.control_gain * to_effort * (1.0 - self.control)
            if failed:
                change = -p.control_loss * (1.0 - to_effort) * self.control
            self.control += p.switch_helplessness * counts * self.effort * change
        if self.enrolled:
            self.history += p.switch_attribution * (1.0 - p.history_memory) * (counts * failed - self.history)
        self.feel(failed, counts, to_ability)
        if failed and self.enrolled:
            self.failures_counted += q.counted
            self.failures_compared += q.public
        self.quit_or_stay()
        self.weeks_handed_in += self.tried
        self.total_effort += self.effort
        if self.control < self.model.helpless:
            self.weeks_helpless += 1.0

    def update_expectancy(self, failed: bool, counts: float, stable: float) -> None:
        """Success expectancy follows prediction error."""
        p, q = self.model.p, self.model.q
        grade = self.heard + self.model.line
        outcome = grade + p.verdict_weight * counts * ((0.0 if failed else 1.0) - grade)
        error = outcome - self.expectancy
        rate = p.expectancy_rate * q.information * (1.0 - p.stability + 2.0 * p.stability * stable)
        if error < 0.0:
            rate *= 1.0 + p.negativity
        self.expectancy += p.switch_expectancy * rate * error

    def feel(self, failed: bool, counts: float, to_ability: float) -> None:
        """Shame and anxiety, the reserve, and interest."""
        p, q = self.model.p, self.model.q
        rise = 0.0
        if failed and self.enrolled:
            threat = p.affect_rise * counts * q.threat * (0.5 + q.stakes)
            rise = threat * (0.5 + p.affect_blame * to_ability) * (1.0 - p.buffer * self.reserve)
        self.affect += p.switch_affect * (rise - p.affect_decay * self.affect)
        spent = min(p.reserve_spent * self.affect, 0.8)
        restored = p.reserve_restored * (self.resilience - self.reserve)
        self.reserve += p.switch_resilience * (restored - spent * self.reserve)
        if self.enrolled:
            change = p.interest_gain * self.effort * (1.0 - self.interest)
            if failed:
                change = -p.interest_loss * q.threat * self.interest
            self.interest += p.switch_interest * counts * change

    def quit_or_stay(self) -> None:
        """Who hands nothing in for weeks, feels no control and much shame, may stop for good."""
        p = self.model.p
        self.idle = 0.0 if self.tried else self.idle + self.enrolled
        if self.enrolled:
            hazard = p.quit_level + p.quit_idle * self.idle - p.quit_control * (self.control - 0.5)
            hazard = logistic(hazard + p.quit_affect * self.affect)
            if self.luck["quit"][self.model.week] < p.switch_avoidance * hazard:
                self.enrolled = 0.0

    def close_unit(self) -> None:
        """Move on with the class or alone; what is left behind lasts in part."""
        if not self.enrolled:
            self.moved = 0.0
            return
        waits = self.model.class_waits + self.model.q.self_paced * (1.0 - self.mastery)
        self.moved = max(1.0 - waits, 0.0)
        self.unit += self.moved
        self.mastered += self.moved * self.mastery
        lasting = self.model.p.retention * self.moved
        self.cumulative_conceptual += lasting * (self.conceptual - self.cumulative_conceptual)
        self.cumulative_procedural += lasting * (self.procedural - self.cumulative_procedural)


class PeerClassroom(mesa.Model):
    """One class under one policy, week by week.

    Args:
        seats: one room; a seat that nobody sits on gets no agent.
        policy: levers by name.
        parameters: the world's numbers by name.
        weeks: length of the year; the random numbers of all weeks are drawn before it begins.
        flip: one outcome to turn round.
        then: the levers after the switch; the same policy where it is left out.
        switch: week, from 0, in which ``then`` begins.
        helpless: perceived control (share) below which a week counts as helpless.
    """

    def __init__(
        self,
        seats: Seats,
        policy: Mapping[str, float],
        parameters: Mapping[str, float],
        weeks: int,
        flip: Flip = Flip(),  # noqa: B008
        then: Mapping[str, float] | None = None,
        switch: int = 2**31,
        helpless: float = RULER["helpless_control"],
    ) -> None:
        super().__init__(rng=seats.seed)
        self.p, self.flip, self.weeks, self.week, self.helpless = World(**parameters), flip, weeks, 0, helpless
        self.first, self.then, self.switch = Levers(**policy), Levers(**(then or policy)), switch
        self.q = self.first
        self.line = self.class_enrolled = self.class_failed = self.class_waits = 0.0

        # (decision) -> (seat), and (decision) -> (seat, week)
        opening = {name: z[0, :, 0].tolist() for name, z in draw_luck(OPENING, seats, None).items()}
        luck = {name: np.transpose(x[..., 0]).tolist() for name, x in draw_luck(WEEK, seats, range(weeks)).items()}
        [self.class_level] = opening.pop("class-level")
        roster = {slot.name: row.tolist() for slot, row in zip(ROSTER, seats.roster[..., 0], strict=True)}
        by_seat = {
            seat: Student(
                self,
                seat,
                {trait: roster[f"given_{trait}"][seat] for trait in TRAITS if roster[f"known_{trait}"][seat]},
                {name: numbers[seat] for name, numbers in opening.items()},
                {name: numbers[seat] for name, numbers in luck.items()},
            )
            for seat, present in enumerate(roster["present"])
            if present
        }
        for seat, student in by_seat.items():
            named = seats.weight[:, seat, 0] > 0.0
            student.friends = [by_seat[friend] for friend in seats.friends[named, seat, 0].tolist()]

    @property
    def students(self) -> list[Student]:
        """The students in the order of their seats."""
        return list(self.agents)

    def step(self) -> None:
        """Live through one week: what students do alone, and between it what the class has in common."""
        students, size = self.agents, len(self.agents)
        self.q = q = self.first if self.week < self.switch else self.then
        cut = logistic(q.cut)
        self.line = cut + q.comparison * (q.quota + 1e-6 - cut)
        students.do("begin_week")
        students.do("decide_effort")
        self.class_enrolled = max(sum(student.enrolled for student in students) / size, 0.001)
        students.do("practise")
        students.do("take_test")
        if q.comparison:
            ranking = [student.standing(student.drawn) for student in students]
            students.do("take_place", ranking)
        students.do("hear_grade")
        self.class_failed = sum(student.enrolled for student in students if student.heard < 0.0) / size
        students.do("make_sense")
        self.class_waits = 0.0
        if q.waiting:
            ready = sum(student.mastery if student.enrolled else 1.0 for student in students) / size
            self.class_waits = q.waiting if ready < q.ready - 1e-6 else 0.0
        students.do("close_unit")
        self.week += 1

    def run(self) -> PeerClassroom:
        """Live through all weeks that are left."""
        for _ in range(self.weeks - self.week):
            self.step()
        return self
