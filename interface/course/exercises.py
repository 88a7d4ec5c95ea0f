"""An answer of a learner is told right from wrong, with a hint; what is right the model says itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from setback.course.answers import EXERCISES, Exercise
from setback.model.errors import shown, unknown

#: What became of each exercise that was checked since the program began: "right", "wrong" or "open".
CHECKED: dict[str, str] = {}


def check(name: str, answer: object) -> bool:
    """Say whether an answer is right, and print it in a sentence, with a hint where it is not.

    Args:
        name: the exercise, as in "1.2".
        answer: the answer; three dots where there is none yet.

    Returns:
        Whether it is right.

    Raises:
        InputError: if there is no exercise of this name.
    """
    if name not in EXERCISES:
        raise unknown("exercise", name, EXERCISES)
    exercise = EXERCISES[name]
    if answer is ...:
        state, said = "open", "is open: put your answer in place of the three dots."
    elif wrong := _wrong(exercise, answer):
        state, said = "wrong", f"is not right yet: {wrong}. Hint: {exercise.hint}"
    else:
        state, said = "right", "is right."
    CHECKED[name] = state
    print(f"Exercise {name} {said}")
    return state == "right"


def _wrong(exercise: Exercise, answer: object) -> str:
    """What is wrong with an answer, "" where nothing is."""
    if exercise.judge is not None:
        return exercise.judge(answer)
    return differs(answer, exercise.right(), exercise.within)


def differs(answer: Any, right: Any, within: float) -> str:
    """Say in what an answer differs from the right one; "" where it does not.

    Args:
        answer: what was answered.
        right: a number, a word, or a list of them.
        within: by how much a number may differ.
    """
    if isinstance(right, str):
        if not isinstance(answer, str):
            return f"{shown(answer)} is no word in quotes"
        return "" if answer.strip().casefold() == right.casefold() else f"it is not {shown(answer)}"
    if isinstance(right, Sequence):
        if isinstance(answer, str | Mapping) or not hasattr(answer, "__len__"):
            return f"{shown(answer)} is no list"
        if len(answer) != len(right):
            return f"the list has {len(answer)} entries and not {len(right)}"
        return next((wrong for one, other in zip(answer, right) if (wrong := differs(one, other, within))), "")
    try:
        number = math.nan if isinstance(answer, bool | str) else float(answer)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        return f"{shown(answer)} is no number"
    if abs(number - right) <= within:
        return ""
    if abs(number + right) <= within:
        return f"it is not {number:g}, but the size is right; which is taken from which?"
    if abs(number / 100.0 - right) <= within:
        return f"it is not {number:g}, which is in percent; a share lies between 0 and 1"
    return f"it is not {number:g}"
