"""What is written and drawn of a finished run beside its tables: estimates or a summary, and figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from setback.analysis.load import Results
from setback.experiments.studies.folder import (
    CLAIMS_PICTURE,
    CLAIMS_TABLE,
    ESTIMANDS_TABLE,
    GROUPS,
    GROUPS_PICTURE,
    GROUPS_TABLE,
    LAGS_PICTURE,
    TWINS,
    WORLDS_PICTURE,
    WORLDS_TABLE,
)
from setback.model.place import Place
from setback.model.writing import plain, write_text

if TYPE_CHECKING:
    import pandas as pd

    from setback.analysis.figures.figure import Figure


def write(results: Results) -> list[Place]:
    """Write it into the folder of the results; see `Results.write`."""
    from setback.analysis.figures import groups_figure, lags_figure, save

    many, figure, written = len(results.worlds) > 1, drawn(results), list[Place]()
    if figure is not None:
        save(figure, picture := results.folder / (WORLDS_PICTURE if many else CLAIMS_PICTURE), results.manifest.key)
        written.append(picture)
    if figure is not None and not many:
        by_week = lags_figure(results.claims(), _title(results))
        save(by_week, picture := results.folder / LAGS_PICTURE, results.manifest.key)
        written.append(picture)
    if many:
        table, text = results.folder / WORLDS_TABLE, _csv(results._summary)
        if TWINS in results.manifest.tables and results.study["worlds"]["design"] != "ablation":
            write_text(effects := results.folder / ESTIMANDS_TABLE, _csv(results._estimands))
            written.insert(0, effects)
    else:
        table, text = results.folder / CLAIMS_TABLE, json.dumps(results.claims(), indent=1) + "\n"
    write_text(table, text)
    if GROUPS in results.manifest.tables:
        table_of_groups, frame = results.folder / GROUPS_TABLE, results.groups_shown
        texts = [*frame.select_dtypes(exclude="number")]
        csv = frame.assign(**{name: frame[name].map(plain) for name in texts}).to_csv(index=False, lineterminator="\n")
        write_text(table_of_groups, csv)
        save(groups_figure(frame, _title(results)), picture := results.folder / GROUPS_PICTURE, results.manifest.key)
        written += [table_of_groups, picture]
    return [table, *written]


def _csv(frame: pd.DataFrame) -> str:
    return frame.assign(policy=frame["policy"].map(plain)).to_csv(index=False, lineterminator="\n")


def drawn(results: Results) -> Figure | None:
    """Draw the figure of a run; None for one world without twins, and for an ablation, which has its own.

    None for worlds of a fit, too: hundreds of numbers differ in them, so a map over two that come first shows nothing.
    """
    from setback.analysis.by_world import effects_of
    from setback.analysis.figures import claims_figure, map_figure
    from setback.analysis.map import grid_of, mapped

    study = results.study
    if study["worlds"]["design"] in ("ablation", "posterior"):
        return None
    if len(results.worlds) > 1:
        outcome = study["claim"]["outcome"] if study["claim"] else study["keep"]["outcomes"][0]
        names = [*results.worlds.columns]
        found = mapped(results, grid_of(results, names[:2]), effects_of(results, outcome))
        return map_figure(found, title_of_worlds(results), names[2:])
    if not len(results.twins):
        return None
    return claims_figure(results.claims(), _title(results))


def title_of_worlds(results: Results) -> str:
    """Say what was run of a study of many worlds."""
    study = results.study
    rooms = f"{study['rooms']} room{'s' * (study['rooms'] != 1)}"
    return f"{study['name']}: {rooms} in each of {len(results.worlds):,} worlds"


def _title(results: Results) -> str:
    policies, classes = len(results.policies), results.study["rooms"]
    if len(results.worlds) > 1:
        return title_of_worlds(results)
    of = f"{policies} polic{'y' if policies == 1 else 'ies'}"
    return f"{of}, the same {classes} class{'es' * (classes != 1)} and the same luck"
