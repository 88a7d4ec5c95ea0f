"""The argument of verbs that speak of predictions."""

from __future__ import annotations

from typing import Annotated

import typer


def complete_prediction(incomplete: str) -> list[str]:
    """Complete the name of a prediction."""
    from setback.experiments.predictions.predictions import PREDICTIONS

    names = dict.fromkeys(("all", *(name.split()[0] for name in PREDICTIONS)))
    return [name for name in names if name.startswith(incomplete)]


Named = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME]...",
        help="Predictions, as in K1 P4; all of them by default.",
        autocompletion=complete_prediction,
    ),
]
