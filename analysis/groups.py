"""For whom: outcomes and effects of a policy by group of students, and how far an effect differs between groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from setback.analysis.claims import estimate, figure_of
from setback.analysis.estimate import Estimate, Figure, bootstrap, clusters, difference
from setback.analysis.load import Results
from setback.analysis.worlds import luck
from setback.experiments.studies.folder import GROUPS
from setback.experiments.studies.groups import COLUMN_OF_TWINS, POSITION, of_students
from setback.experiments.twins.estimands import AVERAGED, ESTIMANDS, TURNED
from setback.model.errors import InputError, unknown
from setback.model.outcomes import OUTCOMES

Array = NDArray[np.float64]

#: What a row says: of one group under one policy, of one group under a policy less another, of one group less another
#: under one policy, and how far the effect of the policy differs between the two.
MEAN, EFFECT, GAP, INTERACTION = KINDS = ("mean", "effect", "gap", "interaction")


class Contrast(NamedTuple):
    """One row of the table: a group, less another, under a policy, less another; -1 where there is no other."""

    group: int
    policy: int
    less_group: int = -1
    less_policy: int = -1

    @property
    def kind(self) -> str:
        """Say which of `KINDS` it is."""
        return KINDS[(self.less_policy >= 0) + 2 * (self.less_group >= 0)]

    @property
    def terms(self) -> list[tuple[float, int, int]]:
        """Give the means that it is made of: sign, group and policy."""
        groups = [(1.0, self.group), *([(-1.0, self.less_group)] if self.less_group >= 0 else [])]
        policies = [(1.0, self.policy), *([(-1.0, self.less_policy)] if self.less_policy >= 0 else [])]
        return [(a * b, group, policy) for a, group in groups for b, policy in policies]


def groups(
    results: Results, outcomes: Sequence[str] | None = None, against: str | None = None, by: str | None = None
) -> pd.DataFrame:
    """Give outcomes and effects of policies by group.

    An effect is that of a policy less that of ``against``, in the same rooms; a gap that of a group less that of the
    first, under one policy; an interaction the difference of the two effects. Outcomes are means over the students of a
    group in all rooms of a world, then over worlds. Their intervals say what other rooms would do with these worlds,
    and treat a school, where the roster knows schools, or else a class as one draw, of groups by school a class; where
    fewer draws stand behind one of the means than behind another, the fewer count. Effects of a failure are means over
    the twins of a group, in all worlds together.

    Args:
        results: results of a study with groups.
        outcomes: outcomes that were kept, or estimands as ``R_F``, of a study with twins; by default all outcomes.
        against: the policy that others are compared with; by default that of the claim, or the first.
        by: one grouping; by default all.

    Returns:
        One row a grouping (``by``), contrast and outcome: ``kind`` (one of `KINDS`), ``group``, ``less_group``,
        ``policy``, ``less_policy``, ``outcome``, ``flip`` and ``side`` of an effect of a failure, ``unit``, ``value``,
        ``low`` and ``high`` (95 %), ``se``; ``students`` in a world, of the smaller group; ``draws`` behind it; in how
        many ``worlds`` it is known; the SD between worlds ``spread``; and ``above``, the share of worlds above 0. Of a
        group with nobody in it the value is NaN and ``students`` 0.

    Raises:
        InputError: the study has no groups, no such grouping or policy, or did not keep the outcome.
    """
    study = results.study
    if GROUPS not in results.manifest.tables:
        raise InputError(f"{study['name']} tells no groups apart; name some in [groups] of the study")
    those = {one["by"]: list(one["labels"]) for one in study["groups"]}
    if by is not None and by not in those:
        raise unknown("grouping", by, those)
    policies = list(results.policies.index)
    claim = study["claim"]
    named = against if against is not None else (claim and claim["against"]) or policies[0]
    first = results.policy_named(named)
    kept = of_students(study["keep"]["outcomes"])
    there = [name for name, row in ESTIMANDS.items() if {*row.columns} <= {*results.twins}] if study["share"] else []
    wanted = list(kept if outcomes is None else dict.fromkeys(outcomes))
    for name in wanted:
        if name not in kept and name not in there:
            hint = "; a study with [twins] has effects of a failure" if name in ESTIMANDS and not there else ""
            raise InputError(f"{unknown('outcome that was kept of groups', name, [*kept, *there])}{hint}")
    asked = {name: labels for name, labels in those.items() if by in (None, name)}
    of = {name: _contrasts(len(labels), len(policies), policies.index(first)) for name, labels in asked.items()}
    rows: list[dict[str, Any]] = []
    sums = _added_up(results, [outcome for outcome in wanted if outcome in kept], asked, of)
    for outcome in wanted:
        if outcome in sums:
            found = _over_rooms(sums[outcome], OUTCOMES[outcome].unit, of)
        else:
            found = ((name, one, more) for name in asked for one, more in _caused(results, outcome, name, asked, of))
        for name, one, more in found:
            labels = [*asked[name], ""]  # the last, where there is no other
            who = {"by": name, "kind": one.kind, "group": labels[one.group], "less_group": labels[one.less_group]}
            under = {"policy": policies[one.policy], "less_policy": [*policies, ""][one.less_policy]}
            rows.append({**who, **under, "outcome": outcome, "flip": "", "side": "", **more})
    return pd.DataFrame(rows)


#: What is shown of groups unless it is asked for by name: the outcome of the claim, or else these, as far as kept.
SHOWN = ("learning", "below_criterion_rate", "helpless", "dropout")


def groups_shown(results: Results) -> pd.DataFrame:
    """Give the table of those outcomes that are printed, drawn and written beside the tables; that of the claim first.

    Raises:
        InputError: the study has no groups.
    """
    study = results.study
    kept = of_students(study["keep"]["outcomes"])
    claimed = [study["claim"]["outcome"]] if study["claim"] else []
    shown = [name for name in dict.fromkeys((*claimed, *SHOWN)) if name in kept]
    return groups(results, shown or kept[:1])


#: Policies that are printed and drawn of groups: the best, the worst, and those whose effects differ most between them.
MOST_POLICIES = 8


def most_apart(frame: pd.DataFrame) -> list[str]:
    """Name the policies with the highest and the lowest mean, and those whose effects differ most between groups.

    They come in the order of the table; all where none differs.

    Args:
        frame: what `groups` gives of one outcome.
    """
    known = frame[frame["value"].notna()]
    apart = known[known["kind"] == INTERACTION].groupby("policy", sort=False)["value"].agg(lambda x: x.abs().max())
    means = known[known["kind"] == MEAN].groupby("policy", sort=False)["value"].mean().sort_values()
    ends = (means.index[-1], means.index[0]) if len(means) else ()
    told = {*[*dict.fromkeys((*ends, *apart.sort_values(ascending=False, kind="stable").index))][:MOST_POLICIES]}
    names = dict.fromkeys(frame["policy"])
    return [policy for policy in names if policy in told] if len(apart) else list(names)


def named(by: str) -> str:
    """Name a grouping as people read it.

    >>> named("position"), named("attribution_style")
    ('position in class', 'attribution style')
    """
    return "position in class" if by == POSITION else by.replace("_", " ")


def nobody(frame: pd.DataFrame, worlds: int) -> list[str]:
    """Say which groups have nobody in them, in some worlds or in all; nothing where all have somebody.

    Args:
        frame: what `groups` gives.
        worlds: how many worlds the study has.
    """
    said = []
    rows = frame[(frame["kind"] == MEAN) & (frame["flip"] == "")]
    for (by, group), of in rows.groupby(["by", "group"], sort=False):
        empty = int(of["empty"].max())
        if empty:
            where = "" if worlds == 1 else " in any world" if empty == worlds else f" in {empty:,} of {worlds:,} worlds"
            said.append(f"nobody is in group {group} of {by}{where}; wider bands or more rooms would have somebody")
    return said


def _contrasts(groups: int, policies: int, against: int) -> list[Contrast]:
    """Name what is said: every mean, effects against one policy, gaps from the first group, and interactions."""
    others = [k for k in range(policies) if k != against]
    return [
        *(Contrast(g, p) for g in range(groups) for p in range(policies)),
        *(Contrast(g, p, less_policy=against) for g in range(groups) for p in others),
        *(Contrast(g, p, less_group=0) for g in range(1, groups) for p in range(policies)),
        *(Contrast(g, p, 0, against) for g in range(1, groups) for p in others),
    ]


def _places(names: Sequence[str], column: pd.Series) -> NDArray[np.intp]:
    """Give the position among the names of what each row of a column says; -1 where it is none of them."""
    return pd.Index(names).get_indexer(pd.Index(column))


Said = tuple[str, Contrast, dict[str, Any]]


# ---- outcomes ----------------------------------------------------------------------------------------------
class _Sums:
    """What is added up of one grouping while worlds are read: effects, and how far each draw pulls them."""

    def __init__(self, groups: int, policies: int, contrasts: Sequence[Contrast]) -> None:
        self.shape = groups, policies
        self.signs = np.zeros((len(contrasts), groups * policies))
        for k, one in enumerate(contrasts):
            for sign, group, policy in one.terms:
                self.signs[k, group * policies + policy] = sign
        self.effects: list[Array] = []
        self.students: list[Array] = []
        self.blocks: list[Any] = []
        #: By block and draw: how far it pulls each contrast, and whether anybody of it stands behind each mean.
        self.pulls: dict[tuple[int, int], Array] = {}
        self.seen: dict[tuple[int, int], NDArray[np.bool_]] = {}

    def add(self, rows: pd.DataFrame, outcome: str, labels: Sequence[str], policies: Sequence[str], draw: str) -> None:
        """Add worlds of one block with all their rooms; rows are those of one grouping, with the ``block``."""
        worlds, w = np.unique(rows["world"], return_inverse=True)
        draws, c = np.unique(rows[draw], return_inverse=True)
        at = _places(labels, rows["group"]), _places(policies, rows["policy"])
        j = at[0] * self.shape[1] + at[1]
        size, total, students = (np.zeros((len(worlds), self.signs.shape[1], len(draws))) for _ in range(3))
        known = rows[f"known_{outcome}"].to_numpy(float)
        np.add.at(size, (w, j, c), known)
        np.add.at(total, (w, j, c), np.where(known > 0, rows[outcome], 0.0) * known)
        np.add.at(students, (w, j, c), rows["students"])
        behind = size.sum(2)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total.sum(2) / behind
            pull = np.nan_to_num((total - mean[..., None] * size) / behind[..., None])
        needed = np.abs(self.signs)
        is_known = (behind > 0) @ needed.T == needed.sum(1)
        self.effects.append(np.where(is_known, np.nan_to_num(mean) @ self.signs.T, np.nan))
        self.students.append(students.sum(2).reshape(-1, *self.shape).max(2))
        block = rows.groupby("world")["block"].first().to_numpy()
        self.blocks.append(block)
        for world, of in enumerate(block.tolist()):
            moved = (self.signs @ pull[world]) * is_known[world][:, None]
            for k, one in enumerate(draws.tolist()):
                if size[world, :, k].any():
                    key = of, one
                    self.pulls[key] = self.pulls.get(key, np.zeros(len(moved))) + moved[:, k]
                    self.seen[key] = self.seen.get(key, np.zeros(size.shape[1], bool)) | (size[world, :, k] > 0)

    def rows(self, contrasts: Sequence[Contrast]) -> Iterator[tuple[Contrast, dict[str, Any]]]:
        """Give each contrast with what is known of it."""
        if not self.effects:
            return
        effects, block, students = (np.concatenate(parts) for parts in (self.effects, self.blocks, self.students))
        of = np.array([block for block, _ in self.pulls], int)
        pulls = np.reshape([*self.pulls.values()], (-1, len(contrasts)))
        seen = np.reshape([*self.seen.values()], (-1, self.signs.shape[1])).astype(bool)
        for k, one in enumerate(contrasts):
            known = np.isfinite(effects[:, k])
            groups = [group for group in (one.group, one.less_group) if group >= 0]
            said = {
                "value": np.nan, "low": np.nan, "high": np.nan, "se": np.nan,
                "students": float(students[:, groups].mean(0).min()), "draws": 0, "worlds": int(known.sum()),
                "spread": np.nan, "above": np.nan, "empty": int((students[:, groups] == 0).any(1).sum()),
            }  # fmt: skip
            if known.any():
                x, blocks = effects[known, k], np.unique(block[known])
                terms = np.flatnonzero(self.signs[k])
                mine = np.isin(of, blocks) & seen[:, terms].any(1)
                counts = [[int(seen[of == b, j].sum()) for j in terms] for b in blocks]
                drawn = np.array([min(row) for row in counts])
                variance = np.full(len(x), 0.0 if (drawn > 1).any() else np.nan)
                found = luck(x, variance, block[known], pulls[mine, k], of[mine], drawn)
                reach = float(stats.t.ppf(0.975, found.freedom)) * found.error
                centre = float(x.mean())
                said |= {"value": centre, "low": centre - reach, "high": centre + reach, "se": found.error}
                said |= {"draws": int(drawn.sum()), "above": float((x > 0).mean())}
                said["spread"] = float(x.std(ddof=1)) if len(x) > 1 else np.nan
            yield one, said


def _added_up(
    results: Results, outcomes: Sequence[str], asked: dict[str, list[str]], of: dict[str, list[Contrast]]
) -> dict[str, dict[str, _Sums]]:
    """Read the worlds once, and add up every outcome of students in every grouping."""
    policies, rooms = list(results.policies.index), int(results.study["rooms"])
    sums = {
        outcome: {name: _Sums(len(labels), len(policies), of[name]) for name, labels in asked.items()}
        for outcome in outcomes
    }
    columns = ["world", "policy", "room", "class", "by", "group", "students"]
    columns += [name for outcome in outcomes for name in (outcome, f"known_{outcome}")]
    for part in results.in_parts(GROUPS, columns) if outcomes else ():
        # a world of which rooms are missing yet is not to be mixed with whole ones
        whole = part[part.groupby("world")["room"].transform("nunique") == rooms]
        # worlds that have the same rooms are a block, called by its first draw
        whole = whole.assign(block=whole.groupby("world")[clusters(whole)].transform("min"))
        for (by, _), rows in whole.groupby(["by", "block"], sort=False, observed=True):
            name = str(by)
            for outcome in outcomes if name in asked else ():
                draw = "class" if name == "school" else clusters(rows)
                sums[outcome][name].add(rows, outcome, asked[name], policies, draw)
    return sums


def _over_rooms(sums: dict[str, _Sums], unit: str, of: dict[str, list[Contrast]]) -> Iterator[Said]:
    """Give every contrast of an outcome, grouping by grouping."""
    for name, found in sums.items():
        for one, said in found.rows(of[name]):
            yield name, one, {"unit": unit, **said}


# ---- effects of a failure ----------------------------------------------------------------------------------
def _caused(
    results: Results, estimand: str, name: str, asked: dict[str, list[str]], of: dict[str, list[Contrast]]
) -> Iterator[tuple[Contrast, dict[str, Any]]]:
    """Give every contrast of an effect of a failure in one grouping, by flip and side."""
    row, labels, policies = ESTIMANDS[estimand], asked[name], list(results.policies.index)
    twins = results.twins
    twins = twins[twins[row.among] == 1.0] if row.among else twins
    twins = twins[twins[list(row.columns)].notna().any(axis=1)]
    draw = "class" if name == "school" else clusters(twins)
    group = _places(labels, twins[COLUMN_OF_TWINS.format(name)])
    policy = _places(policies, twins["policy"])
    for flip in TURNED:
        for side in AVERAGED:
            here = ((twins["flip"] == flip) & (twins["spared"] == (side == "spared"))).to_numpy()
            for one in of[name] if here.any() else ():
                parts = [twins[here & (group == g) & (policy == p)] for _, g, p in one.terms]
                parts = [part.drop(columns="school", errors="ignore") if draw == "class" else part for part in parts]
                n = min(map(len, parts))
                students = min(len(part[["world", "room", "seat"]].drop_duplicates()) for part in parts)
                if not n:
                    found = Estimate(np.nan, np.nan, np.nan, np.nan, 0, 0)
                elif len(parts) == 1:
                    found = estimate(parts[0], row)
                else:
                    draws = np.unique(np.concatenate([part[draw].to_numpy() for part in parts]))
                    found = bootstrap(_figure([figure_of(part, row, draws) for part in parts]), len(draws), n)
                said = {"flip": flip, "side": side, "unit": row.unit}
                said |= {key: getattr(found, key) for key in ("value", "low", "high", "se")}
                worlds = int(min(part["world"].nunique() for part in parts))
                rest = {"draws": found.rooms, "worlds": worlds, "spread": np.nan, "above": np.nan, "empty": 0}
                yield one, said | {"students": float(students)} | rest


def _figure(figures: Sequence[Figure]) -> Figure:
    """Put two figures, or the four of an interaction, together with the signs of `Contrast.terms`."""
    if len(figures) == 2:
        return difference(figures[1], figures[0])
    return difference(_figure(figures[2:]), _figure(figures[:2]))
