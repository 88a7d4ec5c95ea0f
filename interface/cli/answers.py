"""What verbs share that ask a finished study: the study by name or folder, what is looked at, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setback.cli.options import complete_policy, complete_study
from setback.model.errors import InputError, number, unknown
from setback.model.place import Place, place_of
from setback.model.writing import plain, write_text

if TYPE_CHECKING:
    import pandas as pd

    from setback.analysis.by_world import Limit
    from setback.analysis.figures.figure import Figure
    from setback.analysis.load import Results

Finished = Annotated[
    str,
    typer.Argument(
        metavar="STUDY",
        help="Name of a study that was run, or a folder of results: results/<study>/<hash>.",
        autocompletion=complete_study,
    ),
]
Outcome = Annotated[
    str | None, typer.Option("--outcome", metavar="OUTCOME", help="Outcome that the study kept, or R_F of its twins.")
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="POLICY",
        help="Look at the difference from this policy, world by world in the same rooms.",
        autocompletion=complete_policy,
    ),
]
Above = Annotated[float | None, typer.Option(metavar="LIMIT", help="Ask where it lies above this limit.")]
Below = Annotated[float | None, typer.Option(metavar="LIMIT", help="Ask where it lies below this limit.")]
Drawn = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="File to draw to (.png, .pdf, .svg); by default PNG and SVG beside the tables."
    ),
]


def results_of(study: str, results: Place) -> Results:
    """Read the results of a study, by the folder they lie in or by its name.

    Raises:
        InputError: if there are none, or several runs of the name.
    """
    from setback.analysis.load import load
    from setback.cli.list_ import result_rows

    folder = place_of(study)
    if folder.is_dir():
        return load(folder)
    if not study.endswith(".toml") and (results / study).is_dir():
        return load(results / study)
    raise unknown("study with results", study, sorted({row["study"] for row in result_rows(results)}))


def limit_of(above: float | None, below: float | None) -> Limit | None:
    """Give the limit that was asked for, None where none was.

    Raises:
        InputError: if there are two, or one is no number.
    """
    from setback.analysis.by_world import Limit

    if above is not None and below is not None:
        raise InputError("--above and --below are both given; name one limit")
    if above is not None:
        return Limit(number("--above", above))
    return None if below is None else Limit(number("--below", below), False)


def outcome_of(results: Results, outcome: str | None) -> str:
    """Give the outcome that was asked for; by default that of the study's claim, or the first that it keeps."""
    claim = results.study["claim"]
    return outcome or str(claim["outcome"] if claim else results.study["keep"]["outcomes"][0])


def write_answer(
    results: Results,
    table: pd.DataFrame,
    name: str,
    figure: Callable[[], Figure],
    pictures: Sequence[str],
    out: Path | None,
    tell: Callable[[str], None],
) -> None:
    """Write a table as CSV and draw its figure beside the tables of the study, or draw it to the file that is named."""
    from setback.analysis.figures import save

    drawn = figure()
    if out is not None:
        save(drawn, out, results.manifest.key)
        tell(f"Figure: {out}")
        return
    try:
        text = table.assign(**{c: table[c].map(plain) for c in table.columns if table[c].dtype == object})
        write_text(results.folder / name, text.to_csv(index=False, lineterminator="\n"))
        for picture in pictures:
            save(drawn, results.folder / picture, results.manifest.key)
    except InputError as error:  # a finished study on a disk that cannot be written to
        tell(f"shown only: {error}")
        return
    tell(f"Table and figures: {results.folder}: {', '.join([name, *pictures])}")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a table as rows for JSON; what is not known is null."""
    import json

    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    return rows
