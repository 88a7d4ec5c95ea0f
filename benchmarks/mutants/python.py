"""Whether the tests would notice a mistake: single tokens of experiments/ and analysis/ changed, one at a time.

A mutant is one file with one token replaced: an operator by another, a number by its neighbour, a name by another name
of the same function, a short text by another short text of the file. Each runs against the tests that execute its line,
the quick ones first, to the first that fails; what no test notices is listed for a person to explain, and what cannot
be noticed is set aside, with the reason, in ``equivalent.toml`` beside this file. From a checkout::

    python benchmarks/mutants/python.py map                  # which test executes which line, and how long it takes
    python benchmarks/mutants/python.py run 200 --seed 1     # goes on where it was stopped
    python benchmarks/mutants/python.py table

Needs ``pip install pytest-cov``.
"""

from __future__ import annotations

import argparse
import ast
import io
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
#: What is mutated, and where each top-level folder lies inside the package.
MUTATED = ("experiments", "analysis")
PLACES = {"interface": ".", "model": "model", "experiments": "experiments", "analysis": "analysis",
          "benchmarks": "benchmarks"}  # fmt: skip
#: Signs that stand for one another.
SIGNS = (("+", "-", "*", "/"), ("<", "<=", ">", ">=", "==", "!="), ("//", "%"), ("&", "|"), ("and", "or"),
         ("+=", "-="), ("True", "False"))  # fmt: skip
#: Texts longer than this are sentences for people.
LONGEST_TEXT = 24
#: A mutant that runs this many times as long as its tests do, and this many seconds more, hangs: that is noticed.
SLOWER, LATER = 5, 60


class Mutant(NamedTuple):
    """One changed token: the file below the root, the line (from 1) and column (from 0), from what, to what."""

    file: str
    line: int
    column: int
    old: str
    new: str


# ---- the mutants -------------------------------------------------------------------------------------------
def tokens(source: str) -> Iterator[tuple[tokenize.TokenInfo, ast.AST | None]]:
    """Yield the tokens that decide what a file does, each with the function that it stands in."""
    tree = ast.parse(source)
    silent: list[tuple[tuple[int, int], tuple[int, int]]] = []
    functions: list[ast.FunctionDef] = []
    for node in ast.walk(tree):
        hidden: list[ast.AST | None] = []
        match node:
            case ast.Import() | ast.ImportFrom():
                hidden = [node]
            case ast.FunctionDef():
                functions.append(node)
                hidden = [node.returns, *(arg.annotation for arg in [*node.args.args, *node.args.kwonlyargs])]
            case ast.AnnAssign():
                hidden = [node.annotation]
            case ast.Expr(value=ast.Constant(value=str())):
                hidden = [node]
            case ast.Raise():
                hidden = [node]  # sentences for people have tests of their own kind
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                hidden = [node]
        silent += [
            ((n.lineno, n.col_offset), (n.end_lineno or n.lineno, n.end_col_offset or 0))  # type: ignore[attr-defined]
            for n in hidden
            if n is not None
        ]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if not any(first <= token.start < last for first, last in silent):
            inside = [f for f in functions if f.lineno <= token.start[0] <= (f.end_lineno or f.lineno)]
            yield token, max(inside, key=lambda f: f.lineno, default=None)


def others(token: tokenize.TokenInfo, function: ast.AST | None, texts: list[str]) -> list[str]:
    """Give what may stand in the place of a token; nothing where it is left alone."""
    old = token.string
    if signs := next((signs for signs in SIGNS if old in signs), ()):
        return [sign for sign in signs if sign != old]
    if token.type == tokenize.NUMBER:
        value = ast.literal_eval(old)
        return [repr(value + 1), repr(value - 1), repr(-value)] if value else ["1"]
    if token.type == tokenize.STRING and old[:1] in "\"'" and " " not in old and 3 < len(old) <= LONGEST_TEXT:
        return [text for text in texts if text != old]
    if token.type == tokenize.NAME and isinstance(function, ast.FunctionDef):
        names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        stored |= {arg.arg for arg in function.args.args}
        return sorted(stored - {old}) if old in names & stored else []
    return []


