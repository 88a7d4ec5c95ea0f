"""The rooms of the house: who may import whom, what loads what, and that no folder is imported by its bare name."""

import ast
import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDERS = {"model": "setback.model", "experiments": "setback.experiments", "analysis": "setback.analysis",
           "benchmarks": "setback.benchmarks", "interface": "setback"}  # fmt: skip

#: The layers of the model, lowest first; a module imports from lower layers, or from its own where that is no circle.
LAYERS = (
    ("errors", "arithmetic", "writing", "reading", "syntax", "shipped"),
    ("parameters", "chance"),
    ("state",),
    ("mechanisms", "opening", "policies", "seats", "roster", "mapping", "outcomes"),
    ("week",),
    ("grammar", "catalogue", "block"),
    ("engine",),
    ("own", "odd"),
    ("graph",),
    ("walks",),
    ("kernel",),
    ("llvm",),
    ("compiled", "classroom", "javascript"),
)
#: What each folder may import of the others.
ALLOWED = {
    "model": {"setback.model"},
    "experiments": {"setback.model", "setback.experiments"},
    "analysis": {"setback.model", "setback.analysis", "setback.experiments.folder"},
    "benchmarks": {"setback.model", "setback.experiments", "setback.benchmarks"},
    "interface": {
        "setback.model", "setback.experiments", "setback.analysis", "setback.benchmarks", "setback.api",
        "setback.cli", "setback.diary", "setback.door", "setback.live", "setback.page", "setback.watch",
    },
}  # fmt: skip
#: Of the model, analysis takes labels and units only, and how files are read and written.
LABELS = {"errors", "reading", "writing", "state", "outcomes", "policies", "parameters"}


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in the file, dotted."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            module = node.module or ""
            is_package = module in ("setback.model", "setback.experiments")
            found |= {f"{module}.{alias.name}" for alias in node.names} if is_package else {module}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_run_one_way(folder: str) -> None:
    """No folder imports from one above it, and analysis never runs a model."""
    for path in (ROOT / folder).glob("*.py"):
        for module in imports(path):
            if module.partition(".")[0] == "setback":
                home = ".".join(module.split(".")[:2])
                assert {home, module} & ALLOWED[folder], f"{folder}/{path.name} imports {module}"
                if folder == "analysis" and home == "setback.model":
                    assert module.split(".")[2] in LABELS, f"analysis/{path.name} imports {module}"


def test_layers_of_the_model() -> None:
    """Every module of the model has a layer and imports from no higher one."""
    layer = {name: k for k, names in enumerate(LAYERS) for name in names}
    for path in (ROOT / "model").glob("[a-z]*.py"):
        for module in imports(path):
            if module.startswith("setback.model."):
                name = module.split(".")[2]
                assert layer[name] <= layer[path.stem], f"model/{path.name} imports {module}"


def test_mesa_and_llvmlite_stay_in_their_files() -> None:
    """classroom.py alone imports mesa, llvm.py alone imports llvmlite."""
    for path in (ROOT / "model").glob("*.py"):
        outside = {module.partition(".")[0] for module in imports(path)} - set(sys.stdlib_module_names) - {"setback"}
        allowed = {"numpy"} | {
            "classroom": {"mesa", "networkx", "pandas"},
            "llvm": {"llvmlite"},
            "compiled": {"platformdirs"},
        }.get(path.stem, set())
        assert outside <= allowed, f"model/{path.name} imports {outside - allowed}"


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, as typed in a folder."""
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_not_a_package(folder: str) -> None:
    """`import model` at the root of the repository says what to import instead."""
    done = python(f"import {folder}", ROOT)
    assert done.returncode != 0
    assert f"import {FOLDERS[folder]} instead" in done.stderr


def test_the_model_needs_numpy_alone(tmp_path: Path) -> None:
    """Importing setback.model and its engine loads numpy and nothing else that is not Python's own."""
    code = (
        "import sys; before = {*sys.modules}\n"
        "import setback, setback.model, setback.model.engine, setback.model.mapping\n"
        "print(*sorted({m.partition('.')[0] for m in {*sys.modules} - before} - set(sys.stdlib_module_names)))"
    )
    done = python(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert {name for name in done.stdout.split() if not name.startswith("_")} == {"numpy", "setback"}


def modules() -> list[str]:
    """Every module of the project."""
    names = []
    for package in FOLDERS.values():
        found = importlib.import_module(package)
        names += [
            package,
            *(f"{package}.{m.name}" for m in pkgutil.iter_modules(found.__path__) if m.name != "dieharder"),
        ]
    return sorted(set(names))


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name: str) -> None:
    """Every example that a docstring shows gives what it says."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", modules())
def test_a_file_opens_with_one_sentence(name: str) -> None:
    """The first line of a module says its one idea."""
    text = (importlib.import_module(name).__doc__ or "").strip()
    assert text and text.partition("\n\n")[0].rstrip().endswith((".", "?", "::")), name
