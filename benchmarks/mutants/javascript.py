"""Whether the agreement check of the JavaScript engine would notice a mistake: single tokens of the script changed.

A mutant is the script with one token replaced (a number, an operator, a name, a text) or deleted, and it must still be
read by the language. Each runs in a context of its own and goes through the check of ``tests/agreement``; what the
check does not notice is listed, line by line, for a person to explain. Run from a checkout:
``python benchmarks/mutants/javascript.py [HOW MANY] [SEED]``. Needs node.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from setback.model.engines.javascript import write

CHECKS = Path(__file__).parents[2] / "tests" / "agreement"
TOKEN = re.compile(
    r"(?P<skip>\s+|//[^\n]*|;(?=\n))|(?P<text>\"(?:[^\"\\]|\\.)*\"|`[^`]*`)"
    r"|(?P<number>0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<sign>===|!==|>>>|<<|>>|<=|>=|&&|\|\||\+=|-=|\*=|\^=|=>|\.\.\.|.)"
)
# a semicolon at the end of a line is no token: the language puts it back
#: Signs that stand for one another.
SIGNS = (("+", "-", "*", "/"), ("<", "<=", ">", ">=", "===", "!=="), ("&&", "||"), ("+=", "-="), ("&", "|", "^"),
         (">>>", "<<", ">>"))  # fmt: skip
WORDS = frozenset({
    "const", "let", "function", "return", "for", "of", "if", "else", "while", "new", "throw", "true", "false", "null",
})  # fmt: skip
#: Runs mutants of a script until enough of them could be read, and says of each what was noticed first, a line of JSON
#: a mutant; the script itself goes first, to see how long it takes, and last.
RUNNER = """
const vm = require("vm"), given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const {script, check, expected, mutants, enough} = given;
const checking = new vm.Script(check), asking = new vm.Script("check(SETBACK, expected)");
function said([first, last, text], timeout) {
  const world = vm.createContext({expected});
  let mutant;
  try {
    mutant = new vm.Script(script.slice(0, first) + text + script.slice(last));
  } catch (error) {
    return "unreadable";
  }
  try {
    for (const work of [mutant, checking, asking]) work.runInContext(world, {timeout});
  } catch (error) {
    return String(error && error.message).slice(0, 200) || "an error without words";
  }
  return "";
}
const world = vm.createContext({});
expected.selftest = vm.runInContext(`${script}; SETBACK.selftest()`, world);
const itself = [0, 0, ""], begun = Date.now();
console.log(JSON.stringify(said(itself, 120000)));
const timeout = 5 * (Date.now() - begun) + 2000;
for (let k = 0, read = 0; k < mutants.length && read < enough; k++) {
  const words = said(mutants[k], timeout);
  console.log(JSON.stringify(words));
  if (words !== "unreadable") read += 1;
}
console.log(JSON.stringify(said(itself, timeout)), "end");
"""


class Mutant(NamedTuple):
    """One changed token: where, from what, to what, and what the check said ("" if it did not notice)."""

    first: int
    last: int
    text: str
    said: str = ""


def sample(script: str, count: int, seed: int) -> list[Mutant]:
    """Seeded mutants, all different; some may not be readable as JavaScript."""
    luck = random.Random(seed)
    tokens = [match for match in TOKEN.finditer(script) if match.lastgroup != "skip"]
    found: dict[tuple[int, str], Mutant] = {}
    while len(found) < count:
        at = luck.randrange(len(tokens))
        token = tokens[at]
        near = [t.group() for t in tokens[max(0, at - 60) : at + 60] if t.lastgroup == token.lastgroup]
        text = "" if luck.random() < 0.25 else _other(token, near, luck)
        if text != token.group():
            found.setdefault((token.start(), text), Mutant(token.start(), token.end(), text))
    return list(found.values())


def _other(token: re.Match[str], near: list[str], luck: random.Random) -> str:
    """Another token of the same kind; the same where there is none."""
    old = token.group()
    if token.lastgroup == "number":
        value = float(int(old, 16)) if old.startswith("0x") else float(old)
        return repr(luck.choice([value + 1.0, value * 1.01, 1.0 - value])).removesuffix(".0")
    if token.lastgroup == "sign":
        return luck.choice(next((signs for signs in SIGNS if old in signs), (old,)))
    if old in WORDS:
        return old
    return luck.choice([name for name in near if name not in WORDS])


def run(script: str, expected: Mapping[str, Any], count: int, seed: int) -> list[Mutant]:
    """The first ``count`` mutants of a seed that are JavaScript, each with what the check said of it.

    Args:
        script: the script.
        expected: what it must give, from ``tests/agreement/javascript_expected.py``.
        count: how many.
        seed: which sample.

    Raises:
        RuntimeError: the check says something of the script itself.
    """
    check = (CHECKS / "javascript_check.js").read_text(encoding="utf-8")
    given = {"script": script, "check": check, "expected": {**expected, "once": True}}
    found: list[Mutant] = []
    waiting = sample(script, 3 * count, seed)
    while len(found) < count:
        told, ended = _run({**given, "mutants": [mutant[:3] for mutant in waiting], "enough": count - len(found)})
        if told[0] or (ended and told.pop()):
            raise RuntimeError(f"the script itself is not as expected: {told[0]}")
        said = told[1:] if ended else [*told[1:], "node broke down"]
        found += [mutant._replace(said=words) for mutant, words in zip(waiting, said) if words != "unreadable"]
        waiting = waiting[len(said) :]
    return found


def _run(given: Mapping[str, Any]) -> tuple[list[str], bool]:
    """What the runner says, the script itself first (and last), and whether it came to its end."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("no node")
    done = subprocess.run([node, "-e", RUNNER], input=json.dumps(given), stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    return [json.loads(line.removesuffix(" end")) for line in lines], lines[-1].endswith(" end")


def report(script: str, mutants: list[Mutant], seed: int) -> str:
    """The score and every mutant that was not noticed, with its line before and after."""
    missed = [mutant for mutant in mutants if not mutant.said]
    share = 1.0 - len(missed) / len(mutants)
    lines = [f"{len(mutants)} mutants (seed {seed}), {len(mutants) - len(missed)} noticed: {share:.1%}"]
    for mutant in missed:
        begin, end = script.rfind("\n", 0, mutant.first) + 1, script.find("\n", mutant.last)
        number = script.count("\n", 0, mutant.first) + 1
        old = script[mutant.first : mutant.last]
        column = mutant.first - begin
        around = script[begin:end][max(0, column - 60) : column + 60].strip()
        lines.append(f"line {number}: {old!r} -> {mutant.text!r} in `{around}`")
    return "\n".join(lines)


def main() -> None:
    """Make the sample, run it, print the report."""
    sys.path.insert(0, str(CHECKS))
    import javascript_expected  # type: ignore[import-not-found, unused-ignore]

    count, seed = (int(sys.argv[k]) if len(sys.argv) > k else default for k, default in ((1, 300), (2, 1)))
    script = write()
    print(report(script, run(script, javascript_expected.expected(), count, seed), seed))


if __name__ == "__main__":
    main()
