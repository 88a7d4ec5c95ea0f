"""The classroom page: one file that opens from disk, offline, and is used by mouse, by keyboard and by ear."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import json
import re
import struct
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import NormalDist
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from command_line import setback
from made_up_language import MARK, made_up

from setback.cli import output
from setback.experiments.scenes import HEADLINE, SCENES, Scene, names
from setback.experiments.simulate import simulate
from setback.model.engines.block import Held, columns
from setback.model.engines.mesa import Classroom
from setback.model.engines.vectorised import run
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES, STATES, states
from setback.model.parameters import LEVER_NAMES, ROWS, Parameters
from setback.model.policies import INVALID, PARTS, PRESETS, Policy, PolicyChange
from setback.model.rosters.roster import Roster, SchoolClass
from setback.model.week import MODEL
from setback.page import called, words
from setback.page.build import _invalid, _scene, build
from setback.page.look import word
from setback.page.translations import to_toml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ALL = tuple(Scene.read(name) for name in names())
RIGOR = Scene.read("rigor-with-a-curve")
MASTERY = PRESETS["low-pressure-mastery"]
HOSTILE = (
    "</script><script>alert(1)</script>", '=HYPERLINK("http://x")', "<img src=x onerror=alert(2)>", "{n} Ann",
    "\u202egnp.Eve", "Zo\u200be\u2066", "x@example.org", "\u200b", "x" * 500, "👩‍🏫", "__proto__", "toString",
)  # fmt: skip
ROSTERS = ROOT / "tests" / "rosters" / "files"


#: A page that is open (`tests/interface/conftest.py`), and what opens one.
Visit = Any
Opens = Callable[..., Any]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with all scenes, the one with rigor first."""
    file = tmp_path_factory.mktemp("page") / "classroom.html"
    file.write_text(build([RIGOR, *(s for s in ALL if s.name != RIGOR.name)]), encoding="utf-8")
    return file


@pytest.fixture
def opened(visit: Opens, page_file: Path) -> Iterator[Visit]:
    """The page, opened; afterwards nothing may have gone wrong on it."""
    with visit(page_file) as found:
        yield found


# ---- scenes ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scene", ALL, ids=lambda s: s.name)
def test_a_scene_shows_what_its_file_says(scene: Scene) -> None:
    """The figures over 200 classes, on which its words rest, are those of the model."""
    assert len(scene.shows) >= 5
    for outcome, (a, b, higher) in scene.measure().items():
        assert scene.shows[outcome] == pytest.approx([a, b, higher], abs=0.006), outcome


def test_what_a_scene_measures_by_hand() -> None:
    """Classes of its own size, world, seed and weeks; under each policy the mean, and how often B is higher."""
    scene = Scene.read("harsh-start")
    room = scene.room.model_copy(update={"seed": 5, "size": 4, "weeks": 20})
    scene = scene.model_copy(update={"room": room, "parameters": {"attribution_drift": 0.1}})
    a, b = (
        simulate(side.policy, {"attribution_drift": 0.1}, Roster.synthetic(4), rooms=9, seed=5, weeks=20).per_room()
        for side in (scene.a, scene.b)
    )
    assert scene.measure(9) == {
        name: [pytest.approx(sum(x) / 9), pytest.approx(sum(y) / 9), sum(q > p for p, q in zip(x, y)) / 9]
        for name in scene.shows for x, y in [(a[name], b[name])]
    }  # fmt: skip


def test_what_is_left_out_of_a_scene(tmp_path: Path) -> None:
    """Words and two policies are enough: the first class of 30 with seed 1, a year of 36 weeks in the default world."""
    (tmp_path / "short.toml").write_text(
        '[scene]\ntitle = "t"\nquestion = "q"\nlook = "l"\ncannot = "c"\n'
        '[a]\nlabel = "x"\npolicy = "curve"\n[b]\nlabel = "y"\npolicy = "mastery"\n'
    )
    scene = Scene.read(tmp_path / "short.toml")
    assert scene.room.model_dump() == {"seed": 1, "room": 0, "size": 30, "weeks": 36}
    assert (scene.name, scene.parameters, scene.shows, scene.about.talk) == ("short", {}, {}, [])
    assert (scene.a.policy, scene.b.policy) == (Policy("curve"), Policy("mastery"))
    assert (scene.about.headline, scene.about.small) == (HEADLINE, False)


def test_what_the_words_of_the_scenes_claim() -> None:
    """Sentences of "what to look for" that no table of one scene shows."""
    at_zero = Scene.read("struggle-first-in-safety").model_copy(update={"parameters": {"preparation_gain": 0.0}})
    a, b, _ = at_zero.measure(100)["learning"]
    at_work = Scene.read("struggle-first-in-safety").shows["learning"]
    assert 0.2 < (b - a) / (at_work[1] - at_work[0]) < 0.3  # the number at zero: about a quarter is left
    harsh = Scene.read("harsh-start")
    longer = harsh.model_copy(update={"room": harsh.room.model_copy(update={"weeks": 108})}).measure(100)
    gap = {name: abs(row[1] - row[0]) for name, row in longer.items()}
    was = {name: abs(row[1] - row[0]) for name, row in harsh.shows.items()}
    for name in ("expectancy", "control"):
        assert 0.75 * was[name] < gap[name] < 0.85 * was[name], name  # comes closer, by about a fifth
    assert gap["learning"] > 1.5 * was["learning"]  # goes on growing


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[scene]\ntitle = 1", "scene.title is 1"),
        ("", "scene is missing"),
        ('[b]\npolicy = "curv"', "unknown policy 'curv'; did you mean curve"),
        ("[b]\nswitch = 3", "b.switch is no key of a scene"),
        ('[b]\npolicy = "curve > mastery"', "b.policy: 'curve > mastery' is no policy; write a change as in"),
        ('[b]\npolicy = "curve > mastery @ 90"', "changes in week 90; the last week of the year is 36"),
        ("[parameters]\nforgeting = 1.0", "did you mean forgetting"),
        ("[shows]\nlerning = [0, 0, 0]", "did you mean learning"),
        (
            '[scene]\nheadline = ["affect", "lerning"]',
            "in scene own.toml: 'lerning'; did you mean learning",
        ),
        ('[scene]\nheadline = ["affect", "affect"]', "scene.headline names an outcome twice; name each of them once"),
        ('[scene]\nheadline = ["affect"]', "scene own.toml: scene.headline is ['affect']"),
        ('[scene]\nheadline = "affect"', "scene own.toml: scene.headline is 'affect'"),
        ("[classs]\nseed = 1", "classs is no key of a scene"),
        ("[scene", "is not valid TOML"),
    ],
)
def test_a_scene_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    """One sentence that says what is wrong."""
    table: dict[str, dict[str, Any]] = {
        "scene": {"title": "t", "question": "q", "look": "l", "cannot": "c"},
        "a": {"label": "a", "policy": "criterion"}, "b": {"label": "b", "policy": "curve"},
    }  # fmt: skip
    file = tmp_path / "own.toml"
    try:
        changes = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        file.write_text(text)
    else:
        if not text:
            del table["scene"]
        for key, rows in changes.items():
            table.setdefault(key, {}).update(rows)
        lines = {key: [f"{k} = {json.dumps(v)}" for k, v in rows.items()] for key, rows in table.items()}
        file.write_text("".join("\n".join([f"[{key}]", *rows, ""]) for key, rows in lines.items()))
    with pytest.raises(InputError, match=re.escape(says)):
        Scene.read(file)


def test_a_policy_file_beside_a_scene(tmp_path: Path) -> None:
    """It is named by its path from the scene's folder, and reaches the page as levers."""
    (tmp_path / "mine.toml").write_text(
        (SCENES / "no-verdict.toml").read_text().replace('"narrative"', '"curve > collected.toml @ 5"')
    )
    part = 'name = "portfolio"\ngroup = "grading"\ndescription = "Collected."\n[levers]\ntold = 0\ncounted = 0\n'
    (tmp_path / "collected.toml").write_text(part)
    scene = Scene.read(tmp_path / "mine.toml")
    assert scene.b.policy.name == "curve > portfolio @ 5"
    [_, later] = _scene(scene, MODEL)["B"]
    assert (later["week"], later["parts"]["grading"]) == (4, "criterion")
    assert later["changed"] == {"told": 0, "counted": 0}


def test_the_scenes_that_were_asked_for() -> None:
    """At least six, all of them packed, each complete."""
    assert {"rigor-with-a-curve", "struggle-first-in-safety", "rescue-at-once", "mastery-with-retakes", "harsh-start",
            "story-editing"} <= set(names())  # fmt: skip
    assert sorted(path.stem for path in SCENES.glob("*.toml")) == sorted(names())
    for scene in ALL:
        assert scene.about.question.endswith("?") and 1 <= len(scene.about.talk) <= 3


def test_the_scenes_tell_a_story() -> None:
    """The first is the same struggle in two climates; what is small says so, and comes last."""
    told = [Scene.read(name) for name in names()]
    assert told[0].name == "struggle-without-safety"
    assert all("problem-first" in side.policy.name for side in (told[0].a, told[0].b))
    assert [scene.about.small for scene in told] == sorted(scene.about.small for scene in told)
    for scene in told:
        apart = [abs(scene.shows[name][1] - scene.shows[name][0]) for name in scene.about.headline]
        assert (max(apart) < 0.1) == scene.about.small, scene.name


# ---- the file ----------------------------------------------------------------------------------------------
def test_nothing_but_the_page_can_run_on_it(page_file: Path) -> None:
    """The policy names the hashes of its two scripts and its style, and nothing is fetched."""
    text = page_file.read_text(encoding="utf-8")
    policy = html.unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1])  # type: ignore[index]
    found = re.findall(r"<(script|style)>(.*?)</\1>", text, re.S)
    assert [tag for tag, _ in found] == ["style", "script", "script"]
    for _, inside in found:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in policy
    for rule in ("default-src 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'", "base-uri 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    for tag in re.findall(r"<[a-z][^>]*>", re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)):
        assert "style=" not in tag and not re.search(r'(src|href)="(?!#|data:)', tag), tag
        assert not re.search(r"\son[a-z]+=", tag), tag
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|fetch\(|XMLH", text)
    assert len(text.encode()) <= 400_000


def test_a_hostile_roster_cannot_leave_its_place() -> None:
    """Names are JSON without "<"."""
    text = build([RIGOR], Roster([SchoolClass("<b>", HOSTILE, {})], "x</script>"))
    assert text.count("<script") == 4 and "onerror" in text and "<img" not in text


def test_what_no_school_could_live_is_translated(browser: Any) -> None:
    """The page refuses the same levers as the model."""
    rng = np.random.default_rng(0)
    page = browser.new_page()
    rules = [(lambda row: row.low), (lambda row: row.high), (lambda row: row.default)]
    tried = [{name: rules[rng.integers(3)](ROWS[name]) for name in LEVER_NAMES} for _ in range(300)]
    found = page.evaluate(f"tried => tried.map(q => [{_invalid()}].map(rule => rule(q)))", tried)
    assert found == [[rule(levers) for rule, _ in INVALID] for levers in tried]
    assert any(map(any, found)) and not all(map(any, found))
    page.close()


# ---- words -------------------------------------------------------------------------------------------------
def test_words_are_read_back(tmp_path: Path) -> None:
    """The file for a translator holds every word, and gives them back."""
    said = words.english(ALL)
    file = tmp_path / "words.toml"
    file.write_text(to_toml(said), encoding="utf-8")
    assert words.read(file, ALL) == said
    assert all(text.strip() for text in said.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('step.teecher = "x"', "did you mean step.teacher"),
        ('room.hint = "Raum {seite}"', "word room.hint in words.toml asks for {seite}; English has none"),
        ('"player.speed_of.few" = "{zzz}"', "word player.speed_of.few in words.toml asks for {zzz}; English has {n}"),
        ('"player.speed_of.one" = "{zzz}{n}"', "player.speed_of.one in words.toml asks for {zzz}; English has {n}"),
        ('page.dir = "sideways"', "page.dir in words.toml is 'sideways'; it needs ltr or rtl, or leave it out"),
        ('page.dir = ""', "page.dir in words.toml is ''; it needs ltr or rtl, or leave it out"),
        ('page.lang = "de_DE"', "page.lang in words.toml is 'de_DE'; it needs a language tag such as de, "),
        ("room = [", "is not valid TOML"),
        (None, "cannot be read"),
    ],
)
def test_words_that_cannot_be_used(tmp_path: Path, text: str | None, says: str) -> None:
    """One sentence that says what is wrong."""
    file = tmp_path / "words.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=re.escape(says)):
        words.read(file, ALL)


def test_a_language_tag_that_is_accepted_can_be_used(browser: Any, tmp_path: Path) -> None:
    """Whatever `page.lang` may be, the browser knows how to count in it; what it cannot use is refused."""
    page, file = browser.new_page(), tmp_path / "words.toml"
    good = ("de", "DE-de", "pt-BR", "es-419", "zh-Hant-TW", "sr-Latn", "gsw", "ca-valencia", "de-CH-1996",
            "sl-rozaj-biske", "ar-u-nu-latn", "th-TH-u-ca-buddhist-nu-thai", "en-x-school")  # fmt: skip
    bad = ("", "d", "de_DE", "de DE", "de-", "-de", "de--DE", "de-D", "de-CH-1996-1996", "de-1996-CH", "de-u", "de-u-n",
           "de-x", "x-school", "i-klingon", "de\n", "ſe", "de-CH-AT", "de.UTF-8", "C", "1", "en-DE-Latn")  # fmt: skip
    no_language = ("German", "deutsch-DE")  # a browser takes them, and counts in another language
    works = "tag => { try { new Intl.PluralRules(tag); return true } catch { return false } }"
    for tag in (*good, *bad, *no_language):
        file.write_text(f"page.lang = {json.dumps(tag)}", encoding="utf-8")
        assert page.evaluate(works, tag) is (tag not in bad), tag
        if tag in good:
            assert words.read(file, (RIGOR,))["page.lang"] == tag
        else:
            with pytest.raises(InputError, match="needs a language tag"):
                words.read(file, (RIGOR,))
    page.close()


def test_two_scenes_of_one_name_are_refused(tmp_path: Path) -> None:
    """The words of a scene are found by the name of its file, so no scene is played under another's title."""
    own = (SCENES / "harsh-start.toml").read_text(encoding="utf-8").replace("harmful", "no-grades")
    (tmp_path / "harsh-start.toml").write_text(own, encoding="utf-8")
    asked = ("--scene", "harsh-start", "--scene", tmp_path / "harsh-start.toml")
    code, _, wrong = setback("page", *asked, "--out", tmp_path / "page.html")
    assert code == 2 and wrong.count("\n") == 1
    assert "two scenes are called harsh-start; a scene is named by its file, so give one of the files" in wrong
    assert not (tmp_path / "page.html").exists()
    assert setback("page", *asked[2:], *asked[2:], "--out", tmp_path / "page.html")[0] == 0  # named twice, there once


UNMARKED = """mark => {
  const texts = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, host = node.parentElement;
    if (!host.closest("script, style, noscript")) texts.push(node.data);
  }
  for (const node of document.body.querySelectorAll("*"))
    for (const name of ["aria-label", "aria-valuetext", "title", "placeholder", "alt", "label"])
      if (node.getAttribute(name)) texts.push(node.getAttribute(name));
  texts.push(document.title);
  return texts.filter(text => /[A-Za-z]{2}/.test(text) && !text.includes(mark));
}"""


def test_every_word_can_be_translated(visit: Opens, tmp_path: Path) -> None:
    """Whatever a reader sees or hears comes from the words, on every step; right to left the page keeps its width."""
    file = tmp_path / "page.html"
    file.write_text(build([RIGOR], None, made_up(RIGOR, tmp_path)), encoding="utf-8")
    with visit(file) as here:
        page = here.page
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        for step in ("scene", "student", "teacher", "rule", "own", "map"):
            page.click(f"#steps [data-step={step}]")
            if step == "student":
                page.click("[data-choice=try]")
                page.click("[data-choice=none]")
            elif step != "map":
                here.set("#week", 36)
                page.click("#room-A .seat >> nth=3")
                assert page.evaluate(UNMARKED, MARK) == [], f"{step}, diary"
                page.keyboard.press("Escape")
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            page.wait_for_timeout(50)
            assert page.evaluate(UNMARKED, MARK) == [], step
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), step


