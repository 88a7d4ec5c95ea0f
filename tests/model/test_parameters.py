"""The one table of numbers: complete, consistent, and strict about what it is given."""

import math
import re

import pytest

from setback.model.errors import InputError
from setback.model.mechanism import strength_row
from setback.model.parameters import (
    FITTED_GAINS,
    LEVER_NAMES,
    MECHANISM_GROUPS,
    OWN,
    ROWS,
    STRENGTHS,
    TABLE,
    WORLD_NAMES,
    Levers,
    Param,
    Parameters,
    Table,
    World,
    as_table,
)
from setback.model.policies import Policy
from setback.model.references import ASSUMED, FITTED, references


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row_is_complete(row: Param) -> None:
    """Range around the default, a known law and kind, a source, and a reason that is a sentence."""
    assert row.low < row.high and row.low <= row.default <= row.high
    assert row.distribution in ("uniform", "loguniform", "fixed")
    assert row.distribution != "loguniform" or row.low > 0
    assert row.kind in ("student", "mechanism", "policy", "design")
    assert row.unit and row.symbol and row.source
    assert all(key in (ASSUMED, FITTED) or key in references() for key in row.source.split("; "))
    assert row.mechanism == "" or f"strength_{row.mechanism}" in STRENGTHS
    assert row.description[0].isupper() and row.description.endswith(".")
    assert row.name.isidentifier() and row.name == row.name.lower()


def test_names_are_unique_and_in_the_order_of_the_engines() -> None:
    """World and levers share no name and keep the order of the table."""
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert World._fields == WORLD_NAMES and Levers._fields == LEVER_NAMES
    assert not {*WORLD_NAMES} & {*LEVER_NAMES}


def test_symbols_of_the_world_are_unique() -> None:
    """No two parameters share a symbol, strengths aside."""
    symbols = [row.symbol for row in TABLE if row.kind != "design"]
    assert len(set(symbols)) == len(symbols)


#: Coefficients whose sign is a prediction of one of the claims, or of a theory that the claims lean on.
PREDICTIONS = (
    "near_miss_slope", "preparation_gain", "error_gain", "engage_depth", "error_attention_size",
    "attribution_by_history",
    "comparison_blame", "negativity", "effort_resolve", "striving", "goals_hurt", "pressure_affect",
    "pressure_capacity", "private_hurt_size", "curiosity_size", "steeling", "delay_cost", "effort_affect",
    "hypercorrection", "models_shift", "models_control", "unsolved_prepares",
)  # fmt: skip
#: Numbers of a mechanism on a scale with a middle: below zero they say where, not which way.
LEVELS = ("effort_level", "engage_level", "best_challenge")


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_sign_that_is_a_prediction_is_left_open(name: str) -> None:
    """Neither claim is built in: the range includes zero and the other side, and a sweep draws from both."""
    assert ROWS[name].low < 0 < ROWS[name].high and ROWS[name].distribution == "uniform"


def test_no_sign_is_open_unnoticed() -> None:
    """A number of a mechanism that may be negative is a prediction or a level; rates of decay never are."""
    open_signs = [row.name for row in TABLE if row.kind == "mechanism" and row.low < 0.0 < row.high]
    assert sorted(open_signs) == sorted((*PREDICTIONS, *LEVELS))
    above = [row for row in TABLE if row.kind == "mechanism" and row.name not in open_signs and row.high > 0.0]
    assert all(row.low >= 0.0 for row in above)