def sample(
    count: int, seed: int, lines: dict[str, dict[int, list[str]]], only: Sequence[str] = MUTATED
) -> list[Mutant]:
    """Give seeded mutants that Python can read, on lines that some test executes, as many of each kind as can be."""
    luck = random.Random(seed)
    found: dict[str, list[Mutant]] = {"sign": [], "number": [], "text": [], "name": []}
    for path in sorted(path for folder in only for path in (ROOT / folder).rglob("*.py")):
        file, source = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        read = list(tokens(source))
        texts = sorted({t.string for t, _ in read if t.type == tokenize.STRING and len(t.string) <= LONGEST_TEXT})
        for token, function in read:
            if lines.get(file, {}).get(token.start[0]):
                choice = others(token, function, texts)
                luck.shuffle(choice)
                made = (Mutant(file, *token.start, token.string, new) for new in choice)
                if mutant := next((one for one in made if readable(source, one)), None):
                    found[kind_of(token)].append(mutant)
    for mutants in found.values():
        luck.shuffle(mutants)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*found.values()))
    return [mutant for mutant in turns if mutant][:count]


def kind_of(token: tokenize.TokenInfo) -> str:
    """Give the kind of a token: sign, number, text or name."""
    if any(token.string in signs for signs in SIGNS):
        return "sign"
    return {tokenize.NUMBER: "number", tokenize.STRING: "text"}.get(token.type, "name")


def changed(source: str, mutant: Mutant) -> str:
    """Give the source of a mutant."""
    rows = source.splitlines(keepends=True)
    row = rows[mutant.line - 1]
    rows[mutant.line - 1] = row[: mutant.column] + mutant.new + row[mutant.column + len(mutant.old) :]
    return "".join(rows)


def readable(source: str, mutant: Mutant) -> bool:
    """Whether Python can read a mutant, and reads something else in it."""
    try:
        return ast.dump(ast.parse(changed(source, mutant))) != ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return False


# ---- which test executes which line ------------------------------------------------------------------------
def measure(folder: Path, marks: str, tests: list[str]) -> None:
    """Run the tests once under coverage; keep which test executes which line, and how long each takes."""
    report = folder / "durations.xml"
    data = folder / "coverage"
    subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-m", marks, *(f"--cov={ROOT / part}" for part in MUTATED),
            "--cov-context=test", "--cov-report=", f"--junitxml={report}", "-o", "junit_family=xunit1", *tests,
        ],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(data)},
    )  # fmt: skip
    from xml.etree import ElementTree

    from coverage import CoverageData

    took: dict[str, float] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            continue  # a test that fails of itself would notice every mutant
        test = f"{case.get('file')}::{case.get('name')}"
        took[test] = took.get(test, 0.0) + float(case.get("time") or 0.0)
    read = CoverageData(str(data))
    read.read()
    lines: dict[str, dict[str, list[str]]] = {}
    for path in read.measured_files():
        by_line = {
            str(number): sorted({context.partition("|")[0] for context in contexts} & took.keys())
            for number, contexts in read.contexts_by_lineno(path).items()
        }
        whole = sorted({test for tests_ in by_line.values() for test in tests_})
        # what runs as a file is imported counts for every test that executes anything of the file
        lines[Path(path).relative_to(ROOT).as_posix()] = {number: of or whole for number, of in by_line.items()}
    (folder / "map.json").write_text(json.dumps({"took": took, "lines": lines}), encoding="utf-8")


