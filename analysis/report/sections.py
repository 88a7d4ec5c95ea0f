"""The sections of the report, in the order in which they stand: each a function of results that always says something.

A section that a study cannot give says in one sentence why, and what would give it.
"""

from __future__ import annotations

from collections.abc import Callable

from setback.analysis.report import breakdown, claim, failing, grounds, opening, policies, trial, ways, whom, worlds
from setback.analysis.report.section import Asked, Section

#: The answer comes first: it is the page for those who read one page.
SECTIONS: tuple[Callable[[Asked], Section], ...] = (
    opening.answer_section,
    policies.pairs_section,
    policies.outcomes_section,
    failing.section,
    claim.verdicts_section,
    breakdown.section,
    ways.section,
    worlds.map_section,
    worlds.separates_section,
    whom.groups_section,
    worlds.sensitivity_section,
    claim.robustness_section,
    trial.section,
    grounds.evidence_section,
    grounds.limits_section,
    grounds.repeat_section,
    grounds.words_section,
)


def sections(asked: Asked, summary: bool = False) -> list[Section]:
    """Make the sections; of a summary the first alone."""
    return [make(asked) for make in SECTIONS[: 1 if summary else None]]
