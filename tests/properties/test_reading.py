"""Every reader of a file, whatever stands in it and whatever it is, gives what it holds or refuses it in one line."""

import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setback.experiments.scenes import Scene
from setback.experiments.studies import tables
from setback.experiments.studies.study import Study
from setback.experiments.studies.tables import Bounds, read_numbers
from setback.experiments.studies.worlds import Range, worlds
from setback.model.errors import LONGEST, InputError, StopError, shown, unknown
from setback.model.parameters import Parameters
from setback.model.policies import Policy, read_part
from setback.model.reading import DEEPEST, parse_json, parse_toml, read_bytes, read_text
from setback.model.rosters.mapping import read_mapping
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL
from setback.page import words
from setback.page.build import build

SCENES = (Scene.read("rigor-with-a-curve"),)
ENDLESS = f"0x{'f' * 5000}"


def worlds_of(path: Path) -> object:
    """What a study makes of a file of worlds."""
    return worlds("file", [Range.of("level")], file=path)


#: Every reader of a file that a person names: the end of the file's name, and the call.
READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "study": (".toml", Study.read),
    "scene": (".toml", Scene.read),
    "part of a policy": (".toml", read_part),
    "policy": (".toml", lambda path: Policy(str(path))),
    "mapping": (".toml", read_mapping),
    "words": (".toml", lambda path: words.read(path, SCENES)),
    "roster": (".csv", Roster.read),
    "mechanism": (".py", MODEL.with_file),
    "worlds as CSV": (".csv", worlds_of),
    "worlds as Parquet": (".parquet", worlds_of),
}


def outcome(call: Callable[..., object], *args: Any) -> str:
    """What is said where a call refuses, which is one printable line; nothing where it does not."""
    try:
        call(*args)
    except InputError as error:
        message = str(error)
        assert message and message.isprintable() and len(message) <= LONGEST
        return message
    return ""


# ---- what a path leads to ----------------------------------------------------------------------------------
def fifo(path: Path) -> Path:
    """A pipe that nobody writes to, which must not be waited for."""
    os.mkfifo(path)
    return path


def folder(path: Path) -> Path:
    """A folder with the name of a file."""
    path.mkdir()
    return path


def device(path: Path) -> Path:
    """A device without an end, under the name of a file."""
    path.symlink_to("/dev/zero")
    return path


def loop(path: Path) -> Path:
    """A link to itself."""
    path.symlink_to(path)
    return path


