"""The map of a study: an outcome, or the class of a failure, over two of the numbers that vary, policy by policy.

A cell shows the mean over its worlds. Its 95 % interval holds two kinds of luck at once: which worlds lie in the cell,
and which rooms these have (`setback.analysis.crossed`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.analysis.by_world import Effect, by_room, check_varied, columns, effects_asked
from setback.analysis.classes import CLASSES, Failing, of_worlds
from setback.analysis.crossed import CrossedSums
from setback.analysis.load import Results
from setback.model.errors import InputError

Array = NDArray[np.float64]
Places = NDArray[np.int64]
#: Cells of a map along each side at most, and worlds in a cell at least, on average: or luck of the draw shows.
CELLS, IN_A_CELL = 8, 4
#: Bands of a third number.
BANDS = 3


class Grid(NamedTuple):
    """The cells that worlds are sorted into.

    Attributes:
        names: one or two numbers along the sides, and the one in bands, if there is one, behind them.
        edges: of the cells along each.
        bands: how many of the numbers are in bands: 0 or 1.
        values: number -> what its cells lie around, where each is of one value.
    """

    names: tuple[str, ...]
    edges: tuple[Array, ...]
    bands: int = 0
    values: Mapping[str, Array] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells there are along each number."""
        return tuple(len(edge) - 1 for edge in self.edges)

    def limits(self, number: int, at: int) -> str:
        """Say where the cells of a place along a number lie."""
        name, edges = self.names[number], self.edges[number]
        where = f"{self.values[name][at]:.2g}" if name in self.values else f"{edges[at]:.2g} to {edges[at + 1]:.2g}"
        return f"{name.replace('_', ' ')} {where}"

    def cell(self, worlds: pd.DataFrame) -> Places:
        """Give the cell of each world, counted through."""
        at = [
            np.clip(np.searchsorted(edge, worlds[name].to_numpy(), "right") - 1, 0, len(edge) - 2)
            for name, edge in zip(self.names, self.edges)
        ]
        return np.asarray(np.ravel_multi_index(at, self.shape))


class Map(NamedTuple):
    """An effect over the cells of a grid.

    Attributes:
        grid: the cells.
        effects: what is shown, a panel each.
        mean: over the worlds of a cell, (panel, *cells); NaN where there is none.
        low, high: the ends of its 95 % interval; NaN where it is not known.
        worlds: how many worlds with a known value lie in the cell.
    """

    grid: Grid
    effects: tuple[Effect, ...]
    mean: Array
    low: Array
    high: Array
    worlds: Places

    @property
    def is_sure(self) -> NDArray[np.bool_]:
        """Say which cells have an interval that leaves out 0."""
        return (self.low > 0.0) | (self.high < 0.0)

    def sentences(self) -> list[str]:
        """Say of each panel where it is highest and lowest, and of a difference in how many cells it is told from 0."""
        said = []
        for k, effect in enumerate(self.effects):
            if not (known := int(np.isfinite(self.mean[k]).sum())):
                said.append(f"In the model, {effect} is not known in any cell.")
                continue
            ends = [self._at(k, int(find(self.mean[k]))) for find in (np.nanargmin, np.nanargmax)]
            where = f"lowest with {ends[0]}, and highest with {ends[1]}"
            if np.nanmin(self.mean[k]) == np.nanmax(self.mean[k]):
                where = f"{np.nanmax(self.mean[k]):.2f} in every cell in which it is known"
            text = f"In the model, {effect} ({effect.unit}) is {where}"
            if effect.against:
                above, below = int((self.low[k] > 0).sum()), int((self.high[k] < 0).sum())
                text += (
                    f"; above 0 in {above} of {known} cells, below 0 in {below}, not told in {known - above - below}"
                )
            said.append(f"{text}.")
        return said

    def _at(self, panel: int, cell: int) -> str:
        """Say where a cell lies, and its mean."""
        places = np.unravel_index(cell, self.grid.shape)
        limits = [self.grid.limits(number, int(at)) for number, at in enumerate(places)]
        return f"{', '.join(limits)}: {self.mean[panel].reshape(-1)[cell]:.2f}"

    def table(self) -> pd.DataFrame:
        """Give one row a panel and cell: the ends of the cell along each number, mean, interval, worlds."""
        return _table(
            self.grid,
            [effect.policy for effect in self.effects],
            {"mean": self.mean, "low": self.low, "high": self.high, "worlds": self.worlds},
        )


class ClassMap(NamedTuple):
    """The classes of a failure over the cells of a grid.

    Attributes:
        grid: the cells.
        failing: by which effects of a failure classes are told.
        policies: a panel each.
        share: of the worlds of a cell in each class of `setback.analysis.classes.CLASSES`, (panel, *cells, class); NaN
            where there is no world.
        worlds: how many worlds of a known class lie in the cell.
    """

    grid: Grid
    failing: Failing
    policies: tuple[str, ...]
    share: Array
    worlds: Places

    @property
    def whole(self) -> pd.DataFrame:
        """The share of all worlds in each class, by policy."""
        sides = tuple(range(1, self.worlds.ndim))
        counts = np.nansum(self.share * self.worlds[..., None], axis=sides)
        return pd.DataFrame(counts / self.worlds.sum(sides)[:, None], index=[*self.policies], columns=[*CLASSES])

    def table(self) -> pd.DataFrame:
        """Give one row a policy and cell: the ends of the cell along each number, the share of each class, worlds."""
        shares = {name: self.share[..., k] for k, name in enumerate(CLASSES)}
        return _table(self.grid, list(self.policies), {**shares, "worlds": self.worlds})


