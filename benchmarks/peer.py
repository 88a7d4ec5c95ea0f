"""The whole model once more, written by hand as a plain Mesa model: the yardstick for results and for speed.

Nothing here calls an equation of `setback.model`; shared are the data (parameters, policies, seats, flips) and chance.
Every number is a Python float, and students act one after the other between the means of the class.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from math import exp, sqrt

import mesa
import numpy as np
from setback.model.block import draw_luck
from setback.model.outcomes import RULER
from setback.model.seats import Seats
from setback.model.state import OPENED, ROSTER, STATE, TALLY, TRAITS, Flip
from setback.model.week import OPENING, WEEK

#: Logits by which a flip carries a performance across its threshold, and what that is on the scale of grades.
ACROSS, ACROSS_GRADE = 0.05, 0.0125
#: Keeps rounding from deciding ties with a quota or with the share of the class that must be ready.
MILLIONTH = 1e-6


class Setting:
    """One policy in one world: the numbers that students use every week, worked out once.

    Args:
        p: the parameters of the world by name.
        q: the levers of the policy by name.
        helpless: perceived control (share) below which a week counts as helpless.
    """

    def __init__(self, p: Mapping[str, float], q: Mapping[str, float], helpless: float) -> None:
        # readiness and the unit
        self.drift_memory = p["drift_memory"]
        self.drift_step = p["switch_drift"] * p["drift_sd"] * sqrt(1.0 - p["drift_memory"] ** 2)
        self.impairment = p["impairment"]
        self.kept = 1.0 - p["switch_forgetting"] * p["forgetting"]
        self.level = q["level"]
        self.rise = p["syllabus_slope"] * q["pace"]
        self.adaptive = q["adaptive"]
        self.target = q["target"]
        self.any_fit = 1.0 - p["switch_challenge"]
        self.best_fit = p["switch_challenge"]
        self.challenge_curvature = p["challenge_curvature"]
        self.best_challenge = p["best_challenge"]

        # handing in and effort
        self.avoidance = p["switch_avoidance"]
        self.skip_level = p["skip_level"] + 0.5 * p["skip_control"]
        self.skip_affect = p["skip_affect"]
        self.skip_control = p["skip_control"]
        self.given_effort = (1.0 - p["switch_effort"]) * p["reference_effort"]
        self.own_effort = p["switch_effort"]
        self.effort_level = p["effort_level"] - 0.5 * p["effort_control"]
        self.effort_utility = p["effort_value"] * p["utility_value"]
        self.effort_interest = p["effort_value"] * (1.0 - p["utility_value"])
        self.effort_control = p["effort_control"]
        self.effort_challenge = p["effort_challenge"]
        self.effort_affect = p["effort_affect"]

        # instruction and practice
        self.early = 1.0 - q["problem_first"]
        self.late = q["problem_first"]
        self.instruction_conceptual = p["instruction_conceptual"]
        self.instruction_procedural = p["instruction_procedural"]
        self.prepared = p["preparation_gain"] * q["consolidation"]
        self.activation = p["switch_preparation"] * p["activation"] * q["problem_first"]
        self.friends_help = p["switch_peers"] * p["friends_help"]
        self.practice_rate = p["practice_rate"] * (
            1.0 - p["switch_preparation"] * p["exploration_cost"] * q["problem_first"]
        )

        # the attempt and its error
        self.attempt_noise = p["attempt_noise"]
        self.ego_threat = p["switch_ego_threat"] * p["ego_threat"] * (0.5 + q["threat"])
        self.given_analysis = (1.0 - p["switch_failure_analysis"]) * p["reference_engagement"]
        self.own_analysis = p["switch_failure_analysis"]
        self.engage_level = (
            p["engage_level"] + p["engage_friendly"] * q["friendly"] - 0.5 * (p["engage_control"] + p["engage_reserve"])
        )
        self.engage_control = p["engage_control"]
        self.engage_reserve = p["engage_reserve"]
        self.engage_depth = p["engage_depth"]
        self.help_at_once = p["switch_support"] * q["rescue"]
        self.help_when_lost = p["switch_support"] * (q["rescue"] + (1.0 - q["rescue"]) * q["responsive"])
        self.lost_depth = p["lost_depth"]
        self.error_gain = p["error_gain"]
        self.any_depth = 1.0 - p["switch_near_miss"]
        self.near_depth = p["switch_near_miss"]
        self.near_miss = p["near_miss"]
        self.help_gain = p["help_gain"]

        # the test and the grade
        self.assess_noise = p["assess_noise"]
        self.comparison = q["comparison"]
        cut = 1.0 / (1.0 + exp(-q["cut"]))
        self.line = cut + q["comparison"] * (q["quota"] + MILLIONTH - cut)
        self.retakes = q["retakes"]
        self.retake_gain = p["retake_gain"]
        self.told = q["told"]
        self.counted = q["counted"]
        self.public = q["public"]

        # causes
        self.attribution_style = p["attribution_style"]
        self.attribution_history = p["attribution_history"]
        self.consensus = p["consensus"]
        self.rank_blame = p["comparison_blame"] * q["comparison"]
        self.equal_share = (1.0 - p["switch_attribution"]) * 0.25
        self.own_share = p["switch_attribution"]
        self.style_rate = p["switch_attribution_drift"] * p["attribution_drift"]

        # consequences; a failure that nobody calls one counts in part
        failing = p["unlabelled"] + (1.0 - p["unlabelled"]) * q["told"]
        self.failing = failing
        self.history_rate = 1.0 - p["history_memory"]
        self.verdict = p["verdict_weight"] * q["told"]
        self.expectancy_rate = p["switch_expectancy"] * p["expectancy_rate"] * q["information"]
        self.passing_cause = 1.0 - p["stability"]
        self.stable_cause = 2.0 * p["stability"]
        self.bad_news = 1.0 + p["negativity"]
        self.control_gain = p["switch_helplessness"] * p["control_gain"]
        self.control_loss = p["switch_helplessness"] * p["control_loss"] * failing
        self.affect_rise = p["switch_affect"] * p["affect_rise"] * failing * q["threat"] * (0.5 + q["stakes"])
        self.affect_blame = p["affect_blame"]
        self.affect_kept = 1.0 - p["switch_affect"] * p["affect_decay"]
        self.buffer = p["buffer"]
        self.reserve_spent = p["reserve_spent"]
        self.reserve_restored = p["reserve_restored"]
        self.resilience_switch = p["switch_resilience"]
        self.interest_gain = p["switch_interest"] * p["interest_gain"]
        self.interest_loss = p["switch_interest"] * p["interest_loss"] * failing * q["threat"]

        # stopping and moving on
        self.quit_level = p["quit_level"] + 0.5 * p["quit_control"]
        self.quit_idle = p["quit_idle"]
        self.quit_control = p["quit_control"]
        self.quit_affect = p["quit_affect"]
        self.waiting = q["waiting"]
        self.ready = q["ready"] - MILLIONTH
        self.self_paced = q["self_paced"]
        self.retention = p["retention"]
        self.helpless = helpless


class Student(mesa.Agent):
    """One student, who carries every slot of a student in `setback.model.state` under its own name.

    Args:
        model: the class.
        seat: seat number.
        known: standard scores of the traits that the roster gives.
        opening: this student's standard normal numbers for the opening, by decision.
        luck: this student's numbers for each decision of the week, one a week.
    """

    # attributes in slots are read faster than those in a dict of this size
    __slots__ = (
        *(slot.name for slot in (*OPENED, *STATE, *TALLY) if slot.of == "student"),
        *("seat", "friends", "friend_weight", "turned"),
        *("drift_luck", "hand_in_luck", "attempt_luck", "assess_luck", "retake_luck", "quit_luck"),
        *("form", "syllabus", "task", "fit", "tried", "effort", "margin", "standing", "ranked_by", "position"),
        *("heard", "mastery"),
    )

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
        p = model.parameters
        self.seat = seat
        self.friends: list[Student] = []
        self.friend_weight = 0.0
        self.turned = False  # whether a flip turns an outcome of this student round this week
        self.drift_luck, self.hand_in_luck = luck["drift"], luck["hand-in"]
        self.attempt_luck, self.assess_luck = luck["attempt"], luck["assess"]
        self.retake_luck = luck["retake-1"], luck["retake-2"]
        self.quit_luck = luck["quit"]

        def score(trait: str, r: float, parent: float) -> float:
            drawn = r * parent + sqrt(1.0 - r * r) * opening[trait.replace("_", "-")]
            return known.get(trait, drawn)

        def share(trait: str, standard_score: float) -> float:
            name = "style" if trait == "attribution_style" else trait
            return 1.0 / (1.0 + exp(-p[f"{name}_mean"] - p[f"{name}_sd"] * standard_score))

        # traits
        self.knowledge_score = score("prior_knowledge", sqrt(p["class_share"]), model.class_level)
        self.opening_knowledge = p["knowledge_mean"] + p["knowledge_sd"] * self.knowledge_score
        self.learning_rate = exp(
            p["learning_rate_sd"] * score("learning_rate", p["rate_knowledge"], self.knowledge_score)
        )
        self.resilience_score = score("resilience", p["resilience_knowledge"], self.knowledge_score)
        self.resilience = share("resilience", self.resilience_score)
        self.style_score = score("attribution_style", p["style_resilience"], self.resilience_score)
        self.expectancy_score = score("expectancy", p["expectancy_knowledge"], self.knowledge_score)

        # states
        self.conceptual = self.procedural = self.opening_knowledge
        self.cumulative_conceptual = self.cumulative_procedural = self.opening_knowledge
        self.expectancy = share("expectancy", self.expectancy_score)
        self.control = share("control", score("control", p["control_style"], self.style_score))
        self.style = share("attribution_style", self.style_score)
        self.interest = share("interest", score("interest", p["interest_expectancy"], self.expectancy_score))
        self.reserve = self.resilience
        self.drift = p["switch_drift"] * p["drift_sd"] * opening["drift-start"]
        self.affect = self.preparation = self.history = 0.0
        self.enrolled = 1.0
        self.idle = self.advance = self.unit = self.mastered = 0.0

        # the week
        self.form = self.syllabus = self.task = self.fit = self.tried = self.effort = 0.0
        self.margin = self.standing = self.ranked_by = self.position = self.heard = self.mastery = 0.0

        # the year
        self.errors = self.failures = self.failures_told = self.failures_counted = self.failures_compared = 0.0
        self.weeks_handed_in = self.weeks_helpless = self.total_effort = self.total_tested = 0.0

    def prepare_week(self, now: Setting, week: int) -> None:
        """Meet the unit and its task; decide whether to hand in, and how hard to try."""
        affect = self.affect
        self.drift = drift = now.drift_memory * self.drift + now.drift_step * self.drift_luck[week]
        self.form = form = drift - now.impairment * affect

        # a new unit starts from its prerequisites, a repeated one from what is not yet forgotten
        kept = (1.0 - self.advance) * now.kept
        base = self.cumulative_conceptual
        self.conceptual = conceptual = base + kept * (self.conceptual - base)
        base = self.cumulative_procedural
        self.procedural = procedural = base + kept * (self.procedural - base)
        self.syllabus = syllabus = now.level + now.rise * self.unit

        self.tried = self.effort = 0.0
        if not self.enrolled:
            return
        control = self.control
        skip = 1.0 / (1.0 + exp(now.skip_control * control - now.skip_level - now.skip_affect * affect))
        if self.hand_in_luck[week] < now.avoidance * skip:
            return
        self.tried = 1.0
        ready = 0.5 * (conceptual + procedural) + form
        self.task = task = syllabus + now.adaptive * (ready + now.target - syllabus)
        challenge = task - ready
        off = challenge - now.best_challenge
        self.fit = now.any_fit + now.best_fit * exp(-now.challenge_curvature * off * off)
        want = (
            now.effort_level
            + self.expectancy * (now.effort_utility + now.effort_interest * self.interest)
            + now.effort_control * control
            - now.effort_affect * affect
        )
        if challenge > 0.0:
            want -= now.effort_challenge * challenge
        self.effort = effort = now.given_effort + now.own_effort / (1.0 + exp(-want))
        self.weeks_handed_in += 1.0
        self.total_effort += effort

    def practise(self, now: Setting, week: int) -> None:
        """Instruction, an attempt and its error, more practice, the rest of the instruction."""
        if not self.tried:
            self.preparation *= now.late * now.early  # each part of the instruction passes, and nothing builds on it
            return
        effort, learning_rate, preparation = self.effort, self.learning_rate, self.preparation
        conceptual, procedural = self.conceptual, self.procedural
        helping = 0.0
        for friend in self.friends:
            helping += friend.effort
        practice = effort * self.fit * learning_rate
        instruction = practice * (1.0 + now.friends_help * self.friend_weight * helping)

        early, late = now.early, now.late
        if early:
            gain = early * instruction
            conceptual += now.instruction_conceptual * gain * (1.0 + now.prepared * preparation)
            procedural += now.instruction_procedural * gain
            preparation *= late

        depth = self.task - 0.5 * (conceptual + procedural) - self.form - now.attempt_noise * self.attempt_luck[week]
        if self.turned and self.model.flip.practice > 0.5:
            to = self.model.flip.depth
            depth = to if to > 0.0 else -ACROSS if depth > 0.0 else ACROSS
        if depth > 0.0:
            self.errors += 1.0
            stay = (
                now.engage_level
                + now.engage_control * self.control
                + now.engage_reserve * self.reserve
                - now.engage_depth * depth
                - now.ego_threat * self.affect
            )
            analysed = now.given_analysis + now.own_analysis / (1.0 + exp(-stay))
            helped = now.help_when_lost if depth > now.lost_depth else now.help_at_once
            nearness = now.any_depth + now.near_depth * exp(-now.near_miss * depth)
            alone = analysed * (1.0 - helped)
            gain = effort * learning_rate * (now.error_gain * alone * nearness + now.help_gain * helped)
            conceptual += gain
            procedural += gain
            preparation += now.activation * effort * alone * (1.0 - preparation)
        procedural += now.practice_rate * practice

        if late:
            gain = late * instruction
            conceptual += now.instruction_conceptual * gain * (1.0 + now.prepared * preparation)
            procedural += now.instruction_procedural * gain
            preparation *= early
        self.conceptual, self.procedural, self.preparation = conceptual, procedural, preparation

    def take_test(self, now: Setting, week: int) -> None:
        """Perform once, with luck of its own; below the fixed criterion it is a failure, as is not handing in."""
        conceptual = self.conceptual
        ready = 0.5 * (conceptual + self.procedural) + self.form
        drawn = margin = ready + now.assess_noise * self.assess_luck[week] - self.syllabus
        if self.turned and self.model.flip.luck > 0.5:
            margin = ACROSS if drawn < 0.0 else -ACROSS
        self.margin = margin
        self.total_tested += conceptual
        if self.tried and margin >= 0.0:
            self.mastery = 1.0
        else:
            self.mastery = 0.0
            self.failures += 1.0
        if now.comparison:
            # missing work ranks last; who has stopped stands above everybody, out of the way of the quota
            last = -1000.0 if self.enrolled else 1000.0
            self.standing, self.ranked_by = (margin, drawn) if self.tried else (last, last)

    def take_rank(self, ranking: list[float]) -> None:
        """Share of the class that is below, ties and oneself counted one half; ``ranking`` is sorted."""
        own, seen = self.standing, self.ranked_by
        twice = bisect_left(ranking, own) + bisect_right(ranking, own)
        # a flip moves the student but not what the others see, so the student's own entry is replaced by a tie
        twice += 1 - (seen < own) - (seen <= own)
        self.position = 0.5 * twice / len(ranking)

    def hear_grade(self, now: Setting, class_enrolled: float, week: int) -> None:
        """Hear how far past the line the grade is; going back to a failed test may lift it."""
        heard = -now.line
        if self.tried:
            score = 1.0 / (1.0 + exp(-self.margin))
            heard += score
            if now.comparison:
                heard += now.comparison * (self.position / class_enrolled - score)
        if self.turned and self.model.flip.label > 0.5:
            heard = ACROSS_GRADE if heard < 0.0 else -ACROSS_GRADE
        if heard < 0.0:
            self.failures_told += now.told
            if self.tried and now.retakes >= 1.0:
                heard = self.retake(now, heard, week)
        self.heard = heard

    def retake(self, now: Setting, heard: float, week: int) -> float:
        """Correct the work and take the test again, until it passes or no retake is left; what is heard then."""
        fixed = now.retake_gain * self.effort
        for number, luck in enumerate(self.retake_luck, 1):
            if heard >= 0.0 or number > now.retakes:
                break
            self.conceptual += fixed
            self.procedural += fixed
            ready = 0.5 * (self.conceptual + self.procedural) + self.form
            margin = ready + now.assess_noise * luck[week] - self.syllabus
            heard = max(heard, 1.0 / (1.0 + exp(-margin)) - now.line)
            if margin >= 0.0:
                self.mastery = 1.0
        return heard

    def make_sense(self, now: Setting, task_if_failed: float, task_if_passed: float, week: int) -> None:
        """Read the causes, take the consequences, and stay or stop for good."""
        failed = self.heard < 0.0
        tried, effort, control, affect, reserve = self.tried, self.effort, self.control, self.affect, self.reserve

        new_affect = now.affect_kept * affect
        if self.enrolled:
            # causes: a softmax with effort as the reference
            style, history = self.style, self.history
            pull = now.attribution_style * (2.0 * style - 1.0) + now.attribution_history * history
            if failed:
                ability, task, luck = exp(pull + now.rank_blame), task_if_failed, 1.0
            else:
                luck = exp(pull)
                ability, task = 1.0 / luck, task_if_passed
            share = now.own_share / (1.0 + ability + task + luck)
            equal = now.equal_share
            to_ability, to_effort, to_task = equal + ability * share, equal + share, equal + task * share

            if failed:
                self.history = history + now.history_rate * (now.failing - history)
                hurt = now.affect_rise * (0.5 + now.affect_blame * to_ability)
                new_affect += hurt * (1.0 - now.buffer * reserve)
            else:
                self.history = history - now.history_rate * history

            if tried:
                outcome = self.heard + now.line
                if failed:
                    up, down = now.failing * to_ability, now.failing * to_effort
                    outcome -= now.verdict * outcome
                    control -= now.control_loss * effort * (1.0 - to_effort) * control
                else:
                    up, down = equal + luck * share, to_ability + to_effort
                    outcome += now.verdict * (1.0 - outcome)
                    control += now.control_gain * effort * to_effort * (1.0 - control)
                self.control = control
                self.style = style + now.style_rate * (up * (1.0 - style) - down * style)
                error = outcome - self.expectancy
                rate = now.expectancy_rate * (now.passing_cause + now.stable_cause * (to_ability + to_task))
                if error < 0.0:
                    rate *= now.bad_news
                self.expectancy += rate * error

        self.affect = affect = new_affect
        spent = now.reserve_spent * affect
        if spent > 0.8:
            spent = 0.8
        restored = now.reserve_restored * (self.resilience - reserve)
        self.reserve = reserve + now.resilience_switch * (restored - spent * reserve)
        if failed:
            self.interest -= now.interest_loss * self.interest
        else:
            self.interest += now.interest_gain * effort * (1.0 - self.interest)

        # who stays
        idle = self.idle = 0.0 if tried else self.idle + self.enrolled
        if self.enrolled:
            staying = now.quit_control * control - now.quit_level - now.quit_idle * idle - now.quit_affect * affect
            if self.quit_luck[week] < now.avoidance / (1.0 + exp(staying)):
                self.enrolled = 0.0

        # the year
        if failed and self.enrolled:
            self.failures_counted += now.counted
            self.failures_compared += now.public
        if control < now.helpless:
            self.weeks_helpless += 1.0

    def close_unit(self, now: Setting, class_waits: float) -> None:
        """Move on with the class or alone; what is left behind lasts in part."""
        if not self.enrolled:
            self.advance = 0.0
            return
        waits = class_waits if self.mastery else class_waits + now.self_paced
        self.advance = advance = 1.0 - waits if waits < 1.0 else 0.0
        self.unit += advance
        self.mastered += advance * self.mastery
        lasting = now.retention * advance
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
        self.parameters, self.flip, self.switch = parameters, flip, switch
        self.weeks, self.week = weeks, 0
        self.first = Setting(parameters, policy, helpless)
        self.second = Setting(parameters, then, helpless) if then is not None else self.first

        # (decision) -> (seat), and (decision) -> (seat, week)
        opening = {name: z[:, 0].tolist() for name, z in draw_luck(OPENING, seats, None).items()}
        drawn = [draw_luck(WEEK, seats, week) for week in range(weeks)]
        luck = {name: np.stack([numbers[name][:, 0] for numbers in drawn], axis=1).tolist() for name in drawn[0]}
        [self.class_level] = opening.pop("class-level")

        roster = {slot.name: row.tolist() for slot, row in zip(ROSTER, seats.roster[..., 0], strict=True)}
        self.students = [
            Student(
                self,
                seat,
                {trait: roster[f"given_{trait}"][seat] for trait in TRAITS if roster[f"known_{trait}"][seat]},
                {name: numbers[seat] for name, numbers in opening.items()},
                {name: numbers[seat] for name, numbers in luck.items()},
            )
            for seat, present in enumerate(roster["present"])
            if present
        ]
        by_seat = {student.seat: student for student in self.students}
        for student in self.students:
            named = seats.weight[:, student.seat, 0] > 0.0
            student.friends = [by_seat[seat] for seat in seats.friends[named, student.seat, 0].tolist()]
            student.friend_weight = 1.0 / max(len(student.friends), 1)
        self.twin = by_seat.get(int(flip.seat))

    def step(self) -> None:
        """Live through one week."""
        week, students, size = self.week, self.students, len(self.students)
        now = self.first if week < self.switch else self.second
        if self.twin is not None:
            self.twin.turned = week == self.flip.week

        enrolled = 0.0
        for student in students:
            enrolled += student.enrolled
            student.prepare_week(now, week)
        class_enrolled = max(enrolled / size, 0.001)

        for student in students:
            student.practise(now, week)
            student.take_test(now, week)

        if now.comparison:
            ranking = sorted([student.ranked_by for student in students])
            for student in students:
                student.take_rank(ranking)

        failed = 0.0
        for student in students:
            student.hear_grade(now, class_enrolled, week)
            if student.heard < 0.0:
                failed += student.enrolled

        # if everybody did the same it was the task
        alike = 2.0 * failed / size / class_enrolled - 1.0
        task_if_failed, task_if_passed = exp(now.consensus * alike), exp(-now.consensus * alike)
        for student in students:
            student.make_sense(now, task_if_failed, task_if_passed, week)

        class_waits = 0.0
        if now.waiting:
            ready = sum([student.mastery if student.enrolled else 1.0 for student in students])
            if ready / size < now.ready:
                class_waits = now.waiting
        for student in students:
            student.close_unit(now, class_waits)
        self.week += 1

    def run(self) -> PeerClassroom:
        """Live through all weeks that are left."""
        for _ in range(self.weeks - self.week):
            self.step()
        return self
