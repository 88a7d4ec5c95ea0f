"""Compare what the classroom page says in three browsers, Chromium, Firefox and WebKit, word by word and bit by bit.

Run ``python -m setback.benchmarks.browsers classroom.html`` on a machine with Debian's chromium-driver, firefox-esr,
webkit2gtk-driver and xvfb. Each opens the page from disk and gives the fingerprint of its numbers, and all that can be
read and is drawn in every scene at four weeks, after a changed rule, and in every step. Then the page is used by
keyboard alone, and axe-core (`SETBACK_AXE`, as in the tests) looks at it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: Seconds to wait for a browser.
PATIENCE = 300.0
#: How each browser is started that speaks WebDriver over HTTP, and what it is asked for.
DRIVERS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "Chromium": (
        ["chromedriver"],
        {"goog:chromeOptions": {"args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"]}},
    ),
    "WebKit": (["xvfb-run", "-a", "WebKitWebDriver"], {}),
}
#: WebDriver's commands: the name that Firefox has for each, and the place where the others have it.
COMMANDS = {
    "Navigate": "url", "ExecuteScript": "execute/sync", "ExecuteAsyncScript": "execute/async",
    "PerformActions": "actions", "SetTimeouts": "timeouts",
}  # fmt: skip
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "ArrowRight": "\ue014", "PageDown": "\ue00f",
        "PageUp": "\ue00e", "Alt": "\ue00a"}  # fmt: skip
#: All that a page says and draws, part by part, whatever is folded.
SAID = """const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode;
  if (node.nodeType === 3) {
    const isAside = node.parentElement.closest("script, style, noscript, #bands-filling, #link");
    if (!isAside && node.data.trim()) found.push(node.data);
  } else for (const name of ["aria-label", "aria-valuetext", "title", "data-state", "data-fill", "d", "points"])
    if (node.hasAttribute(name)) found.push(node.getAttribute(name));
}
return found;"""
SET = """const [where, value] = arguments, node = document.querySelector(where);
node.value = value;
for (const name of ["input", "change"]) node.dispatchEvent(new Event(name));"""
LISTEN = """document.addEventListener("securitypolicyviolation",
  e => { document.body.dataset.breach = e.violatedDirective; });"""
WRONG = """return [document.body.dataset.breach, ...performance.getEntriesByType("resource").map(each => each.name)]
  .filter(Boolean);"""
FAULTS = """const done = arguments[0];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations
  .filter(({impact}) => impact === "serious" || impact === "critical").map(({id}) => id)),
  wrong => done([String(wrong)]));"""


class Browser:
    """A browser that is driven, whatever it speaks."""

    def __init__(self, version: str, command: Callable[[str, dict[str, Any]], Any]) -> None:
        """Keep its version and what sends it a command of WebDriver with its arguments."""
        self.version = version
        self._command = command
        command("SetTimeouts", {"script": int(1000 * PATIENCE)})

    def open(self, file: Path) -> None:
        """Open a file."""
        self._command("Navigate", {"url": file.resolve().as_uri()})

    def ask(self, script: str, *given: Any) -> Any:
        """Give the value that a script returns."""
        return self._command("ExecuteScript", {"script": script, "args": list(given)})

    def later(self, script: str) -> Any:
        """Give the value that a script hands to its last argument."""
        return self._command("ExecuteAsyncScript", {"script": script, "args": []})

    def wait(self, truth: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.ask(f"return Boolean({truth})"):
            if time.monotonic() > end:
                raise SystemExit(f"{self.version}: never {truth}")
            time.sleep(0.05)

    def press(self, *names: str) -> None:
        """Press keys together, as in Alt and p."""
        keys = [KEYS.get(name, name) for name in names]
        down = [{"type": "keyDown", "value": key} for key in keys]
        up = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._command("PerformActions", {"actions": [{"type": "key", "id": "keys", "actions": down + up}]})

    def tab_to(self, where: str) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(400):
            if self.ask("return document.activeElement.matches(arguments[0])", where):
                return
            self.press("Tab")
        raise SystemExit(f"{self.version}: Tab never comes to {where}")


@contextlib.contextmanager
def over_http(name: str) -> Iterator[Browser]:
    """Start a browser with its driver, which is asked over HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words, wanted = DRIVERS[name]
    driver = subprocess.Popen([*words, f"--port={port}"], stdout=subprocess.DEVNULL, start_new_session=True)

    def call(method: str, way: str, given: Any = None) -> Any:
        data = None if given is None else json.dumps(given).encode()
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/{way}", data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{name}: {error.read().decode()[:500]}") from None

    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                call("GET", "status")
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
        session = call("POST", "session", {"capabilities": {"alwaysMatch": wanted}})
        at = f"session/{session['sessionId']}"
        version = f"{name} {session['capabilities']['browserVersion']}"
        yield Browser(version, lambda command, given: call("POST", f"{at}/{COMMANDS[command]}", given))
        call("DELETE", at)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(driver.pid, 15)
        driver.wait()


