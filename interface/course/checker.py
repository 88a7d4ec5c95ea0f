"""Checks what a learner hands in: it is run beside, within limits, and what is missing is said in plain words.

The limits keep a mistake from harm: a loop that does not end, a list that does not fit, a disk that fills up. They are
no prison: to check the work of people whom nobody knows, take a machine that can be thrown away.
"""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from setback.course.answers import EXERCISES
from setback.model.errors import InputError, printable
from setback.model.reading import parse_json, read_bytes, read_text
from setback.model.writing import write_bytes, write_text

#: The most that a file may take unless more is granted: seconds, and bytes of memory.
SECONDS, MEMORY = 300, 4 * 2**30
#: The most bytes in one file that it writes, in all of them together, and the most files.
FILE, FOLDER, FILES = 50 * 2**20, 200 * 2**20, 1000
#: Files beside it that it names go along, if they are of these kinds and no larger.
BESIDE, LARGEST = (".toml", ".csv", ".py"), 2**20
#: How often the folder is looked at, in seconds.
LOOK = 0.2


class Report(NamedTuple):
    """What came of a file.

    Attributes:
        done: sentences on what is there.
        missing: sentences on what is not; empty where the file can be handed in.
    """

    done: list[str]
    missing: list[str]


class Code(NamedTuple):
    """The code of a notebook.

    Attributes:
        text: all of it.
        cells: of each cell the line of the text at which it begins, from 1; empty where the file is one piece.
    """

    text: str
    cells: list[int]

    def where(self, line: int) -> str:
        """Say where a line of the text is for the learner."""
        if not self.cells:
            return f"line {line}"
        cell = max(k for k, first in enumerate(self.cells) if first <= max(line, 1))
        return f"code cell {cell + 1}, line {line - self.cells[cell] + 1}"


def check_file(path: str | Path, seconds: int = SECONDS, memory: int = MEMORY) -> Report:
    """Run a notebook (.ipynb, .py) or a study file (.toml) and say what is missing.

    Args:
        path: the file.
        seconds: how long it may run.
        memory: bytes that it may take.

    Raises:
        InputError: if the file is empty or broken, ends with an error, or goes beyond a limit.
    """
    path = Path(path)
    if path.suffix not in (".py", ".ipynb", ".toml"):
        raise InputError(f"{path} is neither a notebook (.ipynb or .py) nor a study file (.toml)")
    text = read_text(path, str(path))
    if not text.strip():
        raise InputError(f"{path} is empty; was it saved?")
    if path.suffix == ".toml":
        return _of_study(path, _run(path, "study", text, seconds, memory), seconds)
    code = code_of(path, text)
    if not code.text.strip():
        raise InputError(f"{path} has no code in it; was it saved after the cells were written?")
    asked = exercises_in(path, code)
    return _of_notebook(path, code, asked, _run(path, "notebook", code.text, seconds, memory))


def code_of(path: Path, text: str) -> Code:
    """Give the code of a notebook; lines that only Jupyter understands (``%`` and ``!``) are left out.

    Raises:
        InputError: if it is no notebook.
    """
    if path.suffix == ".py":
        return Code(text, [])
    found = parse_json(text, str(path))
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        raise InputError(f"{path} is no notebook: it has no cells; save it from Jupyter again")
    lines: list[str] = []
    starts = []
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            source = "".join(map(str, source)) if isinstance(source, list) else str(source)
            starts.append(len(lines) + 1)
            lines += ["" if line.startswith(("%", "!")) else line for line in source.split("\n")]
    return Code("\n".join(lines), starts)


def exercises_in(path: Path, code: Code) -> list[str]:
    """Give the exercises of the lesson that the file is of; none where it checks none.

    Raises:
        InputError: if the code is no Python.
    """
    try:
        tree = ast.parse(code.text)
    except SyntaxError as error:
        where = code.where(error.lineno or 1)
        raise InputError(f"{path}, {where}, is no Python: {printable(error.msg)}") from None
    except (ValueError, RecursionError, MemoryError):
        raise InputError(f"{path} cannot be read as Python; is it the right file?") from None
    named = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check"
        and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    ]  # fmt: skip
    lessons = {name.partition(".")[0] for name in named}
    return [name for name in EXERCISES if name.partition(".")[0] in lessons]


