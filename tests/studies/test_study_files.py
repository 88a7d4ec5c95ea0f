"""Study files: what each key means, every file read or refused in one sentence, and files to start from."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import said, setback
from hypothesis import given, settings
from hypothesis import strategies as st

import setback as sb
from setback.experiments.evidence.measured import digest as evidence_digest
from setback.experiments.studies import cost, workers
from setback.experiments.studies import folder as folders
from setback.experiments.studies.identity import MODULES
from setback.experiments.studies.study import Claim, Study, names, start
from setback.experiments.studies.worlds import ONE
from setback.model.errors import InputError
from setback.model.grammar import fingerprint
from setback.model.keep import Keep
from setback.model.outcomes import NORMS, OUTCOMES
from setback.model.parameters import Parameters
from setback.model.policies import PARTS, Policy, PolicyChange
from setback.model.syntax import digest
from setback.model.week import MODEL


def toml(study: dict[str, Any]) -> str:
    """The text of a study file with these tables, in their order."""

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{json.dumps(k)} = {inline(v)}" for k, v in value.items()) + " }"
        if isinstance(value, list):
            return "[" + ", ".join(map(inline, value)) + "]"
        return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool)) else repr(value)

    return "".join(
        f"[{name}]\n" + "".join(f"{json.dumps(key)} = {inline(value)}\n" for key, value in table.items())
        if isinstance(table, dict)
        else f"{name} = {inline(table)}\n"
        for name, table in sorted(study.items(), key=lambda item: isinstance(item[1], dict))
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files that studies name."""
    folder = tmp_path_factory.mktemp("desk")
    rng = np.random.default_rng(1)
    pd.DataFrame({"level": rng.uniform(-1, 1, 9), "style_mean": rng.uniform(-1, 1, 9)}).to_csv(
        folder / "draws.csv", index=False
    )
    pd.DataFrame({"waiting": [0.0, 0.8], "self_paced": [0.8, 0.0]}).to_csv(folder / "apart.csv", index=False)
    pd.DataFrame({"waiting": [0.0, 0.8], "self_paced": [0.0, 0.8]}).to_csv(folder / "together.csv", index=False)
    (folder / "marks.csv").write_text("student_id,class_id\n" + "".join(f"s{i},{'abb'[i % 3]}\n" for i in range(7)))
    (folder / "junk.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\xff\xfe")
    return folder


def read(desk: Path, text: str) -> Study:
    """The study of a text."""
    (desk / "mine.toml").write_text(text)
    return Study.read(desk / "mine.toml")


HEAD = '[study]\nname = "mine"\n'
GOOD = HEAD + '[policies]\ngrading = ["criterion", "curve"]\n[twins]\nshare = 0\n'


# ---- what is read ------------------------------------------------------------------------------------------
def test_what_is_left_out(desk: Path) -> None:
    """A name and a policy are enough."""
    study = read(desk, HEAD + "[policies]\ngrading = ['curve']\n")
    assert (study.name, study.question, study.seed, study.rooms, study.weeks) == ("mine", "", 0, 40, 36)
    assert (study.worlds, study.claim, study.share, study.flips) == (ONE, None, 0.0, ())
    assert study.keep == Keep(tuple(OUTCOMES), (), 0.01)
    assert [len(c.students) for c in study.roster.classes] == [30]
    assert study.parameters.changed() == {}


FULL = """
[study]
name = "full"
question = "All of it?"
seed = 7
[policies]
grading = ["criterion", "curve"]
sequence = ["problem-first"]
named = ["curve+problem-first", "harmful > benign @ 3"]
[parameters]
attribution_drift = 0.1
[worlds]
design = "file"
file = "draws.csv"
vary = { style_mean = true }
[rooms]
roster = "marks.csv"
weeks = 5
[keep]
outcomes = ["learning", "dropout", "learning"]
students = ["control"]
share = 0.5
[twins]
share = 0
[claim]
description = "So it is"
outcome = "dropout"
policy = "harmful > benign @ 3"
against = "problem-first+curve"
direction = "below"
beyond = 0
supported = 0.9
refuted = 0.1
"""


def test_what_is_said(desk: Path) -> None:
    """Every table; paths are taken from the folder of the file, policies by the names that tables give them."""
    study = read(desk, FULL)
    change = PolicyChange("harmful", (3, "benign"))
    assert study.policies == (Policy("problem-first"), Policy("curve+problem-first"), change)
    assert study.parameters.changed() == {"attribution_drift": 0.1}
    assert (study.worlds.design, study.worlds.names, len(study.worlds)) == ("file", ("style_mean",), 9)
    assert [len(c.students) for c in study.roster.classes] == [3, 4] and study.rooms == 2
    assert study.keep == Keep(("learning", "dropout"), ("control",), 0.5)
    claim = Claim("dropout", change.name, "curve+problem-first", "below", 0.0, "So it is", 0.9, 0.1)
    assert study.claim == claim
    assert json.loads(json.dumps(study.text()))["claim"] == claim._asdict()


def test_everything_that_decides_the_results_is_said(desk: Path) -> None:
    """What the key of a study is the hash of, as plain data: field by field."""
    study = read(desk, FULL).replace(engine="vectorised")
    first, second, change = study.policies
    assert isinstance(change, PolicyChange)
    roster = {"name": "marks", "network": "friendship", "digest": study.roster.digest(), "synthetic": False}
    modules = json.dumps(dict(MODULES["vectorised"]), sort_keys=True)
    said = study.text()
    assert said == {
        "name": "full", "question": "All of it?",
        "policies": ["problem-first", "curve+problem-first", change.name],
        "levers": [
            {"1": dict(first)}, {"1": dict(second)},
            {"1": dict(Policy("harmful")), "3": dict(Policy("benign"))},
        ],
        "parameters": {**Parameters(), "attribution_drift": 0.1},
        "worlds": {
            "design": "file", "count": 9, "digest": study.worlds.digest(),
            "ranges": [{"name": "style_mean", "low": -1.0, "high": 1.0, "distribution": "uniform", "values": ()}],
        },
        "keep": {"outcomes": ("learning", "dropout"), "students": ("control",), "share": 0.5},
        "claim": {
            "outcome": "dropout", "policy": change.name, "against": "curve+problem-first", "direction": "below",
            "beyond": 0.0, "description": "So it is", "supported": 0.9, "refuted": 0.1,
        },
        "roster": roster, "rooms": 2, "shared": False, "weeks": 5, "seed": 7, "share": 0.0, "engine": "vectorised",
        "flips": ["line", "label", "practice"], "estimands": [], "predictions": [],
        "evidence": {"rows": [], "digest": evidence_digest([])},
        "assumed": [{"1": {}}, {"1": {}}, {"1": {}, "3": {}}],
        "norms": dict(NORMS), "equations": fingerprint(MODEL), "measures": digest(modules),
    }  # fmt: skip
    assert study.key() == hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]
    turned = study.replace(policies=(first, second), claim=None, weeks=20, share=0.25, flips=("label", "line")).text()
    assert (turned["share"], turned["flips"], turned["claim"]) == (0.25, ["label", "line"], None)


