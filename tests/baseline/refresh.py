"""Write the norms and the golden baseline anew, after a change of the model that is meant to move numbers.

Run from the root of the repository, then say so in CHANGELOG.md under **Numbers changed**::

    python tests/baseline/refresh.py
"""

import json
import subprocess
import sys
from pathlib import Path

from setback.model.writing import write_text

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
GOLDEN = HERE / "golden.json"


def golden() -> dict[str, dict[str, float]]:
    """Means of all outcomes under every named part and whole policy: 8 rooms, seed 1."""
    from setback.experiments.simulate import simulate
    from setback.model.outcomes import OUTCOMES
    from setback.model.policies import PARTS, PRESETS

    rows = {name: simulate(name, rooms=8, seed=1).per_room() for name in (*PARTS, *PRESETS)}
    return {name: {outcome: float(row[outcome].mean()) for outcome in OUTCOMES} for name, row in rows.items()}


def main() -> None:
    """Write model/norms.toml, then, with the new norms in place, tests/baseline/golden.json and ODD's tables."""
    if sys.argv[1:] == ["golden"]:
        write_text(GOLDEN, json.dumps(golden(), indent=1) + "\n")
        return
    from setback.experiments.norms import measure

    path = ROOT / "model" / "norms.toml"
    comment = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    values = [f"{name} = {value!r}" for name, value in measure().items()]
    write_text(path, "\n".join([*comment, *values]) + "\n")
    subprocess.run([sys.executable, __file__, "golden"], check=True)
    subprocess.run([sys.executable, "-m", "setback.model.odd"], check=True)


if __name__ == "__main__":
    main()
