"""Null models: the same model without some of its causes, which a claim must beat on the same evidence.

Each is a set of switches of the one model: numbers that are held, and numbers that may be refitted. Persistence in a
grade book is no proof of a cycle; stable differences and drift produce it too. So a model with a cycle is compared with
models without, and never before these have been fitted to the same books (`setback.experiments.evidence.refit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from setback.model.parameters import OWN, Table

#: Mechanisms that are levels: they react to no result, and every fitted world has them.
LEVELS = ("drift", "forgetting", "diligence", "avoidance", "effort", "challenge")
#: Mechanisms by which what is heard of a result reaches handing in, stopping, effort and expectancy.
OF_RESULTS = (
    "attribution", "style_drift", "misreading", "expectancy", "helplessness", "affect", "private_error", "resilience",
    "interest", "curiosity",
)  # fmt: skip
#: Slopes of handing in and stopping on states that differ between students from the start.
DISPOSITIONS = ("skip_affect", "skip_control", "skip_reserve", "dropout_control", "dropout_affect", "dropout_diligence")
#: What may be refitted: how hard and how noisy a book is, what is learnt, who hands in and who leaves.
OF_LEVELS = (
    "level", "knowledge_sd", "assess_noise", "assignment_noise", "practice_rate", "effort_level", "skip_level",
    "dropout_level", "dropout_outside", "dropout_not_submitted",
)  # fmt: skip
OF_DRIFT = ("drift_sd", "drift_memory", "drift_slow_sd")
OF_DISPOSITION = (
    "diligence_sd", "diligence_knowledge", "diligence_drift_sd", "diligence_memory", "dropout_diligence",
)  # fmt: skip
OF_CYCLE = ("gain_threat", "gain_motivational_memory", "gain_withdrawal", "gain_learning_from_error")


class Null(NamedTuple):
    """A set of switches.

    Attributes:
        name: what it is called.
        says: what is left in it.
        held: numbers that are held, by name.
        free: numbers that may be refitted; levers of the policy among them.
        inner: the next smaller model, "" for none.
    """

    name: str
    says: str
    held: Mapping[str, float]
    free: tuple[str, ...]
    inner: str = ""


def _still(table: Table = OWN) -> dict[str, float]:
    """Give the switches with which nothing that is heard or done changes anything afterwards, and all hand in alike."""
    off = {name: 0.0 for name in table.strengths if name.removeprefix("strength_") not in LEVELS}
    return {**off, "effort_resolve": 0.0, "strength_diligence": 0.0, **dict.fromkeys(DISPOSITIONS, 0.0)}


_WITHOUT_CYCLE = {"effort_resolve": 0.0, **dict.fromkeys((f"strength_{name}" for name in OF_RESULTS), 0.0)}
_STILL = _still()

#: The model as it is, and what is left when causes are taken away, one after the other.
NULLS: Mapping[str, Null] = {
    null.name: null
    for null in (
        Null(
            "cycle", "everything: what students hear of results changes what they do",
            {}, (*OF_LEVELS, *OF_DRIFT, *OF_DISPOSITION, *OF_CYCLE), "no-cycle",
        ),
        Null(
            "no-cycle", "disposition and drift: students learn from results, and want and hand in as they did before",
            _WITHOUT_CYCLE, (*OF_LEVELS, *OF_DRIFT, *OF_DISPOSITION), "drifting-ability",
        ),
        Null(
            "drifting-ability", "ability that differs between students and drifts; all hand in alike",
            _STILL, (*OF_LEVELS, *OF_DRIFT), "stable-ability",
        ),
        Null(
            "stable-ability", "ability that differs between students and stays",
            {**_STILL, "strength_drift": 0.0}, OF_LEVELS,
        ),
    )
}  # fmt: skip