def test_every_mechanism_is_in_one_group() -> None:
    """What acts on the same arrow is read together: each strength stands in exactly one group."""
    grouped = [f"strength_{name}" for names in MECHANISM_GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(STRENGTHS) and len(set(grouped)) == len(grouped)
    assert all(MECHANISM_GROUPS.values())


def test_every_group_has_one_gain() -> None:
    """An uncertainty from none of it to twice as much, 1 unless fitted; levels react to nothing, and have none."""
    gains = [row for row in TABLE if row.unit == "multiple"]
    groups = [group.replace(" ", "_") for group in MECHANISM_GROUPS if group != "levels"]
    assert [row.name for row in gains] == [f"gain_{group}" for group in groups]
    assert {(r.low, r.high, r.kind, r.distribution) for r in gains} == {(0, 2, "mechanism", "uniform")}
    assert {(r.default, r.source) for r in gains if r.source != FITTED} == {(1.0, ASSUMED)}
    assert {*FITTED_GAINS} <= {*MECHANISM_GROUPS} - {"levels"}


def test_a_gain_that_there_is_not_and_one_out_of_range() -> None:
    """One sentence: the range, or the groups that there are."""
    with pytest.raises(
        InputError, match=r"^parameter gain_threat is 2\.5; it needs a number from 0 to 2 \(multiple\)$"
    ):
        Parameters(gain_threat=2.5)
    with pytest.raises(InputError, match=r"^unknown group of mechanisms 'nobody'; there are .*threat.*, resilience"):
        Parameters(gain_nobody=1.0)
    with pytest.raises(InputError, match=r"^unknown group of mechanisms 'threats'; did you mean threat"):
        Parameters(gain_threats=1.0)


def test_a_number_whose_mechanism_belongs_to_no_group_has_no_gain() -> None:
    """A table that says otherwise is refused; a custom mechanism's group has a gain where a number asks for it."""
    with pytest.raises(
        InputError, match=r"^lonely is gained, but its mechanism belongs to no group with a gain; there"
    ):
        Table([*TABLE, Param("lonely", "l", 0.5, 0.0, 1.0, "share", ASSUMED, "Alone.", mechanism="", gained=True)],
              MECHANISM_GROUPS)  # fmt: skip
    number = Param("humour_relief", "h", 0.5, 0.0, 1.0, "share", ASSUMED, "Relief.", mechanism="humour")
    plain = OWN.extended([strength_row("humour", "humour"), number])
    gained = OWN.extended([strength_row("humour", "humour"), number._replace(gained=True)])
    assert "gain_custom" not in plain.by_name and gained.names[-1] == gained.gains["custom"] == "gain_custom"
    again = gained.extended([strength_row("irony", "irony")])
    assert again.names.count("gain_custom") == 1 and [one.gain for one in again.gained][-1] == "gain_custom"


def test_strengths_run_from_off_to_on() -> None:
    """Every strength is a share and on by default."""
    assert STRENGTHS
    assert all((ROWS[s].low, ROWS[s].default, ROWS[s].high) == (0.0, 1.0, 1.0) for s in STRENGTHS)


def test_changed_values_and_defaults() -> None:
    """What is named is changed, the rest is the table's."""
    p = Parameters(attribution_drift=0.1)
    assert p["attribution_drift"] == 0.1
    assert p.changed() == {"attribution_drift": 0.1}
    assert all(p[name] == ROWS[name].default for name in WORLD_NAMES if name != "attribution_drift")
    assert p.replace(attribution_drift=0.04) == Parameters()
    assert repr(p) == "Parameters(attribution_drift=0.1)"


@pytest.mark.parametrize("form", ["json", "toml"])
def test_round_trip(form: str) -> None:
    """What is written is read back to the last bit."""
    p = Parameters(
        attribution_drift=0.1, near_miss_slope=-0.1 - 0.2, retention=1 / 300, knowledge_sd=math.nextafter(1.0, 2.0)
    )
    text = getattr(p, f"to_{form}")()
    assert getattr(Parameters, f"from_{form}")(text) == p
    assert getattr(Parameters, f"from_{form}")("{}" if form == "json" else "") == Parameters()


@pytest.mark.parametrize("read", [Parameters.from_json, Parameters.from_toml])
@pytest.mark.parametrize("text", ["{", "[1, 2]", "a ="])
def test_texts_that_are_not_parameters(read: object, text: str) -> None:
    """One sentence that names the form."""
    with pytest.raises(InputError, match=r"JSON|TOML|parameter"):
        read(text)  # type: ignore[operator]


def test_a_misspelt_name_offers_the_near_ones() -> None:
    """The sentence names what was typed and what may have been meant."""
    with pytest.raises(InputError, match=r"unknown parameter 'attribtion_drift'; did you mean attribution_drift"):
        Parameters(attribtion_drift=0.1)
    with pytest.raises(InputError, match="did you mean near_miss"):
        Parameters()["near_mis"]


def test_a_lever_is_no_parameter_and_a_parameter_no_lever() -> None:
    """Each is told where it belongs, in one sentence."""
    says = re.escape("stakes is a policy lever; give it to the policy, as in Policy('criterion', stakes=1)")
    with pytest.raises(InputError, match=f"^{says}$"):
        Parameters(stakes=1)
    with pytest.raises(InputError, match=r"^near_miss_slope is a parameter of the world and no policy lever"):
        Policy("criterion", near_miss_slope=1.0)
    with pytest.raises(InputError, match=r"^stakes is a policy lever"):
        Parameters()["stakes"]


@pytest.mark.parametrize("value", [0.2, -0.01, float("nan"), float("inf"), "0.1", None, True, [0.1]])
def test_bad_values_are_refused_with_the_range(value: object) -> None:
    """Out of range, not finite, or no number at all."""
    with pytest.raises(
        InputError, match=r"parameter attribution_drift is .* needs a number from 0 to 0.15 \(share per week\)"
    ):
        Parameters(attribution_drift=value)


def test_it_prints_as_a_table() -> None:
    """One aligned line a parameter under one of headings, with unit, range, source and reason."""
    lines = str(Parameters(story_editing_share=0.1)).splitlines()
    assert len(lines) == len(WORLD_NAMES) + 1
    line = next(line for line in lines if line.startswith("story_editing_share "))
    assert "0.1 " in line and "share" in line and "0 to 1 " in line and "Dweck 1975" in line
    assert line.index("Dweck") == lines[0].index("source")
    assert len(as_table().splitlines()) == len(TABLE) + 1
