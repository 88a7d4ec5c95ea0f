"""Phones in the room: the server that is asked for, the QR code, one student's page, and the dots on the wall."""

from __future__ import annotations

import http.client
import io
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from command_line import Hurried, said, setback
from made_up_language import made_up
from PIL import Image

from setback.experiments.scenes import Scene
from setback.model.engines.mesa import Classroom
from setback.model.policies import PRESETS, Policy
from setback.model.rosters.roster import Roster
from setback.page import serve
from setback.page.build import HERE, PAGE, STUDENT, build

Visit = Any
Opens = Callable[..., Any]

#: What phones reach in the tests: another loopback address than that of the wall, so no network is ever served.
PHONES = "127.0.0.2"
SCENES = ("harsh-start", "no-verdict")


def drawn(pixels: bytes) -> Image.Image:
    """A screenshot as a picture."""
    return Image.open(io.BytesIO(pixels)).convert("L")


def decoded(picture: Any) -> str:
    """What a decoder that is not ours reads in a picture."""
    [found] = zxingcpp.read_barcodes(picture)
    return str(found.text)


# ---- the QR code -------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_code_is_read_by_a_decoder(browser: Any) -> None:
    """Short, long, and as long as a code can be, each with some modules wrong; one letter more has no code."""
    page, source = browser.new_page(), (HERE / "qr.js").read_text(encoding="utf-8")
    rng = np.random.default_rng(0)
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789-_.#:/")
    texts = ["".join(rng.choice(letters, n)) for n in (9, 17, 140, 271, 420, 1200, 2953, 2954)]
    codes = page.evaluate(f"texts => {{ {source}; return texts.map(qrCode); }}", texts)
    page.close()
    assert codes.pop() is None
    for text, rows in zip(texts, codes):
        code = np.array(rows, dtype=np.uint8)
        versions = [k for k in range(1, 41) if 4 * k + 17 == len(code)]
        assert code.shape == (len(code), len(code)) and len(versions) == 1
        wrong = (rng.random(code.shape) < 0.004) & (np.add.outer(*2 * [np.arange(len(code))]) > 24)
        for modules in (code, code ^ wrong):
            assert (
                decoded(np.pad(np.kron(255 * (1 - modules), np.ones((4, 4), np.uint8)), 16, constant_values=255))
                == text
            )
    assert [len(rows) for rows in codes[:2]] == [21, 21] and len(codes[-1]) == 177


