"""Write the tables of glossary, migration, sources, evidence and the fit that ships: ``python docs/write.py``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from setback.analysis import fit, mediation, switch, trials_needed, verdicts
from setback.analysis.audit import overall
from setback.experiments.evidence.rows import facts, targets
from setback.experiments.twins.estimands import ESTIMANDS
from setback.model.catalogue import mechanisms
from setback.model.grammar import check
from setback.model.mechanism import declaration
from setback.model.outcomes import OUTCOMES, STATES
from setback.model.parameters import LEVER_NAMES, ROWS, TABLE
from setback.model.policies import ALIASES, PARTS, PRESETS
from setback.model.reading import read_toml
from setback.model.references import ASSUMED, FITTED, references
from setback.model.shipped import shipped
from setback.model.state import OPENED, ROSTER, STATE, TALLY, TRACE
from setback.page.build import SECTIONS, meanings
from setback.page.words import english

DOCS = Path(__file__).parent
#: The kinds of slots, in words.
KINDS = {
    "from the roster": ROSTER, "fixed for the year": OPENED, "carried from week to week": STATE,
    "computed each week": TRACE, "added up over the year": TALLY,
}  # fmt: skip


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Lay out rows as a table of Markdown."""
    lines = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in ([*heads], ["---" for _ in heads], *lines))


def slots() -> str:
    """List every slot, kind by kind."""
    rows = [(f"`{s.name}`", s.of, s.unit, kind, s.description) for kind, part in KINDS.items() for s in part]
    return table(("slot", "of a", "unit", "kind", "meaning"), rows)


def outcomes() -> str:
    """List every outcome."""
    return table(("outcome", "unit", "meaning"), ((f"`{n}`", o.unit, o.description) for n, o in OUTCOMES.items()))


def states() -> str:
    """List the five states, with the thresholds of the model."""
    words, percent = english(()), ("control", "expectancy")
    rows = []
    for k, (state, given) in enumerate(zip(STATES, meanings())):
        numbers = {name: f"{x:.0%}" if name in percent else f"{x:g}" for name, x in given.items()}
        rows.append((state, words[f"meaning.{k}"].format(**numbers)))
    return table(("state", "meaning"), rows)


def mechanism_rows() -> str:
    """List every mechanism with its group."""
    rows = ((f"`{m.name}`", m.group, ROWS[f"strength_{m.name}"].description.partition(": ")[2].rstrip("."))
            for m in mechanisms())  # fmt: skip
    return table(("mechanism", "group", "meaning"), rows)


def parameters() -> str:
    """List the parameters by their group."""
    words, groups, group = english(()), dict[str, list[str]](), ""
    begins = {row: section for section, row in SECTIONS.items()}
    for row in TABLE:
        group = begins.get(row.name, group)
        if row.kind != "policy" and not row.name.startswith("strength_"):
            groups.setdefault(words[f"world.{group}"], []).append(f"`{row.name}`")
    return table(("group", "parameters"), ((group, ", ".join(names)) for group, names in groups.items()))


def levers() -> str:
    """List every lever of a policy."""
    rows = ((f"`{name}`", ROWS[name].unit, ROWS[name].description.rstrip(".")) for name in LEVER_NAMES)
    return table(("lever", "unit", "meaning"), rows)


def policies() -> str:
    """List the parts, group by group, and the presets."""
    rows = [(f"`{name}`", part.group, part.description.rstrip(".")) for name, part in PARTS.items()]
    old = {new: f", once called `{name}`" for name, new in ALIASES.items()}
    rows += [(f"`{name}`", "preset", f"`{text}`{old.get(name, '')}") for name, text in PRESETS.items()]
    return table(("policy", "group", "meaning"), rows)


def estimands() -> str:
    """List every estimand."""
    rows = ((f"`{e.name}`", e.unit, e.definition) for e in ESTIMANDS.values())
    return table(("estimand", "unit", "meaning"), rows)


