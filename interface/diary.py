"""What one student's week comes to in plain sentences: every one is read off the slots, and nothing is added to them.

Slots and levers are mappings from names to numbers, those of `setback.model.state` and of a policy. A sentence about a
failing says which kind it is: an error at practice (i), below the criterion (ii), told, counted or compared (iii).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Numbers = Mapping[str, float]

#: The causes that a result can be put down to, by their slots.
CAUSES = {
    "to_ability": "ability",
    "to_effort": "effort and strategy",
    "to_task": "the task",
    "to_luck": "luck and others",
}
#: The slots that the sentences of a week are made of: what a machine is given beside them.
TOLD = (
    "enrolled", "challenge", "submitted", "weeks_not_submitted", "effort", "practice_error", "error_depth", "analysed",
    "helped", "score", "below_criterion",
    "grade", "percentile_rank", "failing_grade_told", "retaken", "failing_grade", "heard_attribution", *CAUSES,
    "talked", "expectancy",
    "control", "affect",
)  # fmt: skip
#: Causes whose shares lie closer than this are called alike; they are printed in whole percent.
ALIKE = 0.005
#: Words for a difference in logits, by the size from which they hold.
FAR, CLEAR = 1.5, 0.5


def entry(before: Numbers, now: Numbers, levers: Numbers) -> list[str]:
    """The sentences of one week.

    Args:
        before: the student's slots when the week began.
        now: the same slots when it is over, and those that are made anew each week, the class's among them.
        levers: the policy of the week.
    """
    if not before["enrolled"]:
        return ["Has stopped: nothing is set, handed in or heard any more."]
    said = [task(now), hand_in(now)]
    if now["submitted"]:
        said += [practice(now, levers), result(now, levers)]
    said += [*verdict(now, levers), cause(now), *moves(before, now)]
    return said if now["enrolled"] else [*said, "Stopped for good at the end of the week."]


def task(now: Numbers) -> str:
    """How hard practice was for this student, by ``challenge`` (logit)."""
    challenge = round(now["challenge"], 1) + 0.0  # never -0.0
    if abs(challenge) < CLEAR:
        size = "at about the level that the student was ready for"
    else:
        far = "far " if abs(challenge) >= FAR else ""
        size = f"{far}{'above' if challenge > 0 else 'below'} what the student was ready for"
    return f"The task was {size} ({challenge:+.1f} logit)."


def hand_in(now: Numbers) -> str:
    """Whether work was handed in; what is not is below the criterion (ii)."""
    if now["submitted"]:
        return f"Handed in, with an effort of {_percent(now['effort'])}."
    row = f", the {_nth(now['weeks_not_submitted'])} week in a row" if now["weeks_not_submitted"] > 1 else ""
    return f"Nothing handed in{row}: counts as below the criterion (ii)."


def practice(now: Numbers, levers: Numbers) -> str:
    """The error at the attempt (i), how deep it was, and what became of it."""
    where = (
        "Practice, before being taught"
        if levers["problem_first"] * (1.0 - levers["others_attempts"]) > 0.5
        else "Practice"
    )
    if not now["practice_error"]:
        return f"{where}: no error."
    miss = "a near miss" if now["error_depth"] < CLEAR else "far off" if now["error_depth"] >= FAR else "a clear miss"
    help_ = "; the teacher stepped in" if now["helped"] else ""
    return f"{where}: an error (i), {miss}; {_percent(now['analysed'])} of it was analysed{help_}."


def result(now: Numbers, levers: Numbers) -> str:
    """The test against the fixed criterion (ii), which is the same under every policy."""
    side = "below" if now["below_criterion"] else "at or above"
    mixed = ", practice included; the test alone is" if levers["grade_practice"] > 0 else ","
    return f"Test: {100 * now['score']:.0f} of 100{mixed} {side} the criterion (ii)."


def verdict(now: Numbers, levers: Numbers) -> list[str]:
    """What the policy made of the result: told (iii-a), taken again, counted (iii-b), compared (iii-c)."""
    said = []
    if levers["comparison"] > 0 and now["submitted"]:
        part = _weight(levers["comparison"])
        said.append(f"The grade goes by rank{part}: ahead of {_percent(now['percentile_rank'])} of the class.")
    if now["result_told"] == 0:
        said.append("Nobody said whether that is a pass.")
    elif now["failing_grade_told"]:
        said.append(f"Told that it is a failing grade (iii-a{_weight(now['result_told'])}).")
    else:
        said.append("Told that it is a pass.")
    if now["retaken"]:
        times = "once" if now["retaken"] == 1 else "twice"
        end = "still a failing grade" if now["failing_grade"] else f"a pass with {100 * again(now, levers):.0f}"
        said.append(f"Corrected it and took the test again {times}: {end}.")
    if now["failing_grade"]:
        weights = (now["result_counted"], now["result_public"])
        words = ("counts (iii-b", "is compared or made public (iii-c")
        marks = [f"{word}{_weight(weight)})" for word, weight in zip(words, weights) if weight > 0]
        if marks:
            said.append(f"It {' and '.join(marks)}.")
        elif now["result_told"] > 0:
            said.append("It does not count, and is not compared.")
    return said


def again(now: Numbers, levers: Numbers) -> float:
    """The student's own score (share) after the retakes: the grade that stands, without the place mixed into it."""
    return (now["grade"] - levers["comparison"] * now["percentile_rank"]) / (1.0 - levers["comparison"])


