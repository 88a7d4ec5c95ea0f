"""The lessons are copied out for a learner, as notebooks or as text, and nothing that is there is written over."""

import json
from pathlib import Path

import pytest
from command_line import said, setback

from setback.course.cells import cells, notebook

ROOT = Path(__file__).parents[2]
LESSONS = [f"lesson_{number}" for number in range(1, 6)]


def test_a_learner_gets_five_notebooks_and_the_plain_model(tmp_path: Path) -> None:
    """No solution among them; where to begin is said."""
    done = setback("course", "start", tmp_path / "new" / "mine")
    assert (done.code, done.err) == (0, "") and "jupyter lab" in done.out
    there = {path.name: path for path in (tmp_path / "new" / "mine").iterdir()}
    assert sorted(there) == [*(f"{name}.ipynb" for name in LESSONS), "plain.py"]
    for path in there.values():
        if path.suffix == ".ipynb":
            code = "".join("".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"])
            assert code.count("answer = ...") >= 4


def test_as_text_they_are_what_the_repository_has(tmp_path: Path) -> None:
    """To the last byte."""
    assert setback("course", "start", tmp_path, "--text").code == 0
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (ROOT / "docs" / "course" / path.name).read_bytes()
    assert sorted(path.stem for path in tmp_path.iterdir()) == [*LESSONS, "plain"]


def test_what_is_there_stays(tmp_path: Path) -> None:
    """A learner's work, if the command is given again; what is missing is made."""
    (tmp_path / "lesson_2.ipynb").write_text("mine")
    done = setback("course", "start", tmp_path)
    assert done.code == 0 and "lesson_2.ipynb is there already, and stays as it is." in done.out
    assert (tmp_path / "lesson_2.ipynb").read_text() == "mine" and (tmp_path / "lesson_3.ipynb").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """One sentence."""
    (tmp_path / "mine").write_text("")
    assert said(setback("course", "start", tmp_path / "mine")).endswith("mine is a file; name a folder")


def test_cells_by_hand() -> None:
    """What stands before the first cell is left out; of text the signs of comments go; order and kinds are kept."""
    text = "# ---\n# head: x\n\n# %% [markdown]\n# # A\n#\n# b\n\n# %%\nx = 1  # one\n\n\ny = 2\n# %%\nz = 3\n"
    assert [*cells(text)] == [("markdown", "# A\n\nb"), ("code", "x = 1  # one\n\n\ny = 2"), ("code", "z = 3")]
    made = json.loads(notebook(text))
    assert made["nbformat"] == 4 and [cell["cell_type"] for cell in made["cells"]] == ["markdown", "code", "code"]
    assert made["cells"][1]["source"] == ["x = 1  # one\n", "\n", "\n", "y = 2"]
    assert len({cell["id"] for cell in made["cells"]}) == 3


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_of_a_lesson_is_lost_in_its_notebook(name: str) -> None:
    """Every line of code and of text is in a cell."""
    text = (ROOT / "docs" / "course" / f"{name}.py").read_text(encoding="utf-8")
    lines = [line for _, body in cells(text) for line in body.splitlines() if line]
    _, _, after = text.partition("# %%")
    wanted = [line for line in after.splitlines()[1:] if not line.startswith("# %%") and line not in ("", "#")]
    assert len(lines) == len(wanted)
    assert all(line in (want, want.removeprefix("# ")) for line, want in zip(lines, wanted))
