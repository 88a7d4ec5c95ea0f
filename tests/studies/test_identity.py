"""What makes numbers decides where they lie: any edit that could change one, and no other, under every Python."""

import ast
import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from setback.experiments.studies import identity
from setback.experiments.studies.identity import MODULES, fingerprint, other_modules
from setback.experiments.studies.study import Study
from setback.model import syntax
from setback.model.engines.registry import ENGINES
from setback.model.engines.vectorised import run
from setback.model.syntax import canonical, digest, module_tree
from setback.model.week import MODEL, Model

#: Source that Pythons read into different trees, and what its canonical text hashes to under each of them.
SAMPLES = {
    "def f(x, *, y=0x1F): return x + y": "afe05f05e66fa968",
    "x = f'{a!r:>{width}} and ' 'more' f'{b}'": "6bacea5c3b514022",
    "y = u'\\u0378' + b'\\x00'.decode() + str(1e300) + str(10**9)": "b6e9c4b45bea3a4f",
    "async def g():\n  async with a as b, c: await d\n  return [i async for i in b if i]": "d2207df80ab2589f",
    "match p:\n  case {'a': [1, *_], **rest} | None: q = lambda: (yield)\n  case _: del p, q": "fd1c291fe7b2693a",
}
TASK = MODULES["vectorised"]


@pytest.mark.parametrize("source", SAMPLES)
def test_golden_values(source: str) -> None:
    """Whichever Python runs this."""
    assert digest(canonical(ast.parse(source))) == SAMPLES[source]


def test_every_python_here_agrees() -> None:
    """On every module of the project, where other Pythons are installed beside this one."""
    program = (
        "import ast, hashlib, importlib.util, pathlib, sys\n"
        "spec = importlib.util.spec_from_file_location('syntax', sys.argv[1])\n"
        "made = importlib.util.module_from_spec(spec); spec.loader.exec_module(made)\n"
        "for path in sys.argv[2:]: print(made.digest(made.canonical(ast.parse(pathlib.Path(path).read_bytes()))))\n"
    )
    files = sorted(str(path) for path in Path(syntax.__file__).parents[1].glob("*/*.py") if ".venv" not in path.parts)
    assert len(files) > 50
    said = {}
    for python in ("python3.11", "python3.12", "python3.13", "python3.14", sys.executable):
        try:
            done = subprocess.run([python, "-c", program, syntax.__file__, *files], capture_output=True, text=True)
        except OSError:
            continue
        if done.returncode == 0:
            said[python] = done.stdout
    assert sys.executable in said and len({*said.values()}) == 1


def test_what_a_task_reaches() -> None:
    """Everything between a study and its numbers, and the engine that runs it; nothing that shows or keeps them."""
    for name in ("studies.task", "studies.worlds", "studies.study", "twins.twins", "twins.flips", "twins.estimands"):
        assert f"setback.experiments.{name}" in TASK
    for name in ("chance", "equations.opening", "equations.feelings", "outcomes", "parameters", "policies", "week"):
        assert f"setback.model.{name}" in TASK
    for name in ("engines.block", "rosters.roster"):
        assert f"setback.model.{name}" in TASK
    for engine in ENGINES:
        assert f"setback.model.engines.{engine}" in MODULES[engine]
    for name in ("store", "workers", "sweep", "cost"):
        assert f"setback.experiments.studies.{name}" not in TASK
    assert not any(name.startswith("setback.analysis") for name in TASK)


class Spread(ast.NodeTransformer):
    """Nothing but new docstrings."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Put other words in the place of a docstring."""
        self.generic_visit(node)
        if ast.get_docstring(node) is not None:
            node.body[0] = ast.Expr(ast.Constant("Other words!"))
        return node


@pytest.mark.parametrize("name", TASK)
def test_comments_and_docstrings_change_nothing(name: str) -> None:
    """Nor does the layout: a module that is written anew from its tree says the same."""
    tree = module_tree(name)
    other = ast.parse("# a comment\n" + ast.unparse(Spread().visit(ast.parse(ast.unparse(tree)))) + "\n# another")
    assert canonical(other) == canonical(tree)


