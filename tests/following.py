"""Follows a page of the documents from top to bottom, in a folder, block by block, as a reader would.

A block of ``bash`` is commands, of ``python`` code whose names later blocks see, of ``toml`` or ``csv`` a file, where
it has a name, and of ``text`` something to read. A block that cannot be followed says in its own words why: a line
``# not run by the tests: …``. What would take long is made small: the page shows it at full size.
"""

import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command_line import setback

from setback.experiments.studies.study import names as studies
from setback.model.shipped import shipped

ROOT = Path(__file__).parents[1]
FILES = ROOT / "tests" / "rosters" / "files"
#: What makes a command short, by its verb; what the command says itself is left.
SMALL: Mapping[str, str] = {
    "run": "--processes 1",
    "compare": "--rooms 2 --weeks 20 --replicates 1",
    "ablate": "--rooms 1 --weeks 14 --processes 1",
    "power": "--quick",
    "profile": "--rooms 2 --weeks 12",
    "report": "--processes 1 --force",
    "trials": "--rooms 2",
    "gradebook": "--rooms 2",
    "page": "--force",  # one page after another is written to the same place
}
#: Options that say nothing to some commands of a verb.
UNLESS = {"--rooms": ("--roster", "facts")}
#: A shipped study made small, line by line.
SMALLER = {
    r"^count = \d+": "count = 1",
    r"^size = \d+": "size = 8",
    r"^weeks = \d+": "weeks = 20",  # a policy changes in week 19
    r"^n = \d+": "n = 12",
    r"^grading = .*": 'grading = ["criterion", "curve", "mastery"]',
    r"^sequence = .*": "",
    r"^rows = .*": 'rows = ["PF1"]',
    r"^share = 0\.\d+": "share = 0.5",
}  # fmt: skip
WHY = re.compile(r"^# not run by the tests: (\S.*)$", re.M)


class Block(NamedTuple):
    """A block of a page: its language, its text, and why it is not followed, "" where it is."""

    language: str
    text: str
    why: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    return [Block(language, text, why[1] if (why := WHY.search(text)) else "") for language, text in found]


def lines(text: str) -> list[list[str]]:
    """The words of each command of a block; what explains it stands behind a # or some blanks, as on the pages."""
    joined = re.sub(r"\\\n\s*", "", text)
    plain = (re.split(r"\s{2,}", line)[0] for line in joined.splitlines())
    return [words for line in plain if (words := shlex.split(line, comments=True))]


def small_study(name: str) -> str:
    """A shipped study made small, in a file of the folder, under its own name."""
    text = (shipped("setback.experiments") / "studies" / f"{name}.toml").read_text(encoding="utf-8")
    for line, instead in SMALLER.items():
        text = re.sub(line, instead, text, flags=re.M)
    if name == "rigor":  # of which pages ask for conditions and sensitivities
        text = text.replace("n = 12", "n = 100")
    Path("small").mkdir(exist_ok=True)
    Path("small", f"{name}.toml").write_text(text, encoding="utf-8")
    return f"small/{name}.toml"


def settled(text: str) -> str:
    """The text with keys of results that there are in the place of those that the page shows."""

    def real(found: re.Match[str]) -> str:
        there = sorted(Path("results", found[1]).glob("*"))
        return str(there[0]) if there else found[0]

    return re.sub(r"results/([\w-]+)/(?:0a1b2c3d4e5f|KEY|…)", real, text)


def smaller(words: list[str]) -> list[str]:
    """A command as short as it can be."""
    if words[1] in ("run", "report"):
        words = [small_study(word) if word in studies() else word for word in words]
    if "coruna" in words or not Path("pupils.toml").exists():  # real classes are not in the repository
        words = ["class.toml" if word in ("coruna", "pupils.toml") else word for word in words]
    if words[1:3] == ["new", "study"] and Path(f"{words[3]}.toml").exists():  # made small by `prepare`
        words = [*words, "--out", "another.toml"]
    if "--prior" in words:
        words = [*words, "--study", small_study("prior"), "--processes", "1"]
    for option, *value in map(str.split, re.findall(r"--\w+(?: \d+)?", SMALL.get(words[1], ""))):
        if option not in words and not {*UNLESS.get(option, ())} & {*words}:
            words = [*words, option, *value]
    return words


