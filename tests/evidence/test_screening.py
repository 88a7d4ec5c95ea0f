"""The screening finds what moves a figure, per whole range, and leaves out what is not known."""

import numpy as np
import pytest

from setback.benchmarks.screening import effects, uncertain

morris = pytest.importorskip("SALib.sample.morris")


def test_elementary_effects() -> None:
    """A planted slope is found for its own number alone; a product shows as spread; unknown steps are left out."""
    names = [row.name for row in uncertain()]
    n = len(names)
    problem = {"num_vars": n, "names": names, "bounds": [[0.0, 1.0]] * n}
    points = morris.sample(problem, 8, num_levels=4, seed=1)
    values = 2.0 * points[:, 3] - 0.5 * points[:, 7] + points[:, 10] * points[:, 11]
    values[n + 1] = np.nan  # the first world of the second trajectory: one step of one number is not known
    found = effects(points, values, "x").set_index("number")
    assert found.loc[names[3], "mu"] == pytest.approx(2.0)
    assert found.loc[names[7], ["mu", "mu_star"]].tolist() == pytest.approx([-0.5, 0.5])
    assert found.loc[names[3], "sigma"] == pytest.approx(0.0, abs=1e-9)
    assert found.loc[names[10], "sigma"] > 0.05
    assert found.loc[names[5], "mu_star"] == pytest.approx(0.0, abs=1e-9)
    assert found["steps"].sum() == 8 * n - 1


def test_what_was_not_measured_is_left_out() -> None:
    """A screening that was stopped tells of the worlds that it has."""
    n = len(uncertain())
    points = np.tril(np.ones((n + 1, n)), -1)
    found = effects(np.concatenate([points, points]), (points @ np.arange(n))[: n + 1], "x")
    assert len(found) == 0  # one step each says nothing of a spread
    twice = effects(np.concatenate([points, points]), np.tile(points @ np.arange(n), 2), "x")
    assert twice["mu"].tolist() == pytest.approx(list(range(n)))