@contextlib.contextmanager
def firefox() -> Iterator[Browser]:
    """Start Firefox, which is asked by its own protocol (Marionette): the length of a message, a colon, the message."""
    with tempfile.TemporaryDirectory() as profile:
        (Path(profile) / "user.js").write_text('user_pref("marionette.port", 0);\n')
        words = ["firefox-esr", "--marionette", "--headless", "--no-remote", "--profile", profile]
        running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end, port = time.monotonic() + PATIENCE, Path(profile) / "MarionetteActivePort"
            while not (port.exists() and port.read_text().strip()):
                if time.monotonic() > end:
                    raise SystemExit("Firefox does not answer")
                time.sleep(0.2)
            with socket.create_connection(("127.0.0.1", int(port.read_text())), PATIENCE) as line:
                stream = line.makefile("rb")

                def heard() -> Any:
                    length = b""
                    while (letter := stream.read(1)) != b":":
                        length += letter
                    return json.loads(stream.read(int(length)))

                def call(command: str, given: dict[str, Any]) -> Any:
                    told = json.dumps([0, 1, f"WebDriver:{command}", given])
                    line.sendall(f"{len(told)}:{told}".encode())
                    _, _, wrong, answer = heard()
                    if wrong:
                        raise SystemExit(f"Firefox: {command}: {wrong['message']}")
                    return answer.get("value") if "value" in answer else answer

                heard()
                version = call("NewSession", {})["capabilities"]["browserVersion"]
                yield Browser(f"Firefox {version}", call)
        finally:
            running.terminate()
            running.wait()


def fingerprint(browser: Browser, page: Path) -> str:
    """Give the fingerprint of thirty class-years, by the page's own script of the model."""
    script = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.S)[0]
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.html"
        bare.write_text(
            f"<!doctype html><meta charset=utf-8><script>{script}\ndocument.title = SETBACK.selftest()</script>"
        )
        browser.open(bare)
        return str(browser.ask("return document.title"))


def readouts(browser: Browser) -> dict[str, list[str]]:
    """Give all that the page says and draws, place by place."""
    found: dict[str, list[str]] = {}
    here = "document.body.dataset"
    for scene in range(browser.ask("return document.getElementById('scene').options.length")):
        browser.ask(SET, "#scene", str(scene))
        for week in (0, 9, 18, 36):
            browser.ask(SET, "#week", week)
            found[f"scene {scene}, week {week}"] = browser.ask(SAID)
        browser.wait(f"{here}.bands === 'done'")
        found[f"scene {scene}, bands"] = browser.ask(SAID)
    browser.ask(SET, "#room-B .rules select", "mastery")
    browser.ask(SET, "#week", 36)
    browser.wait(f"{here}.bands === 'done'")
    found["a rule changed"] = browser.ask(SAID)
    for step in ("student", "teacher", "rule", "own", "map"):
        browser.ask("document.querySelector(`#steps [data-step=${arguments[0]}]`).click()", step)
        if step == "student":
            for choice in ("own", "try", "some", "none"):
                browser.ask("document.querySelector(`[data-choice=${arguments[0]}]`).click()", choice)
        elif step == "map":
            browser.wait("document.getElementById('map').dataset.done === 'true'")
        else:
            browser.ask(SET, "#week", 36)
            browser.wait(f"{here}.bands === 'done'")
        found[f"step {step}"] = browser.ask(SAID)
    return found