def prepare() -> None:
    """What pages take for granted: a grade book, exports of schools, a study of the reader's, and results of three."""
    Path("grades.csv").write_bytes((FILES / "canvas.csv").read_bytes())
    Path("pupils.csv").write_text("class,pupil,pretest\n" + "".join(f"7a,P{k},{k % 9}\n" for k in range(20)))
    command("setback", "gradebook", "export", "--rooms", "2", "--out", "marks.csv")
    command("setback", "new", "mapping", "pupils.csv", "--out", "class.toml")
    command("setback", "new", "study", "my-question")
    command("setback", "new", "study", "my-sweep")
    text = Path("my-sweep.toml").read_text(encoding="utf-8")
    own = {r"^n = \d+": "n = 8", r"^share = 0$": "share = 0.5", r"^# \[groups\].*": "[groups]",
           r"^# resilience = 3.*": "resilience = 3"}  # fmt: skip
    for line, instead in (SMALLER | own).items():
        text = re.sub(line, instead, text, flags=re.M)
    Path("my-sweep.toml").write_text(text, encoding="utf-8")
    command("setback", "run", "my-sweep.toml", "--processes", "1")
    for name in ("rigor", "claims"):
        command("setback", "run", small_study(name), "--processes", "1")


def served(*words: str) -> str:
    """What a command prints that serves until Ctrl-C, which comes when it says where; no test opens a network."""
    typed = [sys.executable, "-m", *(word for word in words if word not in ("--network", "--force")), "--port", "0"]
    with subprocess.Popen(typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as done:
        try:
            assert done.stdout
            where = done.stdout.readline()
            done.send_signal(signal.SIGINT)
            rest = done.communicate(timeout=60)[0]
        finally:
            done.kill()  # whatever went wrong, it does not stay
    assert "the page is at http" in where and done.returncode == 0, (shlex.join(words), where, rest)
    return where + rest


def command(*words: str) -> str:
    """What a command prints."""
    if "--serve" in words:
        return served(*words)
    done = setback(*words[1:])
    fine = (0, 1) if words[1:3] == ("course", "check") else (0,)  # 1 where something is still open
    assert words[0] == "setback" and done.code in fine and not done.err.startswith("setback: "), (
        shlex.join(words),
        done.err[-600:],
    )
    return done.out


def follow(page: Path) -> dict[str, Any]:
    """Follow a page in the present folder; give the names of its Python, and what each command printed."""
    names: dict[str, Any] = {"__name__": "followed"}
    for k, (language, text, why) in enumerate(blocks(page)):
        assert language in ("bash", "python", "toml", "csv", "text", ""), f"block {k} is of an unknown language"
        if why or language == "text":
            continue
        if language == "toml":
            keep(text)
        elif language == "csv":
            Path("pupils.csv").write_text(text, encoding="utf-8")
        elif language == "python":
            text = re.sub(r"rooms=\d{2,}", "rooms=2", settled(text))
            text = re.sub(r'Study\.read\("([\w-]+)"\)', lambda m: f'Study.read("{small_study(m[1])}")', text)
            file = Path("mine.py" if "@sb.mechanism" in text and "mine" not in names else f"block_{k}.py").resolve()
            file.write_text(text, encoding="utf-8")
            exec(compile(text, file, "exec"), names)
        else:
            for words in lines(text):
                names[shlex.join(words)] = command(*smaller([settled(word) for word in words]))
    return names


def keep(text: str) -> None:
    """Keep a file under the name that it has, or that its first line says; of a part alone see that it can be read."""
    if name := re.search(r'^(?:name = "|# )([\w-]+)(?:"|\.toml)$', text, re.M):
        Path(f"{name[1]}.toml").write_text(text, encoding="utf-8")
    pieces = text.splitlines() if len(re.findall("^vary = ", text, re.M)) > 1 else [text]
    for piece in pieces:  # one line for another
        tomllib.loads(piece)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what pages take for granted."""
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        prepare()
    return folder
