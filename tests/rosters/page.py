"""The page's own reader of rosters, run by node on what a test tells it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from setback.model.engines.javascript import write
from setback.model.rosters.rules import Rules
from setback.model.week import MODEL
from setback.page import words
from setback.page.build import HERE, SCRIPTS, _data, _tables
from setback.page.rosters import as_data

#: Scripts without an element of the page in them: words, and all from the text of a file to what would be proposed.
READER = ("tools", *SCRIPTS[SCRIPTS.index("text") : SCRIPTS.index("panel")])
RUNNER = """
const { text, parts, given } = JSON.parse(require("fs").readFileSync(0, "utf8"));
globalThis.document = {
  documentElement: { dataset: {} }, getElementById: (id) => ({ textContent: JSON.stringify(parts[id]) }) };
globalThis.TextDecoder = TextDecoder;
const found = require("vm").runInThisContext(`(given) => {${text}}`)(given);
require("fs").writeFileSync(1, JSON.stringify(found));
"""


@cache
def scripts() -> tuple[str, dict[str, Any]]:
    """Give the model and the reader as one script, and what the page is told."""
    own = [(HERE / f"{name}.js").read_text(encoding="utf-8") for name in READER]
    work = (Path(__file__).parent / "in_the_page.js").read_text(encoding="utf-8")
    return "\n".join([write(), *own, work]), {
        "words": _tables(words.english(())),
        "data": _data((), None, MODEL, False),
    }


def in_the_page(expression: str, given: object) -> Any:
    """Give the value of an expression over what is given."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    text, parts = scripts()
    told = json.dumps({"text": f"{text}\nreturn {expression};", "parts": parts, "given": given})
    done = subprocess.run([node, "-e", RUNNER], input=told.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(done.stdout)


def open_all(asked: Sequence[tuple[str, bytes, Rules | str | None]]) -> list[dict[str, Any]]:
    """Open files: each a name, bytes, and a mapping ("own" for setback's own columns, None for what the page finds)."""
    return list(
        in_the_page(
            "given.map(opened)",
            [
                {"file": file, "bytes": list(raw), "rules": as_data(rules) if isinstance(rules, Rules) else rules}
                for file, raw, rules in asked
            ],
        )
    )
