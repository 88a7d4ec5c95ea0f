"""Where it holds: the map over what varies, the conditions that separate the two, and the numbers that decide."""

from __future__ import annotations

from setback.analysis.figures.style import words
from setback.analysis.report.policies import is_of_worlds, led_by
from setback.analysis.report.section import Asked, Picture, Section, many

ONE_WORLD = (
    "One world: the study gives every uncertain number one value, so nothing says {what}; a table [worlds] in the "
    "study file varies them (docs/studies.md)."
)


def map_section(asked: Asked) -> Section:
    """Draw the outcome that the report is about over the two numbers that were named first."""
    from setback.analysis.written import drawn

    results, title = asked.results, "The map"
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
    """Say which conditions separate worlds in which failing is learning from those in which it is failing."""
    title = "What separates the two"
    if not is_of_worlds(asked.results):
        return Section("separates", title, absent=ONE_WORLD.format(what="under which conditions the answer turns"))
    return Section("separates", title, absent="This version of the report names no conditions.")


def sensitivity_section(asked: Asked) -> Section:
    """Say which of the numbers that nobody knows decide the answer."""
    title = "Which unknown numbers decide it"
    if not is_of_worlds(asked.results):
        return Section("sensitivity", title, absent=ONE_WORLD.format(what="which of these numbers matter"))
    return Section("sensitivity", title, absent="This version of the report ranks no numbers.")
