"""The door of the command line: however it is started and however it ends, there is an exit code and one sentence.

Nothing of the model is imported before the door stands, so that Ctrl-C is quiet from the first moment on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

#: Exit codes.
DONE, FAILED, WRONG, STOPPED = 0, 1, 2, 130
#: Where this environment variable is set, a fault of setback's prints its traceback as well.
TRACEBACK = "SETBACK_TRACEBACK"
#: A shell sets it where it asks how a word goes on; it wants no sentence on the line that somebody types.
COMPLETING = "_SETBACK_COMPLETE"


def main() -> NoReturn:
    """Run the command line; exit codes: 0 done, 1 the run failed, 2 the input is wrong, 130 stopped."""
    stops = Stops()
    try:
        _open_streams()
        code, sentence = _run(), ""
        sys.stdout.flush()
    except BaseException as error:
        stops.is_ending = True
        is_stopped = stops.count > 0 and not isinstance(error, SystemExit)  # whatever else it was made into on its way
        code, sentence = _ended(KeyboardInterrupt() if is_stopped else error)
    stops.is_ending = True
    if sentence and COMPLETING not in os.environ:
        with contextlib.suppress(OSError):
            print(f"setback: {sentence}", file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        _leave(stream)
    sys.exit(code)


class Stops:
    """Ctrl-C: it interrupts what is done, and what is tidied up then; after that it ends the program at once."""

    def __init__(self) -> None:
        self.count, self.is_ending = 0, False
        # where somebody else minds Ctrl-C, or nobody is to, it stays so
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            with contextlib.suppress(ValueError):  # a thread has no signals
                signal.signal(signal.SIGINT, self)
                self._before, sys.unraisablehook = sys.unraisablehook, self._unraisable

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take one Ctrl-C."""
        self.count += 1
        if self.is_ending or self.count > 2:
            os._exit(STOPPED)
        raise KeyboardInterrupt

    def _unraisable(self, what: Any) -> None:
        """Say nothing of a Ctrl-C that came where nothing can be raised, as in a finaliser."""
        if not issubclass(what.exc_type, KeyboardInterrupt):
            self._before(what)


def _run() -> int:
    """Run the verb that was typed, and give its exit code."""
    import typer

    from setback.cli import UsageError, app
    from setback.model.errors import InputError, renamed

    try:
        code = app(sys.argv[1:] or ["--help"], prog_name="setback", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except UsageError as error:
        said = " ".join(error.format_message().split()).rstrip(".").replace(". ", "; ")
        helped = error.ctx.command_path if error.ctx else "setback"
        typed = str(getattr(error, "option_name", ""))
        there = [option for given in error.ctx.command.params for option in given.opts] if error.ctx else []
        if new := renamed(typed, there):
            said = f"no such option: {typed}; it is called {new} now"
        raise InputError(f"{said[0].lower()}{said[1:]}; see {helped} --help") from None
    if code == STOPPED:  # typer turns Ctrl-C into this code or into Abort, by version
        raise KeyboardInterrupt
    return int(code or DONE)


def _ended(error: BaseException) -> tuple[int, str]:
    """Give the exit code and the sentence of whatever was raised."""
    from setback.model.errors import InputError, StopError, sentence

    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else FAILED if error.code else DONE, ""
        case KeyboardInterrupt():
            return STOPPED, "stopped; nothing half-written was kept"
        case InputError():
            return WRONG, sentence(str(error))
        case StopError():
            return FAILED, sentence(str(error))
        case BrokenPipeError():  # whoever read it has read enough
            return FAILED, ""
        case OSError():
            where = "something cannot be read or written" if error.filename is None else error.filename
            return FAILED, sentence(f"{where}: {(error.strerror or str(error)).lower()}")
        case UnicodeEncodeError():  # out of names that came from the command line as bytes
            return WRONG, "a name has letters that this locale has not; set LC_ALL=C.UTF-8, or PYTHONUTF8=1"
        case MemoryError():
            return FAILED, "there is too little memory for this; ask for fewer rooms, weeks or worlds"
        case RecursionError():
            return FAILED, "something is nested too deeply to be followed; make it flatter"
    return FAILED, sentence(_fault(error))


def _fault(error: BaseException) -> str:
    """Say what failed by a fault of setback's, and where; the traceback is printed where it is asked for."""
    import traceback

    from setback.model.errors import raised

    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    walked = [*traceback.walk_tb(error.__traceback__)]
    ours = [place for place in walked if str(place[0].f_globals.get("__name__")).startswith("setback.")]
    frame, line = (ours or walked)[-1]
    where = f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{line}"
    return f"a fault of setback's own at {where}, {raised(error)}; with {TRACEBACK}=1 it says more"


def _open_streams() -> None:
    """Have the three streams there, and have what they cannot write replaced.

    Raises:
        StopError: the output is closed.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
    if "stdout" in closed:
        from setback.model.errors import StopError

        raise StopError("what is printed cannot be written: the output is closed")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


def _leave(stream: Any) -> None:
    """Write what a stream still holds; where that fails, have it dropped, so that the end of the program is quiet."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
