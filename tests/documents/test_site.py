"""The site of the documents is built without a warning, fetches nothing, and can be read and searched from a disk."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from setback.model.catalogue import mechanisms

ROOT = Path(__file__).parents[2]
WITH_EXTRA = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("sphinx", "myst_parser", "furo")),
    reason="the site is built with the extra docs",
)
#: What fetches something when a page is opened, by its tag.
FETCHES = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


def building() -> Any:
    """Load docs/build.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("build", ROOT / "docs" / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once."""
    out: Path = tmp_path_factory.mktemp("site")
    done = subprocess.run([sys.executable, ROOT / "docs" / "build.py", out], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return out


class Page(HTMLParser):
    """The addresses that a page fetches and leads to, and the anchors that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.leads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a tag says."""
        given = dict(attrs)
        if (of := FETCHES.get(tag)) and given.get(of):
            self.fetched.append(str(given[of]))
        if tag == "a" and given.get("href"):
            self.leads.append(str(given["href"]))
        if given.get("id"):
            self.anchors.add(str(given["id"]))


@WITH_EXTRA
def test_every_page_is_there_and_every_link_arrives(site: Path) -> None:
    """A page for each document, lesson and mechanism; each link ends at a file and an anchor of the site."""
    pages = {path.relative_to(site).as_posix(): Page(path) for path in site.rglob("*.html")}
    documents = {path.stem for path in (ROOT / "docs").glob("*.md")}
    wanted = {*documents, *(f"course/lesson_{k}" for k in range(1, 6)), "reference/commands", "reference/api"}
    wanted |= {"model/ODD", "model/EQUATIONS", "results/README"}
    wanted |= {f"reference/mechanisms/{one.name}" for one in mechanisms()}
    assert {f"{name}.html" for name in wanted} <= {*pages}
    for name, page in pages.items():
        for address in page.leads:
            if re.match(r"[a-z]+:", address):
                continue
            file, _, anchor = address.partition("#")
            there = ((site / name).parent / unquote(file)).resolve() if file else site / name
            assert there.is_file(), (name, address)
            if anchor and there.suffix == ".html":
                assert unquote(anchor) in pages[there.relative_to(site).as_posix()].anchors, (name, address)


@WITH_EXTRA
def test_nothing_comes_from_elsewhere(site: Path) -> None:
    """No page, style or script fetches anything that is not of the site."""
    for path in site.rglob("*.html"):
        for address in Page(path).fetched:
            assert not re.match(r"(?:[a-z]+:)?//", address), (path.name, address)
            there = (path.parent / unquote(address.partition("?")[0])).resolve()
            assert address.startswith(("data:", "#")) or there.exists(), (path.name, address)
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import\s+['\"]?http", path.read_text("utf-8")), path.name


@WITH_EXTRA
def test_a_mechanism_has_its_equation_numbers_and_sources(site: Path) -> None:
    """Of one that has all three."""
    text = re.sub(r"<[^>]+>", "", (site / "reference/mechanisms/helplessness.html").read_text("utf-8"))
    assert "control ← control + s_helplessness" in text
    assert "control_loss" in text and "Abramson" in text


@WITH_EXTRA
@pytest.mark.slow
def test_it_is_searched_from_a_disk(site: Path, tmp_path: Path) -> None:
    """Opened by a double click, without a server: the search finds a page, and nothing is asked of a network."""
    sync = pytest.importorskip("playwright.sync_api", reason="no browser")
    if not (chromium := shutil.which("chromium")):
        pytest.skip("no browser")
    asked: list[str] = []
    with sync.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{site.as_uri()}/search.html?q=helplessness")
        found = page.locator("#search-results li a")
        found.first.wait_for()
        assert "helplessness" in found.all_inner_texts()
        for name in ("index", "course/lesson_1", "reference/mechanisms/helplessness", "model/ODD"):
            page.goto(f"{site.as_uri()}/{name}.html")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        browser.close()
    assert asked and all(url.startswith(("file:", "data:")) for url in asked)


# ---- what is refused ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("target", ["nowhere.md", "images", "../model/nothing.py"])
def test_a_link_to_nothing_ends_the_build(tmp_path: Path, target: str) -> None:
    """A page that is not there, a folder, a file that is not there."""
    with pytest.raises(ValueError, match="is no file"):
        building().linked(f"See [this]({target}).", ROOT / "docs" / "claims.md", tmp_path)


def test_links_lead_to_where_the_site_has_them(tmp_path: Path) -> None:
    """Documents at the top, a lesson as a page, another file beside; what stands in code stays."""
    text = "[a](../model/ODD.md#x) [b](course/lesson_1.py) ![c](images/claims.png)\n```\n[d](nowhere)\n```\n"
    led = building().linked(text, ROOT / "docs" / "claims.md", tmp_path)
    assert led.startswith("[a](model/ODD.md#x) [b](course/lesson_1.md) ![c](images/claims.png)\n")
    assert "[d](nowhere)" in led and [path.name for path in tmp_path.rglob("*.*")] == ["claims.png"]


def test_every_document_is_in_the_outline_once() -> None:
    """What is not would be found by the search alone."""
    build = building()
    listed = Counter(name for names in build.OUTLINE.values() for name in names)
    there = {build.placed(path).with_suffix("").as_posix() for path in build.pages()} - {"index"}
    assert max(listed.values()) == 1 and there <= {*listed}
