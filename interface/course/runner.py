"""Runs what a learner hands in, in a process of its own that limits itself first, and writes down what came of it.

``python -m setback.course.runner KIND FILE RECORD SECONDS BYTES_OF_MEMORY BYTES_OF_FILE``; the checker starts it.
"""

from __future__ import annotations

import errno
import json
import sys
import traceback
from pathlib import Path
from typing import Any


def limit(seconds: int, memory: int, file: int) -> None:
    """Bound this process and all that it starts, where the system can: time, memory, the size of a file."""
    if sys.platform == "win32":
        return
    import resource

    limits = (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in limits:
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def notebook(file: Path) -> dict[str, Any]:
    """Run the code of a notebook; give what became of its exercises, and the error that ended it."""
    from setback.course.exercises import CHECKED

    found: dict[str, Any] = {"checked": CHECKED}
    sys.path.insert(0, str(file.resolve().parent))  # what lies beside it, after our own imports
    try:
        exec(compile(file.read_bytes(), file.name, "exec"), {"__name__": "__main__", "__file__": file.name})
    except BaseException as error:  # whatever a learner's file raises
        lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == file.name]
        found["line"] = lines[-1] if lines else 0
        found |= fault(error)
    return found


def study(file: Path, seconds: int) -> dict[str, Any]:
    """Read a study, say what it lacks, and run it where that takes no longer than it may."""
    from setback.course.studies import missing
    from setback.experiments.studies.study import Study

    try:
        found: dict[str, Any] = {"missing": missing(file)}
        if not found["missing"]:
            asked = Study.read(file)
            found["seconds"] = asked.cost(processes=1).seconds
            if found["seconds"] <= seconds:
                found["conclusion"] = asked.run("results", processes=1).conclusion()
    except BaseException as error:  # whatever a learner's file leads to
        return {"line": 0, **fault(error)}
    return found


def fault(error: BaseException) -> dict[str, Any]:
    """Say what kind of an end an error is."""
    from setback.model.errors import InputError, raised

    if isinstance(error, MemoryError):
        return {"end": "memory"}
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"end": "file"}
    return {"end": "error", "said": str(error) if isinstance(error, InputError) else raised(error)}


def main() -> None:
    """Run the file that the command line names."""
    kind, file, record, *limits = sys.argv[1:]
    seconds, memory, most = map(int, limits)
    limit(4 * seconds, memory, most)  # the clock's seconds are counted outside; this ends what got away
    from setback.model.writing import write_text  # before a learner's file can stand in for what it needs

    found = notebook(Path(file)) if kind == "notebook" else study(Path(file), seconds)
    write_text(Path(record), json.dumps(found))


if __name__ == "__main__":
    main()
