"""The tables that verbs print: claims, worlds, contrasts and ablations, each with what its columns mean."""

from __future__ import annotations

from typing import Any

from setback.cli.output import console, known, print_table

#: Outcomes that the table of a sweep shows; all that were kept are in its files.
SHOWN_OUTCOMES = (
    "learning",
    "practice_error_rate",
    "below_criterion_rate",
    "failing_grade_told_rate",
    "helpless",
    "dropout",
)


def worlds(frame: Any, outcomes: list[str]) -> None:
    """Print one line a policy: each outcome's mean over worlds and spread between them."""
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column("policy", no_wrap=True)
    for outcome in outcomes:
        unit = frame[frame["outcome"] == outcome]["unit"].iloc[0]
        table.add_column(f"{outcome}\n{unit}", justify="right", no_wrap=True)
    for policy, rows in frame.groupby("policy", sort=False):
        of = rows.set_index("outcome")
        table.add_row(str(policy), *(f"{of.loc[o, 'mean']:.3f} ± {of.loc[o, 'spread']:.3f}" for o in outcomes))
    print_table(table, markup=False)
    console().print(
        "\nMean over worlds ± SD between worlds, under every policy in the same rooms. practice_error_rate: (i); "
        "below_criterion_rate: below the criterion or not handed in (ii); failing_grade_told_rate: told so (iii-a). "
        "All of it is said of the model.",
        highlight=False,
    )


def decision(found: Any, against: str) -> None:
    """Print one line a policy, and its difference from one of them.

    Args:
        found: a `setback.analysis.decision.Decision`.
        against: the policy that the others are set against.
    """
    from rich.table import Table

    unit, pairs = found.judge.unit, found.against(against).set_index("second")
    table = Table(header_style="bold", pad_edge=False, box=None, padding=(0, 1), collapse_padding=True)
    table.add_column("policy", no_wrap=True)
    heads = [f"{found.judge.name}\n{unit}", "best in\n% of worlds", f"regret\n{unit}, mean", "\nlargest"]
    heads += [
        f"less {against}\n{unit}, 95 %",
        "better there\n% of worlds",
        *([f"better, worse\n% of {found.of}"] if found.of else []),
    ]
    others = [o for o in found.objectives if o != found.judge.name]
    for head in [*heads, *(o.replace("_", "\n", 1) for o in others), "front"]:
        table.add_column(head, justify="right", no_wrap=True)
    for policy, row in found.policies.iterrows():
        shown = [known(row["mean"]), f"{100 * row['best']:.0f}", known(row["regret"]), known(row["largest_regret"])]
        if policy == against:
            shown += ["", "", *([""] if found.of else [])]
        else:
            pair = pairs.loc[policy]
            reach = "" if pair["low"] != pair["low"] else f" [{pair['low']:+.3f}, {pair['high']:+.3f}]"
            off = [f"{100 * pair[k]:.0f}" if pair[k] == pair[k] else "-" for k in ("better_off", "worse_off")]
            shown += [f"{pair['difference']:+.3f}{reach}", f"{100 * pair['second_better']:.0f}"]
            shown += [", ".join(off)] if found.of else []
        table.add_row(str(policy), *shown, *(known(row[o]) for o in others), "*" if row["front"] else "")
    print_table(table, markup=False)
    console().print(
        "\nEvery policy in the same worlds and rooms with the same luck. regret: how far behind the best policy of a "
        "world. *: on the Pareto front.\nIntervals are by the luck of the rooms, which is taken out before worlds are "
        "counted (docs/decision.md).\n",
        highlight=False,
    )


