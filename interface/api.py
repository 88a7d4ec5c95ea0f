"""What a person works with in Python: the model's classes, joined with what draws them and reports on them."""

from __future__ import annotations

import dataclasses
import functools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setback.analysis.load import Loaded as _Loaded
from setback.analysis.load import load as _load
from setback.experiments import simulate as _simulate
from setback.experiments.studies.study import Study as _Study
from setback.experiments.studies.sweep import run_study
from setback.model.engines.mesa import Classroom as _Classroom
from setback.model.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from setback.analysis.worlds import Verdict
    from setback.experiments.studies.cost import Cost


class Classroom(_Classroom):  # noqa: D101
    __doc__ = _Classroom.__doc__

    def run(self, weeks: int | None = None) -> Classroom:
        """Live through some weeks, by default to the end of the year."""
        super().run(weeks)
        return self

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the weeks lived so far: scores, failures, effort, control and affect of every student.

        Args:
            path: also save the figure there.

        Raises:
            InputError: no week has been lived yet.
        """
        from setback.analysis.figures import classroom_figure, save
        from setback.model.engines.mesa import Student

        if not self.week:
            raise InputError("no week has been lived yet; run the classroom before it is drawn")
        frame = self.datacollector.get_agenttype_vars_dataframe(Student)
        figure = classroom_figure(frame, f"one class of {len(self.students)}")
        if path:
            save(figure, Path(path))
        return figure


class Result(_simulate.Result):  # noqa: D101
    __doc__ = _simulate.Result.__doc__

    def __sub__(self, other: Result) -> Contrast:
        """The same students under this policy, compared with the other."""
        return Contrast(other, self)


class Contrast:
    """Two results of the same students: ``second - first``.

    Args:
        first: the result that is compared with.
        second: the result that is compared.

    Raises:
        InputError: rooms, roster, seed, weeks or replicates differ.
    """

    def __init__(self, first: Result, second: Result) -> None:
        for what in ("seed", "weeks", "replicates"):
            if getattr(first, what) != getattr(second, what):
                a, b = getattr(first, what), getattr(second, what)
                raise InputError(f"the two results differ in {what}, {a} and {b}; a paired effect needs the same")
        if first.roster.digest() != second.roster.digest() or len(first.rooms) != len(second.rooms):
            raise InputError("the two results are not of the same classes; give both the same roster and rooms")
        self.first, self.second = first, second

    def summary(self) -> pd.DataFrame:
        """Paired effects with intervals, one row an outcome; see `setback.analysis.paired.summary`."""
        from setback.analysis.paired import summary

        return summary(self.first.per_student(), self.second.per_student(), self.first.replicates)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the year of the mean class under both policies.

        Args:
            path: also save the figure there.
        """
        from setback.analysis.figures import contrast_figure, save

        names = self.first.policy.name, self.second.policy.name
        figure = contrast_figure(self.first.per_week(), self.second.per_week(), *names)
        if path:
            save(figure, Path(path))
        return figure


class Loaded(_Loaded):  # noqa: D101
    __doc__ = _Loaded.__doc__

    def summary(self) -> pd.DataFrame:
        """Every outcome of every policy over the worlds; see `setback.analysis.worlds.summary`."""
        from setback.analysis.worlds import summary

        self._warn()
        return summary(self)

    def verdict(self) -> Verdict | None:
        """The verdict on the claim of the study, None where it makes none; see `setback.analysis.worlds.verdict`."""
        from setback.analysis.worlds import verdict

        return verdict(self)

    def _warn(self) -> None:
        """Say that not all is there: what is left may be no fair sample of the study."""
        if self.unfinished:
            warnings.warn(f"{self.folder} is {self.unfinished}", stacklevel=3)

    def conclusion(self) -> str:
        """The verdict in words, and how far the run is; empty where the study makes no claim."""
        found = self.verdict()
        if found is None:
            return ""
        said = found.sentence(self.study["claim"])
        return f"{said} The run is {self.unfinished}." if self.unfinished else said


def load(folder: str | Path) -> Loaded:
    """Read a folder of results, finished or not; see `setback.analysis.load.load`."""
    found = _load(folder)
    return Loaded(found.folder, found.manifest, found.state)


class Study(_Study):  # noqa: D101
    __doc__ = _Study.__doc__

    def run(self, results: str | Path = "results", processes: int | None = None, **options: Any) -> Loaded:
        """Run the study, or what is missing of it, and read its results."""
        return load(run_study(self._plain(), Path(results), processes, **options))

    def cost(self, processes: int | None = None) -> Cost:
        """What a run will take; see `setback.experiments.studies.cost.cost`."""
        from setback.experiments.studies.cost import cost

        return cost(self._plain(), processes)

    def _plain(self) -> _Study:
        """The same without what draws and reports, which worker processes need not load."""
        return _Study(**{field.name: getattr(self, field.name) for field in dataclasses.fields(self)})


@functools.wraps(_simulate.simulate)
def simulate(*args: Any, **named: Any) -> Result:  # noqa: D103
    made = _simulate.simulate(*args, **named)
    return Result(**{name: getattr(made, name) for name in made.__dataclass_fields__})
