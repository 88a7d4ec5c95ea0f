"""What a fit found, read from its tables: how near each model comes, what a failure causes, what is identified.

Nothing here runs a model. The tables are those that `setback fit` keeps (docs/fit.md says what their columns are).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from setback.model.errors import InputError
from setback.model.reading import read_text
from setback.model.shipped import shipped

#: The tables of the fit that ships.
REFERENCE = shipped("setback.experiments") / "fit" / "reference"
#: The models, the one with a cycle first, and what they stand beside.
CYCLE, NO_CYCLE = "cycle", "no-cycle"
MODELS = (CYCLE, NO_CYCLE, "drifting-ability", "stable-ability")
PRIOR, RANDOM_SIGNS = "prior", "random signs"
#: What the set of figures is made with that no model made.
PUBLISHED = "published"
#: Distances count up to so many tolerances in a mean; draws of the bootstrap over blocks.
FURTHEST, REDRAWN = 3.0, 4_000
#: A number is identified below this share of the prior's variance; a false cycle may be found this often.
SHRUNK, FALSE = 0.5, 0.10
#: In so many sets without a cycle a fit with one may go better by more than what counts.
BY_LUCK = 0.05
#: Columns that a table needs, by the beginning of its name.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "rows": ("row", "block", "number", "published", "in_distance", "in_share", "in_hit", "out_distance", "out_hit"),
    "prior": ("row", "block", "number", "out_distance", "out_share", "out_hit", "signs_distance"),
    "effects": ("variant", "context", "mean", "low", "high", "found"),
    "numbers": ("number", "low", "high", "left_joint", "fitted_low", "fitted_middle", "fitted_high"),
    "ranks": ("number", "coverage", "covered", "shrunk", "mean_rank"),
    "recovery": ("made_with", "nearer"),
}


class Found(NamedTuple):
    """The tables of a fit.

    Attributes:
        folder: where they are.
        rows: one row of the evidence a row, by model.
        prior: the same of worlds of the prior.
        effects: what a failure causes, by model.
        numbers: the free numbers, by model.
        ranks: how the truth ranks in fits to synthetic figures, by number.
        recovery: what is found in worlds of either model; one row a set.
    """

    folder: Path
    rows: Mapping[str, pd.DataFrame]
    prior: pd.DataFrame
    effects: Mapping[str, pd.DataFrame]
    numbers: Mapping[str, pd.DataFrame]
    ranks: pd.DataFrame
    recovery: pd.DataFrame

    @property
    def models(self) -> tuple[str, ...]:
        """Name the models that were fitted."""
        return tuple(self.rows)


class Comparison(NamedTuple):
    """How much nearer one model comes to what was left out than another; below 0 the first is nearer.

    Attributes:
        difference: of mean distances over the rows that both can speak to, rows of a block counted as one, tolerances.
        low: the lower end of its 95 % interval, by the bootstrap over blocks.
        high: the upper end.
        rows: how many there are.
    """

    difference: float
    low: float
    high: float
    rows: int


def read(folder: Path) -> Found:
    """Read the tables of a fit.

    Raises:
        InputError: if a table is not there, or is none of a fit.
    """
    models = [name for name in MODELS if (folder / f"rows-{name}.csv").is_file()]
    if CYCLE not in models:
        raise InputError(f"{folder} holds no fit of the model with a cycle; setback fit makes one")

    def of(name: str) -> dict[str, pd.DataFrame]:
        return {model: _table(folder, f"{name}-{model}") for model in models}

    return Found(
        folder, {model: table.set_index("row") for model, table in of("rows").items()},
        _table(folder, "prior").set_index("row"), of("effects"),
        {model: table.set_index("number") for model, table in of("numbers").items()},
        _table(folder, "ranks").set_index("number"), _table(folder, "recovery"),
    )  # fmt: skip


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    try:
        table = pd.read_csv(io.StringIO(read_text(path, str(path))))
    except (ValueError, pd.errors.ParserError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is no table; setback fit makes it anew once it is taken away") from None
    needed = COLUMNS[name.partition("-")[0]]
    if missing := [column for column in needed if column not in table.columns]:
        raise InputError(f"{path} has no column {missing[0]}; setback fit makes it anew once it is taken away")
    return table


# ---- how near each model comes ---------------------------------------------------------------------------------
def scores(found: Found) -> pd.DataFrame:
    """Give one row a model, the prior and random signs among them.

    Columns: numbers, and signs (how many it can speak to); numbers_in, numbers_out (the share of numbers whose mean
    over draws lies within its tolerance, in sample and with the block left out), signs_in, signs_out (the share of
    signs that 90 % of draws have); distance (the mean over blocks of what was left out, in tolerances, cut off at
    `FURTHEST`), and nearer, nearer_low, nearer_high, rows: how much nearer the model with a cycle comes (`Comparison`).
    """
    said = {**found.rows, PRIOR: found.prior, RANDOM_SIGNS: found.prior}
    mine = left_out(found.rows[CYCLE])
    rows = []
    for name, table in said.items():
        column = "signs_distance" if name == RANDOM_SIGNS else "out_distance"
        other = left_out(table, column)
        numbers, signs = table[table["number"]], table[~table["number"]]
        has = name != RANDOM_SIGNS
        mean = other.groupby(table.loc[other.index, "block"]).mean().mean()
        row: dict[str, object] = {
            "model": name, "numbers": len(numbers), "signs": len(signs),
            "numbers_in": numbers["in_hit"].mean() if "in_hit" in table else np.nan,
            "numbers_out": numbers["out_hit"].mean() if has else np.nan,
            "signs_in": signs["in_hit"].mean() if "in_hit" in table else np.nan,
            "signs_out": signs["out_hit"].mean() if has else np.nan, "distance": mean,
        }  # fmt: skip
        if name != CYCLE:
            by = compared(mine, other, found.rows[CYCLE]["block"])
            row |= {"nearer": by.difference, "nearer_low": by.low, "nearer_high": by.high, "rows": by.rows}
        rows.append(row)
    return pd.DataFrame(rows).set_index("model")


def left_out(table: pd.DataFrame, column: str = "out_distance") -> pd.Series:
    """Give the distances of rows whose block was left out, cut off at `FURTHEST`; of those that have a figure."""
    return table[column].abs().clip(upper=FURTHEST).dropna()


def compared(first: pd.Series, second: pd.Series, block: pd.Series, seed: int = 0) -> Comparison:
    """Compare the distances of two models, by row, on the rows that both have."""
    rows = first.index.intersection(second.index)
    each = (first[rows] - second[rows]).groupby(block[rows]).mean().to_numpy()
    drawn = np.random.default_rng(seed).integers(len(each), size=(REDRAWN, len(each)))
    low, high = np.quantile(each[drawn].mean(1), (0.025, 0.975))
    return Comparison(float(each.mean()), float(low), float(high), len(rows))


def missed(found: Found, model: str = CYCLE) -> pd.DataFrame:
    """Give the rows that a fit misses in sample: numbers outside their tolerance, signs that too few draws have."""
    table = found.rows[model]
    return table[~table["in_hit"]]


# ---- what is identified ------------------------------------------------------------------------------------------
def identified(found: Found) -> pd.DataFrame:
    """Give the numbers of the model with a cycle whose variance fell below half of the prior's, the most certain first.

    Columns as of the table of numbers, and of the ranks; ``identified`` where the number is also recovered: its
    intervals hold the truth as often as they should.
    """
    table = found.numbers[CYCLE].join(found.ranks, how="left")
    table = table[table["left_joint"] < SHRUNK].sort_values("left_joint")
    return table.assign(identified=table["covered"].fillna(False).astype(bool))


def coverage(found: Found) -> tuple[float, int]:
    """Give how often 90 % intervals hold the truth, pooled over the numbers that `identified` lists; and how many."""
    names = identified(found).index
    return float(found.ranks.loc[names, "coverage"].mean()) if len(names) else np.nan, len(names)


# ---- what a failure causes -----------------------------------------------------------------------------------------
def effects(found: Found) -> pd.DataFrame:
    """Give what a failure causes in every context: one row a context, model and way of fitting."""
    parts = [table.assign(model=name) for name, table in found.effects.items()]
    return pd.concat(parts, ignore_index=True).sort_values(["context", "variant"], kind="stable")


class Recovered(NamedTuple):
    """How often a fit finds a cycle in figures of which the truth is known, and whether it does in what is published.

    A cycle is *found* where the fit is sure of one and also goes better with the figures than the fit without a cycle
    does: by more than in all but 5 % of the sets that were made without one (Cox 1961). Of these themselves, each half
    is judged by the other.

    Attributes:
        context: of the effect.
        false: the share of sets made without a cycle in which one is found.
        false_high: the upper end of its exact 95 % interval.
        unlikely: how likely so many or more would be if 10 % were the truth.
        sure: the share of these in which the fit is sure of a cycle, however well it goes without.
        power: the share of sets made with a cycle above the least that counts, in which one is found.
        power_low: the lower end of its exact 95 % interval.
        planted: how many these are.
        sets: how many were made without.
        truth: the mean of the truth of the planted ones.
        mean: the mean of what is found in them.
        without: the mean of what is found in those without.
        published: whether one is found in what is published.
        nearer: the share of sets made without a cycle in which the fit with one goes better than the other by as much
            as it does with what is published; NaN where that is not known.
    """

    context: str
    false: float
    false_high: float
    unlikely: float
    sure: float
    power: float
    power_low: float
    planted: int
    sets: int
    truth: float
    mean: float
    without: float
    published: bool
    nearer: float


def recovered(found: Found, context: str = "R_F", beyond: float = 0.10) -> Recovered:
    """Say how often a cycle is found that is there, and one that is not."""
    table = found.recovery
    without, made, real = (table[table["made_with"] == name] for name in (NO_CYCLE, CYCLE, PUBLISHED))
    planted = made[made[f"{context}.truth"] > beyond]
    odd = np.arange(len(without)) % 2 == 1
    limit = np.where(odd, _limit(without[~odd]), _limit(without[odd]))
    is_sure = without[f"{context}.found"].astype(bool)
    hits = int((is_sure & (without["nearer"] > limit)).sum())
    right = planted[f"{context}.found"].astype(bool) & (planted["nearer"] > _limit(without))
    test = binomtest(hits, max(len(without), 1), FALSE, alternative="greater")
    high = binomtest(hits, max(len(without), 1), FALSE).proportion_ci(0.95).high
    low = binomtest(int(right.sum()), max(len(planted), 1), 0.5).proportion_ci(0.95).low
    said = real[f"{context}.found"].astype(bool) & (real["nearer"] > _limit(without))
    return Recovered(
        context, hits / max(len(without), 1), float(high), float(test.pvalue), float(is_sure.mean()),
        float(right.mean()), float(low), len(planted), len(without),
        float(planted[f"{context}.truth"].mean()), float(planted[f"{context}.mean"].mean()),
        float(without[f"{context}.mean"].mean()), bool(said.any()),
        float((without["nearer"] >= real["nearer"].iloc[0]).mean()) if len(real) else np.nan,
    )  # fmt: skip


def _limit(without: pd.DataFrame) -> float:
    """Give how much better a fit with a cycle goes than one without, in all but 5 % of sets without a cycle."""
    return float(without["nearer"].quantile(1.0 - BY_LUCK)) if len(without) else np.inf


# ---- in words --------------------------------------------------------------------------------------------------
#: What a context of `effects` is called.
CALLED: Mapping[str, str] = {
    "R_F": "the class of the reference policy", "R_F.oulad": "adults at a distance (OULAD)",
    "R_F.osu-homework": "homework of a university course (OSU)", "R_F.uci-mathematics": "mathematics at school (UCI)",
}  # fmt: skip


def sentences(found: Found) -> list[str]:
    """Say in words what a fit found: how near it comes, what it cannot tell, and what a failure causes."""
    table, said = scores(found), []
    cycle: dict[str, Any] = {str(name): value for name, value in table.loc[CYCLE].items()}
    said.append(
        f"Fitted, the model with a cycle has {_percent(cycle['numbers_in'])} of {cycle['numbers']:.0f} published "
        f"numbers within their tolerance ({_percent(cycle['numbers_out'])} where their block was left out), and "
        f"{_percent(cycle['signs_in'])} of {cycle['signs']:.0f} signs in 90 % of draws "
        f"({_percent(cycle['signs_out'])})."
    )
    for name in [*found.models[1:], PRIOR, RANDOM_SIGNS]:
        row = table.loc[name]
        of = f"by {row['nearer']:+.2f} tolerances ({row['nearer_low']:+.2f} to {row['nearer_high']:+.2f})"
        verdict = (
            "the model with a cycle comes nearer" if row["nearer_high"] < 0
            else f"{name} comes nearer" if row["nearer_low"] > 0 else "they cannot be told apart"
        )  # fmt: skip
        said.append(f"On the {row['rows']:.0f} rows that {name} can speak to, left out, it differs {of}: {verdict}.")
    if NO_CYCLE in found.models:
        for context in CALLED:
            mine, other = (_effect(found, name, context) for name in (CYCLE, NO_CYCLE))
            said.append(
                f"In {CALLED[context]} a failure causes {_interval(mine)} further failures over nine tests; fitted "
                f"without a cycle, {_interval(other)}."
            )
    told = recovered(found)
    judged = "more than 10 %" if told.unlikely < 0.05 else "not significantly more than 10 %"
    said.append(
        f"Of {told.sets} synthetic sets of figures made without a cycle, a cycle is found in {_percent(told.false)} "
        f"({judged}; at most {_percent(told.false_high)}); of {told.planted} made with one, in {_percent(told.power)} "
        f"(at least {_percent(told.power_low)})."
    )
    if not np.isnan(told.nearer):
        said.append(
            f"In what is published a cycle is {'found' if told.published else 'not found'}: the model with one goes "
            f"better with them than the one without by as much as in {_percent(told.nearer)} of the sets without one."
        )
    share, count = coverage(found)
    names = identified(found)
    said.append(
        f"{int(names['identified'].sum())} of {len(found.numbers[CYCLE])} numbers are identified"
        + (
            f"; 90 % intervals of the {count} that shrank by half hold the truth {_percent(share)} of the time."
            * bool(count)
        )
    )
    return said


def _percent(share: float) -> str:
    return "-" if np.isnan(share) else f"{100.0 * share:.0f} %"


def _effect(found: Found, model: str, context: str, variant: str = "joint") -> pd.Series:
    table = found.effects[model]
    return table[(table["variant"] == variant) & (table["context"] == context)].iloc[0]


def _interval(row: pd.Series) -> str:
    return f"{row['mean']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
