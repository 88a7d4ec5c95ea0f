"""A lesson is text: a file of Python whose cells begin with ``# %%``; here it is taken apart, and made a notebook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

#: What a notebook says of itself; the kernel is the one that any Jupyter has.
ABOUT = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def cells(text: str) -> Iterator[tuple[str, str]]:
    """Give the cells of a lesson, each with its kind, "markdown" or "code"; the head before the first is left out."""
    _, *parts = re.split(r"^# %%(.*)\n", text, flags=re.M)
    for head, body in zip(parts[::2], parts[1::2]):
        if head.strip() == "[markdown]":
            yield "markdown", re.sub(r"^# ?", "", body, flags=re.M).strip()
        else:
            yield "code", body.strip()


def notebook(text: str) -> str:
    """Give a lesson as a notebook of Jupyter (nbformat 4.5), the same bytes each time."""
    made: list[dict[str, Any]] = []
    for k, (kind, body) in enumerate(cells(text)):
        extra: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
        made.append({"cell_type": kind, "id": f"cell-{k}", "metadata": {}, "source": body.splitlines(True), **extra})
    return json.dumps({"cells": made, "metadata": ABOUT, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"
