"""The classroom page in the languages that ship: every word, its plural forms, and how it looks in a browser."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import setback

from setback.experiments.scenes import SCENES, Scene, names
from setback.model.errors import InputError
from setback.page import words
from setback.page.build import HERE, _tables, build, write_page
from setback.page.languages import CATEGORIES, categories, direction, name_of
from setback.page.translations import (
    Translation,
    english_of,
    holes,
    leaves,
    read_translation,
    word_of,
    write_translation,
)

pytestmark = pytest.mark.slow

ALL = tuple(Scene.read(name) for name in names())
RIGOR = Scene.read("rigor-with-a-curve")
LANGUAGES = [code for code in words.languages() if code != "en"]
#: Words that are the same in a language as in English; what has no letters outside of braces is not asked for.
SAME = {
    "ar": "setback", "zh": "setback logit logit²", "es": "setback logit logit²", "pt": "setback logit logit²",
    "de": "setback Pause SD in Name Code",
    "fr": "setback Pause Notes Code Effort effort classes Source Questions hypercorrection activation consensus "
          "aspiration correction attribution affect public information quota consolidation logit logit² points point "
          "minutes multiple",
}  # fmt: skip
#: Numbers of which each language on trial has another form for some.
COUNTS = (0, 1, 2, 3, 11, 100, 1_000_000)


def translation(code: str) -> Translation:
    """The file of a language that ships."""
    return read_translation(words.FOLDER / f"{code}.toml", words.english(), "en")


def flat(code: str) -> dict[str, list[str]]:
    """The pairs of a language that ships, by their keys."""
    return leaves(tomllib.loads((words.FOLDER / f"{code}.toml").read_text(encoding="utf-8")))


# ---- the files ---------------------------------------------------------------------------------------------
def test_the_languages_that_were_asked_for() -> None:
    """Six beside English, each with its terms; the help and the documents name them."""
    assert LANGUAGES == ["ar", "de", "es", "fr", "pt", "zh"]
    assert sorted(path.stem for path in words.FOLDER.glob("*.txt")) == LANGUAGES
    assert "ar, de, en, es, fr, pt or zh" in " ".join(setback("page", "--help").out.split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_is_translated(code: str) -> None:
    """None is missing, none was made from an English that has changed, and the file is as the tool writes it."""
    one = translation(code)
    text, missing, outdated = write_translation(one, words.to_translate())
    assert (missing, outdated) == ([], [])
    assert words.untranslated(None, ALL, language=code) == []
    assert (words.FOLDER / f"{code}.toml").read_text(encoding="utf-8") == text
    assert one.tag.partition("-")[0] == code and one.settings["page.reader"] == ""
    for key, pair in flat(code).items():
        if isinstance(pair, list) and pair[0] == pair[1]:
            letters = re.findall(r"[^\W\d_]{2,}", re.sub(r"\{\w+\}", "", pair[0]))
            assert {*letters} <= {*SAME[code].split()}, f"{key} is as in English"


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_filled_in_is_kept(code: str) -> None:
    """Every {name} of the English stands in the translation; only forms for few numbers may say these in words."""
    known = words.english()
    for word, texts in translation(code).words.items():
        for key, pair in texts.items():
            lost = holes(english_of(key, known)) - holes(pair.text)
            assert lost <= ({"n"} if key != word and key.rpartition(".")[2] in ("zero", "one", "two") else set()), key


def test_plural_forms_are_those_of_the_browser(browser: Any) -> None:
    """For every language, and some that do not ship, Babel has the categories and the direction that Chromium has."""
    page = browser.new_page()
    tags = [translation(code).tag for code in LANGUAGES] + ["en", "cs", "pl", "he", "ja", "cy", "pt-PT", "ur", "es-419"]
    asked = "tags => tags.map(tag => new Intl.PluralRules(tag).resolvedOptions().pluralCategories)"
    for tag, found in zip(tags, page.evaluate(asked, tags)):
        assert {*categories(tag)} == {*found}, tag
    turned = "tags => tags.map(tag => new Intl.Locale(tag).getTextInfo().direction)"
    assert page.evaluate(turned, tags) == [direction(tag) for tag in tags]
    assert (name_of("pt"), name_of("de", own=True), name_of("xx")) == ("Portuguese", "Deutsch", "xx")
    page.close()


def test_the_form_of_a_number_is_the_one_that_the_language_has(browser: Any) -> None:
    """Each word with forms is said in that of `Intl.PluralRules`, its number as the language writes it."""
    tools = (HERE / "tools.js").read_text(encoding="utf-8")
    say = f"asked => {{ {tools}; return asked.map(([key, given]) => say(key, given)); }}"
    put = """([id, held]) => { const node = document.createElement("script"); node.type = "application/json";
        node.id = id; node.textContent = JSON.stringify(held); document.body.append(node); }"""
    choose = """([tag, numbers]) => numbers.map(n =>
        [n, new Intl.PluralRules(tag).select(n), new Intl.NumberFormat(tag).format(n)])"""
    for code in LANGUAGES:
        said, page = words.read(None, (RIGOR,), language=code), browser.new_page()
        page.evaluate(put, ["words", _tables(said)])
        page.evaluate(put, ["data", {"levers": {}, "sections": {}}])
        known = words.english((RIGOR,))
        forms = sorted({word for key in said if (word := word_of(key, known)) and word not in said})
        assert {"player.speed_of", "diary.earlier", "map.lucks_of"} <= {*forms}
        chosen = page.evaluate(choose, [said["page.lang"], COUNTS])
        assert {category for _, category, _ in chosen} == {*categories(code)}, "some form is never asked for"
        for n, category, number in chosen:
            wanted = [said[f"{word}.{category}"] for word in forms]
            other = dict.fromkeys((hole for text in wanted for hole in holes(text)), "…")
            found = page.evaluate(say, [[word, other | {"n": n}] for word in forms])
            assert found == [
                re.sub(r"\{(\w+)\}", lambda h, n=number: n if h[1] == "n" else "…", text) for text in wanted
            ]
        page.close()


# ---- the page ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page with all scenes in each language, as the command writes it."""
    folder = tmp_path_factory.mktemp("languages")
    for code in ["en", *LANGUAGES]:
        said = write_page(folder / f"{code}.html", language=code)
        assert code == "en" or f", in {name_of(translation(code).tag)}, " in said
    return {code: folder / f"{code}.html" for code in ["en", *LANGUAGES]}


