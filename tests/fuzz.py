"""What a person can hand over, damaged in every way, thrown at the command line in one process, by the ten thousand.

    python tests/fuzz.py 30000
    python tests/fuzz.py 2000 7 store scene

Nothing may come out of it but what was asked for, or one sentence; nothing half-written stays, nothing is written
elsewhere. Which inputs are thrown follows from the seed, the second number.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from command_line import at_the_door

from setback.cli import app
from setback.door import main
from setback.experiments.studies.folder import MANIFEST, as_json, key_of, sha256
from setback.model.policies import PARTS, PRESETS
from setback.page.words import english

#: Seconds after which a command hangs, and letters of the longest line that is said of bad input.
PATIENCE, LONGEST = 20, 700

STUDY = """[study]
name = "thrown"
question = "What for?"
seed = 3
[policies]
grading = ["criterion", "curve"]
named = ["harmful", "curve+stakes=0.2"]
[parameters]
attribution_drift = 0.1
[worlds]
design = "lhs"
n = 2
vary = { level = [-1, 1], resilience_mean = true }
[rooms]
count = 1
size = 4
weeks = 13
[keep]
outcomes = ["learning", "below_criterion_rate"]
students = ["control"]
share = 0.5
[twins]
flips = ["line"]
share = 0.5
[claim]
description = "Nothing."
outcome = "below_criterion_rate"
policy = "curve"
against = "criterion"
direction = "above"
beyond = 0.05
supported = 0.9
refuted = 0.1
"""
OF_WORLDS = """[study]
name = "thrown"
[policies]
grading = ["criterion"]
[worlds]
design = "file"
file = "worlds.csv"
[rooms]
count = 1
size = 4
weeks = 2
"""
MAPPING = """[file]
separator = ";"
encoding = "utf-8"
decimal = ","
missing = ["", "NA"]
[student]
id = ["class_id", "pupil"]
[class]
id = "class_id"
[traits.prior_knowledge]
columns = ["maths_mark"]
reverse = true
values = { yes = 1, no = 0 }
mean = 10.0
sd = 3.5
[traits.self_control]
columns = ["effort", "maths_mark"]
"""
MARKS = "class_id;pupil;maths_mark;effort\n" + "".join(
    f'{"ab"[k % 2]};"p{k}";{9 + k % 4},5;{"yes" if k % 3 else "NA"}\n' for k in range(8)
).replace("yes", "1,5")
ROSTER = "student_id,class_id,prior_knowledge\n" + "".join(f"s{k},{'ab'[k % 2]},{k / 2}\n" for k in range(8))
GRADES = "class_id,student_id,week,kind,attempt,score,max_score,enrolled,submitted,passed\n" + "".join(
    f"{'ab'[k % 2]},s{k},{week},assessment,1,{(7 * k * week) % 100 + 0.5},100,1,1,1\n"
    for k in range(6)
    for week in (1, 2, 3)
)
WIDE_GRADES = (
    "Student,ID,Section,Quiz 1 (1),Essay (2),Final Score\n    Points Possible,,,10,50,(read only)\n"
    + "".join(f"N{k},{k},{'ab'[k % 2]},{k % 11},{k * 7 % 51},{k}\n" for k in range(8))
)
OULAD = "id_student,code_module,code_presentation,tma_scores\n" + "".join(
    f"{k},AAA,2013{'BJ'[k % 2]},{k * 9 % 101};{'NWX'[k % 3]};W\n" for k in range(8)
)
PART = """name = "thrown"
group = "grading"
description = "Nothing of note."
[levers]
stakes = 0.4
"""
SCENE = """[scene]
title = "A harsh start"
question = "Will B catch up?"
look = "Shame is gone within weeks."
cannot = "Whether a class forgives."
talk = ["What recovers at once?"]
[class]
seed = 1
room = 37
size = 30
weeks = 36
[parameters]
attribution_drift = 0.1
[a]
label = "Benign all year"
policy = "low-pressure-mastery"
[b]
label = "Harsh until week 18, then benign"
policy = "high-pressure > low-pressure-mastery @ 19"
[shows]
failures = [0.122, 0.299, 1.0]
"""
WORLDS = "world,level,resilience_mean\n0,0.5,0.2\n1,-1,0.4\n2,1e-3,0.1\n"
MECHANISM = """import setback as sb

