"""The command line wherever it is started and however it ends: streams, locales, a zip, Ctrl-C, faults."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Done, setback

from setback import cli, door
from setback.model.errors import InputError, StopError
from setback.model.shipped import shipped

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
FOLDERS = {"interface": "", "model": "model", "experiments": "experiments", "analysis": "analysis",
           "benchmarks": "benchmarks"}  # fmt: skip
WAYS = {
    "module": ["-m", "setback"],
    "cli": ["-m", "setback.cli"],
    "code": ["-c", "from setback.cli import main; main()"],
}
STOPPED = "setback: stopped; nothing half-written was kept\n"
posix = pytest.mark.skipif(os.name != "posix", reason="Windows has neither these streams nor these locales")


def started(
    *words: str | Path,
    way: str = "module",
    python: tuple[str, ...] = (),
    folder: Path | None = None,
    **environment: str,
) -> Done:
    """Start the command line in a process of its own."""
    command = [sys.executable, *python, *WAYS[way], *words]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True)
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def sentence(done: Done, code: int) -> str:
    """One sentence on the error stream, and the exit code."""
    assert done.code == code and done.err.startswith("setback: ") and done.err.count("\n") == 1, done
    return done.err.removeprefix("setback: ").removesuffix("\n")


# ---- how it is started -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_start_it(way: str) -> None:
    """As a module, as its file, from Python: the same list, and the same refusal."""
    assert started("list", "mappings", way=way) == setback("list", "mappings")
    assert started("list", "mapings", way=way) == setback("list", "mapings")


def test_the_script_is_the_door() -> None:
    """The command that an installation makes is this door."""
    import tomllib

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["scripts"] == {"setback": "setback.door:main"}
    assert cli.main is door.main


@pytest.mark.parametrize("level", ["-O", "-OO"])
def test_without_assertions_and_docstrings(level: str, tmp_path: Path) -> None:
    """The mechanisms keep what their docstrings say of them, the page is the same, help is there, a study is run."""
    listed = started("list", "mechanisms", "--json", python=(level,))
    assert listed == setback("list", "mechanisms", "--json") and '"claim": "' in listed.out
    pages = [tmp_path / "plain.html", tmp_path / "bare.html"]
    assert setback("page", "--scene", "harsh-start", "--out", pages[0]).code == 0
    assert started("page", "--scene", "harsh-start", "--out", str(pages[1]), python=(level,)).code == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert "--policy" in started("watch", "--help", python=(level,)).out
    ran = started(
        "run", "one-world", "--rooms", "1", "--policy", "curve", "--processes", "1", python=(level,), folder=tmp_path
    )
    assert ran.code == 0 and (tmp_path / "results").is_dir(), ran


def test_out_of_a_zip(tmp_path: Path) -> None:
    """Every file that ships is found where the package is a zip; nothing unpacked is left behind."""
    with zipfile.ZipFile(tmp_path / "setback.zip", "w") as made:
        for folder, name in FOLDERS.items():
            for file in (ROOT / folder).rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    made.write(file, Path("setback", name, file.relative_to(ROOT / folder)))
    (tmp_path / "t").mkdir()
    code = (
        "import setback, setback.model.odd as odd; assert '.zip' in setback.__file__; assert odd.ODD.exists()\n"
        "from setback.experiments.studies.study import Study, STUDIES; from setback.page.build import build\n"
        "print(setback.simulate('curve', rooms=2, weeks=4), Study.read('rigor').key())\n"
        "assert len(build([])) > 100_000; assert (STUDIES / 'start.txt').exists()\n"
        "from setback.door import main; main()"
    )
    of = {"PYTHONPATH": str(tmp_path / "setback.zip"), "TMPDIR": str(tmp_path / "t")}
    inside, outside = (
        subprocess.run(
            [sys.executable, "-c", text, "list", "mappings"], env={**os.environ, **more}, capture_output=True, text=True
        )
        for text, more in ((code, of), (code.replace("assert '.zip' in setback.__file__; ", ""), {}))
    )
    assert inside.returncode == 0, inside.stderr
    assert inside.stdout == outside.stdout and "coruna" in inside.stdout
    assert not list((tmp_path / "t").iterdir())


def test_what_ships_lies_beside_the_code() -> None:
    """Where the code is in folders, nothing is unpacked."""
    assert shipped("setback.model") == ROOT / "model"


# ---- what it prints to -----------------------------------------------------------------------------------------
@posix
@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("> /dev/full", "something cannot be read or written: no space left on device"),
        (">&-", "what is printed cannot be written: the output is closed"),
    ],
)
@pytest.mark.parametrize("words", ["list studies", "list studies --json", "watch --weeks 2", "--help"])
def test_an_output_that_takes_nothing(words: str, to: str, says: str) -> None:
    """A full disk and a closed stream: one sentence, exit code 1."""
    if to.endswith("full") and not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    typed = ["sh", "-c", f'"$0" -m setback {words} {to}', sys.executable]
    done = subprocess.run(typed, capture_output=True, text=True)
    assert sentence(Done(done.returncode, done.stdout, done.stderr), 1) == says


@posix
@pytest.mark.parametrize("words", ["list mechanisms", "list parameters --json", "watch --json --pause 0"])
def test_a_reader_that_has_read_enough(words: str) -> None:
    """Where the reader closes the pipe, the end is quiet; exit code 1, as typer and rich have it."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "setback", *words.split()], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@posix
