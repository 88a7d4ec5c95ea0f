"""A roster that is opened in the page is the one that the command line reads, or is refused by both."""

from __future__ import annotations

import codecs
import random
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from setback.model.errors import InputError
from setback.model.rosters.files import MAPPINGS
from setback.model.rosters.mapping import roster_of
from setback.model.rosters.propose import propose
from setback.model.rosters.roster import Roster
from setback.model.rosters.rules import Rules, parse_mapping, read_mapping
from setback.page import called, words
from setback.page.rosters import as_data, mappings

from .page import in_the_page, open_all
from .test_exports import EXPORTS, FILES

MARK = '[traits.prior_knowledge]\ncolumns = "mark"\n'
SCHOOL = "pupil,school,mark\n" + "".join(f"{k},{'north' if k < 70 else 'south'},{k * 37 % 20}\n" for k in range(94))
DEALT = '[student]\nid = "pupil"\n[class]\nid = "school"\ndeal = 25\n' + MARK
PANEL = "child,school,grade,mark\n7,n,2,1.1\n7,n,3,1.9\n8,n,2,0.7\n8,n,3,1.2\n9,n,2,0.4\n"
JOINED = "school,class,pupil,mark\n" + "".join(
    f"{s},{c},{k},{(k * 7 + c) % 5}\n" for s, c, n in (("x", 1, 3), ("x", 2, 1), ("y", 1, 1), ("z", 4, 2), ("x", 3, 2))
    for k in range(n)
)  # fmt: skip
#: Files as people have them, each with its mapping; most of the mappings read them, some do not.
CASES: dict[str, tuple[str, str]] = {
    "blank headers": (
        "Course,,,mark,Target\n12,,,131.2,Left\n34,,,118.9,Finished\n56,,,140.6,Finished\n",
        f'[student]\nid = "row number"\n{MARK}',
    ),
    "canvas without totals": (
        '\ufeffStudent,ID,Section,mark\n    Points Possible,,,100\n"Abar, Ria",501,A,61\n"Boe, Tam",502,A,EX\n'
        '"Cui, Lin",503,A,58\n"Student, Test",999,A,0\n',
        '[file]\nmissing = ["EX"]\nskip = {ID = "", Student = "Student, Test"}\n[student]\nid = "ID"\n'
        f'[class]\nid = "Section"\n{MARK}',
    ),
    "canvas by rows": ('Student,mark\n Points Possible,100\n"Abar, R",61\n', f'[student]\nid = "row number"\n{MARK}'),
    "large school": (SCHOOL, DEALT.replace("deal = 25\n", "")),
    "large school, dealt": (SCHOOL, DEALT),
    "dealt with one left": ("id,mark\n1,1\n2,2\n3,3\n", f'[student]\nid = "id"\n[class]\ndeal = 2\n{MARK}'),
    "dealt evenly": ("id,mark\n1,1\n2,2\n3,3\n4,3\n", f'[student]\nid = "id"\n[class]\ndeal = 2\n{MARK}'),
    "missing words": ("id,mark\n1,EX\n2,\n3,5\n4,6\n", f'[file]\nmissing = ["EX"]\n[student]\nid = "id"\n{MARK}'),
    "unlike scales": (
        "id,quiz,test\nann,9,60\nben,EX,55\ncyn,10,70\ndov,8,64\neve,1,64\n",
        '[file]\nmissing = ["EX"]\n[student]\nid = "id"\n[traits.interest]\ncolumns = ["*quiz*", "t*"]\n'
        "reverse = true\n",
    ),
    "equal averages": (
        "id,x,y,w\na,1,3,2\nb,3,1,2\nc,2,2,2\nd,4,4,\n",
        '[student]\nid = "id"\n[traits.interest]\ncolumns = ["x", "y", "w"]\n',
    ),
    "a row a year": (PANEL, f'[student]\nid = "child"\n{MARK}'),
    "one of the years": (PANEL, f'[file]\nonly = {{grade = "2.0"}}\n[student]\nid = "child"\n{MARK}'),
    "nobody left": (PANEL, f'[file]\nonly = {{grade = "4"}}\n[student]\nid = "child"\n{MARK}'),
    "percent": ("id,mark\n1,81.2%\n2,100 %\n3,77\n", f'[student]\nid = "id"\n{MARK}'),
    "above 100%": ("id,mark\n1,101%\n2,90%\n", f'[student]\nid = "id"\n{MARK}'),
    "extra credit": ("id,mark\n1,101%\n2,90%\n", f'[student]\nid = "id"\n{MARK}extra_credit = true\n'),
    "preamble": (
        'Teacher:,Example T\nClass:,Algebra\n,,Due:,01/12/2026\nNum,Name,,mark\n1,"A, R",B,7\n2,"B, T",A,9\n',
        f'[student]\nid = "Num"\n{MARK}',
    ),
    "header that is stated": ("mark,id\nid,mark\n1,2\n3,4\n", f'[file]\nheader = 2\n[student]\nid = "id"\n{MARK}'),
    "a name twice": ("id,mark,x,x\n1,7,1,B\n2,9,2,A\n", f'[student]\nid = "id"\n{MARK}'),
    "a name twice that is meant": ("id,mark,mark\n1,7,1\n2,9,2\n", f'[student]\nid = "id"\n{MARK}'),
    "decimal commas": ("id;mark\n1;7,5\n2;9\n3;8,25\n", f'[student]\nid = "id"\n{MARK}'),
    "thousands": ("id;mark\n1;7,500\n2;9\n", f'[student]\nid = "id"\n{MARK}'),
    "stated commas": ("id;mark\n1;7,500\n2;9\n", f'[file]\ndecimal = ","\n[student]\nid = "id"\n{MARK}'),
    "grades": ("id,mark\n1,B\n2,A+\n3,\n4,F\n", f'[student]\nid = "id"\n{MARK}scale = ["A+", "A", "B", "F"]\n'),
    "a grade too many": ("id,mark\n1,B\n2,A-\n", f'[student]\nid = "id"\n{MARK}scale = ["A+", "A", "B", "F"]\n'),
    "joined": (
        JOINED,
        '[student]\nid = ["school", "class", "pupil"]\n[class]\nid = ["school", "class"]\nsmall = "join"\nleast = 3\n'
        f'school = "school"\n{MARK}',
    ),
    "joined without schools": (
        JOINED.replace("x,1", "x/1,1"),
        '[student]\nid = "row number"\n[class]\nid = ["school", "class"]\nsmall = "join"\nleast = 4\n' + MARK,
    ),
    "too small": (JOINED, f'[student]\nid = "row number"\n[class]\nid = ["school", "class"]\n{MARK}'),
    "a class in two schools": (
        JOINED, f'[student]\nid = "row number"\n[class]\nid = "class"\nschool = "school"\nsmall = "join"\n{MARK}'
    ),
    "digits of other scripts": ("id,mark\n1,٣\n2,१०\n3,𝟗\n4,3.5\n", f'[student]\nid = "id"\n{MARK}'),
    "names of properties": (
        "__proto__,class,mark\nconstructor,__proto__,1\ntoString,__proto__,2\na,constructor,3\nb,constructor,1\n",
        f'[student]\nid = "__proto__"\n[class]\nid = "class"\n{MARK}',
    ),
}  # fmt: skip
#: Files in setback's own columns.
OWN = {
    "schools": "student_id,class_id,school_id,interest,control\na,1,x,3,\nb,1,x,NA,1\nc,1,y,4,1\nd,1,y,3,2\n",
    "tabs": "student_id\tinterest\na\t1\nb\t2\n",
    "rows with a label": "student_id,interest\nPoints Possible,10\na,1\nb,2\n",
    "foreign": "student_id,mark\na,1\nb,2\n",
    "nobody": "student_id\n",
    "nothing": "",
    "one": "student_id\na\n",
    "many": "student_id\n" + "".join(f"s{k}\n" for k in range(61)),
    "a short row": "student_id,interest\na,1\nb\n",
    "a long row": "student_id,interest\na,1,,\nb,2\n",
    "a longer row": "student_id,interest\na,1,x\nb,2\n",
    "no number": "student_id,interest\na,1\nb,much\n",
    "twice": "student_id\na\na\n",
    "two columns": "student_id,student_id\na,b\nc,d\n",
    "no class": "student_id,class_id\na,x\nb,-\n",
    "an open quote": 'student_id\n"a\nb\n',
    "a quote too early": 'student_id\n"a"b\nc\n',
    "quotes": 'student_id,interest\n "a ""x""\nb" , 1\n"c",  "2"\nd"d,3\n'.replace('" , 1', '", 1'),
    "line ends": "student_id,interest\r\na,1\rb,2\r\n\r\n\rc,3",
}


