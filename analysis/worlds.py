"""What a study of many worlds says: outcomes over the worlds and the verdict on its claim, read some worlds at a time.

The worlds stand for what is not known. Blocks of a sample have rooms of their own
(`setback.experiments.studies.worlds`): how far these differ within a block says how far the mean over all worlds would
move with other rooms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from setback.analysis.effects import columns as columns_of
from setback.analysis.effects import counts, of_rooms
from setback.analysis.estimate import FEW_TWINS, clusters
from setback.analysis.load import Results, unit_of, world_means
from setback.experiments.studies.worlds import SHARING, Rooms
from setback.experiments.twins.effects import effect
from setback.experiments.twins.effects import effects as effects_of_failing
from setback.model.errors import InputError

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
                    "unit": unit_of(results.study, outcome),
                    "mean": mean[k, o] if known else np.nan,
                    "spread": np.sqrt(squares[k, o] / (n[k, o] - 1)) if n[k, o] > 1 else np.nan,
                    "lowest": low[k, o] if known else np.nan,
                    "highest": high[k, o] if known else np.nan,
                    "worlds": int(n[k, o]),
                }
            )
    return pd.DataFrame(rows)


def estimands(results: Results, names: Sequence[str] | None = None) -> pd.DataFrame:
    """What a failure causes over the worlds, by policy, kind of flip and side.

    Args:
        results: a study of several worlds with twins.
        names: effects, as ``R_F.label``; by default all that its twins have.

    Returns:
        One row a policy and effect: unit, mean over the worlds, ``low`` and ``high`` (its 95 % interval: what other
        rooms would do), ``error``, ``spread`` (SD between worlds without the luck of their rooms), lowest and highest
        world, the number of worlds in which it is known, the twins behind it in all and in the world with fewest of
        these, and ``few``: whether too little stands behind it (`setback.analysis.estimate.FEW_TWINS` a world on
        average). NaN where it is not known.

    Raises:
        InputError: if there are no twins, or no such effect.
    """
    asked = effects_of_failing(results.study) if names is None else [effect(results.named(name)) for name in names]
    found = [one for one in asked if one is not None]
    if not found or len(found) < len(asked):
        what = "no effects of a failure" if not names else f"no effect of a failure in {', '.join(names)}"
        raise InputError(f"study {results.study['name']} has {what}; twins give it, by a share in [twins]")
    rooms = int(results.study["rooms"])
    here_are = pd.concat(list(results.in_parts(columns=["world", "policy", "room", "class", "students"])))
    here_are = here_are.reset_index(drop=True).astype({"policy": str})
    twins = pd.concat(list(results.in_parts("twins", columns_of(found)))).astype({"policy": str})
    table, behind = pd.concat([here_are, of_rooms(here_are, twins, found)], axis=1), counts(twins, found)
    rows = []
    for policy in results.policies.index:
        own = behind[behind.index.get_level_values("policy") == policy].droplevel("policy")
        part = effects(*_of_policy(table, policy, [one.name for one in found], rooms))
        for one in found:
            over = over_worlds(part, one.name)
            known = own[one.name].reindex(over.block.index).fillna(0) if over else own[one.name][:0]
            mean, error, reach, spread = over[:4] if over else (np.nan,) * 4
            rows.append(
                {
                    "policy": policy,
                    "estimand": one.name,
                    "unit": one.unit,
                    "mean": mean,
                    "low": mean - reach,
                    "high": mean + reach,
                    "error": error,
                    "spread": spread,
                    "lowest": part.effect[one.name].min() if over else np.nan,
                    "highest": part.effect[one.name].max() if over else np.nan,
                    "worlds": len(over.settled) if over else 0,
                    "twins": int(known.sum()),
                    "fewest": int(known.min()) if over else 0,
                    "few": bool(over) and (known.mean() < FEW_TWINS or error != error),
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
        unit: the outcome's unit.
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
    unit: str = ""

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
            f"{_limit(claim):g} {self.unit} in {self._percent(claim)} % of {_worlds(self.worlds)}{between}, beyond the "
            f"limit on the other side in {100 * self.opposite:.0f} %. Mean {self.mean:+.3f}"
            f"{'' if self.error != self.error else f' ± {self.error:.3f}'}, spread between worlds {self.spread:.3f}. "
            f"With half the limit {self.halved}, with twice the limit {self.doubled}."
        )
        if self.verdict == "undecided":
            text += (
                f" Supported it would be from {100 * claim['supported']:g} % of worlds on, refuted up to "
                f"{100 * claim['refuted']:g} %, whatever the rooms."
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

    def _percent(self, claim: dict[str, Any]) -> str:
        """Give the share of worlds in percent, with as many digits as tell it from a limit that it is not."""
        limits = [float(claim[name]) for name in ("supported", "refuted") if float(claim[name]) != self.share]
        texts = (f"{100 * self.share:.{digits}f}" for digits in range(9))
        return next(text for text in texts if all(float(text) != 100 * limit for limit in limits))

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
    whole = Effects.together([_effects(part, claim, rooms) for part in results.in_parts(columns=columns)])
    found = over_worlds(whole, claim["outcome"])
    asked = int(results.study["worlds"]["count"])
    if found is None:
        nothing = (np.nan,) * 4
        return Verdict("unknown", *nothing, "unknown", "unknown", np.nan, np.nan, np.nan, 0, asked)
    sign = 1.0 if claim["direction"] == "above" else -1.0

    def share(limit: float, moved: float = 0.0) -> float:
        return float(np.mean(sign * (found.settled + moved) > limit)) if moved == moved else np.nan

    def called(limit: float) -> str:
        ends = [share(limit, moved) for moved in (-found.reach, found.reach)]
        if all(end >= claim["supported"] for end in ends):
            return "supported"
        return "refuted" if all(end <= claim["refuted"] for end in ends) else "undecided"

    limit = float(claim["beyond"])
    low, high = sorted((share(limit, -found.reach), share(limit, found.reach)))
    return Verdict(
        called(limit),
        share(limit),
        low,
        high,
        float(np.mean(-sign * found.settled > limit)),
        called(limit / 2),
        called(limit * 2),
        found.mean,
        found.error,
        found.spread,
        len(found.settled),
        asked,
        *_needed(results.study, found.error, found.block.to_numpy()),
        unit_of(results.study, claim["outcome"]),
    )


class OverWorlds(NamedTuple):
    """Says what an effect is over the worlds in which it is known.

    Attributes:
        mean: its mean, in the outcome's unit.
        error: the standard error of the mean: the luck of the rooms; NaN where one room is all that there is.
        reach: half of the mean's 95 % interval.
        spread: SD between worlds, without the luck of their rooms.
        settled: (world,) the effect, drawn together to that spread.
        block: (world,) which worlds have the same rooms, by world.
    """

    mean: float
    error: float
    reach: float
    spread: float
    settled: Array
    block: pd.Series


def over_worlds(whole: Effects, column: str) -> OverWorlds | None:
    """Take the luck of rooms out of what differs between worlds; None where the effect is known in none."""
    if not whole.effect[column].notna().any():
        return None
    effect, found, block = whole.of(column)
    certain = settled(effect, found)
    reach = float(stats.t.ppf(0.975, found.freedom)) * found.error
    spread = float(np.std(certain, ddof=1)) if len(effect) > 1 else 0.0
    return OverWorlds(float(effect.mean()), found.error, reach, spread, certain, block)


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


def luck(
    effect: ArrayLike,
    variance: ArrayLike,
    block: ArrayLike,
    pulls: ArrayLike,
    of: ArrayLike,
    drawn: ArrayLike | None = None,
) -> Luck:
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
        drawn: (block,) how many rooms each block counts as, in the order of their numbers; as many as pull by default.
    """
    x, seen, pull = np.asarray(effect, float), np.asarray(variance, float), np.asarray(pulls, float)
    blocks, at = np.unique(np.asarray(block), return_inverse=True)
    room = np.searchsorted(blocks, np.asarray(of))
    n = np.bincount(at)
    k = np.bincount(room, minlength=len(blocks)) if drawn is None else np.asarray(drawn)
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