@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-"])
def test_other_streams_that_are_closed(closed: str) -> None:
    """The list is printed all the same, and what goes wrong has its exit code."""
    typed = ["sh", "-c", f'"$0" -m setback list studies {closed}', sys.executable]
    done = subprocess.run(typed, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, setback("list", "studies").out, "")
    typed[2] = typed[2].replace("studies", "studdies")
    done = subprocess.run(typed, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "locale", [{"PYTHONIOENCODING": "cp1252"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}], ids=str
)
def test_letters_that_the_output_has_not(locale: dict[str, str]) -> None:
    """They are replaced; no other letter changes."""
    done = started("list", "parameters", PYTHONUTF8="0", **locale)
    plain = setback("list", "parameters").out
    assert (done.code, done.err) == (0, "")
    printed = done.out.splitlines()
    assert len(printed) == len(plain.splitlines()) and "?" in done.out
    assert all(b in (a, "?", "\ufffd") for x, y in zip(plain.splitlines(), printed) for a, b in zip(x, y))


@posix
@pytest.mark.parametrize(
    "words",
    ["page --scene harsh-start --out rés/å.html", "gradebook export --rooms 1 --weeks 1 --out rés/å.csv",
     "profile --rooms 2 --weeks 14 --policy reference --out rés/å.png", "new study own --out rés/å.toml"],
)  # fmt: skip
def test_names_that_the_locale_cannot_read(words: str, tmp_path: Path) -> None:
    """A file of such a name is written, and is named with what can be printed of it."""
    (tmp_path / "rés").mkdir()
    done = started(*words.split(), folder=tmp_path, LC_ALL="C", PYTHONUTF8="0")
    assert (done.code, done.err) == (0, "")
    assert "r  s/" in done.out
    assert [file.stem for file in (tmp_path / "rés").iterdir()] == ["å"]


