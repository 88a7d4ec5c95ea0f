"""Write the reference answer anew, after numbers moved on purpose: ``python tests/baseline/refresh_reference.py``.

It runs study ``claims`` where it was not run to the end (some minutes), or takes the run in a folder that is named. It
writes the report, its one-page summary, its tables, the map, and the cells by which a test sees whether they are
current.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd

from setback.analysis.figures import save, student_map_figure
from setback.analysis.load import Results, load
from setback.analysis.student_map import student_map
from setback.experiments.fit.posterior import FOLDER as FIT
from setback.experiments.studies.study import Study

ROOT = Path(__file__).parents[2]
REFERENCE, CELLS = ROOT / "results" / "claims" / "reference", "cells.csv"
#: The room of which every policy's cell is kept, in the first world.
WORLD, ROOM = 0, 0


def cells(rows: pd.DataFrame, twins: pd.DataFrame) -> pd.DataFrame:
    """Give what one room of one world says under every policy: means of outcomes, twins, and what a failure causes."""
    mine = rows[(rows["world"] == WORLD) & (rows["room"] == ROOM)].set_index("policy")
    of = twins[(twins["world"] == WORLD) & (twins["room"] == ROOM)]
    further = of[[f"d{h}" for h in range(1, 10)]].sum(axis=1).groupby(of["policy"].astype(str)).sum()
    told = mine[["learning", "below_criterion_rate", "helpless_or_stopped"]]
    told.index = told.index.astype(str)
    counts = of.groupby(of["policy"].astype(str)).size()
    return told.assign(twins=counts, further=further).rename_axis("policy").reset_index()


def main() -> None:
    """Run what is missing, and write all of it."""
    results: Results = load(sys.argv[1]) if sys.argv[1:] else Study.read("claims").run(ROOT / "results")
    new = REFERENCE.with_name("reference.new")  # all of it anew: a table that is no more must not stay
    new.mkdir(parents=True)
    fit = FIT / "reference"
    results.report(new / "report.html", new / "tables", fit)
    results.report(new / "summary.html", None, fit, summary=True)
    figure = student_map_figure(student_map(results), "", results.policies)
    for kind in ("png", "svg"):
        save(figure, new / f"map.{kind}", results.manifest.key)
    cells(results.rows, results.twins).to_csv(new / CELLS, index=False, lineterminator="\n")
    if REFERENCE.exists():
        shutil.rmtree(REFERENCE)
    new.rename(REFERENCE)


if __name__ == "__main__":
    main()