class Effects(NamedTuple):
    """Effects by world, one a column, and what the rooms of each world do to them.

    Worlds that have the same rooms are a block, which is called by its first class: of real classes there is one block,
    as they sit in the rooms of all worlds.

    Attributes:
        effect: (world, column) means over the students of all rooms; NaN where no room knows it.
        variance: (world, column) their variance over the rooms of the world; NaN where one is known.
        block: (world,) which worlds have the same rooms.
        pulls: (block and draw, column) how far each class or school pulls the effect, added up over the worlds that
            have it; NaN where none of them knows it.
    """

    effect: pd.DataFrame
    variance: pd.DataFrame
    block: pd.Series
    pulls: pd.DataFrame

    @classmethod
    def together(cls, parts: Sequence[Effects]) -> Effects:
        """Join effects of worlds that were read some at a time."""
        pulls = pd.concat([part.pulls for part in parts]).groupby(level=[0, 1]).sum(min_count=1)
        return cls(
            effect=pd.concat([part.effect for part in parts]),
            variance=pd.concat([part.variance for part in parts]),
            block=pd.concat([part.block for part in parts]),
            pulls=pulls,
        )

    def of(self, column: str | tuple[str, str]) -> tuple[Array, Luck, pd.Series]:
        """Give an effect in the worlds in which it is known, the luck of their rooms, and their blocks."""
        effect = self.effect[column].dropna()
        block, pulls = self.block[effect.index], self.pulls[column].dropna()
        found = luck(
            effect.to_numpy(float),
            self.variance[column][effect.index].to_numpy(float),
            block.to_numpy(),
            pulls.to_numpy(float),
            pulls.index.get_level_values(0).to_numpy(),
        )
        return effect.to_numpy(float), found, block


