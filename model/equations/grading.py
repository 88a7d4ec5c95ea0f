"""Grading: what a performance becomes when a student hears of it, a grade (how far, which place) and a verdict."""

from setback.model.arithmetic import floor, indicator, logistic, maximum, minimum, where
from setback.model.mechanism import Param, mechanism


@mechanism("assignment_due result_told result_counted result_public", kind="teacher")
def announce(week, q):
    """Whether an assignment is due this week, and whether the week's result is told, counted and made public.

    A policy with assignments grades nothing else: its other tests are quizzes. A policy without them grades every test.
    """
    every, assigns = maximum(q.assignment_every, 1.0), indicator(q.assignment_every > 0.0)
    due = assigns * indicator(week - every * floor(week / every) > every - 1.5)  # weeks count from 0
    graded = 1.0 - assigns + due
    return due, graded * q.told, graded * q.counted, graded * q.public


@mechanism("ranking_margin ranking_margin_seen", lever="comparison")
def stand(test_margin, test_margin_drawn, submitted, enrolled, q):
    """By what a student is ranked, and by what classmates are: work that is not handed in ranks last.

    A flip moves the place of its student among the others, and nobody else's: their grades of the week stay.
    Where nobody compares, all stand alike.
    """
    ranks = indicator(q.comparison > 0.0)
    last = where(enrolled > 0.5, -1000.0, 1000.0)
    return ranks * where(submitted > 0.5, test_margin, last), ranks * where(submitted > 0.5, test_margin_drawn, last)


@mechanism("line", kind="teacher")
def draw_line(q):
    """The grade at which a pass begins: the cut as a score, or the quota as a place in the class.

    A place exactly on the quota fails; the millionth keeps rounding from deciding it.
    """
    cut = logistic(q.cut)
    return cut + q.comparison * (q.quota + 0.000001 - cut)


@mechanism("score grade")
def grade(test_margin, submitted):
    """The grade is the score of the student's test."""
    score = submitted * logistic(test_margin)
    return score, score


@mechanism("score grade", lever="grade_practice")
def grade_attempts(score, attempt_shortfall, submitted, q):
    """A policy may grade the attempt at practice as well: a share of the grade is the score of the attempt."""
    mixed = score + q.grade_practice * submitted * (logistic(-attempt_shortfall) - score)
    return mixed, mixed


@mechanism("percentile_rank grade", lever="comparison", source="butler-1988")
def compare(score, seat_rank, class_enrolled, submitted, q):
    """Norm-referenced: the grade is the place in the class, or a mixture of place and score."""
    place = indicator(q.comparison > 0.0) * submitted * seat_rank / maximum(class_enrolled, 0.001)
    return place, score + q.comparison * (place - score)


@mechanism("verdict")
def utter(grade, line):
    """The verdict is about the grade: passed from the line on, failed below it."""
    return indicator(grade >= line)


@mechanism("verdict", lever="flip.label")
def turn_verdict(verdict, seat, week, flip):
    """A label flip turns the verdict alone; grade, score, depth and knowledge stay."""
    return where((seat == flip.seat) & (week == flip.week) & (flip.label > 0.5), 1.0 - verdict, verdict)


@mechanism("grade_learning heard_learning failing_grade_told")
def hear_of_learning(score, verdict, enrolled, result_told):
    """The result as it reaches going back to the error; being told that it is a failing one is (iii-a)."""
    return score, 1.0 - verdict, result_told * enrolled * (1.0 - verdict)


@mechanism(
    strength={"competition": "a rank tells as much as a score"}, source="butler-1988",
    parameters=(
        Param("rank_uninformative", "φ_X", 0.4, 0.0, 1.0, "share", "assumed",
              "How much less a rank in the class tells of what was learnt than a score does.",
              mechanism="competition", gained=True),
    ),
)  # fmt: skip
def informs(p, q):
    """How much of what feedback could say reaches the student; a rank tells less of what was learnt."""
    return q.information * (1.0 - p.strength_competition * p.rank_uninformative * q.comparison)