# ---- running them ------------------------------------------------------------------------------------------
def package(folder: Path) -> Path:
    """Make a tree from which `import setback` takes this checkout's files; give its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for top, inside in PLACES.items():
        shutil.copytree(ROOT / top, folder / "setback" / inside, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    return folder


def try_out(mutant: Mutant, tests: list[str], took: dict[str, float], tree: Path) -> str:
    """Run the tests of a mutant's line, the quick ones first; give the first that fails, "" if none does."""
    top, _, rest = mutant.file.partition("/")
    path = tree / "setback" / PLACES[top] / rest
    source = path.read_text(encoding="utf-8")
    path.write_text(changed(source, mutant), encoding="utf-8")
    order = sorted(tests, key=lambda test: took[test])
    limit = SLOWER * sum(took[test] for test in order) + LATER
    variables = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", *order],
            cwd=ROOT, env=variables, capture_output=True, text=True, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "it hangs"
    finally:
        path.write_text(source, encoding="utf-8")
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0][:160] if failed else f"pytest ended with {done.returncode}"


def run(folder: Path, count: int, seed: int, processes: int, only: Sequence[str] = MUTATED) -> None:
    """Try a sample of mutants, several at once, and write each to a line of JSON as it is done."""
    known = json.loads((folder / "map.json").read_text(encoding="utf-8"))
    lines = {file: {int(n): tests for n, tests in of.items()} for file, of in known["lines"].items()}
    results = folder / f"mutants-{seed}.jsonl"
    done = {tuple(json.loads(row)["mutant"]) for row in results.read_text().splitlines()} if results.exists() else set()
    left = [mutant for mutant in sample(count, seed, lines, only) if tuple(mutant) not in done]
    trees = [package(folder / f"tree-{k}") for k in range(processes)]

    def one(mutant: Mutant) -> tuple[Mutant, str]:
        tree = trees.pop()
        try:
            return mutant, try_out(mutant, lines[mutant.file][mutant.line], known["took"], tree)
        finally:
            trees.append(tree)

    with ThreadPoolExecutor(processes) as pool, results.open("a", encoding="utf-8") as out:
        for number, (mutant, noticed) in enumerate(pool.map(one, left), len(done) + 1):
            out.write(json.dumps({"mutant": list(mutant), "noticed": noticed}) + "\n")
            out.flush()
            print(
                f"{number} of {count}: {mutant.file}:{mutant.line} {mutant.old} -> {mutant.new}: {noticed or 'MISSED'}"
            )


def table(folder: Path, seed: int) -> str:
    """Say how many were noticed, and every one that was not, with its line."""
    with (HERE / "equivalent.toml").open("rb") as file:
        aside = {(e["file"], e["old"], e["new"], e["line"].strip()): e["why"] for e in tomllib.load(file)["mutant"]}
    rows = [json.loads(row) for row in (folder / f"mutants-{seed}.jsonl").read_text(encoding="utf-8").splitlines()]
    missed: list[str] = []
    same: list[str] = []
    for row in rows:
        mutant = Mutant(*row["mutant"])
        text = (ROOT / mutant.file).read_text(encoding="utf-8").splitlines()[mutant.line - 1].strip()
        if not row["noticed"]:
            why = aside.get((mutant.file, mutant.old, mutant.new, text))
            (same if why else missed).append(f"{mutant.file}:{mutant.line}: {mutant.old} -> {mutant.new} in `{text}`"
                                             + (f"  ({why})" if why else ""))  # fmt: skip
    count = len(rows) - len(same)
    head = (
        f"{len(rows)} mutants (seed {seed}), {len(same)} equivalent, {count - len(missed)} of the other {count} noticed"
    )
    share = (count - len(missed)) / max(count, 1)
    return "\n".join([f"{head}: {share:.1%}", "not noticed:", *missed, "equivalent:", *same])


def main() -> None:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("map", "run", "table"))
    parser.add_argument("count", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("mutants"), help="where the map and the results lie")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tests", nargs="*", default=[], help="tests to map; all of them by default")
    parser.add_argument(
        "--only", nargs="*", choices=MUTATED, default=MUTATED, help="folders to change; both by default"
    )
    parser.add_argument("--marks", default="not slow", help="which tests count")
    asked = parser.parse_args()
    folder = asked.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if asked.what == "map":
        measure(folder, asked.marks, asked.tests)
    elif asked.what == "run":
        run(folder, asked.count, asked.seed, asked.processes, asked.only)
    else:
        print(table(folder, asked.seed))


if __name__ == "__main__":
    main()
