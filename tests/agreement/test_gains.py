"""One gain a group of mechanisms: every engine reads coefficients that are multiplied by it, once."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, columns
from setback.model.engines.javascript import write
from setback.model.engines.mesa import run as run_mesa
from setback.model.engines.registry import engine as engine_named
from setback.model.mechanism import Param
from setback.model.parameters import OWN, Parameters, Table
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, Model

#: Coefficients of three groups: a share that ends at 1, one that may be more, a rate that is no share.
FLAGGED = {"attribution_drift": "motivational memory", "pressure_affect": "threat", "affect_rise": "threat"}
GAINS = {"gain_motivational_memory": 1.7, "gain_threat": 0.4, "gain_peers": 1.3}
#: Every gain at 1, where coefficients are as described; two defaults are fitted.
DESCRIBED = dict.fromkeys(OWN.gains.values(), 1.0)
WEEKS = 9
SEATS = Roster.synthetic(9).seats([4], 1)


def flagged(*names: str) -> Model:
    """The model with some rows of its table under the gain of their group."""
    return MODEL.replace(table=Table([row._replace(gained=row.name in names) for row in OWN.rows], OWN.groups))


def in_a_group(row: Param) -> bool:
    """Whether a row is a coefficient of a group that has a gain."""
    return row.kind == "mechanism" and any(row.mechanism in OWN.groups[group] for group in OWN.gains)


def block_of(model: Model, **values: float) -> Block:
    """A class under a policy of much pressure, its coefficients as described but for the gains that are stated."""
    return columns(SEATS, [Policy("harmful")], [model.parameters(DESCRIBED | values)])


def multiplied(block: Block, factors: dict[str, float]) -> Block:
    """The block with some numbers multiplied by hand."""
    params = block.params.copy()
    for name, factor in factors.items():
        params[block.names.index(name)] *= factor
    return block._replace(params=params)


def test_every_gained_row_is_of_the_group_that_is_said() -> None:
    """The table finds the gain by the mechanism of the row."""
    found = {one.name: one.gain for one in flagged(*FLAGGED).table.gained}
    assert found == {name: f"gain_{group.replace(' ', '_')}" for name, group in FLAGGED.items()}


@pytest.mark.parametrize("name", ["vectorised", "mesa", "compiled"])
def test_a_gain_multiplies_the_coefficients_of_its_group(name: str) -> None:
    """The year is that of a world whose coefficients were multiplied by hand; other groups' gains change nothing."""
    if name == "compiled":
        pytest.importorskip("llvmlite")
    model, run = flagged(*FLAGGED), engine_named(name)
    by_gain = run(block_of(model, **GAINS), WEEKS, model=model).end
    factors = {row: GAINS[f"gain_{group.replace(' ', '_')}"] for row, group in FLAGGED.items()}
    by_hand = run(multiplied(block_of(MODEL), factors), WEEKS).end
    plain = run(block_of(MODEL), WEEKS).end
    for slot, values in by_hand.items():
        assert np.array_equal(by_gain[slot], values), slot
    assert np.abs(by_gain["affect"] - plain["affect"]).max() > 1e-3


def test_the_engines_agree_over_gains() -> None:
    """Vectorised and Mesa bit for bit where gains differ from column to column."""
    model = flagged(*FLAGGED)
    worlds = [model.parameters(gain_threat=k / 4, gain_motivational_memory=2 - k / 4) for k in range(9)]
    block = columns(SEATS, [Policy("harmful")], worlds)
    one, other = engine.run(block, WEEKS, model=model).end, run_mesa(block, WEEKS, model=model).end
    assert all(np.array_equal(one[slot], other[slot]) for slot in one)
    assert np.ptp(one["affect"], axis=1).max() > 1


def test_a_gain_works_in_the_script_of_the_page() -> None:
    """JavaScript multiplies what it is given, as the other engines do."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    model = flagged(*FLAGGED)
    asked = {"seed": 1, "room": 4, "size": 9, "weeks": WEEKS, "parameters": GAINS,
             "policies": [{"week": 0, "levers": dict(Policy("harmful"))}]}  # fmt: skip
    ends = "Array.from({length: 9}, (_, i) => year.end('affect', i))"
    work = f"{write(model)}const year = SETBACK.year({json.dumps(asked)}); console.log(JSON.stringify({ends}));"
    found = subprocess.run([node, "-"], input=work.encode(), stdout=subprocess.PIPE, check=True).stdout
    end = engine.run(block_of(model, **GAINS), WEEKS, model=model).end["affect"][:, 0]
    assert np.abs(np.array(json.loads(found)) - end).max() < 1e-9


def test_gains_of_one_change_no_bit() -> None:
    """As described: whatever is flagged, and in every world of the ranges."""
    everything = flagged(*(row.name for row in OWN.rows if in_a_group(row)))
    rng = np.random.default_rng(1)
    free = [row for row in OWN.rows if row.kind != "policy" and row.name not in DESCRIBED]
    drawn = [DESCRIBED | {row.name: rng.uniform(row.low, row.high) for row in free} for _ in range(5)]
    ours, theirs = (columns(SEATS, [Policy()], [m.parameters(w) for w in drawn]) for m in (everything, MODEL))
    assert ours.params.tobytes() == theirs.params.tobytes()
    assert len(everything.table.gained) > 60


def test_a_share_stays_a_share() -> None:
    """What can be 1 at most is 1 at most; what may be more is multiplied like any other; nothing below is moved."""
    model = flagged("attribution_drift", "pressure_affect", "affect_rise")
    table = model.table
    high = {name: table.by_name[name].high for name in FLAGGED}
    found = table.effective(model.parameters(high | {"gain_threat": 2.0, "gain_motivational_memory": 2.0}))
    assert found["attribution_drift"] == min(1.0, 2 * high["attribution_drift"])
    assert found["pressure_affect"] == 2 * high["pressure_affect"] > 1
    rows = [r for r in OWN.rows if in_a_group(r) and r.high == 1 and r.unit.startswith("share")]
    capped = flagged(*(row.name for row in rows))
    full = capped.table.effective(dict.fromkeys(capped.table.names, 1.0) | dict.fromkeys(OWN.gains.values(), 2.0))
    assert rows and all(full[row.name] == 1.0 for row in rows)


def test_nothing_is_multiplied_twice() -> None:
    """What is effective stays as it is; a mapping and a block say the same."""
    model = flagged(*FLAGGED)
    once = model.table.effective(model.parameters(DESCRIBED | GAINS))
    assert once == model.table.effective(once)
    assert [*once.values()] == block_of(model, **GAINS).params[:, 0].tolist()
    assert OWN.effective(Parameters(DESCRIBED)) == Parameters(DESCRIBED), (
        "as described, a world is read as it is written"
    )
