"""The Mesa view: every number can be chosen, each visitor has a class alone, nothing leaves this computer."""

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import pytest
from command_line import Hurried, at_the_door

from setback import cli
from setback.live import inputs
from setback.live import server as view
from setback.live.drawing import STYLE, curves_html, diary_html, seats_html
from setback.live.model import BESIDE, CURVES, LiveClassroom
from setback.model import parameters
from setback.model.engines.mesa import Classroom
from setback.model.errors import InputError
from setback.model.mechanism import strength_row
from setback.model.outcomes import STATES, states
from setback.model.policies import GROUPS, PARTS, Policy, as_policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL
from setback.page.look import colours, sides
from setback.watch import MARKS, live_as

CHROMIUM = Path("/usr/bin/chromium")
needs_solara = pytest.mark.skipif(bool(view._missing()), reason="no browser view: solara is not installed")


# ---- the class, of plain keywords ------------------------------------------------------------------------------
def test_inputs_cover_every_row_with_its_range() -> None:
    """Each row of the table is a slider with its range, unit and sentence; the five menus hold every part."""
    asked = inputs.inputs()
    for row in parameters.TABLE:
        about = asked[row.name]
        assert (about["type"], about["value"]) == ("SliderFloat", row.default)
        assert (about["min"], about["max"]) == (row.low, row.high)
        assert row.unit in about["label"] and row.description in about["label"]
        steps = (row.high - row.low) / about["step"]
        assert steps == row.high if row.name in ("retakes", "assignment_every", "repeats") else 40 <= steps <= 401
    menus = [part for g in GROUPS for part in asked[g]["values"]]
    assert menus == [f"{name}: {part.description}" for g in GROUPS for name, part in PARTS.items() if part.group == g]
    assert set(asked) == {*GROUPS, "size", "weeks", "seed", "policy", "beside", *parameters.ROWS}


def test_every_row_stands_in_one_chapter() -> None:
    """No number is left out of the page, none stands there twice; the chapters are those that are named."""
    found = inputs.chapters()
    assert sorted(row.name for of in found.values() for row in of) == sorted(parameters.ROWS)
    assert set(found) == set(inputs.CHAPTERS.values())
    assert {row.kind for row in found[inputs.CHAPTERS["told"]]} == {"policy"}
    assert [row.name for row in found[inputs.CHAPTERS["strength_drift"]]] == list(parameters.STRENGTHS)


def test_a_row_of_a_custom_mechanism_has_a_chapter() -> None:
    """A custom mechanism brings rows after the table's; they stand apart from the levers."""
    own = strength_row("mine", "does something")
    assert inputs.chapters(MODEL.replace(table=MODEL.table.extended([own])))[inputs.CUSTOM] == [own]


def test_numbers_are_found_by_words() -> None:
    """Each word must stand in the name or the sentence, in any case."""
    assert [row.name for row in inputs.matching("Big FISH")] == ["big_fish"]
    assert {"affect_rise", "affect_decay"} <= {row.name for row in inputs.matching("shame anxiety")}
    assert inputs.matching("no such word") == []


def test_the_defaults_of_the_inputs_are_the_reference_class() -> None:
    """What Mesa hands over before anything is chosen makes the same class as the model does by itself."""
    chosen = {name: about["value"] for name, about in inputs.inputs().items() if name not in parameters.ROWS}
    room = LiveClassroom(**chosen)
    room.step()
    plain = Classroom(weeks=room.weeks).run(weeks=1)
    assert room.refused == "" and room.policy.name == "criterion"
    assert all((room.slots[name] == plain.slots[name]).all() for name in plain.slots)


