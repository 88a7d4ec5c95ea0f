"""The decision table: what speaks for each policy over the worlds of a study, pair by pair, and where each loses.

Every policy meets the same worlds, rooms and luck, so that policies are compared within them. What is compared is one
outcome, or a score of several by weights of a user's own. What a room does in one world alone, and what it adds to
worlds that have it, is taken out of the spread between worlds (`setback.analysis.worlds.settled`) before worlds are
counted: or every policy would lose somewhere by luck alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from setback.analysis import load
from setback.analysis.conditions import Where, percent, where
from setback.analysis.estimate import clusters
from setback.analysis.paired import BETTER
from setback.analysis.worlds import Effects, effects, settled
from setback.experiments.studies.folder import TRACES
from setback.experiments.twins.effects import effect as effect_of_failing
from setback.model.errors import InputError, number, unknown
from setback.model.measures import base
from setback.model.outcomes import OUTCOMES

if TYPE_CHECKING:
    from setback.analysis.figures.figure import Figure

Array = NDArray[np.float64]

#: Outcomes of which more is better, and of which less is. Of an error at practice neither can be said.
MORE = (
    "learning", "learning_procedural", "unit_test", "learned_after_failure", "submission_rate", "effort", "expectancy",
    "control", "interest", "units_reached", "units_mastered",
)  # fmt: skip
LESS = (
    "below_criterion_rate", "failing_grade_told_rate", "failing_grade_counted_rate", "failing_grade_compared_rate",
    "failure_to_ability", "success_to_external", "achievement_gap", "discouraged", "teacher_time", "helpless",
    "helpless_or_stopped", "dropout", "affect", "attribution_style",
)  # fmt: skip
#: What policies are held against each other by, each the first outcome of these that was kept. Whoever stopped counts
#: among the helpless where that is known, or a policy would gain by those whom it loses.
OBJECTIVES: Mapping[str, tuple[str, ...]] = {
    "learning": ("learning",),
    "helplessness": ("helpless_or_stopped", "helpless"),
    "gap": ("achievement_gap",),
    "coverage": ("units_reached",),
    "teacher time": ("teacher_time",),
}
#: What is called equal: sums of the same numbers differ in their last digits.
EQUAL = 1e-9
#: In these columns of contrasts stands a policy as it is, or less the mean of all policies.
ITSELF, LESS_MEAN = "itself", "less the mean of all"
#: An outcome that says of a class what it says of no student.
OF_CLASSES = ("achievement_gap",)


class Judge(NamedTuple):
    """What policies are judged by: an outcome, or a score of several.

    Attributes:
        name: the outcome, or ``score``.
        unit: its unit; ``points`` of a score.
        weights: what each outcome counts, in its own unit; their absolute values add up to 1.
        sign: 1 where more is better, -1 where less is.
        units: the unit of each outcome.
    """

    name: str
    unit: str
    weights: Mapping[str, float]
    sign: float
    units: Mapping[str, str]

    @classmethod
    def of(cls, results: load.Results, outcome: str | None, weights: Mapping[str, float] | None) -> Judge:
        """Take an outcome, or weights, which are scaled so that their absolute values add up to 1.

        Raises:
            InputError: if both are given, an outcome was not kept or is neither good nor bad, or weights are no
                numbers or all 0.
        """
        if weights is None:
            name = results.named(_usual(results) if outcome is None else outcome)
            if not sign_of(name):
                raise InputError(f"more of {name} is neither better nor worse; say which it is by a weight, 1 or -1")
            return cls.plain(results, name)
        if outcome is not None:
            raise InputError("policies are judged by an outcome or by weights; take one of the two away")
        found = dict[str, float]()
        for name, weight in weights.items():
            if (plain := results.named(name)) in found:
                raise InputError(f"{plain} has two weights; give it one")
            found[plain] = number(f"weight of {name}", weight)
        total = sum(map(abs, found.values()))
        if not total or np.isinf(total):
            said = ", ".join(f"{name} {weight:g}" for name, weight in found.items()) or "none"
            raise InputError(f"the weights ({said}) add up to {total:g}; give at least one outcome a weight but 0")
        scaled = {name: weight / total for name, weight in found.items() if weight}
        units = {name: results.unit(name) for name in scaled}
        if len(scaled) == 1:  # of a single outcome its own unit is plainer
            [(name, weight)] = scaled.items()
            return cls(name, units[name], {name: 1.0}, weight, units)
        return cls("score", "points", scaled, 1.0, units)

    @classmethod
    def plain(cls, results: load.Results, outcome: str) -> Judge:
        """Take one outcome, of which more is better unless less is."""
        unit = results.unit(outcome)
        return cls(outcome, unit, {outcome: 1.0}, sign_of(outcome) or 1.0, {outcome: unit})

    def __str__(self) -> str:
        if self.name in self.weights:
            return f"{self.name} ({self.unit}; {'more' if self.sign > 0 else 'less'} is better)"
        terms = (f"{'-' if w < 0 else '+'} {abs(w):.3g} x {o} ({self.units[o]})" for o, w in self.weights.items())
        return f"score = {' '.join(terms).removeprefix('+ ')}"

    def value(self, table: pd.DataFrame) -> pd.Series:
        """Give what is judged, row by row of a table with a column for each outcome; NaN where one is not known."""
        total = sum((weight * table[name] for name, weight in self.weights.items()), start=pd.Series(0.0, table.index))
        return pd.Series(total, table.index)


def sign_of(outcome: str) -> float:
    """Say whether more of an outcome is better (1), less is (-1), or neither (0).

    Of the effects of a failure what it is worth in knowledge is good, further failures and lost weeks are not. A
    quantile is as good as what it is of.

    >>> sign_of("learning.q10"), sign_of("R_F.label"), sign_of("V_F_year"), sign_of("practice_error_rate")
    (1.0, -1.0, 1.0, 0.0)
    """
    if (found := effect_of_failing(outcome)) is not None:
        return {"SD": 1.0, "failures": -1.0, "weeks": -1.0}.get(found.unit, 0.0)
    name = base(outcome) if outcome.startswith(f"{base(outcome)}.q") else outcome
    return 1.0 if name in MORE else -1.0 if name in LESS else 0.0


def _usual(results: load.Results) -> str:
    """Name what policies are judged by unless it is said.

    It is the claim's outcome if students have it, else learning, else the first that is good or bad.
    """
    claim, kept = results.study["claim"], list(results.study["keep"]["outcomes"])
    claimed = [claim["outcome"]] if claim and claim["outcome"] in kept else []
    return next((name for name in [*claimed, "learning", *kept] if name in kept and sign_of(name)), str(kept[0]))


@dataclass(frozen=True, repr=False)
class Decision:
    """What speaks for each policy.

    Attributes:
        judge: what policies are judged by.
        policies: one row a policy, the one with the least mean regret first: ``mean`` of what is judged over the
            worlds, ``best``, the share of worlds in which it is best (worlds in which several are equal are divided
            among them), ``regret`` and ``largest_regret``, how far it falls behind the best policy of a world, on
            average and at most, ``worst_world``, ``front``, whether no policy does as well on every objective and
            better on one, ``front_worlds``, the share of worlds in which that is so, and each objective.
        pairs: one row a pair of policies and an outcome (what is judged first): ``difference`` of the second less the
            first in the same worlds and rooms, averaged over the worlds, ``low`` and ``high``, its 95 % interval by
            the luck of the rooms, ``error``, ``spread`` between worlds without that luck, the shares of worlds in which
            either is better, and, of what is judged, the shares of students (or of students in rooms, see `of`) who
            are better and worse off under the second.
        losses: policy -> where it is not best.
        beaten: (first, second) -> where the first does less well than the second, both ways round.
        objectives: what the front is of: outcome -> 1 where more is better, -1 where less is.
        of: whose shares ``better_off`` and ``worse_off`` are: ``students``, ``rooms`` where the weeks of students do
            not tell, or nobody's (empty) by an effect of a failure.
        worlds: how many worlds stand behind it.
        notes: what has to be known to read it, one sentence each.
    """

    judge: Judge
    policies: pd.DataFrame
    pairs: pd.DataFrame
    losses: Mapping[str, Where]
    beaten: Mapping[tuple[str, str], Where]
    objectives: Mapping[str, float]
    of: str
    worlds: int
    notes: tuple[str, ...]

    @property
    def leader(self) -> str:
        """Name the policy with the least mean regret."""
        return str(self.policies.index[0])

    def against(self, policy: str) -> pd.DataFrame:
        """Give every other policy less this one, by what is judged: the rows of `pairs`, turned where they have to be.

        Raises:
            InputError: if there is no such policy.
        """
        if policy not in self.policies.index:
            raise unknown("policy", policy, self.policies.index)
        rows = self.pairs[self.pairs["outcome"] == self.judge.name]
        rows = rows[(rows["first"] == policy) | (rows["second"] == policy)]
        turned = rows[rows["second"] == policy].rename(columns=_TURNED)
        for column in ("difference", "low", "high"):
            turned[column] = -turned[column]
        both = pd.concat([rows[rows["first"] == policy], turned[list(rows)]]).set_index("second")
        return both.reindex([name for name in self.policies.index if name != policy]).reset_index()

    def sentences(self) -> list[str]:
        """Say in words what was found: which policy, how sure, and where each loses."""
        first, best = self.policies.iloc[0], self.policies["best"]
        said = [
            f"Judged by {self.judge}, over {self.worlds:,} worlds: {self.leader} has the least mean regret, "
            f"{first['regret']:.3f} {self.judge.unit} (at most {first['largest_regret']:.3f}), and is best in "
            f"{percent(first['best'])} of them."
        ]
        said += [self.losses[name].sentence(f"{name} is not best") for name in best.index[(best > 0) & (best < 1)]]
        if never := [str(name) for name in best.index[best == 0]]:
            said.append(f"Best in no world: {_listed(never)}.")
        front = list(map(str, self.policies.index[self.policies["front"]]))
        if self.objectives:
            of = _listed(list(self.objectives))
            everyone = "every policy" if len(front) == len(best) else _listed(front)
            said.append(f"On the Pareto front of {of} (no other does as well on each and better on one): {everyone}.")
        return [*said, *self.notes]

    def plot(self, path: str | Path | None = None, key: str = "") -> Figure:
        """Draw it: differences from the leader, how often each policy is best, regret, and every objective.

        Args:
            path: also save the figure there (.png, .pdf, .svg).
            key: the key of the study, for the file's metadata.

        Raises:
            InputError: if the figure cannot be saved there.
        """
        from setback.analysis.figures import decision_figure, save

        figure = decision_figure(self)
        if path:
            save(figure, Path(path), key)
        return figure

    def to_json(self) -> dict[str, Any]:
        """Give all of it as plain data; what is not known is None."""

        def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
            plain = frame.astype(object).where(frame.notna(), None)
            return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]

        return {
            "judged_by": {**self.judge._asdict(), "weights": dict(self.judge.weights)},
            "worlds": self.worlds,
            "objectives": dict(self.objectives),
            "policies": records(self.policies.reset_index()),
            "pairs": records(self.pairs),
            "loses": {policy: _record(found) for policy, found in self.losses.items()},
            "beaten": [{"first": a, "second": b, **_record(found)} for (a, b), found in self.beaten.items()],
            "better_off_of": self.of,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        return f"Decision({len(self.policies)} policies in {self.worlds:,} worlds by {self.judge}: {self.leader})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        rows = [{str(k): v for k, v in row.items()} for row in self.policies.reset_index().to_dict("records")]
        return html("Decision table", self.sentences(), rows)


#: What a pair says the other way round.
_TURNED = {
    "first": "second", "second": "first", "low": "high", "high": "low", "first_mean": "second_mean",
    "second_mean": "first_mean", "first_better": "second_better", "second_better": "first_better",
    "better_off": "worse_off", "worse_off": "better_off",
}  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _record(found: Where) -> dict[str, Any]:
    numbers = {name: getattr(found, name) for name in ("share", "inside", "outside", "coverage", "worlds")}
    conditions = [
        {name: None if np.isinf(value) else value for name, value in c._asdict().items() if name != "name"}
        | {"name": c.name}
        for c in found.conditions
    ]
    return {**{k: None if v != v else v for k, v in numbers.items()}, "conditions": conditions}


# ---- how it is made ----------------------------------------------------------------------------------------
def decision(results: load.Results, outcome: str | None = None, weights: Mapping[str, float] | None = None) -> Decision:
    """Make the decision table of a finished study of several policies in several worlds.

    Memory grows with worlds × pairs of policies.

    Args:
        results: the results.
        outcome: what policies are judged by, also an effect of a failure, as ``R_F``; by default the claim's
            outcome if students have it, else learning, else the first that was kept and is good or bad.
        weights: outcome -> what a unit of it counts, in place of an outcome; below 0 where less is better. They are
            scaled so that their absolute values add up to 1.

    Raises:
        InputError: if the study has one policy or one world, is not finished, or is one of its mechanisms, or if the
            outcome or the weights cannot be used.
    """
    _check(results)
    kept = list(results.study["keep"]["outcomes"])
    judge = Judge.of(results, outcome, weights)
    names = [str(name) for name in results.policies.index]
    objectives = {
        here[0]: 1.0 if here[0] in MORE else -1.0
        for those in OBJECTIVES.values()
        if (here := [name for name in those if name in kept])
    }
    of_judge = _Compared(results, judge, names)
    judges = {o: Judge.plain(results, o) for o in objectives if o != judge.name}
    others = {o: _Compared(results, judges[o], names) if o in judges else of_judge for o in objectives}
    known = {o: found for o, found in others.items() if len(found.certain)}
    if not len(of_judge.certain):
        raise InputError(f"in no world is {judge.name} known under every policy; judge by another outcome")
    behind = _regret(judge.sign * of_judge.certain)
    table = _of_policies(of_judge, behind, known, objectives)
    whose, off = _better_off(results, judge, names)
    pairs = pd.concat([_of_pairs(found, found is of_judge, off) for found in {**{"": of_judge}, **others}.values()])
    numbers = results.worlds.loc[behind.index]
    losses = {name: where(numbers, behind[name].to_numpy() > EQUAL) for name in table.index}
    beaten = {}
    for first, second in itertools.combinations(names, 2):
        change = judge.sign * of_judge.settled((first, second))
        of = results.worlds.loc[change.index]
        beaten[first, second] = where(of, change.to_numpy() > EQUAL)
        beaten[second, first] = where(of, change.to_numpy() < -EQUAL)
    left_out = [what for what, those in OBJECTIVES.items() if not {*those} & known.keys()]
    return Decision(
        judge,
        table,
        pairs.drop_duplicates(["first", "second", "outcome"]).reset_index(drop=True),
        losses,
        beaten,
        {o: objectives[o] for o in known},
        whose,
        len(behind),
        tuple(_notes(results, whose, len(behind), left_out)),
    )


def _check(results: load.Results) -> None:
    """Raise InputError where there is nothing to decide, or not yet."""
    name = results.study["name"]
    if results.study["worlds"]["design"] == "ablation":
        raise InputError(
            f"the worlds of {name} are mechanisms that are off, no sample; setback ablate says what they do"
        )
    if len(results.policies) < 2:
        only = results.policies.index[0]
        raise InputError(f"{name} has one policy, {only}; run it with two or more, named in [policies] or by --policy")
    if len(results.worlds) < 2:
        raise InputError(
            f"{name} has one world; let numbers vary in [worlds], or set policies side by side in one with setback "
            "compare"
        )
    state = results.state
    if state.failed:
        raise InputError(
            f"{len(state.failed)} of {state.tasks} tasks of {results.folder} failed; the same setback run with "
            "--retry-failed tries them again"
        )
    if results.unfinished:
        raise InputError(f"{results.folder} is {results.unfinished}; the same setback run finishes it")


class _Compared:
    """What is judged, under every policy in every world: each by itself, less the mean of all, and pair by pair.

    Attributes:
        judge: what is judged.
        names: the policies.
        found: the effects; columns are pairs of policies, and a policy with `ITSELF` or `LESS_MEAN`.
        certain: (world, policy) the policy less the mean of all, without the luck of the rooms, in the worlds in
            which it is known of every policy.
    """

    def __init__(self, results: load.Results, judge: Judge, names: list[str]) -> None:
        self.judge, self.names = judge, names
        self.found = Effects.together([self._effects(part) for part in results.in_parts(columns=_columns(judge))])
        self.certain = pd.DataFrame({name: self.settled((name, LESS_MEAN)) for name in names})

    def _effects(self, part: pd.DataFrame) -> Effects:
        draw = clusters(part)
        part = part.astype({"policy": str})
        rows = part[part["policy"] == self.names[0]].set_index(["world", "room"])
        values = self.judge.value(part.set_index(["world", "room", "policy"])).unstack("policy").reindex(rows.index)
        return effects(self._contrasts(values[self.names]), rows["students"], rows[draw])

    def _contrasts(self, values: pd.DataFrame) -> pd.DataFrame:
        """Give every contrast of policies, room by room."""
        x = values.to_numpy(float)
        a, b = np.triu_indices(len(self.names), 1)
        columns = [
            *((name, which) for which in (ITSELF, LESS_MEAN) for name in self.names),
            *itertools.combinations(self.names, 2),
        ]
        contrasts = np.column_stack([x, x - x.mean(1, keepdims=True), x[:, b] - x[:, a]])
        return pd.DataFrame(contrasts, values.index, pd.MultiIndex.from_tuples(columns))

    def settled(self, column: tuple[str, str]) -> pd.Series:
        """Give a contrast by world, without the luck of the rooms."""
        effect, found, block = self.found.of(column)
        return pd.Series(settled(effect, found) if len(effect) else effect, block.index)

    def mean(self, policy: str) -> float:
        """Give the mean of a policy over the worlds."""
        return float(self.found.effect[policy, ITSELF].mean())


def _regret(values: pd.DataFrame) -> pd.DataFrame:
    """Say how far each policy falls behind the best one of each world; more is better."""
    behind = (-values).add(values.max(axis=1), axis=0)
    return behind.where(behind > EQUAL, 0.0)


def _of_policies(
    of_judge: _Compared, behind: pd.DataFrame, known: Mapping[str, _Compared], signs: Mapping[str, float]
) -> pd.DataFrame:
    best = (behind == 0.0).div((behind == 0.0).sum(axis=1), axis=0)
    means = pd.DataFrame({o: {name: found.mean(name) for name in of_judge.names} for o, found in known.items()})
    table = pd.DataFrame(
        {
            "mean": {name: of_judge.mean(name) for name in of_judge.names},
            "best": best.mean(),
            "regret": behind.mean(),
            "largest_regret": behind.max(),
            "worst_world": behind.idxmax(),
        }
    )
    if known:
        by_sign = np.array([signs[o] for o in known])
        table["front"] = undominated(means.loc[table.index, list(known)].to_numpy()[None] * by_sign)[0]
        worlds = sorted(set.intersection(*({*found.certain.index} for found in known.values())))
        cube = np.stack([found.certain.loc[worlds, table.index].to_numpy() for found in known.values()], -1)
        table["front_worlds"] = undominated(cube * by_sign).mean(0) if worlds else np.nan
    else:
        table["front"], table["front_worlds"] = False, np.nan
    table = table.join(means.drop(columns="mean", errors="ignore"))
    return table.rename_axis("policy").sort_values(["regret", "best"], ascending=[True, False], kind="stable")


def undominated(values: Array) -> NDArray[np.bool_]:
    """Say which policies no other does as well as on every objective and better than on one.

    Args:
        values: (world, policy, objective), more is better.

    Returns:
        (world, policy).
    """
    front = np.ones(values.shape[:2], bool)
    for k in range(values.shape[1]):
        other = values - values[:, k : k + 1]
        front[:, k] = ~((other >= -EQUAL).all(-1) & (other > EQUAL).any(-1)).any(-1)
    return front


def _of_pairs(compared: _Compared, is_judged: bool, off: Mapping[tuple[str, str], tuple[float, float]]) -> pd.DataFrame:
    rows = []
    for pair in itertools.combinations(compared.names, 2):
        effect, found, _ = compared.found.of(pair)
        certain = compared.judge.sign * (settled(effect, found) if len(effect) else effect)
        value = float(effect.mean()) if len(effect) else np.nan
        reach = float(stats.t.ppf(0.975, found.freedom)) * found.error if len(effect) else np.nan
        better, worse = off[pair] if is_judged else (np.nan, np.nan)
        rows.append(
            {
                "first": pair[0],
                "second": pair[1],
                "outcome": compared.judge.name,
                "unit": compared.judge.unit,
                "first_mean": compared.mean(pair[0]),
                "second_mean": compared.mean(pair[1]),
                "difference": value,
                "low": value - reach,
                "high": value + reach,
                "error": found.error,
                "spread": float(np.std(certain, ddof=1)) if len(effect) > 1 else np.nan,
                "first_better": float(np.mean(certain < -EQUAL)) if len(effect) else np.nan,
                "second_better": float(np.mean(certain > EQUAL)) if len(effect) else np.nan,
                "better_off": better,
                "worse_off": worse,
            }
        )
    return pd.DataFrame(rows)


# ---- for how many ------------------------------------------------------------------------------------------
def _better_off(
    results: load.Results, judge: Judge, names: list[str]
) -> tuple[str, Mapping[tuple[str, str], tuple[float, float]]]:
    """Say which share of the students are better and worse off under the second of two policies, pair by pair.

    A student of an outcome in SD is so by more than 0.05 SD, of others by anything. The students are those whose weeks
    were kept, in the same world, room and seat under both, where the slots that were kept say the outcome; else each
    counts as the mean of the room does.
    """
    tables = list(_of_students(results, judge))
    whose = "students" if tables else "" if any(map(effect_of_failing, judge.weights)) else "rooms"
    limit = BETTER if judge.unit == "SD" else EQUAL
    count = {pair: np.zeros(3) for pair in itertools.combinations(names, 2)}
    for values, students in tables or (_of_rooms(results, judge) if whose else ()):
        for first, second in count:
            change = judge.sign * (values[second] - values[first]).to_numpy(float)
            seen = np.isfinite(change)
            count[first, second] += [
                students[seen & (change > limit)].sum(),
                students[seen & (change < -limit)].sum(),
                students[seen].sum(),
            ]
    return whose, {
        pair: (better / n, worse / n) if n else (np.nan, np.nan) for pair, (better, worse, n) in count.items()
    }


def _of_students(results: load.Results, judge: Judge) -> Iterator[tuple[pd.DataFrame, Array]]:
    """Give what is judged student by student, (student, policy), and 1 for each; nothing where it is not known."""
    if TRACES not in results.manifest.tables or not {*judge.weights} <= {*OUTCOMES} - {*OF_CLASSES}:
        return
    weeks = int(results.study["weeks"])
    for part in results.in_parts(TRACES):
        last = part[part["week"] == weeks].astype({"policy": str}).set_index(["world", "room", "seat", "policy"])
        slots = {str(name): last[name].to_numpy() for name in last}
        try:
            said = pd.DataFrame({name: OUTCOMES[name].of(slots, weeks) for name in judge.weights}, last.index)
        except KeyError:  # a slot that was not kept
            return
        if len(said):
            values = judge.value(said).unstack("policy")
            yield values, np.ones(len(values))


def _of_rooms(results: load.Results, judge: Judge) -> Iterator[tuple[pd.DataFrame, Array]]:
    """Give what is judged room by room, (room, policy), and the students of each."""
    for part in results.in_parts(columns=_columns(judge)):
        rows = part.astype({"policy": str}).set_index(["world", "room", "policy"])
        values = judge.value(rows).unstack("policy")
        yield values, rows["students"].groupby(level=[0, 1]).first().reindex(values.index).to_numpy(float)


def _columns(judge: Judge) -> list[str]:
    """Say what has to be read of the table of outcomes."""
    return ["world", "policy", "room", "class", "students", *judge.weights]


def _notes(results: load.Results, whose: str, worlds: int, left_out: Sequence[str]) -> Iterator[str]:
    """Say what has to be known to read the table."""
    if left_out:
        needed = ", ".join(OBJECTIVES[what][0] for what in left_out)
        yield f"The front leaves out {_listed(left_out)}, of which nothing was kept (keep {needed})."
    if worlds < len(results.worlds):
        of = f"{worlds:,} of {len(results.worlds):,} worlds"
        yield f"{of} know what is judged under every policy; the rest is left out."
    if whose == "students":
        yield (
            "Better and worse off are students in the same seats with the same luck, in one year of it in each world, "
            "which says of luck as well; setback compare says it of the mean over 20 years of luck."
        )
    elif whose == "rooms":
        yield (
            "Better and worse off are rooms by the mean of their class, weighed by students: the weeks of students "
            "that were kept do not say it of each."
        )
    if results.study["rooms"] == 1:
        yield "With one room a world, what other rooms would do is known at best from blocks of worlds."
    design = results.study["worlds"]["design"]
    if design not in ("lhs", "sobol", "posterior", "file"):
        yield f"The worlds of a {design} design are no sample; shares of worlds are shares of its points."
    yield "All of it is said of the model."