# ---- a link is short ---------------------------------------------------------------------------------------
def length_of_link(here: Visit) -> int:
    """Letters behind the address, once they have been written."""
    here.wait("document.body.dataset.written === 'true'")
    return int(here.page.evaluate("location.hash.length"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page of two scenes, and with the one for a student."""
    folder, scenes = tmp_path_factory.mktemp("pages"), [Scene.read(name) for name in SCENES]
    for kind in (PAGE, STUDENT):
        (folder / kind.html).write_text(build(scenes, kind=kind), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_link_holds_what_was_done_and_no_more(visit: Opens, files: Path) -> None:
    """Tens of letters for a scene, some hundreds for ten numbers or a year of choices: a code on a wall holds them."""
    with visit(files / "page.html") as here:
        page = here.page
        page.select_option("#scene", "1")
        assert 24 < length_of_link(here) < 80
        page.click("#room-B .rules > summary")
        page.select_option("#grading-B", "curve")
        assert length_of_link(here) < 160
        page.evaluate("document.querySelectorAll('#world, #world details').forEach(d => d.open = true)")
        here.wait("document.querySelectorAll('#world input').length > 100")
        moves = """() => [...document.querySelectorAll("#world input[type=range]")].slice(0, 80)
          .filter((_, k) => k % 8 === 3).map(slider => {
            slider.value = Number(slider.min) + (slider.max - slider.min) * 0.5562305899;
            slider.dispatchEvent(new Event("input")); })"""
        assert len(page.evaluate(moves)) == 10
        assert 300 < length_of_link(here) < 550
    with visit(files / "page.html") as here:
        here.page.click("#steps [data-step=student]")
        here.page.click("[data-choice=none]")
        here.page.click("#rest")
        assert 36 < length_of_link(here) < 220


@pytest.mark.slow
def test_a_link_of_another_scene_of_that_name_is_refused(visit: Opens, files: Path, tmp_path: Path) -> None:
    """What a link leaves out must be the same where it is opened."""
    scene = Scene.read(SCENES[1])
    other = scene.model_copy(update={"room": scene.room.model_copy(update={"seed": 99})})
    (tmp_path / "page.html").write_text(build([Scene.read(SCENES[0]), other]), encoding="utf-8")
    with visit(files / "page.html") as here:
        here.page.select_option("#scene", "1")
        length_of_link(here)
        link = here.page.evaluate("location.hash")
    with visit(tmp_path / "page.html") as there:
        there.page.evaluate("link => { location.hash = link }", link)
        there.wait("!document.getElementById('bad-link').hidden")
        assert "made by another version of this page" in there.text("#bad-link")


# ---- the server --------------------------------------------------------------------------------------------
@pytest.fixture
def server() -> Iterator[serve.Server]:
    """A server of two small pages, with little patience."""
    with serve.bound([serve.HOST], 0) as [found]:
        policy = '<meta http-equiv="Content-Security-Policy" content="script-src &#x27;none&#x27;">'
        found.pages = {"/": serve.page(f"{policy}wall"), "/student": serve.page("phone")}
        found.patience = 0.5
        threading.Thread(target=found.serve_forever, args=(0.05,), daemon=True).start()
        yield found
        found.shutdown()


def asked(server: serve.Server, *parts: bytes, wait: float = 0.0) -> bytes:
    """What comes back to bytes that are sent part by part."""
    with socket.create_connection(server.server_address[:2], timeout=20) as door:  # type: ignore[arg-type]
        for part in parts:
            door.sendall(part)
            time.sleep(wait)
        answer = b""
        while more := door.recv(65536):
            answer += more
    return answer


@pytest.mark.parametrize(
    ("line", "status", "body"),
    [
        ("GET / HTTP/1.1", 200, "wall"), ("GET /student HTTP/1.0", 200, "phone"), ("HEAD / HTTP/1.1", 200, ""),
        ("GET /student/ HTTP/1.1", 404, None), ("GET /anything HTTP/1.1", 404, None), ("GET /?a=1 HTTP/1.1", 404, None),
        ("GET /../../etc/passwd HTTP/1.1", 404, None), ("GET /%2e%2e/etc/passwd HTTP/1.1", 404, None),
        ("GET /..%5c..%5cwin.ini HTTP/1.1", 404, None), ("GET http://{host}/ HTTP/1.1", 404, None),
        ("GET //student HTTP/1.1", 404, None), ("GET * HTTP/1.1", 404, None), ("HEAD /anything HTTP/1.1", 404, ""),
        ("POST / HTTP/1.1", 405, None), ("PUT /student HTTP/1.1", 405, None), ("DELETE / HTTP/1.1", 405, None),
        ("OPTIONS / HTTP/1.1", 405, None), ("get / HTTP/1.1", 405, None),
        ("GET /", 400, None), ("GET / HTTP/2.0", 400, None), ("GET / / HTTP/1.1", 400, None), ("\x16\x03", 400, None),
    ],
)  # fmt: skip
def test_what_a_server_answers(server: serve.Server, line: str, status: int, body: str | None) -> None:
    """Two pages, to be read; whatever else is asked for is refused, and each answer has its headers."""
    host = f"127.0.0.1:{server.server_address[1]}"
    sent = f"{line.replace('{host}', host)}\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc".encode("latin-1")
    head, _, found = asked(server, sent).partition(b"\r\n\r\n")
    first, *rows = head.decode().split("\r\n")
    headers = dict(row.split(": ", 1) for row in rows)
    assert first.split(" ", 2)[1] == str(status)
    assert body is None or (found.endswith(body.encode()) and bool(body) == bool(found))
    assert body == "" or int(headers["Content-Length"]) == len(found)
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert headers["Referrer-Policy"] == "no-referrer" and "Access-Control-Allow-Origin" not in headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert ("script-src 'none'" in headers["Content-Security-Policy"]) == (status == 200 and "/student" not in line)
    assert (headers.get("Allow") == "GET, HEAD") == (status == 405)
    assert server.opened == ([line.split()[1]] if status == 200 and line.startswith("GET") else [])


def test_a_server_is_asked_by_its_own_name_alone(server: serve.Server) -> None:
    """A name that leads here by a trick of another site reaches nothing: it stands in the request."""
    port = server.server_address[1]
    for host, status in {
        f"Host: 127.0.0.1:{port}": 200, f"host:LOCALHOST:{port}  ": 200,
        f"Host: evil.example:{port}": 421, "Host: 127.0.0.1": 421, f"Host: 127.0.0.1:{port + 1}": 421,
        f"Host: 127.0.0.1.evil.example:{port}": 421, f"Host: {PHONES}:{port}": 421, "Host:": 421,
        "X-Forwarded-Host: 127.0.0.1": 400, f"Host: 127.0.0.1:{port}\r\nHost: evil.example": 400,
    }.items():  # fmt: skip
        answer = asked(server, f"GET / HTTP/1.1\r\n{host}\r\n\r\n".encode())
        assert int(answer.split()[1]) == status, host
        assert (b"wall" in answer) == (status == 200)
        assert (f"open http://127.0.0.1:{port}\n".encode() in answer) == (status == 421)


def test_a_phone_that_asks_by_a_name_is_told_the_address_that_it_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of the computer for itself."""
    monkeypatch.setattr(serve, "network_address", lambda named: PHONES)
    with serve.serving(SCENES, port=0, network=True) as (servers, _, _):
        port = servers[1].server_address[1]
        answer = asked(servers[1], f"GET / HTTP/1.1\r\nHost: teacher.local:{port}\r\n\r\n".encode())
        assert f"open http://{PHONES}:{port}\n".encode() in answer


def test_a_server_waits_for_nobody_too_long(server: serve.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too long a request, one that never ends, one that goes away: each is let go, and others are answered."""
    good = f"GET / HTTP/1.1\r\nHost: localhost:{server.server_address[1]}\r\n\r\n".encode()
    assert asked(server, b"GET /" + 20_000 * b"a").startswith(b"HTTP/1.1 431 ")
    assert asked(server, good[:-2] + b"X: " + 9000 * b"a" + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")
    server.patience = 3600.0
    slow = [socket.create_connection(server.server_address[:2]) for _ in range(2)]  # type: ignore[arg-type]
    for door in slow:
        door.sendall(good[:9])
    assert asked(server, good).endswith(b"wall")
    slow[0].close()  # goes away
    slow[1].sendall(good[9:])  # comes to its end
    assert slow[1].recv(65536).startswith(b"HTTP/1.1 200 OK")
    slow[1].close()
    server.patience = 0.3
    assert asked(server, *(bytes([letter]) for letter in good[:12]), wait=0.05).startswith(b"HTTP/1.1 408 ")
    assert asked(server, *(bytes([letter]) for letter in good[:12]), wait=0.0).startswith(b"HTTP/1.1 408 ")
    taken = [server.places.acquire(timeout=20) for _ in range(serve.MOST)]
    assert sum(taken) == serve.MOST  # all have been given back
    with pytest.raises(OSError), socket.create_connection(server.server_address[:2], timeout=20) as door:  # type: ignore[arg-type]
        door.sendall(good)
        if not door.recv(1):
            raise ConnectionError
    for _ in taken:
        server.places.release()
    assert asked(server, good).endswith(b"wall")


# ---- the command -------------------------------------------------------------------------------------------
def test_ctrl_c_ends_it_from_the_first_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed as soon as the address is there, it ends in peace."""
    screen = Hurried()
    monkeypatch.setattr(sys, "stdout", screen)
    serve.serve(SCENES[:1], port=0)
    assert screen.getvalue().endswith("it was opened 0 times, the one for a student 0\n")


@pytest.mark.slow
def test_the_command_serves_until_it_is_stopped() -> None:
    """It says where; the pages are there; Ctrl-C ends it with a count, in peace."""
    typed = [sys.executable, "-m", "setback", "page", "--scene", SCENES[0], "--serve", "--port", "0"]
    with subprocess.Popen(typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as done:
        try:
            assert done.stdout
            line = done.stdout.readline()
            found = re.fullmatch(
                r"the page is at http://127\.0\.0\.1:(\d+) for this computer only; Ctrl-C ends it\n", line
            )
            assert found, line
            for path, title in {"/": "<title>setback: two classrooms", "/student": "<title>Be one student"}.items():
                client = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
                client.request("GET", path)
                assert title in client.getresponse().read().decode()
                client.close()
            done.send_signal(signal.SIGINT)
            out, wrong = done.communicate(timeout=60)
        finally:
            done.kill()  # whatever went wrong, it does not stay
    assert (done.returncode, wrong) == (0, "")
    assert out.endswith("the page has ended; it was opened 1 times, the one for a student 1\n")


def test_a_port_that_is_taken_is_said() -> None:
    """One sentence with what to do, before anything is built."""
    with socket.socket() as door:
        door.bind((serve.HOST, 0))
        door.listen()
        port = door.getsockname()[1]
        assert said(setback("page", "--serve", "--port", str(port))) == (
            f"port {port} is taken; name another one with --port, or 0 for any that is free"
        )


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ("--serve --port 65536", "port is 65536; it needs a whole number from 0 to 65535"),
        ("--port 8000", "--port is for --serve, which is missing; add --serve, or leave out --port"),
        ("--network", "--network is for --serve, which is missing"),
        ("--serve --out page.html", "--serve writes no file; leave out --out and --force"),
        ("--serve --student", "--serve has the page for one student at /student already"),
        ("--student --roster r.csv", "the page for one student has no roster"),
        ("--serve --address 8.8.8.8", "8.8.8.8 is not an address in a private network"),
        ("--serve --address 127.0.0.1", "127.0.0.1 is not an address in a private network"),
        ("--serve --address 0.0.0.0", "0.0.0.0 is not an address in a private network"),
        ("--serve --address ::1", "--address is '::1'; it needs an address such as 192.168.1.5"),
        ("--serve --address home", "--address is 'home'; it needs an address such as 192.168.1.5"),
        ("--serve --address 192.168.255.254 --port 0", "which is no address of this computer"),
        ("--serve --scene rigor-with-curve", "did you mean rigor-with-a-curve"),
        (
            "--serve --network --roster r.csv",
            "a roster is not served to a network, where everybody could read its names",
        ),
    ],
)
def test_what_cannot_be_served(args: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, exit code 2, nothing written; and no network is asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serve.socket.socket, "connect", lambda *_: None)  # where the way out is looked up
    monkeypatch.setattr(serve.socket.socket, "getsockname", lambda *_: ("192.168.255.254", 0))
    Path("r.csv").write_text("student_id,class_id\na,x\nb,x\n", encoding="utf-8")
    assert says in said(setback("page", *args.split()))
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


def test_a_computer_without_a_network_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no way out to look up."""

    def unreachable(*_: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(serve.socket.socket, "connect", unreachable)
    assert said(setback("page", "--serve", "--network")).startswith(
        "this computer seems to be in no network; join one,"
    )


def test_the_command_writes_the_page_for_a_student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half as large as the whole page, by the same rules: nothing but its own scripts can run on it."""
    monkeypatch.chdir(tmp_path)
    code, out, _ = setback("page", "--student", "--scene", SCENES[0])
    text = Path("student.html").read_text(encoding="utf-8")
    assert code == 0 and out.startswith("student.html: 1 scene, ")
    assert len(text.encode()) < 0.6 * len(build([Scene.read(SCENES[0])]).encode())
    assert text.count("<script") == 4 and "unsafe" not in text and "default-src 'none'" in text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|fetch\(|XMLH", text)


# ---- the page for one student ------------------------------------------------------------------------------
PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True}
#: What a choice moves for a week: the odds of handing in (logit), and resolve.
CHOICES = {"try": (1, 1), "own": (0, 0), "some": (0, -1.5), "none": (-4, 0)}


def room_of(name: str, number: str) -> int:
    """The class that a name and a number lead to: FNV-1a of both."""
    found = 0x811C9DC5
    for letter in f"{name.lower()} {number}":
        found = (found ^ ord(letter)) * 0x01000193 & 0xFFFFFFFF
    return found


def sit(here: Visit, name: str, rules: str = "reference") -> str:
    """Take a seat under a name; gives the number of the phone."""
    here.page.fill("#name", name)
    here.page.select_option("#rules", rules)
    here.page.tap("#sit")
    return here.text("#title").rpartition(" ")[2]


@pytest.mark.slow
def test_a_year_on_a_phone_is_that_of_the_model(visit: Opens, files: Path) -> None:
    """All weeks by touch; the seat is a little below the middle of a class of its own, and the year is Mesa's."""
    scene = Scene.read(SCENES[0]).room
    with visit(files / "student.html", **PHONE) as here:
        page, rules = here.page, "high-pressure"
        number = sit(here, "Zoé  Ä", rules)
        room = Classroom(
            Policy(PRESETS[rules]), roster=Roster.synthetic(scene.size), seed=scene.seed, room=room_of("Zoé Ä", number)
        )
        seat = int(np.abs(room.slots["knowledge_score"][:, 0] + 0.5).argmin())
        assert f"You are Zoé Ä, seat {seat + 1}." in here.text("#student")
        for week, wanted in enumerate(9 * ["try", "some", "none", "own"]):
            assert here.text("#when") == f"Week {week + 1} of 36"
            assert page.evaluate("[document.documentElement.scrollWidth, scrollY]") == [360, 0]
            there = page.locator(f"[data-choice={wanted}]:enabled").count()
            choice = wanted if there else "own"
            page.tap(f"[data-choice={choice}]")
            odds, resolve = CHOICES[choice]
            room.slots["diligence"][seat] += odds
            room.slots["resolve"][seat] += resolve
            room.step()
            room.slots["diligence"][seat] -= odds
        end = {slot: int(room.slots[slot][seat, 0]) for slot in ("weeks_submitted", "weeks_practice_error",
               "weeks_below_criterion", "weeks_failing_grade_told")}  # fmt: skip
        handed, errors, failures, told = end.values()
        assert f"{handed} of 36 weeks handed in, {errors} with an error at practice (i), {failures} below" in here.text(
            "#last"
        )
        assert f", {told} told of a failing grade (iii)" in here.text("#last") and page.is_visible("#balance")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert re.fullmatch(r"[0-9A-Z]{3} [0-9A-Z]{3}", here.text("#code"))


@pytest.mark.slow
def test_a_phone_loses_nothing(visit: Opens, files: Path) -> None:
    """Reload, back and a damaged link; a name that is missing is told; one name has another class by its number."""
    with visit(files / "student.html", **PHONE) as here:
        page = here.page
        page.fill("#name", "  ")
        page.tap("#sit")
        assert here.text("#name-wrong").startswith("A name is missing;") and here.text("#title") == "Be one student"
        number = sit(here, "Ada")
        for choice in ("own", "none", "some"):  # the class is of a random number, and may shut the others
            page.tap(f"[data-choice={choice}]")
        was = [here.text(part) for part in ("#title", "#when", "#last", "#student")]
        page.reload()
        assert [here.text(part) for part in ("#title", "#when", "#last", "#student")] == was
        page.evaluate("location.hash = location.hash.slice(0, -2)")
        here.wait("!document.getElementById('bad-link').hidden")
        assert "This link is damaged" in here.text("#bad-link") and here.text("#last") == was[2]
        page.go_back()
        page.go_back()
        here.wait("document.getElementById('when').textContent === 'Week 3 of 36'")
        assert "You chose: Rather stay away." in here.text("#last")
        page.tap("#rest")
        assert here.text("#when") == "" and page.is_visible("#code")
        page.tap("#again")
        assert page.input_value("#name") == "Ada" and sit(here, "Ada") == number
        friends = here.text("#student .seat-card")
    with visit(files / "student.html", **PHONE) as other:
        assert sit(other, "Ada") != number or other.text("#student .seat-card") == friends
        assert room_of("Ada", number) != room_of("Ada", str(int(number) + 1))


@pytest.mark.slow
def test_a_phone_by_keyboard_alone_and_for_everyone(visit: Opens, files: Path, axe: str) -> None:
    """Enter takes the seat and goes through the weeks; axe-core finds no serious fault from the start to the end."""
    for scheme in ("light", "dark"):
        with visit(files / "student.html", 360, 740, color_scheme=scheme) as here:
            key = here.page.keyboard

            def faults() -> list[Any]:
                found = here.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
                return [
                    (fault["id"], fault["nodes"][0]["html"][:120])
                    for fault in found
                    if fault["impact"] in ("serious", "critical")
                ]

            here.page.evaluate(axe)
            assert faults() == []
            here.tab_to("#name")
            key.press("Enter")
            here.tab_to("[data-choice=some]")
            key.press("Enter")
            key.press("Enter")  # the choice that has the focus then
            assert here.text("#when") == "Week 3 of 36" and faults() == []
            here.tab_to("#rest")
            key.press("Enter")
            assert here.page.evaluate("document.activeElement.id") == "again" and faults() == []


@pytest.mark.slow
def test_every_word_of_a_phone_can_be_translated(visit: Opens, tmp_path: Path) -> None:
    """Whatever stands there comes from the words; from right to left it keeps its width."""
    scene = Scene.read(SCENES[0])
    page = build([scene], None, made_up(scene, tmp_path), kind=STUDENT)
    (tmp_path / "student.html").write_text(page, encoding="utf-8")
    plain = """() => [...document.querySelectorAll("body :not(script)")].filter(node => node.checkVisibility())
      .flatMap(node => [...node.childNodes].filter(n => n.nodeType === 3).map(n => n.data)
        .concat(node.getAttribute("aria-label") ?? []))
      .filter(text => /[A-Za-z]{2}/.test(text) && !text.includes("⟦"))"""
    with visit(tmp_path / "student.html", 360, 740) as here:
        for press in ("#name", "#sit", "[data-choice=none]", "#rest"):
            here.page.click(press)
            found = [text for text in here.page.evaluate(plain) if not re.fullmatch(r"[0-9A-Z]{3} [0-9A-Z]{3}", text)]
            assert found == [] and here.page.evaluate("document.documentElement.scrollWidth") == 360, press


# ---- the wall and the phones -------------------------------------------------------------------------------
@pytest.mark.slow
def test_from_the_wall_to_a_phone_and_back(visit: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code on the wall is read, opens a phone's page under the wall's rules, and its year comes back as a dot."""
    monkeypatch.setattr(serve, "network_address", lambda named: PHONES)
    with serve.serving(SCENES, port=0, network=True) as (servers, here_at, phones_at):
        assert phones_at.startswith(f"http://{PHONES}:") and len(servers) == 2
        with visit(f"{here_at}/", 1920, 1080, color_scheme="dark") as wall:
            page = wall.page
            page.select_option("#scene", "1")
            page.click("#steps [data-step=student]")
            page.select_option("#life-rules", "ranking")
            page.keyboard.press("Alt+P")
            page.keyboard.press("Alt+Q")
            link = decoded(drawn(page.screenshot()))
            assert (
                link.startswith(f"{phones_at}/student#3.")
                and wall.text("#invitation .read") == f"{phones_at}/student"[7:]
            )
            with visit(link, **PHONE) as phone:
                assert phone.page.input_value("#rules") == "ranking"
                sit(phone, "Ada", "ranking")
                phone.page.tap("#rest")
                failures = int(re.search(r"(\d+) below the criterion", phone.text("#last"))[1])  # type: ignore[index]
                gain, code = re.search(r"gained ([-+]?[\d.]+) SD", phone.text("#last"))[1], phone.text("#code")  # type: ignore[index]
            page.click("#invitation [aria-pressed=false]")
            seen = decoded(drawn(page.screenshot()))
            with visit(seen, **PHONE) as phone:  # what is seen, but not as on a wall
                assert phone.text("#steps [aria-current]") == "Be one student"
                assert phone.page.get_attribute("body", "data-projected") == "false"
                assert phone.page.input_value("#life-rules") == "ranking"
            page.keyboard.press("Escape")
            page.click("#results > summary")
            typed = [
                ("", code, "A name is missing;"), ("Zazu", code[:-1] + "U", "is no result of this version"),
                ("Zazu", code.lower(), ""), ("Zazu 2", code, ""),
                (" ZAZU", code, "There is a result of Zazu already, so two phones have one name;"),
            ]  # fmt: skip
            for name, letters, says in typed:
                page.fill("#result-name", name)
                page.fill("#result-code", letters)
                page.keyboard.press("Enter")
                assert says in wall.text("#results-wrong") and bool(says) == bool(wall.text("#results-wrong"))
                assert page.input_value("#result-code") == (letters if says else "")
                wall.wait("document.body.dataset.written === 'true'")
            assert page.locator("#results-plots circle").count() == 4
            said_of = page.locator("#results-plots figcaption").all_inner_texts()
            assert f"least {failures}, most {failures}; on average {failures} under “a school that ranks”" in said_of[0]
            least = re.match(r".*?least ([-+]?[\d.]+) SD", said_of[1])
            assert least and abs(float(least[1]) - float(gain)) < 0.011, (gain, said_of[1])
            page.reload()
            assert page.locator("#results-plots circle").count() == 4 and "Zazu" not in page.content()
            page.go_back()  # one result is taken back
            wall.wait("document.querySelectorAll('#results-plots circle').length === 2")


@pytest.mark.slow
def test_a_file_has_no_code_and_says_how_phones_get_it(visit: Opens, files: Path) -> None:
    """The address of a file is of no use to a phone."""
    with visit(files / "page.html") as here:
        here.page.click("#link > summary")
        here.wait("document.getElementById('link-code').textContent !== ''")
        assert "This page is a file of this computer, which no phone can open" in here.text("#link-code")
        here.page.click("#link .qr-open")
        assert "setback page --serve --network" in here.text("#invitation") and here.page.locator(".qr").count() == 0


@pytest.mark.slow
def test_a_wrong_letter_of_a_result_is_noticed(browser: Any) -> None:
    """Every result comes back as it was; of all single letters that could be wrong, hardly one in a thousand passes."""
    source = "".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("link", "phones"))
    stubs = """const SETBACK = { fingerprint: "f" }, LOCALE = "en", CHOICES = {}, say = key => key;
      const DATA = { presets: { a: 1, b: 1, c: 1 } };"""
    page = browser.new_page()
    same, tried, passed = page.evaluate(f"""() => {{ {stubs} {source}
      let same = 0, tried = 0, passed = 0;
      for (let k = 0; k < 100; k++) {{
        const failures = k % 37, gain = -1 + 0.03 * k, rules = "abc"[k % 3];
        const code = toCode({{ failures, gain, rules }}), back = fromCode(code);
        same += back.failures === failures && back.rules === rules && Math.abs(back.gain - gain) <= 0.01 + 1e-9;
        for (let at = 0; at < 6; at++) for (const letter of CODE_LETTERS) if (letter !== code[at]) {{
          tried++;
          passed += fromCode(code.slice(0, at) + letter + code.slice(at + 1)) !== null;
        }}
      }}
      return [same, tried, passed]; }}""")
    page.close()
    assert (same, tried) == (100, 18600) and passed < 25
