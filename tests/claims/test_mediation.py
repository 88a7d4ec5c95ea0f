"""Mediation: planted shares come back, what one receiver alone does is its own, and the parts add up to the whole."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import setback

from setback.analysis.mediation import COLUMNS, mediation, percent, reference, sentences
from setback.experiments.predictions.measures import Row
from setback.experiments.studies.study import Study
from setback.experiments.twins import twins as t
from setback.experiments.twins.estimands import HORIZON, traced
from setback.experiments.twins.mediation import MEDIATION, OF, PARTS, RECEIVERS, STATES, Part, shapley, taken_apart
from setback.experiments.twins.pairs import OF_ROOM, Hold, Pairs, Years
from setback.model.engines.block import Held, columns
from setback.model.engines.registry import engine
from setback.model.engines.vectorised import run as vectorised
from setback.model.parameters import STRENGTHS, Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.state import Flip

WEEKS, WEEK, N = 16, 3, 5
NAMES = tuple(RECEIVERS)
run = engine("compiled")


# ---- planted effects -----------------------------------------------------------------------------------------
def year(failing: float) -> Years:
    """Give N years with so much failing a week after the outcome, and so much less knowledge at that test."""
    own = {name: np.zeros((WEEKS, N)) for name in traced()}
    own["below_criterion"][WEEK + 1] = failing
    own["test_margin"][WEEK + 1 : WEEK + 1 + HORIZON] = -failing
    own["unit"][:], own["enrolled"][:] = np.arange(1.0, WEEKS + 1)[:, None], 1.0
    room = {name: np.zeros((WEEKS, 1, N)) for name in OF_ROOM}
    return Years(own, room, {})


def planted(effect: Callable[[frozenset[str], frozenset[str]], float]) -> dict[str, float]:
    """Take apart an effect that is a function of the receivers that are told, and of the states that are frozen."""
    asked: list[Hold] = []

    def again(holds: Sequence[Hold]) -> Iterator[Years]:
        asked.extend(holds)
        for hold in holds:
            frozen = frozenset(hold.slots) & {*STATES}
            told = frozenset(name for name, slots in RECEIVERS.items() if not {*slots} & {*hold.slots})
            yield year(effect(told, frozenset(frozen)))

    yes, at = np.ones(N, bool), np.zeros(N, np.int64)
    whole = year(effect(frozenset(NAMES), frozenset()))
    found = taken_apart(Pairs(whole, year(0.0), at + WEEK, at, yes, yes, 1, again))
    assert {(hold.first, hold.last) for hold in asked if {*hold.slots} & {*STATES}} == {(0, HORIZON)}
    assert {(hold.first, hold.last) for hold in asked if not {*hold.slots} & {*STATES}} == {(0, 0)}
    assert len({tuple(sorted(hold.slots)) for hold in asked}) == 2**6 - 1 + len(STATES)
    return {name: float(values[0]) for name, values in found.items()}


def of(found: dict[str, float], kind: str, name: str = "", estimand: str = "R_F") -> float:
    """Give one figure."""
    return found[str(Part(estimand, kind, name))]


def test_what_adds_up_is_shared_as_it_was_planted() -> None:
    """Each its own, first in and last in the same; what reaches past all of them is told apart."""
    sizes = dict(zip(NAMES, (0.2, 0.05, 0.3, 0.1, -0.15, 0.0)))
    found = planted(lambda told, frozen: 0.07 + sum(sizes[name] for name in told) - 0.25 * ("affect" in frozen))
    for name, size in sizes.items():
        assert [of(found, kind, name) for kind in ("share", "first", "last")] == pytest.approx([size] * 3, abs=1e-12)
        assert of(found, "share", name, "Lambda_F") == pytest.approx(-size, abs=1e-12), "the mean of nine weeks"
    assert of(found, "whole") == pytest.approx(0.57) and of(found, "past") == pytest.approx(0.07)
    assert [of(found, "through", state) for state in STATES] == pytest.approx([0.0, 0.0, 0.25], abs=1e-12)
    assert of(found, "whole", estimand="V_F_unit") == 0.0


def test_what_two_do_together_is_halved_and_shows_as_first_and_last_in() -> None:
    """Receivers that do the same share alike; alone neither does anything, and without one both are lost."""
    found = planted(lambda told, frozen: 0.6 * ({"affect", "control"} <= told))
    for name in ("affect", "control"):
        ends = [of(found, kind, name) for kind in ("share", "first", "last")]
        assert ends == pytest.approx([0.3, 0.0, 0.6], abs=1e-12)
    assert of(found, "share", "peers") == 0.0


def test_shapley_values_are_means_over_all_orders() -> None:
    """Against the definition, order by order."""
    from itertools import permutations

    values = np.random.default_rng(4).normal(size=(16, 3))
    by_hand, orders = np.zeros((4, 3)), list(permutations(range(4)))
    for order in orders:
        told = 0
        for member in order:
            by_hand[member] += (values[told | 1 << member] - values[told]) / len(orders)
            told |= 1 << member
    assert shapley(values) == pytest.approx(by_hand, abs=1e-12)
    assert shapley(values).sum(0) == pytest.approx(values[-1] - values[0], abs=1e-12)


# ---- in the model --------------------------------------------------------------------------------------------
def apart(world: Parameters, policy: str = "criterion+level=0.8", weeks: int = 20) -> t.Twins:
    """Take apart the failures of a small class."""
    seats = Roster.synthetic(12).seats([2], 3)
    return t.failure_twins(
        seats, [Policy(policy)], world, weeks, 1.0, run, ["line"], beside=MEDIATION, only_spared=True
    )[1]


@pytest.fixture(scope="module")
def twins() -> t.Twins:
    """Everything on."""
    return apart(Parameters())


def test_the_parts_add_up_to_what_the_twins_say(twins: t.Twins) -> None:
    """Twin by twin; in the reference cell nothing reaches a student past the receivers, to the last bit."""
    assert twins["spared"].all() and len(twins["seat"]) > 10
    whole = sum(twins[f"d{h}"] for h in range(1, HORIZON + 1))
    assert np.array_equal(twins[str(Part("R_F", "whole"))], whole) and whole.any()
    assert np.array_equal(twins[str(Part("Lambda_F", "whole"))], twins["margin_later"])
    assert np.array_equal(twins[str(Part("V_F_unit", "whole"))], twins["unit_conceptual"])
    for estimand in OF:
        assert not twins[str(Part(estimand, "past"))].any()
        parts = sum(twins[str(Part(estimand, "share", name))] for name in NAMES)
        assert parts == pytest.approx(twins[str(Part(estimand, "whole"))], abs=1e-12)
    assert [str(part) for part in PARTS] == [name for name in twins if name.startswith("mediation")]


def test_a_coalition_is_what_a_single_run_with_copies_held_gives(twins: t.Twins) -> None:
    """First in and last in of one receiver, made once more from single columns; and a state that is frozen."""
    seats, policy, world = Roster.synthetic(12).seats([2], 3), Policy("criterion+level=0.8"), Parameters()
    row = int(np.argmax(np.abs(twins[str(Part("Lambda_F", "first", "affect"))])))
    seat, week = int(twins["seat"][row]), int(twins["week"][row]) - 1
    noise = world["assess_noise"] * (1.0 + world["noise_growth"] * week / 36.0)
    to = twins["margin"][row] - twins["distance"][row] * noise + 0.05
    keep = list(dict.fromkeys(("test_margin", "enrolled", *MEDIATION.slots)))

    def margins(flip: Flip, held: Sequence[str] = (), last: int = 0) -> np.ndarray:
        where = np.zeros((20, 12, 1), bool)
        where[week : week + last + 1, seat] = True
        hold = {slot: Held(passed.trace[slot], where) for slot in held}
        found = vectorised(columns(seats, [policy], [world], [flip]), 20, keep, hold).trace["test_margin"]
        return np.asarray(found[week + 1 : week + 1 + HORIZON, seat, 0])

    turn = Flip(float(seat), float(week), luck=1.0, to=to)
    passed = vectorised(columns(seats, [policy], [world], [turn]), 20, keep)
    enrolled = passed.trace["enrolled"][week : week + HORIZON, seat, 0]
    assert enrolled.all(), "all of the nine are compared"
    others = [slot for name, slots in RECEIVERS.items() if name != "affect" for slot in slots]
    base, alone, without, frozen = (
        margins(Flip(), held).mean() for held in ([*others, *RECEIVERS["affect"]], others, RECEIVERS["affect"], ())
    )
    assert base == pytest.approx(margins(turn).mean(), abs=1e-9)
    assert twins[str(Part("Lambda_F", "first", "affect"))][row] == pytest.approx(alone - base, abs=1e-9)
    assert twins[str(Part("Lambda_F", "last", "affect"))][row] == pytest.approx(frozen - without, abs=1e-9)
    through = margins(Flip()).mean() - margins(Flip(), ["affect"], HORIZON).mean()
    assert twins[str(Part("Lambda_F", "through", "affect"))][row] == pytest.approx(through, abs=1e-9)


#: Strengths that leave one receiver alone something to do with a failure.
ALONE = {
    "control": ("strength_helplessness", "strength_effort"),
    "affect": ("strength_affect", "strength_effort"),
    "learning": ("strength_failure_analysis", "strength_correction"),
}


@pytest.mark.parametrize("name", ALONE)
def test_one_receiver_alone_has_the_whole(name: str) -> None:
    """With only its mechanisms on, and no resolve by failures put down to effort, its share is all there is."""
    off = dict.fromkeys(STRENGTHS, 0.0) | dict.fromkeys(ALONE[name], 1.0) | {"effort_resolve": 0.0}
    found = apart(Parameters(off))
    whole = found[str(Part("Lambda_F", "whole"))]
    assert np.abs(whole).max() > 1e-3
    assert found[str(Part("Lambda_F", "share", name))] == pytest.approx(whole, abs=1e-12)
    for other in {*NAMES} - {name}:
        assert not found[str(Part("Lambda_F", "share", other))].any()
        assert not found[str(Part("Lambda_F", "last", other))].any()


def test_with_everything_off_nothing_is_to_be_shared() -> None:
    """To the last bit."""
    found = apart(Parameters(dict.fromkeys(STRENGTHS, 0.0)))
    assert len(found["seat"]) > 3 and not any(found[str(part)].any() for part in PARTS)


def test_where_the_pace_waits_nothing_is_taken_apart() -> None:
    """Weeks of the two are not of one unit there."""
    found = apart(Parameters(), "self-paced+level=0.8")
    assert len(found["seat"]) and np.isnan(found[str(Part("R_F", "whole"))]).all()


# ---- the table and the command ---------------------------------------------------------------------------------
def rows(worlds: int = 1, rooms: int = 12, size: float = 1.0) -> pd.DataFrame:
    """Rows of some worlds: half of everything by affect, a quarter by control, the rest past all receivers."""
    shares = {"whole": 1.0, "share affect": 0.5, "share control": 0.25, "past": 0.25, "through affect": 0.75}
    rng, found = np.random.default_rng(1), []
    for world in range(worlds):
        for room in range(rooms):
            some = size * (1.0 + 0.2 * rng.normal() + 0.1 * world)
            for part in PARTS:
                value = some * shares.get(" ".join(filter(None, part[1:])), 0.0)
                found.append(
                    {
                        "world": world,
                        "policy": "criterion",
                        **Row(str(part), 0, 1.0, world * rooms + room, 5.0, value)._asdict(),
                    }
                )
    return pd.DataFrame(found)


@pytest.mark.parametrize("worlds", [1, 9])
def test_the_table_says_what_was_planted(worlds: int) -> None:
    """Shares of the whole, with intervals over rooms, or over worlds with their rooms; words in order of size."""
    found = mediation(rows(worlds))
    assert list(found.columns) == list(COLUMNS) and len(found) == len(OF) * (2 + len(NAMES) + len(STATES))
    table = found[found["estimand"] == "R_F"].set_index(["kind", "of"])
    assert table.loc[("share", "affect"), "part"] == pytest.approx(0.5)
    assert table.loc[("share", "control"), "part"] == pytest.approx(0.25)
    assert table.loc[("whole", ""), "low"] < table.loc[("whole", ""), "value"] < table.loc[("whole", ""), "high"]
    assert {*found["over"]} == {"rooms" if worlds == 1 else "worlds"} and {*found["draws"]} == {
        12 if worlds == 1 else 9
    }
    first, second = sentences(found)
    assert "by affect and threat 50 %, control 25 %, " in first and "affect 75 %; these overlap" in second


def test_no_part_of_what_may_be_nothing() -> None:
    """Where the interval of the whole holds 0, shares stand in its own unit alone."""
    found = mediation(rows().assign(value=lambda frame: frame["value"] * np.where(frame["room"] % 2, 1.0, -1.0)))
    assert found["part"].isna().all() and found["value"].notna().all()
    (said,) = sentences(found)
    assert "no parts of it are given" in said and percent(np.nan) == "-"


def test_what_ships_is_of_the_study_that_ships() -> None:
    """The reference policy in 32 worlds; shares and what is past them add up."""
    found, study = reference(), Study.read("mediation")
    assert list(found.columns) == list(COLUMNS) and {*found["policy"]} == {study.policies[0].name}
    assert study.predictions == ("mediation",) and len(study.worlds) == 32 and found["draws"].max() <= 32
    for estimand in OF:
        mine = found[found["estimand"] == estimand].set_index("kind")["value"]
        assert mine[["share", "past"]].sum() == pytest.approx(mine["whole"], abs=1e-9)


@pytest.mark.slow
def test_the_command_prints_writes_and_draws(tmp_path: Path) -> None:
    """A table, sentences, CSV and figures; the same as JSON."""
    arguments = ("estimate", "--mediation", "--rooms", "2", "--results", str(tmp_path))
    done = setback(*arguments)
    assert done.code == 0 and "affect and threat" in done.out and "not added up" in " ".join(done.out.split())
    (folder,) = (tmp_path / "predictions").iterdir()
    assert {"mediation.csv", "mediation.png", "mediation.svg"} <= {path.name for path in folder.iterdir()}
    again = setback(*arguments, "--json", "--out", str(tmp_path / "m.svg"))
    table = pd.read_csv(folder / "mediation.csv")
    assert [row["value"] for row in json.loads(again.out)] == pytest.approx(table["value"].tolist())
    assert (tmp_path / "m.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("K1", "--mediation"), "--mediation measures no prediction; ask for K1 by itself"),
        (("--mediation", "--policy", "narrative"), "a mediation needs a verdict that is told"),
        (("--mediation", "--policy", "self-paced"), "a pace that no result changes; self-paced has not both"),
        (("mediation",), "unknown prediction 'mediation'"),
        (("--study", "rigor"), "study rigor measures no predictions"),
        (("K1", "--out", "k.png"), "a picture is drawn of K5 and of --mediation"),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    """What is wrong, and what would be right."""
    done = setback("estimate", *arguments, "--results", str(tmp_path))
    assert done.code == 2 and said in done.err and done.err.count("\n") == 1