@sb.mechanism("affect", after="update_affect", strength="humour", source="my thesis",
              parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week")})
def laugh_it_off(affect, friends_effort, p):
    return affect * (1.0 - p.strength_humour * p.humour_relief * friends_effort)

jolly = sb.part("jolly", "climate", "Jokes.", stakes=0.2)
"""
#: Lines that fail, as files with --with may.
BROKEN = (
    "raise SystemExit(0)", "raise KeyError(chr(10) * 3)", "1 / 0", "def f(:", "(" * 300, "raise RecursionError",
    "raise MemoryError", "raise KeyboardInterrupt", "raise GeneratorExit", "def g(): g()\ng()", "x = 10 ** 5000; int(str(x))",
    "class E(Exception):\n    def __str__(self): raise self\nraise E", "# coding: nonsense", "import no_such_module", "\ufeffa = $",
    "raise type('Ä\\n\\x1b[2J', (Exception,), {})('x' * 10**6)", "del __import__('sys').modules[__name__]", "yield",
    "raise BaseException('out')", "raise OSError(28, 'No space')", "raise UnicodeEncodeError('a', 'b', 0, 1, 'c')",
    "raise ExceptionGroup('a', [ValueError(1)])", "from setback.model.errors import *; raise InputError('a\\nb' * 900)",
    "x = '\\ud800'\nraise ValueError(x)", "import setback as sb; sb.part('A b', 'climate', 3)",
    "import setback as sb; sb.part('k', ['climate'], 's')", "import setback as sb; sb.mechanism()",
    "import setback as sb; sb.part('k', 'climate', 's', stakes=float('nan'))", "await x",
)  # fmt: skip

# ---- texts that are nothing good ---------------------------------------------------------------------------
WORDS = (
    "", " ", "\t", "\n", "-", "--", "-1", "0", "1", "2", "1e400", "1e-400", "nan", "inf", "-inf", "1.5", "1_000", "٣", "½", "0x10",
    "1" * 400, "9" * 5000, "-" + "9" * 40, str(2**53), str(2**63), str(2**64), "true", "None", "null", "a b", "a=b", "=", "=1", "a=",
    "+", "*", ">", "@", "> @", "curve > @ 2", "curve > benign @ 99999999999", "curve*1", "curve*0.5+criterion*0.5", "curve+curve",
    "curve+criterion", "stakes=1", "curve+stakes=nan", "curve+stakes=", "level=0", "level=1e999", "attribution_drift=0.1",
    "ünknown", "日本語", "\u202egnp.exe", "\x1b[2J", "a\x00b", "\udcff", "\ud800", "😀" * 80, "x" * 300, "y" * 5000, "[bold]x[/bold]",
    "{0}", "%s%n", "$(id)", "`id`", "'; drop", '"', "\\", "..", ".", "/", "//", "~", "CON", "*.toml", "claims", "rigor", "criterion",
    "vectorised", "mesa", "compiled", "auto", "learning", "seat-1", "seat-0", "seat-99999", "seat--1", "student-1", "outcomes", "twins",
    "traces", "coruna", "uci-student", "harsh-start", "tcp://", "http://x", "tcp://127.0.0.1:99999", "tcp://[::1", "a:b:c",
)  # fmt: skip
TOML = (
    "", "0", "-1", "1", "2", "3", "0x7fffffffffffffff", "0x" + "f" * 5000, "1" * 5000, "-9223372036854775809", "0b1", "1e308", "-1e308",
    "1e400", "5e-324", "inf", "-inf", "nan", "0.5", "1.0", "true", "false", '""', '" "', '"\\u0000"', '"\\u001b[2J"', '"\\ud800"',
    '"a\\nb"', f'"{"x" * 100000}"', "'''\n'''", '"""', "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "[]", "{}", "[[]]", "[{}]",
    "[1, 2]", "[2, 1]", "[1, 2, 3]", '["a", 1]', '["curve", "curve"]', "[nan, 1]", "[true, false]", "{ low = 1 }", "{ values = [1, 2] }",
    "{ values = [] }", '{ low = 0.1, high = 0.2, law = "loguniform" }', "{ a = { b = { c = 1 } } }", "[" * 60 + "]" * 60,
    "[" * 3000 + "]" * 3000, "{a=" * 60 + "1" + "}" * 60, "{a=" * 2000 + "1" + "}" * 2000, '"../up"', '"/etc/passwd"', '"."', '"/dev/full"',
    '"worlds.csv"', '"nowhere.parquet"', '"grid"', '"lhs"', '"sobol"', '"saltelli"', '"morris"', '"file"', '"posterior"', '"curve"',
    '"curve+stakes=1"', '"curve > benign @ 2"', '"latin-1"', '"utf-16"', '"utf-7"', '"base64"', '"idna"', '"punycode"', '"rot13"',
    '"unicode_escape"', '"undefined"', '"mbcs"', '"\\t"', '","', '"."', '"row number"', '"below"', '"de"', '"日本語"', "日", "\x00", "\x7f",
)  # fmt: skip
KEYS = (
    "a", "", '""', '"\\u0000"', '"\\u001b[2J"', "日本", "a.b", "a.b.c.d", "x" * 5000, "name", "id", "deal", "seed", "n", "steps", "file", "posterior", "vary",
    "vary.level", "vary.stakes", "vary.nope", "all", "gains", "policies", "group:threat", "curve.threat", "lever:threat", "roster", "mapping", "count", "learning", "level", "strength_humour", "[study]", "[[study]]",
    "[traits.nope]", "[class]", "[worlds]", "[a]", "[page]", ".".join("a" * 60), ".".join("a" * 3000),
)  # fmt: skip
CELLS = (
    "", "NA", "nan", "inf", "-inf", "1e400", "1e308", "1_000", "1,5", "1.5", "0x1", "٣", '"', '""', '"a\nb"', "'", "=1+1", "a" * 200_000, "9" * 6000,
    "\x00", "\x1b[2J", "\r", "\n\n", "\t", ";", ",,", "日本", "\ufeff", "true", "-0", " 1 ", "1e-400", "\u2028", "\x85", "/", "a/b",
)  # fmt: skip
BYTES = (
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x00",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\x1b[2J",
    b"\r",
    b"\r\n",
    b"\x85",
    b"\xf4\x90\x80\x80",
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "cp037", "cp1252")


