"""Build the site of the documents: ``python docs/build.py``, into build/site, or into the folder that is named.

The documents stay Markdown that a forge shows. Here they are laid out as one tree, with the pages that are written from
the code: lessons, commands, names of Python, and a page for each mechanism. A link that leads nowhere, a page that
nothing leads to, and whatever else Sphinx warns of is an error.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

import setback
import setback.cli
from setback.course.cells import cells
from setback.model.catalogue import mechanisms
from setback.model.parameters import ROWS, TABLE
from setback.model.shipped import version

ROOT = Path(__file__).parents[1]
#: The pages of the repository that are no pages of docs/.
ELSEWHERE = ("model/ODD.md", "model/EQUATIONS.md", "results/README.md", "CONTRIBUTING.md", "CHANGELOG.md")
#: The outline of the site: under each heading the pages, as the site has them.
OUTLINE: Mapping[str, tuple[str, ...]] = {
    "Learn": ("course/README", *(f"course/lesson_{k}" for k in range(1, 6)), "course/syllabus", "course/rubric"),
    "Do": (
        "studies", "custom", "rosters", "gradebook", "report", "decision", "map", "power", "profile", "trials",
        "facilitator", "translating", "cluster",
    ),
    "Understand": ("claims", "limits", "glossary", "policies", "evidence", "fit", "replication", "sources", "time",
                   "chance"),
    "Look up": ("reference/commands", "reference/api", "reference/mechanisms", "model/ODD", "model/EQUATIONS",
                "results/README"),
    "About": ("migration", "performance", "page", "CONTRIBUTING", "CHANGELOG"),
}  # fmt: skip
#: How Sphinx is set up; nothing of the site comes from elsewhere when it is read.
SETTINGS: Mapping[str, Any] = {
    "extensions": ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"],
    "project": "setback", "author": "the setback authors", "project_copyright": "the setback authors",
    "release": version(), "language": "en", "root_doc": "index", "smartquotes": False, "pygments_style": "friendly",
    "html_theme": "furo", "html_title": f"setback {version()}", "html_show_sphinx": False, "html_copy_source": False,
    "html_show_search_summary": False,  # it would be fetched, which a browser refuses for files of a disk
    "myst_heading_anchors": 4, "autodoc_typehints": "description", "autodoc_member_order": "bysource",
    "napoleon_use_rtype": False, "napoleon_use_ivar": True,
}  # fmt: skip
LINK = re.compile(r"(\[[^\]]*\]\()([^)\s#]+)(#[^)\s]*)?\)")


# ---- where a page lies --------------------------------------------------------------------------------------------
def placed(path: Path) -> Path:
    """Give where the site has a file of the repository: docs/ is its top, a lesson is a page."""
    inside = path.relative_to(ROOT)
    inside = inside.relative_to("docs") if inside.parts[0] == "docs" else inside
    return inside.with_suffix(".md") if inside.match("course/lesson_*.py") else inside


def pages() -> list[Path]:
    """Give the files of the repository that are pages."""
    return [*sorted((ROOT / "docs").rglob("*.md")), *(ROOT / name for name in ELSEWHERE)]


def linked(text: str, path: Path, source: Path) -> str:
    """Lead the links of a page to where the site has their files, and copy those that are no pages.

    Raises:
        ValueError: if a link leads nowhere, or to a folder.
    """

    def lead(found: re.Match[str]) -> str:
        if re.match(r"[a-z]+:", found[2]):
            return found[0]
        there = (path.parent / found[2]).resolve()
        if not there.is_file():
            raise ValueError(f"{path.relative_to(ROOT)}: {found[2]} is no file")
        to = placed(there)
        if there not in pages() and to == placed(there).with_suffix(there.suffix):
            (source / to).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(there, source / to)
        return f"{found[1]}{'../' * (len(placed(path).parts) - 1)}{to.as_posix()}{found[3] or ''})"

    parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    return "".join(part if part.startswith("```") else LINK.sub(lead, part) for part in parts)


# ---- what is written from the code --------------------------------------------------------------------------------
def table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Lay out rows as a table of Markdown."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def lesson(path: Path) -> str:
    """Give a lesson as a page: its text, its code, and where the notebook is."""
    parts = [text if kind == "markdown" else f"```python\n{text}\n```" for kind, text in cells(path.read_text("utf-8"))]
    note = "*To work on it: `setback course start FOLDER` gives you this lesson as a notebook.*"
    return "\n\n".join([parts[0].partition("\n")[0], note, parts[0].partition("\n")[2], *parts[1:]])


def commands() -> str:
    """Give the reference of the commands, from the parsers themselves."""
    text = ["# Commands\n\nEvery verb of the command line, as `setback VERB --help` has it.\n"]

    def add(command: Any, name: str) -> None:
        context = typer.Context(command, info_name=name)
        if hasattr(command, "commands"):
            for word, inner in command.commands.items():
                add(inner, f"{name} {word}")
            return
        usage = " ".join([name, *command.collect_usage_pieces(context)])
        text.append(f"## {name}\n\n{' '.join(command.help.split())}\n\n```text\n{usage}\n```\n")
        records = [one.get_help_record(context) for one in command.params]
        rows = ((f"`{' '.join(record[0].split())}`", " ".join(record[1].split())) for record in records if record)
        text.append(table(("argument or option", "meaning"), rows))
        text.append(f"`{command.epilog}`\n".replace("Example: ", "", 1).join(("Example: ", "")))

    add(typer.main.get_command(setback.cli.app), "setback")
    return "\n".join(text)


def api() -> str:
    """Give the page of what `import setback as sb` has; Sphinx reads the docstrings."""
    text = ["# Python\n\nWhat stands after `import setback as sb`, and so after `sb.`.\n"]
    for name in sorted(setback.__all__, key=str.lower):
        found, where = getattr(setback, name), "setback"
        if isinstance(found, type):
            kind, option = "class", ":members:"
        elif callable(found):
            kind, option = "function", ""
        else:  # what is said of a value stands where it is made
            kind, option, where = "data", ":no-value:", f"setback.{setback.NAMES[name]}"
        text.append(f"## {name}\n\n```{{eval-rst}}\n.. auto{kind}:: {where}.{name}\n   {option}\n```\n")
    return "\n".join(text)


def equations() -> Mapping[str, str]:
    """Give what EQUATIONS.md says of each equation, under its name."""
    text = (ROOT / "model" / "EQUATIONS.md").read_text("utf-8")
    found = re.findall(r"^### (?:\d+\. |The function )`(\w+)`\n(.*?)(?=^##|\Z)", text, re.M | re.S)
    return {name: body.strip() for name, body in found}


#: The page of a mechanism.
MECHANISM = """# {name}

