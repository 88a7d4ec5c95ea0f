"""Two results of the same students are compared, student by student: the second less the first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from setback.experiments.simulate import Result
from setback.model.errors import InputError
from setback.model.policies import Policy, PolicyChange

if TYPE_CHECKING:
    import pandas as pd

    from setback.analysis.figures.figure import Figure


@dataclass(frozen=True, repr=False)
class Contrast:
    """Two results of the same students: ``second - first``.

    Args:
        first: the result that is compared with.
        second: the result that is compared.

    Raises:
        InputError: if rooms, roster, seed, weeks or replicates differ, or policy and world do not.
    """

    first: Result
    second: Result

    def __post_init__(self) -> None:
        for what in ("seed", "weeks", "replicates"):
            a, b = getattr(self.first, what), getattr(self.second, what)
            if a != b:
                raise InputError(f"the two results differ in {what}, {a} and {b}; a paired effect needs the same")
        one, other = self.first, self.second
        if one.roster.digest() != other.roster.digest() or len(one.rooms) != len(other.rooms):
            raise InputError("the two results are not of the same classes; give both the same roster and rooms")
        if self._is_one():
            raise InputError(f"{itself(one.policy, other.policy)}; take another policy, or another world")

    def _is_one(self) -> bool:
        """Whether both are of one policy in one world; of custom mechanisms the outcomes tell."""
        one, other = self.first, self.second
        return (
            is_same(one.policy, other.policy)
            and dict(one.parameters) == dict(other.parameters)
            and one.outcomes.keys() == other.outcomes.keys()
            and all(np.array_equal(x, other.outcomes[name], equal_nan=True) for name, x in one.outcomes.items())
        )

    @property
    def names(self) -> tuple[str, str]:
        """What each of the two is called: its policy, and the parameters in which it differs from the other."""
        a, b = self.first, self.second
        differ = [name for name, value in a.parameters.items() if value != b.parameters[name]]
        said = [", ".join([r.policy.name, *(f"{name}={r.parameters[name]:g}" for name in differ)]) for r in (a, b)]
        return said[0], said[1]

    def summary(self) -> pd.DataFrame:
        """Give paired effects with intervals, one row an outcome; see `setback.analysis.paired.summary`."""
        from setback.analysis.paired import summary

        both = self.first, self.second
        first, second = (result.per_student() for result in both)
        in_one = (replace(result, outcomes=result.one_year).per_student() for result in both)
        return summary(first, second, self.first.replicates, (next(in_one), next(in_one)))

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the year of the mean class under both policies.

        Args:
            path: also save the figure there (.png, .pdf, .svg).

        Raises:
            InputError: if the figure cannot be saved there, or class means that it draws were not kept.
        """
        from setback.analysis.figures import contrast_figure, save
        from setback.analysis.figures.contrast import CURVES

        for name in CURVES:
            if name not in self.first.weekly_means.keys() & self.second.weekly_means.keys():
                raise InputError(f"the class means of {name} were not kept, which the figure draws; see Keep.classes")
        figure = contrast_figure(self.first.per_week(), self.second.per_week(), *self.names)
        if path:
            save(figure, Path(path))
        return figure

    def __repr__(self) -> str:
        first, second = self.names
        return f"Contrast({second!r} less {first!r}: {self.second._size()})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        first, second = self.names
        frame = self.summary().reset_index()
        told = [name for name in frame if frame[name].notna().any()]
        facts = [f"second: {second}; first: {first}", f"the same students with the same luck: {self.second._size()}"]
        rows = [{str(name): value for name, value in row.items()} for row in frame[told].to_dict("records")]
        return html("Contrast: second less first", facts, rows)


def is_same(a: Policy | PolicyChange, b: Policy | PolicyChange) -> bool:
    """Whether two policies are the same in every lever of every week, whatever they are called."""
    here, there = ([(stage.week, dict(stage.policy)) for stage in policy.stages] for policy in (a, b))
    return here == there


def itself(a: Policy | PolicyChange, b: Policy | PolicyChange) -> str:
    """Say that a policy is compared with itself, by the names that it has."""
    what = f"{a.name} is" if a.name == b.name else f"{a.name} and {b.name} are the same policy,"
    return f"{what} compared with itself, and nothing can differ"
