"""The server of the Mesa view answers this computer alone, until Ctrl-C."""

from __future__ import annotations

import errno
import importlib
import os
import socket
import warnings
import webbrowser
from collections.abc import Mapping
from typing import Any

from setback.live.model import SERVED
from setback.model.errors import InputError, whole
from setback.model.week import MODEL, Model

#: Only this computer can open the page, here unless another port is named.
HOST, PORT = "127.0.0.1", 8765
#: The module in which Solara finds the page.
PAGE = "setback.live.page"


def serve(port: int = PORT, is_opened: bool = False, model: Model = MODEL) -> None:
    """Serve the page to this computer until Ctrl-C.

    Args:
        port: where; 0 is any that is free.
        is_opened: open a browser on it.
        model: the model.

    Raises:
        InputError: Solara is not installed, or the port cannot be had.
    """
    whole("port", port, 0, 65535)
    SERVED[:] = [model]
    if name := _missing():
        raise InputError(f'the Mesa view needs {name}, which is not installed; pip install -e ".[live]" brings it')
    with socket.socket() as door:
        if os.name == "posix":  # elsewhere this would let two servers have one port
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, port))
            door.listen()
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
            raise InputError(f"port {port} {why}; name another one with --port, or 0 for any that is free") from None
        address = f"http://{HOST}:{door.getsockname()[1]}"
        try:
            print(f"the Mesa view is at {address}, for this computer only; Ctrl-C ends it", flush=True)
            if is_opened:
                webbrowser.open(address)
            _serve(door)
        except KeyboardInterrupt:
            print("\nthe Mesa view has ended", flush=True)


class OnlyHere:
    """Lets in what asks for this computer by its own name, and from its own pages: no other page reads or steers it.

    A page of another site can send a browser here, by a name that leads to this computer; but then the request says
    so in its Host or its Origin, which no page can change.
    """

    def __init__(self, app: Any, port: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}".encode() for name in (HOST, "localhost", "[::1]")}
        self.origins = {b"http://" + host for host in self.hosts}

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Answer one request, or open one websocket."""
        headers = scope.get("headers", ())
        hosts, origins = ([text.lower() for name, text in headers if name == of] for of in (b"host", b"origin"))
        if scope["type"] == "lifespan" or (len(hosts) == 1 and {*hosts} <= self.hosts and {*origins} <= self.origins):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is open: an answer of 403
        else:
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            address = min(self.origins).decode()
            await send({"type": "http.response.body", "body": f"open {address} on this computer\n".encode()})


def _missing() -> str:
    """Name the package that the page needs and that is not installed, or nothing."""
    try:
        importlib.import_module(PAGE)
    except ModuleNotFoundError as error:
        return error.name or "solara"
    return ""


def _serve(door: socket.socket) -> None:
    """Run Solara's server behind an open door; nothing is reported to anybody else."""
    os.environ["SOLARA_APP"] = PAGE
    import solara
    import uvicorn
    from solara.server import settings, starlette

    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.theme.title, settings.theme.show_banner = "setback live", False
    solara.settings.assets.cdn = "offline:"  # what solara[assets] does not hold is missing, not fetched
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    app = OnlyHere(starlette.app, door.getsockname()[1])
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[door])
