"""Where it holds: the map over what varies, the conditions that separate the two, and the numbers that decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from setback.analysis.by_world import Effect, Limit
from setback.analysis.figures.style import words
from setback.analysis.report.policies import by_policy, is_of_worlds, led_by
from setback.analysis.report.section import (
    Asked,
    Column,
    Picture,
    Section,
    Table,
    in_words,
    many,
    number_column,
    sentence,
    text_column,
)
from setback.model.errors import InputError

if TYPE_CHECKING:
    from setback.analysis.decision import Decision
    from setback.analysis.discovery import Discovery
    from setback.analysis.load import Results

ONE_WORLD = (
    "One world: the study gives every uncertain number one value, so nothing says {what}; a table [worlds] in the "
    "study file varies them (docs/studies.md)."
)


def map_section(asked: Asked) -> Section:
    """Draw for whom a failure is what; without twins of groups, the outcome over the numbers that were named first."""
    from setback.analysis.report.students import map_of_students
    from setback.analysis.student_map import has_students
    from setback.analysis.verdicts import of_one_fit
    from setback.analysis.written import drawn

    results, title = asked.results, "The map"
    if has_students(results):
        found = map_of_students(results, title)
        return found._replace(text=(*found.text, *filter(None, [of_one_fit(asked.results.study, asked.verdicts)])))
    if not is_of_worlds(results):
        return Section("map", title, absent=ONE_WORLD.format(what="where else the answer holds"))
    figure = drawn(results)
    if figure is None:
        return Section("map", title, absent="This study switches causes off one by one; setback ablate draws it.")
    names = [str(name) for name in results.worlds.columns]
    along = " and ".join(words(name) for name in names[:2])
    text = (
        f"Each panel is a policy, each cell the worlds that are alike in {along}; its colour is the mean "
        f"{words(led_by(results))} there. The study has {many(len(results.worlds), 'world')}, which differ in "
        f"{many(len(names), 'number')}.",
    )
    caption = f"{words(led_by(results)).capitalize()} over {along}, policy by policy."
    return Section("map", title, text, pictures=(Picture("map", caption, figure),))


def separates_section(asked: Asked) -> Section:
    """Say what sets failing apart from learning, and in which worlds the claim holds or the leading policy loses."""
    from setback.analysis.report.students import separating
    from setback.analysis.student_map import has_students

    results, title = asked.results, "What separates the two"
    of_failures = separating(results) if has_students(results) else Section("separates", title)
    text, tables, pictures, why = [*of_failures.text], [*of_failures.tables], [*of_failures.pictures], NOTHING_SOUGHT
    if is_of_worlds(results):
        of_claim = _of_claim(results)
        losses = [] if asked.decision is None else _losses(asked.decision)
        text, why = [*text, *of_claim.text, *losses], of_claim.absent or why
        tables, pictures = [*tables, *of_claim.tables], [*pictures, *of_claim.pictures]
    else:
        why = ONE_WORLD.format(what="under which conditions the answer turns")
    if not text:
        return Section("separates", title, absent=of_failures.absent or why)
    return Section("separates", title, tuple(text), tables=tuple(tables), pictures=tuple(pictures))


def _of_claim(results: Results) -> Section:
    """Say under which conditions on the numbers of a world the claim holds."""
    from setback.analysis import by_world, discovery
    from setback.analysis.figures import discovery_figure

    if not results.study["claim"]:
        return Section("separates", "")
    effect, limit, case = _claimed(results)
    try:
        values = by_world.of_worlds(results, effect)
        cases = pd.Series(limit.beyond(values.to_numpy(float)), values.index)
        worlds = results.worlds.loc[cases.index]
        box = discovery.discover(worlds, cases)
    except InputError as error:
        return Section("separates", "", absent=sentence(str(error)))
    said = box.sentence(case)
    if not box.conditions:
        return Section("separates", "", (in_words(said), MEASURES))
    picture = Picture("separates", said, discovery_figure(box, worlds, cases, ""))
    return Section("separates", "", (in_words(said), MEASURES), tables=(conditions_table(box),), pictures=(picture,))


#: Why no conditions were sought.
NOTHING_SOUGHT = (
    "No claim was stated, and each policy is best in all worlds or in none, so there is nothing to set apart by "
    "conditions; a table [claim] in the study file states one."
)
#: What the shares of a box are.
MEASURES = (
    "The conditions were sought in one half of the worlds and are judged in the other. Density is how often it is so "
    "where the conditions hold; coverage is how many of all worlds in which it is so lie there."
)


def _claimed(results: Results) -> tuple[Effect, Limit, str]:
    """Give what the claim of a study says: an effect, its limit, and both in words."""
    claim = results.study["claim"]
    above = claim["direction"] == "above"
    effect = Effect(claim["outcome"], claim["policy"], claim["against"] or "", results.unit(claim["outcome"]))
    limit = Limit(float(claim["beyond"]) if above else 0.0 - float(claim["beyond"]), above)
    return effect, limit, f"{effect} lies {limit} {effect.unit}"


def _losses(found: Decision) -> list[str]:
    best = found.policies["best"]
    some = best.index[(best > 0) & (best < 1)]
    return [in_words(found.losses[name].sentence(f"{name} is not best")) for name in some]


def conditions_table(box: Discovery, name: str = "separates", caption: str = "") -> Table:
    """Show the conditions of a box, those that matter most first."""
    rows = [
        {"number": one.name, "condition": str(one), "density": one.density, "p": one.p, "measured": one.is_measured}
        for one in box.conditions
    ]
    columns = (
        text_column("condition"), number_column("density", "density without it, %", "share"),
        Column("can be looked up", lambda row: "yes" if row["measured"] else "no", is_number=False),
    )  # fmt: skip
    said = caption or "The conditions, those that matter most first."
    return Table(name, said, pd.DataFrame(rows, columns=CONDITIONS), columns)


CONDITIONS = ["number", "condition", "density", "p", "measured"]


def sensitivity_section(asked: Asked) -> Section:
    """Say which of the numbers that nobody knows decide the answer."""
    from setback.analysis import sensitivity as estimates
    from setback.analysis.figures import sensitivity_figure

    results, title = asked.results, "Which unknown numbers decide it"
    if not is_of_worlds(results):
        return Section("sensitivity", title, absent=ONE_WORLD.format(what="which of these numbers matter"))
    claim = results.study["claim"]
    leader = str(by_policy(results, led_by(results)).index[0])
    effect = _claimed(results)[0] if claim else Effect(led_by(results), leader, "", results.unit(led_by(results)))
    try:
        found = estimates.sensitivity(results, effect)
    except InputError as error:
        return Section("sensitivity", title, absent=sentence(str(error)))
    measure = found.measures[-1]
    columns = (
        Column("number", lambda row: words(str(row["number"])), is_number=False),
        number_column(measure, f"how much it decides ({measure})", "", (f"{measure} low", f"{measure} high"), digits=2),
        Column("told from nothing", lambda row: "yes" if row[f"{measure} told"] else "no", is_number=False),
    )
    drawn = "paths" if measure == "mu_star" else "worlds"
    text = (
        f"{MEASURED[measure].format(effect)} What cannot be told from nothing is said to be so.",
        in_words(found.sentence()),
        f"Estimated by {found.method} from {many(found.worlds, 'world')}; ranges are 95 % by drawing {drawn} anew.",
    )
    left = len(found.table) - NUMBERS
    more = f"; the {left} that decide less are in the CSV file" if left > 0 else ""
    caption = f"The numbers that vary, the largest first{more}."
    table = Table("sensitivity", caption, found.table.head(NUMBERS), columns, kept=found.table)
    picture = Picture("sensitivity", "The same as a figure.", sensitivity_figure([found], ""))
    return Section("sensitivity", title, text, tables=(table,), pictures=(picture,))


#: How many of the numbers that vary a page has room for.
NUMBERS = 20
#: What each measure says of an effect.
MEASURED = {
    "S1": "How much of what differs between worlds in {} goes back to each number alone; 0 is nothing, 1 is all of it.",
    "ST": "In how much of what differs between worlds in {} each number has a part, alone or with others; 0 is "
    "nothing, 1 is all of it.",
    "mu_star": "How far {} moves on average, this way or that, when each number moves over its range.",
}
