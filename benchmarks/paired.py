"""Measure what common random numbers save: intervals of a policy effect with the same luck and with luck of its own.

Run ``python -m setback.benchmarks.paired results/claims/<hash> criterion mastery`` on a finished study. In every world
both policies met the same rooms with the same students and luck. Independent rooms would have the same spread under
either policy, so their interval is that of two unpaired samples of as many rooms.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from setback.analysis.load import Results, load


def widths(results: Results, first: str, second: str, outcome: str) -> pd.DataFrame:
    """Give the widths of both 95 % intervals of the second policy less the first, a row a world."""
    rows = []
    for part in results.in_parts(columns=["world", "policy", "room", outcome]):
        table = part.astype({"policy": str}).pivot(index=["world", "room"], columns="policy", values=outcome)
        for _, of in table[[first, second]].dropna().groupby(level="world"):
            n = len(of)
            paired = stats.t.ppf(0.975, n - 1) * np.sqrt((of[second] - of[first]).var() / n)
            apart = stats.t.ppf(0.975, 2 * n - 2) * np.sqrt((of[first].var() + of[second].var()) / n)
            rows.append((2 * paired, 2 * apart))
    return pd.DataFrame(rows, columns=["common", "independent"])


def main() -> None:
    """Print the median widths over the worlds, and how many times as many rooms independent luck would take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("first")
    parser.add_argument("second")
    asked = parser.parse_args()
    results = load(asked.folder)
    for outcome in results.study["keep"]["outcomes"]:
        middle = widths(results, asked.first, asked.second, outcome).median()
        times = (middle["independent"] / middle["common"]) ** 2 if middle["common"] else np.nan
        print(
            f"{outcome:30s} {middle['common']:8.4f} {middle['independent']:8.4f} {times:6.1f} {results.unit(outcome)}"
        )


if __name__ == "__main__":
    main()
