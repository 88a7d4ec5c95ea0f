"""Write the table of trials anew, after numbers moved on purpose: ``python tests/baseline/refresh_trials.py``.

It takes some five minutes of a processor.
"""

from __future__ import annotations

from pathlib import Path

from setback.analysis.trials_needed import TABLE, needed, written

if __name__ == "__main__":
    path = Path(__file__).parents[2] / "experiments" / "planning" / TABLE
    path.write_text(written(needed()), encoding="utf-8")
