"""What one failure causes, told apart by one thing at a time: by whom, when and how.

Beside the verdicts, which are of all failures together (docs/claims.md): how far ahead one looks, which kind of
failing it is, failures that occurred (spared) or passes that did (inflicted), how far from the line the result lay, how
hard the week's task was for the student, and what students began the year with, as far as the study tells groups apart.

All else is as in the primary estimand: being failed, spared. Intervals of several worlds hold the luck of worlds and of
rooms at once (`setback.analysis.crossed`), those of one world are by bootstrap-t over rooms. A group is set against the
first one by the interval of the difference, as two intervals that overlap say nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from setback.analysis import claims
from setback.analysis.crossed import Difference, difference, mean
from setback.analysis.estimate import FEW_TWINS, Estimate, bootstrap, clusters
from setback.analysis.estimate import difference as difference_of
from setback.analysis.load import Results
from setback.analysis.student_map import plainly
from setback.experiments.studies.groups import COLUMN_OF_TWINS, NAMES
from setback.experiments.twins.effects import FLIP, Effect, check_made
from setback.experiments.twins.estimands import AVERAGED, ESTIMANDS, TURNED, Estimand
from setback.model.errors import InputError, unknown

Places, Yes = NDArray[np.int64], NDArray[np.bool_]
#: What is estimated.
SHOWN = tuple(ESTIMANDS[name] for name in ("R_F", "Lambda_F", "V_F_unit", "V_F_year"))
#: By what every study with twins can be told apart; groupings of a study come after them.
HORIZON, KIND, SIDES, DEPTH, CHALLENGE = BY = ("horizon", "flip", "side", "depth", "challenge")
#: Into how many equal parts the distance from the line is cut, in SDs of the noise, and the challenge, by its twins.
THIRDS = 3
#: What is smaller is the rounding of numbers.
ROUNDING = 1e-9
#: What parts are called whose names are short.
SAID = {**TURNED, "spared": "failures (spared)", "inflicted": "passes (inflicted)"}
DEPTHS = ("up to 1/3 SD", "1/3 to 2/3 SD", "2/3 to 1 SD")


class Parts(NamedTuple):
    """Twins told apart by one thing.

    Attributes:
        labels: the parts, in order.
        at: (twin,) the part of each, -1 where it is in none.
        bounds: where a part ends, in words, where its label does not say it.
    """

    labels: tuple[str, ...]
    at: Places  # type: ignore[valid-type]
    bounds: tuple[str, ...] = ()


def breakdown(
    results: Results, by: Sequence[str] | None = None, policies: Sequence[str] | None = None, flip: str | None = None
) -> pd.DataFrame:
    """Estimate what one failure causes, told apart by one thing at a time.

    Args:
        results: a finished study with twins.
        by: names of `BY` and groupings of the study; by default all.
        policies: by default all.
        flip: what was turned; by default being failed, or else the study's first kind.

    Returns:
        One row a policy, thing (``by``), part of it (``group``, with its ``bounds`` in words where the name does not
        say them) and estimand of `SHOWN`; again with ``less``, the first part, for the difference from it. Further
        ``estimand``, ``unit``, ``value``, ``low`` and ``high`` (95 %), ``twins`` and ``worlds`` behind it (of a
        difference, of the smaller part), and ``few`` where these are too few twins to say anything. By horizon there is
        R_F alone, of the first 1 to 9 units.

    Raises:
        InputError: if the study cannot answer.
    """
    study = results.study
    if results.unfinished:
        raise InputError(f"{results.folder} is {results.unfinished}; finish it first: setback run goes on with it")
    turned = flip or (FLIP if FLIP in study["flips"] else next(iter(study["flips"]), FLIP))
    if turned not in TURNED:
        raise unknown("flip", turned, TURNED)
    for row in SHOWN:
        check_made(Effect(row, turned), study)
    known = [*BY, *groupings(results)]
    asked = list(dict.fromkeys(by or known))
    for name in asked:
        if name not in known:
            raise unknown(f"thing to tell the twins of {study['name']} apart by", name, known)
    names = [results.policy_named(name) for name in policies] if policies else [*map(str, results.policies.index)]
    twins = _read(results, asked)
    rows = [
        {"policy": policy, "by": name, **row}
        for policy in dict.fromkeys(names)
        for mine in [twins[twins["policy"] == policy]]
        for name in asked
        for row in _told_apart(mine, name, turned, study)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def groupings(results: Results) -> tuple[str, ...]:
    """Name the groupings that the study has beside `BY`."""
    return tuple(str(one["by"]) for one in results.study.get("groups") or ())


def named_parts(thing: str, parts: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Give the names of some parts of a thing, which has parts of these labels, as people say them."""
    return [SAID.get(part, plainly(thing, part, labels)) for part in parts]