def renames() -> str:
    """List every name that was given up, kind by kind."""
    found = read_toml(shipped("setback.model") / "renames.toml", "renames")
    rows = ((kind, f"`{old}`", f"`{new}`") for kind, names in found.items() for old, new in names.items())
    return table(("kind", "old", "new"), rows)


def sources() -> str:
    """List every source with what it supports and what cites it: numbers and levers, equations."""
    said = {function.__name__: one.source for function in check() if (one := declaration(function))}
    rows = []
    for key, one in references().items():
        whole = ", ".join(filter(None, (f"{one.author} {one.year}".strip(), one.title and f"*{one.title}*")))
        place = f"[{one.doi}](https://doi.org/{one.doi})" if one.doi else one.number
        numbers = ", ".join(f"`{row.name}`" for row in TABLE if key in row.source.split("; "))
        equations = ", ".join(f"`{name}`" for name, source in said.items() if key in source.split("; "))
        seen = "seen" if one.seen else "from memory"
        rows.append((", ".join(filter(None, (whole, place))), one.supports, seen, numbers, equations))
    return table(("source", "what it supports", "text", "numbers and levers", "equations"), rows)


def assumed() -> str:
    """Count the numbers of each kind, those of them that nothing supports, and those that the fit told."""
    kinds = {"student": "students and classes", "mechanism": "mechanisms, teacher time, gains", "policy": "levers"}
    rows = []
    for kind, words in kinds.items():
        found = [row.source for row in TABLE if row.kind == kind]
        rows.append((words, *map(str, (len(found), found.count(ASSUMED), found.count(FITTED)))))
    return table(("numbers of", "all", "assumed", "fitted"), rows)


def effects() -> str:
    """List every published effect: what was measured, the figure with its tolerance, and whether a fit must have it."""
    rows = ((row.id, row.quantity, row.target.said, "yes" if row.required else "no", row.target.source)
            for row in targets().values())  # fmt: skip
    return table(("row", "what is measured", "published", "required", "source"), rows)


def book_facts() -> str:
    """List every statistic of real grade books: the figure with its tolerance."""
    rows = ((fact.id, fact.dataset, fact.statistic, fact.target.said) for fact in facts().values())
    return table(("row", "data", "what is measured", "published"), rows)


def fit_said() -> str:
    """Say what the fit found, a line a sentence."""
    return "\n".join(f"- {sentence}" for sentence in fit.sentences(fit.read(fit.REFERENCE)))


def fit_scores() -> str:
    """List how near each model comes."""

    def share(of: float) -> str:
        return "" if of != of else f"{of:.0%}"

    def nearer(row: Mapping[str, float]) -> str:
        said = "{nearer:+.2f} [{nearer_low:+.2f}, {nearer_high:+.2f}]"
        return "" if row["nearer"] != row["nearer"] else said.format_map(row)

    rows = (
        (str(name), f"{row['numbers']:.0f}", share(row["numbers_in"]), share(row["numbers_out"]), f"{row['signs']:.0f}",
         share(row["signs_in"]), share(row["signs_out"]), f"{row['distance']:.2f}", nearer(row))
        for name, row in fit.scores(fit.read(fit.REFERENCE)).iterrows()
    )  # fmt: skip
    heads = (
        "model",
        "numbers",
        "fitted",
        "left out",
        "signs",
        "fitted",
        "left out",
        "distance left out",
        "cycle less it",
    )
    return table(heads, rows)


def fit_effects() -> str:
    """List what a failure causes, by context, model and way of fitting."""
    found, rows = fit.effects(fit.read(fit.REFERENCE)), []
    for context, words in fit.CALLED.items():
        of = found[found["context"] == context].set_index(["model", "variant"])

        def said(model: str, variant: str) -> str:
            row = of.loc[(model, variant)]  # noqa: B023, called before the next context
            return "{mean:.2f} ({low:.2f} to {high:.2f})".format_map(row)

        rows.append(
            (words, *(said(fit.CYCLE, v) for v in ("joint", "halved", "unshared")), said(fit.NO_CYCLE, "joint"))
        )
    return table(("where", "fitted", "small trials halved", "gains not shared", "fitted without a cycle"), rows)


