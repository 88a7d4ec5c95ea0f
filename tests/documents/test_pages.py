"""Every command and every block of code of the documents runs, or says why it is not run."""

import shutil
from pathlib import Path

import pytest
from following import ROOT, blocks, follow, lines, prepared, smaller

__all__ = ["prepared"]

PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if blocks(path)]
#: The page whose blocks tests/interface/test_custom_page.py looks at one by one.
ELSEWHERE = "custom.md"


@pytest.mark.parametrize("page", [path for path in PAGES if path.name != ELSEWHERE], ids=lambda page: str(page.stem))
def test_a_page_can_be_followed(page: Path, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From top to bottom, in a folder with a grade book, a roster and the results of a study."""
    folder = tmp_path / "here"
    shutil.copytree(prepared, folder)
    monkeypatch.chdir(folder)
    follow(page)


def test_what_is_not_run_says_why() -> None:
    """Few blocks, each in a few words."""
    left = [(page.name, block.why) for page in PAGES for block in blocks(page) if block.why]
    assert all(len(why.split()) > 2 for _, why in left)
    assert len(left) <= 15, left


def test_a_command_is_told_from_what_explains_it() -> None:
    """Behind a #, or behind blanks; a line that goes on is one; what is in quotes stays together."""
    text = 'setback run a   # all of it\nsetback map "b c" \\\n    --x level\n# nothing\nsetback page    shows it\n'
    assert lines(text) == [["setback", "run", "a"], ["setback", "map", "b c", "--x", "level"], ["setback", "page"]]


def test_what_a_command_says_itself_is_left() -> None:
    """Only what it does not say is made small."""
    words = ["setback", "compare", "criterion", "curve", "--rooms", "7"]
    assert smaller(words) == [*words, "--weeks", "20", "--replicates", "1"]
    assert smaller(["setback", "compare", "a", "b", "--roster", "c"])[6:] == ["--weeks", "20", "--replicates", "1"]
