"""Reading results from the disk: the tables and the manifest of one study, whole or a few worlds at a time."""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import itertools
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.experiments.studies.folder import (
    DESIGN,
    MANIFEST,
    TABLES,
    Manifest,
    State,
    all_runs,
    check,
    name_of,
    read_failure,
    read_manifest,
    runs_of,
    sha256,
)
from setback.experiments.twins.effects import Effect, apart, check_made, effect, effects
from setback.model.errors import InputError, shown, unknown
from setback.model.measures import base
from setback.model.measures import unit_of as unit_of_measure
from setback.model.outcomes import CLUSTERS, OUTCOMES
from setback.model.place import Address, Place, place_of
from setback.model.policies import as_policy
from setback.model.reading import LARGEST, opened
from setback.model.writing import plain, written

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

    from setback.analysis.decision import Decision
    from setback.analysis.figures.figure import Figure
    from setback.analysis.worlds import Verdict

#: What a row of outcomes is of.
INDEX = ["world", "policy", "room"]
#: What is done where an outcome is not known in some worlds: it is refused; it is taken to be the mean of the worlds
#: under the same policy in which it is known, which moves no mean and shows less of what moves it; these worlds are
#: left out; or it stays NaN.
MISSING = ("refuse", "mean", "drop", "keep")
#: Designs whose worlds belong together: none can be left out.
TOGETHER = ("saltelli", "morris")

#: Rows of all tables from which on a part of results is read by itself: some tens of megabytes.
ROWS_OF_A_PART = 100_000