def damaged(draw: random.Random, content: bytes) -> bytes:
    """Damage some bytes: bits turned, cut, doubled, put in between, or all in another encoding."""
    text = bytearray(content)
    match draw.randrange(7):
        case 0:
            for _ in range(draw.choice((1, 1, 3, 20)) if text else 0):
                text[draw.randrange(len(text))] ^= 1 << draw.randrange(8)
        case 1:
            del text[draw.randrange(len(text) + 1) :]
        case 2:
            at = draw.randrange(len(text) + 1)
            text[at:at] = draw.choice(BYTES) * draw.choice((1, 1, 1000))
        case 3:
            a, b = sorted(draw.randrange(len(text) + 1) for _ in range(2))
            text[a:b] = b"" if draw.random() < 0.5 else text[a:b] * 2
        case 4:
            with suppress(UnicodeError):
                return bytes(text).decode().encode(draw.choice(ENCODINGS), "replace")
        case 5:
            return draw.choice((b"", b"\n", b"\x00" * 4096, draw.randbytes(300), draw.choice(BYTES) + text))
        case 6:
            text += draw.choice((bytes(text), b"[", b"=", b'"', b"\n" * 10_000, draw.randbytes(9)))
    return bytes(text)


def toml(draw: random.Random, text: str) -> bytes:
    """Change lines of a TOML text: other values and keys, lines that are lost, doubled, or elsewhere."""
    lines = text.splitlines()
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        at = draw.randrange(len(lines))
        key, equals, _ = lines[at].partition(" = ")
        match draw.randrange(9):
            case 0 | 1 | 2 | 3 if equals:
                lines[at] = f"{key} = {draw.choice(TOML)}"
            case 4 if equals:
                lines[at] = f"{draw.choice(KEYS)} = {draw.choice(TOML)}"
            case 5:
                lines.insert(at, draw.choice((*lines, f"{draw.choice(KEYS)} = {draw.choice(TOML)}", draw.choice(KEYS))))
            case 6:
                lines[at] = re.sub(r"[\w.-]+", lambda _: draw.choice(WORDS), lines[at], count=1)
            case 7:
                del lines[at]
                lines = lines or [""]
            case _:
                other = draw.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    return damaged(draw, content) if draw.random() < 0.15 else content


def table(draw: random.Random, text: str, mark: str = ",") -> bytes:
    """Change cells of a CSV text: other words in them, ragged lines, other marks and quotes."""
    rows = [line.split(mark) for line in text.splitlines()]
    for _ in range(draw.choice((1, 1, 2, 5))):
        row = draw.choice(rows)
        at = draw.randrange(len(row) + 1)
        match draw.randrange(6):
            case 0 | 1 | 2:
                row[at - 1 : at or 1] = [draw.choice(CELLS)]
            case 3:
                row.insert(at, draw.choice(CELLS))
            case 4:
                row[at - 1 :] = []
                row.append("") if not row else None
            case 5:
                rows.insert(draw.randrange(len(rows)), list(draw.choice(rows)))
    content = draw.choice(("\n", "\n", "\n", "\r\n", "\r", "\n\n")).join(mark.join(row) for row in rows)
    raw = content.encode("utf-8", "surrogatepass")
    return damaged(draw, raw) if draw.random() < 0.25 else raw


def parquet(draw: random.Random) -> bytes:
    """A Parquet file of worlds that is damaged, of other kinds, or says of itself what is not so."""
    level: Any = draw.choice((
        pa.array([0.5, -1.0, 1.0]), pa.array([1, 0, 1]), pa.array(["a", "b", "c"]), pa.array([None, 1.0, 0.0]), pa.array([[1.0], [], None]),
        pa.array([float("nan")] * 3), pa.array([True, False, None]), pa.array([1, 2, 3], pa.timestamp("us")), pa.array([1, 2, 3], pa.uint64()),
        pa.array([2**63, 1, 1], pa.uint64()), pa.array([{"a": 1}] * 3), pa.array(["1", "2", "1"]).dictionary_encode(), pa.nulls(3),
        pa.array([0.5, 0.5, 0.5], pa.float16()), pa.array([1, 2, 3]).cast(pa.decimal128(38, 10)), pa.array([], pa.float64()),
    ))  # fmt: skip
    name = draw.choice(
        ("level", "level", "level", "levle", "", "world", "__index_level_0__", "l\x1b[2J", "日本", "x" * 5000)
    )
    columns = [(name, level)]
    if draw.random() < 0.5:
        columns.append((draw.choice(("resilience_mean", name)), pa.array([0.2] * len(level))))
    about = draw.choice(
        (
            None,
            {b"pandas": b"{"},
            {b"ARROW:schema": draw.randbytes(40)},
            {b"\xff": b"\xff"},
            {b"pandas": b'{"index_columns":[7]}'},
        )
    )
    made = pa.Table.from_arrays(
        [column for _, column in columns], names=[n for n, _ in columns]
    ).replace_schema_metadata(about)
    file = io.BytesIO()
    with suppress(pa.ArrowException):
        pq.write_table(
            made, file, compression=draw.choice(("none", "snappy", "zstd", "gzip")), store_schema=draw.random() < 0.5
        )
    content = bytearray(file.getvalue() or b"PAR1")
    match draw.randrange(4):
        case 0:
            foot = max(4, len(content) - 400)  # the footer
            for _ in range(draw.choice((1, 2, 5))):
                content[draw.randrange(min(foot, len(content) - 1), len(content))] = draw.randrange(256)
        case 1:
            content = bytearray(
                content.replace(b"\x16\x06", draw.choice((b"\x16\xfe", b"\x16\x07", b"\x16\x00")))
            )  # rows
        case 2:
            return damaged(draw, bytes(content))
    return bytes(content)