def _of_notebook(path: Path, code: Code, asked: list[str], found: dict[str, Any]) -> Report:
    """What is to be said of a notebook that was run."""
    if "end" in found:
        where = f"{path}, {code.where(found['line'])}," if found["line"] else f"{path}"
        raise InputError(f"{where} {_ended(found)}")
    if not asked:
        return Report(["It runs to its end without an error."], ['No exercise is checked: say check("1.1", answer).'])
    done, missing = [], []
    for name in asked:
        match found["checked"].get(name):
            case "right":
                done.append(f"Exercise {name} is right.")
            case "wrong":
                missing.append(f"Exercise {name} is not right yet; its cell gives a hint when it is run.")
            case "open":
                missing.append(f"Exercise {name} is open: the three dots are still there.")
            case _:
                missing.append(f"Exercise {name} is not checked: its cell is missing, or was not run.")
    return Report(done, missing)


def _of_study(path: Path, found: dict[str, Any], seconds: int) -> Report:
    """What is to be said of a study that was read, and run where there was time."""
    if "end" in found:
        raise InputError(f"{path} {_ended(found)}")
    missing = [f"{said[0].upper()}{said[1:]}." for said in found["missing"]]
    done = ["It can be read as a study."]
    if "conclusion" in found:
        done.append(f"It runs to its end. {found['conclusion']}")
    elif not missing:
        missing.append(
            f"It would take about {found['seconds']:,.0f} seconds, and has {seconds}: ask for fewer worlds or rooms."
        )
    return Report(done, missing)


def _ended(found: dict[str, Any]) -> str:
    """Say how a file ended that did not come to its end."""
    if found["end"] == "memory":
        return "needs more memory than it is given; make its lists, rooms or worlds fewer"
    if found["end"] == "file":
        return f"writes a file of more than {FILE // 2**20} MB; write less"
    return f"ends with an error: {printable(found['said'])}"


# ---- running ----------------------------------------------------------------------------------------------------
def _run(path: Path, kind: str, text: str, seconds: int, memory: int) -> dict[str, Any]:
    """Run the text in a folder and a process of its own; give what was written down of it.

    Raises:
        InputError: if it takes longer than it may, writes too much, or ends without a word.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        folder, record = Path(home) / "work", Path(home) / "record.json"
        folder.mkdir()
        write_text(folder / path.name, text)
        for beside in _named(path, text):
            write_bytes(folder / beside.name, read_bytes(beside, str(beside)))
        command = [sys.executable, "-P", "-m", "setback.course.runner", kind, path.name, str(record)]
        command += [str(seconds), str(memory), str(FILE)]
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        with _started(command, folder, os.environ | threads) as process:
            _wait(path, process, folder, seconds)
        if not record.exists():
            raise InputError(f"{path} ends before its end, without an error; does it stop the program itself?")
        found: dict[str, Any] = parse_json(read_text(record, "what came of it"), "what came of it")
        return found


def _named(path: Path, text: str) -> list[Path]:
    """The small files beside a file that it names."""
    there = [one for one in path.resolve().parent.iterdir() if one.suffix in BESIDE and one.name != path.name]
    return [one for one in there if one.name in text and one.is_file() and one.stat().st_size <= LARGEST]


@contextlib.contextmanager
def _started(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a group of its own, all of which has ended when the block does."""
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )
    try:
        yield process
    finally:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def _wait(path: Path, process: subprocess.Popen[bytes], folder: Path, seconds: int) -> None:
    """Wait for the process to end within its limits."""
    end = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > end:
            raise InputError(f"{path} runs for more than {seconds} seconds; is there a loop that does not end?")
        count, size = _written(folder)
        if count > FILES or size > FOLDER:
            raise InputError(f"{path} writes more than {FILES} files or {FOLDER // 2**20} MB; write less")
        time.sleep(LOOK)


def _written(folder: Path) -> tuple[int, int]:
    """How many files there are in a folder, and their bytes; what goes away meanwhile is not counted."""
    count = size = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += (Path(where) / name).lstat().st_size
                count += 1
    return count, size