def claimed(results: Results) -> str:
    """Name the policy that the study's claim is about, or its first one."""
    claim = results.study["claim"]
    return str(claim["policy"] if claim else results.policies.index[0])


def parts(twins: pd.DataFrame, name: str, flip: str, study: Any) -> Parts:
    """Tell the twins of one policy apart by one thing.

    Args:
        twins: one row a twin.
        name: one of `BY`, but the horizon, or a grouping of the study.
        flip: what was turned, where they are not told apart by that.
        study: the text of the study.
    """
    kind, spared = twins["flip"].to_numpy(), twins["spared"].to_numpy(bool)
    primary = (kind == flip) & spared
    if name == KIND:
        there = tuple(one for one in TURNED if one in study["flips"])
        return Parts(there, np.where(spared, pd.Index(there).get_indexer(pd.Index(kind)), -1))
    if name == SIDES:
        return Parts(tuple(AVERAGED), np.where(kind == flip, np.where(spared, 0, 1), -1))
    if name == DEPTH:
        part = (twins["distance"].abs() * THIRDS).clip(upper=THIRDS - 0.5).astype(int)
        return Parts(DEPTHS, np.where(primary, part, -1))
    if name == CHALLENGE:
        challenge = twins[CHALLENGE].to_numpy()
        if not primary.any():
            return Parts(NAMES[THIRDS], np.full(len(twins), -1), ("",) * THIRDS)
        cuts = np.quantile(challenge[primary], [k / THIRDS for k in range(1, THIRDS)])
        ends = [f"{cut:.2f} logit".replace("-", "−") for cut in cuts]
        bounds = (f"below {ends[0]}", f"{ends[0]} to {ends[1]}", f"above {ends[1]}")
        return Parts(NAMES[THIRDS], np.where(primary, np.searchsorted(cuts, challenge, "right"), -1), bounds)
    labels = next(tuple(map(str, one["labels"])) for one in study["groups"] if one["by"] == name)
    group = pd.Index(labels).get_indexer(pd.Index(twins[COLUMN_OF_TWINS.format(name)].astype(str)))
    return Parts(labels, np.where(primary, group, -1))


def sentences(found: pd.DataFrame) -> list[str]:
    """Say of each policy and thing how many further failures a failure causes, and how far the last part differs."""
    text = []
    for (policy, by), rows in found[found["estimand"] == "R_F"].groupby(["policy", "by"], sort=False):
        means, apart = rows[rows["less"] == ""], rows[rows["less"] != ""]
        if by == HORIZON or not len(apart) or means["value"].isna().all():
            continue
        labels = [str(label) for label in means["group"]]
        said = ", ".join(
            f"{name} {signed(value)}" for name, value in zip(named_parts(str(by), labels, labels), means["value"])
        )
        thing = str(by).replace("_", " ").replace(KIND, "kind of failing")
        text.append(
            f"In the model, further failures that one causes under {policy}, by {thing}: {said}; "
            f"{apart_in_words(apart.iloc[-1])}."
        )
    return text


def is_told(rows: pd.DataFrame) -> pd.Series:
    """Say of differences which can be told from none: enough twins, and an interval on one side of 0."""
    one_side = (rows["low"] > 0.0) | (rows["high"] < 0.0)
    return one_side & ~rows["few"].astype(bool) & (rows["value"].abs() > ROUNDING)


def apart_in_words(row: pd.Series) -> str:
    """Say of the difference of a part from the first one whether it can be told from none."""
    if row["few"]:
        return f"fewer than {FEW_TWINS} twins stand behind one of them"
    if not is_told(row.to_frame().T).item():
        return "that the last differs from the first cannot be told"
    ends = f"{signed(row['low'])} to {signed(row['high'])}"
    return f"the last differs from the first by {signed(row['value'])} ({ends})"


def signed(value: float) -> str:
    """Write a number with its sign; a dash where it is not known.

    >>> signed(-0.125), signed(float("nan"))
    ('−0.12', '–')
    """
    return "–" if np.isnan(value) else f"{value:+.2f}".replace("-", "−")


