"""What the README shows runs as it is written."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from setback.cli import LISTS, app

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block of Python, from top to bottom."""
    [block] = re.findall(r"```python\n(.*?)```", README, re.S)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["room"].week == 36  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", re.findall(r"^setback .*$", README, re.M))
def test_the_commands_exist_with_their_options(line: str) -> None:
    """Every command of the overview is a verb with an example in its help."""
    words = shlex.split(line.partition("  ")[0])
    help_text = CliRunner().invoke(app, [words[1], "--help"])
    assert help_text.exit_code == 0
    assert "Example: setback" in help_text.output
    assert all(word in help_text.output for word in words if word.startswith("--"))


def test_every_list_is_named() -> None:
    """The line of `setback list` has every kind of list, in their order."""
    [line] = re.findall(r"^setback list (policies) +also (.*)$", README, re.M)
    assert [line[0], *line[1].split(", ")] == [*LISTS]


def test_the_two_commands_for_a_fresh_machine() -> None:
    """They name extras that there are, and continuous integration calls the second as it is written here."""
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert commands[0].endswith("setback run") and '".[test]"' in commands[1] and "test" in extras
    [pattern] = re.findall(r"grep -m1 -E '(.*)' README.md", (ROOT / ".ci" / "run").read_text())
    assert [line for line in README.splitlines() if re.search(pattern, line)] == commands[1:]


def test_links_lead_somewhere() -> None:
    """Every relative link and picture of the README is there."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
