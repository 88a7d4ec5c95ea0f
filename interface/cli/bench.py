"""``setback bench`` times the engines side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from setback.cli.options import AsJson, OnePolicy
from setback.cli.output import print_json, sayer
from setback.model.errors import whole


def bench(
    rounds: Annotated[int, typer.Option(help="How often each engine is timed; the median counts.")] = 7,
    policy: OnePolicy = "reference",
    as_json: AsJson = False,
) -> None:
    """Time the engines side by side: nanoseconds per student-week, one thread, interleaved."""
    from setback.benchmarks.bench import measure, report
    from setback.model.policies import as_policy

    whole("rounds", rounds, 1, 1000)
    chosen = as_policy(policy)
    sayer(as_json)("timing the engines, some minutes ...")
    found = measure(chosen, rounds)
    print_json(found) if as_json else print(report(found))
