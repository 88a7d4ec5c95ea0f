"""A browser for tests that opens a page from disk, with the network off, and keeps everything that goes wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: Tells the test of every breach of the page's content security policy.
LISTEN = """
window.breaches = [];
document.addEventListener("securitypolicyviolation", e => breaches.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for the tests of a file, which are skipped where there is none."""
    path = os.environ.get("SETBACK_BROWSER") or shutil.which("chromium")
    if not path:
        pytest.skip("no browser: chromium is not installed, and SETBACK_BROWSER names no other")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, from npm, which is no part of this repository."""
    folders = [os.environ.get("SETBACK_AXE"), Path(__file__).parents[2] / "node_modules" / "axe-core"]
    try:
        done = subprocess.run(["npm", "root", "--global"], capture_output=True, text=True, timeout=60)
        folders.append(Path(done.stdout.strip()) / "axe-core")
    except (OSError, subprocess.TimeoutExpired):
        pass
    for folder in filter(None, folders):
        file = Path(folder) / "axe.min.js"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    pytest.skip("no node module axe-core: npm install axe-core in a folder, and name it with SETBACK_AXE")


class Visit:
    """A page that is open, and what went wrong on it."""

    def __init__(self, page: Any, from_: tuple[str, ...]) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("console", lambda m: self.wrong.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(from_) else self.wrong.append(r.url))

    def set(self, selector: str, value: float) -> None:
        """Drag a slider to a value."""
        move = "(s, x) => { s.value = x; for (const name of ['input', 'change']) s.dispatchEvent(new Event(name)) }"
        self.page.eval_on_selector(selector, move, value)

    def tab_to(self, selector: str, backwards: bool = False) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(300):
            if self.page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
                return
            self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        raise AssertionError(f"Tab never comes to {selector}")

    def wait(self, expression: str, seconds: float = 60.0) -> None:
        """Wait until an expression is true; asked again and again, as the page allows nobody to evaluate text."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            self.page.wait_for_timeout(30)

    def text(self, selector: str) -> str:
        """What an element says."""
        return str(self.page.inner_text(selector))

    def check(self) -> None:
        """Nothing went wrong: no error, no breach of the policy, no request that leaves the page."""
        assert self.wrong + self.page.evaluate("breaches") == []


@pytest.fixture
def visit(browser: Any) -> Callable[..., Any]:
    """Opens a file with the network off, or an address, as a context; at its end nothing may have gone wrong."""

    @contextmanager
    def opening(file: Path | str, width: int = 1366, height: int = 768, **given: Any) -> Iterator[Visit]:
        context = browser.new_context(viewport={"width": width, "height": height}, **given)
        is_file = isinstance(file, Path)
        context.set_offline(is_file)
        context.add_init_script(LISTEN)
        found = Visit(context.new_page(), ("file:", "data:") if is_file else ("data:", file.partition("#")[0]))
        found.page.goto(file.as_uri() if is_file else file)
        yield found
        found.check()
        context.close()

    return opening
