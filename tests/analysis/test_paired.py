"""The benchmark of common random numbers against widths that are known because they were put in."""

import numpy as np
import pandas as pd
import pytest
from planted import planted
from scipy.stats import t

from setback.benchmarks.paired import widths


def test_what_common_luck_saves() -> None:
    """Rooms that differ alike under both policies leave the effect alone; of their own, they hide it."""
    rng = np.random.default_rng(1)
    luck, own = rng.normal(size=(2, 5, 8))
    values = {"learning": {"criterion": 0.5 + luck, "mastery": 0.7 + luck + 0.1 * own, "curve": 0.2 + luck}}
    results = planted(pd.DataFrame({"level": np.arange(5.0)}), values)
    found = widths(results, "criterion", "mastery", "learning")
    assert found["common"].tolist() == pytest.approx(2 * t.ppf(0.975, 7) * 0.1 * own.std(axis=1, ddof=1) / 8**0.5)
    spread = luck.var(axis=1, ddof=1) + (luck + 0.1 * own).var(axis=1, ddof=1)
    assert found["independent"].tolist() == pytest.approx(2 * t.ppf(0.975, 14) * (spread / 8) ** 0.5)
    assert widths(results, "criterion", "curve", "learning")["common"].max() < 1e-12