def groups(frame: Any) -> None:
    """Print, grouping by grouping, one line a policy: what it does in each group, and how far that differs.

    Args:
        frame: what `setback.analysis.groups.groups` gives of one outcome.
    """
    from rich.table import Table

    from setback.analysis.groups import most_apart
    from setback.analysis.student_map import plainly

    against = next(iter(frame[frame["less_policy"] != ""]["less_policy"]), "")
    of = f"{frame['outcome'].iloc[0]}, {frame['unit'].iloc[0]}"
    for by, rows in frame.groupby("by", sort=False):
        lines = Table(header_style="bold", pad_edge=False, box=None, title=f"\n{by}: {of}", title_justify="left")
        lines.add_column("policy", no_wrap=True)
        means = rows[rows["kind"] == "mean"]
        labels = list(dict.fromkeys(means["group"]))
        first, last = labels[0], labels[-1]
        for label in labels:
            size = means[means["group"] == label]["students"].iloc[0]
            said = plainly(str(by), label, labels)
            lines.add_column(f"{said}\n{size:,.0f} students", justify="right", no_wrap=True)
        end, start = (plainly(str(by), label, labels) for label in (last, first))
        lines.add_column(f"{end}\nless {start}", justify="right", no_wrap=True)
        shown = dict.fromkeys([*([against] if against else []), *most_apart(rows)])
        for policy in shown:
            mine = rows[rows["policy"] == policy]
            kinds = ("mean", "gap") if policy == against or not against else ("effect", "interaction")
            cells = [mine[(mine["kind"] == kinds[0]) & (mine["group"] == label)] for label in labels]
            cells.append(mine[(mine["kind"] == kinds[1]) & (mine["group"] == last)])
            name = policy if kinds[0] == "mean" else f"  {policy}, less that"
            lines.add_row(name, *(_with_interval(cell.iloc[0]) for cell in cells))
        print_table(lines, markup=False)
        if more := rows["policy"].nunique() - len(shown):
            console().print(f"  and {more} between these, whose effects differ less between groups", highlight=False)
    console().print(
        "\nThe first policy as it is, the others less it in the same rooms, with intervals of 95 % over other rooms. "
        "Last: how far\nthat differs between groups; an interval without 0 says for whom it does more. All of it is "
        "said of the model.",
        highlight=False,
    )


def _with_interval(row: Any) -> str:
    if row["value"] != row["value"]:
        return "-"
    return f"{row['value']:.3f}" + (f" [{row['low']:.3f}, {row['high']:.3f}]" if row["low"] == row["low"] else "")


def claims(entries: list[dict[str, Any]], draw: str = "class") -> None:
    """Print one line a policy under the name of its grading; five kinds of failing, never one.

    Args:
        entries: what `setback.analysis.claims.cells` gives.
        draw: what intervals treat as one draw, ``class`` or ``school``.
    """
    from rich.table import Table

    turned = [shown for shown in SHOWN_EFFECTS if any(shown[0] in entry for entry in entries)]
    table = Table(header_style="bold", pad_edge=False, box=None, padding=(0, 1), collapse_padding=True)
    table.add_column("grading\n  everything else", no_wrap=True)
    heads = ["learning\nSD", "i", "ii", "iii-a", "iii-b", "iii-c", "helpless\n%", "stopped\n%"]
    for head in heads + [f"{head}\n{unit}, 95 %" for _, head, _, unit, _ in turned]:
        table.add_column(head if "\n" in head else f"{head}\n%", justify="right", no_wrap=True)
    last = None
    for entry in entries:
        if not {"learning", "dropout", *KINDS_OF_FAILING} <= entry["outcomes"].keys():
            console().print("  (the table needs outcomes that this study did not keep)", highlight=False)
            return
        if entry["grading"] != last:
            last = entry["grading"]
            table.add_row(f"[bold]{last}[/bold]")
        of = {name: row["value"] for name, row in entry["outcomes"].items()}
        shown = [f"{of['learning']:.2f}", *(f"{100 * of[name]:.0f}" for name in KINDS_OF_FAILING)]
        shown.append(f"{100 * of['dropout']:.1f}")
        shown += [_interval(entry, flip, estimand, digits) for flip, _, estimand, _, digits in turned]
        table.add_row(f"  {_rest(entry)}", *shown)
    print_table(table)
    console().print(LEGEND + (LEGEND_OF_TWINS.format(draw=draw) if turned else ""), highlight=False)
    if turned:
        for sentence in _twins_behind(
            entries, [flip for flip, *_ in turned], "classes" if draw == "class" else "schools"
        ):
            console().print(sentence, highlight=False)