{effect}. Group: *{group}*.

`strength_{name}` is 1 as described and 0 off; then there is, in its place: {neutral}. With and without it:

```bash
setback compare criterion --without {name}
```

## Equations

How to read them: [the equations of the week](../../model/EQUATIONS.md).

{equations}

## Numbers

{numbers}

## Sources

{sources}

All of them, with what each supports: [sources](../../sources.md).
"""


def mechanism_pages() -> Iterator[tuple[str, str]]:
    """Give the page of each mechanism: what it does, its numbers, its equations, its sources; and the list of all."""
    said, groups, every = equations(), dict[str, list[str]](), mechanisms()
    heads = ("number", "symbol", "default", "range", "unit", "source", "meaning")
    for one in every:
        effect = ROWS[f"strength_{one.name}"].description.partition(": ")[2].rstrip(".")
        groups.setdefault(one.group, []).append(f"- [{one.name}](mechanisms/{one.name}.md): {effect}")
        rows = [row for row in TABLE if row.mechanism == one.name and row.kind != "design"]
        numbers = table(heads, (
            (f"`{r.name}`", f"`{r.symbol}`", f"{r.default:g}", f"{r.low:g} to {r.high:g}", r.unit, r.citation,
             r.description) for r in rows
        ))  # fmt: skip
        yield f"reference/mechanisms/{one.name}.md", MECHANISM.format(
            name=one.name, group=one.group, effect=effect[0].upper() + effect[1:], neutral="; ".join(one.neutral),
            equations="\n\n".join(f"### {name}\n\n{said[name]}" for name in one.equations),
            numbers=numbers if rows else "It has none of its own.",
            sources="\n".join(f"- {source}" for source in one.sources) or "- assumed",
        )  # fmt: skip
    text = [f"# Mechanisms\n\nThe {len(every)} causal claims of the model. Each has a strength; at 0 it is off."]
    text += [f"## {group}\n\n" + "\n".join(lines) for group, lines in groups.items()]
    yield "reference/mechanisms.md", "\n\n".join([*text, toctree("", [f"mechanisms/{one.name}" for one in every])])


def toctree(caption: str, names: list[str] | tuple[str, ...]) -> str:
    """Give an entry of the outline, which a page does not show."""
    head = f":caption: {caption}\n" if caption else ""
    return f"```{{toctree}}\n:hidden:\n{head}\n" + "\n".join(names) + "\n```\n"


# ---- building -----------------------------------------------------------------------------------------------------
def lay_out(source: Path) -> None:
    """Write every page of the site into a folder, as Markdown.

    Raises:
        ValueError: if a link leads nowhere.
    """
    made = {"reference/commands.md": commands(), "reference/api.md": api(), **dict(mechanism_pages())}
    made |= {placed(path).as_posix(): lesson(path) for path in sorted((ROOT / "docs" / "course").glob("lesson_*.py"))}
    made |= {placed(path).as_posix(): linked(path.read_text("utf-8"), path, source) for path in pages()}
    made["index.md"] += "\n" + "\n".join(toctree(caption, names) for caption, names in OUTLINE.items())
    for name, text in made.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")


def build(out: Path) -> int:
    """Build the site; give 0 where there was nothing to warn of."""
    from pygments.lexers.special import TextLexer
    from sphinx.application import Sphinx

    with tempfile.TemporaryDirectory() as home:
        source, trees = Path(home) / "source", Path(home) / "trees"
        source.mkdir()
        lay_out(source)
        site = Sphinx(str(source), None, str(out), str(trees), "html", dict(SETTINGS), status=None, warningiserror=True)
        site.add_lexer("csv", TextLexer)
        site.build(force_all=True)
        return int(site.statuscode)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Build the site of the documents.")
    asked.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site", help="where it is written")
    sys.exit(build(asked.parse_args().folder))