def large(path: Path) -> Path:
    """A file of more than any may have, which takes no place on the disk."""
    with path.open("wb") as file:
        file.truncate(2**33)
    return path


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda path: path, "cannot be read; is the path right?"),
    "in no folder": (lambda path: path.parent / "none" / path.name, "cannot be read; is the path right?"),
    "in a file": (lambda path: Path(__file__) / path.name, "cannot be read; is the path right?"),
    "long name": (lambda path: path.with_name("x" * 5000 + path.suffix), "cannot be read; is the path right?"),
    "zero byte": (lambda path: path.with_name(f"a\0b{path.suffix}"), "cannot be read; is the path right?"),
    "line break": (lambda path: path.with_name(f"a\nb{path.suffix}"), "cannot be read; is the path right?"),
    "half a letter": (lambda path: path.with_name(f"\udcff{path.suffix}"), "cannot be read; is the path right?"),
    "loop": (loop, "cannot be read; is the path right?"),
    "folder": (folder, "is a folder; name the file in it"),
    "pipe": (fifo, "is no plain file; save it as one"),
    "device": (device, "is no plain file; save it as one"),
    "large": (large, "bytes; is it the right file?"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reader", READERS)
def test_where_no_file_can_be_read(reader: str, place: str, tmp_path: Path) -> None:
    """One sentence by whatever reader, without waiting."""
    suffix, read = READERS[reader]
    make, says = PLACES[place]
    assert outcome(read, make(tmp_path / f"file{suffix}")).endswith(says)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
@pytest.mark.parametrize("reader", READERS)
def test_what_the_system_refuses(reader: str, error: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody else's, a disk that fails."""
    suffix, read = READERS[reader]
    path = tmp_path / f"file{suffix}"
    path.write_text("")

    def refuse(*args: object, **named: object) -> None:
        raise error

    monkeypatch.setattr("setback.model.reading.open", refuse, raising=False)
    says = "may not be read by you; " if isinstance(error, PermissionError) else "cannot be read (input/output error); "
    assert says in outcome(read, path)


@pytest.mark.parametrize("reader", READERS)
def test_what_needs_too_much_memory(reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and no traceback is."""
    suffix, read = READERS[reader]
    path = tmp_path / f"file{suffix}"
    path.write_text("")

    class Full(io.BytesIO):
        def read(self, *args: object) -> bytes:
            raise MemoryError

    monkeypatch.setattr("setback.model.reading.open", lambda *args, **named: Full(), raising=False)
    assert "needs more memory than there is; " in outcome(read, path)


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    """Its size is counted as it is read, too."""
    path = tmp_path / "a.toml"
    path.write_bytes(b"x" * 11)
    assert read_bytes(path, "file a", 11) == b"x" * 11
    assert outcome(read_bytes, path, "file a", 10) == "file a has more than 10 bytes; is it the right file?"
    of_the_system = Path("/proc/self/status")  # its size is said to be 0
    assert outcome(read_bytes, of_the_system, "it", 10) == "it has more than 10 bytes; is it the right file?"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_plain_file_that_waits_for_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in /proc, where what the system calls a plain file may wait for ever: it holds what is there now."""
    os.mkfifo(tmp_path / "news")
    monkeypatch.setattr("stat.S_ISREG", lambda mode: True)
    assert read_bytes(tmp_path / "news", "news") == b""
    with os.fdopen(os.open(tmp_path / "news", os.O_RDWR | os.O_NONBLOCK), "rb+", buffering=0) as writer:
        assert read_bytes(tmp_path / "news", "news") == b""
        writer.write(b"new")
        assert read_bytes(tmp_path / "news", "news") == b"new"


def test_text(tmp_path: Path) -> None:
    """UTF-8, with or without a mark; nothing else."""
    path = tmp_path / "a.toml"
    path.write_bytes("é".encode("utf-8-sig"))
    assert read_text(path, "file a") == "é"
    path.write_bytes("é".encode("latin-1"))
    assert outcome(read_text, path, "file a") == "file a is not text in UTF-8; save it as such"


# ---- trees of TOML and JSON ---------------------------------------------------------------------------------
DEEP: dict[str, Callable[[int], tuple[str, str]]] = {
    "lists": lambda n: (f"a = {'[' * n}{']' * n}", f'{{"a": {"[" * n}{"]" * n}}}'),
    "tables": lambda n: (f"a = {'{a=' * n}1{'}' * n}", '{"a":' * n + "1" + "}" * n),
    "dotted": lambda n: (f"{'a.' * n}a = 1", '{"a":' * n + "1" + "}" * n),
}


@pytest.mark.parametrize("depth", [DEEPEST + 1, 300, 3000])
@pytest.mark.parametrize("kind", DEEP)
def test_deep_nesting(kind: str, depth: int) -> None:
    """It is refused well before anybody falls over it."""
    toml, of_json = DEEP[kind](depth)
    assert outcome(parse_toml, toml, "text") == "text is not valid TOML: it is nested too deeply"
    assert outcome(parse_json, of_json, "text") == "text is not valid JSON: it is nested too deeply"
    toml, of_json = DEEP[kind](DEEPEST - 1)
    assert outcome(parse_toml, toml, "text") == outcome(parse_json, of_json, "text") == ""


@pytest.mark.parametrize("number", ["nan", "-nan", "inf", "-inf", "1e400"])
def test_numbers_that_are_none(number: str) -> None:
    """The sentence says where it stands."""
    assert outcome(parse_toml, f"a = 1\n[b.c]\nd = [1.0, {number}]", "text").startswith("text: b.c.d is ")
    in_json = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(number, number)
    if number != "-nan":
        assert outcome(parse_json, f'{{"b": {{"d": {in_json}}}}}', "text").startswith("text: b.d is ")


def test_endless_numbers() -> None:
    """More digits than Python writes, in any notation."""
    assert outcome(parse_toml, f"a = {ENDLESS}", "text") == (
        "text: a is a whole number of 20000 bits; it needs a smaller number"
    )
    for digits in (30, 5000):
        assert outcome(parse_toml, f"a = 1{'0' * digits}", "text").startswith("text")
        assert outcome(parse_json, f'{{"a": 1{"0" * digits}}}', "text").startswith("text")


#: One file of each kind that is read, to be spoilt.
GOOD: dict[str, dict[str, Any]] = {
    "study": {
        "study": {"name": "mine", "question": "?", "seed": 1},
        "policies": {"grading": ["curve"], "named": ["harmful > benign @ 19", "curve+stakes=1"]},
        "parameters": {"near_miss_slope": 0.1},
        "worlds": {"design": "lhs", "n": 4, "vary": {"level": [0, 1], "peer_norm": {"values": [0.1]}}},
        "rooms": {"count": 2, "size": 12, "weeks": 30, "roster": "a.csv", "mapping": "b.toml"},
        "keep": {"outcomes": ["learning"], "students": ["control"], "share": 0.5},
        "twins": {"flips": ["line"], "share": 0.0},
        "claim": {"outcome": "learning", "policy": "curve", "direction": "above", "beyond": 0.1, "supported": 0.9},
    },
    "scene": {
        "scene": {"title": "t", "question": "q", "look": "l", "cannot": "c", "talk": ["a"]},
        "class": {"seed": 1, "room": 2, "size": 20, "weeks": 30},
        "parameters": {"near_miss_slope": 0.1},
        "a": {"label": "a", "policy": "criterion"},
        "b": {"label": "b", "policy": "curve > benign @ 9"},
        "shows": {"below_criterion_rate": [0.1, 0.2, 1.0]},
    },
    "part of a policy": {
        "name": "portfolio",
        "group": "grading",
        "description": "s",
        "levers": {"told": 0, "counted": 0},
    },
    "mapping": {
        "file": {"separator": ";", "encoding": "utf-8", "decimal": ",", "missing": ["", 1]},
        "student": {"id": ["a", "b"]},
        "class": {"deal": 25, "seed": 0},
        "traits": {"interest": {"columns": ["m"], "reverse": True, "values": {"yes": 1}, "mean": 1.0, "sd": 2.0}},
    },
    "words": {"page": {"lang": "de"}, "room": {"hint": "Raum"}},
}
LEAVES = (
    st.none().map(lambda _: 16**5000)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.text(max_size=30)
    | st.text(st.characters(exclude_categories=())).map(lambda text: text * 200)
    | st.sampled_from(
        ["", "a\nb", "\x1b[31m", "nan", "curve+stakes=1e999", "a*nan", "x.toml", "\0.toml", "curve > benign @ 99"]
    )
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9) | st.text(min_size=900, max_size=999), inner, max_size=3)
    ),
    max_leaves=6,
)