#: What is wider than its box and cannot be scrolled to; names of students end in dots.
CUT = """() =>
  [...document.querySelectorAll("button, summary, h1, h2, h3, p, label, th, td, dt, dd, figcaption, output")]
  .filter(n => n.checkVisibility() && n.scrollWidth > n.clientWidth + 1 && n.clientWidth > 1
    && getComputedStyle(n).clipPath === "none"
    && !n.closest(".seat, .wide, .map-table, #steps, #balance"))
  .map(n => n.outerHTML.slice(0, 120))"""
STEPS = ("scene", "student", "teacher", "rule", "own", "map")


def test_no_page_is_large(pages: dict[str, Path]) -> None:
    """Whatever the script, a page fits into 400 kB."""
    assert {code: file.stat().st_size for code, file in pages.items() if file.stat().st_size > 400_000} == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_speaks_its_language(visit: Callable[..., Any], pages: dict[str, Path], code: str) -> None:
    """Its tag and direction, its title, its numbers, who has read it; no word leaves its box, on a desk or a phone."""
    said = words.read(None, ALL, language=code)
    with visit(pages["en"]) as here:
        here.set("#week", 36)
        errors = float(here.page.text_content("#kinds td >> nth=0"))
    for width, height in ((1366, 768), (360, 740)):
        with visit(pages[code], width, height) as here:
            page = here.page
            root = page.evaluate("[document.documentElement.lang, document.documentElement.dir, document.title]")
            assert root == [said["page.lang"], "rtl" if code == "ar" else "ltr", said["page.title"]]
            assert said["page.machine"] in here.text("footer") and words.english()["page.machine"] in here.text(
                "footer"
            )
            here.set("#week", 36)
            number = "([tag, x]) => new Intl.NumberFormat(tag, {minimumFractionDigits: 1}).format(x)"
            assert here.page.text_content("#kinds td >> nth=0") == page.evaluate(number, [said["page.lang"], errors])
            page.click("#room-A .seat >> nth=3")
            assert page.evaluate(CUT) == [], "diary"
            page.keyboard.press("Escape")
            for step in STEPS:
                page.click(f"#steps [data-step={step}]")
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (step, width)
                assert page.evaluate(CUT) == [], (step, width)
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_wall_and_the_sheet_hold_its_words(visit: Callable[..., Any], pages: dict[str, Path], code: str) -> None:
    """On the wall all is seen at once, in the longest of the sentences; a hand-out stays one page."""
    said = words.read(None, ALL, language=code)
    with visit(pages[code]) as here:
        page = here.page
        sheet = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
        assert said[f"scenes.{ALL[0].name}.talk.0"] in page.evaluate("document.getElementById('handout').textContent")
        page.keyboard.press("Alt+KeyP")
        bottom = "s => document.querySelector(s).getBoundingClientRect().bottom"
        for k in range(len(ALL)):
            page.select_option("#scene", str(k))
            here.set("#week", 36)
            top = page.evaluate("document.querySelector('.player').getBoundingClientRect().top")
            for part in ("#room-B .seat:last-child", "#curves .curve:nth-child(2)", "#read", "#three-list", "#legend"):
                assert page.evaluate(bottom, part) <= top + 1, (part, k)


