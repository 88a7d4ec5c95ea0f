"""What each prediction is measured by, under one policy and in one world, room by room.

A figure is a sum over arms of coefficient × mean over rooms, weighted: one arm is a mean, two with coefficients 1 and
-1 are a difference in the same rooms, several a slope. `setback.analysis.predictions` makes estimates of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.predictions.predictions import Prediction
from setback.experiments.predictions.switch import LAST, LONG, QUOTAS, TRAPPED, WEEKS, OfWeek
from setback.experiments.twins.estimands import ESTIMANDS, HORIZON
from setback.experiments.twins.flips import KINDS, defined
from setback.experiments.twins.mediation import MEDIATION
from setback.experiments.twins.near_miss import depth_twins
from setback.experiments.twins.twins import Twins, failure_twins
from setback.model.engines.block import Run, columns
from setback.model.engines.registry import Engine
from setback.model.outcomes import NORMS, OUTCOMES, class_mean
from setback.model.parameters import ROWS, Parameters
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.seats import Seats
from setback.model.week import Model

Array = NDArray[np.float64]

#: How much harder than the policy's own level the years are over which the slope of challenge is taken (logit).
HARDER = (-0.75, 0.0, 0.75, 1.5)
#: How often a quota or a cut is moved until as many fail as are to.
MOVES = 4
#: By what the advantage of struggling first may differ: opening scores; challenge is what knowledge lacks.
BY = {
    "control": ("control_score", 1.0),
    "resilience": ("resilience_score", 1.0),
    "challenge": ("knowledge_score", -1.0),
}


class Case(NamedTuple):
    """What a prediction is measured in: a policy, a world, its rooms (one `Seats` each), and how it is run.

    A curve that states no quota takes that with which as many fail as by the criterion in these rooms. `numbers` are
    assumed numbers of named policies that the world has, by name; `share` is the share of eligible student-weeks that
    get a twin.
    """

    stated: Policy
    has_quota: bool
    parameters: Parameters
    seats: Sequence[Seats]
    weeks: int
    share: float
    run: Engine
    model: Model
    numbers: Mapping[str, float] = {}

    @property
    def policy(self) -> Policy:
        """Give the policy with its quota."""
        is_open = self.stated["comparison"] > 0.0 and not self.has_quota
        return at_equal_share(self, self.stated) if is_open else self.stated

    def named(self, text: str) -> Policy:
        """Give a named policy with the numbers that the world assumes."""
        return self.model.policy(text).assuming(self.numbers)


class Row(NamedTuple):
    """What one room says of one arm of a figure: the mean of something, and how much stands behind it."""

    figure: str
    arm: int
    coefficient: float
    room: int
    weight: float
    value: float


Rows = Iterator[Row]


# ---- what a failure causes -----------------------------------------------------------------------------------
def _spared(
    case: Case, policy: Policy, flips: Sequence[str], asked: Sequence[str] = ()
) -> Iterator[tuple[int, str, Twins]]:
    """Give failures of every room by flip, each against the pass that it might have been."""
    for seats in case.seats:
        _, twins = failure_twins(
            seats, [policy], case.parameters, case.weeks, case.share, case.run, flips, case.model, asked,
            only_spared=True,
        )  # fmt: skip
        for flip in flips:
            mine = twins["flip"] == list(KINDS).index(flip)
            yield int(seats.rooms[0]), flip, {name: values[mine] for name, values in twins.items()}


def _mean(figure: str, room: int, values: Array, arm: int = 0, coefficient: float = 1.0) -> Rows:
    """Give the row of a room's mean; a room of which nothing is known says nothing."""
    known = values[np.isfinite(values)]
    if len(known):
        yield Row(figure, arm, coefficient, room, float(len(known)), float(known.mean()))


def _cycle(figure: str, room: int, twins: Twins, arm: int = 0, coefficient: float = 1.0, estimand: str = "R_F") -> Rows:
    """Give the rows of the further failures of nine weeks that each failure caused: an arm for each week."""
    for h, column in enumerate(ESTIMANDS[estimand].columns):
        yield from _mean(figure, room, twins[column], arm * HORIZON + h, coefficient)


def failing(case: Case) -> Rows:
    """Measure what being failed, falling short, the verdict alone and an error at practice cause (K1, K6, P3)."""
    flips = defined(tuple(KINDS), [case.stated])
    for room, flip, twins in _spared(case, case.policy, flips):
        yield from _cycle(f"R_F {flip}", room, twins)
        yield from _mean(f"V_F_unit {flip}", room, twins["unit_conceptual"])
        yield from _mean(f"V_F_year {flip}", room, twins["year_conceptual"])
        if flip in ("line", "criterion"):
            yield from _mean(f"verdict changed by {flip}", room, twins["verdict"])
        if flip == "line":
            yield from _mean("external", room, twins["external_later"])