def cause(now: Numbers) -> str:
    """To what the result is put down most."""
    what = "failure" if now["heard_attribution"] > 0.5 else "success"
    talk = ", after the teacher talked about it" if now["talked"] else ""
    first, second = sorted(CAUSES, key=lambda name: -now[name])[:2]
    if now[first] - now[second] < ALIKE:
        return f"Took it for a {what}, and put it down to no single cause{talk}."
    return f"Took it for a {what}, and put it down to {CAUSES[first]} most ({_percent(now[first])}){talk}."


def moves(before: Numbers, now: Numbers) -> list[str]:
    """How success expectancy, control, shame and anxiety moved over the week; a change that does not show is none."""

    def moved(name: str, scale: float, digits: int, unit: str) -> str:
        old, new = (f"{scale * slots[name]:.{digits}f}" for slots in (before, now))
        verb = "rose" if now[name] > before[name] else "fell"
        return f"stayed at {new}{unit}" if old == new else f"{verb} from {old} to {new}{unit}"

    return [
        f"Expectancy {moved('expectancy', 100, 0, ' %')}, control {moved('control', 100, 0, ' %')}.",
        f"Shame and anxiety {moved('affect', 1, 2, '')}.",
    ]


def opening(name: str, seat: int, now: Numbers, friends: Iterable[str]) -> str:
    """Who the student is when the year begins.

    Args:
        name: what the class calls the student.
        seat: the number of the seat, from 1.
        now: the student's slots before the first week.
        friends: names of the students who are the student's friends.
    """
    score = now["knowledge_score"]
    where = "at the mean" if abs(score) < 0.05 else f"{abs(score):.1f} SD {'above' if score > 0 else 'below'} the mean"
    named = ", ".join(friends)
    return (
        f"{name}, seat {seat}{f', with {named} for friends' if named else ''}. Prior knowledge {where}; "
        f"success expectancy {_percent(now['expectancy'])}, control {_percent(now['control'])}, "
        f"interest {_percent(now['interest'])}."
    )


def closing(now: Numbers, weeks: int, learning: float) -> str:
    """What the year came to.

    Args:
        now: the student's slots at the end.
        weeks: how many weeks were run.
        learning: conceptual gain of the year (SD).
    """
    kinds = {
        "weeks_practice_error": "with an error at practice (i)",
        "weeks_below_criterion": "below the criterion (ii)",
        "weeks_failing_grade_told": "told of a failing grade (iii-a)",
        "weeks_failing_grade_counted": "in which it counted (iii-b)",
        "weeks_failing_grade_compared": "in which it was compared or made public (iii-c)",
    }
    if not now["enrolled"]:
        kinds["weeks_below_criterion"] += ", those after stopping included"
    said = ", ".join(f"{now[name]:.3g} {words}" for name, words in kinds.items())
    return f"Of {weeks} weeks {now['weeks_submitted']:.0f} handed in, {said}. Conceptual gain {learning:+.2f} SD."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _weight(weight: float) -> str:
    """A lever that is set only in part says so."""
    return "" if weight == 1 else f", to {_percent(weight)}"


def _nth(number: float) -> str:
    """A number as its ordinal: 2nd, 3rd, 11th."""
    whole = int(number)
    ending = "th" if whole % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"
