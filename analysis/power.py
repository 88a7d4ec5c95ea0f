"""The power of a cluster-randomised trial, by simulation: how many classes in each arm show the effect of a policy.

A trial draws classes for either arm, each seen under its own arm's policy alone, and compares their means by a t test,
two-sided: adjusted for the class mean of an opening score (analysis of covariance, 2n - 3 degrees of freedom for n
classes an arm), and beside that unadjusted (2n - 2). Trials are drawn again and again from the classes that were
simulated in a world; the effect is that world's true one, its own error taken out (`setback.analysis.deconvolution`): a
chance difference of the classes at hand would be found for sure by enough classes drawn from them.

Power averaged over worlds is the *assurance* (O'Hagan, Stevens & Campbell 2005, doi:10.1002/pst.175): the probability
that the trial shows an effect, nobody knowing how large it is. It ends where worlds without an effect begin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from setback.analysis.deconvolution import points, probabilities
from setback.model.errors import InputError, number, whole

Array = NDArray[np.float64]

#: The most classes an arm that are tried unless another number is named, and the most that can be.
MOST, LIMIT = 1_000, 10_000
#: Trials of each world, several times as many where there are fewer worlds than so many; classes of a world, known in
#: both arms, that a trial can be drawn from at least.
TRIALS, WORLDS, FEWEST = 200, 20, 10
#: The middle 80 % of worlds.
ENDS = (0.1, 0.9)


class Spread(NamedTuple):
    """A number over worlds: its mean, and where the middle 80 % of worlds end."""

    mean: float
    low: float
    high: float


class Plan(NamedTuple):
    """What a trial needs.

    Attributes:
        classes: the fewest classes in each arm whose assurance is the power that is asked for, by the adjusted test;
            None where the most that were tried are too few.
        unadjusted: the same by the unadjusted test.
        curve: one row a number of classes in each arm, which is the index: ``assurance``, its standard ``error`` over
            the worlds that were drawn, ``low`` and ``high``, the power that 10 % and 90 % of worlds do not exceed, and
            ``unadjusted``, the assurance of that test.
        effect: the true effect over worlds, second policy less first, in the unit of the outcome.
        standardised: the same in standard deviations of students of one arm, within classes and between.
        above: the share of worlds in which it is above 0.
        intraclass: the intraclass correlation of the outcome over worlds.
        size: students of a class of whom the outcome is known, on average.
        design: the design effect, with the mean intraclass correlation.
        explained: the share of the spread between classes of an arm that the opening score explains.
        closed: classes in each arm by the closed formula for the adjusted test, were the effect in every world the
            mean one.
        worlds: how many worlds stand behind it.
        left_out: worlds in which the outcome is known in too few classes.
        power: what was asked for.
        alpha: the level of the test.
    """

    classes: int | None
    unadjusted: int | None
    curve: pd.DataFrame
    effect: Spread
    standardised: Spread
    above: float
    intraclass: Spread
    size: float
    design: float
    explained: float
    closed: float
    worlds: int
    left_out: int
    power: float
    alpha: float

    @property
    def at(self) -> pd.Series:
        """Give the row of the curve for these classes, or for the most that were tried."""
        return self.curve.T[self.most if self.classes is None else self.classes]

    @property
    def most(self) -> int:
        """Give the most classes in each arm that were tried."""
        return int(self.curve.index[-1])

    def sentences(self, unit: str) -> list[str]:
        """Say it for people; the outcome has this unit."""
        test = f"two-sided at {self.alpha:g}, adjusted for the class mean of an opening score"
        at = self.at
        if self.classes is None:
            first = f"More than {self.most:,} classes in each arm for a power of {self.power:g} ({test})."
            reached = f"With {self.most:,} classes the"
        else:
            first = (
                f"{self.classes:,} classes in each arm, {self.students:,} students, for a power of {self.power:g} "
                f"({test})."
            )
            reached = "The"
        plain = f"more than {self.most:,}" if self.unadjusted is None else f"{self.unadjusted:,}"
        closed = "no number" if np.isinf(self.closed) else f"{np.ceil(self.closed):,.0f}"
        said = [
            f"{first} That is a lower bound: no teachers or schools differ in the model, so that its opening score "
            f"explains more than one in schools does. Unadjusted: {plain} classes in each arm; plan between the two.",
            f"{reached} assurance, the mean over worlds, is {at['assurance']:.2f} (standard error {at['error']:.2f}); "
            f"a tenth of worlds has a power of {at['low']:.2f} or less, a tenth of {at['high']:.2f} or more.",
            f"Closed formula, were the effect in every world the mean one: {closed}.",
            f"Effect, second less first (in brackets the middle 80 % of worlds): {_said(self.effect, '+.3g')} {unit}, "
            f"{_said(self.standardised, '+.2f')} SD of students; above 0 in {self.above:.0%} of worlds.",
            f"Intraclass correlation {_said(self.intraclass, '.2f')}, design effect {self.design:.1f} with classes of "
            f"{self.size:.3g}; the opening score explains {self.explained:.0%} of the spread between classes.",
        ]
        if self.left_out:
            worlds = "1 world" if self.left_out == 1 else f"{self.left_out} worlds"
            said.append(f"Left out: {worlds} in which hardly a class has the outcome.")
        return said

    @property
    def students(self) -> int | None:
        """Count the students of both arms together."""
        return None if self.classes is None else round(2 * self.classes * self.size)


def _said(spread: Spread, form: str) -> str:
    """Say a number over worlds: its mean, and in brackets where the middle 80 % of worlds end."""
    return f"{spread.mean:{form}} [{spread.low:{form}}, {spread.high:{form}}]"


def check(power: float, alpha: float, most: int = MOST) -> None:
    """Check what is asked of a trial, before anything is simulated.

    Raises:
        InputError: if a probability does not lie between 0 and 1, the power is no higher than the level of the test,
            or the most classes are no whole number from 2 to `LIMIT`.
    """
    for name, value in (("power", power), ("alpha", alpha)):
        if not 0.0 < number(name, value) < 1.0:
            raise InputError(f"{name} is {value:g}; it needs a number between 0 and 1, both left out")
    if power <= alpha:
        raise InputError(f"power is {power:g} and alpha {alpha:g}; a test reaches its alpha without any effect")
    whole("the most classes", most, 2, LIMIT)


def plan(
    outcome: Array, opening: Array, within: Array, known: Array, power: float = 0.8, alpha: float = 0.05,
    most: int = MOST, trials: int = TRIALS, seed: int = 0, name: str = "the outcome",
    progress: Callable[[int], None] = lambda worlds: None,
) -> Plan:  # fmt: skip
    """Say how many classes a trial needs in each arm.

    Args:
        outcome: (world, arm, class) class means under either policy, NaN where it is not known; a class is the same
            one in both arms.
        opening: (world, class) class means of an opening score.
        within: (world, arm, class) sums of squares of students about the class mean.
        known: (world, arm, class) students of whom the outcome is known.
        power: the probability with which the trial is to show an effect.
        alpha: the level of its two-sided test.
        most: classes an arm that are tried at most.
        trials: how many trials are drawn of each world.
        seed: what decides the trials.
        name: what the outcome is called in messages.
        progress: called with the worlds done since it was called last.

    Raises:
        InputError: if classes of an arm do not differ in any world, the outcome is known in too few classes, or
            something does not lie in its range.
    """
    check(power, alpha, most)
    here: NDArray[np.bool_] = np.all(np.isfinite(outcome), axis=1)  # (world, class)
    used = np.flatnonzero(here.sum(1) >= FEWEST)
    if not len(used):
        raise InputError(f"{name} is known in fewer than {FEWEST} classes of every world; name another outcome")
    pools = [_Pool(outcome[w][:, here[w]], opening[w, here[w]]) for w in used.tolist()]
    if not any(pool.varies for pool in pools):
        raise InputError(f"{name} has no spread between classes under either policy; name another outcome")
    paired = np.array([pool.pairs for pool in pools])  # (world, difference and its error)
    of_world = probabilities(paired[:, :1], paired[:, 1, None, None] ** 2)
    at = points(paired[:, :1])[:, 0]
    found = np.empty((len(used), 2, most - 1))  # (world, adjusted or not, classes)
    rounds = -(-WORLDS // len(pools))  # of few worlds more trials each
    for k, pool in enumerate(pools):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(used[k]),)))
        effects = at[rng.choice(len(at), (rounds, trials), p=of_world[k] / of_world[k].sum())]
        found[k] = np.mean([pool.shown(some, most, alpha, rng) for some in effects], 0)
        progress(1)
    tested = found[:, 0]
    low, high = np.quantile(tested, ENDS, axis=0)
    rows = {"assurance": tested.mean(0), "low": low, "high": high, "unadjusted": found[:, 1].mean(0)}
    # more classes show no less: what falls with their number is the luck of the draws
    curve = pd.DataFrame({name: optimize.isotonic_regression(row).x for name, row in rows.items()})
    luck = curve["assurance"] * (1.0 - curve["assurance"]) / (rounds * trials)
    curve.insert(1, "error", np.sqrt(np.maximum(tested.var(0), luck) / len(used)))
    curve.index = pd.RangeIndex(2, most + 1, name="classes")
    fewest, plain = (_first(curve[name], power) for name in ("assurance", "unadjusted"))
    mass = of_world.mean(0)
    spreads = [_students(within[w][:, here[w]], outcome[w][:, here[w]], known[w][:, here[w]]) for w in used.tolist()]
    sd, icc = (np.array(column) for column in zip(*spreads))
    counted = known[used][np.broadcast_to(here[used][:, None], known[used].shape)]
    size, varied = float(counted.mean()), float(counted.std() / counted.mean())
    design = design_effect(size, float(icc.mean()), varied)
    explained = float(np.mean([pool.explained for pool in pools]))
    # a world's effect lies at any of the points, its standard deviation is its own
    alike = sd > 0.0  # in a world where all students are alike there is no such number
    standardised = _spread((at / sd[alike, None]).ravel(), of_world[alike].ravel() / len(used))
    closed = closed_formula(standardised.mean, size, design, power, alpha, explained)
    return Plan(
        fewest, plain, curve, _spread(at, mass), standardised, float(mass[at > 0.0].sum()),
        Spread(float(icc.mean()), *map(float, np.quantile(icc, ENDS))), size, design, explained, closed, len(used),
        len(outcome) - len(used), power, alpha,
    )  # fmt: skip


def _first(curve: pd.Series, power: float) -> int | None:
    """Find the fewest classes with which a rising curve reaches a power; None where none does."""
    at = int(np.searchsorted(curve.to_numpy(), power))
    return int(curve.index[at]) if at < len(curve) else None


def design_effect(size: float, intraclass: float, varied: float = 0.0) -> float:
    """Give how many times as many students whole classes need as students drawn singly: 1 + [(1 + cv²) m - 1] ρ.

    With classes of one size it is 1 + (m - 1) ρ (Donner & Klar 2000, Design and Analysis of Cluster Randomization
    Trials); with others Eldridge, Ashby & Kerry 2006, doi:10.1093/ije/dyl129.

    Args:
        size: m, the mean size of a class.
        intraclass: ρ, the intraclass correlation.
        varied: cv, the standard deviation of sizes over their mean.
    """
    return 1.0 + ((1.0 + varied**2) * size - 1.0) * intraclass


def closed_formula(
    effect: float, size: float, design: float, power: float, alpha: float, explained: float = 0.0
) -> float:
    """Give the classes in each arm by the closed formula: 2 (z_α/2 + z_β)² / d² students, times the design effect.

    One class is added for the t test in place of the normal (Snedecor & Cochran 1989). It takes one effect for sure.

    Args:
        effect: d, in standard deviations of students.
        size: of a class.
        design: the design effect.
        power: what is asked for.
        alpha: of the two-sided test.
        explained: share of the spread between classes that is explained by what is adjusted for.
    """
    if effect == 0.0:
        return np.inf
    z = stats.norm.ppf(1.0 - alpha / 2.0) + stats.norm.ppf(power)
    return float(2.0 * z**2 / effect**2 * design * (1.0 - explained) / size + 1.0)


class _Pool:
    """The classes of one world, out of which trials are drawn."""

    def __init__(self, outcome: Array, opening: Array) -> None:
        n = outcome.shape[1]
        apart = outcome[1] - outcome[0]
        self.pairs = float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(n))
        # what is drawn again from n classes spreads a little less than where they came from
        wider = np.sqrt(n / (n - 1.0))
        self.y, self.x = (outcome - outcome.mean(1, keepdims=True)) * wider, (opening - opening.mean()) * wider
        scale = max(float(np.abs(outcome).max()), 1e-12)
        self.varies = bool((self.y.std(1) > 1e-9 * scale).any())

    @property
    def explained(self) -> float:
        """Give the share of the spread of class means about those of their arm that the opening score explains."""
        both = float(2.0 * (self.x**2).sum() * (self.y**2).sum())
        return float((self.x * self.y).sum() ** 2 / both) if both > 0.0 else 0.0

    def shown(self, effects: Array, most: int, alpha: float, rng: np.random.Generator) -> Array:
        """Draw trials with these true effects; each goes on, class after class, from 2 in each arm to the most.

        Returns:
            (2, most - 1) the share of them that are significant by the adjusted test, and by the unadjusted one.
        """
        n, sums = np.arange(1, most + 1), []
        for arm, shift in ((0, np.zeros(len(effects))), (1, effects)):
            drawn = rng.integers(self.y.shape[1], size=(len(effects), most))
            y, x = self.y[arm][drawn] + shift[:, None], self.x[drawn]
            of_y, of_x, yy, xx, xy = (part.cumsum(1) for part in (y, x, y * y, x * x, x * y))
            sums.append((of_y / n, of_x / n, yy - of_y**2 / n, xx - of_x**2 / n, xy - of_x * of_y / n))
        (y0, x0, *inside), (y1, x1, *others) = sums
        yy, xx, xy = (one + other for one, other in zip(inside, others))
        gap, is_known = x1 - x0, xx > 0.0
        xx = np.where(is_known, xx, 1.0)
        slope = np.where(is_known, xy / xx, 0.0)
        adjusted = _share(y1 - y0 - slope * gap, yy - slope * xy, 2.0 / n + is_known * gap**2 / xx, 2 * n - 3, alpha)
        return np.stack([adjusted, _share(y1 - y0, yy, 2.0 / n, 2 * n - 2, alpha)])


def _share(difference: Array, squares: Array, error: Array, freedom: NDArray[np.int64], alpha: float) -> Array:
    """Give the share of trials, (trial, classes - 1), whose t test is significant, with 2 classes an arm and more."""
    critical = stats.t.ppf(1.0 - alpha / 2.0, freedom[1:])
    wide = np.sqrt(np.maximum(squares, 0.0) * error)[:, 1:] / np.sqrt(freedom[1:])
    shown: Array = (np.abs(difference[:, 1:]) > critical * wide).mean(0)
    return shown


def _students(within: Array, outcome: Array, known: Array) -> tuple[float, float]:
    """Give the standard deviation of students of an arm, and the intraclass correlation: (arm, class) each.

    By the analysis of variance of one way, classes in their arms (Donner & Klar 2000).
    """
    students, classes, arms = known.sum(), known.size, len(known)
    middle = (known * outcome).sum(1, keepdims=True) / known.sum(1, keepdims=True)
    between = (known * (outcome - middle) ** 2).sum() / (classes - arms)
    inside = within.sum() / max(students - classes, 1.0)
    per_class = (students - ((known**2).sum(1) / known.sum(1)).sum()) / (classes - arms)
    of_classes = (between - inside) / per_class
    total = max(float(of_classes), 0.0) + float(inside)
    if total <= 0.0:
        return np.nan, 0.0
    return float(np.sqrt(total)), float(of_classes / (of_classes + inside))


def _spread(values: Array, mass: Array) -> Spread:
    """Give the mean and the ends of the middle 80 % of a distribution over points."""
    order = np.argsort(values)
    below = np.cumsum(mass[order]) / mass.sum()
    low, high = (float(values[order][np.searchsorted(below, end)]) for end in ENDS)
    return Spread(float((values * mass).sum() / mass.sum()), low, high)