def attributing(case: Case) -> Rows:
    """Measure whether more than half of the cycle runs through attribution (K2).

    M_A = 1 - R_F(attribution held) / R_F is above one half where half of R_F is more than R_F with attribution held.
    """
    flips = defined(("line",), [case.stated])
    for room, _, twins in _spared(case, case.policy, flips, ("R_F_unattributed",)):
        yield from _cycle("R_F", room, twins)
        yield from _cycle("half of R_F less R_F with attribution held", room, twins, 0, 0.5)
        yield from _cycle("half of R_F less R_F with attribution held", room, twins, 1, -1.0, "R_F_unattributed")


def mediating(case: Case) -> Rows:
    """Measure through which receivers a failure does what it does (`setback.experiments.twins.mediation`)."""
    policy = case.policy
    for seats in case.seats if defined(("line",), [policy]) else ():
        _, twins = failure_twins(
            seats, [policy], case.parameters, case.weeks, case.share, case.run, ["line"], case.model,
            beside=MEDIATION, only_spared=True,
        )  # fmt: skip
        for part in MEDIATION.columns:
            yield from _mean(part, int(seats.rooms[0]), twins[part])


def _compared(case: Case, arms: Sequence[tuple[float, Policy]], beside: str = "") -> Rows:
    """Measure R_F and Λ_F of being failed over several policies, each with its coefficient."""
    for arm, (coefficient, policy) in enumerate(arms):
        for room, _, twins in _spared(case, policy, defined(("line",), [policy])):
            yield from _cycle(f"R_F{beside}", room, twins, arm, coefficient)
            yield from _mean(f"Lambda_F{beside}", room, twins["margin_later"], arm, coefficient)


def harder(case: Case) -> Rows:
    """Measure how the cycle changes per logit of challenge (K3), with the same line, and at the same share failing.

    Challenge is measured: the mean of task difficulty less readiness under each level. A rank has no cut to move.
    """
    policy, row = case.policy, ROWS["level"]
    levels = sorted({float(np.clip(policy["level"] + more, row.low, row.high)) for more in HARDER})
    years = [policy if level == policy["level"] else policy.replace(level=level) for level in levels]
    yield from _compared(case, _slope_over(case, years), " by challenge")
    if policy["comparison"] == 0.0:
        share = failing_share(case, policy)
        years = [year if year == policy else _with_cut(case, year, share) for year in years]
        yield from _compared(case, _slope_over(case, years), " by challenge at equal share")


def _slope_over(case: Case, years: Sequence[Policy]) -> list[tuple[float, Policy]]:
    """Give the coefficients of a slope per logit of challenge over some policies."""
    means = []
    for policy in years:
        traces = [year.trace for year in _years(case, policy, ("challenge", "enrolled"))]
        means.append(
            sum(float((t["challenge"] * t["enrolled"]).sum()) for t in traces)
            / max(sum(float(t["enrolled"].sum()) for t in traces), 1.0)
        )
    apart = np.array(means) - np.mean(means)
    return list(zip((apart / max(float(np.square(apart).sum()), 1e-9)).tolist(), years))


def _years(case: Case, policy: Policy | PolicyChange, keep: Sequence[str], weeks: int | None = None) -> Iterator[Run]:
    for seats in case.seats:
        yield case.run(columns(seats, [policy], [case.parameters]), weeks or case.weeks, keep, model=case.model)


def failing_share(case: Case, policy: Policy) -> float:
    """Give the share of student-weeks, of those enrolled, that end with a failing grade; what is not handed in does."""
    failing, enrolled = 0.0, 0.0
    for year in _years(case, policy, ("failing_grade", "enrolled")):
        failing += float(year.trace["failing_grade"].sum())
        enrolled += float(year.trace["enrolled"].sum())
    return failing / max(enrolled, 1.0)


def at_equal_share(case: Case, policy: Policy) -> Policy:
    """Give a curve with the quota with which as many fail as by the criterion in these rooms, all else as it is.

    Whom it fails changes who hands in; so the quota is moved until the shares are alike. Where more give up under a
    rank than the criterion fails, no quota makes them so.
    """
    share = failing_share(case, policy.replace(comparison=0.0, public=0.0))
    quota = share
    for _ in range(MOVES):
        policy = policy.replace(quota=float(np.clip(quota, ROWS["quota"].low, ROWS["quota"].high)))
        quota = policy["quota"] + share - failing_share(case, policy)
    return policy


