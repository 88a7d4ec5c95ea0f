"""Policies are rows of numbers: composed of parts, changed lever by lever, strict about nonsense."""

import pytest

from setback.model.errors import InputError
from setback.model.parameters import LEVER_NAMES, ROWS
from setback.model.policies import GROUPS, PARTS, REFERENCE, WHOLE, Policy, group


def test_every_part_moves_known_levers_within_their_range() -> None:
    """And every group has its reference, which moves none."""
    for part in PARTS.values():
        assert part.group in GROUPS and part.says.endswith(".")
        assert all(ROWS[name].low <= value <= ROWS[name].high for name, value in part.levers.items())
    assert tuple(PARTS[name].group for name in REFERENCE) == GROUPS
    assert all(not PARTS[name].levers for name in REFERENCE)


def test_parts_of_one_group_differ() -> None:
    """No two parts of a group are the same policy."""
    for name in GROUPS:
        rows = [tuple(sorted(PARTS[part].levers.items())) for part in group(name)]
        assert len(set(rows)) == len(rows) >= 2


def test_composition() -> None:
    """A policy has the levers of all its parts; what is not named is the reference."""
    policy = Policy("curve", "accelerated")
    assert policy["comparison"] == 1.0 and policy["pace"] == 2.0 and policy["problem_first"] == 0.0
    assert policy.parts == {
        "grading": "curve", "pacing": "accelerated", "sequence": "instruction-first", "support": "responsive",
        "climate": "plain",
    }  # fmt: skip
    assert tuple(policy) == LEVER_NAMES


@pytest.mark.parametrize("text", [*PARTS, *WHOLE, "curve+accelerated+stakes=1", "mastery+quota=0.25+problem-first"])
def test_the_name_makes_the_policy_again(text: str) -> None:
    """Names are a round trip."""
    assert Policy(Policy(text).name) == Policy(text)


def test_levers_win_over_parts_and_whole_policies_can_be_extended() -> None:
    """The last word is the single lever's."""
    assert Policy("harmful")["stakes"] == 1.0
    assert Policy("harmful", stakes=0.3)["stakes"] == 0.3
    assert Policy("harmful+problem-first")["problem_first"] == 1.0
    assert Policy("reference") == Policy()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curv", "unknown policy 'curv'; did you mean curve"),
        ("curve+mastery", "curve and mastery are both grading policies"),
        ("harmful+mastery", "curve and mastery are both grading policies"),
        ("curve+stake=1", "unknown policy lever 'stake'; did you mean stakes"),
        ("curve+stakes=2", "policy lever stakes is 2.0; it needs a number from 0 to 1"),
        ("curve+stakes=nan", "policy lever stakes is nan"),
        ("curve+stakes=high", "policy lever stakes is 'high'; it needs a number"),
        ("curve+stakes=", "policy lever stakes is ''; it needs a number"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str, message: str) -> None:
    """Unknown names, two parts of a group, levers that are no number or out of range."""
    with pytest.raises(InputError, match=message):
        Policy(text)