def _read(results: Results, asked: Sequence[str]) -> pd.DataFrame:
    """Read what is needed of the twins."""
    of_groups = [COLUMN_OF_TWINS.format(name) for name in asked if name not in BY]
    effects = dict.fromkeys(column for row in SHOWN for column in row.columns)
    which = ("world", "policy", "room", "class", "seat", "flip", "spared", "distance")
    columns = [*which, *([CHALLENGE] if CHALLENGE in asked else []), *effects, *of_groups]
    read = pd.concat([part.astype({"policy": str, "flip": str}) for part in results.in_parts("twins", columns)])
    if CHALLENGE in columns:
        check_challenge(results, read)
    return read.reset_index(drop=True)


def check_challenge(results: Results, twins: pd.DataFrame) -> None:
    """Raise an error where the twins of a study are of a version that did not keep the challenge of their week.

    Raises:
        InputError: if that is so.
    """
    if CHALLENGE not in twins:
        raise InputError(
            f"the twins of {results.folder} are of an earlier version, which did not keep the challenge of their week; "
            "run the study again, or ask for what needs no challenge"
        )


def _told_apart(twins: pd.DataFrame, name: str, flip: str, study: Any) -> Iterator[dict[str, Any]]:
    """Give the rows of one policy and thing."""
    if name == HORIZON:
        primary = ((twins["flip"] == flip) & twins["spared"]).to_numpy(bool)
        [whole] = (row for row in SHOWN if row.name == "R_F")
        for h in range(1, len(whole.columns) + 1):
            so_far = whole._replace(columns=whole.columns[:h], low=-float(h), high=float(h))
            yield {"group": str(h), "bounds": "", "less": "", **_Of(twins, so_far).caused(primary)}
        return
    # schools are no draws of what is told apart by school
    twins = twins.drop(columns="school", errors="ignore") if name == "school" else twins
    told = parts(twins, name, flip, study)
    who = [{"group": label, "bounds": end} for label, end in zip(told.labels, told.bounds or [""] * len(told.labels))]
    for row in SHOWN:
        of = _Of(twins, row)
        for k, label in enumerate(who):
            yield {**label, "less": "", **of.caused(told.at == k)}
        for k, label in enumerate(who[1:], 1):
            yield {**label, "less": told.labels[0], **of.apart(told.at == k, told.at == 0)}


class _Of:
    """An estimand of the twins of one policy."""

    def __init__(self, twins: pd.DataFrame, row: Estimand) -> None:
        self.twins, self.row = twins, row
        self.values = twins[list(row.columns)].to_numpy().sum(axis=1)
        self.world, self.draw = twins["world"].to_numpy(), twins[clusters(twins)].to_numpy()

    def caused(self, at: Yes) -> dict[str, Any]:  # type: ignore[valid-type]
        """Estimate it of some twins."""
        at = at & np.isfinite(self.values)
        worlds, found = len(np.unique(self.world[at])), NOT_KNOWN
        if worlds > 1:
            found = mean(self.values[at], self.world[at], self.draw[at])
        elif worlds:
            found = _ends(claims.estimate(self.twins[at], self.row))
        return self._said(found, int(at.sum()), worlds)  # type: ignore[attr-defined]

    def apart(self, first: Yes, other: Yes) -> dict[str, Any]:  # type: ignore[valid-type]
        """Estimate how far it differs between some twins and others."""
        first, other = (at & np.isfinite(self.values) for at in (first, other))
        worlds, n = (min(map(count, (first, other))) for count in (self._worlds, np.count_nonzero))  # type: ignore[type-var]
        both, found = first | other, NOT_KNOWN  # type: ignore[operator]
        if worlds > 1:  # type: ignore[operator]
            found = difference(self.values[both], first[both], self.world[both], self.draw[both])  # type: ignore[index]
        elif n:
            draws = np.unique(self.draw[both])
            figures = [claims.figure_of(self.twins[at], self.row, draws) for at in (other, first)]
            found = _ends(bootstrap(difference_of(*figures), len(draws), n))  # type: ignore[arg-type]
        return self._said(found, n, worlds)  # type: ignore[arg-type]

    def _worlds(self, at: Yes) -> int:  # type: ignore[valid-type]
        return len(np.unique(self.world[at]))

    def _said(self, found: Difference, n: int, worlds: int) -> dict[str, Any]:
        of = {"estimand": self.row.name, "unit": self.row.unit}
        of |= {"value": found.value, "low": found.low, "high": found.high}  # type: ignore[dict-item]
        return of | {"twins": n, "worlds": worlds, "few": n < FEW_TWINS}


def _ends(found: Estimate) -> Difference:
    return Difference(found.value, found.low, found.high, 1.0)


NOT_KNOWN = Difference(np.nan, np.nan, np.nan, 1.0)
