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

from setback.model.engines.block import draw_luck
from setback.model.outcomes import NORMS
from setback.model.parameters import Levers, World
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.seats import Seats
from setback.model.state import ROSTER, TRAITS, Flip
from setback.model.week import OPENING, WEEK


def logistic(x: float) -> float:
    """A logit as a probability."""
    return 1.0 / (1.0 + exp(-x))


def mix(strength: float, neutral: float, full: float) -> float:
    """A mechanism that is switched off in part."""
    return (1.0 - strength) * neutral + strength * full


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

        def goes_with(r: float, parent: float, luck: str) -> float:
            return r * parent + sqrt(1.0 - r * r) * opening[luck]

        def score(trait: str, r: float, parent: float, validity: float = sqrt(p.roster_reliability)) -> float:
            # of a trait that was measured the measurement is the parent
            luck = trait.replace("_", "-")
            return goes_with(validity, known[trait], luck) if trait in known else goes_with(r, parent, luck)

        # traits
        self.knowledge_score = score("prior_knowledge", sqrt(p.class_share), model.class_level, p.prior_validity)
        on_paper = goes_with(p.prior_validity, self.knowledge_score, "prior-measured")
        self.prior_measured = known.get("prior_knowledge", on_paper)
        self.resilience_score = score("resilience", p.resilience_knowledge, self.knowledge_score)
        self.attribution_style_score = score("attribution_style", p.style_resilience, self.resilience_score)
        self.expectancy_score = score("expectancy", p.expectancy_knowledge, self.knowledge_score)
        self.control_score = score("control", p.control_style, self.attribution_style_score)
        interest_score = score("interest", p.interest_expectancy, self.expectancy_score)
        goals_score = score("goal_orientation", p.goals_expectancy, self.expectancy_score)
        self.diligence_score = score("diligence", p.diligence_knowledge, self.knowledge_score)
        perfectionism_score = score("perfectionism", p.perfectionism_style, self.attribution_style_score)
        self.opening_knowledge = p.knowledge_mean + p.knowledge_sd * self.knowledge_score
        self.learning_rate = exp(p.learning_rate_sd * score("learning_rate", p.rate_knowledge, self.knowledge_score))
        self.resilience = logistic(p.resilience_mean + p.resilience_sd * self.resilience_score)
        self.goal_orientation = logistic(p.goals_mean + p.goals_sd * goals_score)
        self.perfectionism = logistic(p.perfectionism_mean + p.perfectionism_sd * perfectionism_score)
        self.confidence = exp(p.confidence_sd * score("confidence", 0.0, 0.0))
        self.handicapping = exp(p.handicap_sd * (opening["handicapping"] - 0.5 * p.handicap_sd))
        anxiety = p.anxiety_mean + p.anxiety_sd * score("anxiety", p.anxiety_knowledge, self.knowledge_score)
        self.anxiety = p.strength_affect * max(anxiety, 0.0)
        self.diligence = p.strength_diligence * p.diligence_sd * self.diligence_score
        self.strong = 0.0  # until the class is complete

        # states
        self.conceptual = self.procedural = self.opening_knowledge
        self.cumulative_conceptual = self.cumulative_procedural = self.opening_knowledge
        self.expectancy = logistic(p.expectancy_mean + p.expectancy_sd * self.expectancy_score)
        self.control = logistic(p.control_mean + p.control_sd * self.control_score)
        self.attribution_style = logistic(p.style_mean + p.style_sd * self.attribution_style_score)
        self.interest = logistic(p.interest_mean + p.interest_sd * interest_score)
        self.reserve = self.resilience
        self.drift = p.strength_drift * p.drift_sd * opening["drift-start"]
        self.slow_drift = p.strength_drift * p.drift_slow_sd * opening["slow-drift-start"]
        self.diligence_drift = p.strength_diligence * p.diligence_drift_sd * opening["diligence-start"]
        self.aptitude = p.aptitude_sd * opening["aptitude-start"]
        self.affect = self.anxiety
        self.preparation = self.history = self.resolve = self.record = 0.0
        self.enrolled = 1.0
        self.weeks_not_submitted = self.moved = self.unit = self.units_mastered = self.unit_passed = 0.0
        self.below_criterion_before = self.knowledge_shortfall = self.setback = self.retaken_before = 0.0

        self.repeats_left = self.repeat_margin = self.repeat_units = self.repeat_record = 0.0

        # the week
        self.targeted = self.repeated = self.repeat_passed = False
        self.goals = self.syllabus = self.task = self.fit = self.unit_fit = 0.0
        self.submitted = self.excuse = self.effort = self.friends_effort = self.attempt_shortfall = self.analysed = 0.0
        self.private_hurt = self.unhelped = self.blame = 0.0
        self.test_margin = self.test_margin_drawn = self.below_criterion = self.met_criterion = self.lacking = 0.0
        self.score = self.grade = self.verdict = self.failure = self.failing_grade_told = self.retaken = 0.0
        self.percentile_rank = 0.0
        self.to_ability = self.to_effort = self.to_task = self.to_luck = self.talked = 0.0

        # the year
        self.weeks_practice_error = self.weeks_below_criterion = self.weeks_failing_grade_told = (
            self.weeks_failing_grade_counted
        ) = self.weeks_failing_grade_compared = 0.0
        self.weeks_submitted_below_criterion = self.weeks_learned_after_failure = self.weeks_failure_heard = (
            self.failure_to_ability_total
        ) = 0.0
        self.weeks_success_heard = self.success_external_total = self.minutes = 0.0
        self.weeks_submitted = self.weeks_helpless = self.total_effort = self.total_tested = self.early_tested = 0.0

    def readiness(self) -> float:
        """What the student can bring to a task today, in logits."""
        return 0.5 * (self.conceptual + self.procedural) + self.form()

    def form(self) -> float:
        """The form of the day, and how well the unit suits."""
        return self.drift + self.slow_drift + self.aptitude - self.model.p.impairment * self.affect

    def is_turned(self) -> bool:
        """Whether the twin turns an outcome of this student round this week."""
        return self.seat == self.model.flip.seat and self.model.week == self.model.flip.week

    def fear_of_failing(self) -> float:
        """To expect failure under performance goals."""
        return (1.0 - self.expectancy) * (1.0 - self.goals)

    def stays_with_error(self) -> float:
        """What keeps the student with an error, less the threat to the self, in logits."""
        p, q = self.model.p, self.model.q
        stay = p.engage_level + p.engage_friendly * q.friendly + p.engage_goals * self.goals
        stay += p.engage_taught * q.analysis_taught
        stay += p.engage_control * (self.control - 0.5)
        stay += p.strength_resilience * p.engage_reserve * (self.reserve - 0.5)
        return stay - p.strength_ego_threat * p.ego_threat_size * self.affect * (0.5 + q.threat)

    def learn_both(self, gain: float) -> None:
        """Gain the same in concepts and in procedures."""
        self.conceptual += gain
        self.procedural += gain

    def prepare(self, struggle: float) -> None:
        """A struggle fills part of what is not prepared yet."""
        self.preparation += self.model.p.strength_preparation * struggle * (1.0 - self.preparation)

    def begin_week(self) -> None:
        """Meet the unit, in this week's form and with the student's goals."""
        p, q = self.model.p, self.model.q
        self.drift = self.moved_on("drift", self.drift, p.strength_drift * p.drift_sd, p.drift_memory)
        slow = p.strength_drift * p.drift_slow_sd
        self.slow_drift = self.moved_on("slow-drift", self.slow_drift, slow, p.drift_slow_memory)
        varies = p.strength_diligence * p.diligence_drift_sd
        self.diligence_drift = self.moved_on("diligence-drift", self.diligence_drift, varies, p.diligence_memory)
        # a new unit starts from its prerequisites, a repeated one from what is not yet forgotten; what lasts is all
        # that is left to somebody who has stopped; some of the last unit is a prerequisite of the new one
        kept = self.moved * p.carry + (1.0 - self.moved) * (1.0 - p.strength_forgetting * p.forgetting_rate)
        kept *= self.enrolled
        self.conceptual = self.cumulative_conceptual + kept * (self.conceptual - self.cumulative_conceptual)
        self.procedural = self.cumulative_procedural + kept * (self.procedural - self.cumulative_procedural)
        if p.aptitude_sd:
            new = p.aptitude_sd * self.luck["aptitude"][self.model.week]
            self.aptitude += self.moved * (new - self.aptitude)
        # singled out by the record of failures
        self.targeted = bool(self.enrolled and q.target_record and self.history > q.target_record - 1e-6)
        self.repeated = self.repeat_passed = False
        self.syllabus = q.level + p.local_standard * self.model.class_knowledge + p.syllabus_slope * q.pace * self.unit
        self.syllabus += self.targeted * q.targeted_level
        # a climate pulls towards learning goals (1) and towards performance goals (-1), each by half of its two levers
        own = 2.0 * self.goal_orientation - 1.0
        up, down = (q.friendly + q.cooperation) / 2.0, (q.comparison + q.public) / 2.0
        self.goals = p.strength_goals * (own + p.goals_climate * (up * (1.0 - own) - down * (1.0 + own)))

    def moved_on(self, decision: str, level: float, spread: float, memory: float) -> float:
        """Ups and downs a week later, whose spread over students does not change."""
        return memory * level + spread * sqrt(1.0 - memory**2) * self.luck[decision][self.model.week]

    def decide_effort(self) -> None:
        """Hand in or not; and if so, with how much effort."""
        p, q = self.model.p, self.model.q
        self.submitted = self.effort = 0.0
        if not self.enrolled:
            return
        # an excuse in advance is one for who hands nothing in as well
        self.excuse = p.strength_self_handicapping * p.self_handicapping_size * q.threat * self.fear_of_failing()
        self.excuse *= self.handicapping
        skip = p.skip_level + p.skip_affect * self.affect - p.skip_control * (self.control - 0.5)
        skip -= p.strength_resilience * p.skip_reserve * (self.reserve - 0.5)
        skip -= self.diligence + self.diligence_drift
        if self.luck["hand-in"][self.model.week] < p.strength_avoidance * logistic(skip):
            return
        self.submitted = 1.0
        challenge = self.take_task()
        value = p.utility_value + (1.0 - p.utility_value) * self.interest + self.model.incentive
        cost = p.effort_challenge * max(challenge, 0.0) + p.effort_affect * self.affect + self.excuse
        cost += p.strength_reactance * p.reactance_size * self.control * self.model.push
        drive = p.effort_value * self.expectancy * value + p.effort_control * (self.control - 0.5)
        drive += p.effort_resolve * self.resolve
        drive += p.strength_perfectionism * p.striving * (2.0 * self.perfectionism - 1.0)
        self.effort = mix(p.strength_effort, p.reference_effort, logistic(p.effort_level + drive - cost))

    def take_task(self) -> float:
        """The task as it is set, matched or chosen; how much it challenges."""
        p, q, ready = self.model.p, self.model.q, self.readiness()
        self.task = self.syllabus + q.adaptive * (ready + q.target - self.syllabus)
        if q.choice:
            self.task -= q.choice * p.strength_easier_tasks * p.easier_tasks_size * self.fear_of_failing()
        self.fit = self.suits_learning(self.task - ready)
        self.unit_fit = self.suits_learning(self.syllabus - ready)
        return self.task - ready

    def suits_learning(self, challenge: float) -> float:
        """The inverted U of learning over challenge."""
        p = self.model.p
        return mix(p.strength_challenge, 1.0, exp(-p.challenge_curvature * (challenge - p.best_challenge) ** 2))

    def look_at_friends(self) -> None:
        """See how hard friends mean to work."""
        self.friends_effort = sum(friend.effort for friend in self.friends) / max(len(self.friends), 1)

    def practise(self) -> None:
        """Settle on an effort, then the first part of the instruction, an attempt and its error, more practice."""
        p, q = self.model.p, self.model.q
        self.analysed = self.private_hurt = self.unhelped = 0.0
        if not self.submitted:
            return
        self.effort += p.strength_peers * p.peer_norm * (self.friends_effort - self.effort)
        self.be_taught(1.0 - q.problem_first)
        if q.others_attempts:
            # what others tried and got wrong comes first, then what is taught of it
            shown = q.problem_first * q.others_attempts
            self.prepare(min(p.activation * p.others_prepare, 1.0) * shown * self.effort)
            self.be_taught(shown)
        self.task += self.model.struggle * q.problem_distance
        self.attempt()
        # exploring first, analysing an error, last week's retakes and a failed unit set again take time from practice
        time = 1.0 - p.strength_preparation * p.exploration_cost * q.problem_first
        time -= p.strength_failure_analysis * p.analysis_time * self.analysed
        time -= p.strength_correction * p.retake_time * self.retaken_before
        if self.is_due_again():
            time -= p.strength_correction * p.repeat_time
        self.procedural += p.practice_rate * max(time, 0.0) * self.effort * self.fit * self.learning_rate

    def is_due_again(self) -> bool:
        """Whether a failed unit is set again this week."""
        return self.model.q.repeats > 0.0 and self.repeats_left > 0.0

    def be_taught(self, share: float) -> None:
        """A share of the week's instruction, which uses up as much of what was prepared for it."""
        if not share or not self.submitted:
            return
        p, q = self.model.p, self.model.q
        time = share * (1.0 - p.strength_forgetting * p.revisiting_cost * q.spiral)
        friends = 1.0 + p.strength_peers * p.friends_help * self.friends_effort * self.model.friendship
        gain = time * self.effort * self.unit_fit * self.learning_rate * friends
        # instruction that ignores what was prepared lets only a remainder of it work
        prepared = 1.0 + p.preparation_gain * self.preparation * mix(q.consolidation, p.unconsolidated_remainder, 1.0)
        self.conceptual += p.instruction_conceptual * gain * prepared
        self.procedural += p.instruction_procedural * gain
        self.preparation *= 1.0 - share

    def attempt(self) -> None:
        """Try the task; to fall short of it is an error."""
        p, luck = self.model.p, self.luck["attempt"][self.model.week]
        self.attempt_shortfall = self.task - self.readiness() - p.attempt_noise * luck
        if self.model.flip.practice and self.is_turned():
            wanted = self.model.flip.depth
            self.attempt_shortfall = wanted if wanted > 0.0 else (-0.05 if self.attempt_shortfall > 0.0 else 0.05)
        if self.attempt_shortfall > 0.0:
            self.weeks_practice_error += 1.0
            self.face_error(self.attempt_shortfall)
        else:
            self.succeed(1.0)
            self.explore(p.solved_prepares)

    def succeed(self, share: float) -> None:
        """An attempt that succeeds teaches."""
        p = self.model.p
        self.learn_both(p.strength_correction * p.success_gain * share * self.effort * self.learning_rate)

    def face_error(self, depth: float) -> None:
        """An error is analysed or not, helped or not, corrected or not; it hurts, and prepares for what is taught."""
        p, q = self.model.p, self.model.q
        surprise = p.strength_error_attention * p.error_attention_size * (1.0 - q.threat) * self.expectancy
        stay = self.stays_with_error() + surprise - p.engage_depth * depth
        self.analysed = mix(p.strength_failure_analysis, p.reference_engagement, logistic(stay))
        # at once, more often for who is singled out; of the others those who are lost are helped later
        helped = at_once = 1.0 - (1.0 - q.rescue) * (1.0 - self.targeted * q.targeted_support)
        if depth > p.lost_depth:
            # who hides that he is lost gets no help with it
            hides = p.strength_help_seeking * p.help_avoidance * q.threat * (1.0 - self.goals) / 2.0
            helped += (1.0 - at_once) * q.responsive * (1.0 - hides)
            self.unhelped = p.strength_support * (1.0 - helped)
        helped *= p.strength_support
        self.learn_from_error(depth, helped)
        recovered = self.try_again()
        worth = 0.5 + p.strength_perfectionism * self.perfectionism
        unwelcome = q.threat * (1.0 - q.friendly) * worth
        self.private_hurt = p.strength_private_error * p.private_hurt_size * unwelcome * (1.0 - recovered)
        # rescue leaves little of a struggle, help for the lost comes later and leaves a part of it
        late = max(helped - at_once, 0.0)
        cut = (1.0 - p.rescue_remainder) * (helped - late) + p.help_cuts * late
        self.explore(min(self.analysed + p.unsolved_prepares * self.analysed * (1.0 - recovered), 1.0) * (1.0 - cut))

    def explore(self, found: float) -> None:
        """What is found out before instruction, right or wrong, prepares for it."""
        self.prepare(self.model.p.activation * self.model.struggle * self.effort * found)

    def learn_from_error(self, depth: float, helped: float) -> None:
        """An analysed error teaches as far as it is corrected: by oneself, by feedback, or by what is taught next."""
        p, q = self.model.p, self.model.q
        told = max(min(self.model.informs * self.model.timely, 1.0), self.model.struggle * q.consolidation)
        corrected = p.self_corrected + (1.0 - p.self_corrected) * told
        nearness = mix(p.strength_near_miss, 1.0, exp(-p.near_miss_slope * min(depth, 4.0)))
        alone = p.strength_correction * p.error_gain * self.analysed * (1.0 - helped) * nearness * corrected
        alone *= 1.0 + p.hypercorrection * self.expectancy + p.record_gain * self.record
        self.record = (1.0 - q.analysis_taught) * self.record + q.analysis_taught * self.analysed
        self.learn_both(self.effort * self.learning_rate * (alone + p.help_gain * helped))

    def try_again(self) -> float:
        """Who analysed the error attempts the task once more; the share of the error that this makes good."""
        luck = self.model.p.attempt_noise * self.luck["attempt-2"][self.model.week]
        if self.readiness() + luck < self.task:
            return 0.0
        recovered = self.model.p.strength_failure_analysis * self.analysed
        self.succeed(recovered)
        return recovered

    def work_together(self) -> None:
        """What friends found out about their errors teaches and prepares as well."""
        if not self.submitted or not self.friends:
            return
        p, q = self.model.p, self.model.q
        found = sum(friend.analysed for friend in self.friends) / len(self.friends)
        found *= p.strength_peers * q.cooperation * self.model.friendship * p.friends_errors * self.effort
        self.learn_both(p.strength_correction * p.error_gain * found * self.learning_rate)
        self.prepare(p.activation * self.model.struggle * found)

    def study_feedback(self) -> None:
        """Feedback on the week's work tells what is missing, to those who look into it."""
        self.learn_what_is_missing(min(self.model.informs * self.model.timely, 1.0))
        if self.targeted and self.model.q.targeted_information:
            self.read_comments()

    def read_comments(self) -> None:
        """Feedback that only those get who are singled out: what it says beside the usual."""
        usual, all_told = self.model.informs, self.model.informs + self.model.q.targeted_information
        timely = self.model.timely
        self.learn_what_is_missing(min(all_told * timely, 1.0) - min(usual * timely, 1.0))
        information = self.model.q.information
        more = min(information + self.model.q.targeted_information, 1.0) - information
        self.minutes += self.model.p.time_feedback * more * self.submitted

    def learn_what_is_missing(self, told: float) -> None:
        """What is told to be missing teaches those who look into it, in proportion."""
        p = self.model.p
        missing = logistic(self.syllabus - self.readiness())
        looked = mix(p.strength_failure_analysis, p.reference_engagement, logistic(self.stays_with_error()))
        self.learn_both(
            p.strength_correction * p.feedback_gain * told * self.effort * looked * missing * self.learning_rate
        )

    def perform(self, decision: str) -> float:
        """One performance at a test, with luck of its own, under the pressure of its stakes; less its difficulty."""
        p, luck = self.model.p, self.luck[decision][self.model.week]
        grown = p.assess_noise * (1.0 + self.model.week * p.noise_growth / 36.0)
        luck *= p.assignment_noise if self.model.assignment_due else grown
        return self.readiness() - p.pressure_capacity * self.model.pressure + luck - self.syllabus

    def take_test(self) -> None:
        """Perform once; below the fixed criterion it is a failure, as is not handing in."""
        self.test_margin_drawn = self.test_margin = self.perform(
            "assignment" if self.model.assignment_due else "assess"
        )
        if self.model.flip.luck and self.is_turned():
            self.test_margin = self.model.flip.to
        self.met_criterion = 1.0 if self.submitted and self.test_margin >= 0.0 else 0.0
        self.below_criterion = 1.0 - self.met_criterion
        self.weeks_below_criterion += self.below_criterion
        self.lacking = self.syllabus - 0.5 * (self.conceptual + self.procedural)
        self.total_tested += self.conceptual
        if self.model.week < 3:
            self.early_tested += self.conceptual

    def ranking_margin(self, margin: float) -> float:
        """By what the class is ranked: missing work ranks last, who has stopped is out of the way of the quota."""
        if self.submitted:
            return margin
        return -1000.0 if self.enrolled else 1000.0

    def take_place(self, ranking: list[float]) -> None:
        """The place among the others: the share of the class that is below, ties and oneself counted one half."""
        own = self.ranking_margin(self.test_margin)
        below = sum(other < own for other in ranking) + sum(other <= own for other in ranking)
        seen = self.ranking_margin(self.test_margin_drawn)  # a flip moves the student, not what the others see
        below += 1 - (seen < own) - (seen <= own)
        self.percentile_rank = 0.5 * below / len(ranking) / self.model.class_enrolled if self.submitted else 0.0

    def hear_grade(self) -> None:
        """Get a grade and a verdict; going back to the test teaches, and a retake may lift both."""
        p, q, line = self.model.p, self.model.q, self.model.line
        self.score = self.failing_grade_told = self.retaken = 0.0
        if self.submitted:
            self.score = logistic(self.test_margin)
            if q.grade_practice:
                self.score += q.grade_practice * (logistic(-self.attempt_shortfall) - self.score)
        self.grade = self.score + q.comparison * (self.percentile_rank - self.score)
        self.verdict = 1.0 if self.grade >= line else 0.0
        if self.model.flip.label and self.is_turned():
            self.verdict = 1.0 - self.verdict
        if not self.verdict:
            self.failing_grade_told = self.model.told * self.enrolled
        if self.submitted:
            self.look_into_test()
            if not self.verdict and q.retakes >= 1.0:
                self.retake("retake-1")
            if not self.verdict and q.retakes >= 2.0:
                self.retake("retake-2")
        self.retaken_before = self.retaken
        self.unit_passed = max(self.met_criterion, (1.0 - self.moved) * self.unit_passed)
        self.failure = self.takes_as_failure()
        # in open tasks what went well counts for something
        self.failure *= 1.0 - p.strength_partial_success * p.partial_success_size * q.open_tasks * self.grade
        # what is no verdict sounds like one to somebody who is ashamed and afraid
        imagined = p.strength_misreading * p.misreading_size * (1.0 - self.model.told) * min(self.affect, 1.0)
        self.blame = self.failure + imagined * (1.0 - self.failure)
        if self.is_due_again():
            self.repeat_unit()

    def repeat_unit(self) -> None:
        """Correct a failed unit and be tested on it again; a pass clears the record, and nothing else hears of it."""
        p, q = self.model.p, self.model.q
        self.repeats_left -= 1.0
        if not self.submitted:
            return
        self.repeated = True
        gain = p.strength_correction * self.effort * (p.retake_gain + q.repeat_help * p.repeat_gain)
        self.repeat_margin += gain
        self.cumulative_conceptual += p.retention * gain
        self.cumulative_procedural += p.retention * gain
        margin = self.repeat_margin + self.form()
        margin -= p.pressure_capacity * self.model.pressure
        margin += p.assess_noise * self.luck["repeat"][self.model.week]
        if margin >= 0.0:
            self.units_mastered += self.repeat_units
            self.repeat_units = 0.0
        if margin >= q.cut:
            self.repeat_passed, self.repeats_left = True, 0.0
            self.history = max(self.history - self.repeat_record, 0.0)

    def look_into_test(self) -> None:
        """What was missing in a test teaches and prepares, as far as feedback tells and one can bear to look."""
        p = self.model.p
        seen = p.strength_failure_analysis * self.effort * logistic(self.stays_with_error()) * (1.0 - self.score)
        seen *= min(self.model.informs * self.model.timely, 1.0)
        self.learn_both(p.strength_correction * p.feedback_gain * seen * self.learning_rate)
        self.prepare(p.test_preparation * seen)

    def retake(self, decision: str) -> None:
        """Correct the work and take the test again; the better grade counts, the place in the class stays."""
        p, q = self.model.p, self.model.q
        self.retaken += 1.0
        self.learn_both(p.strength_correction * p.retake_gain * self.effort)
        margin = self.perform(decision)
        score = logistic(margin)
        now = score + q.comparison * (self.percentile_rank - score)
        self.grade = max(self.grade, now)
        if now >= self.model.line:
            self.verdict = 1.0
        if margin >= 0.0:
            self.met_criterion = 1.0

    def takes_as_failure(self) -> float:
        """How much of a failure the result is to the student: by verdict or grade, by place, or by the criterion."""
        p, q = self.model.p, self.model.q
        told = self.model.told
        silent = (1.0 - told) * p.unlabelled * q.information
        said = told * (1.0 - self.verdict)
        if self.grade < self.model.line:
            said += silent
        failure = said / max(told + silent, 1e-6)
        rivals = p.strength_competition * q.comparison
        if self.submitted and self.percentile_rank < 0.5 - 1e-6:
            failure = max(failure, rivals * p.defeat)
        if not self.met_criterion:
            failure = max(failure, rivals * p.unlabelled * self.model.informs)
        return failure

    def make_sense(self) -> None:
        """Read the cause of the result, take the consequences, and stay or stop for good."""
        p = self.model.p
        self.find_cause()
        self.talked = 0.0
        if self.enrolled:
            self.listen_to_teacher()
        self.resolve = self.submitted * self.model.reaches * self.blame * self.to_effort
        if self.submitted:
            self.change_style()
            self.update_expectancy()
        if self.enrolled:
            felt = self.model.reaches * self.blame
            self.history += p.strength_attribution * (1.0 - p.history_memory) * (felt - self.history)
            self.update_control()
        self.feel()
        if self.enrolled:
            self.follow_interest()
            if not self.verdict:
                self.weeks_failing_grade_counted += self.model.counted
                self.weeks_failing_grade_compared += self.model.public
        self.quit_or_stay()
        self.keep_record()

    def find_cause(self) -> None:
        """Ability, effort, task or luck: shares of the weights that the causes have.

        Helplessness gives failures to ability rather than effort, and successes to task and luck; what is a failure in
        part is weighed in part as one.
        """
        p, q, failed = self.model.p, self.model.q, self.blame
        helpless = p.attribution_by_style * (2.0 * self.attribution_style - 1.0)
        helpless += p.attribution_by_history * self.history - p.excuse_worth * self.excuse
        pull = exp(helpless)
        ranked = exp(p.strength_competition * p.comparison_blame * q.comparison)
        consensus = self.model.task_weight
        ability = (1.0 - failed) / pull + failed * pull * ranked
        pole = p.luck_pole  # where what is not given to ability goes: effort, or luck
        effort = (1.0 - failed) + failed * ((1.0 - pole) / pull + pole)
        luck = (1.0 - failed) * pull + failed * (pole / pull + 1.0 - pole)
        task = (1.0 - failed) * pull / consensus + failed * consensus
        total = ability + effort + task + luck
        self.to_ability = mix(p.strength_attribution, 0.25, ability / total)
        self.to_effort = mix(p.strength_attribution, 0.25, effort / total)
        self.to_task = mix(p.strength_attribution, 0.25, task / total)
        self.to_luck = mix(p.strength_attribution, 0.25, luck / total)

    def listen_to_teacher(self) -> None:
        """A talk about the failure for those who seem to need it; for all the message that ability grows."""
        p, q = self.model.p, self.model.q
        if self.blame and q.attribution_talk:
            needs = self.control < self.model.helpless
            noticed = p.teacher_sensitivity if needs else 1.0 - p.teacher_specificity
            if self.luck["detect"][self.model.week] < noticed:
                self.talked = p.strength_story_editing * q.attribution_talk * self.model.reaches * self.blame
                self.blame_effort_instead(p.story_editing_share * self.talked)
        if self.blame and self.targeted and q.targeted_talk:
            # the record shows who needs it
            talk = p.strength_story_editing * q.targeted_talk * self.model.reaches * self.blame
            if talk > self.talked:
                self.blame_effort_instead(p.story_editing_share * (talk - self.talked))
                self.talked = talk
        if q.mindset_message:
            heard = p.strength_mindset * q.mindset_message
            self.blame_effort_instead(p.mindset_shift * heard * self.model.reaches * self.blame)
            self.control += p.mindset_control * heard * (1.0 - self.control)
        if q.coping_models:
            shown = p.strength_models * q.coping_models
            shift = p.models_shift * shown * self.model.reaches * self.blame
            if shift < 0.0:
                shift *= self.to_effort / self.to_ability if self.to_ability else 0.0
            self.blame_effort_instead(shift)
            self.control += p.models_control * shown * self.control * (1.0 - self.control)

    def blame_effort_instead(self, share: float) -> None:
        """A share of what was put down to ability is put down to effort and strategy."""
        moved = share * self.to_ability
        self.to_ability -= moved
        self.to_effort += moved

    def change_style(self) -> None:
        """Repeated attributions become a style: failures to ability and successes to luck make it more helpless."""
        p, failed = self.model.p, self.blame
        up = failed * self.to_ability + (1.0 - failed) * self.to_luck
        down = self.to_effort + (1.0 - failed) * self.to_ability
        rate = p.strength_style_drift * p.attribution_drift * self.model.reaches
        self.attribution_style += rate * (up * (1.0 - self.attribution_style) - down * self.attribution_style)

    def update_expectancy(self) -> None:
        """Success expectancy follows prediction error, of the grade and of the word passed or failed."""
        p, informs = self.model.p, self.model.informs
        apart = self.grade - self.model.class_grade_seen / self.model.class_enrolled
        looks = self.grade + p.strength_competition * p.big_fish * 0.5 * (1.0 + self.model.public) * apart
        looks = mix(p.one_signal, min(max(looks, 0.0), 1.0), self.verdict)
        word = p.verdict_weight * self.model.told
        grade = (1.0 - word) * informs
        error = 0.0
        if word + grade > 0.0:
            outcome = (word * self.verdict + grade * looks) / (word + grade)
            # who is sure of oneself multiplies the odds of it
            seen = outcome * self.confidence / (outcome * self.confidence + 1.0 - outcome)
            error = (word + grade) * (seen - self.expectancy)
        stable = self.to_ability + self.to_task
        rate = p.expectancy_rate * (1.0 - p.stability + 2.0 * p.stability * stable)
        if error < 0.0:
            rate *= 1.0 + p.negativity
        # in a running mean the opening expectancy stands for the first outcomes, one over the rate of them
        one_of_all = 1.0 / (1.0 / p.expectancy_rate + self.model.week)
        self.expectancy += p.strength_expectancy * mix(p.expectancy_by_mean, min(rate, 1.0), one_of_all) * error

    def update_control(self) -> None:
        """Success by effort raises control; failing despite effort lowers it, and so does not handing in."""
        p, failed = self.model.p, self.failure
        bare = 1.0 - p.strength_resilience * p.buffer_control * self.reserve
        if self.submitted:
            # either effort made the result what it is, or it is the result that counts
            credit = mix(p.control_by_outcome, self.to_effort, 1.0)
            despite = mix(p.control_by_outcome, 1.0 - self.to_effort, 1.0)
            gain = p.control_gain * (1.0 - failed) * credit * (1.0 - self.control)
            loss = p.control_loss * failed * despite * self.control * bare
            loss *= 1.0 - p.letting_go * self.model.q.compassion * (self.to_task + self.to_luck)
            change = self.model.reaches * mix(p.control_by_outcome, self.effort, 1.0) * (gain - loss)
            change -= p.support_need * self.unhelped * self.control * bare
        else:
            change = -p.withdrawal_cost * self.control * bare
        self.control += p.strength_helplessness * change

    def hurts(self) -> float:
        """How much a result hurts: a failing grade, one that was repaired, and one below what one aspires to."""
        p = self.model.p
        hurt = self.blame + (1.0 - self.blame) * p.repaired * self.failing_grade_told
        if self.grade < self.model.line + p.aspiration * self.perfectionism:
            hurt += p.strength_perfectionism * p.self_worth * self.perfectionism * self.model.informs
        blame = p.affect_blame * self.blame * self.to_ability
        return hurt * (0.5 + blame) * (1.0 - p.goals_hurt * self.goals)

    def feel(self) -> None:
        """Shame and anxiety rise by the result and by errors in private, and fade; the reserve is spent or steeled."""
        p, q = self.model.p, self.model.q
        resilient = p.strength_resilience
        rise = 0.0
        if self.enrolled:
            threat = p.affect_rise * self.model.reaches * q.threat * (1.0 + p.pressure_affect * self.model.pressure)
            buffered = 1.0 - resilient * p.buffer * self.reserve
            rise = (threat * self.hurts() + max(self.private_hurt, 0.0)) * buffered + min(self.private_hurt, 0.0)
        fades = p.affect_decay * (1.0 + resilient * p.fade_reserve * (2.0 * self.reserve - 1.0))
        fades = min(fades + p.compassion_decay * q.compassion, 1.0)
        faded = self.affect + rise + fades * (self.anxiety - self.affect)
        self.affect = mix(p.strength_affect, self.affect, max(faded, 0.0))
        spent = min(p.reserve_spent * self.affect, 0.8) * self.reserve
        restored = p.reserve_restored * (self.resilience - self.reserve)
        mastered = self.submitted * max(self.setback - self.blame, 0.0)
        steeled = p.steeling * mastered * self.reserve * (1.0 - self.reserve)
        self.reserve += resilient * (restored - spent + steeled)
        self.setback = self.submitted * self.model.reaches * self.blame

    def follow_interest(self) -> None:
        """Competence and choice raise interest, evaluated failure lowers it, and an analysed error makes curious."""
        p, q, failed = self.model.p, self.model.q, self.blame
        change = p.interest_gain * (1.0 - failed) * self.effort * (1.0 - self.interest)
        change -= p.interest_loss * failed * q.threat * self.interest
        chosen = p.interest_choice * q.choice * (1.0 - self.interest)
        self.interest += p.strength_interest * (self.model.reaches * change + chosen)
        curious = p.strength_curiosity * p.curiosity_size * self.analysed
        self.interest += curious * self.interest * (1.0 - self.interest)

    def quit_or_stay(self) -> None:
        """Who hands nothing in for weeks, feels no control and much shame, may stop for good."""
        p = self.model.p
        self.weeks_not_submitted = 0.0 if self.submitted else self.weeks_not_submitted + self.enrolled
        if self.enrolled:
            hazard = (
                p.dropout_level
                + p.dropout_not_submitted * self.weeks_not_submitted
                - p.dropout_control * (self.control - 0.5)
            )
            hazard -= p.dropout_diligence * (self.diligence + self.diligence_drift)
            stays = 1.0 - p.strength_avoidance * logistic(hazard + p.dropout_affect * self.affect)
            if self.luck["quit"][self.model.week] < 1.0 - stays * (1.0 - p.dropout_outside):
                self.enrolled = 0.0

    def keep_record(self) -> None:
        """What the week adds to the year."""
        p, q = self.model.p, self.model.q
        self.weeks_failing_grade_told += self.failing_grade_told
        # last week's failure taught something if more knowledge was brought to this week's test
        if self.below_criterion_before:
            self.weeks_submitted_below_criterion += 1.0
            if self.submitted and self.lacking < self.knowledge_shortfall - 1e-6:
                self.weeks_learned_after_failure += 1.0
        self.below_criterion_before = self.below_criterion * self.submitted
        self.knowledge_shortfall = self.lacking
        if self.submitted:
            self.weeks_failure_heard += self.blame
            self.failure_to_ability_total += self.blame * self.to_ability
            self.weeks_success_heard += 1.0 - self.blame
            self.success_external_total += (1.0 - self.blame) * (self.to_task + self.to_luck)
        self.minutes += p.time_feedback * q.information * self.submitted + p.time_retake * self.retaken
        self.minutes += p.time_adapt * q.adaptive * self.enrolled + p.time_story * self.talked
        if self.repeated:
            self.minutes += p.time_retake + p.time_repeat_help * q.repeat_help
        if self.repeat_passed:
            self.weeks_failing_grade_counted = max(self.weeks_failing_grade_counted - q.counted, 0.0)
        self.weeks_submitted += self.submitted
        self.total_effort += self.effort
        if self.enrolled and self.control < self.model.helpless:
            self.weeks_helpless += 1.0

    def close_unit(self) -> None:
        """Move on with the class or alone; what is left behind lasts in part, more of it where it is revisited."""
        p, q = self.model.p, self.model.q
        if not self.enrolled:
            self.moved = 0.0
            return
        waits = self.model.class_waits + q.self_paced * (1.0 - self.unit_passed)
        self.moved = max(1.0 - waits, 0.0)
        self.unit += self.moved
        self.units_mastered += self.moved * self.unit_passed
        if q.repeats:
            self.set_again()
        lasting = p.retention * (1.0 + p.strength_forgetting * p.spacing_gain * q.spiral) * self.moved
        self.cumulative_conceptual += lasting * (self.conceptual - self.cumulative_conceptual)
        self.cumulative_procedural += lasting * (self.procedural - self.cumulative_procedural)

    def set_again(self) -> None:
        """A failed unit that is left behind is set again in the next weeks, in place of one that was before."""
        p, q = self.model.p, self.model.q
        share = p.strength_attribution * (1.0 - p.history_memory)
        self.repeat_record *= 1.0 - share
        if self.verdict or self.moved <= 0.5 or (q.assignment_every and not self.model.assignment_due):
            return
        self.repeats_left = q.repeats
        self.repeat_margin = 0.5 * (self.conceptual + self.procedural) - self.syllabus
        self.repeat_units = self.moved * (1.0 - self.unit_passed)
        self.repeat_record = share * self.model.reaches * self.blame