def by_python(raw: bytes, rules: Rules | None, tmp_path: Path) -> Roster | None:
    """The roster of some bytes, None where they are refused."""
    (tmp_path / "pupils.csv").write_bytes(raw)
    try:
        return roster_of(tmp_path / "pupils.csv", rules)
    except InputError:
        return None


def compare(name: str, there: dict[str, Any], here: Roster | None) -> None:
    """The same classes, ids and scores, the same rows left out, joined and dealt, or a refusal on both sides."""
    assert ("refused" in there) == (here is None), (name, there.get("refused"), here)
    if here is None:
        assert there["refused"].endswith(".") and "{" not in there["refused"], name
        return
    roster = there["roster"]
    assert [(c["name"], c["ids"]) for c in roster["classes"]] == [(c.name, [*c.students]) for c in here.classes], name
    for one, other in zip(roster["classes"], here.classes, strict=True):
        assert list(one["scores"]) == list(other.scores), name
        for trait, scores in other.scores.items():
            found = [np.nan if x is None else x for x in one["scores"][trait]]
            assert found == pytest.approx(scores, abs=1e-12, nan_ok=True), (name, trait)
    said = " ".join(here.notes)
    numbers = {
        "left": r"left out (\d+) of \d+ rows", "joined": r"joined (\d+) class", "dealt": r"dealt (\d+) class",
        "labels": r"read as students: (.*?); are they",
    }  # fmt: skip
    told = {key: found[1] if (found := re.search(pattern, said)) else "0" for key, pattern in numbers.items()}
    assert sum(n for *_, n in roster["left"]) == int(told["left"]), name
    assert roster["done"]["joined"] == int(told["joined"]), name
    if here.classes[0].name != "1":  # of a course that is dealt nothing is said
        assert roster["done"]["dealt"] == int(told["dealt"]), name
    assert (len(roster["labels"]) > 0) == (told["labels"] != "0"), name