def test_arabic_turns_round_but_for_plots_and_the_film(visit: Callable[..., Any], pages: dict[str, Path]) -> None:
    """Seats and words begin at the right; the curves, the map and the week run on from the left, in keys, too."""
    with visit(pages["ar"]) as here:
        page = here.page
        left = "s => document.querySelector(s).getBoundingClientRect().left"
        where = {name: page.evaluate(left, selector) for name, selector in {
            "A": "#room-A", "B": "#room-B", "first": "#room-A .seat:nth-child(1)",
            "second": "#room-A .seat:nth-child(2)",
            "play": "#play", "step": "#step", "weeks": ".weeks", "dot": "#room-A .dot", "column": "#room-A .level",
        }.items()}  # fmt: skip
        assert (
            where["A"] > where["B"]
            and where["first"] > where["second"]
            and where["play"] > where["step"] > where["weeks"]
        )
        assert where["dot"] > where["column"]
        page.focus("#room-A .seat >> nth=0")
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.activeElement === document.querySelectorAll('#room-A .seat')[1]")
        page.focus("#week")
        page.keyboard.press("ArrowRight")
        assert page.input_value("#week") == "1"
        ticks = "[...document.querySelectorAll('#curves .curve:first-child .grid [text-anchor=middle]')]"
        ticks += ".map(n => n.getBoundingClientRect().left)"
        found = page.evaluate(ticks)
        assert found == sorted(found) and len(found) == 3
        page.click("#steps [data-step=map]")
        squares = page.evaluate(
            "[...document.querySelectorAll('.square')].slice(0, 9).map(n => n.getBoundingClientRect().left)"
        )
        assert (
            squares == sorted(squares)
            and page.evaluate("getComputedStyle(document.querySelector('caption')).direction") == "rtl"
        )
        page.focus(".square >> nth=0")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement === document.querySelectorAll('.square')[1]")


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_serious_accessibility_fault(visit: Callable[..., Any], pages: dict[str, Path], axe: str, code: str) -> None:
    """axe-core finds none on a scene that has been played, with everything open."""
    with visit(pages[code], reduced_motion="reduce") as here:
        here.set("#week", 36)
        here.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        here.page.wait_for_timeout(400)
        here.page.evaluate(axe)
        found = here.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []


# ---- translations that are unfinished, outdated or wrong -----------------------------------------------------
def written(tmp_path: Path, text: str, name: str = "mine.toml") -> Path:
    """A file of words."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_a_word_whose_english_has_changed_is_in_english(tmp_path: Path) -> None:
    """It is listed with what it was, as is one that is missing or empty; the words that hold are said."""
    file = written(tmp_path, """
        page.lang = "de"
        step.map = ["The map of all worlds", "Weltkarte"]
        step.own = ["Your own policy", "Eigene Regeln"]
        step.rule = ["Change one rule", ""]
        player.speed_of.one = ["{n} week a second", "{n} Woche"]
        player.speed_of.other = ["{n} weeks", "{n} Wochen"]
        slider.changed.one = ["{n} number changed", "{n} Zahl"]
        slider.changed.other = ["{n} numbers changed", "{n} Zahlen"]
    """)  # fmt: skip
    said, left = words.read(file, (RIGOR,)), words.untranslated(file, (RIGOR,))
    assert (said["step.map"], said["step.own"], said["step.rule"]) == (
        "Weltkarte",
        "Make your own policy",
        "Change one rule",
    )
    assert said["player.speed_of.one"] == "{n} week a second" and said["slider.changed.other"] == "{n} Zahlen"
    assert {"step.own", "step.rule", "player.speed_of", "page.foot"} <= {*left} and not {
        "step.map",
        "slider.changed",
    } & {*left}
    text, missing, outdated = write_translation(read_translation(file, words.english(), "en"), words.to_translate())
    assert outdated == ["step.own", "player.speed_of"] and "step.rule" in missing
    assert '# was own = ["Your own policy", "Eigene Regeln"]\nown = ["Make your own policy", ""]\n' in text
    again = written(tmp_path, text, "again.toml")
    assert words.read(again, (RIGOR,)) == said | {"page.reader": ""}
    long = written(tmp_path, f'page.lang = "de"\npage.noscript = ["{60 * "was "}", "{60 * "war "}"]\n', "long.toml")
    text, _, outdated = write_translation(read_translation(long, words.english(), "de"), words.to_translate())
    assert outdated == ["page.noscript"] and "# was noscript = [" in text
    assert written(tmp_path, text, "long.toml") and words.read(tmp_path / "long.toml", (RIGOR,))["page.lang"] == "de"
    said_of_it = write_page(tmp_path / "page.html", ["rigor-with-a-curve"], None, file)
    assert f", in German ({len(left)} words in English), " in said_of_it


def test_what_is_custom_stays_as_it_was_written(tmp_path: Path) -> None:
    """A scene of one's own under the name of a shipped one, and a mechanism, are in no translation, and not counted."""
    own = (SCENES / "harsh-start.toml").read_text(encoding="utf-8").replace("title = ", 'title = "Mine" # ', 1)
    (tmp_path / "harsh-start.toml").write_text(own, encoding="utf-8")
    scene = Scene.read(tmp_path / "harsh-start.toml")
    said, shipped = words.read(None, (scene,), language="de"), words.read(None, ALL, language="de")
    assert said["scenes.harsh-start.title"] == "Mine"
    assert said["scenes.harsh-start.look"] == shipped["scenes.harsh-start.look"] != scene.about.look
    assert words.untranslated(None, (scene,), language="de") == []


def test_words_of_yours_over_a_language_that_ships(tmp_path: Path) -> None:
    """A school may say some words otherwise, in the language or a variety of it."""
    file = written(
        tmp_path,
        'page.lang = "es-MX"\nroom.hint = "Haz clic."\n'
        'player.speed_of = {one = "a {n}", many = "b {n}", other = "c {n}"}',
    )
    said, shipped = words.read(file, (RIGOR,), language="es"), words.read(None, (RIGOR,), language="es")
    assert said == shipped | {"page.lang": "es-MX", "room.hint": "Haz clic.", "player.speed_of.one": "a {n}",
                              "player.speed_of.many": "b {n}", "player.speed_of.other": "c {n}"}  # fmt: skip