class PeerClassroom(mesa.Model):
    """One class under one policy, week by week.

    Args:
        seats: one room; a seat that nobody sits on gets no agent.
        policy: the policy, which may change in mid-year.
        parameters: the world's numbers by name.
        weeks: length of the year; the random numbers of all weeks are drawn before it begins.
        flip: one outcome to turn round.
        helpless: perceived control (share) below which a week counts as helpless.
    """

    def __init__(
        self,
        seats: Seats,
        policy: Policy | PolicyChange,
        parameters: Mapping[str, float],
        weeks: int,
        flip: Flip = Flip(),  # noqa: B008
        helpless: float = NORMS["helpless_control"],
    ) -> None:
        super().__init__(rng=seats.seed)
        self.p, self.flip, self.weeks, self.week, self.helpless = World(**parameters), flip, weeks, 0, helpless
        self.stages = {stage.start: Levers(**stage.policy) for stage in policy.stages}
        self.q = self.stages[0]
        self.line = self.pressure = self.push = self.incentive = self.informs = self.timely = self.reaches = 0.0
        self.friendship = self.task_weight = 1.0
        self.struggle = 0.0
        self.assignment_due, self.told, self.counted, self.public = False, 0.0, 0.0, 0.0
        self.class_enrolled = self.class_grade_seen = self.class_waits = 0.0

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
        self.class_knowledge = sum(student.opening_knowledge for student in self.agents) / len(self.agents)
        for student in self.agents:
            student.strong = 1.0 if student.opening_knowledge > self.class_knowledge else 0.0

    @property
    def students(self) -> list[Student]:
        """The students in the order of their seats."""
        return list(self.agents)

    def set_terms(self) -> None:
        """Where a pass begins, how the stakes press, what a grade is worth, what feedback tells, what rivals share."""
        p, q = self.p, self.q
        cut = logistic(q.cut)
        self.line = cut + q.comparison * (q.quota + 1e-6 - cut)
        self.pressure = p.strength_pressure * (q.stakes - 0.5)
        self.incentive = p.strength_grade_incentive * p.grade_incentive_size * q.counted * q.stakes
        self.push = q.threat * q.stakes
        self.informs = q.information * (1.0 - p.strength_competition * p.rank_uninformative * q.comparison)
        self.timely = 1.0 - p.delay_cost * q.feedback_delay
        # where there are assignments nothing else is graded
        every, week = int(q.assignment_every), self.week + 1
        self.assignment_due = every > 0 and week % every == 0
        graded = self.assignment_due or not every
        self.told, self.counted, self.public = (graded * lever for lever in (q.told, q.counted, q.public))
        self.reaches = self.told + (1.0 - self.told) * p.unlabelled * q.information
        self.friendship = 1.0 - p.strength_competition * p.rivalry * q.comparison
        # how much of the instruction follows the student's own attempt
        self.struggle = q.problem_first - q.problem_first * q.others_attempts

    def step(self) -> None:
        """Run one week: what students do alone, and between it what the class has in common."""
        p, students, size = self.p, self.agents, len(self.agents)
        self.q = q = self.stages.get(self.week, self.q)
        self.set_terms()
        students.do("begin_week")
        students.do("decide_effort")
        self.class_enrolled = max(sum(student.enrolled for student in students) / size, 0.001)
        students.do("look_at_friends")
        students.do("practise")
        if q.cooperation:
            students.do("work_together")
        if q.problem_first:
            students.do("be_taught", self.struggle)
        if q.information or q.targeted_information:
            students.do("study_feedback")
        students.do("take_test")
        if q.comparison:
            ranking = [student.ranking_margin(student.test_margin_drawn) for student in students]
            students.do("take_place", ranking)
        students.do("hear_grade")
        failed = sum(student.enrolled * student.failure for student in students) / size
        self.task_weight = exp(p.consensus * self.reaches * (2.0 * failed / self.class_enrolled - 1.0))
        self.class_grade_seen = sum(student.enrolled * student.grade for student in students) / size
        students.do("make_sense")
        self.class_waits = 0.0
        if q.waiting:
            ready = sum(student.unit_passed if student.enrolled else 1.0 for student in students) / size
            self.class_waits = q.waiting if ready < q.mastery_share - 1e-6 else 0.0
        students.do("close_unit")
        self.week += 1

    def run(self) -> PeerClassroom:
        """Run all weeks that are left."""
        for _ in range(self.weeks - self.week):
            self.step()
        return self
