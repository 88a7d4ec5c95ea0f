"""The JavaScript engine: in node and in Chromium within 1e-9 of numpy, every event equal."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equations import phase

from setback.benchmarks.mutants import javascript as mutants
from setback.model import grammar
from setback.model.arithmetic import absolute, blend, clip, exp, floor, indicator, log, maximum, sqrt, square, where
from setback.model.engines import vectorised as engine
from setback.model.engines.block import columns
from setback.model.engines.javascript import Measure, write
from setback.model.errors import InputError
from setback.model.grammar import Refused
from setback.model.mechanism import mechanism
from setback.model.parameters import STRENGTHS, Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.state import SLOTS
from setback.model.week import MODEL

from .conftest import CARRIED_ON
from .javascript_expected import EVENTS, LARGEST, WIDE, class_years, expected, paths, written

CHECK = (Path(__file__).parent / "javascript_check.js").read_text(encoding="utf-8")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WEEKS = 36


#: Runs what is told with the script and the check before it.
RUNNER = """
const {text, given} = JSON.parse(require("fs").readFileSync(0, "utf8"));
require("vm").runInThisContext(`(given, write) => {${text}}`)(given, (bytes) => require("fs").writeSync(1, bytes));
"""


def in_node(work: str, given: object, script: str | None = None) -> bytes:
    """What some JavaScript writes when it is told ``given``, after the script and the check."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    told = json.dumps({"text": "\n".join([script or the_script(), CHECK, work]), "given": given})
    return subprocess.run([node, "-e", RUNNER], input=told.encode(), stdout=subprocess.PIPE, check=True).stdout


@cache
def the_script() -> str:
    """The script of the model."""
    return write()


def answer(expression: str, given: object = None, script: str | None = None) -> Any:
    """The value of an expression in node."""
    return json.loads(in_node(f"write(JSON.stringify({expression}));", given, script))


@pytest.fixture(scope="module")
def to_give() -> dict[str, Any]:
    """What the script must give."""
    return expected()


def test_node_gives_what_is_expected(to_give: dict[str, Any]) -> None:
    """Years, opening, states, outcomes, chance, friends, tables, refusals; held slots; a policy that changes twice."""
    found = answer("check(SETBACK, given)", to_give)
    assert found["problems"] == []
    assert found["worst"] < 1e-12, "far from numpy for an error of rounding"
    assert found["numbers"] > 200_000 and found["events"] > 30_000


def test_what_is_expected_flips_both_ways(to_give: dict[str, Any]) -> None:
    """Every kind of flip carries somebody up and somebody else down, so that neither way is left out."""
    turned = {"luck": ("test_margin", 0.0), "label": ("heard_learning", 0.5), "practice": ("attempt_shortfall", 0.0)}
    for kind, (slot, line) in turned.items():
        ways = set()
        for year in to_give["years"]:
            flip, size = year["asked"]["flip"], year["asked"]["size"]
            if flip[kind] and not flip["depth"] and flip["week"] < year["asked"]["weeks"]:
                ways.add(float(np.sign(year["trace"][slot][flip["week"] * size + flip["seat"]] - line)))
        assert ways == {-1.0, 1.0}, kind


@pytest.mark.parametrize("kind", ["luck", "label", "practice"])
def test_with_every_mechanism_off_what_is_turned_changes_nothing(kind: str) -> None:
    """Fixed calendar, no retakes: a flip changes this week's result and not one bit afterwards."""
    turned = {"luck": "below_criterion", "label": "verdict", "practice": "practice_error"}[kind]
    seats = Roster.synthetic(10).seats([6], 2)
    off = dict.fromkeys(STRENGTHS, 0.0)
    for text in ("criterion", "curve", "pass-fail", "narrative", "criterion+grade_practice=0.5"):
        observed = engine.run(columns(seats, [Policy(text)], [Parameters(off)]), 4, ["test_margin"])
        to = -0.05 if observed.trace["test_margin"][3, 4, 0] >= 0.0 else 0.05
        room = {"seed": 2, "room": 6, "size": 10, "weeks": 14, "keep": True, "parameters": off}
        room["policies"] = [{"week": 0, "levers": dict(Policy(text))}]
        asked = [room, {**room, "flip": {"seat": 4, "week": 3, kind: 1, "to": to}}]
        work = (
            "given.map((r) => Object.fromEntries(Object.entries(SETBACK.year(r).trace).map(([k, x]) => [k, [...x]])))"
        )
        plain, flipped = map(dict, answer(work, asked))
        assert plain[turned][3 * 10 + 4] == 1.0 - flipped[turned][3 * 10 + 4], text
        for name in CARRIED_ON:
            assert plain[name][40:] == flipped[name][40:], (text, name)
        assert plain["below_criterion"][40:] == flipped["below_criterion"][40:]