def effects(values: pd.DataFrame, students: pd.Series, draw: pd.Series) -> Effects:
    """Average effects over the rooms of each world, and say how far each class or school pulls them.

    Args:
        values: (world and room, column) the effects; NaN where not known.
        students: (world and room,) how much each room counts.
        draw: (world and room,) which class or school sits in it.
    """
    world = values.index.get_level_values("world")
    weight = values.notna().mul(students, axis=0)
    total = weight.groupby(world, sort=False).sum().replace(0, np.nan)
    mean = (values * weight).groupby(world, sort=False).sum() / total
    pull = values.sub(mean.reindex(world).to_numpy()).mul(weight).div(total.reindex(world).to_numpy())
    of_class = pull.groupby([world, draw.to_numpy()], sort=False).sum(min_count=1)
    squares = of_class.pow(2).groupby(level=0, sort=False)
    k = squares.count()
    variance = (k / (k - 1)).where(k > 1) * squares.sum()
    block = draw.groupby(world, sort=False).min()
    of_block = block.reindex(of_class.index.get_level_values(0)).to_numpy(np.int64)
    pulls = of_class.groupby([of_block, of_class.index.get_level_values(1)]).sum(min_count=1)
    return Effects(mean, variance, block, pulls)


def settled(effect: Array, found: Luck) -> Array:
    """Take the luck of the rooms out of the spread between worlds: effects as near their mean as they truly are."""
    total = float(np.var(effect, ddof=1)) if len(effect) > 1 else 0.0
    real = max(0.0, total - found.noise - found.between)
    centre = float(effect.mean())
    return np.asarray(centre + np.sqrt(real / total) * (effect - centre) if total > 0 else effect)


def _effects(part: pd.DataFrame, claim: dict[str, Any], rooms: int) -> Effects:
    value, students, draw = _of_policy(part, claim["policy"], [claim["outcome"]], rooms)
    if claim["against"] is not None:
        rows = part[part["policy"] == claim["against"]].set_index(["world", "room"])
        value = value - rows[[claim["outcome"]]].reindex(value.index)
    return effects(value, students, draw)


def _of_policy(
    part: pd.DataFrame, policy: str, outcomes: list[str], rooms: int
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Give outcomes of a policy by world and room, how many students sit there, and what is one draw."""
    cluster = clusters(part)
    rows = part[part["policy"] == policy].set_index(["world", "room"])
    # a world of which rooms are missing yet is not to be mixed with whole ones
    rows = rows[rows.groupby("world", sort=False)[cluster].transform("size") == rooms]
    return rows[outcomes], rows["students"], rows[cluster]