# ---- what it shows -----------------------------------------------------------------------------------------
def year(policy: Policy | PolicyChange, weeks: int = 36) -> Any:
    """The class of the first scene, by the vectorised engine."""
    seats = Roster.synthetic().seats([RIGOR.room.room], RIGOR.room.seed)
    return run(columns(seats, [policy], [Parameters()]), weeks, ("below_criterion", "submitted", "control", "effort"))


def test_the_page_tells_what_the_model_does(opened: Visit) -> None:
    """The count that is read out is that of numpy's engine."""
    ends = [year(side.policy).end for side in (RIGOR.a, RIGOR.b)]
    opened.set("#week", 36)
    low = [int((states(end) >= 2).sum()) for end in ends]
    fails, shame = (
        [f"{end[slot].mean():.{n}f}" for end in ends] for slot, n in (("weeks_below_criterion", 1), ("affect", 2))
    )
    said = opened.text("#read")
    gains = [OUTCOMES["learning"].of(end, 36).mean() for end in ends]
    ahead = [round(100 * NormalDist().cdf(gain)) for gain in gains]
    assert f"SD in A (from the middle to ahead of {ahead[0]} of 100), " in said
    assert f"SD in B (ahead of {ahead[1]})" in said
    assert f"Discouraged or worse: {low[0]} of 30 in A, {low[1]} in B." in said
    assert (
        f"failed tests (ii) {fails[0]} in A, {fails[1]} in B; shame and anxiety {shame[0]} in A, {shame[1]} in B"
        in said
    )
    marks = [opened.page.locator(f"#room-{side} .seat[data-state='{k}']").count() for side in "AB" for k in range(5)]
    assert marks == [int((states(end) == k).sum()) for end in ends for k in range(5)]
    opened.set("#week", 7)
    now = year(RIGOR.b.policy, 7).end["weeks_below_criterion"].mean()
    assert f" in A, {now:.1f} in B; shame" in opened.text("#read")


def test_a_seat_shows_what_the_scene_is_about(opened: Visit) -> None:
    """A dot fills with errors, a bar grows with failed tests, a column with knowledge, each of its student."""
    scene, page, weeks = Scene.read("struggle-first-in-safety"), opened.page, 20
    page.select_option("#scene", label=scene.about.title)
    opened.set("#week", weeks)
    seats = Roster.synthetic().seats([scene.room.room], scene.room.seed)
    for side, of in (("A", scene.a), ("B", scene.b)):
        end = run(columns(seats, [of.policy], [Parameters()]), weeks).end
        counts = [np.ceil(12 * end[slot][:, 0] / 36) for slot in ("weeks_practice_error", "weeks_below_criterion")]
        level = np.clip(np.floor(12 * OUTCOMES["learning"].of(end, weeks)[:, 0] / 1.2 + 0.5), 0, 12)
        assert len(np.unique(level)) > 3
        want = [" ".join(f"{x:.0f}" for x in row) for row in zip(*counts, level, strict=True)]
        filled = """s => [...document.querySelectorAll(s)]
            .map(seat => [...seat.querySelectorAll("i")].map(mark => mark.dataset.fill).join(" "))"""
        assert page.evaluate(filled, f"#room-{side} .seat") == want
        first = page.locator(f"#room-{side} .seat").first
        errors = int(end["weeks_practice_error"][0, 0])
        assert f"errors at practice (i): {errors}, failed tests (ii): " in (first.get_attribute("aria-label") or "")
        part = "s => getComputedStyle(document.querySelector(s)).getPropertyValue('--fill')"
        drawn = [float(page.evaluate(part, f"#room-{side} .seat {name}")) for name in (".dot", ".bar", ".level")]
        assert drawn == [pytest.approx(int(x) / 12) for x in want[0].split()]
    notches = """() => {
        const dot = document.querySelector("#room-A .seat .dot");
        return Array.from({ length: 13 }, (_, k) => {
            dot.dataset.fill = k;
            return Number(getComputedStyle(dot).getPropertyValue("--fill")); }); }"""
    assert page.evaluate(notches) == [float(f"{k / 12:.6g}") for k in range(13)]  # as a browser writes them


def test_a_scene_is_seen_in_its_seats_and_its_leading_curves(opened: Visit) -> None:
    """Seats differ at the end, in most scenes half or more; its outcomes lead the curves and are read out."""
    page, apart = opened.page, {}
    count = """() => { const [a, b] = ["A", "B"].map(side => [...document.querySelectorAll(`#room-${side} .seat`)]
        .map(seat => [seat, ...seat.querySelectorAll("i")].map(it => it.dataset.state ?? it.dataset.fill).join()));
        return a.filter((x, k) => x !== b[k]).length; }"""
    for scene in ALL:
        page.select_option("#scene", label=scene.about.title)
        opened.set("#week", 36)
        apart[scene.name] = page.evaluate(count)
        said, leads = opened.text("#read"), page.locator("#curves .leads figcaption strong").all_inner_texts()
        assert len(leads) == len(scene.about.headline) and page.locator("#curves .curve").count() == 6
        assert ("A small effect" in opened.text("#lede")) == scene.about.small
        for name in scene.about.headline:
            assert words.english(ALL)[f"headline.{name}"] in said, scene.name
    table = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    said_of = re.findall(r"^\| `([\w-]+)` \| [\d, ]+ \| \d+, \d+, \d+, (\d+) \|$", table, re.M)
    assert apart == {name: int(seats) for name, seats in said_of}, "the table of docs/page.md"
    assert min(apart.values()) >= 5 and sum(n >= 15 for n in apart.values()) >= 6, apart


def test_errors_and_states_have_other_shapes(opened: Visit) -> None:
    """What shows errors is round and fills from its foot; of the marks of the states only the small one is round."""
    page = opened.page
    marks = "[...document.querySelectorAll('.marks symbol:has(circle)')].map(mark => mark.id)"
    assert page.evaluate(marks) == ["mark-0"]
    page.select_option("#scene", label=Scene.read("struggle-first-in-safety").about.title)
    drawn = """() => { const dot = document.querySelector("#room-A .dot"), look = getComputedStyle(dot);
      return [look.borderRadius, look.backgroundPosition, ...[0, 1, 6, 12].map(k => {
        dot.dataset.fill = k;
        return Number(look.backgroundSize.match(/([\\d.]+)%$/)[1]); })]; }"""
    radius, foot, *heights = page.evaluate(drawn)
    assert (radius, foot) == ("50%", "0px 100%")
    assert heights == [0, pytest.approx(15.6, abs=0.1), pytest.approx(56), 100]


def test_the_opening_says_the_three_kinds_of_failing(opened: Visit) -> None:
    """It stands open until the year is played, and can be opened again."""
    page = opened.page
    said = opened.text("#opening")
    assert all(kind in said for kind in ("(i) An error", "(ii) A test below", "(iii) Being told"))
    assert len(said.split()) < 80  # read in twenty seconds
    page.click("#step")
    assert page.get_attribute("#opening", "open") is None
    page.click("#opening summary")
    assert page.is_visible("#opening .told")


def test_what_is_held_is_held_as_in_the_other_engines(opened: Visit) -> None:
    """A student who is played by hand follows the same equations."""
    held = opened.page.evaluate("""() => {
      const submitted = Array.from({length: 36}, (_, week) => ({week, seat: 6, value: week % 3 ? 1 : 0}));
      const effort = submitted.map(row => ({...row, value: 0.4 * row.value}));
      const run = SETBACK.year({seed: 1, room: 55, keep: true, hold: {submitted, effort}});
      return [...run.trace.control];
    }""")
    where, value = np.zeros((36, 30, 1), bool), np.zeros((36, 30, 1))
    where[:, 6], value[:, 6, 0] = True, [float(bool(week % 3)) for week in range(36)]
    seats = Roster.synthetic().seats([55], 1)
    hold = {"submitted": Held(value, where), "effort": Held(0.4 * value, where)}
    found = run(columns(seats, [Policy()], [Parameters()]), 36, ("control",), hold=hold)
    assert np.abs(np.reshape(held, (36, 30)) - found.trace["control"][:, :, 0]).max() < 1e-12


def test_play_pause_step_and_slide(opened: Visit) -> None:
    """The year as a film."""
    page = opened.page
    assert "Before week 1" in opened.text("#read")
    page.select_option("#speed", "8")
    page.click("#play")
    opened.wait("document.getElementById('week').value > 3")
    page.click("#play")
    week = int(page.input_value("#week"))
    page.wait_for_timeout(300)
    assert int(page.input_value("#week")) == week
    assert f"Week {week}." in opened.text("#spoken")
    page.click("#step")
    assert int(page.input_value("#week")) == week + 1
    page.click("#play")
    opened.wait("document.getElementById('week').value == 36")
    assert "The year is over" in opened.text("#spoken")
    page.click("#restart")
    assert page.input_value("#week") == "0"
    before = opened.text("#room-A .count")
    page.click("#another")
    assert opened.text("#room-A .count") != before
    assert page.get_attribute("#week", "aria-valuetext") == "Before week 1"


def test_rules_and_numbers_change_the_year(opened: Visit) -> None:
    """Menus and sliders of a classroom, the numbers of the world, and rules that no school could have."""
    page = opened.page
    opened.set("#week", 36)
    first = opened.text("#read")
    page.click("#room-B .rules > summary")
    page.select_option("#grading-B", "mastery")
    assert PARTS["mastery"].description in opened.text("#grading-B-says") and opened.text("#read") != first
    page.select_option("#grading-B", "curve")
    page.select_option("#pacing-B", "self-paced")
    assert "cannot be ranked" in opened.text("#refused")
    assert page.input_value("#pacing-B") == "accelerated"
    page.click("#room-B .all > summary")
    page.wait_for_selector("#room-B .sliders[open] >> nth=0")  # the first group stands open
    slider = page.locator("#room-B .slider", has_text="stakes").locator("input").first
    slider.evaluate("s => { s.value = 0; s.dispatchEvent(new Event('input')) }")
    assert "stakes 0 (0 to 1)" in opened.text("#room-B .head")
    assert opened.text("#title") == "Rigor with a curve (changed)" and page.is_visible("#edited")
    second = opened.text("#read")
    page.click("#world > summary")
    page.click("#world .sliders >> nth=2 >> summary")
    slider = page.locator("#world .slider", has_text="effort level").locator("input").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    assert opened.text("#read") != second
    assert "1 number changed" in opened.text("#world")
    page.click("#world .note button")
    assert opened.text("#read") == second
    page.click("#as-it-was")
    opened.set("#week", 36)
    assert opened.text("#title") == "Rigor with a curve" and not page.is_visible("#edited")
    assert opened.text("#read") == first
    assert page.locator("#world details.sliders").count() == 10
    assert "Groups of mechanisms" in opened.text("#world")


def test_what_is_changed_says_so_on_every_step(opened: Visit) -> None:
    """A changed scene beside its sentence, questions and tables, on paper too; a changed world on every step."""
    page, title = opened.page, RIGOR.about.title
    opened.set("#week", 9)
    tables = ("#read", "#curves-title", "#kinds caption")
    assert not any("(changed)" in opened.text(part) for part in tables) and not page.is_visible("#talk-edited")
    page.click("#room-B .rules > summary")
    page.select_option("#climate-B", "error-friendly")
    page.click("#curves-table > summary")
    assert opened.text("#curves-table caption") == f"{title} (changed)"
    assert all(opened.text(part).startswith(f"{title} (changed): ") for part in tables)
    assert "are about the scene as it was" in opened.text("#talk-edited")
    page.pdf(prefer_css_page_size=True)
    assert "are about the scene as it was" in page.evaluate("document.getElementById('handout').textContent")
    for step in ("student", "teacher", "rule", "own"):
        page.click(f"#steps [data-step={step}]")  # its rules stay behind
        assert opened.text("#title") == word(f"step.{step}")
    page.click("#world > summary")
    page.click("#world .sliders >> nth=2 >> summary")
    page.locator("#world .slider", has_text="effort level").locator("input").first.press("PageUp")
    for step in ("own", "student", "teacher", "rule"):
        page.click(f"#steps [data-step={step}]")
        assert opened.text("#title") == f"{word(f'step.{step}')} (changed)"
    opened.set("#week", 9)
    assert opened.text("#read").startswith("Change one rule (changed): Week 9.")
    page.click("#steps [data-step=scene]")
    page.click("#as-it-was")
    assert opened.text("#title") == title and not page.is_visible("#talk-edited")


def test_every_number_of_the_model_has_a_slider(opened: Visit) -> None:
    """Parameters with range, usual value, unit and sentence; every lever on both sides."""
    page = opened.page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    opened.wait("document.querySelectorAll('#world .slider').length > 100")
    assert page.locator("#world .slider").count() == len(Parameters())
    for side in "AB":
        assert page.locator(f"#room-{side} .slider").count() == len(LEVER_NAMES), side
    said = page.text_content("#world")
    for row in ROWS.values():
        if row.kind != "policy":
            assert row.description.rstrip(".") in said, row.name


