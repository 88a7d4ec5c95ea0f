"""Write the norms, the golden baseline and the figures of scenes anew, after a change that is meant to move numbers.

Run from the root of the repository, then say so in CHANGELOG.md under **Numbers changed**::

    python tests/baseline/refresh.py
"""

import json
import re
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


def show(path: Path) -> None:
    """Write into the file of a scene what it shows over many classes, and the class that is most like their mean."""
    import numpy as np

    from setback.experiments.scenes import ROOMS, Scene
    from setback.experiments.simulate import simulate

    scene, text = Scene.read(path), path.read_text(encoding="utf-8")
    for outcome, (a, b, higher) in scene.measure().items():
        text = re.sub(rf"(?m)^{outcome} = \[.*\]$", f"{outcome} = [{a:.3f}, {b:.3f}, {higher:.2f}]", text)
    sides = [
        simulate(side.policy, scene.parameters, rooms=ROOMS, seed=scene.room.seed, weeks=scene.room.weeks).per_room()
        for side in (scene.a, scene.b)
    ]
    values = np.concatenate([rooms[list(scene.shows)].to_numpy(float) for rooms in sides], 1)
    away = np.square((values - values.mean(0)) / np.maximum(values.std(0), 1e-9)).sum(1)
    text = re.sub(r"(?m)^room = \d+ # the one most like", f"room = {away.argmin()} # the one most like", text)
    write_text(path, text)


def main() -> None:
    """Write model/norms.toml, then, with the new norms in place, everything that rests on them."""
    if sys.argv[1:] == ["golden"]:
        write_text(GOLDEN, json.dumps(golden(), indent=1) + "\n")
        for path in sorted((ROOT / "experiments" / "scenes").glob("*.toml")):
            show(path)
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
