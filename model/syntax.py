"""What Python source says, whatever its layout, comments and docstrings, and whichever Python reads it.

`ast.dump` changes its form from one Python to the next; this text does not, so that its hash can name results.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

#: Fields of nodes that say nothing of what a program does.
SILENT = {"ctx", "kind", "type_comment", "type_ignores"}
#: Nodes that may begin with a docstring.
DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def canonical(node: ast.AST) -> str:
    """Write a syntax tree as text: every node with its fields by name, docstrings and what is empty left out.

    >>> canonical(ast.parse("def f(x): 'Doc.'; return x  # why")) == canonical(ast.parse("def f( x ): return x"))
    True
    """
    return "".join(_written(node))


def _written(value: Any) -> Iterator[str]:
    match value:
        case ast.JoinedStr():  # Pythons divide the fixed parts of an f-string differently
            yield "JoinedStr("
            text = ""
            for part in value.values:
                if isinstance(part, ast.Constant):
                    text += str(part.value)
                else:
                    yield from (_constant(text), *_written(part))
                    text = ""
            yield f"{_constant(text)})"
        case ast.AST():
            yield f"{type(value).__name__}("
            for name, field in ast.iter_fields(value):
                if name == "body" and isinstance(value, DOCUMENTED) and ast.get_docstring(value) is not None:
                    field = field[1:]
                if name not in SILENT and field is not None and field != []:
                    yield f"{name}="
                    yield from _written(field)
            yield ")"
        case list():
            yield "["
            for item in value:
                yield from _written(item)
                yield ","
            yield "]"
        case _:
            yield _constant(value)


def _constant(value: object) -> str:
    """Write a constant the same under every Python: characters that only a newer one knows as printable are escaped."""
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)  # decimal digits of large numbers are refused
    return ascii(value)


def digest(text: str) -> str:
    """Give the hash of a text: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def source_of(function: Callable[..., object]) -> str:
    """Read the source of a function once: whatever is edited later, this is what the function that runs says.

    Raises:
        OSError: if it cannot be read.
        TypeError: if it is no function with a source.
    """
    return textwrap.dedent(inspect.getsource(function))


@cache
def module_digest(name: str) -> str:
    """Give the hash of what a module says; see `canonical`.

    Args:
        name: its dotted name.

    Raises:
        ModuleNotFoundError: if there is no such module.
    """
    return digest(canonical(module_tree(name)))


@cache
def module_tree(name: str) -> ast.Module:
    """Read the syntax tree of a module, wherever its source lies: in a folder or a zip file."""
    spec = find_spec(name)
    source = spec.loader.get_source(name) if spec and spec.loader else None  # type: ignore[attr-defined]
    if source is None:
        raise ModuleNotFoundError(f"the source of {name} is not there", name=name)
    return ast.parse(source)


@cache
def reached(*roots: str, beyond: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Name every module of the project that some modules import, directly or through others, sorted; themselves too.

    Imports count wherever they stand, in functions too, but not those for type checkers alone. The packages that a
    module lies in are reached with it.

    Args:
        *roots: dotted names of modules.
        beyond: modules and packages that are not reached, and so nothing through them.
    """
    package = __name__.partition(".")[0]
    found: set[str] = set()
    left = list(roots)
    while left:
        name = left.pop()
        if any(f"{name}.".startswith(f"{outer}.") for outer in beyond):
            continue
        if name in found or name.partition(".")[0] != package or not _is_module(name):
            continue
        found.add(name)
        left += [name.rpartition(".")[0], *_imported(module_tree(name))]
    return tuple(sorted(found))


@cache
def _is_module(name: str) -> bool:
    """Whether a dotted name is a module, and no name in one; no module is imported to find out, packages are."""
    parent = name.rpartition(".")[0]
    if parent and not (_is_module(parent) and find_spec(parent).submodule_search_locations):  # type: ignore[union-attr]
        return False
    return find_spec(name) is not None


def _imported(node: ast.AST) -> Iterator[str]:
    """The dotted names that the imports in a tree ask for; what is no module is left to `reached`."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            for other in node.orelse:
                yield from _imported(other)
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom():
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _imported(child)
