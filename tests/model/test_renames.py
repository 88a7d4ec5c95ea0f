"""Names that were given up: whoever types one is told the new one, and every new name is there."""

import pytest

from setback.model.errors import InputError, renames, unknown
from setback.model.keep import Keep
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES, STRENGTHS, WORLD_NAMES, Parameters
from setback.model.policies import PARTS, Policy
from setback.model.state import SLOTS
from setback.model.week import MODEL

#: What there is of each kind that the model itself knows.
KNOWN = {
    "outcome": OUTCOMES,
    "slot": SLOTS,
    "parameter": WORLD_NAMES,
    "lever": LEVER_NAMES,
    "mechanism": tuple(name.removeprefix("strength_") for name in STRENGTHS),
    "equation": tuple(phase.name for phase in MODEL.week),
    "policy": PARTS,
}


@pytest.mark.parametrize("kind", KNOWN)
def test_old_names_are_gone_and_new_names_are_there(kind: str) -> None:
    """And an old name is refused with its new one, whatever is asked for."""
    for old, new in renames()[kind].items():
        old, new = old.replace("*", "affect"), new.replace("*", "affect")
        assert new in KNOWN[kind] and old not in KNOWN[kind]
        assert str(unknown(kind, old, KNOWN[kind])) == f"unknown {kind} {old!r}; it is called {new} now"


def test_where_people_meet_them() -> None:
    """Parameters, strengths, levers, policies, outcomes of a study."""
    for call, says in (
        (lambda: Parameters(near_miss=1.0), "parameter 'near_miss'; it is called near_miss_slope now"),
        (lambda: Parameters(switch_affect=0.0), "parameter 'switch_affect'; it is called strength_affect now"),
        (lambda: Parameters(switch_attribution_drift=0), "it is called strength_style_drift now"),
        (lambda: Policy(ready=0.5), "policy lever 'ready'; it is called mastery_share now"),
        (lambda: Policy("mastery-paced"), "policy 'mastery-paced'; it is called class-paced now"),
    ):
        with pytest.raises(InputError, match=says):
            call()
    with pytest.raises(InputError, match="'failures'; it is called below_criterion_rate now"):
        Keep(outcomes=("failures",))


def test_a_new_name_of_another_kind_is_not_offered() -> None:
    """What was an outcome is no word for a parameter."""
    assert "it is called" not in str(unknown("parameter", "failures", WORLD_NAMES))
