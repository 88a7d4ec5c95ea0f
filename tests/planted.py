"""Results of a finished study in which what was put in is known."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import pandas as pd

from setback.analysis.load import Results, unit_of


def planted(
    worlds: pd.DataFrame, values: Mapping[str, Mapping[str, Any]], part: int = 100, design: str = "lhs", **study: Any
) -> Any:
    """Give results with these values.

    Args:
        worlds: what varies, one row a world.
        values: outcome -> policy -> values, (world,), or (world, room).
        part: worlds that are read at a time.
        design: the design of the worlds.
        **study: what the study says otherwise.
    """
    frames = []
    for policy in dict.fromkeys(name for of in values.values() for name in of):
        columns = {name: pd.DataFrame(of[policy]) for name, of in values.items() if policy in of}
        rooms = next(iter(columns.values())).shape[1]
        for room in range(rooms):
            own = {name: table.iloc[:, room].to_numpy() for name, table in columns.items()}
            frames.append(pd.DataFrame({"world": worlds.index, "policy": policy, "room": room, "class": room,
                                        "students": 10 + 20 * room, **own}))  # fmt: skip
    frame = pd.concat(frames, ignore_index=True).sort_values(["world", "policy", "room"], ignore_index=True)

    def in_parts(name: str = "outcomes", columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        for _, rows in frame.groupby(frame["world"] // part):
            yield rows.reset_index(drop=True)[[*(columns or frame.columns)]]

    ranges = [{"name": n, "low": float(worlds[n].min()), "high": float(worlds[n].max()), "distribution": "uniform"}
              for n in worlds]  # fmt: skip
    kept = [name for name in values if not name.startswith(("R_F", "V_F"))]
    about = {
        "name": "planted", "keep": {"outcomes": kept}, "share": 0.0, "claim": None,
        "worlds": {"design": design, "ranges": ranges, "count": len(worlds)}, **study,
    }  # fmt: skip
    policies = pd.DataFrame(index=pd.Index(frame["policy"].unique(), name="policy"))
    made = SimpleNamespace(
        study=about,
        worlds=worlds,
        policies=policies,
        in_parts=in_parts,
        unfinished="",
        folder="results/planted",
        named=lambda outcome: outcome,
        unit=partial(unit_of, about),
    )
    made.policy_named = partial(Results.policy_named, made)
    return made
