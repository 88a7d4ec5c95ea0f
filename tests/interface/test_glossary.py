"""The glossary and the table of renames are true: their names are those of the code, and each name has one meaning."""

import ast
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import typer.main

from setback import cli
from setback.experiments.scenes import Scene
from setback.experiments.studies.study import _File
from setback.experiments.studies.study import names as studies
from setback.experiments.studies.worlds import Range
from setback.experiments.twins.flips import KINDS
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES, ROWS, STRENGTHS, WORLD_NAMES
from setback.model.policies import ALIASES, PARTS, PRESETS, Part
from setback.model.reading import read_toml
from setback.model.shipped import shipped
from setback.model.state import SLOTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RENAMES: Mapping[str, Mapping[str, str]] = read_toml(shipped("setback.model") / "renames.toml", "renames")
MECHANISMS = [name.removeprefix("strength_") for name in STRENGTHS]


def tables() -> Any:
    """Load docs/write.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("write", DOCS / "write.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WRITE = tables()


# ---- the documents ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", WRITE.FILES)
def test_the_tables_are_current(name: str) -> None:
    """`python docs/write.py` would change nothing, and mends what was changed by hand."""
    text = (DOCS / name).read_text(encoding="utf-8")
    assert WRITE.written(text) == text
    spoilt = re.sub(r"(<!-- table: \w+ -->\n\n).*\n", r"\1", text, count=1)
    assert spoilt != text == WRITE.written(spoilt)


def test_every_table_stands_once() -> None:
    """No table is left out, none stands twice."""
    found = re.findall(r"<!-- table: (\w+) -->", "".join((DOCS / name).read_text("utf-8") for name in WRITE.FILES))
    assert sorted(found) == sorted(WRITE.TABLES)


def test_the_glossary_names_everything_and_nothing_else() -> None:
    """Each slot, outcome, lever, mechanism, parameter, part and preset, and no name that there is not."""
    named = {
        "slots": SLOTS, "outcomes": OUTCOMES, "levers": LEVER_NAMES, "mechanisms": MECHANISMS,
        "policies": {*PARTS, *PRESETS},
    }  # fmt: skip
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    for table, names in named.items():
        body = text.partition(f"<!-- table: {table} -->")[2].partition("<!-- end -->")[0]
        assert sorted(re.findall(r"^\| `([\w-]+)` \|", body, re.M)) == sorted(names), table
    body = text.partition("<!-- table: parameters -->")[2].partition("<!-- end -->")[0]
    assert set(re.findall(r"`(\w+)`", body)) == {*WORLD_NAMES} - {*STRENGTHS}


def test_every_term_is_explained_once() -> None:
    """A term of the hand-written tables has one row."""
    text = re.sub(r"<!-- table.*?<!-- end -->", "", (DOCS / "glossary.md").read_text(encoding="utf-8"), flags=re.S)
    terms = [t for row in re.findall(r"^\| ([^|]+) \| [^|]+ \|$", text, re.M) for t in row.split(", ")]
    assert len(terms) > 50
    assert {t for t in terms if terms.count(t) > 1} == {"term"}  # the head of each table


# ---- one name, one meaning -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted({*SLOTS} & {*OUTCOMES}))
def test_a_slot_and_an_outcome_of_one_name_are_one_thing(name: str) -> None:
    """They have one unit, and the outcome reads the slot, or its total over the year, and nothing else."""
    assert SLOTS[name].unit == OUTCOMES[name].unit

    class Read(dict[str, Any]):
        def __missing__(self, slot: str) -> Any:
            self[slot] = np.full((2, 1), 0.5)
            return self[slot]

    read = Read()
    OUTCOMES[name].of(read, 36)
    assert [*read] in ([name], [f"total_{name}"])


def test_no_name_of_a_number_is_a_name_of_something_else() -> None:
    """A parameter or lever is neither a slot, nor an outcome, nor a mechanism."""
    for others in (SLOTS, OUTCOMES, MECHANISMS):
        assert {*ROWS} & {*others} == set()


# ---- the names that were given up ------------------------------------------------------------------------------
def options() -> tuple[set[str], set[str]]:
    """The commands of the command line, and their options."""
    verbs, flags = set(), set()
    todo = [("", typer.main.get_command(cli.app))]
    while todo:
        name, command = todo.pop()
        verbs.add(name)
        todo += getattr(command, "commands", {}).items()
        flags |= {option for parameter in command.params for option in parameter.opts}
    return verbs, flags


def defined(*folders: str) -> set[str]:
    """What Python files define at their top: names, fields of classes as Class.field, and modules."""
    found: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    found.add(node.name)
                if isinstance(node, ast.ClassDef):
                    fields = [item.target for item in node.body if isinstance(item, ast.AnnAssign)]
                    found |= {f"{node.name}.{ast.unparse(field)}" for field in fields}
                targets = getattr(node, "targets", [getattr(node, "target", None)])
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def keys() -> set[str]:
    """The keys of files that people write: studies, what varies in them, parts of a policy, scenes."""
    found = {*Range._fields, *Part._fields, *(field.alias or name for name, field in Scene.model_fields.items())}
    for table, field in _File.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            found |= {f"{table}.{key}" for key in getattr(kind, "model_fields", ())}
    return found


def there() -> dict[str, set[str]]:
    """The names of today, kind by kind."""
    verbs, flags = options()
    return {
        "outcome": {*OUTCOMES}, "slot": {*SLOTS}, "parameter": {*WORLD_NAMES}, "lever": {*LEVER_NAMES},
        "mechanism": {*MECHANISMS}, "equation": defined("model/equations"), "policy": {*PARTS, *PRESETS},
        "verb": verbs, "flag": flags, "key": keys(), "study": {*studies()}, "flip": {*KINDS},
        "alias": {*PARTS, *PRESETS},
        "python": defined("model", "experiments", "analysis", "interface"),
    }  # fmt: skip


def is_among(name: str, names: set[str]) -> bool:
    """Whether a name is there; a * stands for the rest of one."""
    return any(re.fullmatch(re.escape(name).replace(r"\*", ".+"), other) for other in names)


@pytest.mark.parametrize(("kind", "names"), there().items())
def test_a_new_name_is_there_and_an_old_one_is_not(kind: str, names: set[str]) -> None:
    """Of each pair in renames.toml."""
    for old, new in RENAMES[kind].items():
        assert is_among(new, names), f"{kind} {new}"
        assert not is_among(old, names), f"{kind} {old}"


def test_no_kind_is_left_out_and_the_aliases_are_those_that_parse() -> None:
    """What is called an alias is one, and every alias is said to be one."""
    assert {*RENAMES} == {*there()}
    assert RENAMES["alias"] == ALIASES


def test_the_modules_that_took_the_place_of_others_are_there() -> None:
    """Each row of the table of modules; a module whose name is still there became a folder."""
    text = (DOCS / "migration.md").read_text(encoding="utf-8").partition("## Names")[0]
    rows = re.findall(r"^\| (`setback.*) \| (.*) \|$", text, re.M)
    assert len(rows) >= 15
    for old, new in rows:
        first, *rest = re.findall(r"`([\w.]+)`", old)
        package = first.rpartition(".")[0]
        was = [first, *(f"{package}.{name}" for name in rest)]
        now = re.findall(r"`(setback[\w.]+)`", new)
        assert now
        if new.startswith("the same in"):
            now = [f"{now[0]}.{name.rpartition('.')[2]}" for name in was]
        for name in now:
            assert importlib.util.find_spec(name), name
        for name in was:
            try:
                spec = importlib.util.find_spec(name)
            except ModuleNotFoundError:
                continue
            assert spec is None or spec.submodule_search_locations, name