class Salib(NamedTuple):
    """What SALib's ``analyze`` functions take: ``problem``, ``X`` and ``Y``.

    ``X`` holds shares of the ranges, from 0 to 1, so that distributions other than the uniform make no difference.
    """

    problem: dict[str, Any]
    X: NDArray[np.float64]
    Y: NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Results:
    """The results of one study.

    Attributes:
        folder: where they lie.
        manifest: what was run, with which equations, on what, and how long.
        state: which tasks are done, as a look at every file says.
        clusters: what intervals take as one draw: ``schools``, where the roster knows them and the study does not say
            otherwise, or ``classes``.
    """

    folder: Place
    manifest: Manifest
    state: State
    clusters: str = CLUSTERS[0]

    def __repr__(self) -> str:
        return f"Results({self.study['name']!r}: {self._size()}, {self.state}; {self.folder})"

    def _size(self) -> str:
        study = self.study
        rooms = f"{study['rooms']:,} room{'s' * (study['rooms'] != 1)}"
        worlds = f"{len(self.worlds):,} worlds" if len(self.worlds) > 1 else "1 world"
        policies = f"{len(self.policies)} polic{'y' if len(self.policies) == 1 else 'ies'}"
        return f"{worlds}, {policies}, {rooms}, {study['weeks']} weeks, seed {study['seed']}"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        claim = self.study["claim"]
        facts = [
            self.study["question"],
            f"{self._size()}; {self.state}",
            f"claim: {claim['description']}" if claim else "",
        ]
        rows = [
            {str(name): value for name, value in row.items()} for row in self.policies.reset_index().to_dict("records")
        ]
        return html(f"Results: {self.study['name']}", [*facts, str(self.folder)], rows)

    @property
    def study(self) -> Mapping[str, Any]:
        """Everything that decides the numbers, as plain data."""
        return self.manifest.study

    def with_clusters(self, clusters: str) -> Results:
        """Give the same results with other clusters: ``classes`` sets schools aside, ``schools`` takes them up again.

        Raises:
            InputError: if there are no such clusters.
        """
        if clusters not in CLUSTERS:
            raise unknown("clusters", clusters, CLUSTERS)
        return replace(self, clusters=clusters)

    @cached_property
    def _school_of(self) -> NDArray[np.int32]:
        """The school of each class; none where classes are the draws, as where all rooms lie in one school."""
        schools = np.array(self.study["roster"].get("schools", []), np.int32)
        are_known = self.clusters == "schools" and len(np.unique(schools[: self.study["rooms"]])) > 1
        return schools if are_known else schools[:0]

    @property
    def schools(self) -> int:
        """How many schools are the draws of intervals; 0 where classes are."""
        return len(np.unique(self._school_of[: self.study["rooms"]]))

    @property
    def unfinished(self) -> str:
        """How far a run is whose tasks are not all there: ``unfinished, 12 of 16 tasks``; else nothing."""
        return "" if self.state.is_finished else str(self.state)

    def dataset(self, table: str = "outcomes") -> ds.Dataset:
        """A table as a pyarrow dataset, for what does not fit in memory; one fragment a task.

        Raises:
            InputError: there is no such table.
        """
        import pyarrow.dataset as ds

        files = self._files(table)
        if not files:
            raise self._no_table(table)
        # a page whose checksum is wrong is refused, never read
        checked = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
        paths, system = [str(self.folder / file) for file in files], None
        if isinstance(self.folder, Address):
            system = self.folder.system
            paths = [system._strip_protocol(path) for path in paths]
        return ds.dataset(
            paths,
            filesystem=system,
            format=ds.ParquetFileFormat(default_fragment_scan_options=checked),
        )

    def table(self, name: str) -> pd.DataFrame:
        """A table in memory, rows in the order of tasks; empty where there is none.

        It is as it lies on the disk, and where schools are the clusters has a column ``school`` behind ``class``.
        """
        import pyarrow as pa

        if not self._files(name):
            return pd.DataFrame()
        try:
            return self._with_schools(pa.concat_tables([self._read(file) for file in self._files(name)]).to_pandas())
        except (OSError, ValueError):
            raise _unreadable(self.folder) from None

    def in_parts(self, name: str = "outcomes", columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """A table some worlds at a time, each with all its policies and rooms: memory does not grow with the worlds.

        Small tasks are read together, up to `ROWS_OF_A_PART` rows and the task that fills them.

        Args:
            name: the table.
            columns: what is read of it; by default all. Of ``outcomes`` also effects of a failure, as ``R_F.label``:
                the linearised value of each room (`setback.analysis.effects`), of which everything is made that is
                made of outcomes.
        """
        from setback.analysis.effects import columns as columns_of
        from setback.analysis.effects import of_rooms

        known = self._plain if name == "outcomes" and columns is not None else ()
        of_twins = [self._effect(column) for column in columns or () if known and column not in known]
        names = columns and [column for column in columns if not known or column in known]
        read: list[tuple[str, Sequence[str] | None]] = [(name, names)]
        if names is not None and of_twins:
            read = [(name, list(dict.fromkeys((*names, *INDEX, "students")))), ("twins", columns_of(of_twins))]
        try:
            for rows, *twins in _filled(self._in_tasks(read)):
                if twins:
                    rows = pd.concat([rows, of_rooms(rows, twins[0], of_twins)], axis=1)
                    rows = rows[list(dict.fromkeys(c if c in known else self.named(c) for c in columns or ()))]
                yield self._with_schools(rows)
        except (OSError, ValueError):
            raise _unreadable(self.folder) from None

    def _in_tasks(self, read: Sequence[tuple[str, Sequence[str] | None]]) -> Iterator[list[pa.Table]]:
        """Read tables, each with the columns asked for, the tasks of the same worlds at a time."""
        import pyarrow as pa

        for _, files in itertools.groupby(self._files(read[0][0]), self._first_world):
            tasks = [Path(file).name for file in files]
            yield [
                pa.concat_tables([self._read(f"{name}/{task}", columns) for task in tasks]) for name, columns in read
            ]

    @property
    def _plain(self) -> tuple[str, ...]:
        """The columns of the table of outcomes."""
        return (*INDEX, "class", "students", *self.study["keep"]["outcomes"])

    def named(self, outcome: str) -> str:
        """Give the name that tables have of an outcome or an effect of a failure; ``V_F`` is ``V_F_unit``.

        Raises:
            InputError: if it was not kept, or the twins of the study do not have it.
        """
        return outcome if outcome in self.study["keep"]["outcomes"] else self._effect(outcome).name

    def _effect(self, name: str) -> Effect:
        """An effect of a failure that the study has."""
        found = effect(name)
        if found is None:
            known = [*self.study["keep"]["outcomes"], *(one.name for one in effects(self.study))]
            raise unknown("outcome that was kept", name, known)
        check_made(found, self.study)
        return found

    def unit(self, outcome: str) -> str:
        """Give the unit of an outcome or an effect of a failure.

        Raises:
            InputError: if there is no such outcome.
        """
        return unit_of(self.study, self.named(outcome))

    def _with_schools(self, rows: pd.DataFrame) -> pd.DataFrame:
        if len(self._school_of) and "class" in rows:
            rows.insert([*rows].index("class") + 1, "school", self._school_of[rows["class"].to_numpy()])
        return rows

    @cached_property
    def worlds(self) -> pd.DataFrame:
        """What varies: one row a world, none where nothing does."""
        try:
            return self._read(DESIGN).to_pandas().set_index("world")
        except (OSError, ValueError):
            raise _unreadable(self.folder) from None

    @cached_property
    def policies(self) -> pd.DataFrame:
        """The parts of every policy, by its name."""
        return pd.DataFrame(self.manifest.policies).set_index("policy")

    @cached_property
    def rows(self) -> pd.DataFrame:
        """One row a world, policy and room: its class and students, and the mean of every outcome."""
        return self.table("outcomes")

    @property
    def design(self) -> pd.DataFrame:
        """What went into each row of `outcomes`, on the same index: what varies, the parts of the policy, the class."""
        rows = self.rows[[*INDEX, *self._who, "students"]].astype({"policy": str})
        return rows.join(self.worlds, on="world").join(self.policies, on="policy").set_index(INDEX)

    @property
    def outcomes(self) -> pd.DataFrame:
        """What came of it: one row a world, policy and room, one column an outcome."""
        return self.rows.astype({"policy": str}).set_index(INDEX).drop(columns=[*self._who, "students"])

    @property
    def _who(self) -> list[str]:
        return [name for name in ("class", "school") if name in self.rows]

    @cached_property
    def twins(self) -> pd.DataFrame:
        """One row a twin, or none."""
        return self.table("twins")

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """One row a world, policy, figure of a prediction, arm and room; none where none was measured."""
        rows = self.table("predictions")
        if len(rows) and len(self._school_of) and len(self.worlds) <= 1:  # of one world, whose rooms are the first
            rows["school"] = self._school_of[rows["room"].to_numpy() % len(self._school_of)]
        return rows.astype({"policy": str, "figure": str}) if len(rows) else rows

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """One row a world, one column a row of the published evidence; none where none was measured."""
        rows = self.table("evidence")
        return rows.set_index("world").sort_index() if len(rows) else rows

    @property
    def failed(self) -> pd.DataFrame:
        """One row a task that raised: its number, the error, and where in the program."""
        return pd.DataFrame([read_failure(self.folder, self.manifest, number) for number in self.state.failed])

    def of_worlds(self, outcome: str, policy: str) -> pd.Series:
        """An outcome of one policy, or of a difference of two, by world: the mean over the students of all rooms.

        An effect of a failure, as ``R_F.label``, is of all twins of the world at once. NaN where it is not known.

        Args:
            outcome: an outcome that was kept, or an effect of a failure.
            policy: a policy, or the first less the second, ``"mastery - criterion"``.

        Raises:
            InputError: no such outcome or policy.
        """
        both = apart(policy)
        mine = [self.policy_named(name) for name in both or (policy,)]
        if len({*mine}) < len(mine):
            raise InputError(
                f"{shown(policy)} sets {mine[0]} against itself, which is 0 everywhere; name another policy"
            )
        name = self.named(outcome)
        found = []
        for part in self.in_parts(columns=["world", "policy", "room", "students", name]):
            means = world_means(part[part["policy"].isin(mine)], [name])[name].unstack("policy").reindex(columns=mine)
            found.append(means[mine[0]] - means[mine[1]] if both else means[mine[0]])
        return pd.concat(found).sort_index().rename(outcome)

    def policy_named(self, policy: str) -> str:
        """Give the name that tables have of a policy, which may be a preset, an alias, or parts in another order.

        Raises:
            InputError: the study has no such policy.
        """
        if policy not in self.policies.index:
            with contextlib.suppress(InputError):
                policy = as_policy(policy).name
        if policy not in self.policies.index:
            raise unknown(f"policy of {self.study['name']}", policy, self.policies.index)
        return policy

    def groups(
        self, outcomes: Sequence[str] | None = None, against: str | None = None, by: str | None = None
    ) -> pd.DataFrame:
        """Give outcomes and effects of policies by group of students; see `setback.analysis.groups.groups`.

        >>> # found.groups(["learning"]).query("kind == 'interaction'"): for whom a policy does more

        Raises:
            InputError: the study has no groups, no such grouping or policy, or did not keep the outcome.
        """
        from setback.analysis.groups import groups

        return groups(self, outcomes, against, by)

    def summary(self) -> pd.DataFrame:
        """Give every outcome of every policy over the worlds; see `setback.analysis.worlds.summary`.

        It warns where the run is unfinished: what is there may be no fair sample of the study.
        """
        if self.unfinished:
            warnings.warn(f"{self.folder} is {self.unfinished}", stacklevel=2)
        return self._summary.copy()

    @cached_property
    def _summary(self) -> pd.DataFrame:
        from setback.analysis.worlds import summary

        return summary(self)

    def estimands(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Give what a failure causes over the worlds, by policy and effect; see `setback.analysis.worlds.estimands`.

        Args:
            names: effects, as ``R_F.label``; by default all that the twins of the study have.

        Raises:
            InputError: if the study has one world, or no twins, or not those of an effect.
        """
        if len(self.worlds) <= 1:
            raise InputError(f"{self.folder} has one world; claims() has what a failure causes in it")
        if self.unfinished:
            warnings.warn(f"{self.folder} is {self.unfinished}", stacklevel=2)
        if names is None:
            return self._estimands.copy()
        from setback.analysis.worlds import estimands

        return estimands(self, names)

    @cached_property
    def _estimands(self) -> pd.DataFrame:
        from setback.analysis.worlds import estimands

        return estimands(self)

    @cached_property
    def groups_shown(self) -> pd.DataFrame:
        """Those outcomes by group that are printed, drawn and written; see `setback.analysis.groups.groups_shown`."""
        from setback.analysis.groups import groups_shown

        return groups_shown(self)

    def claims(self) -> list[dict[str, Any]]:
        """Give outcomes and effects of a failure by policy, as ``claims.json`` has them; of a study of one world.

        Raises:
            InputError: if the study has several worlds.
        """
        if len(self.worlds) > 1:
            raise InputError(f"{self.folder} has {len(self.worlds)} worlds; summary() has their outcomes")
        return copy.deepcopy(self._claims)

    @cached_property
    def _claims(self) -> list[dict[str, Any]]:
        from setback.analysis.claims import cells

        units = {name: unit_of(self.study, name) for name in self.study["keep"]["outcomes"]}
        return cells(self.rows, self.twins, self.policies, units)

    def verdict(self) -> Verdict | None:
        """Give the verdict on the study's claim, None where it makes none; see `setback.analysis.worlds.verdict`."""
        from setback.analysis.worlds import verdict

        return verdict(self)

    def decision(self, outcome: str | None = None, weights: Mapping[str, float] | None = None) -> Decision:
        """Give the decision table of the policies over the worlds; see `setback.analysis.decision.decision`.

        Args:
            outcome: what policies are judged by; by default the claim's outcome where it was kept, else learning.
            weights: what a unit of each outcome counts, in place of an outcome.

        Raises:
            InputError: if there is nothing to decide, or not yet, or the outcome or a weight cannot be used.
        """
        from setback.analysis.decision import decision

        return decision(self, outcome, weights)

    def conclusion(self) -> str:
        """Say the verdict in words, and how far the run is; empty where the study makes no claim."""
        found = self.verdict()
        if found is None:
            return ""
        said = found.sentence(self.study["claim"])
        return f"{said} The run is {self.unfinished}." if self.unfinished else said

    def per_student_week(self) -> pd.DataFrame:
        """Give one row a student and week (from 1) of the sampled classes: the slots that the study keeps of students.

        Raises:
            InputError: if it keeps none.
        """
        if "traces" not in self.manifest.tables:
            raise InputError(f"{self.study['name']} kept no weeks of students; a study names slots in [keep] students")
        return self.table("traces").astype({"policy": str})

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw what was found: effects of a failure by policy, or the map of an outcome over what varies.

        Args:
            path: also save the figure there (.png, .pdf, .svg).

        Raises:
            InputError: if there is nothing to draw, as in one world without twins, or it cannot be saved there.
        """
        from setback.analysis.figures import save
        from setback.analysis.written import drawn

        figure = drawn(self)
        if figure is None:
            raise InputError(f"{self.study['name']} has one world and no twins; there is nothing to draw")
        if path:
            save(figure, Path(path), self.manifest.key)
        return figure

    def write(self) -> list[Place]:
        """Write what was found beside the tables, as ``setback run`` does: estimates or a summary, and the figure.

        Returns:
            The files: ``claims.json`` and, where there are twins, ``claims.png`` and ``lags.png``; of several worlds
            ``summary.csv`` and ``worlds.png``, and of these with twins ``estimands.csv``; of groups ``groups.csv`` and
            ``groups.png``.

        Raises:
            InputError: if the folder cannot be written to.
            StopError: if the disk is full.
        """
        from setback.analysis.written import write

        return write(self)

    def report(
        self,
        path: str | Place,
        tables: str | Path | None = None,
        fit: str | Path | None = None,
        summary: bool = False,
        new: bool = False,
        verdicts: pd.DataFrame | None = None,
    ) -> list[Place]:
        """Write what was found as one HTML page that needs nothing else, as ``setback report`` does.

        Args:
            path: the file.
            tables: a folder for its tables, a CSV file each.
            fit: the folder of a fit, which says how near the model comes to published evidence.
            summary: write one page, for those who decide.
            new: refuse a place that is taken.
            verdicts: those on both claims, `setback.analysis.verdicts.verdicts`; by default those that ship.

        Returns:
            The files that were written.

        Raises:
            InputError: if the study is not finished, there is no such fit, or nothing can be written there.
            StopError: if the disk is full.
        """
        from setback.analysis.report import write_report

        folder, fitted = (None if place is None else Path(place) for place in (tables, fit))
        return write_report(self, place_of(path), folder, fitted, summary, new, verdicts)

    def to_salib(self, outcome: str, policy: str, missing: str = "refuse") -> Salib:
        """One outcome of one policy, shaped for ``SALib.analyze`` (designs saltelli, morris; pawn, delta take any).

        >>> # si = SALib.analyze.sobol.analyze(s.problem, s.Y, calc_second_order=False), with s = loaded.to_salib(...)

        Args:
            outcome: an outcome that was kept, or an effect of a failure, as ``R_F`` or ``V_F.practice``.
            policy: a policy, or a difference of two in the same worlds and rooms: ``"mastery - criterion"``.
            missing: what is done with worlds in which it is not known: ``refuse``; take the ``mean`` of the others; or,
                where worlds do not belong together as in saltelli and morris, ``drop`` them.

        Raises:
            InputError: nothing varies, the study is not finished, no such outcome or policy, or what is not known is
                refused.
        """
        ranges = self.study["worlds"]["ranges"]
        if not ranges:
            raise InputError(f"nothing varies in {self.folder}; a study with [worlds] has sensitivities")
        if self.unfinished:
            raise InputError(f"{self.folder} is {self.unfinished}; finish it first")
        if missing not in (ways := MISSING[: 2 if self.study["worlds"]["design"] in TOGETHER else 3]):
            raise unknown("way with what is not known", missing, ways)
        values = self.of_worlds(outcome, policy)
        _check_known(values, outcome, policy, missing, ways)
        values = values.fillna(values.mean()) if missing == "mean" else values.dropna()
        names = [varied["name"] for varied in ranges]
        shares = shares_of_ranges(self.worlds.loc[values.index], ranges)
        problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
        return Salib(problem, shares, values.to_numpy())

    def to_ema(
        self, outcomes: Sequence[str] | None = None, missing: str = "refuse"
    ) -> tuple[pd.DataFrame, dict[str, NDArray[np.float64]]]:
        """Experiments and outcomes as the EMA workbench's ``perform_experiments`` gives them.

        One row an experiment, a world under a policy; columns are what varies, then ``scenario``, ``policy`` and
        ``model``. Outcomes are arrays in the same order, means over the students of all rooms. Where the workbench is
        installed they are declared to it, as its ``save_results`` needs.

        Args:
            outcomes: outcomes that were kept, and effects of a failure, as ``R_F``; by default all that were kept.
            missing: what is done with experiments in which one of them is not known: ``refuse``; take the ``mean`` of
                the other worlds under the same policy; ``drop`` the experiment; or ``keep`` NaN, which the workbench
                saves, but neither PRIM nor feature scoring takes.

        Raises:
            InputError: no such outcome, what is not known is refused, or the run is unfinished.
        """
        if missing not in MISSING:
            raise unknown("way with what is not known", missing, MISSING)
        if self.unfinished:
            raise InputError(f"{self.folder} is {self.unfinished}; finish it first")
        names = list(dict.fromkeys(map(self.named, outcomes or self.study["keep"]["outcomes"])))
        columns = ["world", "policy", "room", "students", *names]
        means = pd.concat([world_means(part, names) for part in self.in_parts(columns=columns)])
        for name in names if missing in ("refuse", "mean") else ():
            for policy, values in means[name].groupby(level="policy", sort=False, observed=True):
                _check_known(values, name, str(policy), missing, MISSING)
        if missing == "mean":
            means = means.fillna(means.groupby(level="policy", observed=True).transform("mean"))
        means = (means.dropna() if missing == "drop" else means).reset_index()
        experiments = means[["world"]].join(self.worlds, on="world").rename(columns={"world": "scenario"})
        experiments = experiments[[*self.worlds.columns, "scenario"]]
        experiments["policy"], experiments["model"] = means["policy"].astype(str), "setback"
        _declare(names)
        return experiments, {name: means[name].to_numpy() for name in names}

    def to_csv(self, path: str | Path, table: str = "outcomes") -> int:
        """Write a table to a CSV file, outcomes with what varies beside them; the number of rows.

        Raises:
            InputError: there is no such table, the file is there already, or it cannot be written.
        """
        if not self._files(table):
            raise self._no_table(table)
        path, count = Path(path), 0
        with written(path, new=True) as file:
            for k, part in enumerate(self.in_parts(table)):
                # a number that varies may be called like a slot that was traced
                frame = part.merge(self.worlds, "left", left_on="world", right_index=True)
                for column in frame.select_dtypes(exclude=["number", "bool"]):
                    frame[column] = frame[column].astype(str).map(plain)
                file.write(frame.to_csv(index=False, header=k == 0, lineterminator="\n").encode())
                count += len(frame)
        return count

    def _files(self, table: str) -> list[str]:
        """The files of a table, those of tasks that are done, in the order of tasks."""
        kept = table in self.manifest.tables
        return [name_of(table, number) for number in self.state.done if kept]

    def _first_world(self, file: str) -> int:
        """The first world of a task, by one of its files: tasks of the same worlds share it."""
        import pyarrow.parquet as pq

        with (self.folder / "outcomes" / Path(file).name).open("rb") as content:
            return int(pq.read_metadata(content).row_group(0).column(0).statistics.min)

    def _read(self, file: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a file of the folder; its content must still be what was checked when the folder was loaded.

        Raises:
            ValueError: if it is not.
        """
        import pyarrow.parquet as pq

        with opened(self.folder / file, file, LARGEST) as stream:
            content = stream.read()
        if sha256(content) != {**self.state.sha256, DESIGN: self.manifest.design}[file]:
            raise ValueError(f"{file} is not as it was written")
        return pq.ParquetFile(io.BytesIO(content)).read(columns, use_threads=False)  # files are small

    def _no_table(self, table: str) -> InputError:
        return unknown("table of results", table, [there for there in TABLES if self._files(there)])


def _filled(parts: Iterable[list[pa.Table]]) -> Iterator[list[pd.DataFrame]]:
    """Join parts, each some tables, to frames until they hold enough rows to be worth a look."""
    import pyarrow as pa

    held, rows = list[list["pa.Table"]](), 0
    for part in parts:
        held.append(part)
        rows += sum(table.num_rows for table in part)
        if rows >= ROWS_OF_A_PART:
            yield [pa.concat_tables(those).to_pandas() for those in zip(*held, strict=True)]
            held, rows = [], 0
    if held:
        yield [pa.concat_tables(those).to_pandas() for those in zip(*held, strict=True)]


def world_means(rows: pd.DataFrame, outcomes: list[str]) -> pd.DataFrame:
    """Means over the students of all rooms, by world and policy; a room in which a value is not known is left out."""
    by = [rows["world"], rows["policy"].astype("category")]
    known = rows[outcomes].notna().mul(rows["students"], axis=0)
    total = rows[outcomes].mul(rows["students"], axis=0).groupby(by, sort=False, observed=True).sum()
    return total / known.groupby(by, sort=False, observed=True).sum().replace(0, np.nan)


def unit_of(study: Mapping[str, Any], outcome: str) -> str:
    """Give the unit of an outcome or an effect of a failure, by the name that tables have; `study` is its text."""
    units = {name: one.unit for name, one in OUTCOMES.items()}
    units |= {name: said["unit"] for name, said in study.get("custom", {}).items()}
    if base(outcome) in units:
        return unit_of_measure(outcome, units)
    found = effect(outcome)
    return found.unit if found else ""


def _declare(names: Sequence[str]) -> None:
    """Declare outcomes to the EMA workbench, where it is installed."""
    with contextlib.suppress(ImportError), warnings.catch_warnings(action="ignore"):
        workbench = importlib.import_module("ema_workbench")
        for name in names:
            workbench.ScalarOutcome(name)


def _check_known(values: pd.Series, outcome: str, policy: str, missing: str, ways: Sequence[str]) -> None:
    """Refuse what is not known in some worlds, and what is known in none."""
    known = int(values.notna().sum())
    if known == len(values):
        return
    other = ', or drop these with missing="drop"' if "drop" in ways else ""
    if not known:
        raise InputError(
            f"{outcome} is known in no world under {policy}, as where nobody utters a verdict or there are no twins; "
            "ask for another outcome or policy"
        )
    if missing == "refuse":
        gone = len(values) - known
        raise InputError(
            f"{outcome} is not known in {gone:,} of {len(values):,} worlds under {policy}; take the mean of the others "
            f'with missing="mean"{other}'
        )


def load(folder: str | Place) -> Results:
    """Read a folder of results, finished or not, or the one in the folder of a study.

    Args:
        folder: its path, or its address as ``s3://bucket/results/rigor``.

    Raises:
        InputError: there are no results in it.
    """
    folder = place_of(folder)
    if not folder.is_dir():
        advice = "give results/<study>/<hash>, as setback status says it"
        raise InputError(f"there is no folder {folder} with results; {advice}")
    runs = runs_of(folder)
    if not (folder / MANIFEST).exists():
        if len(runs) > 1:
            several = ", ".join(map(str, runs))
            raise InputError(f"{folder} holds several runs of a study; name one of them: {several}")
        if not runs and all_runs(folder):
            raise InputError(f"{folder} holds studies; name a run, {folder}/<study>/<hash>, as setback status says it")
        if not runs:
            raise _unreadable(folder)
        folder = runs[0]
    manifest = read_manifest(folder)
    state = check(folder, manifest)
    if DESIGN in state.damaged:
        raise InputError(f"{folder / DESIGN} is not as it was written; the same setback run makes it anew")
    if not state.done:
        raise InputError(f"{folder} holds no outcomes yet; the same setback run goes on with it")
    return Results(folder, manifest, state)


def _unreadable(folder: Place) -> InputError:
    return InputError(f"{folder} holds no results that can be read; the same setback run makes anew what it needs")


def shares_of_ranges(worlds: pd.DataFrame, ranges: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    """Give what varies as shares of its ranges, from 0 to 1, (world, number)."""
    return np.stack([_share(worlds[varied["name"]].to_numpy(), varied) for varied in ranges], 1)


def _share(values: NDArray[np.float64], varied: Mapping[str, Any]) -> NDArray[np.float64]:
    low, high = varied["low"], varied["high"]
    if varied["distribution"] == "loguniform":
        return np.asarray(np.log(values / low) / np.log(high / low))
    return (values - low) / ((high - low) or 1.0)  # a single value that is listed has no range