# ---- the same rosters --------------------------------------------------------------------------------------
def test_exports_through_the_mappings_that_ship(tmp_path: Path) -> None:
    """Every one is recognised by its columns, without being told, and read as on the command line."""
    asked = [*EXPORTS, ("mathachieve.csv", "mathachieve")]
    raw = {file: (FILES / file).read_bytes() for file, _ in asked}
    found = open_all([(file, raw[file], None) for file, _ in asked])
    assert [one["recognised"] for one in found] == [mapping for _, mapping in asked]
    for (file, mapping), one in zip(asked, found, strict=True):
        compare(file, one, by_python(raw[file], read_mapping(MAPPINGS / f"{mapping}.toml"), tmp_path))


def test_files_as_people_have_them(tmp_path: Path) -> None:
    """Through a mapping of their own: read alike, or refused by both."""
    rules = {name: parse_mapping(mapping, "rules.toml") for name, (_, mapping) in CASES.items()}
    found = open_all([(name, text.encode(), rules[name]) for name, (text, _) in CASES.items()])
    read = 0
    for (name, (text, _)), one in zip(CASES.items(), found, strict=True):
        here = by_python(text.encode(), rules[name], tmp_path)
        compare(name, one, here)
        read += here is not None
    assert 15 < read < len(CASES) - 5


def test_own_columns(tmp_path: Path) -> None:
    """Without a mapping; what is no table is refused by both."""
    found = open_all([(name, text.encode(), "own") for name, text in OWN.items()])
    for (name, text), one in zip(OWN.items(), found, strict=True):
        compare(name, one, by_python(text.encode(), None, tmp_path))
    assert [one["recognised"] for one in found[:4]] == ["own", "own", "own", None]


def test_what_is_proposed_is_what_the_command_line_proposes() -> None:
    """Of each invented file, and of those of people, every key."""
    files = {path.name: path for path in FILES.iterdir()}
    found = open_all([(name, path.read_bytes(), None) for name, path in files.items()])
    for (name, path), one in zip(files.items(), found, strict=True):
        text = re.sub(r"(?m)^encoding = .*\n", "", propose(path))
        expected = as_data(parse_mapping(text, "rules.toml"))
        proposed = {key: value for key, value in one["proposed"].items() if value or key in ("skip", "only")}
        for key in ("separator", "decimal", "header", "student", "group", "school", "deal", "small"):
            assert proposed.get(key, "") == listed(expected.get(key, "," if key == "separator" else "")), (name, key)
        assert listed(sorted(expected.get("missing", []))) == sorted(proposed.get("missing", [])), name
        for key in ("skip", "only"):
            assert [*map(listed, expected.get(key, []))] == proposed[key], name
        assert [{key: listed(value) for key, value in trait.items()} for trait in expected["traits"]] == [
            {key: value for key, value in trait.items() if value} for trait in proposed["traits"]
        ], name


