"""A year of reference classes under every named policy: finite, within bounds, nothing pinned, of plausible gains."""

import numpy as np
import pytest

from setback.model.engines.block import columns
from setback.model.engines.vectorised import run
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import Parameters
from setback.model.policies import PARTS, PRESETS, Policy
from setback.model.rosters.roster import Roster
from setback.model.state import OPENED, STATE

ROOMS, WEEKS = 60, 36
#: Share of students that may end within a thousandth of a bound.
PINNED = 0.01


@pytest.mark.parametrize("name", [*PARTS, *PRESETS])
def test_a_year_under_every_named_policy(name: str) -> None:
    """Every state is a number within its range, and hardly anybody ends at a bound of a share or probability."""
    end = run(columns(Roster.synthetic().seats(range(ROOMS), 0), [Policy(name)], [Parameters()]), WEEKS).end
    for slot in (*OPENED, *STATE):
        values = end[slot.name]
        assert np.isfinite(values).all(), slot.name
        assert (values >= slot.low).all() and (values <= slot.high).all(), slot.name
    for slot in ("expectancy", "control", "attribution_style", "interest", "reserve"):
        for bound in (0.0, 1.0):
            assert (np.abs(end[slot] - bound) < 0.001).mean() < PINNED, (slot, bound)
    assert 0.2 < OUTCOMES["learning"].of(end, WEEKS).mean() < 1.0


def test_the_gain_of_a_year_under_the_reference_policy() -> None:
    """About half an SD on the cumulative scale, as school years give (Scherrer et al. preprint)."""
    end = run(columns(Roster.synthetic().seats(range(300), 0), [Policy()], [Parameters()]), WEEKS).end
    assert 0.4 < OUTCOMES["learning"].of(end, WEEKS).mean() < 0.6


def test_random_worlds_stay_within_bounds() -> None:
    """Parameters anywhere in their ranges, policies mixed anyhow: every state stays a number within its range."""
    from setback.model.parameters import TABLE

    rng = np.random.default_rng(5)
    rows = [row for row in TABLE if row.kind in ("student", "mechanism")]
    worlds = [Parameters({row.name: rng.uniform(row.low, row.high) for row in rows}) for _ in range(300)]
    policies = [Policy(rng.choice([*PARTS, *PRESETS])) for _ in worlds]
    end = run(columns(Roster.synthetic(12).seats([3], 1), policies, worlds), WEEKS).end
    for slot in (*OPENED, *STATE):
        values = end[slot.name]
        assert np.isfinite(values).all(), slot.name
        assert (values >= slot.low - 1e-9).all() and (values <= slot.high + 1e-9).all(), slot.name
