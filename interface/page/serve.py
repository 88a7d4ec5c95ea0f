"""The server of the classroom page: two pages out of memory, for this computer, and for its network when asked."""

from __future__ import annotations

import contextlib
import errno
import html
import ipaddress
import os
import re
import socket
import socketserver
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from setback.experiments.scenes import Scene, names
from setback.model.errors import InputError, shown, whole
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, Model
from setback.page.build import STUDENT, build

#: Only this computer reaches it, here unless another port is named.
HOST, PORT = "127.0.0.1", 8766
#: A request has no more bytes than this; it is read within so many seconds, and its answer taken within so many.
LONGEST, READ, TAKEN = 8192, 10.0, 60.0
#: So many are answered at a time. Not by visitor: to a school's network all phones may have one address.
MOST = 256
NOTHING = "default-src 'none'"
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
           421: "Misdirected Request", 431: "Request Header Fields Too Large"}  # fmt: skip


class Page(NamedTuple):
    """What stands at a path: its bytes, and the content security policy that it states itself."""

    body: bytes
    policy: str


def page(text: str) -> Page:
    """Give a page as it is served."""
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    return Page(text.encode(), html.unescape(found[1]) if found else NOTHING)


class Server(socketserver.ThreadingTCPServer):
    """One address at which pages are read; whatever else is asked for is refused, and no file is ever looked at.

    It reads the head of a request itself, as three things of it are all that matters and their length and time are to
    be limited; `http.server` does more, and warns against being used in a network.

    Args:
        at: host and port.

    Attributes:
        pages: what stands at each path.
        hosts: the names by which it may be asked, with the port.
        opened: the path of each page that was read; of visitors nothing is kept.
        patience: seconds in which a request is to be read.
    """

    daemon_threads, block_on_close, request_queue_size = True, False, 64
    allow_reuse_address = os.name == "posix"  # elsewhere this would let two servers have one port

    def __init__(self, at: tuple[str, int]) -> None:
        self.pages: Mapping[str, Page] = {}
        self.hosts: frozenset[str] = frozenset()
        self.opened: list[str] = []
        self.patience = READ
        self.places = threading.BoundedSemaphore(MOST)
        super().__init__(at, Visit)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Let nobody in while all places are taken."""
        return self.places.acquire(blocking=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print a fault of the server's, without the visitor's address."""
        traceback.print_exc()


class Visit(socketserver.BaseRequestHandler):
    """One request and its answer; then the connection ends."""

    server: Server

    def handle(self) -> None:
        """Answer one request."""
        try:
            with contextlib.suppress(OSError):  # who goes away in the middle is let go
                method, status, path = self._asked()
                self.request.settimeout(TAKEN)
                self.request.sendall(self._answer(method, status, path))
                self._hang_up()
        finally:
            self.server.places.release()

    def _asked(self) -> tuple[str, int, str]:
        """Give the method of a request, the status of its answer, and the path of a page that is there."""
        head, end = b"", time.monotonic() + self.server.patience
        while b"\r\n\r\n" not in head:
            self.request.settimeout(max(end - time.monotonic(), 0.001))
            try:
                head += (more := self.request.recv(LONGEST))
            except TimeoutError:
                return "", 408, ""
            if not more:
                return "", 400, ""
            if len(head) > LONGEST:
                return "", 431, ""
        line, *rows = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        request = re.fullmatch(r"([A-Za-z]+) (\S+) HTTP/1\.[01]", line)
        hosts = [row.partition(":")[2].strip().lower() for row in rows if row.lower().startswith("host:")]
        if not request or len(hosts) != 1:
            return "", 400, ""
        method, path = request.groups()
        if hosts[0] not in self.server.hosts:
            return method, 421, ""  # a page of another site may have sent the browser, by a name that leads here
        if method not in ("GET", "HEAD"):
            return method, 405, ""
        return method, *((200, path) if path in self.server.pages else (404, ""))

    def _answer(self, method: str, status: int, path: str) -> bytes:
        """Write an answer."""
        reached: Any = self.server.server_address
        plain = {404: "here are / and /student", 405: "here is nothing to write to",
                 421: "open http://{}:{}".format(*reached)}  # fmt: skip
        found = self.server.pages[path] if path else Page(f"{plain.get(status, REASONS[status])}\n".encode(), NOTHING)
        headers = {
            "Content-Type": f"text/{'html' if path else 'plain'}; charset=utf-8",
            "Content-Length": str(len(found.body)),
            "Content-Security-Policy": f"{found.policy}; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
            "Connection": "close", **({"Allow": "GET, HEAD"} if status == 405 else {}),
        }  # fmt: skip
        rows = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if method == "GET" and path:
            self.server.opened.append(path)
        return f"HTTP/1.1 {status} {REASONS[status]}\r\n{rows}\r\n".encode() + (b"" if method == "HEAD" else found.body)

    def _hang_up(self) -> None:
        """Take a little of what is still sent, or the answer would be lost with the connection."""
        self.request.shutdown(socket.SHUT_WR)
        self.request.settimeout(1.0)
        for _ in range(8):
            if not self.request.recv(LONGEST):
                break


