"""What a study of many worlds says: outcomes over the worlds and the verdict on its claim, read some worlds at a time.

The worlds stand for what is not known. Blocks of a sample have rooms of their own
(`setback.experiments.studies.worlds`): how far these differ within a block says how far the mean over all worlds would
move with other rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from setback.analysis.estimate import clusters
from setback.analysis.load import Results, world_means
from setback.experiments.studies.worlds import SHARING, Rooms
from setback.model.outcomes import OUTCOMES

Array = NDArray[np.float64]


def summary(results: Results) -> pd.DataFrame:
    """Every outcome of every policy over the worlds.

    Returns:
        One row a policy and outcome: unit, mean over worlds, ``spread`` (SD between worlds), lowest, highest, and the
        number of worlds in which it is known. Memory does not grow with the worlds.
    """
    kept = list(results.study["keep"]["outcomes"])
    names = list(results.policies.index)
    n, mean, squares = (np.zeros((len(names), len(kept))) for _ in range(3))
    low, high = np.full(n.shape, np.inf), np.full(n.shape, -np.inf)
    for part in results.in_parts():
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
        verdict: ``supported``, ``refuted`` or ``undecided``; undecided too where the luck of the rooms could turn it.
            ``unknown`` where no world has the outcome in all of its rooms, as in a run that was begun only.
        share: share of the worlds beyond the limit in the stated direction (q), and
        low, high: that share at the two ends of the mean's 95 % interval; NaN with one room.
        opposite: share of the worlds beyond the limit in the other direction.
        halved, doubled: the verdict with half and with twice the limit.
        mean: mean effect over the worlds, in the outcome's unit.
        error: its standard error: the luck of the rooms; NaN where one room is all that there is.
        spread: SD of the effect between worlds, without the luck of their rooms.
        worlds: how many worlds, and how many the study has in `asked`.
        rooms_needed: how many rooms in each world would bring the error to a fifth of the limit, and
        worlds_needed: how many worlds would, with as many rooms as now; NaN where it is not known, or no number would.
    """

    verdict: str
    share: float
    low: float
    high: float
    opposite: float
    halved: str
    doubled: str
    mean: float
    error: float
    spread: float
    worlds: int
    asked: int
    rooms_needed: float = np.nan
    worlds_needed: float = np.nan

    def __repr__(self) -> str:
        by_rooms = "" if self.low != self.low else f" ({100 * self.low:.0f} to {100 * self.high:.0f} % by other rooms)"
        error = "" if self.error != self.error else f" ± {self.error:.3f}"
        where = f"{100 * self.share:.0f} % of {_worlds(self.worlds)}{by_rooms}" if self.worlds else "no world is known"
        return f"Verdict({self.verdict}: {where}, mean {self.mean:+.3f}{error}, spread {self.spread:.3f})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        return html(
            f"Verdict: {self.verdict}", rows=[{"": name, "value": value} for name, value in self._asdict().items()]
        )

    def sentence(self, claim: dict[str, Any]) -> str:
        """The verdict in words."""
        unit = OUTCOMES[claim["outcome"]].unit
        what = f"{claim['outcome']} under {claim['policy']}"
        what += f" less that under {claim['against']}" if claim["against"] else ""
        if not self.worlds:
            return (
                f'In the model, "{claim["description"] or what}" is unknown: none of {_worlds(self.asked)} has it in '
                "all of its rooms; the rest is not run, or has no such outcome."
            )
        between = "" if self.low != self.low else f" ({100 * self.low:.0f} to {100 * self.high:.0f} % by other rooms)"
        text = (
            f'In the model, "{claim["description"] or what}" is {self.verdict}: {what} lies {claim["direction"]} '
            f"{_limit(claim):g} {unit} in {100 * self.share:.0f} % of {_worlds(self.worlds)}{between}, beyond the "
            f"limit on the other side in {100 * self.opposite:.0f} %. Mean {self.mean:+.3f}"
            f"{'' if self.error != self.error else f' ± {self.error:.3f}'}, spread between worlds {self.spread:.3f}. "
            f"With half the limit {self.halved}, with twice the limit {self.doubled}."
        )
        if self.error > claim["beyond"] / 5 > 0:
            text += (
                f" The error of the mean is more than a fifth of the limit, which would need about {self._needed()}."
            )
        if self.error != self.error:
            text += " One room does not say what other rooms would: take several."
        if self.worlds < self.asked:
            text += f" Known in {self.worlds} of {_worlds(self.asked)}: the rest is not run, or has no such outcome."
        return text

    def _needed(self) -> str:
        rooms = f"{self.rooms_needed:,.0f} rooms"
        more = self.worlds_needed == self.worlds_needed
        return f"{self.worlds_needed:,.0f} worlds (or {rooms} in each)" if more else rooms