def _with_cut(case: Case, policy: Policy, share: float) -> Policy:
    """Move the cut until as many student-weeks end with a failing grade; whom it fails changes who hands in."""
    for _ in range(MOVES):
        traces = [year.trace for year in _years(case, policy, ("test_margin", "submitted", "enrolled"))]
        margins = np.concatenate([t["test_margin"][t["submitted"] > 0.5] for t in traces])
        enrolled = sum(float(t["enrolled"].sum()) for t in traces)
        missing = 1.0 - len(margins) / max(enrolled, 1.0)
        of_taken = np.clip((share - missing) / max(1.0 - missing, 1e-9), 0.0, 1.0)
        cut = float(np.clip(np.quantile(margins, of_taken), ROWS["cut"].low, ROWS["cut"].high))
        policy = policy.replace(cut=cut)
    return policy


def pressed(case: Case) -> Rows:
    """Measure how the cycle changes from no stakes to full stakes (K4a)."""
    policy = case.policy
    yield from _compared(case, [(1.0, policy.replace(stakes=1.0)), (-1.0, policy.replace(stakes=0.0))], " by stakes")


def ranked(case: Case) -> Rows:
    """Measure how the cycle changes from a criterion to a curve at the same share failing (K4b)."""
    if case.stated["comparison"] == 0.0:
        return
    curve = case.policy
    criterion = curve.replace(comparison=0.0, public=0.0)
    yield from _compared(case, [(1.0, curve), (-1.0, criterion)], " by comparison")
    for name, policy in (("curve", curve), ("criterion", criterion)):
        for seats, year in zip(case.seats, _years(case, policy, ("failing_grade", "enrolled"))):
            there = year.trace["enrolled"] > 0.5
            yield from _mean(f"failing by the {name}", int(seats.rooms[0]), year.trace["failing_grade"][there])


def near_and_deep(case: Case) -> Rows:
    """Measure what a deep failure at practice teaches less than a near miss (P2), and how both are made.

    Beside it the mean moves, and the shares of both that support answered.
    """
    policy = case.policy
    for seats in case.seats:
        found = depth_twins(seats, [policy], case.parameters, case.weeks, case.share / 4.0, case.run, case.model)
        room = int(seats.rooms[0])
        yield from _mean("deep less near", room, found.deep - found.near)
        yield from _mean("deep less near, year", room, found.year_deep - found.year_near)
        for name in ("near", "deep", "near_move", "deep_move", "near_helped", "deep_helped"):
            yield from _mean(name.replace("_", ", "), room, getattr(found, name))


# ---- what a policy does to the same students -----------------------------------------------------------------
def _outcomes(case: Case, policy: Policy, names: Sequence[str]) -> Iterator[dict[str, Array]]:
    """Give outcomes and opening traits of every room's students."""
    for seats, year in zip(case.seats, _years(case, policy, ())):
        here = seats.roster[0][:, 0] > 0.5
        found = {name: OUTCOMES[name].of(year.end, case.weeks)[here, 0] for name in names}
        yield found | {what: sign * year.end[score][here, 0] for what, (score, sign) in BY.items()}


def struggling(case: Case) -> Rows:
    """Measure what a problem that comes first does against instruction first (P1), and on what that hangs (P4, P5)."""
    names = ("unit_test", "learning", "practice_error_rate")
    policy = case.policy
    first, after = (policy.replace(problem_first=share) for share in (1.0, 0.0))
    ways = {
        "": (first, after),
        "without consolidation": (first.replace(consolidation=0.0), after.replace(consolidation=0.0)),
        "without feedback": (first.replace(information=0.0), after.replace(information=0.0)),
        "with rescue": (first.replace(rescue=1.0), after.replace(rescue=1.0)),
    }
    advantage: dict[int, Array] = {}
    for way, policies in ways.items():
        pairs = zip(*(_outcomes(case, policy, names) for policy in policies))
        for number, (with_struggle, without) in enumerate(pairs):
            room = int(case.seats[number].rooms[0])
            gained = {name: with_struggle[name] - without[name] for name in names}
            if way:
                yield from _mean(f"lost {way}", room, advantage[number] - gained["unit_test"])
                yield from _mean(f"left {way}", room, gained["unit_test"])
                continue
            advantage[number] = gained["unit_test"]
            yield from _mean("advantage", room, gained["unit_test"])
            yield from _mean("advantage, year", room, gained["learning"])
            yield from _mean("more errors", room, gained["practice_error_rate"])
            for what in BY:
                yield from _slope(f"advantage by {what}", room, gained["unit_test"], without[what])


def _slope(figure: str, room: int, y: Array, x: Array) -> Rows:
    """Give the row of a room's slope per unit of a standard score, weighted by how far its students are apart."""
    known = np.isfinite(y)
    if known.sum() > 1:
        apart = x[known] - x[known].mean()
        if (spread := float(np.square(apart).sum())) > 0.0:
            yield Row(figure, 0, 1.0, room, spread, float((apart * y[known]).sum()) / spread)