def toml_of(value: Any) -> str:
    """A value as TOML has it, within a line; whole numbers beyond all bounds as hexadecimal ones."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml_of(str(key))} = {toml_of(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_of, value))}]"
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    return hex(value) if isinstance(value, int) and value > 2**63 else repr(value)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str]:
    """A kind of file, and one of it in which one value or key was replaced by anything."""
    kind = draw(st.sampled_from(sorted(GOOD)))
    table = json.loads(json.dumps(GOOD[kind]))
    at = table
    while True:
        key = draw(st.sampled_from(sorted(at)))
        if not isinstance(at[key], dict) or not at[key] or draw(st.booleans()):
            break
        at = at[key]
    if draw(st.booleans()):
        at[key] = draw(TREES)
    else:
        at[draw(st.text(max_size=20) | st.text(min_size=900, max_size=999))] = draw(TREES)
    return kind, "\n".join(f"{toml_of(key)} = {toml_of(value)}" for key, value in table.items())


@settings(max_examples=400, deadline=None, derandomize=True)
@given(file=spoilt())
def test_any_toml_is_read_or_refused(file: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever stands where something else belongs."""
    kind, text = file
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    outcome(READERS[kind][1], path)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(tree=TREES | st.dictionaries(st.sampled_from(["near_miss_slope", "peer_norm", "norn"]), TREES, max_size=2))
def test_any_parameters_are_read_or_refused(tree: Any) -> None:
    """As JSON, with its NaN and halves of letters, and as TOML."""
    try:
        text = json.dumps(tree)
    except ValueError:  # Python writes no number of so many digits
        text = '{"near_miss_slope": 1' + "0" * 5000 + "}"
    outcome(Parameters.from_json, text)
    outcome(Parameters.from_toml, f"near_miss_slope = {toml_of(tree)}")
    outcome(Parameters, {"near_miss_slope": tree})


