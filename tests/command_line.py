"""The command line as a person types it, in the process of the tests."""

import io
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from setback.door import main


class Done(NamedTuple):
    """How a command ended and what it printed."""

    code: object
    out: str
    err: str


class Hurried(io.StringIO):
    """What somebody reads who presses Ctrl-C the moment that an address is there."""

    def flush(self) -> None:
        """Raise what Ctrl-C raises, once the address is there."""
        if self.getvalue().endswith("Ctrl-C ends it\n"):
            raise KeyboardInterrupt


@contextmanager
def at_the_door(*args: str | Path) -> Iterator[None]:
    """Have the words typed with nobody at the terminal; what the command line takes over is given back."""
    minds = signal.getsignal(signal.SIGINT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["setback", *map(str, args)])
        patch.setattr(sys, "stdin", io.StringIO())
        patch.setattr(sys, "excepthook", sys.excepthook)  # typer puts its own there
        patch.setattr(sys, "unraisablehook", sys.unraisablehook)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, minds)


def setback(*args: str | Path, out: io.StringIO | None = None) -> Done:
    """Call the command line; its output may be another stream."""
    out, err = out or io.StringIO(), io.StringIO()
    with at_the_door(*args), redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        main()
    return Done(end.value.code or 0, out.getvalue(), err.getvalue())


def said(done: Done) -> str:
    """What is said of bad input: one sentence on one line, exit code 2, and nothing else."""
    assert (done.code, done.out) == (2, ""), done
    assert done.err.startswith("setback: ") and done.err.endswith("\n")
    message = done.err.removeprefix("setback: ").removesuffix("\n")
    assert message.isprintable(), "more than one line"
    assert "Traceback" not in message
    return message