def test_a_million_events(record_property: Any) -> None:
    """Whole years of whole classes: every slot within 1e-9, every event equal, no threshold hit within rounding."""
    events = apart = near = 0
    worst = 0.0
    sizes = [30, 25, 2, 41, 60, 18, 33, 27, 12, 36]
    for network, seed, luck, room in (("friendship", WIDE, 0, 5), ("seating", LARGEST, 2, LARGEST - 40)):
        block, asked = class_years(sizes * 4, WEEKS, network, seed, luck, room)
        trace = engine.run(block, WEEKS, written(), paths(block, asked, WEEKS)).trace
        work = """
        for (const room of given) {
          const {trace} = SETBACK.year(room);
          for (const name of Object.keys(trace)) write(new Uint8Array(trace[name].buffer));
        }"""
        told = np.frombuffer(in_node(work, asked))
        at = 0
        for k, room_asked in enumerate(asked):
            for name in sorted(written(), key=lambda name: SLOTS[name].of):
                rows = room_asked["size"] if SLOTS[name].of == "student" else 1
                theirs = told[at : at + WEEKS * rows].reshape(WEEKS, rows)
                at += theirs.size
                ours = trace[name][:, :rows, k]
                worst = max(worst, float(np.abs(theirs - ours).max()))
                if name in EVENTS:
                    events += ours.size
                    apart += int((theirs != ours).sum())
                if name in ("test_margin", "attempt_shortfall", "grade"):
                    apart_by = ours - trace["line"][:, :, k] if name == "grade" else ours
                    near += int(((np.abs(apart_by) < 1e-12) & (apart_by != 0.0)).sum())
        assert at == told.size
    for name, value in (("events", events), ("apart", apart), ("at a threshold", near), ("largest difference", worst)):
        record_property(name, value)
    assert events > 1_000_000
    assert apart == 0, f"{apart} events apart, {near} values within rounding of a threshold"
    assert worst < 1e-9


