"""What the answer stands on: the evidence, the limits, and what is needed to run it again."""

from __future__ import annotations

from typing import Any

import pandas as pd

from setback.analysis import fit as fits
from setback.analysis.figures.style import words
from setback.analysis.report.policies import is_of_worlds
from setback.analysis.report.section import (
    Asked,
    Picture,
    Section,
    Table,
    many,
    number,
    number_column,
    text_column,
)
from setback.model.parameters import ROWS

#: What a model of a fit is called in words.
CALLED = {
    fits.CYCLE: "with a cycle (failing may breed failing)", fits.NO_CYCLE: "without a cycle",
    "drifting-ability": "ability that drifts, nothing else", "stable-ability": "stable ability, nothing else",
    fits.PRIOR: "before any fit", fits.RANDOM_SIGNS: "signs by chance",
}  # fmt: skip


def evidence_section(asked: Asked) -> Section:
    """Say how near the fitted model comes to the published evidence."""
    from setback.analysis.figures import forest_figure

    title = "How near the model comes to published evidence"
    if asked.fit is None:
        return Section(
            "evidence", title,
            absent="No fit is at hand: nothing here says how near the model comes to published findings; setback fit "
            "fits it (an hour or more), and setback report --fit FOLDER adds what was found.",
        )  # fmt: skip
    scores = fits.scores(asked.fit).reset_index()
    scores["is"] = scores["model"].map(CALLED)
    columns = (
        text_column("is", "model"),
        number_column("numbers_in", "published numbers met, %", "share"),
        number_column("numbers_out", "met when left out of the fit, %", "share"),
        number_column("signs_in", "directions met, %", "share"),
        number_column("signs_out", "met when left out, %", "share"),
        number_column("distance", "distance when left out, tolerances", "", digits=2),
    )
    caption = (
        "How near each model comes to published findings: in the fit, and with the findings left out that it is held "
        "against. A tolerance is what the finding's own uncertainty allows."
    )
    used = str(asked.results.study["worlds"]["design"]) == "posterior"
    text = (
        f"The worlds of this study are drawn from such a fit: they go with the evidence.{_besides(asked)}"
        if used
        else "The worlds of this study are not drawn from this fit; it says how near the model can come, not that "
        "these worlds do.",
        *fits.sentences(asked.fit),
    )
    picture = Picture("evidence", "Distances from the published findings.", forest_figure(asked.fit))
    table = Table("evidence", caption, scores, columns)
    return Section("evidence", title, text, tables=(table,), pictures=(picture,))


def _besides(asked: Asked) -> str:
    """Say what varies besides the numbers of the fit that the worlds are drawn from."""
    fitted = {name for table in (asked.fit or fits.read(fits.REFERENCE)).numbers.values() for name in table.index}
    varied = [one for one in asked.results.study["worlds"]["ranges"] if one["name"] not in fitted]
    if not varied:
        return ""
    ranges = ", ".join(f"{words(one['name'])} from {one['low']:g} to {one['high']:g}" for one in varied)
    return f" Besides these vary {ranges}: no evidence chose these values, and shares of worlds are of them, too."


def limits_section(asked: Asked) -> Section:
    """Say what the answer does not say."""
    results = asked.results
    study, table = results.study, [row for row in ROWS.values() if row.kind != "policy"]  # as they are listed
    assumed = sum(row.source == "assumed" for row in table)
    points = [
        "All of it is said of a model, whose rules are each taken from the literature or assumed. It shows what "
        "follows from them, and is no evidence about schools by itself.",
        f"Of the {len(table)} numbers of a world, {assumed} are assumed, with no source for their size (setback list "
        "parameters names them).",
    ]
    design = str(study["worlds"]["design"])
    if not is_of_worlds(results):
        points.append(
            "Every uncertain number has one value here; with other values the answer may be another. A study with "
            "[worlds] tells."
        )
    else:
        varied = many(len(results.worlds.columns), "number")
        how = "drawn from a fit to published evidence" if design == "posterior" else "spread over their ranges"
        points.append(
            f"The worlds differ in {varied}, {how}; what was kept fixed may matter as well. A share of worlds is no "
            f"probability unless the worlds are drawn from a fit.{_besides(asked) if design == 'posterior' else ''}"
        )
    rooms = int(study["rooms"])
    if rooms < 8:
        points.append(
            f"Each world has {many(rooms, 'class')}: ranges over so few classes are wide or unknown; [rooms] count "
            "takes more."
        )
    if study["roster"].get("synthetic"):
        points.append("The students are made up; a roster of real classes takes their place (docs/rosters.md).")
    else:
        points.append("The students are those of the roster; what it does not say of them is drawn by chance.")
    points.append(
        "A step is a week: nothing is said about a single lesson, a particular child or a particular school, or of "
        "what happens between schools (moving, hiring, resources)."
    )
    return Section("limits", "What this does not say", points=tuple(points))


def repeat_section(asked: Asked) -> Section:
    """Say how to run the study again, and what identifies it."""
    results = asked.results
    manifest, study = results.manifest, results.study
    rows: list[dict[str, Any]] = [
        {"what": "study", "value": study["name"]},
        {"what": "study hash", "value": manifest.key},
        {"what": "seed", "value": str(study["seed"])},
        {"what": "size", "value": results._size()},
        {"what": "design of the worlds", "value": str(study["worlds"]["design"])},
        {"what": "engine", "value": manifest.engine},
        {"what": "last digits of the machine", "value": manifest.fingerprint},
        {"what": "machine", "value": manifest.platform},
        {"what": "begun", "value": manifest.written},
        {"what": "computing", "value": f"{number(manifest.seconds)} seconds"},
        *({"what": f"version of {name}", "value": version or "unknown"} for name, version in manifest.versions.items()),
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    text = [
        f"The command was: {manifest.command}",
        "It runs what is missing and leaves what is there. The study hash stands for everything that decides the "
        "numbers; the same hash, with the same last digits of the machine, gives the same numbers to the last digit.",
    ]
    if strange := results.state.strangers():
        text.append(f"In the folder of the results lie files that are {strange}.")
    text += [str(note) for note in manifest.notes]
    if manifest.file:
        text.append("The study file, as it was run:")
    table = Table("repeat", "What was run.", frame, (text_column("what", ""), text_column("value", "")))
    return Section("repeat", "How to repeat it", tuple(text), tables=(table,), code=manifest.file)


def words_section(asked: Asked) -> Section:
    """Explain the words that the report cannot do without."""
    return Section(
        "words", "Words",
        points=(
            "Policy: what a school decides: how it grades, how fast it goes, what comes first, whom it helps, what it "
            "says about errors.",
            "World: one set of values for the numbers that nobody knows exactly, such as how fast shame fades.",
            "Luck: everything that chance decides in a year; every policy meets the same students with the same luck, "
            "so that what differs between policies is their doing.",
            "SD (standard deviation): the usual spread. Learning is given in SDs of a year-end test.",
            "Range for 95 of 100: where the figure would lie in 95 of 100 such studies with other classes (a 95 % "
            "confidence interval).",
            "Helpless: a student who no longer believes that anything depends on own effort: control below that of the "
            "lowest tenth at the start.",
        ),
    )  # fmt: skip
