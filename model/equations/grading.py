"""Grading: what a performance becomes when a student hears of it."""

from setback.model.arithmetic import indicator, logistic, maximum, where
from setback.model.mechanism import Param, mechanism


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


@mechanism("score heard")
def grade(test_margin, submitted, line):
    """The grade is the student's score; what is heard is how far it lies past the line."""
    score = submitted * logistic(test_margin)
    return score, score - line


@mechanism("score heard", lever="grade_practice")
def grade_attempts(score, attempt_shortfall, submitted, line, q):
    """A policy may grade the attempt at practice as well: a share of the grade is the score of the attempt."""
    mixed = score + q.grade_practice * submitted * (logistic(-attempt_shortfall) - score)
    return mixed, mixed - line


@mechanism("percentile_rank heard", lever="comparison", source="butler-1988")
def compare(score, seat_rank, class_enrolled, submitted, line, q):
    """Norm-referenced: the grade is the place in the class, or a mixture of place and score."""
    place = indicator(q.comparison > 0.0) * submitted * seat_rank / maximum(class_enrolled, 0.001)
    return place, score + q.comparison * (place - score) - line


@mechanism("heard", lever="flip.label")
def turn_verdict(heard, seat, week, flip):
    """A label flip carries only what is heard just across the line.

    By 0.0125, which is what 0.05 logit are at a score of one half.
    """
    across = where(heard < 0.0, 0.0125, -0.0125)
    return where((seat == flip.seat) & (week == flip.week) & (flip.label > 0.5), across, heard)


@mechanism("heard_learning failing_grade_told")
def hear_of_learning(heard, enrolled, q):
    """The grade as it reaches going back to the error; being told that it is a failing one is (iii-a)."""
    return heard, q.told * enrolled * indicator(heard < 0.0)


@mechanism("heard_attribution heard_expectancy heard_control heard_affect heard_peers")
def receive(heard):
    """What was heard reaches the student through parallel receivers; each reads its own copy."""
    return heard, heard, heard, heard, heard


@mechanism("failing_grade failing_grade_seen grade_seen")
def show_result(heard, heard_peers, enrolled):
    """Whose grade is a failing one in the end, whose is as classmates see it, and what they see."""
    return enrolled * indicator(heard < 0.0), enrolled * indicator(heard_peers < 0.0), enrolled * heard_peers


@mechanism(
    parameters=(
        Param("unlabelled", "λ_0", 0.5, 0.0, 1.0, "share", "assumed",
              "How much of a failure a shortfall is that nobody calls one."),
    ),
)  # fmt: skip
def verdict_counts(told, p):
    """How much of a failure or success a result is: all of it where one is told so, part of it where nobody says so."""
    return p.unlabelled + (1.0 - p.unlabelled) * told