# ---- a browser -------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page from a file that holds the script and the check, and whose policy lets nothing else run."""
    if not CHROMIUM.exists():
        pytest.skip("no browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="no browser: playwright is not installed")
    scripts = [the_script(), CHECK]
    hashes = " ".join(f"'sha256-{b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8>"
        f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; script-src {hashes}">'
        + "".join(f"<script>{script}</script>" for script in scripts),
        encoding="utf-8",
    )
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        opened = browser.new_page()
        said: list[str] = []
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.on("console", lambda message: said.append(message.text))
        opened.goto(file.as_uri())
        yield opened
        assert said == []
        browser.close()


def test_chromium_gives_what_is_expected(page: Any, to_give: dict[str, Any]) -> None:
    """The same check in a browser, under a policy without eval, and from a file."""
    found = page.evaluate("given => check(SETBACK, given)", to_give)
    assert found["problems"] == []
    assert found["events"] > 30_000


def test_chromium_and_node_to_the_last_bit(page: Any) -> None:
    """The fingerprint of the self-test, and every bit of whole years."""
    _, asked = class_years([30, 25, 2, 41, 60, 18, 33, 27, 12, 36] * 3, WEEKS, "friendship", WIDE)
    work = "[SETBACK.selftest(), ...bits(SETBACK, given)]"
    here = answer(work, asked)
    assert re.fullmatch("[0-9a-f]{16}", here[0])
    assert len({*here}) == len(asked) + 1, "classes with the same bits: the hash sees nothing"
    assert page.evaluate(f"given => {work}", asked) == here


# ---- the script ------------------------------------------------------------------------------------------------
def test_the_script_keeps_to_its_means() -> None:
    """No code from text, nothing from elsewhere, and of Math only what every browser rounds alike."""
    script = the_script()
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`|//[^\n]*', "", script)
    for word in ("eval", "Function", "import", "require", "random", "pow", "Date", "window", "document", "globalThis"):
        assert not re.search(rf"\b{word}\b", bare), word
    assert "**" not in bare
    assert re.findall(r"(.*)\bMath\b", bare) == ["const {abs, floor, imul, max, min, sqrt} = "]
    assert "</script" not in script and "<!--" not in script


def test_the_same_text_every_time() -> None:
    """A page can name the hash of its script."""
    assert the_script() == write(MODEL)


def odd_one(affect, interest, reserve, drift, p):  # type: ignore[no-untyped-def]
    """Words of JavaScript, precedence, every function, a parameter called exp, results that read each other's slot."""
    new = affect - (interest - reserve) - -drift
    var = new / (2.0 * (1.0 + interest)) / 3.0 * (4.0 / (1.0 + reserve))
    function = floor(8.0 * new) + absolute(-drift) * sqrt(absolute(new))
    let = log(1.0 + square(drift - new)) + clip(function, -0.5, 0.25)
    typeof = exp(-p.exp * maximum(var, let))
    this = indicator(~(typeof > 0.5) & ((drift < 0.0) | (reserve != 0.25)) | (interest == 0.5))
    with_ = where(this >= 1.0, 1e-6 + typeof, 0.3)
    let = let + with_ * 1e-3
    less = blend(p.strength_odd, affect, 0.5 * absolute(clip(let, -1.0, 1.0)) + 0.5 * interest)
    return less, blend(p.strength_odd, interest, clip(0.3 * affect + 0.2 * with_, 0.0, 1.0))


def test_a_mechanism_of_ones_own_is_translated() -> None:
    """What numpy makes of it, JavaScript makes of it, and the script says that the equations are others."""
    declare = mechanism(
        "affect interest", after="update_affect", strength="odd", source="assumed", parameters={"exp": (0.7, 0.0, 2.0)}
    )
    model = MODEL.with_mechanism(declare(odd_one))
    script = write(model)
    block = columns(Roster.synthetic(9).seats([4], 1), [Policy("harmful")], [model.parameters(exp=1.3)])
    ours = engine.run(block, 20, written(), model=model).trace
    room = {"seed": 1, "room": 4, "size": 9, "weeks": 20, "keep": True, "parameters": {"exp": 1.3}}
    room["policies"] = [{"week": 0, "levers": dict(Policy("harmful"))}]
    work = "Object.fromEntries(Object.entries(SETBACK.year(given).trace).map(([k, x]) => [k, Array.from(x)]))"
    theirs = answer(work, room, script)
    for name in written():
        assert np.abs(np.array(theirs[name]) - ours[name].ravel()).max() < 1e-9, name
    assert np.ptp(ours["affect"]) > 0.1
    assert f'fingerprint: "{grammar.fingerprint(model)}"' in script
    assert write() == the_script() != script


def test_results_that_read_each_others_slots_change_places() -> None:
    """All results are read before any is written."""
    model = MODEL.replace(week=(*MODEL.week, phase("each", "affect interest", change_places)))
    room = {"seed": 1, "room": 4, "size": 5, "weeks": 1}
    work = '["affect", "interest"].map((slot) => SETBACK.year(given).end(slot, 3))'
    affect, interest = answer(work, room)
    assert affect != interest
    assert answer(work, room, write(model)) == [interest, affect]


def change_places(affect, interest):  # type: ignore[no-untyped-def]
    """A swap."""
    return interest, affect


def with_a_power(control):  # type: ignore[no-untyped-def]
    """Outside the grammar."""
    return control**2


def test_what_is_outside_the_grammar_is_refused() -> None:
    """With file, line and reason, as everywhere."""
    model = MODEL.replace(week=(*MODEL.week, phase("each", "control", with_a_power)))
    line = with_a_power.__code__.co_firstlineno + 2
    with pytest.raises(Refused, match=rf"test_javascript\.py:{line}: with_a_power: not in the grammar: control \*\* 2"):
        write(model)


@pytest.mark.parametrize(
    "outcome", ["s['affect'] ** 2", "np.median(s['affect'])", "STATES", "s['affect'] if weeks else 0"]
)
def test_an_outcome_that_cannot_be_said_is_refused(outcome: str) -> None:
    """The outcomes are read more freely than equations, not without limit."""
    made = ast.parse(f"lambda s, weeks: {outcome}", mode="eval").body
    with pytest.raises(InputError, match=r"outcomes\.py:1: cannot be said in JavaScript: "):
        Measure({}).function(made)


# ---- the check itself --------------------------------------------------------------------------------------------
def test_the_check_notices_mistakes(to_give: dict[str, Any]) -> None:
    """A seeded sample of single changed tokens; `benchmarks/mutants/javascript.py` takes a large one."""
    if shutil.which("node") is None:
        pytest.skip("no node")
    found = mutants.run(the_script(), to_give, 20, seed=3)
    assert sum(bool(mutant.said) for mutant in found) >= 18, mutants.report(the_script(), found, 3)
