"""The course: lessons that check themselves, and a checker of what learners hand in.

A lesson says ``from setback.course import check`` and asks ``check("1.2", answer)``, which tells right from wrong.
"""

from setback.course.answers import DISPOSITION
from setback.course.exercises import check

__all__ = ["DISPOSITION", "check"]