def test_who_has_read_a_translation_is_named(tmp_path: Path) -> None:
    """In the place of the sentence that nobody has; words of yours that say nothing of it have neither."""
    file = written(tmp_path, 'page.reader = "Ada <b>"')
    foot = build([RIGOR], words=file, language="de").partition("<footer>")[2].partition("</footer>")[0]
    assert "Ada &lt;b&gt;" in foot and "Maschine" not in foot and "machine" not in foot
    plain = build([RIGOR], words=written(tmp_path, 'room.hint = "x"')).partition("<footer>")[2]
    assert "machine" not in plain.partition("</footer>")[0]


@pytest.mark.parametrize(
    ("args", "text", "says"),
    [
        (("--lang", "xx"), None, "unknown language 'xx'; there are ar, de, en, es, fr, pt, zh"),
        (("--lang", "es"), 'page.lang = "de"',
         "page.lang in mine.toml is 'de', and the page is to be in es; leave one out"),
        ((), 'page.lang = "ar"\nplayer.speed_of = {one = "{n}", other = "{n}"}',
         "word player.speed_of in mine.toml has the plural forms one, other; "
         "the language ar needs zero, one, two, few, many, other"),
        ((), 'page.lang = "de"\nplayer.speed_of = {one = "{n}", few = "{n}", other = "{n}"}',
         "word player.speed_of in mine.toml has the plural forms one, few, other; the language de needs one, other"),
        (("--lang", "fr"), 'curve.note.other = "{n}"',
         "word curve.note in mine.toml has the plural forms other; the language fr needs one, many, other"),
        ((), 'step.map = {one = "a", other = "b"}',
         "word step.map in mine.toml has plural forms, but no {n} to choose one by; give it one text"),
        ((), '"curve.note" = "x"\n"curve.note.other" = "y"', "is there with plural forms and without; leave one out"),
        ((), 'step.map = ["The map of all worlds", "Weltkarte", "?"]',
         "word step.map in mine.toml is ['The map of all worlds', 'Weltkarte', '?']; it needs a text, or the "
         "English and its"),
        ((), 'step.map = ["The map", "Karte {n}"]', "word step.map in mine.toml asks for {n}; English has none"),
    ],
)  # fmt: skip
def test_a_translation_that_cannot_be_used(tmp_path: Path, args: tuple[str, ...], text: str | None, says: str) -> None:
    """One sentence, exit code 2, and no page."""
    given = [] if text is None else ["--words", written(tmp_path, text)]
    code, _, wrong = setback("page", *args, *given, "--out", tmp_path / "page.html")
    assert code == 2 and says in wrong and wrong.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


def test_a_file_for_a_translator(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Of a new language every word, with a line for each plural form it has; of a file that was begun, what is left."""
    begun = words.main("pl")
    assert (
        f"pl: {len({word_of(key, words.english()) for key in words.to_translate()})} missing" in capsys.readouterr().err
    )
    read = leaves(tomllib.loads(begun))
    assert [key for key in read if key.startswith("player.speed_of.")] == [
        f"player.speed_of.{category}" for category in CATEGORIES if category in categories("pl")
    ]
    assert all(pair[1] == "" for pair in read.values() if isinstance(pair, list))
    assert not any(key.startswith("cite.") for key in read)
    file = written(
        tmp_path, begun.replace('map = ["The map of all worlds", ""]', 'map = ["The map of all worlds", "Mapa"]')
    )
    assert 'map = ["The map of all worlds", "Mapa"]' in words.main(str(file))
    assert words.read(file, (RIGOR,))["page.dir"] == "ltr"
    assert words.read(written(tmp_path, words.main("ur")), (RIGOR,))["page.dir"] == "rtl"
    with pytest.raises(
        InputError, match=re.escape("'de_DE' is neither a language tag such as de or pt-BR nor a file of")
    ):
        words.main("de_DE")