def python(draw: random.Random) -> bytes:
    """A file with a custom mechanism and policy that fails."""
    lines = MECHANISM.splitlines()
    match draw.randrange(4):
        case 0:
            return draw.choice(BROKEN).encode("utf-8", "surrogatepass")
        case 1:
            lines.insert(draw.choice((0, 1, len(lines))), draw.choice(BROKEN))
        case 2:
            at = draw.randrange(len(lines))
            lines[at] = re.sub(
                r"[\w.]+", lambda f: draw.choice((f[0], f[0], draw.choice(WORDS), draw.choice(TOML)[:300])), lines[at]
            )
        case 3:
            return damaged(draw, MECHANISM.encode())
    return "\n".join(lines).encode("utf-8", "surrogatepass")


# ---- where it is thrown ------------------------------------------------------------------------------------
class Home(NamedTuple):
    """The folder of it all: `here` is where the commands work, `kept` holds a finished store and its study."""

    here: Path
    kept: Path


def place(draw: random.Random, name: str) -> str:
    """Something that is no plain file, or cannot be read or written, under a name here; or a file of the system."""
    kind = draw.randrange(9)
    with suppress(OSError, ValueError):
        match kind:
            case 0:
                Path(name).mkdir()
            case 1:
                os.mkfifo(name)
            case 2:
                Path(name).symlink_to(name)
            case 3:
                Path(name).symlink_to("/dev/full")
            case 4:
                Path(name).symlink_to("nowhere/at/all")
            case 5:
                return draw.choice(("/dev/full", "/dev/null", "/dev/zero", "/dev/tty", "/dev/stdin", "/dev/fd/0"))
            case 6:
                return draw.choice(
                    ("/proc/self/mem", "/proc/kmsg", "/proc/self/environ", "/proc/nowhere/a", "/proc/version")
                )
            case 7:
                return (
                    draw.choice(("no/such/", "n" * 300, "n/" * 3000, "", ".", "-", "\udcff", f"{'d' * 250}/x")) + name
                )
            case 8:
                Path(name).write_bytes(b"")
                return f"{name}/in-a-file"
    return name


Thrown = list[str]
Throw = Callable[[random.Random, Home], Thrown]


