"""What a study of many worlds says: outcomes over the worlds and the verdict on its claim, read some worlds at a time.

The worlds stand for what is not known. A world's own value is a mean over a few rooms and so partly luck; that part
is estimated from the spread between rooms and taken out before worlds are counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.analysis.load import Loaded, world_means
from setback.model.outcomes import OUTCOMES

Array = NDArray[np.float64]
#: Cells of a map along each side.
CELLS = 8


def summary(loaded: Loaded) -> pd.DataFrame:
    """Every outcome of every policy over the worlds.

    Returns:
        One row a policy and outcome: unit, mean over worlds, ``spread`` (SD between worlds), lowest, highest, and the
        number of worlds in which it is known. Memory does not grow with the worlds.
    """
    kept = list(loaded.manifest["study"]["keep"]["outcomes"])
    names = list(loaded.policies.index)
    n, mean, squares = (np.zeros((len(names), len(kept))) for _ in range(3))
    low, high = np.full(n.shape, np.inf), np.full(n.shape, -np.inf)
    for part in loaded.in_parts():
        table = world_means(part, kept)
        for k, name in enumerate(names):
            values = table.xs(name, level="policy").to_numpy()
            known = np.isfinite(values)
            more = known.sum(0)
            own = np.where(known, values, 0.0).sum(0) / np.maximum(more, 1)
            # two parts' means and sums of squares as one (Chan et al. 1979)
            both, apart = np.maximum(n[k] + more, 1), own - mean[k]
            squares[k] += np.where(known, np.square(values - own), 0.0).sum(0) + np.square(apart) * n[k] * more / both
            mean[k] += apart * more / both
            n[k] += more
            low[k] = np.minimum(low[k], np.where(known, values, np.inf).min(0))
            high[k] = np.maximum(high[k], np.where(known, values, -np.inf).max(0))
    rows = []
    for k, name in enumerate(names):
        for o, outcome in enumerate(kept):
            known = n[k, o] > 0
            rows.append(
                {
                    "policy": name,
                    "outcome": outcome,
                    "unit": OUTCOMES[outcome].unit,
                    "mean": mean[k, o] if known else np.nan,
                    "spread": np.sqrt(squares[k, o] / (n[k, o] - 1)) if n[k, o] > 1 else np.nan,
                    "lowest": low[k, o] if known else np.nan,
                    "highest": high[k, o] if known else np.nan,
                    "worlds": int(n[k, o]),
                }
            )
    return pd.DataFrame(rows)


class Verdict(NamedTuple):
    """What a study's claim came to.

    Attributes:
        verdict: ``supported``, ``refuted`` or ``undecided``.
        share: share of the worlds beyond the limit in the stated direction (q).
        opposite: share of the worlds beyond the limit in the other direction.
        halved, doubled: the verdict with half and with twice the limit.
        mean: mean effect over the worlds, in the outcome's unit.
        spread: SD of the effect between worlds, luck taken out.
        error: standard error of one world's effect, by the spread between rooms; NaN with one room.
        worlds: how many worlds, and how many the study has in `asked`.
    """

    verdict: str
    share: float
    opposite: float
    halved: str
    doubled: str
    mean: float
    spread: float
    error: float
    worlds: int
    asked: int

    def sentence(self, claim: dict[str, Any]) -> str:
        """The verdict in words."""
        unit = OUTCOMES[claim["outcome"]].unit
        what = f"{claim['outcome']} under {claim['policy']}"
        what += f" less that under {claim['against']}" if claim["against"] else ""
        text = (
            f'In the model, "{claim["says"] or what}" is {self.verdict}: {what} lies {claim["direction"]} '
            f"{_limit(claim):g} {unit} in {100 * self.share:.0f} % of {self.worlds} worlds, beyond the limit on the "
            f"other side in {100 * self.opposite:.0f} %. Mean {self.mean:+.3f}, spread between worlds "
            f"{self.spread:.3f}. With half the limit {self.halved}, with twice the limit {self.doubled}."
        )
        if self.error > claim["beyond"] / 5:
            text += (
                f" One world's effect is known to ±{self.error:.3f}, more than a fifth of the limit: take more rooms."
            )
        if self.error != self.error:
            text += " With one room a world the part of luck is not known, and not taken out."
        if self.worlds < self.asked:
            text += f" Known in {self.worlds} of {self.asked} worlds: the rest is not run, or has no such outcome."
        return text


def verdict(loaded: Loaded) -> Verdict | None:
    """The verdict on the claim of a study (`setback.experiments.study.Claim`); None where it makes none."""
    claim = loaded.manifest["study"]["claim"]
    if claim is None:
        return None
    columns = ["world", "policy", "room", "class", "students", claim["outcome"]]
    found = [_effects(part, claim) for part in loaded.in_parts(columns=columns)]
    effect, variance = (np.concatenate([pair[k] for pair in found]) for k in (0, 1))
    asked = int(loaded.manifest["study"]["worlds"]["count"])
    if not len(effect):
        return Verdict("undecided", np.nan, np.nan, "undecided", "undecided", np.nan, np.nan, np.nan, 0, asked)
    of_several = variance[np.isfinite(variance)]
    noise = float(of_several.mean()) if len(of_several) else np.nan
    total = float(np.var(effect, ddof=1)) if len(effect) > 1 else 0.0
    real = max(0.0, total - noise) if noise == noise else total
    centre = float(effect.mean())
    settled = centre + np.sqrt(real / total) * (effect - centre) if total > 0 else effect
    sign = 1.0 if claim["direction"] == "above" else -1.0
    shares = {k: float(np.mean(sign * settled > k * claim["beyond"])) for k in (0.5, 1.0, 2.0)}

    def called(share: float) -> str:
        return "supported" if share >= claim["supported"] else "refuted" if share <= claim["refuted"] else "undecided"

    return Verdict(
        called(shares[1.0]),
        shares[1.0],
        float(np.mean(-sign * settled > claim["beyond"])),
        called(shares[0.5]),
        called(shares[2.0]),
        centre,
        float(np.sqrt(real)),
        float(np.sqrt(noise)),
        len(effect),
        asked,
    )


def _limit(claim: dict[str, Any]) -> float:
    return float(claim["beyond"] if claim["direction"] == "above" else -claim["beyond"])


def _effects(part: pd.DataFrame, claim: dict[str, Any]) -> tuple[Array, Array]:
    """The effect of each world in which it is known, and how much of it is luck: its variance; a class is one draw."""

    def of(policy: str) -> pd.DataFrame:
        rows = part[part["policy"] == policy].set_index(["world", "room"])
        return rows[[claim["outcome"], "students", "class"]]

    rows = of(claim["policy"])
    value = rows[claim["outcome"]]
    if claim["against"] is not None:
        value = value - of(claim["against"])[claim["outcome"]]
    frame = pd.DataFrame({"value": value, "weight": rows["students"], "class": rows["class"]}).dropna(subset="value")
    frame["sum"] = frame["value"] * frame["weight"]
    by = frame.groupby("world", sort=False)
    total = by["weight"].sum()
    mean = by["sum"].sum() / total
    world = frame.index.get_level_values("world")
    frame["residual"] = (frame["value"] - mean.reindex(world).to_numpy()) * frame["weight"]
    of_class = frame.groupby([world, frame["class"]], sort=False)["residual"].sum()
    squares = np.square(of_class).groupby(level=0, sort=False)
    k = squares.count()
    variance = (k / (k - 1)).where(k > 1) * squares.sum() / np.square(total)
    return mean.to_numpy(float), variance.to_numpy(float)


def grid(loaded: Loaded, outcome: str) -> tuple[list[Array], Array]:
    """The map of an outcome over the first two numbers that vary (or the first, where it is alone).

    Returns:
        The edges of the cells along each, and the means (policy, cell, cell); NaN where no world lies.
    """
    ranges = loaded.manifest["study"]["worlds"]["ranges"][:2]
    edges = [_edges(loaded.worlds[varied["name"]].to_numpy()) for varied in ranges]
    names = list(loaded.policies.index)
    shape = len(names), *(len(edge) - 1 for edge in edges)
    total, count = np.zeros(shape), np.zeros(shape)
    for part in loaded.in_parts(columns=["world", "policy", "students", outcome]):
        values = world_means(part, [outcome])[outcome].unstack("policy")
        at = loaded.worlds.loc[values.index, [varied["name"] for varied in ranges]].to_numpy()
        cell = tuple(np.clip(np.searchsorted(e, x, "right") - 1, 0, len(e) - 2) for e, x in zip(edges, at.T))
        for k, name in enumerate(names):
            known = values[name].notna().to_numpy()
            inside = tuple(c[known] for c in cell)
            np.add.at(total[k], inside, values[name].to_numpy()[known])
            np.add.at(count[k], inside, 1.0)
    return edges, np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _edges(values: Array) -> Array:
    """Edges of cells: around each value where they are few, of equal width where they are many."""
    found = np.unique(values)
    if len(found) > 2 * CELLS:
        return np.linspace(found[0], found[-1], CELLS + 1)
    if len(found) == 1:
        return np.array([found[0] - 0.5, found[0] + 0.5])
    middle = (found[1:] + found[:-1]) / 2
    return np.concatenate([[2 * found[0] - middle[0]], middle, [2 * found[-1] - middle[-1]]])
