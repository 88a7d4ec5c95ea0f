"""The worlds of a study: a table with one row per world and one column for each number that varies.

What varies is a parameter, a policy lever (then every policy of the study gets that value), or an assumed number of a
named policy as ``curve.threat`` (then every policy that takes it from this part does), within the range of the
parameter table or a narrower one. The design says how the rows are made:

- ``grid``: every combination of ``steps`` values of each number, or of the values that are listed;
- ``lhs``: a Latin hypercube of n points (McKay et al. 1979, doi:10.1080/00401706.1979.10489755), or several
  hypercubes of n points one after the other;
- ``sobol``: n points of a scrambled Sobol sequence, n a power of two;
- ``saltelli``: n (k + 2) worlds for Sobol indices of k numbers (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018);
- ``morris``: n (k + 1) worlds, n trajectories for elementary effects (Morris 1991, doi:10.1080/00401706.1991.10484804);
- ``file``: the rows of a CSV or Parquet file without its column ``world``;
- ``posterior``: n draws of a fitted posterior by their weights (`setback.experiments.fit.posterior`); what varies
  besides is drawn at random over its range.

The draws of a posterior come in an order that the seed decides. A draw of share p of all weight comes for the first
time at a random point of the first 1/p worlds, and then again every 1/p worlds: so it comes n p times to within one,
one of weight 0 never, and where all weights are equal each comes once before any comes again. The first n worlds are a
sequential Poisson sample (Ohlsson 1998, Journal of Official Statistics 14, 149-162).

A study grows without moving a world that is there: a Sobol sequence and a posterior by n, a Latin hypercube by whole
further ones, a file by rows at its end.

Worlds of a sample (``lhs``, ``sobol``, ``file``, ``posterior``) have rooms of their own, `SHARING` worlds that follow
one another the same: so the mean over worlds does not hang on the luck of a few rooms. Worlds of ``grid``, ``saltelli``
and ``morris`` are compared point by point, so all of them have the same rooms.
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from setback.experiments.gradebook.contexts import CONTEXTS
from setback.experiments.studies.tables import read_numbers
from setback.model.errors import InputError, unknown, whole
from setback.model.parameters import OWN, Table

if TYPE_CHECKING:
    from setback.experiments.fit.posterior import Posterior

Array = NDArray[np.float64]

#: The most worlds of one study, and the most numbers in its table (8 bytes each).
MOST_WORLDS, MOST_NUMBERS = 1_000_000, 50_000_000
#: Values of each number in a grid, where nothing is said of them.
STEPS = 5
DISTRIBUTIONS = ("uniform", "loguniform")
#: From the first of the rooms that some worlds share to the first that the next ones share, at least.
APART = 2**17
#: Designs whose neighbouring rows are alike, so that a run takes them in turns (`setback.experiments.studies.task`).
IN_ORDER = ("grid", "file")
#: Designs whose worlds are a sample, and how many that follow one another share rooms: the same however many there are.
SAMPLES, SHARING = ("lhs", "sobol", "file", "posterior"), 256


class Range(NamedTuple):
    """What one number may be: from ``low`` to ``high`` by a ``distribution``, or one of the listed ``values``."""

    name: str
    low: float
    high: float
    distribution: str = "uniform"
    values: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        name: str,
        low: Any = None,
        high: Any = None,
        distribution: str | None = None,
        values: Any = (),
        table: Table = OWN,
    ) -> Range:
        """Give a range within that of the parameter table; what is left out is the table's.

        Raises:
            InputError: an unknown name or distribution, or a range that is empty or reaches out of the table's.
        """
        known = (*table.names, *table.levers)
        if name not in known:
            raise table.unknown("number to vary", name, known)
        row = table.by_name[name]
        distribution = (
            (row.distribution if row.distribution in DISTRIBUTIONS else "uniform")
            if distribution is None
            else distribution
        )
        if distribution not in DISTRIBUTIONS:
            raise unknown(f"distribution of {name}", distribution, DISTRIBUTIONS)
        kind = "policy lever" if row.kind == "policy" else "parameter"
        listed = tuple(table.check(name, value, kind) for value in values)
        if listed:
            return cls(name, min(listed), max(listed), "uniform", listed)
        low = table.check(name, row.low if low is None else low, kind)
        high = table.check(name, row.high if high is None else high, kind)
        if low >= high:
            raise InputError(f"{name} varies from {low:g} to {high:g}; the lower end must come first")
        if distribution == "loguniform" and low <= 0:
            raise InputError(f"{name} varies from {low:g} by the distribution loguniform; it needs a lower end above 0")
        return cls(name, low, high, distribution)

    def at(self, u: Array) -> Array:
        """Give the values at shares u, from 0 to 1, of the range."""
        wide = self.high / self.low if self.distribution == "loguniform" else self.high - self.low
        values = self.low * wide**u if self.distribution == "loguniform" else self.low + u * wide
        return np.where(u < 1.0, np.clip(values, self.low, self.high), self.high)


@dataclass(frozen=True, eq=False)
class Worlds:
    """The worlds of a study.

    Attributes:
        design: how they were made, a name of `DESIGNS`, or ``one``.
        ranges: what varies, one range a column.
        table: (world, column) the numbers.
        held: numbers that have to be as they are said in each of the worlds: what the model of a posterior holds.
        source: where they came from, in a sentence, or "" where the design says it; decides nothing.
    """

    design: str
    ranges: tuple[Range, ...]
    table: Array
    held: Mapping[str, float] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        ranges = [
            varied._replace(low=float(varied.low), high=float(varied.high), values=tuple(map(float, varied.values)))
            for varied in self.ranges
        ]  # numbers of numpy's cannot be written as JSON
        object.__setattr__(self, "ranges", tuple(ranges))
        self.table.setflags(write=False)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def names(self) -> tuple[str, ...]:
        """Name the columns."""
        return tuple(varied.name for varied in self.ranges)

    def digest(self) -> str:
        """Hash everything that decides results, the same on every machine."""
        text = hashlib.sha256(repr((self.names, self.table.shape)).encode())
        text.update(np.ascontiguousarray(self.table, "<f8").tobytes())
        return text.hexdigest()[:12]

    def assumed(self) -> dict[str, Array]:
        """Give the columns of assumed numbers of named policies, which are called as ``curve.threat``, by name."""
        return {name: self.table[:, k] for k, name in enumerate(self.names) if "." in name}

    def without(self, names: Collection[str]) -> Worlds:
        """Give the same worlds without some of their numbers."""
        kept = [k for k, name in enumerate(self.names) if name not in names]
        if len(kept) == len(self.names):
            return self
        return replace(self, ranges=tuple(self.ranges[k] for k in kept), table=self.table[:, kept])

    def column(self, names: Sequence[str]) -> list[tuple[int, Array]]:
        """Find those of the names that vary: the position among the names, and the column of the table."""
        return [(names.index(name), self.table[:, k]) for k, name in enumerate(self.names) if name in names]


ONE = Worlds("one", (), np.zeros((1, 0)))


class Rooms(NamedTuple):
    """The rooms of each world: how many there are, how many worlds share them, and how far the next ones' lie off."""

    number: int
    sharing: int
    apart: int

    @classmethod
    def of(cls, number: int, design: str, is_shared: bool, is_measured: bool, classes: int) -> Rooms:
        """Say which rooms the worlds of a study have.

        Args:
            number: how many each world has.
            design: how the worlds were made.
            is_shared: whether all worlds have the same, also where they are a sample.
            is_measured: whether each world is measured by itself and has rooms of its own, which then follow one
                another.
            classes: how many classes the roster has. The rooms of worlds that share them lie apart by whole rosters,
                so that the first room of each seats the first class, and so far that nothing hangs on how many there
                are.
        """
        if is_measured:
            return cls(number, 1, number)
        is_own = design in SAMPLES and not is_shared
        return cls(number, SHARING if is_own else MOST_WORLDS, classes * -(-APART // classes))

    def first(self, worlds: ArrayLike) -> NDArray[np.int64]:
        """Give the number of the first room of each world."""
        return np.asarray(worlds, np.int64) // self.sharing * self.apart


def worlds(
    design: str,
    ranges: Sequence[Range],
    n: int | None = None,
    steps: int | None = None,
    file: Path | None = None,
    seed: int = 0,
    table: Table = OWN,
    hypercubes: int | None = None,
    posterior: Posterior | None = None,
) -> Worlds:
    """Make the worlds of a design.

    Args:
        design: a name of `DESIGNS`.
        ranges: what varies; for a file none means every column; for a posterior what varies besides.
        n: points, see above; not for a grid or a file; of each Latin hypercube; of a posterior as many as it has draws
            where it is not said.
        steps: values of each number in a grid, 5 where it is not said; for no other design.
        file: the file of the design ``file``.
        seed: what decides the draws.
        table: the numbers that there are. Of a posterior those alone are taken: others are of policies that the study
            has not, or of grade books. What a policy assumes of a lever that varies in all of them is not taken either.
        hypercubes: how many Latin hypercubes follow one another, 1 where it is not said; for no other design. The first
            ones stay as they are when there are more.
        posterior: that of the design ``posterior``.

    Raises:
        InputError: an unknown design, a number out of range, too many worlds, a file that does not fit, or SALib is
            needed and not installed.
    """
    if design not in DESIGNS:
        raise unknown("design", design, DESIGNS)
    for kind, given in (("file", file), ("posterior", posterior)):
        if (design == kind) != (given is not None):
            raise InputError(f"design {design} {'needs a' if design == kind else 'reads no'} {kind} in [worlds]")
    if not ranges and file is None and posterior is None:
        raise InputError("[worlds] says nothing of what varies; name it in [worlds.vary]")
    if len({varied.name for varied in ranges}) < len(ranges):
        raise InputError("[worlds.vary] names a number twice")
    if design in ("grid", "file"):
        if n is not None:
            raise InputError(f"a design {design} has no n; " + ("its steps decide" if design == "grid" else "all rows"))
    elif n is None and design != "posterior":
        raise InputError(f"design {design} needs n, the number of its points")
    if design != "grid" and steps is not None:
        raise InputError(f"a design {design} has no steps; they are a grid's")
    if design != "lhs" and hypercubes is not None:
        raise InputError(f"a design {design} has no hypercubes; they are those of lhs")
    if n is not None:
        n = whole("n in [worlds]", n, 1, MOST_WORLDS)
    cubes = whole("hypercubes in [worlds]", 1 if hypercubes is None else hypercubes, 1, MOST_WORLDS)
    if file is not None:
        return Worlds(design, *_read(file, ranges, table))
    if posterior is not None:
        return _of_posterior(posterior, ranges, n or len(posterior.weights), seed, table)
    steps = whole("steps in [worlds]", STEPS if steps is None else steps, 2, 1000)
    _check_size(_count(design, ranges, (n or 0) * cubes, steps), len(ranges))
    if design == "grid":
        axes = [varied.values or varied.at(np.linspace(0.0, 1.0, steps)) for varied in ranges]
        return Worlds(design, tuple(ranges), np.array(list(itertools.product(*axes)), float))
    assert n is not None
    _check_unlisted(ranges)
    points = _lhs(n, len(ranges), seed, cubes) if design == "lhs" else _SAMPLERS[design](n, len(ranges), seed)
    return Worlds(design, tuple(ranges), np.stack([r.at(points[:, k]) for k, r in enumerate(ranges)], 1))


def _count(design: str, ranges: Sequence[Range], n: int, steps: int) -> int:
    if design == "grid":
        return math.prod(len(varied.values) or steps for varied in ranges)
    return n * {"saltelli": len(ranges) + 2, "morris": len(ranges) + 1}.get(design, 1)


def _check_size(count: int, columns: int) -> None:
    if count > MOST_WORLDS or count * columns > MOST_NUMBERS:
        most = min(MOST_WORLDS, MOST_NUMBERS // columns)
        raise InputError(f"the design has {count:,} worlds; a study has at most {most:,}, or cut it into several")


def _check_unlisted(ranges: Sequence[Range]) -> None:
    for varied in ranges:
        if varied.values:
            raise InputError(f"{varied.name} lists its values; only a grid takes them, or give low and high")


def _of_posterior(posterior: Posterior, besides: Sequence[Range], n: int, seed: int, table: Table) -> Worlds:
    """Draw worlds from a posterior, and what varies besides by itself: each of these has a stream of its own."""
    _check_unlisted(besides)
    for name in (one.name for one in besides if one.name in (*posterior.names, *posterior.held)):
        raise InputError(f"{name} is a number of the posterior ({posterior.source}); take it out of worlds.vary")
    varied = {one.name for one in besides}

    def is_taken(name: str) -> bool:
        part, _, lever = name.rpartition(".")
        return name in table.by_name and not (part and part not in CONTEXTS and lever in varied)

    taken = [k for k, name in enumerate(posterior.names) if is_taken(name)]
    _check_size(n, len(taken) + len(besides))
    streams = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,))) for k in range(len(besides))]
    rows = posterior.table[_drawn(posterior.weights, n, seed)][:, taken]
    columns = [one.at(stream.random(n)) for one, stream in zip(besides, streams)]
    ranges = [*besides, *(Range.of(posterior.names[k], table=table) for k in taken)]
    source = (
        f"{n:,} worlds drawn by weight from the {len(posterior.weights):,} draws of {posterior.source}, "
        f"fitted to the model {posterior.model} with equations {posterior.equations}"
    )
    rows = np.column_stack([*columns, rows])
    return Worlds("posterior", tuple(ranges), rows, posterior.held, source)


