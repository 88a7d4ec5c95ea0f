"""What the model is made of, as rows to read: each phase with its claim, its source, its switch and its slots."""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple

from setback.model.week import PHASES, Model


class Row(NamedTuple):
    """One equation of the model.

    Attributes:
        name: the function.
        claim: what it says, one sentence.
        source: where that is from; "" where it is bookkeeping.
        switch: the parameter that switches it off, without its prefix; "" where it always runs.
        neutral: what stands in its place then.
        writes: the slots it writes.
    """

    name: str
    claim: str
    source: str
    switch: str
    neutral: str
    writes: tuple[str, ...]


def catalogue(model: Model = PHASES) -> list[Row]:
    """The equations in the order of the week, the opening first, each once."""
    rows: dict[str, Row] = {}
    for phase in (phase for phases in model for phase in phases):
        if isinstance(phase.by, str) or phase.name in rows:
            continue
        text = inspect.cleandoc(phase.by.__doc__ or "")
        claim, _, rest = text.partition("\n\n")
        rest = " ".join(rest.split())
        source = re.search(r"Source: (.*?)(?: Switch: |$)", rest)
        switch = re.search(r"Switch: (\w+); neutral: (.*?)\.(?: |$)", rest)
        rows[phase.name] = Row(
            phase.name,
            " ".join(claim.split()),
            source[1].rstrip(".") if source else "",
            switch[1] if switch else "",
            switch[2] if switch else "",
            phase.writes,
        )
    return list(rows.values())