def phase_map(
    results: Results,
    numbers: Sequence[str],
    outcome: str,
    policies: list[str] | None = None,
    against: str | None = None,
    band: str | None = None,
) -> Map:
    """Map an outcome, or the paired difference of two policies, over one number or two.

    Args:
        results: a finished study of several worlds.
        numbers: along the sides.
        outcome: what is shown.
        policies: a panel each; by default all.
        against: the policy that each is compared with.
        band: a further number, in bands.

    Raises:
        InputError: if the study cannot answer.
    """
    effects = effects_asked(results, outcome, policies, against)
    grid = grid_of(results, numbers, band)
    return mapped(results, grid, effects)


def mapped(results: Results, grid: Grid, effects: Sequence[Effect]) -> Map:
    """Sort effects into the cells of a grid."""
    cell = pd.Series(grid.cell(results.worlds), results.worlds.index)
    cells = int(np.prod(grid.shape))
    sums = [CrossedSums(cells) for _ in effects]
    for part in results.in_parts(columns=columns(effects[0].outcome)):
        for effect, added in zip(effects, sums):
            rows = by_room(part, effect)
            added.add(rows, cell.loc[rows["world"]].to_numpy())
    found = [added.means() for added in sums]
    mean, low, high, worlds = (np.stack(column).reshape(-1, *grid.shape) for column in zip(*found))
    return Map(grid, tuple(effects), mean, low, high, worlds)


def class_map(
    results: Results,
    numbers: Sequence[str],
    failing: Failing,
    policies: list[str] | None = None,
    band: str | None = None,
) -> ClassMap:
    """Map the classes of a failure over two numbers; arguments and errors are those of `phase_map`."""
    names = [effect.policy for effect in effects_asked(results, failing.further, policies)]
    grid = grid_of(results, numbers, band)
    counts = np.zeros((len(names), int(np.prod(grid.shape)), len(CLASSES)))
    cell = pd.Series(grid.cell(results.worlds), results.worlds.index)
    for k, policy in enumerate(names):
        found = of_worlds(results, failing, policy)
        np.add.at(counts[k], (cell.loc[found.index].to_numpy(), found.to_numpy()), 1.0)
    worlds = counts.sum(-1)
    share = counts / np.where(worlds > 0, worlds, np.nan)[..., None]
    shape = len(names), *grid.shape
    return ClassMap(grid, failing, tuple(names), share.reshape(*shape, -1), worlds.reshape(shape).astype(np.int64))


def grid_of(results: Results, numbers: Sequence[str], band: str | None = None) -> Grid:
    """Make the cells for some numbers: around each value where they are few, of equal width where they are many."""
    names = [*numbers, *([band] if band is not None else [])]
    check_varied(results, *names)
    found = {name: np.unique(results.worlds[name]) for name in names}
    bands = [_edges(found[name], BANDS, BANDS + 1) for name in names[len(numbers) :]]
    worlds = len(results.worlds) / np.prod([len(edges) - 1 for edges in bands])
    side = min(CELLS, max(2, int((worlds / IN_A_CELL) ** (1 / len(numbers)))))
    edges = [_edges(found[name], side, 2 * CELLS) for name in numbers]
    all_edges = dict(zip(names, (*edges, *bands)))
    each = {name: values for name, values in found.items() if len(all_edges[name]) == len(values) + 1}
    return Grid(tuple(names), tuple(all_edges.values()), len(bands), each)


def check_worlds(results: Results, grid: Grid) -> None:
    """Raise an error where there are too few worlds for a map: most cells would be empty.

    Raises:
        InputError: if that is so.
    """
    filled, cells = len(np.unique(grid.cell(results.worlds))), int(np.prod(grid.shape))
    if 2 * filled < cells or min(grid.shape) < 2:
        raise InputError(
            f"{results.study['name']} has {len(results.worlds)} worlds, too few for a map over "
            f"{' and '.join(grid.names)}: {filled} of {cells} cells hold one; about {IN_A_CELL} a cell are needed"
        )


def _edges(found: Array, cells: int, most: int) -> Array:
    """Edges of cells: around each value where there are at most so many, of equal width where there are more."""
    if len(found) > most:
        return np.linspace(found[0], found[-1], cells + 1)
    if len(found) == 1:
        return np.array([found[0] - 0.5, found[0] + 0.5])
    middle = (found[1:] + found[:-1]) / 2
    return np.concatenate([[2 * found[0] - middle[0]], middle, [2 * found[-1] - middle[-1]]])


def _table(grid: Grid, panels: list[str], columns: dict[str, NDArray[Any]]) -> pd.DataFrame:
    places = np.stack(np.meshgrid(range(len(panels)), *map(range, grid.shape), indexing="ij"), -1).reshape(
        -1, 1 + len(grid.shape)
    )
    table: dict[str, Any] = {"policy": np.array(panels, object)[places[:, 0]]}
    for k, (name, edges) in enumerate(zip(grid.names, grid.edges)):
        table |= {f"{name} from": edges[places[:, k + 1]], f"{name} to": edges[places[:, k + 1] + 1]}
    return pd.DataFrame(table | {name: values.reshape(-1) for name, values in columns.items()})