def _drawn(weights: Array, n: int, seed: int) -> NDArray[np.int64]:
    """Give the numbers of n draws, in the order described above: the first ones are the same whatever n is."""
    share = weights / weights.max()
    share = share / share.sum()
    first = np.random.default_rng(seed).random(len(share))
    # of so many worlds and draws each comes no more often, and all of them often enough
    most = np.where(share > 0, np.ceil(share * (n + len(share))) + 1, 0).astype(np.int64)
    which = np.repeat(np.arange(len(share)), most)
    before = np.arange(len(which)) - np.repeat(np.cumsum(most) - most, most)
    with np.errstate(over="ignore"):  # a draw of next to no weight is due after all others
        due = (before + first[which]) / share[which]
    return which[np.argsort(due, kind="stable")[:n]]


def _lhs(n: int, k: int, seed: int, cubes: int = 1) -> Array:
    from scipy.stats import qmc

    def cube(number: int) -> Array:
        drawn = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,) if number else ()))
        return np.asarray(qmc.LatinHypercube(k, seed=drawn).random(n))

    return np.concatenate([cube(number) for number in range(cubes)])


def _sobol(n: int, k: int, seed: int) -> Array:
    from scipy.stats import qmc

    _power_of_two("sobol", n)
    return np.asarray(qmc.Sobol(k, seed=np.random.default_rng(seed)).random(n))


