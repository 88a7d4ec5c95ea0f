"""Setback: an agent-based simulation of classroom failure dynamics.

>>> import setback as sb
>>> sb.simulate("mastery", rooms=2, weeks=4).per_room().shape[0]
2

Names arrive when they are asked for, so that ``import setback`` costs nothing and ``import setback.model`` needs
numpy alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if __name__ != "setback":
    raise ImportError(f"{__name__!r} is a folder of setback's; install the project and import setback instead")

if TYPE_CHECKING:
    from setback.api import Classroom, Contrast, Result, Study, load, simulate
    from setback.model.errors import InputError
    from setback.model.mechanism import mechanism
    from setback.model.outcomes import OUTCOMES
    from setback.model.parameters import Parameters
    from setback.model.policies import Policy, part
    from setback.model.rosters.roster import Roster
    from setback.model.state import Flip
    from setback.model.week import MODEL, Model

#: What a person types after ``sb.``, and where it comes from.
NAMES = {
    "Classroom": "api", "Contrast": "api", "Result": "api", "simulate": "api",
    "Study": "api", "load": "api",
    "Parameters": "model.parameters", "Policy": "model.policies",
    "Roster": "model.rosters.roster", "Flip": "model.state",
    "OUTCOMES": "model.outcomes", "InputError": "model.errors", "mechanism": "model.mechanism",
    "part": "model.policies", "MODEL": "model.week", "Model": "model.week",
}  # fmt: skip

__all__ = [
    "MODEL", "OUTCOMES", "Classroom", "Contrast", "Flip", "InputError", "Model", "Parameters", "Policy", "Result",
    "Roster", "Study", "load", "mechanism", "part", "simulate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in NAMES:
        return getattr(import_module(f"setback.{NAMES[name]}"), name)
    raise AttributeError(f"setback has no {name!r}; it has {', '.join(sorted(NAMES))}")


def __dir__() -> list[str]:
    return sorted({*globals(), *NAMES})
