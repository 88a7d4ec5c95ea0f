"""What a failure does in one world, in the class of the reference and in those that grade books stand for.

Nothing published is held against these figures; a fit gives them, so that they are measured where the evidence is.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from setback.experiments.gradebook.contexts import CONTEXTS, Context, there
from setback.experiments.trials.run import World
from setback.experiments.twins.estimands import D
from setback.experiments.twins.twins import failure_twins
from setback.model.engines.registry import engine
from setback.model.rosters.roster import CLASS_SIZE, Roster

#: Weeks that are run, and classes at most for each figure; all their eligible failures are turned round.
YEAR, ROOMS = 36, 4
#: The context of each figure: "" for the reference policy and the world's own levels.
EFFECTS_OF_FAILING: Mapping[str, str] = {
    "R_F": "", **{f"R_F.{source}": source for source in ("oulad", "osu-homework", "uci-mathematics")},
}  # fmt: skip


def effect_of_failing(
    source: str | Context, world: World, rooms: range, seed: int, levers: Mapping[str, float] | None = None
) -> float:
    """Give the failure reproduction number in a context: failures over nine tests that being failed caused.

    Spared, own failures, by luck flips at the policy's line (docs/claims.md); of a whole year under the policy of the
    context, however long its own is.

    Args:
        source: a context of `setback.experiments.gradebook.contexts`, or its name, or "" for the reference.
        world: in which world.
        rooms: the numbers of the classes; at most the first `ROOMS` of them.
        seed: whose classes and luck.
        levers: levers that differ from those of the context.

    Returns:
        The mean over failures; NaN where none lies near enough to the line.
    """
    own = world.parameters
    policy = world.model.policy("reference").assuming(world.numbers)
    size = CLASS_SIZE
    if source:
        policy, own = there(source, own, world.numbers, levers, world.model)
        size = (CONTEXTS[source] if isinstance(source, str) else source).size
    total = count = 0.0
    for room in rooms[:ROOMS]:
        seats = Roster.synthetic(size).seats([room], seed)
        _, twins = failure_twins(seats, [dict(policy)], own, YEAR, 1.0, engine(world.engine), model=world.model)
        spared = twins["spared"]
        total += sum(float(twins[name][spared].sum()) for name in D)
        count += float(spared.sum())
    return total / count if count else np.nan
