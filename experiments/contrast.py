"""Two results of the same students are compared, student by student: the second less the first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from setback.experiments.simulate import Result
from setback.model.errors import InputError

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
        InputError: if rooms, roster, seed, weeks or replicates differ.
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

        return summary(self.first.per_student(), self.second.per_student(), self.first.replicates)

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
        told = [name for name in frame if not str(name).endswith("_off") or frame[name].notna().any()]
        facts = [f"second: {second}; first: {first}", f"the same students with the same luck: {self.second._size()}"]
        rows = [{str(name): value for name, value in row.items()} for row in frame[told].to_dict("records")]
        return html("Contrast: second less first", facts, rows)
