"""``setback cite`` says how to cite setback, and what identifies the results in a folder."""

from __future__ import annotations

from typing import Annotated, Any

from setback.cli.options import AsJson, OneRun
from setback.cli.output import print_json, say


def cite(
    folder: Annotated[Any, OneRun] = None,
    as_json: AsJson = False,
) -> None:
    """Say how to cite setback and, for a folder of results, which study, key and version to name."""
    from setback.citation import citation, of_results, sentences

    found = citation() if folder is None else citation() | {"results": of_results(folder)}
    if as_json:
        print_json(found)
        return
    for line in sentences(found):
        say(line) if line else print()