def by_keyboard(browser: Browser) -> None:
    """Play a year, read a diary, change a rule and leave the wall again, with nothing but keys."""
    week = "Number(document.getElementById('week').value)"
    browser.tab_to("#play")
    browser.press("Enter")
    browser.wait(f"{week} > 2")
    browser.press("Enter")
    browser.tab_to("#room-B .seat")
    browser.press("ArrowRight")
    browser.press("Enter")
    browser.wait("document.getElementById('diary').open")
    browser.press("Escape")
    browser.wait(
        "!document.getElementById('diary').open && document.activeElement.matches('#room-B .seat:nth-child(2)')"
    )
    browser.press("Alt", "p")
    browser.wait("document.body.dataset.projected === 'true'")
    browser.press("PageUp")
    browser.wait(f"[0, 4, 9, 18].includes({week})")
    here = browser.ask(f"return {week}")
    browser.press("PageDown")
    browser.wait(f"{week} === {[4, 9, 18, 36][[0, 4, 9, 18].index(here)]}")
    browser.press("n")
    browser.wait("!document.getElementById('notes').hidden")
    browser.press("Escape")
    browser.press("Escape")
    browser.wait("document.body.dataset.projected === 'false'")


def measure(browser: Browser, page: Path, axe: str | None) -> dict[str, Any]:
    """Give everything that is compared of one browser."""
    found: dict[str, Any] = {"version": browser.version, "fingerprint": fingerprint(browser, page)}
    browser.open(page)
    browser.ask(LISTEN)
    found["said"] = readouts(browser)
    browser.open(page)
    browser.ask(LISTEN)
    by_keyboard(browser)
    found["wrong"] = browser.ask(WRONG)
    if axe is not None:
        found["faults"] = []
        for step in ("scene", "student", "teacher", "rule", "own", "map"):
            browser.ask("document.querySelector(`#steps [data-step=${arguments[0]}]`).click()", step)
            browser.ask("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            found["faults"] += browser.later(f"{axe}\n{FAULTS}")
    return found


def main() -> int:
    """Print each browser's figures, and where what they say is not the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="the page, as setback page writes it")
    asked = parser.parse_args()
    folder = os.environ.get("SETBACK_AXE")
    axe = (Path(folder) / "axe.min.js").read_text(encoding="utf-8") if folder else None
    found = []
    for start in (lambda: over_http("Chromium"), firefox, lambda: over_http("WebKit")):
        with start() as browser:
            found.append(measure(browser, asked.file, axe))
        one = found[-1]
        places, parts = len(one["said"]), sum(map(len, one["said"].values()))
        print(
            one["version"],
            one["fingerprint"],
            f"{parts} texts and marks in {places} places",
            one["wrong"],
            one.get("faults"),
            flush=True,
        )
    same = found[0]["said"]
    apart = [
        f"{other['version']}, {place}: {first[:80]!r}, {second[:80]!r}"
        for other in found[1:]
        for place, parts in other["said"].items()
        for first, second in [*zip(same[place], parts), (str(len(same[place])), str(len(parts)))]
        if first != second
    ]
    print(f"{len(apart)} apart", *apart[:20], sep="\n")
    clean = all(not one["wrong"] and not one.get("faults") for one in found)
    return 0 if not apart and len({one["fingerprint"] for one in found}) == 1 and clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
