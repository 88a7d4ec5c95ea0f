"""Effects of a failure as outcomes: a number a world and policy, and how each room moves it.

An estimand is a sum of means over all twins of a world and policy (or one less a ratio of two such sums), never a mean
over what rooms say. So that everything that is made of outcomes can be made of it, each room is given its *linearised
value* (Cochran 1977, Sampling Techniques, chapter 6): the world's figure, and what the room moves it by. Their mean,
weighted by students, is that figure to the last digits, and their spread is that of the figure over other rooms; a room
without twins moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from setback.analysis.claims import estimate
from setback.experiments.twins.effects import Effect
from setback.experiments.twins.estimands import Estimand

#: Of what a figure is, and of what a row is.
CELL, ROOM = ["world", "policy"], ["world", "policy", "room"]


def columns(effects: Iterable[Effect]) -> list[str]:
    """Name the columns of the twin table that effects are made of, each once."""
    rows = [found.row for found in effects]
    names = [name for row in rows for name in (*row.columns, *row.over, *((row.among,) if row.among else ()))]
    return list(dict.fromkeys((*ROOM, "flip", "spared", *names)))


def of_rooms(rows: pd.DataFrame, twins: pd.DataFrame, effects: Sequence[Effect]) -> pd.DataFrame:
    """Give the linearised value of each effect for each room, NaN where it is not known of its world and policy.

    Args:
        rows: one row a world, policy and room, with its ``students``: all rooms of the worlds that it has.
        twins: one row a twin of these worlds.
        effects: which.

    Returns:
        One column an effect, by its name, on the index of ``rows``.
    """
    cell = pd.MultiIndex.from_frame(rows[CELL].astype({"policy": str}))
    room = pd.MultiIndex.from_frame(rows[ROOM].astype({"policy": str}))
    of_cell = rows["students"].groupby([rows["world"], rows["policy"].astype(str)]).transform("sum")
    grown = (of_cell / rows["students"]).to_numpy()
    found = {}
    for one in effects:
        value, pull = figure(of(twins, one), one.row)
        found[one.name] = value.reindex(cell).to_numpy() + pull.reindex(room).fillna(0.0).to_numpy() * grown
    return pd.DataFrame(found, rows.index)


def of(twins: pd.DataFrame, effect: Effect) -> pd.DataFrame:
    """Give the twins that an effect is of, with policies by their names."""
    mine = twins[(twins["flip"] == effect.flip) & (twins["spared"] == (effect.side == "spared"))]
    mine = mine[mine[effect.row.among] == 1.0] if effect.row.among else mine
    return mine.astype({"policy": str})


def figure(twins: pd.DataFrame, row: Estimand) -> tuple[pd.Series, pd.Series]:
    """Give an estimand of each world and policy, and what each room moves it by.

    A share of an effect is given only where that effect's own interval excludes 0, as by `claims.estimate`.
    """
    part, moved = _sum_of_means(twins, row.columns)
    if not row.over:
        return part, moved
    whole, of_whole = _sum_of_means(twins, row.over)
    known = {cell: estimate(mine, row).value for cell, mine in twins.groupby(CELL)}
    is_known = pd.Series(known, dtype=float).reindex(part.index).notna()
    ratio, at = part / whole, moved.droplevel("room").index
    by = (ratio.reindex(at).to_numpy() * of_whole - moved) / whole.reindex(at).to_numpy()
    return (1.0 - ratio).where(is_known), by


def _sum_of_means(twins: pd.DataFrame, names: Sequence[str]) -> tuple[pd.Series, pd.Series]:
    """Add up the means of columns over the twins of which each is known."""
    by_room = twins.groupby(ROOM, sort=True)[list(names)]
    total, known = by_room.sum(), by_room.count()
    size = known.groupby(level=CELL).sum()
    means = total.groupby(level=CELL).sum() / size.where(size > 0)
    at = total.droplevel("room").index
    moved = (total - known.mul(means.reindex(at).to_numpy())).div(size.reindex(at).to_numpy())
    return means.sum(axis=1, skipna=False), moved.sum(axis=1, skipna=False)


def counts(twins: pd.DataFrame, effects: Sequence[Effect]) -> pd.DataFrame:
    """Count the twins of which each effect is known, by world and policy: one column an effect, by its name."""
    found = {}
    for one in effects:
        mine = of(twins, one)
        known = mine[list(one.row.columns)].notna().any(axis=1)
        found[one.name] = known.groupby([mine[name] for name in CELL]).sum()
    return pd.DataFrame(found).rename_axis(CELL).fillna(0)