def _interval(entry: dict[str, Any], flip: str, estimand: str, digits: int) -> str:
    """Write an effect on the treated with its interval; a ? where too little stands behind it to say anything."""
    found = entry[flip]["spared"][estimand] if flip in entry else {"value": None}
    if found["value"] is None:
        return "-"
    value = f"{found['value']:.{digits}f}"
    if found["low"] is not None:
        value += f" [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"
    return value + (" ?" if found["few"] else "")


def _twins_behind(entries: list[dict[str, Any]], flips: list[str], draws: str) -> list[str]:
    """Say how many twins stand behind the figures, and where they are too few."""
    from setback.analysis.estimate import FEW_ROOMS, FEW_TWINS

    behind = [entry[flip]["spared"]["R_F"] for entry in entries for flip in flips if flip in entry]
    counts = [found["n"] for found in behind if found["n"]] or [0]
    said = [f"Twins behind a figure: {min(counts)} to {max(counts)}."]
    few = sum(found["few"] and found["n"] > 0 for found in behind)
    if few:
        said.append(
            f"?: fewer than {FEW_TWINS} twins or {FEW_ROOMS} {draws}; {few} of the figures say hardly anything."
        )
    return said


KINDS_OF_FAILING = (
    "practice_error_rate",
    "below_criterion_rate",
    "failing_grade_told_rate",
    "failing_grade_counted_rate",
    "failing_grade_compared_rate",
    "helpless",
)
LEGEND = """
Failing, in % of all weeks: errors at practice (i), below the criterion or not handed in (ii), told so (iii-a),
counted (iii-b), compared (iii-c). learning: conceptual gain of the year, in SDs of a year-end test. helpless: control
below the lowest tenth at the start, of those enrolled. stopped: left for good."""
#: The effects of a failure that the table leads with: flip, head, estimand, unit, digits.
SHOWN_EFFECTS = (
    ("line", "failed: R_F(9)", "R_F", "failures", 2),
    ("label", "verdict alone: R_F(9)", "R_F", "failures", 2),
    ("criterion", "short: R_F(9)", "R_F", "failures", 2),
    ("practice", "error: V_F", "V_F_unit", "SD", 3),
)
LEGEND_OF_TWINS = """
failed: being failed, by luck at the policy's own line; verdict alone: the same results called failing; short: falling
short of the criterion, told or not; error: an error at practice. R_F(9): further failures (ii) within nine weeks that
one of these caused; above 0 failing breeds failing. V_F: what it did to conceptual knowledge at the next test; above 0
failing teaches. -: nobody utters a verdict, or nothing to turn. Intervals treat each {draw} as one draw. All of it is
said of the model."""


def estimands(frame: Any, claimed: str = "") -> None:
    """Print one line a policy: what a failure causes, mean over worlds with its interval, and what few twins allow.

    Args:
        frame: what `setback.analysis.worlds.estimands` gives.
        claimed: the effect that the study's claim is on, shown beside the usual ones.
    """
    from rich.table import Table

    from setback.analysis.estimate import FEW_TWINS

    there = {*frame["estimand"]}
    heads = {
        name if flip == "line" else f"{name}.{flip}": (head, digits) for flip, head, name, _, digits in SHOWN_EFFECTS
    }
    shown = {name: said for name, said in heads.items() if name in there}
    if claimed in there and claimed not in shown:
        shown[claimed] = (claimed, 3)
    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column("policy", no_wrap=True)
    units = frame.set_index("estimand")["unit"].to_dict()
    for name, (head, _) in shown.items():
        table.add_column(f"{head}\n{units[name]}, 95 %, ± SD", justify="right", no_wrap=True)
    mine = frame[frame["estimand"].isin(shown)]
    for policy, rows in mine.groupby("policy", sort=False):
        of = rows.set_index("estimand").to_dict("index")
        table.add_row(str(policy), *(_over_worlds(of[name], digits) for name, (_, digits) in shown.items()))
    terminal = console(markup=False)
    terminal.print("")
    print_table(table, markup=False)
    terminal.print(
        "\nWhat a failure causes (setback list estimands): mean over worlds, in brackets what other rooms would make "
        "of it, ± SD\nbetween worlds without the luck of rooms. failed: by luck at the policy's line; verdict alone: "
        "the same results called\nfailing. -: nothing to turn, or nobody utters a verdict. estimands.csv has "
        "all of them.",
        highlight=False,
    )
    there_are = mine[mine["worlds"] > 0]
    if len(there_are):
        terminal.print(f"Twins in a world: {there_are['fewest'].min():,} and more.", highlight=False)
    if few := int(mine["few"].sum()):
        terminal.print(
            f"?: fewer than {FEW_TWINS} twins in a world on average, or one room; {few} of the figures say hardly "
            "anything of single worlds.\nTake a larger share in [twins], or more rooms.",
            highlight=False,
        )


