"""Estimands whose answer is known: one hazard at one lag, a chain, an interaction, a quitter, a binding quota."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
import pytest

from setback.analysis.claims import by_distance, by_lag, estimate
from setback.analysis.paired import apart
from setback.experiments.twins.estimands import ESTIMANDS, HEARD, READ, effects
from setback.experiments.twins.lines import distances
from setback.experiments.twins.pairs import OF_ROOM, Hold, Pairs, Years
from setback.model.policies import Policy

#: Weeks of these years, the week of the outcome, from 0, and the student's seat of three.
WEEKS, WEEK, SEAT = 16, 3, 1
Again = Callable[[Sequence[Hold]], Iterator[Years]]
ALL = ("R_1", "R_F_unattributed", "M_A")


def calendar(n: int) -> np.ndarray:
    """Units reached at the end of each week, one a week, (week, N)."""
    return np.repeat(np.arange(1.0, WEEKS + 1)[:, None], n, 1)


def year(failing: np.ndarray, enrolled: np.ndarray | None = None, **slots: np.ndarray) -> Years:
    """Give N years in which a student fails as said, and nobody else ever does."""
    n = failing.shape[1]
    there = np.ones((WEEKS, n)) if enrolled is None else enrolled
    unit = np.cumsum(there, 0)
    own = {name: np.zeros((WEEKS, n)) for name in (*HEARD, *READ, "tested_procedural", "test_margin")}
    own |= {"below_criterion": failing, "failing_grade": failing, "submitted": 1.0 - failing, "enrolled": there}
    own |= {"unit": unit, "tested_conceptual": np.zeros((WEEKS, n))} | slots
    room = {name: np.zeros((WEEKS, 3, n)) for name in OF_ROOM}
    room["unit"][:], room["enrolled"][:] = calendar(n)[:, None], 1.0
    for name in OF_ROOM:
        room[name][:, SEAT] = own[name]
    return Years(own, room, {"cumulative_conceptual": np.zeros(n), "cumulative_procedural": np.zeros(n)})


def pairs(failed: Years, passed: Years, again: Again | None = None) -> Pairs:
    """Put the years side by side."""
    n = failed.own["unit"].shape[1]

    def as_it_was(holds: Sequence[Hold]) -> Iterator[Years]:
        return iter([failed for _ in holds])

    yes = np.ones(n, bool)
    return Pairs(failed, passed, np.full(n, WEEK), np.full(n, SEAT), yes, yes, 1, again or as_it_was)


def table(found: Pairs, rooms: int) -> pd.DataFrame:
    """Give the twins of some rooms, in turns."""
    columns = effects(found, ALL)
    room = np.arange(len(found.week)) % rooms
    return pd.DataFrame({**columns, "room": room, "class": room, "seat": np.arange(len(room)), "distance": 0.0})


def once(n: int, h: int, who: np.ndarray) -> np.ndarray:
    """Fail in the week of the outcome, and some of N so many weeks later."""
    failing = np.zeros((WEEKS, n))
    failing[WEEK] = 1.0
    failing[WEEK + h, who] = 1.0
    return failing


def test_one_hazard_at_one_lag() -> None:
    """A failure after which one in four fails three weeks later, and would not have: R_F is 1/4, all of it d3."""
    failed = once(40, 3, np.arange(40) % 4 == 0)
    found = table(pairs(year(failed), year(np.zeros((WEEKS, 40)))), 10)
    assert estimate(found, ESTIMANDS["R_F"]).value == 0.25
    assert [lag.value for lag in by_lag(found, ESTIMANDS["R_F"])] == [0, 0, 0.25, 0, 0, 0, 0, 0, 0]
    # beyond the horizon, and in the week itself, nothing counts
    for h in (0, 10):
        found = table(pairs(year(once(40, h, np.arange(40) >= 0)), year(np.zeros((WEEKS, 40)))), 10)
        assert estimate(found, ESTIMANDS["R_F"]).value == 0.0


# ---- a chain: every failure raises failing one and two weeks later --------------------------------------------
G = (0.2, 0.1)


def chain(first: float, held: np.ndarray | None = None, weeks: tuple[int, int] = (0, -1)) -> np.ndarray:
    """Give how often is failed, week by week, where what was heard in some weeks is held."""
    failing = np.zeros(WEEKS)
    heard = np.zeros(WEEKS)
    for week in range(WEEKS):
        failing[week] = first if week == WEEK else 0.1
        failing[week] += sum(g * heard[week - h] for h, g in enumerate(G, 1) if week >= h and week != WEEK)
        heard[week] = failing[week]
        if held is not None and weeks[0] <= week - WEEK <= weeks[1]:
            heard[week] = held[week]
    return failing


def test_a_chain_has_its_first_generation() -> None:
    """R_1 is .2 + .1; R_F(9) adds the generations to come, and lacks of R_1 / (1 - R_1) what comes after week nine."""
    passed = chain(0.0)
    asked: list[Hold] = []

    def again(holds: Sequence[Hold]) -> Iterator[Years]:
        asked.extend(holds)
        for _, first, last in holds:
            yield year(chain(1.0, passed, (first, last if last is not None else WEEKS))[:, None])

    found = effects(pairs(year(chain(1.0)[:, None]), year(passed[:, None]), again), ("R_1",))
    g, d = ([found[f"{letter}{h}"][0] for h in range(1, 10)] for letter in "gd")
    assert g == pytest.approx([0.2, 0.1, 0, 0, 0, 0, 0, 0, 0], abs=1e-12)
    by_hand = [1.0]
    for h in range(1, 10):
        by_hand.append(0.2 * by_hand[h - 1] + (0.1 * by_hand[h - 2] if h > 1 else 0.0))
    assert d == pytest.approx(by_hand[1:], abs=1e-12)
    assert by_hand[1:4] == pytest.approx([0.2, 0.14, 0.048])
    for_ever = 0.3 / (1.0 - 0.3)
    assert 0.0 < for_ever - sum(d) < 0.001
    assert asked == [(HEARD, 1, h - 1) for h in range(2, 10)]


# ---- two receivers, and what they do together -----------------------------------------------------------------
def receivers(attribution: float, feeling: float) -> np.ndarray:
    """Fail a week later with chances that add up, and more where both have heard."""
    failing = np.zeros((WEEKS, 40))
    failing[WEEK + 1] = 0.3 * attribution + 0.4 * feeling + 0.3 * attribution * feeling
    return failing


def test_what_runs_by_attribution_includes_the_interaction() -> None:
    """1.0 with both, .4 where attribution is held: M_A is .6, last in."""
    asked: list[Hold] = []

    def again(holds: Sequence[Hold]) -> Iterator[Years]:
        asked.extend(holds)
        for slots, _, _ in holds:
            yield year(receivers(0.0, 1.0)) if slots == READ else year(receivers(1.0, 1.0))

    found = table(pairs(year(receivers(1.0, 1.0)), year(receivers(0.0, 0.0)), again), 10)
    found["d1"] += np.linspace(-0.1, 0.1, 40)
    share = estimate(found, ESTIMANDS["M_A"])
    assert share.value == pytest.approx(0.6) and share.low < 0.6 < share.high
    assert estimate(found, ESTIMANDS["R_F_unattributed"]).value == pytest.approx(0.4)
    assert (READ, 0, None) in asked


def test_no_share_of_what_may_be_nothing() -> None:
    """Where the interval of R_F holds 0, M_A is not given."""
    found = table(pairs(year(receivers(1.0, 1.0)), year(receivers(0.0, 0.0))), 10)
    found["d1"] = np.where(found["room"] % 2, 1.0, -0.9)
    assert np.isnan(estimate(found, ESTIMANDS["M_A"])[:4]).all()


# ---- a quitter ------------------------------------------------------------------------------------------------
def test_who_stops_fails_from_then_on() -> None:
    """One in four stops the week after: S_F 1/4, R_F 8/4 (the first test was met and passed), V_F with what is left."""
    stops = np.arange(40) % 4 == 0
    enrolled = np.ones((WEEKS, 40))
    enrolled[WEEK + 1 :, stops] = 0.0
    failing = 1.0 - np.concatenate([np.ones((1, 40)), enrolled[:-1]])
    knows = np.where(enrolled > 0.5, 2.0, 0.5)
    failed = year(failing, enrolled, tested_conceptual=knows)
    found = table(pairs(failed, year(np.zeros((WEEKS, 40)), tested_conceptual=np.full((WEEKS, 40), 2.0))), 10)
    assert estimate(found, ESTIMANDS["S_F"]).value == 0.25
    assert estimate(found, ESTIMANDS["R_F"]).value == 2.0
    assert [lag.value for lag in by_lag(found, ESTIMANDS["R_F"])] == [0.0, *[0.25] * 8]
    assert estimate(found, ESTIMANDS["R_F_submitted"]).value == 0.0
    assert found["unit_conceptual"].nunique() == 2 and (found["unit_conceptual"] < 0).sum() == 10
    assert found["weeks_lost"].isna().sum() == 10 and (found["weeks_lost"].dropna() == 0.0).all()


# ---- a binding quota ------------------------------------------------------------------------------------------
def placed(margins: Sequence[float], **levers: float) -> np.ndarray:
    """Give distances from the line of a curve in a class that stands as it stands."""
    policy, n = Policy("curve", **levers), len(margins)
    seen = np.array(margins)[None, :, None]
    cut = 1.0 / (1.0 + np.exp(-policy["cut"]))
    line = cut + policy["comparison"] * (policy["quota"] + 1e-6 - cut)
    trace = {"test_margin": seen, "ranking_margin_seen": seen, "submitted": np.ones((1, n, 1))}
    trace |= {"attempt_shortfall": np.zeros((1, n, 1)), "class_enrolled": np.ones((1, 1, 1))}
    trace |= {"result_told": np.ones((1, 1, 1))}
    found: np.ndarray = distances(
        trace | {"line": np.full((1, 1, 1), line)}, [policy], np.ones(n), np.full((1, 1, 1), 2.0)
    )[0, :, 0]
    return found


def test_a_binding_quota() -> None:
    """Of five, two fail: who is second has to pass the third, and who is third falls at the second."""
    assert placed([-1.0, -0.2, 0.1, 0.3, 1.0], quota=0.4) == pytest.approx([-1.1, -0.3, 0.3, 0.5, 1.2], abs=1e-9)


def test_a_quota_that_binds_nobody() -> None:
    """Half a place is above a quota of less: nobody fails, and nobody can be made to."""
    assert np.isnan(placed([-1.0, -0.2, 0.1, 0.3, 1.0], quota=0.05)).all()


def test_a_mixture_of_score_and_place() -> None:
    """At half and half the line lies where half the score and half the place add up to it."""
    margins = [-0.6, -0.2, 0.1, 0.3, 1.0]
    for distance, margin in zip(placed(margins, quota=0.4, comparison=0.5), margins):
        if np.isnan(distance):
            continue
        others = [other for other in margins if other != margin]
        needed = 0.5 * 0.5 + 0.5 * (0.4 + 1e-6)
        for aside, passes in ((1e-9, True), (-1e-9, False)):
            own = margin - distance + aside
            place = (sum(other < own for other in others) + 0.5) / 5
            assert (0.5 / (1.0 + np.exp(-own)) + 0.5 * place >= needed) == passes
        assert (distance < 0.0) == (margin < 0.0)


# ---- whom an average is over ----------------------------------------------------------------------------------
def some(values: Sequence[float], **columns: Sequence[float]) -> pd.DataFrame:
    """Give twins of which d1 is said, each in a room of its own, or where it is said."""
    n = len(values)
    rest = {f"d{h}": np.zeros(n) for h in range(2, 10)}
    who = {"room": np.arange(n), "seat": np.zeros(n), "distance": np.zeros(n), "verdict": np.ones(n)}
    frame = pd.DataFrame({"d1": values, **rest, **who, **columns})
    return frame.assign(**{"class": frame["room"]})


def test_students_alike() -> None:
    """Three twins of one student count as much as one of another."""
    found = some([1.0, 1.0, 1.0, 0.0], room=[0, 0, 0, 1])
    assert estimate(found, ESTIMANDS["R_F"]).value == 0.75
    assert estimate(found, ESTIMANDS["R_F"], alike=True).value == 0.5


def test_what_is_unknown_of_one_week_leaves_the_others() -> None:
    """Each d_h is averaged over those of whom it is known."""
    found = some([1.0, 0.0, 0.0, 0.0], d2=[np.nan, np.nan, 1.0, 0.0])
    assert estimate(found, ESTIMANDS["R_F"]).value == 0.25 + 0.5
    assert estimate(found, ESTIMANDS["R_F"]).n == 4


def test_by_thirds_of_the_distance() -> None:
    """On either side of the line; the furthest is in the last third."""
    found = some([1.0, 0.0, 1.0, 1.0, 0.0, 0.0], distance=[0.1, -0.3, 0.4, -0.6, 0.7, -1.0])
    thirds = by_distance(found, ESTIMANDS["R_F"])
    assert [(third.value, third.n) for third in thirds] == [(0.5, 2), (1.0, 2), (0.0, 2)]


def test_of_twins_whose_verdict_stood() -> None:
    """What a retake undid is left out."""
    found = some([1.0, 0.0, 0.0, 1.0], verdict=[1.0, 0.0, 0.0, 1.0])
    assert (estimate(found, ESTIMANDS["R_F"]).value, estimate(found, ESTIMANDS["R_F_stood"]).value) == (0.5, 1.0)


def test_two_policies_are_compared_room_by_room() -> None:
    """What a room does to both cancels out: the paired difference is surer than either."""
    rng = np.random.default_rng(3)
    room = np.repeat(np.arange(20), 5)
    level = rng.normal(0.0, 1.0, 20)[room]
    one, other = (some(level + rng.normal(shift, 0.1, 100), room=room) for shift in (0.0, 0.3))
    found, alone = apart(one, other, ESTIMANDS["R_F"]), estimate(one, ESTIMANDS["R_F"])
    assert found.value == pytest.approx(other["d1"].mean() - one["d1"].mean())
    assert found.low < 0.3 < found.high and found.high - found.low < (alone.high - alone.low) / 5
    assert (found.n, found.rooms) == (100, 20)