class Switch(NamedTuple):
    """A room in the switch: half a year under high pressure and then low pressure, against low pressure throughout.

    Attributes:
        quota: one of `QUOTAS`.
        room: its number, and
        here: (seat,) whether somebody sits there.
        after, never: the switched year, and the one without.
    """

    quota: str
    room: int
    here: NDArray[np.bool_]
    after: Run
    never: Run


def _switches(case: Case) -> Iterator[Switch]:
    """Run the switch in every room, with the same luck."""
    calm, curve = case.named("low-pressure-mastery"), case.named("high-pressure")
    for quota, harsh in zip(QUOTAS, (curve, at_equal_share(case, curve))):
        change = PolicyChange(harsh, (WEEKS + 1, calm))
        years = zip(case.seats, *(_years(case, policy, ("control", "enrolled"), LONG) for policy in (change, calm)))
        for seats, after, never in years:
            yield Switch(quota, int(seats.rooms[0]), seats.roster[0][:, 0] > 0.5, after, never)


def switched(case: Case) -> Rows:
    """Measure who is trapped after half a year under high pressure (K5): helpless to the end, and not without it."""
    for quota, room, here, after, never in _switches(case):
        helpless, spared = (_helpless(year)[:, here] for year in (after, never))
        stopped, anyway = (year.end["enrolled"][here, 0] < 0.5 for year in (after, never))
        trapped = (helpless[-LAST:].sum(0) >= TRAPPED) & (spared[-LAST:].sum(0) < TRAPPED)
        yield from _mean(f"trapped{quota}", room, trapped.astype(float))
        yield from _mean(f"stopped{quota}", room, stopped.astype(float) - anyway)
        down = helpless[WEEKS - 1] & ~spared[WEEKS - 1]
        yield from _mean(f"made helpless{quota}", room, down.astype(float))
        yield from _mean(f"recovered{quota}", room, (~helpless[-1] & ~stopped)[down].astype(float))
        yield from _mean(f"helpless, then stopped{quota}", room, stopped[down].astype(float))
        half = _half_life(never, after, here)
        yield from _mean(f"half-life{quota}", room, half)
        yield from _mean(f"half not made good{quota}", room, np.where(np.isnan(half), half, half == LONG - WEEKS))


def weekly(case: Case) -> Rows:
    """Measure which share of the students is helpless, and which has stopped, week by week of the switch."""
    for quota, room, here, after, never in _switches(case):
        for way, year in {f"switched{quota}": after, **({} if quota else {"never": never})}.items():
            helpless, stopped = _helpless(year)[:, here], year.trace["enrolled"][:, here, 0] < 0.5
            for week in range(LONG):
                yield from _mean(str(OfWeek("helpless", way, week + 1)), room, helpless[week].astype(float))
                yield from _mean(str(OfWeek("stopped", way, week + 1)), room, stopped[week].astype(float))


def _helpless(year: Run) -> NDArray[np.bool_]:
    """Say who is enrolled and helpless, (week, seat); who has stopped is counted apart."""
    trace = year.trace
    found: NDArray[np.bool_] = ((trace["control"] < NORMS["helpless_control"]) & (trace["enrolled"] > 0.5))[:, :, 0]
    return found


def _half_life(never: Run, after: Run, here: NDArray[np.bool_]) -> Array:
    """Give the weeks after the switch until half of a room's loss of control is made good; all that are left if never.

    Over those who are enrolled in both years; NaN where nothing was lost.
    """
    gap = (never.trace["control"] - after.trace["control"])[:, here, 0]
    both = (never.trace["enrolled"] > 0.5) & (after.trace["enrolled"] > 0.5)
    mean = class_mean(np.where(both[:, here, 0], gap, np.nan), 1)
    if not mean[WEEKS - 1] > 0.0:
        return np.array([np.nan])
    back = np.flatnonzero(mean[WEEKS:] <= mean[WEEKS - 1] / 2.0)
    return np.array([float(back[0]) + 1.0 if len(back) else float(LONG - WEEKS)])


#: What is measured together, by the name that predictions call it.
MEASURES: Mapping[str, Callable[[Case], Rows]] = {
    made.__name__: made
    for made in (failing, attributing, mediating, harder, pressed, ranked, near_and_deep, struggling, switched, weekly)
}


def measured(predictions: Sequence[Prediction], case: Case) -> Rows:
    """Give the rows of predictions in one case; what several of them read is measured once."""
    for measure in dict.fromkeys(row.measure for row in predictions):
        yield from MEASURES[measure](case)