def _worlds(count: int) -> str:
    return f"{count:,} world" if count == 1 else f"{count:,} worlds"


def verdict(results: Results) -> Verdict | None:
    """The verdict on the claim of a study (`setback.experiments.studies.study.Claim`); None where it makes none.

    What a room does to the effect in every world that has it moves their mean: that is the error of the mean (`luck`).
    What it does in one world only is noise between worlds, and taken out, and so is what rooms add to the spread of
    worlds that have others. Real classes that are run several times are one draw, and so is a school with
    its classes.
    """
    claim = results.study["claim"]
    if claim is None:
        return None
    columns = ["world", "policy", "room", "class", "students", claim["outcome"]]
    rooms = int(results.study["rooms"])
    parts = [_effects(part, claim, rooms) for part in results.in_parts(columns=columns)]
    asked = int(results.study["worlds"]["count"])
    effect, variance, block = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("effect", "variance", "block")
    )
    if not len(effect):
        nothing = (np.nan,) * 4
        return Verdict("unknown", *nothing, "unknown", "unknown", np.nan, np.nan, np.nan, 0, asked)
    pulls = pd.concat([part.pulls for part in parts]).groupby(level=[0, 1]).sum()
    found = luck(effect, variance, block, pulls.to_numpy(), pulls.index.get_level_values(0).to_numpy())
    total = float(np.var(effect, ddof=1)) if len(effect) > 1 else 0.0
    real = max(0.0, total - found.noise - found.between)
    centre, error = float(effect.mean()), found.error
    settled = centre + np.sqrt(real / total) * (effect - centre) if total > 0 else effect
    sign = 1.0 if claim["direction"] == "above" else -1.0
    reach = float(stats.t.ppf(0.975, found.freedom)) * error

    def share(limit: float, moved: float = 0.0) -> float:
        return float(np.mean(sign * (settled + moved) > limit)) if moved == moved else np.nan

    def called(limit: float) -> str:
        ends = [share(limit, moved) for moved in (-reach, reach)]
        if all(end >= claim["supported"] for end in ends):
            return "supported"
        return "refuted" if all(end <= claim["refuted"] for end in ends) else "undecided"

    limit = float(claim["beyond"])
    low, high = sorted((share(limit, -reach), share(limit, reach)))
    return Verdict(
        called(limit),
        share(limit),
        low,
        high,
        float(np.mean(-sign * settled > limit)),
        called(limit / 2),
        called(limit * 2),
        centre,
        error,
        float(np.sqrt(real)),
        len(effect),
        asked,
        *_needed(results.study, error, block),
    )


class Luck(NamedTuple):
    """What rooms do to the mean over worlds, and to their spread.

    Attributes:
        error: standard error of the mean over worlds; NaN where one room is all that there is.
        freedom: its degrees of freedom.
        noise: variance of the effect of a world that is luck of its rooms in this world alone.
        between: what it varies by in the worlds at hand because some have other rooms than others.
    """

    error: float
    freedom: float
    noise: float
    between: float


def luck(effect: ArrayLike, variance: ArrayLike, block: ArrayLike, pulls: ArrayLike, of: ArrayLike) -> Luck:
    """Estimate the luck of rooms where each is seen by the worlds of one block only.

    Blocks are strata, their rooms (or real classes) the clusters that are drawn in each (Cochran 1977, Sampling
    Techniques, chapters 5 and 6): the variance of the mean is the sum over blocks of share² · k / (k - 1) · the sum of
    the squares of what each of the k rooms pulls the block's mean by. Its degrees of freedom are those of a sum of
    variances (Satterthwaite 1946, doi:10.2307/3002019) of rooms that differ alike in every block: blocks × (k - 1)
    where blocks are of one size. What remains of the variance over rooms within single worlds is noise. Where blocks
    have one room each, they are the clusters themselves: the error then holds what differs between their worlds too.

    Args:
        effect: (world,) the effect.
        variance: (world,) its variance over the rooms of the world; NaN where one is known.
        block: (world,) which worlds have the same rooms.
        pulls: (room,) how far each room pulls the effect, added up over the worlds that have it.
        of: (room,) the block of each room.
    """
    x, seen, pull = np.asarray(effect, float), np.asarray(variance, float), np.asarray(pulls, float)
    blocks, at = np.unique(np.asarray(block), return_inverse=True)
    room = np.searchsorted(blocks, np.asarray(of))
    n, k = np.bincount(at), np.bincount(room, minlength=len(blocks))
    share, grown = n / len(x), len(x) / max(len(x) - 1, 1)
    if not np.isfinite(seen).any():
        if len(blocks) < 2:
            return Luck(np.nan, np.nan, 0.0, 0.0)
        apart = np.bincount(at, x) / n - x.mean()
        error = np.sqrt(len(blocks) / (len(blocks) - 1) * np.square(share * apart).sum())
        left = len(x) - len(blocks)  # with a block for each world nothing tells what is luck
        within = (np.var(x) - (share * np.square(apart)).sum()) * len(x) / left if left else np.var(x) * grown
        return Luck(float(error), len(blocks) - 1.0, 0.0, max(0.0, float(np.var(x) * grown - within)))
    of_block = np.bincount(room, np.square(pull / n[room]), len(blocks)) * k / np.maximum(k - 1, 1)
    several = k > 1
    of_block[~several] = np.average(of_block[several], weights=n[several]) if several.any() else np.nan
    of_mean = np.square(share) * of_block
    part = np.square(share[several]) / k[several]  # of the variance, were rooms alike in all blocks
    freedom = part.sum() ** 2 / (np.square(part) / (k[several] - 1)).sum()
    mean = float((share * of_block).sum())
    noise = max(0.0, float(np.nanmean(seen)) - mean)
    return Luck(float(np.sqrt(of_mean.sum())), float(freedom), noise, (mean - float(of_mean.sum())) * grown)


