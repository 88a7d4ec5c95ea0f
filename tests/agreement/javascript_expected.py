"""What a script in JavaScript must give, as plain data: class-years as numpy runs them, addresses, friends, tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from setback.model import chance, outcomes
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Array, Block, Held, columns
from setback.model.engines.mesa import Classroom
from setback.model.grammar import fingerprint
from setback.model.keep import Keep
from setback.model.parameters import LEVER_NAMES, ROWS, TABLE, WORLD_NAMES, Parameters
from setback.model.policies import PARTS, PRESETS, Policy, PolicyChange
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.rosters.seats import connect
from setback.model.state import ROSTER, SLOTS, TRAITS, Flip
from setback.model.week import MODEL

#: Seeds and rooms of more than 32 bits, and the largest there are.
WIDE, LARGEST = 2**40 + 5, 2**53 - 1
#: Shares whose normal quantiles need the series for the tails.
TAILS = (1e-4, 1e-9, 1e-13, 2.0**-53, 1.0 - 2.0**-53, 1.0 - 1e-9, 0.9999)
#: Slots whose values are events: they must be equal where other slots may differ in the last digits.
EVENTS = (
    "submitted", "practice_error", "below_criterion", "failing_grade_told", "met_criterion", "enrolled",
    "weeks_not_submitted", "failing_grade", "verdict", "heard_learning", "ready",
    "unit_passed", "retaken", "moved", "unit", "below_criterion_before", "strong",
)  # fmt: skip
#: Every named part and whole policy, and some that mix what they leave apart.
POLICIES = (
    *PARTS,
    *PRESETS,
    "harmful+waiting=0.4+choice=1+attribution_talk=0.5+mindset_message=1+retakes=0+rescue=0.3",
    "mastery+self-paced+group-problem-first+grade_practice=0.5+attribution_talk=1+friendly=0.3",
    "class-paced+problem-first+comparison=0.3+retakes=2+spiral=0.5+public=0.4+cut=0.3",
    "adaptive+cooperative+comparison=0.6+told=0.5+counted=0.5+retakes=1+compassion=1+choice=0.4",
    "mastery+assignment_every=3",
    "curve+assignment_every=1",
    "repeat-failed+repeats=2+others-attempts-first+targeted-support+targeted_level=-0.5+targeted_talk=0.6",
    "unconsolidated+problem_distance=1.2+target_record=0.2+targeted_information=0.5+targeted_support=0.5",
)
FLIPS = (
    Flip(), Flip(0, 7, luck=1, to=0.05), Flip(0, 5, luck=1, to=-0.05), Flip(0, 3, label=1), Flip(1, 2, label=1),
    Flip(1, 1, practice=1), Flip(1, 2, practice=1, depth=1.5), Flip(0, 4, practice=1), Flip(2, 3, practice=1),
    Flip(0, 6, label=1),
)  # fmt: skip


def written() -> tuple[str, ...]:
    """The slots that any phase writes."""
    return tuple(dict.fromkeys(n for p in (*MODEL.opening, *MODEL.week, *MODEL.tally) for n in p.writes))


def worlds(count: int, rng: np.random.Generator) -> list[Parameters]:
    """Every other world is drawn from the ranges of the table, switches in any position; students do leave."""
    made = []
    for k in range(count):
        values = {row.name: rng.uniform(row.low, row.high) for row in TABLE if row.kind != "policy"}
        values |= {row.name: float(rng.choice([0.0, 0.5, 1.0, 1.0])) for row in TABLE if row.kind == "design"}
        leaving = {"skip_level": -1.5, "dropout_level": -5.0, "dropout_not_submitted": 1.5}
        made.append(Parameters((values if k % 2 else {"affect_rise": 2.0}) | leaving))
    return made


def class_years(
    sizes: Sequence[int], weeks: int, network: str, seed: int = 0, luck: int = 0, room: int = 0, again: int = 0
) -> tuple[Block, list[dict[str, Any]]]:
    """One class-year a size, as a block and as the script is asked for it.

    Policies go through `POLICIES`, two of three classes with a second policy from some week on, all with a third from
    the week ``again`` on, if it is not 0; worlds and flips go with them. Every other class has a roster with half of
    its scores.
    """
    rng = np.random.default_rng([len(sizes), weeks, luck])
    classes = []
    for k, size in enumerate(sizes):
        known = {t: np.where(rng.random(size) < 0.5, rng.normal(size=size), np.nan) for t in list(TRAITS)[k % 3 :]}
        classes.append(SchoolClass(f"class-{k}", tuple(map(str, range(size))), known if k % 2 else {}))
    roster = Roster(classes, "unequal", network)
    rooms = [room + k for k in range(len(sizes))]
    policies = [Policy(POLICIES[(k + luck) % len(POLICIES)]) for k in range(len(sizes))]
    years = []
    for k, (first, then) in enumerate(zip(policies, policies[::-1])):
        changes = [(week, then) for week in (4, weeks // 2 + 1, None)[k % 3 : k % 3 + 1] if week]
        changes += [(again, policies[k - 1])] if again else []
        years.append(PolicyChange(first, *changes) if changes else first)
    flips = [FLIPS[k % len(FLIPS)] for k in range(len(sizes))]
    given = worlds(len(sizes), rng)
    block = columns(roster.seats(rooms, seed, luck), years, given, flips)
    asked = []
    for k, number in enumerate(rooms):
        here = roster.in_room(number)
        stages = [{"week": stage.start, "levers": dict(stage.policy)} for stage in years[k].stages]
        stages = stages[:: -1 if k % 2 == 0 else 1]  # their order does not matter
        asked.append({
            "seed": seed, "room": number, "luck": luck, "weeks": weeks, "size": len(here.students), "keep": True,
            "network": network, "scores": {t: plain(x) for t, x in here.scores.items()},
            "parameters": dict(given[k]), "policies": stages, "flip": flips[k]._asdict(),
        })  # fmt: skip
    return block, asked


def paths(block: Block, asked: Sequence[dict[str, Any]], weeks: int) -> dict[str, Held]:
    """Hold two slots of one student of every third class in some weeks; the classes are asked for it as well."""
    held = {}
    for slot, values in (
        ("submitted", {0: 0.0, 1: 1.0, weeks - 2: 0.0}),
        ("effort", {0: 0.9, 2: 0.0, weeks - 1: 0.35}),
    ):
        value, where = (np.zeros((weeks, block.size, block.columns), kind) for kind in (float, bool))
        for k in range(0, block.columns, 3):
            value[list(values), k % 2, k], where[list(values), k % 2, k] = list(values.values()), True
            rows = [{"week": week, "seat": k % 2, "value": x} for week, x in values.items()]
            asked[k].setdefault("hold", {})[slot] = rows
        held[slot] = Held(value, where)
    return held


def plain(values: Array) -> list[float | None]:
    """Numbers as JSON has them: None for what is none."""
    return [x if math.isfinite(x) else None for x in np.asarray(values, float).ravel().tolist()]


def ran(block: Block, asked: Sequence[Mapping[str, Any]], weeks: int) -> list[dict[str, Any]]:
    """The years of a block: every slot of every week, opening, states, outcomes; some slots are held."""
    done = engine.run(block, weeks, written(), paths(block, asked, weeks))
    state = outcomes.states(done.trace)
    years = []
    for k, room in enumerate(asked):
        size = room["size"]

        def seats(x: Array, k: int = k, size: int = size) -> Array:
            return x[..., : min(size, x.shape[-2]), k]

        begun = Classroom(block=block.pick(slice(k, k + 1)), keep=Keep()).slots
        made = {name: row.of(done.end, weeks) for name, row in outcomes.OUTCOMES.items()}
        years.append({
            "asked": room,
            "trace": {name: plain(seats(x)) for name, x in done.trace.items()},
            "opening": {p: plain(begun[p][:size, 0]) for phase in MODEL.opening for p in phase.writes},
            "states": plain(seats(state)),
            "outcomes": {name: plain(seats(x)) for name, x in made.items()},
            "means": {name: plain(outcomes.class_mean(seats(x)))[0] for name, x in made.items()},
        })  # fmt: skip
    return years


def addresses() -> list[list[Any]]:
    """Arguments of `uniform` and its result."""
    rng = np.random.default_rng(1)
    found: list[list[Any]] = []
    for k in range(300):
        most = (2**20, 2**32 + 2**31, 2**53)[k % 3]
        seed, room = (int(x) for x in rng.integers(0, most, 2))
        decision = list(chance.DECISIONS)[k % len(chance.DECISIONS)]
        seat, week = (int(x) for x in rng.integers(0, (60, 520) if k % 2 else (2**20, 2**40)))
        found.append([seed, decision, room, seat, week])
    edges = (0, 1, 2**31, 2**32 - 1, 2**32, LARGEST)
    found += [[seed, "drift", room, chance.CLASS_SEAT, 0] for seed in edges for room in edges]
    return [[*a, float(chance.uniform(*a))] for a in found]


def networks() -> list[list[Any]]:
    """Arguments of `friends` and its result."""
    found = []
    for network in ("friendship", "seating"):
        for size in (2, 3, 4, 5, 6, 7, 12, 30, 60):
            friends, weight = connect(network, size, WIDE + size, 2**33 + 1)
            named = np.where(weight > 0, friends, -1).T
            found.append([network, size, WIDE + size, 2**33 + 1, named.ravel().tolist()])
    return found


def tables() -> dict[str, Any]:
    """What the script says about itself."""
    return {
        "parameters": {name: ROWS[name].default for name in WORLD_NAMES},
        "levers": {name: ROWS[name].default for name in LEVER_NAMES},
        "slots": {name: SLOTS[name].of for name in sorted(written(), key=lambda name: SLOTS[name].of)},
        "outcomes": {name: {"unit": row.unit, "what": row.description} for name, row in outcomes.OUTCOMES.items()},
        "decisions": dict(chance.DECISIONS),
        "traits": list(TRAITS),
        "norms": dict(outcomes.NORMS),
        "stateNames": list(outcomes.STATES),
        "held": ["submitted", "effort"],
        "CLASS_SEAT": chance.CLASS_SEAT,
        "fingerprint": fingerprint(MODEL),
    }


def expected() -> dict[str, Any]:
    """All of it, small enough to be compared in a tenth of a second."""
    years = []
    for sizes, network, seed, luck, room in (
        ([5, 2, 8, 3, 6, 4, 9, 5] * 4, "friendship", WIDE, 0, LARGEST - 40),
        ([13, 7, 4, 5] * 2, "seating", 7, 3, 0),
    ):
        weeks = 9
        block, asked = class_years(sizes, weeks, network, seed, luck, room)
        years += ran(block, asked, weeks)
    # a year so short that every test counts, in classes of which one has nobody above its mean
    block, asked = class_years([4, 3], 3, "friendship", 5)
    block.seats.roster[[s.name for s in ROSTER].index("known_prior_knowledge"), :, 1] = 1.0
    block.seats.roster[[s.name for s in ROSTER].index("given_prior_knowledge"), :, 1] = 0.5
    asked[1]["scores"]["prior_knowledge"] = [0.5] * 3
    years += ran(block, asked, 3)
    # a policy that changes twice
    block, asked = class_years([6] * 4, 10, "seating", 11, 30, 100, again=8)
    years += ran(block, asked, 10)
    return {
        "events": EVENTS,
        "years": years,
        "addresses": addresses(),
        "networks": networks(),
        "quantiles": [[u, float(chance.normal_quantile(u))] for u in (*np.linspace(0.01, 0.99, 21).tolist(), *TAILS)],
        "tables": tables(),
    }