class Edit(ast.NodeTransformer):
    """One constant, operator or name changed, whichever is met first after so many."""

    def __init__(self, after: int) -> None:
        self.left = after

    def visit(self, node: ast.AST) -> ast.AST:
        """Change a node where it is the one."""
        is_doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_doc:
            return node
        if isinstance(node, ast.Constant | ast.Name | ast.Add | ast.Mult | ast.Lt | ast.Gt | ast.USub):
            self.left -= 1
            if self.left == -1:
                match node:
                    case ast.Constant():
                        return ast.Constant("changed")
                    case ast.Name():
                        return ast.Name("changed", node.ctx)
                    case _:
                        return {ast.Add: ast.Sub, ast.Mult: ast.Div, ast.Lt: ast.LtE, ast.Gt: ast.GtE,
                                ast.USub: ast.UAdd}[type(node)]()  # fmt: skip
        return self.generic_visit(node)


@pytest.mark.parametrize("name", TASK)
def test_any_edit_changes_the_key(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each module that a task reaches; what refuses to go on names it."""
    source = ast.unparse(module_tree(name))
    study = Study.read("one-world").replace(engine="vectorised")
    before, digests, count = study.key(), dict(TASK), 0
    for after in (0, 7, 40, 200, 1000):
        edit = Edit(after)
        other = edit.visit(ast.parse(source))
        if edit.left >= 0:
            break
        count += 1
        text = canonical(other)
        assert text != canonical(module_tree(name))
        with monkeypatch.context() as patch:
            patch.setattr("setback.experiments.studies.study.MODULES", {"vectorised": {**digests, name: digest(text)}})
            assert study.key() != before
            assert other_modules(study.modules(), digests) == name
    assert count or not module_tree(name).body[1:]


def test_what_is_for_type_checkers_alone_is_not_reached() -> None:
    """Nor what no module imports."""
    assert "setback.model.engines.mesa" not in TASK and "setback.model.engines.javascript" not in TASK


@pytest.mark.parametrize("slots", [lambda year: year.trace["control"][7], lambda year: year.end["control"]])
def test_a_fingerprint_is_of_the_bits(slots: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """One last digit in one number of one week, or of the end, is another; engines that agree bit for bit share it."""
    assert fingerprint("vectorised") == fingerprint("mesa")

    def off_by_a_bit(*args: object, **named: object) -> object:
        year = run(*args, **named)  # type: ignore[arg-type]
        values = slots(year)
        values[3, 1] = values[3, 1] * (1 + 2**-52)
        return year

    monkeypatch.setattr(identity, "engine", lambda _: off_by_a_bit)
    assert identity.fingerprint.__wrapped__("vectorised") != fingerprint("vectorised")


def test_a_fingerprint_is_of_every_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any of them the bits are others, or a phase that reads it cannot run; only what turns twins is idle."""

    def bits(model: Model) -> str:
        # of what is carried to the end of the year: what nobody writes any more cannot be kept week by week
        monkeypatch.setattr(identity, "engine", lambda _: lambda block, weeks, _: run(block, weeks, model=model))
        return str(identity.fingerprint.__wrapped__("vectorised"))

    whole, idle = bits(MODEL), set()
    for name in dict.fromkeys(phase.name for phase in MODEL.week):
        with contextlib.suppress(KeyError):
            rest = MODEL.replace(week=tuple(phase for phase in MODEL.week if phase.name != name))
            idle |= {name} if bits(rest) == whole else set()
    assert idle == {"turn_attempt", "turn_assessment", "turn_verdict"}


RUN_A_TASK = """
import sys
from setback.experiments.studies import identity
from setback.experiments.studies.identity import MODULES
from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Tasks, live
engine = sys.argv[1]
for changes in ({"share": 0.15, "weeks": 16}, {"share": 0.0, "weeks": 2}):
    study = Study.read("one-world").replace(engine=engine, rooms=1, **changes)
    study = study.with_policies(study.policies[:2]).replace(roster=study.roster.synthetic(4), claim=None)
    live(study, Tasks(study)[0])
loaded = {name for name in sys.modules if name.partition(".")[0] == "setback"}
print(*sorted(loaded - {*MODULES[engine]}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_a_task_loads_is_hashed(engine: str) -> None:
    """In a process of its own: nothing that methods import for people is loaded, and nothing is loaded unhashed."""
    done = subprocess.run([sys.executable, "-c", RUN_A_TASK, engine], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_what_draws_and_reports_is_not_followed() -> None:
    """Methods import it, so it would be reached; an edit of a figure changes no key."""
    from setback.experiments.studies.identity import BEYOND, ROOT
    from setback.model.syntax import reached

    followed = {*reached(ROOT)} - {*reached(ROOT, beyond=BEYOND)}
    for name in ("setback.analysis.figures", "setback.model.notebook", "setback.experiments.studies.sweep"):
        assert name in followed
    assert {*reached(ROOT, beyond=BEYOND)} <= {*TASK}