def measured(row: str) -> str:
    """Say what a row of the evidence is of."""
    return targets()[row].quantity if row in targets() else facts()[row].statistic


def fit_misses() -> str:
    """List what the fit misses, and why it may."""
    why = read_toml(DOCS / "misses.toml", "misses.toml")
    rows = []
    for row, found in fit.missed(fit.read(fit.REFERENCE)).iterrows():
        off = f"{found['in_distance']:+.1f}" if found["number"] else f"{found['in_share']:.0%} of draws"
        rows.append(
            (str(row), measured(str(row)), str(found["published"]), f"{found['mean']:.3g}", off, str(why[str(row)]))
        )
    return table(("row", "what is measured", "published", "fitted", "off by", "why it may be"), rows)


def fit_numbers() -> str:
    """List the numbers whose variance fell below half of the prior's."""
    lies = "{fitted_middle:.2g} ({fitted_low:.2g} to {fitted_high:.2g})"
    rows = (
        (
            f"`{name}`", f"{row['low']:g} to {row['high']:g}", lies.format_map(row), f"{row['left_joint']:.2f}",
            f"{row['coverage']:.0%}", "yes" if row["identified"] else "no",
        )
        for name, row in fit.identified(fit.read(fit.REFERENCE)).iterrows()
    )  # fmt: skip
    return table(("number", "prior", "fitted", "variance left", "coverage", "identified"), rows)


def audited() -> str:
    """List in which share of prior worlds each prediction holds, over the declared cross."""
    rows = (
        (
            f"{row['prediction']}: {row['says']}", f"{row['holds']:.2f}",
            f"{row['least']:.2f} – {row['most']:.2f}" if row["policies"] > 1 else "", f"{row['opposite']:.2f}",
            str(row["worlds"]), str(row["left_out"]), str(row["said"]),
        )
        for row in overall(verdicts.audited()).to_dict("records")
    )  # fmt: skip
    heads = "prediction", "holds", "least – most", "opposite", "worlds", "left out", "said"
    return table(heads, rows)


def verdicts_said() -> str:
    """Say what became of the predictions, a line a sentence."""
    return "\n".join(f"- {sentence}" for sentence in verdicts.sentences(verdicts.reference()))


def verdicts_counted() -> str:
    """List what became of each prediction, in how many policies of the declared cross."""
    rows = []
    for row in verdicts.over_the_cross(verdicts.reference()).to_dict("records"):
        counts = ", ".join(f"{row[word]} {word}" for word in verdicts.VERDICTS if row[word])
        shares = (f"{row[name]:.2f}" for name in ("opposite", "holds_without", "prior"))
        span = f"{row['least']:.2f} – {row['most']:.2f}" if row["policies"] > 1 else f"{row['holds']:.2f}"
        rows.append(
            (f"{row['prediction']}: {row['says']}", counts, span, *shares, f"{row['firm']} of {row['policies']}")
        )
    heads = "prediction", "verdicts", "holds in", "opposite", "no cycle", "prior", "same"
    return table(heads, rows)


def verdicts_failing() -> str:
    """List for each prediction a world of the fit in which it fails, under the policy where it holds in fewest."""
    rows, found = [], verdicts.reference()
    for name, mine in found[found["example"] >= 0].groupby("prediction", sort=False):
        row = mine.loc[mine["holds"].idxmin()]
        share = f"{1.0 - row['prior']:.2f}", f"{1.0 - row['holds']:.2f}"
        rows.append(
            (str(name), f"`{row['policy']}`", *share, str(row["example"]), f"{row['example_value']:.3g} {row['unit']}")
        )
    return table(("prediction", "policy", "fails before any fit", "fails in the fit", "world", "its figure"), rows)