def listed(value: Any) -> Any:
    """The same with lists for tuples, as JSON has them."""
    return [*map(listed, value)] if isinstance(value, list | tuple) else value


def test_any_text_is_read_alike(tmp_path: Path) -> None:
    """Three hundred drawn texts of quotes, separators, ends of lines, numbers and words, many of them no roster."""
    draw = random.Random(5)
    plain = ["1", "2.5", "a", "", " 4 ", '"3"', "NA", "7%", "-1", "-1.0", "１", "1e2"]
    odd = ["3,5", "b", '"a,b"', '"l\nm"', "Mean", "é", '"4""', "1_0", "inf"]
    asked = []
    for k in range(300):
        mark, n, least = draw.choice(",;\t|"), draw.choice([2, 3]), draw.choice([0, 0, 1])
        rows = [
            [draw.choice([f"{i}", f' "{i}"', f"s{i} "]), draw.choice(odd if draw.random() < 0.1 * least else plain)]
            + ["g" if draw.random() < 0.5 else draw.choice("gh")] * (n - 2)
            for i in range(draw.randrange(2, 7))
        ]
        head = [["id", "mark", "g"][:n]]
        text = draw.choice(["\n", "\r\n"]).join(mark.join(row) for row in head + rows)
        if draw.random() < 0.2:
            at = draw.randrange(len(text))
            text = text[:at] + draw.choice(['"', "\n", mark, "*"]) + text[at + draw.randrange(2) :]
        group = '[class]\nid = "g"\nsmall = "join"\n' if n == 3 and draw.random() < 0.7 else ""
        left = 'skip = {id = ["1", "x"]}\n' if draw.random() < 0.3 else ""
        mapping = f'[file]\nmissing = ["a", "-1"]\n{left}[student]\nid = "id"\n{group}{MARK}'
        asked.append((f"{k}", text.encode(), parse_mapping(mapping, "rules.toml")))
    read = 0
    for (name, raw, rules), one in zip(asked, open_all(asked), strict=True):
        here = by_python(raw, rules, tmp_path)
        compare(f"{name}: {raw!r}", one, here)
        read += here is not None
    assert 100 < read < 250


# ---- bytes -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["student_id,interest\nJosé,1\nÅsa,2\n", "student_id\nمها\nŁukasz\n"])
def test_encodings_that_nobody_stated(text: str, tmp_path: Path) -> None:
    """UTF-8, UTF-16 by its mark, else Windows-1252; what is none of these is refused by both."""
    raws = [
        text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + text.encode("utf-16-be"), text.encode("cp1252", "replace"), text.encode("utf-16")[:-1],
        text.encode("utf-32"), b"student_id\n\x81\n\xff\n", b"student_id\n\x01\xff\nb\n", b"student_id\na\n\0\n",
        b"student_id\na\n\xff\n",
    ]  # fmt: skip
    found = open_all([("f.csv", raw, "own") for raw in raws])
    for raw, one in zip(raws, found, strict=True):
        compare(repr(raw), one, by_python(raw, None, tmp_path))
    assert sum("refused" in one for one in found) == 6


def test_what_is_no_list_is_told_what_it_is() -> None:
    """One sentence that says what it is, and what would be right."""
    begins = {
        "a picture (PNG)": b"\x89PNG\r\n\x1a\n", "a picture (JPEG)": b"\xff\xd8\xff\xe0", "a picture (GIF)": b"GIF89a",
        "a picture (WebP)": b"RIFF\0\0\0\0WEBPVP8 ", "a picture (HEIF)": b"\0\0\0\x18ftypheic",
        "a picture (TIFF)": b"II*\0", "a picture (BMP)": b"BM\x36\x00\x0c\x00\0\0\0\0", "a PDF": b"%PDF-1.7",
        "a workbook or another packed file": b"PK\x03\x04\x14", "a web page or a drawing": b"\n<!DOCTYPE html><table>",
    }  # fmt: skip
    found = open_all([("my list", raw + bytes(100), None) for raw in begins.values()])
    assert [one["refused"] for one in found] == [
        f"my list is {what}; open it where it was made, and save the list as CSV." for what in begins
    ]
    old, drawing, noise = open_all([("f", raw, None) for raw in (b"\xd0\xcf\x11\xe0", b"<svg>", bytes(range(256)))])
    assert "a workbook" in old["refused"] and "a drawing" in drawing["refused"]
    assert noise["refused"] == "f is not text; save the list as CSV in UTF-8."