def write(name: str, content: bytes | str) -> str:
    """Write a file where the commands work; its name."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def some(draw: random.Random, name: str, make: Callable[[], bytes]) -> str:
    """A file that was made so, or now and then something at its place that is none."""
    return place(draw, name) if draw.random() < 0.04 else write(name, make())


def study(draw: random.Random, home: Home) -> Thrown:
    """A study: what it would take, or how far it is; it is run where that is quick."""
    name = some(draw, draw.choice(("s.toml", "s.toml", "ß.toml")), lambda: toml(draw, STUDY))
    if draw.random() < 0.1:
        return ["status", name, *draw.choice(([], ["--json"]))]
    return [
        "run",
        name,
        "--dry-run",
        "--processes",
        "1",
        "--json",
        *draw.choice(([], [], ["--rooms", "1"], ["--policy", "curve"])),
    ]


def worlds(draw: random.Random, home: Home) -> Thrown:
    """A file of worlds, CSV or Parquet, by the name of either."""
    is_parquet = draw.random() < 0.5
    name = draw.choice(
        ("worlds.csv", "worlds.parquet", "worlds", "worlds.csv.gz" if draw.random() < 0.1 else "worlds.txt")
    )
    made = some(draw, name, lambda: parquet(draw) if is_parquet else table(draw, WORLDS))
    text = OF_WORLDS.replace('"worlds.csv"', json.dumps(made, ensure_ascii=True).replace("\\udcff", "")).replace(
        '"file"', draw.choice(('"file"', '"posterior"'))
    )
    more = draw.choice(("", "", "vary = { level = [-1, 1] }\n", "n = 2\n"))
    return [
        "run",
        write("w.toml", text.replace("[rooms]", f"{more}[rooms]")),
        "--dry-run",
        "--processes",
        "1",
        "--json",
    ]


def roster(draw: random.Random, home: Home) -> Thrown:
    """Real classes and a mapping of their columns, for whoever takes them."""
    words = ["--roster"]
    if draw.random() < 0.4:
        words += [some(draw, "r.csv", lambda: table(draw, ROSTER))]
    else:
        both = draw.random()
        words += [some(draw, "m.csv", lambda: table(draw, MARKS, ";") if both < 0.6 else MARKS.encode()), "--mapping"]
        words += [some(draw, "m.toml", lambda: toml(draw, MAPPING) if both > 0.4 else MAPPING.encode())]
    tiny = ["--weeks", "1"]
    verb = draw.choice((
        ["watch", *tiny], ["watch", *tiny, "--json"], ["watch", *tiny, "--student", "seat-1"], ["page"], ["gradebook", "export", *tiny, "--rooms", "1", "--out", "g.csv"],
        ["compare", "curve", "criterion", *tiny, "--rooms", "1", "--replicates", "1"], ["run", "--dry-run", "--policy", "curve", "--rooms", "1", "--weeks", "13", "--processes", "1"],
    ))  # fmt: skip
    return [*verb, *words]


def grades(draw: random.Random, home: Home) -> Thrown:
    """A grade book, tidy, wide or an open data set, or two of them."""
    files = [some(draw, name, lambda: table(draw, draw.choice((GRADES, GRADES, WIDE_GRADES, OULAD)))) for name in "gh"]
    words = [f"--{option}={draw.choice(WORDS)}" for option in ("kind", "pass-mark", "course") if draw.random() < 0.1]
    out = draw.choice(([], [], ["--json"]))
    return ["gradebook", "facts", *files[: draw.choice((1, 1, 2))], "--draws", "5", *words, *out]


def scene(draw: random.Random, home: Home) -> Thrown:
    """A scene for the page."""
    return ["page", "--scene", some(draw, draw.choice(("s.toml", "é'<.toml")), lambda: toml(draw, SCENE))]


def translation(draw: random.Random, home: Home) -> Thrown:
    """The words of the page in another language."""
    said = english()
    lines = [
        f"{'.'.join(json.dumps(p) for p in key.split('.'))} = {json.dumps(said[key])}"
        for key in draw.sample(sorted(said), 5)
    ]
    made = some(draw, "w.toml", lambda: toml(draw, "\n".join([*lines, '"page"."lang" = "de"'])))
    return ["page", "--scene", "harsh-start", "--words", made]


def policy(draw: random.Random, home: Home) -> Thrown:
    """A policy by its text or its file, and changes of parameters."""
    parts = [draw.choice((*PARTS, *PRESETS)) for _ in range(draw.randrange(1, 4))]
    ends = [draw.choice(("=", "*", "=1", "*0.5", "stakes=1", "stakes=nan", "", *WORDS)) for _ in range(2)]
    text = draw.choice("+++>@ ").join(draw.sample([*parts, *ends], draw.randrange(1, 4)))
    if draw.random() < 0.4:
        text = some(draw, "p.toml", lambda: toml(draw, PART)) + draw.choice(("", "", "+curve", "+stakes=1"))
    other = draw.choice(("curve", text, draw.choice(WORDS)))
    return draw.choice((
        ["watch", "--weeks", "2", f"--policy={text}"], ["watch", "--weeks", "3", f"--policy={other} > {text} @ {draw.choice(('2', *WORDS))}"],
        ["compare", "--rooms", "1", "--weeks", "1", "--replicates", "1", "--", other, text], ["gradebook", "export", "--rooms", "1", "--weeks", "1", "--out", "g.csv", f"--policy={text}"],
        ["run", "--rooms", "1", "--weeks", "13", "--dry-run", "--processes", "1", f"--policy={text}"], ["watch", "--weeks", "1", f"--set={text}"],
        ["watch", "--weeks", "1", f"--set={draw.choice(('level', 'attribution_drift', 'strength_', *WORDS))}={draw.choice(WORDS)}"],
        ["profile", "--rooms", "1", f"--policy={text}", "--weeks", draw.choice(WORDS)],
    ))  # fmt: skip


def with_file(draw: random.Random, home: Home) -> Thrown:
    """A Python file that is broken."""
    made = some(draw, draw.choice(("own.py", "own.py", "sys.py", "a b-日.py", "own.txt")), lambda: python(draw))
    return [
        *draw.choice(
            (
                ["list", "mappings"],
                ["list", "mechanisms", "--json"],
                ["watch", "--weeks", "1"],
                ["live", "--port", "-1"],
            )
        ),
        "--with",
        made,
    ]


def options(draw: random.Random, home: Home) -> Thrown:
    """Any options of any verb with any words; what would begin long work is left out or bounded."""
    verb = draw.choice(sorted(VERBS))
    words, given = verb.split(), dict(BOUNDS.get(verb, {}))
    for parameter in VERBS[verb]:
        if parameter.param_type_name == "argument":
            is_likely = draw.random() < 0.7
            words += [
                draw.choice(
                    {"study": ("s.toml", "nope"), "what": LISTS}.get(parameter.name, WORDS) if is_likely else WORDS
                )
            ]
    chosen = draw.sample(VERBS[verb], min(len(VERBS[verb]), draw.randrange(4)))
    for parameter in chosen:
        if parameter.param_type_name == "argument":
            continue
        name = parameter.opts[0]
        if parameter.is_flag:
            given[name] = None
            continue
        value = (
            place(draw, draw.choice(("o", "o.csv", "o.toml", "o.png", "o.py", "ö.svg")))
            if draw.random() < 0.3
            else draw.choice(WORDS)
        )
        if verb == "bench" and name == "--rounds" and re.fullmatch(r"[0-9\s]+", value[:9]):
            continue
        if not (name in LONG and re.fullmatch(r"\s*[0-9٣_]+\s*", value) and 2 < len(value) < 10):
            given[name] = value
    if draw.random() < 0.1:
        given[draw.choice(("--nope", "-x", "--", "---", "--help", "--policy", "-日", "--\x1b"))] = None
    if "s.toml" in words:
        write("s.toml", STUDY)
    if verb == "run":
        given |= (
            {"--dry-run": None, "--processes": "1"}
            if draw.random() < 0.9
            else {"--processes": draw.choice(("0", "-1", "x", "9999"))}
        )
        words[1:] = ["s.toml"] if words[1:] in ([], ["claims"], ["rigor"]) else words[1:]
    if "--serve" in given:
        given["--port"] = "-1"  # no server is begun, which would stay
    return [*words, *(name if value is None else f"{name}={value}" for name, value in given.items())]


#: What keeps a verb short, and what may not be set to some thousands.
BOUNDS: dict[str, dict[str, str | None]] = {
    "run": {"--rooms": "1", "--weeks": "13"}, "ablate": {"--rooms": "1", "--processes": "0"},
    "compare": {"--rooms": "1", "--weeks": "2", "--replicates": "1"}, "profile": {"--rooms": "1", "--weeks": "2"},
    "bench": {"--rounds": "0"}, "live": {"--port": "-1"}, "watch": {"--weeks": "1"},
    "gradebook export": {"--rooms": "1", "--weeks": "2", "--out": "g.csv"}, "page": {"--scene": "harsh-start"},
    "gradebook facts": {"--draws": "5"}, "fit": {"--tries": "60", "--rooms": "2"}, "export": {"--out": "o.csv"},
}  # fmt: skip
LONG = ("--rooms", "--weeks", "--tries", "--replicates", "--rounds", "--port", "--processes", "--pause")
LISTS = ("policies", "parameters", "levers", "mechanisms", "outcomes", "slots", "studies", "mappings", "results")


def verbs(command: Any, name: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every verb of the command line with its options and arguments."""
    if not hasattr(command, "commands"):
        yield name.strip(), [one for one in command.params if one.name != "help"]
    for word, inner in getattr(command, "commands", {}).items():
        yield from verbs(inner, f"{name} {word}")


