"""The rooms of the house: who may import whom, what loads what, and that no folder is imported by its bare name."""

import ast
import doctest
import importlib
import importlib.util
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
    ("errors", "arithmetic", "place", "writing", "reading", "syntax", "shipped", "notebook"),
    ("references", "chance"),
    ("mechanism", "state"),
    ("equations",),
    ("parameters",),
    ("policies", "rosters", "outcomes", "measures", "keep"),
    ("week",),
    ("grammar", "catalogue"),
    ("graph", "mathematics"),
    ("engines", "custom"),
    ("odd",),
)
#: What each folder may import of the others.
ALLOWED = {
    "model": {"setback.model"},
    "experiments": {"setback.model", "setback.experiments"},
    "analysis": {
        "setback.model", "setback.analysis",
        "setback.experiments.studies.folder", "setback.experiments.studies.worlds",
        "setback.experiments.studies.groups",
        "setback.experiments.twins.estimands", "setback.experiments.twins.effects",
        "setback.experiments.twins.mediation", "setback.experiments.predictions.switch",
        "setback.experiments.predictions.predictions", "setback.experiments.predictions.cross",
        "setback.experiments.gradebook.facts", "setback.experiments.evidence.rows",
        "setback.experiments.evidence.nulls",
    },
    "benchmarks": {"setback.model", "setback.experiments", "setback.analysis", "setback.benchmarks"},
    "interface": {"setback"},
}  # fmt: skip
#: Of the model, analysis takes labels and units only, and how files are named, read and written.
LABELS = {
    "errors", "shipped", "place", "reading", "writing", "state", "outcomes", "measures", "policies", "parameters",
    "notebook",
}  # fmt: skip


#: What draws and reports is imported by methods when they are called, and for checkers of types, in these alone.
DRAWS = ("experiments/", "model/engines/mesa.py")


def folder_of(module: str) -> tuple[str, ...]:
    """Where a module of the project lies, below the root."""
    parts = module.split(".")
    return tuple(parts[1:]) if parts[1:2] and parts[1] in FOLDERS else ("interface", *parts[1:])


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in the file, dotted."""
    return imported(ast.parse(path.read_text(encoding="utf-8")), path.name)


def imports_of_methods(path: Path) -> set[str]:
    """Those that only its methods import, when they are called, or that are for checkers of types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))

    class Without(ast.NodeTransformer):
        def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
            node.body = [part for part in node.body if not isinstance(part, ast.FunctionDef)] or [ast.Pass()]
            return node

        def visit_If(self, node: ast.If) -> ast.If:
            if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                node.body = [ast.Pass()]
            return node

    return imports(path) - imported(Without().visit(tree), path.name)


def imported(tree: ast.AST, name: str) -> set[str]:
    """The modules that a tree imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports are absolute"
            module = node.module or ""
            is_package = module == "setback" or ROOT.joinpath(*folder_of(module)).is_dir()
            found |= {f"{module}.{alias.name}" for alias in node.names} if is_package else {module}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_run_one_way(folder: str) -> None:
    """No folder imports from one above it, save methods that draw or report; and analysis never runs a model."""
    for path in (ROOT / folder).rglob("*.py"):
        draws = path.relative_to(ROOT).as_posix().startswith(DRAWS)
        shown = {module for module in imports_of_methods(path) if draws and module.startswith("setback.analysis.")}
        for module in imports(path) - shown:
            if module.partition(".")[0] == "setback":
                home = ".".join(module.split(".")[:2])
                may = any(f"{module}.".startswith(f"{allowed}.") for allowed in ALLOWED[folder])
                assert may, f"{path.relative_to(ROOT)} imports {module}"
                if folder == "analysis" and home == "setback.model":
                    assert module.split(".")[2] in LABELS, f"{path.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize(
    "table",
    [
        "twins.estimands",
        "twins.mediation",
        "predictions.switch",
        "gradebook.facts",
        "evidence.rows",
        "evidence.nulls",
    ],
)
def test_tables_load_no_engine(table: str, tmp_path: Path) -> None:
    """What analysis reads of the twins and of grade books brings no engine with it."""
    code = f"import sys, setback.experiments.{table}; print(*(m for m in sys.modules if '.engines' in m))"
    done = python(code, tmp_path)
    assert done.returncode == 0 and done.stdout == "\n", done.stdout + done.stderr


def test_layers_of_the_model() -> None:
    """Every module and folder of the model has a layer and imports from no higher one."""
    layer = {name: k for k, names in enumerate(LAYERS) for name in names}
    for path in (ROOT / "model").rglob("[a-z]*.py"):
        mine = path.relative_to(ROOT / "model").parts[0].removesuffix(".py")
        for module in imports(path):
            if module.startswith("setback.model."):
                assert layer[module.split(".")[2]] <= layer[mine], f"{path.relative_to(ROOT)} imports {module}"


#: What a file of the model may import beside numpy.
OUTSIDE = {
    "place.py": {"fsspec"},
    "engines/mesa.py": {"mesa", "networkx", "pandas"},
    "engines/llvm.py": {"llvmlite"},
    "engines/compiled.py": {"platformdirs"},
}


def test_mesa_and_llvmlite_stay_in_their_files() -> None:
    """engines/mesa.py alone imports mesa, engines/llvm.py alone imports llvmlite."""
    for path in (ROOT / "model").rglob("*.py"):
        outside = {module.partition(".")[0] for module in imports(path)} - set(sys.stdlib_module_names) - {"setback"}
        name = path.relative_to(ROOT / "model").as_posix()
        assert outside <= {"numpy"} | OUTSIDE.get(name, set()), f"model/{name} imports {outside}"


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
        "import setback, setback.model, setback.model.engines.vectorised, setback.model.rosters.mapping\n"
        "print(*sorted({m.partition('.')[0] for m in {*sys.modules} - before} - set(sys.stdlib_module_names)))"
    )
    done = python(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert {name for name in done.stdout.split() if not name.startswith("_")} == {"numpy", "setback"}


def programs() -> dict[str, list[str]]:
    """The modules that can be run by ``python -m``, by the package that they are in."""
    found: dict[str, list[str]] = {}
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("*.py"):
            if 'if __name__ == "__main__":' in path.read_text(encoding="utf-8"):
                name = ".".join([package, *path.relative_to(ROOT / folder).with_suffix("").parts])
                found.setdefault(name.rpartition(".")[0], []).append(name)
    return found


@pytest.mark.parametrize(("package", "names"), programs().items())
def test_a_program_is_not_imported_by_its_package(package: str, names: list[str], tmp_path: Path) -> None:
    """Or ``python -m`` would run it a second time, and warn of it."""
    done = python(f"import sys, {package}; print(*({set(names)} & {{*sys.modules}}))", tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def modules() -> list[str]:
    """Every module of the project."""
    names = []
    for package in FOLDERS.values():
        found = importlib.import_module(package)
        names += [package, *(m.name for m in pkgutil.walk_packages(found.__path__, f"{package}."))]
    absent = (".dieharder", ".__main__", *([] if importlib.util.find_spec("solara") else [".live.page"]))
    return sorted({name for name in names if not name.endswith(absent) and ".suite" not in name})


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name: str) -> None:
    """Every example that a docstring shows gives what it says."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", modules())
def test_a_file_opens_with_one_sentence(name: str) -> None:
    """The first line of a module says its one idea."""
    text = (importlib.import_module(name).__doc__ or "").strip()
    assert text and text.partition("\n\n")[0].rstrip().endswith((".", "?", "::")), name