def test_meet_a_student(opened: Visit) -> None:
    """A seat opens the diary of both years; Escape closes it and gives the focus back."""
    page = opened.page
    opened.set("#week", 20)
    page.click("#room-B .seat >> nth=15")
    said = opened.text("#diary")
    assert "The diary of Pavel" in said and "The two years part in week" in said
    assert "Here the two years part." in said
    assert page.locator("#diary .weeks > li:not(.parts)").count() == 20
    assert "“" in said and "(ii)" in said and "(iii)" in said
    page.click("#diary button:has-text('Read the whole year')")
    assert page.locator("#diary .weeks > li:not(.parts)").count() == 36
    assert "The year:" in opened.text("#diary .closing")
    page.keyboard.press("Escape")
    assert not page.is_visible("#diary")
    assert page.evaluate("document.activeElement.closest('#room-B') !== null")


def test_three_students_are_named(opened: Visit) -> None:
    """By what sets their two years furthest apart; each opens where these part."""
    page, weeks = opened.page, 20
    assert not page.is_visible("#three")
    opened.set("#week", weeks)
    ends = [year(side.policy, weeks).end for side in (RIGOR.a, RIGOR.b)]
    a, b = (end["weeks_below_criterion"][:, 0].astype(int) for end in ends)
    fills = """side => [...document.querySelectorAll(`#room-${side} .seat`)].map(seat =>
      [...seat.querySelectorAll("[data-fill]")].map(mark => Number(mark.dataset.fill)))"""
    bar, shame, gain = np.abs(np.subtract(*(page.evaluate(fills, side) for side in "AB"))).max(axis=0)
    assert shame > bar > gain, "what is told apart here is shame and anxiety, of which a mark is full sooner"
    values = [end["affect"][:, 0] for end in ends]
    apart = values[1] - values[0]
    order = sorted(range(30), key=lambda seat: (-apart[seat], values[0][seat]))
    three = [order[0], order[15], order[-1]]
    shown = page.locator("#three-list button")
    assert [shown.nth(k).get_attribute("data-seat") for k in range(3)] == [str(seat) for seat in three]
    for k, seat in enumerate(three):
        said = " in A, ".join(f"{of[seat]:.2f}" for of in values)
        assert shown.nth(k).inner_text().endswith(f" shame and anxiety {said} in B")
    assert apart[three[0]] > 1 > 0 > apart[three[2]]
    weeks_before = []
    for k, seat in enumerate(three):
        shown.nth(k).click()
        said = opened.text("#diary .parting")
        assert said.startswith(f"Failed tests (ii): {a[seat]} in A, {b[seat]} in B; now ")
        found = re.search(r"The two years part in week (\d+):", said)
        weeks_before.append(int(found[1]) - 1 if found else 0)
        if weeks_before[-1]:
            first = page.locator("#diary .weeks > li").locator("visible=true").first
            assert first.inner_text().startswith("Here the two years part.")
            assert page.locator("#diary .earlier .weeks > li").count() == weeks_before[-1]
            page.click("#diary .earlier summary")
            assert page.locator("#diary .weeks h3").locator("visible=true").first.inner_text() == "Week 1"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.dataset.seat") == str(seat)
    assert max(weeks_before) > 0


def test_the_diary_goes_to_the_week_in_which_two_years_part(opened: Visit) -> None:
    """By keyboard: the week has the focus, and the reason stands in sight below the heads of the columns."""
    page = opened.page
    opened.set("#week", 36)
    page.click("#room-B .seat >> nth=21")
    week = re.search(r"The two years part in (week \d+):", opened.text("#diary"))[1]  # type: ignore[index]
    opened.tab_to(".parting button")
    assert opened.text(".parting button") == f"Go to {week}"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent").lower() == week
    top, heads, foot = page.evaluate("""["#parts", "#diary .columns", "#diary"].map((s, k) => {
      const box = document.querySelector(s).getBoundingClientRect();
      return k ? box.bottom : box.top;
    })""")
    assert heads <= top < foot - 100


def test_the_diary_fits_on_a_phone(visit: Opens, page_file: Path) -> None:
    """No words of how a student is doing run over those beside them or over the edge."""
    with visit(page_file, 375, 740) as here:
        here.set("#week", 36)
        here.page.click(f"#room-B .seat[data-state='{STATES.index('discouraged')}'] >> nth=0")
        assert "discouraged" in here.text("#diary .weeks")
        wide = """[...document.querySelectorAll("#diary .life")].filter(life =>
          [...life.querySelectorAll("*")].some(node =>
            node.getBoundingClientRect().right > life.getBoundingClientRect().right + 1)).length"""
        assert here.page.evaluate(wide) == 0
        assert here.page.evaluate(
            "document.querySelector('#diary').scrollWidth <= document.querySelector('#diary').clientWidth"
        )


def test_the_diary_of_a_policy_without_verdict_and_of_retakes(visit: Opens, tmp_path: Path) -> None:
    """What the grade says is what the policy says."""
    file = tmp_path / "page.html"
    file.write_text(build([Scene.read("no-verdict"), Scene.read("mastery-with-retakes")]), encoding="utf-8")
    with visit(file) as here:
        here.set("#week", 36)
        here.page.click("#room-B .seat >> nth=0")
        assert "Nobody says whether that is a pass." in here.text("#diary")
        here.page.keyboard.press("Escape")
        here.page.select_option("#scene", "1")
        here.set("#week", 36)
        found = ""
        for seat in range(30):
            here.page.click(f"#room-B .seat >> nth={seat}")
            found += here.text("#diary")
            here.page.keyboard.press("Escape")
        assert "takes the test again, and passes" in found


def test_the_bands_fill_in(opened: Visit) -> None:
    """A hundred other lucks behind the curves."""
    opened.set("#week", 36)
    opened.wait("document.body.dataset.bands === 'done'")
    assert len(opened.page.get_attribute("#curves .band.A", "d")) > 100
    assert "100 other years of luck" in opened.text("#curves-note")


@pytest.mark.parametrize("width", [360, 1366])
def test_nothing_moves_while_the_bands_fill_in(visit: Opens, page_file: Path, width: int) -> None:
    """What stands below them is where it was, or a click that begins on it would end beside it."""
    top = "document.getElementById('class').getBoundingClientRect().top + scrollY"
    with visit(page_file, width) as here:
        # a part that was never seen has a height that is guessed
        show = "part => { part.style.contentVisibility = 'visible'; }"
        here.page.evaluate(f"document.querySelectorAll('.curves, .two, #world').forEach({show})")
        opened = here.page.evaluate(top)
        here.wait("document.getElementById('bands-filling').textContent.includes('of 100')")
        filling = here.page.evaluate(top)
        here.wait("document.body.dataset.bands === 'done'")
        assert opened == filling == here.page.evaluate(top)


# ---- for a room --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (1024, 768)])
def test_a_room_sees_it_all_at_once(visit: Opens, page_file: Path, width: int, height: int) -> None:
    """On the wall: seats, two curves, sentence and player on one screen, in every scene; type follows its height."""
    box = """s => { const box = document.querySelector(s).getBoundingClientRect();
      return [box.top, box.right, box.bottom, box.left]; }"""
    with visit(page_file, width, height) as here:
        page = here.page
        page.keyboard.press("Alt+KeyP")
        assert page.get_attribute("#project", "aria-pressed") == "true"
        for k in range(len(ALL)):
            page.select_option("#scene", str(k))
            here.set("#week", 36)
            shown = [name for name in page.locator("#curves figcaption strong").all() if name.is_visible()]
            assert len(shown) == 2
            bar = page.evaluate(box, ".player")
            assert bar[2] == pytest.approx(height, abs=1) and bar[1] <= width
            for part in ("#room-B .seat:last-child", "#curves .curve:nth-child(2)", "#read", "#three", "#legend"):
                top, _, bottom, _ = page.evaluate(box, part)
                assert top > 0 and bottom <= bar[0] + 1, (part, k)
            assert page.evaluate(box, "#room-B")[1] < page.evaluate(box, "#curves")[3]
            assert page.is_visible("#small") == ALL[k].about.small
        size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        assert size == pytest.approx(0.0205 * height, rel=0.01)
        page.reload()  # the address has it
        assert page.get_attribute("body", "data-projected") == "true"
        page.keyboard.press("Escape")
        assert page.get_attribute("body", "data-projected") == "false"


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (1024, 768)])
def test_rules_are_whole_on_a_wall(visit: Opens, page_file: Path, width: int, height: int) -> None:
    """In the steps that change rules: seats, menus, sentence and player on one screen, every other control in reach."""
    hidden = """within => [...document.querySelectorAll(within)].filter(part => part.checkVisibility()).filter(part => {
      const box = part.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
      return [y, box.top + 2, box.bottom - 2].some(y => !part.contains(document.elementFromPoint(x, y)));
    }).map(part => part.id || part.className || part.textContent)"""
    reach = "box => box.scrollIntoView({ block: 'nearest' })"
    with visit(page_file, width, height) as here:
        page = here.page
        for step in ("teacher", "rule", "own"):
            page.click(f"#steps [data-step={step}]")
            page.click("#project")
            if step == "rule":
                page.select_option("#one", "curve")
            if step == "teacher":
                for week, part in enumerate(("curve", "mastery", "narrative"), 4):
                    here.set("#week", week)
                    page.select_option("#grading-A", part)
            here.set("#week", 36)
            menus = 5 * (step != "rule")
            assert page.locator("#workbench .menus select:visible").count() == menus
            parts = "#panel select, #panel button, #workbench .menus select, .room .seat, .room .name, #read, #play"
            assert page.evaluate(hidden, parts) == [], step
            assert page.is_visible("#curves") == (step == "rule")
            for control in page.locator("#workbench :is(summary, input, .back)").all():
                if control.is_visible():
                    control.evaluate(reach)
                    assert control.evaluate(
                        "part => { const box = part.getBoundingClientRect(); return part.contains("
                        "document.elementFromPoint(box.left + box.width / 2, box.bottom - 3)); }"
                    ), step
            if menus:  # closed, they give their place back
                page.click("#workbench .rules[open] > summary")
                assert page.is_visible("#curves")
            page.keyboard.press("Escape")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (1024, 768)])
def test_a_large_class_keeps_its_names_on_a_wall(visit: Opens, page_file: Path, width: int, height: int) -> None:
    """The names of sixty stand whole in their seats, below the mark of the state, all above the player."""
    wrong = """() => [...document.querySelectorAll(".room .seat")].filter(seat => {
      const parts = [seat, seat.querySelector(".mark"), seat.querySelector(".name"), document.querySelector(".player")];
      const [box, mark, name, bar] = parts.map(part => part.getBoundingClientRect());
      return !name.height || mark.bottom > name.top + 1 || name.bottom > box.bottom || box.bottom > bar.top;
    }).length"""
    with visit(page_file, width, height) as here:
        page = here.page
        page.click("#class > summary")
        page.click("#project")
        for scene in ALL:
            page.select_option("#scene", label=scene.about.title)
            here.set("#class input", 60)
            here.set("#week", 36)
            assert page.locator("#room-B .seat").count() == 60 and page.evaluate(wrong) == 0, scene.name


def test_a_clicker_goes_from_station_to_station(visit: Opens, page_file: Path) -> None:
    """Its two keys, on the wall alone; the film stands still after a ninth, a quarter, half and all of the year."""
    with visit(page_file) as here:
        page, week = here.page, "Number(document.getElementById('week').value)"
        page.keyboard.press("PageDown")
        assert page.evaluate(week) == 0
        page.select_option("#speed", "8")
        page.click("#project")
        for station in (4, 9, 18, 36):
            page.keyboard.press("PageDown")
            here.wait(f"{week} === {station}")
        for station in (18, 9, 4, 0):
            page.keyboard.press("PageUp")
            assert page.evaluate(week) == station


