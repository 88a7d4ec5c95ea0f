"""The speed of the JavaScript engine in node: milliseconds a class-year of 30 students and 36 weeks, by policy.

Run it with ``python benchmarks/javascript_speed.py``. Times are of the processor, so that other work beside it counts
less; the lowest and the median of some rounds. Needs node.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from setback.model.engines.javascript import write
from setback.model.policies import Policy

POLICIES = ("reference", "high-pressure", "learning+attribution_talk=1+mindset_message=1+comparison=0.5+choice=0.5")
#: Class-years a round, and rounds.
YEARS, ROUNDS = 100, 15
RUNNER = """
const {script, rooms, years, rounds} = JSON.parse(require("fs").readFileSync(0, "utf8"));
const SETBACK = require("vm").runInThisContext(`(() => {${script}; return SETBACK})()`);
function time(room, count) {
  const begun = process.cpuUsage();
  for (let k = 0; k < count; k++) SETBACK.year({...room, room: k}).end("affect", 0);
  const {user, system} = process.cpuUsage(begun);
  return (user + system) / 1000 / count;
}
const first = time(rooms[0], 1), found = rooms.map(() => []);
for (let k = 0; k < rounds; k++) rooms.forEach((room, j) => found[j].push(time(room, years)));
console.log(JSON.stringify({first, found: found.map((times) => times.sort((a, b) => a - b))}));
"""


def measure() -> dict[str, Any]:
    """Milliseconds a class-year: the very first, and for each policy with and without its weeks (lowest, median)."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("no node")
    script = write()
    asked = [(policy, keep) for policy in POLICIES for keep in (False, True)]
    rooms = [
        {"seed": 1, "room": 0, "keep": keep, "policies": [{"week": 0, "levers": dict(Policy(policy))}]}
        for policy, keep in asked
    ]
    given = json.dumps({"script": script, "rooms": rooms, "years": YEARS, "rounds": ROUNDS})
    told = json.loads(subprocess.run([node, "-e", RUNNER], input=given, stdout=subprocess.PIPE, text=True).stdout)
    return {
        "bytes": len(script.encode()),
        "first": told["first"],
        "times": {pair: (times[0], times[len(times) // 2]) for pair, times in zip(asked, told["found"])},
    }


def main() -> None:
    """Print what was measured."""
    found = measure()
    print(f"script: {found['bytes']:,} bytes; the very first class-year {found['first']:.0f} ms")
    for (policy, keep), (lowest, median) in found["times"].items():
        print(f"{lowest:6.2f} ms lowest {median:6.2f} ms median  {'every week' if keep else 'the end'}: {policy}")


if __name__ == "__main__":
    main()
