"""Setback: an agent-based simulation of classroom failure dynamics.

>>> import setback as sb
>>> sb.simulate("mastery", rooms=2, weeks=4).per_room().shape[0]
2

Names arrive when they are asked for, so that ``import setback`` costs nothing and ``import setback.model`` needs
numpy alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if __name__ != "setback":
    raise ImportError(f"{__name__!r} is a folder of setback's; install the project and import setback instead")

#: What a person types after ``sb.``, and where it comes from.
NAMES = {
    "Classroom": "model.engines.mesa", "simulate": "experiments.simulate", "Result": "experiments.simulate",
    "Contrast": "experiments.contrast", "Study": "experiments.studies.study", "Cost": "experiments.studies.cost",
    "Results": "analysis.load", "load": "analysis.load", "Verdict": "analysis.worlds",
    "Decision": "analysis.decision",
    "Keep": "model.keep", "Parameters": "model.parameters", "Policy": "model.policies",
    "PolicyChange": "model.policies", "part": "model.policies", "MODEL": "model.week", "Model": "model.week",
    "Roster": "model.rosters.roster", "Flip": "model.state", "OUTCOMES": "model.outcomes",
    "InputError": "model.errors", "mechanism": "model.mechanism", "outcome": "model.measures",
}  # fmt: skip

__all__ = [
    "MODEL", "OUTCOMES", "Classroom", "Contrast", "Cost", "Decision", "Flip", "InputError", "Keep", "Model",
    "Parameters", "Policy", "PolicyChange", "Result", "Results", "Roster", "Study", "Verdict", "load", "mechanism",
    "outcome", "part", "simulate",
]  # fmt: skip

if TYPE_CHECKING:
    from setback.analysis.decision import Decision
    from setback.analysis.load import Results, load
    from setback.analysis.worlds import Verdict
    from setback.experiments.contrast import Contrast
    from setback.experiments.simulate import Result, simulate
    from setback.experiments.studies.cost import Cost
    from setback.experiments.studies.study import Study
    from setback.model.engines.mesa import Classroom
    from setback.model.errors import InputError
    from setback.model.keep import Keep
    from setback.model.measures import outcome
    from setback.model.mechanism import mechanism
    from setback.model.outcomes import OUTCOMES
    from setback.model.parameters import Parameters
    from setback.model.policies import Policy, PolicyChange, part
    from setback.model.rosters.roster import Roster
    from setback.model.state import Flip
    from setback.model.week import MODEL, Model

    __version__: str
else:  # a checker of types would take whatever __getattr__ may give for any name

    def __getattr__(name: str) -> object:
        if name == "__version__":
            return import_module("setback.model.shipped").version()
        if name in NAMES:
            return getattr(import_module(f"setback.{NAMES[name]}"), name)
        raise AttributeError(f"setback has no {name!r}; it has {', '.join(sorted(NAMES))}")

    def __dir__() -> list[str]:
        return sorted([*NAMES, "__version__"])
