"""For whom it holds: groups of students, by what they began with or by a roster's own columns."""

from __future__ import annotations

from setback.analysis.report.section import Asked, Section


def groups_section(asked: Asked) -> Section:
    """Say how the answer differs between groups of students."""
    return Section(
        "groups", "For whom",
        absent="No groups: the study kept means over whole classes only, so it does not say whom a policy helps or "
        "harms.",
    )  # fmt: skip