#: Whether a part of a seat lies in it, within a pixel.
IS_INSIDE = """(([seat, part]) => part.top >= seat.top - 1 && part.bottom <= seat.bottom + 1)(
  [seat, seat.querySelector('PART')].map(one => one.getBoundingClientRect()))"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_notes_cover_no_seat_and_no_sentence(visit: Opens, page_file: Path, width: int, height: int) -> None:
    """Seats and curves give way to them after the year, when they are longest; names stay whole."""
    bottom = """s => { const range = document.createRange(); range.selectNodeContents(document.querySelector(s));
      return range.getBoundingClientRect().bottom; }"""
    with visit(page_file, width, height) as here:
        page = here.page
        page.click("#project")
        page.keyboard.press("n")
        for k, scene in enumerate(ALL):
            page.select_option("#scene", str(k))
            here.set("#week", 36)
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            edge = page.evaluate("document.getElementById('notes').getBoundingClientRect().top")
            for part in ("#read", "#room-B .seat:last-child", "#curves .curve:nth-child(2)"):
                assert page.evaluate(bottom, part) <= edge + 1, (scene.name, part)
            for part in (".mark", ".name"):
                inside = f"[...document.querySelectorAll('#room-B .seat')].every(seat => {IS_INSIDE})"
                assert page.evaluate(inside.replace("PART", part)), (scene.name, part)
            clear = """[...document.querySelectorAll('#room-B .seat:has(.dot)')].every(seat => {
              const [dot, name] = ['.dot', '.name'].map(part => seat.querySelector(part).getBoundingClientRect());
              return dot.bottom <= name.top + 2; })"""
            assert page.evaluate(clear), scene.name


def test_notes_are_for_who_asks_for_them(visit: Opens, page_file: Path) -> None:
    """On the wall N shows and hides what to say; the question before the year, what to look for after it alone."""
    with visit(page_file) as here:
        page, about = here.page, RIGOR.about
        page.keyboard.press("n")  # off the wall the key does nothing
        assert not page.is_visible("#notes") and not page.is_visible("#notes-button")
        page.click("#project")
        assert not page.is_visible("#notes")
        page.keyboard.press("n")
        assert about.question in here.text("#notes")
        here.set("#week", 18)
        assert about.question not in here.text("#notes") and about.look not in here.text("#notes")
        here.set("#week", 36)
        for text in (about.look, about.cannot, *about.talk):
            assert text in here.text("#notes")
        page.keyboard.press("Escape")
        assert not page.is_visible("#notes") and page.get_attribute("body", "data-projected") == "true"
        page.click("#notes-button")
        assert page.is_visible("#notes")
        page.keyboard.press("Alt+KeyP")
        assert not page.is_visible("#notes")
        page.evaluate("window.print = () => {}")
        page.click("#print-notes")
        sheet = page.pdf(prefer_css_page_size=True)
        said = page.evaluate("document.getElementById('handout').textContent")
        order = [RIGOR, *(scene for scene in ALL if scene.name != RIGOR.name)]
        places = [said.index(part) for scene in order for part in (scene.about.question, scene.about.talk[-1])]
        assert places == sorted(places)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) <= 3


def test_the_three_kinds_of_failing_are_counted_where_they_are_told(opened: Visit) -> None:
    """The opening says of each kind what came of it; on the wall it stands in the place of the classrooms."""
    opened.page.click("#project")
    opened.set("#week", 36)
    opened.page.click("#opening > summary")
    opened.wait("!document.getElementById('room-A').checkVisibility()")
    slots = ("weeks_practice_error", "weeks_below_criterion", "weeks_failing_grade_told")
    seats = Roster.synthetic().seats([RIGOR.room.room], RIGOR.room.seed)
    ends = [run(columns(seats, [side.policy], [Parameters()]), 36)
            .end for side in (RIGOR.a, RIGOR.b)]  # fmt: skip
    for slot, said in zip(slots, opened.page.locator("#opening b").all_inner_texts(), strict=True):
        a, b = (f"{end[slot].mean():.1f}" for end in ends)
        assert said.endswith(f"{a} in A, {b} in B.") and a != b


@pytest.mark.parametrize("is_on_wall", [False, True])
def test_a_show_of_hands_is_counted_and_shown_after(visit: Opens, page_file: Path, is_on_wall: bool) -> None:
    """What the room expects of each outcome, on one screen; after the year beside what came; the link has it."""
    with visit(page_file) as here:
        page, hands = here.page, [12, 3, 9, 4, 20, 2, 1, 1, 22]
        if is_on_wall:
            page.click("#project")
        page.click("#guess > summary")
        assert "Hands up" in here.text("#guess") and "it came" not in here.text("#guess")
        assert (
            page.evaluate("document.getElementById('guess').getBoundingClientRect().bottom < innerHeight")
            or not is_on_wall
        )
        for k, n in enumerate(hands):
            page.fill(f"#guess input >> nth={k}", str(n))
        here.set("#week", 10)
        assert not page.is_visible("#guess")
        page.reload() if in_address(here)[0]["guesses"]["affect"] == [4, 20, 2] else pytest.fail("not in the address")
        here.set("#week", 36)
        if is_on_wall:
            page.click("#guess > summary")
        ends = [year(side.policy).end for side in (RIGOR.a, RIGOR.b)]
        fails = [f"{end['weeks_below_criterion'].mean():.1f}" for end in ends]
        first = page.locator("#guess tbody tr").first.inner_text().split("\t")
        assert [cell.strip() for cell in first] == [
            "Failed tests (ii)",
            "12",
            "3",
            "9",
            "{} in A, {} in B".format(*fails),
        ]
        wide = "document.querySelectorAll('.hands')[{}].getBoundingClientRect().width"
        assert page.evaluate(wide.format(4)) == pytest.approx(20 / 4 * page.evaluate(wide.format(3)), rel=0.01)
        if not is_on_wall:
            page.select_option("#scene", "1")  # another scene asks anew
            assert page.input_value("#guess input >> nth=0") == ""


def test_another_class_has_names_of_its_own_and_a_way_back(opened: Visit) -> None:
    """Nobody's name twice in the largest class; the sentence says what came of the class before."""
    page = opened.page
    page.evaluate("document.getElementById('class').open = true")
    page.fill("#size", "60")
    page.press("#size", "Enter")

    def called() -> list[str]:
        return list(page.locator("#room-A .seat .name").all_inner_texts())

    first = called()
    assert len(first) == 60 and page.is_disabled("#class-back") and "In the class before" not in opened.text("#read")
    opened.set("#week", 36)
    said = re.search(r"failed tests \(ii\) .* in B;", opened.text("#read"))[0]  # type: ignore[index]
    found = [first]
    for _ in range(3):
        page.click("#another")
        found.append(called())
    assert all(len(set(names)) == 60 for names in found)
    assert all(len([a for a, b in zip(first, names) if a == b]) < 10 for names in found[1:])
    for before in found[-2::-1]:
        page.click("#class-back")
        assert called() == before
    page.click("#another")
    assert f"In the class before: {said}" in opened.text("#read")


def test_thirty_classes_show_what_is_luck(opened: Visit) -> None:
    """A dot a class: one more with every year that was played to its end, or thirty; the numbers are the model's."""
    page, scene = opened.page, RIGOR
    dots = "#class-plots figure:nth-child({}) .class-dot.{}"
    assert not page.is_visible("#classes")
    opened.set("#week", 36)
    page.click("#classes > summary")
    opened.wait("document.getElementById('classes').dataset.done === 'true'")
    assert page.locator(dots.format(1, "A")).count() == page.locator(dots.format(3, "B")).count() == 1
    page.click("#another")
    opened.set("#week", 36)
    opened.wait("document.getElementById('classes').dataset.done === 'true'")
    assert page.locator(dots.format(1, "A")).count() == 2 and page.locator(".class-dot.here").count() == 6
    page.click("#many")
    opened.wait("document.querySelectorAll('#class-plots .class-dot').length === 180")
    tables = [
        simulate(side.policy, {}, Roster.synthetic(30), rooms=scene.room.room + 30, seed=scene.room.seed).per_room()
        for side in (scene.a, scene.b)
    ]
    for k, (name, told) in enumerate(
        zip(scene.about.headline, page.locator("#class-plots figcaption").all_inner_texts())
    ):
        a, b = (np.asarray(table[name])[-30:] for table in tables)
        assert f": more in B in {(b > a).sum()} of 30 classes." in told
        place = page.evaluate(
            "s => [...document.querySelectorAll(s)].map(dot => Number(dot.getAttribute('cx')))", dots.format(k + 1, "A")
        )
        assert np.corrcoef(place, a)[0, 1] > 0.999999
    assert in_address(opened)[0]["classes"] == 30


def test_a_detour_keeps_the_year_the_rules_and_the_log(opened: Visit) -> None:
    """Whoever comes back to a step finds it as it was left, a reload between."""
    page = opened.page
    page.click("#steps [data-step=teacher]")
    opened.set("#week", 9)
    page.select_option("#grading-A", "curve")
    page.click("#reveal")
    opened.set("#week", 20)
    was = seen(opened)
    log = opened.text("#log")
    assert "From week 10: grades by rank" in log
    page.click("#steps [data-step=own]")
    page.select_option("#support-B", "withhold")
    opened.set("#week", 5)
    own = seen(opened)
    page.click("#steps [data-step=map]")
    in_address(opened)
    page.reload()
    page.click("#steps [data-step=teacher]")
    assert seen(opened) == was and opened.text("#log") == log
    page.click("#steps [data-step=own]")
    assert seen(opened) == own


def test_a_scene_of_states_alone(visit: Opens, tmp_path: Path) -> None:
    """What no mark in a seat shows still tells three students apart."""
    about = RIGOR.about.model_copy(update={"headline": ["dropout", "discouraged"]})
    (tmp_path / "page.html").write_text(build([RIGOR.model_copy(update={"about": about})]), encoding="utf-8")
    with visit(tmp_path / "page.html") as here:
        here.set("#week", 36)
        said = here.page.locator("#three-list button").all_inner_texts()
        assert len(said) == 3 and said[0].endswith(" 0% in A, 100% in B"), said


def test_a_detour_keeps_a_world_of_the_map(opened: Visit) -> None:
    """Its numbers and its year, a reload between; the other steps have the world that was theirs.

    One's own work on the step is kept beside it, and comes back when the step is chosen once more.
    """
    page = opened.page
    page.click("#steps [data-step=own]")
    page.select_option("#support-B", "withhold")
    own = seen(opened)
    page.click("#steps [data-step=scene]")
    opened.set("#week", 12)
    scene = opened.text("#read")
    page.click("#steps [data-step=map]")
    opened.wait("document.getElementById('map').dataset.done === 'true'")
    page.locator(".square").nth(12).click()
    assert page.locator(".square[aria-pressed=true]").count() == 1
    page.click("#map p button")
    opened.set("#week", 20)
    patch, _ = in_address(opened)
    was, there = seen(opened), patch["parameters"]
    assert there and "preparation_gain" in there
    page.click("#steps [data-step=teacher]")
    patch, _ = in_address(opened)
    assert "parameters" not in patch and patch["kept"]["world"]["world"]["parameters"] == there
    page.reload()
    page.click("#steps [data-step=scene]")
    assert opened.text("#read") == scene
    page.click("#steps [data-step=own]")
    assert seen(opened) == was
    assert in_address(opened)[0]["parameters"] == there
    page.reload()
    assert seen(opened) == was
    page.click("#steps [data-step=own]")
    assert seen(opened) == own
    page.click("#steps [data-step=scene]")
    page.click("#steps [data-step=own]")
    assert seen(opened) == own and "world" not in in_address(opened)[0]["kept"]


def test_the_way_to_the_classrooms_is_no_link(opened: Visit) -> None:
    """The first key of who uses no mouse goes past the steps, and changes no address."""
    address = opened.page.evaluate("location.href")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("document.activeElement.id") == "title"
    assert opened.page.evaluate("location.href") == address and not opened.page.is_visible("#bad-link")


@pytest.mark.parametrize(
    ("field", "text"), [("size", "1"), ("size", "61"), ("size", "2.5"), ("size", ""), ("weeks", "1")]
)
def test_a_class_that_cannot_be_stays_as_it_was(opened: Visit, field: str, text: str) -> None:
    """A class of one, and others: the browser says what would be right."""
    page = opened.page
    page.evaluate("document.getElementById('class').open = true")
    page.fill(f"#{field}", text)
    page.press(f"#{field}", "Enter")
    assert page.eval_on_selector(f"#{field}", "field => field.validationMessage")
    assert page.locator("#room-A .seat").count() == 30 and page.get_attribute("#week", "max") == "36"


def test_every_number_has_a_source_or_none(opened: Visit) -> None:
    """At a click: those of the world, of the rules, of the marks and of a student's choices."""
    page, assumed = opened.page, word("source.assumed")
    page.click("#steps [data-step=own]")
    page.evaluate("document.querySelectorAll('#world, #world details, #workbench details').forEach(d => d.open = true)")
    for where in ("#workbench", "#world"):
        sliders, said = page.locator(f"{where} .slider"), page.locator(f"{where} .slider .source p")
        assert sliders.count() == said.count() > 10 and all(said.all_text_contents())
    assert {*page.locator("#workbench .source p").all_text_contents()} == {word("source.rule")}
    assert page.locator("#meanings dd .says").all_text_contents() == [assumed] * 3
    assert page.locator("#meanings dd .says").first.evaluate("said => getComputedStyle(said).display") == "block"
    page.click("#steps [data-step=student]")
    assert page.locator("#student .source p").text_content() == word("play.assumed")


def test_forced_colours_keep_the_map(visit: Opens, page_file: Path) -> None:
    """Squares keep their tints, the chosen one its frame, the step at hand its line."""
    with visit(page_file) as here:
        here.page.emulate_media(forced_colors="active")
        here.page.click("#steps [data-step=map]")
        here.wait("document.getElementById('map').dataset.done === 'true'")
        here.page.locator(".square").nth(12).click()
        style = """node => { const style = getComputedStyle(node);
          return [style.backgroundColor, style.outlineStyle, style.borderBottomWidth]; }"""
        squares = [here.page.locator(".square").nth(k).evaluate(style) for k in (12, 80)]
        assert squares[0][0] != squares[1][0] and squares[0][1] == "solid" and squares[1][1] == "none"
        assert here.page.locator("#steps [aria-current]").evaluate(style)[2] == "3px"


def test_why_the_curves_differ(opened: Visit) -> None:
    """Each mechanism off by itself: distances are the model's, the largest change leads, a switch moves both years."""
    page, scene = opened.page, RIGOR
    opened.set("#week", 36)
    page.evaluate("document.getElementById('why').open = true")
    page.select_option("#why-of", "1")
    opened.wait("document.getElementById('why').dataset.done === 'true'")

    def gap(**off: float) -> float:
        a, b = (
            simulate(side.policy, off, Roster.synthetic(30), rooms=scene.room.room + 4, seed=scene.room.seed).per_room()
            for side in (scene.a, scene.b)
        )
        return float(np.mean(np.asarray(b["affect"])[-4:] - np.asarray(a["affect"])[-4:]))

    shown = [
        (
            row.locator("button").get_attribute("data-mechanism") if row.locator("button").count() else "",
            row.inner_text(),
        )
        for row in page.locator("#why tbody tr").all()[:9]
    ]
    apart = [gap(**({name: 0.0} if name else {})) for name, _ in shown]
    for (name, text), x in zip(shown, apart):
        assert f"{x:+.2f}".replace("+0.00", "0.00").replace("-0.00", "0.00") in text.replace("\u2212", "-"), name
    moved = [abs(x - apart[0]) for x in apart[1:]]
    assert moved == sorted(moved, reverse=True) and moved[0] > 0.05
    was = page.get_attribute("#curves .line.B", "d")
    first = shown[1][0]
    page.click(f"[data-mechanism={first}]")
    opened.wait("document.getElementById('why').dataset.done === 'true'")
    assert page.get_attribute("#curves .line.B", "d") != was
    assert page.get_attribute(f"[data-mechanism={first}]", "aria-pressed") == "true"
    state = in_address(opened)[0]
    assert state["parameters"] == {first: 0} and state["why"] == 1
    page.click(f"[data-mechanism={first}]")
    assert page.get_attribute("#curves .line.B", "d") == was


def test_rules_answer_before_the_first_week(opened: Visit) -> None:
    """A rule that is changed before week 1 shows the whole year, pale; a scene as it was keeps its year to itself."""
    page, path = opened.page, "document.querySelector('#curves .line.B').getAttribute('d')"
    assert page.evaluate(path) == "" and opened.text("#curves-title") == "The year so far"
    page.evaluate("document.querySelector('#room-B .rules').open = true")
    page.select_option("#grading-B", "narrative")
    ahead = page.evaluate(path)
    assert ahead.count("L") == 35 and page.locator("#curves .ahead").count() == 6
    title = f"{RIGOR.about.title} (changed): The year as it would go under these rules"
    assert opened.text("#curves-title") == title
    opened.set("#week", 36)
    assert page.evaluate(path) == ahead and page.locator("#curves .ahead").count() == 0
    opened.set("#week", 0)
    page.click("#as-it-was")
    assert page.evaluate(path) == ""


def test_less_motion_is_a_few_pictures(visit: Opens, page_file: Path) -> None:
    """Who asked for less motion sees six weeks of the year, one after the other, not a film."""
    with visit(page_file, reduced_motion="reduce") as here:
        here.page.evaluate("""() => { window.weeks = new Set();
          new MutationObserver(() => weeks.add(document.getElementById("week-of").textContent))
            .observe(document.getElementById("week-of"), { childList: true, characterData: true, subtree: true }); }""")
        here.page.select_option("#speed", "8")
        here.page.click("#play")
        here.wait("document.getElementById('week').value == 36")
        assert here.page.evaluate("[...weeks]") == [f"Week {week} of 36" for week in (6, 12, 18, 24, 30, 36)]