VERBS = dict(verbs(typer.main.get_command(app)))


def store(draw: random.Random, home: Home) -> Thrown:
    """A finished store whose files are damaged, or say with a seal of their own what is not so."""
    shutil.copytree(home.kept / "results", "results")
    folder = next(Path("results").glob("*/*"))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for _ in range(draw.choice((1, 1, 2))):
        path = draw.choice([*files, folder / MANIFEST, folder / MANIFEST])
        match draw.randrange(6):
            case 0:
                path.unlink(missing_ok=True)
                at = place(draw, str(path))
                if at != str(path) and not path.exists():
                    path.symlink_to(at if len(at) < 200 and "\0" not in at else "x")
            case 1 if path.is_file():
                path.write_bytes(damaged(draw, path.read_bytes()))
            case 2 if path.suffix == ".parquet":
                resealed(draw, folder, path)
            case _:
                edited(draw, folder, path if path.suffix == ".json" and path.is_file() else folder / MANIFEST)
    if draw.random() < 0.1:
        with suppress(shutil.Error):  # a pipe is not copied
            shutil.copytree(folder, folder.with_name(draw.choice(("0", "é", "x" * 200, "a b"))), symlinks=True)
    name = str(folder)
    return draw.choice((
        ["status"], ["status", "--json"], ["status", "thrown"], ["list", "results"], ["list", "results", "--json"], ["export", name, "--out", "o.csv"],
        ["export", name, "--out", "o.csv", "--table", "twins"], ["export", name, "--out", "o.csv", "--table", "traces"], ["export", name, "--out", "o.csv", "--table", draw.choice(WORDS)],
        ["run", str(home.kept / "s.toml"), "--processes", "1", "--engine", "vectorised", *draw.choice(([], ["--json"], ["--rerun"], ["--retry-failed"]))],
    ))  # fmt: skip


def change(draw: random.Random, value: Any) -> Any:
    """Put something else somewhere into plain data."""
    if isinstance(value, dict) and value and draw.random() < 0.95:
        key = draw.choice(sorted(value))
        if draw.random() < 0.15:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: change(draw, value[key])}
    if isinstance(value, list) and value and draw.random() < 0.9:
        at = draw.randrange(len(value))
        return [*value[:at], change(draw, value[at]), *value[at + draw.randrange(2) :]]
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    return draw.choice(
        [
            0,
            1,
            -1,
            1e6,
            1e300,
            2**60,
            10**400,
            "",
            "curve",
            "\x1b[2J",
            "日本",
            "a\nb",
            "x" * 5000,
            None,
            [],
            {},
            True,
            [[]],
            {"a": 1},
            deep,
        ]
    )


