"""The ablation is a study run again with each mechanism, each group of them, and all of them off in turn.

Many mechanisms act on the same arrow and no data tell them apart, so switching one off is read with its group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from setback.experiments.studies.study import Study
from setback.experiments.studies.worlds import Range, Worlds
from setback.model.errors import InputError
from setback.model.week import MODEL, Model

if TYPE_CHECKING:
    import pandas as pd

NOTHING, EVERYTHING = "nothing", "everything"


def ablations(model: Model = MODEL) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Give what is switched off in turn: name -> (group, mechanisms); custom mechanisms are a group of their own."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {NOTHING: ("", ())}
    for group, mechanisms in model.table.groups.items():
        if len(mechanisms) > 1:
            found[f"all of {group}"] = (group, tuple(mechanisms))
        found |= {name: (group, (name,)) for name in mechanisms}
    found[EVERYTHING] = ("", tuple(name.removeprefix("strength_") for name in model.table.strengths))
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
    return study.replace(worlds=_switched(study, ablations(study.model)))


def labelled(twins: pd.DataFrame, study: str = "ablation", model: Model = MODEL) -> pd.DataFrame:
    """Say of the twins of an ablation what was off.

    Args:
        twins: one row per twin, with the column ``world``.
        study: what the study is called.
        model: its model.

    Returns:
        The same with the columns ``off`` and ``group`` first, in place of ``world``.

    Raises:
        InputError: if no twin was found.
    """
    if not len(twins):
        raise InputError(f"study {study} found no twins; it needs more rooms, or a larger share")
    turned = ablations(model)
    names = np.array(list(turned), dtype=object)
    groups = np.array([group for group, _ in turned.values()], dtype=object)
    twins = twins.assign(off=names[twins["world"]], group=groups[twins["world"]])
    rest = [name for name in twins if name not in ("world", "off", "group")]
    return twins[["off", "group", *rest]].astype({"flip": str, "policy": str})


def _switched(study: Study, turned: Mapping[str, tuple[str, tuple[str, ...]]]) -> Worlds:
    """A world for each thing that is switched off: every strength as the study has it, or 0."""
    strengths = study.model.table.strengths
    table = [
        [0.0 if strength.removeprefix("strength_") in off else study.parameters[strength] for strength in strengths]
        for _, off in turned.values()
    ]
    ranges = tuple(Range.of(strength, table=study.model.table) for strength in strengths)
    return Worlds("ablation", ranges, np.array(table))