def _needed(study: Mapping[str, Any], error: float, block: Array) -> tuple[float, float]:
    """Say how many rooms in each world, or how many worlds, would bring the error of the mean to a fifth of the limit.

    The error falls with the root of the rooms, and with that of the blocks of worlds that have rooms of their own.
    """
    goal = study["claim"]["beyond"] / 5.0
    if not (error >= 0.0 and goal > 0.0):
        return np.nan, np.nan
    times = (error / goal) ** 2
    design, is_measured = study["worlds"]["design"], bool(study["predictions"] or study["evidence"]["rows"])
    sharing = Rooms.of(study["rooms"], design, study.get("shared", True), is_measured, 1).sharing
    worlds = np.nan
    if sharing <= SHARING and study["roster"].get("synthetic"):
        sizes = np.unique(block, return_counts=True)[1]
        worlds = max(1.0, np.ceil(times * len(block) ** 2 / np.square(sizes).sum() - 1e-9)) * sharing
    return max(1.0, float(np.ceil(times * study["rooms"] - 1e-9))), float(worlds)


def _limit(claim: dict[str, Any]) -> float:
    return float(claim["beyond"] if claim["direction"] == "above" else 0.0 - claim["beyond"])


class _Effects(NamedTuple):
    """Worlds in which the effect is known: the effect, its variance over rooms, and how far each class pulls it.

    Worlds that have the same rooms are a block, which is called by its first class: of real classes there is one block,
    as they sit in the rooms of all worlds.
    """

    effect: Array
    variance: Array
    block: NDArray[np.int64]
    pulls: pd.Series


def _effects(part: pd.DataFrame, claim: dict[str, Any], rooms: int) -> _Effects:
    cluster = clusters(part)

    def of(policy: str) -> pd.DataFrame:
        rows = part[part["policy"] == policy].set_index(["world", "room"])
        return rows[[claim["outcome"], "students", cluster]]

    rows = of(claim["policy"])
    # a world of which rooms are missing yet is not to be mixed with whole ones
    rows = rows[rows.groupby("world", sort=False)[cluster].transform("size") == rooms]
    first = rows.groupby("world", sort=False)[cluster].min()
    value = rows[claim["outcome"]]
    if claim["against"] is not None:
        value = value - of(claim["against"])[claim["outcome"]].reindex(value.index)
    frame = pd.DataFrame({"value": value, "weight": rows["students"], "draw": rows[cluster]}).dropna(subset="value")
    frame["sum"] = frame["value"] * frame["weight"]
    by = frame.groupby("world", sort=False)
    total = by["weight"].sum()
    mean = by["sum"].sum() / total
    world = frame.index.get_level_values("world")
    frame["pull"] = (frame["value"] - mean.reindex(world).to_numpy()) * frame["weight"]
    frame["pull"] /= total.reindex(world).to_numpy()
    of_class = frame.groupby([world, frame["draw"]], sort=False)["pull"].sum()
    squares = np.square(of_class).groupby(level=0, sort=False)
    k = squares.count()
    variance = (k / (k - 1)).where(k > 1) * squares.sum()
    block = first.reindex(mean.index).to_numpy(np.int64)
    of_block = first.reindex(of_class.index.get_level_values(0)).to_numpy(np.int64)
    pulls = of_class.groupby([of_block, of_class.index.get_level_values(1)]).sum()
    return _Effects(mean.to_numpy(float), variance.to_numpy(float), block, pulls)
