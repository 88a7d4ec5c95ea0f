"""The description of the model is true: its tables are those of the code, its lists name what is there."""

import pytest

from setback.model import odd
from setback.model.catalogue import mechanisms
from setback.model.parameters import MECHANISM_GROUPS, STRENGTHS, TABLE
from setback.model.policies import PARTS

TEXT = odd.ODD.read_text(encoding="utf-8")


def test_the_tables_are_current() -> None:
    """`python -m setback.model.odd` would change nothing."""
    assert odd.written(TEXT) == TEXT


@pytest.mark.parametrize("name", odd.TABLES)
def test_every_table_stands_once(name: str) -> None:
    """Between its marks, and with a row for everything."""
    assert TEXT.count(f"<!-- table: {name} -->") == 1


def test_a_table_that_is_not_current_is_seen() -> None:
    """A number changed by hand is written anew."""
    assert odd.written(TEXT.replace("| 0.8 |", "| 0.9 |")) == TEXT != TEXT.replace("| 0.8 |", "| 0.9 |")


def test_every_row_of_the_code_is_in_it() -> None:
    """Parameters, levers, parts and mechanisms."""
    for name in (*(row.name for row in TABLE if row.kind != "design"), *PARTS):
        assert f"`{name}`" in TEXT, name


def test_every_mechanism_has_a_group_an_equation_a_source_and_a_neutral_value() -> None:
    """And every strength is read by some equation."""
    found = mechanisms()
    assert [f"strength_{m.name}" for m in found] and {f"strength_{m.name}" for m in found} == {*STRENGTHS}
    for one in found:
        assert one.name in MECHANISM_GROUPS[one.group]
        assert one.equations and one.sources and one.neutral, one.name