def edited(draw: random.Random, folder: Path, path: Path) -> None:
    """Change a manifest or record; half of the manifests are sealed anew, and so are the records' keys."""
    if not path.is_file():
        return
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        about = change(draw, json.loads(path.read_bytes()))
        path.write_text(json.dumps(about))
        if path.name == MANIFEST and draw.random() < 0.7:
            about["key"] = key_of(about["study"]) if draw.random() < 0.8 else about["key"]
            about.pop("seal", None)
            path.write_text(json.dumps({**about, "seal": sha256(as_json(about).encode())}))
            if draw.random() < 0.7:
                for record in filter(Path.is_file, (folder / "tasks").iterdir()):
                    said = json.loads(record.read_bytes()) | {"key": about["key"]}
                    record.write_text(as_json(said) + "\n")


def resealed(draw: random.Random, folder: Path, path: Path) -> None:
    """Write a table with other columns or kinds, and its hash where it belongs."""
    if not path.is_file():
        return
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        made = pq.read_table(path)
        at = draw.randrange(made.num_columns)
        name = made.column_names[at]
        match draw.randrange(5):
            case 0:
                made = made.drop_columns([name])
            case 1:
                made = made.set_column(at, name, pa.array(["=x\x1b[2J"] * made.num_rows))
            case 2:
                made = made.slice(0, draw.randrange(made.num_rows + 1))
            case 3:
                made = made.rename_columns([draw.choice((*made.column_names, "日\n")) for _ in made.column_names])
            case 4:
                made = made.set_column(at, name, pa.nulls(made.num_rows))
        pq.write_table(made, path)
        content = path.read_bytes() if draw.random() < 0.8 else damaged(draw, path.read_bytes())
        path.write_bytes(content)
        if path.parent == folder:
            about = json.loads((folder / MANIFEST).read_bytes()) | {"design": sha256(content)}
            about.pop("seal")
            (folder / MANIFEST).write_text(json.dumps({**about, "seal": sha256(as_json(about).encode())}))
        else:
            record = folder / "tasks" / f"{path.stem}.json"
            said = json.loads(record.read_bytes())
            said["sha256"][path.parent.name] = sha256(content)
            record.write_text(as_json(said) + "\n")


#: How often each of them is thrown.
THROWS: dict[Throw, int] = {
    study: 8, worlds: 5, roster: 5, grades: 5, scene: 2, translation: 1, policy: 6, with_file: 4, options: 12, store: 4,
}  # fmt: skip


# ---- what comes of it --------------------------------------------------------------------------------------
class HangError(BaseException):
    """A command has taken longer than anybody waits."""


def _hang(number: int, frame: FrameType | None) -> None:
    raise HangError(f"nothing for {PATIENCE} s")


class Watch:
    """Sees every file that is opened for writing, moved or taken away outside of one folder, once it looks."""

    def __init__(self, home: Path) -> None:
        self.home, self.is_looking, self.seen = str(home), False, list[str]()
        sys.addaudithook(self)

    def __call__(self, event: str, of: tuple[Any, ...]) -> None:
        """Take one event of the interpreter."""
        if not self.is_looking or event not in (
            "open",
            "os.mkdir",
            "os.remove",
            "os.rename",
            "os.rmdir",
            "os.symlink",
            "os.truncate",
        ):
            return
        writes = event != "open" or (isinstance(of[2], int) and of[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        for path in (of[:2] if event == "os.rename" else of[:1]) if writes else ():
            if isinstance(path, str | bytes | os.PathLike):
                real = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path)))  # noqa: PTH109, PTH118
                if not real.startswith(self.home) and not real.startswith(("/dev/null", "/proc/")):
                    self.seen.append(f"{event} {real}")


class Done(NamedTuple):
    """How a command ended and what it printed."""

    code: object
    out: str
    err: str


