"""Every Python example of the documents and docstrings as a file of its own, and checkers of types over them.

``python tests/examples.py`` checks them with mypy and pyright, and that both refuse what is wrong.
"""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Where examples, the packages as one namespace and the caches of the checkers lie; the place stays, so they are quick.
PLACE = ROOT / ".mypy_cache" / "examples"
FOLDERS = {"model": "model", "experiments": "experiments", "analysis": "analysis", "benchmarks": "benchmarks"}

#: Calls that a checker has to refuse, and the code with which mypy does; pyright alone where there is none.
REFUSED: dict[str, str] = {
    'sb.simulate("curve", romms=3)': "call-arg",
    'sb.simulate("curve", rooms="three")': "arg-type",
    'sb.simulat("curve")': "attr-defined",
    'sb.simulate("curve", keep=["control"])': "arg-type",
    'sb.simulate("curve").per_studnt()': "attr-defined",
    'sb.simulate("curve") - 1': "operator",
    '(sb.simulate("curve") - sb.simulate("mastery")).sumary()': "attr-defined",
    'sb.Study.read("claims").run(proceses=2)': "call-arg",
    'sb.Study.read("claims").run(processes="two")': "arg-type",
    'sb.Study.read("claims").run().conclusions()': "attr-defined",
    'sb.Study.read("claims").cost().second': "attr-defined",
    'sb.Study.read(1)': "arg-type",
    'sb.load("results").verdict().share': "union-attr",
    'sb.Classroom("curve", sed=7)': "call-arg",
    'sb.Classroom("curve").run(week=3)': "call-arg",
    'sb.Classroom("curve").run().plott()': "",  # mypy knows nothing of mesa.Model, and so of what a subclass lacks
    'sb.Keep(student=["control"])': "call-arg",
    'sb.Roster.synthetic("thirty")': "arg-type",
    'sb.Policy(1)': "arg-type",
    'sb.Parameters("attribution_drift")': "arg-type",
    'sb.Contrast(sb.simulate("curve"))': "call-arg",
}  # fmt: skip
#: What is said of types where they matter to a reader.
REVEALED = {
    'sb.Study.read("claims").run()': "Results",
    'sb.Study.read("claims").cost().seconds': "float",
    'sb.simulate("curve") - sb.simulate("mastery")': "Contrast",
    'sb.Classroom("curve").run().plot()': "Figure",
    'sb.simulate("curve").per_student_week()': "DataFrame",
    'sb.load("results").claims()': "list[dict[str, Any]]",
    'sb.__version__': "str",
}  # fmt: skip


def packages() -> Path:
    """Lay the packages out as one namespace, as they are installed: links to the folders of the repository."""
    home = PLACE / "packages" / "setback"
    home.mkdir(parents=True, exist_ok=True)
    there = {path.name: path for path in (ROOT / "interface").iterdir() if path.name != "__pycache__"}
    there |= {name: ROOT / folder for name, folder in FOLDERS.items()}
    for link in home.iterdir():
        link.unlink()
    for name, path in there.items():
        (home / name).symlink_to(path)
    return home.parent


def written() -> list[Path]:
    """Write every example into a file, anew; the blocks of a document are one file, and so are those of a docstring."""
    folder = PLACE / "of"
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, str] = {}
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "model" / "ODD.md"):
        if blocks := re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.S):
            found[document.stem.lower()] = "\n".join(blocks)
    for path in sorted(path for name in ("interface", *FOLDERS) for path in (ROOT / name).rglob("*.py")):
        parts = [part for part in path.relative_to(ROOT).with_suffix("").parts if part not in ("interface", "__init__")]
        module = ".".join(["setback", *parts])
        for name, text in docstrings(path):
            examples = doctest.DocTestParser().get_examples(text)
            if examples:
                lines = [f"from {module} import *  # noqa", *imported(path)]
                lines += [example.source.rstrip("\n") for example in examples]
                found[f"{module}_{name}".replace(".", "_")] = "\n".join(lines) + "\n"
    for path in folder.glob("*.py"):
        if path.stem not in found:
            path.unlink()
    for name, text in found.items():
        path = folder / f"{name}.py"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return [folder / f"{name}.py" for name in found]


def docstrings(path: Path) -> list[tuple[str, str]]:
    """The docstrings of a file by the names of what they are of."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)]
    return [(getattr(node, "name", "module"), ast.get_docstring(node) or "") for node in nodes]


def imported(path: Path) -> list[str]:
    """The imports of a module, whose names its examples find though a star does not bring them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [line for line in lines if "__future__" not in line]


def mypy(files: list[Path]) -> list[tuple[str, int, str, str]]:
    """What mypy says of files: name, line, message and code of each error or note."""
    config = PLACE / "mypy.ini"
    config.write_text("[mypy]\ncheck_untyped_defs = true\nfollow_imports = silent\nignore_missing_imports = true\n")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--output", "json", "--show-error-codes"]
    command += ["--cache-dir", str(PLACE / "mypy"), *map(str, files)]
    done = subprocess.run(command, env={**os.environ, "MYPYPATH": str(packages())}, capture_output=True, text=True)
    if done.stderr:
        raise RuntimeError(done.stderr)
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [(Path(row["file"]).stem, row["line"], row["message"], row["code"] or "") for row in said]


def pyright(files: list[Path]) -> list[tuple[str, int, str, str]]:
    """What pyright says of files: name, line, message and rule of each error or note."""
    project = PLACE / "pyrightconfig.json"
    settings = {"typeCheckingMode": "standard", "extraPaths": [str(packages())], "include": [str(f) for f in files]}
    project.write_text(json.dumps(settings | {"reportMissingTypeStubs": False, "reportMissingModuleSource": False}))
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run([*command, "--project", str(project)], capture_output=True, text=True)
    said = [row for row in json.loads(done.stdout)["generalDiagnostics"] if row["severity"] in ("error", "information")]
    return [
        (Path(row["file"]).stem, row["range"]["start"]["line"] + 1, row["message"], row.get("rule", "")) for row in said
    ]


def probe(name: str, lines: list[str]) -> Path:
    """A file with one line a statement, after the import of setback in the first."""
    path = PLACE / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["import setback as sb", *lines]) + "\n")
    return path


def complaints() -> list[str]:
    """Everything that is wrong: examples that are refused, wrong calls that are not, and types that are others."""
    wrong, revealed = probe("wrong", list(REFUSED)), probe("revealed", [f"reveal_type({call})" for call in REVEALED])
    files = [*written(), wrong, revealed]
    found = []
    for name, check in (("mypy", mypy), ("pyright", pyright)):
        said = check(files)
        found += [f"{name}: {file}:{line}: {text} [{code}]" for file, line, text, code in said
                  if file not in ("wrong", "revealed")]  # fmt: skip
        for line, (call, code) in enumerate(REFUSED.items(), 2):
            codes = [found_code for file, at, _, found_code in said if (file, at) == ("wrong", line)]
            if (code and code not in codes) if name == "mypy" else not codes:
                found.append(f"{name}: {call} is to be refused with {code or 'any code'}; it is with {codes}")
        for line, (call, kind) in enumerate(REVEALED.items(), 2):
            texts = [text for file, at, text, _ in said if (file, at) == ("revealed", line)]
            if not any(kind in text.replace("builtins.", "") for text in texts):
                found.append(f"{name}: {call} is to be {kind}; it is {texts}")
    return found


if __name__ == "__main__":
    problems = complaints()
    print("\n".join(problems) or f"{len(written())} examples, {len(REFUSED)} wrong calls: as they should be")
    sys.exit(bool(problems))
