"""Global sensitivity: which of the numbers that vary move an outcome, or the verdict on it, and which not.

By SALib, from what the design of the study allows:

- ``saltelli``: Sobol indices. ``S1`` is the share of the variance over worlds that a number explains by itself, ``ST``
  the share that it has a part in, alone or with others (Sobol 2001; Saltelli et al. 2010).
- ``morris``: ``mu_star``, how far the outcome moves on average when the number moves over its range and all others stay
  (Morris 1991; Campolongo et al. 2007), in the outcome's unit; ``sigma``, how differently it does so by the others.
- any other sample (``lhs``, ``sobol``, ``file``, ``posterior``, ``grid``): ``S1`` from the worlds as they are, by
  RBD-FAST with the correction of its bias (Tarantola et al. 2006; Tissot & Prieur 2012). What a number does only
  together with others is not seen; numbers that go together, as in a posterior, share what they explain.

The verdict is 1 in a world where the outcome lies beyond a limit, else 0, and is explained like any outcome. Intervals
are 95 %, by bootstrap over worlds (trajectories, in a Morris design); the luck of rooms is the same in every world of a
``saltelli`` or ``morris`` study and so no part of them. A number is *told from 0* where the lower end of an interval
that is as wide as it takes for all numbers together (Bonferroni, 5 %) lies above 0. `SALib`'s delta and PAWN are not
used: they have no value that stands for nothing, so they cannot say that a number does nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from setback.analysis.by_world import Effect, Limit, of_worlds
from setback.analysis.load import Results, shares_of_ranges
from setback.model.errors import InputError

Array = NDArray[np.float64]
#: Drawings of the bootstrap, and what decides them (SALib takes 0 for no seed).
RESAMPLES, SEED = 500, 20
#: Harmonics of RBD-FAST, and the fewest worlds that it takes.
HARMONICS, FEWEST = 10, 100
#: The fewest worlds on either side of a limit: with fewer, some drawing of half of the worlds has none.
FEWEST_BEYOND = 50
#: What is smaller than this share of the whole is the rounding of numbers, and told as 0.
ROUNDING = 1e-9
#: A sentence names no number that decides less than this share of what the first one does.
LITTLE = 0.05


class Sensitivity(NamedTuple):
    """How far the numbers that vary decide an effect.

    Attributes:
        table: one row a number, those that decide most first: ``number``, for each measure its value with ``… low`` and
            ``… high`` (95 %) and ``… told``, whether it is told from 0; ``sigma`` in a Morris design.
        measures: the measures, of which the last one counts: ``S1`` and ``ST``, ``mu_star``, or ``S1``.
        method: how it was estimated, in words.
        worlds: from how many worlds.
        effect: of what.
        limit: the limit, where it is of the verdict.
    """

    table: pd.DataFrame
    measures: tuple[str, ...]
    method: str
    worlds: int
    effect: Effect
    limit: Limit | None

    @property
    def what(self) -> str:
        """What is explained, in words."""
        return f"{self.effect} {self.limit}" if self.limit else str(self.effect)

    def sentence(self) -> str:
        """Say what decides most, and what is not told from 0."""
        is_told = self.table[f"{self.measures[-1]} told"]
        told, rest = self.table[is_told], self.table[~is_told]
        values = told[self.measures[-1]]
        most = told[values >= LITTLE * values.max()].head(3)
        first = [f"{row['number']} ({row[self.measures[-1]]:.2f})" for _, row in most.iterrows()]
        text = f"In the model, {self.what} is decided most by {', '.join(first)}" if first else (
            f"In the model, none of the numbers that vary is told from 0 for {self.what}")  # fmt: skip
        if first and len(rest):
            text += f"; not told from 0: {', '.join(rest['number'].head(8))}"
            text += f" and {len(rest) - 8} more" if len(rest) > 8 else ""
        return text + "."


def sensitivity(results: Results, effect: Effect, limit: Limit | None = None) -> Sensitivity:
    """Estimate which numbers decide an effect, or whether it lies beyond a limit.

    Args:
        results: a finished study of several worlds.
        effect: an outcome under a policy, or the difference of two.
        limit: explain whether it lies beyond this limit instead.

    Raises:
        InputError: if SALib is not installed, the effect is not known or the same in all worlds, or there are too few.
    """
    ranges = list(results.study["worlds"]["ranges"])
    design = str(results.study["worlds"]["design"])
    values = of_worlds(results, effect).reindex(results.worlds.index)
    x = shares_of_ranges(results.worlds, ranges)
    return explained(x, values.to_numpy(float), [str(one["name"]) for one in ranges], design, effect, limit)


def explained(
    x: Array, values: Array, names: list[str], design: str, effect: Effect, limit: Limit | None = None
) -> Sensitivity:
    """Estimate the same from shares of the ranges, (world, number), values by world, and the name of the design.

    Raises:
        InputError: those of `sensitivity`.
    """
    is_known = np.isfinite(values)
    is_designed = design in ("saltelli", "morris")
    if is_designed and not is_known.all():
        raise InputError(
            f"{effect} is not known in {int((~is_known).sum()):,} of {len(values):,} worlds; "
            f"a design {design} needs it in all of them, other designs do not"
        )
    x, values = x[is_known], values[is_known]
    y = limit.beyond(values).astype(float) if limit else values.astype(float)
    if not is_designed and len(y) < FEWEST:
        raise InputError(f"{len(y)} worlds are too few for sensitivities; it takes at least {FEWEST}")
    if np.ptp(y) == 0.0:
        said = f"{effect} {limit}" if limit else str(effect)
        advice = "move the limit" if limit else "there is nothing to explain"
        raise InputError(f"{said} is the same in all {len(y):,} worlds; {advice}")
    beyond = int(y.sum())
    if limit and min(beyond, len(y) - beyond) < FEWEST_BEYOND:
        raise InputError(
            f"{effect} is {limit} in {beyond:,} of {len(y):,} worlds; it takes at least {FEWEST_BEYOND} on "
            "either side, so move the limit, or run more worlds"
        )
    try:
        found, measures, method = _ESTIMATED.get(design, _given)(_problem(names), x, y)
    except ImportError:
        advice = 'install it with pip install -e ".[sensitivity]"'
        raise InputError(f"sensitivities need SALib; {advice}") from None
    table = pd.DataFrame({"number": names})
    wider = norm.ppf(1.0 - 0.025 / len(names)) / norm.ppf(0.975)
    for measure in measures:
        value, reach = np.asarray(found[measure], float), np.asarray(found[f"{measure}_conf"], float)
        table[measure], table[f"{measure} low"], table[f"{measure} high"] = value, value - reach, value + reach
        least = ROUNDING * (float(np.ptp(y)) if measure == "mu_star" else 1.0)
        table[f"{measure} told"] = value > np.maximum(wider * reach, least)
    if "sigma" in found:
        table["sigma"] = np.asarray(found["sigma"], float)
    table = table.sort_values(measures[-1], ascending=False, kind="stable", ignore_index=True)
    return Sensitivity(table, measures, method, len(y), effect, limit)


def _problem(names: list[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


Estimated = tuple[Any, tuple[str, ...], str]


def _sobol(problem: dict[str, Any], x: Array, y: Array) -> Estimated:
    from SALib.analyze import sobol

    found = sobol.analyze(problem, y, calc_second_order=False, num_resamples=RESAMPLES, seed=SEED)
    return found, ("S1", "ST"), "Sobol indices of a Saltelli design"


def _morris(problem: dict[str, Any], x: Array, y: Array) -> Estimated:
    from SALib.analyze import morris

    found = morris.analyze(problem, x, y, num_resamples=RESAMPLES, seed=SEED)
    return found, ("mu_star",), "elementary effects of a Morris design"


def _given(problem: dict[str, Any], x: Array, y: Array) -> Estimated:
    from SALib.analyze import rbd_fast

    # worlds with one value of a number must not come in the order of another number, as they do in a grid
    order = np.random.default_rng(SEED).permutation(len(y))
    found = rbd_fast.analyze(problem, x[order], y[order], M=HARMONICS, num_resamples=RESAMPLES, seed=SEED)
    return found, ("S1",), "first-order indices of the worlds as they are (RBD-FAST)"


_ESTIMATED = {"saltelli": _sobol, "morris": _morris}