@mechanism(
    parameters=(
        Param("unlabelled", "λ_0", 0.5, 0.0, 1.0, "share", "assumed",
              "How much of a failure a shortfall is that nobody calls one, where feedback says all there is to say."),
    ),
)  # fmt: skip
def reaches(told, p, q):
    """How much of a failure or success a result is: all where one is told, else part, as far as feedback tells."""
    return told + (1.0 - told) * p.unlabelled * q.information


@mechanism(
    "failure", strength={"competition": "nobody is defeated"}, source="butler-1988",
    parameters=(
        Param("defeat", "φ_N", 0.4, 0.0, 1.0, "share", "assumed",
              "How much of a failure a rank below the middle of the class is, even where it is no failing grade.",
              mechanism="competition", gained=True),
    ),
)  # fmt: skip
def take_as_failure(grade, verdict, line, met_criterion, percentile_rank, submitted, result_told, p, q):
    """What a result is taken for, from 0 (success) to 1 (failure).

    A verdict speaks where one is uttered, the grade as far as none is. Under a rank a place below the middle is a
    defeat (the millionth keeps rounding from deciding it); and who falls short of the criterion hears of it as far as
    feedback tells, though nobody calls it failing.
    """
    silent = (1.0 - result_told) * p.unlabelled * q.information
    said = result_told * (1.0 - verdict) + silent * indicator(grade < line)
    alone = said / maximum(result_told + silent, 0.000001)
    rivals = p.strength_competition * q.comparison
    defeated = rivals * p.defeat * submitted * indicator(percentile_rank < 0.499999)  # the middle is none
    short = rivals * p.unlabelled * informs(p, q) * (1.0 - met_criterion)
    return maximum(alone, maximum(defeated, short))


@mechanism(
    "failure", lever="open_tasks", strength={"partial_success": "a failure is a failure"}, group="reading the cause",
    effect="where there is more than one way to succeed, what went well takes from a failure", source="assumed",
    parameters=(
        Param("partial_success_size", "φ_O", 0.5, 0.0, 1.0, "share", "assumed",
              "How much of a failure the part of the work takes away that went well, where all tasks are open.",
              gained=True),
    ),
)  # fmt: skip
def succeed_in_part(failure, grade, p, q):
    """Open tasks have more than one way to succeed: a result is less all or nothing."""
    return failure * (1.0 - p.strength_partial_success * p.partial_success_size * q.open_tasks * grade)


@mechanism(
    strength={"misreading": "what was said is heard"}, group="reading the cause",
    effect="what is no verdict is heard as blame by the anxious", source="assumed",
    parameters=(
        Param("misreading_size", "φ_M", 0.0, 0.0, 0.8, "share", "assumed",
              "How much of a failure somebody with one point of shame and anxiety hears where nobody utters a verdict.",
              gained=True),
    ),
)  # fmt: skip
def misread(failure, affect, result_told, p):
    """Where nobody utters a verdict the anxious hear blame, whatever is meant."""
    blame = p.strength_misreading * p.misreading_size * (1.0 - result_told) * minimum(affect, 1.0)
    return failure + blame * (1.0 - failure)


@mechanism(
    "heard_attribution heard_expectancy heard_control heard_affect heard_peers grade_expectancy grade_affect "
    "grade_peers",
)  # fmt: skip
def receive(failure, verdict, grade, affect, result_told, p):
    """What was heard reaches the student through parallel receivers; each reads its own copy.

    Expectancy reads the verdict itself and the grade, the others what the result is taken for, which the anxious may
    mishear where causes are read and where it hurts.
    """
    heard = misread(failure, affect, result_told, p)
    return heard, 1.0 - verdict, failure, heard, failure, grade, grade, grade


@mechanism("failing_grade failing_grade_seen grade_seen")
def show_result(verdict, heard_peers, grade_peers, enrolled):
    """Who has a failing grade in the end, what classmates see of failing, and of grades."""
    return enrolled * (1.0 - verdict), enrolled * heard_peers, enrolled * grade_peers