def _over_worlds(found: dict[str, Any], digits: int) -> str:
    """Write a mean over worlds with its interval and spread; a ? where too few twins stand behind it."""
    if not found["worlds"]:
        return "-"
    value = f"{found['mean']:.{digits}f}"
    if found["low"] == found["low"]:
        value += f" [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"
    return f"{value} ± {found['spread']:.{digits}f}" + (" ?" if found["few"] else "")


def _rest(entry: dict[str, Any]) -> str:
    """What a policy is beside its grading; support, climate and levers only where they are not the reference."""
    from setback.analysis.claims import beside

    return ", ".join(beside(entry, ("grading", "pacing", "sequence"), first=("pacing", "sequence")))


def contrast(frame: Any, first: str, second: str) -> None:
    """Print one line an outcome: under A, under B, and what differs."""
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column("outcome", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for column in ("A", "B", "B - A [95 %]"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in frame.iterrows():
        change = known(row["difference"])
        if row["low"] == row["low"]:  # a single room has no interval
            change += f" [{row['low']:.3f}, {row['high']:.3f}]"
        table.add_row(str(name), row["unit"], known(row["first"]), known(row["second"]), change)
    terminal = console(markup=False)
    terminal.print(f"A: {first}\nB: {second}\n", highlight=False)
    print_table(table)
    told = frame[frame["better_off"].notna()]
    if not len(told):
        terminal.print("\nStudents better and worse off: needs --replicates 20 or more.", highlight=False)
        return
    print()
    print_table(_better_off(told))
    terminal.print(
        "\nStudents under B whose mean over the years of luck is more than 0.05 SD above that under A, below it, or "
        "neither.\nIn one year: who would be called so in one year of luck, where chance decides as well.",
        highlight=False,
    )


def _better_off(told: Any) -> Any:
    """Lay out the shares of students who are better off, worse off and alike, one line an outcome."""
    from rich.table import Table

    from setback.analysis.paired import OFF

    def share(row: Any, word: str) -> str:
        ends = f" [{100 * row[f'{word}_low']:.0f}, {100 * row[f'{word}_high']:.0f}]"
        return f"{100 * row[word]:.0f} %" + (ends if row[f"{word}_low"] == row[f"{word}_low"] else "")

    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column("students", no_wrap=True)
    for column in ("better off [95 %]", "worse off [95 %]", "alike [95 %]", "in one year: better", "worse"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in told.iterrows():
        one = (f"{100 * row[f'{word}_one_year']:.0f} %" for word in OFF[:2])
        table.add_row(str(name), *(share(row, word) for word in OFF), *one)
    return table


def ablation(name: str, frame: Any) -> None:
    """Print one line for everything that was off, one column a policy."""
    from rich.table import Table

    lines = Table(header_style="bold", pad_edge=False, box=None, title=f"\n{name}", title_justify="left")
    lines.add_column("off", no_wrap=True)
    for policy in frame.columns:
        lines.add_column(str(policy), justify="right", no_wrap=True)
    for off, row in frame.iterrows():
        lines.add_row(str(off), *map(known, row))
    print_table(lines, markup=False)


def audit(frame: Any) -> None:
    """Print one line a prediction: in which share of prior worlds it holds, and in which its opposite does."""
    from rich.table import Table

    lines = Table(header_style="bold", pad_edge=False, box=None)
    for head in ("prediction", "says", "holds", "least - most", "opposite", "worlds", "left out", "said"):
        lines.add_column(head, justify="left" if head in ("prediction", "says", "said") else "right", no_wrap=True)
    for row in frame.to_dict("records"):
        span = f"{row['least']:.2f} - {row['most']:.2f}" if row["policies"] > 1 else ""
        shares = f"{row['holds']:.2f}", span, f"{row['opposite']:.2f}"
        counts = str(row["worlds"]), str(row["left_out"])
        lines.add_row(row["prediction"], row["says"], *shares, *counts, row["said"])
    print_table(lines, markup=False)
    console().print(
        "\nShares of prior worlds in which all figures of a prediction lie beyond its marks, each world's own error "
        "taken into account;\nover the policies of the declared cross under which it is tried, and least and most "
        "of one of them.\nLeft out: worlds with hardly a twin. Built in: below .05 or above .95, no verdict.",
        highlight=False,
    )


def verdicts(frame: Any) -> None:
    """Print one line a prediction: in how many policies of the cross it is supported, refuted, undecided, built in."""
    from rich.table import Table

    from setback.analysis.verdicts import VERDICTS

    lines = Table(header_style="bold", pad_edge=False, box=None)
    heads = "prediction", "says", "verdicts", "holds in", "opposite", "no cycle", "prior", "same verdict"
    for head in heads:
        lines.add_column(head, justify="left" if head in heads[:3] else "right", no_wrap=head != "says")
    for row in frame.to_dict("records"):
        said = ", ".join(f"{row[word]} {word}" for word in VERDICTS if row[word])
        span = f"{row['least']:.2f} - {row['most']:.2f}" if row["policies"] > 1 else known(row["holds"])
        shares = (known(row[name]) for name in ("opposite", "holds_without", "prior"))
        lines.add_row(row["prediction"], row["says"], said, span, *shares, f"{row['firm']} of {row['policies']}")
    print_table(lines, markup=False)
    console().print(
        "\nVerdicts: policies of the declared cross. Holds in: share of the worlds fitted with a cycle, least and most "
        "of a policy;\nopposite: the most of a policy; no cycle: mean share of worlds fitted without one; prior: "
        "before any fit;\nsame verdict: policies whose verdict is the same with half and with twice the mark.\n",
        highlight=False,
    )


def predictions(frame: Any) -> None:
    """Print the figures of predictions beside their marks, and then what was measured beside them."""
    from rich.table import Table

    lines = Table(header_style="bold", pad_edge=False, box=None)
    for head in ("prediction", "policy", "figure", "value", "95 %", "mark", "beyond", "n"):
        lines.add_column(head, justify="right" if head in ("value", "95 %", "n") else "left", no_wrap=True)
    for row in frame.to_dict("records"):
        mine = isinstance(row["prediction"], str)
        unit = f" {row['unit']}" if mine else ""
        lines.add_row(
            row["prediction"] if mine else "", row["policy"], row["figure"], f"{known(row['value'])}{unit}",
            f"{known(row['low'])} to {known(row['high'])}", row["mark"] if mine else "", row["beyond"] if mine else "",
            f"{row['n']:.0f}" if row["n"] else "-",
        )  # fmt: skip
    print_table(lines, markup=False)


def mediation(frame: Any) -> None:
    """Print for every policy and effect one line a receiver: its share, first in, last in; and what states carry."""
    from rich.table import Table

    from setback.analysis.mediation import name_of, percent
    from setback.experiments.twins.estimands import ESTIMANDS

    def interval(row: dict[str, Any], name: str, ends: str) -> str:
        value, low, high = row[name], row[f"{ends}low"], row[f"{ends}high"]
        if value != value:
            return ""
        return f"{value:+.3f}" + (f" [{low:+.3f}, {high:+.3f}]" if low == low else "")

    for (policy, estimand), of in frame.groupby(["policy", "estimand"], sort=False):
        row, of_all = ESTIMANDS[estimand], of.iloc[0]
        title = f"\n{row.symbol} under {policy} ({row.unit}), {of_all['n']:,} twins, {of_all['draws']} {of_all['over']}"
        lines = Table(header_style="bold", pad_edge=False, box=None, title=title, title_justify="left")
        lines.add_column("", no_wrap=True)
        for head in ("share [95 %]", "of the whole", "first in [95 %]", "last in [95 %]"):
            lines.add_column(head, justify="right", no_wrap=True)
        for one in of.to_dict("records"):
            ends = (interval(one, end, f"{end}_") for end in ("first", "last"))
            lines.add_row(name_of(one), interval(one, "value", ""), percent(one["part"]), *ends)
        print_table(lines, markup=False)
    console().print(
        "\nFail less pass, observed failures. Share: exact Shapley value over all orders of the six receivers; shares "
        "and what\nis past them add up to the whole. First in: alone; last in: what is gone without it. Frozen: a "
        "state held at the\npassed year for nine weeks; what passes through states overlaps and is not added up. -: "
        "the whole may be nothing.\n",
        highlight=False,
    )


def trials(findings: list[dict[str, Any]]) -> None:
    """Print one line a trial: what was published, what was simulated, hit or miss, and how far off."""
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for name in ("trial", "published", "simulated", "unit", "", "distance", "classes", "seconds"):
        table.add_column(name, justify="right" if name in ("distance", "classes", "seconds") else "left", no_wrap=True)
    for f in findings:
        verdict = ("hit" if f["hit"] else "miss") + ("" if f["is_sure"] else ", near the bound")
        simulated = f"{f['estimate']:.3g} ± {f['error']:.2g}"
        size = f"{f['distance']:+.2f}", f"{f['rooms']:,}", f"{f['seconds']:.2f}"
        table.add_row(f["trial"], f["published"], simulated, f["unit"], verdict, *size)
    print_table(table, markup=False)
    console().print(
        f"\n{sum(f['hit'] for f in findings)} of {len(findings)} hit. simulated: ± standard error over classes; "
        "distance: from the published\nfigure, in units of its tolerance: up to 1 is a hit (of a sign: how far on the "
        "wrong side). All of it is said of the model.",
        highlight=False,
    )


def evidence(frame: Any) -> None:
    """Print one line a row of the published evidence: where the worlds lie, and what moves it."""
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for name in ("row", "published", "middle 95 % of worlds", "median", "within", "hits %", "moved by"):
        table.add_column(name, justify="right" if name in ("median", "hits %") else "left", no_wrap=True)
    for row in frame.itertuples():
        moved = ", ".join(f"{name} {by:+.2f}" for name, by in row.moved_by.items()) or "-"
        reach = f"{row.lowest:.3g} to {row.highest:.3g}"
        table.add_row(
            str(row.Index), row.published, reach, f"{row.middle:.3g}", row.inside, f"{100 * row.hits:.0f}", moved
        )
    print_table(table, markup=False)
    console().print(
        "\nwithin: whether all, a part or none of the tolerance lies within the middle 95 % of worlds; of a sign, "
        "whether\nthey lie on both sides, or all on the right or the wrong one. hits: worlds within the tolerance. "
        "moved by:\nnumbers with the largest rank correlations, where chance alone makes none so large. All of it is "
        "said of the model.",
        highlight=False,
    )


def refits(found: list[Any]) -> None:
    """Print a table a source of grade books: the distance of every fact, with each null model at its best."""
    from rich.table import Table

    from setback.experiments.evidence.rows import facts

    for source in dict.fromkeys(one.source for one in found):
        mine = [one for one in found if one.source == source]
        table = Table(header_style="bold", pad_edge=False, box=None)
        table.add_column(source, no_wrap=True)
        table.add_column("published", no_wrap=True)
        for one in mine:
            table.add_column(one.null, justify="right", no_wrap=True)
        for row in mine[0].figures:
            apart = (f"{one.figures[row]:.3f} ({one.distances[row]:+.1f})" for one in mine)
            table.add_row(f"{row} {facts()[row].statistic[:48]}", facts()[row].target.said, *apart)
        within = (f"{sum(abs(d) <= 1.0 for d in one.distances.values())} of {len(one.distances)}" for one in mine)
        table.add_row("within the tolerance", "", *within)
        table.add_row("sum of squared distances", "", *(f"{one.loss:.1f}" for one in mine))
        table.add_row("  apart between two searches", "", *(f"{one.spread:.1f}" for one in mine))
        table.add_row("  before it was refitted", "", *(f"{one.loss_before:.1f}" for one in mine))
        print_table(table, markup=False)
        print()
    console().print(
        "On fresh classes. In brackets: distance in tolerances, cut off at 5 in the sum. cycle is the model as it is; "
        "the others lack causes\n(docs/evidence.md). A book that all of them fit says nothing of a cycle. All of it is "
        "said of the model.",
        highlight=False,
    )


def fitted(rows: Any, without: Any = None) -> None:
    """Print a line a row of the evidence: the fit with a cycle in sample and left out, and the one without a cycle."""
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for column in ("row", "published", "figure", "fitted", "left out", "left out,\nno cycle"):
        left = column in ("row", "published")
        table.add_column(column, justify="left" if left else "right", no_wrap=True)

    def said(row: Any, which: str) -> str:
        if not row["number"]:
            return f"{100 * row[f'{which}_share']:.0f} % right{'' if row[f'{which}_hit'] else ' x'}"
        return f"{row[f'{which}_distance']:+.1f}{'' if row[f'{which}_hit'] else ' x'}"

    for name, row in rows.iterrows():
        there = without is not None and name in without.index
        other = said(without.loc[name], "out") if there else "-"
        table.add_row(
            str(name), row["published"], known(row.get("mean", float("nan"))), said(row, "in"), said(row, "out"), other
        )
    print_table(table, markup=False)
    console().print(
        "Figure: mean over draws of the fit in fresh classes. Distances in tolerances, up to 1 a hit; of signs the "
        "share of draws.\nx: missed. Left out: fitted without the row's block. -: the model cannot say it "
        "(docs/fit.md).\n",
        highlight=False,
    )


def models(scores: Any) -> None:
    """Print a line a model: what it hits, and how much nearer the model with a cycle comes to what was left out."""
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    for column in (
        "model", "numbers", "fitted", "left out", "signs", "fitted", "left out", "distance", "cycle nearer by",
    ):  # fmt: skip
        table.add_column(column, justify="left" if column == "model" else "right", no_wrap=True)

    def share(value: float) -> str:
        return "-" if value != value else f"{100 * value:.0f} %"

    for name, row in scores.iterrows():
        by = "" if row["nearer"] != row["nearer"] else (
            f"{row['nearer']:+.2f} [{row['nearer_low']:+.2f}, {row['nearer_high']:+.2f}]"
        )  # fmt: skip
        table.add_row(
            str(name), f"{row['numbers']:.0f}", share(row["numbers_in"]), share(row["numbers_out"]),
            f"{row['signs']:.0f}", share(row["signs_in"]), share(row["signs_out"]), f"{row['distance']:.2f}", by,
        )  # fmt: skip
    print_table(table, markup=False)
    console().print(
        "Distance: mean over blocks that were left out, in tolerances, each cut off at 3. Nearer: difference on the "
        "rows that\nboth can speak to, below 0 where the model with a cycle is nearer, 95 % over blocks.\n",
        highlight=False,
    )


def separation(frame: Any) -> None:
    """Print one line a measurement: what two models predict, how far apart, and how many classes tell them apart."""
    from rich.table import Table

    from setback.analysis.separation import MOST

    lines = Table(header_style="bold", pad_edge=False, box=None)
    for head in ("", "measurement", "with a cycle", "without", "apart (SD)", "classes", "at most"):
        lines.add_column(head, justify="left" if head in ("", "measurement") else "right")
    for name, row in zip(frame.index, frame.to_dict("records")):
        both = (f"{row[model]:.3g} ± {row[f'{model}_sd']:.2g}" for model in ("cycle", "without"))
        known, seen = row["cycle"] == row["cycle"], row["reached"] == row["reached"]
        enough = row["classes"] == row["classes"]
        classes = f"{row['classes']:,.0f}" if enough else f"more than {MOST:,}" if seen else "-"
        apart = f"{row['difference']:+.2f}" if row["difference"] == row["difference"] else "-"
        share = f"{row['reached']:.0%}" if seen else "-"
        lines.add_row(name, row["says"], *(both if known else ("-", "-")), apart, classes, share)
    console(150, markup=False).print(lines, highlight=False)
    console().print(
        "\n± SD over worlds of the posterior; apart: of the means, in the root mean square of both SDs. Classes: over "
        "the luck of classes\nas well. At most: the power with "
        f"{MOST:,} classes; no number of classes takes away what each model leaves open. R_F is not seen\n"
        "in any class: twins show it in the model. Spared failures come nearest to it.",
        highlight=False,
    )
