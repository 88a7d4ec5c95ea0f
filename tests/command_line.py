"""The command line as a person types it, in the process of the tests."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from setback import cli


class Done(NamedTuple):
    """How a command ended and what it printed."""

    code: object
    out: str
    err: str


def setback(*args: str | Path, out: io.StringIO | None = None) -> Done:
    """Call the command line with nobody at the terminal; its output may be a stream of one's own."""
    out, err = out or io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["setback", *map(str, args)])
        patch.setattr(sys, "stdin", io.StringIO())
        patch.setattr(sys, "excepthook", sys.excepthook)  # typer puts its own there
        with pytest.raises(SystemExit) as end:
            cli.main()
    return Done(end.value.code or 0, out.getvalue(), err.getvalue())


def said(done: Done) -> str:
    """What is said of bad input: one sentence on one line, exit code 2, and nothing else."""
    assert (done.code, done.out) == (2, ""), done
    assert done.err.startswith("setback: ") and done.err.endswith("\n")
    message = done.err.removeprefix("setback: ").removesuffix("\n")
    assert message.isprintable(), "more than one line"
    assert "Traceback" not in message
    return message