def test_the_sentence_is_short_on_a_phone(visit: Opens, page_file: Path) -> None:
    """At most six lines, without the plain measure, which those who listen still hear."""
    with visit(page_file, 360, 740) as here:
        for k in range(len(ALL)):
            here.page.select_option("#scene", str(k))
            here.set("#week", 36)
            lines = here.page.evaluate("""() => { const range = document.createRange();
              range.selectNodeContents(document.getElementById("read"));
              return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size; }""")
            assert 2 < lines <= 6, k
            assert "from the middle" not in here.text("#read")
        here.page.select_option("#scene", "1")
        here.set("#week", 36)
        assert "from the middle" in here.text("#spoken")


# ---- rosters -----------------------------------------------------------------------------------------------
def drop(here: Visit, text: str | bytes, name: str = "class.csv") -> None:
    """Open a roster file in the page."""
    if not here.page.get_attribute("#class", "open") and not here.page.is_visible("#file"):
        here.page.click("#class > summary")
    content = text.encode() if isinstance(text, str) else text
    here.page.evaluate("document.getElementById('class').removeAttribute('aria-busy')")
    here.page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": content})
    here.wait("document.getElementById('class').getAttribute('aria-busy') === 'false'")


def test_a_roster_opens_in_the_page(opened: Visit) -> None:
    """Two classes, traits by rank, missing cells; the same standard scores as Python makes of them."""
    rows = [f"s{k},{'5a' if k < 12 else '5b'},{(k * 37) % 11},{'' if k == 3 else k}" for k in range(25)]
    drop(opened, "\ufeffstudent_id,class_id,prior_knowledge,interest\n" + "\n".join(rows) + "\n")
    assert "25 students, 2 classes" in opened.text("#class")
    assert opened.page.locator("#room-A .seat").count() == 12
    assert "Class “5a”, 12 students" in opened.text("#room-A .count")
    opened.page.click("#another")
    assert opened.page.locator("#room-B .seat").count() == 13
    opened.page.click("button:has-text('Back to drawn students')")
    assert opened.page.locator("#room-A .seat").count() == 30


def test_a_roster_that_is_opened_again_brings_its_own_classes(opened: Visit) -> None:
    """A file that was changed and kept its name is another roster; it can be chosen twice in a row."""
    names = "[...document.querySelectorAll('#which option')].map(option => option.textContent)"
    for classes in (["5a", "5b"], ["6c", "6d"]):
        drop(opened, "student_id,class_id\n" + "".join(f"s{k},{classes[k % 2]}\n" for k in range(8)))
        assert opened.page.evaluate(names) == classes
        assert f"Class “{classes[0]}”, 4 students" in opened.text("#room-A .count")
    assert opened.page.input_value("#file")
    with opened.page.expect_file_chooser():
        opened.page.click("#file")
    assert opened.page.input_value("#file") == ""  # a browser says nothing of a choice that is what it was


def test_scores_in_the_page_are_those_of_python(visit: Opens, tmp_path: Path) -> None:
    """A roster read by Python and one opened in the page give the same class-year."""
    text = "student_id,prior_knowledge\n" + "".join(f"s{k},{(k * 7) % 10}\n" for k in range(20))
    (tmp_path / "r.csv").write_text(text)
    (tmp_path / "p.html").write_text(build([RIGOR], Roster.read(tmp_path / "r.csv")), encoding="utf-8")
    (tmp_path / "q.html").write_text(build([RIGOR]), encoding="utf-8")
    said = []
    for name in ("p.html", "q.html"):
        with visit(tmp_path / name) as here:
            if name == "q.html":
                drop(here, text)
            here.set("#week", 36)
            said.append(here.text("#read") + here.page.text_content("#kinds"))
    assert said[0] == said[1] and "of 20" in said[0]


def test_hostile_names_are_text(opened: Visit, visit: Opens, tmp_path: Path) -> None:
    """Tags, formulas, braces, turns of direction, what is not seen: text in its place, from a file and from Python."""
    quoted = "".join('"' + name.replace('"', '""') + '",__proto__\n' for name in HOSTILE)
    drop(opened, "student_id,class_id\n" + quoted, '<img src="x">\u202e.csv')
    assert f'<img src="x">.csv: {len(HOSTILE)} students, 1 class' in opened.text("#class")
    assert "Class “__proto__”" in opened.text("#room-A .count")
    hostile = SchoolClass("</script>", HOSTILE, {})
    shown = called.students(hostile)
    assert shown[:3] == ["</script><script>alert(1)</script>", '=HYPERLINK("http://x")', "<img onerror=alert(2)>"]
    assert shown[4:8] == ["gnp.Eve", "Zoe", "7", "8"] and len(shown[8]) == 40 and shown[-1] == "toString"
    (tmp_path / "hostile.html").write_text(build([RIGOR], Roster([hostile], "r")), encoding="utf-8")
    with visit(tmp_path / "hostile.html") as here:
        for page in (opened, here):
            names = [seat.text_content() for seat in page.page.locator("#room-A .seat .name").all()]
            assert names == shown
            page.set("#week", 36)
            for k in (0, 4):
                page.page.click(f"#room-A .seat >> nth={k}")
                assert shown[k] in page.text("#diary")
                page.page.keyboard.press("Escape")
            picture, texts = saved(page, "svg")  # once: Chromium lets a page save ten files, and no more
            assert all(name in texts for name in shown)
            ElementTree.fromstring(picture)  # nothing outside of the picture's own text, which any reader can read
            table = saved(page, "csv")[0]
            assert not any(name in table for name in shown if len(name) > 1)
            assert page.page.locator("img").count() == 0


def saved(here: Visit, ending: str) -> tuple[str, str]:
    """What a button saves: as it is written, and the texts in it."""
    with here.page.expect_download() as waiting:
        here.page.click(f"#save-{ending}")
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    return text, html.unescape(re.sub(r"<[^>]*>", " ", text))


def test_surnames_stay_in_the_memory(opened: Visit, page_file: Path) -> None:
    """First names on screen, on paper, in pictures; whole ones for as long as somebody ticks for them; an ID is one."""
    page = opened.page
    drop(opened, (ROSTERS / "canvas.csv").read_bytes(), "canvas.csv")
    surnames = ("Abar", "Boe", "Cui", "Dov", "=Eve", "Fig")

    def seen() -> str:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        everything = page.content() + page.evaluate(
            "location.href + document.title + JSON.stringify([localStorage, history.state])"
        )
        return str(
            everything.split('id="data"')[0]
            + everything.split("</script>")[-1]
            + saved(opened, "svg")[0]
            + saved(opened, "csv")[0]
        )

    def surnames_in(everything: str) -> list[str]:
        return [name for name in surnames if name in everything]

    names = "[...document.querySelectorAll('#room-A .seat .name')].map(name => name.textContent)"
    assert page.evaluate(names) == ["Ria", "Tam", '"Lin"']
    assert not surnames_in(seen())
    page.check("#whole-names")
    assert page.evaluate(names) == ["Abar, Ria", "Boe, Tam", 'Cui, "Lin"']
    assert "Abar, Ria" in seen()
    page.uncheck("#whole-names")
    assert not surnames_in(seen())
    page.check("#whole-names")
    drop(opened, "student_id\nAnn Lee\nAnn Fox\n17\nann@example.org\n")
    assert page.evaluate(names) == ["Ann 1", "Ann 2", "17", "4"] and not page.is_checked("#whole-names")
    drop(opened, "student_id\nann\nbob\n")
    assert not page.is_visible("#whole-names")  # nothing was left out


def test_exports_open_as_they_are(opened: Visit) -> None:
    """Canvas, Moodle as Excel of Windows saves it, Blackboard in UTF-16: a sentence for each thing that was done."""
    said = {
        "canvas.csv": ("6 students, 2 classes", "Read as an export of Canvas.", "prior knowledge from Current Score",
                       "3 of 9 rows are left out: 2 without ID, 1 with “Student, Test” in Student.",
                       "1 class of fewer than 2 students was joined with another: 3 classes became 2."),
        "moodle_percent_semicolons.csv": ("4 students, 1 class", "an export of Moodle", "Course total (Percentage)"),
        "blackboard.txt": ("1 of 5 rows is left out: 1 with “teach_previewuser” in Username.",),
    }  # fmt: skip
    for name, sentences in said.items():
        drop(opened, (ROSTERS / name).read_bytes(), name)
        for sentence in sentences:
            assert sentence in opened.text("#class .note[role=status]")
        assert not opened.page.is_visible("#class .error")
    names = "[...document.querySelectorAll('#room-A .seat .name')].map(name => name.textContent)"
    assert opened.page.evaluate(names) == ["Ría", "Tam", "Lin", "Uri"]
    drop(opened, "student_id\nJörg “x”\n€ 5\n".encode("cp1252"))
    assert opened.page.evaluate(names) == ["Jörg", "€ 5"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no students"),
        ("student_id\n", "has no students"),
        ("student_id\nann\n", "has 1 student; a class needs at least 2"),
        ("student_id\n" + "".join(f"s{k}\n" for k in range(200)), "has 200 students, more than 60"),
        ("student_id,interest\na,1\nb\n", "Line 3 of class.csv has 1 cell, the line"),
        ("student_id,interest\na,1\nb,much\n", "interest in line 3 of class.csv is much"),
        ("student_id\na\na\n", "Lines 2 and 3 of class.csv name the same student; take"),
        ("student_id,student_id\na,b\n", "two columns called student_id"),
        ("student_id,class_id\na,x\nb,\n", "Line 3 of class.csv does not name its class"),
        ('student_id\n"a\nb\n', "a quote that is left open"),
        (b"student_id\n\xff\xfe\n\x00", "is not text"),
        (b"\x89PNG\r\n\x1a\n", "class.csv is a picture (PNG); open it where it was made, and save the list as CSV."),
        (b"a" * 2_000_001, "class.csv has more than 2 MB; is it the right file?"),
        ("OrgDefinedId,A Points Grade <Numeric 1>\n1,2\n1,3\n", "Lines 2 and 3 of class.csv name the same student"),
    ],
)
def test_a_roster_that_cannot_be_used(opened: Visit, text: str | bytes, says: str) -> None:
    """One sentence, and the class stays as it was, be it drawn or a roster."""
    drop(opened, text)
    assert says in opened.text("#class .error") and opened.text("#class .error").count(". ") == 0
    assert opened.page.locator("#room-A .seat").count() == 30
    drop(opened, "student_id\na\nb\nc\n", "before.csv")
    drop(opened, text)
    assert says in opened.text("#class .error") and "before.csv stays in use." in opened.text("#class")
    assert opened.page.locator("#room-A .seat").count() == 3


def test_the_roster_that_was_chosen_last_counts(opened: Visit) -> None:
    """A file that is read slowly does not come after one that was chosen later; one that is gone gets a sentence."""
    page = opened.page

    def read(body: str) -> None:
        page.evaluate(f"() => {{ window.bytes ??= File.prototype.arrayBuffer; File.prototype.arrayBuffer = {body}; }}")

    read("() => new Promise(end => { window.end = end; })")
    page.set_input_files("#file", {"name": "slow.csv", "mimeType": "text/csv", "buffer": b""})
    opened.wait("Boolean(window.end)")
    read("window.bytes")
    drop(opened, "student_id\na\nb\nc\n")
    page.evaluate("() => window.end(new TextEncoder().encode('student_id\\nx\\ny\\n').buffer)")
    assert "class.csv: 3 students" in opened.text("#class") and page.locator("#room-A .seat").count() == 3
    read("async () => { throw new DOMException('gone', 'NotFoundError'); }")
    drop(opened, "student_id\na\nb\n")
    assert "class.csv cannot be read; see that it is still there" in opened.text("#class .error")
    assert "class.csv stays in use." in opened.text("#class .note[role=status]")
    assert page.locator("#room-A .seat").count() == 3


def test_a_foreign_roster_is_explained_by_its_reader(opened: Visit) -> None:
    """Columns with other names are proposed as the command line does, and changed in menus; nothing happens before."""
    students = "Ann Lee;1;1,5;9\nBob Ray;1;2,5;8\nCem Fox;2;EX;7\nDan;2;5;1\n"
    drop(opened, f"Printed today\nPupil;Section;Mark;Test\nMean;;2;\n{students}")
    page = opened.page
    menu = {word: page.locator("#class label", has_text=word).locator("select").first for word in
            ("names the student", "names the class", "prior knowledge", "interest")}  # fmt: skip
    assert {word: select.evaluate("s => s.selectedOptions[0].textContent") for word, select in menu.items()} == {
        "names the student": "Pupil", "names the class": "Section", "prior knowledge": "Mark + Test",
        "interest": "(none)",
    }  # fmt: skip
    assert "class.csv has columns of its own" in opened.text("#class") and not page.is_visible("#class .error")
    assert page.locator("#room-A .seat").count() == 30
    page.click("button:has-text('Use this roster')")
    note = opened.text("#class .note[role=status]")
    assert "4 students, 2 classes" in note and "1 of 5 rows is left out: 1 with “Mean” in Pupil." in note
    assert "prior knowledge from Mark + Test" in note and "Class “1”, 2 students" in opened.text("#room-A .count")
    page.click("summary:has-text('Which column says what?')")
    menu["prior knowledge"].select_option(label="Section")
    menu["names the class"].select_option(label="(the file is one class)")
    page.click("button:has-text('Use this roster')")
    assert "4 students, 1 class" in opened.text("#class") and "prior knowledge from Section" in opened.text("#class")
    page.click("summary:has-text('Which column says what?')")
    menu["prior knowledge"].select_option(label="Pupil")
    page.click("button:has-text('Use this roster')")
    assert "Pupil in line 4 of class.csv is Ann Lee; it needs a number." in opened.text("#class .error")
    assert page.locator("#room-A .seat").count() == 4


