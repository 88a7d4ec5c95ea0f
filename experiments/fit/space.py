"""The space of a fit: the uncertain numbers of a model that are free, and what the model holds.

It is asked by whatever samples the prior, fits, and writes or reads a posterior.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.evidence.measured import ALL, numbers_of_rows, rows_named
from setback.experiments.evidence.nulls import Null
from setback.experiments.studies.worlds import Range
from setback.model.mechanism import Param
from setback.model.week import MODEL, Model

Array = NDArray[np.float64]


class Space(NamedTuple):
    """The numbers of a model that are free, and what is held.

    Attributes:
        null: the model.
        rows: one row of the parameter table a free number; `Range.at` gives its value at a share of its prior.
    """

    null: Null
    rows: tuple[Param, ...]

    @classmethod
    def of(cls, null: Null, model: Model = MODEL) -> Space:
        """Give every uncertain number that a model leaves open: of the world, of policies, of contexts of books."""
        own = [r for r in model.table.rows if r.kind in ("student", "mechanism") and r.distribution != "fixed"]
        own += numbers_of_rows(rows_named([ALL]), model).values()
        return cls(null, tuple(r for r in own if not {r.name, r.name.rpartition(".")[2]} & {*null.held}))

    @property
    def names(self) -> tuple[str, ...]:
        """Name the numbers."""
        return tuple(row.name for row in self.rows)

    @property
    def ranges(self) -> list[Range]:
        """Give their priors."""
        return [
            Range(row.name, row.low, row.high, "loguniform" if row.distribution == "loguniform" else "uniform")
            for row in self.rows
        ]

    def values(self, shares: Array) -> Array:
        """Give values, (world, number), at shares of the priors."""
        return np.stack([varied.at(shares[:, k]) for k, varied in enumerate(self.ranges)], 1)

    def shares(self, table: Array) -> Array:
        """Give the shares of the priors at which values lie: what `values` undoes."""
        found = np.empty_like(table)
        for k, row in enumerate(self.ranges):
            if row.distribution == "loguniform":
                found[:, k] = np.log(table[:, k] / row.low) / np.log(row.high / row.low)
            else:
                found[:, k] = (table[:, k] - row.low) / (row.high - row.low)
        return found

    def at(self, numbers: Mapping[str, float] = {}) -> Array:
        """Give the shares of the priors, (number,), of numbers by name; those left out at their defaults."""
        table = np.array([[float(numbers.get(row.name, row.default)) for row in self.rows]])
        found: Array = self.shares(table)[0]
        return found
