"""The trials that ship are those that are planned today, and the report and the documents say the same of them."""

import pytest
from baseline.refresh_trials import needed

from setback.analysis.report.trial import section
from setback.analysis.trials_needed import OUTCOMES, POLICIES, count, reference, sentences


def test_every_trial_is_there() -> None:
    """A row a pair of policies and outcome; without the opening score it takes no fewer classes."""
    found = reference()
    assert list(found[["first", "second", "outcome"]].itertuples(index=False, name=None)) == [
        (*pair, outcome) for pair in POLICIES for outcome in OUTCOMES
    ]
    assert (found["classes"].fillna(1001) <= found["unadjusted"].fillna(1001)).all()
    assert found["effect"].between(found["effect_low"], found["effect_high"]).all()


@pytest.mark.slow
def test_what_ships_is_current() -> None:
    """One of them is planned again, whole."""
    (now,) = needed([POLICIES[0]], OUTCOMES[:1]).to_dict("records")
    row = reference().iloc[0].to_dict()
    assert {name: now[name] for name in ("first", "second", "outcome")} == {
        name: row[name] for name in ("first", "second", "outcome")
    }
    for name in ("classes", "unadjusted", "students", "low", "effect", "effect_low", "effect_high", "above"):
        assert now[name] == pytest.approx(row[name], rel=1e-5), name


def test_the_report_says_what_ships() -> None:
    """A row a trial; the sentences name the same numbers of classes."""
    from setback.analysis.report.section import Asked

    found, shown = reference(), section(Asked(None))  # type: ignore[arg-type]  # no results are read
    (table,) = shown.tables
    assert [(cells[0], cells[2], cells[3], cells[4]) for cells in table.cells] == [
        (row.second, row.outcome, count(row.classes), count(row.unadjusted)) for row in found.itertuples()
    ]
    for row in found.itertuples():
        said = f"{row.second} {count(row.classes)}" + (f" to {count(row.unadjusted)}" if row.classes > 0 else "")
        assert said in next(text for text in sentences(found) if f"to {row.outcome}, against" in text)