# ---- the way through ---------------------------------------------------------------------------------------
def test_five_steps_by_keyboard_alone(opened: Visit) -> None:
    """From the first scene to the map without a mouse."""
    page, key = opened.page, opened.page.keyboard
    opened.tab_to("#play")
    key.press("Space")
    opened.wait("document.getElementById('week').value > 1")
    key.press("Space")
    opened.tab_to("#room-A .seat")
    for arrow in ("ArrowRight", "ArrowRight", "ArrowDown", "End", "ArrowUp", "ArrowLeft"):
        key.press(arrow)
    assert page.evaluate("document.activeElement.matches('#room-A .seat:nth-child(23)')")
    assert page.evaluate("document.querySelectorAll('#room-A .seat[tabindex=\"0\"]').length") == 1
    key.press("Enter")
    assert page.is_visible("#diary")
    key.press("Tab")
    assert page.evaluate("document.activeElement.closest('#diary') !== null")
    key.press("Escape")
    assert not page.is_visible("#diary")
    assert page.evaluate("document.activeElement.matches('#room-A .seat:nth-child(23)')")

    def step(name: str) -> None:
        opened.tab_to(f"#steps [data-step={name}]", backwards=True)
        key.press("Enter")
        assert page.get_attribute(f"#steps [data-step={name}]", "aria-current") == "step"

    step("student")
    opened.tab_to("[data-choice=own]")
    for _ in range(35):
        key.press("Enter")
    assert "Week 36" in opened.text("#student h2 >> nth=1") or "Week 36" in opened.text("#student")
    key.press("Enter")
    assert "Your year is over." in opened.text("#student")
    assert opened.text("#student").count("You chose: Go by how you feel.") == 36

    step("teacher")
    assert not page.is_visible("#room-B")
    opened.tab_to("#step")
    for _ in range(6):
        key.press("Enter")
    opened.tab_to("#grading-A")
    key.press("m")  # "mastery with retakes"
    key.press("Tab")
    assert "From week 7: mastery with retakes" in opened.text("#log")
    opened.tab_to("#reveal", backwards=True)
    key.press("Space")
    assert page.is_visible("#room-B")

    step("rule")
    opened.tab_to("#one")
    key.type("grades by")
    key.press("Tab")
    assert "Grades by rank" in opened.text("#room-B .head")

    step("own")
    opened.tab_to("#workbench .slider:nth-child(3) input")
    key.press("PageUp")
    assert "public 0.1" in opened.text("#room-B .head")

    step("map")
    opened.wait("document.getElementById('map').dataset.done === 'true'")
    opened.tab_to(".square")
    key.press("ArrowRight")
    key.press("ArrowDown")
    assert "difficulty of the first unit" in opened.text("#map .read")
    opened.tab_to("#map p button")
    key.press("Enter")
    assert page.is_visible("#room-B") and "level" in opened.text("#room-B .head")


def test_be_one_student_a_little_below_the_middle(opened: Visit) -> None:
    """Who begins is chosen by prior knowledge, in every class; the end sums up the year from the run's own tallies."""
    page, here = opened.page, {"seed": RIGOR.room.seed, "room": RIGOR.room.room}
    scores = page.evaluate(
        """here => { const run = SETBACK.year(here);
          return Array.from({ length: 30 }, (_, seat) => run.opening("knowledge_score", seat)); }""",
        here,
    )
    seat = int(np.abs(np.array(scores) + 0.5).argmin())
    page.click("#steps [data-step=student]")
    assert f"seat {seat + 1}." in opened.text("#student .seat-card h2")
    behind = round(100 * NormalDist().cdf(scores[seat]))
    assert f" SD below the mean: ahead of {behind} of 100)." in opened.text("#student .seat-card .says")
    nudge: dict[str, list[dict[str, float]]] = {"diligence": [], "resolve": []}
    for week, choice in enumerate(9 * ["try", "some", "own", "own"]):
        assert page.locator("#life-sum").count() == 0
        chosen = choice if page.is_enabled(f"[data-choice={choice}]") else "own"
        page.click(f"[data-choice={chosen}]")
        for slot, value in zip(nudge, CHOICES[chosen], strict=True):
            nudge[slot].append({"week": week, "seat": seat, "value": value})
    handed, errors, failures, told = page.evaluate(
        """([here, seat]) => { const run = SETBACK.year(here);
          return ["weeks_submitted", "weeks_practice_error", "weeks_below_criterion",
              "weeks_failing_grade_told"].map(slot => run.end(slot, seat)); }""",
        [{**here, "nudge": nudge}, seat],
    )
    assert "1 SD: from the middle to ahead of 84 of 100" in opened.text("#balance")
    said = opened.text("#life-sum")
    handed_in = f"{handed} of 36 weeks handed in, {errors} with an error at practice (i)"
    assert f"{handed_in}, {failures} below" in said
    assert f", {told} told of a failing grade (iii). Knowledge gained " in said
    assert page.evaluate("document.querySelector('#life-sum').nextElementSibling.matches('ol.weeks')")


#: What a choice moves for a week: the odds of handing in (logit), and resolve.
CHOICES = {"try": (1, 1), "own": (0, 0), "some": (0, -1.5), "none": (-4, 0)}


def play(choices: list[str], rules: str = "criterion", seat: int = 0, start: Any = None) -> Any:
    """The year of the first scene's class by the object engine, one student pushed from week to week."""
    scene = RIGOR.room
    room = Classroom(Policy(rules), roster=Roster.synthetic(scene.size), seed=scene.seed, room=scene.room)
    for choice in choices:
        odds, resolve = CHOICES[choice]
        room.slots["diligence"][seat] += odds
        room.slots["resolve"][seat] += resolve
        room.step()
        room.slots["diligence"][seat] -= odds
    return room


def test_a_push_is_the_same_in_the_other_engines(opened: Visit) -> None:
    """Slots moved for a week, by the page's engine and by one whose slots are moved by hand; no push changes no bit."""
    choices = 9 * ["try", "some", "none", "own"]
    there = play(choices, seat=6)
    nudge = {slot: [{"week": w, "seat": 6, "value": CHOICES[c][k]} for w, c in enumerate(choices)]
             for k, slot in enumerate(("diligence", "resolve"))}  # fmt: skip
    none = {slot: [{**row, "value": 0} for row in rows] for slot, rows in nudge.items()}
    found = opened.page.evaluate(
        """rows => rows.map(nudge => { const run = SETBACK.year({seed: 1, room: ROOM, nudge});
          return ["control", "effort", "affect", "weeks_submitted", "diligence"].map(slot =>
            Array.from({length: 30}, (_, seat) => run.end(slot, seat))); })""".replace("ROOM", str(RIGOR.room.room)),
        [nudge, none, {}],
    )
    for slot, values in zip(("control", "effort", "affect", "weeks_submitted", "diligence"), found[0], strict=True):
        assert np.abs(np.array(values) - there.slots[slot][:, 0]).max() < 1e-12, slot
    assert found[1] == found[2] != found[0]


def test_choices_bite(opened: Visit) -> None:
    """Odds, effort and cost are the model's; pushing closes with the state and opens again; staying away costs."""
    page = opened.page
    page.click("#steps [data-step=student]")
    page.select_option("#life-rules", "high-pressure")
    room = play([], PRESETS["high-pressure"])
    weekly = []
    for _ in range(16):
        room.step()
        weekly.append(states(room.slots)[:, 0] >= STATES.index("discouraged"))
    low = np.array(weekly)
    seat = int(np.flatnonzero((low[:-1] & ~low[1:]).any(axis=0))[0])  # falls, and recovers
    while f"seat {seat + 1}." not in opened.text("#student .seat-card h2"):
        page.click("#somebody")
    for week in range(16):
        is_open, state = page.is_enabled("[data-choice=try]"), opened.text("#student .seat-card .count")
        assert is_open == (not week or not low[week - 1, seat]), week
        assert opened.text("#cost-try").startswith(f"Not now: {state}.") or is_open
        odds = {c: int(opened.text(f"#cost-{c}").split("%")[0]) for c in ("own", "some", "none")}
        assert odds["own"] == odds["some"] > odds["none"]  # which moves the odds, as it says, and settles nothing
        assert opened.text("[data-choice=none]") == "Rather stay away"
        page.click("[data-choice=own]")
    page.select_option("#life-rules", "reference")
    alone = play([], seat=seat)
    diligence = float(alone.slots["diligence"][seat, 0])
    at_first = {c: 1 / (1 + np.exp(SKIP(alone, seat) - diligence - CHOICES[c][0])) for c in CHOICES}
    for choice, chance in at_first.items():
        assert opened.text(f"#cost-{choice}").startswith(f"{100 * chance:.0f}% to hand in"), choice
    efforts = [int(re.search(r"with (\d+)% effort", opened.text(f"#cost-{c}"))[1]) for c in ("try", "own", "some")]  # type: ignore[index]
    assert efforts[0] > efforts[1] + 5 > efforts[2] + 15
    best, worst = map(float, re.findall(r"([\d.]+)% if", opened.text("#cost-try")))
    assert best > worst
    before = play([], seat=seat).slots["control"][seat, 0]
    for _ in range(8):
        page.click("[data-choice=none]:enabled" if page.is_visible("[data-choice=none]") else "[data-choice=own]")
    after = play(8 * ["none"], seat=seat)
    assert after.slots["control"][seat, 0] < before - 0.02 and after.slots["weeks_submitted"][seat, 0] < 8
    assert f"{100 * after.slots['control'][seat, 0]:.0f}%" in opened.text("#student .feel")
    thoughts = page.locator("#student .thought").all_inner_texts()
    absent = {text for key, text in words.english(ALL).items() if key.startswith("diary.absent_")}
    assert absent & set(thoughts)


def SKIP(room: Any, seat: int) -> float:  # noqa: N802
    """The logit of not handing in before diligence, of a student as the year opens, by the numbers of the model."""
    p, slot = (
        MODEL.table.effective(Parameters()),
        {name: float(room.slots[name][seat, 0]) for name in ("affect", "control", "reserve")},
    )
    return float(
        p["skip_level"]
        + p["skip_affect"] * slot["affect"]
        - p["skip_control"] * (slot["control"] - 0.5)
        - p["skip_reserve"] * (slot["reserve"] - 0.5)
    )


def test_rules_and_choices_are_weighed_at_the_end(opened: Visit) -> None:
    """Two rules, left alone and as it was played: each cell is the model's own year."""
    page = opened.page
    page.click("#class > summary")
    page.fill("#weeks", "5")
    page.press("#weeks", "Enter")
    page.click("#steps [data-step=student]")
    opened.wait("document.querySelectorAll('[data-choice]').length === 4")
    seat = int(re.search(r"seat (\d+)\.", opened.text("#student .seat-card"))[1]) - 1  # type: ignore[index]
    choices = ["some", "try", "none", "own", "try"]
    for choice in choices:
        page.click(f"[data-choice={choice}]")
    cells = page.locator("#balance td").all_inner_texts()[1:]
    for k, (rules, way) in enumerate((rules, way) for way in ([], choices) for rules in ("criterion", MASTERY)):
        end = play(way or 5 * ["own"], rules, seat).slots
        fails, control = int(end["weeks_below_criterion"][seat, 0]), end["control"][seat, 0]
        assert cells[k].startswith(f"{fails} · ") and cells[k].endswith(f" SD · {100 * control:.0f}%"), (rules, way)
    gains = [float(re.search(r"([-+]?[\d.]+) SD", cell)[1]) for cell in cells]  # type: ignore[index]
    said = re.findall(r"by ([-+]?[\d.]+) SD", opened.text("#balance p"))
    assert [float(x) for x in said] == pytest.approx([gains[2] - gains[0], gains[1] - gains[0]], abs=0.011)


def test_change_one_rule_asks_for_the_change_first(opened: Visit) -> None:
    """As long as nothing is changed, one sentence says what to do before playing."""
    page = opened.page
    page.click("#steps [data-step=rule]")
    assert opened.text("#one-says").startswith("First choose the one change in B")
    page.select_option("#one", "curve")
    assert opened.text("#one-says") == PARTS["curve"].description
    page.select_option("#one", "")
    assert opened.text("#one-says").startswith("First choose")


def test_the_teacher_changes_a_rule_at_mid_year(opened: Visit) -> None:
    """The weeks before stay as they were."""
    page = opened.page
    page.click("#steps [data-step=teacher]")
    opened.set("#week", 18)
    before = opened.text("#read")
    page.select_option("#grading-A", "curve")
    assert opened.text("#read") == before
    opened.set("#week", 36)
    page.click("#reveal")
    assert page.get_attribute("#reveal", "aria-pressed") == "true"
    assert "Grades by rank" not in opened.text("#room-B .head")


def test_the_map_of_other_numbers(opened: Visit) -> None:
    """Any two numbers; squares that no school could have say so."""
    page = opened.page
    page.click("#steps [data-step=map]")
    page.select_option("#map-x", "comparison")
    page.select_option("#map-y", "self_paced")
    opened.wait("document.getElementById('map').dataset.done === 'true'")
    assert "not possible" in (page.get_attribute(".square >> nth=8", "aria-label") or "")
    page.select_option("#map-of", "a")
    page.select_option("#map-show", "below_criterion_rate")
    opened.wait("document.getElementById('map').dataset.done === 'true'")
    assert "%" in page.inner_text(".square >> nth=40")


def test_the_map_gives_back_what_it_found(opened: Visit) -> None:
    """Whoever leaves the map, or a world opened on it, has the scene, the class and the world of before."""
    page = opened.page

    def on(step: str, selector: str) -> str:
        page.click(f"#steps [data-step={step}]")
        return opened.text(selector)

    title = page.inner_text("#title")
    page.click("#another")
    room, me = on("rule", "#room-A .count"), on("student", "#student .desk")
    on("map", "#map")
    page.select_option("#map-scene", "harsh-start")
    assert on("student", "#student .desk") == me
    on("map", "#map")
    opened.wait("document.getElementById('map').dataset.done === 'true'")
    page.click(".square >> nth=10")
    page.click("#map p button")
    assert opened.text("#room-A .count") != room
    assert on("rule", "#room-A .count") == room and on("scene", "#title") == title
    on("map", "#map")
    drop(opened, "student_id\na\nb\nc\n")
    assert "class.csv, 3 students" in on("teacher", "#room-A .count")
    on("map", "#map")
    page.click("button:has-text('Back to drawn students')")
    assert on("scene", "#title") == title and page.locator("#room-A .seat").count() == 30


def test_the_map_says_the_units_of_its_numbers(opened: Visit) -> None:
    """In the menus and the caption where the unit is short, below them always."""
    page = opened.page
    page.click("#steps [data-step=map]")
    shown = dict(page.evaluate("[...document.querySelectorAll('#map-x option')].map(o => [o.value, o.textContent])"))
    assert shown["level"] == "difficulty of the first unit (logit)" and shown["repeats"] == "repeats (repeats per unit)"
    for name, text in shown.items():
        unit = ROWS[name].unit
        assert text.endswith(f" ({unit})") if len(unit) <= 16 else "(" not in text, name
    assert sum("(" in text for text in shown.values()) >= len(shown) - 2
    assert opened.text("#map caption").startswith(
        "difficulty of the first unit (logit) from left to right, what a struggle"
    )
    assert "difficulty of the first unit (logit): Difficulty of" in opened.text("#map")
    [long] = [row.name for row in ROWS.values() if row.name in shown and len(row.unit) > 16]
    page.select_option("#map-y", long)
    assert f"{shown[long]} ({ROWS[long].unit}): " in opened.text("#map")
    assert f", {shown[long]} from bottom to top" in opened.text("#map caption")