@pytest.mark.parametrize("reader", [name for name in READERS if name != "mechanism"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(content=st.binary(max_size=80) | st.text(st.characters(codec="utf-8"), max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(reader: str, content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Bytes that are no text, text that is no TOML or CSV."""
    suffix, read = READERS[reader]
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)
    outcome(read, path)


@pytest.mark.parametrize("made", ["mapping", "roster"])
def test_names_of_files_within_a_study(made: str, tmp_path: Path) -> None:
    """What cannot be a path is refused as a file that is not there."""
    (tmp_path / "a.csv").write_text("student_id\na\nb\n")
    for name in ("a\\u0000b", "x" * 5000, "a\\nb"):
        rooms = f'roster = "{name}"' if made == "roster" else f'roster = "a.csv"\nmapping = "{name}.toml"'
        (tmp_path / "s.toml").write_text(f'[study]\nname = "s"\n[policies]\nnamed = ["curve"]\n[rooms]\n{rooms}\n')
        assert outcome(Study.read, tmp_path / "s.toml").endswith("cannot be read; is the path right?")


@pytest.mark.parametrize("encoding", ["utf-7", "unicode_escape", "idna", "punycode", "utf-16"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(content=st.binary(max_size=60) | st.sampled_from([b"student_id\n+2AA-\nb\n", b"student_id\n\\ud800\nb\n"]))
def test_rosters_in_odd_encodings(encoding: str, content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No half of a letter gets into a roster, as nothing can be written with it."""
    base = tmp_path_factory.getbasetemp()
    (base / "r.csv").write_bytes(content)
    (base / "r.toml").write_text(f'[file]\nencoding = "{encoding}"\n[student]\nid = "student_id"\n')
    if not outcome(Roster.read, base / "r.csv", base / "r.toml"):
        json.dumps(Roster.read(base / "r.csv", base / "r.toml").classes[0].students, ensure_ascii=False).encode()


# ---- tables ------------------------------------------------------------------------------------------------
def level(path: Path, most: int = 100) -> list[float]:
    """The column ``level`` of a table."""
    found = read_numbers(path, f"table {path.name}", lambda names, rows: {"level": (-1.0, 2.0)}, most)
    return found["level"].tolist()


TABLES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "t.csv has no names in its first line; it needs a line of names, and rows of numbers"),
    "blank": (b"\n\n\n", "t.csv has no names in its first line; it needs a line of names, and rows of numbers"),
    "names alone": (b"level,a\n", "t.csv has no row; it needs a line of names, and a row of numbers"),
    "names and blank lines": (b"level,a\n\n", "t.csv has no row; it needs a line of names, and a row of numbers"),
    "semicolons": (b"level;a\n0,5;1\n", "t.csv has semicolons between its columns; save it with commas, and with"),
    "tabs": (b"level\ta\n0\t1\n", "t.csv has tabs between its columns; save it with commas, and with points in its"),
    "long row": (b"level,a\n0,1\n0,1,2\n", "t.csv, line 3: it has 3 cells; the line of column names, the first, has 2"),
    "short row": (b"level,a\n0\n", "t.csv, line 2: it has 1 cell; the line of column names, the first, has 2"),
    "twice": (b"level,a,level\n0,1,2\n", "t.csv has 2 columns called level; keep one"),
    "absent": (b"lvl,a\n0,1\n", "t.csv has no column level; it has lvl, a"),
    "zero bytes": (b"level\n0\0\n", "t.csv is not text in UTF-8; save it as CSV in UTF-8, or as Parquet"),
    "rubbish": (bytes(range(256)) * 9, "t.csv is not text in UTF-8; save it as CSV in UTF-8, or as Parquet"),
    "utf-16": ("level\n0\n".encode("utf-16"), "t.csv is not text in UTF-8; save it as CSV in UTF-8, or as Parquet"),
    "utf-16, no mark": ("level\n0\n".encode("utf-16-le"), "t.csv is not text in UTF-8; save it as CSV in UTF-8, or as"),
    "latin-1": ("level,ä\n0,0\n".encode("latin-1"), "t.csv is not text in UTF-8; save it as CSV in UTF-8, or as"),
    "latin-1, late": (b"level\n" + b"0\n" * 90 + b"\xe4\n", "t.csv is not text in UTF-8; save it as CSV in UTF-8"),
    "open quote": (b'level\n"0\n1\n', "t.csv, line 3: it is not CSV (unexpected end of data); is a quote left open?"),
    "missing": (b"level,a\n0,1\n,1\n", "t.csv, row 2: level is missing; it needs a number from -1 to 2"),
    "NaN": (b"level\nnan\n", "t.csv, row 1: level is 'nan'; it needs a number from -1 to 2"),
    "infinite": (b"level\n0\n-inf\n", "t.csv, row 2: level is -inf; it needs a number from -1 to 2"),
    "beyond": (b"level\n2.5\n", "t.csv, row 1: level is 2.5; it needs a number from -1 to 2"),
    "grouped": (b"level\n1_0\n", "t.csv, row 1: level is '1_0'; it needs a number from -1 to 2"),
    "word": (b"level\n" + b"x" * 9000, "t.csv, row 1: level is 'xxxxx"),
    "rows": (b"level\n" + b"0\n" * 101, "t.csv has more than 100 rows; cut it into several"),
    "behaviour space": (
        b'"BehaviorSpace results (NetLogo 6.4.0)"\n"a.nlogo"\n"sweep"\n"01/12/2026"\n"min","max"\n"1","2"\n'
        b'"[run number]","level"\n"1","0"\n',
        "t.csv is a table of BehaviorSpace whose names stand in line 7; take the 6 lines above them away",
    ),
    "behaviour space, spreadsheet": (
        b'"BehaviorSpace results (NetLogo 6.4.0)"\n"a.nlogo"\n',
        "t.csv is a spreadsheet of BehaviorSpace; export its table format",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "says"), TABLES.values(), ids=TABLES)
def test_tables_that_cannot_be_used(content: bytes, says: str, tmp_path: Path) -> None:
    """One sentence that says what, where, and what would be right."""
    (tmp_path / "t.csv").write_bytes(content)
    assert outcome(level, tmp_path / "t.csv").startswith(says)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_table_as_it_should_be(ends: str, tmp_path: Path) -> None:
    """To the last bit; with a mark, quotes, blank lines, and what is not asked for unread, columns twice among it."""
    text = ends.join(['a,"level",a,', "x,0.1,nan,", "", 'y,"-0.30000000000000004",,', "z, 1e-3 ,\tü,"])
    (tmp_path / "tä.csv").write_bytes(text.encode("utf-8-sig"))
    assert level(tmp_path / "tä.csv", 4) == [0.1, -0.30000000000000004, 0.001]


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
def test_no_bounds_let_infinity_in(number: float, tmp_path: Path) -> None:
    """Every number is finite, also where none is too large."""
    frame = pd.DataFrame({"level": [1e300, number]})
    frame.to_csv(tmp_path / "t.csv", na_rep="nan")
    frame.to_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        said = outcome(read_numbers, tmp_path / name, "t", lambda names, rows: {"level": (-np.inf, np.inf)}, 9)
        assert said.startswith(f"{name}, row 2: level is ")


@pytest.mark.parametrize("name", ["t.csv.gz", "t.parquet.zip", "t.CSV.XZ", "t.csv.zst", "t.tgz"])
def test_nothing_is_unpacked(name: str, tmp_path: Path) -> None:
    """Whatever the end of a name asks for."""
    (tmp_path / name).write_bytes(b"level\n0\n")
    assert outcome(level, tmp_path / name) == f"table {name} is packed; unpack it first"


@pytest.mark.parametrize("chunk", [3, 2**20])
def test_rows_are_counted_before_any_is_read(chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly, wherever a part of the file ends; so a file of too many is refused before they fill the memory."""
    monkeypatch.setattr(tables, "CHUNK", chunk)
    pd.DataFrame({"level": [0.5, -0.5, 0.25]}).to_parquet(tmp_path / "w.parquet")
    for number, end in enumerate(("\n", "\r\n", "\r")):
        text = end.join(["level", ".5", "-.5", ".25"])
        (tmp_path / f"{number}.csv").write_bytes(text.encode())
        (tmp_path / f"{number}-ends.csv").write_bytes((text + end).encode())
    told: list[tuple[list[str], int]] = []

    def choose(names: Sequence[str], rows: int) -> Bounds:
        told.append(([*names], rows))
        return {"level": (-1.0, 1.0)}

    for path in sorted(tmp_path.iterdir()):
        assert read_numbers(path, "it", choose, 3)["level"].tolist() == [0.5, -0.5, 0.25]
        with pytest.raises(InputError, match=r"has more than 2 rows"):
            read_numbers(path, "it", choose, 2)
    assert told == [(["level"], 3)] * 7


def test_parquet(tmp_path: Path) -> None:
    """Numbers of any kind, by what the file is and not by its name, without pandas's index and metadata."""
    frame = pd.DataFrame({"other": ["a", "b", "c"], "level": [0.1, 0.2, 2.0]}, index=[7, 3, 5])
    for name in ("t.parquet", "tä.pq", "t.csv"):
        frame.to_parquet(tmp_path / name)
        assert level(tmp_path / name) == [0.1, 0.2, 2.0]
    seen: list[Any] = []
    read_numbers(tmp_path / "t.csv", "t", lambda *given: seen.append(given) or {"level": (0.0, 2.0)}, 3)
    assert seen == [(["other", "level"], 3)]
    for kind in (pa.int8(), pa.uint64(), pa.float32(), pa.decimal128(25, 2)):
        pq.write_table(pa.table({"level": pa.array([0, 1, 2]).cast(kind)}), tmp_path / "t.parquet")
        assert level(tmp_path / "t.parquet") == [0.0, 1.0, 2.0]


def test_parquet_with_foreign_metadata(tmp_path: Path) -> None:
    """What another program says of its index is not believed, nor even read."""
    table = pa.table({"level": [0.0, 1.0]}).replace_schema_metadata({"pandas": "{"})
    pq.write_table(table, tmp_path / "t.parquet")
    assert level(tmp_path / "t.parquet") == [0.0, 1.0]


def test_parquet_that_cannot_be_used(tmp_path: Path) -> None:
    """Too many rows are refused by the footer, before anything is read; so are columns of no numbers."""
    path = tmp_path / "t.parquet"
    for held, says in (
        ([0.0] * 101, "t.parquet has more than 100 rows; cut it into several"),
        (pa.array([], pa.float64()), "t.parquet has no row; it needs a line of names, and a row of numbers"),
        (["a"], "t.parquet: column level holds string; it needs numbers"),
        ([[1.0]], "t.parquet: column level holds list<"),
        ([True], "t.parquet: column level holds bool; it needs numbers"),
        ([0.0, None], "t.parquet, row 2: level is missing; it needs a number from -1 to 2"),
        (pa.array([1, None]), "t.parquet, row 2: level is missing; it needs a number from -1 to 2"),
        ([0.0, float("nan")], "t.parquet, row 2: level is nan; it needs a number from -1 to 2"),
        ([0.0, float("inf")], "t.parquet, row 2: level is inf; it needs a number from -1 to 2"),
        ([3], "t.parquet, row 1: level is 3; it needs a number from -1 to 2"),
    ):
        pq.write_table(pa.table({"level": held}), path)
        assert outcome(level, path).startswith(says)
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([1])], ["level", "level"]), path)
    assert outcome(level, path) == "t.parquet has 2 columns called level; keep one"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_parquet_is_read_or_refused(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file that was cut off, or of which a byte was changed."""
    file = io.BytesIO()
    pq.write_table(pa.table({"level": np.linspace(0, 1, 50), "a": ["x"] * 50}), file, write_page_checksum=True)
    whole = file.getvalue()
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    content = whole[:at] if cut else whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    path.write_bytes(content)
    said = outcome(level, path)
    assert said or not cut


# ---- what is said, and what a page holds -----------------------------------------------------------------------
@settings(max_examples=100, deadline=None, derandomize=True)
@given(name=st.text(st.characters(exclude_categories=()), max_size=3000), value=TREES)
def test_whatever_is_said_is_one_line(name: str, value: Any) -> None:
    """Of a name, a value and a path that may hold anything and be of any length."""
    for error in (
        unknown("policy", name, ["curve"]),
        unknown("policy", value, [name]),
        InputError(name),
        StopError(name),
    ):
        assert str(error).isprintable() and len(str(error)) <= LONGEST
    assert shown(value).isprintable() and len(shown(value)) <= 60


def test_what_is_too_long_keeps_its_ends() -> None:
    """What is wrong stands at the beginning, what would be right at the end."""
    message = str(InputError(f"study {'x' * 9000} is wrong; write it anew"))
    assert message.startswith("study xxx") and " … " in message and message.endswith("is wrong; write it anew")


def test_deep_values_are_shown() -> None:
    """Python writes neither a number of too many digits nor a list that is too deep."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "list" and shown([16**5000]) == "list"
    assert outcome(Policy, deep) == "list is no part of a policy; give names, as in 'curve'"
    while deep:  # taken apart by hand, as Python would fall over it
        deep = deep.pop()


def test_no_page_holds_nan() -> None:
    """A scene that would bring one cannot be made; a trait that is not known is null."""
    with pytest.raises(ValueError, match="finite number"):
        Scene.model_validate(
            SCENES[0].model_dump() | {"about": SCENES[0].about, "parameters": {"peer_norm": float("nan")}}
        )
    spoilt = SCENES[0].model_copy(update={"parameters": {"peer_norm": float("nan")}})
    assert outcome(build, [spoilt], None, None, "").startswith("the page would hold a number that is infinite or none")