def thrown(words: Thrown, encoding: str = "utf-8") -> Done:
    """Have the words typed, with streams of this encoding."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, errors) for errors in ("strict", "backslashreplace"))
    code: object = None
    signal.alarm(PATIENCE)
    try:
        with at_the_door(*words), redirect_stdout(out), redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
    finally:
        signal.alarm(0)
    for stream in (out, err):
        stream.flush()
    return Done(code, *(stream.buffer.getvalue().decode(encoding, "replace") for stream in (out, err)))  # type: ignore[attr-defined]


def faults(words: Thrown, done: Done) -> Iterator[str]:
    """What is wrong with how a command ended; nothing of it may be."""
    *lines, rest = done.err.split("\n")
    if done.code not in (0, 1, 2, 130):
        yield f"exit code {done.code}"
    if "Traceback" in done.err or "a fault of setback's own" in done.err or "Traceback" in done.out:
        yield "a fault of setback's own"
    if rest:
        yield "a line without an end"
    if done.code and (not lines or not lines[-1].startswith("setback: ")):
        yield "no sentence"
    if any(not line.startswith("setback: ") for line in lines) and not any(
        "json" in word or "with" in word for word in words
    ):
        yield "something else than sentences"
    letters = [re.sub(r"\\(x..|u.{4}|U.{8})", "?", line) for line in lines]  # those that the stream has not
    if any(not line.isprintable() or len(line) > LONGEST for line in letters):
        yield "a sentence that is no line"
    if any(not line.isprintable() for line in done.out.split("\n")):
        yield "something that steers a terminal"
    if left := [path.name for path in Path().rglob(".*.unfinished")]:
        yield f"half-written: {left[0]}"


def nameless(text: str) -> str:
    """A sentence without what is typed in it, to tell sentences apart."""
    return re.sub(r"[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", "0", re.sub(r"'[^']*'|\"[^\"]*\"|/\S+", "…", text))[:60]


@contextmanager
def working(home: Home) -> Iterator[None]:
    """An empty folder to work in; what a file with --with has changed is changed back."""
    home.here.mkdir()
    os.chdir(home.here)
    modules, paths = {*sys.modules}, [*sys.path]
    try:
        yield
    finally:
        os.chdir(home.kept)
        shutil.rmtree(home.here)
        for name in {*sys.modules} - modules:
            if name.startswith("setback_custom_"):
                del sys.modules[name]
        sys.path[:] = paths


def fuzz(count: int, seed: int = 0, *kinds: str) -> str:
    """Throw so many inputs, of some kinds or of all; print each that came out wrong.

    Raises:
        AssertionError: something came out wrong, or something was written elsewhere.
    """
    draw, often = (
        random.Random(seed),
        {throw: n for throw, n in THROWS.items() if throw.__name__ in (kinds or throw.__name__)},
    )
    by_verb, by_kind, by_code, sentences, wrong = (
        Counter[str](),
        Counter[str](),
        Counter[object](),
        Counter[str](),
        Counter[str](),
    )
    warnings.simplefilter("always", RuntimeWarning)
    signal.signal(signal.SIGALRM, _hang)
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        home = Home(root / "here", root / "kept")
        home.kept.mkdir()
        os.environ |= {
            "SETBACK_CACHE": str(root / "cache"),
            "MPLCONFIGDIR": str(root / "cache"),
            "TMPDIR": folder,
            "COLUMNS": "120",
        }
        os.environ.pop("SETBACK_TRACEBACK", None)
        os.chdir(home.kept)
        write("s.toml", STUDY)
        for words in (
            ["run", "s.toml", "--engine", "vectorised", "--processes", "1"],
            ["run", "s.toml", "--dry-run", "--processes", "1"],
        ):
            assert (done := thrown(words)).code == 0, done
        there, watch = sorted(p.name for p in home.kept.iterdir()), Watch(root)
        begun, number = time.monotonic(), 0
        again: Thrown = []
        while number < count:
            throw = draw.choices(list(often), list(often.values()))[0]
            with working(home):
                words = throw(draw, home)
                encoding = draw.choice(("utf-8", "utf-8", "utf-8", "cp1252", "ascii"))
                while words:
                    number += 1
                    started = time.monotonic()
                    watch.is_looking = True
                    done = thrown(words, encoding)
                    watch.is_looking = False
                    took = time.monotonic() - started
                    by_verb[words[0]] += 1
                    by_kind[throw.__name__] += 1
                    by_code[done.code] += 1
                    sentences[nameless(done.err.rstrip("\n").rpartition("\n")[2])] += bool(done.code)
                    said = [*faults(words, done), *(f"written elsewhere: {path}" for path in watch.seen)]
                    watch.seen.clear()
                    if sorted(p.name for p in home.kept.iterdir()) != there or {p.name for p in root.iterdir()} - {
                        "here",
                        "kept",
                        "cache",
                    }:
                        said.append(f"written elsewhere: {[*home.kept.iterdir(), *root.iterdir()]}")
                    if took > PATIENCE - 1:
                        said.append("it takes too long")
                    for fault in said:
                        wrong[fault] += 1
                        if wrong[fault] <= 40:
                            told = [word if len(word) < 200 else f"{word[:200]}…" for word in words]
                            print(
                                f"{number} {throw.__name__}: {fault} ({took:.1f} s)\n  {told!a}\n  {done.code} {done.err[-900:]!a}",
                                flush=True,
                            )
                    again = [word for word in words if word not in ("--dry-run", "--json")]
                    small = throw is study and done.code == 0 and "--dry-run" in words and "student_weeks" in done.out
                    if small and json.loads(done.out)["student_weeks"] < 2_000 and draw.random() < 0.1:
                        words = [*again, "--engine", "vectorised"]
                    else:
                        words = []
        os.chdir(before)
    lines = [f"{number} inputs in {time.monotonic() - begun:.0f} s, seed {seed}"]
    for what, counted in (("by verb", by_verb), ("by kind", by_kind), ("by exit code", by_code)):
        lines.append(f"{what}: " + ", ".join(f"{n} {name}" for name, n in counted.most_common()))
    lines.append(f"{len(sentences)} distinct sentences")
    lines += [f"{n:6} {text}" for text, n in sentences.most_common(12)]
    print("\n".join(lines))
    assert not wrong, f"{sum(wrong.values())} wrong: {dict(wrong.most_common(20))}"
    return "nothing came out wrong"


if __name__ == "__main__":
    print(fuzz(*map(int, sys.argv[1:3]), *sys.argv[3:]))