def test_the_map_begins_with_a_dozen_plain_names(opened: Visit) -> None:
    """Every number stands in the menu once, twelve of them under plain names, the rest under "all"."""
    page = opened.page
    page.click("#steps [data-step=map]")
    groups = page.evaluate("""[...document.querySelectorAll("#map-x optgroup")].map(group =>
      [group.label, [...group.children].map(option => [option.value, option.textContent])])""")
    assert [label.split(" ")[0] for label, _ in groups] == ["Plainly", "All", "All"]
    plain, *rest = [options for _, options in groups]
    assert len(plain) == 12 and sorted(name for group in (plain, *rest) for name, _ in group) == sorted(ROWS)
    for name, text in plain:
        assert text.startswith(words.english(ALL)[f"axis.{name}"]) and name.replace("_", " ") not in text.split(" ("), (
            name
        )


def test_an_axis_of_one_room_and_several_lucks(opened: Visit) -> None:
    """A rule may change in one classroom alone; a square may be the mean of several years of luck, each the model's."""
    page, scene = opened.page, Scene.read("struggle-first-in-safety")
    page.click("#steps [data-step=map]")
    page.select_option("#map-x", "stakes")
    page.select_option("#map-xIn", "B")
    page.select_option("#map-y", "control_loss")
    assert page.is_disabled("#map-yIn") and page.input_value("#map-yIn") == "both"
    page.select_option("#map-show", "control")
    page.select_option("#map-lucks", "3")
    seats = [Roster.synthetic().seats([scene.room.room], scene.room.seed, luck) for luck in range(3)]
    loss = ROWS["control_loss"].low + 5 * (ROWS["control_loss"].high - ROWS["control_loss"].low) / 8
    for of, side, stakes in (("a", scene.a, {}), ("b", scene.b, {"stakes": 0.25})):
        page.select_option("#map-of", of)
        opened.wait("document.getElementById('map').dataset.done === 'true'")
        policy = side.policy.replace(**stakes) if stakes else side.policy
        world = Parameters(control_loss=loss)
        mean = np.mean([run(columns(one, [policy], [world]), 36).end["control"].mean() for one in seats])
        assert page.inner_text(f"#map .square >> nth={3 * 9 + 2}") == f"{100 * mean:.0f}%", of
    kept = in_address(opened)[0]["map"]
    assert (kept["xIn"], kept.get("yIn", "both"), kept["lucks"]) == ("B", "both", 3)
    page.click(f"#map .square >> nth={3 * 9 + 2}")
    page.click("#map p button")
    assert "stakes 0.25" in opened.text("#room-B .head") and "stakes" not in opened.text("#room-A .head")


def test_every_number_says_where_it_is_from(opened: Visit) -> None:
    """A source, or that it is assumed, beside each number of the world, at a click."""
    page = opened.page
    page.evaluate("document.querySelectorAll('#world, #world details').forEach(d => d.open = true)")
    opened.wait(f"document.querySelectorAll('#world .slider').length === {len(Parameters())}")
    page.evaluate("document.querySelectorAll('#world .source').forEach(d => d.open = true)")
    said = page.locator("#world .source p").all_text_contents()
    rows = {row.name.removeprefix("strength_").replace("_", " "): row for row in ROWS.values() if row.kind != "policy"}
    names_there = page.locator("#world .slider label").all_text_contents()
    assert len(said) == len(names_there) == len(rows)
    for name, text in zip(names_there, said):
        row = rows[name]
        assert text == (
            "Assumed: no study gives this number." if row.source == "assumed" else f"Source: {row.citation}."
        )
    assert len(set(said)) > 20


# ---- nothing is lost ---------------------------------------------------------------------------------------
def to_address(patch: dict[str, Any] | str, version: str) -> str:
    """The address of what differs from a page that opens, as the page writes it."""
    said = patch if isinstance(patch, str) else json.dumps(patch, separators=(",", ":"), ensure_ascii=False)
    text = base64.urlsafe_b64encode(said.encode())
    plain, check = text.decode().rstrip("="), 0x811C9DC5
    for letter in plain:
        check = ((check ^ ord(letter)) * 0x01000193) & 0xFFFFFFFF
    return f"#3.{version}.{check:08x}.{plain}"


def in_address(here: Visit) -> tuple[dict[str, Any], str]:
    """What the address holds, once it has been written, and the version that can follow it."""
    here.wait("document.body.dataset.written === 'true'")
    address = here.page.evaluate("location.hash")
    _, version, _, text = address.split(".")
    patch: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "==="))
    assert to_address(patch, version) == address
    return patch, version


def seen(here: Visit) -> list[str]:
    """What stands on the page: the step, its texts, the rules, the week, every seat."""
    seats = """[...document.querySelectorAll(".rooms .seat")]
      .filter(seat => !seat.closest("[hidden]")).map(seat => seat.getAttribute("aria-label")).join()"""
    texts = """["steps", "lede", "student", "read", "week-of"].map(id => document.getElementById(id))
      .map(node => node.closest("[hidden]") ? "" : node.innerText)"""
    menus = """[...document.querySelectorAll(".rules select, #panel select, #map select")]
      .filter(menu => !menu.closest("[hidden]")).map(menu => menu.value)"""
    step = "document.body.dataset.step + document.body.dataset.two"
    return [str(here.page.evaluate(what)) for what in (seats, texts, menus, step)]


def edits(here: Visit) -> dict[str, Callable[[], None]]:
    """For each step something to do on it that the next visitor must find again."""
    page = here.page

    def scene() -> None:
        page.select_option("#scene", label="Mastery with retakes")
        page.click("#another")
        page.click("#room-B .rules > summary")
        page.select_option("#grading-B", "narrative")
        here.set("#week", 12)

    def student() -> None:
        page.select_option("#life-rules", "high-pressure")
        page.click("#somebody")
        for choice in ("try", "none", "some"):
            page.click(f"[data-choice={choice}]")

    def teacher() -> None:
        here.set("#week", 9)
        page.select_option("#grading-A", "curve")
        page.click("#reveal")
        here.set("#week", 20)

    def rule() -> None:
        page.select_option("#base", "coverage")
        page.select_option("#one", "narrative")
        here.set("#week", 5)

    def own() -> None:
        page.select_option("#own-base", "ranking")
        page.select_option("#support-B", "withhold")

    def a_map() -> None:
        page.select_option("#map-x", "stakes")
        page.select_option("#map-scene", "harsh-start")

    return {"scene": scene, "student": student, "teacher": teacher, "rule": rule, "own": own, "map": a_map}


def test_a_reload_and_a_link_lose_nothing(opened: Visit, visit: Opens, page_file: Path) -> None:
    """On every step: the page comes back as it was, in the same window and in one that has never seen it."""
    for step, edit in edits(opened).items():
        opened.page.click(f"#steps [data-step={step}]")
        edit()
        (patch, version), was = in_address(opened), seen(opened)
        assert patch.get("step", "scene") == step and "roster" not in patch
        opened.page.reload()
        assert seen(opened) == was, step
        with visit(page_file) as other:
            other.page.goto(page_file.as_uri() + to_address(patch, version))
            other.page.reload()
            assert seen(other) == was, step
    page = opened.page
    page.click("#steps [data-step=scene]")  # the map gives back what it found, a reload between
    assert opened.text("#title") == "Mastery with retakes (changed)"  # as it was left


def test_back_and_undo_go_the_way_that_was_come(opened: Visit) -> None:
    """Edit by edit, to the page as it was opened; the weeks of a film are no edits."""
    page = opened.page
    assert page.is_disabled("#undo")
    way = [seen(opened)]
    for edit in (
        lambda: page.select_option("#scene", "1"),
        lambda: page.click("#another"),
        lambda: page.evaluate("document.querySelector('#room-B .rules').open = true"),
        lambda: page.select_option("#climate-B", "error-friendly"),
    ):
        edit()
        opened.wait("document.body.dataset.written === 'true'")
        if seen(opened) != way[-1]:
            way.append(seen(opened))
    assert len(way) == 4
    opened.set("#week", 3)
    in_address(opened)
    opened.set("#week", 0)
    in_address(opened)
    for k, back in enumerate((lambda: page.click("#undo"), page.go_back, lambda: page.click("#undo"))):
        now = page.evaluate("location.hash")
        back()
        opened.wait(f"location.hash !== {json.dumps(now)}")
        assert seen(opened) == way[-2 - k]
    assert page.is_disabled("#undo")
    page.go_forward()
    opened.wait("location.hash.length > 1")
    assert seen(opened) == way[1]


def test_a_week_of_one_student_is_taken_back(opened: Visit) -> None:
    """Choice by choice, however fast they were made, by mouse or by keys; state and address are those before."""
    page = opened.page
    page.click("#steps [data-step=student]")
    page.select_option("#life-rules", "high-pressure")
    page.focus("[data-choice=own]")
    way = [seen(opened)]
    for _ in range(3):
        page.keyboard.press("Enter")
        way.append(seen(opened))
    page.click("#rest")
    assert "Your year is over." in opened.text("#student")
    for k, back in enumerate((lambda: page.click("#undo"), lambda: page.keyboard.press("Control+z"))):
        back()
        opened.wait(f"document.querySelectorAll('#student .weeks > li').length === {3 - k}")
        assert seen(opened) == way[3 - k] and in_address(opened)[0]["life"]["choices"] == (3 - k) * "o"
    page.focus("[data-choice=own]")
    page.keyboard.press("Control+z")
    opened.wait("document.querySelectorAll('#student .weeks > li').length === 1")
    assert page.evaluate("document.activeElement.dataset.choice") == "own"
    page.reload()
    assert seen(opened) == way[1]
    page.keyboard.press("Control+z")
    opened.wait("document.querySelectorAll('#student .weeks').length === 0")
    assert seen(opened) == way[0] and page.input_value("#life-rules") == "high-pressure"
    for step in ("student", "map", "own"):
        page.click(f"#steps [data-step={step}]")
        assert page.is_visible("#undo")


def test_a_bad_link_is_told_in_a_sentence_and_loses_nothing(opened: Visit) -> None:
    """Of another version, damaged, or asking for what there is not: what stands on the page stays, reload included."""
    page = opened.page
    edits(opened)["scene"]()
    (patch, version), was, good = in_address(opened), seen(opened), page.evaluate("location.hash")

    def altered(path: str, value: Any) -> str:
        changed = json.loads(json.dumps(patch))
        *way, last = path.split("/")
        inside = changed
        for key in way:
            inside = inside.setdefault(key, {})
        inside[last] = value
        return to_address(changed, version)

    deep = f'{{"scene": "{patch["scene"]}", "a": ' + 20_000 * '{"a":' + "1" + 20_001 * "}"
    bad = {
        to_address(deep, version): "is damaged", to_address("[]", version): "is damaged",
        good.replace("#3.", "#1."): "made by another version", good.replace("#3.", "#4."): "made by another version",
        good.replace(version, "00000000"): "made by another version",
        good[:-5]: "is damaged", good[:-1] + ("A" if good[-1] != "A" else "B"): "is damaged", "#week-7": "is damaged",
        altered("B/0/grading", "dice"): "asks for the policy “dice”, which this page does not have",
        altered("B/0/grading", "rescue"): "asks for the policy “rescue”, which this page does not have",
        altered("scene", "no-scene"): "asks for “no-scene”",
        altered("parameters", {"toString": 1}): "asks for “toString”",
        altered("size", 1): "Students is 1 in this link; it needs a number from 2 to 60.",
        altered("weeks", 9999): "Weeks in the year is 9999 in this link",
        altered("week", 99): "Week is 99 in this link",
        altered("room", 0.5): "room is 0.5 in this link", altered("B/0/stakes", 7): "stakes is 7 in",
        altered("B/0", {"comparison": 1, "self_paced": 1}): "rules that no school could have. Not possible: ",
        altered("before", {"scene": "none"}): "asks for “none”", altered("A", []): "is damaged",
        altered("A", {"0": None, "5": {}}): "is damaged", altered("A/9x", {}): "Week is NaN in this link",
        altered("roster", {"name": "r", "classes": []}): "asks for “roster”", altered("life/run", 1): "asks for “run”",
        altered("__proto__", {"week": 3}): "asks for “__proto__”", altered("life/choices", "toz"): "asks for “z”",
        altered("life", None): "is damaged", altered("life/rules", "none"): "asks for “none”",
        altered("headline", ["affect"]): "is damaged", altered("guesses", {"effort": [1, 1, 1]}): "asks for “effort”",
        altered("classes", 301): "Classes seen is 301", altered("kept", {"map": {}}): "asks for “map”",
        altered("map/lucks", 7): "asks for “7”", altered("map/xIn", "C"): "asks for “C”",
        altered("kept/own/A", None): "is damaged", altered("why", 3): "is damaged",
        altered("guesses", {"affect": [1, 2]}): "is damaged", altered("isProjected", 1): "is damaged",
        altered("guesses", {"affect": [1, 2, -1]}): "Hands counted is -1 in this link",
        altered("kept/own/guesses", {"effort": [1, 1, 1]}): "asks for “effort”", altered("week", None): "is damaged",
        altered("headline", ["no-outcome"]): "asks for “no-outcome”",
    }  # fmt: skip
    for link, says in bad.items():
        page.evaluate("link => { location.hash = link }", link)
        opened.wait("!document.getElementById('bad-link').hidden")
        said = opened.text("#bad-link")
        assert says in said and said.endswith("What you see has stayed as it was."), link[:40]
        assert seen(opened) == was and page.evaluate("location.hash") == good, says
        page.evaluate("document.getElementById('bad-link').hidden = true")
    page.click("#play")  # a film that plays stands still, and what is told of the link stays
    page.wait_for_timeout(300)
    page.evaluate("location.hash = 'damaged'")
    opened.wait("!document.getElementById('bad-link').hidden")
    page.wait_for_timeout(900)
    assert page.is_visible("#bad-link")
    opened.set("#week", 3)
    opened.wait("document.getElementById('bad-link').hidden")  # read, and gone on from
    opened.set("#week", 12)
    in_address(opened)
    page.reload()
    assert seen(opened) == was and not page.is_visible("#bad-link")


