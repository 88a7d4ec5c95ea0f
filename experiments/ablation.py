"""The ablation: a study lived again with each mechanism, each group of them, and all of them off in turn.

Many mechanisms act on the same arrow and no data tell them apart, so switching one off is read with its group.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from setback.experiments.store import twin_frame
from setback.experiments.study import Study
from setback.experiments.sweep import live_many
from setback.experiments.twins import join
from setback.model import own, parameters
from setback.model.errors import InputError
from setback.model.parameters import MECHANISM_GROUPS

if TYPE_CHECKING:
    import pandas as pd

NOTHING, EVERYTHING = "nothing", "everything"


def ablations() -> dict[str, tuple[str, tuple[str, ...]]]:
    """What is switched off in turn: name -> (group, mechanisms); one's own mechanisms are a group of their own."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {NOTHING: ("", ())}
    groups = {**MECHANISM_GROUPS, **({"one's own": own.names()} if own.names() else {})}
    for group, mechanisms in groups.items():
        if len(mechanisms) > 1:
            found[f"all of {group}"] = (group, tuple(mechanisms))
        found |= {name: (group, (name,)) for name in mechanisms}
    found[EVERYTHING] = ("", tuple(name.removeprefix("switch_") for name in parameters.SWITCHES))
    return found


def ablate(
    study: Study, processes: int | None = None, progress: Callable[[int], None] = lambda rooms: None
) -> pd.DataFrame:
    """Live a study once for everything that is switched off in turn.

    Args:
        study: a study with twins.
        processes: how many run at once; by default one a processor.
        progress: called with the number of rooms done since it was called last.

    Returns:
        The twins of all worlds, as `setback.experiments.store.twin_frame` gives them, with the columns ``off`` and
        ``group`` before them.

    Raises:
        InputError: the study has no twins, or none was found.
    """
    import pandas as pd

    if study.share <= 0:
        raise InputError(f"study {study.name} has no twins; an ablation needs some, as in share = 0.15")
    turned = ablations()
    worlds = [study.parameters.replace(**{f"switch_{m}": 0.0 for m in off}) for _, off in turned.values()]
    lived = live_many([study.replace(parameters=world) for world in worlds], processes, progress)
    frames = []
    for (name, (group, _)), rooms in zip(turned.items(), lived):
        frame = twin_frame(study, join([room.twins for room in rooms if room.twins is not None]))
        frame.insert(0, "off", name)
        frame.insert(1, "group", group)
        frames.append(frame)
    if not any(len(frame) for frame in frames):
        raise InputError(f"study {study.name} found no twins; it needs more rooms, or a larger share")
    return pd.concat(frames, ignore_index=True)