def _between(row: Mapping[str, float], name: str, ends: str, form: str) -> str:
    """Write a figure with its interval; nothing where there is none."""
    value, low, high = row[name], row[f"{ends}low"], row[f"{ends}high"]
    if value != value:
        return ""
    return format(value, form) + (f" ({low:{form}} to {high:{form}})" if low == low else "")


def mediated() -> str:
    """List through which receivers a failure does what it does, effect by effect."""
    rows = []
    for row in mediation.reference().to_dict("records"):
        symbol = f"{ESTIMANDS[row['estimand']].symbol}, {row['unit']}" if row["kind"] == "whole" else ""
        ends = (_between(row, end, f"{end}_", "+.3f") for end in ("first", "last"))
        name, value = mediation.name_of(row), _between(row, "value", "", "+.3f")
        rows.append((symbol, name, value, mediation.percent(row["part"]), *ends))
    return table(("effect", "through", "share", "of the whole", "first in", "last in"), rows)


def mediated_said() -> str:
    """Say through which receivers a failure breeds failures, a line a sentence."""
    return "\n".join(f"- {sentence}" for sentence in mediation.sentences(mediation.reference()))


def switched() -> str:
    """List what became of the students in the switch, with either quota."""
    found = switch.reference().set_index(["figure", "quota"])
    rows = []
    for figure, unit in switch.FIGURES.items():
        form = ".1f" if unit == "weeks" else ".3f"
        rows.append(
            (figure, unit, *(_between(found.loc[(figure, quota)], "value", "", form) for quota in switch.SAID.values()))
        )
    return table(("figure", "unit", *switch.SAID.values()), rows)


def switched_said() -> str:
    """Say what became of the students in the switch, a line a sentence."""
    return "\n".join(f"- {sentence}" for sentence in switch.sentences(switch.reference()))


def trials() -> str:
    """List what trials of the policies that ship would need."""
    rows = []
    for row in trials_needed.reference().to_dict("records"):
        classes = (trials_needed.count(row[name]) for name in ("classes", "unadjusted"))
        effect = _between(row, "effect", "effect_", "+.2f")
        rows.append((f"`{row['second']}`", f"`{row['first']}`", row["outcome"], *classes, effect, f"{row['low']:.2f}"))
    heads = "policy", "against", "outcome", "classes in each arm", "without the opening score", "effect"
    return table((*heads, "power in the worst tenth of worlds"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "slots": slots, "outcomes": outcomes, "states": states, "mechanisms": mechanism_rows, "parameters": parameters,
    "levers": levers, "policies": policies, "estimands": estimands, "renames": renames, "sources": sources,
    "assumed": assumed, "effects": effects, "facts": book_facts, "fit_said": fit_said, "fit_scores": fit_scores,
    "fit_effects": fit_effects, "fit_misses": fit_misses, "fit_numbers": fit_numbers,
    "audited": audited, "verdicts_said": verdicts_said, "verdicts_counted": verdicts_counted,
    "verdicts_failing": verdicts_failing, "mediated": mediated, "mediated_said": mediated_said,
    "switched": switched, "switched_said": switched_said, "trials_needed": trials,
}  # fmt: skip
#: The files that have tables.
FILES = ("glossary.md", "migration.md", "sources.md", "evidence.md", "fit.md", "claims.md", "power.md")


def written(text: str) -> str:
    """Give the text with every table between its two marks written anew.

    Raises:
        KeyError: if a mark names no table.
    """
    return re.sub(
        r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}\n{TABLES[m[2]]()}\n\n{m[3]}", text, flags=re.S
    )


if __name__ == "__main__":
    for name in FILES:
        (DOCS / name).write_text(written((DOCS / name).read_text(encoding="utf-8")), encoding="utf-8")