PORTFOLIO = """
name = "portfolio"
group = "grading"
description = "Collected work, looked at together."
[levers]
told = 0
counted = 0
information = 0.9
"""


@pytest.fixture
def portfolio(desk: Path) -> Iterator[None]:
    """A policy file beside the study, whose part nobody knows before or after."""
    (desk / "parts").mkdir(exist_ok=True)
    (desk / "parts" / "collected.toml").write_text(PORTFOLIO)
    yield
    PARTS.pop("portfolio", None)


@pytest.mark.usefixtures("portfolio")
def test_a_policy_file_beside_a_study(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a policy is named, by its path from the study's folder, whatever the folder one is in."""
    monkeypatch.chdir(tmp_path)
    study = read(
        desk,
        HEAD
        + """
[policies]
grading = ["criterion", "parts/collected.toml"]
pacing = ["fixed", "adaptive"]
named = ["parts/collected.toml+stakes=0.3", "parts/collected.toml*0.5+curve*0.5", "curve > parts/collected.toml @ 9"]
[twins]
share = 0
[claim]
outcome = "learning"
policy = "curve > parts/collected.toml @ 9"
against = "adaptive+parts/collected.toml"
direction = "above"
beyond = 0.0
""",
    )
    assert [policy.name for policy in study.policies] == [
        "criterion", "adaptive", "portfolio", "portfolio+adaptive", "portfolio+stakes=0.3",
        "portfolio*0.5+curve*0.5", "curve > portfolio @ 9",
    ]  # fmt: skip
    assert study.policies[2].in_week(1)["information"] == 0.9
    assert study.claim and (study.claim.policy, study.claim.against) == ("curve > portfolio @ 9", "portfolio+adaptive")


@pytest.mark.usefixtures("portfolio")
def test_a_policy_file_that_does_not_fit(desk: Path) -> None:
    """In the list of another group, or where there is none."""
    for table, says in (
        ("pacing = ['parts/collected.toml']", "unknown pacing policy 'parts/collected.toml'"),
        ("grading = ['collected.toml']", f"policy file {desk / 'collected.toml'} cannot be read"),
        ("named = ['curve > collected.toml @ 3']", f"policy file {desk / 'collected.toml'} cannot be read"),
    ):
        with pytest.raises(InputError, match=re.escape(f"study mine.toml: {says}")):
            read(desk, HEAD + f"[policies]\n{table}\n")


def test_where_the_classes_of_a_study_are_looked_for(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the file, and where it is not there within SETBACK_DATA; what says columns alone names no classes."""
    monkeypatch.setenv("SETBACK_DATA", str(tmp_path))
    for name in ("marks.csv", "theirs.csv"):
        (tmp_path / name).write_text("student_id,class_id\nann,1\nben,1\n")
    for name, sizes in (("marks.csv", [3, 4]), ("theirs.csv", [2])):
        study = read(desk, GOOD + f"[rooms]\nroster = '{name}'\n")
        assert [len(c.students) for c in study.roster.classes] == sizes and study.rooms == len(sizes)
    for mapping in ("coruna", "mine.toml"):
        with pytest.raises(InputError) as error:
            read(desk, GOOD + f"[rooms]\nmapping = '{mapping}'\n")
        assert str(error.value) == (
            "study mine.toml: rooms.mapping says what columns mean; rooms.roster must name the file"
        )


def test_three_ways_to_say_what_varies(desk: Path) -> None:
    """The table's range, another one, or values; a lever is a number like others."""
    text = GOOD + "[worlds]\ndesign = 'grid'\nsteps = 3\n[worlds.vary]\n"
    text += "style_mean = true\nlevel = [0, 1]\nretention = { high = 0.03, distribution = 'uniform' }\n"
    text += "peer_norm = { values = [0.2] }"
    made = read(desk, text).worlds
    assert len(made) == 27
    assert [(r.low, r.high, r.distribution, r.values) for r in made.ranges] == [
        (-1.0, 1.0, "uniform", ()), (0.0, 1.0, "uniform", ()), (0.002, 0.03, "uniform", ()),
        (0.2, 0.2, "uniform", (0.2,)),
    ]  # fmt: skip


def test_what_decides_the_hash(desk: Path) -> None:
    """Comments and order do not; everything that results depend on does, the engine too."""
    study = read(desk, FULL)
    assert read(desk, "# a word\n" + FULL.replace("0.10", "0.1 ")).key() == study.key()
    assert len({study.replace(engine=name).key() for name in ("vectorised", "mesa", "compiled")}) == 3
    for old, new in (
        ("seed = 7", "seed = 8"), ("weeks = 5", "weeks = 6"), ("drift = 0.1", "drift = 0.05"),
        ("style_mean = true", "style_mean = [-1, 0.9]"), ("@ 3", "@ 4"), ("So it is", "So it is not"),
        ('"dropout", "learning"]', '"practice_error_rate", "dropout"]'), ('["control"]', '["affect"]'), ("= 0.5",
        "= 0.6"),
        ("beyond = 0", "beyond = 0.01"), ('direction = "below"', 'direction = "above"'), ("= 0.9", "= 0.95"),
        ('"curve"]', '"curve", "mastery"]'), ("All of it", "Some of it"), ('"full"', '"whole"'),
    ):  # fmt: skip
        assert old in FULL
        other = read(desk, FULL.replace(old, new))
        assert other.key() != study.key(), (old, new)


def test_the_same_draws_in_another_file(desk: Path, tmp_path: Path) -> None:
    """The numbers decide, not where they lay; a draw that is moved by a bit is another study."""
    study = read(desk, FULL)
    for name in ("draws.csv", "marks.csv"):
        (tmp_path / name).write_bytes((desk / name).read_bytes())
    assert read(tmp_path, FULL).key() == study.key()
    frame = pd.read_csv(tmp_path / "draws.csv")
    frame["style_mean"] = np.nextafter(frame["style_mean"], 0.0)
    frame.to_csv(tmp_path / "draws.csv", index=False)
    assert read(tmp_path, FULL).key() != study.key()


# ---- what is refused ---------------------------------------------------------------------------------------
LHS = "[worlds]\ndesign = 'lhs'\nn = 4\n"
CLAIM = "[claim]\noutcome = 'learning'\npolicy = 'curve'\ndirection = 'above'\nbeyond = 0.1\n"
INVALID = "a result that nobody is told of cannot count; counted must not be above told"
#: What stands in the file of a study, and how the sentence begins that is said of it.
BAD: dict[str, tuple[str, str]] = {
    # tables and keys
    "unknown key of worlds": (
        GOOD + "[worlds]\ndesgn = 'lhs'\n",
        "unknown key 'worlds.desgn'; did you mean worlds.design",
    ),
    "unknown key of claim": (GOOD + CLAIM + "beyon = 1\n", "unknown key 'claim.beyon'; did you mean claim.beyond"),
    "unknown key of keep": (GOOD + "[keep]\ntrace = []\n", "unknown key 'keep.trace'; did you mean keep."),
    "unknown key far from any": (
        GOOD + "[keep]\nwhat = 1\n",
        "unknown key 'keep.what'; did you mean keep.share?",
    ),
    "no design": (GOOD + "[worlds]\nn = 4\n", "worlds.design is missing"),
    "worlds that are no table": ("worlds = 3\n" + GOOD, "worlds is 3; it needs a table"),
    "brackets without end": ("a = " + "[" * 5000, "is not valid TOML: "),
    "leaves the folder": (
        GOOD.replace("mine", "../x"),
        "study.name is '../x'; it needs lower-case letters, digits and ",
    ),
    "leaves the results": (
        GOOD.replace("mine", "/x"),
        "study.name is '/x'; it needs lower-case letters, digits and hy",
    ),
    "no name at all": (GOOD.replace("mine", ""), "study.name is ''; it needs lower-case letters, digits and hyphens"),
    "two lines": (GOOD.replace("mine", "mine\\n"), "study.name is 'mine\\n'; it needs lower-case letters, digits and "),
    # policies
    "no policy": (HEAD + "[policies]\nnamed = []\n", "[policies] names none; give parts of a group, or named = ["),
    "a policy without a name": (
        HEAD + "[policies]\nnamed = ['']\n",
        "'' is no policy; give a Policy or a name, as in ",
    ),
    "misspelt": (HEAD + "[policies]\nnamed = ['curv']\n", "unknown policy 'curv'; did you mean curve?"),
    "misspelt after the change": (
        HEAD + "[policies]\nnamed = ['curve > bening @ 3']\n",
        "unknown policy 'bening'; did ",
    ),
    **{
        f"change {text}": (
            HEAD + f"[policies]\nnamed = ['{text}']\n",
            f"'{text[:58]}{'…' if len(text) > 58 else chr(39)} is no policy; write a change as in",
        )
        for text in (
            "curve > benign",
            "curve > benign @",
            "curve > benign > mastery @ 3",
            "curve > @ 3",
            "> benign @ 3",
            "curve > benign @ -3",
            "curve > benign @ 3.5",
            "curve > benign @ ²",
            "curve > benign @ " + "9" * 5000,
        )
    },
    "change in the first week": (
        HEAD + "[policies]\nnamed = ['curve > benign @ 1']\n",
        "the week of a change of policy is 1; it needs a whole number from 2",
    ),
    "changes in no order": (
        HEAD + "[policies]\nnamed = ['curve > benign @ 9 > mastery @ 5']\n",
        "a policy changes in week 9 and then in week 5; weeks must rise",
    ),
    "change beyond the year": (
        GOOD.replace("[twins]", "named = ['curve > benign @ 37']\n[twins]"),
        "policy curve > mastery+adaptive+error-friendly+stakes=0 @ 37 changes in week 37; the last week of the ",
    ),
    "change with twins": (
        HEAD + "[policies]\nnamed = ['curve > mastery @ 3']\n[twins]\nshare = 0.2\n",
        "twins need one policy all year; curve > mastery @ 3 changes, so set share = 0",
    ),
    # numbers
    "parameter misspelt": (
        GOOD + "[parameters]\nnear_mis = 1\n",
        "unknown parameter 'near_mis'; did you mean near_miss_slope",
    ),
    "lever as a parameter": (
        GOOD + "[parameters]\nlevel = 1\n",
        "level is a policy lever; give it to the policy, as in ",
    ),
    "infinite parameter": (
        GOOD + "[parameters]\nnear_miss_slope = inf\n",
        "parameters.near_miss_slope is inf; it needs a finite",
    ),
    "number without end": (
        GOOD + f"[parameters]\nnear_miss_slope = 1{'0' * 400}\n",
        "parameters.near_miss_slope is 1000",
    ),
    "n = 0": (
        GOOD + LHS.replace("4", "0") + "vary = { level = true }\n",
        "n in [worlds] is 0; it needs a whole number",
    ),
    "n = 1e12": (
        GOOD + LHS.replace("4", "1000000000000") + "vary = { level = true }\n",
        "n in [worlds] is 1000000000000;",
    ),
    "n = 4.0": (
        GOOD + LHS.replace("4", "4.0") + "vary = { level = true }\n",
        "worlds.n is 4.0: input should be a valid ",
    ),
    "no n": (
        GOOD + "[worlds]\ndesign = 'lhs'\nvary = { level = true }\n",
        "design lhs needs n, the number of its points",
    ),
    "n of a grid": (
        GOOD + LHS.replace("lhs", "grid") + "vary = { level = true }\n",
        "a design grid has no n; its steps d",
    ),
    "no power of two": (
        GOOD + LHS.replace("lhs", "sobol").replace("4", "100") + "vary = { level = true }\n",
        "n of a sobol design is 100; it needs a power of two, such as 64 or 128",
    ),
    "grid without end": (
        GOOD + "[worlds]\ndesign = 'grid'\nsteps = 1000\nvary = { level = true, peer_norm = true, striving = true }\n",
        "the design has 1,000,000,000 worlds; a study has at most 1,000,000, or cut it into several",
    ),
    "no such design": (
        GOOD + LHS.replace("lhs", "lsh") + "vary = { level = true }\n",
        "unknown design 'lsh'; did you mean",
    ),
    "too many classrooms": (
        GOOD + LHS.replace("4", "1000000") + "vary = { level = true }\n[rooms]\ncount = 100000\n",
        "study mine has 200,000,000,000 classrooms; it may have 10,000,000,000",
    ),
    # what varies
    "nothing varies": (GOOD + LHS, "[worlds] says nothing of what varies; name it in [worlds.vary]"),
    "values as a range": (
        GOOD + LHS.replace("lhs", "grid").replace("n = 4", "steps = 3") + "vary = { stakes = [0, 0.5, 1] }\n",
        "worlds.vary.stakes is [0, 0.5, 1]; values that are listed need { values = [0, 0.5, 1] }",
    ),
    "steps of no grid": (
        GOOD + LHS + "steps = 3\nvary = { level = true }\n",
        "a design lhs has no steps; they are a grid's",
    ),
    "varies misspelt": (GOOD + LHS + "vary = { levl = true }\n", "unknown number to vary 'levl'; did you mean level?"),
    "both changed and varied": (
        GOOD + "[parameters]\npeer_norm = 0.1\n" + LHS + "vary = { peer_norm = true }\n",
        "peer_norm stands in [parameters] and varies as well; take one of them away",
    ),
    "wrong way round": (
        GOOD + LHS + "vary = { level = [1, 0] }\n",
        "level varies from 1 to 0; the lower end must come fi",
    ),
    "out of the table": (
        GOOD + LHS + "vary = { level = [0, 3] }\n",
        "policy lever level is 3; it needs a number from -1.5",
    ),
    "infinite": (
        GOOD + LHS + "vary = { level = [-inf, 1] }\n",
        "worlds.vary.level is -inf; it needs a finite number",
    ),
    "NaN": (
        GOOD + LHS + "vary = { peer_norm = [0, nan] }\n",
        "worlds.vary.peer_norm is nan; it needs a finite number",
    ),
    "end without end": (GOOD + LHS + f"vary = {{ level = [0, 1{'0' * 400}] }}\n", "worlds.vary.level is 1000"),
    "value without end": (
        GOOD + LHS + f"vary = {{ level = {{ values = [1{'0' * 400}] }} }}\n",
        "worlds.vary.level.values is 1000",
    ),
    "loguniform from 0": (
        GOOD + LHS + "vary = { peer_norm = { distribution = 'loguniform' } }\n",
        "peer_norm varies from 0 by the distribution loguniform; it needs a lower end above 0",
    ),
    "no such distribution": (
        GOOD + LHS + "vary = { peer_norm = { distribution = 'normal' } }\n",
        "unknown distribution of peer_norm 'normal'; did you mean uni",
    ),
    "values in a sample": (
        GOOD + LHS + "vary = { peer_norm = { values = [0.1] } }\n",
        "peer_norm lists its values; only a grid takes",
    ),
    "key of a range": (
        GOOD + LHS + "vary = { peer_norm = { hgh = 1 } }\n",
        "unknown key of worlds.vary.peer_norm 'hgh'; did you mean ",
    ),
    **{
        f"vary = {value}": (GOOD + LHS + f"vary = {{ peer_norm = {value} }}\n", "worlds.vary.peer_norm is ")
        for value in (
            "false",
            "1",
            "'true'",
            "[]",
            "[0.1]",
            "[0, 0.1, 0.2]",
            "['0', '1']",
            "[true, 1]",
            "1979-05-27",
            "{ values = [] }",
            "{ values = 3 }",
            "{ values = [0.1], low = 0 }",
            "{ values = [0.1], high = 1 }",
            "{ low = '0' }",
            "{ high = '1' }",
            "{ low = true }",
        )
    },
    "levers that make no sense": (
        GOOD + LHS + "vary = { told = [0, 0.4], counted = [0.5, 1] }\n",
        f"policy criterion, as it varies in world 0: {INVALID}",
    ),
    "a lever that makes no sense with a policy": (
        HEAD + "[policies]\nnamed = ['mastery', 'curve']\n[twins]\nshare = 0\n"
        "[worlds]\ndesign = 'grid'\nvary = { retakes = { values = [0, 1] } }\n",
        "policy curve, as it varies in world 1: a rank in the class is not taken again; ",
    ),
    "a lever that makes no sense after a change": (
        HEAD + "[policies]\nnamed = ['mastery > curve @ 3']\n[twins]\nshare = 0\n"
        "[worlds]\ndesign = 'grid'\nvary = { retakes = { values = [0, 1] } }\n",
        "policy mastery > curve @ 3, as it varies in world 1: a rank in the class is not taken again; ",
    ),
    "rows of levers that make no sense": (
        GOOD + "[worlds]\ndesign = 'file'\nfile = 'together.csv'\n",
        "policy criterion, as it varies in world 1: a class cannot wait for all and let each move on alone; ",
    ),
    # files
    "file and no design of one": (
        GOOD + LHS + "file = 'draws.csv'\nvary = { level = true }\n",
        "design lhs reads no file in [worlds]",
    ),
    "design and no file": (
        GOOD + "[worlds]\ndesign = 'file'\nfile = ''\n",
        "design file needs a file in [worlds]",
    ),
    "posterior of another design": (
        GOOD + LHS + "posterior = 'cycle'\nvary = { level = true }\n",
        "design lhs reads no posterior in [worlds]",
    ),
    "posterior and file": (
        GOOD + "[worlds]\ndesign = 'posterior'\nposterior = 'cycle'\nfile = 'draws.csv'\n",
        "[worlds] names a posterior that ships and a file; take one of them away",
    ),
    "file that is not there": (
        GOOD + "[worlds]\ndesign = 'file'\nfile = 'none.csv'\n",
        "file of worlds none.csv cannot be r",
    ),
    "file of junk": (
        GOOD + "[worlds]\ndesign = 'file'\nfile = 'junk.csv'\n",
        "junk.csv is not text in UTF-8; save it as CSV",
    ),
    "file that cannot be": (
        GOOD + "[worlds]\ndesign = 'file'\nfile = 'a\\u0000b'\n".replace("'a", '"a').replace("b'", 'b"'),
        "file of worlds a b cannot be read; is the path",
    ),
    "file without the column": (
        GOOD + "[worlds]\ndesign = 'file'\nfile = 'draws.csv'\nvary = { peer_norm = true }\n",
        "draws.csv has no column peer_norm; it has level, style_mean",
    ),
    "file that is no posterior": (
        GOOD + "[worlds]\ndesign = 'posterior'\nfile = 'draws.csv'\nn = 10\n",
        "draws.csv begins with 'level,style_mean'; a posterior begins with '# setback posterior; model NAME; ",
    ),
    "roster that is not there": (
        GOOD + "[rooms]\nroster = 'none.csv'\n",
        "roster none.csv cannot be read; is the path rig",
    ),
    "roster of a long name": (
        GOOD + f"[rooms]\nroster = '{'x' * 300}.csv'\n",
        f"roster {'x' * 300}.csv cannot be read; ",
    ),
    # what is kept
    "outcome misspelt": (
        GOOD + "[keep]\noutcomes = ['lerning']\n",
        "unknown outcome to keep 'lerning'; did you mean lear",
    ),
    "slot misspelt": (GOOD + "[keep]\nstudents = ['contrl']\n", "unknown slot to keep 'contrl'; did you mean control"),
    "slot of the class": (
        GOOD + "[keep]\nstudents = ['line']\n",
        "line is a number of the class; weeks are kept of numbers of a student",
    ),
    "share of nothing": (GOOD + "[keep]\nshare = 0\n", "keep.share is 0: input should be greater than 0"),
    # the claim
    "claim of what is not kept": (
        GOOD + "[keep]\noutcomes = ['practice_error_rate']\n" + CLAIM,
        "unknown outcome of the claim, which must be kept: 'learning'; there are practice_error_rate",
    ),
    "claim of nothing": (
        GOOD + CLAIM.replace("learning", "joy"),
        "unknown outcome of the claim, which must be kept: 'joy'",
    ),
    "claim of no policy": (GOOD + CLAIM.replace("curve", "curv"), "unknown policy 'curv'; did you mean curve?"),
    "claim of a policy that is not run": (
        GOOD + CLAIM.replace("'curve'", "'mastery'"),
        "unknown policy of the claim 'mastery'; there are criterion, curve",
    ),
    "claim against a policy that is not run": (
        GOOD + CLAIM + "against = 'mastery'\n",
        "unknown policy of the claim 'mastery'; there are criterion, curve",
    ),
    "claim against itself": (
        GOOD + CLAIM + "against = 'curve+fixed'\n",
        "the claim sets curve against itself; name another policy",
    ),
    "claim beyond everything": (
        GOOD + CLAIM.replace("0.1", "inf"),
        "claim.beyond is inf; it needs a finite number",
    ),
    "claim beyond nothing": (
        GOOD + CLAIM.replace("0.1", "-0.1"),
        "claim.beyond is -0.1: input should be greater than or",
    ),
    "claim beside": (
        GOOD + CLAIM.replace("above", "beside"),
        "claim.direction is 'beside': input should be 'above' or 'be",
    ),
    "what varies is no table": (
        GOOD + "[worlds]\ndesign = 'lhs'\nn = 3\nvary = 3\n",
        'worlds.vary is 3; it needs "all", a list of names, or a table of names with ranges',
    ),
    "claim hardly supported": (
        GOOD + CLAIM + "supported = 0.5\n",
        "claim.supported is 0.5: input should be greater than",
    ),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_bad_studies(text: str, says: str, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that names the key, its value and what would be right; nothing is run, printed or written."""
    for file in desk.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(text)
    before = sorted(tmp_path.iterdir())
    message = said(setback("run", "mine.toml"))
    assert message.startswith(("study mine.toml: " + says, "study mine.toml " + says)), message
    assert sorted(tmp_path.iterdir()) == before


def test_rows_of_levers_count_and_not_the_corners_between_them(desk: Path) -> None:
    """Waiting and moving on alone in different worlds is no contradiction, nor are all levers too many to look at."""
    assert len(read(desk, GOOD + "[worlds]\ndesign = 'file'\nfile = 'apart.csv'\n").worlds) == 2
    levers = "told = [0.5, 1]\ncounted = [0, 0.5]\nwaiting = [0, 0.5]\nself_paced = [0, 0.5]\n" + "".join(
        f"{name} = true\n"
        for name in (
            "public", "information", "threat", "stakes", "cut", "quota", "level", "pace", "mastery_share", "adaptive",
            "target",
            "problem_first", "consolidation", "rescue", "responsive", "friendly", "grade_practice", "choice", "spiral",
            "cooperation", "attribution_talk", "mindset_message", "compassion",
        )
    )  # fmt: skip
    assert len(read(desk, GOOD + LHS + "[worlds.vary]\n" + levers).worlds.names) == 27


DROPOUT = Claim("dropout", "criterion", None, "above", 0.0)


def test_a_study_made_in_a_program_is_checked_too(desk: Path) -> None:
    """What a file may not say, nobody may."""
    study = read(desk, GOOD)
    for changes, message in (
        ({"policies": ()}, "study mine has no policy; name at least one"),
        ({"keep": Keep(classes=["effort"])}, "a study keeps no class means of its weeks; name the slots in students"),
        ({"claim": DROPOUT._replace(beyond=-0.1)}, "beyond in the claim is -0.1; it needs a finite number from 0"),
        ({"claim": DROPOUT._replace(supported=0.4)}, "supported in the claim is 0.4; it needs a number from 0.5 to 1"),
        ({"claim": DROPOUT._replace(supported=1.1)}, "supported in the claim is 1.1; it needs a number from 0.5 to 1"),
        ({"claim": DROPOUT._replace(refuted=-0.1)}, "refuted in the claim is -0.1; it needs a number from 0 to 0.5"),
        ({"claim": DROPOUT._replace(refuted=0.6)}, "refuted in the claim is 0.6; it needs a number from 0 to 0.5"),
        ({"rooms": 0}, "rooms is 0; it needs a whole number from 1 to 100000"),
        ({"weeks": 521}, "weeks is 521; it needs a whole number from 1 to 520"),
        ({"seed": -1}, "seed is -1; it needs a whole number from 0 to "),
        ({"engine": "fast"}, "unknown engine 'fast'; "),
        ({"share": 0.1, "weeks": 12}, "twins need more than 12 weeks; the year has 12"),
        ({"claim": Claim("learning", "curve", "curve", "above", 0.0)}, "the claim sets curve against itself; name an"),
    ):
        with pytest.raises(InputError) as error:
            study.replace(**changes)
        assert str(error.value).startswith(message)


@pytest.mark.parametrize("processes", [0, -1, 1025, 1.5, True, "2"])
def test_as_many_processes_as_there_can_be(desk: Path, tmp_path: Path, processes: Any) -> None:
    """To run and to estimate; what is no number of processes is refused before anything is written."""
    study = read(desk, GOOD)
    for ask in (lambda: study.cost(processes), lambda: study.run(tmp_path, processes)):
        with pytest.raises(InputError) as error:
            ask()
        assert str(error.value) == f"processes is {processes!r}; it needs a whole number from 1 to 1024"
    assert not any(tmp_path.iterdir())
    assert [type(workers.so_many(many)) for many in (None, 2, np.int8(2))] == [int] * 3


def test_policies_made_in_a_program_are_named_in_any_words(desk: Path) -> None:
    """Texts are the policies that they say, as in a file: the study and its key are the same."""
    study = read(desk, HEAD + "[policies]\nnamed = ['high-pressure', 'curve > mastery @ 9']\n[twins]\nshare = 0\n")
    made = study.replace(policies=("harmful", "curve > mastery @ 9"))
    assert made.policies == study.policies == (Policy("harmful"), PolicyChange("curve", (9, "mastery")))
    assert made.key() == study.key()


def test_a_claim_made_in_a_program_names_policies_in_any_words(desk: Path) -> None:
    """Presets and aliases are told apart by what they say; what is no policy is refused as before."""
    study = read(desk, HEAD + "[policies]\nnamed = ['high-pressure', 'reference']\n[twins]\nshare = 0\n")
    made = study.replace(claim=Claim("learning", "harmful", "reference", "below", 0.0))
    assert made.claim and (made.claim.policy, made.claim.against) == tuple(policy.name for policy in study.policies)
    for policy, against, message in (
        ("harmful", "high-pressure", "the claim sets curve+accelerated+withhold+stakes=1 against itself; "),
        ("criteria", None, "unknown policy of the claim 'criteria'; did you mean criterion?"),
        ("benign", None, "unknown policy of the claim 'mastery+"),
    ):
        with pytest.raises(InputError) as error:
            study.replace(claim=Claim("learning", policy, against, "below", 0.0))
        assert str(error.value).startswith(message)


def test_options_are_checked_against_the_file(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year cut short before its policy changes is refused; a claim ends with the policies that it compares."""
    monkeypatch.chdir(desk)
    Path("change.toml").write_text(HEAD + "[policies]\nnamed = ['curve > mastery @ 9']\n[twins]\nshare = 0\n")
    message = said(setback("run", "change.toml", "--weeks", "8", "--dry-run"))
    assert message == "policy curve > mastery @ 9 changes in week 9; the last week of the year is 8"
    assert said(setback("run", "change.toml", "--policy", "curve >", "--dry-run")).startswith("'curve >' is no policy")
    Path("claim.toml").write_text(GOOD + CLAIM)
    words = ["run", "claim.toml", "--rooms", "1", "--results", "out", "--processes", "1"]
    for policy, judged in (("curve", True), ("criterion", False)):
        done = setback(*words, "--policy", policy)
        assert done.code == 0 and ("In the model, " in done.out) is judged


# ---- any file ----------------------------------------------------------------------------------------------
def sometimes(good: st.SearchStrategy[Any], *bad: Any) -> st.SearchStrategy[Any]:
    """Mostly what fits, now and then what does not."""
    junk = [None, True, -1, 0, 10**400, 1e300, float("inf"), float("nan"), "", "x", "../x", "a\0b", "é\u2028", [], {}]
    return st.integers(1, 24).flatmap(lambda k: st.sampled_from([*bad, *junk]) if k == 13 else good)


def table(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A table with some of these keys, and now and then another."""
    some = st.fixed_dictionaries({}, optional=keys).map(lambda t: {k: v for k, v in t.items() if v is not None})
    return st.integers(1, 30).flatmap(lambda k: some.map(lambda t: {**t, "other": 1}) if k == 13 else some)


def some_of(*values: Any, least: int = 1) -> st.SearchStrategy[list[Any]]:
    """A few of them, each once."""
    return st.lists(st.sampled_from(values), min_size=least, max_size=3, unique=True)


WORDS = st.text(st.characters(codec="utf-8"), max_size=5)
POLICIES = ("criterion", "curve", "mastery", "harmful", "curve+stakes=0.5", "curve > mastery @ 4", "harmful>benign@9")
#: Mostly what lies within every range.
ENDS = sometimes(st.floats(0.002, 0.04), 1, -3.0)
VARIED = st.dictionaries(
    st.sampled_from(
        ["level", "peer_norm", "retention", "style_mean", "told", "counted", "retakes", "strength_affect", "levle"]
    ),
    sometimes(
        st.just(True)
        | st.tuples(ENDS, ENDS).map(list)
        | st.fixed_dictionaries(
            {}, optional={"low": ENDS, "distribution": st.sampled_from(["uniform", "loguniform", "normal"])}
        )
        | st.fixed_dictionaries({"values": st.lists(ENDS, max_size=3)}),
        False,
        [1, 0],
    ),
    min_size=1,
    max_size=2,
)
NUMBERS = st.dictionaries(st.sampled_from(["peer_norm", "near_miss_slope"]), sometimes(st.floats(0, 0.4)), max_size=2)
SAMPLES = st.fixed_dictionaries(
    {
        "design": st.sampled_from(["lhs", "sobol", "morris", "saltelli"]),
        "n": sometimes(st.sampled_from([1, 2, 4, 8]), 3, 10**12),
        "vary": VARIED,
    }
)
GRIDS = st.fixed_dictionaries({"design": st.just("grid"), "vary": VARIED}, optional={"steps": sometimes(st.just(2))})
ROWS_OF_FILES = table(
    design=sometimes(st.just("file"), "posterior", "lsh"),
    file=sometimes(st.just("draws.csv"), "junk.csv", "none.csv"),
    n=sometimes(st.none(), 10),
)
CLASSES = table(
    count=sometimes(st.integers(1, 9)), size=sometimes(st.integers(2, 60)), weeks=sometimes(st.integers(9, 40))
) | table(roster=sometimes(st.just("marks.csv"), "x" * 300, "junk.csv"), mapping=sometimes(st.none(), "coruna"))
KEPT = table(
    outcomes=sometimes(some_of("learning", "practice_error_rate", least=0), ["joy"]),
    students=sometimes(some_of("control"), ["line"]),
    share=sometimes(st.floats(0.01, 1)),
)
CLAIMED = st.fixed_dictionaries(
    {
        "outcome": sometimes(st.just("learning")),
        "policy": sometimes(st.sampled_from(POLICIES)),
        "direction": sometimes(st.just("above")),
        "beyond": sometimes(st.floats(0, 1)),
    },
    optional={"against": sometimes(st.sampled_from(POLICIES)), "says": WORDS},
)
HEADS = st.fixed_dictionaries(
    {"name": sometimes(st.sampled_from(["a", "9-b", "a" * 300]), "A", "/x")},
    optional={"seed": sometimes(st.integers(0, 2**53 - 1), 2**53), "question": WORDS},
)
NAMED = sometimes(st.just([*POLICIES]) | some_of(*POLICIES), "curve", ["curv"], ["curve > mastery @ ²"], ["curve*0.5"])
FILES = st.fixed_dictionaries(
    {
        "study": HEADS,
        "policies": st.fixed_dictionaries({"named": NAMED}, optional={"pacing": sometimes(some_of("fixed", "spiral"))}),
        "worlds": SAMPLES | GRIDS | ROWS_OF_FILES | st.none(),
        "twins": st.fixed_dictionaries({"share": sometimes(st.just(0), 0.1)}),
    },
    optional={"parameters": NUMBERS, "rooms": CLASSES, "keep": KEPT, "claim": CLAIMED},
).map(lambda tables: {name: keys for name, keys in tables.items() if keys is not None})


@settings(max_examples=100, deadline=None, derandomize=True)
@given(tables=FILES)
def test_any_file_is_a_study_or_refused_in_one_sentence(tables: dict[str, Any], desk: Path) -> None:
    """What is read is read again to the same hash, whatever the order of its tables; what is not ends with code 2."""
    (desk / "any.toml").write_text(toml(tables))
    try:
        study = Study.read(desk / "any.toml")
    except InputError:
        assert "any.toml" in said(setback("run", desk / "any.toml", "--dry-run"))
        return
    (desk / "again.toml").write_text(study.file)
    assert Study.read(desk / "again.toml").key() == study.key()
    (desk / "again.toml").write_text(toml(dict(reversed(tables.items()))))
    assert Study.read(desk / "again.toml").key() == study.key()
    assert json.loads(json.dumps(study.text(), allow_nan=False))["name"] == study.name
    assert study.replace(seed=(study.seed + 1) % 2**53).key() != study.key()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(text=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_text_is_refused_in_one_sentence(text: bytes, desk: Path) -> None:
    """Whatever the file holds."""
    (desk / "any.toml").write_bytes(text)
    assert "any.toml" in said(setback("run", desk / "any.toml"))


# ---- running it ---------------------------------------------------------------------------------------------
QUICK = (
    GOOD
    + "[rooms]\ncount = 3\nsize = 2\nweeks = 2\n"
    + "[worlds]\ndesign = 'grid'\nvary = { level = [-1, 1] }\n"
    + CLAIM
)


def _moved_meanwhile(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let a file that a look at a run has listed get its name before it is looked at, several times."""
    look, left = folders.check, [None] * times

    def check(*args: Any, **given: Any) -> folders.State:
        if left:
            left.pop()
            raise FileNotFoundError(".0123456789abcdef.unfinished")
        return look(*args, **given)

    monkeypatch.setattr(folders, "check", check)


def test_a_run_status_and_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict in words and as JSON, how far it is, and its rows as CSV."""
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(QUICK)
    done = setback("run", "mine.toml", "--processes", "1")
    assert (done.code, done.err) == (0, "")
    assert "5 worlds (grid), 2 policies, 3 classrooms, 2 weeks, seed 0, compiled engine" in done.out
    assert 'In the model, "learning under curve" is ' in " ".join(done.out.split())
    folder = f"results/mine/{Study.read('mine.toml').replace(engine='auto').key()}"
    found = json.loads(setback("run", "mine.toml", "--json").out)
    assert found["verdict"]["worlds"] == found["verdict"]["asked"] == 5
    assert {row["outcome"] for row in found["outcomes"]} == {*OUTCOMES}
    (row,) = json.loads(setback("status", "mine", "--json").out)
    assert [row] == json.loads(setback("status", "mine.toml", "--json").out)
    assert setback("report", "mine", "--summary").code == 0  # by the name that its results have
    assert "learning under curve" in Path("report.html").read_text(encoding="utf-8")
    _moved_meanwhile(monkeypatch, times=2)
    assert json.loads(setback("status", "mine", "--json").out) == [row]
    Path("other.toml").write_text(QUICK.replace("count = 3", "count = 4"))
    assert said(setback("status", "other.toml")) == (
        f"other.toml as it stands was not run in results; runs of other texts or with other options: {row['key']}"
    )
    loaded = sb.load("results/mine")  # the only run of the study
    assert loaded.conclusion() in " ".join(done.out.split())
    assert str(loaded) == f"Results('mine': 5 worlds, 2 policies, 3 rooms, 2 weeks, seed 0, finished; {folder})"
    last = Path(folder, "outcomes", "00002.parquet")
    taken = last.rename("last.parquet")
    said_then = sb.load(folder).conclusion()
    assert "is unknown: none of 5 worlds" in said_then and said_then.endswith("The run is unfinished, 2 of 3 tasks.")
    taken.rename(last)
    assert (row["state"], row["tasks"], row["failed"], row["folder"]) == ("finished", "3 of 3", 0, folder)
    assert said(setback("status", "mien")) == "unknown study with results 'mien'; did you mean mine?"
    done = setback("export", folder, "--out", "all.csv")
    assert (done.code, done.out) == (0, "all.csv: 30 rows\n") and len(pd.read_csv("all.csv")) == 30
    assert said(setback("export", folder, "--out", "all.csv")).startswith("all.csv is there already; ")
    for table in ("twins", "trace", ""):
        assert said(setback("export", folder, "--out", "new.csv", "--table", table)).startswith(
            f"unknown table of results {table!r}"
        )
    assert said(setback("export", "results", "--out", "new.csv")).startswith("results holds studies; name a run, ")
    assert not Path("new.csv").exists()


def test_the_status_of_a_run_with_a_file_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found by its key, which the parts and mechanisms of the file go into."""
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text('import setback as sb\nmild = sb.part("mild", "grading", "Mild.", stakes=0.1)\n')
    Path("mine.toml").write_text(QUICK.replace('"curve"', '"mild"').replace("'curve'", "'mild'"))
    assert "mild" in Path("mine.toml").read_text()
    done = setback("run", "mine.toml", "--with", "own.py", "--processes", "1")
    assert (done.code, done.err) == (0, "")
    (row,) = json.loads(setback("status", "mine.toml", "--with", "own.py", "--json").out)
    assert row["state"] == "finished"
    assert "'mild'" in said(setback("status", "mine.toml"))


def test_a_run_in_which_every_task_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no bad input: code 1, and one sentence that says what failed."""
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(QUICK)
    monkeypatch.setattr(workers, "live", lambda *_: 1 / 0)
    done = setback("run", "mine.toml", "--processes", "1")
    assert done.code == 1 and done.err.count("\n") == 1
    failed = "3 of 3 tasks failed (0-2), the first with 'ZeroDivisionError: division by zero'; "
    assert done.err.startswith(f"setback: 0 of 3 tasks are done; {failed}")


def test_rooms_beyond_the_classes(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real classes sit again and again, which is said; of synthetic ones there is no end."""
    monkeypatch.chdir(desk)
    Path("mine.toml").write_text(GOOD + "[rooms]\nsize = 2\nweeks = 1\n")
    command = ["run", "mine.toml", "--processes", "1", "--results", tmp_path, "--policy", "criterion"]
    done = setback(*command, "--rooms", "1001")
    assert done.code == 0 and "again and again" not in done.out
    done = setback(*command, "--rooms", "3", "--roster", "marks.csv")
    assert done.code == 0 and "2 classes sit in 3 rooms, more than once, with other luck" in done.out


# ---- studies that ship, and files to start from ------------------------------------------------------------
@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a calibration end with its first task."""
    monkeypatch.setattr(cost, "ENOUGH", 0.0)


@pytest.mark.parametrize("name", names())
def test_shipped_studies(name: str, tmp_path: Path, briefly: None) -> None:
    """Each reads, stands under its own name, asks something, and says what it will take."""
    study = Study.read(name)
    assert study.name == name and study.question.endswith("?")
    rooms = 2 if study.predictions else 1
    small = [
        "--rooms",
        str(rooms),
        "--weeks",
        "20",
        "--processes",
        "1",
        "--results",
        tmp_path / "r",
    ]
    done = setback("run", name, "--dry-run", *small)
    assert (done.code, done.err) == (0, "")
    classrooms = len(study.policies) * len(study.worlds) * rooms
    assert done.out.startswith(f"{name}: {classrooms:,} classrooms in ") and done.out.count("\n") == 1 + bool(
        study.worlds.source
    )
    assert not (tmp_path / "r").exists()


def test_a_new_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, briefly: None) -> None:
    """A file that runs as it stands, under the name that was given."""
    monkeypatch.chdir(tmp_path)
    done = setback("new", "study", "my-sweep")
    assert (done.code, done.err) == (0, "")
    assert done.out == "my-sweep.toml: change it, then: setback run my-sweep.toml --dry-run\n"
    study = Study.read(tmp_path / "my-sweep.toml")
    assert study.name == "my-sweep" and len(study.worlds) == 200 and study.claim is not None
    done = setback("run", "my-sweep.toml", "--dry-run", "--processes", "1", "--rooms", "1", "--engine", "vectorised")
    assert done.code == 0 and done.out.startswith("my-sweep: 400 classrooms in ")
    done = setback("new", "study", "other", "--out", "elsewhere.toml")
    assert done.code == 0 and Study.read("elsewhere.toml").name == "other"
    assert {path.name for path in tmp_path.iterdir()} == {"my-sweep.toml", "elsewhere.toml"}


def test_every_line_of_a_new_study_can_be_used(tmp_path: Path) -> None:
    """What is commented out is right as well."""
    start("mine", tmp_path / "mine.toml")
    lines = (tmp_path / "mine.toml").read_text().splitlines()
    keys = ("# pacing = ", "# named = ", "# attribution_drift = ", "# students = ", "# share = ")
    used = [line.removeprefix("# ") if line.startswith(keys) else line for line in lines]
    assert sum(a != b for a, b in zip(lines, used)) == len(keys)
    study = read(tmp_path, "\n".join(used))
    assert len(study.policies) == 7 and study.keep.students == ("control", "affect")
    assert study.parameters["attribution_drift"] == 0.1


def test_what_no_new_study_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that none can have, a file that is there, a place where none can be; nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text("my own words")
    Path("folder.toml").mkdir()
    for name in ("Mine", "../x", "/x", "-x", "x y", "", "x\n", "é", "x.toml"):
        message = said(setback("new", "study", "--", name))
        assert message.startswith("a study's name is ")
        assert message.endswith("; it needs lower-case letters, digits and hyphens")
    assert said(setback("new", "study", "mine")).startswith("mine.toml is there already; name another")
    assert said(setback("new", "study", "folder")) == "folder.toml is a folder; name a file in it"
    for out in ("none/x.toml", "mine.toml/x.toml", "x" * 300):
        assert said(setback("new", "study", "x", "--out", out)).startswith(f"{out} cannot be written: ")
    assert said(setback("new", "stduy", "x")).startswith("unknown verb 'stduy'; did you mean study?")
    assert Path("mine.toml").read_text() == "my own words" and {*Path().iterdir()} == {
        Path("mine.toml"),
        Path("folder.toml"),
    }


def test_hypercubes_and_shared_rooms_are_read(desk: Path) -> None:
    """Two hypercubes of three worlds, whose rooms are those of all; both are part of what decides the results."""
    text = '[study]\nname = "two"\n[policies]\ngrading = ["curve"]\n[worlds]\ndesign = "lhs"\nn = 3\nvary = ["level"]\n'
    plain = read(desk, text)
    two = read(desk, text + "hypercubes = 2\n[rooms]\nshared = true\n")
    assert (len(plain.worlds), len(two.worlds)) == (3, 6) and (two.worlds.table[:3] == plain.worlds.table).all()
    assert (plain.shared, two.shared) == (False, True) and two.text()["shared"] is True
    assert plain.key() != plain.replace(shared=True).key()