# ---- for everyone ------------------------------------------------------------------------------------------
def on_step(step: str) -> Callable[[Visit], None]:
    """Go to a step, to the end of its year, with everything open."""

    def go(here: Visit) -> None:
        here.page.click(f"#steps [data-step={step}]")
        if step == "student":
            here.page.click("[data-choice=none]")
        elif step == "map":
            here.wait("document.getElementById('map').dataset.done === 'true'")
        else:
            here.set("#week", 36)
        here.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        here.page.wait_for_timeout(400)

    return go


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("step", ["scene", "student", "teacher", "own", "map", "diary", "wall"])
def test_no_serious_accessibility_fault(visit: Opens, page_file: Path, axe: str, scheme: str, step: str) -> None:
    """axe-core finds none, whatever is open."""
    with visit(page_file, color_scheme=scheme, reduced_motion="reduce") as here:
        on_step("scene" if step in ("diary", "wall") else step)(here)
        if step == "wall":
            here.page.evaluate("document.querySelectorAll('#guess, #classes').forEach(d => d.open = false)")
            here.page.click("#project")
            here.page.keyboard.press("n")
        if step == "diary":
            here.page.click("#room-B .seat >> nth=21")
        here.page.evaluate(axe)
        found = here.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (fault["id"], fault["impact"], [node["html"][:120] for node in fault["nodes"][:3]])
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        assert serious == []


@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (1366, 768), (3840, 2160)])
def test_no_size_is_too_small(visit: Opens, page_file: Path, width: int, height: int) -> None:
    """Nothing hangs over the edge, and what is pressed is large enough to be pressed."""
    with visit(page_file, width, height) as here:
        for step in ("scene", "student", "teacher", "rule", "own", "map"):
            here.page.click(f"#steps [data-step={step}]")
            assert here.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), step
            small = here.page.evaluate("""() => [...document.querySelectorAll("button, select, summary")]
              .filter(n => n.checkVisibility()).map(n => [n.textContent, n.getBoundingClientRect()])
              .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)""")
            assert small == [], step


def test_a_phone_shows_where_it_scrolls(visit: Opens, page_file: Path) -> None:
    """The row of steps fades at its edge, the chosen step is in sight; the caption of the map is not cut."""
    with visit(page_file, 375, 740) as here:
        assert "gradient" in here.page.evaluate("getComputedStyle(document.querySelector('#steps')).maskImage")
        right = "s => document.querySelector(s).getBoundingClientRect().right"
        for step in ("scene", "own", "map"):
            here.page.click(f"#steps [data-step={step}]")
            edge = here.page.evaluate("parseFloat(getComputedStyle(document.querySelector('#steps')).paddingInlineEnd)")
            shown = here.page.evaluate(right, "#steps [aria-current]")
            assert shown <= here.page.evaluate(right, "#steps") - edge + 1, step
        assert here.page.evaluate(right, "#map caption") <= 375


def test_a_phone_shows_the_room_of_a_step(visit: Opens, page_file: Path) -> None:
    """All seats are on the screen when a step is opened, its title is where a reader goes on; then comes the player."""
    box = "s => { const box = document.querySelector(s).getBoundingClientRect(); return [box.top, box.bottom]; }"
    with visit(page_file, 360, 740) as here:
        for step in ("teacher", "rule", "own", "scene"):
            here.page.click(f"#steps [data-step={step}]")
            top, bottom = here.page.evaluate(box, "#room-A .seats")
            assert top > 0 and bottom <= 741, step
            assert here.page.evaluate("document.activeElement.id") == "title"
            assert bottom < here.page.evaluate(box, "#play")[0]


def test_motion_is_reduced_when_asked(visit: Opens, page_file: Path) -> None:
    """No transition for who asks for none."""
    with visit(page_file, reduced_motion="reduce") as here:
        assert here.page.evaluate("getComputedStyle(document.querySelector('#play')).transitionDuration") == "0s"


def test_the_legend_says_what_is_not_said_by_colour_alone(opened: Visit) -> None:
    """Every state has a mark and a word."""
    assert [row.inner_text() for row in opened.page.locator("#legend li").all()][:5] == [
        "steady", "coping", "discouraged", "shut down", "stopped",
    ]  # fmt: skip
    assert opened.page.locator("#legend use").count() == 5
    assert [row.inner_text() for row in opened.page.locator("#legend li").all()][5:] == [
        "a bar that grows: failed tests (ii)",
        "first column, full at 1.00: shame and anxiety",
        "second column, full at +1.20 SD: knowledge gained",
    ]


#: Seats on paper in which one mark lies over another, or over the name but for the air about its letters, or the name
#: is cut off; and how many marks there are.
OVERLAPS = """(() => {
    const crowded = [];
    let marks = 0;
    for (const seat of document.querySelectorAll("#handout .seats .seat")) {
        const name = seat.querySelector(".name"), letters = document.createRange();
        letters.selectNodeContents(name);
        const found = [letters, ...seat.querySelectorAll(".dot, .mark, .level, .bar")];
        const parts = found.map(part => part.getBoundingClientRect());
        marks += parts.length - 1;
        if (name.scrollWidth > name.clientWidth || parts.some((a, k) => parts.some((b, l) =>
            k < l && a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)))
            crowded.push(name.textContent);
    }
    return [crowded, marks];
})()"""


def assert_seats_have_room(here: Visit) -> None:
    """What every seat of a printed hand-out shows lies beside one another: its state, and one to three marks."""
    here.page.set_viewport_size({"width": 703, "height": 1032})  # what the margins leave of A4
    here.page.emulate_media(media="print")
    crowded, marks = here.page.evaluate(OVERLAPS)
    assert crowded == [] and marks in (120, 180, 240)


@pytest.mark.parametrize("scene", ALL, ids=lambda s: s.name)
def test_a_hand_out_is_one_page(visit: Opens, tmp_path: Path, scene: Scene) -> None:
    """Classrooms, curves, three students and the questions on one sheet of A4, played or not."""
    (tmp_path / "page.html").write_text(build([scene]), encoding="utf-8")
    with visit(tmp_path / "page.html") as here:
        sheet = here.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
        said = here.page.evaluate("document.getElementById('handout').textContent")
        assert scene.about.title in said and scene.about.talk[-1] in said
        assert "The year is over." in said and said.count("Failed tests (ii):") == 3
        assert_seats_have_room(here)


def test_paper_says_what_an_sd_is(opened: Visit) -> None:
    """Where knowledge leads the curves, its plain measure stands with it on paper, and on a phone."""
    page, anchor = opened.page, "figcaption span >> visible=true >> text=ahead of 84 of 100"
    page.select_option("#scene", label=Scene.read("struggle-first-in-safety").about.title)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(f"#handout .leads {anchor}").count() == 1
    assert page.locator("#handout figcaption span >> visible=true").count() == 1
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.locator(f"#curves .leads {anchor}").count() == 1


def test_paper_names_nobody_of_whom_nothing_is_known(visit: Opens, tmp_path: Path) -> None:
    """Where the outcome of no student is known in both classrooms, no heading promises three of them."""
    scene = Scene.read("mastery-with-retakes")
    about = scene.about.model_copy(update={"headline": ["failure_to_ability"]})
    (tmp_path / "page.html").write_text(build([scene.model_copy(update={"about": about})]), encoding="utf-8")
    with visit(tmp_path / "page.html") as here:
        here.set("#week", 36)
        here.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        said = here.page.evaluate("document.getElementById('handout').textContent")
        assert "not known yet in B" in said
        assert not here.page.is_visible("#three") and "Three students" not in said


@pytest.mark.parametrize("language", ["de", "es", "ar"])
def test_hand_outs_in_wordy_languages(visit: Opens, tmp_path: Path, language: str) -> None:
    """Every scene is one page there, too, and one that is printed from the wall; what goes from the right has room."""
    (tmp_path / "page.html").write_text(build(ALL, language=language), encoding="utf-8")
    with visit(tmp_path / "page.html") as here:
        for k, _ in enumerate(ALL):
            here.page.select_option("#scene", index=k)
            sheet = here.page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1, k
        here.page.click("#project")
        sheet = here.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
        assert_seats_have_room(here)


def test_what_is_seen_can_be_taken_along(opened: Visit, tmp_path: Path) -> None:
    """Both classrooms and their leading curves as SVG and PNG, the curves of the whole year as CSV."""
    page = opened.page
    opened.set("#week", 36)
    for ending in ("svg", "png", "csv"):
        with page.expect_download() as found:
            page.click(f"#save-{ending}")
        assert found.value.suggested_filename == f"setback-{RIGOR.name}.{ending}"
        found.value.save_as(tmp_path / ending)
    picture = ElementTree.parse(tmp_path / "svg").getroot()
    said = "".join(picture.itertext())
    assert RIGOR.about.title in said and said.count("Viktor") == 2 and "Failing the test (ii)" in said
    assert not any(key.startswith("class") for node in picture.iter() for key in node.attrib)
    png = (tmp_path / "png").read_bytes()
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG") and width == 2400 and len(png) > 20_000 and height > 800
    rows = list(csv.reader((tmp_path / "csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][:3] == ["Week", "Failing the test (ii) A", "Failing the test (ii) B"] and len(rows) == 37
    for k, side in enumerate((RIGOR.a, RIGOR.b)):
        fails = year(side.policy).trace["below_criterion"].mean(axis=(1, 2))
        assert [float(row[1 + k]) for row in rows[1:]] == pytest.approx(fails, abs=1e-12)


@pytest.mark.parametrize("step", ["student", "teacher", "rule", "own", "map"])
def test_every_step_has_a_hand_out(visit: Opens, page_file: Path, step: str) -> None:
    """What the step is about is on paper: the year of one student, one class or two, the map with its scale."""
    with visit(page_file) as here:
        page = here.page
        page.click(f"#steps [data-step={step}]")
        if step == "student":
            page.click("[data-choice=own]")
            page.click("[data-choice=own]")
        if step == "map":
            here.wait("document.getElementById('map').dataset.done === 'true'")
        sheet = page.pdf(prefer_css_page_size=True)
        said = page.evaluate("document.getElementById('handout').textContent")
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
        assert here.text("#title") in said and "From a model: it shows" in said
        if step == "student":
            assert "You are " in said and said.count("You chose: Go by how you feel.") == 2
        elif step == "map":
            squares = page.locator("#map .square").all_inner_texts()
            assert page.locator("#handout .square").all_text_contents() == squares
            assert "difficulty of the first unit (logit) from left to right" in said and "Largest difference" in said
        else:
            assert page.locator("#handout .seats").count() == (1 if step == "teacher" else 2)


# ---- the command -------------------------------------------------------------------------------------------
def test_the_command_writes_a_page(tmp_path: Path) -> None:
    """Scenes as asked for, in that order; a roster through a mapping."""
    out = tmp_path / "page.html"
    code, said, _ = setback("page", "--scene", "harsh-start", "--scene", "rescue-at-once", "--out", out)
    assert code == 0 and "2 scenes" in said
    data = json.loads(re.search(r'id="data">(.*?)</script>', out.read_text(encoding="utf-8"))[1])  # type: ignore[index]
    assert [scene["name"] for scene in data["scenes"]] == ["harsh-start", "rescue-at-once"]
    assert data["scenes"][0]["B"][1]["week"] == 18
    roster = tmp_path / "r.csv"
    roster.write_text("student_id,class_id\na,x\nb,x\nc,y\nd,y\n")
    code, said, _ = setback("page", "--roster", roster, "--out", tmp_path / "real.html")
    assert code == 0 and "2 classes of r (first names alone; --whole-names gives whole ones)" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "r.csv", "real.html"]


def test_a_page_of_a_roster_has_first_names_alone(tmp_path: Path) -> None:
    """From the columns of names in the file, or from the ids; whole names where they are asked for."""
    own = tmp_path / "own.csv"
    own.write_text('student_id\n"Abar, Ria"\nBoe Ria\ntam.boe@example.org\n', encoding="utf-8")
    for args, short, whole in (
        (
            (ROSTERS / "canvas.csv", "--mapping", "canvas"),
            ["Ria", "Tam", '"Lin"'],
            ["Abar, Ria", "Boe, Tam", 'Cui, "Lin"'],
        ),
        ((ROSTERS / "moodle.csv", "--mapping", "moodle"), ["Ria", "Tam"], ["Ria Abar", "Tam Boe"]),
        ((own,), ["Ria", "Boe", "3"], ["Abar, Ria", "Boe Ria", "tam.boe@example.org"]),
    ):
        for more, expected in (((), short), (("--whole-names",), whole)):
            out = tmp_path / "page.html"
            code, said, _ = setback(
                "page", "--roster", *args, "--scene", "rescue-at-once", "--out", out, "--force", *more
            )
            text = out.read_text(encoding="utf-8")
            data = json.loads(re.search(r'id="data">(.*?)</script>', text)[1])  # type: ignore[index]
            assert code == 0 and data["roster"]["classes"][0]["students"][: len(expected)] == expected
            assert ("Abar" in text) == bool(more) and ("(whole names)" in said) == bool(more)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    """With nobody to ask it is refused; --force writes over it; somebody at a terminal is asked."""
    out = tmp_path / "page.html"
    out.write_text("mine")
    code, _, wrong = setback("page", "--out", out)
    assert code == 2 and "is there already" in wrong and wrong.count("\n") == 1
    assert out.read_text() == "mine"
    for answer, is_kept in (("n", True), ("", True), ("y", False)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(output.sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
            patch.setattr(output.typer, "confirm", lambda asked, answer=answer: answer == "y")
            assert output.may_replace(out) is not is_kept
    assert setback("page", "--scene", "rescue-at-once", "--out", out, "--force")[0] == 0
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--scene", "rigor-with-curve"), "did you mean rigor-with-a-curve"),
        (("--scene", "none.toml"), "cannot be read"),
        (("--out", "."), " is a folder; name a file in it"),
        (("--out", "none/page.html"), "name a file in a folder that can be written to"),
        (("--out", "x" * 300), "cannot be written: file name too long"),
        (("--mapping", "coruna"), "--roster must name the file"),
        (("--roster", "none.csv"), "cannot be read"),
        (("--words", "none.toml"), "words none.toml cannot be read"),
    ],
)
def test_a_command_that_cannot_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], says: str
) -> None:
    """One sentence, exit code 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    code, _, wrong = setback("page", *args)
    assert code == 2 and says in wrong and wrong.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_guide_names_every_scene() -> None:
    """Every shipped scene stands in the guide, and every command in it is one."""
    guide = (ROOT / "docs" / "facilitator.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", guide, re.M)) == set(names())
    for target in re.findall(r"\]\(([^)#]+)\)", guide):
        assert (ROOT / "docs" / target).exists(), target
    _, help_text, _ = setback("page", "--help")
    for option in re.findall(r" (--[a-z]+)", "\n".join(re.findall(r"^setback page.*$", guide, re.M))):
        assert option in help_text
