"""How far the compiled engine is from the vectorised one: many random blocks, every slot and every event compared.

``python -m setback.benchmarks.agreement --student-weeks 1e8`` draws worlds, policies, changes of policy, flips, held
paths, traces, rosters and a custom mechanism anew for each block. A number that differs by more than 1e-9, or an event
that differs at all, is counted and said.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from setback.model.arithmetic import maximum
from setback.model.engines import compiled
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, Held, Run, columns
from setback.model.errors import InputError
from setback.model.mechanism import mechanism
from setback.model.parameters import Parameters
from setback.model.policies import GROUPS, Policy, PolicyChange, group
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.state import SLOTS, TRAITS, Flip
from setback.model.week import MODEL, TALLY, WEEK, Model

#: Slots whose values are events: they must be equal.
EVENTS = (
    "submitted", "practice_error", "below_criterion", "failing_grade_told", "met_criterion", "enrolled",
    "weeks_not_submitted", "failing_grade", "verdict", "heard_learning", "ready",
    "unit_passed", "retaken", "moved", "unit", "below_criterion_before", "strong", "weeks_practice_error",
    "weeks_below_criterion", "units_mastered", "weeks_submitted",
)  # fmt: skip
WRITTEN = tuple(dict.fromkeys(name for phase in (*WEEK, *TALLY) for name in phase.writes))
HOLDABLE = tuple(name for name in WRITTEN if name not in {s for phase in TALLY for s in phase.writes})


def random_policy(rng: np.random.Generator) -> Policy:
    """Draw a part of each group, and some levers between their ends."""
    while True:
        parts = [str(rng.choice(group(name))) for name in GROUPS]
        rows = [row for row in MODEL.table.rows if row.kind == "policy"]
        some = rng.choice(len(rows), rng.integers(0, 4), replace=False)
        levers = {rows[k].name: rng.uniform(rows[k].low, rows[k].high) for k in some}
        for whole in {"assignment_every", "repeats"} & {*levers}:
            levers[whole] = round(levers[whole])
        try:
            return Policy(*parts, **levers)
        except InputError:  # parts that cannot stand together
            continue


def random_year(rng: np.random.Generator, weeks: int) -> Policy | PolicyChange:
    """Draw a policy, and none, one or two others to which it changes, some of them after the last week."""
    changes = sorted(int(week) for week in rng.choice(np.arange(2, weeks + 4), rng.integers(0, 3), replace=False))
    first = random_policy(rng)
    return PolicyChange(first, *((week, random_policy(rng)) for week in changes)) if changes else first


def random_world(rng: np.random.Generator, model: Model = MODEL) -> Parameters:
    """Draw every number from its range, strengths at any position; students do leave."""
    values = {row.name: rng.uniform(row.low, row.high) for row in model.table.rows if row.kind != "policy"}
    values |= {row.name: float(rng.choice([0.0, 0.5, 1.0, 1.0])) for row in model.table.rows if row.kind == "design"}
    return model.parameters(values | {"skip_level": rng.uniform(-3, -1), "dropout_level": rng.uniform(-7, -5)})


def random_block(rng: np.random.Generator, count: int, weeks: int, model: Model = MODEL) -> Block:
    """Draw a block: one room or many, unequal classes, known traits, few or many policies, changes, flips."""
    sizes = rng.integers(2, 36, 5)
    classes = []
    for k, size in enumerate(sizes):
        known = {t: np.where(rng.random(size) < 0.5, rng.normal(size=size), np.nan) for t in list(TRAITS)[k % 2 :: 2]}
        classes.append(SchoolClass(f"class-{k}", tuple(map(str, range(size))), known if k % 2 else {}))
    roster = Roster(classes, "unequal", str(rng.choice(["friendship", "seating"])))
    rooms = [int(rng.integers(0, 1000))] if rng.random() < 0.5 else list(range(count))
    few = [random_year(rng, weeks) for _ in range(int(rng.choice([1, 2, 40])))]
    kinds: tuple[dict[str, float], ...] = (
        {},
        {"luck": 1.0, "to": 0.05},
        {"luck": 1.0, "to": -0.05},
        {"label": 1.0},
        {"practice": 1.0},
        {"practice": 1.0, "depth": 1.5},
    )
    flips = [
        Flip(float(rng.integers(0, sizes.max())), float(rng.integers(0, weeks)), **kinds[int(rng.integers(0, 6))])
        for _ in range(count)
    ]
    return columns(
        roster.seats(rooms, int(rng.integers(0, 2**53)), int(rng.integers(0, 3))),
        [few[int(rng.integers(0, len(few)))] for _ in range(count)],
        [random_world(rng, model) for _ in range(count)],
        flips if rng.random() < 0.5 else [Flip()] * count,
    )


def random_paths(rng: np.random.Generator, block: Block, weeks: int) -> dict[str, Held]:
    """Hold a few slots on a fifth of their weeks, on what they were in another room: within their ranges."""
    held = {}
    for name in rng.choice(HOLDABLE, 3, replace=False).tolist() if rng.random() < 0.3 else ():
        shape = (weeks, block.size if SLOTS[name].of == "student" else 1, block.columns)
        slot = SLOTS[name]
        value = rng.uniform(max(slot.low, -2.0), min(slot.high, 2.0), shape)
        held[name] = Held(np.round(value) if slot.unit == "0 or 1" else value, rng.random(shape) < 0.2)
    return held


def compare(a: Run, b: Run) -> tuple[float, int, int, int]:
    """Give the largest difference of any number, the events compared, those that differ, and columns left out.

    A difference of numbers above 1 is said as a share of them: a path held on nonsense may make a weight of 1e40. Left
    out is a column in which the first run came to infinity or to no number, by such a path.
    """
    pairs = [(name, x[name], y[name]) for x, y in ((a.trace, b.trace), (a.end, b.end)) for name in x]
    finite = np.all([np.isfinite(value).all(tuple(range(value.ndim - 1))) for _, value, _ in pairs], axis=0)
    worst, events, apart = 0.0, 0, 0
    for name, value, other in pairs:
        gap = np.abs(value[..., finite] - other[..., finite]) / np.maximum(np.abs(value[..., finite]), 1.0)
        gap = np.where(np.isfinite(gap), gap, np.inf)
        if name in EVENTS:
            events += gap.size
            apart += int((gap > 1e-9).sum())
        worst = max(worst, float(gap.max(initial=0.0)))
    return worst, events, apart, int((~finite).sum())


def measure(student_weeks: float, seed: int = 0, count: int = 96, weeks: int = 36) -> dict[str, float]:
    """Compare until so many student-weeks are done.

    Args:
        student_weeks: how many, of seats that somebody sits on.
        seed: of the random blocks.
        count: columns of a block.
        weeks: of each year.
    """
    rng, done = np.random.default_rng(seed), 0.0
    mine = MODEL.with_mechanism(laugh_it_off)
    found = {"student-weeks": 0.0, "blocks": 0.0, "largest difference": 0.0, "events": 0.0, "events apart": 0.0}
    found["columns left out"] = 0.0
    while done < student_weeks:
        model = mine if found["blocks"] >= 10 and rng.random() < 0.5 else MODEL
        block = random_block(rng, count, weeks, model)
        held = random_paths(rng, block, weeks)
        keep = WRITTEN if rng.random() < 0.25 else ()
        with np.errstate(all="ignore"):
            a, b = (run(block, weeks, keep, held, model) for run in (engine.run, compiled.run))
        worst, events, apart, left_out = compare(a, b)
        here = block.seats.roster[0].sum() * (count if len(block.seats.rooms) == 1 else 1) * weeks
        done += here
        found["student-weeks"] = done
        found["blocks"] += 1
        found["largest difference"] = max(found["largest difference"], worst)
        found["events"] += events
        found["events apart"] += apart
        found["columns left out"] += left_out
        if worst > 1e-9 or apart:
            print(f"block {found['blocks']:.0f}: {worst:.1e}, {apart} events apart; held {list(held)}", flush=True)
    return found


@mechanism(
    "affect", after="update_affect", strength="humour", source="assumed", parameters={"humour_relief": (0.2, 0.0, 1.0)}
)
def laugh_it_off(affect, friends_effort, p):  # type: ignore[no-untyped-def]
    """Friends who work hard take the edge off a failure."""
    return affect * (1.0 - p.strength_humour * p.humour_relief * maximum(friends_effort, 0.0))


def main(given: Sequence[str] | None = None) -> None:
    """The command line of this file."""
    parser = argparse.ArgumentParser(prog="python -m setback.benchmarks.agreement", description=__doc__)
    parser.add_argument("--student-weeks", type=float, default=1e6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--columns", type=int, default=96)
    asked = parser.parse_args(given)
    for name, value in measure(asked.student_weeks, asked.seed, asked.columns).items():
        print(f"{name}: {value:,.0f}" if value >= 1 or value == 0 else f"{name}: {value:.1e}")


if __name__ == "__main__":
    main()
