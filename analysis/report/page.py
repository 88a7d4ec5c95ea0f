"""From the sections of a report to one HTML file that needs nothing else, and its tables as CSV files beside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setback.analysis.fit import read
from setback.analysis.report.opening import question
from setback.analysis.report.section import Asked, Section
from setback.analysis.report.sections import sections
from setback.analysis.report.svg import inline
from setback.analysis.verdicts import reference
from setback.model.errors import InputError, printable
from setback.model.place import Place
from setback.model.shipped import shipped, version
from setback.model.writing import check, refusal, write_text

if TYPE_CHECKING:
    import pandas as pd

    from setback.analysis.load import Results


def write_report(
    results: Results,
    path: Place,
    tables: Path | None = None,
    fit: Path | None = None,
    summary: bool = False,
    new: bool = False,
    verdicts: pd.DataFrame | None = None,
) -> list[Place]:
    """Write the report of a finished study, and its tables where a folder is named.

    Args:
        results: the results.
        path: the HTML file.
        tables: a folder for the tables, a CSV file each; it is made where it is not there.
        fit: the folder of a fit, whose findings say how near the model comes to published evidence.
        summary: write one page, for those who decide.
        new: refuse a place that is taken.
        verdicts: those on both claims, `setback.analysis.verdicts.verdicts`; by default those that ship.

    Returns:
        The files that were written.

    Raises:
        InputError: if the study is not finished or is one of mechanisms, there is no fit in the folder, or nothing can
            be written there.
        StopError: if the disk is full.
    """
    check_reportable(results)
    check(path, new)
    asked = Asked(results, None if fit is None else read(fit), reference() if verdicts is None else verdicts)
    if tables is not None:
        _make_folder(tables)
        check(tables / "front.csv")
    found = sections(asked, summary)
    page = build(asked, found, summary)
    files = {tables / f"{table.name}.csv": table.csv() for part in found for table in part.tables} if tables else {}
    write_text(path, page, new)
    for file, text in files.items():
        write_text(file, text)
    return [path, *files]


def check_reportable(results: Results) -> None:
    """Refuse what is no sample of a study, or has a table of its own.

    Raises:
        InputError: if the run is not finished, tasks of it failed, or it is of mechanisms.
    """
    state, name = results.state, results.study["name"]
    if state.failed:
        raise InputError(
            f"{results.folder} is {state}; a report needs all of its tasks: run {name} again with --retry-failed"
        )
    if state.damaged:
        raise InputError(
            f"{results.folder} holds files that are not as they were written, {state.damaged[0]} first; the same "
            "setback run makes them anew, and then there is a report"
        )
    if not state.is_finished:
        raise InputError(
            f"{results.folder} is {state}; the same setback run goes on with it, and then there is a report"
        )
    if results.study["worlds"]["design"] == "ablation":
        raise InputError(
            f"{results.folder} switches mechanisms off one by one; setback ablate has its table and figure"
        )


def build(asked: Asked, found: list[Section], summary: bool = False) -> str:
    """Build the page as text: every name in it is escaped, and its security policy allows its own style alone."""
    import jinja2

    here = shipped("setback.analysis.report")
    style = (here / "page.css").read_text(encoding="utf-8")
    results = asked.results
    key = results.manifest.key
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; img-src data:; base-uri 'none'; form-action 'none'"
    pictures = {
        picture.name: inline(picture.figure, picture.name, picture.caption, key)
        for part in found
        for picture in part.pictures
    }
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_printed
    )
    template = environment.from_string((here / "page.html").read_text(encoding="utf-8"))
    about: Mapping[str, Any] = {
        "policy": policy, "style": style, "question": question(results), "study": results.study["name"], "key": key,
        "size": results._size(), "version": version(), "sections": found, "pictures": pictures, "summary": summary,
    }  # fmt: skip
    return template.render(about)


def _printed(value: Any) -> Any:
    """Take control characters out of names; what is HTML already stays as it is."""
    return "".join(map(_line, value.splitlines(keepends=True))) if type(value) is str else value


def _line(text: str) -> str:
    return printable(text.rstrip("\r\n")) + "\n" * text.endswith("\n")


def _make_folder(folder: Path) -> None:
    """Make the folder for the tables.

    Raises:
        InputError: if it cannot be made.
        StopError: if the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(folder, error) from None