def test_choices_reach_the_class() -> None:
    """Menus, levers, world parameters, size, weeks and seed are those of the class that is run."""
    chosen = inputs.said("curve")
    room = LiveClassroom(size=12, weeks=3, seed="7", changed={"stakes": 1.0, "big_fish": 0.9}, grading=chosen)
    assert dict(room.policy) == dict(Policy("curve", stakes=1.0))
    assert (len(room.students), room.weeks, room.block.seats.seed) == (12, 3, 7)
    assert room.title == "Week 0 of 3: curve+stakes=1, big_fish=0.9; 12 students, seed 7"
    for _ in range(5):
        room.step()
    assert (room.week, room.steps, room.running) == (3, 3, False)


def test_a_policy_as_a_text_stands_in_place_of_the_menus() -> None:
    """It may change in mid-year; levers that are moved hold all year."""
    room = LiveClassroom(policy=" curve > mastery @ 2", grading="narrative", changed={"stakes": 1.0}, weeks=3)
    assert room.policy == as_policy("curve+stakes=1 > mastery+stakes=1 @ 2")
    while room.running:
        room.step()
    plain = Classroom("curve+stakes=1 > mastery+stakes=1 @ 2", weeks=3).run()
    assert all((room.slots[name] == plain.slots[name]).all() for name in plain.slots)


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"policy": "curve > mastery @ 4", "weeks": 3}, "changes in week 4; the last week of the year is 3"),
        ({"policy": "curv"}, "unknown policy 'curv'"),
        ({"grading": "curve", "retakes": 1.0}, "with comparison 1, retakes must be 0"),
        ({"grading": "curve", "pacing": "self-paced"}, "cannot be ranked"),
        ({"changed": {"told": 0.0}}, "counted must not be above told"),
        ({"pacing": "class-paced", "changed": {"self_paced": 1.0}}, "must not add up to more than 1"),
        ({"seed": "seven"}, "seed is 'seven'; it needs a whole number"),
        ({"seed": "-1"}, "seed"),
        ({"size": 1}, "class size is 1; it needs a whole number from 2 to 60"),
        ({"weeks": 0}, "weeks is 0; it needs a whole number from 1 to 60"),
        ({"changed": {"big_fish": 7.0}}, "it needs a number from 0 to 1"),
        ({"big_fisch": 0.5}, "did you mean big_fish"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(choices: Mapping[str, Any], says: str) -> None:
    """Nonsense raises nothing, as Mesa would show a traceback: the class says why, and does not run."""
    room = LiveClassroom(**choices)
    assert says in room.refused and "\n" not in room.refused
    room.step()
    assert (room.week, room.running) == (0, False)


def test_curves_are_the_means_of_the_class() -> None:
    """Each curve holds the mean of its slot, from the beginning; of a test only from the first week on."""
    room = LiveClassroom(seed=3)
    opened = room.slots["control"].mean()
    room.step()
    assert room.curve("control") == ([0, 1], [opened, room.slots["control"].mean()])
    weeks, failed = room.curve("below_criterion")
    assert weeks == [0, 1] and failed[0] != failed[0] and failed[1] == room.slots["below_criterion"].mean()


def test_pictures_say_what_is_so() -> None:
    """Every student's state stands at the seat by mark and in words; every curve ends in its last value."""
    room = LiveClassroom(grading="curve", seed=3, size=9)
    assert "not known yet" in curves_html(room)
    room.before = LiveClassroom(weeks=60)
    for _ in range(4):
        room.step()
        room.before.step()
    now = [STATES[int(number)] for number in states(room.slots)[:, 0]]
    html = seats_html(room)
    assert re.findall(r"student-\d+: ([a-z ]+);", html) == now
    assert re.findall(r"<b>(.)</b><small>", html) == [MARKS[STATES.index(state)] for state in now]
    assert [int(n) for n in re.findall(r"<td><b>(\d+)</b></td>", html)] == [now.count(state) for state in STATES]
    curves = curves_html(room)
    assert f"{100 * room.slots['below_criterion'].mean():.0f} % in week 4" in curves
    assert curves.count("setback-before") == len(CURVES) and "nan" not in curves


def test_two_classes_of_the_same_students() -> None:
    """The second is run along, drawn and told beside the first; one that cannot be is refused in a sentence."""
    room = LiveClassroom(
        grading="mastery", beside="curve > mastery @ 3", changed={"stakes": 1.0}, seed=3, size=9, weeks=4
    )
    for _ in range(6):
        room.step()
    plain = Classroom("curve+stakes=1 > mastery+stakes=1 @ 3", roster=Roster.synthetic(9), seed=3, weeks=4).run()
    assert room.beside is not None and room.beside.week == 4
    assert all((room.beside.slots[name] == plain.slots[name]).all() for name in plain.slots)
    assert seats_html(room).count("</small></div>") == 18 and curves_html(room).count("setback-beside") == len(CURVES)
    told = [of.diary(5) for of in (room, room.beside)]
    lived = list(live_as(Classroom("mastery+stakes=1", roster=Roster.synthetic(9), seed=3, weeks=4), 5))
    assert told[0] == [week["text"] for week in lived] and told[1] != told[0] and len(told[1]) == 4
    html = diary_html(room, 5)
    assert html.index("<th>4</th>") < html.index("<th>1</th>") and html.count("<td>") == 8
    assert escape(told[1][0][0]) in html
    refused = LiveClassroom(beside="curv")
    assert refused.refused.startswith("the second class: unknown policy 'curv'") and not refused.running


def test_the_views_share_the_look_of_the_page() -> None:
    """Colours and names are read off the page's own sheet and words; every state has one of its own."""
    assert colours()["shut down"] == ("#b43e00", "#ffffff") and len({*colours().values()}) == len(STATES)
    assert sides() == ("#005f99", "#ad4500") and all(side in STYLE for side in sides())
    room = LiveClassroom(size=4)
    for state in {STATES[int(k)] for k in states(room.slots)[:, 0]}:
        assert "background:{};color:{}".format(*colours()[state]) in seats_html(room)
    assert inputs.MENUS["climate"] == "Climate" and CURVES[1].title.startswith("Shame and anxiety")


# ---- the command -----------------------------------------------------------------------------------------------
def command(*args: str) -> None:
    """Type `setback live` with some words, in this process."""
    with at_the_door("live", *args), pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == (0 if "--help" in args else 2)


def test_help_has_an_example(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The help names the options and gives an example."""
    command("--help")
    said = capsys.readouterr().out
    assert "Example: setback live --port 8765 --open" in said and "--port" in said


def test_the_package_is_the_command(tmp_path: Path) -> None:
    """`python -m setback.live` is `setback live`, and gives no warning."""
    words = ["-W", "error::RuntimeWarning", "-m", "setback.live", "--help"]
    done = subprocess.run([sys.executable, *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    assert "Example: setback live --port 8765 --open" in done.stdout


def test_without_solara(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence says what is missing and how to get it."""
    monkeypatch.setattr(view, "_missing", lambda: "solara")
    command("--port", "0")
    assert capsys.readouterr().err == (
        'setback: the Mesa view needs solara, which is not installed; pip install -e ".[live]" brings it\n'
    )


def test_a_port_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken, or that there is not, is said in one sentence."""
    monkeypatch.setattr(view, "_missing", lambda: "")
    with socket.socket() as taken:
        taken.bind((view.HOST, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command("--port", port)
    advice = "name another one with --port, or 0 for any that is free"
    assert capsys.readouterr().err == f"setback: port {port} is taken; {advice}\n"
    command("--port", "70000")
    assert capsys.readouterr().err == "setback: port is 70000; it needs a whole number from 0 to 65535\n"


def test_a_browser_is_opened_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is opened with --open alone, and it is that of this computer."""
    opened: list[str] = []
    monkeypatch.setattr(view, "_missing", lambda: "")
    monkeypatch.setattr(view.webbrowser, "open", opened.append)
    monkeypatch.setattr(view, "_serve", lambda door: opened.append(door.getsockname()[0]))
    view.serve(0)
    assert opened == ["127.0.0.1"]
    view.serve(0, is_opened=True)
    assert len(opened) == 3 and opened[1].startswith("http://127.0.0.1:")
    with pytest.raises(InputError, match="whole number"):
        view.serve(-1)


def test_ctrl_c_ends_it_from_the_first_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed as soon as the address is there, it ends in peace."""
    screen = Hurried()
    monkeypatch.setattr(view, "_missing", lambda: "")
    monkeypatch.setattr(sys, "stdout", screen)
    view.serve(0)
    assert screen.getvalue().endswith("\nthe Mesa view has ended\n")


# ---- in a browser ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A server of its own, which reaches nothing but this computer."""
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    home = tmp_path_factory.mktemp("home")
    # IPython, which solara brings, warns of a virtual environment that is entered and is not its own
    entered = {name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"}
    process = subprocess.Popen(
        [sys.executable, "-c", "from setback.cli import main; main()", "live", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home,
        env={**entered, **nowhere, "HOME": str(home), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    assert process.stdout is not None
    address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    assert address is not None
    yield address.group(), process
    process.kill()
    process.wait()
    process.stdout.close()


def answer(port: int, path: str, headers: list[str]) -> int:
    """The status of the answer to a request in which nothing is but what is said here."""
    with socket.create_connection((view.HOST, port), timeout=60) as line:
        line.sendall("\r\n".join([f"GET {path} HTTP/1.1", *headers, "", ""]).encode())
        return int(line.recv(64).split()[1])


CLOSES = ["Connection: close"]
OPENS = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
         "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=="]  # fmt: skip


async def welcome(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """Let everybody in."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def guarded() -> Iterator[int]:
    """The port of a server that lets everybody in whom `OnlyHere` lets in."""
    import uvicorn

    with socket.socket() as door:
        door.bind((view.HOST, 0))
        door.listen()
        port = door.getsockname()[1]
        config = uvicorn.Config(view.OnlyHere(welcome, port), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        yield port
        server.should_exit = True
        thread.join()


@needs_solara
@pytest.mark.parametrize(("more", "good"), [(CLOSES, 200), (OPENS, 101)], ids=["page", "websocket"])
def test_only_this_computer_is_let_in(guarded: int, more: list[str], good: int) -> None:
    """A request must name this computer and port in Host and, where a page sends it, in Origin."""
    own = [f"{name}:{guarded}" for name in ("127.0.0.1", "localhost", "LocalHost", "[::1]")]
    for host in own:
        assert answer(guarded, "/", [f"Host: {host}", *more]) == good
        assert answer(guarded, "/", [f"Host: {host}", f"Origin: http://{own[1]}", *more]) == good
    foreign = ["evil.example", f"evil.example:{guarded}", f"127.0.0.1.evil.example:{guarded}", "localhost",
               "127.0.0.1:1", f"localhost:{guarded}@evil.example", ""]  # fmt: skip
    for host in foreign:
        assert answer(guarded, "/", [f"Host: {host}", *more]) in (400, 403), host
    for origin in [*(f"http://{host}" for host in foreign), f"https://{own[0]}", "null", own[0]]:
        assert answer(guarded, "/", [f"Host: {own[0]}", f"Origin: {origin}", *more]) == 403, origin
    one = [f"Host: {own[0]}", f"Origin: http://{own[0]}"]
    for headers in ([*one, "Origin: http://evil.example"], [*one, "Host: evil.example"], []):
        assert answer(guarded, "/", [*headers, *more]) in (400, 403)


@needs_solara
def test_the_view_is_guarded(server: tuple[str, Any]) -> None:
    """The page and the websocket that steers it are refused to other sites, and to other names of this computer."""
    port = int(server[0].rpartition(":")[2])
    own = f"Host: 127.0.0.1:{port}"
    assert answer(port, "/", [own, *CLOSES]) == 200
    for path, more in (("/", CLOSES), ("/jupyter/api/kernels/x/channels?session_id=y", OPENS)):
        assert answer(port, path, [own, "Origin: http://evil.example", *more]) == 403
        assert answer(port, path, [f"Host: evil.example:{port}", *more]) == 403


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    if view._missing():
        pytest.skip("no browser view: solara is not installed")
    if not CHROMIUM.exists() or importlib.util.find_spec("playwright") is None:
        pytest.skip("no browser: /usr/bin/chromium or playwright is not there")
    from playwright.sync_api import sync_playwright

    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


class Visitor:
    """Somebody who has opened the page; whatever the browser asks for is kept."""

    def __init__(self, browser: Any, address: str) -> None:
        self.page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        self.page.set_default_timeout(60_000)
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("response", lambda reply: self.wrong.append(reply.url) if reply.status >= 400 else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.goto(address)
        self.sees("Week 0 of 36: criterion")

    def sees(self, text: str) -> None:
        """Wait until a text stands on the page."""
        self.page.get_by_text(text).first.wait_for()

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def choose(self, menu: int, part: str) -> None:
        """Choose a part of a policy from one of the menus."""
        self.page.locator(".v-select").nth(menu).click()
        self.page.get_by_role("option").filter(has_text=inputs.said(part)).click()
        self.page.locator(".v-select").nth(menu).filter(has_text=inputs.said(part)).wait_for()


@needs_solara
def test_two_visitors(browser: Any, server: tuple[str, Any], tmp_path: Path) -> None:
    """One steps, changes and is refused while the class of the other waits; nothing is asked of other computers."""
    address, process = server
    first, second = Visitor(browser, address), Visitor(browser, address)
    first.press("Step")
    first.sees("Week 1 of 36: criterion; 30 students, seed 0")
    first.press("Step")
    first.sees("Week 2 of 36")
    room = LiveClassroom(beside=BESIDE)
    room.step()
    room.step()
    assert room.beside is not None and room.beside.policy.name == BESIDE
    now = [STATES[int(number)] for of in (room, room.beside) for number in states(of.slots)[:, 0]]
    seats = first.page.locator(".setback-seats div")
    assert [seat.get_attribute("title").split(": ")[1].split(";")[0] for seat in seats.all()] == now
    shot = first.page.screenshot(path=tmp_path / "live.png")
    assert len(shot) > 20_000

    first.choose(GROUPS.index("grading"), "curve")  # a menu, and a number that does not go with it
    first.page.get_by_label("Find a number by a word").fill("taken again")
    slider = first.page.locator(".setback-row").filter(has_text="retakes per test").locator("[role=slider]")
    slider.focus()
    slider.press("End")
    first.sees("Changed (1)")
    first.press("Reset")
    first.sees("a rank in the class is not taken again; with comparison 1, retakes must be 0")
    first.press("put back")
    first.page.get_by_text("Changed (1)").wait_for(state="detached")
    first.press("Reset")
    first.sees("Week 0 of 36: curve; 30 students, seed 0")
    first.sees("Grey, before Reset: Week 2 of 36: criterion; 30 students, seed 0")

    second.sees("Week 0 of 36: criterion; 30 students, seed 0")
    second.press("Step")
    second.sees("Week 1 of 36: criterion; 30 students, seed 0")
    for visitor in (first, second):
        assert visitor.wrong == []
        here = (address, address.replace("http:", "ws:"), "data:", "blob:")
        assert [url for url in visitor.asked if not url.startswith(here)] == []

    process.send_signal(signal.SIGINT)  # with both pages still open
    assert process.wait(30) == 0
    left = process.stdout.read()
    assert left.strip() == "the Mesa view has ended"
    first.page.context.close()
    second.page.context.close()