def _saltelli(n: int, k: int, seed: int) -> Array:
    _power_of_two("saltelli", n)
    from SALib.sample import sobol

    return np.asarray(sobol.sample(_problem(k), n, calc_second_order=False, seed=seed % 2**32))


def _morris(n: int, k: int, seed: int) -> Array:
    from SALib.sample import morris

    return np.asarray(morris.sample(_problem(k), n, seed=seed % 2**32))


def _with_salib(sample: Callable[[int, int, int], Array]) -> Callable[[int, int, int], Array]:
    def call(n: int, k: int, seed: int) -> Array:
        try:
            return sample(n, k, seed)
        except ImportError:
            advice = 'install it with pip install -e ".[sensitivity]"'
            raise InputError(f"designs saltelli and morris need SALib; {advice}") from None

    return call


def _problem(k: int) -> dict[str, Any]:
    return {"num_vars": k, "names": [f"x{i}" for i in range(k)], "bounds": [[0.0, 1.0]] * k}


def _power_of_two(design: str, n: int) -> None:
    if n & (n - 1):
        below = 2 ** (n.bit_length() - 1)
        raise InputError(f"n of a {design} design is {n}; it needs a power of two, such as {below} or {2 * below}")


_SAMPLERS: Mapping[str, Callable[[int, int, int], Array]] = {
    "lhs": _lhs, "sobol": _sobol, "saltelli": _with_salib(_saltelli), "morris": _with_salib(_morris),
}  # fmt: skip
DESIGNS = ("grid", *_SAMPLERS, "file", "posterior")


def _read(file: Path, ranges: Sequence[Range], table: Table) -> tuple[tuple[Range, ...], Array]:
    """The columns of a file that vary, checked against the parameter table, and their ranges."""
    chosen = list(ranges)

    def choose(names: Sequence[str], rows: int) -> dict[str, tuple[float, float]]:
        known = (*table.names, *table.levers)
        for name in () if chosen else (name for name in names if name != "world"):
            if name not in known:
                near = str(unknown("column", name, known)) if difflib.get_close_matches(name[:200], known) else ""
                advice = "is no parameter or lever; take the column away, or name the others under vary"
                raise InputError(f"{file.name}: {near or f'{name} {advice}'}")
            chosen.append(Range.of(name, table=table))
        _check_size(rows, len(chosen))
        return {varied.name: (varied.low, varied.high) for varied in chosen}

    columns = read_numbers(file, f"file of worlds {file}", choose, MOST_WORLDS)
    return tuple(chosen), np.stack(list(columns.values()), 1)
