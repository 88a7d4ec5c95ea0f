"""The ablation is a study run again with each mechanism, each group of them, and all of them off in turn.

Many mechanisms act on the same arrow and no data tell them apart, so switching one off is read with its group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import Range, Worlds
from setback.model import custom, parameters
from setback.model.errors import InputError
from setback.model.parameters import MECHANISM_GROUPS

if TYPE_CHECKING:
    import pandas as pd

NOTHING, EVERYTHING = "nothing", "everything"


def ablations() -> dict[str, tuple[str, tuple[str, ...]]]:
    """List what is switched off in turn: name -> (group, mechanisms); custom ones are a group of their own."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {NOTHING: ("", ())}
    groups = {**MECHANISM_GROUPS, **({"custom": custom.names()} if custom.names() else {})}
    for group, mechanisms in groups.items():
        if len(mechanisms) > 1:
            found[f"all of {group}"] = (group, tuple(mechanisms))
        found |= {name: (group, (name,)) for name in mechanisms}
    found[EVERYTHING] = ("", tuple(name.removeprefix("strength_") for name in parameters.STRENGTHS))
    return found


def ablation(study: Study) -> Study:
    """Give the study that runs a study in one world for everything that is switched off in turn.

    Raises:
        InputError: if the study has no twins, or worlds of its own.
    """
    if study.share <= 0:
        raise InputError(f"study {study.name} has no twins; an ablation needs some, as in share = 0.15")
    if len(study.worlds) > 1:
        raise InputError(f"study {study.name} has {len(study.worlds)} worlds; an ablation makes its own, of one")
    return study.replace(worlds=_switched(study, ablations()))


def labelled(twins: pd.DataFrame, study: str = "ablation") -> pd.DataFrame:
    """Say of the twins of an ablation what was off.

    Args:
        twins: one row per twin, with the column ``world``.
        study: what the study is called.

    Returns:
        The same with the columns ``off`` and ``group`` first, in place of ``world``.

    Raises:
        InputError: if no twin was found.
    """
    if not len(twins):
        raise InputError(f"study {study} found no twins; it needs more rooms, or a larger share")
    turned = ablations()
    names = np.array(list(turned), dtype=object)
    groups = np.array([group for group, _ in turned.values()], dtype=object)
    twins = twins.assign(off=names[twins["world"]], group=groups[twins["world"]])
    rest = [name for name in twins if name not in ("world", "off", "group")]
    return twins[["off", "group", *rest]].astype({"flip": str, "policy": str})


def _switched(study: Study, turned: Mapping[str, tuple[str, tuple[str, ...]]]) -> Worlds:
    """Give a world for each thing that is switched off: every switch as the study has it, or 0."""
    table = [
        [
            0.0 if switch.removeprefix("strength_") in off else study.parameters[switch]
            for switch in parameters.STRENGTHS
        ]
        for _, off in turned.values()
    ]
    return Worlds("ablation", tuple(Range.of(switch) for switch in parameters.STRENGTHS), np.array(table))