# ---- how it ends -----------------------------------------------------------------------------------------------
FAULT = "a fault of setback's own at "


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OSError(5, "Input/output error", "marks.csv"), 1, "marks.csv: input/output error"),
        (OSError(36, "File name too long", "n" * 5000), 1, f"{'n' * 350} … nnn"),
        (OSError(28, "No space left on device"), 1, "something cannot be read or written: no space left on device"),
        (MemoryError(), 1, "there is too little memory for this; ask for fewer rooms, weeks or worlds"),
        (RecursionError("maximum"), 1, "something is nested too deeply to be followed; make it flatter"),
        (StopError("the disk\nis full"), 1, "the disk is full"),
        (InputError("no such \x1b[31mthing"), 2, "no such  [31mthing"),
        (UnicodeEncodeError("utf-8", "\udce9", 0, 1, "surrogates"), 2, "a name has letters that this locale has not; "),
        (ZeroDivisionError("by\n0"), 1, f"{FAULT}cli/list_.py:"),
        (KeyError("x"), 1, f"{FAULT}cli/list_.py:"),
        (BaseException("x" * 5000), 1, f"{FAULT}cli/list_.py:"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_is_raised_is_one_sentence(
    error: BaseException, code: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a traceback; the traceback of a fault of setback's only where it is asked for."""
    monkeypatch.setitem(cli.LISTS, "studies", raising(error))
    done = setback("list", "studies")
    assert sentence(done, code).startswith(says) and done.out == ""
    monkeypatch.setenv(door.TRACEBACK, "1")
    assert ("Traceback" in setback("list", "studies").err) == says.startswith(FAULT)


def raising(error: BaseException) -> Callable[..., Any]:
    """Make a function that raises something."""

    def fail(*_: object) -> None:
        raise error

    return fail


SIGNAL = "import signal\ndef stop(): signal.raise_signal(signal.SIGINT)\n"
THRICE = "try:\n    stop()\nfinally:\n    try:\n        stop()\n    finally:\n        stop()\n"


@pytest.mark.parametrize(
    ("when", "code", "says"),
    [
        ("stop()", 130, STOPPED),
        ("try:\n    stop()\nfinally:\n    stop()\n", 130, STOPPED),
        ("try:\n    stop()\nexcept BaseException:\n    raise ImportError('not known') from None", 130, STOPPED),
        (THRICE, 130, ""),
        ("import atexit; atexit.register(stop)", 130, ""),
        ("import threading as t\nt.Thread(target=lambda: (t.main_thread().join(), stop())).start()", 130, ""),
        ("class Last:\n    def __del__(self): stop()\nlast = Last()\ndel last", 0, ""),
    ],
    ids=["once", "twice", "as another error", "three times", "at the end", "with a thread", "in a finaliser"],
)  # fmt: skip
def test_ctrl_c_is_quiet(when: str, code: int, says: str, tmp_path: Path) -> None:
    """However often and whenever it comes: no traceback, exit code 130."""
    (tmp_path / "own.py").write_text(f"{SIGNAL}{when}\n")
    done = started("list", "studies", "--with", "own.py", folder=tmp_path)
    assert (done.code, done.err) == (code, says)
    if not says and when != THRICE:
        assert done.out == setback("list", "studies").out


@pytest.mark.parametrize(("when", "says"), [("stop()", STOPPED), (THRICE, "")], ids=["once", "three times"])
@pytest.mark.parametrize("module", ["typer", "numpy"])
def test_ctrl_c_while_modules_are_imported(module: str, when: str, says: str, tmp_path: Path) -> None:
    """The door stands before anything is imported."""
    (tmp_path / f"{module}.py").write_text(f"{SIGNAL}{when}\n")
    done = started("list", "studies", PYTHONPATH=str(tmp_path))
    assert done == Done(130, "", says)


# ---- what it writes --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_a_picture_carries_no_time(kind: str, tmp_path: Path) -> None:
    """Of each kind, a picture is what its name says, whole, and says nothing of when and by whose clock."""
    from matplotlib.figure import Figure

    from setback.analysis.figures import save

    save(Figure(), tmp_path / f"a.{kind}", "key")
    [file] = tmp_path.iterdir()
    content = file.read_bytes()
    assert content.startswith({"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[kind])
    assert not any(word in content for word in (b"CreationDate", b"<dc:date>", b"tIME"))


def test_a_picture_that_fails_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole or not at all: what was there stays, and nothing lies beside it."""
    from matplotlib.figure import Figure

    from setback.analysis.figures import save

    def fail(figure: Figure, file: Any, **_: object) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    (tmp_path / "a.png").write_bytes(b"old")
    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(StopError, match=r"a\.png cannot be written: no space left on device; it is as it was before"):
        save(Figure(), tmp_path / "a.png")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]
