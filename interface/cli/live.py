"""``setback live`` opens two classes in Mesa's own view in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from setback.cli.options import With, model_of


def live(
    port: Annotated[int, typer.Option(help="Port on this computer; 0 is any that is free.")] = 8765,
    open_: Annotated[bool, typer.Option("--open", help="Open a browser on it.")] = False,
    with_: With = None,
) -> None:
    """Open two classes in Mesa's own view, with every number of the model (needs pip install -e ".[live]")."""
    from setback.live.server import serve

    serve(port, open_, model_of(with_))