# ---- where it is served ------------------------------------------------------------------------------------
@contextmanager
def bound(hosts: Sequence[str], port: int) -> Iterator[list[Server]]:
    """Take one port at each of some addresses of this computer; nothing is answered before `Server.serve_forever`.

    Raises:
        InputError: the port cannot be had.
    """
    with ExitStack() as stack:
        servers: list[Server] = []
        for host in hosts:
            try:
                servers.append(stack.enter_context(Server((host, port))))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise InputError(
                        f"--address is {host}, which is no address of this computer; see its network settings"
                    ) from None
                why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
                raise InputError(
                    f"port {port} {why}; name another one with --port, or 0 for any that is free"
                ) from None
            port = servers[0].server_address[1]
        for server in servers:
            own = (*hosts, "localhost")
            server.hosts = frozenset([*(f"{name}:{port}" for name in own), *(own if port == 80 else ())])
        yield servers


def network_address(named: str | None = None) -> str:
    """Give the address at which the network of this computer reaches it: a private one, so not for the internet.

    Args:
        named: the address that was named, where the computer has several; found out where it is left out, without a
            word sent to anybody.

    Raises:
        InputError: what was named is no such address, or there is none.
    """
    found = named
    if found is None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            try:
                asked.connect(("192.0.2.1", 9))  # an address for documents: the way out is looked up, nothing is sent
            except OSError:
                raise InputError(
                    "this computer seems to be in no network; join one, or start its hotspot and name its address "
                    "with --address"
                ) from None
            found = str(asked.getsockname()[0])
    try:
        address = ipaddress.IPv4Address(found)
    except ValueError:
        raise InputError(f"--address is {shown(found)}; it needs an address such as 192.168.1.5") from None
    if address.is_loopback or address.is_unspecified or not address.is_private:
        raise InputError(
            f"{found} is not an address in a private network; the page is served to one such as 192.168.1.5 alone, so "
            "name that of this computer with --address"
        )
    return found


def serve(
    scenes: Sequence[str] | None = None,
    roster: Roster | None = None,
    words: Path | None = None,
    model: Model = MODEL,
    port: int = PORT,
    network: bool = False,
    address: str | None = None,
    language: str | None = None,
    whole_names: bool = False,
) -> None:
    """Serve the page and, at /student, the one for a phone, until Ctrl-C.

    Args:
        scenes: names or TOML files; all shipped ones where it is left out.
        roster: who sits in the classrooms, for this computer alone.
        words: a translation.
        model: the model.
        port: where; 0 is any that is free.
        network: serve it to the network of this computer as well.
        address: the address of this computer in that network, where it has several; with it `network` is meant.
        language: the code of a language that ships; English where it is left out.
        whole_names: students of the roster are called by their whole names; by their first names otherwise.

    Raises:
        InputError: a scene, words, a port or an address that cannot be used, or names for everybody in a network.
    """
    shown_at = serving(scenes, roster, words, model, port, network, address, language, whole_names)
    with shown_at as (servers, here, there):
        for note in roster.notes if roster else ():
            print(f"  {note}")
        also = f", and at {there} for phones: everybody in this network can open it" if there else " only"
        with contextlib.suppress(KeyboardInterrupt):
            print(f"the page is at {here} for this computer{also}; Ctrl-C ends it", flush=True)
            while True:
                time.sleep(3600)
        often = Counter(path for server in servers for path in server.opened)
        print(f"\nthe page has ended; it was opened {often['/']} times, the one for a student {often['/student']}")


@contextmanager
def serving(
    scenes: Sequence[str] | None = None,
    roster: Roster | None = None,
    words: Path | None = None,
    model: Model = MODEL,
    port: int = PORT,
    network: bool = False,
    address: str | None = None,
    language: str | None = None,
    whole_names: bool = False,
) -> Iterator[tuple[list[Server], str, str]]:
    """Serve as `serve` does while the context lasts; gives the servers, the address here and that for phones, or ""."""
    whole("port", port, 0, 65535)
    hosts = [HOST, *([network_address(address)] if network or address is not None else [])]
    if roster is not None and len(hosts) > 1:
        raise InputError(
            "a roster is not served to a network, where everybody could read its names; leave out --roster, and open "
            "the file in the page, which keeps it on this computer"
        )
    found = [Scene.read(name, model) for name in dict.fromkeys(scenes or names())]
    with bound(hosts, port) as servers:
        here, *there = (f"http://{host}:{servers[0].server_address[1]}" for host in hosts)
        phones = f"{there[0]}/" if there else ""
        pages = {
            "/": page(build(found, roster, words, None, model, language, whole_names=whole_names, phones=phones)),
            "/student": page(build(found, None, words, None, model, language, kind=STUDENT)),
        }
        for server in servers:
            server.pages = pages
            threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield servers, here, "".join(there)
        finally:
            for server in servers:
                server.shutdown()
