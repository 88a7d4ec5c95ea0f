"""Defaults follow the fit that ships: what it identified has the middle of its posterior, and nothing else says so."""

import pytest

from setback.analysis import fit
from setback.model.parameters import OWN, ROWS
from setback.model.references import FITTED
from setback.model.shipped import shipped

REFERENCE = fit.read(shipped("setback.experiments") / "fit" / "reference")
TABLE = fit.identified(REFERENCE).query("identified")
#: Numbers of the world; what one source of grade books has of its own stands in no table of defaults.
IDENTIFIED = [name for name in TABLE.index if name in OWN.names]


def test_what_is_identified_says_that_it_is_fitted_and_nothing_else_does() -> None:
    """Every number and lever of the table, by its source."""
    assert IDENTIFIED
    assert sorted(name for name, row in ROWS.items() if FITTED in row.source) == sorted(IDENTIFIED)
    assert all(ROWS[name].source == FITTED for name in IDENTIFIED)


@pytest.mark.parametrize("name", IDENTIFIED)
def test_an_identified_number_has_the_middle_of_its_posterior(name: str) -> None:
    """To three significant digits, within the prior, which no default moves."""
    row, fitted = ROWS[name], TABLE.loc[name]
    assert row.default == float(f"{fitted['fitted_middle']:.3g}")
    assert (row.low, row.high) == (fitted["low"], fitted["high"]) and row.low < row.default < row.high