# ---- names -------------------------------------------------------------------------------------------------
#: Cells of a first name, a surname and both, and an id.
NAMES = (
    ("", "", "", "501"), ("", "", "Abar, Ria", "501"), ("", "", "Ria Lou Abar", "501"), ("Ria Lou", "Abar", "", "1"),
    ("", "", "van der Berg, Jan (7b)", "1"), ("", "", "Abar,", "7"), ("", "", "", "ria.abar@example.org"),
    ("", "", "", "Student 12"), ("", "", "", "7/1/A"), ("", "", "", "Abar, Ria"), ("", "", "O'Neil, Siân-Lee", "1"),
    ("", "", "\u202elive, \u200bA\u0301da\u2066", "1"), ("", "", "\u200b\ufeff", "9"), ("مها", "ليلى", "", "1"),
    ("", "", "x" * 200, "1"), ("", "", f"{'x' * 50}, Al", "1"), ("", "", "a\nb\x00c\x07", "1"),
    ("\ufffe", "B", "", "1"), ("👩‍🏫 Kit", "", "", "1"), ("<img src=x onerror=alert(2)>", "", "", "1"),
    ("{n} Ann", "", "", "1"), ("", "", "١٢ Al Bo", "1"), ("__proto__", "", "", "1"),
    ('=HYPERLINK("http://x")', "", "", "1"), ("\u00adSoft", "", "", "1"), ("\u200d", "", "", "4"),
)  # fmt: skip


def test_names_are_short_alike() -> None:
    """By Python, which writes them into a page, and by the page, which reads a file."""
    given = [dict(zip(("given", "surname", "both", "id"), name)) for name in NAMES]
    found = in_the_page("given.map(named)", given)
    assert [called.Name(one["first"], one["whole"]) for one in found] == [called.name_of(*name) for name in NAMES]
    firsts = [one["first"] for one in found]
    assert firsts[:13] == [
        "501", "Ria", "Ria", "Ria", "Jan (7b)", "", "", "Student 12", "7/1/A", "Ria", "Siân-Lee", "A\u0301da", "9"
    ]  # fmt: skip
    assert all(len(name) <= 40 and not re.search("[\0-\x1f\u202a-\u202e\u2066-\u2069]", name) for name in firsts)


def test_names_that_are_alike_are_told_apart() -> None:
    """By numbers that nobody else has; who has no name has the number of the seat."""
    classes = [["Ann", "Bo", "Ann", ""], ["Ann", "Ann", "Ann 1", "Ann 1"], ["", "", "1", "2"], ["constructor"] * 2, []]
    found = in_the_page("given.map(numbered)", classes)
    assert found == [called.numbered(names) for names in classes]
    assert found[0] == ["Ann 1", "Bo", "Ann 2", "4"]
    assert all(len(set(names)) == len(names) for names in found)


# ---- one description ---------------------------------------------------------------------------------------
def test_every_mapping_that_ships_has_words() -> None:
    """The page names it when it has read a file through it; none of them states what the page does not read."""
    names = {path.stem for path in MAPPINGS.glob("*.toml")}
    assert {one["called"] for one in mappings()} == names
    assert names == {key.removeprefix("mapping.") for key in words.english(()) if key.startswith("mapping.")}
    assert mappings()[-1]["called"] == "google-classroom"


@pytest.mark.parametrize(
    "more",
    ['[file]\nencoding = "latin-1"', '[class]\nid = "c"\nsmall = "leave out"', '[carry]\nx = "y"',
     '[traits.interest]\ncolumns = "i"\nmean = 1\nsd = 1', '[traits.interest]\ncolumns = "i"\nvalues = {yes = 1}'],
)  # fmt: skip
def test_what_the_page_does_not_read_is_refused_when_it_is_built(more: str) -> None:
    """A mapping that ships may not come to state it unnoticed."""
    tomllib.loads(more)
    with pytest.raises(InputError, match="the page reads none of these"):
        as_data(parse_mapping(f'{more}\n[student]\nid = "id"\n', "rules.toml"))
